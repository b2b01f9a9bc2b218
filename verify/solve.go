package verify

import (
	"math"
	"reflect"
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

	all     []goal // of the search
	open    []goal // those of them that needed work, when there are many
	decided decided

	steps, maxSteps, refused int
	asked, maxAsked          int // how often a goal was asked about
}

const (
	maxSteps   = 1500 // of the search for one witness, and
	goalSteps  = 4    // for each of its goals that needs work
	maxRefused = 40   // events that accept says no to
	// Where there are many goals, they are asked about maxAsked times, and goalAsked times for each.
	maxAsked  = 50_000
	goalAsked = 10
)

// solve returns an event on which all goals hold; base gives the fields to start from and is not edited.
func (s *solver) solve(base schema.Event, goals []goal) (schema.Event, bool) {
	return s.solveFrom(&start{Event: base}, goals)
}

// solveFrom is solve from an event that many searches start from.
func (s *solver) solveFrom(base *start, goals []goal) (schema.Event, bool) {
	s.steps, s.refused, s.asked, s.maxAsked = 0, 0, 0, math.MaxInt
	s.maxSteps = maxSteps + goalSteps*len(goals)
	s.all = goals
	if len(goals) <= wideGoals {
		return s.search(base.Event, todo{}.with(goals))
	}
	fixed, open := s.apart(base, goals)
	s.open, s.maxSteps, s.maxAsked = open, maxSteps+goalSteps*len(open), maxAsked+goalAsked*len(goals)
	for _, g := range fixed {
		s.decided.push(g)
	}
	found, ok := s.search(base.Event, todo{}.with(open))
	for _, g := range slices.Backward(fixed) {
		s.decided.pop(g)
	}
	return found, ok
}

// wideGoals is from how many goals on those that need no work are set apart.
const wideGoals = 200

// apart separates goals that hold on an event, and read nothing that a goal reads which does not hold, from the others.
func (s *solver) apart(base *start, goals []goal) (fixed, open []goal) {
	busy := map[int]bool{}
	holds := make([]bool, len(goals))
	for i, g := range goals {
		of := s.decided.of(g.p)
		if holds[i] = !of.whole && s.known(base, g.p) == g.want; holds[i] {
			continue
		}
		for _, place := range of.places {
			for _, r := range s.decided.related[place] {
				busy[r] = true
			}
		}
	}
	for i, g := range goals {
		if holds[i] && !slices.ContainsFunc(s.decided.of(g.p).places, func(place int) bool { return busy[place] }) {
			fixed = append(fixed, g)
		} else {
			open = append(open, g)
		}
	}
	return fixed, open
}

// start is an event that searches start from, with the truth of predicates on it.
type start struct {
	schema.Event
	truth map[ir.Pred]bool
}

// known is the truth of a predicate on an event that searches start from.
func (s *solver) known(base *start, p ir.Pred) bool {
	truth, ok := base.truth[p]
	if !ok {
		if base.truth == nil {
			base.truth = map[ir.Pred]bool{}
		}
		truth = s.rule.Holds(p, &base.Event)
		base.truth[p] = truth
	}
	return truth
}

// todo is what is left to reach: the goals that leave no choice of members, then those that do.
type todo struct{ plain, choices []goal }

// with puts goals before the others.
func (t todo) with(goals []goal) todo {
	var plain, choices []goal
	for _, g := range goals {
		if g.choice() {
			choices = append(choices, g)
		} else {
			plain = append(plain, g)
		}
	}
	return todo{joined(plain, t.plain), joined(choices, t.choices)}
}

func joined(a, b []goal) []goal {
	switch {
	case len(a) == 0:
		return b
	case len(b) == 0:
		return a
	}
	return slices.Concat(a, b)
}

// next takes a goal out.
func (t todo) next() (goal, todo) {
	if len(t.plain) > 0 {
		return t.plain[0], todo{t.plain[1:], t.choices}
	}
	return t.choices[0], todo{nil, t.choices[1:]}
}

// search works off what is left to do.
func (s *solver) search(e schema.Event, left todo) (schema.Event, bool) {
	if s.exhausted() || s.refused > maxRefused {
		return e, false
	}
	if len(left.plain)+len(left.choices) == 0 {
		return s.finish(e)
	}
	g, rest := left.next()
	switch p := g.p.(type) {
	case *ir.Not:
		return s.search(e, rest.with([]goal{{p.X, !g.want}}))
	case *ir.And:
		return s.junction(e, g, p.Xs, g.want, rest)
	case *ir.Or:
		return s.junction(e, g, p.Xs, !g.want, rest)
	case *ir.Const, *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return s.leaf(e, g, rest)
}

func (s *solver) finish(e schema.Event) (schema.Event, bool) {
	if s.accept == nil {
		return e, s.holds(e, s.all)
	}
	changed, ok := s.accept(e)
	goals := s.all
	if len(goals) > wideGoals && reflect.DeepEqual(changed, e) {
		goals = s.open // the others hold since nothing that they read was changed
	}
	if ok && s.holds(changed, goals) {
		return changed, true
	}
	s.refused++
	return e, false
}

func (s *solver) holds(e schema.Event, goals []goal) bool {
	for _, g := range slices.Backward(goals) { // the last one is the one in question
		if !s.reached(e, g) {
			return false
		}
	}
	return true
}

func (s *solver) reached(e schema.Event, g goal) bool {
	s.asked++
	return s.rule.Holds(g.p, &e) == g.want
}

// exhausted takes a step and reports whether it is one too many.
func (s *solver) exhausted() bool {
	s.steps++
	return s.steps > s.maxSteps || s.asked > s.maxAsked
}

// still reports whether the goals decided so far hold on an event that differs from the one before in some fields.
func (s *solver) still(e schema.Event, fields []*ir.Field) bool {
	return s.decided.all(fields, func(g goal) bool { return s.reached(e, g) })
}

// below searches on with one more goal decided.
func (s *solver) below(e schema.Event, g goal, rest todo) (schema.Event, bool) {
	s.decided.push(g)
	defer s.decided.pop(g)
	return s.search(e, rest)
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
func (s *solver) junction(e schema.Event, g goal, xs []ir.Pred, each bool, rest todo) (schema.Event, bool) {
	if each {
		goals := make([]goal, len(xs))
		for i, x := range xs {
			goals[i] = goal{x, g.want}
		}
		return s.search(e, rest.with(goals))
	}
	if s.reached(e, g) {
		if found, ok := s.below(e, g, rest); ok {
			return found, true
		}
	}
	for _, x := range xs {
		if found, ok := s.search(e, rest.with([]goal{{x, g.want}})); ok {
			return found, true
		}
	}
	return e, false
}

func (s *solver) leaf(e schema.Event, g goal, rest todo) (schema.Event, bool) {
	if s.reached(e, g) {
		if found, ok := s.below(e, g, rest); ok {
			return found, true
		}
	}
	fields := ir.FieldsOf(g.p)
	if found, ok := s.change(e, fields, nil, g, rest); ok {
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
	return s.change(given, fields, fields, g, rest) // a calculation needs all its fields
}

// change tries other contents of the fields of a leaf, one field at a time; given are those that were changed before.
func (s *solver) change(e schema.Event, fields, given []*ir.Field, g goal, rest todo) (schema.Event, bool) {
	for _, f := range fields {
		if s.isFrozen(f) {
			continue
		}
		changed := append(slices.Clip(given), f)
		for _, vals := range s.candidates(g.p, f, e) {
			if s.exhausted() {
				return e, false
			}
			try := put(e, f, vals)
			if !s.reached(try, g) || !s.still(try, changed) {
				continue
			}
			if found, ok := s.below(try, g, rest); ok {
				return found, true
			}
		}
	}
	return e, false
}

func (s *solver) isFrozen(f *ir.Field) bool { return s.frozen != nil && s.frozen(f) }
