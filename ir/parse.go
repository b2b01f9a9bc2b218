package ir

import (
	"strconv"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/schema"
)

// Parse reads the text form back: Parse(Print(r)) has the meaning of r. Fields are looked up in the catalogue; native
// fields carry their types. Faults are diagnostics of code [diag.IRSyntax].
func Parse(file, text string) (*Rule, diag.List) {
	p := &parser{src: diag.NewSource(file, text)}
	r := p.rule()
	if len(p.diags) > 0 {
		return nil, p.diags
	}
	return r, nil
}

// ParsePred reads the text form of a predicate.
func ParsePred(file, text string) (Pred, diag.List) {
	p := &parser{src: diag.NewSource(file, text)}
	p.next()
	x := p.pred(0)
	if p.tok != "" {
		p.fail("something follows the predicate")
	}
	if len(p.diags) > 0 {
		return nil, p.diags
	}
	return x, nil
}

// maxDepth is the deepest nesting of a predicate that the text form takes.
const maxDepth = 200

type parser struct {
	src   *diag.Source
	off   int    // behind the current token
	start int    // of the current token
	tok   string // "" at the end
	diags diag.List
	// declared are the rule's own fields; they stand before all else.
	declared []schema.Field
}

func (p *parser) fail(title string) {
	if len(p.diags) == 0 {
		p.diags = append(p.diags, diag.New(diag.IRSyntax, p.src.Span(p.start, p.off), title, "print a rule with `onerule ir` to see the form"))
	}
	p.tok, p.off = "", len(p.src.Text)
}

func (p *parser) next() {
	text := p.src.Text
	for p.off < len(text) && strings.IndexByte(" \t\r\n", text[p.off]) >= 0 {
		p.off++
	}
	p.start = p.off
	if p.off == len(text) {
		p.tok = ""
		return
	}
	switch c := text[p.off]; {
	case strings.IndexByte("(){}", c) >= 0 || c == '[' || c == ']':
		p.off++
	case c == '"':
		p.off++
		for p.off < len(text) && text[p.off] != '"' {
			if text[p.off] == '\\' {
				p.off++
			}
			p.off++
		}
		p.off = min(p.off+1, len(text))
	default:
		for p.off < len(text) && strings.IndexByte(" \t\r\n(){}\"", text[p.off]) < 0 && (text[p.off] != ']' || text[p.off-1] == '[') {
			p.off++
		}
	}
	p.tok = text[p.start:p.off]
}

func (p *parser) expect(tok string) {
	if p.tok != tok {
		p.fail("`" + tok + "` is expected here")
		return
	}
	p.next()
}

// word takes the current token, whatever it is.
func (p *parser) word() string {
	t := p.tok
	if t == "" || strings.ContainsAny(t[:1], "(){}") {
		p.fail("a word is expected here")
		return ""
	}
	p.next()
	return t
}

// name takes a bare or quoted name.
func (p *parser) name() string {
	t := p.tok
	if strings.HasPrefix(t, `"`) {
		s, err := strconv.Unquote(t)
		if err != nil {
			p.fail("this is no quoted text")
			return ""
		}
		p.next()
		return s
	}
	return p.word()
}

func (p *parser) rule() *Rule {
	p.next()
	p.expect("ir")
	p.expect(strconv.Itoa(TextVersion))
	p.expect("rule")
	r := &Rule{File: p.src.Name}
	r.Name = p.name()
	v, err := strconv.Atoi(strings.TrimPrefix(p.tok, "v"))
	if err != nil {
		p.fail("a version such as `v1` is expected here")
	}
	r.Version = v
	p.next()
	body, ok := newBody(p.tok)
	if !ok {
		p.fail("a kind of rule is expected here: event, count, first_seen, baseline, sequence, together or absence")
	}
	r.Body = body
	p.next()
	p.expect("{")
	for p.tok != "}" && p.tok != "" {
		switch w := p.word(); w {
		case "field":
			f := schema.Field{Name: p.name(), Array: strings.HasSuffix(p.tok, "[]")}
			f.Type = p.typ()
			r.Fields = append(r.Fields, Declared{Field: f})
			p.declared = append(p.declared, f)
		case "from":
			c := p.word()
			r.From = append(r.From, ClassOn{Class: c, Source: p.word()})
		case "where":
			r.Where = p.pred(0)
		case "alt":
			b := p.word()
			r.Alts = append(r.Alts, Alt{Binding: b, Where: p.pred(0)})
		default:
			if !p.bodyLine(r, w) {
				p.fail("`" + w + "` begins no line of this kind of rule")
			}
		}
	}
	p.expect("}")
	if p.tok != "" {
		p.fail("something follows the rule")
	}
	if r.Body != nil && r.Where != nil && len(p.diags) == 0 {
		if err := verifyBody(r); err != nil {
			p.fail("the rule is not well formed: " + err.Error())
		}
	}
	if r.Where == nil && len(p.diags) == 0 {
		p.fail("the rule has no `where`")
	}
	return r
}

func (p *parser) pred(depth int) Pred {
	if depth > maxDepth {
		p.fail("the predicate is nested more than 200 deep")
		return &Const{}
	}
	begin := p.start
	switch p.tok {
	case "true", "false":
		v := p.tok == "true"
		p.next()
		return &Const{Value: v, Span: p.src.Span(begin, begin+len(strconv.FormatBool(v)))}
	}
	p.expect("(")
	head := p.word()
	x := p.form(head, depth)
	end := p.off
	p.expect(")")
	setSpan(x, p.src.Span(begin, end))
	return x
}

func (p *parser) form(head string, depth int) Pred {
	switch head {
	case "and":
		return &And{Xs: p.preds(depth)}
	case "or":
		return &Or{Xs: p.preds(depth)}
	case "not":
		return &Not{X: p.pred(depth + 1)}
	case "any", "all":
		q := &Quant{Kind: Any, Var: p.word()}
		if head == "all" {
			q.Kind = All
		}
		q.Over = p.field()
		q.Body = p.pred(depth + 1)
		return q
	case "exists":
		return &Exists{F: p.field()}
	case "empty":
		return &Empty{F: p.field()}
	case "keyword":
		return p.keyword()
	}
	name, rel := strings.CutPrefix(head, "rel.")
	name, cased := strings.CutSuffix(name, ".cs")
	for _, info := range Ops {
		if info.Name != name {
			continue
		}
		l := p.term(depth)
		if rel {
			return &Rel{Op: info.Op, Cased: cased, L: l, R: p.term(depth)}
		}
		c := &Cmp{Op: info.Op, Cased: cased, L: l}
		p.expect("[")
		for p.tok != "]" && p.tok != "" {
			c.R = append(c.R, p.value())
		}
		p.expect("]")
		return c
	}
	p.fail("`" + head + "` is no predicate")
	return &Const{}
}

func (p *parser) preds(depth int) []Pred {
	var xs []Pred
	for p.tok != ")" && p.tok != "" {
		xs = append(xs, p.pred(depth+1))
	}
	return xs
}

func (p *parser) keyword() *Keyword {
	name, cased := strings.CutSuffix(p.word(), ".cs")
	for _, op := range []Op{Contains, Like, Matches} {
		if op.Info().Name == name {
			return &Keyword{Op: op, Cased: cased, Text: p.name()}
		}
	}
	p.fail("`" + name + "` is not asked of keywords: they contain, are like, or match")
	return &Keyword{Op: Contains}
}

func (p *parser) field() *Field {
	if f, ok := p.term(0).(*Field); ok {
		return f
	}
	p.fail("a field is expected here")
	return &Field{}
}

func (p *parser) term(depth int) Term {
	if depth > maxDepth {
		p.fail("the term is nested more than 200 deep")
		return &Lit{}
	}
	if p.tok != "(" {
		return &Lit{Value: p.value()}
	}
	p.next()
	head := p.word()
	t := p.termForm(head, depth)
	p.expect(")")
	return t
}

func (p *parser) termForm(head string, depth int) Term {
	switch head {
	case "field":
		name := p.name()
		f, ok := p.lookup(name)
		if !ok && len(p.diags) == 0 {
			p.fail("the catalogue has no field `" + name + "`")
		}
		return &Field{Name: name, Type: f.Type, Array: f.Array}
	case "native":
		return p.native()
	case "elem":
		e := &Elem{Var: p.word()}
		e.Type = p.typ()
		if p.tok != ")" {
			e.Sub = p.name()
		}
		return e
	case "+", "-", "*", "/", "&":
		a := &Arith{Op: head[0], X: p.term(depth + 1)}
		a.Y = p.term(depth + 1)
		a.Type = ArithType(a.Op, TermType(a.X), TermType(a.Y))
		return a
	}
	if f, ok := LookupFunc(head); ok {
		return &Call{Func: f, X: p.term(depth + 1)}
	}
	p.fail("`" + head + "` is no term")
	return &Lit{}
}

func (p *parser) lookup(name string) (schema.Field, bool) {
	for _, f := range p.declared {
		if f.Name == name {
			return f, true
		}
	}
	if schema.IsKind(name) {
		return schema.Field{Name: name, Type: schema.Keyword, Array: true}, true
	}
	return schema.Lookup(name)
}

func (p *parser) typ() schema.Type {
	t, ok := schema.ParseType(strings.TrimSuffix(p.tok, "[]"))
	if !ok {
		p.fail("a type is expected here")
	}
	p.next()
	return t
}

func (p *parser) native() *Field {
	name := p.name()
	array := strings.HasSuffix(p.tok, "[]")
	f := &Field{Name: name, Array: array, Type: p.typ()}
	f.Native = &schema.NativeField{Path: name, Type: f.Type, Array: array}
	switch p.tok {
	case "lower":
		f.Native.Spelling.Lower = true
		p.next()
	case "[":
		p.next()
		for p.tok != "]" && p.tok != "" {
			f.Native.Spelling.Fixed = append(f.Native.Spelling.Fixed, p.name())
		}
		p.expect("]")
	}
	return f
}

func (p *parser) value() schema.Value {
	t := p.tok
	typ, text := schema.Long, t
	switch {
	case strings.HasPrefix(t, `"`):
		return schema.String(p.name())
	case t == "true" || t == "false":
		typ = schema.Boolean
	case strings.HasPrefix(t, "@"):
		typ, text = schema.Date, t[1:]
	case strings.HasPrefix(t, "ip:"):
		typ, text = schema.IP, t[3:]
	case strings.ContainsAny(t, ".eE"):
		typ = schema.Double
	}
	v, ok := schema.FromText(typ, text)
	if !ok {
		p.fail("a literal is expected here")
	}
	p.next()
	return v
}

func setSpan(x Pred, s diag.Span) {
	switch x := x.(type) {
	case *And:
		x.Span = s
	case *Or:
		x.Span = s
	case *Not:
		x.Span = s
	case *Const:
		x.Span = s
	case *Cmp:
		x.Span = s
	case *Rel:
		x.Span = s
	case *Exists:
		x.Span = s
	case *Empty:
		x.Span = s
	case *Quant:
		x.Span = s
	case *Keyword:
		x.Span = s
	}
}

// ArithType returns the type of X op Y, Invalid when the types do not go together: numbers give numbers (a quotient and
// anything with a double is a double), the difference of two times is a long of milliseconds, a time plus or minus a long is a time.
func ArithType(op byte, x, y schema.Type) schema.Type {
	switch {
	case op == '&':
		if x == schema.Long && y == schema.Long {
			return schema.Long
		}
	case x.IsNumber() && y.IsNumber():
		if op == '/' || x == schema.Double || y == schema.Double {
			return schema.Double
		}
		return schema.Long
	case x == schema.Date && y == schema.Date && op == '-':
		return schema.Long
	case x == schema.Date && y == schema.Long && (op == '+' || op == '-'):
		return schema.Date
	}
	return schema.Invalid
}
