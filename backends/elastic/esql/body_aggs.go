package esql

import (
	"slices"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// nameAggs chooses the columns of the aggregates that the rule asks for; the others have none.
func (x *body) nameAggs() {
	used := x.usedAggs()
	scopes := x.rule.Scopes()
	for i, s := range scopes {
		names := make([]string, len(s.Aggs))
		for j, a := range s.Aggs {
			if !used[ir.NumAgg{Scope: i, Agg: j}] {
				continue
			}
			words := a.Name
			if len(scopes) > 1 && s.Name != "" {
				words = s.Name + "_" + a.Name
			}
			names[j] = x.fresh(words)
		}
		x.aggs = append(x.aggs, names)
	}
}

// usedAggs are the aggregates that the condition reads or a finding shows.
func (x *body) usedAggs() map[ir.NumAgg]bool {
	used := map[ir.NumAgg]bool{}
	var num func(n ir.Num)
	num = func(n ir.Num) {
		switch n := n.(type) {
		case *ir.NumAgg:
			used[*n] = true
		case *ir.NumArith:
			num(n.X)
			num(n.Y)
		case *ir.NumCall:
			for _, y := range n.Args {
				num(y)
			}
		case *ir.NumLit, *ir.NumBase, *ir.NumStep:
		}
	}
	var cond func(c ir.Cond)
	cond = func(c ir.Cond) {
		switch c := c.(type) {
		case *ir.CondAnd:
			for _, y := range c.Xs {
				cond(y)
			}
		case *ir.CondOr:
			for _, y := range c.Xs {
				cond(y)
			}
		case *ir.CondNot:
			cond(c.X)
		case *ir.CondCmp:
			num(c.L)
			num(c.R)
		}
	}
	cond(x.rule.When())
	for _, s := range x.rule.Emit.Shown {
		num(s.Value)
	}
	if _, ok := x.rule.Body.(*ir.Baseline); ok {
		used[ir.NumAgg{}] = true
	}
	return used
}

// scopeAggs are the aggregates of a scope.
func (x *body) scopeAggs(i int) []syntax.Field {
	var out []syntax.Field
	for j, a := range x.rule.Scopes()[i].Aggs {
		if name := x.aggs[i][j]; name != "" {
			out = append(out, x.aggregate(name, &a))
		}
	}
	return out
}

// aggregate is a column of STATS.
func (x *body) aggregate(name string, a *ir.Agg) syntax.Field {
	var conds []syntax.Expr
	if a.Where >= 0 {
		conds = append(conds, x.condition(a.Where))
	}
	var arg syntax.Expr
	var typ schema.Type
	array := false
	if a.Arg >= 0 {
		arg, typ, array = x.arg(a.Arg), argType(x.bound, a.Arg), argArray(x.bound, a.Arg)
	}
	f := syntax.Named(name, nil)
	switch a.Func {
	case ir.AggCount:
		f.Value = syntax.CountStar()
	case ir.AggDistinct:
		if typ.IsString() && !array {
			conds = append(conds, syntax.Op(syntax.Ne, arg, syntax.String("")))
		}
		f.Value = distinct(arg, typ.IsString() && array)
	case ir.AggValues:
		f.Value = syntax.Func("MV_SORT", syntax.Func("VALUES", arg))
	case ir.AggFirst, ir.AggLast:
		conds = append(conds, &syntax.IsNull{X: arg, Not: true})
		f.Value = syntax.Func(map[ir.AggFunc]string{ir.AggFirst: "FIRST", ir.AggLast: "LAST"}[a.Func], arg, syntax.Col(timestamp))
	case ir.AggMin:
		f.Value = syntax.Func("MIN", arg)
	case ir.AggMax:
		f.Value = syntax.Func("MAX", arg)
	case ir.AggSum, ir.AggAvg, ir.AggStddev, ir.AggMedian, ir.AggPercentile:
		if array {
			arg = syntax.Func("MV_DEDUPE", arg) // a repeat in one event is no further value
		}
		f.Value = statistic(a.Func, arg, typ)
	}
	if len(conds) > 0 {
		f.Where = syntax.All(conds...)
	}
	return f
}

// distinct counts values exactly, as COUNT_DISTINCT does not; withEmpty says that the empty text may be among them.
func distinct(arg syntax.Expr, withEmpty bool) syntax.Expr {
	n := syntax.Expr(syntax.Func("COALESCE", syntax.Func("MV_COUNT", syntax.Func("VALUES", arg)), syntax.Int(0)))
	if withEmpty {
		empty := syntax.Func("MV_CONTAINS", syntax.Func("VALUES", arg), syntax.String(""))
		n = syntax.Op(syntax.Sub, n, syntax.Func("CASE", empty, syntax.Int(1), syntax.Int(0)))
	}
	return n
}

// statistic is an aggregate of numbers. STD_DEV is that of a population, and the rule's that of a sample.
func statistic(f ir.AggFunc, arg syntax.Expr, typ schema.Type) syntax.Expr {
	switch f {
	case ir.AggSum:
		zero := syntax.Expr(double(0))
		if typ == schema.Long {
			zero = syntax.Func("TO_LONG", syntax.Int(0))
		}
		return syntax.Func("COALESCE", syntax.Func("SUM", arg), zero)
	case ir.AggAvg:
		return syntax.Func("AVG", arg)
	case ir.AggStddev:
		n := syntax.Func("COUNT", arg)
		of := syntax.Op(syntax.Div, n, syntax.Op(syntax.Sub, n, double(1)))
		sample := syntax.Op(syntax.Mul, syntax.Func("STD_DEV", arg), syntax.Func("SQRT", of))
		return syntax.Func("CASE", gt(n, syntax.Int(1)), sample, eq(n, syntax.Int(1)), double(0))
	case ir.AggCount, ir.AggDistinct, ir.AggMin, ir.AggMax, ir.AggMedian, ir.AggPercentile, ir.AggFirst, ir.AggLast, ir.AggValues:
	}
	panic("esql: " + f.String() + " passed the check and has no lowering")
}

func argType(b *ir.Bound, i int) schema.Type { return ir.TermType(b.Parts[0].Args[i]) }

func argArray(b *ir.Bound, i int) bool {
	return slices.ContainsFunc(b.Parts, func(p ir.Part) bool { return len(termArrays(p.Args[i])) > 0 })
}

// termArrays are the fields of a term that may hold several values.
func termArrays(t ir.Term) []*ir.Field {
	var out []*ir.Field
	for _, f := range ir.FieldsOf(&ir.Rel{Op: ir.Eq, L: t, R: &ir.Lit{Value: schema.Int(0)}}) {
		if f.Array {
			out = append(out, f)
		}
	}
	return out
}

// carried is a column that has one value in each group of a later STATS: several values of a list are kept.
func (x *body) carried(name string, a *ir.Agg) syntax.Field {
	switch a.Func {
	case ir.AggValues:
		return syntax.Named(name, syntax.Func("MV_SORT", syntax.Func("VALUES", syntax.Col(name))))
	case ir.AggFirst, ir.AggLast:
		return syntax.Named(name, syntax.Func("VALUES", syntax.Col(name)))
	case ir.AggCount, ir.AggDistinct, ir.AggSum, ir.AggAvg, ir.AggMin, ir.AggMax, ir.AggStddev, ir.AggMedian, ir.AggPercentile:
	}
	return syntax.Named(name, syntax.Func("MAX", syntax.Col(name)))
}

// aggColumns are the columns of all aggregates.
func (x *body) aggColumns() []string {
	var out []string
	for _, names := range x.aggs {
		out = append(out, names...)
	}
	return out
}

// shown are the columns of what a finding shows, and calculates those that are neither aggregates nor learned.
func (x *body) shown() []string {
	var out []string
	for _, s := range x.rule.Emit.Shown {
		switch n := s.Value.(type) {
		case *ir.NumAgg:
			out = append(out, x.aggs[n.Scope][n.Agg])
		case *ir.NumBase:
			out = append(out, x.learned[n.What])
		case *ir.NumLit, *ir.NumArith, *ir.NumCall:
			name := x.fresh(s.Name)
			x.eval(syntax.Named(name, x.number(n).expr))
			out = append(out, name)
		case *ir.NumStep: // of sequences alone
		}
	}
	return out
}
