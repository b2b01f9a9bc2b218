package interp

import (
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/backends/native"
)

// functionExamples has at least one row for each scalar function (TestEveryFunctionHasAnExample).
var functionExamples = []struct{ expr, want string }{
	// arithmetic and comparison
	{"1 + 2", "3"},
	{"7 / 2", "3"},
	{"-7 / 2", "-3"},
	{"-7 % 3", "-1"},
	{"7.0 / 2", "3.5"},
	{"1 / 0", "null"},
	{"1.0 / 0", "null"},
	{"1 % 0", "null"},
	{"2147483647 + 1", "null"},
	{"2147483648 + 1", "2147483649"},
	{"9223372036854775807 + 1", "null"},
	{"-2147483648 - 1", "null"},
	{"3000000000 * 4000000000", "null"},
	{"9223372036854775808 + TO_UL(1)", "9223372036854775809"},
	{"TO_UL(1) - TO_UL(2)", "null"},
	{"1 == 1.0", "true"},
	{"\"a\" < \"b\"", "true"},
	{"\"B\" < \"a\"", "true"},
	{"0.0 == -0.0", "true"},
	{"[1, 2] == 1", "null"},
	{"NULL == NULL", "null"},
	{"NULL + 1", "null"},
	{"1e308 * 10", "null"},
	{"5.5 % 2", "1.5"},
	{"TRUE AND NULL", "null"},
	{"FALSE AND NULL", "false"},
	{"TRUE OR NULL", "true"},
	{"FALSE OR NULL", "null"},
	{"NOT NULL", "null"},
	{"[TRUE, FALSE] AND FALSE", "false"},
	{"[TRUE, FALSE] AND TRUE", "null"},
	{"1 IN (1, NULL)", "true"},
	{"2 IN (1, NULL)", "null"},
	{"2 IN (1, 3)", "false"},
	{"2 NOT IN (1, 3)", "true"},
	{"NULL IN (1)", "null"},
	{"1 IN (1.0, 5000000000)", "true"},
	{"[1, 2] IN (1, 2)", "null"},
	{"TO_IP(\"1.1.1.1\") IN (\"1.1.1.1\")", "true"},
	{"TO_DATETIME(\"2024-01-01\") == \"2024-01-01T00:00:00Z\"", "true"},
	{"\"abc\" LIKE \"a?c\"", "true"},
	{"\"abc\" LIKE \"a?\"", "false"},
	{"\"\" LIKE \"*\"", "true"},
	{"\"äx\" LIKE \"?x\"", "true"},
	{"\"abc\" RLIKE \"a.*\"", "true"},
	{"\"abc\" RLIKE \"b\"", "false"},
	{"\"abc\" LIKE (\"x*\", \"a*\")", "true"},
	{"\"ABC\" LIKE \"a*\"", "false"},
	{"NULL IS NULL", "true"},
	{"[1] IS NOT NULL", "true"},
	{"\"1\"::int + 1", "2"},
	{"1.5::long", "2"},
	{"\"x\"::int", "null"},
	{"TRUE::int", "1"},
	// numbers
	{"ABS(-3)", "3"},
	{"ABS(-2.5)", "2.5"},
	{"ABS(-2147483648)", "null"},
	{"ACOS(1.0)", "0.0"},
	{"ACOS(2)", "null"},
	{"ACOSH(1)", "0.0"},
	{"ASIN(0)", "0.0"},
	{"ASINH(0)", "0.0"},
	{"ATAN(0)", "0.0"},
	{"ATANH(0)", "0.0"},
	{"ATANH(1)", "null"},
	{"ATAN2(0, 1)", "0.0"},
	{"CBRT(27)", "3.0"},
	{"CEIL(1.2)", "2.0"},
	{"CEIL(3)", "3"},
	{"COPY_SIGN(2, -1.0)", "-2"},
	{"COPY_SIGN(-2.5, 1)", "2.5"},
	{"COS(0)", "1.0"},
	{"COSH(0)", "1.0"},
	{"COSH(1000)", "null"},
	{"ROUND(E(), 3)", "2.718"},
	{"EXP(0)", "1.0"},
	{"FLOOR(-1.2)", "-2.0"},
	{"HYPOT(3, 4)", "5.0"},
	{"LOG(1)", "0.0"},
	{"LOG(0)", "null"},
	{"LOG(2, 8)", "3.0"},
	{"LOG(1, 8)", "null"},
	{"LOG10(100)", "2.0"},
	{"ROUND(PI(), 2)", "3.14"},
	{"POW(2, 10)", "1024.0"},
	{"POW(-4, .5)", "null"},
	{"ROUND(2.5)", "3.0"},
	{"ROUND(-2.5)", "-3.0"},
	{"ROUND(1.2345, 2)", "1.23"},
	{"ROUND(1250, -2)", "1300"},
	{"ROUND(7, NULL)", "null"},
	{"ROUND(18446744073709551615, -1)", "null"},
	{"ROUND_TO(7, 0, 5, 10)", "5"},
	{"ROUND_TO(-3, 0, 5)", "0"},
	{"SCALB(1.5, 2)", "6.0"},
	{"SIGNUM(-3)", "-1.0"},
	{"SIN(0)", "0.0"},
	{"SINH(0)", "0.0"},
	{"SQRT(9)", "3.0"},
	{"SQRT(-1)", "null"},
	{"TAN(0)", "0.0"},
	{"TANH(0)", "0.0"},
	{"ROUND(TAU(), 2)", "6.28"},
	{"TO_DEGREES(0)", "0.0"},
	{"ROUND(TO_RADIANS(180), 2)", "3.14"},
	{"ABS([1, -2])", "null"},
	{"SQRT([4, 9])", "null"},
	// texts
	{"BIT_LENGTH(\"aä\")", "24"},
	{"BYTE_LENGTH(\"aä\")", "3"},
	{"LENGTH(\"aä😀\")", "3"},
	{"CONCAT(\"a\", \"b\", \"c\")", "abc"},
	{"CONCAT(\"a\", NULL)", "null"},
	{"CONTAINS(\"abc\", \"b\")", "true"},
	{"STARTS_WITH(\"abc\", \"ab\")", "true"},
	{"ENDS_WITH(\"abc\", \"BC\")", "false"},
	{"FROM_BASE64(\"YWJj\")", "abc"},
	{"TO_BASE64(\"abc\")", "YWJj"},
	{"TO_ASCII(\"a é 世 🌍 \\n \\\\n\")", `a \xe9 \u4e16 \U0001f30d \n \n`},
	{"ASCII(NULL)", "null"},
	{"TO_UL(\"1e3\")", "1000"},
	{"TO_UL(\"0x1F\")", "null"},
	{"TO_UL(\" 5\")", "null"},
	{"4.9E-324", "4.9E-324"},
	{"2E23", "2.0E23"},
	{"DATE_PARSE(\"epoch_millis\", \"1651795323000\")", "2022-05-06T00:02:03Z"},
	{"DATE_PARSE(\"epoch_second\", \"1651795323.5\")", "2022-05-06T00:02:03.5Z"},
	{"DATE_PARSE(\"epoch_second\", \"x\")", "null"},
	{"DATE_PARSE(\"yyyy-MM-dd||epoch_millis\", \"0\")", "1970-01-01T00:00:00Z"},
	{"DATE_PARSE(\"iso8601\", \"2024-01-01T10:00:00Z\")", "2024-01-01T10:00:00Z"},
	{"DATE_FORMAT(\"epoch_second\", TO_DATETIME(1500))", "1.5"},
	{"DATE_FORMAT(\"epoch_millis\", TO_DATETIME(1500))", "1500"},
	{"HASH(\"md5\", \"a\")", "0cc175b9c0f1b6a831c399e269772661"},
	{"MD5(\"a\")", "0cc175b9c0f1b6a831c399e269772661"},
	{"SHA1(\"a\")", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"},
	{"LEFT(SHA256(\"a\"), 8)", "ca978112"},
	{"LEFT(\"abc\", 2)", "ab"},
	{"RIGHT(\"abc\", 2)", "bc"},
	{"LEFT(\"abc\", -1)", ""},
	{"LOCATE(\"hello\", \"l\")", "3"},
	{"LOCATE(\"hello\", \"l\", 4)", "4"},
	{"LOCATE(\"hello\", \"x\")", "0"},
	{"CONCAT(\"<\", LTRIM(\"  a \"), \">\")", "<a >"},
	{"CONCAT(\"<\", RTRIM(\" a  \"), \">\")", "< a>"},
	{"CONCAT(\"<\", TRIM(\" a \"), \">\")", "<a>"},
	{"REPEAT(\"ab\", 3)", "ababab"},
	{"REPEAT(\"ab\", -1)", "null"},
	{"REPEAT(\"ab\", 0)", ""},
	{"REPLACE(\"foo bar\", \"o+\", \"0\")", "f0 bar"},
	{"REPLACE(\"ab\", \"(a)(b)\", \"$2$1\")", "ba"},
	{"REPLACE(\"a.b\", \"\\\\.\", \"-\")", "a-b"},
	{"REPLACE(\"aaa\", \"(\", \"\")", "null"},
	{"REPLACE(\"abc\", \"\", \"-\")", "-a-b-c-"},
	{"REPLACE(\"ABC\", \"(?i)b\", \"x\")", "AxC"},
	{"REVERSE(\"abc\")", "cba"},
	{"REVERSE(\"e\u0301x\")", "xe\u0301"},
	{"CONCAT(\"<\", SPACE(2), \">\")", "<  >"},
	{"SPLIT(\"a;b;c\", \";\")", "[a, b, c]"},
	{"SPLIT(\"a\", \";\")", "a"},
	{"SUBSTRING(\"hello\", 2, 3)", "ell"},
	{"SUBSTRING(\"hello\", -3)", "llo"},
	{"SUBSTRING(\"hello\", 0, 2)", "he"},
	{"SUBSTRING(\"hello\", 9)", ""},
	{"SUBSTRING(\"hello\", 1, -1)", "null"},
	{"TO_LOWER(\"ÄB\")", "äb"},
	{"TO_LOWER([\"A\", \"B\"])", "[a, b]"},
	{"TO_UPPER(\"straße\")", "STRASSE"},
	{"TO_UPPER(\"abc1\")", "ABC1"},
	{"URL_DECODE(\"a%20b+c\")", "a b c"},
	{"URL_DECODE(\"%zz\")", "null"},
	{"URL_ENCODE(\"a b&ä\")", "a+b%26%C3%A4"},
	{"URL_ENCODE_COMPONENT(\"a b\")", "a%20b"},
	{"JSON_EXTRACT(\"\"\"{\"a\":{\"b\":[1,{\"c\":\"x\"}]}}\"\"\", \"a.b[1].c\")", "x"},
	{"JSON_EXTRACT(\"{\", \"a\")", "null"},
	{"JSON_EXTRACT(\"\"\"{\"a\":{\"b\":1}}\"\"\", \"a\")", "{\"b\":1}"},
	{"JSON_EXTRACT(\"\"\"{\"a\":null}\"\"\", \"a\")", "null"},
	// dates
	{"DATE_DIFF(\"day\", \"2024-01-01\", \"2024-03-01\")", "60"},
	{"DATE_DIFF(\"month\", TO_DT(\"2024-01-31\"), TO_DT(\"2024-02-29\"))", "0"},
	{"DATE_DIFF(\"years\", TO_DT(\"2024-01-01\"), TO_DT(\"2020-01-02\"))", "-3"},
	{"DATE_DIFF(\"ms\", TO_DT(0), TO_DT(4000000000))", "null"},
	{"DATE_EXTRACT(\"hour_of_day\", TO_DT(\"2024-01-01T13:00:00Z\"))", "13"},
	{"DATE_EXTRACT(\"DAY_OF_WEEK\", TO_DT(\"2024-01-07\"))", "7"},
	{"DATE_EXTRACT(\"day_of_year\", TO_DT(\"2024-12-31\"))", "366"},
	{"DATE_FORMAT(TO_DT(0))", "1970-01-01T00:00:00.000Z"},
	{"DATE_FORMAT(\"yyyy-MM-dd'T'HH:mm:ss.SSS EEE\", TO_DT(\"2024-02-03T04:05:06.789Z\"))", "2024-02-03T04:05:06.789 Sat"},
	{"DATE_FORMAT(\"h a MMM d\", TO_DT(\"2024-02-03T16:05:06Z\"))", "4 PM Feb 3"},
	{"DATE_PARSE(\"dd/MMM/yyyy:HH:mm:ss Z\", \"03/Feb/2024:04:05:06 +0100\")", "2024-02-03T03:05:06Z"},
	{"DATE_PARSE(\"yyyy-MM-dd\", \"2024-02-30\")", "null"},
	{"DATE_PARSE(\"2024-02-03\")", "2024-02-03T00:00:00Z"},
	{"DATE_TRUNC(1 hour, TO_DT(\"2024-02-03T04:59:59.999Z\"))", "2024-02-03T04:00:00Z"},
	{"DATE_TRUNC(1 week, TO_DT(\"2024-02-04\"))", "2024-01-29T00:00:00Z"},
	{"DATE_TRUNC(1 month, TO_DT(\"2024-02-29\"))", "2024-02-01T00:00:00Z"},
	{"DATE_TRUNC(5 minutes, TO_DT(\"2024-02-03T04:09:59Z\"))", "2024-02-03T04:05:00Z"},
	{"DATE_TRUNC(1 quarter, TO_DT(\"2024-06-30\"))", "2024-04-01T00:00:00Z"},
	{"DATE_TRUNC(1 day, TO_DT(-1))", "1969-12-31T00:00:00Z"},
	{"DAY(TO_DT(\"2024-02-03\"))", "3"},
	{"DAY_NAME(TO_DT(\"2024-02-03\"))", "Saturday"},
	{"DAYS_IN_MONTH(TO_DT(\"2024-02-03\"))", "29"},
	{"HOUR(TO_DT(\"2024-02-03T04:00:00Z\"))", "4"},
	{"MONTH(TO_DT(\"2024-02-03\"))", "2"},
	{"MONTH_NAME(TO_DT(\"2024-02-03\"))", "February"},
	{"YEAR(TO_DT(\"2024-02-03\"))", "2024"},
	{"NOW()", "2024-05-06T07:08:09Z"},
	{"NOW() - 8 minutes - 9 seconds", "2024-05-06T07:00:00Z"},
	{"TO_DT(\"2024-01-31\") + 1 month", "2024-02-29T00:00:00Z"},
	{"TO_DT(\"2024-02-29\") - 1 year", "2023-02-28T00:00:00Z"},
	{"\"2024-01-01\" + 36 hours", "2024-01-02T12:00:00Z"},
	{"TO_DT(9223372036854775807) + 1 day", "null"},
	{"TO_DT(0) + 2147483647 years", "null"},
	{"TO_DATE_NANOS(\"2024-01-01T00:00:00.123456789Z\") + 1 second", "2024-01-01T00:00:01.123456789Z"},
	// several values
	{"MV_APPEND([1, 2], 2)", "[1, 2, 2]"},
	{"MV_APPEND(1, NULL)", "null"},
	{"MV_AVG([1, 2, 4])", "2.3333333333333335"},
	{"MV_CONCAT([\"a\", \"b\"], \", \")", "a, b"},
	{"MV_CONCAT(\"a\", NULL)", "null"},
	{"MV_CONTAINS([1, 2, 3], [3, 1])", "true"},
	{"MV_CONTAINS([1, 2], 3)", "false"},
	{"MV_CONTAINS(NULL, 3)", "false"},
	{"MV_CONTAINS([1], NULL)", "true"},
	{"MV_COUNT([1, 1])", "2"},
	{"MV_COUNT(NULL)", "null"},
	{"MV_DEDUPE([2, 1, 2])", "[2, 1]"},
	{"MV_DIFFERENCE([1, 2, 3], [2])", "[1, 3]"},
	{"MV_FIRST([3, 1])", "3"},
	{"MV_GREATER([1, 5], 4)", "true"},
	{"MV_GREATER([1, 5], 5)", "false"},
	{"MV_GREATER([1, 5], 5, {\"include_bound\": true})", "true"},
	{"MV_GREATER(NULL, 5)", "false"},
	{"MV_GREATER([1, 5], NULL)", "false"},
	{"MV_GREATER(5, [1, 2])", "false"},
	{"MV_GREATER(TO_IP([\"1.1.1.1\", \"10.0.0.1\"]), \"2.0.0.0\")", "true"},
	{"MV_LESS([\"b\", \"c\"], \"b\")", "false"},
	{"MV_LESS([\"b\", \"c\"], \"b\", {\"include_bound\": true})", "true"},
	{"MV_LESS(TO_DATETIME(\"2024-01-01\"), \"2024-01-02\")", "true"},
	{"MV_IN_RANGE([1, 9], 2, 8)", "false"},
	{"MV_IN_RANGE([1, 9], 2, 9)", "true"},
	{"MV_IN_RANGE([1, 9], 2, 9, {\"include_upper\": false})", "false"},
	{"MV_IN_RANGE(NULL, 2, 9)", "false"},
	{"MV_INTERSECTION([1, 2, 2], [2, 3])", "2"},
	{"MV_INTERSECTION([1], NULL)", "null"},
	{"MV_INTERSECTS([1, 2], [2, 3])", "true"},
	{"MV_INTERSECTS([1], NULL)", "false"},
	{"MV_LAST([3, 1])", "1"},
	{"MV_LIKE([\"ab\", \"c\"], \"a*\")", "true"},
	{"MV_LIKE(NULL, \"a*\")", "false"},
	{"MV_MAX([3, 5, 1])", "5"},
	{"MV_MEDIAN([3, 5, 1, 4])", "3"},
	{"MV_MEDIAN([3.0, 4])", "3.5"},
	{"MV_MEDIAN_ABSOLUTE_DEVIATION([0, 2, 5, 6])", "2"},
	{"MV_MIN([\"b\", \"a\"])", "a"},
	{"MV_PERCENTILE([5, 5, 10, 12, 5000], 50)", "10"},
	{"MV_PSERIES_WEIGHTED_SUM([1.0, 2.0], 1.0)", "2.0"},
	{"MV_PSERIES_WEIGHTED_SUM([70.0, 45.0, 21.0, 21.0, 21.0], 1.5)", "94.45465156212452"},
	{"MV_UNION([1], NULL)", "null"},
	{"MV_EXCEPT([1, 1], NULL)", "[1, 1]"},
	{"MV_EXCEPT(NULL, [1])", "null"},
	{"MV_RLIKE([\"ab\", \"c\"], \"[ab]+\")", "true"},
	{"MV_SLICE([1, 2, 3], 1)", "2"},
	{"MV_SLICE([1, 2, 3], -2, -1)", "[2, 3]"},
	{"MV_SLICE([1, 2, 3], 5)", "null"},
	{"MV_SORT([2, 3, 1])", "[1, 2, 3]"},
	{"MV_SORT([2, 3, 1], \"DESC\")", "[3, 2, 1]"},
	{"MV_SUM([1, 2, 3])", "6"},
	{"MV_SUM([2147483647, 1])", "null"},
	{"MV_UNION([1, 2], [2, 3])", "[1, 2, 3]"},
	{"MV_ZIP([\"a\", \"b\"], [\"1\"], \"-\")", "[a-1, b]"},
	// conversions
	{"TO_BOOLEAN([\"TRUE\", \"x\"])", "[true, false]"},
	{"TO_INTEGER(\"2147483648\")", "null"},
	{"TO_INTEGER([\"1\", \"x\", \"3.7\"])", "[1, 4]"},
	{"TO_LONG(2.5)", "3"},
	{"TO_LONG(TO_DT(5))", "5"},
	{"TO_UNSIGNED_LONG(-1)", "null"},
	{"TO_UL(\"18446744073709551615\")", "18446744073709551615"},
	{"TO_DOUBLE(\"1e3\")", "1000.0"},
	{"TO_STRING(1e10)", "1.0E10"},
	{"TO_STRING(TO_DT(0))", "1970-01-01T00:00:00.000Z"},
	{"TO_STRING([1, 2])", "[1, 2]"},
	{"TO_TEXT(1)", "1"},
	{"TO_DATETIME(\"2024-13-01\")", "null"},
	{"TO_DATETIME(\"2024\")", "2024-01-01T00:00:00Z"},
	{"TO_DATE_NANOS(\"1969-01-01\")", "null"},
	{"TO_VERSION(\"1.2.3\") < TO_VERSION(\"1.11\")", "true"},
	{"TO_VERSION(\"1.0.0-rc1\") < \"1.0.0\"", "true"},
	{"TO_VERSION(\"bad\") > TO_VERSION(\"9\")", "true"},
	{"TO_IP(\"::ffff:1.2.3.4\")", "1.2.3.4"},
	{"TO_IP(\"x\")", "null"},
	{"TO_IP(\"1.1.010.1\", {\"leading_zeros\": \"octal\"})", "1.1.8.1"},
	{"TO_IP(\"1.1.010.1\", {\"leading_zeros\": \"decimal\"})", "1.1.10.1"},
	{"TO_IP(\"1.1.010.1\")", "null"},
	{"TO_DT(0) + TO_DATEPERIOD(\"2 days\")", "1970-01-03T00:00:00Z"},
	{"TO_DT(0) + TO_TIMEDURATION(\"2 hours\")", "1970-01-01T02:00:00Z"},
	// addresses
	{"CIDR_MATCH(TO_IP(\"10.1.2.3\"), \"192.168.0.0/16\", \"10.0.0.0/8\")", "true"},
	{"CIDR_MATCH(\"10.1.2.3\", \"10.1.2.3\")", "true"},
	{"CIDR_MATCH(TO_IP(\"::1\"), \"10.0.0.0/8\")", "false"},
	{"CIDR_MATCH(NULL, \"10.0.0.0/8\")", "null"},
	{"IP_PREFIX(TO_IP(\"1.2.3.4\"), 24, 0)", "1.2.3.0"},
	{"IP_PREFIX(TO_IP(\"fe80::1:2\"), 24, 112)", "fe80::1:0"},
	{"NETWORK_DIRECTION(TO_IP(\"10.0.0.1\"), TO_IP(\"8.8.8.8\"), [\"10.0.0.0/8\"])", "outbound"},
	{"NETWORK_DIRECTION(TO_IP(\"8.8.8.8\"), TO_IP(\"10.0.0.1\"), \"private\")", "inbound"},
	// conditions
	{"CASE(FALSE, 1, NULL, 2, 3)", "3"},
	{"CASE(FALSE, 1)", "null"},
	{"CASE(TRUE, 1, 2.5)", "1.0"},
	{"CASE([TRUE, TRUE], \"a\", \"b\")", "b"},
	{"COALESCE(NULL, 1, 2)", "1"},
	{"COALESCE(NULL, [1, 2])", "[1, 2]"},
	{"GREATEST(1, [5, 7], 3)", "7"},
	{"GREATEST(1, NULL)", "null"},
	{"LEAST(\"b\", \"a\")", "a"},
	{"LEAST(1, 0.5)", "0.5"},
	{"CLAMP(5, 1, 3)", "3"},
	{"CLAMP_MIN(5, 7)", "7"},
	{"CLAMP_MAX(5, 4)", "4"},
	{"CLAMP_MAX(-3, 18446744073709551615)", "null"},
	{"DATE_DIFF([\"day\", \"hour\"], NOW(), NOW())", "null"},
}

func TestFunctions(t *testing.T) {
	for _, c := range functionExamples {
		if got := value(t, c.expr); got != c.want {
			t.Errorf("%s is %s, want %s", c.expr, got, c.want)
		}
	}
}

// TestEveryFunctionHasAnExample walks the tables, so that a new function needs a row above or a test named here.
func TestEveryFunctionHasAnExample(t *testing.T) {
	seen := map[string]bool{
		"bucket": true, "bin": true, "tbucket": true, "trange": true, "match": true, "kql": true,
		"match_phrase": true, "multi_match": true, "qstr": true,
	} // TestBuckets, TestDocumented, TestMatch, TestKQL, TestSearch
	for _, c := range functionExamples {
		q, ds := syntax.Parse("", "ROW x = "+c.expr)
		if len(ds) > 0 {
			t.Fatalf("%s: %v", c.expr, ds)
		}
		syntax.Walk(q, func(x syntax.Expr) {
			if k, ok := x.(*syntax.Call); ok {
				seen[names.scalar[strings.ToLower(k.Name)].name] = true
			}
		})
	}
	for n, f := range names.scalar {
		if !seen[f.name] {
			t.Errorf("%s has no example", n)
		}
		if f.doc == "" {
			t.Errorf("%s has no documentation", n)
		}
	}
}

// TestAggregates: one aggregate over the values of v in the groups a and b; group c has no values.
func TestAggregates(t *testing.T) {
	in := native.Input{Tables: []native.Table{events(t, "e", map[string]string{"g": "keyword", "v": "long", "k": "keyword", "w": "double", "@timestamp": "date"},
		`{"@timestamp": "2024-01-03", "g": "a", "v": [4, 1], "k": "x", "w": 1}`,
		`{"@timestamp": "2024-01-01", "g": "a", "v": 2, "k": ["y", "x"], "w": 3}`,
		`{"@timestamp": "2024-01-02", "g": "b", "v": 7, "w": 0.5}`,
		`{"@timestamp": "2024-01-04", "g": "b"}`,
		`{"@timestamp": "2024-01-05", "g": "c"}`)}}
	for _, c := range []struct{ agg, want string }{
		{"COUNT(*)", "2; 2; 1"},
		{"COUNT()", "2; 2; 1"},
		{"COUNT(v)", "3; 1; 0"},
		{"COUNT(v > 3)", "1; 1; 0"},
		{"COUNT(*) WHERE v > 3", "0; 1; 0"},
		{"SUM(v)", "7; 7; null"},
		{"AVG(v)", "2.3333333333333335; 7.0; null"},
		{"MIN(v)", "1; 7; null"},
		{"MAX(v)", "4; 7; null"},
		{"MAX(k)", "y; null; null"},
		{"MEDIAN(v)", "2.0; 7.0; null"},
		{"PERCENTILE(v, 25)", "1.5; 7.0; null"},
		{"MEDIAN_ABSOLUTE_DEVIATION(v)", "1.0; 0.0; null"},
		{"ROUND(STD_DEV(v), 3)", "1.247; 0.0; null"},
		{"ROUND(VARIANCE(v), 3)", "1.556; 0.0; null"},
		{"COUNT_DISTINCT(k)", "2; 0; 0"},
		{"COUNT_DISTINCT(v, 100)", "3; 1; 0"},
		{"VALUES(k)", "[x, y]; null; null"},
		{"TOP(v, 2, \"desc\")", "[4, 2]; 7; null"},
		{"TOP(v, 1)", "1; 7; null"},
		{"TOP(v, 2, \"asc\", k)", "[x, x]; null; null"},
		{"PRESENT(v)", "true; true; false"},
		{"ABSENT(v)", "false; false; true"},
		{"FIRST(v, @timestamp)", "2; 7; null"},
		{"LAST(k, @timestamp)", "x; null; null"},
		{"SAMPLE(v, 10)", "[1, 4, 2]; 7; null"},
		{"WEIGHTED_AVG(w, 2)", "2.0; 0.5; null"},
		{"ROUND(WEIGHTED_AVG(w, w), 2)", "2.5; 0.5; null"},
		{"MAX(v) - MIN(v) + 1", "4; 1; null"},
		{"CONCAT(g, \"-\", TO_STRING(COUNT(*)))", "a-2; b-2; c-1"},
		{"SUM(v) WHERE FALSE", "null; null; null"},
	} {
		out, ds := exec("FROM e | STATS x = "+c.agg+" BY g | SORT g | KEEP x", in)
		if got := table(out); ds.HasErrors() || got != c.want {
			t.Errorf("%s is %s, want %s %v", c.agg, got, c.want, ds)
		}
	}
	for _, a := range aggregateFunctions {
		if a.doc == "" || a.name == "" {
			t.Errorf("%s has no documentation", a.name)
		}
	}
	out, ds := exec("FROM e | WHERE FALSE | STATS COUNT(*), SUM(v)", in)
	if got := table(out); ds.HasErrors() || got != "0|null" {
		t.Errorf("over nothing: %s %v", got, ds)
	}
	if _, ds = exec("FROM e | STATS SAMPLE(v, 1)", in); !ds.HasErrors() {
		t.Error("SAMPLE chose at random")
	}
	in.Doubts = map[string]bool{doubtFirstNull.Name: false}
	if out, _ = exec("FROM e | STATS x = LAST(v, @timestamp), y = FIRST(k, @timestamp)", in); table(out) != "1|x" {
		t.Errorf("FIRST and LAST that skip nulls: %s", table(out))
	}
}

func TestBuckets(t *testing.T) {
	in := native.Input{Tables: []native.Table{events(t, "e", map[string]string{"@timestamp": "date", "n": "long"},
		`{"@timestamp": "2024-01-01T10:07:00Z", "n": 12}`, `{"@timestamp": "2024-01-01T10:31:00Z", "n": 27}`, `{"@timestamp": "2024-01-02T00:00:00Z"}`)}}
	for _, c := range []struct{ key, want string }{
		{"BUCKET(@timestamp, 30 minutes)", "1|2024-01-01T10:00:00Z; 1|2024-01-01T10:30:00Z; 1|2024-01-02T00:00:00Z"},
		{"BUCKET(@timestamp, 1 day)", "2|2024-01-01T00:00:00Z; 1|2024-01-02T00:00:00Z"},
		{"TBUCKET(1 hour)", "2|2024-01-01T10:00:00Z; 1|2024-01-02T00:00:00Z"},
		{"BUCKET(@timestamp, 2, \"2024-01-01\", \"2024-01-03\")", "2|2024-01-01T00:00:00Z; 1|2024-01-02T00:00:00Z"},
		{"BUCKET(n, 10.)", "1|10.0; 1|20.0; 1|null"},
		{"BUCKET(n, 3, 0, 30)", "1|10.0; 1|20.0; 1|null"},
		{"BIN(n, 0)", "3|null"},
	} {
		out, ds := exec("FROM e | STATS COUNT(*) BY k = "+c.key+" | SORT k", in)
		if got := table(out); ds.HasErrors() || got != c.want {
			t.Errorf("%s: %s, want %s %v", c.key, got, c.want, ds)
		}
	}
	if _, ds := exec("FROM e | EVAL x = BUCKET(n, 10.)", in); !ds.HasErrors() {
		t.Error("BUCKET outside of a key is accepted")
	}
}
