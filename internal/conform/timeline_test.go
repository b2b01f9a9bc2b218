package conform

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/onerule/onerule/engine"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
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
					got, err := stream(l.Rule, s.Events, late)
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
					slices.SortStableFunc(s.Events, func(a, b schema.Event) int { return cmp.Compare(a.Millis, b.Millis) })
				}
			})
		}
	}
}

func stream(r *ir.Rule, events []schema.Event, late time.Duration) ([]ir.Finding, error) {
	e, err := engine.New(r, engine.Options{Lateness: late})
	if err != nil {
		return nil, err
	}
	var out []ir.Finding
	for i := range events {
		for _, f := range e.Push(&events[i]) {
			out = append(out, f.Finding)
		}
	}
	for _, f := range e.Close() {
		out = append(out, f.Finding)
	}
	return out, nil
}
