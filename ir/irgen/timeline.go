package irgen

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// ShowAll makes a rule's findings show all its aggregates, what its baseline has learned and all columns of its steps, named as
// in the rule text.
func ShowAll(r *ir.Rule) {
	r.Emit.Shown = nil
	for i, s := range r.Scopes() {
		for j, a := range s.Aggs {
			r.Emit.Shown = append(r.Emit.Shown, ir.Shown{Name: strings.TrimPrefix(s.Name+"."+a.Name, "."), Value: &ir.NumAgg{Scope: i, Agg: j}})
		}
	}
	if s, ok := r.Body.(*ir.Sequence); ok {
		for _, i := range s.Events() {
			for j := range r.Args {
				v := ir.StepValue{Step: i, Arg: j}
				r.Emit.Shown = append(r.Emit.Shown, ir.Shown{Name: r.StepWords(v), Value: &ir.NumStep{StepValue: v}})
			}
		}
	}
	if _, ok := r.Body.(*ir.Baseline); ok {
		for _, n := range []ir.BaseNum{ir.BaseMean, ir.BaseStddev, ir.BaseScope} {
			r.Emit.Shown = append(r.Emit.Shown, ir.Shown{Name: n.String(), Value: &ir.NumBase{What: n}})
		}
	}
}

func timelineField(name string) *ir.Field {
	f, ok := schema.Lookup(name)
	if !ok {
		panic("irgen: no field " + name)
	}
	return &ir.Field{Name: f.Name, Type: f.Type, Array: f.Array}
}

// draw helps to draw a timeline.
type draw struct {
	*rapid.T
	rule *ir.Rule
}

func (d draw) upTo(label string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(d.T, label) }

func (d draw) seconds(label string, lo, hi int) time.Duration {
	return time.Duration(d.upTo(label, lo, hi)) * time.Second
}

// TimelineRule draws a rule over several events of process.start on windows, now and then an event rule. Windows are a few
// seconds long and thresholds small, so that the events of [TimelineEvents] often decide by a hair; conditions do not depend
// on how numbers are rounded.
func TimelineRule(t *rapid.T) *ir.Rule {
	d := draw{t, &ir.Rule{Name: "r", Version: 1, From: []ir.ClassOn{{Class: "process.start", Source: "windows"}}, Where: &ir.Const{Value: true}}}
	if d.upTo("has where", 0, 3) == 0 {
		d.rule.Where = &ir.Not{X: &ir.Cmp{Op: ir.Eq, L: timelineField("process.name"), R: []schema.Value{schema.String("none")}}}
	}
	kind := d.upTo("kind", 0, 12)
	if kind == 12 {
		return d.rule
	}
	d.columns()
	switch {
	case kind < 8:
		d.count(ir.WindowKind(kind/2 + 1))
	case kind < 10:
		d.baseline()
	default:
		d.firstSeen()
	}
	ShowAll(d.rule)
	if err := ir.Verify(d.rule); err != nil {
		t.Fatalf("%v\n%s", err, ir.Print(d.rule))
	}
	return d.rule
}

func (d draw) columns() {
	d.rule.Keys = []ir.Key{
		{Term: timelineField("user.name"), Fold: d.upTo("fold", 0, 1) == 1},
		{Term: timelineField("process.args")},
		{Term: timelineField("source.ip")},
	}
	d.rule.Args = []ir.Term{
		timelineField("network.bytes"), timelineField("event.risk_score"), timelineField("process.start"), timelineField("user.name"),
		&ir.Call{Func: ir.Length, X: timelineField("process.args")},
	}
	d.rule.Conds = []ir.Pred{
		&ir.Cmp{Op: ir.Eq, L: timelineField("event.outcome"), R: []schema.Value{schema.String("failure")}},
		&ir.Exists{F: timelineField("network.bytes")},
	}
}

// keys draws some of the keys.
func (d draw) keys(label string, from []int, least int) []int {
	p := rapid.Permutation(from).Draw(d.T, label)
	return append([]int{}, p[:d.upTo(label+" number", least, len(from))]...)
}

func (d draw) count(kind ir.WindowKind) {
	c := &ir.Count{Window: ir.Window{Kind: kind, Size: d.seconds("size", 1, 6)}, Per: d.keys("per", []int{0, 1, 2}, 0)}
	switch kind {
	case ir.Hopping:
		c.Window.Every = d.seconds("every", 1, 7)
	case ir.Session:
		c.Window.Max = c.Window.Size + d.seconds("max", 0, 8)
	case ir.Tumbling, ir.Sliding:
	}
	scopes := 1
	if kind != ir.Session {
		scopes = d.upTo("scopes", 1, 3)
	}
	for i := range scopes {
		s := ir.Scope{Name: "s" + strconv.Itoa(i), Keys: c.Per}
		if kind != ir.Session && d.upTo("same keys", 0, 1) == 0 {
			s.Keys = d.keys("keys", c.Per, 0)
		}
		for j := range d.upTo("aggregates", 1, 3) {
			a := d.agg(ir.AggFunc(d.upTo("function", 1, len(ir.Aggs))))
			a.Name = "a" + strconv.Itoa(j)
			s.Aggs = append(s.Aggs, a)
		}
		c.Scopes = append(c.Scopes, s)
	}
	d.rule.Body = c
	c.When = d.cond(2)
}

// argsOf lists the arguments that a function takes.
func argsOf(f ir.AggFunc) []int {
	switch f {
	case ir.AggCount:
		return []int{-1}
	case ir.AggDistinct, ir.AggFirst, ir.AggLast, ir.AggValues:
		return []int{0, 1, 2, 3, 4}
	case ir.AggMin, ir.AggMax:
		return []int{0, 1, 2, 4}
	case ir.AggSum, ir.AggAvg, ir.AggStddev, ir.AggMedian, ir.AggPercentile:
	}
	return []int{0, 1, 4}
}

func (d draw) agg(f ir.AggFunc) ir.Agg {
	a := ir.Agg{Name: "n", Func: f, Arg: rapid.SampledFrom(argsOf(f)).Draw(d.T, "argument"), Where: d.upTo("condition", -1, len(d.rule.Conds)-1)}
	if f == ir.AggPercentile {
		a.Percent = rapid.SampledFrom([]float64{0, 10, 50, 66, 95, 99.9, 100}).Draw(d.T, "percent")
	}
	return a
}

func (d draw) cond(depth int) ir.Cond {
	if depth > 0 {
		switch d.upTo("junction", 0, 5) {
		case 0:
			return &ir.CondAnd{Xs: []ir.Cond{d.cond(depth - 1), d.cond(depth - 1)}}
		case 1:
			return &ir.CondOr{Xs: []ir.Cond{d.cond(depth - 1), d.cond(depth - 1)}}
		case 2:
			return &ir.CondNot{X: d.cond(depth - 1)}
		}
	}
	n, rounded := d.number()
	limit := float64(d.upTo("limit", 0, 4))
	if rounded {
		limit += 0.3123
	}
	return &ir.CondCmp{Op: rapid.SampledFrom([]ir.Op{ir.Ge, ir.Ge, ir.Gt, ir.Lt, ir.Le, ir.Eq}).Draw(d.T, "op"), L: n, R: &ir.NumLit{Value: limit}}
}

// number draws a number of the group; rounded says that it may differ in the last digit by how it is computed.
func (d draw) number() (n ir.Num, rounded bool) {
	var all []ir.Num
	for i, s := range d.rule.Scopes() {
		for j, a := range s.Aggs {
			if a.Func.Info().Number {
				all = append(all, &ir.NumAgg{Scope: i, Agg: j})
			}
		}
	}
	if len(all) == 0 {
		return &ir.NumLit{Value: 1}, false
	}
	x := rapid.SampledFrom(all).Draw(d.T, "number").(*ir.NumAgg)
	y := rapid.SampledFrom(all).Draw(d.T, "other").(*ir.NumAgg)
	rough := func(n *ir.NumAgg) bool { return d.rule.Agg(n).Func == ir.AggStddev || d.rule.Agg(n).Func == ir.AggAvg }
	switch d.upTo("form", 0, 7) {
	case 0:
		return &ir.NumArith{Op: '/', X: x, Y: y}, true
	case 1:
		return &ir.NumArith{Op: '-', X: x, Y: y}, rough(x) || rough(y)
	case 2:
		return &ir.NumCall{Func: ir.NumFunc(d.upTo("call", 1, 2)), Args: []ir.Num{x, y}}, rough(x) || rough(y)
	case 3:
		return &ir.NumCall{Func: ir.NumAbs, Args: []ir.Num{x}}, rough(x)
	}
	return x, rough(x)
}

func (d draw) baseline() {
	bucket := d.upTo("bucket", 1, 4)
	b := &ir.Baseline{
		Bucket: time.Duration(bucket) * time.Second, Learn: time.Duration(bucket*d.upTo("learn", 1, 6)) * time.Second,
		Per: d.keys("per", []int{0, 1, 2}, 0), Own: d.upTo("own", 0, 3), Population: d.upTo("population", 0, 1) == 1,
		Measure: d.agg(rapid.SampledFrom([]ir.AggFunc{ir.AggCount, ir.AggCount, ir.AggDistinct, ir.AggSum, ir.AggAvg, ir.AggMax}).Draw(d.T, "measure")),
	}
	if b.Measure.Arg == 2 { // squares of times are rounded
		b.Measure.Arg = 0
	}
	d.rule.Body = b
	limit := &ir.NumArith{Op: '+', X: &ir.NumBase{What: ir.BaseMean}, Y: &ir.NumArith{Op: '*', X: &ir.NumLit{Value: 0.7123}, Y: &ir.NumBase{What: ir.BaseStddev}}}
	b.When = &ir.CondCmp{Op: ir.Gt, L: &ir.NumArith{Op: '+', X: &ir.NumAgg{}, Y: &ir.NumLit{Value: 0.0117}}, R: limit}
	if d.upTo("plain", 0, 2) == 0 {
		b.When = d.cond(1)
	}
}

func (d draw) firstSeen() {
	keys := d.keys("keys", []int{0, 1, 2}, 1)
	f := &ir.FirstSeen{Value: keys[0], Per: keys[1:], Every: d.seconds("every", 1, 5), History: d.seconds("history", 2, 15)}
	if d.upTo("warm", 0, 1) == 1 {
		f.Warmup = d.seconds("warmup", 1, int(f.History.Seconds())-1)
	}
	d.rule.Body = f
}

// TimelineEvents draws up to n events for rules of [TimelineRule]: few different values, times at and beside whole seconds, in
// any order. Their ids are their numbers.
func TimelineEvents(t *rapid.T, n int) []schema.Event {
	out := make([]schema.Event, rapid.IntRange(0, n).Draw(t, "events"))
	latest := rapid.SampledFrom([]int{4, 30}).Draw(t, "latest")
	for i := range out {
		second := rapid.IntRange(-3, latest).Draw(t, "second")
		beside := rapid.SampledFrom([]int{0, 0, 0, -1, 1, 500}).Draw(t, "beside")
		out[i] = schema.Event{ID: fmt.Sprintf("%05d", i), Source: "windows", Class: "process.start", Millis: int64(second*1000 + beside), Object: timelineObject(t)}
	}
	return out
}

func timelineObject(t *rapid.T) map[string]any {
	obj := map[string]any{}
	pick := func(name string, values ...any) {
		if v := rapid.SampledFrom(values).Draw(t, name); v != nil {
			obj[name] = v
		}
	}
	n := func(text string) any { return json.Number(text) }
	pick("user.name", "a", "a", "A", "b", "", nil, []any{"a", "b"})
	pick("process.args", "x", []any{"x", "y"}, []any{"y"}, []any{"xyz", "", "x"}, nil)
	pick("source.ip", "10.0.0.1", "10.0.0.1", "10.0.0.2", nil)
	pick("network.bytes", nil, n("0"), n("1"), n("2"), n("3"), n("-1"), []any{n("1"), n("4")})
	pick("event.risk_score", nil, n("0.5"), n("1"), n("-2.25"), "-0.0")
	pick("process.start", nil, "2026-01-05T00:00:00Z", "2026-01-05T00:00:00.002Z")
	pick("event.outcome", "failure", "success", nil)
	pick("process.name", "x", "x", "x", "none", nil)
	return obj
}
