package interp

import (
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// rowsNear keeps the rows at most so many rows before and behind one that fits (rows-near-plugin).
func rowsNear(b *binder, in *node, x *syntax.Evaluate, sc *scope) *node {
	if n := len(x.Call.Args); n < 2 || n > 3 {
		b.run(x.Call.At, "`rows_near` needs a condition, a number of rows, and at most a number of rows behind")
		return nil
	}
	if !in.serialized {
		b.run(x.Call.At, "`rows_near` needs rows in an order", "sort them, or use serialize")
		return nil
	}
	rs := b.rowScope(in, sc)
	cond := rs.expr(x.Call.Args[0].Expr)
	if cond.typ != tBool && cond.typ != tNone {
		b.run(cond.at, "the condition of `rows_near` is of type "+typeName(cond)+", not a bool")
	}
	before := b.constLong(x.Call.Args[1].Expr, sc, "the number of rows of rows_near")
	after := before
	if len(x.Call.Args) == 3 {
		after = b.constLong(x.Call.Args[2].Expr, sc, "the number of rows of rows_near")
	}
	return &node{cols: in.cols, serialized: true, run: func(ex *exec) []row {
		rows := in.run(ex)
		n := longValue(ex, before, x.Call.At, "the number of rows of rows_near")
		m := longValue(ex, after, x.Call.At, "the number of rows of rows_near")
		e := env{x: ex, win: windows(ex, *rs.wins, rows)}
		var out []row
		next := int64(0) // rows before this one are dealt with
		ex.tick(len(rows))
		for i, r := range rows {
			e.row, e.i = r.v, i
			if !isTrue(cond.eval(&e)) {
				continue
			}
			k := int64(i)
			lo, hi := max(next, k-min(n, k)), k+1+min(m, int64(len(rows))-1-k)
			if lo < hi {
				out = append(out, rows[lo:hi]...)
				next = hi
			}
		}
		return out
	}}
}

// rollingPercentile gives per bin the percentile of the values of the last bins, itself included (rolling-percentile-plugin).
func rollingPercentile(b *binder, in *node, x *syntax.Evaluate, sc *scope) *node {
	value, ok := b.columnArg(in, x, 0, "ValueColumn")
	index, ok2 := b.columnArg(in, x, 2, "IndexColumn")
	if !ok || !ok2 || len(x.Call.Args) < 5 {
		b.run(x.Call.At, "`rolling_percentile` needs a column of values, a percentile, a column, a bin size and a number of bins")
		return nil
	}
	consts := b.rowScope(nil, sc)
	pct, size, count := consts.expr(x.Call.Args[1].Expr), consts.expr(x.Call.Args[3].Expr), consts.expr(x.Call.Args[4].Expr)
	p, okP := toFloat(pct.value(b.x))
	n, okN := castLong(count.value(b.x)).(int64)
	if !pct.konst || !size.konst || !count.konst || !okP || !okN || p < 0 || p > 100 || n < 1 || n > maxSeries {
		b.run(x.Call.At, "the percentile, the bin size and the number of bins of `rolling_percentile` must be constants that make sense")
		return nil
	}
	rs := b.rowScope(&node{cols: in.cols}, sc)
	cols := []column{in.cols[index]}
	var dims []*cexpr
	for _, a := range x.Call.Args[5:] {
		c := rs.expr(a.Expr)
		dims, cols = append(dims, c), append(cols, column{c.name, c.typ})
	}
	name := "rolling_" + text(n) + "_percentile_" + in.cols[value].name + "_" + strings.ReplaceAll(strconv.FormatFloat(p, 'f', -1, 64), ".", "_")
	cols = append(cols, column{name, tReal})
	return &node{cols: cols, run: func(ex *exec) []row {
		var out []row
		for _, g := range group(ex, in.run(ex), dims, []func() state{func() state { return &rowState{} }}, false) {
			for _, r := range rolling(ex, g.states[0].(*rowState).rows, index, value, size.value(ex), int(n), p, cols[0].typ) {
				ex.grow(1, len(cols))
				out = append(out, row{v: append(append([]any{r[0]}, g.key...), r[1])})
			}
		}
		return out
	}}
}

// rolling gives a pair of bin and percentile for each bin that has rows.
func rolling(ex *exec, rows [][]any, index, value int, size any, n int, p float64, t syntax.Type) [][2]any {
	bins := map[string][]weighted{}
	var starts []any
	ex.tick(len(rows))
	for _, r := range rows {
		s := binDown(r[index], size)
		if s == nil {
			continue
		}
		k := key(s)
		if _, ok := bins[k]; !ok {
			starts = append(starts, s)
			bins[k] = nil
		}
		if f, ok := toFloat(r[value]); ok {
			bins[k] = append(bins[k], weighted{f, 1})
		}
	}
	slices.SortFunc(starts, sortCompare)
	var out [][2]any
	for _, s := range starts {
		var list []weighted
		at := s
		for range n {
			list = append(list, bins[key(at)]...)
			if at = subtract(at, size, t); at == nil {
				break
			}
		}
		ex.grow(len(list), 1)
		sort.SliceStable(list, func(i, j int) bool { return sortCompare(list[i].v, list[j].v) < 0 })
		out = append(out, [2]any{s, nearestRank(list, p)})
	}
	return out
}

// sequenceDetect finds rows that fit predicates one after another (sequence-detect-plugin). Every combination counts, as in the
// page's example; rows of equal time do not follow one another.
func sequenceDetect(b *binder, in *node, x *syntax.Evaluate, sc *scope) *node {
	at, ok := b.columnArg(in, x, 0, "TimelineColumn")
	if !ok || len(x.Call.Args) < 4 {
		b.run(x.Call.At, "`sequence_detect` needs a column of times, two windows and a predicate")
		return nil
	}
	consts, rs := b.rowScope(nil, sc), b.rowScope(&node{cols: in.cols}, sc)
	s := sequenceFinder{at: at, step: consts.expr(x.Call.Args[1].Expr), span: consts.expr(x.Call.Args[2].Expr), typ: in.cols[at].typ}
	if !s.step.konst || !s.span.konst {
		b.run(x.Call.At, "the windows of `sequence_detect` must be constants")
		return nil
	}
	var dims []*cexpr
	var cols, times []column
	for _, a := range x.Call.Args[3:] {
		c := rs.expr(a.Expr)
		if isColumn(in, a.Expr) && len(a.Names) == 0 {
			dims, cols = append(dims, c), append(cols, column{c.name, c.typ})
			continue
		}
		if c.typ != tBool && c.typ != tNone {
			b.run(c.at, "a predicate of `sequence_detect` is of type "+typeName(c)+", not a bool")
		}
		name := "Expr" + text(int64(len(s.preds)+1))
		if len(a.Names) == 1 {
			name = a.Names[0]
		}
		s.preds, times = append(s.preds, c), append(times, column{name + "_" + in.cols[at].name, s.typ})
	}
	if len(s.preds) == 0 {
		b.run(x.Call.At, "`sequence_detect` needs a predicate")
		return nil
	}
	duration := tSpan
	if s.typ != tDate && s.typ != tSpan {
		duration = s.typ
	}
	cols = append(append(cols, times...), column{"Duration", duration})
	return &node{cols: cols, run: func(ex *exec) []row {
		var out []row
		for _, g := range group(ex, in.run(ex), dims, []func() state{func() state { return &rowState{} }}, false) {
			for _, found := range s.find(ex, g.states[0].(*rowState).rows) {
				ex.grow(1, len(cols))
				v := append(append([]any{}, g.key...), found...)
				out = append(out, row{v: append(v, subtract(found[len(found)-1], found[0], duration))})
			}
		}
		return out
	}}
}

type sequenceFinder struct {
	at         int
	preds      []*cexpr
	step, span *cexpr
	typ        syntax.Type
}

// find gives the times of each sequence, in the order of their first and later steps, without repeats.
func (s *sequenceFinder) find(ex *exec, rows [][]any) [][]any {
	steps := make([][]any, len(s.preds))
	for i, p := range s.preds {
		ex.tick(len(rows))
		for _, r := range rows {
			if r[s.at] != nil && isTrue(p.eval(&env{x: ex, row: r})) {
				steps[i] = append(steps[i], r[s.at])
			}
		}
		slices.SortFunc(steps[i], sortCompare)
		steps[i] = slices.CompactFunc(steps[i], func(a, b any) bool { return sortCompare(a, b) == 0 })
	}
	maxStep, maxSpan := s.step.value(ex), s.span.value(ex)
	var found [][]any
	for _, t := range steps[0] {
		found = append(found, []any{t})
	}
	for _, times := range steps[1:] {
		var next [][]any
		for _, f := range found {
			prev := f[len(f)-1]
			limit, all := add(prev, maxStep, s.typ), add(f[0], maxSpan, s.typ)
			i := sort.Search(len(times), func(i int) bool { return sortCompare(times[i], prev) > 0 })
			for ; i < len(times) && limit != nil && all != nil && sortCompare(times[i], limit) <= 0 && sortCompare(times[i], all) <= 0; i++ {
				ex.grow(1, len(f))
				next = append(next, append(slices.Clone(f), times[i]))
			}
		}
		found = next
	}
	return found
}

// schemaMerge joins schemas as getschema gives them (schema-merge-plugin). A column at another place than in the first schema
// that has it is an error in its row, unless PreserveOrder is false; the types of numbers widen.
func schemaMerge(b *binder, in *node, x *syntax.Evaluate, sc *scope) *node {
	at := map[string]int{}
	for _, name := range []string{"ColumnName", "ColumnOrdinal", "ColumnType"} {
		if at[name] = find(in.cols, name); at[name] < 0 {
			b.run(x.Call.At, "`schema_merge` needs rows as getschema gives them; `"+name+"` is missing")
			return nil
		}
	}
	preserve := true
	if v, ok := b.constArg(x, 0, "PreserveOrder", sc).(bool); ok {
		preserve = v
	}
	cols := []column{{"ColumnName", tStr}, {"ColumnOrdinal", tLong}, {"DataType", tStr}, {"ColumnType", tStr}}
	return &node{cols: cols, serialized: true, run: func(ex *exec) []row {
		type entry struct {
			name        string
			first, last int64
			moved       bool
			typ         syntax.Type
		}
		var list []*entry
		index := map[string]*entry{}
		for _, r := range in.run(ex) {
			name, n := text(r.v[at["ColumnName"]]), int64(0)
			n, _ = castLong(r.v[at["ColumnOrdinal"]]).(int64)
			t, _ := syntax.TypeByName(text(r.v[at["ColumnType"]]))
			e := index[name]
			if e == nil {
				e = &entry{name, n, n, false, t}
				index[name] = e
				list = append(list, e)
				continue
			}
			e.moved = e.moved || n != e.first
			e.last = max(e.last, n)
			switch {
			case e.typ == t:
			case isNumeric(e.typ) && isNumeric(t):
				e.typ = widest(e.typ, t)
			default:
				b.x.warnings = append(b.x.warnings, "schema_merge: the types of "+name+" differ")
				e.typ = tDyn
			}
		}
		sort.SliceStable(list, func(i, j int) bool { return list[i].last < list[j].last })
		var out []row
		for i, e := range list {
			ex.grow(1, 4)
			v := []any{e.name, int64(i), systemTypes[e.typ], e.typ.String()}
			if e.moved && preserve {
				const fault = "ERROR(columns are out of order)"
				v = []any{e.name, int64(-1), "ERROR(unknown CSL type:" + fault + ")", fault}
			}
			out = append(out, row{v: v})
		}
		return out
	}}
}

// identity gives its rows back.
func identity(b *binder, in *node, x *syntax.Evaluate, sc *scope) *node { return in }
