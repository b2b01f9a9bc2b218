package chain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// together returns the last events of the steps of a chain in any order, the preferred one; nil when there is none.
func (f *finder) together(b bound) []int {
	t := &togetherSearch{finder: f, bound: b}
	for i, s := range f.steps {
		for range f.seq.Steps[s].Repeat {
			t.slots = append(t.slots, slot{place: i})
		}
	}
	t.lo, t.hi = b.first, f.events[b.last].Millis
	forced := []int{b.last}
	if !b.exact {
		return t.with(forced)
	}
	var best []int
	for _, s := range f.steps {
		for _, e := range f.between(s, t.lo, t.lo) {
			if last := t.with([]int{b.last, e}); last != nil && (best == nil || slices.CompareFunc(last, best, f.prefer) < 0) {
				best = last
			}
		}
	}
	return best
}

// togetherSearch chooses the steps' last events one after the other, and sees each time that the other events can be found.
type togetherSearch struct {
	*finder
	bound
	lo, hi int64
	slots  []slot
	forced []int
	last   []int
	// domain holds, by place, the events that may be the last of the step, as far as comparisons with single other steps say.
	domain [][]int
}

// slot is a place for one event in a chain.
type slot struct{ place, event int }

// with looks for a chain that has some events.
func (t *togetherSearch) with(forced []int) []int {
	t.forced, t.last = forced, nil
	if t.possible() && (t.domain != nil || t.prune()) && t.from() {
		return t.last
	}
	return nil
}

// prune leaves out of the domains the events for which a comparison holds with no event of the other step; false when no event
// is left for a step. So a comparison that never holds ends the search before it begins, and where comparisons make no circle
// among the steps, each choice that is left can be gone on from but for events that two steps want. The time that the search
// takes grows with the product of the domains only for comparisons in a circle (a with b, b with c, c with a).
func (t *togetherSearch) prune() bool {
	domain := make([][]int, len(t.steps))
	for place, s := range t.steps {
		domain[place] = t.between(s, t.lo, t.hi)
	}
	for range t.steps { // what one comparison leaves out may take another one's events
		before := total(domain)
		for _, cs := range t.cross {
			for _, c := range cs {
				l, r := slices.Index(t.steps, c.L.Step), slices.Index(t.steps, c.R.Step)
				domain[l] = t.supported(domain[l], domain[r], c.L.Arg, func(x, y int) bool { return t.holds(c, x, y) })
				domain[r] = t.supported(domain[r], domain[l], c.R.Arg, func(x, y int) bool { return t.holds(c, y, x) })
				if len(domain[l]) == 0 || len(domain[r]) == 0 {
					return false
				}
			}
		}
		if total(domain) == before {
			break
		}
	}
	t.domain = domain
	return true
}

func total(domain [][]int) (n int) {
	for _, d := range domain {
		n += len(d)
	}
	return n
}

// holds reports whether a comparison holds of two events.
func (f *finder) holds(c *ir.Cross, l, r int) bool {
	return c.Holds(f.events[l].Args[c.L.Arg], f.events[r].Args[c.R.Arg])
}

// supported returns those of some events for which a comparison of a column holds with another event.
func (t *togetherSearch) supported(xs, ys []int, arg int, holds func(x, y int) bool) []int {
	found := map[string][]int{} // up to two events, by the values of the column
	var out []int
	for _, x := range xs {
		values := strings.Join(texts(t.events[x].Args[arg]), "\x00")
		with, known := found[values]
		if !known {
			for _, y := range ys {
				if len(with) < 2 && holds(x, y) {
					with = append(with, y)
				}
			}
			found[values] = with
		}
		if len(with) > 1 || len(with) == 1 && with[0] != x {
			out = append(out, x)
		}
	}
	return out
}

func (t *togetherSearch) from() bool {
	place := len(t.last)
	if place == len(t.steps) {
		return true
	}
	failed := map[string]bool{}
	for _, e := range slices.SortedFunc(slices.Values(t.domain[place]), t.prefer) {
		if slices.Contains(t.last, e) {
			continue
		}
		look := t.look(e)
		if failed[look] {
			continue
		}
		failed[look] = true
		t.last = append(t.last, e)
		if t.crosses(place, t.last) && t.possible() && t.from() {
			return true
		}
		t.last = t.last[:place]
	}
	return false
}

// look is the same of two events only if a chain stays one when they change places.
func (t *togetherSearch) look(e int) string {
	if len(t.slots) > len(t.steps) || slices.Contains(t.forced, e) {
		return fmt.Sprint("event ", e)
	}
	var b strings.Builder
	fmt.Fprint(&b, t.events[e].Fits)
	for i := range t.seq.Cross {
		c := &t.seq.Cross[i]
		fmt.Fprintf(&b, " %q %q", texts(t.events[e].Args[c.L.Arg]), texts(t.events[e].Args[c.R.Arg]))
	}
	return b.String()
}

// possible reports whether events can be found for all slots, no event for two, when the last events chosen so far are given and
// the forced ones take part.
func (t *togetherSearch) possible() bool {
	taken := map[int]int{} // slot by event
	chosen := make([]bool, len(t.steps))
	for i := range t.slots {
		s := &t.slots[i]
		s.event = -1
		if s.place < len(t.last) && !chosen[s.place] {
			chosen[s.place] = true
			s.event = t.last[s.place]
			taken[s.event] = i
		}
	}
	for _, e := range t.forced {
		if _, has := taken[e]; !has && !t.placed(e, taken, map[int]bool{}) {
			return false
		}
	}
	for i := range t.slots {
		if t.slots[i].event < 0 && !t.filled(i, taken, map[int]bool{}) {
			return false
		}
	}
	return true
}

// given reports whether the event of a slot is the last one of its step, which was chosen.
func (t *togetherSearch) given(s slot) bool {
	return s.place < len(t.last) && t.last[s.place] == s.event
}

// may reports whether an event can take a slot that is not given.
func (t *togetherSearch) may(e int, s slot) bool {
	ev := &t.events[e]
	if ev.Fits&(1<<t.steps[s.place]) == 0 || ev.Millis < t.lo || ev.Millis > t.hi {
		return false
	}
	return s.place >= len(t.last) || ev.Millis <= t.events[t.last[s.place]].Millis
}

// filled finds an event for a slot, moving others to other events.
func (t *togetherSearch) filled(i int, taken map[int]int, seen map[int]bool) bool {
	for _, e := range t.between(t.steps[t.slots[i].place], t.lo, t.hi) {
		if seen[e] || !t.may(e, t.slots[i]) || slices.Contains(t.last, e) {
			continue
		}
		seen[e] = true
		if j, has := taken[e]; has && !t.filled(j, taken, seen) {
			continue
		}
		t.slots[i].event, taken[e] = e, i
		return true
	}
	return false
}

// placed finds a slot for an event, moving the events of slots to other slots.
func (t *togetherSearch) placed(e int, taken map[int]int, seen map[int]bool) bool {
	for i := range t.slots {
		s := &t.slots[i]
		if seen[i] || s.event >= 0 && t.given(*s) || !t.may(e, *s) {
			continue
		}
		seen[i] = true
		if s.event >= 0 && !t.placed(s.event, taken, seen) {
			continue
		}
		s.event, taken[e] = e, i
		return true
	}
	return false
}

// texts are values as texts that differ when the values do.
func texts(vs []schema.Value) []string {
	out := make([]string, len(vs))
	for i, v := range vs {
		out[i] = v.Type().String() + v.String()
	}
	return out
}
