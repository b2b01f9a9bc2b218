package kusto

import (
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/ir"
)

// countWindows prints a count in tumbling or hopping windows.
func (p *body) countWindows(c *ir.Count) (syntax.Expr, backends.Columns) {
	w := c.Window
	from := since()
	if w.Kind == ir.Hopping {
		p.judges(w.Every)
		from = plus(since(), w.Every-w.Size)
	} else {
		p.judges(w.Size)
	}
	x := p.inWindows(from, c.Per, w)
	shown, extend := p.shown()
	x = syntax.Pipe(x, extend...)
	x = syntax.Pipe(x, &syntax.Where{Pred: p.when(c.When, false)})
	return x, backends.Columns{Keys: p.keyNames(c.Per), From: windowColumn, Shown: shown}
}

// hops makes one row for each hopping window that an event lies in and the run judges.
func hops(w ir.Window, at syntax.Expr) []syntax.Operator {
	first, last := plus(bin(at, w.Every), w.Every-w.Size), bin(at, w.Every)
	if w.Size%w.Every != 0 {
		last = plus(bin(plus(at, w.Size), w.Every), -w.Size)
	}
	starts := syntax.Fn("range", first, last, syntax.Timespan(w.Every))
	start := syntax.Col(windowColumn)
	return []syntax.Operator{
		&syntax.MvExpand{Items: []syntax.ExpandItem{{Name: windowColumn, Expr: starts, Type: syntax.TypeDatetime}}},
		&syntax.Where{Pred: syntax.AllOf(gt(start, plus(since(), -w.Size)), le(start, plus(until(), -w.Size)))},
	}
}

// inWindows returns the tuples of per in each window with all aggregates.
func (p *body) inWindows(from syntax.Expr, per []int, w ir.Window) syntax.Expr {
	pieces := p.pieces(per)
	start := syntax.Plain(syntax.Col(windowColumn))
	hopping := w.Kind == ir.Hopping
	if !hopping && len(pieces) > 1 { // the window is computed once
		p.window = func(at syntax.Expr) syntax.Expr { return bin(at, w.Size) }
	}
	x := p.events(from, until(), len(pieces) > 1)
	var ops []syntax.Operator
	if hopping {
		ops = hops(w, p.eventTime())
	}
	if len(pieces) == 1 {
		if !hopping {
			start = syntax.Named(windowColumn, bin(p.eventTime(), w.Size))
		}
		x = syntax.Pipe(syntax.Pipe(x, p.expandKeys(per)...), ops...)
		x = syntax.Pipe(x, p.summarize(pieces[0], p.eventTime(), append(p.keyItems(per), start))...)
		return syntax.Pipe(x, p.finish(pieces)...)
	}
	p.let("events", syntax.Fn("materialize", syntax.Pipe(x, ops...)))
	events := syntax.Col("events")
	for i, piece := range pieces {
		own := syntax.Pipe(events, p.expandKeys(piece.keys)...)
		own = syntax.Pipe(own, p.summarize(piece, p.eventTime(), append(p.keyItems(piece.keys), start))...)
		if i == 0 {
			x = own
			continue
		}
		kind := "inner" // the event that gives a tuple is one of each scope
		if piece.optional() {
			kind = "leftouter"
		}
		x = syntax.Pipe(x, &syntax.Lookup{Kind: kind, Right: own, On: append(p.keyExprs(piece.keys), start.Expr)})
	}
	return syntax.Pipe(x, p.finish(pieces)...)
}

// sorted orders rows by keys, then by the given columns, upwards.
func (p *body) sorted(keys []int, columns ...string) syntax.Operator {
	sort := &syntax.Sort{}
	for _, k := range keys {
		sort.By = append(sort.By, syntax.Asc(p.keys[k].expr))
	}
	for _, c := range columns {
		sort.By = append(sort.By, syntax.Asc(syntax.Col(c)))
	}
	return sort
}

func prev(x syntax.Expr) syntax.Expr { return syntax.Fn("prev", x) }

// sameAsBefore is true where the row before has the same values of columns; true without any.
func sameAsBefore(xs []syntax.Expr) []syntax.Expr {
	var out []syntax.Expr
	for _, x := range xs {
		out = append(out, eq(x, prev(x)))
	}
	return out
}

// countSliding prints a count at the time of each event of a tuple: each time is joined with the events of the window that
// ends there, by buckets of the window's size.
func (p *body) countSliding(c *ir.Count) (syntax.Expr, backends.Columns) {
	p.judges(grid(p.timing))
	size := c.Window.Size
	at, bucket := p.eventTime(), syntax.Col("Bucket")
	pieces := p.atTimes(c.Per)
	events := p.timedEvents(plus(since(), -2*size))
	p.let("events", syntax.Fn("materialize", events))
	anchors := syntax.Pipe(syntax.Col("events"), &syntax.Where{Pred: gt(at, plus(since(), -size))})
	anchors = syntax.Pipe(anchors, p.expandKeys(c.Per)...)
	anchors = syntax.Pipe(anchors, &syntax.Summarize{By: append(p.keyItems(c.Per), syntax.Plain(at)), HasBy: true})
	buckets := syntax.Fn("range", bucketOf(plus(at, -size), size), bucketOf(at, size), syntax.Timespan(size))
	anchors = syntax.Pipe(anchors, &syntax.MvExpand{Items: []syntax.ExpandItem{{Name: "Bucket", Expr: buckets, Type: syntax.TypeDatetime}}})
	if len(pieces) > 1 {
		p.let("anchors", syntax.Fn("materialize", anchors))
		anchors = syntax.Col("anchors")
	}
	inside := syntax.AllOf(gt(eventTimeColumn, plus(at, -size)), le(eventTimeColumn, at))
	join := func(x *piece) syntax.Expr {
		bucketed := syntax.Named("Bucket", bucketOf(at, size))
		right := p.joined(syntax.Col("events"), x, bucketed)
		return syntax.Pipe(anchors, &syntax.Join{Kind: "inner", Right: right, On: append(p.keyExprs(x.keys), bucket)}, &syntax.Where{Pred: inside})
	}
	x := p.joinPieces(pieces, c.Per, join, nil)
	again := append(sameAsBefore(p.keyExprs(c.Per)), lt(syntax.Bin(syntax.Sub, at, prev(at)), syntax.Timespan(size)))
	return p.episodes(x, c, again, nil)
}

func bucketOf(x syntax.Expr, size time.Duration) syntax.Expr {
	return syntax.Fn("bin", x, syntax.Timespan(size))
}

// eventTimeColumn is the time of a joined event.
var eventTimeColumn = syntax.Col("EventTime")

// timedEvents returns the events with times in whole milliseconds.
func (p *body) timedEvents(from syntax.Expr) syntax.Expr {
	p.millis = true
	return p.events(from, until(), true)
}

// atTimes returns the pieces that are computed for each tuple and time. A piece without aggregates is left out when another
// tells the same tuples.
func (p *body) atTimes(per []int) []*piece {
	pieces := p.pieces(per)
	if len(pieces[0].aggs) > 0 {
		return pieces
	}
	for i, x := range pieces[1:] {
		if !x.optional() {
			pieces[0], pieces[i+1] = pieces[i+1], pieces[0]
			return append(pieces[:i+1], pieces[i+2:]...)
		}
	}
	return pieces
}

// joined is the right side of a join of times with events: the columns that a piece reads, and further ones.
func (p *body) joined(events syntax.Expr, x *piece, more ...syntax.Item) syntax.Expr {
	items := append(p.keyItems(x.keys), more...)
	items = append(items, syntax.Named("EventTime", p.eventTime()))
	seen := map[string]bool{}
	add := func(e syntax.Expr) {
		if n, ok := e.(*syntax.Name); ok && !seen[n.Name] {
			seen[n.Name] = true
			items = append(items, syntax.Plain(e))
		}
	}
	for _, n := range x.aggs {
		if a := p.agg(n); true {
			if a.Arg >= 0 {
				add(p.args[a.Arg].expr)
			}
			if a.Where >= 0 {
				add(p.conds[a.Where])
			}
		}
	}
	right := syntax.Pipe(events, p.expandKeys(x.keys)...)
	return syntax.Pipe(right, &syntax.Project{Items: items})
}

// joinPieces brings the pieces together by tuple, time and further columns.
func (p *body) joinPieces(pieces []*piece, per []int, join func(*piece) syntax.Expr, more []syntax.Expr) syntax.Expr {
	at := p.eventTime()
	by := p.keyItems(per)
	on := p.keyExprs(per)
	for _, m := range append(more, at) {
		by, on = append(by, syntax.Plain(m)), append(on, m)
	}
	var x syntax.Expr
	for i, piece := range pieces {
		own := syntax.Pipe(join(piece), p.summarize(piece, eventTimeColumn, by)...)
		if i == 0 {
			x = own
			continue
		}
		kind := "inner"
		if piece.optional() {
			kind = "leftouter"
		}
		x = syntax.Pipe(x, &syntax.Lookup{Kind: kind, Right: own, On: on})
	}
	return syntax.Pipe(x, p.finish(pieces)...)
}

// episodes keeps the times at which the condition is true and was not true at the time before; again says what the row
// before has to be for that.
func (p *body) episodes(x syntax.Expr, c *ir.Count, again []syntax.Expr, drop []string) (syntax.Expr, backends.Columns) {
	at := p.eventTime()
	holds, before := p.fresh("Holds"), p.fresh("HeldBefore")
	shown, extend := p.shown()
	x = syntax.Pipe(x, extend...)
	again = append(again, prev(syntax.Col(holds)))
	away := &syntax.ProjectAway{Columns: []syntax.Expr{syntax.Col(holds), syntax.Col(before)}}
	for _, d := range drop {
		away.Columns = append(away.Columns, syntax.Col(d))
	}
	x = syntax.Pipe(x,
		&syntax.Extend{Items: []syntax.Item{syntax.Named(holds, p.twoValued(c.When))}},
		p.sorted(c.Per, at.(*syntax.Name).Name),
		&syntax.Extend{Items: []syntax.Item{syntax.Named(before, syntax.Fn("coalesce", syntax.AllOf(again...), syntax.Bool(false)))}},
		&syntax.Where{Pred: syntax.AllOf(syntax.Col(holds), syntax.Not(syntax.Col(before)), ge(at, since()))},
		away)
	return x, backends.Columns{Keys: p.keyNames(c.Per), Time: at.(*syntax.Name).Name, Shown: shown}
}

// countSessions prints a count in sessions. A session's start is certain behind a pause as long as the gap; what lies before
// the first such pause of a tuple in sight is left out.
func (p *body) countSessions(c *ir.Count) (syntax.Expr, backends.Columns) {
	p.judges(grid(p.timing))
	gap, longest := c.Window.Size, c.Window.Max
	p.let("horizon", plus(since(), -(gap+2*longest)))
	at := p.eventTime()
	timeName := at.(*syntax.Name).Name
	start := syntax.Col("SessionStart")
	fresh, pause, pauses := p.fresh("NewTuple"), p.fresh("Pause"), p.fresh("Pauses")
	pieces := p.atTimes(c.Per)
	events := syntax.Pipe(p.timedEvents(syntax.Col("horizon")), p.expandKeys(c.Per)...)
	isNew := syntax.Expr(syntax.Fn("isnull", prev(at)))
	if keys := p.keyExprs(c.Per); len(keys) > 0 {
		var other []syntax.Expr
		for _, k := range keys {
			other = append(other, syntax.Bin(syntax.Ne, k, prev(k)))
		}
		isNew = syntax.AnyOf(append(other, isNew)...)
	}
	before := syntax.Fn("iff", syntax.Col(fresh), syntax.Col("horizon"), prev(at))
	events = syntax.Pipe(events,
		p.sorted(c.Per, timeName),
		&syntax.Extend{Items: []syntax.Item{syntax.Named(fresh, isNew)}},
		&syntax.Extend{Items: []syntax.Item{
			syntax.Named("SessionStart", syntax.Fn("row_window_session", at, syntax.Timespan(longest), syntax.Timespan(gap), syntax.Col(fresh))),
			syntax.Named(pause, syntax.Fn("toint", ge(syntax.Bin(syntax.Sub, at, before), syntax.Timespan(gap)))),
		}},
		&syntax.Extend{Items: []syntax.Item{syntax.Named(pauses, syntax.Fn("row_cumsum", syntax.Col(pause), syntax.Col(fresh)))}},
		&syntax.Where{Pred: gt(syntax.Col(pauses), syntax.Long(0))})
	p.let("sessions", syntax.Fn("materialize", events))
	by := append(p.keyItems(c.Per), syntax.Plain(start), syntax.Plain(at))
	times := syntax.Pipe(syntax.Col("sessions"), &syntax.Summarize{By: by, HasBy: true})
	join := func(x *piece) syntax.Expr {
		y := *x
		y.keys = c.Per
		right := p.joinedSession(&y, start)
		return syntax.Pipe(times, &syntax.Join{Kind: "inner", Right: right, On: append(p.keyExprs(c.Per), start)}, &syntax.Where{Pred: le(eventTimeColumn, at)})
	}
	x := p.joinPieces(pieces, c.Per, join, []syntax.Expr{start})
	again := append(sameAsBefore(p.keyExprs(c.Per)), eq(start, prev(start)))
	return p.episodes(x, c, again, nil)
}

// joinedSession is [body.joined] on sessions, whose array keys are expanded already.
func (p *body) joinedSession(x *piece, start syntax.Expr) syntax.Expr {
	arrays := map[int]bool{}
	for _, k := range x.keys {
		arrays[k] = p.keys[k].array
		p.keys[k].array = false
	}
	defer func() {
		for k, a := range arrays {
			p.keys[k].array = a
		}
	}()
	right := p.joined(syntax.Col("sessions"), x, syntax.Plain(start)).(*syntax.Pipeline)
	ops := right.Ops
	if len(ops) > 1 { // the sessions have all keys
		ops = ops[len(ops)-1:]
	}
	return syntax.Pipe(right.Source, ops...)
}
