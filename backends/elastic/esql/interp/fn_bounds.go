package interp

import (
	"github.com/onerule/onerule/backends/elastic/esql/syntax"
)

// bindMvBound is MV_GREATER (sign 1) and MV_LESS (sign −1): whether some value lies beyond a bound, which itself counts
// only with include_bound. Null and a bound of several values give false (page "MV_GREATER").
func bindMvBound(sign int) func(k *call) *expr {
	return func(k *call) *expr {
		if !k.want(0, ordered) {
			return nil
		}
		t := noText(k.args[0].typ)
		k.args[1] = k.literalAs(k.args[1], t)
		if u := k.args[1].typ; noText(u) != t && u != tNull && t != tNull {
			return k.wrong(k.args[1].span, "second argument of [%s] must be [%s], found value [%s] type [%s]", k.text, t, k.args[1].text, u)
		}
		include := k.boolOption("include_bound", false)
		x, bound := k.args[0], k.args[1]
		return k.build(tBool, func(cells []any) any {
			b := bound.eval(cells)
			if count(b) != 1 {
				return false
			}
			hit := false
			each(x.eval(cells), func(v any) {
				d := sign * compareValues(t, v, b)
				hit = hit || d > 0 || d == 0 && include
			})
			return hit
		})
	}
}

// bindTRange is TRANGE: whether @timestamp lies in a stretch of time without its start and with its end. One argument is a
// length of time that ends now, or the start of a stretch that ends now. That the start is out and the end is in shows in
// the examples of the page "TRANGE".
func bindTRange(k *call) *expr {
	i, ok := k.checker.names["@timestamp"]
	if !ok {
		return k.wrong(k.node.Span, "[%s] needs the column [@timestamp], which does not exist here", k.text)
	}
	at := k.columnAt(&syntax.Column{Span: k.node.Span, Name: "@timestamp"}, i)
	if !dates.has(at.typ) {
		return k.wrong(k.node.Span, "[%s] needs [@timestamp] to be a date, found type [%s]", k.text, at.typ)
	}
	from, to := int64(0), k.r.now
	if amounts.has(k.args[0].typ) && len(k.args) == 1 {
		v, ok := k.constant(0)
		if !ok {
			return nil
		}
		if from, ok = shift(k.r.now, v, -1); !ok {
			return k.wrong(k.args[0].span, "[%s] reaches beyond the range of dates", k.text)
		}
	} else {
		for i, bound := range []*int64{&from, &to}[:len(k.args)] {
			if !k.bound(i, bound) {
				return nil
			}
		}
	}
	if from > to {
		return k.wrong(k.node.Span, "the start of [%s] is after its end", k.text)
	}
	t := at.typ
	return k.make(k.node, tBool, []*expr{at}, k.strict1(k.site, at, func(v any) (any, error) {
		lo, hi := any(from), any(to)
		if t == tNanos {
			lo, hi = from*1_000_000, to*1_000_000
		}
		return compareValues(t, v, lo) > 0 && compareValues(t, v, hi) <= 0, nil
	}))
}

// bound reads a constant instant: a date, its text, or milliseconds since 1970.
func (k *call) bound(i int, out *int64) bool {
	if !k.want(i, dates|types(tInt)|types(tLong)) {
		return false
	}
	v, ok := k.constant(i)
	if !ok {
		return false
	}
	n, isNumber := v.(int64)
	if !isNumber {
		k.wrong(k.args[i].span, "a bound of [%s] must be a date, found [%s]", k.text, k.args[i].text)
		return false
	}
	*out = n
	if k.args[i].typ == tNanos {
		*out = floorDiv(n, 1_000_000)
	}
	return true
}

// shift moves an instant by an amount; false when the result is no date.
func shift(ms int64, amount any, sign int) (int64, bool) {
	if sign < 0 {
		amount = negateAmount(amount)
	}
	v, err := addAmount(tDate, ms, amount)
	if err != nil || v == nil {
		return 0, false
	}
	return v.(int64), true
}
