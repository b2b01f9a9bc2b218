// Package run executes a detection rule of Kibana, run by run, as elastic/kibana does (security_solution,
// server/lib/detection_engine/rule_types): the range of events of a run is that of its date math, both ends included, and
// each hit or row is an alert, up to max_signals.
package run

import (
	"strings"
	"time"

	eql "github.com/onerule/onerule/backends/elastic/eql/interp"
	"github.com/onerule/onerule/backends/elastic/eql/syntax"
	esql "github.com/onerule/onerule/backends/elastic/esql/interp"
	kibana "github.com/onerule/onerule/backends/elastic/kibana/interp"
	"github.com/onerule/onerule/backends/elastic/mapping"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/platform/elastic/rule"
	"github.com/onerule/onerule/platform/schedule"
)

// Doubt is how late runs are, which no page tells: the task manager of Kibana starts a run when it finds time, and the query
// starts some time after the run, whose start is the end of its range of events.
var Doubt = native.Doubt{
	Name: "elastic-runs-are-late", Default: true,
	Doc: "runs start up to half a minute late, each by another time, and NOW() in their query is 45 seconds later; off: runs and queries start in time",
}

// drift is by how much runs are late, one after the other; lateness how much later their queries start.
var drift = []time.Duration{0, 31 * time.Second, 2 * time.Second, 17 * time.Second}

const lateness = 45 * time.Second

// Run executes a rule on the clock and events of the input. Suppression, which brings alerts together in one, is not applied.
func Run(r *rule.Rule, in schedule.Input) ([]schedule.Finding, diag.List) {
	x := &runner{rule: r, in: in, alerted: map[native.Ref]bool{}, late: native.Input{Doubts: in.Doubts}.On(Doubt)}
	if err := x.prepare(); err != nil {
		return nil, diag.List{diag.New(diag.VerifyFailed, diag.Span{}, "Kibana would not take the rule: "+err.Error())}
	}
	if !r.Enabled {
		return nil, nil
	}
	prog, diags := languages[r.Type].Compile("query", r.Query)
	if diags.HasErrors() {
		return nil, diags
	}
	x.prog = prog
	var out []schedule.Finding
	for _, tick := range x.starts(in) {
		found, ds := x.at(tick, in)
		if ds.HasErrors() {
			return nil, ds
		}
		out = append(out, found...)
	}
	return out, nil
}

// languages run the queries; KQL("…") inside ES|QL is Kibana's language.
var languages = map[string]native.Language{rule.Query: kibana.Language, rule.EQL: eql.Language, rule.ESQL: esql.New(kibana.Language)}

// Starts returns when a rule runs, on the clock of the input.
func Starts(r *rule.Rule, in schedule.Input) []time.Time {
	x := &runner{rule: r, late: native.Input{Doubts: in.Doubts}.On(Doubt)}
	if err := x.prepare(); err != nil {
		return nil
	}
	return x.starts(in)
}

func (x *runner) starts(in schedule.Input) []time.Time {
	ticks := in.Ticks(x.every)
	if x.late {
		for i := range ticks {
			ticks[i] = ticks[i].Add(drift[i%len(drift)])
		}
	}
	return ticks
}

type runner struct {
	rule            *rule.Rule
	in              schedule.Input
	sequence        *syntax.Sequence // of a rule of type eql that has one
	prog            native.Program
	every, from, to time.Duration
	late            bool
	// times reads timestamp_override and @timestamp; nil when there is no override.
	times *mapping.Mapping
	// alerted are the events that have an alert: Kibana tells them by their ids.
	alerted map[native.Ref]bool
}

func (x *runner) prepare() (err error) {
	if err = x.rule.Check(); err != nil {
		return err
	}
	if x.every, err = rule.ParseInterval(x.rule.Interval); err != nil {
		return err
	}
	if x.from, err = rule.Ago(x.rule.From); err != nil {
		return err
	}
	if x.to, err = rule.Ago(x.rule.To); err != nil {
		return err
	}
	if x.rule.Type == rule.EQL {
		if q, _ := syntax.Parse("query", x.rule.Query); q != nil {
			x.sequence, _ = q.Statement.(*syntax.Sequence)
		}
	}
	if name := x.rule.TimestampOverride; name != "" {
		x.times, err = mapping.New(map[string]string{name: "date", timestamp: "date"})
	}
	return err
}

// at is one run.
func (x *runner) at(tick time.Time, in schedule.Input) ([]schedule.Finding, diag.List) {
	now := tick
	if x.late {
		now = tick.Add(lateness)
	}
	tables, places := in.At(now)
	from, to := tick.Add(-x.from), tick.Add(-x.to)
	query := native.Input{Tables: tables, Now: now, Doubts: in.Doubts, Size: x.rule.MaxSignals + 1}
	if x.sequence != nil {
		query.Size = x.rule.MaxSignals // what Elasticsearch leaves out are the first ones
	}
	for i := range tables {
		if x.rule.Type != rule.ESQL && !searched(x.rule.Index, tables[i].Name) {
			tables[i].Rows, places[i] = nil, nil
		}
		if x.times != nil {
			x.within(&tables[i], &places[i], from, to)
		}
	}
	if x.times == nil {
		query.From, query.To = from, to.Add(time.Millisecond)
	}
	answer, diags := x.prog.Run(query)
	if diags.HasErrors() {
		return nil, diags
	}
	var out []schedule.Finding
	for _, f := range x.alerts(tick, answer, places) {
		if len(out) < x.rule.MaxSignals {
			out = append(out, f)
			for _, e := range f.Events {
				x.alerted[e] = true
			}
		}
	}
	return out, nil
}

// searched reports whether the index patterns of a rule reach a table, whose name may be a list of patterns.
func searched(index []string, table string) bool {
	for part := range strings.SplitSeq(table, ",") {
		found := table == ""
		for _, p := range index {
			found = found || fits(p, part)
		}
		if !found {
			return false
		}
	}
	return true
}

// fits reports whether an index pattern fits a name; a star in the name is a plain character.
func fits(pattern, name string) bool {
	pieces := strings.Split(pattern, "*")
	if len(pieces) == 1 {
		return pattern == name
	}
	rest, ok := strings.CutPrefix(name, pieces[0])
	if !ok {
		return false
	}
	for _, p := range pieces[1 : len(pieces)-1] {
		_, after, ok := strings.Cut(rest, p)
		if !ok {
			return false
		}
		rest = after
	}
	return strings.HasSuffix(rest, pieces[len(pieces)-1])
}

// within leaves the events in the range by the overriding field, or by @timestamp where they lack it.
func (x *runner) within(t *native.Table, places *[]int, from, to time.Time) {
	var rows []native.Row
	var kept []int
	for i, row := range t.Rows {
		times := x.times.Values(row, x.rule.TimestampOverride)
		if len(times) == 0 {
			times = x.times.Values(row, timestamp)
		}
		for _, v := range times {
			if at, ok := v.(time.Time); ok && !at.Before(from) && !at.After(to) {
				rows, kept = append(rows, row), append(kept, (*places)[i])
				break
			}
		}
	}
	t.Rows, *places = rows, kept
}

const timestamp = "@timestamp"

// alerts makes alerts of an answer: of each event that has none yet, or of each row that is about several events.
func (x *runner) alerts(tick time.Time, answer native.Output, places [][]int) []schedule.Finding {
	var out []schedule.Finding
	event := func(r native.Ref, columns map[string]any) {
		ref := schedule.Ref(places, r)
		if !x.alerted[ref] {
			out = append(out, schedule.Finding{At: tick, Columns: columns, Events: []native.Ref{ref}})
		}
	}
	for _, m := range answer.Matches {
		event(m, nil)
	}
	for _, g := range answer.Groups {
		out = append(out, x.group(tick, g, places))
	}
	for _, row := range answer.Results {
		columns := map[string]any{}
		for i, c := range answer.Columns {
			columns[c.Name] = row.Cells[i]
		}
		if row.Source != nil {
			event(*row.Source, columns)
			continue
		}
		out = append(out, schedule.Finding{At: tick, Columns: columns})
	}
	return out
}
