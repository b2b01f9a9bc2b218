package interp

import (
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// tstats computes over a data model, or over indexed fields without FROM. The rows of the model are the events of the table
// of its name, else all events that carry its tags, or no tags at all.
func (k *compiler) tstats(st *syntax.Tstats, first bool) stage {
	o := k.options(st.Command(), st.Options, "chart", "backfill", "update_period", "summariesonly", "prestats", "append", "allow_old_summaries", "chunk_size", "fillnull_value", "include_reduced_buckets", "use_summary_index_values", "span")
	if o.bool("prestats", false) {
		k.unsupported(o.all["prestats"].Span, "prestats=true", "leave it out and aggregate once")
	}
	add := o.bool("append", false)
	if !first && !add {
		k.invalid(st.Span, "`tstats` stands inside a pipeline", "it makes rows, so it begins a query: | tstats …")
	}
	aggs := k.aggs(st.Aggs)
	by := k.byNames("tstats", st.By, "span")
	pred := predicate(func(*run, *row) bool { return true })
	if st.Where != nil {
		k.noteTimes(st.Where)
		pred = k.searchExpr(st.Where)
	}
	m, own := k.model(st.From), k.times
	names := slices.Concat(by, searchFields(st.Where), aggFields(st.Aggs))
	spans := k.spansOf(st.By)
	if a, ok := o.all["span"]; ok {
		if f := k.plainBin(a.Value, a.Span); f != nil {
			spans["_time"] = f
		}
	}
	fill, hasFill := o.all["fillnull_value"]
	return func(r *run, in set) set {
		var rows []*row
		events := r.modelEvents(m, own)
		if st.Metrics {
			events = metricRows(events)
		}
		for _, w := range events {
			m.project(w, names)
			if !pred(r, w) {
				continue
			}
			for name, f := range spans {
				w.set(name, f(w.get(name)))
			}
			for _, b := range by {
				if hasFill && w.get(b).isNull() {
					w.set(b, fieldText(fill.Value))
				}
			}
			rows = append(rows, w)
		}
		out := r.aggregateRows(rows, expandAggs(aggs, set{rows: rows}, by), by)
		if add {
			return concatSets(in, out)
		}
		return out
	}
}

// aggFields returns the fields that aggregates read.
func aggFields(aggs []syntax.Agg) []string {
	names := map[string]bool{}
	for _, a := range aggs {
		if a.Eval != nil {
			fieldNames(a.Eval, names)
		}
		if a.Field != "" {
			names[a.Field] = true
		}
	}
	var out []string
	for n := range names {
		out = append(out, n)
	}
	return out
}

// searchFields returns the fields that a search expression reads.
func searchFields(x syntax.SearchExpr) []string {
	var out []string
	var walk func(syntax.SearchExpr)
	walk = func(x syntax.SearchExpr) {
		switch x := x.(type) {
		case *syntax.SearchAnd:
			for _, t := range x.Terms {
				walk(t)
			}
		case *syntax.SearchOr:
			for _, t := range x.Terms {
				walk(t)
			}
		case *syntax.SearchNot:
			walk(x.X)
		case *syntax.Compare:
			out = append(out, x.Field)
		case *syntax.In:
			out = append(out, x.Field)
		case *syntax.Subsearch:
			if x.Op != "" {
				out = append(out, x.Field)
			}
		case *syntax.Keyword, *syntax.TimeTerm, *syntax.MacroTerm:
		}
	}
	if x != nil {
		walk(x)
	}
	return out
}

// project sets on the row the fields of the given names, as the model has them. A wildcard projects every field of the
// event under the dataset's prefix.
func (m *model) project(w *row, names []string) {
	m.fill(w)
	for _, n := range names {
		if strings.Contains(n, "*") {
			prefix, _, _ := strings.Cut(n, "*")
			for _, have := range w.names() {
				if strings.HasPrefix(prefix, m.dataset+".") && !strings.HasPrefix(have, m.dataset+".") && !strings.HasPrefix(have, "_") {
					w.set(m.dataset+"."+have, w.get(have))
				}
			}
			continue
		}
		if n == "nodename" {
			w.set(n, m.nodes(w))
			continue
		}
		if base, ok := m.base(n); ok && w.get(n).isNull() {
			w.set(n, w.get(base))
		}
	}
}

// metricRows are the events that hold metrics, each with a field of its metric's name: metric_name and _value, or
// `metric_name:NAME` (Metrics manual).
func metricRows(events []*row) []*row {
	var out []*row
	for _, w := range events {
		named, found := w.get("metric_name"), false
		if v := w.get("_value"); !v.isNull() && !named.isNull() {
			w.set(named.text(), v)
			found = true
		}
		var list []value
		for _, n := range w.names() {
			if name, ok := strings.CutPrefix(n, "metric_name:"); ok {
				w.set(name, w.get(n))
				list = append(list, fieldText(name))
				found = true
			}
		}
		if named.isNull() {
			w.set("metric_name", listOf(list))
		}
		if found {
			out = append(out, w)
		}
	}
	return out
}
