package interp

import (
	"math"
	"math/bits"
)

// real1 makes a function of one real; a result that is not a number is null, as the service shows no NaN there.
func real1(f func(x float64) float64) func(c *call, a []any) any {
	return func(c *call, a []any) any { return f(a[0].(float64)) }
}

// realWithin is a function of real numbers that has no value for some: null there (pages sqrt, log, asin, acos).
func realWithin(f func(x float64) float64, has func(x float64) bool) func(c *call, a []any) any {
	return func(c *call, a []any) any {
		x := a[0].(float64)
		if !math.IsNaN(x) && !has(x) && c.x.in.On(doubtDomainNull) {
			return nil
		}
		return f(x)
	}
}

// log10 is exact for powers of ten, as the service's is.
func log10(x float64) float64 {
	l := math.Log10(x)
	if n := math.Round(l); math.Abs(n) < 300 && math.Pow10(int(n)) == x {
		return n
	}
	return l
}

func notNegative(x float64) bool { return x >= 0 }

func inUnit(x float64) bool { return x >= -1 && x <= 1 }

func real2(f func(x, y float64) float64) func(c *call, a []any) any {
	return func(c *call, a []any) any { return f(a[0].(float64), a[1].(float64)) }
}

func long2(f func(x, y int64) any) func(c *call, a []any) any {
	return func(c *call, a []any) any { return f(a[0].(int64), a[1].(int64)) }
}

// mathFunctions: mathematical and bitwise functions.
var mathFunctions = []*function{
	{name: "abs", sig: "any", ret: "arg0", naming: nameFirst, doc: "absolute value", bind: bindAbs, fn: abs},
	{name: "sign", sig: "real", ret: "real", doc: "-1, 0 or 1", fn: real1(func(x float64) float64 {
		switch {
		case x > 0:
			return 1
		case x < 0:
			return -1
		}
		return x
	})},
	{name: "ceiling", sig: "num", ret: "arg0", naming: nameFirst, doc: "least whole number not below", fn: func(c *call, a []any) any { return roundWith(a[0], math.Ceil) }},
	{name: "round", sig: "num int!?", ret: "arg0", naming: nameFirst, doc: "rounded to a number of places", fn: round},
	{name: "sqrt", sig: "real", ret: "real", naming: nameFirst, doc: "square root", fn: realWithin(math.Sqrt, notNegative)},
	{name: "exp", sig: "real", ret: "real", naming: nameFirst, doc: "e to a power", fn: real1(math.Exp)},
	{name: "exp2", sig: "real", ret: "real", naming: nameFirst, doc: "2 to a power", fn: real1(math.Exp2)},
	{name: "exp10", sig: "real", ret: "real", naming: nameFirst, doc: "10 to a power", fn: real1(func(x float64) float64 { return math.Pow(10, x) })},
	{name: "log", sig: "real", ret: "real", naming: nameFirst, doc: "natural logarithm", fn: realWithin(math.Log, notNegative)},
	{name: "log2", sig: "real", ret: "real", naming: nameFirst, doc: "logarithm to base 2", fn: realWithin(math.Log2, notNegative)},
	{name: "log10", sig: "real", ret: "real", naming: nameFirst, doc: "logarithm to base 10", fn: realWithin(log10, notNegative)},
	{name: "pow", sig: "real real", ret: "real", naming: nameFirst, doc: "power", fn: real2(math.Pow)},
	{name: "pi", ret: "real", doc: "π", fn: func(*call, []any) any { return math.Pi }},
	{name: "sin", sig: "real", ret: "real", naming: nameFirst, doc: "sine", fn: real1(math.Sin)},
	{name: "cos", sig: "real", ret: "real", naming: nameFirst, doc: "cosine", fn: real1(math.Cos)},
	{name: "tan", sig: "real", ret: "real", naming: nameFirst, doc: "tangent", fn: real1(math.Tan)},
	{name: "cot", sig: "real", ret: "real", doc: "cotangent", fn: real1(func(x float64) float64 { return 1 / math.Tan(x) })},
	{name: "asin", sig: "real", ret: "real", naming: nameFirst, doc: "inverse sine", fn: realWithin(math.Asin, inUnit)},
	{name: "acos", sig: "real", ret: "real", naming: nameFirst, doc: "inverse cosine", fn: realWithin(math.Acos, inUnit)},
	{name: "atan", sig: "real", ret: "real", naming: nameFirst, doc: "inverse tangent", fn: real1(math.Atan)},
	{name: "atan2", sig: "real real", ret: "real", naming: nameFirst, doc: "angle of a point", fn: real2(math.Atan2)},
	{name: "degrees", sig: "real", ret: "real", doc: "radians in degrees", fn: real1(func(x float64) float64 { return 180 / math.Pi * x })},
	{name: "radians", sig: "real", ret: "real", doc: "degrees in radians", fn: real1(func(x float64) float64 { return math.Pi / 180 * x })},
	{name: "gamma", sig: "real", ret: "real", naming: nameFirst, doc: "gamma function", fn: real1(math.Gamma)},
	{name: "loggamma", sig: "real", ret: "real", naming: nameFirst, doc: "logarithm of the gamma function", fn: real1(func(x float64) float64 { v, _ := math.Lgamma(x); return v })},
	{name: "erf", sig: "real", ret: "real", naming: nameFirst, doc: "error function", fn: real1(math.Erf)},
	{name: "erfc", sig: "real", ret: "real", naming: nameFirst, doc: "complementary error function", fn: real1(math.Erfc)},
	{name: "beta_cdf", sig: "real real real", ret: "real", doc: "cumulative beta distribution", fn: func(c *call, a []any) any {
		return betaCDF(a[0].(float64), a[1].(float64), a[2].(float64))
	}},
	{name: "beta_pdf", sig: "real real real", ret: "real", doc: "density of the beta distribution", fn: func(c *call, a []any) any {
		return betaPDF(a[0].(float64), a[1].(float64), a[2].(float64))
	}},
	{name: "beta_inv", sig: "real real real", ret: "real", doc: "inverse of beta_cdf; null where there is no probability, as its page prints", fn: func(c *call, a []any) any {
		if p := a[0].(float64); p < 0 || p > 1 {
			return nil
		}
		return betaInv(a[0].(float64), a[1].(float64), a[2].(float64))
	}},
	{name: "welch_test", sig: "real real real real real real", ret: "real", doc: "p-value of Welch's test", fn: welchTest},
	{name: "isnan", sig: "real", ret: "bool", nulls: true, doc: "whether a real is not a number", fn: func(c *call, a []any) any {
		f, ok := a[0].(float64)
		return ok && math.IsNaN(f)
	}},
	{name: "isinf", sig: "real", ret: "bool", nulls: true, doc: "whether a real is infinite", fn: func(c *call, a []any) any {
		f, ok := a[0].(float64)
		return ok && math.IsInf(f, 0)
	}},
	{name: "isfinite", sig: "real", ret: "bool", nulls: true, doc: "whether a real is finite", fn: func(c *call, a []any) any {
		f, ok := a[0].(float64)
		return ok && !math.IsInf(f, 0) && !math.IsNaN(f)
	}},
	{name: "rand", sig: "int?", ret: "real", naming: nameFirst, varies: true, doc: "random number", fn: func(c *call, a []any) any {
		if c.n > 0 {
			if n := a[0].(int64); n > 0 {
				return float64(c.x.rng.Int64N(n))
			}
		}
		return c.x.rng.Float64()
	}},
	{name: "binary_and", sig: "int int", ret: "long", naming: nameFirst, doc: "bitwise and", fn: long2(func(x, y int64) any { return x & y })},
	{name: "binary_or", sig: "int int", ret: "long", naming: nameFirst, doc: "bitwise or", fn: long2(func(x, y int64) any { return x | y })},
	{name: "binary_xor", sig: "int int", ret: "long", naming: nameFirst, doc: "bitwise exclusive or", fn: long2(func(x, y int64) any { return x ^ y })},
	{name: "binary_not", sig: "int", ret: "long", naming: nameFirst, doc: "bitwise complement", fn: func(c *call, a []any) any { return ^a[0].(int64) }},
	{name: "binary_shift_left", sig: "int int", ret: "long", naming: nameFirst, doc: "bits shifted left", fn: long2(func(x, y int64) any {
		if y < 0 {
			return nil
		}
		return x << uint(y%64)
	})},
	{name: "binary_shift_right", sig: "int int", ret: "long", naming: nameFirst, doc: "bits shifted right", fn: long2(func(x, y int64) any {
		if y < 0 {
			return nil
		}
		return x >> uint(y%64)
	})},
	{name: "bitset_count_ones", sig: "int", ret: "long", naming: nameFirst, doc: "number of set bits", fn: func(c *call, a []any) any {
		return int64(bits.OnesCount64(uint64(a[0].(int64))))
	}},
}

func abs(c *call, a []any) any {
	switch v := a[0].(type) {
	case int64:
		if v < 0 {
			return -v
		}
		return v
	case float64:
		return math.Abs(v)
	case decimal:
		if v.coef.Sign() < 0 {
			return v.neg()
		}
		return v
	case timespan:
		if v < 0 {
			return -v
		}
		return v
	}
	return nil
}

func roundWith(v any, f func(float64) float64) any {
	switch v := v.(type) {
	case float64:
		return f(v)
	case decimal:
		r, _ := decimalFromFloat(f(v.float()))
		return r
	}
	return v
}

func round(c *call, a []any) any {
	places := int64(0)
	if c.n > 1 {
		places = a[1].(int64)
	}
	switch v := a[0].(type) {
	case float64:
		return roundReal(v, places)
	case decimal:
		if places >= 0 {
			return v.round(int(min(places, 400)))
		}
	case int64:
		if places < 0 && places > -19 {
			f, _ := roundReal(float64(v), places).(float64)
			return int64(f)
		}
		return v
	}
	return a[0]
}

func roundReal(v float64, places int64) any {
	if math.IsNaN(v) || math.IsInf(v, 0) || places > 300 || places < -300 {
		return v
	}
	p := math.Pow(10, math.Abs(float64(places)))
	if places < 0 {
		return math.Round(v/p) * p
	}
	r := math.Round(v*p) / p
	if math.IsInf(r, 0) || math.IsNaN(r) {
		return v
	}
	return r
}
