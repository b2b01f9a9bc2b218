package syntax

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Ticks of 100 ns, the resolution of datetime and timespan (scalar-data-types/datetime, …/timespan).
const (
	TicksPerMicrosecond = 10
	TicksPerMillisecond = 10_000
	TicksPerSecond      = 10_000_000
	TicksPerMinute      = 60 * TicksPerSecond
	TicksPerHour        = 60 * TicksPerMinute
	TicksPerDay         = 24 * TicksPerHour
	// UnixEpochTicks is 1970-01-01 in ticks since 0001-01-01.
	UnixEpochTicks = 719_162 * TicksPerDay
	// MaxTicks is the last tick of 9999-12-31.
	MaxTicks = 3_652_059*TicksPerDay - 1
)

// TicksOf converts an instant to ticks since 0001-01-01 UTC.
func TicksOf(t time.Time) int64 {
	return t.Unix()*TicksPerSecond + int64(t.Nanosecond())/100 + UnixEpochTicks
}

// TimeOf converts ticks since 0001-01-01 to an instant in UTC.
func TimeOf(ticks int64) time.Time {
	ticks -= UnixEpochTicks
	sec := ticks / TicksPerSecond
	rest := ticks % TicksPerSecond
	return time.Unix(sec, rest*100).UTC()
}

// timespanUnits holds the suffixes of timespan literals (grammar/KqlTokens.g4, TIMESPANLITERAL) in ticks; nanoseconds are
// a fraction of a tick and handled apart.
var timespanUnits = func() map[string]int64 {
	m := map[string]int64{}
	for ticks, names := range map[int64]string{
		TicksPerDay:         "d day days",
		TicksPerHour:        "h hr hrs hour hours",
		TicksPerMinute:      "m min minute minutes",
		TicksPerSecond:      "s sec second seconds",
		TicksPerMillisecond: "ms milli millis millisec millisecond milliseconds",
		TicksPerMicrosecond: "micro micros microsec microsecond microseconds",
		1:                   "tick ticks",
	} {
		for _, n := range strings.Fields(names) {
			m[n] = ticks
		}
	}
	return m
}()

func isNano(unit string) bool {
	switch unit {
	case "nano", "nanos", "nanosec", "nanosecond", "nanoseconds":
		return true
	}
	return false
}

// isTimespanUnit reports whether the letters after a number make it a timespan.
func isTimespanUnit(unit string) bool { return timespanUnits[unit] != 0 || isNano(unit) }

// scaleTicks multiplies a plain decimal number by a unit, exactly to the tick.
func scaleTicks(number, unit string) (int64, bool) {
	neg := strings.HasPrefix(number, "-")
	number = strings.TrimLeft(number, "+-")
	whole, frac, _ := strings.Cut(number, ".")
	if whole == "" {
		whole = "0"
	}
	if len(frac) > 9 {
		frac = frac[:9]
	}
	w, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return 0, false
	}
	ticks := timespanUnits[unit]
	f := 0.0
	if frac != "" {
		if f, err = strconv.ParseFloat("0."+frac, 64); err != nil {
			return 0, false
		}
	}
	var out int64
	if isNano(unit) {
		out = int64((float64(w) + f) / 100)
	} else {
		if w > math.MaxInt64/ticks {
			return 0, false
		}
		out = w*ticks + int64(math.Round(f*float64(ticks)))
	}
	if out < 0 {
		return 0, false // the fraction went over the limit
	}
	if neg {
		out = -out
	}
	return out, true
}

// ParseTimespan reads the text of a timespan: 1.5h, 15 seconds, 2 (days), 0.12:34:56.7, -01:00:00
// (scalar-data-types/timespan; the colon form is .NET's TimeSpan text).
func ParseTimespan(text string) (int64, bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, false
	}
	if strings.Contains(text, ":") {
		return parseClock(text)
	}
	end := len(text)
	for i := 0; i < len(text); i++ {
		c := text[i]
		if (c < '0' || c > '9') && c != '.' && !(i == 0 && (c == '-' || c == '+')) {
			end = i
			break
		}
	}
	number, unit := text[:end], strings.TrimSpace(text[end:])
	if strings.Trim(number, "+-.") == "" || strings.Count(number, ".") > 1 {
		return 0, false
	}
	if unit == "" {
		unit = "d"
	}
	if !isTimespanUnit(unit) {
		return 0, false
	}
	return scaleTicks(number, unit)
}

// parseClock reads [-][d.]hh:mm[:ss[.fffffff]].
func parseClock(text string) (int64, bool) {
	neg := text[0] == '-'
	if neg || text[0] == '+' {
		text = text[1:]
	}
	parts := strings.Split(text, ":")
	if len(parts) < 2 || len(parts) > 4 {
		return 0, false
	}
	days := int64(0)
	if len(parts) == 4 { // d:hh:mm:ss
		d, ok := smallInt(parts[0], 8)
		if !ok {
			return 0, false
		}
		days, parts = d, parts[1:]
	} else if d, h, ok := strings.Cut(parts[0], "."); ok {
		n, good := smallInt(d, 8)
		if !good {
			return 0, false
		}
		days, parts[0] = n, h
	}
	h, ok1 := smallInt(parts[0], 8)
	m, ok2 := smallInt(parts[1], 2)
	if !ok1 || !ok2 || h > 23 || m > 59 || days > 10_675_199 {
		return 0, false
	}
	ticks := days*TicksPerDay + h*TicksPerHour + m*TicksPerMinute
	if len(parts) == 3 {
		sec, frac, _ := strings.Cut(parts[2], ".")
		s, ok := smallInt(sec, 2)
		f, ok2 := fractionTicks(frac)
		if !ok || !ok2 || s > 59 {
			return 0, false
		}
		ticks += s*TicksPerSecond + f
	}
	if ticks < 0 {
		return 0, false // more than 10675199.02:48:05.4775807
	}
	if neg {
		ticks = -ticks
	}
	return ticks, true
}

func smallInt(s string, max int) (int64, bool) {
	if s == "" || len(s) > max {
		return 0, false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// fractionTicks reads the digits after a second's point; digits beyond the tick are cut off.
func fractionTicks(frac string) (int64, bool) {
	for i := 0; i < len(frac); i++ {
		if frac[i] < '0' || frac[i] > '9' {
			return 0, false
		}
	}
	frac += "0000000"
	n, err := strconv.ParseInt(frac[:7], 10, 64)
	return n, err == nil
}

// ParseGUID reads a GUID in any of .NET's common forms and gives it in lower case with hyphens.
func ParseGUID(text string) (string, bool) {
	s := strings.TrimSpace(text)
	if len(s) >= 2 && (s[0] == '{' && s[len(s)-1] == '}' || s[0] == '(' && s[len(s)-1] == ')') {
		s = s[1 : len(s)-1]
	}
	if len(s) == 36 {
		if s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
			return "", false
		}
		s = s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	}
	if len(s) != 32 {
		return "", false
	}
	for i := 0; i < len(s); i++ {
		if !isHex(s[i]) {
			return "", false
		}
	}
	s = strings.ToLower(s)
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:], true
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// ParseReal reads the text of a real: a decimal number, nan, inf, +inf, -inf.
func ParseReal(text string) (float64, bool) {
	text = strings.TrimSpace(text)
	switch strings.ToLower(text) {
	case "nan":
		return math.NaN(), true
	case "inf", "+inf", "infinity", "+infinity":
		return math.Inf(1), true
	case "-inf", "-infinity":
		return math.Inf(-1), true
	}
	if !isPlainNumber(text) {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && math.IsInf(f, 0) {
		return f, true
	}
	return f, err == nil
}

// isPlainNumber keeps out Go's own forms: hexadecimal floats, underscores, "infinity".
func isPlainNumber(s string) bool {
	digits := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits = true
		case c == '.' || c == '+' || c == '-' || (c == 'e' || c == 'E') && digits:
		default:
			return false
		}
	}
	return digits
}

// ParseInteger reads a decimal or 0x number with an optional sign.
func ParseInteger(text string) (int64, bool) {
	text = strings.TrimSpace(text)
	neg := strings.HasPrefix(text, "-")
	body := strings.TrimPrefix(strings.TrimPrefix(text, "-"), "+")
	if len(body) > 2 && (body[:2] == "0x" || body[:2] == "0X") {
		u, err := strconv.ParseUint(body[2:], 16, 64)
		if err != nil {
			return 0, false
		}
		if neg {
			return -int64(u), true
		}
		return int64(u), true
	}
	if body == "" || body[0] < '0' || body[0] > '9' || strings.ContainsRune(body, '_') {
		return 0, false
	}
	if neg {
		body = "-" + body
	}
	n, err := strconv.ParseInt(body, 10, 64)
	return n, err == nil
}
