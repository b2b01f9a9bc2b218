package interp

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

func decode(t testing.TB, text string) native.Row {
	t.Helper()
	var r native.Row
	if err := decodeInto(text, &r); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return r
}

func decodeInto(text string, r *native.Row) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	return d.Decode(r)
}

var testTypes = map[string]string{
	"f": "keyword", "g": "keyword", "w": "wildcard", "c": "constant_keyword", "t": "match_only_text", "n": "long", "x": "double", "b": "boolean",
	"ip": "ip", "d": "date", "@timestamp": "date", "fl": "flattened", "f.caseless": `{"type": "keyword", "normalizer": "lowercase"}`, "f.text": "text",
	"short": `{"type": "keyword", "ignore_above": 3}`, "o": "nested", "o.a": "keyword", "o.b": "keyword", "p.q": "keyword", "p.r": "keyword",
	"a b": "keyword", "off": `{"type": "keyword", "index": false, "doc_values": false}`, "o.in": "nested", "o.in.z": "keyword",
}

var testNow = time.Date(2024, 3, 31, 12, 0, 0, 0, time.UTC)

func runQuery(t testing.TB, query string, in native.Input) (native.Output, diag.List) {
	t.Helper()
	p, diags := Language.Compile("q", query)
	if diags.HasErrors() {
		t.Fatalf("%s: %v", query, diags)
	}
	return p.Run(in)
}

func matches(t testing.TB, query, doc string, doubts map[string]bool) bool {
	t.Helper()
	out, diags := runQuery(t, query, native.Input{Now: testNow, Doubts: doubts, Tables: []native.Table{{Name: "t", Types: testTypes, Rows: []native.Row{decode(t, doc)}}}})
	if diags.HasErrors() {
		t.Fatalf("%s: %v", query, diags)
	}
	return len(out.Matches) == 1
}

// A row is a query, the documents that match, and those that do not.
var meaning = []struct {
	name, query string
	fits        []string
	misses      []string
}{
	{"== on keyword is case-sensitive and whole", `f:"v"`, []string{`{"f": "v"}`, `{"f": ["x", "v"]}`}, []string{`{"f": "V"}`, `{"f": "vv"}`, `{"f": ""}`, `{"f": null}`, `{"f": []}`, `{}`}},
	{"unquoted == on keyword is whole too", `f:a b`, []string{`{"f": "a b"}`}, []string{`{"f": "a"}`, `{"f": "b a"}`}},
	{"!=", `not f:"v"`, []string{`{}`, `{"f": "V"}`, `{"f": []}`}, []string{`{"f": "v"}`, `{"f": ["x", "v"]}`}},
	{"caseless", `f.caseless:"cmd"`, []string{`{"f": "CMD"}`, `{"f": "cmd"}`}, []string{`{"f": "cmd.exe"}`}},
	{"a query on caseless is lower-cased", `f.caseless:CMD*`, []string{`{"f": "cmd.exe"}`}, []string{`{"f": "x"}`}},
	{"in", `f:("a" or "b")`, []string{`{"f": "b"}`}, []string{`{"f": "c"}`, `{}`}},
	{"not in", `not f:("a" or "b")`, []string{`{"f": "c"}`, `{}`}, []string{`{"f": ["c", "a"]}`}},
	{"both values", `f:("a" and "b")`, []string{`{"f": ["b", "a"]}`}, []string{`{"f": "a"}`}},
	{"not in a list", `f:("a" and not "b")`, []string{`{"f": "a"}`}, []string{`{"f": ["a", "b"]}`, `{}`}},
	{"contains", `f:*v*`, []string{`{"f": "v"}`, `{"f": "xvx"}`, `{"f": "x\nv"}`}, []string{`{"f": "V"}`, `{"f": ""}`}},
	{"not contains", `not f:*v*`, []string{`{"f": "V"}`, `{}`}, []string{`{"f": "xvx"}`}},
	{"starts_with", `f:v*`, []string{`{"f": "v"}`, `{"f": "vx"}`}, []string{`{"f": "xv"}`}},
	{"ends_with", `f:*v`, []string{`{"f": "v"}`, `{"f": "xv"}`}, []string{`{"f": "vx"}`}},
	{"like", `f:a*b*c`, []string{`{"f": "abc"}`, `{"f": "aXbYc"}`}, []string{`{"f": "acb"}`}},
	{"a question mark is text", `f:a?c*`, []string{`{"f": "a?cd"}`}, []string{`{"f": "abcd"}`}},
	{"a literal star in a pattern", `f:*a\*b*`, []string{`{"f": "xa*b"}`}, []string{`{"f": "xaxb"}`}},
	{"a star in quotes is text", `f:"a*"`, []string{`{"f": "a*"}`}, []string{`{"f": "ab"}`}},
	{"a backslash in a pattern", `f:*\\temp\\*`, []string{`{"f": "C:\\temp\\x"}`}, []string{`{"f": "C:/temp/x"}`}},
	{"specials in a pattern", `f:*\(\)\:\<\>\"\{\}+-=&|!^~/[]*`, []string{`{"f": "x():<>\"{}+-=&|!^~/[]y"}`}, []string{`{"f": "x"}`}},
	{"blanks in a pattern on keyword", `f:*foo bar*`, []string{`{"f": "a foo bar"}`}, []string{`{"f": "foo"}`, `{"f": "bar x"}`}},
	{"blanks in a pattern on wildcard (F1)", `w:*foo bar*`, []string{`{"w": "foo"}`, `{"w": "bar x"}`}, []string{`{"w": "a foo bar x"}`, `{"w": "fo bar"}`}},
	{"patterns on wildcard", `w:*v*`, []string{`{"w": "xvx"}`}, []string{`{"w": "xVx"}`}},
	{"specials in a pattern on wildcard", `w:*\(\)\:\<\>\"\{\}+-=&|!^~/[]*`, []string{`{"w": "x():<>\"{}+-=&|!^~/[]y"}`}, []string{`{"w": "x"}`}},
	{"constant_keyword", `c:"v"`, []string{`{"c": "v"}`}, []string{`{"c": "V"}`, `{}`}},
	{"keywords in a pattern (F2)", `f:*can\u006eot do*`, []string{`{"f": "I cannot do it"}`}, []string{`{"f": "I can do it"}`}},
	{"tab in a quoted path", `f:"C:\temp"`, []string{`{"f": "C:\temp"}`}, []string{`{"f": "C:\\temp"}`}},
	{"keyword: some string value contains it", `f:*k* or g:*k*`, []string{`{"g": "xkx"}`}, []string{`{"g": "x"}`}},
	{"in_cidr", `ip:"10.0.0.0/8"`, []string{`{"ip": "10.200.3.4"}`, `{"ip": ["1.1.1.1", "10.0.0.1"]}`, `{"ip": "::ffff:10.1.2.3"}`}, []string{`{"ip": "11.0.0.1"}`, `{"ip": "::1"}`, `{}`}},
	{"in_cidr unquoted", `ip:10.0.0.0/8`, []string{`{"ip": "10.200.3.4"}`}, []string{`{"ip": "11.0.0.1"}`}},
	{"in_cidr v6", `ip:"2001:db8::/32"`, []string{`{"ip": "2001:DB8:1::1"}`}, []string{`{"ip": "2001:db9::1"}`, `{"ip": "10.0.0.1"}`}},
	{"not in_cidr", `not ip:"10.0.0.0/8"`, []string{`{"ip": "11.0.0.1"}`, `{}`}, []string{`{"ip": "10.0.0.1"}`}},
	{"address", `ip:("10.0.0.1" or "::1")`, []string{`{"ip": "::1"}`, `{"ip": "0:0:0:0:0:0:0:1"}`}, []string{`{"ip": "10.0.0.2"}`}},
	{"a block on keyword is text", `f:"10.0.0.0/8"`, []string{`{"f": "10.0.0.0/8"}`}, []string{`{"f": "10.0.0.1"}`}},
	{"number ==", `n:5`, []string{`{"n": 5}`, `{"n": "5"}`, `{"n": [1, 5]}`}, []string{`{"n": 6}`, `{}`}},
	{"number in", `n:(1 or 2)`, []string{`{"n": 2}`}, []string{`{"n": 3}`}},
	{"number quoted", `n:"5"`, []string{`{"n": 5}`}, []string{`{"n": 6}`}},
	{"negative number", `n:-5`, []string{`{"n": -5}`}, []string{`{"n": 5}`}},
	{"fraction", `x:0.5`, []string{`{"x": 0.5}`, `{"x": "0.50"}`}, []string{`{"x": 0.51}`}},
	{"number >=", `n >= 5`, []string{`{"n": 5}`, `{"n": [1, 6]}`}, []string{`{"n": 4}`, `{}`}},
	{"number >", `n > 5`, []string{`{"n": 6}`}, []string{`{"n": 5}`}},
	{"number <=", `n <= 5`, []string{`{"n": 5}`}, []string{`{"n": 6}`}},
	{"number <", `n < 5`, []string{`{"n": 4}`, `{"n": -10}`}, []string{`{"n": 5}`}},
	{"not number >=", `not n >= 5`, []string{`{"n": 4}`, `{}`}, []string{`{"n": [4, 5]}`}},
	{"numbers on keyword compare as text", `f > 10`, []string{`{"f": "9"}`}, []string{`{"f": "1"}`, `{"f": "10"}`}},
	{"all elements", `n:* and not n < 5`, []string{`{"n": [5, 6]}`}, []string{`{"n": [4, 6]}`, `{}`}},
	{"same element by overlaps", `f:p*q or f:"pq"`, []string{`{"f": "pxq"}`, `{"f": "pq"}`}, []string{`{"f": ["p", "q"]}`}},
	{"date >=", `d >= "2024-01-01T00:00:00.000Z"`, []string{`{"d": "2024-01-01T00:00:00.000Z"}`, `{"d": 1704067200000}`}, []string{`{"d": "2023-12-31T23:59:59.999Z"}`, `{}`}},
	{"date math", `d >= now-1d`, []string{`{"d": "2024-03-30T12:00:00Z"}`}, []string{`{"d": "2024-03-30T11:59:59Z"}`}},
	{"date day", `d:2024-03-30`, []string{`{"d": "2024-03-30T23:59:59.999Z"}`}, []string{`{"d": "2024-03-31"}`}},
	{"date > rounds up", `d > 2024-03-30`, []string{`{"d": "2024-03-31"}`}, []string{`{"d": "2024-03-30T12:00:00Z"}`}},
	{"date epoch", `d:1704067200000`, []string{`{"d": "2024-01-01T00:00:00Z"}`}, []string{`{"d": "2024-01-01T00:00:01Z"}`}},
	{"boolean", `b:true`, []string{`{"b": true}`, `{"b": "true"}`}, []string{`{"b": false}`, `{}`}},
	{"boolean quoted", `b:"false"`, []string{`{"b": false}`, `{"b": ""}`}, []string{`{"b": true}`}},
	{"not boolean", `not b:true`, []string{`{"b": false}`, `{}`}, []string{`{"b": true}`}},
	{"exists", `f:*`, []string{`{"f": "x"}`, `{"f": ""}`, `{"f": [null, "x"]}`}, []string{`{"f": null}`, `{"f": []}`, `{"f": [null]}`, `{}`}},
	{"missing", `not f:*`, []string{`{}`, `{"f": null}`}, []string{`{"f": ""}`}},
	{"exists number", `n:*`, []string{`{"n": 0}`}, []string{`{}`}},
	{"exists object", `p:*`, []string{`{"p": {"q": "x"}}`}, []string{`{}`, `{"p": {}}`}},
	{"two stars are a pattern", `f:**`, []string{`{"f": ""}`}, []string{`{}`}},
	{"empty string", `f:""`, []string{`{"f": ""}`}, []string{`{"f": "x"}`, `{}`}},
	{"empty", `not f:* or f:""`, []string{`{}`, `{"f": ""}`}, []string{`{"f": "x"}`}},
	{"not empty", `f:* and not f:""`, []string{`{"f": "x"}`}, []string{`{"f": ""}`, `{}`}},
	{"true", `*:*`, []string{`{}`, `{"f": "x"}`}, nil},
	{"empty query", ``, []string{`{}`}, nil},
	{"false", `not *:*`, nil, []string{`{}`, `{"f": "x"}`}},
	{"and", `f:a and g:b`, []string{`{"f": "a", "g": "b"}`}, []string{`{"f": "a"}`}},
	{"and binds tighter", `f:a or g:b and n:1`, []string{`{"f": "a"}`, `{"g": "b", "n": 1}`}, []string{`{"g": "b"}`}},
	{"not a and b", `not f:a and g:b`, []string{`{"g": "b"}`}, []string{`{"f": "a", "g": "b"}`, `{}`}},
	{"two conditions on an array", `f:a* and f:*b`, []string{`{"f": ["ax", "xb"]}`, `{"f": "ab"}`}, []string{`{"f": ["ax", "bx"]}`}},
	{"objects", `o:{ a:"x" and b:"y" }`, []string{`{"o": [{"a": "x", "b": "y"}]}`, `{"o": {"a": "x", "b": ["z", "y"]}}`}, []string{`{"o": [{"a": "x"}, {"b": "y"}]}`, `{}`}},
	{"not objects", `not o:{ a:"x" }`, []string{`{}`, `{"o": [{"a": "z"}]}`}, []string{`{"o": [{"a": "z"}, {"a": "x"}]}`}},
	{"nested in nested", `o:{ in:{ z:"1" } and a:"x" }`, []string{`{"o": [{"a": "x", "in": [{"z": "1"}]}]}`}, []string{`{"o": [{"a": "x"}, {"in": [{"z": "1"}]}]}`}},
	{"a nested object without its fields", `o:{ a:* }`, []string{`{"o": {"a": "x"}}`}, []string{`{"o": {"b": "x"}}`, `{"o": []}`}},
	{"field pattern", `p.*:"v"`, []string{`{"p": {"q": "v"}}`, `{"p": {"r": "v"}}`}, []string{`{"f": "v"}`}},
	{"field pattern over nested fields", `o.*:"v"`, []string{`{"o": [{"b": "v"}]}`, `{"o": {"in": {"z": "v"}}}`}, []string{`{"f": "v"}`}},
	{"field pattern exists", `p.*:*`, []string{`{"p": {"r": ""}}`}, []string{`{}`}},
	{"field with a blank", `"a b":"v"`, []string{`{"a b": "v"}`}, []string{`{}`}},
	{"dotted keys", `p.q:"v"`, []string{`{"p.q": "v"}`, `{"p": {"q": "v"}}`, `{"p": [{"q": "x"}, {"q": "v"}]}`}, []string{`{"q": "v"}`}},
	{"flattened", `fl.a.b:"v"`, []string{`{"fl": {"a": {"b": "v"}}}`, `{"fl": {"a.b": "v"}}`}, []string{`{"fl": {"a": "v"}}`}},
	{"flattened root", `fl:"v"`, []string{`{"fl": {"a": {"b": "v"}}}`}, []string{`{"fl": {"v": "a"}}`}},
	{"text phrase", `t:"quick fox"`, []string{`{"t": "the QUICK fox"}`}, []string{`{"t": "quick brown fox"}`, `{"t": "fox quick"}`, `{}`}},
	{"text words", `t:quick fox`, []string{`{"t": "a FOX"}`, `{"t": "Quick!"}`}, []string{`{"t": "quicker"}`}},
	{"text pattern", `t:QUI*`, []string{`{"t": "the quick fox"}`}, []string{`{"t": "the fox"}`}},
	{"text pattern is on words", `t:*quick fox*`, []string{`{"t": "fox"}`, `{"t": "foxes"}`, `{"t": "quick"}`}, []string{`{"t": "ox"}`}},
	{"text multi-field", `f.text:"b c"`, []string{`{"f": "A b C d"}`}, []string{`{"f": "b d c"}`}},
	{"free text", `hello`, []string{`{"f": "hello"}`, `{"t": "Hello world"}`, `{"p": {"q": "hello"}}`}, []string{`{"g": "hello world"}`, `{"o": {"a": "hello"}}`}},
	{"free text number", `5`, []string{`{"n": 5}`, `{"f": "5"}`}, []string{`{"n": 6}`}},
	{"free text address", `"10.0.0.1"`, []string{`{"ip": "10.0.0.1"}`}, []string{`{"ip": "10.0.0.2"}`}},
	{"free phrase", `"hello world"`, []string{`{"t": "a hello world"}`}, []string{`{"t": "world hello"}`}},
	{"free pattern", `hel*`, []string{`{"f": "hello"}`, `{"t": "say Hello"}`}, []string{`{"g": "Hello there"}`, `{"n": 5}`}},
	{"lone free star", `*`, []string{`{}`}, nil},
	{"null as a field is no field", `null:hello`, []string{`{"f": "hello"}`}, []string{`{}`}},
	{"unmapped field", `zz:"v"`, nil, []string{`{}`}},
	{"not unmapped field", `not zz:"v"`, []string{`{}`}, nil},
	{"ignore_above", `short:*`, []string{`{"short": "abc"}`}, []string{`{"short": "abcd"}`}},
	{"not over ignore_above", `not short:"abcd"`, []string{`{"short": "abcd"}`}, nil},
	{"range with a pattern is text", `f >= a*`, []string{`{"f": "a*"}`, `{"f": "b"}`}, []string{`{"f": "a"}`}},
	{"unquoted true on keyword", `f:true`, []string{`{"f": "true"}`, `{"f": true}`}, []string{`{"f": "True"}`}},
	{"non-ASCII letters do not fold", `f:"É"`, []string{`{"f": "É"}`}, []string{`{"f": "é"}`}},
}

func TestMeaning(t *testing.T) {
	for _, tt := range meaning {
		t.Run(tt.name, func(t *testing.T) {
			for _, doc := range tt.fits {
				if !matches(t, tt.query, doc, nil) {
					t.Errorf("%s misses %s", tt.query, doc)
				}
			}
			for _, doc := range tt.misses {
				if matches(t, tt.query, doc, nil) {
					t.Errorf("%s fits %s", tt.query, doc)
				}
			}
		})
	}
}

// What the printer writes means what the query meant.
func TestMeaningOfReprint(t *testing.T) {
	for _, tt := range meaning {
		text, diags := Language.Reprint("q", tt.query)
		if diags.HasErrors() {
			t.Errorf("%s: %v", tt.query, diags)
			continue
		}
		for _, doc := range slices.Concat(tt.fits, tt.misses) {
			if matches(t, text, doc, nil) != slices.Contains(tt.fits, doc) {
				t.Errorf("%s, reprinted %s, differs on %s", tt.query, text, doc)
			}
		}
	}
}

func TestDoubts(t *testing.T) {
	off := map[string]bool{DoubtFieldList.Name: false}
	for _, tt := range []struct {
		query, doc string
		doubts     map[string]bool
		want       bool
	}{
		{`f:*foo bar*`, `{"f": "foo"}`, nil, false},
		{`f:*foo bar*`, `{"f": "foo"}`, off, true},
		{`f:"a b"`, `{"f": "a b"}`, off, true},
		{`f.caseless:CMD`, `{"f": "cmd"}`, off, true},
		{`d:"2024-03-30"`, `{"d": "2024-03-30T10:00:00Z"}`, off, true},
		{`p.*:"v"`, `{"p": {"q": "v"}}`, nil, true},
		{`p.*:"v"`, `{"p": {"q": "v"}}`, off, false},
		{`n:400 401`, `{"n": 401}`, map[string]bool{DoubtNumberWords.Name: true}, true},
		{`n:400 401`, `{"n": 402}`, map[string]bool{DoubtNumberWords.Name: true}, false},
	} {
		if got := matches(t, tt.query, tt.doc, tt.doubts); got != tt.want {
			t.Errorf("%s on %s with %v: %v", tt.query, tt.doc, tt.doubts, got)
		}
	}
	if !slices.IsSortedFunc(Language.Doubts, func(a, b native.Doubt) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the doubts are not sorted")
	}
}

func TestRunFaults(t *testing.T) {
	for query, want := range map[string]string{
		`n:abc`:           "`abc` is not a number, and the field `n` is of type long",
		`n:400 401`:       "`400 401` is not a number",
		`n > abc`:         "is not a number",
		`n:1*`:            "prefix query cannot be used on `n`",
		`ip:10.*`:         "prefix query cannot be used on `ip`",
		`ip:"10.0.0.0/x"`: "`10.0.0.0/x` is no block",
		`d:yesterday`:     "`yesterday` is no date",
		`d >= now-1x`:     "`x` is not one of the units",
		`b:yes`:           "`yes` is neither true nor false",
		`f:null`:          "the value for `f` cannot be null",
		`null`:            "cannot be null",
		`off:"x"`:         "`off` is only stored",
		`o.a:"x"`:         "`o.a` is a nested field: it needs a nested group, `o:{ … }`",
		`o:{ f:"x" }`:     "`o.f`", // unmapped, see below
		`p:{ q:"x" }`:     "`p.q` is no nested field, but stands in the nested group `p`",
		`zz:{ q:"x" }`:    "`zz` is no nested object",
		`o:{ in.z:"x" }`:  "`o.in.z` stands in the nested group `o`, but its path is `o.in`",
	} {
		out, diags := runQuery(t, query, native.Input{Tables: []native.Table{{Name: "t", Types: testTypes, Rows: []native.Row{{}}}}})
		if query == `o:{ f:"x" }` {
			if diags.HasErrors() || len(out.Warnings) != 1 || !strings.Contains(out.Warnings[0], want) {
				t.Errorf("%s: %v, %v", query, diags, out.Warnings)
			}
			continue
		}
		if len(diags) != 1 || diags[0].Code != diag.KibanaRun || !strings.Contains(diags[0].Title, want) || !diags[0].Span.IsValid() {
			t.Errorf("%s: %v", query, diags)
		}
	}
}

// A table on which the search fails is left out with a warning; when all fail, it is an error.
func TestPartialFailure(t *testing.T) {
	in := native.Input{Tables: []native.Table{
		{Name: "a", Types: map[string]string{"n": "long"}, Rows: []native.Row{decode(t, `{"n": 1}`)}},
		{Name: "b", Types: map[string]string{"n": "keyword"}, Rows: []native.Row{decode(t, `{"n": "abc"}`)}},
	}}
	out, diags := runQuery(t, "n:abc", in)
	if diags.HasErrors() || fmt.Sprint(out.Matches) != "[{1 0}]" || len(out.Warnings) != 1 || !strings.Contains(out.Warnings[0], "`a` is left out") {
		t.Errorf("%v, %v", out, diags)
	}
}

// A field that is keyword in one table and wildcard in another goes the way of fields that are not plain keyword.
func TestMixedTypes(t *testing.T) {
	rows := []native.Row{decode(t, `{"f": "foo"}`)}
	in := native.Input{Tables: []native.Table{{Name: "a", Types: map[string]string{"f": "keyword"}, Rows: rows}, {Name: "b", Types: map[string]string{"f": "wildcard"}, Rows: rows}}}
	out, diags := runQuery(t, "f:*foo bar*", in)
	if diags.HasErrors() || len(out.Matches) != 2 {
		t.Errorf("%v, %v", out, diags)
	}
}

func TestInferredTypes(t *testing.T) {
	in := native.Input{Tables: []native.Table{{Name: "t", Rows: []native.Row{
		decode(t, `{"@timestamp": "2024-03-31T00:00:00Z", "s": "a b", "n": 5, "ip": "10.0.0.1", "b": true}`),
	}}}}
	for query, want := range map[string]int{
		`s:*a b*`: 1, `s:"a"`: 0, `n >= 5`: 1, `ip:"10.0.0.0/8"`: 0, `ip:10.*`: 1, `b:true`: 1, `@timestamp >= now-1d`: 1, `@timestamp > now`: 0,
	} {
		out, diags := runQuery(t, query, in)
		if diags.HasErrors() || len(out.Matches) != want {
			t.Errorf("%s: %v, %v", query, out.Matches, diags)
		}
	}
}

func TestWarnings(t *testing.T) {
	in := native.Input{Tables: []native.Table{{Name: "t", Types: testTypes, Rows: []native.Row{decode(t, `{"n": "many", "process.name": "x"}`)}}}}
	out, diags := runQuery(t, `process.nmae:"x" or n:5`, in)
	if diags.HasErrors() || len(out.Warnings) != 2 {
		t.Fatalf("%v, %v", out.Warnings, diags)
	}
	if !strings.Contains(out.Warnings[0], "values of `n`") || !strings.Contains(out.Warnings[1], "`process.name`") {
		t.Errorf("%q", out.Warnings)
	}
}

func TestTimeRange(t *testing.T) {
	var rows []native.Row
	for _, at := range []string{"2024-01-01T00:00:00Z", "2024-01-01T01:00:00Z", "2024-01-01T02:00:00Z"} {
		rows = append(rows, native.Row{"@timestamp": at, "seen": at})
	}
	rows = append(rows, native.Row{})
	from, to := time.Date(2024, 1, 1, 1, 0, 0, 0, time.UTC), time.Date(2024, 1, 1, 2, 0, 0, 0, time.UTC)
	types := map[string]string{"@timestamp": "date", "seen": "date"}
	for _, tt := range []struct {
		in   native.Input
		want string
	}{
		{native.Input{}, "[{0 0} {0 1} {0 2} {0 3}]"},
		{native.Input{From: from, To: to}, "[{0 1}]"},
		{native.Input{From: from}, "[{0 1} {0 2}]"},
		{native.Input{To: to, Timestamp: "seen"}, "[{0 0} {0 1}]"},
	} {
		tt.in.Tables = []native.Table{{Name: "t", Types: types, Rows: rows}}
		out, diags := runQuery(t, "*:*", tt.in)
		if got := fmt.Sprint(out.Matches); diags.HasErrors() || got != tt.want {
			t.Errorf("%s, want %s: %v", got, tt.want, diags)
		}
	}
}

func TestBadMapping(t *testing.T) {
	_, diags := runQuery(t, "f:a", native.Input{Tables: []native.Table{{Name: "t", Types: map[string]string{"f": "keywrd"}}}})
	if len(diags) != 1 || diags[0].Code != diag.KibanaRun || !strings.Contains(diags[0].Title, "`keyword`") {
		t.Errorf("%v", diags)
	}
	if out, diags := runQuery(t, "f:a", native.Input{}); len(diags) > 0 || len(out.Matches) > 0 || len(out.Warnings) > 0 {
		t.Errorf("no tables: %v, %v", out, diags)
	}
}

func TestLeafLimit(t *testing.T) {
	types := map[string]string{}
	for i := range 3000 {
		types[fmt.Sprintf("f%d", i)] = "keyword"
	}
	query := "f*:(" + strings.Repeat("a or ", 100) + "a)"
	_, diags := runQuery(t, query, native.Input{Tables: []native.Table{{Name: "t", Types: types}}})
	if len(diags) != 1 || diags[0].Code != diag.KibanaLimit {
		t.Errorf("%v", diags)
	}
}

func TestSyntaxFaults(t *testing.T) {
	if p, diags := Language.Compile("q", "f:(a"); p != nil || !diags.HasErrors() {
		t.Errorf("%v", diags)
	}
	if _, diags := Language.Reprint("q", "f:(a"); !diags.HasErrors() {
		t.Error("a broken query is reprinted")
	}
	if _, diags := Language.Reprint("q", `f:\n`); !diags.HasErrors() {
		t.Error("an empty word is reprinted")
	}
	if text, diags := Language.Reprint("q", `NOT (f : a   OR f:b)`); diags.HasErrors() || text != "not (f:a or f:b)" {
		t.Errorf("%s, %v", text, diags)
	}
}

func BenchmarkRun(b *testing.B) {
	p, diags := Language.Compile("q", `f:("cmd.exe" or *shell*) and not w:*\\temp\\* and n >= 5 and ip:"10.0.0.0/8" and t:"quick fox"`)
	if diags.HasErrors() {
		b.Fatal(diags)
	}
	var rows []native.Row
	for i := range 1000 {
		rows = append(rows, decode(b, fmt.Sprintf(`{"f": "powershell.exe", "w": "C:\\x\\%d", "n": %d, "ip": "10.0.0.%d", "t": "the quick fox"}`, i, i, i%256)))
	}
	in := native.Input{Now: testNow, Tables: []native.Table{{Name: "t", Types: testTypes, Rows: rows}}}
	b.ReportAllocs()
	for b.Loop() {
		if out, diags := p.Run(in); diags.HasErrors() || len(out.Matches) != 995 {
			b.Fatalf("%d matches, %v", len(out.Matches), diags)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Language.Compile("q", `f:("cmd.exe" or *shell*) and not w:*\\temp\\* and n >= 5`)
	}
}
