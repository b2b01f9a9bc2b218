package interp

import (
	"strings"
	"testing"
	"time"

	"github.com/onerule/onerule/backends/native"
)

// ecs is the mapping of most tests.
var ecs = map[string]string{
	"@timestamp": "date", "event.category": "keyword", "event.code": "keyword", "process.name": "keyword", "process.args": "keyword",
	"process.command_line": "wildcard", "process.pid": "long", "process.ppid": "long", "process.elevated": "boolean",
	"process.start": "date", "source.ip": "ip", "host.ip": "ip", "host.load": "double", "ratio": "float", "message": "text",
	"user.name": "text", "user.name.keyword": "keyword", "user.id": "keyword", "never": "keyword", "version": "version", "big": "unsigned_long",
}

// TestMissing holds every test and its negation against a value, an empty string, an explicit null, an empty array and a
// missing field.
func TestMissing(t *testing.T) {
	in := input(table(t, ecs, `{"process.name":"a"}`, `{"process.name":""}`, `{"process.name":null}`, `{"process.name":[]}`, `{}`))
	checkAll(t, in, []check{
		{`process.name == "a"`, "0"},
		{`process.name != "a"`, "1 2 3 4"},
		{`not process.name == "a"`, "1 2 3 4"},
		{`not process.name != "a"`, "0"},
		{`process.name == ""`, "1"},
		{`process.name == null`, "2 3 4"},
		{`process.name != null`, "0 1"},
		{`not process.name == null`, "0 1"},
		{`null == process.name`, "2 3 4"},
		{`(?process.name == null or ?process.name == "")`, "1 2 3 4"},
		{`?process.name != null and ?process.name != ""`, "0"},
		{`process.name : "*"`, "0 1"},
		{`not process.name : "*"`, "2 3 4"},
		{`process.name : "?*"`, "0"},
		{`process.name in ("a", "b")`, "0"},
		{`process.name not in ("a", "b")`, "1 2 3 4"},
		{`not process.name in~ ("A")`, "1 2 3 4"},
		{`process.name > ""`, "0"},
		{`not process.name > ""`, "1 2 3 4"},
		{`startsWith(process.name, "a")`, "0"},
		{`not startsWith(process.name, "a")`, "1 2 3 4"},
		{`length(process.name) == 0`, "1"},
		{`length(process.name) == null`, "2 3 4"},
		{`length(process.name) != null`, "0 1"},
		{`not length(process.name) > 0`, "1 2 3 4"},
		{`process.name regex "a|b"`, "0"},
		{`not process.name regex ".{1,}"`, "1 2 3 4"},
		{`not (process.name == "a" and process.pid == 1)`, "0 1 2 3 4"},
		{`not (process.name == "a" or process.pid == 1)`, "1 2 3 4"},
		{`process.name == "a" or not process.pid == 1`, "0 1 2 3 4"},
		{`null`, ""},
		{`true`, "0 1 2 3 4"},
		{`false`, ""},
		{`not false`, "0 1 2 3 4"},
	})
}

// TestUnmapped holds fields that no index maps against their optional form.
func TestUnmapped(t *testing.T) {
	in := input(table(t, ecs, `{"process.name":"a"}`, `{}`))
	checkAll(t, in, []check{
		{`?nope == null`, "0 1"},
		{`?nope != null`, ""},
		{`?nope == "x"`, ""},
		{`?nope == 1`, ""},
		{`?nope`, ""},
		{`?nope : "x" or process.name == "a"`, "0"},
		{`?nope == ?nope2`, "0 1"},
		{`startsWith(?nope, process.name)`, ""},
		{`?nope in ("x")`, ""},
		{`not ?nope == "x"`, "0 1"},
		{`not ?nope : "x"`, "0 1"},
		{`(?nope == null or not ?nope : "x")`, "0 1"},
		{`nope == "x"`, "fault: no mapping and no event has the field `nope`"},
		{`?nope == null and nope == null`, "fault: no mapping and no event has the field `nope`"},
		{`never == null`, "0 1"},
		{`not never == "x"`, "0 1"},
	})
	checkAll(t, with(in, false, doubtUnmappedMissing), []check{
		{`not ?nope == "x"`, ""},
		{`not (?nope == "x" and process.name == "b")`, "0 1"},
		{`not (?nope == "x" and process.name == "a")`, "1"},
		{`not ?nope == "x" or process.name == "a"`, "0"},
		{`?nope == null or not ?nope : "x"`, "0 1"},
		{`not startsWith(?nope, process.name)`, ""},
		{`not never == "x"`, "0 1"},
	})
	_, diags := run1(`any where proces.name == "x"`, in)
	if len(diags) != 1 || !strings.Contains(strings.Join(diags[0].Help, "\n"), "`process.name`") {
		t.Errorf("no suggestion: %v", diags)
	}
}

// TestArrays: a test holds when some element passes it; each mention looks for its own element.
func TestArrays(t *testing.T) {
	in := input(table(t, ecs,
		`{"process":{"args":["net","user","/ADD"]},"host":{"ip":["10.1.1.1","::1"],"load":[1,9.5]}}`,
		`{"process.args":["abc","xyz"],"host.ip":"8.8.8.8","host.load":4}`,
		`{"process":{"args":"solo"}}`, `{}`))
	checkAll(t, in, []check{
		{`process.args == "user"`, "0"},
		{`process.args != "user"`, "1 2 3"},
		{`process.args : ("/ad", "/add")`, "0"},
		{`process.args : "a*" and process.args : "*z"`, "1"},
		{`process.args : "a*z"`, ""},
		{`process.args == "net" and process.args == "user"`, "0"},
		{`not process.args in ("abc", "solo")`, "0 3"},
		{`length(process.args) == 3 and length(process.args) == 4`, "0"},
		{`host.load > 5 and host.load < 2`, "0"},
		{`not host.load > 5`, "1 2 3"},
		{`host.load != null and not host.load < 5`, ""},
		{`cidrMatch(host.ip, "10.0.0.0/8")`, "0"},
		{`not cidrMatch(host.ip, "10.0.0.0/8")`, "1 2 3"},
		{`host.load - host.load == 0`, "0 1"},
		{`host.load - host.load != 0`, "0"},
		{`startsWith(process.args, process.args)`, "0 1 2"},
		{`stringContains(concat(process.args, process.args), "cx")`, "1"},
		{`process.args regex "(a.*)&(.*c)"`, "1"},
		{`process.args regex "~(solo)"`, "0 1"},
	})
}

// TestCase: == in like regex are case-sensitive, the rest folds ASCII letters.
func TestCase(t *testing.T) {
	in := input(table(t, ecs, `{"process.name":"Cmd.EXE"}`, `{"process.name":"cmd.exe"}`, `{"process.name":"ÄRGER"}`, `{"process.name":"ärger"}`,
		`{"process.name":"\u212a"}`, `{"process.name":"k"}`))
	checkAll(t, in, []check{
		{`process.name == "cmd.exe"`, "1"},
		{`process.name : "cmd.exe"`, "0 1"},
		{`process.name : "CMD*"`, "0 1"},
		{`process.name like "cmd*"`, "1"},
		{`process.name like~ "CMD*"`, "0 1"},
		{`process.name in ("cmd.exe")`, "1"},
		{`process.name in~ ("CMD.exe")`, "0 1"},
		{`process.name regex "cmd\\.exe"`, "1"},
		{`process.name regex~ "cmd\\.exe"`, "0 1"},
		{`process.name regex~ "[a-z]md\\.EXE"`, "1"},
		{`process.name regex~ "[abc]md\\.EXE"`, "0 1"},
		{`startsWith(process.name, "cmd")`, "1"},
		{`startsWith~(process.name, "CMD")`, "0 1"},
		{`endsWith~(process.name, ".Exe")`, "0 1"},
		{`stringContains~(process.name, "D.e")`, "0 1"},
		{`indexOf~(process.name, "D") == 2`, "0 1"},
		{`process.name : "ärger"`, "3"},
		{`process.name : "Ärge?"`, "2"},
		{`process.name : "k"`, "5"},
		{`startsWith~(process.name, "äRG")`, "2 3"},
	})
	checkAll(t, with(in, true, doubtFoldUnicode), []check{
		{`process.name : "ärger"`, "2 3"},
		{`process.name : "ÄRG*"`, "2 3"},
		{`process.name in~ ("ÄRGER")`, "2 3"},
		{`process.name : "K"`, "4 5"},
		{`process.name : "k*"`, "4 5"},
		{`process.name regex~ "Ärger"`, "2 3"},
	})
	checkAll(t, with(in, false, doubtFunctionFold), []check{
		{`startsWith~(process.name, "äRG")`, "3"},
		{`startsWith~(process.name, "CMD")`, "0 1"},
	})
}

// TestPatterns: wildcards cannot be escaped and backslashes are ordinary; regex covers the whole value.
func TestPatterns(t *testing.T) {
	in := input(table(t, ecs, `{"process.command_line":"C:\\a\\b*c"}`, `{"process.command_line":"C:\\a\\b"}`, `{"process.command_line":"x\ny"}`,
		`{"process.command_line":"mail@host"}`, `{"process.command_line":""}`))
	checkAll(t, in, []check{
		{`process.command_line : "*\\a\\*"`, "0 1"},
		{`process.command_line like "C:\\a\\b*c"`, "0"},
		{`process.command_line like "C:\\a\\b*"`, "0 1"},
		{`process.command_line == "C:\\a\\b*c"`, "0"},
		{`process.command_line == "C:\\a\\b*"`, ""},
		{`process.command_line in~ ("c:\\A\\b*c")`, "0"},
		{`stringContains(process.command_line, "*")`, "0"},
		{`process.command_line regex ".*\\*.*"`, "0"},
		{`process.command_line like "x?y"`, "2"},
		{`process.command_line regex "x.y"`, "2"},
		{`process.command_line regex "a"`, ""},
		{`process.command_line regex """C:\\a\\b"""`, "1"},
		{`process.command_line regex "mail\\@host"`, "3"},
		{`process.command_line regex "mail@host"`, "3"},
		{`process.command_line regex "@"`, "0 1 2 3 4"},
		{`process.command_line regex ("mail.*", "x.*")`, "2 3"},
		{`process.command_line : ("mail*", "X*", "nothing")`, "2 3"},
		{`process.command_line : ("*", "x")`, "0 1 2 3 4"},
	})
	if got := matches(`any where process.command_line regex "("`, in); !strings.HasPrefix(got, "fault: this is no regular expression of Lucene") {
		t.Error(got)
	}
	if got := matches(`any where process.command_line regex "`+strings.Repeat("a", 1001)+`"`, in); !strings.HasPrefix(got, "fault: ") {
		t.Error("a regular expression of 1,001 characters is accepted")
	}
}

// TestTypes: numbers, dates, addresses, booleans and versions, with constants of their own and of other types.
func TestTypes(t *testing.T) {
	in := input(table(t, ecs,
		`{"process.pid":5,"ratio":1.1,"process.elevated":true,"process.start":"2024-01-31T12:00:00.000Z","source.ip":"10.0.0.1","event.code":"4624","version":"1.2.0"}`,
		`{"process.pid":"7","ratio":2,"process.elevated":"false","process.start":"2024-01-31T23:59:59.999Z","source.ip":"2001:db8::5","event.code":4625,"version":"1.10.0-rc1"}`,
		`{"process.pid":9007199254740993,"process.start":1706745600000,"source.ip":"::ffff:10.0.0.2","version":"x","big":18446744073709551615}`))
	checkAll(t, in, []check{
		{`process.pid == 5`, "0"},
		{`process.pid != 5`, "1 2"},
		{`process.pid >= 5.5`, "1 2"},
		{`process.pid < 7.0`, "0"},
		{`process.pid == 5.0`, "0"},
		{`process.pid == 5.5`, ""},
		{`process.pid in (5, 7.0)`, "0 1"},
		{`5 < process.pid`, "1 2"},
		{`process.pid == 9007199254740992`, ""},
		{`process.pid == 9007199254740993`, "2"},
		{`process.pid > -1`, "0 1 2"},
		{`process.pid == "5"`, "0"},
		{`process.pid == "x"`, "fault: `process.pid` is mapped as long and cannot be compared with \"x\""},
		{`process.pid == true`, "fault: `process.pid` is mapped as long and cannot be compared with a boolean"},
		{`big > 1`, "2"},
		{`ratio == 1.1`, "0"},
		{`ratio > 1.1`, "1"},
		{`ratio >= 1.1`, "0 1"},
		{`process.elevated`, "0"},
		{`process.elevated == true`, "0"},
		{`process.elevated != true`, "1 2"},
		{`process.elevated == false`, "1"},
		{`not process.elevated`, "1 2"},
		{`process.elevated == "true"`, "0"},
		{`process.elevated > false`, "fault: booleans have no order"},
		{`process.start == "2024-01-31"`, "0 1"},
		{`process.start > "2024-01-31"`, "2"},
		{`process.start >= "2024-01-31"`, "0 1 2"},
		{`process.start <= "2024-01-31"`, "0 1"},
		{`process.start < "2024-01-31"`, ""},
		{`process.start != "2024-01-31"`, "2"},
		{`process.start == "2024-01-31T12:00:00.000Z"`, "0"},
		{`process.start == "2024-01-31T13:00:00+01:00"`, "0"},
		{`process.start == 1706745600000`, "2"},
		{`process.start >= 2025`, ""},
		{`process.start < 2025`, "0 1 2"},
		{`process.start in ("2024-02-01")`, "2"},
		{`process.start == "yesterday"`, "fault: `process.start` is mapped as date and cannot be compared with \"yesterday\""},
		{`source.ip == "10.0.0.1"`, "0"},
		{`source.ip == "10.0.0.2"`, "2"},
		{`source.ip == "2001:DB8:0::5"`, "1"},
		{`source.ip == "10.0.0.0/8"`, "0 2"},
		{`source.ip != "10.0.0.0/8"`, "1"},
		{`source.ip in ("10.0.0.1", "2001:db8::/32")`, "0 1"},
		{`source.ip > "10.0.0.1"`, "1 2"},
		{`source.ip == 5`, "fault: `source.ip` is mapped as ip and cannot be compared with a number"},
		{`source.ip : "10.*"`, "fault: `:` compares strings, and `source.ip` is mapped as ip"},
		{`process.pid like "5"`, "fault: `like` compares strings, and `process.pid` is mapped as long"},
		{`process.pid in~ ("5")`, "fault: `in~` compares strings, and `process.pid` is mapped as long"},
		{`event.code in~ (5)`, "fault: `in~` compares strings, and this is a number"},
		{`event.code == 4624`, "0"},
		{`event.code == "4625"`, "1"},
		{`event.code > 4624`, "1"},
		{`version > "1.2.0"`, "1 2"},
		{`version < "1.10.0"`, "0 1"},
		{`version == "1.2.0"`, "0"},
		{`version : "1.*"`, "0 1"},
	})
	checkAll(t, with(in, false, doubtLiteralCoerced), []check{
		{`event.code == 4624`, ""}, {`event.code != 4624`, "0 1 2"}, {`process.pid == "5"`, ""}, {`process.elevated == "true"`, ""},
	})
	checkAll(t, with(in, false, doubtIPBlock), []check{{`source.ip == "10.0.0.0/8"`, ""}, {`source.ip == "10.0.0.1"`, "0"}})
}

// TestVerification: what Elasticsearch's verifier refuses.
func TestVerification(t *testing.T) {
	types := map[string]string{
		"@timestamp": "date", "a": "keyword", "b": "keyword", "n": "long", "m": "long", "obj.x": "keyword",
		"objs": "nested", "objs.x": "keyword", "geo": "geo_point", "message": "text", "t": "text", "t.keyword": "keyword", "start": "date",
	}
	in := input(table(t, types, `{"a":"x","t":"Some Text"}`))
	checkAll(t, in, []check{
		{`a == b`, "fault: one side of a comparison must be a constant"},
		{`length(a) == length(b)`, "fault: one side of a comparison must be a constant"},
		{`n < m`, "fault: one side of a comparison must be a constant"},
		{`a in (b)`, "fault: the values of `in` must be constants"},
		{`a`, "fault: a condition is wanted here, and this is a string"},
		{`"mimikatz"`, "fault: a condition is wanted here, and this is a string"},
		{`n + 1`, "fault: a condition is wanted here, and this is a number"},
		{`a and n == 1`, "fault: a condition is wanted here, and this is a string"},
		{`a + 1 == 2`, "fault: a number is wanted here, and this is a string"},
		{`start - 1 == 2`, "fault: a number is wanted here, and this is a date"},
		{`length(n) == 1`, "fault: `length` takes a string as argument 1, and `n` is mapped as long"},
		{`length(a) == "1"`, "fault: a number and a string cannot be compared with `==`"},
		{`string(n) == 5`, "fault: a string and a number cannot be compared with `==`"},
		{`cidrMatch(a, "10.0.0.0/8")`, "fault: `cidrMatch` takes an IP address as argument 1, and `a` is mapped as keyword"},
		{`cidrMatch(?x, "10.0.0.0/33")`, `fault: "10.0.0.0/33" is not a CIDR block`},
		{`cidrMatch(?x, a)`, "fault: the blocks of `cidrMatch` must be constants"},
		{`number(a, n) == 1`, "fault: `number` takes a constant base as argument 2, and `n` is mapped as long"},
		{`length~(a) == 1`, "fault: `length` has no case-insensitive form"},
		{`length(a, b) == 1`, "fault: `length` takes 1 arguments, not 2"},
		{`startsWith()`, "fault: `startsWith` takes 2 arguments, not 0"},
		{`lenght(a) == 1`, "fault: EQL has no function `lenght`"},
		{`wildcard(a, "x")`, "fault: EQL has no function `wildcard`"},
		{`obj == "x"`, "fault: `obj` is an object"},
		{`objs.x == "x"`, "fault: `objs.x` is nested, and EQL cannot search nested fields"},
		{`geo == "x"`, "fault: `geo` is mapped as geo_point, which EQL cannot search"},
		{`message == "x"`, "fault: `message` is mapped as text, which EQL cannot search"},
		{`t : "some text"`, "0"},
		{`1 / 0 == 1`, "fault: a whole number is divided by zero"},
		{`process where a == "x"`, "fault: the event category: no mapping and no event has the field `event.category`"},
	})
	inner := native.Table{Name: "inner", Types: map[string]string{"a": "keyword", "t": `{"type": "text", "fields": {"keyword": {"type": "ip"}}}`}}
	two := native.Input{Tables: []native.Table{in.Tables[0], inner}, Size: 9}
	checkAll(t, two, []check{{`a == "x"`, "0"}, {`t : "some text"`, "0"}})
	other := native.Table{Name: "other", Types: map[string]string{"a": "long"}}
	in.Tables = append(in.Tables, other)
	checkAll(t, in, []check{{`a == "x"`, "fault: the tables map `a` to different types: keyword in test, long in other"}, {`b == null`, "0"}})
}

// TestCategory: the category test is case-sensitive and takes any element.
func TestCategory(t *testing.T) {
	in := input(table(t, nil, `{"event":{"category":["process","file"],"type":"info"}}`, `{"event":{"category":"Process","type":"start"}}`, `{"event":{"type":"info"}}`))
	checkAll(t, in, []check{
		{`process where true`, "0"},
		{`file where true`, "0"},
		{`"Process" where true`, "1"},
		{`any where true`, "0 1 2"},
		{`network where true`, ""},
	})
	in.Category = "event.type"
	checkAll(t, in, []check{{`info where true`, "0 2"}})
}

// TestEventOrder: size, head and tail choose by time and tiebreaker; matches come in input order.
func TestEventOrder(t *testing.T) {
	in := input(table(t, nil, `{"@timestamp":"2024-01-01T00:00:03Z","n":3}`, `{"@timestamp":"2024-01-01T00:00:01Z","n":1}`,
		`{"@timestamp":"2024-01-01T00:00:02Z","seq":2}`, `{"@timestamp":"2024-01-01T00:00:02Z","seq":1}`, `{"@timestamp":"2024-01-01T00:00:02Z"}`))
	checkAll(t, in, []check{
		{`any where true`, "0 1 2 3 4"},
		{`any where true | head 2`, "1 2"},
		{`any where true | tail 2`, "0 4"},
		{`any where true | head 3 | tail 1`, "3"},
		{`any where true | tail 3 | head 1`, "3"},
		{`any where true | head 0`, ""},
	})
	in.Tiebreaker = "seq"
	checkAll(t, in, []check{{`any where true | head 2`, "1 3"}, {`any where true | head 4`, "1 2 3 4"}, {`any where true | tail 2`, "0 4"}})
	in.Size = 2
	checkAll(t, in, []check{{`any where true`, "0 4"}, {`any where true | head 4`, "1 3"}})
	in.Size = -1
	checkAll(t, in, []check{{`any where true`, ""}})
	in.Size, in.Tiebreaker = 1000, "nope"
	checkAll(t, in, []check{{`any where true`, "fault: the tiebreaker: no mapping and no event has the field `nope`"}})
	in.Tiebreaker = ""
	in.From, in.To = time.Date(2024, 1, 1, 0, 0, 2, 0, time.UTC), time.Date(2024, 1, 1, 0, 0, 3, 0, time.UTC)
	checkAll(t, in, []check{{`any where true`, "2 3 4"}})
	var lines []string
	for range 12 {
		lines = append(lines, `{"a":1}`)
	}
	in = input(table(t, nil, lines...))
	in.Size = 0
	checkAll(t, in, []check{{`any where true`, "2 3 4 5 6 7 8 9 10 11"}})
	out, _ := run1(`any where true`, in)
	if len(out.Warnings) != 1 || out.Warnings[0] != "10 results of 12 are shown (size)" {
		t.Errorf("warnings %q", out.Warnings)
	}
}

// TestTimestamp: the timestamp field may have another name, and is needed where order matters.
func TestTimestamp(t *testing.T) {
	tab := native.Table{Rows: []native.Row{{"when": "2024-01-01T00:00:02Z", "a": "x"}, {"when": "2024-01-01T00:00:01Z", "a": "x"}}}
	in := native.Input{Tables: []native.Table{tab}}
	if got := matches(`any where a == "x"`, in); got != "0 1" {
		t.Error(got)
	}
	if got := groups(`sequence [any where true] [any where true]`, in); got != "fault: no mapping and no event has the field `@timestamp`" {
		t.Error(got)
	}
	in.Timestamp = "when"
	if got := groups(`sequence [any where true] [any where true]`, in); got != "1,0" {
		t.Error(got)
	}
	if got := matches(`any where true | head 1`, in); got != "1" {
		t.Error(got)
	}
	in.Timestamp = "a"
	in.Tables[0].Types = map[string]string{"a": "keyword"}
	if got := matches(`any where true`, in); got != "fault: the timestamp field `a` is mapped as keyword" {
		t.Error(got)
	}
	if got := matches(`any where nothing == 1`, native.Input{}); got != "" {
		t.Error("an input without events gives ", got)
	}
}

// TestNow: date math takes the instant of the input, else that of the latest event.
func TestNow(t *testing.T) {
	in := input(table(t, nil, `{"@timestamp":"2024-01-01T00:00:00Z"}`, `{"@timestamp":"2024-01-02T00:00:00Z"}`))
	checkAll(t, in, []check{{`@timestamp >= "now-1h"`, "1"}, {`@timestamp >= "now-1d"`, "0 1"}})
	in.Now = time.Date(2024, 1, 3, 0, 0, 0, 0, time.UTC)
	checkAll(t, in, []check{{`@timestamp >= "now-1h"`, ""}, {`@timestamp >= "now-1d"`, "1"}})
}

// TestAddressWithoutMapping: without a mapping a text field is read as an address.
func TestAddressWithoutMapping(t *testing.T) {
	in := input(table(t, nil, `{"source":{"ip":"10.1.2.3"}}`, `{"source":{"ip":"no address"}}`, `{"source":{"ip":"fe80::1"}}`))
	checkAll(t, in, []check{
		{`cidrMatch(source.ip, "10.0.0.0/8", "::1")`, "0"},
		{`not cidrMatch(source.ip, "10.0.0.0/8")`, "1 2"},
		{`cidrMatch(source.ip, "fe80::1")`, "2"},
	})
	out, _ := run1(`any where cidrMatch(source.ip, "10.0.0.0/8")`, in)
	if len(out.Warnings) != 1 || out.Warnings[0] != "`source.ip` has no mapping and is read as ip" {
		t.Errorf("warnings %q", out.Warnings)
	}
}
