package schema

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:generate go run github.com/onerule/onerule/internal/gen/bindings

// The index is written by internal/gen/bindings from bindings/*/*.yaml: one line a binding, sorted, "name<TAB>platform<TAB>
// source<TAB>JSON<TAB>JSON of its samples", so that a process reads only the bindings that it uses, and no YAML.
//
//go:embed zz_bindings.txt
var bindingsText string

type bindingHead struct {
	name, platform, source string
	load                   func() (*Binding, error)
}

var bindingHeads = sync.OnceValue(func() []bindingHead {
	var heads []bindingHead
	for line := range strings.Lines(bindingsText) {
		var h bindingHead
		var body string
		h.name, body, _ = strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		h.platform, body, _ = strings.Cut(body, "\t")
		h.source, body, _ = strings.Cut(body, "\t")
		h.load = sync.OnceValues(func() (*Binding, error) { return decodeBinding(h.name, body) })
		heads = append(heads, h)
	}
	return heads
})

func decodeBinding(name, body string) (*Binding, error) {
	var b Binding
	body, text, _ := strings.Cut(body, "\t")
	if err := json.Unmarshal([]byte(body), &b); err != nil {
		return nil, fmt.Errorf("schema: binding %s: %w", name, err)
	}
	pairs := &samples{text: text}
	for i := range b.Classes {
		b.Classes[i].samples = pairs
	}
	return &b, nil
}

// IndexLine returns the line of a binding in the generated index.
func IndexLine(b *Binding) (string, error) {
	pairs := map[string][]Sample{}
	for i := range b.Classes {
		pairs[b.Classes[i].Class] = b.Classes[i].Samples()
	}
	line := []string{b.Name, b.Platform, b.Source}
	for _, x := range []any{b, pairs} {
		var text strings.Builder
		enc := json.NewEncoder(&text)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(x); err != nil {
			return "", err
		}
		line = append(line, strings.TrimSuffix(text.String(), "\n"))
	}
	return strings.Join(line, "\t") + "\n", nil
}

// BindingNames returns the names of all bindings, sorted.
func BindingNames() []string {
	var out []string
	for _, h := range bindingHeads() {
		out = append(out, h.name)
	}
	return out
}

// LookupBinding returns the binding of that name. An error is a fault of the embedded data.
func LookupBinding(name string) (*Binding, bool, error) {
	for _, h := range bindingHeads() {
		if h.name == name {
			b, err := h.load()
			return b, err == nil, err
		}
	}
	return nil, false, nil
}

// Bindings returns the bindings of a platform for a source, default ones first, then by name.
func Bindings(platform, source string) ([]*Binding, error) {
	var out []*Binding
	for _, h := range bindingHeads() {
		if h.platform != platform || h.source != source {
			continue
		}
		b, err := h.load()
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	slices.SortStableFunc(out, func(a, b *Binding) int {
		switch {
		case a.Default && !b.Default:
			return -1
		case b.Default && !a.Default:
			return 1
		}
		return 0
	})
	return out, nil
}

// rawPlatform is the platform of bindings that describe events as their maker ships them, before any platform stores them:
// they serve as input, no query is written for them.
const rawPlatform = "raw"
