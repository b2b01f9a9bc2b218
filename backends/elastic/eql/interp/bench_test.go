package interp

import (
	"testing"

	"github.com/onerule/onerule/backends/native"
)

// benchQueries are run over real Windows events.
var benchQueries = map[string]string{
	"event":    `any where EventID == 1 and Image : ("*\\cmd.exe", "*\\powershell.exe", "*\\net.exe") and not ParentImage like~ "*explorer*"`,
	"regex":    `any where CommandLine regex~ ".*(invoke|download).*"`,
	"function": `any where startsWith~(Image, "c:\\windows") and length(CommandLine) > 100`,
	"sequence": `sequence by Hostname with maxspan=1m [any where EventID == 1] [any where EventID == 3] until [any where EventID == 5]`,
}

func BenchmarkRun(b *testing.B) {
	rows := windowsEvents(b, 5000)
	for name, query := range benchQueries {
		b.Run(name, func(b *testing.B) {
			p, diags := Language.Compile("bench", query)
			if diags.HasErrors() {
				b.Fatal(diags[0].Brief())
			}
			in := native.Input{Tables: []native.Table{{Rows: rows}}, Size: 10_000}
			b.ReportAllocs()
			for b.Loop() {
				if _, diags := p.Run(in); diags.HasErrors() {
					b.Fatal(diags[0].Brief())
				}
			}
			b.ReportMetric(float64(len(rows)*b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		for _, query := range benchQueries {
			if _, diags := Language.Compile("bench", query); diags.HasErrors() {
				b.Fatal(diags[0].Brief())
			}
		}
	}
}
