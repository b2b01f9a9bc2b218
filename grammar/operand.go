package grammar

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/onerule/onerule/diag"
)

// operand reads what stands beside operators of strength min and more.
func (p *exprParser) operand(min int) Expr {
	t := p.peek()
	switch t.Type {
	case kindName, kindPath:
		return p.word(t, min)
	case kindString, kindNumber, kindDuration, kindVar:
		return p.literal(p.next())
	case kindKeyword:
		return p.keywordOperand(t, min)
	case kindPunct:
		switch t.Value {
		case "(":
			return p.paren()
		case "[":
			return p.list(func() Expr { return p.expr(precAdd) })
		case "-":
			p.next()
			x := p.nested(t, precSign)
			return &Unary{At: p.from(spanOf(t)), Op: "-", X: x}
		}
		if infixWord[t.Value] || binaryPrec[t.Value] > 0 && t.Value != "*" {
			return p.noLeftSide(t)
		}
	case kindForeign:
		if t.Value == "!" {
			p.next()
			p.report(fixed(fault(diag.SyntaxOperator, spanOf(t), "`!` is not an operator", "negation is a word",
				"write `not`"), spanOf(t), "not "))
			return &Unary{At: p.from(spanOf(t)), Op: "not", X: p.nested(t, precNot)}
		}
	case lexer.EOF:
	}
	if t.Type == kindJunk {
		p.next()
		return p.bad(spanOf(t))
	}
	p.report(noOperand(t))
	p.skip()
	return p.bad(spanOf(t))
}

// nested reads an operand behind a sign or `not`, which may be repeated without brackets.
func (p *exprParser) nested(t lexer.Token, min int) Expr {
	if n := p.peek(); n.EOF() || isCloser(n) {
		p.report(missingOperand(infix{op: t.Value}, spanOf(t), n))
		return p.bad(spanOf(t))
	}
	return p.expr(min)
}

// literal makes the node of a token that is an operand by itself.
func (p *exprParser) literal(t lexer.Token) Expr {
	at := At{diag.Span{File: t.Pos.Filename, Start: startOf(t), End: p.lastEnd}}
	switch t.Type {
	case kindString:
		return &String{At: at, Value: decode(t.Value), Raw: t.Value}
	case kindNumber:
		return &Number{At: at, Text: t.Value}
	case kindDuration:
		d, _ := parseDuration(t.Value)
		return &Duration{At: at, Value: d, Text: t.Value}
	case kindVar:
		return &VarRef{At: at, Name: t.Value[1:]}
	case lexer.EOF:
	}
	return &PathExpr{At: at, Path: &Path{At: at, Segments: pathSegments(t.Value)}}
}

// word reads a field, a definition's name or a call.
func (p *exprParser) word(t lexer.Token, min int) Expr {
	if low := strings.ToLower(t.Value); t.Type == kindName && low != t.Value && operandWord(low) {
		if isConstant(low) || startsOperand(p.peek2()) {
			p.report(wordCase(t, low))
			return p.keywordOperand(lexer.Token{Type: kindKeyword, Value: low, Pos: t.Pos}, min)
		}
	}
	p.next()
	if n := p.peek(); n.Type == kindPunct && n.Value == "(" {
		return p.call(t)
	}
	x := p.literal(t)
	if n := p.peek(); n.Type == kindPunct && n.Value == "[" && n.Pos.Offset == p.lastEnd.Offset {
		p.report(fault(diag.SyntaxName, spanOf(n), "a field has no index", "the order of values does not matter",
			"ask for some value: `any x in "+t.Value+": x == …`"))
		p.next()
		p.skip()
		p.accept("]")
	}
	return x
}

// operandWord reports the words that an operand may start with.
func operandWord(word string) bool {
	return word == "not" || isConstant(word) || quantifierWord[word] || prefixWord[word]
}

func isConstant(word string) bool { return word == "true" || word == "false" || word == "null" }

// keywordOperand reads an operand that starts with a reserved word, which is the next token however it is spelled.
func (p *exprParser) keywordOperand(t lexer.Token, min int) Expr {
	span := spanOf(t)
	if min > precCompare && operandWord(t.Value) && !isConstant(t.Value) {
		p.report(fault(diag.SyntaxUnexpected, span, "`"+t.Value+"` starts a condition, but a value belongs here", "not a value",
			"compare with a value, or join two conditions with `and`"))
	}
	switch {
	case t.Value == "not":
		p.next()
		x := p.nested(t, precNot)
		return &Unary{At: p.from(span), Op: "not", X: x}
	case quantifierWord[t.Value]:
		return p.quant()
	case t.Value == "keyword":
		return p.keyword(t)
	case prefixWord[t.Value]:
		return p.presence(t)
	case t.Value == "true" || t.Value == "false":
		p.next()
		return &Bool{At: At{span}, Value: t.Value == "true"}
	case t.Value == "null":
		p.next()
		p.report(fault(diag.SyntaxNull, span, "`null` is not a value to compare with", "a missing field has no value",
			"ask with `exists f` or `not exists f`; in a test event, `null` makes a field missing"))
		return p.bad(span)
	}
	if n := p.peek2(); t.Value == "count" && n.Type == kindPunct && n.Value == "(" {
		p.next()
		return p.call(t)
	}
	if infixWord[t.Value] || isChain(t.Value) {
		return p.noLeftSide(t)
	}
	if endsCondition(t) && !startsComparison(p.peek2()) {
		p.report(noOperand(t))
		return p.bad(span)
	}
	p.next()
	p.report(reservedField(t))
	return &PathExpr{At: At{span}, Path: &Path{At: At{span}, Segments: []string{t.Value}}}
}

// noLeftSide reports an operator that stands where an operand belongs.
func (p *exprParser) noLeftSide(t lexer.Token) Expr {
	p.report(fault(diag.SyntaxMissing, spanOf(t), "nothing stands on the left of `"+t.Value+"`", "this operator needs a left side",
		"write a field or a value before it"))
	p.skip()
	if isChain(t.Value) {
		p.next()
		return p.expr(binaryPrec[t.Value] + 1)
	}
	return p.bad(spanOf(t))
}

// startsComparison reports tokens that follow a field.
func startsComparison(t lexer.Token) bool {
	return t.Type == kindPunct && infixWord[t.Value] || t.Type == kindKeyword && infixWord[t.Value] || t.Type == kindPunct && t.Value == "="
}

// presence reads `exists f`, `empty f`.
func (p *exprParser) presence(op lexer.Token) Expr {
	p.next()
	paren := p.peek()
	inParen := p.accept("(")
	path, ok := p.fieldName()
	if !ok {
		t := p.peek()
		p.report(fault(diag.SyntaxMissing, spanOf(t), "`"+op.Value+"` needs a field", "found "+describe(t), "write `"+op.Value+" user.name`"))
		p.skip()
		if inParen {
			p.accept(")")
		}
		return p.bad(spanOf(op))
	}
	if inParen {
		end := p.peek()
		d := fault(diag.SyntaxUnexpected, spanOf(paren), "`"+op.Value+"` is not a function", "no parenthesis here",
			"write `"+op.Value+" "+FormatPath(path.Path.Segments)+"`")
		if p.accept(")") {
			d = fixed(fixed(d, spanOf(paren), " "), spanOf(end), "")
		}
		p.report(d)
	}
	return &Presence{At: p.from(spanOf(op)), Op: op.Value, X: path}
}

// fieldName reads a path; a reserved word is reported and taken.
func (p *exprParser) fieldName() (*PathExpr, bool) {
	t := p.peek()
	switch {
	case t.Type == kindName || t.Type == kindPath:
		p.next()
		return p.literal(t).(*PathExpr), true
	case t.Type == kindKeyword && (!endsCondition(t) || clauseStart[t.Value]) && !isChain(t.Value) && !infixWord[t.Value] && t.Value != "not":
		p.next()
		p.report(reservedField(t))
		return &PathExpr{At: At{spanOf(t)}, Path: &Path{At: At{spanOf(t)}, Segments: []string{t.Value}}}, true
	}
	return nil, false
}

// keyword reads `keyword "text"`, with like or matches before the text, and cased.
func (p *exprParser) keyword(op lexer.Token) Expr {
	p.next()
	word := ""
	for _, w := range []string{"like", "matches"} {
		if p.accept(w) {
			word = w
			break
		}
	}
	cased := p.accept("cased")
	t := p.peek()
	if t.Type != kindString {
		help := "write `keyword \"text\"`; for each of several texts, join them with `or`"
		if startsComparison(t) {
			p.report(reservedField(op))
			return &PathExpr{At: At{spanOf(op)}, Path: &Path{At: At{spanOf(op)}, Segments: []string{op.Value}}}
		}
		p.report(fault(diag.SyntaxMissing, spanOf(t), "`keyword` needs a text in quotes", "found "+describe(t), help))
		p.skip()
		return p.bad(spanOf(op))
	}
	text := p.literal(p.next()).(*String)
	return &Keyword{At: p.from(spanOf(op)), Op: word, Cased: cased, Text: text}
}

// paren reads `(x)`.
func (p *exprParser) paren() Expr {
	open := p.next()
	if end := p.peek(); end.Type == kindPunct && end.Value == ")" {
		p.next()
		p.report(fault(diag.SyntaxMissing, spanOf(open).Join(spanOf(end)), "nothing stands between the parentheses", "empty",
			"write a condition between them, or remove them"))
		return p.bad(spanOf(open))
	}
	x := p.expr(precOr)
	if t := p.peek(); t.Type == kindPunct && t.Value == "," {
		p.report(fault(diag.SyntaxList, spanOf(open), "a list stands in square brackets", "a parenthesis holds one condition",
			"write `[a, b]`"))
		for p.accept(",") {
			if t := p.peek(); t.Type == kindPunct && t.Value == ")" {
				break
			}
			p.expr(precOr)
		}
	}
	p.closeWith(")", open, "parenthesis")
	return &Paren{At: p.from(spanOf(open)), X: x}
}

// closeWith reads a closing bracket; what stands before it is reported and skipped.
func (p *exprParser) closeWith(closer string, open lexer.Token, what string) {
	if p.accept(closer) || p.stopped {
		return
	}
	t := p.peek()
	d := fault(diag.SyntaxUnexpected, spanOf(t), describe(t)+" does not fit here", "expected an operator or `"+closer+"`",
		"join conditions with `and` or `or`, or close the "+what+" before it")
	d.Related = []diag.Label{{Span: spanOf(open), Text: "the " + what + " starts here"}}
	p.report(d)
	for {
		p.skip()
		if t := p.peek(); t.EOF() || isCloser(t) && t.Value != "," || endsCondition(t) {
			break
		}
		p.next()
	}
	p.accept(closer)
}

// list reads `[a, b]`; item reads one member. A comma may stand after the last.
func (p *exprParser) list(item func() Expr) *List {
	open := p.next()
	l := &List{}
	for !p.stopped {
		t := p.peek()
		if t.EOF() || t.Type == kindPunct && t.Value == "]" {
			break
		}
		if t.Type == kindPunct && t.Value == "," {
			p.next()
			p.report(fault(diag.SyntaxList, spanOf(t), "a list has a comma too many", "no value stands before it", "remove the comma"))
			continue
		}
		l.Items = append(l.Items, item())
		if p.accept(",") {
			continue
		}
		if n := p.peek(); startsOperand(n) && n.Value != "not" {
			at := diag.Span{File: n.Pos.Filename, Start: p.lastEnd, End: p.lastEnd}
			p.report(fixed(fault(diag.SyntaxList, spanOf(n), "a comma is missing before "+describe(n), "the next value of the list",
				"separate the values of a list with commas"), at, ","))
			continue
		}
		break
	}
	p.closeWith("]", open, "list")
	l.At = p.from(spanOf(open))
	return l
}

// call reads the arguments of a function whose name has been read.
func (p *exprParser) call(name lexer.Token) Expr {
	c := &Call{Func: Name{At{spanOf(name)}, name.Value}}
	if name.Type == kindPath {
		p.report(fault(diag.SyntaxName, spanOf(name), "a function has a plain name", "a path with dots or back-quotes",
			"functions are called as `length(process.name)`"))
	}
	open := p.next()
	for !p.stopped {
		t := p.peek()
		if t.EOF() || t.Type == kindPunct && t.Value == ")" {
			break
		}
		c.Args = append(c.Args, p.expr(precOr))
		if !p.accept(",") {
			break
		}
	}
	p.closeWith(")", open, "call")
	c.At = p.from(spanOf(name))
	return c
}
