package elastic_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/irgen"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/platform/elastic"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/schema"
	"github.com/onerule/onerule/verify"
)

// ordered is an artefact of an ordering rule.
type ordered struct{ *platformtest.Made }

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
func order(t platformtest.T, b *ir.Bound, name string) (*ordered, backends.Level) {
	t.Helper()
	h := map[string]*platformtest.Harness{"eql": &overEQL, "esql": &overESQL}[name]
	typ := typeNamed(name)
	m, l := h.Build(t, typ, b)
	if m == nil {
		return nil, l
	}
	m.Art.Rule, m.Art.Bound, m.Art.Lang, m.Art.Type, m.Art.Fidelity = b.Rule, b, typ.Lang, typ.Name, m.Fidelity
	return &ordered{m}, l
}

// input lays events out in the tables of the rule; every second one arrives as late as the rule allows for.
func (o *ordered) input(events []schema.Event) schedule.Input {
	in := o.Lay(events, o.lateness(), func(e schema.Event) int {
		return slices.IndexFunc(o.Bound.Parts, func(p ir.Part) bool { return e.Object["event.type"] == p.Class.Select[1].Values[0] })
	})
	in.From = in.From.Add(-o.Art.Timing.Every)
	in.To = in.To.Add(o.Art.Timing.Delay + 2*o.Art.Timing.Every + ir.Reach(o.Bound.Rule) + platformtest.WindowSize(o.Bound.Rule))
	return in
}

// lateness is by how much events may arrive late.
func (o *ordered) lateness() time.Duration {
	if a, ok := o.Bound.Rule.Body.(*ir.Absence); ok {
		return a.Grace
	}
	return o.Bound.Rule.Schedule.Delay
}

// told runs the document and returns what each of its runs told.
func (o *ordered) told(t platformtest.T, in schedule.Input) []verify.Tick {
	t.Helper()
	return o.Ticks(t, in, elastic.Platform.Starts(o.Doc, in))
}

// check holds what the runs tell against the meaning, in several phases of the clock and by both readings of its lateness. It
// returns how much is told.
func (o *ordered) check(t platformtest.T, events []schema.Event) int {
	t.Helper()
	rows, n := platformtest.Rows(t, o.Bound, events), 0
	for in := range o.Readings(o.input(events)) {
		ticks := o.told(t, in)
		if err := verify.Ordering(o.Bound.Rule, rows, o.Art, ticks); err != nil {
			o.Fail(t, in, events, "%v", err)
		}
		n = 0
		told := map[string]bool{}
		for _, tick := range ticks {
			n += len(tick.Findings)
			for _, f := range tick.Findings {
				told[f.Identity()] = true
			}
		}
		for _, f := range eval.Findings(o.Bound.Rule, rows, eval.Always) {
			if !told[f.Identity()] {
				o.Fail(t, in, events, "no run tells %s", f.Identity())
			}
		}
	}
	return n
}

// checkAbsence holds what the runs tell of windows against the meaning: all of it is true, and of the windows that ended since the
// run before the first one nothing is left out.
func (o *ordered) checkAbsence(t platformtest.T, events []schema.Event) int {
	t.Helper()
	rows, n := platformtest.Rows(t, o.Bound, events), 0
	size := platformtest.WindowSize(o.Bound.Rule)
	for i := range rows {
		for k, e := range events {
			if e.ID == rows[i].ID && k%2 == 1 {
				rows[i].Arrives += o.lateness().Milliseconds()
			}
		}
	}
	for in := range o.Readings(o.input(events)) {
		ticks := o.told(t, in)
		told := map[string]bool{}
		for _, tick := range ticks {
			for _, f := range tick.Findings {
				told[f.Identity()] = true
				if !slices.ContainsFunc(eval.Findings(o.Bound.Rule, rows, eval.Range{From: f.From, To: f.From + 1}), func(x ir.Finding) bool { return x.Identity() == f.Identity() }) {
					o.Fail(t, in, events, "%s is told, and is not true", f.Identity())
				}
			}
		}
		first, last := ticks[0].At.Add(-o.Art.Timing.Delay-o.Art.Timing.Every), ticks[len(ticks)-1].At.Add(-o.Art.Timing.Delay)
		want := eval.Findings(o.Bound.Rule, rows, eval.Range{From: first.Add(-size).UnixMilli() + 1, To: last.Add(-size).UnixMilli() + 1})
		n = len(want)
		for _, f := range want {
			if !told[f.Identity()] {
				o.Fail(t, in, events, "no run tells %s", f.Identity())
			}
		}
	}
	return n
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
	platformtest.Property(t, func(t *rapid.T, c *platformtest.Tally) {
		var f func(r *ir.Rule)
		if shape != nil {
			f = shape(t)
		}
		b, draw := drawOrdering(t, f)
		o, l := order(t, b, typ)
		if o == nil {
			c.Refused(l.Why)
			return
		}
		events := draw(l)
		if len(events) == 0 {
			return
		}
		check := o.check
		if _, ok := b.Rule.Body.(*ir.Absence); ok {
			check = o.checkAbsence
		}
		c.Drawn(platformtest.KindOf(b.Rule), check(t, events))
	})
}

// TestSequencesOfEQL draws rules and streams, and holds what rules of type eql tell against the meaning.
func TestSequencesOfEQL(t *testing.T) { orderingProperty(t, "eql", towards) }

// TestOrderingOfESQL does so with rules of type esql.
func TestOrderingOfESQL(t *testing.T) { orderingProperty(t, "esql", nil) }
