package spl

import (
	"slices"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/ir"
)

// windows counts in tumbling and hopping windows. Aggregates of scopes that are coarser than the finding are made of those of
// the finest groups where that is possible, else computed over events beforehand.
func (x *body) windows(c *ir.Count) backends.Columns {
	early, late := x.coarser(c)
	x.makeKeys(c.Per, len(early)+len(late) > 0)
	if c.Window.Kind == ir.Tumbling {
		x.tumblingWindow(c.Window.Size)
	} else {
		x.hoppingWindow(c.Window)
	}
	carried := x.overEvents(c, early)
	ranks := slices.ContainsFunc(c.Scopes, func(s ir.Scope) bool {
		return slices.ContainsFunc(s.Aggs, func(a ir.Agg) bool { return isRanked(a.Func) })
	})
	if x.arrays(c.Per) > 1 || x.arrays(c.Per) > 0 && (ranks || len(early)+len(late) > 0) {
		x.expand(c.Per)
	}
	fine := slices.Concat([]string{x.window}, x.columnNames(c.Per))
	aggs := carried
	for s := range c.Scopes {
		if len(c.Scopes[s].Keys) == len(c.Per) {
			for i := range c.Scopes[s].Aggs {
				x.rank(&c.Scopes[s].Aggs[i], x.names[s][i], c.Per)
				aggs = append(aggs, x.aggregate(&c.Scopes[s].Aggs[i], x.names[s][i])...)
			}
		}
	}
	parts, composing := x.compose(c, late)
	aggs = append(aggs, parts...)
	if len(aggs) == 0 {
		aggs = append(aggs, syntax.Count(x.fresh("events")))
	}
	x.stats(syntax.PlainStats, aggs, fine)
	x.add(composing...)
	x.mend()
	x.where(append(x.present(c.Per), x.cond(c.When, false))...)
	return x.windowTable(c.Per)
}

// windowTable ends the search with the columns of a finding.
func (x *body) windowTable(per []int) backends.Columns {
	if x.window != "_time" {
		x.add(&syntax.Rename{Pairs: []syntax.Alias{{Name: x.window, As: "_time"}}})
	}
	cols := backends.Columns{Keys: x.columnNames(per), From: "_time", Shown: x.shown()}
	x.add(&syntax.Table{Names: slices.Concat([]string{"_time"}, cols.Keys, x.allNames())})
	return cols
}

// tumblingWindow gives each event its window, and keeps those of the windows that ended since the tick before.
func (x *body) tumblingWindow(size time.Duration) {
	x.window = "_time"
	if x.readsTime() {
		x.window = x.fresh("window_start")
	}
	x.cut(size, x.window)
	x.add(syntax.Command("addinfo"))
	start := syntax.F(x.window)
	x.where(syntax.Op(">", start, minus(settled, secs(x.every+size))), syntax.Op("<=", start, minus(settled, secs(size))))
}

// cut rounds the time down to a multiple of a size since 1970. Days and sizes that no day is a multiple of are not left to
// bin, which begins days at midnight of the user's time zone.
func (x *body) cut(size time.Duration, as string) {
	day := 24 * time.Hour
	if size >= day || day%size != 0 {
		whole := syntax.Fn("floor", now)
		x.eval(as, minus(whole, syntax.Op("%", whole, secs(size))))
		return
	}
	bin := &syntax.Bin{Options: []syntax.Arg{syntax.Opt("span", words(size))}, Name: "_time"}
	if as != "_time" {
		bin.As = as
	}
	x.add(bin)
}

// hoppingWindow gives each event the windows that ended since the tick before: one, unless the search runs more rarely than
// windows end; then a copy for each window.
func (x *body) hoppingWindow(w ir.Window) {
	x.window = x.fresh("window_start")
	x.add(syntax.Command("addinfo"))
	start := syntax.F(x.window)
	if x.every > w.Every {
		low := x.fresh("after")
		x.eval(low, syntax.Fn("max", minus(settled, secs(x.every)), syntax.Fn("floor", now)))
		first := plus(minus(syntax.F(low), syntax.Op("%", syntax.F(low), secs(w.Every))), syntax.Int(int64((w.Every-w.Size)/time.Second)))
		last := minus(syntax.Fn("min", settled, plus(syntax.Fn("floor", now), secs(w.Size))), syntax.Int(int64(w.Size/time.Second)-1))
		x.eval(x.window, syntax.Fn("mvrange", first, last, secs(w.Every)))
		x.add(syntax.Command("mvexpand", syntax.Word(x.window)))
		x.where(syntax.Fn("isnotnull", start))
		return
	}
	x.eval(x.window, minus(minus(settled, syntax.Op("%", settled, secs(w.Every))), secs(w.Size)))
	terms := []syntax.Expr{ge(now, start), lt(now, plus(start, secs(w.Size)))}
	if x.every < w.Every {
		terms = append(terms, syntax.Op(">", start, minus(settled, secs(x.every+w.Size))))
	}
	x.where(terms...)
}

// place is an aggregate of a scope.
type place struct{ scope, agg int }

// coarser lists the aggregates of scopes that have fewer keys than the finding: those to be computed over events, and those
// that can be composed of the aggregates of the finest groups. Where an event is in several of those, nothing can be
// composed for scopes without such a key.
func (x *body) coarser(c *ir.Count) (early, late []place) {
	for s, scope := range c.Scopes {
		if len(scope.Keys) == len(c.Per) {
			continue
		}
		for i, a := range scope.Aggs {
			if composed(a.Func) == "" || x.arrays(scope.Keys) < x.arrays(c.Per) {
				early = append(early, place{s, i})
			} else {
				late = append(late, place{s, i})
			}
		}
	}
	return early, late
}

// overEvents computes aggregates of coarser scopes over the events, by eventstats, and returns what carries them through the
// stats of the finest groups. Scopes without keys of several values come first, while each event is one row.
func (x *body) overEvents(c *ir.Count, places []place) (carried []syntax.Agg) {
	for _, arrays := range []bool{false, true} {
		for s, scope := range c.Scopes {
			if (x.arrays(scope.Keys) > 0) == arrays {
				carried = append(carried, x.scopeOverEvents(c, s, places)...)
			}
		}
	}
	return carried
}

func (x *body) scopeOverEvents(c *ir.Count, s int, places []place) (carried []syntax.Agg) {
	scope := c.Scopes[s]
	var aggs []syntax.Agg
	for _, p := range places {
		if p.scope != s {
			continue
		}
		if x.arrays(scope.Keys) > 0 {
			x.expand(c.Per)
		}
		a, name := &scope.Aggs[p.agg], x.names[s][p.agg]
		x.rank(a, name, scope.Keys)
		for _, g := range x.aggregate(a, name) {
			aggs = append(aggs, g)
			carry := "max"
			if !a.Func.Info().Number || g.Func == "values" {
				carry = "values"
			}
			carried = append(carried, syntax.AggOf(carry, g.As, g.As))
		}
	}
	if len(aggs) > 0 {
		x.stats(syntax.Eventstats, aggs, slices.Concat([]string{x.window}, x.columnNames(scope.Keys)))
	}
	return carried
}

// compose returns the aggregates of the finest groups that coarser ones are made of, and the commands that make them.
func (x *body) compose(c *ir.Count, places []place) (parts []syntax.Agg, stages []syntax.Stage) {
	made := map[string]string{} // by what it computes, the column of the finest groups
	for s, scope := range c.Scopes {
		if len(scope.Keys) == len(c.Per) {
			for i := range scope.Aggs {
				made[aggID(&scope.Aggs[i])] = x.names[s][i]
			}
		}
	}
	for s, scope := range c.Scopes {
		var aggs []syntax.Agg
		for _, p := range places {
			if p.scope != s {
				continue
			}
			a, name := &scope.Aggs[p.agg], x.names[s][p.agg]
			from, ok := made[aggID(a)]
			if !ok {
				from = x.fresh(name + "_part")
				made[aggID(a)] = from
				parts = append(parts, x.aggregate(&ir.Agg{Func: a.Func, Arg: a.Arg, Where: a.Where}, from)...)
			}
			aggs = append(aggs, syntax.AggOf(composed(a.Func), from, name))
			if a.Func == ir.AggSum {
				x.fixes = append(x.fixes, syntax.Set(name, syntax.Fn("coalesce", syntax.F(name), syntax.Int(0))))
			}
		}
		if len(aggs) > 0 {
			stages = append(stages, &syntax.Stats{Kind: syntax.Eventstats, Aggs: aggs, By: syntax.GroupBy(slices.Concat([]string{x.window}, x.columnNames(scope.Keys))...)})
		}
	}
	return parts, stages
}

func aggID(a *ir.Agg) string {
	return string([]rune{rune(a.Func), rune(a.Arg + 1), rune(a.Where + 1)})
}
