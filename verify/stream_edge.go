package verify

import (
	"slices"

	"github.com/onerule/onerule/ir"
)

// onEdge reports whether two events of a stream lie exactly a span apart, where the output assumes that there are none.
func (j *streamJudge) onEdge(s Stream) bool {
	b, ok := j.out.Rule.Body.(*ir.Sequence)
	if !ok || !slices.Contains(j.art.Fidelity.Assumptions, "window-edge") {
		return false
	}
	times := map[int64]bool{}
	for _, e := range s.Events {
		times[e.Canonical.Millis] = true
	}
	for t := range times {
		if times[t+b.Within.Milliseconds()] {
			return true
		}
	}
	return false
}
