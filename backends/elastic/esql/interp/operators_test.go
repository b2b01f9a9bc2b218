package interp

import (
	"slices"
	"testing"

	"github.com/onerule/onerule/backends/native"
)

// TestOperatorForms runs the form that a predicate is printed in, and the form of its negation, over events: the field
// missing, empty, of another case, with one and several values, with wildcard characters. hits are the events on which the
// predicate holds; on all others its negation must hold.
func TestOperatorForms(t *testing.T) {
	types := map[string]string{
		"f": "keyword", "g": "keyword", "ip": "ip", "ipk": "keyword", "n": "long", "m": "long", "d": "date", "e": "date", "b": "boolean",
		"a": "keyword", "c": "keyword", "na": "long",
	}
	scalar := events(t, "scalar", types,
		`{}`, // 0
		`{"f": "Cmd.exe", "g": "cmd.EXE", "n": 5, "m": 5, "b": true, "ip": "10.1.2.3", "ipk": "10.1.2.3", "d": "2024-01-01T03:00:00Z", "e": "2024-01-01T02:58:00Z"}`,
		`{"f": "cmd.exe", "g": "other", "n": 6, "m": 5, "b": false, "ip": "11.0.0.1", "ipk": "11.0.0.1", "d": "2023-12-31T23:59:59.999Z", "e": "2023-12-01T00:00:00Z"}`,
		`{"f": "", "n": -1, "ip": "2001:db8::1", "ipk": "2001:db8::1"}`,
		`{"f": "a*b?c\\d"}`,
		`{"f": "aXbYcZd"}`,
		`{"f": "line1\nline2"}`)
	arrays := events(t, "arrays", types,
		`{}`, // 0
		`{"a": ["v", "w"], "c": ["W", "x"], "g": "w", "na": [1, 7]}`,
		`{"a": "V", "c": ["z"], "g": "q", "na": 3}`,
		`{"a": ["pre-x", "x-end"], "na": [5, 5]}`,
		`{"a": ["pre-end", "b"], "na": [9]}`,
		`{"a": []}`,
		`{"a": ["v", "V", "w"], "g": "V", "na": [6, 20]}`)
	sep := `CONCAT("\n", MV_CONCAT(a, "\n"), "\n")`
	sepLower := `CONCAT("\n", TO_LOWER(MV_CONCAT(a, "\n")), "\n")`
	not := func(p string) string { return "NOT COALESCE(" + p + ", FALSE)" }
	for _, c := range []struct {
		name, form, negated string
		table               native.Table
		hits                []int
	}{
		{"equal, any case", `TO_LOWER(f) == "cmd.exe"`, "", scalar, []int{1, 2}},
		{"equal, cased", `f == "cmd.exe"`, "", scalar, []int{2}},
		{"in, any case", `TO_LOWER(f) IN ("cmd.exe", "b")`, "", scalar, []int{1, 2}},
		{"in, cased", `f IN ("Cmd.exe", "b")`, "", scalar, []int{1}},
		{"contains", `TO_LOWER(f) LIKE "*md.e*"`, "", scalar, []int{1, 2}},
		{"contains, cased", `f LIKE "*Cm*"`, "", scalar, []int{1}},
		{"contains star", `TO_LOWER(f) LIKE """*\**"""`, "", scalar, []int{4}},
		{"contains question mark", `TO_LOWER(f) LIKE "*\\?*"`, "", scalar, []int{4}},
		{"contains backslash", `TO_LOWER(f) LIKE """*\\d"""`, "", scalar, []int{4}},
		{"starts with", `STARTS_WITH(TO_LOWER(f), "cmd")`, "", scalar, []int{1, 2}},
		{"starts with, cased", `STARTS_WITH(f, "Cmd")`, "", scalar, []int{1}},
		{"ends with", `ENDS_WITH(TO_LOWER(f), ".exe")`, "", scalar, []int{1, 2}},
		{"ends with, cased", `ENDS_WITH(f, "exe")`, "", scalar, []int{1, 2}},
		{"glob", `TO_LOWER(f) LIKE "a?b?c*"`, "", scalar, []int{4, 5}},
		{"glob over a line break", `TO_LOWER(f) LIKE "line1*2"`, "", scalar, []int{6}},
		{"regular expression", `f RLIKE ".*([Cc]md).*"`, "", scalar, []int{1, 2}},
		{"regular expression over a line break", `f RLIKE "line1.line2"`, "", scalar, []int{6}},
		{"field equals field", `TO_LOWER(f) == TO_LOWER(g)`, "", scalar, []int{1}},
		{"field equals field, cased", `f == g`, "", scalar, nil},
		{"keyword", `(TO_LOWER(f) LIKE "*other*" OR TO_LOWER(g) LIKE "*other*")`, "", scalar, []int{2}},
		{"IPv4 block", `CIDR_MATCH(ip, "10.0.0.0/8")`, "", scalar, []int{1}},
		{"IPv4 block on a keyword", `CIDR_MATCH(TO_IP(ipk), "10.0.0.0/8", "11.0.0.1")`, "", scalar, []int{1, 2}},
		{"IPv6 block", `CIDR_MATCH(ip, "2001:db8::/32")`, "", scalar, []int{3}},
		{"number equal", `n == 5`, "", scalar, []int{1}},
		{"number in", `n IN (5, -1)`, "", scalar, []int{1, 3}},
		{"number at least", `n >= 5`, "", scalar, []int{1, 2}},
		{"number below", `n < 5`, "", scalar, []int{3}},
		{"number equals number", `n == m`, "", scalar, []int{1}},
		{"sum", `n + m > 10`, "", scalar, []int{2}},
		{"distance of dates", `DATE_DIFF("milliseconds", e, d) < 300000`, "", scalar, []int{1}},
		{"hour", `DATE_EXTRACT("hour_of_day", d) == 3`, "", scalar, []int{1}},
		{"weekday", `DATE_EXTRACT("day_of_week", d) == 1`, "", scalar, []int{1}},
		{"length", `LENGTH(f) >= 11`, "", scalar, []int{6}},
		{"date", `d >= TO_DATETIME("2024-01-01T00:00:00.000Z")`, "", scalar, []int{1}},
		{"boolean", `b == TRUE`, "", scalar, []int{1}},
		{"exists", `f IS NOT NULL`, `f IS NULL`, scalar, []int{1, 2, 3, 4, 5, 6}},
		{"empty string", `f == ""`, "", scalar, []int{3}},
		{"empty", `(f IS NULL OR f == "")`, "", scalar, []int{0, 3}},
		{"true", `TRUE`, `FALSE`, scalar, []int{0, 1, 2, 3, 4, 5, 6}},
		{"and, or", `(n == 5 AND b == TRUE OR f == "")`, "", scalar, []int{1, 3}},

		{"any equal, any case", sepLower + ` LIKE "*\nv\n*"`, "", arrays, []int{1, 2, 6}},
		{"any equal, any case, newer", `MV_CONTAINS(TO_LOWER(a), "v")`, "", arrays, []int{1, 2, 6}},
		{"any equal, cased", `MV_CONTAINS(a, "v")`, "", arrays, []int{1, 6}},
		{"any contains", `TO_LOWER(MV_CONCAT(a, "\n")) LIKE "*re-*"`, "", arrays, []int{3, 4}},
		{"any starts with", sepLower + ` LIKE "*\npre*"`, "", arrays, []int{3, 4}},
		{"any ends with", sepLower + ` LIKE "*end\n*"`, "", arrays, []int{3, 4}},
		{"any matches", sep + ` RLIKE ".*\n((p.*x)&([^\n]*))\n.*"`, "", arrays, []int{3}},
		{"any like, newer", `MV_LIKE(TO_LOWER(a), "p*x")`, `NOT MV_LIKE(TO_LOWER(a), "p*x")`, arrays, []int{3}},
		{"any matches, newer", `MV_RLIKE(a, ".*(e-e).*")`, `NOT MV_RLIKE(a, ".*(e-e).*")`, arrays, []int{4}},
		{"any number at least", `MV_MAX(na) >= 7`, "", arrays, []int{1, 4, 6}},
		{"any number below", `MV_MIN(na) < 5`, "", arrays, []int{1, 2}},
		{"any number equal", `MV_CONTAINS(na, TO_LONG(5))`, "", arrays, []int{3}},
		{"any compound", sep + ` RLIKE ".*\n((pre.*)&(.*end)&~(b)&([^\n]*))\n.*"`, "", arrays, []int{4}},
		{"any compound, newer", `MV_RLIKE(a, "(pre.*)&~(.*x)")`, "", arrays, []int{4}},
		{"any number between, newer", `MV_IN_RANGE(na, TO_LONG(6), TO_LONG(9))`, `NOT MV_IN_RANGE(na, TO_LONG(6), TO_LONG(9))`, arrays, []int{1, 4, 6}},
		{"all match", `CONCAT(MV_CONCAT(a, "\n"), "\n") RLIKE "((([vwVx].*)&([^\n]*))\n)+"`, "", arrays, []int{1, 2, 6}},
		{"all numbers at least", `MV_MIN(na) >= 5`, "", arrays, []int{3, 4, 6}},
		{"any equals a field", `(g IS NOT NULL AND MV_CONTAINS(TO_LOWER(a), TO_LOWER(g)))`, "", arrays, []int{1, 6}},
		{"arrays share a value", `MV_INTERSECTS(TO_LOWER(a), TO_LOWER(c))`, "", arrays, []int{1}},
		{"distinct values", `COALESCE(MV_COUNT(MV_DEDUPE(a)), 0) >= 2`, `COALESCE(MV_COUNT(MV_DEDUPE(a)), 0) < 2`, arrays, []int{1, 3, 4, 6}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := native.Input{Tables: []native.Table{c.table}}
			if got := matched(t, c.form, in); !slices.Equal(got, c.hits) {
				t.Errorf("%s holds on %v, want %v", c.form, got, c.hits)
			}
			negated := c.negated
			if negated == "" {
				negated = not(c.form)
			}
			var rest []int
			for i := range c.table.Rows {
				if !slices.Contains(c.hits, i) {
					rest = append(rest, i)
				}
			}
			if got := matched(t, negated, in); !slices.Equal(got, rest) {
				t.Errorf("%s holds on %v, want %v", negated, got, rest)
			}
		})
	}
}

// TestPlainNegationLosesRows: without the guard, missing fields and arrays vanish on both sides (faults of converters).
func TestPlainNegationLosesRows(t *testing.T) {
	in := native.Input{Tables: []native.Table{events(t, "e", map[string]string{"f": "keyword"},
		`{}`, `{"f": "x"}`, `{"f": "y"}`, `{"f": ["x", "y"]}`)}}
	for _, c := range []struct {
		cond string
		want []int
	}{
		{`f == "x"`, []int{1}},
		{`NOT f == "x"`, []int{2}},
		{`f != "x"`, []int{2}},
		{`f NOT IN ("x")`, []int{2}},
		{`NOT f LIKE "x*"`, []int{2}},
		{`f IN ("x", NULL)`, []int{1}},
		{`f NOT IN ("x", NULL)`, nil},
		{`f == NULL`, nil},
		{`f IS NULL`, []int{0}},
		{`TO_LOWER(f) == "X"`, nil},
	} {
		if got := matched(t, c.cond, in); !slices.Equal(got, c.want) {
			t.Errorf("%s holds on %v, want %v", c.cond, got, c.want)
		}
	}
}

// TestLikeEscapes: a pattern that a converter escaped once too little means something else, or nothing (peer fault 5).
func TestLikeEscapes(t *testing.T) {
	in := native.Input{Tables: []native.Table{events(t, "e", map[string]string{"f": "keyword"},
		`{"f": "C:\\Users\\eve"}`, `{"f": "C:Users*"}`)}}
	if _, ds := exec(`FROM e | WHERE f LIKE "*:\\Users\\*"`, in); !ds.HasErrors() {
		t.Error(`a pattern with \U is accepted`)
	}
	if got := matched(t, `f LIKE "*:\\\\Users\\\\*"`, in); !slices.Equal(got, []int{0}) {
		t.Errorf("twice escaped: %v", got)
	}
	if got := matched(t, `f LIKE """*:\\Users\\*"""`, in); !slices.Equal(got, []int{0}) {
		t.Errorf("raw: %v", got)
	}
	in.Doubts = map[string]bool{doubtLikeEscape.Name: false}
	if got := matched(t, `f LIKE "*:\\Users\\*"`, in); !slices.Equal(got, []int{1}) {
		t.Errorf("with the doubt off: %v", got)
	}
}
