package splunk_test

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/irgen"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/schema"
)

// natives are the native fields for those of the rules that irgen draws.
var natives = map[string]string{
	"user.name": "user", "process.args": "tags[]", "source.ip": "src.ip", "network.bytes": "size", "event.risk_score": "cost", "event.outcome": "action", "process.name": "account",
}

// onNatives puts a predicate or term on native fields.
func onNatives(t ir.Term) ir.Term {
	switch t := t.(type) {
	case *ir.Field:
		return fieldOf(natives[t.Name])
	case *ir.Call:
		c := *t
		c.X = onNatives(t.X)
		return &c
	case *ir.Arith, *ir.Elem, *ir.Lit: // not drawn
	}
	return t
}

func predOnNatives(p ir.Pred) ir.Pred {
	switch p := p.(type) {
	case *ir.Not:
		return &ir.Not{X: predOnNatives(p.X)}
	case *ir.Cmp:
		return &ir.Cmp{Op: p.Op, Cased: p.Cased, L: onNatives(p.L), R: p.R}
	case *ir.Exists:
		return &ir.Exists{F: onNatives(p.F).(*ir.Field)}
	case *ir.And, *ir.Or, *ir.Const, *ir.Rel, *ir.Empty, *ir.Quant, *ir.Keyword: // not drawn
	}
	return p
}

// boundOrdering puts a rule of irgen on native fields: a part for each class, or one for both.
func boundOrdering(r *ir.Rule) *ir.Bound {
	b := &schema.Binding{Name: "test", Platform: "splunk", Source: "test", Time: fields["_time"]}
	out := &ir.Bound{Rule: r, Platform: "splunk"}
	for _, class := range r.From {
		c := &schema.BoundClass{Class: class.Class, Table: "main", Select: []schema.Condition{{Native: schema.NativeField{Path: "kind", Type: schema.Keyword}, Values: []string{class.Class}}}}
		p := ir.Part{Binding: b, Class: c, Select: pass.Selection(c), Where: pass.Canonical(predOnNatives(r.Where))}
		for i, x := range r.Conds {
			if !r.CondTakes(i, class.Class, class.Source) {
				x = &ir.Const{}
			}
			p.Conds = append(p.Conds, pass.Canonical(predOnNatives(x)))
		}
		for _, k := range r.Keys {
			p.Keys = append(p.Keys, ir.Key{Term: onNatives(k.Term), Fold: k.Fold})
		}
		for _, a := range r.Args {
			p.Args = append(p.Args, onNatives(a))
		}
		out.Parts = append(out.Parts, p)
	}
	return out
}

// comparedRule draws a sequence or together rule of steps that most events can take, and that are compared with each other.
func comparedRule(t *rapid.T) *ir.Rule {
	d := drawer{t}
	field := func(name string) *ir.Field {
		f, _ := schema.Lookup(name)
		return &ir.Field{Name: name, Type: f.Type, Array: f.Array}
	}
	is := func(name string, values ...string) ir.Pred {
		c := &ir.Cmp{Op: ir.Eq, L: field(name)}
		for _, v := range values {
			c.R = append(c.R, schema.String(v))
		}
		return c
	}
	r := &ir.Rule{
		Name: "r", Version: 1, Where: &ir.Const{Value: true}, From: []ir.ClassOn{{Class: "process.start", Source: "windows"}, {Class: "process.end", Source: "windows"}},
		Keys: []ir.Key{{Term: field("user.name")}},
		Args: []ir.Term{field("network.bytes"), field("event.risk_score"), field("source.ip"), field("user.name")},
		Conds: []ir.Pred{
			is("event.outcome", "failure"), is("event.outcome", "success"), &ir.Not{X: is("event.outcome", "success")}, &ir.Const{Value: true},
			&ir.Not{X: is("event.outcome", "failure", "success")},
		},
	}
	s := &ir.Sequence{Ordered: d.n("ordered", 0, 3) > 0, Within: time.Duration(d.n("within", 3, 20)) * time.Second, Per: []int{0}}
	if d.n("no keys", 0, 3) == 0 {
		s.Per = []int{}
	}
	d.comparedSteps(s)
	d.comparisons(s)
	for range d.n("shown", 0, 3) {
		v := ir.StepValue{Step: rapid.SampledFrom(s.Events()).Draw(t, "shown step"), Arg: d.n("shown column", 0, 3)}
		r.Emit.Shown = append(r.Emit.Shown, ir.Shown{Name: "s", Value: &ir.NumStep{StepValue: v}})
	}
	r.Body = s
	if err := ir.Verify(r); err != nil {
		t.Fatalf("%v", err)
	}
	return r
}

func (d drawer) comparedSteps(s *ir.Sequence) {
	step := func(kind ir.StepKind, cond, repeat int) {
		s.Steps = append(s.Steps, ir.Step{Name: string(rune('a' + len(s.Steps))), Kind: kind, Cond: cond, Keys: s.Per, Repeat: repeat})
	}
	for i := range d.n("steps", 2, 4) {
		if i > 0 && d.n("missing", 0, 7) == 0 {
			step(ir.StepMissing, d.n("condition", 0, 2), 1)
		}
		cond := d.n("condition", 0, 3)
		if !s.Ordered {
			cond = []int{0, 1, 4}[i%3]
		}
		step(ir.StepEvent, cond, rapid.SampledFrom([]int{1, 1, 1, 1, 1, 2, 3}).Draw(d.t, "repeat"))
	}
	if d.n("waits", 0, 5) == 0 {
		step(ir.StepMissing, d.n("condition", 0, 2), 1)
	}
	if d.n("until", 0, 5) == 0 {
		step(ir.StepUntil, d.n("condition", 0, 2), 1)
	}
}

func (d drawer) comparisons(s *ir.Sequence) {
	events := s.Events()
	if d.n("all alike", 0, 4) == 0 {
		for i := range len(events) - 1 {
			s.Cross = append(s.Cross, ir.Cross{Op: ir.Eq, L: ir.StepValue{Step: events[i], Arg: 2}, R: ir.StepValue{Step: events[i+1], Arg: 2}})
		}
		return
	}
	l := d.n("left", 0, len(events)-2)
	right := l + 1
	if d.n("far", 0, 2) == 0 {
		right = d.n("right", l+1, len(events)-1)
	}
	for range d.n("comparisons", 1, 2) {
		col := rapid.SampledFrom([][2]int{{0, 0}, {2, 2}, {2, 2}, {0, 1}, {3, 3}}).Draw(d.t, "columns")
		c := ir.Cross{Op: ir.Eq, Negated: d.yes("negated"), L: ir.StepValue{Step: events[l], Arg: col[0]}, R: ir.StepValue{Step: events[right], Arg: col[1]}}
		c.Cased = col[0] == 3 && d.yes("cased")
		s.Cross = append(s.Cross, c)
	}
}

// orderingRule draws a rule, and how much longer it is than irgen's, so that it goes through several ticks.
func orderingRule(t *rapid.T) (*ir.Rule, int) {
	r := irgen.SequenceRule(t)
	compared := rapid.Bool().Draw(t, "compared")
	if compared {
		r = comparedRule(t)
	}
	factor := rapid.SampledFrom([]int{1, 1, 7, 30}).Draw(t, "factor")
	switch b := r.Body.(type) {
	case *ir.Sequence:
		b.Within *= time.Duration(factor)
		if !compared {
			compareMore(t, b)
		}
		for _, s := range r.Emit.Shown { // what is calculated of several values is always refused
			if v := s.Value.(*ir.NumStep); v.Arg == 5 {
				v.Arg = 4
			}
		}
	case *ir.Absence:
		b.Window *= time.Duration(factor)
		b.Grace *= time.Duration(factor)
	case *ir.Count, *ir.FirstSeen, *ir.Baseline, nil: // not drawn
	}
	r.Schedule.Every = time.Duration(rapid.SampledFrom([]int{1, 1, 2, 5}).Draw(t, "every")) * time.Minute
	r.Schedule.Delay = time.Duration(rapid.SampledFrom([]int{0, 60, 90}).Draw(t, "delay")) * time.Second
	if rapid.Bool().Draw(t, "shows") {
		r.Emit.Shown = nil
	}
	return r, factor
}

// compareMore turns comparisons that are always refused into others now and then: of fields with one value, of neighbours, by ==.
func compareMore(t *rapid.T, s *ir.Sequence) {
	events := s.Events()
	for i := range s.Cross {
		c := &s.Cross[i]
		if rapid.Bool().Draw(t, "as irgen has it") {
			continue
		}
		n := rapid.IntRange(1, len(events)-1).Draw(t, "place")
		before := n - rapid.SampledFrom([]int{1, 1, 1, n}).Draw(t, "back")
		c.Op, c.L, c.R = ir.Eq, ir.StepValue{Step: events[before]}, ir.StepValue{Step: events[n]}
		switch rapid.IntRange(0, 3).Draw(t, "columns") {
		case 0: // numbers
			c.Cased = false
		case 1: // addresses
			c.L.Arg, c.R.Arg, c.Cased = 2, 2, false
		case 2:
			c.L.Arg, c.R.Arg = 3, 3
		case 3:
			c.L.Arg, c.R.Arg, c.Cased = 1, 0, false
		}
		if c.L.Arg != 3 {
			c.Cased = false
		}
	}
}

// orderingEvents draws events for a rule of [orderingRule].
func orderingEvents(t *rapid.T, factor int) []schema.Event {
	events := irgen.SequenceEvents(t, 14)
	dense := rapid.Bool().Draw(t, "dense")
	if dense {
		events = append(events, irgen.SequenceEvents(t, 10)...)
	}
	for i := range events {
		e := &events[i]
		e.ID = fmt.Sprintf("%05d", i)
		if dense {
			e.Object["user.name"] = rapid.SampledFrom([]any{"a", "a", "a", "b"}).Draw(t, "user")
			e.Object["process.args"] = rapid.SampledFrom([]any{"a", "a", "b"}).Draw(t, "args")
			e.Object["source.ip"] = rapid.SampledFrom([]any{"10.0.0.1", "10.0.0.2", "10.0.0.3", "-"}).Draw(t, "ip")
			if e.Object["process.name"] == nil {
				e.Object["process.name"] = "x"
			}
		}
		second := (e.Millis + 500) / 1000
		e.Millis = start + second*1000*int64(factor) + e.Millis - second*1000
		o := map[string]any{"_time": time.UnixMilli(e.Millis).UTC().Format("2006-01-02T15:04:05.000Z"), "kind": e.Class, "index": "main"}
		for name, path := range natives {
			v, ok := e.Object[name]
			if !ok {
				continue
			}
			if list, is := v.([]any); is && path != "tags[]" {
				v = list[0] // assumption scalar
			}
			if _, is := v.([]any); !is && path == "tags[]" {
				v = []any{v}
			}
			if list, is := v.([]any); is {
				o["tags"] = list
			} else {
				schema.SetPath(o, path, []any{v})
			}
		}
		e.Object = o
	}
	return events
}
