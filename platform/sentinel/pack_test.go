package sentinel_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/onerule/onerule/backends"
	languages "github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/corpora"
	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/internal/terraformtest"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	platforms "github.com/onerule/onerule/platform/all"
	"github.com/onerule/onerule/platform/sentinel"
	"github.com/onerule/onerule/platform/sentinel/arm"
	"github.com/onerule/onerule/platform/sentinel/check"
	"github.com/onerule/onerule/platform/sentinel/content"
	"github.com/onerule/onerule/platform/sentinel/defender"
	"github.com/onerule/onerule/platform/sentinel/terraform"
)

var (
	shipped = filepath.Join("..", "..", "rules")
	hostile = filepath.Join("check", "testdata", "hostile.rule")
)

// packOf makes the artefacts of all rules in some places, as a build chooses them, and the pack of them.
func packOf(t *testing.T, settings map[string]string, places ...string) (platform.Pack, []platform.File, diag.List) {
	t.Helper()
	ws := workspace.Load(places, "")
	if ws.Diags.HasErrors() {
		t.Fatal(ws.Diags.Err())
	}
	p := platform.Pack{Name: "soc", Version: "1.2.3-rc.1", OneRule: "test", Settings: settings}
	slices.SortFunc(ws.Rules, func(a, b *ir.Rule) int { return strings.Compare(a.Name, b.Name) })
	for _, r := range ws.Rules {
		if !r.For("sentinel") {
			continue
		}
		a, diags := platforms.Build(r, &sentinel.Platform, "", languages.Options{Consent: backends.Consent{Widen: true, Narrow: true}})
		if a == nil {
			t.Fatal(diags.Err())
		}
		p.Artefacts = append(p.Artefacts, a)
	}
	files, diags := sentinel.Platform.Pack(p)
	return p, files, diags
}

// TestPack: the files of a pack are taken by what checks them, read back as the documents they were made of, in all forms, and are
// the same each time.
func TestPack(t *testing.T) {
	p, files, diags := packOf(t, nil, shipped, hostile)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	_, again, _ := packOf(t, nil, hostile, shipped)
	if !reflect.DeepEqual(files, again) {
		t.Error("two packs of the same rules differ")
	}
	byPath := map[string][]byte{}
	for _, f := range files {
		byPath[f.Path] = f.Data
	}
	for _, fault := range check.Files(byPath) {
		t.Error(fault)
	}
	template, err := arm.DecodeTemplate(platformtest.Data(t, files, "arm/azuredeploy.json"))
	if err != nil {
		t.Fatal(err)
	}
	if template.Version != "1.2.3.0" || len(template.Entries) != len(p.Artefacts) {
		t.Errorf("version %s, %d of %d rules", template.Version, len(template.Entries), len(p.Artefacts))
	}
	resources, err := terraform.Decode(platformtest.Data(t, files, "terraform/main.tf.json"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for i, a := range p.Artefacts {
		want := enabledAs(a)
		c, err := content.Decode(platformtest.Data(t, files, "analytic_rules/"+a.Rule.Name+".yaml"))
		if err != nil {
			t.Fatalf("%s: %v", a.Rule.Name, err)
		}
		got, err := c.Resource()
		if err != nil {
			t.Fatal(err)
		}
		got.Properties.Enabled = want.Properties.Enabled // content has no place for it
		sameRule(t, a.Rule.Name+" as content", got, want)
		sameRule(t, a.Rule.Name+" in the template", template.Entries[i].Rule, want)
		j := slices.IndexFunc(resources, func(e terraform.Entry) bool { return e.Name == a.Rule.Name })
		if j < 0 {
			if terraform.Unfit(want) == "" {
				t.Errorf("%s is not in Terraform's file", a.Rule.Name)
			}
			continue
		}
		n++
		normal := *want
		if normal.Properties, err = arm.MapTexts(want.Properties, func(s string) (string, error) { return norm.NFC.String(s), nil }); err != nil {
			t.Fatal(err)
		}
		sameRule(t, a.Rule.Name+" in Terraform's file", resources[j].Rule, &normal)
	}
	if n != len(p.Artefacts)-1 {
		t.Errorf("%d of %d rules are in Terraform's file", n, len(p.Artefacts))
	}
	readme := string(byPath["README.md"])
	for _, want := range []string{"NFC, which Terraform would change: `hostile_letters`", "runs every 1h instead of 5m", "which custom detections read as the name of a column: `hostile_event`", "`hostile_count_least` | 3"} {
		if !strings.Contains(readme, want) {
			t.Errorf("README.md has no %q\n%s", want, readme)
		}
	}
	for _, never := range []string{"hostile_count_twice", "hostile_count_part"} {
		if strings.Contains(readme, never) {
			t.Errorf("%s is a parameter of deployments, and does not change all that it should", never)
		}
	}
}

// enabledAs is the document of an artefact, switched off when the rule is out of use.
func enabledAs(a *platform.Artefact) *arm.Rule {
	out := *a.Document.(*arm.Rule)
	out.Properties.Enabled = a.Rule.Meta.Status != "deprecated"
	return &out
}

func sameRule(t *testing.T, what string, got, want *arm.Rule) {
	t.Helper()
	x, errX := got.Encode()
	y, errY := want.Encode()
	if errX != nil || errY != nil || !bytes.Equal(x, y) {
		t.Errorf("%s is another rule (%v, %v)\n%s\n%s", what, errX, errY, x, y)
	}
}

// TestDefender: what is a custom detection asks for the same events as the rule.
func TestDefender(t *testing.T) {
	p, files, _ := packOf(t, nil, shipped, hostile)
	n := 0
	for _, a := range p.Artefacts {
		i := slices.IndexFunc(files, func(f platform.File) bool { return f.Path == "defender/"+a.Rule.Name+".json" })
		if i < 0 {
			continue
		}
		n++
		d, err := defender.Decode(files[i].Data)
		if err != nil {
			t.Fatal(err)
		}
		// The query of the rule asks for a time where events come late; that alone may differ.
		rest := strings.ReplaceAll(a.Query.Text, d.QueryCondition.QueryText, "")
		if rest != "" && !strings.HasPrefix(strings.TrimSpace(rest), "| where TimeGenerated >= ago(") {
			t.Errorf("%s: %q", a.Rule.Name, rest)
		}
		if want := map[bool]string{true: "PT3H", false: "PT1H"}[a.Rule.Name == "hostile_bracket"]; d.Schedule.Frequency != want {
			t.Errorf("%s runs every %s", a.Rule.Name, d.Schedule.Frequency)
		}
		if want := map[bool]string{true: defender.Disabled, false: defender.Enabled}[a.Rule.Meta.Status == "deprecated"]; d.Status != want {
			t.Errorf("%s is %s", a.Rule.Name, d.Status)
		}
	}
	if n < 8 {
		t.Errorf("only %d custom detections", n)
	}
}

func TestSettings(t *testing.T) {
	_, files, diags := packOf(t, map[string]string{"workspace": "soc-logs", "enabled": "false"}, hostile)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	template, err := arm.DecodeTemplate(platformtest.Data(t, files, "arm/azuredeploy.json"))
	if err != nil || template.Workspace != "soc-logs" {
		t.Fatalf("%v: the workspace is %q", err, template.Workspace)
	}
	for _, e := range template.Entries {
		if e.Rule.Properties.Enabled {
			t.Errorf("%s is switched on", e.Comment)
		}
	}
	for setting, want := range map[string]string{"index": "`index` is no setting", "workspace": "is no name of a Log Analytics workspace", "enabled": "`enabled` is"} {
		if _, _, diags := packOf(t, map[string]string{setting: "[x]"}, hostile); !diags.HasErrors() || !strings.Contains(diags.Err().Error(), want) {
			t.Errorf("%s: %v", setting, diags.Err())
		}
	}
}

// TestUnfit: rules that a workspace would not take together are left out and named; the others are made.
func TestUnfit(t *testing.T) {
	p, before, _ := packOf(t, nil, hostile)
	twin := *p.Artefacts[0]
	rule := *twin.Rule
	rule.Name = "zwilling"
	twin.Rule = &rule
	doc := *twin.Document.(*arm.Rule)
	doc.Name = arm.Name("9f1d8a60-52b7-4c4e-8d2a-6c1e0b7f3a12")
	doc.Properties.DisplayName = strings.ToUpper(doc.Properties.DisplayName)
	twin.Document = &doc
	p.Artefacts = append(p.Artefacts, &twin)
	files, diags := sentinel.Platform.Pack(p)
	if !diags.HasErrors() || !strings.Contains(diags.Err().Error(), "`hostile_bracket` has the same title") || len(files) != len(before) {
		t.Errorf("%d files, %v", len(files), diags.Err())
	}
	doc.Name = p.Artefacts[1].Document.(*arm.Rule).Name
	doc.Properties.DisplayName = "another"
	if _, diags := sentinel.Platform.Pack(p); !diags.HasErrors() || !strings.Contains(diags.Err().Error(), "has the same id") {
		t.Error(diags.Err())
	}
	doc.Name = arm.Name("9f1d8a60-52b7-4c4e-8d2a-6c1e0b7f3a12")
	doc.Properties.Query = strings.Repeat("x", arm.MaxQuery+1)
	if _, diags := sentinel.Platform.Pack(p); !diags.HasErrors() || !strings.Contains(diags.Err().Error(), "query has 10001 characters: 1 to 10000 are allowed") {
		t.Error(diags.Err())
	}
}

// TestGolden holds the files of a small pack in golden/packs/sentinel: a rule about single events, one that counts, a sequence and
// those that are hard to write.
func TestGolden(t *testing.T) {
	p, files, diags := packOf(t, map[string]string{"workspace": "soc-logs"}, hostile,
		filepath.Join(shipped, "windows", "user_account_creation.rule"), filepath.Join(shipped, "auth0", "auth0_signup_surge.rule"),
		filepath.Join(shipped, "okta", "okta_push_fatigue_then_success.rule"))
	if len(diags) > 0 || len(p.Artefacts) < 5 {
		t.Fatal(diags)
	}
	platformtest.Golden(t, "sentinel", files)
}

// TestLimits: a rule with more than Sentinel takes is refused, and the reason names the limit.
func TestLimits(t *testing.T) {
	for name, c := range map[string]struct{ meta, emit, want string }{
		"title":       {meta: fmt.Sprintf("title = %q", strings.Repeat("t", 10_000)), want: "displayName has 10000 characters: 1 to 256 are allowed"},
		"emoji":       {meta: fmt.Sprintf("title = \"%s\"", strings.Repeat("\U0001F600", 129)), want: "displayName has 258 characters: 1 to 256 are allowed"},
		"description": {meta: fmt.Sprintf("description = %q", strings.Repeat("d", 5001)), want: "description has 5001 characters: up to 5000 are allowed"},
		"triage":      {meta: fmt.Sprintf("triage = %q", strings.Repeat("d", 10_000)), want: "description has 10000 characters: up to 5000 are allowed"},
		"entities":    {emit: strings.Repeat("entity user = user.name  ", 11), want: "11 entity mappings: up to 10 are allowed"},
	} {
		b := parse(t, "rule r v1 {\n  meta {\n    "+c.meta+"\n  }\n  from iam.login on okta\n  where event.outcome == \"failure\"\n  emit { "+c.emit+" }\n}\n")
		_, diags := sentinel.Platform.Types[0].Make(b, ir.TimingOf(b.Rule))
		if !diags.HasErrors() || !strings.Contains(diags.Err().Error(), c.want) {
			t.Errorf("%s: %v", name, diags.Err())
		}
	}
}

// TestTerraformReads: terraform itself, where it is installed, reads the text of queries as it stands in the documents.
func TestTerraformReads(t *testing.T) {
	p, files, _ := packOf(t, nil, shipped, hostile)
	var file struct {
		Variable map[string]any
		Resource map[string]map[string]map[string]any
	}
	if err := json.Unmarshal(platformtest.Data(t, files, "terraform/main.tf.json"), &file); err != nil {
		t.Fatal(err)
	}
	file.Variable["log_analytics_workspace_id"].(map[string]any)["default"] = "w"
	values := map[string]any{}
	for _, list := range file.Resource {
		for name, r := range list {
			delete(r, "//")
			values[name] = r
		}
	}
	if len(values) < 50 {
		t.Fatalf("only %d resources", len(values))
	}
	type resource struct {
		Query, Description string
		DisplayName        string `json:"display_name"`
		Body               struct{ Properties arm.Properties }
	}
	got := terraformtest.Outputs[resource](t, file.Variable, values)
	for _, a := range p.Artefacts {
		v, ok := got[a.Rule.Name]
		if !ok {
			continue
		}
		want := a.Document.(*arm.Rule).Properties
		if v.Query == "" {
			v.Query, v.Description, v.DisplayName = v.Body.Properties.Query, v.Body.Properties.Description, v.Body.Properties.DisplayName
		}
		for i, pair := range [][2]string{{v.Query, want.Query}, {v.Description, norm.NFC.String(want.Description)}, {v.DisplayName, norm.NFC.String(want.DisplayName)}} {
			if pair[0] != pair[1] {
				t.Errorf("%s, text %d: terraform reads %q, not %q", a.Rule.Name, i, pair[0], pair[1])
			}
		}
	}
}

// TestCorpus: what checks packs has nothing to say about the pack of a corpus of rules that others wrote.
func TestCorpus(t *testing.T) {
	ws := workspace.Load([]string{corpora.Path(t, "sigma", "rules", "windows", "process_creation")}, "")
	p := platform.Pack{Name: "sigma", Version: "1.0.0", OneRule: "test"}
	for _, r := range ws.Rules {
		if a, _ := platforms.Build(r, &sentinel.Platform, "", languages.Options{}); a != nil {
			p.Artefacts = append(p.Artefacts, a)
		}
	}
	slices.SortFunc(p.Artefacts, func(a, b *platform.Artefact) int { return strings.Compare(a.Rule.Name, b.Rule.Name) })
	files, _ := sentinel.Platform.Pack(p)
	byPath := map[string][]byte{}
	for _, f := range files {
		byPath[f.Path] = f.Data
	}
	for _, fault := range check.Files(byPath) {
		t.Error(fault)
	}
	if len(files) < 1000 {
		t.Errorf("only %d files of %d rules", len(files), len(ws.Rules))
	}
}

// TestAttack: techniques of a later ATT&CK are no techniques to Sentinel, and stay in the description.
func TestAttack(t *testing.T) {
	b := parse(t, "rule r v1 {\n  meta {\n    attack = [T1685.001, T1098.001, T1112, TA0112]\n    description = \"d\"\n  }\n  from iam.login on okta\n}\n")
	art, diags := sentinel.Platform.Types[0].Make(b, ir.TimingOf(b.Rule))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	p := art.Document.(*arm.Rule).Properties
	if got := fmt.Sprint(p.Techniques, p.SubTechniques, p.Tactics); got != "[T1098 T1112] [T1098.001] [Persistence PrivilegeEscalation DefenseEvasion]" || p.Description != "d\n\nATT&CK: TA0112, T1685.001" {
		t.Errorf("%s, %q", got, p.Description)
	}
}

// TestTypes asks the types of the API itself about every resource of the template.
func TestTypes(t *testing.T) {
	raw, err := os.ReadFile(corpora.Shared(t, "schemas", "sentinel-arm", "types-2025-09-01.json"))
	if err != nil {
		t.Fatal(err)
	}
	var types []apiType
	if err := json.Unmarshal(raw, &types); err != nil {
		t.Fatal(err)
	}
	root := slices.IndexFunc(types, func(x apiType) bool { return x.Name == "ScheduledAlertRule" })
	_, files, _ := packOf(t, nil, shipped, hostile)
	var template struct{ Resources []map[string]any }
	if err := json.Unmarshal(platformtest.Data(t, files, "arm/azuredeploy.json"), &template); err != nil {
		t.Fatal(err)
	}
	for _, r := range template.Resources {
		about := fmt.Sprint(r["comments"])
		for _, k := range []string{"type", "apiVersion", "name", "comments"} {
			delete(r, k)
		}
		delete(r["properties"].(map[string]any), "subTechniques") // of the preview that the resource then names
		for _, fault := range typed(types, root, r, about) {
			t.Error(fault)
		}
	}
	if len(template.Resources) < 50 {
		t.Errorf("only %d resources", len(template.Resources))
	}
}

// apiType is a type of the generated types of bicep.
type apiType struct {
	Kind       string `json:"$type"`
	Name       string
	Value      string
	Properties map[string]struct {
		Type  apiRef
		Flags int
	}
	AdditionalProperties *apiRef
	ItemType             *apiRef
	Elements             json.RawMessage // a list for unions
}

type apiRef struct {
	Ref string `json:"$ref"`
}

func (r apiRef) index() (i int) {
	fmt.Sscanf(r.Ref, "#/%d", &i)
	return i
}

// typed says where a value is not of a type; words of open enumerations have to be listed ones.
func typed(types []apiType, i int, v any, at string) (out []string) {
	typ, bad := types[i], func(ok bool) []string {
		if ok {
			return nil
		}
		return []string{fmt.Sprintf("%s: %v is no %s %s", at, v, types[i].Kind, types[i].Value)}
	}
	switch typ.Kind {
	case "StringType":
		_, ok := v.(string)
		return bad(ok)
	case "BooleanType":
		_, ok := v.(bool)
		return bad(ok)
	case "IntegerType":
		n, ok := v.(float64)
		return bad(ok && n == float64(int(n)))
	case "StringLiteralType":
		return bad(v == typ.Value)
	case "UnionType":
		var elements []apiRef
		if err := json.Unmarshal(typ.Elements, &elements); err != nil {
			return []string{at + ": " + err.Error()}
		}
		return bad(slices.ContainsFunc(elements, func(e apiRef) bool { x := types[e.index()]; return x.Kind == "StringLiteralType" && x.Value == v }))
	case "ArrayType":
		list, ok := v.([]any)
		for n, x := range list {
			out = append(out, typed(types, typ.ItemType.index(), x, fmt.Sprintf("%s[%d]", at, n))...)
		}
		return append(out, bad(ok)...)
	case "ObjectType":
		m, ok := v.(map[string]any)
		for name, p := range typ.Properties {
			if _, there := m[name]; !there && p.Flags&1 != 0 {
				out = append(out, at+": "+name+" is missing")
			}
		}
		for name, x := range m {
			p, known := typ.Properties[name]
			switch {
			case known && p.Flags&2 != 0:
				out = append(out, at+": "+name+" is read only")
			case known:
				out = append(out, typed(types, p.Type.index(), x, at+"."+name)...)
			case typ.AdditionalProperties != nil:
				out = append(out, typed(types, typ.AdditionalProperties.index(), x, at+"."+name)...)
			default:
				out = append(out, at+": there is no "+name)
			}
		}
		return append(out, bad(ok)...)
	}
	return bad(false)
}
