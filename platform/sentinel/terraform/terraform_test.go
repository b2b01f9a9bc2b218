package terraform

import (
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/onerule/onerule/platform/sentinel/arm"
)

var texts = rapid.Custom(func(t *rapid.T) string {
	piece := rapid.OneOf(rapid.SampledFrom([]string{"$", "${", "$${", "%", "%{", "%%{", "{", "}", "var.x", "\"", "\\", "\n", "\t", "\x00", "é", "e\u0301", "\U0001F600", "<"}), rapid.String())
	return strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, "pieces"), "")
})

// TestTexts: rules with any texts are read back, in the normal form that Terraform gives texts; of queries no other is written.
func TestTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var in []Entry
		for _, name := range []string{"a", "b"} {
			r := &arm.Rule{Type: arm.ResourceType, APIVersion: arm.Version, Name: arm.Name("9f1d8a60-52b7-4c4e-8d2a-6c1e0b7f3a11"), Kind: arm.Scheduled}
			r.Properties = arm.Properties{
				DisplayName: "x" + texts.Draw(t, "name"), Description: texts.Draw(t, "description"), Severity: "Low", Enabled: true, Query: "let n = 3;\nT" + texts.Draw(t, "query"),
				QueryFrequency: "PT5M", QueryPeriod: "PT1H", TriggerOperator: "GreaterThan", SuppressionDuration: "PT5H", CustomDetails: map[string]string{"k": "c"},
				EntityMappings:        []arm.EntityMapping{{EntityType: "Host", FieldMappings: []arm.FieldMapping{{Identifier: "HostName", ColumnName: "y"}}}},
				AlertDetailsOverride:  &arm.AlertDetails{DisplayNameFormat: strings.ReplaceAll(texts.Draw(t, "format"), "{{", "")},
				EventGroupingSettings: &arm.EventGrouping{AggregationKind: arm.AlertPerResult},
				IncidentConfiguration: &arm.IncidentConfiguration{CreateIncident: true},
			}
			if name == "b" {
				r.APIVersion = arm.VersionPreview
				r.Properties.Techniques, r.Properties.SubTechniques = []string{"T1136"}, []string{"T1136.001"}
				r.Properties.IncidentConfiguration.GroupingConfiguration = &arm.GroupingConfiguration{LookbackDuration: "PT1H", MatchingMethod: "AnyAlert", Enabled: true}
			}
			if r.Check() != nil || Unfit(r) != "" {
				return
			}
			in = append(in, Entry{Name: name, Entry: arm.Entry{Rule: r, Comment: texts.Draw(t, "comment"), Knobs: []arm.Knob{{Let: "n", Name: name + "_n", Doc: texts.Draw(t, "doc"), Value: 3}}}})
		}
		data, err := Encode(texts.Draw(t, "about"), in)
		if err != nil {
			t.Fatal(err)
		}
		out, err := Decode(data)
		if err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		for i := range in {
			want := *in[i].Rule
			if want.Properties, err = arm.MapTexts(want.Properties, func(s string) (string, error) { return norm.NFC.String(s), nil }); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(out[i].Rule, &want) || out[i].Comment != in[i].Comment || want.Properties.Query != in[i].Rule.Properties.Query {
				t.Fatalf("%s\n%+v\n%+v", data, out[i].Rule, &want)
			}
		}
	})
}

// TestRefused: what Terraform would change, or does not know, is neither written nor read.
func TestRefused(t *testing.T) {
	r := &arm.Rule{Type: arm.ResourceType, APIVersion: arm.Version, Name: arm.Name("9f1d8a60-52b7-4c4e-8d2a-6c1e0b7f3a11"), Kind: arm.Scheduled}
	r.Properties = arm.Properties{DisplayName: "d", Severity: "Low", Query: "T", QueryFrequency: "PT5M", QueryPeriod: "PT1H", TriggerOperator: "GreaterThan", SuppressionDuration: "PT5H"}
	data, err := Encode("", []Entry{{Name: "a", Entry: arm.Entry{Rule: r}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"unknown":          strings.Replace(string(data), `"severity"`, `"risk": 3, "severity"`, 1),
		"unknown variable": strings.Replace(string(data), `"query": "T"`, `"query": "${var.x}"`, 1),
		"a directive":      strings.Replace(string(data), `"query": "T"`, `"query": "%{ if true }"`, 1),
		"other workspace":  strings.Replace(string(data), `"log_analytics_workspace_id": "${`, `"log_analytics_workspace_id": "$${`, 1),
		"behind":           string(data) + "{}",
	} {
		if _, err := Decode([]byte(text)); err == nil || text == string(data) {
			t.Errorf("%s is read", name)
		}
	}
	r.Properties.Query = "T | where a == \"e\u0301\""
	if _, err := Encode("", []Entry{{Name: "a", Entry: arm.Entry{Rule: r}}}); err == nil || Unfit(r) == "" {
		t.Error("a query that Terraform changes is written")
	}
}
