// Package kibana is the backend for the Kibana Query Language.
package kibana

import (
	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/kibana/interp"
	"github.com/onerule/onerule/backends/elastic/kibana/syntax"
	"github.com/onerule/onerule/backends/elastic/rewrite"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
)

// Backend is the backend for the Kibana Query Language.
var Backend = backends.Backend{
	Lang: "kibana", Platform: "elastic", Title: "Kibana Query Language", Extension: "kuery",
	Table: rewrite.RefuseAnalysed(table, "words are compared there, in any place of the text"), Render: render, Types: rewrite.Types, Language: interp.Language,
}

// render joins the parts of a rule by `or`; the indices stand in the artefact.
func render(b *ir.Bound) (backends.Query, diag.List) {
	parts := make([]syntax.Node, len(b.Parts))
	tables := make([]string, len(b.Parts))
	for i, p := range b.Parts {
		parts[i], tables[i] = lower(p.Where), p.Class.Table
		if c, ok := p.Select.(*ir.Const); !ok || !c.Value {
			parts[i] = both(lower(p.Select), parts[i])
		}
	}
	text, err := syntax.Print(syntax.Either(parts...))
	if err != nil {
		return backends.Query{}, diag.List{diag.New(diag.CannotSay, b.Rule.Span, err.Error(), "use EQL or ES|QL")}
	}
	return backends.Query{Text: text, Tables: tables}, nil
}

// both joins two queries without nesting conjunctions.
func both(x, y syntax.Node) syntax.Node {
	return syntax.Both(append(conjuncts(x), conjuncts(y)...)...)
}

func conjuncts(n syntax.Node) []syntax.Node {
	if and, ok := n.(*syntax.And); ok {
		return and.Parts
	}
	return []syntax.Node{n}
}
