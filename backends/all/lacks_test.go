package all

import (
	"fmt"
	"strings"
	"testing"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// A platform that can have no telemetry of a source says why, and every reason is about a platform without a binding.
func TestLacks(t *testing.T) {
	secl, _ := Lookup("secl")
	r := &ir.Rule{Name: "r", From: []ir.ClassOn{{Class: "process.start", Source: "macos"}}}
	_, diags := Bindings(r, secl, Options{})
	if len(diags) != 1 || !strings.Contains(strings.Join(diags[0].Notes, "\n"), "Linux and Windows only") {
		t.Errorf("%+v", diags)
	}
	reasons := 0
	for _, s := range schema.Sources() {
		for platform := range s.Lacks {
			reasons++
			if bs, err := schema.Bindings(platform, s.Name); err != nil || len(bs) > 0 {
				t.Errorf("%s has %d bindings for %s, %v", platform, len(bs), s.Name, err)
			}
		}
	}
	if reasons == 0 {
		t.Error("no reason is given anywhere")
	}
}

// Classes on which the telemetry makes the condition false are left out; where it is false on all, the rule is refused.
func TestExcludedClasses(t *testing.T) {
	b, _ := Lookup("eql")
	for where, want := range map[string]int{`winlog.event_data.EventType == "SetValue"`: 1, `winlog.event_data.EventType in ["SetValue", "CreateKey"]`: 2, `winlog.event_data.EventType == "Other"`: 0} {
		r := parse("rule r v1 {\n  from registry.create, registry.change on windows\n  where " + where + "\n}\n")
		out, diags := Compile(r, b, Options{})
		switch {
		case want == 0:
			if out.OK() || len(diags) != 1 || diags[0].Code != diag.NeverTrue {
				t.Errorf("%s: %v", where, diags)
			}
		case !out.OK() || len(out.Bound.Parts) != want:
			t.Errorf("%s: %d parts, want %d: %v", where, len(out.Bound.Parts), want, diags)
		}
	}
}

// A query that its own language does not take is refused and not printed.
func TestTooLong(t *testing.T) {
	words := make([]string, 12_000)
	for i := range words {
		words[i] = fmt.Sprintf("\"word number %d of many\"", i)
	}
	r := parse("rule r v1 {\n  from eventlog.record on windows\n  where winlog.event_data.Properties contains [" + strings.Join(words, ", ") + "]\n}\n")
	short := parse("rule r v1 {\n  from eventlog.record on windows\n  where keyword \"one word\"\n}\n")
	refused := 0
	for _, b := range Backends {
		if out, diags := Compile(short, b, Options{}); !out.OK() && b.Lang == "spl" {
			t.Errorf("%s: one word: %v", b.Lang, diags)
		}
		out, diags := Compile(r, b, Options{})
		if out.OK() {
			if _, faults := b.Language.Compile("query", out.Query.Text); faults.HasErrors() {
				t.Errorf("%s: a query of %d bytes is printed and not taken: %v", b.Lang, len(out.Query.Text), faults.Err())
			}
			continue
		}
		for _, d := range diags {
			if d.Code == diag.CannotSay && strings.Contains(d.Title, "too long") {
				refused++
			}
		}
	}
	if refused == 0 {
		t.Error("no language refuses: the rule is not long enough for this test")
	}
}

// Many words in hundreds of fields are refused before they are spelled out.
func TestTooManyWords(t *testing.T) {
	words := make([]string, 40)
	for i := range words {
		words[i] = fmt.Sprintf("keyword \"word number %d of many\"", i)
	}
	r := parse("rule r v1 {\n  from eventlog.record on windows\n  where " + strings.Join(words, " or ") + "\n}\n")
	for _, b := range Backends {
		out, diags := Compile(r, b, Options{})
		if out.OK() || b.Lang == "spl" && (len(diags) != 1 || diags[0].Code != diag.NoNativeForm || diags[0].Span.Start.Line != 3) {
			t.Errorf("%s: %v", b.Lang, diags)
		}
	}
}
