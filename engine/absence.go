package engine

import (
	"math"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// Range is an evaluated range in milliseconds, [From, To). The zero Range asks for everything.
//
// For sequence and together rules it says which findings are asked for: the first of each tuple. For absence rules it says which
// windows are judged, by their start; without it those that lie wholly in the time from the first event to the last.
type Range struct{ From, To int64 }

func (r Range) orAlways() Range {
	if r == (Range{}) {
		return Range{math.MinInt64, math.MaxInt64}
	}
	return r
}

// absence counts the expected values in the windows that are open. It has a clock of its own, for what it judges is what has
// arrived: an event arrives when it is pushed, at the latest time of the stream so far, or later when the caller says so.
type absence struct {
	size, grace int64
	least, key  int
	expected    []schema.Value
	index       map[schema.Value]int
	open        map[int64][]int // by start
	rng         Range
	started     bool
	first, next int64 // starts of the first window that is judged, and of the next
	clock       int64
	// skipped is how many windows of long silences were not told.
	skipped int64
}

// maxSilent is how many windows are judged when the clock goes on by one event: a silence that is longer, as one event with a
// time far in the future makes it, is told of so many windows, and those behind it, in which nothing came either, are counted.
const maxSilent = 10_000

func newAbsence(b *ir.Absence, o Options) *absence {
	a := &absence{
		size: b.Window.Milliseconds(), grace: b.Grace.Milliseconds(), least: b.Min, key: b.Key, expected: b.Expected,
		index: map[schema.Value]int{}, open: map[int64][]int{}, rng: o.Range.orAlways(), clock: math.MinInt64,
	}
	for i, v := range b.Expected {
		a.index[v] = i
	}
	if a.rng.From != math.MinInt64 {
		a.start(a.rng.From)
	}
	return a
}

func (a *absence) start(from int64) {
	a.first, a.started = floor(from+a.size-1, a.size), true
	a.next = a.first
}

// tick moves the clock, with an event that happened at a time.
func (a *absence) tick(happened, now int64, out []Finding) []Finding {
	if !a.started {
		a.start(happened)
	}
	a.clock = max(a.clock, now)
	for n := 0; a.next+a.size+a.grace < a.clock && a.next < a.rng.To; n++ {
		if n >= maxSilent && !a.skip() {
			break
		}
		out = a.judge(out)
	}
	return out
}

// skip goes on to the next window that some event fell into, or to the first that is not over; false when the latter is next.
func (a *absence) skip() bool {
	over := a.clock - a.grace - a.size // windows that begin before are over
	to := floor(over+a.size-1, a.size)
	if a.rng.To != math.MaxInt64 {
		to = min(to, floor(a.rng.To-1, a.size)+a.size)
	}
	for w := range a.open {
		to = min(to, w)
	}
	a.skipped += (to - a.next) / a.size
	a.next = to
	return to < over && to < a.rng.To
}

// count takes an event; false means that its window was judged.
func (a *absence) count(r *row) bool {
	w := floor(r.millis, a.size)
	if w < a.next || w >= a.rng.To {
		return w < a.first || w >= a.rng.To // it is asked for by nobody
	}
	counts := a.open[w]
	if counts == nil {
		counts = make([]int, len(a.expected))
		a.open[w] = counts
	}
	for _, v := range r.keys[a.key] {
		if i, ok := a.index[v]; ok {
			counts[i]++
		}
	}
	return true
}

func (a *absence) judge(out []Finding) []Finding {
	counts := a.open[a.next]
	for i, v := range a.expected {
		if counts == nil || counts[i] < a.least {
			out = append(out, Finding{Finding: ir.Finding{Key: []schema.Value{v}, From: a.next, To: a.next + a.size}})
		}
	}
	delete(a.open, a.next)
	a.next += a.size
	return out
}

// Skipped returns how many windows an absence rule did not tell of: those behind the first ten thousand of a silence that one
// event ended.
func (e *Engine) Skipped() int64 {
	if a, ok := e.op.(*absence); ok {
		return a.skipped
	}
	return 0
}

// add and keeps make it an operator; rows go to count.
func (a *absence) add(r *row) { a.count(r) }

func (a *absence) keeps() bool { return false }

// advance is asked at the end of the stream.
func (a *absence) advance(int64, []Finding) (out []Finding) {
	for a.started && a.next < a.rng.To && (a.rng.To != math.MaxInt64 || a.next+a.size+a.grace <= a.clock) {
		out = a.judge(out)
	}
	return out
}

// PushAt is [Engine.Push] for an event that arrives at a time, in milliseconds. It matters to absence rules only: others judge by when
// events happen.
func (e *Engine) PushAt(ev *schema.Event, arrives int64) []Finding {
	if a, ok := e.op.(*absence); ok {
		return e.arrive(a, arrives, ev)
	}
	return e.Push(ev)
}

// arrive takes an event, in the first of its readings that fits.
func (e *Engine) arrive(a *absence, arrives int64, readings ...*schema.Event) (out []Finding) {
	for _, ev := range readings {
		out = append(out, a.tick(ev.Millis, max(arrives, ev.Millis), nil)...)
		if !e.matches(ev) {
			continue
		}
		r := e.reader.get()
		e.reader.fill(r, &e.ctx)
		if !a.count(r) {
			e.late++
		}
		e.reader.put(r)
		break
	}
	return out
}
