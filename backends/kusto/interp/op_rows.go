package interp

import (
	"github.com/onerule/onerule/backends/kusto/syntax"
)

// window is a call of a window function: its values are computed for all rows of the operator's input at once.
type window struct {
	compute func(x *exec, rows []row, win [][]any) []any
}

// windows computes the window functions of an operator, inner ones first.
func windows(x *exec, list []*window, rows []row) [][]any {
	if len(list) == 0 {
		return nil
	}
	win := make([][]any, len(list))
	for i, w := range list {
		x.tick(len(rows))
		win[i] = w.compute(x, rows, win)
	}
	return win
}

func (b *binder) where(in *node, x *syntax.Where, sc *scope) *node {
	rs := b.rowScope(in, sc)
	pred := rs.boolean(x.Pred, "of where")
	return &node{cols: in.cols, serialized: in.serialized, run: func(ex *exec) []row {
		rows := in.run(ex)
		ex.tick(len(rows))
		e := env{x: ex, win: windows(ex, *rs.wins, rows)}
		out := make([]row, 0, len(rows))
		for i, r := range rows {
			e.row, e.src, e.i = r.v, r.src, i
			if isTrue(pred.eval(&e)) {
				out = append(out, r)
			}
		}
		return out
	}}
}

// output is a computed column: where it goes in the result, and which part of a tuple it is (-1 for the whole).
type output struct {
	expr int
	part int
	col  int
}

// namer gives the columns of a result their names; explicit names must be new, others get a number when they clash.
type namer struct {
	used map[string]bool
	n    int // the number of the next ColumnN
}

func newNamer(cols []column) *namer {
	m := &namer{used: map[string]bool{}}
	for _, c := range cols {
		m.used[c.name] = true
	}
	return m
}

// auto gives a name like the wanted one that is not used yet.
func (m *namer) auto(want string) string {
	if want == "" {
		for {
			m.n++
			if want = "Column" + text(int64(m.n)); !m.used[want] {
				m.used[want] = true
				return want
			}
		}
	}
	name := want
	for i := int64(1); m.used[name]; i++ {
		// count_ becomes count_1, a becomes a1.
		name = want + text(i)
	}
	m.used[name] = true
	return name
}

// bindItems binds name = expression lists. each is called per output column in order.
func (b *binder) bindItems(rs *rowScope, items []syntax.Item, each func(it syntax.Item, name string, explicit bool, typ syntax.Type, expr, part int)) []*cexpr {
	var list []*cexpr
	for _, it := range items {
		c := rs.expr(it.Expr)
		k := len(list)
		if c.star || c.table != nil || c.typeArg != tNone {
			c = b.run(it.At, "a value is needed here")
		}
		list = append(list, c)
		if c.tuple == nil {
			if len(it.Names) > 1 {
				b.run(it.At, "several names are given to an expression of one value")
			}
			name := c.name
			if len(it.Names) > 0 {
				name = it.Names[0]
			}
			each(it, name, len(it.Names) > 0, c.typ, k, -1)
			continue
		}
		if len(it.Names) > len(c.tuple) {
			b.run(it.At, "more names are given than the function has results")
		}
		for j, col := range c.tuple {
			name := col.name
			if j < len(it.Names) {
				name = it.Names[j]
			}
			each(it, name, j < len(it.Names), col.typ, k, j)
		}
	}
	return list
}

type itemOption int

// serializes marks the serialize operator.
const serializes itemOption = 1

// extend binds extend and serialize: new columns go to the end, columns of the same name are replaced. Items see the input
// row only, not one another (extend-operator).
func (b *binder) extend(in *node, items []syntax.Item, sc *scope, opts ...itemOption) *node {
	serialized := in.serialized || len(opts) > 0
	rs := b.rowScope(&node{cols: in.cols, serialized: serialized}, sc)
	cols := append([]column{}, in.cols...)
	given := map[string]bool{}
	names := newNamer(in.cols)
	var outs []output
	list := b.bindItems(rs, items, func(it syntax.Item, name string, explicit bool, typ syntax.Type, expr, part int) {
		switch {
		case !explicit && len(it.Names) > 0:
			return // extend (a, b) = f() keeps what is named, project all of it (series-fit-2lines-function)
		case explicit && given[name]:
			b.run(it.At, "the column `"+name+"` is given twice")
		case name == "":
			name = names.auto("")
		}
		given[name] = given[name] || explicit
		i := find(cols, name)
		if i < 0 {
			i = len(cols)
			cols = append(cols, column{name: name})
		}
		cols[i].typ = typ
		names.used[name] = true
		outs = append(outs, output{expr, part, i})
	})
	return &node{cols: cols, serialized: serialized, run: func(ex *exec) []row {
		rows := in.run(ex)
		ex.grow(len(rows), len(cols))
		e := env{x: ex, win: windows(ex, *rs.wins, rows)}
		out := make([]row, len(rows))
		for i, r := range rows {
			e.row, e.src, e.i = r.v, r.src, i
			v := make([]any, len(cols))
			copy(v, r.v)
			fill(v, outs, list, &e)
			out[i] = row{v, r.src}
		}
		return out
	}}
}

// fill evaluates the outputs of a row.
func fill(v []any, outs []output, list []*cexpr, e *env) {
	last, val := -1, any(nil)
	for _, o := range outs {
		if o.expr != last {
			val, last = list[o.expr].eval(e), o.expr
		}
		cell := val
		if o.part >= 0 {
			cell = nil
			if t, ok := val.([]any); ok && o.part < len(t) {
				cell = t[o.part]
			}
			cell = fix(cell, list[o.expr].tuple[o.part].typ)
		}
		v[o.col] = cell
	}
}

// project binds project: only the given columns remain.
func (b *binder) project(in *node, items []syntax.Item, sc *scope) *node {
	rs := b.rowScope(in, sc)
	cols, list, outs := b.projection(rs, items)
	return &node{cols: cols, serialized: in.serialized, run: func(ex *exec) []row {
		rows := in.run(ex)
		ex.grow(len(rows), len(cols))
		e := env{x: ex, win: windows(ex, *rs.wins, rows)}
		out := make([]row, len(rows))
		for i, r := range rows {
			e.row, e.src, e.i = r.v, r.src, i
			v := make([]any, len(cols))
			fill(v, outs, list, &e)
			out[i] = row{v, r.src}
		}
		return out
	}}
}

// projection binds the items of project, print and distinct.
func (b *binder) projection(rs *rowScope, items []syntax.Item) (cols []column, list []*cexpr, outs []output) {
	names := newNamer(nil)
	for _, it := range items { // explicit names and plain columns are taken before automatic ones
		for _, n := range it.Names {
			if names.used[n] {
				b.run(it.At, "the column `"+n+"` is given twice")
			}
			names.used[n] = true
		}
		if n, ok := it.Expr.(*syntax.Name); ok && len(it.Names) == 0 {
			if names.used[n.Name] {
				b.run(it.At, "the column `"+n.Name+"` is given twice")
			}
			names.used[n.Name] = true
		}
	}
	list = b.bindItems(rs, items, func(it syntax.Item, name string, explicit bool, typ syntax.Type, expr, part int) {
		if _, plain := it.Expr.(*syntax.Name); !explicit && !(plain && name != "") {
			name = names.auto(name)
		}
		outs = append(outs, output{expr, part, len(cols)})
		cols = append(cols, column{name, typ})
	})
	return cols, list, outs
}

// print makes one row; unnamed columns are print_0, print_1 … (print-operator).
func (b *binder) print(x *syntax.PrintOp, sc *scope) *node {
	rs := b.rowScope(&node{}, sc)
	names := newNamer(nil)
	var cols []column
	var outs []output
	list := b.bindItems(rs, x.Items, func(it syntax.Item, name string, explicit bool, typ syntax.Type, expr, part int) {
		if explicit {
			if names.used[name] {
				b.run(it.At, "the column `"+name+"` is given twice")
			}
			names.used[name] = true
		} else if part < 0 {
			name = names.auto("print_" + text(int64(expr)))
		} else {
			name = names.auto(name)
		}
		outs = append(outs, output{expr, part, len(cols)})
		cols = append(cols, column{name, typ})
	})
	return &node{cols: cols, run: func(ex *exec) []row {
		v := make([]any, len(cols))
		fill(v, outs, list, &env{x: ex})
		return []row{{v: v}}
	}}
}
