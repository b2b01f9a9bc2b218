package engine_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/engine"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/irgen"
	"github.com/onerule/onerule/schema"
)

// declared is the field that all drawn rules declare.
var declared = schema.Field{Name: "ours", Type: schema.Keyword}

// eventFields are what the drawn rules read; the last ones are not mapped.
var eventFields = []*ir.Field{
	{Name: "process.name", Type: schema.Keyword},
	{Name: "process.args[]", Type: schema.Keyword, Array: true},
	{Name: "process.pid", Type: schema.Long},
	{Name: "source.ip", Type: schema.IP},
	{Name: "event.success", Type: schema.Boolean},
	{Name: "message", Type: schema.Text},
	{Name: "items[].name", Type: schema.Keyword, Array: true},
	{Name: declared.Name, Type: declared.Type},
	{Name: "@timestamp", Type: schema.Date},
	{Name: "user.name", Type: schema.Keyword},
}

func eventClass() (*schema.Binding, *schema.BoundClass) {
	c := schema.BoundClass{Class: "process.start"}
	for _, f := range eventFields[:len(eventFields)-3] {
		c.Mappings = append(c.Mappings, schema.Mapping{Field: schema.Field{Name: strings.ReplaceAll(f.Name, "[]", ""), Type: f.Type, Array: f.Array}, Native: schema.NativeField{Path: f.Name, Type: f.Type, Array: f.Array}})
	}
	b := &schema.Binding{Name: "drawn", Source: "windows", Time: schema.NativeField{Path: "@timestamp", Type: schema.Date}, Classes: []schema.BoundClass{c}}
	return b, &b.Classes[0]
}

// sameEvents: a worker finds the rules that the reference evaluator finds, event by event.
func sameEvents(t *rapid.T) {
	b, c := eventClass()
	config := irgen.Config{Fields: eventFields, Keywords: true}
	var rules []*ir.Rule
	var want []*eval.Rule
	for range rapid.IntRange(1, 8).Draw(t, "rules") {
		r := &ir.Rule{Name: "drawn", Fields: []ir.Declared{{Field: declared}}, From: []ir.ClassOn{{Class: "process.start", Source: "windows"}}, Where: config.Pred(t, 3)}
		if rapid.IntRange(0, 5).Draw(t, "alt") == 0 {
			r.Alts = []ir.Alt{{Binding: "drawn", Where: config.Pred(t, 2)}}
		}
		if rapid.IntRange(0, 9).Draw(t, "other source") == 0 {
			r.From[0].Source = "linux"
		}
		e, err := eval.New(r)
		if err != nil {
			t.Fatal(err)
		}
		rules, want = append(rules, r), append(want, e)
	}
	events, err := engine.NewEvents(rules)
	if err != nil {
		t.Fatal(err)
	}
	w := events.Worker()
	for range 6 {
		native := config.Event(t, rules[rapid.IntRange(0, len(rules)-1).Draw(t, "like")].Where, "1").Object
		canonical := b.CanonicalOf(c, "1", native)
		canonical.TakeDeclared(native, []schema.Field{declared})
		var expect []int
		for i, e := range want {
			if e.Match(&canonical) {
				expect = append(expect, i)
			}
		}
		got := w.Match(b, c, native, func() *schema.Event { return &canonical })
		if !slices.Equal(got, expect) {
			var texts string
			for _, r := range rules {
				texts += ir.Print(r) + "\n"
			}
			t.Fatalf("the worker finds %v, the evaluator %v\n%v\n%s", got, expect, native, texts)
		}
	}
}

func TestEventsSameAsEval(t *testing.T) { rapid.Check(t, sameEvents) }

func FuzzEventsSameAsEval(f *testing.F) { f.Fuzz(rapid.MakeFuzz(sameEvents)) }
