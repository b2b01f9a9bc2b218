package ir

import "time"

// Timing is how a platform runs a rule: at each tick, Every apart, the query looks at what happened up to Delay before the
// tick and not longer than Lookback before it.
type Timing struct {
	Every, Delay, Lookback time.Duration
}

// Settled is the end of what a tick judges: events before it have arrived.
func (t Timing) Settled(tick time.Time) time.Time { return tick.Add(-t.Delay) }

// defaultEvery is how often an event rule runs unless its author says otherwise.
const defaultEvery = 5 * time.Minute

// TimingOf computes the timing of a rule from its schedule and what its body has to see: with settled = tick−Delay,
// a tick judges the findings whose window ends in (settled−Every, settled], or whose time lies in [settled−Every, settled);
// the look-back reaches to the first event that such a finding depends on. The rule's own look-back counts when it is longer; a shorter one is a fault of the rule.
func TimingOf(r *Rule) Timing {
	t := Timing{Every: r.Schedule.Every, Delay: r.Schedule.Delay}
	if t.Every == 0 {
		t.Every = defaultEvery
		switch b := r.Body.(type) {
		case *Count:
			switch b.Window.Kind {
			case Tumbling:
				t.Every = b.Window.Size
			case Hopping:
				t.Every = b.Window.Every
			case Sliding, Session:
			}
		case *Baseline:
			t.Every = b.Bucket
		case *FirstSeen:
			t.Every = b.Every
		case *Absence:
			t.Every = b.Window
		case *Sequence, nil:
		}
	}
	if b, ok := r.Body.(*Absence); ok { // what arrives in the grace is waited for
		t.Delay = max(t.Delay, b.Grace)
	}
	t.Lookback = max(r.Schedule.Lookback, t.Every+t.Delay+Reach(r))
	return t
}

// Reach is how far before the findings that a tick judges the events lie that they depend on.
func Reach(r *Rule) time.Duration {
	switch b := r.Body.(type) {
	case *Count:
		switch b.Window.Kind {
		case Tumbling, Hopping:
			return b.Window.Size
		case Sliding: // an episode begins after an event whose own window reaches as far again
			return 2 * b.Window.Size
		case Session:
			return b.Window.Max + b.Window.Size
		}
	case *Baseline:
		return b.Learn + b.Bucket
	case *FirstSeen:
		return b.History
	case *Sequence:
		if !b.Ordered && b.Waits() { // what must be missing may stand a span before the chain, which is judged a span after its begin
			return 2 * b.Within
		}
		return b.Within
	case *Absence:
		return b.Window
	case nil:
	}
	return 0
}
