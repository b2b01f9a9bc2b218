package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
)

// A panic in one rule and language is reported with the name of the rule and ends in exit code 3; what the other rules and
// languages came to is there all the same.
func TestPanicOfOneRuleLeavesTheOthers(t *testing.T) {
	spl, _ := all.Lookup("spl")
	render := spl.Render
	spl.Render = func(b *ir.Bound) (backends.Query, diag.List) {
		if b.Rule.Name == "bad" {
			panic("a fault of ours")
		}
		return render(b)
	}
	defer func() { spl.Render = render }()
	t.Chdir(t.TempDir())
	for _, name := range []string{"bad", "good"} {
		text := "rule " + name + " v1 {\n  from process.start on windows\n  where process.name == \"net.exe\"\n  test \"t\" { process.name: \"net.exe\" } expect 1\n}\n"
		if err := os.WriteFile(name+".rule", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct{ args, want string }{
		{"verify . --lang spl,eql", "agrees    spl good"},
		{"verify . --lang spl,eql", "agrees    eql bad"},
		{"verify . --lang spl --report json", `"rule": "good"`},
		{"query . --lang spl", "==> good <=="},
		{"check . --lang spl", ""},
		{"test . --through spl,eql", "5 passed, 1 failed"},
		{"explain . --lang spl", "good v1"},
		{"build . --out pack --target splunk", "2 rules, 1 artefact, 1 query"},
	} {
		code, stdout, stderr := onerule(strings.Fields(tt.args)...)
		if code != exitInternal || !strings.Contains(stdout, tt.want) {
			t.Errorf("%s: exit code %d\n%s%s", tt.args, code, stdout, stderr)
		}
		if strings.Contains(tt.args, "json") {
			continue
		}
		if !strings.Contains(stderr, "error[E0904]: internal error while") || !strings.Contains(stderr, "`bad`") || !strings.Contains(stderr, "a fault of ours") || !strings.Contains(stderr, "internal_test.go") {
			t.Errorf("%s: %s", tt.args, stderr)
		}
	}
	if _, err := os.Stat(filepath.Join("pack", "queries", "good", "good.spl")); err != nil {
		t.Error(err)
	}
}
