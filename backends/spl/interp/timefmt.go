package interp

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// timeLayouts are the texts that are read as event times; without a zone they are UTC.
var timeLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05.999999999 -0700", "2006-01-02T15:04:05.999999999-0700", "2006-01-02", time.RFC1123Z, time.RFC1123,
}

// parseTime reads a time: seconds, milliseconds, microseconds or nanoseconds since 1970 by size, or one of timeLayouts.
func parseTime(v value) (float64, bool) {
	if v.kind == multi || v.kind == null {
		return 0, false
	}
	if x, ok := v.number(); ok {
		switch a := math.Abs(x); {
		case a >= 1e17:
			return x / 1e9, true
		case a >= 1e14:
			return x / 1e6, true
		case a >= 1e11:
			return x / 1e3, true
		}
		return x, true
	}
	s := strings.TrimSpace(v.text())
	if len(s) < 10 {
		return 0, false
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return seconds(t), true
		}
	}
	return 0, false
}

// seconds is an instant in seconds, to the microsecond.
func seconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }

// instant is the time of seconds since 1970, in UTC, to the microsecond.
func instant(sec float64) time.Time {
	return time.UnixMicro(int64(math.Round(sec * 1e6))).UTC()
}

// strftime formats by the directives of Splunk's date and time format variables; times are UTC.
func strftime(sec float64, format string) string {
	t := instant(sec)
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		i += directive(&b, t, format[i:]) - 1
	}
	return b.String()
}

// layouts maps directives to Go's reference time.
var layouts = map[byte]string{
	'Y': "2006", 'm': "01", 'd': "02", 'H': "15", 'M': "04", 'S': "05", 'y': "06", 'j': "002", 'a': "Mon", 'A': "Monday",
	'b': "Jan", 'B': "January", 'h': "Jan", 'e': "_2", 'I': "03", 'p': "PM", 'T': "15:04:05", 'F': "2006-01-02", 'D': "01/02/06",
	'R': "15:04", 'r': "03:04:05 PM", 'c': "Mon Jan _2 15:04:05 2006", 'x': "01/02/2006", 'X': "15:04:05", 'z': "-0700", 'Z': "MST",
	'+': "Mon Jan _2 15:04:05 MST 2006",
}

// directive writes the directive at the start of rest (behind the %) and returns its length.
func directive(b *strings.Builder, t time.Time, rest string) int {
	c := rest[0]
	if layout, ok := layouts[c]; ok {
		b.WriteString(t.Format(layout))
		return 1
	}
	digits, unit, n := 3, c, 1
	if isDigit(c) && len(rest) > 1 {
		digits, unit, n = int(c-'0'), rest[1], 2
	}
	switch unit {
	case 'N', 'Q':
		if n == 1 && unit == 'N' {
			digits = 9
		}
		frac := fmt.Sprintf("%09d", t.Nanosecond())
		b.WriteString(frac[:min(digits, 9)])
		return n
	}
	switch c {
	case 's':
		b.WriteString(strconv.FormatInt(t.Unix(), 10))
	case 'f':
		fmt.Fprintf(b, "%06d", t.Nanosecond()/1000)
	case 'k':
		fmt.Fprintf(b, "%2d", t.Hour())
	case 'l':
		fmt.Fprintf(b, "%2d", (t.Hour()+11)%12+1)
	case 'w':
		b.WriteString(strconv.Itoa(int(t.Weekday())))
	case 'u':
		b.WriteString(strconv.Itoa((int(t.Weekday())+6)%7 + 1))
	case 'U':
		fmt.Fprintf(b, "%02d", (t.YearDay()+6-int(t.Weekday()))/7)
	case 'W':
		fmt.Fprintf(b, "%02d", (t.YearDay()+6-(int(t.Weekday())+6)%7)/7)
	case 'V':
		_, week := t.ISOWeek()
		fmt.Fprintf(b, "%02d", week)
	case 'G':
		year, _ := t.ISOWeek()
		b.WriteString(strconv.Itoa(year))
	case 'g':
		year, _ := t.ISOWeek()
		fmt.Fprintf(b, "%02d", year%100)
	case 'E':
		if len(rest) > 1 && rest[1] == 'z' { // the zone in minutes
			_, offset := t.Zone()
			fmt.Fprintf(b, "%+d", offset/60)
			return 2
		}
		b.WriteString("%E")
	case 'C':
		fmt.Fprintf(b, "%02d", t.Year()/100)
	case 'n':
		b.WriteByte('\n')
	case 't':
		b.WriteByte('\t')
	case '%':
		b.WriteByte('%')
	case ':':
		if len(rest) > 1 && rest[1] == 'z' {
			b.WriteString(t.Format("-07:00"))
			return 2
		}
		if strings.HasPrefix(rest, "::z") {
			b.WriteString(t.Format("-07:00:00"))
			return 3
		}
		b.WriteString("%:")
	default:
		b.WriteString("%" + string(c))
	}
	return 1
}

// clock collects what strptime reads.
type clock struct {
	year, month, day, hour, minute, second, nano int
	pm, hour12                                   bool
	yday                                         int
	zone                                         *time.Location
	epoch                                        *float64
}

// strptime reads a text by a format; ok is false where it does not fit.
func strptime(s, format string) (float64, bool) { return strptimeOn(s, format, 0) }

// strptimeOn is strptime with the day that a text without a date is of, and the year that one without a year is of.
func strptimeOn(s, format string, now float64) (float64, bool) {
	c := clock{year: instant(now).Year(), month: 1, day: 1, zone: time.UTC}
	if dateless(format) {
		y, m, d := instant(now).Date()
		c.year, c.month, c.day = y, int(m), d
	}
	for i := 0; i < len(format); i++ {
		switch f := format[i]; {
		case f == '%' && i+1 < len(format):
			i++
			rest, used, ok := c.read(s, format[i:])
			if !ok {
				return 0, false
			}
			s = rest
			i += used - 1
		case f == ' ' || f == '\t' || f == '\n':
			s = strings.TrimLeft(s, " \t\n")
		default:
			if s == "" || s[0] != f {
				return 0, false
			}
			s = s[1:]
		}
	}
	return c.seconds()
}

// dateless reports whether a format has no part of a date.
func dateless(format string) bool {
	for i := 0; i+1 < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		if i++; strings.IndexByte("YymdejbBhFDxcsaAUuwVG+", format[i]) >= 0 {
			return false
		}
	}
	return true
}

func (c *clock) seconds() (float64, bool) {
	if c.epoch != nil {
		return *c.epoch, true
	}
	if c.hour12 {
		c.hour %= 12
		if c.pm {
			c.hour += 12
		}
	}
	if c.yday > 0 {
		c.month, c.day = 1, c.yday
	}
	if c.month > 12 || c.day > 366 || c.hour > 23 || c.minute > 59 || c.second > 60 {
		return 0, false
	}
	t := time.Date(c.year, time.Month(c.month), c.day, c.hour, c.minute, c.second, c.nano, c.zone)
	return seconds(t), true
}

// compound maps directives that stand for several.
var compound = map[byte]string{'T': "%H:%M:%S", 'F': "%Y-%m-%d", 'D': "%m/%d/%y", 'R': "%H:%M", 'r': "%I:%M:%S %p", 'c': "%a %b %e %H:%M:%S %Y", 'x': "%m/%d/%Y", 'X': "%H:%M:%S"}

// read reads the directive at the start of format from s. used is the length of the directive.
func (c *clock) read(s, format string) (rest string, used int, ok bool) {
	d, used := format[0], 1
	if more, isCompound := compound[d]; isCompound {
		for i := 0; i < len(more); i++ {
			if more[i] == '%' {
				i++
				if s, _, ok = c.read(s, more[i:i+1]); !ok {
					return s, used, false
				}
				continue
			}
			if s == "" || s[0] != more[i] {
				return s, used, false
			}
			s = s[1:]
		}
		return s, used, true
	}
	if isDigit(d) && len(format) > 1 {
		d, used = format[1], 2
	}
	switch d {
	case 'Y':
		return c.digits(s, 4, &c.year, used)
	case 'm':
		return c.digits(s, 2, &c.month, used)
	case 'd', 'e':
		return c.digits(strings.TrimLeft(s, " "), 2, &c.day, used)
	case 'H', 'k':
		return c.digits(strings.TrimLeft(s, " "), 2, &c.hour, used)
	case 'I', 'l':
		c.hour12 = true
		return c.digits(strings.TrimLeft(s, " "), 2, &c.hour, used)
	case 'M':
		return c.digits(s, 2, &c.minute, used)
	case 'S':
		return c.digits(s, 2, &c.second, used)
	case 'j':
		return c.digits(s, 3, &c.yday, used)
	case 'y':
		rest, used, ok = c.digits(s, 2, &c.year, used)
		if c.year += 1900; c.year < 1969 {
			c.year += 100
		}
		return rest, used, ok
	}
	return c.readWord(s, d, used)
}

func (c *clock) digits(s string, width int, to *int, used int) (string, int, bool) {
	n := 0
	for n < width && n < len(s) && isDigit(s[n]) {
		n++
	}
	x, err := strconv.Atoi(s[:n])
	if err != nil {
		return s, used, false
	}
	*to = x
	return s[n:], used, true
}

// readWord reads the directives that are not whole numbers.
func (c *clock) readWord(s string, d byte, used int) (string, int, bool) {
	switch d {
	case 'N', 'Q', 'f':
		n := 0
		for n < len(s) && n < 9 && isDigit(s[n]) {
			n++
		}
		if n == 0 {
			return s, used, false
		}
		c.nano, _ = strconv.Atoi(s[:n] + strings.Repeat("0", 9-n))
		return s[n:], used, true
	case 's':
		n := 0
		for n < len(s) && (isDigit(s[n]) || s[n] == '.') {
			n++
		}
		x, ok := parseNumber(s[:n])
		c.epoch = &x
		return s[n:], used, ok
	case 'b', 'B', 'h':
		for m := time.January; m <= time.December; m++ {
			if rest, ok := cutName(s, m.String()); ok {
				c.month = int(m)
				return rest, used, true
			}
		}
	case 'a', 'A':
		for w := time.Sunday; w <= time.Saturday; w++ {
			if rest, ok := cutName(s, w.String()); ok {
				return rest, used, true
			}
		}
	case 'p':
		if len(s) >= 2 && strings.EqualFold(s[1:2], "m") {
			c.pm, c.hour12 = s[0] == 'p' || s[0] == 'P', true
			return s[2:], used, c.pm || s[0] == 'a' || s[0] == 'A'
		}
	case 'z', 'Z', ':':
		if d == ':' {
			used++
		}
		return c.readZone(s, used)
	case '%':
		return strings.TrimPrefix(s, "%"), used, strings.HasPrefix(s, "%")
	}
	return s, used, false
}

// cutName cuts a full or three-letter name, in any case, off s.
func cutName(s, name string) (string, bool) {
	for _, n := range []string{name, name[:3]} {
		if len(s) >= len(n) && strings.EqualFold(s[:len(n)], n) {
			return s[len(n):], true
		}
	}
	return s, false
}

func (c *clock) readZone(s string, used int) (string, int, bool) {
	for _, name := range []string{"UTC", "GMT", "Z"} {
		if strings.HasPrefix(s, name) {
			c.zone = time.UTC
			return s[len(name):], used, true
		}
	}
	for _, layout := range []string{"-07:00", "-0700", "-07"} {
		n := len(layout)
		if len(s) < n {
			continue
		}
		if t, err := time.Parse(layout, s[:n]); err == nil {
			_, offset := t.Zone()
			c.zone = time.FixedZone("", offset)
			return s[n:], used, true
		}
	}
	return s, used, false
}
