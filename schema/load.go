package schema

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
)

// The folder of a binding file is its platform; the index of names is built from one cheap scan of the head of each file,
// so that a process parses only the bindings that it uses.
type bindingHead struct {
	file, name, platform, source string
	load                         func() (*Binding, error)
}

var bindingHeads = sync.OnceValue(func() []bindingHead {
	var heads []bindingHead
	err := fs.WalkDir(bindingFiles, "bindings", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(p) != ".yaml" {
			return err
		}
		data, err := bindingFiles.ReadFile(p)
		if err != nil {
			return err
		}
		h := bindingHead{file: p, load: sync.OnceValues(func() (*Binding, error) { return ParseBinding(p, data) })}
		text := string(data)
		h.name, h.platform, h.source = headValue(text, "binding"), headValue(text, "platform"), headValue(text, "source")
		heads = append(heads, h)
		return nil
	})
	if err != nil {
		panic(fmt.Sprintf("schema/bindings: %v", err)) // embedded data, checked by tests
	}
	slices.SortFunc(heads, func(a, b bindingHead) int { return compareString(a.name, b.name) })
	return heads
})

// headValue returns the value of a top-level `key: value` line.
func headValue(text, key string) string {
	for line := range strings.Lines(text) {
		if v, ok := strings.CutPrefix(line, key+":"); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
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

// Detect returns the bindings that select a native event, by name. An event that a platform stores is not taken for the
// raw one inside of it, and general bindings count only when no other selects the event. One binding is an answer, more are
// an ambiguity that the caller reports.
func Detect(native map[string]any) ([]*Binding, error) {
	var found [4][]*Binding
	for _, h := range bindingHeads() {
		b, err := h.load()
		if err != nil {
			return nil, err
		}
		if _, ok := b.Select(native); !ok {
			continue
		}
		rank := 0
		if b.Platform == rawPlatform {
			rank++
		}
		if b.General {
			rank += 2
		}
		found[rank] = append(found[rank], b)
	}
	for _, bs := range found {
		if len(bs) > 0 {
			return bs, nil
		}
	}
	return nil, nil
}

// rawPlatform is the platform of bindings that describe events as their maker ships them, before any platform stores them:
// they serve as input, no query is written for them.
const rawPlatform = "raw"
