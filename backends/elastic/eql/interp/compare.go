package interp

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/elastic/eql/syntax"
	"github.com/onerule/onerule/backends/elastic/mapping"
	"github.com/onerule/onerule/diag"
)

// flipped is the operator for exchanged sides.
var flipped = map[syntax.CompareOp]syntax.CompareOp{
	syntax.Eq: syntax.Eq, syntax.Ne: syntax.Ne, syntax.Lt: syntax.Gt, syntax.Le: syntax.Ge, syntax.Gt: syntax.Lt, syntax.Ge: syntax.Le,
}

// holds says whether an order fulfils an operator.
func holds(op syntax.CompareOp, order int) bool {
	switch op {
	case syntax.Eq:
		return order == 0
	case syntax.Ne:
		return order != 0
	case syntax.Lt:
		return order < 0
	case syntax.Le:
		return order <= 0
	case syntax.Gt:
		return order > 0
	case syntax.Ge:
		return order >= 0
	}
	return false
}

// sides compiles the sides of a comparison and puts the constant on the right.
func (a *atom) sides(x *syntax.Compare) (op syntax.CompareOp, l, r node, left syntax.Expr) {
	l, r = a.value(x.L), a.value(x.R)
	if l.isConst && !r.isConst {
		return flipped[x.Op], r, l, x.R
	}
	return x.Op, l, r, x.L
}

// compareCondition compiles a comparison as a condition of its own.
func (r *run) compareCondition(x *syntax.Compare) pred {
	a := &atom{r: r}
	op, l, c, left := a.sides(x)
	if r.index == nil || !c.isConst || l.isConst {
		return r.atomCondition(x)
	}
	switch {
	case c.val == nil && op == syntax.Eq && l.plain != nil:
		return r.missing(l.plain)
	case c.val == nil && op == syntax.Ne && l.plain != nil:
		p := r.missing(l.plain)
		return func(e *event) tri { return p(e).not() }
	case l.plain == nil && l.typ == tBool && c.typ == tBool && (op == syntax.Eq || op == syntax.Ne) && r.on(doubtBooleanEquals):
		p := r.condition(left)
		if (op == syntax.Eq) == (c.val == true) {
			return p
		}
		return func(e *event) tri { return p(e).not() }
	case op == syntax.Ne && c.val != nil && (l.plain != nil || r.on(doubtFunctionNe)):
		p := r.atomCondition(&syntax.Compare{Op: syntax.Eq, L: x.L, R: x.R, Span: x.Span})
		return func(e *event) tri { return p(e).not() }
	}
	return r.atomCondition(x)
}

// missing is the condition that a field has no value.
func (r *run) missing(f *field) pred {
	return func(e *event) tri {
		r.step(1)
		return truth(len(e.get(f)) == 0)
	}
}

// compare compiles a comparison as a value: null when an operand is, except against the constant null.
func (a *atom) compare(x *syntax.Compare) node {
	op, l, c, _ := a.sides(x)
	if !c.isConst {
		return a.fieldsCompared(x, l, c)
	}
	if c.val == nil {
		switch op {
		case syntax.Eq:
			return a.derive(tBool, x.Span, func(v []value) value { return v[0] == nil }, l)
		case syntax.Ne:
			return a.derive(tBool, x.Span, func(v []value) value { return v[0] != nil }, l)
		case syntax.Lt, syntax.Le, syntax.Gt, syntax.Ge:
		}
		return constant(nil, x.Span)
	}
	if (l.typ == tBool || c.typ == tBool) && op != syntax.Eq && op != syntax.Ne {
		a.r.fault(diag.EQLRun, x.Span, "booleans have no order", "use == or !=")
		return constant(nil, x.Span)
	}
	if l.plain != nil {
		test := a.r.fieldTest(l.plain, op, c)
		return a.strict(tBool, x.Span, func(v []value) value { return test(v[0]) }, l)
	}
	if !canCompare(l.typ, c.typ) {
		a.r.fault(diag.EQLRun, x.Span, fmt.Sprintf("%s and %s cannot be compared with `%s`", l.typ.noun(), c.typ.noun(), x.Op),
			"write a constant of the same type, or convert with string() or number()")
		return constant(nil, x.Span)
	}
	return a.strict(tBool, x.Span, func(v []value) value {
		order, ok := compare(v[0], v[1])
		return ok && holds(op, order)
	}, l, c)
}

// fieldsCompared reports a comparison without a constant side; before the tables are known it may still have one.
func (a *atom) fieldsCompared(x *syntax.Compare, l, r node) node {
	if a.r.index == nil && (mayFold(x.L) || mayFold(x.R)) {
		return node{typ: tBool, span: x.Span, at: func([]value) value { return nil }}
	}
	help := "compare strings with functions: `startsWith(a, b) and startsWith(b, a)`"
	if l.typ.isNumber() && r.typ.isNumber() {
		help = "compare numbers by their difference: `a - b == 0`"
	}
	a.r.fault(diag.EQLRun, x.Span, "one side of a comparison must be a constant", help)
	return constant(nil, x.Span)
}

// mayFold reports whether all fields of an expression are optional, so that it is null when they are unmapped.
func mayFold(x syntax.Expr) bool {
	switch x := x.(type) {
	case *syntax.Field:
		return x.Optional
	case *syntax.Call:
		return all(x.Args, mayFold)
	case *syntax.Not:
		return mayFold(x.X)
	case *syntax.Logical:
		return all(x.Xs, mayFold)
	case *syntax.Compare:
		return mayFold(x.L) && mayFold(x.R)
	case *syntax.Arith:
		return mayFold(x.L) || mayFold(x.R)
	case *syntax.Sign:
		return mayFold(x.X)
	case *syntax.In:
		return mayFold(x.X) && all(x.List, mayFold)
	case *syntax.Match:
		return mayFold(x.X)
	case *syntax.Null, *syntax.Bool, *syntax.Number, *syntax.String:
		return true
	}
	return false
}

func all(xs []syntax.Expr, f func(syntax.Expr) bool) bool {
	for _, x := range xs {
		if !f(x) {
			return false
		}
	}
	return true
}

// canCompare reports whether values of two types can be compared.
func canCompare(a, b dtype) bool {
	return a.flexible() || b.flexible() || a == b || a.isNumber() && b.isNumber()
}

// never is the test that no value passes.
func never(value) value { return false }

// fieldTest is a comparison of a field's value with a constant, as a term or range query makes it: the constant is read
// as the type of the field wants it.
func (r *run) fieldTest(f *field, op syntax.CompareOp, c node) func(value) value {
	if !r.constantFits(f, c) {
		return never
	}
	text := literalText(c.val)
	if f.typ == tVersion {
		return func(v value) value {
			order, ok := compare(v, version(text))
			return ok && holds(op, order)
		}
	}
	test, err := leaf(f.main, op, text, mapping.Context{Now: r.now})
	if err != nil {
		r.mismatch(f, c)
		return never
	}
	return func(v value) value { return test(v) == (op != syntax.Ne) }
}

// leaf compiles the query of a comparison; that of != is the one of ==.
func leaf(f *mapping.Field, op syntax.CompareOp, text string, c mapping.Context) (mapping.Matcher, error) {
	switch op {
	case syntax.Eq, syntax.Ne:
		return f.Term(text, c)
	case syntax.Lt:
		return f.Range(nil, &mapping.Bound{Text: text}, c)
	case syntax.Le:
		return f.Range(nil, &mapping.Bound{Text: text, Inclusive: true}, c)
	case syntax.Gt:
		return f.Range(&mapping.Bound{Text: text}, nil, c)
	case syntax.Ge:
		return f.Range(&mapping.Bound{Text: text, Inclusive: true}, nil, c)
	}
	return nil, fmt.Errorf("no query for %s", op)
}

// literalText is a constant as a query holds it; doubles are written without an exponent.
func literalText(v value) string {
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return toText(v)
}

// constantFits checks the type of a constant against that of the field; other types than the field's own are converted, as
// the doubt says. False when the comparison can never hold, or is at fault.
func (r *run) constantFits(f *field, c node) bool {
	text, isString := c.val.(string)
	switch {
	case f.typ == tString || f.typ == tVersion:
		return isString || r.coerced(f, c)
	case f.typ == tIP && isString && strings.Contains(text, "/"):
		return r.on(doubtIPBlock)
	case f.typ == tIP || f.typ == tDate:
		if c.typ != tBool && (isString || f.typ == tDate) {
			return true
		}
	case f.typ.isNumber():
		if c.typ.isNumber() {
			return true
		}
		if _, err := mapping.ParseDecimal(text); isString && err == nil {
			return r.coerced(f, c)
		}
	case f.typ == tBool:
		if c.typ == tBool {
			return true
		}
		if text == "true" || text == "false" {
			return r.coerced(f, c)
		}
	}
	r.mismatch(f, c)
	return false
}

// coerced reports whether a constant of another type is converted, and warns of it.
func (r *run) coerced(f *field, c node) bool {
	r.warn(fmt.Sprintf("`%s` is mapped as %s and is compared with %s", f.name, f.main.Type, c.typ.noun()))
	return r.on(doubtLiteralCoerced)
}

func (r *run) mismatch(f *field, c node) {
	help := "compare it with " + f.typ.noun()
	switch f.typ {
	case tIP:
		help = "write one address or a block such as \"10.0.0.0/8\""
	case tDate:
		help = "write a date such as \"2024-01-31T12:00:00Z\", or milliseconds since 1970"
	case tAny, tNull, tBool, tWhole, tReal, tString, tVersion:
	}
	what := c.typ.noun()
	if s, ok := c.val.(string); ok && len(s) <= 40 {
		what = syntax.Quote(s)
	}
	r.fault(diag.EQLRun, c.span, fmt.Sprintf("`%s` is mapped as %s and cannot be compared with %s", f.name, f.main.Type, what), help)
}
