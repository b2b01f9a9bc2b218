package syntax

import (
	"strings"
	"testing"
	"time"

	"github.com/onerule/onerule/diag"
)

// TestPrintCanonical shows the canonical form of every construct; the text is a fixpoint and parses to the same tree.
func TestPrintCanonical(t *testing.T) {
	for in, want := range map[string]string{
		`T|where a=="x"and b!=5 or c`:                                                                   "T\n| where a == \"x\" and b != 5 or c",
		`T | where (a or b) and c`:                                                                      "T\n| where (a or b) and c",
		`T | where a and (b and c)`:                                                                     "T\n| where a and (b and c)",
		`T | where (a == b) == c`:                                                                       "T\n| where (a == b) == c",
		`T | extend x = (1 + 2) * 3 - (4 - 5)`:                                                          "T\n| extend x = (1 + 2) * 3 - (4 - 5)",
		`T | extend x = a - -5, y = -(b), z=-(5)`:                                                       "T\n| extend x = a - -5, y = -b, z = -(5)",
		`T | where a contains 'x' == true`:                                                              `T` + "\n" + `| where a contains "x" == true`,
		`T | where (a + "b") contains "x"`:                                                              "T\n| where (a + \"b\") contains \"x\"",
		`T | where a in~('x',"y") and b!in(1,2) and c has_any (dynamic(["a"]))`:                         "T\n| where a in~ (\"x\", \"y\") and b !in (1, 2) and c has_any (dynamic([\"a\"]))",
		`T | where a in (U | project b)`:                                                                "T\n| where a in ((U | project b))",
		`T | where t between(ago(1h)..now()) and n !between (1 .. 5)`:                                   "T\n| where t between (ago(1h) .. now()) and n !between (1 .. 5)",
		`T | where a matches regex "^\\d+$"`:                                                            "T\n| where a matches regex @\"^\\d+$\"",
		`T | where a == 'C:\\x\\'`:                                                                      "T\n| where a == @\"C:\\x\\\"",
		`T | where a == "say \"hi\""`:                                                                   "T\n| where a == \"say \\\"hi\\\"\"",
		"T | where a == ```raw \\ \"x\"\nline```":                                                       "T\n| where a == \"raw \\\\ \\\"x\\\"\\nline\"",
		`T | where ['a b'] == 1 and ['where'] == 2`:                                                     "T\n| where ['a b'] == 1 and ['where'] == 2",
		`T | where d.x["a b"].y[0][-1] == 1`:                                                            "T\n| where d.x[\"a b\"].y[0][-1] == 1",
		`T | project a=1, (b, c) = f(x), d.x`:                                                           "T\n| project a = 1, (b, c) = f(x), d.x",
		`T | project-away a*, *_s, b`:                                                                   "T\n| project-away a*, *_s, b",
		`T | project-reorder a*  granny-asc, b desc`:                                                    "T\n| project-reorder a* granny-asc, b desc",
		`T | filter a | limit 5 | order by a, b asc nulls last`:                                         "T\n| where a\n| take 5\n| sort by a, b asc nulls last",
		`T | summarize count(), x = dcount(a) by b, bin(t, 1h)`:                                         "T\n| summarize count(), x = dcount(a) by b, bin(t, 1h)",
		`T | join (U | where a) on k, $left.x == $right.y`:                                              "T\n| join (U | where a) on k, $left.x == $right.y",
		`T | join kind = leftouter hint.strategy=broadcast U on k`:                                      "T\n| join kind=leftouter hint.strategy=broadcast U on k",
		`union isfuzzy=true withsource = S T, U*, (V | take 1)`:                                         "union isfuzzy=true withsource=S T, U*, (V | take 1)",
		`T | mv-expand with_itemindex=i a = d.x to typeof(string), b limit 5`:                           "T\n| mv-expand with_itemindex=i a = d.x to typeof(string), b limit 5",
		`T | mv-apply e = a to typeof(string) on (summarize h = countif(e == "x"))`:                     "T\n| mv-apply e = a to typeof(string) on (summarize h = countif(e == \"x\"))",
		`T | make-series c = count() default = 0 on t from a to b step 1d by k`:                         "T\n| make-series c = count() default=0 on t from a to b step 1d by k",
		`T | parse kind=regex flags=i x with * "a" b:long "c" d`:                                        "T\n| parse kind=regex flags=i x with * @\"a\" b:long @\"c\" d",
		`T | partition hint.strategy=native by K (sort by t asc | take 1)`:                              "T\n| partition hint.strategy=native by K (sort by t asc | take 1)",
		`T | scan with_match_id=m declare (x:long=0) with (step a output=none: b => x = 1; step c: d;)`: "T\n| scan with_match_id=m declare (x:long = 0) with (step a output=none: b => x = 1; step c: d;)",
		`T | evaluate bag_unpack(d, "p_") : (*, a:string)`:                                              "T\n| evaluate bag_unpack(d, \"p_\") : (*, a:string)",
		`let x=5;let f=(a:string,b:long=1){strcat(a,b)};T`:                                              "let x = 5;\nlet f = (a:string, b:long = 1) { strcat(a, b) };\nT",
		`print datetime(2024-01-31), 90m, time(1.02:03:04), guid(74be27de1e4e49d9b579fe0b331d3642), real(nan), long(null), int(5), decimal(1.50)`: "print datetime(2024-01-31T00:00:00.000Z), 90m, 93784s, guid(74be27de-1e4e-49d9-b579-fe0b331d3642), real(nan), long(null), int(5), decimal(1.50)",
		`print dynamic({"a":[1,-2.5,null,true,"x"],'b':datetime(2024-01-01)})`:                                                                    "print dynamic({\"a\": [1, -2.5, null, true, \"x\"], \"b\": datetime(2024-01-01T00:00:00.000Z)})",
		`search kind=case_sensitive in (T, U*) "x" and c:"y"`:                                                                                     "search kind=case_sensitive in (T, U*) \"x\" and c:\"y\"",
		`set 2FF=d; T`: "set 2FF = d;\nT",
		`find in (T) where a == 1 project b, c:string, pack(*)`:                            "find in (T) where a == 1 project b, c:string, pack(*)",
		`T | render timechart with (title="x", ycolumns=a, b)`:                             "T\n| render timechart with (title=\"x\", ycolumns=a, b)",
		`T | top 5 by a desc | count | getschema`:                                          "T\n| top 5 by a desc\n| count\n| getschema",
		`datatable(a:string,b:long)["x",1]`:                                                `datatable(a:string, b:long) ["x", 1]`,
		`externaldata(a:string)[h"https://x"] with (format="csv", ignoreFirstRecord=true)`: `externaldata(a:string) [h"https://x"] with (format="csv", ignoreFirstRecord=true)`,
		"// only a comment\nT // more\n| count":                                            "T\n| count",
		`T | where * has "x"`:                                                              "T\n| where * has \"x\"",
	} {
		q, diags := Parse("q", in)
		if diags.HasErrors() {
			t.Errorf("%s: %v", in, diags)
			continue
		}
		if got := Print(q); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
		checkRoundTrip(t, q)
	}
}

// TestSyntaxFaults checks places and titles.
func TestSyntaxFaults(t *testing.T) {
	for in, want := range map[string]string{
		"T | where not a == 'x'":         "q:1:11: E0741: `not` is a function",
		"T | where (a == 'x') and":       "q:1:25: E0741: an operand is missing before the end of the query",
		"T | where a == b == c":          "q:1:18: E0741: `==` cannot follow another comparison",
		"T | where a in ()":              "q:1:17: E0741: the list of `in` is empty",
		"T | where a ==":                 "q:1:15: E0741: an operand is missing before the end of the query",
		"T | wher a":                     "q:1:5: E0742: there is no operator `wher`",
		"T | where 'a\nb'":               "q:1:11: E0741: the string is not closed on its line",
		`T | where a == "\d"`:            "q:1:17: E0741: `\\d` is not an escape",
		"T | project-rename f(x)":        "q:1:20: E0741: project-rename needs new = old",
		"print 1w":                       "",
		"print datetime(2024-13-01)":     "q:1:7: E0741: `2024-13-01` is not a datetime",
		"print 99999999999999999999":     "q:1:7: E0741: `99999999999999999999` is outside the range of long",
		"T | extend - - 5":               "q:1:14: E0741: two signs follow one another",
		"let = 5; T":                     "q:1:5: E0741: expected a name after let, found `=`",
		"T | summarize count() by":       "",
		"T |":                            "q:1:4: E0741: expected an operator after the pipe, found the end of the query",
		"T | where a ? b":                "q:1:13: E0741: unexpected `?` after this operator",
		"T | where a == ä":               "q:1:16: E0741: `ä` does not belong here",
		"print \xff":                     "q:1:7: E0741: the query is not valid UTF-8",
		"datatable(a:string)[b]":         "q:1:21: E0741: a datatable holds literals only",
		"datatable(a:string, b:long)[1]": "q:1:1: E0741: the datatable's values do not fill its rows",
		"T | join U":                     "q:1:11: E0741: `join` needs `on` and its keys, found the end of the query",
	} {
		_, diags := Parse("q", in)
		got := ""
		if err := diags.Err(); err != nil {
			got = err.Error()
		}
		if want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%q\n got %s\nwant %s", in, got, want)
		}
	}
}

// TestRecovery: every faulty operator of a query is reported.
func TestRecovery(t *testing.T) {
	_, diags := Parse("q", "T | wher a | where b == | project c,, d | take 5;\nlet x = ;\nU | nope")
	if len(diags) != 5 {
		t.Errorf("want 5 faults, got %d: %v", len(diags), diags)
	}
}

// TestSpans: nodes know their places.
func TestSpans(t *testing.T) {
	text := "let x = 1;\nT\n| where aé == \"ü\" and b.c[0] > 5"
	text = strings.ReplaceAll(text, "aé", "a1")
	q, diags := Parse("q", text)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	pipe := q.Statements[1].(*ExprStatement).X.(*Pipeline)
	pred := pipe.Ops[0].(*Where).Pred.(*Binary)
	at := func(s diag.Span) string { return text[s.Start.Offset:s.End.Offset] }
	for got, want := range map[string]string{
		at(pipe.Ops[0].Span()): "where a1 == \"ü\" and b.c[0] > 5", at(pred.Span()): "a1 == \"ü\" and b.c[0] > 5",
		at(pred.L.Span()): `a1 == "ü"`, at(pred.R.(*Binary).L.Span()): "b.c[0]",
	} {
		if got != want {
			t.Errorf("span %q, want %q", got, want)
		}
	}
	if s := pred.R.Span().Start; s.Line != 3 || s.Col != 23 {
		t.Errorf("position %d:%d", s.Line, s.Col)
	}
}

// TestConstructors builds the tree of a rule as a lowering would, and prints it.
func TestConstructors(t *testing.T) {
	src := Pipe(Col("SecurityEvent"),
		&Where{Pred: AllOf(Bin(EqFold, Col("Image"), Str(`C:\a "b"`)), AnyOf(Bin(Eq, Col("EventID"), Long(4688)), Not(Fn("isempty", Col("a b")))))},
		&MvApply{Items: []ExpandItem{{Name: "_e0", Expr: Col("Args"), Type: TypeString}}, Body: []Operator{&Summarize{Aggs: []Item{Named("_h0", Fn("countif", Bin(MatchesRegex, Col("_e0"), Str("^a.b$"))))}}}},
		&Where{Pred: Bin(Gt, Col("_h0"), Long(0))},
		&Project{Items: Columns("TimeGenerated", "Image")})
	q := NewQuery(src, LetOf("T", Timespan(10*time.Minute)))
	want := "let T = 10m;\nSecurityEvent\n| where Image =~ @\"C:\\a \"\"b\"\"\" and (EventID == 4688 or not(isempty(['a b'])))\n" +
		"| mv-apply _e0 = Args to typeof(string) on (\n    summarize _h0 = countif(_e0 matches regex @\"^a.b$\")\n    )\n| where _h0 > 0\n| project TimeGenerated, Image"
	got := Print(q)
	if got != strings.ReplaceAll(want, " on (\n    summarize _h0 = countif(_e0 matches regex @\"^a.b$\")\n    )", " on (summarize _h0 = countif(_e0 matches regex @\"^a.b$\"))") {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	again, diags := Parse("q", got)
	if diags.HasErrors() || Print(again) != got {
		t.Errorf("%v", diags)
	}
	if got := PrintExpr(InList(InFold, Col("a"))); got != "false" {
		t.Errorf("an empty list is %s", got)
	}
	if got := PrintExpr(DynBag([]string{"a b"}, []Expr{Null(TypeDynamic).(*DynamicLit).Value})); got != `dynamic({"a b": null})` {
		t.Error(got)
	}
	if got := PrintExpr(Datetime(time.Date(2024, 1, 2, 3, 4, 5, 123456700, time.UTC))); got != "datetime(2024-01-02T03:04:05.1234567Z)" {
		t.Error(got)
	}
}

// TestDatetimeForms reads the forms of the page scalar-data-types/datetime.
func TestDatetimeForms(t *testing.T) {
	want := time.Date(2014, 11, 8, 15, 5, 2, 0, time.UTC)
	for _, s := range []string{
		"2014-11-08T15:05:02Z", "2014-11-08T15:05:02", "2014-11-08 15:05:02", "2014-11-08 15:05:02 GMT", "Sat, 8 Nov 14 15:05:02 GMT", "Sat, 8 Nov 14 15:05:02", "8 Nov 14 15:05:02",
		"Saturday, 08-Nov-14 15:05:02 GMT", "08-Nov-14 15:05:02", "2014-11-08T17:05:02+02:00", "11/08/2014 15:05:02", "11/8/2014 3:05:02 PM", "2014-11-08T15:05:02.0000000Z", "Nov 8 2014 15:05:02", "2014/11/08 15:05:02",
	} {
		ticks, ok := ParseDatetime(s)
		if !ok || !TimeOf(ticks).Equal(want) {
			t.Errorf("%s: %v %v", s, TimeOf(ticks), ok)
		}
	}
	for _, s := range []string{"", "x", "2014-02-30", "2014-11-08T25:00", "13/13/2014", "10:00", "2014-11-08x"} {
		if _, ok := ParseDatetime(s); ok {
			t.Errorf("%q is read", s)
		}
	}
}

// TestTimespanForms reads the forms of the page scalar-data-types/timespan.
func TestTimespanForms(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"2d": 48 * time.Hour, "1.5h": 90 * time.Minute, "30m": 30 * time.Minute, "10s": 10 * time.Second, "0.1s": 100 * time.Millisecond, "100ms": 100 * time.Millisecond,
		"10microsecond": 10 * time.Microsecond, "1tick": 100, "15 seconds": 15 * time.Second, "2": 48 * time.Hour, "0.12:34:56.7": 12*time.Hour + 34*time.Minute + 56*time.Second + 700*time.Millisecond,
		"-01:00:00": -time.Hour, "5min": 5 * time.Minute, "3days": 72 * time.Hour, "1:02": time.Hour + 2*time.Minute,
	} {
		if got, ok := ParseTimespan(s); !ok || got != int64(want)/100 {
			t.Errorf("%s: %d", s, got)
		}
	}
	for _, s := range []string{"", "1w", "x", "25:00:00", "1:60", "1.2.3s"} {
		if _, ok := ParseTimespan(s); ok {
			t.Errorf("%q is read", s)
		}
	}
}
