package schema

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSelector: a selector of all bindings answers as each of them, on the samples of all classes, on samples with the fields
// of others, and with values left out.
func TestSelector(t *testing.T) {
	var bindings []*Binding
	var samples []map[string]any
	for _, name := range BindingNames() {
		b, _, err := LookupBinding(name)
		if err != nil {
			t.Fatal(err)
		}
		bindings = append(bindings, b)
		for i := range b.Classes {
			for _, s := range b.Classes[i].Samples() {
				samples = append(samples, s.Native)
			}
		}
	}
	s := NewSelector(bindings)
	rnd := rand.New(rand.NewPCG(1, 2))
	selected := 0
	for i := range 4 * len(samples) {
		native := maps.Clone(samples[i%len(samples)])
		keys := slices.Sorted(maps.Keys(native))
		switch i / len(samples) {
		case 1:
			delete(native, keys[rnd.IntN(len(keys))])
		case 2:
			maps.Copy(native, samples[rnd.IntN(len(samples))])
		case 3:
			native[keys[rnd.IntN(len(keys))]] = nil
		}
		var want []Selected
		for _, b := range bindings {
			if c, ok := b.Select(native); ok {
				want = append(want, Selected{b, c})
			}
		}
		selected += len(want)
		if got := s.Select(native); !slices.Equal(got, want) {
			t.Fatalf("%v\nselected by %v\nwant        %v", native, got, want)
		}
	}
	if selected < len(samples) {
		t.Errorf("only %d selections in %d samples", selected, len(samples))
	}
}

func BenchmarkSelector(b *testing.B) {
	var bindings []*Binding
	for _, name := range BindingNames() {
		x, _, err := LookupBinding(name)
		if err != nil {
			b.Fatal(err)
		}
		bindings = append(bindings, x)
	}
	native := bindings[0].Classes[0].Samples()[0].Native
	s := NewSelector(bindings)
	b.ReportAllocs()
	for b.Loop() {
		s.Select(native)
	}
}
