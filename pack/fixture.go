package pack

import (
	"encoding/json"
	"fmt"

	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/internal/parallel"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/verify"
)

// Fixture is what a rule finds in the events of one of its tests, whatever the test expects.
type Fixture struct {
	Name string `json:"name"`
	// Events is the SHA-256 of the events: fixtures with the same one can be compared.
	Events string `json:"events"`
	// Findings is -1 when the events could not be run.
	Findings int `json:"findings"`
}

// fixtures runs a rule on the events of the tests of owner, which is the rule itself or another version of it. A test that
// sets values of parameters is run with the rule of its own.
func fixtures(r, owner *ir.Rule) []Fixture {
	run := *r
	run.Tests = nil
	out := []Fixture{}
	for _, t := range owner.Tests {
		t.Where, t.Expect, t.AtLeast = nil, 0, true
		if r != owner {
			t.Rule = sameTest(r, t)
		}
		run.Tests = append(run.Tests, t)
		out = append(out, Fixture{Name: t.Name, Events: eventsHash(t), Findings: -1})
	}
	if len(out) == 0 {
		return out
	}
	var results []*verify.TestResult
	if failed := parallel.Try(func() { results = verify.Tests(&run, nil, all.Options{}) }); failed != nil {
		return out
	}
	for i, res := range results {
		out[i].Findings = res.Got
	}
	return out
}

// sameTest returns the rule with the values that a test of another version sets, as far as r has a test of the same name;
// nil when it has none, and the values are those of r.
func sameTest(r *ir.Rule, t ir.Test) *ir.Rule {
	for _, own := range r.Tests {
		if own.Name == t.Name {
			return own.Rule
		}
	}
	return nil
}

// eventsHash tells fixtures apart: by their events and times, and by the values that the test sets.
func eventsHash(t ir.Test) string {
	type event struct {
		Class, Source, Binding string
		Millis, Delay          int64
		Object                 map[string]any
	}
	var list []event
	for _, e := range t.Events {
		list = append(list, event{e.Event.Class, e.Event.Source, e.Event.Binding, e.Event.Millis, e.Delay.Milliseconds(), e.Event.Object})
	}
	text, err := json.Marshal(list)
	if err != nil {
		text = fmt.Append(nil, list) // an object that JSON cannot hold; maps are printed sorted
	}
	values := ""
	if t.Rule != nil {
		for _, p := range t.Rule.Params {
			values += p.Name + "=" + p.Value.String() + "\n"
		}
	}
	return hash(fmt.Appendf(text, "\nnow %d\n%s", t.Now, values))
}
