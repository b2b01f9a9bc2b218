package syntax

import "github.com/onerule/onerule/diag"

// SearchExpr is an expression of the search command. Its members are *SearchAnd, *SearchOr, *SearchNot, *Compare, *In,
// *Keyword, *TimeTerm, *Subsearch and *MacroTerm.
//
//sumtype:decl
type SearchExpr interface {
	searchExpr()
	// Pos is where the expression stands in the text.
	Pos() diag.Span
}

// SearchAnd is true when all terms are: `a=1 b=2`, `a=1 AND b=2`. It has at least two terms.
type SearchAnd struct {
	Terms []SearchExpr
	Span  diag.Span
}

// SearchOr is true when some term is: `a=1 OR b=2`. It has at least two terms.
type SearchOr struct {
	Terms []SearchExpr
	Span  diag.Span
}

// SearchNot is the complement: rows without the field pass `NOT f=v`.
type SearchNot struct {
	X    SearchExpr
	Span diag.Span
}

// Compare is `field op value`. Op is one of = != < <= > >= and :: (indexed field).
type Compare struct {
	Field string
	Op    string
	Value Value
	Span  diag.Span
}

// In is `field IN (value, …)`.
type In struct {
	Field  string
	Values []Value
	Span   diag.Span
}

// Keyword is a bare word or a quoted phrase, looked for in _raw.
type Keyword struct {
	Value Value
	Span  diag.Span
}

// TimeTerm is an inline time modifier, `earliest=-1h@h` or `latest=now`. Name is lower case.
type TimeTerm struct {
	Name, Value string
	Span        diag.Span
}

// Subsearch is `[ … ]` in a search expression: its result becomes a filter. With Field and Op it gives the value of a
// comparison: `status=[search … | return $top]`.
type Subsearch struct {
	Field, Op string
	Query     *Query
	Span      diag.Span
}

// MacroTerm is a macro inside a search expression.
type MacroTerm struct {
	Macro *Macro
	Span  diag.Span
}

// Value is a literal of the search command. Every `*` in Text is a wildcard: the search command cannot look for a literal
// asterisk (Search Manual, Backslashes; Wildcards).
type Value struct {
	Text   string
	Quoted bool
	// Wrap is "CASE" for CASE(v), "TERM" for TERM(v), else "".
	Wrap string
	// LoneBackslash says that a backslash before an asterisk was written single (`\*`), whose reading no source settles.
	LoneBackslash bool
	// Macro is set, and all else is not, for a macro in the list of IN.
	Macro *Macro
}

func (*SearchAnd) searchExpr() {}
func (*SearchOr) searchExpr()  {}
func (*SearchNot) searchExpr() {}
func (*Compare) searchExpr()   {}
func (*In) searchExpr()        {}
func (*Keyword) searchExpr()   {}
func (*TimeTerm) searchExpr()  {}
func (*Subsearch) searchExpr() {}
func (*MacroTerm) searchExpr() {}

// Pos is where the expression stands.
func (x *SearchAnd) Pos() diag.Span { return x.Span }

// Pos is where the expression stands.
func (x *SearchOr) Pos() diag.Span { return x.Span }

// Pos is where the expression stands.
func (x *SearchNot) Pos() diag.Span { return x.Span }

// Pos is where the comparison stands.
func (x *Compare) Pos() diag.Span { return x.Span }

// Pos is where the list comparison stands.
func (x *In) Pos() diag.Span { return x.Span }

// Pos is where the keyword stands.
func (x *Keyword) Pos() diag.Span { return x.Span }

// Pos is where the time modifier stands.
func (x *TimeTerm) Pos() diag.Span { return x.Span }

// Pos is where the subsearch stands.
func (x *Subsearch) Pos() diag.Span { return x.Span }

// Pos is where the macro stands.
func (x *MacroTerm) Pos() diag.Span { return x.Span }
