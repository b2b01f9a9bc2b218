package querystring

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

type kind uint8

const (
	tokEOF kind = iota
	tokAnd
	tokOr
	tokNot
	tokPlus
	tokMinus
	tokBareOper
	tokLParen
	tokRParen
	tokColon
	tokStar
	tokCaret
	tokQuoted
	tokTerm
	tokFuzzy
	tokPrefix
	tokWild
	tokRegexp
	tokRangeIn
	tokRangeEx
	tokNumber
	tokRangeTo
	tokRangeInEnd
	tokRangeExEnd
	tokRangeQuoted
	tokRangeGoop
)

type token struct {
	kind kind
	text string
	at   int
}

// Error is a fault in the text of a query.
type Error struct {
	// Offset is the byte offset of the fault.
	Offset int
	// Msg states the fault, without a full stop.
	Msg string
}

// Error returns the message.
func (e *Error) Error() string { return e.Msg }

const notTermStart = " \t\n\r\u3000+-!():^[]\"{}~*?\\/"

func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == 0x3000 }

// lex cuts a whole query into tokens, the longest one at each place, the first of the list above among equals.
func lex(s string) ([]token, error) {
	var out []token
	for i := 0; ; {
		i += len(s[i:]) - len(strings.TrimLeftFunc(s[i:], isSpace))
		if i == len(s) {
			return append(out, token{tokEOF, "", i}), nil
		}
		t, err := lexOne(s, i)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
		i += len(t.text)
		switch {
		case t.kind == tokCaret:
			n := numberAt(s, i)
			if n == 0 {
				return nil, &Error{i, "a number is missing after `^`"}
			}
			out = append(out, token{tokNumber, s[i : i+n], i})
			i += n
		case t.kind == tokRangeIn, t.kind == tokRangeEx:
			if out, i, err = lexRange(s, i, out); err != nil {
				return nil, err
			}
		}
	}
}

func lexOne(s string, i int) (token, error) {
	one := func(k kind) (token, error) { return token{k, s[i : i+1], i}, nil }
	switch c := s[i]; c {
	case '(':
		return one(tokLParen)
	case ')':
		return one(tokRParen)
	case ':':
		return one(tokColon)
	case '^':
		return one(tokCaret)
	case '[':
		return one(tokRangeIn)
	case '{':
		return one(tokRangeEx)
	case ']', '}':
		return token{}, &Error{i, fmt.Sprintf("`%c` closes no range", c)}
	case '+', '-', '!':
		if r, n := utf8.DecodeRuneInString(s[i+1:]); n > 0 && isSpace(r) {
			return token{tokBareOper, s[i : i+1+n], i}, nil
		}
		return one(map[byte]kind{'+': tokPlus, '-': tokMinus, '!': tokNot}[c])
	case '"':
		return lexQuoted(s, i)
	case '/':
		return lexRegexp(s, i)
	case '~':
		n := 1
		for {
			m, err := termChar(s, i+n)
			if err != nil || m == 0 {
				return token{tokFuzzy, s[i : i+n], i}, err
			}
			n += m
		}
	}
	return lexTerm(s, i)
}

func lexQuoted(s string, i int) (token, error) {
	for j := i + 1; j < len(s); j++ {
		switch s[j] {
		case '\\':
			j++
		case '"':
			return token{tokQuoted, s[i : j+1], i}, nil
		}
	}
	return token{}, &Error{i, "the closing quote is missing"}
}

func lexRegexp(s string, i int) (token, error) {
	end := 0
	for j := i + 1; j < len(s); j++ {
		if s[j] == '/' {
			end = j + 1
			if s[j-1] != '\\' {
				break
			}
		}
	}
	if end == 0 {
		return token{}, &Error{i, "the closing `/` of the regular expression is missing"}
	}
	return token{tokRegexp, s[i:end], i}, nil
}

// termChar returns the length of a character that may stand inside a term, escapes among them; 0 for none.
func termChar(s string, i int) (int, error) {
	if i >= len(s) {
		return 0, nil
	}
	r, n := utf8.DecodeRuneInString(s[i:])
	switch {
	case r == '\\':
		if i+1 == len(s) {
			return 0, &Error{i, "a backslash stands at the end"}
		}
		_, n = utf8.DecodeRuneInString(s[i+1:])
		return 1 + n, nil
	case r == '+' || r == '-' || !strings.ContainsRune(notTermStart, r) || r == utf8.RuneError:
		return n, nil
	}
	return 0, nil
}

func lexTerm(s string, i int) (token, error) {
	plain, wild := i, i // the ends of the longest term and of the longest term with wildcards
	for onlyPlain := true; ; {
		n, err := termChar(s, wild)
		if err != nil {
			return token{}, err
		}
		if n == 0 {
			if wild >= len(s) || s[wild] != '*' && s[wild] != '?' {
				break
			}
			n = 1
			onlyPlain = false
		}
		wild += n
		if onlyPlain {
			plain = wild
		}
	}
	text := s[i:wild]
	switch {
	case wild == i:
		return token{}, &Error{i, fmt.Sprintf("`%s` cannot stand here", s[i:i+1])}
	case text == "*":
		return token{tokStar, text, i}, nil
	case plain == wild:
		switch text {
		case "AND", "&&":
			return token{tokAnd, text, i}, nil
		case "OR", "||":
			return token{tokOr, text, i}, nil
		case "NOT":
			return token{tokNot, text, i}, nil
		}
		return token{tokTerm, text, i}, nil
	case plain > i && wild == plain+1 && s[plain] == '*':
		return token{tokPrefix, text, i}, nil
	}
	return token{tokWild, text, i}, nil
}

func numberAt(s string, i int) int {
	digits := func(j int) int {
		for j < len(s) && s[j] >= '0' && s[j] <= '9' {
			j++
		}
		return j
	}
	end := digits(i)
	if end > i && end < len(s) && s[end] == '.' {
		if frac := digits(end + 1); frac > end+1 {
			end = frac
		}
	}
	return end - i
}

// lexRange cuts what stands between the brackets of a range.
func lexRange(s string, i int, out []token) ([]token, int, error) {
	for {
		i += len(s[i:]) - len(strings.TrimLeftFunc(s[i:], isSpace))
		if i == len(s) {
			return nil, i, &Error{i, "the closing bracket of the range is missing"}
		}
		switch s[i] {
		case ']':
			return append(out, token{tokRangeInEnd, "]", i}), i + 1, nil
		case '}':
			return append(out, token{tokRangeExEnd, "}", i}), i + 1, nil
		}
		goop := strings.IndexAny(s[i:], " ]}")
		if goop < 0 {
			goop = len(s) - i
		}
		k, n := tokRangeGoop, goop
		if s[i] == '"' {
			if q := rangeQuote(s[i:]); q >= goop {
				k, n = tokRangeQuoted, q
			}
		}
		if s[i:i+n] == "TO" {
			k = tokRangeTo
		}
		out = append(out, token{k, s[i : i+n], i})
		i += n
	}
}

// rangeQuote returns the length of the longest quoted text at the start of s, 0 for none.
func rangeQuote(s string) int {
	end := 0
	for j := 2; j < len(s); j++ {
		if s[j] == '"' {
			end = j + 1
			if s[j-1] != '\\' {
				break
			}
		}
	}
	return end
}
