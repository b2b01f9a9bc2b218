package interp

import (
	"fmt"
	"time"

	"github.com/onerule/onerule/backends/elastic/eql/syntax"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// maxGroups bounds the sequences that one run may complete.
const maxGroups = 1_000_000

// stage is one state of the machine: an event that is to happen.
type stage struct {
	term  int // the term of the query that it comes from
	match pred
	keys  []joinKey
}

// plan is a compiled sequence. Events that are to be missing stand apart: they are looked for when a chain is complete.
type plan struct {
	stages  []stage
	gaps    []gap // in the order of the query
	places  int   // stages and gaps together
	until   *stage
	maxspan time.Duration // 0 for none
}

// gap is a missing event: it may not happen between stages[after-1] and stages[after].
type gap struct {
	after int
	place int // its place among stages and gaps
	stage stage
}

// sequence runs a sequence.
func (r *run) sequence(s *source, q *syntax.Sequence) []native.Group {
	p := r.plan(q)
	s.requireTime()
	if r.diags.HasErrors() {
		return nil
	}
	list := s.ordered(p)
	chains := r.chains(p, list)
	chains = r.withoutMissing(p, list, chains)
	if r.stopped {
		return nil
	}
	chains = limit(r, chains)
	groups := make([]native.Group, len(chains))
	for i, c := range chains {
		groups[i] = p.group(c)
	}
	return groups
}

// plan compiles the terms; `with runs=N` becomes N stages.
func (r *run) plan(q *syntax.Sequence) *plan {
	p := &plan{}
	if q.MaxSpan != nil {
		p.maxspan = time.Duration(min(q.MaxSpan.Millis(), int64(1<<62)/int64(time.Millisecond))) * time.Millisecond
	}
	var keys [][]joinKey
	for i := range q.Terms {
		t := &q.Terms[i]
		st := stage{term: i, match: r.filter(t.Event), keys: r.joinKeys(q.Keys, t.Keys)}
		keys = append(keys, st.keys)
		for range max(t.Runs, 1) {
			if t.Missing {
				p.gaps = append(p.gaps, gap{after: len(p.stages), place: p.places, stage: st})
			} else {
				p.stages = append(p.stages, st)
			}
			p.places++
		}
	}
	if q.Until != nil {
		p.until = &stage{match: r.filter(q.Until.Event), keys: r.joinKeys(q.Keys, q.Until.Keys)}
		keys = append(keys, p.until.keys)
	}
	r.checkKeyTypes(keys)
	return p
}

// ordered returns the events in order of time. Events without a timestamp take no part.
func (s *source) ordered(p *plan) []*event {
	list := make([]*event, 0, len(s.events))
	for i := range s.events {
		e := &s.events[i]
		if !s.inTime(e) {
			continue
		}
		if !s.load(e) {
			s.r.warn("events without a timestamp take no part in the sequence")
			continue
		}
		list = append(list, e)
	}
	sortEvents(list)
	return list
}

// chain is a sequence, pending or complete: its last event and what came before it.
type chain struct {
	last  *event
	first *event
	prev  *chain
	key   tuple
}

// slot holds the pending sequences of one stage. A newer one replaces the older ones, except that an event can follow only
// one that is strictly earlier: of events at the same instant the newest that is earlier is kept as well.
type slot struct {
	newest, earlier *chain
}

// machine is the state of one key tuple.
type machine struct {
	slots  []slot
	untils []*event
}

// chains runs the state machines over the events and returns the complete sequences in order of completion.
func (r *run) chains(p *plan, list []*event) []*chain {
	machines := map[string]*machine{}
	var done []*chain
	for _, e := range list {
		keys := r.matchStages(p, e)
		for i := len(p.stages) - 1; i >= 0; i-- {
			for _, t := range keys[i] {
				m := machines[t.id]
				if m == nil && i > 0 {
					continue // nothing is pending
				}
				if m == nil {
					m = &machine{slots: make([]slot, len(p.stages))}
					machines[t.id] = m
				}
				if c := r.offer(p, m, i, e, t); c != nil {
					done = append(done, c)
				}
			}
		}
		r.expire(p, machines, e)
		if len(done) > maxGroups {
			r.stop(diag.EQLLimit, r.program.query.Span, fmt.Sprintf("more than %d sequences match", maxGroups), "add join keys or a maxspan")
		}
		if r.stopped {
			return nil
		}
	}
	return done
}

// matchStages returns, for each stage that an event matches, its key tuples there; stages that repeat a term are tested
// once.
func (r *run) matchStages(p *plan, e *event) [][]tuple {
	keys := make([][]tuple, len(p.stages))
	for i := range p.stages {
		switch {
		case i > 0 && p.stages[i-1].term == p.stages[i].term:
			keys[i] = keys[i-1]
		case p.stages[i].match(e) == yes:
			keys[i] = r.tuples(e, p.stages[i].keys)
		}
	}
	return keys
}

// expire notes an until event in the machines of its keys; where nothing is pending it has no effect.
func (r *run) expire(p *plan, machines map[string]*machine, e *event) {
	if p.until == nil || p.until.match(e) != yes {
		return
	}
	for _, t := range r.tuples(e, p.until.keys) {
		if m := machines[t.id]; m != nil {
			m.untils = append(m.untils, e)
		}
	}
}

// offer gives an event to stage i of a machine; the result is the sequence that it completes, if any.
func (r *run) offer(p *plan, m *machine, i int, e *event, t tuple) *chain {
	c := &chain{last: e, first: e, key: t}
	if i > 0 {
		prev := m.take(r, i-1, e)
		if prev == nil || p.maxspan > 0 && e.time.Sub(prev.first.time) > p.maxspan || m.expired(r, prev, e) {
			return nil
		}
		c.prev, c.first = prev, prev.first
	}
	if i == len(p.stages)-1 {
		return c
	}
	s := &m.slots[i]
	if s.newest != nil && r.before(s.newest.last, e) {
		s.earlier = s.newest
	}
	s.newest = c
	return nil
}

// take removes the newest sequence of stage i that ends strictly before e, and all older ones.
func (m *machine) take(r *run, i int, e *event) *chain {
	s := &m.slots[i]
	switch {
	case s.newest != nil && r.before(s.newest.last, e):
		c := s.newest
		*s = slot{}
		return c
	case s.earlier != nil && r.before(s.earlier.last, e):
		c := s.earlier
		s.earlier = nil
		return c
	}
	return nil
}

// expired reports whether an until event lies at or behind the last event of a sequence, and before e.
func (m *machine) expired(r *run, c *chain, e *event) bool {
	for i := len(m.untils) - 1; i >= 0; i-- {
		if u := m.untils[i]; r.before(u, e) {
			return !r.before(u, c.last)
		}
	}
	return false
}

// group is a complete sequence as results show it.
func (p *plan) group(c *chain) native.Group {
	g := native.Group{JoinKeys: jsonKeys(c.key.values), Events: make([]*native.Ref, p.places)}
	missing := make([]bool, p.places)
	for _, gap := range p.gaps {
		missing[gap.place] = true
	}
	for i := p.places - 1; i >= 0; i-- {
		if missing[i] {
			continue
		}
		ref := c.last.ref
		g.Events[i] = &ref
		c = c.prev
	}
	return g
}
