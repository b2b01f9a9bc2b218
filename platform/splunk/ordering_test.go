package splunk_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends/spl"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/platform/splunk"
	"github.com/onerule/onerule/schema"
	"github.com/onerule/onerule/verify"
)

// rowsOf are the rows of a bound rule on events.
func rowsOf(t fataler, b *ir.Bound, events []schema.Event) []eval.Row {
	t.Helper()
	var rows []eval.Row
	for i := range events {
		for _, p := range b.Parts {
			c, err := eval.PartColumns(p)
			if err != nil {
				t.Fatalf("%v", err)
			}
			if row, ok := c.Row(&events[i]); ok {
				rows = append(rows, row)
				break
			}
		}
	}
	return rows
}

// compareOrdering holds what the saved search tells of a rule that orders, or of what is absent, against the meaning, tick by tick in
// several phases of the clock. It returns the number of findings.
func compareOrdering(t fataler, b *ir.Bound, m *made, events []schema.Event, late bool) int {
	t.Helper()
	rows := rowsOf(t, b, events)
	sizeOf[m.art] = b.Rule.Body
	defer delete(sizeOf, m.art)
	in := input(m, events)
	a, absence := b.Rule.Body.(*ir.Absence)
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
	in.To = in.To.Add(2 * ir.Reach(b.Rule))
	n := 0
	for _, in.Phase = range phases {
		starts := splunk.Platform.Starts(m.doc, in)
		var err error
		if absence {
			err = absenceDiffers(t, b.Rule, m, rows, in, starts)
		} else {
			err = verify.Ordering(b.Rule, rows, m.art, ticksOf(t, b.Rule, m, in, starts))
		}
		if err != nil {
			t.Fatalf("phase %s: %v\n%s\n%s\n%s", in.Phase, err, ir.Print(b.Rule), objects(events), m.art.Query.Text)
		}
		fs, _ := splunk.Platform.Run(m.doc, in)
		n += len(fs)
	}
	return n
}

func ticksOf(t fataler, r *ir.Rule, m *made, in schedule.Input, starts []time.Time) []verify.Tick {
	t.Helper()
	fs, diags := splunk.Platform.Run(m.doc, in)
	if diags.HasErrors() {
		t.Fatalf("run: %v\n%s", diags, m.art.Query.Text)
	}
	var out []verify.Tick
	told := 0
	for _, at := range starts {
		tick := verify.Tick{At: at}
		for _, f := range fs {
			if f.At.Equal(at) {
				tick.Findings = append(tick.Findings, *read(t, r, m, f))
				told++
			}
		}
		out = append(out, tick)
	}
	if told != len(fs) {
		t.Fatalf("%d of %d findings are told at ticks", told, len(fs))
	}
	return out
}

// absenceDiffers compares the windows that end in (settled−Every, settled] of some tick.
func absenceDiffers(t fataler, r *ir.Rule, m *made, rows []eval.Row, in schedule.Input, starts []time.Time) error {
	t.Helper()
	if len(starts) == 0 {
		return nil
	}
	size := r.Body.(*ir.Absence).Window
	first, last := m.art.Timing.Settled(starts[0]).Add(-m.art.Timing.Every), m.art.Timing.Settled(starts[len(starts)-1])
	want := map[string]string{}
	for _, f := range eval.Findings(r, rows, eval.Range{From: first.Add(-size).UnixMilli() + 1, To: last.Add(-size).UnixMilli() + 1}) {
		want[f.Identity()] = ""
	}
	if got := found(t, r, m, in); fmt.Sprint(got) != fmt.Sprint(want) {
		return fmt.Errorf("want %v\ngot  %v", want, got)
	}
	return nil
}

func objects(events []schema.Event) string {
	var lines []string
	for _, e := range slices.SortedStableFunc(slices.Values(events), func(a, b schema.Event) int { return int(a.Millis - b.Millis) }) {
		text, _ := json.Marshal(e.Object)
		lines = append(lines, string(text))
	}
	return strings.Join(lines, "\n")
}

// promised reports whether a stream satisfies what the output assumes of it.
func promised(t fataler, b *ir.Bound, assumptions []string, events []schema.Event) bool {
	if slices.Contains(assumptions, "no-empty") && slices.ContainsFunc(events, func(e schema.Event) bool { return e.Object["user"] == "" }) {
		return false
	}
	if slices.Contains(assumptions, "distinct-times") {
		seen := map[int64]bool{}
		for _, r := range rowsOf(t, b, events) {
			if seen[r.Millis] {
				return false
			}
			seen[r.Millis] = true
		}
	}
	return true
}

func orderingKind(r *ir.Rule) string {
	s, ok := r.Body.(*ir.Sequence)
	if !ok {
		return "absence"
	}
	name := "together"
	if s.Ordered {
		name = "sequence"
	}
	if s.Waits() {
		name += " that waits"
	}
	if len(s.Untils()) > 0 {
		name += ", until"
	}
	if s.Ordered && slices.ContainsFunc(s.Steps, func(st ir.Step) bool { return st.Kind == ir.StepMissing }) && !s.Waits() {
		name += ", missing between"
	}
	if len(s.Cross) > 0 {
		name += ", compared"
	}
	return name
}

// TestOrderingAgainstMeaning draws rules that order and streams, and holds what the saved search tells against what the rule means.
func TestOrderingAgainstMeaning(t *testing.T) {
	refused, kinds, findings := map[string]int{}, map[string]int{}, 0
	rapid.Check(t, func(t *rapid.T) {
		r, factor := orderingRule(t)
		b := boundOrdering(r)
		m, l := build(t, b)
		if m == nil {
			refused[l.Why]++
			return
		}
		events := orderingEvents(t, factor)
		if !promised(t, b, l.Assumptions, events) {
			kinds["assumption broken"]++
			return
		}
		n := compareOrdering(t, b, m, events, true)
		findings += n
		kinds[orderingKind(r)]++
		if n > 0 {
			kinds[orderingKind(r)+" WITH FINDINGS"]++
		}
	})
	t.Logf("findings %d", findings)
	for kind, n := range kinds {
		t.Logf("drawn %d: %s", n, kind)
	}
	for why, n := range refused {
		t.Logf("refused %d: %s", n, why)
	}
}

// TestOrderingDoubts flips what is not known of SPL: what is found must not depend on it.
func TestOrderingDoubts(t *testing.T) {
	depends := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		r, factor := orderingRule(t)
		b := boundOrdering(r)
		m, l := build(t, b)
		if m == nil {
			return
		}
		events := orderingEvents(t, factor)
		if !promised(t, b, l.Assumptions, events) {
			return
		}
		sizeOf[m.art] = r.Body
		defer delete(sizeOf, m.art)
		in := input(m, events)
		in.To = in.To.Add(2 * ir.Reach(r))
		want := fmt.Sprint(found(t, r, m, in))
		for _, doubt := range spl.Backend.Language.Doubts {
			in.Doubts = map[string]bool{doubt.Name: !doubt.Default}
			if got := fmt.Sprint(found(t, r, m, in)); got != want {
				if depends[doubt.Name]++; depends[doubt.Name] == 1 {
					t.Logf("%s\n%s\n%s\n%s", doubt.Name, m.art.Query.Text, want, got)
				}
			}
		}
	})
	for name, n := range depends {
		t.Errorf("what is found depends on %s (%d times)", name, n)
	}
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
		if n := compareOrdering(t, b, m, events, false); n > 0 != tc.want {
			t.Errorf("%s and %s: %d findings", tc.size, tc.cost, n)
		}
	}
}
