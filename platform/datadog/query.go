package datadog

import (
	"slices"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/datadog/search"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/datadog/api"
)

// queryText prints what selects the events of a rule that fulfil further conditions.
func queryText(b *ir.Bound, more ...func(ir.Part) ir.Pred) (string, diag.List) {
	narrow := &ir.Bound{Rule: b.Rule, Platform: b.Platform}
	for _, p := range b.Parts {
		var xs []ir.Pred
		for _, x := range append([]func(ir.Part) ir.Pred{func(p ir.Part) ir.Pred { return p.Where }}, more...) {
			if c := x(p); !isConst(c, true) {
				xs = append(xs, c)
			}
		}
		if slices.ContainsFunc(xs, func(x ir.Pred) bool { return isConst(x, false) }) {
			continue // no event of this telemetry
		}
		p.Where = conjunction(xs, p.Where.Pos())
		narrow.Parts = append(narrow.Parts, p)
	}
	if len(narrow.Parts) == 0 {
		return "", diag.List{diag.New(diag.CannotSay, b.Rule.Span, "a condition of the rule is true on no event of the telemetry", "choose another binding with --bind, or leave Datadog out")}
	}
	q, diags := search.Backend.Render(narrow)
	return q.Text, diags
}

func conjunction(xs []ir.Pred, span diag.Span) ir.Pred {
	switch len(xs) {
	case 0:
		return &ir.Const{Value: true, Span: span}
	case 1:
		return xs[0]
	}
	return &ir.And{Xs: xs, Span: span}
}

// agentSource is the source of the events that agents report (Workload Protection); they are kept apart from logs.
const agentSource = "runtime-security-agent"

// sourceOf is where a query finds the events of a part.
func sourceOf(p ir.Part) api.DataSource {
	for _, c := range p.Class.Select {
		if c.Native.Path == "source" && slices.Equal(c.Values, []string{agentSource}) {
			return api.SecurityRuntime
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

// ruleType is the product of a rule: Workload Protection when it reads nothing but what agents report.
func ruleType(b *ir.Bound) api.RuleType {
	if slices.Equal(sources(b), []api.DataSource{api.SecurityRuntime}) {
		return api.WorkloadSecurity
	}
	return api.LogDetection
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
		return backends.Refused("a query reads one data source, logs or what agents report, and the numbers of several queries cannot be added up",
			"choose one telemetry with --bind "+b.Parts[0].Binding.Source+"=NAME, and make a rule for each")
	}
	return backends.Exactly()
}
