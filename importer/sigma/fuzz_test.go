package sigma

import (
	"testing"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/importer/sigma/taxonomy"
	"github.com/onerule/onerule/ir/lower"
)

func mustFroms(t *testing.T, texts ...string) []taxonomy.From {
	t.Helper()
	var out []taxonomy.From
	for _, s := range texts {
		f, ok := parseFrom(s)
		if !ok {
			t.Fatalf("%q is no from", s)
		}
		out = append(out, f)
	}
	return out
}

// No bytes make the importer panic, and what it makes of them parses, in canonical form.
func FuzzImport(f *testing.F) {
	for _, file := range []string{"testdata/broken.txt", "testdata/cases/modifiers.txt", "testdata/cases/shapes.txt", "testdata/cases/correlations.txt"} {
		for _, c := range readCases(f, file) {
			f.Add([]byte(sigmaText(c.input)))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, diags := Parse("a.yml", text)
		g, more := NewCollection([]*File{file}, Options{Places: true}).Convert(file)
		lower.Rules(g, lower.Options{})
		for _, d := range append(diags, more...) {
			if s := d.Span; s.IsValid() && (s.End.Offset > len(text) || s.End.Offset < s.Start.Offset || s.Start.Line < 1) {
				t.Errorf("%s: the place %+v", d.Brief(), s)
			}
			if d.Title == "" || d.Severity == diag.Error && len(d.Help) == 0 {
				t.Errorf("%s: no help", d.Brief())
			}
		}
		g, _ = NewCollection([]*File{file}, Options{KeepUnknownFields: true}).Convert(file)
		printed := grammar.Print(g)
		again, faults := grammar.Parse("a.rule", printed)
		if faults.HasErrors() {
			t.Fatalf("the printed rule does not parse: %v\n%s", faults.Err(), printed)
		}
		if twice := string(grammar.Print(again)); twice != string(printed) {
			t.Fatalf("not canonical:\n%s\n%s", printed, twice)
		}
	})
}

// FuzzMap: no mapping file makes the importer panic.
func FuzzMap(f *testing.F) {
	f.Add([]byte("fields: {a: b}\n"))
	f.Add([]byte("transformations: [{type: nest, items: [{type: field_name_mapping, mapping: {a: [b, c]}}]}]\n"))
	f.Add([]byte("logsources: [{product: a, from: process.start on windows, where: {host.name: b}}]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, _ := ParseMap("map.yml", text)
		file, _ := Parse("a.yml", []byte(plainRule))
		NewCollection([]*File{file}, Options{Maps: []*Map{m}}).Convert(file)
	})
}
