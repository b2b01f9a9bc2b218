// Package pattern holds what the language says about text: case folding, globs and regular expressions, each parsed into
// a small tree of its own, so that the evaluator and every language print or run the same expression.
package pattern

import (
	"strings"
	"unicode"
)

// Fold returns the representative of a code point under simple case folding in which an ASCII letter never equals a
// non-ASCII one (so that k and U+212A, s and U+017F stay apart).
func Fold(r rune) rune {
	if r < 0x80 {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		if f >= 0x80 && f < least {
			least = f
		}
	}
	return least
}

// FoldString folds each code point of a text. Invalid UTF-8 becomes U+FFFD, as in a range over the text.
func FoldString(s string) string {
	ascii := true
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			ascii = false
			break
		}
	}
	if ascii {
		return strings.ToLower(s)
	}
	return strings.Map(Fold, s)
}

// Variants returns all code points that equal r when case is ignored, r first, the others in ascending order.
func Variants(r rune) []rune {
	out := append(make([]rune, 0, 2), r)
	if r < 0x80 {
		switch {
		case 'a' <= r && r <= 'z':
			out = append(out, r-'a'+'A')
		case 'A' <= r && r <= 'Z':
			out = append(out, r-'A'+'a')
		}
		return out
	}
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		if f >= 0x80 {
			out = append(out, f)
		}
	}
	for i := 2; i < len(out); i++ { // insertion sort of the others: at most three
		for j := i; j > 1 && out[j] < out[j-1]; j-- {
			out[j], out[j-1] = out[j-1], out[j]
		}
	}
	return out
}

// HasCase reports whether the text has a code point with another case.
func HasCase(s string) bool {
	for _, r := range s {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r >= 0x80 && len(Variants(r)) > 1 {
			return true
		}
	}
	return false
}

// IsASCII reports whether all code points are below 0x80.
func IsASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// NonASCIICase reports whether the text has a code point beyond ASCII that has another case.
func NonASCIICase(s string) bool {
	for _, r := range s {
		if r >= 0x80 && len(Variants(r)) > 1 {
			return true
		}
	}
	return false
}
