package syntax

import "github.com/onerule/onerule/diag"

// Query is a whole statement: settings, then commands joined by "|". The first command is a source: [From] or [Row].
type Query struct {
	Span     diag.Span
	Settings []Setting
	Commands []Command
}

// Setting is `SET name = value;` before the query.
type Setting struct {
	Span  diag.Span
	Name  string
	Value Expr
}

// Command is one stage of the pipe: [From], [Row], [Where], [Eval], [Stats], [Keep], [Drop], [Rename], [Sort], [Limit],
// [MvExpand], [Dissect], [Grok], [Enrich], [LookupJoin], [Sample] or [Fork].
//
//sumtype:decl
type Command interface {
	Pos() diag.Span
	command()
}

// From is `FROM a-*, "b" METADATA _id`.
type From struct {
	Span     diag.Span
	Patterns []IndexPattern
	Metadata []Name
}

// IndexPattern is one index name or pattern of FROM, or a sub-query in parentheses, which then is the only part set.
type IndexPattern struct {
	Span diag.Span
	Text string
	Sub  []Command
}

// Row is `ROW a = 1, b = "x"`: one row without an index.
type Row struct {
	Span   diag.Span
	Fields []Field
}

// Where keeps the rows on which the condition is true; null is not true.
type Where struct {
	Span diag.Span
	Cond Expr
}

// Eval computes columns; later fields see earlier ones.
type Eval struct {
	Span   diag.Span
	Fields []Field
}

// Stats is `STATS a = COUNT(*) WHERE c BY g`; with Inline set it is `INLINE STATS`.
type Stats struct {
	Span   diag.Span
	Inline bool
	Aggs   []Field
	By     []Field
}

// Keep is `KEEP a, b*`.
type Keep struct {
	Span  diag.Span
	Names []NamePattern
}

// Drop is `DROP a, b*`.
type Drop struct {
	Span  diag.Span
	Names []NamePattern
}

// Rename is `RENAME old AS new`, in the order written.
type Rename struct {
	Span  diag.Span
	Pairs []RenamePair
}

// RenamePair is one `old AS new`.
type RenamePair struct {
	Span     diag.Span
	Old, New Name
}

// Sort orders rows.
type Sort struct {
	Span diag.Span
	Keys []SortKey
}

// SortKey is `expr ASC NULLS LAST`; unset parts are the defaults (ascending; nulls last when ascending, first when
// descending).
type SortKey struct {
	Span  diag.Span
	Expr  Expr
	Order Order
	Nulls Nulls
}

// Order is the direction of a sort key as written.
type Order int

// The directions; OrderDefault is no word.
const (
	OrderDefault Order = iota
	Asc
	Desc
)

// Nulls is the place of nulls of a sort key as written.
type Nulls int

// The places; NullsDefault is no word.
const (
	NullsDefault Nulls = iota
	NullsFirst
	NullsLast
)

// Limit is `LIMIT n` or `LIMIT n BY a`.
type Limit struct {
	Span  diag.Span
	Count Expr
	By    []Expr
}

// MvExpand makes one row for each value of a column.
type MvExpand struct {
	Span diag.Span
	Name Name
}

// Dissect is `DISSECT input "pattern" APPEND_SEPARATOR = ","`.
type Dissect struct {
	Span    diag.Span
	Input   Expr
	Pattern Str
	// Separator is nil when the option is not written.
	Separator *Str
}

// Grok is `GROK input "pattern", "pattern"`.
type Grok struct {
	Span     diag.Span
	Input    Expr
	Patterns []Str
}

// Enrich is `ENRICH policy ON field WITH new = old`. On is nil when not written; With is empty for all fields.
type Enrich struct {
	Span   diag.Span
	Policy string
	On     *Name
	With   []EnrichField
}

// EnrichField is one `new = old` of ENRICH; New is empty when only the field is named.
type EnrichField struct {
	Span diag.Span
	New  string
	Old  Name
}

// LookupJoin is `LOOKUP JOIN index ON a, b` or `… ON left == right AND …`.
type LookupJoin struct {
	Span  diag.Span
	Index string
	On    []Expr
}

// Sample is `SAMPLE 0.1`.
type Sample struct {
	Span        diag.Span
	Probability Expr
}

// Fork is `FORK (where … | limit 3) (stats …)`.
type Fork struct {
	Span     diag.Span
	Branches [][]Command
}

// Field is `name = value`, in STATS with an optional filter `WHERE cond`. Without a name in the text, Name is the text
// of the expression, as Elasticsearch names such columns; the printer leaves the name out when it would be that text.
type Field struct {
	Span  diag.Span
	Name  string
	Value Expr
	Where Expr
}

// Name is a column name. The segments of a dotted path are joined with ".", without quotes.
type Name struct {
	Span diag.Span
	Text string
}

// NamePattern is a column name with unquoted "*" in KEEP and DROP: the literal pieces around the stars. A plain name has
// one piece.
type NamePattern struct {
	Span   diag.Span
	Pieces []string
}

// Literal reports whether the pattern has no star.
func (p NamePattern) Literal() bool { return len(p.Pieces) == 1 }

// Text is the pattern for messages, with stars as written and no quotes.
func (p NamePattern) Text() string {
	out := ""
	for i, s := range p.Pieces {
		if i > 0 {
			out += "*"
		}
		out += s
	}
	return out
}

// NameOf builds a Name without a place.
func NameOf(text string) Name { return Name{Text: text} }

// NamesOf builds name patterns without stars, for KEEP and DROP.
func NamesOf(names ...string) []NamePattern {
	out := make([]NamePattern, len(names))
	for i, n := range names {
		out[i] = NamePattern{Pieces: []string{n}}
	}
	return out
}

// Named builds the field `name = value`.
func Named(name string, value Expr) Field { return Field{Name: name, Value: value} }

// ByColumn builds a grouping or sort by a column under its own name.
func ByColumn(name string) Field { return Field{Name: name, Value: &Column{Name: name}} }

func (*From) command()       {}
func (*Row) command()        {}
func (*Where) command()      {}
func (*Eval) command()       {}
func (*Stats) command()      {}
func (*Keep) command()       {}
func (*Drop) command()       {}
func (*Rename) command()     {}
func (*Sort) command()       {}
func (*Limit) command()      {}
func (*MvExpand) command()   {}
func (*Dissect) command()    {}
func (*Grok) command()       {}
func (*Enrich) command()     {}
func (*LookupJoin) command() {}
func (*Sample) command()     {}
func (*Fork) command()       {}

// Pos is the place of the command.
func (c *From) Pos() diag.Span { return c.Span }

// Pos is the place of the command.
func (c *Row) Pos() diag.Span { return c.Span }

// Pos is the place of the command.
func (c *Where) Pos() diag.Span { return c.Span }

// Pos is the place of the command.
func (c *Eval) Pos() diag.Span { return c.Span }

// Pos is the place of the command.
func (c *Stats) Pos() diag.Span { return c.Span }

// Pos is the place of the command.
func (c *Keep) Pos() diag.Span { return c.Span }

// Pos is the place of the command.
func (c *Drop) Pos() diag.Span { return c.Span }

// Pos is the place of the command.
func (c *Rename) Pos() diag.Span { return c.Span }

// Pos is the place of the command.
func (c *Sort) Pos() diag.Span { return c.Span }

// Pos is the place of the command.
func (c *Limit) Pos() diag.Span { return c.Span }

// Pos is the place of the command.
func (c *MvExpand) Pos() diag.Span { return c.Span }

// Pos is the place of the command.
func (c *Dissect) Pos() diag.Span { return c.Span }

// Pos is the place of the command.
func (c *Grok) Pos() diag.Span { return c.Span }

// Pos is the place of the command.
func (c *Enrich) Pos() diag.Span { return c.Span }

// Pos is the place of the command.
func (c *LookupJoin) Pos() diag.Span { return c.Span }

// Pos is the place of the command.
func (c *Sample) Pos() diag.Span { return c.Span }

// Pos is the place of the command.
func (c *Fork) Pos() diag.Span { return c.Span }
