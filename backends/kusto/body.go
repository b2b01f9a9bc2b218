package kusto

import (
	"fmt"
	"slices"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// The query of a rule over several events begins with two instants, `since` and `until`, which say what this run judges: with
// settled = now() − Delay, the windows that end in (settled − Every, settled], cut down to whole windows, or the times in
// [settled − Every, settled). Runs that lie Every apart so judge each window and each time once, whatever their phase.

// Lookback is how far before now() the query of a rule reads, so that no window that it judges is cut.
func Lookback(r *ir.Rule, t backends.Timing) time.Duration {
	settled := t.Delay + t.Every
	switch b := r.Body.(type) {
	case *ir.Count:
		switch w := b.Window; w.Kind {
		case ir.Tumbling, ir.Hopping:
			return settled + w.Size
		case ir.Sliding:
			return settled + grid(t) + 2*w.Size
		case ir.Session:
			return settled + grid(t) + 2*w.Max + w.Size
		}
	case *ir.Baseline:
		return settled + b.Bucket + b.Learn
	case *ir.FirstSeen: // the tick's own interval may begin a whole one before settled − Every
		return settled + b.Every + b.History
	case *ir.Sequence:
		return settled + time.Millisecond + ir.Reach(r)
	case *ir.Absence:
		return settled + b.Window
	case nil:
	}
	return settled
}

// grid is the unit that the borders of a run are cut to where they are not those of windows: runs that start some seconds
// late still meet at one border.
func grid(t backends.Timing) time.Duration {
	for _, g := range []time.Duration{time.Minute, time.Second} {
		if t.Every%g == 0 {
			return g
		}
	}
	return time.Millisecond
}

// bodyLevel says how exactly a query carries a rule over several events.
func bodyLevel(b *ir.Bound, t backends.Timing) backends.Level {
	level := backends.Exactly()
	if l, ok := refusedBody(b, t); ok {
		return l
	}
	if _, ok := b.Rule.Body.(*ir.Sequence); ok {
		return sequenceLevel(b)
	}
	for _, p := range b.Parts {
		for _, k := range p.Keys {
			level = level.With(columnAssumptions(k.Term)...)
			if f, ok := k.Term.(*ir.Field); ok && k.Fold && f.Type.IsString() {
				level = level.With("fold")
			}
		}
		for _, a := range p.Args {
			level = level.With(columnAssumptions(a)...)
		}
	}
	for _, s := range b.Rule.Scopes() {
		for _, a := range s.Aggs {
			level = level.With(aggAssumptions(b, a)...)
		}
	}
	if c, ok := b.Rule.Body.(*ir.Count); ok && c.Window.Kind == ir.Session {
		level = level.With("session-start")
	}
	return level
}

func columnAssumptions(t ir.Term) []string {
	if f, ok := t.(*ir.Field); ok && f.Type == schema.IP {
		return []string{"ip-text"}
	}
	of := &ir.Cmp{Op: ir.Eq, L: t}
	for _, f := range ir.FieldsOf(of) {
		if f.Type.IsString() && !emptyIsMissing(f) && backends.HasCall(of, ir.Length) {
			return []string{"no-empty"}
		}
	}
	return nil
}

func aggAssumptions(b *ir.Bound, a ir.Agg) []string {
	var out []string
	switch a.Func {
	case ir.AggMedian, ir.AggPercentile, ir.AggValues:
		out = append(out, "list-size")
	case ir.AggFirst, ir.AggLast:
		out = append(out, "distinct-times")
	case ir.AggCount, ir.AggDistinct, ir.AggSum, ir.AggAvg, ir.AggMin, ir.AggMax, ir.AggStddev:
	}
	if a.Func == ir.AggValues || a.Func == ir.AggFirst || a.Func == ir.AggLast {
		for _, p := range b.Parts {
			if f, ok := p.Args[a.Arg].(*ir.Field); ok && f.Type.IsString() && !emptyIsMissing(f) {
				out = append(out, "no-empty")
			}
		}
	}
	return out
}

// refusedBody finds what a query cannot carry.
func refusedBody(b *ir.Bound, t backends.Timing) (backends.Level, bool) {
	switch b.Rule.Body.(type) {
	case *ir.Count, *ir.FirstSeen, *ir.Baseline:
	case *ir.Sequence:
		return refusedSequence(b)
	case *ir.Absence:
		return refusedParts(b)
	case nil:
		return backends.Refused("an event rule has no body", "leave this target out"), true
	}
	for _, p := range b.Parts {
		for i, a := range p.Args {
			f, field := a.(*ir.Field)
			for _, inside := range ir.FieldsOf(&ir.Cmp{Op: ir.Eq, L: a}) {
				if inside.Array && !field {
					return backends.Refused("`"+inside.Name+"` may hold several values, and the calculation takes one", "aggregate the field itself"), true
				}
			}
			if field && f.Array && picked(b.Rule, i) {
				return backends.Refused("first and last take one value of an event, and `"+f.Name+"` may hold several", "show values("+f.Name+") instead"), true
			}
		}
	}
	if l, bad := refusedParts(b); bad {
		return l, true
	}
	x, ok := b.Rule.Body.(*ir.FirstSeen)
	if ok && t.Every > x.Every && (x.History%x.Every != 0 || x.Warmup%x.Every != 0) {
		return backends.Refused(fmt.Sprintf("a run every %s judges several intervals of %s, and the history or warm-up is no multiple of them", t.Every, x.Every),
			"choose a history and a warm-up that are multiples of the interval of first_seen, or `schedule every` no longer than the interval"), true
	}
	return backends.Level{}, false
}

// picked reports whether an argument is one of first or last.
func picked(r *ir.Rule, arg int) bool {
	for _, s := range r.Scopes() {
		for _, a := range s.Aggs {
			if a.Arg == arg && (a.Func == ir.AggFirst || a.Func == ir.AggLast) {
				return true
			}
		}
	}
	return false
}

// refusedParts refuses parts on one table whose arrays differ: an event is expanded by one of them only.
func refusedParts(b *ir.Bound) (backends.Level, bool) {
	for i, p := range b.Parts {
		for _, q := range b.Parts[:i] {
			for k := range p.Keys {
				x, y := p.Keys[k].Term, q.Keys[k].Term
				if isArray(x) != isArray(y) || isArray(x) && p.Class.Table == q.Class.Table && ir.KeyWords(ir.Key{Term: x}) != ir.KeyWords(ir.Key{Term: y}) {
					return backends.Refused("a key has several values in one kind of event and comes from elsewhere in another", "write a rule for each event class"), true
				}
			}
			for k := range p.Args {
				x, y := p.Args[k], q.Args[k]
				if isArray(x) != isArray(y) || isArray(x) && p.Class.Table == q.Class.Table && ir.KeyWords(ir.Key{Term: x}) != ir.KeyWords(ir.Key{Term: y}) {
					return backends.Refused("an aggregated field has several values in one kind of event and comes from elsewhere in another", "write a rule for each event class"), true
				}
			}
		}
	}
	return backends.Level{}, false
}

func isArray(t ir.Term) bool {
	f, ok := t.(*ir.Field)
	return ok && f.Array
}

// body prints one rule over several events.
type body struct {
	rule   *ir.Rule
	bound  *ir.Bound
	timing backends.Timing
	groups []tableParts
	taken  map[string]bool
	// keys, args and conds are how the rule's columns are read behind the events; aggs the names of results by scope.
	keys, args []column
	conds      []syntax.Expr
	aggs       [][]string
	params     []*syntax.Let
	paramNames map[string]string
	lets       []*syntax.Let
	// union tells that pipelines of one table come together too.
	union bool
	// projected tells that events are cut down to the columns of the rule.
	projected bool
	// millis tells that projected events have times in whole milliseconds; window, when set, adds the start of their window.
	millis bool
	window func(at syntax.Expr) syntax.Expr
	// arrived, when set, is asked of events: whether they arrived in time.
	arrived func(at syntax.Expr) syntax.Expr
}

// column is a key or an argument of the rule in the query.
type column struct {
	expr syntax.Expr
	typ  schema.Type
	// array tells that the column holds a set of values, to be expanded where it is used.
	array bool
}

func (c column) present() syntax.Expr {
	if textType(c.typ) {
		return syntax.Fn("isnotempty", c.expr)
	}
	return syntax.Fn("isnotnull", c.expr)
}

func textType(t schema.Type) bool { return t.IsString() || t == schema.IP }

// renderBody prints the query of a rule over several events that bodyLevel has passed.
func renderBody(b *ir.Bound, t backends.Timing) (backends.Query, diag.List) {
	p := &body{rule: b.Rule, bound: b, timing: t, taken: map[string]bool{}, paramNames: map[string]string{}}
	out := backends.Query{}
	for _, part := range b.Parts {
		out.Tables = append(out.Tables, part.Class.Table)
		i := slices.IndexFunc(p.groups, func(g tableParts) bool { return g.table == part.Class.Table })
		if i < 0 {
			i = len(p.groups)
			p.groups = append(p.groups, tableParts{table: part.Class.Table})
		}
		p.groups[i].parts = append(p.groups[i].parts, part)
	}
	p.reserve()
	var x syntax.Expr
	switch r := b.Rule.Body.(type) {
	case *ir.Count:
		switch r.Window.Kind {
		case ir.Tumbling, ir.Hopping:
			x, out.Columns = p.countWindows(r)
		case ir.Sliding:
			x, out.Columns = p.countSliding(r)
		case ir.Session:
			x, out.Columns = p.countSessions(r)
		}
	case *ir.Baseline:
		x, out.Columns = p.baseline(r)
	case *ir.FirstSeen:
		x, out.Columns = p.firstSeen(r)
	case *ir.Sequence:
		x, out.Columns = p.sequence(r)
	case *ir.Absence:
		x, out.Columns = p.absence(r)
	case nil:
		panic("kusto: an event rule has no body")
	}
	out.Text = syntax.Print(syntax.NewQuery(x, append(p.params, p.lets...)...))
	return out, nil
}

// reserve takes the names of the native columns and of what every query has, and names the results.
func (p *body) reserve() {
	for _, part := range p.bound.Parts {
		p.taken[part.Binding.Time.Path] = true
		for _, f := range part.Reads() {
			p.taken[firstSegment(f.Name)] = true
		}
	}
	for _, name := range []string{"since", "until", "horizon", "events", "anchors", "sessions", "buckets", "learned", windowColumn, "WindowEnd", "EventTime", "Bucket", "FirstSeen"} {
		p.taken[name] = true
	}
	for _, s := range p.rule.Scopes() {
		var names []string
		for _, a := range s.Aggs {
			name := a.Name
			if s.Name != "" {
				name = s.Name + "_" + a.Name
			}
			names = append(names, p.fresh(name))
		}
		p.aggs = append(p.aggs, names)
	}
}

// fresh returns a name that is not taken yet, and takes it.
func (p *body) fresh(name string) string {
	for n := 0; ; n++ {
		try := name
		if n > 0 {
			try = elementColumn(name+"_", n)
		}
		if !p.taken[try] {
			p.taken[try] = true
			return try
		}
	}
}

func (p *body) let(name string, x syntax.Expr) { p.lets = append(p.lets, syntax.LetOf(name, x)) }

// windowColumn holds the start of a window.
const windowColumn = "WindowStart"

// epochDays is the number of days from 0001-01-01, where bin counts from, to 1970-01-01, where windows do.
const epochDays = 719_162

// bin cuts a time down to a multiple of the size since 1970.
func bin(x syntax.Expr, size time.Duration) syntax.Expr {
	if epochDays*(24*time.Hour.Milliseconds())%max(size.Milliseconds(), 1) == 0 {
		return syntax.Fn("bin", x, syntax.Timespan(size))
	}
	return syntax.Fn("bin_at", x, syntax.Timespan(size), syntax.Datetime(time.Unix(0, 0)))
}

// ago is now() − d.
func ago(d time.Duration) syntax.Expr {
	if d == 0 {
		return syntax.Fn("now")
	}
	return syntax.Fn("ago", syntax.Timespan(d))
}

// plus moves a time by a duration of any sign.
func plus(x syntax.Expr, d time.Duration) syntax.Expr {
	switch {
	case d > 0:
		return syntax.Bin(syntax.Add, x, syntax.Timespan(d))
	case d < 0:
		return syntax.Bin(syntax.Sub, x, syntax.Timespan(-d))
	}
	return x
}

// range of what a run judges, in whole steps.
func (p *body) judges(step time.Duration) {
	p.let("until", bin(ago(p.timing.Delay), step))
	if p.timing.Every%step == 0 {
		p.let("since", plus(until(), -p.timing.Every))
		return
	}
	p.let("since", bin(ago(p.timing.Delay+p.timing.Every), step))
}

func since() syntax.Expr { return syntax.Col("since") }
func until() syntax.Expr { return syntax.Col("until") }

func ge(x, y syntax.Expr) syntax.Expr { return syntax.Bin(syntax.Ge, x, y) }
func lt(x, y syntax.Expr) syntax.Expr { return syntax.Bin(syntax.Lt, x, y) }
func gt(x, y syntax.Expr) syntax.Expr { return syntax.Bin(syntax.Gt, x, y) }
func le(x, y syntax.Expr) syntax.Expr { return syntax.Bin(syntax.Le, x, y) }
func eq(x, y syntax.Expr) syntax.Expr { return syntax.Bin(syntax.Eq, x, y) }
