package rewrite

import (
	"fmt"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/ir"
)

const (
	// Shortest is Kibana's least interval (xpack.alerting.rules.minimumScheduleInterval).
	Shortest = time.Minute
	// Settle is how much later than the end of its range of events a query may start.
	Settle = time.Minute
	// MostSlack is how late a run may be.
	MostSlack = 5 * time.Minute
)

// OrderClock is how a detection rule of Kibana runs a sequence or together rule. A run reads the events of
// [start−From, start−To], both ends included, and tells the first chain of each key in them: that does not depend on when the
// query of the run starts. Runs overlap, so that every chain lies whole in one of them.
type OrderClock struct {
	Interval, From, To time.Duration
	// Wait is, for chains that are judged when their span is over, how long before the query the first event must have
	// happened. The query knows its time only by `now`, which may be as late as Settle.
	Wait time.Duration
}

// OrderClockOf returns the clock of a sequence or together rule.
func OrderClockOf(r *ir.Rule, t backends.Timing) OrderClock {
	s := r.Body.(*ir.Sequence)
	c := OrderClock{Interval: RoundUp(max(t.Every, Shortest), time.Second), To: RoundUp(max(t.Delay, 0), time.Second)}
	reach := c.To + ir.Reach(r)
	if s.Waits() {
		c.Wait = RoundUp(c.To+s.Within+Settle, time.Second)
		reach = c.Wait + ir.Reach(r) - s.Within
	}
	c.From = RoundUp(max(r.Schedule.Lookback, c.Interval+reach)+min(c.Interval, MostSlack), time.Minute)
	return c
}

// Timing is what runs tell: the chains that are dated before start−Delay, in the events from start−Delay−Lookback on.
func (c OrderClock) Timing(within time.Duration) backends.Timing {
	delay := c.To
	if c.Wait > 0 {
		delay = c.Wait - within
	}
	return backends.Timing{Every: c.Interval, Delay: delay, Lookback: c.From - delay}
}

// TimingLevel says whether a detection rule can keep the schedule that a rule asks for.
func TimingLevel(r *ir.Rule, t backends.Timing) backends.Level {
	if e := r.Schedule.Every; e != 0 && (e < Shortest || e%time.Second != 0) {
		return backends.Refused(fmt.Sprintf("Kibana runs rules every minute at the most, at intervals of whole seconds, and not every %s", Words(e)),
			fmt.Sprintf("write `schedule every %s`", Words(RoundUp(max(e, Shortest), time.Minute))))
	}
	if t.Delay%time.Second != 0 {
		return backends.Refused("the delay is no whole number of seconds", fmt.Sprintf("write `delay %s`", Words(RoundUp(t.Delay, time.Second))))
	}
	return backends.Exactly()
}

// Words writes a duration as rules do: 90m, 1h, 2d.
func Words(d time.Duration) string {
	n, unit := Unit(d)
	if unit == "" {
		return d.String()
	}
	return fmt.Sprint(n, unit)
}

// Unit returns a duration in the largest unit that it is a whole number of: d, h, m, s, ms; "" when there is none.
func Unit(d time.Duration) (n int64, unit string) {
	for _, u := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}, {time.Millisecond, "ms"}} {
		if d%u.size == 0 {
			return int64(d / u.size), u.name
		}
	}
	return 0, ""
}

// RoundUp returns the least multiple of a duration that is not shorter than d.
func RoundUp(d, to time.Duration) time.Duration { return (d + to - 1) / to * to }
