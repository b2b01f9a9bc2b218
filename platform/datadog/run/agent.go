package run

import (
	"encoding/json"
	"time"

	"github.com/onerule/onerule/backends/datadog/secl/interp"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/platform/datadog/api"
	"github.com/onerule/onerule/platform/schedule"
)

// reported is what agents report of their events under an agent rule: events with the rule's name, the kind of event and the
// host. What else the backend keeps of an event, under names of its own, no signal rule that is written here reads.
func reported(rule api.AgentAttributes, in schedule.Input) ([]*event, diag.List) {
	program, diags := interp.Language.Compile("agent rule "+rule.Name, rule.Expression)
	if diags.HasErrors() {
		return nil, diags
	}
	found, diags := program.Run(native.Input{Tables: in.Tables, Doubts: in.Doubts})
	if diags.HasErrors() {
		return nil, diags
	}
	var out []*event
	for _, ref := range found.Matches {
		row := in.Tables[ref.Table].Rows[ref.Row]
		if !runsOn(rule.Filters, text(row, "os")) {
			continue
		}
		at, dated := agentTime(row)
		e := &event{row: reportOf(rule.Name, row), ref: ref, time: at, arrives: arrival(in, ref.Table, ref.Row, at, dated)}
		if !dated {
			e.time = e.arrives
		}
		out = append(out, e)
	}
	return out, nil
}

// runsOn reports whether an agent on the operating system has the rule: every filter fits.
func runsOn(filters []string, system string) bool {
	for _, f := range filters {
		if want, ok := api.FilteredOS(f); !ok || system != "" && system != want {
			return false
		}
	}
	return true
}

func reportOf(name string, row native.Row) native.Row {
	out := native.Row{
		"source":     agentSource,
		"attributes": map[string]any{"agent": map[string]any{"rule_id": name}, "evt": map[string]any{"name": text(row, "type")}},
	}
	if host := text(row, "hostname"); host != "" {
		out["host"] = host
	}
	return out
}

// field reads event.NAME in its nested or dotted form.
func field(row native.Row, name string) any {
	if v, ok := row["event."+name]; ok {
		return v
	}
	inner, _ := row["event"].(map[string]any)
	return inner[name]
}

func text(row native.Row, name string) string {
	s, _ := field(row, name).(string)
	return s
}

// agentTime is event.timestamp: a date text, or nanoseconds since 1970.
func agentTime(row native.Row) (millis int64, ok bool) {
	switch v := field(row, "timestamp").(type) {
	case string:
		at, err := time.Parse(time.RFC3339Nano, v)
		return at.UnixMilli(), err == nil
	case json.Number:
		ns, err := v.Int64()
		return ns / 1e6, err == nil
	}
	return 0, false
}
