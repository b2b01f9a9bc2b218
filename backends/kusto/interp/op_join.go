package interp

import (
	"strings"

	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/diag"
)

// joinKey is a pair of key columns.
type joinKey struct{ l, r int }

// joinKinds holds the kinds of join by every spelling (join-operator).
var joinKinds = map[string]string{
	"": "innerunique", "innerunique": "innerunique", "inner": "inner",
	"leftouter": "leftouter", "rightouter": "rightouter", "fullouter": "fullouter",
	"leftsemi": "leftsemi", "rightsemi": "rightsemi",
	"leftanti": "leftanti", "leftantisemi": "leftanti", "anti": "leftanti",
	"rightanti": "rightanti", "rightantisemi": "rightanti",
}

func (b *binder) join(in *node, x *syntax.Join, sc *scope) *node {
	kind, ok := joinKinds[x.Kind]
	if !ok {
		names := make([]string, 0, len(joinKinds))
		for k := range joinKinds {
			names = append(names, k)
		}
		var help []string
		if near := diag.Near(x.Kind, names, 1); len(near) > 0 {
			help = []string{"a kind with a similar name exists: `" + near[0] + "`"}
		}
		b.fail(diag.KustoUnknown, x.At, "there is no join kind `"+x.Kind+"`", help...)
		return nil
	}
	right := b.table(x.Right, sc)
	if right == nil {
		return nil
	}
	keys := b.joinKeys(in, right, x.On, sc)
	if keys == nil {
		return nil
	}
	switch kind {
	case "leftsemi", "leftanti":
		return semiJoin(in, right, keys, false, kind == "leftsemi", b.nullsJoin())
	case "rightsemi", "rightanti":
		return semiJoin(right, in, keys, true, kind == "rightsemi", b.nullsJoin())
	}
	cols := joinColumns(in.cols, right.cols, nil)
	return pairJoin(in, right, cols, nil, keys, kind, b.nullsJoin(), b.x.in.On(doubtUniqueLast))
}

func (b *binder) nullsJoin() bool { return b.x.in.On(doubtNullJoin) }

// joinKeys binds the conditions: names of both tables, or $left.a == $right.b; a comma or `and` joins them.
func (b *binder) joinKeys(l, r *node, on []syntax.Expr, sc *scope) []joinKey {
	var keys []joinKey
	ok := true
	var add func(x syntax.Expr)
	add = func(x syntax.Expr) {
		if bin, is := x.(*syntax.Binary); is && bin.Op == syntax.And {
			add(bin.L)
			add(bin.R)
			return
		}
		k, good := b.joinKey(l, r, x)
		if !good {
			ok = false
			return
		}
		keys = append(keys, k)
	}
	for _, x := range on {
		add(x)
	}
	if !ok || len(keys) == 0 {
		return nil
	}
	return keys
}

func (b *binder) joinKey(l, r *node, x syntax.Expr) (joinKey, bool) {
	var k joinKey
	switch x := x.(type) {
	case *syntax.Name:
		k.l, k.r = find(l.cols, x.Name), find(r.cols, x.Name)
		if k.l < 0 || k.r < 0 {
			side, cols := "left", l.cols
			if k.l >= 0 {
				side, cols = "right", r.cols
			}
			b.unknown(x.At, "the "+side+" side of the join has no column `"+x.Name+"`", x.Name, columnNames(cols))
			return k, false
		}
	case *syntax.Binary:
		a, okA := sideColumn(x.L)
		c, okC := sideColumn(x.R)
		if x.Op != syntax.Eq || !okA || !okC || a.side == c.side {
			b.badJoin(x)
			return k, false
		}
		if a.side == "$right" {
			a, c = c, a
		}
		k.l, k.r = find(l.cols, a.name), find(r.cols, c.name)
		if k.l < 0 {
			b.unknown(x.At, "the left side of the join has no column `"+a.name+"`", a.name, columnNames(l.cols))
		}
		if k.r < 0 {
			b.unknown(x.At, "the right side of the join has no column `"+c.name+"`", c.name, columnNames(r.cols))
		}
		if k.l < 0 || k.r < 0 {
			return k, false
		}
	case *syntax.ArrayLit, *syntax.BagLit, *syntax.Between, *syntax.BoolLit, *syntax.Call, *syntax.Datatable, *syntax.DatetimeLit,
		*syntax.DecimalLit, *syntax.DynamicLit, *syntax.ExternalData, *syntax.GUIDLit, *syntax.Index, *syntax.IntLit, *syntax.Lambda, *syntax.List,
		*syntax.LongLit, *syntax.NullLit, *syntax.Path, *syntax.Pipeline, *syntax.RealLit, *syntax.Star, *syntax.StringLit, *syntax.TimespanLit,
		*syntax.TypeofLit, *syntax.Unary, *syntax.Wildcard:
		b.badJoin(x)
		return k, false
	}
	lt, rt := l.cols[k.l].typ, r.cols[k.r].typ
	if lt == tDyn || rt == tDyn {
		b.run(x.Span(), "a key of the join is dynamic", "convert both keys with tostring(…) before the join")
		return k, false
	}
	if lt != rt && !(isInteger(lt) && isInteger(rt)) {
		b.run(x.Span(), "the keys of the join are of types "+lt.String()+" and "+rt.String(), "convert one of them before the join")
		return k, false
	}
	return k, true
}

func (b *binder) badJoin(x syntax.Expr) {
	b.run(x.Span(), "a condition of join is an equality of columns", "write a column name, or $left.a == $right.b; put other conditions into a where behind the join")
}

type sideRef struct{ side, name string }

func sideColumn(x syntax.Expr) (sideRef, bool) {
	p, ok := x.(*syntax.Path)
	if !ok {
		return sideRef{}, false
	}
	n, ok := p.X.(*syntax.Name)
	if !ok || n.Name != "$left" && n.Name != "$right" {
		return sideRef{}, false
	}
	return sideRef{n.Name, p.Name}, true
}

// joinColumns gives the columns of both sides; a right column whose name exists gets the next free number. Columns in skip
// are left out of the right side.
func joinColumns(l, r []column, skip map[int]bool) []column {
	used := map[string]bool{}
	for _, c := range l {
		used[c.name] = true
	}
	right := map[string]bool{}
	for i, c := range r {
		if !skip[i] {
			right[c.name] = true
		}
	}
	cols := append([]column{}, l...)
	for i, c := range r {
		if skip[i] {
			continue
		}
		name := c.name
		for n := int64(1); used[name] || name != c.name && right[name]; n++ {
			name = c.name + text(n)
		}
		used[name] = true
		cols = append(cols, column{name, c.typ})
	}
	return cols
}

// joinText is the key of a row of a side; ok is false when a null keeps it from matching.
func joinText(v []any, keys []joinKey, right, nulls bool) (string, bool) {
	var b strings.Builder
	for _, k := range keys {
		i := k.l
		if right {
			i = k.r
		}
		if v[i] == nil && !nulls {
			return "", false
		}
		s := key(v[i])
		b.WriteString(text(int64(len(s))))
		b.WriteByte(':')
		b.WriteString(s)
	}
	return b.String(), true
}

// semiJoin keeps the rows of one side that have (or, for anti, have not) a match on the other.
func semiJoin(side, other *node, keys []joinKey, swapped, want, nulls bool) *node {
	return &node{cols: side.cols, run: func(ex *exec) []row {
		set := map[string]bool{}
		rows := other.run(ex)
		ex.tick(len(rows))
		for _, r := range rows {
			if k, ok := joinText(r.v, keys, !swapped, nulls); ok {
				set[k] = true
			}
		}
		return keep(side.run(ex), func(r row) bool {
			ex.tick(1)
			k, ok := joinText(r.v, keys, swapped, nulls)
			return (ok && set[k]) == want
		})
	}}
}

// pairJoin makes pairs of rows; outer kinds fill the missing side with nulls.
func pairJoin(l, r *node, cols []column, skip map[int]bool, keys []joinKey, kind string, nulls, uniqueLast bool) *node {
	return &node{cols: cols, run: func(ex *exec) []row {
		left, right := l.run(ex), r.run(ex)
		if kind == "innerunique" {
			left = uniqueRows(left, keys, nulls, uniqueLast)
		}
		index := map[string][]int{}
		ex.tick(len(left) + len(right))
		for i, rr := range right {
			if k, ok := joinText(rr.v, keys, true, nulls); ok {
				index[k] = append(index[k], i)
			}
		}
		matched := make([]bool, len(right))
		p := pairs{ex: ex, cols: cols, left: len(l.cols), skip: skip}
		for _, lr := range left {
			k, ok := joinText(lr.v, keys, false, nulls)
			hits := index[k]
			if !ok {
				hits = nil
			}
			for _, i := range hits {
				matched[i] = true
				p.add(lr.v, right[i].v)
			}
			if len(hits) == 0 && (kind == "leftouter" || kind == "fullouter") {
				p.add(lr.v, nil)
			}
		}
		if kind == "rightouter" || kind == "fullouter" {
			for i, rr := range right {
				if !matched[i] {
					p.add(nil, rr.v)
				}
			}
		}
		return p.out
	}}
}

// uniqueRows keeps one left row per key: which one is arbitrary in the service (join-innerunique).
func uniqueRows(rows []row, keys []joinKey, nulls, last bool) []row {
	at := map[string]int{}
	var out []row
	for _, r := range rows {
		k, ok := joinText(r.v, keys, false, nulls)
		if !ok {
			continue
		}
		i, seen := at[k]
		switch {
		case !seen:
			at[k] = len(out)
			out = append(out, r)
		case last:
			out[i] = r
		}
	}
	return out
}

// pairs builds the rows of a join.
type pairs struct {
	ex   *exec
	cols []column
	left int
	skip map[int]bool
	out  []row
}

func (p *pairs) add(l, r []any) {
	p.ex.grow(1, len(p.cols))
	v := make([]any, 0, len(p.cols))
	if l != nil {
		v = append(v, l...)
	}
	for len(v) < p.left {
		v = append(v, fix(nil, p.cols[len(v)].typ))
	}
	for i, c := range r {
		if !p.skip[i] {
			v = append(v, c)
		}
	}
	for len(v) < len(p.cols) {
		v = append(v, fix(nil, p.cols[len(v)].typ))
	}
	p.out = append(p.out, row{v: v})
}

// lookup extends the input by columns of a small table; its keys are not repeated (lookup-operator).
func (b *binder) lookup(in *node, x *syntax.Lookup, sc *scope) *node {
	kind := x.Kind
	if kind == "" {
		kind = "leftouter"
	}
	if kind != "leftouter" && kind != "inner" {
		b.fail(diag.KustoUnknown, x.At, "there is no lookup kind `"+x.Kind+"`", "lookup is leftouter or inner")
		return nil
	}
	right := b.table(x.Right, sc)
	if right == nil {
		return nil
	}
	keys := b.joinKeys(in, right, x.On, sc)
	if keys == nil {
		return nil
	}
	skip := map[int]bool{}
	for _, k := range keys {
		skip[k.r] = true
	}
	cols := joinColumns(in.cols, right.cols, skip)
	return pairJoin(in, right, cols, skip, keys, kind, b.nullsJoin(), false)
}

// invoke calls a function with the rows as its first argument (invoke-operator).
func (b *binder) invoke(in *node, x *syntax.Invoke, sc *scope) *node {
	v := sc.lookup(x.Call.Name)
	if v == nil || v.lambda == nil {
		b.fail(diag.KustoUnknown, x.Call.At, "there is no tabular function `"+x.Call.Name+"`", nearFunction(x.Call.Name, sc.names())...)
		return nil
	}
	inner := newScope(sc)
	inner.vars["$rows"] = &variable{table: cached(in)}
	call := &syntax.Call{Loc: x.Call.Loc, Name: x.Call.Name, Args: append([]syntax.Item{{Expr: &syntax.Name{Loc: x.Call.Loc, Name: "$rows"}}}, x.Call.Args...)}
	_, n := b.callLambda(call, v, b.rowScope(nil, inner))
	return n
}
