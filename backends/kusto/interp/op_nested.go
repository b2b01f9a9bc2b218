package interp

import (
	"slices"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// nestedLevel is a bound clause of top-nested.
type nestedLevel struct {
	n      *cexpr
	of     *cexpr
	by     *cexpr
	starts []func() state
	others *cexpr
	desc   bool
}

// topNested aggregates level by level: the best values of the first level, in each of them the best of the second …
// (top-nested-operator). Two columns come from each level.
func (b *binder) topNested(in *node, x *syntax.TopNested, sc *scope) *node {
	var levels []nestedLevel
	var cols []column
	names := newNamer(nil)
	for _, l := range x.Levels {
		inner := b.rowScope(&node{cols: in.cols}, sc)
		inner.wins = nil
		rs := &rowScope{b: b, cols: in.cols, vars: sc, inner: inner, aggs: &aggSet{}}
		rs.home = rs
		lv := nestedLevel{of: inner.expr(l.Of.Expr), by: rs.expr(l.By.Item.Expr), desc: l.By.Dir != "asc"}
		lv.starts = rs.aggs.list
		if l.N != nil {
			lv.n = b.constLong(l.N, sc, "the number of values of top-nested")
		}
		if l.Others != nil {
			lv.others = b.rowScope(nil, sc).expr(l.Others)
		}
		name := lv.of.name
		if len(l.Of.Names) == 1 {
			name = l.Of.Names[0]
		}
		agg := "aggregated_" + name
		if len(l.By.Item.Names) == 1 {
			agg = l.By.Item.Names[0]
		}
		cols = append(cols, column{names.auto(name), lv.of.typ}, column{names.auto(agg), lv.by.typ})
		levels = append(levels, lv)
	}
	return &node{cols: cols, run: func(ex *exec) []row {
		var out []row
		nest(ex, in.run(ex), levels, nil, cols, &out)
		return out
	}}
}

type nestedValue struct {
	v    any
	agg  any
	rows []row
}

// nest computes one level over the rows of a branch.
func nest(ex *exec, rows []row, levels []nestedLevel, prefix []any, cols []column, out *[]row) {
	if len(levels) == 0 {
		ex.grow(1, len(cols))
		*out = append(*out, row{v: slices.Clone(prefix)})
		return
	}
	l := levels[0]
	vals := nestedValues(ex, rows, l)
	n := int64(len(vals))
	if l.n != nil {
		if k, ok := castLong(l.n.value(ex)).(int64); ok && k < n {
			n = max(k, 0)
		}
	}
	for _, v := range vals[:n] {
		nest(ex, v.rows, levels[1:], append(slices.Clone(prefix), v.v, v.agg), cols, out)
	}
	if l.others == nil || l.n == nil {
		return
	}
	var rest []row
	for _, v := range vals[n:] {
		rest = append(rest, v.rows...)
	}
	g := newGroup(nil, l.starts)
	addAll(ex, g, rest)
	v := append(slices.Clone(prefix), castTo(l.others.value(ex), l.of.typ), l.by.eval(&env{x: ex, aggs: g.values()}))
	for _, c := range cols[len(v):] {
		v = append(v, fix(nil, c.typ))
	}
	*out = append(*out, row{v: v})
}

func addAll(ex *exec, g *grouped, rows []row) {
	e := env{x: ex}
	ex.tick(len(rows))
	for i, r := range rows {
		e.row, e.i = r.v, i
		g.add(&e)
	}
}

// nestedValues groups rows by a level's value and sorts the groups by its aggregate.
func nestedValues(ex *exec, rows []row, l nestedLevel) []nestedValue {
	index := map[string]int{}
	var vals []nestedValue
	e := env{x: ex}
	for i, r := range rows {
		e.row, e.i = r.v, i
		v := l.of.eval(&e)
		k, ok := index[key(v)]
		if !ok {
			k = len(vals)
			index[key(v)] = k
			vals = append(vals, nestedValue{v: v})
		}
		vals[k].rows = append(vals[k].rows, r)
	}
	for i := range vals {
		g := newGroup(nil, l.starts)
		addAll(ex, g, vals[i].rows)
		vals[i].agg = l.by.eval(&env{x: ex, aggs: g.values()})
	}
	k := sortKey{desc: l.desc, nullsFirst: !l.desc}
	slices.SortStableFunc(vals, func(a, b nestedValue) int { return compareKeys(a.agg, b.agg, k) })
	return vals
}

// topHitters counts, or sums a weight, per value and keeps the greatest; an estimate in the service, exact here
// (top-hitters-operator).
func (b *binder) topHitters(in *node, x *syntax.TopHitters, sc *scope) *node {
	rs := b.rowScope(in, sc)
	rs.wins = nil
	of := rs.expr(x.Of.Expr)
	n := b.constLong(x.N, sc, "the number of values of top-hitters")
	name := of.name
	if len(x.Of.Names) == 1 {
		name = x.Of.Names[0]
	}
	agg, typ := "approximate_count_"+name, tLong
	var weight *cexpr
	if x.By != nil {
		weight = rs.expr(x.By.Expr)
		agg, typ = "approximate_sum_"+weight.name, weight.typ
		if typ == tInt {
			typ = tLong
		}
		if len(x.By.Names) == 1 {
			agg = x.By.Names[0]
		}
	}
	cols := []column{{name, of.typ}, {agg, typ}}
	return &node{cols: cols, serialized: true, run: func(ex *exec) []row {
		count := func(v any, e *env) any {
			if weight == nil {
				return int64(1)
			}
			return weight.eval(e)
		}
		index := map[string]int{}
		var out []row
		e := env{x: ex}
		for i, r := range in.run(ex) {
			ex.tick(1)
			e.row, e.i = r.v, i
			v := of.eval(&e)
			w := count(v, &e)
			if w == nil {
				continue
			}
			k, ok := index[key(v)]
			if !ok {
				k = len(out)
				index[key(v)] = k
				ex.grow(1, 2)
				out = append(out, row{v: []any{v, castTo(int64(0), typ)}})
			}
			out[k].v[1] = add(out[k].v[1], w, typ)
		}
		slices.SortStableFunc(out, func(a, b row) int { return -sortCompare(a.v[1], b.v[1]) })
		if k := longValue(ex, n, x.At, "the number of values of top-hitters"); int64(len(out)) > k {
			out = out[:k]
		}
		return out
	}}
}
