package chain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/ir"
)

// ordered returns the last events of the steps of an ordered chain, the preferred one; nil when there is none.
func (f *finder) ordered(b bound) []int {
	o := &orderedSearch{finder: f, bound: b, last: make([]int, len(f.steps)), failed: map[state]bool{}}
	if o.from(0) {
		return o.last
	}
	return nil
}

// orderedSearch chooses the steps' last events one after the other.
type orderedSearch struct {
	*finder
	bound
	last   []int
	failed map[state]bool
}

// state is what the rest of a search depends on: the place, the time of the last event, and what is compared later.
type state struct {
	place  int
	millis int64
	read   string
}

func (o *orderedSearch) from(place int) bool {
	if place == len(o.steps) {
		return true
	}
	prev := o.first - 1
	if place > 0 {
		prev = o.events[o.last[place-1]].Millis
	}
	at := state{place: place, millis: prev}
	if o.reads[place] != 0 {
		at.read = o.readBy(place)
	}
	if o.failed[at] {
		return false
	}
	for _, e := range o.candidates(place, prev) {
		o.last[place] = e
		if o.fits(place, prev, e) && o.crosses(place, o.last) && o.from(place+1) {
			return true
		}
	}
	o.failed[at] = true
	return false
}

// readBy returns what the comparisons from a place on read of the steps before.
func (o *orderedSearch) readBy(place int) string {
	var b strings.Builder
	for _, later := range o.cross[place:] {
		for _, c := range later {
			for _, v := range []ir.StepValue{c.L, c.R} {
				if i := slices.Index(o.steps, v.Step); i < place {
					fmt.Fprintf(&b, "%q ", texts(o.events[o.last[i]].Args[v.Arg]))
				}
			}
		}
	}
	return b.String()
}

// candidates are the events that may be the last of a step, the preferred ones first.
func (o *orderedSearch) candidates(place int, prev int64) []int {
	end := o.events[o.bound.last].Millis
	if place == len(o.steps)-1 {
		if end > prev {
			return []int{o.bound.last}
		}
		return nil
	}
	return slices.SortedFunc(slices.Values(o.between(o.steps[place], prev+1, end-1)), o.prefer)
}

// fits reports whether an event can be the last of a step whose events come after a time: enough events are there, and
// nothing is missing that must be.
func (o *orderedSearch) fits(place int, prev int64, e int) bool {
	step, t := o.steps[place], o.events[e].Millis
	repeat := o.seq.Steps[step].Repeat
	in := o.between(step, prev+1, t)
	if len(in) < repeat {
		return false
	}
	begin := t
	if repeat > 1 {
		begin = o.events[in[0]].Millis
	}
	if place == 0 {
		return !o.exact || begin == o.first
	}
	return o.gaps[place] == 0 || !o.some(o.gaps[place], prev, begin)
}

// some reports whether an event of some steps lies strictly between two times.
func (f *finder) some(steps uint64, lo, hi int64) bool {
	t, ok := f.latest(steps, hi)
	return ok && t > lo
}
