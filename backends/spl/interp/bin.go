package interp

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/diag"
)

// defaultBins is how many buckets bin makes at most without a span (limits.conf, [discretize]).
const defaultBins = 100

// bin rounds a field down to a multiple of a span. Times stay numbers, other numbers become the text of their range, such as
// 10-20.
func (k *compiler) bin(st *syntax.Bin) stage {
	o := k.options("bin", st.Options, "span", "aligntime", "bins", "minspan", "start", "end")
	as := st.As
	if as == "" {
		as = st.Name
	}
	timed := st.Name == "_time"
	span, hasSpan := o.all["span"]
	if !hasSpan {
		auto := k.autoBin(o, timed)
		return func(r *run, in set) set {
			f := auto(r, in.rows, st.Name)
			return each([]string{as}, func(_ *run, w *row) { w.set(as, mapValues(w.get(st.Name), f)) })(r, in)
		}
	}
	align, ok := k.alignment(o)
	f := k.binFunc(span.Value, span.Span, timed)
	if f == nil || !ok {
		return nil
	}
	return func(r *run, in set) set {
		at := align(r)
		return each([]string{as}, func(_ *run, w *row) { w.set(as, mapValues(w.get(st.Name), func(v value) value { return f(v, at) })) })(r, in)
	}
}

// mapValues applies f to each value of a field.
func mapValues(v value, f func(value) value) value {
	if v.kind != multi {
		return f(v)
	}
	out := make([]value, 0, len(v.list))
	for _, e := range v.list {
		out = append(out, f(e))
	}
	return listOf(out)
}

// alignment reads aligntime: the bounds of the search, or a time.
func (k *compiler) alignment(o options) (func(*run) float64, bool) {
	a, has := o.all["aligntime"]
	if !has {
		return func(*run) float64 { return 0 }, true
	}
	own := k.times
	switch strings.ToLower(a.Value) {
	case "earliest", "latest":
		early := strings.EqualFold(a.Value, "earliest")
		return func(r *run) float64 {
			from, to := r.bounds(own)
			if early {
				to = from
			}
			if math.IsInf(to, 0) {
				return 0
			}
			return to
		}, true
	}
	if _, ok := relativeTime(0, a.Value); !ok {
		k.invalid(a.Span, "`"+a.Value+"` is no time", "write earliest, latest, seconds since 1970, or a modifier such as @d+3h")
		return nil, false
	}
	return func(r *run) float64 {
		t, _ := relativeTime(r.now(), a.Value)
		return t
	}, true
}

// binner rounds a value; align shifts the buckets of times.
type binner func(v value, align float64) value

// plainBin is binFunc for times without an alignment.
func (k *compiler) plainBin(spec string, at diag.Span) func(value) value {
	f := k.binFunc(spec, at, true)
	if f == nil {
		return nil
	}
	return func(v value) value { return f(v, 0) }
}

// binFunc makes the rounding of a span. Months, quarters and years are those of UTC; days align to midnight UTC.
func (k *compiler) binFunc(spec string, at diag.Span, timed bool) binner {
	if strings.Contains(spec, "log") && !timed {
		if f := logBin(spec); f != nil {
			return f
		}
		k.invalid(at, fmt.Sprintf("`%s` is no logarithmic span", spec), "write coefficient, log and base, as in 2log10; the coefficient is at least 1 and below the base")
		return nil
	}
	if size, ok := parseNumber(spec); ok && size > 0 {
		if timed {
			return func(v value, align float64) value { return floorTo(v, size, align) }
		}
		return func(v value, _ float64) value { return rangeOf(v, size) }
	}
	size, whole, ok := k.spanOf(spec)
	if !ok {
		k.invalid(at, fmt.Sprintf("`%s` is no span", spec), "write a number and s, m, h, d, w, mon, q or y")
		return nil
	}
	down := func(v value, align float64) value {
		if whole != nil {
			return whole(v)
		}
		return floorTo(v, size, align)
	}
	if timed {
		return down
	}
	return func(v value, align float64) value {
		low := down(v, align)
		lo, ok := low.number()
		if !ok {
			return v
		}
		hi := lo + size
		if whole != nil {
			hi = nextBucket(whole, lo)
		}
		return fieldText(timeValue(lo).text() + "-" + timeValue(hi).text())
	}
}

// spanOf reads a time span: its length in seconds, or the rounding of days and longer units.
func (k *compiler) spanOf(spec string) (size float64, whole func(value) value, ok bool) {
	if n, unit, sub := subsecond(spec); sub {
		return n * unit, nil, n > 0
	}
	count, unit, ok := parseSpan(spec)
	if !ok {
		return 0, nil, false
	}
	size, fixed := spanSeconds(count, unit)
	switch {
	case unit == "w":
		return size, func(v value) value { return floorTo(v, size, 3*86400) }, true // weeks begin on Sunday; 4 January 1970 was one
	case fixed && size >= 86400:
		return size, func(v value) value { return floorTo(v, size, 0) }, true
	case fixed:
		return size, nil, true
	}
	months := map[string]int{"mon": 1, "q": 3, "y": 12}[unit] * count
	return 0, func(v value) value {
		x, ok := v.number()
		if !ok {
			return v
		}
		t := instant(x)
		n := (t.Year()-1970)*12 + int(t.Month()) - 1
		start := addUnit(instant(0), n-((n%months)+months)%months, "mon")
		return timeValue(seconds(start))
	}, true
}

// subsecond reads a span of parts of a second: ms, cs or ds; us are microseconds.
func subsecond(spec string) (n, unit float64, ok bool) {
	for suffix, u := range map[string]float64{"us": 1e-6, "ms": 1e-3, "cs": 1e-2, "ds": 1e-1} {
		if digits, found := strings.CutSuffix(spec, suffix); found {
			n, err := strconv.ParseFloat(digits, 64)
			return n, u, err == nil && n < 1e9
		}
	}
	return 0, 0, false
}

// nextBucket is where the bucket behind the one that begins at lo begins.
func nextBucket(whole func(value) value, lo float64) float64 {
	for days := 1.0; days < 40000; days++ {
		if next, _ := whole(numValue(lo + days*86400)).number(); next > lo {
			return next
		}
	}
	return lo
}

// floorTo rounds a number down to align plus a multiple of size; text stays as it is.
func floorTo(v value, size, align float64) value {
	x, ok := v.number()
	if !ok {
		return v
	}
	return timeValue(math.Floor((x-align)/size)*size + align)
}

// rangeOf is the range of size that a number lies in, as text; other text stays as it is.
func rangeOf(v value, size float64) value {
	x, ok := v.number()
	if !ok {
		return v
	}
	n := math.Floor(x / size)
	return fieldText(formatNumber(tidy(n*size)) + "-" + formatNumber(tidy((n+1)*size)))
}

// tidy takes the noise of binary fractions off a bound.
func tidy(x float64) float64 {
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 12, 64), 64)
	if err != nil {
		return x
	}
	return y
}

// logBin makes the ranges of a logarithmic span such as 2log10: from coefficient*base^n to the next power.
func logBin(spec string) binner {
	before, after, _ := strings.Cut(spec, "log")
	coefficient, base := 1.0, 10.0
	var ok bool
	if before != "" {
		if coefficient, ok = parseNumber(before); !ok {
			return nil
		}
	}
	if after != "" {
		if base, ok = parseNumber(after); !ok {
			return nil
		}
	}
	if base <= 1 || coefficient < 1 || coefficient >= base {
		return nil
	}
	return func(v value, _ float64) value {
		x, ok := v.number()
		if !ok || x <= 0 {
			return v
		}
		n := math.Floor(math.Log(x/coefficient)/math.Log(base) + 1e-12)
		return fieldText(formatNumber(tidy(coefficient*math.Pow(base, n))) + "-" + formatNumber(tidy(coefficient*math.Pow(base, n+1))))
	}
}

// niceSpans are the time spans that are chosen from, in seconds; a month follows.
var niceSpans = []float64{1, 5, 10, 30, 60, 300, 600, 1800, 3600, 86400}

// autoBin chooses the span from the values: for times the smallest nice one, for numbers the smallest power of ten, that
// needs no more than bins buckets.
func (k *compiler) autoBin(o options, timed bool) func(r *run, rows []*row, name string) func(value) value {
	bins := max(1, o.int("bins", defaultBins))
	limit := func(name string) (float64, bool) {
		a, ok := o.all[name]
		if !ok {
			return 0, false
		}
		x, num := parseNumber(a.Value)
		if !num {
			k.invalid(a.Span, fmt.Sprintf("`%s` is no number", a.Value), "write a number")
		}
		return x, num
	}
	start, hasStart := limit("start")
	end, hasEnd := limit("end")
	least := 0.0
	if a, ok := o.all["minspan"]; ok {
		var fine bool
		if least, fine = parseNumber(a.Value); !fine {
			least, _ = o.span("minspan")
		}
	}
	own := k.times
	return func(r *run, rows []*row, name string) func(value) value {
		lo, hi := math.Inf(1), math.Inf(-1)
		for _, w := range rows {
			for _, v := range w.get(name).values() {
				if x, ok := v.number(); ok {
					lo, hi = min(lo, x), max(hi, x)
				}
			}
		}
		if hasStart {
			lo = min(lo, start)
		}
		if hasEnd {
			hi = max(hi, end)
		}
		if timed {
			from, to := r.bounds(own)
			if !math.IsInf(from, 0) && !math.IsInf(to, 0) {
				lo, hi = from, to
			}
			return timeBuckets(hi-lo, bins, least)
		}
		size := 1.0
		if span := hi - lo; span > 0 && !math.IsInf(span, 0) {
			size = math.Pow(10, math.Ceil(math.Log10(span/float64(bins))-1e-12))
		}
		for size < least {
			size *= 10
		}
		return func(v value) value { return rangeOf(v, size) }
	}
}

// autoSpan is the smallest nice span that cuts a length of time into no more than bins buckets; 0 is a month.
func autoSpan(length float64, bins int, least float64) float64 {
	for _, s := range niceSpans {
		if s >= least && (length <= 0 || math.IsInf(length, 0) || length/s <= float64(bins)) {
			return s
		}
	}
	return 0
}

func timeBuckets(length float64, bins int, least float64) func(value) value {
	size := autoSpan(length, bins, least)
	if size > 0 {
		return func(v value) value { return floorTo(v, size, 0) }
	}
	_, month, _ := (&compiler{}).spanOf("1mon")
	return month
}
