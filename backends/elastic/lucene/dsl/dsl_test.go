package dsl

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/onerule/onerule/backends/elastic/mapping"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

var testNow = time.Date(2024, 3, 31, 12, 0, 0, 0, time.UTC)

func decode(t testing.TB, text string) native.Row {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var r native.Row
	if err := d.Decode(&r); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return r
}

func testMapping(t testing.TB) *mapping.Mapping {
	t.Helper()
	m, err := mapping.New(map[string]string{
		"k": "keyword", "k2": `{"type": "keyword", "normalizer": "lowercase"}`, "w": "wildcard", "t": "text", "n": "long", "x": "double", "b": "boolean",
		"ip": "ip", "d": "date", "fl": "flattened", "g": "geo_point", "o": "nested", "o.a": "keyword", "o.b": "keyword", "p.q": "keyword", "p.r": "long",
		"k.text": "text", "off": `{"type": "keyword", "index": false, "doc_values": false}`, "al": `{"type": "alias", "path": "k"}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func run(t testing.TB, query, doc string) bool {
	t.Helper()
	q, err := FromJSON([]byte(query), diag.Span{})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	m, faults := Compile(q, testMapping(t), Context{Now: testNow})
	if len(faults) > 0 {
		t.Fatalf("%s: %v", query, faults)
	}
	return m(NewDoc(decode(t, doc)))
}

func TestQueries(t *testing.T) {
	tests := []struct {
		query, doc string
		want       bool
	}{
		{`{"match_all": {}}`, `{}`, true},
		{`{"match_none": {}}`, `{}`, false},
		{`{"term": {"k": "a"}}`, `{"k": ["b", "a"]}`, true},
		{`{"term": {"k": {"value": "A"}}}`, `{"k": "a"}`, false},
		{`{"term": {"k": {"value": "A", "case_insensitive": true}}}`, `{"k": "a"}`, true},
		{`{"term": {"k2": "A"}}`, `{"k2": "a"}`, true},
		{`{"term": {"n": 5}}`, `{"n": 5}`, true},
		{`{"term": {"b": true}}`, `{"b": "true"}`, true},
		{`{"term": {"al": "a"}}`, `{"k": "a"}`, true},
		{`{"term": {"missing": "a"}}`, `{"missing": "a"}`, false},
		{`{"term": {"p": "a"}}`, `{"p": {"q": "a"}}`, false},
		{`{"term": {"fl": "v"}}`, `{"fl": {"a": "v"}}`, true},
		{`{"term": {"fl.a": "v"}}`, `{"fl": {"a": "v"}}`, true},
		{`{"term": {"fl.b": "v"}}`, `{"fl": {"a": "v"}}`, false},
		{`{"terms": {"k": ["x", "a"]}}`, `{"k": "a"}`, true},
		{`{"terms": {"k": []}}`, `{"k": "a"}`, false},
		{`{"match": {"k": "a b"}}`, `{"k": "a b"}`, true},
		{`{"match": {"k": "a b"}}`, `{"k": "a"}`, false},
		{`{"match": {"t": "a b"}}`, `{"t": "x B y"}`, true},
		{`{"match": {"t": {"query": "a b", "operator": "and"}}}`, `{"t": "x B y"}`, false},
		{`{"match": {"t": "..."}}`, `{"t": "..."}`, false},
		{`{"match_phrase": {"t": "quick fox"}}`, `{"t": "the QUICK fox runs"}`, true},
		{`{"match_phrase": {"t": "quick fox"}}`, `{"t": "quick brown fox"}`, false},
		{`{"match_phrase": {"t": "fox quick"}}`, `{"t": "quick fox"}`, false},
		{`{"match_phrase": {"t": {"query": "quick fox", "slop": 1}}}`, `{"t": "quick brown fox"}`, true},
		{`{"match_phrase": {"t": {"query": "fox quick", "slop": 2}}}`, `{"t": "quick fox"}`, true},
		{`{"match_phrase": {"t": "a b"}}`, `{"t": ["a", "b"]}`, false},
		{`{"match_phrase": {"k": "a b"}}`, `{"k": "a b"}`, true},
		{`{"match_phrase": {"k.text": "b"}}`, `{"k": "A b"}`, true},
		{`{"wildcard": {"k": "a*"}}`, `{"k": "abc"}`, true},
		{`{"wildcard": {"k": {"value": "A?c", "case_insensitive": true}}}`, `{"k": "abc"}`, true},
		{`{"wildcard": {"k": {"wildcard": "A*"}}}`, `{"k": "abc"}`, false},
		{`{"wildcard": {"k2": "A*"}}`, `{"k2": "abc"}`, true},
		{`{"wildcard": {"t": "qui*"}}`, `{"t": "The QUICK fox"}`, true},
		{`{"wildcard": {"t": "QUI*"}}`, `{"t": "The QUICK fox"}`, false},
		{`{"prefix": {"k": {"value": "a*"}}}`, `{"k": "a*b"}`, true},
		{`{"prefix": {"k": {"value": "a*"}}}`, `{"k": "axb"}`, false},
		{`{"regexp": {"k": "a.c"}}`, `{"k": "abc"}`, true},
		{`{"regexp": {"k": {"value": "A.c", "case_insensitive": true}}}`, `{"k": "abc"}`, true},
		{`{"range": {"n": {"gte": 5, "lt": 10}}}`, `{"n": [1, 7]}`, true},
		{`{"range": {"n": {"gt": 5, "lte": 6}}}`, `{"n": 5}`, false},
		{`{"range": {"n": {"gte": 5, "gt": 7}}}`, `{"n": 6}`, false},
		{`{"range": {"n": {"gte": 2, "lt": 5}}}`, `{"n": [1, 7]}`, false}, // one value must lie between
		{`{"range": {"d": {"gte": "now-1d/d"}}}`, `{"d": "2024-03-30T00:00:00Z"}`, true},
		{`{"range": {"d": {"lt": "2024-01-01", "time_zone": "+01:00"}}}`, `{"d": "2023-12-31T23:30:00Z"}`, false},
		{`{"exists": {"field": "k"}}`, `{"k": ""}`, true},
		{`{"exists": {"field": "k"}}`, `{"k": [null]}`, false},
		{`{"exists": {"field": "p"}}`, `{"p": {"r": 1}}`, true},
		{`{"exists": {"field": "p.*"}}`, `{"p": {"r": 1}}`, true},
		{`{"exists": {"field": "g"}}`, `{"g": {"lat": 1, "lon": 2}}`, true},
		{`{"exists": {"field": "n"}}`, `{"n": "malformed"}`, false},
		{`{"exists": {"field": "o.a"}}`, `{"o": [{"a": "1"}]}`, false},
		{`{"nested": {"path": "o", "query": {"bool": {"filter": [{"term": {"o.a": "1"}}, {"term": {"o.b": "2"}}]}}}}`, `{"o": [{"a": "1", "b": "2"}]}`, true},
		{`{"nested": {"path": "o", "query": {"bool": {"filter": [{"term": {"o.a": "1"}}, {"term": {"o.b": "2"}}]}}}}`, `{"o": [{"a": "1"}, {"b": "2"}]}`, false},
		{`{"nested": {"path": "o", "query": {"term": {"k": "1"}}}}`, `{"k": "1", "o": [{"a": "1"}]}`, false},
		{`{"nested": {"path": "zz", "ignore_unmapped": true, "query": {"match_all": {}}}}`, `{}`, false},
		{`{"bool": {"must": {"term": {"k": "a"}}, "should": [{"term": {"k": "b"}}]}}`, `{"k": "a"}`, true},
		{`{"bool": {"should": [{"term": {"k": "b"}}, {"term": {"k": "c"}}]}}`, `{"k": "a"}`, false},
		{`{"bool": {"should": [{"term": {"k": "a"}}, {"term": {"k": "b"}}, {"term": {"k": "c"}}], "minimum_should_match": 2}}`, `{"k": ["a", "c"]}`, true},
		{`{"bool": {"must_not": {"term": {"k": "a"}}}}`, `{}`, true},
		{`{"bool": {}}`, `{}`, true},
		{`{"multi_match": {"query": "10.0.0.1", "lenient": true}}`, `{"ip": "10.0.0.1"}`, true},
		{`{"multi_match": {"query": "hello", "lenient": true}}`, `{"t": "Hello world"}`, true},
		{`{"multi_match": {"query": "hello", "lenient": true}}`, `{"k2": "Hello world"}`, false},
		{`{"multi_match": {"query": "hello world", "type": "phrase", "lenient": true}}`, `{"t": "a Hello World"}`, true},
		{`{"multi_match": {"query": "a", "fields": ["k*"]}}`, `{"k2": "A"}`, true},
	}
	for _, tt := range tests {
		if got := run(t, tt.query, tt.doc); got != tt.want {
			t.Errorf("%s on %s: %v", tt.query, tt.doc, got)
		}
	}
}

func TestQueryString(t *testing.T) {
	tests := []struct {
		fields, text, doc string
		want              bool
	}{
		{"", "", `{"k": "a"}`, false},
		{"", "k:a", `{"k": "a"}`, true},
		{"", "k:(a OR b)", `{"k": "b"}`, true},
		{"", "k:(a b)", `{"k": "a b"}`, true}, // one value, not two
		{"", "k:(a b)", `{"k": "a"}`, false},
		{"", "t:(a b)", `{"t": "x b"}`, true},
		{"", `k:"a b"`, `{"k": "a b"}`, true},
		{"", `k:a\ b`, `{"k": "a b"}`, true},
		{"", "k:a AND n:5", `{"k": "a", "n": 5}`, true},
		{"", "k:a AND n:5", `{"k": "a", "n": 6}`, false},
		{"", "k:a AND NOT n:5", `{"k": "a", "n": 6}`, true},
		{"", "NOT k:a", `{}`, true},
		{"", "k:x OR NOT k:a", `{"k": "b"}`, false}, // the prohibited clause leaves the other one alone
		{"", "k:x OR (NOT k:a)", `{"k": "b"}`, true},
		{"", "k:a OR k:b AND n:5", `{"k": "a"}`, false}, // AND makes its two sides required
		{"", "+k:a n:5", `{"k": "a"}`, true},
		{"", "-k:a n:5", `{"k": "a", "n": 5}`, false},
		{"", "k:a && n:5", `{"k": "a", "n": 5}`, true},
		{"", "k:a || n:5", `{"n": 5}`, true},
		{"", "!k:a", `{"k": "b"}`, true},
		{"", "k:*", `{"k": ""}`, true},
		{"", "_exists_:k", `{"k": ""}`, true},
		{"", "_exists_:k", `{}`, false},
		{"", "k:ab*", `{"k": "abc"}`, true},
		{"", "k:a?c", `{"k": "abc"}`, true},
		{"", "k:AB*", `{"k": "abc"}`, false},
		{"", "k2:AB*", `{"k2": "abc"}`, true},
		{"", "t:QUI*", `{"t": "The QUICK fox"}`, true},
		{"", "t:Q*K", `{"t": "The QUICK fox"}`, true},
		{"", `k:a\*`, `{"k": "a*"}`, true},
		{"", "n:[1 TO 5]", `{"n": 5}`, true},
		{"", "n:{1 TO 5}", `{"n": 5}`, false},
		{"", "n:[5 TO *]", `{"n": 7}`, true},
		{"", "n:[* TO 5}", `{"n": 5}`, false},
		{"", "n:>=5", `{"n": 5}`, true},
		{"", "n:<5", `{"n": 5}`, false},
		{"", `k:\>a`, `{"k": "b"}`, true}, // an escaped > is a range all the same
		{"", `k:">a"`, `{"k": ">a"}`, true},
		{"", "k:/a.*/", `{"k": "abc"}`, true},
		{"", `k:/a\/b/`, `{"k": "a/b"}`, true},
		{"", "k:abcdef~", `{"k": "abdcef"}`, true},
		{"", "k:abc~0", `{"k": "abd"}`, false},
		{"", `t:"quick fox"~1`, `{"t": "quick brown fox"}`, true},
		{"", "hello", `{"t": "Hello"}`, true},
		{"", "hello", `{"n": 5, "k2": "HELLO"}`, true},
		{"", "n:abc", `{"n": 5}`, false}, // lenient, for there are no fields
		{"", `p.\*:v`, `{"p": {"q": "v"}}`, true},
		{"", "*", `{}`, true},
		{"", "*:*", `{}`, true},
		{"", "ip:10.0.0.0\\/8", `{"ip": "10.9.9.9"}`, true},
		{"", "k:a^2", `{"k": "a"}`, true},
		{"", `k:\u0061`, `{"k": "a"}`, true},
		{"w", "*foo bar*", `{"w": "x foo"}`, true}, // blanks separate terms
		{"w", "*foo bar*", `{"w": "bar x"}`, true},
		{"w", "*foo bar*", `{"w": "x fo bar"}`, false},
		{"w", "*a b c d*", `{"w": "b c"}`, true}, // terms between patterns are one value on fields that are not analysed
		{"w", "*a b c d*", `{"w": "b"}`, false},
		{"t", "*a b c d*", `{"t": "c"}`, true},
		{"k", "*", `{"k": "x"}`, true},
		{"k", "*", `{}`, false},
		{"t", `*x \-\-`, `{"t": "y"}`, false},
	}
	for _, tt := range tests {
		q := &QueryString{Text: tt.text}
		if tt.fields != "" {
			q.Fields = []string{tt.fields}
		}
		m, faults := Compile(q, testMapping(t), Context{Now: testNow})
		if len(faults) > 0 {
			t.Errorf("%s: %v", tt.text, faults)
			continue
		}
		if got := m(NewDoc(decode(t, tt.doc))); got != tt.want {
			t.Errorf("%s on %s: %v", tt.text, tt.doc, got)
		}
	}
}

func TestFaults(t *testing.T) {
	for query, part := range map[string]string{
		`{"term": {"n": "abc"}}`:                                      "`abc` is not a number",
		`{"term": {"k": null}}`:                                       "cannot be null",
		`{"term": {"missing": null}}`:                                 "cannot be null",
		`{"term": {"off": "x"}}`:                                      "`off`",
		`{"wildcard": {"n": "1*"}}`:                                   "wildcard query cannot be used on `n`",
		`{"regexp": {"k": "a("}}`:                                     "regular expression",
		`{"regexp": {"k": "` + strings.Repeat("a", 1001) + `"}}`:      "1000",
		`{"range": {"d": {"gte": "soon"}}}`:                           "is no date",
		`{"range": {"d": {"gte": "2024", "time_zone": "Mars/Base"}}}`: "Mars/Base",
		`{"nested": {"path": "zz", "query": {"match_all": {}}}}`:      "`zz` is no nested object",
		`{"query_string": {"query": "k:(a"}}`:                         "cannot be read",
		`{"query_string": {"query": "1*", "fields": ["n"]}}`:          "prefix query cannot be used on `n`",
		`{"query_string": {"query": "k:a AND"}}`:                      "cannot be read",
		`{"query_string": {"query": "k:a~9"}}`:                        "fuzziness",
		`{"term": {"g": "x"}}`:                                        "geo_point",
		`{"multi_match": {"query": "x", "fields": ["n"]}}`:            "is not a number",
	} {
		q, err := FromJSON([]byte(query), diag.Span{})
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if _, faults := Compile(q, testMapping(t), Context{Now: testNow}); len(faults) != 1 || !strings.Contains(faults[0].Msg, part) {
			t.Errorf("%s: %v", query, faults)
		}
	}
}

func TestDecodeErrors(t *testing.T) {
	for _, text := range []string{
		`{`, `[]`, `{}`, `{"term": {}}`, `{"zz": {"k": 1}}`, `{"term": {"a": 1, "b": 2}}`, `{"bool": {"sould": []}}`, `{"bool": []}`, `{"terms": {"k": "a"}}`,
		`{"wildcard": {"k": {"value": "a", "fuzzy": 1}}}`, `{"match": {"k": {"query": "a", "fuzziness": "AUTO"}}}`, `{"range": {"d": {"gte": 1, "format": "yyyy"}}}`,
		`{"exists": {"field": ["a"]}}`, `{"bool": {"minimum_should_match": "75%"}}`, `{"regexp": {"k": {"value": "a", "flags": "NONE"}}}`,
		strings.Repeat(`{"bool": {"must": `, 300) + `{"match_all": {}}` + strings.Repeat("}}", 300),
	} {
		if q, err := FromJSON([]byte(text), diag.Span{}); err == nil {
			t.Errorf("%.60s is read as %#v", text, q)
		}
	}
}

// The JSON form is read back as the same JSON.
func TestRoundTrip(t *testing.T) {
	for _, q := range []Query{
		MatchAll{},
		MatchNone{},
		AllOf(&Term{Leaf{Field: "k"}, "a", true}, Not(&Exists{Leaf{Field: "k"}})), AnyOf(&Wildcard{Leaf{Field: "k"}, "a*", true}, &Prefix{Leaf{Field: "k"}, "a", false}),
		&Terms{Leaf{Field: "k"}, []any{"a", "b"}}, &Match{Leaf{Field: "k"}, "a", false}, &Match{Leaf{Field: "k"}, "a", true}, &MatchPhrase{Leaf{Field: "k"}, "a b", 2},
		&MultiMatch{Value: "a", Phrase: true, Lenient: true}, &Regexp{Leaf{Field: "k"}, "a.*", true}, &Range{Leaf: Leaf{Field: "n"}, Gte: "1", Lt: "2", Zone: "Zulu"},
		&Nested{Path: "o", Query: MatchAll{}, IgnoreUnmapped: true}, &QueryString{Fields: []string{"k"}, Text: "a*", AnalyzeWildcard: true, DefaultAnd: true},
	} {
		first, err := JSON(q)
		if err != nil {
			t.Fatal(err)
		}
		again, err := FromJSON(first, diag.Span{})
		if err != nil {
			t.Fatalf("%s: %v", first, err)
		}
		if second, _ := JSON(again); string(second) != string(first) {
			t.Errorf("%s\n%s", first, second)
		}
	}
}

func FuzzQueryString(f *testing.F) {
	for _, s := range []string{"k:a AND (b OR NOT c*)", `k:[1 TO "5"} ^2`, `/a\/b/ "x"~2 y~1`, "((((", `\u12`, "a:>=", "+ - ! x", "{* TO x]"} {
		f.Add(s)
	}
	m := testMapping(f)
	doc := decode(f, `{"k": "a", "t": "The QUICK fox", "n": 5, "o": [{"a": "1"}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, fields := range [][]string{nil, {"k"}, {"t", "n"}} {
			if match, faults := Compile(&QueryString{Text: text, Fields: fields, AnalyzeWildcard: true}, m, Context{Now: testNow}); len(faults) == 0 {
				match(NewDoc(doc))
			}
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	q, err := FromJSON([]byte(`{"bool": {"filter": [{"term": {"k": "cmd.exe"}}, {"bool": {"should": [{"wildcard": {"w": "*\\\\temp\\\\*"}}, {"match": {"t": "enc bypass"}}]}}], "must_not": [{"term": {"n": 4}}]}}`), diag.Span{})
	if err != nil {
		b.Fatal(err)
	}
	m, faults := Compile(q, testMapping(b), Context{Now: testNow})
	if len(faults) > 0 {
		b.Fatal(faults)
	}
	row := decode(b, `{"k": "cmd.exe", "w": "C:\\temp\\x.exe", "t": "powershell -enc AAAA", "n": 5}`)
	b.ReportAllocs()
	for b.Loop() {
		if !m(NewDoc(row)) {
			b.Fatal("no match")
		}
	}
}
