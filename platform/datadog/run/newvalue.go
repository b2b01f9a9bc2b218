package run

import (
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/platform/datadog/api"
	"github.com/onerule/onerule/platform/schedule"
)

const day = 24 * 60 * 60 * 1000

// learned is what new_value knows of one group.
type learned struct {
	since, last int64 // the first and the last event, by the clock
	events      int
	values      map[string]int64 // when last seen
}

// newValues is the method new_value: an event with a value that its group does not know is a match.
func (d *detection) newValues(events []*event) ([]schedule.Finding, diag.List) {
	o := *d.rule.Options.NewValueOptions
	known := map[string]*learned{}
	start := d.in.From.UnixMilli()
	for _, e := range events {
		live := d.live(e)
		if !live && (!o.InstantaneousBaseline || e.clock < start-int64(o.LearningDuration)*day) {
			continue
		}
		for i, q := range d.rule.Queries {
			if !e.matches[i] {
				continue
			}
			for _, t := range d.tuples(e, q.GroupByFields, q.HasOptionalGroupByFields) {
				for _, values := range d.tuples(e, q.Metrics, false) {
					d.judge(known, e, t, values, live)
				}
			}
		}
	}
	return d.out, nil
}

// judge asks whether the value is new to the group, and lets the group learn it.
func (d *detection) judge(known map[string]*learned, e *event, tuple, values []string, live bool) {
	o := *d.rule.Options.NewValueOptions
	key, value, forget := keyOf(tuple), keyOf(values), int64(o.ForgetAfter)*day
	g := known[key]
	if g == nil || d.on(DoubtForgetGroup) && e.clock-g.last >= forget {
		g = &learned{since: e.clock, values: map[string]int64{}}
		known[key] = g
	}
	last, seen := g.values[value]
	isNew := !seen || e.clock-last >= forget
	if isNew && live && d.ready(g, e, o) {
		q := d.rule.Queries[0]
		columns := map[string]any{}
		for i, f := range q.GroupByFields {
			columns[f] = tuple[i]
		}
		for i, f := range q.Metrics {
			columns[f] = values[i]
		}
		d.found(e, key, d.rule.Cases[0], columns)
	}
	g.values[value], g.last = e.clock, e.clock
	g.events++
}

// ready reports whether the learning that a group needs is over.
func (d *detection) ready(g *learned, e *event, o api.NewValueOptions) bool {
	if !o.ByDuration() {
		return g.events >= o.LearningThreshold && (g.events > 0 || d.on(DoubtLearnZero))
	}
	since, duration := d.in.From.UnixMilli(), int64(o.LearningDuration)*day
	if o.InstantaneousBaseline {
		since -= duration // it was learned from the events before the rule
	}
	if d.on(DoubtLearnPerGroup) {
		since = g.since
		if duration == 0 && g.events == 0 {
			return false // the first value is learned
		}
	}
	return e.clock-since >= duration
}
