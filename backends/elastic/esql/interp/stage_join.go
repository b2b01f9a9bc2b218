package interp

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/diag"
)

// side is the table that ENRICH or LOOKUP JOIN reads: its columns by name and its rows.
type side struct {
	cols schema
	rows []row
}

// sideTable loads a table by its exact name.
func (r *run) sideTable(name string, span diag.Span) *side {
	if i := strings.LastIndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	for i := range r.in.Tables {
		if r.in.Tables[i].Name != name || name == "" {
			continue
		}
		s, ok := r.source(i, span)
		if !ok {
			return nil
		}
		from, to := r.in.From, r.in.To // the time picker does not reach lookup tables
		r.in.From, r.in.To = time.Time{}, time.Time{}
		defer func() { r.in.From, r.in.To = from, to }()
		cols := mergeFields([]source{s})
		return &side{cols: cols, rows: r.read(nil, s, cols, len(cols), func(string) bool { return true }, nil)}
	}
	r.unknownIndex(span, name)
	return nil
}

// lookupJoin adds the columns of the rows of another table that fit; a row that fits none keeps nulls.
func (r *run) lookupJoin(c *syntax.LookupJoin, in schema) (stage, schema) {
	s := r.sideTable(c.Index, c.Span)
	if s == nil {
		return pass, in
	}
	onNames := true
	for _, x := range c.On {
		_, isColumn := x.(*syntax.Column)
		onNames = onNames && isColumn
	}
	if onNames {
		return r.joinOnNames(c, in, s)
	}
	return r.joinOnCondition(c, in, s)
}

// joinOnNames joins on columns that both sides have. Null and several values match nothing.
func (r *run) joinOnNames(c *syntax.LookupJoin, in schema, s *side) (stage, schema) {
	var left, right []int
	keys := map[string]bool{}
	for _, x := range c.On {
		n := x.(*syntax.Column)
		i, j := in.index(n.Name), s.cols.index(n.Name)
		switch {
		case i < 0:
			r.unknownColumn(n.Span, n.Name, in)
			return pass, in
		case j < 0:
			r.unknownColumn(n.Span, n.Name, s.cols)
			return pass, in
		case common(in[i].typ, s.cols[j].typ) == tErr:
			r.fault(diag.ESQLRun, n.Span, fmt.Sprintf("JOIN left field [%s] of type [%s] is incompatible with right field [%s] of type [%s]",
				n.Name, in[i].typ, n.Name, s.cols[j].typ))
			return pass, in
		}
		left, right = append(left, i), append(right, j)
		keys[n.Name] = true
	}
	out := identity(afterBreak(in))
	for j, col := range s.cols {
		if !keys[col.name] {
			out.add(column{name: col.name, typ: col.typ, clash: col.clash}, len(in)+j)
		}
	}
	site := &site{span: c.Span, text: r.checker(nil).sourceText(c.Span)}
	keyAt := func(cols schema, other schema, at, otherAt []int, cells []any) (string, bool) {
		var b []byte
		for k, i := range at {
			v := cells[i]
			if v == nil {
				return "", false
			}
			if _, many := v.(mv); many {
				r.warn(site, errMulti)
				return "", false
			}
			if w := widen(cols[i].typ, common(cols[i].typ, other[otherAt[k]].typ)); w != nil {
				v = w(v)
			}
			b = keyOf(b, v)
		}
		return string(b), true
	}
	return func(rows []row) []row {
		index := map[string][]int{}
		for j, x := range s.rows {
			if k, ok := keyAt(s.cols, in, right, left, x.cells); ok {
				index[k] = append(index[k], j)
			}
		}
		return r.joined(rows, s, out, func(x row) []int {
			k, ok := keyAt(in, s.cols, left, right, x.cells)
			if !ok {
				return nil
			}
			return index[k]
		})
	}, out.cols
}

// joined makes the rows of a left join.
func (r *run) joined(rows []row, s *side, out layout, matches func(x row) []int) []row {
	var done []row
	for _, x := range rows {
		hits := matches(x)
		if len(hits) == 0 {
			cells := append(slices.Clone(x.cells), make([]any, len(s.cols))...)
			done = append(done, row{out.apply(cells), x.src})
		}
		for _, j := range hits {
			r.hold(1 + len(out.take))
			cells := append(slices.Clone(x.cells), s.rows[j].cells...)
			done = append(done, row{out.apply(cells), x.src})
		}
		r.spend(1 + len(out.take))
	}
	return done
}

// joinOnCondition joins where a condition over the columns of both sides is true; their names differ.
func (r *run) joinOnCondition(c *syntax.LookupJoin, in schema, s *side) (stage, schema) {
	both := append(slices.Clone(in), s.cols...)
	k := r.checker(both)
	var conds []*expr
	for _, x := range c.On {
		syntax.Walk(&syntax.Query{Commands: []syntax.Command{&syntax.Where{Cond: x}}}, func(y syntax.Expr) {
			if col, ok := y.(*syntax.Column); ok && in.index(col.Name) >= 0 && s.cols.index(col.Name) >= 0 {
				r.fault(diag.ESQLRun, col.Span, "the column ["+col.Name+"] is on both sides of the join", "rename it with RENAME before the join")
			}
		})
		e := k.expr(x)
		if e.typ != tBool && e.typ != tNull && e.typ != tErr {
			k.wrong(e.span, "JOIN ON condition needs to be boolean, found [%s]", e.typ)
		}
		conds = append(conds, e)
	}
	out := identity(afterBreak(in))
	for j, col := range s.cols {
		out.add(column{name: col.name, typ: col.typ, clash: col.clash}, len(in)+j)
	}
	return func(rows []row) []row {
		return r.joined(rows, s, out, func(x row) []int {
			var hits []int
			for j, y := range s.rows {
				cells := append(slices.Clone(x.cells), y.cells...)
				r.spend(len(cells) + 4)
				if !slices.ContainsFunc(conds, func(e *expr) bool { return e.eval(cells) != true }) {
					hits = append(hits, j)
				}
			}
			return hits
		})
	}, out.cols
}

// enrich adds columns of the rows of a policy's table whose match field has some value of the column ON names. The match
// field is the column of the same name; the results of several rows become several values.
func (r *run) enrich(c *syntax.Enrich, in schema) (stage, schema) {
	s := r.sideTable(c.Policy, c.Span)
	if s == nil {
		return pass, in
	}
	if c.On == nil {
		r.fault(diag.ESQLRun, c.Span, "ENRICH needs ON here: a policy's match field is not part of the query", "write ENRICH "+c.Policy+" ON field")
		return pass, in
	}
	i, j := in.index(c.On.Text), s.cols.index(c.On.Text)
	if i < 0 {
		r.unknownColumn(c.On.Span, c.On.Text, in)
		return pass, in
	}
	if j < 0 {
		j = s.cols.index("match_field")
	}
	if j < 0 {
		r.fault(diag.ESQLRun, c.On.Span, fmt.Sprintf("the table of the policy %s has no column [%s]", c.Policy, c.On.Text),
			"name its match field as the column behind ON, or match_field")
		return pass, in
	}
	t := common(noText(in[i].typ), noText(s.cols[j].typ))
	if t == tErr {
		r.fault(diag.ESQLRun, c.On.Span, fmt.Sprintf("the column [%s] of type [%s] cannot be matched with type [%s]", c.On.Text, in[i].typ, s.cols[j].typ))
		return pass, in
	}
	with := c.With
	if len(with) == 0 {
		for k, col := range s.cols {
			if k != j {
				with = append(with, syntax.EnrichField{Old: syntax.Name{Text: col.name, Span: c.Span}})
			}
		}
	}
	out := identity(afterBreak(in))
	var take []int
	for _, f := range with {
		k := s.cols.index(f.Old.Text)
		if k < 0 {
			r.unknownColumn(f.Old.Span, f.Old.Text, s.cols)
			continue
		}
		name := f.New
		if name == "" {
			name = f.Old.Text
		}
		out.add(column{name: name, typ: noText(s.cols[k].typ)}, len(in)+len(take))
		take = append(take, k)
	}
	wl, wr := widen(in[i].typ, t), widen(s.cols[j].typ, t)
	return func(rows []row) []row {
		index := enrichIndex(s, j, wr)
		done := make([]row, len(rows))
		for n, x := range rows {
			v := x.cells[i]
			if wl != nil {
				v = mapCell(v, wl)
			}
			var hits []int
			each(v, func(y any) { hits = append(hits, index[string(keyOf(nil, y))]...) })
			cells := slices.Clone(x.cells)
			for _, k := range take {
				var vs []any
				for _, h := range hits {
					vs = append(vs, list(s.rows[h].cells[k])...)
				}
				cells = append(cells, collect(vs))
			}
			done[n] = row{out.apply(cells), x.src}
			r.spend(2 + len(out.take) + len(hits))
		}
		return done
	}, out.cols
}

func enrichIndex(s *side, at int, w func(v any) any) map[string][]int {
	index := map[string][]int{}
	for k, x := range s.rows {
		v := x.cells[at]
		if w != nil {
			v = mapCell(v, w)
		}
		each(v, func(y any) {
			key := string(keyOf(nil, y))
			index[key] = append(index[key], k)
		})
	}
	return index
}
