package interp

import "testing"

// The expected values are those that the pages of the functions print, or follow from their text.

func TestTextFunctions(t *testing.T) {
	runCases(t, values(
		`indexof("abcdefg", "cde")`, `2`, `indexof("abcdefg", "cde", 1, 4)`, `2`, `indexof("abcdefg", "cde", 1, 2)`, `-1`, `indexof("abcdefg", "cde", 3, 4)`, `-1`,
		`indexof("abcdefg", "cde", -5)`, `2`, `indexof(1234567, 5, 1, 4)`, `4`, `indexof("abcdefg", "cde", 2, -1)`, `2`, `indexof("abcdefgabcdefg", "cde", 1, 10, 2)`, `9`, `indexof("abcdefgabcdefg", "cde", 1, -1, 3)`, `-1`,
		`indexof_regex("adc123abcabc", @"a.c", 0, -1, 2)`, `6`, `indexof_regex("abcabc", @"x.z")`, `-1`,
		`split("aa_bb", "_")`, `["aa","bb"]`, `split("aaa_bbb_ccc", "_", 1)`, `["bbb"]`, `split("", "_")`, `[""]`, `split("a__b", "_")`, `["a","","b"]`, `split("aabbcc", "bb")`, `["aa","cc"]`, `split("a_b", "_", 7)`, `[]`,
		`substring("123456", 1)`, `"23456"`, `substring("123456", 2, 2)`, `"34"`, `substring("ABCD", 0, 2)`, `"AB"`, `substring("123456", -2, 2)`, `"56"`, `substring("abc", 5)`, `""`,
		`trim("--", "--https://bing.com--")`, `"https://bing.com"`, `trim(@"[^\w]+", "-  Te st3// ..")`, `"Te st3"`, `trim_start("ab", "ababab c")`, `"abab c"`, `trim_end(@"\.com", "bing.com")`, `"bing"`,
		`countof("The cat sat on the mat", "at")`, `3`, `countof("The cat sat on the mat", @"\b.at\b", "regex")`, `3`, `countof("aaa", "a")`, `3`, `countof("aaaa", "aa")`, `3`, `countof("ababa", "aba", "regex")`, `1`, `countof("abcabc", "a.c", "regex")`, `2`,
		`replace_string("magic trick can be done", "magic", "logic")`, `"logic trick can be done"`, `replace_strings("abc", dynamic(["a", "b"]), dynamic(["b", "c"]))`, `"bcc"`,
		`replace_regex("Number is 1", @"is (\d+)", @"was: \1")`, `"Number was: 1"`, `replace_regex("a.b", @"\.", "$0")`, `"a$0b"`,
		`extract(@"x=([0-9.]+)", 1, "hello x=45.6|wo")`, `"45.6"`, `extract("x=([0-9.]+)", 0, "x=45.6")`, `"x=45.6"`, `extract("a(b)?", 1, "a")`, `""`, `extract("zz", 1, "a")`, `""`, `extract(@"(\d+)", 1, "a12", typeof(long)) + 1`, `13`,
		`extract_all(@"(\d)", "a1b2")`, `["1","2"]`, `extract_all(@"(\w)(\d)", "a1b2")`, `[["a","1"],["b","2"]]`, `extract_all(@"(\w)(\d)", dynamic([2]), "a1b2")`, `["1","2"]`, `extract_all("x(y)", "a")`, `null`,
		`strcat_delim("-", 1, "2", "A", 1s)`, `"1-2-A-00:00:01"`, `strcat_array(dynamic([1, 2, 3]), "->")`, `"1-\u003e2-\u003e3"`, `strrep("ABC", 2)`, `"ABCABC"`, `strrep(123, 3, ".")`, `"123.123.123"`, `strrep("x", -1)`, `""`,
		`reverse("abc")`, `"cba"`, `reverse(123)`, `"321"`, `strcmp("ABC", "abc")`, `-1`, `strcmp("abcde", "abc")`, `1`, `translate("krasp", "otsku", "spark")`, `"kusto"`, `translate("abc", "x", "abc")`, `"xxx"`, `translate("abc", "", "ab")`, `""`,
		`toupper("heLLo ß")`, `"HELLO ß"`, `strlen("héé😀")`, `4`, `string_size("hello")`, `5`, `string_size("⒦⒰")`, `6`, `unicode_codepoints_from_string("Hé")`, `[72,233]`, `unicode_codepoints_to_string(72, dynamic([233, 33]))`, `"Hé!"`,
		`isascii("abc")`, `true`, `isascii("é")`, `false`, `isutf8("é")`, `true`, `parse_csv("aaa")`, `["aaa"]`, `parse_csv('aa,b,cc')`, `["aa","b","cc"]`, `parse_csv('a,"b,c",""')`, `["a","b,c",""]`,
		`has_any_index("this is an example", dynamic(["this", "example"]))`, `0`, `has_any_index("x", dynamic(["this"]))`, `-1`, `has_any_index("x", dynamic([]))`, `-1`,
	))
}

func TestEncodings(t *testing.T) {
	runCases(t, values(
		`hash("World")`, `1846988464401551951`, `hash("World", 100)`, `51`, `hash(datetime("2015-01-01"))`, `1380966698541616202`,
		`hash_md5("World")`, `"f5a7924e621e84c9280a9a27e1bcb7f6"`, `hash_sha1("World")`, `"70c07ec18ef89c5309bbb0937f3a6342411e1fdd"`, `hash_sha256("World")`, `"78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524"`,
		`hash_xxhash64("World")`, `1846988464401551951`, `tohex(256)`, `"100"`, `tohex(-256)`, `"ffffffffffffff00"`, `tohex(toint(-256), 8)`, `"ffffff00"`, `tohex(256, 8)`, `"00000100"`,
		`base64_encode_tostring("Kusto")`, `"S3VzdG8="`, `base64_decode_tostring("S3VzdG8=")`, `"Kusto"`, `base64_decode_toarray("S3VzdG8=")`, `[75,117,115,116,111]`, `base64_encode_fromarray(base64_decode_toarray("S3VzdG8="))`, `"S3VzdG8="`,
		`base64_encode_fromguid(toguid("ae3133f2-6e22-49ae-b06a-16e6a9b212eb"))`, `"8jMxriJurkmwahbmqbIS6w=="`, `base64_decode_toguid("8jMxriJurkmwahbmqbIS6w==")`, `"ae3133f2-6e22-49ae-b06a-16e6a9b212eb"`,
		`gzip_decompress_from_base64_string(gzip_compress_to_base64_string("1234567890é"))`, `"1234567890é"`, `zlib_decompress_from_base64_string(zlib_compress_to_base64_string("1234567890é"))`, `"1234567890é"`,
		`gzip_decompress_from_base64_string("x0x0x0")`, `""`, `url_encode("https://www.bing.com/hello world/")`, `"https%3a%2f%2fwww.bing.com%2fhello+world%2f"`, `url_encode_component("a b/é")`, `"a%20b%2f%c3%a9"`, `url_decode("a%20b%2fc")`, `"a b/c"`,
		`punycode_from_string("académie-française")`, `"acadmie-franaise-npb1a"`, `punycode_to_string("acadmie-franaise-npb1a")`, `"académie-française"`,
		`bitset_count_ones(42)`, `3`, `binary_and(12, 10)`, `8`, `binary_or(12, 10)`, `14`, `binary_xor(12, 10)`, `6`, `binary_not(100)`, `-101`, `binary_shift_left(1, 3)`, `8`, `binary_shift_right(1, 2)`, `0`,
	))
}

func TestDates(t *testing.T) {
	runCases(t, append(values(
		`datetime_part("quarter", datetime(2017-10-30 01:02:03.7654321))`, `4`, `datetime_part("week_of_year", datetime(2017-10-30))`, `44`, `datetime_part("dayofyear", datetime(2017-10-30))`, `303`,
		`datetime_part("microsecond", datetime(2017-10-30 01:02:03.7654321))`, `765432`, `datetime_part("nanosecond", datetime(2017-10-30 01:02:03.7654321))`, `765432100`,
		`datetime_diff("year", datetime(2017-01-01), datetime(2000-12-31))`, `17`, `datetime_diff("quarter", datetime(2017-07-01), datetime(2017-03-30))`, `2`, `datetime_diff("week", datetime(2017-10-29 00:00), datetime(2017-09-30 23:59))`, `5`,
		`datetime_diff("day", datetime(2017-10-29 00:00), datetime(2017-09-30 23:59))`, `29`, `datetime_diff("hour", datetime(2017-10-31 01:00), datetime(2017-10-30 23:59))`, `2`, `datetime_diff("nanosecond", datetime(2017-10-30 23:00:10.0000000), datetime(2017-10-30 23:00:10.0000007))`, `-700`,
		`datetime_add("month", 1, datetime(2024-01-31))`, `"2024-02-29T00:00:00Z"`, `datetime_add("quarter", -1, datetime(2024-05-31))`, `"2024-02-29T00:00:00Z"`, `datetime_add("week", 2, datetime(2024-01-01))`, `"2024-01-15T00:00:00Z"`, `datetime_add("year", 9000, datetime(2024-01-01))`, `null`,
		`startofweek(datetime(2024-05-01 10:00))`, `"2024-04-28T00:00:00Z"`, `startofweek(datetime(2024-05-01), -1)`, `"2024-04-21T00:00:00Z"`, `endofmonth(datetime(2024-02-10))`, `"2024-02-29T23:59:59.9999999Z"`, `startofyear(datetime(2024-02-10), 1)`, `"2025-01-01T00:00:00Z"`,
		`dayofweek(datetime(2024-05-01))`, `"3.00:00:00"`, `week_of_year(datetime(2020-12-31))`, `53`, `monthofyear(datetime(2020-12-31))`, `12`, `getyear(datetime(2020-12-31))`, `2020`, `dayofyear(datetime(2020-12-31))`, `366`, `hourofday(datetime(2015-12-14 18:54))`, `18`,
		`format_datetime(datetime(2017-01-29 09:00:05.1234567), "yy-MM-dd [HH:mm:ss.fff]")`, `"17-01-29 [09:00:05.123]"`, `format_datetime(datetime(2017-01-29 21:00:05), "h:mm tt")`, `"9:00 PM"`, `format_timespan(time(29.09:00:05.12345), "dd.hh:mm:ss [FF]")`, `"29.09:00:05 [12]"`,
		`make_datetime(2017, 10, 1, 12, 10, 0.5)`, `"2017-10-01T12:10:00.5Z"`, `make_timespan(1, 12, 30, 55)`, `"1.12:30:55"`, `make_datetime(2017, 13, 1)`, `null`,
		`unixtime_seconds_todatetime(1546300800)`, `"2019-01-01T00:00:00Z"`, `unixtime_milliseconds_todatetime(1546300800000)`, `"2019-01-01T00:00:00Z"`, `unixtime_nanoseconds_todatetime(1546300800000000000)`, `"2019-01-01T00:00:00Z"`,
		`datetime_utc_to_local(datetime(2024-07-01 00:00), "Europe/Berlin")`, `"2024-07-01T02:00:00Z"`, `datetime_local_to_utc(datetime(2024-07-01 02:00), "Europe/Berlin")`, `"2024-07-01T00:00:00Z"`,
		`bin(datetime(2024-05-01 10:17), 15m)`, `"2024-05-01T10:15:00Z"`, `bin_at(6.5, 2.5, 7)`, `4.5`, `bin_at(datetime(2017-05-17 10:20), 7d, datetime(2017-06-04))`, `"2017-05-14T00:00:00Z"`, `bin(-4.5, 2)`, `-6`, `bin(5, 0)`, `null`,
		`totimespan("0.00:01:00")`, `"00:01:00"`, `totimespan("x")`, `null`, `todatetime("2015-12-31 23:59:59.9")`, `"2015-12-31T23:59:59.9Z"`, `10675199d`, `"10675199.00:00:00"`,
	), testCase{Query: `print datetime_diff("days", now(), now())`, Fault: "`days` is not a part of a date"}, testCase{Query: "Ev | extend x = format_datetime(TimeGenerated, Key)", Fault: "must be a constant"}))
}

func TestDynamicFunctions(t *testing.T) {
	runCases(t, values(
		`treepath(parse_json('{"a":"b", "c":123}'))`, `["['a']","['c']"]`, `treepath(parse_json('{"prop1":[1,2,3,4], "prop2":"value2"}'))`, `["['prop1']","['prop1'][0]","['prop2']"]`, `treepath(parse_json('{"listProperty":[100,200,300,"abcde",{"x":"y"}]}'))`, `["['listProperty']","['listProperty'][0]","['listProperty'][0]['x']"]`,
		`bag_set_key(dynamic({}), "key1", 1)`, `{"key1":1}`, `bag_set_key(dynamic({"a":{"b":1}}), "$.a.b", "x")`, `{"a":{"b":"x"}}`, `bag_has_key(dynamic({"key1":123, "key2":{"prop1":"abc"}}), "$.key2.prop1")`, `true`, `bag_has_key(dynamic({"a":1}), "b")`, `false`,
		`bag_keys(dynamic({"a":1,"b":2}))`, `["a","b"]`, `bag_merge(dynamic({"a":1,"b":2}), dynamic({"b":3,"c":4}))`, `{"a":1,"b":2,"c":4}`, `bag_remove_keys(dynamic({"a":1,"b":{"c":2,"d":3}}), dynamic(["a", "$.b.d"]))`, `{"b":{"c":2}}`, `bag_pack("a", 1, "b", "x")`, `{"a":1,"b":"x"}`,
		`bag_zip(dynamic(["a", "b", "c"]), dynamic([1, 2]))`, `{"a":1,"b":2,"c":null}`, `zip(dynamic([1,3,5]), dynamic([2,4]))`, `[[1,2],[3,4],[5,null]]`,
		`array_index_of(dynamic(["this", "is", "an", "example", "an", "example"]), "an")`, `2`, `array_index_of(dynamic(["a","b","a"]), "a", 1)`, `2`, `array_index_of(dynamic(["a","b","a"]), "a", 0, -1, 2)`, `2`, `array_index_of(dynamic(["a","b","a"]), "a", -1)`, `2`, `array_index_of(dynamic([1,2]), 3)`, `-1`,
		`array_slice(dynamic([1,2,3,4,5]), 1, 2)`, `[2,3]`, `array_slice(dynamic([1,2,3,4,5]), -3, -2)`, `[3,4]`, `array_split(dynamic([1,2,3,4,5]), 2)`, `[[1,2],[3,4,5]]`, `array_split(dynamic([1,2,3,4,5]), dynamic([1,3]))`, `[[1],[2,3],[4,5]]`,
		`array_concat(dynamic([1]), dynamic([2,"x"]))`, `[1,2,"x"]`, `array_reverse(dynamic([1,2,3]))`, `[3,2,1]`, `array_rotate_left(dynamic([1,2,3,4,5]), 2)`, `[3,4,5,1,2]`, `array_rotate_right(dynamic([1,2,3,4,5]), 2)`, `[4,5,1,2,3]`, `array_shift_left(dynamic([1,2,3,4,5]), 2)`, `[3,4,5,null,null]`, `array_shift_right(dynamic([1,2,3]), 1, -1)`, `[-1,1,2]`,
		`array_iff(dynamic([true,false,true]), dynamic([1,2,3]), dynamic([4,5,6]))`, `[1,5,3]`, `array_sum(dynamic([1,2,3.5]))`, `6.5`, `array_sum(dynamic([1,"a"]))`, `null`, `array_length(dynamic([1,2]))`, `2`, `array_length(parse_json("{}"))`, `null`,
		`array_sort_asc(dynamic([null,"d","a","c","c"]))`, `["a","c","c","d",null]`, `array_sort_desc(dynamic([1,3,2]))`, `[3,2,1]`, `array_sort_asc(dynamic([null,"b","a"]), false)`, `[null,"a","b"]`, `range(1, 10, 4)`, `[1,5,9]`, `repeat(1, 3)`, `[1,1,1]`, `repeat(1, -2)`, `null`,
		`set_union(dynamic([1,2]), dynamic([2,3]))`, `[1,2,3]`, `set_intersect(dynamic([1,2,3]), dynamic([2,3]), dynamic([3,9]))`, `[3]`, `set_difference(dynamic([1,2,3]), dynamic([1]), dynamic([3]))`, `[2]`, `set_has_element(dynamic(["this","is"]), "is")`, `true`, `set_equals(dynamic([1,2]), dynamic([2,1]))`, `true`,
		`jaccard_index(dynamic([1,2,3]), dynamic([1,2,3,4]))`, `0.75`, `pack_array(1, "a", dynamic([2]))`, `[1,"a",[2]]`, `dynamic_to_json(dynamic({"b":1,"a":[2]}))`, `"{\"a\":[2],\"b\":1}"`, `tostring(dynamic({"b":1,"a":[2]}))`, `"{\"b\":1,\"a\":[2]}"`,
		`parse_json('{"a":1}').a`, `1`, `parse_json("[1,2")`, `"[1,2"`, `extract_json("$.a[1]", '{"a":[1,"x"]}')`, `"x"`, `gettype(dynamic({}))`, `"dictionary"`, `gettype(dynamic([]))`, `"array"`, `gettype(1d)`, `"timespan"`, `gettype(dynamic(null))`, `"null"`,
		`parse_path(@"C:\temp\file.txt").Filename`, `"file.txt"`, `parse_path("/usr/temp/my.tar.gz").Extension`, `"gz"`, `parse_xml('<t at="A"><v>1</v></t>').t.v`, `"1"`, `parse_urlquery("k1=v1&k2=v2")["Query Parameters"].k2`, `"v2"`, `parse_url("http://h:80/p?x=1").Host`, `"h"`, `parse_version("1.2") < parse_version("1.10")`, `true`,
	))
}

func TestNumbers(t *testing.T) {
	runCases(t, values(
		`round(2.15, 1)`, `2.2`, `round(-2.5)`, `-3`, `round(2145, -2)`, `2100`, `ceiling(-1.1)`, `-1`, `floor(-5.5, 2)`, `-6`, `sign(-42)`, `-1`, `abs(-5)`, `5`, `pow(2, 3)`, `8`, `exp2(3)`, `8`, `log10(1000)`, `3`, `log2(8)`, `3`, `sqrt(-1)`, `null`, `log(0)`, `"-Infinity"`,
		`5 / 2`, `2`, `-7 % 3`, `2`, `1 / 0`, `null`, `1.0 / 0`, `"Infinity"`, `isnan(0.0 / 0)`, `true`, `isinf(1.0 / 0)`, `true`, `isfinite(1.0)`, `true`, `gamma(5)`, `24`, `degrees(pi())`, `180`, `radians(180) == pi()`, `true`, `max_of(1, 3.5, 2)`, `3.5`, `min_of(1, 3.5, 2)`, `1`,
		`tolong("0x1F")`, `31`, `toint("x")`, `null`, `tolong(3.9)`, `3`, `tolong(-3.9)`, `-3`, `toreal("1e3")`, `1000`, `todecimal("1.50")`, `1.50`, `tobool("TRUE")`, `true`, `tobool(3)`, `true`, `tobool("x")`, `null`, `tostring(1.0)`, `"1.0"`, `tostring(true)`, `"true"`, `tostring(1d)`, `"1.00:00:00"`,
		`format_bytes(1024)`, `"1 KB"`, `format_bytes(1234567, 2)`, `"1.18 MB"`, `format_bytes(2048, 0, "Bytes")`, `"2048 Bytes"`, `convert_length(1.2, "Foot", "Meter")`, `0.36576000000000003`, `convert_temperature(1.2, "Kelvin", "DegreeCelsius")`, `-271.95`, `welch_test(1.0, 1.0, 10, 1.0, 1.0, 10)`, `1`,
		`case(1 > 2, "a", 2 > 1, "b", "c")`, `"b"`, `iff(bool(null), 1, 2)`, `2`, `coalesce("", "a")`, `"a"`, `coalesce(long(null), 5)`, `5`, `not(bool(null))`, `null`, `isempty(dynamic([]))`, `false`, `isempty("")`, `true`, `isnotnull("")`, `true`,
	))
}

func TestSeriesFunctions(t *testing.T) {
	runCases(t, values(
		`series_fill_const(dynamic([1,null,3]), 0)`, `[1,0,3]`, `series_fill_forward(dynamic([null,1,null,null,4]))`, `[null,1,1,1,4]`, `series_fill_backward(dynamic([1,null,4,null]))`, `[1,4,4,null]`, `series_fill_linear(dynamic([null,111.0,null,36.0,41.0,null,null,16.0]))`, `[111,111,73.5,36,41,32.666666666666664,24.333333333333332,16]`,
		`series_add(dynamic([1,2,4]), dynamic([4,2,1]))`, `[5,4,5]`, `series_subtract(dynamic([1,2]), dynamic([4]))`, `[-3,null]`, `series_multiply(dynamic([1,2]), 3)`, `[3,6]`, `series_divide(dynamic([1,2]), dynamic([2,2]))`, `[0.5,1]`, `series_greater(dynamic([1,2,4]), dynamic([4,2,1]))`, `[false,false,true]`,
		`series_sum(dynamic([1,2,3,4]))`, `10`, `series_product(dynamic([1,2,3]))`, `6`, `series_dot_product(dynamic([1,2]), dynamic([3,4]))`, `11`, `series_magnitude(dynamic([3,4]))`, `5`, `series_cosine_similarity(dynamic([1,0]), dynamic([0,1]))`, `0`,
		`series_iir(dynamic([1,2,3]), dynamic([1]), dynamic([1,-1]))`, `[1,3,6]`, `series_fir(dynamic([1,3,1]), dynamic([1,1]), false, false)`, `[1,4,4]`, `series_stats_dynamic(dynamic([1,2,3])).avg`, `2`, `series_fit_line_dynamic(dynamic([2,4,6,8])).slope`, `2`,
		`series_pearson_correlation(dynamic([1,2,3]), dynamic([2,4,6]))`, `1`, `series_abs(dynamic([-1,2]))`, `[1,2]`, `series_sign(dynamic([-6,0,8]))`, `[-1,0,1]`,
	))
}

func TestPivotAndFit(t *testing.T) {
	runCases(t, []testCase{
		{Query: `print series_fit_poly(dynamic([2,5,6,8]), range(0, 3, 1), 1) | project round(todouble(series_fit_poly_coefficients[0]), 6), round(todouble(series_fit_poly_coefficients[1]), 6)`, Want: "[1.9,2.4]", Lax: true},
		{Query: `datatable(a:string, b:string)["x","p","x","q","y","p"] | evaluate pivot(b) : (a:string, q:long, r:long)`, Want: lines(`["x",1,0]`, `["y",0,0]`)},
	})
}
