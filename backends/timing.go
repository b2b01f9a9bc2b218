package backends

import "github.com/onerule/onerule/ir"

// Timing is how a platform runs a rule.
type Timing = ir.Timing
