package engine

import (
	"cmp"
	"math"
	"slices"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/chain"
	"github.com/onerule/onerule/schema"
)

// steps runs a sequence or together rule: for each tuple of values it holds what a chain may begin with and go on from.
//
// For each step the latest time is known at which a chain of the steps up to it may have begun (see stage): a chain is
// complete only if that of the last step lies within the span. Where steps are compared or shown, chains are followed by their
// events (see link). Where something is waited for, or steps come in any order, the events are held, and looked through when
// the times alone do not decide.
type steps struct {
	ordered
	seq    *ir.Sequence
	search *chain.Search
	shown  []ir.Shown
	span   int64
	waits  bool
	// holds reports that events are held; links are there when chains are followed event by event instead.
	holds bool
	links *linker
	reads []int // columns that are held
	// events are the steps that events take, begins those that begin a chain; of holds the place of a step in events, else -1.
	events []int
	begins uint64
	gaps   []uint64 // missing steps behind each of events
	untils uint64
	last   uint64 // steps by which a chain may be complete
	tuples map[string]*tuple
	rng    Range
	every  int64
	// found holds the end of the last range in which a tuple was found.
	found       map[string]int64
	due         queue[due]
	touched     []*tuple
	walk        tuples
	before      []int64
	grown, kept int
}

// tuple is what is open of one tuple of values.
type tuple struct {
	id    string
	key   []schema.Value
	began int64 // the last time of an event that begins a chain
	stage []stage
	links []chains
	held  []chain.Event
	batch []entry
	// open reports that it is one of those at hand.
	open bool
}

// entry is a row of the time at hand with the steps that it fits.
type entry struct {
	at   int
	fits uint64
}

// stage is what is known of one step. Beginnings are times of first events, the latest possible.
type stage struct {
	// full is the beginning of a chain up to the step, none when there is none, or an event came that must be missing behind it.
	full int64
	// ring holds, for a step of several events, the beginnings of chains with one event of the step, two, and so on.
	ring queue[int64]
}

const none = math.MinInt64

// due is a time at which a tuple is looked at, when nothing came that had to be missing.
type due struct {
	millis int64
	tuple  *tuple
}

func newSteps(r *ir.Rule, s *ir.Sequence, rd *reader, o Options) *steps {
	x := &steps{
		ordered: ordered{reader: rd}, seq: s, search: chain.New(s), shown: r.Emit.Shown, span: s.Within.Milliseconds(), waits: s.Waits(),
		events: s.Events(), tuples: map[string]*tuple{}, found: map[string]int64{}, rng: o.Range.orAlways(), every: o.Every.Milliseconds(),
	}
	x.next = x
	for _, v := range r.StepValues() {
		if !slices.Contains(x.reads, v.Arg) {
			x.reads = append(x.reads, v.Arg)
		}
	}
	x.holds = !s.Ordered || x.waits
	if !x.holds && len(x.reads) > 0 {
		x.links = newLinker(s, x.events, x.reads, x.span)
	}
	bit := func(steps ...int) (out uint64) {
		for _, i := range steps {
			out |= 1 << i
		}
		return out
	}
	x.untils = bit(s.Untils()...)
	x.begins, x.last = bit(x.events[0]), bit(x.events[len(x.events)-1])
	for i := range x.events {
		x.gaps = append(x.gaps, bit(s.Gap(i+1)...))
	}
	if !s.Ordered {
		x.last = bit(x.events...)
		x.begins = x.last
		if x.waits { // what must be missing counts before the first event, too
			x.begins = ^x.untils
		}
	}
	x.before = make([]int64, len(x.events))
	return x
}

func (x *steps) advance(complete int64, out []Finding) []Finding {
	return x.settle(complete, x.ordered.advance(complete, out))
}

// at takes the rows of one time: those that begin a chain first, for only then the others matter.
func (x *steps) at(t int64, rows []*row, out []Finding) []Finding {
	out = x.settle(t, out)
	x.sweep(t)
	x.touched = x.touched[:0]
	for i, r := range rows {
		x.enter(t, i, r, x.begins, true)
	}
	for i, r := range rows {
		x.enter(t, i, r, ^x.begins, false)
	}
	for _, p := range x.touched {
		out = x.step(p, t, rows, out)
		p.batch, p.open = p.batch[:0], false
	}
	return out
}

// enter notes a row with its tuples for some steps.
func (x *steps) enter(t int64, at int, r *row, some uint64, begins bool) {
	for i := range x.seq.Steps {
		s := &x.seq.Steps[i]
		if some&(1<<i) == 0 || !r.conds[s.Cond] {
			continue
		}
		for ok := x.walk.start(r, s.Keys); ok; ok = x.walk.next() {
			p := x.tuples[string(x.walk.id)]
			if p == nil {
				if !begins || x.every == 0 && x.isFound(string(x.walk.id), t) {
					continue
				}
				p = &tuple{id: string(x.walk.id), key: x.walk.values(), began: none, stage: make([]stage, len(x.events))}
				for j := range p.stage {
					p.stage[j].full = none
				}
				x.tuples[p.id] = p
				x.grown++
			}
			if begins {
				p.began = t
			}
			if !p.open {
				p.open = true
				x.touched = append(x.touched, p)
			}
			j, found := slices.BinarySearchFunc(p.batch, at, func(e entry, at int) int { return cmp.Compare(e.at, at) })
			if !found {
				p.batch = slices.Insert(p.batch, j, entry{at: at})
			}
			p.batch[j].fits |= 1 << i
		}
	}
}

// step takes the rows of one time of a tuple.
func (x *steps) step(p *tuple, t int64, rows []*row, out []Finding) []Finding {
	var all uint64
	for _, e := range p.batch {
		all |= e.fits
	}
	if x.links != nil {
		return x.link(p, t, all, rows, out)
	}
	complete := x.follow(p, t, all)
	if x.holds {
		x.hold(p, t, rows)
	}
	switch {
	case x.waits:
		if all&x.begins != 0 {
			x.due.push(due{t + x.span, p})
		}
	case complete && x.asked(p.id, t):
		if x.holds {
			out = x.look(p, t, out)
			break
		}
		for _, e := range p.batch {
			if e.fits&x.last != 0 {
				out = x.finding(p, t, rows[e.at].id, nil, out)
				break
			}
		}
	}
	return x.ended(p, all, out)
}

// ended forgets what an event of until ends.
func (x *steps) ended(p *tuple, all uint64, out []Finding) []Finding {
	if all&x.untils != 0 && x.seq.Ordered && !x.waits { // all that has begun by now is void from here on
		delete(x.tuples, p.id)
	}
	return out
}

// link follows the chains of a tuple by their events.
func (x *steps) link(p *tuple, t int64, all uint64, rows []*row, out []Finding) []Finding {
	if p.links == nil {
		p.links = make([]chains, len(x.events))
	}
	of, broken := make([][]link, len(x.events)), make([]bool, len(x.events))
	for i, s := range x.events {
		broken[i] = x.gaps[i]&all != 0
		if all&(1<<s) == 0 {
			continue
		}
		for _, e := range p.batch {
			if e.fits&(1<<s) != 0 {
				of[i] = append(of[i], x.links.event(rows[e.at]))
			}
		}
	}
	if l := x.links.follow(p.links, t, of, broken); l != nil && x.asked(p.id, t) {
		f := ir.Finding{Key: p.key, Time: t, Event: l.id}
		for _, s := range x.shown {
			v := s.Value.(*ir.NumStep)
			f.Shown = append(f.Shown, l.at(slices.Index(x.events, v.Step), len(x.events)-1).args[v.Arg])
		}
		out = x.take(p, f, out)
	}
	return x.ended(p, all, out)
}

// follow moves the beginnings on, and reports whether a chain may be complete at this time. That is exact for ordered steps
// that are not compared.
func (x *steps) follow(p *tuple, t int64, all uint64) bool {
	for i := range p.stage {
		x.before[i] = p.stage[i].full
	}
	complete := x.seq.Ordered || all&x.last != 0
	for i, s := range x.events {
		st, repeat := &p.stage[i], x.seq.Steps[s].Repeat
		begin := t
		if i > 0 && x.seq.Ordered {
			if begin = x.before[i-1]; begin < t-x.span {
				begin = none
			}
		}
		now := int64(none)
		if all&(1<<s) != 0 {
			for _, e := range p.batch {
				if e.fits&(1<<s) != 0 {
					now = max(now, st.push(begin, repeat, t-x.span))
				}
			}
		}
		if x.gaps[i]&all != 0 && x.seq.Ordered {
			st.full = none
		}
		st.full = max(st.full, now)
		switch {
		case x.seq.Ordered:
			complete = now >= t-x.span && now != none
		default:
			complete = complete && st.full >= t-x.span && st.full != none
		}
	}
	return complete
}

// push takes one more event of the step, and returns the beginning of a chain that ends with it; none when there is none.
func (s *stage) push(begin int64, repeat int, oldest int64) int64 {
	if repeat == 1 {
		return begin
	}
	live := s.ring.live()
	if len(live) > 0 && live[len(live)-1] > begin {
		begin = live[len(live)-1]
	}
	if begin < oldest {
		s.ring.clear()
		return none
	}
	s.ring.push(begin)
	if s.ring.len() > repeat {
		s.ring.pop()
	}
	if s.ring.len() < repeat {
		return none
	}
	return s.ring.live()[0]
}

// hold keeps the events of this time, and forgets those that no chain can have any more.
func (x *steps) hold(p *tuple, t int64, rows []*row) {
	oldest := t - x.span
	if x.waits {
		oldest -= x.span
	}
	n, _ := slices.BinarySearchFunc(p.held, oldest, func(e chain.Event, t int64) int { return cmp.Compare(e.Millis, t) })
	p.held = slices.Delete(p.held, 0, n)
	for _, e := range p.batch {
		r := rows[e.at]
		ev := chain.Event{Millis: t, ID: r.id, Fits: e.fits}
		if len(x.reads) > 0 && e.fits&^x.untils != 0 {
			ev.Args = make([][]schema.Value, len(r.args))
			for _, a := range x.reads {
				ev.Args[a] = slices.Clone(r.args[a])
			}
		}
		p.held = append(p.held, ev)
	}
}

// look looks for a chain that is dated at a time.
func (x *steps) look(p *tuple, t int64, out []Finding) []Finding {
	if c, ok := x.search.Find(p.held, t, t+1); ok {
		return x.finding(p, t, p.held[c.Event].ID, &c, out)
	}
	return out
}

// settle looks at the tuples whose wait is over before a time.
func (x *steps) settle(complete int64, out []Finding) []Finding {
	for x.due.len() > 0 && x.due.live()[0].millis < complete {
		if d := x.due.pop(); x.asked(d.tuple.id, d.millis) {
			out = x.look(d.tuple, d.millis, out)
		}
	}
	return out
}

func (x *steps) finding(p *tuple, t int64, id string, c *chain.Chain, out []Finding) []Finding {
	f := ir.Finding{Key: p.key, Time: t, Event: id}
	for _, s := range x.shown {
		v := s.Value.(*ir.NumStep)
		f.Shown = append(f.Shown, p.held[c.Last[v.Step]].Args[v.Arg])
	}
	return x.take(p, f, out)
}

func (x *steps) take(p *tuple, f ir.Finding, out []Finding) []Finding {
	x.found[p.id] = x.rangeEnd(f.Time)
	x.grown++
	return append(out, Finding{Finding: f})
}

// rangeEnd is the end of the evaluated range of a time.
func (x *steps) rangeEnd(t int64) int64 {
	if x.every == 0 {
		return math.MaxInt64
	}
	return floor(t, x.every) + x.every
}

func (x *steps) isFound(id string, t int64) bool {
	end, ok := x.found[id]
	return ok && t < end
}

// asked reports whether a finding of a tuple at a time is wanted, and the first of its range.
func (x *steps) asked(id string, t int64) bool {
	return x.rng.From <= t && t < x.rng.To && !x.isFound(id, t)
}

// sweep forgets the tuples whose chains are too old to go on, and findings of ranges that are over.
func (x *steps) sweep(t int64) {
	if x.grown < max(leastSweep, x.kept) {
		return
	}
	oldest := t - x.span
	if x.waits {
		oldest -= x.span
	}
	for id, p := range x.tuples {
		if p.began < oldest || x.every == 0 && x.isFound(id, t) {
			delete(x.tuples, id)
		}
	}
	for id, end := range x.found {
		if end <= t {
			delete(x.found, id)
		}
	}
	x.grown, x.kept = 0, len(x.tuples)+len(x.found)
}

// ofClasses asks a condition of events of its classes only.
func ofClasses(r *ir.Rule, cond int, x predicate) predicate {
	if cond >= len(r.CondFrom) || r.CondFrom[cond] == nil {
		return x
	}
	known := map[ir.ClassOn]bool{}
	return func(c *context) bool {
		on := ir.ClassOn{Class: c.event.Class, Source: c.event.Source}
		takes, ok := known[on]
		if !ok {
			takes = r.CondTakes(cond, on.Class, on.Source)
			known[on] = takes
		}
		return takes && x(c)
	}
}
