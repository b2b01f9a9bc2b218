package sentinel_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/platform/sentinel"
	"github.com/onerule/onerule/platform/sentinel/arm"
	"github.com/onerule/onerule/schema"
	"github.com/onerule/onerule/verify"
)

// compareOrdering holds what the document tells of a sequence or together rule, tick by tick, against the meaning, in several
// phases of the clock and by both readings of now(). It returns the number of findings.
func (m *made) compareOrdering(t fataler, events []schema.Event) int {
	t.Helper()
	in := m.input(events)
	in.To = in.To.Add(2 * ir.Reach(m.bound.Rule))
	return m.compareTicks(t, in, events)
}

// compareTicks is compareOrdering on an input that holds the events.
func (m *made) compareTicks(t fataler, in schedule.Input, events []schema.Event) int {
	t.Helper()
	rs := rows(t, m.bound, events)
	n := 0
	for _, in.Phase = range phases {
		for _, late := range []bool{false, true} {
			in.Doubts = map[string]bool{"sentinel-now-is-late": late}
			ticks := m.ticks(t, in, late)
			if err := verify.Ordering(m.bound.Rule, rs, m.art, ticks); err != nil {
				t.Fatalf("phase %s late %v: %v\n%s\n%s\n%s", in.Phase, late, err, ir.Print(m.bound.Rule), objects(events), m.art.Query.Text)
			}
			for _, tick := range ticks {
				n += len(tick.Findings)
			}
		}
	}
	return n
}

// ticks runs the document and returns what it told at each tick. With the other reading of now() a run is one of five minutes later.
func (m *made) ticks(t fataler, in schedule.Input, late bool) []verify.Tick {
	t.Helper()
	fs, diags := sentinel.Platform.Run(m.doc, in)
	if diags.HasErrors() {
		t.Fatalf("run: %v\n%s", diags, m.art.Query.Text)
	}
	var out []verify.Tick
	for _, at := range in.Ticks(m.every) {
		tick := verify.Tick{At: at}
		for _, f := range fs {
			if f.At.Equal(at) {
				tick.Findings = append(tick.Findings, *m.read(t, f))
			}
		}
		if late {
			tick.At = at.Add(arm.Delay)
		}
		out = append(out, tick)
	}
	return out
}

// compareAbsence holds what the document tells of an expect rule against the meaning, for the windows that the ticks judge.
func (m *made) compareAbsence(t fataler, events []schema.Event, in schedule.Input, arrives map[string]int64) int {
	t.Helper()
	a := m.bound.Rule.Body.(*ir.Absence)
	rs := rows(t, m.bound, events)
	for i := range rs {
		rs[i].Arrives = arrives[rs[i].ID]
	}
	n := 0
	for _, in.Phase = range phases {
		for _, late := range []bool{false, true} {
			in.Doubts = map[string]bool{"sentinel-now-is-late": late}
			ticks := in.Ticks(m.every)
			if len(ticks) == 0 {
				continue
			}
			settled := func(tick time.Time) time.Time {
				if late {
					tick = tick.Add(arm.Delay)
				}
				return m.art.Timing.Settled(tick).Add(-a.Window)
			}
			rng := eval.Range{From: settled(ticks[0]).Add(-m.every).UnixMilli() + 1, To: settled(ticks[len(ticks)-1]).UnixMilli() + 1}
			want := map[string]string{}
			for _, f := range eval.Findings(m.bound.Rule, rs, rng) {
				want[f.Identity()] = ""
			}
			if got := m.found(t, in); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("phase %s late %v\nwant %v\ngot  %v\n%s\n%s\n%s", in.Phase, late, want, got, ir.Print(m.bound.Rule), objects(events), m.art.Query.Text)
			}
			n += len(want)
		}
	}
	return n
}

func objects(events []schema.Event) string {
	sorted := slices.SortedFunc(slices.Values(events), func(a, b schema.Event) int { return int(a.Millis - b.Millis) })
	var lines []string
	for _, e := range sorted {
		text, _ := json.Marshal(e.Object)
		lines = append(lines, string(text))
	}
	return strings.Join(lines, "\n")
}
