package syntax

import (
	"strings"

	"github.com/onerule/onerule/diag"
)

// operand reads the input of DISSECT and GROK: a value without operators.
func (p *parser) operand() Expr {
	p.enter()
	defer func() { p.depth-- }()
	start := p.tok.start
	return p.cast(p.primary(), start)
}

func (p *parser) dissect(start diag.Pos) Command {
	c := &Dissect{Input: p.operand()}
	c.Pattern = p.str("the pattern of DISSECT")
	for p.tok.kind == tIdent {
		at := p.here()
		option := p.tok.text
		p.advance()
		p.expect("=", "after an option of DISSECT")
		s := p.str("the value of " + option)
		if !strings.EqualFold(option, "append_separator") {
			p.fail(diag.New(diag.ESQLUnknown, at, "DISSECT has no option "+option, "the one option is APPEND_SEPARATOR"))
		}
		c.Separator = &s
		if !p.accept(",") {
			break
		}
	}
	c.Span = p.since(start)
	return c
}

func (p *parser) grok(start diag.Pos) Command {
	c := &Grok{Input: p.operand()}
	for {
		c.Patterns = append(c.Patterns, p.str("a pattern of GROK"))
		if !p.accept(",") {
			break
		}
	}
	c.Span = p.since(start)
	return c
}

func (p *parser) enrich(start diag.Pos) Command {
	c := &Enrich{}
	p.rescanSource()
	if p.tok.kind != tIdent && p.tok.kind != tString {
		p.failAt("expected the name of an enrich policy", p.instead())
	}
	c.Policy = p.tok.text
	p.advance()
	if p.acceptWord("on") {
		n := p.renameName()
		c.On = &n
	}
	if p.acceptWord("with") {
		for {
			from := p.tok.start
			f := EnrichField{Old: p.renameName()}
			if p.accept("=") {
				f.New, f.Old = f.Old.Text, p.renameName()
			}
			f.Span = p.since(from)
			c.With = append(c.With, f)
			if !p.accept(",") {
				break
			}
		}
	}
	c.Span = p.since(start)
	return c
}

func (p *parser) lookup(start diag.Pos) Command {
	if !p.word("join") {
		p.failAt("expected JOIN after LOOKUP", p.instead())
	}
	c := &LookupJoin{}
	p.advanceSource()
	if p.tok.kind != tIdent && p.tok.kind != tString {
		p.failAt("expected the name of a lookup index", p.instead())
	}
	c.Index = p.tok.text
	p.advance()
	p.expectWord("ON", "after the lookup index")
	for {
		c.On = append(c.On, p.expr())
		if !p.accept(",") {
			break
		}
	}
	c.Span = p.since(start)
	return c
}

func (p *parser) sample(start diag.Pos) Command {
	x := p.constant()
	return &Sample{Span: p.since(start), Probability: x}
}

func (p *parser) fork(start diag.Pos) Command {
	c := &Fork{}
	p.enter()
	defer func() { p.depth-- }()
	for p.accept("(") {
		c.Branches = append(c.Branches, p.pipe(")fork"))
		p.expect(")", "after a branch of FORK")
	}
	if len(c.Branches) < 2 {
		p.failAt("FORK has at least two branches in parentheses", p.instead())
	}
	c.Span = p.since(start)
	return c
}
