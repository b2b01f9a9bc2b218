package syntax

import "github.com/onerule/onerule/diag"

// Query is a sequence of statements, or the body of a function; the value is that of its expression statements.
type Query struct {
	Loc
	Statements []Statement
}

// Statement is a part of a query that ends in a semicolon: [Let], [SetOption], [DeclareParams], [ExprStatement].
//
//sumtype:decl
type Statement interface {
	Span() diag.Span
	statement()
}

// Let binds a name to a calculation: let x = 5; let T = A | where b; let f = (n:long) { … } (let-statement).
type Let struct {
	Loc
	Name  string
	Value Expr
}

// SetOption is set name = value; it changes no meaning here (set-statement).
type SetOption struct {
	Loc
	Name  string
	Value Expr // nil without =
}

// DeclareParams is declare query_parameters(a:string = "x") (query-parameters-statement).
type DeclareParams struct {
	Loc
	Params []Column
}

// ExprStatement is a tabular or scalar expression whose rows are the answer.
type ExprStatement struct {
	Loc
	X Expr
}

func (*Let) statement()           {}
func (*SetOption) statement()     {}
func (*DeclareParams) statement() {}
func (*ExprStatement) statement() {}
