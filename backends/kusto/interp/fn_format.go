package interp

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// formatFunctions write values as text of a given form.
var formatFunctions = []*function{
	{name: "format_datetime", sig: "date string!", ret: "string", naming: nameFirst, doc: "date in a given form", fn: func(c *call, a []any) any {
		return formatTime(a[1].(string), dateField(a[0].(datetime)))
	}},
	{name: "format_timespan", sig: "span string!", ret: "string", naming: nameFirst, doc: "timespan in a given form", fn: func(c *call, a []any) any {
		s := formatTime(a[1].(string), spanField(a[0].(timespan)))
		if a[0].(timespan) < 0 {
			s = "-" + s
		}
		return s
	}},
	{name: "format_bytes", sig: "num num!? string!?", ret: "string", naming: nameFirst, doc: "number of bytes with a unit", fn: formatBytes},
}

// formatTime replaces runs of format letters; everything else stands for itself (format-datetime-function,
// format-timespan-function).
func formatTime(format string, field func(letter byte, n int) (string, bool)) string {
	var b strings.Builder
	for i := 0; i < len(format); {
		j := i + 1
		for j < len(format) && format[j] == format[i] {
			j++
		}
		s, ok := field(format[i], j-i)
		if !ok {
			s = format[i:j]
		}
		// A fraction of F that is empty takes its point with it.
		if ok && s == "" && format[i] == 'F' {
			t := strings.TrimSuffix(b.String(), ".")
			b.Reset()
			b.WriteString(t)
		}
		b.WriteString(s)
		i = j
	}
	return b.String()
}

func fractionDigits(ticks int64, n int) string {
	return fmt.Sprintf("%07d", ticks%syntax.TicksPerSecond)[:min(n, 7)]
}

func dateField(d datetime) func(letter byte, n int) (string, bool) {
	t := syntax.TimeOf(int64(d))
	return func(letter byte, n int) (string, bool) {
		pad := func(v int) (string, bool) { return fmt.Sprintf("%0*d", min(n, 2), v), true }
		switch letter {
		case 'd':
			return pad(t.Day())
		case 'M':
			return pad(int(t.Month()))
		case 'H':
			return pad(t.Hour())
		case 'h':
			return pad((t.Hour()+11)%12 + 1)
		case 'm':
			return pad(t.Minute())
		case 's':
			return pad(t.Second())
		case 'y':
			if n <= 2 {
				return fmt.Sprintf("%0*d", n, t.Year()%100), true
			}
			return fmt.Sprintf("%0*d", n, t.Year()), true
		case 't':
			return strings.ToUpper(t.Format("pm"))[:min(n, 2)], true
		case 'f':
			return fractionDigits(int64(d), n), true
		case 'F':
			return strings.TrimRight(fractionDigits(int64(d), n), "0"), true
		}
		return "", false
	}
}

func spanField(s timespan) func(letter byte, n int) (string, bool) {
	u := uint64(s)
	if s < 0 {
		u = -u
	}
	return func(letter byte, n int) (string, bool) {
		pad := func(v uint64) (string, bool) { return fmt.Sprintf("%0*d", min(n, 2), v), true }
		switch letter {
		case 'd':
			return fmt.Sprintf("%0*d", n, u/syntax.TicksPerDay), true
		case 'H', 'h':
			return pad(u / syntax.TicksPerHour % 24)
		case 'm':
			return pad(u / syntax.TicksPerMinute % 60)
		case 's':
			return pad(u / syntax.TicksPerSecond % 60)
		case 'f':
			return fractionDigits(int64(u%syntax.TicksPerSecond), n), true
		case 'F':
			return strings.TrimRight(fractionDigits(int64(u%syntax.TicksPerSecond), n), "0"), true
		}
		return "", false
	}
}

// formatBytes writes a number of bytes with a unit (format-bytes-function).
func formatBytes(c *call, a []any) any {
	v, ok := toFloat(a[0])
	if !ok {
		return nil
	}
	places := 0
	if c.n > 1 {
		p, _ := castLong(a[1]).(int64)
		places = int(min(max(p, 0), 20))
	}
	units := []string{"Bytes", "KB", "MB", "GB", "TB", "PB", "EB"}
	k := 0
	if c.n > 2 {
		k = -1
		for i, u := range units {
			if strings.EqualFold(u, a[2].(string)) {
				k = i
			}
		}
		if k < 0 {
			return nil
		}
	} else {
		for f := math.Abs(v); f >= 1024 && k < len(units)-1; f /= 1024 {
			k++
		}
	}
	scaled := v / math.Pow(1024, float64(k))
	s := strconv.FormatFloat(roundHalfAway(scaled, places), 'f', places, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s + " " + units[k]
}

func roundHalfAway(v float64, places int) float64 {
	f, _ := roundReal(v, int64(places)).(float64)
	return f
}
