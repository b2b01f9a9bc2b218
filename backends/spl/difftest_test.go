package spl

import (
	"testing"

	"github.com/onerule/onerule/internal/difftest"
	"github.com/onerule/onerule/schema"
)

func setup() difftest.Setup {
	return difftest.Setup{
		Backend: &Backend,
		Select:  []schema.Condition{{Native: schema.NativeField{Path: "sourcetype", Type: schema.Keyword}, Values: []string{"test"}}},
		Fields: []schema.NativeField{
			{Path: "Image", Type: schema.Keyword},
			{Path: "ParentImage", Type: schema.Keyword},
			{Path: "data.user-name", Type: schema.Keyword},
			{Path: "eventType", Type: schema.Keyword, Spelling: schema.Spelling{Lower: true}},
			{Path: "args[]", Type: schema.Keyword, Array: true},
			{Path: "target[].id", Type: schema.Keyword, Array: true},
			{Path: "ProcessId", Type: schema.Long},
			{Path: "ParentProcessId", Type: schema.Long},
			{Path: "load[]", Type: schema.Double, Array: true},
			{Path: "src_ip", Type: schema.IP},
			{Path: "dest_ip", Type: schema.IP},
			{Path: "host_ip[]", Type: schema.IP, Array: true},
			{Path: "created", Type: schema.Date},
			{Path: "elevated", Type: schema.Boolean},
		},
		Depth: 3,
	}
}

// TestAgreesWithEval draws random rules and events and holds the printed query, run by the interpreter, against the evaluator.
func TestAgreesWithEval(t *testing.T) { setup().Run(t) }

// FuzzAgrees is TestAgreesWithEval with the fuzzer's draws.
func FuzzAgrees(f *testing.F) { difftest.Fuzz(f, setup()) }

// BenchmarkRender prints the query of a usual rule.
func BenchmarkRender(b *testing.B) {
	setup().BenchmarkRender(b, `(and (eq (native Image keyword) ["net.exe" "net1.exe"]) (not (ends (native ParentImage keyword) ["\\net.exe"])) `+
		`(eq (native args[] keyword[]) ["user"]) (or (cidr (native src_ip ip) ["10.16.0.0/12"]) (ge (native ProcessId long) [5])))`)
}
