package search

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/onerule/onerule/backends/datadog/search/interp"
	"github.com/onerule/onerule/internal/difftest"
	"github.com/onerule/onerule/ir/irgen"
	"github.com/onerule/onerule/schema"
)

func setup() difftest.Setup {
	return difftest.Setup{
		Backend: &Backend,
		Select:  []schema.Condition{{Native: schema.NativeField{Path: "source", Type: schema.Keyword}, Values: []string{"microsoft-sysmon"}}},
		Fields: []schema.NativeField{
			{Path: "attributes.evt.name", Type: schema.Keyword},
			{Path: "attributes.usr.name", Type: schema.Keyword},
			{Path: "service", Type: schema.Keyword},
			{Path: "attributes.process.args", Type: schema.Keyword, Array: true},
			{Path: "attributes.target[].type", Type: schema.Keyword, Array: true},
			{Path: "attributes.process.pid", Type: schema.Long},
			{Path: "attributes.duration", Type: schema.Double, Vendor: "measure"},
			{Path: "attributes.ports", Type: schema.Long, Array: true},
			{Path: "attributes.network.client.ip", Type: schema.IP},
			{Path: "attributes.host.ip", Type: schema.IP, Array: true},
			{Path: "attributes.created", Type: schema.Date, Vendor: "measure"},
			{Path: "attributes.changed", Type: schema.Date},
			{Path: "attributes.elevated", Type: schema.Boolean},
		},
		Gen:     irgen.Config{Nulls: true},
		Depth:   3,
		Prepare: epochMillis("attributes.created"),
	}
}

// epochMillis writes a date as platforms keep a measure: a number of milliseconds.
func epochMillis(path string) func(map[string]any) {
	return func(object map[string]any) {
		for _, v := range schema.ObjectValues(object, path, schema.Date) {
			schema.SetPath(object, path, []any{json.Number(strconv.FormatInt(v.Millis(), 10))})
		}
	}
}

// TestAgreesWithEval draws random rules and events and holds the printed query, run by the interpreter, against the evaluator.
func TestAgreesWithEval(t *testing.T) { setup().Run(t) }

// FuzzAgrees is TestAgreesWithEval with the fuzzer's draws.
func FuzzAgrees(f *testing.F) { difftest.Fuzz(f, setup()) }

// TestAgreesUnderDoubts does the same with each switch turned round: what the output takes for granted is named. Only the
// reading of arrays is not, because the vendor's page is plain about it.
func TestAgreesUnderDoubts(t *testing.T) {
	for _, d := range interp.Language.Doubts {
		if d.Name == interp.DoubtArrayAny.Name {
			continue
		}
		t.Run(d.Name, func(t *testing.T) {
			s := setup()
			s.Doubts = map[string]bool{d.Name: !d.Default}
			s.Run(t)
		})
	}
}
