package interp

import (
	"math"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
)

// groupingFunctions is the table of the page "ES|QL grouping functions"; they stand in the keys of STATS … BY only.
var groupingFunctions = []function{
	{
		name: "bucket", alias: []string{"bin"}, min: 2, max: 4, bind: bindBucket,
		doc: "BUCKET(field, span), or BUCKET(field, most buckets, from, to) with a span made for people",
	},
	{name: "tbucket", min: 1, max: 1, doc: "TBUCKET(span): buckets of @timestamp", bind: bindTBucket},
}

func (k *call) inGrouping() bool {
	if !k.grouping {
		k.wrong(k.node.Span, "cannot use grouping function [%s] outside of a STATS grouping key", k.text)
	}
	return k.grouping
}

func bindTBucket(k *call) *expr {
	if !k.inGrouping() || !k.want(0, amounts) {
		return nil
	}
	i, ok := k.checker.names["@timestamp"]
	if !ok {
		return k.wrong(k.node.Span, "[%s] needs the column [@timestamp], which does not exist here", k.text)
	}
	at := k.columnAt(&syntax.Column{Span: k.node.Span, Name: "@timestamp"}, i)
	if !dates.has(at.typ) {
		return k.wrong(k.node.Span, "[%s] needs [@timestamp] to be a date, found type [%s]", k.text, at.typ)
	}
	return k.bucketBySpan(at, k.args[0])
}

// needOne reports an argument that is not one value, the same in all rows.
func (k *call) needOne(a *expr, what string) bool {
	if !k.needConst(a, what) {
		return false
	}
	if count(a.val) > 1 {
		k.wrong(a.span, "%s must be one value, found [%s]", what, a.text)
		return false
	}
	return true
}

func (k *call) bucketBySpan(x, by *expr) *expr {
	if !k.needOne(by, "the span of "+k.text) {
		return nil
	}
	f, fault := truncBy(by.val)
	if f == nil {
		return k.wrong(by.span, "[%s] cannot make buckets: %s", by.text, fault)
	}
	t := x.typ
	return k.make(k.node, t, []*expr{x}, k.strict1(k.site, x, func(v any) (any, error) { return truncValue(f, t, v), nil }))
}

func bindBucket(k *call) *expr {
	if !k.inGrouping() || !k.want(0, numbers|dates) {
		return nil
	}
	x := k.args[0]
	if dates.has(x.typ) {
		return k.bucketDates()
	}
	switch len(k.args) {
	case 2:
		if !k.want(1, numbers) || !k.needOne(k.args[1], "the span of "+k.text) {
			return nil
		}
		return k.bucketNumbers(func() float64 { return toFloat(k.args[1].val) })
	case 4:
		if !k.want(1, wholes) || !k.want(2, numbers) || !k.want(3, numbers) {
			return nil
		}
		for i := 1; i < 4; i++ {
			if !k.needOne(k.args[i], ordinal(i)+" argument of ["+k.text+"]") {
				return nil
			}
		}
		return k.bucketNumbers(func() float64 {
			return humanSpan(toFloat(k.args[1].val), toFloat(k.args[2].val), toFloat(k.args[3].val))
		})
	}
	return k.wrong(k.node.Span, "[%s] takes a span, or a number of buckets with both bounds", k.text)
}

// humanSpan is the least 5·10^n or 10^n that cuts the range into at most so many buckets.
func humanSpan(buckets, from, to float64) float64 {
	precise := (to - from) / buckets
	next := math.Pow(10, math.Ceil(math.Log10(precise)))
	if half := next / 2; precise < half {
		return half
	}
	return next
}

func (k *call) bucketNumbers(span func() float64) *expr {
	x := k.args[0]
	width := math.NaN()
	known := true
	for _, a := range k.args[1:] {
		known = known && a.val != nil
	}
	if known {
		width = span()
	}
	return k.make(k.node, tDouble, []*expr{x}, k.strict1(k.site, x, func(v any) (any, error) {
		if !known {
			return nil, nil
		}
		q := toFloat(v) / width
		if math.IsNaN(q) || math.IsInf(q, 0) {
			return nil, errDivision
		}
		return finite(math.Floor(q) * width)
	}))
}

// humanSpans are the spans for dates, longest first (page "BUCKET").
var humanSpans = []any{
	period{months: 12},
	period{months: 1},
	period{days: 7},
	period{days: 1},
	duration(12 * 3_600_000), duration(3 * 3_600_000),
	duration(3_600_000), duration(30 * 60_000), duration(10 * 60_000), duration(5 * 60_000), duration(60_000), duration(30_000),
	duration(10_000), duration(5_000), duration(1_000), duration(100), duration(50), duration(10), duration(1),
}

func (k *call) bucketDates() *expr {
	x := k.args[0]
	if len(k.args) == 2 {
		if !k.want(1, amounts) {
			return nil
		}
		return k.bucketBySpan(x, k.args[1])
	}
	if len(k.args) != 4 {
		return k.wrong(k.node.Span, "[%s] takes a span, or a number of buckets with both bounds", k.text)
	}
	bounds := [2]int64{}
	if !k.want(1, wholes) || !k.needOne(k.args[1], "the number of buckets of "+k.text) {
		return nil
	}
	for i := 2; i < 4; i++ {
		a := k.args[i]
		if !k.needOne(a, ordinal(i)+" argument of ["+k.text+"]") {
			return nil
		}
		if strings_.has(a.typ) {
			f, _ := conversion(tKeyword, tDate)
			v, err := f(a.val)
			if err != nil {
				return k.wrong(a.span, "%s argument of [%s] is no date: %s", ordinal(i), k.text, a.text)
			}
			bounds[i-2] = v.(int64)
			continue
		}
		if !k.want(i, dates) {
			return nil
		}
		if a.val == nil {
			return k.build(x.typ, func([]any) any { return nil })
		}
		bounds[i-2] = timeOf(a.typ, a.val).UnixMilli()
	}
	if k.args[1].val == nil {
		return k.build(x.typ, func([]any) any { return nil })
	}
	f := pickSpan(k.args[1].val.(int64), bounds[0], bounds[1])
	t := x.typ
	return k.make(k.node, t, []*expr{x}, k.strict1(k.site, x, func(v any) (any, error) { return truncValue(f, t, v), nil }))
}

// pickSpan is the shortest span that needs no more than so many buckets, the year if all need more.
func pickSpan(buckets, from, to int64) trunc {
	best, _ := truncBy(humanSpans[0])
	for _, s := range humanSpans[1:] {
		f, _ := truncBy(s)
		if !spanFits(s, f, buckets, from, to) {
			return best
		}
		best = f
	}
	return best
}

func spanFits(s any, f trunc, buckets, from, to int64) bool {
	at := f(from)
	for used := int64(0); used < buckets; used++ {
		if used > 1_000_000 {
			return false
		}
		next, err := addAmount(tDate, at, s)
		if err != nil {
			return true
		}
		at = next.(int64)
		if at >= to {
			return true
		}
	}
	return false
}
