package interp

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// spath extracts from JSON or XML text: everything, or one path.
func (k *compiler) spath(st *syntax.Plain) stage {
	o, words := k.arguments("spath", st.Args, "input", "output", "path")
	path := o.text("path", "")
	if path == "" && len(words) > 0 {
		path = words[0].Value
	}
	if len(words) > 1 {
		k.invalid(words[1].Span, "`spath` takes one path", "use one spath for each path")
	}
	input, output := o.text("input", "_raw"), o.text("output", path)
	if path == "" {
		if o.has("output") {
			k.invalid(st.Span, "`spath` has an output but no path", "add path=…")
		}
		return each(nil, func(r *run, w *row) {
			v := w.get(input)
			if v.isNull() {
				return
			}
			got := map[string]value{}
			if x := parseXML(v.text()); x != nil {
				eachXML(x, "", func(path, text string) { addValue(got, path, fieldText(text)) })
			}
			dec := json.NewDecoder(strings.NewReader(v.text()))
			dec.UseNumber()
			var doc any
			if len(got) == 0 && dec.Decode(&doc) != nil {
				return
			}
			r.extract(got, "", doc, nil)
			for name, e := range got {
				w.set(name, e)
			}
		})
	}
	return each([]string{output}, func(r *run, w *row) {
		if v := w.get(input); !v.isNull() {
			if got := r.structured(v.text(), path); !got.isNull() {
				w.set(output, got)
			}
		}
	})
}

// fromjson makes a field of each key of a field's JSON object; objects and arrays stay JSON text.
func (k *compiler) fromjson(st *syntax.Plain) stage {
	o, names := k.wordsOf(st, "prefix")
	if len(names) != 1 {
		k.invalid(st.Span, "`fromjson` takes one field", "name the field that holds JSON text")
		return nil
	}
	prefix := o.text("prefix", "")
	return each(nil, func(r *run, w *row) {
		dec := json.NewDecoder(strings.NewReader(w.get(names[0]).text()))
		dec.UseNumber()
		var doc map[string]any
		if dec.Decode(&doc) != nil {
			return
		}
		for key, v := range doc {
			w.set(prefix+key, r.jsonValue(v))
		}
	})
}

var xmlPair = regexp.MustCompile(`<([A-Za-z_][\w.:-]*)(?:\s[^<>]*)?>([^<]*)</([A-Za-z_][\w.:-]*)>`)

// xmlkv sets a field from each <name>text</name> of a field's XML.
func (k *compiler) xmlkv(st *syntax.Plain) stage {
	_, names := k.wordsOf(st, "maxinputs")
	name := "_raw"
	if len(names) > 0 {
		name = names[0]
	}
	return each(nil, func(_ *run, w *row) {
		for _, m := range xmlPair.FindAllStringSubmatch(w.get(name).text(), -1) {
			if m[1] == m[3] {
				w.set(m[1], fieldText(m[2]))
			}
		}
	})
}

// runningField compiles accum, delta and autoregress, which look at earlier rows.
func (k *compiler) runningField(st *syntax.Plain) stage {
	o, names := k.wordsOf(st, "p")
	var field, as string
	switch {
	case len(names) == 1:
		field = names[0]
	case len(names) == 3 && strings.EqualFold(names[1], "as"):
		field, as = names[0], names[2]
	default:
		k.invalid(st.Span, fmt.Sprintf("`%s` takes one field, and AS with a new name", st.Name), "write "+st.Name+" field AS name")
		return nil
	}
	first, last := k.lags(o)
	if as == "" {
		as = map[string]string{"accum": field, "delta": fmt.Sprintf("delta(%s)", field)}[st.Name]
	}
	return func(r *run, in set) set {
		total := 0.0
		before := make([]value, len(in.rows))
		for i, w := range in.rows {
			before[i] = w.get(field)
			x, ok := before[i].number()
			switch st.Name {
			case "accum":
				if ok {
					total += x
					w.set(as, finite(total))
				}
			case "delta":
				if i >= first {
					if y, ok2 := before[i-first].number(); ok && ok2 {
						w.set(as, finite(x-y))
					}
				}
			case "autoregress":
				for p := first; p <= last && p <= i && r.spend(1); p++ {
					name := as
					if name == "" || last > first {
						name = fmt.Sprintf("%s_p%d", field, p)
					}
					w.set(name, before[i-p])
				}
			}
		}
		return in.with(as)
	}
}

// lags reads p=N or p=N-M: how many rows back.
func (k *compiler) lags(o options) (first, last int) {
	a, ok := o.all["p"]
	if !ok {
		return 1, 1
	}
	from, to, ranged := strings.Cut(a.Value, "-")
	first = k.count(from, a.Span, 1)
	if last = first; ranged {
		last = k.count(to, a.Span, first)
	}
	if first < 1 || last < first {
		k.invalid(a.Span, fmt.Sprintf("`%s` is no number of rows", a.Value), "write a number above 0, or a range such as 1-3")
		return 1, 1
	}
	return first, last
}

// transpose turns rows into columns: "row 1", "row 2", …
func (k *compiler) transpose(st *syntax.Plain) stage {
	o, words := k.arguments("transpose", st.Args, "column_name", "header_field", "include_empty")
	limit := 5
	if len(words) > 0 {
		limit = k.count(words[0].Value, words[0].Span, 5)
	}
	name, header := o.text("column_name", "column"), o.text("header_field", "")
	return func(r *run, in set) set {
		rows := in.rows
		if limit > 0 && len(rows) > limit {
			rows = rows[:limit]
		}
		cols := fieldsOf(set{rows: visible(rows), order: in.order})
		if len(rows)*len(cols) > maxCells {
			r.limit(fmt.Sprintf("transpose makes more than %d cells", maxCells))
			return set{}
		}
		out := set{order: []string{name}}
		for i, src := range rows {
			title := fmt.Sprintf("row %d", i+1)
			if header != "" {
				title = src.get(header).text()
			}
			out.order = append(out.order, title)
		}
		for _, col := range cols {
			if col == header {
				continue
			}
			w := newRow()
			w.set(name, fieldText(col))
			for i, src := range rows {
				w.set(out.order[i+1], src.get(col))
			}
			out.rows = append(out.rows, w)
		}
		return out
	}
}

// reshape compiles untable (columns to rows) and xyseries (rows to columns).
func (k *compiler) reshape(st *syntax.Plain) stage {
	o, names := k.wordsOf(st, "sep", "format", "grouped")
	if len(names) < 3 || st.Name == "untable" && len(names) > 3 {
		k.invalid(st.Span, fmt.Sprintf("`%s` takes three fields", st.Name), "name the row field, the column field and the value field")
		return nil
	}
	x, y, z := names[0], names[1], names[2]
	if st.Name == "untable" {
		return func(_ *run, in set) set {
			out := set{order: names}
			cols := fieldsOf(set{rows: visible(in.rows), order: in.order})
			for _, w := range in.rows {
				for _, c := range cols {
					if v := w.get(c); c != x && !v.isNull() && !w.get(x).isNull() {
						n := newRow()
						n.set(x, w.get(x))
						n.set(y, fieldText(c))
						n.set(z, v)
						out.rows = append(out.rows, n)
					}
				}
			}
			return out
		}
	}
	sep, format := o.text("sep", ": "), o.text("format", "")
	column := func(data, series string) string {
		switch {
		case format != "":
			return strings.NewReplacer("$AGG$", data, "$VAL$", series).Replace(format)
		case len(names) > 3:
			return data + sep + series
		}
		return series
	}
	return func(_ *run, in set) set {
		out := set{order: []string{x}}
		rows, cols := map[string]*row{}, map[string]bool{x: true}
		var series []string
		for _, w := range in.rows {
			key := w.get(x)
			if key.isNull() || w.get(y).isNull() {
				continue
			}
			n := rows[key.text()]
			if n == nil {
				n = newRow()
				n.set(x, key)
				rows[key.text()] = n
				out.rows = append(out.rows, n)
			}
			for _, data := range names[2:] {
				name := column(data, w.get(y).text())
				if !cols[name] {
					cols[name] = true
					series = append(series, name)
				}
				n.set(name, w.get(data))
			}
		}
		slices.Sort(series)
		out.order = append(out.order, series...)
		return out
	}
}
