package syntax

import "github.com/onerule/onerule/diag"

// Node is a query: [*And], [*Or], [*Not], [*Match], [*Range], [*Free] or [*Nested].
//
//sumtype:decl
type Node interface {
	// At is the place of the node in the text that it was parsed from.
	At() diag.Span
	node()
}

// And is `p and q and …`, with two parts or more.
type And struct {
	Parts []Node
	Span  diag.Span
}

// Or is `p or q or …`, with two parts or more.
type Or struct {
	Parts []Node
	Span  diag.Span
}

// Not is `not p`. It binds tighter than and, and stands once: a second one needs parentheses.
type Not struct {
	Part Node
	Span diag.Span
}

// Match is `field:value` or `field:(list)`.
type Match struct {
	Field Name
	Value Value
	Span  diag.Span
}

// Range is `field >= value`. The value is text: a `*` in it has no meaning.
type Range struct {
	Field Name
	Op    RangeOp
	Value Atom
	Span  diag.Span
}

// Free is a value without a field, which is looked for in the default fields.
type Free struct {
	Value Atom
	Span  diag.Span
}

// Nested is `path:{ query }`: one object at the path fits the query. Names in the query are relative to the path.
type Nested struct {
	Path  Name
	Query Node
	Span  diag.Span
}

// Value is the right side of a [*Match]: an [Atom], [*ValueAnd], [*ValueOr] or [*ValueNot].
//
//sumtype:decl
type Value interface {
	At() diag.Span
	value()
}

// Atom is a single value: [*Literal] or [*Pattern].
//
//sumtype:decl
type Atom interface {
	Value
	atom()
}

// ValueAnd is `(a and b)` in a list: the field has values for both.
type ValueAnd struct {
	Parts []Value
	Span  diag.Span
}

// ValueOr is `(a or b)` in a list.
type ValueOr struct {
	Parts []Value
	Span  diag.Span
}

// ValueNot is `(not a)` in a list.
type ValueNot struct {
	Part Value
	Span diag.Span
}

// LiteralKind says how a literal is written, which changes what it means: a quoted one is a phrase on analysed fields,
// and null, true and false without quotes are no text.
type LiteralKind uint8

// The kinds of literals.
const (
	// Quoted is "text".
	Quoted LiteralKind = iota
	// Word is text without quotes; numbers and dates too. It may hold blanks.
	Word
	// True, False and Null are the words true, false and null.
	True
	False
	Null
)

// Literal is a value without wildcards.
type Literal struct {
	Kind LiteralKind
	// Text is the value with its escapes resolved; for True, False and Null it is the word.
	Text string
	Span diag.Span
}

// Pattern is an unquoted value with wildcards: text and stars in turn.
type Pattern struct {
	Parts []Part
	Span  diag.Span
}

// Part is a piece of a pattern: a star, or text that stands for itself.
type Part struct {
	Star bool
	Text string
}

// Name is the name of a field: literal text, or a pattern over the names of the data view's fields.
type Name struct {
	// Parts of a pattern; a plain name is one part of text.
	Parts []Part
	// Null says that the name was the bare word null, which Kibana takes for no field at all.
	Null bool
	Span diag.Span
}

// RangeOp is an operator of a [*Range].
type RangeOp string

// The range operators.
const (
	Lt  RangeOp = "<"
	Lte RangeOp = "<="
	Gt  RangeOp = ">"
	Gte RangeOp = ">="
)

// IsPattern reports whether the name has wildcards.
func (n Name) IsPattern() bool {
	for _, p := range n.Parts {
		if p.Star {
			return true
		}
	}
	return false
}

// Text returns the name with each star as `*`.
func (n Name) Text() string {
	if n.Null {
		return "null"
	}
	return partsText(n.Parts)
}

// IsLoneStar reports whether the pattern is `*` alone, which asks whether the field exists.
func (p *Pattern) IsLoneStar() bool { return len(p.Parts) == 1 && p.Parts[0].Star }

// Text returns the pattern with each star as `*`.
func (p *Pattern) Text() string { return partsText(p.Parts) }

func partsText(parts []Part) string {
	text := ""
	for _, p := range parts {
		if p.Star {
			text += "*"
		} else {
			text += p.Text
		}
	}
	return text
}

func (*And) node()    {}
func (*Or) node()     {}
func (*Not) node()    {}
func (*Match) node()  {}
func (*Range) node()  {}
func (*Free) node()   {}
func (*Nested) node() {}

func (*Literal) value()  {}
func (*Pattern) value()  {}
func (*ValueAnd) value() {}
func (*ValueOr) value()  {}
func (*ValueNot) value() {}

func (*Literal) atom() {}
func (*Pattern) atom() {}

// At returns the span of the node.
func (n *And) At() diag.Span { return n.Span }

// At returns the span of the node.
func (n *Or) At() diag.Span { return n.Span }

// At returns the span of the node.
func (n *Not) At() diag.Span { return n.Span }

// At returns the span of the node.
func (n *Match) At() diag.Span { return n.Span }

// At returns the span of the node.
func (n *Range) At() diag.Span { return n.Span }

// At returns the span of the node.
func (n *Free) At() diag.Span { return n.Span }

// At returns the span of the node.
func (n *Nested) At() diag.Span { return n.Span }

// At returns the span of the value.
func (v *Literal) At() diag.Span { return v.Span }

// At returns the span of the value.
func (v *Pattern) At() diag.Span { return v.Span }

// At returns the span of the value.
func (v *ValueAnd) At() diag.Span { return v.Span }

// At returns the span of the value.
func (v *ValueOr) At() diag.Span { return v.Span }

// At returns the span of the value.
func (v *ValueNot) At() diag.Span { return v.Span }
