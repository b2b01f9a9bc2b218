package interp

import (
	"sort"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// bindSort binds array_sort_asc and array_sort_desc: the first array is sorted, the others are put into the same order; a bool
// at the end tells where nulls go. One array gives a value, several give columns.
func bindSort(desc bool) func(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	return func(rs *rowScope, x *syntax.Call, f *function) *cexpr {
		args, ok := rs.args(x, f)
		if !ok {
			return failedTuple(x)
		}
		nullsLast := true
		if n := len(args); n > 1 && args[n-1].typ == tBool && rs.constant(x, n-1, args[n-1]) {
			nullsLast = args[n-1].value(rs.b.x) != false
			args = args[:n-1]
		}
		for _, a := range args {
			if a.typ != tDyn && a.typ != tNone {
				return rs.b.run(a.at, "`"+x.Name+"` sorts arrays, not values of type "+a.typ.String())
			}
		}
		c := &cexpr{typ: tDyn, konst: allConst(args), home: homeOf(args...), at: x.At}
		all := func(e *env) []any {
			lists := make([]any, len(args))
			for i, a := range args {
				lists[i] = a.eval(e)
			}
			e.x.tick(1)
			return sortArrays(lists, desc, nullsLast)
		}
		if len(args) == 1 {
			c.eval = func(e *env) any { return all(e)[0] }
			return fold(c)
		}
		for i := range args {
			name := "array" + text(int64(i+1))
			if n, ok := args[i].src.(*syntax.Name); ok {
				name = n.Name
			}
			c.tuple = append(c.tuple, column{name + "_sorted", tDyn})
		}
		c.eval = func(e *env) any { return all(e) }
		return c
	}
}

// sortRank is the place of a type when an array holds several: numbers and times, strings, guids, all others, in both
// directions (array-sort-desc-function).
func sortRank(v any) int {
	switch v.(type) {
	case int64, float64, decimal, datetime, timespan:
		return 0
	case string:
		return 1
	case guid:
		return 2
	}
	return 3
}

func sortArrays(lists []any, desc, nullsLast bool) []any {
	out := make([]any, len(lists))
	first, ok := array(lists[0])
	if !ok {
		return out
	}
	perm := make([]int, len(first))
	for i := range perm {
		perm[i] = i
	}
	k := sortKey{desc: desc, nullsFirst: !nullsLast}
	sort.SliceStable(perm, func(i, j int) bool {
		a, b := first[perm[i]], first[perm[j]]
		if x, y := sortRank(a), sortRank(b); a != nil && b != nil && x != y {
			return x < y
		}
		return compareKeys(a, b, k) < 0
	})
	for n, v := range lists {
		l, ok := array(v)
		if !ok || len(l) != len(first) {
			continue
		}
		sorted := make([]any, len(l))
		for i, p := range perm {
			sorted[i] = l[p]
		}
		out[n] = sorted
	}
	return out
}
