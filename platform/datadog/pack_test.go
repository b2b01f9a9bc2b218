package datadog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onerule/onerule/backends"
	languages "github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/all"
	"github.com/onerule/onerule/platform/datadog"
	"github.com/onerule/onerule/platform/datadog/api"
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
	sameResources(t, data(t, files, "terraform/main.tf.json"), resources)
	readme := string(data(t, files, "README.md"))
	for _, want := range []string{"# soc 1.2.3 for Datadog", "`rules/guessed.json` | Signed in, then a second factor | sequence_detection | wider", "agent_policy_id", "## Alternatives"} {
		if !strings.Contains(readme, want) {
			t.Errorf("README.md has no %q\n%s", want, readme)
		}
	}
	t.Log(kinds)
}

func data(t *testing.T, files []platform.File, path string) []byte {
	t.Helper()
	i := slices.IndexFunc(files, func(f platform.File) bool { return f.Path == path })
	if i < 0 {
		t.Fatalf("there is no %s", path)
	}
	return files[i].Data
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
	doc, err := datadog.Platform.Decode(data(t, files, "alternatives/unusual_signups.json"))
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
		if err := json.Compact(&text, data(t, files, path)); err != nil || !strings.Contains(text.String(), `"notifications":["@slack-soc","@team-x"]`) {
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

// TestTerraformReads: terraform itself, where it is installed, reads every text of the file as it stands in the documents.
func TestTerraformReads(t *testing.T) {
	bin, err := exec.LookPath("terraform")
	if err != nil {
		t.Skip("terraform is not installed")
	}
	_, files, _ := packOf(t, nil, judged)
	var file any
	if err := json.Unmarshal(data(t, files, "terraform/main.tf.json"), &file); err != nil {
		t.Fatal(err)
	}
	want, outputs := map[string]string{}, map[string]any{}
	texts(file, func(s string) {
		if !strings.HasPrefix(s, "${var.") {
			name := fmt.Sprint("t", len(outputs))
			outputs[name] = map[string]any{"value": s}
			want[name] = strings.ReplaceAll(strings.ReplaceAll(s, "$${", "${"), "%%{", "%{")
		}
	})
	dir := t.TempDir()
	config, err := json.Marshal(map[string]any{"output": outputs})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "main.tf.json"), config, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	terraform := func(args ...string) []byte {
		cmd := exec.CommandContext(ctx, bin, args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "TF_CLI_CONFIG_FILE="+os.DevNull, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
		out, err := cmd.Output()
		if err != nil {
			t.Skipf("terraform %s does not run here: %v", args[0], err)
		}
		return out
	}
	terraform("init", "-input=false")
	terraform("apply", "-auto-approve", "-input=false")
	var got map[string]struct{ Value string }
	if err := json.Unmarshal(terraform("output", "-json"), &got); err != nil {
		t.Fatal(err)
	}
	for name, text := range want {
		if got[name].Value != text {
			t.Errorf("terraform reads %q, not %q", got[name].Value, text)
		}
	}
	if len(want) < 100 {
		t.Errorf("only %d texts", len(want))
	}
}

// texts calls f for every text that is a value.
func texts(x any, f func(string)) {
	switch x := x.(type) {
	case string:
		f(x)
	case []any:
		for _, v := range x {
			texts(v, f)
		}
	case map[string]any:
		for k, v := range x {
			if k != "//" {
				texts(v, f)
			}
		}
	}
}
