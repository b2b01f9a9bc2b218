package syntax

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// maxQuery bounds the length of a query in bytes; the longest public rule has 80 kB.
const maxQuery = 1 << 20

// maxFaults bounds the faults reported of one query.
const maxFaults = 100

// lexer cuts a query into tokens. It counts lines and columns as it goes, so that spans cost nothing.
type lexer struct {
	file   string
	text   string
	at     diag.Pos
	tokens []token
	diags  diag.List
}

// lex returns the tokens of a text, the last of them tEOF, and the faults found; after a fault it goes on.
func lex(file, text string) ([]token, diag.List) {
	l := &lexer{file: file, text: text, at: diag.Pos{Line: 1, Col: 1}}
	if len(text) > maxQuery {
		l.fault(diag.EQLLimit, diag.Span{File: file}, fmt.Sprintf("the query is longer than %d bytes", maxQuery),
			"split the query into several rules")
		l.text = ""
	}
	if !utf8.ValidString(l.text) {
		l.skipValid()
		l.fault(diag.EQLSyntax, l.from(l.at), "the query is not valid UTF-8", "save the query as UTF-8 text")
		l.text = ""
	}
	for l.next() {
	}
	l.add(tEOF, "", l.at)
	return l.tokens, l.diags
}

// skipValid advances to the first byte that is not UTF-8.
func (l *lexer) skipValid() {
	for l.at.Offset < len(l.text) {
		if r, n := utf8.DecodeRuneInString(l.text[l.at.Offset:]); r == utf8.RuneError && n <= 1 {
			return
		}
		l.advance(1)
	}
}

func (l *lexer) rest() string { return l.text[min(l.at.Offset, len(l.text)):] }

// advance moves over n characters.
func (l *lexer) advance(n int) {
	for ; n > 0 && l.at.Offset < len(l.text); n-- {
		c := l.text[l.at.Offset]
		if c < utf8.RuneSelf {
			l.at.Offset++
		} else {
			_, size := utf8.DecodeRuneInString(l.text[l.at.Offset:])
			l.at.Offset += size
		}
		l.at.Col++
		if c == '\n' {
			l.at.Line, l.at.Col = l.at.Line+1, 1
		}
	}
}

// skip moves over the bytes of s, which the caller has seen to come next.
func (l *lexer) skip(s string) { l.advance(utf8.RuneCountInString(s)) }

func (l *lexer) from(start diag.Pos) diag.Span {
	return diag.Span{File: l.file, Start: start, End: l.at}
}

func (l *lexer) add(k kind, text string, start diag.Pos) {
	l.tokens = append(l.tokens, token{kind: k, text: text, span: l.from(start)})
}

func (l *lexer) fault(code diag.Code, span diag.Span, title string, help ...string) {
	if len(l.diags) < maxFaults {
		l.diags = append(l.diags, diag.New(code, span, title, help...))
	}
}

// next reads one token, comment or blank; false at the end of the text.
func (l *lexer) next() bool {
	rest := l.rest()
	if rest == "" {
		return false
	}
	start := l.at
	switch c := rest[0]; {
	case c == ' ' || c == '\t' || c == '\r' || c == '\n':
		l.advance(1)
	case strings.HasPrefix(rest, "//"):
		n := strings.IndexByte(rest, '\n')
		if n < 0 {
			n = len(rest)
		}
		l.skip(rest[:n])
	case strings.HasPrefix(rest, "/*"):
		l.blockComment(rest, start)
	case c == '`':
		l.quotedName(rest, start)
	case c == '"':
		l.stringToken(rest, start)
	case c == '\'':
		l.endgameString(rest, start, "'")
	case strings.HasPrefix(rest, `?"`), strings.HasPrefix(rest, "?'"):
		l.advance(1)
		l.endgameString(rest[1:], start, rest[1:2])
	case isDigit(c), c == '.' && len(rest) > 1 && isDigit(rest[1]):
		l.number(rest, start)
	case isNameStart(c):
		l.name(rest, start)
	default:
		l.punct(rest, start)
	}
	return true
}

// blockComment skips /* … */. Comments nest; where a nested opening is never closed, the first closing ends the comment.
func (l *lexer) blockComment(rest string, start diag.Pos) {
	depth, first := 0, -1
	for i := 0; i+1 < len(rest); i++ {
		switch rest[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
			if first < 0 {
				first = i + 1
			}
			if depth == 0 {
				l.skip(rest[:i+1])
				return
			}
		}
	}
	if first > 0 {
		l.skip(rest[:first])
		return
	}
	l.skip(rest)
	l.fault(diag.EQLSyntax, diag.Span{File: l.file, Start: start, End: diag.Pos{Offset: start.Offset + 2, Line: start.Line, Col: start.Col + 2}},
		"this comment is never closed", "end the comment with `*/`")
}

func (l *lexer) name(rest string, start diag.Pos) {
	n := 1
	for n < len(rest) && (isNameStart(rest[n]) && rest[n] != '@' || isDigit(rest[n])) {
		n++
	}
	word := rest[:n]
	l.at.Offset += n
	l.at.Col += n
	tilde := n < len(rest) && rest[n] == '~'
	if tilde {
		l.advance(1)
	}
	switch {
	case tilde && tildeKeywords[word]:
		l.add(tKeyword, word+"~", start)
	case tilde:
		l.add(tTilde, word, start)
	case keywords[word]:
		l.add(tKeyword, word, start)
	default:
		l.add(tIdent, word, start)
	}
}

// number reads 12, 1.5, 1., .5, 1e3, as the grammar has them.
func (l *lexer) number(rest string, start diag.Pos) {
	n, decimal := 0, false
	digits := func() bool {
		from := n
		for n < len(rest) && isDigit(rest[n]) {
			n++
		}
		return n > from
	}
	digits()
	if n < len(rest) && rest[n] == '.' {
		decimal = true
		n++
		digits()
	}
	if n < len(rest) && (rest[n] == 'e' || rest[n] == 'E') {
		mark := n
		n++
		if n < len(rest) && (rest[n] == '+' || rest[n] == '-') {
			n++
		}
		if digits() {
			decimal = true
		} else {
			n = mark
		}
	}
	l.at.Offset += n
	l.at.Col += n
	k := tInt
	if decimal {
		k = tDecimal
	}
	l.add(k, rest[:n], start)
}

// punct reads an operator; characters that EQL does not have are reported with what to write.
func (l *lexer) punct(rest string, start diag.Pos) {
	for _, p := range punctuation {
		if strings.HasPrefix(rest, p) {
			l.operator(p, rest[len(p):], start)
			return
		}
	}
	if help, as, text := strange(rest); as != "" {
		l.advance(len(text))
		l.fault(diag.EQLSyntax, l.from(start), "EQL has no operator `"+text+"`", help)
		k := tPunct
		if keywords[as] {
			k = tKeyword
		}
		l.add(k, as, start)
		return
	}
	r, _ := utf8.DecodeRuneInString(rest)
	l.advance(1)
	title := fmt.Sprintf("the character %q does not belong in an EQL query", r)
	switch {
	case r == '\\':
		l.fault(diag.EQLSyntax, l.from(start), title, "backslashes stand only inside strings")
	case isSpaceLike(r):
		l.fault(diag.EQLSyntax, l.from(start), title, "put an ordinary blank in its place")
	case r == '$':
		l.fault(diag.EQLSyntax, l.from(start), title,
			"`$name` is a variable of Elastic Endpoint rules; Elasticsearch has none, write the condition out")
	default:
		l.fault(diag.EQLSyntax, l.from(start), title, "quote it: strings as \"…\", field names as `…`")
	}
}

// operator adds the punctuation p, which is followed by rest.
func (l *lexer) operator(p, rest string, start diag.Pos) {
	l.advance(len(p))
	if p == "==" && strings.HasPrefix(rest, "~") {
		l.advance(1)
		l.fault(diag.EQLSyntax, l.from(start), "EQL has no operator `==~`", "write `f : \"v\"` or `f in~ (\"v\")` to ignore case")
	}
	l.add(tPunct, p, start)
}

// strange knows operators of other languages that can begin here: the help, the EQL word to go on with, the text.
func strange(rest string) (help, as, text string) {
	switch {
	case strings.HasPrefix(rest, "&&"):
		return "write `and`", "and", "&&"
	case strings.HasPrefix(rest, "!:"):
		return "write `not f : \"v\"`", ":", "!:"
	case strings.HasPrefix(rest, "!~"):
		return "write `not f : \"v\"`", ":", "!~"
	case strings.HasPrefix(rest, "!"):
		return "write `not`", "not", "!"
	case strings.HasPrefix(rest, "&"):
		return "write `and`", "and", "&"
	}
	return "", "", ""
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isNameStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '@'
}

func isSpaceLike(r rune) bool {
	switch r {
	case 0x00a0, 0x2007, 0x202f, 0x3000, 0xfeff, 0x200b, '\v', '\f':
		return true
	}
	return r >= 0x2000 && r <= 0x200a
}
