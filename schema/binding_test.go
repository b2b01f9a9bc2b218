package schema

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestBindings checks every binding: it loads, names known sources and classes, and its hand-written samples agree with
// the map in both directions.
func TestBindings(t *testing.T) {
	names := BindingNames()
	if len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Fatalf("two bindings have one name: %v", names)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			b, ok, err := LookupBinding(name)
			if !ok {
				t.Fatal(err)
			}
			if b.Name != name {
				t.Fatalf("the head of the file says %q, the binding %q", name, b.Name)
			}
			src, ok := LookupSource(b.Source)
			if !ok {
				t.Fatalf("unknown source %q", b.Source)
			}
			for _, c := range b.Classes {
				if !slices.Contains(src.Classes, c.Class) {
					t.Errorf("source %s has no class %s", b.Source, c.Class)
				}
				if len(c.Samples()) == 0 {
					t.Errorf("%s: no sample pair", c.Class)
				}
				for i, s := range c.Samples() {
					checkSample(t, b, c, i, s)
				}
			}
		})
	}
}

func checkSample(t *testing.T, b *Binding, c BoundClass, i int, s Sample) {
	t.Helper()
	native := reJSON(t, s.Native)
	want := reJSON(t, s.Canonical)
	e, ok := b.ToCanonical("s", native)
	if !ok || e.Class != c.Class {
		t.Errorf("%s sample %d: selected as %q", c.Class, i, e.Class)
		return
	}
	if e.Millis == 0 {
		t.Errorf("%s sample %d: no time at %s", c.Class, i, b.Time.Path)
	}
	got := reJSON(t, e.Object)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s sample %d: canonical\n got %v\nwant %v", c.Class, i, mustJSON(t, got), mustJSON(t, want))
	}
	back, err := b.ToNative(Event{Class: c.Class, Millis: e.Millis, Object: want})
	if err != nil {
		t.Errorf("%s sample %d: %v", c.Class, i, err)
		return
	}
	again, ok := b.ToCanonical("s", reJSON(t, back))
	if !ok || again.Millis != e.Millis || !reflect.DeepEqual(reJSON(t, again.Object), want) {
		t.Errorf("%s sample %d: round trip\n got %v\nwant %v", c.Class, i, mustJSON(t, again.Object), mustJSON(t, want))
	}
}

func reJSON(t *testing.T, x map[string]any) map[string]any {
	t.Helper()
	var out map[string]any
	dec := json.NewDecoder(strings.NewReader(mustJSON(t, x)))
	dec.UseNumber()
	if err := dec.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func mustJSON(t *testing.T, x any) string {
	t.Helper()
	data, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
