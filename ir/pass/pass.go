// Package pass holds the passes from IR to IR. A pass returns a new tree and never edits its input; each keeps the meaning,
// which its test checks on random predicates and events.
package pass

import (
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
)

// Pass is one named pass over predicates.
type Pass struct {
	Name string
	Doc  string
	Run  func(ir.Pred) ir.Pred
}

// Pipeline lists the passes that every backend relies on, in order. `onerule ir --after NAME` stops behind one.
var Pipeline = []Pass{
	{Name: "normalize", Doc: "quantifiers with a simple body become bare comparisons, `any` distributes over `or`, constants are folded, nested and/or are flattened", Run: Normalize},
	{Name: "push-not", Doc: "`not` stands before leaves only", Run: PushNot},
	{Name: "fold", Doc: "constants that the earlier passes made are folded, nested and/or are flattened", Run: Normalize},
}

// Canonical runs the whole pipeline.
func Canonical(p ir.Pred) ir.Pred {
	for _, ps := range Pipeline {
		p = ps.Run(p)
	}
	return p
}

// NoSpan is the place of nodes that no rule text stands behind.
var NoSpan diag.Span
