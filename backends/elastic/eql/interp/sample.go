package interp

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/onerule/onerule/backends/elastic/eql/syntax"
	"github.com/onerule/onerule/backends/native"
)

// bucket is the events of one filter that have one key tuple, in input order.
type bucket struct {
	key    tuple
	events [][]*event // by filter
}

// sample runs a sample: per key tuple that all filters have, different events, one for each filter. Keys come in order,
// null first; events in input order.
func (r *run) sample(s *source, q *syntax.Sample) []native.Group {
	var filters []stage
	var keys [][]joinKey
	for i := range q.Terms {
		st := stage{match: r.filter(q.Terms[i].Event), keys: r.joinKeys(q.Keys, q.Terms[i].Keys)}
		filters = append(filters, st)
		keys = append(keys, st.keys)
	}
	r.checkKeyTypes(keys)
	if r.diags.HasErrors() {
		return nil
	}
	var groups []native.Group
	size, perKey := r.size(), max(r.in.MaxSamplesPerKey, 1)
	for _, b := range r.buckets(s, filters) {
		n := min(perKey, size-len(groups))
		if n <= 0 || r.stopped {
			break
		}
		for _, events := range r.pick(b, n) {
			groups = append(groups, sampleGroup(b.key, events))
		}
	}
	return groups
}

// buckets gathers the events by key tuple and keeps the tuples that every filter has.
func (r *run) buckets(s *source, filters []stage) []*bucket {
	byKey := map[string]*bucket{}
	for i, f := range filters {
		for _, e := range s.pass(f.match) {
			for _, t := range r.tuples(e, f.keys) {
				b := byKey[t.id]
				if b == nil {
					b = &bucket{key: t, events: make([][]*event, len(filters))}
					byKey[t.id] = b
				}
				b.events[i] = append(b.events[i], e)
			}
		}
	}
	var full []*bucket
	for _, b := range byKey {
		if !slices.ContainsFunc(b.events, func(list []*event) bool { return len(list) == 0 }) {
			full = append(full, b)
		}
	}
	slices.SortFunc(full, func(a, b *bucket) int { return compareKeys(a.key.values, b.key.values) })
	return full
}

// compareKeys orders key tuples, null first.
func compareKeys(a, b []value) int {
	for i := range a {
		switch {
		case a[i] == nil && b[i] == nil:
			continue
		case a[i] == nil:
			return -1
		case b[i] == nil:
			return 1
		}
		if c, _ := compare(a[i], b[i]); c != 0 {
			return c
		}
	}
	return 0
}

// pick returns up to n combinations of different events, one of each filter, in input order.
func (r *run) pick(b *bucket, n int) [][]*event {
	reuse := !r.on(doubtSampleDistinct)
	chosen := make([]*event, len(b.events))
	var found [][]*event
	var fill func(i int)
	fill = func(i int) {
		if i == len(chosen) {
			found = append(found, slices.Clone(chosen))
			return
		}
		// More candidates than these are never needed to find n combinations.
		candidates := b.events[i][:min(len(b.events[i]), n+len(chosen))]
		for _, e := range candidates {
			if len(found) == n || !r.step(1) {
				return
			}
			if reuse || !slices.Contains(chosen[:i], e) {
				chosen[i] = e
				fill(i + 1)
			}
		}
	}
	fill(0)
	return found
}

// sampleGroup is a sample as results show it; dates among the keys are milliseconds since 1970.
func sampleGroup(key tuple, events []*event) native.Group {
	g := native.Group{JoinKeys: jsonKeys(key.values)}
	for i, v := range key.values {
		if t, ok := v.(time.Time); ok {
			g.JoinKeys[i] = json.Number(strconv.FormatInt(t.UnixMilli(), 10))
		}
	}
	for _, e := range events {
		ref := e.ref
		g.Events = append(g.Events, &ref)
	}
	return g
}
