package grammar

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sebdah/goldie/v2"

	"github.com/onerule/onerule/diag"
)

// Each file golden/errors/E01xx/name.rule has at least one fault of the code of its folder. The whole message is golden.
func TestErrorMessages(t *testing.T) {
	files, err := filepath.Glob(errorCases)
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		code := filepath.Base(filepath.Dir(file))
		name := strings.TrimSuffix(filepath.Base(file), ".rule")
		seen[code] = true
		t.Run(code+"/"+name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			shown := name + ".rule"
			_, list := Parse(shown, text)
			checkDiagnostics(t, string(text), list)
			if !hasCode(list, diag.Code(code)) {
				t.Errorf("no %s among %v", code, list)
			}
			src := diag.NewSource(shown, string(text))
			var out bytes.Buffer
			if err := diag.WriteText(&out, list, diag.TextOptions{Source: func(string) *diag.Source { return src }}); err != nil {
				t.Fatal(err)
			}
			g := goldie.New(t, goldie.WithFixtureDir(filepath.Dir(file)), goldie.WithNameSuffix(".txt"))
			g.Assert(t, name, out.Bytes())
		})
	}
	for _, e := range diag.Registry {
		if strings.HasPrefix(string(e.Code), "E01") && e.Code != diag.IRSyntax && e.Code != diag.SyntaxTooLarge && !seen[string(e.Code)] {
			t.Errorf("no case for %s", e.Code)
		}
	}
}

func hasCode(list diag.List, code diag.Code) bool {
	for _, d := range list {
		if d.Code == code {
			return true
		}
	}
	return false
}

// The golden of a case that is gone must go too.
func TestErrorMessagesHaveCases(t *testing.T) {
	goldens, err := filepath.Glob("../golden/errors/E01*/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range goldens {
		if _, err := os.Stat(strings.TrimSuffix(g, ".txt") + ".rule"); err != nil {
			t.Errorf("%s has no case", g)
		}
	}
}

func TestTooLarge(t *testing.T) {
	_, list := Parse("a.rule", bytes.Repeat([]byte("// x\n"), maxSize/5+1))
	if !hasCode(list, diag.SyntaxTooLarge) {
		t.Errorf("got %v", list)
	}
	_, list = Parse("a.rule", bytes.Repeat([]byte("x "), maxTokens+1))
	if !hasCode(list, diag.SyntaxTooLarge) {
		t.Errorf("got %v", list)
	}
}

// Applying the fixes of a faulty file, again and again, ends, and no fix is offered for what has been fixed.
func TestFixesConverge(t *testing.T) {
	files, err := filepath.Glob(errorCases)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text := readFile(t, file)
		_, list := Parse("f.rule", []byte(text))
		before := len(list)
		for round := 0; ; round++ {
			next, n := diag.ApplyFixes("f.rule", text, list)
			if n == 0 {
				break
			}
			if round == 10 {
				t.Fatalf("%s: fixes do not end: %v\n%s", file, list, text)
			}
			text = next
			_, list = Parse("f.rule", []byte(text))
		}
		if fixable := countFixes(list); fixable > 0 {
			t.Errorf("%s: %d fixes are left over", file, fixable)
		}
		if len(list) > before {
			t.Errorf("%s: %d faults became %d: %v\n%s", file, before, len(list), list, text)
		}
	}
}

func countFixes(list diag.List) int {
	n := 0
	for _, d := range list {
		n += min(len(d.Fix), 1)
	}
	return n
}
