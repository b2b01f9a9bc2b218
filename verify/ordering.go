package verify

import (
	"fmt"
	"slices"
	"time"

	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
)

// Tick is what a platform told at one tick of its clock.
type Tick struct {
	At       time.Time
	Findings []ir.Finding
}

// Ordering compares what an artefact of a sequence or together rule told, tick by tick, with the meaning of the rule on the
// rows. A tick evaluates a range: what happened since the tick before, [settled−Every, settled), or, where the artefact says
// Whole, all that it reads, [settled−Lookback, settled). For each key the earliest finding of a tick must be the meaning's in
// that range, with the same values shown; what is told besides must be a true time at which a chain of the key ends.
// The error says the first difference; nil means that there is none.
func Ordering(r *ir.Rule, rows []eval.Row, art *platform.Artefact, ticks []Tick) error {
	for _, tick := range ticks {
		settled := art.Timing.Settled(tick.At)
		rng := eval.Range{From: settled.Add(-art.Timing.Every).UnixMilli(), To: settled.UnixMilli()}
		seen := rows
		if art.Whole {
			rng.From = settled.Add(-art.Timing.Lookback).UnixMilli()
			seen = nil
			for _, row := range rows {
				if row.Millis >= rng.From && row.Millis < rng.To {
					seen = append(seen, row)
				}
			}
		}
		if err := tickDiffers(r, rows, eval.Findings(r, seen, rng), tick, art); err != nil {
			return fmt.Errorf("at the tick %s: %w", tick.At.UTC().Format(time.RFC3339Nano), err)
		}
	}
	return nil
}

func tickDiffers(r *ir.Rule, rows []eval.Row, want []ir.Finding, tick Tick, art *platform.Artefact) error {
	first := map[string]int64{} // by key, the least time that was told
	key := func(f ir.Finding) string {
		f.From, f.To, f.Time = 0, 0, 0
		return f.Identity()
	}
	for _, f := range tick.Findings {
		if t, ok := first[key(f)]; !ok || f.Time < t {
			first[key(f)] = f.Time
		}
	}
	for _, w := range want {
		t, ok := first[key(w)]
		if !ok {
			return fmt.Errorf("%s is not found", w.Identity())
		}
		if t != w.Time {
			return fmt.Errorf("%s is found at %d ms after it", w.Identity(), t-w.Time)
		}
		for _, f := range tick.Findings {
			if f.Identity() == w.Identity() && !sameShown(r, art, w, f) {
				return fmt.Errorf("%s shows other values: %v, not %v", w.Identity(), f.Shown, w.Shown)
			}
		}
		delete(first, key(w))
	}
	for _, f := range tick.Findings {
		if _, more := first[key(f)]; more {
			return fmt.Errorf("%s is found, and nothing in the range of the tick has that key", f.Identity())
		}
		if !ends(r, rows, f) {
			return fmt.Errorf("%s is found, and no chain of that key ends there", f.Identity())
		}
	}
	return nil
}

// ends reports whether a chain of the finding's key ends at its time.
func ends(r *ir.Rule, rows []eval.Row, f ir.Finding) bool {
	return slices.ContainsFunc(eval.Findings(r, rows, eval.Range{From: f.Time, To: f.Time + 1}), func(x ir.Finding) bool { return x.Identity() == f.Identity() })
}

// sameShown compares the values that the platform carries.
func sameShown(r *ir.Rule, art *platform.Artefact, want, got ir.Finding) bool {
	for i := range r.Emit.Shown {
		if i < len(art.Columns.Shown) && art.Columns.Shown[i] != "" && !sameValues(want.Shown[i], got.Shown[i]) {
			return false
		}
	}
	return true
}
