package interp

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// folding is how case is ignored: ASCII letters only, or all letters.
type folding struct{ unicode bool }

// fold maps a text so that two texts that differ in case only become equal.
func (f folding) fold(s string) string {
	plain := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'A' && c <= 'Z' || f.unicode && c >= utf8.RuneSelf {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	return strings.Map(f.rune, s)
}

func (f folding) rune(r rune) rune {
	if r < utf8.RuneSelf {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}
	if !f.unicode {
		return r
	}
	least := r
	for n := unicode.SimpleFold(r); n != r; n = unicode.SimpleFold(n) {
		least = min(least, n)
	}
	if least < utf8.RuneSelf {
		return f.rune(least)
	}
	return least
}

// terms is the word model of has: a term is a maximal run of alphanumeric characters (datatypes-string-operators). A
// needle that holds separators must be a substring whose alphanumeric edges lie at term boundaries.
type terms struct {
	unicode bool // letters and digits beyond ASCII belong to terms
	edges   bool // boundaries are demanded of needles with separators too
	empty   bool // an empty needle is found everywhere
}

func (t terms) alnum(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	return t.unicode && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// find reports whether the needle occurs in s with a boundary before it (left) and behind it (right).
func (t terms) find(s, needle string, left, right bool) bool {
	if needle == "" {
		return t.empty
	}
	first, _ := utf8.DecodeRuneInString(needle)
	last, _ := utf8.DecodeLastRuneInString(needle)
	left = left && t.alnum(first)
	right = right && t.alnum(last)
	if !t.edges && strings.ContainsFunc(needle, func(r rune) bool { return !t.alnum(r) }) {
		left, right = false, false
	}
	for from := 0; from <= len(s)-len(needle); {
		i := strings.Index(s[from:], needle)
		if i < 0 {
			return false
		}
		i += from
		before, _ := utf8.DecodeLastRuneInString(s[:i])
		after, _ := utf8.DecodeRuneInString(s[i+len(needle):])
		if (!left || i == 0 || !t.alnum(before)) && (!right || i+len(needle) == len(s) || !t.alnum(after)) {
			return true
		}
		_, n := utf8.DecodeRuneInString(s[i:])
		from = i + n
	}
	return false
}
