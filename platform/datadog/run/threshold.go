package run

import (
	"slices"
	"strconv"

	"github.com/onerule/onerule/backends/datadog/search/interp"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/platform/datadog/api"
	"github.com/onerule/onerule/platform/schedule"
)

// group is what is counted for one tuple of group values; queries are joined by the position of their group-by fields.
type group struct {
	key    string
	tuple  []string
	events [][]*event // by query, in order
}

// threshold is the method threshold: at each event, for each of its groups, the cases are tried from the first on.
func (d *detection) threshold(events []*event) ([]schedule.Finding, diag.List) {
	conditions := make([]api.Condition, len(d.rule.Cases))
	for i, c := range d.rule.Cases {
		var err error
		if conditions[i], err = api.ParseCondition(c.Condition); err != nil {
			return nil, fault(err.Error())
		}
	}
	groups := map[string]*group{}
	for _, e := range events {
		if !d.live(e) {
			continue
		}
		for _, g := range d.enter(groups, e) {
			number := func(query string) (float64, bool) { return d.number(g, query, e.clock) }
			for i, c := range conditions {
				if c.Holds(number) {
					d.found(e, g.key, d.rule.Cases[i], d.groupColumns(g))
					break
				}
			}
		}
	}
	return d.out, nil
}

// enter puts an event into its groups, which are returned in order.
func (d *detection) enter(groups map[string]*group, e *event) []*group {
	var touched []*group
	for i, q := range d.rule.Queries {
		if !e.matches[i] {
			continue
		}
		for _, t := range d.tuples(e, q.GroupByFields, q.HasOptionalGroupByFields) {
			key := keyOf(t)
			g := groups[key]
			if g == nil {
				g = &group{key: key, tuple: t, events: make([][]*event, len(d.rule.Queries))}
				groups[key] = g
			}
			g.events[i] = append(g.events[i], e)
			if !slices.Contains(touched, g) {
				touched = append(touched, g)
			}
		}
	}
	return touched
}

// groupColumns names the group's values by the fields of the first query, as the signal does.
func (d *detection) groupColumns(g *group) map[string]any {
	out := map[string]any{}
	for i, f := range d.rule.Queries[0].GroupByFields {
		out[f] = g.tuple[i]
	}
	return out
}

// number is what a query comes to for a group in the window that ends at a time; missing where there is no number.
func (d *detection) number(g *group, query string, at int64) (float64, bool) {
	from := at - d.rule.Options.EvaluationWindow*1000
	if !d.on(DoubtWindowClosed) {
		from++
	}
	return d.numberFrom(g, query, from)
}

// numberFrom is what a query comes to for a group from a time on.
func (d *detection) numberFrom(g *group, query string, from int64) (float64, bool) {
	i := slices.IndexFunc(d.rule.Queries, func(q api.Query) bool { return q.Name == query })
	if i < 0 {
		return 0, false
	}
	list := g.events[i]
	start, _ := slices.BinarySearchFunc(list, from, func(e *event, t int64) int {
		if e.clock < t {
			return -1
		}
		return 1
	})
	return d.aggregate(d.rule.Queries[i], list[start:])
}

func (d *detection) aggregate(q api.Query, events []*event) (float64, bool) {
	switch q.Aggregation {
	case api.Count:
		return float64(len(events)), true
	case api.Cardinality:
		seen := map[string]bool{}
		for _, e := range events {
			for _, t := range d.tuples(e, q.DistinctFields, false) {
				seen[keyOf(t)] = true
			}
		}
		return float64(len(seen)), true
	case api.Sum, api.Max:
		return d.measure(q, events)
	case api.NewValue:
	}
	return 0, false
}

// measure sums up or compares the numbers of a metric.
func (d *detection) measure(q api.Query, events []*event) (result float64, ok bool) {
	for _, e := range events {
		for _, v := range interp.Values(d.switches, e.row, q.Metrics[0]) {
			text, is := interp.Measure(v)
			n, err := strconv.ParseFloat(text, 64)
			switch {
			case !is || err != nil:
				continue
			case q.Aggregation == api.Sum:
				result += n
			case !ok || n > result:
				result = n
			}
			ok = true
		}
	}
	return result, ok
}
