package interp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// aggregation is a compiled aggregate with its column.
type aggregation struct {
	make  func() aggregate
	arg   evalFunc // what goes in; nil for count without an argument
	name  string   // the column
	field string   // the argument's name, for wildcards
	as    string
	fn    string
	unit  float64 // of a rate of timechart, in seconds; else 0
}

// aggs compiles aggregates. Wildcards in their fields are expanded when the rows are known.
func (k *compiler) aggs(list []syntax.Agg) []aggregation {
	var out []aggregation
	for _, a := range list {
		if a.Macro != nil {
			k.unknownMacro(a.Macro)
			continue
		}
		f, ok := aggregateByName(a.Func)
		if _, rate := perUnits[a.Func]; !ok && (rate || a.Func == "eval") {
			k.invalid(a.Span, fmt.Sprintf("`%s` stands in a command that does not take it", a.Func), "rates belong to timechart; expressions over aggregates to chart and timechart: use eval after stats")
			continue
		}
		if !ok {
			k.unknown(a.Span, "aggregate", a.Func, aggregateNames(), "")
			continue
		}
		g := aggregation{make: f.make, fn: a.Func, field: a.Field, as: a.As, name: a.As}
		switch {
		case a.Eval != nil:
			g.arg = k.expr(a.Eval).eval
			if g.name == "" {
				g.name = a.Func + "(eval(" + syntax.PrintExpr(a.Eval) + "))"
			}
		case a.Field != "":
			field := a.Field
			g.arg = func(_ *run, w *row) value { return w.get(field) }
			if g.name == "" {
				g.name = a.Func + "(" + a.Field + ")"
			}
		case !f.bare:
			k.invalid(a.Span, fmt.Sprintf("`%s` needs a field", a.Func), fmt.Sprintf("write %s(field)", a.Func))
		case g.name == "":
			g.name = "count"
		}
		if strings.Count(a.Field, "*") < strings.Count(a.As, "*") {
			k.invalid(a.Span, "the name after AS has more wildcards than the field", "write as many `*` on both sides")
		}
		out = append(out, g)
	}
	return out
}

// expandAggs replaces aggregates over wildcards by one for each fitting field; fields of BY are not among them.
func expandAggs(list []aggregation, in set, by []string) []aggregation {
	var out []aggregation
	for _, a := range list {
		pat := newWildcard(a.field)
		if pat.isPlain() {
			out = append(out, a)
			continue
		}
		for _, f := range fieldsOf(in) {
			if !pat.fits(f) || slices.Contains(by, f) {
				continue
			}
			one := a
			one.field, one.arg = f, func(_ *run, w *row) value { return w.get(f) }
			one.name = a.fn + "(" + f + ")"
			if a.as != "" {
				one.name = fillStars(a.as, pat.parts(f))
			}
			out = append(out, one)
		}
	}
	return out
}

// group is the aggregates of one combination of BY values.
type group struct {
	key  []value
	aggs []aggregate
}

func newGroup(aggs []aggregation, key []value) *group {
	g := &group{key: key, aggs: make([]aggregate, len(aggs))}
	for i, a := range aggs {
		g.aggs[i] = a.make()
	}
	return g
}

func (g *group) add(r *run, aggs []aggregation, w *row) {
	for i, a := range aggs {
		v := boolValue(true)
		if a.arg != nil {
			v = a.arg(r, w)
		}
		g.aggs[i].add(r, w, v)
	}
}

func (g *group) setResults(r *run, aggs []aggregation, w *row) {
	for i, a := range aggs {
		w.set(a.name, g.aggs[i].result(r))
	}
}

// keys returns the combinations of a row's BY values, one for each value of a multivalue field; none if a field is missing.
func keys(w *row, by []string) [][]value {
	out := [][]value{nil}
	for _, name := range by {
		vals := w.get(name).values()
		next := make([][]value, 0, len(out)*len(vals))
		for _, k := range out {
			for _, v := range vals {
				next = append(next, append(slices.Clip(k), v))
			}
		}
		out = next
	}
	return out
}

func keyText(key []value) string {
	if len(key) == 1 {
		return key[0].text()
	}
	var b strings.Builder
	for _, v := range key {
		writeKey(&b, "", v)
	}
	return b.String()
}

// groupRows computes the groups of rows, sorted by their keys.
func (r *run) groupRows(rows []*row, aggs []aggregation, by []string) []*group {
	groups := map[string]*group{}
	var order []*group
	for _, w := range rows {
		if r.failed() {
			return nil
		}
		for _, key := range keys(w, by) {
			text := keyText(key)
			g, ok := groups[text]
			if !ok {
				g = newGroup(aggs, key)
				groups[text] = g
				order = append(order, g)
			}
			g.add(r, aggs, w)
		}
	}
	slices.SortStableFunc(order, func(a, b *group) int {
		for i := range a.key {
			if c := compareAuto(a.key[i], b.key[i]); c != 0 {
				return c
			}
		}
		return 0
	})
	return order
}

// compareAuto compares as numbers if both are, else as texts.
func compareAuto(a, b value) int {
	x, ok := a.number()
	y, ok2 := b.number()
	if ok && ok2 && x != y {
		return compareFloats(x, y)
	}
	if x, ok := rangeStart(a); ok {
		if y, ok := rangeStart(b); ok && x != y {
			return compareFloats(x, y)
		}
	}
	return strings.Compare(a.text(), b.text())
}

// rangeStart is where a range that bin made, such as 10-20, begins.
func rangeStart(v value) (float64, bool) {
	s := v.text()
	cut := strings.IndexByte(strings.TrimPrefix(s, "-"), '-') + len(s) - len(strings.TrimPrefix(s, "-"))
	if v.kind != text || cut <= 0 || cut+1 >= len(s) {
		return 0, false
	}
	lo, ok := parseNumber(s[:cut])
	hi, ok2 := parseNumber(s[cut+1:])
	return lo, ok && ok2 && lo < hi
}

// aggregateRows makes the result rows of stats. Without BY there is one row, even of no rows.
func (r *run) aggregateRows(rows []*row, aggs []aggregation, by []string) set {
	out := set{order: slices.Clone(by)}
	for _, a := range aggs {
		out.order = append(out.order, a.name)
	}
	groups := r.groupRows(rows, aggs, by)
	if len(by) == 0 && len(groups) == 0 && r.on[emptyStatsRow].On() {
		groups = []*group{newGroup(aggs, nil)}
	}
	for _, g := range groups {
		w := newRow()
		for i, name := range by {
			w.set(name, g.key[i])
		}
		g.setResults(r, aggs, w)
		out.rows = append(out.rows, w)
	}
	return out
}

// byNames checks a BY clause: names without wildcards and, but for _time with span, without options.
func (k *compiler) byNames(command string, by []syntax.By, known ...string) []string {
	var names []string
	for _, b := range by {
		if b.Macro != nil {
			k.unknownMacro(b.Macro)
			continue
		}
		if strings.Contains(b.Name, "*") {
			k.invalid(b.Span, fmt.Sprintf("the BY clause of `%s` takes no wildcards", command), "name each field")
		}
		k.options(command, b.Options, known...)
		names = append(names, b.Name)
	}
	return names
}

// stats compiles stats, eventstats and streamstats.
func (k *compiler) stats(st *syntax.Stats) stage {
	aggs := k.aggs(st.Aggs)
	switch st.Kind {
	case syntax.Streamstats:
		return k.streamstats(st, aggs)
	case syntax.Eventstats:
		if k.options("eventstats", st.Options, "allnum").bool("allnum", false) {
			aggs = allNumbers(aggs)
		}
		by := k.byNames("eventstats", st.By)
		return func(r *run, in set) set { return r.eventstats(in, expandAggs(aggs, in, by), by) }
	case syntax.PlainStats:
	}
	if k.options("stats", st.Options, "allnum", "delim", "partitions").bool("allnum", false) {
		aggs = allNumbers(aggs)
	}
	by := k.byNames("stats", st.By, "span", "dedup_splitvals")
	spans := k.spansOf(st.By)
	return func(r *run, in set) set {
		for name, f := range spans {
			for _, w := range in.rows {
				w.set(name, f(w.get(name)))
			}
		}
		return r.aggregateRows(in.rows, expandAggs(aggs, in, by), by)
	}
}

// spansOf compiles the span options of a BY clause.
func (k *compiler) spansOf(by []syntax.By) map[string]func(value) value {
	spans := map[string]func(value) value{}
	for _, b := range by {
		for _, o := range b.Options {
			if o.Name == "span" {
				if f := k.binFunc(o.Value, o.Span, b.Name == "_time"); f != nil {
					spans[b.Name] = func(v value) value { return f(v, 0) }
				}
			}
		}
	}
	return spans
}

// eventstats adds the aggregates of its group to each row.
func (r *run) eventstats(in set, aggs []aggregation, by []string) set {
	groups := map[string]*group{}
	for _, w := range in.rows {
		for _, key := range keys(w, by) {
			text := keyText(key)
			if groups[text] == nil {
				groups[text] = newGroup(aggs, key)
			}
			groups[text].add(r, aggs, w)
		}
	}
	out := in
	out.rows = nil
	for _, w := range in.rows {
		ks := keys(w, by)
		if len(ks) == 0 && !r.on[eventstatsNullBy].On() {
			continue
		}
		if len(ks) > 0 {
			groups[keyText(ks[0])].setResults(r, aggs, w)
		}
		out.rows = append(out.rows, w)
	}
	for _, a := range aggs {
		out = out.with(a.name)
	}
	return out
}
