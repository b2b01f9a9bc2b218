package spl

import (
	"slices"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/ir"
)

// period adds a field with the start of the last whole period of a size in the range of the search, and keeps the events
// from so long before it on up to its end. The period is judged when it ended since the tick before.
func (x *body) period(name string, size, before time.Duration) (start syntax.Expr) {
	x.add(syntax.Command("addinfo"))
	start = syntax.F(x.fresh(name))
	x.eval(start.(*syntax.Field).Name, minus(minus(settled, syntax.Op("%", settled, secs(size))), secs(size)))
	terms := []syntax.Expr{ge(now, minus(start, secs(before))), lt(now, plus(start, secs(size)))}
	if x.every < size {
		terms = append(terms, syntax.Op(">", start, minus(settled, secs(x.every+size))))
	}
	x.where(terms...)
	return start
}

// firstSeen looks for values whose first event in the history and the period lies in the period.
func (x *body) firstSeen(f *ir.FirstSeen) backends.Columns {
	all := append(slices.Clone(f.Per), f.Value)
	x.makeKeys(all, f.Warmup > 0)
	start := x.period("period_start", f.Every, f.History)
	if x.arrays(all) > 1 {
		x.expand(all)
	}
	first, period := x.fresh("first_seen"), start.(*syntax.Field).Name
	x.stats(syntax.PlainStats, []syntax.Agg{syntax.AggOf("min", "_time", first)}, slices.Concat([]string{period}, x.columnNames(all)))
	terms := append(x.present(all), ge(syntax.F(first), start))
	if f.Warmup > 0 {
		known := x.fresh("known_since")
		x.stats(syntax.Eventstats, []syntax.Agg{syntax.AggOf("min", first, known)}, x.columnNames(f.Per))
		terms = append(terms, lt(syntax.F(known), minus(start, secs(f.Warmup))))
	}
	x.where(terms...)
	x.add(&syntax.Rename{Pairs: []syntax.Alias{{Name: first, As: "_time"}}})
	cols := backends.Columns{Keys: x.columnNames(f.Per), Value: x.keys[f.Value].name, Time: "_time"}
	x.add(&syntax.Table{Names: slices.Concat([]string{"_time"}, cols.Keys, []string{cols.Value})})
	return cols
}

// baseline measures the windows of each group, and compares the last one with those before it. Windows without events have
// no row: the number of windows comes from the time of the group's first one.
func (x *body) baseline(b *ir.Baseline) backends.Columns {
	x.makeKeys(b.Per, false)
	keys := x.columnNames(b.Per)
	measure := x.names[0][0]
	current := x.period("window_start", b.Bucket, b.Learn)
	window := x.fresh("bucket")
	x.cut(b.Bucket, window)
	if x.arrays(b.Per) > 1 {
		x.expand(b.Per)
	}
	x.window = current.(*syntax.Field).Name
	at := syntax.F(window)
	x.stats(syntax.PlainStats, x.aggregate(&b.Measure, measure), slices.Concat([]string{x.window, window}, keys))
	x.mend()
	if present := x.present(b.Per); len(present) > 0 {
		x.where(present...)
	}
	h := history{x.fresh("buckets"), x.fresh("total"), x.fresh("squares"), x.fresh("all_buckets"), x.fresh("all_total"), x.fresh("all_squares")}
	x.sumUp(h, b, current, at, keys)
	x.learned = map[ir.BaseNum]string{ir.BaseMean: x.fresh("baseline_mean"), ir.BaseStddev: x.fresh("baseline_stddev"), ir.BaseScope: x.fresh("baseline_scope")}
	x.judge(h, b)
	x.where(x.cond(b.When, false))
	x.add(&syntax.Rename{Pairs: []syntax.Alias{{Name: x.window, As: "_time"}}})
	cols := backends.Columns{Keys: keys, From: "_time", Shown: x.shown()}
	x.add(&syntax.Table{Names: slices.Concat([]string{"_time"}, keys, []string{measure, x.learned[ir.BaseMean], x.learned[ir.BaseStddev], x.learned[ir.BaseScope]})})
	return cols
}

// history are the columns of what groups did in the windows before the current one.
type history struct{ buckets, total, squares, allBuckets, allTotal, allSquares string }

// sumUp sums up what each group did in the windows before the current one.
func (x *body) sumUp(h history, b *ir.Baseline, current, at syntax.Expr, keys []string) {
	measure := x.names[0][0]
	since := x.fresh("since")
	before := func(v syntax.Expr) syntax.Expr {
		return syntax.Fn("if", lt(at, current), v, syntax.Fn("null"))
	}
	n := syntax.F(measure)
	x.stats(syntax.PlainStats, []syntax.Agg{
		{Func: "max", Eval: syntax.Fn("if", eq(at, current), n, syntax.Fn("null")), As: measure},
		{Func: "min", Eval: before(at), As: since},
		{Func: "sum", Eval: before(n), As: h.total},
		{Func: "sumsq", Eval: before(n), As: h.squares},
	}, slices.Concat([]string{x.window}, keys))
	x.evals(
		syntax.Set(h.buckets, syntax.Fn("coalesce", syntax.Op("/", minus(current, syntax.F(since)), secs(b.Bucket)), syntax.Int(0))),
		syntax.Set(h.total, syntax.Fn("coalesce", syntax.F(h.total), syntax.Int(0))),
		syntax.Set(h.squares, syntax.Fn("coalesce", syntax.F(h.squares), syntax.Int(0))),
	)
	if b.Population {
		x.stats(syntax.Eventstats, []syntax.Agg{syntax.AggOf("sum", h.buckets, h.allBuckets), syntax.AggOf("sum", h.total, h.allTotal), syntax.AggOf("sum", h.squares, h.allSquares)}, nil)
	}
}

// judge keeps the groups of the current window that have a history, and computes mean and standard deviation of it.
func (x *body) judge(h history, b *ir.Baseline) {
	mean, stddev, scope := x.learned[ir.BaseMean], x.learned[ir.BaseStddev], x.learned[ir.BaseScope]
	n := syntax.F(h.buckets)
	seen := syntax.Fn("isnotnull", syntax.F(x.names[0][0]))
	enough := ge(n, syntax.Int(int64(max(b.Own, 1))))
	if b.Population {
		x.where(seen)
		own := eq(syntax.F(scope), syntax.S("own"))
		x.evals(
			syntax.Set(scope, syntax.Fn("if", enough, syntax.S("own"), syntax.S("population"))),
			syntax.Set(h.buckets, syntax.Fn("if", own, n, syntax.F(h.allBuckets))),
			syntax.Set(h.total, syntax.Fn("if", own, syntax.F(h.total), syntax.F(h.allTotal))),
			syntax.Set(h.squares, syntax.Fn("if", own, syntax.F(h.squares), syntax.F(h.allSquares))),
		)
		x.where(syntax.Op(">", n, syntax.Int(0)))
	} else {
		x.where(seen, enough)
		x.eval(scope, syntax.S("own"))
	}
	s, q := syntax.F(h.total), syntax.F(h.squares)
	variance := syntax.Op("/", minus(q, syntax.Op("/", times(s, s), n)), minus(n, syntax.Int(1)))
	x.evals(
		syntax.Set(mean, syntax.Fn("exact", syntax.Op("/", s, n))),
		syntax.Set(stddev, syntax.Fn("if", lt(n, syntax.Int(2)), syntax.Int(0), syntax.Fn("sqrt", syntax.Fn("max", syntax.Int(0), syntax.Fn("exact", variance))))),
	)
}
