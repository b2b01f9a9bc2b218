package engine

import (
	"slices"
	"strings"
)

// timewise is an operator that needs rows in the order of time.
type timewise interface {
	// at takes all rows of one time, in the order of their ids.
	at(t int64, rows []*row, out []Finding) []Finding
}

// ordered puts rows in order: it holds them until none before them can come.
type ordered struct {
	reader *reader
	next   timewise
	// queue holds the rows that came in order, heap the others.
	queue queue[*row]
	heap  []*row
	batch []*row
}

func (o *ordered) keeps() bool { return true }

func (o *ordered) add(r *row) {
	if live := o.queue.live(); len(live) == 0 || live[len(live)-1].millis <= r.millis {
		o.queue.push(r)
		return
	}
	o.heap = append(o.heap, r)
	for i := len(o.heap) - 1; i > 0; {
		up := (i - 1) / 2
		if o.heap[up].millis <= o.heap[i].millis {
			break
		}
		o.heap[up], o.heap[i] = o.heap[i], o.heap[up]
		i = up
	}
}

func (o *ordered) advance(complete int64, out []Finding) []Finding {
	for {
		t, ok := o.first()
		if !ok || t >= complete {
			return out
		}
		o.batch = o.batch[:0]
		for {
			if u, ok := o.first(); !ok || u != t {
				break
			}
			o.batch = append(o.batch, o.pop(t))
		}
		if len(o.batch) > 1 {
			slices.SortFunc(o.batch, func(a, b *row) int { return strings.Compare(a.id, b.id) })
		}
		out = o.next.at(t, o.batch, out)
		for _, r := range o.batch {
			o.reader.put(r)
		}
	}
}

// first returns the least time of the rows that are held.
func (o *ordered) first() (t int64, ok bool) {
	if o.queue.len() > 0 {
		t, ok = o.queue.live()[0].millis, true
	}
	if len(o.heap) > 0 && (!ok || o.heap[0].millis < t) {
		t, ok = o.heap[0].millis, true
	}
	return t, ok
}

// pop takes out a row of the least time.
func (o *ordered) pop(t int64) *row {
	if o.queue.len() > 0 && o.queue.live()[0].millis == t {
		return o.queue.pop()
	}
	r, n := o.heap[0], len(o.heap)-1
	o.heap[0], o.heap[n] = o.heap[n], nil
	o.heap = o.heap[:n]
	for i := 0; ; {
		least := i
		for _, c := range []int{2*i + 1, 2*i + 2} {
			if c < n && o.heap[c].millis < o.heap[least].millis {
				least = c
			}
		}
		if least == i {
			return r
		}
		o.heap[i], o.heap[least] = o.heap[least], o.heap[i]
		i = least
	}
}

// get returns a row to fill.
func (r *reader) get() *row {
	if n := len(r.free); n > 0 {
		x := r.free[n-1]
		r.free = r.free[:n-1]
		return x
	}
	return r.new()
}

// put gives a row back.
func (r *reader) put(x *row) {
	x.event, x.id = nil, ""
	r.free = append(r.free, x)
}
