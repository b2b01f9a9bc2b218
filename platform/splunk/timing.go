package splunk

import (
	"fmt"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/spl"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/splunk/conf"
)

// timing fills in when the search runs and what range it looks at.
func timing(doc *conf.SavedSearch, r *ir.Rule, t backends.Timing) {
	doc.Cron = cron(spl.Interval(t), t.Delay)
	doc.Earliest = modifier(spl.Lookback(r, t))
	doc.Latest = modifier(t.Delay)
}

// cron returns the schedule with that interval whose ticks lie the delay behind whole multiples of it in UTC.
func cron(every, delay time.Duration) string {
	minutes := int((delay + time.Minute - 1) / time.Minute)
	steps := func(n, offset, end int) string {
		switch {
		case n == 1:
			return "*"
		case offset == 0:
			return fmt.Sprintf("*/%d", n)
		}
		return fmt.Sprintf("%d-%d/%d", offset, end, n)
	}
	if every < time.Hour {
		n := int(every / time.Minute)
		return steps(n, minutes%n, 59) + " * * * *"
	}
	minute, hours := minutes%60, minutes/60
	switch n := int(every / time.Hour); {
	case n < 24:
		return fmt.Sprintf("%d %s * * *", minute, steps(n, hours%n, 23))
	case n == 24:
		return fmt.Sprintf("%d %d * * *", minute, hours%24)
	default: // weeks since 1970 begin on Thursdays
		return fmt.Sprintf("%d %d * * %d", minute, hours%24, (4+hours/24)%7)
	}
}

// modifier is the time so long before the scheduled one, which is a full minute.
func modifier(d time.Duration) string {
	switch {
	case d == 0:
		return "now"
	case d%time.Hour == 0:
		return fmt.Sprintf("-%dh@m", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("-%dm@m", d/time.Minute)
	}
	return fmt.Sprintf("-%ds@s", d/time.Second)
}

// period writes a time of throttling.
func period(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return fmt.Sprintf("%ds", max(d/time.Second, 1))
}
