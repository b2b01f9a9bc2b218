package eval_test

import (
	"math"
	"slices"
	"strings"

	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// aggregateOf computes an aggregate by its definition in ir.Aggs.
func aggregateOf(a ir.Agg, all []eval.Row) []schema.Value {
	var rows []eval.Row
	for _, r := range all {
		if a.Where < 0 || r.Conds[a.Where] {
			rows = append(rows, r)
		}
	}
	if a.Func == ir.AggCount {
		return []schema.Value{schema.Int(int64(len(rows)))}
	}
	var vs []schema.Value
	for _, r := range rows {
		vs = append(vs, r.Args[a.Arg]...)
	}
	distinct := map[string]schema.Value{}
	for _, v := range vs {
		distinct[v.String()] = v
	}
	n := float64(len(vs))
	total := 0.0
	for _, v := range vs {
		total += v.Float64()
	}
	number := func(f float64) []schema.Value { return []schema.Value{schema.Float(f)} }
	switch a.Func {
	case ir.AggDistinct:
		delete(distinct, "")
		return []schema.Value{schema.Int(int64(len(distinct)))}
	case ir.AggSum:
		return number(total)
	case ir.AggValues:
		var out []schema.Value
		for _, v := range distinct {
			out = append(out, v)
		}
		slices.SortFunc(out, less)
		return out
	case ir.AggFirst:
		return edge(a.Arg, rows, -1)
	case ir.AggLast:
		return edge(a.Arg, rows, 1)
	case ir.AggCount, ir.AggAvg, ir.AggMin, ir.AggMax, ir.AggStddev, ir.AggMedian, ir.AggPercentile:
	}
	if len(vs) == 0 {
		return nil
	}
	switch a.Func {
	case ir.AggAvg:
		return number(total / n)
	case ir.AggMin:
		return []schema.Value{slices.MinFunc(vs, less)}
	case ir.AggMax:
		return []schema.Value{slices.MaxFunc(vs, less)}
	case ir.AggStddev: // by the differences of all pairs
		squares := 0.0
		for _, x := range vs {
			for _, y := range vs {
				squares += (x.Float64() - y.Float64()) * (x.Float64() - y.Float64())
			}
		}
		if n == 1 {
			return number(0)
		}
		return number(math.Sqrt(squares / 2 / n / (n - 1)))
	case ir.AggMedian: // as many below as above
		return number((nth(vs, n/2, true) + nth(vs, n/2, false)) / 2)
	case ir.AggPercentile:
		return number(nth(vs, a.Percent*n/100, true))
	case ir.AggCount, ir.AggDistinct, ir.AggSum, ir.AggFirst, ir.AggLast, ir.AggValues:
	}
	return nil
}

// nth returns the least value that at least k values do not exceed (or, for the other side, the greatest that at least k
// values are not below).
func nth(vs []schema.Value, k float64, least bool) float64 {
	var fits []float64
	for _, v := range vs {
		n := 0.0
		for _, w := range vs {
			if least && w.Float64() <= v.Float64() || !least && w.Float64() >= v.Float64() {
				n++
			}
		}
		if n >= k {
			fits = append(fits, v.Float64())
		}
	}
	if least {
		return slices.Min(fits)
	}
	return slices.Max(fits)
}

// less orders values: numbers and times by size.
func less(a, b schema.Value) int {
	switch {
	case a.Type() == schema.Date:
		return int(a.Millis() - b.Millis())
	case a.Type().IsNumber():
		if a.Float64() < b.Float64() {
			return -1
		}
		if a.Float64() > b.Float64() {
			return 1
		}
		return 0
	}
	return strings.Compare(a.String(), b.String())
}

// edge returns the values of the row that no other row with values precedes; side 1 looks from the end.
func edge(arg int, rows []eval.Row, side int) []schema.Value {
	var best []schema.Value
	var at int64
	for _, r := range rows {
		vs := slices.SortedFunc(slices.Values(r.Args[arg]), less)
		if len(vs) == 0 {
			continue
		}
		later := r.Millis > at
		earlier := r.Millis < at
		text := slices.CompareFunc(vs, best, func(x, y schema.Value) int { return strings.Compare(x.String(), y.String()) })
		if best == nil || side > 0 && (later || !earlier && text > 0) || side < 0 && (earlier || !later && text < 0) {
			best, at = vs, r.Millis
		}
	}
	return best
}

// numbersOf are the numbers of a group.
type numbersOf struct {
	aggs         [][][]schema.Value
	mean, stddev float64
	history      string
}

func numberOf(vs []schema.Value) *float64 {
	if len(vs) == 0 {
		return nil
	}
	f := vs[0].Float64()
	if vs[0].Type() == schema.Date {
		f = float64(vs[0].Millis())
	}
	return &f
}

func (n numbersOf) values(x ir.Num) []schema.Value {
	if b, ok := x.(*ir.NumBase); ok && b.What == ir.BaseScope {
		return []schema.Value{schema.String(n.history)}
	}
	if a, ok := x.(*ir.NumAgg); ok {
		return n.aggs[a.Scope][a.Agg]
	}
	if f := n.number(x); f != nil {
		return []schema.Value{schema.Float(*f)}
	}
	return nil
}

func (n numbersOf) number(x ir.Num) *float64 {
	switch x := x.(type) {
	case *ir.NumStep:
		return nil
	case *ir.NumLit:
		return &x.Value
	case *ir.NumAgg:
		return numberOf(n.aggs[x.Scope][x.Agg])
	case *ir.NumBase:
		if x.What == ir.BaseMean {
			return &n.mean
		}
		return &n.stddev
	case *ir.NumArith:
		a, b := n.number(x.X), n.number(x.Y)
		if a == nil || b == nil || x.Op == '/' && *b == 0 {
			return nil
		}
		f := map[byte]float64{'+': *a + *b, '-': *a - *b, '*': *a * *b, '/': *a / *b}[x.Op]
		return &f
	case *ir.NumCall:
		var out *float64
		for _, arg := range x.Args {
			f := n.number(arg)
			switch {
			case f == nil:
				return nil
			case x.Func == ir.NumAbs:
				abs := math.Abs(*f)
				return &abs
			case out == nil || x.Func == ir.NumMax && *f > *out || x.Func == ir.NumMin && *f < *out:
				out = f
			}
		}
		return out
	}
	return nil
}

func (n numbersOf) holds(c ir.Cond) bool {
	switch c := c.(type) {
	case *ir.CondAnd:
		return !slices.ContainsFunc(c.Xs, func(x ir.Cond) bool { return !n.holds(x) })
	case *ir.CondOr:
		return slices.ContainsFunc(c.Xs, n.holds)
	case *ir.CondNot:
		return !n.holds(c.X)
	case *ir.CondCmp:
		l, r := n.number(c.L), n.number(c.R)
		if l == nil || r == nil {
			return false
		}
		return map[ir.Op]bool{ir.Eq: *l == *r, ir.Lt: *l < *r, ir.Le: *l <= *r, ir.Gt: *l > *r, ir.Ge: *l >= *r}[c.Op]
	}
	return false
}
