package main

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/engine"
	"github.com/onerule/onerule/internal/ndjson"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

func event(t *testing.T, text string) ndjson.Event {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	ev := ndjson.Event{Line: 3, Offset: 40, Raw: []byte(text)}
	if err := dec.Decode(&ev.Object); err != nil {
		t.Fatal(err)
	}
	return ev
}

// event asks about one event and tells what it came to.
func (r *runner) event(w io.Writer, file string, ev ndjson.Event) (found bool, d *diag.Diagnostic, err error) {
	a := r.ask(r.events.Worker(), file, ev)
	found, err = r.tell(w, &a)
	return found, a.ambiguous, err
}

func binding(t *testing.T, name string) *schema.Binding {
	t.Helper()
	b, ok, err := schema.LookupBinding(name)
	if !ok || err != nil {
		t.Fatal(name, err)
	}
	return b
}

// sample is a native event of a class of a binding.
func sample(t *testing.T, b *schema.Binding, class string) ndjson.Event {
	t.Helper()
	native, err := b.ToNative(schema.Event{Source: b.Source, Class: class, Millis: schema.DefaultMillis, Object: map[string]any{}})
	if err != nil {
		t.Fatal(err)
	}
	text, err := marshal(native)
	if err != nil {
		t.Fatal(err)
	}
	return event(t, string(text))
}

// Two bindings that read an event alike are no ambiguity; two that read it differently are one, and then it is not used.
func TestAmbiguousEvents(t *testing.T) {
	defend := binding(t, "elastic_defend")
	same, other := *defend, *defend
	same.Name = "same"
	other.Name, other.Source = "other", "linux"
	ev := sample(t, defend, "process.start")
	rules := []*ir.Rule{{Name: "r", From: []ir.ClassOn{{Class: "process.start", Source: "windows"}}, Where: &ir.Const{Value: true}}}
	events, err := engine.NewEvents(rules)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name     string
		bindings []*schema.Binding
		found    bool
		code     diag.Code
	}{
		{"one", []*schema.Binding{defend}, true, ""},
		{"alike", []*schema.Binding{defend, &same}, true, ""},
		{"different", []*schema.Binding{defend, &other}, false, diag.NoBinding},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &runner{rules: rules, events: events, recogniser: &recogniser{own: schema.NewSelector(tt.bindings), named: true}}
			var out bytes.Buffer
			found, d, err := r.event(&out, "e.ndjson", ev)
			if err != nil || found != tt.found || (out.Len() > 0) != tt.found {
				t.Errorf("found %v, %v, %s", found, err, out.String())
			}
			if (d != nil) != (tt.code != "") || d != nil && (d.Code != tt.code || d.Span.Start.Line != 3 || !strings.Contains(d.Title, "line 3 could be")) {
				t.Errorf("%v", d)
			}
		})
	}
}

// An event that a platform stores is not taken for the raw event inside of it, and events of other telemetry are counted.
func TestDetection(t *testing.T) {
	rule := &ir.Rule{Name: "r", From: []ir.ClassOn{{Class: "process.start", Source: "windows"}}, Where: &ir.Const{Value: true}}
	r, err := newRunner([]*ir.Rule{rule}, "", engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"elastic_defend", "splunk_sysmon", "raw_sysmon"} {
		xs, d, err := r.readings("e", sample(t, binding(t, name), "process.start"))
		if err != nil || d != nil || len(xs) != 1 {
			t.Errorf("%s: %v, %v, %v", name, xs, d, err)
			continue
		}
		if e := xs[0].canonical(); e.Binding != name || e.Class != "process.start" {
			t.Errorf("%s: %v", name, e)
		}
	}
	before := r.unbound
	if found, _, err := r.event(&bytes.Buffer{}, "e", sample(t, binding(t, "splunk_okta"), "iam.login")); found || err != nil || r.unbound != before+1 {
		t.Errorf("an event of Okta: found %v, %v, %d unbound", found, err, r.unbound)
	}
}

// An event that a binding reads in its own way is a record of its log too, for rules that look at records; a rule that looks at
// both finds it once.
func TestGeneralReadings(t *testing.T) {
	rule := func(name string, classes ...string) *ir.Rule {
		r := &ir.Rule{Name: name, Where: &ir.Const{Value: true}}
		for _, c := range classes {
			r.From = append(r.From, ir.ClassOn{Class: c, Source: "windows"})
		}
		return r
	}
	logon, record, both := rule("logon", "iam.login"), rule("record", "eventlog.record"), rule("both", "iam.login", "eventlog.record")
	for _, tt := range []struct {
		rules []*ir.Rule
		as    string
		want  []string
	}{
		{[]*ir.Rule{logon}, "", []string{"logon raw_security"}},
		{[]*ir.Rule{record}, "", []string{"record raw_eventlog"}},
		{[]*ir.Rule{record, logon}, "", []string{"logon raw_security", "record raw_eventlog"}},
		{[]*ir.Rule{both}, "", []string{"both raw_security"}},
		{[]*ir.Rule{record, logon}, "raw_security", []string{"logon raw_security"}},
	} {
		r, err := newRunner(tt.rules, tt.as, engine.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if _, d, err := r.event(&out, "e", sample(t, binding(t, "raw_security"), "iam.login")); err != nil || d != nil {
			t.Fatal(err, d)
		}
		var got []string
		for line := range strings.Lines(out.String()) {
			var f struct{ Rule, Binding string }
			if err := json.Unmarshal([]byte(line), &f); err != nil {
				t.Fatal(err)
			}
			got = append(got, f.Rule+" "+f.Binding)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%v: found %v, want %v", tt.as, got, tt.want)
		}
		if r.unbound != 0 {
			t.Errorf("%d events are looked at by no rule", r.unbound)
		}
	}
}

func BenchmarkRun(b *testing.B) {
	rule := &ir.Rule{Name: "r", From: []ir.ClassOn{{Class: "process.start", Source: "windows"}}, Where: &ir.Const{}}
	r, err := newRunner([]*ir.Rule{rule}, "", engine.Options{})
	if err != nil {
		b.Fatal(err)
	}
	line := `{"@timestamp": "2026-01-05T00:00:00Z", "data_stream": {"dataset": "endpoint.events.process"}, "event": {"category": ["process"], "type": ["start"]}, "host": {"os": {"type": "windows"}}, "process": {"name": "net.exe", "args": ["net", "user"]}}`
	events, _, err := ndjson.ReadAll("e", strings.NewReader(line))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := r.event(&bytes.Buffer{}, "e", events[0]); err != nil {
			b.Fatal(err)
		}
	}
}
