package splunk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/spl"
	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/splunk"
	"github.com/onerule/onerule/platform/splunk/conf"
	"github.com/onerule/onerule/schema"
)

// rule parses the text of one rule and binds it to the default telemetry.
func rule(t testing.TB, text string) *ir.Bound {
	t.Helper()
	return platformtest.Bind(t, "splunk", text)
}

// login is an event of signing in to Okta, at so many milliseconds after 08:00.
type login struct {
	at            int64
	user, ip, out string
}

const eight = 1772438400000

func logins(ls ...login) []schema.Event {
	b, _, _ := schema.LookupBinding("splunk_okta")
	var out []schema.Event
	for i, l := range ls {
		e := schema.Event{ID: fmt.Sprintf("e%02d", i), Class: "iam.login", Millis: eight + l.at, Object: map[string]any{"event.outcome": l.out}}
		if l.user != "-" {
			e.Object["user.name"] = l.user
		}
		if l.ip != "-" {
			e.Object["source.ip"] = l.ip
		}
		o, err := b.ToNative(e)
		if err != nil {
			panic(err)
		}
		out = append(out, schema.Event{ID: e.ID, Object: schema.Plain(o), Millis: e.Millis})
	}
	return out
}

const (
	sec  = int64(1000)
	mins = 60 * sec
)

// fails are failed sign-ins of u0, u1 … from an address, one each so many milliseconds.
func fails(from, every int64, n int, ip string) []login {
	var out []login
	for i := range n {
		out = append(out, login{from + int64(i)*every, fmt.Sprintf("u%d", i), ip, "failure"})
	}
	return out
}

const ip1, ip2 = "192.0.2.1", "192.0.2.2"

// timelines has a rule and streams for each construct, with the number of findings.
var timelines = []struct {
	construct platform.Construct
	rule      string
	events    []login
	want      int
}{
	{platform.CountTumbling, `tumbling 10m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(0, mins, 3, ip1), 1},
	{platform.CountTumbling, `tumbling 10m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(10*mins-2*sec, sec, 3, ip1), 0}, // a window ends between them
	{platform.CountTumbling, `tumbling 10m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(10*mins-3, 1, 3, ip1), 1},
	{platform.CountTumbling, `tumbling 7m  count per source.ip as a { n = count() }  when a.n >= 2`, fails(0, 13*mins, 4, ip1), 0},
	{platform.CountTumbling, `tumbling 2d  count per source.ip as a { n = count() }  when a.n >= 3`, fails(0, 3*60*mins, 5, ip1), 1},
	{platform.CountTumbling, `tumbling 30s  count per source.ip as a { n = count() }  when a.n >= 2`, fails(29*sec, 500, 4, ip1), 2},
	{platform.CountHopping, `window 10m every 5m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(6*mins, mins, 3, ip1), 2},
	{platform.CountHopping, `window 10m every 4m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(0, 3*mins, 4, ip1), 2},
	{platform.CountHopping, `window 10m every 2m  schedule every 10m delay 3m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(0, 3*mins, 4, ip1), 3},
	{platform.CountSliding, `sliding 10m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(0, 4*mins, 7, ip1), 1},
	{platform.CountSliding, `sliding 10m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(0, 5*mins, 7, ip1), 0}, // the event ten minutes back is out
	{platform.CountSliding, `sliding 10m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(0, 5*mins-1, 7, ip1), 1},
	{platform.CountSliding, `sliding 10m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(0, 0, 3, ip1), 1},                                             // all at one time
	{platform.CountSliding, `sliding 10m  count per source.ip as a { n = count() }  when a.n >= 3`, append(fails(0, mins, 4, ip1), fails(13*mins, mins, 3, ip1)...), 2}, // again, after ten minutes
	{platform.CountSliding, `sliding 10m  count per source.ip as a { n = count() }  when a.n >= 3`, append(fails(0, mins, 4, ip1), fails(12*mins, mins, 3, ip1)...), 2}, // it was false in between
	{platform.CountSession, `session gap 5m max 30m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(0, 5*mins-1, 7, ip1), 1},
	{platform.CountSession, `session gap 5m max 30m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(0, 5*mins, 7, ip1), 0},
	{platform.CountSession, `session gap 5m max 30m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(0, 3*mins, 16, ip1), 2}, // cut at 30 minutes
	{platform.CountSession, `session gap 5m max 30m  count per source.ip as a { n = count()  users = values(user.name) }  when a.n >= 2 and a.n <= 3`, fails(0, 3*mins, 9, ip1), 1},
	{platform.CountSession, `session gap 5m max 20m  count per source.ip as a { n = count() }  when a.n >= 1`, fails(0, 4*mins, 11, ip1), 3}, // cut twice, as long as a run may be
	{platform.SeveralScopes, `tumbling 10m  count per source.ip, user.name as a { n = count() }  count per source.ip as b { n = count()  users = distinct(user.name) }  when a.n >= 1 and b.n >= 3 and b.users >= 3`, append(fails(0, mins, 3, ip1), fails(0, mins, 2, ip2)...), 3},
	{platform.SeveralScopes, `tumbling 10m  count per source.ip as b { n = count() }  emit per source.ip, user.name  when b.n >= 3`, fails(0, mins, 3, ip1), 3},
	{platform.TotalScope, `tumbling 10m  count total as b { n = count() }  when b.n >= 3`, append(fails(0, mins, 2, ip1), login{3 * mins, "-", "-", "failure"}), 1},
	{platform.TotalScope, `tumbling 10m  count per source.ip as a { n = count() }  count total as b { n = count() }  when a.n >= 2 and b.n >= 3`, append(fails(0, mins, 2, ip1), login{3 * mins, "-", "-", "failure"}), 1},
	{platform.TotalScope, `sliding 10m  count per source.ip as a { n = count() }  count total as b { n = count() }  when a.n >= 2 and b.n >= 3`, append(fails(0, mins, 2, ip1), login{mins, "-", "-", "failure"}), 1},
	{platform.SeveralKeys, `tumbling 10m  count per source.ip, user.name as a { n = count() }  when a.n >= 2`, append(fails(0, mins, 2, ip1), fails(5*mins, mins, 1, ip1)...), 1},
	{platform.FoldedKey, `tumbling 10m  count per fold(user.name) as a { n = count() }  when a.n >= 2`, []login{{0, "Eve", ip1, "failure"}, {1, "eVE", ip2, "failure"}}, 1},
	{platform.FoldedKey, `tumbling 10m  count per user.name as a { n = count() }  when a.n >= 2`, []login{{0, "Eve", ip1, "failure"}, {1, "eVE", ip2, "failure"}}, 0},
	{platform.Conditional, `tumbling 10m  count per source.ip as a { ok = count() where event.outcome == "success"  bad = count() where event.outcome == "failure" }  when a.ok >= 1 and a.bad > 2 * a.ok`, append(fails(0, mins, 3, ip1), login{4 * mins, "u", ip1, "success"}), 1},
	{platform.Conditional, `tumbling 10m  count per source.ip as a { bad = count() where event.outcome == "failure" }  when a.bad == 0`, []login{{0, "u", ip1, "success"}}, 1}, // the group occurs, though nothing of it counts
	{platform.Distinct, `tumbling 10m  count per source.ip as a { users = distinct(user.name) }  when a.users >= 3`, append(fails(0, mins, 3, ip1), fails(0, mins, 2, ip2)...), 1},
	{platform.Distinct, `tumbling 10m  count per source.ip as a { users = distinct(user.name) }  when a.users >= 2`, []login{{0, "u", ip1, "failure"}, {1, "-", ip1, "failure"}}, 0},
	{platform.Extremes, `tumbling 10m  count per source.ip as a { first = min(@timestamp)  last = max(@timestamp)  n = count() }  when a.last - a.first >= 120000`, append(fails(1, 2*mins, 2, ip1), fails(0, 2*mins-1, 2, ip2)...), 1},
	{platform.FirstLast, `tumbling 10m  count per source.ip as a { one = first(user.name)  other = last(user.name)  n = count() }  when a.n >= 1`, fails(mins, mins, 4, ip1), 1},
	{platform.FirstLast, `window 10m every 5m  count per source.ip as a { other = last(user.name)  n = count() }  count total as b { one = first(user.name) }  when a.n >= 1`, fails(mins, mins, 4, ip1), 2},
	{platform.ValueLists, `tumbling 10m  count per source.ip as a { users = values(user.name)  n = count() }  when a.n >= 1`, fails(mins, mins, 4, ip1), 1},
	{platform.Arithmetic, `tumbling 10m  count per source.ip as a { ok = count() where event.outcome == "success"  bad = count() where event.outcome == "failure" }  when not (a.bad / a.ok < 2)`, append(fails(0, mins, 1, ip1), login{0, "u", ip2, "success"}), 1}, // a division by zero is missing, and the comparison false
	{platform.Arithmetic, `tumbling 10m  count per source.ip as a { n = count() }  when max(a.n, 2) - abs(1 - a.n) == 2`, append(fails(0, mins, 2, ip1), login{4 * mins, "u", ip2, "success"}), 1},
	{platform.FirstSeen, `first_seen source.ip per user.name { every 10m  history 1h }`, []login{{0, "u", ip1, "success"}, {9 * mins, "u", ip1, "success"}, {11 * mins, "u", ip1, "success"}, {12 * mins, "u", ip2, "success"}}, 2},
	{platform.FirstSeen, `first_seen source.ip per user.name { every 10m  history 1h }`, []login{{0, "u", ip1, "success"}, {70 * mins, "u", ip1, "success"}}, 2}, // forgotten
	{platform.FirstSeen, `first_seen source.ip per user.name { every 10m  history 1h }`, []login{{0, "u", ip1, "success"}, {70*mins - 1, "u", ip1, "success"}}, 1},
	{platform.FirstSeenWarmup, `first_seen source.ip per user.name { every 10m  history 1h  warmup 30m }`, []login{{0, "u", ip1, "success"}, {12 * mins, "u", ip2, "success"}, {41 * mins, "u", "192.0.2.3", "success"}}, 1},
	{platform.FirstSeenWarmup, `first_seen source.ip per user.name { every 10m  history 1h  warmup 30m }`, []login{{0, "u", "-", "success"}, {41 * mins, "u", "192.0.2.3", "success"}}, 1}, // known by an event without the value
	{platform.BaselineOwn, `tumbling 10m  measure n = count() per source.ip  baseline of n { learn 1h  own when history >= 2 buckets }  when n > 2 * baseline.mean`, append(fails(0, 10*mins, 3, ip1), fails(30*mins, mins, 5, ip1)...), 1},
	{platform.BaselineOwn, `tumbling 10m  measure n = count() per source.ip  baseline of n { learn 1h  own when history >= 2 buckets }  when n > baseline.mean + 3 * baseline.stddev`, append(fails(0, 20*mins, 3, ip1), fails(50*mins, mins, 5, ip1)...), 1}, // empty windows count 0
	{platform.BaselineOwn, `tumbling 10m  measure n = count() per source.ip  baseline of n { learn 1h  own when history >= 4 buckets }  when n > 2 * baseline.mean`, append(fails(0, 10*mins, 3, ip1), fails(30*mins, mins, 5, ip1)...), 0},
	{platform.BaselineAll, `tumbling 10m  measure n = count() per source.ip  baseline of n { learn 1h  own when history >= 4 buckets  population otherwise }  when n > 2 * baseline.mean`, append(fails(0, 10*mins, 3, ip1), fails(30*mins, mins, 5, ip2)...), 1},
}

// untested are the constructs that need fields which these sign-ins do not have; the random rules have them.
var untested = []platform.Construct{platform.ArrayKey, platform.Sums, platform.Percentiles}

// TestConstructs runs a timeline for each construct, in several phases of the clock.
func TestConstructs(t *testing.T) {
	for i, tl := range timelines {
		t.Run(fmt.Sprintf("%02d %s", i, tl.construct), func(t *testing.T) {
			lines := strings.ReplaceAll(tl.rule, "  ", "\n  ")
			for _, clause := range []string{"count per", "count total", "when ", "emit per", "schedule "} {
				lines = strings.ReplaceAll(lines, clause, "\n  "+clause)
			}
			b := rule(t, "rule r v1 {\n  from iam.login on okta\n  "+lines+"\n}\n")
			for s, scope := range b.Rule.Scopes() {
				for a, agg := range scope.Aggs {
					b.Rule.Emit.Shown = append(b.Rule.Emit.Shown, ir.Shown{Name: agg.Name, Value: &ir.NumAgg{Scope: s, Agg: a}})
				}
			}
			m, l := build(t, b)
			if m == nil {
				t.Fatal(l)
			}
			if n := m.compare(t, logins(tl.events...)); n != tl.want {
				t.Errorf("%d findings, expected %d", n, tl.want)
			}
		})
	}
	for _, c := range platform.Constructs {
		if splunk.Platform.Constructs[c] == "" {
			t.Errorf("no row for %q", c)
		}
		tested := slices.ContainsFunc(timelines, func(x struct {
			construct platform.Construct
			rule      string
			events    []login
			want      int
		},
		) bool {
			return x.construct == c
		})
		for _, x := range orderings {
			tested = tested || x.construct == c
		}
		if !tested && !slices.Contains(untested, c) {
			t.Errorf("no timeline for %q", c)
		}
	}
}

// TestRefused checks what is said about rules that a saved search does not carry.
func TestRefused(t *testing.T) {
	for _, tc := range []struct{ rule, why, instead string }{
		{"tumbling 10m\n  schedule every 7m\n  count per source.ip as a { n = count() }\n  when a.n >= 3", "cron has no schedule that runs every 7m", "write `schedule every 6m`"},
		{"tumbling 10m\n  schedule every 90s\n  count per source.ip as a { n = count() }\n  when a.n >= 3", "every 90s", "write `schedule every 2m`"},
		{"sliding 10m\n  count per source.ip as a { last = max(@timestamp)  n = count() }\n  when a.n >= 3 and a.last > 0", "a sliding window is counted by running sums", "window 10m every 1m"},
		{"session gap 1m max 2m\n  schedule every 1h\n  count per source.ip as a { n = count() }\n  when a.n >= 3", "sessions of 2m without a gap", "write a longer `max`"},
		{"first_seen source.ip per user.name { every 10m  history 1h }\n  schedule every 1h", "first_seen looks every 10m", "write `schedule every 10m`"},
		{"tumbling 10m\n  measure n = count() per source.ip\n  baseline of n { learn 1h  population otherwise }\n  when n >= 3\n  schedule every 1h", "a window of the baseline ends every 10m", "write `schedule every 10m`"},
	} {
		b := rule(t, "rule r v1 {\n  from iam.login on okta\n  "+strings.ReplaceAll(tc.rule, "  n = ", "\n    n = ")+"\n}\n")
		m, l := build(t, b)
		if m != nil || !strings.Contains(l.Why, tc.why) || !strings.Contains(l.Instead, tc.instead) {
			t.Errorf("%s\nrefused %v: %q, %q", tc.rule, m == nil, l.Why, l.Instead)
		}
	}
}

// TestLongRun shows what session-start takes for granted: where a run began out of the range, nothing is found, and nothing wrong.
func TestLongRun(t *testing.T) {
	b := rule(t, "rule r v1 {\n  from iam.login on okta\n  session gap 5m max 20m\n  count per source.ip as a { n = count() }\n  when a.n >= 3\n}\n")
	m, _ := build(t, b)
	events := logins(fails(0, 4*mins, 60, ip1)...)
	want, got := m.Expected(t, events), m.Found(t, m.input(events))
	for id := range got {
		if _, ok := want[id]; !ok {
			t.Errorf("found %s, which the rule does not mean", id)
		}
	}
	if len(got) == 0 || len(got) >= len(want) {
		t.Errorf("%d of %d found: the run is too short to show something", len(got), len(want))
	}
}

// TestEventRule runs the saved search of a rule on single events, and reads its document.
func TestEventRule(t *testing.T) {
	b := rule(t, `rule failed_login v3 {
  meta {
    id = "5f0c3a57-2e4e-4d41-8f21-3b9f3a0f8f11"
    title = "Failed [sign-in]"
    severity = high
    risk = 60
    attack = [T1110]
    tags = ["okta"]
    references = ["https://example.com/a"]
    false_positives = ["Typing errors"]
    description = """
      A sign-in failed.

      Twice said.
      """
    triage = """
      # Look
      at it
      """
  }
  from iam.login on okta
  where event.outcome == "failure"
  schedule every 10m delay 3m
  emit once per 1h {
    entity user = user.name
    entity ip = source.ip
  }
}
`)
	m, _ := build(t, b)
	events := logins(login{0, "u", ip1, "failure"}, login{1, "u", ip1, "success"}, login{10*mins - 1, "v", ip2, "failure"}, login{10 * mins, "w", ip2, "failure"})
	in := m.input(events)
	for _, in.Phase = range saved.Phases {
		fs, diags := splunk.Platform.Run(m.Doc, in)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		var rows []int
		for _, f := range fs {
			rows = append(rows, f.Events[0].Row)
		}
		slices.Sort(rows)
		if !slices.Equal(rows, []int{0, 2, 3}) {
			t.Errorf("phase %s: rows %v", in.Phase, rows)
		}
	}
	data, err := m.Doc.Encode()
	if err != nil || string(data) != eventDocument {
		t.Errorf("%v\n%s", err, data)
	}
}

const eventDocument = `# default/savedsearches.conf
[OneRule - Failed (sign-in) - Rule]
search = ` + "`onerule_source_okta`" + ` eventType="user.session.start" outcome.result IN ("FAILURE", "DENY")
description = A sign-in failed. Twice said.
disabled = 0
enableSched = 1
cron_schedule = 3-59/10 * * * *
dispatch.earliest_time = -13m@m
dispatch.latest_time = -3m@m
realtime_schedule = 0
schedule_window = 0
allow_skew = 0
counttype = number of events
relation = greater than
quantity = 0
alert.track = 1
alert.digest_mode = 1
alert.severity = 5
alert.suppress = 1
alert.suppress.fields = actor.alternateId,client.ipAddress
alert.suppress.period = 1h
action.correlationsearch.enabled = 1
action.correlationsearch.detection_type = ebd
action.correlationsearch.label = Failed [sign-in]
action.correlationsearch.annotations = {"mitre_attack":["T1110"],"tags":["okta"],"references":["https://example.com/a"],"false_positives":["Typing errors"]}
action.correlationsearch.metadata = {"detection_id":"5f0c3a57-2e4e-4d41-8f21-3b9f3a0f8f11","detection_version":"3"}
action.notable = 1
action.notable.param.rule_title = Failed [sign-in]
action.notable.param.rule_description = A sign-in failed. Twice said.
action.notable.param.security_domain = access
action.notable.param.severity = high
action.notable.param.next_steps = {"version":1,"data":"# Look\nat it"}
action.notable.param.drilldown_searches = [{"name":"Events behind the finding","search":"` + "`onerule_source_okta`" + ` eventType=\"user.session.start\" outcome.result IN (\"FAILURE\", \"DENY\") | search actor.alternateId=\"$actor.alternateId$\" OR client.ipAddress=\"$client.ipAddress$\"","earliest_offset":"$info_min_time$","latest_offset":"$info_max_time$"}]
action.risk = 1
action.risk.param._risk_message = Failed [sign-in]
action.risk.param._risk = [{"risk_object_field":"actor.alternateId","risk_object_type":"user","risk_score":60},{"risk_object_field":"client.ipAddress","risk_object_type":"other","risk_score":60}]
action.risk.param._risk_score = 0
action.risk.param.verbose = 0

# default/macros.conf
[onerule_source_okta]
definition = sourcetype="OktaIM2:log"
iseval = 0
description = Where the events are: Okta system log (source type OktaIM2:log)
`

// TestMacros checks that a parameter becomes a search macro of the document, and stands as a value in the query.
func TestMacros(t *testing.T) {
	b := rule(t, "rule surge v1 {\n  param least: int = 3 \"failed sign-ins\"\n  from iam.login on okta\n  tumbling 10m\n  count per source.ip as a { n = count() }\n  when a.n >= $least\n}\n")
	m, _ := build(t, b)
	doc := m.Doc.(*conf.SavedSearch)
	want := []conf.Macro{
		{Name: "onerule_surge_least", Definition: "3", Description: "failed sign-ins"},
		{Name: "onerule_source_okta", Definition: `sourcetype="OktaIM2:log"`, Description: "Where the events are: Okta system log (source type OktaIM2:log)"},
	}
	if !slices.Equal(doc.Macros, want) || !strings.Contains(doc.Search, "n>=`onerule_surge_least`") || !strings.Contains(m.Art.Query.Text, "n>=3") {
		t.Errorf("%v\n%s\n%s", doc.Macros, doc.Search, m.Art.Query.Text)
	}
	doc.Macros[0].Definition = "2" // as the customer tunes it
	if got := m.Found(t, m.input(logins(fails(0, mins, 2, ip1)...))); len(got) != 1 {
		t.Errorf("found %v", got)
	}
}

// A parameter that also stands in a condition on events is no macro: a change of it would change a part of the rule only.
func TestNoMacroOfAnInlinedParameter(t *testing.T) {
	b := rule(t, "rule surge v1 {\n  param least: int = 3\n  from iam.login on okta\n  where length(user.name) >= $least\n  tumbling 10m\n  count per source.ip as a { n = count() }\n  when a.n >= $least\n}\n")
	m, _ := build(t, b)
	doc := m.Doc.(*conf.SavedSearch)
	if strings.Contains(doc.Search, "onerule_surge_least") || !strings.Contains(doc.Search, "n>=3") {
		t.Errorf("%v\n%s", doc.Macros, doc.Search)
	}
}

// TestCron checks the schedule for intervals and delays.
func TestCron(t *testing.T) {
	for _, tc := range []struct {
		every, delay time.Duration
		want         string
	}{
		{time.Minute, 3 * time.Minute, "* * * * *"},
		{5 * time.Minute, 0, "*/5 * * * *"},
		{5 * time.Minute, 4 * time.Minute, "4-59/5 * * * *"},
		{5 * time.Minute, 64 * time.Minute, "4-59/5 * * * *"},
		{time.Hour, 90 * time.Second, "2 * * * *"},
		{6 * time.Hour, 75 * time.Minute, "15 1-23/6 * * *"},
		{24 * time.Hour, 4 * time.Minute, "4 0 * * *"},
		{7 * 24 * time.Hour, 4 * time.Minute, "4 0 * * 4"},
		{45 * time.Minute, 0, "*/15 * * * *"}, // cron does not keep 45 minutes; what is judged is the same
	} {
		b := rule(t, "rule r v1 {\n  from iam.login on okta\n  tumbling 10m\n  count per source.ip as a { n = count() }\n  when a.n >= 3\n}\n")
		art, _ := splunk.Platform.Types[0].Make(b, backends.Timing{Every: tc.every, Delay: tc.delay, Lookback: time.Hour})
		if got := art.Document.(*conf.SavedSearch).Cron; got != tc.want {
			t.Errorf("every %s delay %s: %s, expected %s", tc.every, tc.delay, got, tc.want)
		}
	}
}

// TestReadable pins the text of usual rules.
func TestReadable(t *testing.T) {
	for _, tc := range []struct{ rule, want string }{
		{
			"tumbling 1h\n  count per source.ip as per_ip { ok = count() where event.outcome == \"success\" }\n  count total as tenant { ok = count() where event.outcome == \"success\" }\n  when tenant.ok >= 500 and per_ip.ok >= 20",
			`sourcetype="OktaIM2:log" eventType="user.session.start" | eval "client.ipAddress"=coalesce('client.ipAddress', "") | bin span=1h _time | addinfo | where _time>info_max_time-7200 AND _time<=info_max_time-3600 | ` +
				`stats count(eval(in('outcome.result', "SUCCESS", "ALLOW"))) AS per_ip_ok BY _time, client.ipAddress | eventstats sum(per_ip_ok) AS tenant_ok BY _time | ` +
				`where match('client.ipAddress', "^[0-9A-Fa-f:.]+\\z") AND tenant_ok>=500 AND per_ip_ok>=20 | table _time, client.ipAddress, per_ip_ok, tenant_ok`,
		},
		{
			"window 1h every 5m\n  count per user.name as a { addresses = distinct(source.ip) }\n  when a.addresses >= 5",
			`sourcetype="OktaIM2:log" eventType="user.session.start" | addinfo | eval window_start=info_max_time-info_max_time%300-3600 | where _time>=window_start AND _time<window_start+3600 | ` +
				`stats dc(eval(if(match('client.ipAddress', "^[0-9A-Fa-f:.]+\\z"), 'client.ipAddress', null()))) AS addresses BY window_start, actor.alternateId | ` +
				`where 'actor.alternateId'!="" AND addresses>=5 | rename window_start AS _time | table _time, actor.alternateId, addresses`,
		},
		{
			"first_seen source.ip per user.name { every 1h  history 14d }",
			`sourcetype="OktaIM2:log" eventType="user.session.start" | addinfo | eval period_start=info_max_time-info_max_time%3600-3600 | where _time>=period_start-1209600 AND _time<period_start+3600 | ` +
				`stats min(_time) AS first_seen BY period_start, actor.alternateId, client.ipAddress | where 'actor.alternateId'!="" AND match('client.ipAddress', "^[0-9A-Fa-f:.]+\\z") AND first_seen>=period_start | ` +
				`rename first_seen AS _time | table _time, actor.alternateId, client.ipAddress`,
		},
	} {
		b := rule(t, "rule r v1 {\n  from iam.login on okta\n  "+tc.rule+"\n}\n")
		if q, _ := spl.Backend.RenderBody(b, ir.TimingOf(b.Rule)); strings.ReplaceAll(q.Text, "\n| ", " | ") != tc.want {
			t.Errorf("%s\n%s\nexpected\n%s", tc.rule, q.Text, tc.want)
		}
	}
}
