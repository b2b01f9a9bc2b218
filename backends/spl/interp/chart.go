package interp

import (
	"fmt"
	"math"
	"slices"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// chart compiles chart and timechart: aggregates in a grid of rows and series.
func (k *compiler) chart(st *syntax.Chart) stage {
	known := []string{"span", "limit", "useother", "usenull", "otherstr", "nullstr", "cont", "partial", "sep", "format", "agg", "bins", "minspan", "start", "end", "aligntime", "fixedrange", "dedup_splitvals"}
	args := slices.Clone(st.Options)
	for _, b := range st.By {
		args = append(args, b.Options...)
	}
	if st.Over != nil {
		args = append(args, st.Over.Options...)
	}
	o := k.options(st.Command(), args, known...)
	g := grid{aggs: k.chartAggs(st.Aggs, st.Time), time: st.Time, other: o.bool("useother", true), nulls: o.bool("usenull", true), own: k.times, otherName: o.text("otherstr", "OTHER"), nullName: o.text("nullstr", "NULL"), cont: o.bool("cont", true), fixed: o.bool("fixedrange", true)}
	by := k.byNames(st.Command(), st.By, known...)
	switch {
	case st.Time:
		g.row = "_time"
		if len(by) > 0 {
			g.series = by[0]
		}
	case st.Over != nil:
		g.row = st.Over.Name
		if len(by) > 0 {
			g.series = by[0]
		}
	case len(by) > 0:
		if g.row = by[0]; len(by) > 1 {
			g.series = by[1]
		}
	}
	if len(by) > 2 || st.Time && len(by) > 1 {
		k.invalid(st.Span, fmt.Sprintf("`%s` has too many BY fields", st.Command()), "use stats to group by more")
	}
	k.chartSpan(st, o, &g)
	g.pick = best(10, false)
	if a, ok := o.all["limit"]; ok {
		n, lowest, fine := topOrBottom(a.Value)
		if g.pick = best(n, lowest); !fine {
			k.invalid(a.Span, fmt.Sprintf("`%s` is no number of series", a.Value), "write a whole number, 0 for all")
		}
	}
	if st.Where != nil {
		k.seriesWhere(st, &g)
	}
	return g.run
}

// chartSpan compiles the span of the rows; timechart without one chooses it from the time range.
func (k *compiler) chartSpan(st *syntax.Chart, o options, g *grid) {
	align, ok := k.alignment(o)
	if !ok {
		return
	}
	a, hasSpan := o.all["span"]
	if !hasSpan {
		if st.Time || o.has("bins") {
			auto := k.autoBin(o, g.row == "_time")
			g.auto = func(r *run, rows []*row) func(value) value { return auto(r, rows, g.row) }
		}
		return
	}
	f := k.binFunc(a.Value, a.Span, g.row == "_time")
	if f == nil {
		return
	}
	g.auto = func(r *run, _ []*row) func(value) value {
		at := align(r)
		return func(v value) value { return f(v, at) }
	}
}

// grid is a compiled chart.
type grid struct {
	aggs                []aggregation
	row, series         string
	auto                func(r *run, rows []*row) func(value) value // makes the rounding of the rows; nil for none
	time, cont, fixed   bool
	pick                picker         // which series are kept; nil is all
	where               *aggregateFunc // what pick judges by; nil is the sum of the cells
	other, nulls        bool
	otherName, nullName string
	own                 timeBounds
}

// run computes the groups of (row, series) and lays them out.
func (g *grid) run(r *run, in set) set {
	var bucket func(value) value
	if g.auto != nil {
		bucket = g.auto(r, in.rows)
		for _, w := range in.rows {
			w.set(g.row, mapValues(w.get(g.row), bucket))
		}
	}
	aggs := expandAggs(g.aggs, in, []string{g.row, g.series})
	if g.row == "" {
		return r.aggregateRows(in.rows, aggs, nil)
	}
	if g.series == "" {
		out := r.aggregateRows(in.rows, aggs, []string{g.row})
		g.perUnit(out, aggs, nil, bucket)
		return g.fillGaps(r, out, bucket)
	}
	names := g.rename(r, in, aggs)
	cells := r.groupRows(in.rows, aggs, []string{g.row, g.series})
	rows := map[string]*row{}
	out := set{order: []string{g.row}}
	for _, c := range cells {
		w := rows[c.key[0].text()]
		if w == nil {
			w = newRow()
			w.set(g.row, c.key[0])
			rows[c.key[0].text()] = w
			out.rows = append(out.rows, w)
		}
		for i, a := range aggs {
			w.set(seriesName(aggs, a, c.key[1].text()), c.aggs[i].result(r))
		}
	}
	for _, a := range aggs {
		for _, s := range names {
			out.order = append(out.order, seriesName(aggs, a, s))
		}
	}
	g.perUnit(out, aggs, names, bucket)
	out = g.fillGaps(r, out, bucket)
	if len(out.rows)*len(out.order) > maxCells {
		r.limit(fmt.Sprintf("a chart has more than %d cells", maxCells))
		return out
	}
	for _, a := range aggs {
		if a.fn != "count" && a.fn != "c" && a.fn != "dc" {
			continue
		}
		for _, w := range out.rows {
			for _, s := range names {
				if n := seriesName(aggs, a, s); w.get(n).isNull() {
					w.set(n, numValue(0))
				}
			}
		}
	}
	return out
}

// perUnit divides rates by the length of their bucket.
func (g *grid) perUnit(out set, aggs []aggregation, series []string, bucket func(value) value) {
	for _, a := range aggs {
		if a.unit == 0 || bucket == nil {
			continue
		}
		cols := []string{a.name}
		for i, s := range series {
			if i == 0 {
				cols = nil
			}
			cols = append(cols, seriesName(aggs, a, s))
		}
		for _, w := range out.rows {
			t, _ := w.get("_time").number()
			for _, c := range cols {
				if x, ok := w.get(c).number(); ok {
					w.set(c, finite(x*a.unit/(following(bucket, t)-t)))
				}
			}
		}
	}
}

// seriesName is the column of a series: its value, with several aggregates behind the aggregate's name.
func seriesName(aggs []aggregation, a aggregation, series string) string {
	if len(aggs) == 1 {
		return series
	}
	return a.name + ": " + series
}

// fillGaps adds the time buckets without events: a count of 0, nothing for other aggregates.
func (g *grid) fillGaps(r *run, out set, bucket func(value) value) set {
	if !g.time || !g.cont || bucket == nil || len(out.rows) == 0 && g.rangeOpen(r) {
		return out
	}
	from, to := math.Inf(1), math.Inf(-1)
	have := map[float64]*row{}
	for _, w := range out.rows {
		t, ok := w.get("_time").number()
		if !ok {
			continue
		}
		from, to = min(from, t), max(to, t)
		have[t] = w
	}
	if lo, hi := r.bounds(g.own); g.fixed && !math.IsInf(lo, -1) && !math.IsInf(hi, 1) && hi > lo {
		first, _ := bucket(numValue(lo)).number()
		last, _ := bucket(numValue(math.Nextafter(hi, lo))).number()
		from, to = min(from, first), max(to, last)
	}
	rows := []*row{}
	for t := from; t <= to; {
		w := have[t]
		if w == nil {
			w = newRow()
			w.set("_time", timeValue(t))
			if g.series == "" {
				for _, a := range g.aggs {
					w.set(a.name, newGroup([]aggregation{a}, nil).aggs[0].result(r))
				}
			}
		}
		rows = append(rows, w)
		next := following(bucket, t)
		if len(rows) > maxRows || next <= t {
			r.limit("timechart has too many buckets")
			return out
		}
		t = next
	}
	out.rows = rows
	return out
}

// following is where the bucket behind the one that begins at t begins.
func following(bucket func(value) value, t float64) float64 {
	for step := 1e-6; step < 4e9; step *= 1.5 { // below 2, so that no bucket is passed over, even a short month
		if next, _ := bucket(numValue(t + step)).number(); next > t {
			return next
		}
	}
	return t
}

func (g *grid) rangeOpen(r *run) bool {
	lo, hi := r.bounds(g.own)
	return math.IsInf(lo, -1) || math.IsInf(hi, 1)
}
