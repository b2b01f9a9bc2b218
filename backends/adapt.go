package backends

import "github.com/onerule/onerule/ir"

// On returns a function on predicates from one on a kind of them, for tables whose construct is always of that kind.
func On[P ir.Pred, T any](f func(P) T) func(ir.Pred) T {
	return func(p ir.Pred) T { return f(p.(P)) }
}
