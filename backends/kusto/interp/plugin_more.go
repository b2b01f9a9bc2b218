package interp

import (
	"github.com/onerule/onerule/backends/kusto/syntax"
)

// ipLookup finds for each address the rows of a table whose range holds it; rows without one are dropped unless
// return_unmatched is true (ipv4-lookup-plugin).
func ipLookup(v6 bool) plugin {
	return func(b *binder, in *node, x *syntax.Evaluate, sc *scope) *node {
		arg := pluginArg(x, 0, "LookupTable")
		if arg == nil {
			b.run(x.Call.At, "`"+x.Call.Name+"` needs a table to look up")
			return nil
		}
		table := b.table(arg, sc)
		if table == nil {
			return nil
		}
		k, ok := b.columnArg(in, x, 1, "SourceIPv4Key")
		l, ok2 := b.columnArg(table, x, 2, "IPv4LookupKey")
		if !ok || !ok2 {
			return nil
		}
		unmatched := false
		var extra []joinKey
		for i := 3; i < len(x.Call.Args); i++ {
			a := x.Call.Args[i]
			if lit, ok := a.Expr.(*syntax.BoolLit); ok {
				unmatched = lit.Value
				continue
			}
			n, ok := a.Expr.(*syntax.Name)
			if !ok {
				b.run(a.At, "an extra key must be a column")
				continue
			}
			extra = append(extra, joinKey{find(in.cols, n.Name), find(table.cols, n.Name)})
			if e := extra[len(extra)-1]; e.l < 0 || e.r < 0 {
				b.run(a.At, "both tables need the column `"+n.Name+"`")
				return nil
			}
		}
		skip := map[int]bool{}
		for _, e := range extra {
			skip[e.r] = true
		}
		cols := joinColumns(in.cols, table.cols, skip)
		return &node{cols: cols, run: func(ex *exec) []row {
			right := table.run(ex)
			p := pairs{ex: ex, cols: cols, left: len(in.cols), skip: skip}
			for _, r := range in.run(ex) {
				hit := false
				for _, rr := range right {
					ex.tick(1)
					if inIPRange(ex, text(r.v[k]), text(rr.v[l]), v6) != true || !sameKeys(r.v, rr.v, extra) {
						continue
					}
					hit = true
					p.add(r.v, rr.v)
				}
				if !hit && unmatched {
					p.add(r.v, nil)
				}
			}
			return p.out
		}}
	}
}

func sameKeys(l, r []any, keys []joinKey) bool {
	for _, k := range keys {
		if l[k.l] == nil || r[k.r] == nil || !equal(l[k.l], r[k.r]) {
			return false
		}
	}
	return true
}

// dcountIntersect counts what the first 1, 2 … of several hll values have in common (dcount-intersect-plugin).
func dcountIntersect(b *binder, in *node, x *syntax.Evaluate, sc *scope) *node {
	rs := b.rowScope(&node{cols: in.cols}, sc)
	var list []*cexpr
	cols := append([]column{}, in.cols...)
	for i, a := range x.Call.Args {
		list = append(list, rs.expr(a.Expr))
		cols = append(cols, column{"s" + text(int64(i)), tLong})
	}
	return &node{cols: cols, run: func(ex *exec) []row {
		var out []row
		for _, r := range in.run(ex) {
			ex.grow(1, len(cols))
			v := append([]any{}, r.v...)
			var common map[any]bool
			for _, c := range list {
				next := map[any]bool{}
				s := sketch(hllMark, c.eval(&env{x: ex, row: r.v}))
				for _, k := range s[min(1, len(s)):] {
					if common == nil || common[k] {
						next[k] = true
					}
				}
				common = next
				v = append(v, int64(len(common)))
			}
			out = append(out, row{v, r.src})
		}
		return out
	}}
}

// slidingWindowCounts counts rows and distinct identities in a window that ends with each bin
// (sliding-window-counts-plugin).
func slidingWindowCounts(b *binder, in *node, x *syntax.Evaluate, sc *scope) *node {
	id, ok := b.columnArg(in, x, 0, "IdColumn")
	at, ok2 := b.columnArg(in, x, 1, "TimelineColumn")
	if !ok || !ok2 || len(x.Call.Args) < 6 {
		b.run(x.Call.At, "`sliding_window_counts` needs two columns, start, end, window and step")
		return nil
	}
	rs := b.rowScope(&node{cols: in.cols}, sc)
	dims := []*cexpr{}
	cols := []column{}
	for i := 6; i < len(x.Call.Args); i++ {
		c := rs.expr(x.Call.Args[i].Expr)
		dims, cols = append(dims, c), append(cols, column{c.name, c.typ})
	}
	cols = append(cols, in.cols[at], column{"Count", tLong}, column{"Dcount", tLong})
	return &node{cols: cols, run: func(ex *exec) []row {
		start, end := b.constArg(x, 2, "Start", sc), b.constArg(x, 3, "End", sc)
		window, step := b.constArg(x, 4, "LookBackWindow", sc), b.constArg(x, 5, "Step", sc)
		var out []row
		for _, g := range group(ex, in.run(ex), dims, []func() state{func() state { return &rowState{} }}, false) {
			rows := g.states[0].(*rowState).rows
			for _, t := range sequence(ex, start, end, step, in.cols[at].typ, maxSeries) {
				hi := add(t, step, in.cols[at].typ)
				lo := subtract(hi, window, in.cols[at].typ)
				n, seen := int64(0), map[string]bool{}
				ex.tick(len(rows))
				for _, r := range rows {
					if isTrue(ordered(syntax.Ge, r[at], lo)) && isTrue(ordered(syntax.Lt, r[at], hi)) {
						n++
						seen[key(r[id])] = true
					}
				}
				if n > 0 {
					ex.grow(1, len(cols))
					out = append(out, row{v: append(append([]any{}, g.key...), t, n, int64(len(seen)))})
				}
			}
		}
		return out
	}}
}

// rowState keeps the rows of a group.
type rowState struct{ rows [][]any }

func (s *rowState) add(e *env) { s.rows = append(s.rows, e.row) }
func (s *rowState) value() any { return nil }
