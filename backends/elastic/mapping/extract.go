package mapping

import (
	"github.com/onerule/onerule/backends/native"
)

// Values returns the indexed values of a field in a document, in the order of the document. An unmapped field has none.
func (m *Mapping) Values(row native.Row, name string) []Value {
	f, ok := m.Lookup(name)
	if !ok {
		return nil
	}
	values, _ := f.Read(row)
	return values
}

// Read returns the indexed values of the field in a document, and how many values the field's type cannot hold. Strings
// over ignore_above are left out without being counted.
func (f *Field) Read(row native.Row) (values []Value, malformed int) {
	if f.constant != "" {
		return []Value{f.constant}, 0
	}
	add := func(raw any) {
		if raw == nil {
			if f.null == nil {
				return
			}
			raw = f.null
		}
		v, ok, err := f.convert(raw)
		switch {
		case err != nil:
			malformed++
		case ok:
			values = append(values, v)
		}
	}
	if f.Type == "flattened" {
		collect(row, f.Path, func(raw any) { flatten(raw, "", f.key, add) })
		return values, malformed
	}
	collect(row, f.Path, add)
	return values, malformed
}

// collect calls add for each leaf value at a dotted path: nested objects and dotted keys are the same, arrays flatten.
func collect(v any, path string, add func(any)) {
	if path == "" {
		if list, ok := v.([]any); ok {
			for _, e := range list {
				collect(e, "", add)
			}
			return
		}
		add(v)
		return
	}
	switch v := v.(type) {
	case map[string]any:
		if sub, ok := v[path]; ok {
			collect(sub, "", add)
		}
		for i := 0; i < len(path); i++ {
			if path[i] != '.' {
				continue
			}
			if sub, ok := v[path[:i]]; ok {
				collect(sub, path[i+1:], add)
			}
		}
	case []any:
		for _, e := range v {
			collect(e, path, add)
		}
	}
}

// flatten calls add for each leaf of a flattened object whose dotted key is want, or for all leaves if want is "".
func flatten(v any, key, want string, add func(any)) {
	switch v := v.(type) {
	case map[string]any:
		for _, k := range sortedKeys(v) {
			sub := k
			if key != "" {
				sub = key + "." + k
			}
			flatten(v[k], sub, want, add)
		}
	case []any:
		for _, e := range v {
			flatten(e, key, want, add)
		}
	case nil:
	default:
		if want == "" || key == want {
			add(v)
		}
	}
}

// NestedObjects returns the objects at a nested path of a document, each as a document of its own with the same full
// field names, so that [Field.Read] reads the values of one object only.
func NestedObjects(row native.Row, path string) []native.Row {
	var out []native.Row
	collect(row, path, func(v any) {
		if object, ok := v.(map[string]any); ok {
			out = append(out, native.Row{path: object})
		}
	})
	return out
}
