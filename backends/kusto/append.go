package kusto

import (
	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/ir"
)

// Column is the value of a native field of one value as a row of its table has it.
func Column(f *ir.Field) syntax.Expr { return fieldValue(f) }

// TextColumn is [Column] as text.
func TextColumn(f *ir.Field) syntax.Expr {
	x := fieldValue(f)
	if c, ok := x.(*syntax.Call); ok && c.Name == "tostring" || f.Native != nil && textual(f) && f.Native.Vendor == "" && isName(x) {
		return x
	}
	return syntax.Fn("tostring", x)
}

func isName(x syntax.Expr) bool { _, ok := x.(*syntax.Name); return ok }

// Append prints a query with further operators behind its last one.
func Append(text string, ops ...syntax.Operator) string {
	q, diags := syntax.Parse("query", text)
	if diags.HasErrors() || len(q.Statements) == 0 {
		panic("kusto: the printed query does not parse: " + diags.Err().Error())
	}
	last := q.Statements[len(q.Statements)-1].(*syntax.ExprStatement)
	last.X = syntax.Pipe(last.X, ops...)
	return syntax.Print(q)
}
