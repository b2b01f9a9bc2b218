package datadog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sebdah/goldie/v2"

	"github.com/onerule/onerule/backends"
	languages "github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/lower"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/all"
	"github.com/onerule/onerule/platform/datadog"
	"github.com/onerule/onerule/platform/datadog/api"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/schema"
)

// parse reads a rule; body is what stands behind meta.
func parse(t *testing.T, meta, body string) *ir.Rule {
	t.Helper()
	text := "rule drawn v3 {\n" + meta + "\n" + body + "\n}\n"
	file, diags := grammar.Parse("test.rule", []byte(text))
	rules, more := lower.Rules(file, lower.Options{})
	if diags = append(diags, more...); diags.HasErrors() || len(rules) != 1 {
		t.Fatalf("%s\n%v", text, diags.Err())
	}
	return rules[0]
}

const plainMeta = `meta {
    title = "T"
    severity = high
  }`

func artefact(t *testing.T, r *ir.Rule, lang string) (*platform.Artefact, diag.List) {
	t.Helper()
	return all.Build(r, &datadog.Platform, lang, languages.Options{Consent: backends.Consent{Widen: true}, Bind: map[string][]string{"linux": {"datadog_workload"}}})
}

const logins = "from iam.login on auth0\n"

// TestDocuments holds whole documents; read the difference before updating them with GOLDIE_UPDATE=1.
func TestDocuments(t *testing.T) {
	meta := `meta {
    id = "0a1b2c3d-0000-5000-8000-000000000001"
    title = "Guessing {{from}} one address"
    status = test
    severity = informational
    risk = 30
    attack = [TA0006, T1110.003, T1110.004]
    authors = ["A", "B"]
    references = ["https://example.net/a"]
    tags = ["credential access"]
    description = """
      What {{it}} finds.
      """
    triage = """
      ## Questions
      1. Who?
      """
    false_positives = ["Gateways"]
  }`
	for name, test := range map[string]struct{ lang, body string }{
		"sliding": {"datadog", `param least: int = 20 "failures"
  ` + logins + `sliding 10m
  count per source.ip as per_ip {
    failed = count() where event.outcome == "failure"
    users = distinct(user.name) where event.outcome == "failure"
    ok = count() where event.outcome == "success"
  }
  when per_ip.failed >= $least and (per_ip.users > 5.5 or per_ip.ok > 0)
  emit per source.ip once per 1h {
    entity ip = source.ip
    show per_ip.failed
  }`},
		"total": {"datadog", logins + `where event.outcome == "failure"
  tumbling 45m
  count total as tenant {
    n = count()
    u = distinct(user.id)
  }
  when tenant.n >= 100 or tenant.u > 20
  emit {
    show tenant.n
  }`},
		"first_seen": {"datadog", logins + `first_seen source.geo.country_iso_code per user.id { every 1h  history 14d  warmup 7d }`},
		"first_ever": {"datadog", logins + `first_seen user_agent.original { every 1h  history 60d }`},
		"event": {"datadog", logins + `where event.outcome == "failure"
  emit {
    entity user = user.id
    entity ip = source.ip
  }`},
		"runtime": {"datadog", `from process.start on linux
  where process.name == cased "useradd"
  sliding 5m
  count per host.name as h { n = count() }
  when h.n > 3
  emit per host.name {
    show h.n
  }`},
		"sequence": {"datadog", `sequence by user.id within 30m {
    guess: from iam.login on auth0 where event.outcome == "failure" repeat >= 5
    enter: from iam.login on auth0 where event.outcome == "success"
    change: from iam.mfa.change on auth0 where change.source.ip != enter.source.ip
    until from iam.password.reset on auth0
  }`},
		"together": {"datadog", `together by user.id within 10m {
    enter: from iam.login on auth0 where event.outcome == "success" repeat >= 2
    change: from iam.mfa.change on auth0
  }`},
		"application": {"datadog", `from iam.signup on webapp
  sliding 5m
  count per source.ip as a { n = count() }
  when a.n > 10
  emit per source.ip {
    show a.n
  }`},
		"workload": {"secl", `from process.start on linux
  where process.name in cased ["useradd", "adduser"]`},
	} {
		t.Run(name, func(t *testing.T) {
			a, diags := artefact(t, parse(t, meta, test.body), test.lang)
			if a == nil {
				t.Fatal(diags.Err())
			}
			data, err := a.Document.Encode()
			if err != nil {
				t.Fatal(err)
			}
			searching.Recoded(t, a.Document)
			g := goldie.New(t, goldie.WithFixtureDir("testdata"), goldie.WithNameSuffix(".json"), goldie.WithDiffEngine(goldie.Simple))
			g.Assert(t, name, data)
		})
	}
}

// TestLevels: what is exact, what is wider, what is refused, and the reason.
func TestLevels(t *testing.T) {
	count := func(window, aggs, when string) string {
		return logins + window + "\n  count per source.ip as a {\n" + aggs + "\n  }\n  when " + when + "\n  emit per source.ip {\n    show a.n\n  }"
	}
	okta := func(body string) string { return strings.Replace(body, "auth0", "okta", 1) }
	const n = "n = count()"
	for _, test := range []struct {
		name, body string
		kind       backends.Kind
		why        string
	}{
		{"sliding 10m", count("sliding 10m", n, "a.n > 3"), backends.Assume, ""},
		{"sliding 3h", count("sliding 3h", n, "a.n > 3"), backends.Assume, ""},
		{"sliding 6h", count("sliding 6h", n, "a.n > 3"), backends.Widen, "`sliding 3h` and shorter ones are exact"},
		{"sliding 20m", count("sliding 20m", n, "a.n > 3"), backends.Widen, "`sliding 30m` is what it does"},
		{"sliding 7h", count("sliding 7h", n, "a.n > 3"), backends.Refuse, "the longest window of a rule that counts is 6h, and this one has 7h"},
		{"tumbling 1h", count("tumbling 1h", n, "a.n > 3"), backends.Widen, "`sliding 1h` is what it does"},
		{"tumbling 45m", count("tumbling 45m", n, "a.n > 3"), backends.Widen, "the last 1h"},
		{"window 1h every 5m", count("window 1h every 5m", n, "a.n > 3"), backends.Widen, "lies in no single window"},
		{"session", count("session gap 5m max 50m", n, "a.n > 3"), backends.Widen, "the last 1h, whatever the gaps"},
		{"always", count("sliding 1h", n, "a.n >= 0"), backends.Assume, ""},
		{"never", count("sliding 1h", n, "a.n >= 0 and 1 > 2"), backends.Refuse, "never true"},
		{"negation", count("sliding 1h", n, "not a.n < 3"), backends.Assume, ""},
		{"turned", count("sliding 1h", n, "3 < a.n"), backends.Assume, ""},
		{"constants", count("sliding 1h", n, "a.n > 3 * 2 + 1"), backends.Assume, ""},
		{"too few", count("sliding 1h", n, "a.n < 3"), backends.Refuse, "a number that is too small has no event"},
		{"equal", count("sliding 1h", n, "a.n == 3"), backends.Refuse, "a case tests `>` and `>=` only"},
		{"a part left out", count("sliding 1h", n+"\n    m = count() where event.outcome == \"success\"", "a.n > 3 and a.n > 2 * a.m"), backends.Widen, "`a.n > 2 * a.m` is left out, because a case compares one number"},
		{"an alternative left out", count("sliding 1h", n+"\n    m = count() where event.outcome == \"success\"", "a.n > 3 or a.n > 2 * a.m"), backends.Refuse, "cannot calculate"},
		{"average", okta(count("sliding 1h", "n = avg(source.as.number)", "a.n > 3")), backends.Refuse, "it has no avg"},
		{"max", okta(count("sliding 1h", "n = max(source.as.number)", "a.n >= 3")), backends.Assume, ""},
		{"not max", okta(count("sliding 1h", "n = max(source.as.number)", "not a.n < 3")), backends.Refuse, "also holds where there is no value"},
		{
			"total beside keys", logins + "tumbling 1h\n  count per source.ip as a {\n    n = count()\n  }\n  count total as t {\n    n = count()\n  }\n  when a.n > 3 and t.n > 100\n  emit per source.ip {\n    show a.n\n  }",
			backends.Widen, "`t.n > 100` is left out, because the queries of a case are joined by the values that they group by",
		},
		{"fold", logins + "sliding 1h\n  count per fold(user.name) as a {\n    n = count()\n  }\n  when a.n > 3\n  emit per fold(user.name) {\n    show a.n\n  }", backends.Refuse, "a rule groups by the values as they are spelt"},
		{"baseline", logins + "tumbling 1h\n  measure n = count() per source.ip\n  baseline of n { learn 1d }\n  when n >= 10 and n > baseline.mean\n  emit per source.ip {\n    show n\n  }", backends.Widen, "`n > baseline.mean` is left out, because what is usual the platform learns and judges by an algorithm that is not published"},
		{"nothing but a baseline", logins + "tumbling 1h\n  measure n = count() per source.ip\n  baseline of n { learn 1d }\n  when n > baseline.mean\n  emit per source.ip {\n    show n\n  }", backends.Refuse, "bucketDuration 3600, learningDuration 24"},
		{"first_seen", logins + "first_seen source.ip per user.id { every 1h  history 14d }", backends.Widen, "did not have for 14 days, whatever the ticks of 1h"},
		{"a short history", logins + "first_seen source.ip per user.id { every 1h  history 12h }", backends.Refuse, "whole days"},
		{"a long history", logins + "first_seen source.ip per user.id { every 1h  history 60d  warmup 36h }", backends.Widen, "for 30 days, whatever the ticks of 1h and the history of 60d; it is learned for 1d"},
		{"two steps", steps("sequence", "30m", login("a", "failure"), login("b", "success")), backends.Assume, ""},
		{"two steps in 24h", steps("sequence", "24h", login("a", "failure"), login("b", "success")), backends.Assume, ""},
		{"a step with a key of its own", steps("sequence", "30m", login("a", "failure"), login("b", "success")+" by user.name"), backends.Assume, ""},
		{"another span", steps("sequence", "20m", login("a", "failure"), login("b", "success")), backends.Widen, "a step waits for 30m, because that can only be 1m, 5m, "},
		{"too long", steps("sequence", "25h", login("a", "failure"), login("b", "success")), backends.Refuse, "nothing is missed only within 1d"},
		{"three steps", steps("sequence", "30m", login("a", "failure"), login("b", "success"), login("c", "failure")), backends.Widen, "so that the whole may take 1h; two steps of one event each"},
		{"three steps, too long", steps("sequence", "13h", login("a", "failure"), login("b", "success"), login("c", "failure")), backends.Refuse, "with 3 steps nothing is missed only within 12h"},
		{"repeat", steps("sequence", "30m", login("a", "failure")+" repeat >= 3", login("b", "success")), backends.Widen, "counted in the 30m before its last one"},
		{"a later repeat", steps("sequence", "30m", login("a", "failure"), login("b", "success")+" repeat >= 3"), backends.Widen, "those before the step before count as well"},
		{"until", steps("sequence", "30m", login("a", "failure"), login("b", "success"), "until from iam.password.reset on auth0"), backends.Widen, "`until` is left out"},
		{"a comparison", steps("sequence", "30m", login("a", "failure"), login("b", "success")+" and b.source.ip != a.source.ip"), backends.Widen, "`b.source.ip != a.source.ip` is left out"},
		{"missing at the end", steps("sequence", "30m", login("a", "failure"), "missing c: from iam.login on auth0"), backends.Refuse, "`missing c`: a rule is evaluated when an event comes"},
		{"missing between", steps("sequence", "30m", login("a", "failure"), "missing from iam.mfa.change on auth0", login("b", "success")), backends.Refuse, "what did not happen has none"},
		{"eleven steps", steps("sequence", "1h", slices.Repeat([]string{login("a", "failure")}, 11)...), backends.Refuse, "a sequence has at most 10 steps, and this one 11"},
		{"one step", steps("sequence", "30m", login("a", "failure")+" repeat >= 3"), backends.Assume, ""},
		{"together", steps("together", "30m", login("a", "failure"), login("b", "success")), backends.Assume, ""},
		{"together, another span", steps("together", "20m", login("a", "failure"), login("b", "success")), backends.Widen, "the events of the last 30m"},
		{"together, too long", steps("together", "7h", login("a", "failure"), login("b", "success")), backends.Refuse, "the longest window of a case is 6h"},
		{"together, shared events", steps("together", "30m", login("a", "failure"), "b: from iam.login on auth0"), backends.Widen, "an event that is of the steps `a` and `b` counts for both"},
		{"together without something", steps("together", "30m", login("a", "failure"), "missing from iam.mfa.change on auth0"), backends.Refuse, "what did not happen has none"},
		{"expected", "list users = [\"u1\"]\n  from iam.login on auth0\n  tumbling 1h\n  expect >= 1 per user.id in $users { grace 5m }", backends.Refuse, "watch each expected value with a log monitor"},
		{"a new value of spans", "from iam.login on webapp\nfirst_seen source.ip per user.id { every 1h  history 14d }", backends.Refuse, "the method new_value is not described for rules of App and API Protection"},
		{"a sequence of spans", "sequence by source.ip within 30m {\n a: from iam.login on webapp where event.outcome == \"failure\"\n b: from iam.signup on webapp\n}", backends.Refuse, "the method sequence_detection is not described for rules of App"},
		{"spans together", "together by source.ip within 30m {\n a: from iam.login on webapp where event.outcome == \"failure\"\n b: from iam.signup on webapp\n}", backends.Assume, ""},
		{"spans and logs", "together by source.ip within 30m {\n a: from iam.login on webapp\n b: from iam.signup on auth0\n}", backends.Refuse, "a query reads one data source"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, diags := artefact(t, parse(t, plainMeta, test.body), "datadog")
			kind, text := backends.Refuse, said(diags)
			if a != nil {
				kind = a.Fidelity.Kind
			}
			if kind != test.kind || !strings.Contains(text, test.why) {
				t.Errorf("%s, want %s because of %q\n%s", kind, test.kind, test.why, text)
			}
		})
	}
	if a, diags := artefact(t, parse(t, plainMeta, "from process.start on linux\nsliding 1h\ncount per host.name as a {\n n = count()\n}\nwhen a.n > 3\nemit per host.name {\n show a.n\n}"), "secl"); a != nil || !strings.Contains(said(diags), "an agent rule judges each event by itself") {
		t.Errorf("secl counts: %v", diags)
	}
}

// steps writes a sequence or together rule by user; login one of its steps.
func steps(kind, within string, steps ...string) string {
	return kind + " by user.id within " + within + " {\n    " + strings.Join(numbered(steps), "\n    ") + "\n  }"
}

func login(name, outcome string) string {
	return name + ": from iam.login on auth0 where event.outcome == \"" + outcome + "\""
}

// numbered gives steps of one name different ones.
func numbered(steps []string) []string {
	out := slices.Clone(steps)
	for i, s := range out {
		if slices.Contains(out[:i], s) {
			out[i] = strings.Replace(s, ":", fmt.Sprint(i, ":"), 1)
		}
	}
	return out
}

// said are the notes and helps of diagnostics.
func said(diags diag.List) string {
	var lines []string
	for _, d := range diags {
		lines = append(append(append(lines, d.Title), d.Notes...), d.Help...)
	}
	return strings.Join(lines, "\n")
}

// at is an event of a timeline: an offset, the outcome, an address and a user.
type at struct {
	after       time.Duration
	outcome     string
	ip, user    any
	countryCode string
}

// native makes the event as the pipeline of Auth0 leaves it.
func (e at) native(i int) schema.Event {
	millis := int64(schema.DefaultMillis)/86_400_000*86_400_000 + e.after.Milliseconds()
	types := map[string]string{"failure": "f", "success": "s", "change": "gd_unenroll", "reset": "scpr"}
	attributes := map[string]any{"data": map[string]any{"type": types[e.outcome]}}
	if e.ip != nil {
		attributes["network"] = map[string]any{"client": map[string]any{"ip": e.ip, "geoip": map[string]any{"country": map[string]any{"iso_code": e.countryCode}}}}
	}
	if e.user != nil {
		attributes["usr"] = map[string]any{"id": e.user, "name": e.user}
	}
	return schema.Event{ID: fmt.Sprintf("%03d", i), Millis: millis, Object: map[string]any{
		"source": "auth0", "timestamp": time.UnixMilli(millis).UTC().Format("2006-01-02T15:04:05.000Z07:00"), "attributes": attributes,
	}}
}

// TestTimelines runs rules on small streams, and holds the numbers of findings, matches and signals.
func TestTimelines(t *testing.T) {
	fail := func(after time.Duration, ip, user any) at {
		return at{after: after, outcome: "failure", ip: ip, user: user}
	}
	ok := func(after time.Duration, ip, user any) at {
		return at{after: after, outcome: "success", ip: ip, user: user}
	}
	country := func(after time.Duration, user, code string) at {
		return at{after: after, outcome: "success", ip: "10.0.0.1", user: user, countryCode: code}
	}
	change := func(after time.Duration, user any) at { return at{after: after, outcome: "change", user: user} }
	reset := func(after time.Duration, user any) at { return at{after: after, outcome: "reset", user: user} }
	enterChange := func(within string) string {
		return steps("sequence", within, "enter: from iam.login on auth0 where event.outcome == \"success\"", "change: from iam.mfa.change on auth0")
	}
	guesses := steps("sequence", "5m", login("guess", "failure")+" repeat >= 3", login("enter", "success"))
	s, m, day := time.Second, time.Minute, 24*time.Hour
	const x, y = "10.0.0.1", "10.0.0.2"
	counting := func(window, aggs, when string) string {
		return logins + window + "\n  count per source.ip as a {\n" + aggs + "\n  }\n  when " + when + "\n  emit per source.ip {\n    show a.n\n  }"
	}
	const failures = "n = count() where event.outcome == \"failure\""
	for _, test := range []struct {
		name, body string
		stream     []at
		want       string // findings, matches, signals
	}{
		{"three failures in ten minutes", counting("sliding 10m", failures, "a.n >= 3"), []at{fail(0, x, "u"), fail(s, y, "u"), ok(2*s, x, "u"), fail(9*m, x, "u"), fail(10*m-1*time.Millisecond, x, "u")}, "1 1 1"},
		{"the edge of the window", counting("sliding 10m", failures, "a.n >= 3"), []at{fail(0, x, "u"), fail(9*m, x, "u"), fail(10*m, x, "u")}, "0 0 0"},
		{"it goes on", counting("sliding 10m", failures, "a.n >= 2"), []at{fail(0, x, "u"), fail(s, x, "u"), fail(2*s, x, "u"), ok(9*m, x, "u"), ok(20*m, x, "u"), fail(20*m, x, "u")}, "1 2 1"},
		{"again, in the same signal", counting("sliding 10m", failures, "a.n >= 2"), []at{fail(0, x, "u"), fail(s, x, "u"), fail(15*m, x, "u"), fail(16*m, x, "u")}, "2 2 1"},
		{"again, in another signal", counting("sliding 10m", failures, "a.n >= 2"), []at{fail(0, x, "u"), fail(s, x, "u"), fail(40*m, x, "u"), fail(41*m, x, "u")}, "2 2 2"},
		{"a success in between keeps it true", counting("sliding 10m", failures, "a.n >= 1"), []at{fail(0, x, "u"), ok(9*m, x, "u"), fail(11*m, x, "u")}, "1 2 1"},
		{"at one time", counting("sliding 10m", failures, "a.n >= 2"), []at{fail(0, x, "u"), fail(0, x, "u")}, "1 1 1"},
		{"without a key", counting("sliding 10m", failures, "a.n >= 1"), []at{fail(0, nil, "u")}, "0 0 0"},
		{"users", counting("sliding 10m", "n = distinct(user.name)", "a.n >= 2"), []at{fail(0, x, "u"), fail(s, x, nil), fail(2*s, x, "U")}, "1 1 1"},
		{"either", counting("sliding 10m", failures+"\n    m = count() where event.outcome == \"success\"", "a.n >= 3 or a.m >= 2"), []at{ok(0, x, "u"), ok(s, x, "u"), fail(2*s, x, "u"), fail(3*s, x, "u"), fail(4*s, x, "u")}, "1 4 1"},
		{"both of two", counting("sliding 10m", failures+"\n    m = count() where event.outcome == \"success\"", "(a.n >= 2 or a.m >= 2) and (a.n >= 1 and a.m >= 1)"), []at{ok(0, x, "u"), ok(s, x, "u"), fail(2*s, x, "u")}, "1 1 1"},
		{"any event", counting("sliding 10m", failures, "a.n >= 0"), []at{ok(0, x, "u"), ok(9*m, x, "u"), ok(19*m, x, "u")}, "2 3 1"},
		{"a window of its own", counting("tumbling 1h", failures, "a.n >= 2"), []at{fail(10*m, x, "u"), fail(59*m, x, "u"), fail(61*m, x, "u")}, "1 2 1"},
		{"over two windows", counting("tumbling 1h", failures, "a.n >= 2"), []at{fail(59*m, x, "u"), fail(61*m, x, "u")}, "0 1 1"},
		{"hopping windows", counting("window 10m every 5m", failures, "a.n >= 2"), []at{fail(m, x, "u"), fail(2*m, x, "u")}, "2 1 1"},
		{"sessions", counting("session gap 5m max 30m", failures, "a.n >= 3"), []at{fail(0, x, "u"), fail(4*m, x, "u"), fail(8*m, x, "u"), fail(20*m, x, "u")}, "1 2 1"},
		{"total", logins + "sliding 1m\n  count total as a {\n    n = count()\n  }\n  when a.n >= 2\n  emit {\n    show a.n\n  }", []at{fail(0, nil, nil), fail(s, x, "u")}, "1 1 1"},
		{"two keys", logins + "sliding 1m\n  count per source.ip, user.id as a {\n    n = count()\n  }\n  when a.n >= 2\n  emit per source.ip, user.id {\n    show a.n\n  }", []at{fail(0, x, "u"), fail(s, x, "v"), fail(2*s, y, "u"), ok(3*s, x, "u"), ok(4*s, x, nil)}, "1 1 1"},
		{"a new country", logins + "first_seen source.geo.country_iso_code per user.id { every 1h  history 14d  warmup 7d }", []at{country(0, "u", "NL"), country(7*day, "u", "NL"), country(8*day, "u", "DE"), country(8*day+s, "u", "DE"), country(9*day, "v", "DE")}, "1 3 3"},
		{"forgotten within a tick", logins + "first_seen source.geo.country_iso_code per user.id { every 1h  history 2d }", []at{country(0, "u", "NL"), country(day, "u", "NL"), country(3*day+5*s, "u", "NL")}, "1 2 2"},
		{"usual numbers", logins + "tumbling 1h\n  measure n = count() per source.ip\n  baseline of n { learn 3h }\n  when n >= 2 and n > baseline.mean\n  emit per source.ip {\n    show n\n  }", []at{fail(0, x, "u"), fail(70*m, x, "u"), fail(80*m, x, "u")}, "1 1 1"},
		{"steps in order", enterChange("30m"), []at{change(0, "u"), ok(s, x, "u"), change(2*s, "v"), change(3*s, "u"), fail(4*s, x, "u"), change(5*s, "u")}, "2 2 1"},
		{"the span to its edge", enterChange("30m"), []at{ok(0, x, "u"), change(30*m, "u"), ok(2*time.Hour, x, "u"), change(2*time.Hour+30*m+time.Millisecond, "u")}, "1 1 1"},
		{"the span but for a millisecond", enterChange("30m"), []at{ok(0, x, "u"), change(30*m-time.Millisecond, "u")}, "1 1 1"},
		{"equal times", enterChange("30m"), []at{ok(0, x, "u"), change(0, "u")}, "0 0 0"},
		{"keys that mix", enterChange("30m"), []at{ok(0, x, "u"), ok(s, x, "v"), change(2*s, "w"), change(3*s, "v"), change(4*s, "u")}, "2 2 2"},
		{"chains that overlap", enterChange("30m"), []at{ok(0, x, "u"), ok(s, x, "u"), change(20*m, "u"), change(30*m+s, "u"), change(30*m+2*s, "u")}, "2 2 1"},
		{"another chain, another signal", enterChange("30m"), []at{ok(0, x, "u"), change(s, "u"), ok(time.Hour, x, "u"), change(61*m, "u")}, "2 2 2"},
		{"without a key in order", enterChange("30m"), []at{ok(0, x, nil), change(s, nil)}, "0 0 0"},
		{"a span that is rounded", enterChange("20m"), []at{ok(0, x, "u"), change(25*m, "u")}, "0 1 1"},
		{"repeated n-1, n, n+1", guesses, []at{fail(0, x, "u"), fail(s, x, "u"), ok(2*s, x, "u"), fail(3*s, x, "u"), ok(4*s, x, "u"), fail(5*s, x, "u"), ok(6*s, x, "u")}, "2 2 1"},
		{"repeated, and a span of each", guesses, []at{fail(0, x, "u"), fail(s, x, "u"), fail(4*m, x, "u"), ok(8*m, x, "u")}, "0 1 1"},
		{"until before, at and after", steps("sequence", "30m", "a: from iam.login on auth0 where event.outcome == \"success\"", "b: from iam.mfa.change on auth0", "until from iam.password.reset on auth0"), []at{
			reset(0, "u"), ok(s, x, "u"), change(2*s, "u"), // before: found
			ok(time.Hour, x, "u"), reset(time.Hour+s, "u"), change(time.Hour+2*s, "u"), // between: left out
			ok(2*time.Hour, x, "v"), change(2*time.Hour+s, "v"), reset(2*time.Hour+2*s, "v"), // after: found
		}, "2 3 3"},
		{"together in any order", steps("together", "30m", "a: from iam.login on auth0 where event.outcome == \"success\"", "b: from iam.mfa.change on auth0"), []at{change(0, "u"), ok(s, x, "u"), ok(time.Hour, x, "v"), change(time.Hour, "v"), ok(3*time.Hour, x, "w"), change(3*time.Hour+30*m-time.Millisecond, "w"), ok(5*time.Hour, x, "w"), change(5*time.Hour+30*m+time.Millisecond, "w")}, "3 3 3"},
		{"one step, three times", steps("sequence", "10m", "a: from iam.login on auth0 where event.outcome == \"failure\" repeat >= 3"), []at{fail(0, x, "u"), fail(s, x, "u"), fail(2*s, x, "v"), fail(10*m-time.Millisecond, x, "u"), fail(11*m, x, "u")}, "1 1 1"},
		{"keys of their own", "sequence by user.id within 30m {\n enter: from iam.login on auth0 where event.outcome == \"success\" by user.name\n change: from iam.mfa.change on auth0\n}", []at{ok(0, x, "u"), change(s, "u")}, "1 1 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, diags := artefact(t, parse(t, plainMeta, test.body), "datadog")
			if a == nil {
				t.Fatal(diags.Err())
			}
			made := &made{&platformtest.Made{Harness: &searching, Art: a, Doc: searching.Recoded(t, a.Document), Bound: a.Bound, Fidelity: a.Fidelity}}
			var events []schema.Event
			for i, e := range test.stream {
				events = append(events, e.native(i))
			}
			for _, phase := range []time.Duration{0, 37 * time.Second} {
				in := input("", nil, events, 4*time.Minute)
				in.Phase = phase
				made.compare(t, in, events)
				if got := tally(t, made, in, events); got != test.want {
					t.Errorf("findings, matches and signals are %s, want %s", got, test.want)
				}
			}
		})
	}
}

// tally counts findings, times of matches, and signals.
func tally(t *testing.T, m *made, in schedule.Input, events []schema.Event) string {
	times, signals := map[string]bool{}, map[string]bool{}
	for _, x := range m.run(t, in) {
		times[x.finding.Identity()] = true
		signals[fmt.Sprint(x.finding.Key, x.finding.Value, x.opened)] = true
	}
	return fmt.Sprint(len(expected(t, m.Bound, events)), len(times), len(signals))
}

// TestEvents: every event of an event rule is in a signal, whether or not it has what the rule groups by.
func TestEvents(t *testing.T) {
	a, diags := artefact(t, parse(t, plainMeta, logins+"where event.outcome == \"failure\"\nemit {\n entity user = user.id\n}"), "datadog")
	if a == nil {
		t.Fatal(diags.Err())
	}
	stream := []at{{0, "failure", "10.0.0.1", "u", ""}, {1, "success", "10.0.0.1", "u", ""}, {time.Hour, "failure", nil, nil, ""}}
	var events []schema.Event
	for i, e := range stream {
		events = append(events, e.native(i))
	}
	found, diags := datadog.Platform.Run(searching.Recoded(t, a.Document), input("", nil, events, 0))
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	var rows []int
	for _, f := range found {
		for _, ref := range f.Events {
			rows = append(rows, ref.Row)
		}
	}
	if !slices.Equal(rows, []int{0, 2}) {
		t.Errorf("found the events %v", rows)
	}
	if a.Fidelity.Kind != backends.Assume || !slices.Contains(a.Fidelity.Assumptions, "signals") {
		t.Errorf("%v", a.Fidelity)
	}
}

func TestDisabled(t *testing.T) {
	a, diags := artefact(t, parse(t, "meta {\n title = \"T\"\n status = deprecated\n}", logins), "datadog")
	if a == nil {
		t.Fatal(diags.Err())
	}
	doc := a.Document.(*api.DetectionRule)
	if doc.IsEnabled {
		t.Error("a deprecated rule is enabled")
	}
	if found, diags := datadog.Platform.Run(doc, input("", nil, []schema.Event{at{outcome: "failure"}.native(0)}, 0)); len(found) > 0 || diags.HasErrors() {
		t.Errorf("a rule that is not enabled found %v, %v", found, diags)
	}
}

// TestConstructs: each construct has its row.
func TestConstructs(t *testing.T) {
	for _, c := range platform.Constructs {
		if datadog.Platform.Constructs[c] == "" {
			t.Errorf("there is no row for %q", c)
		}
	}
	for c := range datadog.Platform.Constructs {
		if !slices.Contains(platform.Constructs, c) {
			t.Errorf("%q is no construct", c)
		}
	}
}
