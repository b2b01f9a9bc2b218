package verify

import (
	"testing"

	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/internal/workspace"
)

// TestArtefact runs the artefacts of an event rule on every platform, and checks that an answer of theirs that differs from
// the query's is reported.
func TestArtefact(t *testing.T) {
	ws := workspace.Load([]string{"../rules/okta/okta_all_factors_reset.rule"}, "")
	if ws.Diags.HasErrors() || len(ws.Rules) != 1 {
		t.Fatal(ws.Diags)
	}
	ran := 0
	for _, b := range all.Backends {
		out, _ := all.Compile(ws.Rules[0], b, all.Options{})
		if !out.OK() {
			continue
		}
		j, err := newJudge(out)
		if err != nil {
			t.Fatal(err)
		}
		c := newCollector(out, j.promise)
		c.tests()
		c.witnesses()
		j.cases = c.cases
		answers, err := j.run(j.cases, nil)
		if err != nil {
			t.Fatal(err)
		}
		right := &Result{Rule: out.Rule, Backend: b, Status: Agrees}
		j.artefact(right, Options{}, answers)
		if right.Status != Agrees {
			t.Errorf("%s: %s %v", b.Lang, right.Status, right.Diags)
		}
		for i := range answers {
			answers[i] = !answers[i]
		}
		wrong := &Result{Rule: out.Rule, Backend: b, Status: Agrees}
		j.artefact(wrong, Options{}, answers)
		if wrong.Status != Disagrees {
			t.Errorf("%s: answers turned round are not noticed", b.Lang)
		}
		ran++
	}
	if ran < 5 {
		t.Errorf("only %d languages were tried", ran)
	}
}
