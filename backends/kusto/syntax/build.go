package syntax

import (
	"time"
)

// Col refers to a column, a variable or a table.
func Col(name string) Expr { return &Name{Name: name} }

// Str is a string literal; the printer chooses its quotes.
func Str(s string) Expr { return &StringLit{Value: s} }

// Strs makes string literals, for lists.
func Strs(list []string) []Expr {
	out := make([]Expr, len(list))
	for i, s := range list {
		out[i] = Str(s)
	}
	return out
}

// Long is a whole number of type long.
func Long(n int64) Expr { return &LongLit{Value: n} }

// Int is int(n).
func Int(n int32) Expr { return &IntLit{Value: n} }

// Real is a number of type real.
func Real(f float64) Expr { return &RealLit{Value: f} }

// Bool is true or false.
func Bool(b bool) Expr { return &BoolLit{Value: b} }

// Datetime is datetime(…); the language keeps 100 ns.
func Datetime(t time.Time) Expr { return &DatetimeLit{Ticks: TicksOf(t)} }

// Timespan is a timespan literal such as 5m; the language keeps 100 ns.
func Timespan(d time.Duration) Expr { return &TimespanLit{Ticks: int64(d) / 100} }

// Null is the null of a type: long(null). String has none.
func Null(t Type) Expr {
	if t == TypeDynamic {
		return &DynamicLit{Value: &NullLit{Type: t}}
	}
	return &NullLit{Type: t}
}

// DynArray is dynamic([…]) of literals.
func DynArray(elems ...Expr) Expr { return &DynamicLit{Value: &ArrayLit{Elems: elems}} }

// DynBag is dynamic({…}) of literals.
func DynBag(keys []string, values []Expr) Expr {
	return &DynamicLit{Value: &BagLit{Keys: keys, Values: values}}
}

// Bin combines two operands; it must not be a list operator.
func Bin(op Op, l, r Expr) Expr { return &Binary{Op: op, L: l, R: r} }

// InList is x in (…), x has_any (…) and their kin. An empty list is not expressible: it gives false, or true for the
// negated operators.
func InList(op Op, x Expr, items ...Expr) Expr {
	if len(items) == 0 {
		return Bool(op == NotIn || op == NotInFold)
	}
	return &List{Op: op, X: x, Items: items}
}

// AllOf joins conditions by and; without any it is true.
func AllOf(list ...Expr) Expr { return joined(And, true, list) }

// AnyOf joins conditions by or; without any it is false.
func AnyOf(list ...Expr) Expr { return joined(Or, false, list) }

func joined(op Op, empty bool, list []Expr) Expr {
	if len(list) == 0 {
		return Bool(empty)
	}
	x := list[0]
	for _, y := range list[1:] {
		x = Bin(op, x, y)
	}
	return x
}

// Not is not(x).
func Not(x Expr) Expr { return Fn("not", x) }

// Fn calls a function.
func Fn(name string, args ...Expr) Expr { return FnCall(name, args...) }

// FnCall is [Fn] as a *Call, as evaluate and invoke need it.
func FnCall(name string, args ...Expr) *Call {
	c := &Call{Name: name}
	for _, a := range args {
		c.Args = append(c.Args, Item{Expr: a})
	}
	return c
}

// NamedArg is name = x as an argument.
func NamedArg(name string, x Expr) Item { return Named(name, x) }

// Member is x.a.b; keys that are no plain names are printed ["key"].
func Member(x Expr, names ...string) Expr {
	for _, n := range names {
		x = &Path{X: x, Name: n}
	}
	return x
}

// At is x[i].
func At(x, i Expr) Expr { return &Index{X: x, I: i} }

// InRange is x between (lo .. hi), both ends included.
func InRange(x, lo, hi Expr) Expr { return &Between{X: x, Lo: lo, Hi: hi} }

// Named is name = x.
func Named(name string, x Expr) Item { return Item{Names: []string{name}, Expr: x} }

// Plain is an item without a name.
func Plain(x Expr) Item { return Item{Expr: x} }

// Columns makes unnamed items of column names.
func Columns(names ...string) []Item {
	out := make([]Item, len(names))
	for i, n := range names {
		out[i] = Plain(Col(n))
	}
	return out
}

// Pipe is source | op | op. A pipeline as source is extended instead of nested.
func Pipe(source Expr, ops ...Operator) Expr {
	if p, ok := source.(*Pipeline); ok {
		return &Pipeline{Source: p.Source, Ops: append(append([]Operator{}, p.Ops...), ops...)}
	}
	if len(ops) == 0 {
		return source
	}
	return &Pipeline{Source: source, Ops: ops}
}

// UnionOf is union t1, t2, … as the beginning of a pipeline.
func UnionOf(params []Param, tables ...Expr) Expr {
	return &Pipeline{Ops: []Operator{&Union{Params: params, Sources: tables}}}
}

// Word is a parameter whose value is a bare word: kind=outer, hint.strategy=native.
func Word(name, value string) Param { return Param{Name: name, Value: Col(value)} }

// Asc and Desc are sort terms with the order written out.
func Asc(x Expr) OrderTerm { return OrderTerm{Item: Plain(x), Dir: "asc"} }

// Desc is [Asc] downwards.
func Desc(x Expr) OrderTerm { return OrderTerm{Item: Plain(x), Dir: "desc"} }

// NewQuery is a query of let statements and the expression that gives the rows.
func NewQuery(x Expr, lets ...*Let) *Query {
	q := &Query{}
	for _, l := range lets {
		q.Statements = append(q.Statements, l)
	}
	q.Statements = append(q.Statements, &ExprStatement{X: x})
	return q
}

// LetOf is let name = value.
func LetOf(name string, value Expr) *Let { return &Let{Name: name, Value: value} }
