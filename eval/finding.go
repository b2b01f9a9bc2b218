package eval

import (
	"slices"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// Finding is what a rule finds; see [ir.Finding].
type Finding = ir.Finding

// Findings returns what a rule finds in rows of any order: the findings that a range asks for, ordered. Rows before the
// range take part as history. For an event rule each row is a finding.
func Findings(r *ir.Rule, rows []Row, rng Range) []Finding {
	out := []Finding{}
	for _, m := range moments(r, rows, rng) {
		if m.found {
			out = append(out, m.finding(r))
		}
	}
	slices.SortFunc(out, ir.CompareFindings)
	return out
}

// moment is a group at a time at which it may become a finding.
type moment struct {
	answers
	key      []schema.Value
	value    *schema.Value // of first_seen
	from, to int64         // a window, else equal
	time     int64
	event    string
	found    bool
	// why says, for people, what speaks against a finding besides `when`; because says it when it takes time to find out.
	why     string
	because func() string
	// title is what people read in the place of a time or window.
	title string
}

func (m *moment) finding(r *ir.Rule) Finding {
	f := Finding{Key: m.key, Value: m.value, From: m.from, To: m.to, Time: m.time, Event: m.event}
	for _, s := range r.Emit.Shown {
		f.Shown = append(f.Shown, m.values(s.Value))
	}
	if m.base != nil {
		f.History = m.base.history
	}
	return f
}

// moments returns every group at every moment at which it could be a finding of the range.
func moments(r *ir.Rule, rows []Row, rng Range) []moment {
	rows = inOrder(rows)
	switch b := r.Body.(type) {
	case *ir.Count:
		switch b.Window.Kind {
		case ir.Tumbling, ir.Hopping:
			return countWindows(b, rows, rng)
		case ir.Sliding:
			return countSliding(b, rows, rng)
		case ir.Session:
			return countSessions(b, rows, rng)
		}
	case *ir.Baseline:
		return baseline(b, rows, rng)
	case *ir.FirstSeen:
		return firstSeen(b, rows, rng)
	case *ir.Sequence:
		return sequence(b, rows, rng)
	case *ir.Absence:
		return absence(b, rows, rng)
	case nil:
		var out []moment
		for _, row := range rows {
			if rng.has(row.Millis) {
				out = append(out, moment{time: row.Millis, event: row.ID, found: true})
			}
		}
		return out
	}
	return nil
}

// windows returns the starts of the windows of size milliseconds, one every so many, that hold some row, in order. Their
// ends, the ticks, are the multiples of every.
func windows(rows []Row, size, every int64) []int64 {
	starts := map[int64]bool{}
	for _, row := range rows {
		for tick := floor(row.Millis, every) + every; tick-size <= row.Millis; tick += every {
			starts[tick-size] = true
		}
	}
	out := make([]int64, 0, len(starts))
	for s := range starts {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

// asked is the time by which a range asks for a finding.
func asked(r *ir.Rule, f Finding) int64 {
	if f.From == f.To {
		return f.Time
	}
	if c, ok := r.Body.(*ir.Count); ok && c.Window.Kind == ir.Hopping {
		return f.To
	}
	return f.From
}
