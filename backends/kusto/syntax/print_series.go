package syntax

func (p *printer) mvExpand(x *MvExpand) {
	if x.Legacy {
		p.write("mvexpand")
	} else {
		p.write("mv-expand")
	}
	p.params(x.Params)
	p.write(" ")
	p.expandItems(x.Items, x.Limit)
}

func (p *printer) expandItems(items []ExpandItem, limit Expr) {
	for i, it := range items {
		if i > 0 {
			p.write(", ")
		}
		if it.Name != "" {
			p.write(QuoteName(it.Name) + " = ")
		}
		p.expr(it.Expr, precOr)
		if it.Type != NoType {
			p.write(" to typeof(" + it.Type.String() + ")")
		}
	}
	if limit != nil {
		p.write(" limit ")
		p.expr(limit, precUnary)
	}
}

func (p *printer) makeSeries(x *MakeSeries) {
	p.write("make-series")
	p.params(x.Params)
	for i, a := range x.Aggs {
		if i > 0 {
			p.write(",")
		}
		p.write(" ")
		p.item(a.Item)
		if a.Default != nil {
			p.write(" default=")
			p.expr(a.Default, precOr)
		}
	}
	p.write(" on ")
	if len(x.Axis.Names) == 1 {
		p.write(QuoteName(x.Axis.Names[0]) + " = ")
	}
	p.expr(x.Axis.Expr, precRelational)
	p.axisRange(x)
	if len(x.By) > 0 {
		p.write(" by ")
		p.items(x.By)
	}
}

func (p *printer) axisRange(x *MakeSeries) {
	if x.InRange {
		p.write(" in range(")
		p.exprs([]Expr{x.From, x.To, x.Step})
		p.write(")")
		return
	}
	for _, part := range []struct {
		word string
		x    Expr
	}{{" from ", x.From}, {" to ", x.To}, {" step ", x.Step}} {
		if part.x != nil {
			p.write(part.word)
			p.expr(part.x, precOr)
		}
	}
}

func (p *printer) order(terms []OrderTerm) {
	for i, o := range terms {
		if i > 0 {
			p.write(", ")
		}
		p.item(o.Item)
		if o.Dir != "" {
			p.write(" " + o.Dir)
		}
		if o.Nulls != "" {
			p.write(" nulls " + o.Nulls)
		}
	}
}

func (p *printer) topNested(x *TopNested) {
	for i, l := range x.Levels {
		if i > 0 {
			p.write(", ")
		}
		p.write("top-nested ")
		if l.N != nil {
			p.expr(l.N, precOr)
			p.write(" ")
		}
		p.write("of ")
		p.item(l.Of)
		if l.Others != nil {
			p.write(" with others = ")
			p.expr(l.Others, precOr)
		}
		p.write(" by ")
		p.order([]OrderTerm{l.By})
	}
}

func (p *printer) parseOp(x *ParseOp) {
	p.write("parse")
	if x.Where {
		p.write("-where")
	}
	if x.Kind != "" {
		p.write(" kind=" + x.Kind)
	}
	if x.Flags != "" {
		p.write(" flags=" + x.Flags)
	}
	p.write(" ")
	p.expr(x.X, precOr)
	p.write(" with")
	for _, part := range x.Pattern {
		switch {
		case part.Star:
			p.write(" *")
		case part.Text != nil && x.Kind == "regex":
			p.write(" " + QuoteRegex(part.Text.Value))
		case part.Text != nil:
			p.write(" " + literalText(part.Text))
		default:
			p.write(" " + QuoteName(part.Column))
			if part.Type != TypeString {
				p.write(":" + part.Type.String())
			}
		}
	}
}

func (p *printer) scan(x *Scan) {
	p.write("scan")
	p.params(x.Params)
	if len(x.OrderBy) > 0 {
		p.write(" order by ")
		p.order(x.OrderBy)
	}
	if len(x.By) > 0 {
		p.write(" partition by ")
		p.exprs(x.By)
	}
	if len(x.Declare) > 0 {
		p.write(" declare ")
		p.declared(x.Declare)
	}
	p.write(" with ")
	p.parens(func(p *printer) {
		for i, s := range x.Steps {
			if i > 0 {
				p.newline()
			}
			p.scanStep(s)
		}
	})
}

// declared writes the columns of declare: on this line, or one a line when they are long.
func (p *printer) declared(list []Column) {
	if p.flat || p.try(inlineWidth, func(t *printer) { t.columns(list) }) {
		if p.flat {
			p.columns(list)
		}
		return
	}
	p.write("(")
	p.indent++
	for i, c := range list {
		p.newline()
		p.column(c)
		if i < len(list)-1 {
			p.write(",")
		}
	}
	p.indent--
	p.newline()
	p.write(")")
}

func (p *printer) scanStep(s ScanStep) {
	p.write("step " + QuoteName(s.Name))
	if s.Optional {
		p.write(" optional")
	}
	if s.Output != "" {
		p.write(" output=" + s.Output)
	}
	p.write(": ")
	p.expr(s.Cond, precOr)
	if len(s.Assign) > 0 {
		p.write(" =>")
		p.listed(s.Assign)
	}
	p.write(";")
}

func (p *printer) find(x *Find) {
	p.write("find")
	p.params(x.Params)
	p.in(x.In)
	p.write(" where ")
	p.condition(x.Pred)
	if len(x.Project) > 0 {
		p.write(" project ")
	}
	for i, c := range x.Project {
		if i > 0 {
			p.write(", ")
		}
		if c.Pack {
			p.write("pack(*)")
			continue
		}
		p.write(QuoteName(c.Name))
		if c.Type != NoType {
			p.write(":" + c.Type.String())
		}
	}
	if x.Smart {
		p.write(" project-smart")
	}
	if len(x.Away) > 0 {
		p.write(" project-away ")
		p.exprs(x.Away)
	}
}

func (p *printer) render(x *Render) {
	p.write("render " + x.Kind)
	if len(x.Params) == 0 {
		return
	}
	if !x.Legacy {
		p.write(" with (")
	}
	for i, q := range x.Params {
		if i > 0 && !x.Legacy {
			p.write(",")
		}
		if i > 0 || x.Legacy {
			p.write(" ")
		}
		p.write(q.Name)
		if x.Legacy && (q.Name == "by" || q.Name == "with") {
			p.write(" ")
		} else {
			p.write("=")
		}
		if n, ok := q.Value.(*Name); ok {
			p.write(n.Name)
			continue
		}
		p.expr(q.Value, precUnary)
	}
	if !x.Legacy {
		p.write(")")
	}
}
