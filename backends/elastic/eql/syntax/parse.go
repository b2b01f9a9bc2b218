package syntax

import (
	"fmt"
	"strconv"

	"github.com/onerule/onerule/diag"
)

// maxNesting is how deep brackets, signs and negations may nest.
const maxNesting = 200

// Parse reads a query; file names the text in diagnostics. It reports every fault that it can find; the query is nil
// when there is one.
func Parse(file, text string) (*Query, diag.List) {
	tokens, diags := lex(file, text)
	if len(tokens) == 1 && diags.HasErrors() {
		return nil, diags.Sort() // nothing could be read
	}
	p := &parser{tokens: tokens, diags: diags}
	q := p.query()
	if !p.diags.HasErrors() {
		p.diags = append(p.diags, Check(q)...)
	}
	if p.diags.HasErrors() {
		return nil, p.diags.Sort()
	}
	return q, p.diags.Sort()
}

// ParseExpr reads an expression alone, such as a condition; it serves tests and tools.
func ParseExpr(file, text string) (Expr, diag.List) {
	tokens, diags := lex(file, text)
	p := &parser{tokens: tokens, diags: diags}
	var x Expr
	p.try(func() {
		x = p.expr()
		p.end()
	})
	if p.diags.HasErrors() {
		return nil, p.diags.Sort()
	}
	return x, p.diags.Sort()
}

// parser walks over the tokens. A fault unwinds to the nearest try with a bailout, so that later brackets are still read.
type parser struct {
	tokens []token
	at     int
	depth  int
	diags  diag.List
}

// bailout unwinds the parser after a fault that was reported.
type bailout struct{}

// try runs f and reports whether it came to its end.
func (p *parser) try(f func()) (ok bool) {
	depth := p.depth
	defer func() {
		if r := recover(); r != nil {
			if _, mine := r.(bailout); !mine {
				panic(r)
			}
			p.depth = depth
		}
	}()
	f()
	return true
}

// fail reports a fault and unwinds.
func (p *parser) fail(span diag.Span, title string, help ...string) {
	p.report(span, title, help...)
	panic(bailout{})
}

func (p *parser) report(span diag.Span, title string, help ...string) {
	p.diags = append(p.diags, diag.New(diag.EQLSyntax, span, title, help...))
	if len(p.diags) > maxFaults {
		p.at = len(p.tokens) - 1 // more would not help anybody
	}
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) peekAt(n int) token { return p.tokens[min(p.at+n, len(p.tokens)-1)] }

func (p *parser) take() token {
	t := p.tokens[p.at]
	if p.at < len(p.tokens)-1 {
		p.at++
	}
	return t
}

// last is the span of the token taken last.
func (p *parser) last() diag.Span {
	if p.at == 0 {
		return p.tokens[0].span
	}
	if p.peek().kind == tEOF && p.at == len(p.tokens)-1 {
		return p.tokens[p.at-1].span
	}
	return p.tokens[p.at-1].span
}

func (p *parser) keyword(word string) bool {
	if p.peek().is(tKeyword, word) {
		p.take()
		return true
	}
	return false
}

func (p *parser) punct(text string) bool {
	if p.peek().is(tPunct, text) {
		p.take()
		return true
	}
	return false
}

// want takes the punctuation text or fails; after says what it should follow.
func (p *parser) want(text, after string, help ...string) token {
	if !p.peek().is(tPunct, text) {
		t := p.peek()
		p.fail(t.span, fmt.Sprintf("`%s` is missing %s before %s", text, after, t.describe()), help...)
	}
	return p.take()
}

// nest counts one level of nesting; the caller lowers depth again.
func (p *parser) nest() {
	p.depth++
	if p.depth > maxNesting {
		p.diags = append(p.diags, diag.New(diag.EQLLimit, p.peek().span,
			fmt.Sprintf("the query nests deeper than %d levels", maxNesting), "flatten the brackets or split the query"))
		panic(bailout{})
	}
}

// end demands that nothing is left.
func (p *parser) end() {
	t := p.peek()
	if t.kind == tEOF {
		return
	}
	p.fail(t.span, t.describe()+" does not continue the query", endHelp(t)...)
}

const lineageHelp = "`child of`, `descendant of` and `event of` are not supported by Elasticsearch: use a sequence joined by " +
	"process.entity_id"

func endHelp(t token) []string {
	switch {
	case t.is(tPunct, ")"), t.is(tPunct, "]"):
		return []string{"remove it, or add the bracket that it closes"}
	case t.kind == tPunct && comparisons[t.text] != "":
		return []string{"comparisons do not chain: join two of them with `and`"}
	case t.kind == tIdent || t.kind == tQuoted || t.kind == tString || t.kind == tTilde:
		return []string{"join conditions with `and` or `or`"}
	case t.is(tPunct, "["):
		return []string{"events in brackets belong behind `sequence` or `sample`"}
	case t.is(tKeyword, "of"):
		return []string{lineageHelp}
	}
	return nil
}

func (p *parser) query() *Query {
	q := &Query{}
	ok := p.try(func() { q.Statement = p.statement() })
	if !ok {
		p.sync()
	}
	for {
		t := p.peek()
		if t.kind == tEOF {
			break
		}
		if !t.is(tPunct, "|") {
			if ok {
				p.try(p.end)
			}
			break
		}
		var pipe Pipe
		if p.try(func() { pipe = p.pipe() }) {
			q.Pipes = append(q.Pipes, pipe)
		}
		p.sync()
	}
	if q.Statement != nil {
		q.Span = q.Statement.Pos()
	}
	for _, pipe := range q.Pipes {
		q.Span = q.Span.Join(pipe.Span)
	}
	return q
}

// sync moves to the next pipe or the end.
func (p *parser) sync() {
	for !p.peek().is(tPunct, "|") && p.peek().kind != tEOF {
		p.take()
	}
}

func (p *parser) statement() Statement {
	t := p.peek()
	switch {
	case t.is(tKeyword, "sequence") && !p.peekAt(1).is(tKeyword, "where"):
		return p.sequence()
	case t.is(tKeyword, "sample") && !p.peekAt(1).is(tKeyword, "where"):
		return p.sample()
	case t.is(tKeyword, "join"):
		p.fail(t.span, "`join` is not supported by Elasticsearch", "use `sample by key [..] [..]` for events in any order")
	case t.kind == tEOF:
		p.fail(t.span, "the query is empty", "write an event query, such as `process where process.name == \"cmd.exe\"`")
	}
	return p.eventQuery()
}

// eventQuery reads `category where condition`.
func (p *parser) eventQuery() *EventQuery {
	q := &EventQuery{Category: p.category()}
	if !p.keyword("where") {
		t := p.peek()
		help := []string{"write `any where …` to search all categories"}
		if t.is(tKeyword, "of") {
			help = []string{lineageHelp}
		}
		p.fail(t.span, "an event query is `category where condition`; `where` is missing before "+t.describe(), help...)
	}
	q.Where = p.expr()
	q.Span = q.Category.Span.Join(q.Where.Pos())
	return q
}

func (p *parser) category() Category {
	t := p.peek()
	switch {
	case t.is(tKeyword, "any"):
		p.take()
		return Category{Any: true, Span: t.span}
	case t.kind == tIdent, t.kind == tString:
		p.take()
		if t.text == "" {
			p.fail(t.span, "the event category is empty", "write `any` to search all categories")
		}
		return Category{Name: t.text, Span: t.span}
	case t.kind == tKeyword && p.peekAt(1).is(tKeyword, "where"):
		p.fail(t.span, t.describe()+" is a reserved word", "quote the category: \""+t.text+"\"")
	case t.kind == tQuoted:
		p.fail(t.span, "an event category is quoted like a string", "write "+quoteString(t.text))
	}
	p.fail(t.span, "an event query begins with an event category, not with "+t.describe(), "write `any where …` to search all categories")
	return Category{}
}

// pipe reads `| head 5`.
func (p *parser) pipe() Pipe {
	bar := p.take()
	t := p.take()
	if t.kind != tIdent && t.kind != tKeyword {
		p.fail(t.span, "a pipe has no name", "write `| head 10` or `| tail 10`")
	}
	switch t.text {
	case "head", "tail":
	case "count", "unique", "unique_count", "filter", "sort":
		p.unknown(t, "the pipe `"+t.text+"` is not supported by Elasticsearch", "only `head` and `tail` are")
	default:
		help := "the pipes are `head` and `tail`"
		if near := diag.Near(t.text, []string{"head", "tail"}, 1); len(near) > 0 {
			help = "a pipe with a similar name exists: `" + near[0] + "`"
		}
		p.unknown(t, "there is no pipe `"+t.text+"`", help)
	}
	n := p.peek()
	if n.kind != tInt {
		p.fail(n.span, fmt.Sprintf("`%s` needs a whole number, not %s", t.text, n.describe()), "write `| "+t.text+" 10`")
	}
	p.take()
	count, err := strconv.ParseInt(n.text, 10, 32)
	if err != nil {
		p.fail(n.span, fmt.Sprintf("`%s %s` is out of range", t.text, n.text), "use a number up to 2147483647")
	}
	if after := p.peek(); after.kind != tEOF && !after.is(tPunct, "|") {
		p.fail(after.span, after.describe()+" does not belong behind `"+t.text+" "+n.text+"`")
	}
	return Pipe{Name: t.text, Count: count, Span: bar.span.Join(n.span)}
}

func (p *parser) unknown(t token, title, help string) {
	p.diags = append(p.diags, diag.New(diag.EQLUnknown, t.span, title, help))
	panic(bailout{})
}
