// Package eql is the backend for Elastic's Event Query Language.
package eql

import (
	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/eql/interp"
	"github.com/onerule/onerule/backends/elastic/eql/syntax"
	"github.com/onerule/onerule/backends/elastic/rewrite"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
)

// Backend is the EQL backend.
var Backend = backends.Backend{
	Lang: "eql", Platform: "elastic", Title: "EQL", Extension: "eql",
	Table: rewrite.RefuseFlattened(rewrite.RefuseAnalysed(table, "EQL does not search it"), "EQL"), Render: render,
	BodyLevel: bodyLevel, RenderBody: renderBody, Types: rewrite.Types, Language: interp.Language,
}

// render prints an event query. The parts of a rule are joined by `or`; when all of them select one event category, it
// stands before `where`.
func render(b *ir.Bound) (backends.Query, diag.List) {
	category, same := "", true
	conditions := make([]syntax.Expr, len(b.Parts))
	tables := make([]string, len(b.Parts))
	rests := make([]ir.Pred, len(b.Parts))
	for i, p := range b.Parts {
		c, rest := categoryOf(p.Select)
		same = same && c != "" && (i == 0 || c == category)
		category, rests[i], tables[i] = c, rest, p.Class.Table
	}
	for i, p := range b.Parts {
		if !same {
			rests[i] = p.Select
		}
		if c, ok := rests[i].(*ir.Const); ok && c.Value { // a condition shown by itself
			rests[i] = nil
		}
		conditions[i] = syntax.All(condition(rests[i]), lower(p.Where))
		if rests[i] == nil {
			conditions[i] = lower(p.Where)
		}
	}
	if !same {
		category = ""
	}
	return backends.Query{Text: syntax.Print(syntax.Event(category, syntax.Any(conditions...))), Tables: tables}, nil
}

func condition(p ir.Pred) syntax.Expr {
	if p == nil {
		return syntax.True()
	}
	return lower(p)
}

// categoryOf takes `event.category == cased "x"` out of selecting conditions; rest is nil when nothing is left.
func categoryOf(p ir.Pred) (category string, rest ir.Pred) {
	xs := []ir.Pred{p}
	if and, ok := p.(*ir.And); ok {
		xs = and.Xs
	}
	var others []ir.Pred
	for _, x := range xs {
		if c, ok := x.(*ir.Cmp); ok && category == "" && c.Op == ir.Eq && c.Cased && len(c.R) == 1 {
			if f, ok := c.L.(*ir.Field); ok && f.Name == "event.category" {
				category = c.R[0].Str()
				continue
			}
		}
		others = append(others, x)
	}
	switch {
	case category == "":
		return "", p
	case len(others) == 0:
		return category, nil
	}
	return category, &ir.And{Xs: others}
}
