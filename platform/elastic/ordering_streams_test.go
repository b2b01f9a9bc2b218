package elastic_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/lower"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/elastic/run"
	"github.com/onerule/onerule/schema"
)

// The steps of the timelines.
const (
	stepA = `a: from process.start on windows where event.outcome == "failure"`
	stepB = `b: from process.start on windows where event.outcome == "success"`
	stepC = `c: from process.end on windows where event.outcome == "success"`
	isU   = `from process.end on windows where event.outcome == "failure"`
)

// timeline makes events of a compact notation: "a1@0 b1x@2.5" is an event of step a of the user u1 at 0 s, and one of b from the
// address 10.0.0.120 at 2.5 s; u is an event that is to be missing, or ends the wait.
func timeline(t *testing.T, b *schema.Binding, text string) []schema.Event {
	t.Helper()
	var out []schema.Event
	for i, word := range strings.Fields(text) {
		head, at, _ := strings.Cut(word, "@")
		var seconds float64
		if _, err := fmt.Sscan(at, &seconds); err != nil {
			t.Fatal(word)
		}
		e := schema.Event{ID: fmt.Sprintf("%03d", i), Source: "windows", Class: "process.start", Millis: start + int64(math.Round(seconds*1000)), Object: map[string]any{"event.outcome": "success"}}
		if head[0] == 'a' || head[0] == 'u' {
			e.Object["event.outcome"] = "failure"
		}
		if head[0] == 'c' || head[0] == 'u' {
			e.Class = "process.end"
		}
		if len(head) > 1 {
			e.Object["user.name"] = "u" + head[1:2]
		}
		if head[0] == 'b' && len(head) > 1 { // the user before it, for steps with keys of their own
			e.Object["process.name"] = fmt.Sprintf("u%d", head[1]-'1')
		}
		if len(head) > 2 {
			e.Object["source.ip"] = fmt.Sprintf("10.0.0.%d", head[2])
		}
		out = append(out, nativeEvent(b, e))
	}
	return out
}

// ordering is a rule with streams and what is told of them.
type ordering struct {
	name, rule string
	refused    map[string]string
	streams    [][2]string
}

// orderings hold what the first findings of each user are, by rule types; of a type that is not named the refusal begins so.
var orderings = []ordering{
	{"two steps", `sequence by user.name within 10s { ` + stepA + "\n" + stepB + ` }`, nil, [][2]string{
		{"a1@0 b1@5", "u1@5"},
		{"b1@0 a1@5", ""},
		{"a1@0 b1@10", "u1@10"},
		{"a1@0 b1@10.001", ""},
		{"a1@0.001 b1@10", "u1@10"},
		{"a1@0 b2@5", ""},
		{"a1@0 a2@1 b2@2 b1@3", "u1@3 u2@2"},
		{"a1@0 a1@9 b1@15", "u1@15"},
		{"a1@0 b1@20 a1@21 b1@22 b1@23", "u1@22"},
		{"a@0 b@5", ""},
		{"a1@0 b1@700 a1@701 b1@702", "u1@702"},
	}},
	{"repeat", `sequence by user.name within 10s { ` + stepA + " repeat >= 3\n" + stepB + ` }`, nil, [][2]string{
		{"a1@0 a1@1 b1@2", ""},
		{"a1@0 a1@1 a1@2 b1@3", "u1@3"},
		{"a1@0 a1@1 a1@2 a1@3 b1@4", "u1@4"},
		{"a1@0 a1@1 c1@1.5 a2@1.6 a1@2 b1@3", "u1@3"},
		{"a1@0 a1@4 a1@8 b1@10", "u1@10"},
		{"a1@0 a1@4 a1@8 b1@10.001", ""},
		{"a1@0 a1@4 a1@8 a1@9 b1@12", "u1@12"},
	}},
	{"repeat alone", `sequence by user.name within 10s { ` + stepA + ` repeat >= 2 }`, nil, [][2]string{
		{"a1@0", ""}, {"a1@0 a1@10", "u1@10"}, {"a1@0 a1@10.001", ""}, {"a1@0 a1@3 a1@4", "u1@3"},
	}},
	{"until", `sequence by user.name within 10s { ` + stepA + "\n" + stepB + "\nuntil " + isU + ` }`, nil, [][2]string{
		{"u1@0 a1@1 b1@5", "u1@5"},
		{"a1@0 u1@1 b1@5", ""},
		{"a1@0 u1@4.999 b1@5", ""},
		{"a1@0 b1@5 u1@6", "u1@5"},
		{"a1@0 u2@1 b1@5", "u1@5"},
		{"a1@0 u1@1 a1@2 b1@5", "u1@5"},
	}},
	{"three steps, tables", `sequence by user.name within 10s { ` + stepA + "\n" + stepB + "\n" + stepC + ` }`, nil, [][2]string{
		{"a1@0 b1@1 c1@2", "u1@2"},
		{"a1@0 c1@1 b1@2", ""},
		{"a1@0 b1@1 a1@2 c1@3", "u1@3"},
		{"a1@0 b1@1 a1@8 c1@11", ""},
	}},
	{"missing at the end", `sequence by user.name within 10s { ` + stepA + "\nmissing " + isU + ` }`, nil, [][2]string{
		{"a1@0", "u1@10"},
		{"a1@0 u1@10", ""},
		{"a1@0 u1@10.001", "u1@10"},
		{"a1@0 u1@0", "u1@10"},
		{"a1@0 u1@0.001", ""},
		{"a1@0 u2@5", "u1@10"},
		{"a1@0 u1@5 a1@6", "u1@16"},
	}},
	{
		"missing behind two", `sequence by user.name within 10s { ` + stepA + "\n" + stepB + "\nmissing " + isU + ` }`,
		map[string]string{"eql": "EQL keeps the newest of several chains, and an older one that ends its span"},
		[][2]string{
			{"a1@0 b1@5", "u1@10"},
			{"a1@0 b1@5 u1@6", ""},
			{"a1@0 a1@4 b1@5 u1@11", "u1@10"},
		},
	},
	{"missing between", `sequence by user.name within 10s { ` + stepA + "\nmissing " + isU + "\n" + stepB + ` }`, nil, [][2]string{
		{"a1@0 b1@5", "u1@5"},
		{"a1@0 u1@1 b1@5", ""},
		{"a1@0 u1@1 a1@2 b1@5", "u1@5"},
		{"a1@0 u2@1 b1@5", "u1@5"},
		{"u1@0 a1@1 b1@5 u1@6", "u1@5"},
	}},
	{
		"missing in the middle of three", `sequence by user.name within 10s { ` + stepA + "\nmissing " + isU + "\n" + stepB + "\n" + stepC + ` }`,
		map[string]string{"eql": "EQL keeps one of several chains and looks"},
		[][2]string{
			{"a1@0 b1@1 a1@2 u1@3 b1@4 c1@5", "u1@5"},
			{"a1@0 u1@3 b1@4 c1@5", ""},
		},
	},
	{
		"missing before the last of three", `sequence by user.name within 10s { ` + stepA + "\n" + stepB + "\nmissing " + isU + "\n" + stepC + ` }`,
		map[string]string{"eql": "EQL keeps one of several chains and looks"},
		[][2]string{
			{"a1@0 b1@1 c1@5", "u1@5"},
			{"a1@0 b1@1 u1@2 c1@5", ""},
			{"a1@0 b1@1 u1@2 b1@3 c1@5", "u1@5"},
		},
	},
	{
		"compared", `sequence by user.name within 10s { ` + stepA + "\n" + stepB + ` and b.source.ip != a.source.ip }`,
		map[string]string{"eql": "a condition of EQL reads one event"},
		[][2]string{
			{"a1x@0 b1y@5", "u1@5"},
			{"a1x@0 b1x@5", ""},
			{"a1x@0 b1@5", "u1@5"},
			{"a1x@0 a1y@1 b1y@5", "u1@5"},
			{"a1x@0 b1x@5 b1y@6", "u1@6"},
		},
	},
	{"together", `together by user.name within 10s { ` + stepA + "\n" + stepB + ` }`, map[string]string{"eql": "EQL has no sequence in any order"}, [][2]string{
		{"b1@0 a1@5", "u1@5"}, {"a1@0 b1@5", "u1@5"}, {"a1@5 b1@5", "u1@5"}, {"b1@0 a1@10.001", ""}, {"b1@0 a2@5", ""},
	}},
	{"together, one event for both", `together by user.name within 10s { a: from process.start on windows
b: from process.start on windows where event.outcome == "success" }`, map[string]string{"eql": "EQL has no sequence in any order"}, [][2]string{
		{"b1@0", ""}, {"a1@0 b1@5", "u1@5"}, {"b1@0 b1@5", "u1@5"}, {"a1@0 a1@5", ""},
	}},
	{"together until", `together by user.name within 10s { ` + stepA + "\n" + stepB + "\nuntil " + isU + ` }`, map[string]string{"eql": "EQL has no sequence in any order"}, [][2]string{
		{"b1@0 u1@2 a1@5", ""}, {"b1@0 a1@5 u1@6", "u1@5"}, {"b1@0 u1@2 b1@3 a1@5", "u1@5"}, {"u1@0 b1@0 a1@5", ""},
	}},
	{
		"together with a missing step", `together by user.name within 10s { ` + stepA + "\n" + stepB + "\nmissing " + isU + ` }`,
		map[string]string{"eql": "EQL has no sequence in any order", "esql": "what must be missing may lie"},
		nil,
	},
	{"keys of their own", `sequence by user.name within 10s { ` + stepA + "\n" + `b: from process.start on windows where event.outcome == "success" by process.name }`, nil, [][2]string{
		{"a1@0 b2@5", "u1@5"}, {"a1@0 b1@5", ""}, {"a1@0 a2@1 b2@5", "u1@5"},
	}},
	{"folded key", `sequence by fold(user.name) within 10s { ` + stepA + "\n" + stepB + ` }`, map[string]string{"eql": "EQL joins by fields as they are"}, [][2]string{
		{"a1@0 b1@5", "u1@5"},
	}},
}

// constructsOf says by which timelines the constructs are run.
var constructsOf = map[platform.Construct]string{
	platform.Sequence: "two steps", platform.SequenceRepeat: "repeat", platform.SequenceUntil: "until", platform.SequenceTables: "three steps, tables",
	platform.SequenceEnd: "missing at the end", platform.SequenceBetween: "missing between", platform.SequenceCross: "compared", platform.SequenceKeys: "keys of their own",
	platform.Together: "together", platform.TogetherVoid: "together until", platform.Absence: "absence",
}

func TestOrderings(t *testing.T) {
	binding := stepBinding("one", [2]string{"logs-a-*", "logs-b-*"}, false)
	for _, x := range orderings {
		t.Run(x.name, func(t *testing.T) {
			r := ruleOf(t, x.rule)
			b, diags := pass.Bind(r, "elastic", []*schema.Binding{binding})
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			for _, typ := range []string{"eql", "esql"} {
				o, l := order(t, b, typ)
				if (o == nil) != (x.refused[typ] != "") || !strings.HasPrefix(l.Why, x.refused[typ]) {
					t.Errorf("%s: %v %s", typ, l.Kind, l.Why)
				}
				if o == nil {
					continue
				}
				for _, s := range x.streams {
					events := timeline(t, binding, s[0])
					o.check(t, events)
					if got := o.firsts(t, events); got != s[1] {
						t.Errorf("%s: %s: told %q, want %q\n%s", typ, s[0], got, s[1], o.Art.Query.Text)
					}
				}
			}
		})
	}
}

func ruleOf(t *testing.T, body string) *ir.Rule {
	t.Helper()
	text := strings.NewReplacer(" { ", " {\n", " }", "\n}").Replace(body)
	file, diags := grammar.Parse("test.rule", []byte("rule r v1 {\n"+text+"\n}\n"))
	rules, more := lower.Rules(file, lower.Options{})
	if diags = append(diags, more...); diags.HasErrors() {
		t.Fatalf("%s\n%v", text, diags)
	}
	return rules[0]
}

// TestAbsence runs a rule that expects events.
func TestAbsence(t *testing.T) {
	binding := stepBinding("one", [2]string{"logs-a-*", "logs-b-*"}, false)
	r := ruleOf(t, "list users = [\"u1\", \"u2\"]\nfrom process.start on windows\ntumbling 10m\nexpect >= 2 per user.name in $users { grace 1m }")
	b, diags := pass.Bind(r, "elastic", []*schema.Binding{binding})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	o, l := order(t, b, "esql")
	if o == nil {
		t.Fatal(l.Why)
	}
	if refused, l := order(t, b, "eql"); refused != nil || !strings.Contains(l.Why, "nothing in it knows of others") {
		t.Error(l.Why)
	}
	for _, x := range []struct{ events, want string }{ // of the window from 07:40 to 07:50
		{"a1@1 a1@2 a2@3 a2@4", ""},
		{"a1@0 a1@599.999 a2@3 a2@4", ""},
		{"a1@1 a1@600 a2@3 a2@4", "u1"},
		{"a1@-0.001 a1@1 a2@3 a2@4", "u1"},
		{"a1@1 a2@3 a2@4 a3@5", "u1"},
		{"c1@1 u1@2", "u1 u2"},
	} {
		events := timeline(t, binding, x.events)
		o.checkAbsence(t, events)
		var users []string
		for _, tick := range o.told(t, o.input(events)) {
			for _, f := range tick.Findings {
				if user := f.Key[0].Str(); f.From == start && !slices.Contains(users, user) {
					users = append(users, user)
				}
			}
		}
		slices.Sort(users)
		if got := strings.Join(users, " "); got != x.want {
			t.Errorf("%s: %q is told to be absent, want %q\n%s", x.events, got, x.want, o.Art.Query.Text)
		}
	}
}

// firsts are the first findings that are told of each user.
func (o *ordered) firsts(t *testing.T, events []schema.Event) string {
	in := o.input(events)
	in.Doubts = map[string]bool{run.Doubt.Name: false}
	first := map[string]int64{}
	for _, tick := range o.told(t, in) {
		for _, f := range tick.Findings {
			key := f.Key[0].Str()
			if at, ok := first[key]; !ok || f.Time < at {
				first[key] = f.Time
			}
		}
	}
	var out []string
	for key, at := range first {
		out = append(out, fmt.Sprintf("%s@%g", key, float64(at-start)/1000))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// TestSequenceDoubts flips each thing that is not known of the languages: what the timelines tell must not depend on it.
func TestSequenceDoubts(t *testing.T) {
	binding := stepBinding("one", [2]string{"logs-a-*", "logs-b-*"}, false)
	for _, x := range orderings {
		b, diags := pass.Bind(ruleOf(t, x.rule), "elastic", []*schema.Binding{binding})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		for _, typ := range []string{"eql", "esql"} {
			o, l := order(t, b, typ)
			if o == nil {
				continue
			}
			for _, s := range x.streams {
				if (slices.Contains(l.Assumptions, "distinct-times") || slices.Contains(l.Assumptions, "step-times")) && s[0] == "a1@5 b1@5" {
					continue
				}
				in := o.input(timeline(t, binding, s[0]))
				want := fmt.Sprint(o.told(t, in))
				for _, doubt := range o.Backend.Language.Doubts {
					in.Doubts = map[string]bool{doubt.Name: !doubt.Default}
					if got := fmt.Sprint(o.told(t, in)); got != want {
						t.Errorf("%s: %s depends on %s\n%s", typ, s[0], doubt.Name, o.Art.Query.Text)
					}
				}
			}
		}
	}
}

// TestOrderingDocuments holds what is particular to documents of ordering rules.
func TestOrderingDocuments(t *testing.T) {
	binding := stepBinding("one", [2]string{"logs-a-*", "logs-b-*"}, false)
	for _, x := range []struct{ rule, typ, from, to, every string }{
		{orderings[0].rule, "eql", "now-11m", "now", "5m"},
		{orderings[0].rule + "\nschedule every 10m delay 2m", "eql", "now-18m", "now-2m", "10m"},
		{`sequence by user.name within 15m { ` + stepA + "\nmissing " + isU + " }", "eql", "now-26m", "now", "5m"},
		{orderings[11].rule, "esql", "now-11m", "now", "5m"},
	} {
		b, diags := pass.Bind(ruleOf(t, x.rule), "elastic", []*schema.Binding{binding})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		o, l := order(t, b, x.typ)
		if o == nil {
			t.Fatalf("%s: %s", x.rule, l.Why)
		}
		if l.Kind != backends.Assume || !o.Art.Whole {
			t.Errorf("%s: %v, whole %v", x.rule, l, o.Art.Whole)
		}
		data, _ := o.Art.Document.Encode()
		for _, want := range []string{`"from":"` + x.from + `"`, `"to":"` + x.to + `"`, `"interval":"` + x.every + `"`} {
			if !strings.Contains(string(data), want) {
				t.Errorf("%s: no %s in %s", x.rule, want, data)
			}
		}
		if strings.Contains(string(data), "timestamp_override") {
			t.Errorf("%s: the order would be that of another time: %s", x.rule, data)
		}
	}
}
