package interp

import (
	"slices"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

func (rs *rowScope) unary(x *syntax.Unary) *cexpr {
	c := rs.expr(x.X)
	t := c.typ
	if t == tInt {
		t = tLong
	}
	if !isNumeric(t) && t != tSpan && t != tDate && t != tDyn && t != tNone {
		return rs.b.run(x.At, "a sign stands before a value of type "+c.typ.String(), "convert it with tolong(…) or toreal(…)")
	}
	inner := c.eval
	out := &cexpr{typ: t, konst: c.konst, home: c.home, at: x.At, eval: inner}
	if x.Minus {
		out.eval = func(e *env) any { return negate(inner(e)) }
	}
	return fold(out)
}

func negate(v any) any {
	switch v := v.(type) {
	case int64:
		return -v
	case float64:
		return -v
	case decimal:
		return v.neg()
	case timespan:
		return -v
	}
	return nil
}

func (rs *rowScope) binary(x *syntax.Binary) *cexpr {
	switch {
	case x.Op == syntax.And, x.Op == syntax.Or:
		return rs.logical(x)
	case x.Op == syntax.Eq, x.Op == syntax.Ne:
		return rs.equality(x)
	case x.Op == syntax.Lt, x.Op == syntax.Le, x.Op == syntax.Gt, x.Op == syntax.Ge:
		return rs.relational(x)
	case x.Op == syntax.Add, x.Op == syntax.Sub, x.Op == syntax.Mul, x.Op == syntax.Div, x.Op == syntax.Mod:
		return rs.arithmetic(x)
	}
	return rs.stringOp(x)
}

// logical is Kleene's and/or: null is unknown (scalar-data-types/null-values). Long chains are flattened, so that the depth
// of evaluation does not grow with them.
func (rs *rowScope) logical(x *syntax.Binary) *cexpr {
	var operands []syntax.Expr
	var left syntax.Expr = x
	for {
		b, ok := left.(*syntax.Binary)
		if !ok || b.Op != x.Op {
			operands = append(operands, left)
			break
		}
		operands = append(operands, b.R)
		left = b.L
	}
	list := make([]*cexpr, len(operands))
	for i, o := range operands {
		list[len(operands)-1-i] = rs.operand(o, x.Op.String())
	}
	decides := x.Op == syntax.Or // the value that decides the whole
	return fold(&cexpr{typ: tBool, konst: allConst(list), home: homeOf(list...), at: x.At, eval: func(e *env) any {
		unknown := false
		for _, c := range list {
			switch v := c.eval(e).(type) {
			case bool:
				if v == decides {
					return decides
				}
			default:
				unknown = true
			}
		}
		if unknown {
			return nil
		}
		return !decides
	}})
}

// two binds both operands of an operator.
func (rs *rowScope) two(x *syntax.Binary) (l, r *cexpr) {
	l, r = rs.star(x.L), rs.expr(x.R)
	return l, r
}

// star binds an operand that may be *, any column.
func (rs *rowScope) star(x syntax.Expr) *cexpr { return rs.expr(x) }

func (rs *rowScope) equality(x *syntax.Binary) *cexpr {
	l, r := rs.two(x)
	if l.star {
		return rs.anyColumn(x, r, func(c *cexpr) *cexpr { return rs.equals(x, c, r) })
	}
	return rs.equals(x, l, r)
}

func (rs *rowScope) equals(x *syntax.Binary, l, r *cexpr) *cexpr {
	if !rs.values(l, r) {
		return rs.b.run(x.At, "`"+x.Op.String()+"` needs two values")
	}
	in := rs.b.x
	ne := x.Op == syntax.Ne
	var both any // null == null
	if !in.in.On(doubtNullNull) {
		both = false
	}
	byText := in.in.On(doubtMixedByText)
	return fold(&cexpr{typ: tBool, konst: l.konst && r.konst, home: homeOf(l, r), at: x.At, eval: func(e *env) any {
		a, b := l.eval(e), r.eval(e)
		if a == nil || b == nil {
			if a == nil && b == nil {
				return both
			}
			return ne
		}
		if !byText && isMixed(a, b) {
			return ne
		}
		return equal(a, b) != ne
	}})
}

// isMixed reports whether just one of two values is a string.
func isMixed(a, b any) bool {
	_, x := a.(string)
	_, y := b.(string)
	return x != y
}

// values reports whether the operands are values, not *, tables or types.
func (rs *rowScope) values(list ...*cexpr) bool {
	for _, c := range list {
		if c.star || c.table != nil || c.typeArg != tNone {
			return false
		}
	}
	return true
}

// anyColumn binds * op value: some column satisfies it.
func (rs *rowScope) anyColumn(x *syntax.Binary, r *cexpr, f func(c *cexpr) *cexpr) *cexpr {
	var list []*cexpr
	for i := range rs.cols {
		c := rs.columnExpr(i)
		if c.typ != tStr && c.typ != tDyn && (r.typ == tStr || r.typ == tDyn) {
			c = textOf(c)
		}
		list = append(list, f(c))
	}
	return &cexpr{typ: tBool, home: rs.home, at: x.At, eval: func(e *env) any {
		for _, c := range list {
			if isTrue(c.eval(e)) {
				return true
			}
		}
		return false
	}}
}

// textOf reads any value as its text.
func textOf(c *cexpr) *cexpr {
	d := *c
	inner := c.eval
	d.typ = tStr
	d.eval = func(e *env) any { return text(inner(e)) }
	return &d
}

// comparable tells whether < is defined between two types.
func comparableTypes(a, b syntax.Type) bool {
	number := func(t syntax.Type) bool { return isNumeric(t) || t == tBool }
	switch {
	case a == tNone || b == tNone:
		return true
	case a == tDyn:
		return isNumeric(b) || b == tDyn
	case b == tDyn:
		return isNumeric(a)
	case number(a):
		return number(b)
	}
	return a == b && (a == tDate || a == tSpan)
}

func (rs *rowScope) relational(x *syntax.Binary) *cexpr {
	l, r := rs.two(x)
	if !comparableTypes(l.typ, r.typ) || !rs.values(l, r) {
		help := "convert one side"
		if l.typ == tStr && r.typ == tStr {
			help = "compare strings with strcmp(a, b) < 0"
		}
		return rs.b.run(x.At, "`"+x.Op.String()+"` is not defined between "+typeName(l)+" and "+typeName(r), help)
	}
	op := x.Op
	return fold(&cexpr{typ: tBool, konst: l.konst && r.konst, home: homeOf(l, r), at: x.At, eval: func(e *env) any {
		return ordered(op, l.eval(e), r.eval(e))
	}})
}

// ordered is a < b and its kin: null when a side is null or the values have no order, false for NaN.
func ordered(op syntax.Op, a, b any) any {
	if a == nil || b == nil {
		return nil
	}
	c, ok := compare(a, b)
	if !ok {
		return nil
	}
	if c == 2 {
		return false
	}
	switch {
	case op == syntax.Lt:
		return c < 0
	case op == syntax.Le:
		return c <= 0
	case op == syntax.Gt:
		return c > 0
	}
	return c >= 0
}

// bounds tells whether between is defined for a value and the limits of a range.
func bounds(v, lo, hi syntax.Type) bool {
	all := func(t ...syntax.Type) bool {
		for _, x := range []syntax.Type{lo, hi} {
			if x != tNone && !slices.Contains(t, x) {
				return false
			}
		}
		return true
	}
	switch v {
	case tNone:
		return true
	case tDate:
		return all(tDate) || all(tDate, tSpan) && lo != tSpan
	case tSpan:
		return all(tSpan)
	case tDyn:
		return all(tInt, tLong, tReal, tDec)
	case tBool, tInt, tLong, tReal, tDec, tStr, tGUID:
	}
	return isNumeric(v) && (all(tInt, tLong, tReal, tDec) || all(tDyn))
}

func (rs *rowScope) between(x *syntax.Between) *cexpr {
	v, lo, hi := rs.expr(x.X), rs.expr(x.Lo), rs.expr(x.Hi)
	plus := v.typ == tDate && hi.typ == tSpan // dt between (from .. span): up to from + span
	if !rs.values(v, lo, hi) || !bounds(v.typ, lo.typ, hi.typ) {
		return rs.b.run(x.At, "`between` is not defined for "+typeName(v)+" and the range "+typeName(lo)+" .. "+typeName(hi), "between takes numbers, datetime and timespan")
	}
	not := x.Not
	return fold(&cexpr{typ: tBool, konst: v.konst && lo.konst && hi.konst, home: homeOf(v, lo, hi), at: x.At, eval: func(e *env) any {
		a, b, c := v.eval(e), lo.eval(e), hi.eval(e)
		if plus && b != nil && c != nil {
			c = makeDate(int64(b.(datetime)) + int64(c.(timespan)))
		}
		p, q := ordered(syntax.Ge, a, b), ordered(syntax.Le, a, c)
		if p == nil || q == nil {
			return nil
		}
		return (p.(bool) && q.(bool)) != not
	}})
}
