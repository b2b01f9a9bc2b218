package syntax

import (
	"github.com/onerule/onerule/diag"
)

func (p *parser) keep(start diag.Pos) Command {
	var n []NamePattern
	p.projecting(func() { n = p.namePatterns() })
	return &Keep{Span: p.since(start), Names: n}
}

func (p *parser) drop(start diag.Pos) Command {
	var n []NamePattern
	p.projecting(func() { n = p.namePatterns() })
	return &Drop{Span: p.since(start), Names: n}
}

func (p *parser) namePatterns() []NamePattern {
	var out []NamePattern
	for {
		out = append(out, p.namePattern())
		if !p.accept(",") {
			return out
		}
	}
}

// namePattern reads a name in which bare stars are wildcards. Its pieces touch: a blank ends it.
func (p *parser) namePattern() NamePattern {
	start := p.tok.start
	pieces := []string{""}
	dot := true // a segment is due
	for n := 0; ; n++ {
		if n > 0 && p.tok.start != p.last && !p.punct(".") && !dot {
			break
		}
		switch {
		case p.punct("*"):
			pieces = append(pieces, "")
			dot = false
		case p.punct(".") && !dot:
			pieces[len(pieces)-1] += "."
			dot = true
		case p.tok.kind == tIdent && dot && isDigit(p.tok.text[0]):
			p.failAt("expected a column name", "a name that begins with a digit stands in backquotes: `"+p.tok.text+"`")
		case p.tok.kind == tIdent, p.tok.kind == tQuoted:
			pieces[len(pieces)-1] += p.tok.text
			dot = false
		default:
			if dot {
				p.failAt("expected a column name", p.instead())
			}
			return NamePattern{Span: p.since(start), Pieces: pieces}
		}
		p.advance()
	}
	return NamePattern{Span: p.since(start), Pieces: pieces}
}

func (p *parser) rename(start diag.Pos) Command {
	c := &Rename{}
	p.projecting(func() {
		for {
			c.Pairs = append(c.Pairs, p.renamePair())
			if !p.accept(",") {
				break
			}
		}
	})
	c.Span = p.since(start)
	return c
}

// renamePair reads `old AS new` or `new = old`.
func (p *parser) renamePair() RenamePair {
	from := p.tok.start
	a := p.renameName()
	pair := RenamePair{Old: a}
	if p.accept("=") {
		pair.New, pair.Old = a, p.renameName()
	} else {
		p.expectWord("AS", "between the old and the new name")
		pair.New = p.renameName()
	}
	pair.Span = p.since(from)
	return pair
}

func (p *parser) renameName() Name {
	n := p.namePattern()
	if !n.Literal() {
		p.fail(diag.New(diag.ESQLSyntax, n.Span, "RENAME takes no wildcards", "name each column"))
	}
	return Name{Span: n.Span, Text: n.Pieces[0]}
}
