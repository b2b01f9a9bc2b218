package datadog

import (
	"fmt"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/datadog/api"
)

const day = 24 * time.Hour

// newValueLevel says how exactly the method new_value carries a first_seen rule.
//
// The platform remembers a value for forgetAfter days from each event that has it, and looks at each event; the rule asks at
// ticks whether the value occurred in the history before the tick. A value that the rule finds did not occur in the history
// before the event either, which is not shorter than forgetAfter, so the platform reports it. Beyond that it reports values
// whose last event lies in the history before the tick, but not before the event, and those of groups that it came to know
// otherwise than by an event before the warm-up.
func newValueLevel(b *ir.Bound, _ backends.Timing) backends.Level {
	x, ok := b.Rule.Body.(*ir.FirstSeen)
	if !ok {
		return backends.Refused("the rule watches no values", "leave the choice of the rule type to OneRule")
	}
	if x.History < day {
		return backends.Refused("the platform remembers values for whole days, one at least, and the history is "+spellDuration(x.History), "use a history of 1d or more")
	}
	level := together(oneSource(b), onSpans(b, api.NewValueMethod))
	if level.Kind == backends.Refuse {
		return level
	}
	_, keys := groupFields(b, x.Per)
	_, value := groupFields(b, []int{x.Value})
	o := newValueOptions(x)
	why := fmt.Sprintf("at each event, a value is new that its group did not have for %d days, whatever the ticks of %s", o.ForgetAfter, spellDuration(x.Every))
	if time.Duration(o.ForgetAfter)*day != x.History {
		why += " and the history of " + spellDuration(x.History)
	}
	if x.Warmup > 0 {
		why += fmt.Sprintf("; it is learned for %s, and a group counts as known then that the rule may not know yet", spellDuration(time.Duration(o.LearningDuration)*day))
	}
	level = together(level, keys, value)
	if level.Kind == backends.Refuse {
		return level
	}
	return together(level, backends.Wider(why+"; every finding is a signal of its own")).With("learning", "log-order")
}

// newValueOptions rounds the history and the warm-up down to days, so that nothing is missed.
func newValueOptions(x *ir.FirstSeen) *api.NewValueOptions {
	forget := min(int(x.History/day), api.LongestDays)
	if x.Warmup == 0 {
		return api.LearnsNothing(forget)
	}
	return api.LearnsFor(min(int(x.Warmup/day), api.LongestDays), forget)
}

// newValueRule makes the query of the document; each new value is a signal of its own.
func newValueRule(b *ir.Bound) (*api.DetectionRule, diag.List) {
	x := b.Rule.Body.(*ir.FirstSeen)
	groupBy, _ := groupFields(b, x.Per)
	values, _ := groupFields(b, []int{x.Value})
	text, diags := queryText(b)
	return &api.DetectionRule{
		Type: ruleType(b),
		Queries: []api.Query{{
			Query: text, Aggregation: api.NewValue, GroupByFields: groupBy, DistinctFields: []string{}, Metrics: values, DataSource: sourceOf(b.Parts[0]),
		}},
		Cases:   []api.Case{{Status: status(b.Rule), Notifications: []string{}}},
		Options: api.Options{DetectionMethod: api.NewValueMethod, NewValueOptions: newValueOptions(x)},
	}, diags
}
