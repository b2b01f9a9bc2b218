package esql

import (
	"cmp"
	"slices"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/ir"
)

// tumbling counts in windows that the start of each event's tells apart.
func (x *body) tumbling(c *ir.Count) backends.Columns {
	start := x.fresh("window_start")
	x.eval(syntax.Named(start, trunc(c.Window.Size, syntax.Col(timestamp))))
	ended := x.clock.Delay + c.Window.Size
	x.where(gt(syntax.Col(start), ago(ended+x.clock.judged())), le(syntax.Col(start), ago(ended)))
	x.scopes(c, start)
	x.where(append(x.present(c.Per), x.conjuncts(c.When)...)...)
	return x.findings(c, start, "")
}

// hopping counts in the windows whose ends are judged; an event gets a row for each window that holds it.
func (x *body) hopping(c *ir.Count) backends.Columns {
	end := x.fresh("window_end")
	x.ticks(end, c.Window.Every, 0)
	now := syntax.Col(timestamp)
	x.where(ge(now, before(syntax.Col(end), c.Window.Size)), lt(now, syntax.Col(end)))
	if x.clock.Interval < c.Window.Every { // a tick is judged by some of the runs
		x.where(gt(syntax.Col(end), ago(x.clock.Delay+x.clock.judged())))
	}
	x.scopes(c, end)
	x.where(append(x.present(c.Per), x.conjuncts(c.When)...)...)
	start := x.fresh("window_start")
	x.eval(syntax.Named(start, before(syntax.Col(end), c.Window.Size)))
	return x.findings(c, start, "")
}

// sliding counts at the time of each event of a tuple: an event gets a row for each time of its group at which it is in
// the window. A time is the beginning of an episode when `when` is not true at the tuple's time before it in the window.
func (x *body) sliding(c *ir.Count) backends.Columns {
	shared := sharedKeys(c)
	x.expand(shared)
	at, now := x.fresh("time"), syntax.Col(timestamp)
	times := syntax.Named(at, syntax.Func("VALUES", now))
	times.Where = ge(now, ago(x.clock.Delay+x.clock.judged()+c.Window.Size))
	x.inline([]syntax.Field{times}, x.keyNames(shared)...)
	x.add(&syntax.MvExpand{Name: syntax.NameOf(at)})
	x.where(le(now, syntax.Col(at)), gt(now, before(syntax.Col(at), c.Window.Size)))

	previous := syntax.Named(x.fresh("previous"), syntax.Func("MAX", now))
	previous.Where = lt(now, syntax.Col(at))
	extra := []syntax.Field{previous}
	conds := x.present(c.Per)
	if len(shared) < len(c.Per) { // the time may be one of another tuple
		own := syntax.Named(x.fresh("events"), syntax.CountStar())
		own.Where = eq(now, syntax.Col(at))
		extra = append(extra, own)
		conds = append(conds, gt(syntax.Col(own.Name), syntax.Int(0)))
	}
	x.scopes(c, at, extra...)
	x.where(append(conds, x.conjuncts(c.When)...)...)
	x.episodes(at, previous.Name, x.keyNames(c.Per))
	return x.findings(c, "", at)
}

// episodes leaves, of the times at which `when` is true, those before which it was not, in the range that is judged.
func (x *body) episodes(at, previous string, by []string) {
	hits := x.fresh("true_at")
	x.inline([]syntax.Field{syntax.Named(hits, syntax.Func("VALUES", syntax.Col(at)))}, by...)
	x.where(
		syntax.Any(&syntax.IsNull{X: syntax.Col(previous)}, syntax.Negate(syntax.Func("MV_CONTAINS", syntax.Col(hits), syntax.Col(previous)))),
		ge(syntax.Col(at), ago(x.clock.Delay+x.clock.judged())), lt(syntax.Col(at), ago(x.clock.Delay)))
}

// sharedKeys are the keys that all scopes have.
func sharedKeys(c *ir.Count) []int {
	var out []int
	for _, k := range c.Per {
		if !slices.ContainsFunc(c.Scopes, func(s ir.Scope) bool { return !slices.Contains(s.Keys, k) }) {
			out = append(out, k)
		}
	}
	return out
}

// scopes counts: the scopes that have less keys than a finding by INLINE STATS, which leaves the events as they are, and the
// others by STATS.
func (x *body) scopes(c *ir.Count, window string, extra ...syntax.Field) {
	var inner, passed []syntax.Field
	for _, i := range scopeOrder(x.bound, c) {
		s := c.Scopes[i]
		aggs := x.scopeAggs(i)
		if len(s.Keys) == len(c.Per) {
			inner = append(inner, aggs...)
			continue
		}
		if len(aggs) == 0 {
			continue
		}
		x.expand(s.Keys)
		x.inline(aggs, append(x.keyNames(s.Keys), window)...)
		for j := range s.Aggs {
			if name := x.aggs[i][j]; name != "" {
				passed = append(passed, x.carried(name, &s.Aggs[j]))
			}
		}
	}
	x.stats(append(append(inner, extra...), passed...), append(x.keyNames(c.Per), window)...)
}

// scopeOrder orders scopes by the number of their keys with several values: each value gets a row, and the scopes without
// the key must have counted before.
func scopeOrder(b *ir.Bound, c *ir.Count) []int {
	out := make([]int, len(c.Scopes))
	for i := range out {
		out[i] = i
	}
	slices.SortStableFunc(out, func(i, j int) int {
		return cmp.Compare(len(arrayKeys(b, c.Scopes[i].Keys)), len(arrayKeys(b, c.Scopes[j].Keys)))
	})
	return out
}

func arrayKeys(b *ir.Bound, keys []int) []int {
	var out []int
	for _, k := range keys {
		if keyArray(b, k) {
			out = append(out, k)
		}
	}
	return out
}

// findings shows the columns of findings.
func (x *body) findings(c *ir.Count, from, at string) backends.Columns {
	cols := backends.Columns{Keys: x.keyNames(c.Per), From: from, Time: at, Shown: x.shown()}
	x.keep(slices.Concat([]string{from, at}, cols.Keys, x.aggColumns(), cols.Shown)...)
	return cols
}
