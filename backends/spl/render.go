// Package spl is the backend for Splunk's Search Processing Language.
package spl

import (
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/spl/interp"
	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
)

// Backend is the SPL backend.
var Backend = backends.Backend{
	Lang: "spl", Platform: "splunk", Title: "SPL", Extension: "spl",
	Table: table, Render: render, BodyLevel: bodyLevel, RenderBody: renderBody, Types: types, Language: interp.Language,
}

// types marks the fields that hold several values without being JSON arrays, as tags do: Splunk fields have no types.
func types(p ir.Part) map[string]string {
	out := map[string]string{}
	for _, f := range p.Natives() {
		if f.Array && !strings.Contains(f.Path, "[]") {
			out[f.Path] = "multivalue"
		}
	}
	return out
}

// render prints the search that selects events.
func render(b *ir.Bound) (backends.Query, diag.List) {
	stages, tables := base(b)
	return backends.Query{Text: syntax.Print(syntax.Pipeline(stages...)), Tables: tables}, nil
}

// base is the base search and, when it cannot say everything, a where behind it. With one part the search decides what it
// can and where decides the rest; with several, search is a superset and where says each part as a whole.
func base(b *ir.Bound) (stages []syntax.Stage, tables []string) {
	tables = make([]string, len(b.Parts))
	searches := make([]syntax.SearchExpr, len(b.Parts))
	whole := make([]syntax.Expr, len(b.Parts))
	var rest []ir.Pred
	for i, p := range b.Parts {
		tables[i] = p.Class.Table
		all := conjuncts(p.Select)
		all = append(all, conjuncts(p.Where)...)
		var terms []syntax.SearchExpr
		for _, c := range all {
			if searchable(c) {
				terms = append(terms, search(c))
			} else {
				rest = append(rest, c)
			}
		}
		searches[i], whole[i] = syntax.AndS(terms...), syntax.AndE(whereAll(all)...)
	}
	stages = []syntax.Stage{&syntax.Search{Expr: syntax.OrS(searches...)}}
	switch {
	case len(rest) > 0 && len(b.Parts) == 1:
		stages = append(stages, &syntax.Where{Cond: syntax.AndE(whereAll(rest)...)})
	case len(rest) > 0:
		stages = append(stages, &syntax.Where{Cond: syntax.OrE(whole...)})
	}
	return stages, tables
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
