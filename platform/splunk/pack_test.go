package splunk_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	languages "github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/all"
	"github.com/onerule/onerule/platform/splunk"
	"github.com/onerule/onerule/platform/splunk/app"
	"github.com/onerule/onerule/platform/splunk/conf"
	"github.com/onerule/onerule/platform/splunk/inspect"
	"github.com/onerule/onerule/schema"
)

// shippedPack is what a build gives Splunk of the shipped rules.
func shippedPack(t testing.TB) platform.Pack {
	t.Helper()
	ws := workspace.Load([]string{filepath.Join("..", "..", "rules")}, "")
	if ws.Diags.HasErrors() {
		t.Fatal(ws.Diags.Err())
	}
	p := platform.Pack{Name: "soc", Version: "1.2.3", OneRule: "test"}
	slices.SortFunc(ws.Rules, func(a, b *ir.Rule) int { return strings.Compare(a.Name, b.Name) })
	for _, r := range ws.Rules {
		if a, _ := all.Build(r, &splunk.Platform, "", languages.Options{}); a != nil {
			p.Artefacts = append(p.Artefacts, a)
		}
	}
	if len(p.Artefacts) < 40 {
		t.Fatalf("%d artefacts", len(p.Artefacts))
	}
	return p
}

// artefact is that of one bound rule.
func artefact(t platformtest.T, b *ir.Bound) *platform.Artefact {
	t.Helper()
	m, l := build(t, b)
	if m == nil {
		t.Fatalf("refused: %v", l)
	}
	m.Art.Rule, m.Art.Bound = b.Rule, b
	return m.Art
}

// packed makes a pack, and checks that its files say the same, that Splunk would take them, and that the same comes out again.
func packed(t platformtest.T, p platform.Pack) ([]platform.File, *app.App, diag.List) {
	t.Helper()
	files, diags := splunk.Platform.Pack(p)
	again, _ := splunk.Platform.Pack(p)
	if !reflect.DeepEqual(files, again) {
		t.Fatalf("two packs of the same rules differ")
	}
	archive := platformtest.Data(t, files, p.Name+"-"+p.Version+".spl")
	for _, f := range inspect.Archive(archive) {
		if f.Warning { // a rule that runs each minute, say
			continue
		}
		t.Fatalf("%s\n%s", f, platformtest.Data(t, files, "app/"+p.Name+"/default/savedsearches.conf"))
	}
	id, inside, err := app.Unpack(archive)
	if err != nil || id != p.Name {
		t.Fatalf("%q %v", id, err)
	}
	for _, f := range inside {
		if !bytes.Equal(f.Data, platformtest.Data(t, files, "app/"+id+"/"+f.Path)) {
			t.Fatalf("%s is not what the archive holds", f.Path)
		}
	}
	a, err := app.Read(archive)
	if err != nil {
		t.Fatalf("%v", err)
	}
	n := 0
	for _, f := range files {
		if f.Rule == "" {
			continue
		}
		doc, err := splunk.Platform.Decode(f.Data)
		if err != nil {
			t.Fatalf("%s: %v", f.Path, err)
		}
		if n >= len(a.Searches) || !reflect.DeepEqual(doc, a.Searches[n]) {
			t.Fatalf("%s is not what the archive holds\n%+v\n%+v", f.Path, doc, a.Searches[min(n, len(a.Searches)-1)])
		}
		n++
	}
	if n != len(a.Searches) {
		t.Fatalf("%d files of rules, %d saved searches", n, len(a.Searches))
	}
	return files, a, diags
}

// TestPackShipped: the saved searches in the archive are those of the rules' artefacts, which verify runs, and their texts are the
// queries once the macros are in their places.
func TestPackShipped(t *testing.T) {
	p := shippedPack(t)
	_, a, diags := packed(t, p)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	for i, s := range a.Searches {
		want := *p.Artefacts[i].Document.(*conf.SavedSearch)
		want.Macros = slices.Clone(want.Macros)
		slices.SortFunc(want.Macros, func(x, y conf.Macro) int { return strings.Compare(x.Name, y.Name) })
		if !reflect.DeepEqual(*s, want) {
			t.Errorf("%s: the archive holds\n%+v\nthe artefact is\n%+v", s.Name, *s, want)
		}
		macros := syntax.Macros{}
		for _, m := range s.Macros {
			macros[m.Name] = m.Definition
		}
		expanded, d1 := syntax.ParseWith("search", s.Search, macros)
		query, d2 := syntax.Parse("query", p.Artefacts[i].Query.Text)
		if d1.HasErrors() || d2.HasErrors() {
			t.Fatal(d1, d2)
		}
		text := strings.TrimPrefix(syntax.PrintLine(expanded), `index="auth0" `) // which the query leaves out
		if want := syntax.PrintLine(query); text != want && text != "("+want {
			if wrapped := strings.NewReplacer("(", "", ")", "").Replace; wrapped(text) != wrapped(want) || !strings.HasPrefix(s.Search, "`onerule_source_auth0`") {
				t.Errorf("%s\nsearch %s\nquery  %s", s.Name, text, want)
			}
		}
		if !strings.Contains(s.Search, "`onerule_source_") {
			t.Errorf("%s: no macro says where the events are: %s", s.Name, s.Search)
		}
	}
}

// TestPackRuns runs what is in the archive: it finds what the rules mean, also with the indexes that are set.
func TestPackRuns(t *testing.T) {
	for _, settings := range []map[string]string{nil, {"index": "identity, okta_2", "index.okta": "okta"}} {
		p := platform.Pack{Name: "runs", Version: "1.0.0", OneRule: "test", Settings: settings}
		var bounds []*ir.Bound
		for i, tl := range timelines {
			lines := strings.ReplaceAll(tl.rule, "  ", "\n  ")
			for _, clause := range []string{"count per", "count total", "when ", "emit per", "schedule "} {
				lines = strings.ReplaceAll(lines, clause, "\n  "+clause)
			}
			b := rule(t, fmt.Sprintf("rule r%02d v1 {\n  from iam.login on okta\n  %s\n}\n", i, lines))
			bounds = append(bounds, b)
			p.Artefacts = append(p.Artefacts, artefact(t, b))
		}
		_, a, diags := packed(t, p)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		found := 0
		for i, s := range a.Searches {
			events := logins(timelines[i].events...)
			for j := range events {
				o := maps.Clone(events[j].Object)
				o["index"] = "okta"
				events[j] = schema.Event{ID: events[j].ID, Object: o, Millis: events[j].Millis}
			}
			found += madeOf(p.Artefacts[i], bounds[i], s).compare(t, events)
		}
		if found < len(timelines)/2 {
			t.Errorf("%d findings", found)
		}
	}
}

const twoSources = `rule two v1 {
  from iam.login on okta, auth0
  where event.outcome == "failure"
  schedule every 10m delay 3m
}
`

// TestPackIndexes: an index narrows the macro that finds its source, and no other one.
func TestPackIndexes(t *testing.T) {
	for _, tc := range []struct {
		settings map[string]string
		want     []string
	}{
		{nil, []string{`index="auth0"`, `sourcetype="OktaIM2:log"`}},
		{map[string]string{"index": "main"}, []string{`index="main"`, `(index="main" sourcetype="OktaIM2:log")`}},
		{map[string]string{"index.okta": "okta_a okta_b*"}, []string{`index="auth0"`, `(index IN ("okta_a", "okta_b*") sourcetype="OktaIM2:log")`}},
		{map[string]string{"index": "main", "index.splunk_auth0": "idp"}, []string{`index="idp"`, `(index="main" sourcetype="OktaIM2:log")`}},
	} {
		okta := rule(t, "rule a v1 {\n  from iam.login on okta\n  where event.outcome == \"failure\"\n}\n")
		auth0 := rule(t, "rule b v1 {\n  from iam.login on auth0\n  where event.outcome == \"failure\"\n}\n")
		_, a, diags := packed(t, platform.Pack{Name: "x_y", Version: "1.0.0", Settings: tc.settings, Artefacts: []*platform.Artefact{artefact(t, auth0), artefact(t, okta)}})
		var got []string
		for _, s := range a.Searches {
			for _, m := range s.Macros {
				got = append(got, m.Definition)
			}
		}
		if len(diags) > 0 || !slices.Equal(got, tc.want) {
			t.Errorf("%v: %q, expected %q %v", tc.settings, got, tc.want, diags)
		}
	}
	both := artefact(t, rule(t, twoSources)).Document.(*conf.SavedSearch)
	if want := "(`onerule_source_okta` AND "; !strings.Contains(both.Search, want) {
		t.Errorf("%s has no %s", both.Search, want)
	}
}

// TestPackSettings: what cannot be set is said, and the rest is built.
func TestPackSettings(t *testing.T) {
	a := artefact(t, rule(t, "rule a v1 {\n  from iam.login on okta\n  where event.outcome == \"failure\"\n}\n"))
	for _, tc := range []struct{ key, value, want string }{
		{"indexes", "main", "`indexes` is no setting of packs for Splunk"},
		{"index", "*", "`*` is no name of an index"},
		{"index", "Main", "`Main` is no name of an index"},
		{"index", "a b) OR (index", "`b)` is no name of an index"},
		{"index.oktaa", "okta", "there is no binding `splunk_oktaa`"},
		{"label", " ", "`label` of packs for Splunk is empty"},
		{"label", "abc", "5 to 80 characters"},
		{"label", "Splunk for SOCs", "does not begin with Splunk"},
		{"description", strings.Repeat("x", 201), "at most 200 characters"},
	} {
		files, diags := splunk.Platform.Pack(platform.Pack{Name: "soc", Version: "1.0.0", Settings: map[string]string{tc.key: tc.value}, Artefacts: []*platform.Artefact{a}})
		if !diags.HasErrors() || diags[0].Code != diag.BadConfig || !strings.Contains(diags[0].Title, tc.want) {
			t.Errorf("%s: %q: %v", tc.key, tc.value, diags)
		}
		if len(files) == 0 || files[0].Rule != "a" {
			t.Errorf("%s: the rule is not built", tc.key)
		}
	}
	for _, name := range []string{"con", "LPT1"} {
		if _, diags := splunk.Platform.Pack(platform.Pack{Name: name, Version: "1.0.0", Artefacts: []*platform.Artefact{a}}); !diags.HasErrors() {
			t.Errorf("%s is an app", name)
		}
	}
}

// TestPackNames: rules of one title have names of their own, and a macro that is two things leaves one of its rules out.
func TestPackNames(t *testing.T) {
	long := strings.Repeat("long title ", 20)
	text := func(name, title string) *platform.Artefact {
		return artefact(t, rule(t, "rule "+name+" v1 {\n  meta {\n    title = \""+title+"\"\n  }\n  from iam.login on okta\n  where event.outcome == \"failure\"\n}\n"))
	}
	_, a, _ := packed(t, platform.Pack{Name: "names", Version: "1.0.0", Artefacts: []*platform.Artefact{
		text("a", "One"), text("b", "one"), text("c", "Other"), text("d", long+"1"), text("e", long+"2"),
	}})
	var names []string
	for _, s := range a.Searches {
		names = append(names, s.Name)
		if len(s.Name) > 99 {
			t.Errorf("%s is too long", s.Name)
		}
	}
	if !slices.Equal(names[:3], []string{"OneRule - One (a) - Rule", "OneRule - one (b) - Rule", "OneRule - Other - Rule"}) || !strings.HasSuffix(names[3], " (d) - Rule") || !strings.HasSuffix(names[4], " (e) - Rule") {
		t.Errorf("%q", names)
	}
	counting := func(name, param string, value int) *platform.Artefact {
		return artefact(t, rule(t, fmt.Sprintf("rule %s v1 {\n  param %s: int = %d\n  from iam.login on okta\n  tumbling 10m\n  count per source.ip as a { n = count() }\n  when a.n >= $%s\n}\n", name, param, value, param)))
	}
	files, _, diags := packed(t, platform.Pack{Name: "names", Version: "1.0.0", Artefacts: []*platform.Artefact{counting("x", "y_z", 3), counting("x_y", "z", 4)}})
	if len(diags) != 1 || !strings.Contains(diags[0].Title, "onerule_x_y_z") || slices.ContainsFunc(files, func(f platform.File) bool { return f.Rule == "x_y" }) {
		t.Errorf("%v", diags)
	}
}

// TestAppInspect lets Splunk's own tool judge the archive of the shipped rules and of rules with hostile texts.
func TestAppInspect(t *testing.T) {
	tool, err := exec.LookPath("splunk-appinspect")
	if err != nil {
		t.Skip("splunk-appinspect is not installed: pip install splunk-appinspect")
	}
	for _, p := range []platform.Pack{shippedPack(t), hostilePack(t)} {
		files, _, _ := packed(t, p)
		name := filepath.Join(t.TempDir(), p.Name+"-"+p.Version+".spl")
		if err := os.WriteFile(name, platformtest.Data(t, files, filepath.Base(name)), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(tool, "inspect", name, "--included-tags", "cloud", "--included-tags", "private_app", "--included-tags", "private_victoria").CombinedOutput()
		text := string(out)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		counts := map[string]string{}
		for _, m := range regexp.MustCompile(`(?m)^ *([a-z_]+): +(\d+)\s*$`).FindAllStringSubmatch(text, -1) {
			counts[m[1]] = m[2]
		}
		if counts["success"] == "" || counts["success"] == "0" || counts["error"]+counts["failure"]+counts["future_failure"]+counts["warning"] != "0000" {
			t.Errorf("%s: %v\n%s", p.Name, counts, text)
		}
	}
}
