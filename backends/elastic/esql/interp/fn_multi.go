package interp

import (
	"slices"
	"strings"

	"github.com/onerule/onerule/diag"
)

// multiFunctions is the table of the page "ES|QL multivalue functions".
var multiFunctions = []function{
	{name: "mv_append", min: 2, max: 2, doc: "the values of both; null if one is null", bind: bindAppend},
	{name: "mv_avg", min: 1, max: 1, doc: "the average", bind: bindMvAvg},
	{name: "mv_concat", min: 2, max: 2, doc: "joins the texts with a delimiter", bind: bindMvConcat},
	{name: "mv_contains", min: 2, max: 2, doc: "whether all values of the second are in the first; null is the empty set", bind: bindMvContains},
	{name: "mv_count", min: 1, max: 1, doc: "the number of values, null for null", bind: bindMvCount},
	{name: "mv_dedupe", min: 1, max: 1, doc: "without repeats", bind: keepType(func(_ typ, vs []any) []any { return dedupe(vs) })},
	{name: "mv_difference", alias: []string{"mv_except"}, min: 2, max: 2, doc: "the values of the first that are not in the second", bind: bindSets(except, true)},
	{
		name: "mv_greater", min: 2, max: 2, options: []string{"include_bound"}, bind: bindMvBound(1),
		doc: "whether some value is greater than a bound, or equal to it with an option; false for null",
	},
	{name: "mv_first", min: 1, max: 1, doc: "the first value", bind: keepType(func(_ typ, vs []any) []any { return vs[:1] })},
	{
		name: "mv_in_range", min: 3, max: 3, options: []string{"include_lower", "include_upper"}, bind: bindMvInRange,
		doc: "whether some value lies between two bounds, which are included unless an option says otherwise; false for null",
	},
	{name: "mv_intersection", min: 2, max: 2, doc: "the values that are in both", bind: bindSets(intersection, false)},
	{name: "mv_intersects", alias: []string{"mv_overlaps"}, min: 2, max: 2, doc: "whether some value is in both; null is the empty set", bind: bindMvIntersects},
	{name: "mv_last", min: 1, max: 1, doc: "the last value", bind: keepType(func(_ typ, vs []any) []any { return vs[len(vs)-1:] })},
	{
		name: "mv_less", min: 2, max: 2, options: []string{"include_bound"}, bind: bindMvBound(-1),
		doc: "whether some value is less than a bound, or equal to it with an option; false for null",
	},
	{name: "mv_like", min: 2, max: 2, doc: "whether some value fits a LIKE pattern; false for null", bind: bindMvPattern("MV_LIKE", (*checker).compileLike)},
	{name: "mv_max", min: 1, max: 1, doc: "the largest value", bind: keepType(func(t typ, vs []any) []any { return []any{extreme(t, vs, 1)} })},
	{name: "mv_median", min: 1, max: 1, doc: "the middle value, or the mean of the two", bind: bindMvMedian},
	{name: "mv_median_absolute_deviation", min: 1, max: 1, doc: "the median of the distances from the median", bind: bindMvMAD},
	{name: "mv_min", min: 1, max: 1, doc: "the smallest value", bind: keepType(func(t typ, vs []any) []any { return []any{extreme(t, vs, -1)} })},
	{name: "mv_percentile", min: 2, max: 2, doc: "the value under which a percentage lies", bind: bindMvPercentile},
	{name: "mv_pseries_weighted_sum", min: 2, max: 2, doc: "the sum of values divided by their place to a power", bind: bindMvPSeries},
	{name: "mv_rlike", min: 2, max: 2, doc: "whether some value fits an RLIKE pattern; false for null", bind: bindMvPattern("MV_RLIKE", (*checker).compileRegex)},
	{name: "mv_slice", min: 2, max: 3, doc: "MV_SLICE(values, from, to): places from 0, negative from the end, both included", bind: bindMvSlice},
	{name: "mv_sort", min: 1, max: 2, doc: "the values in order, \"asc\" or \"desc\"", bind: bindMvSort},
	{name: "mv_sum", min: 1, max: 1, doc: "the sum", bind: bindMvSum},
	{name: "mv_union", min: 2, max: 2, doc: "the values of both without repeats", bind: bindSets(union, false)},
	{name: "mv_zip", min: 2, max: 3, doc: "joins the values of two pairwise with a delimiter", bind: bindMvZip},
}

// keepType is a function from several values to some of them.
func keepType(f func(t typ, vs []any) []any) func(k *call) *expr {
	return func(k *call) *expr {
		if !k.want(0, values) {
			return nil
		}
		x := k.args[0]
		t := x.typ
		return k.build(noText(t), func(cells []any) any {
			v := x.eval(cells)
			if v == nil {
				return nil
			}
			return collect(f(t, list(v)))
		})
	}
}

func extreme(t typ, vs []any, sign int) any {
	best := vs[0]
	for _, v := range vs[1:] {
		if sign*compareValues(t, v, best) > 0 {
			best = v
		}
	}
	return best
}

func dedupe(vs []any) []any {
	seen := map[any]bool{}
	out := make([]any, 0, len(vs))
	for _, v := range vs {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// sameType checks that two arguments hold values of one type.
func (k *call) sameType() (typ, func(v any) any, func(v any) any, bool) {
	if !k.want(0, values) || !k.want(1, values) {
		return tErr, nil, nil, false
	}
	k.literals(k.args)
	a, b := k.args[0], k.args[1]
	t := common(noText(a.typ), noText(b.typ))
	if numbers.has(t) && a.typ != b.typ && a.typ != tNull && b.typ != tNull {
		t = tErr
	}
	if t == tErr {
		k.wrong(b.span, "second argument of [%s] must be [%s], found value [%s] type [%s]", k.text, a.typ, b.text, b.typ)
		return tErr, nil, nil, false
	}
	wa, wb := k.side(a, t, b), k.side(b, t, a)
	return t, wa, wb, true
}

func bindAppend(k *call) *expr {
	t, wa, wb, ok := k.sameType()
	if !ok {
		return nil
	}
	a, b := k.args[0], k.args[1]
	return k.build(t, func(cells []any) any {
		x, y := a.eval(cells), b.eval(cells)
		if x == nil || y == nil {
			return nil
		}
		out := make([]any, 0, count(x)+count(y))
		each(x, func(v any) { out = append(out, wa(v)) })
		each(y, func(v any) { out = append(out, wb(v)) })
		k.r.spend(len(out))
		return collect(out)
	})
}

// bindSets is a set operation: repeats vanish, the order is that of the first argument, then of the second. Null gives
// null, but with keepFirst a second null gives the first argument as it is.
func bindSets(op func(a, b []any) []any, keepFirst bool) func(k *call) *expr {
	return func(k *call) *expr {
		t, wa, wb, ok := k.sameType()
		if !ok {
			return nil
		}
		a, b := k.args[0], k.args[1]
		return k.build(t, func(cells []any) any {
			x, y := mapCell(a.eval(cells), wa), mapCell(b.eval(cells), wb)
			switch {
			case x == nil, y == nil && !keepFirst:
				return nil
			case y == nil:
				return x
			}
			return collect(op(dedupe(list(x)), dedupe(list(y))))
		})
	}
}

func member(vs []any) map[any]bool {
	m := make(map[any]bool, len(vs))
	for _, v := range vs {
		m[v] = true
	}
	return m
}

func intersection(a, b []any) []any {
	in := member(b)
	return slices.DeleteFunc(slices.Clone(a), func(v any) bool { return !in[v] })
}

func except(a, b []any) []any {
	in := member(b)
	return slices.DeleteFunc(slices.Clone(a), func(v any) bool { return in[v] })
}

func union(a, b []any) []any { return dedupe(append(slices.Clone(a), b...)) }

func bindMvContains(k *call) *expr {
	_, wa, wb, ok := k.sameType()
	if !ok {
		return nil
	}
	a, b := k.args[0], k.args[1]
	return k.build(tBool, func(cells []any) any {
		in := member(list(mapCell(a.eval(cells), wa)))
		all := true
		each(mapCell(b.eval(cells), wb), func(v any) { all = all && in[v] })
		return all
	})
}

func bindMvIntersects(k *call) *expr {
	_, wa, wb, ok := k.sameType()
	if !ok {
		return nil
	}
	a, b := k.args[0], k.args[1]
	return k.build(tBool, func(cells []any) any {
		in := member(list(mapCell(a.eval(cells), wa)))
		hit := false
		each(mapCell(b.eval(cells), wb), func(v any) { hit = hit || in[v] })
		return hit
	})
}

func bindMvInRange(k *call) *expr {
	if !k.want(0, ordered) {
		return nil
	}
	t := noText(k.args[0].typ)
	for i := 1; i < 3; i++ {
		k.args[i] = k.literalAs(k.args[i], t)
		if u := k.args[i].typ; noText(u) != t && u != tNull && t != tNull {
			return k.wrong(k.args[i].span, "%s argument of [%s] must be [%s], found value [%s] type [%s]", ordinal(i), k.text, t, k.args[i].text, u)
		}
	}
	low, high := k.boolOption("include_lower", true), k.boolOption("include_upper", true)
	x, lo, hi := k.args[0], k.args[1], k.args[2]
	return k.build(tBool, func(cells []any) any {
		a, b := lo.eval(cells), hi.eval(cells)
		if count(a) != 1 || count(b) != 1 {
			return false
		}
		hit := false
		each(x.eval(cells), func(v any) {
			p, q := compareValues(t, v, a), compareValues(t, v, b)
			hit = hit || (p > 0 || p == 0 && low) && (q < 0 || q == 0 && high)
		})
		return hit
	})
}

func bindMvPattern(name string, compile func(c *checker, span diag.Span, text string) func(string) bool) func(k *call) *expr {
	return func(k *call) *expr {
		if !k.wants(strings_) {
			return nil
		}
		v, ok := k.constant(1)
		if !ok {
			return nil
		}
		text, isText := v.(string)
		if !isText {
			return k.wrong(k.args[1].span, "the pattern of %s must be a string", name)
		}
		fits := compile(k.checker, k.args[1].span, text)
		if fits == nil {
			return nil
		}
		x := k.args[0]
		return k.build(tBool, func(cells []any) any {
			hit := false
			each(x.eval(cells), func(v any) { hit = hit || fits(v.(string)) })
			return hit
		})
	}
}

func bindMvCount(k *call) *expr {
	if !k.want(0, values) {
		return nil
	}
	x := k.args[0]
	return k.build(tInt, func(cells []any) any {
		if n := count(x.eval(cells)); n > 0 {
			return int64(n)
		}
		return nil
	})
}

func bindMvConcat(k *call) *expr {
	if !k.wants(strings_) {
		return nil
	}
	x, d := k.args[0], k.args[1]
	return k.build(tKeyword, func(cells []any) any {
		v := x.eval(cells)
		sep, ok := k.r.one(k.site, d.eval(cells))
		if v == nil || !ok {
			return nil
		}
		parts := make([]string, 0, count(v))
		each(v, func(v any) { parts = append(parts, v.(string)) })
		out := strings.Join(parts, sep.(string))
		k.r.spend(len(out) / 32)
		return out
	})
}

func bindMvSlice(k *call) *expr {
	if !k.want(0, values) || !k.want(1, types(tInt)) || len(k.args) == 3 && !k.want(2, types(tInt)) {
		return nil
	}
	x := k.args[0]
	return k.build(noText(x.typ), func(cells []any) any {
		v := x.eval(cells)
		a, ok := k.r.one(k.site, k.args[1].eval(cells))
		b := a
		if ok && len(k.args) == 3 {
			b, ok = k.r.one(k.site, k.args[2].eval(cells))
		}
		if v == nil || !ok {
			return nil
		}
		vs := list(v)
		n := int64(len(vs))
		from, to := a.(int64), b.(int64)
		if from > to && (from >= 0) == (to >= 0) {
			k.r.warn(k.site, invalid("Start offset is greater than end offset"))
			return nil
		}
		if from < 0 {
			from += n
		}
		if to < 0 {
			to += n
		}
		from, to = max(0, from), min(n-1, to)
		if from > to || from >= n {
			return nil
		}
		return collect(slices.Clone(vs[from : to+1]))
	})
}

func bindMvSort(k *call) *expr {
	if !k.want(0, values&^spatial) || len(k.args) == 2 && !k.want(1, strings_) {
		return nil
	}
	desc := false
	if len(k.args) == 2 {
		v, ok := k.constant(1)
		word, isText := v.(string)
		if ok && (!isText || !strings.EqualFold(word, "asc") && !strings.EqualFold(word, "desc")) {
			ok = false
			k.wrong(k.args[1].span, "Invalid order value in [%s], expected one of [ASC, DESC] but got [%s]", k.text, k.args[1].text)
		}
		if !ok {
			return nil
		}
		desc = strings.EqualFold(word, "desc")
	}
	x := k.args[0]
	t := x.typ
	return k.build(noText(t), func(cells []any) any {
		v := x.eval(cells)
		if count(v) < 2 {
			return v
		}
		out := sortedValues(t, list(v))
		if desc {
			slices.Reverse(out)
		}
		return mv(out)
	})
}

func bindMvZip(k *call) *expr {
	if !k.wants(strings_) {
		return nil
	}
	return k.build(tKeyword, func(cells []any) any {
		a, b := list(k.args[0].eval(cells)), list(k.args[1].eval(cells))
		sep := ","
		if len(k.args) == 3 {
			s, ok := k.r.one(k.site, k.args[2].eval(cells))
			if !ok {
				return nil
			}
			sep = s.(string)
		}
		var out []any
		for i := 0; i < max(len(a), len(b)); i++ {
			switch {
			case i >= len(a):
				out = append(out, b[i])
			case i >= len(b):
				out = append(out, a[i])
			default:
				out = append(out, a[i].(string)+sep+b[i].(string))
			}
		}
		return collect(out)
	})
}
