package eval

import (
	"fmt"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// baseline is counting in tumbling windows beside what the windows before have taught.
func baseline(b *ir.Baseline, rows []Row, rng Range) []moment {
	size := b.Bucket.Milliseconds()
	all := groups(rows, b.Per)
	var out []moment
	for _, from := range windows(rows, size, size) {
		if !rng.has(from) {
			continue
		}
		var population []float64
		if b.Population {
			for _, g := range inKeyOrder(all) {
				population = append(population, buckets(b, g.rows, from)...)
			}
		}
		for _, g := range inKeyOrder(groups(between(rows, from, from+size), b.Per)) {
			m := moment{key: g.key, from: from, to: from + size}
			m.aggs = [][][]schema.Value{{aggregate(b.Measure, g.rows)}}
			own := buckets(b, all[tupleID(g.key)].rows, from)
			m.base, m.why = learn(b, own, population)
			m.found = m.base != nil && m.holds(b.When)
			out = append(out, m)
		}
	}
	return out
}

// buckets returns the measure of each window in [at−Learn, at), from the one with the first of a tuple's rows there on.
// Windows without rows, or with a measure that is missing, count 0.
func buckets(b *ir.Baseline, rows []Row, at int64) []float64 {
	size := b.Bucket.Milliseconds()
	before := between(rows, at-b.Learn.Milliseconds(), at)
	if len(before) == 0 {
		return nil
	}
	var out []float64
	for from := floor(before[0].Millis, size); from < at; from += size {
		measure := 0.0
		if in := between(before, from, from+size); len(in) > 0 {
			a := answers{aggs: [][][]schema.Value{{aggregate(b.Measure, in)}}}
			measure, _ = a.number(&ir.NumAgg{})
		}
		out = append(out, measure)
	}
	return out
}

// learn chooses the history that is used; nil with the reason when there is none.
func learn(b *ir.Baseline, own, population []float64) (*learned, string) {
	used, history := own, "own"
	if len(own) < max(b.Own, 1) {
		used, history = population, "population"
	}
	switch {
	case len(used) > 0:
		return &learned{mean: mean(used), stddev: stddev(used), history: history, buckets: len(used)}, ""
	case !b.Population:
		return nil, fmt.Sprintf("its history is %d windows long, and %d are asked for: no finding", len(own), max(b.Own, 1))
	}
	return nil, "there is no history: no finding"
}
