package elastic_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends/elastic/esql"
	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// drawer draws rules and streams.
type drawer struct {
	t      *rapid.T
	tables []string
}

func newDrawer(t *rapid.T) drawer {
	d := drawer{t: t, tables: []string{"logs-a-*"}}
	switch d.n("telemetry", 0, 4) {
	case 0:
		d.tables = []string{"logs-a-*", "logs-a-*"}
	case 1:
		d.tables = []string{"logs-a-*", "logs-b-*"}
	}
	return d
}

func (d drawer) n(label string, low, high int) int { return rapid.IntRange(low, high).Draw(d.t, label) }
func (d drawer) yes(label string) bool             { return rapid.Bool().Draw(d.t, label) }
func (d drawer) length(label string, words ...string) time.Duration {
	out, err := time.ParseDuration(rapid.SampledFrom(words).Draw(d.t, label))
	if err != nil {
		panic(err)
	}
	return out
}

func action(cased bool, texts ...string) *ir.Cmp {
	c := &ir.Cmp{Op: ir.Eq, Cased: cased, L: field("event.action")}
	for _, s := range texts {
		c.R = append(c.R, schema.String(s))
	}
	return c
}

func (d drawer) rule() *ir.Rule {
	r := &ir.Rule{Name: "drawn", Version: 1, Where: &ir.Const{Value: true}, Params: platformtest.Limit()}
	if d.yes("where") {
		r.Where = action(d.yes("cased"), "go", "stop")
	}
	for range d.n("keys", 0, 3) {
		name := rapid.SampledFrom([]string{"user.name", "user.name", "source.ip", "process.args", "bytes", "target[].id"}).Draw(d.t, "key")
		if slices.ContainsFunc(r.Keys, func(k ir.Key) bool { return k.Term.(*ir.Field).Name == name }) {
			continue
		}
		f := field(name)
		r.Keys = append(r.Keys, ir.Key{Term: f, Fold: f.Type.IsString() && d.n("fold", 0, 3) == 0})
	}
	for _, name := range args {
		r.Args = append(r.Args, field(name))
	}
	r.Args = append(r.Args, &ir.Call{Func: ir.Length, X: field("user.name")})
	has := &ir.Quant{Kind: ir.Any, Var: "x", Over: field("process.args"), Body: &ir.Cmp{Op: ir.Eq, Cased: true, L: &ir.Elem{Var: "x", Type: schema.Keyword}, R: []schema.Value{schema.String("x")}}}
	r.Conds = []ir.Pred{
		action(true, "go"), action(false, "STOP"), &ir.Not{X: action(true, "go")}, &ir.Exists{F: field("bytes")},
		&ir.Cmp{Op: ir.Ge, L: field("bytes"), R: []schema.Value{schema.Int(2)}}, has,
	}
	if d.n("delay", 0, 2) == 0 {
		r.Schedule.Delay = d.length("delay", "10s", "1m", "4m", "7m", "12m")
	}
	if d.n("own every", 0, 3) == 0 {
		r.Schedule.Every = d.length("schedule", "1m", "90s", "5m", "6m", "20m")
	}
	switch d.n("kind", 0, 7) {
	case 0:
		d.firstSeen(r)
	case 1:
		d.baseline(r)
	default:
		d.count(r)
	}
	return r
}

// args are the arguments of aggregates, beside a length.
var args = []string{"user.name", "bytes", "process.args", "source.ip", "event.start", "cost", "sizes"}

func (d drawer) firstSeen(r *ir.Rule) {
	b := &ir.FirstSeen{Value: len(r.Keys), Per: platformtest.AllKeys(r), Every: d.length("every", "30s", "2m", "3m", "5m", "10m"), History: d.length("history", "10m", "15m", "30m")}
	value := ir.Key{Term: field("account.name")}
	if d.n("array value", 0, 3) == 0 && !slices.ContainsFunc(r.Keys, func(k ir.Key) bool { return k.Term.(*ir.Field).Name == "process.args" }) {
		value.Term = field("process.args")
	}
	r.Keys = append(r.Keys, value)
	if d.yes("warmup") {
		b.Warmup = d.length("warm-up", "2m", "4m", "6m", "9m")
	}
	r.Body = b
}

func (d drawer) baseline(r *ir.Rule) {
	b := &ir.Baseline{Bucket: d.length("bucket", "20s", "2m", "3m", "5m", "7m", "10m"), Per: platformtest.AllKeys(r), Population: d.yes("population"), Own: d.n("own", 0, 3)}
	b.Learn = b.Bucket * time.Duration(d.n("learn", 1, 5))
	b.Measure = d.agg("n", []ir.AggFunc{ir.AggCount, ir.AggCount, ir.AggDistinct, ir.AggSum, ir.AggMax, ir.AggAvg})
	r.Body = b
	if b.Measure.Arg == 4 || b.Measure.Arg == 5 { // squares of times are no numbers to compare
		b.Measure.Arg = 1
	}
	b.When = d.cond(r, 1)
	r.Emit.Shown = []ir.Shown{{Name: "n", Value: &ir.NumAgg{}}, {Name: "mean", Value: &ir.NumBase{What: ir.BaseMean}}, {Name: "sd", Value: &ir.NumBase{What: ir.BaseStddev}}, {Name: "scope", Value: &ir.NumBase{What: ir.BaseScope}}}
}

func (d drawer) count(r *ir.Rule) {
	c := &ir.Count{Per: platformtest.AllKeys(r)}
	switch c.Window.Kind = ir.WindowKind(d.n("window", 1, 4)); c.Window.Kind {
	case ir.Tumbling:
		c.Window.Size = d.length("size", "30s", "1m", "2m", "7m", "10m", "1h")
	case ir.Hopping:
		c.Window.Size, c.Window.Every = d.length("size", "90s", "5m", "7m"), d.length("hop", "30s", "1m", "2m", "5m", "9m")
	case ir.Sliding:
		c.Window.Size = d.length("size", "30s", "2m", "5m", "10m")
	case ir.Session:
		c.Window.Size, c.Window.Max = d.length("gap", "1m", "2m"), d.length("max", "3m", "4m", "6m")
	}
	c.Scopes = []ir.Scope{{Name: "per", Keys: c.Per, Aggs: d.aggs()}}
	for c.Window.Kind != ir.Session && len(c.Scopes) < 3 && d.yes("another scope") {
		keys := rapid.Permutation(c.Per).Draw(d.t, "keys of the scope")
		c.Scopes = append(c.Scopes, ir.Scope{Name: fmt.Sprintf("wide%d", len(c.Scopes)), Keys: append([]int{}, keys[:d.n("number", 0, len(keys))]...), Aggs: d.aggs()})
	}
	if len(c.Scopes) > 1 && d.n("only wide", 0, 5) == 0 {
		c.Scopes = c.Scopes[1:]
	}
	r.Body = c
	c.When = d.cond(r, 2)
	for s, scope := range c.Scopes {
		for i, a := range scope.Aggs {
			r.Emit.Shown = append(r.Emit.Shown, ir.Shown{Name: scope.Name + "." + a.Name, Value: &ir.NumAgg{Scope: s, Agg: i}})
		}
	}
}

var allFuncs = []ir.AggFunc{ir.AggCount, ir.AggCount, ir.AggCount, ir.AggDistinct, ir.AggDistinct, ir.AggSum, ir.AggAvg, ir.AggMin, ir.AggMax, ir.AggStddev, ir.AggValues, ir.AggFirst, ir.AggLast}

func (d drawer) aggs() []ir.Agg {
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
	case ir.AggDistinct:
		arg(0, 0, 1, 2, 3, 4, 6, 7)
	case ir.AggSum, ir.AggAvg, ir.AggStddev:
		arg(1, 5, 6, 7)
	case ir.AggMin, ir.AggMax:
		arg(1, 4, 5, 6)
	case ir.AggValues:
		arg(0, 1, 2, 3, 4, 6)
	case ir.AggFirst, ir.AggLast:
		arg(0, 1, 3, 4)
	case ir.AggCount, ir.AggMedian, ir.AggPercentile:
	}
	if d.yes("conditional") {
		a.Where = d.n("condition", 0, 5)
	}
	return a
}

// cond draws a condition. Means and deviations are calculated in another order, and differ in their last digits.
func (d drawer) cond(r *ir.Rule, depth int) ir.Cond {
	return platformtest.Draw{
		T: d.t, Literals: []float64{0, 1, 2, 2, 3, 4, 1.5},
		Reads: func(a ir.Agg) bool { return a.Func != ir.AggStddev && a.Func != ir.AggAvg },
	}.Cond(r, depth)
}

// start is 07:40, so that streams pass a full hour.
const start = 1772437200000

func (d drawer) events() []schema.Event {
	n, span := d.n("events", 1, 20), rapid.SampledFrom([]int{6, 20, 60, 60}).Draw(d.t, "half minutes in all")
	out := make([]schema.Event, 0, n)
	for i := range n {
		ms := int64(start) + int64(d.n("half minutes", 0, span))*30000 + int64(rapid.SampledFrom([]int{0, 0, 0, 1, -1, 250}).Draw(d.t, "ms"))
		o := map[string]any{"@timestamp": time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z"), "event.kind": kinds[d.n("part", 0, len(d.tables)-1)]}
		set := func(name string, values ...any) {
			if v := rapid.SampledFrom(values).Draw(d.t, name); v != nil {
				o[name] = v
			}
		}
		num := func(s string) any { return json.Number(s) }
		set("user.name", "bob", "bob", "Bob", "eve", "", nil)
		set("account.name", "bob", "eve", "", nil)
		set("event.action", "go", "stop", "Go", nil)
		set("source.ip", "10.0.0.1", "10.0.0.1", "10.0.0.2", nil)
		set("bytes", num("1"), num("2"), num("3"), nil)
		set("sizes", []any{num("1"), num("1"), num("4")}, num("2"), nil)
		set("cost", num("1.5"), num("0.25"), nil)
		set("event.start", "2026-03-02T08:00:00.001Z", "2026-03-02T08:00:01Z", nil)
		set("process.args", []any{"x"}, []any{"x", "y"}, []any{"X", "x", "x", ""}, []any{}, nil)
		target := func(s string) any { return map[string]any{"id": s} }
		set("target", []any{target("t"), target("t")}, []any{target("T"), target("u")}, []any{}, nil)
		out = append(out, schema.Event{ID: fmt.Sprintf("e%02d", i), Object: o, Millis: ms})
	}
	return out
}

// holds reports whether a stream satisfies what the output assumes of it.
func (m *made) holds(t platformtest.T, events []schema.Event) bool {
	rows := platformtest.Rows(t, m.Bound, events)
	if slices.Contains(m.Level.Assumptions, "distinct-times") && !platformtest.Apart(rows) {
		return false
	}
	return !slices.Contains(m.Level.Assumptions, "session-start") || !platformtest.LongRuns(rows, m.Bound.Rule)
}

// TestAgainstMeaning draws rules and streams, and holds what the detection rule finds against what the rule means.
func TestAgainstMeaning(t *testing.T) {
	platformtest.Property(t, func(t *rapid.T, c *platformtest.Tally) {
		d := newDrawer(t)
		r := d.rule()
		if err := ir.Verify(r); err != nil {
			t.Fatalf("the drawn rule is none: %v", err)
		}
		m, l := build(t, boundOf(r, d.tables))
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

// TestDoubts flips each thing that is not known of ES|QL: what is found must not depend on it.
func TestDoubts(t *testing.T) {
	platformtest.Doubts(t, esql.Backend.Language.Doubts, func(t *rapid.T) (*platformtest.Made, func(map[string]bool) string) {
		d := newDrawer(t)
		m, _ := build(t, boundOf(d.rule(), d.tables))
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
