package syntax

import "github.com/onerule/onerule/diag"

// Expr is an eval expression. Its members are *Num, *Str, *Field, *Call, *Unary, *Binary, *Logic, *InList, *MacroExpr and
// *SubExpr.
//
//sumtype:decl
type Expr interface {
	expr()
	// Pos is where the expression stands in the text.
	Pos() diag.Span
}

// Num is a number as written: `5`, `1.50`, `2e3`.
type Num struct {
	Text string
	Span diag.Span
}

// Str is a string; Value is what it means after the escapes of the quoted form. Body is what stood between the quotes, kept
// only when it has one of the escapes \n, \r, \t, whose reading the documentation shows for \t alone.
type Str struct {
	Value string
	Body  string
	Span  diag.Span
}

// Field is a field name, bare or in single quotes.
type Field struct {
	Name string
	Span diag.Span
}

// Call is a function call; Name is lower case.
type Call struct {
	Name string
	Args []Expr
	Span diag.Span
}

// Unary is `NOT x` or `-x`; Op is "NOT" or "-".
type Unary struct {
	Op   string
	X    Expr
	Span diag.Span
}

// Binary is a comparison, LIKE, or arithmetic; Op is one of = != < <= > >= LIKE . + - * / %.
type Binary struct {
	Op   string
	L, R Expr
	Span diag.Span
}

// Logic joins at least two operands by AND, OR or XOR.
type Logic struct {
	Op    string
	Terms []Expr
	Span  diag.Span
}

// InList is `x IN (a, b)`.
type InList struct {
	X    Expr
	List []Expr
	Span diag.Span
}

// MacroExpr is a macro inside an eval expression.
type MacroExpr struct {
	Macro *Macro
	Span  diag.Span
}

// SubExpr is a bracketed subsearch inside an eval expression; its result is spliced in as text.
type SubExpr struct {
	Query *Query
	Span  diag.Span
}

func (*Num) expr()       {}
func (*Str) expr()       {}
func (*Field) expr()     {}
func (*Call) expr()      {}
func (*Unary) expr()     {}
func (*Binary) expr()    {}
func (*Logic) expr()     {}
func (*InList) expr()    {}
func (*MacroExpr) expr() {}
func (*SubExpr) expr()   {}

// Pos is where the number stands.
func (x *Num) Pos() diag.Span { return x.Span }

// Pos is where the string stands.
func (x *Str) Pos() diag.Span { return x.Span }

// Pos is where the name stands.
func (x *Field) Pos() diag.Span { return x.Span }

// Pos is where the call stands.
func (x *Call) Pos() diag.Span { return x.Span }

// Pos is where the expression stands.
func (x *Unary) Pos() diag.Span { return x.Span }

// Pos is where the expression stands.
func (x *Binary) Pos() diag.Span { return x.Span }

// Pos is where the expression stands.
func (x *Logic) Pos() diag.Span { return x.Span }

// Pos is where the expression stands.
func (x *InList) Pos() diag.Span { return x.Span }

// Pos is where the macro stands.
func (x *MacroExpr) Pos() diag.Span { return x.Span }

// Pos is where the subsearch stands.
func (x *SubExpr) Pos() diag.Span { return x.Span }
