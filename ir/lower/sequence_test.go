package lower_test

import (
	"strings"
	"testing"

	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/lower"
)

func lowered(t *testing.T, text string) []*ir.Rule {
	t.Helper()
	f, diags := grammar.Parse("t.rule", []byte(text))
	rules, more := lower.Rules(f, lower.Options{})
	if diags = append(diags, more...); diags.HasErrors() {
		t.Fatal(diags)
	}
	return rules
}

// sequenceRules are rules with tests that decide by a hair, and their meaning.
const sequenceRules = `
rule guess_then_mfa_change v1 {
  sequence by fold(user.name) within 30m {
    guess: from iam.login on okta, auth0 where event.outcome == "failure" repeat >= 2
    enter: from iam.login on okta, auth0
      where event.outcome == "success" and (enter.source.ip != guess.source.ip and not length(guess.user.id) > length(user.id))
    missing seen: from iam.mfa.challenge on okta
    change: from iam.mfa.change on okta by fold(user.target.name)
    until from iam.password.reset on okta
  }
  emit {
    entity user = user.name
    entity ip = guess.source.ip
    show guess.source.ip, change.event.action
  }
  test "changed" {
    2 x every 1m okta: iam.login { user.name: "u", source.ip: "10.0.0.1", user.id: "1", event.outcome: "failure" }
    +1m auth0: { user.name: "U", source.ip: "10.0.0.2", user.id: "2", event.outcome: "success" }
    +28m iam.mfa.change { user.target.name: "u", user.name: "x", event.action: "enrolled" }
  } expect 1 where guess.source.ip == "10.0.0.1" and change.event.action == "enrolled" and user.name == "u"
  test "too late" {
    2 x every 1m okta: iam.login { user.name: "u", source.ip: "10.0.0.1", user.id: "1", event.outcome: "failure" }
    +1m auth0: { user.name: "U", source.ip: "10.0.0.2", user.id: "2", event.outcome: "success" }
    +28m1s iam.mfa.change { user.target.name: "u", user.name: "x" }
  } expect 0
  test "same address" {
    2 x every 1m okta: iam.login { user.name: "u", source.ip: "10.0.0.1", user.id: "1", event.outcome: "failure" }
    +1m okta: iam.login { user.name: "u", source.ip: "10.0.0.1", user.id: "2", event.outcome: "success" }
    +1m iam.mfa.change { user.target.name: "u" }
  } expect 0
  test "longer id" {
    2 x every 1m okta: iam.login { user.name: "u", source.ip: "10.0.0.1", user.id: "111", event.outcome: "failure" }
    +1m okta: iam.login { user.name: "u", source.ip: "10.0.0.2", user.id: "2", event.outcome: "success" }
    +1m iam.mfa.change { user.target.name: "u" }
  } expect 0
  test "challenged" {
    2 x every 1m okta: iam.login { user.name: "u", source.ip: "10.0.0.1", user.id: "1", event.outcome: "failure" }
    +1m okta: iam.login { user.name: "u", source.ip: "10.0.0.2", user.id: "2", event.outcome: "success" }
    +1m iam.mfa.challenge { user.name: "u" }
    +1m iam.mfa.change { user.target.name: "u" }
  } expect 0
  test "reset" {
    2 x every 1m okta: iam.login { user.name: "u", source.ip: "10.0.0.1", user.id: "1", event.outcome: "failure" }
    +1m okta: iam.login { user.name: "u", source.ip: "10.0.0.2", user.id: "2", event.outcome: "success" }
    iam.password.reset { user.name: "u" }
    +1m iam.mfa.change { user.target.name: "u" }
  } expect 0
  test "history" {
    history {
      2 x every 1m okta: iam.login { user.name: "u", source.ip: "10.0.0.1", user.id: "1", event.outcome: "failure" }
      +1m okta: iam.login { user.name: "u", source.ip: "10.0.0.2", user.id: "2", event.outcome: "success" }
      +1m iam.mfa.change { user.target.name: "u" }
    }
    now {
      +2m 2 x every 1s iam.mfa.change { user.target.name: "u", event.action: "n{i}" }
    }
  } expect 1 where change.event.action == "n1"
}
rule user_and_group v1 {
  together by host.name within 10m {
    account: from iam.user.create on windows
    member: from iam.group.member_add on windows where group.name == "Administrators"
    missing from iam.logout on windows
  }
  test "in any order" {
    iam.group.member_add { host.name: "h", group.name: "administrators" }
    +10m iam.user.create { host.name: "h" }
  } expect 1
}
rule silent v1 {
  list servers = ["h2", "H1", "h1", ""]
  from process.start on linux
  where process.name == "beat"
  tumbling 1h
  expect >= 2 per fold(host.name) in $servers { grace 5m }
  emit { entity host = host.name }
  test "one of two" {
    at 10m { host.name: "h1", process.name: "beat" }
    at 59m { host.name: "H1", process.name: "beat" } arrives +6m
    at 59m 2 x { host.name: "h2", process.name: "beat" } arrives +6m1s
  } expect 1 where host.name == "h2"
  test "every window of the test" with { list servers = ["h3"] } {
    at 10m { process.name: "x" }
    at 2h { process.name: "x" }
  } expect 3
  test "from now on" {
    history {
      at 10m { process.name: "x" }
    }
    now {
      at 3h { process.name: "x" }
    }
  } expect 2
}
`

func TestSequences(t *testing.T) {
	for _, r := range lowered(t, sequenceRules) {
		for _, test := range r.Tests {
			rule := r
			if test.Rule != nil {
				rule = test.Rule
			}
			e, err := eval.New(rule)
			if err != nil {
				t.Fatal(err)
			}
			o, err := e.Test(test)
			if err != nil {
				t.Fatal(err)
			}
			if len(o.Found) != test.Expect {
				t.Errorf("%s %q: %d findings, want %d\n%s", r.Name, test.Name, len(o.Found), test.Expect, o.Explain())
			}
		}
	}
}

func TestSequenceMeaning(t *testing.T) {
	rules := lowered(t, sequenceRules)
	for i, want := range []string{`ir 1
rule "guess_then_mfa_change" v1 sequence {
  from iam.login okta
  from iam.login auth0
  from iam.mfa.challenge okta
  from iam.mfa.change okta
  from iam.password.reset okta
  where true
  key (fold (field user.name))
  key (fold (field user.target.name))
  arg (field source.ip)
  arg (length (field user.id))
  arg (field event.action)
  cond (eq (field event.outcome) ["failure"])
    of iam.login okta
    of iam.login auth0
  cond (eq (field event.outcome) ["success"])
    of iam.login okta
    of iam.login auth0
  cond true
    of iam.mfa.challenge okta
  cond true
    of iam.mfa.change okta
  cond true
    of iam.password.reset okta
  within 1800000
  per [0]
  step guess event 0 [0] 2
  step enter event 1 [0] 1
  step seen missing 2 [0] 1
  step change event 3 [1] 1
  step "" until 4 [0] 1
  cross (not (rel.eq (step 1 0) (step 0 0)))
  cross (not (rel.gt (step 0 1) (step 1 1)))
}
`, `ir 1
rule "user_and_group" v1 together {
  from iam.user.create windows
  from iam.group.member_add windows
  from iam.logout windows
  where true
  key (field host.name)
  cond true
    of iam.user.create windows
  cond (eq (field group.name) ["Administrators"])
    of iam.group.member_add windows
  cond true
    of iam.logout windows
  within 600000
  per [0]
  step account event 0 [0] 1
  step member event 1 [0] 1
  step "" missing 2 [0] 1
}
`, `ir 1
rule "silent" v1 absence {
  from process.start linux
  where (eq (field process.name) ["beat"])
  key (fold (field host.name))
  expect 2 key 0 window 3600000 grace 300000
  in ["h1" "h2"]
}
`} {
		if got := ir.Print(rules[i]); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
	r := rules[0]
	s := r.Body.(*ir.Sequence)
	if a, b := r.CrossWords(&s.Cross[0]), r.CrossWords(&s.Cross[1]); a != "enter.source.ip != guess.source.ip" || b != "not length(guess.user.id) > length(enter.user.id)" {
		t.Errorf("%q, %q", a, b)
	}
	if e := r.Emit; len(e.Shown) != 2 || len(e.Entities) != 2 || e.Entities[1].Field.Name != "guess.source.ip" || e.Shown[1].Name != "change.event.action" {
		t.Errorf("%+v", e)
	}
}

// Why a test finds nothing is said.
func TestSequenceExplained(t *testing.T) {
	const head = `
rule r v1 {
  sequence by user.name within 10m {
    a: from iam.login on okta where event.outcome == "failure" repeat >= 2
    missing m: from iam.mfa.challenge on okta
    b: from iam.login on okta where event.outcome == "success" and source.ip == a.source.ip
    until from iam.password.reset on okta
  }
  test "t" {
`
	a, b := "+1m iam.login { user.name: \"u\", event.outcome: \"failure\", source.ip: \"10.0.0.1\" }\n", "+1m iam.login { user.name: \"u\", event.outcome: \"success\", source.ip: \"10.0.0.1\" }\n"
	for _, tt := range []struct{ events, want string }{
		{a + b, "1 event of 2 that `a` asks for"},
		{a + a + "+9m1s " + b[4:], "the events lie more than 10m0s apart"},
		{a + a + "+1m iam.password.reset { user.name: \"u\" }\n" + b, "an event of `until` ended the wait"},
		{a + a + "+1m iam.mfa.challenge { user.name: \"u\" }\n" + b, "an event came that must be missing"},
		{a + a + strings.Replace(b, "0.1", "0.2", 1), "the comparisons between steps do not hold"},
		{b + a + a, "not in a chain: `a`: 2, `m`: 0, `b`: 1, step 4: 0"},
		{"history {\n" + a + a + b + "}\nnow {\n" + a + "}\n", "its chain is dated outside of the range"},
	} {
		r := lowered(t, head+tt.events+"  } expect 1\n}\n")[0]
		e, err := eval.New(r)
		if err != nil {
			t.Fatal(err)
		}
		o, err := e.Test(r.Tests[0])
		if err != nil {
			t.Fatal(err)
		}
		if text := o.Explain(); len(o.Found) != 0 || !strings.Contains(text, tt.want) {
			t.Errorf("%d findings, want the explanation %q\n%s", len(o.Found), tt.want, text)
		}
	}
}
