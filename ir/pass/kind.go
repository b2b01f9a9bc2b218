package pass

import (
	"slices"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// settle decides what a predicate asks of the class and source of the events of a part, so that what is about others goes.
func (b *binder) settle(p ir.Pred) ir.Pred {
	switch p := p.(type) {
	case *ir.And:
		return &ir.And{Xs: b.settleAll(p.Xs), Span: p.Span}
	case *ir.Or:
		return &ir.Or{Xs: b.settleAll(p.Xs), Span: p.Span}
	case *ir.Not:
		return &ir.Not{X: b.settle(p.X), Span: p.Span}
	case *ir.Cmp:
		f, ok := p.L.(*ir.Field)
		if !ok {
			return p
		}
		vals, ok := schema.KindValues(f.Name, b.class.Class, b.binding.Source)
		if !ok {
			return p
		}
		return &ir.Const{Value: slices.ContainsFunc(vals, matcher(p)), Span: p.Span}
	case *ir.Const, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return p
}

func (b *binder) settleAll(in []ir.Pred) []ir.Pred {
	out := make([]ir.Pred, len(in))
	for i, x := range in {
		out[i] = b.settle(x)
	}
	return out
}
