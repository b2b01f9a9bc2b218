package syntax

import (
	"net/netip"
	"strings"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

type kind int

const (
	end kind = iota
	ident
	number
	duration
	address
	variable
	fieldRef
	text
	pattern
	regex
	sign // an operator or bracket
)

type token struct {
	kind kind
	text string // the name, the number, or the text between the quotes
	span diag.Span
}

// lexer turns the text into tokens in one pass; faults are collected.
type lexer struct {
	file, src string
	i         int
	mark      diag.Pos
	markOff   int
	tokens    []token
	faults    diag.List
}

const maxFaults = 20

func (l *lexer) pos(off int) diag.Pos {
	for l.markOff < off {
		r, n := utf8.DecodeRuneInString(l.src[l.markOff:])
		l.markOff += n
		if r == '\n' {
			l.mark.Line++
			l.mark.Col = 1
		} else {
			l.mark.Col++
		}
	}
	l.mark.Offset = l.markOff
	return l.mark
}

func (l *lexer) fault(start diag.Pos, title string, help ...string) {
	if len(l.faults) < maxFaults {
		l.faults = append(l.faults, diag.New(diag.SECLSyntax, l.span(start), title, help...))
	}
}

func (l *lexer) span(start diag.Pos) diag.Span {
	return diag.Span{File: l.file, Start: start, End: l.pos(l.i)}
}

func (l *lexer) emit(k kind, text string, start diag.Pos) {
	l.tokens = append(l.tokens, token{kind: k, text: text, span: l.span(start)})
}

// lex reads all tokens; the last has kind end.
func lex(file, src string) ([]token, diag.List) {
	l := &lexer{file: file, src: src, mark: diag.Pos{Line: 1, Col: 1}}
	for l.i < len(src) {
		l.token()
	}
	l.emit(end, "", l.pos(len(src)))
	return l.tokens, l.faults
}

func (l *lexer) token() {
	c := l.src[l.i]
	rest := l.src[l.i:]
	switch {
	case c == ' ' || c == '\t' || c == '\n' || c == '\r':
		l.i++
		return
	case c == '#' || strings.HasPrefix(rest, "//"):
		if n := strings.IndexByte(rest, '\n'); n >= 0 {
			l.i += n
		} else {
			l.i = len(l.src)
		}
		return
	}
	start := l.pos(l.i)
	switch {
	case c == '"':
		l.quoted(text, 0, start)
	case strings.HasPrefix(rest, `~"`):
		l.quoted(pattern, 1, start)
	case strings.HasPrefix(rest, `r"`):
		l.quoted(regex, 1, start)
	case strings.HasPrefix(rest, "${"):
		l.braced(variable, start)
	case strings.HasPrefix(rest, "%{"):
		l.braced(fieldRef, start)
	case l.address(start):
	case digit(c), (c == '-' || c == '+') && l.i+1 < len(l.src) && digit(l.src[l.i+1]):
		l.number(start)
	case letter(c):
		l.name(start)
	default:
		l.sign(start)
	}
}

func digit(c byte) bool  { return '0' <= c && c <= '9' }
func letter(c byte) bool { return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func hex(c byte) bool    { return digit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }

// quoted reads "…" behind a prefix of the given length. A backslash takes the next character along; nothing is unescaped here.
func (l *lexer) quoted(k kind, prefix int, start diag.Pos) {
	l.i += prefix + 1
	from := l.i
	wide := false
	for l.i < len(l.src) {
		r, n := utf8.DecodeRuneInString(l.src[l.i:])
		wide = wide || r > 0xFFFF
		switch r {
		case '\\':
			l.i += n
			r, n = utf8.DecodeRuneInString(l.src[l.i:])
			wide = wide || r > 0xFFFF
		case '"':
			raw := l.src[from:l.i]
			l.i++
			if wide {
				l.fault(start, "a text has a character above U+FFFF", "write it in a regular expression, as r\"\\x{1F600}\"")
			}
			l.emit(k, raw, start)
			return
		}
		l.i += n
	}
	l.fault(start, "a quotation mark is not closed", "add the closing quotation mark")
}

func (l *lexer) braced(k kind, start diag.Pos) {
	n := strings.IndexByte(l.src[l.i:], '}')
	name := ""
	if n >= 0 {
		name = l.src[l.i+2 : l.i+n]
		l.i += n + 1
	} else {
		l.i = len(l.src)
	}
	if !bracedName(name) {
		l.fault(start, "a name in braces is missing or not closed", "write ${name}, of letters, digits, _ and .")
	}
	l.emit(k, name, start)
}

func bracedName(name string) bool {
	if name == "" || !letter(name[0]) {
		return false
	}
	for i := 0; i < len(name); i++ {
		if !letter(name[i]) && !digit(name[i]) && name[i] != '.' {
			return false
		}
	}
	return true
}

// address reads an IPv4 or IPv6 address, with /bits or not. It looks for a run of address characters that has two dots or a
// colon, so that names, numbers and durations are left alone.
func (l *lexer) address(start diag.Pos) bool {
	n := l.i
	colons, dots := 0, 0
	for n < len(l.src) && (hex(l.src[n]) || l.src[n] == ':' || l.src[n] == '.') {
		switch l.src[n] {
		case ':':
			colons++
		case '.':
			dots++
		}
		n++
	}
	run := l.src[l.i:n]
	if colons < 2 && (dots < 2 || !digit(l.src[l.i])) {
		return false
	}
	_, err := netip.ParseAddr(run)
	l.i = n
	if n+1 < len(l.src) && l.src[n] == '/' && digit(l.src[n+1]) {
		for l.i++; l.i < len(l.src) && digit(l.src[l.i]); {
			l.i++
		}
		_, err = netip.ParsePrefix(l.src[start.Offset:l.i])
	}
	if err != nil {
		l.fault(start, "`"+l.src[start.Offset:l.i]+"` is no IP address or block", "write an address such as 10.0.0.1, or a block such as 10.0.0.0/8")
	}
	l.emit(address, l.src[start.Offset:l.i], start)
	return true
}

// number reads an integer or a duration.
func (l *lexer) number(start diag.Pos) {
	from := l.i
	l.i++
	for l.i < len(l.src) && digit(l.src[l.i]) {
		l.i++
	}
	digits := l.i
	for l.i < len(l.src) && letter(l.src[l.i]) {
		l.i++
	}
	unit := l.src[digits:l.i]
	switch {
	case l.i < len(l.src) && l.src[l.i] == '.':
		for l.i < len(l.src) && (letter(l.src[l.i]) || digit(l.src[l.i]) || l.src[l.i] == '.') {
			l.i++
		}
		l.fault(start, "`"+l.src[from:l.i]+"` is no number of this language", "numbers are whole")
		l.emit(number, "0", start)
	case unit == "":
		l.emit(number, l.src[from:l.i], start)
	case nanos[unit] != 0 && digit(l.src[from]):
		l.emit(duration, l.src[from:l.i], start)
	default:
		l.fault(start, "`"+l.src[from:l.i]+"` is no number and no duration", "a duration is digits and one of ms, s, m, h")
		l.emit(number, "0", start)
	}
}

// nanos gives the units of durations. The day, d, is left out: agents differ on it.
var nanos = map[string]int64{"ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9}

// name reads an identifier. Brackets belong to it when they hold a register (a[A].b); the agent's lexer takes any bracket into a
// name, so the printer puts blanks inside the brackets of a list of names.
func (l *lexer) name(start diag.Pos) {
	from := l.i
	open := false
	for l.i < len(l.src) {
		c := l.src[l.i]
		if c == '[' && !open {
			open = true
		} else if c == ']' && open {
			open = false
		} else if !letter(c) && !digit(c) && c != '.' {
			break
		}
		l.i++
	}
	l.emit(ident, l.src[from:l.i], start)
}

var signs = []string{"||", "&&", ">=", "<=", "!=", "==", "=~", "!~", ">", "<", "!", "&", "|", "^", "+", "-", "(", ")", "[", "]", ","}

func (l *lexer) sign(start diag.Pos) {
	for _, s := range signs {
		if !strings.HasPrefix(l.src[l.i:], s) {
			continue
		}
		if (s == "=~" || s == "!~") && strings.HasPrefix(l.src[l.i+2:], `"`) {
			l.i += 2
			l.fault(start, "no blank stands between `"+s+"` and the text", "write `"+s+" \"…\"`; without the blank the agent reads a pattern behind a lone `"+s[:1]+"`")
			l.emit(sign, s, start)
			return
		}
		l.i += len(s)
		l.emit(sign, s, start)
		return
	}
	r, n := utf8.DecodeRuneInString(l.src[l.i:])
	l.i += n
	switch r {
	case '\'':
		l.fault(start, "the character `'` begins nothing", "texts stand in double quotes")
	case '=':
		l.fault(start, "a single `=` is no operator", "write `==`")
	default:
		l.fault(start, "the character `"+string(r)+"` has no meaning here", "remove it, or put it into a text in double quotes")
	}
}
