// Package elastic makes detection rules of Elastic Security, as lines of rules.ndjson.
package elastic

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/eql"
	"github.com/onerule/onerule/backends/elastic/esql"
	"github.com/onerule/onerule/backends/elastic/kibana"
	"github.com/onerule/onerule/backends/elastic/rewrite"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/elastic/rule"
	"github.com/onerule/onerule/platform/elastic/run"
	"github.com/onerule/onerule/platform/schedule"
)

// Platform is Elastic Security.
var Platform = platform.Platform{
	Repeats: "a run judges what the one before has judged once again, in part or, for sequences, as far as it looks back; alert_suppression brings the alerts of one finding together, and alerts of the same sequence of events have the same id",
	Name:    "elastic",
	Types: []platform.RuleType{
		{Name: rule.Query, Lang: "kibana", Level: eventLevel, Make: maker(rule.Query, "kuery", &kibana.Backend)},
		{Name: rule.EQL, Lang: "eql", Level: eqlLevel, Make: maker(rule.EQL, "eql", &eql.Backend)},
		{Name: "threshold", Lang: "kibana", Takes: counts, Level: thresholdLevel, Make: none},
		{Name: "new_terms", Lang: "kibana", Takes: firstSeen, Level: newTermsLevel, Make: none},
		{Name: rule.ESQL, Lang: "esql", Level: esqlLevel, Make: maker(rule.ESQL, "esql", &esql.Backend)},
	},
	Decode:     func(data []byte) (platform.Document, error) { return decode(data) },
	Run:        runRule,
	Starts:     starts,
	Doubts:     []native.Doubt{run.Doubt},
	Pack:       pack,
	Constructs: constructs,
}

func decode(data []byte) (platform.Document, error) {
	r, err := rule.Decode(data)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func runRule(doc platform.Document, in schedule.Input) ([]schedule.Finding, diag.List) {
	r, ok := doc.(*rule.Rule)
	if !ok {
		return nil, diag.List{diag.New(diag.VerifyFailed, diag.Span{}, "the document is no rule of Elastic Security")}
	}
	return run.Run(r, in)
}

func starts(doc platform.Document, in schedule.Input) []time.Time {
	r, ok := doc.(*rule.Rule)
	if !ok {
		return nil
	}
	return run.Starts(r, in)
}

const otherType = "a rule of type esql carries it: leave --lang out, or choose esql"

// eventLevel is that of the types whose alerts are single events.
func eventLevel(b *ir.Bound, t backends.Timing) backends.Level {
	switch b.Rule.Body.(type) {
	case *ir.Count, *ir.FirstSeen, *ir.Baseline:
		return backends.Refused("an alert of this rule type is about one event, and nothing in it counts events", otherType)
	case *ir.Sequence, *ir.Absence:
		return backends.Refused("an alert of this rule type is about one event, and nothing in it knows of others", "a rule of type eql or esql may carry it: leave --lang out")
	case nil:
	}
	return rewrite.TimingLevel(b.Rule, t).With("max-signals")
}

// eqlLevel is that of the type that carries sequences.
func eqlLevel(b *ir.Bound, t backends.Timing) backends.Level {
	if _, ok := b.Rule.Body.(*ir.Sequence); ok {
		return eql.Backend.BodyLevel(b, t)
	}
	return eventLevel(b, t)
}

// esqlLevel is that of the type that carries all kinds of rules.
func esqlLevel(b *ir.Bound, t backends.Timing) backends.Level {
	if b.Rule.Body == nil {
		return eventLevel(b, t)
	}
	return esql.Backend.BodyLevel(b, t)
}

func counts(r *ir.Rule) bool    { _, ok := r.Body.(*ir.Count); return ok }
func firstSeen(r *ir.Rule) bool { _, ok := r.Body.(*ir.FirstSeen); return ok }

// thresholdLevel says why no rule is one of type threshold.
func thresholdLevel(b *ir.Bound, _ backends.Timing) backends.Level {
	if k := b.Rule.Body.(*ir.Count).Window.Kind; k == ir.Sliding || k == ir.Session {
		return backends.Refused("a rule of type threshold counts once a run, and not at the time of each event", otherType)
	}
	return backends.Refused("a rule of type threshold counts from the look-back of a run to the run, which moves with Kibana's clock, and the windows of this rule lie at fixed times", otherType)
}

// newTermsLevel says why no rule is one of type new_terms.
func newTermsLevel(*ir.Bound, backends.Timing) backends.Level {
	return backends.Refused("a rule of type new_terms compares the range of a run with a history, and both move with Kibana's clock: at the far end of the history it answers differently; and it knows no warm-up", otherType)
}

// none is Make of types that carry nothing.
func none(b *ir.Bound, _ backends.Timing) (*platform.Artefact, diag.List) {
	panic("elastic: a rule type that is always refused was asked for " + b.Rule.Name)
}

func maker(typ, language string, backend *backends.Backend) func(b *ir.Bound, t backends.Timing) (*platform.Artefact, diag.List) {
	return func(b *ir.Bound, t backends.Timing) (*platform.Artefact, diag.List) {
		r := b.Rule
		var q backends.Query
		var diags diag.List
		if r.Body == nil {
			q, diags = backend.Render(b)
		} else {
			q, diags = backend.RenderBody(b, t)
		}
		if diags.HasErrors() {
			return nil, diags
		}
		c := clockOf(r, t)
		doc := &rule.Rule{Type: typ, Language: language, Query: q.Text, To: rule.Since(c.to), Interval: rule.Interval(c.timing.Every), From: rule.Since(c.from), MaxSignals: maxSignals}
		if typ != rule.ESQL {
			doc.Index = indices(q.Tables)
		}
		if r.Body == nil {
			doc.TimestampOverride = "event.ingested"
		}
		describe(doc, b, q.Columns)
		doc.AlertSuppression = suppression(b, typ, q.Columns, c.again)
		if err := doc.Check(); err != nil {
			return nil, append(diags, diag.New(diag.CannotSay, r.Span, fmt.Sprintf("Kibana would not take the rule `%s`: %v", r.Name, err), "change what is named, or leave this target out"))
		}
		_, whole := r.Body.(*ir.Sequence)
		return &platform.Artefact{Query: q, Document: doc, Columns: q.Columns, Timing: c.timing, Whole: whole}, diags
	}
}

// clock is when a rule runs and what it reads: the events of [start−from, start−to].
type clock struct {
	from, to time.Duration
	timing   backends.Timing
	// again is for how long runs may tell one thing again.
	again time.Duration
}

func clockOf(r *ir.Rule, t backends.Timing) clock {
	if s, ok := r.Body.(*ir.Sequence); ok {
		c := rewrite.OrderClockOf(r, t)
		return clock{from: c.From, to: c.To, timing: c.Timing(s.Within), again: c.From + c.Interval}
	}
	c := esql.ClockOf(r, t)
	if r.Body == nil {
		c = eventClock(r, t)
	}
	return clock{from: c.Lookback, timing: backends.Timing{Every: c.Interval, Delay: c.Delay, Lookback: c.Lookback}, again: 2*c.Interval + c.Slack}
}

// maxSignals is Kibana's own limit of alerts of one run (xpack.alerting.rules.run.alerts.max).
const maxSignals = 1000

// eventClock is the clock of a rule about single events. A run looks back over the interval and the delay, and a minute more
// for runs that are late; an event that two runs see is one alert.
func eventClock(r *ir.Rule, t backends.Timing) esql.Clock {
	c := esql.ClockOf(r, t)
	c.Slack = time.Minute
	c.Lookback = max(r.Schedule.Lookback, c.Interval+max(t.Delay, 0)+c.Slack)
	return c
}

// indices are the index patterns of tables, which may be lists of patterns.
func indices(tables []string) []string {
	var out []string
	for _, t := range tables {
		for p := range strings.SplitSeq(t, ",") {
			if p = strings.TrimSpace(p); !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}
