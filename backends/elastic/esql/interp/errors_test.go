package interp

import (
	"fmt"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// TestErrors: what Elasticsearch would refuse is refused, at the place of the fault, with help.
func TestErrors(t *testing.T) {
	types := map[string]string{
		"name": "keyword", "event.code": "keyword", "n": "long", "ul": "unsigned_long", "d": "date", "ip": "ip", "b": "boolean",
		"t": "text", "loc": "geo_point", "flat": "flattened", "v": "version",
	}
	in := native.Input{Tables: []native.Table{
		events(t, "logs-a", types, `{"name": "x", "n": 1, "b": true, "clash": 1}`),
		events(t, "logs-b", map[string]string{"clash": "keyword"}, `{"clash": "x"}`),
	}}
	for _, c := range []struct {
		query, title, at string
		code             diag.Code
		help             string
	}{
		{"FROM logs-a | WHERE nmae == \"x\"", "Unknown column [nmae]", "1:21", diag.ESQLUnknown, "[name]"},
		{"FROM logs-a | KEEP nam", "Unknown column [nam]", "1:20", diag.ESQLUnknown, "[name]"},
		{"FROM logs-a | KEEP zz*", "No matches found for pattern [zz*]", "1:20", diag.ESQLUnknown, ""},
		{"FROM logs-a | DROP nam", "Unknown column [nam]", "1:20", diag.ESQLUnknown, ""},
		{"FROM logs-a | RENAME nam AS x", "Unknown column [nam]", "1:22", diag.ESQLUnknown, ""},
		{"FROM logs-a | MV_EXPAND nam", "Unknown column [nam]", "1:25", diag.ESQLUnknown, ""},
		{"FROM logz", "Unknown index [logz]", "1:6", diag.ESQLRun, "logs-a"},
		{"FROM zz*", "Unknown index [zz*]", "1:1", diag.ESQLRun, ""},
		{"FROM logs-a METADATA _foo", "unresolved metadata field [_foo]", "1:22", diag.ESQLUnknown, "_id"},
		{"FROM logs-a | WHERE event.code == 4624", "first argument of [event.code == 4624] is [keyword] so second argument must also be [keyword] but was [integer]", "1:35", diag.ESQLRun, "quote the number"},
		{"FROM logs-a | WHERE n == \"x\"", "is [numeric] so second argument must also be [numeric] but was [keyword]", "1:26", diag.ESQLRun, "::"},
		{"FROM logs-a | WHERE ul == 5", "[unsigned_long] can only be operated on together", "1:27", diag.ESQLRun, ""},
		{"FROM logs-a | WHERE d > \"yesterday\"", "Cannot convert string \"yesterday\" to [date]", "1:25", diag.ESQLRun, ""},
		{"FROM logs-a | WHERE ip == \"300.1.1.1\"", "Cannot convert string \"300.1.1.1\" to [ip]", "1:27", diag.ESQLRun, ""},
		{"FROM logs-a | WHERE b > true", "first argument of [b > true] must be", "1:21", diag.ESQLRun, ""},
		{"FROM logs-a | WHERE name", "Condition expression needs to be boolean, found [keyword]", "1:21", diag.ESQLRun, ""},
		{"FROM logs-a | WHERE n + name > 1", "second argument of [n + name] must be", "1:25", diag.ESQLRun, ""},
		{"FROM logs-a | WHERE n LIKE \"x\"", "argument of [n LIKE \"x\"] must be [string]", "1:21", diag.ESQLRun, ""},
		{"FROM logs-a | WHERE name LIKE name", "must be a constant", "1:31", diag.ESQLRun, ""},
		{"FROM logs-a | WHERE name RLIKE \"(\"", "the regular expression cannot be used", "1:32", diag.ESQLRun, "Lucene"},
		{"FROM logs-a | WHERE name RLIKE \"" + strings.Repeat("a", 1001) + "\"", "the regular expression cannot be used", "1:32", diag.ESQLLimit, "refuses"},
		{"FROM logs-a | EVAL x = LENGHT(name)", "Unknown function [LENGHT]", "1:24", diag.ESQLUnknown, "LENGTH"},
		{"FROM logs-a | EVAL x = LENGTH(n)", "argument of [LENGTH(n)] must be [string], found value [n] type [long]", "1:31", diag.ESQLRun, ""},
		{"FROM logs-a | EVAL x = LENGTH(name, 1)", "LENGTH takes 1 arguments, here are 2", "1:24", diag.ESQLRun, ""},
		{"FROM logs-a | EVAL x = KQL(\"a: b\")", "the function KQL is not supported", "1:24", diag.ESQLUnknown, "Kibana"},
		{"FROM logs-a | EVAL x = TO_IP(name, {\"zeros\": \"x\"})", "TO_IP has no option \"zeros\"", "1:37", diag.ESQLUnknown, "leading_zeros"},
		{"FROM logs-a | EVAL x = name::number", "Unknown data type named [number]", "1:24", diag.ESQLRun, ""},
		{"FROM logs-a | EVAL x = ip::long", "must be a type that converts to [long]", "1:24", diag.ESQLRun, ""},
		{"FROM logs-a | EVAL x = COUNT(*)", "aggregate function [COUNT(*)] not allowed here", "1:24", diag.ESQLRun, "STATS"},
		{"FROM logs-a | STATS x = MAX(COUNT(n))", "aggregate function [COUNT(n)] not allowed here", "1:29", diag.ESQLRun, ""},
		{"FROM logs-a | STATS x = n + MAX(n)", "column [n] must appear in the STATS BY clause", "1:25", diag.ESQLRun, ""},
		{"FROM logs-a | STATS x = SUM(name)", "argument of [SUM(name)] must be", "1:29", diag.ESQLRun, ""},
		{"FROM logs-a | STATS x = PERCENTILE(n, n)", "must be a constant", "1:39", diag.ESQLRun, ""},
		{"FROM logs-a | STATS x = COUNT(*) WHERE n", "Condition expression needs to be boolean", "1:40", diag.ESQLRun, ""},
		{"FROM logs-a | SORT loc", "cannot sort on geo_point", "1:20", diag.ESQLRun, ""},
		{"FROM logs-a | LIMIT -1", "the limit must be a whole number", "1:21", diag.ESQLRun, ""},
		{"FROM logs-a | EVAL x = 5 minutes", "EVAL does not support type [time_duration]", "1:24", diag.ESQLRun, ""},
		{"FROM logs-a | EVAL x = d - d", "incompatible types [date] and [date]", "1:24", diag.ESQLRun, ""},
		{"FROM logs-a | EVAL x = DATE_TRUNC(5, d)", "first argument of [DATE_TRUNC(5, d)] must be", "1:35", diag.ESQLRun, ""},
		{"FROM logs-a | EVAL x = DATE_DIFF(\"fortnight\", d, d)", "is no unit of DATE_DIFF", "1:34", diag.ESQLRun, "month"},
		{"FROM logs-a | EVAL x = CIDR_MATCH(ip, \"10.0.0.0/99\")", "is not an IP string literal or a block", "1:39", diag.ESQLRun, ""},
		{"FROM logs-a | EVAL x = CASE(n, 1, 2)", "first argument of [CASE(n, 1, 2)] must be [boolean]", "1:29", diag.ESQLRun, ""},
		{"FROM logs-a | EVAL x = CASE(b, 1, \"a\")", "must be [integer], found value [\"a\"] type [keyword]", "1:35", diag.ESQLRun, ""},
		{"FROM logs-a | EVAL x = flat", "Cannot use field [flat] with unsupported type", "1:24", diag.ESQLRun, ""},
		{"FROM logs-* | WHERE clash == 1", "Cannot use field [clash] due to ambiguities being mapped as [2] incompatible types", "1:21", diag.ESQLRun, ""},
		{"FROM logs-a | DISSECT n \"%{x}\"", "Dissect only supports KEYWORD or TEXT", "1:23", diag.ESQLRun, ""},
		{"FROM logs-a | DISSECT name \"x\"", "no key", "1:28", diag.ESQLRun, ""},
		{"FROM logs-a | DISSECT name \"%{*a} %{&a}\"", "reference keys", "1:28", diag.ESQLRun, ""},
		{"FROM logs-a | GROK name \"%{NOPE:x}\"", "unable to find pattern [NOPE]", "1:25", diag.ESQLRun, ""},
		{"FROM logs-a | GROK name \"%{WORD:x:date}\"", "is no type", "1:25", diag.ESQLRun, ""},
		{"FROM logs-a | GROK name \"(\"", "Invalid grok pattern", "1:25", diag.ESQLRun, ""},
		{"FROM logs-a | LOOKUP JOIN nope ON n", "Unknown index [nope]", "1:15", diag.ESQLRun, ""},
		{"FROM logs-a | ENRICH logs-b", "ENRICH needs ON", "1:15", diag.ESQLRun, ""},
		{"FROM logs-a | EVAL x = ROUND_TO(n, [1, 2])", "must be one value", "1:36", diag.ESQLRun, ""},
		{"FROM logs-a | STATS c = COUNT(*) BY BUCKET(d, 5, [\"2024\", \"2025\"], NOW())", "must be one value", "1:50", diag.ESQLRun, ""},
		{"FROM logs-a | STATS c = COUNT(*) BY BUCKET(n, [1, 2])", "must be one value", "1:47", diag.ESQLRun, ""},
		{"FROM logs-a | SAMPLE 0.1", "the command SAMPLE is not supported", "1:15", diag.ESQLUnknown, "random"},
		{"FROM logs-a | SORT n | INLINE STATS x = MAX(n)", "cannot have an unbounded SORT", "1:24", diag.ESQLRun, ""},
		{"FROM logs-a | STATS c = COUNT(*) | WHERE name : \"x\"", "Unknown column [name]", "1:42", diag.ESQLUnknown, ""},
		{"FROM logs-a | LIMIT 5 | WHERE name : \"x\"", "which is not a field from an index mapping", "1:31", diag.ESQLRun, "near FROM"},
		{"FROM logs-a | WHERE NOT n", "argument of [NOT n] must be [boolean]", "1:21", diag.ESQLRun, ""},
		{"SET time_zone = \"x\"; FROM logs-a", "the setting time_zone is not supported", "1:1", diag.ESQLUnknown, ""},
	} {
		_, ds := exec(c.query, in)
		if !ds.HasErrors() {
			t.Errorf("%s: accepted, want %q", c.query, c.title)
			continue
		}
		d := ds[0]
		at := fmt.Sprintf("%d:%d", d.Span.Start.Line, d.Span.Start.Col)
		if len(c.query) > 200 {
			c.query = c.query[:40] + "…"
		}
		if !strings.Contains(d.Title, c.title) || at != c.at || d.Code != c.code || !strings.Contains(strings.Join(d.Help, " "), c.help) {
			t.Errorf("%s\n got %s %s %q help %q\nwant %s %s %q help %q", c.query, at, d.Code, d.Title, d.Help, c.at, c.code, c.title, c.help)
		}
		for _, d := range ds {
			if d.Code.Severity() != diag.Error || !d.Span.IsValid() {
				t.Errorf("%s: %+v has no place", c.query, d)
			}
		}
	}
}

// TestAllFaultsAreReported: one fault does not hide the others, and gives no follow-up faults.
func TestAllFaultsAreReported(t *testing.T) {
	in := native.Input{Tables: []native.Table{events(t, "e", nil, `{"a": "x"}`)}}
	_, ds := exec("FROM e | EVAL b = nope + 1, c = b + 1 | WHERE c > 1 AND zip == 2 | KEEP c, zap", in)
	if len(ds) != 3 {
		t.Errorf("%d faults, want those of nope, zip and zap: %v", len(ds), ds)
	}
	_, ds = Language.Compile("q", "FROM e | EVAL b = FOO(1) | WHERE BAR(2) | EVAL x = = 1")
	if len(ds) != 3 {
		t.Errorf("%d faults, want FOO, BAR and the second =: %v", len(ds), ds)
	}
}

// TestReprint gives the canonical text, or the faults.
func TestReprint(t *testing.T) {
	if s, ds := Language.Reprint("q", "from a|limit 1"); s != "FROM a\n| LIMIT 1" || len(ds) > 0 {
		t.Errorf("%q %v", s, ds)
	}
	if s, ds := Language.Reprint("q", "from a|"); s != "" || len(ds) == 0 {
		t.Errorf("%q %v", s, ds)
	}
}
