package interp

import (
	"slices"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// array reads an argument that must be an array; null otherwise.
func array(v any) ([]any, bool) {
	list, ok := v.([]any)
	return list, ok
}

// array1 makes a function of one array.
func array1(f func(c *call, list []any) any) func(c *call, a []any) any {
	return func(c *call, a []any) any {
		list, ok := a[0].([]any)
		if !ok {
			return nil
		}
		c.x.tick(len(list))
		return f(c, list)
	}
}

// arrayFunctions work on dynamic arrays and sets.
var arrayFunctions = []*function{
	{name: "array_length arraylength", sig: "dyn", ret: "long", doc: "number of elements; null for what is no array", fn: array1(func(c *call, l []any) any { return int64(len(l)) })},
	{name: "array_sum", sig: "dyn", ret: "real", doc: "sum of the numbers of an array", fn: arraySum},
	{name: "array_reverse", sig: "dyn", ret: "dynamic", doc: "elements in reverse", fn: array1(func(c *call, l []any) any {
		l = slices.Clone(l)
		slices.Reverse(l)
		return l
	})},
	{name: "array_concat", sig: "dyn dyn*", ret: "dynamic", doc: "arrays one after the other", fn: func(c *call, a []any) any {
		out := []any{}
		for _, v := range a {
			l, ok := array(v)
			if !ok {
				return nil
			}
			c.x.grow(len(l), 1)
			out = append(out, l...)
		}
		return out
	}},
	{name: "array_slice", sig: "dyn int int", ret: "dynamic", doc: "part of an array, both ends included; negative positions count from the end", fn: arraySlice},
	{name: "array_split", sig: "dyn any", ret: "dynamic", doc: "array cut at positions", fn: arraySplit},
	{name: "array_shift_left", sig: "dyn int any?", ret: "dynamic", doc: "elements moved to the left, the gap filled", nulls: true, fn: func(c *call, a []any) any { return arrayShift(c, a, 1) }},
	{name: "array_shift_right", sig: "dyn int any?", ret: "dynamic", doc: "elements moved to the right, the gap filled", nulls: true, fn: func(c *call, a []any) any { return arrayShift(c, a, -1) }},
	{name: "array_rotate_left", sig: "dyn int", ret: "dynamic", doc: "elements rotated to the left", fn: func(c *call, a []any) any { return arrayRotate(a, 1) }},
	{name: "array_rotate_right", sig: "dyn int", ret: "dynamic", doc: "elements rotated to the right", fn: func(c *call, a []any) any { return arrayRotate(a, -1) }},
	{name: "array_index_of", sig: "dyn any int? int? int!?", ret: "long", doc: "position of a value, -1 when absent", fn: arrayIndexOf},
	{name: "array_iff array_iif", sig: "dyn any any", ret: "dynamic", nulls: true, doc: "elementwise choice", fn: arrayIff},
	{name: "array_sort_asc", sig: "any any*", ret: "dynamic", nulls: true, doc: "array sorted, others in the same order", bind: bindSort(false)},
	{name: "array_sort_desc", sig: "any any*", ret: "dynamic", nulls: true, doc: "array sorted downwards, others in the same order", bind: bindSort(true)},
	{name: "pack_array", sig: "any*", ret: "dynamic", nulls: true, doc: "array of the arguments", bind: bindPackArray},
	{name: "repeat", sig: "any int", ret: "dynamic", naming: namePrefix, prefix: "repeat", nulls: true, doc: "array of one value", fn: func(c *call, a []any) any {
		n, ok := a[1].(int64)
		if !ok || n < 0 {
			return nil
		}
		c.x.grow(int(min(n, maxCells)), 1)
		out := make([]any, n)
		for i := range out {
			out[i] = a[0]
		}
		return out
	}},
	{name: "range", sig: "sum sum sum?", ret: "dynamic", doc: "array of values at equal steps", fn: rangeArray},
	{name: "zip", sig: "dyn dyn*", ret: "dynamic", nulls: true, doc: "array of the arrays of elements at equal positions", fn: zip},
	{name: "set_has_element", sig: "dyn any", ret: "bool", nulls: true, doc: "whether a set holds a value", fn: setHasElement},
	{name: "set_union", sig: "dyn dyn dyn*", ret: "dynamic", doc: "distinct elements of all arrays", fn: func(c *call, a []any) any {
		return setOf(c, a, func(k string, in []map[string]bool) bool { return true })
	}},
	{name: "set_intersect", sig: "dyn dyn dyn*", ret: "dynamic", doc: "distinct elements that all arrays have", fn: func(c *call, a []any) any {
		return setOf(c, a[:1], func(k string, in []map[string]bool) bool {
			for _, m := range keySets(a[1:]) {
				if !m[k] {
					return false
				}
			}
			return true
		})
	}},
	{name: "set_difference", sig: "dyn dyn dyn*", ret: "dynamic", doc: "distinct elements of the first array that no other has", fn: func(c *call, a []any) any {
		others := keySets(a[1:])
		return setOf(c, a[:1], func(k string, in []map[string]bool) bool {
			for _, m := range others {
				if m[k] {
					return false
				}
			}
			return true
		})
	}},
	{name: "set_equals", sig: "dyn dyn", ret: "bool", doc: "whether two arrays have the same elements", fn: func(c *call, a []any) any {
		_, ok1 := array(a[0])
		_, ok2 := array(a[1])
		if !ok1 || !ok2 {
			return false
		}
		m := keySets(a)
		if len(m[0]) != len(m[1]) {
			return false
		}
		for k := range m[0] {
			if !m[1][k] {
				return false
			}
		}
		return true
	}},
	{name: "jaccard_index", sig: "dyn dyn", ret: "dynamic", doc: "size of the intersection over that of the union", fn: func(c *call, a []any) any {
		m := keySets(a)
		both := 0
		for k := range m[0] {
			if m[1][k] {
				both++
			}
		}
		return float64(both) / float64(len(m[0])+len(m[1])-both)
	}},
}

func arraySum(c *call, a []any) any {
	l, ok := array(a[0])
	if !ok {
		return nil
	}
	sum := 0.0
	for _, v := range l {
		f, ok := toFloat(v)
		if !ok {
			return nil
		}
		sum += f
	}
	return sum
}

func arraySlice(c *call, a []any) any {
	l, ok := array(a[0])
	if !ok {
		return nil
	}
	n := int64(len(l))
	from, to := a[1].(int64), a[2].(int64)
	if from < 0 {
		from = max(from+n, 0)
	}
	if to < 0 {
		to += n
	}
	to = min(to, n-1)
	if from > to {
		return []any{}
	}
	return slices.Clone(l[from : to+1])
}

func arraySplit(c *call, a []any) any {
	l, ok := array(a[0])
	if !ok {
		return nil
	}
	at, ok := array(a[1])
	if !ok {
		at = []any{a[1]}
	}
	out := []any{}
	last := int64(0)
	n := int64(len(l))
	for _, v := range at {
		i, ok := castLong(v).(int64)
		if !ok {
			return nil
		}
		if i < 0 {
			i += n
		}
		i = min(max(i, last), n)
		out = append(out, slices.Clone(l[last:i]))
		last = i
	}
	return append(out, slices.Clone(l[last:]))
}

func arrayShift(c *call, a []any, sign int64) any {
	l, ok := array(a[0])
	n, ok2 := a[1].(int64)
	if !ok || !ok2 {
		return nil
	}
	var fill any
	if c.n > 2 {
		fill = a[2]
	}
	out := make([]any, len(l))
	for i := range out {
		j := int64(i) + n*sign
		if j >= 0 && j < int64(len(l)) {
			out[i] = l[j]
		} else {
			out[i] = fill
		}
	}
	return out
}

func arrayRotate(a []any, sign int64) any {
	l, ok := array(a[0])
	if !ok {
		return nil
	}
	n := int64(len(l))
	out := make([]any, n)
	for i := range out {
		out[i] = l[modInt(int64(i)+sign*modInt(a[1].(int64), n), n)]
	}
	return out
}

func arrayIndexOf(c *call, a []any) any {
	l, ok := array(a[0])
	if !ok {
		return nil
	}
	start, length, occ, ok := searchWindow(c, len(l), a)
	if !ok {
		return nil
	}
	end := len(l)
	if length >= 0 {
		end = min(end, start+length)
	}
	for i := start; i < end; i++ {
		if l[i] != nil && sameDynamic(l[i], a[1]) {
			if occ--; occ == 0 {
				return int64(i)
			}
		}
	}
	return int64(-1)
}

// arrayIff chooses elementwise; values that are no arrays stand for every position (array-iff-function).
func arrayIff(c *call, a []any) any {
	conds, ok := array(a[0])
	if !ok {
		return nil
	}
	pick := func(v any, i int) any {
		if l, ok := array(v); ok {
			if i < len(l) {
				return l[i]
			}
			return nil
		}
		return v
	}
	out := make([]any, len(conds))
	for i, v := range conds {
		switch castBool(v) {
		case true:
			out[i] = pick(a[1], i)
		case false:
			out[i] = pick(a[2], i)
		}
	}
	return out
}

func rangeArray(c *call, a []any) any {
	step := any(int64(1))
	if c.n > 2 {
		step = a[2]
	} else if isTime(c.args[0].typ) {
		step = timespan(syntax.TicksPerHour)
	}
	t := c.args[0].typ
	if isNumeric(t) && isNumeric(c.args[1].typ) {
		t = widest(t, c.args[1].typ)
		if _, ok := step.(float64); ok {
			t = widest(t, tReal)
		}
	}
	out := sequence(c.x, castTo(a[0], t), castTo(a[1], t), step, t, maxSeries)
	if out == nil {
		return []any{}
	}
	return out
}

func zip(c *call, a []any) any {
	n := 0
	for _, v := range a {
		if l, ok := array(v); ok {
			n = max(n, len(l))
		}
	}
	c.x.grow(n, len(a))
	out := make([]any, n)
	for i := range out {
		item := make([]any, len(a))
		for j, v := range a {
			if l, ok := array(v); ok && i < len(l) {
				item[j] = l[i]
			}
		}
		out[i] = item
	}
	return out
}

func setHasElement(c *call, a []any) any {
	l, ok := array(a[0])
	if !ok {
		if c.x.in.On(doubtSetHasNull) {
			return nil
		}
		return false
	}
	for _, v := range l {
		if v != nil && a[1] != nil && sameDynamic(v, a[1]) {
			return true
		}
	}
	return false
}

// keySets gives the keys of the elements of each array.
func keySets(a []any) []map[string]bool {
	out := make([]map[string]bool, len(a))
	for i, v := range a {
		out[i] = map[string]bool{}
		l, _ := array(v)
		for _, e := range l {
			out[i][key(e)] = true
		}
	}
	return out
}

// setOf gives the distinct elements of arrays that pass a test; null when an argument is no array.
func setOf(c *call, a []any, pass func(k string, in []map[string]bool) bool) any {
	out := []any{}
	seen := map[string]bool{}
	for _, v := range a {
		l, ok := array(v)
		if !ok {
			return nil
		}
		c.x.tick(len(l))
		for _, e := range l {
			k := key(e)
			if !seen[k] && pass(k, nil) {
				seen[k] = true
				out = append(out, e)
			}
		}
	}
	return out
}

// bindPackArray binds pack_array; * stands for all columns.
func bindPackArray(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	var list []*cexpr
	for _, a := range x.Args {
		c := rs.expr(a.Expr)
		if c.star {
			for i := range rs.cols {
				list = append(list, rs.columnExpr(i))
			}
			continue
		}
		list = append(list, c)
	}
	return fold(&cexpr{typ: tDyn, konst: allConst(list), home: homeOf(list...), at: x.At, eval: func(e *env) any {
		out := make([]any, len(list))
		for i, c := range list {
			out[i] = c.eval(e)
		}
		e.x.grow(1, len(out))
		return out
	}})
}
