package verify

import (
	"fmt"
	"slices"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/schema"
)

// Tick is what a platform told at one tick of its clock.
type Tick struct {
	At       time.Time
	Findings []ir.Finding
}

// Ordering compares what an artefact of a sequence or together rule told, tick by tick, with the meaning of the rule on the
// rows. A tick evaluates a range: what happened since the tick before, [settled−Every, settled), or, where the artefact says
// Whole, all that it reads, [settled−Lookback, settled). For each key the earliest finding of a tick must be the meaning's in
// that range, with the same values shown; what is told besides, or of a time behind the range, must be a true time at which a
// chain of the key ends. A wider
// artefact tells of each key at the meaning's time or earlier; what a narrower one tells is true.
// The error says the first difference; nil means that there is none.
func Ordering(r *ir.Rule, rows []eval.Row, art *platform.Artefact, ticks []Tick) error {
	if d := orderingDiffers(r, rows, art, ticks); d != nil {
		return d
	}
	return nil
}

// difference is one finding on which a platform and the meaning differ at a tick.
type difference struct {
	at      time.Time
	finding ir.Finding
	why     string
	// wanted says that it is a finding of the meaning, told that the platform tells it.
	wanted, told bool
}

func (d *difference) Error() string {
	return fmt.Sprintf("at the tick %s: %s %s", d.at.UTC().Format(time.RFC3339Nano), d.finding.Identity(), d.why)
}

func orderingDiffers(r *ir.Rule, rows []eval.Row, art *platform.Artefact, ticks []Tick) *difference {
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
		if d := tickDiffers(r, rows, eval.Findings(r, seen, rng), tick, art); d != nil {
			d.at = tick.At
			return d
		}
	}
	return nil
}

// keyOf is the same of findings of one key.
func keyOf(f ir.Finding) string {
	f.From, f.To, f.Time = 0, 0, 0
	return f.Identity()
}

func tickDiffers(r *ir.Rule, rows []eval.Row, want []ir.Finding, tick Tick, art *platform.Artefact) *difference {
	first := map[string]int64{} // by key, the least time that was told
	for _, f := range tick.Findings {
		if t, ok := first[keyOf(f)]; !ok || f.Time < t {
			first[keyOf(f)] = f.Time
		}
	}
	narrow, wide := art.Fidelity.Kind == backends.Narrow, art.Fidelity.Kind == backends.Widen
	for _, w := range want {
		t, ok := first[keyOf(w)]
		switch {
		case narrow, wide && ok && t <= w.Time:
		case !ok:
			return &difference{finding: w, why: "is not found", wanted: true}
		case t != w.Time:
			return &difference{finding: w, why: fmt.Sprintf("is found at %d ms after it", t-w.Time), wanted: true}
		case slices.ContainsFunc(tick.Findings, func(f ir.Finding) bool { return f.Identity() == w.Identity() && !sameShown(r, art, w, f) }):
			return &difference{finding: w, why: fmt.Sprintf("shows other values than %v", w.Shown), wanted: true, told: true}
		}
		delete(first, keyOf(w))
	}
	if wide {
		return nil
	}
	for _, f := range tick.Findings {
		if _, more := first[keyOf(f)]; more && !narrow && f.Time < art.Timing.Settled(tick.At).UnixMilli() {
			return &difference{finding: f, why: "is found, and nothing in the range of the tick has that key", told: true}
		}
		if !ends(r, rows, f) {
			return &difference{finding: f, why: "is found, and no chain of that key ends there", told: true}
		}
	}
	return nil
}

// ends reports whether a chain of the finding's key ends at its time.
func ends(r *ir.Rule, rows []eval.Row, f ir.Finding) bool {
	return slices.ContainsFunc(eval.Findings(r, rows, eval.Range{From: f.Time, To: f.Time + 1}), func(x ir.Finding) bool { return x.Identity() == f.Identity() })
}

// sameShown compares the values that the platform carries. The empty text counts as none: not every platform tells it from one
// that is missing.
func sameShown(r *ir.Rule, art *platform.Artefact, want, got ir.Finding) bool {
	for i := range r.Emit.Shown {
		if i < len(art.Columns.Shown) && art.Columns.Shown[i] != "" && !sameValues(told(want.Shown[i]), told(got.Shown[i])) {
			return false
		}
	}
	return true
}

// told leaves out empty texts.
func told(vs []schema.Value) []schema.Value {
	return slices.DeleteFunc(slices.Clone(vs), func(v schema.Value) bool { return v.Type().IsString() && v.Str() == "" })
}

// allEnds returns every time at which a chain of a key ends: what is found when the range begins just after each finding.
func allEnds(r *ir.Rule, rows []eval.Row) []ir.Finding {
	var out []ir.Finding
	rng := eval.Always
	for range maxEnds {
		found := eval.Findings(r, rows, rng)
		if len(found) == 0 {
			break
		}
		for _, f := range found { // they are in the order of time
			if f.Time == found[0].Time {
				out = append(out, f)
			}
		}
		rng.From = found[0].Time + 1
	}
	return out
}

// maxEnds bounds how often the range of one stream begins anew.
const maxEnds = 60

// wanted returns what the rule finds in rows of a stream, by identity: for a sequence every end of a chain; for an absence rule
// what the ticks of a run in some phase cover.
func (j *streamJudge) wanted(s Stream, rows []eval.Row, phase time.Duration) map[string]ir.Finding {
	switch b := j.out.Rule.Body.(type) {
	case *ir.Sequence:
		return byIdentity(allEnds(j.out.Rule, rows))
	case *ir.Absence:
		return byIdentity(eval.Findings(j.out.Rule, rows, j.covered(s, b, phase)))
	case *ir.Count, *ir.Baseline, *ir.FirstSeen, nil:
	}
	return byIdentity(eval.Findings(j.out.Rule, rows, eval.Always))
}

// covered is the range of windows that the ticks of a run judge: those that end in (settled−Every, settled] of some tick.
func (j *streamJudge) covered(s Stream, b *ir.Absence, phase time.Duration) eval.Range {
	in, _ := j.input(s)
	in.Phase = phase
	ticks := j.starts(in)
	if len(ticks) == 0 {
		return eval.Range{}
	}
	first, last := j.art.Timing.Settled(ticks[0]).Add(-j.art.Timing.Every), j.art.Timing.Settled(ticks[len(ticks)-1])
	return eval.Range{From: first.Add(-b.Window).UnixMilli() + 1, To: last.Add(-b.Window).UnixMilli() + 1}
}

// starts returns when the platform runs the artefact.
func (j *streamJudge) starts(in schedule.Input) []time.Time {
	if j.platform.Starts != nil {
		return j.platform.Starts(j.doc, in)
	}
	return in.Ticks(j.art.Timing.Every)
}

// ticks returns what the platform told of an ordering rule in a stream, tick by tick; those at which it told nothing are there.
func (j *streamJudge) ticks(s Stream, phase time.Duration) ([]Tick, error) {
	in, ids := j.input(s)
	in.Phase = phase
	found, diags := j.platform.Run(j.doc, in)
	if diags.HasErrors() {
		return nil, fmt.Errorf("the artefact does not run: %w", diags.Err())
	}
	var out []Tick
	for _, at := range j.starts(in) {
		out = append(out, Tick{At: at})
	}
	for _, f := range found {
		fs, err := j.findings(f, ids)
		if err != nil {
			return nil, err
		}
		i, ok := slices.BinarySearchFunc(out, f.At, func(t Tick, at time.Time) int { return t.At.Compare(at) })
		if !ok {
			return nil, fmt.Errorf("the platform raises an alert at %s, when its clock does not tick", f.At)
		}
		out[i].Findings = append(out[i].Findings, fs...)
	}
	return out, nil
}

// compareOrdering compares what is told of a sequence or together rule in each phase of the clock; nil when they agree.
func (j *streamJudge) compareOrdering(s Stream, want, bound map[string]ir.Finding, rows []eval.Row) (*Disagreement, error) {
	for _, phase := range phases {
		ticks, err := j.ticks(s, phase)
		if err != nil {
			return nil, err
		}
		d := orderingDiffers(j.out.Rule, rows, j.telling(s), ticks)
		if d == nil {
			continue
		}
		id := d.finding.Identity()
		out := j.difference(s, id, want, bound, nil, "lowering", fmt.Sprintf("%s (ticks moved by %s)", d.Error(), phase))
		out.Bound, out.Got = d.wanted || out.Bound, d.told
		return out, nil
	}
	return nil, nil
}

// telling is the artefact, or where it assumes that no two events of a group share a time and some do, one that shows nothing.
func (j *streamJudge) telling(s Stream) *platform.Artefact {
	if !slices.Contains(j.art.Fidelity.Assumptions, "distinct-times") || !j.sharesTimes(s) {
		return j.art
	}
	art := *j.art
	art.Columns.Shown = nil
	return &art
}
