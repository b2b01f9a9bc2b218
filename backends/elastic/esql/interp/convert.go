package interp

import (
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/elastic/mapping"
)

// conversion is the function that turns a value of one type into another; false when ES|QL has none.
func conversion(from, to typ) (func(v any) (any, error), bool) {
	if from == to || from == tNull {
		return func(v any) (any, error) { return v, nil }, true
	}
	text := strings_.has(from)
	switch to {
	case tKeyword, tText:
		return func(v any) (any, error) { return textOf(from, v), nil }, values.has(from) || amounts.has(from) || from == tSource
	case tBool:
		return toBool, text || numbers.has(from)
	case tInt:
		return toInt, text || numbers.has(from) || from == tBool || from == tDate
	case tLong:
		return toLong, text || numbers.has(from) || from == tBool || dates.has(from)
	case tULong:
		return toULong, text || numbers.has(from) || from == tBool || from == tDate
	case tDouble:
		return toDouble, text || numbers.has(from) || from == tBool || from == tDate
	case tDate:
		return toDate(from), text || numbers.has(from) || from == tNanos
	case tNanos:
		return toNanos(from), text || numbers.has(from) && from != tInt || from == tDate
	case tIP:
		return toIP, text
	case tVersion, tGeoPoint, tGeoShape, tCartPoint, tCartShape:
		return func(v any) (any, error) { return v, nil }, text
	case tErr, tNull, tPeriod, tDuration, tSource, tUnsupported:
	}
	return nil, false
}

// textOf is the text of a value, as TO_STRING gives it.
func textOf(t typ, v any) string {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v)
	case int64:
		switch {
		case t == tDate:
			return formatMillis(v)
		case t == tNanos:
			return formatNanos(v)
		}
		return strconv.FormatInt(v, 10)
	case uint64:
		return strconv.FormatUint(v, 10)
	case float64:
		return formatDouble(v)
	case netip.Addr:
		return v.String()
	case string:
		return v
	}
	return fmt.Sprint(v)
}

func invalid(format string, args ...any) *failure {
	return &failure{"org.elasticsearch.xpack.esql.core.InvalidArgumentException", fmt.Sprintf(format, args...)}
}

func toBool(v any) (any, error) {
	switch v := v.(type) {
	case string:
		return strings.EqualFold(v, "true") && len(v) == 4, nil
	case int64:
		return v != 0, nil
	case uint64:
		return v != 0, nil
	case float64:
		return v != 0, nil
	}
	return nil, nil
}

func toInt(v any) (any, error) {
	if s, ok := v.(string); ok {
		if n, err := strconv.ParseInt(s, 10, 32); err == nil {
			return n, nil
		}
		f, ok := javaParseDouble(s)
		if !ok || javaRound(f) > math.MaxInt32 || javaRound(f) < math.MinInt32 {
			return nil, &failure{"java.lang.NumberFormatException", `For input string: "` + s + `"`}
		}
		return javaRound(f), nil
	}
	l, err := toLong(v)
	if err != nil {
		return nil, err
	}
	if n := l.(int64); n > math.MaxInt32 || n < math.MinInt32 {
		return nil, invalid("[%s] out of [integer] range", textOf(tLong, v))
	}
	return l, nil
}

func toLong(v any) (any, error) {
	switch v := v.(type) {
	case string:
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			return n, nil
		}
		f, ok := javaParseDouble(v)
		if !ok {
			return nil, invalid("Cannot parse number [%s]", v)
		}
		return roundToLong(f)
	case bool:
		return int64(boolInt(v)), nil
	case int64:
		return v, nil
	case uint64:
		if v > math.MaxInt64 {
			return nil, invalid("[%d] out of [long] range", v)
		}
		return int64(v), nil
	case float64:
		return roundToLong(v)
	}
	return nil, nil
}

func roundToLong(f float64) (any, error) {
	if math.IsNaN(f) || f < math.MinInt64 || f >= math.MaxInt64 {
		return nil, invalid("[%s] out of [long] range", formatDouble(f))
	}
	return javaRound(f), nil
}

func toULong(v any) (any, error) {
	switch v := v.(type) {
	case string:
		if u, err := strconv.ParseUint(v, 10, 64); err == nil {
			return u, nil
		}
		d, ok := new(big.Float).SetPrec(200).SetString(v)
		if !ok || strings.Trim(v, "+-.0123456789eE") != "" { // no other bases, no blanks, no words
			return nil, &failure{"java.lang.NumberFormatException", "Cannot parse number [" + v + "]"}
		}
		u, acc := d.Uint64()
		if d.Sign() < 0 || u == math.MaxUint64 && acc == big.Below {
			return nil, invalid("[%s] out of [unsigned_long] range", v)
		}
		return u, nil
	case bool:
		return uint64(boolInt(v)), nil
	case int64:
		if v < 0 {
			return nil, invalid("[%d] out of [unsigned_long] range", v)
		}
		return uint64(v), nil
	case uint64:
		return v, nil
	case float64:
		if u, ok := doubleToULong(v); ok {
			return u, nil
		}
		return nil, invalid("[%s] out of [unsigned_long] range", formatDouble(v))
	}
	return nil, nil
}

func toDouble(v any) (any, error) {
	switch v := v.(type) {
	case string:
		f, ok := javaParseDouble(v)
		if !ok || math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, &failure{"java.lang.NumberFormatException", `For input string: "` + v + `"`}
		}
		return f, nil
	case bool:
		return float64(boolInt(v)), nil
	}
	return toFloat(v), nil
}

func toDate(from typ) func(v any) (any, error) {
	return func(v any) (any, error) {
		switch x := v.(type) {
		case string:
			ms, err := parseDate(x)
			if err != nil {
				return nil, err
			}
			return ms, nil
		case int64:
			if from == tNanos {
				return floorDiv(x, 1_000_000), nil
			}
		}
		return toLong(v)
	}
}

func toNanos(from typ) func(v any) (any, error) {
	return func(v any) (any, error) {
		switch x := v.(type) {
		case string:
			t, ok := parseISO(x)
			if !ok {
				return nil, illegal("failed to parse date field [%s] with format [strict_date_optional_time_nanos]", x)
			}
			if t.Year() < 1970 || t.Year() > 2262 {
				return nil, illegal("date[%s] is before the epoch in 1970 or after 2262 and cannot be stored in nanosecond resolution", x)
			}
			return t.UnixNano(), nil
		case int64:
			if from == tDate {
				if x < 0 || x > math.MaxInt64/1_000_000 {
					return nil, illegal("milliSeconds [%d] are not in the range of date_nanos", x)
				}
				return x * 1_000_000, nil
			}
		}
		n, err := toLong(v)
		if err == nil && n.(int64) < 0 {
			return nil, illegal("Nanosecond dates before 1970-01-01T00:00:00.000Z are not supported.")
		}
		return n, err
	}
}

func toIP(v any) (any, error) {
	a, err := mapping.ParseIP(v.(string))
	if err != nil {
		return nil, illegal("'%s' is not an IP string literal.", v)
	}
	return a, nil
}
