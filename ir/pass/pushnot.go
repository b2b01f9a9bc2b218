package pass

import "github.com/onerule/onerule/ir"

// PushNot moves `not` down to the leaves by De Morgan; a quantifier counts as a leaf. Nothing else changes.
func PushNot(p ir.Pred) ir.Pred { return pushNot(p, false) }

func pushNot(p ir.Pred, negate bool) ir.Pred {
	switch p := p.(type) {
	case *ir.Not:
		return pushNot(p.X, !negate)
	case *ir.And:
		xs := pushAll(p.Xs, negate)
		if negate {
			return &ir.Or{Xs: xs, Span: p.Span}
		}
		return &ir.And{Xs: xs, Span: p.Span}
	case *ir.Or:
		xs := pushAll(p.Xs, negate)
		if negate {
			return &ir.And{Xs: xs, Span: p.Span}
		}
		return &ir.Or{Xs: xs, Span: p.Span}
	case *ir.Const:
		return &ir.Const{Value: p.Value != negate, Span: p.Span}
	case *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	if negate {
		return &ir.Not{X: p, Span: p.Pos()}
	}
	return p
}

func pushAll(in []ir.Pred, negate bool) []ir.Pred {
	xs := make([]ir.Pred, len(in))
	for i, x := range in {
		xs[i] = pushNot(x, negate)
	}
	return xs
}
