package spl

import (
	"fmt"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/ir"
)

// intervals are the distances of ticks that a cron expression keeps without a seam, the longest first.
var intervals = []time.Duration{
	7 * 24 * time.Hour, 24 * time.Hour, 12 * time.Hour, 8 * time.Hour, 6 * time.Hour, 4 * time.Hour, 3 * time.Hour, 2 * time.Hour, time.Hour,
	30 * time.Minute, 20 * time.Minute, 15 * time.Minute, 12 * time.Minute, 10 * time.Minute, 6 * time.Minute, 5 * time.Minute, 4 * time.Minute,
	3 * time.Minute, 2 * time.Minute, time.Minute,
}

// Interval is how far apart the ticks of a saved search are: the longest interval of cron that the timing's is a multiple
// of. A search that runs more often judges at each tick what has become ripe since the one before.
func Interval(t backends.Timing) time.Duration {
	for _, i := range intervals {
		if t.Every%i == 0 {
			return i
		}
	}
	return time.Minute
}

// Lookback is how far before a tick the range of the search begins. Ticks need not lie on the bounds of windows, because
// cron follows the time zone of the search's owner.
func Lookback(r *ir.Rule, t backends.Timing) time.Duration {
	reach := ir.Reach(r)
	switch b := r.Body.(type) {
	case *ir.FirstSeen:
		reach = b.Every + b.History
	case *ir.Count:
		if b.Window.Kind == ir.Session { // the session before, cut by its greatest length, and the gap before it
			reach = 2*b.Window.Max + b.Window.Size
		}
	case *ir.Baseline, *ir.Sequence, *ir.Absence, nil:
	}
	return max(t.Lookback, Interval(t)+t.Delay+reach)
}

// TimingLevel says whether a saved search can keep the timing that a rule asks for.
func TimingLevel(r *ir.Rule, t backends.Timing) backends.Level {
	if e := r.Schedule.Every; e != 0 && Interval(t) != e {
		return backends.Refused(fmt.Sprintf("cron has no schedule that runs every %s", words(e)), fmt.Sprintf("write `schedule every %s`; cron keeps 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 minutes, 1, 2, 3, 4, 6, 8, 12 hours, 1 day and 7 days", words(nearest(e))))
	}
	if t.Delay%time.Second != 0 || t.Lookback%time.Second != 0 {
		return backends.Refused("time modifiers count whole seconds", "give delay and look-back in whole seconds")
	}
	if Interval(t) > time.Hour {
		return backends.Assuming("no-dst")
	}
	return backends.Exactly()
}

// nearest is the interval of cron that differs least.
func nearest(e time.Duration) time.Duration {
	best := intervals[0]
	for _, i := range intervals {
		if (i - e).Abs() < (best - e).Abs() {
			best = i
		}
	}
	return best
}

// words writes a duration as rules do: 90m, 1h, 2d.
func words(d time.Duration) string {
	for _, u := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if d%u.size == 0 {
			return fmt.Sprintf("%d%s", d/u.size, u.name)
		}
	}
	return d.String()
}
