package elastic_test

import (
	"slices"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/eql"
	"github.com/onerule/onerule/backends/elastic/esql"
	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/elastic"
	"github.com/onerule/onerule/platform/elastic/run"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/schema"
)

// fields of the native events that rules are drawn over.
var fields = map[string]schema.NativeField{
	"user.name":    {Path: "user.name", Type: schema.Keyword},
	"account.name": {Path: "account.name", Type: schema.Keyword},
	"source.ip":    {Path: "source.ip", Type: schema.IP},
	"process.args": {Path: "process.args", Type: schema.Keyword, Array: true},
	"target[].id":  {Path: "target[].id", Type: schema.Keyword, Array: true},
	"event.action": {Path: "event.action", Type: schema.Keyword},
	"bytes":        {Path: "bytes", Type: schema.Long},
	"sizes":        {Path: "sizes", Type: schema.Long, Array: true},
	"cost":         {Path: "cost", Type: schema.Double},
	"event.start":  {Path: "event.start", Type: schema.Date},
	"@timestamp":   {Path: "@timestamp", Type: schema.Date},
	"event.kind":   {Path: "event.kind", Type: schema.Keyword},
}

func field(name string) *ir.Field { return pass.NativeField(fields[name], pass.NoSpan) }

var kinds = []string{"a", "b"}

// boundOf puts a rule on its own fields: a part for each table, of which the second tells users by another field.
func boundOf(r *ir.Rule, tables []string) *ir.Bound {
	b := &schema.Binding{Name: "test", Platform: "elastic", Source: "test", Time: fields["@timestamp"]}
	out := &ir.Bound{Rule: r, Platform: "elastic"}
	for i, table := range tables {
		c := &schema.BoundClass{Class: "test", Table: table, Select: []schema.Condition{{Native: fields["event.kind"], Values: []string{kinds[i]}}}}
		for name, f := range fields {
			c.Mappings = append(c.Mappings, schema.Mapping{Field: schema.Field{Name: name, Type: f.Type, Array: f.Array}, Native: f})
		}
		rename := platformtest.Renamed("", nil)
		if i > 0 {
			rename = platformtest.Renamed("user.name", field("account.name"))
		}
		out.Parts = append(out.Parts, platformtest.Part(r, b, c, rename))
	}
	return out
}

// millis reads a column of ES|QL's type date.
func millis(column any) (int64, bool) {
	at, ok := column.(time.Time)
	return at.UnixMilli(), ok
}

// textMillis reads a time in the source of an event, too.
func textMillis(column any) (int64, bool) {
	if text, ok := column.(string); ok {
		v, ok := schema.Convert(schema.Date, text)
		return v.Millis(), ok
	}
	return millis(column)
}

// shownValue reads a value that is shown; those of type date are texts in the meaning.
func shownValue(t schema.Type, item any) (schema.Value, bool) {
	if at, ok := item.(time.Time); ok {
		item = at.Format(time.RFC3339Nano)
	}
	return schema.Convert(t, item)
}

var phases = []time.Duration{0, 37 * time.Second, 3*time.Minute + 11*time.Second + 345*time.Millisecond}

// The rules whose queries are of ES|QL: those that count, and those that order or wait; and those whose queries are of EQL.
var (
	counting = platformtest.Harness{Platform: &elastic.Platform, Backend: &esql.Backend, Phases: phases, Late: run.Doubt.Name, Millis: millis, Value: shownValue, Digits: 7, Again: true}
	overESQL = platformtest.Harness{Platform: &elastic.Platform, Backend: &esql.Backend, Phases: phases, Late: run.Doubt.Name, Millis: textMillis, Digits: 7, Again: true, Sets: true}
	overEQL  = platformtest.Harness{Platform: &elastic.Platform, Backend: &eql.Backend, Phases: phases, Late: run.Doubt.Name, Millis: textMillis, Digits: 7, Again: true, Sets: true}
)

// made is an artefact of a rule that counts.
type made struct{ *platformtest.Made }

func typeNamed(name string) platform.RuleType {
	i := slices.IndexFunc(elastic.Platform.Types, func(t platform.RuleType) bool { return t.Name == name })
	return elastic.Platform.Types[i]
}

// build makes the document; nil when the rule is refused.
func build(t platformtest.T, b *ir.Bound) (*made, backends.Level) {
	t.Helper()
	m, l := counting.Build(t, typeNamed("esql"), b)
	if m == nil {
		return nil, l
	}
	return &made{m}, l
}

// input lays events out in the tables of the rule; every second one arrives as late as the rule allows for.
func (m *made) input(events []schema.Event) schedule.Input {
	in := m.Lay(events, m.Art.Timing.Delay, func(e schema.Event) int {
		kind, _ := e.Object["event.kind"].(string)
		return max(slices.Index(kinds, kind), 0)
	})
	in.From = in.From.Add(-m.Art.Timing.Every)
	in.To = in.To.Add(m.Art.Timing.Delay + 2*m.Art.Timing.Every + platformtest.WindowSize(m.Bound.Rule))
	return in
}

// compare holds the findings of the document against the meaning, in several phases of the clock and by both readings of NOW().
func (m *made) compare(t platformtest.T, events []schema.Event) int {
	t.Helper()
	return m.Compare(t, m.input(events), events)
}
