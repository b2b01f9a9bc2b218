package kusto

import (
	"testing"

	"github.com/onerule/onerule/internal/difftest"
	"github.com/onerule/onerule/schema"
)

func setup(emptyMissing bool) difftest.Setup {
	fields := []schema.NativeField{
		{Path: "FileName", Type: schema.Keyword},
		{Path: "Parent", Type: schema.Keyword},
		{Path: "Properties.user-name", Type: schema.Keyword},
		{Path: "Action", Type: schema.Keyword, Spelling: schema.Spelling{Fixed: []string{"net", "User"}}},
		{Path: "Args", Type: schema.Keyword, Array: true},
		{Path: "Targets[].id", Type: schema.Keyword, Array: true},
		{Path: "ProcessId", Type: schema.Long},
		{Path: "Limit", Type: schema.Long},
		{Path: "Loads[]", Type: schema.Double, Array: true},
		{Path: "SourceIp", Type: schema.IP},
		{Path: "HostIps[]", Type: schema.IP, Array: true},
		{Path: "Created", Type: schema.Date},
		{Path: "Elevated", Type: schema.Boolean},
	}
	for i := range fields {
		fields[i].EmptyMissing = emptyMissing && fields[i].Type.IsString()
	}
	return difftest.Setup{
		Backend: &Backend, Table: "Events", Fields: fields, Depth: 3,
		Select: []schema.Condition{{Native: schema.NativeField{Path: "Type", Type: schema.Keyword}, Values: []string{"Events"}}},
	}
}

// TestAgreesWithEval draws random rules and events and holds the printed query, run by the interpreter, against the
// evaluator: with fields whose empty text is missing, as the bindings have them, and with fields that know both.
func TestAgreesWithEval(t *testing.T) {
	for name, emptyMissing := range map[string]bool{"empty is missing": true, "empty is a value": false} {
		t.Run(name, func(t *testing.T) { setup(emptyMissing).Run(t) })
	}
}

// FuzzAgrees is TestAgreesWithEval with the fuzzer's draws.
func FuzzAgrees(f *testing.F) { difftest.Fuzz(f, setup(true), setup(false)) }

// BenchmarkRender prints the query of a usual rule.
func BenchmarkRender(b *testing.B) {
	setup(true).BenchmarkRender(b, `(and (eq (native FileName keyword) ["net.exe" "net1.exe"]) (not (ends (native Parent keyword) ["\\net.exe"])) `+
		`(eq (native Args keyword[]) ["user"]) (or (cidr (native SourceIp ip) ["10.16.0.0/12"]) (ge (native ProcessId long) [5])))`)
}
