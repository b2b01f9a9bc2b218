package sigma

import (
	"testing"

	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir/lower"
)

func benchCorpus(b *testing.B, each func(names []string, texts [][]byte)) {
	names, texts := corpusFiles(b, "sigma")
	size := 0
	for _, t := range texts {
		size += len(t)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		each(names, texts)
	}
	b.ReportMetric(float64(len(names))*float64(b.N)/b.Elapsed().Seconds(), "files/s")
}

// BenchmarkParse reads the YAML of the whole corpus.
func BenchmarkParse(b *testing.B) {
	benchCorpus(b, func(names []string, texts [][]byte) {
		for i := range names {
			Parse(names[i], texts[i])
		}
	})
}

// BenchmarkImport reads and lowers the whole corpus, on one core.
func BenchmarkImport(b *testing.B) {
	benchCorpus(b, func(names []string, texts [][]byte) { importAll(names, texts, Options{}) })
}

// BenchmarkPrint reads the whole corpus and prints it as rule files.
func BenchmarkPrint(b *testing.B) {
	benchCorpus(b, func(names []string, texts [][]byte) {
		files := make([]*File, len(names))
		for i := range names {
			files[i], _ = Parse(names[i], texts[i])
		}
		col := NewCollection(files, Options{})
		for _, f := range files {
			g, _ := col.Convert(f)
			grammar.Print(g)
		}
	})
}

// BenchmarkConvertOne is one rule without its YAML.
func BenchmarkConvertOne(b *testing.B) {
	f, _ := Parse("a.yml", []byte(plainRule))
	col := NewCollection([]*File{f}, Options{Places: true})
	b.ReportAllocs()
	for b.Loop() {
		g, _ := col.Convert(f)
		lower.Rules(g, lower.Options{})
	}
}
