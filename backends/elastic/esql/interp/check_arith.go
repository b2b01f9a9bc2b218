package interp

import (
	"errors"
	"math"
	"math/bits"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
)

// arithmetic checks + - * / %.
func (c *checker) arithmetic(n *syntax.Binary, a, b *expr) *expr {
	addition := n.Op == syntax.Add || n.Op == syntax.Sub
	if addition && (amounts.has(a.typ) || amounts.has(b.typ) || dates.has(a.typ) || dates.has(b.typ)) {
		return c.dateMath(n, a, b)
	}
	text := c.sourceText(n.Span)
	for i, e := range []*expr{a, b} {
		if !numbers.has(e.typ) && e.typ != tNull {
			want := "numeric"
			if addition {
				want = "date_nanos, date or numeric"
			}
			return c.wrong(e.span, "%s argument of [%s] must be [%s], found value [%s] type [%s]", ordinal(i), text, want, e.text, e.typ)
		}
	}
	if (a.typ == tULong) != (b.typ == tULong) && a.typ != tNull && b.typ != tNull {
		return c.wrong(n.Span, "first argument of [%s] is [%s] and second is [%s]. [unsigned_long] can only be operated on together with another [unsigned_long]", text, a.typ, b.typ)
	}
	t := common(a.typ, b.typ)
	op := arithmeticOp(n.Op, t)
	wa, wb := widen(a.typ, t), widen(b.typ, t)
	return c.make(n, t, []*expr{a, b}, c.strict2(c.site(n), a, b, func(x, y any) (any, error) {
		if wa != nil {
			x = wa(x)
		}
		if wb != nil {
			y = wb(y)
		}
		return op(x, y)
	}))
}

func arithmeticOp(op syntax.BinaryOp, t typ) func(x, y any) (any, error) {
	switch t {
	case tInt:
		return func(x, y any) (any, error) {
			v, err := longOp(op, x.(int64), y.(int64))
			if err != nil || v > math.MaxInt32 || v < math.MinInt32 {
				if errors.Is(err, errDivision) {
					return nil, err
				}
				if op == syntax.Div {
					return int64(int32(v)), nil // Java lets -2147483648 / -1 wrap
				}
				return nil, errIntOverflow
			}
			return v, nil
		}
	case tLong:
		return func(x, y any) (any, error) {
			v, err := longOp(op, x.(int64), y.(int64))
			if err != nil {
				return nil, err
			}
			return v, nil
		}
	case tULong:
		return func(x, y any) (any, error) { return ulongOp(op, x.(uint64), y.(uint64)) }
	case tDouble:
		return func(x, y any) (any, error) { return doubleOp(op, x.(float64), y.(float64)) }
	case tErr, tNull, tBool, tKeyword, tText, tDate, tNanos, tIP, tVersion, tGeoPoint, tGeoShape, tCartPoint, tCartShape, tPeriod, tDuration, tSource, tUnsupported:
	}
	return func(x, y any) (any, error) { return nil, nil }
}

var (
	errDivision      = arithmetic("/ by zero")
	errIntOverflow   = arithmetic("integer overflow")
	errLongOverflow  = arithmetic("long overflow")
	errULongOverflow = arithmetic("unsigned_long overflow")
)

func longOp(op syntax.BinaryOp, a, b int64) (int64, error) {
	switch op {
	case syntax.Add:
		v := a + b
		if (v > a) != (b > 0) && b != 0 {
			return 0, errLongOverflow
		}
		return v, nil
	case syntax.Sub:
		v := a - b
		if (v < a) != (b > 0) && b != 0 {
			return 0, errLongOverflow
		}
		return v, nil
	case syntax.Mul:
		v := a * b
		if a != 0 && (v/a != b || a == -1 && b == math.MinInt64) {
			return 0, errLongOverflow
		}
		return v, nil
	case syntax.Div, syntax.Mod:
		if b == 0 {
			return 0, errDivision
		}
		if op == syntax.Mod {
			if b == -1 {
				return 0, nil
			}
			return a % b, nil
		}
		if b == -1 {
			return -a, nil // wraps for the smallest long, as Java does
		}
		return a / b, nil
	case syntax.Or, syntax.And, syntax.Eq, syntax.Ne, syntax.Lt, syntax.Le, syntax.Gt, syntax.Ge:
	}
	panic("interp: no arithmetic " + op.String())
}

func ulongOp(op syntax.BinaryOp, a, b uint64) (any, error) {
	switch op {
	case syntax.Add:
		v, carry := bits.Add64(a, b, 0)
		if carry != 0 {
			return nil, errULongOverflow
		}
		return v, nil
	case syntax.Sub:
		if b > a {
			return nil, errULongOverflow
		}
		return a - b, nil
	case syntax.Mul:
		hi, lo := bits.Mul64(a, b)
		if hi != 0 {
			return nil, errULongOverflow
		}
		return lo, nil
	case syntax.Div, syntax.Mod:
		if b == 0 {
			return nil, errDivision
		}
		if op == syntax.Div {
			return a / b, nil
		}
		return a % b, nil
	case syntax.Or, syntax.And, syntax.Eq, syntax.Ne, syntax.Lt, syntax.Le, syntax.Gt, syntax.Ge:
	}
	panic("interp: no arithmetic " + op.String())
}

func doubleOp(op syntax.BinaryOp, a, b float64) (any, error) {
	var v float64
	switch op {
	case syntax.Add:
		v = a + b
	case syntax.Sub:
		v = a - b
	case syntax.Mul:
		v = a * b
	case syntax.Div:
		v = a / b
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, errDivision
		}
	case syntax.Mod:
		v = math.Mod(a, b)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, errDivision
		}
	case syntax.Or, syntax.And, syntax.Eq, syntax.Ne, syntax.Lt, syntax.Le, syntax.Gt, syntax.Ge:
	}
	return finite(v)
}

// finite passes on a double that is a number.
func finite(v float64) (any, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil, arithmetic("not a finite double number: %s", formatDouble(v))
	}
	return v, nil
}

func (c *checker) negate(n *syntax.Unary) *expr {
	x := c.expr(n.X)
	text := c.sourceText(n.Span)
	switch {
	case x.typ == tErr || x.typ == tNull:
		return c.make(n, x.typ, []*expr{x}, func([]any) any { return nil })
	case amounts.has(x.typ):
		return c.make(n, x.typ, []*expr{x}, c.strict1(c.site(n), x, func(v any) (any, error) { return negateAmount(v), nil }))
	case !signedNums.has(x.typ):
		return c.wrong(n.Span, "argument of [%s] must be [numeric, date_period or time_duration], found value [%s] type [%s]", text, x.text, x.typ)
	}
	op := arithmeticOp(syntax.Sub, x.typ)
	return c.make(n, x.typ, []*expr{x}, c.strict1(c.site(n), x, func(v any) (any, error) {
		if f, ok := v.(float64); ok {
			return -f, nil
		}
		return op(int64(0), v)
	}))
}

func negateAmount(v any) any {
	switch v := v.(type) {
	case period:
		return period{-v.months, -v.days}
	case duration:
		return -v
	}
	return nil
}

// dateMath checks date ± amount and amount ± amount; a string literal beside an amount is a date.
func (c *checker) dateMath(n *syntax.Binary, a, b *expr) *expr {
	if amounts.has(a.typ) || amounts.has(b.typ) {
		a, b = c.literalAs(a, tDate), c.literalAs(b, tDate)
	}
	text := c.sourceText(n.Span)
	minus := n.Op == syntax.Sub
	s := c.site(n)
	switch {
	case a.typ == tErr || b.typ == tErr:
		return &expr{typ: tErr, col: -1, span: n.Span, eval: func([]any) any { return nil }}
	case a.typ == tNull || b.typ == tNull:
		t := common(a.typ, b.typ)
		return c.make(n, t, []*expr{a, b}, func([]any) any { return nil })
	case amounts.has(a.typ) && a.typ == b.typ:
		return c.make(n, a.typ, []*expr{a, b}, c.strict2(s, a, b, func(x, y any) (any, error) {
			if minus {
				y = negateAmount(y)
			}
			return addAmounts(x, y), nil
		}))
	case dates.has(a.typ) && amounts.has(b.typ), !minus && amounts.has(a.typ) && dates.has(b.typ):
		if amounts.has(a.typ) {
			a, b = b, a
		}
		t := a.typ
		return c.make(n, t, []*expr{a, b}, c.strict2(s, a, b, func(x, y any) (any, error) {
			if minus {
				y = negateAmount(y)
			}
			return addAmount(t, x.(int64), y)
		}))
	}
	return c.wrong(n.Span, "[%s] has arguments with incompatible types [%s] and [%s]", text, a.typ, b.typ)
}

func addAmounts(x, y any) any {
	switch a := x.(type) {
	case period:
		b := y.(period)
		return period{a.months + b.months, a.days + b.days}
	case duration:
		return a + y.(duration)
	}
	return nil
}

// addAmount adds a period or a duration to a date value of type t.
func addAmount(t typ, v int64, amount any) (any, error) {
	switch a := amount.(type) {
	case duration:
		step := int64(a)
		if t == tNanos {
			var err error
			if step, err = longOp(syntax.Mul, step, 1_000_000); err != nil {
				return nil, err
			}
		}
		sum, err := longOp(syntax.Add, v, step)
		if err != nil {
			return nil, err
		}
		return sum, nil
	case period:
		if t == tNanos {
			tm, err := addPeriod(nanosTime(v), a)
			if err != nil || tm.Year() > 2262 || tm.Year() < 1970 {
				return nil, arithmetic("long overflow")
			}
			return tm.UnixNano(), nil
		}
		tm, err := addPeriod(millisTime(v), a)
		if err != nil {
			return nil, err
		}
		ms, err := dateOf(tm)
		if err != nil {
			return nil, err
		}
		return ms, nil
	}
	return nil, nil
}
