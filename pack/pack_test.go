package pack_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/atomicfile"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/pack"
)

func rule(t *testing.T, name, where string) *ir.Rule {
	t.Helper()
	p, diags := ir.ParsePred("p", where)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	return &ir.Rule{Name: name, Version: 1, File: name + ".rule", From: []ir.ClassOn{{Class: "process.start", Source: "windows"}}, Where: p}
}

func langs(t *testing.T, names ...string) []*backends.Backend {
	t.Helper()
	var out []*backends.Backend
	for _, n := range names {
		b, ok := all.Lookup(n)
		if !ok {
			t.Fatalf("no language %s", n)
		}
		out = append(out, b)
	}
	return out
}

const hour = "(ge (hour (field @timestamp)) [22])"

func TestOrderOfRules(t *testing.T) {
	a, b := rule(t, "a", "(eq (field process.pid) [1])"), rule(t, "b", hour)
	one, two := pack.New([]*ir.Rule{a, b}, all.Backends, pack.Options{}), pack.New([]*ir.Rule{b, a}, all.Backends, pack.Options{})
	x, err1 := one.Manifest.JSON()
	y, err2 := two.Manifest.JSON()
	if errors.Join(err1, err2) != nil || string(x) != string(y) || !slices.EqualFunc(one.Files, two.Files, func(f, g pack.File) bool { return f.Path == g.Path && string(f.Data) == string(g.Data) }) {
		t.Errorf("the order of the rules shows\n%s\n%s", x, y)
	}
}

// The manifest answers for every file, by path and hash, and names every target that has none.
func TestManifest(t *testing.T) {
	p := pack.New([]*ir.Rule{rule(t, "a", "(eq (field process.pid) [1])"), rule(t, "b", hour)}, langs(t, "eql", "kibana"), pack.Options{Version: "v1"})
	files := map[string]string{}
	for _, f := range p.Files {
		sum := sha256.Sum256(f.Data)
		files[f.Path] = hex.EncodeToString(sum[:])
	}
	for _, r := range p.Manifest.Rules {
		for _, o := range r.Outputs {
			if files[o.Path] != o.SHA256 {
				t.Errorf("%s: hash %s, want %s", o.Path, o.SHA256, files[o.Path])
			}
		}
	}
	for _, f := range p.Manifest.Files {
		if sum := files[f.Path]; sum != "" && sum != f.SHA256 {
			t.Errorf("%s: hash %s, want %s", f.Path, f.SHA256, sum)
		}
		delete(files, f.Path)
	}
	if len(files) > 0 {
		t.Errorf("not in the manifest: %v", files)
	}
	if len(p.Manifest.Refused) != 2 || p.Refused() != 1 || !p.Diags.HasErrors() {
		t.Errorf("refused %v, %d targets, %v", p.Manifest.Refused, p.Refused(), p.Diags)
	}
	for _, r := range p.Manifest.Refused {
		if r.Rule != "b" || r.Carried || len(r.Reasons) == 0 || r.Reasons[0].Code != diag.CannotSay {
			t.Errorf("%+v", r)
		}
	}
	if p.Manifest.Rules[0].Meaning == p.Manifest.Rules[1].Meaning {
		t.Error("two rules have one meaning")
	}
}

// A language that refuses a rule is no fault where another one of the platform carries it; a rule that is for other
// platforms is left alone.
func TestCarried(t *testing.T) {
	b := rule(t, "b", hour)
	p := pack.New([]*ir.Rule{b}, langs(t, "eql", "esql"), pack.Options{})
	if p.Refused() != 0 || p.Diags.HasErrors() || len(p.Manifest.Refused) != 1 || !p.Manifest.Refused[0].Carried {
		t.Errorf("%+v %v", p.Manifest.Refused, p.Diags)
	}
	b.Meta.Targets = []string{"splunk"}
	if p := pack.New([]*ir.Rule{b}, langs(t, "eql"), pack.Options{}); len(p.Files) != 1 || len(p.Manifest.Refused) > 0 {
		t.Errorf("%+v", p.Manifest)
	}
}

func TestCollisions(t *testing.T) {
	where := "(eq (field process.pid) [1])"
	p := pack.New([]*ir.Rule{rule(t, "net", where), rule(t, "NET", where)}, langs(t, "eql"), pack.Options{})
	if len(p.Diags) != 2 || p.Diags[0].Code != diag.BadOutput || p.Diags[1].Code != diag.BadOutput { // the rule of the platform, and the query
		t.Errorf("%v", p.Diags)
	}
}

func list(t *testing.T, dir string) string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, name)
			out = append(out, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, " ")
}

// A folder is replaced as a whole, and only when all that is in it comes from a build.
func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	where := "(eq (field process.pid) [1])"
	one := pack.New([]*ir.Rule{rule(t, "a", where)}, langs(t, "eql"), pack.Options{})
	two := pack.New([]*ir.Rule{rule(t, "b", where)}, langs(t, "eql"), pack.Options{})
	if err := errors.Join(one.Write(dir), two.Write(dir)); err != nil {
		t.Fatal(err)
	}
	want := "coverage/navigator.json elastic/README.md elastic/rules/b.toml elastic/rules.ndjson manifest.json queries/b/b.eql"
	if got := list(t, dir); got != want {
		t.Errorf("the folder holds %s", got)
	}
	for name, text := range map[string]string{"notes.txt": "mine", "queries/b/mine.eql": "any where true", "queries/b/.hidden": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := one.Write(dir); !errors.Is(err, atomicfile.ErrForeign) {
			t.Errorf("beside %s: %v", name, err)
		}
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if got := list(t, dir); got != want {
		t.Errorf("after refusals the folder holds %s", got)
	}
	for name, manifest := range map[string]string{"no manifest": "", "another tool's": `{"format": "x"}`, "no JSON": "{", "ours is 1": `{"rules": []}`} {
		other := filepath.Join(t.TempDir(), "other")
		if err := os.MkdirAll(other, 0o755); err != nil {
			t.Fatal(err)
		}
		file := "manifest.json"
		if manifest == "" {
			file = "x"
		}
		if err := os.WriteFile(filepath.Join(other, file), []byte(manifest), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := one.Write(other); !errors.Is(err, atomicfile.ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var m pack.Manifest
	data, err := os.ReadFile(filepath.Join(dir, pack.ManifestName))
	if err := errors.Join(err, json.Unmarshal(data, &m)); err != nil || len(m.Rules) != 1 {
		t.Errorf("%v, %d rules", err, len(m.Rules))
	}
}

func BenchmarkNew(b *testing.B) {
	p, diags := ir.ParsePred("p", `(and (eq (field process.name) ["net.exe" "net1.exe"]) (not (eq (field process.parent.name) ["net.exe"])) (eq (field process.args) ["user"]))`)
	if len(diags) > 0 {
		b.Fatal(diags)
	}
	rules := []*ir.Rule{{Name: "r", Version: 1, From: []ir.ClassOn{{Class: "process.start", Source: "windows"}}, Where: p}}
	b.ReportAllocs()
	for b.Loop() {
		if out := pack.New(rules, all.Backends, pack.Options{}); len(out.Files) == 0 {
			b.Fatal(out.Diags)
		}
	}
}
