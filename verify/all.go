package verify

import (
	"fmt"
	"slices"

	"github.com/onerule/onerule/backends"
	compiled "github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/parallel"
	"github.com/onerule/onerule/ir"
)

// All verifies every rule in every language of the platforms that it is for, on all cores; the results are in the order
// of rules, then languages.
func All(rules []*ir.Rule, langs []*backends.Backend, opts Options) []*Result {
	all := make([]*Result, len(rules)*len(langs))
	Each(rules, langs, opts, func(i int, r *Result) { all[i] = r })
	return slices.DeleteFunc(all, func(r *Result) bool { return r == nil })
}

// Each is [All] for very many rules: it gives each result away when it is there and forgets it. Several goroutines call take,
// with the place of the result in the order of rules, then languages.
func Each(rules []*ir.Rule, langs []*backends.Backend, opts Options, take func(place int, r *Result)) {
	parallel.Each(len(rules)*len(langs), func(i int) {
		if r, b := rules[i/len(langs)], langs[i%len(langs)]; r.For(b.Platform) {
			take(i, try(r, b, opts))
		}
		if opts.Progress != nil {
			opts.Progress()
		}
	})
}

// try is [Rule], where a panic is a failed result: a fault of ours in one rule does not take the others along.
func try(r *ir.Rule, b *backends.Backend, opts Options) (res *Result) {
	failed := parallel.Try(func() { res = Rule(r, b, opts) })
	if failed == nil {
		return res
	}
	res = &Result{Rule: r, Backend: b, Output: &compiled.Output{Rule: r, Backend: b, Fidelity: backends.Fidelity{Kind: backends.Refuse}}, Status: Failed}
	res.Diags = diag.List{diag.Internal(r.Span, fmt.Sprintf("verifying `%s` as %s", r.Name, b.Title), failed.Value, failed.Stack)}
	return res
}

// Failing reports whether some result calls for exit code 1: a disagreement, a query that does not run, or a platform
// on which no language carries the rule.
func Failing(results []*Result) bool {
	carried := carriedTargets(results)
	return slices.ContainsFunc(results, func(r *Result) bool { return counts(r, carried) })
}

// target is a rule on a platform.
type target struct{ rule, platform string }

// carriedTargets returns the targets for which some language has a query.
func carriedTargets(results []*Result) map[target]bool {
	out := map[target]bool{}
	for _, r := range results {
		if r.Status != Refused {
			out[target{r.Rule.Name, r.Backend.Platform}] = true
		}
	}
	return out
}

// counts reports whether a result is a fault: a language that refuses a rule is none where another language of its
// platform carries it.
func counts(r *Result, carried map[target]bool) bool {
	return r.Status == Disagrees || r.Status == Failed || r.Status == Refused && !carried[target{r.Rule.Name, r.Backend.Platform}]
}

// Reasons returns why results are faults: why a target is refused, or a query does not run.
func Reasons(results []*Result) diag.List {
	carried := carriedTargets(results)
	var out diag.List
	for _, r := range results {
		if counts(r, carried) {
			out = append(out, r.Diags...)
		}
	}
	return out.Sort()
}

// Findings returns what the results say about rules as diagnostics: [Reasons], warnings about queries that are not exact, and
// one diagnostic for each result with disagreements.
func Findings(results []*Result) diag.List {
	out := Reasons(results)
	for _, r := range results {
		if r.Status == Agrees {
			out = append(out, r.Diags...)
		}
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
