package backends_test

import (
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/schema"
)

// Two fields that differ in the case of a letter beyond ASCII break fold, one field with both cases does not.
func TestFoldOfTwoFields(t *testing.T) {
	a, ok := backends.LookupAssumption("fold")
	if !ok {
		t.Fatal("there is no assumption fold")
	}
	fields := []schema.NativeField{{Path: "a", Type: schema.Keyword}, {Path: "b", Type: schema.Keyword}, {Path: "n", Type: schema.Long}}
	for _, c := range []struct {
		a, b, n string
		want    bool
	}{
		{"é", "É", "", false},
		{"caf\u00e9 au lait", "CAF\u00c9", "", false},
		{"é", "é", "", true},
		{"éÉ", "x", "", true},
		{"é", "x", "É", true},
		{"Eve", "EVE", "", true},
		{"\u212A", "x", "", false},
		{"é", "Ä", "", true},
	} {
		if got := a.Holds(map[string]any{"a": c.a, "b": c.b, "n": c.n}, fields); got != c.want {
			t.Errorf("%q, %q, %q: %v", c.a, c.b, c.n, got)
		}
	}
}
