package secl

import (
	"math"
	"slices"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/datadog/secl/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// ints is a set of whole numbers: sorted intervals that neither touch nor overlap.
type ints []interval

type interval struct{ lo, hi int64 }

// wholeNumber returns a literal as a whole number.
func wholeNumber(v schema.Value) (int64, bool) {
	if v.Type() == schema.Double {
		f := v.Float64()
		return int64(f), f == math.Trunc(f) && math.Abs(f) < 1<<53
	}
	return v.Int64(), v.Type() == schema.Long
}

// intsOf returns the numbers that satisfy a comparison; ok is false for literals that are no whole numbers.
func intsOf(op ir.Op, literals []schema.Value) (set ints, ok bool) {
	for _, v := range literals {
		n, whole := wholeNumber(v)
		if !whole {
			return nil, false
		}
		i := interval{math.MinInt64, math.MaxInt64}
		empty := false
		switch op {
		case ir.Eq:
			i = interval{n, n}
		case ir.Lt:
			i.hi, empty = n-1, n == math.MinInt64
		case ir.Le:
			i.hi = n
		case ir.Gt:
			i.lo, empty = n+1, n == math.MaxInt64
		case ir.Ge:
			i.lo = n
		case ir.Contains, ir.StartsWith, ir.EndsWith, ir.Like, ir.Matches, ir.InCIDR:
			return nil, false
		}
		if !empty {
			set = append(set, i)
		}
	}
	return set.normal(), true
}

// normal sorts intervals and joins those that touch.
func (s ints) normal() ints {
	slices.SortFunc(s, func(a, b interval) int {
		switch {
		case a.lo < b.lo:
			return -1
		case a.lo > b.lo:
			return 1
		}
		return 0
	})
	var out ints
	for _, i := range s {
		if n := len(out); n > 0 && (out[n-1].hi == math.MaxInt64 || i.lo <= out[n-1].hi+1) {
			out[n-1].hi = max(out[n-1].hi, i.hi)
			continue
		}
		out = append(out, i)
	}
	return out
}

func (s ints) union(o ints) ints { return append(slices.Clone(s), o...).normal() }

func (s ints) not() ints {
	var out ints
	next, more := int64(math.MinInt64), true
	for _, i := range s {
		if i.lo > next {
			out = append(out, interval{next, i.lo - 1})
		}
		next, more = i.hi+1, i.hi < math.MaxInt64
	}
	if more {
		out = append(out, interval{next, math.MaxInt64})
	}
	return out
}

func (s ints) has(n int64) bool {
	return slices.ContainsFunc(s, func(i interval) bool { return i.lo <= n && n <= i.hi })
}

// elementInts returns the numbers for which the body of a quantifier holds.
func elementInts(body ir.Pred, name string) (set ints, ok bool) {
	switch b := body.(type) {
	case *ir.And:
		set = ints{{math.MinInt64, math.MaxInt64}}
		for _, x := range b.Xs {
			s, ok := elementInts(x, name)
			if !ok {
				return nil, false
			}
			set = set.not().union(s.not()).not()
		}
		return set, true
	case *ir.Or:
		for _, x := range b.Xs {
			s, ok := elementInts(x, name)
			if !ok {
				return nil, false
			}
			set = set.union(s)
		}
		return set, true
	case *ir.Not, *ir.Cmp:
		c, sub, negated, ok := backends.ElementTest(body, name)
		if !ok || sub != "" {
			return nil, false
		}
		if set, ok = intsOf(c.Op, c.R); ok && negated {
			set = set.not()
		}
		return set, ok
	case *ir.Const, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return nil, false
}

// maxPoints is the largest interval that is written out.
const maxPoints = 16

// in tests that the field, or some value of it, lies in a set. exact is false where a list is asked for both ends of an
// interval, which different values may satisfy. An empty set gives nil.
func (t target) in(s ints) (x syntax.Expr, exact bool) {
	exact = true
	var points, tests []syntax.Expr
	for _, i := range s {
		switch {
		case i.lo == math.MinInt64 && i.hi == math.MaxInt64:
			tests = append(tests, syntax.Any(t.compare(syntax.GreaterEqual, 0), t.compare(syntax.Less, 0)))
		case i.lo == math.MinInt64:
			tests = append(tests, t.compare(syntax.LessEqual, i.hi))
		case i.hi == math.MaxInt64:
			tests = append(tests, t.compare(syntax.GreaterEqual, i.lo))
		case uint64(i.hi-i.lo) < maxPoints:
			for n := i.lo; n <= i.hi; n++ {
				points = append(points, syntax.Integer(n))
			}
		default:
			exact = exact && !t.list
			tests = append(tests, syntax.All(t.compare(syntax.GreaterEqual, i.lo), t.compare(syntax.LessEqual, i.hi)))
		}
	}
	if len(points) > 0 {
		tests = append([]syntax.Expr{t.is(points...)}, tests...)
	}
	return syntax.Any(tests...), exact
}
