package interp

import (
	"math"
	"math/bits"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/backends/elastic/mapping"
)

func (c *checker) binary(n *syntax.Binary) *expr {
	// long chains of AND and OR are walked, not recursed into
	if n.Op == syntax.And || n.Op == syntax.Or {
		return c.logic(n)
	}
	a, b := c.expr(n.X), c.expr(n.Y)
	if a.typ == tErr || b.typ == tErr {
		return &expr{typ: tErr, col: -1, span: n.Span, eval: func([]any) any { return nil }}
	}
	switch n.Op {
	case syntax.Eq, syntax.Ne, syntax.Lt, syntax.Le, syntax.Gt, syntax.Ge:
		return c.comparison(n, a, b)
	case syntax.Add, syntax.Sub, syntax.Mul, syntax.Div, syntax.Mod:
		return c.arithmetic(n, a, b)
	case syntax.And, syntax.Or:
	}
	panic("interp: operator " + n.Op.String())
}

// logic checks a chain of AND or OR: three-valued, false AND null is false, true OR null is true.
func (c *checker) logic(n *syntax.Binary) *expr {
	var nodes []syntax.Expr
	var x syntax.Expr = n
	for {
		b, ok := x.(*syntax.Binary)
		if !ok || b.Op != n.Op {
			nodes = append(nodes, x)
			break
		}
		nodes = append(nodes, b.Y)
		x = b.X
	}
	args := make([]*expr, len(nodes))
	bad := false
	for i := range nodes { // leftmost first
		e := c.literalAs(c.expr(nodes[len(nodes)-1-i]), tBool)
		if e.typ != tBool && e.typ != tNull && e.typ != tErr {
			e = c.wrong(e.span, "argument of [%s] must be [boolean], found value [%s] type [%s]", c.sourceText(n.Span), e.text, e.typ)
		}
		bad = bad || e.typ == tErr
		args[i] = e
	}
	if bad {
		return &expr{typ: tErr, col: -1, span: n.Span, eval: func([]any) any { return nil }}
	}
	s, decisive := c.site(n), n.Op == syntax.Or
	return c.make(n, tBool, args, func(cells []any) any {
		var out any = !decisive
		for _, a := range args {
			v, ok := c.r.one(s, a.eval(cells))
			if ok && v.(bool) == decisive {
				return decisive
			}
			if !ok {
				out = nil
			}
		}
		return out
	})
}

func (c *checker) not(n *syntax.Unary) *expr {
	x := c.literalAs(c.expr(n.X), tBool)
	if x.typ != tBool && x.typ != tNull && x.typ != tErr {
		return c.wrong(n.Span, "argument of [%s] must be [boolean], found value [%s] type [%s]", c.sourceText(n.Span), x.text, x.typ)
	}
	return c.make(n, tBool, []*expr{x}, c.strict1(c.site(n), x, func(v any) (any, error) { return !v.(bool), nil }))
}

// comparison checks ==, !=, <, <=, > and >=.
func (c *checker) comparison(n *syntax.Binary, a, b *expr) *expr {
	a, b, t := c.comparable(n, a, b, n.Op == syntax.Eq || n.Op == syntax.Ne)
	if t == tErr {
		return &expr{typ: tErr, col: -1, span: n.Span, eval: func([]any) any { return nil }}
	}
	test := verdict(n.Op)
	wa, wb := c.side(a, t, b), c.side(b, t, a)
	return c.make(n, tBool, []*expr{a, b}, c.strict2(c.site(n), a, b, func(x, y any) (any, error) {
		if t == tNull {
			return nil, nil
		}
		x, y = wa(x), wb(y)
		if x == nil || y == nil {
			return nil, nil
		}
		if t == tDouble {
			return test(compareNumbers(x.(float64), y.(float64))), nil
		}
		return test(compareValues(t, x, y)), nil
	}))
}

// compareNumbers is the order of the comparison operators, for which the two zeros are equal.
func compareNumbers(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func verdict(op syntax.BinaryOp) func(cmp int) bool {
	switch op {
	case syntax.Eq:
		return func(c int) bool { return c == 0 }
	case syntax.Ne:
		return func(c int) bool { return c != 0 }
	case syntax.Lt:
		return func(c int) bool { return c < 0 }
	case syntax.Le:
		return func(c int) bool { return c <= 0 }
	case syntax.Gt:
		return func(c int) bool { return c > 0 }
	case syntax.Ge:
		return func(c int) bool { return c >= 0 }
	case syntax.Or, syntax.And, syntax.Add, syntax.Sub, syntax.Mul, syntax.Div, syntax.Mod:
	}
	panic("interp: no comparison " + op.String())
}

// side prepares the values of one side of a comparison: widened to the common type, and constants beside a float field of
// the index cut to its precision.
func (c *checker) side(e *expr, t typ, other *expr) func(v any) any {
	w := widen(e.typ, t)
	cut := precision(other.field)
	if c.indexed && e.konst && cut != nil && t == tDouble {
		return func(v any) any { return cut(toFloat(v)) }
	}
	if w == nil {
		return func(v any) any { return v }
	}
	return w
}

// precision is the rounding of a float field, nil for fields with the precision of double.
func precision(f *mapping.Field) func(float64) float64 {
	if f != nil && f.Type == "float" {
		return func(v float64) float64 { return float64(float32(v)) }
	}
	return nil
}

// comparable checks the operands of a comparison and finds the type to compare in.
func (c *checker) comparable(n syntax.Expr, a, b *expr, equality bool) (*expr, *expr, typ) {
	a, b = c.literalAs(a, b.typ), c.literalAs(b, a.typ)
	if a.typ == tErr || b.typ == tErr {
		return a, b, tErr
	}
	allowed := ordered | types(tNull)
	if equality {
		allowed |= spatial | types(tBool)
	}
	text := c.sourceText(n.Pos())
	for i, e := range []*expr{a, b} {
		if !allowed.has(e.typ) {
			c.wrong(e.span, "%s argument of [%s] must be [%s], found value [%s] type [%s]", ordinal(i), text,
				(allowed &^ types(tNull)).words(), e.text, e.typ)
			return a, b, tErr
		}
	}
	t := common(a.typ, b.typ)
	switch {
	case t == tErr:
		x, y := a.typ.String(), b.typ.String()
		if numbers.has(a.typ) {
			x = "numeric"
		}
		c.wrong(b.span, "first argument of [%s] is [%s] so second argument must also be [%s] but was [%s]", text, x, x, y)
		c.castHelp(a, b)
		return a, b, tErr
	case (a.typ == tULong) != (b.typ == tULong) && a.typ != tNull && b.typ != tNull:
		c.wrong(b.span, "first argument of [%s] is [%s] and second is [%s]. [unsigned_long] can only be operated on together with another [unsigned_long]", text, a.typ, b.typ)
		return a, b, tErr
	}
	return a, b, t
}

// castHelp adds to the last fault how the two sides can be made of one type.
func (c *checker) castHelp(a, b *expr) {
	d := &c.r.faults[len(c.r.faults)-1]
	switch {
	case strings_.has(a.typ) && numbers.has(b.typ) && b.konst:
		d.Help = append(d.Help, "quote the number, or cast the left side: "+a.text+"::long")
	case strings_.has(a.typ) != strings_.has(b.typ):
		d.Help = append(d.Help, "cast one side with ::"+map[bool]string{true: b.typ.String(), false: "keyword"}[strings_.has(a.typ)])
	}
}

func ordinal(i int) string {
	words := []string{"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"}
	if i < len(words) {
		return words[i]
	}
	return "a later"
}

// in checks x IN (a, b): true when equal to one, else null when x or one of them is null, else false.
func (c *checker) in(n *syntax.In) *expr {
	x := c.expr(n.X)
	args := []*expr{x}
	var tests []func(v any, cells []any) (any, bool)
	s := c.site(n)
	constants := map[any]bool{}
	for _, item := range n.Items {
		y := c.expr(item)
		xx, y, t := c.comparable(n, x, y, true)
		if t == tErr || xx.typ == tErr {
			return &expr{typ: tErr, col: -1, span: n.Span, eval: func([]any) any { return nil }}
		}
		args = append(args, y)
		wx, wy := c.side(xx, t, y), c.side(y, t, xx)
		if same := t == x.typ || wholes.has(t) && wholes.has(x.typ); y.konst && count(y.val) == 1 && same && xx == x && t != tVersion {
			constants[wy(y.val)] = true
			continue
		}
		tests = append(tests, func(v any, cells []any) (any, bool) {
			w, ok := c.r.one(s, y.eval(cells))
			if !ok {
				return nil, false
			}
			if xx != x { // a literal became a value of another type
				v = xx.val
			}
			a, b := wx(v), wy(w)
			if a == nil || b == nil {
				return nil, false
			}
			if t == tDouble {
				return compareNumbers(a.(float64), b.(float64)) == 0, true
			}
			return compareValues(t, a, b) == 0, true
		})
	}
	in := c.make(n, tBool, args, func(cells []any) any {
		v, ok := c.r.one(s, x.eval(cells))
		if !ok {
			return nil
		}
		if constants[v] {
			return !n.Not
		}
		unknown := false
		for _, test := range tests {
			hit, known := test(v, cells)
			if !known {
				unknown = true
			} else if hit.(bool) {
				return !n.Not
			}
		}
		if unknown {
			return nil
		}
		return n.Not
	})
	return in
}

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
				if err == errDivision {
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
