package eval

import (
	"math"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// answers are the numbers of a group at the moment when `when` is asked.
type answers struct {
	// aggs holds the results by scope and aggregate.
	aggs [][][]schema.Value
	// base is set for a baseline that has a history.
	base *learned
	// steps holds the columns of each step's last event, for a sequence.
	steps [][][]schema.Value
}

// learned is what a baseline knows.
type learned struct {
	mean, stddev float64
	history      string // own or population
	buckets      int
}

// holds reports whether a condition is true.
func (a *answers) holds(c ir.Cond) bool {
	switch c := c.(type) {
	case *ir.CondAnd:
		for _, x := range c.Xs {
			if !a.holds(x) {
				return false
			}
		}
		return true
	case *ir.CondOr:
		for _, x := range c.Xs {
			if a.holds(x) {
				return true
			}
		}
		return false
	case *ir.CondNot:
		return !a.holds(c.X)
	case *ir.CondCmp:
		l, hasL := a.number(c.L)
		r, hasR := a.number(c.R)
		return hasL && hasR && ir.Compare(c.Op, false, schema.Float(l), schema.Float(r))
	}
	return false
}

// number returns a number of the group; ok is false when it is missing.
func (a *answers) number(n ir.Num) (f float64, ok bool) {
	switch n := n.(type) {
	case *ir.NumLit:
		return n.Value, true
	case *ir.NumAgg, *ir.NumBase:
		vs := a.values(n)
		if len(vs) != 1 {
			return 0, false
		}
		switch vs[0].Type() {
		case schema.Date:
			return float64(vs[0].Millis()), true
		case schema.Long, schema.Double:
			return vs[0].Float64(), true
		case schema.Keyword, schema.Text, schema.Boolean, schema.IP, schema.Invalid:
		}
		return 0, false
	case *ir.NumArith:
		x, hasX := a.number(n.X)
		y, hasY := a.number(n.Y)
		f = calculateFloats(n.Op, x, y)
		return f, hasX && hasY && !math.IsNaN(f) && !math.IsInf(f, 0)
	case *ir.NumCall:
		return a.call(n)
	case *ir.NumStep: // it is shown, not calculated with
	}
	return 0, false
}

func calculateFloats(op byte, x, y float64) float64 {
	switch op {
	case '+':
		return x + y
	case '-':
		return x - y
	case '*':
		return x * y
	}
	return x / y // by zero it is no finite number, and missing
}

func (a *answers) call(n *ir.NumCall) (float64, bool) {
	out := 0.0
	for i, arg := range n.Args {
		x, ok := a.number(arg)
		if !ok {
			return 0, false
		}
		switch {
		case n.Func == ir.NumAbs:
			out = math.Abs(x)
		case i == 0:
			out = x
		case n.Func == ir.NumMax:
			out = max(out, x)
		case n.Func == ir.NumMin:
			out = min(out, x)
		}
	}
	return out, true
}

// values returns what is shown of the group: the results of an aggregate, or a number; none when it is missing.
func (a *answers) values(n ir.Num) []schema.Value {
	switch n := n.(type) {
	case *ir.NumAgg:
		return a.aggs[n.Scope][n.Agg]
	case *ir.NumBase:
		switch {
		case a.base == nil:
			return nil
		case n.What == ir.BaseMean:
			return finite(a.base.mean)
		case n.What == ir.BaseStddev:
			return finite(a.base.stddev)
		}
		return []schema.Value{schema.String(a.base.history)}
	case *ir.NumStep:
		return a.steps[n.Step][n.Arg]
	case *ir.NumLit, *ir.NumArith, *ir.NumCall:
		if f, ok := a.number(n); ok {
			return []schema.Value{schema.Float(f)}
		}
	}
	return nil
}
