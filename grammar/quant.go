package grammar

import (
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/onerule/onerule/diag"
)

// quant reads `any x in f: body`.
func (p *exprParser) quant() Expr {
	kind := p.next()
	word := lowerWord(kind)
	q := &Quant{Kind: word}
	v := p.peek()
	if n := p.peek2(); v.Type != kindName || n.Type != kindKeyword || n.Value != "in" {
		return p.badQuant(kind, word, v, n)
	}
	p.next()
	q.Var = Name{At{spanOf(v)}, v.Value}
	if !isPlainName(v.Value) {
		p.report(plainName(v, "the name of a variable"))
	}
	p.next() // in
	path, ok := p.fieldName()
	if !ok {
		t := p.peek()
		p.report(fault(diag.SyntaxQuantifier, spanOf(t), "`"+word+" "+v.Value+" in` needs a field", "found "+describe(t),
			quantForm(word, v.Value, "process.args")))
		p.skip()
		return p.bad(spanOf(kind))
	}
	q.Over = path.Path
	if t := p.peek(); !p.accept(":") {
		p.report(fault(diag.SyntaxQuantifier, spanOf(t), "`:` is missing after `"+word+" "+v.Value+" in "+FormatPath(q.Over.Segments)+"`",
			"found "+describe(t), quantForm(word, v.Value, FormatPath(q.Over.Segments))))
		if !startsOperand(t) {
			p.skip()
			return p.bad(spanOf(kind))
		}
	}
	q.Body = p.quantBody(kind, word)
	q.At = p.from(spanOf(kind))
	return q
}

// quantBody reads one comparison, one `not` comparison, or a parenthesis.
func (p *exprParser) quantBody(kind lexer.Token, word string) Expr {
	t := p.peek()
	switch {
	case t.EOF() || isCloser(t):
		p.report(fault(diag.SyntaxQuantifier, spanOf(kind), "`"+word+"` has no condition after `:`", "every element would do",
			"write the condition on one element: `"+word+" x in process.args: x == \"user\"`"))
		return p.bad(spanOf(kind))
	case t.Type == kindKeyword && quantifierWord[t.Value]:
		p.report(fault(diag.SyntaxQuantifier, spanOf(t), "a quantifier inside a quantifier stands in parentheses", "the body is not clear",
			"write `"+word+" x in f: ("+t.Value+" y in g: …)`"))
		return p.expr(precCompare)
	case t.Type == kindKeyword && t.Value == "not":
		p.next()
		x := p.nested(t, precCompare)
		return &Unary{At: p.from(spanOf(t)), Op: "not", X: x}
	}
	return p.expr(precCompare)
}

// badQuant reports a quantifier that does not start with `x in`.
func (p *exprParser) badQuant(kind lexer.Token, word string, v, n lexer.Token) Expr {
	switch {
	case v.Type == kindKeyword && n.Type == kindKeyword && n.Value == "in":
		p.report(reservedName(v, "the name of a variable"))
	case v.Type == kindName && (n.Type == kindPath || n.Type == kindName):
		p.report(fault(diag.SyntaxQuantifier, spanOf(n), "`in` is missing after `"+word+" "+v.Value+"`", "found "+describe(n),
			quantForm(word, v.Value, n.Value)))
	case v.Type == kindPath || v.Type == kindName:
		p.report(fault(diag.SyntaxQuantifier, spanOf(v), "`"+word+"` names a variable before the field", "found "+describe(v),
			quantForm(word, "x", v.Value)))
	default:
		p.report(fault(diag.SyntaxQuantifier, spanOf(v), "`"+word+"` names a variable first", "found "+describe(v),
			quantForm(word, "x", "process.args")))
	}
	p.skip()
	return p.bad(spanOf(kind))
}

func quantForm(word, variable, field string) string {
	return "write `" + word + " " + variable + " in " + field + ": " + variable + " == …`"
}
