package engine

import (
	"math"
	"slices"

	"github.com/onerule/onerule/ir"
)

// baseline counts in tumbling windows and remembers, for each tuple, the measures of its windows as far back as it learns.
type baseline struct {
	plan    *plan
	body    *ir.Baseline
	size    int64
	windows series
	past    map[string]*history
	// order holds the histories as they came, so that sums do not depend on the order of a map.
	order       []*history
	grown, kept int
}

// history is what a tuple did in the windows in which it had events.
type history struct {
	id      string
	buckets queue[timed[float64]] // by the start of the window
}

func newBaseline(p *plan, b *ir.Baseline) *baseline {
	return &baseline{plan: p, body: b, size: b.Bucket.Milliseconds(), past: map[string]*history{}}
}

func (b *baseline) keeps() bool { return false }
func (b *baseline) add(r *row)  { b.windows.at(b.plan, floor(r.millis, b.size)).add(r) }

func (b *baseline) advance(complete int64, out []Finding) []Finding {
	for len(b.windows.open) > 0 && b.windows.open[0].start+b.size <= complete {
		g := b.windows.shift()
		out = b.settle(g, out)
		g.recycle()
	}
	return out
}

func (b *baseline) settle(g *groups, out []Finding) []Finding {
	e := env{scopes: make([][]agg, 1)}
	var population *sample // made when it is asked for
	ids := make([]string, 0, len(g.all))
	for id := range g.all {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		e.scopes[0] = g.all[id].cells[0].aggs
		used, word := b.own(id, g.start), "own"
		if used.n < int64(max(b.body.Own, 1)) {
			used, word = sample{}, "population"
			if b.body.Population {
				if population == nil {
					population = b.population(g.start)
				}
				used = *population
			}
		}
		if used.n == 0 {
			continue
		}
		e.mean, e.stddev, e.history = used.mean(), used.stddev(), word
		if b.plan.when(&e) {
			f := ir.Finding{Key: g.all[id].key, From: g.start, To: g.start + b.size, History: word, Shown: e.shown(b.plan.rule.Emit.Shown)}
			out = append(out, Finding{Finding: f})
		}
	}
	for _, id := range ids {
		b.learn(id, g.start, g.all[id].cells[0].aggs[0])
	}
	b.sweep(g.start)
	return out
}

// sample is a history as numbers: how many windows, and the measures of those that are not empty.
type sample struct {
	n    int64
	full []timed[float64]
}

func (s sample) mean() float64 {
	total := 0.0
	for _, m := range s.full {
		total += m.x
	}
	return total / float64(s.n)
}

func (s sample) stddev() float64 {
	if s.n < 2 {
		return 0
	}
	mean := s.mean()
	squares := float64(s.n-int64(len(s.full))) * mean * mean
	for _, m := range s.full {
		squares += (m.x - mean) * (m.x - mean)
	}
	return math.Sqrt(squares / float64(s.n-1))
}

// own returns the history of a tuple before a window.
func (b *baseline) own(id string, at int64) sample {
	if h := b.past[id]; h != nil {
		return b.sample(h, at)
	}
	return sample{}
}

func (b *baseline) sample(h *history, at int64) sample {
	for h.buckets.len() > 0 && h.buckets.live()[0].at < at-b.body.Learn.Milliseconds() {
		h.buckets.pop()
	}
	full := h.buckets.live()
	if len(full) == 0 {
		return sample{}
	}
	return sample{n: (at - full[0].at) / b.size, full: full}
}

func (b *baseline) population(at int64) *sample {
	out := &sample{}
	for _, h := range b.order {
		s := b.sample(h, at)
		out.n += s.n
		out.full = append(out.full, s.full...)
	}
	return out
}

func (b *baseline) learn(id string, at int64, measure agg) {
	h := b.past[id]
	if h == nil {
		h = &history{id: id}
		b.past[id] = h
		b.order = append(b.order, h)
		b.grown++
	}
	x, ok := measure.number()
	if !ok {
		x = 0
	}
	h.buckets.push(timed[float64]{at, x})
}

// sweep forgets the tuples whose history is too old for every window after this one.
func (b *baseline) sweep(at int64) {
	if b.grown < max(leastSweep, b.kept) {
		return
	}
	b.order = slices.DeleteFunc(b.order, func(h *history) bool {
		old := b.sample(h, at+b.size).n == 0
		if old {
			delete(b.past, h.id)
		}
		return old
	})
	b.grown, b.kept = 0, len(b.order)
}
