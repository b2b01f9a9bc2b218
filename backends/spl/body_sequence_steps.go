package spl

import (
	"slices"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// overlapping groups the steps that events take by whether one event may take several.
func overlapping(b *ir.Bound, s *ir.Sequence) [][]int {
	var groups [][]int
	for _, i := range s.Events() {
		joined := []int{i}
		rest := groups[:0:0]
		for _, g := range groups {
			if slices.ContainsFunc(g, func(j int) bool { return mayBeBoth(b, i, j) }) {
				joined = append(joined, g...)
			} else {
				rest = append(rest, g)
			}
		}
		slices.Sort(joined)
		groups = append(rest, joined)
	}
	slices.SortFunc(groups, func(a, b []int) int { return a[0] - b[0] })
	return groups
}

// mayBeBoth reports whether an event may take two steps, as far as their conditions show it.
func mayBeBoth(b *ir.Bound, i, j int) bool {
	s := b.Rule.Body.(*ir.Sequence)
	return slices.ContainsFunc(b.Parts, func(p ir.Part) bool {
		x, y := stepCond(p, &s.Steps[i]), stepCond(p, &s.Steps[j])
		return x != nil && y != nil && !contradict(x, y)
	})
}

// contradict reports whether two conditions of one event are seen not to be true together.
func contradict(p, q ir.Pred) bool {
	for _, x := range conjuncts(p) {
		for _, y := range conjuncts(q) {
			if exclude(x, y) || exclude(y, x) {
				return true
			}
		}
	}
	return false
}

// exclude reports whether x is false where y is true.
func exclude(x, y ir.Pred) bool {
	switch x := x.(type) {
	case *ir.Or:
		return !slices.ContainsFunc(x.Xs, func(a ir.Pred) bool { return !contradict(a, y) })
	case *ir.Not:
		if ir.PrintPred(x.X) == ir.PrintPred(y) {
			return true
		}
		a, ok := x.X.(*ir.Cmp)
		b, is := y.(*ir.Cmp)
		return ok && is && sameScalar(a, b) && (!a.Cased || b.Cased) && !slices.ContainsFunc(b.R, func(v schema.Value) bool {
			return !slices.ContainsFunc(a.R, func(w schema.Value) bool { return ir.Compare(ir.Eq, a.Cased, v, w) })
		})
	case *ir.Cmp:
		y, ok := y.(*ir.Cmp)
		return ok && sameScalar(x, y) && !slices.ContainsFunc(x.R, func(v schema.Value) bool {
			return slices.ContainsFunc(y.R, func(w schema.Value) bool { return ir.Compare(ir.Eq, x.Cased && y.Cased, v, w) })
		})
	case *ir.And, *ir.Const, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return false
}

// sameScalar reports whether two comparisons ask whether one field of one value equals some literals.
func sameScalar(a, b *ir.Cmp) bool {
	f, ok := a.L.(*ir.Field)
	g, is := b.L.(*ir.Field)
	return ok && is && f.Name == g.Name && !f.Array && a.Op == ir.Eq && b.Op == ir.Eq
}

// crossing is how the comparisons of a rule between steps are carried.
type crossing struct {
	// equal are sets of columns, one of each step that events take in their order, whose values are all equal.
	equal []likeness
	// shared are those of some steps of a together rule, each step in one of them at most.
	shared []likeness
	// pair are the other comparisons: all of one step with the one before it.
	pair *comparison
	// why says what keeps them from being carried.
	why string
}

// likeness is a value that steps have in common.
type likeness struct {
	cased bool
	of    []ir.StepValue
}

// comparison compares the last event of the step at a place with that of an earlier one.
type comparison struct {
	from, place int
	equal       []likeness // of the earlier step, and of this one
	differs     *likeness
}

func crossingOf(r *ir.Rule, s *ir.Sequence) crossing {
	var out crossing
	var classes []likeness
	var rest []ir.Cross
	for _, c := range s.Cross {
		switch {
		case c.Op != ir.Eq:
			out.why = "`" + c.Op.String() + "` of two steps"
		case c.Negated:
			rest = append(rest, c)
		default:
			classes = join(classes, c)
		}
	}
	for _, c := range classes {
		if l, ok := spans(s, c); ok {
			out.equal = append(out.equal, l)
			continue
		}
		if !s.Ordered && !s.Waits() {
			out.share(s, c)
			continue
		}
		if len(c.of) != 2 {
			out.why = "three steps that have a value in common, and others or several events of a step beside them"
			continue
		}
		rest = append(rest, ir.Cross{Op: ir.Eq, Cased: c.cased, L: c.of[0], R: c.of[1]})
	}
	for _, c := range rest {
		out.compare(s, c)
	}
	if p := out.pair; p != nil && out.why == "" {
		events := s.Events()
		for place := p.from + 1; place <= len(events)-1; place++ {
			if behind := place == p.place+1; len(s.Gap(place)) > 0 && (behind || place <= p.place && p.from < p.place-1) {
				out.why = "a missing step between or behind steps that are compared"
			}
		}
	}
	return out
}

// share adds a value that some steps of a together rule have in common.
func (x *crossing) share(s *ir.Sequence, c likeness) {
	seen := map[int]bool{}
	for _, l := range x.shared {
		for _, v := range l.of {
			seen[v.Step] = true
		}
	}
	for _, v := range c.of {
		if seen[v.Step] || s.Steps[v.Step].Repeat > 1 {
			x.why = "a value that some steps have in common, where one of them is compared by another one too, or takes several events"
		}
		seen[v.Step] = true
	}
	x.shared = append(x.shared, c)
}

// compare adds a comparison of two steps alone.
func (x *crossing) compare(s *ir.Sequence, c ir.Cross) {
	events := s.Events()
	l := likeness{c.Cased, []ir.StepValue{c.L, c.R}}
	from, place := slices.Index(events, c.L.Step), slices.Index(events, c.R.Step)
	if from > place {
		from, place = place, from
		l.of = []ir.StepValue{c.R, c.L}
	}
	switch {
	case !s.Ordered || s.Waits():
		x.why = "a comparison of some steps only, where they may come in any order and differ, or a step is waited for"
	case s.Steps[events[place]].Repeat > 1:
		x.why = "a comparison of a step of several events with an earlier one"
	case x.pair != nil && (x.pair.from != from || x.pair.place != place):
		x.why = "comparisons of several pairs of steps"
	case c.Negated && x.pair != nil && x.pair.differs != nil:
		x.why = "two values that have to differ"
	default:
		if x.pair == nil {
			x.pair = &comparison{from: from, place: place}
		}
		if c.Negated {
			x.pair.differs = &l
		} else {
			x.pair.equal = append(x.pair.equal, l)
		}
	}
}

// join adds an equality to classes of columns that are equal.
func join(classes []likeness, c ir.Cross) []likeness {
	all := likeness{c.Cased, []ir.StepValue{c.L, c.R}}
	rest := classes[:0:0]
	for _, o := range classes {
		if o.cased == c.Cased && slices.ContainsFunc(o.of, func(v ir.StepValue) bool { return v == c.L || v == c.R }) {
			for _, v := range o.of {
				if !slices.Contains(all.of, v) {
					all.of = append(all.of, v)
				}
			}
		} else {
			rest = append(rest, o)
		}
	}
	return append(rest, all)
}

// spans reports whether a class has one column of each step that events take, of one event each, and orders it by them.
func spans(s *ir.Sequence, c likeness) (likeness, bool) {
	events := s.Events()
	if len(c.of) != len(events) {
		return c, false
	}
	out := likeness{c.cased, make([]ir.StepValue, len(events))}
	seen := map[int]bool{}
	for _, v := range c.of {
		out.of[slices.Index(events, v.Step)] = v
		seen[v.Step] = true
		if s.Steps[v.Step].Repeat > 1 {
			return c, false
		}
	}
	return out, len(seen) == len(events)
}
