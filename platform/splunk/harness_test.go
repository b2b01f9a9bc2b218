package splunk_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/backends/spl"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/platform/splunk"
	"github.com/onerule/onerule/schema"
)

// fields of the native events that rules are drawn over.
var fields = map[string]schema.NativeField{
	"user":    {Path: "user", Type: schema.Keyword},
	"src.ip":  {Path: "src.ip", Type: schema.IP},
	"tags[]":  {Path: "tags[]", Type: schema.Keyword, Array: true},
	"hosts[]": {Path: "hosts[]", Type: schema.Keyword, Array: true},
	"action":  {Path: "action", Type: schema.Keyword},
	"size":    {Path: "size", Type: schema.Long},
	"cost":    {Path: "cost", Type: schema.Double},
	"_time":   {Path: "_time", Type: schema.Date, Layout: "2006-01-02T15:04:05.000Z"},
	"account": {Path: "account", Type: schema.Keyword},
}

func fieldOf(name string) *ir.Field { return pass.NativeField(fields[name], pass.NoSpan) }

// boundOf puts a rule on its own fields: one part, or two that tell the same by other fields.
func boundOf(r *ir.Rule, two bool) *ir.Bound {
	b := &schema.Binding{Name: "test", Platform: "splunk", Source: "test", Time: fields["_time"]}
	part := func(kind string, rename func(*ir.Field) *ir.Field) ir.Part {
		c := &schema.BoundClass{Class: "test", Table: "main", Select: []schema.Condition{{Native: schema.NativeField{Path: "kind", Type: schema.Keyword}, Values: []string{kind}}}}
		p := ir.Part{Binding: b, Class: c, Select: pass.Selection(c), Where: pass.Canonical(r.Where), Args: r.Args}
		for _, x := range r.Conds {
			p.Conds = append(p.Conds, pass.Canonical(x))
		}
		for _, k := range r.Keys {
			p.Keys = append(p.Keys, ir.Key{Term: rename(k.Term.(*ir.Field)), Fold: k.Fold})
		}
		return p
	}
	out := &ir.Bound{Rule: r, Platform: "splunk", Parts: []ir.Part{part("a", func(f *ir.Field) *ir.Field { return f })}}
	if two {
		out.Parts = append(out.Parts, part("b", func(f *ir.Field) *ir.Field {
			if f.Name == "user" {
				return fieldOf("account")
			}
			return f
		}))
	}
	return out
}

// made is an artefact that was encoded and decoded again.
type made struct {
	art *platform.Artefact
	doc platform.Document
	t   backends.Timing
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// build makes the document; nil when the rule is refused.
func build(t fataler, b *ir.Bound) (*made, backends.Level) {
	t.Helper()
	typ := splunk.Platform.Types[0]
	timing := ir.TimingOf(b.Rule)
	l := typ.Level(b, timing)
	if l.Kind == backends.Refuse {
		return nil, l
	}
	if spl.Backend.Check(b).Kind == backends.Refuse {
		return nil, backends.Refused("condition", "")
	}
	for _, name := range l.Assumptions {
		if _, ok := backends.LookupAssumption(name); !ok {
			t.Fatalf("there is no assumption %s", name)
		}
	}
	art, diags := typ.Make(b, timing)
	if diags.HasErrors() {
		t.Fatalf("make: %v", diags)
	}
	data, err := art.Document.Encode()
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	doc, err := splunk.Platform.Decode(data)
	if err != nil {
		t.Fatalf("decode: %v\n%s", err, data)
	}
	if again, err := doc.Encode(); err != nil || string(again) != string(data) {
		t.Fatalf("encoded again (%v)\n%s\n%s", err, data, again)
	}
	if text, diags := spl.Backend.Language.Reprint("q", art.Query.Text); diags.HasErrors() || text != art.Query.Text {
		t.Fatalf("printed   %s\nreprinted %s\n%v", art.Query.Text, text, diags)
	}
	return &made{art, doc, timing}, l
}

// input lays events out in the table of the rule; every second one arrives as late as the schedule allows for.
func input(m *made, events []schema.Event) schedule.Input {
	in := schedule.Input{Tables: []native.Table{{Name: "main", Types: map[string]string{}}}, Arrives: [][]int64{nil}}
	first, last := int64(start), int64(start)
	for i, e := range events {
		if i == 0 {
			first, last = e.Millis, e.Millis
		}
		in.Tables[0].Rows = append(in.Tables[0].Rows, e.Object)
		at := e.Millis
		if i%2 == 1 {
			at += m.t.Delay.Milliseconds()
		}
		in.Arrives[0] = append(in.Arrives[0], at)
		first, last = min(first, e.Millis), max(last, e.Millis)
	}
	in.From = time.UnixMilli(first).UTC().Add(-m.t.Every)
	in.To = time.UnixMilli(last).UTC().Add(m.t.Delay + 2*m.t.Every + windowSize(m.art))
	return in
}

func windowSize(a *platform.Artefact) time.Duration {
	switch b := sizeOf[a].(type) {
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

// sizeOf keeps the body of the rule that an artefact was made of.
var sizeOf = map[*platform.Artefact]ir.Body{}

// found runs the document and returns identities with what is shown.
func found(t fataler, r *ir.Rule, m *made, in schedule.Input) map[string]string {
	t.Helper()
	fs, diags := splunk.Platform.Run(m.doc, in)
	if diags.HasErrors() {
		t.Fatalf("run: %v\n%s", diags, m.art.Query.Text)
	}
	out := map[string]string{}
	for _, f := range fs {
		x := read(t, r, m, f)
		if _, twice := out[x.Identity()]; twice {
			t.Fatalf("%s is found twice\n%s", x.Identity(), m.art.Query.Text)
		}
		out[x.Identity()] = shownText(r, x)
	}
	return out
}

func read(t fataler, r *ir.Rule, m *made, f schedule.Finding) *ir.Finding {
	t.Helper()
	cols := m.art.Columns
	x := &ir.Finding{Key: []schema.Value{}}
	key := func(k ir.Key, name string) schema.Value {
		v, ok := schema.Convert(ir.TermType(k.Term), f.Columns[name])
		if !ok {
			t.Fatalf("column %s holds %v\n%s", name, f.Columns[name], m.art.Query.Text)
		}
		if k.Fold {
			v = schema.String(pattern.FoldString(v.Str()))
		}
		return v
	}
	for i, k := range r.Per() {
		x.Key = append(x.Key, key(r.Keys[k], cols.Keys[i]))
	}
	if b, ok := r.Body.(*ir.FirstSeen); ok {
		v := key(r.Keys[b.Value], cols.Value)
		x.Value = &v
	}
	millis := func(name string) int64 {
		n, _ := f.Columns[name].(json.Number)
		sec, err := n.Float64()
		if err != nil {
			t.Fatalf("column %s holds %v", name, f.Columns[name])
		}
		return int64(math.Round(sec * 1000))
	}
	if cols.From != "" {
		x.From = millis(cols.From)
		x.To = x.From + windowSize(m.art).Milliseconds()
	}
	if cols.Time != "" {
		x.Time = millis(cols.Time)
	}
	for i, s := range r.Emit.Shown {
		var vals []schema.Value
		list, ok := f.Columns[cols.Shown[i]].([]any)
		if !ok {
			list = []any{f.Columns[cols.Shown[i]]}
		}
		for _, item := range list {
			if v, ok := schema.Convert(r.ShownType(s), item); ok {
				vals = append(vals, v)
			}
		}
		x.Shown = append(x.Shown, vals)
	}
	return x
}

func shownText(r *ir.Rule, f *ir.Finding) string {
	var parts []string
	for i, vals := range f.Shown {
		var texts []string
		for _, v := range vals {
			if v.Type().IsNumber() {
				texts = append(texts, fmt.Sprintf("%.9g", v.Float64()+0))
			} else {
				texts = append(texts, v.String())
			}
		}
		slices.Sort(texts)
		parts = append(parts, r.Emit.Shown[i].Name+"="+strings.Join(texts, "|"))
	}
	return strings.Join(parts, " ")
}

// expected are the findings by the meaning of the rule.
func expected(t fataler, b *ir.Bound, events []schema.Event) map[string]string {
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
	out := map[string]string{}
	for _, f := range eval.Findings(b.Rule, rows, eval.Always) {
		out[f.Identity()] = shownText(b.Rule, &f)
	}
	return out
}

var phases = []time.Duration{0, 37 * time.Second, 7*time.Minute + 11*time.Second}

// compare holds the findings of the document against the meaning, in several phases of the clock.
func compare(t fataler, b *ir.Bound, m *made, events []schema.Event) int {
	t.Helper()
	want := expected(t, b, events)
	sizeOf[m.art] = b.Rule.Body
	defer delete(sizeOf, m.art)
	in := input(m, events)
	for _, in.Phase = range phases {
		in.To = in.To.Add(in.Phase)
		got := found(t, b.Rule, m, in)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			var lines []string
			for _, e := range events {
				text, _ := json.Marshal(e.Object)
				lines = append(lines, string(text))
			}
			data, _ := m.doc.Encode()
			t.Fatalf("phase %s\nwant %v\ngot  %v\n%s\n%s\n%s", in.Phase, want, got, ir.Print(b.Rule), strings.Join(lines, "\n"), data)
		}
	}
	return len(want)
}
