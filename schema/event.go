package schema

import (
	"slices"
	"strings"
)

// Event is one event: an identity that no query reads, where it comes from, when it happened, and its JSON object
// (decoded with json.Number). The object of a canonical event uses catalogue names, the object of a native one the vendor's.
type Event struct {
	ID      string
	Source  string
	Class   string
	Binding string // "" for an event written in canonical form
	Millis  int64  // ms since the epoch, UTC; 0 when the event has no time that can be read
	Object  map[string]any
	// Elements holds, for a canonical event made from a native one, the objects of each array that the binding keeps together,
	// by canonical path; Object holds their values too, leaf by leaf. In an event written in canonical form they stand in Object.
	Elements map[string][]map[string]any
}

// Time returns the values of @timestamp: none when the event has no time that can be read.
func (e *Event) Time() []Value {
	if e.Millis == 0 {
		return nil
	}
	return []Value{DateMillis(e.Millis)}
}

// Objects returns the objects of an array of a canonical event.
func (e *Event) Objects(path string) []map[string]any {
	if elems, ok := e.Elements[path]; ok {
		return elems
	}
	return ObjectElements(e.Object, path)
}

// Values returns the values of a field: nested objects and dotted keys are the same, arrays flatten, null is nothing, and
// what does not convert to the type is left out. A path segment's [] is ignored here. Order is that of the event; duplicates stay.
func (e *Event) Values(path string, t Type) []Value { return ObjectValues(e.Object, path, t) }

// ObjectValues is [Event.Values] on an object.
func ObjectValues(obj map[string]any, path string, t Type) []Value {
	var out []Value
	for _, x := range ObjectLeaves(obj, path) {
		if v, ok := Convert(t, x); ok {
			out = append(out, v)
		}
	}
	return out
}

// ObjectLeaves returns the non-null scalars at a dotted path.
func ObjectLeaves(obj map[string]any, path string) []any {
	var out []any
	walkPath(obj, stripMarks(path), func(x any) { out = appendScalars(out, x) })
	return out
}

// ObjectElements returns the objects at a dotted path: the elements that `any x in f` ranges over when f is an array of objects.
func ObjectElements(obj map[string]any, path string) []map[string]any {
	var out []map[string]any
	var add func(x any)
	add = func(x any) {
		switch x := x.(type) {
		case map[string]any:
			out = append(out, x)
		case []any:
			for _, e := range x {
				add(e)
			}
		}
	}
	walkPath(obj, stripMarks(path), add)
	return out
}

func stripMarks(path string) string {
	if strings.Contains(path, "[]") {
		return strings.ReplaceAll(path, "[]", "")
	}
	return path
}

// walkPath calls f with everything that stands at the path, taking each prefix of the path as a key.
func walkPath(obj map[string]any, path string, f func(any)) {
	if x, ok := obj[path]; ok {
		f(x)
	}
	for i := 0; i < len(path); i++ {
		if path[i] != '.' {
			continue
		}
		x, ok := obj[path[:i]]
		if !ok {
			continue
		}
		walkInto(x, path[i+1:], f)
	}
}

func walkInto(x any, path string, f func(any)) {
	switch x := x.(type) {
	case map[string]any:
		walkPath(x, path, f)
	case []any:
		for _, e := range x {
			walkInto(e, path, f)
		}
	}
}

func appendScalars(out []any, x any) []any {
	switch x := x.(type) {
	case nil, map[string]any:
		return out
	case []any:
		for _, e := range x {
			out = appendScalars(out, e)
		}
		return out
	}
	return append(out, x)
}

// AllStrings calls f with every string value of the event, at any depth.
func (e *Event) AllStrings(f func(string)) { allStrings(e.Object, f) }

func allStrings(x any, f func(string)) {
	switch x := x.(type) {
	case string:
		f(x)
	case map[string]any:
		for _, v := range x {
			allStrings(v, f)
		}
	case []any:
		for _, v := range x {
			allStrings(v, f)
		}
	}
}

// SetPath puts a value at a dotted path of an object, making objects on the way. A segment that ends in [] is an array of
// objects (or, at the end, of scalars): several values spread over its elements by index.
func SetPath(obj map[string]any, path string, values []any) {
	setPath(obj, strings.Split(path, "."), values)
}

func setPath(obj map[string]any, segs []string, values []any) {
	seg, array := strings.CutSuffix(segs[0], "[]")
	if len(segs) == 1 {
		switch {
		case array || len(values) > 1:
			obj[seg] = values
		default:
			obj[seg] = values[0]
		}
		return
	}
	if !array {
		next, ok := obj[seg].(map[string]any)
		if !ok {
			next = map[string]any{}
			obj[seg] = next
		}
		setPath(next, segs[1:], values)
		return
	}
	list, _ := obj[seg].([]any)
	for i, v := range values {
		if i >= len(list) {
			list = append(list, map[string]any{})
		}
		next, ok := list[i].(map[string]any)
		if !ok {
			next = map[string]any{}
			list[i] = next
		}
		setPath(next, segs[1:], []any{v})
	}
	obj[seg] = list
}

// Read returns the values of a native field in a native event: dates in the field's own layout, JSON columns parsed, empty
// text left out where the platform cannot tell it from missing.
func (f NativeField) Read(native map[string]any) []Value { return f.values(native) }

// Spells reports whether a text is in the one spelling that the field's values have.
func (s Spelling) Spells(text string) bool {
	return s.Lower && text == strings.ToLower(text) || slices.Contains(s.Fixed, text)
}

// Put writes values of the field into a native event; a field that may hold several values is written as an array.
func (f NativeField) Put(native map[string]any, values []any) {
	path := f.Path
	if f.Array && !strings.Contains(path, "[]") {
		path += "[]"
	}
	SetPath(native, path, values)
}
