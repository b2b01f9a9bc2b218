package chain

import (
	"fmt"
	"testing"
	"time"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// TestNeverHolding: a comparison that never holds costs no search through all combinations of events, of which there are more
// than anybody could wait for.
func TestNeverHolding(t *testing.T) {
	const steps, n = 8, 60
	for _, ordered := range []bool{false, true} {
		for _, holds := range []bool{false, true} {
			s := &ir.Sequence{Ordered: ordered, Within: time.Hour}
			for i := range steps {
				s.Steps = append(s.Steps, ir.Step{Kind: ir.StepEvent, Cond: i, Repeat: 1})
			}
			for i := range steps - 1 { // != holds of all pairs, and the last one is ==
				s.Cross = append(s.Cross, ir.Cross{Op: ir.Eq, Negated: i < steps-2, L: ir.StepValue{Step: i}, R: ir.StepValue{Step: i + 1}})
			}
			var events []Event
			for i := range steps * n {
				e := Event{Millis: int64(i), ID: fmt.Sprintf("%05d", i), Fits: 1 << (i / n), Args: [][]schema.Value{{schema.Int(int64(i))}}}
				if holds && i == steps*n-1 {
					e.Args[0][0] = schema.Int(int64((steps-2)*n + 7))
				}
				events = append(events, e)
			}
			if _, found := New(s).Find(events, 0, time.Hour.Milliseconds()); found != holds {
				t.Errorf("ordered %v: found %v, want %v", ordered, found, holds)
			}
		}
	}
}
