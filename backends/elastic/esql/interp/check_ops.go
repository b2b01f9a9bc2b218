package interp

import (
	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/backends/elastic/mapping"
	"github.com/onerule/onerule/backends/native"
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
	if c.indexed && e.konst && cut != nil && t == tDouble && c.r.in.On(doubtFloat) {
		return func(v any) any { return cut(toFloat(v)) }
	}
	if w == nil {
		return func(v any) any { return v }
	}
	return w
}

// doubtFloat: the suite settles it for MV_CONTAINS only; that comparisons do the same follows from their push-down.
var doubtFloat = native.Doubt{
	Name:    "esql-float-precision",
	Doc:     "a WHERE near FROM compares a field mapped as float with a constant in float precision; off: in double precision",
	Default: true,
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
