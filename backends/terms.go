package backends

import (
	"slices"

	"github.com/onerule/onerule/ir"
)

// HasArith reports whether a comparison calculates in a way that the test holds of.
func HasArith(p ir.Pred, test func(*ir.Arith) bool) bool {
	switch p := p.(type) {
	case *ir.Cmp:
		return arithIn(p.L, test)
	case *ir.Rel:
		return arithIn(p.L, test) || arithIn(p.R, test)
	case *ir.And, *ir.Or, *ir.Not, *ir.Const, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return false
}

func arithIn(t ir.Term, test func(*ir.Arith) bool) bool {
	switch t := t.(type) {
	case *ir.Arith:
		return test(t) || arithIn(t.X, test) || arithIn(t.Y, test)
	case *ir.Call:
		return arithIn(t.X, test)
	case *ir.Field, *ir.Elem, *ir.Lit:
	}
	return false
}

// ArgumentsOf returns the fields that a comparison hands to a function, each once.
func ArgumentsOf(p ir.Pred, fn ir.Func) []*ir.Field {
	var out []*ir.Field
	var term func(t ir.Term)
	term = func(t ir.Term) {
		switch t := t.(type) {
		case *ir.Arith:
			term(t.X)
			term(t.Y)
		case *ir.Call:
			f, ok := t.X.(*ir.Field)
			if ok && t.Func == fn && !slices.ContainsFunc(out, func(g *ir.Field) bool { return g.Name == f.Name }) {
				out = append(out, f)
			}
		case *ir.Field, *ir.Elem, *ir.Lit:
		}
	}
	switch p := p.(type) {
	case *ir.Cmp:
		term(p.L)
	case *ir.Rel:
		term(p.L)
		term(p.R)
	case *ir.And, *ir.Or, *ir.Not, *ir.Const, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return out
}

// HasCall reports whether a comparison calls one of the functions.
func HasCall(p ir.Pred, fns ...ir.Func) bool {
	return slices.ContainsFunc(fns, func(fn ir.Func) bool { return len(ArgumentsOf(p, fn)) > 0 })
}
