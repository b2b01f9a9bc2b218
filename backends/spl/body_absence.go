package spl

import (
	"slices"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/ir"
)

// absence renders an expect rule: the events of each value in each window are counted, together with a row without events for
// each value that is expected in each window that ended since the tick before. Without such rows there would be no number 0.
func (x *body) absence(a *ir.Absence) backends.Columns {
	x.makeKeys([]int{a.Key}, false)
	key := x.keys[a.Key].name
	x.window = x.fresh("window_start")
	x.cut(a.Window, x.window)
	n, total, expected := x.fresh("n"), x.fresh("events"), x.fresh("expected")
	x.stats(syntax.PlainStats, []syntax.Agg{syntax.Count(n)}, []string{x.window, key})
	x.add(&syntax.Append{Name: "append", Sub: syntax.Pipeline(x.expected(a, key, n, expected)...)})
	x.stats(syntax.PlainStats, []syntax.Agg{syntax.AggOf("sum", n, total), syntax.AggOf("max", expected, expected)}, []string{x.window, key})
	x.where(eq(syntax.F(expected), syntax.Int(1)), lt(syntax.F(total), syntax.Int(int64(a.Min))))
	x.add(&syntax.Rename{Pairs: []syntax.Alias{{Name: x.window, As: "_time"}}})
	x.add(&syntax.Table{Names: []string{"_time", key, total}})
	return backends.Columns{Keys: []string{key}, From: "_time"}
}

// expected makes a row for each expected value and each window that ended since the tick before.
func (x *body) expected(a *ir.Absence, key, n, expected string) []syntax.Stage {
	start, span := syntax.F(x.window), secs(a.Window)
	after := minus(settled, secs(x.every+a.Window))
	values := make([]syntax.Expr, len(a.Expected))
	for i, v := range a.Expected {
		values[i] = syntax.S(v.String())
	}
	list := values[0]
	if len(values) > 1 {
		list = syntax.Fn("mvappend", values...)
	}
	one := &syntax.Eval{}
	set := func(name string, e syntax.Expr) { one.Assigns = append(one.Assigns, syntax.Set(name, e)) }
	stages := []syntax.Stage{syntax.Command("makeresults"), syntax.Command("addinfo"), one}
	if x.every <= a.Window { // one window at most
		set(x.window, syntax.Fn("floor", minus(minus(settled, syntax.Op("%", settled, span)), span)))
		stages = append(stages, &syntax.Where{Cond: syntax.Op(">", start, after)})
	} else {
		set(x.window, syntax.Fn("mvrange", syntax.Fn("floor", plus(minus(after, syntax.Op("%", after, span)), span)), plus(minus(settled, span), syntax.Int(1)), span))
		stages = append(stages, syntax.Command("mvexpand", syntax.Word(x.window)), &syntax.Where{Cond: syntax.Fn("isnotnull", start)})
	}
	more := &syntax.Eval{Assigns: []syntax.Assign{syntax.Set(key, list), syntax.Set(n, syntax.Int(0)), syntax.Set(expected, syntax.Int(1))}}
	if x.every <= a.Window {
		one.Assigns = slices.Concat(one.Assigns, more.Assigns)
	} else {
		stages = append(stages, more)
	}
	if len(values) > 1 {
		stages = append(stages, syntax.Command("mvexpand", syntax.Word(key)))
	}
	return append(stages, &syntax.Table{Names: []string{x.window, key, n, expected}})
}
