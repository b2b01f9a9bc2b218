package kusto

import (
	"slices"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// exclusive reports whether it can be seen from two conditions that no event fulfils both.
func exclusive(a, b ir.Pred) bool { return excludes(a, b) || excludes(b, a) }

// excludes is [exclusive] as far as it shows in the parts of a.
func excludes(a, b ir.Pred) bool {
	switch a := a.(type) {
	case *ir.Const:
		return !a.Value
	case *ir.And:
		return slices.ContainsFunc(a.Xs, func(x ir.Pred) bool { return exclusive(x, b) })
	case *ir.Or:
		return !slices.ContainsFunc(a.Xs, func(x ir.Pred) bool { return !exclusive(x, b) })
	case *ir.Not:
		return ir.PrintPred(a.X) == ir.PrintPred(b)
	case *ir.Cmp:
		x, ok := b.(*ir.Cmp)
		return ok && otherValues(a, x)
	case *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
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
	return !slices.ContainsFunc(a.R, func(v schema.Value) bool { return oneOfValues(v, b.R, a.Cased && b.Cased) })
}

func oneOfValues(v schema.Value, list []schema.Value, cased bool) bool {
	text := func(v schema.Value) string {
		if v.Type().IsString() && !cased {
			return pattern.FoldString(v.Str())
		}
		return v.String()
	}
	return slices.ContainsFunc(list, func(w schema.Value) bool { return text(v) == text(w) })
}

// needed leaves out the conditions that follow from others: equality with one of several values, where another asks for fewer.
func needed(all []ir.Pred) []ir.Pred {
	var out []ir.Pred
	for i, p := range all {
		follows := false
		for k, q := range all {
			if k != i && implies(q, p) && !(k > i && implies(p, q)) {
				follows = true
			}
		}
		if !follows {
			out = append(out, p)
		}
	}
	return out
}

// implies reports whether it can be seen that an event that fulfils a fulfils b.
func implies(a, b ir.Pred) bool {
	if ir.PrintPred(a) == ir.PrintPred(b) {
		return true
	}
	x, okX := a.(*ir.Cmp)
	y, okY := b.(*ir.Cmp)
	if !okX || !okY || x.Op != ir.Eq || y.Op != ir.Eq || y.Cased && !x.Cased {
		return false
	}
	f, okF := x.L.(*ir.Field)
	g, okG := y.L.(*ir.Field)
	if !okF || !okG || f.Name != g.Name || f.Array || f.Type != g.Type {
		return false
	}
	return !slices.ContainsFunc(x.R, func(v schema.Value) bool { return !oneOfValues(v, y.R, y.Cased) })
}
