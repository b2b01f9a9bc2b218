package datadog_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/datadog"
	"github.com/onerule/onerule/platform/datadog/run"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/schema"
)

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// made is an artefact whose document was encoded and decoded again.
type made struct {
	art  *platform.Artefact
	doc  platform.Document
	kind backends.Kind
	// assumed are the assumptions of the whole.
	assumed []string
}

// build makes the document by the type that takes the rule; nil when it is refused.
func build(t fataler, b *ir.Bound, lang *backends.Backend) (*made, backends.Level) {
	t.Helper()
	timing := ir.TimingOf(b.Rule)
	for _, typ := range datadog.Platform.Types {
		if typ.Lang != lang.Lang || typ.Takes != nil && !typ.Takes(b.Rule) {
			continue
		}
		l := typ.Level(b, timing)
		if l.Kind == backends.Refuse {
			return nil, l
		}
		fid := lang.Check(b, backends.BodyLeaf(b.Rule, l))
		if fid.Kind == backends.Refuse {
			return nil, backends.Refused("conditions", "")
		}
		for _, name := range fid.Assumptions {
			if _, ok := backends.LookupAssumption(name); !ok {
				t.Fatalf("there is no assumption %s", name)
			}
		}
		art, diags := typ.Make(b, timing)
		if diags.HasErrors() {
			t.Fatalf("make: %v\n%s", diags, ir.Print(b.Rule))
		}
		return &made{art: art, doc: recoded(t, art.Document), kind: fid.Kind, assumed: fid.Assumptions}, l
	}
	t.Fatalf("no type takes the rule")
	return nil, backends.Level{}
}

// recoded encodes and decodes a document, and holds what comes out against it.
func recoded(t fataler, doc platform.Document) platform.Document {
	t.Helper()
	data, err := doc.Encode()
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	again, err := datadog.Platform.Decode(data)
	if err != nil {
		t.Fatalf("decode: %v\n%s", err, data)
	}
	if text, err := again.Encode(); err != nil || string(text) != string(data) {
		t.Fatalf("encoded again (%v)\n%s\n%s", err, data, text)
	}
	return again
}

// holds reports whether an event satisfies what the output takes for granted.
func (m *made) holds(b *ir.Bound, e schema.Event) bool {
	for _, p := range b.Parts {
		var fields []schema.NativeField
		for _, f := range p.Reads() {
			fields = append(fields, *f.Native)
		}
		for _, name := range m.assumed {
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

func (m *made) run(t fataler, r *ir.Rule, in schedule.Input) []match {
	t.Helper()
	found, diags := datadog.Platform.Run(m.doc, in)
	if diags.HasErrors() {
		t.Fatalf("run: %v", diags)
	}
	var out []match
	for _, f := range found {
		x := match{finding: ir.Finding{Key: []schema.Value{}}, opened: f.Columns[run.Opened].(int64)}
		value := func(k ir.Key, column string) schema.Value {
			v, ok := schema.Convert(ir.TermType(k.Term), f.Columns[column])
			if !ok {
				t.Fatalf("the column %s holds %v", column, f.Columns[column])
			}
			return v
		}
		for i, k := range r.Per() {
			x.finding.Key = append(x.finding.Key, value(r.Keys[k], m.art.Columns.Keys[i]))
		}
		if b, ok := r.Body.(*ir.FirstSeen); ok {
			v := value(r.Keys[b.Value], m.art.Columns.Value)
			x.finding.Value = &v
		}
		x.finding.Time = f.Columns[m.art.Columns.Time].(int64)
		out = append(out, x)
	}
	return out
}

// expected are the findings by the meaning of the rule.
func expected(t fataler, b *ir.Bound, events []schema.Event) []ir.Finding {
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
func compare(t fataler, b *ir.Bound, m *made, in schedule.Input, events []schema.Event) (findings, matches int) {
	t.Helper()
	want, got := expected(t, b, events), m.run(t, b.Rule, in)
	_, steps := b.Rule.Body.(*ir.Sequence)
	if why := disagreement(m.kind, steps, want, got); why != "" {
		var lines []string
		for _, e := range events {
			text, _ := json.Marshal(e.Object)
			lines = append(lines, string(text))
		}
		data, _ := m.doc.Encode()
		t.Fatalf("%s\nwant %v\ngot  %v\n%s\n%s\n%s", why, identities(want), got, ir.Print(b.Rule), strings.Join(lines, "\n"), data)
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
