package grammar

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// word reads a name, a dotted path or a reserved word.
func (s *scanner) word() {
	rest := s.text[s.off:]
	if n := rawPrefix(rest); n > 0 {
		s.prefixedString(n)
		return
	}
	n, segments, quoted := 0, 0, false
	for {
		size, ok := segment(rest[n:], segments > 0)
		if size == 0 {
			s.badSegment(rest, n, segments)
			return
		}
		if !ok {
			s.unclosedBackquote(n)
			return
		}
		quoted = quoted || rest[n] == '`'
		n += size
		segments++
		if r, size := utf8.DecodeRuneInString(rest[n:]); size > 1 && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)) {
			s.foreignLetter(rest, n)
			return
		}
		if n == len(rest) || rest[n] != '.' || strings.HasPrefix(rest[n:], "..") {
			break
		}
		n++
	}
	switch {
	case segments > 1 || quoted:
		s.checkControl(s.emit(kindPath, n), "a name")
	case reserved[rest[:n]]:
		s.emit(kindKeyword, n)
	default:
		s.emit(kindName, n)
	}
}

// segment measures one segment of a path: a word, in which a `-` may stand before a letter, or a back-quoted text.
// ok is false for a back-quote that is not closed. Segments after the first may start with a digit.
func segment(text string, later bool) (size int, ok bool) {
	if text == "" {
		return 0, true
	}
	if text[0] == '`' {
		for i := 1; i < len(text) && text[i] != '\n'; i++ {
			if text[i] != '`' {
				continue
			}
			if i+1 < len(text) && text[i+1] == '`' {
				i++
				continue
			}
			return i + 1, i > 1
		}
		return len(text), false
	}
	if !isWordStart(text[0]) && !(later && isDigit(text[0])) {
		return 0, true
	}
	i := 1
	for i < len(text) && (isWordPart(text[i]) || text[i] == '-' && i+1 < len(text) && isWordStart(text[i+1])) {
		i++
	}
	return i, true
}

// badSegment reports what stands after the last dot of a path, or at the start of a word.
func (s *scanner) badSegment(rest string, n, segments int) {
	if segments == 0 {
		s.foreignLetter(rest, 0)
		return
	}
	if n < len(rest) && rest[n] == '*' {
		s.junk(diag.SyntaxName, n+1, "a field name has no wildcard", "one field is meant here",
			"name each field, or search all texts of the event with `keyword \"…\"`")
		return
	}
	if r, size := utf8.DecodeRuneInString(rest[n:]); size > 1 && unicode.IsLetter(r) {
		s.foreignLetter(rest, n)
		return
	}
	s.junk(diag.SyntaxName, n, "a dot ends the name `"+rest[:n-1]+"`", "a segment is missing after the dot",
		"remove the dot, or write the next segment")
}

// foreignLetter reports a name with letters outside ASCII; n is where the first stands.
func (s *scanner) foreignLetter(rest string, n int) {
	at := n
	for n < len(rest) {
		r, size := utf8.DecodeRuneInString(rest[n:])
		if !(size == 1 && (isWordPart(rest[n]) || rest[n] == '.' || rest[n] == '-') || size > 1 && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r))) {
			break
		}
		n += size
	}
	r, size := utf8.DecodeRuneInString(rest[at:])
	t := s.emit(kindName, n)
	t.bad, t.odd = true, true
	name := t.Value
	if len(name) > 60 {
		name = "…"
	}
	help := "a text stands in quotes: \"" + name + "\"; a field of that name stands in back-quotes: `" + name + "`"
	if unicode.Is(unicode.Cyrillic, r) || unicode.Is(unicode.Greek, r) {
		help = "if the letter looks like a Latin one, type the Latin one; " + help
	}
	s.faults.add(fault(diag.SyntaxName, within(t.Token, at, at+size), "the letter `"+string(r)+"` ("+codePoint(r)+") in a name",
		"names are made of ASCII letters, digits and `_`", help))
}

func (s *scanner) unclosedBackquote(n int) {
	t := s.emit(kindJunk, s.lineEnd())
	t.bad = true
	if strings.HasPrefix(t.Value[n:], "``") {
		s.faults.add(fault(diag.SyntaxName, within(t.Token, n, n+2), "an empty name in back-quotes", "nothing stands between the quotes",
			"write the name of a field between them"))
		return
	}
	s.faults.add(fault(diag.SyntaxName, within(t.Token, n, n+1), "a back-quote is not closed on its line", "it starts here",
		"end the name with a back-quote; a text stands in \" or ' quotes"))
}

// rawPrefix measures the letters before the quote in `@"…"` and `r"…"`, the raw strings of other languages.
func rawPrefix(rest string) int {
	if len(rest) > 1 && strings.IndexByte("@rR", rest[0]) >= 0 && (rest[1] == '"' || rest[1] == '\'') {
		return 1
	}
	return 0
}

func (s *scanner) prefixedString(n int) {
	rest := s.text[s.off : s.off+s.lineEnd()]
	quote := rest[n]
	end := strings.IndexByte(rest[n+1:], quote)
	size := len(rest)
	if end >= 0 {
		size = n + 1 + end + 1
	}
	t := s.emit(kindString, size)
	t.bad, t.odd = true, true
	s.faults.add(fault(diag.SyntaxString, within(t.Token, 0, n+1), "`"+t.Value[:n+1]+"` does not start a string",
		"a raw string of another language", "write raw text between single quotes: '…'"))
}

// variable reads `$name`.
func (s *scanner) variable() {
	rest := s.text[s.off:]
	n := 1
	for n < len(rest) && isNamePart(rest[n]) {
		n++
	}
	if n == 1 || isDigit(rest[1]) {
		s.junk(diag.SyntaxName, n, "`$` without a name", "the name of a parameter or list is missing",
			"write `$name`; a `$` that belongs to a text stands in quotes")
		return
	}
	s.emit(kindVar, n)
}

// isNamePart reports whether the byte may stand in the name of a parameter, list, scope or step.
func isNamePart(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || isDigit(c)
}

// isPlainName reports whether a text may name a rule, parameter, list, definition, scope, step or variable.
func isPlainName(s string) bool {
	if s == "" || isDigit(s[0]) {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !isNamePart(s[i]) {
			return false
		}
	}
	return true
}
