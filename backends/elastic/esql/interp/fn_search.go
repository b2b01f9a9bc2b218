package interp

import (
	"strings"
	"time"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/backends/elastic/lucene/dsl"
	"github.com/onerule/onerule/backends/elastic/mapping"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// needsEvents reports whether a query calls a function that looks at whole events.
func needsEvents(q *syntax.Query) bool {
	found := false
	syntax.Walk(q, func(x syntax.Expr) {
		if k, ok := x.(*syntax.Call); ok {
			found = found || strings.EqualFold(k.Name, "qstr") || strings.EqualFold(k.Name, "kql")
		}
	})
	return found
}

// bindQSTR is QSTR: a query in Lucene's syntax over all events of FROM, each then looked up (page "QSTR").
func bindQSTR(k *call) *expr {
	text, ok := k.searchText(0)
	if !ok {
		return nil
	}
	q := &dsl.QueryString{Text: text, At: k.args[0].span, Lenient: k.boolOption("lenient", false), AnalyzeWildcard: k.boolOption("analyze_wildcard", false)}
	if x, ok := k.option("default_field"); ok {
		s, isText := x.(*syntax.Str)
		if !isText {
			return k.wrong(x.Pos(), "the option default_field of QSTR is a field name")
		}
		q.Fields = []string{s.Value}
	}
	and, ok := k.andOption("default_operator")
	if !ok {
		return nil
	}
	q.DefaultAnd = and
	return k.overEvents("QSTR", func(scope []int) map[native.Ref]bool { return k.r.search(q, scope) })
}

// overEvents is a test of whole events: hits gives those of some tables that pass.
func (k *call) overEvents(name string, hits func(scope []int) map[native.Ref]bool) *expr {
	if !k.r.docs || !k.indexed {
		return k.wrong(k.node.Span, "[%s] function cannot be used here: it stands in a WHERE behind FROM, other WHEREs and SORT only", name)
	}
	at := len(k.cols)
	var found map[native.Ref]bool
	e := &expr{typ: tBool, col: -1, span: k.node.Span, text: k.text}
	e.eval = func(cells []any) any {
		doc, ok := cells[at].(docRef)
		if !ok {
			return false
		}
		if found == nil {
			found = hits(doc.scope)
		}
		return found[doc.ref]
	}
	return e
}

// search gives the events of some tables that a query finds. One table on which it fails makes the search fail.
func (r *run) search(q dsl.Query, scope []int) map[native.Ref]bool {
	hits := map[native.Ref]bool{}
	tables := make([]native.Table, len(scope))
	for i, at := range scope {
		tables[i] = r.in.Tables[at]
	}
	view, err := mapping.NewView(tables)
	if err != nil {
		return hits // reported when FROM read the tables
	}
	for i, at := range scope {
		match, faults := dsl.Compile(q, view.Mapping(i), dsl.Context{Now: time.UnixMilli(r.now).UTC()})
		for _, f := range faults {
			r.fault(faultCode(f), f.At, f.Msg)
		}
		if len(faults) > 0 {
			return hits
		}
		for row, event := range tables[i].Rows {
			r.spend(1 + len(event))
			if match(dsl.NewDoc(event)) {
				hits[native.Ref{Table: at, Row: row}] = true
			}
		}
	}
	return hits
}

// searchText is a constant text argument of a search function.
func (k *call) searchText(i int) (string, bool) {
	if !k.want(i, strings_) {
		return "", false
	}
	v, ok := k.constant(i)
	text, isText := v.(string)
	if ok && !isText {
		k.wrong(k.args[i].span, "the text that is searched must be a string, found [%s]", k.args[i].text)
	}
	return text, ok && isText
}

// andOption is an entry of the map argument that is AND or OR.
func (k *call) andOption(name string) (and, ok bool) {
	x, given := k.option(name)
	if !given {
		return false, true
	}
	s, isText := x.(*syntax.Str)
	if !isText || !strings.EqualFold(s.Value, "and") && !strings.EqualFold(s.Value, "or") {
		k.wrong(x.Pos(), "the option %s of %s is AND or OR", name, strings.ToUpper(k.node.Name))
		return false, false
	}
	return strings.EqualFold(s.Value, "and"), true
}

// bindMatchPhrase is MATCH_PHRASE: the words of the text stand side by side in one value; on fields that are not analysed a
// value equals the text (page "MATCH_PHRASE").
func bindMatchPhrase(k *call) *expr {
	x := k.args[0]
	if x.typ == tErr || k.args[1].typ == tErr {
		return nil
	}
	if x.field == nil {
		return k.notAField(k.node, x)
	}
	text, ok := k.searchText(1)
	if !ok {
		return nil
	}
	fits, t := never, x.typ
	if t != tText {
		if m, err := x.field.Term(text, mapping.Context{}); err == nil {
			fits = m
		}
	} else if words := x.field.Analyze(text); len(words) > 0 {
		fits = func(v mapping.Value) bool { return sideBySide(x.field.Analyze(v.(string)), words) }
	}
	return k.anyValue(x, fits)
}

// bindMultiMatch is MULTI_MATCH: MATCH on several fields, of which one has to fit.
func bindMultiMatch(k *call) *expr {
	and, ok := k.andOption("operator")
	if !ok {
		return nil
	}
	var tests []*expr
	for _, x := range k.args[1:] {
		e := k.match(k.node, x, k.args[0], and)
		if e.typ == tErr {
			return nil
		}
		tests = append(tests, e)
	}
	return k.make(k.node, tBool, k.args[1:], func(cells []any) any {
		for _, e := range tests {
			if e.eval(cells) == true {
				return true
			}
		}
		return false
	})
}

func never(mapping.Value) bool { return false }

// anyValue is a test that some value of a field passes; it is never null.
func (k *call) anyValue(x *expr, fits func(v mapping.Value) bool) *expr {
	t := x.typ
	return k.make(k.node, tBool, []*expr{x}, func(cells []any) any {
		hit := false
		each(x.eval(cells), func(v any) { hit = hit || fits(searchValue(t, v)) })
		return hit
	})
}

// sideBySide reports whether words stand in a text in order and with the same distances.
func sideBySide(have, words []mapping.Token) bool {
	at := map[int]string{}
	for _, w := range have {
		at[w.Position] = w.Text
	}
	for _, start := range have {
		all := true
		for _, w := range words {
			all = all && at[start.Position+w.Position-words[0].Position] == w.Text
		}
		if all {
			return true
		}
	}
	return false
}

// faultCode tells a limit of ours from a query that is wrong.
func faultCode(f dsl.Fault) diag.Code {
	if f.Limit {
		return diag.ESQLLimit
	}
	return diag.ESQLRun
}
