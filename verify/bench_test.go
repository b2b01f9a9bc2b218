package verify

import (
	"testing"

	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/internal/workspace"
)

// BenchmarkRule verifies one shipped rule in one language, with all witnesses and mutants.
func BenchmarkRule(b *testing.B) {
	ws := workspace.Load([]string{"../rules/windows/user_account_creation.rule"}, "")
	if ws.Diags.HasErrors() || len(ws.Rules) != 1 {
		b.Fatal(ws.Diags)
	}
	for _, lang := range []string{"spl", "eql", "kusto"} {
		target, _ := all.Lookup(lang)
		b.Run(lang, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if res := Rule(ws.Rules[0], target, Options{}); res.Status != Agrees {
					b.Fatal(res.Status, res.Diags)
				}
			}
		})
	}
}
