package sentinel_test

import (
	"time"

	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/platform/sentinel/arm"
	"github.com/onerule/onerule/schema"
	"github.com/onerule/onerule/verify"
)

// compareOrdering holds what the document tells of a sequence or together rule, tick by tick, against the meaning, in several
// phases of the clock and by both readings of now(). It returns the number of findings.
func (m *made) compareOrdering(t platformtest.T, events []schema.Event) int {
	t.Helper()
	in := m.input(events)
	in.To = in.To.Add(2 * ir.Reach(m.Bound.Rule))
	return m.compareTicks(t, in, events)
}

// compareTicks is compareOrdering on an input that holds the events.
func (m *made) compareTicks(t platformtest.T, in schedule.Input, events []schema.Event) int {
	t.Helper()
	rows, n := platformtest.Rows(t, m.Bound, events), 0
	for in, late := range m.Readings(in) {
		ticks := m.ticks(t, in, late)
		if err := verify.Ordering(m.Bound.Rule, rows, m.Art, ticks); err != nil {
			m.Fail(t, in, events, "%v", err)
		}
		for _, tick := range ticks {
			n += len(tick.Findings)
		}
	}
	return n
}

// ticks runs the document and returns what it told at each tick. With the other reading of now() a run is one of five minutes later.
func (m *made) ticks(t platformtest.T, in schedule.Input, late bool) []verify.Tick {
	t.Helper()
	out := m.Ticks(t, in, in.Ticks(m.every))
	for i := range out {
		if late {
			out[i].At = out[i].At.Add(arm.Delay)
		}
	}
	return out
}

// compareAbsence holds what the document tells of an expect rule against the meaning, for the windows that the ticks judge.
func (m *made) compareAbsence(t platformtest.T, events []schema.Event, in schedule.Input, arrives map[string]int64) int {
	t.Helper()
	rows, n := platformtest.Rows(t, m.Bound, events), 0
	for i := range rows {
		rows[i].Arrives = arrives[rows[i].ID]
	}
	for in, late := range m.Readings(in) {
		ticks := in.Ticks(m.every)
		if len(ticks) == 0 {
			continue
		}
		settled := func(tick time.Time) time.Time {
			if late {
				tick = tick.Add(arm.Delay)
			}
			return m.Art.Timing.Settled(tick)
		}
		n += m.CompareWindows(t, in, events, rows, settled(ticks[0]).Add(-m.every), settled(ticks[len(ticks)-1]))
	}
	return n
}
