package judge

import "testing"

// TestJudge checks the judge itself: it accepts what is right, names what is wrong, and knows the columns.
func TestJudge(t *testing.T) {
	schema := Schema{"T": {"A": "string", "N": "long"}}
	got := Check(t, schema, []Query{
		{"good", `T | where A =~ "x" | summarize count() by N`},
		{"name", `T | where B == 1`},
		{"type", `T | where N =~ 5`},
		{"syntax", `T | where not A == "x"`},
	})
	if e := got["good"].Errors(); e != nil {
		t.Errorf("good: %v", e)
	}
	if c := got["good"].Columns; len(c) != 2 || c[0] != (Column{"N", "long"}) || c[1] != (Column{"count_", "long"}) {
		t.Errorf("columns: %v", c)
	}
	for _, id := range []string{"name", "type", "syntax"} {
		if got[id].Errors() == nil {
			t.Errorf("%s is accepted", id)
		}
	}
}
