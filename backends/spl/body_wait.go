package spl

import (
	"slices"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/spl/syntax"
)

// orderedWait renders a sequence whose chains are judged when their span is over, because something must be missing behind them.
// Each event of the first step gets a second row at the end of the span that begins with it, which sees what came up to there.
func (o *ordering) orderedWait() backends.Columns {
	ready := o.ready()
	at := o.dueRows(o.is(0), o.single())
	o.inOrder(at, false)
	terms := []syntax.Expr{eq(syntax.F(o.step), syntax.Int(int64(o.due)))}
	shown := map[int]string{}
	last := "_time"
	if !o.single() {
		var start string
		start, last, shown = o.ends()
		if ready == "" {
			ready = "_time"
		}
		op := ">"
		if len(o.events) == 1 {
			op = ">="
		}
		terms = append(terms, syntax.Op(op, syntax.F(start), syntax.F(ready)))
	}
	missed := o.seen("missed", o.seq.Gap(len(o.events)))
	stopped := o.seen("stopped", o.seq.Untils())
	o.add(syntax.Command("addinfo"))
	if missed != "" {
		terms = append(terms, never(missed, "<=", last))
	}
	if stopped != "" {
		terms = append(terms, never(stopped, "<", "_time"))
	}
	o.where(slices.Concat(terms, o.alike(), o.ripe(at))...)
	if o.repeat(0) == 1 {
		o.plain(0, shown)
	}
	return o.first(at, shown)
}

// dueRows adds a row for each row of some kind at the end of the span that begins there, or moves the row there. It returns the
// field with the time of all rows.
func (o *ordering) dueRows(of syntax.Expr, move bool) string {
	at := o.fresh("at")
	due := syntax.Int(int64(o.due))
	s := syntax.F(o.step)
	if !move {
		o.eval(o.step, syntax.Fn("if", of, syntax.Fn("mvappend", s, due), s))
		o.add(syntax.Command("mvexpand", syntax.Word(o.step)))
	}
	o.eval(at, syntax.Fn("if", eq(s, due), plus(now, secs(o.seq.Within)), now))
	return at
}

// ready adds to the events of the first step, as the first of a chain, the earliest time at which all steps but the last can be
// complete. It returns "" where that is the time of the event itself.
func (o *ordering) ready() string {
	n := len(o.events)
	if n == 1 || n == 2 && o.repeat(0) == 1 {
		return ""
	}
	o.inOrder("_time", true)
	return o.backwards(0, n-2)
}

// backwards adds to the events of a step the earliest time at which it and the steps up to another one can be complete when it begins
// with the event. The rows stand in falling order of time.
func (o *ordering) backwards(from, to int) string {
	done := ""
	for place := to; place >= from; place-- {
		next := o.fresh(o.name(place) + "_done")
		terms := []syntax.Expr{o.is(place)}
		if place == to {
			o.eval(next, now)
		} else {
			o.before(o.group(), syntax.AggOf("min", done, next))
		}
		done = next
		if r := o.repeat(place); r > 1 {
			seen := o.fresh("seen")
			done = o.fresh(done)
			o.window(r, syntax.AggOf("count", next, seen), syntax.AggOf("max", next, done))
			terms = append(terms, eq(syntax.F(seen), syntax.Int(int64(r))))
		}
		o.eval(done, iff(and(terms...), syntax.F(done)))
	}
	return done
}

// ends adds to each row the latest event before it that can be the last of a chain: the time from which on its step takes its
// events, its own time, and what is shown.
func (o *ordering) ends() (start, at string, shown map[int]string) {
	last := len(o.events) - 1
	c, terms := o.begin(last)
	o.keep(c, terms)
	if from := o.shownFrom(); from < last {
		before, terms := o.carry(from, last)
		c.shown = before.shown
		o.keep(carried{start: before.start, shown: c.shown}, terms)
	}
	o.own(last, c)
	n := carried{start: o.fresh("end_start"), shown: map[int]string{}}
	for _, i := range c.each() {
		n.shown[i] = o.fresh("end_" + o.shownName(i))
	}
	at = n.start
	aggs := o.passed(c, n, "max", "last")
	if o.repeat(last) > 1 {
		at = o.fresh("end")
		aggs = append(aggs, syntax.Agg{Func: "max", Eval: iff(notnull(c.start), now), As: at})
	}
	o.before(o.group(), aggs...)
	return n.start, at, n.shown
}

// shownFrom is the place of the first step before the last whose values have to be carried to it; that of the last if there is none.
// What an event of the first step shows stands in its own row, unless the step takes several.
func (o *ordering) shownFrom() int {
	from, last := 1, len(o.events)-1
	if o.repeat(0) > 1 {
		from = 0
	}
	for place := from; place < last; place++ {
		if len(o.shownOf(place)) > 0 {
			return min(from, last)
		}
	}
	return last
}
