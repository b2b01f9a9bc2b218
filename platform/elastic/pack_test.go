package elastic_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onerule/onerule/backends"
	languages "github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/backends/elastic/esql"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	platforms "github.com/onerule/onerule/platform/all"
	"github.com/onerule/onerule/platform/elastic"
	"github.com/onerule/onerule/platform/elastic/check"
	"github.com/onerule/onerule/platform/elastic/rule"
	"github.com/onerule/onerule/platform/schedule"
)

var rulesFolder, testFolder = filepath.Join("..", "..", "rules"), "testdata"

// artefactsOf makes the artefacts of all rules in some folders, as a build chooses them.
func artefactsOf(t testing.TB, folders ...string) []*platform.Artefact {
	t.Helper()
	ws := workspace.Load(folders, "")
	if ws.Diags.HasErrors() {
		t.Fatal(ws.Diags.Err())
	}
	slices.SortFunc(ws.Rules, func(a, b *ir.Rule) int { return strings.Compare(a.Name, b.Name) })
	var out []*platform.Artefact
	for _, r := range ws.Rules {
		if a, _ := platforms.Build(r, &elastic.Platform, "", languages.Options{Consent: backends.Consent{Widen: true, Narrow: true}}); a != nil {
			out = append(out, a)
		}
	}
	return out
}

func packOf(arts []*platform.Artefact, settings map[string]string) ([]platform.File, diag.List) {
	return elastic.Platform.Pack(platform.Pack{Name: "soc", Version: "1.2.3", OneRule: "test", Artefacts: arts, Settings: settings})
}

// checked reads the files of a pack with the checker, which must find nothing, and returns the rules by id as the import has them.
func checked(t interface {
	Helper()
	Errorf(string, ...any)
}, files []platform.File,
) map[string]map[string]any {
	t.Helper()
	imported := map[string]map[string]any{}
	for _, f := range files {
		if !strings.HasSuffix(f.Path, ".ndjson") {
			continue
		}
		rules, faults := check.Import(f.Data)
		for _, x := range faults {
			t.Errorf("%s: %s", f.Path, x)
		}
		for id, r := range rules {
			imported[id] = r
		}
	}
	for _, f := range files {
		if f.Rule == "" {
			continue
		}
		m, faults := check.TOML(f.Data)
		id, _ := m["rule_id"].(string)
		for _, x := range append(faults, check.Same(m, imported[id])...) {
			t.Errorf("%s: %s\n%s", f.Path, x, f.Data)
		}
	}
	return imported
}

// fromTOML is the document of a TOML file, with what the build of detection-rules adds.
func fromTOML(t interface{ Fatalf(string, ...any) }, data []byte) *rule.Rule {
	m, faults := check.TOML(data)
	if len(faults) > 0 {
		t.Fatalf("%v", faults)
	}
	m["version"] = 1
	for _, k := range []string{"tags", "references", "false_positives", "threat", "severity_mapping", "risk_score_mapping", "actions", "exceptions_list", "related_integrations", "required_fields"} {
		if m[k] == nil {
			m[k] = []any{}
		}
	}
	for k, v := range map[string]any{"to": "now", "enabled": true} {
		if m[k] == nil {
			m[k] = v
		}
	}
	for _, x := range m["threat"].([]any) {
		if threat := x.(map[string]any); threat["technique"] == nil {
			threat["technique"] = []any{}
		}
	}
	line, err := json.Marshal(m)
	if err != nil {
		t.Fatalf("%v", err)
	}
	doc, err := rule.Decode(line)
	if err != nil {
		t.Fatalf("%v\n%s", err, line)
	}
	return doc
}

// lines are the documents of the files to import, by id.
func lines(t testing.TB, files []platform.File) map[string]*rule.Rule {
	t.Helper()
	out := map[string]*rule.Rule{}
	for _, f := range files {
		if !strings.HasSuffix(f.Path, ".ndjson") {
			continue
		}
		for line := range bytes.Lines(f.Data) {
			if bytes.HasPrefix(line, []byte(`{"exported_count"`)) {
				continue
			}
			doc, err := elastic.Platform.Decode(line)
			if err != nil {
				t.Fatal(err)
			}
			out[doc.(*rule.Rule).RuleID] = doc.(*rule.Rule)
		}
	}
	return out
}

// TestPack: the files of the pack of all shipped rules read back as the documents that are verified: the same query, schedule and
// grouping, in the file to import and in the TOML files. Two packs are the same.
func TestPack(t *testing.T) {
	arts := artefactsOf(t, rulesFolder, testFolder)
	files, diags := packOf(arts, nil)
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	again, _ := packOf(artefactsOf(t, testFolder, rulesFolder), nil)
	if !reflect.DeepEqual(files, again) {
		t.Error("two packs of the same rules differ")
	}
	checked(t, files)
	imported := lines(t, files)
	types := map[string]int{}
	for _, a := range arts {
		want := *a.Document.(*rule.Rule)
		got := imported[want.RuleID]
		if got == nil {
			t.Errorf("%s is not in rules.ndjson", a.Rule.Name)
			continue
		}
		want.Setup = got.Setup
		if !reflect.DeepEqual(got, &want) {
			t.Errorf("%s reads back as another document\n%+v\n%+v", a.Rule.Name, got, &want)
		}
		if !strings.HasPrefix(got.Setup, "## Setup") || !strings.Contains(got.Setup, a.Bound.Parts[0].Binding.Title) {
			t.Errorf("%s: %s", a.Rule.Name, got.Setup)
		}
		toml := fromTOML(t, platformtest.Data(t, files, "rules/"+a.Rule.Name+".toml"))
		toml.Version, toml.RelatedIntegrations, toml.RequiredFields = got.Version, got.RelatedIntegrations, got.RequiredFields
		x, errX := toml.Encode()
		if y, errY := got.Encode(); errX != nil || errY != nil || !bytes.Equal(x, y) {
			t.Errorf("%s: the TOML file is another rule (%v, %v)\n%s\n%s", a.Rule.Name, errX, errY, x, y)
		}
		types[got.Type]++
	}
	if len(types) < 3 {
		t.Errorf("not every type is made: %v", types)
	}
	t.Log(types)
}

// golden are the rules whose files are kept: one about single events, one that counts, a sequence, one that is hard to write.
var golden = []string{"hostile", "okta_burst", "user_account_creation", "okta_push_fatigue_then_success"}

func TestGolden(t *testing.T) {
	arts := slices.DeleteFunc(artefactsOf(t, rulesFolder, testFolder), func(a *platform.Artefact) bool { return !slices.Contains(golden, a.Rule.Name) })
	if len(arts) != len(golden) {
		t.Fatalf("%d artefacts", len(arts))
	}
	files, _ := packOf(arts, map[string]string{"created": "2026-01-31"})
	platformtest.Golden(t, "elastic", files)
}

// okta is an event of the data stream okta.system.
func okta(at time.Time, user, action, result string) native.Row {
	return native.Row{
		"@timestamp": at.Format(time.RFC3339Nano), "event": map[string]any{"action": action, "outcome": map[string]string{"SUCCESS": "success", "FAILURE": "failure"}[result], "ingested": at.Add(20 * time.Second).Format(time.RFC3339Nano)},
		"data_stream": map[string]any{"dataset": "okta.system"}, "source": map[string]any{"ip": "203.0.113.7"},
		"okta": map[string]any{"actor": map[string]any{"alternate_id": user}, "outcome": map[string]any{"result": result}},
	}
}

// TestPackRuns runs what the files of a pack hold, decoded, on a few events.
func TestPackRuns(t *testing.T) {
	arts := artefactsOf(t, rulesFolder, testFolder)
	files, _ := packOf(arts, nil)
	start := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	at := func(minute float64) time.Time { return start.Add(time.Duration(minute * float64(time.Minute))) }
	process := func(minute float64, name string, args ...any) native.Row {
		return native.Row{
			"@timestamp": at(minute).Format(time.RFC3339Nano), "data_stream": map[string]any{"dataset": "endpoint.events.process"},
			"event": map[string]any{"category": []any{"process"}, "type": []any{"start"}, "action": "start", "kind": "event", "ingested": at(minute).Format(time.RFC3339Nano)},
			"host":  map[string]any{"name": "ws-1", "os": map[string]any{"type": "windows"}}, "user": map[string]any{"name": "eve"},
			"process": map[string]any{"name": name, "args": args, "executable": `C:\Windows\System32\` + name, "parent": map[string]any{"name": "cmd.exe"}},
		}
	}
	const login, factor = "user.session.start", "user.mfa.factor.activate"
	for _, c := range []struct {
		rule, table string
		rows        []native.Row
		want        int
	}{
		{"user_account_creation", "logs-endpoint.events.process-default", []native.Row{process(3, "net.exe", "net", "user", "eve", "/add"), process(4, "NET1.EXE", "net1", "user", "eve", "/delete")}, 1},
		{"okta_burst", "logs-okta.system-default", []native.Row{okta(at(1), "a", login, "FAILURE"), okta(at(2), "a", login, "FAILURE"), okta(at(3), "a", login, "FAILURE"), okta(at(4), "b", login, "FAILURE")}, 1},
		{"okta_guessed_password_then_factor_changed", "logs-okta.system-default", []native.Row{
			okta(at(1), "a", login, "FAILURE"), okta(at(2), "a", login, "FAILURE"), okta(at(3), "a", login, "FAILURE"), okta(at(4), "a", login, "FAILURE"), okta(at(5), "a", login, "FAILURE"),
			okta(at(6), "a", login, "SUCCESS"), okta(at(6.5), "b", factor, "SUCCESS"), okta(at(7), "a", factor, "SUCCESS"),
		}, 1},
		{"hostile", "logs-okta.system-default", []native.Row{okta(at(1), "a", factor, "SUCCESS")}, 0},
	} {
		t.Run(c.rule, func(t *testing.T) {
			toml := fromTOML(t, platformtest.Data(t, files, "rules/"+c.rule+".toml"))
			part := arts[slices.IndexFunc(arts, func(a *platform.Artefact) bool { return a.Rule.Name == c.rule })].Bound.Parts[0]
			types := esql.Backend.Types(part)
			types["okta.target.alternate_id"] = "keyword"
			in := schedule.Input{Tables: []native.Table{{Name: c.table, Rows: c.rows, Types: types}}, From: start, To: start.Add(90 * time.Minute)}
			for source, doc := range map[string]platform.Document{"rules.ndjson": lines(t, files)[toml.RuleID], "TOML": toml} {
				found, diags := elastic.Platform.Run(doc, in)
				if diags.HasErrors() {
					t.Fatal(diags.Err())
				}
				distinct := map[string]bool{}
				for _, f := range found {
					key, _ := json.Marshal(f.Columns)
					events, _ := json.Marshal(f.Events)
					distinct[string(key)+string(events)] = true
				}
				if len(distinct) != c.want {
					t.Errorf("%s: %d findings, not %d", source, len(distinct), c.want)
				}
			}
		})
	}
}

func TestPackSettings(t *testing.T) {
	arts := artefactsOf(t, testFolder)
	files, diags := packOf(arts, map[string]string{"enabled": "false", "created": "2026-01-02", "updated": "2026/03/04"})
	if len(diags) != 1 || diags.HasErrors() { // the title of hostile
		t.Fatal(diags.Err())
	}
	for _, doc := range lines(t, files) {
		if doc.Enabled {
			t.Errorf("%s is enabled", doc.Name)
		}
	}
	if text := string(platformtest.Data(t, files, "rules/okta_burst.toml")); !strings.Contains(text, "creation_date = \"2026/01/02\"") || !strings.Contains(text, "updated_date = \"2026/03/04\"") || !strings.Contains(text, "enabled = false") {
		t.Error(text)
	}
	if text := string(platformtest.Data(t, files, "rules/hostile.toml")); !strings.Contains(text, "creation_date = \"2026/02/03\"") || !strings.Contains(text, "updated_date = \"2026/03/04\"") || !strings.Contains(text, `maturity = "experimental"`) {
		t.Error(text)
	}
	for _, bad := range []map[string]string{{"enabled": "yes"}, {"created": "2026-13-01"}, {"updated": "today"}, {"notify": "me"}} {
		if _, diags := packOf(arts, bad); !diags.HasErrors() || diags[0].Code != diag.BadConfig {
			t.Errorf("%v is taken: %v", bad, diags)
		}
	}
	if files, diags := packOf(nil, nil); len(files) != 0 || diags != nil {
		t.Errorf("of no rules: %v %v", files, diags)
	}
}

// TestSameID: an import takes one rule for an id; the second is left out, and named.
func TestSameID(t *testing.T) {
	arts := artefactsOf(t, testFolder)
	other := *arts[1]
	doc := *other.Document.(*rule.Rule)
	doc.RuleID = arts[0].Document.(*rule.Rule).RuleID
	other.Document = &doc
	files, diags := packOf([]*platform.Artefact{arts[0], &other}, nil)
	i := slices.IndexFunc(diags, func(d diag.Diagnostic) bool { return d.Code == diag.SameID })
	if i < 0 || diags[i].Span != other.Rule.Span || len(files) != 3 {
		t.Errorf("%v %d files", diags, len(files))
	}
}

// TestImportLimits: what is more than one import takes goes into further files.
func TestImportLimits(t *testing.T) {
	art := artefactsOf(t, testFolder)[1]
	var many []*platform.Artefact
	for i := range 300 {
		a, r, doc := *art, *art.Rule, *art.Document.(*rule.Rule)
		r.Name = "r" + string(rune('a'+i/26)) + string(rune('a'+i%26))
		doc.RuleID = r.Name
		doc.Query = "a:" + strings.Repeat("x", 50000)
		doc.Type, doc.Language, doc.Index = rule.Query, "kuery", []string{"a"}
		a.Rule, a.Document = &r, &doc
		many = append(many, &a)
	}
	files, diags := packOf(many, nil)
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	if got := len(lines(t, files)); got != 300 {
		t.Errorf("%d rules", got)
	}
	for _, path := range []string{"rules.ndjson", "rules_2.ndjson"} {
		if _, faults := check.Import(platformtest.Data(t, files, path)); len(faults) > 0 {
			t.Errorf("%s: %v", path, faults)
		}
	}
	if !bytes.Contains(platformtest.Data(t, files, "README.md"), []byte("`rules.ndjson` to `rules_2.ndjson`")) {
		t.Error("README.md names one file")
	}
	huge := *art
	doc := *art.Document.(*rule.Rule)
	doc.Query = strings.Repeat("x", rule.MaxImportBytes)
	huge.Document = &doc
	if files, diags := packOf([]*platform.Artefact{&huge}, nil); len(files) != 0 || !diags.HasErrors() {
		t.Errorf("%d files, %v", len(files), diags)
	}
}
