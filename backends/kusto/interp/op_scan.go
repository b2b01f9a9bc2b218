package interp

import (
	"github.com/onerule/onerule/backends/kusto/syntax"
)

// scanState is what the expressions of scan's steps read: the last row of each step of one sequence.
type scanState struct {
	id   int64
	rows [][]any // by step; nil where the sequence has not reached it
	// blank stands for a step that was not reached: nulls, and the defaults of the declared columns.
	blank []any
}

// scanStep is a bound step.
type scanStep struct {
	output string
	cond   *cexpr
	cols   []int
	vals   []*cexpr
}

// scan is a state machine over serialized rows (scan-operator): the matching logic is that of the page, step by step.
func (b *binder) scan(in *node, x *syntax.Scan, sc *scope) *node {
	if len(x.OrderBy) > 0 || len(x.By) > 0 {
		b.run(x.At, "scan with order by or partition by is not documented and not supported", "sort before, and use the partition operator")
		return nil
	}
	if !in.serialized {
		b.run(x.At, "scan needs rows in a fixed order", "sort or serialize the rows before")
	}
	cols := append([]column{}, in.cols...)
	defaults := make([]*cexpr, 0, len(x.Declare))
	consts := b.rowScope(nil, sc)
	for _, d := range x.Declare {
		if find(cols, d.Name) >= 0 {
			b.run(d.At, "a column `"+d.Name+"` exists already")
		}
		cols = append(cols, column{d.Name, d.Type})
		def := constant(fix(nil, d.Type), d.Type, d.At)
		if d.Default != nil {
			if c, ok := coerce(consts.expr(d.Default), d.Type); ok {
				def = c
			} else {
				b.run(d.At, "the default of `"+d.Name+"` is not of type "+d.Type.String())
			}
		}
		defaults = append(defaults, def)
	}
	names := map[string]int{}
	for i, s := range x.Steps {
		if _, twice := names[s.Name]; twice {
			b.run(s.At, "the step `"+s.Name+"` exists already")
		}
		names[s.Name] = i
	}
	var steps []scanStep
	for _, s := range x.Steps {
		if s.Optional {
			b.run(s.At, "optional steps of scan are not documented and not supported")
		}
		steps = append(steps, b.scanStep(s, cols, len(in.cols), names, sc))
	}
	out := cols
	idName := paramWord(x.Params, "with_match_id")
	if idName != "" {
		out = append(append([]column{}, cols...), column{idName, tLong})
	}
	return &node{cols: out, serialized: true, run: func(ex *exec) []row {
		m := &machine{ex: ex, steps: steps, states: make([]*scanState, len(steps)), base: len(in.cols), defaults: defaults, width: len(out), id: idName != ""}
		for i, c := range cols {
			m.blank = append(m.blank, fix(nil, c.typ))
			if i >= m.base {
				m.blank[i] = defaults[i-m.base].value(ex)
			}
		}
		for _, r := range in.run(ex) {
			ex.tick(len(steps))
			m.step(r)
		}
		m.flush()
		return m.out
	}}
}

// scanStep binds a step. Conditions see the row and the steps' columns; declared columns of the row have their defaults.
func (b *binder) scanStep(s syntax.ScanStep, cols []column, base int, names map[string]int, sc *scope) scanStep {
	rs := &rowScope{b: b, cols: cols, vars: sc, steps: names}
	rs.home = rs
	out := scanStep{output: s.Output, cond: rs.boolean(s.Cond, "of step "+s.Name)}
	for _, a := range s.Assign {
		if len(a.Names) != 1 {
			continue
		}
		i := find(cols, a.Names[0])
		if i < base {
			b.run(a.At, "`"+a.Names[0]+"` is not declared", "list it in declare (…)")
			continue
		}
		c, ok := coerce(rs.expr(a.Expr), cols[i].typ)
		if !ok {
			b.run(a.At, "the value for `"+a.Names[0]+"` is not of type "+cols[i].typ.String())
			continue
		}
		out.cols = append(out.cols, i)
		out.vals = append(out.vals, c)
	}
	return out
}

// stepColumn binds step.column.
func (rs *rowScope) stepColumn(x *syntax.Path, step int) *cexpr {
	i := find(rs.cols, x.Name)
	if i < 0 {
		return rs.b.unknown(x.At, "a step has no column `"+x.Name+"`", x.Name, columnNames(rs.cols))
	}
	t := rs.cols[i].typ
	return &cexpr{typ: t, home: rs.home, at: x.At, eval: func(e *env) any {
		if e.scan == nil {
			return fix(nil, t)
		}
		if e.scan.rows[step] == nil {
			return e.scan.blank[i]
		}
		return e.scan.rows[step][i]
	}}
}

// machine runs the steps over the rows.
type machine struct {
	ex       *exec
	steps    []scanStep
	states   []*scanState
	base     int
	defaults []*cexpr
	blank    []any
	width    int
	id       bool
	next     int64
	out      []row
	// pending holds, per step with output=last, the last row of a run of repeats.
	pending []*row
}

// step evaluates a row against all steps, last to first.
func (m *machine) step(r row) {
	if m.pending == nil {
		m.pending = make([]*row, len(m.steps))
	}
	for k := len(m.steps) - 1; k >= 0; k-- {
		if k > 0 && m.states[k-1] != nil && m.holds(k, r, m.states[k-1]) {
			s := m.states[k-1]
			m.states[k-1] = nil
			m.emit(k) // the series of repeats of both steps are over
			m.emit(k - 1)
			m.accept(k, r, s)
			continue
		}
		s := m.states[k]
		if s == nil && k > 0 {
			continue
		}
		fresh := s
		if fresh == nil {
			fresh = &scanState{rows: make([][]any, len(m.steps)), blank: m.blank}
		}
		if !m.holds(k, r, fresh) {
			continue
		}
		if k == 0 {
			// A match of the first step begins a new sequence; its own earlier row stays visible to the assignments.
			fresh = &scanState{id: fresh.id, rows: append([][]any{}, fresh.rows...), blank: m.blank}
		}
		m.accept(k, r, fresh)
	}
}

func (m *machine) env(r row, s *scanState) (*env, []any) {
	v := make([]any, m.width)
	copy(v, r.v)
	for i, d := range m.defaults {
		v[m.base+i] = d.value(m.ex)
	}
	return &env{x: m.ex, row: v, scan: s}, v
}

func (m *machine) holds(k int, r row, s *scanState) bool {
	e, _ := m.env(r, s)
	return isTrue(m.steps[k].cond.eval(e))
}

// accept computes the assignments of a step, stores the row in its state and puts it out.
func (m *machine) accept(k int, r row, s *scanState) {
	e, v := m.env(r, s)
	step := m.steps[k]
	vals := make([]any, len(step.vals))
	for i, c := range step.vals {
		vals[i] = c.eval(e)
	}
	for i, c := range step.cols {
		v[c] = vals[i]
	}
	repeat := s.rows[k] != nil
	if k == 0 && !repeat {
		s.id = m.next
		m.next++
	}
	s.rows[k] = v
	m.states[k] = s
	if m.id {
		v[m.width-1] = s.id
	}
	m.ex.grow(1, m.width)
	switch step.output {
	case "none":
	case "last":
		if !repeat {
			m.emit(k)
		}
		m.pending[k] = &row{v, r.src}
	default:
		m.out = append(m.out, row{v, r.src})
	}
}

// emit puts out the pending row of a step.
func (m *machine) emit(k int) {
	if m.pending[k] != nil {
		m.out = append(m.out, *m.pending[k])
		m.pending[k] = nil
	}
}

func (m *machine) flush() {
	for k := range m.pending {
		m.emit(k)
	}
}
