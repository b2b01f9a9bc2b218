package mapping

import (
	"strings"
	"unicode"
)

// Token is a word of an analysed text with its position, counted in words.
type Token struct {
	Text     string
	Position int
}

// maxTokenLength is max_token_length of the standard tokenizer: longer words are cut into pieces.
const maxTokenLength = 255

// analyzers are the built-in analyzers that are known here. Each cuts a text into words; letters are lower-cased where
// the analyzer does so.
var analyzers = map[string]func(s string) []string{
	"standard":   func(s string) []string { return lowerAll(standardWords(s)) },
	"simple":     func(s string) []string { return lowerAll(strings.FieldsFunc(s, notLetter)) },
	"whitespace": func(s string) []string { return cutLong(strings.FieldsFunc(s, unicode.IsSpace)) },
	"keyword":    func(s string) []string { return []string{s} },
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) }

func lowerAll(words []string) []string {
	for i, w := range words {
		words[i] = strings.Map(unicode.ToLower, w)
	}
	return words
}

func cutLong(words []string) []string {
	var out []string
	for _, w := range words {
		out = append(out, cutWord(w)...)
	}
	return out
}

// Analyze cuts a text into the words that are indexed or searched. Fields that are not analysed give the whole text, with
// their normalizer applied.
func (f *Field) Analyze(s string) []Token {
	words := []string{f.Normalize(s)}
	if f.family == Text {
		words = analyzers[f.analyzer](s)
	}
	tokens := make([]Token, len(words))
	for i, w := range words {
		tokens[i] = Token{Text: w, Position: i}
	}
	return tokens
}

// wordClass is a property of Unicode Standard Annex #29 that the word boundary rules use.
type wordClass uint8

const (
	classOther     wordClass = iota
	classLetter              // ALetter, Hebrew_Letter, Hangul
	classNumeric             // Numeric
	classKatakana            // Katakana
	classSingle              // Han, Hiragana: a word each
	classSoutheast           // Thai, Lao, Khmer, Myanmar: runs are a word
	classExtendNum           // ExtendNumLet: _ and its kin
	classMidLetter           // MidLetter
	classMidNum              // MidNum
	classMidNumLet           // MidNumLet, Single_Quote
	classExtend              // Extend, Format, ZWJ: part of what stands before
)

func classOf(r rune) wordClass {
	switch {
	case r < 0x80:
		return asciiClass(r)
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Mc, unicode.Cf):
		if unicode.In(r, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) {
			return classSoutheast
		}
		return classExtend
	case strings.ContainsRune("\u2018\u2019\u2024\ufe52\uff07\uff0e", r):
		return classMidNumLet
	case strings.ContainsRune("\u00b7\u0387\u055f\u05f4\u2027\ufe13\ufe55\uff1a", r):
		return classMidLetter
	case strings.ContainsRune("\u037e\u0589\u060c\u060d\u066c\u07f8\u2044\ufe10\ufe14\ufe50\ufe54\uff0c\uff1b", r):
		return classMidNum
	case unicode.Is(unicode.Pc, r) || r == 0x202f:
		return classExtendNum
	case unicode.In(r, unicode.Han, unicode.Hiragana):
		return classSingle
	case unicode.Is(unicode.Katakana, r) || r >= 0x3031 && r <= 0x3035 || r == 0x309b || r == 0x309c || r == 0x30a0 || r == 0x30fc || r == 0xff70:
		return classKatakana
	case unicode.In(r, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) && unicode.IsLetter(r):
		return classSoutheast
	case unicode.Is(unicode.Nd, r) || r == 0x66b:
		return classNumeric
	case unicode.IsLetter(r) || unicode.Is(unicode.Nl, r) || r >= 0x24b6 && r <= 0x24e9:
		return classLetter
	}
	return classOther
}

func asciiClass(r rune) wordClass {
	switch {
	case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
		return classLetter
	case r >= '0' && r <= '9':
		return classNumeric
	}
	switch r {
	case '_':
		return classExtendNum
	case '.', '\'':
		return classMidNumLet
	case ':':
		return classMidLetter
	case ',', ';':
		return classMidNum
	}
	return classOther
}

// standardWords cuts a text as Lucene's StandardTokenizer does: at the word boundaries of Unicode Standard Annex #29,
// keeping the pieces that hold a letter, a digit or an ideograph. Emoji, which newer versions keep too, are not kept.
func standardWords(s string) []string {
	runes := []rune(s)
	var words []string
	for i := 0; i < len(runes); {
		end, keep := wordAt(runes, i)
		if keep {
			words = append(words, cutWord(string(runes[i:end]))...)
		}
		i = end
	}
	return words
}

// wordAt returns the end of the piece that begins at i, and whether it is a word.
func wordAt(runes []rune, i int) (end int, keep bool) {
	class := classOf(runes[i])
	end = skipExtend(runes, i+1)
	switch class {
	case classOther, classMidLetter, classMidNum, classMidNumLet, classExtend:
		return end, false
	case classSingle:
		return end, true
	case classSoutheast:
		for end < len(runes) && classOf(runes[end]) == classSoutheast {
			end = skipExtend(runes, end+1)
		}
		return end, true
	case classLetter, classNumeric, classKatakana, classExtendNum:
	}
	keep = class != classExtendNum
	for end < len(runes) {
		next := classOf(runes[end])
		after := skipExtend(runes, end+1)
		if joins(class, next) {
			class, end = next, after
			keep = keep || next != classExtendNum
			continue
		}
		// A separator inside a word or a number belongs to it if the same kind goes on behind it.
		if after < len(runes) && bridges(class, next, classOf(runes[after])) {
			end = skipExtend(runes, after+1)
			continue
		}
		break
	}
	return end, keep
}

func skipExtend(runes []rune, i int) int {
	for i < len(runes) && classOf(runes[i]) == classExtend {
		i++
	}
	return i
}

// joins holds the rules WB5, WB8 to WB10 and WB13 to WB13b.
func joins(a, b wordClass) bool {
	switch {
	case a == classExtendNum || b == classExtendNum:
		return b == classLetter || b == classNumeric || b == classKatakana || b == classExtendNum
	case a == classKatakana || b == classKatakana:
		return a == b
	}
	return (a == classLetter || a == classNumeric) && (b == classLetter || b == classNumeric)
}

// bridges holds the rules WB6, WB7, WB11 and WB12.
func bridges(a, mid, b wordClass) bool {
	switch mid {
	case classMidLetter:
		return a == classLetter && b == classLetter
	case classMidNum:
		return a == classNumeric && b == classNumeric
	case classMidNumLet:
		return a == b && (a == classLetter || a == classNumeric)
	case classOther, classLetter, classNumeric, classKatakana, classSingle, classSoutheast, classExtendNum, classExtend:
	}
	return false
}

func cutWord(w string) []string {
	runes := []rune(w)
	if len(runes) <= maxTokenLength {
		return []string{w}
	}
	var out []string
	for len(runes) > 0 {
		n := min(len(runes), maxTokenLength)
		out = append(out, string(runes[:n]))
		runes = runes[n:]
	}
	return out
}
