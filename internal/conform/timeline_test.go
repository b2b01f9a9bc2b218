package conform

import (
	"fmt"
	"slices"
	"testing"

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
