package interp

import (
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/diag"
)

// predicate is a compiled search expression: two-valued, so that NOT is the complement.
type predicate func(r *run, w *row) bool

// search compiles the search command. As the base of a query it reads the events.
func (k *compiler) search(st *syntax.Search, base bool) stage {
	if base {
		k.noteTimes(st.Expr)
	}
	pred, own := k.searchExpr(st.Expr), k.times
	return func(r *run, in set) set {
		if base {
			in = set{rows: r.events(own)}
		}
		return filter(r, in, pred)
	}
}

// filter keeps the rows that fit.
func filter(r *run, in set, pred predicate) set {
	kept := in.rows[:0:0]
	for _, w := range in.rows {
		if pred(r, w) {
			kept = append(kept, w)
		}
		if r.failed() {
			return set{}
		}
	}
	in.rows = kept
	return in
}

// timeBounds are the time bounds that a base search sets itself, "" where it does not.
type timeBounds struct{ earliest, latest string }

// noteTimes notes the bounds of a base search.
func (k *compiler) noteTimes(x syntax.SearchExpr) {
	switch x := x.(type) {
	case *syntax.SearchAnd:
		for _, t := range x.Terms {
			k.noteTimes(t)
		}
	case *syntax.SearchOr:
		for _, t := range x.Terms {
			k.noteTimes(t)
		}
	case *syntax.TimeTerm:
		switch x.Name {
		case "earliest":
			k.times.earliest = x.Value
		case "latest":
			k.times.latest = x.Value
		}
	case *syntax.SearchNot, *syntax.Compare, *syntax.In, *syntax.Keyword, *syntax.Subsearch, *syntax.MacroTerm:
	}
}

func never(*run, *row) bool { return false }

func (k *compiler) searchExpr(x syntax.SearchExpr) predicate {
	switch x := x.(type) {
	case *syntax.SearchAnd:
		terms := k.searchTerms(x.Terms)
		return func(r *run, w *row) bool {
			for _, t := range terms {
				if !t(r, w) {
					return false
				}
			}
			return true
		}
	case *syntax.SearchOr:
		terms := k.searchTerms(x.Terms)
		return func(r *run, w *row) bool {
			for _, t := range terms {
				if t(r, w) {
					return true
				}
			}
			return false
		}
	case *syntax.SearchNot:
		t := k.searchExpr(x.X)
		return func(r *run, w *row) bool { return !t(r, w) }
	case *syntax.Compare:
		return k.compare(x)
	case *syntax.In:
		return k.in(x)
	case *syntax.Keyword:
		return k.keyword(x)
	case *syntax.TimeTerm:
		return k.timeTerm(x)
	case *syntax.Subsearch:
		return k.subsearch(x)
	case *syntax.MacroTerm:
		k.unknownMacro(x.Macro)
	}
	return never
}

func (k *compiler) searchTerms(terms []syntax.SearchExpr) []predicate {
	list := make([]predicate, len(terms))
	for i, t := range terms {
		list[i] = k.searchExpr(t)
	}
	return list
}

// searchValues are the values that search sees of a field.
func (r *run) searchValues(w *row, name string) []value {
	vs := w.get(name).values()
	if r.on[emptyIsValue].On() {
		return vs
	}
	kept := vs[:0:0]
	for _, v := range vs {
		if v.text() != "" {
			kept = append(kept, v)
		}
	}
	return kept
}

func (k *compiler) compare(x *syntax.Compare) predicate {
	switch x.Op {
	case "=", "::":
		return k.equals(x.Field, x.Value)
	case "!=":
		return k.differs(x)
	}
	want, op := x.Value.Text, x.Op
	num, isNum := parseNumber(want)
	return func(r *run, w *row) bool {
		for _, v := range r.searchValues(w, x.Field) {
			order := 0
			if n, ok := v.number(); ok && isNum {
				order = compareFloats(n, num)
			} else {
				order = strings.Compare(v.text(), want)
			}
			if ordered(op, order) {
				return true
			}
		}
		return false
	}
}

func compareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// ordered reports whether a comparison operator holds for the result of a three-way comparison.
func ordered(op string, order int) bool {
	switch op {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	case "=":
		return order == 0
	case "!=":
		return order != 0
	}
	return false
}

// anyIndex reports whether an event fits every index: its table has no name and it has no index of its own.
func anyIndex(w *row, field string) bool {
	return field == "index" && w.ev != nil && w.ev.table == "" && w.get("index").isNull()
}

// equals is `field=value`: true when any value of the field fits.
func (k *compiler) equals(field string, v syntax.Value) predicate {
	m := newMatcher(v)
	return func(r *run, w *row) bool {
		got := w.get(field)
		switch got.kind {
		case null:
			return anyIndex(w, field)
		case text, number, boolean: // the common case, without a list
			s := got.text()
			return (s != "" || r.on[emptyIsValue].On()) && m.fits(r, s)
		case multi:
		}
		for _, e := range r.searchValues(w, field) {
			if m.fits(r, e.text()) {
				return true
			}
		}
		return false
	}
}

// differs is `field!=value`: the row has the field, and a value of it does not fit.
func (k *compiler) differs(x *syntax.Compare) predicate {
	m := newMatcher(x.Value)
	return func(r *run, w *row) bool {
		fits, fails := false, false
		for _, got := range r.searchValues(w, x.Field) {
			if m.fits(r, got.text()) {
				fits = true
			} else {
				fails = true
			}
		}
		if r.on[mvNotEqual].On() {
			return fails
		}
		return fails && !fits
	}
}

func (k *compiler) in(x *syntax.In) predicate {
	var tests []predicate
	for _, v := range x.Values {
		if v.Macro != nil {
			k.unknownMacro(v.Macro)
			continue
		}
		tests = append(tests, k.equals(x.Field, v))
	}
	return func(r *run, w *row) bool {
		for _, t := range tests {
			if t(r, w) {
				return true
			}
		}
		return false
	}
}

// timeTerm is an inline time bound: earliest includes its instant.
func (k *compiler) timeTerm(x *syntax.TimeTerm) predicate {
	if x.Name != "earliest" && x.Name != "latest" {
		k.unsupported(x.Span, "the time modifier `"+x.Name+"`", "use earliest= and latest=")
		return never
	}
	if _, ok := relativeTime(0, x.Value); !ok {
		k.invalid(x.Span, "`"+x.Value+"` is no time", "write a time such as -24h@h, now, or seconds since 1970")
		return never
	}
	early := x.Name == "earliest"
	return func(r *run, w *row) bool {
		t, ok := w.f["_time"]
		bound, _ := relativeTime(r.now(), x.Value)
		switch {
		case !ok:
			return false
		case early:
			return t.num >= bound
		case r.on[latestExclusive].On():
			return t.num < bound
		}
		return t.num <= bound
	}
}

// subsearch runs a bracketed search once and uses its result as a filter.
func (k *compiler) subsearch(x *syntax.Subsearch) predicate {
	p := k.query(x.Query, true)
	return func(r *run, w *row) bool {
		pred, ok := r.subs[x.Query]
		if !ok {
			pred = r.resultFilter(r.exec(p, set{}), x)
			r.subs[x.Query] = pred
		}
		return pred(r, w)
	}
}

// maxSubRows is how many results of a subsearch become a filter (limits.conf, [subsearch] maxout).
const maxSubRows = 10000

// resultFilter makes the filter that a subsearch's result is spliced in as. It goes through text, as Splunk does, so that a
// wildcard in a value is one in the filter.
func (r *run) resultFilter(s set, sub *syntax.Subsearch) predicate {
	if r.failed() {
		return never
	}
	filter, ok := r.formatted(s, plainFormat)
	if !ok {
		return func(r *run, _ *row) bool { return sub.Op == "" && !r.on[emptySubsearchNone].On() }
	}
	if sub.Op != "" {
		filter = syntax.PrintSearch(syntax.Cmp(sub.Field, sub.Op, strings.Trim(filter, `()"`)))
	}
	x, diags := syntax.ParseSearch("subsearch result", filter)
	k := &compiler{regexes: r.p.regexes, used: map[string]bool{}}
	if !diags.HasErrors() {
		pred := k.searchExpr(x)
		if !k.diags.HasErrors() {
			return pred
		}
		diags = k.diags
	}
	r.fault(diag.SPLRun, sub.Span, "the result of the subsearch is no search expression: "+diags[0].Title, "keep the fields to filter on with `fields`")
	return never
}
