package diag

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
)

// codesInSource lists the constants of type Code in codes.go.
func codesInSource(t *testing.T) map[Code]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[Code]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if typ, ok := spec.Type.(*ast.Ident); !ok || typ.Name != "Code" {
			return true
		}
		for i, v := range spec.Values {
			text, err := strconv.Unquote(v.(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			if other, twice := out[Code(text)]; twice {
				t.Errorf("%s and %s are both %s", other, spec.Names[i].Name, text)
			}
			out[Code(text)] = spec.Names[i].Name
		}
		return true
	})
	return out
}

// Each code has one entry in the registry and one page, and nothing else has.
func TestRegistryIsTotal(t *testing.T) {
	codes := codesInSource(t)
	if len(codes) < 50 {
		t.Fatalf("only %d codes found", len(codes))
	}
	seen := map[Code]bool{}
	previous := Code("")
	for _, e := range Registry {
		if codes[e.Code] == "" {
			t.Errorf("%s is in the registry, but not in codes.go", e.Code)
		}
		if seen[e.Code] {
			t.Errorf("%s is twice in the registry", e.Code)
		}
		if e.Code < previous {
			t.Errorf("%s stands behind %s", e.Code, previous)
		}
		seen[e.Code], previous = true, e.Code
		if e.Title == "" || !strings.HasSuffix(e.Line, ".") || strings.HasSuffix(e.Title, ".") {
			t.Errorf("%s: title %q, line %q", e.Code, e.Title, e.Line)
		}
	}
	for c, name := range codes {
		if !seen[c] {
			t.Errorf("%s (%s) has no entry in the registry", c, name)
		}
		checkPage(t, c)
	}
	files, err := os.ReadDir("explain")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if codes[Code(strings.TrimSuffix(f.Name(), ".md"))] == "" {
			t.Errorf("explain/%s belongs to no code", f.Name())
		}
	}
}

// checkPage checks the form of a page: its heading, and a wrong and a right example.
func checkPage(t *testing.T, c Code) {
	t.Helper()
	page, ok := Explain(string(c))
	if !ok {
		t.Errorf("explain/%s.md is missing", c)
		return
	}
	for _, part := range []string{"# " + string(c) + ": ", "\n## Wrong\n\n```", "\n## Right\n\n```"} {
		if !strings.Contains(page, part) {
			t.Errorf("explain/%s.md has no %q", c, part)
		}
	}
}

func TestExplain(t *testing.T) {
	if page, ok := Explain("e0118"); !ok || !strings.HasPrefix(page, "# E0118: ") {
		t.Errorf("got %q, %v", page, ok)
	}
	for _, bad := range []string{"", "E9999", "../codes", "E0118.md"} {
		if _, ok := Explain(bad); ok {
			t.Errorf("%q has a page", bad)
		}
	}
	if e, ok := Lookup(SyntaxAssign); !ok || e.Title == "" {
		t.Errorf("got %v, %v", e, ok)
	}
	if _, ok := Lookup("E9999"); ok {
		t.Error("E9999 has an entry")
	}
}
