package interp

import (
	"math"
	"slices"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// A value is one of: nil (the null of its type), bool, int64 (int and long), float64, decimal, string, datetime, timespan,
// guid, and, inside dynamic, also []any and *bag. A value whose static type is string is never nil: string has no null
// (scalar-data-types/null-values).

// datetime counts ticks since 0001-01-01 UTC.
type datetime int64

// timespan counts ticks.
type timespan int64

// guid is in lower case with hyphens.
type guid string

// Short names of the static types.
const (
	tNone = syntax.NoType
	tBool = syntax.TypeBool
	tInt  = syntax.TypeInt
	tLong = syntax.TypeLong
	tReal = syntax.TypeReal
	tDec  = syntax.TypeDecimal
	tStr  = syntax.TypeString
	tDate = syntax.TypeDatetime
	tSpan = syntax.TypeTimespan
	tGUID = syntax.TypeGUID
	tDyn  = syntax.TypeDynamic
)

// bag is a property bag. Kusto's bags have no order; ours keep the order of insertion, so that results are stable.
type bag struct {
	keys []string
	vals map[string]any
}

func newBag() *bag { return &bag{vals: map[string]any{}} }

// set adds or replaces a property.
func (b *bag) set(key string, v any) {
	if _, ok := b.vals[key]; !ok {
		b.keys = append(b.keys, key)
	}
	b.vals[key] = v
}

func (b *bag) clone() *bag {
	c := &bag{keys: slices.Clone(b.keys), vals: make(map[string]any, len(b.vals))}
	for k, v := range b.vals {
		c.vals[k] = v
	}
	return c
}

// typeOf is the type of a value inside dynamic.
func typeOf(v any) syntax.Type {
	switch v.(type) {
	case bool:
		return tBool
	case int64:
		return tLong
	case float64:
		return tReal
	case decimal:
		return tDec
	case string:
		return tStr
	case datetime:
		return tDate
	case timespan:
		return tSpan
	case guid:
		return tGUID
	case []any, *bag:
		return tDyn
	}
	return tNone
}

// fix makes a value fit a static type: the null of string is "".
func fix(v any, t syntax.Type) any {
	if v == nil && t == tStr {
		return ""
	}
	return v
}

// isNumeric reports whether a type is a number.
func isNumeric(t syntax.Type) bool { return t == tInt || t == tLong || t == tReal || t == tDec }

func isInteger(t syntax.Type) bool { return t == tInt || t == tLong }

// toFloat gives the real of a number; ok is false for anything else.
func toFloat(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case decimal:
		return v.float(), true
	}
	return math.NaN(), false
}

// finite turns a result that is not a number into null where the language has no such value.
func inRange(ticks float64) bool { return ticks > -9.3e18 && ticks < 9.2e18 }

// makeDate gives a datetime, or null outside the years 1 to 9999.
func makeDate(ticks int64) any {
	if ticks < 0 || ticks > syntax.MaxTicks {
		return nil
	}
	return datetime(ticks)
}
