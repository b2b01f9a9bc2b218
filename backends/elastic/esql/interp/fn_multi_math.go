package interp

import (
	"math"
	"math/big"
	"slices"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
)

func bindMvAvg(k *call) *expr {
	if !k.want(0, numbers) {
		return nil
	}
	x := k.args[0]
	return k.build(tDouble, func(cells []any) any {
		v := x.eval(cells)
		if v == nil {
			return nil
		}
		return sumDoubles(list(v)) / float64(count(v))
	})
}

// sumDoubles adds with Kahan's compensation, as Elasticsearch's CompensatedSum does.
func sumDoubles(vs []any) float64 {
	var s kahan
	for _, v := range vs {
		s.add(toFloat(v))
	}
	return s.value()
}

// kahan is a compensated sum.
type kahan struct{ sum, delta float64 }

func (k *kahan) add(v float64) {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		k.sum += v
		return
	}
	c := v + k.delta
	next := k.sum + c
	k.delta = c - (next - k.sum)
	k.sum = next
}

func (k *kahan) value() float64 { return k.sum }

func bindMvSum(k *call) *expr {
	if !k.want(0, numbers) {
		return nil
	}
	x := k.args[0]
	t := x.typ
	add := arithmeticOp(syntax.Add, t)
	return k.build(t, func(cells []any) any {
		v := x.eval(cells)
		if count(v) < 2 {
			return v
		}
		if t == tDouble {
			return sumDoubles(list(v))
		}
		var sum any
		for _, y := range list(v) {
			if sum == nil {
				sum = y
				continue
			}
			var err error
			if sum, err = add(sum, y); err != nil {
				k.r.warn(k.site, err)
				return nil
			}
		}
		return sum
	})
}

func sortedValues(t typ, vs []any) []any {
	out := slices.Clone(vs)
	slices.SortStableFunc(out, func(a, b any) int { return compareValues(t, a, b) })
	return out
}

func bindMvMedian(k *call) *expr {
	if !k.want(0, numbers) {
		return nil
	}
	x := k.args[0]
	t := x.typ
	return k.build(t, func(cells []any) any {
		v := x.eval(cells)
		if v == nil {
			return nil
		}
		return medianOf(t, sortedValues(t, list(v)))
	})
}

// medianOf is the middle of sorted values; for two of a whole type their mean rounded down.
func medianOf(t typ, vs []any) any {
	n := len(vs)
	if n%2 == 1 {
		return vs[n/2]
	}
	a, b := vs[n/2-1], vs[n/2]
	switch x := a.(type) {
	case float64:
		return x/2 + b.(float64)/2
	case int64:
		sum := new(big.Int).Add(big.NewInt(x), big.NewInt(b.(int64)))
		return sum.Rsh(sum, 1).Int64()
	case uint64:
		sum := new(big.Int).Add(new(big.Int).SetUint64(x), new(big.Int).SetUint64(b.(uint64)))
		return sum.Rsh(sum, 1).Uint64()
	}
	return nil
}

func bindMvMAD(k *call) *expr {
	if !k.want(0, numbers) {
		return nil
	}
	x := k.args[0]
	t := x.typ
	return k.build(t, func(cells []any) any {
		v := x.eval(cells)
		if v == nil {
			return nil
		}
		mid := medianOf(t, sortedValues(t, list(v)))
		var dist []any
		for _, y := range list(v) {
			d, err := distance(t, y, mid)
			if err != nil {
				k.r.warn(k.site, err)
				return nil
			}
			dist = append(dist, d)
		}
		return medianOf(t, sortedValues(t, dist))
	})
}

func distance(t typ, a, b any) (any, error) {
	if compareValues(t, a, b) < 0 {
		a, b = b, a
	}
	return arithmeticOp(syntax.Sub, t)(a, b)
}

func bindMvPercentile(k *call) *expr {
	if !k.want(0, signedNums) || !k.want(1, signedNums) {
		return nil
	}
	x, p := k.args[0], k.args[1]
	t := x.typ
	return k.build(t, func(cells []any) any {
		v := x.eval(cells)
		q, ok := k.r.one(k.site, p.eval(cells))
		if v == nil || !ok {
			return nil
		}
		pct := toFloat(q)
		if pct < 0 || pct > 100 {
			k.r.warn(k.site, illegal("Percentile parameter must be a number between 0 and 100, found [%s]", formatDouble(pct)))
			return nil
		}
		out := quantile(sortedValues(t, list(v)), pct/100)
		if t == tDouble {
			return out
		}
		return int64(math.Floor(out))
	})
}

// quantile interpolates linearly between the places of sorted values.
func quantile(sorted []any, q float64) float64 {
	at := q * float64(len(sorted)-1)
	lo := int(math.Floor(at))
	if lo+1 >= len(sorted) {
		return toFloat(sorted[len(sorted)-1])
	}
	a, b := toFloat(sorted[lo]), toFloat(sorted[lo+1])
	return a + (at-float64(lo))*(b-a)
}

func bindMvPSeries(k *call) *expr {
	if !k.want(0, types(tDouble)) || !k.want(1, types(tDouble)) {
		return nil
	}
	x, p := k.args[0], k.args[1]
	return k.build(tDouble, func(cells []any) any {
		v := x.eval(cells)
		power, ok := k.r.one(k.site, p.eval(cells))
		if v == nil || !ok {
			return nil
		}
		var s kahan
		for i, y := range list(v) {
			s.add(toFloat(y) / math.Pow(float64(i+1), toFloat(power)))
		}
		out, err := finite(s.value())
		if err != nil {
			k.r.warn(k.site, err)
			return nil
		}
		return out
	})
}
