package esql

import (
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/ir"
)

// session counts in sessions. A run of events is what lies between two gaps; it begins at an event that has none of its
// tuple within the gap before. A run is cut into sessions at the greatest length, one cut after the other. A run that may have
// begun before the range of the search is not judged.
func (x *body) session(c *ir.Count) backends.Columns {
	by, now := x.keyNames(c.Per), syntax.Col(timestamp)
	x.expand(c.Per)
	x.where(x.present(c.Per)...)
	start := x.runs(c.Window.Size, by)
	x.where(ge(syntax.Col(start), ago(x.clock.Delay+x.clock.reach(x.rule)-c.Window.Size)))
	for range cuts(x.clock, x.rule, c.Window) {
		start = x.cut(start, c.Window.Max, by)
	}

	at := x.fresh("time")
	group := append(append([]string{}, by...), start)
	x.inline([]syntax.Field{syntax.Named(at, syntax.Func("VALUES", now))}, group...)
	x.add(&syntax.MvExpand{Name: syntax.NameOf(at)})
	x.where(le(now, syntax.Col(at)))
	previous := syntax.Named(x.fresh("previous"), syntax.Func("MAX", now))
	previous.Where = lt(now, syntax.Col(at))
	group = append(group, at)
	var aggs []syntax.Field
	for i := range c.Scopes {
		aggs = append(aggs, x.scopeAggs(i)...)
	}
	x.stats(append(aggs, previous), group...)
	x.where(x.cond(c.When))
	x.episodes(at, previous.Name, group[:len(group)-1])
	return x.findings(c, "", at)
}

// runs adds a column with the start of the run that an event is in.
func (x *body) runs(gap time.Duration, by []string) string {
	now := syntax.Col(timestamp)
	other, previous, first, start := x.fresh("other_time"), x.fresh("time_before"), x.fresh("run_start"), x.fresh("session_start")
	perTime := append(append([]string{}, by...), timestamp)
	x.inline([]syntax.Field{syntax.Named(other, syntax.Func("VALUES", now))}, by...)
	x.add(&syntax.MvExpand{Name: syntax.NameOf(other)})
	last := syntax.Named(previous, syntax.Func("MAX", syntax.Col(other)))
	last.Where = lt(syntax.Col(other), now)
	x.inline([]syntax.Field{last}, perTime...)
	x.where(eq(syntax.Col(other), now)) // each event once again
	begins := syntax.Any(&syntax.IsNull{X: syntax.Col(previous)}, le(syntax.Col(previous), before(now, gap)))
	x.eval(syntax.Named(first, syntax.Func("CASE", begins, now, &syntax.Null{})))
	x.inline([]syntax.Field{syntax.Named(start, syntax.Func("VALUES", syntax.Col(first)))}, by...)
	x.add(&syntax.MvExpand{Name: syntax.NameOf(start)})
	latest := x.fresh("latest")
	newest := syntax.Named(latest, syntax.Func("MAX", syntax.Col(start)))
	newest.Where = le(syntax.Col(start), now)
	x.inline([]syntax.Field{newest}, perTime...)
	x.where(eq(syntax.Col(start), syntax.Col(latest)))
	return start
}

// cut adds a column with the start of the session that an event is in, given that of the session before a cut.
func (x *body) cut(start string, longest time.Duration, by []string) string {
	now := syntax.Col(timestamp)
	next, session := x.fresh("next"), x.fresh("session_start")
	first := syntax.Named(next, syntax.Func("MIN", now))
	first.Where = ge(now, after(syntax.Col(start), longest))
	x.inline([]syntax.Field{first}, append(append([]string{}, by...), start)...)
	x.eval(syntax.Named(session, syntax.Func("CASE", ge(now, syntax.Col(next)), syntax.Col(next), syntax.Col(start))))
	return session
}

// cuts is how many sessions of the greatest length the range of a run may hold without a gap.
func cuts(c Clock, r *ir.Rule, w ir.Window) int { return int((c.reach(r) - w.Size) / w.Max) }
