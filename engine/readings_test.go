package engine_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/engine"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/irgen"
	"github.com/onerule/onerule/schema"
)

// TestReadings: an event that is read in several ways counts once, whatever the rule: read twice alike, or once in a way that
// no rule looks at, it finds what it finds alone.
func TestReadings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r *ir.Rule
		var events []schema.Event
		if rapid.Bool().Draw(t, "steps") {
			r, events = irgen.SequenceRule(t), irgen.SequenceEvents(t, 30)
		} else {
			r, events = irgen.TimelineRule(t), irgen.TimelineEvents(t, 40)
		}
		slices.SortStableFunc(events, func(a, b schema.Event) int { return int(a.Millis - b.Millis) })
		run := func(push func(e *engine.Engine, ev *schema.Event) []engine.Finding) (found []string, late int) {
			e, err := engine.New(r, engine.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for i := range events {
				for _, f := range push(e, &events[i]) {
					found = append(found, f.Identity())
				}
			}
			for _, f := range e.Close() {
				found = append(found, f.Identity())
			}
			return found, e.Late()
		}
		want, wantLate := run(func(e *engine.Engine, ev *schema.Event) []engine.Finding { return e.Push(ev) })
		for name, push := range map[string]func(e *engine.Engine, ev *schema.Event) []engine.Finding{
			"twice alike": func(e *engine.Engine, ev *schema.Event) []engine.Finding { return e.Push(ev, ev) },
			"another reading first": func(e *engine.Engine, ev *schema.Event) []engine.Finding {
				other := *ev
				other.Class = "nothing.asked"
				return e.Push(&other, ev)
			},
		} {
			if got, late := run(push); !slices.Equal(got, want) || late != wantLate {
				t.Fatalf("%s: found %v, want %v; %d and %d late", name, got, want, late, wantLate)
			}
		}
	})
}
