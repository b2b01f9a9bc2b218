package mapping

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/native"
)

func row(t testing.TB, text string) native.Row {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var r native.Row
	if err := d.Decode(&r); err != nil {
		t.Fatal(err)
	}
	return r
}

func mustNew(t testing.TB, types map[string]string) *Mapping {
	t.Helper()
	m, err := New(types)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestValues(t *testing.T) {
	tests := []struct {
		typ, doc string
		want     string // fmt of the values
	}{
		{"keyword", `{"f": "a"}`, "[a]"},
		{"keyword", `{"f": ["a", null, ["b", []]]}`, "[a b]"},
		{"keyword", `{"f": null}`, "[]"},
		{"keyword", `{}`, "[]"},
		{"keyword", `{"f": ""}`, "[]"}, // one empty string
		{"keyword", `{"f": 1.50}`, "[1.50]"},
		{"keyword", `{"f": true}`, "[true]"},
		{"keyword", `{"f": {"x": 1}}`, "[]"},
		{`{"type": "keyword", "ignore_above": 2}`, `{"f": ["ab", "abc", "😀", "😀a"]}`, "[ab 😀]"},
		{`{"type": "keyword", "normalizer": "lowercase"}`, `{"f": "AbÄ"}`, "[abä]"},
		{`{"type": "keyword", "null_value": "none"}`, `{"f": [null, "a"]}`, "[none a]"},
		{`{"type": "constant_keyword", "value": "x"}`, `{}`, "[x]"},
		{"long", `{"f": [5, "5", " 5", 5.7, "5.7", "", "x", true, 9223372036854775807, 9223372036854775808, 1e3]}`, "[5 5 5 5 9223372036854775807 1000]"},
		{`{"type": "long", "coerce": false}`, `{"f": [5, "5", 5.7]}`, "[5]"},
		{"byte", `{"f": [127, 128, -128, -129]}`, "[127 -128]"},
		{"unsigned_long", `{"f": [18446744073709551615, 18446744073709551616, -1]}`, "[18446744073709551615]"},
		{"double", `{"f": [1, "2.5", 1e400, "NaN"]}`, "[1 2.5]"},
		{"float", `{"f": 0.1}`, "[0.10000000149011612]"},
		{"half_float", `{"f": [0.1, 65504, 65520, 1e-8]}`, "[0.0999755859375 65504 0]"},
		{`{"type": "scaled_float", "scaling_factor": 100}`, `{"f": 1.239}`, "[1.24]"},
		{"boolean", `{"f": [true, "false", "", "yes", 1]}`, "[true false false]"},
		{"ip", `{"f": ["10.0.0.1", "::ffff:10.0.0.1", "2001:DB8::1", "10.0.0.1:80", "fe80::1%1", "010.0.0.1"]}`, "[10.0.0.1 10.0.0.1 2001:db8::1]"},
		{
			"date", `{"f": ["2024-01-02", 1704153600123, "2024", 2024, "x"]}`,
			"[2024-01-02 00:00:00 +0000 UTC 2024-01-02 00:00:00.123 +0000 UTC 2024-01-01 00:00:00 +0000 UTC 2024-01-01 00:00:00 +0000 UTC]",
		},
		{"date", `{"f": "2024-01-02T03:04:05.123987+02:00"}`, "[2024-01-02 01:04:05.123 +0000 UTC]"},
		{"date_nanos", `{"f": "2024-01-02T03:04:05.123987Z"}`, "[2024-01-02 03:04:05.123987 +0000 UTC]"},
		{"flattened", `{"f": {"a": {"b": 1}, "c": ["x", null]}}`, "[1 x]"},
		{"text", `{"f": "A b"}`, "[A b]"},
	}
	for _, tt := range tests {
		t.Run(tt.typ+tt.doc, func(t *testing.T) {
			m := mustNew(t, map[string]string{"f": tt.typ})
			got := fmt.Sprint(append([]Value{}, m.Values(row(t, tt.doc), "f")...))
			if got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
	if got := mustNew(t, map[string]string{"f": "keyword"}).Values(row(t, `{"f": ""}`), "f"); len(got) != 1 || got[0] != "" {
		t.Errorf("the empty string is no value: %v", got)
	}
}

func TestMalformedIsCounted(t *testing.T) {
	f, _ := mustNew(t, map[string]string{"f": "long"}).Lookup("f")
	if values, bad := f.Read(row(t, `{"f": ["x", 1, {"a": 1}, null, ""]}`)); len(values) != 1 || bad != 2 {
		t.Errorf("%v, %d malformed", values, bad)
	}
}

// Nested objects and dotted keys are the same; their values are joined.
func TestPaths(t *testing.T) {
	m := mustNew(t, map[string]string{"a.b.c": "keyword"})
	for doc, want := range map[string][]string{
		`{"a": {"b": {"c": "1"}}}`: {"1"},
		`{"a.b.c": "1"}`:           {"1"},
		`{"a.b": {"c": "1"}}`:      {"1"},
		`{"a": {"b.c": "1"}}`:      {"1"},
		`{"a": [{"b": {"c": "1"}}, {"b": [{"c": ["2", "3"]}]}]}`: {"1", "2", "3"},
		`{"a.b.c": "1", "a": {"b": {"c": "2"}, "b.c": "3"}}`:     {"1", "2", "3"},
		`{"a": "x"}`:        nil,
		`{"a": {"b": "x"}}`: nil,
	} {
		var got []string
		for _, v := range m.Values(row(t, doc), "a.b.c") {
			got = append(got, v.(string))
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", doc, got, want)
		}
	}
}

func TestLookup(t *testing.T) {
	m := mustNew(t, map[string]string{
		"process.name":                `{"type": "keyword", "fields": {"text": {"type": "match_only_text"}, "caseless": {"type": "keyword", "normalizer": "lowercase"}}}`,
		"file.path":                   "wildcard",
		"file.path.text":              "text",
		"host.alias":                  `{"type": "alias", "path": "process.name"}`,
		"labels":                      "flattened",
		"email.attachments":           "nested",
		"email.attachments.file.name": "keyword",
		"secret":                      `{"type": "keyword", "index": false, "doc_values": false}`,
		"off":                         `{"enabled": false}`,
	})
	for _, tt := range []struct{ name, typ, path, nested string }{
		{"process.name", "keyword", "process.name", ""},
		{"process.name.text", "match_only_text", "process.name", ""},
		{"process.name.caseless", "keyword", "process.name", ""},
		{"file.path.text", "text", "file.path", ""},
		{"host.alias", "keyword", "process.name", ""},
		{"labels", "flattened", "labels", ""},
		{"labels.a.b", "flattened", "labels", ""},
		{"process", "object", "process", ""},
		{"email.attachments", "nested", "email.attachments", ""},
		{"email.attachments.file", "object", "email.attachments.file", "email.attachments"},
		{"email.attachments.file.name", "keyword", "email.attachments.file.name", "email.attachments"},
	} {
		f, ok := m.Lookup(tt.name)
		if !ok {
			t.Errorf("%s is unmapped", tt.name)
			continue
		}
		if f.Name != tt.name || f.Type != tt.typ || f.Path != tt.path || f.Nested != tt.nested {
			t.Errorf("%s: %+v", tt.name, f)
		}
	}
	for _, name := range []string{"x", "process.x", "process.name.x", "labels.", "off", ""} {
		if _, ok := m.Lookup(name); ok {
			t.Errorf("%q is mapped", name)
		}
	}
	if f, _ := m.Lookup("secret"); f.Searchable() {
		t.Error("a field without index and doc_values is searchable")
	}
	var names []string
	for _, f := range m.Fields("process.*") {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "process.name process.name.caseless process.name.text" {
		t.Error(got)
	}
	if len(m.Fields("pro?ess.name")) != 0 {
		t.Error("`?` is a wildcard in a field pattern")
	}
	if f, ok := m.KeywordSubfield("process.name.text"); ok {
		t.Errorf("%v", f)
	}
	r := row(t, `{"process": {"name": "CMD"}, "labels": {"a": {"b": "v"}, "a.b": "w", "c": "x"}}`)
	for name, want := range map[string]string{"process.name.caseless": "[cmd]", "host.alias": "[CMD]", "labels.a.b": "[v w]", "labels.c": "[x]"} {
		if got := fmt.Sprint(m.Values(r, name)); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestNestedObjects(t *testing.T) {
	m := mustNew(t, map[string]string{"o": "nested", "o.a": "keyword", "o.b": "keyword"})
	r := row(t, `{"o": [{"a": "1", "b": "2"}, {"a": ["3", "4"]}]}`)
	objects := NestedObjects(r, "o")
	if len(objects) != 2 {
		t.Fatalf("%d objects", len(objects))
	}
	if got := fmt.Sprint(m.Values(objects[0], "o.a"), m.Values(objects[1], "o.a"), m.Values(objects[1], "o.b")); got != "[1] [3 4] []" {
		t.Error(got)
	}
}

func TestInfer(t *testing.T) {
	m := mustNew(t, map[string]string{"known": "ip"}).Infer([]native.Row{
		row(t, `{"@timestamp": "2024-01-01", "s": "x", "n": 1, "x": 1, "b": true, "o": {"k": [1, 2]}, "known": "10.0.0.1", "nothing": null, "none": []}`),
		row(t, `{"x": 1.5, "b": "maybe", "n.deep": "y", "d": "2024-01-01"}`),
	})
	for name, want := range map[string]string{
		"@timestamp": "date", "s": "keyword", "n": "long", "x": "float", "b": "keyword", "o.k": "long", "known": "ip", "n.deep": "keyword", "d": "keyword", "o": "object",
	} {
		if f, ok := m.Lookup(name); !ok || f.Type != want {
			t.Errorf("%s: %v, want %s", name, f, want)
		}
	}
	for _, name := range []string{"nothing", "none"} {
		if _, ok := m.Lookup(name); ok {
			t.Errorf("%s is mapped", name)
		}
	}
	if f, _ := m.Lookup("s"); f.IgnoreAbove() != 1024 {
		t.Error("inferred strings have no ignore_above 1024")
	}
}

func TestNewErrors(t *testing.T) {
	for typ, part := range map[string]string{
		"keywrd":                          "`keyword`",
		`{"type": `:                       "no type and no object",
		`{"type": "alias"}`:               "path",
		`{"type": "alias", "path": "zz"}`: "`zz`",
		`{"type": "keyword", "normalizer": "up"}`:       "`up`",
		`{"type": "text", "analyzer": "klingon"}`:       "`klingon`",
		`{"type": "date", "format": "dd/MM/yyyy"}`:      "`dd/MM/yyyy`",
		`{"type": "scaled_float", "scaling_factor": 0}`: "scaling_factor",
	} {
		if _, err := New(map[string]string{"f": typ}); err == nil || !strings.Contains(err.Error(), part) || !strings.Contains(err.Error(), "`f`") {
			t.Errorf("%s: %v", typ, err)
		}
	}
}

func TestFromJSON(t *testing.T) {
	flat, err := FromJSON([]byte(`{"a": "keyword", "b": {"type": "text", "fields": {"k": {"type": "keyword"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	m := mustNew(t, flat)
	if f, ok := m.KeywordSubfield("b"); !ok || f.Name != "b.k" {
		t.Errorf("%v", f)
	}
	nested, err := FromJSON([]byte(`{"mappings": {"properties": {"a": {"properties": {"b": {"type": "long"}}}, "n": {"type": "nested", "properties": {"x": {"type": "ip"}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	m = mustNew(t, nested)
	if f, ok := m.Lookup("a.b"); !ok || f.Type != "long" {
		t.Errorf("%v", f)
	}
	if f, ok := m.Lookup("n.x"); !ok || f.Nested != "n" {
		t.Errorf("%v", f)
	}
	for _, bad := range []string{`[]`, `{"a": 1}`, `{"a": ["x"]}`, `nope`} {
		if _, err := FromJSON([]byte(bad)); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
}

func TestAnalyze(t *testing.T) {
	f, _ := mustNew(t, map[string]string{"f": "text"}).Lookup("f")
	for text, want := range map[string][]string{
		"The QUICK brown-fox's": {"the", "quick", "brown", "fox's"},
		"C:\\Windows\\cmd.exe":  {"c", "windows", "cmd.exe"},
		"a.b.c 1.5 1,000 x_y":   {"a.b.c", "1.5", "1,000", "x_y"},
		"host:80 a:b":           {"host", "80", "a:b"},
		"v1.a 1.a":              {"v1", "a", "1", "a"},
		"-Enc  /add":            {"enc", "add"},
		"eve@example.com":       {"eve", "example.com"},
		"日本 ねこ カタカナ 한국어":        {"日", "本", "ね", "こ", "カタカナ", "한국어"},
		"Straße É":              {"straße", "é"},
		"":                      nil,
		"...":                   nil,
		"__":                    nil,
		"don't can\u2019t":      {"don't", "can\u2019t"},
		"a\u0301b":              {"a\u0301b"},
	} {
		var got []string
		for _, tok := range f.Analyze(text) {
			got = append(got, tok.Text)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := f.Analyze(strings.Repeat("a", 300)); len(got) != 2 || len(got[0].Text) != 255 {
		t.Errorf("a word of 300 letters gives %d tokens", len(got))
	}
}

func TestView(t *testing.T) {
	v, err := NewView([]native.Table{
		{Name: "a", Types: map[string]string{"f": "keyword", "g": "ip"}},
		{Name: "b", Types: map[string]string{"f": "wildcard"}, Rows: []native.Row{row(t, `{"h": 1}`)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(v.Types("f"), v.Types("g"), v.Types("zz"), v.Fields("*")); got != "[keyword wildcard] [ip] [] [f g h]" {
		t.Error(got)
	}
	if _, err := NewView([]native.Table{{Name: "t", Types: map[string]string{"f": "x"}}}); err == nil || !strings.Contains(err.Error(), "`t`") {
		t.Errorf("%v", err)
	}
}
