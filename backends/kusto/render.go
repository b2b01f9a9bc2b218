// Package kusto is the backend for the Kusto Query Language of Microsoft Sentinel and Defender.
package kusto

import (
	"slices"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/kusto/interp"
	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
)

// Backend is the Kusto backend.
var Backend = backends.Backend{
	Lang: "kusto", Platform: "sentinel", Title: "Kusto", Extension: "kusto",
	Table: table, Render: render, BodyLevel: bodyLevel, RenderBody: renderBody, Types: types, Language: interp.Language,
}

// render prints one pipeline for each table that the parts read, and a union when there are several.
func render(b *ir.Bound) (backends.Query, diag.List) {
	var tables []string
	conditions := map[string][]ir.Pred{}
	out := backends.Query{}
	for _, p := range b.Parts {
		out.Tables = append(out.Tables, p.Class.Table)
		if !slices.Contains(tables, p.Class.Table) {
			tables = append(tables, p.Class.Table)
		}
		one := &ir.And{Xs: needed(slices.Concat(conjuncts(p.Select), conjuncts(p.Where)))}
		same := func(other ir.Pred) bool { return ir.PrintPred(other) == ir.PrintPred(one) } // several systems in one table
		if !slices.ContainsFunc(conditions[p.Class.Table], same) {
			conditions[p.Class.Table] = append(conditions[p.Class.Table], one)
		}
	}
	pipes := make([]syntax.Expr, len(tables))
	for i, t := range tables {
		if len(conditions[t]) == 1 {
			pipes[i] = pipeline(t, conditions[t][0])
		} else {
			pipes[i] = pipeline(t, &ir.Or{Xs: conditions[t]})
		}
	}
	x := pipes[0]
	if len(pipes) > 1 {
		x = syntax.UnionOf(nil, pipes...)
	}
	out.Text = syntax.Print(syntax.NewQuery(x))
	return out, nil
}

// pipeline is the table, a where with the conditions on plain columns, the stages that test elements, and a where with the rest.
func pipeline(table string, p ir.Pred) syntax.Expr {
	var l lowerer
	var early, late []syntax.Expr
	for _, c := range conjuncts(p) {
		before := len(l.stages)
		x := asked(l.lower(c))
		if len(l.stages) == before {
			early = append(early, x)
		} else {
			late = append(late, x)
		}
	}
	var ops []syntax.Operator
	if len(early) > 0 || len(late) == 0 {
		ops = append(ops, &syntax.Where{Pred: syntax.AllOf(early...)})
	}
	ops = append(ops, l.stages...)
	if len(late) > 0 {
		ops = append(ops, &syntax.Where{Pred: syntax.AllOf(late...)})
		away := &syntax.ProjectAway{}
		for _, name := range l.drop {
			away.Columns = append(away.Columns, syntax.Col(name))
		}
		ops = append(ops, away)
	}
	return syntax.Pipe(syntax.Col(table), ops...)
}

// asked is a condition that `where` asks by itself: it drops the rows for which it is null as it does those for which it is false.
func asked(x syntax.Expr) syntax.Expr {
	if c, ok := x.(*syntax.Call); ok && c.Name == "coalesce" && len(c.Args) == 2 {
		if b, ok := c.Args[1].Expr.(*syntax.BoolLit); ok && !b.Value {
			return c.Args[0].Expr
		}
	}
	return x
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
