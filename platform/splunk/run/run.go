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
// the scheduled time, which is the tick of its findings. Each row of a result is one; throttling, which holds back repeated
// alerts, is not applied.
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
	lag := in.Phase - in.Phase.Truncate(time.Minute)
	for _, scheduled := range c.scheduled(in) {
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

// Starts returns the scheduled times of a saved search.
func Starts(doc *conf.SavedSearch, in schedule.Input) []time.Time {
	c, err := parseCron(doc.Cron)
	if err != nil || doc.Disabled {
		return nil
	}
	return c.scheduled(in)
}

// scheduled returns the times at which a search is due on the clock of the input.
func (c *cron) scheduled(in schedule.Input) []time.Time {
	out := c.times(in.From.Add(-in.Phase), in.To.Add(-in.Phase))
	for i := range out {
		out[i] = out[i].Add(in.Phase.Truncate(time.Minute))
	}
	return out
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
		f := schedule.Finding{At: scheduled, Columns: map[string]any{}}
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
