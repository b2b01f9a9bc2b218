package interp

import (
	"encoding/hex"
	"time"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// contextFunctions depend on the query or the table.
var contextFunctions = []*function{
	{name: "toscalar", sig: "any", ret: "dynamic", doc: "first cell of a table, computed once", bind: bindToScalar},
	{name: "column_ifexists columnifexists", sig: "string any", ret: "arg1", doc: "a column, or a value when there is none", bind: bindColumnIfExists},
	{name: "column_names_of", sig: "any", ret: "dynamic", doc: "names of a table's columns", bind: bindColumnNames},
	{name: "iscolumnexists", sig: "string", ret: "bool", doc: "whether a column exists", bind: func(rs *rowScope, x *syntax.Call, f *function) *cexpr {
		name, ok := rs.constString(x, 0)
		if !ok {
			return rs.b.run(x.At, "`"+x.Name+"` needs a constant name")
		}
		return constant(find(rs.cols, name) >= 0, tBool, x.At)
	}},
	{name: "ingestion_time", ret: "datetime", doc: "time of ingestion: when the event could be searched, the event's time where the input does not say", bind: bindIngestionTime},
	{name: "new_guid", ret: "guid", varies: true, doc: "a random guid", fn: func(c *call, a []any) any {
		var b [16]byte
		for i := range b {
			b[i] = byte(c.x.rng.Uint32())
		}
		g, _ := syntax.ParseGUID(hex.EncodeToString(b[:]))
		return guid(g)
	}},
}

func (rs *rowScope) constString(x *syntax.Call, i int) (string, bool) {
	if i >= len(x.Args) {
		return "", false
	}
	c := rs.expr(x.Args[i].Expr)
	if !c.konst || c.typ != tStr {
		return "", false
	}
	return text(c.value(rs.b.x)), true
}

// bindToScalar binds toscalar(T | …): the first column of the first row, null when there is none (toscalar-function).
func bindToScalar(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	if len(x.Args) != 1 {
		return rs.b.run(x.At, "`toscalar` needs one table")
	}
	outer := &rowScope{b: rs.b, vars: rs.vars}
	outer.home = outer
	c, n := rs.b.any(x.Args[0].Expr, outer)
	if n == nil {
		if !c.konst && c.home != nil {
			return rs.b.run(x.At, "`toscalar` cannot depend on the current row")
		}
		return once(c)
	}
	if len(n.cols) == 0 {
		return rs.b.run(x.At, "the table of `toscalar` has no column")
	}
	t := n.cols[0].typ
	n = cached(n)
	return &cexpr{typ: t, konst: true, at: x.At, eval: func(e *env) any {
		rows := n.run(e.x)
		if len(rows) == 0 {
			return fix(nil, t)
		}
		return rows[0].v[0]
	}}
}

// once makes an expression that is evaluated a single time in a run, as toscalar(new_guid()) is.
func once(c *cexpr) *cexpr {
	d := *c
	d.konst = true
	return fold(&d)
}

func bindColumnIfExists(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	name, ok := rs.constString(x, 0)
	if !ok || len(x.Args) != 2 {
		return rs.b.run(x.At, "`"+x.Name+"` needs a constant name and a value")
	}
	def := rs.expr(x.Args[1].Expr)
	i := find(rs.cols, name)
	if i < 0 {
		d := *def
		d.name = ""
		return &d
	}
	return rs.columnExpr(i)
}

func bindColumnNames(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	if len(x.Args) != 1 {
		return rs.b.run(x.At, "`"+x.Name+"` needs a table")
	}
	n := rs.b.table(x.Args[0].Expr, rs.vars)
	if n == nil {
		return failedTuple(x)
	}
	out := make([]any, len(n.cols))
	for i, c := range n.cols {
		out[i] = c.name
	}
	return constant(out, tDyn, x.At)
}

// bindIngestionTime stands for the hidden time of ingestion. Events here carry only their own time, so that is what it gives;
// null without it.
func bindIngestionTime(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	c := constant(nil, tDate, x.At)
	if i := timeColumn(rs.cols); i >= 0 {
		c = rs.columnExpr(i)
		c.at = x.At
	}
	ofEvent := c.eval
	c.konst, c.home = false, rs.home
	c.eval = func(e *env) any {
		if e.src != nil {
			if arrives := e.x.in.Tables[e.src.Table].Arrives; e.src.Row < len(arrives) {
				return datetime(syntax.TicksOf(time.UnixMilli(arrives[e.src.Row])))
			}
		}
		return ofEvent(e)
	}
	c.name = "$IngestionTime"
	return c
}
