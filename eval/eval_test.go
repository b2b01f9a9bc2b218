package eval_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/irgen"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/schema"
)

func catalogueFields(t testing.TB, names ...string) []*ir.Field {
	t.Helper()
	var out []*ir.Field
	for _, n := range names {
		f, ok := schema.Lookup(n)
		if !ok {
			t.Fatalf("no field %s", n)
		}
		out = append(out, &ir.Field{Name: n, Type: f.Type, Array: f.Array})
	}
	return out
}

func config(t testing.TB) irgen.Config {
	return irgen.Config{Fields: catalogueFields(t, "process.name", "process.args", "process.pid", "source.ip", "host.ip", "process.start", "process.parent.name", "network.bytes", "process.parent.pid", "email.to.address")}
}

// TestPassesKeepMeaning checks every pass of the pipeline on random predicates and events.
func TestPassesKeepMeaning(t *testing.T) {
	c := config(t)
	for i, ps := range pass.Pipeline {
		t.Run(ps.Name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				before := c.Pred(t, 3)
				for _, earlier := range pass.Pipeline[:i] {
					before = earlier.Run(before)
				}
				text := ir.PrintPred(before)
				after := ps.Run(before)
				if ir.PrintPred(before) != text {
					t.Fatalf("the pass edited its input\n%s\n%s", text, ir.PrintPred(before))
				}
				if err := ir.VerifyPred(after); err != nil {
					t.Fatal(err)
				}
				e := c.Event(t, before, "e")
				if holds(t, before, &e) != holds(t, after, &e) {
					t.Fatalf("before %s\nafter  %s\nevent  %v", text, ir.PrintPred(after), e.Object)
				}
			})
		})
	}
}

// TestTextForm checks that the text form parses back to the same predicate.
func TestTextForm(t *testing.T) {
	c := config(t)
	rapid.Check(t, func(t *rapid.T) {
		p := c.Pred(t, 3)
		text := ir.PrintPred(p)
		q, diags := ir.ParsePred("p", text)
		if len(diags) > 0 {
			t.Fatalf("%s\n%v", text, diags)
		}
		if got := ir.PrintPred(q); got != text {
			t.Fatalf("printed again\n%s\n%s", text, got)
		}
		e := c.Event(t, p, "e")
		if holds(t, p, &e) != holds(t, q, &e) {
			t.Fatalf("%s means something else when parsed back", text)
		}
	})
}

type fataler interface {
	Helper()
	Fatal(args ...any)
}

func holds(t fataler, p ir.Pred, e *schema.Event) bool {
	t.Helper()
	r, err := eval.Pred(p)
	if err != nil {
		t.Fatal(err)
	}
	return r.Holds(p, e)
}

// TestOperatorExamples runs the examples of the operator table.
func TestOperatorExamples(t *testing.T) {
	for _, info := range ir.Ops {
		for _, ex := range info.Examples {
			t.Run(ex, func(t *testing.T) {
				lhs, rest, ok := strings.Cut(ex, " "+info.Text+" ")
				rhs, want, ok2 := strings.Cut(rest, " -> ")
				if !ok || !ok2 {
					t.Fatalf("the example is not of the form `value %s literal -> result`", info.Text)
				}
				f := &ir.Field{Name: "f", Type: info.Types[0]}
				if info.Op == ir.Lt || info.Op == ir.Le || info.Op == ir.Gt || info.Op == ir.Ge {
					f.Type = schema.Long
				}
				e := &schema.Event{Object: map[string]any{}}
				if lhs != "missing" {
					e.Object["f"] = json.Number(strings.Trim(lhs, `"`))
					if f.Type != schema.Long {
						e.Object["f"] = strings.Trim(lhs, `"`)
					}
				}
				litType := f.Type
				if f.Type == schema.IP {
					litType = schema.Keyword
				}
				lit, ok := schema.FromText(litType, strings.Trim(rhs, `"`))
				if !ok {
					t.Fatalf("no literal %s", rhs)
				}
				p := &ir.Cmp{Op: info.Op, L: f, R: []schema.Value{lit}}
				if got := holds(t, p, e); got != (want == "true") {
					t.Errorf("%s: got %v", ex, got)
				}
			})
		}
	}
}

func BenchmarkHolds(b *testing.B) {
	p, diags := ir.ParsePred("p", `(and (eq (field process.name) ["net.exe" "net1.exe"]) (not (eq (field process.parent.name) ["net.exe"])) (eq (field process.args) ["user"]) (eq (field process.args) ["/ad" "/add"]))`)
	if len(diags) > 0 {
		b.Fatal(diags)
	}
	r, err := eval.Pred(p)
	if err != nil {
		b.Fatal(err)
	}
	e := &schema.Event{Object: map[string]any{"process.name": "net1.exe", "process.parent.name": "cmd.exe", "process.args": []any{"net1", "user", "eve", "/add"}}}
	b.ReportAllocs()
	for b.Loop() {
		if !r.Holds(p, e) {
			b.Fatal("not found")
		}
	}
}
