package spl

import (
	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/ir"
)

// opposite are the comparisons that are true exactly when the others are false, of numbers that are not missing.
var opposite = map[string]string{"=": "!=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}

// cond builds a condition on the numbers of a group, or its plain negation: a comparison with a missing number is false, so
// that its negation is true.
func (x *body) cond(c ir.Cond, negated bool) syntax.Expr {
	switch c := c.(type) {
	case *ir.CondAnd:
		return x.conds(c.Xs, !negated, negated)
	case *ir.CondOr:
		return x.conds(c.Xs, negated, negated)
	case *ir.CondNot:
		return x.cond(c.X, !negated)
	case *ir.CondCmp:
		l, missL := x.number(c.L)
		r, missR := x.number(c.R)
		op := signs[c.Op]
		l, r = exact(l), exact(r)
		switch {
		case !negated:
			return syntax.Op(op, l, r)
		case !missL && !missR:
			return syntax.Op(opposite[op], l, r)
		}
		return eq(syntax.Fn("if", syntax.Op(op, l, r), syntax.Int(1), syntax.Int(0)), syntax.Int(0))
	}
	panic("spl: unknown condition")
}

func (x *body) conds(cs []ir.Cond, all, negated bool) syntax.Expr {
	out := make([]syntax.Expr, len(cs))
	for i, c := range cs {
		out[i] = x.cond(c, negated)
	}
	if all {
		return and(out...)
	}
	return syntax.OrE(out...)
}

// exact keeps eval from rounding a product or quotient to the digits of its operands.
func exact(e syntax.Expr) syntax.Expr {
	if rounds(e) {
		return syntax.Fn("exact", e)
	}
	return e
}

func rounds(e syntax.Expr) bool {
	switch e := e.(type) {
	case *syntax.Binary:
		return e.Op == "*" || e.Op == "/" || rounds(e.L) || rounds(e.R)
	case *syntax.Unary:
		return rounds(e.X)
	case *syntax.Call:
		for _, a := range e.Args {
			if rounds(a) {
				return e.Name != "exact"
			}
		}
	case *syntax.Num, *syntax.Str, *syntax.Field, *syntax.Logic, *syntax.InList, *syntax.MacroExpr, *syntax.SubExpr:
	}
	return false
}

// number builds a number of a group and tells whether it may be missing.
func (x *body) number(n ir.Num) (e syntax.Expr, missing bool) {
	switch n := n.(type) {
	case *ir.NumLit:
		if n.Param != "" && x.macro != nil {
			if name := x.macro(n.Param); name != "" {
				return syntax.MacroE(name), false
			}
		}
		return syntax.Float(n.Value), false
	case *ir.NumAgg:
		a := x.rule.Agg(n)
		return syntax.F(x.names[n.Scope][n.Agg]), a.Func != ir.AggCount && a.Func != ir.AggDistinct && a.Func != ir.AggSum
	case *ir.NumBase:
		return syntax.F(x.learned[n.What]), false
	case *ir.NumArith:
		l, missL := x.number(n.X)
		r, missR := x.number(n.Y)
		lit, constant := n.Y.(*ir.NumLit)
		return syntax.Op(string(n.Op), l, r), missL || missR || n.Op == '/' && (!constant || lit.Value == 0 || lit.Param != "")
	case *ir.NumCall:
		return x.call(n)
	case *ir.NumStep: // of sequences alone
	}
	panic("spl: unknown number")
}

// call builds max, min or abs. Those of eval pass over null, those of rules are then missing.
func (x *body) call(n *ir.NumCall) (e syntax.Expr, missing bool) {
	var args, absent []syntax.Expr
	for _, a := range n.Args {
		arg, miss := x.number(a)
		args = append(args, arg)
		if miss {
			absent = append(absent, syntax.Fn("isnull", arg))
		}
	}
	f := syntax.Fn(n.Func.String(), args...)
	if len(absent) == 0 || n.Func == ir.NumAbs {
		return f, len(absent) > 0
	}
	return syntax.Fn("if", syntax.OrE(absent...), syntax.Fn("null"), f), true
}
