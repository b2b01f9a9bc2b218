package engine

import (
	"cmp"
	"slices"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// Where steps of a sequence are compared or shown, the last events of the steps matter, not only when the chain began. Of the
// chains up to a step that later comparisons cannot tell apart, the one with the latest events goes on: it is the one that is told,
// and it is within the span whenever another is.

// link is the last event of a step, behind those of the steps before.
type link struct {
	prev   *link
	first  int64 // when the chain began
	millis int64
	id     string
	args   [][]schema.Value
}

// tells reports whether a chain is told rather than another of as many steps.
func (l *link) tells(o *link) bool { return l.order(o) < 0 }

func (l *link) order(o *link) int {
	if l == o {
		return 0
	}
	if l.prev != nil {
		if c := l.prev.order(o.prev); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(o.millis, l.millis), cmp.Compare(l.id, o.id))
}

// at returns the link of a place.
func (l *link) at(place, last int) *link {
	for ; last > place; last-- {
		l = l.prev
	}
	return l
}

// chains are those up to one step, by what later comparisons read of them.
type chains struct {
	full map[string]*link
	// rings holds, for a step of several events, by what is read of the steps before: the chains before with one event of the
	// step, two, and so on.
	rings map[string]*ring
	live  int // of full when it was cleaned last
}

// ring holds the chains of the steps before, or beginnings, of the last events of a step.
type ring struct{ before queue[*link] }

// linker knows what the links of a sequence carry.
type linker struct {
	seq    *ir.Sequence
	events []int
	reads  []int
	span   int64
	// cross holds, by place, the comparisons that can be made there; later the columns that comparisons behind a place read, as
	// places and columns.
	cross [][]crossing
	later [][]placeValue
	sig   []byte
}

type crossing struct {
	*ir.Cross
	l, r placeValue
}

type placeValue struct{ place, arg int }

func newLinker(s *ir.Sequence, events, reads []int, span int64) *linker {
	k := &linker{seq: s, events: events, reads: reads, span: span, cross: make([][]crossing, len(events)), later: make([][]placeValue, len(events))}
	for i := range s.Cross {
		c := &s.Cross[i]
		l, r := placeValue{slices.Index(events, c.L.Step), c.L.Arg}, placeValue{slices.Index(events, c.R.Step), c.R.Arg}
		k.cross[max(l.place, r.place)] = append(k.cross[max(l.place, r.place)], crossing{c, l, r})
		early := l
		if r.place < l.place {
			early = r
		}
		for p := early.place; p < max(l.place, r.place); p++ {
			k.later[p] = append(k.later[p], early)
		}
	}
	return k
}

// read is what comparisons behind a place read of a chain up to it.
func (k *linker) read(l *link, place int) string {
	if len(k.later[place]) == 0 {
		return ""
	}
	k.sig = k.sig[:0]
	for _, v := range k.later[place] {
		for _, x := range l.at(v.place, place).args[v.arg] {
			k.sig = appendValue(k.sig, x)
		}
		k.sig = append(k.sig, 0xff) // no type
	}
	return string(k.sig)
}

// event makes the link of a row without the steps before.
func (k *linker) event(r *row) link {
	l := link{millis: r.millis, id: r.id, args: make([][]schema.Value, len(r.args))}
	for _, a := range k.reads {
		l.args[a] = slices.Clone(r.args[a])
	}
	return l
}

// join makes a chain of one up to the step before and an event; nil when a comparison does not hold.
func (k *linker) join(before *link, e link, place int) *link {
	e.prev = before
	for _, c := range k.cross[place] {
		if !c.Holds(e.at(c.l.place, place).args[c.l.arg], e.at(c.r.place, place).args[c.r.arg]) {
			return nil
		}
	}
	return &e
}

// add takes a chain up to a step, unless one is known that is told rather.
func (c *chains) add(sig string, l *link) {
	if old := c.full[sig]; old == nil || l.tells(old) {
		if c.full == nil {
			c.full = map[string]*link{}
		}
		c.full[sig] = l
	}
}

// clean forgets chains that are too old, now and then.
func (c *chains) clean(oldest int64) {
	if len(c.full)+len(c.rings) < 2*c.live+16 {
		return
	}
	for sig, l := range c.full {
		if l.first < oldest {
			delete(c.full, sig)
		}
	}
	for sig, r := range c.rings {
		if live := r.before.live(); live[len(live)-1].first < oldest {
			delete(c.rings, sig)
		}
	}
	c.live = len(c.full) + len(c.rings)
}

// follow takes the events of one time, by place; the steps' chains are brought forward. The chain that is told is returned when
// one is complete.
func (k *linker) follow(cs []chains, t int64, of [][]link, broken []bool) *link {
	last := len(cs) - 1
	var told *link
	for i := last; i >= 0; i-- { // from the last step on, so that each finds the chains before it as they were
		fresh := k.extend(cs, i, t, of[i])
		if broken[i] {
			clear(cs[i].full)
		}
		for _, l := range fresh {
			if i < last {
				cs[i].add(k.read(l, i), l)
				continue
			}
			// The least id is told, and of its chains the latest.
			if c := 0; told != nil {
				if c = cmp.Compare(l.id, told.id); c > 0 || c == 0 && !l.tells(told) {
					continue
				}
			}
			told = l
		}
		cs[i].clean(t - k.span)
	}
	return told
}

// extend returns the chains that end with an event of a step at this time.
func (k *linker) extend(cs []chains, i int, t int64, events []link) []*link {
	if len(events) == 0 {
		return nil
	}
	repeat := k.seq.Steps[k.events[i]].Repeat
	var out []*link
	take := func(before *link, first int64) {
		for _, e := range events {
			e.first = first
			if l := k.join(before, e, i); l != nil {
				out = append(out, l)
			}
		}
	}
	if repeat > 1 {
		k.fill(cs, i, t, len(events))
		for _, r := range cs[i].rings {
			if live := r.before.live(); len(live) == repeat && live[0].first >= t-k.span {
				if i == 0 {
					take(nil, live[0].first)
				} else {
					take(live[0], live[0].first)
				}
			}
		}
		return out
	}
	if i == 0 {
		take(nil, t)
		return out
	}
	for _, before := range cs[i-1].full {
		if before.first >= t-k.span {
			take(before, before.first)
		}
	}
	return out
}

// fill counts n more events of a step of several in its rings.
func (k *linker) fill(cs []chains, i int, t int64, n int) {
	c, repeat := &cs[i], k.seq.Steps[k.events[i]].Repeat
	if c.rings == nil {
		c.rings = map[string]*ring{}
	}
	newest := map[string]*link{}
	if i == 0 {
		newest[""] = &link{first: t, millis: t}
	} else {
		for sig, l := range cs[i-1].full {
			if l.first >= t-k.span {
				newest[sig] = l
			}
		}
	}
	for sig := range newest {
		if c.rings[sig] == nil {
			c.rings[sig] = &ring{}
		}
	}
	for sig, r := range c.rings {
		begin := newest[sig]
		if live := r.before.live(); len(live) > 0 && (begin == nil || live[len(live)-1].tells(begin)) {
			begin = live[len(live)-1]
		}
		if begin.first < t-k.span {
			delete(c.rings, sig)
			continue
		}
		for range n {
			r.before.push(begin)
			if r.before.len() > repeat {
				r.before.pop()
			}
		}
	}
}
