// Package syntax is the text of Datadog log search: tree, parser, typed constructors and printer. The printer alone knows
// quoting, escaping and precedence. Source of the rules: docs.datadoghq.com/logs/explorer/search_syntax, and where that page is
// silent (precedence, tokens) the grammar of the open implementation in vectordotdev/vrl; see QUIRKS.md.
package syntax

import (
	"strings"

	"github.com/onerule/onerule/diag"
)

// Node is a part of a query that is true or false for a log: *And, *Or, *Not, *Match, *Group, *Presence or *CIDR.
//
//sumtype:decl
type Node interface {
	node()
	// Pos is the place of the node in the text; zero when the node was built.
	Pos() diag.Span
}

// And is true when all items are: a AND b, a && b, or a b. It has two items or more.
type And struct {
	Items []Node
	Span  diag.Span
}

// Or is true when some item is: a OR b, a || b. It has two items or more.
type Or struct {
	Items []Node
	Span  diag.Span
}

// Not is plain negation: -x or NOT x. A negated clause is true when the field is missing.
type Not struct {
	X    Node
	Span diag.Span
}

// Match tests one value: @f:v, f:v, *:v, or v alone. Inside a Group the field is that of the group when it is FieldNone.
// Outside of a group, a Match without field whose value is a lone star is true for every log.
type Match struct {
	Field Field
	Value Value
	Span  diag.Span
}

// Group applies a field to a whole expression: @f:(a OR b).
type Group struct {
	Field Field
	X     Node
	Span  diag.Span
}

// Presence is _exists_:f or, with Missing, _missing_:f (documented for Observability Pipelines only).
type Presence struct {
	Field   Field
	Missing bool
	Span    diag.Span
}

// CIDR is CIDR(@f, block, ...): some value of f is an address inside some block.
type CIDR struct {
	Field  Field
	Blocks []string
	Span   diag.Span
}

func (*And) node()      {}
func (*Or) node()       {}
func (*Not) node()      {}
func (*Match) node()    {}
func (*Group) node()    {}
func (*Presence) node() {}
func (*CIDR) node()     {}

// Pos implements Node.
func (n *And) Pos() diag.Span { return n.Span }

// Pos implements Node.
func (n *Or) Pos() diag.Span { return n.Span }

// Pos implements Node.
func (n *Not) Pos() diag.Span { return n.Span }

// Pos implements Node.
func (n *Match) Pos() diag.Span { return n.Span }

// Pos implements Node.
func (n *Group) Pos() diag.Span { return n.Span }

// Pos implements Node.
func (n *Presence) Pos() diag.Span { return n.Span }

// Pos implements Node.
func (n *CIDR) Pos() diag.Span { return n.Span }

// FieldKind says what a field name names.
type FieldKind int

// The kinds of field.
const (
	// FieldNone is free text: the log message.
	FieldNone FieldKind = iota
	// FieldAttribute is @name.
	FieldAttribute
	// FieldPlain is a name without @: a reserved attribute or a tag key.
	FieldPlain
	// FieldFullText is *: every attribute and the message.
	FieldFullText
)

// Field is where a value is looked for. Name is without the @.
type Field struct {
	Kind FieldKind
	Name string
}

// String is the field as it is written, without escapes and without the colon.
func (f Field) String() string {
	switch f.Kind {
	case FieldNone:
		return ""
	case FieldAttribute:
		return "@" + f.Name
	case FieldPlain:
		return f.Name
	case FieldFullText:
		return "*"
	}
	return ""
}

// Value is what a field is compared with: Word, Phrase, Compare or Range.
//
//sumtype:decl
type Value interface{ value() }

// Word is an unquoted value. Text pieces are unescaped; stars and question marks are wildcards.
type Word struct{ Pieces []Piece }

// Phrase is a value in double quotes; wildcards do not work inside. Raw is the text between the quotes as typed.
type Phrase struct{ Raw string }

// Compare is >n, >=n, <n or <=n.
type Compare struct {
	Op      CompareOp
	Operand string
}

// Range is [a TO b], ends included, or with Exclusive {a TO b}, ends left out.
type Range struct {
	Low, High Bound
	Exclusive bool
}

func (Word) value()    {}
func (Phrase) value()  {}
func (Compare) value() {}
func (Range) value()   {}

// CompareOp is the operator of a Compare, as written.
type CompareOp string

// The comparison operators.
const (
	Greater      CompareOp = ">"
	GreaterEqual CompareOp = ">="
	Less         CompareOp = "<"
	LessEqual    CompareOp = "<="
)

// Bound is an end of a Range: open (*), or a text. Raw holds the text between quotes as typed when Quoted is set.
type Bound struct {
	Open   bool
	Quoted bool
	Raw    string
}

// Text is the unescaped text of the bound.
func (b Bound) Text() string {
	if b.Quoted {
		return unescape(b.Raw)
	}
	return b.Raw
}

// PieceKind tells text from wildcards.
type PieceKind int

// The kinds of piece.
const (
	Text PieceKind = iota
	Star
	Question
)

// Piece is a part of a Word.
type Piece struct {
	Kind PieceKind
	Text string // only for Text, never empty
}

// Literal returns the text of a word without wildcards; ok is false when it has one.
func (w Word) Literal() (text string, ok bool) {
	var b strings.Builder
	for _, p := range w.Pieces {
		if p.Kind != Text {
			return "", false
		}
		b.WriteString(p.Text)
	}
	return b.String(), true
}

// IsStar reports whether the word is a lone star.
func (w Word) IsStar() bool { return len(w.Pieces) == 1 && w.Pieces[0].Kind == Star }

// Text is the phrase without its escapes: a backslash is dropped and the next character kept.
func (p Phrase) Text() string { return unescape(p.Raw) }

// TextOnlyQuotes is the phrase under the other reading of the unsettled point "backslash in quotes": only \" is an escape.
func (p Phrase) TextOnlyQuotes() string { return strings.ReplaceAll(p.Raw, `\"`, `"`) }

func unescape(raw string) string {
	if !strings.Contains(raw, `\`) {
		return raw
	}
	var b strings.Builder
	escaped := false
	for _, r := range raw {
		if r == '\\' && !escaped {
			escaped = true
			continue
		}
		b.WriteRune(r)
		escaped = false
	}
	return b.String()
}
