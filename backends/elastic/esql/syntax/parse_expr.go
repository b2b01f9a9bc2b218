package syntax

import (
	"strconv"
	"strings"

	"github.com/onerule/onerule/diag"
)

// The binding strengths of operators, weakest first; the printer uses the same numbers.
const (
	precOr = iota + 1
	precAnd
	precNot
	precCompare // == != < <= > >= IN LIKE RLIKE IS NULL : — none of them chains
	precAdd
	precMul
	precSign
	precCast
	precAtom
)

var binaryPrec = [...]int{
	Or: precOr, And: precAnd, Eq: precCompare, Ne: precCompare, Lt: precCompare, Le: precCompare, Gt: precCompare,
	Ge: precCompare, Add: precAdd, Sub: precAdd, Mul: precMul, Div: precMul, Mod: precMul,
}

var binaryText = [...]string{
	Or: "OR", And: "AND", Eq: "==", Ne: "!=", Lt: "<", Le: "<=", Gt: ">", Ge: ">=", Add: "+", Sub: "-", Mul: "*", Div: "/",
	Mod: "%",
}

// String is the operator as written.
func (o BinaryOp) String() string { return binaryText[o] }

// binaryOp is the infix operator at the cursor.
func (p *parser) binaryOp() (BinaryOp, bool) {
	switch p.tok.kind {
	case tPunct:
		for op := Eq; op <= Mod; op++ {
			if binaryText[op] == p.tok.text {
				return op, true
			}
		}
		if p.tok.text == "=" {
			p.failAt("= only gives names", "compare with ==")
		}
	case tIdent:
		if p.word("or") {
			return Or, true
		}
		if p.word("and") {
			return And, true
		}
	case tEOF, tQuoted, tInt, tDec, tString, tParam, tBad:
	}
	return 0, false
}

func (p *parser) enter() {
	p.depth++
	p.nodes++
	if p.depth > MaxDepth {
		p.fail(diag.New(diag.ESQLLimit, p.here(), "expressions nest deeper than "+strconv.Itoa(MaxDepth)+" levels",
			"split the expression with EVAL"))
	}
	if p.nodes > MaxNodes {
		p.fail(diag.New(diag.ESQLLimit, p.here(), "the query has more than "+strconv.Itoa(MaxNodes)+" expressions",
			"move long lists into a lookup index"))
	}
}

// expr reads a boolean expression.
func (p *parser) expr() Expr { return p.binary(precOr) }

// binary reads an expression whose operators bind at least as strongly as min.
func (p *parser) binary(min int) Expr {
	p.enter()
	defer func() { p.depth-- }()
	start := p.tok.start
	var x Expr
	if min <= precNot && p.word("not") {
		p.advance()
		inner := p.binary(precNot)
		x = &Unary{Span: p.since(start), Op: Not, X: inner}
	} else {
		x = p.sign()
	}
	compared := false
	for {
		if min <= precCompare {
			if y, ok := p.suffix(start, x); ok {
				x, compared = y, true
				continue
			}
		}
		op, ok := p.binaryOp()
		if !ok || binaryPrec[op] < min {
			return x
		}
		prec := binaryPrec[op]
		if prec == precCompare {
			if compared {
				p.failAt("comparisons cannot be chained", "join two comparisons with AND, or use parentheses")
			}
			compared = true
		}
		p.advance()
		p.nodes++
		y := p.binary(prec + 1)
		x = &Binary{Span: p.since(start), Op: op, X: x, Y: y}
		if prec < precCompare {
			compared = false
		}
	}
}

// suffix reads IN, LIKE, RLIKE, IS NULL or ":" after an operand.
func (p *parser) suffix(start diag.Pos, x Expr) (Expr, bool) {
	if p.punct(":") {
		return p.match(start, x), true
	}
	if p.tok.kind != tIdent {
		return nil, false
	}
	switch {
	case p.word("is"):
		p.advance()
		not := p.acceptWord("not")
		p.expectWord("NULL", "after IS")
		return &IsNull{Span: p.since(start), X: x, Not: not}, true
	case p.word("in"), p.word("like"), p.word("rlike"):
		return p.listSuffix(start, x, false), true
	case p.word("not"):
		p.advance()
		if !p.word("in") && !p.word("like") && !p.word("rlike") {
			p.failAt("expected IN, LIKE or RLIKE after NOT", p.instead())
		}
		return p.listSuffix(start, x, true), true
	}
	return nil, false
}

func (p *parser) listSuffix(start diag.Pos, x Expr, not bool) Expr {
	word := strings.ToLower(p.tok.text)
	p.advance()
	switch word {
	case "in":
		if !p.punct("(") {
			p.failAt("expected ( after IN", "write the values as IN (a, b)")
		}
		items := p.list(func() Expr { return p.binary(precCompare) })
		return &In{Span: p.since(start), X: x, Not: not, Items: items}
	case "like":
		pats := p.patterns(func(s Str) Expr { return &Glob{Span: s.Span, Text: s.Value} })
		return &Like{Span: p.since(start), X: x, Not: not, Patterns: pats}
	}
	pats := p.patterns(func(s Str) Expr { return &Regex{Span: s.Span, Text: s.Value} })
	return &RLike{Span: p.since(start), X: x, Not: not, Patterns: pats}
}

// patterns reads one pattern or a list in parentheses; a lone string becomes a pattern node.
func (p *parser) patterns(make func(Str) Expr) []Expr {
	one := func() Expr {
		x := p.binary(precAdd)
		if s, ok := x.(*Str); ok {
			return make(*s)
		}
		return x
	}
	if p.punct("(") {
		return p.list(one)
	}
	return []Expr{one()}
}

// list reads ( a, b ).
func (p *parser) list(one func() Expr) []Expr {
	p.advance()
	if p.punct(")") {
		p.failAt("the list is empty", "give at least one value")
	}
	var out []Expr
	for {
		out = append(out, one())
		if !p.accept(",") {
			break
		}
	}
	p.expect(")", "after the list")
	return out
}

// match reads `: constant` after a column.
func (p *parser) match(start diag.Pos, x Expr) Expr {
	m := &Match{}
	switch f := x.(type) {
	case *Column:
		m.Field = *f
	case *Cast:
		c, ok := f.X.(*Column)
		if !ok {
			p.failAt("the left side of : is a field")
		}
		m.Field, m.Type = *c, f.Type
	case *Binary, *Bool, *Call, *Glob, *In, *IsNull, *Like, *List, *Match, *Null, *Num, *RLike, *Regex, *Str, *TimeSpan, *Unary:
		p.failAt("the left side of : is a field", "write field : \"text\"; a cast is written with ::")
	}
	p.advance()
	m.Query = p.constant()
	m.Span = p.since(start)
	return m
}

// sign reads an operand with its signs. A minus before a number is part of the number.
func (p *parser) sign() Expr {
	start := p.tok.start
	if !p.punct("-") && !p.punct("+") {
		return p.cast(p.primary(), start)
	}
	p.enter()
	defer func() { p.depth-- }()
	minus := p.punct("-")
	p.advance()
	digits := p.tok.kind == tInt || p.tok.kind == tDec
	x := p.sign()
	if n, ok := x.(*Num); ok && digits && minus {
		return &Num{Span: p.since(start), Text: "-" + n.Text}
	}
	if !minus {
		return x
	}
	return &Unary{Span: p.since(start), Op: Neg, X: x}
}

// cast reads `::type` after an operand.
func (p *parser) cast(x Expr, start diag.Pos) Expr {
	for n := 0; p.punct("::"); n++ {
		if n >= MaxDepth {
			p.fail(diag.New(diag.ESQLLimit, p.here(), "more than "+strconv.Itoa(MaxDepth)+" casts in a row"))
		}
		p.advance()
		if p.tok.kind != tIdent {
			p.failAt("expected a type after ::", p.instead())
		}
		typ := p.tok.text
		p.advance()
		x = &Cast{Span: p.since(start), X: x, Type: typ}
	}
	return x
}

// primary reads a constant, a column, a call or a parenthesis.
func (p *parser) primary() Expr {
	start := p.tok.start
	switch p.tok.kind {
	case tPunct:
		switch p.tok.text {
		case "(":
			p.advance()
			x := p.expr()
			p.expect(")", "to close the parenthesis")
			return x
		case "[":
			return p.array()
		}
	case tInt, tDec, tString:
		return p.constant()
	case tIdent, tQuoted:
		if p.tok.kind == tIdent {
			if x := p.wordConstant(); x != nil {
				return x
			}
		}
		return p.columnOrCall(start)
	case tParam:
		p.fail(diag.New(diag.ESQLUnknown, p.here(), "the query has the parameter "+p.tok.text,
			"write the value into the query: parameters come with the request, which is not part of the text"))
	case tEOF, tBad:
	}
	p.failAt("expected a value", p.instead())
	return nil
}

// columnOrCall reads a name; with ( behind it, it is a function call.
func (p *parser) columnOrCall(start diag.Pos) Expr {
	call := p.tok
	if call.kind == tIdent && reserved(call.text) && !p.word("first") && !p.word("last") {
		p.segment("a value")
	}
	at := p.lex.at
	next := p.lex.next()
	p.lex.at = at
	if next.kind == tPunct && next.text == "(" {
		p.advance()
		return p.call(start, call.text)
	}
	n := p.name("a value")
	return &Column{Span: n.Span, Name: n.Text}
}

// call reads the arguments of a function; the cursor is on the parenthesis.
func (p *parser) call(start diag.Pos, name string) Expr {
	p.nodes++
	c := &Call{Name: name}
	p.advance()
	if p.accept("*") {
		c.Star = true
	} else if !p.punct(")") {
		for {
			if p.punct("{") {
				if len(c.Args) == 0 {
					p.failAt("the first argument of " + name + " cannot be a map")
				}
				c.Options = p.options()
				break
			}
			c.Args = append(c.Args, p.expr())
			if !p.accept(",") {
				break
			}
		}
	}
	p.expect(")", "after the arguments of "+name)
	c.Span = p.since(start)
	return c
}

// options reads {"key": value}.
func (p *parser) options() []Option {
	p.advance()
	out := []Option{}
	if p.accept("}") {
		return out
	}
	for {
		start := p.tok.start
		k := p.str("the name of an option")
		p.expect(":", "after the name of an option")
		v := p.constant()
		out = append(out, Option{Span: p.since(start), Key: k.Value, Value: v})
		if !p.accept(",") {
			break
		}
	}
	p.expect("}", "after the options")
	return out
}
