package spl

import (
	"fmt"
	"slices"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// bodyLevel says whether a saved search carries a rule over several events.
func bodyLevel(b *ir.Bound, t backends.Timing) backends.Level {
	level := backends.Rewritten("counted by stats")
	for _, l := range []backends.Level{TimingLevel(b.Rule, t), columnsLevel(b), shapeLevel(b, t)} {
		if l.Kind == backends.Refuse {
			return l
		}
		level = level.With(l.Assumptions...)
	}
	return level
}

// columnsLevel is about keys and arguments, whatever is done with them.
func columnsLevel(b *ir.Bound) backends.Level {
	var names []string
	for _, p := range b.Parts {
		for _, k := range p.Keys {
			f, ok := k.Term.(*ir.Field)
			switch {
			case !ok:
			case f.Type == schema.Date:
				return backends.Refused(fmt.Sprintf("`%s` is a time, and times are not grouped by here", f.Name), "use a window, or a field that is no time")
			default:
				names = append(names, typeAssumptions(f)...)
				if k.Fold {
					names = append(names, "fold")
				}
			}
		}
		for i, a := range p.Args {
			if !readsArg(b.Rule, p, i) {
				continue
			}
			l := argLevel(a)
			if l.Kind == backends.Refuse {
				return l
			}
			names = append(names, l.Assumptions...)
		}
	}
	return backends.Exactly().With(names...)
}

// readsArg reports whether an argument is read on events of a part: of those that steps have, as that of a step which the part's
// events can take.
func readsArg(r *ir.Rule, p ir.Part, arg int) bool {
	s, ok := r.Body.(*ir.Sequence)
	return !ok || slices.ContainsFunc(r.StepValues(), func(v ir.StepValue) bool { return v.Arg == arg && stepCond(p, &s.Steps[v.Step]) != nil })
}

// typeAssumptions is what reading a field as text takes for granted.
func typeAssumptions(f *ir.Field) []string {
	var names []string
	if !f.Array {
		names = append(names, "scalar")
	}
	switch {
	case f.Type == schema.IP:
		names = append(names, "ip-text")
	case f.Type == schema.Boolean:
		names = append(names, "bool-text")
	}
	return append(names, "json-null")
}

func argLevel(t ir.Term) backends.Level {
	f, ok := t.(*ir.Field)
	if ok && f.Type != schema.Date {
		return backends.Exactly().With(typeAssumptions(f)...)
	}
	if _, lit := t.(*ir.Lit); lit {
		return backends.Exactly()
	}
	return calcLevel(&ir.Rel{Op: ir.Eq, L: t, R: t}, false)
}

// shapeLevel is about the windows and what is computed in them.
func shapeLevel(b *ir.Bound, t backends.Timing) backends.Level {
	r := b.Rule
	var names []string
	for _, scope := range r.Scopes() {
		for i := range scope.Aggs {
			l := aggLevel(b, &scope.Aggs[i])
			if l.Kind == backends.Refuse {
				return l
			}
			names = append(names, l.Assumptions...)
		}
	}
	every := Interval(t)
	switch c := r.Body.(type) {
	case *ir.Count:
		return countLevel(b, c, every).With(names...)
	case *ir.FirstSeen:
		if l := wholeSeconds(c.Every, c.History, c.Warmup); l.Kind == backends.Refuse {
			return l
		}
		if every > c.Every {
			return moreOften(every, c.Every, "first_seen looks")
		}
		return backends.Assuming("search-limits")
	case *ir.Baseline:
		if l := wholeSeconds(c.Bucket); l.Kind == backends.Refuse {
			return l
		}
		if every > c.Bucket {
			return moreOften(every, c.Bucket, "a window of the baseline ends")
		}
		return backends.Assuming("search-limits")
	case *ir.Sequence:
		return sequenceLevel(b, c)
	case *ir.Absence:
		return absenceLevel(c)
	case nil:
	}
	return backends.Refused("the rule finds single events", "ask for its query")
}

func moreOften(every, at time.Duration, what string) backends.Level {
	return backends.Refused(fmt.Sprintf("the search would run every %s, and %s every %s: one run judges one of them", words(every), what, words(at)), fmt.Sprintf("write `schedule every %s`, or leave `every` out", words(at)))
}

func wholeSeconds(ds ...time.Duration) backends.Level {
	for _, d := range ds {
		if d%time.Second != 0 {
			return backends.Refused(fmt.Sprintf("%s is no whole number of seconds, in which the search counts time", d), fmt.Sprintf("use %s", words(max(d.Round(time.Second), time.Second))))
		}
	}
	return backends.Exactly()
}

func countLevel(b *ir.Bound, c *ir.Count, every time.Duration) backends.Level {
	if l := wholeSeconds(c.Window.Size, c.Window.Every, c.Window.Max); l.Kind == backends.Refuse {
		return l
	}
	x := &body{bound: b, rule: b.Rule}
	names := []string{}
	for _, s := range c.Scopes {
		if len(s.Keys) == len(c.Per) {
			continue
		}
		names = append(names, "search-limits")
		if n := x.arrays(s.Keys); n < x.arrays(c.Per) && (n > 0 || c.Window.Kind == ir.Sliding) {
			return backends.Refused(fmt.Sprintf("an event may be in several groups, but counts once in the scope `%s`", s.Name), "group by fields that have one value, or leave the scope out")
		}
	}
	if x.arrays(c.Per) > 1 || c.Window.Kind == ir.Hopping && every > c.Window.Every {
		names = append(names, "search-limits")
	}
	switch c.Window.Kind {
	case ir.Sliding:
		names = append(names, "search-limits")
	case ir.Session:
		names = append(names, "search-limits", "session-start")
		if n := sessionCuts(c.Window, every); n > maxCuts {
			return backends.Refused(fmt.Sprintf("a search that runs every %s may hold %d sessions of %s without a gap, and each needs commands of its own", words(every), n, words(c.Window.Max)), "write a longer `max`, or `schedule every` a shorter time")
		}
	case ir.Tumbling, ir.Hopping:
	}
	return backends.Exactly().With(names...)
}

// maxCuts is how many sessions of the greatest length a search may hold.
const maxCuts = 6

// aggLevel says whether an aggregate can be computed in the rule's windows.
func aggLevel(b *ir.Bound, a *ir.Agg) backends.Level {
	array := false
	for _, p := range b.Parts {
		if a.Arg >= 0 {
			for _, f := range termFields(p.Args[a.Arg]) {
				array = array || f.Array
			}
		}
	}
	c, ok := b.Rule.Body.(*ir.Count)
	if ok && c.Window.Kind == ir.Sliding {
		return slidingLevel(b.Rule, a, array)
	}
	if ok && c.Window.Kind == ir.Session && (a.Func == ir.AggFirst || a.Func == ir.AggLast || isRanked(a.Func)) {
		return backends.Refused(fmt.Sprintf("`%s` in a session, which is counted event by event", a.Func), "leave it out, or use a window such as `window 10m every 1m`")
	}
	if array && a.Func != ir.AggDistinct && a.Func != ir.AggValues && a.Func != ir.AggMin && a.Func != ir.AggMax {
		return backends.Refused(fmt.Sprintf("`%s` of a field with several values: whether each counts is not documented", a.Func), "use a field with one value, or distinct, min or max")
	}
	switch {
	case a.Func == ir.AggFirst || a.Func == ir.AggLast:
		return backends.Assuming("distinct-times")
	case isRanked(a.Func):
		return backends.Assuming("search-limits")
	}
	return backends.Exactly()
}

// slidingLevel refuses what cannot be undone when an event leaves the window.
func slidingLevel(r *ir.Rule, a *ir.Agg, array bool) backends.Level {
	switch {
	case a.Func != ir.AggCount && a.Func != ir.AggDistinct && a.Func != ir.AggSum,
		a.Func == ir.AggSum && ir.TermType(r.Args[a.Arg]) != schema.Long:
		return backends.Refused(fmt.Sprintf("a sliding window is counted by running sums, and `%s` is none of whole numbers", a.Func), "use count, distinct, or sum of whole numbers; or a window such as `window 10m every 1m`")
	case array:
		return backends.Refused(fmt.Sprintf("`%s` of a field with several values in a sliding window", a.Func), "use a field with one value, or a window such as `window 10m every 1m`")
	}
	return backends.Exactly()
}
