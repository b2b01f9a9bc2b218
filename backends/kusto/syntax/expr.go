package syntax

import "github.com/onerule/onerule/diag"

// Loc is the place of a node in the text; nodes built by constructors have none.
type Loc struct{ At diag.Span }

// Span returns the place of the node.
func (l Loc) Span() diag.Span { return l.At }

// Expr is an expression: a value of a row, a constant, a table, or a pipeline. The members are [Name], [Wildcard], [Star],
// the literals ([BoolLit], [IntLit], [LongLit], [RealLit], [DecimalLit], [StringLit], [DatetimeLit], [TimespanLit],
// [GUIDLit], [NullLit], [DynamicLit], [ArrayLit], [BagLit], [TypeofLit]), [Unary], [Binary], [List], [Between], [Call],
// [Path], [Index], [Datatable], [ExternalData], [Lambda] and [Pipeline].
//
//sumtype:decl
type Expr interface {
	Span() diag.Span
	expr()
}

// Name is a column, a variable or a table: Account, ['a b'], $left.
type Name struct {
	Loc
	Name string
}

// Wildcard is a name pattern: Event*, *_s. It occurs in union, find, search and the project family.
type Wildcard struct {
	Loc
	Pattern string
}

// Star is * as an operand: arg_max(t, *), where * has "x", distinct *.
type Star struct{ Loc }

// BoolLit is true or false.
type BoolLit struct {
	Loc
	Value bool
}

// IntLit is int(5).
type IntLit struct {
	Loc
	Value int32
}

// LongLit is 5 or -5; the sign belongs to the literal.
type LongLit struct {
	Loc
	Value int64
}

// RealLit is 1.5, real(nan), real(-inf).
type RealLit struct {
	Loc
	Value float64
}

// DecimalLit is decimal(1.5); Text is the number as written.
type DecimalLit struct {
	Loc
	Text string
}

// StringLit is a string of any quoting; adjacent literals are one. Hidden tells h"…", which telemetry hides.
type StringLit struct {
	Loc
	Value  string
	Hidden bool
}

// DatetimeLit is datetime(2024-01-31): 100 ns ticks since 0001-01-01 UTC.
type DatetimeLit struct {
	Loc
	Ticks int64
}

// TimespanLit is 5m or time(1.02:03:04): 100 ns ticks.
type TimespanLit struct {
	Loc
	Ticks int64
}

// GUIDLit is guid(…), lower case with hyphens.
type GUIDLit struct {
	Loc
	Value string
}

// NullLit is the null of a type: long(null), dynamic(null) is DynamicLit of it.
type NullLit struct {
	Loc
	Type Type
}

// DynamicLit is dynamic(…). Value is a literal, an [ArrayLit] or a [BagLit].
type DynamicLit struct {
	Loc
	Value Expr
}

// ArrayLit is […] inside dynamic(…).
type ArrayLit struct {
	Loc
	Elems []Expr
}

// BagLit is {"k": …} inside dynamic(…), in the order written.
type BagLit struct {
	Loc
	Keys   []string
	Values []Expr
}

// TypeofLit is typeof(string), or a row schema typeof(a:long, b:string); Star tells a leading *.
type TypeofLit struct {
	Loc
	Type    Type // the single type, or NoType
	Star    bool
	Columns []Column
}

// Column is name:type in a schema.
type Column struct {
	Name    string
	Type    Type
	Default Expr // after =, in scan's declare and in function parameters
	At      diag.Span
}

// Unary is -x or +x on something that is not a number literal.
type Unary struct {
	Loc
	Minus bool
	X     Expr
}

// Binary is an operator with two operands.
type Binary struct {
	Loc
	Op   Op
	L, R Expr
}

// List is an operator whose right side is a list: x in (a, b), x has_any (a, b).
type List struct {
	Loc
	Op    Op
	X     Expr
	Items []Expr
}

// Between is x between (lo .. hi), or its negation.
type Between struct {
	Loc
	Not       bool
	X, Lo, Hi Expr
}

// Call is f(a, name = b). On is the receiver of a dotted call such as database("d").table("t"), nil otherwise.
type Call struct {
	Loc
	On   Expr
	Name string
	Args []Item
}

// Path is x.name.
type Path struct {
	Loc
	X    Expr
	Name string
}

// Index is x[i]; i is an expression, often a string or a number.
type Index struct {
	Loc
	X, I Expr
}

// Datatable is datatable(a:string)[…], its values row by row.
type Datatable struct {
	Loc
	Columns []Column
	Values  []Expr
}

// ExternalData is externaldata(a:string)["url"] with (…).
type ExternalData struct {
	Loc
	Columns []Column
	URIs    []Expr
	Props   []Param
}

// Lambda is the value of a function let: (t:(*), n:long = 5) { body }. View tells view (){…}.
type Lambda struct {
	Loc
	View   bool
	Params []LambdaParam
	Body   *Query
}

// LambdaParam is one parameter: scalar (Type), or a table with given columns or any (*).
type LambdaParam struct {
	Name    string
	Type    Type // NoType for a table
	AnyCols bool // (*)
	Columns []Column
	Default Expr
	At      diag.Span
}

// Pipeline is source | op | op. Source is nil when the first operator makes its own rows (print, range, union, search,
// find, evaluate).
type Pipeline struct {
	Loc
	Source Expr
	Ops    []Operator
}

// Item is an expression with an optional name: a = x; (a, b) = f() has several names.
type Item struct {
	Names []string
	// Tuple tells that the names were written in parentheses.
	Tuple bool
	Expr  Expr
	At    diag.Span
}

// Param is name = value before or after the operands of an operator: kind=inner, hint.strategy=native.
type Param struct {
	Name  string
	Value Expr // a literal, or a Name for a bare word
	At    diag.Span
}

func (*Name) expr()         {}
func (*Wildcard) expr()     {}
func (*Star) expr()         {}
func (*BoolLit) expr()      {}
func (*IntLit) expr()       {}
func (*LongLit) expr()      {}
func (*RealLit) expr()      {}
func (*DecimalLit) expr()   {}
func (*StringLit) expr()    {}
func (*DatetimeLit) expr()  {}
func (*TimespanLit) expr()  {}
func (*GUIDLit) expr()      {}
func (*NullLit) expr()      {}
func (*DynamicLit) expr()   {}
func (*ArrayLit) expr()     {}
func (*BagLit) expr()       {}
func (*TypeofLit) expr()    {}
func (*Unary) expr()        {}
func (*Binary) expr()       {}
func (*List) expr()         {}
func (*Between) expr()      {}
func (*Call) expr()         {}
func (*Path) expr()         {}
func (*Index) expr()        {}
func (*Datatable) expr()    {}
func (*ExternalData) expr() {}
func (*Lambda) expr()       {}
func (*Pipeline) expr()     {}
