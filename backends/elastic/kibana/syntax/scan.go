package syntax

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// special are the characters that end an unquoted value unless a backslash stands before them.
const special = `\():<>"*{}`

// starMark is how Kibana marks a live star in the text of an unquoted value. A value that holds this text itself and a
// star besides is cut at both, and here too.
const starMark = "@kuery-wildcard@"

// spaceAt returns the length of the white space character at i, 0 for none: blank, tab, CR, LF and U+00A0.
func spaceAt(s string, i int) int {
	if i >= len(s) {
		return 0
	}
	switch s[i] {
	case ' ', '\t', '\r', '\n':
		return 1
	case 0xc2:
		if i+1 < len(s) && s[i+1] == 0xa0 {
			return 2
		}
	}
	return 0
}

func skipSpace(s string, i int) int {
	for {
		n := spaceAt(s, i)
		if n == 0 {
			return i
		}
		i += n
	}
}

// wordAt reports whether a word stands at i, in any case.
func wordAt(s string, i int, word string) bool {
	return i+len(word) <= len(s) && strings.EqualFold(s[i:i+len(word)], word)
}

// keywordAt returns the keyword that cuts an unquoted value at i, "" for none: and, or between white space, and not before
// white space, even inside a word.
func keywordAt(s string, i int) string {
	if wordAt(s, i, "not") && spaceAt(s, i+3) > 0 {
		return "not"
	}
	n := spaceAt(s, i)
	if n == 0 {
		return ""
	}
	for _, word := range []string{"or", "and"} {
		if wordAt(s, i+n, word) && spaceAt(s, i+n+len(word)) > 0 {
			return word
		}
	}
	return ""
}

// connective returns the end of ` or ` or ` and ` with all the white space around, -1 if it does not stand at i.
func connective(s string, i int, word string) int {
	j := skipSpace(s, i)
	if j == i || !wordAt(s, j, word) || spaceAt(s, j+len(word)) == 0 {
		return -1
	}
	return skipSpace(s, j+len(word))
}

// negation returns the end of `not ` with its white space, -1 if it does not stand at i.
func negation(s string, i int) int {
	if !wordAt(s, i, "not") || spaceAt(s, i+3) == 0 {
		return -1
	}
	return skipSpace(s, i+3)
}

// escapeAt reads \t, \r, \n and \uXXXX, the escapes of quoted and unquoted values alike; n is 0 if there is none.
func escapeAt(s string, i int) (text string, n int) {
	if i+1 >= len(s) || s[i] != '\\' {
		return "", 0
	}
	switch s[i+1] {
	case 't':
		return "\t", 2
	case 'r':
		return "\r", 2
	case 'n':
		return "\n", 2
	case 'u':
		u, ok := hex4(s, i+2)
		if !ok {
			return "", 0
		}
		if utf16.IsSurrogate(u) && strings.HasPrefix(s[i+6:], `\u`) {
			if low, ok := hex4(s, i+8); ok {
				if r := utf16.DecodeRune(u, low); r != utf8.RuneError {
					return string(r), 12
				}
			}
		}
		return string(u), 6 // half of a pair alone becomes U+FFFD, as on the way to Elasticsearch
	}
	return "", 0
}

func hex4(s string, i int) (rune, bool) {
	if i+4 > len(s) {
		return 0, false
	}
	v, err := strconv.ParseUint(s[i:i+4], 16, 16)
	if err != nil || s[i] == '+' || s[i] == '_' || strings.Contains(s[i:i+4], "_") {
		return 0, false
	}
	return rune(v), true
}

// scanQuoted reads a quoted string at i; end is -1 if the closing quote is missing.
func scanQuoted(s string, i int) (text string, end int) {
	var b strings.Builder
	for i++; i < len(s); {
		if t, n := escapeAt(s, i); n > 0 {
			b.WriteString(t)
			i += n
			continue
		}
		switch {
		case s[i] == '"':
			return b.String(), i + 1
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '\\' || s[i+1] == '"'):
			b.WriteByte(s[i+1])
			i += 2
		default:
			b.WriteByte(s[i])
			i++
		}
	}
	return "", -1
}

// scanUnquoted reads an unquoted value at i. end is i if there is none. text has starMark for each star, and is trimmed.
func scanUnquoted(s string, i int) (text string, star bool, end int) {
	var b strings.Builder
	for i < len(s) {
		if t, n := unquotedEscape(s, i); n > 0 {
			b.WriteString(t)
			i += n
			continue
		}
		if s[i] == '*' {
			b.WriteString(starMark)
			star = true
			i++
			continue
		}
		if strings.IndexByte(special, s[i]) >= 0 || keywordAt(s, i) != "" {
			break
		}
		b.WriteByte(s[i])
		i++
	}
	return strings.TrimFunc(b.String(), isTrimmed), star, i
}

// unquotedEscape reads an escape of an unquoted value. The escapes of white space come first, so \not is a line feed
// and "ot".
func unquotedEscape(s string, i int) (string, int) {
	if t, n := escapeAt(s, i); n > 0 {
		return t, n
	}
	if s[i] != '\\' || i+1 >= len(s) {
		return "", 0
	}
	if strings.IndexByte(special, s[i+1]) >= 0 {
		return s[i+1 : i+2], 2
	}
	for _, word := range []string{"or", "and", "not"} {
		if wordAt(s, i+1, word) {
			return s[i+1 : i+1+len(word)], 1 + len(word)
		}
	}
	return "", 0
}

// isTrimmed reports whether a character is lost at the ends of an unquoted value: white space and line ends in the sense
// of ECMAScript, also those that were written as escapes.
func isTrimmed(r rune) bool {
	switch r {
	case '\t', '\n', '\v', '\f', '\r', 0x2028, 0x2029, 0xfeff:
		return true
	}
	return unicode.Is(unicode.Zs, r)
}

// splitStars cuts the text of an unquoted value at its stars.
func splitStars(text string) []Part {
	var parts []Part
	for i, piece := range strings.Split(text, starMark) {
		if i > 0 {
			parts = append(parts, Part{Star: true})
		}
		if piece != "" {
			parts = append(parts, Part{Text: piece})
		}
	}
	return parts
}
