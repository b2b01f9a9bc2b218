// Package datadog makes detection rules of Cloud SIEM, which read logs and what agents report, and pairs of an agent rule and a
// signal rule for Workload Protection.
package datadog

import (
	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/datadog/api"
	"github.com/onerule/onerule/platform/datadog/run"
	"github.com/onerule/onerule/platform/schedule"
)

// Platform is Datadog. Its rules run in real time, on each event: the schedule of a rule has no place in them.
var Platform = platform.Platform{
	Name: "datadog",
	Types: []platform.RuleType{ // the pair first: what agents report is nothing without agent rules
		{Name: string(api.WorkloadSecurity), Lang: "secl", Level: workloadLevel, Make: makeWorkload},
		{Name: string(api.Threshold), Lang: "datadog", Takes: func(r *ir.Rule) bool { return !watches(r) && !ordered(r) }, Level: thresholdLevel, Make: makeThreshold},
		{Name: string(api.SequenceMethod), Lang: "datadog", Takes: ordered, Level: sequenceLevel, Make: makeSteps},
		{Name: string(api.NewValueMethod), Lang: "datadog", Takes: watches, Level: newValueLevel, Make: makeNewValue},
	},
	Decode:     func(data []byte) (platform.Document, error) { return api.Decode(data) },
	Run:        runDocument,
	Doubts:     run.Doubts,
	Pack:       pack,
	Constructs: constructs,
}

func runDocument(doc platform.Document, in schedule.Input) ([]schedule.Finding, diag.List) {
	d, ok := doc.(api.Document)
	if !ok {
		return nil, diag.List{diag.New(diag.DatadogRun, diag.Span{}, "the document is no detection rule")}
	}
	return run.Run(d, in)
}

// watches reports whether a rule is about new values.
func watches(r *ir.Rule) bool {
	_, ok := r.Body.(*ir.FirstSeen)
	return ok
}

func thresholdLevel(b *ir.Bound, _ backends.Timing) backends.Level {
	if b.Rule.Body == nil {
		return eventLevel()
	}
	if _, steps := b.Rule.Body.(*ir.Sequence); steps {
		_, l := orderingOf(b)
		return l
	}
	return countLevel(b)
}

// makeSteps makes the rule of a sequence or together rule. Alerts carry the values by which the first step is grouped.
func makeSteps(b *ir.Bound, _ backends.Timing) (*platform.Artefact, diag.List) {
	o, _ := orderingOf(b)
	doc, diags := o.rule()
	return artefact(doc, b, backends.Columns{Keys: o.steps[0].groupBy, Time: run.Matched, Opened: run.Opened}, diags)
}

func makeThreshold(b *ir.Bound, t backends.Timing) (*platform.Artefact, diag.List) {
	if _, steps := b.Rule.Body.(*ir.Sequence); steps {
		return makeSteps(b, t)
	}
	if b.Rule.Body == nil {
		doc, diags := eventRule(b)
		return artefact(doc, b, backends.Columns{}, diags)
	}
	c, _ := countingOf(b)
	doc, diags := c.rule()
	return artefact(doc, b, backends.Columns{Keys: c.groupBy, Time: run.Matched, Opened: run.Opened}, diags)
}

func makeNewValue(b *ir.Bound, _ backends.Timing) (*platform.Artefact, diag.List) {
	doc, diags := newValueRule(b)
	q := doc.Queries[0]
	return artefact(doc, b, backends.Columns{Keys: q.GroupByFields, Value: q.Metrics[0], Time: run.Matched, Opened: run.Opened}, diags)
}

// artefact describes a rule; the artefact's query is the first of the rule's.
func artefact(doc *api.DetectionRule, b *ir.Bound, cols backends.Columns, diags diag.List) (*platform.Artefact, diag.List) {
	if diags.HasErrors() {
		return nil, diags
	}
	describe(doc, b.Rule)
	q := backends.Query{Text: doc.Queries[0].Query, Columns: cols}
	for _, p := range b.Parts {
		q.Tables = append(q.Tables, p.Class.Table)
	}
	return finished(doc, b, q, diags)
}

func makeWorkload(b *ir.Bound, _ backends.Timing) (*platform.Artefact, diag.List) {
	doc, q, diags := workloadRule(b)
	if diags.HasErrors() {
		return nil, diags
	}
	return finished(doc, b, q, diags)
}

func finished(doc api.Document, b *ir.Bound, q backends.Query, diags diag.List) (*platform.Artefact, diag.List) {
	if _, err := doc.Encode(); err != nil {
		return nil, append(diags, diag.New(diag.CannotSay, b.Rule.Span, "the rule does not fit into the security-monitoring API: "+err.Error(), "change what is named"))
	}
	return &platform.Artefact{Query: q, Document: doc, Columns: q.Columns}, diags
}

// workloadLevel is that of a pair: the agent rule judges each event by itself.
func workloadLevel(b *ir.Bound, _ backends.Timing) backends.Level {
	if b.Rule.Body == nil {
		return eventLevel()
	}
	return backends.Refused("an agent rule judges each event by itself, and the fields of what it reports have other names than those of its expression, so that the signal rule cannot group by them",
		"use the language datadog, whose rules count what agents report (binding datadog_workload)")
}
