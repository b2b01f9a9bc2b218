package syntax

import "strconv"

// Field returns a plain field name.
func Field(name string) Name { return Name{Parts: []Part{{Text: name}}} }

// FieldPattern returns a name with wildcards.
func FieldPattern(parts ...Part) Name { return Name{Parts: joinParts(parts)} }

// Text is a piece of a pattern that stands for itself.
func Text(s string) Part { return Part{Text: s} }

// Star is the piece of a pattern that stands for any run of characters.
func Star() Part { return Part{Star: true} }

// String returns a quoted value.
func String(s string) *Literal { return &Literal{Kind: Quoted, Text: s} }

// Bare returns a value without quotes: a number, a date, or words that an analysed field may hold in any order.
func Bare(s string) *Literal { return &Literal{Kind: Word, Text: s} }

// Bool returns true or false.
func Bool(b bool) *Literal {
	if b {
		return &Literal{Kind: True, Text: "true"}
	}
	return &Literal{Kind: False, Text: "false"}
}

// Int returns a whole number.
func Int(n int64) *Literal { return Bare(strconv.FormatInt(n, 10)) }

// Glob returns a pattern. Neighbouring texts are joined, empty ones dropped. [Printable] tells whether it can be written.
func Glob(parts ...Part) *Pattern { return &Pattern{Parts: joinParts(parts)} }

// Contains returns the pattern *s*.
func Contains(s string) *Pattern { return Glob(Star(), Text(s), Star()) }

// StartsWith returns the pattern s*.
func StartsWith(s string) *Pattern { return Glob(Text(s), Star()) }

// EndsWith returns the pattern *s.
func EndsWith(s string) *Pattern { return Glob(Star(), Text(s)) }

// Is returns field:value.
func Is(field Name, v Value) *Match { return &Match{Field: field, Value: v} }

// AnyOf returns field:(a or b or …), without the parentheses for one value. It needs at least one.
func AnyOf(field Name, values ...Value) *Match {
	if len(values) == 1 {
		return Is(field, values[0])
	}
	return Is(field, &ValueOr{Parts: values})
}

// Exists returns field:*.
func Exists(field Name) *Match { return Is(field, Glob(Star())) }

// All returns *:*, which every document fits. The empty query means the same.
func All() *Match { return Exists(FieldPattern(Star())) }

// Compare returns a range.
func Compare(field Name, op RangeOp, v Atom) *Range { return &Range{Field: field, Op: op, Value: v} }

// Both returns the conjunction of queries; of none it is [All], of one the query itself.
func Both(parts ...Node) Node {
	switch len(parts) {
	case 0:
		return All()
	case 1:
		return parts[0]
	}
	return &And{Parts: parts}
}

// Either returns the disjunction of queries; of none it is `not *:*`, of one the query itself.
func Either(parts ...Node) Node {
	switch len(parts) {
	case 0:
		return Negate(All())
	case 1:
		return parts[0]
	}
	return &Or{Parts: parts}
}

// Negate returns not p.
func Negate(p Node) *Not { return &Not{Part: p} }

// InObject returns path:{ query }.
func InObject(path Name, query Node) *Nested { return &Nested{Path: path, Query: query} }

func joinParts(parts []Part) []Part {
	var out []Part
	for _, p := range parts {
		switch n := len(out); {
		case p.Star:
			out = append(out, Part{Star: true})
		case p.Text == "":
		case n > 0 && !out[n-1].Star:
			out[n-1].Text += p.Text
		default:
			out = append(out, p)
		}
	}
	return out
}
