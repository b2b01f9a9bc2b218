package interp

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// text is tostring(): null is "" (tostring-function).
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		// tostring of a bool is capitalised by the service only inside result grids; as text it is lower case.
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return realText(v)
	case decimal:
		return v.String()
	case datetime:
		return dateText(v)
	case timespan:
		return spanText(v)
	case guid:
		return string(v)
	}
	return jsonText(v)
}

// realText writes a real as .NET's shortest form that reads back: 1E+16, 0.1, NaN.
func realText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	s := strconv.FormatFloat(f, 'e', -1, 64)
	mantissa, e, _ := strings.Cut(s, "e")
	exp, _ := strconv.Atoi(e)
	if exp > -5 && exp < 15 {
		s = strconv.FormatFloat(f, 'f', -1, 64)
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		return s
	}
	return mantissa + fmt.Sprintf("E%+03d", exp)
}

// dateText is the round-trip form with seven digits: 2024-01-31T10:00:00.0000000Z.
func dateText(d datetime) string {
	return syntax.TimeOf(int64(d)).Format("2006-01-02T15:04:05") + fmt.Sprintf(".%07dZ", int64(d)%syntax.TicksPerSecond)
}

// spanText is [-][d.]hh:mm:ss[.fffffff].
func spanText(t timespan) string {
	var b strings.Builder
	n := uint64(t)
	if t < 0 {
		b.WriteByte('-')
		n = -n
	}
	if d := n / syntax.TicksPerDay; d > 0 {
		fmt.Fprintf(&b, "%d.", d)
	}
	fmt.Fprintf(&b, "%02d:%02d:%02d", n/syntax.TicksPerHour%24, n/syntax.TicksPerMinute%60, n/syntax.TicksPerSecond%60)
	if f := n % syntax.TicksPerSecond; f > 0 {
		fmt.Fprintf(&b, ".%07d", f)
	}
	return b.String()
}
