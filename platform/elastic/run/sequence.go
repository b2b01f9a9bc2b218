package run

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/onerule/onerule/backends/elastic/mapping"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/platform/schedule"
)

// group makes an alert of a sequence. Kibana writes one building block for each event and a shell around them that has what all
// events have alike; a missing event has no block (kibana PR 235133, 9.2). The columns are those of Elasticsearch's answer:
//
//	join_keys[0]         the first key
//	events[2].source.ip  a field of the third event; missing events count
//	span_end             the time of the first event and maxspan: when it is known that a missing event did not come
//
// The same events make an alert with the same id, which is written once; Run tells it at every run.
func (x *runner) group(tick time.Time, g native.Group, places [][]int) schedule.Finding {
	out := schedule.Finding{At: tick, Columns: map[string]any{}}
	for i, k := range g.JoinKeys {
		out.Columns[fmt.Sprintf("join_keys[%d]", i)] = k
	}
	for i, e := range g.Events {
		if e == nil {
			continue
		}
		ref := schedule.Ref(places, *e)
		row := x.in.Tables[ref.Table].Rows[ref.Row]
		for name, v := range fieldsOf(row) {
			out.Columns[fmt.Sprintf("events[%d].%s", i, name)] = v
		}
		if len(out.Events) == 0 {
			if at, ok := timeOf(row); ok && x.sequence != nil && x.sequence.MaxSpan != nil {
				out.Columns["span_end"] = at.Add(time.Duration(x.sequence.MaxSpan.Millis()) * time.Millisecond)
			}
		}
		out.Events = append(out.Events, ref)
	}
	return out
}

// timeOf reads the @timestamp of an event.
func timeOf(row native.Row) (time.Time, bool) {
	m, err := mapping.New(map[string]string{timestamp: "date"})
	if err != nil {
		return time.Time{}, false
	}
	for _, v := range m.Values(row, timestamp) {
		if at, ok := v.(time.Time); ok {
			return at, true
		}
	}
	return time.Time{}, false
}

// fieldsOf returns the values of an event by dotted path, lists where there are several.
func fieldsOf(row native.Row) map[string]any {
	out := map[string]any{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case nil:
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				full := name
				if path != "" {
					full = path + "." + name
				}
				walk(full, v[name])
			}
		case []any:
			for _, x := range v {
				walk(path, x)
			}
		default:
			switch old := out[path].(type) {
			case nil:
				out[path] = v
			case []any:
				out[path] = append(old, v)
			default:
				out[path] = []any{old, v}
			}
		}
	}
	walk("", row)
	return out
}
