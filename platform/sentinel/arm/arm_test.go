package arm

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func rule() *Rule {
	return &Rule{
		Type: ResourceType, APIVersion: Version, Name: "n", Kind: Scheduled,
		Properties: Properties{
			DisplayName: "d", Severity: "Low", Enabled: true, Query: "T", QueryFrequency: "PT5M", QueryPeriod: "PT1H", TriggerOperator: "GreaterThan", SuppressionDuration: "PT5H",
			CustomDetails: map[string]string{"a": "A"},
		},
	}
}

// TestCheck changes one thing of a good rule at a time.
func TestCheck(t *testing.T) {
	if err := rule().Check(); err != nil {
		t.Fatal(err)
	}
	mappings := func(m ...EntityMapping) func(*Rule) { return func(r *Rule) { r.Properties.EntityMappings = m } }
	grouped := func(g GroupingConfiguration) func(*Rule) {
		return func(r *Rule) {
			r.Properties.IncidentConfiguration = &IncidentConfiguration{GroupingConfiguration: &g}
		}
	}
	for name, change := range map[string]func(*Rule){
		"type":             func(r *Rule) { r.Type = "x" },
		"kind":             func(r *Rule) { r.Kind = "NRT" },
		"version":          func(r *Rule) { r.APIVersion = "2020-01-01" },
		"sub-techniques":   func(r *Rule) { r.Properties.SubTechniques = []string{"T1110.001"} },
		"no name":          func(r *Rule) { r.Properties.DisplayName = "" },
		"long name":        func(r *Rule) { r.Properties.DisplayName = strings.Repeat("x", 257) },
		"long description": func(r *Rule) { r.Properties.Description = strings.Repeat("x", 5001) },
		"severity":         func(r *Rule) { r.Properties.Severity = "Critical" },
		"long query":       func(r *Rule) { r.Properties.Query = strings.Repeat("x", 10001) },
		"union *":          func(r *Rule) { r.Properties.Query = "union  * | take 1" },
		"no duration":      func(r *Rule) { r.Properties.QueryFrequency = "5m" },
		"too often":        func(r *Rule) { r.Properties.QueryFrequency = "PT4M59S" },
		"period":           func(r *Rule) { r.Properties.QueryPeriod = "PT4M" },
		"long period":      func(r *Rule) { r.Properties.QueryPeriod, r.Properties.QueryFrequency = "P14DT1M", "PT1H" },
		"two days":         func(r *Rule) { r.Properties.QueryPeriod = "P2DT1M" },
		"operator":         func(r *Rule) { r.Properties.TriggerOperator = "gt" },
		"threshold":        func(r *Rule) { r.Properties.TriggerThreshold = -1 },
		"suppression":      func(r *Rule) { r.Properties.SuppressionDuration = "PT25H" },
		"short suppression": func(r *Rule) {
			r.Properties.SuppressionEnabled, r.Properties.SuppressionDuration, r.Properties.QueryFrequency = true, "PT5M", "PT10M"
		},
		"tactic":        func(r *Rule) { r.Properties.Tactics = []string{"Credential Access"} },
		"technique":     func(r *Rule) { r.Properties.Techniques = []string{"T1110.001"} },
		"entity":        mappings(EntityMapping{"Azure resource", []FieldMapping{{"ResourceId", "x"}}}),
		"identifier":    mappings(EntityMapping{"Host", []FieldMapping{{"Name", "x"}}}),
		"no identifier": mappings(EntityMapping{"Host", nil}),
		"column":        mappings(EntityMapping{"Host", []FieldMapping{{"HostName", "a.b"}}}),
		"detail":        func(r *Rule) { r.Properties.CustomDetails = map[string]string{"a b": "A"} },
		"long detail":   func(r *Rule) { r.Properties.CustomDetails = map[string]string{strings.Repeat("x", 21): "A"} },
		"placeholders": func(r *Rule) {
			r.Properties.AlertDetailsOverride = &AlertDetails{DisplayNameFormat: "{{a}}{{b}}{{c}}{{d}}"}
		},
		"grouping":         func(r *Rule) { r.Properties.EventGroupingSettings = &EventGrouping{"PerResult"} },
		"matching":         grouped(GroupingConfiguration{LookbackDuration: "PT5H", MatchingMethod: "Any"}),
		"lookback":         grouped(GroupingConfiguration{LookbackDuration: "P8D", MatchingMethod: "AnyAlert"}),
		"selected nothing": grouped(GroupingConfiguration{LookbackDuration: "PT5H", MatchingMethod: "Selected"}),
		"no such detail":   grouped(GroupingConfiguration{LookbackDuration: "PT5H", MatchingMethod: "Selected", GroupByCustomDetails: []string{"b"}}),
	} {
		r := rule()
		change(r)
		if r.Check() == nil {
			t.Errorf("%s: Sentinel would refuse it", name)
		}
		if _, err := r.Encode(); err == nil {
			t.Errorf("%s: it is encoded", name)
		}
	}
}

// TestDecode checks that nothing unknown is read.
func TestDecode(t *testing.T) {
	data, err := rule().Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Decode(data); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"unknown property": strings.Replace(string(data), `"severity"`, `"risk": 1, "severity"`, 1),
		"something behind": string(data) + "{}",
		"wrong type":       strings.Replace(string(data), `"enabled": true`, `"enabled": "yes"`, 1),
		"cut":              string(data[:len(data)-3]),
		"out of range":     strings.Replace(string(data), "PT5M", "PT1M", 1),
	} {
		if _, err := Decode([]byte(text)); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}

// TestDuration checks that durations are read as they were written, and that other texts are none.
func TestDuration(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, 30*24*3600).Draw(t, "seconds")) * time.Second
		if back, err := ParseDuration(FormatDuration(d)); err != nil || back != d {
			t.Fatalf("%s is written %s and read %s, %v", d, FormatDuration(d), back, err)
		}
	})
	for _, s := range []string{"", "P", "PT", "P1DT", "5M", "PT5", "P1W", "-PT5M", "PT1.5M", "pt5m"} {
		if d, err := ParseDuration(s); err == nil {
			t.Errorf("%q is read as %s", s, d)
		}
	}
}
