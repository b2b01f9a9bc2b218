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
	{name: "round", min: 1, max: 2, typ: numType, doc: "round(x[, places]): half away from zero", call: round},
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
	if p := int(places); p > 0 && p <= 15 && math.Abs(x) < 1e15 {
		// From the decimal digits, so that 2.675 rounds to 2.68 although its binary form lies below.
		return finite(roundDecimal(x, p))
	}
	scale := math.Pow(10, places)
	return finite(math.Round(x*scale) / scale)
}

// roundDecimal rounds half away from zero by the shortest decimal form of x.
func roundDecimal(x float64, places int) float64 {
	s := strconv.FormatFloat(math.Abs(x), 'f', -1, 64)
	whole, frac, _ := strings.Cut(s, ".")
	if len(frac) <= places {
		return x
	}
	up := frac[places] >= '5'
	n, _ := strconv.ParseFloat(whole+"."+frac[:places], 64)
	if up {
		n += math.Pow(10, -float64(places))
	}
	n, _ = strconv.ParseFloat(strconv.FormatFloat(n, 'f', places, 64), 64)
	return math.Copysign(n, x)
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
	case aok == r.on[maxTextAbove]:
		return -1
	}
	return 1
}
