package ir

import (
	"slices"
	"time"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/schema"
)

// Sequence is the body of a sequence or together rule. The events of a step are those that fulfil its condition and have the
// tuple as values of its keys; an event with a missing key is of no step.
//
// Meaning: a chain of a tuple is a choice of Repeat events for each step of the kind [StepEvent], the last of all at most
// Within after the first. In an ordered sequence each step's events are strictly later than those of the step before, and
// the events of one step may share a time; in a together rule all events may come in any order and share times, but no event
// takes two steps. Every Cross comparison holds of the last events of its steps; events of equal times may be taken in any
// order.
//
// The time of a chain is that of its last event; where the chain waits (see [Sequence.Waits]) it is Within after its first
// event. The chain is void when an event of a missing step could have taken its place: in an ordered sequence strictly between
// the neighbours, for a missing step at the end behind the last event up to the time of the chain; in a together rule
// at any time t with t(last)−Within ≤ t ≤ t(first)+Within, be it an event of the chain or not. It is void as well when an event of
// an until step has t(first) ≤ t < the time of the chain.
//
// A finding of an evaluated range is a tuple with the least time in the range of a chain. Its event is the last event of the
// chain's last step, in a together rule an event of the latest time in the chain. Of several chains of that time those with the
// latest event count, of equal times the least id; of these, what is shown is that of the chain whose last event of the first
// step is the latest (of equal times the least id), then that of the second, and so on.
type Sequence struct {
	Ordered bool
	Within  time.Duration
	// Per are the keys that name a finding's values, by position; each step has as many of the same types.
	Per   []int
	Steps []Step
	Cross []Cross
	Span  diag.Span
}

// StepKind says how a step takes part.
type StepKind uint8

// The kinds of steps.
const (
	StepEvent StepKind = iota + 1
	StepMissing
	StepUntil
)

var stepNames = []string{"event", "missing", "until"}

// String returns the word of the text form.
func (k StepKind) String() string {
	if k == 0 || int(k) > len(stepNames) {
		return "invalid"
	}
	return stepNames[k-1]
}

// MaxSteps is the largest number of steps.
const MaxSteps = 64

// Step is one step of a sequence.
type Step struct {
	Name string // "" when it has none
	Kind StepKind
	// Cond is the index of the condition on its events; [Rule].CondFrom has their classes.
	Cond int
	// Keys are the columns that hold the tuple for events of the step, as many as Per.
	Keys []int
	// Repeat is the number of events that a chain takes, 1 for missing and until steps.
	Repeat int
	Span   diag.Span
}

// Cross compares a value of one step's last event with one of another's. It is two-valued as [Rel]: some value of L stands in
// relation Op to some value of R; Negated is plain negation.
//
// Text form: (rel.eq (step 1 0) (step 0 2)), (not (rel.eq (step 1 0) (step 0 2)))
type Cross struct {
	Negated bool
	Op      Op
	Cased   bool
	L, R    StepValue
	Span    diag.Span
}

// StepValue is a column (an index of Args) of a step's last event. Text form: (step 1 0)
type StepValue struct{ Step, Arg int }

// NumStep shows a column of a step's last event; it can be shown only. Text form: (step 1 0)
type NumStep struct{ StepValue }

func (*NumStep) num() {}

// Absence is the body of an expect rule.
//
// Meaning: for each window [k·Window, (k+1)·Window) that is judged and each value of Expected, fewer than Min events of the
// window with that value of the key have arrived up to Grace after the window's end. Finding: (window, value).
//
// Windows that begin in the evaluated range are judged. Where the range has no beginning, or no end, time is known from the
// first event to the last: the window begins at the first event's time or later, and its end lies Grace or more before the
// last event.
type Absence struct {
	Window time.Duration
	Min    int
	Key    int
	// Expected are the values that are expected, each once, sorted, folded where the key is.
	Expected []schema.Value
	Grace    time.Duration
	Span     diag.Span
}

func (*Sequence) body() {}
func (*Absence) body()  {}

// Events returns the indexes of the steps that events take, in order.
func (s *Sequence) Events() []int { return s.kinds(StepEvent) }

func (s *Sequence) kinds(k StepKind) []int {
	var out []int
	for i := range s.Steps {
		if s.Steps[i].Kind == k {
			out = append(out, i)
		}
	}
	return out
}

// Untils returns the indexes of the steps that end the wait.
func (s *Sequence) Untils() []int { return s.kinds(StepUntil) }

// Gap returns the indexes of the missing steps of an ordered sequence before the n-th event step (from 0) and behind the one
// before it; for n = len(s.Events()) those at the end.
func (s *Sequence) Gap(n int) []int {
	var out []int
	seen := 0
	for i := range s.Steps {
		switch s.Steps[i].Kind {
		case StepEvent:
			seen++
		case StepMissing:
			if seen == n {
				out = append(out, i)
			}
		case StepUntil:
		}
	}
	return out
}

// Waits reports whether a chain is judged only when its span is over: a missing step stands at the end of a sequence, or
// anywhere in a together rule.
func (s *Sequence) Waits() bool {
	if !s.Ordered {
		return len(s.kinds(StepMissing)) > 0
	}
	return len(s.Gap(len(s.Events()))) > 0
}

// Holds reports whether the comparison is true of the values of its sides.
func (c *Cross) Holds(l, r []schema.Value) bool {
	for _, x := range l {
		for _, y := range r {
			if Compare(c.Op, c.Cased, x, y) {
				return !c.Negated
			}
		}
	}
	return c.Negated
}

// StepValues returns the columns of steps that the rule compares or shows.
func (r *Rule) StepValues() []StepValue {
	s, ok := r.Body.(*Sequence)
	if !ok {
		return nil
	}
	var out []StepValue
	for _, c := range s.Cross {
		out = append(out, c.L, c.R)
	}
	for _, x := range r.Emit.Shown {
		if n, ok := x.Value.(*NumStep); ok {
			out = append(out, n.StepValue)
		}
	}
	return out
}

// CondTakes reports whether a condition is asked of events of a class on a source; it is false on all others.
func (r *Rule) CondTakes(cond int, class, source string) bool {
	if cond >= len(r.CondFrom) || r.CondFrom[cond] == nil {
		return true
	}
	return slices.ContainsFunc(r.CondFrom[cond], func(c ClassOn) bool {
		return c.Source == source && schema.Covers(source, c.Class, class)
	})
}
