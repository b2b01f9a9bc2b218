package mapping

import (
	"cmp"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/elastic/lucene"
)

// Mapping is the mapping of one index. After [New] and [Mapping.Infer] it does not change and may be shared.
type Mapping struct {
	fields map[string]*Field
}

// Lookup returns the field of that full name: a leaf, a multi-field, an alias (as the field it stands for), a key of a
// flattened field, or an object that holds fields.
func (m *Mapping) Lookup(name string) (*Field, bool) {
	if f, ok := m.fields[name]; ok {
		return f, true
	}
	for i := len(name) - 1; i > 0; i-- {
		if name[i] != '.' {
			continue
		}
		root, ok := m.fields[name[:i]]
		if !ok {
			continue
		}
		if root.Type != "flattened" || root.key != "" || i == len(name)-1 {
			return nil, false
		}
		key := *root
		key.Name, key.key = name, name[i+1:]
		return &key, true
	}
	return nil, false
}

// Fields returns the leaves whose names fit a pattern with `*`, by name; multi-fields and aliases are among them. "*" is
// all of them.
func (m *Mapping) Fields(pattern string) []*Field {
	w := lucene.CompileLike(strings.ReplaceAll(pattern, "?", "\x00"), false)
	var out []*Field
	for name, f := range m.fields {
		if f.IsLeaf() && w.Match(strings.ReplaceAll(name, "?", "\x00")) {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b *Field) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// KeywordSubfield returns the field itself if it is of the keyword family, else the multi-field of it that is, by name.
func (m *Mapping) KeywordSubfield(name string) (*Field, bool) {
	f, ok := m.Lookup(name)
	if !ok {
		return nil, false
	}
	if f.family == Keyword {
		return f, true
	}
	for _, sub := range m.Fields(f.Name + ".*") {
		if sub.multi && sub.Path == f.Path && sub.family == Keyword {
			return sub, true
		}
	}
	return nil, false
}

// Children returns the leaves below an object, multi-fields left out.
func (m *Mapping) Children(object string) []*Field {
	var out []*Field
	for name, f := range m.fields {
		if f.IsLeaf() && !f.multi && strings.HasPrefix(name, object+".") {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b *Field) int { return cmp.Compare(a.Name, b.Name) })
	return out
}
