package syntax

import (
	"strings"
)

// expr reads an expression without pipes.
func (p *parser) expr() Expr { return p.binary(precOr) }

// item reads an expression with an optional name: a = x, (a, b) = x.
func (p *parser) item() Item {
	t := p.tok()
	it := Item{}
	switch n := p.nameLen(); {
	case n > 0 && p.peek(n).is("="):
		it.Names = []string{p.declName("")}
		p.advance()
	case p.is("(") && p.tupleAhead():
		p.advance()
		it.Tuple = true
		for !p.is(")") {
			it.Names = append(it.Names, p.declName("in the list of names"))
			if !p.accept(",") {
				break
			}
		}
		p.expect(")", "after the list of names")
		p.expect("=", "after the list of names")
	}
	it.Expr = p.expr()
	it.At = p.from(t).At
	return it
}

// nameLen is the number of tokens of a name at the cursor, 0 when there is none.
func (p *parser) nameLen() int {
	if p.tok().kind == tokName {
		return 1
	}
	if p.is("[") && p.peek(1).kind == tokString && p.peek(2).is("]") {
		return 3
	}
	return 0
}

// tupleAhead reports whether ( names ) = stands at the cursor.
func (p *parser) tupleAhead() bool {
	n := 1
	for {
		switch {
		case p.peek(n).kind == tokName:
			n++
		case p.peek(n).is("[") && p.peek(n+1).kind == tokString && p.peek(n+2).is("]"):
			n += 3
		default:
			return false
		}
		if p.peek(n).is(",") {
			n++
			continue
		}
		return p.peek(n).is(")") && p.peek(n+1).is("=")
	}
}

func (p *parser) items() []Item {
	list := []Item{p.item()}
	for p.accept(",") {
		list = append(list, p.item())
	}
	return list
}

func (p *parser) exprs() []Expr {
	list := []Expr{p.expr()}
	for p.accept(",") {
		list = append(list, p.expr())
	}
	return list
}

// binaryOp looks at the operator at the cursor; n is its number of tokens.
func (p *parser) binaryOp() (op Op, n int) {
	t := p.tok()
	if t.kind == tokName && t.text == "matches" && p.peek(1).is("regex") {
		return MatchesRegex, 2
	}
	if t.is(":") && !p.searching {
		return NoOp, 0
	}
	if t.kind == tokName || t.kind == tokPunct {
		if o, ok := opByText[t.text]; ok {
			return o, 1
		}
	}
	return NoOp, 0
}

// binary climbs the precedences from prec upwards.
func (p *parser) binary(prec int) Expr {
	if prec > precString {
		return p.unary()
	}
	left := p.binary(prec + 1)
	for n := 0; ; n++ {
		t := p.tok()
		if prec == precEquality && (t.is("between") || t.is("!between")) {
			left = p.between(left)
			return left
		}
		op, width := p.binaryOp()
		if op == NoOp || opRows[op].prec != prec {
			return left
		}
		if n > 0 && !chains(prec) {
			p.fail(t, "`"+t.text+"` cannot follow another comparison", "put the first comparison in parentheses")
		}
		if n >= maxChain {
			p.limit(t, "more than 10000 operators follow one another")
		}
		for ; width > 0; width-- {
			p.advance()
		}
		if op.IsList() {
			left = p.list(left, op)
			continue
		}
		right := p.binary(prec + 1)
		left = &Binary{Loc: p.after(left), Op: op, L: left, R: right}
	}
}

func (p *parser) between(left Expr) Expr {
	not := p.advance().text == "!between"
	p.expect("(", "after between")
	b := &Between{Not: not, X: left}
	b.Lo = p.expr()
	p.expect("..", "between the ends of the range")
	b.Hi = p.expr()
	p.expect(")", "after the range")
	b.Loc = p.after(left)
	return b
}

// list reads the right side of in, has_any …: a list, or a tabular expression.
func (p *parser) list(left Expr, op Op) Expr {
	p.expect("(", "after `"+op.String()+"`")
	l := &List{Op: op, X: left}
	if p.is(")") {
		p.fail(p.tok(), "the list of `"+op.String()+"` is empty", "an empty list is never matched: write false")
	}
	for {
		l.Items = append(l.Items, p.tabular())
		if !p.accept(",") {
			break
		}
		if p.is(")") {
			break
		}
	}
	p.expect(")", "after the list")
	l.Loc = p.after(left)
	return l
}

func (p *parser) unary() Expr {
	t := p.tok()
	if t.is("-") || t.is("+") {
		p.advance()
		if next := p.tok(); next.is("-") || next.is("+") {
			p.fail(next, "two signs follow one another", "put the inner one in parentheses")
		}
		if x := p.signed(t); x != nil {
			return p.postfix(x)
		}
		x := p.postfix(p.primary())
		return &Unary{Loc: p.from(t), Minus: t.text == "-", X: x}
	}
	return p.postfix(p.primary())
}

// signed folds a sign into a number literal.
func (p *parser) signed(sign token) Expr {
	t := p.tok()
	if t.kind != tokLong && t.kind != tokReal && t.kind != tokTimespan {
		return nil
	}
	if sign.text == "-" {
		t.text = "-" + t.text
	}
	p.advance()
	x := p.number(t, p.from(sign))
	return x
}

func (p *parser) number(t token, loc Loc) Expr {
	switch {
	case t.kind == tokLong:
		if n, ok := ParseInteger(t.text); ok {
			return &LongLit{Loc: loc, Value: n}
		}
		p.report(t, "`"+t.text+"` is outside the range of long", "longs are 64-bit; use real or decimal")
		return &LongLit{Loc: loc}
	case t.kind == tokReal:
		f, ok := ParseReal(t.text)
		if !ok {
			p.report(t, "`"+t.text+"` is not a number")
		}
		return &RealLit{Loc: loc, Value: f}
	}
	ticks, ok := ParseTimespan(t.text)
	if !ok {
		p.report(t, "`"+t.text+"` is outside the range of timespan")
	}
	return &TimespanLit{Loc: loc, Ticks: ticks}
}

// postfix reads .name, [index] and dotted calls after an operand.
func (p *parser) postfix(x Expr) Expr {
	for n := 0; ; n++ {
		if n >= maxChain {
			p.limit(p.tok(), "a path has more than 10000 parts")
		}
		switch {
		case p.is(".") && p.peek(1).is("["): // a.["b"]
			p.advance()
			x = p.index(x)
		case p.is("."):
			p.advance()
			t := p.tok()
			if t.kind != tokName {
				p.fail(t, "expected a name after the dot, found "+t.describe(), "other keys are written [\"key\"]")
			}
			p.advance()
			if p.is("(") {
				c := p.callArgs(t)
				c.On = x
				c.Loc = p.after(x)
				x = c
				continue
			}
			x = &Path{Loc: p.after(x), X: x, Name: t.text}
		case p.is("["):
			x = p.index(x)
		default:
			return x
		}
	}
}

func (p *parser) index(x Expr) Expr {
	p.expect("[", "before an index")
	i := p.expr()
	p.expect("]", "after an index")
	if s, ok := i.(*StringLit); ok && !s.Hidden {
		return &Path{Loc: p.after(x), X: x, Name: s.Value}
	}
	return &Index{Loc: p.after(x), X: x, I: i}
}

// primary reads one operand.
func (p *parser) primary() Expr {
	t := p.tok()
	switch t.kind {
	case tokLong, tokReal, tokTimespan:
		p.advance()
		return p.number(t, p.from(t))
	case tokString:
		return p.stringLit()
	case tokTyped:
		p.advance()
		return p.typedLit(t)
	case tokName:
		return p.nameOrCall()
	case tokPunct:
		switch t.text {
		case "(":
			p.advance()
			x := p.tabular()
			p.expect(")", "to close the parenthesis")
			return x
		case "[":
			if p.peek(1).kind == tokString && p.peek(2).is("]") {
				n := &Name{Name: p.declName(""), Loc: p.from(t)}
				if p.is("(") {
					c := p.callArgs(token{text: n.Name})
					c.Loc = p.from(t)
					return c
				}
				return n
			}
		case "*":
			if !p.wildcardAhead() {
				p.advance()
				return &Star{Loc: p.from(t)}
			}
			return p.wildcard()
		}
	case tokEOF:
	}
	if t.kind == tokEOF || t.is(")") || t.is("]") || t.is("}") || t.is(",") || t.is("|") || t.is(";") {
		p.fail(t, "an operand is missing before "+t.describe())
	}
	p.unexpected("where an operand is needed")
	return nil
}

func (p *parser) stringLit() Expr {
	t := p.advance()
	s := &StringLit{Value: t.text, Hidden: t.hide}
	for p.tok().kind == tokString {
		n := p.advance()
		s.Value += n.text
		s.Hidden = s.Hidden || n.hide
	}
	s.Loc = p.from(t)
	return s
}

// nameOrCall reads a name, a call, or one of the words that begin a special operand.
func (p *parser) nameOrCall() Expr {
	t := p.tok()
	if b, ok := boolWords[t.text]; ok {
		p.advance()
		return &BoolLit{Loc: p.from(t), Value: b}
	}
	next := p.peek(1)
	switch {
	case t.text == "dynamic" && next.is("("):
		return p.dynamicLit()
	case t.text == "typeof" && next.is("("):
		return p.typeofLit()
	case t.text == "datatable" && (next.is("(") || next.kind == tokName):
		return p.datatable()
	case (t.text == "externaldata" || t.text == "external_data") && next.is("("):
		return p.externalData()
	case strings.HasPrefix(t.text, "!") || notOperands[t.text]:
		p.unexpected("where an operand is needed")
	case t.text == "not" && !next.is("(") && (next.kind == tokName || next.kind == tokString):
		p.fail(t, "`not` is a function", "write not(…)")
	}
	p.advance()
	if p.is("(") {
		c := p.callArgs(t)
		c.Loc = p.from(t)
		return c
	}
	if p.is("*") && p.adjacent(-1) && p.wildcardTail() {
		p.i--
		return p.wildcard()
	}
	return &Name{Loc: p.from(t), Name: t.text}
}

var boolWords = map[string]bool{"true": true, "True": true, "TRUE": true, "false": false, "False": false, "FALSE": false}

// callArgs reads (args) after a function's name.
func (p *parser) callArgs(name token) *Call {
	c := &Call{Name: name.text}
	p.expect("(", "after a function's name")
	for !p.is(")") {
		c.Args = append(c.Args, p.argument())
		if !p.accept(",") {
			break
		}
	}
	p.expect(")", "after the arguments of `"+name.text+"`")
	return c
}

// argument reads one argument: a value, a name = value, or a pipeline.
func (p *parser) argument() Item {
	t := p.tok()
	if n := p.nameLen(); n > 0 && p.peek(n).is("=") {
		it := Item{Names: []string{p.declName("")}}
		p.advance()
		it.Expr = p.tabular()
		it.At = p.from(t).At
		return it
	}
	x := p.tabular()
	return Item{Expr: x, At: p.from(t).At}
}

// wildcardAhead reports whether the star at the cursor is part of a longer pattern such as *_s.
func (p *parser) wildcardAhead() bool {
	n := p.peek(1)
	return p.adjacent(0) && (n.kind == tokName || n.kind == tokLong) && !notOperands[n.text]
}

// wildcardTail reports whether the star after a name makes a pattern: nothing that can be multiplied follows.
func (p *parser) wildcardTail() bool {
	n := p.peek(1)
	if p.adjacent(0) && (n.kind == tokName || n.kind == tokLong || n.is("*")) {
		return n.is("*") || p.inNames()
	}
	return n.kind == tokEOF || n.is(",") || n.is(")") || n.is("|") || n.is(";") || n.kind == tokName && (notOperands[n.text] || n.text == "on" || n.text == "where")
}

// inNames reports whether the cursor stands in the list of a source or of a project operator, where patterns are meant.
func (p *parser) inNames() bool {
	for n := p.i - 1; n >= 0; n-- {
		t := p.toks[n]
		switch {
		case t.is("|") || t.is(";"):
			return false
		case t.is("union") || t.is("project") || t.is("find") || t.is("search"):
			return true
		}
	}
	return false
}

// wildcard reads adjacent names, numbers and stars as one pattern.
func (p *parser) wildcard() Expr {
	t := p.tok()
	var b strings.Builder
	for {
		n := p.advance()
		b.WriteString(n.text)
		next := p.tok()
		if n.end.Offset != next.start.Offset || next.kind != tokName && next.kind != tokLong && !next.is("*") {
			break
		}
	}
	return &Wildcard{Loc: p.from(t), Pattern: b.String()}
}
