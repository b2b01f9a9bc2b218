package backends

import (
	"time"

	"github.com/onerule/onerule/ir"
)

// Timing is how a platform runs a rule.
type Timing = ir.Timing

// TimingOf computes the timing of a rule; see [ir.TimingOf].
func TimingOf(r *ir.Rule) Timing { return ir.TimingOf(r) }

// Reach is how far before the findings that a tick judges the events lie that they depend on.
func Reach(r *ir.Rule) time.Duration { return ir.Reach(r) }
