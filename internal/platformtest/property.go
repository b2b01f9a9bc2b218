package platformtest

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// Tally counts what was drawn.
type Tally struct {
	drawn, refused map[string]int
	findings       int
}

// Refused counts a rule that a platform does not carry.
func (c *Tally) Refused(why string) { c.refused[why]++ }

// Broken counts a stream that does not satisfy what the output assumes.
func (c *Tally) Broken() { c.drawn["assumption broken"]++ }

// Drawn counts a rule of a kind, and its findings.
func (c *Tally) Drawn(kind string, findings int) {
	c.drawn[kind]++
	c.findings += findings
	if findings > 0 {
		c.drawn[kind+" with findings"]++
	}
}

// Property checks a property of drawn rules and streams, and logs what was drawn.
func Property(t *testing.T, property func(t *rapid.T, c *Tally)) {
	t.Helper()
	c := &Tally{drawn: map[string]int{}, refused: map[string]int{}}
	rapid.Check(t, func(t *rapid.T) { property(t, c) })
	t.Logf("findings %d", c.findings)
	for kind, n := range c.drawn {
		t.Logf("drawn %d: %s", n, kind)
	}
	for why, n := range c.refused {
		t.Logf("refused %d: %s", n, why)
	}
}

// Doubts draws artefacts with a function that runs them by switches, nil for a draw that is no use, and flips each switch by itself:
// what is found must not depend on it.
func Doubts(t *testing.T, doubts []native.Doubt, draw func(t *rapid.T) (m *Made, run func(switches map[string]bool) string)) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		m, run := draw(t)
		if run == nil {
			return
		}
		want := run(nil)
		for _, doubt := range doubts {
			if got := run(map[string]bool{doubt.Name: !doubt.Default}); got != want {
				t.Fatalf("what is found depends on %s\n%s\n%s\n%s", doubt.Name, m.Art.Query.Text, want, got)
			}
		}
	})
}

// KindOf is what a rule is called in a [Tally].
func KindOf(r *ir.Rule) string {
	switch b := r.Body.(type) {
	case *ir.Count:
		return b.Window.Kind.String()
	case *ir.Sequence:
		return kindOfSteps(b)
	case *ir.Absence, *ir.FirstSeen, *ir.Baseline, nil:
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", r.Body), "*ir.")
}

func kindOfSteps(s *ir.Sequence) string {
	out := "together"
	if s.Ordered {
		out = "sequence"
	}
	missing := false
	for _, st := range s.Steps {
		missing = missing || st.Kind == ir.StepMissing
	}
	for _, word := range []struct {
		has  bool
		text string
	}{
		{s.Waits(), " that waits"}, {len(s.Untils()) > 0, ", until"}, {s.Ordered && missing && !s.Waits(), ", missing between"}, {len(s.Cross) > 0, ", compared"},
	} {
		if word.has {
			out += word.text
		}
	}
	return out
}

// AllKeys are the places of all keys of a rule.
func AllKeys(r *ir.Rule) []int {
	out := []int{}
	for i := range r.Keys {
		out = append(out, i)
	}
	return out
}

// Draw draws pieces of rules.
type Draw struct {
	*rapid.T
	// Literals are the numbers that others are compared with.
	Literals []float64
	// Reads says of which aggregates conditions may speak, besides that they are numbers.
	Reads func(ir.Agg) bool
}

// N draws a number from low to high.
func (d Draw) N(label string, low, high int) int { return rapid.IntRange(low, high).Draw(d.T, label) }

// Cond draws a condition on the aggregates of a rule, whose body stands.
func (d Draw) Cond(r *ir.Rule, depth int) ir.Cond {
	if depth > 0 {
		switch d.N("junction", 0, 5) {
		case 0:
			return &ir.CondAnd{Xs: []ir.Cond{d.Cond(r, depth-1), d.Cond(r, depth-1)}}
		case 1:
			return &ir.CondOr{Xs: []ir.Cond{d.Cond(r, depth-1), d.Cond(r, depth-1)}}
		case 2:
			return &ir.CondNot{X: d.Cond(r, depth-1)}
		}
	}
	op := rapid.SampledFrom([]ir.Op{ir.Ge, ir.Gt, ir.Lt, ir.Le, ir.Eq, ir.Ge}).Draw(d.T, "comparison")
	return &ir.CondCmp{Op: op, L: d.num(r, 1), R: d.num(r, 0)}
}

// num draws a number; the parameter limit stands where an aggregate is none.
func (d Draw) num(r *ir.Rule, depth int) ir.Num {
	switch d.N("number", 0, 5) {
	case 0, 1:
		if depth == 0 {
			return &ir.NumLit{Value: rapid.SampledFrom(d.Literals).Draw(d.T, "literal")}
		}
	case 2:
		if depth > 0 {
			return &ir.NumArith{Op: rapid.SampledFrom([]byte("+-*/")).Draw(d.T, "arithmetic"), X: d.num(r, 0), Y: d.num(r, 0)}
		}
	case 3:
		if depth > 0 {
			f := rapid.SampledFrom([]ir.NumFunc{ir.NumMax, ir.NumMin, ir.NumAbs}).Draw(d.T, "function")
			c := &ir.NumCall{Func: f, Args: []ir.Num{d.num(r, 0)}}
			if f != ir.NumAbs {
				c.Args = append(c.Args, d.num(r, 0))
			}
			return c
		}
	case 4:
		if _, ok := r.Body.(*ir.Baseline); ok {
			return &ir.NumBase{What: rapid.SampledFrom([]ir.BaseNum{ir.BaseMean, ir.BaseStddev}).Draw(d.T, "learned")}
		}
	}
	s := r.Scopes()
	i := d.N("scope", 0, len(s)-1)
	j := d.N("aggregate", 0, len(s[i].Aggs)-1)
	if a := s[i].Aggs[j]; !a.Func.Info().Number || d.Reads != nil && !d.Reads(a) {
		return &ir.NumLit{Value: 2, Param: "limit"}
	}
	return &ir.NumAgg{Scope: i, Agg: j}
}

// Limit is the parameter that conditions of [Draw.Cond] may read.
func Limit() []ir.Param { return []ir.Param{{Name: "limit", Value: schema.Int(2)}} }
