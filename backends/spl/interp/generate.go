package interp

import (
	"encoding/csv"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/diag"
)

// makeresults makes rows with the time of the search.
func (k *compiler) makeresults(st *syntax.Plain, first bool) stage {
	o := k.options("makeresults", st.Args, "count", "annotate", "splunk_server", "splunk_server_group", "format", "data")
	count, annotate := o.int("count", 1), o.bool("annotate", false)
	if !first {
		k.invalid(st.Span, "`makeresults` stands inside a pipeline", "it makes rows, so it begins a query: | makeresults")
	}
	if o.has("data") {
		return k.makeData(st, o)
	}
	return func(r *run, _ set) set {
		out := set{order: []string{"_time"}}
		if annotate {
			out.order = []string{"_raw", "_time", "host", "source", "sourcetype", "splunk_server", "splunk_server_group"}
		}
		if count > maxRows {
			r.limit("makeresults makes too many rows")
			return out
		}
		for range max(0, count) {
			w := newRow()
			w.f["_time"] = timeValue(r.now())
			if annotate {
				w.f["splunk_server"] = fieldText("localhost")
			}
			out.rows = append(out.rows, w)
		}
		return out
	}
}

// makeData reads rows from the text of the query: format=json or format=csv.
func (k *compiler) makeData(st *syntax.Plain, o options) stage {
	var rows []map[string]any
	var order []string
	switch o.text("format", "") {
	case "json":
		dec := json.NewDecoder(strings.NewReader(o.text("data", "")))
		dec.UseNumber()
		if err := dec.Decode(&rows); err != nil {
			k.invalid(o.all["data"].Span, "the data is no JSON array of objects", "write data=\"[{\\\"a\\\":1}]\"")
		}
	case "csv":
		read := csv.NewReader(strings.NewReader(strings.TrimSpace(o.text("data", ""))))
		read.TrimLeadingSpace, read.FieldsPerRecord, read.LazyQuotes = true, -1, true
		lines, err := read.ReadAll()
		if err != nil || len(lines) == 0 {
			k.invalid(o.all["data"].Span, "the data is no CSV", "write a line of names and a line for each row")
			return nil
		}
		for _, n := range lines[0] {
			order = append(order, strings.TrimSpace(n))
		}
		for _, line := range lines[1:] {
			obj := map[string]any{}
			for i, cell := range line {
				if cell = strings.TrimSpace(cell); i < len(order) && cell != "" {
					obj[order[i]] = cell
				}
			}
			rows = append(rows, obj)
		}
	default:
		k.invalid(st.Span, "`makeresults` with data needs format=json or format=csv", "add format=json")
	}
	return func(r *run, _ set) set {
		out := set{order: order}
		for _, obj := range rows {
			w := newRow()
			r.extract(w.f, "", obj, nil)
			if _, ok := w.f["_time"]; !ok {
				w.f["_time"] = timeValue(r.now())
			}
			out.rows = append(out.rows, w)
		}
		return out
	}
}

// lookupTable notes that a table is a lookup, and returns the name of its native table.
func (k *compiler) lookupTable(name string) string {
	table := name
	if def, ok := k.lookups[name]; ok && def.Table != "" {
		table = def.Table
	}
	k.used[table] = true
	return table
}

// tableRows reads a lookup table. Its cells are texts.
func (r *run) tableRows(name string, span diag.Span) ([]*row, bool) {
	i := slices.IndexFunc(r.in.Tables, func(t native.Table) bool {
		return t.Name == name || t.Name == strings.TrimSuffix(name, ".csv") || t.Name+".csv" == name
	})
	if i < 0 {
		r.fault(diag.SPLRun, span, "no lookup table `"+name+"` is given", "give it as a table: --table "+name+"=FILE")
		return nil, false
	}
	t := r.in.Tables[i]
	types := maps.Clone(t.Types)
	if types == nil {
		types = map[string]string{}
	}
	for _, n := range t.Rows {
		for key, v := range n {
			if _, isList := v.([]any); isList {
				types[key] = "multivalue"
			}
		}
	}
	rows := make([]*row, 0, len(t.Rows))
	for j, n := range t.Rows {
		w := &row{f: make(map[string]value, len(n)), src: &native.Ref{Table: i, Row: j}}
		for _, key := range slices.Sorted(maps.Keys(n)) {
			if n[key] != nil {
				r.extract(w.f, key, n[key], types)
			}
		}
		rows = append(rows, w)
	}
	return rows, true
}

func (k *compiler) inputlookup(st *syntax.Inputlookup, first bool) stage {
	o := k.options("inputlookup", st.Options, "append", "start", "max", "strict")
	table := k.lookupTable(st.Table)
	add := o.bool("append", false)
	from, limit := o.int("start", 0), o.int("max", 0)
	pred := func(*run, *row) bool { return true }
	if st.Where != nil {
		pred = k.searchExpr(st.Where)
	}
	if !first && !add {
		k.invalid(st.Span, "`inputlookup` stands inside a pipeline", "add append=true to put its rows behind the others")
	}
	return func(r *run, in set) set {
		rows, ok := r.tableRows(table, st.Span)
		if !ok {
			return set{}
		}
		got := filter(r, set{rows: rows}, pred)
		got.rows = got.rows[min(max(0, from), len(got.rows)):]
		if limit > 0 && len(got.rows) > limit {
			got.rows = got.rows[:limit]
		}
		if !add {
			return got
		}
		return concatSets(in, got)
	}
}

// concatSets puts the rows of b behind those of a.
func concatSets(a, b set) set {
	out := set{rows: append(slices.Clip(a.rows), b.rows...), order: a.order}
	if a.order != nil {
		return out.with(fieldsOf(set{rows: visible(b.rows), order: b.order})...)
	}
	return out
}

// visible is the rows with the internal fields left out, for column names.
func visible(rows []*row) []*row {
	out := make([]*row, len(rows))
	for i, w := range rows {
		f := make(map[string]value, len(w.f))
		for k, v := range w.f {
			if !strings.HasPrefix(k, "_") {
				f[k] = v
			}
		}
		out[i] = &row{f: f}
	}
	return out
}

// from reads a dataset.
func (k *compiler) from(st *syntax.From, first bool) stage {
	if !first {
		k.invalid(st.Span, "`from` stands inside a pipeline", "it makes rows, so it begins a query: | from …")
	}
	switch st.Kind {
	case "datamodel":
		m := k.model(st.Name)
		return func(r *run, _ set) set {
			rows := r.modelEvents(m, timeBounds{})
			for _, w := range rows {
				m.fill(w)
			}
			return set{rows: rows}
		}
	case "lookup", "inputlookup":
		table := k.lookupTable(st.Name)
		return func(r *run, _ set) set {
			rows, _ := r.tableRows(table, st.Span)
			return set{rows: rows}
		}
	}
	k.unsupported(st.Span, "`from "+st.Kind+"`", "read a data model or a lookup")
	return nil
}
