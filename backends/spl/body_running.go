package spl

import (
	"slices"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/ir"
)

func ascending(name string) syntax.SortKey { return syntax.SortKey{Name: name} }

// sorted puts the rows in order; all of them, not the 10,000 that sort keeps without a 0.
func (x *body) sorted(keys ...syntax.SortKey) { x.add(&syntax.Sort{Limit: "0", Keys: keys}) }

// sliding counts the events of the last while at each event. Each event is put down twice: where it enters the window, and
// where it leaves it; running sums over both are what the window holds. Neither boundaries nor equal times depend on what
// streamstats makes of a time_window.
func (x *body) sliding(c *ir.Count) backends.Columns {
	x.makeKeys(c.Per, true)
	values := x.slidingValues(c)
	x.expand(c.Per)
	step := x.fresh("step")
	s := syntax.F(step)
	x.eval(step, syntax.Fn("split", syntax.S("1,-1"), syntax.S(",")))
	x.add(syntax.Command("mvexpand", syntax.Word(step)))
	at := "_time"
	if x.conditions["_time"] { // conditions need the event's own time
		at = x.fresh("moment")
	}
	x.eval(at, syntax.Fn("if", eq(s, syntax.Int(1)), now, plus(now, secs(c.Window.Size))))
	x.sorted(ascending(at), syntax.SortKey{Func: "num", Name: step})
	for i := range c.Scopes {
		x.running(c, i, step, at, values)
	}
	x.where(append([]syntax.Expr{eq(s, syntax.Int(1))}, x.present(c.Per)...)...)
	return x.episodes(c, at, nil, func(was, before syntax.Expr) []syntax.Expr {
		return []syntax.Expr{syntax.OrE(syntax.Fn("isnull", before), eq(was, syntax.Int(0)), ge(minus(syntax.F(at), before), secs(c.Window.Size)))}
	})
}

// lasts are aggregates that keep the last row's columns, under new names.
func lasts(names, as []string) []syntax.Agg {
	out := make([]syntax.Agg, len(names))
	for i, n := range names {
		out[i] = syntax.AggOf("last", n, as[i])
	}
	return out
}

// slidingValues adds, for each distinct, a field with the value that the event brings, the empty text for none.
func (x *body) slidingValues(c *ir.Count) map[place]string {
	out := map[place]string{}
	for s := range c.Scopes {
		for i := range c.Scopes[s].Aggs {
			a := &c.Scopes[s].Aggs[i]
			if a.Func != ir.AggDistinct {
				continue
			}
			name := x.fresh(x.names[s][i] + "_value")
			out[place{s, i}] = name
			x.eval(name, syntax.Fn("coalesce", x.argument(a), syntax.S("")))
		}
	}
	return out
}

// running adds the running aggregates of one scope. All events of one time count at that time: of the finest groups the last
// row of a time will be taken, for coarser ones it is looked up here.
func (x *body) running(c *ir.Count, scope int, step, at string, values map[place]string) {
	by := x.columnNames(c.Scopes[scope].Keys)
	final := x.names[scope]
	names := slices.Clone(final)
	if len(by) < len(c.Per) {
		for i := range names {
			names[i] = x.fresh(names[i] + "_now")
		}
	}
	s := syntax.F(step)
	var sums []syntax.Agg
	for i := range c.Scopes[scope].Aggs {
		a, name := &c.Scopes[scope].Aggs[i], names[i]
		switch a.Func {
		case ir.AggCount:
			if a.Where < 0 {
				sums = append(sums, syntax.AggOf("sum", step, name))
			} else {
				sums = append(sums, syntax.Agg{Func: "sum", Eval: syntax.Fn("if", x.condition(a.Where), s, syntax.Int(0)), As: name})
			}
		case ir.AggSum:
			v := syntax.Fn("coalesce", syntax.Fn("tonumber", x.argument(a)), syntax.Int(0))
			sums = append(sums, syntax.Agg{Func: "sum", Eval: times(s, v), As: name})
		case ir.AggDistinct: // a value comes when the first event with it enters, and goes when the last one leaves
			v := values[place{scope, i}]
			held, change := x.fresh(final[i]+"_held"), x.fresh(final[i]+"_change")
			x.stats(syntax.Streamstats, []syntax.Agg{syntax.AggOf("sum", step, held)}, append(slices.Clone(by), v))
			h := syntax.F(held)
			x.eval(change, syntax.Fn("case", eq(syntax.F(v), syntax.S("")), syntax.Int(0), and(eq(s, syntax.Int(1)), eq(h, syntax.Int(1))), syntax.Int(1),
				and(eq(s, syntax.Int(-1)), eq(h, syntax.Int(0))), syntax.Int(-1), syntax.Fn("true"), syntax.Int(0)))
			sums = append(sums, syntax.AggOf("sum", change, name))
		case ir.AggAvg, ir.AggMin, ir.AggMax, ir.AggStddev, ir.AggMedian, ir.AggPercentile, ir.AggFirst, ir.AggLast, ir.AggValues:
		}
	}
	x.stats(syntax.Streamstats, sums, by)
	if len(by) < len(c.Per) {
		x.stats(syntax.Eventstats, lasts(names, final), slices.Concat([]string{at}, by))
	}
}

// episodes reduces the rows to one for each time of a group (and of what else is in by), asks `when` there, and keeps the
// times of the last while at which it became true.
func (x *body) episodes(c *ir.Count, at string, by []string, begins func(was, before syntax.Expr) []syntax.Expr) backends.Columns {
	keys := x.columnNames(c.Per)
	aggs := lasts(x.allNames(), x.allNames())
	for i, a := range c.Scopes[0].Aggs {
		if a.Func == ir.AggValues { // the lists grow: all of one time together are the last one
			aggs[i].Func = "values"
		}
	}
	x.stats(syntax.PlainStats, aggs, slices.Concat([]string{at}, keys, by))
	hit, was, before := x.fresh("hit"), x.fresh("was_hit"), x.fresh("time_before")
	x.eval(hit, syntax.Fn("if", x.cond(c.When, false), syntax.Int(1), syntax.Int(0)))
	x.sorted(ascending(at))
	x.stats(syntax.Streamstats, []syntax.Agg{syntax.AggOf("last", hit, was), syntax.AggOf("last", at, before)}, append(slices.Clone(keys), by...), syntax.Opt("current", "f"))
	x.add(syntax.Command("addinfo"))
	terms := []syntax.Expr{eq(syntax.F(hit), syntax.Int(1))}
	terms = append(terms, begins(syntax.F(was), syntax.F(before))...)
	x.where(append(terms, ge(syntax.F(at), minus(settled, secs(x.every))), lt(syntax.F(at), settled))...)
	if at != "_time" {
		x.add(&syntax.Rename{Pairs: []syntax.Alias{{Name: at, As: "_time"}}})
	}
	cols := backends.Columns{Keys: keys, Time: "_time", Shown: x.shown()}
	x.add(&syntax.Table{Names: slices.Concat([]string{"_time"}, keys, x.allNames())})
	return cols
}

// session cuts the events of each group into sessions, and counts from the start of the session at each event. A run of
// events without a gap is cut wherever it becomes longer than the greatest session, as often as the range of the search can
// hold. A run that began before the range is not judged.
func (x *body) session(c *ir.Count) backends.Columns {
	x.makeKeys(c.Per, false)
	keys := x.columnNames(c.Per)
	x.grouped(c.Per)
	x.sorted(ascending("_time"))
	before, opens, run, opened, start, cut := x.fresh("time_before"), x.fresh("opens"), x.fresh("run"), x.fresh("run_start"), x.fresh("session_start"), x.fresh("cut")
	x.stats(syntax.Streamstats, []syntax.Agg{syntax.AggOf("last", "_time", before)}, keys, syntax.Opt("current", "f"))
	gap := syntax.OrE(syntax.Fn("isnull", syntax.F(before)), ge(minus(now, syntax.F(before)), secs(c.Window.Size)))
	x.eval(opens, syntax.Fn("if", gap, syntax.Int(1), syntax.Int(0)))
	x.stats(syntax.Streamstats, []syntax.Agg{syntax.AggOf("sum", opens, run)}, keys)
	ofRun := append(slices.Clone(keys), run)
	x.stats(syntax.Eventstats, []syntax.Agg{syntax.AggOf("min", "_time", opened)}, ofRun)
	x.eval(start, syntax.F(opened))
	over := ge(now, plus(syntax.F(start), secs(c.Window.Max)))
	for range sessionCuts(c.Window, x.every) {
		x.stats(syntax.Eventstats, []syntax.Agg{{Func: "min", Eval: syntax.Fn("if", over, now, syntax.Fn("null")), As: cut}}, ofRun)
		x.eval(start, syntax.Fn("if", and(syntax.Fn("isnotnull", syntax.F(cut)), ge(now, syntax.F(cut))), syntax.F(cut), syntax.F(start)))
	}
	var aggs []syntax.Agg
	for i := range c.Scopes[0].Aggs {
		aggs = append(aggs, x.aggregate(&c.Scopes[0].Aggs[i], x.names[0][i])...)
	}
	x.stats(syntax.Streamstats, aggs, append(slices.Clone(keys), start))
	x.mend()
	return x.episodes(c, "_time", []string{start, opened}, func(was, _ syntax.Expr) []syntax.Expr {
		return []syntax.Expr{
			syntax.OrE(syntax.Fn("isnull", was), eq(was, syntax.Int(0))),
			ge(minus(syntax.F(opened), secs(c.Window.Size)), syntax.F("info_min_time")),
		}
	})
}

// grouped makes keys with several values plain, and drops the rows without a key.
func (x *body) grouped(per []int) {
	x.expand(per)
	var terms []syntax.Expr
	for _, k := range per {
		present := x.present([]int{k})
		if len(present) == 0 {
			present = []syntax.Expr{syntax.Fn("isnotnull", syntax.F(x.keys[k].name))}
		}
		terms = append(terms, present...)
	}
	if len(terms) > 0 {
		x.where(terms...)
	}
}

// sessionCuts is how often a run of events may be cut in what a search judges: it began at most every and two greatest
// sessions before the end.
func sessionCuts(w ir.Window, every time.Duration) int {
	return int((every+w.Max-1)/w.Max) + 1
}
