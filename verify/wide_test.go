package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/lower"
	"github.com/onerule/onerule/schema"
)

// ruleOf parses the one rule with a source and a condition.
func ruleOf(t testing.TB, from, where string) *ir.Rule {
	t.Helper()
	f, diags := grammar.Parse("a.rule", []byte("rule r v1 {\n  from "+from+"\n  where "+where+"\n}\n"))
	rules, more := lower.Rules(f, lower.Options{})
	if diags = append(diags, more...); diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	return rules[0]
}

// wideRule searches for words in any field, each a condition on hundreds of native fields.
func wideRule(t testing.TB) *ir.Rule {
	return ruleOf(t, "process.start on windows", `(keyword "first words" or keyword "second") and keyword "third" and not keyword "fourth" and process.pid > 4`)
}

// Conditions on hundreds of fields are decided both ways, and what is not tried is said.
func TestWideRules(t *testing.T) {
	said, bounded := 0, 0
	for _, b := range all.Backends {
		res := Rule(wideRule(t), b, Options{})
		if res.Status == Refused {
			continue
		}
		said++
		if res.Status != Agrees || res.Coverage.Decisive < res.Coverage.Leaves || res.Coverage.Leaves != 5 {
			t.Errorf("%s: %s, %+v", b.Lang, res.Status, res.Coverage)
		}
		if len(res.Coverage.Bounds) > 0 {
			bounded++
			if !strings.Contains(res.Outcome(), "not all was tried: ") {
				t.Errorf("%s: the outcome does not say what was left out: %s", b.Lang, res.Outcome())
			}
		}
	}
	if said == 0 || bounded == 0 {
		t.Errorf("%d languages say the rule, for %d of them something was left out: the rule is not wide enough for this test", said, bounded)
	}
}

// Each literal of a list gets an event that no other literal fits, however long the list is.
func TestManyLiterals(t *testing.T) {
	var names []string
	for i := range 60 {
		names = append(names, fmt.Sprintf("%q", fmt.Sprintf("tool%d.exe", i)))
	}
	b, _ := all.Lookup("eql")
	out, diags := all.Compile(ruleOf(t, "process.start on windows", "process.name in ["+strings.Join(names, ", ")+"]"), b, all.Options{})
	if !out.OK() {
		t.Fatal(diags)
	}
	j, err := newJudge(out)
	if err != nil {
		t.Fatal(err)
	}
	c := newCollector(out, j.promise)
	c.witnesses()
	for i := range names {
		want := fmt.Sprintf("tool%d.exe", i)
		if !slices.ContainsFunc(c.cases, func(x Case) bool {
			vs := x.Canonical.Values("process.name", schema.Keyword)
			return len(vs) == 1 && vs[0].Str() == want
		}) {
			t.Errorf("no event has %s", want)
		}
	}
	if len(c.bounds) > 0 {
		t.Errorf("something was left out: %v", c.bounds)
	}
}

// Mutants end at a limit, and that they do is said; witnesses are never left out.
func TestRoomForMutants(t *testing.T) {
	b, _ := all.Lookup("eql")
	out, _ := all.Compile(wideRule(t), b, all.Options{})
	j, err := newJudge(out)
	if err != nil {
		t.Fatal(err)
	}
	c := newCollector(out, j.promise)
	c.witnesses()
	fine, mutants := 0, 0
	for _, x := range c.cases {
		if x.Origin == FromMutant {
			mutants++
		}
		if x.Fine {
			fine++
		}
	}
	if mutants < leastMutants/2 || len(c.cases) > c.room || fine > c.fineRoom() || fine != c.fine {
		t.Errorf("%d mutants (%d fine) of %d events, room %d", mutants, fine, len(c.cases), c.room)
	}
	if !slices.ContainsFunc(c.bounds, func(s string) bool { return strings.Contains(s, "mutants") }) {
		t.Errorf("that mutants were left out is not said: %v", c.bounds)
	}
}

// Doubts that a run does not ask about change no answer.
func TestAskedDoubts(t *testing.T) {
	asked, silent := 0, 0
	for _, where := range []string{
		`process.name in ["net.exe", "net1.exe"] and process.command_line contains "user é"`,
		`process.command_line matches "a+b" or process.command_line like "*x?y*"`,
		`not process.command_line ends_with "x" and length(process.name) > 3`,
		`process.pid > 5 and keyword "word"`,
		`any a in process.args: a == "user"`,
	} {
		for _, b := range all.Backends {
			for _, source := range []string{"windows", "linux"} {
				out, _ := all.Compile(ruleOf(t, "process.start on "+source, where), b, all.Options{})
				if !out.OK() {
					continue
				}
				j, err := newJudge(out)
				if err != nil {
					t.Fatal(err)
				}
				c := newCollector(out, j.promise)
				c.budget = 100
				c.witnesses()
				cases := c.cases[:min(len(c.cases), 400)]
				seen := native.Asked{}
				want, err := j.answers(cases, native.Input{Asked: seen})
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range b.Language.Doubts {
					if seen.Has(d.Name) {
						asked++
						continue
					}
					silent++
					got, err := j.run(cases, map[string]bool{d.Name: !d.Default})
					if err != nil || !slices.Equal(got, want) {
						t.Errorf("%s on %s: %s was not asked about and changes the answer to %s (%v)", b.Lang, source, d.Name, where, err)
					}
				}
			}
		}
	}
	if asked == 0 || silent == 0 {
		t.Errorf("%d doubts were asked about, %d were not", asked, silent)
	}
}

// What decides is found by asking each part once for each event; asking everything beside a condition gives the same.
func TestDecides(t *testing.T) {
	for _, where := range []string{
		`process.pid > 4 and (process.name == "a" or process.name == "b") and not process.command_line contains "x"`,
		`not (process.pid > 4 and not (process.name == "a" or process.command_line contains "x")) or exists process.parent.name`,
		`process.name == "a"`,
	} {
		r := ruleOf(t, "process.start on windows", where)
		var events []*schema.Event
		for i := range 200 {
			o := map[string]any{"process.pid": int64(i % 7), "process.name": string(rune('a' + i%3)), "process.command_line": []string{"x y", "z"}[i%2]}
			if i%5 == 0 {
				o["process.parent.name"] = "p"
			}
			events = append(events, &schema.Event{Class: "process.start", Source: "windows", Object: o})
		}
		for n := 0; n <= len(events); n = 2*n + 1 {
			paths := pathsOf(r)
			got := decides(paths[0][0], events[:n])
			for i, path := range paths {
				want := decidesByContext(t, path, events[:n])
				// Once every condition decided both ways, further events are not asked.
				if got[i] != want {
					t.Errorf("%s, %d events, condition %d: %v, want %v", where, n, i+1, got[i], want)
				}
			}
		}
	}
}

func decidesByContext(t *testing.T, path []ir.Pred, events []*schema.Event) (out shown) {
	t.Helper()
	rule, err := eval.Pred(path[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if slices.ContainsFunc(context(path), func(g goal) bool { return rule.Holds(g.p, e) != g.want }) {
			continue
		}
		if rule.Holds(path[len(path)-1], e) {
			out.yes = true
		} else {
			out.no = true
		}
	}
	return out
}

// A changed field makes the goals on it, in it and around it be asked again, and no others.
func TestDecided(t *testing.T) {
	field := func(path string) *ir.Field {
		return &ir.Field{Name: path, Type: schema.Keyword, Native: &schema.NativeField{Path: path, Type: schema.Keyword}}
	}
	var d decided
	for _, path := range []string{"a.b", "a.bc", "a", "x[].y", "x[].z"} {
		d.push(goal{&ir.Exists{F: field(path)}, true})
	}
	whole := goal{&ir.Keyword{Text: "w"}, true}
	d.push(whole)
	for path, want := range map[string]string{"a.b": "a.b a w", "a.b.c": "a.b a w", "a": "a a.b a.bc w", "x[].y": "x[].z x[].y w", "q": "w"} {
		var asked []string
		d.all([]*ir.Field{field(path)}, func(g goal) bool {
			if e, ok := g.p.(*ir.Exists); ok {
				asked = append(asked, e.F.Name)
			} else {
				asked = append(asked, "w")
			}
			return true
		})
		if got := strings.Join(asked, " "); got != want {
			t.Errorf("%s changes: %s, want %s", path, got, want)
		}
	}
	d.pop(whole)
	if !d.all([]*ir.Field{field("q")}, func(goal) bool { return false }) {
		t.Error("a goal was asked that was taken away")
	}
}

// BenchmarkWide verifies a rule that searches for words in any field.
func BenchmarkWide(b *testing.B) {
	r := ruleOf(b, "eventlog.record on windows", `(keyword "first words" or keyword "second") and not keyword "fourth" and event.code != "4"`)
	for _, lang := range []string{"spl", "eql"} {
		target, _ := all.Lookup(lang)
		b.Run(lang, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if res := Rule(r, target, Options{Compile: all.Options{Consent: backends.Consent{Narrow: true}}}); res.Status != Agrees {
					b.Fatal(res.Status, res.Diags)
				}
			}
		})
	}
}

// BenchmarkDecides asks which conditions of many decided on some of many events.
func BenchmarkDecides(b *testing.B) {
	var parts []string
	for i := range 40 {
		parts = append(parts, fmt.Sprintf("process.command_line contains \"x%d\"", i))
	}
	r := ruleOf(b, "process.start on windows", "process.pid > 4 and ("+strings.Join(parts, " or ")+")")
	var events []*schema.Event
	for i := range 2000 {
		events = append(events, &schema.Event{Object: map[string]any{"process.pid": int64(i % 9), "process.command_line": fmt.Sprintf("x%d", i%39)}})
	}
	paths := pathsOf(r)
	b.ReportAllocs()
	for b.Loop() {
		decisive(paths, events)
	}
}

// An event keeps what an output takes for granted or not, whether all fields are looked at or those that the event has.
func TestPromiseOfManyFields(t *testing.T) {
	kept, broken := 0, 0
	for _, b := range all.Backends {
		out, _ := all.Compile(wideRule(t), b, all.Options{})
		if !out.OK() {
			continue
		}
		j, err := newJudge(out)
		if err != nil {
			t.Fatal(err)
		}
		c := newCollector(out, j.promise)
		c.witnesses()
		whole := newPromise(out)
		for i := range whole.parts {
			for k := range whole.parts[i].assumed {
				whole.parts[i].assumed[k].at = nil
			}
		}
		for n, x := range c.cases {
			odd := clone(x.Native)
			for _, path := range slices.Sorted(maps.Keys(schema.FlattenKeys(odd))) {
				if leaf, is := schema.ObjectLeaves(odd, path)[0].(string); is && n%3 > 0 {
					schema.SetPath(odd, path, []any{[]string{"", "é\n"}[n%2] + leaf[len(leaf)/2:], leaf}[:1+n%2])
				}
			}
			for _, native := range []map[string]any{x.Native, odd} {
				want := whole.broken(x.Part, native)
				if got := j.promise.broken(x.Part, native); got != want {
					t.Fatalf("%s: %q, want %q: %s", b.Lang, got, want, jsonText(native))
				}
				if want == "" {
					kept++
				} else {
					broken++
				}
			}
		}
	}
	if kept == 0 || broken == 0 {
		t.Errorf("%d events keep what is promised, %d do not", kept, broken)
	}
}

// Each event of Splunk has the text that it was made from: none is made without it, and conditions on it are decided.
func TestRawText(t *testing.T) {
	b, _ := all.Lookup("spl")
	for _, where := range []string{`message contains "scp "`, `process.name == "sshd" and not message contains "x"`, `process.name == "sshd"`} {
		res := Rule(ruleOf(t, "log.message on linux", where), b, Options{})
		if res.Status != Agrees || res.Coverage.Decisive < res.Coverage.Leaves || res.Findings == 0 {
			t.Errorf("%s: %s %+v %v", where, res.Status, res.Coverage, res.Diags.Err())
		}
		for _, d := range res.Disagreements {
			t.Logf("%s: %s", d.Case.Name, jsonText(d.Native))
		}
	}
}
