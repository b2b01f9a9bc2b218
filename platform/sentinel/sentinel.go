// Package sentinel makes scheduled analytics rules of Microsoft Sentinel, as resources of Azure Resource Manager.
package sentinel

import (
	"crypto/sha1"
	"fmt"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/kusto"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/platform/sentinel/arm"
	"github.com/onerule/onerule/platform/sentinel/run"
)

// Platform is Microsoft Sentinel.
var Platform = platform.Platform{
	Name:       "sentinel",
	Types:      []platform.RuleType{{Name: scheduled, Lang: "kusto", Level: level, Make: makeRule}},
	Decode:     func(data []byte) (platform.Document, error) { return decode(data) },
	Run:        runRule,
	Pack:       pack,
	Constructs: constructs,
}

const scheduled = "scheduled"

func decode(data []byte) (platform.Document, error) {
	r, err := arm.Decode(data)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func runRule(doc platform.Document, in schedule.Input) ([]schedule.Finding, diag.List) {
	r, ok := doc.(*arm.Rule)
	if !ok {
		return nil, diag.List{diag.New(diag.VerifyFailed, diag.Span{}, "the document is no rule of Sentinel")}
	}
	return run.Run(r, in)
}

// level says how exactly a scheduled rule carries a rule.
func level(b *ir.Bound, t backends.Timing) backends.Level {
	t, refused := plan(b.Rule, t)
	if refused != nil {
		return *refused
	}
	if b.Rule.Body == nil {
		return backends.Assuming("alerts-150")
	}
	return kusto.Backend.BodyLevel(b, t).With("alerts-150")
}

// makeRule makes the document.
func makeRule(b *ir.Bound, t backends.Timing) (*platform.Artefact, diag.List) {
	r := b.Rule
	t, refused := plan(r, t)
	if refused != nil {
		return nil, diag.List{diag.New(diag.CannotSay, r.Span, refused.Why, refused.Instead)}
	}
	var q backends.Query
	var diags diag.List
	if r.Body == nil {
		q, diags = kusto.Backend.Render(b)
	} else {
		q, diags = kusto.Backend.RenderBody(b, t)
	}
	if diags.HasErrors() {
		return nil, diags
	}
	d := &describer{bound: b, rule: r, query: &q, doc: newRule(r, t)}
	d.describe(t)
	d.doc.Properties.Query = q.Text
	if err := d.doc.Check(); err != nil {
		return nil, append(diags, diag.New(diag.CannotSay, r.Span, "Sentinel would not take the rule: "+err.Error(), "change what is named, or leave this target out"))
	}
	return &platform.Artefact{Query: q, Document: d.doc, Columns: q.Columns, Timing: t}, diags
}

// newRule is the document without what the query and the texts say.
func newRule(r *ir.Rule, t backends.Timing) *arm.Rule {
	return &arm.Rule{
		Type: arm.ResourceType, APIVersion: arm.Version, Kind: arm.Scheduled,
		Name: arm.Name(identifier(r)),
		Properties: arm.Properties{
			Enabled:               true,
			QueryFrequency:        arm.FormatDuration(t.Every),
			QueryPeriod:           arm.FormatDuration(t.Lookback),
			TriggerOperator:       "GreaterThan",
			SuppressionDuration:   "PT5H",
			EventGroupingSettings: &arm.EventGrouping{AggregationKind: arm.AlertPerResult},
		},
	}
}

// identifier is the rule's id, or one made of its name.
func identifier(r *ir.Rule) string {
	if r.Meta.ID != "" {
		return r.Meta.ID
	}
	h := sha1.Sum([]byte("onerule:" + r.Name))
	h[6], h[8] = h[6]&0x0f|0x50, h[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}
