package interp

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/elastic/kibana/judge"
	"github.com/onerule/onerule/backends/elastic/kibana/syntax"
	"github.com/onerule/onerule/backends/elastic/lucene/dsl"
	"github.com/onerule/onerule/backends/elastic/mapping"
)

// judgeLedger holds the queries on which Kibana 7 and the grammar that we follow (8.12 and later) differ, with the reason.
var judgeLedger = map[string]string{
	"a\u00a0and\u00a0b":  "U+00A0 is white space since 7.10",
	`f:\u0061`:           `\uXXXX without quotes came later`,
	`f:{`:                "{ and } are reserved since nested queries exist (7.6)",
	`o:{ a:1 }`:          "nested queries came with 7.6",
	`f:a{b`:              "{ and } are reserved since nested queries exist (7.6)",
	`f:\{a\}*`:           "{ and } are reserved since nested queries exist (7.6)",
	`f:*can\u006eot do*`: `\uXXXX without quotes came later`,
	`f:{a}`:              "{ and } are reserved since nested queries exist (7.6)",
	`f:5.0`:              "numbers stay text since 8.x",
	`f:0x10`:             "numbers stay text since 8.x",
	`f:1e3`:              "numbers stay text since 8.x",
	`n >= 05`:            "numbers stay text since 8.x",
	`f > a*`:             "a pattern in a range was refused or read otherwise in 7.x",
	`f:"\u0041"`:         `\uXXXX in quotes came later`,
}

// corpusLedger is the same for the queries of public rules, by file name.
var corpusLedger = map[string]string{
	"persistence_gcp_service_account_impersonation_role_grant.toml":    "nested queries came with 7.6",
	"credential_access_tls_deprecated_or_weak_cipher_negotiation.toml": "1.0 stays text since 8.x, and is the number 1 in 7.x",
}

// judgeQueries are asked besides those of the corpus.
var judgeQueries = []string{
	``, ` `, `a`, `"a b"`, `a b`, `a*`, `*`, `*:*`, `f:*`, `f:"a"`, `f:a`, `f:a b`, `f:"a\"b\\c"`, `f:"C:\temp"`, `f:"\d"`, `f:a*b`, `f:a?b*`, `f:*\:\\x\(*`,
	`f:(a or b)`, `f:(a and not b)`, `f:(not a)`, `f:((a or b) and c)`, `f:(a b or c*)`, `not f:a`, `NOT f:a AND g:b OR h:c`, `not (f:a or g:b)`, `f:a and g:b or h:c`,
	`not not a`, `not (not a)`, `n >= 5`, `n<5`, `n > 5 and n <= "6"`, `f:true`, `f:false`, `f:null`, `f:"true"`, `f:True`, `true`, `null`, `"f":a`, `"f g":a`, `f g:a`,
	`f:`, `f:(`, `f:()`, `(`, `)`, `a)`, `(a`, `f:"a`, `f:a"b`, `f:a:b`, `:a`, `f::a`, `f:\x`, `f:a\`, `f:a\*b`, `f:a\or b`, `f:a \or b`, `f:a \and b*`, `f:a\not b`, `f:not a`, `f:*cannot do*`,
	`a and`, `a or `, `and a`, `a and and b`, `a or or b`, `or`, `not`, `not `, `f:not`, `(a)and(b)`, `"a"and b`, `"a" and b`, `"a" b`, `f:"a" g:"b"`, `f:a-b+c=d|e&f!g^h~i[j]k/l.m@n#o`,
	`f:*-+=&|!^~/[]*`, `f:>5`, `f >5`, `f: 10.0.0.0/8`, `f:"*"`, `f.g*:a`, `*:a`, `f*:*`, `F:A`, "f:a\n or g:b", "f:a\tand\tg:b", `f:é*`, `f:"é"`, `f:😀`, `(((a)))`, `f:a\<b*`, `f:**`,
}

func TestJudge(t *testing.T) {
	ledgered := slices.Sorted(maps.Keys(judgeLedger))
	compareWithJudge(t, slices.Concat(judgeQueries, ledgered), judgeLedger)
}

func TestJudgeCorpus(t *testing.T) {
	rules := judge.Rules(t)
	var queries []string
	ledger := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		queries = append(queries, rules[name])
		if reason, ok := corpusLedger[name]; ok {
			ledger[rules[name]] = reason
		}
	}
	compareWithJudge(t, queries, ledger)
}

func compareWithJudge(t *testing.T, queries []string, ledger map[string]string) {
	view, err := mapping.NewView(nil)
	if err != nil {
		t.Fatal(err)
	}
	agreed := 0
	for i, v := range judge.Ask(t, queries) {
		q := queries[i]
		reason, known := ledger[q]
		ours, theirs := ourVerdict(t, q, view), "refused"
		if v.OK {
			theirs = canonical(t, v.DSL)
		}
		switch same := ours == theirs; {
		case same && known:
			t.Errorf("%q is in the ledger (%s), and they agree", q, reason)
		case !same && !known:
			t.Errorf("%.300q\n ours   %.600s\n theirs %.600s %s", q, ours, theirs, v.Error)
		case same:
			agreed++
		}
	}
	t.Logf("%d of %d queries agree", agreed, len(queries))
}

func ourVerdict(t *testing.T, query string, view *mapping.View) string {
	n, diags := syntax.Parse("q", query)
	if diags.HasErrors() {
		return "refused"
	}
	q, faults := Translate(n, view, Options{NoFieldList: true})
	if len(faults) > 0 {
		return "refused"
	}
	data, err := dsl.JSON(q)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	return canonical(t, tree)
}

// canonical writes Query DSL with the differences of the releases removed that mean nothing: must_not with and without a
// list, `a and b and c` nested to the right, numbers, which 7.x sends typed and later releases as text, and backslashes
// before characters that need none (7.x escapes digits and dots too).
func canonical(t *testing.T, v any) string {
	data, err := json.Marshal(canonicalTree(v))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func canonicalTree(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, sub := range v {
			if list, ok := sub.([]any); ok && k == "must_not" && len(list) == 1 {
				sub = list[0]
			}
			if list, ok := sub.([]any); ok && (k == "filter" || k == "should") {
				sub = flatten(k, list)
			}
			if n, ok := sub.(float64); ok && k != "minimum_should_match" {
				data, _ := json.Marshal(n)
				sub = string(data)
			}
			if body, ok := sub.(map[string]any); ok && k == "query_string" {
				sub = canonicalPattern(body)
			}
			out[k] = canonicalTree(sub)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, sub := range v {
			out[i] = canonicalTree(sub)
		}
		return out
	}
	return v
}

// flatten joins the lists of bools of the same kind that stand inside one another.
func flatten(kind string, list []any) []any {
	var out []any
	for _, v := range list {
		if object, ok := v.(map[string]any); ok {
			if inner, ok := object["bool"].(map[string]any); ok {
				if sub, ok := inner[kind].([]any); ok {
					out = append(out, flatten(kind, sub)...)
					continue
				}
			}
		}
		out = append(out, v)
	}
	return out
}

// canonicalPattern resolves the escapes of a query string; a live star becomes a control character.
func canonicalPattern(body map[string]any) map[string]any {
	text, _ := body["query"].(string)
	var b strings.Builder
	escaped := false
	for _, r := range text {
		switch {
		case escaped:
			escaped = false
			b.WriteRune(r)
		case r == '\\':
			escaped = true
		case r == '*':
			b.WriteByte(0)
		default:
			b.WriteRune(r)
		}
	}
	out := maps.Clone(body)
	out["query"] = b.String()
	return out
}
