package pack_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/pack"
)

// load reads rules from their text.
func load(t testing.TB, text string) []*ir.Rule {
	t.Helper()
	name := filepath.Join(t.TempDir(), "a.rule")
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	ws := workspace.Load([]string{name}, "")
	if ws.Diags.HasErrors() {
		t.Fatalf("%v\n%s", ws.Diags.Err(), text)
	}
	return ws.Rules
}

const eventRule = `rule net_user v1 {
  meta {
    id = "5f0c3c1e-5a55-4a0e-8b54-3b6a1c6d9f01"
    title = "Net user"
  }
  param least: int = 4 "shortest"
  list names = ["alice", "bob"]
  def tool = process.name in ["net.exe", "net1.exe"]
  from process.start on windows
  where tool and any arg in process.args: arg == "user"
    and not process.parent.name starts_with "svc" and length(process.command_line) >= $least and user.name in $names
}
`

const countRule = `rule guesses v3 {
  param failures: int = 20
  from iam.login on okta
  where event.outcome == "failure"
  window 1h every 15m
  count per user.name as u {
    n = count() where event.reason == "bad password"
    addresses = distinct(source.ip)
  }
  when u.n >= $failures and u.addresses > 3
  schedule every 15m delay 5m
  emit per user.name { show u.n }
}
`

const sequenceRule = `rule enter v1 {
  sequence by user.id within 30m {
    guess: from iam.login on okta where event.outcome == "failure" repeat >= 5
    enter: from iam.login on okta where event.outcome == "success" and source.ip == guess.source.ip
    until from iam.password.reset on okta
  }
  emit { show guess.source.ip }
}
`

const firstRule = `rule first v1 {
  from iam.login on okta
  first_seen source.ip per user.id { every 1h  history 14d  warmup 7d }
}
`

const baselineRule = `rule unusual v1 {
  from iam.login on okta
  tumbling 1h
  measure n = count() per source.ip
  baseline of n { learn 1d  own when history >= 12 buckets  population otherwise }
  when n >= 10 and n > baseline.mean + 3 * max(baseline.stddev, 1)
  emit per source.ip { show n }
}
`

// edits are what is replaced in a rule, by what they are.
type edits map[string][]string

// The hash stays when the meaning does, and changes when it does.
func TestMeaning(t *testing.T) {
	compareMeanings(t, eventRule, edits{
		"version":         {"net_user v1", "net_user v7"},
		"name":            {"rule net_user", "rule other"},
		"title":           {`"Net user"`, `"Another"`},
		"id":              {"5f0c3c1e", "6f0c3c1e"},
		"name of a param": {"least", "briefest"},
		"name of a def":   {"tool", "program"},
		"name of a list":  {"names", "people"},
		"variable":        {"arg ", "word ", "arg:", "word:"},
		"formatting":      {"\n    and not", " and not"},
		"comment":         {"  from", "  // a comment\n  from"},
		"doc":             {`"shortest"`, `"no more"`},
		"order":           {`tool and any arg in process.args: arg == "user"`, `any arg in process.args: arg == "user" and tool`},
		"repetition":      {`where tool`, `where tool and tool`},
		"order of a list": {`["net.exe", "net1.exe"]`, `["net1.exe", "net.exe"]`},
		"letter case":     {`"svc"`, `"SVC"`},
		"parentheses":     {`tool and any arg`, `(tool) and any arg`},
	}, edits{
		"default of a param": {"= 4", "= 5"},
		"list":               {`"bob"`, `"carol"`},
		"longer list":        {`"net1.exe"]`, `"net1.exe", "x.exe"]`},
		"literal":            {`"svc"`, `"svd"`},
		"cased":              {`starts_with "svc"`, `starts_with cased "svc"`},
		"operator":           {"starts_with", "ends_with"},
		"negation":           {"not process.parent", "process.parent"},
		"comparison":         {">= $least", "> $least"},
		"quantifier":         {"any arg in", "all arg in"},
		"field":              {"process.parent.name", "process.parent.executable"},
		"function":           {"length(process.command_line)", "values(process.command_line)"},
		"junction":           {"\"user\"\n    and not", "\"user\"\n    or not"},
		"source":             {"on windows", "on linux"},
		"another source":     {"on windows", "on windows, linux"},
	})
	compareMeanings(t, countRule, edits{
		"names":                      {"u.n", "v.m", "u.addresses", "v.places", "as u", "as v", "    n =", "    m =", "    addresses =", "    places ="},
		"param":                      {"failures", "most"},
		"schedule":                   {"schedule every 15m delay 5m", "schedule every 15m delay 9m"},
		"shown":                      {"show u.n", "show u.addresses"},
		"once":                       {"emit per user.name {", "emit per user.name once per 1h {"},
		"duration":                   {"1h every", "60m every"},
		"order":                      {"u.n >= $failures and u.addresses > 3", "u.addresses > 3 and u.n >= $failures"},
		"literal instead of a param": {"  param failures: int = 20\n", "", "$failures", "20"},
	}, edits{
		"threshold":                   {"= 20", "= 30"},
		"literal":                     {"> 3", "> 4"},
		"operator":                    {"> 3", ">= 3"},
		"window":                      {"1h every", "2h every"},
		"step":                        {"every 15m\n  count", "every 30m\n  count"},
		"kind of window":              {"window 1h every 15m", "sliding 1h"},
		"key":                         {"per user.name", "per user.id"},
		"folded key":                  {"per user.name", "per fold(user.name)"},
		"aggregate":                   {"distinct(source.ip)", "distinct(user.id)"},
		"condition":                   {"bad password", "no password"},
		"junction":                    {"$failures and u", "$failures or u"},
		"without a scope’s condition": {` where event.reason == "bad password"`, ""},
		"class":                       {"iam.login", "iam.signup", "okta", "auth0"},
	})
	compareMeanings(t, sequenceRule, edits{
		"names": {"guess", "try", "enter:", "inside:"},
		"shown": {"show guess.source.ip", "show guess.user.id"},
		"span":  {"30m", "1800s"},
	}, edits{
		"span":       {"30m", "31m"},
		"repeat":     {">= 5", ">= 6"},
		"kind":       {"sequence by", "together by"},
		"until":      {"until from", "missing from"},
		"no until":   {"    until from iam.password.reset on okta\n", ""},
		"key":        {"by user.id", "by user.name"},
		"comparison": {" and source.ip == guess.source.ip", ""},
		"negated":    {"source.ip == guess", "source.ip != guess"},
		"class":      {"iam.password.reset", "iam.mfa.change"},
		"literal":    {`"success"`, `"unknown"`},
	})
	compareMeanings(t, firstRule, edits{"units": {"14d", "336h"}}, edits{
		"every": {"1h", "2h"}, "history": {"14d", "15d"}, "warmup": {"7d", "6d"}, "no warmup": {"  warmup 7d", ""}, "value": {"source.ip", "user.name"}, "key": {"user.id", "user.name"},
	})
	compareMeanings(t, baselineRule, edits{"name": {"n =", "m =", "of n", "of m", "when n", "when m", "and n", "and m", "show n", "show m"}}, edits{
		"bucket": {"tumbling 1h", "tumbling 2h"}, "learn": {"learn 1d", "learn 2d"}, "own": {">= 12", ">= 13"}, "population": {"  population otherwise", ""},
		"factor": {"3 *", "4 *"}, "floor": {"stddev, 1", "stddev, 2"}, "least": {"n >= 10", "n >= 11"}, "function": {"max(", "min("}, "sign": {"mean + 3", "mean - 3"},
	})
}

// In a together rule the order of steps counts for nothing, in a sequence for all.
func TestMeaningOfOrder(t *testing.T) {
	text := func(kind, first, second string) string {
		return "rule r v1 {\n  " + kind + " by user.id within 30m {\n" + first + second + "  }\n}\n"
	}
	a, b := "    a: from iam.login on okta\n", "    b: from iam.mfa.change on okta where source.ip == \"10.0.0.1\"\n"
	for kind, want := range map[string]bool{"together": true, "sequence": false} {
		one, two := load(t, text(kind, a, b))[0], load(t, text(kind, b, a))[0]
		if got := pack.Meaning(one) == pack.Meaning(two); got != want {
			t.Errorf("%s: the same meaning in another order: %v", kind, got)
		}
	}
}

func compareMeanings(t *testing.T, text string, same, other edits) {
	t.Helper()
	want := pack.Meaning(load(t, text)[0])
	seen := map[string]string{want: "the rule"}
	for name, e := range same {
		if got := pack.Meaning(load(t, edited(t, text, e))[0]); got != want {
			t.Errorf("%s: another meaning", name)
		}
	}
	for name, e := range other {
		got := pack.Meaning(load(t, edited(t, text, e))[0])
		if first := seen[got]; first != "" {
			t.Errorf("%s: the meaning of %s", name, first)
		}
		seen[got] = name
	}
}

func edited(t *testing.T, text string, e []string) string {
	t.Helper()
	out := strings.NewReplacer(e...).Replace(text)
	if out == text {
		t.Fatalf("%v changes nothing", e)
	}
	return out
}

// Rules with other meanings have other hashes, and what is written to the same IR text has the same one.
func TestMeaningsOfShippedRules(t *testing.T) {
	ws := workspace.Load([]string{filepath.Join("..", "rules")}, "")
	seen := map[string]string{}
	for _, r := range ws.Rules {
		m := pack.Meaning(r)
		if first := seen[m]; first != "" {
			t.Errorf("%s and %s have one meaning", r.Name, first)
		}
		seen[m] = r.Name
		named := *r
		named.Name, named.Version, named.Meta, named.Tests = "other", 99, ir.Meta{}, nil
		if pack.Meaning(&named) != m {
			t.Errorf("%s: the name counts", r.Name)
		}
	}
	if len(seen) == 0 {
		t.Fatal("no rules")
	}
}
