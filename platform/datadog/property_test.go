package datadog_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/datadog/search"
	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/platform/datadog/api"
	"github.com/onerule/onerule/platform/datadog/run"
	"github.com/onerule/onerule/schema"
)

// fields of the native events that rules are drawn over.
var fields = map[string]schema.NativeField{
	"user":   {Path: "attributes.usr.id", Type: schema.Keyword},
	"ip":     {Path: "attributes.network.client.ip", Type: schema.IP},
	"host":   {Path: "host", Type: schema.Keyword},
	"roles":  {Path: "attributes.roles[]", Type: schema.Keyword, Array: true},
	"action": {Path: "attributes.evt.name", Type: schema.Keyword},
	"size":   {Path: "attributes.size", Type: schema.Long, Vendor: "measure"},
	"time":   {Path: "timestamp", Type: schema.Date},
}

func fieldOf(name string) *ir.Field { return pass.NativeField(fields[name], pass.NoSpan) }

// boundOf puts a rule on its own fields.
func boundOf(r *ir.Rule) *ir.Bound {
	class := &schema.BoundClass{Class: "test", Select: []schema.Condition{{Native: schema.NativeField{Path: "source", Type: schema.Keyword}, Values: []string{"test"}}}}
	b := &schema.Binding{Name: "test", Platform: "datadog", Source: "test", Time: fields["time"]}
	return &ir.Bound{Rule: r, Platform: "datadog", Parts: []ir.Part{platformtest.Part(r, b, class, platformtest.Renamed("", nil))}}
}

type drawer struct{ t *rapid.T }

// n draws evenly, which IntRange does not.
func (d drawer) n(label string, low, high int) int {
	all := make([]int, 0, high-low+1)
	for i := low; i <= high; i++ {
		all = append(all, i)
	}
	return rapid.SampledFrom(all).Draw(d.t, label)
}
func (d drawer) yes(label string) bool { return rapid.Bool().Draw(d.t, label) }

func (d drawer) length(label string, from ...time.Duration) time.Duration {
	return rapid.SampledFrom(from).Draw(d.t, label)
}

func eqText(name string, texts ...string) *ir.Cmp {
	c := &ir.Cmp{Op: ir.Eq, Cased: true, L: fieldOf(name)}
	for _, s := range texts {
		c.R = append(c.R, schema.String(s))
	}
	return c
}

func (d drawer) rule() *ir.Rule {
	r := &ir.Rule{Name: "drawn", Version: 1, Where: &ir.Const{Value: true}}
	if d.yes("where") {
		r.Where = eqText("action", "go", "stop")
	}
	names := []string{"user", "ip", "host"}
	if d.n("array key", 0, 9) == 0 {
		names = append(names, "roles")
	}
	for range d.n("keys", 0, 2) {
		i := d.n("key", 0, len(names)-1)
		r.Keys = append(r.Keys, ir.Key{Term: fieldOf(names[i])})
		names = slices.Delete(names, i, i+1)
	}
	r.Args = []ir.Term{fieldOf("user"), fieldOf("ip"), fieldOf("host"), fieldOf("size")}
	r.Conds = []ir.Pred{eqText("action", "go"), &ir.Not{X: eqText("action", "go")}, eqText("user", "a", "B"), &ir.Exists{F: fieldOf("size")}}
	switch d.n("kind", 0, 11) {
	case 0, 1:
		d.firstSeen(r)
	case 2:
		d.baseline(r)
	case 3, 4, 5, 6:
		d.steps(r)
	default:
		d.count(r)
	}
	if d.n("once", 0, 3) == 0 {
		r.Emit.Once = d.length("once per", 5*time.Minute, time.Hour, 48*time.Hour)
	}
	return r
}

func (d drawer) firstSeen(r *ir.Rule) {
	for len(r.Keys) < 2 {
		r.Keys = append(r.Keys, ir.Key{Term: fieldOf([]string{"user", "host"}[len(r.Keys)])})
	}
	b := &ir.FirstSeen{
		Value: 1, Per: []int{0}[:d.n("keys of the group", 0, 1)], Every: d.length("every", time.Hour, 6*time.Hour, 24*time.Hour),
		History: d.length("history", 12*time.Hour, 24*time.Hour, 36*time.Hour, 72*time.Hour),
	}
	if d.yes("warm-up") {
		b.Warmup = d.length("warm-up", 6*time.Hour, 24*time.Hour, 30*time.Hour)
	}
	r.Body = b
}

var windows = []time.Duration{30 * time.Second, time.Minute, 90 * time.Second, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 7 * time.Hour}

func (d drawer) baseline(r *ir.Rule) {
	b := &ir.Baseline{Bucket: d.length("bucket", windows...), Per: platformtest.AllKeys(r), Population: d.yes("population"), Measure: d.agg(0)}
	b.Learn = b.Bucket * time.Duration(d.n("learn", 1, 5))
	r.Body = b
	b.When = &ir.CondAnd{Xs: []ir.Cond{d.cond(r, 1), &ir.CondCmp{Op: ir.Gt, L: &ir.NumAgg{}, R: &ir.NumBase{What: ir.BaseMean}}}}
}

func (d drawer) count(r *ir.Rule) {
	c := &ir.Count{Per: platformtest.AllKeys(r)}
	c.Window.Size = d.length("size", windows...)
	switch c.Window.Kind = ir.WindowKind(d.n("window", 1, 9)); c.Window.Kind {
	case ir.Tumbling, ir.Sliding:
	case ir.Hopping:
		c.Window.Every = d.length("hop", 30*time.Second, time.Minute, 2*time.Minute)
	case ir.Session:
		c.Window.Size, c.Window.Max = time.Minute, d.length("max", 2*time.Minute, 5*time.Minute)
	default:
		c.Window.Kind = ir.Sliding
		if d.n("allowed", 0, 4) > 0 {
			c.Window.Size = d.length("size", time.Minute, time.Minute, 5*time.Minute)
		}
	}
	c.Scopes = []ir.Scope{{Name: "per", Keys: c.Per, Aggs: []ir.Agg{d.agg(0), d.agg(1)}}}
	if d.n("second scope", 0, 5) == 0 && c.Window.Kind != ir.Session {
		c.Scopes = append(c.Scopes, ir.Scope{Name: "all", Aggs: []ir.Agg{d.agg(0)}})
	}
	r.Body = c
	c.When = d.cond(r, 2)
}

// steps draws a sequence or together rule. Half of them have two steps within a length that the platform has.
func (d drawer) steps(r *ir.Rule) {
	per := platformtest.AllKeys(r)
	s := &ir.Sequence{Ordered: d.yes("ordered"), Within: d.length("within", time.Minute, 5*time.Minute), Per: per}
	r.Keys = append(r.Keys, ir.Key{Term: fieldOf("host")}, ir.Key{Term: fieldOf("user")})
	n, plain := 2, d.yes("plain")
	if !plain {
		s.Within = d.length("any length", 30*time.Second, time.Minute, 2*time.Minute, 5*time.Minute, 5*time.Hour, 9*time.Hour)
		n = d.n("steps", 1, 4)
	}
	for i := range n {
		st := ir.Step{Name: string(rune('a' + i)), Kind: ir.StepEvent, Cond: (i + d.n("condition", 0, 3)) % len(r.Conds), Repeat: 1, Keys: slices.Clone(per)}
		for k := range st.Keys {
			if ir.TermType(r.Keys[st.Keys[k]].Term) == schema.Keyword && d.n("own key", 0, 4) == 0 {
				st.Keys[k] = len(r.Keys) - 1 - d.n("which", 0, 1)
			}
		}
		if !plain && d.n("repeated", 0, 2) == 0 {
			st.Repeat = d.n("repeat", 2, 3)
		}
		switch k := d.n("step", 0, 19); {
		case plain || i == 0:
		case k == 0:
			st.Kind, st.Repeat = ir.StepMissing, 1
		case k < 4:
			st.Kind, st.Repeat = ir.StepUntil, 1
		}
		s.Steps = append(s.Steps, st)
	}
	if events := s.Events(); len(events) > 1 && !plain && d.n("compared", 0, 3) == 0 {
		s.Cross = []ir.Cross{{Negated: d.yes("negated"), Op: ir.Eq, L: ir.StepValue{Step: events[0], Arg: 1}, R: ir.StepValue{Step: events[len(events)-1], Arg: 1}}}
	}
	r.Body = s
}

func (d drawer) agg(i int) ir.Agg {
	a := ir.Agg{Name: "n" + strconv.Itoa(i), Func: ir.AggCount, Arg: -1, Where: -1}
	switch d.n("function", 0, 8) {
	case 0, 1, 2:
		a.Func, a.Arg = ir.AggDistinct, d.n("argument", 0, 2)
	case 3:
		a.Func, a.Arg = ir.AggSum, 3
	case 4:
		a.Func, a.Arg = ir.AggMax, 3
	case 5:
		if d.n("other", 0, 3) == 0 {
			a.Func, a.Arg = ir.AggAvg, 3
		}
	}
	if d.yes("conditional") {
		a.Where = d.n("condition", 0, 3)
	}
	return a
}

func (d drawer) cond(r *ir.Rule, depth int) ir.Cond {
	switch k := d.n("condition", 0, 9); {
	case depth > 0 && k < 2:
		return &ir.CondAnd{Xs: []ir.Cond{d.cond(r, depth-1), d.cond(r, depth-1)}}
	case depth > 0 && k < 4:
		return &ir.CondOr{Xs: []ir.Cond{d.cond(r, depth-1), d.cond(r, depth-1)}}
	case depth > 0 && k == 4:
		return &ir.CondNot{X: d.cond(r, depth-1)}
	}
	scopes := r.Scopes()
	s := d.n("scope", 0, len(scopes)-1)
	var agg, lit ir.Num = &ir.NumAgg{Scope: s, Agg: d.n("aggregate", 0, len(scopes[s].Aggs)-1)}, &ir.NumLit{Value: float64(d.n("threshold", 0, 8)) / 2}
	if d.n("calculated", 0, 9) == 0 {
		lit = &ir.NumArith{Op: '*', X: lit, Y: &ir.NumLit{Value: 2}}
	}
	op := []ir.Op{ir.Ge, ir.Ge, ir.Ge, ir.Ge, ir.Gt, ir.Gt, ir.Gt, ir.Lt, ir.Eq}[d.n("comparison", 0, 8)]
	if d.n("turned", 0, 5) == 0 {
		return &ir.CondCmp{Op: ir.Le, L: lit, R: agg}
	}
	return &ir.CondCmp{Op: op, L: agg, R: lit}
}

// events draws events on a coarse grid of times, some of them a millisecond off it.
func (d drawer) events(r *ir.Rule) []schema.Event {
	step, span := int64(15_000), 60
	if _, ok := r.Body.(*ir.FirstSeen); ok {
		step, span = 6*3_600_000, 30
	}
	if rapid.IntRange(0, 2).Draw(d.t, "grid") == 0 {
		step *= 4
	}
	text := func(label string, from ...string) any {
		switch d.n(label, 0, 15) {
		case 0:
			return nil
		case 1:
			return ""
		}
		return rapid.SampledFrom(from).Draw(d.t, label)
	}
	var out []schema.Event
	for i := range d.n("events", 4, 40) {
		at := int64(schema.DefaultMillis)/86_400_000*86_400_000 + int64(d.n("time", 0, span))*step + int64(d.n("off", -1, 8)%2)
		attributes := map[string]any{
			"usr":     map[string]any{"id": text("user", "a", "a", "A", "B")},
			"network": map[string]any{"client": map[string]any{"ip": text("ip", "10.0.0.1", "10.0.0.1", "10.0.0.1", "2001:db8::1", "2001:db8::1", "::ffff:10.0.0.1")}},
			"evt":     map[string]any{"name": text("action", "go", "go", "stop", "GO", "x")},
			"roles":   []any{"r1", "r2"},
		}
		switch n := d.n("size", -1, 5); {
		case n >= 4:
		case n == 3:
			attributes["size"] = json.Number("2")
		default:
			attributes["size"] = json.Number(strconv.Itoa(n))
		}
		if d.n("two users", 0, 19) == 0 {
			attributes["usr"] = map[string]any{"id": []any{"a", "b"}}
		}
		e := schema.Event{ID: fmt.Sprintf("%03d", i), Millis: at, Object: map[string]any{
			"source": "test", "timestamp": time.UnixMilli(at).UTC().Format("2006-01-02T15:04:05.000Z07:00"), "host": text("host", "h1", "h2"), "attributes": attributes,
		}}
		out = append(out, e)
	}
	return out
}

// offTheEdge leaves out events that lie a span apart from an earlier one, where the steps of a rule are asked for in one window: the
// assumption window-edge speaks of two events, so [made.holds] does not see it.
func offTheEdge(r *ir.Rule, events []schema.Event) []schema.Event {
	s, ok := r.Body.(*ir.Sequence)
	if !ok || s.Ordered && len(s.Events()) > 1 {
		return events
	}
	var out []schema.Event
	for _, e := range events {
		if !slices.ContainsFunc(out, func(o schema.Event) bool { return max(e.Millis-o.Millis, o.Millis-e.Millis) == s.Within.Milliseconds() }) {
			out = append(out, e)
		}
	}
	return out
}

// TestFindings draws rules and streams, and holds what the documents find against the meaning.
func TestFindings(t *testing.T) {
	platformtest.Property(t, func(t *rapid.T, c *platformtest.Tally) {
		d := drawer{t}
		r := d.rule()
		b := boundOf(r)
		m, level := build(t, b)
		if m == nil {
			if level.Why == "" {
				t.Fatalf("refused without a reason\n%s", ir.Print(r))
			}
			c.Refused(level.Why)
			return
		}
		events := offTheEdge(r, slices.DeleteFunc(d.events(r), func(e schema.Event) bool { return !m.holds(e) }))
		in := input("", search.Backend.Types(b.Parts[0]), events, time.Duration(d.n("late", 0, 300))*time.Second)
		findings, matches := m.compare(t, in, events)
		kind := platformtest.KindOf(r) + ", " + m.Fidelity.Kind.String()
		if matches > findings && m.Fidelity.Kind != backends.Widen {
			kind += ", signals with further matches"
		}
		c.Drawn(kind, findings)
	})
}

// TestBeginsAnew: also on a platform that begins a sequence anew when one is complete, every finding lies in a signal that is open.
func TestBeginsAnew(t *testing.T) {
	covered := 0
	rapid.Check(t, func(t *rapid.T) {
		d := drawer{t}
		r := &ir.Rule{Name: "drawn", Version: 1, Where: &ir.Const{Value: true}, Keys: []ir.Key{{Term: fieldOf("user")}}}
		r.Args = []ir.Term{fieldOf("user"), fieldOf("ip")}
		r.Conds = []ir.Pred{eqText("action", "go"), &ir.Not{X: eqText("action", "go")}, eqText("user", "a", "B"), &ir.Exists{F: fieldOf("size")}}
		d.steps(r)
		b := boundOf(r)
		m, _ := build(t, b)
		if m == nil {
			return
		}
		events := offTheEdge(r, slices.DeleteFunc(d.events(r), func(e schema.Event) bool { return !m.holds(e) }))
		in := input("", search.Backend.Types(b.Parts[0]), events, 0)
		in.Doubts = map[string]bool{run.DoubtSequenceReset.Name: true}
		matches, keepAlive := m.run(t, in), m.Doc.(*api.DetectionRule).Options.KeepAlive*1000
		for _, w := range expected(t, b, events) {
			if !slices.ContainsFunc(matches, func(x match) bool {
				return sameKey(x.finding, w) && x.finding.Time <= w.Time && w.Time <= x.finding.Time+keepAlive
			}) {
				t.Fatalf("no signal is open at %s\n%s\n%v", w.Identity(), ir.Print(r), matches)
			}
			covered++
		}
	})
	t.Log(covered, "findings")
}
