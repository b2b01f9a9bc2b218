package interp

import (
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/native"
)

// ids runs a query on events and returns the ids of the rows that are left, sorted as they come.
func ids(tb testing.TB, query string, in native.Input) string {
	tb.Helper()
	out := execute(tb, query, in)
	col := -1
	for i, c := range out.Columns {
		if c.Name == "id" {
			col = i
		}
	}
	var list []string
	for _, res := range out.Results {
		if col >= 0 && res.Cells[col] != nil {
			list = append(list, cell(res.Cells[col]))
		}
	}
	return strings.Join(list, " ")
}

// The events of the search table: missing, empty, several values, case, numbers.
const searchEvents = `{"id":1,"f":"Abc","n":5,"p":"C:\\Temp\\x.exe","ip":"10.1.2.3"}
{"id":2,"f":"","n":"5.0","ip":"192.168.0.1"}
{"id":3,"n":10}
{"id":4,"f{}":["abc","xyz"],"n":"abc","ip":"2001:db8::1"}
{"id":5,"f":"a*c","q":"say \"hi\"","o":{"p":"v"},"a":[{"b":"1"},{"b":"2"}]}`

// TestSearch has a row for each form of the search command (reference 1.2-1.6).
func TestSearch(t *testing.T) {
	in := native.Input{Tables: []native.Table{table(t, "main", searchEvents)}}
	for _, c := range []struct{ query, want string }{
		{`f=abc`, "1"},
		{`f=ABC`, "1"},
		{`f="abc"`, "1"},
		{`f{}=ABC`, "4"},
		{`f{}=abc f{}=xyz`, "4"},
		{`f!=abc`, "2 5"},
		{`NOT f=abc`, "2 3 4 5"},
		{`f=* NOT f=abc`, "2 5"},
		{`f{}!=abc`, "4"},
		{`NOT f{}=abc`, "1 2 3 5"},
		{`f=*`, "1 2 5"},
		{`NOT f=*`, "3 4"},
		{`f=""`, "2"},
		{`f!=*`, ""},
		{`n=5`, "1"},
		{`n=5.0`, "2"},
		{`n="5"`, "1"},
		{`n>5`, "3 4"},
		{`n>=5`, "1 2 3 4"},
		{`n<6`, "1 2"},
		{`n<=5`, "1 2"},
		{`n>abc`, ""},
		{`n>=abc`, "4"},
		{`f IN (abc, "zzz")`, "1"},
		{`f{} IN (x*, q)`, "4"},
		{`NOT f IN (abc)`, "2 3 4 5"},
		{`f IN ("a*")`, "1 5"},
		{`f=a*`, "1 5"},
		{`f=*c`, "1 5"},
		{`f=*b*`, "1"},
		{`f=a?c`, ""},
		{`f="a\*c"`, ""},
		{`f="a*c"`, "1 5"},
		{`ip="10.0.0.0/8"`, "1"},
		{`ip IN (10.0.0.0/8, 192.168.0.0/16)`, "1 2"},
		{`ip=2001:db8::/32`, "4"},
		{`NOT ip=10.0.0.0/8`, "2 3 4 5"},
		{`f="10.0.0.0/8"`, ""},
		{`p="c:\\temp\\x.exe"`, "1"},
		{`p="*\\x.exe"`, "1"},
		{`p="*\x.exe"`, "1"},
		{`p="C:\\Temp\\*"`, "1"},
		{`p=*\\x.exe`, "1"},
		{`q="say \"hi\""`, "5"},
		{`o.p=v`, "5"},
		{`"o.p"=v`, "5"},
		{`a{}.b=2`, "5"},
		{`a{}.b=1 a{}.b=2`, "5"},
		{`o=v`, ""},
		{`f=CASE(Abc)`, "1"},
		{`f=CASE(abc)`, ""},
		{`f=CASE(A*)`, "1"},
		{`F=abc`, ""},
		{`*`, "1 2 3 4 5"},
		{`NOT *`, ""},
		// OR binds tighter than AND; NOT to the next term alone.
		{`id=1 id=2 OR id=1`, "1"},
		{`id=1 OR id=2 f=abc`, "1"},
		{`(id=1 OR id=2) f=abc`, "1"},
		{`id=1 OR (id=2 f=abc)`, "1"},
		{`id=3 OR id=1 AND id=1 OR id=4`, "1"},
		{`NOT id=1 id=2`, "2"},
		{`NOT (id=1 OR id=2)`, "3 4 5"},
		// index, words and phrases in _raw.
		{`index=main id=1`, "1"},
		{`index=MAIN id=1`, "1"},
		{`index=other`, ""},
		{`index=m* id=1`, "1"},
		{`index!=other id=1`, "1"},
		{`abc`, "1 4"},
		{`ABC xyz`, "4"},
		{`ab`, ""},
		{`ab*`, "1 4"},
		{`*bc`, "1 4"},
		{`*b*`, "1 4 5"},
		{`"x.exe"`, "1"},
		{`exe`, "1"},
		{`db8`, "4"},
		{`TERM(2001:db8::1)`, "4"},
		{`TERM(2001:db8)`, ""},
		{`CASE(Abc)`, "1"},
		{`CASE(ABC)`, ""},
		{`"abc,xyz"`, ""},
		{`"id\":4"`, "4"},
		{`v`, "5"},
		{`zzz`, ""},
	} {
		if got := ids(t, c.query, in); got != c.want {
			t.Errorf("%s: %q, want %q", c.query, got, c.want)
		}
	}
}

// TestWhere has rows for eval semantics on whole events (reference 2.1-2.4).
func TestWhere(t *testing.T) {
	in := native.Input{Tables: []native.Table{table(t, "main", searchEvents)}}
	for _, c := range []struct{ cond, want string }{
		{`f="Abc"`, "1"},
		{`f="abc"`, ""},
		{`lower(f)="abc"`, "1"},
		{`f=""`, "2"},
		{`f!="Abc"`, "2 5"},
		{`NOT f="Abc"`, "2 5"},
		{`isnull(f) OR NOT f="Abc"`, "2 3 4 5"},
		{`isnull(f)`, "3 4"},
		{`isnotnull(f)`, "1 2 5"},
		{`coalesce(if(f="Abc",1,0),0)=0`, "2 3 4 5"},
		{`f="a*"`, ""},
		{`f="a*c"`, "5"},
		{`like(f,"A%")`, "1"},
		{`match(f,"^A")`, "1"},
		{`n=5`, "1 2"},
		{`tonumber(n)=5`, "1 2"},
		{`tonumber(n)>=5`, "1 2 3"},
		{`n="5"`, "1"},
		{`n>7`, "3 4"},
		{`tonumber(n)<6`, "1 2"},
		{`'f{}'="xyz"`, "4"},
		{`isnotnull(mvfind('f{}',"(?i)^XYZ\\z"))`, "4"},
		{`isnull(mvfind('f{}',"^q"))`, "1 2 3 4 5"},
		{`mvcount('f{}')>=2`, "4"},
		{`isnull(mvfilter('f{}'="xyz"))`, "1 2 3 5"},
		{`cidrmatch("10.0.0.0/8",ip)`, "1"},
		{`coalesce(if(cidrmatch("10.0.0.0/8",ip),1,0),0)=0`, "2 3 4 5"},
		{`in(f,"Abc","x")`, "1"},
		{`NOT f IN ("Abc")`, "2 5"},
		{`f IN ("Abc") OR isnull(f)`, "1 3 4"},
		{`1=1`, "1 2 3 4 5"},
		{`1=0`, ""},
		{`id=1 OR id=2 AND f="x"`, "1"},
		{`(id=1 OR id=2) AND f="x"`, ""},
		{`id=1 XOR id=1 OR id=2`, "2"},
		{`null`, ""},
		{`f=null`, ""},
		{`match('o.p',"v")`, "5"},
		{`o.p="v"`, ""},
		{`isnotnull('a{}.b')`, "5"},
		{`p="C:\\Temp\\x.exe"`, "1"},
		{`match(p,"\\\\x\\.exe\\z")`, "1"},
		{`match(p,"\\\x")`, "1"},
	} {
		if got := ids(t, `index=main | where `+c.cond, in); got != c.want {
			t.Errorf("where %s: %q, want %q", c.cond, got, c.want)
		}
	}
}

// TestExtraction: how native JSON becomes fields.
func TestExtraction(t *testing.T) {
	ev := native.Input{Tables: []native.Table{table(t, "t", `{"a":{"b":{"c":1}},"l":[1,2],"o":[{"x":"p","y":["q","r"]},{"x":"s"}],"n":[[1],[2,3]],"flat.key":"v","m{}":["u","w"],"t":true,"z":null,"e":[],"eo":{}}`)}}
	want := `a.b.c=1 flat.key=v l{}=1|2 m{}=u|w n{}{}=1|2|3 o{}.x=p|s o{}.y{}=q|r t=true z=null`
	if got := rows(execute(t, `index=t`, ev)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	ev.Tables[0].Types = map[string]string{"l": "multivalue"}
	if got := rows(execute(t, `index=t | table l, l{}`, ev)); got != "l=1|2" {
		t.Errorf("declared multivalue: %s", got)
	}
	if got := rows(execute(t, `index=t | table _raw`, native.Input{Tables: []native.Table{table(t, "t", `{"b":"<x>","a":1}`)}})); got != `_raw={"a":1,"b":"<x>"}` {
		t.Errorf("_raw: %s", got)
	}
	if got := rows(execute(t, `hello | table _raw`, native.Input{Tables: []native.Table{table(t, "t", `{"_raw":"hello world","a":1}`)}})); got != `_raw=hello world` {
		t.Errorf("given _raw: %s", got)
	}
}

// TestTime: where _time comes from, the order of events, and time ranges.
func TestTime(t *testing.T) {
	events := `{"id":1,"@timestamp":"2024-01-01T00:00:00.123Z"}
{"id":2,"timestamp":1704067260}
{"id":3,"TimeCreated":"2024-01-01 00:02:00"}
{"id":4,"time":1704067380123}
{"id":5,"x":"no time"}
{"id":6,"_time":"1704067260"}`
	in := native.Input{Tables: []native.Table{table(t, "main", events)}}
	if got := ids(t, `index=main`, in); got != "4 3 2 6 1 5" {
		t.Errorf("arrival order: %s", got)
	}
	if got := rows(execute(t, `index=main id=1 OR id=4 | table _time`, in)); got != "_time=1704067380.123\n_time=1704067200.123" {
		t.Errorf("_time: %s", got)
	}
	for query, want := range map[string]string{
		`earliest=1704067260 latest=1704067320`: "2 6", `earliest=-1m@m id=*`: "4 3", `latest=@m`: "3 2 6 1", `earliest=1704067320`: "4 3",
		`index=main NOT earliest=1704067260`: "1 5",
	} {
		if got := ids(t, query, in); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	in.From, in.To = instant(1704067260), instant(1704067320)
	if got := ids(t, `index=main`, in); got != "2 6" {
		t.Errorf("time picker: %s", got)
	}
	if got := ids(t, `index=main earliest=0`, in); got != "2 6 1" {
		t.Errorf("inline earliest replaces the picker's: %s", got)
	}
	if got := rows(execute(t, `index=main id=2 | addinfo | table info_min_time info_max_time`, in)); got != "info_min_time=1704067260 info_max_time=1704067320" {
		t.Errorf("addinfo: %s", got)
	}
	if got := rows(execute(t, `index=main id=2 | append [search index=main earliest=0 latest=1704067230 | addinfo | table id info_min_time] | table id info_min_time`, in)); got != "id=2\nid=1 info_min_time=0" {
		t.Errorf("a subsearch has a time range of its own: %s", got)
	}
	in.Timestamp = "x.t"
	in.Tables = []native.Table{table(t, "main", `{"id":1,"x":{"t":"2024-01-01T00:01:00Z"}}`)}
	if got := ids(t, `index=main`, in); got != "1" {
		t.Errorf("timestamp field: %s", got)
	}
}

func TestIndex(t *testing.T) {
	in := native.Input{Tables: []native.Table{table(t, "win", `{"id":1}`), table(t, "lin", `{"id":2,"index":"special"}`), table(t, "stdin", `{"id":3}`)}}
	for query, want := range map[string]string{
		`index=win`: "1 3", `index=special`: "2 3", `index=lin`: "3", `index=*`: "1 2 3", `NOT index=win`: "2", `index=win OR index=special`: "1 2 3",
		`index=win | search index=win id=1`: "1", `index=* | stats count AS id BY index`: "1 1",
	} {
		if got := ids(t, query, in); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

// TestSubsearch: results become ( ( a="1" AND b="2" ) OR … ).
func TestSubsearch(t *testing.T) {
	in := native.Input{Tables: []native.Table{
		table(t, "main", `{"id":1,"u":"a","h":"x"}
{"id":2,"u":"b","h":"y"}
{"id":3,"u":"A","h":"z"}
{"id":4,"u":"c","h":"x"}`),
		table(t, "bad", `{"u":"a","note":"n1"}
{"u":"c"}`),
	}}
	for query, want := range map[string]string{
		`[| inputlookup bad | fields u]`:                              "1 3 4",
		`index=main NOT [| inputlookup bad | fields u]`:               "2",
		`index=main [| inputlookup bad | where u="zz" | fields u]`:    "",
		`index=main [search u=b | return u]`:                          "2",
		`index=main [search u=b OR u=c | return 5 $id]`:               "2 4",
		`index=main [search u=b OR u=c | return 5 id]`:                "2 4",
		`index=main [search id=1 | fields u, h]`:                      "1",
		`index=main [search id=1 | eval search="h=x" | table search]`: "1 4",
		`index=main [search id=2 | eval u="a*" | table u | format]`:   "1 3",
		`index=main | search [| inputlookup bad | table u]`:           "1 3 4",
		`index=main | where id=[search u=b | return $id]`:             "2",
	} {
		if got := ids(t, query, in); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}
