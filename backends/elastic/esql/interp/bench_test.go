package interp

import (
	"fmt"
	"testing"

	"github.com/onerule/onerule/backends/native"
)

func benchInput(n int) native.Input {
	tab := native.Table{Name: "logs", Types: map[string]string{"process.name": "keyword", "n": "long", "user": "keyword", "@timestamp": "date"}}
	for i := 0; i < n; i++ {
		tab.Rows = append(tab.Rows, native.Row{
			"process": map[string]any{"name": fmt.Sprintf("proc%d.exe", i%50)}, "user": fmt.Sprintf("u%d", i%200),
			"@timestamp": fmt.Sprintf("2024-01-01T%02d:%02d:00Z", i/60%24, i%60),
		})
	}
	return native.Input{Tables: []native.Table{tab}, Size: n}
}

func benchRun(b *testing.B, query string) {
	in := benchInput(10_000)
	p, ds := Language.Compile("q", query)
	if ds.HasErrors() {
		b.Fatal(ds)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, ds := p.Run(in); ds.HasErrors() {
			b.Fatal(ds)
		}
	}
}

func BenchmarkFilter(b *testing.B) {
	benchRun(b, `FROM logs | WHERE TO_LOWER(process.name) LIKE "*7.exe" AND NOT COALESCE(user == "u1", FALSE) | KEEP user`)
}

func BenchmarkStats(b *testing.B) {
	benchRun(b, `FROM logs | EVAL h = DATE_TRUNC(1 hour, @timestamp) | STATS n = COUNT(*), d = COUNT_DISTINCT(process.name) BY user, h | WHERE n > 2`)
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Language.Compile("q", `FROM logs | WHERE TO_LOWER(process.name) LIKE "*7.exe" AND NOT COALESCE(user == "u1", FALSE) | STATS n = COUNT(*) BY user`)
	}
}
