package diag

import "testing"

// Equal diagnostics are dropped wherever they stand, also when another of the same start lies between them.
func TestSortDropsRepeats(t *testing.T) {
	at := func(end int) Span {
		return Span{File: "a", Start: Pos{Offset: 1, Line: 1, Col: 2}, End: Pos{Offset: end, Line: 1, Col: end + 1}}
	}
	l := List{New("E0402", at(5), "same"), New("E0402", at(3), "same"), New("E0402", at(5), "same"), New("E0402", at(3), "same")}
	if got := l.Sort(); len(got) != 2 || got[0].Span.End.Offset != 3 {
		t.Errorf("got %v", got)
	}
}
