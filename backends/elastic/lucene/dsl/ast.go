// Package dsl is Elasticsearch's Query DSL as far as detection needs it: a tree, its JSON form both ways, and its meaning on
// documents with a mapping. Kibana's query language is defined by its translation to this tree, and the filters of
// detection rules are written in it.
//
// Sources: the Query DSL pages of the Elasticsearch reference, one for each query; mapping/doc.go for the fields.
package dsl

import "github.com/onerule/onerule/diag"

// Query is a node of the tree.
//
//sumtype:decl
type Query interface{ query() }

// MatchAll fits every document.
type MatchAll struct{}

// MatchNone fits none.
type MatchNone struct{}

// Bool joins queries: all of Must and Filter, none of MustNot, and MinShould of Should. MinShould is -1 for the default:
// 1, or 0 if there is a Must or a Filter.
type Bool struct {
	Must, Filter, Should, MustNot []Query
	MinShould                     int
}

// Leaf is what the queries on one field share.
type Leaf struct {
	Field string
	// At is the text that the query comes from, for messages.
	At diag.Span
}

// Term asks for a value as a whole. Values are strings, bools, json.Numbers, or nil, which Elasticsearch refuses.
type Term struct {
	Leaf
	Value any
	Fold  bool
}

// Terms asks for any of some values.
type Terms struct {
	Leaf
	Values []any
}

// Match analyses its value as the field does; the words are alternatives, or all needed with And.
type Match struct {
	Leaf
	Value any
	And   bool
}

// MatchPhrase asks for the words of its value in order, with at most Slop moves.
type MatchPhrase struct {
	Leaf
	Value any
	Slop  int
}

// MultiMatch is [Match], or with Phrase [MatchPhrase], on several fields, one of which must fit. No fields are the default
// fields: all of the index that can be searched.
type MultiMatch struct {
	Fields  []string
	Value   any
	Phrase  bool
	Lenient bool
	At      diag.Span
}

// Wildcard asks for a pattern of * and ?, Prefix for a beginning, Regexp for a Lucene regular expression.
type Wildcard struct {
	Leaf
	Pattern string
	Fold    bool
}

// Prefix asks for a beginning.
type Prefix struct {
	Leaf
	Value string
	Fold  bool
}

// Regexp asks for a Lucene regular expression that fits the whole value.
type Regexp struct {
	Leaf
	Pattern string
	Fold    bool
}

// Range asks for values between bounds; nil is open. Two bounds on one side are both applied.
type Range struct {
	Leaf
	Gt, Gte, Lt, Lte any
	// Zone is time_zone: "", an offset such as +01:00, or a name of UTC.
	Zone string
}

// Exists asks for any value.
type Exists struct{ Leaf }

// Nested asks for one object at a path that fits the query.
type Nested struct {
	Path           string
	Query          Query
	IgnoreUnmapped bool
	At             diag.Span
}

// QueryString is a query in Lucene's syntax. No fields are the default fields.
type QueryString struct {
	Fields          []string
	Text            string
	AnalyzeWildcard bool
	DefaultAnd      bool
	// Lenient ignores values that a field cannot hold; without fields that is so anyway.
	Lenient bool
	At      diag.Span
}

func (MatchAll) query()     {}
func (MatchNone) query()    {}
func (*Bool) query()        {}
func (*Term) query()        {}
func (*Terms) query()       {}
func (*Match) query()       {}
func (*MatchPhrase) query() {}
func (*MultiMatch) query()  {}
func (*Wildcard) query()    {}
func (*Prefix) query()      {}
func (*Regexp) query()      {}
func (*Range) query()       {}
func (*Exists) query()      {}
func (*Nested) query()      {}
func (*QueryString) query() {}

// Not is a [Bool] of one prohibited query.
func Not(q Query) *Bool { return &Bool{MustNot: []Query{q}, MinShould: -1} }

// AnyOf is a [Bool] of alternatives.
func AnyOf(queries ...Query) *Bool { return &Bool{Should: queries, MinShould: 1} }

// AllOf is a [Bool] of filters.
func AllOf(queries ...Query) *Bool { return &Bool{Filter: queries, MinShould: -1} }
