package sigma

import (
	"errors"
	"regexp/syntax"
	"strings"
)

// regexFacts is what is seen of a regular expression without parsing it.
type regexFacts struct {
	anchors bool // ^ or $ outside of classes
	// gap is the first part that the rule language does not have, at [from, to).
	gap      string
	from, to int
}

// regexGaps are beginnings of what PCRE has and RE2, or the rule language's part of it, has not.
var regexGaps = []struct{ text, what string }{
	{"(?=", "a look-ahead"},
	{"(?!", "a look-ahead"},
	{"(?<=", "a look-behind"},
	{"(?<!", "a look-behind"},
	{"(?>", "an atomic group"},
	{"(?|", "a group of branches with one number"},
	{"(?R", "a recursion"},
	{"(?(", "a condition"},
	{"(?#", "a comment"},
}

// scanRegexp looks through a regular expression.
func scanRegexp(s string) (f regexFacts) {
	note := func(what string, from, n int) {
		if f.gap == "" {
			f.gap, f.from, f.to = what, from, min(from+n, len(s))
		}
	}
	class := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			switch d := s[i]; {
			case class:
			case d >= '1' && d <= '9':
				note("a back-reference", i-1, 2)
			case d == 'b' || d == 'B':
				note("a word boundary", i-1, 2)
			case d == 'K' || d == 'G' || d == 'R' || d == 'X':
				note("`\\"+string(d)+"`", i-1, 2)
			}
		case class:
			class = c != ']'
		case c == '[':
			class = true
			for _, first := range []string{"^]", "]", "^"} { // a bracket at the beginning is a member
				if strings.HasPrefix(s[i+1:], first) {
					i += len(first)
					break
				}
			}
		case c == '^' || c == '$':
			f.anchors = true
		case c == '(':
			for _, g := range regexGaps {
				if strings.HasPrefix(s[i:], g.text) {
					note(g.what, i, len(g.text))
				}
			}
		case c == '+' && i > 0 && strings.IndexByte("+*?}", s[i-1]) >= 0 && (i < 2 || s[i-2] != '\\'):
			note("a possessive quantifier", i-1, 2)
		}
	}
	return f
}

// place is a part of a text.
type place struct{ from, to int }

// badRegexp says why a regular expression does not parse, and where; "" when it does.
func badRegexp(s string) (place, string) {
	_, err := syntax.Parse(s, syntax.Perl)
	var se *syntax.Error
	if !errors.As(err, &se) {
		return place{}, ""
	}
	at := strings.Index(s, se.Expr)
	if at < 0 || se.Expr == "" || se.Expr == s {
		return place{}, se.Code.String()
	}
	return place{at, at + len(se.Expr)}, se.Code.String()
}
