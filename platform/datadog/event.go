package datadog

import (
	"slices"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/datadog/search"
	"github.com/onerule/onerule/backends/datadog/secl"
	"github.com/onerule/onerule/backends/datadog/secl/fields"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/datadog/api"
)

// eventWindow is the evaluation window, in seconds, of rules that report each event: the one that most of the vendor's own have.
const eventWindow = 300

// eventLevel is that of a rule that reports each event: the events of a group that follow each other are in one signal.
func eventLevel() backends.Level { return backends.Assuming("signals") }

// eventRule makes a rule of the method threshold that is met by one event. It groups by the entities of the rule, and by
// nothing where there are none; an event without one of them is in a group all the same.
func eventRule(b *ir.Bound) (*api.DetectionRule, diag.List) {
	doc := &api.DetectionRule{Type: ruleType(b)}
	groupBy := entityFields(b)
	all := sources(b)
	cond := api.Condition{Any: len(all) > 1}
	var diags diag.List
	for _, s := range all {
		text, ds := queryText(of(b, s))
		diags = append(diags, ds...)
		label := "events"
		if len(all) > 1 {
			label = api.Label(string(s))
		}
		doc.Queries = append(doc.Queries, api.Query{
			Name: label, Query: text, Aggregation: api.Count, GroupByFields: groupBy, HasOptionalGroupByFields: len(groupBy) > 0,
			DistinctFields: []string{}, DataSource: s,
		})
		cond.Tests = append(cond.Tests, api.Test{Query: label})
	}
	doc.Cases = []api.Case{{Status: status(b.Rule), Condition: cond.String(), Notifications: []string{}}}
	doc.Options = eventOptions(b.Rule)
	return doc, diags
}

func eventOptions(r *ir.Rule) api.Options {
	keepAlive, longest := signalTimes(eventWindow/2, r.Emit.Once)
	return api.Options{DetectionMethod: api.Threshold, EvaluationWindow: eventWindow, KeepAlive: keepAlive, MaxSignalDuration: longest}
}

// entityFields names the fields of the rule's entities that all parts have under one name, as single values.
func entityFields(b *ir.Bound) []string {
	out := []string{}
	for _, e := range b.Rule.Emit.Entities {
		var names []string
		for _, p := range b.Parts {
			m, ok := p.Class.Mapping(e.Field.Name)
			if !ok || m.Const != "" || m.Derive != "" || len(m.Values) > 0 || len(m.Rest) > 0 {
				names = nil
				break
			}
			n := m.Native
			_, name, l := attribute(&ir.Field{Name: n.Path, Type: n.Type, Array: n.Array, Native: &n}, e.Field.Name)
			if l.Kind == backends.Refuse {
				names = nil
				break
			}
			names = append(names, name)
		}
		if names = slices.Compact(names); len(names) == 1 && !slices.Contains(out, names[0]) {
			out = append(out, names[0])
		}
	}
	return out
}

// workloadRule makes an agent rule, and the rule that makes signals of what agents report under its name.
func workloadRule(b *ir.Bound) (*api.WorkloadRule, backends.Query, diag.List) {
	q, diags := secl.Backend.Render(b)
	r := b.Rule
	doc := &api.WorkloadRule{
		AgentRule: api.NewAgentRule(api.AgentAttributes{
			Name: r.Name, Description: title(r), Expression: q.Text, Enabled: enabled(r),
			Filters: []string{api.OSFilter(b.Parts[0].Binding.Source)}, AgentVersion: agentVersion(b.Parts[0], q.Text), ProductTags: ruleTags(r),
		}),
		SignalRule: api.DetectionRule{
			Type: api.WorkloadSecurity,
			Queries: []api.Query{{
				Name: "events", Query: reportedBy(r.Name), Aggregation: api.Count, GroupByFields: []string{"host"}, HasOptionalGroupByFields: true,
				DistinctFields: []string{}, DataSource: api.SecurityRuntime,
			}},
			Cases:   []api.Case{{Status: status(r), Condition: api.Condition{Tests: []api.Test{{Query: "events"}}}.String(), Notifications: []string{}}},
			Options: eventOptions(r),
		},
	}
	describe(&doc.SignalRule, r)
	return doc, q, diags
}

// agentVersion constrains a rule to the agents that know its type of event, and what its expression says; older ones would take
// the rule for a faulty one. The versions of fields and of registers are not documented.
func agentVersion(p ir.Part, expression string) string {
	since, ok := fields.Since(p.Binding.Source, p.Class.Table)
	if strings.Contains(expression, `**"`) && (!ok || older(since, fields.DeepPaths)) {
		since, ok = fields.DeepPaths, true
	}
	if !ok {
		return ""
	}
	return api.AgentSince(since)
}

// older reports whether a version 7.n is below another.
func older(a, b string) bool {
	minor := func(v string) int { n, _ := strconv.Atoi(strings.TrimPrefix(v, "7.")); return n }
	return minor(a) < minor(b)
}

// reportedBy finds what agents report under a rule's name.
func reportedBy(name string) string { return search.ReportedBy(name) }
