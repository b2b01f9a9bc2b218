package kusto

import (
	"slices"

	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// piece is what one summarize computes: aggregates over the same keys that expand the same array. first and last have a
// piece of their own.
type piece struct {
	keys []int
	// array is the argument that is expanded, -1 for none; pick tells that the piece is a first or last.
	array int
	pick  bool
	aggs  []ir.NumAgg
}

// pieces cuts the aggregates of a rule into pieces. The first has the keys of findings: it says which tuples there are.
func (p *body) pieces(per []int) []*piece {
	out := []*piece{{keys: per, array: -1}}
	for si, s := range p.rule.Scopes() {
		for ai, a := range s.Aggs {
			want := piece{keys: s.Keys, array: -1, pick: a.Func == ir.AggFirst || a.Func == ir.AggLast}
			if len(s.Keys) == len(per) { // in the order of the findings
				want.keys = per
			}
			if a.Arg >= 0 && p.argIsArray(a.Arg) {
				want.array = a.Arg
			}
			i := slices.IndexFunc(out, func(x *piece) bool {
				return slices.Equal(x.keys, want.keys) && x.array == want.array && !x.pick && !want.pick
			})
			if i < 0 {
				i = len(out)
				out = append(out, &want)
			}
			out[i].aggs = append(out[i].aggs, ir.NumAgg{Scope: si, Agg: ai})
		}
	}
	return out
}

func (p *body) argIsArray(i int) bool { return isArray(p.bound.Parts[0].Args[i]) }

// optional reports whether a tuple of the findings may lack a row of the piece.
func (x *piece) optional() bool { return x.array >= 0 || x.pick }

// name returns the result column of an aggregate.
func (p *body) name(n ir.NumAgg) string { return p.aggs[n.Scope][n.Agg] }

func (p *body) agg(n ir.NumAgg) *ir.Agg { return p.rule.Agg(&n) }

// expandKeys makes one event for each value of array keys, and keeps the events that have all keys.
func (p *body) expandKeys(keys []int) []syntax.Operator {
	var ops []syntax.Operator
	var present []syntax.Expr
	for _, k := range keys {
		c := p.keys[k]
		if c.array {
			ops = append(ops, expandColumn(c))
			continue
		}
		present = append(present, c.present())
	}
	if len(present) > 0 {
		ops = append([]syntax.Operator{&syntax.Where{Pred: syntax.AllOf(present...)}}, ops...)
	}
	return ops
}

// expandColumn makes one row for each value of a set.
func expandColumn(c column) syntax.Operator {
	name := c.expr.(*syntax.Name).Name
	return &syntax.MvExpand{Items: []syntax.ExpandItem{{Expr: syntax.Col(name), Type: kustoType(c.typ)}}}
}

// keyItems are the keys as group keys or columns.
func (p *body) keyItems(keys []int) []syntax.Item {
	var out []syntax.Item
	for _, k := range keys {
		out = append(out, syntax.Plain(p.keys[k].expr))
	}
	return out
}

func (p *body) keyExprs(keys []int) []syntax.Expr {
	var out []syntax.Expr
	for _, k := range keys {
		out = append(out, p.keys[k].expr)
	}
	return out
}

func (p *body) keyNames(keys []int) []string {
	var out []string
	for _, k := range keys {
		out = append(out, p.keys[k].expr.(*syntax.Name).Name)
	}
	return out
}

// summarize is the operators that compute a piece from rows with its keys; at is the column that first and last order by.
func (p *body) summarize(x *piece, at syntax.Expr, by []syntax.Item) []syntax.Operator {
	var ops []syntax.Operator
	if x.array >= 0 {
		ops = append(ops, expandColumn(p.args[x.array]))
	}
	if x.pick {
		return append(ops, p.pick(x, at, by)...)
	}
	sum := &syntax.Summarize{By: by}
	for _, n := range x.aggs {
		sum.Aggs = append(sum.Aggs, syntax.Named(p.name(n), p.aggregate(p.agg(n))))
	}
	return append(ops, sum)
}

// pick takes the value of the earliest or latest event that has one.
func (p *body) pick(x *piece, at syntax.Expr, by []syntax.Item) []syntax.Operator {
	n := x.aggs[0]
	a := p.agg(n)
	arg := p.args[a.Arg]
	fn := "arg_min"
	if a.Func == ir.AggLast {
		fn = "arg_max"
	}
	first := p.fresh(p.name(n) + "_at")
	item := syntax.Item{Names: []string{first, p.name(n)}, Tuple: true, Expr: syntax.Fn(fn, at, arg.expr)}
	return []syntax.Operator{
		&syntax.Where{Pred: p.takes(a, arg)},
		&syntax.Summarize{Aggs: []syntax.Item{item}, By: by},
		&syntax.ProjectAway{Columns: []syntax.Expr{syntax.Col(first)}},
	}
}

// takes is the condition that an event takes part in an aggregate of a column.
func (p *body) takes(a *ir.Agg, arg column) syntax.Expr {
	if a.Where < 0 {
		return arg.present()
	}
	return syntax.AllOf(p.conds[a.Where], arg.present())
}

// aggregate builds an aggregate function; the empty text and missing values never take part.
func (p *body) aggregate(a *ir.Agg) syntax.Expr {
	if a.Func == ir.AggCount {
		if a.Where < 0 {
			return syntax.Fn("count")
		}
		return syntax.Fn("countif", p.conds[a.Where])
	}
	arg := p.args[a.Arg]
	takes := p.takes(a, arg)
	x := arg.expr
	simple := func(fn string) syntax.Expr {
		if a.Where < 0 {
			return syntax.Fn(fn, x)
		}
		return syntax.Fn(fn+"if", x, p.conds[a.Where])
	}
	switch a.Func {
	case ir.AggDistinct:
		return syntax.Fn("count_distinctif", x, takes)
	case ir.AggSum:
		return simple("sum")
	case ir.AggAvg:
		return simple("avg")
	case ir.AggMin:
		return simple("min")
	case ir.AggMax:
		return simple("max")
	case ir.AggStddev: // of one value, and of none, it is not documented
		n := syntax.Fn("countif", takes)
		return syntax.Fn("case", gt(n, syntax.Long(1)), simple("stdev"), eq(n, syntax.Long(1)), syntax.Real(0), syntax.Null(syntax.TypeReal))
	case ir.AggMedian, ir.AggPercentile:
		return syntax.Fn("array_sort_asc", syntax.Fn("make_list_if", syntax.Fn("toreal", x), takes))
	case ir.AggValues:
		return syntax.Fn("array_sort_asc", syntax.Fn("make_set_if", x, takes))
	case ir.AggCount, ir.AggFirst, ir.AggLast:
	}
	panic("kusto: no lowering of " + a.Func.String())
}

// finish is what has to be computed from the results of summarize: medians and percentiles from sorted lists, and 0 for
// what no event of a tuple took part in.
func (p *body) finish(pieces []*piece) []syntax.Operator {
	var items []syntax.Item
	for _, x := range pieces {
		for _, n := range x.aggs {
			name := p.name(n)
			col := syntax.Col(name)
			switch a := p.agg(n); a.Func {
			case ir.AggMedian:
				items = append(items, syntax.Named(name, median(col)))
			case ir.AggPercentile:
				items = append(items, syntax.Named(name, percentile(col, a.Percent)))
			case ir.AggCount, ir.AggDistinct:
				if x.optional() {
					items = append(items, syntax.Named(name, syntax.Fn("coalesce", col, syntax.Long(0))))
				}
			case ir.AggSum:
				zero := syntax.Real(0)
				if p.args[a.Arg].typ == schema.Long {
					zero = syntax.Long(0)
				}
				if x.optional() {
					items = append(items, syntax.Named(name, syntax.Fn("coalesce", col, zero)))
				}
			case ir.AggAvg, ir.AggMin, ir.AggMax, ir.AggStddev, ir.AggFirst, ir.AggLast, ir.AggValues:
			}
		}
	}
	if len(items) == 0 {
		return nil
	}
	return []syntax.Operator{&syntax.Extend{Items: items}}
}

// median is the value in the middle of a sorted list, or the mean of the two there; null of an empty one.
func median(list syntax.Expr) syntax.Expr {
	n := syntax.Fn("array_length", list)
	low := syntax.Fn("toreal", syntax.At(list, syntax.Bin(syntax.Div, syntax.Bin(syntax.Sub, n, syntax.Long(1)), syntax.Long(2))))
	high := syntax.Fn("toreal", syntax.At(list, syntax.Bin(syntax.Div, n, syntax.Long(2))))
	mean := syntax.Bin(syntax.Div, syntax.Bin(syntax.Add, low, high), syntax.Long(2))
	return syntax.Fn("iff", gt(n, syntax.Long(0)), mean, syntax.Null(syntax.TypeReal))
}

// percentile is the value of a sorted list at the nearest rank; null of an empty one.
func percentile(list syntax.Expr, percent float64) syntax.Expr {
	n := syntax.Fn("array_length", list)
	rank := syntax.Fn("tolong", syntax.Fn("ceiling", syntax.Bin(syntax.Div, syntax.Bin(syntax.Mul, n, number(percent)), syntax.Real(100))))
	at := syntax.Fn("max_of", syntax.Bin(syntax.Sub, rank, syntax.Long(1)), syntax.Long(0))
	return syntax.Fn("iff", gt(n, syntax.Long(0)), syntax.Fn("toreal", syntax.At(list, at)), syntax.Null(syntax.TypeReal))
}
