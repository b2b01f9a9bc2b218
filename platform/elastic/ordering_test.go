package elastic_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/eql"
	"github.com/onerule/onerule/backends/elastic/esql"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/irgen"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/elastic"
	"github.com/onerule/onerule/platform/elastic/run"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/schema"
	"github.com/onerule/onerule/verify"
)

// ordered is an artefact of an ordering rule, whose document was encoded and decoded again.
type ordered struct {
	art     *platform.Artefact
	doc     platform.Document
	backend *backends.Backend
	bound   *ir.Bound
}

// stepBinding is telemetry of process.start and process.end in tables of its own, whose fields have the catalogue's names; in
// the second one users have another.
func stepBinding(name string, tables [2]string, renamed bool) *schema.Binding {
	b := &schema.Binding{Name: name, Title: name, Platform: "elastic", Source: "windows", Time: schema.NativeField{Path: "@timestamp", Type: schema.Date}}
	for i, class := range []string{"process.end", "process.start"} {
		c := schema.BoundClass{Class: class, Table: tables[1-i], Select: []schema.Condition{
			{Native: schema.NativeField{Path: "event.category", Type: schema.Keyword}, Values: []string{"process"}},
			{Native: schema.NativeField{Path: "event.type", Type: schema.Keyword}, Values: []string{name + " " + class}},
		}}
		for _, n := range []string{"event.outcome", "event.risk_score", "network.bytes", "process.args", "process.name", "process.start", "source.ip", "user.name"} {
			f, _ := schema.Lookup(n)
			path := n
			if renamed && n == "user.name" && class == "process.end" {
				path = "account.name"
			}
			c.Mappings = append(c.Mappings, schema.Mapping{Field: f, Native: schema.NativeField{Path: path, Type: f.Type, Array: f.Array}})
		}
		b.Classes = append(b.Classes, c)
	}
	return b
}

// native is an event as the telemetry writes it.
func nativeEvent(b *schema.Binding, e schema.Event) schema.Event {
	o := maps.Clone(e.Object)
	o["@timestamp"] = time.UnixMilli(e.Millis).UTC().Format("2006-01-02T15:04:05.000Z")
	o["event.category"] = "process"
	o["event.type"] = b.Name + " " + e.Class
	c, _ := b.Class(e.Class)
	if m, _ := c.Mapping("user.name"); m.Native.Path != "user.name" {
		o[m.Native.Path] = o["user.name"]
		delete(o, "user.name")
	}
	e.Object = o
	return e
}

// order makes the artefact by a type; nil when the rule is refused.
func order(t fataler, b *ir.Bound, name string) (*ordered, backends.Level) {
	t.Helper()
	i := slices.IndexFunc(elastic.Platform.Types, func(x platform.RuleType) bool { return x.Name == name })
	typ, timing := elastic.Platform.Types[i], ir.TimingOf(b.Rule)
	backend := map[string]*backends.Backend{"eql": &eql.Backend, "esql": &esql.Backend}[name]
	l := typ.Level(b, timing)
	if l.Kind == backends.Refuse {
		return nil, l
	}
	f := backend.Check(b, backends.BodyLeaf(b.Rule, l))
	if f.Kind == backends.Refuse {
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
	art.Rule, art.Bound, art.Lang, art.Type, art.Fidelity = b.Rule, b, typ.Lang, typ.Name, f
	data, err := art.Document.Encode()
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	doc, err := elastic.Platform.Decode(data)
	if err != nil {
		t.Fatalf("decode: %v\n%s", err, data)
	}
	if text, diags := backend.Language.Reprint("q", art.Query.Text); diags.HasErrors() || text != art.Query.Text {
		t.Fatalf("printed   %s\nreprinted %s\n%v", art.Query.Text, text, diags)
	}
	return &ordered{art, doc, backend, b}, l
}

// lay lays events out in the tables of the rule; every second one arrives as late as the rule allows for.
func (o *ordered) lay(events []schema.Event) schedule.Input {
	in := schedule.Input{}
	place := map[string]int{}
	for _, p := range o.bound.Parts {
		i, ok := place[p.Class.Table]
		if !ok {
			i = len(in.Tables)
			place[p.Class.Table] = i
			in.Tables = append(in.Tables, native.Table{Name: p.Class.Table, Types: map[string]string{}})
			in.Arrives = append(in.Arrives, nil)
		}
		maps.Copy(in.Tables[i].Types, o.backend.Types(p))
	}
	in.From, in.To = time.UnixMilli(events[0].Millis), time.UnixMilli(events[0].Millis)
	for i, e := range events {
		t := -1
		for _, p := range o.bound.Parts {
			if e.Object["event.type"] == p.Class.Select[1].Values[0] {
				t = place[p.Class.Table]
			}
		}
		if t < 0 { // of a class that the rule does not read
			continue
		}
		at := e.Millis
		if i%2 == 1 {
			at += o.lateness()
		}
		in.Tables[t].Rows, in.Arrives[t] = append(in.Tables[t].Rows, e.Object), append(in.Arrives[t], at)
		if when := time.UnixMilli(e.Millis); when.Before(in.From) {
			in.From = when
		} else if when.After(in.To) {
			in.To = when
		}
	}
	in.From = in.From.UTC().Add(-o.art.Timing.Every)
	in.To = in.To.UTC().Add(o.art.Timing.Delay + 2*o.art.Timing.Every + ir.Reach(o.bound.Rule) + windowSize(o.bound.Rule))
	return in
}

// lateness is by how many milliseconds events may arrive late.
func (o *ordered) lateness() int64 {
	if a, ok := o.bound.Rule.Body.(*ir.Absence); ok {
		return a.Grace.Milliseconds()
	}
	return o.bound.Rule.Schedule.Delay.Milliseconds()
}

// told runs the document and returns what each of its runs told.
func (o *ordered) told(t fataler, in schedule.Input) []verify.Tick {
	t.Helper()
	found, diags := elastic.Platform.Run(o.doc, in)
	if diags.HasErrors() {
		t.Fatalf("run: %v\n%s", diags, o.art.Query.Text)
	}
	var out []verify.Tick
	for _, at := range elastic.Platform.Starts(o.doc, in) {
		tick := verify.Tick{At: at}
		for _, f := range found {
			if f.At.Equal(at) {
				tick.Findings = append(tick.Findings, *o.finding(t, f))
			}
		}
		out = append(out, tick)
	}
	return out
}

func (o *ordered) finding(t fataler, f schedule.Finding) *ir.Finding {
	t.Helper()
	r, cols := o.bound.Rule, o.art.Columns
	x := &ir.Finding{Key: []schema.Value{}}
	for i, k := range r.Per() {
		key := r.Keys[k]
		v, ok := schema.Convert(ir.TermType(key.Term), f.Columns[cols.Keys[i]])
		if !ok {
			t.Fatalf("column %s holds %v\n%s", cols.Keys[i], f.Columns, o.art.Query.Text)
		}
		if key.Fold {
			v = schema.String(pattern.FoldString(v.Str()))
		}
		x.Key = append(x.Key, v)
	}
	millis := func(name string) int64 {
		switch at := f.Columns[name].(type) {
		case time.Time:
			return at.UnixMilli()
		case string:
			if v, ok := schema.Convert(schema.Date, at); ok {
				return v.Millis()
			}
		}
		t.Fatalf("column %s holds %v of %v\n%s", name, f.Columns[name], f.Columns, o.art.Query.Text)
		return 0
	}
	if cols.Time != "" {
		x.Time = millis(cols.Time)
	}
	if cols.From != "" {
		x.From = millis(cols.From)
		x.To = x.From + windowSize(r).Milliseconds()
	}
	for i, s := range r.Emit.Shown {
		var vals []schema.Value
		if i < len(cols.Shown) && cols.Shown[i] != "" {
			items, ok := f.Columns[cols.Shown[i]].([]any)
			if !ok {
				items = []any{f.Columns[cols.Shown[i]]}
			}
			for _, item := range items {
				if v, ok := schema.Convert(r.ShownType(s), item); ok && !slices.Contains(vals, v) {
					vals = append(vals, v)
				}
			}
		}
		x.Shown = append(x.Shown, vals)
	}
	return x
}

// check holds what the runs tell against the meaning, in several phases of the clock and by both readings of its lateness. It
// returns how much is told.
func (o *ordered) check(t fataler, events []schema.Event) int {
	t.Helper()
	in, rs, n := o.lay(events), rows(t, o.bound, events), 0
	for _, in.Phase = range phases {
		for _, late := range []bool{false, true} {
			in.Doubts = map[string]bool{run.Doubt.Name: late}
			ticks := o.told(t, in)
			if err := verify.Ordering(o.bound.Rule, rs, o.art, ticks); err != nil {
				o.fail(t, events, fmt.Sprintf("phase %s late %v: %v", in.Phase, late, err))
			}
			n = 0
			told := map[string]bool{}
			for _, tick := range ticks {
				n += len(tick.Findings)
				for _, f := range tick.Findings {
					told[f.Identity()] = true
				}
			}
			for _, f := range eval.Findings(o.bound.Rule, rs, eval.Always) {
				if !told[f.Identity()] {
					o.fail(t, events, fmt.Sprintf("phase %s late %v: no run tells %s", in.Phase, late, f.Identity()))
				}
			}
		}
	}
	return n
}

// checkAbsence holds what the runs tell of windows against the meaning: all of it is true, and of the windows that ended since the
// run before the first one nothing is left out.
func (o *ordered) checkAbsence(t fataler, events []schema.Event) int {
	t.Helper()
	in, rs, n := o.lay(events), rows(t, o.bound, events), 0
	size := windowSize(o.bound.Rule)
	for i := range rs {
		for k, e := range events {
			if e.ID == rs[i].ID && k%2 == 1 {
				rs[i].Arrives += o.lateness()
			}
		}
	}
	for _, in.Phase = range phases {
		for _, late := range []bool{false, true} {
			in.Doubts = map[string]bool{run.Doubt.Name: late}
			ticks := o.told(t, in)
			told := map[string]bool{}
			for _, tick := range ticks {
				for _, f := range tick.Findings {
					told[f.Identity()] = true
					if !slices.ContainsFunc(eval.Findings(o.bound.Rule, rs, eval.Range{From: f.From, To: f.From + 1}), func(x ir.Finding) bool { return x.Identity() == f.Identity() }) {
						o.fail(t, events, fmt.Sprintf("phase %s late %v: %s is told, and is not true", in.Phase, late, f.Identity()))
					}
				}
			}
			first, last := ticks[0].At.Add(-o.art.Timing.Delay-o.art.Timing.Every), ticks[len(ticks)-1].At.Add(-o.art.Timing.Delay)
			rng := eval.Range{From: first.Add(-size).UnixMilli() + 1, To: last.Add(-size).UnixMilli() + 1}
			want := eval.Findings(o.bound.Rule, rs, rng)
			n = len(want)
			for _, f := range want {
				if !told[f.Identity()] {
					o.fail(t, events, fmt.Sprintf("phase %s late %v: no run tells %s", in.Phase, late, f.Identity()))
				}
			}
		}
	}
	return n
}

func (o *ordered) fail(t fataler, events []schema.Event, why string) {
	t.Helper()
	var lines []string
	for _, e := range events {
		text, _ := json.Marshal(e.Object)
		lines = append(lines, string(text))
	}
	t.Fatalf("%s\n%s\n%s\n%s\n%+v", why, ir.Print(o.bound.Rule), strings.Join(lines, "\n"), o.art.Query.Text, o.art.Timing)
}

// fitting makes events that satisfy what the output assumes.
func fitting(l backends.Level, events []schema.Event) []schema.Event {
	taken := map[int64]bool{}
	for i := range events {
		e := &events[i]
		if slices.Contains(l.Assumptions, "distinct-times") || slices.Contains(l.Assumptions, "step-times") {
			for taken[e.Millis] {
				e.Millis++
			}
			taken[e.Millis] = true
		}
		for _, name := range []string{"user.name", "network.bytes"} {
			if list, ok := e.Object[name].([]any); ok && slices.Contains(l.Assumptions, "scalar") {
				e.Object[name] = list[0]
			}
		}
		list, ok := e.Object["process.args"].([]any)
		if ok && slices.Contains(l.Assumptions, "no-empty") {
			e.Object["process.args"] = slices.DeleteFunc(slices.Clone(list), func(x any) bool { return x == "" })
		}
	}
	return events
}

// drawOrdering draws a rule and events on native telemetry, at a scale of seconds or of thirds of minutes.
func drawOrdering(t *rapid.T, shape func(r *ir.Rule)) (*ir.Bound, func(l backends.Level) []schema.Event) {
	r := irgen.SequenceRule(t)
	if shape != nil {
		shape(r)
	}
	if err := ir.Verify(r); err != nil {
		t.Skip(err)
	}
	scale := int64(rapid.SampledFrom([]int{1, 20, 20}).Draw(t, "scale"))
	switch b := r.Body.(type) {
	case *ir.Sequence:
		b.Within *= time.Duration(scale)
	case *ir.Absence:
		scale = 20
		b.Window *= time.Duration(scale)
		b.Grace *= time.Duration(scale)
	case *ir.Count, *ir.FirstSeen, *ir.Baseline, nil: // not drawn
	}
	if rapid.IntRange(0, 2).Draw(t, "delay") == 0 {
		r.Schedule.Delay = time.Duration(rapid.SampledFrom([]int{1, 20, 60, 200}).Draw(t, "delay")) * time.Second
	}
	if rapid.IntRange(0, 2).Draw(t, "schedule") == 0 {
		r.Schedule.Every = time.Duration(rapid.SampledFrom([]int{60, 90, 300}).Draw(t, "every")) * time.Second
	}
	tables := rapid.SampledFrom([][2]string{{"logs-a-*", "logs-a-*"}, {"logs-a-*", "logs-b-*"}}).Draw(t, "tables")
	bindings := []*schema.Binding{stepBinding("one", tables, rapid.IntRange(0, 3).Draw(t, "renamed") == 0)}
	if rapid.IntRange(0, 3).Draw(t, "second") == 0 {
		bindings = append(bindings, stepBinding("two", [2]string{"logs-c-*", "logs-c-*"}, false))
	}
	b, diags := pass.Bind(r, "elastic", bindings)
	if diags.HasErrors() {
		t.Fatalf("%v", diags)
	}
	return b, func(l backends.Level) []schema.Event {
		events := irgen.SequenceEvents(t, 14)
		if rapid.IntRange(0, 1).Draw(t, "dense") == 0 {
			for i := range events {
				events[i].Millis %= 7000
				o := events[i].Object
				o["user.name"], o["process.args"], o["source.ip"] = "a", "x", rapid.SampledFrom([]string{"10.0.0.1", "10.0.0.2"}).Draw(t, "address")
			}
		}
		for i := range events {
			second := (events[i].Millis + 500) / 1000
			events[i].Millis += start + second*1000*(scale-1)
		}
		events = fitting(l, events)
		for i := range events {
			events[i] = nativeEvent(bindings[rapid.IntRange(0, len(bindings)-1).Draw(t, "telemetry")], events[i])
		}
		return events
	}
}

// towards makes it likelier that EQL takes a drawn rule.
func towards(t *rapid.T) func(r *ir.Rule) {
	return func(r *ir.Rule) {
		s, ok := r.Body.(*ir.Sequence)
		if !ok {
			return
		}
		s.Cross, s.Ordered = nil, true
		for i := range r.Keys {
			r.Keys[i].Fold = false
		}
		for len(s.Gap(0)) > 0 {
			s.Steps = s.Steps[1:]
		}
		if len(s.Events()) == 0 {
			t.Skip()
		}
		if e := s.Events(); len(e) == 1 && len(s.Gap(1)) == 0 {
			s.Steps[e[0]].Repeat = max(s.Steps[e[0]].Repeat, 2)
		}
		if rapid.IntRange(0, 1).Draw(t, "long") == 0 {
			s.Within *= 2
		}
		if e := s.Events(); len(e) == 2 && rapid.IntRange(0, 1).Draw(t, "gap") == 0 {
			gap := ir.Step{Kind: ir.StepMissing, Cond: rapid.IntRange(0, 3).Draw(t, "missing"), Repeat: 1, Keys: s.Steps[e[0]].Keys}
			s.Steps = slices.Insert(s.Steps, e[0]+1, gap)
			s.Steps = slices.DeleteFunc(s.Steps, func(x ir.Step) bool { return x.Kind == ir.StepMissing && !slices.Equal(x.Keys, gap.Keys) })
		}
		r.Emit.Shown = slices.DeleteFunc(r.Emit.Shown, func(x ir.Shown) bool {
			v := x.Value.(*ir.NumStep)
			return v.Step >= len(s.Steps) || s.Steps[v.Step].Kind != ir.StepEvent
		})
	}
}

func orderingProperty(t *testing.T, typ string, shape func(t *rapid.T) func(r *ir.Rule)) {
	refused, drawn, findings := map[string]int{}, map[string]int{}, 0
	rapid.Check(t, func(t *rapid.T) {
		var f func(r *ir.Rule)
		if shape != nil {
			f = shape(t)
		}
		b, draw := drawOrdering(t, f)
		o, l := order(t, b, typ)
		if o == nil {
			refused[l.Why]++
			return
		}
		events := draw(l)
		if len(events) == 0 {
			return
		}
		n := 0
		if _, ok := b.Rule.Body.(*ir.Absence); ok {
			n = o.checkAbsence(t, events)
		} else {
			n = o.check(t, events)
		}
		findings += n
		drawn[kindOf(b.Rule)]++
		if n > 0 {
			drawn[kindOf(b.Rule)+" with findings"]++
		}
	})
	t.Logf("told %d, rules %v", findings, drawn)
	for why, n := range refused {
		t.Logf("refused %d: %s", n, why)
	}
}

// TestSequencesOfEQL draws rules and streams, and holds what rules of type eql tell against the meaning.
func TestSequencesOfEQL(t *testing.T) { orderingProperty(t, "eql", towards) }

// TestOrderingOfESQL does so with rules of type esql.
func TestOrderingOfESQL(t *testing.T) { orderingProperty(t, "esql", nil) }
