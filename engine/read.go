package engine

import (
	"math"

	"github.com/onerule/onerule/schema"
)

// read appends the values of a field at a dotted path of an object: nested objects and dotted keys are the same, arrays
// flatten, null is nothing, what does not convert is left out.
func read(dst []schema.Value, obj map[string]any, path string, t schema.Type) []schema.Value {
	if x, ok := obj[path]; ok {
		dst = scalars(dst, x, t)
	}
	for i := 0; i < len(path); i++ {
		if path[i] != '.' {
			continue
		}
		if x, ok := obj[path[:i]]; ok {
			dst = readInto(dst, x, path[i+1:], t)
		}
	}
	return dst
}

func readInto(dst []schema.Value, x any, path string, t schema.Type) []schema.Value {
	switch x := x.(type) {
	case map[string]any:
		return read(dst, x, path, t)
	case []any:
		for _, e := range x {
			dst = readInto(dst, e, path, t)
		}
	}
	return dst
}

func scalars(dst []schema.Value, x any, t schema.Type) []schema.Value {
	switch x := x.(type) {
	case nil, map[string]any:
		return dst
	case []any:
		for _, e := range x {
			dst = scalars(dst, e, t)
		}
		return dst
	}
	if v, ok := schema.Convert(t, x); ok {
		dst = append(dst, v)
	}
	return dst
}

// distinct removes repeats, and doubles that are no numbers, of the values from start on.
func distinct(vs []schema.Value, start int) []schema.Value {
	n := start
next:
	for _, v := range vs[start:] {
		if v.Type() == schema.Double {
			f := v.Float64()
			if math.IsNaN(f) || math.IsInf(f, 0) {
				continue
			}
			v = schema.Float(f + 0) // −0 is 0
		}
		for _, w := range vs[start:n] {
			if v == w {
				continue next
			}
		}
		vs[n] = v
		n++
	}
	return vs[:n]
}
