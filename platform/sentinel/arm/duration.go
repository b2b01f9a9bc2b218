package arm

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var iso = regexp.MustCompile(`^P(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$`)

// ParseDuration reads an ISO 8601 duration of days, hours, minutes and seconds: P1DT2H, PT5M.
func ParseDuration(s string) (time.Duration, error) {
	m := iso.FindStringSubmatch(s)
	if m == nil || s == "P" || strings.HasSuffix(s, "T") {
		return 0, fmt.Errorf("%q is no ISO 8601 duration such as PT5M or P14D", s)
	}
	var d time.Duration
	for i, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second} {
		if m[i+1] == "" {
			continue
		}
		n, err := strconv.Atoi(m[i+1])
		if err != nil {
			return 0, err
		}
		d += time.Duration(n) * unit
	}
	return d, nil
}

// FormatDuration writes an ISO 8601 duration in whole seconds; days stand alone only where nothing is left over.
func FormatDuration(d time.Duration) string {
	if d%(24*time.Hour) == 0 && d > 0 {
		return fmt.Sprintf("P%dD", d/(24*time.Hour))
	}
	var b strings.Builder
	b.WriteByte('P')
	if days := d / (24 * time.Hour); days > 0 {
		fmt.Fprintf(&b, "%dD", days)
		d %= 24 * time.Hour
	}
	b.WriteByte('T')
	for _, u := range []struct {
		unit   time.Duration
		letter byte
	}{{time.Hour, 'H'}, {time.Minute, 'M'}, {time.Second, 'S'}} {
		if n := d / u.unit; n > 0 {
			fmt.Fprintf(&b, "%d%c", n, u.letter)
			d %= u.unit
		}
	}
	if s := b.String(); s != "PT" {
		return s
	}
	return "PT0S"
}
