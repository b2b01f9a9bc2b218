package interp

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends/datadog/search/syntax"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

func event(t testing.TB, text string) native.Row {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var row native.Row
	if err := d.Decode(&row); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return row
}

// matches runs a query on one event.
func matches(t testing.TB, query string, row native.Row, types map[string]string, doubts map[string]bool) (bool, []string) {
	t.Helper()
	p, ds := Language.Compile("query", query)
	if ds.HasErrors() {
		t.Fatalf("%s: %v", query, ds)
	}
	out, ds := p.Run(native.Input{Tables: []native.Table{{Name: "logs", Types: types, Rows: []native.Row{row}}}, Doubts: doubts})
	if ds.HasErrors() {
		t.Fatalf("%s: %v", query, ds)
	}
	return len(out.Matches) == 1, out.Warnings
}

// The events of the table below.
var events = map[string]string{
	"login": `{"source":"auth0","service":"web","host":"i-12","status":"error","message":"Login failed: user-agent Mozilla/5.0, by_hand",
		"tags":["env:prod","env:dev","team:a:b","solo"],
		"attributes":{"evt":{"name":"CreateUser","outcome":"failure"},"network":{"client":{"ip":"10.16.3.4"}},"http":{"status_code":404,"path":"/a b/c:d"},
		"roles":["admin","Owner"],"ports":[22,443],"score":7.0,"neg":-5,"frac":5.5,"ok":true,"nothing":null,"none":[],"empty":"","text_number":"50",
		"win":"C:\\Windows\\cmd.exe","quote":"say \"hi\"","star":"a*b","quest":"a?b","lines":"one\ntwo","mail":"x@y.org",
		"a.b":"dotted","a":{"b":"nested"},"members":[{"role":"x"},{"role":"y"}],"v6":"2001:db8::1","mapped":"::ffff:10.1.2.3"}}`,
	"flat": `{"ddsource":"vpc","hostname":"h1","ddtags":"env:prod, team:x","usr":{"id":"u1"},"service":"s1","message":"hello-world"}`,
	"none": `{}`,
}

var rows = []struct {
	query, event string
	want         bool
}{
	// equality, case (1.1; operators.md 1.1; peer defect 15)
	{`@evt.name:"CreateUser"`, "login", true},
	{`@evt.name:CreateUser`, "login", true},
	{`@evt.name:"CREATEUSER"`, "login", false},
	{`-@evt.name:"CREATEUSER"`, "login", true},
	{`@evt.name:"Create"`, "login", false},
	{`-@evt.name:"CreateUser"`, "login", false},
	{`-@evt.nam:"CreateUser"`, "login", true},
	{`@evt.name:("DeleteUser" OR "CreateUser")`, "login", true},
	{`-@evt.name:("DeleteUser" OR "CreateUser")`, "login", false},
	{`@evt.name:(-DeleteUser)`, "login", true},
	{`@evt.name:(Create* AND *User)`, "login", true},
	// globs
	{`@evt.name:*eUs*`, "login", true},
	{`@evt.name:Create*`, "login", true},
	{`@evt.name:create*`, "login", false},
	{`@evt.name:*User`, "login", true},
	{`@evt.name:*user`, "login", false},
	{`@evt.name:C*e*r`, "login", true},
	{`@evt.name:C*x*r`, "login", false},
	{`@evt.name:"*User"`, "login", false},
	{`-@evt.name:C*e*r`, "login", false},
	{`@http.path:*a\ b\/c\:*`, "login", true},
	{`@http.path:"/a b/c:d"`, "login", true},
	{`@win:C\:\\Windows\\*`, "login", true},
	{`@win:C\:\\Windows\\cmd.exe`, "login", true},
	{`@win:"C:\Windows\cmd.exe"`, "login", false}, // a backslash in quotes takes the next character
	{`@quote:say\ \"hi\"`, "login", true},
	{`@star:a\*b`, "login", true},
	{`@star:"a*b"`, "login", true},
	{`@evt.name:C\*r`, "login", false},
	{`@quest:a\?b`, "login", true},
	{`@star:a?b`, "login", true},
	{`@mail:*@*`, "login", true},
	{`@lines:one*two`, "login", true},
	{`@lines:*`, "login", true},
	// presence
	{`@evt.name:*`, "login", true},
	{`@evt:*`, "login", true},
	{`@nothing:*`, "login", false},
	{`-@nothing:*`, "login", true},
	{`@none:*`, "login", false},
	{`@empty:*`, "login", true},
	{`-@missing:*`, "login", true},
	{`_exists_:@evt.name`, "login", true},
	{`_missing_:@evt.name`, "login", false},
	{`_missing_:@x`, "none", true},
	// numbers and booleans
	{`@http.status_code:404`, "login", true},
	{`@http.status_code:"404"`, "login", true},
	{`@http.status_code:4*`, "login", true},
	{`@http.status_code:[400 TO 499]`, "login", true},
	{`@http.status_code:{404 TO 499}`, "login", false},
	{`@http.status_code:{403 TO 405}`, "login", true},
	{`@http.status_code:>=404`, "login", true},
	{`@http.status_code:>404`, "login", false},
	{`@http.status_code:<=404`, "login", true},
	{`@http.status_code:<404`, "login", false},
	{`-@http.status_code:>=404`, "login", false},
	{`@http.status_code:[* TO 404]`, "login", true},
	{`@http.status_code:["400" TO "499"]`, "login", true},
	{`@neg:"-5"`, "login", true},
	{`@neg:\-5`, "login", true},
	{`@neg:<-4`, "login", true},
	{`@frac:[5.5 TO 5.5]`, "login", true},
	{`@score:7`, "login", true},
	{`@score:7.0`, "login", true},
	{`@score:8`, "login", false},
	{`@ok:true`, "login", true},
	{`@ok:false`, "login", false},
	{`@text_number:>=40`, "login", false}, // no measure
	{`-@text_number:>=40`, "login", true},
	{`@text_number:50`, "login", true},
	{`@missing:>1`, "login", false},
	// arrays: any element
	{`@roles:admin`, "login", true},
	{`@roles:owner`, "login", false},
	{`-@roles:admin`, "login", false},
	{`@roles:(admin AND Owner)`, "login", true},
	{`@roles:(admin AND guest)`, "login", false},
	{`@roles:*dm*`, "login", true},
	{`@ports:>=443`, "login", true},
	{`@ports:22`, "login", true},
	{`@members.role:y`, "login", true},
	{`@members.role:z`, "login", false},
	// dotted and nested keys are one path
	{`@a.b:dotted`, "login", true},
	{`@a.b:nested`, "login", true},
	// addresses
	{`CIDR(@network.client.ip, 10.0.0.0/8)`, "login", true},
	{`CIDR(@network.client.ip, 192.168.0.0/16, 10.16.3.4)`, "login", true},
	{`NOT(CIDR(@network.client.ip, 10.0.0.0/8))`, "login", false},
	{`-CIDR(@network.client.ip, 11.0.0.0/8)`, "login", true},
	{`CIDR(@v6, 2001:db8::/32)`, "login", true},
	{`CIDR(@mapped, 10.0.0.0/8)`, "login", true},
	{`CIDR(@win, 0.0.0.0/0)`, "login", false},
	{`@network.client.ip:10.*`, "login", true},
	{`@network.client.ip:(10.16.* OR 10.17.*)`, "login", true},
	{`@network.client.ip:10.0.0.0/8`, "login", false},
	// reserved attributes and tags
	{`source:auth0`, "login", true},
	{`source:(a OR auth*)`, "login", true},
	{`source:Auth0`, "login", false},
	{`service:web AND host:i-* AND status:error`, "login", true},
	{`host:*`, "login", true},
	{`host:*`, "none", false},
	{`env:prod`, "login", true},
	{`env:dev`, "login", true},
	{`-env:prod`, "login", false},
	{`env:PROD`, "login", false},
	{`env:(prod AND dev)`, "login", true},
	{`env:*`, "login", true},
	{`team:a\:b`, "login", true},
	{`solo:*`, "login", true},
	{`tags:solo`, "login", true},
	{`tags:sol`, "login", false},
	{`@env:prod`, "login", false},
	{`source:vpc env:prod team:x host:h1`, "flat", true},
	// free text: words of the message, any order, case ignored
	{`failed login`, "login", true},
	{`"login failed"`, "login", true},
	{`"failed login"`, "login", false},
	{`LOGIN`, "login", true},
	{`logi`, "login", false},
	{`logi*`, "login", true},
	{`*zill*`, "login", true},
	{`"user agent"`, "login", true},
	{`by_hand`, "login", true},
	{`hand`, "login", false},
	{`-banana`, "login", true},
	{`message:failed`, "login", true},
	{`CreateUser`, "login", false},
	{`"hello world"`, "flat", true},
	{`anything`, "none", false},
	{`-anything`, "none", true},
	// full text
	{`*:createuser`, "login", true},
	{`*:"say hi"`, "login", true},
	{`*:crea*`, "login", true},
	{`*:banana`, "login", false},
	{`*:failed`, "login", true},
	{`*:*`, "none", true},
	// all, none, operators
	{`*`, "none", true},
	{`-*`, "login", false},
	{``, "none", true},
	{`@evt.name:CreateUser AND (@ok:false OR -@roles:guest)`, "login", true},
	{`source:x @evt.name:y OR @ok:true`, "login", true}, // AND before OR
	{`source:x (@evt.name:y OR @ok:true)`, "login", false},
	{`-(@ok:true @evt.name:y)`, "login", true},
	{`-@ok:true @evt.name:CreateUser`, "login", false},
	{`-(-@ok:true)`, "login", true},
	// an event without attributes is itself the custom attributes
	{`@usr.id:u1`, "flat", true},
	{`@service:s1`, "flat", true},
	{`@service:web`, "login", false},
	// keyword "k": the or over the fields of a catalogue (operators.md 1.1)
	{`(@evt.name:*eUs* OR @mail:*eUs*)`, "login", true},
	{`-(@evt.name:*eUs* OR @mail:*eUs*)`, "login", false},
	// a range of epoch milliseconds, missing, empty
	{`-@empty:*`, "login", false},
}

func TestRows(t *testing.T) {
	for _, c := range rows {
		t.Run(c.query+" "+c.event, func(t *testing.T) {
			row := event(t, events[c.event])
			if got, _ := matches(t, c.query, row, nil, nil); got != c.want {
				t.Fatalf("got %v, want %v", got, c.want)
			}
			out, ds := Language.Reprint("query", c.query)
			if ds.HasErrors() {
				t.Fatal(ds)
			}
			if got, _ := matches(t, out, row, nil, nil); got != c.want {
				t.Fatalf("printed again as %s it answers %v", out, got)
			}
		})
	}
}

// TestDoubts gives for each switch a query and an event that it decides; a switch without a row here fails the test.
func TestDoubts(t *testing.T) {
	covered := map[string]bool{}
	for _, c := range []struct {
		doubt        native.Doubt
		query, event string
		on, off      bool
	}{
		{DoubtArrayAny, `@a:x`, `{"attributes":{"a":["x","y"]}}`, true, false},
		{DoubtBraceRange, `@a:{1 TO 3}`, `{"attributes":{"a":2}}`, true, false},
		{DoubtCIDR, `CIDR(@a, 10.0.0.0/8)`, `{"attributes":{"a":"10.1.1.1"}}`, true, false},
		{DoubtCompareText, `@a:>400`, `{"attributes":{"a":"50"}}`, true, false},
		{DoubtCompareTagText, `a:>400`, `{"tags":["a:50"]}`, true, false},
		{DoubtEmptyStored, `@a:*`, `{"attributes":{"a":""}}`, true, false},
		{DoubtEscapedStar, `@a:*x\*y*`, `{"attributes":{"a":"axby"}}`, false, true},
		{DoubtExistsWord, `_exists_:@a`, `{"attributes":{"a":1}}`, true, false},
		{DoubtFreeTextFold, `ERROR`, `{"message":"an error"}`, true, false},
		{DoubtFreeTextTokens, `"hello world"`, `{"message":"hello-world"}`, true, false},
		{DoubtFullText, `*:x`, `{"attributes":{"a":"x"}}`, true, false},
		{DoubtNullMissing, `@a:*`, `{"attributes":{"a":null}}`, false, true},
		{DoubtNumberEqual, `@a:7`, `{"attributes":{"a":7.0}}`, true, false},
		{DoubtQuestionAny, `@a:x?y`, `{"attributes":{"a":"xzy"}}`, true, false},
		{DoubtQuestionWild, `@a:x?y`, `{"attributes":{"a":"x y"}}`, true, false},
		{DoubtQuotedEscape, `@a:"x\y"`, `{"attributes":{"a":"xy"}}`, true, false},
		{DoubtReservedAttribute, `@service:x`, `{"service":"x"}`, true, false},
		{DoubtStarNewline, `@a:*`, `{"attributes":{"a":"x\ny"}}`, true, false},
		{DoubtTagFold, `env:Prod`, `{"tags":["env:PROD"]}`, true, false},
	} {
		covered[c.doubt.Name] = true
		row := event(t, c.event)
		for _, on := range []bool{true, false} {
			want := c.off
			if on {
				want = c.on
			}
			if got, _ := matches(t, c.query, row, nil, map[string]bool{c.doubt.Name: on}); got != want {
				t.Errorf("%s=%v: %s on %s is %v, want %v", c.doubt.Name, on, c.query, c.event, got, want)
			}
		}
	}
	if !sort.SliceIsSorted(Language.Doubts, func(i, j int) bool { return Language.Doubts[i].Name < Language.Doubts[j].Name }) {
		t.Error("the switches are not sorted by name")
	}
	for _, d := range Language.Doubts {
		if !covered[d.Name] || d.Doc == "" {
			t.Errorf("the switch %s has no row here or no text", d.Name)
		}
	}
}

func TestFacetTypes(t *testing.T) {
	row := event(t, `{"attributes":{"n":"50","m":50,"s":{"t":"7.0"}}}`)
	for _, c := range []struct {
		query string
		types map[string]string
		want  bool
	}{
		{`@n:>=40`, map[string]string{"n": "double"}, true},
		{`@n:>=400`, map[string]string{"@n": "long"}, false},
		{`@n:50.0`, map[string]string{"attributes.n": "double"}, true},
		{`@n:50.0`, nil, false},
		{`@s.t:7`, map[string]string{"s.t": "double"}, true},
		{`@m:>=40`, map[string]string{"m": "string"}, false},
		{`@m:50`, map[string]string{"m": "string"}, true},
		{`@m:[50 TO 50]`, nil, true},
	} {
		if got, _ := matches(t, c.query, row, c.types, nil); got != c.want {
			t.Errorf("%s with %v is %v, want %v", c.query, c.types, got, c.want)
		}
	}
}

func TestWarnings(t *testing.T) {
	row := event(t, `{"message":"a","attributes":{"n":"50"}}`)
	for query, part := range map[string]string{
		`@n:>=40`: "`@n` is compared",
		`a and b`: "`and` in lower case is a word",
		`"!!!"`:   "free text without a letter or digit",
		`*:>5`:    "a comparison in every attribute",
	} {
		if _, ws := matches(t, query, row, nil, nil); !strings.Contains(strings.Join(ws, "\n"), part) {
			t.Errorf("%s warns %q, not of %q", query, ws, part)
		}
	}
}

func TestTimeRangeAndTables(t *testing.T) {
	rows := []native.Row{
		event(t, `{"timestamp":"2024-01-01T00:00:00Z"}`), event(t, `{"timestamp":1704067200001}`), event(t, `{"timestamp":"2024-01-01T01:00:00Z"}`), event(t, `{}`),
	}
	p, ds := Language.Compile("q", "*")
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	out, _ := p.Run(native.Input{Tables: []native.Table{{Rows: rows}, {Rows: rows[:1]}}, From: at, To: at.Add(time.Hour)})
	want := []native.Ref{{Table: 0, Row: 0}, {Table: 0, Row: 1}, {Table: 1, Row: 0}}
	if fmt.Sprint(out.Matches) != fmt.Sprint(want) {
		t.Errorf("matches %v, want %v", out.Matches, want)
	}
}

func TestFaultsReachTheUser(t *testing.T) {
	_, ds := Language.Compile("q", "#x:1")
	if len(ds) != 1 || ds[0].Code != diag.DatadogUnknown {
		t.Errorf("got %v", ds)
	}
	if _, ds = Language.Reprint("q", "(a"); !ds.HasErrors() {
		t.Error("an unclosed parenthesis is printed")
	}
}

func TestBudget(t *testing.T) {
	p, ds := Language.Compile("q", "@a:*x*")
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	p.(*program).budget = 10
	row := native.Row{"attributes": map[string]any{"a": strings.Repeat("y", 1000)}}
	if _, ds = p.Run(native.Input{Tables: []native.Table{{Rows: []native.Row{row}}}}); len(ds) != 1 || ds[0].Code != diag.DatadogLimit {
		t.Errorf("got %v", ds)
	}
}

func TestDecimals(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"1", "1.0", 0},
		{"10", "1e1", 0},
		{"-0", "0", 0},
		{"0.5", "5E-1", 0},
		{"-1", "1", -1},
		{"-2", "-1", -1},
		{"100", "99.9", 1},
		{"123456789012345678901", "123456789012345678902", -1},
		{"1e100000", "9e99999", 1},
		{"0.001", "0", 1},
	} {
		a, ok := parseDecimal(c.a)
		b, ok2 := parseDecimal(c.b)
		if !ok || !ok2 || a.compare(b) != c.want || b.compare(a) != -c.want {
			t.Errorf("%s against %s is %d, want %d", c.a, c.b, a.compare(b), c.want)
		}
	}
	for _, s := range []string{"", "-", "1.", ".1", "1e", "1e999999999999", "0x1", "1_0", "é"} {
		if _, ok := parseDecimal(s); ok {
			t.Errorf("%q is read as a number", s)
		}
	}
}

// TestStarMatchAgainstNaive compares the fast matcher with one that tries every split.
func TestStarMatchAgainstNaive(t *testing.T) {
	var naive func(ps []syntax.Piece, s string) bool
	naive = func(ps []syntax.Piece, s string) bool {
		if len(ps) == 0 {
			return s == ""
		}
		if ps[0].Kind == syntax.Text {
			rest, ok := strings.CutPrefix(s, ps[0].Text)
			return ok && naive(ps[1:], rest)
		}
		for i := 0; i <= len(s); i++ {
			if naive(ps[1:], s[i:]) {
				return true
			}
		}
		return false
	}
	rapid.Check(t, func(t *rapid.T) {
		var ps []syntax.Piece
		for _, r := range rapid.StringMatching(`[ab*]{0,7}`).Draw(t, "pattern") {
			if r == '*' {
				ps = append(ps, syntax.Any())
			} else {
				ps = append(ps, syntax.Lit(string(r)))
			}
		}
		ps = mergeText(ps)
		s := rapid.StringMatching(`[ab]{0,9}`).Draw(t, "text")
		if got, want := starMatch(ps, s), naive(ps, s); got != want {
			t.Fatalf("%v on %q is %v, want %v", ps, s, got, want)
		}
	})
}

// TestBuiltValuesMatch: what the constructors print finds the value it was made from, and Glob finds it by its parts.
func TestBuiltValuesMatch(t *testing.T) {
	f := syntax.Field{Kind: syntax.FieldAttribute, Name: "f"}
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.String().Draw(t, "value")
		other := rapid.String().Draw(t, "other")
		m, err := syntax.Equal(f, v)
		if err != nil {
			return
		}
		run := func(n syntax.Node, value string) bool {
			p, ds := Language.Compile("q", syntax.Print(n))
			if ds.HasErrors() {
				t.Fatal(ds)
			}
			row := native.Row{"attributes": map[string]any{"f": value}}
			for _, flip := range append([]native.Doubt{{Name: "-"}}, Language.Doubts...) {
				out, _ := p.Run(native.Input{Tables: []native.Table{{Rows: []native.Row{row}}}, Doubts: map[string]bool{flip.Name: !flip.Default}})
				if (len(out.Matches) == 1) != (value == v) && flip.Name != DoubtNumberEqual.Name {
					t.Fatalf("%s on %q with %s flipped is %v", syntax.Print(n), value, flip.Name, out.Matches)
				}
			}
			return true
		}
		run(m, v)
		if other != v {
			run(m, other)
		}
	})
}

func FuzzRun(f *testing.F) {
	for _, c := range rows {
		f.Add(c.query, events[c.event])
	}
	f.Fuzz(func(t *testing.T, query, text string) {
		var row native.Row
		if json.Unmarshal([]byte(text), &row) != nil || row == nil {
			return
		}
		p, ds := Language.Compile("q", query)
		if ds.HasErrors() {
			return
		}
		in := native.Input{Tables: []native.Table{{Rows: []native.Row{row}}}}
		p.Run(in)
		in.Doubts = VRL()
		p.Run(in)
	})
}

func BenchmarkRun(b *testing.B) {
	row := event(b, events["login"])
	rows := make([]native.Row, 1000)
	for i := range rows {
		rows[i] = row
	}
	p, ds := Language.Compile("q", `source:auth0 AND @evt.name:(CreateUser OR Delete*) AND -@network.client.ip:192.168.* AND (@http.status_code:[400 TO 499] OR failed)`)
	if ds.HasErrors() {
		b.Fatal(ds)
	}
	in := native.Input{Tables: []native.Table{{Rows: rows}}}
	b.ReportAllocs()
	for b.Loop() {
		p.Run(in)
	}
	b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "events/s")
}
