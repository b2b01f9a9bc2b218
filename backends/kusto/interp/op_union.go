package interp

import (
	"slices"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// part is one table of a union, with the name that withsource gives it.
type part struct {
	name string
	n    *node
}

// paramWord finds the word of a parameter by one of its names.
func paramWord(list []syntax.Param, names ...string) string {
	for _, p := range list {
		if slices.Contains(names, p.Name) {
			return p.Word()
		}
	}
	return ""
}

func (b *binder) union(in *node, x *syntax.Union, sc *scope) *node {
	var parts []part
	if in != nil {
		parts = append(parts, part{labelOr(in, 0), in})
	}
	fuzzy := paramWord(x.Params, "isfuzzy") == "true"
	for _, s := range x.Sources {
		parts = append(parts, b.sources(s, sc, fuzzy, len(parts))...)
	}
	if len(parts) == 0 {
		if !b.diags.HasErrors() {
			b.run(x.At, "union finds none of its tables")
		}
		return nil
	}
	return b.merge(parts, paramWord(x.Params, "withsource", "with_source"), paramWord(x.Params, "kind") == "inner")
}

// sources gives the tables that a source of union, search or find stands for. A fuzzy union leaves out what does not
// exist (union-operator).
func (b *binder) sources(x syntax.Expr, sc *scope, fuzzy bool, index int) []part {
	switch s := x.(type) {
	case *syntax.Wildcard:
		return b.matching(s.Pattern, sc)
	case *syntax.Star:
		return b.matching("*", sc)
	case *syntax.Name:
		if sc.lookup(s.Name) == nil {
			if fuzzy && !b.dry && b.tableNode(s.Name) == nil {
				b.x.warnings = append(b.x.warnings, "union: the table "+s.Name+" does not exist and is left out")
				return nil
			}
			if n := b.table(s, sc); n != nil {
				return []part{{s.Name, n}}
			}
			return nil
		}
	case *syntax.ArrayLit, *syntax.BagLit, *syntax.Between, *syntax.Binary, *syntax.BoolLit, *syntax.Call, *syntax.Datatable, *syntax.DatetimeLit,
		*syntax.DecimalLit, *syntax.DynamicLit, *syntax.ExternalData, *syntax.GUIDLit, *syntax.Index, *syntax.IntLit, *syntax.Lambda, *syntax.List,
		*syntax.LongLit, *syntax.NullLit, *syntax.Path, *syntax.Pipeline, *syntax.RealLit, *syntax.StringLit, *syntax.TimespanLit, *syntax.TypeofLit,
		*syntax.Unary:
	}
	before := len(b.diags)
	n := b.table(x, sc)
	if n == nil {
		if fuzzy {
			b.diags = b.diags[:before]
			b.x.warnings = append(b.x.warnings, "union: a source that cannot be resolved is left out")
		}
		return nil
	}
	if name, ok := x.(*syntax.Name); ok {
		if v := sc.lookup(name.Name); v != nil && v.lambda != nil && v.lambda.View {
			return []part{{name.Name, n}}
		}
	}
	return []part{{labelOr(n, index), n}}
}

// labelOr gives the name of a table in union's withsource: that given by as, or its number.
func labelOr(n *node, index int) string {
	if n.label != "" {
		return n.label
	}
	return "union_arg" + text(int64(index))
}

// matching gives the tables of the input, and the views, whose names fit a pattern.
func (b *binder) matching(pattern string, sc *scope) []part {
	if b.dry {
		panic(unbound{})
	}
	var parts []part
	for _, name := range b.order {
		if matchPattern(pattern, name) {
			parts = append(parts, part{name, b.tables[name]})
		}
	}
	var views []string
	for s := sc; s != nil; s = s.parent {
		for name, v := range s.vars {
			if v.lambda != nil && v.lambda.View && matchPattern(pattern, name) {
				views = append(views, name)
			}
		}
	}
	slices.Sort(views)
	for _, name := range views {
		if n := b.tableName(&syntax.Name{Name: name}, sc); n != nil {
			parts = append(parts, part{name, n})
		}
	}
	return parts
}

// merge appends tables. A column that occurs with several types becomes one column per type, name_type (union-operator);
// kind=inner keeps what all tables have.
func (b *binder) merge(parts []part, source string, inner bool) *node {
	types := map[string][]syntax.Type{}
	var order []string
	for _, p := range parts {
		for _, c := range p.n.cols {
			if types[c.name] == nil {
				order = append(order, c.name)
			}
			if !slices.Contains(types[c.name], c.typ) {
				types[c.name] = append(types[c.name], c.typ)
			}
		}
	}
	var cols []column
	at := map[column]int{} // name and type in a table -> column of the result
	if source != "" {
		cols = append(cols, column{source, tStr})
	}
	for _, name := range order {
		if inner && !inAll(parts, column{name, types[name][0]}) {
			continue
		}
		for _, t := range types[name] {
			out := name
			if len(types[name]) > 1 {
				out = freeName(name+"_"+t.String(), types)
			}
			at[column{name, t}] = len(cols)
			cols = append(cols, column{out, t})
		}
	}
	return &node{cols: cols, run: func(ex *exec) []row {
		var out []row
		for _, p := range parts {
			out = append(out, spread(ex, p, cols, at, source != "")...)
		}
		return out
	}}
}

// freeName numbers a name that a column of the tables has already (union-operator, last example).
func freeName(name string, taken map[string][]syntax.Type) string {
	out := name
	for i := int64(1); taken[out] != nil; i++ {
		out = name + text(i)
	}
	return out
}

func inAll(parts []part, c column) bool {
	for _, p := range parts {
		if i := find(p.n.cols, c.name); i < 0 || p.n.cols[i].typ != c.typ {
			return false
		}
	}
	return true
}

// spread puts the cells of one table into the columns of the union.
func spread(ex *exec, p part, cols []column, at map[column]int, source bool) []row {
	rows := p.n.run(ex)
	ex.grow(len(rows), len(cols))
	to := make([]int, len(p.n.cols))
	for i, c := range p.n.cols {
		j, ok := at[c]
		if !ok {
			j = -1
		}
		to[i] = j
	}
	out := make([]row, len(rows))
	for k, r := range rows {
		v := make([]any, len(cols))
		for i, c := range cols {
			v[i] = fix(nil, c.typ)
		}
		if source {
			v[0] = p.name
		}
		for i, j := range to {
			if j >= 0 {
				v[j] = r.v[i]
			}
		}
		out[k] = row{v, r.src}
	}
	return out
}
