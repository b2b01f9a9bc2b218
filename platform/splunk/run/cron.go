package run

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// cron is a cron_schedule: for minute, hour, day, month and weekday the values at which it runs.
type cron struct {
	fields [5]map[int]bool
	// anyDay and anyWeekday say that the field is *: when both are restricted, one of them is enough.
	anyDay, anyWeekday bool
}

var cronBounds = [5][2]int{{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 7}}

func parseCron(text string) (*cron, error) {
	parts := strings.Fields(text)
	if len(parts) != 5 {
		return nil, fmt.Errorf("cron_schedule %q has %d fields, not 5", text, len(parts))
	}
	c := &cron{anyDay: parts[2] == "*", anyWeekday: parts[4] == "*"}
	for i, p := range parts {
		c.fields[i] = map[int]bool{}
		for _, item := range strings.Split(p, ",") {
			if err := addCron(c.fields[i], item, cronBounds[i]); err != nil {
				return nil, fmt.Errorf("cron_schedule %q: %w", text, err)
			}
		}
	}
	if c.fields[4][7] { // Sunday
		c.fields[4][0] = true
	}
	return c, nil
}

// addCron adds the values of one of the forms *, 5, 5-10, */15 and 4-59/5.
func addCron(to map[int]bool, item string, bounds [2]int) error {
	span, stepText, stepped := strings.Cut(item, "/")
	step := 1
	if stepped {
		var err error
		if step, err = strconv.Atoi(stepText); err != nil || step < 1 {
			return fmt.Errorf("%q is no step", stepText)
		}
	}
	from, last := bounds[0], bounds[1]
	if span != "*" {
		low, high, ranged := strings.Cut(span, "-")
		var err error
		if from, err = strconv.Atoi(low); err != nil {
			return fmt.Errorf("%q is no number", low)
		}
		if last = from; ranged {
			if last, err = strconv.Atoi(high); err != nil {
				return fmt.Errorf("%q is no number", high)
			}
		}
	}
	if from < bounds[0] || last > bounds[1] || from > last {
		return fmt.Errorf("%q is out of range", item)
	}
	for v := from; v <= last; v += step {
		to[v] = true
	}
	return nil
}

func (c *cron) at(t time.Time) bool {
	if !c.fields[0][t.Minute()] || !c.fields[1][t.Hour()] || !c.fields[3][int(t.Month())] {
		return false
	}
	day, weekday := c.fields[2][t.Day()], c.fields[4][int(t.Weekday())]
	if c.anyDay || c.anyWeekday {
		return day && weekday
	}
	return day || weekday
}

// times returns the scheduled times in [from, to].
func (c *cron) times(from, to time.Time) []time.Time {
	var out []time.Time
	t := from.UTC().Truncate(time.Minute)
	if t.Before(from) {
		t = t.Add(time.Minute)
	}
	for !t.After(to) {
		switch {
		case c.at(t):
			out = append(out, t)
		case !c.fields[1][t.Hour()]: // nothing in this hour
			t = t.Truncate(time.Hour).Add(59 * time.Minute)
		}
		t = t.Add(time.Minute)
	}
	return out
}

// relative resolves a time modifier such as -64m@m, -90s@s or now, from the scheduled time in UTC.
func relative(t time.Time, text string) (time.Time, error) {
	bad := fmt.Errorf("%q is no time modifier that is used here", text)
	rest := strings.TrimPrefix(text, "now")
	units := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}
	shift, snap, snapped := strings.Cut(rest, "@")
	if shift != "" {
		if len(shift) < 3 {
			return t, bad
		}
		n, err := strconv.Atoi(shift[:len(shift)-1])
		unit, ok := units[shift[len(shift)-1:]]
		if err != nil || !ok {
			return t, bad
		}
		t = t.Add(time.Duration(n) * unit)
	}
	if snapped {
		unit, ok := units[snap]
		if !ok {
			return t, bad
		}
		t = t.Truncate(unit)
	}
	return t, nil
}
