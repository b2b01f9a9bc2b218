package verify

import (
	"fmt"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/internal/parallel"
	"github.com/onerule/onerule/ir"
)

// TestResult is the outcome of one test of a rule, on the evaluator (Lang "") or through a language.
type TestResult struct {
	Rule *ir.Rule
	Test ir.Test
	Lang string
	// Got is the number of findings, -1 when the query could not be run.
	Got int
	// Differs is set when a platform tells at some tick something else than the rule means, whatever the test expects.
	Differs bool
	// Skipped says why the test says nothing about the language: it has no query for the rule, no telemetry for an event, or
	// promises nothing about one. Then it neither passes nor fails.
	Skipped string
	// Detail explains a failure: the conditions with the values seen.
	Detail string
	// Internal is set when the test ended in a fault of ours.
	Internal *diag.Diagnostic
}

// OK reports whether the test did not fail.
func (t *TestResult) OK() bool {
	return t.Skipped != "" || !t.Differs && t.matches()
}

func (t *TestResult) matches() bool {
	return t.Got == t.Test.Expect || t.Test.AtLeast && t.Got > t.Test.Expect
}

// Name is the test's name, with the language when there is one.
func (t *TestResult) Name() string {
	if t.Lang == "" {
		return t.Test.Name
	}
	return t.Test.Name + " (as " + t.Lang + ")"
}

// Failure says in one line what went wrong.
func (t *TestResult) Failure() string {
	want := count(t.Test.Expect, "finding")
	if t.Test.AtLeast {
		want = "at least " + want
	}
	if t.Internal != nil {
		return "a fault of onerule itself"
	}
	if t.Differs {
		return "the platform tells something else than the rule means"
	}
	if t.Got < 0 {
		return "the query could not be run"
	}
	return fmt.Sprintf("expected %s, found %d", want, t.Got)
}

// Diagnostic says of a failed test where it stands and why.
func (t *TestResult) Diagnostic() diag.Diagnostic {
	if t.Internal != nil {
		return *t.Internal
	}
	d := diag.New(diag.TestFailed, t.Test.Span, fmt.Sprintf("the test %q of `%s` fails: %s", t.Name(), t.Rule.Name, t.Failure()))
	d.Notes = []string{t.Detail}
	return d
}

// AllTests runs the tests of all rules, on all cores; results are in the order of rules, then evaluator and languages, then tests.
func AllTests(rules []*ir.Rule, langs []*backends.Backend, opts all.Options) []*TestResult {
	lists := make([][]*TestResult, len(rules))
	parallel.Each(len(rules), func(i int) { lists[i] = Tests(rules[i], langs, opts) })
	var out []*TestResult
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// Tests runs the tests of a rule on the evaluator, then through each language.
func Tests(r *ir.Rule, langs []*backends.Backend, opts all.Options) []*TestResult {
	var out []*TestResult
	rule, err := eval.New(r)
	if err != nil {
		panic(err) // lowering has verified the rule
	}
	for _, t := range r.Tests {
		out = append(out, tryTests(rule, []ir.Test{t}, "", func() []*TestResult { return []*TestResult{onEvaluator(withValues(rule, t), t)} })...)
	}
	for _, b := range langs {
		out = append(out, tryTests(rule, r.Tests, b.Lang, func() []*TestResult { return through(rule, b, opts) })...)
	}
	return out
}

// tryTests runs tests; a panic is the outcome of these alone.
func tryTests(rule *eval.Rule, tests []ir.Test, lang string, f func() []*TestResult) (out []*TestResult) {
	failed := parallel.Try(func() { out = f() })
	if failed == nil {
		return out
	}
	what := fmt.Sprintf("testing `%s`", rule.Name)
	if lang != "" {
		what += " through " + lang
	}
	d := diag.Internal(rule.Span, what, failed.Value, failed.Stack)
	out = nil
	for _, t := range tests {
		out = append(out, &TestResult{Rule: rule.Rule, Test: t, Lang: lang, Got: -1, Detail: d.Title + "\n", Internal: &d})
	}
	return out
}

// withValues returns the rule that a test is about: with the values that it sets, or the rule as it is.
func withValues(rule *eval.Rule, t ir.Test) *eval.Rule {
	if t.Rule == nil {
		return rule
	}
	own, err := eval.New(t.Rule)
	if err != nil {
		panic(err) // lowering has verified it
	}
	return own
}

func onEvaluator(rule *eval.Rule, t ir.Test) *TestResult {
	o := outcome(rule, t)
	res := &TestResult{Rule: rule.Rule, Test: t, Got: len(o.Found)}
	if res.OK() {
		return res
	}
	res.Detail = o.Explain()
	if rule.Body == nil {
		res.Detail = explainEvents(rule, t) + res.Detail
	}
	return res
}

func outcome(rule *eval.Rule, t ir.Test) *eval.Outcome {
	o, err := rule.Test(t)
	if err != nil {
		panic(err) // lowering has verified the test
	}
	return o
}

func explainEvents(rule *eval.Rule, t ir.Test) string {
	var b strings.Builder
	for i := range t.Events[:min(len(t.Events), maxExplained)] {
		e := eval.Canonical(rule.Rule, &t.Events[i].Event)
		fmt.Fprintf(&b, "event %d: the rule %s\n%s", i+1, answer(rule.Match(e)), rule.Explain(e).String())
	}
	return b.String() + moreEvents(len(t.Events))
}

// maxExplained is how many events of a failed test are explained.
const maxExplained = 20

func moreEvents(n int) string {
	if n <= maxExplained {
		return ""
	}
	return fmt.Sprintf("and %s more\n", count(n-maxExplained, "event"))
}

// through runs the tests of a rule as a query of one language.
func through(rule *eval.Rule, b *backends.Backend, opts all.Options) []*TestResult {
	if rule.Body != nil {
		return throughStreams(rule, b, opts)
	}
	asItIs, why := all.Compile(rule.Rule, b, opts)
	var out []*TestResult
	for _, t := range rule.Tests {
		rule, compiled, diags := withValues(rule, t), asItIs, why
		if t.Rule != nil {
			compiled, diags = all.Compile(t.Rule, b, opts)
		}
		res := &TestResult{Rule: rule.Rule, Test: t, Lang: b.Lang}
		out = append(out, res)
		if !rule.For(b.Platform) {
			res.Skipped = "the rule is not for " + b.Platform
			continue
		}
		if !compiled.OK() {
			res.Skipped = "the language has no query for the rule"
			if err := diags.Err(); err != nil {
				res.Skipped = err.Error()
			}
			continue
		}
		throughOne(res, rule, compiled)
	}
	return out
}

func throughOne(res *TestResult, rule *eval.Rule, compiled *all.Output) {
	single := *rule.Rule
	single.Tests = []ir.Test{res.Test}
	one := *compiled
	one.Rule = &single
	j, err := newJudge(&one)
	c := newCollector(&one, newPromise(&one))
	c.keepAll = true
	c.tests()
	var answers []bool
	if err == nil {
		answers, err = j.run(c.cases, nil)
	}
	if err != nil {
		res.Got, res.Detail = -1, err.Error()+"\n"
		return
	}
	res.Got = countFound(c.cases, answers)
	kind := compiled.Fidelity.Kind
	switch {
	case len(c.unrealised) > 0:
		res.Skipped = strings.Join(c.unrealised, "\n")
	case res.OK():
	case kind == backends.Widen && res.Got > res.Test.Expect, kind == backends.Narrow && res.Got < res.Test.Expect:
		res.Skipped = fmt.Sprintf("%s; the query is %s than the rule", res.Failure(), kind)
	case res.Got == matching(rule, c.cases):
		res.Skipped = fmt.Sprintf("on this telemetry the events mean something else (it lacks a field, or an `alt` speaks of it): the rule finds %d of them, as the query does", res.Got)
	case j.anyBroken(c.cases) != "":
		res.Skipped = fmt.Sprintf("%s; an event breaks the assumption `%s` of the query", res.Failure(), j.anyBroken(c.cases))
	default:
		res.Detail = explainCases(rule, c.cases, answers) + compiled.Query.Text + "\n"
	}
}

// matching counts the test events that the rule finds in the form in which the telemetry carries them.
func matching(rule *eval.Rule, cases []Case) int {
	answers := make([]bool, len(cases))
	for i := range cases {
		answers[i] = rule.Match(&cases[i].Canonical)
	}
	return countFound(cases, answers)
}

// anyBroken returns the first assumption that one of the events breaks.
func (j *judge) anyBroken(cases []Case) string {
	for _, c := range cases {
		if name := j.breaks(c); name != "" {
			return name
		}
	}
	return ""
}

func explainCases(rule *eval.Rule, cases []Case, answers []bool) string {
	var b strings.Builder
	for i, c := range cases {
		if i == maxExplained {
			break
		}
		fmt.Fprintf(&b, "%s: the query %s\n%s", c.Name, answer(answers[i]), rule.Explain(&c.Canonical).String())
	}
	return b.String() + moreEvents(len(cases))
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
