package syntax

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// UnprintableError says that a tree holds something that no text of the language means.
type UnprintableError struct {
	// Text is the value or name at fault.
	Text string
	// Reason says what about it cannot be written.
	Reason string
}

// Error returns the whole sentence.
func (e *UnprintableError) Error() string {
	return fmt.Sprintf("%q cannot be written in the Kibana Query Language: %s", e.Text, e.Reason)
}

// Print writes a query in its one canonical form: lower-case keywords, one blank between tokens, parentheses only where
// `and` and `or` stand inside one another or after `not`. [Parse] of the text gives the same tree. The error is an
// [*UnprintableError].
func Print(n Node) (string, error) {
	p := &printer{}
	p.node(n, 0)
	return p.b.String(), p.err
}

// Printable reports whether a value can be written, with the reason why not as an [*UnprintableError].
func Printable(v Value) error {
	p := &printer{}
	p.value(v, 0)
	return p.err
}

type printer struct {
	b   strings.Builder
	err error
}

func (p *printer) fail(text, reason string) {
	if p.err == nil {
		p.err = &UnprintableError{Text: text, Reason: reason}
	}
}

// node writes a query; inside another one that is no leaf it needs parentheses around and, or and not.
func (p *printer) node(n Node, depth int) {
	if depth > maxNesting {
		p.fail("(", "it is nested more than 200 deep")
		return
	}
	switch n := n.(type) {
	case *And:
		joined(p, n.Parts, " and ", p.side(depth))
	case *Or:
		joined(p, n.Parts, " or ", p.side(depth))
	case *Not:
		p.b.WriteString("not ")
		p.operand(n.Part, depth)
	case *Match:
		p.name(n.Field)
		p.b.WriteByte(':')
		p.matched(n.Value, depth)
	case *Range:
		if name := n.Field.Text(); endsInNot(name) && !n.Field.IsPattern() {
			p.quoted(name)
		} else {
			p.name(n.Field)
		}
		p.b.WriteString(" " + string(n.Op) + " ")
		p.value(n.Value, depth)
	case *Free:
		p.value(n.Value, depth)
	case *Nested:
		p.name(n.Path)
		p.b.WriteString(":{ ")
		p.node(n.Query, depth+1)
		p.b.WriteString(" }")
	}
}

// joined writes two parts or more with a word between them.
func joined[T any](p *printer, parts []T, word string, write func(T)) {
	if len(parts) < 2 {
		p.fail(word, "it needs two sides")
		return
	}
	for i, part := range parts {
		if i > 0 {
			p.b.WriteString(word)
		}
		write(part)
	}
}

// side writes a side of `and` or `or`, where `not` needs no parentheses.
func (p *printer) side(depth int) func(Node) {
	return func(n Node) {
		if _, ok := n.(*Not); ok {
			p.node(n, depth)
			return
		}
		p.operand(n, depth)
	}
}

// valueSide is side within a list of values.
func (p *printer) valueSide(depth int) func(Value) {
	return func(v Value) {
		if _, ok := v.(*ValueNot); ok {
			p.value(v, depth)
			return
		}
		p.matched(v, depth)
	}
}

func (p *printer) operand(n Node, depth int) {
	switch n.(type) {
	case *And, *Or, *Not:
		p.b.WriteByte('(')
		p.node(n, depth+1)
		p.b.WriteByte(')')
	case *Match, *Range, *Free, *Nested:
		p.node(n, depth)
	}
}

// matched writes the right side of a match: a list stands in parentheses.
func (p *printer) matched(v Value, depth int) {
	switch v := v.(type) {
	case *ValueAnd, *ValueOr, *ValueNot:
		p.b.WriteByte('(')
		p.value(v, depth+1)
		p.b.WriteByte(')')
	case *Literal, *Pattern:
		p.value(v, depth)
	}
}

func (p *printer) value(v Value, depth int) {
	if depth > maxNesting {
		p.fail("(", "it is nested more than 200 deep")
		return
	}
	switch v := v.(type) {
	case *Literal:
		p.literal(v)
	case *Pattern:
		p.pattern(v)
	case *ValueAnd:
		joined(p, v.Parts, " and ", p.valueSide(depth))
	case *ValueOr:
		joined(p, v.Parts, " or ", p.valueSide(depth))
	case *ValueNot:
		p.b.WriteString("not ")
		p.matched(v.Part, depth)
	}
}

func (p *printer) literal(v *Literal) {
	switch v.Kind {
	case Quoted:
		p.quoted(v.Text)
	case Word:
		p.word(v.Text)
	case True:
		p.b.WriteString("true")
	case False:
		p.b.WriteString("false")
	case Null:
		p.b.WriteString("null")
	}
}

func (p *printer) quoted(s string) {
	if !utf8.ValidString(s) {
		p.fail(s, "it is not valid UTF-8")
		return
	}
	p.b.WriteString(quote(s))
}

// word writes a literal without quotes.
func (p *printer) word(s string) {
	switch {
	case s == "null" || s == "true" || s == "false":
		p.fail(s, "without quotes the word has a meaning of its own")
	case s == "":
		p.fail(s, "an empty value needs quotes")
	default:
		p.unquoted([]Part{{Text: s}})
	}
}

func (p *printer) pattern(v *Pattern) {
	stars := false
	for _, part := range v.Parts {
		stars = stars || part.Star
	}
	if !stars {
		p.fail(v.Text(), "a pattern needs a wildcard")
		return
	}
	p.unquoted(v.Parts)
}

// unquoted writes text and stars, and checks that they are read back.
func (p *printer) unquoted(parts []Part) {
	whole := ""
	for _, part := range parts {
		if part.Star {
			whole += starMark
			continue
		}
		whole += part.Text
	}
	text := partsText(parts)
	switch {
	case !utf8.ValidString(whole):
		p.fail(text, "it is not valid UTF-8")
		return
	case strings.TrimFunc(whole, isTrimmed) != whole:
		p.fail(text, "white space at the ends of an unquoted value is lost")
		return
	case len(parts) > 1 && !sameParts(splitStars(whole), parts):
		p.fail(text, "Kibana takes "+starMark+" in a pattern for a wildcard")
		return
	}
	p.b.WriteString(escapeUnquoted(parts))
}

func sameParts(a, b []Part) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// name writes a field name: bare where that is safe, else in quotes; a pattern cannot have quotes.
func (p *printer) name(n Name) {
	switch {
	case n.Null:
		p.b.WriteString("null")
	case n.IsPattern():
		p.unquoted(n.Parts)
	case isBareName(n.Text()):
		p.b.WriteString(n.Text())
	default:
		p.quoted(n.Text())
	}
}
