package esql

import (
	"testing"

	"github.com/onerule/onerule/internal/difftest"
)

func setup() difftest.Setup { return difftest.Elastic(&Backend) }

// TestAgreesWithEval draws random rules and events and holds the printed query, run by the interpreter, against the evaluator.
func TestAgreesWithEval(t *testing.T) { setup().Run(t) }

// FuzzAgrees is TestAgreesWithEval with the fuzzer's draws.
func FuzzAgrees(f *testing.F) { difftest.Fuzz(f, setup()) }

// BenchmarkRender prints the query of a usual rule.
func BenchmarkRender(b *testing.B) { difftest.BenchmarkElastic(b, setup(), "") }
