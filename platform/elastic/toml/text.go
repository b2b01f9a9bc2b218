package toml

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// quote writes a text as a string of TOML 1.0: a text of several lines as a literal block where that holds it as it is, else as a
// block with escapes, one of a line in quotes.
func quote(s string) string {
	switch {
	case !strings.Contains(s, "\n"):
		return `"` + escape(s, false) + `"`
	case literal(s):
		return "'''\n" + s + "'''"
	}
	return "\"\"\"\n" + escape(s, true) + `"""`
}

// block writes a text as a literal block also when it has one line, as the queries of detection-rules are.
func block(s string) string {
	if literal(s) {
		return "'''\n" + s + "'''"
	}
	return quote(s)
}

// literal reports whether a block between three apostrophes holds a text: nothing is escaped there, and readers may change line ends other than \n.
func literal(s string) bool {
	if strings.Contains(s, "'''") || strings.HasSuffix(s, "'") {
		return false
	}
	for _, r := range s {
		if !unicode.IsPrint(r) && r != '\n' && r != '\t' {
			return false
		}
	}
	return true
}

// escape writes the inside of a string in quotes. What does not show, direction marks say, is written by its number, so that a
// reviewer sees it.
func escape(s string, lines bool) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n' && lines:
			b.WriteByte('\n')
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08X`, r)
		default:
			fmt.Fprintf(&b, `\u%04X`, r)
		}
	}
	return b.String()
}

// width is the longest list that stands on one line.
const width = 100

// list writes a list of texts, on one line where it is short.
func list(xs []string) string {
	var parts []string
	size := 0
	for _, x := range xs {
		s := `"` + escape(x, false) + `"`
		parts = append(parts, s)
		size += utf8.RuneCountInString(s) + 2
	}
	if size <= width {
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return "[\n    " + strings.Join(parts, ",\n    ") + ",\n]"
}

// writer writes tables of TOML.
type writer struct {
	b strings.Builder
}

func (w *writer) table(name string) {
	if w.b.Len() > 0 {
		w.b.WriteByte('\n')
	}
	w.b.WriteString(name + "\n")
}

func (w *writer) raw(key, value string)        { w.b.WriteString(key + " = " + value + "\n") }
func (w *writer) text(key, value string)       { w.raw(key, quote(value)) }
func (w *writer) number(key string, n int)     { w.raw(key, strconv.Itoa(n)) }
func (w *writer) list(key string, xs []string) { w.raw(key, list(xs)) }

// optional writes a text unless it is empty.
func (w *writer) optional(key, value string) {
	if value != "" {
		w.text(key, value)
	}
}

// optionalList writes a list unless it is empty.
func (w *writer) optionalList(key string, xs []string) {
	if len(xs) > 0 {
		w.list(key, xs)
	}
}
