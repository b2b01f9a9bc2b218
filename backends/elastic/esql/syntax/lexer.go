package syntax

import (
	"strings"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// kind tells tokens apart.
type kind int

const (
	tEOF kind = iota
	tIdent
	tQuoted // `name`
	tInt
	tDec
	tString
	tParam
	tPunct
	tBad // the fault is in token.fault
)

// token is one word of the query. text is the decoded value of strings and quoted names, else the text as written.
type token struct {
	kind       kind
	text       string
	start, end diag.Pos
	fault      *diag.Diagnostic
}

// lexer cuts the text into tokens. What a word is depends on the command, so the parser asks for the kind it needs:
// next for expressions and, with project set, for name patterns; source for index names.
type lexer struct {
	file string
	src  string
	at   diag.Pos
	// project is set in KEEP, DROP, RENAME and ENRICH, where words may begin with a digit behind a star and may be "_".
	project bool
}

func newLexer(file, src string) *lexer {
	return &lexer{file: file, src: src, at: diag.Pos{Offset: 0, Line: 1, Col: 1}}
}

func (l *lexer) rest() string { return l.src[l.at.Offset:] }

func (l *lexer) byteAt(i int) byte {
	if l.at.Offset+i < len(l.src) {
		return l.src[l.at.Offset+i]
	}
	return 0
}

// advance moves over n bytes and keeps line and column.
func (l *lexer) advance(n int) {
	end := l.at.Offset + n
	for l.at.Offset < end {
		c := l.src[l.at.Offset]
		if c < utf8.RuneSelf {
			l.at.Offset++
		} else {
			_, size := utf8.DecodeRuneInString(l.src[l.at.Offset:])
			l.at.Offset += size
		}
		if c == '\n' {
			l.at.Line++
			l.at.Col = 1
		} else {
			l.at.Col++
		}
	}
}

func (l *lexer) span(a, b diag.Pos) diag.Span { return diag.Span{File: l.file, Start: a, End: b} }

// skip passes white space and comments; a comment that does not end is a fault.
func (l *lexer) skip() *token {
	for {
		switch c := l.byteAt(0); {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			l.advance(1)
		case c == '/' && l.byteAt(1) == '/':
			n := strings.IndexByte(l.rest(), '\n')
			if n < 0 {
				n = len(l.rest())
			}
			l.advance(n)
		case c == '/' && l.byteAt(1) == '*':
			start := l.at
			n := commentEnd(l.rest())
			if n < 0 {
				l.advance(len(l.rest()))
				return l.bad(start, "this comment does not end", "close it with */")
			}
			l.advance(n)
		default:
			return nil
		}
	}
}

// commentEnd is the length of the block comment at the start of s, -1 when it does not end. Block comments nest.
func commentEnd(s string) int {
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch {
		case s[i] == '/' && s[i+1] == '*':
			depth++
			i++
		case s[i] == '*' && s[i+1] == '/':
			depth--
			i++
			if depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

func (l *lexer) bad(start diag.Pos, title string, help ...string) *token {
	d := diag.New(diag.ESQLSyntax, l.span(start, l.at), title, help...)
	return &token{kind: tBad, start: start, end: l.at, fault: &d}
}

func (l *lexer) take(k kind, n int) token {
	t := token{kind: k, text: l.rest()[:n], start: l.at}
	l.advance(n)
	t.end = l.at
	return t
}

// next reads a token of an expression.
func (l *lexer) next() token {
	if t := l.skip(); t != nil {
		return *t
	}
	if l.at.Offset >= len(l.src) {
		return token{kind: tEOF, start: l.at, end: l.at}
	}
	c := l.byteAt(0)
	switch {
	case isLetter(c) || (c == '_' || c == '@') && (l.project || isBody(l.byteAt(1))) || l.project && isDigit(c):
		n := 1
		for isBody(l.byteAt(n)) {
			n++
		}
		return l.take(tIdent, n)
	case isDigit(c) || c == '.' && isDigit(l.byteAt(1)):
		return l.number()
	case c == '"':
		return l.str()
	case c == '`':
		return l.quotedName()
	case c == '?':
		n := 1
		for l.byteAt(n) == '?' || isBody(l.byteAt(n)) {
			n++
		}
		return l.take(tParam, n)
	}
	for _, p := range [...]string{"==", "!=", "<=", ">=", "::"} {
		if strings.HasPrefix(l.rest(), p) {
			return l.take(tPunct, len(p))
		}
	}
	if strings.IndexByte("=<>+-*/%()[]{},.:|;", c) >= 0 {
		if h := habit(l.rest()); h != "" {
			start := l.at
			l.advance(2)
			return *l.bad(start, "ES|QL has no operator "+l.src[start.Offset:l.at.Offset], h)
		}
		return l.take(tPunct, 1)
	}
	return l.stray()
}

// habit knows operators of other languages.
func habit(s string) string {
	switch {
	case strings.HasPrefix(s, "=~"):
		return "compare without case as TO_LOWER(field) == \"text\""
	case strings.HasPrefix(s, "<>"):
		return "write != for not equal"
	case strings.HasPrefix(s, "||"):
		return "write OR"
	}
	return ""
}

func (l *lexer) stray() token {
	start := l.at
	c := l.byteAt(0)
	if c == '\'' {
		n := strings.IndexAny(l.rest()[1:], "'\n|")
		if n < 0 || l.rest()[1+n] != '\'' {
			n = 0
		} else {
			n++
		}
		l.advance(n + 1)
		return *l.bad(start, "strings stand in double quotes", "write \"…\", or \"\"\"…\"\"\" when the text has backslashes")
	}
	if strings.HasPrefix(l.rest(), "&&") {
		l.advance(2)
		return *l.bad(start, "ES|QL has no operator &&", "write AND")
	}
	if c == '!' {
		l.advance(1)
		return *l.bad(start, "ES|QL has no operator !", "write NOT, or != for not equal")
	}
	_, size := utf8.DecodeRuneInString(l.rest())
	l.advance(size)
	return *l.bad(start, "the character "+l.src[start.Offset:l.at.Offset]+" cannot stand here",
		"a name with other characters than letters, digits, _ and @ stands in backquotes: `na-me`")
}

// number reads 1, 1.5, .5, 5. and 1e3.
func (l *lexer) number() token {
	n, k := 0, tInt
	for isDigit(l.byteAt(n)) {
		n++
	}
	if l.byteAt(n) == '.' {
		k = tDec
		n++
		for isDigit(l.byteAt(n)) {
			n++
		}
	}
	if e := l.byteAt(n); e == 'e' || e == 'E' {
		m := n + 1
		if s := l.byteAt(m); s == '+' || s == '-' {
			m++
		}
		if isDigit(l.byteAt(m)) {
			for isDigit(l.byteAt(m)) {
				m++
			}
			n, k = m, tDec
		}
	}
	return l.take(k, n)
}

// str reads "…" with the escapes \" \\ \n \r \t, or """…""" in which nothing is escaped; up to two further quotes may
// stand before the closing three.
func (l *lexer) str() token {
	start := l.at
	if strings.HasPrefix(l.rest(), `"""`) {
		body := l.rest()[3:]
		n := strings.Index(body, `"""`)
		if n < 0 || strings.ContainsAny(body[:n], "\r\n") {
			l.advance(3)
			return *l.bad(start, "this \"\"\" string does not end on its line", "close it with \"\"\" before the end of the line")
		}
		for extra := 0; extra < 2 && n+3 < len(body) && body[n+3] == '"'; extra++ {
			n++
		}
		l.advance(n + 6)
		return token{kind: tString, text: body[:n], start: start, end: l.at}
	}
	var b strings.Builder
	l.advance(1)
	for {
		chunk := strings.IndexAny(l.rest(), "\"\\\r\n")
		if chunk < 0 {
			l.advance(len(l.rest()))
			return *l.bad(start, "this string does not end", "close it with \"")
		}
		b.WriteString(l.rest()[:chunk])
		l.advance(chunk)
		switch l.byteAt(0) {
		case '"':
			l.advance(1)
			return token{kind: tString, text: b.String(), start: start, end: l.at}
		case '\\':
			c, ok := unescape(l.byteAt(1))
			if !ok {
				return *l.badEscape()
			}
			b.WriteByte(c)
			l.advance(2)
		default:
			return *l.bad(start, "this string does not end on its line", "close it with \", and write \\n for a line break")
		}
	}
}

// badEscape reports the escape at the cursor and moves behind the string, so that the rest of the command can be read.
func (l *lexer) badEscape() *token {
	at := l.at
	l.advance(1)
	if l.byteAt(0) != 0 {
		_, size := utf8.DecodeRuneInString(l.rest())
		l.advance(size)
	}
	t := l.bad(at, "the escape "+l.src[at.Offset:l.at.Offset]+" does not exist",
		"only \\\" \\\\ \\n \\r \\t exist; put patterns with backslashes between \"\"\" and \"\"\"")
	for l.at.Offset < len(l.src) && l.byteAt(0) != '"' && l.byteAt(0) != '\n' {
		n := 1
		if l.byteAt(0) == '\\' && l.at.Offset+1 < len(l.src) {
			n = 2
		}
		l.advance(n)
	}
	if l.byteAt(0) == '"' {
		l.advance(1)
	}
	return t
}

func unescape(c byte) (byte, bool) {
	switch c {
	case '"', '\\':
		return c, true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	}
	return 0, false
}

// quotedName reads `name`; a backquote inside is doubled.
func (l *lexer) quotedName() token {
	start := l.at
	var b strings.Builder
	l.advance(1)
	for {
		n := strings.IndexByte(l.rest(), '`')
		if n < 0 {
			l.advance(len(l.rest()))
			return *l.bad(start, "this quoted name does not end", "close it with `")
		}
		b.WriteString(l.rest()[:n])
		l.advance(n + 1)
		if l.byteAt(0) != '`' {
			break
		}
		b.WriteByte('`')
		l.advance(1)
	}
	if b.Len() == 0 {
		return *l.bad(start, "a quoted name is empty")
	}
	return token{kind: tQuoted, text: b.String(), start: start, end: l.at}
}

// source reads an index name or pattern: everything up to white space, comma, pipe or bracket.
func (l *lexer) source() token {
	if t := l.skip(); t != nil {
		return *t
	}
	if c := l.byteAt(0); c == '"' || c == 0 || c == '(' || c == ')' || c == '|' || c == ',' || c == '[' {
		return l.next()
	}
	n := 0
	for l.at.Offset+n < len(l.src) && strings.IndexByte(" \t\r\n,|()[]\"=;", l.byteAt(n)) < 0 {
		if l.byteAt(n) == '/' && (l.byteAt(n+1) == '/' || l.byteAt(n+1) == '*') {
			break
		}
		n++
	}
	if n == 0 {
		return l.next()
	}
	return l.take(tIdent, n)
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isBody(c byte) bool   { return isLetter(c) || isDigit(c) || c == '_' }
