package conform

import (
	"fmt"
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/internal/difftest"
	"github.com/onerule/onerule/schema"
)

func load(t *testing.T) []Case {
	t.Helper()
	cases, err := Load("testdata")
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) < 50 {
		t.Fatalf("only %d cases", len(cases))
	}
	return cases
}

func TestEval(t *testing.T) {
	for _, c := range load(t) {
		r, err := eval.Pred(c.Pred)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range c.Events {
			if got := r.Holds(c.Pred, &schema.Event{Object: e.Object}); got != e.Want {
				t.Errorf("%s:%d: %s on %v: %v", c.File, e.Line, c.Text, e.Object, got)
			}
		}
	}
}

// TestLanguages runs the scripts through every language: what it claims must hold, and what it refuses is counted.
func TestLanguages(t *testing.T) {
	for _, b := range all.Backends {
		t.Run(b.Lang, func(t *testing.T) {
			counts := map[backends.Kind]int{}
			without := 0
			for _, c := range load(t) {
				setup, ok := stage(b)
				if !ok {
					t.Fatalf("no fields for %s", b.Lang)
				}
				ran := false
				for _, fields := range setup {
					renamed, ok := c.Rename(fields)
					if !ok {
						continue
					}
					ran = true
					s := difftest.Setup{Backend: b, Table: table[b.Lang], Fields: values(fields)}
					var events []schema.Event
					for _, e := range renamed.Events {
						events = append(events, schema.Event{ID: fmt.Sprint(e.Line), Object: e.Object})
					}
					t.Run(fmt.Sprintf("%s:%d", c.File, c.Line), func(t *testing.T) { counts[s.Compare(t, canonical(renamed.Pred), events)]++ })
					break
				}
				if !ran {
					without++
				}
			}
			t.Logf("%v, %d cases without fields", counts, without)
		})
	}
}
