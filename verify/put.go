package verify

import (
	"encoding/json"
	"maps"
	"strings"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// timeField is the canonical field of the event's time, which stands beside the event's object.
const timeField = "@timestamp"

// put returns the event with other values in a field, none for missing. The event itself is not edited.
func put(e schema.Event, f *ir.Field, vals []any) schema.Event {
	if f.Native == nil {
		return putCanonical(e, f, vals)
	}
	e.Object = without(e.Object, f.Native.Path)
	if len(vals) == 0 {
		return e
	}
	if f.Native.JSON {
		return putJSON(e, *f.Native, vals)
	}
	f.Native.Put(e.Object, vals)
	return e
}

// putCanonical sets a field of a canonical event, whose object is flat.
func putCanonical(e schema.Event, f *ir.Field, vals []any) schema.Event {
	if f.Name == timeField {
		if len(vals) > 0 {
			if v, ok := schema.Convert(schema.Date, vals[0]); ok {
				e.Millis = v.Millis()
			}
		}
		return e
	}
	e.Object = maps.Clone(e.Object)
	switch {
	case len(vals) == 0:
		delete(e.Object, f.Name)
	case f.Array:
		e.Object[f.Name] = vals
	default:
		e.Object[f.Name] = vals[0]
	}
	return e
}

// putJSON sets a field inside a column that holds JSON as text.
func putJSON(e schema.Event, f schema.NativeField, vals []any) schema.Event {
	column, _, _ := strings.Cut(strings.ReplaceAll(f.Path, "[]", ""), ".")
	if text, is := e.Object[column].(string); is {
		var parsed map[string]any
		if json.Unmarshal([]byte(text), &parsed) != nil || parsed == nil {
			parsed = map[string]any{}
		}
		e.Object[column] = without(parsed, strings.TrimPrefix(f.Path, column+"."))
	}
	f.Put(e.Object, vals)
	e.Object[column] = jsonText(e.Object[column])
	return e
}

// without returns an object without what stands at a path; what is left is a copy as far as the path goes.
func without(obj map[string]any, path string) map[string]any {
	out := maps.Clone(obj)
	segs := strings.Split(strings.ReplaceAll(path, "[]", ""), ".")
	for i := range segs {
		key := strings.Join(segs[:i+1], ".")
		x, ok := out[key]
		switch {
		case !ok:
		case i == len(segs)-1:
			delete(out, key)
		default:
			out[key] = cloneValue(x)
			removePath(out[key], segs[i+1:])
		}
	}
	return out
}

func removePath(x any, segs []string) {
	switch x := x.(type) {
	case map[string]any:
		for i := range segs {
			key := strings.Join(segs[:i+1], ".")
			if i == len(segs)-1 {
				delete(x, key)
			} else {
				removePath(x[key], segs[i+1:])
			}
		}
	case []any:
		for _, e := range x {
			removePath(e, segs)
		}
	}
}

func clone(obj map[string]any) map[string]any {
	out := make(map[string]any, len(obj))
	for k, v := range obj {
		out[k] = cloneValue(v)
	}
	return out
}

func cloneValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return clone(v)
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = cloneValue(x)
		}
		return out
	}
	return v
}

// valuesOf returns the values of a field in an event, as the evaluator reads them.
func valuesOf(f *ir.Field, e schema.Event) []schema.Value {
	switch {
	case f.Native != nil:
		return f.Native.Read(e.Object)
	case f.Name == timeField:
		return e.Time()
	}
	return e.Values(f.Name, f.Type)
}

// jsonOf returns a value as an event carries it in the field: native dates have a layout of their own.
func jsonOf(f *ir.Field, v schema.Value) any {
	if f.Native != nil && f.Native.Layout != "" && v.Type() == schema.Date {
		return v.Time().Format(f.Native.Layout)
	}
	return v.JSON()
}

func jsonAll(f *ir.Field, vals []schema.Value) []any {
	out := make([]any, len(vals))
	for i, v := range vals {
		out[i] = jsonOf(f, v)
	}
	return out
}
