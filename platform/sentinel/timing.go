package sentinel

import (
	"fmt"
	"strings"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/kusto"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/sentinel/arm"
)

// plan is the timing that Sentinel gives a rule.
//
// A scheduled rule runs five minutes late, over a period that ends at the scheduled time; whether now() is the one time or the
// other is not documented. A rule over several events so settles for what happened five minutes before now() or more: it
// then depends on neither. An event rule with a delay of up to five minutes needs no condition on the time at all: each event lies
// in one period, and has arrived when it is searched.
//
// How often a rule runs is the author's, or else what Sentinel allows; it decides when findings are told, not which.
func plan(r *ir.Rule, t backends.Timing) (backends.Timing, *backends.Level) {
	chosen := r.Schedule.Every != 0
	out := backends.Timing{Every: t.Every, Delay: t.Delay}
	if !chosen {
		out.Every = intervalFor(r, max(t.Every, arm.MinFrequency))
	}
	if r.Body != nil {
		out.Delay = max(t.Delay, arm.Delay)
	}
	out.Lookback = period(r, out)
	if !chosen && out.Lookback > arm.LongPeriod && out.Every < arm.LongMin {
		out.Every = intervalFor(r, arm.LongMin)
		out.Lookback = period(r, out)
	}
	return out, refuse(r, out)
}

// intervalFor returns the least interval of that length or more that a rule may have.
func intervalFor(r *ir.Rule, least time.Duration) time.Duration {
	unit := time.Minute
	if b, ok := r.Body.(*ir.FirstSeen); ok && least > b.Every {
		unit = max(unit, b.Every)
	}
	return ceil(least, unit)
}

func ceil(d, unit time.Duration) time.Duration { return (d + unit - 1) / unit * unit }

// period is the query period: what the query reads, in whole minutes.
func period(r *ir.Rule, t backends.Timing) time.Duration {
	need := t.Every
	switch {
	case r.Body != nil:
		need = kusto.Lookback(r, t)
	case t.Delay > arm.Delay:
		need = t.Every + t.Delay
	}
	return ceil(max(need, r.Schedule.Lookback), time.Minute)
}

// refuse says what Sentinel does not allow, and what is nearest.
func refuse(r *ir.Rule, t backends.Timing) *backends.Level {
	var l backends.Level
	switch {
	case t.Every < arm.MinFrequency:
		l = backends.Refused("Sentinel runs a rule every five minutes at most", "write `schedule every 5m`, or leave `every` out")
	case t.Every > arm.MaxPeriod:
		l = backends.Refused("Sentinel runs a rule every 14 days at least", "write `schedule every 14d` or less")
	case t.Every%time.Minute != 0:
		l = backends.Refused("Sentinel runs a rule at intervals of whole minutes", "write `schedule every "+words(ceil(t.Every, time.Minute))+"`")
	case t.Lookback > arm.MaxPeriod:
		l = backends.Refused(fmt.Sprintf("the query would look back %s (%s), and Sentinel's query period is 14 days at most", words(t.Lookback), made(r)), shorter(r, t))
	case t.Lookback > arm.LongPeriod && t.Every < arm.LongMin:
		l = backends.Refused(fmt.Sprintf("the query looks back %s, and with a query period of more than two days Sentinel runs a rule once an hour or more seldom", words(t.Lookback)),
			"write `schedule every 1h`, or leave `every` out")
	default:
		return nil
	}
	return &l
}

// made says what a look-back is made of.
func made(r *ir.Rule) string {
	switch r.Body.(type) {
	case *ir.FirstSeen:
		return "the history, the interval that is judged, the interval between runs and the delay"
	case *ir.Baseline:
		return "what is learned, the window that is judged, the interval between runs and the delay"
	case *ir.Count:
		return "the window, the interval between runs and the delay"
	case *ir.Sequence:
		return "the span of a chain, the interval between runs and the delay"
	case *ir.Absence:
		return "the window, the interval between runs and the delay or grace"
	case nil:
	}
	return "the interval between runs and the delay"
}

// shorter names the longest history, learning time or window that fits into 14 days.
func shorter(r *ir.Rule, t backends.Timing) string {
	over := t.Lookback - arm.MaxPeriod
	cut := func(d, unit time.Duration) time.Duration { return (d - over) / unit * unit }
	switch b := r.Body.(type) {
	case *ir.FirstSeen:
		if d := cut(b.History, niceUnit(b.History)); d > b.Warmup {
			return "write `history " + words(d) + "`, or less"
		}
	case *ir.Baseline:
		if d := cut(b.Learn, b.Bucket); d > 0 {
			return "write `learn " + words(d) + "`, or less"
		}
	case *ir.Count:
		if d := cut(b.Window.Size, niceUnit(b.Window.Size)); d > 0 && b.Window.Kind != ir.Session {
			return "write `" + b.Window.Kind.String() + " " + words(d) + "`, or less"
		}
	case *ir.Sequence:
		over = ceil(over, ir.Reach(r)/b.Within) / (ir.Reach(r) / b.Within) // a together rule that waits reaches back twice its span
		if d := cut(b.Within, niceUnit(b.Within)); d > 0 {
			return "write `within " + words(d) + "`, or less"
		}
	case *ir.Absence, nil:
	}
	return "choose shorter times, or leave this target out"
}

// niceUnit is the unit in which an author would write a duration.
func niceUnit(d time.Duration) time.Duration {
	for _, u := range []time.Duration{24 * time.Hour, time.Hour} {
		if d >= 2*u {
			return u
		}
	}
	return time.Minute
}

// words writes a duration as the rule language does: 1d2h.
func words(d time.Duration) string {
	var b strings.Builder
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}, {time.Millisecond, "ms"}} {
		if n := d / u.unit; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, u.name)
			d %= u.unit
		}
	}
	return b.String()
}
