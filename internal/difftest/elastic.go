package difftest

import (
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/schema"
)

// Elastic is a table of events of processes as Elasticsearch maps them.
func Elastic(b *backends.Backend) Setup {
	return Setup{
		Backend: b,
		Table:   "logs-test",
		Select:  []schema.Condition{{Native: schema.NativeField{Path: "event.category", Type: schema.Keyword}, Values: []string{"process"}}},
		Fields: []schema.NativeField{
			{Path: "process.name", Type: schema.Keyword},
			{Path: "process.parent.name", Type: schema.Keyword},
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

// BenchmarkElastic is [Setup.BenchmarkRender] of a usual rule on [Elastic]; cased is ".cs" for a language that can do no other.
func BenchmarkElastic(b *testing.B, s Setup, cased string) {
	b.Helper()
	s.BenchmarkRender(b, `(and (eq`+cased+` (native process.name keyword) ["net.exe" "net1.exe"]) (not (ends`+cased+` (native process.parent.name keyword) ["\\net.exe"])) `+
		`(eq`+cased+` (native process.args keyword[]) ["user"]) (or (cidr (native source.ip ip) ["10.16.0.0/12"]) (ge (native process.pid long) [5])))`)
}
