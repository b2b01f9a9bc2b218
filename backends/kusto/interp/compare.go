package interp

import (
	"cmp"
	"math"
	"strings"
)

// Comparisons of two non-null values. Numbers compare across their types. When one side is a string, the other is
// compared by its text; that is our reading of a case the service's documentation leaves open (doubt kusto-mixed-equality is not
// needed where columns are typed). Everything else of different types is unequal.

// equal reports whether two non-null values are equal (==).
func equal(a, b any) bool {
	switch x := a.(type) {
	case string:
		switch y := b.(type) {
		case string:
			return x == y
		}
		return mixedEqual(b, x)
	case int64:
		if y, ok := b.(int64); ok {
			return x == y
		}
	case bool:
		if y, ok := b.(bool); ok {
			return x == y
		}
	case datetime:
		if y, ok := b.(datetime); ok {
			return x == y
		}
	case timespan:
		if y, ok := b.(timespan); ok {
			return x == y
		}
	case guid:
		if y, ok := b.(guid); ok {
			return x == y
		}
	case []any, *bag:
		switch b.(type) {
		case []any, *bag:
			return sameDynamic(a, b)
		}
	}
	if y, ok := b.(string); ok {
		return mixedEqual(a, y)
	}
	if c, ok := compareNumbers(a, b); ok {
		return c == 0
	}
	return false
}

// mixedEqual compares a value that is no string with a text.
func mixedEqual(v any, s string) bool {
	switch v := v.(type) {
	case bool:
		return strings.EqualFold(text(v), s)
	case guid:
		return strings.EqualFold(string(v), s)
	case int64, float64, decimal:
		if t := text(v); t == s {
			return true
		}
		d, ok := parseDecimal(s)
		f, ok2 := toFloat(v)
		return ok && ok2 && d.float() == f
	case datetime:
		t := castTo(s, tDate)
		return t != nil && t == any(v)
	case timespan:
		t := castTo(s, tSpan)
		return t != nil && t == any(v)
	}
	return text(v) == s
}

// compareNumbers orders two numbers, or a number and a bool; ok is false for anything else. NaN is unordered: it gives 2.
func compareNumbers(a, b any) (int, bool) {
	if x, ok := a.(int64); ok {
		if y, ok := b.(int64); ok {
			return cmp.Compare(x, y), true
		}
	}
	if x, ok := a.(bool); ok {
		return compareNumbers(boolNumber(x), b)
	}
	if y, ok := b.(bool); ok {
		return compareNumbers(a, boolNumber(y))
	}
	dx, okx := a.(decimal)
	dy, oky := b.(decimal)
	if okx || oky {
		if !okx {
			if dx, okx = toDecimal(a); !okx {
				return 0, false
			}
		}
		if !oky {
			if dy, oky = toDecimal(b); !oky {
				return 0, false
			}
		}
		return dx.cmp(dy), true
	}
	x, okx := toFloat(a)
	y, oky := toFloat(b)
	if !okx || !oky {
		return 0, false
	}
	if math.IsNaN(x) || math.IsNaN(y) {
		return 2, true
	}
	return cmp.Compare(x, y), true
}

func boolNumber(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func toDecimal(v any) (decimal, bool) {
	switch v := v.(type) {
	case decimal:
		return v, true
	case int64:
		return decimalOf(v), true
	case float64:
		return decimalFromFloat(v)
	}
	return decimal{}, false
}

// compare orders two non-null values of one type for <, sort, min and max; strings by code points. ok is false when they
// have no order.
func compare(a, b any) (int, bool) {
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y), true
		}
	case datetime:
		if y, ok := b.(datetime); ok {
			return cmp.Compare(x, y), true
		}
	case timespan:
		if y, ok := b.(timespan); ok {
			return cmp.Compare(x, y), true
		}
	case guid:
		if y, ok := b.(guid); ok {
			return strings.Compare(string(x), string(y)), true
		}
	}
	return compareNumbers(a, b)
}

// sortCompare is a total order for sorting: NaN below other numbers, values without an order by their text.
func sortCompare(a, b any) int {
	c, ok := compare(a, b)
	if ok && c != 2 {
		return c
	}
	if ok {
		x, _ := toFloat(a)
		y, _ := toFloat(b)
		return cmp.Compare(x, y) // cmp puts NaN first
	}
	return strings.Compare(text(a), text(b))
}

// sameDynamic is deep equality; bags have no order.
func sameDynamic(a, b any) bool {
	switch x := a.(type) {
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !sameDynamic(x[i], y[i]) {
				return false
			}
		}
		return true
	case *bag:
		y, ok := b.(*bag)
		if !ok || len(x.vals) != len(y.vals) {
			return false
		}
		for k, v := range x.vals {
			w, ok := y.vals[k]
			if !ok || !sameDynamic(v, w) {
				return false
			}
		}
		return true
	case nil:
		return b == nil
	}
	if b == nil {
		return false
	}
	if _, isStr := a.(string); isStr {
		return a == b
	}
	if _, isStr := b.(string); isStr {
		return false
	}
	return equal(a, b)
}

// key writes a value so that two values have the same key when grouping, joining and distinct take them for equal.
func key(v any) string {
	switch v := v.(type) {
	case nil:
		return "n"
	case string:
		return "s" + v
	case int64:
		return "l" + text(v)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return "l" + text(int64(v))
		}
		return "r" + text(v)
	case decimal:
		t := v.trim()
		if t.scale == 0 {
			return "l" + t.String()
		}
		return "r" + t.String()
	case *bag:
		return "d" + canonicalJSON(v)
	case []any:
		return "d" + canonicalJSON(v)
	}
	return string(rune('A'+typeOf(v))) + text(v)
}
