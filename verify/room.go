package verify

import (
	"iter"
	"slices"
)

// mutants adds mutants of the witnesses of some forms, in turn, as long as there is room.
func (c *collector) mutants(forms []*form) {
	type turn struct {
		f    *form
		w    witness
		next func() (mutant, bool)
	}
	var turns []turn
	conditions := 1
	for _, f := range forms {
		conditions += f.size
		for _, w := range f.found {
			next, stop := iter.Pull(mutants(f.fields, w))
			defer stop()
			turns = append(turns, turn{f, w, next})
		}
	}
	c.room = max(len(c.cases)+leastMutants, min(maxCases, mutantWork/conditions))
	fine := 0 // mutants at single places of texts that there was no room for
	for len(turns) > 0 {
		if c.full(FromMutant, false) {
			c.bound("the mutants of %d events end at the limit of %d events", len(turns), c.room)
			return
		}
		turns = slices.DeleteFunc(turns, func(t turn) bool {
			for range mutantsInTurn {
				m, ok := t.next()
				if !ok {
					return true
				}
				if m.fine && c.full(FromMutant, true) {
					fine++
					continue
				}
				t.f.add(t.w.name+": "+m.name, FromMutant, m.fine, m.event)
			}
			return false
		})
	}
	if fine > 0 {
		c.bound("%d mutants at single places of texts are beyond the limit of %d", fine, c.fineRoom())
	}
}

const (
	mutantsInTurn = 16
	// leastMutants are made of any rule; further ones as long as events times conditions stay below mutantWork.
	leastMutants = 500
	mutantWork   = 2_000_000
)
