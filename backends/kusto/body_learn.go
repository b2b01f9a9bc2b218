package kusto

import (
	"slices"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/ir"
)

// baselineColumns are the columns of what a baseline learns.
var baselineColumns = map[ir.BaseNum]string{ir.BaseMean: "baseline_mean", ir.BaseStddev: "baseline_stddev", ir.BaseScope: "baseline_scope"}

// baseline prints a count beside what was learned from the windows before: for each window that the run judges and each tuple
// the number of windows since its first event, their sum and their sum of squares.
func (p *body) baseline(b *ir.Baseline) (syntax.Expr, backends.Columns) {
	for _, name := range append([]string{"Judged", "FirstWindow", "Windows", "Total", "Squares", "AllWindows", "AllTotal", "AllSquares"}, "baseline_mean", "baseline_stddev", "baseline_scope") {
		p.taken[name] = true
	}
	p.judges(b.Bucket)
	window := ir.Window{Kind: ir.Tumbling, Size: b.Bucket}
	p.let("buckets", syntax.Fn("materialize", p.inWindows(plus(since(), -b.Learn), b.Per, window)))
	p.let("learned", syntax.Fn("materialize", p.learned(b)))
	start, judged := syntax.Col(windowColumn), syntax.Col("Judged")
	sameWindow := eq(syntax.Member(syntax.Col("$left"), windowColumn), syntax.Member(syntax.Col("$right"), "Judged"))
	own := "inner"
	if b.Population {
		own = "leftouter"
	}
	x := syntax.Pipe(syntax.Col("buckets"), &syntax.Where{Pred: ge(start, since())},
		&syntax.Lookup{Kind: own, Right: syntax.Pipe(syntax.Col("learned"), projectLearned(p.keyItems(b.Per))), On: append(p.keyExprs(b.Per), sameWindow)})
	ownEnough := ge(syntax.Col("Windows"), syntax.Long(int64(max(b.Own, 1))))
	scope := syntax.Expr(syntax.Str("own"))
	if b.Population {
		sums := []syntax.Item{total("AllWindows", "Windows"), total("AllTotal", "Total"), total("AllSquares", "Squares")}
		all := syntax.Pipe(syntax.Col("learned"), &syntax.Summarize{Aggs: sums, By: []syntax.Item{syntax.Plain(judged)}})
		pick := func(name string) syntax.Item {
			return syntax.Named(name, syntax.Fn("iff", ownEnough, syntax.Col(name), syntax.Col("All"+name)))
		}
		scope = syntax.Fn("iff", ownEnough, syntax.Str("own"), syntax.Str("population"))
		x = syntax.Pipe(x, &syntax.Lookup{Kind: "leftouter", Right: all, On: []syntax.Expr{sameWindow}},
			&syntax.Extend{Items: []syntax.Item{syntax.Named("baseline_scope", scope), pick("Windows"), pick("Total"), pick("Squares")}},
			&syntax.Where{Pred: gt(syntax.Col("Windows"), syntax.Long(0))})
	} else {
		x = syntax.Pipe(x, &syntax.Where{Pred: ownEnough}, &syntax.Extend{Items: []syntax.Item{syntax.Named("baseline_scope", scope)}})
	}
	x = syntax.Pipe(x, &syntax.Extend{Items: []syntax.Item{
		syntax.Named("baseline_mean", syntax.Bin(syntax.Div, syntax.Col("Total"), syntax.Col("Windows"))),
		syntax.Named("baseline_stddev", sampleDeviation(syntax.Col("Windows"), syntax.Col("Total"), syntax.Col("Squares"))),
	}})
	shown, extend := p.shown()
	x = syntax.Pipe(x, extend...)
	away := &syntax.ProjectAway{Columns: columnsNamed("Windows", "Total", "Squares")}
	if b.Population {
		away.Columns = append(away.Columns, columnsNamed("AllWindows", "AllTotal", "AllSquares")...)
	}
	x = syntax.Pipe(x, &syntax.Where{Pred: p.when(b.When, false)}, away)
	return x, backends.Columns{Keys: p.keyNames(b.Per), From: windowColumn, Shown: shown}
}

func total(name, of string) syntax.Item { return syntax.Named(name, syntax.Fn("sum", syntax.Col(of))) }

func projectLearned(keys []syntax.Item) syntax.Operator {
	return &syntax.Project{Items: append(slices.Clone(keys), syntax.Columns("Judged", "Windows", "Total", "Squares")...)}
}

// learned sums up the windows before each window that the run judges, by tuple.
func (p *body) learned(b *ir.Baseline) syntax.Expr {
	start, judged := syntax.Col(windowColumn), syntax.Col("Judged")
	measure := p.number(&ir.NumAgg{})
	x := syntax.Col("buckets")
	if p.timing.Every == b.Bucket {
		x = syntax.Pipe(x, &syntax.Extend{Items: []syntax.Item{syntax.Named("Judged", since())}}, &syntax.Where{Pred: lt(start, judged)})
	} else {
		windows := syntax.Fn("range", since(), plus(until(), -b.Bucket), syntax.Timespan(b.Bucket))
		x = syntax.Pipe(x, &syntax.MvExpand{Items: []syntax.ExpandItem{{Name: "Judged", Expr: windows, Type: syntax.TypeDatetime}}},
			&syntax.Where{Pred: syntax.AllOf(lt(start, judged), ge(start, plus(judged, -b.Learn)))})
	}
	value := syntax.Fn("toreal", measure)
	sum := func(x syntax.Expr) syntax.Expr {
		if p.mayMiss(&ir.NumAgg{}) {
			x = syntax.Fn("coalesce", x, syntax.Real(0))
		}
		return syntax.Fn("sum", x)
	}
	return syntax.Pipe(x,
		&syntax.Summarize{
			Aggs: []syntax.Item{
				syntax.Named("FirstWindow", syntax.Fn("min", start)), syntax.Named("Total", sum(value)),
				syntax.Named("Squares", sum(syntax.Bin(syntax.Mul, value, measure))),
			},
			By: append(p.keyItems(b.Per), syntax.Plain(judged)),
		},
		&syntax.Extend{Items: []syntax.Item{syntax.Named("Windows", syntax.Bin(syntax.Div, syntax.Bin(syntax.Sub, judged, syntax.Col("FirstWindow")), syntax.Timespan(b.Bucket)))}})
}

// sampleDeviation is the standard deviation of a sample, 0 of one value, from the number, the sum and the sum of squares.
func sampleDeviation(n, sum, squares syntax.Expr) syntax.Expr {
	above := syntax.Bin(syntax.Sub, syntax.Bin(syntax.Mul, n, squares), syntax.Bin(syntax.Mul, sum, sum))
	below := syntax.Bin(syntax.Mul, n, syntax.Bin(syntax.Sub, n, syntax.Long(1)))
	root := syntax.Fn("sqrt", syntax.Bin(syntax.Div, syntax.Fn("max_of", above, syntax.Real(0)), below))
	return syntax.Fn("iff", gt(n, syntax.Long(1)), root, syntax.Real(0))
}

// firstSeen prints the pairs whose earliest event in sight, which is the history and the interval of the tick, lies in the interval.
func (p *body) firstSeen(f *ir.FirstSeen) (syntax.Expr, backends.Columns) {
	p.judges(f.Every)
	pair := append(slices.Clone(f.Per), f.Value)
	several := p.timing.Every > f.Every
	events := p.events(plus(since(), -f.History), until(), f.Warmup > 0)
	if f.Warmup > 0 {
		p.let("events", events)
		events = syntax.Col("events")
	}
	at := p.eventTime()
	first := syntax.Col("FirstSeen")
	var x syntax.Expr
	if several {
		x = p.firstInTicks(f, events, pair)
	} else {
		x = syntax.Pipe(events, p.expandKeys(pair)...)
		x = syntax.Pipe(x, &syntax.Summarize{Aggs: []syntax.Item{syntax.Named("FirstSeen", syntax.Fn("min", at))}, By: p.keyItems(pair)},
			&syntax.Where{Pred: ge(first, since())})
	}
	x = p.known(x, f, events, several)
	if several {
		x = syntax.Pipe(x, &syntax.ProjectAway{Columns: columnsNamed("Tick")})
	}
	keys := p.keyNames(pair)
	return x, backends.Columns{Keys: keys[:len(f.Per)], Value: keys[len(f.Per)], Time: "FirstSeen"}
}

// firstInTicks is for runs that judge several intervals, each with a history of its own.
func (p *body) firstInTicks(f *ir.FirstSeen, events syntax.Expr, pair []int) syntax.Expr {
	at, tick, bucket, first := p.eventTime(), syntax.Col("Tick"), syntax.Col("Bucket"), syntax.Col("FirstSeen")
	x := syntax.Pipe(events, p.expandKeys(pair)...)
	ticks := p.ticks(f)
	byPair := func(more ...syntax.Item) []syntax.Item { return append(p.keyItems(pair), more...) }
	return syntax.Pipe(x,
		&syntax.Summarize{Aggs: []syntax.Item{syntax.Named("FirstSeen", syntax.Fn("min", at))}, By: byPair(syntax.Named("Bucket", bin(at, f.Every)))},
		ticks,
		&syntax.Where{Pred: syntax.AllOf(ge(bucket, plus(tick, -f.History)), le(bucket, tick))},
		&syntax.Summarize{Aggs: []syntax.Item{syntax.Named("FirstSeen", syntax.Fn("min", first))}, By: byPair(syntax.Plain(tick))},
		&syntax.Where{Pred: ge(first, tick)})
}

func (p *body) ticks(f *ir.FirstSeen) syntax.Operator {
	list := syntax.Fn("range", since(), plus(until(), -f.Every), syntax.Timespan(f.Every))
	return &syntax.MvExpand{Items: []syntax.ExpandItem{{Name: "Tick", Expr: list, Type: syntax.TypeDatetime}}}
}

// known keeps the tuples that have an event before the warm-up.
func (p *body) known(x syntax.Expr, f *ir.FirstSeen, events syntax.Expr, several bool) syntax.Expr {
	if f.Warmup == 0 {
		return x
	}
	at, tick, bucket := p.eventTime(), syntax.Col("Tick"), syntax.Col("Bucket")
	owners := syntax.Pipe(events, p.expandKeys(f.Per)...)
	on := p.keyExprs(f.Per)
	if several {
		owners = syntax.Pipe(owners, &syntax.Summarize{By: append(p.keyItems(f.Per), syntax.Named("Bucket", bin(at, f.Every))), HasBy: true}, p.ticks(f),
			&syntax.Where{Pred: syntax.AllOf(ge(bucket, plus(tick, -f.History)), lt(bucket, plus(tick, -f.Warmup)))})
		return syntax.Pipe(x, &syntax.Join{Kind: "leftsemi", Right: owners, On: append(on, tick)})
	}
	owners = syntax.Pipe(owners, &syntax.Where{Pred: lt(at, plus(since(), -f.Warmup))})
	if len(on) == 0 {
		some := syntax.Fn("toscalar", syntax.Pipe(owners, &syntax.Count{}))
		return syntax.Pipe(x, &syntax.Where{Pred: gt(some, syntax.Long(0))})
	}
	return syntax.Pipe(x, &syntax.Join{Kind: "leftsemi", Right: owners, On: on})
}

func columnsNamed(names ...string) []syntax.Expr {
	out := make([]syntax.Expr, len(names))
	for i, n := range names {
		out[i] = syntax.Col(n)
	}
	return out
}
