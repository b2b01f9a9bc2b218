package lucene

import (
	"strings"
	"unicode/utf8"
)

// Wildcard is a compiled wildcard pattern; it may be used by many goroutines.
type Wildcard struct {
	tokens []rune
	fold   bool
}

// The tokens that are no code points.
const (
	anyRun  rune = -1 // *
	anyRune rune = -2 // ?
)

// CompileWildcard reads a pattern as the wildcard query does: * is any run of characters, ? is one character, and a
// backslash makes the next character ordinary; at the end it stands for itself. With fold, ASCII letters match without
// regard to case (case_insensitive); no other letter folds.
func CompileWildcard(pattern string, fold bool) *Wildcard {
	return compileWildcard(pattern, fold, true)
}

// CompileLike reads a pattern as EQL's like and `:` do: * and ? are always live, and nothing can be escaped.
func CompileLike(pattern string, fold bool) *Wildcard { return compileWildcard(pattern, fold, false) }

func compileWildcard(pattern string, fold, escapes bool) *Wildcard {
	w := &Wildcard{fold: fold}
	escaped := false
	for _, c := range pattern {
		switch {
		case escaped:
			escaped = false
			w.literal(c)
		case c == '\\' && escapes:
			escaped = true
		case c == '*':
			if n := len(w.tokens); n == 0 || w.tokens[n-1] != anyRun {
				w.tokens = append(w.tokens, anyRun)
			}
		case c == '?':
			w.tokens = append(w.tokens, anyRune)
		default:
			w.literal(c)
		}
	}
	if escaped {
		w.literal('\\')
	}
	return w
}

func (w *Wildcard) literal(c rune) {
	if w.fold {
		c = lowerASCII(c)
	}
	w.tokens = append(w.tokens, c)
}

// Match reports whether the whole of s fits the pattern. It needs time in the product of the lengths at most.
func (w *Wildcard) Match(s string) bool {
	t := 0
	star, mark := -1, 0 // the last * passed, and where in s its run ends for now
	for i := 0; i < len(s); {
		c, n := utf8.DecodeRuneInString(s[i:])
		if w.fold {
			c = lowerASCII(c)
		}
		switch {
		case t < len(w.tokens) && w.tokens[t] == anyRun:
			star, mark = t, i
			t++
		case t < len(w.tokens) && (w.tokens[t] == c || w.tokens[t] == anyRune):
			t++
			i += n
		case star >= 0:
			_, n := utf8.DecodeRuneInString(s[mark:])
			mark += n
			t, i = star+1, mark
		default:
			return false
		}
	}
	for t < len(w.tokens) && w.tokens[t] == anyRun {
		t++
	}
	return t == len(w.tokens)
}

// EscapeWildcard returns a wildcard pattern that only s fits.
func EscapeWildcard(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`).Replace(s)
}

func lowerASCII(c rune) rune {
	if c >= 'A' && c <= 'Z' {
		return c + 0x20
	}
	return c
}

// EqualFold compares as a term query with case_insensitive does: ASCII letters without regard to case, all else exactly.
func EqualFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		x, y := a[i], b[i]
		if x == y {
			continue
		}
		if x|0x20 != y|0x20 || x|0x20 < 'a' || x|0x20 > 'z' {
			return false
		}
	}
	return true
}
