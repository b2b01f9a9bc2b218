package interp

import (
	"math"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// arithType gives the type of a op b as Microsoft's binder does; NoType when the operator is not defined.
func arithType(op syntax.Op, a, b syntax.Type) syntax.Type {
	num := isNumeric
	switch {
	case num(a) && num(b):
		return widest(a, b)
	case a == tDyn && b == tDyn:
		return tDyn
	case num(a) && b == tDyn:
		return widest(a, tLong)
	case a == tDyn && num(b):
		return widest(b, tLong)
	}
	switch {
	case op == syntax.Add:
		switch {
		case a == tSpan && b == tSpan, a == tSpan && b == tDyn, a == tDyn && b == tSpan:
			return tSpan
		case isTime(a) && isTime(b), a == tDate && b == tDyn, a == tDyn && b == tDate:
			return tDate
		}
	case op == syntax.Sub:
		switch {
		case a == tDate && b == tDate, a == tDate && b == tDyn, a == tDyn && isTime(b), a == tSpan && b == tSpan, a == tSpan && b == tDyn:
			return tSpan
		case isTime(a) && isTime(b):
			return tDate
		}
	case op == syntax.Mul:
		switch {
		case isTime(a) && num(b):
			return a
		case num(a) && isTime(b):
			return b
		case a == tSpan && b == tSpan:
			return tSpan
		}
	case op == syntax.Div:
		switch {
		case isTime(a) && num(b):
			return a
		case isTime(a) && isTime(b) && (a == tDate || b == tSpan):
			return tReal
		}
	case op == syntax.Mod:
		switch {
		case isTime(a) && num(b):
			return a
		case a == tDate && isTime(b), a == tSpan && b == tSpan:
			return tSpan
		}
	}
	return tNone
}

func isTime(t syntax.Type) bool { return t == tDate || t == tSpan }

// widest is the type of arithmetic over two numbers.
func widest(a, b syntax.Type) syntax.Type {
	switch {
	case a == tDec || b == tDec:
		return tDec
	case a == tReal || b == tReal:
		return tReal
	}
	return tLong
}

func (rs *rowScope) arithmetic(x *syntax.Binary) *cexpr {
	// Long sums are left-deep; they are bound without recursion on their left side.
	var chain []*syntax.Binary
	var left syntax.Expr = x
	for {
		b, ok := left.(*syntax.Binary)
		if !ok || arithOp(b.Op) == nil {
			break
		}
		chain = append(chain, b)
		left = b.L
	}
	acc := rs.expr(left)
	for i := len(chain) - 1; i >= 0; i-- {
		acc = rs.arith(chain[i], acc, rs.expr(chain[i].R))
	}
	return acc
}

func (rs *rowScope) arith(x *syntax.Binary, l, r *cexpr) *cexpr {
	t := arithType(x.Op, l.typ, r.typ)
	if l.typ == tNone || r.typ == tNone {
		t = tNone
	} else if t == tNone || !rs.values(l, r) {
		help := "convert the operands with tolong(…) or toreal(…)"
		if x.Op == syntax.Add && (l.typ == tStr || r.typ == tStr) {
			help = "strings are joined by strcat(…)"
		}
		return rs.b.run(x.At, "`"+x.Op.String()+"` is not defined between "+typeName(l)+" and "+typeName(r), help)
	}
	f := arithOp(x.Op)
	return fold(&cexpr{typ: t, konst: l.konst && r.konst, home: homeOf(l, r), at: x.At, eval: func(e *env) any {
		a, b := l.eval(e), r.eval(e)
		if a == nil || b == nil {
			return nil
		}
		return f(a, b, t)
	}})
}

// arithOp gives the implementation of an arithmetic operator.
func arithOp(op syntax.Op) func(a, b any, t syntax.Type) any {
	switch {
	case op == syntax.Add:
		return add
	case op == syntax.Sub:
		return subtract
	case op == syntax.Mul:
		return multiply
	case op == syntax.Div:
		return divide
	case op == syntax.Mod:
		return modulo
	}
	return nil
}

// ticksOf reads a datetime or timespan as ticks.
func ticksOf(v any) (int64, bool) {
	switch v := v.(type) {
	case datetime:
		return int64(v), true
	case timespan:
		return int64(v), true
	}
	return 0, false
}

// makeTicks gives ticks as a datetime or timespan.
func makeTicks(n int64, t syntax.Type) any {
	if t == tDate {
		return makeDate(n)
	}
	return timespan(n)
}

// numeric runs an operator over two numbers in the wider of their types.
func numeric(a, b any, ints func(x, y int64) any, reals func(x, y float64) any, decs func(x, y decimal) any) any {
	x, ok1 := a.(int64)
	y, ok2 := b.(int64)
	if ok1 && ok2 {
		return ints(x, y)
	}
	_, d1 := a.(decimal)
	_, d2 := b.(decimal)
	if d1 || d2 {
		p, ok1 := toDecimal(a)
		q, ok2 := toDecimal(b)
		if !ok1 || !ok2 {
			return nil
		}
		return decs(p, q)
	}
	f, ok1 := toFloat(a)
	g, ok2 := toFloat(b)
	if !ok1 || !ok2 {
		return nil
	}
	return reals(f, g)
}

func add(a, b any, t syntax.Type) any {
	x, ok1 := ticksOf(a)
	y, ok2 := ticksOf(b)
	if ok1 && ok2 {
		if t == tDyn {
			t = typeOf(a)
		}
		return makeTicks(x+y, t)
	}
	return numeric(a, b, func(x, y int64) any { return x + y }, func(x, y float64) any { return x + y }, func(x, y decimal) any { return x.add(y) })
}

func subtract(a, b any, t syntax.Type) any {
	x, ok1 := ticksOf(a)
	y, ok2 := ticksOf(b)
	if ok1 && ok2 {
		if t == tDyn {
			t = tSpan
		}
		return makeTicks(x-y, t)
	}
	return numeric(a, b, func(x, y int64) any { return x - y }, func(x, y float64) any { return x - y }, func(x, y decimal) any { return x.add(y.neg()) })
}

func multiply(a, b any, t syntax.Type) any {
	if x, ok := ticksOf(a); ok {
		return scale(x, b, t, false)
	}
	if y, ok := ticksOf(b); ok {
		return scale(y, a, t, false)
	}
	return numeric(a, b, func(x, y int64) any { return x * y }, func(x, y float64) any { return x * y }, func(x, y decimal) any { return x.mul(y) })
}

// scale multiplies or divides ticks by a number.
func scale(ticks int64, by any, t syntax.Type, divided bool) any {
	if n, ok := by.(int64); ok {
		if divided {
			if n == 0 {
				return nil
			}
			return makeTicks(ticks/n, t)
		}
		return makeTicks(ticks*n, t)
	}
	f, ok := toFloat(by)
	if s, isTicks := ticksOf(by); isTicks {
		f, ok = float64(s), true
	}
	if !ok {
		return nil
	}
	if divided {
		f = 1 / f
	}
	r := float64(ticks) * f
	if divided {
		r = float64(ticks) / (1 / f)
	}
	if math.IsNaN(r) || !inRange(r) {
		return nil
	}
	return makeTicks(int64(math.Round(r)), t)
}

func divide(a, b any, t syntax.Type) any {
	if x, ok := ticksOf(a); ok {
		if y, ok := ticksOf(b); ok {
			return float64(x) / float64(y)
		}
		return scale(x, b, t, true)
	}
	return numeric(a, b, func(x, y int64) any {
		if y == 0 || x == math.MinInt64 && y == -1 {
			return nil
		}
		return x / y
	}, func(x, y float64) any { return x / y }, func(x, y decimal) any {
		if q, ok := x.div(y); ok {
			return q
		}
		return nil
	})
}

// modulo is never negative (numerical-operators).
func modulo(a, b any, t syntax.Type) any {
	if x, ok := ticksOf(a); ok {
		y, ok := ticksOf(b)
		if !ok {
			n, isLong := castLong(b).(int64)
			if !isLong {
				return nil
			}
			y = n
		}
		if y == 0 {
			return nil
		}
		return makeTicks(modInt(x, y), t)
	}
	return numeric(a, b, func(x, y int64) any {
		if y == 0 {
			return nil
		}
		return modInt(x, y)
	}, func(x, y float64) any {
		r := math.Mod(x, math.Abs(y))
		if r < 0 {
			r += math.Abs(y)
		}
		return r
	}, func(x, y decimal) any {
		if r, ok := x.mod(y); ok {
			return r
		}
		return nil
	})
}

func modInt(x, y int64) int64 {
	if y == -1 {
		return 0
	}
	r := x % y
	if r < 0 {
		if y < 0 {
			r -= y
		} else {
			r += y
		}
	}
	return r
}
