package datadog_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/onerule/onerule/backends"
	languages "github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/all"
	"github.com/onerule/onerule/platform/datadog"
	"github.com/onerule/onerule/platform/schedule"
)

// TestShippedRules makes the document of every shipped rule that a language carries, reads it back, and holds what the document of
// an event rule finds among sample events of its telemetry against what the query finds.
func TestShippedRules(t *testing.T) {
	ws := workspace.Load([]string{filepath.Join("..", "..", "rules")}, "")
	if ws.Diags.HasErrors() {
		t.Fatal(ws.Diags.Err())
	}
	made, found := 0, 0
	opts := languages.Options{Consent: backends.Consent{Widen: true, Narrow: true}}
	for _, r := range ws.Rules {
		for _, b := range languages.OnPlatform("datadog") {
			a, diags := all.Build(r, &datadog.Platform, b.Lang, opts)
			out, _ := languages.Compile(r, b, opts)
			if a == nil {
				if out.OK() {
					t.Errorf("%s is refused, though there is a query in %s: %v", r.Name, b.Lang, diags.Err())
				}
				continue
			}
			made++
			doc := searching.Recoded(t, a.Document)
			if r.Body != nil {
				continue
			}
			in := samples(a.Bound, b)
			got, diags := datadog.Platform.Run(doc, in)
			if diags.HasErrors() {
				t.Fatalf("%s: %v", r.Name, diags.Err())
			}
			want := matches(t, b, out.Query.Text, in)
			refs := map[native.Ref]bool{}
			for _, f := range got {
				for _, ref := range f.Events {
					refs[ref] = true
				}
			}
			for _, ref := range want {
				if !refs[ref] {
					t.Errorf("%s in %s: the document misses an event that the query finds", r.Name, b.Lang)
				}
			}
			if len(refs) != len(want) {
				t.Errorf("%s in %s: the document finds %d events, the query %d", r.Name, b.Lang, len(refs), len(want))
			}
			found += len(want)
		}
	}
	if made < 30 {
		t.Errorf("only %d documents", made)
	}
	t.Log(made, "documents,", found, "events found")
}

// samples are the hand-written events of a rule's telemetry, those of the rule's tests among them.
func samples(b *ir.Bound, lang *backends.Backend) schedule.Input {
	in := schedule.Input{}
	for _, p := range b.Parts {
		i := slices.IndexFunc(in.Tables, func(t native.Table) bool { return t.Name == p.Class.Table })
		if i < 0 {
			i = len(in.Tables)
			in.Tables = append(in.Tables, native.Table{Name: p.Class.Table, Types: lang.Types(p)})
		}
		for _, s := range p.Class.Samples() {
			in.Tables[i].Rows = append(in.Tables[i].Rows, s.Native)
		}
		for _, t := range b.Rule.Tests {
			for _, e := range t.Events {
				if e.Event.Binding != "" {
					continue
				}
				event := e.Event
				event.Class, event.Source = p.Class.Class, p.Binding.Source
				if row, err := p.Binding.ToNative(event); err == nil {
					in.Tables[i].Rows = append(in.Tables[i].Rows, row)
				}
			}
		}
	}
	in.To = in.To.AddDate(3000, 0, 0)
	return in
}

func matches(t *testing.T, lang *backends.Backend, query string, in schedule.Input) []native.Ref {
	t.Helper()
	program, diags := lang.Language.Compile("query", query)
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	out, diags := program.Run(native.Input{Tables: in.Tables})
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	return out.Matches
}
