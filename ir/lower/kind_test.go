package lower_test

import (
	"testing"

	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/lower"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/schema"
)

const kinds = `rule r v1 {
  from iam.login on okta
  from api.call on aws
  where @class == "iam.login" and event.outcome == "failure" or @source in ["aws"] and not event.action == "x"
  test "of its class" { okta: iam.login { event.outcome: "failure" } } expect 1
  test "not of its class" { okta: iam.login { event.action: "y" } } expect 0
  test "of its source" { aws: api.call { event.action: "y" } } expect 1
  test "not of its source" { aws: api.call { event.action: "x", event.outcome: "failure" } } expect 0
}
`

func TestKinds(t *testing.T) {
	r := rulesOf(t, kinds)[0]
	text := ir.Print(r)
	if back, diags := ir.Parse("r", text); diags.HasErrors() || ir.Print(back) != text {
		t.Errorf("%s\n%v", text, diags)
	}
	e, err := eval.New(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range r.Tests {
		if o, err := e.Test(test); err != nil || len(o.Found) != test.Expect {
			t.Errorf("%s: %v, found %d", test.Name, err, len(o.Found))
		}
	}
	var bindings []*schema.Binding
	for _, name := range []string{"splunk_okta", "splunk_cloudtrail"} {
		b, _, err := schema.LookupBinding(name)
		if err != nil {
			t.Fatal(err)
		}
		bindings = append(bindings, b)
	}
	bound, diags := pass.Bind(r, "splunk", bindings)
	if bound == nil {
		t.Fatal(diags.Err())
	}
	want := []string{
		`(eq.cs (native outcome.result keyword ["SUCCESS" "ALLOW" "FAILURE" "DENY" "UNKNOWN" "CHALLENGE" "SKIPPED" "DEFERRED" "SCHEDULED" "ABANDONED" "UNANSWERED"]) ["FAILURE" "DENY"])`,
		`(not (eq (native eventName keyword) ["x"]))`,
	}
	for i, p := range bound.Parts {
		if got := ir.PrintPred(p.Where); got != want[i] {
			t.Errorf("part %d: %s, want %s", i, got, want[i])
		}
	}
}

func TestKindFaults(t *testing.T) {
	for where, want := range map[string]string{
		`@class == "iam.logout"`:                        "the rule does not look at \"iam.logout\"",
		`@source != "okta" or @source == "windows"`:     "the rule does not look at \"windows\"",
		`@class contains "x"`:                           "`@class` is compared with names alone",
		`@class in []`:                                  "`@class` is compared with names alone",
		`exists @class`:                                 "there is no field `@class`",
		`any x in @class: x == "a"`:                     "there is no field `@class`",
		`@class == user.name`:                           "`@class` is compared with names alone",
		`@class == "iam.user.create" or exists user.id`: "each event of `iam.user.create` is one of `api.call` too",
	} {
		f, _ := grammar.Parse("r.rule", []byte("rule r v1 {\n  from iam.login on okta\n  from api.call, iam.user.create on aws\n  where "+where+"\n}\n"))
		rules, diags := lower.Rules(f, lower.Options{})
		if len(rules) > 0 || len(diags) == 0 || diags[0].Title != want {
			t.Errorf("%s: %v", where, diags)
		}
	}
	f, _ := grammar.Parse("r.rule", []byte("rule r v1 {\n  sequence by user.id within 1h {\n    a: from iam.login on okta where @class == \"iam.login\"\n    b: from iam.login on okta\n  }\n}\n"))
	if _, diags := lower.Rules(f, lower.Options{}); len(diags) == 0 || diags[0].Title != "`@class` in a sequence: each step has its own `from`" {
		t.Errorf("%v", diags)
	}
}
