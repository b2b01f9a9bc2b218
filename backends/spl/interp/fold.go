package interp

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// fold maps a text so that texts that differ in case alone become equal: by simple Unicode folding, or with ascii by ASCII
// letters alone. Both map ASCII letters to upper case.
func fold(s string, ascii bool) string {
	plain, ready := true, true
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			plain = false
			break
		}
		if 'a' <= s[i] && s[i] <= 'z' {
			ready = false
		}
	}
	if plain && ready {
		return s
	}
	if plain || ascii {
		b := []byte(s)
		for i, c := range b {
			if 'a' <= c && c <= 'z' {
				b[i] = c - 'a' + 'A'
			}
		}
		return string(b)
	}
	return strings.Map(foldRune, s)
}

// foldRune is the smallest character of those that differ from r in case alone.
func foldRune(r rune) rune {
	least := r
	for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
		least = min(least, o)
	}
	return least
}

// lower and upper change case, of ASCII letters alone with ascii.
func lower(s string, ascii bool) string {
	if !ascii {
		return strings.ToLower(s)
	}
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r - 'A' + 'a'
		}
		return r
	}, s)
}

func upper(s string, ascii bool) string {
	if !ascii {
		return strings.ToUpper(s)
	}
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, s)
}
