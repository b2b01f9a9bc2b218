package splunk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/spl"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/irgen"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/splunk"
	"github.com/onerule/onerule/schema"
)

// A timeline is written as events apart by blanks, each its letter with the name of a user and a time: `fu@5` is a failed sign-in of
// user u at 5 seconds, `fu.2@5.001` one from the second address. The letters are those of kindsOfEvents.
var kindsOfEvents = map[byte]struct{ class, outcome string }{
	'f': {"iam.login", "failure"}, 's': {"iam.login", "success"}, 'm': {"iam.mfa.change", "success"}, 'p': {"iam.password.reset", "success"},
	'o': {"iam.logout", "success"}, 'c': {"iam.user.create", "success"},
}

func timeline(t *testing.T, text string) []schema.Event {
	t.Helper()
	b, _, _ := schema.LookupBinding("splunk_okta")
	var out []schema.Event
	for i, word := range strings.Fields(text) {
		who, when, _ := strings.Cut(word, "@")
		user, ip, _ := strings.Cut(who[1:], ".")
		if ip == "" {
			ip = "1"
		}
		var sec float64
		if _, err := fmt.Sscan(when, &sec); err != nil {
			t.Fatal(err)
		}
		k := kindsOfEvents[who[0]]
		e := schema.Event{ID: fmt.Sprintf("e%02d", i), Class: k.class, Source: "okta", Millis: eight + int64(sec*1000+0.5), Object: map[string]any{"event.outcome": k.outcome}}
		if user != "-" {
			e.Object["user.name"] = user
			if k.class == "iam.user.create" {
				e.Object["user.target.name"] = []any{user, "another"}
			}
		}
		if ip != "-" {
			e.Object["source.ip"] = "192.0.2." + ip
		}
		o, err := b.ToNative(e)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, schema.Event{ID: e.ID, Object: schema.Plain(o), Millis: e.Millis})
	}
	return out
}

// The rules of the timelines.
const (
	failedThenIn  = `sequence by user.name within 10m { bad: from iam.login on okta where event.outcome == "failure"; good: from iam.login on okta where event.outcome == "success" }`
	guessedThenIn = `sequence by user.name within 10m { bad: from iam.login on okta where event.outcome == "failure" repeat >= 3; good: from iam.login on okta where event.outcome == "success"; change: from iam.mfa.change on okta }`
	unlessReset   = `sequence by user.name within 10m { bad: from iam.login on okta where event.outcome == "failure"; good: from iam.login on okta where event.outcome == "success"; until from iam.password.reset on okta }`
	inAndNotOut   = `sequence by user.name within 10m { good: from iam.login on okta where event.outcome == "success"; change: from iam.mfa.change on okta; missing from iam.logout on okta }`
	threeAndNoOut = `sequence by user.name within 10m { bad: from iam.login on okta where event.outcome == "failure" repeat >= 2; good: from iam.login on okta where event.outcome == "success"; change: from iam.mfa.change on okta repeat >= 2; missing from iam.logout on okta; until from iam.password.reset on okta }`
	onlyNotOut    = `sequence by user.name within 10m { good: from iam.login on okta where event.outcome == "success"; missing from iam.logout on okta }`
	noResetFirst  = `sequence by user.name within 10m { good: from iam.login on okta where event.outcome == "success"; missing from iam.password.reset on okta; change: from iam.mfa.change on okta repeat >= 2 }`
	createdThenIn = `sequence by user.target.name within 10m { make: from iam.user.create on okta; use: from iam.login on okta where event.outcome == "success" by user.name }`
	otherAddress  = `sequence by user.name within 10m { bad: from iam.login on okta where event.outcome == "failure" repeat >= 2; good: from iam.login on okta where event.outcome == "success" and good.source.ip != bad.source.ip; change: from iam.mfa.change on okta }`
	otherOnce     = `sequence by user.name within 10m { bad: from iam.login on okta where event.outcome == "failure"; good: from iam.login on okta where event.outcome == "success" and good.source.ip != bad.source.ip; change: from iam.mfa.change on okta }`
	sameAddress   = `sequence by user.name within 10m { bad: from iam.login on okta where event.outcome == "failure"; good: from iam.login on okta where event.outcome == "success" and good.source.ip == bad.source.ip; change: from iam.mfa.change on okta where change.source.ip == good.source.ip }`
	sameName      = `sequence by source.ip within 10m { bad: from iam.login on okta where event.outcome == "failure"; good: from iam.login on okta where event.outcome == "success" and good.user.name == bad.user.name }`
	otherName     = `sequence by source.ip within 10m { bad: from iam.login on okta where event.outcome == "failure"; good: from iam.login on okta where event.outcome == "success" and good.user.name != cased bad.user.name }`
	farAddress    = `sequence by user.name within 10m { bad: from iam.login on okta where event.outcome == "failure"; good: from iam.login on okta where event.outcome == "success"; change: from iam.mfa.change on okta where change.source.ip != bad.source.ip }`
	anyOrder      = `together by user.name within 10m { bad: from iam.login on okta where event.outcome == "failure"; change: from iam.mfa.change on okta repeat >= 2 }`
	overlap       = `together by user.name within 10m { one: from iam.login on okta; bad: from iam.login on okta where event.outcome == "failure" repeat >= 2 }`
	anyButOut     = `together by user.name within 10m { bad: from iam.login on okta where event.outcome == "failure"; change: from iam.mfa.change on okta; missing from iam.logout on okta; until from iam.password.reset on okta }`
	someAlike     = `together by user.name within 10m { bad: from iam.login on okta where event.outcome == "failure"; reset: from iam.password.reset on okta; change: from iam.mfa.change on okta where change.source.ip == bad.source.ip }`
	silence       = `list desks = ["u", "v", "é"]  from iam.login on okta  tumbling 10m  expect >= 2 per user.name in $desks { grace 2m }`
)

// orderings has a rule and streams for each construct, with the times of what is found: user@seconds, or user#window.
var orderings = []struct {
	construct    platform.Construct
	rule, events string
	want         string
}{
	{platform.Sequence, failedThenIn, "fu@0 su@60", "u@60"},
	{platform.Sequence, failedThenIn, "su@0 fu@60", ""},
	{platform.Sequence, failedThenIn, "fu@0 su@600", "u@600"},
	{platform.Sequence, failedThenIn, "fu@0 su@599.999", "u@599.999"},
	{platform.Sequence, failedThenIn, "fu@0 su@600.001", ""},
	{platform.Sequence, failedThenIn, "fu@60 su@60", ""},
	{platform.Sequence, failedThenIn, "su@60 fu@60 su@60.001", "u@60.001"},
	{platform.Sequence, failedThenIn, "fu@0 fu@300 su@620", "u@620"},                   // the later begin
	{platform.Sequence, failedThenIn, "fu@0 fv@1 sv@2 su@3", "u@3 v@2"},                // interleaved
	{platform.Sequence, failedThenIn, "fu@0 sv@60 fU@70 su@800", ""},                   // keys do not mix
	{platform.Sequence, failedThenIn, "f-@0 s-@60", ""},                                // no key
	{platform.Sequence, failedThenIn, "fu@10 su@20 su@30 fu@100 su@110", "u@20 u@110"}, // the first of each run
	{platform.SequenceRepeat, guessedThenIn, "fu@0 fu@1 fu@2 su@3 mu@4", "u@4"},
	{platform.SequenceRepeat, guessedThenIn, "fu@0 fu@1 su@3 mu@4", ""},
	{platform.SequenceRepeat, guessedThenIn, "fu@0 fu@1 fu@2 fu@3 su@4 mu@600", "u@600"},
	{platform.SequenceRepeat, guessedThenIn, "fu@0 fu@1 fu@2 fu@3 su@4 mu@601", "u@601"}, // the last three are near enough
	{platform.SequenceRepeat, guessedThenIn, "fu@0 fu@1 fu@2 su@4 mu@600.001", ""},
	{platform.SequenceRepeat, guessedThenIn, "fu@5 fu@5 fu@5 su@6 mu@7", "u@7"}, // at one time
	{platform.SequenceRepeat, guessedThenIn, "fu@5 fu@5 fu@6 su@6 mu@7", ""},
	{platform.SequenceRepeat, guessedThenIn, "fu@0 su@1 fu@2 fu@3 mu@4 su@5 mu@6", "u@6"},
	{platform.SequenceUntil, unlessReset, "fu@10 pu@20 su@30", ""},
	{platform.SequenceUntil, unlessReset, "fu@10 pu@9.999 su@30", "u@30"},
	{platform.SequenceUntil, unlessReset, "fu@10 pu@10 su@30", ""},
	{platform.SequenceUntil, unlessReset, "fu@10 pu@30 su@30", "u@30"},
	{platform.SequenceUntil, unlessReset, "fu@10 pu@29.999 su@30", ""},
	{platform.SequenceUntil, unlessReset, "fu@10 pv@20 su@30", "u@30"},
	{platform.SequenceUntil, unlessReset, "fu@10 pu@20 fu@25 su@30", "u@30"},
	{platform.SequenceEnd, inAndNotOut, "su@0 mu@60", "u@600"},
	{platform.SequenceEnd, inAndNotOut, "su@0 mu@60 ou@600", ""},
	{platform.SequenceEnd, inAndNotOut, "su@0 mu@60 ou@600.001", "u@600"},
	{platform.SequenceEnd, inAndNotOut, "su@0 mu@60 ou@60", "u@600"},
	{platform.SequenceEnd, inAndNotOut, "su@0 ou@30 mu@60", "u@600"},
	{platform.SequenceEnd, inAndNotOut, "su@0 mu@60 ou@61 mu@62", "u@600"},
	{platform.SequenceEnd, inAndNotOut, "su@0 mu@600", "u@600"},
	{platform.SequenceEnd, inAndNotOut, "su@0 mu@600.001", ""},
	{platform.SequenceEnd, onlyNotOut, "su@0 sv@1 ov@2", "u@600"},
	{platform.SequenceEnd, onlyNotOut, "su@0 ou@0", "u@600"},
	{platform.SequenceEnd, threeAndNoOut, "fu@0 fu@1 su@2 mu@3 mu@4", "u@600"},
	{platform.SequenceEnd, threeAndNoOut, "fu@0 fu@1 su@2 mu@3 mu@4 ou@500", ""},
	{platform.SequenceEnd, threeAndNoOut, "fu@0 fu@1 su@2 mu@3 mu@4 pu@600", "u@600"},
	{platform.SequenceEnd, threeAndNoOut, "fu@0 fu@1 su@2 mu@3 mu@4 pu@599.999", ""},
	{platform.SequenceEnd, threeAndNoOut, "fu@0 su@1 fu@2 su@3 mu@3 mu@4", ""},
	{platform.SequenceBetween, noResetFirst, "su@0 mu@10 mu@20", "u@20"},
	{platform.SequenceBetween, noResetFirst, "su@0 pu@5 mu@10 mu@20", ""},
	{platform.SequenceBetween, noResetFirst, "su@0 pu@0 mu@10 mu@20", "u@20"},
	{platform.SequenceBetween, noResetFirst, "su@0 pu@10 mu@10 mu@20", "u@20"},
	{platform.SequenceBetween, noResetFirst, "su@0 mu@10 pu@15 mu@20", "u@20"}, // inside of the step
	{platform.SequenceBetween, noResetFirst, "su@0 pu@5 su@6 mu@10 mu@20", "u@20"},
	{platform.SequenceBetween, noResetFirst, "su@0 pu@9.999 mu@10 mu@20", ""},
	{platform.SequenceKeys, createdThenIn, "cu@0 su@60", "u@60"},
	{platform.SequenceKeys, createdThenIn, "cu@0 sv@60 sanother@70", "another@70"},
	{platform.SequenceTables, createdThenIn, "su@0 cu@60", ""},
	{platform.SequenceCross, otherAddress, "fu@0 fu@1 su.2@2 mu@3", "u@3"},
	{platform.SequenceCross, otherAddress, "fu@0 fu@1 su.1@2 mu@3", ""},
	{platform.SequenceCross, otherAddress, "fu@0 fu.2@1 fu@2 su@3 mu@4", "u@4"}, // the one before the last differs
	{platform.SequenceCross, otherAddress, "fu@1 fu.2@1 su@3 mu@4", "u@4"},      // any of one time may be the last
	{platform.SequenceCross, otherAddress, "fu@0 fu@1 su.-@3 mu@4", "u@4"},      // missing differs
	{platform.SequenceCross, otherOnce, "fu@0 fu.2@1 su@2 su.2@3 mu@4", "u@4"},  // the earlier success goes with the later failure
	{platform.SequenceCross, otherOnce, "fu@0 fu.2@1 su.2@3 mu@600.5", ""},
	{platform.SequenceCross, otherOnce, "fu@0 fu.2@1 su@2 su.2@3 mu@600.5", "u@600.5"},
	{platform.SequenceCross, sameAddress, "fu@0 su@1 mu@2", "u@2"},
	{platform.SequenceCross, sameAddress, "fu@0 fu.2@1 su@2 su.2@3 mu@4", "u@4"},
	{platform.SequenceCross, sameAddress, "fu@0 su@1 mu.2@2", ""},
	{platform.SequenceCross, sameAddress, "fu.-@0 su.-@1 mu.-@2", ""},
	{platform.SequenceCross, sameName, "fu@0 sU@1", "192.0.2.1@1"},
	{platform.SequenceCross, sameName, "fu@0 sv@1 s-@2", ""},
	{platform.SequenceCross, otherName, "fu@0 su@1 sU@2", "192.0.2.1@2"},
	{platform.SequenceCross, farAddress, "fu@0 su@1 mu.2@2", "u@2"},
	{platform.SequenceCross, farAddress, "fu@0 su@1 mu@2", ""},
	{platform.SequenceCross, farAddress, "fu.2@0 fu@1 su@2 mu@3", "u@3"},
	{platform.SequenceCross, farAddress, "fu.2@0 fu@1 su@2 mu@600.5", ""}, // the one that differs is too far back
	{platform.SequenceCross, farAddress, "fu.2@1 fu@0 su@2 mu@600.5", "u@600.5"},
	{platform.SequenceCross, farAddress, "fu@0 su@2 fu.2@3 mu@4", ""}, // no success behind the other address
	{platform.Together, anyOrder, "mu@0 fu@1 mu@2", "u@2"},
	{platform.Together, anyOrder, "mu@0 fu@0 mu@0", "u@0"},
	{platform.Together, anyOrder, "mu@0 mu@1 fu@600", "u@600"},
	{platform.Together, anyOrder, "mu@0 mu@1 fu@600.001", ""},
	{platform.Together, anyOrder, "mu@0 fu@1", ""},
	{platform.Together, overlap, "fu@0 fu@1", ""}, // one event takes one step
	{platform.Together, overlap, "fu@0 fu@1 fu@2", "u@2"},
	{platform.Together, overlap, "fu@0 su@1 fu@2", "u@2"},
	{platform.Together, overlap, "su@0 su@1 fu@2", ""},
	{platform.Together, someAlike, "mu@0 fu@60 pu.2@70", "u@70"},
	{platform.Together, someAlike, "mu@0 fu.2@60 pu@70", ""},
	{platform.Together, someAlike, "pu@0 mu@1 fu@2 mu.2@3", "u@2"}, // the last one has nothing to be equal to
	{platform.Together, someAlike, "mu@0 fu@1 mu.2@500 fu.2@501 pu@602", "u@602"},
	{platform.Together, someAlike, "mu@0 fu@601 pu@602", ""},
	{platform.Together, someAlike, "mu.-@0 fu.-@1 pu@2", ""},
	{platform.TogetherVoid, anyButOut, "mu@0 fu@60", "u@600"},
	{platform.TogetherVoid, anyButOut, "mu@0 fu@60 mu.2@100", "u@600 u@660"}, // the first chain has the first change
	{platform.TogetherVoid, anyButOut, "mu@0 fu@60 ou@600", ""},
	{platform.TogetherVoid, anyButOut, "mu@0 fu@60 ou@600.001", "u@600"},
	{platform.TogetherVoid, anyButOut, "ou@0 mu@540 fu@600", ""},
	{platform.TogetherVoid, anyButOut, "ou@0 mu@540 fu@600.001", "u@1140"},
	{platform.TogetherVoid, anyButOut, "mu@0 fu@60 pu@599.999", ""},
	{platform.TogetherVoid, anyButOut, "mu@0 fu@60 pu@600", "u@600"},
	{platform.Absence, silence, "su@0 su@1 sv@2 sv@3 sé@4 sé@5 su@601", "u#600 v#600 é#600"},
	{platform.Absence, silence, "su@599.999 su@600 sv@600 sv@1199.999 sv@5 sv@6 sé@7 sé@8 sé@600 sé@1199", "u#0 u#600"},
}

// orderedRule is the text of a rule of which the constants of this file are a part.
func orderedRule(body string) string {
	return "rule r v1 {\n  " + strings.NewReplacer("; ", "\n    ", "{ ", "{\n    ", "  ", "\n  ").Replace(body) + "\n  schedule every 1m delay 2m\n}\n"
}

// TestOrderingRefused checks what is said about steps that a saved search does not carry.
func TestOrderingRefused(t *testing.T) {
	const steps = `bad: from iam.login on okta where event.outcome == "failure"; good: from iam.login on okta where event.outcome == "success"`
	for _, tc := range []struct{ rule, why, instead string }{
		{`sequence by user.name within 10m { bad: from iam.login on okta where event.outcome == "failure" repeat >= 10001 }`, "`bad` takes 10001 events", "repeat >= 10000"},
		{`sequence by user.name within 10m { ` + steps + ` and length(good.user.name) > length(bad.user.name) }`, "`>` of two steps", "by `==` or `!=`"},
		{`sequence by user.name within 10m { ` + steps + ` repeat >= 2 and good.source.ip != bad.source.ip }`, "several events with an earlier one", "Kusto"},
		{`sequence by user.name within 10m { ` + steps + ` and good.source.ip != bad.source.ip; missing from iam.logout on okta }`, "some steps only", "Kusto"},
		{`sequence by user.name within 10m { ` + steps + ` and good.source.ip != bad.source.ip; missing from iam.logout on okta; change: from iam.mfa.change on okta }`, "a missing step between or behind", "Kusto"},
		{`sequence by user.name within 10m { ` + steps + ` and good.source.ip != bad.source.ip; change: from iam.mfa.change on okta where change.source.ip != good.source.ip }`, "several pairs", "Kusto"},
		{`sequence by user.name within 10m { bad: from iam.login on okta; missing from iam.mfa.change on okta; good: from iam.login on okta; missing from iam.logout on okta }`, "step 2 must be missing before that", "leave one of the two"},
		{`together by user.name within 10m { one: from iam.login on okta; two: from iam.login on okta; missing from iam.logout on okta }`, "one event may be of the steps `one` and `two`", "no event fulfils together"},
		{`together by user.name within 10m { one: from iam.login on okta; two: from iam.login on okta by user.id }`, "by different keys", "no event fulfils both"},
		{`together by user.name within 10m { a: from iam.login on okta; b: from iam.login on okta; c: from iam.login on okta; d: from iam.login on okta; e: from iam.login on okta }`, "more than 4 such steps", "together"},
	} {
		text := strings.Replace(orderedRule(tc.rule), " repeat >= 2 and", " and", 1)
		if text != orderedRule(tc.rule) { // the condition stands before repeat
			text = strings.Replace(text, "bad.source.ip", "bad.source.ip repeat >= 2", 1)
		}
		m, l := build(t, rule(t, text))
		if m != nil || !strings.Contains(l.Why, tc.why) || !strings.Contains(l.Instead, tc.instead) {
			t.Errorf("%s\nrefused %v: %q, %q", tc.rule, m == nil, l.Why, l.Instead)
		}
	}
}

// TestOrderings runs the timelines in several phases of the clock.
func TestOrderings(t *testing.T) {
	for i, tl := range orderings {
		t.Run(fmt.Sprintf("%02d %s %s", i, tl.construct, tl.events), func(t *testing.T) {
			b := rule(t, orderedRule(tl.rule))
			m, l := build(t, b)
			if m == nil {
				t.Fatal(l)
			}
			events := timeline(t, tl.events)
			m.compareOrdering(t, events, true)
			if got := foundAt(t, b, m, events); got != tl.want {
				t.Errorf("found %q, expected %q\n%s", got, tl.want, m.Art.Query.Text)
			}
			if _, ok := b.Rule.Body.(*ir.Sequence); !ok {
				return
			}
			showAddresses(b)
			if m, l = build(t, b); m == nil {
				t.Fatal(l)
			}
			if promised(t, b, l.Assumptions, events) {
				m.compareOrdering(t, events, true)
			}
		})
	}
}

// showAddresses lets a rule show the address of each step, and all else that it compares.
func showAddresses(b *ir.Bound) {
	b.Rule.Args = append(b.Rule.Args, &ir.Field{Name: "source.ip", Type: schema.IP})
	for i := range b.Parts {
		b.Parts[i].Args = append(b.Parts[i].Args, pass.NativeField(schema.NativeField{Path: "client.ipAddress", Type: schema.IP}, pass.NoSpan))
	}
	irgen.ShowAll(b.Rule)
}

// foundAt is what a saved search tells of a timeline, in the words of [orderings]. What a search that runs each minute tells again of the
// chains that end later is left out: of each key that follows what it has told within the span.
func foundAt(t *testing.T, b *ir.Bound, m *made, events []schema.Event) string {
	t.Helper()
	in := m.input(events)
	in.To = in.To.Add(2 * ir.Reach(b.Rule))
	fs, diags := splunk.Platform.Run(m.Doc, in)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var out []string
	for _, f := range fs {
		x := m.Read(t, f)
		key := ""
		if len(x.Key) > 0 {
			key = x.Key[0].String()
		}
		if _, ok := b.Rule.Body.(*ir.Absence); ok {
			if x.From >= eight && x.From <= events[len(events)-1].Millis {
				out = append(out, fmt.Sprintf("%s#%d", key, (x.From-eight)/1000))
			}
			continue
		}
		out = append(out, fmt.Sprintf("%s@%v", key, float64(x.Time-eight)/1000))
	}
	slices.SortFunc(out, func(a, b string) int {
		ka, va, _ := strings.Cut(strings.ReplaceAll(a, "#", "@"), "@")
		kb, vb, _ := strings.Cut(strings.ReplaceAll(b, "#", "@"), "@")
		if ka != kb {
			return strings.Compare(ka, kb)
		}
		return len(va) - len(vb)
	})
	return strings.Join(slices.Compact(out), " ")
}

// TestReadableOrderings pins the text of usual rules.
func TestReadableOrderings(t *testing.T) {
	const logins, failed, passed = `sourcetype="OktaIM2:log" eventType="user.session.start" `, `in('outcome.result', "FAILURE", "DENY")`, `in('outcome.result', "SUCCESS", "ALLOW")`
	const both = logins + `(outcome.result IN ("FAILURE", "DENY") OR outcome.result IN ("SUCCESS", "ALLOW")) | `
	const judged = ` AND _time>=info_max_time-60 AND _time<info_max_time | `
	for _, tc := range []struct{ rule, want string }{
		{failedThenIn, both + `eval step=case(` + failed + `, 1, ` + passed + `, 2) | where isnotnull(step) AND 'actor.alternateId'!="" | sort 0 +_time, -num(step) | ` +
			`eval bad_start=if(step=1, _time, null()) | streamstats current=f max(bad_start) AS good_start BY actor.alternateId | ` +
			`addinfo | where step=2 AND _time-good_start<=600` + judged + `dedup actor.alternateId | table _time, actor.alternateId`},
		{strings.Replace(failedThenIn, "; good", " repeat >= 5; good", 1), both + `eval step=case(` + failed + `, 1, ` + passed + `, 2) | where isnotnull(step) AND 'actor.alternateId'!="" | sort 0 +_time, -num(step) | ` +
			`streamstats window=5 global=f count AS seen, min(_time) AS bad_start BY actor.alternateId, step | eval bad_start=if(step=1 AND seen=5, bad_start, null()) | ` +
			`streamstats current=f max(bad_start) AS good_start BY actor.alternateId | addinfo | where step=2 AND _time-good_start<=600` + judged + `dedup actor.alternateId | table _time, actor.alternateId`},
		{onlyNotOut, `(sourcetype="OktaIM2:log" AND eventType="user.session.start" AND outcome.result IN ("SUCCESS", "ALLOW")) OR (sourcetype="OktaIM2:log" AND eventType="user.session.end") | ` +
			`eval part=case(eventType="user.session.start", 1, eventType="user.session.end", 2), step=case(part=1 AND ` + passed + `, -1, part=2, 0) | where isnotnull(step) AND 'actor.alternateId'!="" | ` +
			`eval at=if(step=-1, _time+600, _time) | sort 0 +at, -num(step) | streamstats current=f max(eval(if(step=0, _time, null()))) AS missed BY actor.alternateId | ` +
			`addinfo | where step=-1 AND (isnull(missed) OR missed<=_time) AND at>=info_max_time-60 AND at<info_max_time | dedup actor.alternateId | rename at AS _time | table _time, actor.alternateId`},
		{silence, strings.TrimSpace(logins) + ` | bin span=10m _time AS window_start | stats count AS n BY window_start, actor.alternateId | ` +
			`append [| makeresults | addinfo | eval window_start=floor(info_max_time-info_max_time%600-600), "actor.alternateId"=mvappend("u", "v", "é"), n=0, expected=1 | where window_start>info_max_time-660 | mvexpand actor.alternateId | table window_start, actor.alternateId, n, expected] | ` +
			`stats sum(n) AS events, max(expected) AS expected BY window_start, actor.alternateId | where expected=1 AND events<2 | rename window_start AS _time | table _time, actor.alternateId, events`},
	} {
		b := rule(t, orderedRule(tc.rule))
		if q, _ := spl.Backend.RenderBody(b, ir.TimingOf(b.Rule)); strings.ReplaceAll(q.Text, "\n| ", " | ") != tc.want {
			t.Errorf("%s\n%s\nexpected\n%s", tc.rule, q.Text, tc.want)
		}
	}
}
