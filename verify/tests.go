package verify

import (
	"fmt"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
)

// TestResult is the outcome of one test of a rule, on the evaluator (Lang "") or through a language.
type TestResult struct {
	Name string
	Lang string
	// Expect and Got are numbers of findings; AtLeast makes Expect a minimum.
	Expect, Got int
	AtLeast     bool
	// Refused is set when the language has no query for the rule, or no telemetry for an event: the test was not run.
	Refused bool
	// Detail explains a failure: the conditions with the values seen, or the reason of a refusal.
	Detail string
}

// OK reports whether the test passed. A refusal is no failure: `verify` reports it.
func (t TestResult) OK() bool {
	return t.Refused || t.Got == t.Expect || t.AtLeast && t.Got >= t.Expect
}

// Tests runs the tests of a rule on the evaluator, then through each language.
func Tests(r *ir.Rule, langs []*backends.Backend, opts all.Options) []TestResult {
	var out []TestResult
	rule, err := eval.New(r)
	if err != nil {
		panic(err) // lowering has verified the rule
	}
	for _, t := range r.Tests {
		res := TestResult{Name: t.Name, Expect: t.Expect, AtLeast: t.AtLeast}
		var detail strings.Builder
		for i := range t.Events {
			e := CanonicalOf(&t.Events[i].Event)
			if rule.Match(e) {
				res.Got++
			}
			fmt.Fprintf(&detail, "event %d: %s", i+1, rule.Explain(e).String())
		}
		if !res.OK() {
			res.Detail = fmt.Sprintf("expected %s, found %d\n%s", countPhrase(t), res.Got, detail.String())
		}
		out = append(out, res)
	}
	for _, b := range langs {
		out = append(out, testsThrough(r, b, opts)...)
	}
	return out
}

func countPhrase(t ir.Test) string {
	if t.AtLeast {
		return fmt.Sprintf("at least %d findings", t.Expect)
	}
	return fmt.Sprintf("%d findings", t.Expect)
}

func testsThrough(r *ir.Rule, b *backends.Backend, opts all.Options) []TestResult {
	compiled, diags := all.Compile(r, b, opts)
	var out []TestResult
	for _, t := range r.Tests {
		res := TestResult{Name: t.Name, Lang: b.Lang, Expect: t.Expect, AtLeast: t.AtLeast}
		if !compiled.OK() {
			res.Refused = true
			if err := diags.Err(); err != nil {
				res.Detail = err.Error()
			}
			out = append(out, res)
			continue
		}
		single := *r
		single.Tests = []ir.Test{t}
		c := &collector{out: &all.Output{Rule: &single, Backend: b, Bound: compiled.Bound, Fidelity: compiled.Fidelity, Query: compiled.Query}, seen: map[string]bool{}}
		c.tests()
		j, err := newJudge(c.out)
		if err == nil {
			var answers []bool
			if answers, err = j.run(c.cases, nil); err == nil {
				res.Got = countFound(c.cases, answers)
			}
		}
		switch {
		case err != nil:
			res.Got, res.Detail = -1, err.Error()
		case len(c.unrealised) > 0:
			res.Refused, res.Detail = true, strings.Join(c.unrealised, "\n")
		case !res.OK():
			res.Detail = fmt.Sprintf("expected %s, the query found %d\n%s\n", countPhrase(t), res.Got, compiled.Query.Text)
		}
		out = append(out, res)
	}
	return out
}

// countFound counts each test event once, although it may have been sent through several bindings.
func countFound(cases []Case, answers []bool) int {
	found := map[string]bool{}
	for i, c := range cases {
		if answers[i] {
			found[c.Name] = true
		}
	}
	return len(found)
}
