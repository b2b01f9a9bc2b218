package engine

import (
	"slices"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// plan is what the operators that count need of a rule.
type plan struct {
	rule   *ir.Rule
	per    []int
	scopes []scope
	when   condition
	walk   tuples
	id     []byte
	// freed groups and cells are used again.
	freeGroups []*group
	freeCells  [][]*cell
}

// scope is one scope of counting.
type scope struct {
	keys []int
	aggs []ir.Agg
	// same reports that the keys are those of the findings, in any order: then each group has its own cell.
	same bool
	// at are the places of the scope's keys in those of the findings.
	at []int
}

func newPlan(r *ir.Rule) *plan {
	p := &plan{rule: r, per: r.Per(), when: compileCond(r.When())}
	for _, s := range r.Scopes() {
		out := scope{keys: s.Keys, aggs: s.Aggs, same: len(s.Keys) == len(p.per)}
		for _, k := range s.Keys {
			out.at = append(out.at, slices.Index(p.per, k))
		}
		p.scopes = append(p.scopes, out)
	}
	p.freeCells = make([][]*cell, len(p.scopes))
	return p
}

// cell holds the aggregates of one scope for one tuple of its keys.
type cell struct{ aggs []agg }

func (c *cell) add(s *scope, r *row) {
	for i := range s.aggs {
		if w := s.aggs[i].Where; w < 0 || r.conds[w] {
			c.aggs[i].add(r)
		}
	}
}

func (c *cell) merge(o *cell) {
	for i, a := range c.aggs {
		a.(merger).merge(o.aggs[i])
	}
}

func (p *plan) newCell(i int) *cell {
	if free := p.freeCells[i]; len(free) > 0 {
		p.freeCells[i] = free[:len(free)-1]
		return free[len(free)-1]
	}
	c := &cell{aggs: make([]agg, len(p.scopes[i].aggs))}
	for j := range c.aggs {
		c.aggs[j] = newAgg(&p.scopes[i].aggs[j])
	}
	return c
}

func (p *plan) free(i int, c *cell) {
	for _, a := range c.aggs {
		a.reset()
	}
	p.freeCells[i] = append(p.freeCells[i], c)
}

// group is a tuple of the findings' keys with its cell in each scope.
type group struct {
	key   []schema.Value
	cells []*cell
}

// groups are the groups of one window. They grow with rows that come in any order.
type groups struct {
	plan  *plan
	start int64
	all   map[string]*group
	// cells holds, for each scope that is not the same as the findings', its cells by tuple.
	cells []map[string]*cell
}

func (p *plan) newGroups(start int64) *groups {
	g := &groups{plan: p, start: start, all: map[string]*group{}, cells: make([]map[string]*cell, len(p.scopes))}
	for i := range p.scopes {
		if !p.scopes[i].same {
			g.cells[i] = map[string]*cell{}
		}
	}
	return g
}

func (g *groups) add(r *row) {
	p := g.plan
	for i := range p.scopes {
		s := &p.scopes[i]
		if s.same {
			continue
		}
		for ok := p.walk.start(r, s.keys); ok; ok = p.walk.next() {
			g.cell(i, p.walk.id).add(s, r)
		}
	}
	for ok := p.walk.start(r, p.per); ok; ok = p.walk.next() {
		x := g.all[string(p.walk.id)]
		if x == nil {
			x = g.newGroup(string(p.walk.id), p.walk.values())
		}
		for i := range p.scopes {
			if p.scopes[i].same {
				x.cells[i].add(&p.scopes[i], r)
			}
		}
	}
}

func (g *groups) cell(i int, id []byte) *cell {
	c := g.cells[i][string(id)]
	if c == nil {
		c = g.plan.newCell(i)
		g.cells[i][string(id)] = c
	}
	return c
}

// newGroup makes a group; the cells of scopes with other keys are there already, or come with a merge.
func (g *groups) newGroup(id string, key []schema.Value) *group {
	p := g.plan
	x := &group{cells: make([]*cell, len(p.scopes))}
	if n := len(p.freeGroups); n > 0 {
		x, p.freeGroups = p.freeGroups[n-1], p.freeGroups[:n-1]
	}
	x.key = key
	for i := range p.scopes {
		if p.scopes[i].same {
			x.cells[i] = p.newCell(i)
			continue
		}
		p.id = p.id[:0]
		for _, k := range p.scopes[i].at {
			p.id = appendValue(p.id, key[k])
		}
		x.cells[i] = g.cell(i, p.id)
	}
	g.all[id] = x
	return x
}

// merge takes in the groups of another window.
func (g *groups) merge(o *groups) {
	for i, cells := range o.cells {
		for id, c := range cells {
			g.cell(i, []byte(id)).merge(c)
		}
	}
	for id, y := range o.all {
		x := g.all[id]
		if x == nil {
			x = g.newGroup(id, y.key)
		}
		for i, c := range y.cells {
			if g.plan.scopes[i].same {
				x.cells[i].merge(c)
			}
		}
	}
}

// findings appends the groups for which `when` is true.
func (g *groups) findings(from, to int64, out []Finding) []Finding {
	e := env{scopes: make([][]agg, len(g.plan.scopes))}
	for _, x := range g.all {
		for i, c := range x.cells {
			e.scopes[i] = c.aggs
		}
		if g.plan.when(&e) {
			out = append(out, Finding{Finding: ir.Finding{Key: x.key, From: from, To: to, Shown: e.shown(g.plan.rule.Emit.Shown)}})
		}
	}
	return out
}

// recycle gives back what the groups are made of.
func (g *groups) recycle() {
	p := g.plan
	for _, x := range g.all {
		for i, c := range x.cells {
			if p.scopes[i].same {
				p.free(i, c)
			}
		}
		p.freeGroups = append(p.freeGroups, x)
	}
	for i, cells := range g.cells {
		for _, c := range cells {
			p.free(i, c)
		}
	}
	g.all, g.cells = nil, nil
}

// floor returns the greatest multiple of size that is not above t.
func floor(t, size int64) int64 {
	k := t / size
	if t < 0 && t%size != 0 {
		k--
	}
	return k * size
}

// series are the open windows (or panes of windows) in the order of their starts.
type series struct{ open []*groups }

// at returns the groups of the window that starts at a time.
func (s *series) at(p *plan, start int64) *groups {
	i := len(s.open)
	for i > 0 && s.open[i-1].start > start {
		i--
	}
	if i > 0 && s.open[i-1].start == start {
		return s.open[i-1]
	}
	g := p.newGroups(start)
	s.open = slices.Insert(s.open, i, g)
	return g
}

// shift takes the first window out.
func (s *series) shift() *groups {
	g := s.open[0]
	s.open = slices.Delete(s.open, 0, 1)
	return g
}
