package syntax

import "github.com/onerule/onerule/diag"

// tokenKind classifies tokens. Keywords are names: the grammar lets most of them name columns.
type tokenKind uint8

const (
	tokEOF tokenKind = iota
	tokName
	tokLong
	tokReal
	tokTimespan
	tokString
	tokTyped // datetime(…), int(…) …: text is the part in parentheses
	tokPunct
)

type token struct {
	kind  tokenKind
	text  string // the spelling; for strings the value, for typed literals the inner text
	typ   Type   // of a typed literal
	hide  bool   // h"…"
	depth int    // bracket depth before the token (an opening bracket has the depth outside)
	start diag.Pos
	end   diag.Pos
}

// is reports whether the token is a given punctuation or word.
func (t token) is(text string) bool {
	return (t.kind == tokPunct || t.kind == tokName) && t.text == text
}

// describe names the token in a message, as the user wrote it.
func (t token) describe() string {
	switch t.kind {
	case tokEOF:
		return "the end of the query"
	case tokString:
		return "a string"
	case tokTyped:
		return "`" + t.typ.String() + "(" + t.text + ")`"
	case tokName, tokLong, tokReal, tokTimespan, tokPunct:
	}
	return "`" + t.text + "`"
}
