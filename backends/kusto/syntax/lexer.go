package syntax

import (
	"strings"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// Limits that keep parsing bounded: brackets in brackets, operators in one chain, and the size of a text.
const (
	maxNesting = 200
	maxChain   = 10_000
	maxText    = 4 << 20
)

type lexer struct {
	file  string
	text  string
	pos   int
	line  int
	bol   int // offset of the line's start
	col   int // code points counted from bol up to colAt
	colAt int
	depth int
	toks  []token
	diags diag.List
}

// lex cuts a text into tokens; the last is tokEOF. ok is false when parsing on makes no sense.
func lex(file, text string) (toks []token, diags diag.List, ok bool) {
	x := &lexer{file: file, text: text, line: 1}
	if len(text) > maxText {
		x.diags = append(x.diags, diag.New(diag.KustoLimit, x.span(0, 0), "the query text is larger than 4 MiB", "move lists into a watchlist or an external table"))
		return nil, x.diags, false
	}
	if !utf8.ValidString(text) {
		at := 0
		for at < len(text) {
			r, n := utf8.DecodeRuneInString(text[at:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			at += n
		}
		sp := diag.NewSource(file, text[:at]).Span(at, at)
		x.diags = append(x.diags, diag.New(diag.KustoSyntax, sp, "the query is not valid UTF-8", "save the text as UTF-8"))
		return nil, x.diags, false
	}
	for x.next() {
		if x.depth > maxNesting {
			t := x.toks[len(x.toks)-1]
			x.diags = append(x.diags, diag.New(diag.KustoLimit, diag.Span{File: file, Start: t.start, End: t.end},
				"brackets are nested more than 200 deep", "use `let` for the inner parts"))
			return nil, x.diags, false
		}
	}
	end := x.at(len(text))
	x.toks = append(x.toks, token{kind: tokEOF, start: end, end: end})
	return x.toks, x.diags, true
}

// at gives the position of an offset at or after the last one asked for on this line.
func (x *lexer) at(offset int) diag.Pos {
	if offset < x.colAt || x.colAt < x.bol {
		x.colAt, x.col = x.bol, 0
	}
	x.col += utf8.RuneCountInString(x.text[x.colAt:offset])
	x.colAt = offset
	return diag.Pos{Offset: offset, Line: x.line, Col: x.col + 1}
}

func (x *lexer) span(start, end int) diag.Span {
	return diag.Span{File: x.file, Start: x.at(start), End: x.at(end)}
}

func (x *lexer) newline(after int) {
	x.line++
	x.bol = after
}

func (x *lexer) errorf(start, end int, title string, help ...string) {
	x.diags = append(x.diags, diag.New(diag.KustoSyntax, x.span(start, end), title, help...))
}

func (x *lexer) peek(ahead int) byte {
	if x.pos+ahead < len(x.text) {
		return x.text[x.pos+ahead]
	}
	return 0
}

// blank skips white space and comments.
func (x *lexer) blank() {
	for x.pos < len(x.text) {
		c := x.text[x.pos]
		switch {
		case c == '\n':
			x.pos++
			x.newline(x.pos)
		case c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v':
			x.pos++
		case c == '/' && x.peek(1) == '/':
			if end := strings.IndexByte(x.text[x.pos:], '\n'); end >= 0 {
				x.pos += end
			} else {
				x.pos = len(x.text)
			}
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(x.text[x.pos:])
			if !isBlankRune(r) {
				return
			}
			x.pos += n
		default:
			return
		}
	}
}

// isBlankRune holds the white space of KqlTokens.g4 beyond ASCII.
func isBlankRune(r rune) bool {
	switch r {
	case 0xa0, 0x1680, 0x180e, 0x202f, 0x205f, 0x3000, 0xfeff:
		return true
	}
	return r >= 0x2000 && r <= 0x200b
}

func isIdentStart(c byte) bool { return isLetter(c) || c == '_' || c == '$' }

func isIdentPart(c byte) bool { return isLetter(c) || c == '_' || isDigit(c) }

func (x *lexer) emit(kind tokenKind, start int, text string) *token {
	x.toks = append(x.toks, token{kind: kind, text: text, depth: x.depth, start: x.at(start), end: x.at(x.pos)})
	return &x.toks[len(x.toks)-1]
}

// next reads one token; false at the end of the text.
func (x *lexer) next() bool {
	x.blank()
	if x.pos >= len(x.text) {
		return false
	}
	c := x.text[x.pos]
	switch {
	case x.stringStart():
		x.str()
	case isDigit(c):
		x.number()
	case isIdentStart(c):
		x.word()
	default:
		x.punct()
	}
	return true
}

func (x *lexer) word() {
	start := x.pos
	x.pos++
	for x.pos < len(x.text) && isIdentPart(x.text[x.pos]) {
		x.pos++
	}
	text := x.text[start:x.pos]
	// in~ is one token; matches regex is joined by the parser.
	if text == "in" && x.peek(0) == '~' {
		x.pos++
		text = "in~"
	}
	if t, ok := TypeByName(text); ok && t != TypeString && t != TypeDynamic && x.peek(0) == '(' {
		x.typed(start, t)
		return
	}
	x.emit(tokName, start, text)
}

// typed reads the text in parentheses after a type name: everything up to the next ')' (KqlTokens.g4, LparenGooRparen).
func (x *lexer) typed(start int, t Type) {
	end := strings.IndexByte(x.text[x.pos:], ')')
	if end < 0 {
		x.errorf(start, x.pos, "the literal `"+t.String()+"(` is not closed", "add `)`")
		x.pos = len(x.text)
		return
	}
	inner := x.text[x.pos+1 : x.pos+end]
	startPos := x.at(start)
	if nl := strings.Count(inner, "\n"); nl > 0 {
		x.line += nl
		x.bol = x.pos + 1 + strings.LastIndexByte(inner, '\n') + 1
	}
	x.pos += end + 1
	x.toks = append(x.toks, token{kind: tokTyped, text: inner, typ: t, depth: x.depth, start: startPos, end: x.at(x.pos)})
}

// number reads a long, a real, a timespan, or a name that begins with digits.
func (x *lexer) number() {
	start := x.pos
	if x.peek(0) == '0' && (x.peek(1) == 'x' || x.peek(1) == 'X') && isHex(x.peek(2)) {
		x.pos += 2
		for isHex(x.peek(0)) {
			x.pos++
		}
		x.emit(tokLong, start, x.text[start:x.pos])
		return
	}
	kind := tokLong
	x.digits()
	if x.peek(0) == '.' && x.peek(1) != '.' && !isIdentStart(x.peek(1)) {
		kind = tokReal
		x.pos++
		x.digits()
	}
	if x.exponent() {
		kind = tokReal
	}
	unit := x.pos
	for x.pos < len(x.text) && isIdentPart(x.text[x.pos]) {
		x.pos++
	}
	if x.pos > unit {
		kind = tokName
		if isTimespanUnit(x.text[unit:x.pos]) {
			kind = tokTimespan
		} else if strings.Contains(x.text[start:unit], ".") {
			x.errorf(start, x.pos, "`"+x.text[start:x.pos]+"` is not a number", "timespan units are d, h, m, s, ms, microsecond and tick")
		}
	}
	x.emit(kind, start, x.text[start:x.pos])
}

func (x *lexer) digits() {
	for isDigit(x.peek(0)) {
		x.pos++
	}
}

func (x *lexer) exponent() bool {
	if c := x.peek(0); c != 'e' && c != 'E' {
		return false
	}
	n := 1
	if c := x.peek(1); c == '+' || c == '-' {
		n = 2
	}
	if !isDigit(x.peek(n)) {
		return false
	}
	x.pos += n
	x.digits()
	return true
}

// punctuation, longest first.
var punctuation = []string{"..", "==", "=~", "=>", "!=", "!~", "<=", ">=", "<>", "(", ")", "[", "]", "{", "}", ",", ";", ":", ".", "|", "=", "<", ">", "+", "-", "*", "/", "%", "@", "?"}

func (x *lexer) punct() {
	start := x.pos
	if x.peek(0) == '!' && isLetter(x.peek(1)) { // !in, !contains_cs, !in~
		x.pos++
		for x.pos < len(x.text) && isIdentPart(x.text[x.pos]) {
			x.pos++
		}
		if x.text[start:x.pos] == "!in" && x.peek(0) == '~' {
			x.pos++
		}
		x.emit(tokName, start, x.text[start:x.pos])
		return
	}
	for _, p := range punctuation {
		if !strings.HasPrefix(x.text[x.pos:], p) {
			continue
		}
		x.pos += len(p)
		switch p {
		case ")", "]", "}":
			if x.depth > 0 {
				x.depth--
			}
			x.emit(tokPunct, start, p)
		case "(", "[", "{":
			x.emit(tokPunct, start, p)
			x.depth++
		default:
			x.emit(tokPunct, start, p)
		}
		return
	}
	_, n := utf8.DecodeRuneInString(x.text[x.pos:])
	x.pos += n
	x.errorf(start, x.pos, "`"+x.text[start:x.pos]+"` does not belong here", "names with such characters are written ['name']")
}
