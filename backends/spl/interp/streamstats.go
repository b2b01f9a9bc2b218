package interp

import (
	"fmt"
	"slices"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// streaming is a compiled streamstats.
type streaming struct {
	aggs               []aggregation
	by                 []string
	current, global    bool
	window             int
	span               float64 // time_window, 0 for none
	onChange           bool
	before, after      evalFunc
	groups             map[string]*streamGroup
	all                []streamRow // the window that all groups share
	previous           string
	started, useGlobal bool // started: some row came before; useGlobal: the counted window is shared
}

// streamGroup is what one BY group has seen.
type streamGroup struct {
	total *group
	rows  []streamRow
}

// streamRow is a row inside a window with what the aggregates took from it at the time.
type streamRow struct {
	key  string
	time float64
	vals []value
	w    *row
}

// maxWindow is streamstats' window cap (limits.conf, max_stream_window).
const maxWindow = 10000

func (k *compiler) streamstats(st *syntax.Stats, aggs []aggregation) stage {
	args := slices.Clone(st.Options)
	for i := range st.By { // options may also stand behind the fields
		args = append(args, st.By[i].Options...)
	}
	by := slices.Clone(st.By)
	for i := range by {
		by[i].Options = nil
	}
	o := k.options("streamstats", args, "current", "window", "global", "time_window", "allnum", "reset_on_change", "reset_before", "reset_after")
	if o.bool("allnum", false) {
		aggs = allNumbers(aggs)
	}
	base := streaming{
		aggs: aggs, by: k.byNames("streamstats", by),
		current: o.bool("current", true), global: o.bool("global", true), window: o.int("window", 0), onChange: o.bool("reset_on_change", false),
	}
	base.span, _ = o.span("time_window")
	base.before, base.after = k.resetCondition(o, "reset_before"), k.resetCondition(o, "reset_after")
	if base.window > maxWindow {
		k.invalid(o.all["window"].Span, fmt.Sprintf("the window is larger than %d rows", maxWindow), "Splunk takes at most max_stream_window rows; use a smaller window")
	}
	return func(r *run, in set) set {
		s := base
		s.aggs = expandAggs(aggs, in, s.by)
		s.groups = map[string]*streamGroup{}
		s.useGlobal = s.global && s.window > 0
		for _, w := range in.rows {
			s.step(r, w)
			if r.failed() {
				return set{}
			}
		}
		for _, a := range s.aggs {
			in = in.with(a.name)
		}
		return in
	}
}

// resetCondition parses the eval expression in the text of a reset option.
func (k *compiler) resetCondition(o options, name string) evalFunc {
	a, ok := o.all[name]
	if !ok {
		return nil
	}
	x, diags := syntax.ParseExpr(k.file, a.Value)
	if diags.HasErrors() {
		k.invalid(a.Span, "inside "+name+": "+diags[0].Title, diags[0].Help...)
		return nil
	}
	return k.condition(x, name)
}

// step computes the aggregates of one row and adds it to what the next rows see.
func (s *streaming) step(r *run, w *row) {
	ks := keys(w, s.by)
	if len(ks) == 0 {
		return // a row without a BY field gets nothing and counts nowhere
	}
	key := keyText(ks[0])
	if s.onChange && s.started && key != s.previous {
		s.reset(r, key)
	}
	s.previous, s.started = key, true
	if s.before != nil && r.truth(s.before(r, w)) == yes {
		s.reset(r, key)
	}
	g := s.groups[key]
	if g == nil {
		g = &streamGroup{total: newGroup(s.aggs, nil)}
		s.groups[key] = g
	}
	item := streamRow{key: key, vals: make([]value, len(s.aggs)), w: &row{f: map[string]value{"_time": w.get("_time")}}}
	item.time, _ = w.get("_time").number()
	for i, a := range s.aggs {
		item.vals[i] = boolValue(true)
		if a.arg != nil {
			item.vals[i] = a.arg(r, w)
		}
	}
	switch {
	case s.span > 0 || s.window > 0:
		s.windowed(r, w, g, item)
	case s.current:
		g.total.addValues(r, item)
		g.total.setResults(r, s.aggs, w)
	default:
		g.total.setResults(r, s.aggs, w)
		g.total.addValues(r, item)
	}
	if s.after != nil && r.truth(s.after(r, w)) == yes {
		s.reset(r, key)
	}
}

func (g *group) addValues(r *run, item streamRow) {
	for i, v := range item.vals {
		g.aggs[i].add(r, item.w, v)
	}
}

// reset forgets what was seen: of every group, or of the group alone.
func (s *streaming) reset(r *run, key string) {
	if r.on[resetAll].On() {
		s.groups = map[string]*streamGroup{}
		s.all = nil
		return
	}
	delete(s.groups, key)
	s.all = slices.DeleteFunc(s.all, func(i streamRow) bool { return i.key == key })
}

// windowed computes over the rows of the window that are of the row's group.
func (s *streaming) windowed(r *run, w *row, g *streamGroup, item streamRow) {
	shared := s.useGlobal || s.span > 0 && !r.on[windowByGroup].On()
	rows := &g.rows
	if shared {
		rows = &s.all
	}
	if s.current {
		*rows = append(*rows, item)
	}
	if s.span > 0 {
		*rows = slices.DeleteFunc(*rows, func(i streamRow) bool {
			d := max(item.time-i.time, i.time-item.time)
			return d > s.span || d == s.span && !r.on[windowClosed].On()
		})
	}
	if s.window > 0 && len(*rows) > s.window {
		*rows = (*rows)[len(*rows)-s.window:]
	}
	if !r.spend(len(*rows) * len(s.aggs)) {
		return
	}
	sum := newGroup(s.aggs, nil)
	for _, i := range *rows {
		if i.key == item.key || s.span > 0 && !r.on[windowByGroup].On() {
			sum.addValues(r, i)
		}
	}
	sum.setResults(r, s.aggs, w)
	if !s.current {
		*rows = append(*rows, item)
	}
}
