package esql

import (
	"math"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// cond is a condition on the numbers of a group. A comparison with a missing number is null, which WHERE takes for false;
// under `not` it is made false.
func (x *body) cond(c ir.Cond) syntax.Expr {
	switch c := c.(type) {
	case *ir.CondAnd:
		return syntax.All(x.conds(c.Xs)...)
	case *ir.CondOr:
		return syntax.Any(x.conds(c.Xs)...)
	case *ir.CondNot:
		return syntax.Negate(syntax.Func("COALESCE", x.cond(c.X), syntax.Boolean(false)))
	case *ir.CondCmp:
		return syntax.Op(signs[c.Op], x.number(c.L).expr, x.number(c.R).expr)
	}
	panic("esql: an unknown condition")
}

// conjuncts returns the members of an `and`.
func (x *body) conjuncts(c ir.Cond) []syntax.Expr {
	if and, ok := c.(*ir.CondAnd); ok {
		return x.conds(and.Xs)
	}
	return []syntax.Expr{x.cond(c)}
}

func (x *body) conds(cs []ir.Cond) []syntax.Expr {
	out := make([]syntax.Expr, len(cs))
	for i, c := range cs {
		out[i] = x.cond(c)
	}
	return out
}

// number is a number of a group; whole says that its column holds integers.
type number struct {
	expr  syntax.Expr
	whole bool
}

// real makes a number a double: functions of several arguments want one type, and a quotient of integers is cut.
func (n number) real() syntax.Expr {
	if !n.whole {
		return n.expr
	}
	if lit, ok := n.expr.(*syntax.Num); ok {
		return syntax.Number(lit.Text + ".0")
	}
	return syntax.Func("TO_DOUBLE", n.expr)
}

func (x *body) number(n ir.Num) number {
	switch n := n.(type) {
	case *ir.NumLit:
		if n.Value == math.Trunc(n.Value) && math.Abs(n.Value) < 1<<53 {
			return number{syntax.Int(int64(n.Value)), true}
		}
		return number{double(n.Value), false}
	case *ir.NumAgg:
		return x.aggNumber(n)
	case *ir.NumBase:
		return number{syntax.Col(x.learned[n.What]), false}
	case *ir.NumArith:
		l, r := x.number(n.X), x.number(n.Y)
		whole := l.whole && r.whole
		switch {
		case n.Op == '+':
			return number{syntax.Op(syntax.Add, l.expr, r.expr), whole}
		case n.Op == '-':
			return number{syntax.Op(syntax.Sub, l.expr, r.expr), whole}
		case n.Op == '*' && whole: // a product of integers would end at 2^31 or 2^63
			return number{syntax.Op(syntax.Mul, l.real(), r.expr), false}
		case n.Op == '*':
			return number{syntax.Op(syntax.Mul, l.expr, r.expr), false}
		case whole:
			return number{syntax.Op(syntax.Div, l.real(), r.expr), false}
		}
		return number{syntax.Op(syntax.Div, l.expr, r.expr), false}
	case *ir.NumCall:
		var args []syntax.Expr
		for _, a := range n.Args {
			args = append(args, x.number(a).real())
		}
		return number{syntax.Func(map[ir.NumFunc]string{ir.NumMax: "GREATEST", ir.NumMin: "LEAST", ir.NumAbs: "ABS"}[n.Func], args...), false}
	case *ir.NumStep: // of sequences alone
	}
	panic("esql: an unknown number")
}

// aggNumber is an aggregate as a number; a time is one of milliseconds.
func (x *body) aggNumber(n *ir.NumAgg) number {
	a := x.rule.Agg(n)
	col := syntax.Expr(syntax.Col(x.aggs[n.Scope][n.Agg]))
	whole := a.Func == ir.AggCount || a.Func == ir.AggDistinct
	if a.Arg >= 0 && (a.Func == ir.AggSum || a.Func == ir.AggMin || a.Func == ir.AggMax) {
		typ := argType(x.bound, a.Arg)
		if typ == schema.Date {
			col = syntax.Func("TO_LONG", col)
		}
		whole = typ == schema.Long || typ == schema.Date
	}
	return number{col, whole}
}
