package elastic_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends/elastic/esql"
	"github.com/onerule/onerule/eval"
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
	r := &ir.Rule{Name: "drawn", Version: 1, Where: &ir.Const{Value: true}, Params: []ir.Param{{Name: "limit", Value: schema.Int(2)}}}
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

func all(r *ir.Rule) []int {
	out := []int{}
	for i := range r.Keys {
		out = append(out, i)
	}
	return out
}

func (d drawer) firstSeen(r *ir.Rule) {
	b := &ir.FirstSeen{Value: len(r.Keys), Per: all(r), Every: d.length("every", "30s", "2m", "3m", "5m", "10m"), History: d.length("history", "10m", "15m", "30m")}
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
	b := &ir.Baseline{Bucket: d.length("bucket", "20s", "2m", "3m", "5m", "7m", "10m"), Per: all(r), Population: d.yes("population"), Own: d.n("own", 0, 3)}
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
	c := &ir.Count{Per: all(r)}
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
			return &ir.NumLit{Value: rapid.SampledFrom([]float64{0, 1, 2, 2, 3, 4, 1.5}).Draw(d.t, "literal")}
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
	if a := s[i].Aggs[j]; !a.Func.Info().Number || a.Func == ir.AggStddev || a.Func == ir.AggAvg {
		return &ir.NumLit{Value: 2, Param: "limit"}
	}
	return &ir.NumAgg{Scope: i, Agg: j}
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
func (m *made) holds(t fataler, events []schema.Event) bool {
	rs := rows(t, m.bound, events)
	slices.SortFunc(rs, func(a, b eval.Row) int { return int(a.Millis - b.Millis) })
	for i := range rs {
		if slices.Contains(m.level.Assumptions, "distinct-times") && i > 0 && rs[i].Millis == rs[i-1].Millis {
			return false
		}
	}
	if !slices.Contains(m.level.Assumptions, "session-start") {
		return true
	}
	w := m.bound.Rule.Body.(*ir.Count).Window
	last, first := map[string]int64{}, map[string]int64{}
	for _, row := range rs {
		for _, g := range groupsOf(row, m.bound.Rule.Per()) {
			if at, ok := last[g]; !ok || row.Millis-at >= w.Size.Milliseconds() {
				first[g] = row.Millis
			}
			last[g] = row.Millis
			if row.Millis-first[g] > 2*w.Max.Milliseconds() {
				return false
			}
		}
	}
	return true
}

// groupsOf are the tuples of a row, as texts.
func groupsOf(row eval.Row, per []int) []string {
	groups := []string{""}
	for _, k := range per {
		var longer []string
		for _, g := range groups {
			for _, v := range row.Keys[k] {
				longer = append(longer, g+"\x00"+v.String())
			}
		}
		groups = longer
	}
	return groups
}

func kindOf(r *ir.Rule) string {
	if c, ok := r.Body.(*ir.Count); ok {
		return c.Window.Kind.String()
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", r.Body), "*ir.")
}

// TestAgainstMeaning draws rules and streams, and holds what the detection rule finds against what the rule means.
func TestAgainstMeaning(t *testing.T) {
	refused, drawn, findings := map[string]int{}, map[string]int{}, 0
	rapid.Check(t, func(t *rapid.T) {
		d := newDrawer(t)
		r := d.rule()
		if err := ir.Verify(r); err != nil {
			t.Fatalf("the drawn rule is none: %v", err)
		}
		m, l := build(t, boundOf(r, d.tables))
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

// TestDoubts flips each thing that is not known of ES|QL: what is found must not depend on it.
func TestDoubts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDrawer(t)
		m, _ := build(t, boundOf(d.rule(), d.tables))
		if m == nil {
			return
		}
		events := d.events()
		if !m.holds(t, events) {
			return
		}
		in := m.input(events)
		want := fmt.Sprint(m.found(t, in))
		for _, doubt := range esql.Backend.Language.Doubts {
			in.Doubts = map[string]bool{doubt.Name: !doubt.Default}
			if got := fmt.Sprint(m.found(t, in)); got != want {
				t.Fatalf("what is found depends on %s\n%s\n%s\n%s", doubt.Name, m.art.Query.Text, want, got)
			}
		}
	})
}
