package datadog_test

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/datadog/search"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/datadog"
	"github.com/onerule/onerule/platform/datadog/run"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/schema"
)

// searching are the rules that search logs.
var searching = platformtest.Harness{
	Platform: &datadog.Platform, Backend: &search.Backend,
	Millis: func(column any) (int64, bool) { ms, ok := column.(int64); return ms, ok },
}

type made struct{ *platformtest.Made }

// build makes the document by the type that takes the rule; nil when it is refused.
func build(t platformtest.T, b *ir.Bound) (*made, backends.Level) {
	t.Helper()
	for _, typ := range datadog.Platform.Types {
		if typ.Lang != search.Backend.Lang || typ.Takes != nil && !typ.Takes(b.Rule) {
			continue
		}
		m, l := searching.Build(t, typ, b)
		if m == nil {
			return nil, l
		}
		return &made{m}, l
	}
	t.Fatalf("no type takes the rule")
	return nil, backends.Level{}
}

// holds reports whether an event satisfies what the output takes for granted.
func (m *made) holds(e schema.Event) bool {
	for _, p := range m.Bound.Parts {
		var fields []schema.NativeField
		for _, f := range p.Reads() {
			fields = append(fields, *f.Native)
		}
		for _, name := range m.Fidelity.Assumptions {
			if a, _ := backends.LookupAssumption(name); !a.Holds(e.Object, fields) {
				return false
			}
		}
	}
	return true
}

// input lays events out in one table; every second one arrives late.
func input(table string, types map[string]string, events []schema.Event, late time.Duration) schedule.Input {
	in := schedule.Input{Tables: []native.Table{{Name: table, Types: types}}, Arrives: [][]int64{nil}}
	first, last := int64(0), int64(0)
	for i, e := range events {
		in.Tables[0].Rows = append(in.Tables[0].Rows, e.Object)
		at := e.Millis
		if i%2 == 1 {
			at += late.Milliseconds()
		}
		in.Arrives[0] = append(in.Arrives[0], at)
		if i == 0 || e.Millis < first {
			first = e.Millis
		}
		last = max(last, at)
	}
	in.From, in.To = time.UnixMilli(first).UTC().Add(-time.Minute), time.UnixMilli(last).UTC().Add(time.Minute)
	return in
}

// match is a finding of the platform: a group at a time, in a signal that was opened then or before.
type match struct {
	finding ir.Finding
	opened  int64
}

func (m *made) run(t platformtest.T, in schedule.Input) []match {
	t.Helper()
	found, diags := datadog.Platform.Run(m.Doc, in)
	if diags.HasErrors() {
		t.Fatalf("run: %v", diags)
	}
	var out []match
	for _, f := range found {
		out = append(out, match{finding: *m.Read(t, f), opened: f.Columns[run.Opened].(int64)})
	}
	return out
}

// expected are the findings by the meaning of the rule.
func expected(t platformtest.T, b *ir.Bound, events []schema.Event) []ir.Finding {
	t.Helper()
	rows := platformtest.Rows(t, b, events)
	if _, steps := b.Rule.Body.(*ir.Sequence); !steps {
		return eval.Findings(b.Rule, rows, eval.Always)
	}
	// A range tells the first chain of a key only; a rule that runs in real time has each end of one, as a range does that begins there.
	var out []ir.Finding
	for from := int64(math.MinInt64); ; {
		found := eval.Findings(b.Rule, rows, eval.Range{From: from, To: math.MaxInt64})
		if len(found) == 0 {
			return out
		}
		first := slices.MinFunc(found, func(x, y ir.Finding) int { return cmp.Compare(x.Time, y.Time) }).Time
		for _, f := range found {
			if f.Time == first {
				out = append(out, f)
			}
		}
		from = first + 1
	}
}

func sameKey(a, b ir.Finding) bool {
	return ir.CompareKeys(a.Key, b.Key) == 0 && (a.Value == nil || a.Value.String() == b.Value.String())
}

// tells reports whether a match stands for a finding: it is of the same group, in the finding's window or at its time.
func tells(m match, w ir.Finding) bool {
	if !sameKey(m.finding, w) {
		return false
	}
	if w.From != w.To {
		return w.From <= m.finding.Time && m.finding.Time < w.To
	}
	return m.finding.Time == w.Time
}

// disagreement holds matches against findings: every finding is told by a match; and, unless the output is wider, every signal
// opens with a finding, and every match of a rule of steps is one.
func disagreement(kind backends.Kind, steps bool, want []ir.Finding, got []match) string {
	for _, w := range want {
		if !slices.ContainsFunc(got, func(m match) bool { return tells(m, w) }) {
			return "no match tells " + w.Identity()
		}
	}
	if kind == backends.Widen {
		return ""
	}
	for _, m := range got {
		if (steps || m.opened == m.finding.Time) && !slices.ContainsFunc(want, func(w ir.Finding) bool { return tells(m, w) }) {
			return "a signal opens without a finding: " + m.finding.Identity()
		}
	}
	return ""
}

// compare runs the document and holds it against the meaning; it returns the numbers of findings and of matches.
func (m *made) compare(t platformtest.T, in schedule.Input, events []schema.Event) (findings, matches int) {
	t.Helper()
	want, got := expected(t, m.Bound, events), m.run(t, in)
	_, steps := m.Bound.Rule.Body.(*ir.Sequence)
	if why := disagreement(m.Fidelity.Kind, steps, want, got); why != "" {
		m.Fail(t, in, events, "%s\nwant %v\ngot  %v", why, identities(want), got)
	}
	return len(want), len(got)
}

func identities(fs []ir.Finding) string {
	var out []string
	for _, f := range fs {
		out = append(out, f.Identity())
	}
	return fmt.Sprint(out)
}
