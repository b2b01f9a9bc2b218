package engine

import (
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// sliding counts in windows that end at each event of a tuple. What was not touched for a window's length is forgotten.
type sliding struct {
	plan  *plan
	size  int64
	cells []map[string]*slideCell
	all   map[string]*slideGroup
	// touched are the groups of the time at hand.
	touched []*slideGroup
	env     env
	// grown counts what was made since the last sweep; kept is what was left then.
	grown, kept int
}

// slideCell holds the aggregates of one scope for one tuple of its keys.
type slideCell struct {
	aggs []agg
	last int64
}

type slideGroup struct {
	key   []schema.Value
	cells []*slideCell
	// last is the tuple's last time, was whether `when` was true then.
	last    int64
	was     bool
	touched bool
	event   string
}

func newSliding(p *plan, w ir.Window) *sliding {
	s := &sliding{plan: p, size: w.Size.Milliseconds(), all: map[string]*slideGroup{}, env: env{scopes: make([][]agg, len(p.scopes))}}
	for range p.scopes {
		s.cells = append(s.cells, map[string]*slideCell{})
	}
	return s
}

func (s *sliding) at(t int64, rows []*row, out []Finding) []Finding {
	s.sweep(t)
	for _, r := range rows {
		s.add(t, r)
	}
	for _, g := range s.touched {
		for i, c := range g.cells {
			s.env.scopes[i] = c.aggs
		}
		now := s.plan.when(&s.env)
		if now && !(g.was && t-g.last < s.size) {
			out = append(out, Finding{Finding: ir.Finding{Key: g.key, Time: t, Event: g.event, Shown: s.env.shown(s.plan.rule.Emit.Shown)}})
		}
		g.last, g.was, g.touched = t, now, false
	}
	s.touched = s.touched[:0]
	return out
}

func (s *sliding) add(t int64, r *row) {
	p := s.plan
	for i := range p.scopes {
		for ok := p.walk.start(r, p.scopes[i].keys); ok; ok = p.walk.next() {
			c := s.cell(i, p.walk.id)
			if c.last < t {
				for _, a := range c.aggs {
					a.(slider).evict(t - s.size)
				}
				c.last = t
			}
			for j := range p.scopes[i].aggs {
				if w := p.scopes[i].aggs[j].Where; w < 0 || r.conds[w] {
					c.aggs[j].add(r)
				}
			}
		}
	}
	for ok := p.walk.start(r, p.per); ok; ok = p.walk.next() {
		g := s.all[string(p.walk.id)]
		if g == nil {
			g = s.newGroup(string(p.walk.id), p.walk.values())
		}
		if !g.touched {
			g.touched, g.event = true, r.id
			s.touched = append(s.touched, g)
		}
	}
}

func (s *sliding) cell(i int, id []byte) *slideCell {
	c := s.cells[i][string(id)]
	if c == nil {
		c = &slideCell{last: -1 << 63}
		for j := range s.plan.scopes[i].aggs {
			c.aggs = append(c.aggs, newSlider(&s.plan.scopes[i].aggs[j]))
		}
		s.cells[i][string(id)] = c
		s.grown++
	}
	return c
}

func (s *sliding) newGroup(id string, key []schema.Value) *slideGroup {
	g := &slideGroup{key: key, last: -1 << 63}
	for i := range s.plan.scopes {
		s.plan.id = s.plan.id[:0]
		for _, k := range s.plan.scopes[i].at {
			s.plan.id = appendValue(s.plan.id, key[k])
		}
		g.cells = append(g.cells, s.cell(i, s.plan.id))
	}
	s.all[id] = g
	s.grown++
	return g
}

// leastSweep is how many groups are made at least between two sweeps.
const leastSweep = 1024

// sweep forgets what no window from a time on can hold, when as much was made as was left by the last sweep.
func (s *sliding) sweep(t int64) {
	if s.grown < max(leastSweep, s.kept) {
		return
	}
	s.grown, s.kept = 0, 0
	for id, g := range s.all {
		if g.last <= t-s.size {
			delete(s.all, id)
		}
	}
	s.kept = len(s.all)
	for _, cells := range s.cells {
		for id, c := range cells {
			if c.last <= t-s.size {
				delete(cells, id)
			}
		}
		s.kept += len(cells)
	}
}

// sessions counts in the sessions of each tuple.
type sessions struct {
	plan         *plan
	gap, longest int64
	groups       map[string]*session
	touched      []*session
	env          env
	grown, kept  int
}

type session struct {
	key         []schema.Value
	cells       []*cell
	first, last int64
	was         bool
	touched     bool
	event       string
}

func (s *sessions) at(t int64, rows []*row, out []Finding) []Finding {
	s.sweep(t)
	p := s.plan
	for _, r := range rows {
		for ok := p.walk.start(r, p.per); ok; ok = p.walk.next() {
			g := s.group(t, r)
			for i := range p.scopes {
				g.cells[i].add(&p.scopes[i], r)
			}
		}
	}
	if s.env.scopes == nil {
		s.env.scopes = make([][]agg, len(p.scopes))
	}
	for _, g := range s.touched {
		for i, c := range g.cells {
			s.env.scopes[i] = c.aggs
		}
		now := p.when(&s.env)
		if now && !g.was {
			out = append(out, Finding{Finding: ir.Finding{Key: g.key, Time: t, Event: g.event, Shown: s.env.shown(p.rule.Emit.Shown)}})
		}
		g.was, g.touched = now, false
	}
	s.touched = s.touched[:0]
	return out
}

// group returns the session of the tuple at hand, a new one where the old has ended.
func (s *sessions) group(t int64, r *row) *session {
	g := s.groups[string(s.plan.walk.id)]
	switch {
	case g == nil:
		g = &session{key: s.plan.walk.values(), first: t}
		for i := range s.plan.scopes {
			g.cells = append(g.cells, s.plan.newCell(i))
		}
		s.groups[string(s.plan.walk.id)] = g
		s.grown++
	case !g.touched && (t-g.last >= s.gap || t-g.first >= s.longest):
		for _, c := range g.cells {
			for _, a := range c.aggs {
				a.reset()
			}
		}
		g.first, g.was = t, false
	}
	g.last = t
	if !g.touched {
		g.touched, g.event = true, r.id
		s.touched = append(s.touched, g)
	}
	return g
}

// sweep forgets the sessions that have ended.
func (s *sessions) sweep(t int64) {
	if s.grown < max(leastSweep, s.kept) {
		return
	}
	for id, g := range s.groups {
		if t-g.last >= s.gap {
			for i, c := range g.cells {
				s.plan.free(i, c)
			}
			delete(s.groups, id)
		}
	}
	s.grown, s.kept = 0, len(s.groups)
}
