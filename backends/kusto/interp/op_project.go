package interp

import (
	"strings"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// matchPattern reports whether a name fits a pattern with stars.
func matchPattern(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	if !strings.HasPrefix(name, parts[0]) {
		return false
	}
	name = name[len(parts[0]):]
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(name, p)
		if i < 0 {
			return false
		}
		name = name[i+len(p):]
	}
	return strings.HasSuffix(name, parts[len(parts)-1])
}

// pick gives the positions of the columns that names and patterns select, in their order.
func (b *binder) pick(in *node, list []syntax.Expr) []int {
	var out []int
	for _, x := range list {
		switch x := x.(type) {
		case *syntax.Name:
			i := find(in.cols, x.Name)
			if i < 0 {
				b.unknown(x.At, "no column is named `"+x.Name+"`", x.Name, columnNames(in.cols))
				continue
			}
			out = append(out, i)
		case *syntax.Wildcard:
			for i, c := range in.cols {
				if matchPattern(x.Pattern, c.name) {
					out = append(out, i)
				}
			}
		case *syntax.Star:
			for i := range in.cols {
				out = append(out, i)
			}
		case *syntax.ArrayLit, *syntax.BagLit, *syntax.Between, *syntax.Binary, *syntax.BoolLit, *syntax.Call, *syntax.Datatable,
			*syntax.DatetimeLit, *syntax.DecimalLit, *syntax.DynamicLit, *syntax.ExternalData, *syntax.GUIDLit, *syntax.Index, *syntax.IntLit,
			*syntax.Lambda, *syntax.List, *syntax.LongLit, *syntax.NullLit, *syntax.Path, *syntax.Pipeline, *syntax.RealLit, *syntax.StringLit,
			*syntax.TimespanLit, *syntax.TypeofLit, *syntax.Unary:
			b.run(x.Span(), "a column name is needed here")
		}
	}
	return out
}

// selectColumns makes the node that keeps the columns at given positions.
func selectColumns(in *node, at []int, rename map[int]string) *node {
	cols := make([]column, len(at))
	for j, i := range at {
		cols[j] = in.cols[i]
		if n, ok := rename[i]; ok {
			cols[j].name = n
		}
	}
	return &node{cols: cols, serialized: in.serialized, run: func(ex *exec) []row {
		rows := in.run(ex)
		ex.grow(len(rows), len(cols))
		out := make([]row, len(rows))
		for k, r := range rows {
			v := make([]any, len(at))
			for j, i := range at {
				v[j] = r.v[i]
			}
			out[k] = row{v, r.src}
		}
		return out
	}}
}

func (b *binder) projectAway(in *node, x *syntax.ProjectAway) *node {
	away := map[int]bool{}
	for _, i := range b.pick(in, x.Columns) {
		away[i] = true
	}
	var at []int
	for i := range in.cols {
		if !away[i] {
			at = append(at, i)
		}
	}
	return selectColumns(in, at, nil)
}

// projectKeep keeps columns in the order of the input (project-keep-operator).
func (b *binder) projectKeep(in *node, x *syntax.ProjectKeep) *node {
	kept := map[int]bool{}
	for _, i := range b.pick(in, x.Columns) {
		kept[i] = true
	}
	var at []int
	for i := range in.cols {
		if kept[i] {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		b.run(x.At, "no column fits project-keep")
	}
	return selectColumns(in, at, nil)
}

func (b *binder) projectRename(in *node, x *syntax.ProjectRename) *node {
	rename := map[int]string{}
	at := make([]int, len(in.cols))
	for i := range at {
		at[i] = i
	}
	for _, it := range x.Items {
		n, ok := it.Expr.(*syntax.Name)
		if !ok || len(it.Names) != 1 {
			continue
		}
		i := find(in.cols, n.Name)
		if i < 0 {
			b.unknown(n.At, "no column is named `"+n.Name+"`", n.Name, columnNames(in.cols))
			continue
		}
		rename[i] = it.Names[0]
	}
	seen := map[string]bool{}
	for i, c := range in.cols {
		name := c.name
		if n, ok := rename[i]; ok {
			name = n
		}
		if seen[name] {
			b.run(x.At, "a column `"+name+"` exists already")
		}
		seen[name] = true
	}
	return selectColumns(in, at, rename)
}

// projectReorder moves columns to the front; a pattern may be ordered by name (project-reorder-operator).
func (b *binder) projectReorder(in *node, x *syntax.ProjectReorder) *node {
	var at []int
	done := map[int]bool{}
	for _, c := range x.Columns {
		group := b.pick(in, []syntax.Expr{c.Column})
		orderNames(in.cols, group, c.Order)
		for _, i := range group {
			if !done[i] {
				done[i] = true
				at = append(at, i)
			}
		}
	}
	for i := range in.cols {
		if !done[i] {
			at = append(at, i)
		}
	}
	return selectColumns(in, at, nil)
}

// projectByNames keeps the columns whose names the arguments give: strings, and dynamic arrays of strings.
func (b *binder) projectByNames(in *node, x *syntax.ProjectByNames, sc *scope) *node {
	rs := b.rowScope(nil, sc)
	var at []int
	done := map[int]bool{}
	add := func(i int) {
		if i >= 0 && !done[i] {
			done[i] = true
			at = append(at, i)
		}
	}
	for _, n := range x.Names {
		c := rs.expr(n)
		if !c.konst {
			b.run(n.Span(), "project-by-names needs constant names")
			continue
		}
		list, ok := c.value(b.x).([]any)
		if !ok {
			list = []any{c.value(b.x)}
		}
		for _, v := range list {
			name := text(v)
			for i, col := range in.cols {
				if matchPattern(name, col.name) {
					add(i)
				}
			}
		}
	}
	return selectColumns(in, at, nil)
}
