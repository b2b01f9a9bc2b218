package workspace

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
)

// write makes files in a new folder and goes there.
func write(t *testing.T, files map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

func briefs(l diag.List) string {
	var out []string
	for _, d := range l {
		out = append(out, d.Brief())
	}
	return strings.Join(out, "\n")
}

func rule(name, where string) string {
	return fmt.Sprintf("rule %s v1 {\n  from process.start on windows\n  where %s\n}\n", name, where)
}

// The order of the paths, and paths that overlap, change nothing.
func TestOrderOfPaths(t *testing.T) {
	write(t, map[string]string{"a/a.rule": rule("a", "process.pid == 1"), "b/b.rule": rule("b", "process.pid == 2"), "b/c.rule": rule("c", "process.nmae == 2")})
	abs, err := filepath.Abs("a")
	if err != nil {
		t.Fatal(err)
	}
	want := Load([]string{"a", "b"}, "")
	if !slices.Equal(want.Names(), []string{"a", "b"}) || len(want.Diags) != 1 {
		t.Fatalf("rules %v, %v", want.Names(), want.Diags)
	}
	for _, paths := range [][]string{{"b", "a"}, {"a", "b", "a"}, {"./a", "b/", "a/a.rule"}, {".", "a"}, {"b", "a", abs}} {
		got := Load(paths, "")
		if !slices.Equal(got.Names(), want.Names()) || briefs(got.Diags) != briefs(want.Diags) {
			t.Errorf("%v: rules %v, %s", paths, got.Names(), briefs(got.Diags))
		}
	}
}

// Imports and lists stay inside the folder of their own path, whatever other paths are given.
func TestRoots(t *testing.T) {
	write(t, map[string]string{
		"x/a.rule":           "import \"defs/common.rule\"\n" + rule("a", "is_net"),
		"x/defs/common.rule": "def is_net = process.name == \"net.exe\"\n",
		"y/b.rule":           "import \"../x/defs/common.rule\"\n" + rule("b", "is_net"),
		"z/onerule.yaml":     "targets: [elastic]\n",
		"z/p/c.rule":         "import \"../q/d.rule\"\n" + rule("c", "d"),
		"z/q/d.rule":         "def d = process.pid == 1\n",
	})
	for _, paths := range [][]string{{"x", "y"}, {"y", "x"}} {
		ws := Load(paths, "")
		if !slices.Equal(ws.Names(), []string{"a"}) || !strings.Contains(briefs(ws.Diags), "outside of the rule folder") {
			t.Errorf("%v: %v\n%s", paths, ws.Names(), briefs(ws.Diags))
		}
	}
	if ws := Load([]string{"z/p"}, ""); len(ws.Diags) > 0 || !slices.Equal(ws.Names(), []string{"c"}) {
		t.Errorf("a project file above: %v\n%s", ws.Names(), briefs(ws.Diags))
	}
}

// A rule whose condition cannot be read, or whose tune block has a fault, is left out as a whole.
func TestBrokenRulesAreLeftOut(t *testing.T) {
	for name, text := range map[string]string{
		"clause":        rule("r", "process.pid == 1") + "rule s v1 {\n  from process.start on windows\n  where process.name = \"x\"\n}\n",
		"alt":           rule("r", "process.pid == 1") + "rule s v1 {\n  from process.start on windows\n  alt on elastic_defend { where process.nmae == \"x\" }\n}\n",
		"list":          "list l from \"none.csv\"\n" + rule("r", "process.pid == 1") + rule("s", "user.name in $l"),
		"tune":          rule("r", "process.pid == 1") + rule("s", "process.pid == 2") + "tune s v1 {\n  exclude where user.nmae == \"x\"\n}\n",
		"tune syntax":   rule("r", "process.pid == 1") + rule("s", "process.pid == 2") + "tune s v1 {\n  exclude where user.name = \"x\"\n}\n",
		"tune version":  rule("r", "process.pid == 1") + rule("s", "process.pid == 2") + "tune s v2 {\n  exclude where user.name == \"x\"\n}\n",
		"name of a def": rule("r", "process.pid == 1") + rule("s", "nothing"),
	} {
		t.Run(name, func(t *testing.T) {
			write(t, map[string]string{"a.rule": text})
			ws := Load([]string{"."}, "")
			if !slices.Equal(ws.Names(), []string{"r"}) || !ws.Diags.HasErrors() {
				t.Errorf("rules %v\n%s", ws.Names(), briefs(ws.Diags))
			}
			if len(ws.Diags) != 1 {
				t.Errorf("one cause, %d faults\n%s", len(ws.Diags), briefs(ws.Diags))
			}
		})
	}
}

// Tune blocks of other files are applied, and one with a fault leaves the rule out.
func TestTuneOfAnotherFile(t *testing.T) {
	write(t, map[string]string{
		"a.rule": rule("a", "process.pid == 1") + rule("b", "process.pid == 2") + rule("broken", "process.name = 1"),
		"t.rule": "tune a v1 {\n  exclude where user.name == \"x\"\n}\ntune b v1 {\n  exclude where user.nmae == \"x\"\n}\ntune broken v1 {\n  exclude where user.name == \"x\"\n}\n",
	})
	ws := Load([]string{"."}, "")
	if !slices.Equal(ws.Names(), []string{"a"}) || len(ws.Diags) != 2 {
		t.Errorf("rules %v\n%s", ws.Names(), briefs(ws.Diags))
	}
}

func TestParameters(t *testing.T) {
	text := "rule r v1 {\n  param n: int = 1\n  param l: list = [\"a\"]\n  from process.start on windows\n  where process.pid == $n and user.name in $l\n}\n"
	write(t, map[string]string{
		"a.rule": text, "onerule.yaml": "params: {r: {n: 2, l: [x]}}\n", "values.yaml": "r: {n: 3}\nelsewhere: {m: 1}\n", "comma.yaml": "r: {l: [\"a, b\", c]}\n",
	})
	for file, want := range map[string]string{
		"":            `(and (eq (field process.pid) [2]) (eq (field user.name) ["x"]))`,
		"values.yaml": `(and (eq (field process.pid) [3]) (eq (field user.name) ["x"]))`,
		"comma.yaml":  `(and (eq (field process.pid) [2]) (eq (field user.name) ["a, b" "c"]))`,
	} {
		ws := Load([]string{"."}, file)
		if ws.Diags.HasErrors() || len(ws.Rules) != 1 {
			t.Fatalf("%s: %s", file, briefs(ws.Diags))
		}
		if got := ir.PrintPred(ws.Rules[0].Where); got != want {
			t.Errorf("%q: %s, want %s", file, got, want)
		}
	}
}

func TestConfigFaults(t *testing.T) {
	for text, want := range map[string]string{
		"- a\n":                               "onerule.yaml:1:1: E0802: the project file must hold keys such as `targets`",
		"target: [x]\n":                       "onerule.yaml:1:1: E0802: there is no key `target`",
		"targets: [splunk, elastc]\n":         "onerule.yaml:1:19: E0802: there is no target `elastc`",
		"a: b: c\n":                           "onerule.yaml: E0802: the file is no YAML: mapping values are not allowed in this context",
		"bindings:\n  windows: [splunk_okta]": "onerule.yaml:2:12: E0802: `splunk_okta` is a binding of okta, not of windows",
		"allow: [widen]\nallow: [narrow]\n":   "onerule.yaml:2:1: E0802: `allow` is given twice",
		"params: {r: {n: {a: b}}}\n":          "onerule.yaml:1:17: E0802: the value of `n` is neither a single value nor a list of values",
		"targets: [splunk]\n---\na: b\n":      "onerule.yaml:2:1: E0802: the file holds several documents",
		"sigma: {sorce: [windows]}\n":         "onerule.yaml:1:9: E0802: there is no key `sorce`",
		"sigma: {keep_unknown_fields: x}\n":   "onerule.yaml:1:30: E0802: `keep_unknown_fields` is true or false",
		"sigma: {map: {a: b}}\n":              "onerule.yaml:1:14: E0802: `map` takes a list of texts",
		"sigma: windows\n":                    "onerule.yaml:1:8: E0802: `sigma` must hold keys such as `source`",
		"targets: [*x]\n":                     "onerule.yaml: E0802: the file is no YAML: unknown anchor 'x' referenced",
	} {
		t.Run(text, func(t *testing.T) {
			write(t, map[string]string{"a.rule": rule("r", "true"), "onerule.yaml": text})
			ws := Load([]string{"."}, "")
			if got := briefs(ws.Diags); got != want || !ws.ConfigBroken() {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
	write(t, map[string]string{"a.rule": rule("r", "true"), "onerule.yaml": "# nothing yet\n"})
	if ws := Load([]string{"."}, ""); len(ws.Diags) > 0 || len(ws.Rules) != 1 {
		t.Errorf("an empty project file: %s", briefs(ws.Diags))
	}
}

// An unused definition is checked as well.
func TestUnusedDefinitions(t *testing.T) {
	write(t, map[string]string{"a.rule": "def used = process.pid == 1\ndef unused = process.nmae == \"x\"\ndef with_param = process.pid == $n\n" + rule("r", "used")})
	ws := Load([]string{"."}, "")
	if got, want := briefs(ws.Diags), "a.rule:2:14: E0201: there is no field `process.nmae`"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !slices.Equal(ws.Names(), []string{"r"}) {
		t.Errorf("rules %v", ws.Names())
	}
}

// A project file that is there and cannot be read is no project without one.
func TestConfigIsNoFile(t *testing.T) {
	for name, prepare := range map[string]func() error{
		"a folder": func() error { return os.Mkdir(ConfigName, 0o755) },
		"a circle": func() error { return os.Symlink(ConfigName, ConfigName) },
		"nothing":  func() error { return os.Symlink("none", ConfigName) },
	} {
		t.Run(name, func(t *testing.T) {
			write(t, map[string]string{"a.rule": rule("r", "true")})
			if err := prepare(); err != nil {
				t.Fatal(err)
			}
			if ws := Load([]string{"."}, ""); !ws.ConfigBroken() || len(ws.Diags) != 1 || ws.Diags[0].Code != diag.Unreadable {
				t.Errorf("%s", briefs(ws.Diags))
			}
		})
	}
}

// Sigma rules of a folder that cannot be read are reported, the others and YAML of other kinds do not suffer.
func TestSigmaThatCannotBeRead(t *testing.T) {
	const good = "title: a\nlogsource: {product: windows, category: process_creation}\ndetection:\n    selection: {Image: a}\n    condition: selection\n"
	wide := "\xFF\xFE"
	for _, c := range []byte(good) {
		wide += string([]byte{c, 0})
	}
	write(t, map[string]string{
		"r/good.yml": good, "r/other.yml": "jobs: {build: {steps: []}}\n", "r/wide.yml": wide, "r/big.yml": good + "# " + strings.Repeat("x", MaxFile),
	})
	ws := Load([]string{"r"}, "")
	want := fmt.Sprintf("r/big.yml: E0801: the file has %d bytes, a rule file has at most %d\nr/wide.yml:1:1: E1001: the file is encoded in UTF-16", len(good)+2+MaxFile, MaxFile)
	if got := briefs(ws.Diags); !slices.Equal(ws.Names(), []string{"good"}) || got != want {
		t.Errorf("rules %v\n%s\nwant\n%s", ws.Names(), got, want)
	}
}
