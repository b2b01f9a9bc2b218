// Package run runs saved searches as Splunk's scheduler does: at the minutes of their cron_schedule, over the range of their
// time modifiers, on the events that can be searched then.
package run

import (
	"time"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/backends/spl/interp"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/platform/splunk/conf"
)

// Run executes a saved search. The whole minutes of the phase move the schedule, as another time zone of the search's owner
// does; the rest is how long after its scheduled time a search starts. With realtime_schedule = 0 the range is computed from
// the scheduled time. Each row of a result is a finding; throttling, which holds back repeated alerts, is not applied.
func Run(doc *conf.SavedSearch, in schedule.Input) ([]schedule.Finding, diag.List) {
	fail := func(err error) ([]schedule.Finding, diag.List) {
		return nil, diag.List{diag.New(diag.SPLRun, diag.Span{}, doc.Name+": "+err.Error())}
	}
	macros := map[string]string{}
	for _, m := range doc.Macros {
		macros[m.Name] = m.Definition
	}
	program, diags := interp.CompileWith(doc.Name, doc.Search, macros)
	if diags.HasErrors() {
		return nil, diags
	}
	if doc.Disabled {
		return nil, nil
	}
	c, err := parseCron(doc.Cron)
	if err != nil {
		return fail(err)
	}
	var out []schedule.Finding
	minutes := in.Phase.Truncate(time.Minute)
	lag := in.Phase - minutes
	for _, tick := range c.times(in.From.Add(-in.Phase), in.To.Add(-in.Phase)) {
		scheduled := tick.Add(minutes)
		from, err := relative(scheduled, doc.Earliest)
		if err != nil {
			return fail(err)
		}
		to, err := relative(scheduled, doc.Latest)
		if err != nil {
			return fail(err)
		}
		found, diags := search(program, in, scheduled, scheduled.Add(lag), from, to)
		if diags.HasErrors() {
			return nil, diags
		}
		out = append(out, found...)
	}
	return out, nil
}

// search runs the search once.
func search(program native.Program, in schedule.Input, scheduled, started, from, to time.Time) ([]schedule.Finding, diag.List) {
	tables, places := in.At(started)
	result, diags := program.Run(native.Input{Tables: tables, Now: scheduled, From: from, To: to, Doubts: in.Doubts})
	if diags.HasErrors() {
		return nil, diags
	}
	var out []schedule.Finding
	for _, r := range result.Results {
		f := schedule.Finding{At: started, Columns: map[string]any{}}
		for i, c := range result.Columns {
			f.Columns[c.Name] = r.Cells[i]
		}
		if r.Source != nil {
			f.Events = []native.Ref{schedule.Ref(places, *r.Source)}
		}
		out = append(out, f)
	}
	return out, nil
}
