package interp

import (
	"testing"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// books has an analysed and an exact field, several values, and an event without any.
func books(t *testing.T) native.Input {
	return native.Input{Tables: []native.Table{events(t, "books", map[string]string{"n": "integer", "author": "text", "title": "text", "tag": "keyword", "year": "date"},
		`{"n": 1, "author": "William Faulkner", "title": "The Sound and the Fury", "tag": "novel", "year": "1929"}`,
		`{"n": 2, "author": ["Carol Faulkner", "Lucretia Mott"], "title": "Letters", "tag": ["letters", "women"], "year": "2002"}`,
		`{"n": 3, "author": "J. R. R. Tolkien", "title": "The Hobbit, or There and Back Again", "tag": "Novel", "year": "1937"}`,
		`{"n": 4}`)}}
}

// TestSearch: QSTR, MATCH_PHRASE and MULTI_MATCH are two-valued and look at any value (pages of these functions).
func TestSearch(t *testing.T) {
	in := books(t)
	for _, c := range []struct{ cond, want string }{
		{`QSTR("author: Faulkner")`, "1; 2"},
		{`QSTR("author: faulkner AND NOT tag: novel")`, "2"},
		{`QSTR("author: \"Carol Faulkner\"")`, "2"},
		{`QSTR("author: \"Faulkner Lucretia\"")`, ""},
		{`QSTR("tag: (novel OR women)")`, "1; 2"},
		{`QSTR("tag: nov*")`, "1"},
		{`QSTR("year: [1930 TO 2002]")`, "2; 3"},
		{`QSTR("n:>=3")`, "3; 4"},
		{`QSTR("hobbit")`, "3"},
		{`QSTR("hobbit letters")`, "2; 3"},
		{`QSTR("hobbit letters", {"default_operator": "AND"})`, ""},
		{`QSTR("letters", {"default_field": "tag"})`, "2"},
		{`QSTR("_exists_: tag")`, "1; 2; 3"},
		{`NOT QSTR("tag: novel")`, "2; 3; 4"},
		{`QSTR("tag: novel") OR n == 4`, "1; 4"},
		{`n > 1 | SORT n DESC | WHERE QSTR("author: Faulkner OR author: Tolkien")`, "3; 2"},
		{`QSTR("tag: novel") | WHERE QSTR("author: William")`, "1"},
		{`QSTR("title:/hob.*/")`, "3"},
		{`QSTR("title: Hobbjt~")`, "3"},
		{`MATCH_PHRASE(author, "William Faulkner")`, "1"},
		{`MATCH_PHRASE(author, "carol faulkner")`, "2"},
		{`MATCH_PHRASE(author, "faulkner william")`, ""},
		{`MATCH_PHRASE(author, "Faulkner Lucretia")`, ""},
		{`MATCH_PHRASE(title, "there and back")`, "3"},
		{`MATCH_PHRASE(title, "the fury")`, "1"},
		{`MATCH_PHRASE(title, "")`, ""},
		{`MATCH_PHRASE(tag, "novel")`, "1"},
		{`MATCH_PHRASE(tag, "nov")`, ""},
		{`MATCH_PHRASE(year, "1937")`, "3"},
		{`NOT MATCH_PHRASE(author, "Carol Faulkner")`, "1; 3; 4"},
		{`MULTI_MATCH("letters", title, tag)`, "2"},
		{`MULTI_MATCH("novel", title, tag)`, "1"},
		{`MULTI_MATCH("the faulkner", title, author)`, "1; 2; 3"},
		{`MULTI_MATCH("the hobbit", title, author, {"operator": "AND"})`, "3"},
		{`NOT MULTI_MATCH("faulkner", title, author)`, "3; 4"},
	} {
		q := "FROM books | WHERE " + c.cond + " | KEEP n"
		out, ds := exec(q, in)
		if ds.HasErrors() {
			t.Errorf("%s: %v", q, ds)
			continue
		}
		if got := table(out); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", q, got, c.want)
		}
	}
}

// TestSearchFaults: where the functions cannot stand, and what they do not take.
func TestSearchFaults(t *testing.T) {
	in := books(t)
	for _, q := range []string{
		`FROM books | STATS c = COUNT(*) | WHERE QSTR("x")`,
		`FROM books | LIMIT 2 | WHERE QSTR("x")`,
		`FROM books | EVAL x = QSTR("x")`,
		`ROW a = 1 | WHERE QSTR("a: 1")`,
		`FROM books | WHERE QSTR(tag)`,
		`FROM books | WHERE QSTR(1)`,
		`FROM books | WHERE QSTR("a AND (")`,
		`FROM books | WHERE QSTR("x", {"default_operator": "XOR"})`,
		`FROM books | WHERE QSTR("x", {"default_field": 1})`,
		`FROM books | EVAL a = author | WHERE MATCH_PHRASE(a, "x")`,
		`FROM books | WHERE MATCH_PHRASE(author, tag)`,
		`FROM books | WHERE MATCH_PHRASE(author, 1)`,
		`FROM books | WHERE MULTI_MATCH("x", "y")`,
	} {
		if _, ds := exec(q, in); !ds.HasErrors() || ds[0].Code != diag.ESQLRun {
			t.Errorf("%s: %v", q, ds)
		}
	}
}
