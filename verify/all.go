package verify

import (
	"slices"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/parallel"
	"github.com/onerule/onerule/ir"
)

// All verifies every rule in every language, on all cores; the results are in the order of rules, then languages.
func All(rules []*ir.Rule, langs []*backends.Backend, opts Options) []*Result {
	out := make([]*Result, len(rules)*len(langs))
	parallel.Each(len(out), func(i int) {
		out[i] = Rule(rules[i/len(langs)], langs[i%len(langs)], opts)
		if opts.Progress != nil {
			opts.Progress()
		}
	})
	return out
}

// Failing reports whether some result calls for exit code 1: a disagreement, a query that does not run, or a refused
// target.
func Failing(results []*Result) bool {
	return slices.ContainsFunc(results, func(r *Result) bool { return r.Status != Agrees })
}

// Findings returns what the results say about rules as diagnostics: why a target is refused or its query does not run, and
// one diagnostic for each result with disagreements.
func Findings(results []*Result) diag.List {
	var out diag.List
	for _, r := range results {
		out = append(out, r.Diags...)
		if len(r.Disagreements) > 0 {
			out = append(out, disagreement(r))
		}
	}
	return out.Sort()
}

func disagreement(r *Result) diag.Diagnostic {
	d := r.Disagreements[0]
	out := diag.New(diag.Disagreement, r.Rule.Span, "the "+r.Backend.Title+" query finds something else than the rule")
	out.Label = d.Why
	out.Notes = append(out.Notes, "on "+d.Case.Name+": "+answersText(r, d), "event: "+jsonText(d.Native))
	if d.Leaf != "" {
		out.Notes = append(out.Notes, "condition: "+d.Leaf)
	}
	if d.Piece != "" {
		out.Notes = append(out.Notes, "printed as: "+d.Piece)
	}
	return out
}
