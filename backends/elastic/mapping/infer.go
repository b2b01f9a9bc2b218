package mapping

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/native"
)

// inferredIgnoreAbove is ignore_above of the strings that the ECS dynamic templates map.
const inferredIgnoreAbove = 1024

// guess is what the values of an unmapped field have in common.
type guess struct{ text, whole, real, boolean bool }

// Infer returns the mapping with the fields added that the documents have and the mapping lacks.
func (m *Mapping) Infer(rows []native.Row) *Mapping {
	guesses := map[string]*guess{}
	for _, row := range rows {
		m.observe(guesses, "", row)
	}
	if len(guesses) == 0 {
		return m
	}
	out := &Mapping{fields: maps.Clone(m.fields)}
	for _, name := range slices.Sorted(maps.Keys(guesses)) {
		if f := guesses[name].field(name); f != nil {
			out.fields[name] = f
		}
	}
	out.link()
	return out
}

// observe walks a document; a mapped leaf is left alone with all below it.
func (m *Mapping) observe(guesses map[string]*guess, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, sub := range v {
			name := k
			if path != "" {
				name = path + "." + k
			}
			if f, ok := m.fields[name]; ok && f.IsLeaf() {
				continue
			}
			m.observe(guesses, name, sub)
		}
		return
	case []any:
		for _, e := range v {
			m.observe(guesses, path, e)
		}
		return
	case nil:
		return
	}
	if _, ok := m.Lookup(path); ok || path == "" {
		return
	}
	g := guesses[path]
	if g == nil {
		g = &guess{}
		guesses[path] = g
	}
	switch v := v.(type) {
	case string:
		g.text = true
	case bool:
		g.boolean = true
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			g.real = true
		} else {
			g.whole = true
		}
	}
}

func (g *guess) field(name string) *Field {
	f := &Field{Name: name, Path: name, Inferred: true, ignoreAbove: -1, analyzer: "standard", coerce: true}
	switch {
	case name == "@timestamp":
		f.Type, f.formats = "date", defaultDateFormats
	case g.boolean && !g.text && !g.whole && !g.real:
		f.Type = "boolean"
	case g.text || g.boolean:
		f.Type, f.ignoreAbove = "keyword", inferredIgnoreAbove
	case g.real:
		f.Type = "float"
	case g.whole:
		f.Type = "long"
	default:
		return nil
	}
	f.family = families[f.Type]
	return f
}
