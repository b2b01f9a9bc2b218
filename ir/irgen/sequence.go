package irgen

import (
	"pgregory.net/rapid"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

var sequenceClasses = []ir.ClassOn{{Class: "process.start", Source: "windows"}, {Class: "process.end", Source: "windows"}}

// SequenceRule draws a sequence, together or absence rule of process.start and process.end on windows. Spans are a few seconds
// long and repetitions few, so that the events of [SequenceEvents] often decide by a hair.
func SequenceRule(t *rapid.T) *ir.Rule {
	d := draw{t, &ir.Rule{Name: "r", Version: 1, From: sequenceClasses, Where: &ir.Const{Value: true}}}
	if d.upTo("has where", 0, 3) == 0 {
		d.rule.Where = &ir.Not{X: &ir.Cmp{Op: ir.Eq, L: timelineField("process.name"), R: []schema.Value{schema.String("none")}}}
	}
	fold := d.upTo("fold", 0, 2) == 0
	d.rule.Keys = []ir.Key{
		{Term: timelineField("user.name"), Fold: fold},
		{Term: timelineField("process.args"), Fold: fold},
		{Term: timelineField("source.ip")},
	}
	if d.upTo("absence", 0, 5) == 0 {
		d.absence()
	} else {
		d.sequence(d.upTo("ordered", 0, 2) > 0)
	}
	if err := ir.Verify(d.rule); err != nil {
		t.Fatalf("%v\n%s", err, ir.Print(d.rule))
	}
	return d.rule
}

func (d draw) absence() {
	a := &ir.Absence{Window: d.seconds("size", 1, 5), Grace: d.seconds("grace", 0, 4), Min: d.upTo("least", 1, 3), Key: d.upTo("key", 0, 2)}
	values := []schema.Value{schema.String("a"), schema.String("b"), schema.String("x"), schema.String("")}
	if a.Key == 2 {
		values = nil
		for _, text := range []string{"10.0.0.1", "10.0.0.2", "10.0.0.3"} {
			v, _ := schema.FromText(schema.IP, text)
			values = append(values, v)
		}
	}
	a.Expected = ir.ExpectedOf(d.rule.Keys[a.Key], values[:d.upTo("expected", 1, len(values))])
	d.rule.Body = a
}

// alike lists, for each key, those whose values can be the same.
var alike = [][]int{{0, 1}, {0, 1}, {2}}

func (d draw) sequence(ordered bool) {
	is := func(field, value string) ir.Pred {
		return &ir.Cmp{Op: ir.Eq, L: timelineField(field), R: []schema.Value{schema.String(value)}}
	}
	d.rule.Args = []ir.Term{
		timelineField("network.bytes"), timelineField("event.risk_score"), timelineField("source.ip"), timelineField("user.name"), timelineField("process.args"),
		&ir.Call{Func: ir.Length, X: timelineField("process.args")},
	}
	d.rule.Conds = []ir.Pred{is("event.outcome", "failure"), is("event.outcome", "success"), is("process.name", "x"), &ir.Exists{F: timelineField("network.bytes")}, &ir.Const{Value: true}}
	if d.upTo("classes", 0, 1) == 1 {
		d.rule.CondFrom = make([][]ir.ClassOn, len(d.rule.Conds))
		for i := range d.rule.CondFrom {
			d.rule.CondFrom[i] = [][]ir.ClassOn{nil, sequenceClasses[:1], sequenceClasses[1:]}[d.upTo("class", 0, 2)]
		}
	}
	s := &ir.Sequence{Ordered: ordered, Within: d.seconds("within", 1, 9), Per: d.keys("per", []int{0, 1, 2}, 0)}
	if len(s.Per) == 3 || d.upTo("no keys", 0, 1) == 0 {
		s.Per = s.Per[:min(1, len(s.Per))]
	}
	for i := range d.upTo("steps", 1, 4) {
		s.Steps = append(s.Steps, d.step(s, i))
	}
	if len(s.Events()) == 0 {
		s.Steps[0].Kind = ir.StepEvent
	}
	events := s.Events()
	for range d.upTo("comparisons", 0, 2) {
		if len(events) > 1 {
			s.Cross = append(s.Cross, d.cross(events))
		}
	}
	for range d.upTo("shown", 0, 2) {
		v := ir.StepValue{Step: rapid.SampledFrom(events).Draw(d.T, "shown step"), Arg: d.upTo("shown column", 0, 5)}
		d.rule.Emit.Shown = append(d.rule.Emit.Shown, ir.Shown{Name: "s", Value: &ir.NumStep{StepValue: v}})
	}
	d.rule.Body = s
}

func (d draw) step(s *ir.Sequence, i int) ir.Step {
	st := ir.Step{Name: string(rune('a' + i)), Kind: ir.StepEvent, Cond: d.upTo("condition", 0, 4), Repeat: 1, Keys: []int{}}
	switch d.upTo("kind", 0, 7) {
	case 0:
		st.Kind = ir.StepUntil
	case 1:
		if len(s.Events()) > 0 || !s.Ordered {
			st.Kind = ir.StepMissing
		}
	case 2:
		st.Repeat = d.upTo("repeat", 2, 3)
	}
	for _, k := range s.Per {
		if d.upTo("own key", 0, 4) == 0 {
			k = rapid.SampledFrom(alike[k]).Draw(d.T, "key")
		}
		st.Keys = append(st.Keys, k)
	}
	return st
}

func (d draw) cross(events []int) ir.Cross {
	p := rapid.Permutation(events).Draw(d.T, "compared")
	c := ir.Cross{Negated: d.upTo("negated", 0, 1) == 1, Op: ir.Eq}
	columns := [][2]int{{0, 0}, {0, 1}, {2, 2}, {3, 3}, {3, 4}, {5, 5}}[d.upTo("columns", 0, 5)]
	c.L, c.R = ir.StepValue{Step: p[0], Arg: columns[0]}, ir.StepValue{Step: p[1], Arg: columns[1]}
	switch columns[0] {
	case 0, 5:
		c.Op = rapid.SampledFrom([]ir.Op{ir.Eq, ir.Lt, ir.Ge}).Draw(d.T, "op")
	case 3:
		c.Cased = d.upTo("cased", 0, 1) == 1
	}
	return c
}

// SequenceEvents draws up to n events for rules of [SequenceRule], in any order. Their ids are their numbers.
func SequenceEvents(t *rapid.T, n int) []schema.Event {
	out := TimelineEvents(t, n)
	for i := range out {
		out[i].Class = rapid.SampledFrom(sequenceClasses).Draw(t, "class").Class
	}
	return out
}
