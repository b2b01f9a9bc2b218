// Package run executes a scheduled analytics rule of Microsoft Sentinel, run by run, as
// learn.microsoft.com/azure/sentinel/scheduled-rules-overview describes it.
package run

import (
	"strings"
	"time"

	"github.com/onerule/onerule/backends/kusto/interp"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/platform/sentinel/arm"
)

// Doubt is what Sentinel's documentation leaves open: alerts show the query with `set query_now`, "the time at which the
// scheduled analytics rule ran", and the rule runs five minutes later than scheduled.
var Doubt = native.Doubt{
	Name: "sentinel-now-is-late", Default: false,
	Doc: "now() in the query of a rule is the time at which it runs, five minutes behind the scheduled one where its period ends; off: the scheduled time",
}

// Run executes a rule on the clock and events of the input, and returns an alert for each result where the rule says so.
func Run(r *arm.Rule, in schedule.Input) ([]schedule.Finding, diag.List) {
	p := &r.Properties
	if err := r.Check(); err != nil {
		return nil, diag.List{diag.New(diag.VerifyFailed, diag.Span{}, "Sentinel would not take the rule: "+err.Error())}
	}
	if !p.Enabled {
		return nil, nil
	}
	prog, diags := interp.Language.Compile("query", p.Query)
	if diags.HasErrors() {
		return nil, diags
	}
	every, period, err := p.Schedule()
	if err != nil {
		return nil, diag.List{diag.New(diag.VerifyFailed, diag.Span{}, err.Error())}
	}
	x := &runner{props: p, prog: prog, period: period, late: native.Input{Doubts: in.Doubts}.On(Doubt)}
	var out []schedule.Finding
	for _, tick := range in.Ticks(every) {
		found, ds := x.at(tick, in)
		if ds.HasErrors() {
			return nil, ds
		}
		out = append(out, found...)
	}
	return out, nil
}

type runner struct {
	props  *arm.Properties
	prog   native.Program
	period time.Duration
	late   bool
	// quiet is until when suppression keeps the rule from running.
	quiet time.Time
}

// at is one run: the rule's period ends at the scheduled time, and the search happens five minutes later.
func (x *runner) at(tick time.Time, in schedule.Input) ([]schedule.Finding, diag.List) {
	if tick.Before(x.quiet) {
		return nil, nil
	}
	tables, places := in.At(tick.Add(arm.Delay))
	query := native.Input{Tables: tables, Now: tick, From: tick.Add(-x.period), To: tick, Doubts: in.Doubts}
	if x.late {
		query.Now = tick.Add(arm.Delay)
	}
	answer, diags := x.prog.Run(query)
	if diags.HasErrors() {
		return nil, diags
	}
	if !triggered(x.props, len(answer.Results)) {
		return nil, nil
	}
	if x.props.SuppressionEnabled {
		if pause, err := arm.ParseDuration(x.props.SuppressionDuration); err == nil {
			x.quiet = tick.Add(pause)
		}
	}
	return alerts(x.props, tick, answer, places), nil
}

func triggered(p *arm.Properties, n int) bool {
	switch p.TriggerOperator {
	case "GreaterThan":
		return n > p.TriggerThreshold
	case "LessThan":
		return n < p.TriggerThreshold
	case "Equal":
		return n == p.TriggerThreshold
	}
	return n != p.TriggerThreshold
}

// alerts groups the results: each is an alert, but the 150th is about all the rest; or all are one.
func alerts(p *arm.Properties, tick time.Time, answer native.Output, places [][]int) []schedule.Finding {
	var out []schedule.Finding
	single := p.EventGroupingSettings == nil || p.EventGroupingSettings.AggregationKind == arm.SingleAlert
	rest := schedule.Finding{At: tick}
	for i, row := range answer.Results {
		f := schedule.Finding{At: tick, Columns: map[string]any{}}
		for c, col := range answer.Columns {
			f.Columns[col.Name] = cell(row.Cells[c])
		}
		if row.Source != nil {
			f.Events = []native.Ref{schedule.Ref(places, *row.Source)}
		}
		if single || i+1 >= arm.MaxAlerts && len(answer.Results) > arm.MaxAlerts {
			rest.Events = append(rest.Events, f.Events...)
			continue
		}
		out = append(out, f)
	}
	if single || len(answer.Results) > arm.MaxAlerts {
		out = append(out, rest)
	}
	return out
}

// cell writes times as text, as an alert shows them.
func cell(v any) any {
	if t, ok := v.(time.Time); ok {
		s := t.UTC().Format("2006-01-02T15:04:05.0000000")
		return strings.TrimRight(strings.TrimRight(s, "0"), ".") + "Z"
	}
	return v
}
