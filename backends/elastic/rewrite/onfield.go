package rewrite

import (
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// Inverse returns the order that holds of two values exactly when op does not; ok is false for other operators.
func Inverse(op ir.Op) (inverse ir.Op, ok bool) {
	inverse, ok = map[ir.Op]ir.Op{ir.Lt: ir.Ge, ir.Le: ir.Gt, ir.Gt: ir.Le, ir.Ge: ir.Lt}[op]
	return inverse, ok
}

// OnField returns the body of an `any` with the field in the place of the element, which is wider; a negated order is
// turned round, because `not` over a field speaks of all its values. ok is false when the body says more of an element than
// comparisons with literals, or something that the language has no comparison for.
func OnField(body ir.Pred, over *ir.Field, says func(*ir.Cmp) bool) (p ir.Pred, ok bool) {
	switch b := body.(type) {
	case *ir.And:
		xs, ok := eachOnField(b.Xs, over, says)
		return &ir.And{Xs: xs}, ok
	case *ir.Or:
		xs, ok := eachOnField(b.Xs, over, says)
		return &ir.Or{Xs: xs}, ok
	case *ir.Cmp:
		c := &ir.Cmp{Op: b.Op, Cased: b.Cased, L: over, R: b.R}
		_, elem := b.L.(*ir.Elem)
		return c, elem && says(c)
	case *ir.Not:
		if c, ok := b.X.(*ir.Cmp); ok && len(c.R) == 1 {
			if op, ok := Inverse(c.Op); ok {
				return OnField(&ir.Cmp{Op: op, L: c.L, R: c.R}, over, says)
			}
		}
	case *ir.Const, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return nil, false
}

func eachOnField(ps []ir.Pred, over *ir.Field, says func(*ir.Cmp) bool) ([]ir.Pred, bool) {
	xs := make([]ir.Pred, len(ps))
	for i, p := range ps {
		x, ok := OnField(p, over, says)
		if !ok {
			return nil, false
		}
		xs[i] = x
	}
	return xs, true
}

// Opposite returns, for `all` over one comparison, the condition on the field that some element is on the wrong side.
func Opposite(q *ir.Quant) (p ir.Pred, ok bool) {
	body, negated := q.Body, false
	if n, ok := body.(*ir.Not); ok {
		body, negated = n.X, true
	}
	c, ok := body.(*ir.Cmp)
	if !ok || len(c.R) != 1 {
		return nil, false
	}
	if _, ok := c.L.(*ir.Elem); !ok {
		return nil, false
	}
	on := func(op ir.Op) ir.Pred { return &ir.Cmp{Op: op, L: q.Over, R: c.R} }
	op, ordered := Inverse(c.Op)
	switch {
	case negated:
		return on(c.Op), true
	case ordered:
		return on(op), true
	case c.Op == ir.Eq && (q.Over.Type.IsNumber() || q.Over.Type == schema.Date):
		return &ir.Or{Xs: []ir.Pred{on(ir.Lt), on(ir.Gt)}}, true
	}
	return nil, false
}
