package mapping

import (
	"testing"
	"time"

	"github.com/onerule/onerule/backends/elastic/lucene"
)

var testNow = time.Date(2024, 3, 31, 12, 30, 45, 500_000_000, time.UTC)

func matches(t *testing.T, f *Field, m Matcher, doc string) bool {
	t.Helper()
	values, _ := f.Read(row(t, doc))
	for _, v := range values {
		if m(v) {
			return true
		}
	}
	return false
}

func TestTerm(t *testing.T) {
	tests := []struct {
		typ, term, doc string
		want           bool
	}{
		{"keyword", "a", `{"f": "a"}`, true},
		{"keyword", "a", `{"f": "A"}`, false},
		{"keyword", "", `{"f": ""}`, true},
		{"keyword", "5", `{"f": 5}`, true},
		{"keyword", "b", `{"f": ["a", "b"]}`, true},
		{`{"type": "keyword", "normalizer": "lowercase"}`, "CMD", `{"f": "cmd"}`, true},
		{"text", "quick", `{"f": "The Quick fox"}`, true},
		{"text", "Quick", `{"f": "The Quick fox"}`, false},
		{"long", "5", `{"f": 5}`, true},
		{"long", "5.0", `{"f": 5}`, true},
		{"long", "5.5", `{"f": 5}`, false},
		{"long", "9223372036854775808", `{"f": 9223372036854775807}`, false},
		{"unsigned_long", "18446744073709551615", `{"f": 18446744073709551615}`, true},
		{"double", "0.1", `{"f": 0.1}`, true},
		{"float", "0.1", `{"f": 0.1}`, true},
		{"scaled_float", "1.5", `{"f": 1.5}`, true},
		{"boolean", "true", `{"f": "true"}`, true},
		{"boolean", "false", `{"f": true}`, false},
		{"ip", "10.0.0.1", `{"f": "10.0.0.1"}`, true},
		{"ip", "10.0.0.0/8", `{"f": "10.200.0.1"}`, true},
		{"ip", "10.0.0.7/8", `{"f": "10.200.0.1"}`, true},
		{"ip", "10.0.0.0/8", `{"f": "11.0.0.1"}`, false},
		{"ip", "::/0", `{"f": "11.0.0.1"}`, true},
		{"ip", "::ffff:10.0.0.0/104", `{"f": "10.1.0.1"}`, true},
		{"ip", "2001:db8::/32", `{"f": "2001:db8:1::1"}`, true},
		{"ip", "0.0.0.0/0", `{"f": "2001:db8:1::1"}`, false},
		{"date", "2024-03-31", `{"f": "2024-03-31T23:59:59.999Z"}`, true},
		{"date", "2024-03-31", `{"f": "2024-04-01"}`, false},
		{"date", "2024-03-31T12", `{"f": "2024-03-31T12:59:00Z"}`, true},
		{"date", "now/d", `{"f": "2024-03-31T23:00:00Z"}`, true},
	}
	for _, tt := range tests {
		f, _ := mustNew(t, map[string]string{"f": tt.typ}).Lookup("f")
		m, err := f.Term(tt.term, Context{Now: testNow})
		if err != nil {
			t.Errorf("%s %s: %v", tt.typ, tt.term, err)
			continue
		}
		if got := matches(t, f, m, tt.doc); got != tt.want {
			t.Errorf("%s %s on %s: %v", tt.typ, tt.term, tt.doc, got)
		}
	}
	f, _ := mustNew(t, map[string]string{"f": "keyword"}).Lookup("f")
	if m, _ := f.Term("cmd", Context{Fold: true}); !m("CMD") || m("\u212amd") {
		t.Error("case_insensitive")
	}
}

func TestLeafErrors(t *testing.T) {
	for _, tt := range []struct{ typ, text string }{
		{"long", "x"},
		{"long", " 5"},
		{"double", "1.2.3"},
		{"boolean", "yes"},
		{"boolean", "True"},
		{"ip", "x"},
		{"ip", "10.0.0.0/33"},
		{"ip", "10.0.0.0/-1"},
		{"ip", "10.0.0.0/x"},
		{"date", "yesterday"},
		{"date", "2024-13-01"},
		{"date", "2024-02-30"},
		{"date", "now-1"},
		{"date", "now-1x"},
		{"date", "now/2d"},
		{"geo_point", "1,2"},
	} {
		f, _ := mustNew(t, map[string]string{"f": tt.typ}).Lookup("f")
		if _, err := f.Term(tt.text, Context{Now: testNow}); err == nil {
			t.Errorf("%s is read as %s", tt.text, tt.typ)
		}
	}
	re, err := lucene.CompileRegexp("a", lucene.All)
	if err != nil {
		t.Fatal(err)
	}
	f, _ := mustNew(t, map[string]string{"f": "long"}).Lookup("f")
	if _, err := f.Wildcard("1*", Context{}); err == nil {
		t.Error("wildcard on long")
	}
	if _, err := f.Regexp(re); err == nil {
		t.Error("regexp on long")
	}
}

func TestRange(t *testing.T) {
	tests := []struct {
		typ, op, bound, doc string
		want                bool
	}{
		{"keyword", ">=", "b", `{"f": "b"}`, true},
		{"keyword", ">", "b", `{"f": "b"}`, false},
		{"keyword", ">", "10", `{"f": "9"}`, true},
		{"keyword", "<", "a", `{"f": "B"}`, true},
		{"keyword", ">", "\uffff", `{"f": "😀"}`, true},
		{"long", ">=", "5", `{"f": 5}`, true},
		{"long", ">", "5", `{"f": 5}`, false},
		{"long", ">=", "5.5", `{"f": 5}`, false},
		{"long", ">", "5.5", `{"f": 6}`, true},
		{"long", "<", "5.5", `{"f": 5}`, true},
		{"long", "<=", "-5.5", `{"f": -6}`, true},
		{"long", "<=", "-5.5", `{"f": -5}`, false},
		{"long", "<", "1e300", `{"f": 9223372036854775807}`, true},
		{"long", ">", "-1e999999", `{"f": -9223372036854775808}`, true},
		{"unsigned_long", ">", "9223372036854775807", `{"f": 18446744073709551615}`, true},
		{"float", ">", "0.1", `{"f": 0.1}`, false},
		{"double", "<", "0.5", `{"f": 0.25}`, true},
		{`{"type": "scaled_float", "scaling_factor": 10}`, ">", "1.25", `{"f": 1.3}`, true},
		{"boolean", ">", "false", `{"f": true}`, true},
		{"ip", ">", "10.0.0.1", `{"f": "10.0.0.2"}`, true},
		{"ip", "<", "10.0.0.1", `{"f": "::1"}`, true},
		{"date", ">", "2024-03-31", `{"f": "2024-03-31T10:00:00Z"}`, false},
		{"date", ">=", "2024-03-31", `{"f": "2024-03-31T10:00:00Z"}`, true},
		{"date", "<=", "2024-03-31", `{"f": "2024-03-31T10:00:00Z"}`, true},
		{"date", "<", "2024-03-31", `{"f": "2024-03-31T10:00:00Z"}`, false},
		{"date", "<=", "2024", `{"f": "2024-01-02"}`, false},
		{"date", ">=", "now-1d", `{"f": "2024-03-30T12:30:45.500Z"}`, true},
		{"date", ">=", "now-1d", `{"f": "2024-03-30T12:30:45.499Z"}`, false},
		{"date", ">=", "now-1M", `{"f": "2024-02-29T12:30:45.500Z"}`, true},
		{"date", "<", "now/w", `{"f": "2024-03-25T00:00:00Z"}`, false},
		{"date", "<", "now/w", `{"f": "2024-03-24T23:59:59Z"}`, true},
		{"date", ">=", "2024-01-31||+1M/d", `{"f": "2024-02-29"}`, true},
		{"date", ">", "1704067200000", `{"f": 1704067200001}`, true},
		{"date", ">=", "2024-01-01T00:00:00+01:00", `{"f": "2023-12-31T23:00:00Z"}`, true},
	}
	for _, tt := range tests {
		f, _ := mustNew(t, map[string]string{"f": tt.typ}).Lookup("f")
		b := &Bound{Text: tt.bound, Inclusive: len(tt.op) == 2}
		lo, hi := b, (*Bound)(nil)
		if tt.op[0] == '<' {
			lo, hi = nil, b
		}
		m, err := f.Range(lo, hi, Context{Now: testNow})
		if err != nil {
			t.Errorf("%s %s %s: %v", tt.typ, tt.op, tt.bound, err)
			continue
		}
		if got := matches(t, f, m, tt.doc); got != tt.want {
			t.Errorf("%s %s %s on %s: %v", tt.typ, tt.op, tt.bound, tt.doc, got)
		}
	}
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"2024-01-01", "now-1d/d", "2024-01-01||+1M/y", "1704067200000", "now+999999999y", "-99999999999999999999"} {
		f.Add(s)
	}
	field := &Field{Name: "f", Type: "date", family: Date}
	f.Fuzz(func(t *testing.T, s string) {
		for _, up := range []bool{false, true} {
			if got, err := field.ParseDate(s, DateOptions{Math: true, RoundUp: up, Now: testNow}); err == nil && got.Location() != time.UTC {
				t.Errorf("%q: %v is not in UTC", s, got)
			}
		}
	})
}

func BenchmarkValues(b *testing.B) {
	m, err := New(map[string]string{"process.parent.name": "keyword"})
	if err != nil {
		b.Fatal(err)
	}
	r := row(b, `{"process": {"parent": {"name": "cmd.exe"}, "args": ["a", "b"]}, "host": {"name": "x"}}`)
	b.ReportAllocs()
	for range b.N {
		if len(m.Values(r, "process.parent.name")) != 1 {
			b.Fatal("no value")
		}
	}
}
