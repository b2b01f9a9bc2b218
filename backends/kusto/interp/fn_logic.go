package interp

import (
	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/diag"
)

// logicFunctions choose between values.
var logicFunctions = []*function{
	{name: "not", sig: "bool", ret: "bool", doc: "negation; null stays null", fn: func(c *call, a []any) any { return !a[0].(bool) }},
	{name: "iff iif", sig: "bool any any", ret: "common", nulls: true, doc: "one of two values; null counts as false", bind: bindCase},
	{name: "case", sig: "bool any any any*", ret: "common", nulls: true, doc: "the value of the first condition that holds", bind: bindCase},
	{name: "coalesce", sig: "any any*", ret: "common", nulls: true, doc: "the first value that is not null, or for strings not empty", bind: bindCommon(func(c *call, a []any) any {
		for _, v := range a {
			if !isEmptyValue(v) {
				return v
			}
		}
		return nil
	})},
	{name: "max_of", sig: "any any*", ret: "common", nulls: true, doc: "the greatest value", bind: bindCommon(extremeOf(1))},
	{name: "min_of", sig: "any any*", ret: "common", nulls: true, doc: "the least value", bind: bindCommon(extremeOf(-1))},
	{name: "assert", sig: "bool string", ret: "bool", nulls: true, doc: "ends the query when a condition does not hold", fn: func(c *call, a []any) any {
		if !isTrue(a[0]) {
			c.x.fail(diag.KustoRun, c.at, "assert: "+text(a[1]))
		}
		return true
	}},
	{name: "around", sig: "any any any", ret: "bool", doc: "whether a value lies within a distance of another", fn: func(c *call, a []any) any {
		lo, hi := subtract(a[1], a[2], c.args[0].typ), add(a[1], a[2], c.args[0].typ)
		p, q := ordered(syntax.Ge, a[0], lo), ordered(syntax.Le, a[0], hi)
		if p == nil || q == nil {
			return nil
		}
		return p.(bool) && q.(bool)
	}},
}

// extremeOf gives the greatest or least of several values; nulls are passed over.
func extremeOf(sign int) func(c *call, a []any) any {
	return func(c *call, a []any) any {
		var best any
		for _, v := range a {
			if v == nil {
				continue
			}
			if best == nil || sortCompare(v, best)*sign > 0 {
				best = v
			}
		}
		return best
	}
}

// bindCommon binds functions whose arguments must be of one type, numbers widening.
func bindCommon(fn func(c *call, a []any) any) func(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	return func(rs *rowScope, x *syntax.Call, f *function) *cexpr {
		args, ok := rs.args(x, f)
		t := commonType(args)
		if !ok {
			return &cexpr{typ: t, at: x.At, eval: func(*env) any { return nil }}
		}
		for _, a := range args {
			fits := a.typ == t || a.typ == tNone || isNumeric(a.typ) && isNumeric(t)
			if !fits {
				return rs.b.run(a.at, "the arguments of `"+x.Name+"` are of different types", "convert them to one type with tostring(…), tolong(…) …")
			}
		}
		g := *f
		g.bind, g.fn = nil, func(c *call, a []any) any { return widen(fn(c, a), t) }
		c := g.make(rs, x, args)
		c.typ = t
		return c
	}
}

// widen brings a number to the common type.
func widen(v any, t syntax.Type) any {
	if v != nil && isNumeric(t) && typeOf(v) != t && t != tInt {
		return castTo(v, t)
	}
	return v
}

// bindCase binds case and iff: conditions are evaluated in order, and only the value of the first that holds.
func bindCase(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	n := len(x.Args)
	if n < 3 || n%2 == 0 || f.name != "case" && n != 3 {
		return rs.b.run(x.At, "`"+x.Name+"` needs conditions, their values, and a value for the rest", "write "+x.Name+"(condition, value, otherwise)")
	}
	args := make([]*cexpr, n)
	var values []*cexpr
	for i, a := range x.Args {
		if i%2 == 0 && i < n-1 {
			args[i] = rs.boolean(a.Expr, "of "+x.Name)
			continue
		}
		args[i] = rs.expr(a.Expr)
		if args[i].star || args[i].table != nil || args[i].typeArg != tNone {
			args[i] = rs.b.run(a.At, "a value is needed here")
		}
		values = append(values, args[i])
	}
	t := commonType(values)
	return fold(&cexpr{typ: t, konst: allConst(args), home: homeOf(args...), at: x.At, eval: func(e *env) any {
		for i := 0; i+1 < n; i += 2 {
			if isTrue(args[i].eval(e)) {
				return fix(toCommon(args[i+1], e, t), t)
			}
		}
		return fix(toCommon(args[n-1], e, t), t)
	}})
}

func toCommon(c *cexpr, e *env, t syntax.Type) any {
	v := c.eval(e)
	if v == nil || c.typ == t || t == tDyn {
		return v
	}
	return castTo(v, t)
}
