package mapping

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Value is one indexed value. By family it is: a string (Keyword, Text), an int64 or for unsigned_long a uint64 (Whole), a
// float64 rounded to the type's precision (Real), a bool (Boolean), a time.Time in UTC (Date, to the millisecond, for
// date_nanos to the nanosecond), a netip.Addr without zone, v4-mapped addresses as v4 (IP). For Opaque it is the JSON.
type Value any

var errMalformed = errors.New("the value does not fit the type of the field")

// convert turns a JSON scalar into an indexed value; ok is false where nothing is indexed.
func (f *Field) convert(raw any) (v Value, ok bool, err error) {
	switch f.family {
	case Keyword, Text:
		return f.convertString(raw)
	case Whole:
		return f.convertWhole(raw)
	case Real:
		return f.convertReal(raw)
	case Boolean:
		switch raw {
		case true, "true":
			return true, true, nil
		case false, "false", "":
			return false, true, nil
		}
		return nil, false, errMalformed
	case Date:
		s, ok := scalarText(raw)
		if _, isBool := raw.(bool); !ok || isBool {
			return nil, false, errMalformed
		}
		t, err := f.ParseDate(s, DateOptions{})
		if err != nil {
			return nil, false, errMalformed
		}
		return t, true, nil
	case IP:
		s, ok := raw.(string)
		if !ok {
			return nil, false, errMalformed
		}
		a, err := ParseIP(s)
		if err != nil {
			return nil, false, errMalformed
		}
		return a, true, nil
	case Opaque:
		return raw, true, nil
	case Object:
	}
	return nil, false, errMalformed
}

func (f *Field) convertString(raw any) (Value, bool, error) {
	s, ok := scalarText(raw)
	if !ok {
		return nil, false, errMalformed
	}
	if f.ignoreAbove >= 0 && utf16Length(s) > f.ignoreAbove {
		return nil, false, nil
	}
	return f.Normalize(s), true, nil
}

// scalarText is the text that Elasticsearch indexes for a scalar in a string field: numbers as they are written.
func scalarText(raw any) (string, bool) {
	switch raw := raw.(type) {
	case string:
		return raw, true
	case json.Number:
		return raw.String(), true
	case bool:
		return strconv.FormatBool(raw), true
	}
	return "", false
}

func utf16Length(s string) int {
	n := 0
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}

// numberText returns the digits of a JSON number or of a string, which coercion accepts; ok is false for "".
func (f *Field) numberText(raw any) (s string, ok bool, err error) {
	switch raw := raw.(type) {
	case json.Number:
		return raw.String(), true, nil
	case string:
		if !f.coerce {
			return "", false, errMalformed
		}
		return raw, raw != "", nil
	}
	return "", false, errMalformed
}

func (f *Field) convertWhole(raw any) (Value, bool, error) {
	s, ok, err := f.numberText(raw)
	if err != nil || !ok {
		return nil, false, err
	}
	n, err := ParseDecimal(s)
	if err != nil || !f.coerce && !n.IsWhole() {
		return nil, false, errMalformed
	}
	if f.Type == "unsigned_long" {
		u, ok := n.uint64()
		if !ok || !n.IsWhole() {
			return nil, false, errMalformed
		}
		return u, true, nil
	}
	i, ok := n.int64()
	lo, hi := f.wholeRange()
	if !ok || i < lo || i > hi {
		return nil, false, errMalformed
	}
	return i, true, nil
}

// wholeRange returns the least and the greatest value of a signed type.
func (f *Field) wholeRange() (lo, hi int64) {
	switch f.Type {
	case "byte":
		return math.MinInt8, math.MaxInt8
	case "short":
		return math.MinInt16, math.MaxInt16
	case "integer", "token_count":
		return math.MinInt32, math.MaxInt32
	}
	return math.MinInt64, math.MaxInt64
}

func (f *Field) convertReal(raw any) (Value, bool, error) {
	s, ok, err := f.numberText(raw)
	if err != nil || !ok {
		return nil, false, err
	}
	v, ok := f.real(s)
	if !ok {
		return nil, false, errMalformed
	}
	return v, true, nil
}

// real reads a number with the precision of the field; infinite values are refused.
func (f *Field) real(s string) (float64, bool) {
	n, err := ParseDecimal(s)
	if err != nil {
		return 0, false
	}
	v := f.round(n.Float64())
	return v, !math.IsInf(v, 0) && !math.IsNaN(v)
}

func (f *Field) round(v float64) float64 {
	switch f.Type {
	case "float":
		return float64(float32(v))
	case "half_float":
		return roundHalf(v)
	case "scaled_float":
		if f.factor > 0 {
			return math.Floor(v*f.factor+0.5) / f.factor
		}
	}
	return v
}

// roundHalf rounds to the nearest binary16, ties to even.
func roundHalf(v float64) float64 {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return v
	}
	_, exp := math.Frexp(v)
	ulp := math.Ldexp(1, max(exp-11, -24))
	r := math.RoundToEven(v/ulp) * ulp
	if math.Abs(r) > 65504 {
		return math.Inf(int(math.Copysign(1, v)))
	}
	return r
}

// ParseIP reads an address as the ip type does: no zone, no port, no leading zeros; a v4-mapped address is the v4 address.
func ParseIP(s string) (netip.Addr, error) {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, fmt.Errorf("`%s` is no address", s)
	}
	return a.Unmap(), nil
}

// ParseCIDR reads a block; bits beyond the prefix are cleared, v4-mapped blocks become v4 blocks.
func ParseCIDR(s string) (netip.Prefix, error) {
	text, bits, ok := strings.Cut(s, "/")
	a, err := ParseIP(text)
	if !ok || err != nil {
		return netip.Prefix{}, fmt.Errorf("`%s` is no block of addresses", s)
	}
	n, err := strconv.Atoi(bits)
	if err != nil || n < 0 || bits[0] == '+' || bits[0] == '-' {
		return netip.Prefix{}, fmt.Errorf("`%s` is no block of addresses", s)
	}
	if a.Is4() && strings.Contains(text, ":") {
		if n >= 96 {
			n -= 96
		} else {
			a = netip.AddrFrom16(a.As16())
		}
	}
	p, err := a.Prefix(n)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("`%s` is no block of addresses", s)
	}
	return p, nil
}

// InCIDR reports whether an address lies in a block; a v6 block that covers the v4-mapped range holds v4 addresses too,
// because Elasticsearch keeps every address in 16 bytes.
func InCIDR(p netip.Prefix, a netip.Addr) bool {
	if p.Addr().Is6() && a.Is4() {
		a = netip.AddrFrom16(a.As16())
	}
	return p.Contains(a)
}

// CompareIP orders addresses as 16 bytes, v4 in its mapped form.
func CompareIP(a, b netip.Addr) int {
	x, y := a.As16(), b.As16()
	return slices.Compare(x[:], y[:])
}

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
