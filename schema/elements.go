package schema

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Objects returns the objects at the field's path: the elements of an array of objects, without the texts in them that the
// platform cannot tell from missing ones.
func (f NativeField) Objects(native map[string]any) []map[string]any {
	elems := f.objects(native)
	if !f.EmptyMissing {
		return elems
	}
	out := make([]map[string]any, len(elems))
	for i, o := range elems {
		out[i] = withoutEmpty(o)
	}
	return out
}

func withoutEmpty(o map[string]any) map[string]any {
	out := make(map[string]any, len(o))
	for k, x := range o {
		switch x := x.(type) {
		case map[string]any:
			out[k] = withoutEmpty(x)
		case string:
			if x != "" {
				out[k] = x
			}
		default:
			out[k] = x
		}
	}
	return out
}

func (f NativeField) objects(native map[string]any) []map[string]any {
	if !f.JSON {
		return ObjectElements(native, f.Path)
	}
	path := stripMarks(f.Path)
	column, _, _ := strings.Cut(path, ".")
	x := native[column]
	if text, ok := x.(string); ok {
		dec := json.NewDecoder(strings.NewReader(text))
		dec.UseNumber()
		if dec.Decode(&x) != nil {
			return nil
		}
	}
	return ObjectElements(map[string]any{column: x}, path)
}

// ElementField returns the native field that holds the objects of a canonical array which the class keeps together.
func (c *BoundClass) ElementField(path string) (NativeField, bool) {
	native, ok := c.Elements[path]
	f := NativeField{Path: native, Type: Keyword, Array: true}
	for i := range c.Mappings {
		if _, sub, is := c.Mappings[i].inElement(path, native); is && sub != "" {
			f.JSON, f.EmptyMissing = c.Mappings[i].Native.JSON, c.Mappings[i].Native.EmptyMissing
			break
		}
	}
	return f, ok
}

// inElement returns the canonical and the native path of a mapping inside the objects at the given paths; ok is false when
// it is no field of theirs.
func (m *Mapping) inElement(path, native string) (sub, nativeSub string, ok bool) {
	sub, ok = strings.CutPrefix(m.Field.Name, path+".")
	nativeSub, under := strings.CutPrefix(m.Native.Path, native+".")
	return sub, nativeSub, ok && under && m.Derive == "" && len(m.Values) == 0 && len(m.Rest) == 0
}

// canonicalElements returns the objects of each array that the class keeps together, with canonical sub-fields.
func (c *BoundClass) canonicalElements(native map[string]any) map[string][]map[string]any {
	var out map[string][]map[string]any
	for path := range c.Elements {
		f, _ := c.ElementField(path)
		for _, o := range f.Objects(native) {
			elem := map[string]any{}
			for i := range c.Mappings {
				m := &c.Mappings[i]
				sub, nativeSub, ok := m.inElement(path, f.Path)
				if !ok {
					continue
				}
				in := m.Native
				in.Path, in.JSON = nativeSub, false
				if vals := convertAll(m.Field.Type, in.values(o)); len(vals) > 0 {
					elem[sub] = jsonValues(vals, len(vals) > 1)
				}
			}
			if out == nil {
				out = map[string][]map[string]any{}
			}
			out[path] = append(out[path], elem)
		}
	}
	return out
}

// setElements writes the objects of the arrays that the class keeps together, from the event's elements or from objects
// that stand in it.
func (c *BoundClass) setElements(native map[string]any, e Event) {
	for _, path := range slices.Sorted(maps.Keys(c.Elements)) {
		elems, ok := e.Elements[path]
		if !ok {
			elems = ObjectElements(e.Object, path)
		}
		if len(elems) == 0 {
			continue
		}
		list := make([]any, len(elems))
		for k, elem := range elems {
			o := map[string]any{}
			for i := range c.Mappings {
				m := &c.Mappings[i]
				sub, nativeSub, ok := m.inElement(path, c.Elements[path])
				if !ok {
					continue
				}
				if vals := ObjectValues(elem, sub, m.Field.Type); len(vals) > 0 {
					if out, err := m.inverse(vals, nil); err == nil && len(out) > 0 {
						SetPath(o, nativeSub, out)
					}
				}
			}
			list[k] = o
		}
		NativeField{Path: c.Elements[path], Array: true}.Put(native, list)
	}
}
