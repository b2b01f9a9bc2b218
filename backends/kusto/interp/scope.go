package interp

import (
	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/diag"
)

// variable is what a name of let, as, or a parameter stands for: one of scalar, table and lambda is set.
type variable struct {
	scalar *cexpr
	table  *node
	lambda *syntax.Lambda
	env    *scope // where the lambda was defined
}

// scope holds the variables that are visible at a place.
type scope struct {
	parent *scope
	vars   map[string]*variable
}

func newScope(parent *scope) *scope { return &scope{parent: parent, vars: map[string]*variable{}} }

func (s *scope) lookup(name string) *variable {
	for ; s != nil; s = s.parent {
		if v, ok := s.vars[name]; ok {
			return v
		}
	}
	return nil
}

func (s *scope) names() []string {
	var out []string
	for ; s != nil; s = s.parent {
		for n := range s.vars {
			out = append(out, n)
		}
	}
	return out
}

// rowScope is what an expression may refer to: the columns of a row, and the variables.
type rowScope struct {
	b    *binder
	cols []column
	vars *scope
	// home is the scope whose row the columns belong to: itself, or the caller's when the body of a function is bound.
	home *rowScope
	// serialized allows window functions; wins collects them.
	serialized bool
	wins       *[]*window
	// aggs collects the aggregates of summarize; nil where aggregates are not allowed.
	aggs *aggSet
	// inner is the scope of the arguments of aggregates.
	inner *rowScope
	// steps are the steps of scan by name.
	steps map[string]int
	// hidden tells why the columns of the row are not visible (inside a function's body).
	hidden bool
}

func (b *binder) rowScope(in *node, vars *scope) *rowScope {
	rs := &rowScope{b: b, vars: vars}
	if in != nil {
		rs.cols = in.cols
		rs.serialized = in.serialized
		rs.wins = &[]*window{}
	}
	rs.home = rs
	return rs
}

// binder checks a query against the tables of an input and makes it runnable.
type binder struct {
	x      *exec
	tables map[string]*node
	order  []string
	diags  diag.List
	// dry is set when a program is compiled without tables: unknown tables are then no fault.
	dry bool
	// depth and bound keep functions that call one another from growing without end.
	depth, bound int
	// options are the values of set statements.
	options map[string]any
}

// unbound ends a dry binding at something that only tables could tell.
type unbound struct{}

func (b *binder) fail(code diag.Code, at diag.Span, title string, help ...string) *cexpr {
	b.diags = append(b.diags, diag.New(code, at, title, help...))
	return &cexpr{typ: tNone, at: at, konst: false, eval: func(*env) any { return nil }}
}

func (b *binder) run(at diag.Span, title string, help ...string) *cexpr {
	return b.fail(diag.KustoRun, at, title, help...)
}

// unknown reports a name that nothing has, with the most similar one that exists.
func (b *binder) unknown(at diag.Span, title, name string, names []string) *cexpr {
	var help []string
	if near := diag.Near(name, names, 1); len(near) > 0 {
		help = append(help, "a similar name exists: `"+near[0]+"`")
	}
	return b.run(at, title, help...)
}
