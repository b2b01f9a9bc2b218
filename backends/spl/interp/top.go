package interp

import (
	"math"
	"slices"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// top compiles top and rare: the most (least) frequent combinations of fields, with their share.
func (k *compiler) top(st *syntax.Top) stage {
	o := k.options(st.Command(), st.Options, "limit", "countfield", "percentfield", "showcount", "showperc", "useother", "otherstr")
	limit := k.count(st.Limit, st.Span, o.int("limit", 10))
	count, percent := o.text("countfield", "count"), o.text("percentfield", "percent")
	showCount, showPerc := o.bool("showcount", true), o.bool("showperc", true)
	useOther, otherName := o.bool("useother", false), o.text("otherstr", "OTHER")
	by := slices.Concat(st.By, st.Names)
	counting := []aggregation{{make: func() aggregate { return &counter{} }, name: count}}
	return func(r *run, in set) set {
		totals := map[string]float64{}
		groups := r.groupRows(in.rows, counting, by)
		for _, g := range groups {
			n, _ := g.aggs[0].result(r).number()
			totals[keyText(g.key[:len(st.By)])] += n
		}
		slices.SortStableFunc(groups, func(a, b *group) int {
			for i := range st.By {
				if c := compareAuto(a.key[i], b.key[i]); c != 0 {
					return c
				}
			}
			x, _ := a.aggs[0].result(r).number()
			y, _ := b.aggs[0].result(r).number()
			if st.Rare {
				return compareFloats(x, y)
			}
			return compareFloats(y, x)
		})
		out := set{order: slices.Clone(by)}
		if showCount {
			out.order = append(out.order, count)
		}
		if showPerc {
			out.order = append(out.order, percent)
		}
		taken, rest := map[string]int{}, map[string]float64{}
		for i, g := range groups {
			key := keyText(g.key[:len(st.By)])
			n, _ := g.aggs[0].result(r).number()
			if taken[key]++; limit > 0 && taken[key] > limit {
				rest[key] += n
			}
			last := i+1 == len(groups) || keyText(groups[i+1].key[:len(st.By)]) != key
			w := newRow()
			for j, name := range by {
				w.set(name, g.key[j])
			}
			if limit > 0 && taken[key] > limit {
				if !last || !useOther { // the last of a group stands for the others
					continue
				}
				n = rest[key]
				for _, name := range st.Names {
					w.set(name, fieldText(otherName))
				}
			}
			if showCount {
				w.set(count, numValue(n))
			}
			if showPerc {
				w.set(percent, numValue(math.Round(n/totals[key]*1e8)/1e6))
			}
			out.rows = append(out.rows, w)
		}
		return out
	}
}
