package syntax

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Unprintable says that a value has no dependable spelling in log search.
type Unprintable struct {
	Value string
	Why   string
}

func (e *Unprintable) Error() string {
	return fmt.Sprintf("%q cannot be written in log search: %s", e.Value, e.Why)
}

// Attribute makes the field @name. Only letters, digits, _ . and - can be written.
func Attribute(name string) (Field, error) { return field(FieldAttribute, name) }

// Plain makes a field without @: a reserved attribute or a tag key.
func Plain(name string) (Field, error) { return field(FieldPlain, name) }

func field(kind FieldKind, name string) (Field, error) {
	for i, r := range name {
		ok := r < utf8.RuneSelf && (r == '_' || r == '.' || unicode.IsLetter(r) || unicode.IsDigit(r)) || r == '-' && i > 0
		if !ok {
			return Field{}, &Unprintable{name, "a field name may hold letters, digits, `_`, `.` and `-` only"}
		}
	}
	if name == "" {
		return Field{}, &Unprintable{name, "a field needs a name"}
	}
	return Field{Kind: kind, Name: name}, nil
}

// Equal tests that f is the text v, or an array that holds it. The value is quoted, or, when it has a backslash or a quotation
// mark, unquoted with escapes: what a backslash means inside quotes is not settled.
func Equal(f Field, v string) (*Match, error) {
	if err := writable(v); err != nil {
		return nil, err
	}
	if !strings.ContainsAny(v, `\"`) {
		return &Match{Field: f, Value: Phrase{Raw: v}}, nil
	}
	if strings.HasPrefix(v, "@") {
		return nil, &Unprintable{v, "an unquoted value may not begin with @, and a backslash or a quotation mark cannot be quoted"}
	}
	return &Match{Field: f, Value: Word{Pieces: []Piece{{Kind: Text, Text: v}}}}, nil
}

func writable(v string) error {
	switch {
	case v == "":
		return &Unprintable{v, "whether an empty value is stored is not settled"}
	case !utf8.ValidString(v):
		return &Unprintable{v, "it is not valid UTF-8"}
	case strings.ContainsFunc(v, unicode.IsControl):
		return &Unprintable{v, "control characters have no spelling"}
	}
	return nil
}

// Lit is a literal piece of a glob.
func Lit(text string) Piece { return Piece{Kind: Text, Text: text} }

// Any is the wildcard piece of a glob: any run of characters.
func Any() Piece { return Piece{Kind: Star} }

// Glob tests f against pieces. A literal * or ? beside a live star is refused, because matchers differ on the escaped star there;
// the single-character wildcard is refused, because what it stands for is not settled. A glob of one star is Exists.
func Glob(f Field, pieces ...Piece) (*Match, error) {
	w := Word{}
	live := false
	for _, p := range pieces {
		last := len(w.Pieces) - 1
		switch {
		case p.Kind == Question:
			return nil, &Unprintable{"?", "the single-character wildcard has no dependable meaning"}
		case p.Kind == Text && p.Text == "", p.Kind == Star && last >= 0 && w.Pieces[last].Kind == Star:
		case p.Kind == Text && last >= 0 && w.Pieces[last].Kind == Text:
			w.Pieces[last].Text += p.Text
		default:
			w.Pieces = append(w.Pieces, p)
		}
		live = live || p.Kind == Star
	}
	if len(w.Pieces) == 0 {
		return nil, writable("")
	}
	if !live {
		return Equal(f, w.Pieces[0].Text)
	}
	for i, p := range w.Pieces {
		if p.Kind != Text {
			continue
		}
		if err := writable(p.Text); err != nil {
			return nil, err
		}
		if strings.ContainsAny(p.Text, "*?") {
			return nil, &Unprintable{p.Text, "a literal * or ? beside a wildcard is not settled"}
		}
		if i == 0 && strings.HasPrefix(p.Text, "@") {
			return nil, &Unprintable{p.Text, "an unquoted value may not begin with @"}
		}
	}
	return &Match{Field: f, Value: w}, nil
}

// IsNumber reports whether text is a plain decimal number: digits, with a fraction or not, after an optional minus.
func IsNumber(text string) bool {
	text = strings.TrimPrefix(text, "-")
	whole, fraction, dot := strings.Cut(text, ".")
	return digits(whole) && (!dot || digits(fraction))
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// Number tests that f equals a decimal number: an integer as text (-5 in quotes), a fraction as the range from it to itself,
// which needs a numeric facet.
func Number(f Field, number string) (*Match, error) {
	switch {
	case !IsNumber(number):
		return nil, &Unprintable{number, "it is no plain decimal number"}
	case strings.Contains(number, "."):
		return Between(f, number, number)
	case strings.HasPrefix(number, "-"):
		return &Match{Field: f, Value: Phrase{Raw: number}}, nil
	}
	return &Match{Field: f, Value: Word{Pieces: []Piece{Lit(number)}}}, nil
}

// Boolean tests that f is true or false.
func Boolean(f Field, v bool) *Match {
	return &Match{Field: f, Value: Word{Pieces: []Piece{Lit(strconv.FormatBool(v))}}}
}

// Comparison compares f, which must be a numeric facet, with a decimal number.
func Comparison(f Field, op CompareOp, number string) (*Match, error) {
	if !IsNumber(number) {
		return nil, &Unprintable{number, "it is no plain decimal number"}
	}
	return &Match{Field: f, Value: Compare{Op: op, Operand: number}}, nil
}

// Between tests that f, which must be a numeric facet, lies in [low TO high]; "" leaves an end open.
func Between(f Field, low, high string) (*Match, error) {
	r := Range{Low: Bound{Open: low == "", Raw: low}, High: Bound{Open: high == "", Raw: high}}
	for _, n := range []string{low, high} {
		if n != "" && !IsNumber(n) {
			return nil, &Unprintable{n, "it is no plain decimal number"}
		}
	}
	return &Match{Field: f, Value: r}, nil
}

// Exists tests that f has a value: @f:*.
func Exists(f Field) *Match { return &Match{Field: f, Value: Word{Pieces: []Piece{Any()}}} }

// All is true for every log: *. None, its negation, for no log.
func All() Node { return Exists(Field{}) }

// None is true for no log: -*.
func None() Node { return &Not{X: All()} }

// OneOf writes tests of one field as a value list, @f:(a OR b). The fields of the tests are dropped; one test stays alone.
func OneOf(f Field, tests ...*Match) Node {
	switch len(tests) {
	case 0:
		return None()
	case 1:
		return &Match{Field: f, Value: tests[0].Value}
	}
	or := &Or{}
	for _, t := range tests {
		or.Items = append(or.Items, &Match{Value: t.Value})
	}
	return &Group{Field: f, X: or}
}

// AllOf joins with AND; no item is All, one item is itself, the items of an And among them are taken in.
func AllOf(items ...Node) Node {
	var flat []Node
	for _, i := range items {
		if and, ok := i.(*And); ok {
			flat = append(flat, and.Items...)
		} else {
			flat = append(flat, i)
		}
	}
	switch len(flat) {
	case 0:
		return All()
	case 1:
		return flat[0]
	}
	return &And{Items: flat}
}

// AnyOf joins with OR; no item is None, one item is itself, the items of an Or among them are taken in.
func AnyOf(items ...Node) Node {
	var flat []Node
	for _, i := range items {
		if or, ok := i.(*Or); ok {
			flat = append(flat, or.Items...)
		} else {
			flat = append(flat, i)
		}
	}
	switch len(flat) {
	case 0:
		return None()
	case 1:
		return flat[0]
	}
	return &Or{Items: flat}
}

// Negate is -x.
func Negate(x Node) Node { return &Not{X: x} }
