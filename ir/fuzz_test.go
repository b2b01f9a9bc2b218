package ir_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/irgen"
	"github.com/onerule/onerule/schema"
)

// FuzzParse feeds any text to the parser of the text form: it never panics, and what it takes prints as a text that it
// reads back to the same. Seeds are the predicates of the conform scripts.
func FuzzParse(f *testing.F) {
	scripts, err := filepath.Glob("../internal/conform/testdata/*.test")
	if err != nil || len(scripts) == 0 {
		f.Fatal("no conform scripts", err)
	}
	for _, name := range scripts {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			if p, ok := strings.CutPrefix(strings.TrimSpace(line), "pred "); ok {
				f.Add("ir 1\nrule \"a b\" v3 event {\n  from process.start windows\n  where " + p + "\n  alt windows.sysmon (not " + p + ")\n}\n")
			}
		}
	}
	f.Add(`ir 1 rule x v1 event { where (any e (field process.args) (not (rel.lt (elem e long "") (- @2026-01-02T03:04:05.678Z ip:::1)))) }`)
	f.Fuzz(func(t *testing.T, text string) {
		r, diags := ir.Parse("r", text)
		if len(diags) > 0 || ir.Verify(r) != nil {
			return
		}
		printed := ir.Print(r)
		again, diags := ir.Parse("r", printed)
		if len(diags) > 0 {
			t.Fatalf("%s\ndoes not parse: %v", printed, diags)
		}
		if p := ir.Print(again); p != printed {
			t.Fatalf("printed\n%s\nreprinted\n%s", printed, p)
		}
	})
}

// TestPrintParse: any predicate that can be drawn comes back from its text form.
func TestPrintParse(t *testing.T) {
	gen := irgen.Config{Keywords: true}
	for _, f := range []schema.NativeField{
		{Path: "a-b.c", Type: schema.Keyword},
		{Path: "x y", Type: schema.Keyword, Spelling: schema.Spelling{Fixed: []string{"net", `"q" ]`}}},
		{Path: "args[]", Type: schema.Keyword, Array: true},
		{Path: "n", Type: schema.Long},
		{Path: "d[]", Type: schema.Double, Array: true},
		{Path: "ip", Type: schema.IP},
		{Path: "t", Type: schema.Date},
		{Path: "b", Type: schema.Boolean},
	} {
		gen.Fields = append(gen.Fields, &ir.Field{Name: f.Path, Type: f.Type, Array: f.Array, Native: &f})
	}
	rapid.Check(t, func(t *rapid.T) {
		printed := ir.PrintPred(gen.Pred(t, 3))
		p, diags := ir.ParsePred("p", printed)
		if len(diags) > 0 {
			t.Fatalf("%s\ndoes not parse: %v", printed, diags)
		}
		if again := ir.PrintPred(p); again != printed {
			t.Fatalf("printed   %s\nreprinted %s", printed, again)
		}
	})
}
