package spl

import (
	"slices"

	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/ir"
)

// ranked are the columns of a value, its place among the values of its group from the least on, and their number.
type ranked struct{ value, rank, number string }

// isRanked reports whether an aggregate is a value at a place in order. The functions of stats for it estimate, or choose
// another one of the values beside the place.
func isRanked(f ir.AggFunc) bool { return f == ir.AggMedian || f == ir.AggPercentile }

// rank numbers the values of an aggregate in each group.
func (x *body) rank(a *ir.Agg, name string, keys []int) {
	if !isRanked(a.Func) {
		return
	}
	r := ranked{x.fresh(name + "_value"), x.fresh(name + "_rank"), x.fresh(name + "_number")}
	x.eval(r.value, syntax.Fn("tonumber", x.argument(a)))
	x.sorted(syntax.SortKey{Func: "num", Name: r.value})
	by := slices.Concat([]string{x.window}, x.columnNames(keys))
	x.stats(syntax.Streamstats, []syntax.Agg{syntax.AggOf("count", r.value, r.rank)}, by)
	x.stats(syntax.Eventstats, []syntax.Agg{syntax.AggOf("count", r.value, r.number)}, by)
	if x.ranks == nil {
		x.ranks = map[*ir.Agg]ranked{}
	}
	x.ranks[a] = r
}

// atRank takes the value at the place that the aggregate asks for: the two in the middle of a median, the first one that at
// least so many percent of the values do not exceed.
func (x *body) atRank(a *ir.Agg, as string) syntax.Agg {
	r := x.ranks[a]
	rank, n := syntax.F(r.rank), syntax.F(r.number)
	take := func(c syntax.Expr) syntax.Expr {
		return syntax.Fn("if", c, syntax.F(r.value), syntax.Fn("null"))
	}
	if a.Func == ir.AggMedian {
		half := func(n syntax.Expr) syntax.Expr {
			return syntax.Fn("floor", syntax.Op("/", n, syntax.Int(2)))
		}
		one := syntax.Int(1)
		return syntax.Agg{Func: "avg", Eval: take(syntax.OrE(eq(rank, half(plus(n, one))), eq(rank, plus(half(n), one)))), As: as}
	}
	bound := func() syntax.Expr { return syntax.Fn("exact", times(n, syntax.Float(a.Percent))) }
	hundred := func(e syntax.Expr) syntax.Expr { return times(e, syntax.Int(100)) }
	first := syntax.OrE(eq(rank, syntax.Int(1)), lt(hundred(minus(rank, syntax.Int(1))), bound()))
	return syntax.Agg{Func: "max", Eval: take(and(ge(hundred(rank), bound()), first)), As: as}
}
