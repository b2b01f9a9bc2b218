package interp

import (
	"sort"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// The activity plugins look at who (an id) was seen in which period of a timeline, and count the ids of the periods.

// activity is the bound call of an activity plugin.
type activity struct {
	in      *node
	id, at  int
	consts  map[string]*cexpr
	dims    []*cexpr
	dimCols []column
	timeCol column
}

// activityOf binds the arguments: two columns, the named constants, and the columns that slice the result. Start and End, when
// they are the first constants, may be left out.
func (b *binder) activityOf(in *node, x *syntax.Evaluate, sc *scope, names ...string) *activity {
	id, ok := b.columnArg(in, x, 0, "IdColumn")
	at, ok2 := b.columnArg(in, x, 1, "TimelineColumn")
	if !ok || !ok2 {
		return nil
	}
	a := &activity{in: in, id: id, at: at, consts: map[string]*cexpr{}, timeCol: in.cols[at]}
	isDim := func(i int) bool {
		n, isName := x.Call.Args[i].Expr.(*syntax.Name)
		return isName && find(in.cols, n.Name) >= 0
	}
	last := 2 // the first argument behind the constants
	for last < len(x.Call.Args) && last < 2+len(names) && !isDim(last) {
		last++
	}
	if n := last - 2; n == len(names)-2 && names[0] == "Start" && (x.Call.Name == "activity_metrics" || x.Call.Name == "activity_engagement") {
		names = names[2:]
	} else if n < len(names) {
		b.run(x.Call.At, "`"+x.Call.Name+"` needs "+names[n]+" as argument "+text(int64(n+3)))
		return nil
	}
	rs := b.rowScope(nil, sc)
	for i, name := range names {
		c := rs.expr(x.Call.Args[2+i].Expr)
		if !c.konst && c.typ != tNone {
			b.run(c.at, "argument "+text(int64(i+3))+" of `"+x.Call.Name+"` must be a constant")
		}
		a.consts[name] = c
	}
	inner := b.rowScope(&node{cols: in.cols}, sc)
	for _, d := range x.Call.Args[last:] {
		c := inner.expr(d.Expr)
		a.dims, a.dimCols = append(a.dims, c), append(a.dimCols, column{c.name, c.typ})
	}
	return a
}

// columns lays out a result: the timeline, the dimensions, then what the plugin counts.
func (a *activity) columns(more ...column) []column {
	return append(append([]column{a.timeCol}, a.dimCols...), more...)
}

// seen is who was seen in one period.
type seen struct {
	start any
	rows  int64
	ids   map[string]bool
}

// slice is the rows of one combination of the dimensions.
type slice struct {
	key  []any
	rows [][]any
}

// slices groups the input by the dimensions.
func (a *activity) slices(ex *exec) []slice {
	var out []slice
	for _, g := range group(ex, a.in.run(ex), a.dims, []func() state{func() state { return &rowState{} }}, false) {
		out = append(out, slice{g.key, g.states[0].(*rowState).rows})
	}
	return out
}

// bounds gives the first period's start and the end of the analysis: those given, or the range of the rows.
func (a *activity) bounds(ex *exec, rows [][]any) (start, end any) {
	if c := a.consts["Start"]; c != nil {
		return c.value(ex), a.consts["End"].value(ex)
	}
	for _, r := range rows {
		t := r[a.at]
		if t == nil {
			continue
		}
		if start == nil || sortCompare(t, start) < 0 {
			start = t
		}
		if end == nil || sortCompare(t, end) > 0 {
			end = t
		}
	}
	return start, end
}

// periods lists the starts of the periods; a step may be the text week, month or year.
func (a *activity) periods(ex *exec, start, end, step any) []any {
	part, isText := step.(string)
	first, isDate := start.(datetime)
	if !isText {
		return sequence(ex, start, end, step, a.timeCol.typ, maxSeries)
	}
	if !isDate || part != "week" && part != "month" && part != "year" {
		return nil
	}
	var out []any
	t := startOf(part, false)(&call{x: ex, n: 1}, []any{first})
	for t != nil && len(out) < maxSeries && sortCompare(t, end) <= 0 {
		ex.tick(1)
		out = append(out, t)
		t = dateAdd(part, 1, t.(datetime))
	}
	return out
}

// fill says who was seen in each period; rows outside of start and end count nowhere.
func (a *activity) fill(ex *exec, rows [][]any, starts []any, end any) []seen {
	out := make([]seen, len(starts))
	for i, s := range starts {
		out[i] = seen{start: s, ids: map[string]bool{}}
	}
	ex.tick(len(rows))
	for _, r := range rows {
		t := r[a.at]
		if t == nil || sortCompare(t, end) > 0 {
			continue
		}
		i := sort.Search(len(starts), func(i int) bool { return sortCompare(starts[i], t) > 0 }) - 1
		if i >= 0 {
			out[i].rows++
			out[i].ids[key(r[a.id])] = true
		}
	}
	return out
}

// activityCounts counts rows, ids, ids never seen before, and all ids so far (activity-counts-metrics-plugin).
func activityCounts(b *binder, in *node, x *syntax.Evaluate, sc *scope) *node {
	a := b.activityOf(in, x, sc, "Start", "End", "Step")
	if a == nil {
		return nil
	}
	cols := a.columns(column{"count", tLong}, column{"dcount", tLong}, column{"new_dcount", tLong}, column{"aggregated_dcount", tLong})
	return &node{cols: cols, run: func(ex *exec) []row {
		var out []row
		for _, g := range a.slices(ex) {
			start, end := a.bounds(ex, g.rows)
			all := map[string]bool{}
			for _, p := range a.fill(ex, g.rows, a.periods(ex, start, end, a.consts["Step"].value(ex)), end) {
				if p.rows == 0 {
					continue
				}
				before := len(all)
				include(ex, all, p.ids)
				out = append(out, periodRow(ex, g, p.start, p.rows, int64(len(p.ids)), int64(len(all)-before), int64(len(all))))
			}
		}
		return out
	}}
}

// include puts the members of more into all.
func include(ex *exec, all, more map[string]bool) {
	ex.tick(len(more))
	for id := range more {
		all[id] = true
	}
}

func periodRow(ex *exec, g slice, start any, counts ...any) row {
	ex.grow(1, 1+len(g.key)+len(counts))
	return row{v: append(append([]any{start}, g.key...), counts...)}
}

// common counts the members of both sets.
func common(ex *exec, a, b map[string]bool) int64 {
	n := int64(0)
	ex.tick(len(a))
	for id := range a {
		if b[id] {
			n++
		}
	}
	return n
}

// activityMetrics compares each period with the one before it (activity-metrics-plugin): who came back, who is new.
func activityMetrics(b *binder, in *node, x *syntax.Evaluate, sc *scope) *node {
	a := b.activityOf(in, x, sc, "Start", "End", "Window")
	if a == nil {
		return nil
	}
	cols := a.columns(column{"dcount_values", tLong}, column{"dcount_newvalues", tLong}, column{"retention_rate", tReal}, column{"churn_rate", tReal})
	return &node{cols: cols, run: func(ex *exec) []row {
		var out []row
		for _, g := range a.slices(ex) {
			start, end := a.bounds(ex, g.rows)
			before := map[string]bool{}
			for _, p := range a.fill(ex, g.rows, a.periods(ex, start, end, a.consts["Window"].value(ex)), end) {
				kept := common(ex, before, p.ids)
				rate := float64(kept) / float64(len(before)) // NaN for the first period, as the page prints
				if p.rows > 0 {
					n := int64(len(p.ids))
					out = append(out, periodRow(ex, g, p.start, n, n-kept, rate, 1-rate))
				}
				before = p.ids
			}
		}
		return out
	}}
}

// newActivityMetrics follows those first seen in a period through the later ones (new-activity-metrics-plugin).
func newActivityMetrics(b *binder, in *node, x *syntax.Evaluate, sc *scope) *node {
	y := *x
	c := *x.Call
	y.Call = &c
	rs := b.rowScope(nil, sc)
	if n := len(c.Args); n > 5 && rs.isTable(c.Args[n-1].Expr) && !isColumn(in, c.Args[n-1].Expr) {
		look := b.table(c.Args[n-1].Expr, sc)
		if look == nil {
			return nil
		}
		c.Args = c.Args[:n-1]
		return b.newActivity(in, &y, sc, look)
	}
	return b.newActivity(in, &y, sc, nil)
}

func isColumn(in *node, x syntax.Expr) bool {
	n, ok := x.(*syntax.Name)
	return ok && find(in.cols, n.Name) >= 0
}

func (b *binder) newActivity(in *node, x *syntax.Evaluate, sc *scope, lookback *node) *node {
	names := []string{"Start", "End", "Window"}
	if len(x.Call.Args) > 5 && !isColumn(in, x.Call.Args[5].Expr) {
		names = append(names, "Cohort")
	}
	a := b.activityOf(in, x, sc, names...)
	if a == nil {
		return nil
	}
	cohort := a.consts["Cohort"]
	cols := []column{{"from_" + a.timeCol.name, a.timeCol.typ}, {"to_" + a.timeCol.name, a.timeCol.typ}}
	cols = append(cols, a.dimCols...)
	cols = append(cols, column{"dcount_new_values", tLong}, column{"dcount_retained_values", tLong}, column{"dcount_churn_values", tLong},
		column{"retention_rate", tReal}, column{"churn_rate", tReal})
	return &node{cols: cols, run: func(ex *exec) []row {
		old := map[string]bool{}
		if lookback != nil {
			k := max(find(lookback.cols, in.cols[a.id].name), 0)
			for _, r := range lookback.run(ex) {
				old[key(r.v[k])] = true
			}
		}
		var out []row
		for _, g := range a.slices(ex) {
			start, end := a.bounds(ex, g.rows)
			periods := a.fill(ex, g.rows, a.periods(ex, start, end, a.consts["Window"].value(ex)), end)
			known := map[string]bool{}
			include(ex, known, old)
			for i, from := range periods {
				first := without(ex, from.ids, known)
				include(ex, known, from.ids)
				if len(first) == 0 || cohort != nil && cohort.value(ex) != nil && sortCompare(cohort.value(ex), from.start) != 0 {
					continue
				}
				for j, to := range periods[i:] {
					fresh := without(ex, to.ids, known)
					if j == 0 {
						fresh = first
					}
					out = append(out, cohortRow(ex, g, from, to, first, int64(len(fresh))))
				}
			}
		}
		return out
	}}
}

// without gives the members of ids that are not in known.
func without(ex *exec, ids, known map[string]bool) map[string]bool {
	out := map[string]bool{}
	ex.tick(len(ids))
	for id := range ids {
		if !known[id] {
			out[id] = true
		}
	}
	return out
}

func cohortRow(ex *exec, g slice, from, to seen, first map[string]bool, fresh int64) row {
	kept := common(ex, first, to.ids)
	n := int64(len(first))
	ex.grow(1, 7+len(g.key))
	v := append([]any{from.start, to.start}, g.key...)
	return row{v: append(v, fresh, kept, n-kept, float64(kept)/float64(n), float64(n-kept)/float64(n))}
}

// activityEngagement compares the ids of each inner period with those of an outer window that ends with it
// (activity-engagement-plugin).
func activityEngagement(b *binder, in *node, x *syntax.Evaluate, sc *scope) *node {
	a := b.activityOf(in, x, sc, "Start", "End", "InnerActivityWindow", "OuterActivityWindow")
	if a == nil {
		return nil
	}
	cols := a.columns(column{"dcount_activities_inner", tLong}, column{"dcount_activities_outer", tLong}, column{"activity_ratio", tReal})
	return &node{cols: cols, run: func(ex *exec) []row {
		inner, outer := a.consts["InnerActivityWindow"].value(ex), a.consts["OuterActivityWindow"].value(ex)
		var out []row
		for _, g := range a.slices(ex) {
			start, end := a.bounds(ex, g.rows)
			for _, p := range a.fill(ex, g.rows, a.periods(ex, start, end, inner), end) {
				if p.rows == 0 {
					continue
				}
				hi := add(p.start, inner, a.timeCol.typ)
				wide := a.between(ex, g.rows, subtract(hi, outer, a.timeCol.typ), hi)
				n, m := int64(len(p.ids)), int64(len(wide))
				out = append(out, periodRow(ex, g, p.start, n, m, float64(n)/float64(m)))
			}
		}
		return out
	}}
}

// between gives the ids seen from lo on and before hi.
func (a *activity) between(ex *exec, rows [][]any, lo, hi any) map[string]bool {
	out := map[string]bool{}
	ex.tick(len(rows))
	for _, r := range rows {
		if t := r[a.at]; t != nil && lo != nil && hi != nil && sortCompare(t, lo) >= 0 && sortCompare(t, hi) < 0 {
			out[key(r[a.id])] = true
		}
	}
	return out
}

// activeUsers counts per bin the ids that were seen in enough periods before one of their rows (active-users-count-plugin). The
// lookback window is open at its begin, as the page's example needs.
func activeUsers(b *binder, in *node, x *syntax.Evaluate, sc *scope) *node {
	a := b.activityOf(in, x, sc, "Start", "End", "LookbackWindow", "Period", "ActivePeriods", "Step")
	if a == nil {
		return nil
	}
	return &node{cols: a.columns(column{"dcount", tLong}), run: func(ex *exec) []row {
		look, period := a.consts["LookbackWindow"].value(ex), a.consts["Period"].value(ex)
		least, _ := castLong(a.consts["ActivePeriods"].value(ex)).(int64)
		var out []row
		for _, g := range a.slices(ex) {
			start, end := a.bounds(ex, g.rows)
			byID := map[string][]any{}
			for _, r := range g.rows {
				if r[a.at] != nil {
					byID[key(r[a.id])] = append(byID[key(r[a.id])], r[a.at])
				}
			}
			var active [][]any
			for _, r := range g.rows {
				t := r[a.at]
				if t == nil || sortCompare(t, start) < 0 {
					continue
				}
				days := map[string]bool{}
				lo := subtract(t, look, a.timeCol.typ)
				ex.tick(len(byID[key(r[a.id])]))
				for _, u := range byID[key(r[a.id])] {
					if lo != nil && sortCompare(u, lo) > 0 && sortCompare(u, t) <= 0 {
						days[key(binDown(u, period))] = true
					}
				}
				if int64(len(days)) >= least {
					active = append(active, r)
				}
			}
			for _, p := range a.fill(ex, active, a.periods(ex, start, end, a.consts["Step"].value(ex)), end) {
				if p.rows > 0 {
					out = append(out, periodRow(ex, g, p.start, int64(len(p.ids))))
				}
			}
		}
		return out
	}}
}
