package interp

import (
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// percentileAggregates: estimates in the service (t-digest), nearest rank over all values here.
var percentileAggregates = []*aggregate{
	{function: function{name: "percentile", sig: "any num", doc: "value at a percentile"}, several: bindPercentiles(false, false)},
	{function: function{name: "percentiles", sig: "any num num*", doc: "values at percentiles, one column each"}, several: bindPercentiles(false, false)},
	{function: function{name: "percentilew", sig: "any int num", doc: "value at a percentile of weighted values"}, several: bindPercentiles(true, false)},
	{function: function{name: "percentilesw", sig: "any int num num*", doc: "values at percentiles of weighted values"}, several: bindPercentiles(true, false)},
	{function: function{name: "percentiles_array", sig: "any numdyn numdyn*", doc: "values at percentiles as an array"}, several: bindPercentiles(false, true)},
	{function: function{name: "percentilesw_array", sig: "any int numdyn numdyn*", doc: "values at percentiles of weighted values as an array"}, several: bindPercentiles(true, true)},
}

func bindPercentiles(weighted, array bool) func(rs *rowScope, x *syntax.Call, a *aggregate) *cexpr {
	return func(rs *rowScope, x *syntax.Call, a *aggregate) *cexpr {
		args, ok := rs.inner.args(x, &a.function)
		if !ok {
			return failedTuple(x)
		}
		first := 1
		st := func() *percentileState { return &percentileState{arg: args[0]} }
		if weighted {
			first = 2
			st = func() *percentileState { return &percentileState{arg: args[0], weight: args[1]} }
		}
		ps, ok := rs.percents(x, args[first:])
		if !ok {
			return failedTuple(x)
		}
		k := rs.aggs.add(func() state { s := st(); s.ps = ps; return s })
		name := args[0].name
		if array {
			return &cexpr{typ: tDyn, name: "percentiles_" + name, home: rs.home, at: x.At, eval: func(e *env) any { return e.aggs[k] }}
		}
		t := args[0].typ
		if t == tInt {
			t = tLong
		}
		var cols []column
		for _, p := range ps {
			cols = append(cols, column{"percentile_" + name + "_" + strings.ReplaceAll(strconv.FormatFloat(p, 'f', -1, 64), ".", "_"), t})
		}
		if len(cols) == 1 {
			return &cexpr{typ: cols[0].typ, name: cols[0].name, home: rs.home, at: x.At, eval: func(e *env) any { return e.aggs[k].([]any)[0] }}
		}
		return &cexpr{tuple: cols, typ: cols[0].typ, home: rs.home, at: x.At, eval: func(e *env) any { return e.aggs[k] }}
	}
}

// percents evaluates the percentiles, which are constants or an array of them.
func (rs *rowScope) percents(x *syntax.Call, args []*cexpr) ([]float64, bool) {
	var out []float64
	for _, a := range args {
		if !a.konst {
			rs.b.run(a.at, "the percentiles of `"+x.Name+"` must be constants")
			return nil, false
		}
		list, isArray := a.value(rs.b.x).([]any)
		if !isArray {
			list = []any{a.value(rs.b.x)}
		}
		for _, v := range list {
			f, ok := toFloat(v)
			if !ok || f < 0 || f > 100 {
				rs.b.run(a.at, "a percentile is not between 0 and 100")
				return nil, false
			}
			out = append(out, f)
		}
	}
	return out, true
}

type weighted struct {
	v any
	w int64
}

type percentileState struct {
	arg, weight *cexpr
	ps          []float64
	list        []weighted
}

func (s *percentileState) add(e *env) {
	v := s.arg.eval(e)
	if v == nil {
		return
	}
	w := int64(1)
	if s.weight != nil {
		n, ok := s.weight.eval(e).(int64)
		if !ok || n <= 0 {
			return
		}
		w = n
	}
	e.x.grow(1, 1)
	s.list = append(s.list, weighted{v, w})
}

func (s *percentileState) value() any {
	slices.SortStableFunc(s.list, func(a, b weighted) int { return sortCompare(a.v, b.v) })
	out := make([]any, len(s.ps))
	for i, p := range s.ps {
		out[i] = nearestRank(s.list, p)
	}
	return out
}

// nearestRank gives the least value such that at least p percent of the weight are not above it.
func nearestRank(list []weighted, p float64) any {
	if len(list) == 0 {
		return nil
	}
	total := int64(0)
	sums := make([]int64, len(list))
	for i, x := range list {
		total += x.w
		sums[i] = total
	}
	rank := int64(math.Ceil(p / 100 * float64(total)))
	i := sort.Search(len(sums), func(i int) bool { return sums[i] >= max(rank, 1) })
	return list[min(i, len(list)-1)].v
}
