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
	"github.com/onerule/onerule/backends/kusto/judge"
	"github.com/onerule/onerule/eval"
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
	r := &ir.Rule{Name: "drawn", Version: 1, Where: &ir.Const{Value: true}, Params: []ir.Param{{Name: "limit", Value: schema.Int(2)}}}
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

func all(r *ir.Rule) []int {
	out := []int{}
	for i := range r.Keys {
		out = append(out, i)
	}
	return out
}

func (d drawer) firstSeen(r *ir.Rule) {
	b := &ir.FirstSeen{Value: len(r.Keys), Per: all(r), Every: d.minutes("every", 2, 3, 5, 10), History: d.minutes("history", 10, 15, 30)}
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
	b := &ir.Baseline{Bucket: d.minutes("bucket", 2, 3, 5, 7, 10), Per: all(r), Population: d.yes("population"), Own: d.n("own", 0, 3)}
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
	c := &ir.Count{Per: all(r)}
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
	if a := s[i].Aggs[j]; !a.Func.Info().Number || a.Func == ir.AggStddev {
		return &ir.NumLit{Value: 2, Param: "limit"}
	}
	return &ir.NumAgg{Scope: i, Agg: j}
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
	return slices.ContainsFunc(m.level.Assumptions, func(name string) bool { return name == "distinct-times" || name == "step-times" })
}

// holds reports whether a stream satisfies what the output assumes of it.
func (m *made) holds(t fataler, events []schema.Event) bool {
	rs := rows(t, m.bound, events)
	for _, e := range events {
		if slices.Contains(m.level.Assumptions, "no-empty") && e.Object["User"] == "" {
			return false
		}
	}
	if m.timesApart() {
		seen := map[int64]bool{}
		for _, r := range rs {
			if seen[r.Millis] {
				return false
			}
			seen[r.Millis] = true
		}
	}
	if slices.Contains(m.level.Assumptions, "session-start") {
		w := m.bound.Rule.Body.(*ir.Count).Window
		var times []int64
		for _, r := range rs {
			times = append(times, r.Millis)
		}
		slices.Sort(times)
		for i, first := 1, 0; i < len(times); i++ { // of all events: no group has a longer run
			if times[i]-times[i-1] >= w.Size.Milliseconds() {
				first = i
			}
			if times[i]-times[first] > 2*w.Max.Milliseconds() {
				return longRunsOfGroups(rs, m.bound.Rule, w) == 0
			}
		}
	}
	return true
}

func longRunsOfGroups(rs []eval.Row, r *ir.Rule, w ir.Window) int {
	runs := 0
	last, first := map[string]int64{}, map[string]int64{}
	slices.SortFunc(rs, func(a, b eval.Row) int { return int(a.Millis - b.Millis) })
	for _, row := range rs {
		groups := []string{""}
		for _, k := range r.Per() {
			var longer []string
			for _, g := range groups {
				for _, v := range row.Keys[k] {
					longer = append(longer, g+"\x00"+v.String())
				}
			}
			groups = longer
		}
		for _, g := range groups {
			if at, ok := last[g]; !ok || row.Millis-at >= w.Size.Milliseconds() {
				first[g] = row.Millis
			}
			last[g] = row.Millis
			if row.Millis-first[g] > 2*w.Max.Milliseconds() {
				runs++
			}
		}
	}
	return runs
}

func kindOf(r *ir.Rule) string {
	if c, ok := r.Body.(*ir.Count); ok {
		return c.Window.Kind.String()
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", r.Body), "*ir.")
}

// TestAgainstMeaning draws rules and streams, and holds what the scheduled rule finds against what the rule means.
func TestAgainstMeaning(t *testing.T) {
	refused, drawn, findings := map[string]int{}, map[string]int{}, 0
	rapid.Check(t, func(t *rapid.T) {
		d := newDrawer(t)
		r := d.rule()
		if err := ir.Verify(r); err != nil {
			t.Fatalf("the drawn rule is none: %v", err)
		}
		m, l := build(t, d.w.bind(r))
		if m == nil {
			refused[l.Why]++
			return
		}
		events := d.events()
		if !m.holds(t, events) {
			drawn["assumption broken"]++
			return
		}
		n := m.compare(t, events)
		findings += n
		drawn[kindOf(r)]++
		if n > 0 {
			drawn[kindOf(r)+" with findings"]++
		}
	})
	t.Logf("findings %d, rules %v", findings, drawn)
	for why, n := range refused {
		t.Logf("refused %d: %s", n, why)
	}
}

// settledDoubts are the switches of Kusto on which what is found may depend, with the reason.
var settledDoubts = map[string]string{}

// TestDoubts flips each thing that is not known of Kusto: what is found must not depend on it.
func TestDoubts(t *testing.T) {
	depends := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		d := newDrawer(t)
		m, _ := build(t, d.w.bind(d.rule()))
		if m == nil {
			return
		}
		events := d.events()
		if !m.holds(t, events) {
			return
		}
		in := m.input(events)
		want := fmt.Sprint(m.found(t, in))
		for _, doubt := range kusto.Backend.Language.Doubts {
			in.Doubts = map[string]bool{doubt.Name: !doubt.Default}
			if got := fmt.Sprint(m.found(t, in)); got != want {
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

// TestMicrosoftTakesOurQueries draws rules and has their queries judged by Microsoft's parser and binder: names, types, and the
// columns that the artefact says results have.
func TestMicrosoftTakesOurQueries(t *testing.T) {
	tables := judge.Schema{}
	var queries []judge.Query
	art := map[string]*made{}
	rapid.Check(t, func(t *rapid.T) {
		d := newDrawer(t)
		m, _ := build(t, d.w.bind(d.rule()))
		if m == nil {
			return
		}
		for _, p := range m.bound.Parts {
			tables[p.Class.Table] = kusto.Backend.Types(p)
		}
		id := fmt.Sprint(len(queries))
		queries, art[id] = append(queries, judge.Query{ID: id, Query: m.art.Query.Text}), m
	})
	verdicts := judge.Check(t, tables, queries)
	for _, q := range queries {
		v := verdicts[q.ID]
		if faults := v.Errors(); len(faults) > 0 {
			t.Errorf("%v\n%s", faults, q.Query)
			continue
		}
		c := art[q.ID].art.Columns
		for _, name := range append(append(slices.Clone(c.Keys), c.Shown...), c.Value, c.From, c.Time) {
			if name != "" && !slices.ContainsFunc(v.Columns, func(x judge.Column) bool { return x.Name == name }) {
				t.Errorf("the result has no column %s: %v\n%s", name, v.Columns, q.Query)
			}
		}
	}
}
