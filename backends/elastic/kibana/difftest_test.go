package kibana

import (
	"slices"
	"testing"

	"github.com/onerule/onerule/internal/difftest"
	"github.com/onerule/onerule/schema"
)

// setup has fields of all kinds that differ in what they do with case.
func setup() difftest.Setup {
	s := difftest.Elastic(&Backend)
	i := slices.IndexFunc(s.Fields, func(f schema.NativeField) bool { return f.Path == "process.parent.name" })
	s.Fields[i].Vendor = "keyword.caseless"
	s.Fields = append(s.Fields,
		schema.NativeField{Path: "process.command_line", Type: schema.Keyword, Vendor: "wildcard.caseless"},
		schema.NativeField{Path: "file.path", Type: schema.Keyword, Vendor: "wildcard"},
		schema.NativeField{Path: "event.action", Type: schema.Keyword, Spelling: schema.Spelling{Lower: true}})
	return s
}

// TestAgreesWithEval draws random rules and events and holds the printed query, run by the interpreter, against the evaluator.
func TestAgreesWithEval(t *testing.T) { setup().Run(t) }

// FuzzAgrees is TestAgreesWithEval with the fuzzer's draws.
func FuzzAgrees(f *testing.F) { difftest.Fuzz(f, setup()) }

// BenchmarkRender prints the query of a usual rule.
func BenchmarkRender(b *testing.B) { difftest.BenchmarkElastic(b, setup(), ".cs") }
