package grammar

import (
	"os"
	"testing"
)

func TestCanonicalParses(t *testing.T) {
	text, err := os.ReadFile("canonical.rule")
	if err != nil {
		t.Fatal(err)
	}
	file, ds := Parse("canonical.rule", text)
	for _, d := range ds {
		t.Errorf("%s (%s) %v", d.Brief(), d.Label, d.Help)
	}
	if len(file.Items) != 18 {
		t.Errorf("%d items", len(file.Items))
	}
}

func BenchmarkParse(b *testing.B) {
	text, err := os.ReadFile("canonical.rule")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Parse("canonical.rule", text)
	}
}
