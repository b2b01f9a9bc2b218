package eval

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/chain"
	"github.com/onerule/onerule/schema"
)

// sequence looks, for each tuple of values, for the chain that is dated first in the range.
func sequence(b *ir.Sequence, rows []Row, rng Range) []moment {
	search := chain.New(b)
	var out []moment
	for _, t := range tuplesOf(b, rows) {
		c, ok := search.Find(t.events, rng.From, rng.To)
		if !ok {
			out = append(out, moment{key: t.key, title: "no chain of events", because: func() string { return t.why(b, rng) }})
			continue
		}
		m := moment{key: t.key, time: c.Time, event: t.events[c.Event].ID, found: true}
		for _, i := range c.Last {
			var args [][]schema.Value
			if i >= 0 {
				args = t.events[i].Args
			}
			m.steps = append(m.steps, args)
		}
		out = append(out, m)
	}
	return out
}

// stepTuple is a tuple of values with the events that are of some step, in order.
type stepTuple struct {
	key    []schema.Value
	events []chain.Event
}

// tuplesOf returns the tuples that some row has as an event of a step, in order.
func tuplesOf(b *ir.Sequence, rows []Row) []*stepTuple {
	all := map[string]*stepTuple{}
	for _, row := range rows {
		fits := map[string]uint64{}
		for i, s := range b.Steps {
			if !row.Conds[s.Cond] {
				continue
			}
			for _, t := range tuples(row, s.Keys) {
				id := tupleID(t)
				fits[id] |= 1 << i
				if all[id] == nil {
					all[id] = &stepTuple{key: t}
				}
			}
		}
		for id, bits := range fits {
			all[id].events = append(all[id].events, chain.Event{Millis: row.Millis, ID: row.ID, Fits: bits, Args: row.Args})
		}
	}
	out := make([]*stepTuple, 0, len(all))
	for _, t := range all {
		out = append(out, t)
	}
	slices.SortFunc(out, func(x, y *stepTuple) int { return ir.CompareKeys(x.key, y.key) })
	return out
}

// why says what keeps a tuple from having a chain: the first of the demands without which it would have one.
func (t *stepTuple) why(b *ir.Sequence, rng Range) string {
	for i, s := range b.Steps {
		n := 0
		for _, e := range t.events {
			if e.Fits&(1<<i) != 0 {
				n++
			}
		}
		if s.Kind == ir.StepEvent && n < s.Repeat {
			return fmt.Sprintf("%s of %d that %s asks for", events(n), s.Repeat, StepName(b, i))
		}
	}
	try := func(b *ir.Sequence, rng Range, drop ...[]int) bool {
		_, ok := chain.New(b).Find(t.without(drop...), rng.From, rng.To)
		return ok
	}
	missing := stepsOf(b, ir.StepMissing)
	loose, wide := *b, *b
	loose.Cross, wide.Within = nil, 1000*b.Within
	switch {
	case try(b, Always):
		return "its chain is dated outside of the range"
	case try(b, rng, b.Untils()):
		return "an event of `until` ended the wait"
	case try(&loose, rng):
		return "the comparisons between steps do not hold"
	case try(b, rng, missing):
		return "an event came that must be missing"
	case try(&wide, Always, missing, b.Untils()):
		return fmt.Sprintf("the events lie more than %s apart", b.Within)
	}
	return "the events are there, but not in a chain: " + t.stepsSeen(b)
}

func stepsOf(b *ir.Sequence, kind ir.StepKind) []int {
	var out []int
	for i, s := range b.Steps {
		if s.Kind == kind {
			out = append(out, i)
		}
	}
	return out
}

// without returns the events as if none were of some steps.
func (t *stepTuple) without(drop ...[]int) []chain.Event {
	out := slices.Clone(t.events)
	for _, i := range slices.Concat(drop...) {
		for e := range out {
			out[e].Fits &^= 1 << i
		}
	}
	return out
}

func events(n int) string {
	if n == 1 {
		return "1 event"
	}
	return fmt.Sprintf("%d events", n)
}

// StepName names a step for people.
func StepName(b *ir.Sequence, i int) string {
	if name := b.Steps[i].Name; name != "" {
		return "`" + name + "`"
	}
	return fmt.Sprintf("step %d", i+1)
}

// stepsSeen says how many events of each step a tuple has, for people.
func (t *stepTuple) stepsSeen(b *ir.Sequence) string {
	var words []string
	for i := range b.Steps {
		n := 0
		for _, e := range t.events {
			if e.Fits&(1<<i) != 0 {
				n++
			}
		}
		words = append(words, fmt.Sprintf("%s: %d", StepName(b, i), n))
	}
	return strings.Join(words, ", ")
}
