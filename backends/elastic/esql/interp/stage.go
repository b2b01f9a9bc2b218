package interp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/diag"
)

// stage turns the rows of one command into the rows of the next.
type stage func(rows []row) []row

// The limits of a result (page "ES|QL limitations").
const (
	defaultLimit = 1000
	maxLimit     = 10000
)

// plan checks all commands and gives their stages and the columns of the result.
func (r *run) plan() ([]stage, schema) {
	q := r.prog.query
	for _, s := range q.Settings {
		r.setting(s)
	}
	stages, cols := r.pipe(q.Commands, nil, q.Commands)
	return append(stages, r.cap(q.Commands)), cols
}

func (r *run) setting(s syntax.Setting) {
	v, _ := s.Value.(*syntax.Str)
	if !strings.EqualFold(s.Name, "unmapped_fields") || v == nil || !strings.EqualFold(v.Value, "nullify") && !strings.EqualFold(v.Value, "default") &&
		!strings.EqualFold(v.Value, "fail") {
		r.fault(diag.ESQLUnknown, s.Span, "the setting "+s.Name+" is not supported with this value",
			`the one setting here is unmapped_fields = "nullify"`)
		return
	}
	r.nullify = strings.EqualFold(v.Value, "nullify")
}

// cap is the limit that Elasticsearch adds: 1,000 rows without a LIMIT in the query, at most 10,000 with one. The size of
// the input takes the place of both.
func (r *run) cap(cmds []syntax.Command) stage {
	limit, why := maxLimit, fmt.Sprintf("the result is cut to %d rows, the most that ES|QL returns", maxLimit)
	if !slices.ContainsFunc(cmds, func(c syntax.Command) bool { _, ok := c.(*syntax.Limit); return ok }) {
		limit, why = defaultLimit, fmt.Sprintf("No limit defined, adding default limit of [%d]", defaultLimit)
	}
	if r.in.Size > 0 {
		limit, why = r.in.Size, fmt.Sprintf("the result is cut to the %d rows asked for", r.in.Size)
	}
	return func(rows []row) []row {
		if len(rows) <= limit {
			return rows
		}
		r.out.Warnings = append(r.out.Warnings, why)
		return rows[:limit]
	}
}

// pipe plans a pipe. input is nil for one that begins with a source; whole is the query, for pruning.
func (r *run) pipe(cmds []syntax.Command, input schema, whole []syntax.Command) ([]stage, schema) {
	var stages []stage
	cols := input
	sorted := false // a SORT without a LIMIT behind it
	for _, c := range cmds {
		switch c := c.(type) {
		case *syntax.Sort:
			sorted = true
		case *syntax.Limit:
			sorted = false
		case *syntax.Stats:
			if c.Inline && sorted {
				r.fault(diag.ESQLRun, c.Span, "INLINE STATS cannot have an unbounded SORT before it", "put the SORT behind it, or a LIMIT behind the SORT")
			}
		case *syntax.Dissect, *syntax.Drop, *syntax.Enrich, *syntax.Eval, *syntax.Fork, *syntax.From, *syntax.Grok, *syntax.Keep, *syntax.LookupJoin, *syntax.MvExpand, *syntax.Rename, *syntax.Row, *syntax.Sample, *syntax.Where:
		}
		if r.docs && input == nil && cols != nil && !nearFrom(c) {
			stages = append(stages, dropDocs(len(cols)))
			r.docs = false
		}
		s, next := r.command(c, cols, whole)
		stages = append(stages, s)
		cols = next
	}
	return stages, cols
}

// nearFrom reports whether KQL() may stand behind a command.
func nearFrom(c syntax.Command) bool {
	switch c.(type) {
	case *syntax.Where, *syntax.Sort:
		return true
	case *syntax.Dissect, *syntax.Drop, *syntax.Enrich, *syntax.Eval, *syntax.Fork, *syntax.From, *syntax.Grok, *syntax.Keep, *syntax.Limit, *syntax.LookupJoin, *syntax.MvExpand, *syntax.Rename, *syntax.Row, *syntax.Sample, *syntax.Stats:
	}
	return false
}

// command is the one dispatch over commands.
func (r *run) command(c syntax.Command, in schema, whole []syntax.Command) (stage, schema) {
	switch c := c.(type) {
	case *syntax.From:
		return r.from(c, whole)
	case *syntax.Row:
		r.docs = false
		return r.eval(c.Fields, nil, "ROW")
	case *syntax.Where:
		return r.where(c, in), in
	case *syntax.Eval:
		return r.eval(c.Fields, in, "EVAL")
	case *syntax.Stats:
		return r.statistics(c, in)
	case *syntax.Keep:
		return r.project(r.keep(c, in))
	case *syntax.Drop:
		return r.project(r.drop(c, in))
	case *syntax.Rename:
		return r.project(r.rename(c, in))
	case *syntax.Sort:
		return r.sort(c, in), in
	case *syntax.Limit:
		return r.limit(c, in), afterBreak(in)
	case *syntax.MvExpand:
		return r.expand(c, in)
	case *syntax.Dissect:
		return r.dissect(c, in)
	case *syntax.Grok:
		return r.grok(c, in)
	case *syntax.Enrich:
		return r.enrich(c, in)
	case *syntax.LookupJoin:
		return r.lookupJoin(c, in)
	case *syntax.Sample:
		r.fault(diag.ESQLUnknown, c.Span, "the command SAMPLE is not supported", "it chooses rows at random, so its answer cannot be repeated")
		return pass, in
	case *syntax.Fork:
		return r.fork(c, in)
	}
	panic(fmt.Sprintf("interp: command %T", c))
}

func pass(rows []row) []row { return rows }

// afterBreak is the columns behind a command after which conditions no longer run in the index.
func afterBreak(cols schema) schema {
	out := slices.Clone(cols)
	for i := range out {
		out[i].field = nil
	}
	return out
}

// project is a stage that only picks columns.
func (r *run) project(l layout) (stage, schema) {
	return func(rows []row) []row {
		for i := range rows {
			rows[i].cells = l.apply(rows[i].cells)
		}
		r.spend(len(rows) * (1 + len(l.take)/8))
		return rows
	}, l.cols
}

func (r *run) where(c *syntax.Where, in schema) stage {
	k := r.checker(in)
	k.indexed = true
	e := k.expr(c.Cond)
	if e.typ != tBool && e.typ != tNull && e.typ != tErr {
		k.wrong(e.span, "Condition expression needs to be boolean, found [%s]", e.typ)
	}
	return func(rows []row) []row {
		out := rows[:0:0]
		for _, x := range rows {
			if e.eval(x.cells) == true {
				out = append(out, x)
			}
		}
		r.spend(len(rows) * 4)
		return out
	}
}

// eval adds columns one after the other; ROW is an eval on one empty row.
func (r *run) eval(fields []syntax.Field, in schema, command string) (stage, schema) {
	k := r.checker(slices.Clone(in))
	out := identity(in)
	var exprs []*expr
	for _, f := range fields {
		var e *expr
		if command == "ROW" { // the values of ROW do not see each other
			e = r.checker(nil).expr(f.Value)
		} else {
			e = k.expr(f.Value)
		}
		if amounts.has(e.typ) {
			e = k.wrong(e.span, "%s does not support type [%s] as the type of a column", command, e.typ)
		}
		exprs = append(exprs, e)
		col := column{name: f.Name, typ: e.typ, konst: e.konst, val: e.val}
		k.names[f.Name] = len(k.cols)
		k.cols = append(k.cols, col)
		out.add(col, len(k.cols)-1)
	}
	width := len(k.cols)
	return func(rows []row) []row {
		done := make([]row, len(rows))
		for i, x := range rows {
			cells := make([]any, len(in), width)
			copy(cells, x.cells)
			for _, e := range exprs {
				cells = append(cells, e.eval(cells))
			}
			done[i] = row{out.apply(cells), x.src}
		}
		r.spend(len(rows) * (1 + len(exprs)*2 + width/8))
		return done
	}, out.cols
}

// sort orders rows and keeps the order of equals. Several values count by their least when ascending, by their largest
// when descending.
func (r *run) sort(c *syntax.Sort, in schema) stage {
	type key struct {
		e          *expr
		sign       int
		nullsFirst bool
	}
	k := r.checker(in)
	var keys []key
	for _, s := range c.Keys {
		e := k.expr(s.Expr)
		if spatial.has(e.typ) || e.typ == tSource {
			e = k.wrong(e.span, "cannot sort on %s", e.typ)
		}
		x := key{e: e, sign: 1, nullsFirst: s.Nulls == syntax.NullsFirst}
		if s.Order == syntax.Desc {
			x.sign = -1
			x.nullsFirst = s.Nulls != syntax.NullsLast
		}
		keys = append(keys, x)
	}
	return func(rows []row) []row {
		vals := make([][]any, len(rows))
		order := make([]int, len(rows))
		for i, x := range rows {
			order[i] = i
			vals[i] = make([]any, len(keys))
			for j, k := range keys {
				if v := list(k.e.eval(x.cells)); len(v) > 0 {
					vals[i][j] = extreme(k.e.typ, v, -k.sign)
				}
			}
		}
		r.spend(len(rows) * 16)
		slices.SortStableFunc(order, func(a, b int) int {
			for j, k := range keys {
				x, y := vals[a][j], vals[b][j]
				switch {
				case x == nil && y == nil:
					continue
				case x == nil || y == nil:
					if (x == nil) == k.nullsFirst {
						return -1
					}
					return 1
				}
				if d := k.sign * compareValues(k.e.typ, x, y); d != 0 {
					return d
				}
			}
			return 0
		})
		out := make([]row, len(rows))
		for i, j := range order {
			out[i] = rows[j]
		}
		return out
	}
}

func (r *run) limit(c *syntax.Limit, in schema) stage {
	k := r.checker(in)
	e := r.checker(nil).expr(c.Count)
	n, ok := e.val.(int64)
	if !ok || n < 0 || e.typ != tInt {
		k.wrong(c.Count.Pos(), "the limit must be a whole number from 0 up, found [%s]", e.text)
	}
	var by []*expr
	for _, x := range c.By {
		by = append(by, k.expr(x))
	}
	return func(rows []row) []row {
		if len(by) == 0 {
			return rows[:min(int64(len(rows)), n)]
		}
		seen := map[string]int64{}
		out := rows[:0:0]
		for _, x := range rows {
			var key []byte
			for _, b := range by {
				key = keyOf(key, b.eval(x.cells))
			}
			if seen[string(key)]++; seen[string(key)] <= n {
				out = append(out, x)
			}
		}
		return out
	}
}

func (r *run) expand(c *syntax.MvExpand, in schema) (stage, schema) {
	i := in.index(c.Name.Text)
	if i < 0 && r.nullify {
		out := identity(in)
		out.add(column{name: c.Name.Text, typ: tNull, konst: true}, -1)
		return r.project(out)
	}
	if i < 0 {
		r.unknownColumn(c.Name.Span, c.Name.Text, in)
		return pass, in
	}
	out := afterBreak(in)
	out[i].typ = noText(out[i].typ)
	if in[i].typ == tText {
		out[i].typ = tText
	}
	if count(out[i].val) > 1 {
		out[i].konst, out[i].val = false, nil
	}
	return func(rows []row) []row {
		done := make([]row, 0, len(rows))
		for _, x := range rows {
			vs, many := x.cells[i].(mv)
			if !many {
				done = append(done, x)
				continue
			}
			for _, v := range vs {
				cells := slices.Clone(x.cells)
				cells[i] = v
				done = append(done, row{cells, x.src})
			}
			r.hold(len(vs) * (1 + len(x.cells)))
		}
		return done
	}, out
}
