package grammar

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sebdah/goldie/v2"
)

// Each file of testdata/format is written as its golden.
func TestFormatCases(t *testing.T) {
	files, err := filepath.Glob("testdata/format/*.rule")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".rule")
		t.Run(name, func(t *testing.T) {
			g := goldie.New(t, goldie.WithFixtureDir("testdata/format"), goldie.WithNameSuffix(".golden"))
			g.Assert(t, name, []byte(mustFormat(t, readFile(t, file))))
		})
	}
}

func TestRealisticIsCanonical(t *testing.T) {
	text := readFile(t, "testdata/realistic.rule")
	if got := mustFormat(t, text); got != text {
		t.Error(lineDiff(text, got))
	}
}

// A file with faults is not rewritten.
func TestFormatFaulty(t *testing.T) {
	out, list := Format("t.rule", []byte("rule r v1 {\n  where a = 1\n}\n"))
	if out != nil || !list.HasErrors() {
		t.Errorf("got %q, %v", out, list)
	}
}

// The parser is built once and shared.
func TestParseConcurrently(t *testing.T) {
	text := []byte(readFile(t, "canonical.rule"))
	want := string(Print(&File{Items: mustParse(t, text).Items}))
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if got := string(Print(&File{Items: mustParse(t, text).Items})); got != want {
				t.Error("another result in parallel")
			}
		})
	}
	wait.Wait()
}

func mustParse(t *testing.T, text []byte) *File {
	t.Helper()
	file, list := Parse("t.rule", text)
	if len(list) > 0 {
		t.Error(list)
	}
	return file
}

func BenchmarkParse(b *testing.B) {
	text := []byte(readFile(b, "testdata/realistic.rule"))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Parse("realistic.rule", text)
	}
}

func BenchmarkFormat(b *testing.B) {
	text := []byte(readFile(b, "testdata/realistic.rule"))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Format("realistic.rule", text)
	}
}

func BenchmarkPrint(b *testing.B) {
	file, _ := Parse("realistic.rule", []byte(readFile(b, "testdata/realistic.rule")))
	b.ReportAllocs()
	for b.Loop() {
		Print(file)
	}
}
