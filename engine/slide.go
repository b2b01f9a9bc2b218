package engine

import (
	"slices"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// slider is an aggregate over the rows of a sliding window: rows come in the order of time and leave at the other end.
type slider interface {
	agg
	// evict takes out the rows up to a time.
	evict(upTo int64)
}

func newSlider(a *ir.Agg) slider {
	switch a.Func {
	case ir.AggCount:
		return &slideCount{}
	case ir.AggDistinct, ir.AggValues:
		return &slideSet{arg: a.Arg, values: a.Func == ir.AggValues, counts: map[schema.Value]int{}}
	case ir.AggSum, ir.AggAvg, ir.AggStddev:
		return &slideMoments{arg: a.Arg, fn: a.Func}
	case ir.AggMin, ir.AggMax:
		return &slideExtreme{arg: a.Arg, max: a.Func == ir.AggMax}
	case ir.AggMedian, ir.AggPercentile:
		return &slideList{arg: a.Arg, of: a}
	case ir.AggFirst, ir.AggLast:
		return &slideEdge{arg: a.Arg, last: a.Func == ir.AggLast}
	}
	panic("engine: unknown aggregate " + a.Func.String())
}

// queue is first in, first out; what has left is freed when it is half of the whole.
type queue[T any] struct {
	items []T
	head  int
}

func (q *queue[T]) push(x T)  { q.items = append(q.items, x) }
func (q *queue[T]) live() []T { return q.items[q.head:] }
func (q *queue[T]) len() int  { return len(q.items) - q.head }
func (q *queue[T]) clear()    { q.items, q.head = q.items[:0], 0 }

func (q *queue[T]) pop() T {
	x := q.items[q.head]
	var none T
	q.items[q.head] = none
	q.head++
	if q.head*2 >= len(q.items) {
		n := copy(q.items, q.items[q.head:])
		clear(q.items[n:])
		q.items, q.head = q.items[:n], 0
	}
	return x
}

func (q *queue[T]) popBack() {
	var none T
	q.items[len(q.items)-1] = none
	q.items = q.items[:len(q.items)-1]
}

// slideCount holds the numbers of rows at each time.
type slideCount struct {
	n     int64
	times queue[[2]int64]
}

func (c *slideCount) add(r *row) {
	c.n++
	if live := c.times.live(); len(live) > 0 && live[len(live)-1][0] == r.millis {
		live[len(live)-1][1]++
		return
	}
	c.times.push([2]int64{r.millis, 1})
}

func (c *slideCount) evict(upTo int64) {
	for c.times.len() > 0 && c.times.live()[0][0] <= upTo {
		c.n -= c.times.pop()[1]
	}
}

func (c *slideCount) number() (float64, bool) { return float64(c.n), true }
func (c *slideCount) result() []schema.Value  { return []schema.Value{schema.Int(c.n)} }

func (c *slideCount) reset() {
	c.n = 0
	c.times.clear()
}

// timed is something at a time.
type timed[T any] struct {
	at int64
	x  T
}

// total is what sums, means and deviations need.
type total struct {
	sum float64
	moments
}

func (t *total) merge(o total) {
	t.sum += o.sum
	t.moments.merge(o.moments)
}

// slideMoments adds without ever taking away, which would leave roundings behind: the back is a total that grows, the front
// holds for each number that is to leave the total of what comes after it.
type slideMoments struct {
	arg   int
	fn    ir.AggFunc
	front []timed[total] // the next to leave is last
	back  []timed[float64]
	grown total
}

func (s *slideMoments) add(r *row) {
	for _, v := range r.args[s.arg] {
		s.back = append(s.back, timed[float64]{r.millis, v.Float64()})
		s.grown.sum += v.Float64()
		s.grown.moments.add(v.Float64())
	}
}

func (s *slideMoments) evict(upTo int64) {
	for {
		if len(s.front) == 0 {
			if len(s.back) == 0 || s.back[0].at > upTo {
				return
			}
			s.turn()
		}
		if s.front[len(s.front)-1].at > upTo {
			return
		}
		s.front = s.front[:len(s.front)-1]
	}
}

// turn makes the back the front.
func (s *slideMoments) turn() {
	var t total
	for i := len(s.back) - 1; i >= 0; i-- {
		one := total{sum: s.back[i].x}
		one.moments.add(s.back[i].x)
		t.merge(one)
		s.front = append(s.front, timed[total]{s.back[i].at, t})
	}
	s.back, s.grown = s.back[:0], total{}
}

func (s *slideMoments) number() (float64, bool) {
	t := s.grown
	if len(s.front) > 0 {
		t = s.front[len(s.front)-1].x
		t.merge(s.grown)
	}
	switch s.fn {
	case ir.AggSum:
		return finite(t.sum, true)
	case ir.AggAvg:
		return finite(t.sum/float64(t.n), t.n > 0)
	case ir.AggStddev, ir.AggCount, ir.AggDistinct, ir.AggMin, ir.AggMax, ir.AggMedian, ir.AggPercentile, ir.AggFirst, ir.AggLast, ir.AggValues:
	}
	return t.stddev()
}

func (s *slideMoments) result() []schema.Value { return floats(s.number()) }
func (s *slideMoments) reset()                 { s.front, s.back, s.grown = s.front[:0], s.back[:0], total{} }

// slideExtreme keeps only values that none after them beats.
type slideExtreme struct {
	arg  int
	max  bool
	best queue[timed[schema.Value]]
}

func (x *slideExtreme) add(r *row) {
	for _, v := range r.args[x.arg] {
		for live := x.best.live(); len(live) > 0; live = x.best.live() {
			if c := ir.CompareValues(v, live[len(live)-1].x); c < 0 && x.max || c > 0 && !x.max {
				break
			}
			x.best.popBack()
		}
		x.best.push(timed[schema.Value]{r.millis, v})
	}
}

func (x *slideExtreme) evict(upTo int64) {
	for x.best.len() > 0 && x.best.live()[0].at <= upTo {
		x.best.pop()
	}
}

func (x *slideExtreme) number() (float64, bool) {
	if x.best.len() == 0 {
		return 0, false
	}
	return numberOf(x.best.live()[0].x)
}

func (x *slideExtreme) result() []schema.Value {
	if x.best.len() == 0 {
		return nil
	}
	return []schema.Value{x.best.live()[0].x}
}

func (x *slideExtreme) reset() { x.best.clear() }

// slideSet counts how often each value stands in the window.
type slideSet struct {
	arg    int
	values bool
	all    queue[timed[schema.Value]]
	counts map[schema.Value]int
}

func (s *slideSet) add(r *row) {
	for _, v := range r.args[s.arg] {
		if !s.values && v.Type().IsString() && v.Str() == "" {
			continue
		}
		s.all.push(timed[schema.Value]{r.millis, v})
		s.counts[v]++
	}
}

func (s *slideSet) evict(upTo int64) {
	for s.all.len() > 0 && s.all.live()[0].at <= upTo {
		v := s.all.pop().x
		if s.counts[v]--; s.counts[v] == 0 {
			delete(s.counts, v)
		}
	}
}

func (s *slideSet) number() (float64, bool) { return float64(len(s.counts)), !s.values }

func (s *slideSet) result() []schema.Value {
	if !s.values {
		return []schema.Value{schema.Int(int64(len(s.counts)))}
	}
	var out []schema.Value
	for v := range s.counts {
		out = append(out, v)
	}
	slices.SortFunc(out, ir.CompareValues)
	return out
}

func (s *slideSet) reset() {
	s.all.clear()
	clear(s.counts)
}

// slideList keeps the window's numbers sorted, for a median or percentile.
type slideList struct {
	arg    int
	of     *ir.Agg
	all    queue[timed[float64]]
	sorted []float64
}

func (l *slideList) add(r *row) {
	for _, v := range r.args[l.arg] {
		x := v.Float64()
		l.all.push(timed[float64]{r.millis, x})
		i, _ := slices.BinarySearch(l.sorted, x)
		l.sorted = slices.Insert(l.sorted, i, x)
	}
}

func (l *slideList) evict(upTo int64) {
	for l.all.len() > 0 && l.all.live()[0].at <= upTo {
		i, _ := slices.BinarySearch(l.sorted, l.all.pop().x)
		l.sorted = slices.Delete(l.sorted, i, i+1)
	}
}

func (l *slideList) number() (float64, bool) { return quantile(l.of, l.sorted) }
func (l *slideList) result() []schema.Value  { return floats(l.number()) }

func (l *slideList) reset() {
	l.all.clear()
	l.sorted = l.sorted[:0]
}

// slideEdge keeps the best values of each time.
type slideEdge struct {
	arg  int
	last bool
	all  queue[edge]
}

func (e *slideEdge) add(r *row) {
	vs := r.args[e.arg]
	if len(vs) == 0 {
		return
	}
	if live := e.all.live(); len(live) > 0 && live[len(live)-1].at == r.millis {
		live[len(live)-1].take(r.millis, vs)
		return
	}
	at := edge{last: e.last}
	at.take(r.millis, vs)
	e.all.push(at)
}

func (e *slideEdge) evict(upTo int64) {
	for e.all.len() > 0 && e.all.live()[0].at <= upTo {
		e.all.pop()
	}
}

func (e *slideEdge) number() (float64, bool) { return 0, false }

func (e *slideEdge) result() []schema.Value {
	live := e.all.live()
	switch {
	case len(live) == 0:
		return nil
	case e.last:
		return live[len(live)-1].vals
	}
	return live[0].vals
}

func (e *slideEdge) reset() { e.all.clear() }
