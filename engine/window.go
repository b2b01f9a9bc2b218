package engine

import "github.com/onerule/onerule/ir"

// tumbling counts in tumbling windows: each open window holds its groups, and is settled when its end is behind.
type tumbling struct {
	plan    *plan
	size    int64
	windows series
}

func (t *tumbling) keeps() bool { return false }
func (t *tumbling) add(r *row)  { t.windows.at(t.plan, floor(r.millis, t.size)).add(r) }

func (t *tumbling) advance(complete int64, out []Finding) []Finding {
	for len(t.windows.open) > 0 && t.windows.open[0].start+t.size <= complete {
		g := t.windows.shift()
		out = g.findings(g.start, g.start+t.size, out)
		g.recycle()
	}
	return out
}

// hopping counts in panes as long as the greatest common divisor of the window and the distance of ticks; a window is settled
// from its panes.
type hopping struct {
	plan              *plan
	size, every, pane int64
	panes             series
	last              int64 // tick that was settled
	ticked            bool
}

func newHopping(p *plan, w ir.Window) *hopping {
	h := &hopping{plan: p, size: w.Size.Milliseconds(), every: w.Every.Milliseconds()}
	h.pane = h.size
	for rest := h.every; rest != 0; {
		h.pane, rest = rest, h.pane%rest
	}
	return h
}

func (h *hopping) keeps() bool { return false }
func (h *hopping) add(r *row)  { h.panes.at(h.plan, floor(r.millis, h.pane)).add(r) }

func (h *hopping) advance(complete int64, out []Finding) []Finding {
	for len(h.panes.open) > 0 {
		first := h.panes.open[0].start
		tick := floor(first, h.every) + h.every
		if h.ticked {
			tick = max(tick, h.last+h.every)
		}
		if first < tick-h.size { // in no window any more
			h.panes.shift().recycle()
			continue
		}
		if tick > complete {
			break
		}
		out = h.settle(tick, out)
		h.last, h.ticked = tick, true
	}
	return out
}

func (h *hopping) settle(tick int64, out []Finding) []Finding {
	n := 0
	for n < len(h.panes.open) && h.panes.open[n].start < tick {
		n++
	}
	if n == 1 {
		return h.panes.open[0].findings(tick-h.size, tick, out)
	}
	all := h.plan.newGroups(tick - h.size)
	for _, p := range h.panes.open[:n] {
		all.merge(p)
	}
	out = all.findings(tick-h.size, tick, out)
	all.recycle()
	return out
}
