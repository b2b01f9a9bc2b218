package esql

import (
	"slices"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/ir"
)

// firstSeen looks, at each judged tick, for pairs that the tick has and the history before it has not.
func (x *body) firstSeen(f *ir.FirstSeen) backends.Columns {
	tick, now := x.fresh("tick"), syntax.Col(timestamp)
	x.ticks(tick, f.Every, f.Every)
	x.where(ge(now, before(syntax.Col(tick), f.History)), lt(now, after(syntax.Col(tick), f.Every)))

	first := syntax.Named(x.fresh("first_seen"), syntax.Func("MIN", now))
	first.Where = ge(now, syntax.Col(tick))
	seen := syntax.Named(x.fresh("seen_before"), syntax.CountStar())
	seen.Where = lt(now, syntax.Col(tick))
	aggs := []syntax.Field{first, seen}
	conds := append(x.present(append(slices.Clone(f.Per), f.Value)),
		&syntax.IsNull{X: syntax.Col(first.Name), Not: true}, eq(syntax.Col(seen.Name), syntax.Int(0)))
	per := x.keyNames(f.Per)
	known := ""
	if f.Warmup > 0 {
		known = x.fresh("known_before")
		n := syntax.Named(known, syntax.CountStar())
		n.Where = lt(now, before(syntax.Col(tick), f.Warmup))
		aggs = append(aggs, n)
		conds = append(conds, gt(syntax.Col(known), syntax.Int(0)))
	}
	x.stats(aggs, append(append(slices.Clone(per), x.keys[f.Value].name), tick)...)
	if known != "" { // of all the tuple's events, whatever their value
		x.inline([]syntax.Field{syntax.Named(known, syntax.Func("SUM", syntax.Col(known)))}, append(slices.Clone(per), tick)...)
	}
	x.where(conds...)
	cols := backends.Columns{Keys: per, Value: x.keys[f.Value].name, Time: first.Name}
	x.keep(append([]string{first.Name, cols.Value}, per...)...)
	return cols
}

// baseline counts in windows, and beside each judged one learns from those before it.
func (x *body) baseline(b *ir.Baseline) backends.Columns {
	per, n := x.keyNames(b.Per), x.aggs[0][0]
	bucket := x.fresh("bucket")
	x.eval(syntax.Named(bucket, trunc(b.Bucket, syntax.Col(timestamp))))
	x.stats(x.scopeAggs(0), append(slices.Clone(per), bucket)...)
	x.where(x.present(b.Per)...)

	start := x.fresh("window_start")
	x.ticks(start, b.Bucket, b.Bucket)
	x.where(le(syntax.Col(bucket), syntax.Col(start)), ge(syntax.Col(bucket), before(syntax.Col(start), b.Learn)))
	h := x.history(b, start, bucket, n)
	x.learn(b, start, h)
	x.where(x.cond(b.When))
	cols := backends.Columns{Keys: per, From: start, Shown: x.shown()}
	x.keep(slices.Concat([]string{start}, per, []string{n, x.learned[ir.BaseMean], x.learned[ir.BaseStddev], x.learned[ir.BaseScope]}, cols.Shown)...)
	return cols
}

// history are the columns of what the windows before tell of a tuple: their number, the sum of the measure, and that of its squares.
type history struct{ events, windows, sum, squares string }

// history adds up, for each tuple and judged window, the windows before.
func (x *body) history(b *ir.Baseline, start, bucket, n string) history {
	h := history{x.fresh("buckets_now"), x.fresh("history"), x.fresh("sum"), x.fresh("squares")}
	first := x.fresh("oldest_bucket")
	when := func(f syntax.Field, cond syntax.Expr) syntax.Field { f.Where = cond; return f }
	here, past := eq(syntax.Col(bucket), syntax.Col(start)), lt(syntax.Col(bucket), syntax.Col(start))
	measure := syntax.Func("TO_DOUBLE", syntax.Col(n))
	x.stats([]syntax.Field{
		when(syntax.Named(n, syntax.Func("MAX", syntax.Col(n))), here),
		when(syntax.Named(h.events, syntax.CountStar()), here),
		when(syntax.Named(first, syntax.Func("MIN", syntax.Col(bucket))), past),
		when(syntax.Named(h.sum, syntax.Func("SUM", measure)), past),
		when(syntax.Named(h.squares, syntax.Func("SUM", syntax.Op(syntax.Mul, measure, measure))), past),
	}, append(slices.Clone(x.keyNames(b.Per)), start)...)
	length := syntax.Op(syntax.Sub, syntax.Func("TO_DOUBLE", syntax.Func("TO_LONG", syntax.Col(start))), syntax.Func("TO_LONG", syntax.Col(first)))
	x.eval(
		syntax.Named(h.windows, syntax.Func("COALESCE", syntax.Op(syntax.Div, length, syntax.Int(b.Bucket.Milliseconds())), double(0))),
		syntax.Named(h.sum, syntax.Func("COALESCE", syntax.Col(h.sum), double(0))),
		syntax.Named(h.squares, syntax.Func("COALESCE", syntax.Col(h.squares), double(0))))
	return h
}

// learn chooses the history that is used, and adds what it teaches.
func (x *body) learn(b *ir.Baseline, start string, h history) {
	own := ge(syntax.Col(h.windows), syntax.Int(int64(max(b.Own, 1))))
	scope := x.fresh("baseline_scope")
	x.learned = map[ir.BaseNum]string{ir.BaseMean: x.fresh("baseline_mean"), ir.BaseStddev: x.fresh("baseline_stddev"), ir.BaseScope: scope}
	if b.Population {
		all := history{"", x.fresh("all_history"), x.fresh("all_sum"), x.fresh("all_squares")}
		sum := func(name, of string) syntax.Field { return syntax.Named(name, syntax.Func("SUM", syntax.Col(of))) }
		x.inline([]syntax.Field{sum(all.windows, h.windows), sum(all.sum, h.sum), sum(all.squares, h.squares)}, start)
		x.where(gt(syntax.Col(h.events), syntax.Int(0)), gt(syntax.Col(all.windows), syntax.Int(0)))
		isOwn := eq(syntax.Col(scope), syntax.String("own"))
		choose := func(own, all string) syntax.Field {
			return syntax.Named(own, syntax.Func("CASE", isOwn, syntax.Col(own), syntax.Col(all)))
		}
		x.eval(syntax.Named(scope, syntax.Func("CASE", own, syntax.String("own"), syntax.String("population"))),
			choose(h.windows, all.windows), choose(h.sum, all.sum), choose(h.squares, all.squares))
	} else {
		x.where(gt(syntax.Col(h.events), syntax.Int(0)), own)
		x.eval(syntax.Named(scope, syntax.String("own")))
	}
	n, s, q := syntax.Col(h.windows), syntax.Col(h.sum), syntax.Col(h.squares)
	// of n numbers with the sum s and the sum of squares q: (n·q − s²) / (n·(n−1))
	spread := syntax.Func("GREATEST", syntax.Op(syntax.Sub, syntax.Op(syntax.Mul, n, q), syntax.Op(syntax.Mul, s, s)), double(0))
	variance := syntax.Op(syntax.Div, spread, syntax.Op(syntax.Mul, n, syntax.Op(syntax.Sub, n, syntax.Int(1))))
	x.eval(
		syntax.Named(x.learned[ir.BaseMean], syntax.Op(syntax.Div, s, n)),
		syntax.Named(x.learned[ir.BaseStddev], syntax.Func("CASE", gt(n, syntax.Int(1)), syntax.Func("SQRT", variance), double(0))))
}
