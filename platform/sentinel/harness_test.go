package sentinel_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/kusto"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/platform/sentinel"
	"github.com/onerule/onerule/platform/sentinel/arm"
	"github.com/onerule/onerule/schema"
)

// world is native telemetry to draw rules over: one part, two parts on one table, or two tables.
type world struct {
	parts        int
	tables       []string
	emptyMissing bool
}

func (w world) field(name string) *ir.Field {
	f := map[string]schema.NativeField{
		"User":           {Path: "User", Type: schema.Keyword},
		"Account":        {Path: "Account", Type: schema.Keyword},
		"Ctx.name":       {Path: "Ctx.name", Type: schema.Keyword},
		"SrcIp":          {Path: "SrcIp", Type: schema.IP},
		"Tags[]":         {Path: "Tags[]", Type: schema.Keyword, Array: true},
		"Targets[].name": {Path: "Targets[].name", Type: schema.Keyword, Array: true},
		"Action":         {Path: "Action", Type: schema.Keyword},
		"Size":           {Path: "Size", Type: schema.Long, Vendor: "int"},
		"Cost":           {Path: "Cost", Type: schema.Double},
		"Seen":           {Path: "Seen", Type: schema.Date},
		"TimeGenerated":  {Path: "TimeGenerated", Type: schema.Date},
		"Kind":           {Path: "Kind", Type: schema.Keyword},
	}[name]
	f.EmptyMissing = w.emptyMissing && f.Type.IsString()
	return pass.NativeField(f, pass.NoSpan)
}

// bind puts a rule on the world: the second part tells users in another column.
func (w world) bind(r *ir.Rule) *ir.Bound {
	b := &schema.Binding{Name: "test", Platform: "sentinel", Source: "test", Time: *w.field("TimeGenerated").Native}
	out := &ir.Bound{Rule: r, Platform: "sentinel"}
	for i := range w.parts {
		c := &schema.BoundClass{Class: "test", Table: w.tables[i], Select: []schema.Condition{{Native: *w.field("Kind").Native, Values: []string{kinds[i]}}}}
		for _, name := range []string{"User", "Account", "Ctx.name", "SrcIp", "Tags[]", "Targets[].name", "Action", "Size", "Cost", "Seen"} {
			f := w.field(name)
			c.Mappings = append(c.Mappings, schema.Mapping{Field: schema.Field{Name: f.Name, Type: f.Type, Array: f.Array}, Native: *f.Native})
		}
		p := ir.Part{Binding: b, Class: c, Select: pass.Selection(c), Where: pass.Canonical(r.Where)}
		rename := func(t ir.Term) ir.Term {
			if f, ok := t.(*ir.Field); ok && f.Name == "User" && i > 0 {
				return w.field("Account")
			}
			return t
		}
		for _, x := range r.Conds {
			p.Conds = append(p.Conds, pass.Canonical(x))
		}
		for _, k := range r.Keys {
			p.Keys = append(p.Keys, ir.Key{Term: rename(k.Term), Fold: k.Fold})
		}
		for _, a := range r.Args {
			p.Args = append(p.Args, rename(a))
		}
		out.Parts = append(out.Parts, p)
	}
	return out
}

var kinds = []string{"a", "b"}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// made is an artefact whose document was encoded and decoded again.
type made struct {
	art   *platform.Artefact
	doc   *arm.Rule
	bound *ir.Bound
	level backends.Level
	every time.Duration
}

// build makes the document; nil when the rule is refused.
func build(t fataler, b *ir.Bound) (*made, backends.Level) {
	t.Helper()
	typ := sentinel.Platform.Types[0]
	timing := ir.TimingOf(b.Rule)
	l := typ.Level(b, timing)
	if l.Kind == backends.Refuse {
		return nil, l
	}
	if f := kusto.Backend.Check(b); f.Kind == backends.Refuse {
		return nil, backends.Refused("a condition", "")
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
	doc, err := sentinel.Platform.Decode(data)
	if err != nil {
		t.Fatalf("decode: %v\n%s", err, data)
	}
	if again, err := doc.Encode(); err != nil || string(again) != string(data) {
		t.Fatalf("encoded again (%v)\n%s\n%s", err, data, again)
	}
	if text, diags := kusto.Backend.Language.Reprint("q", art.Query.Text); diags.HasErrors() || text != art.Query.Text {
		t.Fatalf("printed   %s\nreprinted %s\n%v", art.Query.Text, text, diags)
	}
	rule := doc.(*arm.Rule)
	every, _, err := rule.Properties.Schedule()
	if err != nil {
		t.Fatalf("%v", err)
	}
	return &made{art: art, doc: rule, bound: b, level: l, every: every}, l
}

// input lays events out in the tables of the rule; every second one arrives five minutes late, or as late as the rule allows.
func (m *made) input(events []schema.Event) schedule.Input {
	in := schedule.Input{}
	delay := max(m.bound.Rule.Schedule.Delay, 5*time.Minute)
	place := map[string]int{}
	for _, p := range m.bound.Parts {
		if _, ok := place[p.Class.Table]; !ok {
			place[p.Class.Table] = len(in.Tables)
			in.Tables = append(in.Tables, native.Table{Name: p.Class.Table, Types: kusto.Backend.Types(p)})
			in.Arrives = append(in.Arrives, nil)
		}
	}
	first, last := int64(math.MaxInt64), int64(0)
	for i, e := range events {
		t := place[m.bound.Parts[slices.Index(kinds, e.Object["Kind"].(string))].Class.Table]
		in.Tables[t].Rows = append(in.Tables[t].Rows, e.Object)
		at := e.Millis
		if i%2 == 1 {
			at += delay.Milliseconds() - 1
		}
		in.Arrives[t] = append(in.Arrives[t], at)
		first, last = min(first, e.Millis), max(last, e.Millis)
	}
	in.From = time.UnixMilli(first).UTC().Add(-m.every)
	in.To = time.UnixMilli(last).UTC().Add(delay + 2*m.every + 2*windowSize(m.bound.Rule))
	return in
}

func windowSize(r *ir.Rule) time.Duration {
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

// found runs the document and returns the findings by identity, with what they show.
func (m *made) found(t fataler, in schedule.Input) map[string]string {
	t.Helper()
	fs, diags := sentinel.Platform.Run(m.doc, in)
	if diags.HasErrors() {
		t.Fatalf("run: %v\n%s", diags, m.art.Query.Text)
	}
	out := map[string]string{}
	for _, f := range fs {
		x := m.read(t, f)
		if _, twice := out[x.Identity()]; twice {
			t.Fatalf("found twice: %s\n%s", x.Identity(), m.art.Query.Text)
		}
		out[x.Identity()] = shownText(m.bound.Rule, x)
	}
	return out
}

func (m *made) read(t fataler, f schedule.Finding) *ir.Finding {
	t.Helper()
	r, cols := m.bound.Rule, m.art.Columns
	x := &ir.Finding{Key: []schema.Value{}}
	key := func(k ir.Key, name string) schema.Value {
		v, ok := schema.Convert(ir.TermType(k.Term), f.Columns[name])
		if !ok {
			t.Fatalf("column %s holds %v of %v\n%s", name, f.Columns[name], f.Columns, m.art.Query.Text)
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
		v, ok := schema.Convert(schema.Date, f.Columns[name])
		if !ok {
			t.Fatalf("column %s holds %v", name, f.Columns[name])
		}
		return v.Millis()
	}
	if cols.From != "" {
		x.From = millis(cols.From)
		x.To = x.From + windowSize(r).Milliseconds()
	}
	if cols.Time != "" {
		x.Time = millis(cols.Time)
	}
	for i, s := range r.Emit.Shown {
		list, ok := f.Columns[cols.Shown[i]].([]any)
		if !ok {
			list = []any{f.Columns[cols.Shown[i]]}
		}
		var vals []schema.Value
		for _, item := range list {
			if v, ok := schema.Convert(r.ShownType(s), item); ok && !(v.Type().IsString() && v.Str() == "") {
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

// rows are the events as the body of the rule reads them.
func rows(t fataler, b *ir.Bound, events []schema.Event) []eval.Row {
	t.Helper()
	var out []eval.Row
	for i := range events {
		for _, p := range b.Parts {
			c, err := eval.PartColumns(p)
			if err != nil {
				t.Fatalf("%v", err)
			}
			if row, ok := c.Row(&events[i]); ok {
				out = append(out, row)
				break
			}
		}
	}
	return out
}

// expected are the findings by the meaning of the rule.
func expected(t fataler, b *ir.Bound, events []schema.Event) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, f := range eval.Findings(b.Rule, rows(t, b, events), eval.Always) {
		out[f.Identity()] = shownText(b.Rule, &f)
	}
	return out
}

var phases = []time.Duration{0, 37 * time.Second, 7*time.Minute + 11*time.Second + 345*time.Millisecond}

// compare holds the findings of the document against the meaning, in several phases of the clock and by both readings of now().
func (m *made) compare(t fataler, events []schema.Event) int {
	t.Helper()
	want := expected(t, m.bound, events)
	in := m.input(events)
	for _, in.Phase = range phases {
		for _, late := range []bool{false, true} {
			in.Doubts = map[string]bool{"sentinel-now-is-late": late}
			if got := m.found(t, in); fmt.Sprint(got) != fmt.Sprint(want) {
				var lines []string
				for _, e := range events {
					text, _ := json.Marshal(e.Object)
					lines = append(lines, string(text))
				}
				t.Fatalf("phase %s late %v\nwant %v\ngot  %v\n%s\n%s\n%s\nevery %s period %s", in.Phase, late, want, got, ir.Print(m.bound.Rule), strings.Join(lines, "\n"),
					m.art.Query.Text, m.doc.Properties.QueryFrequency, m.doc.Properties.QueryPeriod)
			}
		}
	}
	return len(want)
}
