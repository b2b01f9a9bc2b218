package datadog

import (
	"fmt"
	"math"

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

// refusal ends the reading of a condition.
type refusal struct{ level backends.Level }

func refuse(why, instead string) { panic(refusal{backends.Refused(why, instead)}) }

// formulaOf reads the condition of a rule, or says why cases cannot have it.
func formulaOf(r *ir.Rule) (f formula, level backends.Level) {
	level = backends.Exactly()
	defer func() {
		if x := recover(); x != nil {
			stop, ok := x.(refusal)
			if !ok {
				panic(x)
			}
			f, level = nil, stop.level
		}
	}()
	return reader{r}.cond(r.When(), false), level
}

type reader struct{ rule *ir.Rule }

func (w reader) cond(c ir.Cond, negated bool) formula {
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
func (w reader) join(xs []ir.Cond, negated, and bool) formula {
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
			refuse(fmt.Sprintf("written out, the condition has more than %d alternatives, each of which is a case of the rule", maxAlternatives), "split the rule")
		}
	}
	for _, a := range out {
		if len(a) == 0 {
			return always
		}
	}
	return out
}

func (w reader) compare(c *ir.CondCmp, negated bool) formula {
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
		op = map[ir.Op]ir.Op{ir.Lt: ir.Gt, ir.Le: ir.Ge, ir.Gt: ir.Lt, ir.Ge: ir.Le, ir.Eq: ir.Eq}[op]
	}
	if !isAgg || !lConst && !rConst {
		refuse("a case compares one number of a query with a constant, and cannot calculate: `"+w.rule.CondWords(c)+"`", "compare counts with numbers, such as `n >= 20`")
	}
	return w.test(c, agg, op, value, negated)
}

// constant is the value of a number without aggregates.
func (w reader) constant(n ir.Num) (float64, bool) {
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
	case *ir.NumCall, *ir.NumAgg, *ir.NumBase:
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
	default:
		return false
	}
}

// test makes a test of an aggregate. Counts and sums are never missing and not below 0 (sums under an assumption), so that a
// test that every number passes is none, and a negated comparison is the opposite one.
func (w reader) test(c ir.Cond, agg *ir.NumAgg, op ir.Op, value float64, negated bool) formula {
	f := w.rule.Agg(agg).Func
	full := f != ir.AggMax
	if negated {
		if !full {
			refuse("`not` before a comparison of max would hold where there is no value, and a case has no test for that", "turn the comparison around")
		}
		op = map[ir.Op]ir.Op{ir.Lt: ir.Ge, ir.Le: ir.Gt, ir.Gt: ir.Le, ir.Ge: ir.Lt, ir.Eq: ir.Eq}[op]
	}
	t := test{agg: agg, orEqual: op == ir.Ge, value: value}
	switch op {
	case ir.Gt, ir.Ge:
	case ir.Eq:
		refuse("a case tests `>` and `>=` only: `"+w.rule.CondWords(c)+"`", "ask for at least that number")
	default:
		refuse("a case tests `>` and `>=` only, and a number that is too small has no event that would raise a signal: `"+w.rule.CondWords(c)+"`", "ask for at least some number, or leave Datadog out")
	}
	if f == ir.AggCount || f == ir.AggDistinct {
		t.value = math.Ceil(value)
		t.orEqual = t.orEqual || t.value != value
	}
	switch {
	case full && (value < 0 || value == 0 && t.orEqual):
		return always
	case value < 0:
		refuse("a case that compares with a number below 0 is not documented", "compare with 0 or more")
	}
	return formula{{t}}
}
