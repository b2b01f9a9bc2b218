package interp

import (
	"github.com/onerule/onerule/backends/kusto/syntax"
)

// grouping is a bound list of group keys.
type grouping struct {
	list []*cexpr
	cols []column
}

// groupKeys binds the expressions behind by. names takes part in naming all columns of the result.
func (b *binder) groupKeys(rs *rowScope, items []syntax.Item, names *namer) grouping {
	var g grouping
	for _, it := range items { // explicit names come first, so that automatic ones give way
		for _, n := range it.Names {
			if names.used[n] {
				b.run(it.At, "the column `"+n+"` is given twice")
			}
			names.used[n] = true
		}
	}
	for _, it := range items {
		c := rs.expr(it.Expr)
		if c.typ == tDyn || c.star || c.tuple != nil {
			b.run(it.At, "rows cannot be grouped by a dynamic value", "convert it with tostring(…), tolong(…) or todatetime(…)")
		}
		name := ""
		if len(it.Names) == 1 {
			name = it.Names[0]
		} else {
			name = names.auto(c.name)
		}
		g.list = append(g.list, c)
		g.cols = append(g.cols, column{name, c.typ})
	}
	return g
}

// summarize groups rows and aggregates them (summarize-operator): the keys come first, then the aggregates.
func (b *binder) summarize(in *node, x *syntax.Summarize, sc *scope) *node {
	inner := b.rowScope(&node{cols: in.cols}, sc)
	inner.wins = nil
	names := newNamer(nil)
	for _, it := range x.Aggs {
		for _, n := range it.Names {
			if names.used[n] {
				b.run(it.At, "the column `"+n+"` is given twice")
			}
			names.used[n] = true
		}
	}
	g := b.groupKeys(inner, x.By, names)
	rs := &rowScope{b: b, cols: in.cols, vars: sc, inner: inner, aggs: &aggSet{keys: plainKeys(g)}}
	rs.home = rs
	cols := append([]column{}, g.cols...)
	var outs []output
	list := b.bindItems(rs, x.Aggs, func(it syntax.Item, name string, explicit bool, typ syntax.Type, expr, part int) {
		if !explicit {
			name = names.auto(name)
		}
		outs = append(outs, output{expr, part, len(cols)})
		cols = append(cols, column{name, typ})
	})
	if len(x.Aggs) == 0 && len(x.By) == 0 {
		b.run(x.At, "summarize needs an aggregate or a key")
	}
	dropNulls := !b.x.in.On(doubtNullGroup)
	return &node{cols: cols, run: func(ex *exec) []row {
		groups := group(ex, in.run(ex), g.list, rs.aggs.list, dropNulls)
		if len(g.list) == 0 && len(groups) == 0 {
			groups = []*grouped{newGroup(nil, rs.aggs.list)}
		}
		ex.grow(len(groups), len(cols))
		out := make([]row, len(groups))
		for i, gr := range groups {
			v := make([]any, len(cols))
			copy(v, gr.key)
			fill(v, outs, list, &env{x: ex, aggs: gr.values()})
			out[i] = row{v: v}
		}
		return out
	}}
}

// plainKeys gives the columns that are keys by themselves.
func plainKeys(g grouping) map[string]bool {
	m := map[string]bool{}
	for _, c := range g.list {
		if n, ok := c.src.(*syntax.Name); ok {
			m[n.Name] = true
		}
	}
	return m
}

// grouped is one group with the states of its aggregates.
type grouped struct {
	key    []any
	states []state
}

func newGroup(k []any, starts []func() state) *grouped {
	g := &grouped{key: k, states: make([]state, len(starts))}
	for i, s := range starts {
		g.states[i] = s()
	}
	return g
}

func (g *grouped) add(e *env) {
	for _, s := range g.states {
		s.add(e)
	}
}

func (g *grouped) values() []any {
	out := make([]any, len(g.states))
	for i, s := range g.states {
		out[i] = s.value()
	}
	return out
}

// group sorts rows into groups in the order of their first rows.
func group(ex *exec, rows []row, keys []*cexpr, starts []func() state, dropNulls bool) []*grouped {
	index := map[string]*grouped{}
	var groups []*grouped
	e := env{x: ex}
	ex.tick(len(rows) * (1 + len(starts)))
	for i, r := range rows {
		e.row, e.src, e.i = r.v, r.src, i
		k := make([]any, len(keys))
		null := false
		for j, c := range keys {
			k[j] = c.eval(&e)
			null = null || k[j] == nil
		}
		if null && dropNulls {
			continue
		}
		id := keyOf(k)
		g := index[id]
		if g == nil {
			ex.grow(1, len(k)+len(starts))
			g = newGroup(k, starts)
			index[id] = g
			groups = append(groups, g)
		}
		g.add(&e)
	}
	return groups
}
