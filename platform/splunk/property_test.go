package splunk_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends/spl"
	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/schema"
)

// drawer draws rules and events.
type drawer struct{ t *rapid.T }

func (d drawer) pick(label string, from ...string) string {
	return rapid.SampledFrom(from).Draw(d.t, label)
}

func (d drawer) n(label string, low, high int) int { return rapid.IntRange(low, high).Draw(d.t, label) }
func (d drawer) yes(label string) bool             { return rapid.Bool().Draw(d.t, label) }

func (d drawer) rule() *ir.Rule {
	r := &ir.Rule{Name: "drawn", Version: 1, Where: &ir.Const{Value: true}, Params: platformtest.Limit()}
	if d.yes("where") {
		r.Where = eqText("action", d.yes("cased"), "go", "stop")
	}
	names := []string{"user", "src.ip", "tags[]", "size", "hosts[]"}
	for range d.n("keys", 1, 3) {
		i := d.n("key", 0, len(names)-1)
		f := fieldOf(names[i])
		names = slices.Delete(names, i, i+1)
		r.Keys = append(r.Keys, ir.Key{Term: f, Fold: f.Type.IsString() && d.yes("fold")})
	}
	r.Args = []ir.Term{fieldOf("user"), fieldOf("size"), fieldOf("tags[]"), fieldOf("src.ip"), fieldOf("_time"), fieldOf("cost")}
	r.Conds = []ir.Pred{
		eqText("action", true, "go"), eqText("action", false, "STOP"), &ir.Not{X: eqText("action", true, "go")},
		eqText("action", false, "go", "stop"), &ir.Not{X: eqText("action", false, "Go", "x")}, eqText("user", false, "BOB", ""), &ir.Not{X: &ir.Empty{F: fieldOf("user")}}, eqText("tags[]", true, "x"),
		&ir.And{Xs: []ir.Pred{eqText("action", true, "go"), &ir.Or{Xs: []ir.Pred{eqText("user", true, "1"), eqText("account", false, "eve")}}}}, &ir.Exists{F: fieldOf("size")}, &ir.Cmp{Op: ir.Ge, L: fieldOf("size"), R: []schema.Value{schema.Int(2)}},
		&ir.Cmp{Op: ir.Eq, L: &ir.Call{Func: ir.Hour, X: fieldOf("_time")}, R: []schema.Value{schema.Int(8)}},
	}
	if d.n("delay", 0, 2) > 0 {
		r.Schedule.Delay = time.Duration(d.n("minutes of delay", 1, 4)) * time.Minute
	}
	minutes := func(label string, ms ...int) time.Duration {
		return time.Duration(rapid.SampledFrom(ms).Draw(d.t, label)) * time.Minute
	}
	switch d.n("kind", 0, 6) {
	case 0:
		d.firstSeen(r, minutes)
	case 1:
		d.baseline(r, minutes)
	default:
		d.count(r, minutes)
	}
	return r
}

func eqText(name string, cased bool, texts ...string) *ir.Cmp {
	c := &ir.Cmp{Op: ir.Eq, Cased: cased, L: fieldOf(name)}
	for _, s := range texts {
		c.R = append(c.R, schema.String(s))
	}
	return c
}

func (d drawer) firstSeen(r *ir.Rule, minutes func(string, ...int) time.Duration) {
	if r.Keys = r.Keys[:min(len(r.Keys), 2)]; len(r.Keys) == 1 {
		r.Keys = append(r.Keys, ir.Key{Term: fieldOf("account")})
	}
	b := &ir.FirstSeen{Value: 1, Per: []int{0}[:d.n("keys", 0, 1)], Every: minutes("every", 2, 3, 5), History: minutes("history", 10, 15)}
	if d.yes("warmup") {
		b.Warmup = minutes("warm-up", 4, 8)
	}
	r.Body = b
}

func (d drawer) baseline(r *ir.Rule, minutes func(string, ...int) time.Duration) {
	b := &ir.Baseline{Bucket: minutes("bucket", 2, 3, 7), Per: platformtest.AllKeys(r), Population: d.yes("population"), Own: d.n("own", 0, 3)}
	b.Learn = b.Bucket * time.Duration(d.n("learn", 1, 5))
	b.Measure = ir.Agg{Name: d.pick("name", "n", "buckets", "user", "since"), Func: ir.AggCount, Arg: -1, Where: -1}
	switch d.n("measure", 0, 2) {
	case 1:
		b.Measure.Func, b.Measure.Arg = ir.AggDistinct, d.n("argument", 0, 3)
	case 2:
		b.Measure.Func, b.Measure.Arg = ir.AggSum, 1
	}
	if d.yes("conditional") {
		b.Measure.Where = d.n("condition", 0, len(r.Conds)-1)
	}
	r.Body = b
	b.When = d.cond(r, 1)
	r.Emit.Shown = []ir.Shown{{Name: "n", Value: &ir.NumAgg{}}, {Name: "mean", Value: &ir.NumBase{What: ir.BaseMean}}, {Name: "sd", Value: &ir.NumBase{What: ir.BaseStddev}}, {Name: "scope", Value: &ir.NumBase{What: ir.BaseScope}}}
}

func (d drawer) count(r *ir.Rule, minutes func(string, ...int) time.Duration) {
	c := &ir.Count{Per: platformtest.AllKeys(r)}
	switch c.Window.Kind = ir.WindowKind(d.n("window", 1, 4)); c.Window.Kind {
	case ir.Tumbling:
		c.Window.Size = minutes("size", 1, 2, 5, 7, 10)
	case ir.Hopping:
		c.Window.Size, c.Window.Every = minutes("size", 2, 5, 7), minutes("hop", 1, 2, 3, 5)
	case ir.Sliding:
		c.Window.Size = minutes("size", 1, 2, 5)
	case ir.Session:
		c.Window.Size = minutes("gap", 1, 2)
		c.Window.Max = minutes("max", 3, 4, 6)
	}
	if d.n("own every", 0, 3) == 0 {
		r.Schedule.Every = minutes("schedule", 1, 2, 5, 10)
	}
	c.Scopes = []ir.Scope{{Name: "per", Keys: c.Per, Aggs: d.aggs(r, c.Window.Kind)}}
	for i := range d.n("further scopes", 0, 2) {
		if c.Window.Kind != ir.Session {
			from := d.n("first key of the scope", 0, len(c.Per)-1)
			c.Scopes = append(c.Scopes, ir.Scope{Name: fmt.Sprintf("wide%d", i), Keys: c.Per[from : from+d.n("keys of the scope", 0, len(c.Per)-1-from)], Aggs: d.aggs(r, c.Window.Kind)})
		}
	}
	if d.n("only wide", 0, 5) == 0 && len(c.Scopes) > 1 { // the keys of the finding are more than those of any scope
		c.Scopes = c.Scopes[1:]
	}
	r.Body = c
	c.When = d.cond(r, 2)
	for s, scope := range c.Scopes {
		for i, a := range scope.Aggs {
			if a.Func != ir.AggFirst && a.Func != ir.AggLast {
				r.Emit.Shown = append(r.Emit.Shown, ir.Shown{Name: scope.Name + "." + a.Name, Value: &ir.NumAgg{Scope: s, Agg: i}})
			}
		}
	}
}

func (d drawer) aggs(r *ir.Rule, kind ir.WindowKind) []ir.Agg {
	var out []ir.Agg
	for i := range d.n("aggregates", 1, 3) {
		a := ir.Agg{Name: []string{"n", "user", "total"}[i], Func: ir.AggCount, Arg: -1, Where: -1}
		if d.n("name", 0, 3) == 0 {
			a.Name = []string{"step", "tags", "hit"}[i]
		}
		most := 9
		if kind == ir.Sliding {
			most = 2
		}
		switch d.n("function", 0, most) {
		case 1:
			a.Func, a.Arg = ir.AggDistinct, rapid.SampledFrom([]int{0, 2, 3, 1}).Draw(d.t, "argument")
		case 2:
			a.Func, a.Arg = ir.AggSum, 1
		case 3:
			a.Func, a.Arg = ir.AggAvg, 1
		case 4:
			a.Func, a.Arg = ir.AggMin, rapid.SampledFrom([]int{1, 4, 5}).Draw(d.t, "argument")
		case 5:
			a.Func, a.Arg = ir.AggMax, rapid.SampledFrom([]int{1, 4, 5}).Draw(d.t, "argument")
		case 6:
			a.Func, a.Arg = ir.AggStddev, 1
		case 7:
			a.Func, a.Arg = ir.AggValues, rapid.SampledFrom([]int{0, 2, 3}).Draw(d.t, "argument")
		case 8:
			a.Func, a.Arg = ir.AggMedian, 1
		case 9:
			a.Func, a.Arg, a.Percent = ir.AggPercentile, 1, rapid.SampledFrom([]float64{0, 25, 50, 90, 99.9, 100}).Draw(d.t, "percent")
		}
		if d.yes("conditional") {
			a.Where = d.n("condition", 0, len(r.Conds)-1)
		}
		out = append(out, a)
	}
	return out
}

func (d drawer) cond(r *ir.Rule, depth int) ir.Cond {
	return platformtest.Draw{T: d.t, Literals: []float64{0, 1, 2, 3, 4}}.Cond(r, depth)
}

// start is 07:40, so that streams pass a full hour.
const start = 1772437200000

func (d drawer) events(two bool) []schema.Event {
	n, span := d.n("events", 1, 20), rapid.SampledFrom([]int{20, 60, 60}).Draw(d.t, "half minutes in all")
	out := make([]schema.Event, 0, n)
	for i := range n {
		ms := int64(start) + int64(d.n("half minutes", 0, span))*30000 + int64(rapid.SampledFrom([]int{0, 0, 0, 1, -1, 250}).Draw(d.t, "ms"))
		o := map[string]any{"_time": time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z"), "kind": "a", "index": "main"}
		if two && d.yes("second part") {
			o["kind"] = "b"
		}
		set := func(name string, values ...any) {
			if v := rapid.SampledFrom(values).Draw(d.t, name); v != nil {
				schema.SetPath(o, name, []any{v})
			}
		}
		set("user", "bob", "bob", "Bob", "eve", "", "1", nil)
		set("account", "bob", "eve", "", nil)
		set("action", "go", "stop", "Go", "", nil)
		set("src.ip", "10.0.0.1", "10.0.0.1", "10.0.0.2", nil)
		set("size", json.Number("1"), json.Number("2"), json.Number("3"), nil)
		set("cost", json.Number("1.5"), json.Number("0.25"), nil)
		switch d.n("tags", 0, 4) {
		case 1:
			o["tags"] = []any{"x"}
		case 2:
			o["tags"] = []any{"x", "y"}
		case 3:
			o["tags"] = []any{"X", "x", "x", ""}
		case 4:
			o["tags"] = []any{}
		}
		if d.n("hosts", 0, 2) > 0 {
			o["hosts"] = []any{"h1", "h2"}[d.n("first host", 0, 1):]
		}
		out = append(out, schema.Event{ID: fmt.Sprintf("e%02d", i), Object: o, Millis: ms})
	}
	return out
}

// TestAgainstMeaning draws rules and streams, and holds what the saved search finds against what the rule means.
func TestAgainstMeaning(t *testing.T) {
	platformtest.Property(t, func(t *rapid.T, c *platformtest.Tally) {
		d := drawer{t}
		r := d.rule()
		two := d.n("parts", 0, 3) == 0
		m, l := build(t, boundOf(r, two))
		if m == nil {
			c.Refused(l.Why)
			return
		}
		c.Drawn(platformtest.KindOf(r), m.compare(t, d.events(two)))
	})
}

// TestDoubts draws rules and streams, and flips what is not known of SPL: what is found must not depend on it.
func TestDoubts(t *testing.T) {
	platformtest.Doubts(t, spl.Backend.Language.Doubts, func(t *rapid.T) (*platformtest.Made, func(map[string]bool) string) {
		d := drawer{t}
		r := d.rule()
		m, _ := build(t, boundOf(r, d.n("parts", 0, 3) == 0))
		if m == nil {
			return nil, nil
		}
		return flipped(t, m, m.input(d.events(false)))
	})
}

// flipped runs a document by switches.
func flipped(t platformtest.T, m *made, in schedule.Input) (*platformtest.Made, func(map[string]bool) string) {
	return m.Made, func(switches map[string]bool) string {
		in.Doubts = switches
		return fmt.Sprint(m.Found(t, in))
	}
}
