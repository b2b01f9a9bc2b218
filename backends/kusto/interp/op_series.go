package interp

import (
	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/diag"
)

// maxSeries is the longest array that make-series gives.
const maxSeries = 1_048_576

// series is a bound make-series.
type series struct {
	in             *node
	axis           *cexpr
	from, to, step *cexpr
	inRange        bool
	g              grouping
	aggs           *aggSet
	list           []*cexpr
	defaults       []*cexpr
	nonEmpty       bool
	at             diag.Span
}

// makeSeries binds make-series: the keys come first, then an array per aggregate, then the axis (make-series-operator).
func (b *binder) makeSeries(in *node, x *syntax.MakeSeries, sc *scope) *node {
	s := &series{in: in, inRange: x.InRange, at: x.At, nonEmpty: paramWord(x.Params, "kind") == "nonempty"}
	inner := b.rowScope(&node{cols: in.cols}, sc)
	inner.wins = nil
	names := newNamer(nil)
	s.axis = inner.expr(x.Axis.Expr)
	if !isNumeric(s.axis.typ) && !isTime(s.axis.typ) && s.axis.typ != tNone {
		b.run(x.Axis.At, "the axis of make-series is of type "+typeName(s.axis)+"; it must be a number, datetime or timespan")
	}
	axisName := s.axis.name
	if len(x.Axis.Names) == 1 {
		axisName = x.Axis.Names[0]
	}
	consts := b.rowScope(nil, sc)
	bound := func(e syntax.Expr) *cexpr {
		if e == nil {
			return nil
		}
		return consts.expr(e)
	}
	s.from, s.to, s.step = bound(x.From), bound(x.To), bound(x.Step)
	s.g = b.groupKeys(inner, x.By, names)
	rs := &rowScope{b: b, cols: in.cols, vars: sc, inner: inner, aggs: &aggSet{keys: plainKeys(s.g)}}
	rs.home = rs
	cols := append([]column{}, s.g.cols...)
	for _, a := range x.Aggs {
		c := rs.expr(a.Item.Expr)
		if c.tuple != nil {
			b.run(a.Item.At, "make-series needs aggregates of one value")
		}
		name := c.name
		if len(a.Item.Names) == 1 {
			name = a.Item.Names[0]
			names.used[name] = true
		} else {
			name = names.auto(name)
		}
		s.list = append(s.list, c)
		def := constant(castTo(int64(0), c.typ), c.typ, a.Item.At)
		if a.Default != nil {
			def = consts.expr(a.Default)
		}
		s.defaults = append(s.defaults, def)
		cols = append(cols, column{name, tDyn})
	}
	s.aggs = rs.aggs
	if find(cols, axisName) >= 0 {
		b.run(x.Axis.At, "the column `"+axisName+"` is given twice")
	}
	cols = append(cols, column{names.auto(axisName), tDyn})
	return &node{cols: cols, run: s.run}
}

func (s *series) run(ex *exec) []row {
	var from, to any
	if s.from != nil {
		from = s.from.value(ex)
	}
	if s.to != nil {
		to = s.to.value(ex)
	}
	step := s.step.value(ex)
	if step == nil {
		ex.fail(diag.KustoRun, s.at, "the step of make-series is null")
	}
	rows := s.in.run(ex)
	var out []row
	buckets := map[string]*seriesGroup{}
	var order []*seriesGroup
	e := env{x: ex}
	ex.tick(len(rows))
	for i, r := range rows {
		e.row, e.i = r.v, i
		k := make([]any, len(s.g.list))
		for j, c := range s.g.list {
			k[j] = c.eval(&e)
		}
		id := keyOf(k)
		g := buckets[id]
		if g == nil {
			g = &seriesGroup{key: k}
			buckets[id] = g
			order = append(order, g)
		}
		g.rows = append(g.rows, r)
	}
	if len(order) == 0 && s.nonEmpty && len(s.g.list) == 0 {
		order = append(order, &seriesGroup{})
	}
	for _, g := range order {
		if v := s.arrays(ex, g, from, to, step); v != nil {
			ex.grow(1, len(v))
			out = append(out, row{v: v})
		}
	}
	return out
}

type seriesGroup struct {
	key  []any
	rows []row
}

// arrays makes the row of one group: nil when none of its rows lies in the range.
func (s *series) arrays(ex *exec, g *seriesGroup, from, to, step any) []any {
	e := env{x: ex}
	points := make([]any, len(g.rows))
	var least, most any
	for i, r := range g.rows {
		e.row, e.i = r.v, i
		p := s.axis.eval(&e)
		points[i] = p
		if p == nil {
			continue
		}
		if least == nil || sortCompare(p, least) < 0 {
			least = p
		}
		if most == nil || sortCompare(p, most) > 0 {
			most = p
		}
	}
	start, end, inclusive := s.span(from, to, step, least, most)
	if start == nil || end == nil {
		return nil
	}
	bins := sequence(ex, start, end, step, s.axis.typ, maxSeries)
	if n := len(bins); n > 0 && !inclusive {
		if c, _ := compare(bins[n-1], end); c == 0 {
			bins = bins[:n-1]
		}
	}
	states := make([]*grouped, len(bins))
	hit := false
	for i, r := range g.rows {
		k := binIndex(points[i], start, step)
		if k < 0 || k >= int64(len(bins)) {
			continue
		}
		if states[k] == nil {
			states[k] = newGroup(nil, s.aggs.list)
		}
		hit = true
		e.row, e.i = r.v, i
		states[k].add(&e)
	}
	if !hit && !s.nonEmpty {
		return nil
	}
	return s.cells(ex, g.key, bins, states)
}

// span gives the first bin and the end of a group's axis.
func (s *series) span(from, to, step, least, most any) (start, end any, inclusive bool) {
	start, end = from, to
	if s.inRange {
		if start != nil {
			start = binDown(start, step)
		}
		return start, end, true
	}
	if start == nil && least != nil {
		start = binDown(least, step)
	}
	if end == nil {
		return start, most, true
	}
	return start, end, false
}

// binIndex is the number of the bin that holds a point, -1 before the start.
func binIndex(p, start, step any) int64 {
	if p == nil {
		return -1
	}
	a, okA := ticksOf(p)
	b, okB := ticksOf(start)
	c, okC := ticksOf(step)
	if okA && okB && okC && c > 0 {
		if a < b {
			return -1
		}
		return (a - b) / c
	}
	x, _ := toFloat(p)
	y, _ := toFloat(start)
	z, ok := toFloat(step)
	if !ok || z <= 0 || x < y {
		return -1
	}
	return int64((x - y) / z)
}

func (s *series) cells(ex *exec, key, bins []any, states []*grouped) []any {
	v := append([]any{}, key...)
	arrays := make([][]any, len(s.list))
	for i := range arrays {
		arrays[i] = make([]any, len(bins))
	}
	ex.grow(len(bins), len(s.list)+1)
	e := env{x: ex}
	for k := range bins {
		if states[k] == nil {
			for i := range arrays {
				d := s.defaults[i].value(ex)
				if isNumeric(s.list[i].typ) && isNumeric(s.defaults[i].typ) && d != nil && s.list[i].typ == tReal {
					d = castTo(d, tReal)
				}
				arrays[i][k] = d
			}
			continue
		}
		e.aggs = states[k].values()
		for i, c := range s.list {
			arrays[i][k] = c.eval(&e)
		}
	}
	for _, a := range arrays {
		v = append(v, a)
	}
	return append(v, bins)
}
