package verify

import (
	"fmt"
	"maps"
	"slices"

	"github.com/onerule/onerule/ir"
)

// absences adds streams for an absence rule: each expected value with as many events as are asked for, one value with one event
// less, at the edges of the window, arriving at the edge of the grace, or with none.
func (m *streams) absences(b *ir.Absence) {
	a := &absences{streams: m, body: b, size: b.Window.Milliseconds(), grace: b.Grace.Milliseconds()}
	if len(b.Expected)*b.Min > maxThreshold {
		a.values = 1
	} else {
		a.values = len(b.Expected)
	}
	full := a.all()
	if s := m.build("", full); len(s.Events) == 0 {
		return
	}
	m.add("all that is expected", full)
	a.numbers(full)
	a.edges(full)
	a.arrivals(full)
	a.others(full)
	a.drawn()
}

// absences makes the streams of an absence rule.
type absences struct {
	*streams
	body        *ir.Absence
	size, grace int64
	// values is how many of the expected values get events.
	values int
}

// of is an event of an expected value, some time after the begin of the window.
func (a *absences) of(value int, after int64) mark {
	keys := a.keyed(1)
	keys[a.body.Key] = []any{a.body.Expected[value].JSON()}
	return mark{millis: a.origin() + after, keys: keys}
}

// all has for each value as many events as are asked for, spread over one window.
func (a *absences) all() []mark {
	var out []mark
	for v := range a.values {
		for n := range a.body.Min {
			out = append(out, a.of(v, int64(n+1)*a.size/int64(a.body.Min+1)))
		}
	}
	return out
}

func (a *absences) numbers(full []mark) {
	for _, v := range slices.Compact([]int{0, a.values / 2, a.values - 1}) {
		from := v * a.body.Min
		m := fmt.Sprintf("of value %d", v+1)
		a.add("one less "+m, slices.Delete(slices.Clone(full), from, from+1))
		a.add("one more "+m, append(slices.Clone(full), full[from]))
		a.add("none "+m, slices.Delete(slices.Clone(full), from, from+a.body.Min))
		a.add("all at one time "+m, changedRange(full, from, from+a.body.Min, func(k *mark) { k.millis = a.origin() }))
		for k := a.regular; k < len(a.kinds); k++ {
			a.add(fmt.Sprintf("one %s is %s", m, a.kinds[k].name), changed(full, from, func(x *mark) { x.kind = k }))
		}
	}
	for k := 1; k < a.regular; k++ {
		a.add("all are "+a.kinds[k].name, each(full, func(x *mark) { x.kind = k }))
	}
}

func changedRange(marks []mark, from, to int, change func(*mark)) []mark {
	out := slices.Clone(marks)
	for i := from; i < to; i++ {
		change(&out[i])
	}
	return out
}

// edges moves one event, and all, to the edges of windows and of ticks.
func (a *absences) edges(full []mark) {
	every, delay := a.j.art.Timing.Every.Milliseconds(), a.j.art.Timing.Delay.Milliseconds()
	tick := (a.origin()/every+2)*every - delay
	for _, at := range []int64{a.origin(), a.origin() + a.size, tick} {
		for _, by := range []int64{-1, 0, 1} {
			a.add(fmt.Sprintf("one event at %+d ms %+d ms", at-a.origin(), by), changed(full, 0, func(k *mark) { k.millis = at + by }))
			a.add(fmt.Sprintf("all events at %+d ms %+d ms", at-a.origin(), by), each(full, func(k *mark) { k.millis = at + by }))
		}
	}
	next := each(full, func(k *mark) { k.millis += a.size })
	third := each(full, func(k *mark) { k.millis += 2 * a.size })
	a.add("two windows", append(slices.Clone(full), next...))
	a.add("two windows, an empty one between", append(slices.Clone(full), third...))
	a.add("three windows, one value less in the second", slices.Concat(full, next[a.body.Min:], third))
}

// arrivals lets an event arrive as late as the grace allows for, and a millisecond later.
func (a *absences) arrivals(full []mark) {
	for _, v := range slices.Compact([]int{0, a.values - 1}) {
		i := v * a.body.Min
		for _, by := range []int64{-1, 0, 1} {
			late := changed(full, i, func(k *mark) { k.late = a.origin() + a.size + a.grace + by - k.millis })
			s := a.build(fmt.Sprintf("an event of value %d arrives at the end of the grace %+d ms", v+1, by), late)
			s.Late = true
			a.streams.streams = append(a.streams.streams, s)
		}
	}
}

// others adds events of values that nobody expects, and of several values.
func (a *absences) others(full []mark) {
	names := slices.Sorted(maps.Keys(a.changes()))
	for _, name := range names {
		a.add("the first event "+name, changed(full, 0, a.changes()[name]))
	}
	a.add("only what nobody expects", []mark{{millis: a.origin(), keys: a.keyed(3)}, {millis: a.origin() + 2*a.size, keys: a.keyed(3)}})
	if f, ok := a.j.out.Rule.Keys[a.body.Key].Term.(*ir.Field); ok && f.Array && len(a.body.Expected) > 1 {
		both := []any{a.body.Expected[0].JSON(), a.body.Expected[1].JSON()}
		var marks []mark
		for range a.body.Min {
			k := a.of(0, 1)
			k.keys[a.body.Key] = both
			marks = append(marks, k)
		}
		a.add("two values in each event", marks)
	}
}

// drawn adds random events of expected and other values around the edges of windows.
func (a *absences) drawn() {
	grid := []int64{-1, 0, 1, a.size / 3, a.size - 1, a.size, a.size + 1, 2*a.size - 1, 2 * a.size}
	for n := range randomStreams {
		var marks []mark
		for range 1 + a.rnd.IntN(4*a.body.Min) {
			k := a.of(a.rnd.IntN(a.values), grid[a.rnd.IntN(len(grid))])
			if a.rnd.IntN(4) == 0 {
				k.kind = a.rnd.IntN(len(a.kinds))
			}
			if a.rnd.IntN(6) == 0 {
				k.keys = a.keyed(1 + a.rnd.IntN(3))
			}
			marks = append(marks, k)
		}
		a.add(fmt.Sprintf("drawn %d", n+1), marks)
	}
}
