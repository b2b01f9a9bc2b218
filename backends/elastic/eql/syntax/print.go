package syntax

import (
	"strconv"
	"strings"
)

// lineWidth is the length beyond which a condition is broken at its top-level operators.
const lineWidth = 110

// Print writes a query in its one canonical form: [Parse] of the text gives the same tree again, and printing that gives
// the same text.
func Print(q *Query) string {
	var p printer
	switch s := q.Statement.(type) {
	case *EventQuery:
		p.event(s, "  ")
	case *Sequence:
		p.sequence(s)
	case *Sample:
		p.sample(s)
	}
	for _, pipe := range q.Pipes {
		p.line("| " + pipe.Name + " " + strconv.FormatInt(pipe.Count, 10))
	}
	return p.b.String()
}

// PrintExpr writes an expression on one line.
func PrintExpr(x Expr) string {
	var p printer
	p.expr(x, levelOr)
	return p.b.String()
}

// The levels of precedence, from the weakest.
const (
	levelOr = iota + 1
	levelAnd
	levelNot
	levelCompare
	levelAdd
	levelMul
	levelSign
	levelPredicate
	levelPrimary
)

type printer struct{ b strings.Builder }

func (p *printer) line(s string) {
	p.b.WriteByte('\n')
	p.b.WriteString(s)
}

func (p *printer) sequence(s *Sequence) {
	p.b.WriteString("sequence")
	p.by(s.Keys)
	if s.MaxSpan != nil {
		p.b.WriteString(" with maxspan=" + strconv.FormatInt(s.MaxSpan.Count, 10) + s.MaxSpan.Unit)
	}
	for i := range s.Terms {
		p.line("  ")
		p.term(&s.Terms[i])
	}
	if s.Until != nil {
		p.line("until ")
		p.term(s.Until)
	}
}

func (p *printer) sample(s *Sample) {
	p.b.WriteString("sample")
	p.by(s.Keys)
	for i := range s.Terms {
		p.line("  ")
		p.term(&s.Terms[i])
	}
}

func (p *printer) by(keys []*Field) {
	for i, k := range keys {
		if i == 0 {
			p.b.WriteString(" by ")
		} else {
			p.b.WriteString(", ")
		}
		p.field(k)
	}
}

func (p *printer) term(t *Term) {
	if t.Missing {
		p.b.WriteByte('!')
	}
	p.b.WriteByte('[')
	p.event(t.Event, "    ")
	p.b.WriteByte(']')
	p.by(t.Keys)
	if t.Runs > 0 {
		p.b.WriteString(" with runs=" + strconv.Itoa(t.Runs))
	}
}

// event writes `category where condition`, broken into lines with the indent given when it is long.
func (p *printer) event(q *EventQuery, indent string) {
	switch {
	case q.Category.Any:
		p.b.WriteString("any")
	case isPlainName(q.Category.Name):
		p.b.WriteString(q.Category.Name)
	default:
		p.b.WriteString(quoteString(q.Category.Name))
	}
	p.b.WriteString(" where ")
	text := PrintExpr(q.Where)
	l, ok := q.Where.(*Logical)
	if !ok || len(text) <= lineWidth {
		p.b.WriteString(text)
		return
	}
	for i, x := range l.Xs {
		if i > 0 {
			p.line(indent + string(l.Op) + " ")
		}
		p.expr(x, levelNot)
	}
}

func (p *printer) field(f *Field) {
	if f.Optional {
		p.b.WriteByte('?')
	}
	p.b.WriteString(quoteName(f.Name))
}

// level is the precedence of an expression as it is printed.
func level(x Expr) int {
	switch x := x.(type) {
	case *Null, *Bool, *Number, *String, *Field, *Call:
		return levelPrimary
	case *In, *Match:
		return levelPredicate
	case *Sign:
		return levelSign
	case *Arith:
		if x.Op == Add || x.Op == Sub {
			return levelAdd
		}
		return levelMul
	case *Compare:
		return levelCompare
	case *Not:
		return levelNot
	case *Logical:
		if x.Op == And {
			return levelAnd
		}
		return levelOr
	}
	return levelPrimary
}

// expr writes x, in parentheses when it binds weaker than least.
func (p *printer) expr(x Expr, least int) {
	if level(x) < least {
		p.b.WriteByte('(')
		defer p.b.WriteByte(')')
	}
	switch x := x.(type) {
	case *Null:
		p.b.WriteString("null")
	case *Bool:
		p.b.WriteString(strconv.FormatBool(x.Value))
	case *Number:
		p.b.WriteString(x.Text)
	case *String:
		p.b.WriteString(quoteString(x.Value))
	case *Field:
		p.field(x)
	case *Call:
		p.call(x)
	case *Not:
		p.b.WriteString("not ")
		p.expr(x.X, levelNot)
	case *Logical:
		// Operands that mix and with or are parenthesised, for the reader's sake.
		p.operands(x.Xs, " "+string(x.Op)+" ", levelNot)
	case *Compare:
		p.operand(x.L, levelAdd)
		p.b.WriteString(" " + string(x.Op) + " ")
		p.operand(x.R, levelAdd)
	case *Arith:
		own := level(x)
		p.operand(x.L, own)
		p.b.WriteString(" " + string(x.Op) + " ")
		p.operand(x.R, own+1)
	case *Sign:
		p.b.WriteByte(signByte(x.Minus))
		p.operand(x.X, levelSign)
	case *In:
		p.in(x)
	case *Match:
		p.match(x)
	}
}

// operand writes an operand of a comparison or calculation; a test among them gets parentheses, for the reader's sake.
func (p *printer) operand(x Expr, least int) {
	if level(x) == levelPredicate {
		least = levelPrimary
	}
	p.expr(x, least)
}

func (p *printer) operands(xs []Expr, separator string, least int) {
	for i, x := range xs {
		if i > 0 {
			p.b.WriteString(separator)
		}
		p.expr(x, least)
	}
}

func (p *printer) call(x *Call) {
	p.b.WriteString(x.Name)
	if x.Insensitive {
		p.b.WriteByte('~')
	}
	p.b.WriteByte('(')
	p.operands(x.Args, ", ", levelOr)
	p.b.WriteByte(')')
}

func (p *printer) in(x *In) {
	p.expr(x.X, levelPrimary)
	if x.Not {
		p.b.WriteString(" not")
	}
	p.b.WriteString(" in")
	if x.Insensitive {
		p.b.WriteByte('~')
	}
	p.b.WriteString(" (")
	p.operands(x.List, ", ", levelOr)
	p.b.WriteByte(')')
}

func (p *printer) match(x *Match) {
	p.expr(x.X, levelPrimary)
	p.b.WriteString(" " + string(x.Op) + " ")
	quote := quoteString
	if x.Op == Regex || x.Op == RegexInsensitive {
		quote = quoteRegex
	}
	if len(x.Patterns) != 1 {
		p.b.WriteByte('(')
		defer p.b.WriteByte(')')
	}
	for i, s := range x.Patterns {
		if i > 0 {
			p.b.WriteString(", ")
		}
		p.b.WriteString(quote(s.Value))
	}
}

func signByte(minus bool) byte {
	if minus {
		return '-'
	}
	return '+'
}
