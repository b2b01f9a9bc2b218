package elastic

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/elastic/rule"
)

// setup is the guide that Kibana shows as "Setup guide": what has to be there for the rule to work, and what its findings promise.
func setup(a *platform.Artefact, doc *rule.Rule) string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	say("## Setup\n\n### Data\n")
	for _, s := range sources(a) {
		say("- %s", s)
	}
	if doc.TimestampOverride != "" {
		say("\nThe rule looks for events by `%s`, so that those that come late are found; events without it are looked for by `@timestamp`.", doc.TimestampOverride)
	}
	if needs := needs(a, doc); len(needs) > 0 {
		say("\n### Stack\n")
		for _, n := range needs {
			say("- %s", n)
		}
	}
	say("\n### What the findings promise\n")
	say("%s", promise(a.Fidelity.Kind))
	for _, l := range a.Fidelity.Leaves {
		if l.Level.Kind == backends.Widen || l.Level.Kind == backends.Narrow {
			say("- `%s`: %s", code(l.Text), l.Level.Why)
		}
	}
	if len(a.Fidelity.Assumptions) > 0 {
		say("\nIt assumes:\n")
		for _, name := range a.Fidelity.Assumptions {
			if x, ok := backends.LookupAssumption(name); ok {
				say("- %s: %s", name, x.Doc)
			}
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// code is a text between back quotes of Markdown.
func code(s string) string { return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "`", "'") }

// sources say which telemetry a rule reads, each once.
func sources(a *platform.Artefact) []string {
	var out []string
	for _, p := range a.Bound.Parts {
		s := p.Binding.Title
		for i, pattern := range indices([]string{p.Class.Table}) {
			s += [...]string{": ", ", "}[min(i, 1)] + "`" + pattern + "`"
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// needs are what a rule asks of the stack.
func needs(a *platform.Artefact, doc *rule.Rule) []string {
	var out []string
	if v := stackOf(a); v.version != "" {
		out = append(out, "Elastic "+v.version+" or later: "+v.why)
	}
	if s := doc.AlertSuppression; s != nil {
		out = append(out, fmt.Sprintf("Alert suppression (by `%s`) brings repeated alerts together; it needs a licence of the level Platinum. Without it the rule works, and may alert more often.", strings.Join(s.GroupBy, "`, `")))
	}
	if once := a.Rule.Emit.Once; once > 0 && doc.AlertSuppression == nil {
		out = append(out, fmt.Sprintf("The author asks for one alert of one thing within %s. Alert suppression has no form for it here, because it groups by at most %d fields, and sequences by fields that all their events have alike: let the actions of the rule do it.", rule.Interval(once), rule.MaxGroupBy))
	}
	if doc.MaxSignals > 100 {
		out = append(out, fmt.Sprintf("`max_signals` is %d: a smaller `xpack.alerting.rules.run.alerts.max` of Kibana cuts it.", doc.MaxSignals))
	}
	return out
}

func promise(k backends.Kind) string {
	switch k {
	case backends.Widen:
		return "The rule finds everything that its author meant, and more:"
	case backends.Narrow:
		return "The rule finds nothing that its author did not mean, and misses some:"
	case backends.Native, backends.Rewrite, backends.Assume, backends.Refuse:
	}
	return "The rule finds what its author meant."
}

// stack is a version of Elastic, and what needs it.
type stack struct{ version, why string }

// stackOf is the first version that runs the query of a rule; none where every version that is maintained does.
func stackOf(a *platform.Artefact) stack {
	if a.Type != rule.ESQL {
		return stack{}
	}
	q, diags := syntax.Parse("query", a.Query.Text)
	if diags.HasErrors() {
		return stack{}
	}
	first, inline := false, false
	syntax.Walk(q, func(x syntax.Expr) {
		if c, ok := x.(*syntax.Call); ok && (strings.EqualFold(c.Name, "FIRST") || strings.EqualFold(c.Name, "LAST")) {
			first = true
		}
	})
	for _, c := range q.Commands {
		if s, ok := c.(*syntax.Stats); ok && s.Inline {
			inline = true
		}
	}
	switch {
	case first:
		return stack{"9.3.0", "the ES|QL functions FIRST and LAST came with it"}
	case inline:
		return stack{"9.2.0", "the ES|QL command INLINE STATS came with it"}
	}
	return stack{}
}
