package interp

import (
	"github.com/onerule/onerule/backends/kusto/syntax"
)

// oldExpandLimit is the row limit of the old spelling mvexpand (mv-expand-operator).
const oldExpandLimit = 128

// expansion is a bound mv-expand: which columns get elements of which values.
type expansion struct {
	in    *node
	cols  []column // of the expanded rows
	list  []*cexpr
	at    []int
	types []syntax.Type
	index int // column of the item index, -1 for none
	pairs bool
	limit *cexpr
	cap   int64
	// scalar: a value that is no array gives one row; converts: to typeof(T) converts.
	scalar, converts bool
	// inPlace are the input columns that are expanded under their own name.
	inPlace map[int]bool
}

// expand binds the part that mv-expand and mv-apply share.
func (b *binder) expand(in *node, params []syntax.Param, items []syntax.ExpandItem, limit syntax.Expr, sc *scope) *expansion {
	x := &expansion{in: in, cols: append([]column{}, in.cols...), index: -1, cap: 1 << 31, inPlace: map[int]bool{}}
	x.scalar = b.x.in.On(doubtExpandScalar)
	x.converts = b.x.in.On(doubtExpandConvert)
	x.pairs = paramWord(params, "kind", "bagexpansion") == "array"
	rs := b.rowScope(in, sc)
	rs.wins = nil
	names := newNamer(in.cols)
	given := map[string]bool{}
	for _, it := range items {
		c := rs.expr(it.Expr)
		if c.typ != tDyn && c.typ != tNone {
			b.run(it.At, "a value of type "+typeName(c)+" cannot be expanded", "only dynamic arrays and bags have elements; use split(…) or parse_json(…)")
		}
		name := it.Name
		if name == "" {
			name = c.name
		}
		if name == "" {
			name = names.auto("")
		}
		t := it.Type
		if t == tNone {
			t = tDyn
		}
		if given[name] {
			b.run(it.At, "the column `"+name+"` is given twice")
		}
		given[name] = true
		i := find(x.cols, name)
		if n, ok := it.Expr.(*syntax.Name); ok && n.Name == name && i >= 0 {
			x.inPlace[i] = true
		}
		if i < 0 {
			i = len(x.cols)
			x.cols = append(x.cols, column{name: name})
		}
		names.used[name] = true
		x.cols[i].typ = t
		x.list = append(x.list, c)
		x.at = append(x.at, i)
		x.types = append(x.types, t)
	}
	if name := paramWord(params, "with_itemindex"); name != "" {
		x.index = len(x.cols)
		x.cols = append(x.cols, column{name, tLong})
	}
	if limit != nil {
		x.limit = b.constLong(limit, sc, "the limit")
	}
	return x
}

// elements gives the elements of a value; ok is false when the value gives a single row.
func (x *expansion) elements(v any) (list []any, single bool) {
	switch v := v.(type) {
	case []any:
		return v, false
	case *bag:
		for _, k := range v.keys {
			if x.pairs {
				list = append(list, []any{k, v.vals[k]})
				continue
			}
			one := newBag()
			one.set(k, v.vals[k])
			list = append(list, one)
		}
		return list, false
	case nil:
		return []any{nil}, true
	}
	if !x.scalar {
		return nil, false
	}
	return []any{v}, true
}

// rows expands one row: all columns in parallel, missing elements are null.
func (x *expansion) rows(e *env, r row) []row {
	lists := make([][]any, len(x.list))
	n := 0
	for i, c := range x.list {
		lists[i], _ = x.elements(c.eval(e))
		n = max(n, len(lists[i]))
	}
	if int64(n) > x.cap {
		n = int(x.cap)
	}
	e.x.grow(n, len(x.cols))
	out := make([]row, n)
	for k := range out {
		v := make([]any, len(x.cols))
		copy(v, r.v)
		for i, l := range lists {
			var el any
			if k < len(l) {
				el = l[k]
			}
			v[x.at[i]] = x.cast(el, x.types[i])
		}
		if x.index >= 0 {
			v[x.index] = int64(k)
		}
		out[k] = row{v, r.src}
	}
	return out
}

// cast applies to typeof(T): an element of another type becomes null, numbers fit one another (mv-expand-operator).
func (x *expansion) cast(v any, t syntax.Type) any {
	if v == nil || t == tDyn {
		return fix(v, t)
	}
	have := typeOf(v)
	fits := have == t || isNumeric(have) && isNumeric(t)
	if fits || x.converts {
		return castTo(v, t)
	}
	return fix(nil, t)
}

func (x *expansion) start(ex *exec) {
	if x.limit != nil {
		if n, ok := castLong(x.limit.value(ex)).(int64); ok {
			x.cap = n
		}
	}
}

func (b *binder) mvExpand(in *node, x *syntax.MvExpand, sc *scope) *node {
	exp := b.expand(in, x.Params, x.Items, x.Limit, sc)
	if x.Legacy && x.Limit == nil {
		exp.cap = oldExpandLimit
	}
	return &node{cols: exp.cols, serialized: in.serialized, run: func(ex *exec) []row {
		exp.start(ex)
		var out []row
		e := env{x: ex}
		for i, r := range in.run(ex) {
			ex.tick(1)
			e.row, e.src, e.i = r.v, r.src, i
			out = append(out, exp.rows(&e, r)...)
		}
		return out
	}}
}

// mvApply runs a subquery over the rows made from each row; the input's columns that were not expanded in place are put
// before the columns of the subquery (mv-apply-operator).
func (b *binder) mvApply(in *node, x *syntax.MvApply, sc *scope) *node {
	exp := b.expand(in, x.Params, x.Items, x.Limit, sc)
	s := &slot{}
	body := b.ops(s.node(exp.cols, true), x.Body, newScope(sc))
	if body == nil {
		return nil
	}
	// from tells where each column of the result comes from: an input column, or -1-i for column i of the subquery.
	var cols []column
	var from []int
	for i, c := range in.cols {
		if exp.inPlace[i] {
			continue
		}
		cols, from = append(cols, c), append(from, i)
		if j := find(body.cols, c.name); j >= 0 {
			cols[len(cols)-1], from[len(from)-1] = body.cols[j], -1-j
		}
	}
	for j, c := range body.cols {
		if find(cols, c.name) < 0 {
			cols, from = append(cols, c), append(from, -1-j)
		}
	}
	runEmpty := b.x.in.On(doubtMvApplyEmpty)
	return &node{cols: cols, serialized: in.serialized, run: func(ex *exec) []row {
		exp.start(ex)
		var out []row
		e := env{x: ex}
		for i, r := range in.run(ex) {
			ex.tick(1)
			e.row, e.src, e.i = r.v, r.src, i
			sub := exp.rows(&e, r)
			if len(sub) == 0 && !runEmpty {
				continue
			}
			s.with(ex, sub, func() {
				for _, br := range body.run(ex) {
					v := make([]any, len(cols))
					for k, f := range from {
						if f >= 0 {
							v[k] = r.v[f]
						} else {
							v[k] = br.v[-1-f]
						}
					}
					out = append(out, row{v, r.src})
				}
			})
			ex.grow(1, len(cols))
		}
		return out
	}}
}
