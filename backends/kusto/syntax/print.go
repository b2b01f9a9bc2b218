package syntax

import (
	"strings"
)

// Layout: a nested pipeline or a function body stays on its line up to inlineWidth; a condition of and/or operands is
// broken into lines beyond conditionWidth.
const (
	inlineWidth    = 72
	conditionWidth = 100
	indentStep     = "    "
)

// Print writes a query in the canonical form: one operator a line, no blank lines (the portal's editor splits a query at
// them), every name and string quoted as needed. The text parses back to the same tree.
func Print(q *Query) string {
	p := &printer{}
	p.statements(q, false)
	return p.b.String()
}

// PrintExpr writes an expression on its own.
func PrintExpr(x Expr) string {
	p := &printer{}
	p.expr(x, precLowest)
	return p.b.String()
}

type printer struct {
	b      strings.Builder
	indent int
	// flat is set while a construct is tried on one line; max is then the length that must not be passed.
	flat bool
	max  int
	over bool
}

func (p *printer) write(s string) {
	if p.over {
		return
	}
	p.b.WriteString(s)
	if p.flat && p.b.Len() > p.max {
		p.over = true
	}
}

func (p *printer) newline() {
	if p.flat {
		p.write(" ")
		return
	}
	p.write("\n" + strings.Repeat(indentStep, p.indent))
}

// try writes f on one line and reports whether it fits; when it does not, nothing is written.
func (p *printer) try(width int, f func(p *printer)) bool {
	t := &printer{indent: p.indent, flat: true, max: width}
	f(t)
	if t.over {
		return false
	}
	p.write(t.b.String())
	return true
}

// statements writes a query or a body; inner statements end in semicolons.
func (p *printer) statements(q *Query, body bool) {
	for i, s := range q.Statements {
		if i > 0 {
			p.newline()
		}
		p.statement(s)
		if i < len(q.Statements)-1 {
			p.write(";")
		} else if _, ok := s.(*ExprStatement); !ok {
			p.write(";")
		}
	}
}

func (p *printer) statement(s Statement) {
	switch x := s.(type) {
	case *Let:
		p.let(x)
	case *SetOption:
		p.write("set " + x.Name) // an option is a single word; it cannot be quoted
		if x.Value != nil {
			p.write(" = ")
			p.expr(x.Value, precUnary)
		}
	case *DeclareParams:
		p.write("declare query_parameters")
		p.columns(x.Params)
	case *ExprStatement:
		p.tabular(x.X)
	}
}

func (p *printer) let(x *Let) {
	p.write("let " + QuoteName(x.Name) + " =")
	pipe, ok := x.Value.(*Pipeline)
	if !ok {
		p.write(" ")
		p.expr(x.Value, precLowest)
		return
	}
	if p.flat || p.try(inlineWidth, func(t *printer) { t.write(" "); t.pipeline(pipe) }) {
		if p.flat {
			p.write(" ")
			p.pipeline(pipe)
		}
		return
	}
	p.indent++
	p.newline()
	p.pipeline(pipe)
	p.indent--
}

// tabular writes an expression where a pipeline needs no parentheses.
func (p *printer) tabular(x Expr) {
	if pipe, ok := x.(*Pipeline); ok {
		p.pipeline(pipe)
		return
	}
	p.expr(x, precLowest)
}

func (p *printer) pipeline(x *Pipeline) {
	ops := x.Ops
	if x.Source != nil {
		p.source(x.Source)
	} else if len(ops) > 0 {
		p.operator(ops[0])
		ops = ops[1:]
	}
	for _, op := range ops {
		p.newline()
		p.write("| ")
		p.operator(op)
	}
}

// source writes what stands before the first pipe.
func (p *printer) source(x Expr) {
	if _, ok := x.(*Pipeline); ok {
		p.block(x)
		return
	}
	p.expr(x, precLowest)
}

// block writes a pipeline in parentheses, on one line when it is short.
func (p *printer) block(x Expr) {
	p.parens(func(p *printer) { p.tabular(x) })
}

// parens writes something in parentheses: on this line, or indented on lines of its own.
func (p *printer) parens(f func(p *printer)) {
	if p.flat {
		p.write("(")
		f(p)
		p.write(")")
		return
	}
	p.write("(")
	if !p.try(inlineWidth, f) {
		p.indent++
		p.newline()
		f(p)
		p.indent--
		p.newline()
	}
	p.write(")")
}

// body writes (op | op …) of mv-apply and partition.
func (p *printer) body(ops []Operator) {
	p.parens(func(p *printer) {
		for i, op := range ops {
			if i > 0 {
				p.newline()
				p.write("| ")
			}
			p.operator(op)
		}
	})
}

// braces writes { statements }.
func (p *printer) braces(q *Query) {
	if p.flat || p.try(inlineWidth, func(t *printer) { t.write("{ "); t.statements(q, true); t.write(" }") }) {
		if p.flat {
			p.write("{ ")
			p.statements(q, true)
			p.write(" }")
		}
		return
	}
	p.write("{")
	p.indent++
	p.newline()
	p.statements(q, true)
	p.indent--
	p.newline()
	p.write("}")
}

func (p *printer) items(list []Item) {
	for i, it := range list {
		if i > 0 {
			p.write(", ")
		}
		p.item(it)
	}
}

func (p *printer) item(it Item) {
	switch {
	case it.Tuple || len(it.Names) > 1:
		p.write("(")
		for i, n := range it.Names {
			if i > 0 {
				p.write(", ")
			}
			p.write(QuoteName(n))
		}
		p.write(") = ")
	case len(it.Names) == 1:
		p.write(QuoteName(it.Names[0]) + " = ")
	}
	p.expr(it.Expr, precOr)
}

func (p *printer) exprs(list []Expr) {
	for i, x := range list {
		if i > 0 {
			p.write(", ")
		}
		p.expr(x, precOr)
	}
}

func (p *printer) columns(cols []Column) {
	p.write("(")
	p.columnList(cols)
	p.write(")")
}

func (p *printer) columnList(cols []Column) {
	for i, c := range cols {
		if i > 0 {
			p.write(", ")
		}
		p.column(c)
	}
}

func (p *printer) column(c Column) {
	p.write(QuoteName(c.Name) + ":" + c.Type.String())
	if c.Default != nil {
		p.write(" = ")
		p.expr(c.Default, precOr)
	}
}

func (p *printer) params(list []Param) {
	for _, q := range list {
		p.write(" " + q.Name + "=")
		p.paramValue(q.Value)
	}
}

func (p *printer) paramValue(x Expr) { p.expr(x, precUnary) }

func (p *printer) props(list []Param) {
	p.write("(")
	for i, q := range list {
		if i > 0 {
			p.write(", ")
		}
		p.write(QuoteName(q.Name) + "=")
		p.propValue(q.Value)
	}
	p.write(")")
}

// propValue writes the value of a property; the words of the language stand there unquoted.
func (p *printer) propValue(x Expr) {
	if n, ok := x.(*Name); ok && isWord(n.Name) {
		p.write(n.Name)
		return
	}
	p.expr(x, precOr)
}
