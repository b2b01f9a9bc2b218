package datadog

import (
	"slices"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/datadog/search"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/datadog/api"
	"github.com/onerule/onerule/schema"
)

// queryText prints what selects the events of a rule that fulfil further conditions.
func queryText(b *ir.Bound, more ...func(ir.Part) ir.Pred) (string, diag.List) {
	narrow := &ir.Bound{Rule: b.Rule, Platform: b.Platform}
	for _, p := range b.Parts {
		xs := slices.Concat(conjuncts(p.Select), conjuncts(p.Where))
		for _, x := range more {
			xs = append(xs, conjuncts(x(p))...)
		}
		if slices.ContainsFunc(xs, func(x ir.Pred) bool { return isConst(x, false) }) {
			continue // no event of this telemetry
		}
		span := p.Where.Pos()
		p.Select, p.Where = &ir.Const{Value: true, Span: span}, &ir.And{Xs: withoutImplied(xs), Span: span}
		narrow.Parts = append(narrow.Parts, p)
	}
	if len(narrow.Parts) == 0 {
		return "", diag.List{diag.New(diag.CannotSay, b.Rule.Span, "a condition of the rule is true on no event of the telemetry", "choose another binding with --bind, or leave Datadog out")}
	}
	q, diags := search.Backend.Render(narrow)
	return q.Text, diags
}

// conjuncts lists the conditions that a condition consists of, without those that are always true.
func conjuncts(p ir.Pred) []ir.Pred {
	if and, ok := p.(*ir.And); ok {
		var out []ir.Pred
		for _, x := range and.Xs {
			out = append(out, conjuncts(x)...)
		}
		return out
	}
	if isConst(p, true) {
		return nil
	}
	return []ir.Pred{p}
}

// withoutImplied leaves out conditions that another one implies, so that a query does not list the event types of a class and
// then some of them once more.
func withoutImplied(xs []ir.Pred) []ir.Pred {
	var out []ir.Pred
	for i, x := range xs {
		implied := false
		for j, y := range xs {
			implied = implied || i != j && implies(y, x) && (i > j || !implies(x, y))
		}
		if !implied {
			out = append(out, x)
		}
	}
	return out
}

// implies reports whether a field that has one of y's values has one of x's; compared as they are spelt.
func implies(y, x ir.Pred) bool {
	a, ok := y.(*ir.Cmp)
	b, ok2 := x.(*ir.Cmp)
	if !ok || !ok2 || a.Op != ir.Eq || b.Op != ir.Eq || a.Cased != b.Cased {
		return false
	}
	f, ok := a.L.(*ir.Field)
	g, ok2 := b.L.(*ir.Field)
	return ok && ok2 && f.Name == g.Name && f.Type == g.Type &&
		!slices.ContainsFunc(a.R, func(v schema.Value) bool { return !slices.Contains(b.R, v) })
}

// agentSource is the source of the events that agents report (Workload Protection); they are kept apart from logs.
const agentSource = "runtime-security-agent"

// activityField is what tells the business-logic events of applications, which are spans (App and API Protection).
const activityField = "attributes.appsec.security_activity"

// sourceOf is where a query finds the events of a part.
func sourceOf(p ir.Part) api.DataSource {
	for _, c := range p.Class.Select {
		switch {
		case c.Native.Path == "source" && slices.Equal(c.Values, []string{agentSource}):
			return api.SecurityRuntime
		case c.Native.Path == activityField:
			return api.Spans
		}
	}
	return api.Logs
}

// sources lists the data sources of a rule, each once.
func sources(b *ir.Bound) []api.DataSource {
	var out []api.DataSource
	for _, p := range b.Parts {
		if s := sourceOf(p); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// ruleType is the product of a rule: Workload Protection when it reads nothing but what agents report, App and API Protection
// when it reads spans.
func ruleType(b *ir.Bound) api.RuleType {
	switch all := sources(b); {
	case slices.Equal(all, []api.DataSource{api.SecurityRuntime}):
		return api.WorkloadSecurity
	case slices.Equal(all, []api.DataSource{api.Spans}):
		return api.ApplicationSecurity
	}
	return api.LogDetection
}

// onSpans refuses a method of Cloud SIEM for spans: the page of App and API Protection on rules of one's own describes those that
// count, and no others.
func onSpans(b *ir.Bound, method api.Method) backends.Level {
	if slices.Contains(sources(b), api.Spans) {
		return backends.Refused("the method "+string(method)+" is not described for rules of App and API Protection, which count the events of a window", "count them, or leave Datadog out")
	}
	return backends.Exactly()
}

// of is the rule on the parts of one data source.
func of(b *ir.Bound, s api.DataSource) *ir.Bound {
	out := &ir.Bound{Rule: b.Rule, Platform: b.Platform}
	for _, p := range b.Parts {
		if sourceOf(p) == s {
			out.Parts = append(out.Parts, p)
		}
	}
	return out
}

// oneSource refuses a rule over several events that lie in several data sources: their numbers cannot be added up.
func oneSource(b *ir.Bound) backends.Level {
	if len(sources(b)) > 1 {
		return backends.Refused("a query reads one data source, logs, spans or what agents report, and the numbers of several queries cannot be added up",
			"choose one telemetry with --bind "+b.Parts[0].Binding.Source+"=NAME, and make a rule for each")
	}
	return backends.Exactly()
}
