package interp

import (
	"math"
	"math/big"
)

// numberAggregates compute over numbers and times.
var numberAggregates = []*aggregate{
	{function: function{name: "sum", sig: "sum", ret: "sum", naming: namePrefix, prefix: "sum", doc: "sum of the values that are not null"}, start: startSum},
	{function: function{name: "sumif", sig: "sum bool", ret: "sum", naming: namePrefix, prefix: "sumif", doc: "sum under a condition"}, pred: 1, start: startSum},
	{function: function{name: "avg", sig: "sum", ret: "avg", naming: namePrefix, prefix: "avg", doc: "average of the values that are not null"}, start: startAvg},
	{function: function{name: "avgif", sig: "sum bool", ret: "avg", naming: namePrefix, prefix: "avgif", doc: "average under a condition"}, pred: 1, start: startAvg},
	{function: function{name: "min", sig: "order", ret: "arg0", naming: namePrefix, prefix: "min", doc: "least value"}, start: startExtreme(-1)},
	{function: function{name: "minif", sig: "order bool", ret: "arg0", naming: namePrefix, prefix: "minif", doc: "least value under a condition"}, pred: 1, start: startExtreme(-1)},
	{function: function{name: "max", sig: "order", ret: "arg0", naming: namePrefix, prefix: "max", doc: "greatest value"}, start: startExtreme(1)},
	{function: function{name: "maxif", sig: "order bool", ret: "arg0", naming: namePrefix, prefix: "maxif", doc: "greatest value under a condition"}, pred: 1, start: startExtreme(1)},
	{function: function{name: "stdev", sig: "sum", ret: "real", naming: namePrefix, prefix: "stdev", doc: "standard deviation of a sample (n-1)"}, start: startSpread(true, true)},
	{function: function{name: "stdevif", sig: "sum bool", ret: "real", naming: namePrefix, prefix: "stdevif", doc: "stdev under a condition"}, pred: 1, start: startSpread(true, true)},
	{function: function{name: "stdevp", sig: "sum", ret: "real", naming: namePrefix, prefix: "stdevp", doc: "standard deviation of a population (n)"}, start: startSpread(false, true)},
	{function: function{name: "variance", sig: "sum", ret: "real", naming: namePrefix, prefix: "variance", doc: "variance of a sample (n-1)"}, start: startSpread(true, false)},
	{function: function{name: "varianceif", sig: "sum bool", ret: "real", naming: namePrefix, prefix: "varianceif", doc: "variance under a condition"}, pred: 1, start: startSpread(true, false)},
	{function: function{name: "variancep", sig: "sum", ret: "real", naming: namePrefix, prefix: "variancep", doc: "variance of a population (n)"}, start: startSpread(false, false)},
	{function: function{name: "variancepif", sig: "sum bool", ret: "real", naming: namePrefix, prefix: "variancepif", doc: "variancep under a condition"}, pred: 1, start: startSpread(false, false)},
	{function: function{name: "covariance", sig: "sum sum", ret: "real", naming: namePrefix, prefix: "covariance", doc: "covariance of a sample (n-1)"}, start: startCovariance(true)},
	{function: function{name: "covarianceif", sig: "sum sum bool", ret: "real", naming: namePrefix, prefix: "covarianceif", doc: "covariance under a condition"}, pred: 2, start: startCovariance(true)},
	{function: function{name: "covariancep", sig: "sum sum", ret: "real", naming: namePrefix, prefix: "covariancep", doc: "covariance of a population (n)"}, start: startCovariance(false)},
	{function: function{name: "covariancepif", sig: "sum sum bool", ret: "real", naming: namePrefix, prefix: "covariancepif", doc: "covariancep under a condition"}, pred: 2, start: startCovariance(false)},
	{function: function{name: "binary_all_and", sig: "int", ret: "arg0", naming: nameFirst, doc: "bitwise and of all values"}, start: startBits(-1, func(a, b int64) int64 { return a & b })},
	{function: function{name: "binary_all_or", sig: "int", ret: "arg0", naming: nameFirst, doc: "bitwise or of all values"}, start: startBits(0, func(a, b int64) int64 { return a | b })},
	{function: function{name: "binary_all_xor", sig: "int", ret: "arg0", naming: nameFirst, doc: "bitwise exclusive or of all values"}, start: startBits(0, func(a, b int64) int64 { return a ^ b })},
}

func startSum(c *aggCall) func() state {
	return func() state {
		acc := castTo(int64(0), c.typ)
		if c.typ == tDate {
			acc = datetime(0)
		}
		comp := 0.0 // Kahan's correction keeps sums of reals independent of their length
		return &each{arg: c.args[0], f: func(v any, _ *env) {
			if v == nil || acc == nil {
				return
			}
			if s, ok := acc.(float64); ok {
				f, _ := toFloat(v)
				y := f - comp
				t := s + y
				if !math.IsInf(t, 0) && !math.IsNaN(t) {
					comp = (t - s) - y
				}
				acc = t
				return
			}
			acc = add(acc, v, c.typ)
		}, done: func() any { return acc }}
	}
}

func startAvg(c *aggCall) func() state {
	return func() state {
		n := int64(0)
		sum, ticks, dec := 0.0, new(big.Int), decimalOf(0)
		return &each{arg: c.args[0], f: func(v any, _ *env) {
			switch v := v.(type) {
			case nil:
				return
			case decimal:
				dec = dec.add(v)
			case datetime:
				ticks.Add(ticks, big.NewInt(int64(v)))
			case timespan:
				ticks.Add(ticks, big.NewInt(int64(v)))
			default:
				f, _ := toFloat(v)
				sum += f
			}
			n++
		}, done: func() any {
			switch {
			case n == 0:
				return nil
			case c.typ == tDec:
				q, _ := dec.div(decimalOf(n))
				return q
			case isTime(c.typ):
				return makeTicks(ticks.Quo(ticks, big.NewInt(n)).Int64(), c.typ)
			}
			return sum / float64(n)
		}}
	}
}

func startExtreme(sign int) func(c *aggCall) func() state {
	return func(c *aggCall) func() state {
		return func() state {
			var best any
			return &each{arg: c.args[0], f: func(v any, _ *env) {
				if v == nil {
					return
				}
				if f, ok := v.(float64); ok && math.IsNaN(f) {
					return
				}
				if best == nil || sortCompare(v, best)*sign > 0 {
					best = v
				}
			}, done: func() any { return fix(best, c.typ) }}
		}
	}
}

// number reads a value of spread functions; times count as ticks.
func number(v any) (float64, bool) {
	if t, ok := ticksOf(v); ok {
		return float64(t), true
	}
	return toFloat(v)
}

func startSpread(sample, root bool) func(c *aggCall) func() state {
	return func(c *aggCall) func() state {
		single := spreadOfOne(c.x)
		return func() state {
			n, mean, m2 := 0.0, 0.0, 0.0
			return &each{arg: c.args[0], f: func(v any, _ *env) {
				f, ok := number(v)
				if v == nil || !ok {
					return
				}
				n++
				d := f - mean
				mean += d / n
				m2 += d * (f - mean)
			}, done: func() any {
				v := divideSpread(m2, n, sample, single)
				if root {
					return math.Sqrt(v)
				}
				return v
			}}
		}
	}
}

// spreadOfOne is the variance of a single value, which the documentation leaves open.
func spreadOfOne(x *exec) float64 {
	if x.in.On(doubtStdevSingle) {
		return 0
	}
	return math.NaN()
}

func divideSpread(m2, n float64, sample bool, single float64) float64 {
	switch {
	case n == 0:
		return 0
	case !sample:
		return m2 / n
	case n == 1:
		return single
	}
	return m2 / (n - 1)
}

// pairState gathers pairs for covariance.
type pairState struct {
	x, y   *cexpr
	n      float64
	mx, my float64
	c      float64
	done   func(s *pairState) any
}

func (s *pairState) add(e *env) {
	x, ok1 := number(s.x.eval(e))
	y, ok2 := number(s.y.eval(e))
	if !ok1 || !ok2 {
		return
	}
	s.n++
	dx := x - s.mx
	s.mx += dx / s.n
	s.my += (y - s.my) / s.n
	s.c += dx * (y - s.my)
}

func (s *pairState) value() any { return s.done(s) }

func startCovariance(sample bool) func(c *aggCall) func() state {
	return func(c *aggCall) func() state {
		single := spreadOfOne(c.x)
		return func() state {
			return &pairState{x: c.args[0], y: c.args[1], done: func(s *pairState) any { return divideSpread(s.c, s.n, sample, single) }}
		}
	}
}

func startBits(zero int64, f func(a, b int64) int64) func(c *aggCall) func() state {
	return func(c *aggCall) func() state {
		return func() state {
			acc, any_ := zero, false
			return &each{arg: c.args[0], f: func(v any, _ *env) {
				if n, ok := v.(int64); ok {
					acc = f(acc, n)
					any_ = true
				}
			}, done: func() any {
				if !any_ {
					return nil
				}
				return acc
			}}
		}
	}
}
