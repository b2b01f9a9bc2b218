// Package schedule is what the platforms' runners share: the clock that they run by, the events that have arrived at a
// tick, and findings. It knows nothing of rules.
package schedule

import (
	"time"

	"github.com/onerule/onerule/backends/native"
)

// Input is what a platform's artefact is run on.
type Input struct {
	// Tables holds all events that ever arrive.
	Tables []native.Table
	// Arrives holds, for each table and row, when the event can be searched, in milliseconds; nil means that all have
	// arrived before the first tick.
	Arrives [][]int64
	// Clock runs from From, where the artefact is switched on, to To; Phase moves its ticks against whole intervals.
	From, To time.Time
	Phase    time.Duration
	// Doubts sets doubt switches by name; a switch that is absent has its default.
	Doubts map[string]bool
}

// Finding is one alert that a platform would raise.
type Finding struct {
	// At is the tick at which it was raised.
	At time.Time
	// Columns are the values that the alert carries, by the platform's names: columns of a result row, group values,
	// bounds of a window.
	Columns map[string]any
	// Events are the events that the alert is about, where it is about events.
	Events []native.Ref
}

// Ticks returns the times in [from, to] at which an artefact with that interval runs: multiples of it since 1970, moved by
// the phase.
func (in Input) Ticks(every time.Duration) []time.Time {
	var out []time.Time
	if every <= 0 {
		return nil
	}
	step := every.Milliseconds()
	first := (in.From.UnixMilli()-in.Phase.Milliseconds()+step-1)/step*step + in.Phase.Milliseconds()
	for t := first; t <= in.To.UnixMilli(); t += step {
		out = append(out, time.UnixMilli(t).UTC())
	}
	return out
}

// At returns the tables as a search at that time sees them, with the place in Tables of each row that has arrived.
func (in Input) At(t time.Time) ([]native.Table, [][]int) {
	tables := make([]native.Table, len(in.Tables))
	places := make([][]int, len(in.Tables))
	for i, table := range in.Tables {
		tables[i] = table
		tables[i].Rows, tables[i].Arrives = nil, nil
		for row, r := range table.Rows {
			if in.Arrives == nil || in.Arrives[i][row] <= t.UnixMilli() {
				tables[i].Rows = append(tables[i].Rows, r)
				if in.Arrives != nil {
					tables[i].Arrives = append(tables[i].Arrives, in.Arrives[i][row])
				}
				places[i] = append(places[i], row)
			}
		}
	}
	return tables, places
}

// Ref translates a reference into the tables of [Input.At] to one into Input.Tables.
func Ref(places [][]int, r native.Ref) native.Ref {
	return native.Ref{Table: r.Table, Row: places[r.Table][r.Row]}
}
