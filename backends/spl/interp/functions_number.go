package interp

import (
	"math"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// numberFunctions are the mathematical functions.
var numberFunctions = []function{
	math1("abs", "abs(x)", math.Abs),
	math1("ceiling", "ceiling(x): rounded up", math.Ceil),
	math1("floor", "floor(x): rounded down", math.Floor),
	math1("exp", "exp(x)", math.Exp),
	math1("ln", "ln(x)", math.Log),
	math1("sqrt", "sqrt(x)", math.Sqrt),
	math1("sin", "sin(x)", math.Sin), math1("cos", "cos(x)", math.Cos), math1("tan", "tan(x)", math.Tan),
	math1("asin", "asin(x)", math.Asin), math1("acos", "acos(x)", math.Acos), math1("atan", "atan(x)", math.Atan),
	math1("sinh", "sinh(x)", math.Sinh), math1("cosh", "cosh(x)", math.Cosh), math1("tanh", "tanh(x)", math.Tanh),
	math1("asinh", "asinh(x)", math.Asinh), math1("acosh", "acosh(x)", math.Acosh), math1("atanh", "atanh(x)", math.Atanh),
	math2("pow", "pow(x, y)", math.Pow), math2("hypot", "hypot(x, y)", math.Hypot), math2("atan2", "atan2(y, x)", math.Atan2),
	{name: "log", min: 1, max: 2, typ: numType, doc: "log(x[, base]): base 10 if left out", call: func(_ *run, a []value) value {
		x, ok := a[0].number()
		base := 10.0
		if len(a) > 1 {
			b, bok := a[1].number()
			base, ok = b, ok && bok
		}
		if !ok {
			return value{}
		}
		if base == 10 {
			return finite(math.Log10(x))
		}
		return finite(math.Log(x) / math.Log(base))
	}},
	{name: "pi", min: 0, max: 0, typ: numType, doc: "pi()", call: func(*run, []value) value { return numValue(math.Pi) }},
	{name: "round", min: 1, max: 2, typ: numType, doc: "round(x[, places]): half up, with as many decimals as places says", call: round},
	{name: "exact", min: 1, max: 1, typ: numType, doc: "exact(expression): computed without rounding", build: func(k *compiler, x *syntax.Call) evalFunc {
		e := k.operandValue(x.Args[0], "`exact`").eval
		return func(r *run, w *row) value {
			r.exact++
			defer func() { r.exact-- }()
			v := e(r, w)
			if v.kind == number {
				v.str = "" // so that its digits limit nothing outside either
			}
			return v
		}
	}},
	{name: "max", min: 1, max: -1, nulls: true, lists: true, doc: "max(a, …): the largest; text ranks above numbers", call: func(r *run, a []value) value { return r.extreme(a, 1) }},
	{name: "min", min: 1, max: -1, nulls: true, lists: true, doc: "min(a, …): the smallest; text ranks above numbers", call: func(r *run, a []value) value { return r.extreme(a, -1) }},
	{name: "sum", min: 1, max: -1, typ: numType, nulls: true, lists: true, doc: "sum(a, …): the sum of the numbers among them", call: func(_ *run, a []value) value {
		total, n := sumOf(a)
		if n == 0 {
			return value{}
		}
		return finite(total)
	}},
	{name: "avg", min: 1, max: -1, typ: numType, nulls: true, lists: true, doc: "avg(a, …): the mean of the numbers among them", call: func(_ *run, a []value) value {
		total, n := sumOf(a)
		if n == 0 {
			return value{}
		}
		return finite(total / float64(n))
	}},
	{name: "sigfig", min: 1, max: 1, typ: numType, doc: "sigfig(expression): rounded to the significant digits of its operands", build: buildSigfig},
	{name: "bit_not", min: 1, max: 2, typ: numType, doc: "bit_not(x[, mask]): the bits of x inverted, inside the mask", call: bitNot},
	bits("bit_and", func(a, b int64) int64 { return a & b }),
	bits("bit_or", func(a, b int64) int64 { return a | b }),
	bits("bit_xor", func(a, b int64) int64 { return a ^ b }),
	bits("bit_shift_left", func(a, b int64) int64 { return a << min(63, max(0, b)) }),
	bits("bit_shift_right", func(a, b int64) int64 { return a >> min(63, max(0, b)) }),
}

func math1(name, doc string, f func(float64) float64) function {
	return function{name: name, min: 1, max: 1, typ: numType, doc: doc, call: func(_ *run, a []value) value {
		if x, ok := a[0].number(); ok {
			return finite(f(x))
		}
		return value{}
	}}
}

func math2(name, doc string, f func(x, y float64) float64) function {
	return function{name: name, min: 2, max: 2, typ: numType, doc: doc, call: func(_ *run, a []value) value {
		x, ok := a[0].number()
		y, ok2 := a[1].number()
		if !ok || !ok2 {
			return value{}
		}
		return finite(f(x, y))
	}}
}

func bits(name string, f func(a, b int64) int64) function {
	return function{name: name, min: 2, max: -1, typ: numType, doc: name + "(a, b, …): on whole numbers", call: func(_ *run, a []value) value {
		total := int64(0)
		for i, v := range a {
			x, ok := v.number()
			if !ok || x < 0 || x != math.Trunc(x) {
				return value{}
			}
			if i == 0 {
				total = int64(x)
				continue
			}
			total = f(total, int64(x))
		}
		return numValue(float64(total))
	}}
}

func sumOf(a []value) (total float64, n int) {
	for _, arg := range a {
		for _, v := range arg.values() {
			if x, ok := v.number(); ok {
				total += x
				n++
			}
		}
	}
	return total, n
}

func round(_ *run, a []value) value {
	x, ok := a[0].number()
	if !ok {
		return value{}
	}
	places := 0.0
	if len(a) > 1 {
		if places, ok = a[1].number(); !ok {
			return value{}
		}
	}
	p := int(max(-300, min(300, places)))
	scale := math.Pow(10, float64(p))
	n := x
	if y := math.Floor(x*scale+0.5) / scale; !math.IsNaN(y) && !math.IsInf(y, 0) && math.Abs(x*scale) < 1<<53 {
		n = y
	}
	v := finite(n)
	if v.kind == number && p > 0 && p <= 15 && math.Abs(n) < 1e15 { // round(5, 2) is 5.00
		v.str = strconv.FormatFloat(n, 'f', p, 64)
	}
	return v
}

// extreme is the largest (sign 1) or smallest (sign -1) of the values that are not null.
func (r *run) extreme(a []value, sign int) value {
	best := value{}
	for _, arg := range a {
		for _, v := range arg.values() {
			if best.isNull() || sign*r.rank(v, best) > 0 {
				best = v
			}
		}
	}
	return best
}

// rank orders numbers among themselves, texts among themselves, and texts above numbers (or below, by the doubt).
func (r *run) rank(a, b value) int {
	x, aok := a.asNumber()
	y, bok := b.asNumber()
	switch {
	case aok && bok:
		return compareFloats(x, y)
	case !aok && !bok:
		return strings.Compare(a.text(), b.text())
	case aok == r.on[maxTextAbove].On():
		return -1
	}
	return 1
}

// bitNot inverts the 53 bits that a number holds exactly, or those of the mask.
func bitNot(_ *run, a []value) value {
	x, ok := a[0].number()
	mask := float64(1<<53 - 1)
	if len(a) > 1 {
		m, mok := a[1].number()
		mask, ok = m, ok && mok
	}
	if !ok || x < 0 || mask < 0 || x != math.Trunc(x) || mask != math.Trunc(mask) {
		return value{}
	}
	return numValue(float64(^int64(x) & int64(mask)))
}

// buildSigfig compiles sigfig: products keep the significant digits of the operand with fewest, sums the decimals of the one
// with fewest.
func buildSigfig(k *compiler, x *syntax.Call) evalFunc {
	e := k.operandValue(x.Args[0], "`sigfig`").eval
	digits := k.significance(x.Args[0])
	return func(r *run, w *row) value {
		r.exact++
		v := e(r, w)
		r.exact--
		n, ok := v.number()
		if !ok || n == 0 {
			return v
		}
		d := digits(r, w)
		if d.digits < 0 {
			return numValue(n)
		}
		places := d.digits - magnitude(n)
		scale := math.Pow(10, float64(places))
		return finite(math.Floor(n*scale+0.5) / scale)
	}
}

// magnitude is the number of digits before the point: 1 of 5.2, 0 of 0.5, -1 of 0.05.
func magnitude(n float64) int { return int(math.Floor(math.Log10(math.Abs(n)))) + 1 }

// precise is what is known of a number's precision: its significant digits, -1 for exact.
type precise struct {
	digits int
	value  float64
}

// significance computes the precision of an expression from those of its operands. Whole numbers are exact.
func (k *compiler) significance(x syntax.Expr) func(*run, *row) precise {
	b, ok := x.(*syntax.Binary)
	if !ok || !strings.Contains("+-*/", b.Op) {
		e := k.expr(x).eval
		return func(r *run, w *row) precise {
			v := e(r, w)
			n, _ := v.number()
			if d := significant(v); d > 0 {
				return precise{d, n}
			}
			return precise{-1, n}
		}
	}
	l, r := k.significance(b.L), k.significance(b.R)
	whole := k.expr(x).eval
	return func(run *run, w *row) precise {
		p, q := l(run, w), r(run, w)
		n, _ := whole(run, w).number()
		if p.digits < 0 || q.digits >= 0 && q.digits < p.digits && (b.Op == "*" || b.Op == "/") {
			p, q = q, p
		}
		switch {
		case p.digits < 0:
			return precise{-1, n}
		case b.Op == "*" || b.Op == "/":
			return precise{p.digits, n}
		}
		places := p.digits - magnitude(p.value)
		if q.digits >= 0 {
			places = min(places, q.digits-magnitude(q.value))
		}
		if n == 0 {
			return precise{-1, n}
		}
		return precise{max(1, places+magnitude(n)), n}
	}
}
