package interp

import (
	"fmt"
	"slices"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/backends/native"
)

// grouping is a checked STATS: keys over the input, aggregates over the input and the keys, and the output fields over
// keys and aggregates.
type grouping struct {
	r      *run
	width  int // cells of the input
	keys   []*expr
	aggs   []*aggCall
	fields []*expr
}

// group is one group: its keys and the states of its aggregates.
type group struct {
	keys   []any
	states []accumulator
}

func (r *run) statistics(c *syntax.Stats, in schema) (stage, schema) {
	c = r.lastKeys(c)
	g := &grouping{r: r, width: len(in)}
	k := r.checker(in)
	k.grouping = true
	scope := &statsScope{inner: r.checker(slices.Clone(in)), texts: map[string]int{}, names: map[string]int{}}
	for i, f := range c.By {
		e := k.expr(f.Value)
		g.keys = append(g.keys, e)
		scope.keys = append(scope.keys, e.typ)
		scope.texts[canonical(f.Value)] = i
		scope.names[f.Name] = i
		scope.inner.names[f.Name] = len(scope.inner.cols)
		scope.inner.cols = append(scope.inner.cols, column{name: f.Name, typ: e.typ, konst: e.konst, val: e.val})
		if col, ok := f.Value.(*syntax.Column); ok && col.Name != f.Name {
			if _, taken := scope.names[col.Name]; !taken {
				scope.names[col.Name] = i
			}
		}
	}
	outer := r.checker(nil)
	outer.stats = scope
	for _, f := range c.Aggs {
		scope.filter = nil
		if f.Where != nil {
			scope.filter = scope.inner.expr(f.Where)
			if t := scope.filter.typ; t != tBool && t != tNull && t != tErr {
				k.wrong(f.Where.Pos(), "Condition expression needs to be boolean, found [%s]", t)
			}
		}
		e := outer.expr(f.Value)
		if amounts.has(e.typ) {
			e = k.wrong(e.span, "STATS does not support type [%s] as the type of a column", e.typ)
		}
		g.fields = append(g.fields, e)
	}
	g.aggs = scope.aggs
	if c.Inline {
		return g.inline(c, in)
	}
	return g.plain(c)
}

// lastKeys drops keys whose name comes again: only the last one groups.
func (r *run) lastKeys(c *syntax.Stats) *syntax.Stats {
	out := *c
	out.By = nil
	for i, f := range c.By {
		later := slices.IndexFunc(c.By[i+1:], func(g syntax.Field) bool { return g.Name == f.Name })
		if later < 0 {
			out.By = append(out.By, f)
			continue
		}
		r.shadowed(f, c.By[i+1+later])
	}
	return &out
}

func (r *run) shadowed(old, by syntax.Field) {
	r.out.Warnings = append(r.out.Warnings, fmt.Sprintf("Line %d:%d: Field '%s' shadowed by field at line %d:%d",
		old.Span.Start.Line, old.Span.Start.Col, old.Name, by.Span.Start.Line, by.Span.Start.Col))
}

// outputs lays the fields and keys out: of equal names the last wins, keys win over fields. from gives the cell of each.
func (g *grouping) outputs(out *layout, c *syntax.Stats, fieldAt, keyAt func(i int) int) {
	r := g.r
	at := map[string]syntax.Field{}
	put := func(f syntax.Field, t typ, cell int) {
		if old, ok := at[f.Name]; ok {
			r.shadowed(old, f)
		}
		at[f.Name] = f
		out.add(column{name: f.Name, typ: t}, cell)
	}
	for i, f := range c.Aggs {
		put(f, g.fields[i].typ, fieldAt(i))
	}
	for i, f := range c.By {
		put(f, g.keys[i].typ, keyAt(i))
	}
}

func (g *grouping) plain(c *syntax.Stats) (stage, schema) {
	var out layout
	g.outputs(&out, c, func(i int) int { return i }, func(i int) int { return len(g.fields) + i })
	return func(rows []row) []row {
		_, groups := g.collect(rows)
		done := make([]row, len(groups))
		for i, x := range groups {
			cells := append(g.finish(x), x.keys...)
			done[i] = row{cells: out.apply(cells)}
		}
		return done
	}, out.cols
}

// doubtInlineMulti: no page says what INLINE STATS adds to a row whose key has several values.
var doubtInlineMulti = native.Doubt{
	Name:    "esql-inline-multi",
	Doc:     "INLINE STATS gives a row with several values in its key the results of all its groups as several values; off: null",
	Default: true,
}

// inline adds the results to the rows; a row in several groups gets the values of all of them.
func (g *grouping) inline(c *syntax.Stats, in schema) (stage, schema) {
	spread := g.r.in.On(doubtInlineMulti)
	out := identity(afterBreak(in))
	g.outputs(&out, c, func(i int) int { return len(in) + i }, func(i int) int { return len(in) + len(g.fields) + i })
	return func(rows []row) []row {
		members, groups := g.collect(rows)
		results := make([][]any, len(groups))
		for i, x := range groups {
			results[i] = g.finish(x)
		}
		done := make([]row, len(rows))
		for i, x := range rows {
			cells := slices.Clone(x.cells)
			for j := range g.fields {
				var vs []any
				if len(members[i]) > 1 && !spread {
					cells = append(cells, nil)
					continue
				}
				for _, m := range members[i] {
					vs = append(vs, list(results[m][j])...)
				}
				cells = append(cells, collect(vs))
			}
			for _, k := range g.keys {
				cells = append(cells, k.eval(x.cells))
			}
			done[i] = row{out.apply(cells), x.src}
		}
		g.r.spend(len(rows) * (1 + len(out.take)))
		return done
	}, out.cols
}

// collect fills the groups in the order of their first row, and tells the groups of each row. Without keys there is one
// group even without rows.
func (g *grouping) collect(rows []row) (members [][]int, groups []*group) {
	index := map[string]int{}
	members = make([][]int, len(rows))
	if len(g.keys) == 0 {
		groups = append(groups, g.open(nil))
	}
	for i, x := range rows {
		cells := make([]any, g.width, g.width+len(g.keys))
		copy(cells, x.cells)
		combos := [][]any{nil}
		for _, k := range g.keys {
			v := k.eval(x.cells)
			cells = append(cells, v)
			combos = g.cross(combos, v)
		}
		g.r.spend(len(combos) * (2 + 2*len(g.aggs)))
		args, pass := g.arguments(cells)
		for _, keys := range combos {
			n := 0
			if len(g.keys) > 0 {
				var key []byte
				for _, k := range keys {
					key = keyOf(key, k)
				}
				var ok bool
				if n, ok = index[string(key)]; !ok {
					n = len(groups)
					g.r.hold(4 + len(keys) + 4*len(g.aggs))
					index[string(key)] = n
					groups = append(groups, g.open(keys))
				}
			}
			members[i] = append(members[i], n)
			for j := range g.aggs {
				if pass[j] {
					groups[n].states[j].add(args[j])
				}
			}
		}
	}
	return members, groups
}

// cross puts a row with several values of a key into a group for each.
func (g *grouping) cross(combos [][]any, v any) [][]any {
	vs := []any{v}
	if _, many := v.(mv); many {
		vs = dedupe(list(v))
	}
	g.r.hold(len(combos) * len(vs) * (2 + len(combos[0])))
	out := make([][]any, 0, len(combos)*len(vs))
	for _, c := range combos {
		for _, x := range vs {
			out = append(out, append(slices.Clip(c), x))
		}
	}
	return out
}

func (g *grouping) open(keys []any) *group {
	x := &group{keys: keys, states: make([]accumulator, len(g.aggs))}
	for i, a := range g.aggs {
		x.states[i] = a.make()
	}
	return x
}

// arguments computes the arguments of all aggregates whose filter lets the row pass.
func (g *grouping) arguments(cells []any) (args [][]any, pass []bool) {
	args, pass = make([][]any, len(g.aggs)), make([]bool, len(g.aggs))
	for i, a := range g.aggs {
		if pass[i] = a.filter == nil || a.filter.eval(cells) == true; !pass[i] {
			continue
		}
		args[i] = make([]any, len(a.args))
		for j, e := range a.args {
			args[i][j] = e.eval(cells)
		}
	}
	return args, pass
}

// finish computes the output fields of a group.
func (g *grouping) finish(x *group) []any {
	cells := slices.Clone(x.keys)
	for _, s := range x.states {
		cells = append(cells, s.result())
	}
	out := make([]any, len(g.fields))
	for i, f := range g.fields {
		out[i] = f.eval(cells)
	}
	return out
}
