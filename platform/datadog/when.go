package datadog

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/ir"
)

// test is a comparison of an aggregate with a constant: above it, or not below it.
type test struct {
	agg     *ir.NumAgg
	orEqual bool
	value   float64
}

// formula is a condition in the form that cases have: alternatives, of each of which every test must hold. An alternative
// without tests is always true.
type formula [][]test

var (
	always = formula{{}}
	never  = formula{}
)

// maxAlternatives bounds the cases of a rule: more of them nobody can review.
const maxAlternatives = 10

// formulaOf reads the condition of a rule. A comparison that cases cannot have, by themselves or because ask refuses its
// aggregate, is taken as true, which is wider; what is left must still ask for something. The level says so, or why there is no
// formula.
func formulaOf(r *ir.Rule, ask func(*ir.NumAgg) backends.Level) (formula, backends.Level) {
	w := &reader{rule: r, ask: ask, level: backends.Exactly()}
	f := w.cond(r.When(), false)
	switch {
	case w.level.Kind == backends.Refuse || len(w.missing) == 0:
		return f, w.level
	case slices.ContainsFunc(f, func(tests []test) bool { return len(tests) == 0 }):
		return nil, w.missing[0].level
	}
	var texts []string
	for _, m := range w.missing {
		texts = append(texts, "`"+m.words+"` is left out, because "+m.level.Why)
	}
	return f, backends.Wider(strings.Join(texts, "; "))
}

// reader reads a condition; level is the first refusal, missing what is left out.
type reader struct {
	rule    *ir.Rule
	ask     func(*ir.NumAgg) backends.Level
	level   backends.Level
	missing []unsaid
}

// unsaid is a comparison that cases cannot have.
type unsaid struct {
	words string
	level backends.Level
}

func (w *reader) refuse(why, instead string) formula {
	if w.level.Kind != backends.Refuse {
		w.level = backends.Refused(why, instead)
	}
	return never
}

// leaveOut takes a comparison as true.
func (w *reader) leaveOut(c ir.Cond, negated bool, l backends.Level) formula {
	words := w.rule.CondWords(c)
	if negated {
		words = "not " + words
	}
	w.missing = append(w.missing, unsaid{words, l})
	return always
}

func (w *reader) cond(c ir.Cond, negated bool) formula {
	switch c := c.(type) {
	case *ir.CondAnd:
		return w.join(c.Xs, negated, !negated)
	case *ir.CondOr:
		return w.join(c.Xs, negated, negated)
	case *ir.CondNot:
		return w.cond(c.X, !negated)
	case *ir.CondCmp:
		return w.compare(c, negated)
	}
	return always
}

// join multiplies out: the members of an "and" in all combinations of their alternatives, those of an "or" one after the other.
func (w *reader) join(xs []ir.Cond, negated, and bool) formula {
	out := never
	if and {
		out = always
	}
	for _, x := range xs {
		f := w.cond(x, negated)
		if !and {
			out = append(out, f...)
		} else {
			var all formula
			for _, a := range out {
				for _, b := range f {
					all = append(all, append(append([]test{}, a...), b...))
				}
			}
			out = all
		}
		if len(out) > maxAlternatives {
			return w.refuse(fmt.Sprintf("written out, the condition has more than %d alternatives, each of which is a case of the rule", maxAlternatives), "split the rule")
		}
	}
	for _, a := range out {
		if len(a) == 0 {
			return always
		}
	}
	return out
}

func (w *reader) compare(c *ir.CondCmp, negated bool) formula {
	l, lConst := w.constant(c.L)
	r, rConst := w.constant(c.R)
	op := c.Op
	agg, isAgg := c.L.(*ir.NumAgg)
	value := r
	switch {
	case lConst && rConst:
		if holds(op, l, r) != negated {
			return always
		}
		return never
	case lConst:
		agg, isAgg = c.R.(*ir.NumAgg)
		value = l
		op = mirrored[op]
	}
	if !isAgg || !lConst && !rConst {
		return w.leaveOut(c, negated, w.uncomparable(c))
	}
	return w.test(c, agg, op, value, negated)
}

// uncomparable says why a case has no such comparison.
func (w *reader) uncomparable(c *ir.CondCmp) backends.Level {
	if b, ok := w.rule.Body.(*ir.Baseline); ok && (learned(c.L) || learned(c.R)) {
		return backends.Refused("what is usual the platform learns and judges by an algorithm that is not published: the detection method anomaly_detection ("+anomalySettings(b)+" come nearest) is an alternative to choose by hand, never the same",
			"add a comparison with a constant, such as `n >= 20`, for a rule that counts")
	}
	return backends.Refused("a case compares one number of a query with a constant, and cannot calculate", "compare counts with numbers, such as `n >= 20`")
}

// learned reports whether a number is computed from what a baseline learned.
func learned(n ir.Num) bool {
	switch n := n.(type) {
	case *ir.NumBase:
		return true
	case *ir.NumArith:
		return learned(n.X) || learned(n.Y)
	case *ir.NumCall:
		return slices.ContainsFunc(n.Args, learned)
	case *ir.NumLit, *ir.NumAgg, *ir.NumStep:
	}
	return false
}

// constant is the value of a number without aggregates.
func (w *reader) constant(n ir.Num) (float64, bool) {
	switch n := n.(type) {
	case *ir.NumLit:
		return n.Value, true
	case *ir.NumArith:
		x, ok := w.constant(n.X)
		y, ok2 := w.constant(n.Y)
		if !ok || !ok2 || n.Op == '/' && y == 0 {
			return 0, false
		}
		switch n.Op {
		case '+':
			return x + y, true
		case '-':
			return x - y, true
		case '*':
			return x * y, true
		case '/':
			return x / y, true
		}
	case *ir.NumCall, *ir.NumAgg, *ir.NumBase, *ir.NumStep:
	}
	return 0, false
}

func holds(op ir.Op, l, r float64) bool {
	switch op {
	case ir.Lt:
		return l < r
	case ir.Le:
		return l <= r
	case ir.Gt:
		return l > r
	case ir.Ge:
		return l >= r
	case ir.Eq:
		return l == r
	case ir.Contains, ir.StartsWith, ir.EndsWith, ir.Like, ir.Matches, ir.InCIDR:
	}
	return false
}

// test makes a test of an aggregate. Counts are never missing and not below 0, so that a test that every count passes is none;
// as sums are never missing either, a negated comparison is the opposite one.
func (w *reader) test(c ir.Cond, agg *ir.NumAgg, op ir.Op, value float64, negated bool) formula {
	f := w.rule.Agg(agg).Func
	full := f == ir.AggCount || f == ir.AggDistinct || f == ir.AggSum
	if l := w.ask(agg); l.Kind == backends.Refuse {
		return w.leaveOut(c, negated, l)
	}
	if negated {
		if !full {
			return w.leaveOut(c, negated, backends.Refused("it also holds where there is no value, and a case has no test for that", "turn the comparison around"))
		}
		op = opposite[op]
	}
	t := test{agg: agg, orEqual: op == ir.Ge, value: value}
	if op != ir.Gt && op != ir.Ge {
		return w.leaveOut(c, negated, backends.Refused("a case tests `>` and `>=` only: a number that is too small has no event that would raise a signal", "ask for at least some number"))
	}
	if f == ir.AggCount || f == ir.AggDistinct {
		t.value = math.Ceil(value)
		t.orEqual = t.orEqual || t.value != value
	}
	switch trivial := value < 0 || value == 0 && t.orEqual; {
	case trivial && (f == ir.AggCount || f == ir.AggDistinct):
		return always
	case value < 0 || trivial && f == ir.AggSum:
		return w.leaveOut(c, negated, backends.Refused("what a case makes of a number below 0, or of a sum of nothing, is not documented", "compare with more than 0"))
	}
	return formula{{t}}
}

var (
	opposite = map[ir.Op]ir.Op{ir.Lt: ir.Ge, ir.Le: ir.Gt, ir.Gt: ir.Le, ir.Ge: ir.Lt, ir.Eq: ir.Eq}
	mirrored = map[ir.Op]ir.Op{ir.Lt: ir.Gt, ir.Le: ir.Ge, ir.Gt: ir.Lt, ir.Ge: ir.Le, ir.Eq: ir.Eq}
)
