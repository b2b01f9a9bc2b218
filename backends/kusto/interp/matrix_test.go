package interp

import (
	"testing"
)

// keys is the rows of Ev that a condition keeps, by Key.
func keysOf(cond, want string) testCase {
	return testCase{Query: "Ev | where " + cond + " | summarize make_list(Key)", Want: want}
}

// TestOperatorMatrix runs what the operator matrix prints for each predicate, and its negation: a missing field makes a
// comparison false and its negation true.
func TestOperatorMatrix(t *testing.T) {
	runCases(t, []testCase{
		keysOf(`User =~ "EVE"`, `[["a","a"]]`), keysOf(`User !~ "EVE"`, `[["b","B"]]`),
		keysOf(`User == "eve"`, `[["a"]]`), keysOf(`User != "eve"`, `[["a","b","B"]]`),
		keysOf(`User in~ ("eve", "x")`, `[["a","a"]]`), keysOf(`User !in~ ("eve", "x")`, `[["b","B"]]`),
		keysOf(`User in ("eve", "x")`, `[["a"]]`), keysOf(`User !in ("eve", "x")`, `[["a","b","B"]]`),
		keysOf(`User contains "V"`, `[["a","a"]]`), keysOf(`User !contains "V"`, `[["b","B"]]`), keysOf(`User contains_cs "V"`, `[[]]`), keysOf(`User !contains_cs "V"`, `[["a","a","b","B"]]`),
		keysOf(`User startswith "E"`, `[["a","a"]]`), keysOf(`User !startswith "E"`, `[["b","B"]]`), keysOf(`User startswith_cs "E"`, `[["a"]]`), keysOf(`User !startswith_cs "E"`, `[["a","b","B"]]`),
		keysOf(`User endswith "E"`, `[["a","a"]]`), keysOf(`User !endswith "E"`, `[["b","B"]]`), keysOf(`User endswith_cs "e"`, `[["a","a"]]`), keysOf(`User !endswith_cs "e"`, `[["b","B"]]`),
		keysOf(`User matches regex @"(?is)^e.e\z"`, `[["a","a"]]`), keysOf(`not(User matches regex @"(?is)^e.e\z")`, `[["b","B"]]`),
		keysOf(`isnotempty(User) and User matches regex @"(?is)^.*\z"`, `[["a","a"]]`), keysOf(`not(isnotempty(User) and User matches regex @"(?is)^.*\z")`, `[["b","B"]]`),
		keysOf(`isnotempty(Kind) and Kind =~ User`, `[[]]`), keysOf(`not(isnotempty(Kind) and Kind =~ User)`, `[["a","a","b","B"]]`),
		keysOf(`isnotempty(Key) and Key == Key`, `[["a","a","b","B"]]`),
		keysOf(`(Kind contains "fai" or User contains "fai")`, `[["a","b"]]`), keysOf(`not((Kind contains "fai" or User contains "fai"))`, `[["a","B"]]`),
		keysOf(`coalesce(ipv4_is_in_range(Ip, "10.0.0.0/8"), false)`, `[["a"]]`), keysOf(`not(coalesce(ipv4_is_in_range(Ip, "10.0.0.0/8"), false))`, `[["a","b","B"]]`),
		keysOf(`coalesce(ipv6_is_in_range(Ip, "::/0"), false)`, `[["a","a"]]`), keysOf(`Ip contains ":" and coalesce(ipv6_is_in_range(Ip, "::/0"), false)`, `[["a"]]`),
		keysOf(`N == 5`, `[["a"]]`), keysOf(`N != 5`, `[["a","b","B"]]`), keysOf(`N in (5, 6)`, `[["a"]]`), keysOf(`N !in (5, 6)`, `[["a","b","B"]]`),
		keysOf(`N >= 5`, `[["a"]]`), keysOf(`not(coalesce(N >= 5, false))`, `[["a","b","B"]]`), keysOf(`N == M`, `[["a"]]`), keysOf(`not(coalesce(N == M, false))`, `[["a","b","B"]]`),
		keysOf(`N + M > 5`, `[["a"]]`), keysOf(`not(coalesce(N + M > 5, false))`, `[["a","b","B"]]`), keysOf(`TimeGenerated - datetime(2024-05-01T10:00:00.000Z) < 1m`, `[["a","a"]]`),
		keysOf(`hourofday(TimeGenerated) == 10`, `[["a","a","b","B"]]`), keysOf(`toint(dayofweek(TimeGenerated) / 1d) == 3`, `[["a","a","b","B"]]`),
		keysOf(`isnotempty(User) and strlen(User) >= 3`, `[["a","a"]]`), keysOf(`not(isnotempty(User) and strlen(User) >= 3)`, `[["b","B"]]`),
		keysOf(`TimeGenerated >= datetime(2024-05-01T10:01:00.000Z)`, `[["b","B"]]`), keysOf(`not(coalesce(TimeGenerated >= datetime(2024-05-01T10:01:00.000Z), false))`, `[["a","a"]]`),
		keysOf(`Ok == true`, `[["a"]]`), keysOf(`Ok != true`, `[["a","b","B"]]`),
		keysOf(`isnotempty(User)`, `[["a","a"]]`), keysOf(`isempty(User)`, `[["b","B"]]`), keysOf(`isnotnull(N)`, `[["a","a"]]`), keysOf(`isnull(N)`, `[["b","B"]]`),
		keysOf(`coalesce(array_length(Arr), 0) > 0`, `[["a","b"]]`), keysOf(`not(coalesce(array_length(Arr), 0) > 0)`, `[["a","B"]]`),
		keysOf(`true`, `[["a","a","b","B"]]`), keysOf(`false`, `[[]]`),
		keysOf(`strcat("\u001f", strcat_array(Arr, "\u001f"), "\u001f") contains "\u001fuser\u001f"`, `[["a"]]`),
		keysOf(`strcat("\u001f", strcat_array(Arr, "\u001f"), "\u001f") !contains "\u001fuser\u001f"`, `[["a","b","B"]]`),
		keysOf(`coalesce(set_has_element(Arr, "USER"), false)`, `[["a"]]`), keysOf(`not(coalesce(set_has_element(Arr, "user"), false))`, `[["a","a","b","B"]]`),
		keysOf(`strcat_array(Arr, "\u001f") contains "se"`, `[["a"]]`),
		keysOf(`coalesce(tolong(array_sort_desc(Nums)[0]) >= 5, false)`, `[["a"]]`), keysOf(`coalesce(set_has_element(Nums, 5), false)`, `[["a"]]`),
		keysOf(`not(coalesce(set_has_element(Nums, 5), false))`, `[["a","b","B"]]`),
		keysOf(`coalesce(array_length(set_intersect(Arr, Arr)) > 0, false)`, `[["a","b"]]`), keysOf(`coalesce(array_length(set_union(Arr, Arr)), 0) >= 2`, `[["a"]]`),
		keysOf(`tostring(D.x) =~ "ab"`, `[["a"]]`), keysOf(`isnotempty(tostring(D.x))`, `[["a"]]`), keysOf(`D["x"] == "Ab"`, `[["a"]]`), keysOf(`D.n == 7 and D.l[1] == 2`, `[["a"]]`),
	})
}

// stage is the pipeline stage of the matrix that keeps every row and counts the elements that fit.
func stage(body, after string) string {
	return `Ev | mv-apply _e0 = iff(array_length(Arr) > 0, Arr, dynamic([""])) to typeof(string) on (summarize _h0 = countif(isnotempty(_e0) and ` + body + `)) | where ` + after + ` | project-away _h0 | project Key`
}

// TestArrayStage runs the stage for any, none and all.
func TestArrayStage(t *testing.T) {
	all := lines(`["a"]`, `["a"]`, `["b"]`, `["B"]`)
	runCases(t, []testCase{
		{Name: "keeps every row", Query: stage(`_e0 == "nothing"`, `_h0 >= 0`), Want: all},
		{Name: "any", Query: stage(`_e0 matches regex @"^n.t$"`, `_h0 > 0`), Want: `["a"]`},
		{Name: "none", Query: stage(`_e0 matches regex @"^n.t$"`, `not(_h0 > 0)`), Want: lines(`["a"]`, `["b"]`, `["B"]`)},
		{Name: "all", Query: stage(`not(_e0 startswith "x")`, `coalesce(array_length(Arr), 0) > 0 and not(_h0 > 0)`), Want: `["b"]`},
		{Name: "body reads another field", Query: stage(`_e0 =~ "user" and Key == "a"`, `_h0 > 0`), Want: `["a"]`},
		{Name: "numbers", Query: `Ev | mv-apply _e0 = iff(array_length(Nums) > 0, Nums, dynamic([null])) to typeof(long) on (summarize _h0 = countif(isnotnull(_e0) and _e0 > 4)) | where _h0 > 0 | project Key, N`, Want: `["a",5]`},
		{Name: "objects", Query: `Ev | extend o = pack_array(bag_pack("a", "x", "b", "y"), bag_pack("a", "y", "b", "x")) | mv-apply _e0 = iff(array_length(o) > 0, o, dynamic([null])) on (summarize _h0 = countif(tostring(_e0.a) =~ "x" and tostring(_e0.b) =~ "y")) | where _h0 > 0 | count`, Want: `[4]`},
	})
}

// TestPeerDefects holds faults that converters have, as far as they show in this language.
func TestPeerDefects(t *testing.T) {
	runCases(t, []testCase{
		// 4: ? printed as *: one character, not any number.
		{Name: "4 one", Query: `print "x1Zp" matches regex @"(?is)^.*1.p\z"`, Want: `[true]`},
		{Name: "4 many", Query: `print "x1ZZp" matches regex @"(?is)^.*1.p\z"`, Want: `[false]`},
		{Name: "4 literal", Query: `print "x1p" endswith "1?p"`, Want: `[false]`},
		// 10: isnull() on a string column is never true.
		{Name: "10", Query: `Ev | where isnull(User) | count`, Want: `[0]`},
		{Name: "10 right", Query: `Ev | where isempty(User) | count`, Want: `[2]`},
		// 12: inner wildcards keep order and anchor.
		{Name: "12 order", Query: `print "notes.txt password" matches regex @"(?is)^.*password.*\.txt\z"`, Want: `[false]`},
		{Name: "12 wrong form", Query: `print "notes.txt password" contains "password" and "notes.txt password" contains ".txt"`, Want: `[true]`},
		// 13: IPv6 ranges do not work in an IPv4 function.
		{Name: "13", Query: `print ipv4_is_in_range("fe80::1", "fe80::/10"), ipv6_is_in_range("fe80::1", "fe80::/10")`, Want: `[null,true]`},
		// pySigma: numbers under in~, bare keywords, a quoted name for a column.
		{Name: "in~ numbers", Query: `Ev | where N in~ ("80", "443")`, Fault: "needs a string"},
		{Name: "bare keyword", Query: `Ev | where "mimikatz" or "sekurlsa"`, Fault: "not bool"},
		{Name: "quoted column", Query: `Ev | where 'Kind' == "fail" | count`, Want: `[0]`},
		{Name: "not without parentheses", Query: `Ev | where not Kind == "x"`, Fault: "`not` is a function"},
		{Name: "empty list", Query: `Ev | where Kind in ()`, Fault: "empty"},
	})
}

// TestIP covers the table of section 2.7.
func TestIP(t *testing.T) {
	runCases(t, values(
		`ipv4_is_in_range("192.168.1.6", "192.168.1.255/24")`, "true", `ipv4_is_in_range("192.168.1.1", "192.168.1.1")`, "true", `ipv4_is_in_range("-", "10.0.0.0/8")`, "null",
		`ipv4_is_in_range("10.1.1.1:80", "10.0.0.0/8")`, "null", `ipv4_is_in_any_range("10.1.1.1", "192.168.0.0/16", "10.0.0.0/8")`, "true", `ipv4_is_in_any_range("10.1.1.1", dynamic(["1.0.0.0/8"]))`, "false",
		`ipv4_is_in_any_range("x", "10.0.0.0/8")`, "null", `ipv4_is_match("192.168.1.1/24", "192.168.1.255")`, "true", `ipv4_is_match("1.2.3.4", "1.2.3.5", 24)`, "true", `ipv4_compare("1.2.3.4", "1.2.3.5")`, "-1",
		`ipv4_is_private("192.168.2.1")`, "true", `ipv4_is_private("127.0.0.1")`, "false", `ipv4_is_private("169.254.0.1")`, "false", `ipv4_is_private("fe80::1")`, "null",
		`ipv6_is_in_range("1.2.3.4", "::ffff:1.2.3.0/120")`, "true", `ipv6_is_in_any_range("fd00::1", "fc00::/7")`, "true", `ipv6_is_match("fe80::1", "fe80::2", 64)`, "true", `ipv6_compare("::1", "::2")`, "-1",
		`has_ipv4("05:04:54 127.0.0.1 GET", "127.0.0.1")`, "true", `has_ipv4("127.0.0.1.x", "127.0.0.1")`, "false", `has_ipv4("x127.0.0.1", "127.0.0.1")`, "false", `has_ipv4("1.2.3.4", "256.1.1.1")`, "false",
		`has_ipv4_prefix("a 10.1.2.3", "10.1.")`, "true", `has_ipv4_prefix("a 10.1.2.3", "10.1")`, "false", `has_any_ipv4("a 10.1.2.3", "1.1.1.1", "10.1.2.3")`, "true", `has_any_ipv4_prefix("a 10.1.2.3", dynamic(["9.", "10."]))`, "true",
		`parse_ipv4("127.0.0.1")`, "2130706433", `parse_ipv4_mask("192.1.168.1", 16)`, "3221291008", `format_ipv4("192.168.1.255", 24)`, `"192.168.1.0"`, `format_ipv4_mask(3232236031, 24)`, `"192.168.1.0/24"`,
		`ipv4_netmask_suffix("10.1.2.3/24")`, "24", `parse_ipv6("127.0.0.1")`, `"0000:0000:0000:0000:0000:ffff:7f00:0001"`, `ipv4_range_to_cidr_list("1.1.128.0", "1.1.140.255")`, `["1.1.128.0/21","1.1.136.0/22","1.1.140.0/24"]`,
	))
	runCases(t, []testCase{{Query: `print ipv6_is_in_range("1.2.3.4", "::/0")`, Want: `[null]`, Doubts: map[string]bool{"kusto-ipv6-range-takes-ipv4": false}}})
}
