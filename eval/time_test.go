package eval

import (
	"testing"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// TestNoTime checks that an event without a time that can be read has no @timestamp, instead of one in 1970.
func TestNoTime(t *testing.T) {
	p, diags := ir.ParsePred("p", `(lt (hour (field @timestamp)) [6])`)
	if diags.HasErrors() {
		t.Fatal(diags[0])
	}
	r, err := Pred(p)
	if err != nil {
		t.Fatal(err)
	}
	if r.Holds(p, &schema.Event{Object: map[string]any{}}) {
		t.Error("an event without a time happened before six")
	}
	if !r.Holds(p, &schema.Event{Millis: schema.DefaultMillis, Object: map[string]any{}}) {
		t.Error("an event at midnight did not happen before six")
	}
}
