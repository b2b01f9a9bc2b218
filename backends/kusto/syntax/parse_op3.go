package syntax

import "github.com/onerule/onerule/diag"

func parseEvaluate(p *parser, t token) Operator {
	e := &Evaluate{Params: p.params()}
	name := p.tok()
	x := p.operand()
	c, ok := x.(*Call)
	if !ok {
		p.fail(name, "evaluate needs a plugin's call", "write evaluate pivot(…)")
	}
	e.Call = c
	if p.accept(":") {
		e.HasSchema = true
		p.expect("(", "before the schema of the plugin's output")
		e.Star, e.Columns = p.rowSchema()
		p.expect(")", "after the schema of the plugin's output")
	}
	return e
}

func parsePartition(p *parser, t token) Operator {
	x := &Partition{Params: p.params()}
	p.expect("by", "after partition")
	x.By = p.operandName()
	switch {
	case p.is("("):
		x.Body = p.subquery("of partition")
	case p.is("{"):
		x.Query = p.body()
	default:
		p.fail(p.tok(), "expected ( or { before the body of partition, found "+p.tok().describe())
	}
	return x
}

// operandName reads a column name that a parenthesis may follow without making a call.
func (p *parser) operandName() Expr {
	t := p.tok()
	return &Name{Name: p.declName("of a column"), Loc: p.from(t)}
}

func parseScan(p *parser, t token) Operator {
	s := &Scan{Params: p.params()}
	if (p.is("order") || p.is("sort")) && p.peek(1).is("by") {
		p.i += 2
		for {
			s.OrderBy = append(s.OrderBy, p.orderTerm())
			if !p.accept(",") {
				break
			}
		}
	}
	if p.is("partition") && p.peek(1).is("by") {
		p.i += 2
		s.By = p.exprs()
	}
	if p.accept("declare") {
		s.Declare = p.columns(true)
	}
	p.expect("with", "before the steps of scan")
	p.expect("(", "before the steps of scan")
	for p.is("step") {
		s.Steps = append(s.Steps, p.scanStep())
	}
	if len(s.Steps) == 0 {
		p.fail(p.tok(), "scan needs a step, found "+p.tok().describe(), "write step name: condition;")
	}
	p.expect(")", "after the steps of scan")
	return s
}

func (p *parser) scanStep() ScanStep {
	t := p.advance()
	s := ScanStep{Name: p.declName("of a step")}
	s.Optional = p.accept("optional")
	if p.is("output") && p.peek(1).is("=") {
		p.i += 2
		o := p.tok()
		s.Output = p.declName("after output=")
		if s.Output != "all" && s.Output != "last" && s.Output != "none" {
			p.report(o, "`"+s.Output+"` is no output of a step", "output is all, last or none")
		}
	}
	p.expect(":", "before the condition of a step")
	s.Cond = p.expr()
	if p.accept("=>") {
		s.Assign = p.items()
		for _, it := range s.Assign {
			if len(it.Names) != 1 {
				p.diags = append(p.diags, diag.New(diag.KustoSyntax, it.At, "an assignment of a step needs column = value"))
			}
		}
	}
	if !p.accept(";") && !p.is(")") {
		p.fail(p.tok(), "expected `;` after a step, found "+p.tok().describe())
	}
	s.At = p.from(t).At
	return s
}

func parseSearch(p *parser, t token) Operator {
	s := &Search{Params: p.params()}
	s.In = p.inTables()
	p.searching = true
	s.Pred = p.expr()
	p.searching = false
	return s
}

// inTables reads in (T1, T2, …).
func (p *parser) inTables() []Expr {
	if !p.is("in") || !p.peek(1).is("(") {
		return nil
	}
	p.i += 2
	var list []Expr
	for {
		list = append(list, p.sourceRef())
		if !p.accept(",") {
			break
		}
	}
	p.expect(")", "after the tables")
	return list
}

func parseFind(p *parser, t token) Operator {
	f := &Find{Params: p.params()}
	f.In = p.inTables()
	// where is optional when no tables are given.
	p.accept("where")
	f.Pred = p.expr()
	switch w, n := p.opWord(); w {
	case "project":
		p.i += n
		for {
			f.Project = append(f.Project, p.findColumn())
			if !p.accept(",") {
				break
			}
		}
	case "project-smart":
		p.i += n
		f.Smart = true
	}
	if w, n := p.opWord(); w == "project-away" {
		p.i += n
		f.Away = p.patterns()
	}
	return f
}

func (p *parser) findColumn() FindColumn {
	if p.is("pack") && p.peek(1).is("(") && p.peek(2).is("*") && p.peek(3).is(")") {
		p.i += 4
		return FindColumn{Pack: true}
	}
	if p.is("pack_all") && p.peek(1).is("(") && p.peek(2).is(")") {
		p.i += 3
		return FindColumn{Pack: true}
	}
	c := FindColumn{Name: p.declName("of a column")}
	if p.accept(":") {
		c.Type = p.typeName()
	}
	return c
}

func parseRender(p *parser, t token) Operator {
	r := &Render{Kind: p.declName("of a chart")}
	if p.is("with") && p.peek(1).is("(") {
		p.advance()
		p.expect("(", "after with")
		for !p.is(")") {
			r.Params = append(r.Params, p.renderProp())
			if !p.accept(",") {
				break
			}
		}
		p.expect(")", "after the properties")
		return r
	}
	for !p.endOfOp() && p.tok().kind == tokName {
		r.Legacy = true
		r.Params = append(r.Params, p.renderProp())
	}
	return r
}

// renderProp reads name = value; a list of column names is kept as one text.
func (p *parser) renderProp() Param {
	t := p.tok()
	q := Param{Name: p.declName("as a property")}
	if !p.accept("=") && t.text != "by" && t.text != "with" {
		p.fail(p.tok(), "expected `=` after a property's name, found "+p.tok().describe())
	}
	q.Value = p.propValue()
	for p.is(",") && p.peek(1).kind == tokName && !p.peek(2).is("=") {
		p.advance()
		n := p.advance()
		if name, ok := q.Value.(*Name); ok {
			q.Value = &Name{Loc: p.after(name), Name: name.Name + ", " + n.text}
		}
	}
	q.At = p.from(t).At
	return q
}
