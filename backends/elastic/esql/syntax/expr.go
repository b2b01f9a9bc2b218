package syntax

import (
	"strconv"

	"github.com/onerule/onerule/diag"
)

// Expr is an expression: [Null], [Bool], [Num], [Str], [TimeSpan], [List], [Column], [Unary], [Binary], [In], [IsNull],
// [Like], [RLike], [Match], [Call] or [Cast]. [Glob] and [Regex] stand only inside LIKE and RLIKE.
//
//sumtype:decl
type Expr interface {
	Pos() diag.Span
	expr()
}

// Null is `NULL`.
type Null struct{ Span diag.Span }

// Bool is `TRUE` or `FALSE`.
type Bool struct {
	Span  diag.Span
	Value bool
}

// Num is a number as written, with its sign: digits alone are an integer, a long, an unsigned long or a double by size;
// a point or an exponent makes a double.
type Num struct {
	Span diag.Span
	Text string
}

// Str is a string; Value is the decoded text.
type Str struct {
	Span  diag.Span
	Value string
}

// TimeSpan is `5 minutes`: a count in digits and a unit word.
type TimeSpan struct {
	Span  diag.Span
	Count string
	Unit  string
}

// List is a constant multivalue, `[1, 2]`; the elements are constants of one kind.
type List struct {
	Span  diag.Span
	Items []Expr
}

// Column is a column reference; Name is the dotted path without quotes.
type Column struct {
	Span diag.Span
	Name string
}

// UnaryOp is a prefix operator.
type UnaryOp int

// The prefix operators.
const (
	Neg UnaryOp = iota
	Not
)

// Unary is `-x` or `NOT x`.
type Unary struct {
	Span diag.Span
	Op   UnaryOp
	X    Expr
}

// BinaryOp is an infix operator.
type BinaryOp int

// The infix operators.
const (
	Or BinaryOp = iota
	And
	Eq
	Ne
	Lt
	Le
	Gt
	Ge
	Add
	Sub
	Mul
	Div
	Mod
)

// Binary is `x op y`.
type Binary struct {
	Span diag.Span
	Op   BinaryOp
	X, Y Expr
}

// In is `x IN (a, b)` or `x NOT IN (a, b)`.
type In struct {
	Span  diag.Span
	X     Expr
	Not   bool
	Items []Expr
}

// IsNull is `x IS NULL` or `x IS NOT NULL`.
type IsNull struct {
	Span diag.Span
	X    Expr
	Not  bool
}

// Like is `x LIKE "a*"` or, with several patterns, `x LIKE ("a*", "b*")`: true when any pattern fits. A pattern is a
// [Glob], or a constant expression that makes its text.
type Like struct {
	Span     diag.Span
	X        Expr
	Not      bool
	Patterns []Expr
}

// RLike is `x RLIKE "re"` or, with several patterns, `x RLIKE ("a", "b")`. A pattern is a [Regex], or a constant
// expression that makes its text.
type RLike struct {
	Span     diag.Span
	X        Expr
	Not      bool
	Patterns []Expr
}

// Glob is a LIKE pattern: "*" is any run of characters, "?" is one, a backslash makes the next character literal.
type Glob struct {
	Span diag.Span
	Text string
}

// Regex is an RLIKE pattern: a Lucene regular expression for the whole value.
type Regex struct {
	Span diag.Span
	Text string
}

// Match is the full-text operator `field : "text"`. Type is the cast of the field, "" for none.
type Match struct {
	Span  diag.Span
	Field Column
	Type  string
	Query Expr
}

// Call is a function call. Star is set for `COUNT(*)`; Options are the entries of a trailing map.
type Call struct {
	Span    diag.Span
	Name    string
	Star    bool
	Args    []Expr
	Options []Option
}

// Option is one `"key": value` of a map argument.
type Option struct {
	Span  diag.Span
	Key   string
	Value Expr
}

// Cast is `x::type`.
type Cast struct {
	Span diag.Span
	X    Expr
	Type string
}

func (*Null) expr()     {}
func (*Bool) expr()     {}
func (*Num) expr()      {}
func (*Str) expr()      {}
func (*TimeSpan) expr() {}
func (*List) expr()     {}
func (*Column) expr()   {}
func (*Unary) expr()    {}
func (*Binary) expr()   {}
func (*In) expr()       {}
func (*IsNull) expr()   {}
func (*Like) expr()     {}
func (*RLike) expr()    {}
func (*Glob) expr()     {}
func (*Regex) expr()    {}
func (*Match) expr()    {}
func (*Call) expr()     {}
func (*Cast) expr()     {}

// Pos is the place of the expression.
func (e *Null) Pos() diag.Span { return e.Span }

// Pos is the place of the expression.
func (e *Bool) Pos() diag.Span { return e.Span }

// Pos is the place of the expression.
func (e *Num) Pos() diag.Span { return e.Span }

// Pos is the place of the expression.
func (e *Str) Pos() diag.Span { return e.Span }

// Pos is the place of the expression.
func (e *TimeSpan) Pos() diag.Span { return e.Span }

// Pos is the place of the expression.
func (e *List) Pos() diag.Span { return e.Span }

// Pos is the place of the expression.
func (e *Column) Pos() diag.Span { return e.Span }

// Pos is the place of the expression.
func (e *Unary) Pos() diag.Span { return e.Span }

// Pos is the place of the expression.
func (e *Binary) Pos() diag.Span { return e.Span }

// Pos is the place of the expression.
func (e *In) Pos() diag.Span { return e.Span }

// Pos is the place of the expression.
func (e *IsNull) Pos() diag.Span { return e.Span }

// Pos is the place of the expression.
func (e *Like) Pos() diag.Span { return e.Span }

// Pos is the place of the expression.
func (e *RLike) Pos() diag.Span { return e.Span }

// Pos is the place of the expression.
func (e *Glob) Pos() diag.Span { return e.Span }

// Pos is the place of the expression.
func (e *Regex) Pos() diag.Span { return e.Span }

// Pos is the place of the expression.
func (e *Match) Pos() diag.Span { return e.Span }

// Pos is the place of the expression.
func (e *Call) Pos() diag.Span { return e.Span }

// Pos is the place of the expression.
func (e *Cast) Pos() diag.Span { return e.Span }

// Col builds a column reference from a dotted path without quotes.
func Col(name string) *Column { return &Column{Name: name} }

// String builds a string literal.
func String(text string) *Str { return &Str{Value: text} }

// Int builds an integer literal.
func Int(n int64) *Num { return &Num{Text: strconv.FormatInt(n, 10)} }

// Number builds a number literal from its decimal text.
func Number(text string) *Num { return &Num{Text: text} }

// Boolean builds TRUE or FALSE.
func Boolean(b bool) *Bool { return &Bool{Value: b} }

// Span builds a time span such as `5 minutes`.
func Span(count int64, unit string) *TimeSpan {
	return &TimeSpan{Count: strconv.FormatInt(count, 10), Unit: unit}
}

// Op builds `x op y`.
func Op(op BinaryOp, x, y Expr) *Binary { return &Binary{Op: op, X: x, Y: y} }

// All joins conditions with AND; without any it is TRUE.
func All(xs ...Expr) Expr { return fold(And, true, xs) }

// Any joins conditions with OR; without any it is FALSE.
func Any(xs ...Expr) Expr { return fold(Or, false, xs) }

func fold(op BinaryOp, empty bool, xs []Expr) Expr {
	if len(xs) == 0 {
		return Boolean(empty)
	}
	out := xs[0]
	for _, x := range xs[1:] {
		out = Op(op, out, x)
	}
	return out
}

// Negate builds `NOT x`.
func Negate(x Expr) *Unary { return &Unary{Op: Not, X: x} }

// Func builds a function call.
func Func(name string, args ...Expr) *Call { return &Call{Name: name, Args: args} }

// CountStar builds `COUNT(*)`.
func CountStar() *Call { return &Call{Name: "COUNT", Star: true} }

// LikeGlob builds `x LIKE glob`.
func LikeGlob(x Expr, globs ...*Glob) *Like {
	l := &Like{X: x}
	for _, g := range globs {
		l.Patterns = append(l.Patterns, g)
	}
	return l
}

// RLikeRegex builds `x RLIKE regex`; the texts are Lucene regular expressions.
func RLikeRegex(x Expr, texts ...string) *RLike {
	r := &RLike{X: x}
	for _, t := range texts {
		r.Patterns = append(r.Patterns, &Regex{Text: t})
	}
	return r
}
