package grammar

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// codePoint is the usual name of a character that cannot be shown.
func codePoint(r rune) string { return fmt.Sprintf("U+%04X", r) }

// str reads a string. The value stays as written; [decode] gives its meaning.
func (s *scanner) str() bool {
	rest := s.text[s.off:]
	switch {
	case strings.HasPrefix(rest, `"""`):
		return s.block()
	case rest[0] == '\'':
		s.raw()
	default:
		s.quoted()
	}
	return true
}

// block reads `"""…"""`.
func (s *scanner) block() bool {
	rest := s.text[s.off:]
	n := strings.Index(rest[3:], `"""`)
	if n < 0 {
		t := s.emit(kindString, len(rest))
		t.bad = true
		s.faults.add(fault(diag.SyntaxString, within(t.Token, 0, 3), `a text in """ is never closed`, "it starts here",
			`end the text with """ on a line of its own`))
		return false
	}
	n += len(`""""""`)
	t := s.emit(kindString, n)
	s.checkControl(t, "a string")
	return true
}

// raw reads `'…'`.
func (s *scanner) raw() {
	rest := s.text[s.off : s.off+s.lineEnd()]
	n := strings.IndexByte(rest[1:], '\'')
	if n < 0 {
		s.unclosed(len(strings.TrimRight(rest, " \t\r")), "'")
		return
	}
	t := s.emit(kindString, n+2)
	s.checkControl(t, "a string")
}

// quoted reads `"…"`.
func (s *scanner) quoted() {
	rest := s.text[s.off : s.off+s.lineEnd()]
	for i := 1; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case '"':
			t := s.emit(kindString, i+1)
			s.checkControl(t, "a string")
			if !t.bad {
				s.checkEscapes(t)
			}
			return
		}
	}
	// `"C:\Temp\"` is closed in the author's eyes: its last backslash took the quote.
	if n := strings.LastIndexByte(rest, '"'); n > 0 && rest[n-1] == '\\' {
		t := s.emit(kindString, n+1)
		t.bad = true
		s.faults.add(fault(diag.SyntaxString, within(t.Token, n-1, n+1), "a string is not closed on its line",
			"this backslash makes the quote a part of the text",
			"write `\\\\` for a backslash, or use a raw string: '"+t.Value[1:n]+"'"))
		return
	}
	s.unclosed(len(strings.TrimRight(rest, " \t\r")), `"`)
}

// unclosed reports a string that runs to the end of its line.
func (s *scanner) unclosed(n int, quote string) {
	t := s.emit(kindString, n)
	t.bad = true
	s.faults.add(fault(diag.SyntaxString, within(t.Token, 0, 1), "a string is not closed on its line", "it starts here",
		"end the text with "+quote+"; a text of several lines stands between \"\"\" and \"\"\""))
}

// checkControl reports the first character of a string or name that no editor shows.
func (s *scanner) checkControl(t *token, where string) {
	i := controlIn(t.Value)
	if i < 0 {
		return
	}
	_, size := utf8.DecodeRuneInString(t.Value[i:])
	t.bad = true
	s.faults.add(controlFault(within(t.Token, i, i+size), t.Value[i:i+size], where))
}

// controlIn finds the first character that no editor shows, other than line ends; -1 if there is none.
func controlIn(s string) int {
	for i, r := range s {
		if r == '\n' || r == '\r' && strings.HasPrefix(s[i:], "\r\n") {
			continue
		}
		if isControl(r) {
			return i
		}
	}
	return -1
}

// checkEscapes reports the first escape of a `"…"` string that the language does not have.
func (s *scanner) checkEscapes(t *token) {
	for i := 1; i < len(t.Value)-1; i++ {
		if t.Value[i] != '\\' {
			continue
		}
		n := escapeLen(t.Value[i:])
		if n > 0 {
			i += n - 1
			continue
		}
		t.bad = true
		_, size := utf8.DecodeRuneInString(t.Value[i+1:])
		d := fault(diag.SyntaxEscape, within(t.Token, i, i+1+size), "`"+t.Value[i:i+1+size]+"` is not an escape", "unknown escape")
		d.Notes = []string{`the escapes are \" \\ \n \r \t \u{…} with the number of a character`}
		d.Help = []string{escapeHelp(t.Value, i)}
		s.faults.add(d)
		return
	}
}

// escapeHelp says how to write a text with the backslash at index i.
func escapeHelp(literal string, i int) string {
	if n := len(hexDigits(literal[i+2:])); (literal[i+1] == 'u' || literal[i+1] == 'x') && n >= 2 {
		return "write `\\u{" + hexDigits(literal[i+2:])[:min(n, 4)] + "}`"
	}
	body := literal[1 : len(literal)-1]
	if !strings.Contains(body, "'") && !strings.Contains(body, `\"`) && len(body) < 60 {
		return "write `\\\\` for each backslash, or use a raw string: '" + body + "'"
	}
	return "write `\\\\` for each backslash, or use a raw string: '…'"
}

// hexDigits returns the hexadecimal digits that s starts with.
func hexDigits(s string) string {
	n := 0
	for n < len(s) && strings.IndexByte("0123456789abcdefABCDEF", s[n]) >= 0 {
		n++
	}
	return s[:n]
}

// typographicQuote reads a string in the quotes of a word processor as the string it was meant to be.
func (s *scanner) typographicQuote(size int) {
	rest := s.text[s.off : s.off+s.lineEnd()]
	n := strings.IndexAny(rest[size:], "“”„‟«»‘’‚‛")
	if n >= 0 {
		_, last := utf8.DecodeRuneInString(rest[size+n:])
		size += n + last
	}
	t := s.emit(kindString, size)
	t.bad, t.odd = true, true
	_, first := utf8.DecodeRuneInString(t.Value)
	s.faults.add(fault(diag.SyntaxCharacter, within(t.Token, 0, first), "a typographic quote does not start a string",
		"a word processor put it there", "write the text in plain quotes: \"…\" or '…'"))
}
