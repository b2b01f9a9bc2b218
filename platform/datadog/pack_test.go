package datadog_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/onerule/onerule/backends"
	languages "github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/internal/terraformtest"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/all"
	"github.com/onerule/onerule/platform/datadog"
	"github.com/onerule/onerule/platform/datadog/api"
	"github.com/onerule/onerule/platform/hcl"
)

// packOf makes the artefacts of all rules in some folders, as a build chooses them, and the pack of them.
func packOf(t *testing.T, settings map[string]string, folders ...string) (platform.Pack, []platform.File, diag.List) {
	t.Helper()
	ws := workspace.Load(folders, "")
	if ws.Diags.HasErrors() {
		t.Fatal(ws.Diags.Err())
	}
	p := platform.Pack{Name: "soc", Version: "1.2.3", OneRule: "test", Settings: settings}
	slices.SortFunc(ws.Rules, func(a, b *ir.Rule) int { return strings.Compare(a.Name, b.Name) })
	for _, r := range ws.Rules {
		if a, _ := all.Build(r, &datadog.Platform, "", languages.Options{Consent: backends.Consent{Widen: true, Narrow: true}}); a != nil {
			p.Artefacts = append(p.Artefacts, a)
		}
	}
	files, diags := datadog.Platform.Pack(p)
	return p, files, diags
}

var (
	shipped = filepath.Join("..", "..", "rules")
	judged  = filepath.Join("judge", "testdata")

	// terraformTexts are rules whose texts terraform would change.
	terraformTexts = filepath.Join("testdata", "terraform.rule")
)

// TestPack: every file of a pack reads back as the document it was made of, also out of the Terraform file, and the pack is the
// same each time.
func TestPack(t *testing.T) {
	p, files, diags := packOf(t, nil, shipped, judged)
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	_, again, _ := packOf(t, nil, judged, shipped)
	if !slices.EqualFunc(files, again, func(x, y platform.File) bool {
		return x.Path == y.Path && x.Rule == y.Rule && bytes.Equal(x.Data, y.Data)
	}) {
		t.Error("two packs of the same rules differ")
	}
	var resources []api.Named
	kinds := map[string]int{}
	for _, a := range p.Artefacts {
		i := slices.IndexFunc(files, func(f platform.File) bool { return f.Rule == a.Rule.Name })
		if i < 0 {
			t.Errorf("%s has no file", a.Rule.Name)
			continue
		}
		doc, err := datadog.Platform.Decode(files[i].Data)
		if err != nil {
			t.Fatalf("%s: %v", files[i].Path, err)
		}
		want, err := a.Document.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := doc.Encode(); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is another document than that of the rule (%v)", files[i].Path, err)
		}
		resources = append(resources, api.Named{Name: a.Rule.Name, Doc: doc.(api.Document)})
		folder, _, _ := strings.Cut(files[i].Path, "/")
		kinds[folder]++
	}
	for _, folder := range []string{"rules", "workload_protection"} {
		if kinds[folder] == 0 {
			t.Errorf("nothing is in %s", folder)
		}
	}
	sameResources(t, platformtest.Data(t, files, "terraform/main.tf.json"), resources)
	readme := string(platformtest.Data(t, files, "README.md"))
	for _, want := range []string{"# soc 1.2.3 for Datadog", "`rules/guessed.json` | Signed in, then a second factor | sequence_detection | wider", "agent_policy_id", "## Alternatives"} {
		if !strings.Contains(readme, want) {
			t.Errorf("README.md has no %q\n%s", want, readme)
		}
	}
	t.Log(kinds)
}

func sameResources(t *testing.T, file []byte, want []api.Named) {
	t.Helper()
	got, err := api.DecodeTerraform(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d resources, %d documents", len(got), len(want))
	}
	for i := range want {
		x, errX := want[i].Doc.Encode()
		y, errY := got[i].Doc.Encode()
		if errX != nil || errY != nil || want[i].Name != got[i].Name || !bytes.Equal(x, y) {
			t.Errorf("the resource %s is another rule (%v, %v)\n%s\n%s", want[i].Name, errX, errY, x, y)
		}
	}
}

// TestAlternatives: what was learned is an anomaly rule that is switched off; nothing runs it, and Terraform has it not.
func TestAlternatives(t *testing.T) {
	_, files, _ := packOf(t, nil, judged)
	doc, err := datadog.Platform.Decode(platformtest.Data(t, files, "alternatives/unusual_signups.json"))
	if err != nil {
		t.Fatal(err)
	}
	rule := doc.(*api.DetectionRule)
	if rule.IsEnabled || rule.Options.DetectionMethod != api.AnomalyMethod || rule.Type != api.ApplicationSecurity || rule.Options.AnomalyOptions.LearningPeriodBaseline != 10 {
		t.Errorf("%+v", rule)
	}
	if !strings.HasPrefix(rule.Message, "**This rule is an alternative to choose by hand.**") {
		t.Error(rule.Message)
	}
}

func TestSettings(t *testing.T) {
	_, files, diags := packOf(t, map[string]string{"notify": "@slack-soc @team-x"}, judged)
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	for _, path := range []string{"rules/both.json", "workload_protection/made_by_hand.json", "terraform/main.tf.json"} {
		var text bytes.Buffer
		if err := json.Compact(&text, platformtest.Data(t, files, path)); err != nil || !strings.Contains(text.String(), `"notifications":["@slack-soc","@team-x"]`) {
			t.Errorf("%s notifies nobody (%v)", path, err)
		}
	}
	for setting, want := range map[string]string{"index": "`index` is no setting", "notify": "`soc` is no handle"} {
		if _, _, diags := packOf(t, map[string]string{setting: "soc"}, judged); !diags.HasErrors() || !strings.Contains(diags.Err().Error(), want) {
			t.Errorf("%s: %v", setting, diags.Err())
		}
	}
}

// TestUnfit: a rule that the API does not take is left out and named; the others are made.
func TestUnfit(t *testing.T) {
	p, _, _ := packOf(t, nil, judged)
	bad := *p.Artefacts[0]
	doc := *bad.Document.(*api.DetectionRule)
	doc.Message = ""
	bad.Document, p.Artefacts[0] = &doc, &bad
	files, diags := datadog.Platform.Pack(p)
	if !diags.HasErrors() || !strings.Contains(diags.Err().Error(), "message is empty") {
		t.Error(diags.Err())
	}
	if slices.ContainsFunc(files, func(f platform.File) bool { return f.Rule == bad.Rule.Name }) || len(files) < 3 {
		t.Errorf("%d files", len(files))
	}
}

// TestTerraformReads: terraform itself, where it is installed, reads every text of the file as it stands in the documents, in the
// normal form that it gives texts.
func TestTerraformReads(t *testing.T) {
	p, files, _ := packOf(t, nil, judged, terraformTexts)
	var file map[string]any
	if err := json.Unmarshal(platformtest.Data(t, files, "terraform/main.tf.json"), &file); err != nil {
		t.Fatal(err)
	}
	variables := file["variable"].(map[string]any)
	policy := variables["agent_policy_id"].(map[string]any)
	policy["default"] = "p"
	values, places, comments := map[string]any{}, map[string]map[string]any{}, map[string]any{}
	for _, list := range file["resource"].(map[string]any) {
		list := list.(map[string]any)
		for name, r := range list {
			id := fmt.Sprint("t", len(values))
			values[id], places[id] = r, list
			comments[id] = []any{name, r.(map[string]any)["//"]}
			delete(r.(map[string]any), "//")
		}
	}
	n := 0
	for id, r := range terraformtest.Outputs[any](t, variables, values) {
		read := mapTexts(r, func(s string) string { n++; return hcl.Quote(s) }).(map[string]any)
		name := comments[id].([]any)[0].(string)
		if c := comments[id].([]any)[1]; c != nil {
			read["//"] = c
		}
		if id, ok := read["policy_id"]; ok && id != "p" {
			t.Errorf("%s goes to the policy %v", name, id)
		}
		places[id][name] = read
	}
	delete(policy, "default")
	text, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	sameResources(t, text, resourcesOf(t, p))
	if n < 100 {
		t.Errorf("only %d texts", n)
	}
}

// TestNormalForms: a rule that asks for text that Terraform would change is not in its file, and named.
func TestNormalForms(t *testing.T) {
	p, files, diags := packOf(t, nil, terraformTexts)
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	sameResources(t, platformtest.Data(t, files, "terraform/main.tf.json"), resourcesOf(t, p))
	var unfit []string
	for _, a := range p.Artefacts {
		if api.Unfit(a.Document.(api.Document)) != "" {
			unfit = append(unfit, a.Rule.Name)
		}
		if !slices.ContainsFunc(files, func(f platform.File) bool { return f.Rule == a.Rule.Name }) {
			t.Errorf("%s has no file", a.Rule.Name)
		}
	}
	if got := strings.Join(unfit, " "); got != "letters_in_expression letters_in_query" {
		t.Errorf("unfit are %s", got)
	}
	for _, name := range unfit {
		if want := "- `" + name + "`: the query or a handle has text that is not in the normal form NFC, which Terraform would change\n"; !strings.Contains(string(platformtest.Data(t, files, "README.md")), want) {
			t.Errorf("README.md has no %q", want)
		}
	}
	_, files, diags = packOf(t, map[string]string{"notify": "@cafe\u0301"}, terraformTexts)
	if got, err := api.DecodeTerraform(platformtest.Data(t, files, "terraform/main.tf.json")); err != nil || len(got) > 0 || diags.HasErrors() {
		t.Errorf("%d rules tell another handle (%v, %v)", len(got), err, diags.Err())
	}
}

// resourcesOf are the documents that Terraform carries, with texts in the normal form that it gives them.
func resourcesOf(t *testing.T, p platform.Pack) []api.Named {
	t.Helper()
	var out []api.Named
	for _, a := range p.Artefacts {
		doc := a.Document.(api.Document)
		if api.Unfit(doc) != "" {
			continue
		}
		data, err := doc.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if doc, err = api.Decode(norm.NFC.Bytes(data)); err != nil {
			t.Fatal(err)
		}
		out = append(out, api.Named{Name: a.Rule.Name, Doc: doc})
	}
	return out
}

// mapTexts changes every text that is a value.
func mapTexts(x any, f func(string) string) any {
	switch x := x.(type) {
	case string:
		return f(x)
	case []any:
		for i, v := range x {
			x[i] = mapTexts(v, f)
		}
	case map[string]any:
		for k, v := range x {
			x[k] = mapTexts(v, f)
		}
	}
	return x
}
