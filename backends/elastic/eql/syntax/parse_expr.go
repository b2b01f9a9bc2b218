package syntax

import (
	"strings"
)

// comparisons are the comparison operators by their text.
var comparisons = map[string]CompareOp{"==": Eq, "!=": Ne, "<": Lt, "<=": Le, ">": Gt, ">=": Ge}

// expr reads a whole expression: or binds weaker than and, and weaker than not.
func (p *parser) expr() Expr {
	p.nest()
	defer func() { p.depth-- }()
	return p.logical(Or, func() Expr { return p.logical(And, p.not) })
}

// logical reads operands of one level and gathers them into one node.
func (p *parser) logical(op LogicalOp, operand func() Expr) Expr {
	first := operand()
	if !p.peek().is(tKeyword, string(op)) {
		return first
	}
	xs := []Expr{first}
	for p.keyword(string(op)) {
		xs = append(xs, operand())
	}
	return newLogical(op, xs, xs[0].Pos().Join(p.last()))
}

func (p *parser) not() Expr {
	t := p.peek()
	if !t.is(tKeyword, "not") {
		return p.comparison()
	}
	p.take()
	p.nest()
	defer func() { p.depth-- }()
	x := p.not()
	return &Not{X: x, Span: t.span.Join(x.Pos())}
}

// comparison reads one comparison; a second one in the row is a fault.
func (p *parser) comparison() Expr {
	l := p.additive()
	op, ok := p.compareOp()
	if !ok {
		return l
	}
	r := p.additive()
	x := &Compare{Op: op, L: l, R: r, Span: l.Pos().Join(r.Pos())}
	if t := p.peek(); t.kind == tPunct && (comparisons[t.text] != "" || t.text == "=") {
		p.fail(t.span, "comparisons do not chain", "write two comparisons joined by `and`, or put the first one into parentheses")
	}
	return x
}

// compareOp takes a comparison operator. A single = is reported and read as ==.
func (p *parser) compareOp() (CompareOp, bool) {
	t := p.peek()
	if t.kind != tPunct {
		return "", false
	}
	if t.text == "=" {
		p.take()
		p.report(t.span, "`=` does not compare", "write `==`, or `:` to ignore case")
		return Eq, true
	}
	op, ok := comparisons[t.text]
	if ok {
		p.take()
	}
	return op, ok
}

func (p *parser) additive() Expr {
	return p.arith(p.multiplicative, "+", "-")
}

func (p *parser) multiplicative() Expr {
	return p.arith(p.sign, "*", "/", "%")
}

// arith reads a chain of operators of one level, which group to the left. Each step nests the tree by one level.
func (p *parser) arith(operand func() Expr, ops ...string) Expr {
	depth := p.depth
	defer func() { p.depth = depth }()
	l := operand()
	for {
		t := p.peek()
		if t.kind != tPunct || !contains(ops, t.text) {
			return l
		}
		p.take()
		p.nest()
		r := operand()
		l = &Arith{Op: ArithOp(t.text), L: l, R: r, Span: l.Pos().Join(r.Pos())}
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func (p *parser) sign() Expr {
	t := p.peek()
	if !t.is(tPunct, "-") && !t.is(tPunct, "+") {
		return p.predicate()
	}
	p.take()
	p.nest()
	defer func() { p.depth-- }()
	x := p.sign()
	return &Sign{Minus: t.text == "-", X: x, Span: t.span.Join(x.Pos())}
}

// predicate reads a primary and an `in`, `:`, `like` or `regex` test behind it.
func (p *parser) predicate() Expr {
	x := p.primary()
	t := p.peek()
	switch {
	case t.is(tKeyword, "not"):
		return p.negatedPredicate(x)
	case t.is(tKeyword, "in"), t.is(tKeyword, "in~"):
		p.take()
		return p.in(x, false, t.text == "in~")
	case t.is(tPunct, ":"), t.kind == tKeyword && matchOps[t.text] != "":
		p.take()
		return p.match(x, MatchOp(t.text))
	}
	return x
}

// matchOps are the string operators that are words.
var matchOps = map[string]MatchOp{
	"like": Like, "like~": LikeInsensitive, "regex": Regex, "regex~": RegexInsensitive,
}

// negatedPredicate reads `x not in (…)`; the other tests have no such form.
func (p *parser) negatedPredicate(x Expr) Expr {
	not, op := p.take(), p.peek()
	if op.is(tKeyword, "in") || op.is(tKeyword, "in~") {
		p.take()
		return p.in(x, true, op.text == "in~")
	}
	if op.is(tPunct, ":") || op.kind == tKeyword && matchOps[op.text] != "" {
		p.fail(not.span.Join(op.span), "only `in` can be negated behind its operand",
			"write `not` in front: `not field "+op.text+" …`")
	}
	p.fail(not.span, "`not` stands in front of a condition", "join conditions with `and not`")
	return nil
}

func (p *parser) in(x Expr, not, insensitive bool) Expr {
	p.want("(", "behind `in`", "write `field in (\"a\", \"b\")`")
	p.nest()
	defer func() { p.depth-- }()
	n := &In{X: x, Not: not, Insensitive: insensitive}
	if t := p.peek(); t.is(tPunct, ")") {
		p.fail(t.span, "the list of `in` is empty", "put at least one value into it")
	}
	for {
		n.List = append(n.List, p.expr())
		if !p.punct(",") {
			break
		}
		p.noTrailingComma()
	}
	p.want(")", "at the end of the list")
	n.Span = x.Pos().Join(p.last())
	return n
}

// noTrailingComma refuses `("a",)`.
func (p *parser) noTrailingComma() {
	if t := p.peek(); t.is(tPunct, ")") {
		p.fail(t.span, "a value is missing behind the comma", "remove the comma")
	}
}

// match reads the constants behind a string operator: one, or a list in parentheses.
func (p *parser) match(x Expr, op MatchOp) Expr {
	m := &Match{X: x, Op: op}
	if !p.punct("(") {
		m.Patterns = []*String{p.pattern(op)}
		m.Span = x.Pos().Join(p.last())
		return m
	}
	if t := p.peek(); t.is(tPunct, ")") {
		p.fail(t.span, "the list of `"+string(op)+"` is empty", "put at least one string into it")
	}
	for {
		m.Patterns = append(m.Patterns, p.pattern(op))
		if !p.punct(",") {
			break
		}
		p.noTrailingComma()
	}
	p.want(")", "at the end of the list")
	m.Span = x.Pos().Join(p.last())
	return m
}

// pattern reads a string constant. Other constants are reported and the reading goes on: the list may hold more faults.
func (p *parser) pattern(op MatchOp) *String {
	t := p.take()
	switch {
	case t.kind == tString:
		return &String{Value: t.text, Span: t.span}
	case t.kind == tInt, t.kind == tDecimal:
		p.report(t.span, "`"+string(op)+"` compares strings, and "+t.text+" is a number",
			"write `==` or `in` for a number, or quote it when the field is a keyword: \""+t.text+"\"")
	case t.is(tKeyword, "true"), t.is(tKeyword, "false"):
		p.report(t.span, "`"+string(op)+"` compares strings, and `"+t.text+"` is a boolean", "write `== "+t.text+"`")
	case t.is(tKeyword, "null"):
		p.report(t.span, "`"+string(op)+"` compares strings, not null", "write `== null`")
	default:
		p.fail(t.span, "`"+string(op)+"` needs a string constant on its right, not "+t.describe(),
			"two fields are compared with a function, such as startsWith(a, b)")
	}
	return &String{Span: t.span}
}

func (p *parser) primary() Expr {
	t := p.peek()
	switch t.kind {
	case tString:
		p.take()
		return &String{Value: t.text, Span: t.span}
	case tInt, tDecimal:
		p.take()
		return &Number{Text: t.text, Span: t.span}
	case tIdent:
		if p.peekAt(1).is(tPunct, "(") {
			p.take()
			return p.call(t, false)
		}
		return p.fieldExpr()
	case tTilde:
		p.take()
		if !p.peek().is(tPunct, "(") {
			p.fail(t.span, "`"+t.text+"~` is a case-insensitive function without arguments", "write `"+t.text+"~(…)`")
		}
		return p.call(t, true)
	case tQuoted:
		return p.fieldExpr()
	case tKeyword:
		return p.word(t)
	case tPunct:
		return p.bracketed(t)
	case tEOF:
	}
	p.fail(t.span, "the condition ends too early", "a value or a condition is expected here")
	return nil
}

// word reads a constant that is a keyword.
func (p *parser) word(t token) Expr {
	switch t.text {
	case "null":
		p.take()
		return &Null{Span: t.span}
	case "true", "false":
		p.take()
		return &Bool{Value: t.text == "true", Span: t.span}
	case "not":
		p.fail(t.span, "`not` applies to a whole condition", "put the negated condition into parentheses")
	}
	p.fail(t.span, "a value is expected here, not the word `"+t.text+"`", nameHelp(t)...)
	return nil
}

func (p *parser) bracketed(t token) Expr {
	switch t.text {
	case "?":
		return p.fieldExpr()
	case "(":
		p.take()
		x := p.expr()
		if c := p.peek(); c.is(tPunct, ",") {
			p.fail(c.span, "a list may stand only behind `in`, `:`, `like` and `regex`")
		}
		p.want(")", "behind the parenthesised expression", "join conditions with `and` or `or`")
		return x
	}
	p.fail(t.span, "a value is expected here, not `"+t.text+"`")
	return nil
}

// call reads the arguments of a function.
func (p *parser) call(name token, insensitive bool) Expr {
	p.want("(", "behind the function name")
	p.nest()
	defer func() { p.depth-- }()
	c := &Call{Name: name.text, Insensitive: insensitive}
	if !p.punct(")") {
		for {
			c.Args = append(c.Args, p.expr())
			if !p.punct(",") {
				break
			}
			p.noTrailingComma()
		}
		p.want(")", "behind the arguments", "separate arguments with commas")
	}
	c.Span = name.span.Join(p.last())
	return c
}

func (p *parser) fieldExpr() Expr { return p.field() }

// field reads `?a.b.`c d“.
func (p *parser) field() *Field {
	start := p.peek().span
	f := &Field{Optional: p.punct("?")}
	var name strings.Builder
	name.WriteString(p.segment())
	for {
		t := p.peek()
		switch {
		case t.is(tPunct, "."):
			p.take()
			name.WriteByte('.')
			name.WriteString(p.segment())
			continue
		case t.is(tPunct, "["):
			if x := p.peekAt(1); x.kind == tInt && p.peekAt(2).is(tPunct, "]") {
				p.fail(t.span.Join(p.peekAt(2).span), "array elements cannot be picked by position",
					"a test on the field holds when any element passes it")
			}
		case t.kind == tDecimal && strings.HasPrefix(t.text, "."):
			p.fail(t.span, "a name that begins with a digit must be quoted", "write ."+quoteSegment(t.text[1:]))
		}
		f.Name, f.Span = name.String(), start.Join(p.last())
		return f
	}
}

// segment reads one part of a dotted name.
func (p *parser) segment() string {
	t := p.take()
	switch t.kind {
	case tIdent, tQuoted:
		return t.text
	case tEOF, tTilde, tString, tInt, tDecimal, tKeyword, tPunct:
	}
	p.fail(t.span, "a field name is expected here, not "+t.describe(), nameHelp(t)...)
	return ""
}
