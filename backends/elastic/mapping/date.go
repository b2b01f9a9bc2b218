package mapping

import (
	"fmt"
	"math/big"
	"strings"
	"time"
)

// DateOptions says how a date text of a query is read; the zero value is how documents are read.
type DateOptions struct {
	// RoundUp fills what the text leaves out with the last instant instead of the first, as gt and lte do. Month and day
	// are filled with 1 all the same.
	RoundUp bool
	// Now is the instant that `now` means; Math allows date math (now-1d, 2024-01-01||+1M/d).
	Now  time.Time
	Math bool
	// Zone is the zone of texts without one; nil is UTC.
	Zone *time.Location
}

// defaultDateFormats are those of a date field without a format.
var defaultDateFormats = []string{"strict_date_optional_time", "epoch_millis"}

type dateParser func(s string, o DateOptions) (time.Time, bool)

// dateFormats are the built-in formats that are known here.
var dateFormats = map[string]dateParser{
	"strict_date_optional_time":       parseISO,
	"date_optional_time":              parseISO,
	"strict_date_optional_time_nanos": parseISO,
	"iso8601":                         parseISO,
	"strict_date":                     parseDay,
	"yyyy-MM-dd":                      parseDay,
	"epoch_millis":                    func(s string, _ DateOptions) (time.Time, bool) { return parseEpoch(s, 1_000_000) },
	"epoch_second":                    func(s string, _ DateOptions) (time.Time, bool) { return parseEpoch(s, 1_000_000_000) },
}

// parseDay reads yyyy-MM-dd.
func parseDay(s string, o DateOptions) (time.Time, bool) {
	if len(s) != len("yyyy-MM-dd") {
		return time.Time{}, false
	}
	return parseISO(s, o)
}

// ParseDate reads a date text by the formats of the field, to the precision of its type.
func (f *Field) ParseDate(s string, o DateOptions) (time.Time, error) {
	formats := f.formats
	if len(formats) == 0 {
		formats = defaultDateFormats
	}
	t, err := parseDate(s, formats, o)
	if err != nil {
		return time.Time{}, err
	}
	if f.Type != "date_nanos" {
		t = floorMillis(t)
	}
	return t, nil
}

// ParseDate reads a date text by the default formats, strict_date_optional_time||epoch_millis, to the millisecond.
func ParseDate(s string, o DateOptions) (time.Time, error) {
	t, err := parseDate(s, defaultDateFormats, o)
	return floorMillis(t), err
}

func floorMillis(t time.Time) time.Time {
	return t.Add(-time.Duration(t.Nanosecond() % int(time.Millisecond)))
}

func parseDate(s string, formats []string, o DateOptions) (time.Time, error) {
	if o.Math {
		return parseDateMath(s, formats, o)
	}
	for _, name := range formats {
		if t, ok := dateFormats[name](s, o); ok {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("`%s` is no date of the format %s", s, strings.Join(formats, "||"))
}

// parseEpoch reads a count of units since 1970, with an optional sign and fraction.
func parseEpoch(s string, nanosPerUnit int64) (time.Time, bool) {
	if len(s) > 40 || strings.ContainsAny(s, "eE+") {
		return time.Time{}, false
	}
	d, err := ParseDecimal(s)
	if err != nil || d.rat == nil {
		return time.Time{}, false
	}
	nanos := new(big.Rat).Mul(d.rat, new(big.Rat).SetInt64(nanosPerUnit))
	whole := new(big.Int).Div(nanos.Num(), nanos.Denom())
	sec, rest := new(big.Int).DivMod(whole, big.NewInt(1_000_000_000), new(big.Int))
	const most = int64(1) << 40 // seconds; beyond the years that Elasticsearch's dates can hold with nanoseconds
	if !sec.IsInt64() || sec.Int64() > most || sec.Int64() < -most {
		return time.Time{}, false
	}
	return time.Unix(sec.Int64(), rest.Int64()).UTC(), true
}

// parseISO reads yyyy[-MM[-dd['T'[HH[:mm[:ss[.S{1,9}]]][zone]]]]], case and widths as written (the strict formats).
func parseISO(s string, o DateOptions) (time.Time, bool) {
	p := isoParser{s: s}
	year, ok := p.digits(4)
	if !ok {
		return time.Time{}, false
	}
	month, day, hour, minute, second, nano := 1, 1, 0, 0, 0, 0
	if o.RoundUp {
		hour, minute, second, nano = 23, 59, 59, 999_999_999
	}
	zone := o.Zone
	if zone == nil {
		zone = time.UTC
	}
	if p.byte('-') {
		if month, ok = p.digits(2); !ok || month < 1 || month > 12 {
			return time.Time{}, false
		}
		if p.byte('-') {
			if day, ok = p.digits(2); !ok || day < 1 || day > 31 {
				return time.Time{}, false
			}
			if p.byte('T') && !p.done() {
				if !p.clock(&hour, &minute, &second, &nano) {
					return time.Time{}, false
				}
				if z, ok := p.zone(); ok {
					zone = z
				}
			}
		}
	}
	if !p.done() {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, nano, zone)
	if t.Day() != day && zone == time.UTC || lastDay(year, month) < day {
		return time.Time{}, false
	}
	return t.UTC(), true
}

func lastDay(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

type isoParser struct {
	s   string
	pos int
}

func (p *isoParser) done() bool { return p.pos == len(p.s) }

func (p *isoParser) byte(c byte) bool {
	if p.pos < len(p.s) && p.s[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *isoParser) digits(n int) (int, bool) {
	if p.pos+n > len(p.s) {
		return 0, false
	}
	v := 0
	for _, c := range []byte(p.s[p.pos : p.pos+n]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + int(c-'0')
	}
	p.pos += n
	return v, true
}

// clock reads HH[:mm[:ss[(.|,)S{1,9}]]]; what is left out keeps its default.
func (p *isoParser) clock(hour, minute, second, nano *int) bool {
	var ok bool
	if *hour, ok = p.digits(2); !ok || *hour > 23 {
		return false
	}
	if !p.byte(':') {
		return true
	}
	if *minute, ok = p.digits(2); !ok || *minute > 59 {
		return false
	}
	if !p.byte(':') {
		return true
	}
	if *second, ok = p.digits(2); !ok || *second > 59 {
		return false
	}
	if !p.byte('.') && !p.byte(',') {
		return true
	}
	n, v := 0, 0
	for n < 9 && p.pos < len(p.s) && p.s[p.pos] >= '0' && p.s[p.pos] <= '9' {
		v = v*10 + int(p.s[p.pos]-'0')
		p.pos++
		n++
	}
	if n == 0 {
		return false
	}
	for ; n < 9; n++ {
		v *= 10
	}
	*nano = v
	return true
}

// zone reads Z, +HH, +HHmm or +HH:mm.
func (p *isoParser) zone() (*time.Location, bool) {
	if p.byte('Z') {
		return time.UTC, true
	}
	start := p.pos
	sign := 1
	switch {
	case p.byte('+'):
	case p.byte('-'):
		sign = -1
	default:
		return nil, false
	}
	hour, ok := p.digits(2)
	minute := 0
	if ok && hour <= 18 && !p.done() {
		p.byte(':')
		minute, ok = p.digits(2)
	}
	if !ok || hour > 18 || minute > 59 {
		p.pos = start
		return nil, false
	}
	return time.FixedZone("", sign*(hour*3600+minute*60)), true
}
