package secl

import (
	"maps"
	"slices"
	"testing"

	"github.com/onerule/onerule/backends/datadog/secl/interp"
	"github.com/onerule/onerule/internal/difftest"
	"github.com/onerule/onerule/ir/irgen"
	"github.com/onerule/onerule/schema"
)

// setups are tables of events by name: agents give each type of event its own fields.
func setups() map[string]difftest.Setup {
	keyword := func(path string) schema.NativeField {
		return schema.NativeField{Path: path, Type: schema.Keyword, EmptyMissing: true}
	}
	list := func(f schema.NativeField) schema.NativeField { f.Array = true; return f }
	typed := func(path string, t schema.Type) schema.NativeField { return schema.NativeField{Path: path, Type: t} }
	exec := []schema.NativeField{
		keyword("exec.file.name"), keyword("exec.comm"), keyword("exec.file.extension"), keyword("process.parent.comm"),
		list(keyword("exec.argv[]")), list(keyword("process.ancestors[].comm")),
		typed("exec.pid", schema.Long), typed("exec.uid", schema.Long), list(typed("process.ancestors[].pid", schema.Long)),
		typed("exec.created_at", schema.Date), typed("exec.is_kworker", schema.Boolean), typed("process.parent.is_thread", schema.Boolean),
	}
	blank := make([]schema.NativeField, len(exec))
	for i, f := range exec {
		blank[i] = f
		blank[i].EmptyMissing = false
	}
	windows := []schema.Condition{{Native: typed("event.os", schema.Keyword), Values: []string{"windows"}}}
	out := map[string]difftest.Setup{
		"exec":  {Table: "exec", Fields: exec},
		"empty": {Table: "exec", Fields: blank},
		"connect": {Table: "connect", Fields: []schema.NativeField{
			typed("connect.addr.ip", schema.IP), typed("connect.addr.port", schema.Long), typed("connect.addr.is_public", schema.Boolean),
			list(keyword("connect.addr.hostname[]")), keyword("process.file.name"),
		}},
		"dns": {Table: "dns", Fields: []schema.NativeField{
			keyword("dns.question.name"), typed("dns.question.type", schema.Long), keyword("process.comm"), keyword("process.file.name"),
			typed("network.source.ip", schema.IP), typed("network.destination.ip", schema.IP), typed("network.destination.port", schema.Long),
		}},
		"flows": {Table: "network_flow_monitor", Fields: []schema.NativeField{
			list(typed("network_flow_monitor.flows[].source.ip", schema.IP)), list(typed("network_flow_monitor.flows[].destination.ip", schema.IP)),
			list(typed("network_flow_monitor.flows[].source.port", schema.Long)), list(typed("network_flow_monitor.flows[].source.is_public", schema.Boolean)),
			keyword("network_flow_monitor.device.ifname"),
		}},
		"bpf": {Table: "bpf", Fields: []schema.NativeField{
			list(typed("bpf.prog.helpers", schema.Long)), typed("bpf.cmd", schema.Long), keyword("bpf.prog.name"),
		}},
		"windows": {Table: "exec", Source: "windows", Select: windows, Fields: []schema.NativeField{
			keyword("exec.cmdline"), keyword("exec.file.path"), keyword("exec.file.name"), keyword("exec.user"), typed("exec.pid", schema.Long),
			list(keyword("process.ancestors[].file.path")),
		}},
	}
	for name, s := range out {
		s.Backend, s.Depth, s.Gen = &Backend, 3, irgen.Config{Nulls: true}
		out[name] = s
	}
	return out
}

func run(t *testing.T, doubts map[string]bool, names ...string) {
	for name, s := range setups() {
		if len(names) > 0 && !slices.Contains(names, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			s.Doubts = doubts
			s.Run(t)
		})
	}
}

// TestAgreesWithEval draws random rules and events and holds the printed expression, run by the interpreter, against the evaluator.
func TestAgreesWithEval(t *testing.T) { run(t, nil) }

// FuzzAgrees is TestAgreesWithEval with the fuzzer's draws.
func FuzzAgrees(f *testing.F) {
	all := setups()
	var list []difftest.Setup
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, all[name])
	}
	difftest.Fuzz(f, list...)
}

// TestAgreesUnderDoubts does the same with each switch turned round.
func TestAgreesUnderDoubts(t *testing.T) {
	for _, d := range interp.Language.Doubts {
		t.Run(d.Name, func(t *testing.T) { run(t, map[string]bool{d.Name: !d.Default}, "exec", "flows", "windows") })
	}
}
