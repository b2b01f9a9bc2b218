// Package difftest compares a language with the evaluator on random predicates and events: render, parse the printed text,
// print it again, run it, and hold the answer against the level that the capability table promises.
package difftest

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/irgen"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/schema"
)

// Setup is a table of native events to draw from.
type Setup struct {
	Backend *backends.Backend
	// Fields are the native fields; Table and Select are what a binding would say.
	Fields []schema.NativeField
	Table  string
	Select []schema.Condition
	Gen    irgen.Config // Fields is filled in
	Depth  int
	// Source is the binding's source, for languages that look at it.
	Source string
	// Prepare, when set, changes the drawn events to what the platform can send.
	Prepare func(object map[string]any)
	// Doubts are the switches that the query runs with.
	Doubts map[string]bool
}

// Bound returns a bound rule with one part whose condition is p.
func (s Setup) Bound(p ir.Pred) *ir.Bound {
	b := &schema.Binding{Name: "difftest", Platform: s.Backend.Platform, Source: s.Source, Time: schema.NativeField{Path: "@timestamp", Type: schema.Date}}
	c := &schema.BoundClass{Class: "difftest", Table: s.Table, Select: s.Select}
	for _, f := range s.Fields {
		c.Mappings = append(c.Mappings, schema.Mapping{Field: schema.Field{Name: f.Path, Type: f.Type, Array: f.Array}, Native: f})
	}
	rule := &ir.Rule{Name: "difftest", Version: 1, Where: p}
	return &ir.Bound{Rule: rule, Platform: s.Backend.Platform, Parts: []ir.Part{{Binding: b, Class: c, Select: pass.Selection(c), Where: p}}}
}

// fataler is what rapid's and testing's T have in common here.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Run draws predicates and events and compares.
func (s Setup) Run(t *testing.T) {
	t.Helper()
	draw := s.drawer()
	counts := map[backends.Kind]int{}
	rapid.Check(t, func(t *rapid.T) {
		p, events := draw(t)
		counts[s.Compare(t, p, events)]++
	})
	t.Logf("levels drawn: %v", counts)
	if counts[backends.Native]+counts[backends.Rewrite]+counts[backends.Assume] == 0 {
		t.Errorf("no exact output was drawn")
	}
}

// Fuzz is Run with the draws taken from the fuzzer's input; each input says which of the setups it is for.
func Fuzz(f *testing.F, setups ...Setup) {
	f.Helper()
	for seed := range byte(4) {
		f.Add([]byte{seed})
	}
	drawers := make([]func(*rapid.T) (ir.Pred, []schema.Event), len(setups))
	for i, s := range setups {
		drawers[i] = s.drawer()
	}
	property := rapid.MakeFuzz(func(t *rapid.T) {
		i := rapid.IntRange(0, len(setups)-1).Draw(t, "setup")
		p, events := drawers[i](t)
		setups[i].Compare(t, p, events)
	})
	f.Fuzz(func(t *testing.T, input []byte) { property(t, stretch(input)) })
}

// stretch continues an input with random bytes that depend on it alone, to enough for a predicate and its events: the
// fuzzer is quick on short inputs only.
func stretch(input []byte) []byte {
	r := rand.NewChaCha8(sha256.Sum256(input))
	out := append(make([]byte, 0, len(input)+1<<14), input...)
	for len(out)+8 <= cap(out) {
		out = binary.LittleEndian.AppendUint64(out, r.Uint64())
	}
	return out
}

// BenchmarkRender checks and renders the predicate, which is in the text form of the IR and reads fields of the setup.
func (s Setup) BenchmarkRender(b *testing.B, pred string) {
	b.Helper()
	p, diags := ir.ParsePred("bench", pred)
	if diags.HasErrors() {
		b.Fatal(diags)
	}
	bound := s.Bound(pass.Canonical(p))
	b.ReportAllocs()
	for b.Loop() {
		if f := s.Backend.Check(bound); f.Kind == backends.Refuse {
			b.Fatal("refused")
		}
		if q, _ := s.Backend.Render(bound); q.Text == "" {
			b.Fatal("no query")
		}
	}
}

// drawer returns a function that draws a predicate and events for it.
func (s Setup) drawer() func(*rapid.T) (ir.Pred, []schema.Event) {
	gen := s.Gen
	for i := range s.Fields {
		gen.Fields = append(gen.Fields, pass.NativeField(s.Fields[i], pass.NoSpan))
	}
	return func(t *rapid.T) (ir.Pred, []schema.Event) {
		p := pass.Canonical(gen.Pred(t, s.Depth))
		events := make([]schema.Event, 8)
		for i := range events {
			events[i] = gen.Event(t, p, fmt.Sprint(i))
			for _, c := range s.Select {
				schema.SetPath(events[i].Object, c.Native.Path, []any{c.Values[0]})
			}
			if s.Prepare != nil {
				s.Prepare(events[i].Object)
			}
		}
		return p, events
	}
}

// Compare renders one predicate and compares the answers on the events. It returns the level of the output.
func (s Setup) Compare(t fataler, p ir.Pred, events []schema.Event) backends.Kind {
	t.Helper()
	bound := s.Bound(p)
	f := s.Backend.Check(bound)
	if f.Kind == backends.Refuse {
		return f.Kind
	}
	q, diags := s.Backend.Render(bound)
	if diags.HasErrors() { // a limit that shows on the printed text
		return backends.Refuse
	}
	prog, diags := s.Backend.Language.Compile("query", q.Text)
	if diags.HasErrors() {
		t.Fatalf("%s\ndoes not parse: %v\nrule %s", q.Text, diags, ir.PrintPred(p))
	}
	if again, diags := s.Backend.Language.Reprint("query", q.Text); diags.HasErrors() || again != q.Text {
		t.Fatalf("printed   %s\nreprinted %s\n%v", q.Text, again, diags)
	}
	table := native.Table{Name: s.Table, Types: s.Backend.Types(bound.Parts[0])}
	if table.Name == "" {
		table.Name = "events"
	}
	for _, e := range events {
		table.Rows = append(table.Rows, e.Object)
	}
	out, diags := prog.Run(native.Input{Tables: []native.Table{table}, Timestamp: "", Doubts: s.Doubts})
	if diags.HasErrors() {
		t.Fatalf("%s\ndoes not run: %v\nrule %s", q.Text, diags, ir.PrintPred(p))
	}
	found := backends.Found(out)
	r, err := eval.Pred(p)
	if err != nil {
		t.Fatalf("%v", err)
	}
	var read []schema.NativeField // assumptions speak of the fields that the rule reads
	for _, f := range ir.FieldsOf(p) {
		if f.Native != nil {
			read = append(read, *f.Native)
		}
	}
	for i := range events {
		want, got := r.Holds(p, &events[i]), found[native.Ref{Row: i}]
		if bad := disagreement(f, want, got, events[i].Object, read); bad != "" {
			t.Fatalf("%s\nrule  %s\nlevel %s %v\nquery %s\nevent %v", bad, ir.PrintPred(p), f.Kind, f.Assumptions, q.Text, events[i].Object)
		}
	}
	return f.Kind
}

// disagreement says what is wrong with an answer under a level, "" when nothing is.
func disagreement(f backends.Fidelity, want, got bool, object map[string]any, fields []schema.NativeField) string {
	for _, name := range f.Assumptions {
		a, ok := backends.LookupAssumption(name)
		if !ok {
			return "unknown assumption " + name
		}
		if !a.Holds(object, fields) {
			return ""
		}
	}
	switch f.Kind {
	case backends.Widen:
		if want && !got {
			return "a wider query misses the event"
		}
	case backends.Narrow:
		if got && !want {
			return "a narrower query finds what the rule does not"
		}
	case backends.Native, backends.Rewrite, backends.Assume, backends.Refuse:
		if want != got {
			return strings.TrimSpace(fmt.Sprintf("the rule says %v, the query says %v", want, got))
		}
	}
	return ""
}
