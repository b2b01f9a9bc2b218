package interp

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// aggregate is one aggregate function being computed: rows go in one by one.
type aggregate interface {
	// add takes what the aggregate's argument is on a row. With count alone v is not used.
	add(r *run, w *row, v value)
	result(r *run) value
}

// aggregateFunc is one row of the table of aggregates.
type aggregateFunc struct {
	doc string
	// bare says that the aggregate may stand without an argument.
	bare bool
	make func() aggregate
}

// aggregates is the table of all aggregates but the percentiles, by name. Aliases share a row.
var aggregates = map[string]aggregateFunc{
	"count":          {"rows, or values of a field, or rows for which an eval condition is true", true, func() aggregate { return &counter{} }},
	"dc":             {"distinct values", false, func() aggregate { return &distinct{} }},
	"values":         {"distinct values, sorted as text", false, func() aggregate { return &valueSet{} }},
	"list":           {"values in order, at most 100", false, func() aggregate { return &valueList{} }},
	"sum":            {"sum of numbers", false, numeric(func(m *moments, _ *run) value { return finite(m.sum) })},
	"sumsq":          {"sum of squares", false, numeric(func(m *moments, _ *run) value { return finite(m.sumsq) })},
	"avg":            {"mean of numbers", false, numeric(func(m *moments, _ *run) value { return finite(m.sum / float64(m.n)) })},
	"stdev":          {"sample standard deviation", false, numeric(func(m *moments, r *run) value { return m.spread(r, 1, math.Sqrt) })},
	"stdevp":         {"population standard deviation", false, numeric(func(m *moments, r *run) value { return m.spread(r, 0, math.Sqrt) })},
	"var":            {"sample variance", false, numeric(func(m *moments, r *run) value { return m.spread(r, 1, same) })},
	"varp":           {"population variance", false, numeric(func(m *moments, r *run) value { return m.spread(r, 0, same) })},
	"min":            {"smallest value; as text if some is no number", false, func() aggregate { return &extremes{pick: -1} }},
	"max":            {"largest value; as text if some is no number", false, func() aggregate { return &extremes{pick: 1} }},
	"range":          {"difference of largest and smallest number", false, func() aggregate { return &extremes{} }},
	"first":          {"value of the first row that has one", false, func() aggregate { return &edgeValue{} }},
	"last":           {"value of the last row that has one", false, func() aggregate { return &edgeValue{last: true} }},
	"earliest":       {"value of the oldest row that has one", false, func() aggregate { return &timed{} }},
	"latest":         {"value of the newest row that has one", false, func() aggregate { return &timed{newest: true} }},
	"earliest_time":  {"time of the oldest row that has a value", false, func() aggregate { return &timed{time: true} }},
	"latest_time":    {"time of the newest row that has a value", false, func() aggregate { return &timed{time: true, newest: true} }},
	"rate":           {"change per second between oldest and newest value", false, func() aggregate { return &rate{} }},
	"mode":           {"most frequent value", false, func() aggregate { return &mode{} }},
	"distinct_count": {"as dc", false, func() aggregate { return &distinct{} }},
	"estdc":          {"distinct values; Splunk estimates above 1,000", false, func() aggregate { return &distinct{} }},
	"estdc_error":    {"error of estdc; 0 here, where it is exact", false, func() aggregate { return &exactly{} }},
	"c":              {"as count", true, func() aggregate { return &counter{} }},
	"mean":           {"as avg", false, numeric(func(m *moments, _ *run) value { return finite(m.sum / float64(m.n)) })},
	"median":         {"as perc50", false, func() aggregate { return &percentile{p: 50} }},
}

func same(x float64) float64 { return x }

// aggregateByName finds an aggregate; percN, pN, upperpercN and exactpercN are percentiles.
func aggregateByName(name string) (aggregateFunc, bool) {
	if f, ok := aggregates[name]; ok {
		return f, true
	}
	for _, prefix := range []string{"exactperc", "upperperc", "perc", "p"} {
		digits, ok := strings.CutPrefix(name, prefix)
		if !ok {
			continue
		}
		if p, err := strconv.ParseFloat(digits, 64); err == nil && p >= 0 && p <= 100 {
			return aggregateFunc{doc: "percentile, by nearest rank", make: func() aggregate { return &percentile{p: p} }}, true
		}
	}
	return aggregateFunc{}, false
}

func aggregateNames() []string { return slices.Collect(maps.Keys(aggregates)) }

// counter counts rows (no argument), values, or true conditions.
type counter struct{ n int }

func (a *counter) add(r *run, _ *row, v value) {
	if v.kind == boolean && v.num == 0 || v.isNull() {
		return
	}
	if r.on[countValues].On() {
		a.n += len(v.values())
	} else {
		a.n++
	}
}

func (a *counter) result(*run) value { return numValue(float64(a.n)) }

type distinct struct{ seen map[string]bool }

func (a *distinct) add(r *run, _ *row, v value) {
	if a.seen == nil {
		a.seen = map[string]bool{}
	}
	if !r.on[countValues].On() && !v.isNull() {
		a.seen[v.text()] = true
		return
	}
	for _, e := range v.values() {
		a.seen[e.text()] = true
	}
}

func (a *distinct) result(*run) value { return numValue(float64(len(a.seen))) }

type valueSet struct{ seen map[string]value }

func (a *valueSet) add(_ *run, _ *row, v value) {
	if a.seen == nil {
		a.seen = map[string]value{}
	}
	for _, e := range v.values() {
		if _, ok := a.seen[e.text()]; !ok {
			a.seen[e.text()] = e.stored()
		}
	}
}

func (a *valueSet) result(r *run) value {
	out := make([]value, 0, len(a.seen))
	for _, k := range slices.Sorted(maps.Keys(a.seen)) {
		out = append(out, a.seen[k])
	}
	return r.listValue(out)
}

// maxList is list's cap (limits.conf, [stats] list_maxsize).
const maxList = 100

type valueList struct{ list []value }

func (a *valueList) add(_ *run, _ *row, v value) {
	for _, e := range v.values() {
		if len(a.list) < maxList {
			a.list = append(a.list, e.stored())
		}
	}
}

func (a *valueList) result(*run) value { return listOf(a.list) }

// moments sums numbers; values that are none are passed over.
type moments struct {
	n          int
	sum, sumsq float64
	mean, m2   float64 // running mean and sum of squared deviations
	out        func(*moments, *run) value
}

func numeric(out func(*moments, *run) value) func() aggregate {
	return func() aggregate { return &moments{out: out} }
}

func (m *moments) add(_ *run, _ *row, v value) {
	for _, e := range v.values() {
		x, ok := e.number()
		if !ok {
			continue
		}
		m.n++
		m.sum += x
		m.sumsq += x * x
		d := x - m.mean
		m.mean += d / float64(m.n)
		m.m2 += d * (x - m.mean)
	}
}

func (m *moments) result(r *run) value {
	if m.n == 0 {
		return value{}
	}
	return m.out(m, r)
}

// spread is the variance with n-less in the denominator, through f.
func (m *moments) spread(r *run, less int, f func(float64) float64) value {
	if m.n <= less {
		if r.on[stdevOneIsZero].On() {
			return numValue(0)
		}
		return value{}
	}
	return finite(f(m.m2 / float64(m.n-less)))
}

// extremes keeps the smallest and largest value by number and by text.
type extremes struct {
	pick               int // -1 min, 1 max, 0 range
	numLow, numHigh    value
	textLow, textHigh  value
	low, high          float64
	notNumber, anyText bool
}

func (a *extremes) add(_ *run, _ *row, v value) {
	for _, e := range v.values() {
		if x, ok := e.number(); ok {
			if a.numLow.isNull() || x < a.low {
				a.numLow, a.low = e.stored(), x
			}
			if a.numHigh.isNull() || x > a.high {
				a.numHigh, a.high = e.stored(), x
			}
		} else {
			a.notNumber = true
		}
		if !a.anyText || e.text() < a.textLow.text() {
			a.textLow = e.stored()
		}
		if !a.anyText || e.text() > a.textHigh.text() {
			a.textHigh = e.stored()
		}
		a.anyText = true
	}
}

func (a *extremes) result(r *run) value {
	if a.pick == 0 {
		if a.numLow.isNull() {
			return value{}
		}
		return finite(a.high - a.low)
	}
	if a.notNumber && r.on[minMaxText].On() {
		if a.pick < 0 {
			return a.textLow
		}
		return a.textHigh
	}
	if a.pick < 0 {
		return a.numLow
	}
	return a.numHigh
}

type edgeValue struct {
	last bool
	v    value
}

func (a *edgeValue) add(_ *run, _ *row, v value) {
	if !v.isNull() && (a.last || a.v.isNull()) {
		a.v = v.stored()
	}
}

func (a *edgeValue) result(*run) value { return a.v }

// timed keeps the value of the oldest or newest row by _time. Among equal times the row that comes last in arrival order
// counts as older.
type timed struct {
	newest, time bool
	at           float64
	v            value
}

func (a *timed) add(_ *run, w *row, v value) {
	t, ok := w.get("_time").number()
	if !ok || v.isNull() {
		return
	}
	if a.v.isNull() || a.newest && t > a.at || !a.newest && t <= a.at {
		a.at, a.v = t, v.stored()
		if a.time {
			a.v = timeValue(t)
		}
	}
}

func (a *timed) result(*run) value { return a.v }

type rate struct{ oldest, newest timed }

func (a *rate) add(r *run, w *row, v value) {
	a.newest.newest = true
	a.oldest.add(r, w, v)
	a.newest.add(r, w, v)
}

func (a *rate) result(*run) value {
	x, ok := a.oldest.v.number()
	y, ok2 := a.newest.v.number()
	if !ok || !ok2 || a.newest.at == a.oldest.at {
		return value{}
	}
	return finite((y - x) / (a.newest.at - a.oldest.at))
}

type mode struct {
	counts map[string]int
	vals   map[string]value
}

func (a *mode) add(_ *run, _ *row, v value) {
	if a.counts == nil {
		a.counts, a.vals = map[string]int{}, map[string]value{}
	}
	for _, e := range v.values() {
		a.counts[e.text()]++
		a.vals[e.text()] = e.stored()
	}
}

func (a *mode) result(*run) value {
	best := ""
	for _, k := range slices.Sorted(maps.Keys(a.counts)) {
		if a.counts[k] > a.counts[best] {
			best = k
		}
	}
	return a.vals[best]
}

// percentile takes the value at the nearest rank; of two middle values the median is the larger.
type percentile struct {
	p    float64
	nums []float64
}

func (a *percentile) add(_ *run, _ *row, v value) {
	for _, e := range v.values() {
		if x, ok := e.number(); ok {
			a.nums = append(a.nums, x)
		}
	}
}

func (a *percentile) result(*run) value {
	if len(a.nums) == 0 {
		return value{}
	}
	slices.Sort(a.nums)
	i := int(a.p / 100 * float64(len(a.nums)))
	return numValue(a.nums[min(i, len(a.nums)-1)])
}

// exactly is the error of an exact count.
type exactly struct{}

func (*exactly) add(*run, *row, value) {}

func (*exactly) result(*run) value { return numValue(0) }
