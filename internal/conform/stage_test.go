package conform

import (
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/schema"
)

func canonical(p ir.Pred) ir.Pred { return pass.Canonical(p) }

// table is the table name that a language needs in its text.
var table = map[string]string{"kusto": "Events", "esql": "logs-test"}

// stage returns the native fields that stand for the placeholders, in one or more sets: a SECL expression reads one event type.
func stage(b *backends.Backend) ([]map[string]schema.NativeField, bool) {
	if b.Lang == "secl" {
		return []map[string]schema.NativeField{
			{
				"text": {Path: "exec.file.name", Type: schema.Keyword}, "other": {Path: "exec.comm", Type: schema.Keyword},
				"texts": {Path: "exec.argv", Type: schema.Keyword, Array: true}, "number": {Path: "exec.pid", Type: schema.Long}, "limit": {Path: "exec.ppid", Type: schema.Long},
				"flag": {Path: "exec.is_thread", Type: schema.Boolean},
			},
			{"addr": {Path: "connect.addr.ip", Type: schema.IP}},
		}, true
	}
	out := map[string]schema.NativeField{}
	for name, f := range map[string]schema.NativeField{
		"text": {Type: schema.Keyword}, "other": {Type: schema.Keyword}, "texts": {Type: schema.Keyword, Array: true},
		"number": {Type: schema.Long}, "limit": {Type: schema.Long}, "real": {Type: schema.Double}, "numbers": {Type: schema.Long, Array: true},
		"addr": {Type: schema.IP}, "addrs": {Type: schema.IP, Array: true}, "date": {Type: schema.Date}, "later": {Type: schema.Date}, "flag": {Type: schema.Boolean},
	} {
		f.Path = "test_" + name
		if f.Array && b.Lang == "spl" { // what Splunk extracts from a JSON array has {} behind its name
			f.Path += "[]"
		}
		out[name] = f
	}
	return []map[string]schema.NativeField{out}, true
}

func values(m map[string]schema.NativeField) []schema.NativeField {
	var out []schema.NativeField
	for _, f := range m {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b schema.NativeField) int { return strings.Compare(a.Path, b.Path) })
	return out
}
