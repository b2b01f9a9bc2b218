package esql

import (
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/backends/elastic/rewrite"
	"github.com/onerule/onerule/ir"
)

// Clock is how a detection rule runs a rule over several events. Kibana runs a rule about every Interval, and says nothing
// about the ticks; the query of a run knows its time by NOW(), which is a little later than the end of the range of
// events that Kibana gives it. So a run judges what ended in (NOW()−Delay−Interval−Slack, NOW()−Delay]: what the run before
// has judged in the last Slack is judged again, so that a late run loses nothing.
type Clock struct {
	Interval, Delay, Slack time.Duration
	// Lookback is how far before a run its range of events begins.
	Lookback time.Duration
}

const (
	shortest  = rewrite.Shortest
	settle    = rewrite.Settle
	mostSlack = rewrite.MostSlack
)

// ClockOf returns the clock of a rule with a body.
func ClockOf(r *ir.Rule, t backends.Timing) Clock {
	c := Clock{Interval: roundUp(max(t.Every, shortest), time.Second), Delay: roundUp(max(t.Delay, settle), time.Second)}
	c.Slack = min(c.Interval, mostSlack)
	c.Lookback = roundUp(max(t.Lookback, c.Delay+c.reach(r)), time.Minute)
	return c
}

// judged is the length of the range that a run judges.
func (c Clock) judged() time.Duration { return c.Interval + c.Slack }

// ticks is how many windows, one every so often, a run judges.
func (c Clock) ticks(every time.Duration) int { return int((c.judged() + every - 1) / every) }

// reach is how far before NOW()−Delay the events lie that a run looks at.
func (c Clock) reach(r *ir.Rule) time.Duration {
	switch b := r.Body.(type) {
	case *ir.Count:
		switch b.Window.Kind {
		case ir.Tumbling:
			return c.judged() + b.Window.Size
		case ir.Hopping:
			return time.Duration(c.ticks(b.Window.Every))*b.Window.Every + b.Window.Size
		case ir.Sliding:
			return c.judged() + 2*b.Window.Size
		case ir.Session:
			return c.judged() + 2*b.Window.Max + b.Window.Size
		}
	case *ir.Baseline:
		return time.Duration(c.ticks(b.Bucket)+1)*b.Bucket + b.Learn
	case *ir.FirstSeen:
		return time.Duration(c.ticks(b.Every)+1)*b.Every + b.History
	case *ir.Absence:
		return time.Duration(c.ticks(b.Window)+1) * b.Window
	case *ir.Sequence, nil:
	}
	return c.judged()
}

func roundUp(d, to time.Duration) time.Duration { return rewrite.RoundUp(d, to) }

// units are the words of durations, the longest first.
var units = []struct {
	size      time.Duration
	one, many string
}{
	{24 * time.Hour, "day", "days"},
	{time.Hour, "hour", "hours"},
	{time.Minute, "minute", "minutes"},
	{time.Second, "second", "seconds"},
	{time.Millisecond, "millisecond", "milliseconds"},
}

// span is a duration in the largest unit that it is a whole number of.
func span(d time.Duration) *syntax.TimeSpan {
	for _, u := range units {
		if n := int64(d / u.size); d%u.size == 0 {
			if n == 1 {
				return syntax.Span(n, u.one)
			}
			return syntax.Span(n, u.many)
		}
	}
	return syntax.Span(d.Milliseconds(), "milliseconds")
}

// trunc is the start of the window of that size around a time. Several days are said in hours, which count from 1970.
func trunc(size time.Duration, at syntax.Expr) syntax.Expr {
	s := span(size)
	if size > 24*time.Hour && size%(24*time.Hour) == 0 {
		s = syntax.Span(int64(size/time.Hour), "hours")
	}
	return syntax.Func("DATE_TRUNC", s, at)
}

// ago is a time before NOW().
func ago(d time.Duration) syntax.Expr {
	return syntax.Op(syntax.Sub, syntax.Func("NOW"), span(d))
}

// before and after move a time.
func before(at syntax.Expr, d time.Duration) syntax.Expr { return syntax.Op(syntax.Sub, at, span(d)) }

func after(at syntax.Expr, d time.Duration) syntax.Expr { return syntax.Op(syntax.Add, at, span(d)) }

func lt(a, b syntax.Expr) syntax.Expr { return syntax.Op(syntax.Lt, a, b) }
func le(a, b syntax.Expr) syntax.Expr { return syntax.Op(syntax.Le, a, b) }
func gt(a, b syntax.Expr) syntax.Expr { return syntax.Op(syntax.Gt, a, b) }
func ge(a, b syntax.Expr) syntax.Expr { return syntax.Op(syntax.Ge, a, b) }
func eq(a, b syntax.Expr) syntax.Expr { return syntax.Op(syntax.Eq, a, b) }

// ticks adds a column with the judged ticks, multiples of every since 1970: each event gets a row for each. back moves the
// ticks into the past.
func (x *body) ticks(name string, every, back time.Duration) {
	n := x.clock.ticks(every)
	newest := func(i int) syntax.Expr {
		return trunc(every, ago(x.clock.Delay+back+time.Duration(i)*every))
	}
	if n <= fewTicks {
		list := newest(0)
		for i := 1; i < n; i++ {
			list = syntax.Func("MV_APPEND", list, newest(i))
		}
		x.eval(syntax.Named(name, list))
	} else {
		steps := &syntax.List{}
		for i := range n {
			steps.Items = append(steps.Items, syntax.Int(int64(i)))
		}
		step := x.fresh("step")
		x.eval(syntax.Named(step, steps))
		x.add(&syntax.MvExpand{Name: syntax.NameOf(step)})
		x.eval(syntax.Named(name, syntax.Func("TO_DATETIME", syntax.Op(syntax.Sub, syntax.Func("TO_LONG", newest(0)),
			syntax.Op(syntax.Mul, syntax.Col(step), syntax.Func("TO_LONG", syntax.Int(every.Milliseconds())))))))
		return
	}
	if n > 1 {
		x.add(&syntax.MvExpand{Name: syntax.NameOf(name)})
	}
}

// fewTicks is how many ticks are written out.
const fewTicks = 3
