package grammar

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// seeds adds the canonical file, whole and in pieces, the examples of spec.md and the faulty files of golden/errors.
func seeds(f *testing.F) {
	canonical := readFile(f, "canonical.rule")
	f.Add(canonical)
	for part := range strings.SplitSeq(canonical, "\n\n") {
		f.Add(part)
	}
	for _, b := range specBlocks(f) {
		f.Add(b.text)
	}
	faulty, err := filepath.Glob(errorCases)
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range faulty {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	for _, s := range []string{
		"", "rule", "rule a v1 {", "}", "\"", "\"\"\"", "'", "`", "$", "rule a v1 {\n where " + strings.Repeat("(", 300),
		"rule a v1 {\n where " + strings.Repeat("not ", 1000), "rule a v1 {\n where a == 1" + strings.Repeat(" or a == 1", 6000), "\uFEFFrule a v1 {\r\n}\r\n",
	} {
		f.Add(s)
	}
}

// checkDiagnostics checks what every diagnostic of a file must have.
func checkDiagnostics(t *testing.T, text string, list diag.List) {
	t.Helper()
	lines := strings.Count(text, "\n") + 1
	for _, d := range list {
		if d.Code == "" || d.Title == "" || len(d.Help) == 0 {
			t.Fatalf("a part is missing: %#v", d)
		}
		if d.Span.IsValid() && (d.Label == "" || d.Span.Start.Offset > len(text) || d.Span.End.Offset < d.Span.Start.Offset || d.Span.Start.Line > lines) {
			t.Fatalf("wrong place or no label: %#v", d)
		}
		if strings.ContainsAny(d.Title, "\n\r") || len(d.Title) > 400 {
			t.Fatalf("title: %q", d.Title)
		}
	}
}

func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		file, list := Parse("f.rule", []byte(text))
		checkDiagnostics(t, text, list)
		for _, d := range list {
			src := diag.NewSource("f.rule", text)
			if d.Span.IsValid() && utf8.ValidString(text) && src.Pos(d.Span.Start.Offset) != d.Span.Start {
				t.Fatalf("%s: offset %d is at %+v", d.Brief(), d.Span.Start.Offset, src.Pos(d.Span.Start.Offset))
			}
		}
		if len(list) == 0 {
			for _, it := range file.Items {
				if r, ok := it.(*Rule); ok && r.Broken {
					t.Fatal("a rule is broken, and nothing says why")
				}
			}
		}
	})
}

func FuzzFormat(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		if _, list := Parse("f.rule", []byte(text)); list.HasErrors() {
			return
		}
		mustFormat(t, text)
	})
}
