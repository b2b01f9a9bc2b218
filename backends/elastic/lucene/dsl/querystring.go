package dsl

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/elastic/lucene"
	"github.com/onerule/onerule/backends/elastic/lucene/querystring"
	"github.com/onerule/onerule/backends/elastic/mapping"
)

// queryString compiles a query in Lucene's syntax. A query without words finds nothing.
func (c *compiler) queryString(q *QueryString) Matcher {
	tree, err := querystring.Parse(q.Text, querystring.Options{DefaultAnd: q.DefaultAnd})
	if err != nil {
		return c.fail(q.At, "the query string `%s` cannot be read: %v", q.Text, err)
	}
	if tree == nil {
		return never
	}
	s := &stringCompiler{compiler: c, q: q, lenient: q.Lenient || len(q.Fields) == 0}
	if m := s.node(tree); m != nil {
		return m
	}
	return never
}

type stringCompiler struct {
	*compiler
	q       *QueryString
	lenient bool
}

// node compiles a part. nil stands for a part that analysis left nothing of, which the query then does not have.
func (s *stringCompiler) node(n querystring.Node) Matcher {
	switch n := n.(type) {
	case *querystring.Bool:
		return s.bool(n)
	case *querystring.Term:
		return s.term(n)
	case *querystring.Phrase:
		if !n.Field.Default && n.Field.Name == "_exists_" {
			return s.exists(n.Text)
		}
		return s.words(n.Field, n.Text, func(f *mapping.Field) (mapping.Matcher, error) { return s.phrase(f, n.Text, n.Slop) })
	case *querystring.Prefix:
		return s.prefix(n)
	case *querystring.Wildcard:
		return s.wildcard(n)
	case *querystring.Regexp:
		return s.regexpTerm(n)
	case *querystring.Fuzzy:
		return s.fuzzy(n)
	case *querystring.Range:
		return s.ranges(n.Field, stringBound(n.Low, n.LowIncluded), stringBound(n.High, n.HighIncluded))
	}
	return never
}

func stringBound(text *string, included bool) *mapping.Bound {
	if text == nil {
		return nil
	}
	return &mapping.Bound{Text: *text, Inclusive: included}
}

func (s *stringCompiler) bool(n *querystring.Bool) Matcher {
	var must, should, not []Matcher
	for _, clause := range n.Clauses {
		m := s.node(clause.Query)
		if m == nil {
			continue
		}
		switch clause.Occur {
		case querystring.Must:
			must = append(must, m)
		case querystring.Should:
			should = append(should, m)
		case querystring.MustNot:
			not = append(not, m)
		}
	}
	if len(must)+len(should)+len(not) == 0 {
		return nil
	}
	least := 0
	if len(must) == 0 && len(should) > 0 {
		least = 1
	}
	return join(must, should, not, least)
}

// fields returns the fields that a part is about.
func (s *stringCompiler) fields(f querystring.Field) []*mapping.Field {
	if f.Default {
		return s.searchFields(s.q.Fields)
	}
	return s.searchFields([]string{f.Name})
}

// each compiles a test on the fields of a part; one of them must pass it.
func (s *stringCompiler) each(fields []*mapping.Field, build func(*mapping.Field) (mapping.Matcher, error)) Matcher {
	any := []Matcher{}
	for _, f := range fields {
		m, err := s.onField(f, build)
		switch {
		case err == nil:
			any = append(any, m)
		case !s.lenient:
			s.fail(s.q.At, "%v", err)
		}
	}
	return join(nil, any, nil, 1)
}

// words is [stringCompiler.each] for analysed text: fields on which it has no words are left out, and with them the part.
func (s *stringCompiler) words(field querystring.Field, text string, build func(*mapping.Field) (mapping.Matcher, error)) Matcher {
	fields := s.fields(field)
	if len(fields) == 0 {
		return never
	}
	with := slices.DeleteFunc(slices.Clone(fields), func(f *mapping.Field) bool { return len(f.Analyze(text)) == 0 })
	if len(with) == 0 {
		return nil
	}
	return s.each(with, build)
}

func (s *stringCompiler) term(n *querystring.Term) Matcher {
	if !n.Field.Default {
		if n.Field.Name == "_exists_" {
			return s.exists(n.Text)
		}
		// Behind a field name <, <=, > and >= begin a range, even where they were escaped.
		for _, op := range []string{">=", "<=", ">", "<"} {
			bound, ok := strings.CutPrefix(n.Text, op)
			if !ok || bound == "" {
				continue
			}
			b := &mapping.Bound{Text: bound, Inclusive: len(op) == 2}
			if op[0] == '>' {
				return s.ranges(n.Field, b, nil)
			}
			return s.ranges(n.Field, nil, b)
		}
	}
	return s.words(n.Field, n.Text, func(f *mapping.Field) (mapping.Matcher, error) { return s.match(f, n.Text, s.q.DefaultAnd) })
}

func (s *stringCompiler) ranges(field querystring.Field, lo, hi *mapping.Bound) Matcher {
	return s.each(s.fields(field), func(f *mapping.Field) (mapping.Matcher, error) { return f.Range(lo, hi, s.context(false)) })
}

func (s *stringCompiler) wildcard(n *querystring.Wildcard) Matcher {
	if n.Pattern == "*" {
		switch {
		case !n.Field.Default && n.Field.Name == "*", n.Field.Default && len(s.q.Fields) == 0:
			return always
		case !n.Field.Default:
			return s.exists(n.Field.Name)
		}
		var any []Matcher
		for _, name := range s.q.Fields {
			any = append(any, s.exists(name))
		}
		return join(nil, any, nil, 1)
	}
	return s.each(s.fields(n.Field), func(f *mapping.Field) (mapping.Matcher, error) {
		return f.Wildcard(f.NormalizePattern(n.Pattern), s.context(false))
	})
}

// prefix compiles text*. With analyze_wildcard the text is cut into words, of which the last is a beginning.
func (s *stringCompiler) prefix(n *querystring.Prefix) Matcher {
	return s.each(s.fields(n.Field), func(f *mapping.Field) (mapping.Matcher, error) {
		if f.Family() != mapping.Text {
			return f.Prefix(n.Text, s.context(false))
		}
		if !s.q.AnalyzeWildcard {
			return f.Prefix(f.NormalizePattern(n.Text), s.context(false))
		}
		words := f.Analyze(n.Text)
		if len(words) == 0 {
			return func(mapping.Value) bool { return false }, nil
		}
		return func(v mapping.Value) bool {
			tokens := f.Analyze(v.(string))
			fits := func(i int, w mapping.Token) bool {
				return slices.ContainsFunc(tokens, func(t mapping.Token) bool {
					return t.Text == w.Text || i == len(words)-1 && strings.HasPrefix(t.Text, w.Text)
				})
			}
			for i, w := range words {
				if fits(i, w) != s.q.DefaultAnd {
					return !s.q.DefaultAnd
				}
			}
			return s.q.DefaultAnd
		}, nil
	})
}

func (s *stringCompiler) regexpTerm(n *querystring.Regexp) Matcher {
	re, err := lucene.CompileRegexp(n.Pattern, lucene.All)
	switch {
	case err == nil:
		return s.each(s.fields(n.Field), func(f *mapping.Field) (mapping.Matcher, error) { return f.Regexp(re) })
	case s.lenient && !errors.Is(err, lucene.ErrTooLong):
		return never
	}
	return s.fail(s.q.At, "%v", err)
}

// fuzzy compiles text~ and text~n, with AUTO as the default: no edit up to 2 characters, one up to 5, else two.
func (s *stringCompiler) fuzzy(n *querystring.Fuzzy) Matcher {
	edits := -1
	if n.Edits != "" {
		v, err := strconv.ParseFloat(n.Edits, 64)
		if err != nil || v < 0 || v > 2 {
			return s.fail(s.q.At, "the fuzziness `%s` is not 0, 1 or 2", n.Edits)
		}
		edits = int(v)
	}
	return s.each(s.fields(n.Field), func(f *mapping.Field) (mapping.Matcher, error) {
		text := f.NormalizePattern(n.Text)
		limit := edits
		if limit < 0 {
			limit = autoEdits(len([]rune(text)))
		}
		return f.Fuzzy(text, limit)
	})
}

func autoEdits(length int) int {
	switch {
	case length <= 2:
		return 0
	case length <= 5:
		return 1
	}
	return 2
}
