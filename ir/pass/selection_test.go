package pass

import (
	"strings"
	"testing"

	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// TestSelection compares the selecting conditions of each class of each binding, as a predicate, with the conditions
// themselves: on the samples, and on samples in which the field of one condition is missing, empty, of another value, or one
// of several.
func TestSelection(t *testing.T) {
	var masks, compared int
	for _, name := range schema.BindingNames() {
		b, _, err := schema.LookupBinding(name)
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.Classes {
			c := &b.Classes[i]
			p := Selection(c)
			r, err := eval.Pred(p)
			if err != nil {
				t.Fatal(err)
			}
			for _, cond := range c.Select {
				if cond.Mask != 0 {
					masks++
				}
				for _, native := range variants(c, cond) {
					want := true
					for _, cond := range c.Select {
						want = want && cond.Matches(native)
					}
					if have := r.Holds(p, &schema.Event{Object: native}); have != want {
						t.Errorf("%s %s: %s is %v, the conditions are %v on %v", name, c.Class, ir.PrintPred(p), have, want, native)
					}
					compared++
				}
			}
		}
	}
	if masks == 0 || compared < 1000 {
		t.Errorf("%d comparisons, %d of them on bits", compared, masks)
	}
}

// variants are natives around one condition: what a sample has there, and other values in its place.
func variants(c *schema.BoundClass, cond schema.Condition) []map[string]any {
	var out []map[string]any
	for _, s := range c.Samples() {
		out = append(out, s.Native)
	}
	if cond.Native.JSON {
		return out // the field stands inside a text
	}
	for _, s := range c.Samples()[:min(1, len(c.Samples()))] {
		values := [][]any{nil, {""}, {"zq7"}, {"zq7", "0"}, {cond.Mask}, {cond.Mask << 20}, {int64(0)}, {int64(0), cond.Mask}, {"x"}}
		for _, v := range cond.Values {
			values = append(values, []any{v}, []any{"zq7", v}, []any{v + "x"})
		}
		for _, vals := range values {
			native := schema.Plain(s.Native) // a copy
			dropPath(native, strings.Split(strings.ReplaceAll(cond.Native.Path, "[]", ""), "."))
			if len(vals) > 0 {
				schema.SetPath(native, cond.Native.Path, vals)
			}
			out = append(out, native)
		}
	}
	return out
}

// dropPath removes what stands at a path, whichever of its dots are in keys.
func dropPath(x any, segs []string) {
	switch x := x.(type) {
	case map[string]any:
		for i := range segs {
			key := strings.Join(segs[:i+1], ".")
			if i == len(segs)-1 {
				delete(x, key)
			} else {
				dropPath(x[key], segs[i+1:])
			}
		}
	case []any:
		for _, e := range x {
			dropPath(e, segs)
		}
	}
}
