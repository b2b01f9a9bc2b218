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
func coverage(paths [][]ir.Pred, cases []Case) Coverage {
	events := make([]*schema.Event, len(cases))
	for i := range cases {
		events[i] = &cases[i].Canonical
	}
	return decisive(paths, events)
}

func decisive(paths [][]ir.Pred, events []*schema.Event) Coverage {
	c := Coverage{Leaves: len(paths)}
	var roots []ir.Pred
	of := map[ir.Pred][]shown{} // by root, in the order of its leaves
	for _, path := range paths {
		if root := path[0]; !slices.Contains(roots, root) {
			roots = append(roots, root)
			of[root] = decides(root, events)
		}
	}
	for _, path := range paths {
		leaf, left := path[len(path)-1], of[path[0]]
		if len(left) == 0 { // it cannot be asked
			continue
		}
		yes, no := left[0].yes, left[0].no
		of[path[0]] = left[1:]
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

// shown says of a condition whether it decided with each truth.
type shown struct{ yes, no bool }

// decides says of each leaf of a predicate, in order, with which truth it decided the predicate on some of the events.
func decides(root ir.Pred, events []*schema.Event) []shown {
	rule, err := eval.Pred(root)
	if err != nil {
		return nil
	}
	tree := &decider{rule: rule}
	top := tree.node(root)
	for _, e := range events {
		if tree.undecided == 0 {
			break
		}
		tree.ask(top, e)
		tree.decided(top)
	}
	return tree.leaves
}

// decider asks each part of a predicate once for each event.
type decider struct {
	rule      *eval.Rule
	leaves    []shown
	undecided int // leaves that did not yet decide both ways
}

// decision is a part of a predicate with its truth on the event that is asked about.
type decision struct {
	pred ir.Pred
	xs   []*decision
	// all is the truth of members under which the whole does not turn on one alone: true for `and`, false for `or`.
	all   bool
	leaf  int // its place among the leaves, -1 for others
	truth bool
}

func (d *decider) node(p ir.Pred) *decision {
	n := &decision{pred: p, leaf: -1}
	members := func(xs []ir.Pred) *decision {
		for _, x := range xs {
			n.xs = append(n.xs, d.node(x))
		}
		return n
	}
	switch p := p.(type) {
	case *ir.And:
		n.all = true
		return members(p.Xs)
	case *ir.Or:
		return members(p.Xs)
	case *ir.Not:
		return members([]ir.Pred{p.X})
	case *ir.Const:
		return n
	case *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	n.leaf = len(d.leaves)
	d.leaves = append(d.leaves, shown{})
	d.undecided++
	return n
}

func (d *decider) ask(n *decision, e *schema.Event) bool {
	for _, x := range n.xs {
		d.ask(x, e)
	}
	switch n.pred.(type) {
	case *ir.And, *ir.Or:
		n.truth = n.all
		for _, x := range n.xs {
			if x.truth != n.all {
				n.truth = !n.all
			}
		}
	case *ir.Not:
		n.truth = !n.xs[0].truth
	case *ir.Const, *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
		n.truth = d.rule.Holds(n.pred, e)
	}
	return n.truth
}

// decided marks the leaves on which a part turns: everything beside them leaves the answer to them.
func (d *decider) decided(n *decision) {
	if n.leaf >= 0 {
		s := &d.leaves[n.leaf]
		before := *s
		s.yes, s.no = s.yes || n.truth, s.no || !n.truth
		if s.yes && s.no && !(before.yes && before.no) {
			d.undecided--
		}
		return
	}
	if _, not := n.pred.(*ir.Not); not {
		d.decided(n.xs[0])
		return
	}
	against := 0 // members that decide against the others
	for _, x := range n.xs {
		if x.truth != n.all {
			against++
		}
	}
	for _, x := range n.xs {
		if against == 0 || against == 1 && x.truth != n.all {
			d.decided(x)
		}
	}
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
		return decisive(paths, events), nil
	}
	for _, p := range r.Conds {
		paths = append(paths, leafPaths(pass.Canonical(p), nil)...)
	}
	c := decisive(paths, events)
	var timelines []timeline
	for _, t := range r.Tests {
		own := withValues(rule, t)
		o := outcome(own, t)
		timelines = append(timelines, timeline{rule: own.Rule, rows: o.Rows, rng: o.Range})
	}
	c.add(bodyCoverage(r, timelines))
	return c, nil
}
