package interp

import (
	"strconv"
	"strings"
	"time"
)

// relativeTime resolves a time modifier such as "-1d@d+2h", "@w1", "now" or seconds since 1970, from the instant now. Snaps
// round down, in UTC (Search Reference, Time modifiers).
func relativeTime(now float64, spec string) (float64, bool) {
	if spec = strings.TrimSpace(spec); spec == "" {
		return 0, false
	}
	if x, ok := parseNumber(spec); ok && spec[0] != '+' && spec[0] != '-' {
		return x, true
	}
	for _, format := range []string{"%m/%d/%Y:%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%Q%z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"} {
		if isDigit(spec[0]) { // a date, as in earliest="10/25/2024:00:00:00"
			if t, ok := strptime(spec, format); ok {
				return t, true
			}
		}
	}
	if rest, ok := strings.CutPrefix(spec, "now"); ok {
		spec = strings.TrimSuffix(rest, "()")
	}
	t := instant(now)
	for spec != "" {
		var ok bool
		switch spec[0] {
		case '+', '-':
			t, spec, ok = shift(t, spec)
		case '@':
			t, spec, ok = snap(t, spec[1:])
		}
		if !ok {
			return 0, false
		}
	}
	return seconds(t), true
}

// units maps spellings to the unit letter; "mon" is a month.
var units = map[string]string{
	"s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s",
	"m": "m", "min": "m", "mins": "m", "minute": "m", "minutes": "m",
	"h": "h", "hr": "h", "hrs": "h", "hour": "h", "hours": "h",
	"d": "d", "day": "d", "days": "d", "w": "w", "week": "w", "weeks": "w",
	"mon": "mon", "month": "mon", "months": "mon", "q": "q", "qtr": "q", "qtrs": "q", "quarter": "q", "quarters": "q",
	"y": "y", "yr": "y", "yrs": "y", "year": "y", "years": "y",
}

func letters(s string) int {
	n := 0
	for n < len(s) && (s[n]|0x20 >= 'a' && s[n]|0x20 <= 'z') {
		n++
	}
	return n
}

// shift applies `±N unit`; N is 1 when left out, the unit is seconds.
func shift(t time.Time, spec string) (time.Time, string, bool) {
	sign := 1
	if spec[0] == '-' {
		sign = -1
	}
	spec = spec[1:]
	n := 0
	for n < len(spec) && isDigit(spec[n]) {
		n++
	}
	count := 1
	if n > 0 {
		var err error
		if count, err = strconv.Atoi(spec[:n]); err != nil || count > 1e9 {
			return t, "", false
		}
	}
	word := spec[n : n+letters(spec[n:])]
	unit, ok := units[word]
	if !ok && word == "" && n > 0 {
		unit, ok = "s", true
	}
	if !ok {
		return t, "", false
	}
	return addUnit(t, sign*count, unit), spec[n+len(word):], true
}

func addUnit(t time.Time, n int, unit string) time.Time {
	switch unit {
	case "s":
		return t.Add(time.Duration(n) * time.Second)
	case "m":
		return t.Add(time.Duration(n) * time.Minute)
	case "h":
		return t.Add(time.Duration(n) * time.Hour)
	case "d":
		return t.AddDate(0, 0, n)
	case "w":
		return t.AddDate(0, 0, 7*n)
	case "mon":
		return t.AddDate(0, n, 0)
	case "q":
		return t.AddDate(0, 3*n, 0)
	case "y":
		return t.AddDate(n, 0, 0)
	}
	return t
}

// snap rounds t down to the unit that spec begins with; w0 to w7 is a day of the week.
func snap(t time.Time, spec string) (time.Time, string, bool) {
	n := letters(spec)
	unit, ok := units[spec[:n]]
	if !ok {
		return t, "", false
	}
	rest := spec[n:]
	weekday := 0
	if unit == "w" && rest != "" && rest[0] >= '0' && rest[0] <= '7' {
		weekday = int(rest[0]-'0') % 7
		rest = rest[1:]
	}
	y, m, d := t.Date()
	switch unit {
	case "s":
		t = t.Truncate(time.Second)
	case "m":
		t = t.Truncate(time.Minute)
	case "h":
		t = t.Truncate(time.Hour)
	case "d":
		t = time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	case "w":
		back := (int(t.Weekday()) - weekday + 7) % 7
		t = time.Date(y, m, d-back, 0, 0, 0, 0, time.UTC)
	case "mon":
		t = time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
	case "q":
		t = time.Date(y, (m-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
	case "y":
		t = time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return t, rest, true
}

// parseSpan reads a span such as "5m", "1h", "1mon" or "10": a count and a unit.
func parseSpan(s string) (count int, unit string, ok bool) {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	count = 1
	if n > 0 {
		c, err := strconv.Atoi(s[:n])
		if err != nil || c <= 0 || c > 1e9 {
			return 0, "", false
		}
		count = c
	}
	if s[n:] == "" {
		return count, "s", n > 0
	}
	unit, ok = units[s[n:]]
	return count, unit, ok
}

// spanSeconds is the length of a span in seconds; ok is false for months, quarters and years.
func spanSeconds(count int, unit string) (float64, bool) {
	per := map[string]float64{"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}[unit]
	return float64(count) * per, per > 0
}
