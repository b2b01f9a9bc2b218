package interp

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// TestLoading: how events become columns (QUIRKS.md, "Fields").
func TestLoading(t *testing.T) {
	types := map[string]string{
		"k": "keyword", "t": "text", "l": "long", "i": "integer", "b": "boolean", "f": "float", "h": "half_float", "d": "date", "dn": "date_nanos",
		"ip": "ip", "v": "version", "u": "unsigned_long", "short": `{"type": "keyword", "ignore_above": 3}`, "k.text": "text", "flat": "flattened",
		"n.x": "keyword", "n": "nested", "s": "short",
	}
	for _, c := range []struct{ event, column, want string }{
		{`{"k": ["b", "a", "b"]}`, "k", "[a, b]"},
		{`{"k": ["b", "b"]}`, "k", "b"},
		{`{"k": 5}`, "k", "5"},
		{`{"k": []}`, "k", "null"},
		{`{"k": [null]}`, "k", "null"},
		{`{"k": ""}`, "k", ""},
		{`{"k": "x"}`, "k.text", "x"},
		{`{"t": ["b", "a", "b"]}`, "t", "[b, a, b]"},
		{`{"l": [2, 1, 2]}`, "l", "[1, 2, 2]"},
		{`{"l": "7"}`, "l", "7"},
		{`{"l": 1.9}`, "l", "1"},
		{`{"l": "x"}`, "l", "null"},
		{`{"s": 40000}`, "s", "null"},
		{`{"b": [true, false, true]}`, "b", "[false, true, true]"},
		{`{"b": "true"}`, "b", "true"},
		{`{"f": 1.1}`, "f", "1.100000023841858"},
		{`{"h": 1.1}`, "h", "1.099609375"},
		{`{"d": "2024-01-01"}`, "d", "2024-01-01T00:00:00Z"},
		{`{"d": 1700000000000}`, "d", "2023-11-14T22:13:20Z"},
		{`{"d": "2024-01-01T00:00:00.123456Z"}`, "d", "2024-01-01T00:00:00.123Z"},
		{`{"dn": "2024-01-01T00:00:00.123456789Z"}`, "dn", "2024-01-01T00:00:00.123456789Z"},
		{`{"ip": ["::1", "10.0.0.1", "::ffff:10.0.0.1"]}`, "ip", "[::1, 10.0.0.1]"},
		{`{"v": ["1.10", "1.9"]}`, "v", "[1.9, 1.10]"},
		{`{"u": 18446744073709551615}`, "u", "18446744073709551615"},
		{`{"short": ["abcd", "abc"]}`, "short", "abc"},
		{`{"a": {"b": 1}, "a.b": 2}`, "a.b", "[1, 2]"},
		{`{"a": [{"b": "x"}, {"b": "y"}]}`, "a.b", "[x, y]"},
		// without a mapping
		{`{"x": "text"}`, "x", "text"},
		{`{"x": 5}`, "x", "5"},
		{`{"x": true}`, "x", "true"},
		{`{"x": "2024-01-01"}`, "x", "2024-01-01"},
		{`{"@timestamp": "2024-01-01"}`, "@timestamp", "2024-01-01T00:00:00Z"},
		{`{"x": "10.0.0.1"}`, "x", "10.0.0.1"},
	} {
		in := native.Input{Tables: []native.Table{events(t, "e", types, c.event)}}
		out, ds := exec("FROM e | KEEP `"+c.column+"`", in)
		if got := table(out); ds.HasErrors() || got != c.want {
			t.Errorf("%s: %s is %s, want %s %v", c.event, c.column, got, c.want, ds)
		}
	}
	in := native.Input{Tables: []native.Table{events(t, "e", types, `{"n": {"x": "y"}, "flat": {"a": 1}, "l": "x"}`)}}
	out, ds := exec("FROM e", in)
	for _, col := range out.Columns {
		if col.Name == "n.x" || col.Name == "flat" && col.Type != "unsupported" {
			t.Errorf("column %v %v", col, ds)
		}
	}
	if len(out.Warnings) != 1 || !strings.Contains(out.Warnings[0], "do not fit") {
		t.Errorf("warnings %q", out.Warnings)
	}
}

// TestCommands: small pipes and their rows.
func TestCommands(t *testing.T) {
	e := events(t, "e", map[string]string{"a": "long", "b": "keyword", "c.d": "keyword", "m": "long", "msg": "keyword"},
		`{"a": 1, "b": "x", "c.d": "p", "m": [3, 1], "msg": "user=eve from 10.0.0.1"}`,
		`{"a": 2, "b": ["x", "y"], "m": 2, "msg": "nothing"}`,
		`{"a": 3, "c": {"d": "q"}, "msg": ["user=bob from h", "user=al from g"]}`)
	look := events(t, "look", map[string]string{"b": "keyword", "extra": "keyword", "num": "long"},
		`{"b": "x", "extra": "one", "num": 1}`, `{"b": "x", "extra": "two", "num": 2}`, `{"b": "z", "extra": "three", "num": 3}`)
	in := native.Input{Tables: []native.Table{e, look}}
	for _, c := range []struct{ query, columns, rows string }{
		{"FROM e | KEEP a, b", "a b", "1|x; 2|[x, y]; 3|null"},
		{"FROM e | KEEP c*, a, *", "c.d a b m msg", "p|1|x|[1, 3]|user=eve from 10.0.0.1; null|2|[x, y]|2|nothing; q|3|null|null|[user=al from g, user=bob from h]"},
		{"FROM e | DROP m*, c.d", "a b", "1|x; 2|[x, y]; 3|null"},
		{"FROM e | RENAME a AS z, b AS a | KEEP z, a | LIMIT 1", "z a", "1|x"},
		{"FROM e | EVAL a = a * 10, z = a + 1 | KEEP a, z", "a z", "10|11; 20|21; 30|31"},
		{"FROM e | WHERE a > 1 | SORT a DESC | KEEP a", "a", "3; 2"},
		{"FROM e | SORT m | KEEP a", "a", "1; 2; 3"},
		{"FROM e | SORT m DESC | KEEP a", "a", "3; 1; 2"},
		{"FROM e | SORT m DESC NULLS LAST | KEEP a", "a", "1; 2; 3"},
		{"FROM e | SORT m NULLS FIRST | KEEP a", "a", "3; 1; 2"},
		{"FROM e | MV_EXPAND b | KEEP a, b", "a b", "1|x; 2|x; 2|y; 3|null"},
		{"FROM e | STATS n = COUNT(*), s = SUM(a) BY b | SORT b", "n s b", "2|3|x; 1|2|y; 1|3|null"},
		{"FROM e | STATS n = COUNT(*) BY b, c.d | SORT b, c.d", "n b c.d", "1|x|p; 1|x|null; 1|y|null; 1|null|q"},
		{"FROM e | STATS BY b | SORT b", "b", "x; y; null"},
		{"FROM e | STATS n = COUNT(*) WHERE a > 1, COUNT(*)", "n COUNT(*)", "2|3"},
		{"FROM e | INLINE STATS s = SUM(a) BY b | KEEP a, s, b", "a s b", "1|3|x; 2|[3, 2]|[x, y]; 3|3|null"},
		{"FROM e | INLINE STATS top = MAX(a) | WHERE a == top | KEEP a, top", "a top", "3|3"},
		{"FROM e | LIMIT 2 | STATS n = COUNT(*)", "n", "2"},
		{"FROM e | LIMIT 0", "a b c.d m msg", ""},
		{"FROM e | LIMIT 1 BY b | KEEP a", "a", "1; 2; 3"},
		{`FROM e | DISSECT msg "user=%{u} from %{h}" | KEEP a, u, h`, "a u h", "1|eve|10.0.0.1; 2|null|null; 3|[al, bob]|[g, h]"},
		{`FROM e | GROK msg "user=%{WORD:u} from %{IP:ip}" | KEEP a, u, ip`, "a u ip", "1|eve|10.0.0.1; 2|null|null; 3|null|null"},
		{`ROW s = "7 8.5 x true" | GROK s "%{NUMBER:i:int} %{NUMBER:f:float} %{WORD:w} %{WORD:b:boolean}"`, "s b f i w", "7 8.5 x true|true|8.5|7|x"},
		{`ROW s = "a=1, b=2" | GROK s "(?<k>[a-z])=(?<v>\\d)"`, "s k v", "a=1, b=2|a|1"},
		{`ROW s = "ab" | DISSECT s "%{+x/2}%{+x/1}"`, "s x", "ab|ab"},
		{"FROM e | MV_EXPAND b | LOOKUP JOIN look ON b | KEEP a, b, extra", "a b extra", "1|x|one; 1|x|two; 2|x|one; 2|x|two; 2|y|null; 3|null|null"},
		{"FROM e | LOOKUP JOIN look ON b | KEEP a, extra", "a extra", "1|one; 1|two; 2|null; 3|null"},
		{"FROM e | KEEP a | LOOKUP JOIN look ON a < num AND num == 3 | KEEP a, extra", "a extra", "1|three; 2|three; 3|null"},
		{"FROM e | ENRICH look ON b WITH x = extra | KEEP a, x", "a x", "1|[one, two]; 2|[one, two]; 3|null"},
		{"FROM e | KEEP a | FORK (WHERE a == 1) (STATS a = MAX(a)) | SORT _fork", "a _fork", "1|fork1; 3|fork2"},
		{"FROM (FROM e | WHERE a == 1 | KEEP a), (FROM look | KEEP num)", "a num", "1|null; null|1; null|2; null|3"},
		{"FROM e, look | STATS COUNT(*), COUNT(a), COUNT(num)", "COUNT(*) COUNT(a) COUNT(num)", "6|3|3"},
		{"FROM *, -look | STATS COUNT(*)", "COUNT(*)", "3"},
		{"FROM cluster:e | STATS COUNT(*)", "COUNT(*)", "3"},
		{"FROM e METADATA _id, _index, _version | KEEP _*| LIMIT 1", "_id _index _version", "0|e|1"},
		{"ROW a = [1, 2], b = \"x\" | EVAL a = a", "b a", "x|[1, 2]"},
		{"SET unmapped_fields=\"nullify\"; FROM e | EVAL z = nope | KEEP a, z, nada | LIMIT 1", "a z nada", "1|null|null"},
	} {
		out, ds := exec(c.query, in)
		var cols []string
		for _, x := range out.Columns {
			cols = append(cols, x.Name)
		}
		if got := table(out); ds.HasErrors() || strings.Join(cols, " ") != c.columns || got != c.rows {
			t.Errorf("%s\n got %s: %s %v\nwant %s: %s", c.query, cols, got, ds, c.columns, c.rows)
		}
	}
}

// TestSource: a row tells the event it is made of, unless an aggregation made it.
func TestSource(t *testing.T) {
	in := native.Input{Tables: []native.Table{events(t, "x", nil, `{"q": 1}`), events(t, "e", nil, `{"a": 1}`, `{"a": [2, 3]}`)}}
	for _, c := range []struct {
		query string
		want  []string
	}{
		{"FROM e | EVAL b = a | KEEP b", []string{"1/0", "1/1"}},
		{"FROM e METADATA _id | WHERE _id == \"1\"", []string{"1/1"}},
		{"FROM e | MV_EXPAND a | SORT a DESC", []string{"1/1", "1/1", "1/0"}},
		{"FROM e | STATS n = COUNT(*)", []string{"-"}},
		{"FROM e | INLINE STATS n = COUNT(*)", []string{"1/0", "1/1"}},
		{"ROW a = 1", []string{"-"}},
		{"FROM x, e | LIMIT 2", []string{"0/0", "1/0"}},
	} {
		out, ds := exec(c.query, in)
		var got []string
		for _, r := range out.Results {
			if r.Source == nil {
				got = append(got, "-")
				continue
			}
			got = append(got, fmt.Sprintf("%d/%d", r.Source.Table, r.Source.Row))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v %v", c.query, got, c.want, ds)
		}
	}
}

// TestImplicitLimit: 1,000 rows without a LIMIT, 10,000 with a larger one, and as many as asked for with Size.
func TestImplicitLimit(t *testing.T) {
	tab := native.Table{Name: "e"}
	for i := 0; i < 10_500; i++ {
		tab.Rows = append(tab.Rows, native.Row{"a": "x"})
	}
	in := native.Input{Tables: []native.Table{tab}}
	for _, c := range []struct {
		query string
		size  int
		want  int
		warn  bool
	}{
		{"FROM e", 0, 1000, true},
		{"FROM e | LIMIT 20000", 0, 10_000, true},
		{"FROM e | LIMIT 2000", 0, 2000, false},
		{"FROM e", 100_000, 10_500, false},
		{"FROM e | STATS n = COUNT(*)", 0, 1, false},
		{"FROM e", 5, 5, true},
	} {
		in.Size = c.size
		out, ds := exec(c.query, in)
		if len(out.Results) != c.want || (len(out.Warnings) > 0) != c.warn {
			t.Errorf("%s size %d: %d rows, warnings %v, want %d %v", c.query, c.size, len(out.Results), out.Warnings, c.want, ds)
		}
	}
}

// TestTime: NOW() is the largest event time unless it is given, and the time picker cuts by @timestamp.
func TestTime(t *testing.T) {
	in := native.Input{Tables: []native.Table{events(t, "e", nil, `{"@timestamp": "2024-01-01T00:00:00Z"}`, `{"@timestamp": "2024-01-02T00:00:00Z"}`, `{}`)}}
	if out, _ := exec("ROW n = NOW()", in); table(out) != "2024-01-02T00:00:00Z" {
		t.Errorf("NOW() is %s", table(out))
	}
	in.From, in.To = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC)
	if out, _ := exec("FROM e | STATS n = COUNT(*)", in); table(out) != "1" {
		t.Errorf("in the range: %s", table(out))
	}
}

// TestMatch: full-text search is two-valued and finds any value; text is analysed, other types are compared as a whole.
func TestMatch(t *testing.T) {
	in := native.Input{Tables: []native.Table{events(t, "e", map[string]string{"k": "keyword", "t": "text", "n": "long", "ip": "ip"},
		`{"k": ["a", "b"], "t": "Quick brown fox", "n": [1, 2], "ip": "10.0.0.1"}`, `{"k": "A", "t": "slow", "n": 3}`, `{}`)}}
	for _, c := range []struct {
		cond string
		want []int
	}{
		{`k : "b"`, []int{0}},
		{`NOT k : "b"`, []int{1, 2}},
		{`MATCH(k, "a")`, []int{0}},
		{`t : "FOX"`, []int{0}},
		{`t : "fox slow"`, []int{0, 1}},
		{`MATCH(t, "fox slow", {"operator": "AND"})`, nil},
		{`MATCH(t, "fox quick", {"operator": "and"})`, []int{0}},
		{`n : 2`, []int{0}},
		{`n : "x"`, nil},
		{`ip : "10.0.0.1"`, []int{0}},
		{`NOT ip : "10.0.0.1"`, []int{1, 2}},
		{`k : "b" OR n : 3`, []int{0, 1}},
		{`MATCH(n::keyword, "2")`, []int{0}},
		{`k::text : "b"`, []int{0}},
	} {
		if got := matched(t, c.cond, in); !slices.Equal(got, c.want) {
			t.Errorf("%s holds on %v, want %v", c.cond, got, c.want)
		}
	}
}

// TestFloatFields: a condition that runs in the index compares a float field with float precision, elsewhere with double.
func TestFloatFields(t *testing.T) {
	in := native.Input{Tables: []native.Table{events(t, "e", map[string]string{"f": "float", "d": "double"}, `{"f": 1.1, "d": 1.1}`)}}
	for _, c := range []struct {
		query string
		want  int
	}{
		{"FROM e | WHERE f == 1.1", 1},
		{"FROM e | WHERE d == 1.1", 1},
		{"FROM e | EVAL x = f == 1.1 | WHERE x", 0},
		{"FROM e | LIMIT 1 | WHERE f == 1.1", 0},
		{"FROM e | WHERE MV_CONTAINS(f, 1.1)", 1},
		{"FROM e | WHERE f > 1.1", 0},
		{"FROM e | WHERE f IN (1.1, 2)", 1},
	} {
		if out, ds := exec(c.query, in); len(out.Results) != c.want {
			t.Errorf("%s: %d rows, want %d %v", c.query, len(out.Results), c.want, ds)
		}
	}
}

// TestDoubts: each switch changes an answer, and they are sorted.
func TestDoubts(t *testing.T) {
	in := native.Input{Tables: []native.Table{events(t, "e", map[string]string{"f": "float", "k": "keyword", "s": "keyword"},
		`{"f": 1.1, "k": ["a", "b"], "s": "axb", "o": 1}`, `{"k": "a", "o": 2}`)}}
	for name, query := range map[string]string{
		"esql-first-null":      "FROM e | STATS x = LAST(s, o)",
		"esql-float-precision": "FROM e | WHERE f == 1.1 | KEEP s",
		"esql-inline-multi":    "FROM e | INLINE STATS n = COUNT(*) BY k | KEEP n",
		"esql-like-escape":     `FROM e | WHERE s LIKE """a\xb""" | KEEP s`,
	} {
		in.Doubts = map[string]bool{name: true}
		on, ds1 := exec(query, in)
		in.Doubts = map[string]bool{name: false}
		off, ds2 := exec(query, in)
		if table(on) == table(off) && ds1.HasErrors() == ds2.HasErrors() {
			t.Errorf("%s changes nothing: %s", name, table(on))
		}
	}
	if !slices.IsSortedFunc(Language.Doubts, func(a, b native.Doubt) int { return strings.Compare(a.Name, b.Name) }) || len(Language.Doubts) != 4 {
		t.Errorf("%v", Language.Doubts)
	}
}

// TestUnionTypes: a field with two types can be used through a conversion.
func TestUnionTypes(t *testing.T) {
	in := native.Input{Tables: []native.Table{events(t, "a", map[string]string{"x": "long"}, `{"x": 5}`), events(t, "b", map[string]string{"x": "keyword"}, `{"x": "7"}`)}}
	out, ds := exec("FROM a, b | EVAL y = x::long, z = TO_STRING(x) | KEEP y, z", in)
	if got := table(out); got != "5|5; 7|7" {
		t.Errorf("%s %v", got, ds)
	}
}

// TestTotalPatterns: a pattern that everything fits is IS NOT NULL, so its negation keeps missing fields only.
func TestTotalPatterns(t *testing.T) {
	in := native.Input{Tables: []native.Table{events(t, "e", map[string]string{"f": "keyword"}, `{}`, `{"f": "x"}`, `{"f": ["x", "y"]}`)}}
	for cond, want := range map[string][]int{
		`f LIKE "*"`: {1, 2}, `f NOT LIKE "*"`: {0}, `f RLIKE ".*"`: {1, 2}, `NOT f RLIKE (".*")`: {0}, `f LIKE "?*"`: {1}, `f NOT LIKE "?*"`: nil,
	} {
		if got := matched(t, cond, in); !slices.Equal(got, want) {
			t.Errorf("%s holds on %v, want %v", cond, got, want)
		}
	}
}

// TestWarnings are those of the vendor: once per expression and failure.
func TestWarnings(t *testing.T) {
	in := native.Input{Tables: []native.Table{events(t, "e", map[string]string{"a": "long"}, `{"a": [1, 2]}`, `{"a": [3, 4]}`, `{"a": 0}`)}}
	out, _ := exec("FROM e | EVAL b = 1 / a", in)
	want := []string{
		"Line 1:19: evaluation of [1 / a] failed, treating result as null. Only first 20 failures recorded.",
		"Line 1:19: java.lang.IllegalArgumentException: single-value function encountered multi-value",
		"Line 1:19: java.lang.ArithmeticException: / by zero",
	}
	if !slices.Equal(out.Warnings, want) {
		t.Errorf("%q", out.Warnings)
	}
}

// oddLanguage stands for the Kibana Query Language: "odd" matches the events whose n is odd.
var oddLanguage = native.Language{Name: "kibana", Compile: func(_, text string) (native.Program, diag.List) {
	if text != "odd" {
		return nil, diag.List{diag.New(diag.KibanaSyntax, diag.Span{}, "bad query")}
	}
	return oddProgram{}, nil
}}

type oddProgram struct{}

func (oddProgram) Run(in native.Input) (out native.Output, ds diag.List) {
	for i, t := range in.Tables {
		for j, row := range t.Rows {
			if n, _ := row["n"].(json.Number).Int64(); n%2 == 1 {
				out.Matches = append(out.Matches, native.Ref{Table: i, Row: j})
			}
		}
	}
	return out, nil
}

// TestKQL: KQL() runs the language that is given on the events of FROM, near FROM only.
func TestKQL(t *testing.T) {
	lang := New(oddLanguage)
	in := native.Input{Tables: []native.Table{events(t, "x", nil, `{"n": 9}`), events(t, "e", nil, `{"n": 1}`, `{"n": 2}`, `{"n": 3}`)}}
	for _, c := range []struct{ query, want string }{
		{`FROM e | WHERE KQL("odd") | KEEP n`, "1; 3"},
		{`FROM e | WHERE NOT KQL("odd")`, "2"},
		{`FROM e METADATA _id | SORT n DESC | WHERE n > 1 | WHERE KQL("odd") | KEEP n, _id`, "3|2"},
		{`FROM x, e | WHERE KQL("odd") | EVAL m = n + 1 | STATS SUM(m), COUNT(*)`, "16|3"},
		{`FROM e | WHERE KQL("odd") OR n == 2 | INLINE STATS s = SUM(n) | KEEP s`, "6; 6; 6"},
		{`FROM e | WHERE n > 0 | MV_EXPAND n | DISSECT "x" "%{y}" | LOOKUP JOIN x ON n | KEEP n, y`, "1|x; 2|x; 3|x"},
		{`FROM e | EVAL x = 1 | WHERE KQL("odd")`, "error: [KQL] function cannot be used here"},
		{`FROM e | WHERE KQL("even")`, "error: in the KQL query: bad query"},
		{`ROW n = 1 | WHERE KQL("odd")`, "error: [KQL] function cannot be used here"},
		{`FROM e | EVAL x = KQL("odd")`, "error: [KQL] function cannot be used here"},
	} {
		got := ""
		p, ds := lang.Compile("q", c.query)
		if !ds.HasErrors() {
			var out native.Output
			out, ds = p.Run(in)
			got = table(out)
		}
		if ds.HasErrors() {
			got = "error: " + ds[0].Title
		}
		if !strings.HasPrefix(got, c.want) || !strings.HasPrefix(c.want, "error") && got != c.want {
			t.Errorf("%s: %s, want %s", c.query, got, c.want)
		}
	}
}
