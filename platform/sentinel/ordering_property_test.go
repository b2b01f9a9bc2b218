package sentinel_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends/kusto"
	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
	"github.com/onerule/onerule/verify"
)

// ordering draws a sequence or together rule on the world's fields.
func (d drawer) ordering() *ir.Rule {
	r := &ir.Rule{Name: "drawn", Version: 1, Where: &ir.Const{Value: true}}
	if d.n("where", 0, 4) == 0 {
		r.Where = &ir.Not{X: d.eq(false, "none")}
	}
	fold := d.n("fold", 0, 3) == 0
	for _, name := range []string{"User", "Account", "Tags[]", "SrcIp", "Size", "Ctx.name"} {
		f := d.w.field(name)
		r.Keys = append(r.Keys, ir.Key{Term: f, Fold: fold && f.Type.IsString()})
	}
	for _, name := range []string{"Size", "SrcIp", "User", "Account", "Cost", "Seen", "Ctx.name", "Tags[]"} {
		r.Args = append(r.Args, d.w.field(name))
	}
	r.Args = append(r.Args, &ir.Call{Func: ir.Length, X: d.w.field("User")})
	has := &ir.Quant{Kind: ir.Any, Var: "x", Over: d.w.field("Tags[]"), Body: &ir.Cmp{Op: ir.Eq, L: &ir.Elem{Var: "x", Type: schema.Keyword}, R: []schema.Value{schema.String("x")}}}
	r.Conds = []ir.Pred{d.eq(true, "go"), d.eq(true, "stop"), d.eq(true, "Go", "none"), d.eq(false, "go"), &ir.Exists{F: d.w.field("Size")}, has, &ir.Const{Value: true}}
	r.CondFrom = make([][]ir.ClassOn, len(r.Conds))
	for i := range r.CondFrom {
		if k := d.n("class of a condition", 0, 3); k < d.w.parts && d.w.parts > 1 {
			r.CondFrom[i] = []ir.ClassOn{{Class: kinds[k], Source: "test"}}
		}
	}
	if d.n("delay", 0, 3) == 0 {
		r.Schedule.Delay = d.minutes("minutes of delay", 1, 5, 7)
	}
	if d.n("own every", 0, 2) == 0 {
		r.Schedule.Every = d.minutes("schedule", 6, 10, 20)
	}
	d.sequence(r)
	return r
}

func (d drawer) sequence(r *ir.Rule) {
	if d.n("compared steps", 0, 3) == 0 {
		d.compared(r)
		return
	}
	s := &ir.Sequence{Ordered: d.n("ordered", 0, 2) > 0, Within: d.minutes("within", 1, 2, 5, 9), Per: []int{}}
	for range d.n("keys", 0, 5) / 2 {
		if k := rapid.SampledFrom([]int{0, 0, 1, 2, 3, 4, 5}).Draw(d.t, "key"); !slices.Contains(s.Per, k) {
			s.Per = append(s.Per, k)
		}
	}
	apart := d.n("conditions apart", 0, 2) > 0
	for i := range d.n("steps", 1, 4) {
		st := ir.Step{Name: string(rune('a' + i)), Kind: ir.StepEvent, Cond: d.n("condition", 0, len(r.Conds)-1), Repeat: 1, Keys: []int{}}
		if apart {
			st.Cond = i % 3
		}
		switch d.n("kind", 0, 7) {
		case 0:
			st.Kind = ir.StepUntil
		case 1, 2:
			if len(s.Events()) > 0 || !s.Ordered {
				st.Kind = ir.StepMissing
			}
		case 3, 4:
			st.Repeat = d.n("repeat", 2, 4)
		}
		for _, k := range s.Per {
			if k < 3 && d.n("own key", 0, 5) == 0 {
				k = d.n("key of the step", 0, 2)
			}
			st.Keys = append(st.Keys, k)
		}
		s.Steps = append(s.Steps, st)
	}
	if len(s.Events()) == 0 {
		s.Steps[0].Kind = ir.StepEvent
	}
	events := s.Events()
	for range max(0, d.n("comparisons", -2, 2)) {
		if len(events) > 1 && len(events) < 4 {
			s.Cross = append(s.Cross, d.cross(events))
		}
	}
	for range d.n("shown", 0, 2) {
		v := ir.StepValue{Step: rapid.SampledFrom(events).Draw(d.t, "shown step"), Arg: d.n("shown column", 0, len(r.Args)-1)}
		r.Emit.Shown = append(r.Emit.Shown, ir.Shown{Name: "s", Value: &ir.NumStep{StepValue: v}})
	}
	r.Body = s
}

// compared draws a rule whose first steps are compared with each other, and that chains of the stream often fulfil.
func (d drawer) compared(r *ir.Rule) {
	r.CondFrom = nil
	s := &ir.Sequence{Ordered: d.n("ordered", 0, 2) > 0, Within: d.minutes("within", 2, 5, 9), Per: []int{0}[:d.n("keys", 0, 1)]}
	n := d.n("steps", 2, 3)
	for i := range n {
		st := ir.Step{Name: string(rune('a' + i)), Kind: ir.StepEvent, Cond: i, Repeat: 1, Keys: s.Per}
		if d.n("repeated", 0, 2) == 0 {
			st.Repeat = 2
		}
		s.Steps = append(s.Steps, st)
	}
	if d.yes("void") {
		kind := []ir.StepKind{ir.StepUntil, ir.StepMissing}[d.n("kind", 0, 1)]
		at := d.n("place", 1, n)
		if n == 3 {
			at = 3
		}
		s.Steps = slices.Insert(s.Steps, at, ir.Step{Name: "v", Kind: kind, Cond: 2, Repeat: 1, Keys: s.Per})
	}
	events := s.Events()
	columns := rapid.SampledFrom([][2]int{{0, 0}, {1, 1}, {2, 2}, {2, 3}, {5, 5}}).Draw(d.t, "columns")
	c := ir.Cross{Negated: d.yes("negated"), Op: ir.Eq, L: ir.StepValue{Step: events[0], Arg: columns[0]}, R: ir.StepValue{Step: events[len(events)-1], Arg: columns[1]}}
	s.Cross = append(s.Cross, c)
	if d.yes("shown") {
		r.Emit.Shown = append(r.Emit.Shown, ir.Shown{Name: "s", Value: &ir.NumStep{StepValue: ir.StepValue{Step: events[0], Arg: d.n("shown column", 0, len(r.Args)-1)}}})
	}
	r.Body = s
}

func (d drawer) cross(events []int) ir.Cross {
	p := rapid.Permutation(events).Draw(d.t, "compared")
	c := ir.Cross{Negated: d.yes("negated"), Op: ir.Eq}
	columns := [][2]int{{0, 0}, {0, 4}, {1, 1}, {2, 2}, {2, 3}, {5, 5}, {6, 6}, {8, 8}, {7, 7}}[d.n("columns", 0, 8)]
	c.L, c.R = ir.StepValue{Step: p[0], Arg: columns[0]}, ir.StepValue{Step: p[1], Arg: columns[1]}
	switch columns[0] {
	case 0, 5, 8:
		c.Op = rapid.SampledFrom([]ir.Op{ir.Eq, ir.Lt, ir.Ge}).Draw(d.t, "op")
	case 2, 6:
		c.Cased = d.yes("cased")
	}
	return c
}

// bindSteps is [world.bind], with conditions that are false on events of other kinds.
func (w world) bindSteps(r *ir.Rule) *ir.Bound {
	b := w.bind(r)
	for i := range b.Parts {
		for c, from := range r.CondFrom {
			if from != nil && from[0].Class != kinds[i] {
				b.Parts[i].Conds[c] = &ir.Const{}
			}
		}
	}
	return b
}

// steps draws a stream in which chains are likely: few values, times on a grid of half minutes and beside it, apart or not.
func (d drawer) steps(apart bool) []schema.Event {
	n, span := d.n("events", 1, 24), rapid.SampledFrom([]int{8, 20, 50}).Draw(d.t, "half minutes in all")
	few := d.n("few keys", 0, 2) > 0
	if few {
		n = max(n, 8)
	}
	out := make([]schema.Event, 0, n)
	taken := map[int64]bool{}
	for i := range n {
		ms := int64(start) + int64(d.n("half minutes", 0, span))*30000 + int64(rapid.SampledFrom([]int{0, 0, 0, 1, -1, 250}).Draw(d.t, "ms"))
		for ; apart && taken[ms]; ms += 30000 {
			continue
		}
		taken[ms] = true
		at := time.UnixMilli(ms).UTC().Add(time.Duration(rapid.SampledFrom([]int{0, 0, 0, 400, 999}).Draw(d.t, "µs")) * time.Microsecond)
		o := map[string]any{"TimeGenerated": at.Format(time.RFC3339Nano), "Kind": kinds[d.n("part", 0, d.w.parts-1)]}
		set := func(name string, values ...any) {
			if v := rapid.SampledFrom(values).Draw(d.t, name); v != nil {
				o[name] = v
			}
		}
		if few {
			set("User", "bob", "bob", "bob", "bob", "eve")
			set("Account", "bob", "bob", "eve")
		} else {
			set("User", "bob", "bob", "Bob", "eve", any(""), nil)
			set("Account", "bob", "eve", any(""), nil)
		}
		set("Action", "go", "stop", "Go", "go", "stop", "none", nil)
		set("SrcIp", "10.0.0.1", "10.0.0.1", "10.0.0.2", nil)
		set("Size", json.Number("1"), json.Number("2"), json.Number("3"), nil)
		set("Cost", json.Number("1.5"), json.Number("2"), nil)
		set("Seen", "2026-03-02T08:00:00.001Z", "2026-03-02T08:00:00.0014Z", "2026-03-02T08:00:01Z", nil)
		set("Ctx", map[string]any{"name": "n1"}, map[string]any{"name": "N1"}, map[string]any{}, nil)
		set("Tags", []any{"x"}, []any{"x", "y"}, []any{"bob", "x"}, []any{"X", "x", "x"}, []any{}, nil)
		out = append(out, schema.Event{ID: fmt.Sprintf("e%02d", i), Object: o, Millis: ms})
	}
	return out
}

// fits reports whether a stream satisfies what the output assumes, as far as steps read it.
func (m *made) fits(t platformtest.T, events []schema.Event) bool {
	if slices.Contains(m.Level.Assumptions, "no-empty") && slices.ContainsFunc(events, func(e schema.Event) bool { return e.Object["User"] == "" || e.Object["Account"] == "" }) {
		return false
	}
	return m.holds(t, events)
}

// TestOrderingAgainstMeaning draws sequence and together rules and streams, and holds what the scheduled rule tells at each of its
// runs against what the rule means.
func TestOrderingAgainstMeaning(t *testing.T) {
	platformtest.Property(t, func(t *rapid.T, c *platformtest.Tally) {
		d := newDrawer(t)
		r := d.ordering()
		if err := ir.Verify(r); err != nil {
			t.Fatalf("the drawn rule is none: %v", err)
		}
		m, l := build(t, d.w.bindSteps(r))
		if m == nil {
			c.Refused(l.Why)
			return
		}
		events := d.steps(m.timesApart())
		if !m.fits(t, events) {
			c.Broken()
			return
		}
		c.Drawn(platformtest.KindOf(r), m.compareOrdering(t, events))
	})
}

// TestOrderingDoubts flips each thing that is not known of Kusto: what is told must not depend on it.
func TestOrderingDoubts(t *testing.T) {
	platformtest.Doubts(t, kusto.Backend.Language.Doubts, func(t *rapid.T) (*platformtest.Made, func(map[string]bool) string) {
		d := newDrawer(t)
		m, _ := build(t, d.w.bindSteps(d.ordering()))
		if m == nil {
			return nil, nil
		}
		events := d.steps(m.timesApart())
		if !m.fits(t, events) {
			return nil, nil
		}
		in := m.input(events)
		in.To = in.To.Add(2 * ir.Reach(m.Bound.Rule))
		return m.Made, func(switches map[string]bool) string {
			in.Doubts = switches
			return m.told(m.ticks(t, in, false))
		}
	})
}

// told is what a run told, as text.
func (m *made) told(ticks []verify.Tick) string {
	var out []string
	for _, tick := range ticks {
		for _, f := range tick.Findings {
			out = append(out, tick.At.Format(time.RFC3339)+" "+f.Identity()+" "+m.Shown(&f))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// TestMicrosoftTakesOurSequences draws ordering and expect rules and has their queries judged.
func TestMicrosoftTakesOurSequences(t *testing.T) {
	microsoftTakes(t, func(d drawer) *ir.Bound {
		r := d.ordering()
		if d.n("absence", 0, 4) == 0 {
			r = d.absence()
		}
		return d.w.bindSteps(r)
	})
}

// absence draws an expect rule.
func (d drawer) absence() *ir.Rule {
	r := &ir.Rule{Name: "drawn", Version: 1, Where: &ir.Const{Value: true}}
	if d.yes("where") {
		r.Where = d.eq(d.yes("cased"), "go", "stop")
	}
	name := rapid.SampledFrom([]string{"User", "User", "Tags[]", "SrcIp", "Size", "Seen"}).Draw(d.t, "key")
	f := d.w.field(name)
	r.Keys = []ir.Key{{Term: f, Fold: f.Type.IsString() && d.n("fold", 0, 2) == 0}}
	texts := map[string][]string{
		"User": {"bob", "Bob", "eve", "it's"}, "Tags[]": {"x", "y", "bob"}, "SrcIp": {"10.0.0.1", "10.0.0.9"}, "Size": {"1", "2", "9"},
		"Seen": {"2026-03-02T08:00:00.001Z", "2026-03-02T08:00:02Z"},
	}[name]
	var values []schema.Value
	for _, text := range texts[:d.n("expected", 1, len(texts))] {
		v, ok := schema.FromText(f.Type, text)
		if !ok {
			d.t.Fatalf("no value %s", text)
		}
		values = append(values, v)
	}
	r.Body = &ir.Absence{Window: d.minutes("window", 1, 2, 5, 7, 10), Min: d.n("least", 1, 3), Expected: ir.ExpectedOf(r.Keys[0], values), Grace: d.minutes("grace", 0, 1, 5, 8)}
	if d.n("own every", 0, 2) == 0 {
		r.Schedule.Every = d.minutes("schedule", 5, 6, 10, 20)
	}
	if d.n("delay", 0, 3) == 0 {
		r.Schedule.Delay = d.minutes("minutes of delay", 1, 5, 9)
	}
	return r
}

// TestAbsenceAgainstMeaning draws expect rules and streams whose events arrive late, and holds what the scheduled rule finds in the
// windows that its runs judge against what the rule means.
func TestAbsenceAgainstMeaning(t *testing.T) {
	platformtest.Property(t, func(t *rapid.T, c *platformtest.Tally) {
		d := newDrawer(t)
		r := d.absence()
		if err := ir.Verify(r); err != nil {
			t.Fatalf("the drawn rule is none: %v", err)
		}
		m, l := build(t, d.w.bind(r))
		if m == nil {
			t.Fatalf("refused: %s", l.Why)
		}
		events := d.steps(m.timesApart())
		if !m.fits(t, events) {
			c.Broken()
			return
		}
		in := m.input(events)
		arrives := map[string]int64{}
		for i := range in.Arrives {
			for n, row := range in.Tables[i].Rows {
				e := events[slices.IndexFunc(events, func(e schema.Event) bool { return fmt.Sprintf("%p", e.Object) == fmt.Sprintf("%p", row) })]
				in.Arrives[i][n] = e.Millis + d.minutes("late", 0, 0, 1, 5, 6, 13).Milliseconds() + int64(rapid.SampledFrom([]int{0, 1, -1}).Draw(t, "beside"))
				arrives[e.ID] = in.Arrives[i][n]
			}
		}
		c.Drawn(platformtest.KindOf(r), m.compareAbsence(t, events, in, arrives))
	})
}
