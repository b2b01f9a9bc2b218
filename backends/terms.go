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

// HasCall reports whether a comparison calls one of the functions.
func HasCall(p ir.Pred, fns ...ir.Func) bool {
	switch p := p.(type) {
	case *ir.Cmp:
		return callIn(p.L, fns)
	case *ir.Rel:
		return callIn(p.L, fns) || callIn(p.R, fns)
	case *ir.And, *ir.Or, *ir.Not, *ir.Const, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return false
}

func callIn(t ir.Term, fns []ir.Func) bool {
	switch t := t.(type) {
	case *ir.Arith:
		return callIn(t.X, fns) || callIn(t.Y, fns)
	case *ir.Call:
		return slices.Contains(fns, t.Func) || callIn(t.X, fns)
	case *ir.Field, *ir.Elem, *ir.Lit:
	}
	return false
}
