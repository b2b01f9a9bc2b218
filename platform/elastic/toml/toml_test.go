package toml

import (
	"slices"
	"strings"
	"testing"

	lib "github.com/pelletier/go-toml/v2"
	"pgregory.net/rapid"

	"github.com/onerule/onerule/platform/elastic/rule"
)

var hostile = []string{
	"", " ", "a", `"`, `\`, `'`, "'''", `"""`, "a'", "a\n'", "\n", "\n\n", "a\n", "\na", "a\r\nb", "a\rb", "a\tb\n", "\x00", "\x1b[0m\n", "\x7f", "é\u0301", "\u202e\n", "\ufeff", "𝕏\n\U000e0001",
	`\u0041`, "\\\n", "a\\", "a\\\nb", "''' \n '''", "\"\"\"\n", "[rule]\nname = 1", "# no comment", "${x} $name$ {{y}} %s %", strings.Repeat("long ", 2000), "\u2028\u2029\u0085\u00a0",
}

// read reads a value of TOML by the library.
func read(t interface{ Fatalf(string, ...any) }, text string) any {
	var m map[string]any
	if err := lib.Unmarshal([]byte("v = "+text+"\n"), &m); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return m["v"]
}

func TestQuote(t *testing.T) {
	for _, s := range hostile {
		for _, text := range []string{quote(s), block(s)} {
			if got := read(t, text); got != s {
				t.Errorf("%q is written %s and reads %q", s, text, got)
			}
		}
	}
	xs, _ := read(t, list(hostile)).([]any)
	for i, s := range hostile {
		if xs[i] != s {
			t.Errorf("%q reads %q in a list", s, xs[i])
		}
	}
	if got := list([]string{"a", "b"}); got != `["a", "b"]` {
		t.Error(got)
	}
	if got := list([]string{strings.Repeat("a", 60), strings.Repeat("b", 60)}); strings.Count(got, "\n") != 3 {
		t.Error(got)
	}
	if got := quote("a\n\u202eb"); got != "\"\"\"\na\n\\u202Eb\"\"\"" {
		t.Error(got)
	}
}

func FuzzQuote(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "?")
		for _, text := range []string{quote(s), block(s), list([]string{s, s})} {
			switch got := read(t, text).(type) {
			case string:
				if got != s {
					t.Errorf("%q is written %s and reads %q", s, text, got)
				}
			case []any:
				if !slices.Equal(got, []any{s, s}) {
					t.Errorf("%q is written %s and reads %q", s, text, got)
				}
			}
		}
	})
}

// TestLists writes lists of tables that the rules of a pack do not have, and reads them again.
func TestLists(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := func(name string) string {
			return rapid.OneOf(rapid.SampledFrom(hostile), rapid.String()).Filter(func(s string) bool { return s != "" && strings.ToValidUTF8(s, "") == s }).Draw(t, name)
		}
		score := 7
		r := &rule.Rule{
			RuleID: "id", Version: 1, Name: "n" + text("name"), Description: "d", Type: rule.Query, Language: "kuery", Index: []string{"a"}, Query: "q:" + text("query"), Interval: "5m", From: "now-6m", To: "now",
			Severity: "low", MaxSignals: 1, Enabled: true,
			SeverityMapping:  []rule.SeverityMapping{{Field: text("field"), Operator: "equals", Value: text("value"), Severity: "high"}},
			RiskScoreMapping: []rule.RiskScoreMapping{{Field: text("risk"), Operator: "equals", RiskScore: &score}},
			ExceptionsList:   []rule.ExceptionList{{ID: text("id"), ListID: text("list"), Type: "detection", NamespaceType: "single"}},
		}
		data, err := Encode(Metadata{Created: "2026/01/01", Updated: "2026/01/01", Maturity: "production"}, r)
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Rule struct {
				Name, Query string
				Severity    []struct{ Field, Operator, Value, Severity string } `toml:"severity_mapping"`
				Risk        []struct {
					Field string
					Score int `toml:"risk_score"`
				} `toml:"risk_score_mapping"`
				Exceptions []struct {
					ID, Type string
					List     string `toml:"list_id"`
				} `toml:"exceptions_list"`
			}
		}
		if err := lib.Unmarshal(data, &got); err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		g := got.Rule
		if g.Name != r.Name || g.Query != r.Query || g.Severity[0].Field != r.SeverityMapping[0].Field || g.Severity[0].Value != r.SeverityMapping[0].Value || g.Risk[0].Field != r.RiskScoreMapping[0].Field ||
			g.Risk[0].Score != 7 || g.Exceptions[0].ID != r.ExceptionsList[0].ID || g.Exceptions[0].List != r.ExceptionsList[0].ListID {
			t.Fatalf("%+v\n%s", g, data)
		}
	})
}

func TestRefused(t *testing.T) {
	good := Metadata{Created: "2026/01/01", Updated: "2026/01/01", Maturity: "production"}
	r := &rule.Rule{RuleID: "id", Version: 1, Name: "n", Description: "d", Type: rule.Query, Language: "kuery", Index: []string{"a"}, Query: "q", Interval: "5m", From: "now-6m", To: "now", Severity: "low", MaxSignals: 1}
	if _, err := Encode(good, r); err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(*Metadata, *rule.Rule){
		func(m *Metadata, _ *rule.Rule) { m.Created = "2026-01-01" },
		func(m *Metadata, _ *rule.Rule) { m.Updated = "" },
		func(m *Metadata, _ *rule.Rule) { m.Maturity = "stable" },
		func(m *Metadata, _ *rule.Rule) { m.MinStack = "9" },
		func(_ *Metadata, r *rule.Rule) { r.Name = "\xff" },
		func(_ *Metadata, r *rule.Rule) { r.Description = strings.Repeat("a", rule.MaxTerm+1) },
		func(_ *Metadata, r *rule.Rule) { r.Actions = []any{1} },
		func(_ *Metadata, r *rule.Rule) { r.Query = "" },
	} {
		m, x := good, *r
		change(&m, &x)
		if data, err := Encode(m, &x); err == nil {
			t.Errorf("taken: %s", data)
		}
	}
}
