package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/engine"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/irgen"
	"github.com/onerule/onerule/schema"
)

// sameAsEval is the one claim about the engine: it finds what the reference evaluator finds in the events that did not come
// too late, and counts the others.
func sameAsEval(t *rapid.T) {
	r := irgen.TimelineRule(t)
	events := irgen.TimelineEvents(t, 40)
	late := time.Duration(rapid.SampledFrom([]int{0, 1, 500, 2000, 10_000, 60_000}).Draw(t, "lateness")) * time.Millisecond
	switch rapid.IntRange(0, 2).Draw(t, "order") {
	case 0:
		slices.SortStableFunc(events, func(a, b schema.Event) int { return int(a.Millis - b.Millis) })
	case 1: // up to a second apart
		slices.SortStableFunc(events, func(a, b schema.Event) int { return int(a.Millis/1000 - b.Millis/1000) })
	}
	e, err := engine.New(r, engine.Options{Lateness: late})
	if err != nil {
		t.Fatal(err)
	}
	rule, err := eval.New(r)
	if err != nil {
		t.Fatal(err)
	}
	var got []ir.Finding
	take := func(fs []engine.Finding) {
		for _, f := range fs {
			got = append(got, f.Finding)
			if (f.First != nil) != (f.Event != "" && r.When() == nil) || f.First != nil && f.First.ID != f.Event {
				t.Fatalf("%s carries %v", f.Identity(), f.First)
			}
		}
	}
	var rows []eval.Row
	wantLate, newest := 0, int64(-1<<62)
	for i := range events {
		ev := &events[i]
		take(e.Push(ev))
		newest = max(newest, ev.Millis)
		row, ok := rule.Row(ev)
		switch {
		case !ok:
		case r.Body != nil && ev.Millis < newest-late.Milliseconds():
			wantLate++
		default:
			rows = append(rows, row)
		}
	}
	take(e.Close())
	if e.Late() != wantLate {
		t.Fatalf("%d events are late, want %d", e.Late(), wantLate)
	}
	a, b := texts(got), texts(eval.Findings(r, rows, eval.Always))
	if !slices.Equal(a, b) {
		t.Fatalf("%s\nengine\n  %s\neval\n  %s", ir.Print(r), strings.Join(a, "\n  "), strings.Join(b, "\n  "))
	}
}

func texts(fs []ir.Finding) []string {
	var out []string
	for _, f := range fs {
		text := f.Identity() + " " + f.Event + " " + f.History
		for _, vs := range f.Shown {
			text += " |"
			for _, v := range vs {
				if v.Type() == schema.Double {
					text += fmt.Sprintf(" %.9f", v.Float64()+1e-12)
				} else {
					text += " " + v.String()
				}
			}
		}
		out = append(out, text)
	}
	slices.Sort(out)
	return out
}

func TestSameAsEval(t *testing.T) { rapid.Check(t, sameAsEval) }

func FuzzSameAsEval(f *testing.F) { f.Fuzz(rapid.MakeFuzz(sameAsEval)) }

// TestPredicates compares the compiled conditions with the reference on random predicates and events.
func TestPredicates(t *testing.T) {
	var fields []*ir.Field
	for _, n := range []string{"process.name", "process.args", "process.pid", "source.ip", "host.ip", "process.start", "network.bytes", "event.risk_score", "@timestamp", "process.interactive"} {
		f, ok := schema.Lookup(n)
		if !ok {
			t.Fatal(n)
		}
		fields = append(fields, &ir.Field{Name: n, Type: f.Type, Array: f.Array})
	}
	c := irgen.Config{Fields: fields, Nulls: true}
	rapid.Check(t, func(t *rapid.T) {
		r := &ir.Rule{From: []ir.ClassOn{{Class: "process.start", Source: "windows"}}, Where: c.Pred(t, 3)}
		if rapid.Bool().Draw(t, "alt") {
			r.Alts = []ir.Alt{{Binding: "b", Where: c.Pred(t, 2)}}
		}
		e := c.Event(t, r.Where, "e")
		e.Class, e.Source = "process.start", "windows"
		e.Binding = rapid.SampledFrom([]string{"", "b", "c"}).Draw(t, "binding")
		rule, err := eval.New(r)
		if err != nil {
			t.Fatal(err)
		}
		x, err := engine.New(r, engine.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // nothing is left behind
			if got, want := len(x.Push(&e)) == 1, rule.Match(&e); got != want {
				t.Fatalf("engine %v, eval %v: %s on %v", got, want, ir.PrintPred(r.Where), e.Object)
			}
		}
	})
}
