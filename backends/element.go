package backends

import (
	"fmt"

	"github.com/onerule/onerule/ir"
)

// PushNot returns the body of a quantifier with `not` before its leaves only: the passes leave bodies as they were written.
func PushNot(body ir.Pred) ir.Pred { return pushNot(body, false) }

func pushNot(body ir.Pred, negate bool) ir.Pred {
	switch p := body.(type) {
	case *ir.Not:
		return pushNot(p.X, !negate)
	case *ir.And:
		return junction(p.Xs, negate, negate)
	case *ir.Or:
		return junction(p.Xs, negate, !negate)
	case *ir.Const:
		return &ir.Const{Value: p.Value != negate, Span: p.Span}
	case *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	if negate {
		return &ir.Not{X: body, Span: body.Pos()}
	}
	return body
}

func junction(xs []ir.Pred, negate, or bool) ir.Pred {
	out := make([]ir.Pred, len(xs))
	for i, x := range xs {
		out[i] = pushNot(x, negate)
	}
	if or {
		return &ir.Or{Xs: out}
	}
	return &ir.And{Xs: out}
}

// ElementTest returns the comparison that a leaf of a quantifier's body makes with the element itself, or with the value at
// a path inside an object element, and whether `not` stands before it. ok is false for other leaves.
func ElementTest(leaf ir.Pred, name string) (c *ir.Cmp, sub string, negated, ok bool) {
	if n, is := leaf.(*ir.Not); is {
		leaf, negated = n.X, true
	}
	c, is := leaf.(*ir.Cmp)
	if !is {
		return nil, "", false, false
	}
	e, is := c.L.(*ir.Elem)
	if !is || e.Var != name {
		return nil, "", false, false
	}
	return c, e.Sub, negated, true
}

// Of returns the comparison with another left side.
func Of(c *ir.Cmp, l ir.Term) *ir.Cmp {
	return &ir.Cmp{Op: c.Op, Cased: c.Cased, L: l, R: c.R, Span: c.Span}
}

// JoinLevels returns the level of conditions that stand together under and/or: the worst, and a refusal when one is wider
// and another narrower.
func JoinLevels(levels ...Level) Level {
	out := Exactly()
	var assumptions []string
	for _, l := range levels {
		assumptions = append(assumptions, l.Assumptions...)
		switch {
		case l.Kind == Refuse:
			return l
		case out.Kind == Widen && l.Kind == Narrow, out.Kind == Narrow && l.Kind == Widen:
			return Refused(fmt.Sprintf("one condition would find more and another less (%s; %s)", out.Why, l.Why), "ask the conditions apart, or use another language")
		case l.Kind > out.Kind:
			out = l
		}
	}
	out.Assumptions = nil
	return out.With(assumptions...)
}
