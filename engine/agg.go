package engine

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// agg is an aggregate that grows with rows.
type agg interface {
	// add takes a row that takes part.
	add(r *row)
	// number returns the result as `when` reads it; ok is false when it is missing.
	number() (f float64, ok bool)
	// result returns the values of the result, none when it is missing.
	result() []schema.Value
	reset()
}

// merger is an aggregate that can take in another one of its kind, of rows of its own.
type merger interface {
	agg
	merge(o agg)
}

// newAgg returns a growing aggregate.
func newAgg(a *ir.Agg) merger {
	switch a.Func {
	case ir.AggCount:
		return &count{}
	case ir.AggDistinct, ir.AggValues:
		return &valueSet{arg: a.Arg, values: a.Func == ir.AggValues}
	case ir.AggSum, ir.AggAvg:
		return &sum{arg: a.Arg, avg: a.Func == ir.AggAvg}
	case ir.AggMin, ir.AggMax:
		return &extreme{arg: a.Arg, max: a.Func == ir.AggMax}
	case ir.AggStddev:
		return &deviation{arg: a.Arg}
	case ir.AggMedian, ir.AggPercentile:
		return &list{arg: a.Arg, of: a}
	case ir.AggFirst, ir.AggLast:
		return &edge{arg: a.Arg, last: a.Func == ir.AggLast}
	}
	panic("engine: unknown aggregate " + a.Func.String())
}

func finite(f float64, has bool) (float64, bool) {
	return f, has && !math.IsNaN(f) && !math.IsInf(f, 0)
}

func floats(f float64, ok bool) []schema.Value {
	if !ok {
		return nil
	}
	return []schema.Value{schema.Float(f)}
}

// numberOf reads a value as `when` does: times are milliseconds.
func numberOf(v schema.Value) (float64, bool) {
	switch v.Type() {
	case schema.Long, schema.Double:
		return v.Float64(), true
	case schema.Date:
		return float64(v.Millis()), true
	case schema.Keyword, schema.Text, schema.Boolean, schema.IP, schema.Invalid:
	}
	return 0, false
}

type count struct{ n int64 }

func (c *count) add(*row)                { c.n++ }
func (c *count) merge(o agg)             { c.n += o.(*count).n }
func (c *count) number() (float64, bool) { return float64(c.n), true }
func (c *count) result() []schema.Value  { return []schema.Value{schema.Int(c.n)} }
func (c *count) reset()                  { c.n = 0 }

// sum is a sum, or a mean.
type sum struct {
	arg int
	avg bool
	n   int64
	sum float64
}

func (s *sum) add(r *row) {
	for _, v := range r.args[s.arg] {
		s.n, s.sum = s.n+1, s.sum+v.Float64()
	}
}

func (s *sum) merge(o agg) {
	x := o.(*sum)
	s.n, s.sum = s.n+x.n, s.sum+x.sum
}

func (s *sum) number() (float64, bool) {
	if s.avg {
		return finite(s.sum/float64(s.n), s.n > 0)
	}
	return finite(s.sum, true)
}

func (s *sum) result() []schema.Value { return floats(s.number()) }
func (s *sum) reset()                 { s.n, s.sum = 0, 0 }

// moments are the number, the mean and the sum of squared distances from it.
type moments struct {
	n        int64
	mean, m2 float64
}

func (m *moments) add(x float64) {
	m.n++
	d := x - m.mean
	m.mean += d / float64(m.n)
	m.m2 += d * (x - m.mean)
}

func (m *moments) merge(o moments) {
	if o.n == 0 {
		return
	}
	n := m.n + o.n
	d := o.mean - m.mean
	m.mean += d * float64(o.n) / float64(n)
	m.m2 += o.m2 + d*d*float64(m.n)*float64(o.n)/float64(n)
	m.n = n
}

func (m *moments) stddev() (float64, bool) {
	if m.n < 2 {
		return 0, m.n == 1
	}
	return finite(math.Sqrt(max(0, m.m2)/float64(m.n-1)), true)
}

type deviation struct {
	arg int
	moments
}

func (d *deviation) add(r *row) {
	for _, v := range r.args[d.arg] {
		d.moments.add(v.Float64())
	}
}

func (d *deviation) merge(o agg)             { d.moments.merge(o.(*deviation).moments) }
func (d *deviation) number() (float64, bool) { return d.stddev() }
func (d *deviation) result() []schema.Value  { return floats(d.number()) }
func (d *deviation) reset()                  { d.moments = moments{} }

// extreme is a least or greatest value.
type extreme struct {
	arg  int
	max  bool
	has  bool
	best schema.Value
}

func (x *extreme) take(v schema.Value) {
	if !x.has || x.max && ir.CompareValues(v, x.best) > 0 || !x.max && ir.CompareValues(v, x.best) < 0 {
		x.best, x.has = v, true
	}
}

func (x *extreme) add(r *row) {
	for _, v := range r.args[x.arg] {
		x.take(v)
	}
}

func (x *extreme) merge(o agg) {
	if y := o.(*extreme); y.has {
		x.take(y.best)
	}
}

func (x *extreme) number() (float64, bool) {
	if !x.has {
		return 0, false
	}
	return numberOf(x.best)
}

func (x *extreme) result() []schema.Value {
	if !x.has {
		return nil
	}
	return []schema.Value{x.best}
}

func (x *extreme) reset() { x.has = false }

// valueSet holds different values: of distinct, which does not count the empty text, or of values. Few are a list.
type valueSet struct {
	arg    int
	values bool
	few    []schema.Value
	many   map[schema.Value]struct{}
}

const fewValues = 8

func (s *valueSet) take(v schema.Value) {
	switch {
	case !s.values && v.Type().IsString() && v.Str() == "":
	case s.many != nil:
		s.many[v] = struct{}{}
	case slices.Contains(s.few, v):
	case len(s.few) < fewValues:
		s.few = append(s.few, v)
	default:
		s.many = make(map[schema.Value]struct{}, 2*fewValues)
		for _, w := range s.few {
			s.many[w] = struct{}{}
		}
		s.many[v] = struct{}{}
		s.few = nil
	}
}

func (s *valueSet) add(r *row) {
	for _, v := range r.args[s.arg] {
		s.take(v)
	}
}

func (s *valueSet) merge(o agg) {
	x := o.(*valueSet)
	for _, v := range x.few {
		s.take(v)
	}
	for v := range x.many {
		s.take(v)
	}
}

func (s *valueSet) number() (float64, bool) { return float64(len(s.few) + len(s.many)), !s.values }

func (s *valueSet) result() []schema.Value {
	if !s.values {
		return []schema.Value{schema.Int(int64(len(s.few) + len(s.many)))}
	}
	out := slices.Clone(s.few)
	for v := range s.many {
		out = append(out, v)
	}
	slices.SortFunc(out, ir.CompareValues)
	return out
}

func (s *valueSet) reset() { s.few, s.many = s.few[:0], nil }

// list keeps all values, for a median or percentile.
type list struct {
	arg int
	of  *ir.Agg
	xs  []float64
}

func (l *list) add(r *row) {
	for _, v := range r.args[l.arg] {
		l.xs = append(l.xs, v.Float64())
	}
}

func (l *list) merge(o agg) { l.xs = append(l.xs, o.(*list).xs...) }

func (l *list) number() (float64, bool) {
	slices.Sort(l.xs)
	return quantile(l.of, l.xs)
}

func (l *list) result() []schema.Value { return floats(l.number()) }
func (l *list) reset()                 { l.xs = l.xs[:0] }

// quantile returns the median or percentile of sorted numbers.
func quantile(a *ir.Agg, xs []float64) (float64, bool) {
	n := len(xs)
	if n == 0 {
		return 0, false
	}
	if a.Func == ir.AggMedian {
		return finite((xs[(n-1)/2]+xs[n/2])/2, true)
	}
	// The first that at least p percent of the numbers do not exceed.
	return xs[sort.Search(n-1, func(i int) bool { return float64(i+1)*100 >= a.Percent*float64(n) })], true
}

// edge holds the values at the earliest or latest row that has any.
type edge struct {
	arg  int
	last bool
	at   int64
	vals []schema.Value // sorted; none yet when empty
}

func (e *edge) add(r *row) {
	if vs := r.args[e.arg]; len(vs) > 0 {
		e.take(r.millis, vs)
	}
}

// take looks at the values of a row, in any order.
func (e *edge) take(at int64, vs []schema.Value) {
	c := cmp.Compare(at, e.at)
	if len(e.vals) > 0 && (c > 0 && !e.last || c < 0 && e.last) {
		return
	}
	vs = slices.SortedFunc(slices.Values(vs), ir.CompareValues)
	if len(e.vals) > 0 && c == 0 {
		if text := ir.CompareKeys(vs, e.vals); text >= 0 && !e.last || text <= 0 && e.last {
			return
		}
	}
	e.at, e.vals = at, vs
}

func (e *edge) merge(o agg) {
	if x := o.(*edge); len(x.vals) > 0 {
		e.take(x.at, x.vals)
	}
}

func (e *edge) number() (float64, bool) { return 0, false }
func (e *edge) result() []schema.Value  { return e.vals }
func (e *edge) reset()                  { e.vals = nil }
