package kusto

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/onerule/onerule/ir/pattern"
)

// regexpText prints an expression in the part of Kusto's regular expressions that all its engines read alike: no flags but
// (?s:…), classes spelled out, \z for the end, and < and > never escaped, because \< and \> are word boundaries there.
// Source: Microsoft Learn, "Regex syntax" (kusto/query/regex); operators.md section 4.
func regexpText(n pattern.Node) string {
	var b strings.Builder
	printRegexp(&b, n, 0)
	return b.String()
}

// Precedences of the printed form.
const (
	inAlternate = iota
	inConcat
	inRepeat
)

func printRegexp(b *strings.Builder, n pattern.Node, prec int) {
	group := func(open bool, f func()) {
		if open {
			b.WriteString("(?:")
			f()
			b.WriteByte(')')
			return
		}
		f()
	}
	switch n := n.(type) {
	case *pattern.Runes:
		group(prec == inRepeat && len([]rune(n.Text)) > 1, func() { b.WriteString(quoteRegexp(n.Text)) })
	case *pattern.Class:
		printClass(b, n)
	case *pattern.Concat:
		group(prec == inRepeat || len(n.Xs) == 0, func() {
			for _, x := range n.Xs {
				printRegexp(b, x, inConcat)
			}
		})
	case *pattern.Alternate:
		group(prec > inAlternate, func() {
			for i, x := range n.Xs {
				if i > 0 {
					b.WriteByte('|')
				}
				printRegexp(b, x, inConcat)
			}
		})
	case *pattern.Repeat:
		group(prec == inRepeat, func() {
			printRegexp(b, n.X, inRepeat)
			b.WriteString(pattern.Quantifier(n))
		})
	case *pattern.Begin:
		group(prec == inRepeat, func() { b.WriteByte('^') })
	case *pattern.End:
		group(prec == inRepeat, func() { b.WriteString(`\z`) })
	}
}

func quoteRegexp(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case strings.ContainsRune(`\.+*?()|[]{}^$`, r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteString(control(r))
		}
	}
	return b.String()
}

// control writes a control character as an escape and any other character as itself.
func control(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r < 0x20 || r == 0x7f:
		return `\x{` + strconv.FormatInt(int64(r), 16) + `}`
	}
	return string(r)
}

func printClass(b *strings.Builder, c *pattern.Class) {
	ranges, open := c.Ranges, "["
	if len(ranges) == 0 {
		b.WriteString(`[^\x{0}-\x{10FFFF}]`)
		return
	}
	if ranges[len(ranges)-1].Hi == unicode.MaxRune {
		ranges, open = pattern.Complement(ranges), "[^"
		if len(ranges) == 0 {
			b.WriteString("(?s:.)")
			return
		}
	}
	b.WriteString(open)
	for _, r := range ranges {
		b.WriteString(classRune(r.Lo))
		if r.Hi > r.Lo {
			b.WriteByte('-')
			b.WriteString(classRune(r.Hi))
		}
	}
	b.WriteByte(']')
}

func classRune(r rune) string {
	if strings.ContainsRune(`\]^[-&~`, r) {
		return `\` + string(r)
	}
	return control(r)
}
