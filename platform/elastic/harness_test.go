package elastic_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/esql"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/elastic"
	"github.com/onerule/onerule/platform/elastic/run"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/schema"
)

// fields of the native events that rules are drawn over.
var fields = map[string]schema.NativeField{
	"user.name":    {Path: "user.name", Type: schema.Keyword},
	"account.name": {Path: "account.name", Type: schema.Keyword},
	"source.ip":    {Path: "source.ip", Type: schema.IP},
	"process.args": {Path: "process.args", Type: schema.Keyword, Array: true},
	"target[].id":  {Path: "target[].id", Type: schema.Keyword, Array: true},
	"event.action": {Path: "event.action", Type: schema.Keyword},
	"bytes":        {Path: "bytes", Type: schema.Long},
	"sizes":        {Path: "sizes", Type: schema.Long, Array: true},
	"cost":         {Path: "cost", Type: schema.Double},
	"event.start":  {Path: "event.start", Type: schema.Date},
	"@timestamp":   {Path: "@timestamp", Type: schema.Date},
	"event.kind":   {Path: "event.kind", Type: schema.Keyword},
}

func field(name string) *ir.Field { return pass.NativeField(fields[name], pass.NoSpan) }

var kinds = []string{"a", "b"}

// boundOf puts a rule on its own fields: a part for each table, of which the second tells users by another field.
func boundOf(r *ir.Rule, tables []string) *ir.Bound {
	b := &schema.Binding{Name: "test", Platform: "elastic", Source: "test", Time: fields["@timestamp"]}
	out := &ir.Bound{Rule: r, Platform: "elastic"}
	for i, table := range tables {
		c := &schema.BoundClass{Class: "test", Table: table, Select: []schema.Condition{{Native: fields["event.kind"], Values: []string{kinds[i]}}}}
		for name, f := range fields {
			c.Mappings = append(c.Mappings, schema.Mapping{Field: schema.Field{Name: name, Type: f.Type, Array: f.Array}, Native: f})
		}
		rename := func(t ir.Term) ir.Term {
			if f, ok := t.(*ir.Field); ok && f.Name == "user.name" && i > 0 {
				return field("account.name")
			}
			return t
		}
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
		out.Parts = append(out.Parts, p)
	}
	return out
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// made is an artefact whose document was encoded and decoded again.
type made struct {
	art   *platform.Artefact
	doc   platform.Document
	bound *ir.Bound
	level backends.Level
}

func esqlType() platform.RuleType {
	i := slices.IndexFunc(elastic.Platform.Types, func(t platform.RuleType) bool { return t.Name == "esql" })
	return elastic.Platform.Types[i]
}

// build makes the document; nil when the rule is refused.
func build(t fataler, b *ir.Bound) (*made, backends.Level) {
	t.Helper()
	typ, timing := esqlType(), ir.TimingOf(b.Rule)
	l := typ.Level(b, timing)
	if l.Kind == backends.Refuse {
		return nil, l
	}
	if f := esql.Backend.Check(b); f.Kind == backends.Refuse {
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
	doc, err := elastic.Platform.Decode(data)
	if err != nil {
		t.Fatalf("decode: %v\n%s", err, data)
	}
	if again, err := doc.Encode(); err != nil || string(again) != string(data) {
		t.Fatalf("encoded again (%v)\n%s\n%s", err, data, again)
	}
	if text, diags := esql.Backend.Language.Reprint("q", art.Query.Text); diags.HasErrors() || text != art.Query.Text {
		t.Fatalf("printed   %s\nreprinted %s\n%v", art.Query.Text, text, diags)
	}
	return &made{art, doc, b, l}, l
}

// input lays events out in the tables of the rule; every second one arrives as late as the rule allows for.
func (m *made) input(events []schema.Event) schedule.Input {
	in := schedule.Input{}
	place := map[string]int{}
	for _, p := range m.bound.Parts {
		if _, ok := place[p.Class.Table]; !ok {
			place[p.Class.Table] = len(in.Tables)
			in.Tables = append(in.Tables, native.Table{Name: p.Class.Table, Types: esql.Backend.Types(p)})
			in.Arrives = append(in.Arrives, nil)
		}
	}
	first, last := events[0].Millis, events[0].Millis
	for i, e := range events {
		t := place[m.bound.Parts[m.partOf(e)].Class.Table]
		in.Tables[t].Rows = append(in.Tables[t].Rows, e.Object)
		at := e.Millis
		if i%2 == 1 {
			at += m.art.Timing.Delay.Milliseconds()
		}
		in.Arrives[t] = append(in.Arrives[t], at)
		first, last = min(first, e.Millis), max(last, e.Millis)
	}
	in.From = time.UnixMilli(first).UTC().Add(-m.art.Timing.Every)
	in.To = time.UnixMilli(last).UTC().Add(m.art.Timing.Delay + 2*m.art.Timing.Every + windowSize(m.bound.Rule))
	return in
}

func (m *made) partOf(e schema.Event) int {
	kind, _ := e.Object["event.kind"].(string)
	return max(slices.Index(kinds, kind), 0)
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
	fs, diags := elastic.Platform.Run(m.doc, in)
	if diags.HasErrors() {
		t.Fatalf("run: %v\n%s", diags, m.art.Query.Text)
	}
	out := map[string]string{}
	for _, f := range fs {
		x := m.read(t, f)
		id, text := x.Identity(), shownText(m.bound.Rule, x)
		if before, twice := out[id]; twice && before != text {
			t.Fatalf("found twice, and not the same: %s\n%s\n%s\n%s", id, before, text, m.art.Query.Text)
		}
		out[id] = text
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
	millis := func(name string) int64 {
		at, ok := f.Columns[name].(time.Time)
		if !ok {
			t.Fatalf("column %s holds %v", name, f.Columns[name])
		}
		return at.UnixMilli()
	}
	for i, k := range r.Per() {
		x.Key = append(x.Key, key(r.Keys[k], cols.Keys[i]))
	}
	if b, ok := r.Body.(*ir.FirstSeen); ok {
		v := key(r.Keys[b.Value], cols.Value)
		x.Value = &v
	}
	if cols.From != "" {
		x.From = millis(cols.From)
		x.To = x.From + windowSize(r).Milliseconds()
	}
	if cols.Time != "" {
		x.Time = millis(cols.Time)
	}
	for i, s := range r.Emit.Shown {
		items, ok := f.Columns[cols.Shown[i]].([]any)
		if !ok {
			items = []any{f.Columns[cols.Shown[i]]}
		}
		var vals []schema.Value
		for _, item := range items {
			if at, ok := item.(time.Time); ok {
				item = at.Format(time.RFC3339Nano)
			}
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
				texts = append(texts, fmt.Sprintf("%.7g", v.Float64()+0))
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
	for _, p := range b.Parts {
		c, err := eval.PartColumns(p)
		if err != nil {
			t.Fatalf("%v", err)
		}
		for i := range events {
			if row, ok := c.Row(&events[i]); ok {
				out = append(out, row)
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

var phases = []time.Duration{0, 37 * time.Second, 3*time.Minute + 11*time.Second + 345*time.Millisecond}

// compare holds the findings of the document against the meaning, in several phases of the clock and by both readings of NOW().
func (m *made) compare(t fataler, events []schema.Event) int {
	t.Helper()
	want := expected(t, m.bound, events)
	in := m.input(events)
	for _, in.Phase = range phases {
		for _, late := range []bool{false, true} {
			in.Doubts = map[string]bool{run.Doubt.Name: late}
			if got := m.found(t, in); fmt.Sprint(got) != fmt.Sprint(want) {
				var lines []string
				for _, e := range events {
					text, _ := json.Marshal(e.Object)
					lines = append(lines, string(text))
				}
				t.Fatalf("phase %s late %v\nwant %v\ngot  %v\n%s\n%s\n%s\n%v", in.Phase, late, want, got, ir.Print(m.bound.Rule), strings.Join(lines, "\n"), m.art.Query.Text, m.art.Timing)
			}
		}
	}
	return len(want)
}
