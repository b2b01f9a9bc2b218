package verify

import (
	"fmt"
	"slices"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/ir"
)

// ownValues judges the tests that set parameters or lists: the rule with these values is compiled, and its query compared
// with it on the events of the test. What comes of it is added to the result of the rule.
func ownValues(res *Result, b *backends.Backend, opts Options) {
	for _, t := range res.Rule.Tests {
		if t.Rule == nil {
			continue
		}
		rule := *t.Rule
		t.Rule = nil
		rule.Tests = []ir.Test{t}
		own := Rule(&rule, b, Options{Compile: opts.Compile, NoWitnesses: true})
		res.Cases += own.Cases
		res.Findings += own.Findings
		res.OutsideAssumptions += own.OutsideAssumptions
		res.Doubts = append(res.Doubts, own.Doubts...)
		switch own.Status {
		case Agrees:
		case Refused:
			res.Unrealised = append(res.Unrealised, fmt.Sprintf("test %q: there is no query with the values that it sets: %s", t.Name, own.Reason()))
		case Failed:
			res.Status, res.Diags = Failed, append(res.Diags, own.Diags...)
		case Disagrees:
			if res.Status != Failed {
				res.Status = Disagrees
			}
			room := max(0, maxDisagreements-len(res.Disagreements))
			res.Disagreements = append(res.Disagreements, own.Disagreements[:min(room, len(own.Disagreements))]...)
		}
	}
	slices.Sort(res.Doubts)
	res.Doubts = slices.Compact(res.Doubts)
}
