package spl

import (
	"maps"
	"slices"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/spl/syntax"
)

// carried are columns of the rows that complete the begin of a chain up to a step; they are null on all others.
type carried struct {
	// start is the latest time at which such a begin can start.
	start string
	// shown are the values of the steps up to there that a finding shows, by place in Emit.Shown; see [ordering.coded].
	shown map[int]string
}

func (c carried) each() []int { return slices.Sorted(maps.Keys(c.shown)) }

// ordered renders a sequence whose chains are dated at their last event. Of all begins of a chain that are complete before an
// event, the one that started last is the best: it is carried from step to step.
func (o *ordering) ordered() backends.Columns {
	o.inOrder("_time", false)
	last := len(o.events) - 1
	done, terms := o.carry(0, last)
	stopped := o.stopped
	if stopped == "" {
		stopped = o.seen("stopped", o.seq.Untils())
	}
	o.add(syntax.Command("addinfo"))
	terms = append(terms, syntax.Op("<=", minus(now, syntax.F(done.start)), secs(o.seq.Within)))
	if stopped != "" {
		terms = append(terms, never(stopped, "<", done.start))
	}
	o.where(slices.Concat(terms, o.alike(), o.ripe("_time"))...)
	o.plain(last, done.shown)
	return o.first("_time", done.shown)
}

// carry goes from one step to another, and returns the columns of the last one's rows with the conditions for these rows that
// are yet to be asked.
func (o *ordering) carry(from, to int) (carried, []syntax.Expr) {
	done := make([]carried, to+1)
	var terms []syntax.Expr
	done[from], terms = o.begin(from)
	for place := from + 1; place <= to; place++ {
		o.keep(done[place-1], terms)
		o.own(place-1, done[place-1])
		if p := o.cross.pair; p != nil && p.place == place && p.from < place-1 {
			done[place], terms = o.across(p, done)
		} else {
			done[place], terms = o.next(place, done[place-1])
		}
	}
	return done[to], terms
}

// begin starts chains with a step.
func (o *ordering) begin(place int) (carried, []syntax.Expr) {
	c := carried{start: o.fresh(o.name(place) + "_start"), shown: map[int]string{}}
	take := []syntax.Expr{o.is(place)}
	if r := o.repeat(place); r > 1 {
		seen := o.fresh("seen")
		o.window(r, syntax.Count(seen), syntax.AggOf("min", "_time", c.start))
		take = append(take, eq(syntax.F(seen), syntax.Int(int64(r))))
		return c, take
	}
	o.eval(c.start, iff(take[0], now))
	return c, nil
}

// keep leaves the columns only where conditions hold.
func (o *ordering) keep(c carried, terms []syntax.Expr) {
	if len(terms) == 0 {
		return
	}
	o.eval(c.start, iff(and(terms...), syntax.F(c.start)))
	for _, i := range c.each() {
		o.eval(c.shown[i], iff(notnull(c.start), syntax.F(c.shown[i])))
	}
}

// own adds what the rows of a step show themselves.
func (o *ordering) own(place int, c carried) {
	for _, i := range o.shownOf(place) {
		c.shown[i] = o.shownName(i)
		o.eval(c.shown[i], iff(notnull(c.start), o.coded(o.stepValue(i))))
	}
}

// next takes the next step.
func (o *ordering) next(place int, c carried) (carried, []syntax.Expr) {
	pair := o.cross.pair
	if pair != nil && pair.place != place {
		pair = nil
	}
	ranked := pair != nil && o.ranked(place)
	gap := o.occurring(o.seq.Gap(place))
	n, prev, take := o.pass(place-1, place, c, pair, ranked || len(gap) > 0)
	if missed := o.seen("missed", gap); missed != "" {
		take = append(take, never(missed, "<=", prev))
	}
	if r := o.repeat(place); r > 1 {
		n, take = o.repeated(place, n, take, r)
	}
	if ranked {
		take = o.records(n, prev, take)
	}
	return n, take
}

// ranked reports whether what is shown of a begin has to be kept apart from that of worse ones, behind a comparison.
func (o *ordering) ranked(place int) bool { return place+1 < len(o.events) && o.showsUpTo(place) }

// pass carries the begins up to one step to the rows of a later one. It returns the column with the time of that earlier step, where
// that is asked for, and the conditions for the rows of the later one.
func (o *ordering) pass(from, to int, c carried, pair *comparison, timed bool) (n carried, at string, take []syntax.Expr) {
	take = []syntax.Expr{o.is(to)}
	by := o.group()
	if pair != nil {
		if o.repeat(from) > 1 && len(o.rule.Emit.Shown) == 0 {
			c = o.sameTimes(c)
		}
		for _, l := range pair.equal {
			v := o.compared(l)
			by = append(by, v)
			take = append(take, syntax.Op("!=", syntax.F(v), syntax.S("")))
		}
		if pair.differs != nil {
			n, at = o.differing(to, pair.differs, by, c, timed)
			return n, at, take
		}
	}
	n = o.named(to, c)
	aggs := o.passed(c, n, "max", "last")
	if at = n.start; timed && (from > 0 || o.repeat(0) > 1) { // else the chain starts where the step before is
		at = o.fresh(o.name(from) + "_at")
		aggs = append(aggs, syntax.Agg{Func: "max", Eval: iff(notnull(c.start), now), As: at})
	}
	o.before(by, aggs...)
	return n, at, take
}

// across takes a step that is compared with one farther before: begins up to that one are carried from the earliest time at which the
// steps between can be complete. What is shown of these is that of the latest begin of all.
func (o *ordering) across(p *comparison, done []carried) (carried, []syntax.Expr) {
	last := p.place == len(o.events)-1
	between, _, _ := o.pass(p.place-1, p.place, done[p.place-1], nil, false)
	if last {
		o.stopped = o.seen("stopped", o.seq.Untils())
	}
	o.inOrder("_time", true)
	complete := o.backwards(p.from+1, p.place-1)
	ready, at := o.fresh("ready"), o.fresh("at")
	o.before(o.group(), syntax.AggOf("min", complete, ready))
	o.eval(at, syntax.Fn("if", o.is(p.from), syntax.F(ready), now))
	o.sorted(ascending(at), syntax.SortKey{Func: "num", Name: o.step, Desc: true}, ascending("_time"))
	n, rank, take := o.pass(p.from, p.place, done[p.from], p, o.ranked(p.place))
	for _, i := range between.each() {
		if n.shown[i] == "" {
			n.shown[i] = between.shown[i]
		}
	}
	if !last {
		o.inOrder("_time", false)
	}
	if o.ranked(p.place) {
		take = o.records(n, rank, take)
	}
	return n, take
}

// named makes names for the columns of a step that is reached from the one before.
func (o *ordering) named(place int, c carried) carried {
	n := carried{start: o.fresh(o.name(place) + "_start"), shown: map[int]string{}}
	for _, i := range c.each() {
		n.shown[i] = o.fresh(o.name(place) + "_" + o.shownName(i))
	}
	return n
}

// passed are the aggregates that make columns of others: the start by one function, what is shown by another.
func (o *ordering) passed(c, n carried, start, shown string) []syntax.Agg {
	aggs := []syntax.Agg{syntax.AggOf(start, c.start, n.start)}
	for _, i := range c.each() {
		aggs = append(aggs, syntax.AggOf(shown, c.shown[i], n.shown[i]))
	}
	return aggs
}

// repeated lets a step take several events: what counts is what came before the first of the last so many.
func (o *ordering) repeated(place int, c carried, take []syntax.Expr, r int) (carried, []syntax.Expr) {
	if len(take) > 1 { // nothing was missed before the first event: any of the later ones may be the first
		o.keep(c, take)
		n := o.named(place, c)
		o.stats(syntax.Streamstats, o.passed(c, n, "max", "last"), o.stepGroup())
		c = n
	}
	n, seen := o.named(place, c), o.fresh("seen")
	o.window(r, append([]syntax.Agg{syntax.AggOf("count", c.start, seen)}, o.passed(c, n, "min", "first")...)...)
	return n, []syntax.Expr{take[0], eq(syntax.F(seen), syntax.Int(int64(r)))}
}

// sameTimes lets each event of a repeated step be the last of those that share its time.
func (o *ordering) sameTimes(c carried) carried {
	n := carried{start: o.fresh(c.start), shown: c.shown}
	o.stats(syntax.Eventstats, []syntax.Agg{syntax.AggOf("max", c.start, n.start)}, append([]string{"_time"}, o.stepGroup()...))
	return n
}

// differing takes the next step where a value has to differ from that of the step before: of the latest begin whose value is not
// that of the last one, beside the last one itself. It also returns the column with the time of that step, where it is asked for.
func (o *ordering) differing(to int, l *likeness, by []string, c carried, timed bool) (n carried, at string) {
	value := o.compared(*l)
	apart := func(other string) syntax.Expr {
		a, b := syntax.F(value), syntax.F(other)
		return syntax.OrE(syntax.Op("!=", a, b), eq(a, syntax.S("")), eq(b, syntax.S("")))
	}
	held, heldBefore, lastHeld := o.fresh("held"), o.fresh("held_before"), o.fresh("last_held")
	o.eval(held, iff(notnull(c.start), syntax.F(value)))
	heldAt := ""
	if timed {
		heldAt = o.fresh("held_at")
		o.eval(heldAt, iff(notnull(c.start), now))
	}
	columns := func(names carried, at string) [][2]string {
		out := [][2]string{{names.start, "max"}}
		if timed {
			out = append(out, [2]string{at, "max"})
		}
		for _, i := range names.each() {
			out = append(out, [2]string{names.shown[i], "last"})
		}
		return out
	}
	carry := func(these, those [][2]string) (aggs []syntax.Agg) {
		for i := range these {
			aggs = append(aggs, syntax.AggOf(these[i][1], these[i][0], those[i][0]))
		}
		return aggs
	}
	like := func(prefix string) (carried, string) {
		names := carried{start: o.fresh(prefix + "_start"), shown: map[int]string{}}
		for _, i := range c.each() {
			names.shown[i] = o.fresh(prefix + "_" + o.shownName(i))
		}
		if timed {
			return names, o.fresh(prefix + "_at")
		}
		return names, ""
	}
	other, otherAt := like("other")
	own, others := columns(c, heldAt), columns(other, otherAt)
	o.before(by, append(carry(own, others), syntax.AggOf("last", held, heldBefore))...)
	for i, x := range others {
		cond := notnull(other.start)
		if i == 0 {
			cond = and(notnull(held), apart(heldBefore))
		}
		o.eval(x[0], iff(cond, syntax.F(x[0])))
	}
	n, at = like(o.name(to))
	second, secondAt := like("second")
	firsts, seconds := columns(n, at), columns(second, secondAt)
	o.before(by, slices.Concat(carry(own, firsts), carry(others, seconds), []syntax.Agg{syntax.AggOf("last", held, lastHeld)})...)
	for i, x := range firsts {
		o.eval(x[0], syntax.Fn("if", apart(lastHeld), syntax.F(x[0]), syntax.F(seconds[i][0])))
	}
	return n, at
}

// records drops begins that are worse than one before: where steps are compared, a later event may complete an earlier begin.
func (o *ordering) records(c carried, rank string, take []syntax.Expr) []syntax.Expr {
	o.keep(c, take)
	best := o.fresh("best")
	o.eval(rank, iff(notnull(c.start), syntax.F(rank)))
	o.stats(syntax.Streamstats, []syntax.Agg{syntax.AggOf("max", rank, best)}, o.group())
	return []syntax.Expr{ge(syntax.F(rank), syntax.F(best))}
}
