package interp

import (
	"testing"
)

// TestNulls holds the null table of the page null-values: every row of it, and not().
func TestNulls(t *testing.T) {
	n := "long(null)"
	runCases(t, values(
		n+" == "+n, "null", n+" == 5", "false", n+" != "+n, "null", n+" != 5", "true",
		n+" < 5", "null", n+" >= 5", "null", n+" + 1", "null", n+" * 2.0", "null", "-"+n, "null",
		"bool(null) and false", "false", "bool(null) and true", "null", "bool(null) and bool(null)", "null",
		"bool(null) or true", "true", "bool(null) or false", "null", "not(bool(null))", "null",
		"iff(bool(null), 1, 2)", "2", "case(bool(null), 1, true, 2, 3)", "2",
		n+" in (1, 2)", "false", n+" !in (1, 2)", "true", n+" in (1, long(null))", "null",
		`isnull("")`, "false", `isempty("")`, "true", "isempty("+n+")", "true", "isnotempty(5)", "true",
		`isnull(parse_json(""))`, "true", `isempty(parse_json(""))`, "true", `isnull(dynamic([]))`, "false", `isempty(dynamic({}))`, "false",
		"tostring("+n+")", `""`, `tolong("abc")`, "null", `todatetime("x")`, "null", `toint("")`, "null",
		n+" between (1 .. 2)", "null", "coalesce("+n+" == 5, false)", "false", "coalesce("+n+" > 5, false)", "false",
		`strcat("a", `+n+`)`, `"a"`, "datetime(null) > datetime(2020-01-01)", "null",
	))
}

// TestNullRows shows which rows a condition keeps when the field is missing.
func TestNullRows(t *testing.T) {
	runCases(t, []testCase{
		{Query: `Ev | where N != 5 | project Key`, Want: lines(`["a"]`, `["b"]`, `["B"]`)},
		{Query: `Ev | where not(N == 5) | project Key`, Want: lines(`["a"]`, `["b"]`, `["B"]`)},
		{Query: `Ev | where not(N > 3) | project Key`, Want: `["a"]`},
		{Query: `Ev | where not(coalesce(N > 3, false)) | project Key`, Want: lines(`["a"]`, `["b"]`, `["B"]`)},
		{Query: `Ev | where Kind != "fail" | project Key, Kind`, Want: lines(`["a","ok"]`, `["B",""]`)},
		{Query: `Ev | where Kind !contains "fail" | count`, Want: `[2]`},
		{Query: `Ev | where isnull(Kind) | count`, Want: `[0]`},
		{Query: `Ev | where isempty(Kind) | count`, Want: `[1]`},
		{Query: `Ev | where not(coalesce(ipv4_is_in_range(Ip, "10.0.0.0/8"), false)) | count`, Want: `[3]`},
		{Query: `Ev | where not(ipv4_is_in_range(Ip, "10.0.0.0/8")) | count`, Want: `[0]`},
		{Query: `Ev | where Ok | count`, Want: `[1]`},
		{Query: `Ev | where not(Ok) | count`, Want: `[1]`},
	})
}

// TestDoubtNulls flips the two pages that differ about null == null.
func TestDoubtNulls(t *testing.T) {
	d := map[string]bool{"kusto-null-equals-null-is-null": false}
	runCases(t, []testCase{
		{Query: `print long(null) == long(null), not(long(null) == long(null))`, Want: `[false,true]`, Doubts: d},
	})
}

// TestStringOperators covers section 2.1 of the reference and the rows of the operator matrix that concern strings.
func TestStringOperators(t *testing.T) {
	runCases(t, values(
		`"Abc" == "abc"`, "false", `"Abc" =~ "aBC"`, "true", `"Abc" !~ "aBC"`, "false", `"Abc" != "abc"`, "true",
		`"Abcd" contains "BC"`, "true", `"Abcd" contains_cs "BC"`, "false", `"Abcd" !contains "x"`, "true", `"Abcd" !contains_cs "bc"`, "false",
		`"Abcd" startswith "AB"`, "true", `"Abcd" startswith_cs "AB"`, "false", `"Abcd" !startswith "b"`, "true", `"Abcd" !startswith_cs "Ab"`, "false",
		`"Abcd" endswith "CD"`, "true", `"Abcd" endswith_cs "CD"`, "false", `"Abcd" !endswith "x"`, "true", `"Abcd" !endswith_cs "cd"`, "false",
		`"*" == "**"`, "false", `"a*b" contains "*"`, "true", `"axb" =~ "a*b"`, "false", `"axb" contains "a?b"`, "false",
		`"a" in ("b", "a")`, "true", `"A" in ("a")`, "false", `"A" in~ ("a")`, "true", `"A" !in~ ("a")`, "false", `"A" !in ("a")`, "true",
		`"a" in (dynamic(["x", "a"]))`, "true", `5 in (1, 5)`, "true", `5 in (5.0)`, "true", `1.5 between (1 .. 2)`, "true", `5 between (1 .. 5)`, "true",
		`5 !between (1 .. 5)`, "false", `datetime(2024-01-02) between (datetime(2024-01-01) .. 1d)`, "true", `datetime(2024-01-02T00:00:00.0000001) between (datetime(2024-01-01) .. 1d)`, "false",
		`@"C:\Windows\cmd.exe" endswith @"\CMD.EXE"`, "true", `"a\\b" == @"a\b"`, "true", `'it''s'`, `"its"`, `"a" "b"`, `"ab"`, `h"x"`, `"x"`, "```a\\b```", `"a\\b"`,
	))
}

// TestTerms is the term model of has (page datatypes-string-operators, reference 2.2).
func TestTerms(t *testing.T) {
	runCases(t, values(
		`"_Hello_World_" has "hello"`, "true", `"123Hello" has "hello"`, "false", `@"C:\temp\mimikatz64.exe" has "mimikatz"`, "false",
		`@"C:\temp\mimikatz.exe" has "mimikatz"`, "true", `"North" has "nor"`, "false", `"a North b" !has "north"`, "false", `"North" has_cs "north"`, "false",
		`"powershell -enc x" has "-enc"`, "true", `"powershell -encoded x" has "-enc"`, "false", `"a@b" has "@"`, "true", `"a Deleted Items b" has "deleted items"`, "true",
		`"xDeleted Items" has "deleted items"`, "false", `"winword.exe" hasprefix "win"`, "true", `"awinword" hasprefix "win"`, "false", `"x winword" hasprefix_cs "Win"`, "false",
		`"notepad" hassuffix "pad"`, "true", `"notepads x" hassuffix "pad"`, "false", `"notepad" !hassuffix "pad"`, "false", `"a b c" has_any ("x", "b")`, "true",
		`"a bb c" has_any ("b")`, "false", `"a b c" has_all ("a", "c")`, "true", `"a b c" has_all ("a", "d")`, "false", `dynamic(["net", "user"]) has_any ("USER")`, "true",
		`"aaa aa" has "aa"`, "true", `"a.b" has "a.b"`, "true", `"xa.b" has "a.b"`, "false",
	))
	runCases(t, []testCase{
		{Query: `print "powershell -encoded x" has "-enc"`, Want: `[true]`, Doubts: map[string]bool{"kusto-has-separator-edges": false}},
		{Query: `print "né" has "n"`, Want: `[true]`},
		{Query: `print "né" has "n", 1`, Want: `[false,1]`, Doubts: map[string]bool{"kusto-unicode-terms": true}},
		{Query: `print "Ä" =~ "ä"`, Want: `[false]`},
		{Query: `print "Ä" =~ "ä", 1`, Want: `[true,1]`, Doubts: map[string]bool{"kusto-unicode-folding": true}},
		{Query: `print "x" contains ""`, Want: `[true]`},
		{Query: `print "x" contains "", "x" has ""`, Want: `[false,false]`, Doubts: map[string]bool{"kusto-empty-needle-matches": false}},
		{Query: `print tolower("ÄA")`, Want: `["äa"]`},
		{Query: `print tolower("ÄA"), 1`, Want: `["Äa",1]`, Doubts: map[string]bool{"kusto-tolower-unicode": false}},
	})
}

// TestRegex covers the dialect: unanchored, case-sensitive, no look-around.
func TestRegex(t *testing.T) {
	cases := values(
		`"abc" matches regex "b"`, "true", `"ABC" matches regex "b"`, "false", `"ABC" matches regex "(?i)b"`, "true", `"a\nb" matches regex "a.b"`, "false",
		`"a\nb" matches regex "(?s)a.b"`, "true", `"axxbyc" matches regex @"(?is)^a.*b.c\z"`, "true", `"axxbyyc" matches regex @"(?is)^a.*b.c\z"`, "false",
		`"٣" matches regex @"^\d$"`, "true", `"é" matches regex @"^\w$"`, "true", `"é" matches regex @"^\W$"`, "false", `"A" matches regex @"\u0041"`, "true",
		`"a b" matches regex @"a\sb"`, "true", `"-" matches regex @"[\w-]"`, "true", `"a.b" matches regex @"a\.b"`, "true", `"]" matches regex @"[]]"`, "true",
		`extract("([0-9]+)-([a-z]+)", 2, "12-ab")`, `"ab"`, `extract("x(y)", 1, "ab")`, `""`, `extract("([0-9]+)", 1, "a12", typeof(long))`, "12", `extract("b+", 0, "abbc")`, `"bb"`,
		`extract_all("([a-z])([0-9])", "a1b2")`, `[["a","1"],["b","2"]]`, `extract_all("([a-z])", "a1b2")`, `["a","b"]`, `extract_all("([a-z])([0-9])", dynamic([2]), "a1b2")`, `["1","2"]`,
		`replace_regex("a1b2", "[0-9]", "#")`, `"a#b#"`, `replace_regex("ab", "(a)(b)", @"\2\1\0")`, `"baab"`, `replace_string("aXbX", "X", "-")`, `"a-b-"`,
		`trim("-+", "--a-b--")`, `"a-b"`, `trim_start("a", "aab")`, `"ab"`, `trim_end(@"\.com", "x.com")`, `"x"`, `countof("aaa", "a")`, "3", `countof("ababa", "aba")`, "2",
		`countof("ababa", "aba", "regex")`, "1", `indexof_regex("abcabc", "[c]")`, "2", `split("a_b", "_")`, `["a","b"]`, `split("a_b", "_", 1)`, `["b"]`,
	)
	cases = append(cases,
		testCase{Query: `Ev | where Kind matches regex "(?=x)"`, Fault: "look-around", Lax: true},
		testCase{Query: `Ev | where Kind matches regex @"(a)\1"`, Fault: "back-reference", Lax: true},
		testCase{Query: `Ev | where Kind matches regex @"\<a"`, Fault: "word boundary", Lax: true},
		testCase{Query: `Ev | where Kind matches regex "["`, Fault: "not closed", Lax: true},
		testCase{Query: `print "٣" matches regex @"^\d$", 1`, Want: `[false,1]`, Doubts: map[string]bool{"kusto-regex-unicode-classes": false}},
	)
	runCases(t, cases)
}

// TestArithmetic covers the page numerical-operators and the arithmetic of times.
func TestArithmetic(t *testing.T) {
	runCases(t, values(
		"1 / 2", "0", "1.0 / 2", "0.5", "7 % 3", "1", "-14 % 12", "10", "14 % -12", "2", "-14 % -12", "10", "1 + 2.5", "3.5", "5 - 7", "-2", "1d / 1s", "86400",
		"2 * 1h", `"02:00:00"`, "1.5 * 1h", `"01:30:00"`, "1h / 2", `"00:30:00"`, "datetime(2024-01-02) - datetime(2024-01-01)", `"1.00:00:00"`,
		"datetime(2024-01-01) + 90m", `"2024-01-01T01:30:00Z"`, "-5m", `"-00:05:00"`, "1 / 0", "null", "1.0 / 0", `"Infinity"`, "bin(4.5, 1)", "4", "bin(-1, 5)", "-5",
		"bin(datetime(2024-05-15 12:34:56), 1h)", `"2024-05-15T12:00:00Z"`, "bin(datetime(2024-05-15), 7d)", `"2024-05-13T00:00:00Z"`, "bin(16d, 7d)", `"14.00:00:00"`, "bin(5, 0)", "null",
		"bin_at(6.5, 2.5, 7)", "4.5", "bin_at(datetime(2017-05-15 10:20:00), 1d, datetime(1970-01-01 12:00:00))", `"2017-05-14T12:00:00Z"`,
		"decimal(1) / 3", "0.3333333333333333333333333333333333", "decimal(1.5) + 2", "3.5", "5 == 5.0", "true", "1 < true", "false", "real(nan) == real(nan)", "false",
		"tolong(1.9)", "1", "toint(1.9)", "1", "todouble('1e3')", "1000", "tobool('TRUE')", "true", "tobool(2)", "true", "round(2.5)", "3", "round(-2.567, 2)", "-2.57",
		"startofday(datetime(2024-05-15 12:00), 1)", `"2024-05-16T00:00:00Z"`, "startofweek(datetime(2024-05-15))", `"2024-05-12T00:00:00Z"`, "dayofweek(datetime(2024-05-12)) / 1d", "0",
		"hourofday(datetime(2024-05-12 13:00))", "13", "datetime_diff('hour', datetime(2024-01-02 01:00), datetime(2024-01-01 23:59))", "2", "ago(1h)", `"2024-05-01T11:00:00Z"`,
		"now()", `"2024-05-01T12:00:00Z"`, "datetime_add('month', 1, datetime(2024-01-31))", `"2024-02-29T00:00:00Z"`, "format_datetime(datetime(2024-01-02 15:04:05.678), 'yyyy-MM-dd hh:mm:ss.fff tt')", `"2024-01-02 03:04:05.678 PM"`,
		"tostring(1.0)", `"1.0"`, "tostring(datetime(2020-01-01))", `"2020-01-01T00:00:00.0000000Z"`, "tostring(1d)", `"1.00:00:00"`, "tostring(true)", `"true"`, "tostring(dynamic({'a':[1,'x',null]}))", `"{\"a\":[1,\"x\",null]}"`,
	))
}
