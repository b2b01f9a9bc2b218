package sentinel_test

import (
	"slices"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/kusto"
	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/platform/sentinel"
	"github.com/onerule/onerule/platform/sentinel/arm"
	"github.com/onerule/onerule/schema"
)

// world is native telemetry to draw rules over: one part, two parts on one table, or two tables.
type world struct {
	parts        int
	tables       []string
	emptyMissing bool
}

func (w world) field(name string) *ir.Field {
	f := map[string]schema.NativeField{
		"User":           {Path: "User", Type: schema.Keyword},
		"Account":        {Path: "Account", Type: schema.Keyword},
		"Ctx.name":       {Path: "Ctx.name", Type: schema.Keyword},
		"SrcIp":          {Path: "SrcIp", Type: schema.IP},
		"Tags[]":         {Path: "Tags[]", Type: schema.Keyword, Array: true},
		"Targets[].name": {Path: "Targets[].name", Type: schema.Keyword, Array: true},
		"Action":         {Path: "Action", Type: schema.Keyword},
		"Size":           {Path: "Size", Type: schema.Long, Vendor: "int"},
		"Cost":           {Path: "Cost", Type: schema.Double},
		"Seen":           {Path: "Seen", Type: schema.Date},
		"TimeGenerated":  {Path: "TimeGenerated", Type: schema.Date},
		"Kind":           {Path: "Kind", Type: schema.Keyword},
	}[name]
	f.EmptyMissing = w.emptyMissing && f.Type.IsString()
	return pass.NativeField(f, pass.NoSpan)
}

// bind puts a rule on the world: the second part tells users in another column.
func (w world) bind(r *ir.Rule) *ir.Bound {
	b := &schema.Binding{Name: "test", Platform: "sentinel", Source: "test", Time: *w.field("TimeGenerated").Native}
	out := &ir.Bound{Rule: r, Platform: "sentinel"}
	for i := range w.parts {
		c := &schema.BoundClass{Class: "test", Table: w.tables[i], Select: []schema.Condition{{Native: *w.field("Kind").Native, Values: []string{kinds[i]}}}}
		for _, name := range []string{"User", "Account", "Ctx.name", "SrcIp", "Tags[]", "Targets[].name", "Action", "Size", "Cost", "Seen"} {
			f := w.field(name)
			c.Mappings = append(c.Mappings, schema.Mapping{Field: schema.Field{Name: f.Name, Type: f.Type, Array: f.Array}, Native: *f.Native})
		}
		rename := platformtest.Renamed("", nil)
		if i > 0 {
			rename = platformtest.Renamed("User", w.field("Account"))
		}
		out.Parts = append(out.Parts, platformtest.Part(r, b, c, rename))
	}
	return out
}

var kinds = []string{"a", "b"}

// shownValue reads a value that is shown; an empty text is none.
func shownValue(t schema.Type, item any) (schema.Value, bool) {
	v, ok := schema.Convert(t, item)
	return v, ok && !(v.Type().IsString() && v.Str() == "")
}

// scheduled are the rules of Sentinel; now() is read later in other runs.
var scheduled = platformtest.Harness{
	Platform: &sentinel.Platform, Backend: &kusto.Backend, Late: "sentinel-now-is-late", Value: shownValue, Digits: 9,
	Phases: []time.Duration{0, 37 * time.Second, 7*time.Minute + 11*time.Second + 345*time.Millisecond},
	Millis: func(column any) (int64, bool) {
		v, ok := schema.Convert(schema.Date, column)
		return v.Millis(), ok
	},
}

// made is an artefact, its document and how often that runs.
type made struct {
	*platformtest.Made
	doc   *arm.Rule
	every time.Duration
}

// build makes the document; nil when the rule is refused.
func build(t platformtest.T, b *ir.Bound) (*made, backends.Level) {
	t.Helper()
	m, l := scheduled.Build(t, sentinel.Platform.Types[0], b)
	if m == nil {
		return nil, l
	}
	rule := m.Doc.(*arm.Rule)
	every, _, err := rule.Properties.Schedule()
	if err != nil {
		t.Fatalf("%v", err)
	}
	return &made{m, rule, every}, l
}

// input lays events out in the tables of the rule; every second one arrives five minutes late, or as late as the rule allows.
func (m *made) input(events []schema.Event) schedule.Input {
	delay := max(m.Bound.Rule.Schedule.Delay, 5*time.Minute)
	in := m.Lay(events, delay-time.Millisecond, func(e schema.Event) int { return slices.Index(kinds, e.Object["Kind"].(string)) })
	in.From = in.From.Add(-m.every)
	in.To = in.To.Add(delay + 2*m.every + 2*platformtest.WindowSize(m.Bound.Rule))
	return in
}

// compare holds the findings of the document against the meaning, in several phases of the clock and by both readings of now().
func (m *made) compare(t platformtest.T, events []schema.Event) int {
	t.Helper()
	return m.Compare(t, m.input(events), events)
}
