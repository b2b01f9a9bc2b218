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

// Nearest is the candidate closest to a word, at most two edits away, "" when none is.
func Nearest(word string, candidates []string) string {
	best, bestD := "", 3
	for _, c := range candidates {
		if d := Distance(strings.ToLower(word), strings.ToLower(c)); d < bestD && d < len(c) {
			best, bestD = c, d
		}
	}
	return best
}

// Distance is the number of edits (insert, delete, replace, swap of neighbours) between two words; it counts bytes and
// stops at 100 for long words.
func Distance(a, b string) int {
	if len(a) > 100 || len(b) > 100 {
		return 100
	}
	prev2 := make([]int, len(b)+1)
	prev := make([]int, len(b)+1)
	cur := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}
