package kibana

import (
	"testing"

	"github.com/onerule/onerule/internal/difftest"
	"github.com/onerule/onerule/schema"
)

func setup() difftest.Setup {
	return difftest.Setup{
		Backend: &Backend,
		Table:   "logs-test",
		Select:  []schema.Condition{{Native: schema.NativeField{Path: "event.category", Type: schema.Keyword}, Values: []string{"process"}}},
		Fields: []schema.NativeField{
			{Path: "process.name", Type: schema.Keyword},
			{Path: "process.parent.name", Type: schema.Keyword, Vendor: "keyword.caseless"},
			{Path: "process.command_line", Type: schema.Keyword, Vendor: "wildcard.caseless"},
			{Path: "file.path", Type: schema.Keyword, Vendor: "wildcard"},
			{Path: "event.action", Type: schema.Keyword, Spelling: schema.Spelling{Lower: true}},
			{Path: "process.args", Type: schema.Keyword, Array: true},
			{Path: "process.pid", Type: schema.Long},
			{Path: "process.ppid", Type: schema.Long},
			{Path: "host.load", Type: schema.Double, Array: true},
			{Path: "source.ip", Type: schema.IP},
			{Path: "host.ip", Type: schema.IP, Array: true},
			{Path: "process.start", Type: schema.Date},
			{Path: "process.elevated", Type: schema.Boolean},
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
	setup().BenchmarkRender(b, `(and (eq.cs (native process.name keyword) ["net.exe" "net1.exe"]) (not (ends.cs (native process.parent.name keyword) ["\\net.exe"])) `+
		`(eq.cs (native process.args keyword[]) ["user"]) (or (cidr (native source.ip ip) ["10.16.0.0/12"]) (ge (native process.pid long) [5])))`)
}
