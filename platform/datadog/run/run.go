// Package run runs detection rules as Datadog does: in real time, on each event as it comes, with sliding windows for each
// group, and signals that stay open and take up further matches. It reads everything from the document.
//
// Sources: docs.datadoghq.com/security/cloud_siem/detect_and_monitor/custom_detection_rules (pages threshold, new_value, sequence
// and create_rule/real_time_rule). What they leave open is a switch (doubts.go).
package run

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/onerule/onerule/backends/datadog/search/interp"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/platform/datadog/api"
	"github.com/onerule/onerule/platform/schedule"
)

// The columns of a finding besides the group's values, which stand under the names of the group-by fields, and those that
// new_value watches.
const (
	// Opened is the time of the first match of the signal that a match belongs to, and Matched the match's own, in milliseconds.
	Opened  = "signal.first_seen"
	Matched = "signal.last_seen"
	// Severity is the status of the signal, CaseName the case that gave it.
	Severity = "signal.severity"
	CaseName = "signal.case"
)

// event is one event that a rule may count.
type event struct {
	row native.Row
	ref native.Ref
	// time is when it happened, arrives when the platform has it, clock what windows are measured by.
	time, arrives, clock int64
	matches              []bool // by query
}

// Run executes a document. A finding is a match: an event at which a case holds, or which has a new value, in one group. A
// signal is the matches with one Opened; the match at that time opened it, the others were added to it.
func Run(doc api.Document, in schedule.Input) ([]schedule.Finding, diag.List) {
	switch doc := doc.(type) {
	case *api.DetectionRule:
		if !doc.IsEnabled {
			return nil, nil
		}
		return detect(doc, in, logs(in))
	case *api.WorkloadRule:
		if !doc.SignalRule.IsEnabled || !doc.AgentRule.Data.Attributes.Enabled {
			return nil, nil
		}
		events, diags := reported(doc.AgentRule.Data.Attributes, in)
		if diags.HasErrors() {
			return nil, diags
		}
		return detect(&doc.SignalRule, in, events)
	}
	return nil, fault("the document is no detection rule")
}

func fault(text string) diag.List {
	return diag.List{diag.New(diag.DatadogRun, diag.Span{}, text)}
}

// logs lists the events of all tables that have a time; without one the platform would take the time of arrival.
func logs(in schedule.Input) []*event {
	var out []*event
	for t, table := range in.Tables {
		for r, row := range table.Rows {
			e := &event{row: row, ref: native.Ref{Table: t, Row: r}}
			var dated bool
			e.time, dated = interp.Time(row)
			e.arrives = arrival(in, t, r, e.time, dated)
			if !dated {
				e.time = e.arrives
			}
			out = append(out, e)
		}
	}
	return out
}

// arrival is when a row can be seen; by default at its own time.
func arrival(in schedule.Input, table, row int, at int64, dated bool) int64 {
	switch {
	case in.Arrives != nil && in.Arrives[table] != nil:
		return in.Arrives[table][row]
	case dated:
		return at
	}
	return in.From.UnixMilli()
}

// detection is one run of a rule.
type detection struct {
	rule     *api.DetectionRule
	in       schedule.Input
	switches native.Input
	signals  map[string]*signal
	out      []schedule.Finding
}

func (d *detection) on(x native.Doubt) bool { return d.switches.On(x) }

func detect(rule *api.DetectionRule, in schedule.Input, events []*event) ([]schedule.Finding, diag.List) {
	d := &detection{rule: rule, in: in, switches: native.Input{Doubts: in.Doubts}, signals: map[string]*signal{}}
	if diags := d.match(events); diags.HasErrors() {
		return nil, diags
	}
	events = slices.DeleteFunc(events, func(e *event) bool { return !slices.Contains(e.matches, true) || e.arrives > in.To.UnixMilli() })
	for _, e := range events {
		e.clock = e.time
		if !d.on(DoubtEventTime) {
			e.clock = e.arrives
		}
	}
	slices.SortStableFunc(events, func(a, b *event) int {
		return cmp.Or(cmp.Compare(a.clock, b.clock), cmp.Compare(a.arrives, b.arrives), cmp.Compare(a.ref.Table, b.ref.Table), cmp.Compare(a.ref.Row, b.ref.Row))
	})
	switch rule.Options.DetectionMethod {
	case api.Threshold:
		return d.threshold(events)
	case api.NewValueMethod:
		return d.newValues(events)
	case api.SequenceMethod:
		return d.sequence(events)
	case api.AnomalyMethod: // its algorithm is not published
	}
	return nil, fault(fmt.Sprintf("the detection method %q is not known here", rule.Options.DetectionMethod))
}

// match asks each query of each event; the tables' facet types say what compares as a number.
func (d *detection) match(events []*event) diag.List {
	byTable := map[int][]*event{}
	for _, e := range events {
		e.matches = make([]bool, len(d.rule.Queries))
		byTable[e.ref.Table] = append(byTable[e.ref.Table], e)
	}
	for i, q := range d.rule.Queries {
		program, diags := interp.Language.Compile("query "+q.Name, q.Query)
		if diags.HasErrors() {
			return diags
		}
		for t, list := range byTable {
			table := native.Table{Name: d.in.Tables[t].Name, Types: d.in.Tables[t].Types}
			for _, e := range list {
				table.Rows = append(table.Rows, e.row)
			}
			out, diags := program.Run(native.Input{Tables: []native.Table{table}, Doubts: d.in.Doubts})
			if diags.HasErrors() {
				return diags
			}
			for _, m := range out.Matches {
				list[m.Row].matches[i] = sourceOf(list[m.Row].row) == q.DataSource
			}
		}
	}
	return nil
}

// sourceOf is the data source that an event is kept in: what agents report, and the spans of applications that carry security
// activity, are not among the logs.
func sourceOf(row native.Row) api.DataSource {
	if len(interp.Values(native.Input{}, row, activityField)) > 0 {
		return api.Spans
	}
	for _, v := range interp.Values(native.Input{}, row, "source") {
		if v == agentSource {
			return api.SecurityRuntime
		}
	}
	return api.Logs
}

// activityField tells spans with security activity (App and API Protection).
const activityField = "@appsec.security_activity"

// agentSource is the source of the events that agents report.
const agentSource = "runtime-security-agent"

// live reports whether a rule that was switched on at From is given the event.
func (d *detection) live(e *event) bool {
	return d.in.From.IsZero() || e.arrives >= d.in.From.UnixMilli()
}

// found adds a match of a group to the signal that is open for it, or opens one.
func (d *detection) found(e *event, key string, c api.Case, columns map[string]any) {
	s := d.signals[key]
	if s == nil || !s.takes(e.clock, d.rule.Options, d.on(DoubtKeepAliveEdge)) {
		s = &signal{first: e.clock, opened: e.time}
		d.signals[key] = s
	}
	s.last = e.clock
	s.raise(c)
	columns[Opened], columns[Matched] = s.opened, e.time
	columns[Severity], columns[CaseName] = string(s.status), s.caseName
	d.out = append(d.out, schedule.Finding{At: time.UnixMilli(max(e.arrives, e.time)).UTC(), Columns: columns, Events: []native.Ref{e.ref}})
}

// signal is what is open for a group.
type signal struct {
	first, last int64 // by the clock
	opened      int64 // the time of the first match
	status      api.Status
	caseName    string
}

// takes reports whether a match at t still belongs to the signal: within the keep-alive of the match before, and before the
// longest duration is over.
func (s *signal) takes(t int64, o api.Options, edge bool) bool {
	gap, alive := t-s.last, o.KeepAlive*1000
	return o.MaxSignalDuration > 0 && t-s.first <= o.MaxSignalDuration*1000 && (gap < alive || edge && gap == alive)
}

var severities = []api.Status{api.Info, api.Low, api.Medium, api.High, api.Critical}

// raise gives the signal the severity of a case, unless it has a higher one.
func (s *signal) raise(c api.Case) {
	if s.status == "" || slices.Index(severities, c.Status) > slices.Index(severities, s.status) {
		s.status, s.caseName = c.Status, c.Name
	}
}
