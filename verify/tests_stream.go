package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	platforms "github.com/onerule/onerule/platform/all"
)

// throughStreams runs the tests of a rule over several events by the artefact that a platform makes of it in a language.
func throughStreams(rule *eval.Rule, b *backends.Backend, opts all.Options) []*TestResult {
	asItIs := newTestJudge(rule.Rule, b, opts)
	var out []*TestResult
	for _, t := range rule.Tests {
		rule, j := withValues(rule, t), asItIs
		if t.Rule != nil {
			j = newTestJudge(t.Rule, b, opts)
		}
		res := &TestResult{Rule: rule.Rule, Test: t, Lang: b.Lang, Skipped: j.skipped}
		out = append(out, res)
		switch {
		case j.skipped != "":
		case j.err != nil:
			res.Got, res.Detail = -1, j.err.Error()+"\n"
		default:
			throughStream(res, rule, j.streamJudge)
		}
	}
	return out
}

// testJudge is the judge of a rule's tests; or why there is none: nothing to judge, or a fault.
type testJudge struct {
	*streamJudge
	skipped string
	err     error
}

func newTestJudge(r *ir.Rule, b *backends.Backend, opts all.Options) testJudge {
	p, ok := platforms.Lookup(b.Platform)
	switch {
	case !r.For(b.Platform):
		return testJudge{skipped: "the rule is not for " + b.Platform}
	case !ok:
		return testJudge{skipped: fmt.Sprintf("rules over several events cannot be made for %s yet", b.Platform)}
	}
	art, diags := platforms.Build(r, p, b.Lang, opts)
	if art == nil {
		if err := diags.Err(); err != nil {
			return testJudge{skipped: err.Error()}
		}
		return testJudge{skipped: "the language has no query for the rule"}
	}
	j, err := newStreamJudge(&all.Output{Rule: r, Backend: b, Bound: art.Bound, Fidelity: art.Fidelity, Query: art.Query}, p, art)
	return testJudge{streamJudge: j, err: err}
}

// testRange is the range of a test: for absence rules the windows that it judges, for others all.
func (j *streamJudge) testRange(s Stream, o *eval.Outcome) eval.Range {
	if _, ok := j.out.Rule.Body.(*ir.Absence); ok {
		return o.Range
	}
	return eval.Always
}

// throughTicks runs a test of a sequence or together rule: what the platform tells at its ticks is compared with the rule tick
// by tick, for the range of a test is none of its ticks'. Where they agree, the platform finds in the test what the rule finds in
// the native events.
func throughTicks(res *TestResult, rule *eval.Rule, o *eval.Outcome, j *streamJudge, s Stream) {
	rows := j.boundRows(s)
	for _, f := range eval.Findings(rule.Rule, rows, o.Range) {
		if o.Counts(f) {
			res.Got++
		}
	}
	ticks, err := j.ticks(s, phases[0])
	if err != nil {
		res.Got, res.Detail = -1, err.Error()+"\n"
		return
	}
	d := orderingDiffers(rule.Rule, rows, j.telling(s), ticks)
	switch {
	case d == nil && res.OK():
	case d == nil:
		res.Skipped = fmt.Sprintf("on this telemetry the events mean something else (it lacks a field, or an `alt` speaks of it): the rule finds %d, as the platform does", res.Got)
	case j.breaks(s) != "":
		res.Skipped = fmt.Sprintf("%s; an event breaks the assumption `%s` of the query", d, j.breaks(s))
	default:
		res.Differs, res.Detail = true, d.Error()+"\n"+eval.GroupsText(rule.Rule, rows, o.Range)+j.art.Query.Text+"\n"
	}
}

func throughStream(res *TestResult, rule *eval.Rule, j *streamJudge) {
	m := newStreams(j)
	s := m.testStream(res.Test)
	if len(m.c.unrealised) > 0 {
		res.Skipped = strings.Join(m.c.unrealised, "\n")
		return
	}
	o := outcome(rule, res.Test)
	if j.ordering() {
		throughTicks(res, rule, o, j, s)
		return
	}
	got, err := j.run(s, 0, nil)
	if err != nil {
		res.Got, res.Detail = -1, err.Error()+"\n"
		return
	}
	bound := eval.Findings(rule.Rule, j.boundRows(s), j.testRange(s, o))
	for _, f := range j.told(byIdentity(bound), got) {
		if o.Counts(f) {
			res.Got++
		}
	}
	kind := j.art.Fidelity.Kind
	native := 0
	for _, f := range bound {
		if o.Counts(f) {
			native++
		}
	}
	switch {
	case res.OK():
	case kind == backends.Widen && res.Got > res.Test.Expect, kind == backends.Narrow && res.Got < res.Test.Expect:
		res.Skipped = fmt.Sprintf("%s; the query is %s than the rule", res.Failure(), kind)
	case res.Got == native && native != len(o.Found):
		res.Skipped = fmt.Sprintf("on this telemetry the events mean something else (it lacks a field, or an `alt` speaks of it): the rule finds %d, as the platform does", native)
	case j.breaks(s) != "":
		res.Skipped = fmt.Sprintf("%s; an event breaks the assumption `%s` of the query", res.Failure(), j.breaks(s))
	default:
		var ids []string
		for id := range got {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		res.Detail = "the platform finds: " + strings.Join(ids, ", ") + "\n" + eval.GroupsText(rule.Rule, j.boundRows(s), o.Range) + j.art.Query.Text + "\n"
	}
}
