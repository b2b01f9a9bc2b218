package run_test

import (
	"testing"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/platform/datadog/api"
	"github.com/onerule/onerule/platform/datadog/run"
)

// chain is a rule of sequence_detection: steps by their queries, conditions and windows, and how long each waits for the next.
func chain(waits []int64, steps ...api.SequenceStep) *api.DetectionRule {
	r := rule(0, 3600, 86400, nil, query("a", "source:test AND @e:a", api.Count, "@u"), query("b", "source:test AND @e:b", api.Count, "@u"), query("c", "source:test AND @e:c", api.Count, "@v"))
	o := &api.SequenceOptions{Steps: steps}
	for i, w := range waits {
		o.StepTransitions = append(o.StepTransitions, api.StepTransition{Parent: steps[i].Name, Child: steps[i+1].Name, EvaluationWindow: w})
	}
	r.Options.DetectionMethod, r.Options.SequenceOptions = api.SequenceMethod, o
	r.Cases = []api.Case{{Status: api.Medium, Condition: steps[len(steps)-1].Name + " > 0", Notifications: []string{}}}
	return r
}

func step(name, condition string, window int64) api.SequenceStep {
	return api.SequenceStep{Name: name, Condition: condition, EvaluationWindow: window}
}

func TestSequence(t *testing.T) {
	two := chain([]int64{300}, step("first", "a > 0", 60), step("second", "b > 0", 60))
	three := chain([]int64{60, 300}, step("first", "a > 0", 60), step("second", "b > 0", 60), step("third", "c > 0", 60))
	repeated := chain([]int64{300}, step("first", "a >= 3", 60), step("second", "b >= 2", 300))
	for _, test := range []struct {
		name   string
		rule   *api.DetectionRule
		stream string
		want   string
		// otherwise is what a platform tells that differs in a doubt.
		otherwise map[native.Doubt]string
	}{
		{
			"in order, of one group", two,
			`0s {"u":"x","e":"b"}
			 10s {"u":"x","e":"a"}
			 20s {"u":"y","e":"b"}
			 30s {"u":"x","e":"b"}
			 40s {"u":"x","e":"b"}
			 50s {"e":"b"}`, "x@30s+ x@40s", nil,
		},
		{
			"the wait, to its edge", two,
			`0s {"u":"x","e":"a"}
			 300s {"u":"x","e":"b"}
			 1h {"u":"y","e":"a"}
			 1h5m0.001s {"u":"y","e":"b"}`, "x@5m0s+",
			map[native.Doubt]string{run.DoubtTransitionEdge: ""},
		},
		{
			"the wait begins anew", two,
			`0s {"u":"x","e":"a"}
			 200s {"u":"x","e":"a"}
			 400s {"u":"x","e":"b"}
			 410s {"u":"x","e":"a"}
			 420s {"u":"x","e":"b"}`, "x@6m40s+ x@7m0s",
			map[native.Doubt]string{run.DoubtStepRestart: "x@7m0s+"},
		},
		{
			"at one time there is no order, or that of arrival", two,
			`0s {"u":"x","e":"a"}
			 0s {"u":"x","e":"b"}
			 0s {"u":"y","e":"b"}
			 0s {"u":"y","e":"a"}`, "",
			map[native.Doubt]string{run.DoubtStepsAtOnce: "x@0s+"},
		},
		{
			"one event of two steps is not both", two,
			`0s {"u":"x","e":["a","b"]}
			 1s {"u":"x","e":["a","b"]}`, "x@1s+", nil,
		},
		{
			"one event is not two steps at one time either", two,
			`0s {"u":"x","e":["a","b"]}`, "",
			map[native.Doubt]string{run.DoubtStepsAtOnce: ""},
		},
		{
			"a late log stands where it belongs", two,
			`0s/4m {"u":"x","e":"a"}
			 30s {"u":"x","e":"b"}`, "x@30s+", nil,
		},
		{
			"each transition by itself, and steps grouped by other fields", three,
			`0s {"u":"x","e":"a"}
			 60s {"u":"x","e":"b"}
			 360s {"u":"q","v":"x","e":"c"}
			 1h {"u":"y","e":"a"}
			 1h1m1s {"u":"y","e":"b"}
			 1h1m2s {"v":"y","e":"c"}`, "x@6m0s+", nil,
		},
		{
			"repeated, or counted behind the step before", repeated,
			`0s {"u":"x","e":"a"}
			 1s {"u":"x","e":"a"}
			 2s {"u":"x","e":"b"}
			 59s {"u":"x","e":"a"}
			 1m1s {"u":"x","e":"b"}
			 1m2s {"u":"x","e":"b"}`, "x@1m1s+ x@1m2s",
			map[native.Doubt]string{run.DoubtStepFresh: "x@1m2s+"},
		},
		{
			"the window of a step, open or closed", repeated,
			`0s {"u":"x","e":"a"}
			 1s {"u":"x","e":"a"}
			 60s {"u":"x","e":"a"}
			 61s {"u":"x","e":"b"}
			 62s {"u":"x","e":"b"}`, "",
			map[native.Doubt]string{run.DoubtWindowClosed: "x@1m2s+"},
		},
		{
			"conditions are asked at any event", two,
			`0s {"u":"x","e":"b"}
			 10s {"u":"x","e":"a"}
			 20s {"u":"x","e":"a"}`, "",
			map[native.Doubt]string{run.DoubtStepAnyEvent: "x@20s+"},
		},
		{
			"a complete sequence begins anew", two,
			`0s {"u":"x","e":"a"}
			 10s {"u":"x","e":"b"}
			 20s {"u":"x","e":"b"}
			 30s {"u":"x","e":"a"}
			 40s {"u":"x","e":"b"}`, "x@10s+ x@20s x@40s",
			map[native.Doubt]string{run.DoubtSequenceReset: "x@10s+ x@40s"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := test.rule.Encode(); err != nil {
				t.Fatal(err)
			}
			in := input(t, test.stream)
			if got := told(t, test.rule, in); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			for doubt, want := range test.otherwise {
				in.Doubts = map[string]bool{doubt.Name: !doubt.Default}
				if got := told(t, test.rule, in); got != want {
					t.Errorf("%s\ngot  %s\nwant %s", doubt.Name, got, want)
				}
			}
		})
	}
}

// TestSpans: spans with security activity are a data source of their own.
func TestSpans(t *testing.T) {
	in := input(t, `0s {"appsec":{"security_activity":"business_logic.users.signup"},"u":"x"}
		1s {"u":"x"}`)
	spans := query("a", "@u:x", api.Count, "@u")
	spans.DataSource = api.Spans
	for want, q := range map[string]api.Query{"x@0s+": spans, "x@1s+": query("a", "@u:x", api.Count, "@u")} {
		if got := told(t, rule(60, 300, 86400, []string{"a > 0"}, q), in); got != want {
			t.Errorf("%s: got %s, want %s", q.DataSource, got, want)
		}
	}
}

// TestAnomaly: what is not published is not run.
func TestAnomaly(t *testing.T) {
	r := rule(300, 300, 86400, []string{"a > 0"}, query("a", "*", api.Count))
	r.Options.DetectionMethod = api.AnomalyMethod
	if _, diags := run.Run(r, input(t, `0s {}`)); !diags.HasErrors() {
		t.Error("anomaly_detection runs")
	}
}
