package sentinel_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/kusto"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/platform/sentinel"
	"github.com/onerule/onerule/schema"
)

// parse reads the text of one rule and binds it to the default telemetry.
func parse(t testing.TB, text string) *ir.Bound {
	t.Helper()
	return platformtest.Bind(t, "sentinel", text)
}

// timeline runs a rule on the events of its one test, in all phases and readings, and compares with the meaning.
func timeline(t *testing.T, text string, want int) *made {
	t.Helper()
	b := parse(t, text)
	m, l := build(t, b)
	if m == nil {
		t.Fatalf("refused: %s; %s", l.Why, l.Instead)
	}
	var events []schema.Event
	parts := map[string]int{}
	for _, e := range b.Rule.Tests[0].Events {
		i := max(0, slices.IndexFunc(b.Parts, func(p ir.Part) bool { return p.Class.Class == e.Event.Class }))
		object, err := b.Parts[i].Binding.ToNative(e.Event)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, schema.Event{ID: e.Event.ID, Millis: e.Event.Millis, Object: schema.Plain(object)})
		parts[e.Event.ID] = i
	}
	in := m.Lay(events, 0, func(e schema.Event) int { return parts[e.ID] })
	in.From = in.From.Add(-m.every)
	in.To = in.To.Add(b.Rule.Schedule.Delay + 10*time.Minute + 2*m.every + 2*platformtest.WindowSize(b.Rule))
	if n := m.Compare(t, in, events); n != want {
		t.Fatalf("the meaning has %d findings, not %d: %v", n, want, m.Expected(t, events))
	}
	return m
}

func login(body, test string) string {
	return "rule r v1 {\n  from iam.login on okta\n" + body + "\n  test \"t\" {\n" + test + "\n  } expect 1\n}\n"
}

// TestConstructs runs a small timeline for each construct, at the edges of windows.
func TestConstructs(t *testing.T) {
	fail := `event.outcome: "failure"`
	cases := []struct {
		construct platform.Construct
		text      string
		want      int
	}{
		{platform.CountTumbling, login("tumbling 10m\ncount per source.ip as ip { n = count() }\nwhen ip.n >= 3",
			`at 0s { source.ip: "10.0.0.1" }
			at 9m59s999ms 2 x every 0s { source.ip: "10.0.0.1" }
			at 10m { source.ip: "10.0.0.1" }
			at 19m59s 2 x every 1s { source.ip: "10.0.0.1" }`), 1},
		{platform.CountHopping, login("window 10m every 5m\ncount per user.name as u { n = count() }\nwhen u.n >= 2", `at 4m { user.name: "a" } at 6m { user.name: "a" } at 40m { user.name: "a" }`), 1},
		{platform.CountSliding, login("sliding 10m\ncount per user.name as u { n = count() }\nwhen u.n >= 2",
			`{ user.name: "a" } at 10m { user.name: "a" } at 19m59s999ms { user.name: "a" } at 21m { user.name: "a" }`), 1},
		{platform.CountSession, login("session gap 5m max 30m\ncount per user.name as u { n = count() }\nwhen u.n >= 3",
			`4 x every 4m59s999ms { user.name: "a" } at 1h { user.name: "a" } at 1h5m { user.name: "a" }`), 1},
		{platform.SeveralScopes, login("tumbling 10m\ncount per source.ip as ip { n = count() }\ncount total as tenant { n = count() }\nwhen ip.n >= 2 and tenant.n >= 3\nemit per source.ip { show ip.n, tenant.n }",
			`2 x every 1m { source.ip: "10.0.0.1" } at 5m { user.name: "nobody" }`), 1},
		{platform.TotalScope, login("tumbling 10m\ncount total as tenant { n = count() }\nwhen tenant.n == 2", `2 x every 1m { user.name: "a" } at 30m { user.name: "a" }`), 1},
		{platform.SeveralKeys, login("tumbling 10m\ncount per source.ip, user.name as p { n = count() }\nwhen p.n >= 1",
			`{ source.ip: "10.0.0.1", user.name: "a" } { source.ip: "10.0.0.1", user.name: "A" } { source.ip: "10.0.0.1" }`), 2},
		{platform.FoldedKey, login("tumbling 10m\ncount per fold(user.name) as u { n = count() }\nwhen u.n >= 2", `{ user.name: "a" } { user.name: "A" }`), 1},
		{platform.Conditional, login("tumbling 10m\ncount per user.name as u { bad = count() where event.outcome == \"failure\"  n = count() }\nwhen u.bad == 0 and u.n >= 1",
			`{ user.name: "a", event.outcome: "success" } { user.name: "b", `+fail+` }`), 1},
		{platform.Distinct, login("tumbling 10m\ncount per source.ip as ip { users = distinct(user.name) }\nwhen ip.users >= 2",
			`{ source.ip: "10.0.0.1", user.name: "a" } { source.ip: "10.0.0.1", user.name: "A" } { source.ip: "10.0.0.2", user.name: "a" } { source.ip: "10.0.0.2", user.name: "a" }`), 1},
		{platform.Extremes, login("tumbling 10m\ncount per user.name as u { a = min(@timestamp)  b = max(@timestamp) }\nwhen u.b - u.a >= 60000",
			`{ user.name: "a" } at 1m { user.name: "a" } { user.name: "b" } at 59s999ms { user.name: "b" }`), 1},
		{platform.ValueLists, login("tumbling 10m\ncount per source.ip as ip { n = count()  users = values(user.name) }\nwhen ip.n >= 2\nemit per source.ip { show ip.users }",
			`{ source.ip: "10.0.0.1", user.name: "b" } { source.ip: "10.0.0.1", user.name: "a" } { source.ip: "10.0.0.1" }`), 1},
		{platform.FirstLast, login("tumbling 10m\ncount per source.ip as ip { n = count()  one = first(user.name)  end = last(user.name) }\nwhen ip.n >= 2\nemit per source.ip { show ip.one, ip.end }",
			`{ source.ip: "10.0.0.1" } at 1s { source.ip: "10.0.0.1", user.name: "b" } at 2s { source.ip: "10.0.0.1", user.name: "a" }`), 1},
		{platform.ArrayKey, "rule r v1 {\nfrom iam.user.create on kubernetes\ntumbling 10m\ncount per source.ip as u { n = count() }\nwhen u.n >= 2\ntest \"t\" { " +
			`{ source.ip: ["10.0.0.1", "10.0.0.2", "10.0.0.1"] } { source.ip: ["10.0.0.2"] } } expect 1` + "\n}\n", 1},
		{platform.Sums, "rule r v1 {\nfrom process.start on windows\ntumbling 10m\ncount per host.name as h { s = sum(process.pid)  a = avg(process.pid)  d = stddev(process.pid) }\nwhen h.s == 9 and h.a == 3 and h.d == 1\ntest \"t\" { " +
			`{ host.name: "h", process.pid: 2 } { host.name: "h", process.pid: 3 } { host.name: "h", process.pid: 4 } { host.name: "i", process.pid: 9 } } expect 1` + "\n}\n", 1},
		{platform.Percentiles, "rule r v1 {\nfrom process.start on windows\ntumbling 10m\ncount per host.name as h { m = median(process.pid)  p = percentile(process.pid, 75) }\nwhen h.m == 2.5 and h.p == 3\ntest \"t\" { " +
			`{ host.name: "h", process.pid: 2 } { host.name: "h", process.pid: 3 } { host.name: "h", process.pid: 4 } { host.name: "h", process.pid: 1 } } expect 1` + "\n}\n", 1},
		{platform.Arithmetic, login("tumbling 10m\ncount per user.name as u { bad = count() where event.outcome == \"failure\"  ok = count() where event.outcome == \"success\" }\nwhen not u.bad / u.ok < 2",
			`{ user.name: "a", `+fail+` } { user.name: "b", `+fail+` } { user.name: "b", event.outcome: "success" }`), 1},
		{platform.FirstSeen, login("first_seen source.ip per user.name { every 1h  history 1d }",
			`{ user.name: "a", source.ip: "10.0.0.1" } at 23h { user.name: "a", source.ip: "10.0.0.1" } at 1d1h { user.name: "a", source.ip: "10.0.0.2" }`), 2},
		{platform.FirstSeenWarmup, login("first_seen source.ip per user.name { every 1h  history 1d  warmup 2h }",
			`{ user.name: "a", source.ip: "10.0.0.1" } at 3h { user.name: "a", source.ip: "10.0.0.2" } at 3h { user.name: "b", source.ip: "10.0.0.2" }`), 1},
		{platform.BaselineOwn, login("tumbling 1h\nmeasure n = count() per user.name\nbaseline of n { learn 6h  own when history >= 3 buckets }\nwhen n > 2 * baseline.mean\nemit per user.name { show n, baseline.mean, baseline.stddev, baseline.scope }",
			`{ user.name: "a" } at 1h { user.name: "a" } at 3h 3 x every 1s { user.name: "a" } at 4h { user.name: "a" } at 4h 9 x every 1s { user.name: "b" }`), 1},
		{platform.BaselineAll, login("tumbling 1h\nmeasure n = count() per user.name\nbaseline of n { learn 6h  own when history >= 3 buckets  population otherwise }\nwhen n > 2 * baseline.mean\nemit per user.name { show baseline.scope }",
			`{ user.name: "a" } at 1h { user.name: "a" } at 3h 3 x every 1s { user.name: "a" } at 4h { user.name: "a" } at 4h 9 x every 1s { user.name: "b" }`), 2},
	}
	for _, c := range cases {
		t.Run(string(c.construct), func(t *testing.T) { timeline(t, c.text, c.want) })
	}
}

// TestConstructsTable checks that the table says something of each construct, and nothing else.
func TestConstructsTable(t *testing.T) {
	for _, c := range platform.Constructs {
		if !strings.HasPrefix(sentinel.Platform.Constructs[c], "scheduled: ") && !strings.HasPrefix(sentinel.Platform.Constructs[c], "refused: ") {
			t.Errorf("%s: %q names no type and no refusal", c, sentinel.Platform.Constructs[c])
		}
	}
	if len(sentinel.Platform.Constructs) != len(platform.Constructs) {
		t.Errorf("%d rows for %d constructs", len(sentinel.Platform.Constructs), len(platform.Constructs))
	}
}

// TestTiming checks what Sentinel allows of a schedule, and what is refused with which help.
func TestTiming(t *testing.T) {
	first := func(history string) string {
		return "first_seen source.ip per user.name { every 1h  history " + history + " }"
	}
	steps := func(span string) string {
		return "sequence by user.id within " + span + " {\n" + stepF + "\n" + stepS + "\n}"
	}
	count := "tumbling 10m\ncount per user.name as u { n = count() }\nwhen u.n >= 2\n"
	cases := []struct{ name, body, every, period, refused string }{
		{"a tumbling window", count, "PT10M", "PT25M", ""},
		{"a small window", "tumbling 1m\ncount per user.name as u { n = count() }\nwhen u.n >= 2", "PT5M", "PT11M", ""},
		{"a delay of more than five minutes", count + "schedule every 10m delay 20m", "PT10M", "PT40M", ""},
		{"more seldom than windows", count + "schedule every 30m", "PT30M", "PT45M", ""},
		{"seconds", count + "schedule every 330s", "", "", "write `schedule every 6m`"},
		{"too often", count + "schedule every 1m", "", "", "write `schedule every 5m`, or leave `every` out"},
		{"long history", first("13d"), "PT1H", "P13DT2H5M", ""},
		{"too long a history", first("14d"), "", "", "write `history 13d`, or less"},
		{"long history, too often", first("3d") + "\nschedule every 10m", "", "", "write `schedule every 1h`, or leave `every` out"},
		{"long history of a small interval", "first_seen source.ip per user.name { every 10m  history 3d }", "PT1H", "P3DT1H15M", ""},
		{"too long a baseline", "tumbling 1d\nmeasure n = count() per user.name\nbaseline of n { learn 14d }\nwhen n > 9 + baseline.mean", "", "", "write `learn 11d`, or less"},
		{"a sequence", steps("30m"), "PT5M", "PT41M", ""},
		{"a long sequence", steps("3d"), "PT1H", "P3DT1H6M", ""},
		{"too long a sequence", steps("14d"), "", "", "write `within 13d`, or less"},
		{"expected events", "list users = [\"a\"]\ntumbling 1h\nexpect >= 1 per user.id in $users { grace 10m }", "PT1H", "PT2H10M", ""},
		{"its own look-back", count + "schedule every 10m lookback 2h", "PT10M", "PT2H", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			from := "from iam.login on okta\n"
			if strings.HasPrefix(c.body, "sequence") {
				from = ""
			}
			m, l := build(t, parse(t, "rule r v1 {\n"+from+c.body+"\n}\n"))
			if m == nil || c.refused != "" {
				if l.Kind != backends.Refuse || l.Instead != c.refused {
					t.Fatalf("level %s %s; %s", l.Kind, l.Why, l.Instead)
				}
				return
			}
			if p := m.doc.Properties; p.QueryFrequency != c.every || p.QueryPeriod != c.period {
				t.Errorf("every %s, period %s", p.QueryFrequency, p.QueryPeriod)
			}
		})
	}
}

const eventRule = `rule r v1 {
  meta {
    title = "Denied sign-in"
    severity = critical
    attack = [TA0006, T1110.001, T1078]
    description = "Somebody is denied."
    triage = "Ask them."
    references = ["https://example.net/"]
    false_positives = ["Holidays"]
  }
  from iam.login on okta
  where event.outcome == "failure"
  schedule every 5m delay %s
  emit once per 1h { entity user = user.name  entity ip = source.ip  show user_agent.original }
}
`

// TestDocument checks what a document says of an event rule beside its query.
func TestDocument(t *testing.T) {
	m, l := build(t, parse(t, fmt.Sprintf(eventRule, "0s")))
	if m == nil {
		t.Fatalf("refused: %s", l.Why)
	}
	p := m.doc.Properties
	if p.Severity != "High" || !strings.Contains(p.Description, "Severity: critical") || !strings.Contains(p.Description, "Ask them.") || !strings.Contains(p.Description, "- Holidays") {
		t.Errorf("severity %s, description %s", p.Severity, p.Description)
	}
	if fmt.Sprint(p.Tactics) != "[CredentialAccess InitialAccess Persistence PrivilegeEscalation DefenseEvasion]" || fmt.Sprint(p.Techniques, p.SubTechniques) != "[T1110 T1078] [T1110.001]" || !strings.HasSuffix(m.doc.APIVersion, "-preview") {
		t.Errorf("ATT&CK %v %v %v %s", p.Tactics, p.Techniques, p.SubTechniques, m.doc.APIVersion)
	}
	if fmt.Sprint(p.EntityMappings) != "[{Account [{FullName ActorUsername}]} {IP [{Address SrcIpAddr}]}]" {
		t.Errorf("entities %v", p.EntityMappings)
	}
	if p.AlertDetailsOverride.DisplayNameFormat != "Denied sign-in: {{ActorUsername}}, {{SrcIpAddr}}" {
		t.Errorf("name %v", p.AlertDetailsOverride)
	}
	if g := p.IncidentConfiguration.GroupingConfiguration; g == nil || g.LookbackDuration != "PT1H" || p.SuppressionEnabled {
		t.Errorf("incidents %+v", g)
	}
	if p.QueryFrequency != "PT5M" || p.QueryPeriod != "PT5M" || strings.Contains(p.Query, "ago(") {
		t.Errorf("every %s, period %s, query %s", p.QueryFrequency, p.QueryPeriod, p.Query)
	}
}

// TestEvents checks that an event rule finds each event once, in whatever phase, as late as its delay allows.
func TestEvents(t *testing.T) {
	for _, delay := range []string{"0s", "4m", "20m"} {
		b := parse(t, fmt.Sprintf(eventRule, delay))
		m, _ := build(t, b)
		table := native.Table{Name: b.Parts[0].Class.Table, Types: kusto.Backend.Types(b.Parts[0])}
		var arrives []int64
		late := max(b.Rule.Schedule.Delay, 5*time.Minute)
		for i := range 50 {
			e := schema.Event{ID: fmt.Sprint(i), Class: "iam.login", Millis: start + int64(i)*17000, Object: map[string]any{"event.outcome": []string{"failure", "success"}[i%2]}}
			o, err := b.Parts[0].Binding.ToNative(e)
			if err != nil {
				t.Fatal(err)
			}
			table.Rows, arrives = append(table.Rows, schema.Plain(o)), append(arrives, e.Millis+late.Milliseconds()*int64(i%4)/4)
		}
		for _, phase := range scheduled.Phases {
			in := schedule.Input{Tables: []native.Table{table}, Arrives: [][]int64{arrives}, From: time.UnixMilli(start - 600000), To: time.UnixMilli(start + 4000000), Phase: phase}
			fs, diags := sentinel.Platform.Run(m.doc, in)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			times := map[int]int{}
			for _, f := range fs {
				times[f.Events[0].Row]++
			}
			for i := range 50 {
				if times[i] != 1-i%2 {
					t.Errorf("delay %s phase %s: event %d is found %d times", delay, phase, i, times[i])
				}
			}
		}
	}
}
