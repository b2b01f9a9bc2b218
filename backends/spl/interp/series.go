package interp

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// rename gives each row's series its final name: null, one that is kept, or the rest. It returns the names in order. A series'
// score is the sum of its cells, with several aggregates the number of its rows (Search Reference, chart).
func (g *grid) rename(r *run, in set, aggs []aggregation) []string {
	for _, w := range in.rows {
		if w.get(g.series).isNull() && g.nulls {
			w.set(g.series, fieldText(g.nullName))
		}
	}
	cells := map[string][]value{}
	for _, c := range r.groupRows(in.rows, g.scoring(aggs), []string{g.row, g.series}) {
		name := c.key[1].text()
		cells[name] = append(cells[name], c.aggs[0].result(r))
	}
	names := slices.Sorted(maps.Keys(cells))
	if i := slices.Index(names, g.nullName); i >= 0 && g.nulls { // rows without a series come behind the others
		names = append(slices.Delete(names, i, i+1), g.nullName)
	}
	kept := g.kept(r, names, cells)
	if len(kept) == len(names) {
		return names
	}
	for _, w := range in.rows {
		v := w.get(g.series)
		if v.isNull() || slices.ContainsFunc(v.values(), func(v value) bool { return slices.Contains(kept, v.text()) }) {
			continue
		}
		if g.other {
			w.set(g.series, fieldText(g.otherName))
		} else {
			w.set(g.series, value{})
		}
	}
	if g.other {
		kept = append(kept, g.otherName)
	}
	return kept
}

// scoring is the aggregate whose cells a series is judged by.
func (g *grid) scoring(aggs []aggregation) []aggregation {
	if len(aggs) == 1 {
		return aggs
	}
	return []aggregation{{make: func() aggregate { return &counter{} }, name: "count"}}
}

// kept are the names of the series that are kept, in order.
func (g *grid) kept(r *run, names []string, cells map[string][]value) []string {
	score := map[string]float64{}
	for name, vals := range cells {
		if g.where != nil {
			agg := g.where.make()
			for _, v := range vals {
				agg.add(r, newRow(), v)
			}
			score[name], _ = agg.result(r).number()
			continue
		}
		for _, v := range vals {
			x, _ := v.number()
			score[name] += x
		}
	}
	keep := g.pick
	if keep == nil {
		return names
	}
	good := keep(slices.Clone(names), score)
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !good[n] })
}

// picker says which of the names are kept, by their scores.
type picker func(names []string, score map[string]float64) map[string]bool

// best picks the n names with the highest scores, or the lowest; 0 is all.
func best(n int, lowest bool) picker {
	return func(names []string, score map[string]float64) map[string]bool {
		slices.SortStableFunc(names, func(a, b string) int {
			if lowest {
				a, b = b, a
			}
			return compareFloats(score[b], score[a])
		})
		if n > 0 && n < len(names) {
			names = names[:n]
		}
		good := map[string]bool{}
		for _, name := range names {
			good[name] = true
		}
		return good
	}
}

// topOrBottom reads 5, top5 or bottom5.
func topOrBottom(s string) (n int, lowest, ok bool) {
	s = strings.ToLower(s)
	digits, lowest := strings.CutPrefix(s, "bottom")
	if !lowest {
		digits = strings.TrimPrefix(s, "top")
	}
	n, err := strconv.Atoi(digits)
	return n, lowest, err == nil && n >= 0
}

// seriesWhere compiles which series are kept.
func (k *compiler) seriesWhere(st *syntax.Chart, g *grid) {
	w := st.Where
	f, ok := aggregateByName(w.Agg.Func)
	if !ok {
		k.unknown(w.Agg.Span, "aggregate", w.Agg.Func, aggregateNames(), "")
		return
	}
	g.where = &f
	if w.Op == "in" || w.Op == "notin" {
		n, lowest, fine := topOrBottom(w.Value)
		if !fine || n == 0 {
			k.invalid(st.Span, fmt.Sprintf("`%s` says no number of series", w.Value), "write topN or bottomN, as in top5")
			return
		}
		inside := best(n, lowest)
		g.pick = func(names []string, score map[string]float64) map[string]bool {
			good := inside(slices.Clone(names), score)
			if w.Op == "notin" {
				for _, name := range names {
					good[name] = !good[name]
				}
			}
			return good
		}
		return
	}
	limit, fine := parseNumber(w.Value)
	if !fine {
		k.invalid(st.Span, fmt.Sprintf("`%s` is no number", w.Value), "write a number")
	}
	g.pick = func(names []string, score map[string]float64) map[string]bool {
		good := map[string]bool{}
		for _, name := range names {
			good[name] = ordered(w.Op, compareFloats(score[name], limit))
		}
		return good
	}
}
