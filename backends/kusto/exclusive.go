package kusto

import (
	"slices"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// exclusive reports whether it can be seen from two conditions that no event fulfils both.
func exclusive(a, b ir.Pred) bool {
	switch a := a.(type) {
	case *ir.Const:
		if !a.Value {
			return true
		}
	case *ir.And:
		return slices.ContainsFunc(a.Xs, func(x ir.Pred) bool { return exclusive(x, b) })
	case *ir.Or:
		return !slices.ContainsFunc(a.Xs, func(x ir.Pred) bool { return !exclusive(x, b) })
	case *ir.Not:
		if ir.PrintPred(a.X) == ir.PrintPred(b) {
			return true
		}
	case *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	switch b := b.(type) {
	case *ir.And, *ir.Or, *ir.Not, *ir.Const:
		if !joins(a) { // the other way round, once
			return exclusive(b, a)
		}
	case *ir.Cmp:
		if x, ok := a.(*ir.Cmp); ok {
			return otherValues(x, b)
		}
	case *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return false
}

// joins reports whether a predicate is one that [exclusive] looks into first.
func joins(p ir.Pred) bool {
	switch p.(type) {
	case *ir.And, *ir.Or, *ir.Not, *ir.Const:
		return true
	case *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return false
}

// otherValues reports whether two comparisons ask one field of one value for values that differ.
func otherValues(a, b *ir.Cmp) bool {
	x, okX := a.L.(*ir.Field)
	y, okY := b.L.(*ir.Field)
	if !okX || !okY || x.Name != y.Name || x.Array || x.Type != y.Type || a.Op != ir.Eq || b.Op != ir.Eq {
		return false
	}
	text := func(v schema.Value) string {
		if v.Type().IsString() && !(a.Cased && b.Cased) {
			return pattern.FoldString(v.Str())
		}
		return v.String()
	}
	for _, v := range a.R {
		if slices.ContainsFunc(b.R, func(w schema.Value) bool { return text(v) == text(w) }) {
			return false
		}
	}
	return true
}
