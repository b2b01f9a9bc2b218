package dsl

import (
	"slices"

	"github.com/onerule/onerule/backends/elastic/mapping"
)

// match compiles a match query on a field: words of an analysed one, the value as a whole on all others. A text without
// words fits nothing.
func (c *compiler) match(f *mapping.Field, text string, and bool) (mapping.Matcher, error) {
	if f.Family() != mapping.Text {
		return f.Term(text, c.context(false))
	}
	var words []string
	for _, t := range f.Analyze(text) {
		words = append(words, t.Text)
	}
	return func(v mapping.Value) bool { return hasWords(f.Analyze(v.(string)), words, and) }, nil
}

func hasWords(tokens []mapping.Token, words []string, and bool) bool {
	if len(words) == 0 {
		return false
	}
	has := func(w string) bool {
		return slices.ContainsFunc(tokens, func(t mapping.Token) bool { return t.Text == w })
	}
	if and {
		return !slices.ContainsFunc(words, func(w string) bool { return !has(w) })
	}
	return slices.ContainsFunc(words, has)
}

// phrase compiles a match_phrase query on a field.
func (c *compiler) phrase(f *mapping.Field, text string, slop int) (mapping.Matcher, error) {
	if f.Family() != mapping.Text {
		return f.Term(text, c.context(false))
	}
	words := f.Analyze(text)
	return func(v mapping.Value) bool { return hasPhrase(f.Analyze(v.(string)), words, slop) }, nil
}

// hasPhrase reports whether the words stand in the tokens in order, so that they can be brought into their places by at
// most slop moves: the spread of the distances between a word's place in the text and in the phrase.
func hasPhrase(tokens, words []mapping.Token, slop int) bool {
	if len(words) == 0 {
		return false
	}
	shifts := make([][]int, len(words)) // for each word, its positions less its place in the phrase, ascending
	for i, w := range words {
		for _, t := range tokens {
			if t.Text == w.Text {
				shifts[i] = append(shifts[i], t.Position-w.Position)
			}
		}
		if len(shifts[i]) == 0 {
			return false
		}
	}
	at := make([]int, len(words))
	for {
		least, most := 0, 0
		for i := range shifts {
			if shifts[i][at[i]] < shifts[least][at[least]] {
				least = i
			}
			if shifts[i][at[i]] > shifts[most][at[most]] {
				most = i
			}
		}
		if shifts[most][at[most]]-shifts[least][at[least]] <= slop {
			return true
		}
		if at[least]++; at[least] == len(shifts[least]) {
			return false
		}
	}
}

// multiMatch compiles a multi_match query: one of the fields fits.
func (c *compiler) multiMatch(q *MultiMatch) Matcher {
	text, ok := valueText(q.Value)
	if !ok {
		return c.fail(q.At, "the value of a query cannot be null")
	}
	var any []Matcher
	for _, f := range c.searchFields(q.Fields) {
		m, err := c.onField(f, func(f *mapping.Field) (mapping.Matcher, error) {
			if q.Phrase {
				return c.phrase(f, text, 0)
			}
			return c.match(f, text, false)
		})
		switch {
		case err == nil:
			any = append(any, m)
		case !q.Lenient:
			c.fail(q.At, "%v", err)
		}
	}
	return join(nil, any, nil, 1)
}

// searchFields returns the fields of a list of names and patterns, in the scope; an empty list is all fields that can be
// searched for text.
func (c *compiler) searchFields(names []string) []*mapping.Field {
	var out []*mapping.Field
	if len(names) == 0 {
		names = []string{"*"}
	}
	for _, name := range names {
		if f := c.field(name); f != nil {
			out = append(out, f)
			continue
		}
		for _, f := range c.mapping.Fields(name) {
			if f.Family() != mapping.Opaque && f.Nested == c.scope && f.Searchable() {
				out = append(out, f)
			}
		}
	}
	return out
}
