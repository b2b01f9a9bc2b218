package esql

import (
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/ir"
)

// absence gathers the values that came often enough in each window in one row, which there is even when nothing came, and
// asks of each window that a run judges and each expected value whether it is among them.
func (x *body) absence(a *ir.Absence) backends.Columns {
	start, key, text := x.fresh("window_start"), x.keys[a.Key], x.fresh("came")
	x.eval(syntax.Named(start, trunc(a.Window, syntax.Col(timestamp))))
	n := syntax.Named(x.fresh("events"), syntax.CountStar())
	x.stats([]syntax.Field{n}, key.name, start)
	if a.Min > 1 {
		x.where(ge(syntax.Col(n.Name), syntax.Int(int64(a.Min))))
	}
	pair := func(value syntax.Expr) syntax.Expr {
		return syntax.Func("CONCAT", syntax.Func("TO_STRING", syntax.Func("TO_LONG", syntax.Col(start))), syntax.String(" "), value)
	}
	x.stats([]syntax.Field{syntax.Named(text, syntax.Func("VALUES", pair(syntax.Func("TO_STRING", syntax.Col(key.name)))))})

	expected := key.name // the events' own column is gone by now
	list := &syntax.List{}
	for _, v := range a.Expected {
		text := v.String()
		if x.rule.Keys[a.Key].Fold {
			text = strings.ToLower(text)
		}
		list.Items = append(list.Items, syntax.String(text))
	}
	x.eval(syntax.Named(expected, syntax.Expr(list)))
	x.add(&syntax.MvExpand{Name: syntax.NameOf(expected)})
	x.ticks(start, a.Window, a.Window)
	x.where(
		gt(syntax.Col(start), ago(x.clock.Delay+a.Window+x.clock.judged())), le(syntax.Col(start), ago(x.clock.Delay+a.Window)),
		syntax.Negate(syntax.Func("COALESCE", syntax.Func("MV_CONTAINS", syntax.Col(text), pair(syntax.Col(expected))), syntax.Boolean(false))))
	x.keep(start, expected)
	return backends.Columns{Keys: []string{expected}, From: start}
}
