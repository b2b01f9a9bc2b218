package kusto

import (
	"math"
	"slices"
	"time"

	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// when builds the condition on the numbers of a group. A comparison that may be null is false then; below `not` that is said.
func (p *body) when(c ir.Cond, negated bool) syntax.Expr {
	switch c := c.(type) {
	case *ir.CondAnd:
		if negated {
			return syntax.AnyOf(p.whens(c.Xs, negated)...)
		}
		return syntax.AllOf(p.whens(c.Xs, negated)...)
	case *ir.CondOr:
		if negated {
			return syntax.AllOf(p.whens(c.Xs, negated)...)
		}
		return syntax.AnyOf(p.whens(c.Xs, negated)...)
	case *ir.CondNot:
		return p.when(c.X, !negated)
	case *ir.CondCmp:
		x, y := p.number(c.L), p.number(c.R)
		switch {
		case !negated:
			return syntax.Bin(signs[c.Op], x, y)
		case p.mayMiss(c.L) || p.mayMiss(c.R):
			return syntax.Not(syntax.Fn("coalesce", syntax.Bin(signs[c.Op], x, y), syntax.Bool(false)))
		}
		return syntax.Bin(oppositeSign[c.Op], x, y)
	}
	panic("kusto: unknown condition on numbers")
}

func (p *body) whens(cs []ir.Cond, negated bool) []syntax.Expr {
	out := make([]syntax.Expr, len(cs))
	for i, c := range cs {
		out[i] = p.when(c, negated)
	}
	return out
}

// twoValued is the condition as a value that is never null.
func (p *body) twoValued(c ir.Cond) syntax.Expr {
	x := p.when(c, false)
	if p.condMayMiss(c) {
		return syntax.Fn("coalesce", x, syntax.Bool(false))
	}
	return x
}

func (p *body) condMayMiss(c ir.Cond) bool {
	any := func(cs []ir.Cond) bool {
		for _, x := range cs {
			if p.condMayMiss(x) {
				return true
			}
		}
		return false
	}
	switch c := c.(type) {
	case *ir.CondAnd:
		return any(c.Xs)
	case *ir.CondOr:
		return any(c.Xs)
	case *ir.CondNot:
		return p.condMayMiss(c.X)
	case *ir.CondCmp:
		return p.mayMiss(c.L) || p.mayMiss(c.R)
	}
	return false
}

var oppositeSign = map[ir.Op]syntax.Op{ir.Eq: syntax.Ne, ir.Lt: syntax.Ge, ir.Le: syntax.Gt, ir.Gt: syntax.Le, ir.Ge: syntax.Lt}

// number is a literal: a whole one as a long.
func number(f float64) syntax.Expr {
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return syntax.Long(int64(f))
	}
	return syntax.Real(f)
}

// number builds a number of a group.
func (p *body) number(n ir.Num) syntax.Expr {
	switch n := n.(type) {
	case *ir.NumLit:
		if n.Param != "" {
			return p.param(n)
		}
		return number(n.Value)
	case *ir.NumAgg:
		col := syntax.Col(p.name(*n))
		if p.numType(n) == schema.Date {
			since := syntax.Bin(syntax.Sub, col, syntax.Datetime(time.Unix(0, 0)))
			return syntax.Fn("tolong", syntax.Bin(syntax.Div, since, syntax.Timespan(time.Millisecond)))
		}
		return col
	case *ir.NumBase:
		return syntax.Col(baselineColumns[n.What])
	case *ir.NumStep:
		panic("kusto: a step is no number of a group") // sequences are refused before
	case *ir.NumArith:
		x, y := p.number(n.X), p.number(n.Y)
		if n.Op != '/' {
			return syntax.Bin(calculations[n.Op], x, y)
		}
		quotient := syntax.Bin(syntax.Div, syntax.Fn("toreal", x), y)
		if lit, ok := n.Y.(*ir.NumLit); ok && lit.Value != 0 {
			return quotient
		}
		return syntax.Fn("iff", eq(y, syntax.Long(0)), syntax.Null(syntax.TypeReal), quotient)
	case *ir.NumCall:
		return p.numCall(n)
	}
	panic("kusto: unknown number")
}

var numFuncs = map[ir.NumFunc]string{ir.NumMax: "max_of", ir.NumMin: "min_of", ir.NumAbs: "abs"}

// numCall builds max, min and abs; max_of and min_of want one type, and pass over nulls, which the rule does not.
func (p *body) numCall(n *ir.NumCall) syntax.Expr {
	real, missing := false, []syntax.Expr(nil)
	args := make([]syntax.Expr, len(n.Args))
	for i, a := range n.Args {
		args[i] = p.number(a)
		real = real || p.isReal(a)
		if p.mayMiss(a) {
			missing = append(missing, syntax.Fn("isnull", args[i]))
		}
	}
	if n.Func == ir.NumAbs || len(args) == 1 {
		if n.Func == ir.NumAbs {
			return syntax.Fn("abs", args[0])
		}
		return args[0]
	}
	for i, a := range n.Args {
		if real && !p.isReal(a) {
			args[i] = asReal(args[i])
		}
	}
	x := syntax.Fn(numFuncs[n.Func], args...)
	if len(missing) == 0 {
		return x
	}
	null := syntax.Null(syntax.TypeLong)
	if real {
		null = syntax.Null(syntax.TypeReal)
	}
	return syntax.Fn("iff", syntax.AnyOf(missing...), null, x)
}

func asReal(x syntax.Expr) syntax.Expr {
	if lit, ok := x.(*syntax.LongLit); ok {
		return syntax.Real(float64(lit.Value))
	}
	return syntax.Fn("toreal", x)
}

// param names a parameter by a let at the head of the query, where an engineer finds it.
func (p *body) param(n *ir.NumLit) syntax.Expr {
	i := slices.IndexFunc(p.params, func(l *syntax.Let) bool { return l.Name == p.paramNames[n.Param] })
	if i < 0 {
		i = len(p.params)
		name := n.Param
		if p.taken[name] {
			name += "_param"
		}
		p.paramNames[n.Param] = p.fresh(name)
		p.params = append(p.params, syntax.LetOf(p.paramNames[n.Param], number(n.Value)))
	}
	return syntax.Col(p.params[i].Name)
}

// mayMiss reports whether a number may be null.
func (p *body) mayMiss(n ir.Num) bool {
	switch n := n.(type) {
	case *ir.NumLit, *ir.NumBase, *ir.NumStep:
		return false
	case *ir.NumAgg:
		switch p.agg(*n).Func {
		case ir.AggCount, ir.AggDistinct, ir.AggSum:
			return false
		case ir.AggAvg, ir.AggMin, ir.AggMax, ir.AggStddev, ir.AggMedian, ir.AggPercentile, ir.AggFirst, ir.AggLast, ir.AggValues:
		}
		return true
	case *ir.NumArith:
		lit, constant := n.Y.(*ir.NumLit)
		return p.mayMiss(n.X) || p.mayMiss(n.Y) || n.Op == '/' && (!constant || lit.Value == 0)
	case *ir.NumCall:
		for _, a := range n.Args {
			if p.mayMiss(a) {
				return true
			}
		}
	}
	return false
}

// isReal reports whether a number is of type real in the query.
func (p *body) isReal(n ir.Num) bool {
	switch n := n.(type) {
	case *ir.NumLit:
		return n.Value != math.Trunc(n.Value) || math.Abs(n.Value) >= 1<<53
	case *ir.NumBase:
		return true
	case *ir.NumStep:
		return false
	case *ir.NumAgg:
		return p.numType(n) == schema.Double
	case *ir.NumArith:
		return n.Op == '/' || p.isReal(n.X) || p.isReal(n.Y)
	case *ir.NumCall:
		for _, a := range n.Args {
			if p.isReal(a) {
				return true
			}
		}
	}
	return false
}

// numType is the type of an aggregate's column: sums of longs are longs.
func (p *body) numType(n *ir.NumAgg) schema.Type {
	a := p.agg(*n)
	switch a.Func {
	case ir.AggCount, ir.AggDistinct:
		return schema.Long
	case ir.AggSum, ir.AggMin, ir.AggMax:
		return ir.TermType(p.rule.Args[a.Arg])
	case ir.AggAvg, ir.AggStddev, ir.AggMedian, ir.AggPercentile, ir.AggFirst, ir.AggLast, ir.AggValues:
	}
	return schema.Double
}

// shown returns the columns of what a finding shows; what is no column yet becomes one.
func (p *body) shown() (names []string, extend []syntax.Operator) {
	var items []syntax.Item
	for _, s := range p.rule.Emit.Shown {
		switch n := s.Value.(type) {
		case *ir.NumAgg:
			names = append(names, p.name(*n))
			continue
		case *ir.NumBase:
			names = append(names, baselineColumns[n.What])
			continue
		case *ir.NumLit, *ir.NumStep, *ir.NumArith, *ir.NumCall:
		}
		name := p.fresh("shown")
		names = append(names, name)
		items = append(items, syntax.Named(name, p.number(s.Value)))
	}
	if len(items) > 0 {
		extend = []syntax.Operator{&syntax.Extend{Items: items}}
	}
	return names, extend
}
