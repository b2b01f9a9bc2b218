package dsl

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onerule/onerule/backends/elastic/lucene"
	"github.com/onerule/onerule/backends/elastic/mapping"
	"github.com/onerule/onerule/diag"
)

// Matcher decides on a document.
type Matcher func(*Doc) bool

// Fault is a reason for which Elasticsearch would fail the search on an index.
type Fault struct {
	At  diag.Span
	Msg string
	// Limit says that not the query is at fault, but a limit of ours was met.
	Limit bool
}

// maxTests limits the tests on fields that a query may come to, because patterns of field names multiply them.
const maxTests = 500_000

// Context is what the meaning of a query depends on besides the mapping.
type Context struct {
	// Now is the instant of `now` in date math.
	Now time.Time
}

// Compile gives a query its meaning on the documents of an index. With faults the matcher is nil.
func Compile(q Query, m *mapping.Mapping, ctx Context) (Matcher, []Fault) {
	c := &compiler{mapping: m, ctx: ctx}
	match := c.compile(q)
	if len(c.faults) > 0 {
		return nil, c.faults
	}
	return match, nil
}

type compiler struct {
	mapping *mapping.Mapping
	ctx     Context
	// scope is the path of the nested object that the query is inside, "" for the document.
	scope  string
	faults []Fault
	tests  int
}

func never(*Doc) bool  { return false }
func always(*Doc) bool { return true }

func (c *compiler) fail(at diag.Span, format string, args ...any) Matcher {
	if c.tests <= maxTests {
		c.faults = append(c.faults, Fault{At: at, Msg: fmt.Sprintf(format, args...)})
	}
	return never
}

func (c *compiler) compile(q Query) Matcher {
	switch q := q.(type) {
	case MatchAll:
		return always
	case MatchNone:
		return never
	case *Bool:
		return c.boolean(q)
	case *Term:
		return c.valued(q.Leaf, q.Value, func(f *mapping.Field, text string) (mapping.Matcher, error) {
			return f.Term(text, c.context(q.Fold))
		})
	case *Terms:
		return c.terms(q)
	case *Match:
		return c.valued(q.Leaf, q.Value, func(f *mapping.Field, text string) (mapping.Matcher, error) {
			return c.match(f, text, q.And)
		})
	case *MatchPhrase:
		return c.valued(q.Leaf, q.Value, func(f *mapping.Field, text string) (mapping.Matcher, error) {
			return c.phrase(f, text, q.Slop)
		})
	case *MultiMatch:
		return c.multiMatch(q)
	case *Wildcard:
		return c.leaf(q.Leaf, func(f *mapping.Field) (mapping.Matcher, error) { return f.Wildcard(q.Pattern, c.context(q.Fold)) })
	case *Prefix:
		return c.leaf(q.Leaf, func(f *mapping.Field) (mapping.Matcher, error) { return f.Prefix(q.Value, c.context(q.Fold)) })
	case *Regexp:
		return c.regexp(q)
	case *Range:
		return c.ranged(q)
	case *Exists:
		return c.exists(q.Field)
	case *Nested:
		return c.nestedQuery(q)
	case *QueryString:
		return c.queryString(q)
	}
	return never
}

func (c *compiler) context(fold bool) mapping.Context {
	return mapping.Context{Now: c.ctx.Now, Fold: fold}
}

func (c *compiler) boolean(q *Bool) Matcher {
	var must, should, not []Matcher
	for _, list := range [][]Query{q.Must, q.Filter} {
		for _, sub := range list {
			must = append(must, c.compile(sub))
		}
	}
	for _, sub := range q.Should {
		should = append(should, c.compile(sub))
	}
	for _, sub := range q.MustNot {
		not = append(not, c.compile(sub))
	}
	least := q.MinShould
	if least < 0 {
		least = 0
		if len(should) > 0 && len(must) == 0 {
			least = 1
		}
	}
	return join(must, should, not, least)
}

// join is the meaning of a bool query.
func join(must, should, not []Matcher, least int) Matcher {
	return func(d *Doc) bool {
		for _, m := range must {
			if !m(d) {
				return false
			}
		}
		for _, m := range not {
			if m(d) {
				return false
			}
		}
		fits := 0
		for _, m := range should {
			if fits >= least {
				break
			}
			if m(d) {
				fits++
			}
		}
		return fits >= least
	}
}

// field returns a field that can be asked in the scope; nil for one that no document can have.
func (c *compiler) field(name string) *mapping.Field {
	f, ok := c.mapping.Lookup(name)
	if !ok || !f.IsLeaf() || f.Nested != c.scope {
		return nil
	}
	return f
}

// leaf compiles a query on one field: any value of it fits.
func (c *compiler) leaf(l Leaf, build func(*mapping.Field) (mapping.Matcher, error)) Matcher {
	f := c.field(l.Field)
	if f == nil {
		return never
	}
	m, err := c.onField(f, build)
	if err != nil {
		return c.fail(l.At, "%v", err)
	}
	return m
}

func (c *compiler) onField(f *mapping.Field, build func(*mapping.Field) (mapping.Matcher, error)) (Matcher, error) {
	if c.tests++; c.tests > maxTests {
		if c.tests == maxTests+1 {
			c.faults = append(c.faults, Fault{Msg: fmt.Sprintf("the query comes to more than %d tests on fields", maxTests), Limit: true})
		}
		return never, nil
	}
	if !f.Searchable() {
		return nil, fmt.Errorf("the field `%s` is only stored: it has neither an index nor doc values", f.Name)
	}
	m, err := build(f)
	if err != nil {
		return nil, err
	}
	return func(d *Doc) bool { return slices.ContainsFunc(d.read(f), m) }, nil
}

// valued compiles a leaf whose value may not be null, which Elasticsearch refuses before it looks at the field.
func (c *compiler) valued(l Leaf, value any, build func(*mapping.Field, string) (mapping.Matcher, error)) Matcher {
	text, ok := valueText(value)
	if !ok {
		return c.fail(l.At, "the value for `%s` cannot be null", l.Field)
	}
	return c.leaf(l, func(f *mapping.Field) (mapping.Matcher, error) { return build(f, text) })
}

// valueText is a JSON scalar as text.
func valueText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case json.Number:
		return v.String(), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case int:
		return strconv.Itoa(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	}
	return "", false
}

func (c *compiler) terms(q *Terms) Matcher {
	var any []Matcher
	for _, v := range q.Values {
		any = append(any, c.compile(&Term{Leaf: q.Leaf, Value: v}))
	}
	return join(nil, any, nil, 1)
}

func (c *compiler) regexp(q *Regexp) Matcher {
	flags := lucene.All
	if q.Fold {
		flags |= lucene.FoldASCII
	}
	re, err := lucene.CompileRegexp(q.Pattern, flags)
	if err != nil {
		return c.fail(q.At, "%v", err)
	}
	return c.leaf(q.Leaf, func(f *mapping.Field) (mapping.Matcher, error) { return f.Regexp(re) })
}

func (c *compiler) ranged(q *Range) Matcher {
	zone, err := zoneOf(q.Zone)
	if err != nil {
		return c.fail(q.At, "%v", err)
	}
	ctx := c.context(false)
	ctx.Zone = zone
	return c.leaf(q.Leaf, func(f *mapping.Field) (mapping.Matcher, error) {
		first, err := f.Range(bound(q.Gte, true), bound(q.Lte, true), ctx)
		if err != nil || q.Gt == nil && q.Lt == nil {
			return first, err
		}
		second, err := f.Range(bound(q.Gt, false), bound(q.Lt, false), ctx)
		return func(v mapping.Value) bool { return first(v) && second(v) }, err
	})
}

func bound(v any, inclusive bool) *mapping.Bound {
	text, ok := valueText(v)
	if !ok {
		return nil
	}
	return &mapping.Bound{Text: text, Inclusive: inclusive}
}

func zoneOf(name string) (*time.Location, error) {
	switch strings.ToLower(name) {
	case "", "z", "utc", "zulu", "etc/utc", "gmt":
		return time.UTC, nil
	}
	for _, layout := range []string{"-07:00", "-0700", "-07"} {
		if t, err := time.Parse(layout, name); err == nil {
			return t.Location(), nil
		}
	}
	return nil, fmt.Errorf("the time zone `%s` is not known: give an offset such as +01:00", name)
}

// exists fits documents with a value of the field, or of a field below it. A name may be a pattern.
func (c *compiler) exists(name string) Matcher {
	var fields []*mapping.Field
	switch f, ok := c.mapping.Lookup(name); {
	case ok && f.IsLeaf():
		fields = []*mapping.Field{f}
	case ok:
		fields = c.mapping.Children(name)
	case strings.Contains(name, "*"):
		fields = c.mapping.Fields(name)
	}
	fields = slices.DeleteFunc(fields, func(f *mapping.Field) bool { return f.Nested != c.scope || !f.Searchable() })
	return func(d *Doc) bool {
		return slices.ContainsFunc(fields, func(f *mapping.Field) bool { return len(d.read(f)) > 0 })
	}
}

func (c *compiler) nestedQuery(q *Nested) Matcher {
	f, ok := c.mapping.Lookup(q.Path)
	if !ok || f.Type != "nested" || c.scope != "" && !strings.HasPrefix(q.Path, c.scope+".") {
		if q.IgnoreUnmapped {
			return never
		}
		return c.fail(q.At, "`%s` is no nested object", q.Path)
	}
	outer := c.scope
	c.scope = q.Path
	inner := c.compile(q.Query)
	c.scope = outer
	return func(d *Doc) bool { return slices.ContainsFunc(d.objects(q.Path), inner) }
}
