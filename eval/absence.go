package eval

import (
	"fmt"
	"slices"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// absence asks in each window of the range for each expected value whether enough events with it have arrived.
func absence(b *ir.Absence, rows []Row, rng Range) []moment {
	size, grace := b.Window.Milliseconds(), b.Grace.Milliseconds()
	first, end, ok := judged(b, rows, rng)
	if !ok {
		return nil
	}
	var out []moment
	for from := first; from < end; from += size {
		counts := map[schema.Value]int{}
		for _, row := range between(rows, from, from+size) {
			if row.Arrives > from+size+grace {
				continue
			}
			for _, v := range row.Keys[b.Key] {
				counts[v]++
			}
		}
		for _, v := range b.Expected {
			m := moment{key: []schema.Value{v}, from: from, to: from + size, found: counts[v] < b.Min}
			m.why = fmt.Sprintf("%s had arrived by %s", events(counts[v]), schema.DateMillis(from+size+grace))
			out = append(out, m)
		}
	}
	return out
}

// judged returns the start of the first window that is judged, and a time that the starts of all lie before.
func judged(b *ir.Absence, rows []Row, rng Range) (first, end int64, ok bool) {
	size := b.Window.Milliseconds()
	if (rng.From == Always.From || rng.To == Always.To) && len(rows) == 0 {
		return 0, 0, false // no time is known
	}
	if rng.From == Always.From {
		rng.From = rows[0].Millis
	}
	if rng.To == Always.To {
		last := rows[len(rows)-1].Millis
		rng.To = last - b.Grace.Milliseconds() - size + 1 // starts of windows that end, with the grace, by the last event
	}
	return floor(rng.From+size-1, size), rng.To, true
}

// absenceRange bounds the range of a test of an absence rule: it has all windows from that of the first event to that of the
// last, whole. Other rules keep their range.
func absenceRange(r *ir.Rule, rng Range, events []*schema.Event) Range {
	b, ok := r.Body.(*ir.Absence)
	if !ok || len(events) == 0 {
		return rng
	}
	times := make([]int64, len(events))
	for i, e := range events {
		times[i] = e.Millis
	}
	size := b.Window.Milliseconds()
	return Range{From: floor(slices.Min(times), size), To: floor(slices.Max(times), size) + size}
}
