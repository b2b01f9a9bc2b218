package run

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/platform/sentinel/arm"
)

func rule(query string, change ...func(*arm.Properties)) *arm.Rule {
	r := &arm.Rule{
		Type: arm.ResourceType, APIVersion: arm.Version, Name: "n", Kind: arm.Scheduled,
		Properties: arm.Properties{
			DisplayName: "d", Severity: "Low", Enabled: true, Query: query, QueryFrequency: "PT5M", QueryPeriod: "PT10M", TriggerOperator: "GreaterThan", SuppressionDuration: "PT10M",
			EventGroupingSettings: &arm.EventGrouping{AggregationKind: arm.AlertPerResult},
		},
	}
	for _, c := range change {
		c(&r.Properties)
	}
	return r
}

var base = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// events are n events a second apart from 08:00 on, all there at once or some time later.
func events(n int, late time.Duration) schedule.Input {
	in := schedule.Input{Tables: []native.Table{{Name: "T", Types: map[string]string{"TimeGenerated": "datetime"}}}, Arrives: [][]int64{nil}, From: base, To: base.Add(30 * time.Minute)}
	for i := range n {
		at := base.Add(time.Duration(i) * time.Second)
		in.Tables[0].Rows = append(in.Tables[0].Rows, native.Row{"TimeGenerated": at.Format(time.RFC3339Nano), "N": json.Number("1")})
		in.Arrives[0] = append(in.Arrives[0], at.Add(late).UnixMilli())
	}
	return in
}

func run(t *testing.T, r *arm.Rule, in schedule.Input) []schedule.Finding {
	t.Helper()
	fs, diags := Run(r, in)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return fs
}

// TestPeriod checks that an event is in the periods that hold its time, and arrives in time up to five minutes late.
func TestPeriod(t *testing.T) {
	for _, c := range []struct {
		late time.Duration
		want int
	}{{0, 2}, {9 * time.Minute, 2}, {10 * time.Minute, 2}, {10*time.Minute + time.Millisecond, 1}, {15 * time.Minute, 1}, {16 * time.Minute, 0}} {
		if fs := run(t, rule("T"), events(1, c.late)); len(fs) != c.want {
			t.Errorf("%s late: %d alerts, want %d", c.late, len(fs), c.want)
		}
	}
}

// TestNow checks both readings of now().
func TestNow(t *testing.T) {
	in := events(1, 0)
	in.To = base.Add(5 * time.Minute)
	fs := run(t, rule("T | extend Now = now()"), in)
	if len(fs) != 1 || fs[0].Columns["Now"] != "2026-03-02T08:05:00Z" {
		t.Errorf("now: %v", fs)
	}
	in.Doubts = map[string]bool{Doubt.Name: true}
	if fs = run(t, rule("T | extend Now = now()"), in); fs[0].Columns["Now"] != "2026-03-02T08:10:00Z" {
		t.Errorf("now, late: %v", fs)
	}
}

// TestAlerts checks how results become alerts.
func TestAlerts(t *testing.T) {
	single := func(p *arm.Properties) { p.EventGroupingSettings = nil }
	quiet := func(p *arm.Properties) { p.SuppressionEnabled = true }
	threshold := func(op string, n int) func(*arm.Properties) {
		return func(p *arm.Properties) { p.TriggerOperator, p.TriggerThreshold = op, n }
	}
	off := func(p *arm.Properties) { p.Enabled = false }
	for _, c := range []struct {
		name   string
		r      *arm.Rule
		events int
		want   int
	}{
		{"one for each result", rule("T"), 3, 6},
		{"150 results", rule("T"), 150, 300},
		{"151 results: the 150th alert is about two", rule("T"), 151, 300},
		{"one for all", rule("T", single), 3, 2},
		{"suppressed", rule("T", quiet), 3, 3},
		{"threshold not reached", rule("T", threshold("GreaterThan", 3)), 3, 0},
		{"equal", rule("T", threshold("Equal", 3)), 3, 6},
		{"not equal", rule("T", threshold("NotEqual", 3)), 2, 4},
		{"fewer", rule("T", threshold("LessThan", 3), single), 2, 7},
		{"switched off", rule("T", off), 3, 0},
	} {
		if fs := run(t, c.r, events(c.events, 0)); len(fs) != c.want {
			t.Errorf("%s: %d alerts, want %d", c.name, len(fs), c.want)
		}
	}
	fs := run(t, rule("T"), events(151, 0))
	if n := len(fs[149].Events); n != 2 {
		t.Errorf("the last alert is about %d events", n)
	}
}

// TestFaults checks that what Sentinel would not take or run is a fault.
func TestFaults(t *testing.T) {
	for _, r := range []*arm.Rule{rule("T | where"), rule("T | where NoSuchColumn == 1"), rule("T", func(p *arm.Properties) { p.QueryFrequency = "PT1M" })} {
		if _, diags := Run(r, events(1, 0)); !diags.HasErrors() {
			t.Errorf("%s %s runs", r.Properties.Query, r.Properties.QueryFrequency)
		}
	}
}
