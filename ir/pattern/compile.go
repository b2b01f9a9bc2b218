package pattern

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Compile returns a matcher for the expression: it prints the tree in RE2 syntax without flags, which Go runs in linear time.
func Compile(n Node) (*regexp.Regexp, error) {
	re, err := regexp.Compile(RE2(n))
	if err != nil {
		return nil, fmt.Errorf("pattern: %w", err)
	}
	return re, nil
}

// RE2 prints the expression in RE2 syntax.
func RE2(n Node) string {
	var b strings.Builder
	printRE2(&b, n, 0)
	return b.String()
}

// Precedences of the printed form: alternation, concatenation, repetition.
const (
	precAlternate = iota
	precConcat
	precRepeat
)

func printRE2(b *strings.Builder, n Node, prec int) {
	open := func(p int) func() {
		if prec > p {
			b.WriteString("(?:")
			return func() { b.WriteByte(')') }
		}
		return func() {}
	}
	switch n := n.(type) {
	case *Runes:
		if prec == precRepeat && len([]rune(n.Text)) > 1 {
			defer open(precConcat)()
		}
		b.WriteString(regexp.QuoteMeta(n.Text))
	case *Class:
		printRE2Class(b, n)
	case *Concat:
		defer open(precConcat)()
		for _, x := range n.Xs {
			printRE2(b, x, precConcat)
		}
		if len(n.Xs) == 0 {
			b.WriteString("(?:)")
		}
	case *Alternate:
		defer open(precAlternate)()
		for i, x := range n.Xs {
			if i > 0 {
				b.WriteByte('|')
			}
			printRE2(b, x, precConcat)
		}
	case *Repeat:
		defer open(precConcat)()
		printRE2(b, n.X, precRepeat)
		b.WriteString(Quantifier(n))
	case *Begin:
		b.WriteString(`\A`)
	case *End:
		b.WriteString(`\z`)
	}
}

// Quantifier returns the suffix * + ? or {m,n} of a repetition.
func Quantifier(n *Repeat) string {
	switch {
	case n.Min == 0 && n.Max == -1:
		return "*"
	case n.Min == 1 && n.Max == -1:
		return "+"
	case n.Min == 0 && n.Max == 1:
		return "?"
	case n.Max == -1:
		return "{" + strconv.Itoa(n.Min) + ",}"
	case n.Min == n.Max:
		return "{" + strconv.Itoa(n.Min) + "}"
	}
	return "{" + strconv.Itoa(n.Min) + "," + strconv.Itoa(n.Max) + "}"
}

func printRE2Class(b *strings.Builder, c *Class) {
	if len(c.Ranges) == 0 {
		b.WriteString(`[^\x{0}-\x{10FFFF}]`)
		return
	}
	b.WriteByte('[')
	for _, r := range c.Ranges {
		fmt.Fprintf(b, `\x{%X}`, r.Lo)
		if r.Hi > r.Lo {
			fmt.Fprintf(b, `-\x{%X}`, r.Hi)
		}
	}
	b.WriteByte(']')
}
