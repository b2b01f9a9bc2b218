package syntax

import (
	"strings"

	"github.com/onerule/onerule/diag"
)

// wordConstant reads TRUE, FALSE and NULL.
func (p *parser) wordConstant() Expr {
	span := p.here()
	switch {
	case p.word("null"):
		p.advance()
		return &Null{Span: span}
	case p.word("true"), p.word("false"):
		v := p.word("true")
		p.advance()
		return &Bool{Span: span, Value: v}
	}
	return nil
}

// constant reads a literal.
func (p *parser) constant() Expr {
	start := p.tok.start
	switch p.tok.kind {
	case tString:
		s := p.str("a value")
		return &s
	case tInt:
		n := p.tok.text
		p.advance()
		if p.tok.kind == tIdent && !reserved(p.tok.text) {
			unit := p.tok.text
			if _, ok := UnitOf(unit); !ok {
				p.failAt(unit+" is no unit of time", "the units are "+strings.Join(UnitWords(), ", "))
			}
			p.advance()
			return &TimeSpan{Span: p.since(start), Count: n, Unit: unit}
		}
		return &Num{Span: p.since(start), Text: n}
	case tDec:
		n := p.tok.text
		p.advance()
		return &Num{Span: p.since(start), Text: n}
	case tIdent:
		if x := p.wordConstant(); x != nil {
			return x
		}
	case tPunct:
		switch {
		case p.punct("["):
			return p.array()
		case p.punct("-"), p.punct("+"):
			return p.sign()
		}
	case tEOF, tQuoted, tParam, tBad:
	}
	p.failAt("expected a constant", p.instead())
	return nil
}

// array reads `[1, 2]`: constants of one kind.
func (p *parser) array() Expr {
	start := p.tok.start
	p.enter()
	defer func() { p.depth-- }()
	p.advance()
	l := &List{}
	for {
		item := p.constant()
		switch item.(type) {
		case *Num, *Str, *Bool:
		case *Binary, *Call, *Cast, *Column, *Glob, *In, *IsNull, *Like, *List, *Match, *Null, *RLike, *Regex, *TimeSpan, *Unary:
			p.fail(diag.New(diag.ESQLSyntax, item.Pos(), "a list in brackets holds numbers, strings or booleans only"))
		}
		if len(l.Items) > 0 && kindOf(l.Items[0]) != kindOf(item) {
			p.fail(diag.New(diag.ESQLSyntax, item.Pos(), "the values of a list are of one kind"))
		}
		p.nodes++
		l.Items = append(l.Items, item)
		if !p.accept(",") {
			break
		}
	}
	p.expect("]", "to close the list")
	l.Span = p.since(start)
	return l
}

func kindOf(x Expr) int {
	switch x.(type) {
	case *Num:
		return 1
	case *Str:
		return 2
	case *Binary, *Bool, *Call, *Cast, *Column, *Glob, *In, *IsNull, *Like, *List, *Match, *Null, *RLike, *Regex, *TimeSpan, *Unary:
	}
	return 3
}
