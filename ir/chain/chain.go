// Package chain looks for the chains of a sequence or together rule among the events of one tuple. See [ir.Sequence] for what a
// chain is, when it is void, and which one is told.
package chain

import (
	"cmp"
	"slices"
	"sort"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// Event is what a chain reads of one event of the tuple.
type Event struct {
	Millis int64
	ID     string
	// Fits has a bit for each step whose event it is.
	Fits uint64
	// Args are the columns that comparisons and findings read of it.
	Args [][]schema.Value
}

// Chain is one that was found.
type Chain struct {
	// Time is that of the finding.
	Time int64
	// Event is the index of the chain's last event.
	Event int
	// Last holds the index of each step's last event, by step; -1 for missing and until steps.
	Last []int
}

// Search knows a sequence.
type Search struct {
	seq    *ir.Sequence
	within int64
	steps  []int // the steps that events take
	// gaps holds, for an ordered sequence, the missing steps before each of steps, and those at the end; else only the last.
	gaps   []uint64
	untils uint64
	// cross holds, by place in steps, the comparisons that can be made when it and those before it are chosen.
	cross [][]*ir.Cross
	// reads has a bit for each place in steps that comparisons from a place on read.
	reads []uint64
}

// New prepares a sequence.
func New(s *ir.Sequence) *Search {
	x := &Search{seq: s, within: s.Within.Milliseconds(), steps: s.Events(), untils: bits(s.Untils())}
	n := len(x.steps)
	x.gaps = make([]uint64, n+1)
	for i := range x.gaps {
		if s.Ordered {
			x.gaps[i] = bits(s.Gap(i))
		}
	}
	if !s.Ordered {
		for i := range s.Steps {
			if s.Steps[i].Kind == ir.StepMissing {
				x.gaps[n] |= 1 << i
			}
		}
	}
	x.cross, x.reads = make([][]*ir.Cross, n), make([]uint64, n+1)
	for i := range s.Cross {
		c := &s.Cross[i]
		l, r := slices.Index(x.steps, c.L.Step), slices.Index(x.steps, c.R.Step)
		last := max(l, r)
		x.cross[last] = append(x.cross[last], c)
		for from := range last + 1 {
			x.reads[from] |= 1<<l | 1<<r
		}
	}
	return x
}

func bits(steps []int) uint64 {
	var out uint64
	for _, i := range steps {
		out |= 1 << i
	}
	return out
}

// Find returns the chain of least time in [from, to) among events in the order of time, then id.
func (x *Search) Find(events []Event, from, to int64) (Chain, bool) {
	f := x.over(events)
	for _, t := range f.times(from, to) {
		if c, ok := f.at(t); ok {
			return c, true
		}
	}
	return Chain{}, false
}

// finder looks among some events.
type finder struct {
	*Search
	events []Event
	// of holds the indexes of the events of each step.
	of [][]int
}

func (x *Search) over(events []Event) *finder {
	f := &finder{Search: x, events: events, of: make([][]int, len(x.seq.Steps))}
	for i := range events {
		for s := range f.of {
			if events[i].Fits&(1<<s) != 0 {
				f.of[s] = append(f.of[s], i)
			}
		}
	}
	return f
}

// times returns the times at which a chain may be dated, in order.
func (f *finder) times(from, to int64) []int64 {
	steps, later := f.steps, int64(0)
	switch {
	case f.seq.Waits() && f.seq.Ordered:
		steps, later = f.steps[:1], f.within
	case f.seq.Waits():
		later = f.within
	case f.seq.Ordered:
		steps = f.steps[len(f.steps)-1:]
	}
	var out []int64
	for _, s := range steps {
		for _, i := range f.of[s] {
			if t := f.events[i].Millis + later; from <= t && t < to {
				out = append(out, t)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// bound is what is asked of a chain besides its steps.
type bound struct {
	// first is the least time of an event; exact asks for an event of that time.
	first int64
	exact bool
	// last is the index of the last event.
	last int
}

// at returns the chain that is dated at a time.
func (f *finder) at(t int64) (Chain, bool) {
	b := bound{first: t - f.within, exact: f.seq.Waits()}
	if u, ok := f.latest(f.untils, t); ok && u >= b.first {
		if b.exact {
			return Chain{}, false
		}
		b.first = u + 1
	}
	for _, c := range f.completing(t, b.exact) {
		b.last = c
		var last []int
		if f.seq.Ordered {
			last = f.ordered(b)
		} else {
			last = f.together(b)
		}
		if last != nil {
			return Chain{Time: t, Event: c, Last: f.bySteps(last)}, true
		}
	}
	return Chain{}, false
}

// completing returns the events that may be the last of a chain dated at a time, the preferred ones first.
func (f *finder) completing(t int64, waits bool) []int {
	steps := f.steps
	if f.seq.Ordered {
		steps = f.steps[len(f.steps)-1:]
	}
	lo, hi := t, t
	if waits {
		lo = t - f.within
		if m, ok := f.latest(f.gaps[len(f.steps)], t+1); ok {
			switch {
			case f.seq.Ordered:
				lo = max(lo, m) // an event of a missing step at the same time is not behind the last one
			case m >= lo:
				return nil
			default:
				lo = max(lo, m+f.within+1)
			}
		}
	}
	var out []int
	for _, s := range steps {
		out = append(out, f.between(s, lo, hi)...)
	}
	slices.SortFunc(out, f.prefer)
	return slices.Compact(out)
}

// prefer orders events: the latest first, of equal times the least id.
func (f *finder) prefer(a, b int) int {
	return cmp.Or(cmp.Compare(f.events[b].Millis, f.events[a].Millis), cmp.Compare(a, b))
}

// latest returns the latest time before t of an event of some steps.
func (f *finder) latest(steps uint64, t int64) (millis int64, ok bool) {
	for s, of := range f.of {
		if steps&(1<<s) == 0 {
			continue
		}
		if i := f.before(of, t); i > 0 && (!ok || f.events[of[i-1]].Millis > millis) {
			millis, ok = f.events[of[i-1]].Millis, true
		}
	}
	return millis, ok
}

// before returns how many of some events lie before a time.
func (f *finder) before(of []int, t int64) int {
	return sort.Search(len(of), func(i int) bool { return f.events[of[i]].Millis >= t })
}

// between returns the events of a step with times in [lo, hi].
func (f *finder) between(step int, lo, hi int64) []int {
	of := f.of[step]
	i, j := f.before(of, lo), f.before(of, hi+1)
	if i >= j {
		return nil
	}
	return of[i:j]
}

func (f *finder) bySteps(last []int) []int {
	out := make([]int, len(f.seq.Steps))
	for i := range out {
		out[i] = -1
	}
	for i, s := range f.steps {
		out[s] = last[i]
	}
	return out
}

// crosses reports whether the comparisons hold that can be made when a step is chosen.
func (f *finder) crosses(place int, last []int) bool {
	for _, c := range f.cross[place] {
		if !f.holds(c, last[slices.Index(f.steps, c.L.Step)], last[slices.Index(f.steps, c.R.Step)]) {
			return false
		}
	}
	return true
}
