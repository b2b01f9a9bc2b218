package spl

import (
	"fmt"
	"slices"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/ir"
)

// together renders a rule whose steps come in any order: at each event, the latest events of each step. Where an event may take
// one of several steps, every choice of these steps needs as many events as they take all together (Hall's theorem).
func (o *ordering) together() backends.Columns {
	o.choosers()
	o.inOrder("_time", false)
	var starts []string
	var aggs []syntax.Agg
	add := func(name string) string {
		latest := o.fresh("latest_" + name)
		starts = append(starts, latest)
		aggs = append(aggs, syntax.AggOf("max", name, latest))
		return latest
	}
	for _, g := range o.groups {
		if o.sharing(g[0]) < 0 {
			for _, name := range o.starts(g) {
				add(name)
			}
		}
	}
	type own struct {
		is            syntax.Expr
		start, latest string
	}
	var owns []own // rows of steps that share a value complete a chain with that of their own
	for _, l := range o.cross.shared {
		is, start := o.sharedStart(l)
		owns = append(owns, own{is, start, add(start)})
	}
	shown := map[int]string{}
	more := o.latestShown(shown)
	o.stats(syntax.Streamstats, append(aggs, more...), o.group())
	stopped := o.seen("stopped", o.seq.Untils())
	for _, x := range owns {
		o.eval(x.latest, syntax.Fn("if", x.is, syntax.F(x.start), syntax.F(x.latest)))
	}
	start := starts[0]
	if len(starts) > 1 {
		start = o.fresh("start")
		args := make([]syntax.Expr, len(starts))
		for i, s := range starts {
			args[i] = syntax.F(s)
		}
		o.eval(start, syntax.Fn("min", args...))
	}
	o.add(syntax.Command("addinfo"))
	terms := []syntax.Expr{ge(syntax.F(o.step), syntax.Int(1))}
	for _, s := range starts[:len(starts)-1] { // min() passes over null
		terms = append(terms, notnull(s))
	}
	terms = append(terms, notnull(starts[len(starts)-1]), syntax.Op("<=", minus(now, syntax.F(start)), secs(o.seq.Within)))
	if stopped != "" {
		terms = append(terms, never(stopped, "<", start))
	}
	o.where(slices.Concat(terms, o.alike(), o.ripe("_time"))...)
	return o.first("_time", shown)
}

// sharing is the index of the shared value that a step is compared by; -1 when there is none.
func (o *ordering) sharing(step int) int {
	return slices.IndexFunc(o.cross.shared, func(l likeness) bool {
		return slices.ContainsFunc(l.of, func(v ir.StepValue) bool { return v.Step == step })
	})
}

// sharedStart adds to the rows of steps that share a value the earliest of the latest events of these steps with the row's value.
func (o *ordering) sharedStart(l likeness) (is syntax.Expr, start string) {
	value := o.compared(l)
	var aggs []syntax.Agg
	var steps, times, there []syntax.Expr
	name := ""
	for _, v := range l.of {
		place := slices.Index(o.events, v.Step)
		at := o.fresh(o.name(place) + "_at")
		aggs = append(aggs, syntax.Agg{Func: "max", Eval: iff(o.is(place), now), As: at})
		steps, times, there = append(steps, o.is(place)), append(times, syntax.F(at)), append(there, notnull(at))
		name += o.name(place) + "_"
	}
	is, start = syntax.OrE(steps...), o.fresh(name+"start")
	o.stats(syntax.Streamstats, aggs, append(o.group(), value))
	there = append([]syntax.Expr{is, syntax.Op("!=", syntax.F(value), syntax.S(""))}, there...)
	o.eval(start, iff(syntax.AndE(there...), syntax.Fn("min", times...)))
	return is, start
}

// choosers adds fields that say which of the steps of one number an event may take.
func (o *ordering) choosers() {
	o.takes = map[int]string{}
	for _, g := range o.groups {
		for _, i := range g {
			if len(g) > 1 {
				o.takes[i] = o.fresh("takes_" + o.name(slices.Index(o.events, i)))
				o.eval(o.takes[i], syntax.Fn("if", and(eq(syntax.F(o.step), syntax.Int(int64(o.numbers[i]))), o.stepCondition(i)), syntax.Int(1), syntax.Int(0)))
			}
		}
	}
}

// starts adds, on the events of a group of steps, for each choice of the steps the time of the first of the last so many events
// that they take together.
func (o *ordering) starts(group []int) []string {
	var out []string
	for choice := 1; choice < 1<<len(group); choice++ {
		rows, name := 0, ""
		var takes []syntax.Expr
		for n, i := range group {
			if choice&(1<<n) != 0 {
				rows += o.seq.Steps[i].Repeat
				name += "_" + o.name(slices.Index(o.events, i))
				if len(group) > 1 {
					takes = append(takes, eq(syntax.F(o.takes[i]), syntax.Int(1)))
				}
			}
		}
		name = o.fresh(name[1:] + "_start")
		out = append(out, name)
		is := eq(syntax.F(o.step), syntax.Int(int64(o.numbers[group[0]])))
		by := o.stepGroup()
		if len(takes) > 0 {
			some := o.fresh("takes_any")
			o.eval(some, syntax.Fn("if", syntax.OrE(takes...), syntax.Int(1), syntax.Int(0)))
			is, by = eq(syntax.F(some), syntax.Int(1)), append(o.group(), some)
		}
		if rows == 1 {
			o.eval(name, iff(is, now))
			continue
		}
		seen := o.fresh("seen")
		o.stats(syntax.Streamstats, []syntax.Agg{syntax.Count(seen), syntax.AggOf("min", "_time", name)}, by, syntax.Opt("window", fmt.Sprint(rows)), syntax.Opt("global", "f"))
		o.eval(name, iff(and(is, eq(syntax.F(seen), syntax.Int(int64(rows)))), syntax.F(name)))
	}
	return out
}

// latestShown returns the aggregates for what findings show of the latest events of the steps, and names their columns. What is
// shown of steps that are in a group with others, or share a value with some, is not carried.
func (o *ordering) latestShown(shown map[int]string) (aggs []syntax.Agg) {
	for place, i := range o.events {
		if !slices.ContainsFunc(o.groups, func(g []int) bool { return len(g) == 1 && g[0] == i }) || o.sharing(i) >= 0 {
			continue
		}
		for _, s := range o.shownOf(place) {
			own := o.shownName(s)
			o.eval(own, iff(o.is(place), o.coded(o.stepValue(s))))
			shown[s] = o.fresh("latest_" + own)
			aggs = append(aggs, syntax.AggOf("last", own, shown[s]))
		}
	}
	return aggs
}

// togetherWait renders a rule in any order whose chains are judged when their span is over. Each event gets a second row at the
// end of the span that begins with it: as the first event of a chain it is in it, with the latest events of the other steps.
func (o *ordering) togetherWait() backends.Columns {
	first := o.fresh("first_step")
	o.eval(first, syntax.F(o.step))
	at := o.dueRows(ge(syntax.F(o.step), syntax.Int(1)), false)
	o.inOrder(at, false)
	var aggs []syntax.Agg
	var terms []syntax.Expr
	terms = append(terms, eq(syntax.F(o.step), syntax.Int(int64(o.due))))
	var latest []syntax.Expr
	for place, g := range o.groups {
		name := o.starts(g)[0]
		start := o.fresh("latest_" + name)
		aggs = append(aggs, syntax.AggOf("max", name, start))
		terms = append(terms, ge(syntax.F(start), now))
		if o.repeat(place) > 1 {
			end := o.fresh(o.name(place) + "_end")
			aggs = append(aggs, syntax.Agg{Func: "max", Eval: iff(notnull(name), now), As: end})
			latest = append(latest, syntax.F(end))
			continue
		}
		latest = append(latest, syntax.Fn("if", eq(syntax.F(first), syntax.Int(int64(o.numbers[g[0]]))), now, syntax.F(start)))
	}
	shown := map[int]string{}
	more := o.latestShown(shown)
	o.before(o.group(), append(aggs, more...)...)
	missed := o.seen("missed", o.missing())
	stopped := o.seen("stopped", o.seq.Untils())
	o.add(syntax.Command("addinfo"))
	if missed != "" {
		last := latest[0]
		if len(latest) > 1 {
			last = syntax.Fn("max", latest...)
		}
		terms = append(terms, syntax.OrE(syntax.Fn("isnull", syntax.F(missed)), lt(syntax.F(missed), minus(last, secs(o.seq.Within)))))
	}
	if stopped != "" {
		terms = append(terms, never(stopped, "<", "_time"))
	}
	o.where(slices.Concat(terms, o.alike(), o.ripe(at))...)
	for place := range o.events {
		for _, i := range o.shownOf(place) {
			if o.repeat(place) == 1 { // the first event of the chain is the one of its step
				o.eval(shown[i], syntax.Fn("if", eq(syntax.F(first), syntax.Int(int64(o.numbers[o.events[place]]))), o.coded(o.stepValue(i)), syntax.F(shown[i])))
			}
		}
	}
	return o.first(at, shown)
}

func (o *ordering) missing() []int {
	var out []int
	for i, st := range o.seq.Steps {
		if st.Kind == ir.StepMissing {
			out = append(out, i)
		}
	}
	return out
}
