package lower_test

import (
	"slices"
	"testing"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/lower"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/schema"
)

const declaring = `rule own_fields v1 {
  field asset.tier: keyword "a text"
  field ` + "`Custom Scores`" + `: double[]
  field user: keyword
  from process.start on windows
  where asset.tier == "gold" and any s in ` + "`Custom Scores`" + `: s > 3
    and user != "x"
  test "found" { asset.tier: "GOLD", ` + "`Custom Scores`" + `: [1, 4], user: "eve", user.name: "x" } expect 1
  test "low" { asset.tier: "GOLD", ` + "`Custom Scores`" + `: [1, 2], user: "eve" } expect 0
  test "native" { native splunk_sysmon """
    {"source": "XmlWinEventLog:Microsoft-Windows-Sysmon/Operational", "EventCode": "1", "UtcTime": "2026-03-01 10:00:00.000", "asset": {"tier": "gold"}, "Custom Scores": [5], "user": "eve"}
    """ } expect 1
}
`

func rulesOf(t *testing.T, text string) []*ir.Rule {
	t.Helper()
	f, diags := grammar.Parse("r.rule", []byte(text))
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	rules, diags := lower.Rules(f, lower.Options{})
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	return rules
}

func TestDeclaredFields(t *testing.T) {
	r := rulesOf(t, declaring)[0]
	text := ir.Print(r)
	back, diags := ir.Parse("r", text)
	if diags.HasErrors() || ir.Print(back) != text {
		t.Errorf("%s\nreads back as\n%s\n%v", text, ir.Print(back), diags)
	}
	e, err := eval.New(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range r.Tests {
		o, err := e.Test(test)
		if err != nil || len(o.Found) != test.Expect {
			t.Errorf("%s: %v, found %d", test.Name, err, len(o.Found))
		}
	}
}

// An output that reads a declared field says so, and one on telemetry that uses the name otherwise is refused.
func TestDeclaredFieldsBound(t *testing.T) {
	r := rulesOf(t, declaring)[0]
	for name, refused := range map[string]bool{"splunk_sysmon": false, "elastic_defend": true} {
		b, ok, err := schema.LookupBinding(name)
		if !ok || err != nil {
			t.Fatal(err)
		}
		bound, diags := pass.Bind(r, b.Platform, []*schema.Binding{b})
		if refused {
			if bound != nil || len(diags) != 1 || diags[0].Code != diag.NoNativeForm || diags[0].Span != r.Fields[2].Span {
				t.Errorf("%s: %v", name, diags)
			}
			continue
		}
		if bound == nil || !slices.Contains(bound.Parts[0].Assumptions, "declared") {
			t.Errorf("%s: %v %v", name, bound, diags)
		}
	}
	other := rulesOf(t, "rule r v1 {\n  field a: keyword\n  from process.start on windows\n  where process.name == \"x\"\n}\n")[0]
	b, _, _ := schema.LookupBinding("splunk_sysmon")
	if bound, _ := pass.Bind(other, "splunk", []*schema.Binding{b}); bound == nil || slices.Contains(bound.Parts[0].Assumptions, "declared") {
		t.Errorf("a field that is not read is assumed: %v", bound)
	}
}
