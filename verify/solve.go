package verify

import (
	"slices"

	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// goal is a predicate that is to have a value.
type goal struct {
	p    ir.Pred
	want bool
}

// solver looks for an event on which goals hold: it takes the goals apart by and/or/not, and at each leaf tries values
// made from the leaf's literals and from what the field holds already, keeping those that break no leaf decided before.
type solver struct {
	rule *eval.Rule
	// accept is asked about each event on which all goals hold; it may change the event a little, as long as they do.
	accept func(schema.Event) (schema.Event, bool)
	// elements remembers what was found for the elements of a quantifier.
	elements map[*ir.Quant][][]any
	// frozen fields keep their values.
	frozen func(f *ir.Field) bool

	steps, refused int
}

const (
	maxSteps   = 1500 // of the search for one witness
	maxRefused = 40   // events that accept says no to
)

// solve returns an event on which all goals hold; base gives the fields to start from and is not edited.
func (s *solver) solve(base schema.Event, goals []goal) (schema.Event, bool) {
	s.steps, s.refused = 0, 0
	return s.search(base, goals, nil, goals)
}

// search works off the goals from the left; all holds those of the whole search.
func (s *solver) search(e schema.Event, goals, decided, all []goal) (schema.Event, bool) {
	if s.steps++; s.steps > maxSteps || s.refused > maxRefused {
		return e, false
	}
	if len(goals) == 0 {
		return s.finish(e, all)
	}
	g, rest := next(goals)
	switch p := g.p.(type) {
	case *ir.Not:
		return s.search(e, append([]goal{{p.X, !g.want}}, rest...), decided, all)
	case *ir.And:
		return s.junction(e, p.Xs, g.want, g.want, rest, decided, all)
	case *ir.Or:
		return s.junction(e, p.Xs, g.want, !g.want, rest, decided, all)
	case *ir.Const, *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return s.leaf(e, g, rest, decided, all)
}

func (s *solver) finish(e schema.Event, all []goal) (schema.Event, bool) {
	if s.accept == nil {
		return e, true
	}
	changed, ok := s.accept(e)
	if ok && s.holds(changed, all) {
		return changed, true
	}
	s.refused++
	return e, false
}

func (s *solver) holds(e schema.Event, goals []goal) bool {
	for _, g := range slices.Backward(goals) { // the last one is the one in question
		if s.rule.Holds(g.p, &e) != g.want {
			return false
		}
	}
	return true
}

// next takes a goal out: one that leaves no choice of members, as long as there is one.
func next(goals []goal) (goal, []goal) {
	i := max(0, slices.IndexFunc(goals, func(g goal) bool { return !g.choice() }))
	return goals[i], slices.Concat(goals[:i], goals[i+1:])
}

// choice reports whether one of several members can decide the goal.
func (g goal) choice() bool {
	switch p := g.p.(type) {
	case *ir.Not:
		return goal{p.X, !g.want}.choice()
	case *ir.And:
		return !g.want
	case *ir.Or:
		return g.want
	case *ir.Const, *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return false
}

// junction takes all members as goals, or one after the other until one works; first it is tried whether it holds as it is.
func (s *solver) junction(e schema.Event, xs []ir.Pred, want, each bool, rest, decided, all []goal) (schema.Event, bool) {
	if each {
		goals := make([]goal, 0, len(xs)+len(rest))
		for _, x := range xs {
			goals = append(goals, goal{x, want})
		}
		return s.search(e, append(goals, rest...), decided, all)
	}
	whole := goal{&ir.And{Xs: xs}, false}
	if want {
		whole = goal{&ir.Or{Xs: xs}, true}
	}
	if s.holds(e, []goal{whole}) {
		if found, ok := s.search(e, rest, append(slices.Clip(decided), whole), all); ok {
			return found, true
		}
	}
	for _, x := range xs {
		if found, ok := s.search(e, append([]goal{{x, want}}, rest...), decided, all); ok {
			return found, true
		}
	}
	return e, false
}

func (s *solver) leaf(e schema.Event, g goal, rest, decided, all []goal) (schema.Event, bool) {
	decided = append(slices.Clip(decided), g)
	if s.holds(e, decided) {
		if found, ok := s.search(e, rest, decided, all); ok {
			return found, true
		}
	}
	fields := ir.FieldsOf(g.p)
	if found, ok := s.change(e, fields, g, rest, decided, all); ok {
		return found, true
	}
	given := e
	for _, f := range fields {
		if len(valuesOf(f, e)) == 0 && !s.isFrozen(f) {
			given = put(given, f, []any{other(f.Type)})
		}
	}
	if _, is := g.p.(*ir.Quant); is || len(fields) < 2 {
		return e, false
	}
	return s.change(given, fields, g, rest, decided, all) // a calculation needs all its fields
}

// change tries other contents of the fields of a leaf, one field at a time.
func (s *solver) change(e schema.Event, fields []*ir.Field, g goal, rest, decided, all []goal) (schema.Event, bool) {
	for _, f := range fields {
		if s.isFrozen(f) {
			continue
		}
		for _, vals := range s.candidates(g.p, f, e) {
			if s.steps++; s.steps > maxSteps {
				return e, false
			}
			try := put(e, f, vals)
			if !s.holds(try, decided) {
				continue
			}
			if found, ok := s.search(try, rest, decided, all); ok {
				return found, true
			}
		}
	}
	return e, false
}

func (s *solver) isFrozen(f *ir.Field) bool { return s.frozen != nil && s.frozen(f) }
