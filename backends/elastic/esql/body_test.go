package esql

import (
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	lowering "github.com/onerule/onerule/ir/lower"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/schema"
)

func parseRules(t testing.TB, text string) []*ir.Rule {
	t.Helper()
	file, diags := grammar.Parse("test.rule", []byte(text))
	rules, more := lowering.Rules(file, lowering.Options{})
	if diags = append(diags, more...); diags.HasErrors() {
		t.Fatalf("%s\n%v", text, diags)
	}
	return rules
}

func bind(t testing.TB, r *ir.Rule) *ir.Bound {
	t.Helper()
	var chosen []*schema.Binding
	for _, c := range r.From {
		all, err := schema.Bindings("elastic", c.Source)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range all {
			if b.Default && b.Speaks("esql") && !slices.Contains(chosen, b) {
				chosen = append(chosen, b)
			}
		}
	}
	bound, diags := pass.Bind(r, "elastic", chosen)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return bound
}

// printed has rules and their queries.
var printed = []struct{ name, rule, want string }{
	{"two scopes in a window", `rule r v1 {
  from iam.login on okta
  tumbling 1h
  count per source.ip as a {
    bad = count() where event.outcome == "failure"
    users = distinct(user.name)
  }
  count total as tenant { n = count() }
  when a.bad / tenant.n > 0.5 and not a.users < 3
}`, `
FROM logs-okta.system-*
| WHERE event.action == "user.session.start"
| EVAL Esql.window_start = DATE_TRUNC(1 hour, @timestamp)
| WHERE Esql.window_start > NOW() - 126 minutes AND Esql.window_start <= NOW() - 61 minutes
| INLINE STATS Esql.tenant_n = COUNT(*) BY Esql.window_start
| STATS
    Esql.a_bad = COUNT(*) WHERE okta.outcome.result IN ("FAILURE", "DENY"),
    Esql.a_users = COALESCE(MV_COUNT(VALUES(okta.actor.alternate_id)), 0) WHERE okta.actor.alternate_id != "",
    Esql.tenant_n = MAX(Esql.tenant_n)
  BY source.ip, Esql.window_start
| WHERE source.ip IS NOT NULL AND TO_DOUBLE(Esql.a_bad) / Esql.tenant_n > 0.5 AND NOT COALESCE(Esql.a_users < 3, FALSE)
| KEEP Esql.window_start, source.ip, Esql.a_bad, Esql.a_users, Esql.tenant_n`},
	{"sliding", `rule r v1 {
  from iam.login on okta
  sliding 10m
  count per source.ip as a { n = count() }
  when a.n >= 5
}`, `
FROM logs-okta.system-*
| WHERE event.action == "user.session.start"
| INLINE STATS Esql.time = VALUES(@timestamp) WHERE @timestamp >= NOW() - 21 minutes BY source.ip
| MV_EXPAND Esql.time
| WHERE @timestamp <= Esql.time AND @timestamp > Esql.time - 10 minutes
| STATS Esql.n = COUNT(*), Esql.previous = MAX(@timestamp) WHERE @timestamp < Esql.time BY source.ip, Esql.time
| WHERE source.ip IS NOT NULL AND Esql.n >= 5
| INLINE STATS Esql.true_at = VALUES(Esql.time) BY source.ip
| WHERE (Esql.previous IS NULL OR NOT MV_CONTAINS(Esql.true_at, Esql.previous)) AND Esql.time >= NOW() - 11 minutes AND Esql.time < NOW() - 1 minute
| KEEP Esql.time, source.ip, Esql.n`},
	{"first seen", `rule r v1 {
  from iam.login on okta
  first_seen source.geo.country_iso_code per fold(user.name) {
    every 1h
    history 14d
    warmup 7d
  }
  schedule every 1h delay 5m
}`, `
FROM logs-okta.system-*
| WHERE event.action == "user.session.start"
| EVAL
    Esql.user_name = TO_LOWER(okta.actor.alternate_id),
    Esql.tick = MV_APPEND(DATE_TRUNC(1 hour, NOW() - 65 minutes), DATE_TRUNC(1 hour, NOW() - 125 minutes))
| MV_EXPAND Esql.tick
| WHERE @timestamp >= Esql.tick - 14 days AND @timestamp < Esql.tick + 1 hour
| STATS
    Esql.first_seen = MIN(@timestamp) WHERE @timestamp >= Esql.tick,
    Esql.seen_before = COUNT(*) WHERE @timestamp < Esql.tick,
    Esql.known_before = COUNT(*) WHERE @timestamp < Esql.tick - 7 days
  BY Esql.user_name, source.geo.country_iso_code, Esql.tick
| INLINE STATS Esql.known_before = SUM(Esql.known_before) BY Esql.user_name, Esql.tick
| WHERE Esql.user_name != "" AND source.geo.country_iso_code != "" AND Esql.first_seen IS NOT NULL AND Esql.seen_before == 0 AND Esql.known_before > 0
| KEEP Esql.first_seen, source.geo.country_iso_code, Esql.user_name`},
	{"new place", `rule new_place v1 {
  sequence by user.id within 30m {
    guess:  from iam.login on okta  where event.outcome == "failure"
    enter:  from iam.login on okta  where event.outcome == "success" and enter.source.ip != guess.source.ip
  }
}`, `
FROM logs-okta.system-*
| WHERE event.action == "user.session.start"
| WHERE okta.outcome.result IN ("FAILURE", "DENY") OR okta.outcome.result IN ("SUCCESS", "ALLOW")
| EVAL
    Esql.guess_event = CONCAT(TO_STRING(TO_LONG(@timestamp)), " ", COALESCE(CONCAT("+", TO_STRING(source.ip)), "-")),
    Esql.enter_event = CONCAT(TO_STRING(TO_LONG(@timestamp)), " ", COALESCE(CONCAT("+", TO_STRING(source.ip)), "-"))
| STATS
    Esql.guess = VALUES(Esql.guess_event) WHERE okta.outcome.result IN ("FAILURE", "DENY"),
    Esql.enter = VALUES(Esql.enter_event) WHERE okta.outcome.result IN ("SUCCESS", "ALLOW")
  BY okta.actor.id
| WHERE okta.actor.id != "" AND Esql.guess IS NOT NULL AND Esql.enter IS NOT NULL
| MV_EXPAND Esql.guess
| DISSECT Esql.guess "%{Esql.guess_ms} %{Esql.guess_source_ip}"
| EVAL Esql.guess_time = TO_DATETIME(TO_LONG(Esql.guess_ms))
| MV_EXPAND Esql.enter
| DISSECT Esql.enter "%{Esql.enter_ms} %{Esql.enter_source_ip}"
| EVAL Esql.enter_time = TO_DATETIME(TO_LONG(Esql.enter_ms))
| WHERE Esql.enter_time > Esql.guess_time AND Esql.enter_time <= Esql.guess_time + 30 minutes AND NOT (Esql.enter_source_ip != "-" AND Esql.guess_source_ip != "-" AND Esql.enter_source_ip == Esql.guess_source_ip)
| STATS Esql.time = MIN(Esql.enter_time) BY okta.actor.id
| KEEP Esql.time, okta.actor.id`},
	{"both", `rule both v1 {
  together by user.id within 10m {
    a: from iam.login on okta where event.outcome == "success"
    b: from iam.mfa.change on okta
    until from iam.password.reset on okta
  }
}`, `
FROM logs-okta.system-*
| WHERE event.action == "user.session.start" OR event.action IN ("user.mfa.factor.activate", "user.mfa.factor.deactivate", "user.mfa.factor.reset_all", "user.mfa.factor.suspend", "user.mfa.factor.unsuspend", "user.mfa.factor.update") OR event.action IN ("user.account.reset_password", "user.account.expire_password")
| EVAL Esql.part = CASE(event.action == "user.session.start", 1, event.action IN ("user.mfa.factor.activate", "user.mfa.factor.deactivate", "user.mfa.factor.reset_all", "user.mfa.factor.suspend", "user.mfa.factor.unsuspend", "user.mfa.factor.update"), 2, event.action IN ("user.account.reset_password", "user.account.expire_password"), 3)
| WHERE Esql.part == 1 AND okta.outcome.result IN ("SUCCESS", "ALLOW") OR Esql.part == 2 OR Esql.part == 3
| WHERE okta.actor.id != ""
| INLINE STATS Esql.time = VALUES(@timestamp) WHERE Esql.part == 1 AND okta.outcome.result IN ("SUCCESS", "ALLOW") OR Esql.part == 2 BY okta.actor.id
| MV_EXPAND Esql.time
| WHERE @timestamp <= Esql.time AND @timestamp >= Esql.time - 10 minutes
| INLINE STATS Esql.until = MAX(@timestamp) WHERE @timestamp < Esql.time AND Esql.part == 3 BY okta.actor.id, Esql.time
| WHERE Esql.until IS NULL OR @timestamp > Esql.until
| STATS
    Esql.events_a = COUNT(*) WHERE Esql.part == 1 AND okta.outcome.result IN ("SUCCESS", "ALLOW"),
    Esql.events_b = COUNT(*) WHERE Esql.part == 2
  BY okta.actor.id, Esql.time
| WHERE Esql.events_a >= 1 AND Esql.events_b >= 1
| STATS Esql.time = MIN(Esql.time) BY okta.actor.id
| KEEP Esql.time, okta.actor.id`},
	{"heartbeat", `rule heartbeat v1 {
  list servers = ["h1", "h2"]
  from process.start on linux
  tumbling 1h
  expect >= 1 per host.id in $servers { grace 5m }
}`, `
FROM logs-endpoint.events.process-*
| WHERE host.os.type == "linux" AND MV_CONTAINS(event.category, "process") AND MV_CONTAINS(event.type, "start") AND event.action == "exec"
| EVAL Esql.window_start = DATE_TRUNC(1 hour, @timestamp)
| STATS Esql.events = COUNT(*) BY host.id, Esql.window_start
| STATS Esql.came = VALUES(CONCAT(TO_STRING(TO_LONG(Esql.window_start)), " ", TO_STRING(host.id)))
| EVAL host.id = ["h1", "h2"]
| MV_EXPAND host.id
| EVAL Esql.window_start = MV_APPEND(DATE_TRUNC(1 hour, NOW() - 65 minutes), DATE_TRUNC(1 hour, NOW() - 125 minutes))
| MV_EXPAND Esql.window_start
| WHERE Esql.window_start > NOW() - 130 minutes AND Esql.window_start <= NOW() - 65 minutes AND NOT COALESCE(MV_CONTAINS(Esql.came, CONCAT(TO_STRING(TO_LONG(Esql.window_start)), " ", host.id)), FALSE)
| KEEP Esql.window_start, host.id`},
	{"shell without session", `rule shell_without_session v1 {
  sequence by host.id within 15m {
    start: from process.start on linux where process.name == "sshd"
    missing from process.end on linux
  }
}`, `
FROM logs-endpoint.events.process-*
| WHERE host.os.type == "linux" AND MV_CONTAINS(event.category, "process") AND MV_CONTAINS(event.type, "start") AND event.action == "exec" OR host.os.type == "linux" AND MV_CONTAINS(event.category, "process") AND MV_CONTAINS(event.type, "end")
| EVAL Esql.part = CASE(host.os.type == "linux" AND MV_CONTAINS(event.category, "process") AND MV_CONTAINS(event.type, "start") AND event.action == "exec", 1, host.os.type == "linux" AND MV_CONTAINS(event.category, "process") AND MV_CONTAINS(event.type, "end"), 2)
| WHERE Esql.part == 1 AND TO_LOWER(process.name) == "sshd" OR Esql.part == 2
| STATS
    Esql.start = VALUES(@timestamp) WHERE Esql.part == 1 AND TO_LOWER(process.name) == "sshd",
    Esql.missing = VALUES(@timestamp) WHERE Esql.part == 2
  BY host.id
| WHERE host.id != "" AND Esql.start IS NOT NULL
| MV_EXPAND Esql.start
| WHERE Esql.start <= NOW() - 16 minutes
| MV_EXPAND Esql.missing
| STATS Esql.behind = COUNT(*) WHERE Esql.missing > Esql.start AND Esql.missing <= Esql.start + 15 minutes BY host.id, Esql.start
| WHERE Esql.behind == 0
| STATS Esql.time = MIN(Esql.start) BY host.id
| EVAL Esql.time = Esql.time + 15 minutes
| KEEP Esql.time, host.id`},
}

// TestBodies checks the text of queries for rules over several events; platform/elastic checks what they find.
func TestBodies(t *testing.T) {
	for _, x := range printed {
		t.Run(x.name, func(t *testing.T) {
			b := bind(t, parseRules(t, x.rule)[0])
			timing := ir.TimingOf(b.Rule)
			if l := bodyLevel(b, timing); l.Kind != backends.Assume {
				t.Fatalf("%v", l)
			}
			q, diags := renderBody(b, timing)
			if diags.HasErrors() || q.Text != strings.TrimSpace(x.want) {
				t.Errorf("%v\n%s\nwant%s", diags, q.Text, x.want)
			}
		})
	}
}

// BenchmarkRenderBody prints the query of a rule with two scopes.
func BenchmarkRenderBody(b *testing.B) {
	bound := bind(b, parseRules(b, printed[0].rule)[0])
	timing := ir.TimingOf(bound.Rule)
	b.ReportAllocs()
	for b.Loop() {
		renderBody(bound, timing)
	}
}
