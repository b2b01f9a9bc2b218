package defender

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func detection() *Rule {
	return &Rule{
		Type: RuleType, ID: "i", DisplayName: "d", Description: "e", Status: Enabled, QueryCondition: QueryCondition{"DeviceEvents"}, Schedule: Schedule{"PT1H"},
		DetectionAction: DetectionAction{AlertTemplate{
			Title: "t {{DeviceName}}", Description: "e", Severity: "high", Tactics: []Tactic{{"Execution", []Technique{{"T1059", []string{"T1059.001"}}}}},
			EntityMappings: EntityMappings{Hosts: []Host{{DeviceIDColumn: "DeviceId"}}}, CustomDetails: map[string]string{"a": "FileName"},
		}},
	}
}

// TestTexts: a rule with any texts is read back.
func TestTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := detection()
		r.DisplayName, r.Description = "x"+rapid.String().Draw(t, "name"), rapid.String().Draw(t, "description")
		r.QueryCondition.QueryText = "x" + rapid.String().Draw(t, "query")
		r.DetectionAction.AlertTemplate.RecommendedActions = rapid.String().Draw(t, "actions")
		data, err := r.Encode()
		if err != nil {
			return
		}
		if back, err := Decode(data); err != nil || !reflect.DeepEqual(back, r) {
			t.Fatalf("%v\n%s", err, data)
		}
	})
}

// TestCheck changes one thing of a good rule at a time.
func TestCheck(t *testing.T) {
	if err := detection().Check(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(r *Rule, a *AlertTemplate){
		"type":        func(r *Rule, _ *AlertTemplate) { r.Type = "x" },
		"id":          func(r *Rule, _ *AlertTemplate) { r.ID = "" },
		"status":      func(r *Rule, _ *AlertTemplate) { r.Status = "on" },
		"query":       func(r *Rule, _ *AlertTemplate) { r.QueryCondition.QueryText = "" },
		"frequency":   func(r *Rule, _ *AlertTemplate) { r.Schedule.Frequency = "PT5M" },
		"severity":    func(_ *Rule, a *AlertTemplate) { a.Severity = "High" },
		"no title":    func(_ *Rule, a *AlertTemplate) { a.Title = "" },
		"no column":   func(_ *Rule, a *AlertTemplate) { a.Title = "{{a b}}" },
		"columns":     func(_ *Rule, a *AlertTemplate) { a.Title = "{{a}}{{b}}{{c}}{{d}}" },
		"description": func(_ *Rule, a *AlertTemplate) { a.Description = "{{}}" },
		"technique":   func(_ *Rule, a *AlertTemplate) { a.Tactics[0].Techniques[0].Technique = "T1059.001" },
		"sub":         func(_ *Rule, a *AlertTemplate) { a.Tactics[0].Techniques[0].SubTechniques = []string{"T1059"} },
		"no host":     func(_ *Rule, a *AlertTemplate) { a.EntityMappings.Hosts = nil },
		"entity":      func(_ *Rule, a *AlertTemplate) { a.EntityMappings.IPs = []IP{{"a.b"}} },
		"detail":      func(_ *Rule, a *AlertTemplate) { a.CustomDetails["b"] = "a b" },
	} {
		r := detection()
		change(r, &r.DetectionAction.AlertTemplate)
		if _, err := r.Encode(); err == nil {
			t.Errorf("%s: it is written", name)
		}
	}
	data, err := detection().Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"unknown": strings.Replace(string(data), `"status"`, `"isEnabled": true, "status"`, 1), "behind": string(data) + "{}"} {
		if _, err := Decode([]byte(text)); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}
