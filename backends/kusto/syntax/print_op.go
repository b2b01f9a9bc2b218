package syntax

// operator writes one operator without its pipe.
func (p *printer) operator(op Operator) {
	if p.over {
		return
	}
	switch x := op.(type) {
	case *Where:
		p.write("where ")
		p.condition(x.Pred)
	case *Extend:
		p.write("extend")
		p.listed(x.Items)
	case *Project:
		p.write("project")
		p.listed(x.Items)
	case *ProjectAway:
		p.write("project-away ")
		p.exprs(x.Columns)
	case *ProjectKeep:
		p.write("project-keep ")
		p.exprs(x.Columns)
	case *ProjectRename:
		p.write("project-rename ")
		p.items(x.Items)
	case *ProjectReorder:
		p.reorder(x)
	case *ProjectByNames:
		p.write("project-by-names ")
		p.exprs(x.Names)
	case *Summarize:
		p.summarize(x)
	case *Join:
		p.join("join", x.Kind, x.Params, x.Right, x.On)
	case *Lookup:
		p.join("lookup", x.Kind, x.Params, x.Right, x.On)
	case *Union:
		p.write("union")
		p.params(x.Params)
		p.write(" ")
		p.tables(x.Sources)
	case *MvExpand:
		p.mvExpand(x)
	case *MvApply:
		p.write("mv-apply")
		p.params(x.Params)
		p.write(" ")
		p.expandItems(x.Items, x.Limit)
		p.write(" on ")
		p.body(x.Body)
	case *MakeSeries:
		p.makeSeries(x)
	case *Sort:
		p.write("sort")
		p.params(x.Params)
		p.write(" by ")
		p.order(x.By)
	case *Top:
		p.write("top")
		p.params(x.Params)
		p.write(" ")
		p.expr(x.N, precOr)
		p.write(" by ")
		p.order([]OrderTerm{x.By})
	case *TopNested:
		p.topNested(x)
	case *TopHitters:
		p.write("top-hitters ")
		p.expr(x.N, precOr)
		p.write(" of ")
		p.item(x.Of)
		if x.By != nil {
			p.write(" by ")
			p.item(*x.By)
		}
	case *Serialize:
		p.write("serialize")
		p.spaced(x.Items)
	case *Distinct:
		p.write("distinct")
		p.params(x.Params)
		p.write(" ")
		p.exprs(x.Columns)
	case *Count:
		p.write("count")
		if x.As != "" {
			p.write(" as " + QuoteName(x.As))
		}
	case *Take:
		p.write("take ")
		p.expr(x.N, precOr)
	case *Sample:
		p.write("sample ")
		p.expr(x.N, precOr)
	case *SampleDistinct:
		p.write("sample-distinct ")
		p.expr(x.N, precOr)
		p.write(" of ")
		p.expr(x.Of, precOr)
	case *ParseOp:
		p.parseOp(x)
	case *ParseKv:
		p.write("parse-kv ")
		p.expr(x.X, precOr)
		p.write(" as ")
		p.columns(x.Columns)
		if len(x.Props) > 0 {
			p.write(" with ")
			p.props(x.Props)
		}
	case *Evaluate:
		p.write("evaluate")
		p.params(x.Params)
		p.write(" ")
		p.call(x.Call)
		if x.HasSchema {
			p.write(" : (")
			p.rowSchema(x.Star, x.Columns)
			p.write(")")
		}
	case *Partition:
		p.write("partition")
		p.params(x.Params)
		p.write(" by ")
		p.expr(x.By, precPostfix)
		p.write(" ")
		if x.Query != nil {
			p.braces(x.Query)
			return
		}
		p.body(x.Body)
	case *Scan:
		p.scan(x)
	case *Search:
		p.write("search")
		p.params(x.Params)
		p.in(x.In)
		p.write(" ")
		p.condition(x.Pred)
	case *Find:
		p.find(x)
	case *As:
		p.write("as")
		p.params(x.Params)
		p.write(" " + QuoteName(x.Name))
	case *Invoke:
		p.write("invoke ")
		p.call(x.Call)
	case *Render:
		p.render(x)
	case *GetSchema:
		p.write("getschema")
	case *Consume:
		p.write("consume")
		p.params(x.Params)
	case *PrintOp:
		p.write("print ")
		p.items(x.Items)
	case *RangeOp:
		p.write("range " + QuoteName(x.Column) + " from ")
		p.expr(x.From, precOr)
		p.write(" to ")
		p.expr(x.To, precOr)
		p.write(" step ")
		p.expr(x.Step, precOr)
	}
}

func (p *printer) spaced(items []Item) {
	if len(items) > 0 {
		p.write(" ")
		p.items(items)
	}
}

// listed writes items behind a word: on its line, or one a line when they are long.
func (p *printer) listed(items []Item) {
	if p.flat || len(items) < 2 || p.try(conditionWidth, func(t *printer) { t.spaced(items) }) {
		if p.flat || len(items) < 2 {
			p.spaced(items)
		}
		return
	}
	p.indent++
	for i, it := range items {
		p.newline()
		p.item(it)
		if i < len(items)-1 {
			p.write(",")
		}
	}
	p.indent--
}

// condition writes a predicate; a long chain of and, or is broken into one operand a line.
func (p *printer) condition(x Expr) {
	if p.flat || p.try(conditionWidth, func(t *printer) { t.expr(x, precOr) }) {
		if p.flat {
			p.expr(x, precOr)
		}
		return
	}
	b, ok := x.(*Binary)
	if !ok || b.Op != And && b.Op != Or {
		p.expr(x, precOr)
		return
	}
	op := b.Op
	var operands []Expr
	for ok && b.Op == op {
		operands = append(operands, b.R)
		x = b.L
		b, ok = x.(*Binary)
	}
	pr := opRows[op].prec
	p.expr(x, pr)
	p.indent++
	for i := len(operands) - 1; i >= 0; i-- {
		p.newline()
		p.write(op.String() + " ")
		p.expr(operands[i], pr+1)
	}
	p.indent--
}

func (p *printer) reorder(x *ProjectReorder) {
	p.write("project-reorder ")
	for i, c := range x.Columns {
		if i > 0 {
			p.write(", ")
		}
		p.expr(c.Column, precOr)
		if c.Order != "" {
			p.write(" " + c.Order)
		}
	}
}

func (p *printer) summarize(x *Summarize) {
	p.write("summarize")
	p.params(x.Params)
	grouped := x.HasBy || len(x.By) > 0
	by := func(p *printer) {
		p.write("by")
		p.spaced(x.By)
	}
	oneLine := func(p *printer) {
		p.spaced(x.Aggs)
		if grouped {
			p.write(" ")
			by(p)
		}
	}
	if p.flat || len(x.Aggs) == 0 {
		oneLine(p)
		return
	}
	if p.try(conditionWidth, oneLine) {
		return
	}
	p.listed(x.Aggs)
	if grouped {
		p.indent++
		p.newline()
		by(p)
		p.indent--
	}
}

func (p *printer) join(op, kind string, params []Param, right Expr, on []Expr) {
	p.write(op)
	if kind != "" {
		p.write(" kind=" + kind)
	}
	p.params(params)
	p.write(" ")
	p.table(right)
	p.write(" on ")
	p.exprs(on)
}

// table writes a table operand: names and calls bare, everything else in parentheses.
func (p *printer) table(x Expr) {
	switch x := x.(type) {
	case *Name, *Wildcard, *Path:
		p.expr(x, precPostfix)
		return
	case *Call:
		if x.Name != "materialize" { // a word of the language, which Microsoft's parser does not take here by itself
			p.expr(x, precPostfix)
			return
		}
	case *ArrayLit, *BagLit, *Between, *Binary, *BoolLit, *Datatable, *DatetimeLit, *DecimalLit, *DynamicLit, *ExternalData, *GUIDLit, *Index,
		*IntLit, *Lambda, *List, *LongLit, *NullLit, *Pipeline, *RealLit, *Star, *StringLit, *TimespanLit, *TypeofLit, *Unary:
	}
	p.block(x)
}

func (p *printer) tables(list []Expr) {
	for i, x := range list {
		if i > 0 {
			p.write(", ")
		}
		p.table(x)
	}
}

func (p *printer) in(list []Expr) {
	if len(list) > 0 {
		p.write(" in (")
		p.tables(list)
		p.write(")")
	}
}
