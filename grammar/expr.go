package grammar

import (
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/onerule/onerule/diag"
)

// maxOperators bounds one condition: its tree is as deep as it has operators.
const maxOperators = 5000

// condition, value, metaValue and key are the points where the productions of tree.go hand over to the precedence
// climber. Each is an interface of its own because participle chooses the function by type.
type (
	condition interface{ Expr } // a condition or a value, with all operators
	key       interface{ Expr } // a field, or a function of a field
	value     interface{ Expr } // literals and lists of them
	testValue interface{ Expr } // the same with `null` and objects
	metaValue interface{ Expr } // the same with bare words
)

func parseCondition(lex *lexer.PeekingLexer) (condition, error) {
	p := newExprParser(lex)
	x := p.expr(precOr)
	return x, p.result()
}

func parseKey(lex *lexer.PeekingLexer) (key, error) {
	p := newExprParser(lex)
	x := p.operand(precOperand)
	_, field := x.(*PathExpr)
	_, call := x.(*Call)
	if !field && !call && len(p.faults) == 0 {
		p.report(fault(diag.SyntaxUnexpected, x.Pos(), "a key is a field or a function of a field", "neither", "name a field, or write `fold(field)`"))
	}
	return x, p.result()
}

// exprFaults carries every fault of one expression through participle, which stops at the first error it is given.
type exprFaults struct{ list diag.List }

func (e *exprFaults) Error() string { return e.list[0].Error() }

// exprParser climbs the precedence table. After a fault it goes on behind the part that it does not understand, so that
// one condition reports all its faults.
type exprParser struct {
	lex     *lexer.PeekingLexer
	faults  diag.List
	depth   int
	ops     int
	lastEnd diag.Pos
	stopped bool // a limit was hit: nothing more is read
}

func newExprParser(lex *lexer.PeekingLexer) *exprParser { return &exprParser{lex: lex} }

func (p *exprParser) result() error {
	if len(p.faults) == 0 {
		return nil
	}
	return &exprFaults{p.faults}
}

func (p *exprParser) report(d diag.Diagnostic) {
	if len(p.faults) < maxFaults {
		p.faults = append(p.faults, d)
	}
}

func (p *exprParser) peek() lexer.Token { return *p.lex.Peek() }

// peek2 is the token after the next.
func (p *exprParser) peek2() lexer.Token {
	cp := p.lex.MakeCheckpoint()
	p.lex.Next()
	t := *p.lex.Peek()
	p.lex.LoadCheckpoint(cp)
	return t
}

func (p *exprParser) next() lexer.Token {
	t := *p.lex.Next()
	p.lastEnd = endOf(t)
	return t
}

// accept takes the next token if it is this word or sign.
func (p *exprParser) accept(text string) bool {
	t := p.lex.Peek()
	if t.Value != text || t.Type != kindPunct && t.Type != kindKeyword {
		return false
	}
	p.next()
	return true
}

// from is the span from a position to the last token read.
func (p *exprParser) from(start diag.Span) At {
	return At{diag.Span{File: start.File, Start: start.Start, End: p.lastEnd}}
}

// bad stands for a part that did not parse; the expression that holds it is thrown away.
func (p *exprParser) bad(span diag.Span) Expr { return &Null{At{span}} }

// skip goes to the next place where a condition can go on: `and`, `or`, a comma or closing bracket of the same level, or
// a word that no condition holds.
func (p *exprParser) skip() {
	depth := 0
	for {
		t := p.peek()
		switch {
		case t.EOF():
			return
		case t.Type == kindPunct && (t.Value == "(" || t.Value == "[" || t.Value == "{"):
			depth++
		case t.Type == kindPunct && (t.Value == ")" || t.Value == "]" || t.Value == "}"):
			if depth == 0 {
				return
			}
			depth--
		case depth > 0:
		case t.Type == kindPunct && t.Value == ",":
			return
		case t.Type == kindKeyword && (t.Value == "and" || t.Value == "or" || endsCondition(t)):
			return
		}
		p.next()
	}
}

// endsCondition reports reserved words that no condition holds: they belong to the clause around it.
func endsCondition(t lexer.Token) bool {
	return t.Type == kindKeyword && (clauseStart[t.Value] || itemStart[t.Value] || clauseLink[t.Value])
}

// clauseLink holds the reserved words that join the parts of a clause.
var clauseLink = wordSet([]string{"on", "per", "by", "as", "within", "repeat", "until", "missing", "once", "exclude"})

// enter counts nesting that is not made of brackets; false when it is too deep.
func (p *exprParser) enter(t lexer.Token) bool {
	p.depth++
	if p.depth <= 2*maxNesting || p.stopped {
		return !p.stopped
	}
	p.stop(fault(diag.SyntaxNesting, spanOf(t), "a condition nests too deep", "level 400", "name a part of it with `def` and use the name"))
	return false
}

// stop ends the reading of an expression at a limit.
func (p *exprParser) stop(d diag.Diagnostic) {
	if p.stopped {
		return
	}
	p.report(d)
	p.stopped = true
	for !p.lex.Peek().EOF() {
		p.lex.Next()
	}
}

// infix is an operator between two operands.
type infix struct {
	op      string
	prec    int
	negated bool
	tokens  int               // how many tokens spell it
	fault   *diag.Diagnostic  // reported when the operator is taken
	after   func(*exprParser) // reads what follows instead of an operand
}

// expr reads an expression whose operators are at least as strong as min.
func (p *exprParser) expr(min int) Expr {
	start := p.peek()
	defer func() { p.depth-- }()
	if !p.enter(start) {
		return p.bad(spanOf(start))
	}
	x := p.operand(min)
	for !p.stopped {
		op := p.infix(x)
		if op.prec == 0 || op.prec < min {
			return x
		}
		if p.ops++; p.ops > maxOperators {
			p.stop(fault(diag.SyntaxNesting, spanOf(p.peek()), "a condition has more than 5000 operators", "operator 5001",
				"compare a field with a list: `f in [\"a\", \"b\"]`, or read the values from a file with `list`"))
			return x
		}
		x = p.join(x, op)
	}
	return x
}

// join takes an operator and its right operand.
func (p *exprParser) join(x Expr, op infix) Expr {
	opSpan, junk := spanOf(p.peek()), p.peek().Type == kindJunk
	for i := range op.tokens {
		t := p.next()
		if i > 0 {
			opSpan = opSpan.Join(spanOf(t))
		}
	}
	if op.tokens == 0 {
		opSpan.End = opSpan.Start
	}
	if op.fault != nil {
		p.report(*op.fault)
	}
	if op.after != nil {
		op.after(p)
		return x
	}
	start := x.Pos()
	if op.prec != precCompare {
		y := p.right(op, opSpan)
		return &Binary{At: p.from(start), Op: op.op, OpSpan: opSpan, X: x, Y: y}
	}
	if isCondition(x) && !junk {
		p.report(fault(diag.SyntaxOperator, opSpan, "comparisons do not chain", "the left side is a condition already",
			"join two comparisons with `and`"))
	}
	cased := p.accept("cased")
	y := p.right(op, opSpan)
	return &Compare{At: p.from(start), Op: op.op, OpSpan: opSpan, Negated: op.negated, Cased: cased, X: x, Y: y}
}

// right reads the operand on the right of an operator.
func (p *exprParser) right(op infix, opSpan diag.Span) Expr {
	if t := p.peek(); t.Type != kindJunk && !startsOperand(t) && (t.EOF() || t.Type == kindKeyword || isCloser(t)) && !foreignOperand(t) &&
		!startsComparison(p.peek2()) {
		p.report(missingOperand(op, opSpan, t))
		return p.bad(opSpan)
	}
	return p.expr(op.prec + 1)
}

// foreignOperand reports tokens in operand position for which [exprParser.operand] has a message of its own.
func foreignOperand(t lexer.Token) bool {
	return t.Type == kindKeyword && reserved[t.Value] && !infixWord[t.Value] && t.Value != "and" && t.Value != "or" && !endsCondition(t)
}

func isCloser(t lexer.Token) bool {
	return t.Type == kindPunct && (t.Value == ")" || t.Value == "]" || t.Value == "}" || t.Value == ",")
}

// startsOperand reports whether an operand of any strength may start with the token.
func startsOperand(t lexer.Token) bool {
	switch t.Type {
	case kindName, kindPath, kindString, kindNumber, kindDuration, kindVar:
		return true
	case kindPunct:
		return t.Value == "(" || t.Value == "[" || t.Value == "-"
	case kindKeyword:
		return t.Value == "not" || t.Value == "true" || t.Value == "false" || t.Value == "null" ||
			quantifierWord[t.Value] || prefixWord[t.Value]
	case lexer.EOF:
	}
	return false
}

// infix looks at the next tokens as an operator after x; prec 0 means that the expression ends here.
func (p *exprParser) infix(x Expr) infix {
	t := p.peek()
	switch t.Type {
	case kindKeyword:
		switch {
		case isChain(t.Value):
			return infix{op: t.Value, prec: binaryPrec[t.Value], tokens: 1}
		case infixWord[t.Value]:
			return infix{op: t.Value, prec: precCompare, tokens: 1}
		case t.Value == "not":
			if n := p.peek2(); n.Type == kindKeyword && infixWord[n.Value] {
				return p.notInfix(x, n)
			}
		}
	case kindPunct:
		if infixWord[t.Value] {
			return infix{op: t.Value, prec: precCompare, tokens: 1}
		}
		if prec := binaryPrec[t.Value]; prec > 0 {
			return infix{op: t.Value, prec: prec, tokens: 1}
		}
	case lexer.EOF:
	}
	return p.foreignInfix(x, t)
}

// notInfix reads `not in`, and reports `not` before another operator.
func (p *exprParser) notInfix(x Expr, word lexer.Token) infix {
	op := infix{op: word.Value, prec: precCompare, negated: true, tokens: 2}
	if word.Value != "in" {
		span := spanOf(p.peek()).Join(spanOf(word))
		d := fault(diag.SyntaxOperator, span, "`not "+word.Value+"` is not an operator", "only `not in` is one",
			"write `not` before the comparison: `not x "+word.Value+" …`")
		op.fault = &d
	}
	return op
}

func missingOperand(op infix, opSpan diag.Span, t lexer.Token) diag.Diagnostic {
	where := "after `" + op.op + "`"
	if t.EOF() {
		return fault(diag.SyntaxMissing, opSpan, "nothing stands on the right of `"+op.op+"`", "this operator needs a right side",
			rightHelp(op))
	}
	return fault(diag.SyntaxMissing, spanOf(t), "a value is missing "+where, "found "+describe(t), rightHelp(op))
}

func rightHelp(op infix) string {
	if isChain(op.op) {
		return "write a condition after `" + op.op + "`, or remove it"
	}
	return "write a value, a field or a list after `" + op.op + "`"
}
