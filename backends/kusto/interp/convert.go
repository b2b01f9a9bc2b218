package interp

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// canonicalJSON is JSON with the keys of bags sorted.
func canonicalJSON(v any) string {
	switch v := v.(type) {
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = canonicalJSON(e)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case *bag:
		keys := slices.Clone(v.keys)
		slices.Sort(keys)
		parts := make([]string, len(keys))
		for i, k := range keys {
			parts[i] = jsonText(k) + ":" + canonicalJSON(v.vals[k])
		}
		return "{" + strings.Join(parts, ",") + "}"
	case string:
		return jsonText(v)
	}
	return key(v)
}

// castTo is tolong(), todatetime() and their kin: conversion of any value; what does not convert is null, for string "".
func castTo(v any, t syntax.Type) any {
	if v == nil {
		return fix(nil, t)
	}
	switch t {
	case tBool:
		return castBool(v)
	case tInt:
		if n, ok := castLong(v).(int64); ok && n == int64(int32(n)) {
			return n
		}
		return nil
	case tLong:
		return castLong(v)
	case tReal:
		return castReal(v)
	case tDec:
		if s, ok := v.(string); ok {
			if d, ok := parseDecimal(s); ok {
				return d
			}
			return nil
		}
		if d, ok := toDecimal(v); ok {
			return d
		}
		return nil
	case tStr:
		return text(v)
	case tDate:
		return castDate(v)
	case tSpan:
		return castSpan(v)
	case tGUID:
		if s, ok := v.(string); ok {
			if g, ok := syntax.ParseGUID(s); ok {
				return guid(g)
			}
			return nil
		}
		if g, ok := v.(guid); ok {
			return g
		}
		return nil
	case tNone, tDyn:
	}
	return v
}

func castBool(v any) any {
	switch v := v.(type) {
	case bool:
		return v
	case int64:
		return v != 0
	case float64:
		return v != 0
	case decimal:
		return v.coef.Sign() != 0
	case string:
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "true":
			return true
		case "false":
			return false
		}
		if n, ok := syntax.ParseInteger(v); ok {
			return n != 0
		}
	}
	return nil
}

func castLong(v any) any {
	switch v := v.(type) {
	case int64:
		return v
	case bool:
		return boolNumber(v)
	case float64:
		if math.IsNaN(v) || v >= 9.223372036854775807e18 || v < -9.223372036854775808e18 {
			return nil
		}
		return int64(v)
	case decimal:
		if n, ok := v.int64(); ok {
			return n
		}
		return nil
	case datetime:
		return int64(v)
	case timespan:
		return int64(v)
	case string:
		s := strings.TrimSpace(v)
		if n, ok := syntax.ParseInteger(s); ok {
			return n
		}
		// A text with a fraction is cut off, as toint("123.4") shows (toint-function).
		if f, ok := syntax.ParseReal(s); ok && s != "" && (s[0] >= '0' && s[0] <= '9' || s[0] == '-' || s[0] == '+' || s[0] == '.') {
			return castLong(f)
		}
	}
	return nil
}

func castReal(v any) any {
	switch v := v.(type) {
	case float64:
		return v
	case int64:
		return float64(v)
	case bool:
		return float64(boolNumber(v))
	case decimal:
		return v.float()
	case datetime:
		return float64(v)
	case timespan:
		return float64(v)
	case string:
		if f, ok := syntax.ParseReal(v); ok {
			return f
		}
		if n, ok := syntax.ParseInteger(v); ok {
			return float64(n)
		}
	}
	return nil
}

func castDate(v any) any {
	switch v := v.(type) {
	case datetime:
		return v
	case timespan:
		return makeDate(int64(v))
	case int64:
		return makeDate(v)
	case float64:
		if inRange(v) {
			return makeDate(int64(v))
		}
	case string:
		if t, ok := syntax.ParseDatetime(v); ok {
			return datetime(t)
		}
	}
	return nil
}

func castSpan(v any) any {
	switch v := v.(type) {
	case timespan:
		return v
	case datetime:
		return timespan(v)
	case int64:
		return timespan(v)
	case float64:
		if inRange(v) {
			return timespan(int64(v))
		}
	case string:
		if t, ok := syntax.ParseTimespan(v); ok {
			return timespan(t)
		}
	}
	return nil
}

// dynamicAs gives a dynamic leaf as a static type when it already has that type: the cast-only rule of mv-expand … to
// typeof(T). Whole and fractional numbers fit each other.
func dynamicAs(v any, t syntax.Type) any {
	if v == nil {
		return fix(nil, t)
	}
	switch t {
	case tDyn, tNone:
		return v
	case tStr:
		return text(v)
	case tInt, tLong, tReal, tDec:
		switch v.(type) {
		case int64, float64, decimal, bool:
			return castTo(v, t)
		}
		return castTo(v, t)
	case tBool, tDate, tSpan, tGUID:
	}
	return castTo(v, t)
}

// asString gives a value where the language takes string or dynamic and means its text.
func asString(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return text(v)
}

// indexText is the text of an index of a bag.
func indexText(v any) string {
	if n, ok := v.(int64); ok {
		return strconv.FormatInt(n, 10)
	}
	return text(v)
}
