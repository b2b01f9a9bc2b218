package syntax

import (
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// maxNesting is the deepest nesting of parentheses and braces.
const maxNesting = 200

// Parse reads a query. A query of white space alone is [All]. file names the text in diagnostics. When the list holds
// errors the node is nil.
func Parse(file, text string) (Node, diag.List) {
	p := &parser{src: newPositions(file, text), text: text}
	if !utf8.ValidString(text) {
		p.invalidUTF8()
		return nil, p.diags
	}
	p.pos = skipSpace(text, 0)
	if p.pos == len(text) {
		return All(), nil
	}
	n := p.or()
	for !p.stopped {
		if p.pos = skipSpace(text, p.pos); p.pos == len(text) {
			break
		}
		p.leftover()
		p.recover(true)
		if p.connective() {
			p.or()
		}
	}
	if p.diags.HasErrors() {
		return nil, p.diags.Sort()
	}
	return n, p.diags
}

type parser struct {
	src   *positions
	text  string
	pos   int
	depth int
	diags diag.List
	// open holds the offsets of the parentheses and braces that are not closed.
	open []int
	// stopped ends the parse: a limit was reached.
	stopped bool
}

func (p *parser) span(start, end int) diag.Span { return p.src.span(start, end) }

func (p *parser) fail(start, end int, title string, help ...string) {
	p.diags = append(p.diags, diag.New(diag.KibanaSyntax, p.span(start, end), title, help...))
}

// or reads `p or q …`. The parse functions report a fault, skip to where a part may begin, and return nil.
func (p *parser) or() Node {
	return chain(p, "or", p.and, func(parts []Node, at diag.Span) Node { return &Or{Parts: parts, Span: at} })
}

func (p *parser) and() Node {
	return chain(p, "and", p.not, func(parts []Node, at diag.Span) Node { return &And{Parts: parts, Span: at} })
}

func (p *parser) not() Node {
	return negated(p, p.sub, func(part Node, at diag.Span) Node { return &Not{Part: part, Span: at} })
}

// chain reads parts with a word between them; several are joined.
func chain[T any](p *parser, word string, part func() T, join func(parts []T, at diag.Span) T) T {
	start := p.pos
	parts := []T{part()}
	for !p.stopped {
		next := connective(p.text, p.pos, word)
		if next < 0 {
			break
		}
		p.pos = next
		parts = append(parts, part())
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return join(parts, p.span(start, p.pos))
}

// negated reads a part, and what comes of it when `not` stands before it.
func negated[T any](p *parser, part func() T, negate func(part T, at diag.Span) T) T {
	start := p.pos
	next := negation(p.text, start)
	if next < 0 {
		return part()
	}
	p.pos = next
	if negation(p.text, next) >= 0 {
		p.doubleNot(start, next)
		var none T
		return none
	}
	x := part()
	return negate(x, p.span(start, p.pos))
}

func (p *parser) sub() Node {
	if p.pos < len(p.text) && p.text[p.pos] == '(' {
		return p.group(')')
	}
	return p.expression()
}

// group reads what stands between p.pos, an opening parenthesis or brace, and its closing one.
func (p *parser) group(closing byte) Node {
	if !p.enter() {
		return nil
	}
	defer p.leave()
	p.pos = skipSpace(p.text, p.pos+1)
	n := p.or()
	p.close(closing, func() { p.or() })
	return n
}

// enter counts an opening parenthesis or brace at p.pos; over the limit it stops the parse.
func (p *parser) enter() bool {
	p.depth++
	p.open = append(p.open, p.pos)
	if p.depth <= maxNesting {
		return true
	}
	p.diags = append(p.diags, diag.New(diag.KibanaLimit, p.span(p.pos, p.pos+1), "the query is nested more than 200 deep",
		"split the query, or remove parentheses that are not needed"))
	p.stopped, p.pos = true, len(p.text)
	return false
}

func (p *parser) leave() {
	p.depth--
	p.open = p.open[:len(p.open)-1]
}

// close reads the closing parenthesis or brace of the innermost opening one. What stands before it against the grammar is
// reported; more reads on after a connective.
func (p *parser) close(closing byte, more func()) {
	for !p.stopped {
		p.pos = skipSpace(p.text, p.pos)
		if p.pos == len(p.text) {
			p.unclosed()
			return
		}
		c := p.text[p.pos]
		if c == ')' || c == '}' {
			if c != closing {
				p.stray() // and takes it for the right one
			}
			p.pos++
			return
		}
		p.leftover()
		p.recover(false)
		if p.connective() {
			more()
		}
	}
}

// connective steps over ` and ` or ` or ` at p.pos.
func (p *parser) connective() bool {
	for _, word := range []string{"or", "and"} {
		if next := connective(p.text, p.pos, word); next >= 0 {
			p.pos = next
			return true
		}
	}
	return false
}

func (p *parser) expression() Node {
	start := p.pos
	atom := p.atom()
	if atom == nil {
		p.missingExpression()
		return nil
	}
	at := skipSpace(p.text, p.pos)
	if at < len(p.text) {
		switch p.text[at] {
		case ':':
			return p.match(start, p.name(atom), at)
		case '<', '>':
			return p.ranged(start, p.name(atom), at)
		}
	}
	return &Free{Value: atom, Span: atom.At()}
}

func (p *parser) match(start int, field Name, colon int) Node {
	p.pos = skipSpace(p.text, colon+1)
	if p.pos < len(p.text) && p.text[p.pos] == '{' {
		n := p.group('}')
		return &Nested{Path: field, Query: n, Span: p.span(start, p.pos)}
	}
	v := p.list()
	if v == nil {
		return nil
	}
	return &Match{Field: field, Value: v, Span: p.span(start, p.pos)}
}

func (p *parser) ranged(start int, field Name, at int) Node {
	op := RangeOp(p.text[at : at+1])
	if at+1 < len(p.text) && p.text[at+1] == '=' {
		op = RangeOp(p.text[at : at+2])
	}
	p.pos = skipSpace(p.text, at+len(op))
	v := p.atom()
	if v == nil {
		p.missingBound(at, op)
		return nil
	}
	return &Range{Field: field, Op: op, Value: v, Span: p.span(start, v.At().End.Offset)}
}

// list reads a value or a list of values in parentheses.
func (p *parser) list() Value {
	if p.pos < len(p.text) && p.text[p.pos] == '(' {
		if !p.enter() {
			return nil
		}
		defer p.leave()
		start := p.pos
		p.pos = skipSpace(p.text, p.pos+1)
		v := p.listOr()
		p.close(')', func() { p.listOr() })
		return withSpan(v, p.span(start, p.pos))
	}
	if v := p.atom(); v != nil {
		return v
	}
	p.missingValue()
	return nil
}

// withSpan widens the span of a list to its parentheses; a single value keeps its own.
func withSpan(v Value, at diag.Span) Value {
	switch v := v.(type) {
	case *ValueAnd:
		v.Span = at
	case *ValueOr:
		v.Span = at
	case *ValueNot:
		v.Span = at
	case *Literal, *Pattern, nil:
	}
	return v
}

func (p *parser) listOr() Value {
	return chain(p, "or", p.listAnd, func(parts []Value, at diag.Span) Value { return &ValueOr{Parts: parts, Span: at} })
}

func (p *parser) listAnd() Value {
	return chain(p, "and", p.listNot, func(parts []Value, at diag.Span) Value { return &ValueAnd{Parts: parts, Span: at} })
}

func (p *parser) listNot() Value {
	return negated(p, p.list, func(part Value, at diag.Span) Value { return &ValueNot{Part: part, Span: at} })
}

// atom reads a quoted string or an unquoted value; nil if none stands at p.pos.
func (p *parser) atom() Atom {
	start := p.pos
	if start < len(p.text) && p.text[start] == '"' {
		text, end := scanQuoted(p.text, start)
		if end < 0 {
			return nil
		}
		p.pos = end
		return &Literal{Kind: Quoted, Text: text, Span: p.span(start, end)}
	}
	text, star, end := scanUnquoted(p.text, start)
	if end == start {
		return nil
	}
	p.pos = end
	at := p.span(start, trimEnd(p.text, start, end))
	switch {
	case text == "null":
		return &Literal{Kind: Null, Text: text, Span: at}
	case text == "true":
		return &Literal{Kind: True, Text: text, Span: at}
	case text == "false":
		return &Literal{Kind: False, Text: text, Span: at}
	case star:
		return &Pattern{Parts: splitStars(text), Span: at}
	}
	return &Literal{Kind: Word, Text: text, Span: at}
}

// trimEnd moves the end of a span before the white space that ends an unquoted value.
func trimEnd(s string, start, end int) int {
	for end > start {
		switch {
		case spaceAt(s, end-1) == 1:
			end--
		case end-2 >= start && spaceAt(s, end-2) == 2:
			end -= 2
		default:
			return end
		}
	}
	return end
}

// name makes a field name of what stands before the colon.
func (p *parser) name(a Atom) Name {
	switch a := a.(type) {
	case *Literal:
		return Name{Parts: []Part{{Text: a.Text}}, Null: a.Kind == Null, Span: a.Span}
	case *Pattern:
		return Name{Parts: a.Parts, Span: a.Span}
	}
	return Name{}
}
