package interp

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/corpora"
)

// propertyInput has columns of each type, missing, single and multiple.
func propertyInput(t testing.TB) native.Input {
	types := map[string]string{"k": "keyword", "k2": "keyword", "n": "long", "i": "integer", "x": "double", "b": "boolean", "d": "date", "ip": "ip", "t": "text", "v": "version"}
	return native.Input{Tables: []native.Table{events(t, "e", types,
		`{}`,
		`{"k": "abc", "k2": "ABC", "n": 5, "i": 5, "x": 1.5, "b": true, "d": "2024-01-01T10:00:00Z", "ip": "10.0.0.1", "t": "a b", "v": "1.2"}`,
		`{"k": ["a", "b*"], "n": [1, 2], "b": [true, false], "ip": ["10.0.0.1", "::1"], "d": ["2024-01-01", "2025-01-01"], "i": [7, 7]}`,
		`{"k": "", "n": 0, "x": -0.0, "i": -2147483648, "b": false, "v": "bad"}`,
		`{"k": "\\*?\n", "k2": "", "n": 9223372036854775807, "x": 1e300, "t": ["q", "p"]}`)}}
}

// genCondition makes conditions that pass the type check.
func genCondition(t *rapid.T, depth int) string {
	if depth > 0 {
		a := func() string { return "(" + genCondition(t, depth-1) + ")" }
		switch rapid.IntRange(0, 3).Draw(t, "join") {
		case 0:
			return a() + " AND " + a()
		case 1:
			return a() + " OR " + a()
		case 2:
			return "NOT " + a()
		}
	}
	pick := func(xs ...string) string { return rapid.SampledFrom(xs).Draw(t, "x") }
	text := func() string {
		return pick("k", "k2", "t", "TO_LOWER(k)", "CONCAT(k, k2)", "MV_CONCAT(k, \",\")", "MV_FIRST(k)", "TO_STRING(n)", "SUBSTRING(k, 2)", "\"abc\"", "TRIM(k)", "REPLACE(k, \"a\", \"b\")")
	}
	number := func() string {
		return pick("n", "i", "x", "1", "2.5", "n + 1", "i * 2", "n / i", "x % 2", "LENGTH(k)", "MV_COUNT(k)", "MV_MAX(n)", "ABS(i)", "-n", "ROUND(x)", "TO_LONG(k)", "COALESCE(n, 0)", "CASE(b, n, i)")
	}
	op := func() string { return pick("==", "!=", "<", "<=", ">", ">=") }
	switch rapid.IntRange(0, 9).Draw(t, "leaf") {
	case 0, 1:
		return text() + " " + op() + " " + text()
	case 2, 3:
		return number() + " " + op() + " " + number()
	case 4:
		return text() + pick(" LIKE ", " NOT LIKE ") + pick(`"a*"`, `"?b*"`, `"*"`, `"""\*"""`, `("x*", "")`)
	case 5:
		return text() + pick(" RLIKE ", " NOT RLIKE ") + pick(`"a.*"`, `"[a-c]*"`, `"~(abc)"`, `".*"`)
	case 6:
		return number() + pick(" IN ", " NOT IN ") + pick("(1, 5)", "(n, NULL)", "(2.5, i)")
	case 7:
		return pick("k", "n", "b", "d", "ip", "x + n") + pick(" IS NULL", " IS NOT NULL")
	case 8:
		return pick("b AND TRUE", "b == TRUE", "d >= \"2024-06-01\"", "CIDR_MATCH(ip, \"10.0.0.0/8\")", "ip == \"::1\"", "v < \"1.10\"", "d + 1 day > d", "DATE_EXTRACT(\"year\", d) == 2024")
	}
	return pick("MV_CONTAINS(k, \"a\")", "STARTS_WITH(k, \"a\")", "k : \"a\"", "n : 5", "MV_LIKE(k, \"*b*\")", "TRUE", "FALSE", "NULL", "MV_INTERSECTS(k, k2)")
}

// TestComplement: COALESCE(p, FALSE) and its negation split the events, and reprinting changes no answer.
func TestComplement(t *testing.T) {
	in := propertyInput(t)
	rapid.Check(t, func(t *rapid.T) {
		p := genCondition(t, rapid.IntRange(0, 3).Draw(t, "depth"))
		count := func(cond string) []string {
			text := "FROM e METADATA _id | WHERE " + cond + " | KEEP _id"
			out, ds := exec(text, in)
			if ds.HasErrors() {
				t.Fatalf("%s: %v", cond, ds)
			}
			again, ds := Language.Reprint("q", text)
			if ds.HasErrors() {
				t.Fatal(ds)
			}
			if out2, ds := exec(again, in); table(out) != table(out2) {
				t.Fatalf("%s gives %s, reprinted %s gives %s %v", text, table(out), again, table(out2), ds)
			}
			var ids []string
			for _, r := range out.Results {
				ids = append(ids, r.Cells[0].(string))
			}
			return ids
		}
		yes, no := count(p), count("NOT COALESCE("+p+", FALSE)")
		if len(yes)+len(no) != 5 {
			t.Fatalf("%s holds on %v, its complement on %v", p, yes, no)
		}
		for _, a := range yes {
			for _, b := range no {
				if a == b {
					t.Fatalf("%s and its complement both hold on event %s", p, a)
				}
			}
		}
	})
}

// TestConformanceReprinted: printing the queries of the suite in our form changes no answer.
func TestConformanceReprinted(t *testing.T) {
	dir := corpora.Path(t, "conformance", "esql")
	in := conformInput(t, dir)
	readLines(t, filepath.Join(dir, "suite.ndjson"), func(line []byte) {
		var c conformCase
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		again, ds := Language.Reprint("", c.Query)
		if ds.HasErrors() {
			t.Errorf("%s: %v", c.id(), ds)
			return
		}
		a, _ := exec(c.Query, in)
		b, ds := exec(again, in)
		if !reflect.DeepEqual(a.Columns, b.Columns) || table(a) != table(b) {
			t.Errorf("%s: reprinted as\n%s\nit gives another answer %v", c.id(), again, ds)
		}
	})
}

// TestDetectionRules: every ES|QL query of the public rule set parses, and compiles unless it needs what is named here.
func TestDetectionRules(t *testing.T) {
	queries, refused := corpora.Queries(t, "esql"), 0
	for path, text := range queries {
		_, ds := Language.Compile(path, text)
		for _, d := range ds {
			if d.Code != diag.ESQLUnknown || !regexp.MustCompile(`(KQL|COMPLETION|ST_[A-Z]+|TO_GEOPOINT) is not supported`).MatchString(d.Title) {
				t.Errorf("%s", d.Brief())
			}
		}
		if ds.HasErrors() {
			refused++
		}
	}
	t.Logf("%d of %d rules compile", len(queries)-refused, len(queries))
	if len(queries) < 100 || refused*5 > len(queries) {
		t.Errorf("%d of %d rules are refused", refused, len(queries))
	}
}

var runSeeds = []string{
	"FROM e | WHERE k LIKE \"a*\" AND n > 1 | STATS c = COUNT(*), MAX(n) BY k, b | SORT c DESC",
	"FROM e METADATA _id, _source | EVAL x = CASE(b, n, i) + 1, y = JSON_EXTRACT(_source, \"k\"), z = d + 1 day | KEEP x, y, z",
	"ROW a = [1, 2, 3] | MV_EXPAND a | EVAL b = REPEAT(\"x\", a * 100000) | EVAL c = CONCAT(b, b), d = SPLIT(c, \"x\")",
	"FROM e | GROK k \"%{WORD:a}(?<b>(x+x+)+y)\" | DISSECT t \"%{p} %{+q/2}\" | INLINE STATS m = AVG(n) BY k2 | LIMIT 5 BY k",
	"ROW a = REPLACE(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", \"(a*)*b\", \"$1\")", "ROW a = DATE_TRUNC(9223372036854775807 days, TO_DT(0))",
	"FROM e | STATS BY BUCKET(n, 1000000000, 0, 1), BUCKET(d, 3, \"0001-01-01\", \"9999-01-01\") | FORK (LIMIT 1) (WHERE FALSE)",
	"FROM e | STATS v = VALUES(k), p = PERCENTILE(x, 99.9), t = TOP(i, 2, \"asc\") | EVAL q = MV_SLICE(v, -2, -1), r = MV_ZIP(v, v)",
	"FROM e | LOOKUP JOIN e ON k | ENRICH e ON k WITH z = n", "ROW a = ROUND(1.5, -9223372036854775808), b = SCALB(1, 2147483647), c = POW(0, -1)",
	"ROW a = TO_DT(\"9999-12-31\") + 2147483647 months - 9223372036854775807 milliseconds", "ROW a = DATE_FORMAT(\"yyyy'x''\", NOW())",
	"ROW a = \"x\" | WHERE a RLIKE \"(a|b)*c{1,1000}\" OR a RLIKE \"~(~(~(x)))&.*\"",
}

// FuzzRun: no text makes the interpreter panic or run for long.
func FuzzRun(f *testing.F) {
	for _, s := range runSeeds {
		f.Add(s)
	}
	in := propertyInput(f)
	f.Fuzz(func(t *testing.T, text string) {
		start := time.Now()
		p, ds := Language.Compile("q", text)
		if ds.HasErrors() {
			return
		}
		out, ds := p.Run(in)
		if !ds.HasErrors() {
			for _, r := range out.Results {
				if len(r.Cells) != len(out.Columns) {
					t.Fatalf("%d cells under %d columns", len(r.Cells), len(out.Columns))
				}
			}
		}
		if d := time.Since(start); d > 20*time.Second {
			t.Fatalf("%q took %v", text, d)
		}
	})
}

// TestBudgets: queries that would take forever or fill the memory end in a limit, or in null with a warning.
func TestBudgets(t *testing.T) {
	in := propertyInput(t)
	var cross strings.Builder
	cross.WriteString("ROW a = [1,2,3,4,5,6,7,8,9,0]")
	for i := 0; i < 12; i++ {
		fmt.Fprintf(&cross, " | EVAL a%d = a", i)
	}
	for i := 0; i < 12; i++ {
		fmt.Fprintf(&cross, " | MV_EXPAND a%d", i)
	}
	_, ds := exec(cross.String(), in)
	if !ds.HasErrors() || ds[0].Code != diag.ESQLLimit {
		t.Errorf("10^12 rows: %v", ds)
	}
	keys := "ROW a = [1,2,3,4,5,6,7,8,9,0] | STATS COUNT(*) BY a, b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a"
	if _, ds = exec(keys, in); !ds.HasErrors() || ds[0].Code != diag.ESQLLimit {
		t.Errorf("10^10 groups: %v", ds)
	}
	out, ds := exec(`ROW a = REPLACE("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "(a*)*b", "x")`, in)
	if ds.HasErrors() || out.Results[0].Cells[0] != nil || len(out.Warnings) == 0 {
		t.Errorf("a pattern that backtracks: %v %v", table(out), ds)
	}
	out, _ = exec(`ROW a = SPACE(1000000) | EVAL b = CONCAT(a, a)`, in)
	if out.Results[0].Cells[1] != nil || len(out.Warnings) == 0 {
		t.Error("a text over 1 MB is made")
	}
}
