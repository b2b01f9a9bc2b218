package mapping

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// parseDateMath reads `now` or a date followed by `||`, and then steps such as -1d, +1M and /d. A date without steps is a
// date text as usual.
func parseDateMath(s string, formats []string, o DateOptions) (time.Time, error) {
	rest, isNow := strings.CutPrefix(s, "now")
	t := o.Now
	plain := o
	plain.Math = false
	if !isNow {
		anchor, math, found := strings.Cut(s, "||")
		if !found {
			return parseDate(s, formats, plain)
		}
		plain.RoundUp = false
		var err error
		if t, err = parseDate(anchor, formats, plain); err != nil {
			return time.Time{}, err
		}
		rest = math
	}
	zone := o.Zone
	if zone == nil {
		zone = time.UTC
	}
	t, err := applyDateMath(t.In(zone), rest, o.RoundUp)
	if err != nil {
		return time.Time{}, fmt.Errorf("the date math `%s` is at fault: %w", s, err)
	}
	return t.UTC(), nil
}

func applyDateMath(t time.Time, math string, roundUp bool) (time.Time, error) {
	for i := 0; i < len(math); {
		op := math[i]
		i++
		if op != '/' && op != '+' && op != '-' {
			return t, fmt.Errorf("a step begins with `+`, `-` or `/`")
		}
		start := i
		for i < len(math) && math[i] >= '0' && math[i] <= '9' {
			i++
		}
		n := 1
		if i > start {
			v, err := strconv.Atoi(math[start:i])
			if err != nil || v > 1_000_000_000 {
				return t, fmt.Errorf("the number is too large")
			}
			n = v
		}
		if i == len(math) {
			return t, fmt.Errorf("a unit is missing at the end")
		}
		unit := math[i]
		i++
		if op == '-' {
			n = -n
		}
		var ok bool
		if op == '/' {
			if n != 1 {
				return t, fmt.Errorf("`/` takes a unit without a number")
			}
			t, ok = roundDate(t, unit, roundUp)
		} else {
			t, ok = addDate(t, unit, n)
		}
		if !ok {
			return t, fmt.Errorf("`%c` is not one of the units y M w d h H m s", unit)
		}
	}
	return t, nil
}

func addDate(t time.Time, unit byte, n int) (time.Time, bool) {
	switch unit {
	case 'y':
		return addMonths(t, 12*n), true
	case 'M':
		return addMonths(t, n), true
	case 'w':
		return t.AddDate(0, 0, 7*n), true
	case 'd':
		return t.AddDate(0, 0, n), true
	case 'h', 'H':
		return addSeconds(t, n, 3600), true
	case 'm':
		return addSeconds(t, n, 60), true
	case 's':
		return addSeconds(t, n, 1), true
	}
	return t, false
}

// addSeconds adds n times so many seconds; a Duration could overflow.
func addSeconds(t time.Time, n, each int) time.Time {
	return time.Unix(t.Unix()+int64(n)*int64(each), int64(t.Nanosecond())).In(t.Location())
}

// addMonths keeps the day where the month has it, else takes the month's last day.
func addMonths(t time.Time, n int) time.Time {
	year, month, day := t.Date()
	total := year*12 + int(month) - 1 + n
	y, m := total/12, total%12
	if m < 0 {
		y, m = y-1, m+12
	}
	day = min(day, lastDay(y, m+1))
	return time.Date(y, time.Month(m+1), day, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
}

// roundDate goes to the first instant of the unit, or with up to its last; weeks begin on Monday.
func roundDate(t time.Time, unit byte, up bool) (time.Time, bool) {
	year, month, day := t.Date()
	zone := t.Location()
	var from, to time.Time
	switch unit {
	case 'y':
		from = time.Date(year, 1, 1, 0, 0, 0, 0, zone)
		to = from.AddDate(1, 0, 0)
	case 'M':
		from = time.Date(year, month, 1, 0, 0, 0, 0, zone)
		to = from.AddDate(0, 1, 0)
	case 'w':
		from = time.Date(year, month, day-(int(t.Weekday())+6)%7, 0, 0, 0, 0, zone)
		to = from.AddDate(0, 0, 7)
	case 'd':
		from = time.Date(year, month, day, 0, 0, 0, 0, zone)
		to = from.AddDate(0, 0, 1)
	case 'h', 'H':
		from = time.Date(year, month, day, t.Hour(), 0, 0, 0, zone)
		to = from.Add(time.Hour)
	case 'm':
		from = time.Date(year, month, day, t.Hour(), t.Minute(), 0, 0, zone)
		to = from.Add(time.Minute)
	case 's':
		from = t.Truncate(time.Second)
		to = from.Add(time.Second)
	default:
		return t, false
	}
	if up {
		return to.Add(-time.Nanosecond), true
	}
	return from, true
}
