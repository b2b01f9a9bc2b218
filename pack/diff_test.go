package pack_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/pack"
	"github.com/onerule/onerule/platform"
	platforms "github.com/onerule/onerule/platform/all"
)

const tested = `
  test "five" { 25 x every 1m { event.outcome: "failure", event.reason: "bad password", user.name: "u", source.ip: "198.51.100.{i}" } } expect >= 0
}
`

func side(t *testing.T, text string, names ...string) pack.Side {
	t.Helper()
	return pack.New(load(t, text), langs(t, names...), pack.Options{}).Side()
}

// Each line of a comparison, between two texts of a rule.
func TestCompare(t *testing.T) {
	with := strings.TrimSuffix(countRule, "}\n") + tested
	for name, tt := range map[string]struct {
		edit []string
		want []string
	}{
		"nothing":      {[]string{"failures", "most"}, nil},
		"a shown name": {[]string{"u.n", "v.n", "u.addresses", "v.addresses", "as u", "as v"}, []string{"changed guesses v3: delivery", "    emit: show u.n becomes show v.n (u.n to v.n)"}},
		"a parameter":  {[]string{"= 20", "= 30", "guesses v3", "guesses v4"}, []string{"changed guesses v3 to v4: meaning", "    param failures 20 to 30", "    findings on fixtures 3 to 0"}},
		"stale":        {[]string{"= 20", "= 30"}, []string{"changed guesses v3: meaning", "    the meaning changed, the version did not", "    param failures 20 to 30"}},
		"a condition":  {[]string{"> 3", "> 4"}, []string{"    when: u.addresses > 3 becomes u.addresses > 4 (3 to 4)"}},
		"a new one":    {[]string{"\"failure\"\n", "\"failure\" and user.name != \"probe\"\n"}, []string{`    added where: user.name != "probe"`}},
		"a window":     {[]string{"1h every", "2h every"}, []string{"    window: window 1h every 15m becomes window 2h every 15m (1h to 2h)"}},
		"a key":        {[]string{"per user.name", "per user.id"}, []string{"    count u: per user.name becomes per user.id (user.name to user.id)"}},
		"an aggregate": {[]string{"distinct(source.ip)", "distinct(user.id)"}, []string{"    u.addresses distinct(source.ip) to distinct(user.id)"}},
		"a schedule":   {[]string{"delay 5m", "delay 9m"}, []string{"changed guesses v3: delivery", "    schedule: every 15m delay 5m becomes every 15m delay 9m (5m to 9m)"}},
		"a version":    {[]string{"guesses v3", "guesses v4"}, []string{"changed guesses v3 to v4: version, with the same meaning"}},
		"a name":       {[]string{"rule guesses", "rule attempts"}, []string{"changed attempts v3: it was guesses"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := pack.Compare(side(t, with), side(t, edited(t, with, tt.edit)))
			var b strings.Builder
			if err := d.WriteText(&b); err != nil {
				t.Fatal(err)
			}
			for _, line := range tt.want {
				if !strings.Contains(b.String(), line+"\n") {
					t.Errorf("no line %q in\n%s", line, b.String())
				}
			}
			if d.Empty() != (len(tt.want) == 0) {
				t.Errorf("empty: %v\n%s", d.Empty(), b.String())
			}
		})
	}
}

// Rules are told apart by their ids, then by names, then by meanings; levels and refusals are compared in languages of both.
func TestCompareRulesAndTargets(t *testing.T) {
	text := func(name, id, where string) string {
		meta := ""
		if id != "" {
			meta = "\n  meta { id = \"" + id + "\" }"
		}
		return "rule " + name + " v1 {" + meta + "\n  from process.start on windows\n  where " + where + "\n}\n"
	}
	const one, two = "5f0c3c1e-5a55-4a0e-8b54-3b6a1c6d9f01", "5f0c3c1e-5a55-4a0e-8b54-3b6a1c6d9f02"
	before := side(t, text("a", one, "process.pid == 1")+text("b", "", "process.pid == 2")+text("c", two, "process.pid == 3"), "eql", "kibana")
	after := side(t, text("b", one, "hour(@timestamp) >= 22")+text("x", "", "process.pid == 2")+text("c", "", "process.pid == 4"), "eql", "esql")
	d := pack.Compare(before, after)
	var b strings.Builder
	if err := d.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"language esql is new", "language kibana is gone", "changed b v1: it was a, meaning", "changed x v1: it was b", "changed c v1: meaning", "elastic eql: assume to refused",
	} {
		if !strings.Contains(b.String(), line) {
			t.Errorf("no line %q in\n%s", line, b.String())
		}
	}
	if len(d.Added)+len(d.Removed) != 0 || len(d.Stale()) != 2 || !strings.Contains(fmt.Sprint(pack.Diagnostics(d, after)), string(diag.StaleVersion)) {
		t.Errorf("%+v", d)
	}
	gone := pack.Compare(before, pack.Side{})
	if len(gone.Removed) != 3 || gone.Empty() {
		t.Errorf("%+v", gone)
	}
}

// The changelog grows by what changed, and stays as it is when nothing did.
func TestChangelog(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	build := func(text string) {
		t.Helper()
		p := pack.New(load(t, text), langs(t, "eql"), pack.Options{})
		if earlier, err := pack.Read(dir); err == nil {
			if _, err := p.Changes(earlier); err != nil {
				t.Fatal(err)
			}
		} else if !errors.Is(err, pack.ErrNoPack) {
			t.Fatal(err)
		}
		if err := p.Write(dir); err != nil {
			t.Fatal(err)
		}
	}
	log := func() string {
		data, err := os.ReadFile(filepath.Join(dir, pack.ChangelogName))
		if err != nil {
			return ""
		}
		return string(data)
	}
	build(eventRule)
	if log() != "" {
		t.Errorf("the first build has a changelog:\n%s", log())
	}
	build(edited(t, eventRule, []string{`"svc"`, "\"`svc``\""}))
	first := log()
	if !strings.Contains(first, "where: ```not process.parent.name starts_with \"svc\"``` becomes") && !strings.Contains(first, "becomes ```not process.parent.name starts_with \"`svc``\"```") {
		t.Errorf("%s", first)
	}
	build(edited(t, eventRule, []string{`"svc"`, "\"`svc``\""}))
	if log() != first {
		t.Errorf("a build of the same changed the log:\n%s", log())
	}
	build(eventRule)
	if second := log(); strings.Count(second, "\n## ") != 2 || strings.Count(second, "# Changes") != 1 || !strings.HasSuffix(second, first[strings.Index(first, "\n## "):]) {
		t.Errorf("%s", second)
	}
}

// The bytes of a pack depend neither on the order of rules nor on the number of cores.
func TestDeterministic(t *testing.T) {
	ws := workspace.Load([]string{filepath.Join("..", "rules", "okta"), filepath.Join("..", "rules", "linux")}, "")
	if ws.Diags.HasErrors() {
		t.Fatal(ws.Diags.Err())
	}
	var want *pack.Pack
	for _, cores := range []int{1, 2, 8} {
		old := runtime.GOMAXPROCS(cores)
		rules := slices.Clone(ws.Rules)
		rand.New(rand.NewPCG(1, uint64(cores))).Shuffle(len(rules), func(i, j int) { rules[i], rules[j] = rules[j], rules[i] })
		got := pack.New(rules, all.Backends, pack.Options{Version: "v1"})
		runtime.GOMAXPROCS(old)
		if want == nil {
			want = got
			continue
		}
		x, err1 := want.Manifest.JSON()
		y, err2 := got.Manifest.JSON()
		if err := errors.Join(err1, err2); err != nil || !bytes.Equal(x, y) {
			t.Errorf("%d cores: another manifest: %v", cores, err)
		}
		if !slices.EqualFunc(want.Files, got.Files, func(a, b pack.File) bool { return a.Path == b.Path && bytes.Equal(a.Data, b.Data) }) {
			t.Errorf("%d cores: other files", cores)
		}
		if fmt.Sprint(want.Diags) != fmt.Sprint(got.Diags) {
			t.Errorf("%d cores: other messages", cores)
		}
	}
}

// A platform that makes its part of the pack gets one artefact for each rule it carries; a rule that it leaves out is refused
// with its reason, and one that it loses without a word is a fault of ours.
func TestPlatformPack(t *testing.T) {
	p, ok := platforms.Lookup("elastic")
	if !ok {
		t.Fatal("no elastic")
	}
	old := p.Pack
	t.Cleanup(func() { p.Pack = old })
	var got platform.Pack
	p.Pack = func(in platform.Pack) ([]platform.File, diag.List) {
		got = in
		files := []platform.File{{Path: "rules.ndjson", Data: []byte("{}\n")}, {Path: "../escape", Data: nil}}
		var diags diag.List
		for _, a := range in.Artefacts {
			switch a.Rule.Name {
			case "bad":
				diags = append(diags, diag.New(diag.CannotSay, a.Rule.Span, "the title is too long", "shorten it"))
			case "lost":
			default:
				files = append(files, platform.File{Path: a.Rule.Name + ".toml", Data: []byte(a.Query.Text), Rule: a.Rule.Name})
			}
		}
		return files, diags
	}
	text := ""
	for _, name := range []string{"good", "bad", "lost"} {
		text += "rule " + name + " v1 {\n  from process.start on windows\n  where process.pid == " + fmt.Sprint(len(name)) + "\n}\n"
	}
	text += strings.Replace(eventRule, "rule net_user", "rule another", 1)
	out := pack.New(load(t, text), all.OnPlatform("elastic"), pack.Options{Name: "acme", PackVersion: "2.0.0", Settings: map[string]map[string]string{"elastic": {"space": "soc"}}})
	var names []string
	for _, a := range got.Artefacts {
		names = append(names, a.Rule.Name)
	}
	if !slices.Equal(names, []string{"another", "bad", "good", "lost"}) || got.Name != "acme" || got.Version != "2.0.0" || got.Settings["space"] != "soc" {
		t.Errorf("%v %+v", names, got.Settings)
	}
	rows := map[string]pack.Rule{}
	for _, r := range out.Manifest.Rules {
		rows[r.Name] = r
	}
	deployed := 0
	for _, o := range rows["good"].Outputs {
		if o.Path == "elastic/good.toml" {
			deployed++
			if !strings.HasPrefix(o.Query, "queries/good/good.") {
				t.Errorf("%+v", o)
			}
		}
	}
	if deployed != 1 {
		t.Errorf("%d outputs of `good` are deployed: %+v", deployed, rows["good"].Outputs)
	}
	reasons := map[string]diag.Code{}
	for _, r := range out.Manifest.Refused {
		if !r.Carried && len(r.Reasons) > 0 {
			reasons[r.Rule] = r.Reasons[0].Code
		}
	}
	if reasons["bad"] != diag.CannotSay || reasons["lost"] != diag.InternalFault || out.Refused() != 2 {
		t.Errorf("%v, %d refused", reasons, out.Refused())
	}
	if artefacts, _ := out.Counts(); artefacts != 2 {
		t.Errorf("%d artefacts", artefacts)
	}
	for _, f := range out.Files {
		if strings.Contains(f.Path, "..") || strings.HasPrefix(f.Path, "rules/elastic") {
			t.Errorf("the file %s", f.Path)
		}
	}
	if len(out.Manifest.Platforms) != 1 || !slices.Equal(out.Manifest.Platforms[0].Bundles, []string{"elastic/rules.ndjson"}) {
		t.Errorf("%+v", out.Manifest.Platforms)
	}
}

// Texts of any kind go into the manifest, the layer and the changelog and come out again.
func FuzzHostileManifest(f *testing.F) {
	for _, h := range []string{"", `"quotes" 'and' more`, "line\nbreak", "%s $x {{.}} `code` ```", "\x00\x01\u2028", strings.Repeat("x", 10_000), "\xff"} {
		f.Add(h)
	}
	f.Fuzz(func(t *testing.T, h string) {
		r := &ir.Rule{
			Name: "r", Version: 1, From: []ir.ClassOn{{Class: "process.start", Source: "windows"}}, Where: &ir.Keyword{Op: ir.Contains, Text: strings.ToValidUTF8(h, "?")},
			Meta: ir.Meta{ID: h, Title: h, Attack: []string{h}, Severity: h}, Allow: []ir.Allow{{Level: h, On: []string{h}, Why: h}}, Params: []ir.Param{{Name: "p"}},
		}
		p := pack.New([]*ir.Rule{r}, nil, pack.Options{Name: h, PackVersion: h})
		dir := filepath.Join(t.TempDir(), "out")
		if err := p.Write(dir); err != nil {
			t.Fatal(err)
		}
		e, err := pack.Read(dir)
		if err != nil || len(e.Manifest.Rules) != 1 || e.Manifest.Rules[0].Title != strings.ToValidUTF8(h, "\uFFFD") && !strings.Contains(h, "\uFFFD") && strings.ToValidUTF8(h, "") == h {
			t.Fatalf("%v", err)
		}
		changed := *r
		changed.Where = &ir.Keyword{Op: ir.Contains, Text: "another" + strings.ToValidUTF8(h, "?")}
		q := pack.New([]*ir.Rule{&changed}, nil, pack.Options{Name: h, PackVersion: h})
		if _, err := q.Changes(e); err != nil {
			t.Fatal(err)
		}
		if err := q.Write(dir); err != nil {
			t.Fatal(err)
		}
	})
}
