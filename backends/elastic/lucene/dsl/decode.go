package dsl

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onerule/onerule/diag"
)

// maxNesting is the deepest nesting of queries in JSON.
const maxNesting = 200

// FromJSON reads a query as Elasticsearch does. at is the place that faults of the query are reported at. A query or a
// parameter that is not known here is an error, unless it is known to change the score alone.
func FromJSON(data []byte, at diag.Span) (Query, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("the query is not JSON: %w", err)
	}
	return FromTree(v, at)
}

// FromTree reads a query from JSON that was decoded with [json.Decoder.UseNumber].
func FromTree(v any, at diag.Span) (Query, error) {
	r := &reader{at: at}
	q := r.query(v)
	if r.err != nil {
		return nil, r.err
	}
	return q, nil
}

// reader reads a tree; it keeps the first error and goes on with empty values.
type reader struct {
	at    diag.Span
	depth int
	err   error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// scoreOnly are the parameters that change no more than the score, or how a query is run.
var scoreOnly = []string{"boost", "_name", "score_mode", "rewrite", "tie_breaker", "max_determinized_states", "adjust_pure_negative", "relation"}

// params reads the parameters of one query and reports those that nobody asked for.
type params struct {
	r    *reader
	name string
	body map[string]any
	seen []string
}

func (r *reader) params(name string, v any) *params {
	body, ok := v.(map[string]any)
	if !ok {
		r.fail("the query [%s] needs an object", name)
	}
	return &params{r: r, name: name, body: body, seen: scoreOnly}
}

func (p *params) any(key string) any {
	p.seen = append(slices.Clip(p.seen), key)
	return p.body[key]
}

func (p *params) text(key string) string {
	v := p.any(key)
	s, ok := valueText(v)
	if v != nil && !ok {
		p.r.fail("[%s] of the query [%s] must be text", key, p.name)
	}
	return s
}

func (p *params) flag(key string) bool {
	return strings.EqualFold(p.text(key), "true")
}

func (p *params) int(key string, otherwise int) int {
	v := p.any(key)
	if v == nil {
		return otherwise
	}
	text, _ := valueText(v)
	n := 0
	if _, err := fmt.Sscanf(text, "%d", &n); err != nil || text != fmt.Sprint(n) || n < 0 {
		p.r.fail("[%s] of the query [%s] must be a whole number", key, p.name)
	}
	return n
}

func (p *params) texts(key string) []string {
	var out []string
	for _, v := range list(p.any(key)) {
		s, ok := valueText(v)
		if !ok {
			p.r.fail("[%s] of the query [%s] must be a list of text", key, p.name)
		}
		out = append(out, s)
	}
	return out
}

func (p *params) queries(key string) []Query {
	var out []Query
	for _, v := range list(p.any(key)) {
		out = append(out, p.r.query(v))
	}
	return out
}

// list makes a list of one value that stands alone.
func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

func (p *params) done() {
	for _, key := range slices.Sorted(maps.Keys(p.body)) {
		if !slices.Contains(p.seen, key) {
			p.r.fail("the parameter [%s] of the query [%s] is not known here", key, p.name)
		}
	}
}

func (r *reader) query(v any) Query {
	if r.depth++; r.depth > maxNesting {
		r.fail("the query is nested more than %d deep", maxNesting)
		return MatchNone{}
	}
	defer func() { r.depth-- }()
	object, ok := v.(map[string]any)
	if !ok || len(object) != 1 {
		r.fail("a query must be an object with one key, its name")
		return MatchNone{}
	}
	for name, body := range object {
		return r.named(name, body)
	}
	return MatchNone{}
}

func (r *reader) named(name string, body any) Query {
	switch name {
	case "match_all":
		return MatchAll{}
	case "match_none":
		return MatchNone{}
	case "bool":
		p := r.params(name, body)
		q := &Bool{Must: p.queries("must"), Filter: p.queries("filter"), Should: p.queries("should"), MustNot: p.queries("must_not")}
		q.MinShould = p.int("minimum_should_match", -1)
		p.done()
		return q
	case "exists":
		p := r.params(name, body)
		q := &Exists{Leaf{p.text("field"), r.at}}
		p.done()
		return q
	case "nested":
		p := r.params(name, body)
		q := &Nested{Path: p.text("path"), Query: r.query(p.any("query")), IgnoreUnmapped: p.flag("ignore_unmapped"), At: r.at}
		p.done()
		return q
	case "query_string":
		p := r.params(name, body)
		q := &QueryString{
			Fields: p.texts("fields"), Text: p.text("query"), AnalyzeWildcard: p.flag("analyze_wildcard"), Lenient: p.flag("lenient"),
			DefaultAnd: strings.EqualFold(p.text("default_operator"), "and"), At: r.at,
		}
		q.Fields = append(q.Fields, p.texts("default_field")...)
		p.any("time_zone") // dates without a zone are rare; UTC is the default
		p.done()
		return q
	case "multi_match":
		p := r.params(name, body)
		q := &MultiMatch{Fields: p.texts("fields"), Value: p.any("query"), Lenient: p.flag("lenient"), At: r.at}
		switch kind := p.text("type"); kind {
		case "phrase":
			q.Phrase = true
		case "", "best_fields", "most_fields":
		default:
			r.fail("the type [%s] of multi_match is not known here", kind)
		}
		p.done()
		return q
	}
	return r.leaf(name, body)
}

// leaf reads the queries that hold one field.
func (r *reader) leaf(name string, body any) Query {
	object, _ := body.(map[string]any)
	var field string
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if slices.Contains(scoreOnly, key) {
			continue
		}
		if field != "" {
			r.fail("the query [%s] holds two fields, [%s] and [%s]", name, field, key)
		}
		field = key
	}
	if field == "" {
		r.fail("the query [%s] is not known here, or holds no field", name)
		return MatchNone{}
	}
	at := Leaf{field, r.at}
	if name == "terms" {
		values, ok := object[field].([]any)
		if !ok {
			r.fail("the query [terms] needs a list of values")
		}
		return &Terms{at, values}
	}
	p := r.shorthand(name, object[field])
	defer p.done()
	switch name {
	case "term":
		return &Term{at, p.any("value"), p.flag("case_insensitive")}
	case "wildcard":
		pattern := p.text("value")
		if alt := p.text("wildcard"); alt != "" {
			pattern = alt
		}
		return &Wildcard{at, pattern, p.flag("case_insensitive")}
	case "prefix":
		return &Prefix{at, p.text("value"), p.flag("case_insensitive")}
	case "regexp":
		if flags := p.text("flags"); flags != "" && flags != "ALL" {
			r.fail("the flags [%s] of the query [regexp] are not known here", flags)
		}
		return &Regexp{at, p.text("value"), p.flag("case_insensitive")}
	case "match":
		return &Match{at, p.any("query"), strings.EqualFold(p.text("operator"), "and")}
	case "match_phrase":
		return &MatchPhrase{at, p.any("query"), p.int("slop", 0)}
	case "range":
		if format := p.text("format"); format != "" && format != "strict_date_optional_time" {
			r.fail("the format [%s] of the query [range] is not known here", format)
		}
		return &Range{Leaf: at, Gt: p.any("gt"), Gte: p.any("gte"), Lt: p.any("lt"), Lte: p.any("lte"), Zone: p.text("time_zone")}
	}
	r.fail("the query [%s] is not known here", name)
	return MatchNone{}
}

// shorthand reads {"field": {"value": v}} and {"field": v} alike.
func (r *reader) shorthand(name string, v any) *params {
	if _, ok := v.(map[string]any); ok || name == "range" {
		return r.params(name, v)
	}
	key := "value"
	if strings.HasPrefix(name, "match") {
		key = "query"
	}
	return r.params(name, map[string]any{key: v})
}
