// Package syntax is the text of SECL, the expression language of the Datadog Agent: tree, parser, typed constructors and printer.
// The grammar is that of DataDog/datadog-agent pkg/security/secl/compiler/ast; && and || have no precedence there: each takes
// everything to its right, a && b || c is a && (b || c). See ../QUIRKS.md.
package syntax

import (
	"strings"

	"github.com/onerule/onerule/diag"
)

// Expr is a part of an expression: *Logic, *Compare, *Member, *Arith, *Bits, *Unary, *Ident, *FieldRef, *Number, *Duration,
// *String, *Pattern, *Regexp, *Address or *Variable; behind in also *List.
//
//sumtype:decl
type Expr interface {
	expr()
	// Pos is the place in the text; zero when the node was built.
	Pos() diag.Span
}

// LogicOp is && or ||.
type LogicOp string

// The logical operators; and, or are other spellings.
const (
	And LogicOp = "&&"
	Or  LogicOp = "||"
)

// Logic is x && y or x || y.
type Logic struct {
	Op   LogicOp
	X, Y Expr
	Span diag.Span
}

// CompareOp is an operator between two values, as written.
type CompareOp string

// The comparison operators. =~ and !~ read the text on their right as a pattern.
const (
	Equal        CompareOp = "=="
	NotEqual     CompareOp = "!="
	Greater      CompareOp = ">"
	GreaterEqual CompareOp = ">="
	Less         CompareOp = "<"
	LessEqual    CompareOp = "<="
	Matches      CompareOp = "=~"
	NotMatches   CompareOp = "!~"
)

// Compare is x op y.
type Compare struct {
	Op   CompareOp
	X, Y Expr
	Span diag.Span
}

// MemberOp is in, not in or allin.
type MemberOp string

// The membership operators.
const (
	In    MemberOp = "in"
	NotIn MemberOp = "not in"
	AllIn MemberOp = "allin"
)

// Member is x in list. List is a *List, an *Address (a block), a *Variable, a *FieldRef or an *Ident (a macro or a field with
// several values).
type Member struct {
	Op   MemberOp
	X    Expr
	List Expr
	Span diag.Span
}

// Arith is x + y or x - y.
type Arith struct {
	Op   byte
	X, Y Expr
	Span diag.Span
}

// Bits is x & y, x | y or x ^ y. Like the logical operators it takes everything to its right.
type Bits struct {
	Op   byte
	X, Y Expr
	Span diag.Span
}

// Unary is !x (also not x), -x or ^x (all bits turned).
type Unary struct {
	Op   byte
	X    Expr
	Span diag.Span
}

// Ident is a field, a constant or a macro. A field of a list element may carry a register: process.ancestors[A].comm.
type Ident struct {
	Name string
	Span diag.Span
}

// FieldRef is %{field}.
type FieldRef struct {
	Name string
	Span diag.Span
}

// Number is an integer; Value may be negative.
type Number struct {
	Value int64
	Span  diag.Span
}

// Duration is digits and a unit: ms, s, m or h. Text is as written.
type Duration struct {
	Text  string
	Nanos int64
	Span  diag.Span
}

// String is "…"; Raw is the text between the quotes as typed.
type String struct {
	Raw  string
	Span diag.Span
}

// Pattern is ~"…", in which * is any run of characters.
type Pattern struct {
	Raw  string
	Span diag.Span
}

// Regexp is r"…", a regular expression in RE2 syntax.
type Regexp struct {
	Raw  string
	Span diag.Span
}

// Address is an IP address or, with /bits, a block.
type Address struct {
	Text string
	Span diag.Span
}

// Variable is ${name}.
type Variable struct {
	Name string
	Span diag.Span
}

// List is [a, b]: all texts, patterns and regular expressions, or all addresses, all numbers, or all names.
type List struct {
	Items []Expr
	Span  diag.Span
}

func (*Logic) expr()    {}
func (*Compare) expr()  {}
func (*Member) expr()   {}
func (*Arith) expr()    {}
func (*Bits) expr()     {}
func (*Unary) expr()    {}
func (*Ident) expr()    {}
func (*FieldRef) expr() {}
func (*Number) expr()   {}
func (*Duration) expr() {}
func (*String) expr()   {}
func (*Pattern) expr()  {}
func (*Regexp) expr()   {}
func (*Address) expr()  {}
func (*Variable) expr() {}
func (*List) expr()     {}

// Pos implements Expr.
func (x *Logic) Pos() diag.Span { return x.Span }

// Pos implements Expr.
func (x *Compare) Pos() diag.Span { return x.Span }

// Pos implements Expr.
func (x *Member) Pos() diag.Span { return x.Span }

// Pos implements Expr.
func (x *Arith) Pos() diag.Span { return x.Span }

// Pos implements Expr.
func (x *Bits) Pos() diag.Span { return x.Span }

// Pos implements Expr.
func (x *Unary) Pos() diag.Span { return x.Span }

// Pos implements Expr.
func (x *Ident) Pos() diag.Span { return x.Span }

// Pos implements Expr.
func (x *FieldRef) Pos() diag.Span { return x.Span }

// Pos implements Expr.
func (x *Number) Pos() diag.Span { return x.Span }

// Pos implements Expr.
func (x *Duration) Pos() diag.Span { return x.Span }

// Pos implements Expr.
func (x *String) Pos() diag.Span { return x.Span }

// Pos implements Expr.
func (x *Pattern) Pos() diag.Span { return x.Span }

// Pos implements Expr.
func (x *Regexp) Pos() diag.Span { return x.Span }

// Pos implements Expr.
func (x *Address) Pos() diag.Span { return x.Span }

// Pos implements Expr.
func (x *Variable) Pos() diag.Span { return x.Span }

// Pos implements Expr.
func (x *List) Pos() diag.Span { return x.Span }

// SplitRegister takes a register out of a name: process.ancestors[A].comm is the field process.ancestors.comm of the element A of
// process.ancestors. ok is false when the brackets do not stand so.
func SplitRegister(name string) (field, list, register string, ok bool) {
	open := strings.IndexByte(name, '[')
	if open < 0 {
		return name, "", "", !strings.Contains(name, "]")
	}
	closing := strings.IndexByte(name, ']')
	if closing < open+2 || open == 0 || closing+2 > len(name)-1 || name[closing+1] != '.' || strings.ContainsAny(name[closing+1:], "[]") {
		return name, "", "", false
	}
	return name[:open] + name[closing+1:], name[:open], name[open+1 : closing], true
}
