package interp

import (
	"math"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// bindAbs checks abs, which takes a number or a timespan; whole numbers give long.
func bindAbs(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	args, ok := rs.args(x, f)
	if ok && args[0].typ != tNone && !isNumeric(args[0].typ) && args[0].typ != tSpan {
		return rs.b.run(x.At, "`abs` needs a number or a timespan, not "+typeName(args[0]), "convert it with tolong(…) or todouble(…)")
	}
	if !ok {
		return &cexpr{typ: tNone, at: x.At, eval: func(*env) any { return nil }}
	}
	c := f.make(rs, x, args)
	if c.typ == tInt {
		c.typ = tLong
	}
	return c
}

// logBeta is ln B(a, b).
func logBeta(a, b float64) float64 {
	x, _ := math.Lgamma(a)
	y, _ := math.Lgamma(b)
	z, _ := math.Lgamma(a + b)
	return x + y - z
}

// betaPDF gives NaN outside the definition of the distribution.
func betaPDF(x, a, b float64) any {
	if a <= 0 || b <= 0 || x < 0 || x > 1 {
		return math.NaN()
	}
	return math.Exp((a-1)*math.Log(x) + (b-1)*math.Log1p(-x) - logBeta(a, b))
}

// betaCDF is the regularised incomplete beta function.
func betaCDF(x, a, b float64) any {
	if a <= 0 || b <= 0 || math.IsNaN(x) {
		return math.NaN()
	}
	switch {
	case x < 0 || x > 1:
		return math.NaN()
	case x == 0:
		return 0.0
	case x == 1:
		return 1.0
	}
	front := math.Exp(a*math.Log(x) + b*math.Log1p(-x) - logBeta(a, b))
	if x < (a+1)/(a+b+2) {
		return front * betaFraction(x, a, b) / a
	}
	return 1 - front*betaFraction(1-x, b, a)/b
}

// betaFraction is the continued fraction of the incomplete beta function, by Lentz's method.
func betaFraction(x, a, b float64) float64 {
	const tiny, eps = 1e-300, 1e-15
	c, d := 1.0, 1-(a+b)*x/(a+1)
	if math.Abs(d) < tiny {
		d = tiny
	}
	d = 1 / d
	h := d
	for m := 1.0; m < 500; m++ {
		for _, num := range []float64{m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m)), -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))} {
			d = 1 + num*d
			if math.Abs(d) < tiny {
				d = tiny
			}
			c = 1 + num/c
			if math.Abs(c) < tiny {
				c = tiny
			}
			d = 1 / d
			h *= d * c
		}
		if math.Abs(d*c-1) < eps {
			break
		}
	}
	return h
}

func betaInv(p, a, b float64) any {
	if a <= 0 || b <= 0 {
		return math.NaN()
	}
	lo, hi := 0.0, 1.0
	for i := 0; i < 200; i++ {
		mid := (lo + hi) / 2
		if v, _ := betaCDF(mid, a, b).(float64); v < p {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
}

// welchTest gives the two-sided p-value for the means of two samples (welch-test-function).
func welchTest(c *call, a []any) any {
	m1, v1, n1 := a[0].(float64), a[1].(float64), a[2].(float64)
	m2, v2, n2 := a[3].(float64), a[4].(float64), a[5].(float64)
	if n1 < 2 || n2 < 2 || v1 < 0 || v2 < 0 {
		return nil
	}
	s1, s2 := v1/n1, v2/n2
	if s1+s2 == 0 {
		return nil
	}
	t := (m1 - m2) / math.Sqrt(s1+s2)
	df := (s1 + s2) * (s1 + s2) / (s1*s1/(n1-1) + s2*s2/(n2-1))
	p, _ := betaCDF(df/(df+t*t), df/2, 0.5).(float64)
	return p
}
