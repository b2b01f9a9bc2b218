package spl

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/onerule/onerule/ir/pattern"
)

// pcre prints an expression in the part of PCRE that does not depend on flags or on the engine's character mode. counts is
// true when it counts characters beyond ASCII one by one, which an engine in byte mode would not; ok is false when it has a
// class that cannot be written without such a mode.
// Sources: reference spl.md 2.2 and 4.2; the PCRE manual page pcresyntax.
func pcre(n pattern.Node) (re string, counts, ok bool) {
	p := &pcrePrinter{ok: true}
	p.node(n, 0)
	return p.b.String(), p.counts, p.ok
}

type pcrePrinter struct {
	b          strings.Builder
	counts, ok bool
}

// Precedences of the printed form.
const (
	inAlternate = iota
	inConcat
	inRepeat
)

func (p *pcrePrinter) group(open bool, f func()) {
	if open {
		p.b.WriteString("(?:")
		f()
		p.b.WriteByte(')')
		return
	}
	f()
}

func (p *pcrePrinter) node(n pattern.Node, prec int) {
	switch n := n.(type) {
	case *pattern.Runes:
		p.group(prec == inRepeat && len(n.Text) > 1, func() { p.b.WriteString(quotePCRE(n.Text)) })
	case *pattern.Class:
		p.class(n, false)
	case *pattern.Concat:
		p.group(prec == inRepeat, func() {
			for _, x := range n.Xs {
				p.node(x, inConcat)
			}
		})
	case *pattern.Alternate:
		p.group(prec > inAlternate, func() {
			for i, x := range n.Xs {
				if i > 0 {
					p.b.WriteByte('|')
				}
				p.node(x, inConcat)
			}
		})
	case *pattern.Repeat:
		p.repeat(n, prec)
	case *pattern.Begin:
		p.b.WriteByte('^')
	case *pattern.End:
		p.b.WriteString(`\z`)
	}
}

// repeat prints a repetition; of a wide class without an upper limit it makes no difference whether bytes or characters are
// counted, as long as at most one is asked for.
func (p *pcrePrinter) repeat(n *pattern.Repeat, prec int) {
	p.group(prec == inRepeat, func() {
		switch x := n.X.(type) {
		case *pattern.Class:
			p.class(x, n.Max < 0 && n.Min <= 1)
		case *pattern.Begin, *pattern.End:
			p.group(true, func() { p.node(x, inAlternate) })
		case *pattern.Runes, *pattern.Concat, *pattern.Alternate, *pattern.Repeat:
			p.node(n.X, inRepeat)
		}
		p.b.WriteString(pattern.Quantifier(n))
	})
}

// maxRunes is the largest number of characters beyond ASCII that a class is written out with.
const maxRunes = 16

func (p *pcrePrinter) class(c *pattern.Class, free bool) {
	ranges := c.Ranges
	if len(ranges) == 0 {
		p.b.WriteString(`(?!)`)
		return
	}
	if ranges[len(ranges)-1].Hi == unicode.MaxRune {
		p.counts = p.counts || !free
		out := pattern.Complement(ranges)
		switch {
		case len(out) == 0:
			p.b.WriteString("(?s:.)")
		case out[len(out)-1].Hi >= utf8.RuneSelf:
			p.ok = false
		default:
			p.brackets("[^", out)
		}
		return
	}
	var ascii []pattern.Range
	var alternatives []string
	for _, r := range ranges {
		if r.Lo < utf8.RuneSelf {
			ascii = append(ascii, pattern.Range{Lo: r.Lo, Hi: min(r.Hi, utf8.RuneSelf-1)})
		}
		for x := max(r.Lo, utf8.RuneSelf); x <= r.Hi; x++ {
			if len(alternatives) == maxRunes {
				p.ok = false
				return
			}
			alternatives = append(alternatives, string(x))
		}
	}
	if len(alternatives) == 0 {
		p.brackets("[", ascii)
		return
	}
	p.b.WriteString("(?:")
	if len(ascii) > 0 {
		p.brackets("[", ascii)
		p.b.WriteByte('|')
	}
	p.b.WriteString(strings.Join(alternatives, "|"))
	p.b.WriteByte(')')
}

func (p *pcrePrinter) brackets(open string, ranges []pattern.Range) {
	p.b.WriteString(open)
	for _, r := range ranges {
		p.b.WriteString(classRune(r.Lo))
		if r.Hi > r.Lo {
			if r.Hi > r.Lo+1 {
				p.b.WriteByte('-')
			}
			p.b.WriteString(classRune(r.Hi))
		}
	}
	p.b.WriteByte(']')
}

func classRune(r rune) string {
	switch {
	case strings.ContainsRune(`\.+*?()[]{}^$|-`, r):
		return `\` + string(r)
	case r < 0x20 || r == 0x7f:
		return hexRune(r)
	}
	return string(r)
}

func hexRune(r rune) string {
	s := strconv.FormatInt(int64(r), 16)
	if len(s) < 2 {
		s = "0" + s
	}
	return `\x` + s
}

// quotePCRE writes a text as an expression that fits exactly it.
func quotePCRE(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case strings.ContainsRune(`\.+*?()[]{}^$|`, r):
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f:
			b.WriteString(hexRune(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
