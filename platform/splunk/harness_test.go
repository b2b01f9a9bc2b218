package splunk_test

import (
	"encoding/json"
	"math"
	"slices"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/spl"
	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/platform/splunk"
	"github.com/onerule/onerule/platform/splunk/conf"
	"github.com/onerule/onerule/schema"
)

// fields of the native events that rules are drawn over.
var fields = map[string]schema.NativeField{
	"user":    {Path: "user", Type: schema.Keyword},
	"src.ip":  {Path: "src.ip", Type: schema.IP},
	"tags[]":  {Path: "tags[]", Type: schema.Keyword, Array: true},
	"hosts[]": {Path: "hosts[]", Type: schema.Keyword, Array: true},
	"action":  {Path: "action", Type: schema.Keyword},
	"size":    {Path: "size", Type: schema.Long},
	"cost":    {Path: "cost", Type: schema.Double},
	"_time":   {Path: "_time", Type: schema.Date, Layout: "2006-01-02T15:04:05.000Z"},
	"account": {Path: "account", Type: schema.Keyword},
}

func fieldOf(name string) *ir.Field { return pass.NativeField(fields[name], pass.NoSpan) }

// boundOf puts a rule on its own fields: one part, or two that tell the same by other fields.
func boundOf(r *ir.Rule, two bool) *ir.Bound {
	b := &schema.Binding{Name: "test", Platform: "splunk", Source: "test", Time: fields["_time"]}
	part := func(kind string, rename func(ir.Term) ir.Term) ir.Part {
		c := &schema.BoundClass{Class: "test", Table: "main", Select: []schema.Condition{{Native: schema.NativeField{Path: "kind", Type: schema.Keyword}, Values: []string{kind}}}}
		return platformtest.Part(r, b, c, rename)
	}
	out := &ir.Bound{Rule: r, Platform: "splunk", Parts: []ir.Part{part("a", platformtest.Renamed("", nil))}}
	if two {
		out.Parts = append(out.Parts, part("b", platformtest.Renamed("user", fieldOf("account"))))
	}
	return out
}

// saved are the rules of Splunk, which are told at the second: _time is a number of them.
var saved = platformtest.Harness{
	Platform: &splunk.Platform, Backend: &spl.Backend, Digits: 9, Phases: []time.Duration{0, 37 * time.Second, 7*time.Minute + 11*time.Second},
	Millis: func(column any) (int64, bool) {
		n, _ := column.(json.Number)
		sec, err := n.Float64()
		return int64(math.Round(sec * 1000)), err == nil
	},
}

// made is an artefact, and the timing that its rule asks for.
type made struct {
	*platformtest.Made
	timing backends.Timing
}

// build makes the document; nil when the rule is refused.
func build(t platformtest.T, b *ir.Bound) (*made, backends.Level) {
	t.Helper()
	m, l := saved.Build(t, splunk.Platform.Types[0], b)
	if m == nil {
		return nil, l
	}
	return &made{m, ir.TimingOf(b.Rule)}, l
}

// madeOf is an artefact with the saved search that came out of a pack.
func madeOf(art *platform.Artefact, b *ir.Bound, s *conf.SavedSearch) *made {
	return &made{&platformtest.Made{Harness: &saved, Art: art, Bound: b, Doc: s}, ir.TimingOf(b.Rule)}
}

// input lays events out in the table of the rule; every second one arrives as late as the schedule allows for.
func (m *made) input(events []schema.Event) schedule.Input {
	in := m.Lay(events, m.timing.Delay, func(schema.Event) int { return 0 })
	in.From = in.From.Add(-m.timing.Every)
	in.To = in.To.Add(m.timing.Delay + 2*m.timing.Every + platformtest.WindowSize(m.Bound.Rule) + slices.Max(saved.Phases))
	return in
}

// compare holds the findings of the document against the meaning, in several phases of the clock.
func (m *made) compare(t platformtest.T, events []schema.Event) int {
	t.Helper()
	return m.Compare(t, m.input(events), events)
}
