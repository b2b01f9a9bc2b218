package backends

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
)

// maxVariants is the largest number of spellings of one literal that is printed.
const maxVariants = 16

// FoldVariants returns every spelling of a text that differs in the case of letters beyond ASCII, for languages that
// ignore case only, or only for certain, in ASCII letters. ok is false when there are more than 16.
func FoldVariants(s string) (variants []string, ok bool) { return spellings(s, 0x80) }

// Texts returns the literals of a comparison as text, with the variants of [FoldVariants] when it ignores case.
func Texts(p *ir.Cmp) (texts []string, ok bool) {
	for _, v := range p.R {
		if p.Cased {
			texts = append(texts, v.Str())
			continue
		}
		vs, ok := FoldVariants(v.Str())
		if !ok {
			return nil, false
		}
		texts = append(texts, vs...)
	}
	return texts, true
}

// foldsToASCII are the letters beyond ASCII whose lower or upper case is, in some language, an ASCII letter.
const foldsToASCII = "\u0130\u017F\u212A"

// FoldLevel is the level of a comparison that ignores case in a language whose own folding may differ on a few code
// points beyond ASCII: exact when no literal has a cased letter. A literal with a letter that such a language takes for an
// ASCII one, and rules do not, is refused.
func FoldLevel(p *ir.Cmp) Level {
	for _, v := range p.R {
		if strings.ContainsAny(v.Str(), foldsToASCII) {
			return Refused("a literal holds U+0130, U+017F or U+212A, which the language may take for the ASCII letters i, s and k", "write the ASCII letter, or make the comparison cased")
		}
	}
	for _, v := range p.R {
		if pattern.HasCase(v.Str()) {
			return Assuming("fold")
		}
	}
	return Exactly()
}

// LengthRange returns the numbers of code points, least and most, that satisfy `length OP n`; most is -1 for no limit,
// and none is true when no length does.
func LengthRange(op ir.Op, n int64) (least, most int64, none bool) {
	least, most = 0, -1
	switch op {
	case ir.Eq:
		least, most = n, n
	case ir.Lt:
		most = n - 1
	case ir.Le:
		most = n
	case ir.Gt:
		least = n + 1
	case ir.Ge:
		least = n
	case ir.Contains, ir.StartsWith, ir.EndsWith, ir.Like, ir.Matches, ir.InCIDR:
	}
	if op != ir.Gt && op != ir.Ge && most < 0 {
		return 0, 0, true
	}
	return max(least, 0), most, false
}

// CaseVariants returns every spelling of a text that differs in case only, for languages that compare case-sensitively.
// ok is false when there are more than 16.
func CaseVariants(s string) (variants []string, ok bool) { return spellings(s, 0) }

func spellings(s string, from rune) ([]string, bool) {
	number := 1
	for _, r := range s {
		if r >= from {
			number *= len(pattern.Variants(r))
		}
		if number > maxVariants {
			return nil, false
		}
	}
	variants := []string{""}
	plain := 0 // where the text begins that stands in no variant yet
	for i, r := range s {
		if r < from {
			continue
		}
		vs := pattern.Variants(r)
		if len(vs) == 1 {
			continue
		}
		longer := make([]string, 0, len(variants)*len(vs))
		for _, have := range variants {
			for _, v := range vs {
				longer = append(longer, have+s[plain:i]+string(v))
			}
		}
		variants, plain = longer, i+utf8.RuneLen(r)
	}
	for i := range variants {
		variants[i] += s[plain:]
	}
	return variants, true
}

// Decimal writes a number as a plain decimal, without an exponent.
func Decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
