package splunk_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends/spl"
	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/splunk"
	"github.com/onerule/onerule/schema"
	"github.com/onerule/onerule/verify"
)

// compareOrdering holds what the saved search tells of a rule that orders, or of what is absent, against the meaning, tick by tick in
// several phases of the clock. It returns the number of findings.
func (m *made) compareOrdering(t platformtest.T, events []schema.Event, late bool) int {
	t.Helper()
	rows := platformtest.Rows(t, m.Bound, events)
	in := m.input(events)
	a, absence := m.Bound.Rule.Body.(*ir.Absence)
	if absence {
		for i := range in.Arrives[0] {
			if in.Arrives[0][i] = events[i].Millis; late && i%2 == 1 {
				in.Arrives[0][i] = events[i].Millis + a.Grace.Milliseconds()
			}
			for j := range rows {
				if rows[j].ID == events[i].ID {
					rows[j].Arrives = in.Arrives[0][i]
				}
			}
		}
	}
	in.To = in.To.Add(2 * ir.Reach(m.Bound.Rule))
	n := 0
	for in := range m.Readings(in) {
		starts := splunk.Platform.Starts(m.Doc, in)
		ticks := m.Ticks(t, in, starts)
		for _, tick := range ticks {
			n += len(tick.Findings)
		}
		if !absence {
			if err := verify.Ordering(m.Bound.Rule, rows, m.Art, ticks); err != nil {
				m.Fail(t, in, events, "%v", err)
			}
		} else if len(starts) > 0 {
			m.CompareWindows(t, in, events, rows, m.Art.Timing.Settled(starts[0]).Add(-m.Art.Timing.Every), m.Art.Timing.Settled(starts[len(starts)-1]))
		}
	}
	return n
}

// promised reports whether a stream satisfies what the output assumes of it.
func promised(t platformtest.T, b *ir.Bound, assumptions []string, events []schema.Event) bool {
	if slices.Contains(assumptions, "no-empty") && slices.ContainsFunc(events, func(e schema.Event) bool { return e.Object["user"] == "" }) {
		return false
	}
	return !slices.Contains(assumptions, "distinct-times") || platformtest.Apart(platformtest.Rows(t, b, events))
}

// TestOrderingAgainstMeaning draws rules that order and streams, and holds what the saved search tells against what the rule means.
func TestOrderingAgainstMeaning(t *testing.T) {
	platformtest.Property(t, func(t *rapid.T, c *platformtest.Tally) {
		r, factor := orderingRule(t)
		b := boundOrdering(r)
		m, l := build(t, b)
		if m == nil {
			c.Refused(l.Why)
			return
		}
		events := orderingEvents(t, factor)
		if !promised(t, b, l.Assumptions, events) {
			c.Broken()
			return
		}
		c.Drawn(platformtest.KindOf(r), m.compareOrdering(t, events, true))
	})
}

// TestOrderingDoubts flips what is not known of SPL: what is found must not depend on it.
func TestOrderingDoubts(t *testing.T) {
	platformtest.Doubts(t, spl.Backend.Language.Doubts, func(t *rapid.T) (*platformtest.Made, func(map[string]bool) string) {
		r, factor := orderingRule(t)
		b := boundOrdering(r)
		m, l := build(t, b)
		if m == nil {
			return nil, nil
		}
		events := orderingEvents(t, factor)
		if !promised(t, b, l.Assumptions, events) {
			return nil, nil
		}
		in := m.input(events)
		in.To = in.To.Add(2 * ir.Reach(r))
		return flipped(t, m, in)
	})
}

// TestComparedNumbers checks that numbers are compared as such, however they are written.
func TestComparedNumbers(t *testing.T) {
	for _, tc := range []struct {
		size, cost string
		want       bool
	}{{"0", "-0.0", true}, {"2", "2.0", true}, {"2", "2e0", true}, {"2", "2.5", false}, {"2", "", false}} {
		long, double := &ir.Field{Name: "network.bytes", Type: schema.Long}, &ir.Field{Name: "event.risk_score", Type: schema.Double}
		r := &ir.Rule{
			Name: "r", Version: 1, Where: &ir.Const{Value: true}, Args: []ir.Term{long, double}, Conds: []ir.Pred{&ir.Const{Value: true}},
			From: []ir.ClassOn{{Class: "process.start", Source: "windows"}}, Schedule: ir.Schedule{Every: time.Minute},
		}
		step := ir.Step{Kind: ir.StepEvent, Repeat: 1, Keys: []int{}}
		r.Body = &ir.Sequence{Ordered: true, Within: time.Minute, Per: []int{}, Steps: []ir.Step{step, step}, Cross: []ir.Cross{{Op: ir.Eq, L: ir.StepValue{}, R: ir.StepValue{Step: 1, Arg: 1}}}}
		b := boundOrdering(r)
		m, l := build(t, b)
		if m == nil {
			t.Fatal(l)
		}
		var events []schema.Event
		for i, field := range []string{"size", "cost"} {
			ms := int64(start) + int64(i)*1000
			o := map[string]any{"_time": time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z"), "kind": "process.start", "index": "main"}
			if v := []string{tc.size, tc.cost}[i]; v != "" {
				o[field] = v
			}
			events = append(events, schema.Event{ID: fmt.Sprint(i), Object: o, Millis: ms})
		}
		if n := m.compareOrdering(t, events, false); n > 0 != tc.want {
			t.Errorf("%s and %s: %d findings", tc.size, tc.cost, n)
		}
	}
}
