package interp

import (
	"math"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// pairwise makes an elementwise function of two series, or of a series and a number. Positions where a side has no number
// give null.
func pairwise(name, doc string, f func(x, y any) any) *function {
	bind := func(rs *rowScope, x *syntax.Call, f *function) *cexpr {
		args, ok := rs.args(x, f)
		if ok && isNumeric(args[0].typ) && isNumeric(args[1].typ) {
			return rs.b.run(x.At, "`"+name+"` needs a series; both arguments are numbers")
		}
		if !ok {
			return &cexpr{typ: tDyn, at: x.At, eval: func(*env) any { return nil }}
		}
		return f.make(rs, x, args)
	}
	return &function{name: name, sig: "numdyn numdyn", ret: "dynamic", doc: doc, bind: bind, fn: func(c *call, a []any) any {
		l, isL := array(a[0])
		r, isR := array(a[1])
		if !isL && !isR {
			return nil
		}
		n := max(len(l), len(r))
		at := func(list []any, isList bool, v any, i int) any {
			if !isList {
				return v
			}
			if i < len(list) {
				return list[i]
			}
			return nil
		}
		c.x.grow(n, 1)
		out := make([]any, n)
		for i := range out {
			x, y := at(l, isL, a[0], i), at(r, isR, a[1], i)
			if !isNumber(x) || !isNumber(y) {
				continue
			}
			out[i] = f(x, y)
		}
		return out
	}}
}

func isNumber(v any) bool {
	switch v.(type) {
	case int64, float64, decimal:
		return true
	}
	return false
}

// realPair makes an operator over two numbers that always gives a real.
func realPair(f func(x, y float64) float64) func(x, y any) any {
	return func(x, y any) any {
		a, _ := toFloat(x)
		b, _ := toFloat(y)
		return f(a, b)
	}
}

func compareSeries(op syntax.Op) func(x, y any) any {
	return func(x, y any) any {
		switch {
		case op == syntax.Eq:
			return equal(x, y)
		case op == syntax.Ne:
			return !equal(x, y)
		}
		return ordered(op, x, y)
	}
}

// single makes an elementwise function of one series.
func single(name, doc string, f func(v any) any) *function {
	return &function{name: name, sig: "dyn", ret: "dynamic", doc: doc, fn: array1(func(c *call, l []any) any {
		c.x.grow(len(l), 1)
		out := make([]any, len(l))
		for i, v := range l {
			if isNumber(v) {
				out[i] = f(v)
			}
		}
		return out
	})}
}

func realSingle(f func(float64) float64) func(v any) any {
	return func(v any) any {
		x, _ := toFloat(v)
		return f(x)
	}
}

// overall makes a function of one series that gives a real.
func overall(name, doc string, f func(l []float64) any) *function {
	return &function{name: name, sig: "dyn", ret: "real", doc: doc, fn: func(c *call, a []any) any {
		l, ok := reals(a[0])
		if !ok {
			return nil
		}
		return f(l)
	}}
}

// reals reads an array of numbers; ok is false when an element is none.
func reals(v any) ([]float64, bool) {
	l, ok := array(v)
	if !ok {
		return nil, false
	}
	out := make([]float64, len(l))
	for i, e := range l {
		f, ok := toFloat(e)
		if !ok {
			return nil, false
		}
		out[i] = f
	}
	return out, true
}

func dynReals(l []float64) []any {
	out := make([]any, len(l))
	for i, f := range l {
		out[i] = f
	}
	return out
}

// seriesFunctions: elementwise arithmetic on arrays.
var seriesFunctions = []*function{
	pairwise("series_add", "elementwise sum", func(x, y any) any { return add(x, y, tNone) }),
	pairwise("series_subtract", "elementwise difference", func(x, y any) any { return subtract(x, y, tNone) }),
	pairwise("series_multiply", "elementwise product", func(x, y any) any { return multiply(x, y, tNone) }),
	pairwise("series_divide", "elementwise quotient", realPair(func(x, y float64) float64 { return x / y })),
	pairwise("series_pow", "elementwise power", realPair(math.Pow)),
	pairwise("series_greater", "elementwise >", compareSeries(syntax.Gt)),
	pairwise("series_greater_equals", "elementwise >=", compareSeries(syntax.Ge)),
	pairwise("series_less", "elementwise <", compareSeries(syntax.Lt)),
	pairwise("series_less_equals", "elementwise <=", compareSeries(syntax.Le)),
	pairwise("series_equals", "elementwise ==", compareSeries(syntax.Eq)),
	pairwise("series_not_equals", "elementwise !=", compareSeries(syntax.Ne)),
	single("series_abs", "elementwise absolute value", func(v any) any { return abs(nil, []any{v}) }),
	single("series_sign", "elementwise sign", realSingle(func(x float64) float64 {
		switch {
		case x > 0:
			return 1
		case x < 0:
			return -1
		}
		return 0
	})),
	single("series_exp", "elementwise exponential", realSingle(math.Exp)),
	single("series_log", "elementwise natural logarithm", realSingle(math.Log)),
	single("series_sin", "elementwise sine", realSingle(math.Sin)),
	single("series_cos", "elementwise cosine", realSingle(math.Cos)),
	single("series_tan", "elementwise tangent", realSingle(math.Tan)),
	single("series_asin", "elementwise inverse sine", realSingle(math.Asin)),
	single("series_acos", "elementwise inverse cosine", realSingle(math.Acos)),
	single("series_atan", "elementwise inverse tangent", realSingle(math.Atan)),
	single("series_floor", "elementwise floor", func(v any) any { return roundWith(v, math.Floor) }),
	single("series_ceiling", "elementwise ceiling", func(v any) any { return roundWith(v, math.Ceil) }),
	overall("series_sum", "sum of a series", func(l []float64) any {
		s := 0.0
		for _, f := range l {
			s += f
		}
		return s
	}),
	overall("series_product", "product of a series", func(l []float64) any {
		p := 1.0
		for _, f := range l {
			p *= f
		}
		return p
	}),
	overall("series_magnitude", "length of a series as a vector", func(l []float64) any { return math.Sqrt(dot(l, l)) }),
	{name: "series_dot_product", sig: "numdyn numdyn", ret: "real", doc: "dot product of two series", fn: func(c *call, a []any) any {
		x, y, ok := twoSeries(a)
		if !ok {
			return nil
		}
		return dot(x, y)
	}},
	{name: "series_cosine_similarity", sig: "dyn dyn real? real?", ret: "real", doc: "cosine of the angle between two series", fn: func(c *call, a []any) any {
		x, y, ok := twoSeries(a)
		if !ok {
			return nil
		}
		m, n := math.Sqrt(dot(x, x)), math.Sqrt(dot(y, y))
		if c.n > 2 {
			m = a[2].(float64)
		}
		if c.n > 3 {
			n = a[3].(float64)
		}
		return dot(x, y) / (m * n)
	}},
	{name: "series_pearson_correlation", sig: "dyn dyn", ret: "real", doc: "Pearson's correlation of two series", fn: func(c *call, a []any) any {
		x, y, ok := twoSeries(a)
		if !ok || len(x) == 0 {
			return nil
		}
		mx, my := mean(x), mean(y)
		var sxy, sxx, syy float64
		for i := range x {
			sxy += (x[i] - mx) * (y[i] - my)
			sxx += (x[i] - mx) * (x[i] - mx)
			syy += (y[i] - my) * (y[i] - my)
		}
		return sxy / math.Sqrt(sxx*syy)
	}},
}

// twoSeries reads two series of one length; a number stands for a series of it.
func twoSeries(a []any) (x, y []float64, ok bool) {
	x, okX := reals(a[0])
	y, okY := reals(a[1])
	if f, isNum := toFloat(a[0]); isNum && okY {
		x, okX = repeatReal(f, len(y)), true
	}
	if f, isNum := toFloat(a[1]); isNum && okX {
		y, okY = repeatReal(f, len(x)), true
	}
	return x, y, okX && okY && len(x) == len(y)
}

func repeatReal(f float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = f
	}
	return out
}

func dot(x, y []float64) float64 {
	s := 0.0
	for i := range x {
		s += x[i] * y[i]
	}
	return s
}

func mean(l []float64) float64 {
	s := 0.0
	for _, f := range l {
		s += f
	}
	return s / float64(len(l))
}
