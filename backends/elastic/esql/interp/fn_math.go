package interp

import (
	"math"
	"math/big"
)

// mathFunctions is the table of the page "ES|QL math functions". All take single values; a result that is no finite
// number is null with a warning.
var mathFunctions = []function{
	{name: "abs", min: 1, max: 1, doc: "absolute value, of the type of the argument", bind: bindAbs},
	toReal("acos", "arc cosine of −1…1", bounded(math.Acos, -1, 1, "Acos input out of range")),
	toReal("acosh", "inverse hyperbolic cosine from 1 up", bounded(math.Acosh, 1, math.MaxFloat64, "Acosh input out of range")),
	toReal("asin", "arc sine of −1…1", bounded(math.Asin, -1, 1, "Asin input out of range")),
	toReal("asinh", "inverse hyperbolic sine", always(math.Asinh)),
	toReal("atan", "arc tangent", always(math.Atan)),
	toReal("atanh", "inverse hyperbolic tangent", bounded(math.Atanh, -1, 1, "Atanh input out of range")),
	toReal2("atan2", "angle of a point from its y and x", func(y, x float64) (any, error) { return math.Atan2(y, x), nil }),
	toReal("cbrt", "cube root", always(math.Cbrt)),
	{name: "ceil", min: 1, max: 1, doc: "rounds up; whole numbers stay", bind: bindRounding(math.Ceil)},
	{name: "copy_sign", min: 2, max: 2, doc: "the first number with the sign of the second, of the type of the first", bind: bindCopySign},
	toReal("cos", "cosine", always(math.Cos)),
	toReal("cosh", "hyperbolic cosine", overflowing(math.Cosh, "cosh overflow")),
	constant("e", math.E, "Euler's number"),
	toReal("exp", "e to the power", func(x float64) (any, error) { return finite(math.Exp(x)) }),
	{name: "floor", min: 1, max: 1, doc: "rounds down; whole numbers stay", bind: bindRounding(math.Floor)},
	toReal2("hypot", "length of the hypotenuse", func(a, b float64) (any, error) { return finite(math.Hypot(a, b)) }),
	{name: "log", min: 1, max: 2, doc: "natural logarithm, or LOG(base, value)", bind: bindLog},
	toReal("log10", "decimal logarithm", positive(math.Log10)),
	constant("pi", math.Pi, "the ratio of a circle"),
	toReal2("pow", "power", func(a, b float64) (any, error) { return finite(math.Pow(a, b)) }),
	{name: "round", min: 1, max: 2, doc: "rounds half away from zero to decimals", bind: bindRound},
	{name: "round_to", min: 2, max: -1, doc: "rounds down to the nearest of the constant points", bind: bindRoundTo},
	{name: "scalb", min: 2, max: 2, doc: "d * 2^n", bind: bindScalb},
	toReal("signum", "−1, 0 or 1", func(x float64) (any, error) { return signum(x), nil }),
	toReal("sin", "sine", always(math.Sin)),
	toReal("sinh", "hyperbolic sine", overflowing(math.Sinh, "sinh overflow")),
	toReal("sqrt", "square root", func(x float64) (any, error) {
		if x < 0 {
			return nil, arithmetic("Square root of negative")
		}
		return math.Sqrt(x), nil
	}),
	toReal("tan", "tangent", always(math.Tan)),
	toReal("tanh", "hyperbolic tangent", always(math.Tanh)),
	constant("tau", 2*math.Pi, "twice pi"),
}

func always(f func(float64) float64) func(float64) (any, error) {
	return func(x float64) (any, error) { return f(x), nil }
}

func bounded(f func(float64) float64, lo, hi float64, msg string) func(float64) (any, error) {
	return func(x float64) (any, error) {
		if x < lo || x > hi || math.IsInf(f(x), 0) {
			return nil, arithmetic("%s", msg)
		}
		return f(x), nil
	}
}

func overflowing(f func(float64) float64, msg string) func(float64) (any, error) {
	return func(x float64) (any, error) {
		if v := f(x); !math.IsInf(v, 0) {
			return v, nil
		}
		return nil, arithmetic("%s", msg)
	}
}

func positive(f func(float64) float64) func(float64) (any, error) {
	return func(x float64) (any, error) {
		if x <= 0 {
			return nil, arithmetic("Log of non-positive number")
		}
		return f(x), nil
	}
}

func signum(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x
}

// toReal is a function from a number to a double.
func toReal(name, doc string, f func(x float64) (any, error)) function {
	return function{name: name, min: 1, max: 1, doc: doc, bind: func(k *call) *expr {
		if !k.wants(numbers) {
			return nil
		}
		return k.one1(tDouble, func(x any) (any, error) { return f(toFloat(x)) })
	}}
}

func toReal2(name, doc string, f func(a, b float64) (any, error)) function {
	return function{name: name, min: 2, max: 2, doc: doc, bind: func(k *call) *expr {
		if !k.wants(numbers) {
			return nil
		}
		return k.two(tDouble, func(x, y any) (any, error) { return f(toFloat(x), toFloat(y)) })
	}}
}

func constant(name string, v float64, doc string) function {
	return function{name: name, doc: doc, bind: func(k *call) *expr { return k.konst(k.node, tDouble, v) }}
}

func bindAbs(k *call) *expr {
	if !k.wants(numbers) {
		return nil
	}
	t := k.args[0].typ
	abs := func(x any) (any, error) {
		switch v := x.(type) {
		case int64:
			if v < 0 {
				return arithmeticOpNeg(t, v)
			}
			return v, nil
		case float64:
			return math.Abs(v), nil
		}
		return x, nil
	}
	if t == tULong { // the vendor returns the column unchanged
		x := k.args[0]
		return k.build(t, x.eval)
	}
	return k.one1(t, abs)
}

func arithmeticOpNeg(t typ, v int64) (any, error) {
	if t == tInt && v == math.MinInt32 {
		return nil, errIntOverflow
	}
	if v == math.MinInt64 {
		return nil, errLongOverflow
	}
	return -v, nil
}

// bindRounding is CEIL and FLOOR: whole numbers pass unchanged, several values too.
func bindRounding(f func(float64) float64) func(k *call) *expr {
	return func(k *call) *expr {
		if !k.wants(numbers) {
			return nil
		}
		t := k.args[0].typ
		if t != tDouble {
			return k.build(t, k.args[0].eval)
		}
		return k.one1(t, func(x any) (any, error) { return f(x.(float64)), nil })
	}
}

func bindLog(k *call) *expr {
	if !k.wants(numbers) {
		return nil
	}
	ln := positive(math.Log)
	if len(k.args) == 1 {
		return k.one1(tDouble, func(x any) (any, error) { return ln(toFloat(x)) })
	}
	return k.two(tDouble, func(b, v any) (any, error) {
		base, x := toFloat(b), toFloat(v)
		if base <= 0 || x <= 0 {
			return nil, arithmetic("Log of non-positive number")
		}
		if base == 1 {
			return nil, arithmetic("Log of base 1")
		}
		return math.Log10(x) / math.Log10(base), nil
	})
}

func bindRound(k *call) *expr {
	if !k.want(0, numbers) || len(k.args) == 2 && !k.want(1, wholes) {
		return nil
	}
	t := k.args[0].typ
	if len(k.args) == 1 {
		if t != tDouble {
			return k.build(t, k.args[0].eval)
		}
		return k.one1(t, func(x any) (any, error) { return roundDouble(x.(float64), 0), nil })
	}
	return k.two(t, func(x, n any) (any, error) {
		places := n.(int64)
		switch v := x.(type) {
		case float64:
			return roundDouble(v, places), nil
		case int64:
			return roundWhole(t, v, places)
		case uint64:
			return roundULong(v, places)
		}
		return nil, nil
	})
}

func roundDouble(v float64, places int64) float64 {
	scale := math.Pow(10, float64(places))
	if scale == 0 || v == 0 {
		return 0
	}
	mid := v * scale
	out := float64(javaRound(math.Abs(mid))) / scale
	if math.Abs(mid) >= math.MaxInt64 || math.IsInf(mid, 0) {
		return v // Java's Math.round would saturate
	}
	if math.IsInf(out, 0) || math.IsNaN(out) {
		return v
	}
	return math.Copysign(out, mid)
}

// roundBig rounds a whole number to a power of ten, half away from zero.
func roundBig(v *big.Int, places int64) *big.Int {
	if places >= 0 {
		return v
	}
	if places < -40 {
		return new(big.Int)
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(-places), nil)
	half := new(big.Int).Quo(scale, big.NewInt(2))
	abs := new(big.Int).Abs(v)
	abs.Add(abs, half).Quo(abs, scale).Mul(abs, scale)
	if v.Sign() < 0 {
		abs.Neg(abs)
	}
	return abs
}

func roundWhole(t typ, v, places int64) (any, error) {
	out := roundBig(big.NewInt(v), places)
	switch {
	case t == tInt && (!out.IsInt64() || out.Int64() > math.MaxInt32 || out.Int64() < math.MinInt32):
		return nil, errIntOverflow
	case !out.IsInt64():
		return nil, errLongOverflow
	}
	return out.Int64(), nil
}

func roundULong(v uint64, places int64) (any, error) {
	if places <= -20 { // more digits than an unsigned long has
		return uint64(0), nil
	}
	out := roundBig(new(big.Int).SetUint64(v), places)
	if !out.IsUint64() {
		return nil, errULongOverflow
	}
	return out.Uint64(), nil
}

// bindRoundTo rounds down to the largest of the given points that is not larger, or to the smallest point.
func bindRoundTo(k *call) *expr {
	if !k.want(0, signedNums|dates) {
		return nil
	}
	t := k.args[0].typ
	for i := 1; i < len(k.args); i++ {
		want := signedNums
		if dates.has(t) {
			want = dates
		}
		if !k.want(i, want) {
			return nil
		}
		v, ok := k.constant(i)
		if !ok {
			return nil
		}
		if count(v) > 1 {
			return k.wrong(k.args[i].span, "%s argument of [%s] must be one value, found [%s]", ordinal(i), k.text, k.args[i].text)
		}
		t = common(t, k.args[i].typ)
	}
	points := make([]any, 0, len(k.args)-1)
	for _, a := range k.args[1:] {
		v := a.val
		if w := widen(a.typ, t); w != nil && v != nil {
			v = w(v)
		}
		if v == nil {
			return k.konst(k.node, t, nil)
		}
		points = append(points, v)
	}
	w := widen(k.args[0].typ, t)
	return k.build(t, k.strict1(k.site, k.args[0], func(x any) (any, error) {
		if w != nil {
			x = w(x)
		}
		var best, least any
		for _, p := range points {
			if least == nil || compareValues(t, p, least) < 0 {
				least = p
			}
			if compareValues(t, p, x) <= 0 && (best == nil || compareValues(t, p, best) > 0) {
				best = p
			}
		}
		if best == nil {
			best = least
		}
		return best, nil
	}))
}

func bindScalb(k *call) *expr {
	if !k.want(0, numbers) || !k.want(1, wholes) {
		return nil
	}
	return k.two(tDouble, func(x, n any) (any, error) {
		p := n.(int64)
		if p > math.MaxInt32 || p < math.MinInt32 {
			return nil, errIntOverflow
		}
		return finite(math.Ldexp(toFloat(x), int(p)))
	})
}

func bindCopySign(k *call) *expr {
	if !k.wants(signedNums) {
		return nil
	}
	t := k.args[0].typ
	return k.two(t, func(x, y any) (any, error) {
		negative := math.Signbit(toFloat(y))
		switch v := x.(type) {
		case float64:
			return math.Copysign(v, toFloat(y)), nil
		case int64:
			if (v < 0) != negative && v != 0 {
				return arithmeticOpNeg(t, v)
			}
		}
		return x, nil
	})
}
