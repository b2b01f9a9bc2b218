package syntax

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// stringStart reports whether a string literal of any kind begins here: "…", '…', @"…", ```…```, ~~~…~~~, each with an
// optional h.
func (x *lexer) stringStart() bool {
	i := 0
	if c := x.peek(0); c == 'h' || c == 'H' {
		i = 1
	}
	switch x.peek(i) {
	case '"', '\'':
		return true
	case '@':
		return x.peek(i+1) == '"' || x.peek(i+1) == '\''
	case '`':
		return x.peek(i+1) == '`' && x.peek(i+2) == '`'
	case '~':
		return x.peek(i+1) == '~' && x.peek(i+2) == '~'
	}
	return false
}

func (x *lexer) str() {
	start := x.pos
	hide := false
	if c := x.peek(0); c == 'h' || c == 'H' {
		hide = true
		x.pos++
	}
	switch x.peek(0) {
	case '@':
		x.pos++
		x.verbatim(start, hide)
	case '`', '~':
		x.fenced(start, hide)
	default:
		x.escaped(start, hide)
	}
}

func (x *lexer) stringToken(start int, value string, hide bool) {
	t := x.emit(tokString, start, value)
	t.hide = hide
}

// verbatim reads @"…": no escapes, the quote doubled, no line end.
func (x *lexer) verbatim(start int, hide bool) {
	quote := x.text[x.pos]
	x.pos++
	var b strings.Builder
	for x.pos < len(x.text) {
		c := x.text[x.pos]
		switch {
		case c == quote && x.peek(1) == quote:
			b.WriteByte(quote)
			x.pos += 2
		case c == quote:
			x.pos++
			x.stringToken(start, b.String(), hide)
			return
		case c == '\n' || c == '\r':
			x.unclosed(start, b.String(), hide)
			return
		default:
			b.WriteByte(c)
			x.pos++
		}
	}
	x.unclosed(start, b.String(), hide)
}

func (x *lexer) unclosed(start int, value string, hide bool) {
	x.errorf(start, x.pos, "the string is not closed on its line", "add the closing quote; a line end inside a string is written \\n, or use ```…```")
	x.stringToken(start, value, hide)
}

// fenced reads ```…``` or ~~~…~~~: no escapes, line ends allowed.
func (x *lexer) fenced(start int, hide bool) {
	fence := x.text[x.pos : x.pos+3]
	body := x.pos + 3
	end := strings.Index(x.text[body:], fence)
	if end < 0 {
		x.errorf(start, body, "the multi-line string is not closed", "add "+fence)
		x.pos = len(x.text)
		x.stringToken(start, x.text[body:], hide)
		return
	}
	value := x.text[body : body+end]
	startPos := x.at(start)
	if nl := strings.Count(value, "\n"); nl > 0 {
		x.line += nl
		x.bol = body + strings.LastIndexByte(value, '\n') + 1
	}
	x.pos = body + end + 3
	x.toks = append(x.toks, token{kind: tokString, text: value, hide: hide, depth: x.depth, start: startPos, end: x.at(x.pos)})
}

// simpleEscapes are the one-letter escapes (KqlTokens.g4, EscapeSequence).
var simpleEscapes = map[byte]byte{'\'': '\'', '"': '"', '\\': '\\', 'a': 7, 'b': 8, 'f': 12, 'n': 10, 'r': 13, 't': 9, 'v': 11}

func (x *lexer) escaped(start int, hide bool) {
	quote := x.text[x.pos]
	x.pos++
	var b strings.Builder
	for x.pos < len(x.text) {
		c := x.text[x.pos]
		switch {
		case c == quote:
			x.pos++
			x.stringToken(start, b.String(), hide)
			return
		case c == '\n' || c == '\r':
			x.unclosed(start, b.String(), hide)
			return
		case c == '\\':
			x.escape(&b)
		default:
			b.WriteByte(c)
			x.pos++
		}
	}
	x.unclosed(start, b.String(), hide)
}

func (x *lexer) escape(b *strings.Builder) {
	start := x.pos
	x.pos++
	c := x.peek(0)
	if e, ok := simpleEscapes[c]; ok {
		b.WriteByte(e)
		x.pos++
		return
	}
	switch {
	case c == 'u':
		x.hexEscape(b, start, 4)
	case c == 'U':
		x.hexEscape(b, start, 8)
	case c == 'x':
		x.hexEscape(b, start, 2)
	case c >= '0' && c <= '7':
		n := 1
		for n < 3 && x.peek(n) >= '0' && x.peek(n) <= '7' && (n < 2 || c <= '3') {
			n++
		}
		v, _ := strconv.ParseUint(x.text[x.pos:x.pos+n], 8, 32)
		b.WriteRune(rune(v))
		x.pos += n
	default:
		_, n := utf8.DecodeRuneInString(x.text[x.pos:])
		x.pos = min(x.pos+n, len(x.text))
		x.errorf(start, x.pos, "`"+x.text[start:x.pos]+"` is not an escape", "a backslash is written \\\\, or use @\"…\", where it stands for itself")
	}
}

// hexEscape reads exactly n hexadecimal digits; two \u surrogates make one character.
func (x *lexer) hexEscape(b *strings.Builder, start, n int) {
	r, ok := x.hexDigits(1, n)
	if !ok {
		x.pos++
		x.errorf(start, x.pos, "the escape `"+x.text[start:x.pos]+"` needs "+strconv.Itoa(n)+" hexadecimal digits")
		return
	}
	x.pos += 1 + n
	if n == 4 && r >= 0xd800 && r < 0xdc00 && x.peek(0) == '\\' && x.peek(1) == 'u' {
		if low, ok := x.hexDigits(2, 4); ok && low >= 0xdc00 && low < 0xe000 {
			r = 0x10000 + (r-0xd800)<<10 + (low - 0xdc00)
			x.pos += 6
		}
	}
	if r >= 0xd800 && r < 0xe000 || r > utf8.MaxRune {
		r = utf8.RuneError
	}
	b.WriteRune(rune(r))
}

func (x *lexer) hexDigits(ahead, n int) (uint64, bool) {
	if x.pos+ahead+n > len(x.text) {
		return 0, false
	}
	v, err := strconv.ParseUint(x.text[x.pos+ahead:x.pos+ahead+n], 16, 64)
	return v, err == nil
}
