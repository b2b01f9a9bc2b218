package splunk_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

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
	timing := backends.TimingOf(b.Rule)
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
func input(m *made, events []schema.Event, arrays ...string) schedule.Input {
	in := schedule.Input{Tables: []native.Table{{Name: "main", Types: map[string]string{}}}, Arrives: [][]int64{nil}}
	if len(events) == 0 {
		return in
	}
	first, last := events[0].Millis, events[0].Millis
	for i, e := range events {
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
			if v, ok := schema.Convert(shownType(r, s), item); ok {
				vals = append(vals, v)
			}
		}
		x.Shown = append(x.Shown, vals)
	}
	return x
}

func shownType(r *ir.Rule, s ir.Shown) schema.Type {
	switch n := s.Value.(type) {
	case *ir.NumAgg:
		return r.ArgType(r.Agg(n))
	case *ir.NumBase:
		if n.What == ir.BaseScope {
			return schema.Keyword
		}
	}
	return schema.Double
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

// draw draws a rule.
type drawer struct{ t *rapid.T }

func (d drawer) pick(label string, from ...string) string {
	return rapid.SampledFrom(from).Draw(d.t, label)
}
func (d drawer) n(label string, low, high int) int { return rapid.IntRange(low, high).Draw(d.t, label) }
func (d drawer) yes(label string) bool             { return rapid.Bool().Draw(d.t, label) }

func (d drawer) rule() *ir.Rule {
	r := &ir.Rule{Name: "drawn", Version: 1, Where: &ir.Const{Value: true}}
	if d.yes("where") {
		r.Where = eqText("action", d.yes("cased"), "go", "stop")
	}
	names := []string{"user", "src.ip", "tags[]", "size", "hosts[]"}
	for range d.n("keys", 1, 3) {
		i := d.n("key", 0, len(names)-1)
		f := fieldOf(names[i])
		names = slices.Delete(names, i, i+1)
		r.Keys = append(r.Keys, ir.Key{Term: f, Fold: f.Type.IsString() && d.yes("fold")})
	}
	r.Args = []ir.Term{fieldOf("user"), fieldOf("size"), fieldOf("tags[]"), fieldOf("src.ip"), fieldOf("_time"), fieldOf("cost")}
	r.Conds = []ir.Pred{eqText("action", true, "go"), eqText("action", false, "STOP"), &ir.Not{X: eqText("action", true, "go")},
		eqText("action", false, "go", "stop"), &ir.Not{X: eqText("action", false, "Go", "x")}, eqText("user", false, "BOB", ""), &ir.Not{X: &ir.Empty{F: fieldOf("user")}}, eqText("tags[]", true, "x"),
		&ir.And{Xs: []ir.Pred{eqText("action", true, "go"), &ir.Or{Xs: []ir.Pred{eqText("user", true, "1"), eqText("account", false, "eve")}}}}, &ir.Exists{F: fieldOf("size")}, &ir.Cmp{Op: ir.Ge, L: fieldOf("size"), R: []schema.Value{schema.Int(2)}},
		&ir.Cmp{Op: ir.Eq, L: &ir.Call{Func: ir.Hour, X: fieldOf("_time")}, R: []schema.Value{schema.Int(8)}}}
	if d.n("delay", 0, 2) > 0 {
		r.Schedule.Delay = time.Duration(d.n("minutes of delay", 1, 4)) * time.Minute
	}
	minutes := func(label string, ms ...int) time.Duration {
		return time.Duration(rapid.SampledFrom(ms).Draw(d.t, label)) * time.Minute
	}
	switch d.n("kind", 0, 6) {
	case 0:
		d.firstSeen(r, minutes)
	case 1:
		d.baseline(r, minutes)
	default:
		d.count(r, minutes)
	}
	return r
}

func eqText(name string, cased bool, texts ...string) *ir.Cmp {
	c := &ir.Cmp{Op: ir.Eq, Cased: cased, L: fieldOf(name)}
	for _, s := range texts {
		c.R = append(c.R, schema.String(s))
	}
	return c
}

func (d drawer) keys(r *ir.Rule) []int {
	out := []int{}
	for i := range r.Keys {
		out = append(out, i)
	}
	return out
}

func (d drawer) firstSeen(r *ir.Rule, minutes func(string, ...int) time.Duration) {
	if r.Keys = r.Keys[:min(len(r.Keys), 2)]; len(r.Keys) == 1 {
		r.Keys = append(r.Keys, ir.Key{Term: fieldOf("account")})
	}
	b := &ir.FirstSeen{Value: 1, Per: []int{0}[:d.n("keys", 0, 1)], Every: minutes("every", 2, 3, 5), History: minutes("history", 10, 15)}
	if d.yes("warmup") {
		b.Warmup = minutes("warm-up", 4, 8)
	}
	r.Body = b
}

func (d drawer) baseline(r *ir.Rule, minutes func(string, ...int) time.Duration) {
	b := &ir.Baseline{Bucket: minutes("bucket", 2, 3, 7), Per: d.keys(r), Population: d.yes("population"), Own: d.n("own", 0, 3)}
	b.Learn = b.Bucket * time.Duration(d.n("learn", 1, 5))
	b.Measure = ir.Agg{Name: d.pick("name", "n", "buckets", "user", "since"), Func: ir.AggCount, Arg: -1, Where: -1}
	switch d.n("measure", 0, 2) {
	case 1:
		b.Measure.Func, b.Measure.Arg = ir.AggDistinct, d.n("argument", 0, 3)
	case 2:
		b.Measure.Func, b.Measure.Arg = ir.AggSum, 1
	}
	if d.yes("conditional") {
		b.Measure.Where = d.n("condition", 0, len(r.Conds)-1)
	}
	r.Body = b
	b.When = d.cond(r, 1)
	r.Emit.Shown = []ir.Shown{{Name: "n", Value: &ir.NumAgg{}}, {Name: "mean", Value: &ir.NumBase{What: ir.BaseMean}}, {Name: "sd", Value: &ir.NumBase{What: ir.BaseStddev}}, {Name: "scope", Value: &ir.NumBase{What: ir.BaseScope}}}
}

func (d drawer) count(r *ir.Rule, minutes func(string, ...int) time.Duration) {
	c := &ir.Count{Per: d.keys(r)}
	switch c.Window.Kind = ir.WindowKind(d.n("window", 1, 4)); c.Window.Kind {
	case ir.Tumbling:
		c.Window.Size = minutes("size", 1, 2, 5, 7, 10)
	case ir.Hopping:
		c.Window.Size, c.Window.Every = minutes("size", 2, 5, 7), minutes("hop", 1, 2, 3, 5)
	case ir.Sliding:
		c.Window.Size = minutes("size", 1, 2, 5)
	case ir.Session:
		c.Window.Size = minutes("gap", 1, 2)
		c.Window.Max = minutes("max", 3, 4, 6)
	}
	if d.n("own every", 0, 3) == 0 {
		r.Schedule.Every = minutes("schedule", 1, 2, 5, 10)
	}
	c.Scopes = []ir.Scope{{Name: "per", Keys: c.Per, Aggs: d.aggs(r, c.Window.Kind)}}
	for i := range d.n("further scopes", 0, 2) {
		if c.Window.Kind != ir.Session {
			from := d.n("first key of the scope", 0, len(c.Per)-1)
			c.Scopes = append(c.Scopes, ir.Scope{Name: fmt.Sprintf("wide%d", i), Keys: c.Per[from : from+d.n("keys of the scope", 0, len(c.Per)-1-from)], Aggs: d.aggs(r, c.Window.Kind)})
		}
	}
	if d.n("only wide", 0, 5) == 0 && len(c.Scopes) > 1 { // the keys of the finding are more than those of any scope
		c.Scopes = c.Scopes[1:]
	}
	r.Body = c
	c.When = d.cond(r, 2)
	for s, scope := range c.Scopes {
		for i, a := range scope.Aggs {
			if a.Func != ir.AggFirst && a.Func != ir.AggLast {
				r.Emit.Shown = append(r.Emit.Shown, ir.Shown{Name: scope.Name + "." + a.Name, Value: &ir.NumAgg{Scope: s, Agg: i}})
			}
		}
	}
}

func (d drawer) aggs(r *ir.Rule, kind ir.WindowKind) []ir.Agg {
	var out []ir.Agg
	for i := range d.n("aggregates", 1, 3) {
		a := ir.Agg{Name: []string{"n", "user", "total"}[i], Func: ir.AggCount, Arg: -1, Where: -1}
		if d.n("name", 0, 3) == 0 {
			a.Name = []string{"step", "tags", "hit"}[i]
		}
		most := 9
		if kind == ir.Sliding {
			most = 2
		}
		switch d.n("function", 0, most) {
		case 1:
			a.Func, a.Arg = ir.AggDistinct, rapid.SampledFrom([]int{0, 2, 3, 1}).Draw(d.t, "argument")
		case 2:
			a.Func, a.Arg = ir.AggSum, 1
		case 3:
			a.Func, a.Arg = ir.AggAvg, 1
		case 4:
			a.Func, a.Arg = ir.AggMin, rapid.SampledFrom([]int{1, 4, 5}).Draw(d.t, "argument")
		case 5:
			a.Func, a.Arg = ir.AggMax, rapid.SampledFrom([]int{1, 4, 5}).Draw(d.t, "argument")
		case 6:
			a.Func, a.Arg = ir.AggStddev, 1
		case 7:
			a.Func, a.Arg = ir.AggValues, rapid.SampledFrom([]int{0, 2, 3}).Draw(d.t, "argument")
		case 8:
			a.Func, a.Arg = ir.AggMedian, 1
		case 9:
			a.Func, a.Arg, a.Percent = ir.AggPercentile, 1, rapid.SampledFrom([]float64{0, 25, 50, 90, 99.9, 100}).Draw(d.t, "percent")
		}
		if d.yes("conditional") {
			a.Where = d.n("condition", 0, len(r.Conds)-1)
		}
		out = append(out, a)
	}
	return out
}

func (d drawer) cond(r *ir.Rule, depth int) ir.Cond {
	if depth > 0 {
		switch d.n("junction", 0, 5) {
		case 0:
			return &ir.CondAnd{Xs: []ir.Cond{d.cond(r, depth-1), d.cond(r, depth-1)}}
		case 1:
			return &ir.CondOr{Xs: []ir.Cond{d.cond(r, depth-1), d.cond(r, depth-1)}}
		case 2:
			return &ir.CondNot{X: d.cond(r, depth-1)}
		}
	}
	op := rapid.SampledFrom([]ir.Op{ir.Ge, ir.Gt, ir.Lt, ir.Le, ir.Eq, ir.Ge}).Draw(d.t, "comparison")
	return &ir.CondCmp{Op: op, L: d.num(r, 1), R: d.num(r, 0)}
}

func (d drawer) num(r *ir.Rule, depth int) ir.Num {
	switch d.n("number", 0, 5) {
	case 0, 1:
		if depth == 0 {
			return &ir.NumLit{Value: float64(d.n("literal", 0, 4))}
		}
	case 2:
		if depth > 0 {
			return &ir.NumArith{Op: rapid.SampledFrom([]byte("+-*/")).Draw(d.t, "arithmetic"), X: d.num(r, 0), Y: d.num(r, 0)}
		}
	case 3:
		if depth > 0 {
			f := rapid.SampledFrom([]ir.NumFunc{ir.NumMax, ir.NumMin, ir.NumAbs}).Draw(d.t, "function")
			c := &ir.NumCall{Func: f, Args: []ir.Num{d.num(r, 0)}}
			if f != ir.NumAbs {
				c.Args = append(c.Args, d.num(r, 0))
			}
			return c
		}
	case 4:
		if _, ok := r.Body.(*ir.Baseline); ok {
			return &ir.NumBase{What: rapid.SampledFrom([]ir.BaseNum{ir.BaseMean, ir.BaseStddev}).Draw(d.t, "learned")}
		}
	}
	s := r.Scopes()
	i := d.n("scope", 0, len(s)-1)
	j := d.n("aggregate", 0, len(s[i].Aggs)-1)
	if !s[i].Aggs[j].Func.Info().Number {
		return &ir.NumLit{Value: 2, Param: "limit"}
	}
	return &ir.NumAgg{Scope: i, Agg: j}
}

// start is 07:40, so that streams pass a full hour.
const start = 1772437200000

func (d drawer) events(two bool) []schema.Event {
	n, span := d.n("events", 1, 20), rapid.SampledFrom([]int{20, 60, 60}).Draw(d.t, "half minutes in all")
	out := make([]schema.Event, 0, n)
	for i := range n {
		ms := int64(start) + int64(d.n("half minutes", 0, span))*30000 + int64(rapid.SampledFrom([]int{0, 0, 0, 1, -1, 250}).Draw(d.t, "ms"))
		o := map[string]any{"_time": time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z"), "kind": "a", "index": "main"}
		if two && d.yes("second part") {
			o["kind"] = "b"
		}
		set := func(name string, values ...any) {
			if v := rapid.SampledFrom(values).Draw(d.t, name); v != nil {
				schema.SetPath(o, name, []any{v})
			}
		}
		set("user", "bob", "bob", "Bob", "eve", "", "1", nil)
		set("account", "bob", "eve", "", nil)
		set("action", "go", "stop", "Go", "", nil)
		set("src.ip", "10.0.0.1", "10.0.0.1", "10.0.0.2", nil)
		set("size", json.Number("1"), json.Number("2"), json.Number("3"), nil)
		set("cost", json.Number("1.5"), json.Number("0.25"), nil)
		switch d.n("tags", 0, 4) {
		case 1:
			o["tags"] = []any{"x"}
		case 2:
			o["tags"] = []any{"x", "y"}
		case 3:
			o["tags"] = []any{"X", "x", "x", ""}
		case 4:
			o["tags"] = []any{}
		}
		if d.n("hosts", 0, 2) > 0 {
			o["hosts"] = []any{"h1", "h2"}[d.n("first host", 0, 1):]
		}
		out = append(out, schema.Event{ID: fmt.Sprintf("e%02d", i), Object: o, Millis: ms})
	}
	return out
}

// TestAgainstMeaning draws rules and streams, and holds what the saved search finds against what the rule means.
func TestAgainstMeaning(t *testing.T) {
	refused, kinds, findings := map[string]int{}, map[string]int{}, 0
	rapid.Check(t, func(t *rapid.T) {
		d := drawer{t}
		r := d.rule()
		r.Params = []ir.Param{{Name: "limit", Value: schema.Int(2)}}
		two := d.n("parts", 0, 3) == 0
		b := boundOf(r, two)
		m, l := build(t, b)
		if m == nil {
			refused[l.Why]++
			return
		}
		name := fmt.Sprintf("%T", r.Body)
		if c, ok := r.Body.(*ir.Count); ok {
			name = c.Window.Kind.String()
		}
		kinds[name]++
		n := compare(t, b, m, d.events(two))
		findings += n
		if n > 0 {
			kinds[name+" with findings"]++
		}
	})
	t.Logf("findings %d, rules %v", findings, kinds)
	for why, n := range refused {
		t.Logf("refused %d: %s", n, why)
	}
}

// settledDoubts are the switches on which what is found may depend, with the reason.
var settledDoubts = map[string]string{}

// TestDoubts draws rules and streams, and flips what is not known of SPL: what is found must not depend on it.
func TestDoubts(t *testing.T) {
	depends := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		d := drawer{t}
		r := d.rule()
		r.Params = []ir.Param{{Name: "limit", Value: schema.Int(2)}}
		b := boundOf(r, d.n("parts", 0, 3) == 0)
		m, _ := build(t, b)
		if m == nil {
			return
		}
		sizeOf[m.art] = r.Body
		defer delete(sizeOf, m.art)
		in := input(m, d.events(false))
		want := fmt.Sprint(found(t, r, m, in))
		for _, doubt := range spl.Backend.Language.Doubts {
			in.Doubts = map[string]bool{doubt.Name: !doubt.Default}
			if got := fmt.Sprint(found(t, r, m, in)); got != want {
				if depends[doubt.Name]++; depends[doubt.Name] == 1 && settledDoubts[doubt.Name] == "" {
					fmt.Printf("%s\n%s\n%s\n%s\n", doubt.Name, m.art.Query.Text, want, got)
				}
			}
		}
	})
	for name, n := range depends {
		if settledDoubts[name] == "" {
			t.Errorf("what is found depends on %s (%d times)", name, n)
		}
	}
}
