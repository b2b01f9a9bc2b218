package backends

import "github.com/onerule/onerule/ir"

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
