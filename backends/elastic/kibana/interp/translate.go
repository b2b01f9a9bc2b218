package interp

import (
	"fmt"
	"strings"

	"github.com/onerule/onerule/backends/elastic/kibana/syntax"
	"github.com/onerule/onerule/backends/elastic/lucene"
	"github.com/onerule/onerule/backends/elastic/lucene/dsl"
	"github.com/onerule/onerule/backends/elastic/mapping"
	"github.com/onerule/onerule/diag"
)

// Options of a translation: the switches of the doubts.
type Options struct {
	// NoFieldList translates without the fields of the view.
	NoFieldList bool
	// NumberWords reads several numbers in an unquoted value.
	NumberWords bool
}

// zone is the time zone that the detection engine gives for dates.
const zone = "Zulu"

// maxLeaves limits the queries on fields that a translation may come to.
const maxLeaves = 200_000

// Translate returns what Kibana sends to Elasticsearch for a query, and the faults for which it sends nothing. The view is
// the data view.
func Translate(n syntax.Node, view *mapping.View, o Options) (dsl.Query, []dsl.Fault) {
	t := &translator{view: view, options: o, info: map[string]*fieldInfo{}}
	q := t.node(n)
	if len(t.faults) > 0 {
		return nil, t.faults
	}
	return q, nil
}

type translator struct {
	view    *mapping.View
	options Options
	// path is that of the nested query around, "" for none.
	path   string
	info   map[string]*fieldInfo
	faults []dsl.Fault
	leaves int
}

// fieldInfo is what a data view knows of a field.
type fieldInfo struct {
	known                   bool
	keyword, date, numbered bool
	nested                  string
}

// lookup asks the data view for a field, which it knows if any index maps it.
func (t *translator) lookup(name string) *fieldInfo {
	if info, ok := t.info[name]; ok {
		return info
	}
	info := &fieldInfo{}
	if !t.options.NoFieldList {
		types := t.view.Types(name)
		info.known = len(types) > 0
		info.keyword = len(types) == 1 && types[0] == "keyword"
		info.date, info.numbered = info.known, info.known
		for _, typ := range types {
			info.date = info.date && (typ == "date" || typ == "date_nanos")
		}
		if f, ok := t.view.Lookup(name); ok && info.known {
			info.nested = f.Nested
			info.numbered = f.Family() == mapping.Whole || f.Family() == mapping.Real
		}
	}
	t.info[name] = info
	return info
}

func (t *translator) fail(at diag.Span, format string, args ...any) {
	t.faults = append(t.faults, dsl.Fault{At: at, Msg: fmt.Sprintf(format, args...)})
}

func (t *translator) node(n syntax.Node) dsl.Query {
	switch n := n.(type) {
	case *syntax.And:
		return dsl.AllOf(t.nodes(n.Parts)...)
	case *syntax.Or:
		return dsl.AnyOf(t.nodes(n.Parts)...)
	case *syntax.Not:
		return dsl.Not(t.node(n.Part))
	case *syntax.Match:
		return t.value(n.Field, n.Value)
	case *syntax.Range:
		return t.ranged(n)
	case *syntax.Free:
		return t.is(syntax.Name{Null: true}, n.Value)
	case *syntax.Nested:
		outer := t.path
		t.path = t.full(n.Path.Text())
		q := &dsl.Nested{Path: t.path, Query: t.node(n.Query), At: n.Path.Span}
		t.path = outer
		return q
	}
	return dsl.MatchNone{}
}

func (t *translator) nodes(parts []syntax.Node) []dsl.Query {
	out := make([]dsl.Query, len(parts))
	for i, p := range parts {
		out[i] = t.node(p)
	}
	return out
}

// value spreads a list over the field: f:(a or b) is f:a or f:b.
func (t *translator) value(field syntax.Name, v syntax.Value) dsl.Query {
	switch v := v.(type) {
	case *syntax.ValueAnd:
		return dsl.AllOf(t.values(field, v.Parts)...)
	case *syntax.ValueOr:
		return dsl.AnyOf(t.values(field, v.Parts)...)
	case *syntax.ValueNot:
		return dsl.Not(t.value(field, v.Part))
	case *syntax.Literal:
		return t.is(field, v)
	case *syntax.Pattern:
		return t.is(field, v)
	}
	return dsl.MatchNone{}
}

func (t *translator) values(field syntax.Name, parts []syntax.Value) []dsl.Query {
	out := make([]dsl.Query, len(parts))
	for i, p := range parts {
		out[i] = t.value(field, p)
	}
	return out
}

// full is the whole name of a field in the nested query around.
func (t *translator) full(name string) string {
	if t.path == "" {
		return name
	}
	return t.path + "." + name
}

// is translates field:value.
func (t *translator) is(field syntax.Name, v syntax.Atom) dsl.Query {
	pattern, _ := v.(*syntax.Pattern)
	exists := pattern != nil && pattern.IsLoneStar()
	if exists && len(field.Parts) == 1 && field.Parts[0].Star {
		return dsl.MatchAll{}
	}
	if field.Null && t.path == "" {
		return free(v)
	}
	fields := t.fields(field)
	queries := make([]dsl.Query, 0, len(fields))
	for _, name := range fields {
		queries = append(queries, t.wrap(field, name, t.isOne(dsl.Leaf{Field: name, At: v.At()}, v, pattern, exists)))
	}
	return dsl.AnyOf(queries...)
}

func (t *translator) isOne(leaf dsl.Leaf, v syntax.Atom, pattern *syntax.Pattern, exists bool) dsl.Query {
	info := t.lookup(leaf.Field)
	switch {
	case exists:
		return &dsl.Exists{Leaf: leaf}
	case pattern != nil && info.keyword:
		return &dsl.Wildcard{Leaf: leaf, Pattern: queryStringOf(pattern)}
	case pattern != nil:
		return &dsl.QueryString{Fields: []string{leaf.Field}, Text: queryStringOf(pattern), At: leaf.At}
	}
	literal := v.(*syntax.Literal)
	value := valueOf(literal)
	switch {
	case info.date:
		r := &dsl.Range{Leaf: leaf, Gte: value, Lte: value}
		if !isDigits(literal.Text) {
			r.Zone = zone
		}
		return r
	case info.keyword:
		return &dsl.Term{Leaf: leaf, Value: value}
	case literal.Kind == syntax.Quoted:
		return &dsl.MatchPhrase{Leaf: leaf, Value: value}
	case t.options.NumberWords && info.numbered && literal.Kind == syntax.Word:
		return anyWord(leaf, literal.Text)
	}
	return &dsl.Match{Leaf: leaf, Value: value}
}

func anyWord(leaf dsl.Leaf, text string) dsl.Query {
	words := strings.Fields(text)
	if len(words) < 2 {
		return &dsl.Match{Leaf: leaf, Value: text}
	}
	any := make([]dsl.Query, len(words))
	for i, w := range words {
		any[i] = &dsl.Match{Leaf: leaf, Value: w}
	}
	return dsl.AnyOf(any...)
}

// free translates a value without a field.
func free(v syntax.Atom) dsl.Query {
	switch v := v.(type) {
	case *syntax.Pattern:
		return &dsl.QueryString{Text: queryStringOf(v), At: v.Span}
	case *syntax.Literal:
		return &dsl.MultiMatch{Value: valueOf(v), Phrase: v.Kind == syntax.Quoted, Lenient: true, At: v.Span}
	}
	return dsl.MatchNone{}
}

func (t *translator) ranged(n *syntax.Range) dsl.Query {
	var value any
	text := ""
	switch v := n.Value.(type) {
	case *syntax.Literal:
		value, text = valueOf(v), v.Text
	case *syntax.Pattern:
		value, text = v.Text(), v.Text()
	}
	fields := t.fields(n.Field)
	queries := make([]dsl.Query, 0, len(fields))
	for _, name := range fields {
		r := &dsl.Range{Leaf: dsl.Leaf{Field: name, At: n.Value.At()}}
		switch n.Op {
		case syntax.Lt:
			r.Lt = value
		case syntax.Lte:
			r.Lte = value
		case syntax.Gt:
			r.Gt = value
		case syntax.Gte:
			r.Gte = value
		}
		if t.lookup(name).date && !isDigits(text) {
			r.Zone = zone
		}
		queries = append(queries, t.wrap(n.Field, name, r))
	}
	return dsl.AnyOf(queries...)
}

// fields returns the full names that a name stands for: the fields of the view that a pattern fits, or the name as it is.
func (t *translator) fields(field syntax.Name) []string {
	var found []string
	if !t.options.NoFieldList && field.IsPattern() {
		pattern := ""
		for _, p := range field.Parts {
			if p.Star {
				pattern += "*"
			} else {
				pattern += lucene.EscapeWildcard(p.Text)
			}
		}
		if t.path != "" {
			pattern = lucene.EscapeWildcard(t.path+".") + pattern
		}
		w := lucene.CompileWildcard(pattern, false)
		for _, name := range t.view.Fields("*") {
			if w.Match(name) {
				found = append(found, name)
			}
		}
	}
	if len(found) == 0 {
		found = []string{t.full(field.Text())}
	}
	if t.leaves += len(found); t.leaves > maxLeaves {
		if len(t.faults) == 0 || !t.faults[len(t.faults)-1].Limit {
			t.faults = append(t.faults, dsl.Fault{At: field.Span, Msg: fmt.Sprintf("the field names come to more than %d queries", maxLeaves), Limit: true})
		}
		return nil
	}
	if !field.IsPattern() || t.path != "" {
		t.checkNested(field, found)
	}
	return found
}

// checkNested reports fields of nested objects that are asked outside of them, or the other way round.
func (t *translator) checkNested(field syntax.Name, found []string) {
	for _, name := range found {
		info := t.lookup(name)
		switch {
		case !info.known || info.nested == t.path:
		case t.path == "":
			t.fail(field.Span, "`%s` is a nested field: it needs a nested group, `%s:{ … }`", name, info.nested)
		case info.nested == "":
			t.fail(field.Span, "`%s` is no nested field, but stands in the nested group `%s`", name, t.path)
		default:
			t.fail(field.Span, "`%s` stands in the nested group `%s`, but its path is `%s`", name, t.path, info.nested)
		}
	}
}

// wrap puts a query on a nested field that a pattern of names found into its nested query.
func (t *translator) wrap(field syntax.Name, name string, q dsl.Query) dsl.Query {
	if info := t.lookup(name); field.IsPattern() && info.nested != "" && t.path == "" {
		return &dsl.Nested{Path: info.nested, Query: q, At: field.Span}
	}
	return q
}

// valueOf is the JSON value of a literal: true, false and null are typed, numbers stay text.
func valueOf(l *syntax.Literal) any {
	switch l.Kind {
	case syntax.True:
		return true
	case syntax.False:
		return false
	case syntax.Null:
		return nil
	case syntax.Quoted, syntax.Word:
	}
	return l.Text
}

// isDigits reports whether a date is a count of milliseconds, which has no time zone.
func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// queryStringOf writes a pattern with everything escaped that the query string syntax reserves, but blanks.
func queryStringOf(p *syntax.Pattern) string {
	var b strings.Builder
	for _, part := range p.Parts {
		if part.Star {
			b.WriteByte('*')
			continue
		}
		for _, r := range part.Text {
			if strings.ContainsRune(`+-=&|><!(){}[]^"~*?:\/`, r) {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}
