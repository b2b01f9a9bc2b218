package interp

import (
	"fmt"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// perUnits are timechart's rates: the sum of a bucket for each unit of its length, in seconds.
var perUnits = map[string]float64{"per_second": 1, "per_minute": 60, "per_hour": 3600, "per_day": 86400}

// chartAggs compiles the aggregates of chart and timechart, which may be expressions over aggregates and, with timechart,
// rates.
func (k *compiler) chartAggs(list []syntax.Agg, timed bool) []aggregation {
	var out []aggregation
	for _, a := range list {
		unit, rate := perUnits[a.Func]
		switch {
		case a.Func == "eval" && a.Eval != nil:
			out = append(out, k.evalAgg(a))
		case rate && timed && (a.Field != "" || a.Eval != nil):
			sum := a
			sum.Func = "sum"
			for _, g := range k.aggs([]syntax.Agg{sum}) {
				if g.fn = a.Func; a.As == "" {
					g.name = a.Func + strings.TrimPrefix(g.name, "sum")
				}
				g.unit = unit
				out = append(out, g)
			}
		default:
			out = append(out, k.aggs([]syntax.Agg{a})...)
		}
	}
	return out
}

// evalAgg compiles eval(…) over aggregates: each call of an aggregate inside it is computed, then the expression.
func (k *compiler) evalAgg(a syntax.Agg) aggregation {
	c := &aggExpr{k: k}
	x := c.take(a.Eval)
	g := aggregation{fn: "eval", as: a.As, name: a.As, arg: func(*run, *row) value { return boolValue(true) }}
	if g.name == "" {
		g.name = "eval(" + syntax.PrintExpr(a.Eval) + ")"
	}
	if len(c.makes) == 0 {
		k.invalid(a.Span, "the expression in `eval(…)` has no aggregate", "write one over aggregates, such as eval(avg(size)/max(delay))")
	}
	expr := k.operandValue(x, "eval").eval
	makes, args := c.makes, c.args
	g.make = func() aggregate {
		e := &aggEval{expr: expr, args: args}
		for _, m := range makes {
			e.parts = append(e.parts, m())
		}
		return e
	}
	return g
}

// aggExpr takes the aggregates out of an expression.
type aggExpr struct {
	k     *compiler
	makes []func() aggregate
	args  []evalFunc
}

func partName(i int) string { return fmt.Sprintf("\x00%d", i) }

// take replaces calls of aggregates with one argument by fields that stand for their results.
func (c *aggExpr) take(x syntax.Expr) syntax.Expr {
	switch x := x.(type) {
	case *syntax.Call:
		f, isAgg := aggregateByName(x.Name)
		if isAgg && (len(x.Args) == 1 || len(x.Args) == 0 && f.bare) {
			arg := evalFunc(func(*run, *row) value { return boolValue(true) })
			if len(x.Args) == 1 {
				arg = c.k.expr(x.Args[0]).eval
			}
			c.makes, c.args = append(c.makes, f.make), append(c.args, arg)
			return &syntax.Field{Name: partName(len(c.makes) - 1), Span: x.Span}
		}
		call := &syntax.Call{Name: x.Name, Span: x.Span}
		for _, a := range x.Args {
			call.Args = append(call.Args, c.take(a))
		}
		return call
	case *syntax.Field:
		if f, ok := aggregateByName(x.Name); ok && f.bare { // count
			return c.take(&syntax.Call{Name: x.Name, Span: x.Span})
		}
		return x
	case *syntax.Unary:
		return &syntax.Unary{Op: x.Op, X: c.take(x.X), Span: x.Span}
	case *syntax.Binary:
		return &syntax.Binary{Op: x.Op, L: c.take(x.L), R: c.take(x.R), Span: x.Span}
	case *syntax.Logic:
		l := &syntax.Logic{Op: x.Op, Span: x.Span}
		for _, t := range x.Terms {
			l.Terms = append(l.Terms, c.take(t))
		}
		return l
	case *syntax.InList:
		l := &syntax.InList{X: c.take(x.X), Span: x.Span}
		for _, t := range x.List {
			l.List = append(l.List, c.take(t))
		}
		return l
	case *syntax.Num, *syntax.Str, *syntax.MacroExpr, *syntax.SubExpr:
	}
	return x
}

// aggEval computes an expression over aggregates.
type aggEval struct {
	expr  evalFunc
	args  []evalFunc
	parts []aggregate
}

func (e *aggEval) add(r *run, w *row, _ value) {
	for i, p := range e.parts {
		p.add(r, w, e.args[i](r, w))
	}
}

func (e *aggEval) result(r *run) value {
	w := newRow()
	for i, p := range e.parts {
		w.set(partName(i), p.result(r))
	}
	return e.expr(r, w)
}

// numericAggs are the aggregates that allnum=true guards.
var numericAggs = map[string]bool{"avg": true, "mean": true, "sum": true, "sumsq": true, "stdev": true, "stdevp": true, "var": true, "varp": true, "range": true, "median": true, "min": true, "max": true}

// allNumbers makes the numeric aggregates null where some value is no number (option allnum).
func allNumbers(list []aggregation) []aggregation {
	out := make([]aggregation, len(list))
	for i, a := range list {
		if numericAggs[a.fn] || strings.Contains(a.fn, "perc") {
			inner := a.make
			a.make = func() aggregate { return &numbersOnly{aggregate: inner()} }
		}
		out[i] = a
	}
	return out
}

type numbersOnly struct {
	aggregate
	bad bool
}

func (a *numbersOnly) add(r *run, w *row, v value) {
	for _, e := range v.values() {
		if _, ok := e.number(); !ok {
			a.bad = true
		}
	}
	a.aggregate.add(r, w, v)
}

func (a *numbersOnly) result(r *run) value {
	if a.bad {
		return value{}
	}
	return a.aggregate.result(r)
}
