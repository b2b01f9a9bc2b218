package eval

import (
	"cmp"
	"math"
	"slices"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// aggregate returns the result of an aggregate over rows in order: one value for a number, none when it is missing.
func aggregate(a ir.Agg, rows []Row) []schema.Value {
	if a.Where >= 0 {
		var part []Row
		for _, r := range rows {
			if r.Conds[a.Where] {
				part = append(part, r)
			}
		}
		rows = part
	}
	var vs []schema.Value // of the argument; each value of an array counts
	if a.Arg >= 0 {
		for _, r := range rows {
			vs = append(vs, r.Args[a.Arg]...)
		}
	}
	switch a.Func {
	case ir.AggCount:
		return []schema.Value{schema.Int(int64(len(rows)))}
	case ir.AggDistinct:
		return []schema.Value{schema.Int(int64(len(slices.DeleteFunc(different(vs), isEmptyText))))}
	case ir.AggValues:
		out := different(vs)
		slices.SortFunc(out, ir.CompareValues)
		return out
	case ir.AggFirst:
		return first(a.Arg, rows)
	case ir.AggLast:
		return last(a.Arg, rows)
	case ir.AggSum:
		return finite(sum(vs))
	case ir.AggAvg, ir.AggMin, ir.AggMax, ir.AggStddev, ir.AggMedian, ir.AggPercentile:
		if len(vs) > 0 {
			return statistic(a, vs)
		}
	}
	return nil
}

// statistic returns an aggregate that is missing without values.
func statistic(a ir.Agg, vs []schema.Value) []schema.Value {
	slices.SortFunc(vs, ir.CompareValues)
	n := len(vs)
	switch a.Func {
	case ir.AggMin:
		return vs[:1]
	case ir.AggMax:
		return vs[n-1:]
	case ir.AggAvg:
		return finite(sum(vs) / float64(n))
	case ir.AggStddev:
		return finite(stddev(numbers(vs)))
	case ir.AggMedian:
		return finite((vs[(n-1)/2].Float64() + vs[n/2].Float64()) / 2)
	case ir.AggPercentile:
		i := 0 // the first value that at least p percent of the values do not exceed
		for float64(i+1)*100 < a.Percent*float64(n) {
			i++
		}
		return finite(vs[i].Float64())
	case ir.AggCount, ir.AggDistinct, ir.AggSum, ir.AggFirst, ir.AggLast, ir.AggValues:
	}
	return nil
}

func numbers(vs []schema.Value) []float64 {
	out := make([]float64, len(vs))
	for i, v := range vs {
		out[i] = v.Float64()
	}
	return out
}

// sum adds from the least to the greatest, so that the order of events makes no difference.
func sum(vs []schema.Value) float64 {
	s := 0.0
	for _, x := range slices.Sorted(slices.Values(numbers(vs))) {
		s += x
	}
	return s
}

// stddev is the standard deviation of a sample, 0 of one number.
func stddev(xs []float64) float64 {
	if len(xs) < 2 {
		return 0
	}
	mean, squares := mean(xs), 0.0
	for _, x := range xs {
		squares += (x - mean) * (x - mean)
	}
	return math.Sqrt(squares / float64(len(xs)-1))
}

func mean(xs []float64) float64 {
	s := 0.0
	for _, x := range xs {
		s += x
	}
	return s / float64(len(xs))
}

// finite returns a number, or none when it is too large to be one.
func finite(f float64) []schema.Value {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	return []schema.Value{schema.Float(f)}
}

// first returns the values at the earliest row that has any: of rows at one time those with the least text.
func first(arg int, rows []Row) []schema.Value {
	return earliest(arg, rows, func(a, b Row) int { return cmp.Compare(a.Millis, b.Millis) }, ir.CompareKeys)
}

// last returns the values at the latest row that has any: of rows at one time those with the greatest text.
func last(arg int, rows []Row) []schema.Value {
	return earliest(arg, rows, func(a, b Row) int { return cmp.Compare(b.Millis, a.Millis) }, func(a, b []schema.Value) int { return ir.CompareKeys(b, a) })
}

func earliest(arg int, rows []Row, byTime func(a, b Row) int, byText func(a, b []schema.Value) int) []schema.Value {
	var best *Row
	var text []schema.Value
	for i, r := range rows {
		if len(r.Args[arg]) == 0 {
			continue
		}
		t := sorted(r.Args[arg])
		if best == nil || cmp.Or(byTime(r, *best), byText(t, text)) < 0 {
			best, text = &rows[i], t
		}
	}
	return text
}

// sorted returns values in order.
func sorted(vs []schema.Value) []schema.Value {
	return slices.SortedFunc(slices.Values(vs), ir.CompareValues)
}
