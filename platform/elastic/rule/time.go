package rule

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// timeUnits are the units of intervals and of date math, the longest first.
var timeUnits = []struct {
	name string
	size time.Duration
}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}}

// Interval writes a duration of whole seconds as an interval. Days are written in hours: no page says how a day is counted.
func Interval(d time.Duration) string {
	for _, u := range timeUnits[1:] {
		if d%u.size == 0 {
			return strconv.FormatInt(int64(d/u.size), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(d/time.Second), 10) + "s"
}

// ParseInterval reads an interval.
func ParseInterval(s string) (time.Duration, error) {
	if !intervalForm.MatchString(s) {
		return 0, fmt.Errorf("%q is no interval", s)
	}
	n, err := strconv.ParseInt(s[:len(s)-1], 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%q is no interval", s)
	}
	for _, u := range timeUnits {
		if u.name == s[len(s)-1:] {
			return time.Duration(n) * u.size, nil
		}
	}
	return 0, fmt.Errorf("%q is no interval", s)
}

// Since writes date math for so long before now.
func Since(d time.Duration) string {
	if d == 0 {
		return "now"
	}
	return "now-" + Interval(d)
}

var dateMath = regexp.MustCompile(`^now(-([1-9][0-9]*[smhd]))?$`)

// Ago reads date math of the forms now and now-5m as a duration before now.
func Ago(s string) (time.Duration, error) {
	m := dateMath.FindStringSubmatch(s)
	switch {
	case m == nil:
		return 0, fmt.Errorf("%q is neither now nor of the form now-5m", s)
	case m[2] == "":
		return 0, nil
	}
	return ParseInterval(m[2])
}
