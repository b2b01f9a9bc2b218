package syntax

import (
	"math"
	"strconv"
	"strings"

	"github.com/onerule/onerule/diag"
)

// The constructors below are what a lowering needs. They take plain Go values, so that no caller quotes or escapes.

// Event is an event query as a whole; category "" means `any`.
func Event(category string, where Expr) *Query {
	return &Query{Statement: NewEvent(category, where)}
}

// NewEvent is an event query as a part; category "" means `any`.
func NewEvent(category string, where Expr) *EventQuery {
	return &EventQuery{Category: Category{Any: category == "", Name: category}, Where: where}
}

// Step is a bracket of a sequence or sample. Set Runs and Missing on the result where needed.
func Step(event *EventQuery, keys ...*Field) Term { return Term{Event: event, Keys: keys} }

// F is a field that is mapped in every index searched.
func F(name string) *Field { return &Field{Name: name} }

// Opt is a field that may be unmapped: `?name`.
func Opt(name string) *Field { return &Field{Name: name, Optional: true} }

// Str is a string constant.
func Str(value string) *String { return &String{Value: value} }

// Strs are string constants, as [Match] takes them.
func Strs(values ...string) []*String {
	list := make([]*String, len(values))
	for i, v := range values {
		list[i] = Str(v)
	}
	return list
}

// Int is a whole number.
func Int(n int64) Expr {
	if n >= 0 {
		return &Number{Text: strconv.FormatInt(n, 10)}
	}
	return &Sign{Minus: true, X: &Number{Text: strconv.FormatUint(-uint64(n), 10)}}
}

// Float is a number with a fraction, printed without an exponent. Infinities and NaN, which EQL cannot write, become null.
func Float(f float64) Expr {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return &Null{}
	}
	text := strconv.FormatFloat(math.Abs(f), 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	if math.Signbit(f) {
		return &Sign{Minus: true, X: &Number{Text: text}}
	}
	return &Number{Text: text}
}

// True is `true`.
func True() Expr { return &Bool{Value: true} }

// False is `false`.
func False() Expr { return &Bool{} }

// Negate is `not x`.
func Negate(x Expr) Expr { return &Not{X: x} }

// All is the conjunction of its operands: `true` for none, the operand itself for one.
func All(xs ...Expr) Expr { return join(And, true, xs) }

// Any is the disjunction of its operands: `false` for none, the operand itself for one.
func Any(xs ...Expr) Expr { return join(Or, false, xs) }

func join(op LogicalOp, empty bool, xs []Expr) Expr {
	switch len(xs) {
	case 0:
		return &Bool{Value: empty}
	case 1:
		return xs[0]
	}
	return newLogical(op, xs, diag.Span{})
}

// newLogical makes a Logical and lifts operands of the same operator into it.
func newLogical(op LogicalOp, xs []Expr, span diag.Span) *Logical {
	flat := make([]Expr, 0, len(xs))
	for _, x := range xs {
		if in, ok := x.(*Logical); ok && in.Op == op {
			flat = append(flat, in.Xs...)
			continue
		}
		flat = append(flat, x)
	}
	return &Logical{Op: op, Xs: flat, Span: span}
}

// Cmp is a comparison.
func Cmp(op CompareOp, l, r Expr) Expr { return &Compare{Op: op, L: l, R: r} }

// Exists is `x != null`.
func Exists(x Expr) Expr { return Cmp(Ne, x, &Null{}) }

// Missing is `x == null`.
func Missing(x Expr) Expr { return Cmp(Eq, x, &Null{}) }

// Matches is `x : "a"`, `x like~ ("a", "b")`, `x regex "…"` and so on.
func Matches(x Expr, op MatchOp, patterns ...string) Expr {
	return &Match{X: x, Op: op, Patterns: Strs(patterns...)}
}

// OneOf is `x in (…)`, or `x in~ (…)`.
func OneOf(x Expr, insensitive bool, list ...Expr) Expr {
	return &In{X: x, Insensitive: insensitive, List: list}
}

// Fn is a function call; a name that ends in ~ makes it case-insensitive.
func Fn(name string, args ...Expr) Expr {
	bare, insensitive := strings.CutSuffix(name, "~")
	return &Call{Name: bare, Insensitive: insensitive, Args: args}
}

// Calc is an arithmetic operation.
func Calc(op ArithOp, l, r Expr) Expr { return &Arith{Op: op, L: l, R: r} }
