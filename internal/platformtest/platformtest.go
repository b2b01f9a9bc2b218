// Package platformtest holds what the tests of all platforms do: make the artefact of a rule, read it back, lay events out in the
// tables of its queries, run it, and hold what it finds against the meaning of the rule.
package platformtest

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/lower"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/schema"
)

// T is what rapid's and testing's T have in common here.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Bind reads the text of one rule and binds it to the default telemetry of a platform.
func Bind(t T, platform, text string) *ir.Bound {
	t.Helper()
	file, diags := grammar.Parse("test.rule", []byte(text))
	rules, more := lower.Rules(file, lower.Options{})
	if diags = append(diags, more...); diags.HasErrors() || len(rules) != 1 {
		t.Fatalf("%s\n%v", text, diags)
	}
	var chosen []*schema.Binding
	for _, c := range rules[0].From {
		all, err := schema.Bindings(platform, c.Source)
		if err != nil {
			t.Fatalf("%v", err)
		}
		for _, b := range all {
			if b.Default && !slices.Contains(chosen, b) {
				chosen = append(chosen, b)
			}
		}
	}
	bound, diags := pass.Bind(rules[0], platform, chosen)
	if diags.HasErrors() {
		t.Fatalf("%v", diags)
	}
	return bound
}

// Part puts a rule on a class of native events whose fields have the names that the rule reads, but for those that rename changes.
func Part(r *ir.Rule, b *schema.Binding, c *schema.BoundClass, rename func(ir.Term) ir.Term) ir.Part {
	p := ir.Part{Binding: b, Class: c, Select: pass.Selection(c), Where: pass.Canonical(r.Where)}
	for _, x := range r.Conds {
		p.Conds = append(p.Conds, pass.Canonical(x))
	}
	for _, k := range r.Keys {
		p.Keys = append(p.Keys, ir.Key{Term: rename(k.Term), Fold: k.Fold})
	}
	for _, a := range r.Args {
		p.Args = append(p.Args, rename(a))
	}
	return p
}

// Renamed is a function for [Part] that reads another field in place of that of a name.
func Renamed(from string, to *ir.Field) func(ir.Term) ir.Term {
	return func(t ir.Term) ir.Term {
		if f, ok := t.(*ir.Field); ok && f.Name == from {
			return to
		}
		return t
	}
}

// Harness says how the findings of a platform's artefacts are read.
type Harness struct {
	Platform *platform.Platform
	// Backend is the language of the queries.
	Backend *backends.Backend
	// Phases of the clock that documents run in.
	Phases []time.Duration
	// Late, when set, is the switch by which the clock is read later than it stands: documents run by both readings.
	Late string
	// Millis reads a column of time.
	Millis func(column any) (ms int64, ok bool)
	// Value reads a value that is shown, [schema.Convert] when nil.
	Value func(t schema.Type, item any) (schema.Value, bool)
	// Digits are those that count of a number that is shown.
	Digits int
	// Again says that a finding may be told twice, with the same values.
	Again bool
	// Sets says that each value is shown once, however often a column has it.
	Sets bool
}

// Made is an artefact whose document was encoded and decoded again.
type Made struct {
	*Harness
	Art   *platform.Artefact
	Doc   platform.Document
	Bound *ir.Bound
	// Level is that of the rule type, Fidelity that of the whole.
	Level    backends.Level
	Fidelity backends.Fidelity
}

// Build makes the document by a rule type; nil when the rule is refused.
func (h *Harness) Build(t T, typ platform.RuleType, b *ir.Bound) (*Made, backends.Level) {
	t.Helper()
	timing := ir.TimingOf(b.Rule)
	l := typ.Level(b, timing)
	if l.Kind == backends.Refuse {
		return nil, l
	}
	f := h.Backend.Check(b, backends.BodyLeaf(b.Rule, l))
	if f.Kind == backends.Refuse {
		return nil, backends.Refused("a condition", "")
	}
	for _, name := range append(slices.Clone(l.Assumptions), f.Assumptions...) {
		if _, ok := backends.LookupAssumption(name); !ok {
			t.Fatalf("there is no assumption %s", name)
		}
	}
	art, diags := typ.Make(b, timing)
	if diags.HasErrors() {
		t.Fatalf("make: %v\n%s", diags, ir.Print(b.Rule))
	}
	if text, diags := h.Backend.Language.Reprint("q", art.Query.Text); diags.HasErrors() || text != art.Query.Text {
		t.Fatalf("printed   %s\nreprinted %s\n%v", art.Query.Text, text, diags)
	}
	return &Made{h, art, h.Recoded(t, art.Document), b, l, f}, l
}

// Recoded encodes and decodes a document, and holds what comes out against it.
func (h *Harness) Recoded(t T, doc platform.Document) platform.Document {
	t.Helper()
	data, err := doc.Encode()
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	again, err := h.Platform.Decode(data)
	if err != nil {
		t.Fatalf("decode: %v\n%s", err, data)
	}
	if text, err := again.Encode(); err != nil || string(text) != string(data) {
		t.Fatalf("encoded again (%v)\n%s\n%s", err, data, text)
	}
	return again
}

// Lay lays events out in the tables of the rule; every second one arrives late. The part that an event is of is below 0 for
// events that the rule does not read. The input goes from the first event to the last one; without events it is of the time that
// events have by default.
func (m *Made) Lay(events []schema.Event, late time.Duration, part func(schema.Event) int) schedule.Input {
	in := schedule.Input{}
	var tables []int // by part
	for _, p := range m.Bound.Parts {
		i := slices.IndexFunc(in.Tables, func(t native.Table) bool { return t.Name == p.Class.Table })
		if i < 0 {
			i = len(in.Tables)
			in.Tables = append(in.Tables, native.Table{Name: p.Class.Table, Types: map[string]string{}})
			in.Arrives = append(in.Arrives, nil)
		}
		maps.Copy(in.Tables[i].Types, m.Backend.Types(p))
		tables = append(tables, i)
	}
	first, last := int64(schema.DefaultMillis), int64(schema.DefaultMillis)
	if len(events) > 0 {
		first, last = events[0].Millis, events[0].Millis
	}
	for i, e := range events {
		p := part(e)
		if p < 0 {
			continue
		}
		at := e.Millis
		if i%2 == 1 {
			at += late.Milliseconds()
		}
		table := tables[p]
		in.Tables[table].Rows, in.Arrives[table] = append(in.Tables[table].Rows, e.Object), append(in.Arrives[table], at)
		first, last = min(first, e.Millis), max(last, e.Millis)
	}
	in.From, in.To = time.UnixMilli(first).UTC(), time.UnixMilli(last).UTC()
	return in
}

// Readings are an input in all phases of the clock and by both readings of it.
func (h *Harness) Readings(in schedule.Input) iter.Seq2[schedule.Input, bool] {
	return func(yield func(schedule.Input, bool) bool) {
		for _, in.Phase = range h.Phases {
			for _, late := range []bool{false, true} {
				if h.Late != "" {
					in.Doubts = map[string]bool{h.Late: late}
				} else if late {
					continue
				}
				if !yield(in, late) {
					return
				}
			}
		}
	}
}

// Fail says why what was found on events in an input is wrong.
func (m *Made) Fail(t T, in schedule.Input, events []schema.Event, format string, args ...any) {
	t.Helper()
	data, _ := m.Doc.Encode()
	t.Fatalf("phase %s %v: %s\n%s\n%s\n%s\n%s\n%+v", in.Phase, in.Doubts, fmt.Sprintf(format, args...), ir.Print(m.Bound.Rule), Objects(events), m.Art.Query.Text, data, m.Art.Timing)
}

// Objects are the texts of events in the order of their times, one a line.
func Objects(events []schema.Event) string {
	var lines []string
	for _, e := range slices.SortedStableFunc(slices.Values(events), func(a, b schema.Event) int { return int(a.Millis - b.Millis) }) {
		text, _ := json.Marshal(e.Object)
		lines = append(lines, string(text))
	}
	return strings.Join(lines, "\n")
}

// WindowSize is how long the windows of a rule are, 0 for those that end with an event.
func WindowSize(r *ir.Rule) time.Duration {
	switch b := r.Body.(type) {
	case *ir.Count:
		if b.Window.Kind == ir.Tumbling || b.Window.Kind == ir.Hopping {
			return b.Window.Size
		}
	case *ir.Baseline:
		return b.Bucket
	case *ir.FirstSeen:
		return b.Every
	case *ir.Absence:
		return b.Window
	case *ir.Sequence:
	}
	return 0
}

var _ T = testing.TB(nil)
