package interp

import (
	"slices"
	"sort"
	"strings"

	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/diag"
)

// sortKey is a bound sort term.
type sortKey struct {
	c          *cexpr
	desc       bool
	nullsFirst bool
}

// sortKeys binds sort terms: descending by default; nulls come first when ascending and last when descending
// (sort-operator).
func (b *binder) sortKeys(rs *rowScope, terms []syntax.OrderTerm) []sortKey {
	var keys []sortKey
	for _, t := range terms {
		c := rs.expr(t.Item.Expr)
		if c.typ == tDyn || c.star {
			b.run(t.Item.At, "rows cannot be sorted by a dynamic value", "convert it with tostring(…), tolong(…) or todatetime(…)")
		}
		k := sortKey{c: c, desc: t.Dir != "asc"}
		k.nullsFirst = !k.desc
		switch t.Nulls {
		case "first":
			k.nullsFirst = true
		case "last":
			k.nullsFirst = false
		}
		keys = append(keys, k)
	}
	return keys
}

// sortRows sorts rows stably.
func sortRows(ex *exec, rows []row, keys []sortKey, win [][]any) []row {
	type keyed struct {
		r row
		k []any
	}
	ex.grow(len(rows), len(keys))
	list := make([]keyed, len(rows))
	e := env{x: ex, win: win}
	for i, r := range rows {
		e.row, e.src, e.i = r.v, r.src, i
		k := make([]any, len(keys))
		for j, sk := range keys {
			k[j] = sk.c.eval(&e)
		}
		list[i] = keyed{r, k}
	}
	slices.SortStableFunc(list, func(a, b keyed) int {
		for j, sk := range keys {
			if c := compareKeys(a.k[j], b.k[j], sk); c != 0 {
				return c
			}
		}
		return 0
	})
	out := make([]row, len(list))
	for i, l := range list {
		out[i] = l.r
	}
	return out
}

func compareKeys(a, b any, k sortKey) int {
	if a == nil || b == nil {
		if a == nil && b == nil {
			return 0
		}
		if (a == nil) == k.nullsFirst {
			return -1
		}
		return 1
	}
	c := sortCompare(a, b)
	if k.desc {
		return -c
	}
	return c
}

func (b *binder) sort(in *node, terms []syntax.OrderTerm, sc *scope) *node {
	rs := b.rowScope(in, sc)
	keys := b.sortKeys(rs, terms)
	return &node{cols: in.cols, serialized: true, run: func(ex *exec) []row {
		rows := in.run(ex)
		return sortRows(ex, rows, keys, windows(ex, *rs.wins, rows))
	}}
}

func (b *binder) top(in *node, x *syntax.Top, sc *scope) *node {
	sorted := b.sort(in, []syntax.OrderTerm{x.By}, sc)
	last := b.x.in.On(doubtTiesLast)
	if last { // equal rows keep the order of the input; turned round, the last of them come first
		sorted = b.sort(reversed(in), []syntax.OrderTerm{x.By}, sc)
	}
	n := b.take(sorted, x.N, sc, "top", false)
	n.serialized = true
	return n
}

func reversed(in *node) *node {
	return &node{cols: in.cols, serialized: in.serialized, run: func(ex *exec) []row {
		rows := slices.Clone(in.run(ex))
		slices.Reverse(rows)
		return rows
	}}
}

// constLong binds a constant whole number.
func (b *binder) constLong(x syntax.Expr, sc *scope, what string) *cexpr {
	c := b.rowScope(nil, sc).expr(x)
	if !isNumeric(c.typ) && c.typ != tNone {
		b.run(x.Span(), what+" is of type "+typeName(c)+", not a number")
	}
	return c
}

// longValue evaluates a number of rows.
func longValue(ex *exec, c *cexpr, at diag.Span, what string) int64 {
	n, ok := castLong(c.value(ex)).(int64)
	if !ok || n < 0 {
		ex.fail(diag.KustoRun, at, what+" is negative or null")
	}
	return n
}

// take keeps the first rows; the service may keep any (take-operator).
func (b *binder) take(in *node, x syntax.Expr, sc *scope, what string, random bool) *node {
	n := b.constLong(x, sc, "the number of rows of "+what)
	return &node{cols: in.cols, serialized: in.serialized && !random, run: func(ex *exec) []row {
		rows := in.run(ex)
		k := longValue(ex, n, x.Span(), "the number of rows of "+what)
		if int64(len(rows)) > k {
			rows = rows[:k]
		}
		return rows
	}}
}

func (b *binder) distinct(in *node, x *syntax.Distinct, sc *scope) *node {
	rs := b.rowScope(in, sc)
	var items []syntax.Item
	for _, c := range x.Columns {
		all, ok := c.(*syntax.Star)
		if !ok {
			items = append(items, syntax.Item{Expr: c, At: c.Span()})
			continue
		}
		for _, col := range in.cols {
			items = append(items, syntax.Plain(&syntax.Name{Loc: all.Loc, Name: col.name}))
		}
	}
	cols, list, outs := b.projection(rs, items)
	for i, c := range cols {
		if c.typ == tDyn {
			b.run(items[min(i, len(items)-1)].Expr.Span(), "distinct does not take the dynamic column `"+c.name+"`", "convert it with tostring(…)")
		}
	}
	return &node{cols: cols, run: func(ex *exec) []row {
		rows := in.run(ex)
		seen := map[string]bool{}
		var out []row
		e := env{x: ex, win: windows(ex, *rs.wins, rows)}
		ex.tick(len(rows))
		for i, r := range rows {
			e.row, e.src, e.i = r.v, r.src, i
			v := make([]any, len(cols))
			fill(v, outs, list, &e)
			if k := keyOf(v); !seen[k] {
				seen[k] = true
				out = append(out, row{v: v})
			}
		}
		ex.grow(len(out), len(cols))
		return out
	}}
}

// keyOf joins the keys of several values.
func keyOf(v []any) string {
	var b strings.Builder
	for _, c := range v {
		k := key(c)
		b.WriteString(text(int64(len(k))))
		b.WriteByte(':')
		b.WriteString(k)
	}
	return b.String()
}

func (b *binder) countRows(in *node, x *syntax.Count) *node {
	name := "Count"
	if x.As != "" {
		name = x.As
	}
	return &node{cols: []column{{name, tLong}}, run: func(ex *exec) []row {
		return []row{{v: []any{int64(len(in.run(ex)))}}}
	}}
}

func (b *binder) sampleDistinct(in *node, x *syntax.SampleDistinct, sc *scope) *node {
	d := b.distinct(in, &syntax.Distinct{Loc: x.Loc, Columns: []syntax.Expr{x.Of}}, sc)
	return b.take(d, x.N, sc, "sample-distinct", false)
}

// rangeRows makes a column of values from, from+step … up to to (range-operator).
func (b *binder) rangeRows(x *syntax.RangeOp, sc *scope) *node {
	rs := b.rowScope(nil, sc)
	from, to, step := rs.expr(x.From), rs.expr(x.To), rs.expr(x.Step)
	t := from.typ
	switch {
	case isNumeric(from.typ) && isNumeric(to.typ) && isNumeric(step.typ):
		if from.typ != tInt || to.typ != tInt || step.typ != tInt {
			t = widest(widest(from.typ, to.typ), step.typ)
		}
	case isTime(from.typ) && to.typ == from.typ && step.typ == tSpan:
	case from.typ == tNone || to.typ == tNone || step.typ == tNone:
	default:
		b.run(x.At, "range is not defined from "+typeName(from)+" to "+typeName(to)+" by "+typeName(step))
	}
	return &node{cols: []column{{x.Column, t}}, serialized: true, run: func(ex *exec) []row {
		a, z, s := castTo(from.value(ex), t), castTo(to.value(ex), t), step.value(ex)
		var rows []row
		for _, v := range sequence(ex, a, z, s, t, 1<<40) {
			rows = append(rows, row{v: []any{v}})
		}
		ex.grow(len(rows), 1)
		return rows
	}}
}

// sequence gives from, from+step … not beyond to; an empty list for nulls and steps that lead nowhere.
func sequence(ex *exec, from, to, step any, t syntax.Type, limit int) []any {
	if from == nil || to == nil || step == nil {
		return nil
	}
	zero := castTo(int64(0), typeOf(step))
	dir, ok := compare(step, zero)
	if !ok || dir == 0 || dir == 2 {
		return nil
	}
	var out []any
	start := from
	for i := int64(0); len(out) < limit; i++ {
		v := start
		if f, isReal := step.(float64); isReal && i > 0 { // no sum of rounding errors
			base, _ := toFloat(from)
			v = base + float64(i)*f
		}
		c, ok := compare(v, to)
		if !ok || c == 2 || c*dir > 0 {
			break
		}
		ex.tick(1)
		out = append(out, v)
		if len(out)%4096 == 0 {
			ex.grow(4096, 1)
		}
		next := add(v, step, t)
		if next == nil {
			break
		}
		if d, _ := compare(next, v); d != dir { // overflow
			break
		}
		start = next
	}
	return out
}

var systemTypes = map[syntax.Type]string{
	tBool: "System.SByte", tInt: "System.Int32", tLong: "System.Int64", tReal: "System.Double", tDec: "System.Data.SqlTypes.SqlDecimal",
	tStr: "System.String", tDate: "System.DateTime", tSpan: "System.TimeSpan", tGUID: "System.Guid", tDyn: "System.Object",
}

func getSchema(in *node) *node {
	cols := []column{{"ColumnName", tStr}, {"ColumnOrdinal", tLong}, {"DataType", tStr}, {"ColumnType", tStr}}
	return &node{cols: cols, serialized: true, run: func(ex *exec) []row {
		var rows []row
		for i, c := range in.cols {
			rows = append(rows, row{v: []any{c.name, int64(i), systemTypes[c.typ], c.typ.String()}})
		}
		return rows
	}}
}

// orderNames sorts the columns of a pattern of project-reorder; granny orders treat digits as numbers.
func orderNames(cols []column, at []int, order string) {
	if order == "" {
		return
	}
	granny := strings.HasPrefix(order, "granny")
	sort.SliceStable(at, func(i, j int) bool {
		a, b := cols[at[i]].name, cols[at[j]].name
		c := strings.Compare(a, b)
		if granny {
			c = naturalCompare(a, b)
		}
		if strings.HasSuffix(order, "desc") {
			return c > 0
		}
		return c < 0
	})
}

// naturalCompare compares runs of digits by their number.
func naturalCompare(a, b string) int {
	for a != "" && b != "" {
		da, db := digitRun(a), digitRun(b)
		if da > 0 && db > 0 {
			x, y := strings.TrimLeft(a[:da], "0"), strings.TrimLeft(b[:db], "0")
			if len(x) != len(y) {
				return len(x) - len(y)
			}
			if c := strings.Compare(x, y); c != 0 {
				return c
			}
			a, b = a[da:], b[db:]
			continue
		}
		if a[0] != b[0] {
			return int(a[0]) - int(b[0])
		}
		a, b = a[1:], b[1:]
	}
	return len(a) - len(b)
}

func digitRun(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
