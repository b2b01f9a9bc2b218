package ir

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/onerule/onerule/schema"
)

// Words returns a predicate on one line as an author writes it in a rule: what messages, reports and manifests show. A
// predicate without native fields reads back as the same one. [PrintPred] is the form for tools.
func Words(p Pred) string {
	var b strings.Builder
	writeWords(&b, p, bindsOr)
	return b.String()
}

// How strongly a place binds what stands there; a predicate that binds less stands in parentheses.
const (
	bindsOr  = iota // the whole condition, a parenthesis
	bindsAnd        // a member of `and`
	bindsNot        // behind `not`
	bindsOne        // the body of a quantifier
)

func writeWords(b *strings.Builder, p Pred, place int) {
	switch p := p.(type) {
	case *And:
		writeJunction(b, p.Xs, " and ", "true", place, bindsAnd)
	case *Or:
		writeJunction(b, p.Xs, " or ", "false", place, bindsOr)
	case *Not:
		writeNot(b, p.X, place)
	case *Const:
		fmt.Fprint(b, p.Value)
	case *Cmp:
		b.WriteString(cmpWords(p, false))
	case *Rel:
		b.WriteString(relWords(p, p.Op.String()))
	case *Exists:
		b.WriteString("exists " + termWords(p.F, 0))
	case *Empty:
		b.WriteString("empty " + termWords(p.F, 0))
	case *Quant:
		writeQuant(b, p.Kind.String(), p, place)
	case *Keyword:
		b.WriteString("keyword ")
		if p.Op != Contains {
			b.WriteString(p.Op.Info().Text + " ")
		}
		if p.Cased {
			b.WriteString("cased ")
		}
		b.WriteString(quoteWords(p.Text))
	}
}

// writeJunction writes `and` or `or`, which bind as strongly as own says; unit is what it means without members.
func writeJunction(b *strings.Builder, xs []Pred, word, unit string, place, own int) {
	switch len(xs) {
	case 0:
		b.WriteString(unit)
		return
	case 1:
		writeWords(b, xs[0], place)
		return
	}
	if place > own {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	for i, x := range xs {
		if i > 0 {
			b.WriteString(word)
		}
		writeWords(b, x, own)
	}
}

// writeNot writes the negation of a predicate with the language's own word for it where there is one.
func writeNot(b *strings.Builder, x Pred, place int) {
	switch x := x.(type) {
	case *Cmp:
		if x.Op == Eq {
			b.WriteString(cmpWords(x, true))
			return
		}
	case *Rel:
		if x.Op == Eq {
			b.WriteString(relWords(x, "!="))
			return
		}
	case *Quant:
		if x.Kind == Any {
			writeQuant(b, "none", x, place)
			return
		}
	case *And, *Or, *Not, *Const, *Exists, *Empty, *Keyword:
	}
	if _, nested := x.(*Not); nested && place == bindsOne {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	b.WriteString("not ")
	writeWords(b, x, max(place, bindsNot))
}

func writeQuant(b *strings.Builder, word string, p *Quant, place int) {
	if place == bindsOne {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	b.WriteString(word + " " + p.Var + " in " + termWords(p.Over, 0) + ": ")
	writeWords(b, p.Body, bindsOne)
}

func cmpWords(p *Cmp, negated bool) string {
	op := p.Op.String()
	switch {
	case p.Op != Eq:
	case len(p.R) > 1 && negated:
		op = "not in"
	case len(p.R) > 1:
		op = "in"
	case negated:
		op = "!="
	}
	vals := make([]string, len(p.R))
	for i, v := range p.R {
		vals[i] = valueWords(v)
	}
	right := strings.Join(vals, ", ")
	if len(vals) != 1 {
		right = "[" + right + "]"
	}
	return termWords(p.L, 0) + " " + casedWords(op, p.Cased) + " " + right
}

func relWords(p *Rel, op string) string {
	return termWords(p.L, 0) + " " + casedWords(op, p.Cased) + " " + termWords(p.R, 0)
}

func casedWords(op string, cased bool) string {
	if cased {
		return op + " cased"
	}
	return op
}

// termWords writes a term for a place that binds with some strength: 0 is a side of a comparison, then + and -, then * and /.
func termWords(t Term, place int) string {
	switch t := t.(type) {
	case *Field:
		return pathWords(t.Name)
	case *Elem:
		if t.Sub != "" {
			return pathWords(t.Var + "." + t.Sub)
		}
		return t.Var
	case *Lit:
		return valueWords(t.Value)
	case *Arith:
		own := 1
		if t.Op != '+' && t.Op != '-' {
			own = 2
		}
		s := termWords(t.X, own) + " " + string(t.Op) + " " + termWords(t.Y, own+1)
		if own < place {
			return "(" + s + ")"
		}
		return s
	case *Call:
		return t.Func.String() + "(" + termWords(t.X, 0) + ")"
	}
	return ""
}

// pathWords writes a field's name; segments that are no plain words stand in back-quotes.
func pathWords(name string) string {
	segments := strings.Split(name, ".")
	for i, s := range segments {
		if !plainSegment(s, i > 0) {
			segments[i] = "`" + strings.ReplaceAll(s, "`", "``") + "`"
		}
	}
	return strings.Join(segments, ".")
}

// plainSegment reports whether a segment of a path needs no quotes: letters, digits, _ and @, and - before a letter.
func plainSegment(s string, later bool) bool {
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '@'
		switch {
		case letter:
		case '0' <= c && c <= '9' && (i > 0 || later):
		case c == '-' && i > 0 && i+1 < len(s) && plainSegment(s[i+1:i+2], false):
		default:
			return false
		}
	}
	return s != ""
}

// valueWords writes a literal. Times and addresses are texts in rules.
func valueWords(v schema.Value) string {
	switch v.Type() {
	case schema.Keyword, schema.Text:
		return quoteWords(v.Str())
	case schema.Date, schema.IP:
		return quoteWords(v.String())
	case schema.Long, schema.Double, schema.Boolean, schema.Invalid:
	}
	return valueText(v)
}

// quoteWords writes a text as a literal: raw where that saves backslashes, else with escapes for what nobody could see.
func quoteWords(text string) string {
	hidden := func(r rune) bool {
		return unicode.IsControl(r) || r == unicode.ReplacementChar || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co)
	}
	if strings.ContainsAny(text, `\"`) && !strings.ContainsRune(text, '\'') && !strings.ContainsFunc(text, hidden) {
		return "'" + text + "'"
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		short := slices.Index([]rune("\"\\\n\r\t"), r)
		switch {
		case short >= 0:
			b.WriteString(`\` + `"\nrt`[short:short+1])
		case hidden(r):
			fmt.Fprintf(&b, `\u{%X}`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
