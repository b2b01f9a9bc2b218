package run_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/platform/datadog/api"
	"github.com/onerule/onerule/platform/datadog/run"
	"github.com/onerule/onerule/platform/schedule"
)

var origin = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// input reads a stream: lines of an offset, optionally behind / the offset at which the log arrives, and the attributes.
func input(t *testing.T, stream string) schedule.Input {
	t.Helper()
	in := schedule.Input{From: origin, To: origin.Add(60 * 24 * time.Hour), Tables: []native.Table{{}}, Arrives: [][]int64{nil}}
	for line := range strings.Lines(stream) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		when, object, _ := strings.Cut(line, " ")
		at, late, delayed := strings.Cut(when, "/")
		var attributes map[string]any
		dec := json.NewDecoder(strings.NewReader(object))
		dec.UseNumber()
		if err := dec.Decode(&attributes); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		row := native.Row{"source": "test", "timestamp": origin.Add(offset(t, at)).Format(time.RFC3339Nano), "attributes": attributes}
		if h, ok := attributes["host"]; ok {
			row["host"] = h
		}
		in.Tables[0].Rows = append(in.Tables[0].Rows, row)
		arrives := at
		if delayed {
			arrives = late
		}
		in.Arrives[0] = append(in.Arrives[0], origin.Add(offset(t, arrives)).UnixMilli())
	}
	return in
}

func offset(t *testing.T, text string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// told writes matches as "group@time", with a + behind those that opened a signal, and the severity where it is no medium.
func told(t *testing.T, doc api.Document, in schedule.Input) string {
	t.Helper()
	found, diags := run.Run(doc, in)
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	var out []string
	for _, f := range found {
		var group []string
		for name, v := range f.Columns {
			if !strings.HasPrefix(name, "signal.") {
				group = append(group, fmt.Sprint(v))
			}
		}
		slices.Sort(group)
		opened, matched := f.Columns[run.Opened].(int64), f.Columns[run.Matched].(int64)
		text := strings.Join(group, "|") + "@" + time.UnixMilli(matched).UTC().Sub(origin).String()
		if opened == matched {
			text += "+"
		}
		if s := f.Columns[run.Severity]; s != "medium" {
			text += fmt.Sprintf("(%s)", s)
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

func query(name, text string, a api.Aggregation, by ...string) api.Query {
	return api.Query{Name: name, Query: text, Aggregation: a, GroupByFields: append([]string{}, by...), DistinctFields: []string{}, DataSource: api.Logs}
}

func rule(window, keepAlive, longest int64, conditions []string, queries ...api.Query) *api.DetectionRule {
	r := &api.DetectionRule{
		Name: "t", Type: api.LogDetection, IsEnabled: true, Message: "m", Tags: []string{}, Queries: queries,
		Options: api.Options{DetectionMethod: api.Threshold, EvaluationWindow: window, KeepAlive: keepAlive, MaxSignalDuration: longest},
	}
	for i, c := range conditions {
		r.Cases = append(r.Cases, api.Case{Status: []api.Status{api.Medium, api.High, api.Low}[i], Condition: c, Notifications: []string{}})
	}
	return r
}

func distinct(name, field string, by ...string) api.Query {
	q := query(name, "source:test", api.Cardinality, by...)
	q.DistinctFields = []string{field}
	return q
}

func metric(name string, a api.Aggregation) api.Query {
	q := query(name, "source:test", a)
	q.Metrics = []string{"@n"}
	return q
}

func TestThreshold(t *testing.T) {
	optional := query("a", "source:test", api.Count, "@u")
	optional.HasOptionalGroupByFields = true
	other := query("b", "source:test AND @e:ok", api.Count, "@v")
	for _, test := range []struct {
		name   string
		rule   *api.DetectionRule
		stream string
		doubts map[string]bool
		want   string
	}{
		{
			"a group at a time", rule(60, 60, 86400, []string{"a > 1"}, query("a", "source:test", api.Count, "@u")),
			`0s {"u":"x"}
			 10s {"u":"y"}
			 20s {"u":"x"}
			 25s {}`, nil, "x@20s+",
		},
		{
			"the window slides, and is open at its start", rule(60, 60, 86400, []string{"a >= 2"}, query("a", "source:test", api.Count, "@u")),
			`0s {"u":"x"}
			 60s {"u":"x"}
			 119s999ms {"u":"x"}`, nil, "x@1m59.999s+",
		},
		{
			"a closed window", rule(60, 60, 86400, []string{"a >= 2"}, query("a", "source:test", api.Count, "@u")),
			`0s {"u":"x"}
			 60s {"u":"x"}`,
			map[string]bool{run.DoubtWindowClosed.Name: true},
			"x@1m0s+",
		},
		{
			"matches within the keep-alive join, to its edge", rule(60, 300, 86400, []string{"a > 0"}, query("a", "source:test", api.Count, "@u")),
			`0s {"u":"x"}
			 300s {"u":"x"}
			 600s1ms {"u":"x"}`, nil, "x@0s+ x@5m0s x@10m0.001s+",
		},
		{
			"the edge of the keep-alive, otherwise", rule(60, 300, 86400, []string{"a > 0"}, query("a", "source:test", api.Count, "@u")),
			`0s {"u":"x"}
			 300s {"u":"x"}`,
			map[string]bool{run.DoubtKeepAliveEdge.Name: false},
			"x@0s+ x@5m0s+",
		},
		{
			"a signal ends after its longest duration", rule(60, 300, 300, []string{"a > 0"}, query("a", "source:test", api.Count, "@u")),
			`0s {"u":"x"}
			 200s {"u":"x"}
			 400s {"u":"x"}`, nil, "x@0s+ x@3m20s x@6m40s+",
		},
		{
			"the first case that holds, and signals only rise", rule(60, 300, 86400, []string{"a > 2", "a > 1", "a > 0"}, query("a", "source:test", api.Count)),
			`0s {}
			 1s {}
			 2s {}`, nil, "@0s+(low) @1s(high) @2s(high)",
		},
		{
			"queries are joined by the values of their groups", rule(60, 300, 86400, []string{"a > 1 && b > 0"}, query("a", "source:test AND -@e:ok", api.Count, "@u"), other),
			`0s {"u":"x"}
			 1s {"u":"x"}
			 2s {"u":"q","v":"x","e":"ok"}
			 3s {"u":"x","v":"y","e":"ok"}`, nil, "x@2s+",
		},
		{
			"optional group-by", rule(60, 300, 86400, []string{"a > 1"}, optional),
			`0s {}
			 1s {}`, nil, "N/A@1s+",
		},
		{
			"different values", rule(60, 300, 86400, []string{"a >= 2"}, distinct("a", "@v", "@u")),
			`0s {"u":"x","v":"1"}
			 1s {"u":"x","v":"1"}
			 2s {"u":"x"}
			 3s {"u":"x","v":"2"}`, nil, "x@3s+",
		},
		{
			"lists", rule(60, 300, 86400, []string{"a >= 2"}, distinct("a", "@v", "@u")),
			`0s {"u":["x","y"],"v":["1","2"]}`, nil, "x@0s+ y@0s+",
		},
		{
			"lists, otherwise", rule(60, 300, 86400, []string{"a >= 1"}, distinct("a", "@v", "@u")),
			`0s {"u":["x","y"],"v":["1","2"]}`,
			map[string]bool{run.DoubtGroupArray.Name: false},
			"x,y@0s+",
		},
		{
			"sums", rule(60, 300, 86400, []string{"a > 5"}, metric("a", api.Sum)),
			`0s {"n":3}
			 1s {"n":2}
			 2s {"n":"none"}
			 3s {"n":1}
			 61s {"n":2}`, nil, "@3s+",
		},
		{
			"greatest values", rule(60, 300, 86400, []string{"a >= 3"}, metric("a", api.Max)),
			`0s {"n":2}
			 1s {"n":3}
			 2s {"n":1}`, nil, "@1s+ @2s",
		},
		{
			"late logs count where they belong", rule(60, 300, 86400, []string{"a > 1"}, query("a", "source:test", api.Count)),
			`0s/5m {}
			 30s {}`, nil, "@30s+",
		},
		{
			"late logs, otherwise", rule(60, 300, 86400, []string{"a > 1"}, query("a", "source:test", api.Count)),
			`0s/5m {}
			 30s {}`,
			map[string]bool{run.DoubtEventTime.Name: false},
			"",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := input(t, test.stream)
			in.Doubts = test.doubts
			if got := told(t, test.rule, in); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func newValue(o *api.NewValueOptions) *api.DetectionRule {
	q := query("", "source:test", api.NewValue, "@u")
	q.Metrics = []string{"@v"}
	return &api.DetectionRule{
		Name: "t", Type: api.LogDetection, IsEnabled: true, Message: "m", Tags: []string{}, Queries: []api.Query{q},
		Cases:   []api.Case{{Status: api.Medium, Notifications: []string{}}},
		Options: api.Options{DetectionMethod: api.NewValueMethod, NewValueOptions: o},
	}
}

func TestNewValue(t *testing.T) {
	slow := api.LearnsFor(1, 2)
	slow.InstantaneousBaseline = false
	days := `0h {"u":"x","v":"1"}
		12h {"u":"x","v":"2"}
		30h {"u":"x","v":"1"}
		31h {"u":"x","v":"3"}
		32h {"u":"x","v":"3"}
		33h {"u":"y","v":"1"}
		34h {"u":"x"}
		60h {"u":"x","v":"2"}
		81h {"u":"x","v":"1"}`
	for _, test := range []struct {
		name   string
		o      *api.NewValueOptions
		stream string
		doubts map[string]bool
		want   string
	}{
		{"nothing is reported while it is learned", slow, days, nil, "3|x@31h0m0s+ 1|y@33h0m0s+ 2|x@60h0m0s+ 1|x@81h0m0s+"},
		{"each group is learned by itself", slow, days, map[string]bool{run.DoubtLearnPerGroup.Name: true}, "3|x@31h0m0s+ 2|x@60h0m0s+ 1|x@81h0m0s+"},
		{"it learns from what was before", api.LearnsFor(1, 2), `-20h {"u":"x","v":"1"}
			-30h {"u":"x","v":"2"}
			1h {"u":"x","v":"1"}
			2h {"u":"x","v":"2"}`, nil, "2|x@2h0m0s+"},
		{"a threshold of 0 reports the first value", api.LearnsNothing(1), `0h {"u":"x","v":"1"}
			1h {"u":"x","v":"2"}
			2h {"u":"x","v":"1"}`, nil, "1|x@0s+ 2|x@1h0m0s+"},
		{"the first value is learned", api.LearnsNothing(1), `0h {"u":"x","v":"1"}
			1h {"u":"x","v":"2"}`, map[string]bool{run.DoubtLearnZero.Name: false}, "2|x@1h0m0s+"},
		{"a group is forgotten", slow, `0h {"u":"x","v":"1"}
			30h {"u":"x","v":"2"}
			79h {"u":"x","v":"3"}`, map[string]bool{run.DoubtForgetGroup.Name: true, run.DoubtLearnPerGroup.Name: true}, "2|x@30h0m0s+"},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := input(t, test.stream)
			in.Doubts = test.doubts
			if got := told(t, newValue(test.o), in); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestWorkload(t *testing.T) {
	signal := rule(300, 300, 86400, []string{"events > 0"}, api.Query{
		Name: "events", Query: `@agent.rule_id:"shadow"`, Aggregation: api.Count, GroupByFields: []string{"host"}, HasOptionalGroupByFields: true,
		DistinctFields: []string{}, DataSource: api.SecurityRuntime,
	})
	signal.Type = api.WorkloadSecurity
	doc := &api.WorkloadRule{SignalRule: *signal, AgentRule: api.NewAgentRule(api.AgentAttributes{
		Name: "shadow", Expression: `open.file.path == "/etc/shadow"`, Enabled: true, Filters: []string{api.OSFilter("linux")},
	})}
	event := func(os, path string, at time.Duration) native.Row {
		return native.Row{
			"event": map[string]any{"type": "open", "os": os, "hostname": "web-1", "timestamp": origin.Add(at).Format(time.RFC3339Nano)},
			"open":  map[string]any{"file": map[string]any{"path": path}},
		}
	}
	in := schedule.Input{From: origin, To: origin.Add(time.Hour), Tables: []native.Table{{Name: "open", Rows: []native.Row{
		event("linux", "/etc/shadow", 0), event("linux", "/etc/passwd", time.Second), event("linux", "/etc/shadow", time.Minute), event("windows", "/etc/shadow", 2*time.Minute),
	}}}}
	if got, want := told(t, doc, in), "web-1@0s+ web-1@1m0s"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	doc.AgentRule.Data.Attributes.Enabled = false
	if got := told(t, doc, in); got != "" {
		t.Errorf("a disabled agent rule reports %s", got)
	}
}

// TestSources: logs and what agents report are different data sources.
func TestSources(t *testing.T) {
	in := input(t, `0s {}`)
	in.Tables[0].Rows[0]["source"] = "runtime-security-agent"
	if got := told(t, rule(60, 300, 86400, []string{"a > 0"}, query("a", "*", api.Count)), in); got != "" {
		t.Errorf("a query of logs found %s", got)
	}
}

func TestDoubtsAreSorted(t *testing.T) {
	if !slices.IsSortedFunc(run.Doubts, func(a, b native.Doubt) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the switches are not sorted")
	}
}
