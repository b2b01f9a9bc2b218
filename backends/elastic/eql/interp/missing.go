package interp

import (
	"sort"
	"time"
)

// sightings are the times of the events that a gap forbids, by key tuple, ascending.
type sightings map[string][]time.Time

// withoutMissing drops the chains in whose gaps a forbidden event happened.
func (r *run) withoutMissing(p *plan, list []*event, chains []*chain) []*chain {
	if len(p.gaps) == 0 || len(chains) == 0 {
		return chains
	}
	seen := r.sightings(p, list)
	var clean []*chain
	for _, c := range chains {
		if r.stopped {
			return nil
		}
		if r.gapsHold(p, c, seen) {
			clean = append(clean, c)
		}
	}
	return clean
}

// sightings finds the forbidden events; gaps that repeat a term share them.
func (r *run) sightings(p *plan, list []*event) []sightings {
	all := make([]sightings, len(p.gaps))
	for i, g := range p.gaps {
		if i > 0 && p.gaps[i-1].stage.term == g.stage.term {
			all[i] = all[i-1]
			continue
		}
		all[i] = sightings{}
		for _, e := range list {
			if g.stage.match(e) != yes {
				continue
			}
			for _, t := range r.tuples(e, g.stage.keys) {
				all[i][t.id] = append(all[i][t.id], e.time)
			}
		}
	}
	return all
}

// gapsHold checks every gap of a chain. A gap between two events is strict on both sides. A gap at an end holds when a
// time window of length maxspan exists that covers the whole chain and no forbidden event.
func (r *run) gapsHold(p *plan, c *chain, seen []sightings) bool {
	times := make([]time.Time, len(p.stages))
	for i, x := len(p.stages)-1, c; x != nil; i, x = i-1, x.prev {
		times[i] = x.last.time
	}
	first, last := times[0], times[len(times)-1]
	var leading, trailing []time.Time
	leads, trails := false, false
	for i, g := range p.gaps {
		at := r.sightingsOf(seen[i], c.key)
		switch g.after {
		case 0:
			leads = true
			if n := sort.Search(len(at), func(j int) bool { return !at[j].Before(first) }); n > 0 {
				leading = append(leading, at[n-1])
			}
		case len(p.stages):
			trails = true
			if n := sort.Search(len(at), func(j int) bool { return at[j].After(last) }); n < len(at) {
				trailing = append(trailing, at[n])
			}
		default:
			from, to := times[g.after-1], times[g.after]
			n := sort.Search(len(at), func(j int) bool { return at[j].After(from) })
			if n < len(at) && at[n].Before(to) {
				return false
			}
		}
	}
	return p.windowFits(leads, trails, leading, trailing, first, last)
}

// windowFits checks the gaps at the ends, given the forbidden events nearest to the chain.
func (p *plan) windowFits(leads, trails bool, leading, trailing []time.Time, first, last time.Time) bool {
	if leads && trails {
		for _, l := range leading {
			for _, t := range trailing {
				if t.Sub(l) <= p.maxspan {
					return false
				}
			}
		}
		return true
	}
	for _, l := range leading {
		if last.Sub(l) <= p.maxspan {
			return false
		}
	}
	for _, t := range trailing {
		if t.Sub(first) <= p.maxspan {
			return false
		}
	}
	return true
}

// sightingsOf returns the forbidden events with the keys of a chain.
func (r *run) sightingsOf(s sightings, key tuple) []time.Time {
	if !r.on(doubtMissingNullKey) {
		for _, v := range key.values {
			if v == nil {
				return nil
			}
		}
	}
	return s[key.id]
}
