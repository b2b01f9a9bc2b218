package run

import (
	"slices"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/platform/datadog/api"
	"github.com/onerule/onerule/platform/schedule"
)

// step is one step of a sequence, ready to run; times are milliseconds.
type step struct {
	name         string
	cond         api.Condition
	window, wait int64 // wait is how long the step before waits for it
}

// progress is how far a group has come: the times at which each step was reached, in order.
type progress struct{ reached [][]int64 }

// sequence is the method sequence_detection. A step is at an event of its queries at which its condition holds in its window;
// behind the first it is reached when the step before was, at an earlier time that is no longer ago than the transition waits.
// The last step reached is a match.
func (d *detection) sequence(events []*event) ([]schedule.Finding, diag.List) {
	steps, err := stepsOf(d.rule.Options.SequenceOptions)
	if err != nil {
		return nil, fault(err.Error())
	}
	groups, came := map[string]*group{}, map[string]*progress{}
	for _, e := range events {
		if !d.live(e) {
			continue
		}
		for _, g := range d.enter(groups, e) {
			p := came[g.key]
			if p == nil {
				p = &progress{reached: make([][]int64, len(steps))}
				came[g.key] = p
			}
			for i := len(steps) - 1; i >= 0; i-- { // the last first: one event is not two steps of a chain
				if d.reaches(p, steps, i, g, e) {
					d.reach(p, steps, i, g, e)
				}
			}
		}
	}
	return d.out, nil
}

func stepsOf(o *api.SequenceOptions) ([]step, error) {
	out := make([]step, len(o.Steps))
	for i, s := range o.Steps {
		cond, err := api.ParseCondition(s.Condition)
		if err != nil {
			return nil, err
		}
		out[i] = step{name: s.Name, cond: cond, window: s.EvaluationWindow * 1000}
		if i > 0 {
			out[i].wait = o.StepTransitions[i-1].EvaluationWindow * 1000
		}
	}
	return out, nil
}

// asks reports whether the event is in a query of the step's condition.
func (d *detection) asks(s step, e *event) bool {
	return d.on(DoubtStepAnyEvent) || slices.ContainsFunc(s.cond.Tests, func(t api.Test) bool {
		i := slices.IndexFunc(d.rule.Queries, func(q api.Query) bool { return q.Name == t.Query })
		return i >= 0 && e.matches[i]
	})
}

// reaches reports whether the event reaches a step.
func (d *detection) reaches(p *progress, steps []step, i int, g *group, e *event) bool {
	s := steps[i]
	if !d.asks(s, e) {
		return false
	}
	from := e.clock - s.window
	if !d.on(DoubtWindowClosed) {
		from++
	}
	holds := func(from int64) bool {
		return s.cond.Holds(func(query string) (float64, bool) { return d.numberFrom(g, query, from) })
	}
	if i == 0 {
		return holds(from)
	}
	return slices.ContainsFunc(p.reached[i-1], func(before int64) bool {
		gap := e.clock - before
		late := gap > s.wait || gap == s.wait && !d.on(DoubtTransitionEdge)
		switch {
		case late, gap == 0 && !d.on(DoubtStepsAtOnce):
			return false
		case d.on(DoubtStepFresh):
			return holds(max(from, before+1))
		}
		return holds(from)
	})
}

// reach notes that an event reached a step; the last is a match.
func (d *detection) reach(p *progress, steps []step, i int, g *group, e *event) {
	if i < len(steps)-1 {
		if !d.on(DoubtStepRestart) && d.awaits(p.reached[i], e.clock, steps[i+1].wait) {
			return
		}
		waiting := slices.DeleteFunc(p.reached[i], func(t int64) bool { return e.clock-t > steps[i+1].wait })
		p.reached[i] = append(waiting, e.clock)
		return
	}
	d.found(e, g.key, d.rule.Cases[0], d.groupColumns(g))
	if d.on(DoubtSequenceReset) {
		p.reached = make([][]int64, len(steps))
	}
}

// awaits reports whether a step that was reached before still waits for the next one.
func (d *detection) awaits(reached []int64, now, wait int64) bool {
	return len(reached) > 0 && now-reached[len(reached)-1] <= wait
}
