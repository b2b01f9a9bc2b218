package interp

import (
	"cmp"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// A cell is nil (null), one value, or an [mv] of two or more. The Go type of a value follows from the type of its column:
// bool, int64 (integer, long, date in milliseconds, date_nanos), uint64, float64, string (keyword, text, version, spatial
// text), netip.Addr, period, duration, and native.Row for _source.

// mv is a multivalue; it has at least two values.
type mv []any

// period is a calendar amount.
type period struct{ months, days int64 }

// duration is an amount of milliseconds.
type duration int64

// collect makes a cell of some values.
func collect(vs []any) any {
	switch len(vs) {
	case 0:
		return nil
	case 1:
		return vs[0]
	}
	return mv(vs)
}

// each calls f for the values of a cell.
func each(cell any, f func(v any)) {
	switch c := cell.(type) {
	case nil:
	case mv:
		for _, v := range c {
			f(v)
		}
	default:
		f(c)
	}
}

// list is the values of a cell as a slice that the caller must not change.
func list(cell any) []any {
	switch c := cell.(type) {
	case nil:
		return nil
	case mv:
		return c
	}
	return []any{cell}
}

func count(cell any) int {
	switch c := cell.(type) {
	case nil:
		return 0
	case mv:
		return len(c)
	}
	return 1
}

// compareValues orders two values of one type: numbers by size, strings by UTF-8 bytes, addresses as 16 bytes, versions
// as the version field orders them, false before true.
func compareValues(t typ, a, b any) int {
	switch t {
	case tBool:
		x, y := a.(bool), b.(bool)
		switch {
		case x == y:
			return 0
		case y:
			return -1
		}
		return 1
	case tInt, tLong, tDate, tNanos:
		return cmp.Compare(a.(int64), b.(int64))
	case tULong:
		return cmp.Compare(a.(uint64), b.(uint64))
	case tDouble:
		return compareDoubles(a.(float64), b.(float64))
	case tIP:
		x, y := a.(netip.Addr).As16(), b.(netip.Addr).As16()
		return slices.Compare(x[:], y[:])
	case tVersion:
		return compareVersions(a.(string), b.(string))
	case tKeyword, tText, tGeoPoint, tGeoShape, tCartPoint, tCartShape:
		return strings.Compare(a.(string), b.(string))
	case tDuration:
		return cmp.Compare(a.(duration), b.(duration))
	case tPeriod:
		x, y := a.(period), b.(period)
		return cmp.Or(cmp.Compare(x.months, y.months), cmp.Compare(x.days, y.days))
	case tErr, tNull, tSource, tUnsupported:
	}
	return 0
}

// compareDoubles orders as Java's Double.compare: -0.0 before 0.0, NaN last.
func compareDoubles(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b && a != 0:
		return 0
	case math.IsNaN(a) || math.IsNaN(b):
		return cmp.Compare(boolInt(math.IsNaN(a)), boolInt(math.IsNaN(b)))
	}
	return cmp.Compare(boolInt(math.Signbit(b)), boolInt(math.Signbit(a)))
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func toFloat(v any) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case uint64:
		return float64(v)
	case float64:
		return v
	}
	return math.NaN()
}

// widen turns values of type from into values of type to, where common allows it; nil means that nothing changes.
func widen(from, to typ) func(v any) any {
	switch {
	case from == to || from == tNull:
		return nil
	case to == tDouble && numbers.has(from):
		return func(v any) any { return toFloat(v) }
	case to == tULong && wholes.has(from):
		return func(v any) any {
			if n := v.(int64); n >= 0 {
				return uint64(n)
			}
			return nil
		}
	case to == tNanos && from == tDate:
		return func(v any) any { return v.(int64) * 1_000_000 }
	}
	return nil
}

// mapCell applies f to each value; values that become nil vanish.
func mapCell(cell any, f func(v any) any) any {
	switch c := cell.(type) {
	case nil:
		return nil
	case mv:
		out := make([]any, 0, len(c))
		for _, v := range c {
			if w := f(v); w != nil {
				out = append(out, w)
			}
		}
		return collect(out)
	}
	return f(cell)
}

// keyOf writes a cell as text such that two cells of one type have the same key exactly when they are equal.
func keyOf(b []byte, cell any) []byte {
	switch v := cell.(type) {
	case nil:
		return append(b, 'n')
	case bool:
		return strconv.AppendBool(append(b, 'b'), v)
	case int64:
		return append(strconv.AppendInt(append(b, 'i'), v, 36), ';')
	case uint64:
		return append(strconv.AppendUint(append(b, 'u'), v, 36), ';')
	case float64:
		if v == 0 {
			v = 0 // -0.0 and 0.0 are one group
		}
		return append(strconv.AppendUint(append(b, 'd'), math.Float64bits(v), 36), ';')
	case string:
		b = append(strconv.AppendInt(append(b, 's'), int64(len(v)), 36), ':')
		return append(b, v...)
	case netip.Addr:
		a := v.As16()
		return append(append(b, 'a'), a[:]...)
	case mv:
		b = append(strconv.AppendInt(append(b, 'm'), int64(len(v)), 36), ':')
		for _, x := range v {
			b = keyOf(b, x)
		}
		return b
	case period:
		return keyOf(keyOf(append(b, 'p'), v.months), v.days)
	case duration:
		return keyOf(append(b, 't'), int64(v))
	}
	return append(b, '?')
}
