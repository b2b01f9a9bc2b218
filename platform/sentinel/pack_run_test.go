package sentinel_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onerule/onerule/backends/kusto"
	"github.com/onerule/onerule/backends/kusto/interp"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/platform/sentinel"
	"github.com/onerule/onerule/platform/sentinel/arm"
	"github.com/onerule/onerule/platform/sentinel/check"
	"github.com/onerule/onerule/platform/sentinel/content"
	"github.com/onerule/onerule/platform/sentinel/defender"
	"github.com/onerule/onerule/platform/sentinel/terraform"
	"github.com/onerule/onerule/schema"
)

// eventsOf puts the events of a rule's test into native tables; ok is false for a test that canonical events of the rule's
// telemetry do not make.
func eventsOf(a *platform.Artefact, test *ir.Test) (in schedule.Input, ok bool) {
	place := map[string]int{}
	for _, e := range test.Events {
		i := slices.IndexFunc(a.Bound.Parts, func(p ir.Part) bool { return p.Class.Class == e.Event.Class })
		if i < 0 || e.Event.Binding != "" {
			return in, false
		}
		part := a.Bound.Parts[i]
		object, err := part.Binding.ToNative(e.Event)
		if err != nil {
			return in, false
		}
		n, seen := place[part.Class.Table]
		if !seen {
			n = len(in.Tables)
			place[part.Class.Table] = n
			in.Tables = append(in.Tables, native.Table{Name: part.Class.Table, Types: kusto.Backend.Types(part)})
		}
		in.Tables[n].Rows = append(in.Tables[n].Rows, schema.Plain(object))
		at := time.UnixMilli(e.Event.Millis).UTC()
		if in.From.IsZero() || at.Before(in.From) {
			in.From = at
		}
		if at.After(in.To) {
			in.To = at
		}
	}
	if len(in.Tables) == 0 {
		return in, false
	}
	for _, p := range a.Bound.Parts {
		if _, seen := place[p.Class.Table]; !seen {
			place[p.Class.Table] = len(in.Tables)
			in.Tables = append(in.Tables, native.Table{Name: p.Class.Table, Types: kusto.Backend.Types(p)})
		}
	}
	in.From, in.To = in.From.Add(-a.Timing.Every), in.To.Add(a.Timing.Lookback+2*a.Timing.Every)
	return in, true
}

// TestPackRuns runs what is decoded from the files of a pack on the events of the rules' tests: each finds what the rule's own
// document finds.
func TestPackRuns(t *testing.T) {
	p, files, _ := packOf(t, nil, shipped)
	template, err := arm.DecodeTemplate(platformtest.Data(t, files, "arm/azuredeploy.json"))
	if err != nil {
		t.Fatal(err)
	}
	resources, err := terraform.Decode(platformtest.Data(t, files, "terraform/main.tf.json"))
	if err != nil {
		t.Fatal(err)
	}
	tests, found, custom := 0, 0, 0
	for i, a := range p.Artefacts {
		c, err := content.Decode(platformtest.Data(t, files, "analytic_rules/"+a.Rule.Name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		fromContent, err := c.Resource()
		if err != nil {
			t.Fatal(err)
		}
		j := slices.IndexFunc(resources, func(e terraform.Entry) bool { return e.Name == a.Rule.Name })
		forms := map[string]platform.Document{"content": fromContent, "template": template.Entries[i].Rule, "terraform": resources[j].Rule}
		ran := 0
		for n := range a.Rule.Tests {
			test := &a.Rule.Tests[n]
			in, ok := eventsOf(a, test)
			if !ok || test.Rule != nil || ran == 3 || in.To.Sub(in.From) > 5*24*time.Hour {
				continue
			}
			ran++
			want := tell(t, a.Document, in)
			for what, doc := range forms {
				if got := tell(t, doc, in); !slices.Equal(got, want) {
					t.Errorf("%s, %s, test %q: %v, not %v", a.Rule.Name, what, test.Name, got, want)
				}
			}
			tests++
			found += len(want)
			k := slices.IndexFunc(files, func(f platform.File) bool { return f.Path == "defender/"+a.Rule.Name+".json" })
			if k >= 0 {
				custom += hunt(t, a, test, in, files[k].Data)
			}
		}
	}
	t.Logf("%d tests, %d findings, %d results of custom detections", tests, found, custom)
	if tests < 50 || found < 20 || custom < 5 {
		t.Error("that is too little")
	}
}

func tell(t *testing.T, doc platform.Document, in schedule.Input) []string {
	t.Helper()
	found, diags := sentinel.Platform.Run(doc, in)
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	var out []string
	for _, f := range found {
		out = append(out, fmt.Sprint(f.At, f.Columns, f.Events))
	}
	slices.Sort(out)
	return out
}

// hunt runs the query of a custom detection on the events of a test: as many results as the rule has findings, with the columns
// that custom detections ask for.
func hunt(t *testing.T, a *platform.Artefact, test *ir.Test, in schedule.Input, file []byte) int {
	t.Helper()
	d, err := defender.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range in.Tables { // advanced hunting calls the time Timestamp
		in.Tables[i].Types = map[string]string{}
		for path, typ := range kusto.Backend.Types(a.Bound.Parts[0]) {
			in.Tables[i].Types[strings.ReplaceAll(path, "TimeGenerated", "Timestamp")] = typ
		}
		rows := slices.Clone(in.Tables[i].Rows)
		for j, row := range rows {
			out := map[string]any{"ReportId": 1}
			for k, v := range row {
				out[strings.ReplaceAll(k, "TimeGenerated", "Timestamp")] = v
			}
			rows[j] = out
		}
		in.Tables[i].Rows = rows
		in.Tables[i].Types["ReportId"] = "long"
		if in.Tables[i].Types["Timestamp"] == "" {
			in.Tables[i].Types["Timestamp"] = "datetime"
		}
		if in.Tables[i].Types["DeviceId"] == "" {
			in.Tables[i].Types["DeviceId"] = "string"
		}
	}
	prog, diags := interp.Language.Compile("query", d.QueryCondition.QueryText)
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	answer, diags := prog.Run(native.Input{Tables: in.Tables, Now: in.To, From: in.From, To: in.To})
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	if len(answer.Results) != test.Expect && !test.AtLeast && test.Where == nil {
		t.Errorf("%s, test %q: the custom detection has %d results, not %d", a.Rule.Name, test.Name, len(answer.Results), test.Expect)
	}
	for _, c := range defender.RequiredColumns {
		if !slices.ContainsFunc(answer.Columns, func(x native.Column) bool { return x.Name == c }) {
			t.Errorf("%s: results have no column %s", a.Rule.Name, c)
		}
	}
	return len(answer.Results)
}

// TestCheckFinds changes the files of a pack, and each change is found.
func TestCheckFinds(t *testing.T) {
	_, files, _ := packOf(t, nil, hostile)
	const count, event = "analytic_rules/hostile_count.yaml", "analytic_rules/hostile_bracket.yaml"
	const template, tf, custom = "arm/azuredeploy.json", "terraform/main.tf.json", "defender/hostile_bracket.json"
	for _, c := range []struct{ path, old, with string }{
		{count, "kind: Scheduled", "kind: NRT"},
		{count, "severity: High", "severity: Critical"},
		{count, "version: 7.0.0", "version: 7"},
		{count, "version: 7.0.0", "risk: 7"},
		{count, "triggerOperator: gt", "triggerOperator: GreaterThen"},
		{count, "queryFrequency: 10m", "queryFrequency: PT10M"},
		{count, "queryFrequency: 10m", "queryFrequency: 4m"},
		{count, "- Persistence", "- Credential Access"},
		{count, "- T1098", "- T109"},
		{count, "entityType: IP", "entityType: Ip address"},
		{count, "identifier: Address", "identifier: Name"},
		{count, "columnName: SrcIpAddr", "columnName: src.ip"},
		{count, "{{SrcIpAddr}}", "{{Nothing}}"},
		{count, "let least = 3;", "let least = 4;"},
		{count, "lookbackDuration: PT1H", "lookbackDuration: P8D"},
		{count, "matchingMethod: Selected", "matchingMethod: Any"},
		{event, `name: "[[two brackets]"`, `name: "[two brackets]"`},
		{template, `"displayName": "[concat('[[two brackets]')]"`, `"displayName": "[[two brackets]"`},
		{template, `"displayName": "[concat('[[two brackets]')]"`, `"displayName": "[two brackets]"`},
		{template, `"apiVersion": "2025-10-01-preview"`, `"apiVersion": "2025-09-01"`},
		{template, `"enabled": true`, `"enabled": "true"`},
		{template, "parameters('hostile_count_least')", "parameters('hostile_count_most')"},
		{template, `"suppressionDuration": "PT5H",`, ""},
		{template, `"contentVersion": "1.2.3.0"`, `"contentVersion": "1.2.3"`},
		{tf, "$${b}", "${b}"},
		{tf, "%%{c}", "%{c}"},
		{tf, `"query_frequency": "PT3H"`, `"query_frequency": "PT4H"`},
		{tf, `"create_incident_enabled"`, `"create_incident"`},
		{custom, "PT3H", "PT5M"},
		{custom, `"deviceIdColumn"`, `"deviceColumn"`},
		{custom, `"queryText": "DeviceProcessEvents`, `"queryText": "SecurityEvent`},
		{custom, `"displayName"`, `"isEnabled": true, "displayName"`},
	} {
		byPath := map[string][]byte{}
		for _, f := range files {
			byPath[f.Path] = f.Data
			if f.Path == c.path {
				changed := strings.ReplaceAll(string(f.Data), c.old, c.with)
				if changed == string(f.Data) {
					t.Errorf("%s has no %q\n%s", c.path, c.old, f.Data)
				}
				byPath[f.Path] = []byte(changed)
			}
		}
		if faults := check.Files(byPath); len(faults) == 0 {
			t.Errorf("%s: %q for %q is not found", c.path, c.with, c.old)
		}
	}
}
