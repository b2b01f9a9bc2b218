package secl

import (
	"slices"
	"strings"
	"unicode"

	"github.com/onerule/onerule/backends/datadog/secl/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
)

// regularExpression makes r"…" of an expression that the functions of this file have printed.
func regularExpression(re string) syntax.Expr {
	x, err := syntax.RegularExpression(re)
	if err != nil {
		panic("secl: " + err.Error())
	}
	return x
}

// literalRegexp prints the regular expression that says the same as a text operator with a literal. Where case is ignored, it
// begins with (?i) and writes out what RE2 would fold otherwise than the rule: k and s, which have a partner beyond ASCII, and
// letters beyond ASCII. On fields on which the agent ignores case, one that minds it begins with (?-i).
func literalRegexp(op ir.Op, cased bool, v string, folds bool) string {
	parts := pattern.Glob{{Kind: pattern.Literal, Text: v}}
	begin, end := "", ""
	switch op {
	case ir.Eq:
		begin, end = "^", "$"
	case ir.StartsWith:
		begin = "^"
	case ir.EndsWith:
		end = "$"
	case ir.Like:
		parts, begin, end = pattern.ParseGlob(v), "^", "$"
	case ir.Contains, ir.Matches, ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
	}
	if n := len(parts); n > 0 && parts[0].Kind == pattern.Star { // an expression is searched anywhere
		begin, parts = "", parts[1:]
	}
	if n := len(parts); n > 0 && parts[n-1].Kind == pattern.Star {
		end, parts = "", parts[:n-1]
	}
	fold := !cased && folding(v)
	var b strings.Builder
	lines := false
	for _, p := range parts {
		switch p.Kind {
		case pattern.Literal:
			if fold {
				writeFolded(&b, p.Text)
			} else {
				b.WriteString(syntax.QuoteRegexp(p.Text))
			}
		case pattern.Star:
			b.WriteString(".*")
			lines = true
		case pattern.One:
			b.WriteByte('.')
			lines = true
		}
	}
	return flags(fold, lines, folds && folding(v)) + begin + b.String() + end
}

// folding reports whether RE2 and the agent take another code point for one of the text when they ignore case. U+212A has
// one, k, although it has no other case to the rule.
func folding(v string) bool {
	return strings.ContainsFunc(v, func(r rune) bool { return unicode.SimpleFold(r) != r })
}

// flags are those at the beginning: i where case is ignored, s where a dot stands for line ends too, -i where the agent would
// ignore case and the rule does not.
func flags(fold, lines, minds bool) string {
	on, off := "", ""
	if fold {
		on += "i"
	} else if minds {
		off = "-i"
	}
	if lines {
		on += "s"
	}
	if on+off == "" {
		return ""
	}
	return "(?" + on + off + ")"
}

// writeFolded writes a text behind (?i).
func writeFolded(b *strings.Builder, text string) {
	for _, r := range text {
		switch {
		case unicode.SimpleFold(r) == r || r < 0x80 && !strings.ContainsRune("kKsS", r):
			b.WriteString(syntax.QuoteRegexp(string(r)))
		default:
			b.WriteString("(?-i:")
			writeClass(b, variants(r))
			b.WriteByte(')')
		}
	}
}

func variants(r rune) *pattern.Class {
	c := &pattern.Class{}
	for _, v := range pattern.Variants(r) {
		c.Ranges = append(c.Ranges, pattern.Range{Lo: v, Hi: v})
	}
	slices.SortFunc(c.Ranges, func(a, b pattern.Range) int { return int(a.Lo) - int(b.Lo) })
	return c
}

// nodeRegexp prints a regular expression; its case folding is written out already. folds says that the agent ignores case.
func nodeRegexp(n pattern.Node, folds bool) string {
	var b strings.Builder
	writeNode(&b, n, 0)
	return flags(false, false, folds) + b.String()
}

// writeNode prints by precedence: 0 alternation, 1 concatenation, 2 repetition.
func writeNode(b *strings.Builder, n pattern.Node, prec int) {
	group := func(p int) func() {
		if prec <= p {
			return func() {}
		}
		b.WriteString("(?:")
		return func() { b.WriteByte(')') }
	}
	switch n := n.(type) {
	case *pattern.Runes:
		if len([]rune(n.Text)) > 1 {
			defer group(1)()
		}
		b.WriteString(syntax.QuoteRegexp(n.Text))
	case *pattern.Class:
		writeClass(b, n)
	case *pattern.Concat:
		defer group(1)()
		for _, x := range n.Xs {
			writeNode(b, x, 1)
		}
		if len(n.Xs) == 0 {
			b.WriteString("(?:)")
		}
	case *pattern.Alternate:
		defer group(0)()
		for i, x := range n.Xs {
			if i > 0 {
				b.WriteByte('|')
			}
			writeNode(b, x, 1)
		}
	case *pattern.Repeat:
		defer group(1)()
		writeNode(b, n.X, 2)
		b.WriteString(pattern.Quantifier(n))
	case *pattern.Begin:
		b.WriteByte('^')
	case *pattern.End:
		b.WriteByte('$')
	}
}

func writeClass(b *strings.Builder, c *pattern.Class) {
	if len(c.Ranges) == 0 {
		b.WriteString(nothing)
		return
	}
	ranges, negated := c.Ranges, ""
	if ranges[len(ranges)-1].Hi == unicode.MaxRune {
		ranges, negated = complement(ranges), "^"
	}
	switch {
	case len(ranges) == 0:
		b.WriteString("(?s:.)")
		return
	case negated != "" && len(ranges) == 1 && ranges[0] == pattern.Range{Lo: '\n', Hi: '\n'}:
		b.WriteByte('.')
		return
	}
	b.WriteString("[" + negated)
	for _, r := range ranges {
		writeInClass(b, r.Lo)
		if r.Hi > r.Lo {
			if r.Hi > r.Lo+1 {
				b.WriteByte('-')
			}
			writeInClass(b, r.Hi)
		}
	}
	b.WriteByte(']')
}

// nothing is an expression that fits no text.
const nothing = `[^\x00-\x{10FFFF}]`

func writeInClass(b *strings.Builder, r rune) {
	if strings.ContainsRune(`\[]^-`, r) {
		b.WriteByte('\\')
	}
	b.WriteRune(r)
}

// complement returns the code points that sorted, disjoint ranges leave out.
func complement(rs []pattern.Range) []pattern.Range {
	var out []pattern.Range
	next := rune(0)
	for _, r := range rs {
		if r.Lo > next {
			out = append(out, pattern.Range{Lo: next, Hi: r.Lo - 1})
		}
		next = r.Hi + 1
	}
	if next <= unicode.MaxRune {
		out = append(out, pattern.Range{Lo: next, Hi: unicode.MaxRune})
	}
	return out
}
