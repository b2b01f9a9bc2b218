package lower_test

import (
	"os"
	"testing"

	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir/lower"
)

// BenchmarkRules takes a shipped rule with its tests from text to meaning; Lower is the second half alone.
func BenchmarkRules(b *testing.B) {
	text, err := os.ReadFile("../../rules/windows/user_account_creation.rule")
	if err != nil {
		b.Fatal(err)
	}
	file, diags := grammar.Parse("bench.rule", text)
	if diags.HasErrors() {
		b.Fatal(diags)
	}
	b.Run("ParseAndLower", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			file, _ := grammar.Parse("bench.rule", text)
			lower.Rules(file, lower.Options{})
		}
	})
	b.Run("Lower", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if rules, diags := lower.Rules(file, lower.Options{}); len(rules) != 1 || diags.HasErrors() {
				b.Fatal(diags)
			}
		}
	})
}
