package engine

import (
	"slices"

	"github.com/onerule/onerule/ir"
)

// firstSeen remembers when each pair of a tuple and a value was seen last, and with a warm-up when each tuple was seen.
type firstSeen struct {
	per, pair              []int
	every, history, warmup int64
	seen                   map[string]int64
	owners                 map[string]*owner
	walk                   tuples
	grown, kept            int
}

// owner is when a tuple was seen, as far as the warm-up needs to know.
type owner struct {
	last int64
	// old is the last time before the warm-up of the tick at hand; recent holds, of the later times, the last one in each
	// stretch between two ticks' warm-ups.
	old    int64
	recent queue[int64]
}

func newFirstSeen(b *ir.FirstSeen) *firstSeen {
	return &firstSeen{
		per: b.Per, pair: append(slices.Clone(b.Per), b.Value),
		every: b.Every.Milliseconds(), history: b.History.Milliseconds(), warmup: b.Warmup.Milliseconds(),
		seen: map[string]int64{}, owners: map[string]*owner{},
	}
}

func (f *firstSeen) at(t int64, rows []*row, out []Finding) []Finding {
	tick := floor(t, f.every)
	f.sweep(tick)
	for _, r := range rows {
		if f.warmup > 0 {
			for ok := f.walk.start(r, f.per); ok; ok = f.walk.next() {
				f.meet(f.walk.id, t, tick)
			}
		}
		for ok := f.walk.start(r, f.pair); ok; ok = f.walk.next() {
			last, known := f.seen[string(f.walk.id)]
			f.seen[string(f.walk.id)] = t
			if !known {
				f.grown++
			}
			if known && last >= tick-f.history || f.warmup > 0 && f.owners[string(f.walk.id[:f.walk.prefix])].old < tick-f.history {
				continue
			}
			key := f.walk.values()
			n := len(f.per)
			out = append(out, Finding{Finding: ir.Finding{Key: key[:n:n], Value: &key[n], Time: t, Event: r.id}, First: r.event})
		}
	}
	return out
}

// meet notes that a tuple is seen.
func (f *firstSeen) meet(id []byte, t, tick int64) {
	o := f.owners[string(id)]
	if o == nil {
		o = &owner{old: -1 << 63}
		f.owners[string(id)] = o
		f.grown++
	}
	for o.recent.len() > 0 && o.recent.live()[0] < tick-f.warmup {
		o.old = o.recent.pop()
	}
	o.last = t
	if live := o.recent.live(); len(live) > 0 && floor(live[len(live)-1]+f.warmup, f.every) == floor(t+f.warmup, f.every) {
		live[len(live)-1] = t
		return
	}
	o.recent.push(t)
}

// sweep forgets what lies before the history of a tick.
func (f *firstSeen) sweep(tick int64) {
	if f.grown < max(leastSweep, f.kept) {
		return
	}
	for id, last := range f.seen {
		if last < tick-f.history {
			delete(f.seen, id)
		}
	}
	for id, o := range f.owners {
		if o.last < tick-f.history {
			delete(f.owners, id)
		}
	}
	f.grown, f.kept = 0, len(f.seen)+len(f.owners)
}
