package datadog

import (
	"slices"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/datadog/search"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/datadog/api"
	"github.com/onerule/onerule/schema"
)

// counting is what a rule of the method threshold is made of.
type counting struct {
	bound   *ir.Bound
	groupBy []string
	window  int64
	queries []counted
	cases   []api.Condition
}

// counted is one query: an aggregate of the rule, or, for agg nil, all its events.
type counted struct {
	label string
	agg   *ir.NumAgg
	field string // of the aggregate
	// guard, when set, is the number of the argument that events must have.
	guard int
}

// countLevel says how exactly the method threshold carries a rule that counts.
func countLevel(b *ir.Bound) backends.Level {
	_, l := countingOf(b)
	return l
}

// countingOf plans the rule, or says why there is none. A baseline is a count in tumbling windows as far as it compares with
// constants.
func countingOf(b *ir.Bound) (*counting, backends.Level) {
	window := ir.Window{Kind: ir.Tumbling}
	switch body := b.Rule.Body.(type) {
	case *ir.Count:
		window = body.Window
	case *ir.Baseline:
		window.Size = body.Bucket
	case *ir.Absence:
		return nil, backends.Refused("a rule is evaluated when an event comes, its cases ask for events (`>` and `>=` only), and what is missing has none",
			"leave Datadog out, or watch each expected value with a log monitor that notifies when there is no data")
	case *ir.Sequence, *ir.FirstSeen, nil:
		return nil, backends.Refused("the rule counts nothing", "leave the choice of the rule type to OneRule")
	}
	c := &counting{bound: b}
	if l := oneSource(b); l.Kind == backends.Refuse {
		return nil, l
	}
	f, said := formulaOf(b.Rule, func(n *ir.NumAgg) backends.Level {
		_, l := c.query(n)
		return l
	})
	if said.Kind != backends.Refuse && len(f) == 0 {
		return nil, backends.Refused("the condition is never true", "correct it")
	}
	levels := []backends.Level{said}
	var l backends.Level
	c.groupBy, l = groupFields(b, b.Rule.Per())
	levels = append(levels, l)
	// A condition of which something is left out may become true at an event that is in none of its queries: then all events of
	// the group are a query, so that each of them asks the cases. A finding about a window of its own needs no such moment.
	moments := said.Kind == backends.Widen && (window.Kind == ir.Sliding || window.Kind == ir.Session)
	for _, alternative := range f {
		levels = append(levels, c.addCase(alternative, moments))
	}
	c.joinCases()
	c.window, l = windowOf(window)
	l = together(append(levels, l)...)
	if l.Kind == backends.Refuse {
		return nil, l
	}
	return c, l.With("log-order", "signals", "window-edge")
}

// groupFields names the fields of the keys.
func groupFields(b *ir.Bound, per []int) ([]string, backends.Level) {
	out, level := []string{}, backends.Exactly()
	for _, k := range per {
		words := ir.KeyWords(b.Rule.Keys[k])
		if b.Rule.Keys[k].Fold {
			return nil, backends.Refused("a rule groups by the values as they are spelt, and `"+words+"` ignores case", "group by the field itself, or let a log pipeline write it in lower case")
		}
		name, l := attributes(b, words, func(p ir.Part) ir.Term { return p.Keys[k].Term })
		if l.Kind == backends.Refuse {
			return nil, l
		}
		out, level = append(out, name), together(level, l)
	}
	return out, level
}

// addCase adds the queries of an alternative, and its condition.
func (c *counting) addCase(tests []test, moments bool) backends.Level {
	level := backends.Exactly()
	var cond api.Condition
	if len(tests) == 0 || moments {
		label := c.add(counted{label: "events", guard: -1})
		cond.Tests = []api.Test{{Query: label}}
	}
	for _, t := range tests {
		q, l := c.query(t.agg)
		level = together(level, l)
		if l.Kind == backends.Refuse {
			return l
		}
		label := c.add(q)
		cond.Tests = append(cond.Tests, api.Test{Query: label, OrEqual: t.orEqual, Value: t.value})
	}
	c.cases = append(c.cases, cond)
	return level
}

// joinCases makes one case of alternatives of one test each.
func (c *counting) joinCases() {
	joined := api.Condition{Any: len(c.cases) > 1}
	for _, x := range c.cases {
		if len(x.Tests) > 1 {
			return
		}
		joined.Tests = append(joined.Tests, x.Tests...)
	}
	c.cases = []api.Condition{joined}
}

// add adds a query unless the aggregate has one already, and returns its label.
func (c *counting) add(q counted) string {
	for _, old := range c.queries {
		if old.agg == nil && q.agg == nil || old.agg != nil && q.agg != nil && *old.agg == *q.agg {
			return old.label
		}
	}
	base, n := api.Label(q.label), 1
	q.label = base
	for slices.ContainsFunc(c.queries, func(o counted) bool { return o.label == q.label }) {
		n++
		q.label = base + "_" + strconv.Itoa(n)
	}
	c.queries = append(c.queries, q)
	return q.label
}

// query plans the query of an aggregate.
func (c *counting) query(n *ir.NumAgg) (counted, backends.Level) {
	r := c.bound.Rule
	scope, agg := r.Scopes()[n.Scope], r.Agg(n)
	q := counted{label: agg.Name, agg: n, guard: -1}
	if len(r.Scopes()) > 1 {
		q.label = scope.Name + "_" + agg.Name
	}
	if !sameKeys(scope.Keys, r.Per()) {
		return q, backends.Refused(
			"the queries of a case are joined by the values that they group by, position by position, and the scope `"+scope.Name+"` counts "+over(r, scope.Keys)+" where findings are per "+over(r, r.Per()),
			"make a rule of each scope, or leave Datadog out")
	}
	if agg.Where >= 0 && c.empty(agg.Where) {
		return q, backends.Refused("the condition of `"+q.label+"` is true on no event of the telemetry, and a case cannot compare a number that is always 0", "leave it out, or choose another binding with --bind")
	}
	switch agg.Func {
	case ir.AggCount:
		return q, backends.Exactly()
	case ir.AggDistinct:
		return c.distinct(q, agg)
	case ir.AggSum, ir.AggMax:
		return c.measure(q, agg)
	case ir.AggAvg, ir.AggMin, ir.AggStddev, ir.AggMedian, ir.AggPercentile, ir.AggFirst, ir.AggLast, ir.AggValues:
	}
	return q, backends.Refused("a query counts events or different values, sums up, or takes the greatest value; it has no "+agg.Func.String(), "use count, distinct, sum or max")
}

func (c *counting) distinct(q counted, agg *ir.Agg) (counted, backends.Level) {
	name, level := attributes(c.bound, ir.KeyWords(ir.Key{Term: c.bound.Rule.Args[agg.Arg]}), func(p ir.Part) ir.Term { return p.Args[agg.Arg] })
	if level.Kind == backends.Refuse {
		return q, level
	}
	q.field, q.guard = name, agg.Arg
	for _, p := range c.bound.Parts {
		for _, leaf := range search.Backend.Leaves(hasArg(p, agg.Arg)) {
			level = together(level, leaf.Level)
		}
	}
	return q, level.With("cardinality")
}

// hasArg is the condition that an event has the argument: how a count of different values takes a missing one is not documented.
func hasArg(p ir.Part, arg int) ir.Pred { return &ir.Exists{F: p.Args[arg].(*ir.Field)} }

func (c *counting) measure(q counted, agg *ir.Agg) (counted, backends.Level) {
	words := ir.KeyWords(ir.Key{Term: c.bound.Rule.Args[agg.Arg]})
	for i, p := range c.bound.Parts {
		f, ok := p.Args[agg.Arg].(*ir.Field)
		if !ok || f.Type != schema.Long && f.Type != schema.Double || f.Array || strings.Contains(f.Name, "[]") {
			return q, backends.Refused("`"+words+"` is no numeric facet with one value in "+p.Binding.Name+", and only such measures are summed up and compared", "count events instead")
		}
		name, why := search.FieldName(f)
		if why == "" && i > 0 && name != q.field {
			why = "the telemetries have it in different attributes"
		}
		if why != "" {
			return q, backends.Refused("`"+words+"`: "+why, "count events instead, or choose one binding with --bind")
		}
		q.field = name
	}
	if agg.Func == ir.AggSum {
		return q, backends.Assuming("facet", "not-negative", "scalar")
	}
	return q, backends.Assuming("facet", "scalar")
}

// empty reports whether a condition is false on every event of every part.
func (c *counting) empty(where int) bool {
	return !slices.ContainsFunc(c.bound.Parts, func(p ir.Part) bool { return !isConst(p.Conds[where], false) })
}

func isConst(p ir.Pred, value bool) bool {
	c, ok := p.(*ir.Const)
	return ok && c.Value == value
}

func sameKeys(a, b []int) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// over says what a scope counts by.
func over(r *ir.Rule, keys []int) string {
	if len(keys) == 0 {
		return "all events"
	}
	words := make([]string, len(keys))
	for i, k := range keys {
		words[i] = ir.KeyWords(r.Keys[k])
	}
	return "`" + strings.Join(words, ", ") + "`"
}

// rule makes the queries and cases of the document.
func (c *counting) rule() (*api.DetectionRule, diag.List) {
	r := c.bound.Rule
	doc := &api.DetectionRule{Type: ruleType(c.bound)}
	var diags diag.List
	for _, q := range c.queries {
		out, ds := c.document(q)
		doc.Queries, diags = append(doc.Queries, out), append(diags, ds...)
	}
	for i, x := range c.cases {
		name := ""
		if len(c.cases) > 1 {
			name = "alternative " + strconv.Itoa(i+1)
		}
		doc.Cases = append(doc.Cases, api.Case{Name: name, Status: status(r), Condition: x.String(), Notifications: []string{}})
	}
	keepAlive, longest := signalTimes(c.window, r.Emit.Once)
	doc.Options = api.Options{DetectionMethod: api.Threshold, EvaluationWindow: c.window, KeepAlive: keepAlive, MaxSignalDuration: longest}
	return doc, diags
}

// document makes the query of the document.
func (c *counting) document(q counted) (api.Query, diag.List) {
	out := api.Query{Name: q.label, Aggregation: api.Count, GroupByFields: c.groupBy, DistinctFields: []string{}, DataSource: sourceOf(c.bound.Parts[0])}
	var more []func(ir.Part) ir.Pred
	if q.agg != nil {
		agg := c.bound.Rule.Agg(q.agg)
		out.Aggregation = aggregations[agg.Func]
		switch out.Aggregation {
		case api.Cardinality:
			out.DistinctFields = []string{q.field}
		case api.Sum, api.Max:
			out.Metrics = []string{q.field}
		case api.Count, api.NewValue:
		}
		if agg.Where >= 0 {
			more = append(more, func(p ir.Part) ir.Pred { return p.Conds[agg.Where] })
		}
	}
	if q.guard >= 0 {
		more = append(more, func(p ir.Part) ir.Pred { return hasArg(p, q.guard) })
	}
	var diags diag.List
	out.Query, diags = queryText(c.bound, more...)
	return out, diags
}

// aggregations are the aggregates that queries have.
var aggregations = map[ir.AggFunc]api.Aggregation{ir.AggCount: api.Count, ir.AggDistinct: api.Cardinality, ir.AggSum: api.Sum, ir.AggMax: api.Max}
