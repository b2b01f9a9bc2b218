package eql

import (
	"strings"
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	lowering "github.com/onerule/onerule/ir/lower"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/schema"
)

func boundRule(t *testing.T, text string) *ir.Bound {
	t.Helper()
	file, diags := grammar.Parse("test.rule", []byte(text))
	rules, more := lowering.Rules(file, lowering.Options{})
	if diags = append(diags, more...); diags.HasErrors() {
		t.Fatalf("%s\n%v", text, diags)
	}
	var chosen []*schema.Binding
	for _, source := range []string{"okta", "linux"} {
		all, err := schema.Bindings("elastic", source)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range all {
			if b.Default && b.Speaks("eql") {
				chosen = append(chosen, b)
			}
		}
	}
	bound, diags := pass.Bind(rules[0], "elastic", chosen)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return bound
}

// TestSequences checks the text of sequences; platform/elastic checks what they find.
func TestSequences(t *testing.T) {
	for _, x := range []struct{ rule, want string }{
		{`rule guess_then_mfa_change v1 {
  sequence by user.id within 30m {
    guess:  from iam.login on okta  where event.outcome == "failure"  repeat >= 5
    enter:  from iam.login on okta  where event.outcome == "success"
    change: from iam.mfa.change on okta
    until from iam.password.reset on okta
  }
  emit { show guess.source.ip, change.event.action }
}`, `
sequence by okta.actor.id with maxspan=30m
  [any where event.action == "user.session.start" and okta.outcome.result in ("FAILURE", "DENY") and okta.actor.id != ""] with runs=5
  [any where event.action == "user.session.start" and okta.outcome.result in ("SUCCESS", "ALLOW") and okta.actor.id != ""]
  [any where event.action in ("user.mfa.factor.activate", "user.mfa.factor.deactivate", "user.mfa.factor.reset_all", "user.mfa.factor.suspend", "user.mfa.factor.unsuspend", "user.mfa.factor.update")
    and okta.actor.id != ""]
until [any where event.action in ("user.account.reset_password", "user.account.expire_password") and okta.actor.id != ""]`},
		{`rule shell_without_session v1 {
  sequence by host.id within 15m {
    start: from process.start on linux where process.name == "sshd"
    missing from process.end on linux
  }
}`, `
sequence by host.id with maxspan=15m
  [process where host.os.type == "linux"
    and event.type == "start"
    and event.action == "exec"
    and process.name : "sshd"
    and host.id != ""
    and @timestamp <= "now-16m"]
  ![process where host.os.type == "linux" and event.type == "end" and host.id != ""]`},
	} {
		b := boundRule(t, x.rule)
		timing := ir.TimingOf(b.Rule)
		if l := bodyLevel(b, timing); l.Kind != backends.Assume {
			t.Fatalf("%v", l)
		}
		q, diags := renderBody(b, timing)
		if diags.HasErrors() || q.Text != strings.TrimSpace(x.want) {
			t.Errorf("%v\n%s\nwant%s", diags, q.Text, x.want)
		}
		if again, diags := Backend.Language.Reprint("q", q.Text); diags.HasErrors() || again != q.Text {
			t.Errorf("reprinted %s\n%v", again, diags)
		}
	}
}

// TestRefusedSequences checks what is refused, and what the author is told to do.
func TestRefusedSequences(t *testing.T) {
	const login = "from iam.login on okta where event.outcome == "
	for _, x := range []struct{ body, why, instead string }{
		{"together by user.id within 5m {\n a: " + login + "\"failure\"\n b: " + login + "\"success\"\n}", "no sequence in any order", "esql"},
		{"sequence by user.id within 5m {\n a: " + login + "\"failure\"\n b: " + login + "\"success\" and b.source.ip != a.source.ip\n}", "reads one event", "a key"},
		{"sequence by user.id within 5m {\n a: " + login + "\"failure\"\n}", "none in EQL", "a rule about the event"},
		{"sequence by user.id within 5m {\n a: " + login + "\"failure\" repeat >= 101\n b: " + login + "\"success\"\n}", "100 times", "repeat >= 100"},
		{"sequence by fold(user.id) within 5m {\n a: " + login + "\"failure\"\n b: " + login + "\"success\"\n}", "joins by fields as they are", "the field itself"},
		{"sequence by user.id within 5m {\n a: " + login + "\"failure\"\n missing " + login + "\"success\"\n until from iam.mfa.change on okta\n}", "`until` of EQL", "a further missing step"},
		{"sequence by user.id within 5m {\n a: " + login + "\"failure\"\n b: from iam.mfa.change on okta\n missing " + login + "\"success\"\n}", "the newest of several chains", "one event only"},
		{"schedule every 30s\n sequence by user.id within 5m {\n a: " + login + "\"failure\"\n b: " + login + "\"success\"\n}", "every minute at the most", "schedule every 1m"},
	} {
		b := boundRule(t, "rule r v1 {\n"+x.body+"\n}")
		l := bodyLevel(b, ir.TimingOf(b.Rule))
		if l.Kind != backends.Refuse || !strings.Contains(l.Why, x.why) || !strings.Contains(l.Instead, x.instead) {
			t.Errorf("%s\n%v %s: %s", x.body, l.Kind, l.Why, l.Instead)
		}
	}
}
