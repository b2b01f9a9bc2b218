package ir

import (
	"slices"
	"testing"

	"github.com/onerule/onerule/schema"
)

// Each finding differs from the others in one part of what it is; what it shows is no part of it.
func TestIdentity(t *testing.T) {
	key := func(texts ...string) []schema.Value {
		out := []schema.Value{}
		for _, s := range texts {
			out = append(out, schema.String(s))
		}
		return out
	}
	one, x := schema.Int(1), schema.String("x")
	different := []Finding{
		{Event: "e1", Time: 5},
		{Event: "e2", Time: 5},
		{Key: key(), Time: 5},
		{Key: key("a"), Time: 5},
		{Key: key("a"), Time: 6},
		{Key: key("a", "b"), Time: 5},
		{Key: key("a b"), Time: 5},
		{Key: key(`a" "b`), Time: 5},
		{Key: key("a"), Time: 5, Value: &one},
		{Key: key("a"), Time: 5, Value: &x},
		{Key: key("a"), From: 5, To: 6},
		{Key: key("a"), From: 5, To: 7},
		{Key: key("a"), From: 4, To: 6},
	}
	seen := map[string]int{}
	for i, f := range different {
		if j, ok := seen[f.Identity()]; ok {
			t.Errorf("findings %d and %d are both %s", j, i, f.Identity())
		}
		seen[f.Identity()] = i
	}
	a := Finding{Key: []schema.Value{schema.Int(5)}, Time: 5, Event: "e1", History: "own"}
	b := Finding{Key: key("5"), Time: 5, Event: "e2", Shown: [][]schema.Value{{one}}}
	if a.Identity() != b.Identity() {
		t.Errorf("%s and %s are one finding", a.Identity(), b.Identity())
	}
}

func TestCompareFindings(t *testing.T) {
	s := func(text string) []schema.Value { return []schema.Value{schema.String(text)} }
	inOrder := []Finding{
		{Key: s("z"), From: -20, To: -10},
		{Key: s("b"), Time: 5},
		{Key: s("a"), From: 0, To: 10},
		{Key: s("b"), From: 0, To: 10},
		{Key: s("a"), From: 5, To: 11},
	}
	got := slices.Clone(inOrder)
	slices.Reverse(got)
	slices.SortFunc(got, CompareFindings)
	for i := range got {
		if got[i].Identity() != inOrder[i].Identity() {
			t.Errorf("place %d: %s", i, got[i].Identity())
		}
	}
}
