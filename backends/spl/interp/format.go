package interp

import (
	"fmt"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// formatting is how rows become a search expression (Search Reference, format).
type formatting struct {
	rowPrefix, colPrefix, colSep, colEnd, rowSep, rowEnd string
	mvSep, empty                                         string
	max                                                  int
}

// plainFormat is what a subsearch ends in without format.
var plainFormat = formatting{"(", "(", "AND", ")", "OR", ")", "OR", "NOT( )", maxSubRows}

// format makes one row whose field `search` is the rows as a search expression:
// ( ( a="1" AND b="2" ) OR ( … ) ).
func (k *compiler) format(st *syntax.Plain) stage {
	o, words := k.arguments(st.Name, st.Args, "mvsep", "maxresults", "emptystr")
	f := plainFormat
	f.mvSep, f.empty = o.text("mvsep", f.mvSep), o.text("emptystr", f.empty)
	if n := o.int("maxresults", 0); n > 0 {
		f.max = n
	}
	switch len(words) {
	case 0:
	case 6:
		for i, to := range []*string{&f.rowPrefix, &f.colPrefix, &f.colSep, &f.colEnd, &f.rowSep, &f.rowEnd} {
			*to = words[i].Value
		}
	default:
		k.invalid(st.Span, fmt.Sprintf("`format` takes six texts, and here are %d", len(words)), `write all of them: format "(" "(" "AND" ")" "OR" ")"`)
	}
	return func(r *run, in set) set {
		text, ok := r.formatted(in, f)
		if !ok {
			text = f.empty
		}
		w := newRow()
		w.set("search", fieldText(text))
		return set{rows: []*row{w}, order: []string{"search"}}
	}
}

// formatted is the text that a subsearch's rows become: the field `search` (or `query`) as it is, else the pairs of the
// fields and values. ok is false when there is nothing.
func (r *run) formatted(s set, f formatting) (string, bool) {
	rows := s.rows
	if len(rows) > f.max {
		r.warning("a subsearch gave more than %d rows; the rest is cut off", f.max)
		rows = rows[:f.max]
	}
	var parts []string
	for _, w := range rows {
		if !r.spend(len(w.f) + 1) {
			return "", false
		}
		if text, ok := f.row(s, w); ok {
			parts = append(parts, text)
		}
	}
	if len(parts) == 0 {
		return "", false
	}
	if len(parts) == 1 && rawText(rows) {
		return parts[0], true
	}
	return f.rowPrefix + " " + strings.Join(parts, " "+f.rowSep+" ") + " " + f.rowEnd, true
}

// rawText reports whether the one row of a result is a text to be spliced in as it is.
func rawText(rows []*row) bool {
	return len(rows) == 1 && (!rows[0].get("search").isNull() || !rows[0].get("query").isNull())
}

// row is one row's part.
func (f formatting) row(s set, w *row) (string, bool) {
	if v := w.get("search"); !v.isNull() {
		return "(" + v.text() + ")", true
	}
	if v := w.get("query"); !v.isNull() {
		return syntax.PrintSearch(syntax.Phrase(v.text())), true
	}
	var fields []string
	for _, name := range fieldsOf(set{rows: []*row{w}, order: s.order}) {
		vals := w.get(name).values()
		if strings.HasPrefix(name, "_") || len(vals) == 0 {
			continue
		}
		pairs := make([]string, len(vals))
		for i, v := range vals {
			pairs[i] = pairText(name, v)
		}
		text := pairs[0]
		if len(pairs) > 1 {
			text = "( " + strings.Join(pairs, " "+f.mvSep+" ") + " )"
		}
		fields = append(fields, text)
	}
	if len(fields) == 0 {
		return "", false
	}
	return f.colPrefix + " " + strings.Join(fields, " "+f.colSep+" ") + " " + f.colEnd, true
}

// pairText is name="value". The names of time bounds stay bare, so that they bound the search that the text becomes part of.
func pairText(name string, v value) string {
	text := syntax.PrintSearch(syntax.Eq(name, v.text()))
	if name == "earliest" || name == "latest" {
		return strings.Replace(text, `"`+name+`"`, name, 1)
	}
	return text
}
