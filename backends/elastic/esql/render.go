// Package esql is the backend for the Elasticsearch Query Language.
package esql

import (
	"slices"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/esql/interp"
	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/backends/elastic/rewrite"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
)

// Backend is the ES|QL backend.
var Backend = backends.Backend{
	Lang: "esql", Platform: "elastic", Title: "ES|QL", Extension: "esql",
	Table: rewrite.RefuseFlattened(table, "ES|QL"), Render: render, Types: types, Language: interp.Language,
	BodyLevel: bodyLevel, RenderBody: renderBody,
}

// types are the mapping types; sub-fields are of no use here.
func types(p ir.Part) map[string]string { return rewrite.Types(p) }

// render prints FROM with the metadata that Kibana needs to tell alerts apart, and WHERE.
func render(b *ir.Bound) (backends.Query, diag.List) {
	from := &syntax.From{Metadata: []syntax.Name{syntax.NameOf("_id"), syntax.NameOf("_index"), syntax.NameOf("_version")}}
	conditions := make([]syntax.Expr, len(b.Parts))
	tables := make([]string, len(b.Parts))
	for i, p := range b.Parts {
		tables[i] = p.Class.Table
		if !slices.Contains(tables[:i], tables[i]) {
			from.Patterns = append(from.Patterns, syntax.IndexPattern{Text: tables[i]})
		}
		conditions[i] = syntax.All(append(lowerAll(conjuncts(p.Select)), lowerAll(conjuncts(p.Where))...)...)
	}
	query := &syntax.Query{Commands: []syntax.Command{from, &syntax.Where{Cond: syntax.Any(conditions...)}}}
	return backends.Query{Text: syntax.Print(query), Tables: tables}, nil
}

// conjuncts returns the members of an `and`; true has none.
func conjuncts(p ir.Pred) []ir.Pred {
	switch p := p.(type) {
	case *ir.And:
		return p.Xs
	case *ir.Const:
		if p.Value {
			return nil
		}
	case *ir.Or, *ir.Not, *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return []ir.Pred{p}
}
