package syntax

import (
	"strings"

	"github.com/onerule/onerule/diag"
)

// Parse reads a query. file names the text in diagnostics. The query is nil when nothing of it could be read; with
// errors in the list it is incomplete and must not be run.
func Parse(file, text string) (*Query, diag.List) {
	toks, diags, ok := lex(file, text)
	if !ok {
		return nil, diags
	}
	p := &parser{file: file, toks: toks, diags: diags}
	q := p.query()
	p.diags = p.diags.Sort()
	return q, p.diags
}

type parser struct {
	file  string
	toks  []token
	i     int
	diags diag.List
	// searching is set inside the predicate of search, where column:"text" is an operator.
	searching bool
}

// bailout unwinds the parser to the nearest place where it can go on.
type bailout struct{}

func (p *parser) tok() token { return p.toks[p.i] }

func (p *parser) peek(n int) token {
	if p.i+n < len(p.toks) {
		return p.toks[p.i+n]
	}
	return p.toks[len(p.toks)-1]
}

func (p *parser) advance() token {
	t := p.toks[p.i]
	if t.kind != tokEOF {
		p.i++
	}
	return t
}

func (p *parser) tokSpan(t token) diag.Span {
	return diag.Span{File: p.file, Start: t.start, End: t.end}
}

// from gives the span from a token to the last one read.
func (p *parser) from(t token) Loc {
	end := t.end
	if p.i > 0 && p.toks[p.i-1].end.Offset > end.Offset {
		end = p.toks[p.i-1].end
	}
	return Loc{diag.Span{File: p.file, Start: t.start, End: end}}
}

// after gives the span from the start of a node to the last token read.
func (p *parser) after(x Expr) Loc {
	s := x.Span()
	s.End = p.toks[max(p.i-1, 0)].end
	return Loc{s}
}

func (p *parser) report(t token, title string, help ...string) {
	p.diags = append(p.diags, diag.New(diag.KustoSyntax, p.tokSpan(t), title, help...))
}

// fail reports a fault at a token and gives up the construct.
func (p *parser) fail(t token, title string, help ...string) {
	p.report(t, title, help...)
	panic(bailout{})
}

func (p *parser) limit(t token, title string) {
	p.diags = append(p.diags, diag.New(diag.KustoLimit, p.tokSpan(t), title, "split it with `let`"))
	panic(bailout{})
}

// guard runs f; when f gives up, skip moves to where parsing goes on.
func (p *parser) guard(f func(), skip func()) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(bailout); !ok {
				panic(r)
			}
			p.searching = false
			skip()
		}
	}()
	f()
}

func (p *parser) is(text string) bool { return p.tok().is(text) }

func (p *parser) accept(text string) bool {
	if p.is(text) {
		p.advance()
		return true
	}
	return false
}

func (p *parser) expect(text, where string) token {
	if !p.is(text) {
		p.fail(p.tok(), "expected `"+text+"` "+where+", found "+p.tok().describe())
	}
	return p.advance()
}

// adjacent reports whether the next token follows the current one without a blank.
func (p *parser) adjacent(n int) bool {
	return p.peek(n).end.Offset == p.peek(n+1).start.Offset
}

// opWord reads the word at the cursor joined with what follows after hyphens: project-away, mv-expand. n is its number
// of tokens.
func (p *parser) opWord() (string, int) {
	t := p.tok()
	if t.kind != tokName {
		return "", 0
	}
	word, n := t.text, 1
	for p.peek(n).is("-") && p.adjacent(n-1) && p.peek(n+1).kind == tokName && p.adjacent(n) {
		word += "-" + p.peek(n+1).text
		n += 2
	}
	return word, n
}

// query reads statements up to the end of the text.
func (p *parser) query() *Query {
	start := p.tok()
	q := &Query{}
	for p.tok().kind != tokEOF {
		if p.accept(";") {
			continue
		}
		p.guard(func() {
			q.Statements = append(q.Statements, p.statement())
			if !p.is(";") && p.tok().kind != tokEOF {
				p.unexpected("after this statement")
			}
		}, func() { p.skipTo(0, ";") })
	}
	if len(q.Statements) == 0 && len(p.diags) == 0 {
		p.report(p.tok(), "the query is empty", "name a table, or use print")
	}
	q.Loc = p.from(start)
	return q
}

// skipTo moves to the next of the given tokens at a bracket depth, or to where that depth ends.
func (p *parser) skipTo(depth int, stops ...string) {
	for p.tok().kind != tokEOF {
		t := p.tok()
		if t.depth < depth {
			return
		}
		if t.depth == depth {
			for _, s := range stops {
				if t.is(s) {
					return
				}
			}
		}
		p.advance()
	}
}

func (p *parser) unexpected(where string) {
	t := p.tok()
	switch {
	case t.kind == tokName && (t.text == "not" || t.text == "!"):
		p.fail(t, "`not` is a function here", "write not(…)")
	case t.is("!") || t.is("!="):
		p.fail(t, "unexpected "+t.describe()+" "+where, "negation is written not(…)")
	case t.kind == tokName && strings.HasSuffix(strings.ToLower(t.text), "like"):
		p.fail(t, "`"+t.text+"` is not supported", "use contains, startswith, endswith or matches regex")
	case t.kind == tokName && (t.text == "AND" || t.text == "OR" || t.text == "And" || t.text == "Or"):
		p.fail(t, "`"+t.text+"` is not an operator", "write `"+strings.ToLower(t.text)+"`: Kusto's words are case-sensitive")
	case t.is("&") || t.is("?"):
		p.fail(t, "unexpected "+t.describe()+" "+where, "use `and`, `or`")
	}
	p.fail(t, "unexpected "+t.describe()+" "+where)
}

// statement reads one statement.
func (p *parser) statement() Statement {
	t := p.tok()
	if t.kind == tokName {
		switch {
		case t.text == "let" && !p.peek(1).is("|") && p.peek(1).kind != tokEOF:
			return p.let()
		case t.text == "set" && p.peek(1).kind == tokName:
			return p.set()
		case t.text == "declare" && p.peek(1).is("query_parameters"):
			return p.declareParams()
		case t.text == "declare" && p.peek(1).is("pattern"), t.text == "alias" && p.peek(1).is("database"),
			t.text == "restrict" && p.peek(1).is("access"):
			p.diags = append(p.diags, diag.New(diag.KustoUnknown, p.tokSpan(t), "`"+t.text+" "+p.peek(1).text+"` statements are not supported"))
			panic(bailout{})
		}
	}
	x := p.tabular()
	return &ExprStatement{Loc: p.from(t), X: x}
}

func (p *parser) let() Statement {
	t := p.advance()
	name := p.declName("after let")
	p.expect("=", "after the name of let")
	var value Expr
	switch {
	case p.is("view") && p.peek(1).is("("), p.is("(") && p.lambdaAhead():
		value = p.lambda()
	default:
		value = p.tabular()
	}
	return &Let{Loc: p.from(t), Name: name, Value: value}
}

func (p *parser) set() Statement {
	t := p.advance()
	s := &SetOption{Name: p.declName("after set")}
	if p.accept("=") {
		s.Value = p.primary()
	}
	s.Loc = p.from(t)
	return s
}

func (p *parser) declareParams() Statement {
	t := p.advance()
	p.advance()
	cols := p.columns(true)
	return &DeclareParams{Loc: p.from(t), Params: cols}
}

// lambdaAhead reports whether the parenthesis at the cursor opens parameters: its partner is followed by {.
func (p *parser) lambdaAhead() bool {
	depth := p.tok().depth
	for n := 1; ; n++ {
		t := p.peek(n)
		if t.kind == tokEOF {
			return false
		}
		if t.is(")") && t.depth == depth {
			return p.peek(n + 1).is("{")
		}
	}
}

func (p *parser) lambda() Expr {
	t := p.tok()
	l := &Lambda{View: p.accept("view")}
	p.expect("(", "before the parameters")
	for !p.is(")") {
		l.Params = append(l.Params, p.lambdaParam())
		if !p.accept(",") {
			break
		}
	}
	p.expect(")", "after the parameters")
	l.Body = p.body()
	l.Loc = p.from(t)
	return l
}

func (p *parser) lambdaParam() LambdaParam {
	t := p.tok()
	lp := LambdaParam{Name: p.declName("as a parameter")}
	p.expect(":", "after a parameter's name")
	if p.accept("(") {
		if p.accept("*") {
			lp.AnyCols = true
		} else {
			for !p.is(")") {
				lp.Columns = append(lp.Columns, p.column(false))
				if !p.accept(",") {
					break
				}
			}
		}
		p.expect(")", "after the columns of a table parameter")
	} else {
		lp.Type = p.typeName()
		if p.accept("=") {
			lp.Default = p.unary()
		}
	}
	lp.At = p.from(t).At
	return lp
}

// body reads { statements } of a function.
func (p *parser) body() *Query {
	t := p.expect("{", "before the body")
	q := &Query{}
	for !p.is("}") && p.tok().kind != tokEOF {
		if p.accept(";") {
			continue
		}
		q.Statements = append(q.Statements, p.statement())
		if !p.is(";") && !p.is("}") {
			p.unexpected("in the body of a function")
		}
	}
	p.expect("}", "after the body")
	q.Loc = p.from(t)
	return q
}

// declName reads a name that is being declared or referred to in a place where only a name can stand.
func (p *parser) declName(where string) string {
	t := p.tok()
	if t.kind == tokName && !strings.HasPrefix(t.text, "!") && t.text != "in~" {
		p.advance()
		return t.text
	}
	if t.is("[") && p.peek(1).kind == tokString && p.peek(2).is("]") {
		p.advance()
		s := p.advance()
		p.advance()
		return s.text
	}
	p.fail(t, "expected a name "+where+", found "+t.describe(), "a name with other characters is written ['name']")
	return ""
}

func (p *parser) typeName() Type {
	t := p.tok()
	if t.kind == tokName {
		if ty, ok := TypeByName(t.text); ok {
			p.advance()
			return ty
		}
	}
	p.fail(t, "expected a type, found "+t.describe(), "types are bool, int, long, real, decimal, string, datetime, timespan, guid, dynamic")
	return NoType
}

// columns reads (a:string, b:long = 5).
func (p *parser) columns(defaults bool) []Column {
	p.expect("(", "before the columns")
	var cols []Column
	for !p.is(")") {
		cols = append(cols, p.column(defaults))
		if !p.accept(",") {
			break
		}
	}
	p.expect(")", "after the columns")
	return cols
}

func (p *parser) column(defaults bool) Column {
	t := p.tok()
	c := Column{Name: p.declName("as a column")}
	p.expect(":", "after the name of a column")
	c.Type = p.typeName()
	if defaults && p.accept("=") {
		c.Default = p.expr()
	}
	c.At = p.from(t).At
	return c
}
