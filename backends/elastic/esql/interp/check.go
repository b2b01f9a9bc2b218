package interp

import (
	"errors"
	"fmt"
	"strings"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/backends/elastic/mapping"
	"github.com/onerule/onerule/diag"
)

// expr is a checked expression: its type, and how to compute it from the cells of a row.
type expr struct {
	typ  typ
	eval func(cells []any) any
	// konst says that every row gives val.
	konst bool
	val   any
	// col is the column that the expression is, -1 for anything else; field is set as in column.
	col   int
	field *mapping.Field
	// literal marks a string in the query, which turns into a value of another type where one is needed.
	literal bool
	// union marks a column with several types, of which only a conversion can make one.
	union bool
	span  diag.Span
	text  string
}

// checker checks the expressions of one command against the columns of its input.
type checker struct {
	r     *run
	cols  schema
	names map[string]int
	// indexed says that the condition runs in the index, where float fields compare with float precision.
	indexed bool
	// stats is set while the aggregates of STATS are checked.
	stats *statsScope
	// grouping is set for the keys of STATS … BY, where BUCKET may stand.
	grouping bool
}

func (r *run) checker(cols schema) *checker {
	c := &checker{r: r, cols: cols, names: make(map[string]int, len(cols))}
	for i := range cols {
		c.names[cols[i].name] = i
	}
	return c
}

func (r *run) fault(code diag.Code, span diag.Span, title string, help ...string) {
	r.faults = append(r.faults, diag.New(code, span, title, help...))
}

// wrong reports a type fault and gives the expression that silences follow-up faults.
func (c *checker) wrong(span diag.Span, format string, args ...any) *expr {
	c.r.fault(diag.ESQLRun, span, fmt.Sprintf(format, args...))
	return &expr{typ: tErr, col: -1, span: span, eval: func([]any) any { return nil }}
}

func (c *checker) sourceText(span diag.Span) string {
	if t := c.r.prog.text; span.End.Offset <= len(t) && span.Start.Offset <= span.End.Offset {
		return t[span.Start.Offset:span.End.Offset]
	}
	return ""
}

func (c *checker) site(n syntax.Expr) *site {
	return &site{span: n.Pos(), text: c.sourceText(n.Pos())}
}

func (c *checker) konst(n syntax.Expr, t typ, v any) *expr {
	return &expr{
		typ: t, konst: true, val: v, col: -1, span: n.Pos(), text: c.sourceText(n.Pos()),
		eval: func([]any) any { return v },
	}
}

// make builds the expression of a function of args; with constant args it is computed at once.
func (c *checker) make(n syntax.Expr, t typ, args []*expr, f func(cells []any) any) *expr {
	e := &expr{typ: t, eval: f, col: -1, span: n.Pos(), text: c.sourceText(n.Pos())}
	for _, a := range args {
		if a.typ == tErr {
			e.typ = tErr
			return e
		}
		if !a.konst {
			return e
		}
	}
	v := f(nil)
	e.konst, e.val, e.eval = true, v, func([]any) any { return v }
	return e
}

// expr is the one dispatch over expressions.
func (c *checker) expr(n syntax.Expr) *expr {
	if e, ok := c.stats.reference(c, n); ok {
		return e
	}
	switch n := n.(type) {
	case *syntax.Null:
		return c.konst(n, tNull, nil)
	case *syntax.Bool:
		return c.konst(n, tBool, n.Value)
	case *syntax.Num:
		t, v, ok := numberLiteral(n.Text)
		if !ok {
			return c.wrong(n.Span, "the number %s is out of range", n.Text)
		}
		return c.konst(n, t, v)
	case *syntax.Str:
		e := c.konst(n, tKeyword, n.Value)
		e.literal = true
		return e
	case *syntax.TimeSpan:
		return c.timeSpan(n)
	case *syntax.List:
		return c.list(n)
	case *syntax.Column:
		return c.column(n)
	case *syntax.Unary:
		if n.Op == syntax.Not {
			return c.not(n)
		}
		return c.negate(n)
	case *syntax.Binary:
		return c.binary(n)
	case *syntax.In:
		return c.in(n)
	case *syntax.IsNull:
		x := c.expr(n.X)
		return c.make(n, tBool, []*expr{x}, func(cells []any) any { return (x.eval(cells) == nil) != n.Not })
	case *syntax.Like:
		return c.like(n)
	case *syntax.RLike:
		return c.rlike(n)
	case *syntax.Match:
		return c.matchOperator(n)
	case *syntax.Call:
		return c.call(n)
	case *syntax.Cast:
		return c.cast(n)
	case *syntax.Glob:
		return c.konst(n, tKeyword, n.Text)
	case *syntax.Regex:
		return c.konst(n, tKeyword, n.Text)
	}
	panic(fmt.Sprintf("interp: expression %T", n))
}

func (c *checker) timeSpan(n *syntax.TimeSpan) *expr {
	unit, _ := syntax.UnitOf(n.Unit)
	_, count, ok := numberLiteral(n.Count)
	i, isInt := count.(int64)
	if ok && isInt {
		if t, v, fits := amountOf(i, unit); fits {
			return c.konst(n, t, v)
		}
	}
	return c.wrong(n.Span, "the time span %s is out of range", c.sourceText(n.Span))
}

// list makes a constant multivalue; numbers take their common type.
func (c *checker) list(n *syntax.List) *expr {
	t, items := tNull, make([]*expr, len(n.Items))
	for i, x := range n.Items {
		items[i] = c.expr(x)
		t = common(t, items[i].typ)
	}
	vs := make([]any, len(items))
	for i, x := range items {
		vs[i] = x.val
		if w := widen(x.typ, t); w != nil {
			vs[i] = w(x.val)
		}
		if vs[i] == nil {
			return c.wrong(n.Items[i].Pos(), "the list mixes numbers that have no common type")
		}
	}
	e := c.konst(n, t, collect(vs))
	e.literal = t == tKeyword
	return e
}

func (c *checker) column(n *syntax.Column) *expr {
	i, ok := c.names[n.Name]
	if !ok {
		return c.unknown(n.Span, n.Name)
	}
	return c.columnAt(n, i)
}

func (c *checker) columnAt(n syntax.Expr, i int) *expr {
	col := c.cols[i]
	if col.typ == tUnsupported {
		if col.clash != "" {
			return c.wrong(n.Pos(), "Cannot use field [%s] due to ambiguities being mapped as %s", col.name, col.clash)
		}
		return c.wrong(n.Pos(), "Cannot use field [%s] with unsupported type", col.name)
	}
	e := &expr{
		typ: col.typ, col: i, field: col.field, span: n.Pos(), text: c.sourceText(n.Pos()),
		eval: func(cells []any) any { return cells[i] },
	}
	if col.konst {
		e.konst, e.val, e.eval = true, col.val, func([]any) any { return col.val }
	}
	return e
}

// unknown reports a column that does not exist, with names like it.
func (c *checker) unknown(span diag.Span, name string) *expr {
	if c.r.nullify {
		return &expr{typ: tNull, konst: true, col: -1, span: span, text: name, eval: func([]any) any { return nil }}
	}
	c.r.unknownColumn(span, name, c.cols)
	return &expr{typ: tErr, col: -1, span: span, eval: func([]any) any { return nil }}
}

func (r *run) unknownColumn(span diag.Span, name string, cols schema) {
	var help []string
	if near := diag.Near(name, cols.names(), 3); len(near) > 0 {
		help = append(help, "columns with similar names exist: ["+strings.Join(near, "], [")+"]")
	} else if len(cols) > 0 && len(cols) <= 12 {
		help = append(help, "the columns here are ["+strings.Join(cols.names(), "], [")+"]")
	} else {
		help = append(help, "a field that no event and no mapping has is no column; name it in --mapping")
	}
	r.fault(diag.ESQLUnknown, span, "Unknown column ["+name+"]", help...)
}

// strict1 lifts a function of one value: null gives null, several values give null and a warning, so does a failure.
func (c *checker) strict1(s *site, a *expr, f func(x any) (any, error)) func(cells []any) any {
	return func(cells []any) any {
		x, ok := c.r.one(s, a.eval(cells))
		if !ok {
			return nil
		}
		return c.r.settle(s, f, x)
	}
}

func (r *run) settle(s *site, f func(x any) (any, error), x any) any {
	v, err := f(x)
	if err != nil {
		r.warn(s, err)
		return nil
	}
	return v
}

// strict2 lifts a function of two values.
func (c *checker) strict2(s *site, a, b *expr, f func(x, y any) (any, error)) func(cells []any) any {
	return func(cells []any) any {
		x, ok := c.r.one(s, a.eval(cells))
		if !ok {
			return nil
		}
		y, ok := c.r.one(s, b.eval(cells))
		if !ok {
			return nil
		}
		v, err := f(x, y)
		if err != nil {
			c.r.warn(s, err)
			return nil
		}
		return v
	}
}

// strictN lifts a function of any number of values.
func (c *checker) strictN(s *site, args []*expr, f func(xs []any) (any, error)) func(cells []any) any {
	return func(cells []any) any {
		xs := make([]any, len(args))
		for i, a := range args {
			x, ok := c.r.one(s, a.eval(cells))
			if !ok {
				return nil
			}
			xs[i] = x
		}
		v, err := f(xs)
		if err != nil {
			c.r.warn(s, err)
			return nil
		}
		return v
	}
}

// one is the single value of a cell; ok is false for null, and for several values, which is worth a warning.
func (r *run) one(s *site, cell any) (any, bool) {
	if cell == nil {
		return nil, false
	}
	if _, many := cell.(mv); many {
		r.warn(s, errMulti)
		return nil, false
	}
	return cell, true
}

// literalAs turns a string literal (or a list of them) into a value of type t; other expressions stay as they are.
func (c *checker) literalAs(e *expr, t typ) *expr {
	if !e.literal || e.typ != tKeyword || !fromString.has(t) && !amounts.has(t) {
		return e
	}
	conv, ok := conversion(tKeyword, t)
	if !ok {
		return e
	}
	var fault error
	v := mapCell(e.val, func(x any) any {
		y, err := conv(x)
		if err != nil {
			fault = err
		}
		return y
	})
	if fault != nil {
		msg := fault.Error()
		var f *failure
		if errors.As(fault, &f) {
			msg = f.msg
		}
		return c.wrong(e.span, "Cannot convert string %s to [%s]: %s", e.text, t, msg)
	}
	return &expr{typ: t, konst: true, val: v, col: -1, span: e.span, text: e.text, eval: func([]any) any { return v }}
}

// needConst reports an argument that must be the same in all rows.
func (c *checker) needConst(e *expr, what string) bool {
	if e.konst || e.typ == tErr {
		return e.konst
	}
	c.wrong(e.span, "%s must be a constant, received [%s]", what, e.text)
	return false
}
