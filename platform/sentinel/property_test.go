package sentinel_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends/kusto"
	"github.com/onerule/onerule/backends/kusto/judge"
	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// drawer draws rules and streams.
type drawer struct {
	t *rapid.T
	w world
}

func newDrawer(t *rapid.T) drawer {
	d := drawer{t: t, w: world{parts: 1, tables: []string{"Events", "Events"}}}
	switch d.n("telemetry", 0, 4) {
	case 0:
		d.w.parts = 2
	case 1:
		d.w.parts, d.w.tables = 2, []string{"Events", "OtherEvents"}
	}
	d.w.emptyMissing = d.n("empty is missing", 0, 3) > 0
	return d
}

func (d drawer) n(label string, low, high int) int { return rapid.IntRange(low, high).Draw(d.t, label) }
func (d drawer) yes(label string) bool             { return rapid.Bool().Draw(d.t, label) }
func (d drawer) minutes(label string, ms ...int) time.Duration {
	return time.Duration(rapid.SampledFrom(ms).Draw(d.t, label)) * time.Minute
}

func (d drawer) eq(cased bool, texts ...string) *ir.Cmp {
	c := &ir.Cmp{Op: ir.Eq, Cased: cased, L: d.w.field("Action")}
	for _, s := range texts {
		c.R = append(c.R, schema.String(s))
	}
	return c
}

func (d drawer) rule() *ir.Rule {
	r := &ir.Rule{Name: "drawn", Version: 1, Where: &ir.Const{Value: true}, Params: platformtest.Limit()}
	if d.yes("where") {
		r.Where = d.eq(d.yes("cased"), "go", "stop")
	}
	names := []string{"User", "User", "SrcIp", "Tags[]", "Size", "Ctx.name", "Targets[].name"}
	for range d.n("keys", 0, 2) {
		name := rapid.SampledFrom(names).Draw(d.t, "key")
		if slices.ContainsFunc(r.Keys, func(k ir.Key) bool { return k.Term.(*ir.Field).Name == name }) {
			continue
		}
		f := d.w.field(name)
		r.Keys = append(r.Keys, ir.Key{Term: f, Fold: f.Type.IsString() && d.n("fold", 0, 3) == 0})
	}
	for _, name := range []string{"User", "Size", "Tags[]", "SrcIp", "Seen", "Cost", "Targets[].name"} {
		r.Args = append(r.Args, d.w.field(name))
	}
	r.Args = append(r.Args, &ir.Call{Func: ir.Length, X: d.w.field("User")})
	has := &ir.Quant{Kind: ir.Any, Var: "x", Over: d.w.field("Tags[]"), Body: &ir.Cmp{Op: ir.Eq, L: &ir.Elem{Var: "x", Type: schema.Keyword}, R: []schema.Value{schema.String("x")}}}
	r.Conds = []ir.Pred{
		d.eq(true, "go"), d.eq(false, "STOP"), &ir.Not{X: d.eq(true, "go")}, &ir.Exists{F: d.w.field("Size")},
		&ir.Cmp{Op: ir.Ge, L: d.w.field("Size"), R: []schema.Value{schema.Int(2)}}, has,
	}
	if d.n("delay", 0, 2) == 0 {
		r.Schedule.Delay = d.minutes("minutes of delay", 1, 4, 5, 7, 12)
	}
	if d.n("own every", 0, 3) == 0 {
		r.Schedule.Every = d.minutes("schedule", 5, 6, 10, 20)
	}
	switch d.n("kind", 0, 6) {
	case 0:
		d.firstSeen(r)
	case 1:
		d.baseline(r)
	default:
		d.count(r)
	}
	return r
}

func (d drawer) firstSeen(r *ir.Rule) {
	b := &ir.FirstSeen{Value: len(r.Keys), Per: platformtest.AllKeys(r), Every: d.minutes("every", 2, 3, 5, 10), History: d.minutes("history", 10, 15, 30)}
	r.Keys = append(r.Keys, ir.Key{Term: d.w.field("Account")})
	if d.n("array value", 0, 3) == 0 {
		r.Keys[b.Value].Term = d.w.field("Tags[]")
	}
	if d.yes("warmup") {
		b.Warmup = d.minutes("warm-up", 4, 6, 10, 2)
		b.Warmup = min(b.Warmup, b.History-time.Minute)
	}
	for i := range b.Per {
		if r.Keys[i].Term.(*ir.Field).Name == r.Keys[b.Value].Term.(*ir.Field).Name {
			r.Keys[i].Term = d.w.field("SrcIp")
			r.Keys[i].Fold = false
		}
	}
	r.Body = b
}

func (d drawer) baseline(r *ir.Rule) {
	b := &ir.Baseline{Bucket: d.minutes("bucket", 2, 3, 5, 7, 10), Per: platformtest.AllKeys(r), Population: d.yes("population"), Own: d.n("own", 0, 3)}
	b.Learn = b.Bucket * time.Duration(d.n("learn", 1, 5))
	b.Measure = d.agg("n", []ir.AggFunc{ir.AggCount, ir.AggCount, ir.AggDistinct, ir.AggSum, ir.AggMax, ir.AggMedian})
	r.Body = b
	if b.Measure.Arg == 4 { // squares of times are no numbers to compare
		b.Measure.Arg = 1
	}
	b.When = d.cond(r, 1)
	r.Emit.Shown = []ir.Shown{{Name: "n", Value: &ir.NumAgg{}}, {Name: "mean", Value: &ir.NumBase{What: ir.BaseMean}}, {Name: "sd", Value: &ir.NumBase{What: ir.BaseStddev}}, {Name: "scope", Value: &ir.NumBase{What: ir.BaseScope}}}
}

func (d drawer) count(r *ir.Rule) {
	c := &ir.Count{Per: platformtest.AllKeys(r)}
	switch c.Window.Kind = ir.WindowKind(d.n("window", 1, 4)); c.Window.Kind {
	case ir.Tumbling:
		c.Window.Size = d.minutes("size", 1, 2, 5, 7, 10)
	case ir.Hopping:
		c.Window.Size, c.Window.Every = d.minutes("size", 2, 5, 7), d.minutes("hop", 1, 2, 3, 5)
	case ir.Sliding:
		c.Window.Size = d.minutes("size", 1, 2, 5)
	case ir.Session:
		c.Window.Size, c.Window.Max = d.minutes("gap", 1, 2), d.minutes("max", 3, 4, 6)
	}
	c.Scopes = []ir.Scope{{Name: "per", Keys: c.Per, Aggs: d.aggs(r)}}
	if c.Window.Kind != ir.Session && d.yes("second scope") {
		keys := slices.Clone(c.Per)
		if len(keys) > 0 {
			keys = keys[:d.n("keys of the scope", 0, len(keys)-1)]
		}
		if len(c.Per) == 2 && d.yes("other key") {
			keys = []int{c.Per[1]}
		}
		c.Scopes = append(c.Scopes, ir.Scope{Name: "wide", Keys: keys, Aggs: d.aggs(r)})
		if d.n("only wide", 0, 5) == 0 {
			c.Scopes = c.Scopes[1:]
		}
	}
	r.Body = c
	c.When = d.cond(r, 2)
	for s, scope := range c.Scopes {
		for i, a := range scope.Aggs {
			r.Emit.Shown = append(r.Emit.Shown, ir.Shown{Name: scope.Name + "." + a.Name, Value: &ir.NumAgg{Scope: s, Agg: i}})
		}
	}
}

var allFuncs = []ir.AggFunc{ir.AggCount, ir.AggCount, ir.AggCount, ir.AggDistinct, ir.AggDistinct, ir.AggSum, ir.AggAvg, ir.AggMin, ir.AggMax, ir.AggStddev, ir.AggMedian, ir.AggPercentile, ir.AggValues, ir.AggFirst, ir.AggLast}

func (d drawer) aggs(r *ir.Rule) []ir.Agg {
	var out []ir.Agg
	for i := range d.n("aggregates", 1, 3) {
		out = append(out, d.agg(fmt.Sprintf("n%d", i), allFuncs))
	}
	return out
}

func (d drawer) agg(name string, funcs []ir.AggFunc) ir.Agg {
	a := ir.Agg{Name: name, Func: rapid.SampledFrom(funcs).Draw(d.t, "function"), Arg: -1, Where: -1}
	arg := func(from ...int) { a.Arg = rapid.SampledFrom(from).Draw(d.t, "argument") }
	switch a.Func {
	case ir.AggCount:
	case ir.AggDistinct:
		arg(0, 0, 1, 2, 3, 4, 6)
	case ir.AggSum, ir.AggAvg, ir.AggMedian:
		arg(1, 5, 7)
	case ir.AggStddev:
		arg(1)
	case ir.AggPercentile:
		arg(1, 5)
		a.Percent = rapid.SampledFrom([]float64{0, 25, 50, 95, 100, 33.3}).Draw(d.t, "percent")
	case ir.AggMin, ir.AggMax:
		arg(1, 4, 5)
	case ir.AggValues:
		arg(0, 2, 3, 1, 6)
	case ir.AggFirst, ir.AggLast:
		arg(0, 1, 3)
	}
	if !d.w.emptyMissing && (a.Func == ir.AggValues || a.Func == ir.AggFirst || a.Func == ir.AggLast) {
		a.Arg = 3 // no empty text
	}
	if d.yes("conditional") {
		a.Where = d.n("condition", 0, 5)
	}
	return a
}

// cond draws a condition. Deviations are calculated in another order, and differ in their last digits.
func (d drawer) cond(r *ir.Rule, depth int) ir.Cond {
	return platformtest.Draw{T: d.t, Literals: []float64{0, 1, 2, 3, 4}, Reads: func(a ir.Agg) bool { return a.Func != ir.AggStddev }}.Cond(r, depth)
}

// start is 07:40, so that streams pass a full hour.
const start = 1772437200000

func (d drawer) events() []schema.Event {
	n, span := d.n("events", 1, 20), rapid.SampledFrom([]int{20, 60, 60}).Draw(d.t, "half minutes in all")
	out := make([]schema.Event, 0, n)
	for i := range n {
		ms := int64(start) + int64(d.n("half minutes", 0, span))*30000 + int64(rapid.SampledFrom([]int{0, 0, 0, 1, -1, 250}).Draw(d.t, "ms"))
		at := time.UnixMilli(ms).UTC().Add(time.Duration(rapid.SampledFrom([]int{0, 0, 0, 400, 999}).Draw(d.t, "µs")) * time.Microsecond)
		o := map[string]any{"TimeGenerated": at.Format(time.RFC3339Nano), "Kind": kinds[d.n("part", 0, d.w.parts-1)]}
		set := func(name string, values ...any) {
			if v := rapid.SampledFrom(values).Draw(d.t, name); v != nil {
				o[name] = v
			}
		}
		empty := any("")
		set("User", "bob", "bob", "Bob", "eve", empty, nil)
		set("Account", "bob", "eve", empty, nil)
		set("Action", "go", "stop", "Go", nil)
		set("SrcIp", "10.0.0.1", "10.0.0.1", "10.0.0.2", nil)
		set("Size", json.Number("1"), json.Number("2"), json.Number("3"), nil)
		set("Cost", json.Number("1.5"), json.Number("0.25"), nil)
		set("Seen", "2026-03-02T08:00:00.001Z", "2026-03-02T08:00:00.0014Z", "2026-03-02T08:00:01Z", nil)
		set("Ctx", map[string]any{"name": "n1"}, map[string]any{"name": "N1"}, map[string]any{}, nil)
		set("Tags", []any{"x"}, []any{"x", "y"}, []any{"X", "x", "x"}, []any{}, nil)
		target := func(s string) any { return map[string]any{"name": s} }
		set("Targets", []any{target("t"), target("t"), map[string]any{"id": "1"}}, []any{target("T"), target("u")}, []any{}, nil)
		out = append(out, schema.Event{ID: fmt.Sprintf("e%02d", i), Object: o, Millis: ms})
	}
	return out
}

// timesApart reports whether the output assumes that events have times of their own.
func (m *made) timesApart() bool {
	return slices.ContainsFunc(m.Level.Assumptions, func(name string) bool { return name == "distinct-times" || name == "step-times" })
}

// holds reports whether a stream satisfies what the output assumes of it.
func (m *made) holds(t platformtest.T, events []schema.Event) bool {
	if slices.Contains(m.Level.Assumptions, "no-empty") && slices.ContainsFunc(events, func(e schema.Event) bool { return e.Object["User"] == "" }) {
		return false
	}
	rows := platformtest.Rows(t, m.Bound, events)
	if m.timesApart() && !platformtest.Apart(rows) {
		return false
	}
	return !slices.Contains(m.Level.Assumptions, "session-start") || !platformtest.LongRuns(rows, m.Bound.Rule)
}

// TestAgainstMeaning draws rules and streams, and holds what the scheduled rule finds against what the rule means.
func TestAgainstMeaning(t *testing.T) {
	platformtest.Property(t, func(t *rapid.T, c *platformtest.Tally) {
		d := newDrawer(t)
		r := d.rule()
		if err := ir.Verify(r); err != nil {
			t.Fatalf("the drawn rule is none: %v", err)
		}
		m, l := build(t, d.w.bind(r))
		if m == nil {
			c.Refused(l.Why)
			return
		}
		events := d.events()
		if !m.holds(t, events) {
			c.Broken()
			return
		}
		c.Drawn(platformtest.KindOf(r), m.compare(t, events))
	})
}

// TestDoubts flips each thing that is not known of Kusto: what is found must not depend on it.
func TestDoubts(t *testing.T) {
	platformtest.Doubts(t, kusto.Backend.Language.Doubts, func(t *rapid.T) (*platformtest.Made, func(map[string]bool) string) {
		d := newDrawer(t)
		m, _ := build(t, d.w.bind(d.rule()))
		if m == nil {
			return nil, nil
		}
		events := d.events()
		if !m.holds(t, events) {
			return nil, nil
		}
		in := m.input(events)
		return m.Made, func(switches map[string]bool) string {
			in.Doubts = switches
			return fmt.Sprint(m.Found(t, in))
		}
	})
}

// TestMicrosoftTakesOurQueries draws rules and has their queries judged.
func TestMicrosoftTakesOurQueries(t *testing.T) {
	microsoftTakes(t, func(d drawer) *ir.Bound { return d.w.bind(d.rule()) })
}

// microsoftTakes has the queries of drawn rules judged by Microsoft's parser and binder: names, types, and the columns that the
// artefact says results have.
func microsoftTakes(t *testing.T, draw func(d drawer) *ir.Bound) {
	tables := judge.Schema{}
	var queries []judge.Query
	art := map[string]*made{}
	rapid.Check(t, func(t *rapid.T) {
		m, _ := build(t, draw(newDrawer(t)))
		if m == nil {
			return
		}
		for _, p := range m.Bound.Parts {
			tables[p.Class.Table] = kusto.Backend.Types(p)
		}
		id := fmt.Sprint(len(queries))
		queries, art[id] = append(queries, judge.Query{ID: id, Query: m.Art.Query.Text}), m
	})
	verdicts := judge.Check(t, tables, queries)
	for _, q := range queries {
		v := verdicts[q.ID]
		if faults := v.Errors(); len(faults) > 0 {
			t.Errorf("%v\n%s", faults, q.Query)
			continue
		}
		c := art[q.ID].Art.Columns
		for _, name := range slices.Concat(c.Keys, c.Shown, []string{c.Value, c.From, c.Time}) {
			if name != "" && !slices.ContainsFunc(v.Columns, func(x judge.Column) bool { return x.Name == name }) {
				t.Errorf("the result has no column %s: %v\n%s", name, v.Columns, q.Query)
			}
		}
	}
}
