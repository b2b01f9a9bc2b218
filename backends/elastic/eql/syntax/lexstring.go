package syntax

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/onerule/onerule/diag"
)

// quotedName reads `name`; a back-quote inside is doubled.
func (l *lexer) quotedName(rest string, start diag.Pos) {
	for i := 1; i < len(rest); i++ {
		if rest[i] != '`' {
			continue
		}
		if i+1 < len(rest) && rest[i+1] == '`' {
			i++
			continue
		}
		l.skip(rest[:i+1])
		name := strings.ReplaceAll(rest[1:i], "``", "`")
		if name == "" {
			l.fault(diag.EQLSyntax, l.from(start), "a field name is empty", "put the name between the back-quotes")
			name = "_"
		}
		l.add(tQuoted, name, start)
		return
	}
	l.skip(rest)
	l.fault(diag.EQLSyntax, l.from(start), "this back-quoted name is never closed", "end the name with a back-quote")
	l.add(tQuoted, "_", start)
}

// stringToken reads "…" or """…""".
func (l *lexer) stringToken(rest string, start diag.Pos) {
	if strings.HasPrefix(rest, `"""`) {
		if n := rawEnd(rest); n > 0 {
			l.skip(rest[:n])
			l.add(tString, rest[3:n-3], start)
			return
		}
		n := lineEnd(rest)
		l.skip(rest[:n])
		l.fault(diag.EQLSyntax, l.from(start), "this raw string is not closed on its line",
			`end it with """ on the same line; raw strings cannot hold line breaks`)
		l.add(tString, "", start)
		return
	}
	l.plainString(rest, start, '"')
}

// rawEnd returns the length of the raw string that begins rest, closing quotes included, or 0. Up to two quotes more may
// stand before the closing three: they belong to the value.
func rawEnd(rest string) int {
	line := rest[:lineEnd(rest)]
	i := strings.Index(line[3:], `"""`)
	if i < 0 {
		return 0
	}
	n := 3 + i + 3
	for extra := 0; extra < 2 && n < len(line) && line[n] == '"'; extra++ {
		n++
	}
	return n
}

func lineEnd(s string) int {
	if n := strings.IndexAny(s, "\r\n"); n >= 0 {
		return n
	}
	return len(s)
}

// plainString reads a string with escapes up to the closing quote.
func (l *lexer) plainString(rest string, start diag.Pos, quote byte) {
	var b strings.Builder
	l.advance(1)
	for i := 1; i < len(rest); {
		c := rest[i]
		switch {
		case c == quote:
			l.advance(1)
			l.add(tString, b.String(), start)
			return
		case c == '\n' || c == '\r':
			l.fault(diag.EQLSyntax, l.from(start), "this string is not closed on its line",
				`end it with a quote; a line break inside a string is written \n`)
			l.add(tString, b.String(), start)
			return
		case c == '\\':
			n := l.escape(rest[i:], &b)
			i += n
		default:
			n := i + 1
			for n < len(rest) && rest[n] != quote && rest[n] != '\\' && rest[n] != '\n' && rest[n] != '\r' {
				n++
			}
			b.WriteString(rest[i:n])
			l.skip(rest[i:n])
			i = n
		}
	}
	l.fault(diag.EQLSyntax, l.from(start), "this string is never closed", "end it with a quote")
	l.add(tString, b.String(), start)
}

// simpleEscapes are the letters that may follow a backslash.
var simpleEscapes = map[byte]byte{
	'b': '\b', 't': '\t', 'n': '\n', 'f': '\f', 'r': '\r', '"': '"', '\'': '\'', '\\': '\\',
}

// escape reads one escape sequence, writes what it stands for and returns its length in bytes.
func (l *lexer) escape(s string, b *strings.Builder) int {
	start := l.at
	if len(s) > 1 {
		if c, ok := simpleEscapes[s[1]]; ok {
			l.advance(2)
			b.WriteByte(c)
			return 2
		}
	}
	if strings.HasPrefix(s, `\u{`) {
		return l.unicodeEscape(s, b, start)
	}
	l.advance(1)
	if len(s) == 1 || s[1] == '\n' || s[1] == '\r' {
		return 1 // the missing quote is reported by the caller
	}
	size := len(l.rest())
	l.advance(1)
	size -= len(l.rest())
	l.fault(diag.EQLSyntax, l.from(start), fmt.Sprintf("`\\%s` is not an escape sequence of EQL strings", s[1:1+size]),
		`a backslash is written \\ inside "…", or once inside a raw string """…"""`,
		`wildcards cannot be escaped: test a literal * or ? with ==, in~ or regex`)
	b.WriteString(s[:1+size])
	return 1 + size
}

// unicodeEscape reads \u{XX} with two to eight hexadecimal digits.
func (l *lexer) unicodeEscape(s string, b *strings.Builder, start diag.Pos) int {
	n := 3
	for n < len(s) && n < 12 && isHex(s[n]) {
		n++
	}
	if n == len(s) || s[n] != '}' || n < 5 || n > 11 {
		l.advance(3)
		l.fault(diag.EQLSyntax, l.from(start), `a \u{…} escape needs two to eight hexadecimal digits`, `write it like \u{202e}`)
		return 3
	}
	l.advance(n + 1)
	v, _ := strconv.ParseUint(s[3:n], 16, 64)
	if v > 0x10ffff || v >= 0xd800 && v <= 0xdfff {
		l.fault(diag.EQLSyntax, l.from(start), fmt.Sprintf("U+%04X is not a character", v), "use a code point up to 10ffff")
		return n + 1
	}
	b.WriteRune(rune(v))
	return n + 1
}

// endgameString reads '…', ?'…' and ?"…", which Elasticsearch refuses, and goes on as if it were "…".
func (l *lexer) endgameString(rest string, start diag.Pos, quote string) {
	raw := start != l.at
	before := len(l.diags)
	if raw {
		l.endgameRaw(rest, start, quote)
	} else {
		l.plainString(rest, start, quote[0])
	}
	if len(l.diags) > before {
		return
	}
	if raw {
		l.fault(diag.EQLSyntax, l.from(start), "the raw string form ?"+quote+"…"+quote+" is not supported", `write """…"""`)
		return
	}
	l.fault(diag.EQLSyntax, l.from(start), "strings in single quotes are not supported", `write "…"`)
}

func (l *lexer) endgameRaw(rest string, start diag.Pos, quote string) {
	line := rest[:lineEnd(rest)]
	for i := 1; i < len(line); i++ {
		if line[i] == '\\' && i+1 < len(line) && line[i+1] == quote[0] {
			i++
			continue
		}
		if line[i] == quote[0] {
			l.skip(line[:i+1])
			l.add(tString, line[1:i], start)
			return
		}
	}
	l.skip(line)
	l.fault(diag.EQLSyntax, l.from(start), "this string is not closed on its line", `write """…"""`)
	l.add(tString, "", start)
}

func isHex(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
