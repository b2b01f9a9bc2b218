// Package querystring reads the syntax of Elasticsearch's query_string query, which is the rule language "lucene" and what
// Kibana makes of wildcard patterns on fields that are not plain keyword. It only reads: package dsl gives it a meaning.
//
// Sources: the page "Query string query" of the Elasticsearch reference and the grammar of Lucene's classic query parser,
// whose token rules and whose way to place AND, OR and NOT (they are no operators with a precedence) it follows.
package querystring

// Node is a query: [*Bool], [*Term], [*Phrase], [*Prefix], [*Wildcard], [*Regexp], [*Fuzzy] or [*Range].
//
//sumtype:decl
type Node interface{ node() }

// Occur says what a clause asks of a document.
type Occur uint8

// The occurrences.
const (
	// Should clauses: at least one fits, unless there are Must clauses.
	Should Occur = iota
	// Must clauses fit.
	Must
	// MustNot clauses do not fit. A Bool of these alone means all other documents.
	MustNot
)

// Clause is a part of a [*Bool].
type Clause struct {
	Occur Occur
	Query Node
}

// Bool is a list of clauses.
type Bool struct{ Clauses []Clause }

// Field names the field of a leaf: Default for none, else its name, which may hold `*`.
type Field struct {
	Name    string
	Default bool
}

// Term is text that is analysed; its words are alternatives, or all needed, by the default operator. Words without
// operators between them are one Term.
type Term struct {
	Field Field
	Text  string
}

// Phrase is quoted text, its words in order, with at most Slop moves.
type Phrase struct {
	Field Field
	Text  string
	Slop  int
}

// Prefix is text that a term begins with.
type Prefix struct {
	Field Field
	Text  string
}

// Wildcard is a pattern with `*` and `?`, where a backslash makes the next character ordinary. "*" asks for existence.
type Wildcard struct {
	Field   Field
	Pattern string
}

// Regexp is a Lucene regular expression.
type Regexp struct {
	Field   Field
	Pattern string
}

// Fuzzy is a term with a number of edits, as text; "" is AUTO.
type Fuzzy struct {
	Field Field
	Text  string
	Edits string
}

// Range is a range; a nil end is open.
type Range struct {
	Field                     Field
	Low, High                 *string
	LowIncluded, HighIncluded bool
}

func (*Bool) node()     {}
func (*Term) node()     {}
func (*Phrase) node()   {}
func (*Prefix) node()   {}
func (*Wildcard) node() {}
func (*Regexp) node()   {}
func (*Fuzzy) node()    {}
func (*Range) node()    {}
