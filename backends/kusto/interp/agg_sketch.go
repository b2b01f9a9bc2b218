package interp

import (
	"slices"
)

// sketchAggregates make the intermediate values that dcount and percentile are computed from. The service's values are
// sketches whose inner form is its own; ours hold all values, marked by a first element, so that what is computed from them
// is exact.
var sketchAggregates = []*aggregate{
	{function: function{name: "hll", sig: "sketch int?", ret: "dynamic", naming: namePrefix, prefix: "hll", doc: "intermediate value of dcount"}, start: startHLL},
	{function: function{name: "hll_if", sig: "sketch bool int?", ret: "dynamic", naming: namePrefix, prefix: "hll_if", doc: "hll under a condition"}, pred: 1, start: startHLL},
	{function: function{name: "hll_merge", sig: "dyn", ret: "dynamic", naming: namePrefix, prefix: "hll_merge", doc: "union of intermediate values of dcount"}, start: startMerge(hllMark)},
	{function: function{name: "tdigest", sig: "sum int?", ret: "dynamic", naming: namePrefix, prefix: "tdigest", doc: "intermediate value of percentile"}, start: startDigest},
	{function: function{name: "tdigest_merge merge_tdigest", sig: "dyn", ret: "dynamic", naming: namePrefix, prefix: "merge_tdigests", doc: "union of intermediate values of percentile"}, start: startMerge(digestMark)},
}

const (
	hllMark    = "hll"
	digestMark = "tdigest"
)

func startHLL(c *aggCall) func() state {
	counts := countsAsValue(c.x)
	return func() state {
		list, seen := []any{hllMark}, map[string]bool{}
		return &each{arg: c.args[0], f: func(v any, e *env) {
			if k := key(v); counts(v) && !seen[k] {
				e.x.grow(1, 1)
				seen[k] = true
				list = append(list, k)
			}
		}, done: func() any { return list }}
	}
}

func startDigest(c *aggCall) func() state {
	return func() state {
		list := []any{digestMark}
		s := &percentileState{arg: c.args[0]}
		if c.n > 1 {
			s.weight = c.args[1]
		}
		return &each{arg: c.args[0], f: func(_ any, e *env) { s.add(e) }, done: func() any {
			for _, w := range s.list {
				list = append(list, []any{w.v, w.w})
			}
			return list
		}}
	}
}

func startMerge(mark string) func(c *aggCall) func() state {
	return func(c *aggCall) func() state {
		return func() state {
			var parts []any
			return &each{arg: c.args[0], f: func(v any, e *env) { parts = append(parts, v) }, done: func() any { return mergeSketches(mark, parts) }}
		}
	}
}

// mergeSketches unites sketches of one kind; of hll each key once.
func mergeSketches(mark string, parts []any) any {
	out := []any{mark}
	seen := map[string]bool{}
	for _, p := range parts {
		list, ok := p.([]any)
		if !ok || len(list) == 0 || list[0] != mark {
			continue
		}
		for _, v := range list[1:] {
			if mark == hllMark {
				k, _ := v.(string)
				if seen[k] {
					continue
				}
				seen[k] = true
			}
			out = append(out, v)
		}
	}
	return out
}

// sketchFunctions read sketches.
var sketchFunctions = []*function{
	{name: "dcount_hll", sig: "dyn", ret: "long", naming: nameFuncFirst, doc: "dcount from an intermediate value", fn: func(c *call, a []any) any {
		if list := sketch(hllMark, a[0]); list != nil {
			return int64(len(list) - 1)
		}
		return nil
	}},
	{name: "hll_merge", sig: "dyn dyn*", ret: "dynamic", doc: "union of intermediate values of dcount", fn: func(c *call, a []any) any { return mergeSketches(hllMark, a) }},
	{name: "tdigest_merge merge_tdigest", sig: "dyn dyn*", ret: "dynamic", doc: "union of intermediate values of percentile", fn: func(c *call, a []any) any {
		return mergeSketches(digestMark, slices.Clone(a))
	}},
	{name: "percentile_tdigest", sig: "dyn num type?", ret: "dynamic", naming: nameFuncFirst, doc: "percentile from an intermediate value", bind: bindTyped(2, tDyn), fn: func(c *call, a []any) any {
		p, _ := toFloat(a[1])
		return nearestRank(digest(a[0]), p)
	}},
	{name: "percentiles_array_tdigest", sig: "dyn numdyn numdyn*", ret: "dynamic", naming: namePrefix, prefix: "percentile_tdigest", doc: "percentiles from an intermediate value", fn: func(c *call, a []any) any {
		list := digest(a[0])
		out := []any{}
		for _, p := range a[1:] {
			ps, ok := p.([]any)
			if !ok {
				ps = []any{p}
			}
			for _, q := range ps {
				f, _ := toFloat(q)
				out = append(out, nearestRank(list, f))
			}
		}
		return out
	}},
	{name: "rank_tdigest", sig: "dyn any", ret: "real", doc: "number of values that are not above one", fn: func(c *call, a []any) any {
		n, _ := rankOf(digest(a[0]), a[1])
		return n
	}},
	{name: "percentrank_tdigest", sig: "dyn any", ret: "real", doc: "percentage of values that are not above one", fn: func(c *call, a []any) any {
		n, total := rankOf(digest(a[0]), a[1])
		return n / total * 100
	}},
}

func sketch(mark string, v any) []any {
	list, ok := v.([]any)
	if !ok || len(list) == 0 || list[0] != mark {
		return nil
	}
	return list
}

// digest reads the values of a t-digest, sorted.
func digest(v any) []weighted {
	var out []weighted
	list := sketch(digestMark, v)
	for _, e := range list[min(1, len(list)):] {
		if p, ok := e.([]any); ok && len(p) == 2 {
			w, _ := p[1].(int64)
			out = append(out, weighted{p[0], w})
		}
	}
	slices.SortStableFunc(out, func(a, b weighted) int { return sortCompare(a.v, b.v) })
	return out
}

func rankOf(list []weighted, v any) (rank, total float64) {
	for _, w := range list {
		total += float64(w.w)
		if sortCompare(w.v, v) <= 0 {
			rank += float64(w.w)
		}
	}
	return rank, total
}
