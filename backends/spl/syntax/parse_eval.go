package syntax

import (
	"fmt"
	"strings"
)

// expr parses an eval expression: NOT binds tighter than AND, AND than OR, OR than XOR (Search Manual, Boolean
// expressions); comparisons bind tighter than NOT.
func (p *parser) expr() Expr { return p.logic(0) }

// logicOps are the Boolean operators from loosest to tightest.
var logicOps = [...]string{"XOR", "OR", "AND"}

func (p *parser) logic(level int) Expr {
	if level == len(logicOps) {
		return p.evalNot()
	}
	if level == 0 {
		p.enter()
		defer p.leave()
	}
	p.skip()
	start := p.pos
	op := logicOps[level]
	terms := []Expr{p.logic(level + 1)}
	for p.operatorWord(op) {
		terms = append(terms, p.logic(level+1))
		p.checkChain(len(terms))
	}
	if len(terms) == 1 {
		return terms[0]
	}
	return &Logic{Op: op, Terms: terms, Span: p.span(start)}
}

// operatorWord passes an operator that is a word; eval takes it in any case (shipped add-ons write `or`).
func (p *parser) operatorWord(op string) bool {
	p.skip()
	if !p.isKeyword(op) {
		return false
	}
	p.pos += len(op)
	return true
}

func (p *parser) evalNot() Expr {
	p.skip()
	start := p.pos
	bang := p.peek() == '!' && !p.eof() && p.peekAt(1) != '='
	if bang {
		p.pos++
	}
	if bang || p.operatorWord("NOT") {
		p.enter()
		defer p.leave()
		x := p.evalNot()
		return &Unary{Op: "NOT", X: x, Span: p.span(start)}
	}
	return p.comparisonExpr()
}

func (p *parser) comparisonExpr() Expr {
	start := p.pos
	l := p.additive()
	p.skip()
	save := p.pos
	not := p.operatorWord("NOT")
	if p.operatorWord("IN") {
		list := p.callArgs("IN")
		if len(list) == 0 {
			p.fail(p.pos-1, p.pos, "empty", "the list after IN is empty", "write at least one value")
		}
		in := &InList{X: l, List: list, Span: p.span(start)}
		if not {
			return &Unary{Op: "NOT", X: in, Span: p.span(start)}
		}
		return in
	}
	p.pos = save
	op := ""
	if p.operatorWord("LIKE") {
		op = "LIKE"
	} else if op = p.compareOp(); op == "" {
		return l
	}
	r := p.additive()
	x := &Binary{Op: op, L: l, R: r, Span: p.span(start)}
	p.skip()
	if at := p.pos; p.compareOp() != "" {
		p.fail(at, p.pos, "second comparison", "comparisons cannot be chained", "join two comparisons with AND")
	}
	return x
}

// additive parses + - and the concatenation `.`, which no source ranks: they are taken from left to right.
func (p *parser) additive() Expr { return p.leftAssoc("+-.", p.multiplicative) }

func (p *parser) multiplicative() Expr { return p.leftAssoc("*/%", p.unary) }

func (p *parser) leftAssoc(ops string, operand func() Expr) Expr {
	p.skip()
	start := p.pos
	x := operand()
	for n := 1; ; n++ {
		p.skip()
		c := p.peek()
		if p.eof() || strings.IndexByte(ops, c) < 0 {
			return x
		}
		p.checkChain(n)
		p.pos++
		r := operand()
		x = &Binary{Op: string(c), L: x, R: r, Span: p.span(start)}
	}
}

func (p *parser) unary() Expr {
	p.skip()
	start := p.pos
	if c := p.peek(); c == '-' || c == '+' {
		p.pos++
		p.enter()
		defer p.leave()
		x := p.unary()
		if c == '+' {
			return x
		}
		return &Unary{Op: "-", X: x, Span: p.span(start)}
	}
	return p.primary()
}

func (p *parser) primary() Expr {
	start := p.pos
	c := p.peek()
	switch {
	case p.eof():
		p.fail(p.pos, p.pos+1, "here", "an expression is missing at the end of the query", "write a value, a field or a function")
	case c == '(':
		p.pos++
		x := p.expr()
		p.skip()
		if p.peek() != ')' || p.eof() {
			p.closeFault(start)
		}
		p.pos++
		return x
	case c == '"':
		return p.str()
	case c == '\'':
		body := p.quoted('\'')
		name := strings.NewReplacer(`\\`, `\`, `\'`, `'`).Replace(body)
		if name == "" {
			p.fail(start, p.pos, "empty", "a field name is empty", "write the name between the quotes; text goes in double quotes")
		}
		return &Field{Name: name, Span: p.span(start)}
	case c == '`':
		m := p.macro()
		return &MacroExpr{Macro: m, Span: p.span(start)}
	case c == '[':
		q := p.subsearch()
		return &SubExpr{Query: q, Span: p.span(start)}
	case isDigit(c) || c == '.' && isDigit(p.peekAt(1)):
		return p.number()
	case isLetter(c) || c == '_':
		return p.nameOrCall()
	}
	p.fail(start, start+1, "here", "an expression is missing before "+p.here(), "write a value, a field or a function; names with punctuation go in single quotes")
	return nil
}

// closeFault reports an open parenthesis, pointing at what stands where it should close.
func (p *parser) closeFault(open int) {
	if p.atEnd() {
		p.fail(open, open+1, "opened here", "a parenthesis is not closed", "close it with `)`")
	}
	p.fail(p.pos, p.pos+1, "not expected here", fmt.Sprintf("unexpected %s inside parentheses", p.here()), "join expressions with AND or OR, and arguments with commas")
}

func (p *parser) str() Expr {
	start := p.pos
	body := p.quoted('"')
	x := &Str{Value: UnescapeEval(body, true), Span: p.span(start)}
	if x.Value != UnescapeEval(body, false) {
		x.Body = body
	}
	return x
}

func (p *parser) number() Expr {
	start := p.pos
	digits := func() {
		for isDigit(p.peek()) && !p.eof() {
			p.pos++
		}
	}
	digits()
	if p.peek() == '.' && isDigit(p.peekAt(1)) {
		p.pos++
		digits()
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		n := 1
		if s := p.peekAt(1); s == '+' || s == '-' {
			n = 2
		}
		if isDigit(p.peekAt(n)) {
			p.pos += n
			digits()
		}
	}
	if c := p.peek(); isLetter(c) || c == '_' {
		end := p.pos + len(p.word())
		p.fail(start, end, "starts with a digit", fmt.Sprintf("`%s` is neither a number nor a name", p.text[start:end]), fmt.Sprintf("a field name that starts with a digit goes in single quotes: '%s'", p.text[start:end]))
	}
	return &Num{Text: p.text[start:p.pos], Span: p.span(start)}
}

func (p *parser) nameOrCall() Expr {
	start := p.pos
	w := p.word()
	p.pos += len(w)
	end := p.pos
	p.skip()
	if p.peek() == '(' && !p.eof() {
		args := p.callArgs(w)
		return &Call{Name: strings.ToLower(w), Args: args, Span: p.span(start)}
	}
	p.pos = end
	if evalReserved[strings.ToLower(w)] {
		p.fail(start, end, "here", fmt.Sprintf("`%s` is an operator, and its operand is missing", w), fmt.Sprintf("write the operand; a field of that name goes in single quotes: '%s'", w))
	}
	return &Field{Name: w, Span: p.span(start)}
}

// callArgs parses `(a, b, …)`; the name is for messages.
func (p *parser) callArgs(name string) []Expr {
	p.skip()
	open := p.pos
	p.expect('(', "after "+name)
	p.enter()
	defer p.leave()
	var args []Expr
	p.skip()
	if p.peek() == ')' && !p.eof() {
		p.pos++
		return nil
	}
	for {
		args = append(args, p.expr())
		p.skip()
		if p.peek() == ',' && !p.eof() {
			p.pos++
			continue
		}
		if p.peek() != ')' || p.eof() {
			p.closeFault(open)
		}
		p.pos++
		return args
	}
}
