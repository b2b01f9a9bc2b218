package interp

import (
	"math"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
)

// accumulator is the state of one aggregate in one group. add gets the cells of the arguments on one row.
type accumulator interface {
	add(args []any)
	result() any
}

// aggregateFunctions is the table of the page "ES|QL aggregation functions". They take each value of a multivalue; nulls
// are skipped.
var aggregateFunctions = []aggregate{
	{name: "absent", min: 1, max: 1, doc: "whether there is no value", bind: bindPresent(false)},
	{name: "avg", min: 1, max: 1, doc: "the average", bind: bindAvg},
	{name: "count", min: 0, max: 1, doc: "the number of values; without argument or with *, of rows", bind: bindCount},
	{name: "count_distinct", min: 1, max: 2, doc: "the number of different values, counted exactly here", bind: bindCountDistinct},
	{name: "first", alias: []string{"earliest"}, min: 2, max: 2, doc: "FIRST(value, date): the value with the smallest second argument", bind: bindFirst(-1)},
	{name: "last", alias: []string{"latest"}, min: 2, max: 2, doc: "LAST(value, date): the value with the largest second argument", bind: bindFirst(1)},
	{name: "all_first", min: 2, max: 2, doc: "FIRST, which never skips rows without a value", bind: bindEdge(-1, func(*run) bool { return true })},
	{name: "all_last", min: 2, max: 2, doc: "LAST, which never skips rows without a value", bind: bindEdge(1, func(*run) bool { return true })},
	{name: "max", min: 1, max: 1, doc: "the largest value", bind: bindMinMax(1)},
	{name: "median", min: 1, max: 1, doc: "the 50th percentile", bind: bindPercentile(50)},
	{name: "median_absolute_deviation", min: 1, max: 1, doc: "the median of the distances from the median", bind: bindMAD},
	{name: "min", min: 1, max: 1, doc: "the smallest value", bind: bindMinMax(-1)},
	{name: "percentile", min: 2, max: 2, doc: "PERCENTILE(value, percentage), interpolated", bind: bindPercentile(-1)},
	{name: "present", min: 1, max: 1, doc: "whether there is a value", bind: bindPresent(true)},
	{name: "sample", min: 2, max: 2, doc: "SAMPLE(value, count); refused when it would have to choose", bind: bindSample},
	{name: "std_dev", alias: []string{"stddev"}, min: 1, max: 1, doc: "the population standard deviation", bind: bindSpread(math.Sqrt)},
	{name: "sum", min: 1, max: 1, doc: "the sum", bind: bindSum},
	{name: "top", min: 2, max: 4, doc: "TOP(value, count, order, output): the first values in order, repeats kept", bind: bindTop},
	{name: "values", min: 1, max: 1, doc: "the different values, here in the order of their first row", bind: bindValues},
	{name: "variance", min: 1, max: 1, doc: "the population variance", bind: bindSpread(func(v float64) float64 { return v })},
	{name: "weighted_avg", min: 2, max: 2, doc: "WEIGHTED_AVG(value, weight)", bind: bindWeighted},
}

func bindCount(k *call) (typ, func() accumulator) {
	if len(k.args) == 1 && !k.want(0, values|types(tSource)) {
		return tErr, nil
	}
	return tLong, func() accumulator { return &counter{} }
}

type counter struct{ n int64 }

func (c *counter) add(args []any) {
	if len(args) == 0 {
		c.n++
		return
	}
	c.n += int64(count(args[0]))
}
func (c *counter) result() any { return c.n }

func bindPresent(want bool) func(k *call) (typ, func() accumulator) {
	return func(k *call) (typ, func() accumulator) {
		if !k.want(0, values) {
			return tErr, nil
		}
		return tBool, func() accumulator { return &presence{want: want} }
	}
}

type presence struct{ want, seen bool }

func (p *presence) add(args []any) { p.seen = p.seen || args[0] != nil }
func (p *presence) result() any    { return p.seen == p.want }

func bindCountDistinct(k *call) (typ, func() accumulator) {
	if !k.want(0, values&^spatial&^types(tULong)) {
		return tErr, nil
	}
	if len(k.args) == 2 {
		if !k.want(1, numbers) {
			return tErr, nil
		}
		if _, ok := k.constant(1); !ok {
			return tErr, nil
		}
	}
	r := k.r
	return tLong, func() accumulator { return &distinct{r: r, seen: map[any]bool{}} }
}

type distinct struct {
	r    *run
	seen map[any]bool
}

func (d *distinct) add(args []any) {
	each(args[0], func(v any) {
		if !d.seen[v] {
			d.r.spend(2)
			d.seen[v] = true
		}
	})
}
func (d *distinct) result() any { return int64(len(d.seen)) }

func bindValues(k *call) (typ, func() accumulator) {
	if !k.want(0, values) {
		return tErr, nil
	}
	r := k.r
	return noText(k.args[0].typ), func() accumulator { return &valueSet{distinct: distinct{r: r, seen: map[any]bool{}}} }
}

type valueSet struct {
	distinct
	order []any
}

func (s *valueSet) add(args []any) {
	each(args[0], func(v any) {
		if !s.seen[v] {
			s.r.spend(2)
			s.seen[v] = true
			s.order = append(s.order, v)
		}
	})
}
func (s *valueSet) result() any { return collect(s.order) }

func bindMinMax(sign int) func(k *call) (typ, func() accumulator) {
	return func(k *call) (typ, func() accumulator) {
		if !k.want(0, ordered|types(tBool)) {
			return tErr, nil
		}
		t := k.args[0].typ
		return noText(t), func() accumulator { return &best{t: t, sign: sign} }
	}
}

type best struct {
	t    typ
	sign int
	v    any
}

func (b *best) add(args []any) {
	each(args[0], func(v any) {
		if b.v == nil || b.sign*compareValues(b.t, v, b.v) > 0 {
			b.v = v
		}
	})
}
func (b *best) result() any { return b.v }

// adder sums: whole numbers exactly to a long, others with compensation.
type adder struct {
	r     *run
	s     *site
	whole bool
	n     int64
	long  int64
	over  bool
	real  kahan
	avg   bool
}

func (a *adder) add(args []any) {
	each(args[0], func(v any) {
		a.n++
		i, isWhole := v.(int64)
		if !a.whole || !isWhole {
			a.real.add(toFloat(v))
			return
		}
		sum, err := longOp(syntax.Add, a.long, i)
		if err != nil {
			a.over = true
		}
		a.long = sum
	})
}

func (a *adder) result() any {
	switch {
	case a.n == 0:
		return nil
	case a.over:
		a.r.warn(a.s, errLongOverflow)
		return nil
	case a.avg && a.whole:
		return float64(a.long) / float64(a.n)
	case a.avg:
		return a.real.value() / float64(a.n)
	case a.whole:
		return a.long
	}
	v, err := finite(a.real.value())
	if err != nil {
		a.r.warn(a.s, err)
		return nil
	}
	return v
}

func bindSum(k *call) (typ, func() accumulator) {
	if !k.want(0, signedNums) {
		return tErr, nil
	}
	t := k.args[0].typ
	out := t
	if t == tInt {
		out = tLong
	}
	return out, func() accumulator { return &adder{r: k.r, s: k.site, whole: t != tDouble} }
}

func bindAvg(k *call) (typ, func() accumulator) {
	if !k.want(0, signedNums) {
		return tErr, nil
	}
	t := k.args[0].typ
	return tDouble, func() accumulator { return &adder{r: k.r, s: k.site, whole: t != tDouble, avg: true} }
}

// spread is Welford's running variance.
type spread struct {
	n        int64
	mean, m2 float64
	out      func(float64) float64
}

func (s *spread) add(args []any) {
	each(args[0], func(v any) {
		s.n++
		x := toFloat(v)
		d := x - s.mean
		s.mean += d / float64(s.n)
		s.m2 += d * (x - s.mean)
	})
}

func (s *spread) result() any {
	if s.n == 0 {
		return nil
	}
	return s.out(s.m2 / float64(s.n))
}

func bindSpread(out func(float64) float64) func(k *call) (typ, func() accumulator) {
	return func(k *call) (typ, func() accumulator) {
		if !k.want(0, signedNums) {
			return tErr, nil
		}
		return tDouble, func() accumulator { return &spread{out: out} }
	}
}

// sorter keeps all values; its result is made of them in order.
type sorter struct {
	r    *run
	vs   []any
	make func(sorted []any) any
}

func (s *sorter) add(args []any) {
	each(args[0], func(v any) {
		s.r.spend(2)
		s.vs = append(s.vs, toFloat(v))
	})
}

func (s *sorter) result() any {
	if len(s.vs) == 0 {
		return nil
	}
	return s.make(sortedValues(tDouble, s.vs))
}

// bindPercentile is MEDIAN, and PERCENTILE when pct is negative.
func bindPercentile(pct float64) func(k *call) (typ, func() accumulator) {
	return func(k *call) (typ, func() accumulator) {
		if !k.want(0, signedNums) {
			return tErr, nil
		}
		p := pct
		if pct < 0 {
			if !k.want(1, signedNums) {
				return tErr, nil
			}
			v, ok := k.constant(1)
			if !ok {
				return tErr, nil
			}
			if p = toFloat(v); !(p >= 0 && p <= 100) {
				k.wrong(k.args[1].span, "the percentage of [%s] must be between 0 and 100", k.text)
				return tErr, nil
			}
		}
		return tDouble, func() accumulator {
			return &sorter{r: k.r, make: func(vs []any) any { return quantile(vs, p/100) }}
		}
	}
}

func bindMAD(k *call) (typ, func() accumulator) {
	if !k.want(0, signedNums) {
		return tErr, nil
	}
	return tDouble, func() accumulator {
		return &sorter{r: k.r, make: func(vs []any) any {
			mid := quantile(vs, 0.5)
			dist := make([]any, len(vs))
			for i, v := range vs {
				dist[i] = math.Abs(v.(float64) - mid)
			}
			return quantile(sortedValues(tDouble, dist), 0.5)
		}}
	}
}
