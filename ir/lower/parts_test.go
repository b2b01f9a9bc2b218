package lower_test

import (
	"testing"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/lower"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/schema"
)

// A field on the right of contains, starts_with and ends_with is looked for; what a telemetry says by itself is a literal.
func TestPartsOfFields(t *testing.T) {
	b, ok, err := schema.LookupBinding("sentinel_defender")
	if !ok || err != nil {
		t.Fatal("no binding", err)
	}
	for where, want := range map[string]struct{ ir, bound string }{
		`process.command_line contains process.executable`: {
			`(rel.contains (field process.command_line) (field process.executable))`,
			`(rel.contains (native ProcessCommandLine keyword) (native FolderPath keyword))`,
		},
		`not process.executable starts_with cased process.parent.executable`: {
			`(not (rel.starts.cs (field process.executable) (field process.parent.executable)))`,
			`(not (rel.starts.cs (native FolderPath keyword) (native InitiatingProcessFolderPath keyword)))`,
		},
		`any a in process.args: a ends_with process.executable`: {
			`(any a (field process.args) (rel.ends (elem a keyword) (field process.executable)))`, "",
		},
		`process.command_line contains host.os.type`: {
			`(rel.contains (field process.command_line) (field host.os.type))`,
			`(contains (native ProcessCommandLine keyword) ["windows"])`,
		},
		`host.os.type contains host.os.type`: {`(rel.contains (field host.os.type) (field host.os.type))`, `true`},
		`host.os.type ends_with process.executable`: {
			`(rel.ends (field host.os.type) (field process.executable))`, "",
		},
		`process.command_line contains "net"`: {`(contains (field process.command_line) ["net"])`, `(contains (native ProcessCommandLine keyword) ["net"])`},
	} {
		r := rulesOf(t, "rule r v1 {\n  from process.start on windows\n  where "+where+"\n}\n")[0]
		if got := ir.PrintPred(r.Where); got != want.ir {
			t.Errorf("%s: %s, want %s", where, got, want.ir)
		}
		if err := ir.Verify(r); err != nil {
			t.Errorf("%s: %v", where, err)
		}
		bound, diags := pass.Bind(r, b.Platform, []*schema.Binding{b})
		switch {
		case want.bound == "":
			if !diags.HasErrors() {
				t.Errorf("%s: bound", where)
			}
		case diags.HasErrors():
			t.Errorf("%s: %v", where, diags.Err())
		default:
			if got := ir.PrintPred(bound.Parts[0].Where); got != want.bound {
				t.Errorf("%s: bound %s, want %s", where, got, want.bound)
			}
		}
	}
	f, _ := grammar.Parse("r.rule", []byte("rule r v1 {\n  from process.start on windows\n  where process.pid contains process.parent.pid\n}\n"))
	if _, diags := lower.Rules(f, lower.Options{}); len(diags) != 1 || diags[0].Code != diag.TypeMismatch {
		t.Errorf("parts of numbers: %v", diags)
	}
}
