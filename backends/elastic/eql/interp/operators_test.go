package interp

import (
	"strings"
	"testing"

	"github.com/onerule/onerule/diag"
)

// TestOperatorForms runs each form that a rule's operators are printed as, with its negation, over a hit, a near miss and an
// event without the field.
func TestOperatorForms(t *testing.T) {
	types := map[string]string{
		"@timestamp": "date", "f": "keyword", "g": "keyword", "a": "keyword", "n": "long", "m": "long", "na": "double",
		"b": "boolean", "d": "date", "ip": "ip", "ip2": "ip",
	}
	for _, group := range []struct {
		events []string // the last one has none of the fields
		forms  []check
	}{
		{[]string{`{"f":"Value","g":"VALUE"}`, `{"f":"value","g":"value"}`, `{"f":"valu","g":"value"}`, `{}`}, []check{
			{`f : "value"`, "0 1"},
			{`not f : "value"`, "2 3"},
			{`f in~ ("VALUE")`, "0 1"},
			{`not f in~ ("VALUE")`, "2 3"},
			{`f == "value"`, "1"},
			{`f != "value"`, "0 2 3"},
			{`f in~ ("value", "valu")`, "0 1 2"},
			{`f in ("value", "x")`, "1"},
			{`not f in ("value", "x")`, "0 2 3"},
			{`f : "*alue*"`, "0 1"},
			{`stringContains~(f, "ALUE")`, "0 1"},
			{`f like "*Valu*"`, "0"},
			{`stringContains(f, "Val")`, "0"},
			{`not f : "*alue*"`, "2 3"},
			{`not stringContains~(f, "ALUE")`, "2 3"},
			{`not f like "*Valu*"`, "1 2 3"},
			{`f : "va*"`, "0 1 2"},
			{`startsWith~(f, "VA")`, "0 1 2"},
			{`f like "va*"`, "1 2"},
			{`startsWith(f, "Va")`, "0"},
			{`not f : "value*"`, "2 3"},
			{`f : "*ue"`, "0 1"},
			{`endsWith~(f, "UE")`, "0 1"},
			{`f like "*ue"`, "0 1"},
			{`endsWith(f, "lue")`, "0 1"},
			{`not f : "*ue"`, "2 3"},
			{`f : "v?l*e"`, "0 1"},
			{`f like "v?l*e"`, "1"},
			{`f regex "[Vv].l.*[Ee]"`, "0 1"},
			{`not f : "v?l*e"`, "2 3"},
			{`f regex ".*(al|xx).*"`, "0 1 2"},
			{`not f regex ".*(lue).*"`, "2 3"},
			{`startsWith~(f, g) and startsWith~(g, f)`, "0 1"},
			{`startsWith(f, g) and startsWith(g, f)`, "1"},
			{`not (startsWith~(f, g) and startsWith~(g, f))`, "2 3"},
			{`(?f : "*alue*" or ?g : "*xyz*")`, "0 1"},
			{`(?f == null or not ?f : "*alue*") and (?g == null or not ?g : "*xyz*")`, "2 3"},
			{`f regex ".{5,}"`, "0 1"},
			{`not f regex ".{5,}"`, "2 3"},
			{`f != null`, "0 1 2"},
			{`f == null`, "3"},
		}},
		{[]string{`{"f":"a*b?c"}`, `{"f":"aXbYc"}`, `{"f":"C:\\dir\\"}`, `{"f":"say \"hi\"\n"}`, `{"f":""}`, `{}`}, []check{
			{`f in~ ("A*b?c")`, "0"},
			{`stringContains~(f, "*B?")`, "0"},
			{`f regex "[Aa]\\*[Bb]\\?[Cc]"`, "0"},
			{`f : "a*b?c"`, "0 1"},
			{`endsWith~(f, "\\")`, "2"},
			{`f : "*\\"`, "2"},
			{`f : "c:\\*"`, "2"},
			{`f : "*\"HI\"\n"`, "3"},
			{`f == ""`, "4"},
			{`(?f == null or ?f == "")`, "4 5"},
			{`?f != null and ?f != ""`, "0 1 2 3"},
		}},
		{[]string{`{"ip":"10.1.2.3","ip2":"10.1.2.3"}`, `{"ip":"2001:db8::1","ip2":"::1"}`, `{"ip":"11.0.0.0"}`, `{}`}, []check{
			{`cidrMatch(ip, "10.0.0.0/8")`, "0"},
			{`not cidrMatch(ip, "10.0.0.0/8")`, "1 2 3"},
			{`cidrMatch(ip, "2001:db8::/32")`, "1"},
			{`not cidrMatch(ip, "2001:db8::/32")`, "0 2 3"},
			{`cidrMatch(ip, "10.0.0.0/8", "11.0.0.0/32")`, "0 2"},
			{`startsWith(string(ip), string(ip2)) and startsWith(string(ip2), string(ip))`, "0"},
		}},
		{[]string{`{"n":5,"m":5,"b":true,"d":"2024-01-01T00:00:00.000Z"}`, `{"n":6,"m":5,"b":false,"d":"2023-12-31T23:59:59.999Z"}`, `{}`}, []check{
			{`n == 5`, "0"},
			{`n in (1, 5)`, "0"},
			{`n != 5`, "1 2"},
			{`not n in (1, 5)`, "1 2"},
			{`n >= 5`, "0 1"},
			{`not n >= 6`, "0 2"},
			{`n - m == 0`, "0"},
			{`not (n - m == 0)`, "1 2"},
			{`n + m > 10`, "1"},
			{`not (n + m > 10)`, "0 2"},
			{`d >= "2024-01-01T00:00:00.000Z"`, "0"},
			{`not d >= "2024-01-01T00:00:00.000Z"`, "1 2"},
			{`b == true`, "0"},
			{`b != true`, "1 2"},
			{`true`, "0 1 2"},
			{`false`, ""},
			{`(n == 5 and b == true)`, "0"},
			{`(n == 6 or b == true)`, "0 1"},
		}},
		{[]string{`{"a":["pq","xyz"],"na":[6,7],"g":"Y"}`, `{"a":["px","yq"],"na":[4,9],"g":"q"}`, `{"a":"pxq","na":5}`, `{}`}, []check{
			{`a : "p*" and a : "*q"`, "0 1 2"},
			{`a regex "(p.*)&(.*q)"`, "0 2"},
			{`a regex "(p.*)&(.*)&~(.*q)"`, "1"},
			{`not a regex "(p.*)&(.*q)"`, "1 3"},
			{`(a != null and not a regex "~(p.*)")`, "2"},
			{`(?a == null or a regex "~(p.*)")`, "0 1 3"},
			{`(na != null and not na < 5)`, "0 2"},
			{`(?na == null or na < 5)`, "1 3"},
			{`na >= 5`, "0 1 2"},
			{`not na >= 5`, "3"},
			{`stringContains~(a, g)`, "0 1"},
			{`not stringContains~(a, g)`, "2 3"},
		}},
	} {
		checkAll(t, input(table(t, types, group.events...)), group.forms)
	}
}

// TestPeerDefects: text that real converters print and that Elasticsearch refuses; each must be refused here too.
func TestPeerDefects(t *testing.T) {
	in := input(table(t, map[string]string{
		"@timestamp": "date", "event.category": "keyword", "CommandLine": "keyword", "event.code": "keyword",
		"a": "keyword", "user-name": "keyword", "my": "keyword", "b": "boolean", "pid": "long",
	}, `{}`))
	for name, c := range map[string]struct {
		query string
		code  diag.Code
	}{
		"hyphenated field unquoted":   {`any where my-name : "x"`, diag.EQLRun},
		"bare keyword":                {`any where "mimikatz" or "lsass"`, diag.EQLRun},
		"regex escapes in a string":   {`any where CommandLine regex~ ".*\.exe\s-[a-f0-9]+"`, diag.EQLSyntax},
		"escaped slash":               {`any where CommandLine regex~ "a\/b"`, diag.EQLSyntax},
		"escaped wildcard":            {`any where CommandLine : "1\?"`, diag.EQLSyntax},
		"numbers in like~":            {`any where event.code like~ (4624, 4625)`, diag.EQLSyntax},
		"colon with a number":         {`any where event.code : 4624`, diag.EQLSyntax},
		"colon with a boolean":        {`any where b : true`, diag.EQLSyntax},
		"like on a number field":      {`any where pid like~ ("1", "2")`, diag.EQLRun},
		"look-around":                 {`any where CommandLine regex "(?<!a)b"`, diag.EQLRun},
		"any where before a sequence": {`any where sequence [any where true] [any where true]`, diag.EQLSyntax},
		"list behind !=":              {`any where a != ("x", "y")`, diag.EQLSyntax},
		"null as a text in a list":    {`any where pid == "None"`, diag.EQLRun},
	} {
		_, diags := run1(c.query, in)
		if !diags.HasErrors() || diags[0].Code != c.code {
			t.Errorf("%s: %s gives %v, want %s", name, c.query, diags, c.code)
		}
	}
	// Anchors are ordinary characters: a search pattern handed to `regex` misses silently.
	in = input(table(t, map[string]string{"@timestamp": "date", "a": "keyword"}, `{"a":"x foo y"}`, `{"a":"foo"}`, `{"a":"^foo$"}`))
	checkAll(t, in, []check{
		{`a regex "foo"`, "1"},
		{`a regex "^foo$"`, "2"},
		{`a regex ".*foo.*"`, "0 1 2"},
		{`not a : "*foo y" or a : "foo"`, "1 2"},
		{`not (a : "*foo y" or a : "foo")`, "2"},
	})
}

// TestDoubts: the switches are sorted by name, documented, and named alike.
func TestDoubts(t *testing.T) {
	for i, d := range Language.Doubts {
		if i > 0 && Language.Doubts[i-1].Name >= d.Name {
			t.Errorf("%s is out of order", d.Name)
		}
		if !strings.HasPrefix(d.Name, "eql-") || len(d.Doc) < 40 {
			t.Errorf("%s: %s", d.Name, d.Doc)
		}
	}
}

// TestReprint: the language prints its canonical form, and faults instead of text.
func TestReprint(t *testing.T) {
	text, diags := Language.Reprint("test", `any where not(a=="x")`)
	if diags.HasErrors() || text != `any where not a == "x"` {
		t.Error(text, diags)
	}
	if text, diags := Language.Reprint("test", `any where`); !diags.HasErrors() || text != "" {
		t.Error(text, diags)
	}
}
