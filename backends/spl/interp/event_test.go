package interp

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/onerule/onerule/backends/native"
	"pgregory.net/rapid"
)

func drawJSON(t *rapid.T, depth int) any {
	kind := rapid.IntRange(0, 7).Draw(t, "kind")
	if depth == 0 {
		kind %= 5
	}
	switch kind {
	case 0:
		return json.Number(rapid.SampledFrom([]string{"1", "2.50"}).Draw(t, "num"))
	case 1:
		return nil
	case 2:
		return rapid.Bool().Draw(t, "bool")
	case 3, 4:
		return rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "text")
	case 5:
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "len") {
			list = append(list, drawJSON(t, depth-1))
		}
		return list
	default:
		return drawObject(t, depth-1)
	}
}

func drawObject(t *rapid.T, depth int) map[string]any {
	obj := map[string]any{}
	for range rapid.IntRange(0, 4).Draw(t, "keys") {
		key := rapid.SampledFrom([]string{"a", "b", "a.b", "b.a", "a{}", "a.a.b", "c"}).Draw(t, "key")
		obj[key] = drawJSON(t, depth)
	}
	return obj
}

// TestLookUp: one field looked up in a pending event is what full extraction gives.
func TestLookUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ev := drawObject(t, 3)
		var types map[string]string
		if rapid.Bool().Draw(t, "typed") {
			types = map[string]string{"b": "multivalue"}
		}
		in := native.Input{Tables: []native.Table{{Rows: []native.Row{ev}, Types: types}}}
		r := &run{p: &program{}, in: in, on: resolve(in)}
		full := r.load(0)[0]
		full.materialise()
		names := append(full.names(), "a", "b", "a.b", "a.b.a", "b.a.b", "a{}", "a{}{}", "a.a.b", "nope", "_time")
		for _, n := range names {
			if got := r.load(0)[0].get(n); !reflect.DeepEqual(got, full.f[n]) {
				t.Fatalf("%s of %v: %v, extraction gives %v", n, ev, got, full.f[n])
			}
		}
	})
}
