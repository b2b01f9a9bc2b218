// Package search is the backend for Datadog's log search, the language of Cloud SIEM detection rules on logs.
//
// A native field is a path of the log event as the platform keeps it: `attributes.a.b` is written @a.b, the reserved
// attributes host, service, source, status and trace_id are written as they are, any other path is taken for an attribute.
package search

import (
	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/datadog/search/interp"
	"github.com/onerule/onerule/backends/datadog/search/syntax"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
)

// Backend is the log search backend.
var Backend = backends.Backend{
	Lang: "datadog", Platform: "datadog", Title: "Datadog log search", Extension: "dd",
	Table: table(), Render: render, Types: types, Language: interp.Language,
}

// render prints a query: what selects the events of a part, and its condition; several parts are joined by OR.
func render(b *ir.Bound) (backends.Query, diag.List) {
	parts := make([]syntax.Node, len(b.Parts))
	tables := make([]string, len(b.Parts))
	for i, p := range b.Parts {
		var conditions []syntax.Node
		for _, x := range []ir.Pred{p.Select, p.Where} {
			if c, ok := x.(*ir.Const); !ok || !c.Value {
				conditions = append(conditions, lower(x))
			}
		}
		parts[i], tables[i] = syntax.AllOf(conditions...), p.Class.Table
	}
	return backends.Query{Text: syntax.Print(syntax.AnyOf(parts...)), Tables: tables}, nil
}

// ReportedBy prints the query that finds what agents report under the name of an agent rule.
func ReportedBy(rule string) string {
	f, err := syntax.Attribute("agent.rule_id")
	if err != nil {
		panic("datadog: " + err.Error())
	}
	return syntax.Print(must(syntax.Equal(f, rule)))
}
