package engine

import (
	"math"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// env is what `when` reads: the aggregates by scope, and what a baseline has learned.
type env struct {
	scopes [][]agg
	learned
}

type learned struct {
	mean, stddev float64
	history      string // own or population, "" without a baseline
}

type (
	condition func(*env) bool
	number    func(*env) (f float64, ok bool)
)

func compileCond(c ir.Cond) condition {
	switch c := c.(type) {
	case *ir.CondAnd:
		return condJunction(c.Xs, false)
	case *ir.CondOr:
		return condJunction(c.Xs, true)
	case *ir.CondNot:
		x := compileCond(c.X)
		return func(e *env) bool { return !x(e) }
	case *ir.CondCmp:
		l, r, op := compileNum(c.L), compileNum(c.R), c.Op
		return func(e *env) bool {
			x, hasX := l(e)
			y, hasY := r(e)
			return hasX && hasY && compare(op, x, y)
		}
	}
	return func(*env) bool { return false }
}

func condJunction(xs []ir.Cond, stop bool) condition {
	members := make([]condition, len(xs))
	for i, x := range xs {
		members[i] = compileCond(x)
	}
	return func(e *env) bool {
		for _, m := range members {
			if m(e) == stop {
				return stop
			}
		}
		return !stop
	}
}

func compare(op ir.Op, x, y float64) bool {
	switch op {
	case ir.Eq:
		return x == y
	case ir.Lt:
		return x < y
	case ir.Le:
		return x <= y
	case ir.Gt:
		return x > y
	case ir.Ge:
		return x >= y
	case ir.Contains, ir.StartsWith, ir.EndsWith, ir.Like, ir.Matches, ir.InCIDR:
	}
	return false
}

func compileNum(n ir.Num) number {
	switch n := n.(type) {
	case *ir.NumLit:
		return func(*env) (float64, bool) { return n.Value, true }
	case *ir.NumAgg:
		return func(e *env) (float64, bool) { return e.scopes[n.Scope][n.Agg].number() }
	case *ir.NumBase:
		if n.What == ir.BaseMean {
			return func(e *env) (float64, bool) { return finite(e.mean, true) }
		}
		return func(e *env) (float64, bool) { return finite(e.stddev, true) }
	case *ir.NumArith:
		x, y := compileNum(n.X), compileNum(n.Y)
		return func(e *env) (float64, bool) {
			a, hasA := x(e)
			b, hasB := y(e)
			f, ok := arithmetic(n.Op, a, b)
			return finite(f, hasA && hasB && ok)
		}
	case *ir.NumCall:
		return compileCall(n)
	case *ir.NumStep: // no condition reads it
	}
	return func(*env) (float64, bool) { return 0, false }
}

func compileCall(n *ir.NumCall) number {
	args := make([]number, len(n.Args))
	for i, x := range n.Args {
		args[i] = compileNum(x)
	}
	return func(e *env) (float64, bool) {
		out, ok := args[0](e)
		for _, arg := range args[1:] {
			x, has := arg(e)
			ok = ok && has
			if n.Func == ir.NumMax {
				out = max(out, x)
			} else {
				out = min(out, x)
			}
		}
		if n.Func == ir.NumAbs {
			out = math.Abs(out)
		}
		return out, ok
	}
}

// shown returns what a finding shows.
func (e *env) shown(list []ir.Shown) [][]schema.Value {
	if len(list) == 0 {
		return nil
	}
	out := make([][]schema.Value, len(list))
	for i, s := range list {
		switch n := s.Value.(type) {
		case *ir.NumAgg:
			out[i] = e.scopes[n.Scope][n.Agg].result()
		case *ir.NumBase:
			out[i] = e.base(n.What)
		case *ir.NumLit, *ir.NumArith, *ir.NumCall:
			out[i] = floats(compileNum(n)(e))
		case *ir.NumStep: // of sequences, which show for themselves
		}
	}
	return out
}

func (e *env) base(what ir.BaseNum) []schema.Value {
	switch what {
	case ir.BaseMean:
		return floats(finite(e.mean, true))
	case ir.BaseStddev:
		return floats(finite(e.stddev, true))
	case ir.BaseScope:
	}
	return []schema.Value{schema.String(e.history)}
}
