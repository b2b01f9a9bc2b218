package elastic_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/elastic"
	"github.com/onerule/onerule/platform/elastic/rule"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/schema"
)

// bind parses the text of one rule and binds it to the default telemetry.
func bind(t testing.TB, text string) *ir.Bound {
	t.Helper()
	return platformtest.Bind(t, "elastic", text)
}

// login is an event of signing in to Okta, at so many milliseconds after 08:00.
type login struct {
	at            int64
	user, ip, out string
}

const (
	eight    = 1772438400000
	sec      = int64(1000)
	mins     = 60 * sec
	ip1, ip2 = "192.0.2.1", "192.0.2.2"
)

func logins(t testing.TB, ls []login) []schema.Event {
	b, _, _ := schema.LookupBinding("elastic_okta")
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
			t.Fatal(err)
		}
		out = append(out, schema.Event{ID: e.ID, Object: schema.Plain(o), Millis: e.Millis})
	}
	return out
}

// fails are failed sign-ins of u0, u1 … from an address, one each so many milliseconds.
func fails(from, every int64, n int, ip string) []login {
	var out []login
	for i := range n {
		out = append(out, login{from + int64(i)*every, fmt.Sprintf("u%d", i), ip, "failure"})
	}
	return out
}

// timelines has a rule and streams for constructs, with the number of findings.
var timelines = []struct {
	construct platform.Construct
	rule      string
	events    []login
	want      int
}{
	{platform.CountTumbling, `tumbling 10m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(0, mins, 3, ip1), 1},
	{platform.CountTumbling, `tumbling 10m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(10*mins-2*sec, sec, 3, ip1), 0}, // a window ends between them
	{platform.CountTumbling, `tumbling 10m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(10*mins-3, 1, 3, ip1), 1},
	{platform.CountTumbling, `tumbling 7d  count per source.ip as a { n = count() }  when a.n >= 3`, fails(3*24*60*mins, 1, 3, ip1), 1}, // weeks begin on Thursday
	{platform.CountTumbling, `tumbling 2d  count per source.ip as a { n = count() }  when a.n < 4`, fails(0, 3*60*mins, 5, ip1), 0},
	{platform.CountTumbling, `tumbling 30s  count per source.ip as a { n = count() }  when a.n >= 2`, fails(29*sec, 500, 4, ip1), 2},
	{platform.CountHopping, `window 10m every 5m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(6*mins, mins, 3, ip1), 2},
	{platform.CountHopping, `window 10m every 2m  schedule every 10m delay 3m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(0, 3*mins, 4, ip1), 3},
	{platform.CountHopping, `window 2m every 5m  schedule every 1m  count per source.ip as a { n = count() }  when a.n >= 2`, fails(3*mins, mins, 4, ip1), 1},
	{platform.CountSliding, `sliding 10m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(0, 4*mins, 7, ip1), 1},
	{platform.CountSliding, `sliding 10m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(0, 5*mins, 7, ip1), 0}, // the event ten minutes back is out
	{platform.CountSliding, `sliding 10m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(0, 5*mins-1, 7, ip1), 1},
	{platform.CountSliding, `sliding 10m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(0, 0, 3, ip1), 1},                                             // all at one time
	{platform.CountSliding, `sliding 10m  count per source.ip as a { n = count() }  when a.n >= 3`, append(fails(0, mins, 4, ip1), fails(13*mins, mins, 3, ip1)...), 2}, // again, after ten minutes
	{platform.CountSession, `session gap 5m max 30m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(0, 5*mins-1, 7, ip1), 1},
	{platform.CountSession, `session gap 5m max 30m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(0, 5*mins, 7, ip1), 0},
	{platform.CountSession, `session gap 5m max 30m  count per source.ip as a { n = count() }  when a.n >= 3`, fails(0, 3*mins, 16, ip1), 2}, // cut at 30 minutes
	{platform.CountSession, `session gap 5m max 30m  count per source.ip as a { n = count() }  when a.n >= 6`, fails(0, 4*mins, 15, ip1), 2},
	{platform.CountSession, `session gap 5m max 30m  count per source.ip as a { n = count() }  when a.n == 11`, fails(0, 3*mins, 21, ip1), 0}, // the third session begins
	{platform.SeveralScopes, `tumbling 10m  count per source.ip, user.name as a { n = count() }  count per source.ip as b { n = count()  users = distinct(user.name) }  when a.n >= 1 and b.n >= 3 and b.users >= 3`, append(fails(0, mins, 3, ip1), fails(0, mins, 2, ip2)...), 3},
	{platform.SeveralScopes, `sliding 10m  count per source.ip, user.name as a { n = count() }  count per source.ip as b { n = count() }  when b.n >= 3`, fails(0, mins, 4, ip1), 2},
	{platform.TotalScope, `tumbling 10m  count per source.ip as a { n = count() }  count total as tenant { n = count() }  when tenant.n >= 5 and a.n >= 3`, append(fails(0, mins, 3, ip1), fails(0, mins, 2, "-")...), 1},
	{platform.TotalScope, `tumbling 10m  count total as tenant { n = count() }  when tenant.n >= 5`, fails(0, mins, 5, "-"), 1},
	{platform.SeveralKeys, `tumbling 10m  count per source.ip, user.name as a { n = count() }  when a.n >= 1`, append(fails(0, mins, 2, ip1), fails(0, mins, 2, "-")...), 2},
	{platform.FoldedKey, `tumbling 10m  count per fold(user.name) as a { n = count() }  when a.n >= 2`, []login{{0, "Bob", ip1, "failure"}, {1, "bOB", ip1, "failure"}, {2, "eve", ip1, "failure"}}, 1},
	{platform.Conditional, `tumbling 10m  count per source.ip as a { ok = count() where event.outcome == "success"  bad = count() where event.outcome == "failure" }  when a.bad >= 2 and not a.ok >= 1`, append(fails(0, mins, 3, ip1), login{1, "u", ip2, "success"}, login{2, "u", ip2, "failure"}), 1},
	{platform.Distinct, `tumbling 10m  count per source.ip as a { n = distinct(user.name) }  when a.n == 2`, []login{{0, "a", ip1, "failure"}, {1, "A", ip1, "failure"}, {2, "a", ip1, "failure"}, {3, "-", ip1, "failure"}}, 1},
	{platform.Sums, `tumbling 10m  count per source.ip as a { s = sum(length(user.name))  m = avg(length(user.name))  d = stddev(length(user.name)) }  when a.s == 6 and a.m == 3 and a.d > 1.4`, []login{{0, "ab", ip1, "failure"}, {1, "abcd", ip1, "failure"}, {2, "-", ip1, "failure"}}, 1},
	{platform.Extremes, `tumbling 10m  count per source.ip as a { least = min(@timestamp)  most = max(@timestamp) }  when a.most - a.least >= 60000`, fails(0, mins, 2, ip1), 1},
	{platform.FirstLast, `tumbling 10m  count per source.ip as a { f = first(user.name)  l = last(user.name)  n = count() }  when a.n == 3  emit per source.ip { show a.f, a.l }`, fails(0, mins, 3, ip1), 1},
	{platform.ValueLists, `tumbling 10m  count per source.ip as a { v = values(user.name)  n = count() }  when a.n == 3  emit per source.ip { show a.v }`, fails(0, mins, 3, ip1), 1},
	{platform.Arithmetic, `tumbling 10m  count per source.ip as a { ok = count() where event.outcome == "success"  n = count() }  when a.n / a.ok > 2 or a.n - a.ok == 4 and max(a.n, 3) < 5`, append(fails(0, mins, 4, ip1), fails(0, mins, 3, ip2)...), 1},
	{platform.FirstSeen, `first_seen source.ip per user.name { every 10m  history 2h }`, []login{{0, "u", ip1, "success"}, {30 * mins, "u", ip1, "success"}, {40 * mins, "u", ip2, "success"}, {160 * mins, "u", ip1, "success"}}, 3},
	{platform.FirstSeenWarmup, `first_seen source.ip per user.name { every 10m  history 2h  warmup 1h }`, []login{{0, "u", ip1, "success"}, {50 * mins, "u", ip2, "success"}, {80 * mins, "u", "192.0.2.3", "success"}}, 1},
	{platform.BaselineOwn, `tumbling 10m  measure n = count() per source.ip  baseline of n { learn 1h  own when history >= 2 buckets }  when n > 2 * baseline.mean  emit per source.ip { show n, baseline.mean, baseline.stddev }`, append(fails(0, 10*mins, 4, ip1), fails(40*mins, mins, 5, ip1)...), 1},
	{platform.BaselineAll, `tumbling 10m  measure n = count() per source.ip  baseline of n { learn 1h  own when history >= 2 buckets  population otherwise }  when n >= 4 and n > baseline.mean + 2 * max(baseline.stddev, 1)  emit per source.ip { show n, baseline.scope }`, append(fails(0, 10*mins, 4, ip1), fails(40*mins, mins, 5, ip2)...), 1},
}

// kindWord begins the text of the rules of a timeline.
const kindWord = "rule r v1 {\n from iam.login on okta\n "

func TestTimelines(t *testing.T) {
	for i, x := range timelines {
		t.Run(fmt.Sprintf("%02d %s", i, x.construct), func(t *testing.T) {
			text := kindWord + strings.ReplaceAll(x.rule, "  ", "\n ") + "\n}"
			m, l := build(t, bind(t, text))
			if m == nil {
				t.Fatalf("refused: %s", l.Why)
			}
			if n := m.compare(t, logins(t, x.events)); n != x.want {
				t.Errorf("%d findings, want %d\n%s", n, x.want, m.Art.Query.Text)
			}
		})
	}
}

// TestLongRuns checks that where the assumption session-start is broken nothing is found that the rule does not mean.
func TestLongRuns(t *testing.T) {
	m, l := build(t, bind(t, kindWord+"session gap 3m max 10m\n count per source.ip as a { n = count() }\n when a.n == 5\n}"))
	if m == nil {
		t.Fatal(l)
	}
	events := logins(t, fails(0, mins, 100, ip1))
	want := m.Expected(t, events)
	in := m.input(events)
	for _, in.Phase = range phases {
		for id := range m.Found(t, in) {
			if _, ok := want[id]; !ok {
				t.Errorf("found, and not meant: %s", id)
			}
		}
	}
	if len(want) != 10 {
		t.Errorf("%d findings are meant", len(want))
	}
}

// TestConstructs checks that the table is total, and that what it carries is run by a timeline.
func TestConstructs(t *testing.T) {
	for _, c := range platform.Constructs {
		word := elastic.Platform.Constructs[c]
		if word == "" {
			t.Errorf("no row for %q", c)
		}
		run := slices.ContainsFunc(timelines, func(x struct {
			construct platform.Construct
			rule      string
			events    []login
			want      int
		},
		) bool {
			return x.construct == c
		}) || constructsOf[c] != ""
		if c == platform.ArrayKey { // drawn by TestAgainstMeaning; a sign-in has none
			continue
		}
		if name := constructsOf[c]; name != "" && name != "absence" && !slices.ContainsFunc(orderings, func(x ordering) bool { return x.name == name }) {
			t.Errorf("%q: there is no timeline %s", c, name)
		}
		if refused := strings.HasPrefix(word, "refused") || strings.HasPrefix(word, "none"); run == refused {
			t.Errorf("%q: %s; run by a timeline: %v", c, word, run)
		}
	}
	if len(elastic.Platform.Constructs) != len(platform.Constructs) {
		t.Errorf("%d rows for %d constructs", len(elastic.Platform.Constructs), len(platform.Constructs))
	}
}

// TestRefusals checks what is refused, with the reason and what to do instead.
func TestRefusals(t *testing.T) {
	for _, x := range []struct{ rule, why, instead string }{
		{`tumbling 10m  count per source.ip as a { m = median(length(user.name)) }  when a.m >= 3`, "MEDIAN of ES|QL is an estimate", "count the values"},
		{`tumbling 10m  count per source.ip as a { n = count() }  when a.n >= 3  schedule every 20s`, "every minute at the most", "schedule every 1m"},
		{`session gap 1m max 2m  count per source.ip as a { n = count() }  when a.n >= 3  schedule every 1h`, "sessions of 2m without a gap", "longer `max`"},
	} {
		_, l := build(t, bind(t, kindWord+strings.ReplaceAll(x.rule, "  ", "\n ")+"\n}"))
		if l.Kind != backends.Refuse || !strings.Contains(l.Why, x.why) || !strings.Contains(l.Instead, x.instead) {
			t.Errorf("%s\n%v", x.rule, l)
		}
	}
	b := bind(t, kindWord+"tumbling 10m\n count per source.ip as a { n = count() }\n when a.n >= 3\n}")
	for _, typ := range elastic.Platform.Types[:4] {
		if typ.Takes != nil && !typ.Takes(b.Rule) {
			continue
		}
		if l := typ.Level(b, ir.TimingOf(b.Rule)); l.Kind != backends.Refuse || !strings.Contains(l.Instead, "esql") {
			t.Errorf("%s: %v", typ.Name, l)
		}
	}
}

// TestEventRules runs rules about single events: each event has one alert, whichever run sees it first.
func TestEventRules(t *testing.T) {
	b := bind(t, kindWord+"where event.outcome == \"failure\"\n schedule every 10m delay 5m\n emit { entity user = user.name\n show source.ip }\n}")
	events := logins(t, append(fails(0, 3*mins, 9, ip1), login{mins, "u", ip1, "success"}))
	for _, typ := range elastic.Platform.Types {
		if typ.Takes != nil {
			continue
		}
		timing := ir.TimingOf(b.Rule)
		if l := typ.Level(b, timing); l.Kind == backends.Refuse {
			t.Fatalf("%s: %v", typ.Name, l)
		}
		art, diags := typ.Make(b, timing)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		data, err := art.Document.Encode()
		if err != nil {
			t.Fatal(err)
		}
		doc, err := elastic.Platform.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		r := doc.(*rule.Rule)
		if r.Type != typ.Name || r.From != "now-16m" || (len(r.Index) == 0) != (r.Type == rule.ESQL) {
			t.Errorf("%s", data)
		}
		in := (&made{&platformtest.Made{Harness: &counting, Art: art, Doc: doc, Bound: b}}).input(events)
		for _, in.Phase = range phases {
			found, diags := elastic.Platform.Run(doc, in)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			seen := map[native.Ref]int{}
			for _, f := range found {
				seen[f.Events[0]]++
			}
			if len(seen) != 9 || len(found) != 9 {
				t.Errorf("%s, phase %s: %d alerts of %d events, want 9 of 9", r.Type, in.Phase, len(found), len(seen))
			}
		}
	}
}

// TestOutOfRange checks that a run sees no event out of its range or index.
func TestOutOfRange(t *testing.T) {
	r := &rule.Rule{
		RuleID: "x", Version: 1, Name: "n", Description: "d", Type: rule.Query, Language: "kuery", Index: []string{"logs-a-*", "logs-b"}, Query: "a:1", Interval: "5m", From: "now-6m", To: "now",
		TimestampOverride: "event.ingested", Severity: "low", MaxSignals: 2, Enabled: true,
	}
	row := func(at string, more ...any) native.Row {
		o := native.Row{"@timestamp": at, "a": "1"}
		if len(more) > 0 {
			o["event"] = map[string]any{"ingested": more[0]}
		}
		return o
	}
	in := schedule.Input{
		Tables: []native.Table{
			{Name: "logs-a-*", Rows: []native.Row{row("2026-03-02T07:54:00Z"), row("2026-03-02T07:53:59.999Z"), row("2026-03-02T08:00:00Z"), row("2026-03-02T08:00:00.001Z"), row("2026-03-02T06:00:00Z", "2026-03-02T07:59:00Z")}},
			{Name: "logs-c", Rows: []native.Row{row("2026-03-02T07:55:00Z")}},
			{Name: "logs-b,logs-a-x", Rows: []native.Row{row("2026-03-02T07:55:00Z", "2026-03-02T09:59:00Z")}},
		},
		From: time.UnixMilli(eight).UTC(), To: time.UnixMilli(eight).UTC(),
	}
	found, diags := elastic.Platform.Run(r, in)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if len(found) != 2 || found[0].Events[0] != (native.Ref{Row: 0}) || found[1].Events[0] != (native.Ref{Row: 2}) {
		t.Errorf("%v", found)
	}
	r.MaxSignals = 10
	if found, _ = elastic.Platform.Run(r, in); len(found) != 3 || found[2].Events[0] != (native.Ref{Row: 4}) {
		t.Errorf("%v", found)
	}
}
