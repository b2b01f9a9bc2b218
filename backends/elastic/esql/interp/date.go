package interp

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
)

const dayMillis = 24 * 60 * 60 * 1000

// millisTime is a date value as a time.
func millisTime(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func nanosTime(ns int64) time.Time { return time.Unix(0, ns).UTC() }

// formatMillis writes a date as Elasticsearch does: 2024-01-31T12:00:00.000Z.
func formatMillis(ms int64) string { return millisTime(ms).Format("2006-01-02T15:04:05.000Z") }

// formatNanos writes a date_nanos with nine digits at most: at least milliseconds, else all nine.
func formatNanos(ns int64) string {
	t := nanosTime(ns)
	if ns%1_000_000 == 0 {
		return t.Format("2006-01-02T15:04:05.000Z")
	}
	return t.Format("2006-01-02T15:04:05.000000000Z")
}

// parseISO reads the format strict_date_optional_time: yyyy[-MM[-dd[THH[:mm[:ss[.fraction]]][zone]]]], four digits for
// the year and two for the others, zone Z, +HH, +HHmm or +HH:mm.
func parseISO(s string) (time.Time, bool) {
	p := isoParser{s: s}
	year := p.digits(4)
	month, day, hour, minute, sec, nano, offset := 1, 1, 0, 0, 0, 0, 0
	if p.mark('-') {
		month = p.digits(2)
		if p.mark('-') {
			day = p.digits(2)
			if p.mark('T') {
				p.time(&hour, &minute, &sec, &nano)
				offset = p.zone()
			}
		}
	}
	if p.bad || p.s != "" || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 ||
		sec > 59 {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, sec, nano, time.UTC)
	return t.Add(-time.Duration(offset) * time.Second), true
}

type isoParser struct {
	s   string
	bad bool
}

func (p *isoParser) mark(c byte) bool {
	if p.bad || p.s == "" || p.s[0] != c {
		return false
	}
	p.s = p.s[1:]
	return true
}

func (p *isoParser) digits(n int) int {
	if len(p.s) < n {
		p.bad = true
		return 0
	}
	v := 0
	for i := 0; i < n; i++ {
		c := p.s[i]
		if c < '0' || c > '9' {
			p.bad = true
			return 0
		}
		v = v*10 + int(c-'0')
	}
	p.s = p.s[n:]
	return v
}

func (p *isoParser) time(hour, minute, sec, nano *int) {
	if p.s == "" {
		return // "2024-01-01T" is accepted
	}
	*hour = p.digits(2)
	if !p.mark(':') {
		return
	}
	*minute = p.digits(2)
	if !p.mark(':') {
		return
	}
	*sec = p.digits(2)
	if !p.mark('.') && !p.mark(',') {
		return
	}
	n, scale := 0, 100_000_000
	for p.s != "" && p.s[0] >= '0' && p.s[0] <= '9' {
		n += int(p.s[0]-'0') * scale
		scale /= 10
		p.s = p.s[1:]
	}
	p.bad = p.bad || scale == 100_000_000
	*nano = n
}

func (p *isoParser) zone() int {
	if p.s == "" || p.mark('Z') {
		return 0
	}
	sign := 1
	if p.mark('-') {
		sign = -1
	} else if !p.mark('+') {
		p.bad = true
		return 0
	}
	h := p.digits(2)
	m := 0
	if p.s != "" {
		p.mark(':')
		m = p.digits(2)
	}
	if h > 18 || m > 59 {
		p.bad = true
	}
	return sign * (h*3600 + m*60)
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// parseDate reads a string as the type conversion functions do.
func parseDate(s string) (int64, error) {
	t, ok := parseISO(s)
	if !ok {
		return 0, illegal("failed to parse date field [%s] with format [strict_date_optional_time]", s)
	}
	return t.UnixMilli(), nil
}

// dateOf is a time as a date value, which holds milliseconds in 64 bits.
func dateOf(t time.Time) (int64, error) {
	secs := t.Unix()
	if limit := int64(math.MaxInt64 / 1000); secs >= limit || secs <= -limit {
		return 0, errLongOverflow
	}
	return t.UnixMilli(), nil
}

// addPeriod adds a calendar period: months first, with the day cut to the length of the month, then days.
func addPeriod(t time.Time, p period) (time.Time, error) {
	const limit = 999_999_999
	y, m, d := t.Date()
	total := int64(y)*12 + int64(m) - 1 + p.months
	ny, nm := floorDiv(total, 12), total-floorDiv(total, 12)*12
	if ny > limit || ny < -limit {
		return t, &failure{
			"java.time.DateTimeException",
			fmt.Sprintf("Invalid value for Year (valid values -999999999 - 999999999): %d", ny),
		}
	}
	d = min(d, daysIn(int(ny), int(nm)+1))
	if p.days > limit*366 || p.days < -limit*366 {
		return t, errLongOverflow
	}
	hh, mm, ss := t.Clock()
	out := time.Date(int(ny), time.Month(nm+1), d, hh, mm, ss, t.Nanosecond(), time.UTC)
	return out.AddDate(0, 0, int(p.days)), nil
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// amountOf makes a period or a duration of a time span; false when it is too large.
func amountOf(n int64, unit syntax.Unit) (typ, any, bool) {
	mul := func(k int64) (int64, bool) { p := n * k; return p, n == 0 || p/n == k }
	switch unit {
	case syntax.Year, syntax.Quarter, syntax.Month:
		v, ok := mul(map[syntax.Unit]int64{syntax.Year: 12, syntax.Quarter: 3, syntax.Month: 1}[unit])
		return tPeriod, period{months: v}, ok
	case syntax.Week, syntax.Day:
		v, ok := mul(map[syntax.Unit]int64{syntax.Week: 7, syntax.Day: 1}[unit])
		return tPeriod, period{days: v}, ok
	case syntax.Hour, syntax.Minute, syntax.Second, syntax.Millisecond:
		v, ok := mul(map[syntax.Unit]int64{syntax.Hour: 3_600_000, syntax.Minute: 60_000, syntax.Second: 1000, syntax.Millisecond: 1}[unit])
		return tDuration, duration(v), ok
	}
	return tErr, nil, false
}

// parseAmount reads "2 days" as TO_DATEPERIOD and TO_TIMEDURATION do.
func parseAmount(s string) (typ, any, bool) {
	f := strings.Fields(s)
	if len(f) != 2 {
		return tErr, nil, false
	}
	unit, ok := syntax.UnitOf(f[1])
	var n int64
	if _, err := fmt.Sscanf(f[0], "%d", &n); err != nil || !ok {
		return tErr, nil, false
	}
	return amountOf(n, unit)
}

// trunc rounds a date in milliseconds down to the start of its interval.
type trunc func(ms int64) int64

// truncBy is the rounding of DATE_TRUNC and BUCKET: calendar units for one week, day, month, quarter or year, and for
// several months or years; several days and all durations count from the epoch. The error says what an interval lacks.
func truncBy(amount any) (trunc, string) {
	switch a := amount.(type) {
	case duration:
		if a <= 0 {
			return nil, "a zero or negative time interval is not supported"
		}
		return func(ms int64) int64 { return floorDiv(ms, int64(a)) * int64(a) }, ""
	case period:
		switch {
		case a.months < 0 || a.days < 0 || a.months == 0 && a.days == 0:
			return nil, "a zero or negative time interval is not supported"
		case a.months > 0 && a.days > 0:
			return nil, "an interval of several units is not supported"
		case a.days == 7:
			return truncWeek, ""
		case a.days > 0:
			return func(ms int64) int64 { return floorDiv(ms, a.days*dayMillis) * a.days * dayMillis }, ""
		}
		return func(ms int64) int64 { return truncMonths(ms, a.months) }, ""
	}
	return nil, "it is no time span"
}

func truncWeek(ms int64) int64 {
	day := floorDiv(ms, dayMillis)
	monday := floorDiv(day+3, 7)*7 - 3 // day 0 was a Thursday
	return monday * dayMillis
}

// truncMonths rounds down to a multiple of months, counted from January of year 1.
func truncMonths(ms, months int64) int64 {
	t := millisTime(ms)
	total := int64(t.Year()-1)*12 + int64(t.Month()) - 1
	first := floorDiv(total, months) * months
	return time.Date(int(floorDiv(first, 12))+1, time.Month(first-floorDiv(first, 12)*12+1), 1, 0, 0, 0, 0, time.UTC).UnixMilli()
}
