package splunk_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends/spl"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/irgen"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/platform/splunk"
	"github.com/onerule/onerule/schema"
	"github.com/onerule/onerule/verify"
)

// rowsOf are the rows of a bound rule on events.
func rowsOf(t fataler, b *ir.Bound, events []schema.Event) []eval.Row {
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
	return rows
}

// compareOrdering holds what the saved search tells of a rule that orders, or of what is absent, against the meaning, tick by tick in
// several phases of the clock. It returns the number of findings.
func compareOrdering(t fataler, b *ir.Bound, m *made, events []schema.Event, late bool) int {
	t.Helper()
	rows := rowsOf(t, b, events)
	sizeOf[m.art] = b.Rule.Body
	defer delete(sizeOf, m.art)
	in := input(m, events)
	a, absence := b.Rule.Body.(*ir.Absence)
	if absence {
		for i := range in.Arrives[0] {
			if in.Arrives[0][i] = events[i].Millis; late && i%2 == 1 {
				in.Arrives[0][i] = events[i].Millis + a.Grace.Milliseconds()
			}
			for j := range rows {
				if rows[j].ID == events[i].ID {
					rows[j].Arrives = in.Arrives[0][i]
				}
			}
		}
	}
	in.To = in.To.Add(2 * ir.Reach(b.Rule))
	n := 0
	for _, in.Phase = range phases {
		starts := splunk.Platform.Starts(m.doc, in)
		var err error
		if absence {
			err = absenceDiffers(t, b.Rule, m, rows, in, starts)
		} else {
			err = verify.Ordering(b.Rule, rows, m.art, ticksOf(t, b.Rule, m, in, starts))
		}
		if err != nil {
			t.Fatalf("phase %s: %v\n%s\n%s\n%s", in.Phase, err, ir.Print(b.Rule), objects(events), m.art.Query.Text)
		}
		fs, _ := splunk.Platform.Run(m.doc, in)
		n += len(fs)
	}
	return n
}

func ticksOf(t fataler, r *ir.Rule, m *made, in schedule.Input, starts []time.Time) []verify.Tick {
	t.Helper()
	fs, diags := splunk.Platform.Run(m.doc, in)
	if diags.HasErrors() {
		t.Fatalf("run: %v\n%s", diags, m.art.Query.Text)
	}
	var out []verify.Tick
	told := 0
	for _, at := range starts {
		tick := verify.Tick{At: at}
		for _, f := range fs {
			if f.At.Equal(at) {
				tick.Findings = append(tick.Findings, *read(t, r, m, f))
				told++
			}
		}
		out = append(out, tick)
	}
	if told != len(fs) {
		t.Fatalf("%d of %d findings are told at ticks", told, len(fs))
	}
	return out
}

// absenceDiffers compares the windows that end in (settled−Every, settled] of some tick.
func absenceDiffers(t fataler, r *ir.Rule, m *made, rows []eval.Row, in schedule.Input, starts []time.Time) error {
	t.Helper()
	if len(starts) == 0 {
		return nil
	}
	size := r.Body.(*ir.Absence).Window
	first, last := m.art.Timing.Settled(starts[0]).Add(-m.art.Timing.Every), m.art.Timing.Settled(starts[len(starts)-1])
	want := map[string]string{}
	for _, f := range eval.Findings(r, rows, eval.Range{From: first.Add(-size).UnixMilli() + 1, To: last.Add(-size).UnixMilli() + 1}) {
		want[f.Identity()] = ""
	}
	if got := found(t, r, m, in); fmt.Sprint(got) != fmt.Sprint(want) {
		return fmt.Errorf("want %v\ngot  %v", want, got)
	}
	return nil
}

func objects(events []schema.Event) string {
	var lines []string
	for _, e := range slices.SortedStableFunc(slices.Values(events), func(a, b schema.Event) int { return int(a.Millis - b.Millis) }) {
		text, _ := json.Marshal(e.Object)
		lines = append(lines, string(text))
	}
	return strings.Join(lines, "\n")
}

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
	n := func(label string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, label) }
	field := func(name string) *ir.Field {
		f, _ := schema.Lookup(name)
		return &ir.Field{Name: name, Type: f.Type, Array: f.Array}
	}
	is := func(name, value string) ir.Pred {
		return &ir.Cmp{Op: ir.Eq, L: field(name), R: []schema.Value{schema.String(value)}}
	}
	r := &ir.Rule{
		Name: "r", Version: 1, Where: &ir.Const{Value: true}, From: []ir.ClassOn{{Class: "process.start", Source: "windows"}, {Class: "process.end", Source: "windows"}},
		Keys:  []ir.Key{{Term: field("user.name")}},
		Args:  []ir.Term{field("network.bytes"), field("event.risk_score"), field("source.ip"), field("user.name")},
		Conds: []ir.Pred{is("event.outcome", "failure"), is("event.outcome", "success"), &ir.Not{X: is("event.outcome", "success")}, &ir.Const{Value: true}},
	}
	s := &ir.Sequence{Ordered: n("ordered", 0, 3) > 0, Within: time.Duration(n("within", 3, 20)) * time.Second, Per: []int{0}}
	if n("no keys", 0, 3) == 0 {
		s.Per = []int{}
	}
	step := func(kind ir.StepKind, cond, repeat int) {
		s.Steps = append(s.Steps, ir.Step{Name: string(rune('a' + len(s.Steps))), Kind: kind, Cond: cond, Keys: s.Per, Repeat: repeat})
	}
	most := n("steps", 2, 4)
	for i := range most {
		if i > 0 && n("missing", 0, 7) == 0 {
			step(ir.StepMissing, n("condition", 0, 2), 1)
		}
		cond := n("condition", 0, 3)
		if !s.Ordered {
			cond = i % 2
		}
		step(ir.StepEvent, cond, rapid.SampledFrom([]int{1, 1, 1, 1, 1, 2, 3}).Draw(t, "repeat"))
	}
	if n("waits", 0, 5) == 0 {
		step(ir.StepMissing, n("condition", 0, 2), 1)
	}
	if n("until", 0, 5) == 0 {
		step(ir.StepUntil, n("condition", 0, 2), 1)
	}
	events := s.Events()
	l := n("left", 0, most-2)
	right := l + 1
	if n("far", 0, 2) == 0 {
		right = n("right", l+1, most-1)
	}
	for range n("comparisons", 1, 2) {
		col := rapid.SampledFrom([][2]int{{0, 0}, {2, 2}, {2, 2}, {0, 1}, {3, 3}}).Draw(t, "columns")
		c := ir.Cross{Op: ir.Eq, Negated: n("negated", 0, 1) == 1, L: ir.StepValue{Step: events[l], Arg: col[0]}, R: ir.StepValue{Step: events[right], Arg: col[1]}}
		c.Cased = col[0] == 3 && n("cased", 0, 1) == 1
		s.Cross = append(s.Cross, c)
	}
	if n("all alike", 0, 4) == 0 {
		s.Cross = nil
		for i := range most - 1 {
			s.Cross = append(s.Cross, ir.Cross{Op: ir.Eq, L: ir.StepValue{Step: events[i], Arg: 2}, R: ir.StepValue{Step: events[i+1], Arg: 2}})
		}
	}
	for range n("shown", 0, 3) {
		v := ir.StepValue{Step: rapid.SampledFrom(events).Draw(t, "shown step"), Arg: n("shown column", 0, 3)}
		r.Emit.Shown = append(r.Emit.Shown, ir.Shown{Name: "s", Value: &ir.NumStep{StepValue: v}})
	}
	r.Body = s
	if err := ir.Verify(r); err != nil {
		t.Fatalf("%v", err)
	}
	return r
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

// promised reports whether a stream satisfies what the output assumes of it.
func promised(t fataler, b *ir.Bound, assumptions []string, events []schema.Event) bool {
	if slices.Contains(assumptions, "no-empty") && slices.ContainsFunc(events, func(e schema.Event) bool { return e.Object["user"] == "" }) {
		return false
	}
	if slices.Contains(assumptions, "distinct-times") {
		seen := map[int64]bool{}
		for _, r := range rowsOf(t, b, events) {
			if seen[r.Millis] {
				return false
			}
			seen[r.Millis] = true
		}
	}
	return true
}

func orderingKind(r *ir.Rule) string {
	s, ok := r.Body.(*ir.Sequence)
	if !ok {
		return "absence"
	}
	name := "together"
	if s.Ordered {
		name = "sequence"
	}
	if s.Waits() {
		name += " that waits"
	}
	if len(s.Untils()) > 0 {
		name += ", until"
	}
	if s.Ordered && slices.ContainsFunc(s.Steps, func(st ir.Step) bool { return st.Kind == ir.StepMissing }) && !s.Waits() {
		name += ", missing between"
	}
	if len(s.Cross) > 0 {
		name += ", compared"
	}
	return name
}

// TestOrderingAgainstMeaning draws rules that order and streams, and holds what the saved search tells against what the rule means.
func TestOrderingAgainstMeaning(t *testing.T) {
	refused, kinds, findings := map[string]int{}, map[string]int{}, 0
	rapid.Check(t, func(t *rapid.T) {
		r, factor := orderingRule(t)
		b := boundOrdering(r)
		m, l := build(t, b)
		if m == nil {
			refused[l.Why]++
			return
		}
		events := orderingEvents(t, factor)
		if !promised(t, b, l.Assumptions, events) {
			kinds["assumption broken"]++
			return
		}
		n := compareOrdering(t, b, m, events, true)
		findings += n
		kinds[orderingKind(r)]++
		if n > 0 {
			kinds[orderingKind(r)+" WITH FINDINGS"]++
		}
	})
	t.Logf("findings %d", findings)
	for kind, n := range kinds {
		t.Logf("drawn %d: %s", n, kind)
	}
	for why, n := range refused {
		t.Logf("refused %d: %s", n, why)
	}
}

// TestOrderingDoubts flips what is not known of SPL: what is found must not depend on it.
func TestOrderingDoubts(t *testing.T) {
	depends := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		r, factor := orderingRule(t)
		b := boundOrdering(r)
		m, l := build(t, b)
		if m == nil {
			return
		}
		events := orderingEvents(t, factor)
		if !promised(t, b, l.Assumptions, events) {
			return
		}
		sizeOf[m.art] = r.Body
		defer delete(sizeOf, m.art)
		in := input(m, events)
		in.To = in.To.Add(2 * ir.Reach(r))
		want := fmt.Sprint(found(t, r, m, in))
		for _, doubt := range spl.Backend.Language.Doubts {
			in.Doubts = map[string]bool{doubt.Name: !doubt.Default}
			if got := fmt.Sprint(found(t, r, m, in)); got != want {
				if depends[doubt.Name]++; depends[doubt.Name] == 1 {
					t.Logf("%s\n%s\n%s\n%s", doubt.Name, m.art.Query.Text, want, got)
				}
			}
		}
	})
	for name, n := range depends {
		t.Errorf("what is found depends on %s (%d times)", name, n)
	}
}
