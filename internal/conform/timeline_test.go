package conform

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/onerule/onerule/engine"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
)

func timelinesOf(t *testing.T) []Timeline {
	t.Helper()
	out, err := LoadTimelines("testdata/timeline")
	if err != nil {
		t.Fatal(err)
	}
	streams := 0
	for _, l := range out {
		if err := ir.Verify(l.Rule); err != nil {
			t.Errorf("%s:%d: %v", l.File, l.Line, err)
		}
		streams += len(l.Streams)
	}
	if streams < 60 {
		t.Fatalf("only %d streams", streams)
	}
	return out
}

// TestTimelinesEval runs the timelines through the reference evaluator, with the rows forward and backward.
func TestTimelinesEval(t *testing.T) {
	for _, l := range timelinesOf(t) {
		rule, err := eval.New(l.Rule)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range l.Streams {
			t.Run(fmt.Sprintf("%s:%d %s", l.File, s.Line, s.Name), func(t *testing.T) {
				var rows []eval.Row
				for i := range s.Events {
					if row, ok := rule.Row(&s.Events[i]); ok {
						row.Arrives = s.Arrives[i]
						rows = append(rows, row)
					}
				}
				for range 2 {
					got := eval.Findings(l.Rule, rows, eval.Range{From: s.From, To: s.To})
					for _, fault := range s.Compare(l.Rule, got) {
						t.Error(fault)
					}
					slices.Reverse(rows)
				}
			})
		}
	}
}

// TestTimelinesEngine runs the timelines through the streaming evaluator, as they come and in the order of time.
func TestTimelinesEngine(t *testing.T) {
	for _, l := range timelinesOf(t) {
		for _, s := range l.Streams {
			t.Run(fmt.Sprintf("%s:%d %s", l.File, s.Line, s.Name), func(t *testing.T) {
				for _, late := range []time.Duration{365 * 24 * time.Hour, 0} {
					got, err := stream(l.Rule, s, late)
					if err != nil {
						t.Fatal(err)
					}
					got = slices.DeleteFunc(got, func(f ir.Finding) bool { // the stream has no range
						at := f.Time
						if c, ok := l.Rule.Body.(*ir.Count); f.From != f.To {
							at = f.From
							if ok && c.Window.Kind == ir.Hopping {
								at = f.To
							}
						}
						return at < s.From || at >= s.To
					})
					for _, fault := range s.Compare(l.Rule, got) {
						t.Errorf("lateness %v: %s", late, fault)
					}
					inTime(&s)
				}
			})
		}
	}
}

// inTime puts the events in the order of their times.
func inTime(s *Stream) {
	order := make([]int, len(s.Events))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(s.Events[a].Millis, s.Events[b].Millis) })
	out := *s
	out.Events, out.Arrives = nil, nil
	for _, i := range order {
		out.Events, out.Arrives = append(out.Events, s.Events[i]), append(out.Arrives, s.Arrives[i])
	}
	*s = out
}

func stream(r *ir.Rule, s Stream, late time.Duration) ([]ir.Finding, error) {
	o := engine.Options{Lateness: late}
	if s.From != math.MinInt64 {
		o.Range = engine.Range{From: s.From, To: s.To}
	}
	e, err := engine.New(r, o)
	if err != nil {
		return nil, err
	}
	order := make([]int, len(s.Events))
	for i := range order {
		order[i] = i
	}
	if _, ok := r.Body.(*ir.Absence); ok {
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(s.Arrives[a], s.Arrives[b]) })
	}
	var out []ir.Finding
	for _, i := range order {
		for _, f := range e.PushAt(&s.Events[i], s.Arrives[i]) {
			out = append(out, f.Finding)
		}
	}
	for _, f := range e.Close() {
		out = append(out, f.Finding)
	}
	return out, nil
}
