package verify

import (
	"slices"

	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/schema"
)

// pathsOf returns the paths to the leaves of the rule's condition and its alternatives.
func pathsOf(r *ir.Rule) [][]ir.Pred {
	out := leafPaths(pass.Canonical(r.Where), nil)
	for _, a := range r.Alts {
		out = append(out, leafPaths(pass.Canonical(a.Where), nil)...)
	}
	return out
}

// coverage counts the conditions that decided the answer both ways on some of the events: everything beside the condition
// was so that the whole turns on it, and it was true on one such event and false on another.
func coverage(rule *eval.Rule, paths [][]ir.Pred, cases []Case) Coverage {
	events := make([]*schema.Event, len(cases))
	for i := range cases {
		events[i] = &cases[i].Canonical
	}
	return decisive(rule, paths, events)
}

func decisive(rule *eval.Rule, paths [][]ir.Pred, events []*schema.Event) Coverage {
	var c Coverage
	for _, path := range paths {
		leaf := path[len(path)-1]
		c.Leaves++
		e, err := eval.Pred(path[0])
		if err != nil {
			continue
		}
		goals := context(path)
		var yes, no bool
		for _, ev := range events {
			if slices.ContainsFunc(goals, func(g goal) bool { return e.Holds(g.p, ev) != g.want }) {
				continue
			}
			if e.Holds(leaf, ev) {
				yes = true
			} else {
				no = true
			}
			if yes && no {
				break
			}
		}
		if yes && no {
			c.Decisive++
			continue
		}
		text := ir.Words(leaf)
		switch {
		case yes:
			text += " was never false where it decides"
		case no:
			text += " was never true where it decides"
		default:
			text += " never decided"
		}
		c.Undecided = append(c.Undecided, text)
	}
	return c
}

// TestCoverage says which conditions of a rule its own tests decide both ways.
func TestCoverage(r *ir.Rule) (Coverage, error) {
	rule, err := eval.New(r)
	if err != nil {
		return Coverage{}, err
	}
	var events []*schema.Event
	for _, t := range r.Tests {
		for i := range t.Events {
			events = append(events, eval.Canonical(r, &t.Events[i].Event))
		}
	}
	paths := pathsOf(r)
	switch r.Body.(type) {
	case *ir.Sequence, *ir.Absence:
	case *ir.Count, *ir.Baseline, *ir.FirstSeen, nil:
		return decisive(rule, paths, events), nil
	}
	for _, p := range r.Conds {
		paths = append(paths, leafPaths(pass.Canonical(p), nil)...)
	}
	c := decisive(rule, paths, events)
	var timelines []timeline
	for _, t := range r.Tests {
		own := withValues(rule, t)
		o := outcome(own, t)
		timelines = append(timelines, timeline{rule: own.Rule, rows: o.Rows, rng: o.Range})
	}
	c.add(bodyCoverage(r, timelines))
	return c, nil
}
