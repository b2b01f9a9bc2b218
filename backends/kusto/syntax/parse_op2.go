package syntax

import "github.com/onerule/onerule/diag"

func parseJoin(p *parser, t token) Operator {
	j := &Join{}
	j.Kind, j.Params = takeParam(p.params(), "kind")
	j.Right = p.operand()
	j.On = p.on(t, "join")
	return j
}

func parseLookup(p *parser, t token) Operator {
	l := &Lookup{}
	l.Kind, l.Params = takeParam(p.params(), "kind")
	l.Right = p.operand()
	l.On = p.on(t, "lookup")
	return l
}

// operand reads a table: a name, a call, or a pipeline in parentheses.
func (p *parser) operand() Expr { return p.postfix(p.primary()) }

func (p *parser) on(t token, op string) []Expr {
	if !p.is("on") {
		if p.is("where") {
			p.fail(p.tok(), "`"+op+" … where` is not supported", "write on, with equal keys")
		}
		p.fail(p.tok(), "`"+op+"` needs `on` and its keys, found "+p.tok().describe())
	}
	p.advance()
	return p.exprs()
}

func parseUnion(p *parser, t token) Operator {
	u := &Union{Params: p.params()}
	for {
		u.Sources = append(u.Sources, p.sourceRef())
		if !p.accept(",") {
			return u
		}
	}
}

// sourceRef reads a table of union, search or find: a name, a pattern, a call or a pipeline in parentheses.
func (p *parser) sourceRef() Expr {
	t := p.tok()
	if t.is("*") || t.kind == tokName && p.peek(1).is("*") && p.adjacent(0) {
		return p.wildcard()
	}
	if t.is("datatable") || t.is("externaldata") || t.is("external_data") || t.is("print") || t.is("range") {
		p.fail(t, "`"+t.text+"` cannot stand here by itself", "put it in parentheses: ("+t.text+" …)")
	}
	return p.operand()
}

func parseMvExpand(p *parser, t token) Operator {
	m := &MvExpand{Params: p.params(), Legacy: t.text == "mvexpand"}
	m.Items, m.Limit = p.expandItems()
	return m
}

func (p *parser) expandItems() (items []ExpandItem, limit Expr) {
	for {
		items = append(items, p.expandItem())
		if !p.accept(",") {
			break
		}
	}
	if p.accept("limit") {
		limit = p.unary()
	}
	return items, limit
}

func (p *parser) expandItem() ExpandItem {
	t := p.tok()
	it := ExpandItem{}
	if n := p.nameLen(); n > 0 && p.peek(n).is("=") {
		it.Name = p.declName("")
		p.advance()
	}
	it.Expr = p.expr()
	if p.accept("to") {
		p.expect("typeof", "after to")
		p.expect("(", "after typeof")
		it.Type = p.typeName()
		p.expect(")", "after the type")
	}
	it.At = p.from(t).At
	return it
}

func parseMvApply(p *parser, t token) Operator {
	m := &MvApply{Params: p.params()}
	m.Items, m.Limit = p.expandItems()
	p.expect("on", "before the body of mv-apply")
	m.Body = p.subquery("of mv-apply")
	return m
}

// subquery reads (op | op …).
func (p *parser) subquery(where string) []Operator {
	p.expect("(", "before the body "+where)
	ops := p.guardedOp(nil)
	ops = append(ops, p.pipes()...)
	p.expect(")", "after the body "+where)
	return ops
}

func parseMakeSeries(p *parser, t token) Operator {
	m := &MakeSeries{Params: p.params()}
	for {
		a := SeriesAgg{Item: p.item()}
		if p.accept("default") {
			p.expect("=", "after default")
			a.Default = p.expr()
		}
		m.Aggs = append(m.Aggs, a)
		if !p.accept(",") {
			break
		}
	}
	p.expect("on", "before the axis of make-series")
	m.Axis = p.axis()
	if p.accept("in") {
		m.InRange = true
		p.expect("range", "after in")
		p.expect("(", "after range")
		m.From = p.expr()
		p.expect(",", "after the start")
		m.To = p.expr()
		p.expect(",", "after the end")
		m.Step = p.expr()
		p.expect(")", "after the step")
	} else {
		p.fromToStep(m)
	}
	if p.accept("by") {
		m.By = p.items()
	}
	return m
}

// axis reads the axis of make-series; `in range` behind it is no operator.
func (p *parser) axis() Item {
	t := p.tok()
	it := Item{}
	if n := p.nameLen(); n > 0 && p.peek(n).is("=") {
		it.Names = []string{p.declName("")}
		p.advance()
	}
	it.Expr = p.binary(precRelational)
	it.At = p.from(t).At
	return it
}

func (p *parser) fromToStep(m *MakeSeries) {
	if p.accept("from") {
		m.From = p.expr()
	}
	if p.accept("to") {
		m.To = p.expr()
	}
	p.expect("step", "in make-series")
	m.Step = p.expr()
}

func parseSort(p *parser, t token) Operator {
	s := &Sort{Params: p.params()}
	p.expect("by", "after "+t.text)
	for {
		s.By = append(s.By, p.orderTerm())
		if !p.accept(",") {
			return s
		}
	}
}

func (p *parser) orderTerm() OrderTerm {
	o := OrderTerm{Item: p.item()}
	if p.is("asc") || p.is("desc") {
		o.Dir = p.advance().text
	}
	if p.accept("nulls") {
		if !p.is("first") && !p.is("last") {
			p.fail(p.tok(), "expected first or last after nulls, found "+p.tok().describe())
		}
		o.Nulls = p.advance().text
	}
	return o
}

func parseTop(p *parser, t token) Operator {
	x := &Top{Params: p.params()}
	x.N = p.expr()
	p.expect("by", "after the number of rows")
	x.By = p.orderTerm()
	return x
}

func parseTopNested(p *parser, t token) Operator {
	x := &TopNested{}
	for {
		l := TopNestedLevel{}
		if !p.is("of") {
			l.N = p.expr()
		}
		p.expect("of", "in top-nested")
		l.Of = p.item()
		if p.is("with") && p.peek(1).is("others") {
			p.i += 2
			p.expect("=", "after with others")
			l.Others = p.expr()
		}
		p.expect("by", "in top-nested")
		l.By = p.orderTerm()
		x.Levels = append(x.Levels, l)
		if !p.accept(",") {
			return x
		}
		w, n := p.opWord()
		if w != "top-nested" {
			p.fail(p.tok(), "expected top-nested after the comma, found "+p.tok().describe())
		}
		p.i += n
	}
}

func parseTopHitters(p *parser, t token) Operator {
	x := &TopHitters{N: p.expr()}
	p.expect("of", "in top-hitters")
	x.Of = p.item()
	if p.accept("by") {
		it := p.item()
		x.By = &it
	}
	return x
}

func parseSerialize(p *parser, t token) Operator {
	p.params()
	if p.endOfOp() {
		return &Serialize{}
	}
	return &Serialize{Items: p.items()}
}

func parseParse(p *parser, t token) Operator {
	x := &ParseOp{Where: p.toks[p.i-1].text == "where"}
	for p.is("kind") || p.is("flags") {
		if !p.peek(1).is("=") {
			break
		}
		name := p.advance().text
		p.advance()
		v := p.paramValue()
		if name == "kind" {
			x.Kind = Param{Value: v}.Word()
		} else {
			x.Flags = Param{Value: v}.Word()
		}
	}
	x.X = p.expr()
	p.expect("with", "after the value to parse")
	for !p.endOfOp() {
		x.Pattern = append(x.Pattern, p.parsePart())
		p.accept(",")
	}
	p.checkPattern(t, x)
	return x
}

func (p *parser) parsePart() ParsePart {
	t := p.tok()
	part := ParsePart{}
	switch {
	case t.kind == tokString:
		part.Text = p.stringLit().(*StringLit)
	case p.accept("*"):
		part.Star = true
	default:
		part.Column = p.declName("in the pattern")
		part.Type = TypeString
		if p.accept(":") {
			part.Type = p.typeName()
		}
	}
	part.At = p.from(t).At
	return part
}

// checkPattern reports patterns that have no meaning: two columns, or a star and a column, without text between them.
func (p *parser) checkPattern(t token, x *ParseOp) {
	if len(x.Pattern) == 0 {
		p.fail(t, "the pattern of parse is empty", "write with * \"text\" column")
	}
	for i := 1; i < len(x.Pattern); i++ {
		a, b := x.Pattern[i-1], x.Pattern[i]
		if a.Text != nil || b.Text != nil {
			continue
		}
		if b.Star && a.Column != "" && a.Type != TypeString {
			continue
		}
		title := "two columns of a pattern need text between them"
		if a.Star || b.Star {
			title = "`*` and a string column of a pattern need text between them"
		}
		p.diags = append(p.diags, diag.New(diag.KustoSyntax, b.At, title))
	}
}

func parseParseKv(p *parser, t token) Operator {
	x := &ParseKv{X: p.expr()}
	p.expect("as", "after the value of parse-kv")
	x.Columns = p.columns(false)
	if p.accept("with") {
		x.Props = p.props()
	}
	return x
}
