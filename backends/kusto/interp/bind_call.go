package interp

import (
	"strings"

	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/diag"
)

// call binds a call where a value is needed.
func (rs *rowScope) call(x *syntax.Call) *cexpr {
	b := rs.b
	if x.On != nil || isLocation(x.Name) {
		return b.run(x.At, "tables of other clusters, databases and workspaces are not available here", "name the table alone")
	}
	if v := rs.vars.lookup(x.Name); v != nil && v.lambda != nil {
		c, n := b.callLambda(x, v, rs)
		if n != nil {
			return b.run(x.At, "`"+x.Name+"` gives a table where a value is needed", "use toscalar(…) for its first cell")
		}
		return c
	}
	if _, ok := aggregates[x.Name]; ok && (rs.aggs != nil || functions[x.Name] == nil) {
		if rs.aggs == nil {
			return b.run(x.At, "the aggregate `"+x.Name+"` stands outside summarize", "aggregate with summarize, or make-series")
		}
		return rs.aggregate(x)
	}
	if f, ok := functions[x.Name]; ok {
		return f.bindCall(rs, x)
	}
	if isTableFunction(x.Name) {
		return b.run(x.At, "`"+x.Name+"` gives a table where a value is needed", "use toscalar(…) for its first cell")
	}
	return b.fail(diag.KustoUnknown, x.At, "there is no function `"+x.Name+"`", nearFunction(x.Name, rs.vars.names())...)
}

// nearFunction gives the help for an unknown function.
func nearFunction(name string, more []string) []string {
	names := more
	for n := range functions {
		names = append(names, n)
	}
	for n := range aggregates {
		names = append(names, n)
	}
	if near := diag.Near(name, names, 1); len(near) > 0 {
		return []string{"a function with a similar name exists: `" + near[0] + "`"}
	}
	return nil
}

// isTableFunction reports whether a name is that of a built-in function that gives a table.
func isTableFunction(name string) bool {
	switch name {
	case "materialize", "table", "_GetWatchlist", "external_table", "materialized_view":
		return true
	}
	return isParserFunction(name)
}

// isParserFunction reports whether a name is that of an ASIM parser: _Im_Dns, _ASim_Dns, imDns, ASimDns. Their rows come from
// a table of that name in the input.
func isParserFunction(name string) bool {
	for _, p := range []string{"_Im_", "_ASim_"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	for _, p := range []string{"im", "ASim"} {
		if rest, ok := strings.CutPrefix(name, p); ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' {
			return true
		}
	}
	return false
}

// maxCallDepth bounds functions in functions; maxBound bounds the size of a query after all functions are put in place.
const (
	maxCallDepth = 64
	maxBound     = 200_000
)

// callLambda puts the body of a user-defined function in place of its call. Exactly one of the results is set.
func (b *binder) callLambda(x *syntax.Call, v *variable, rs *rowScope) (*cexpr, *node) {
	b.depth++
	defer func() { b.depth-- }()
	b.count(x.At)
	if b.depth > maxCallDepth {
		return b.fail(diag.KustoLimit, x.At, "functions call one another too deeply"), nil
	}
	inner := newScope(v.env)
	if !b.bindParams(x, v.lambda, rs, inner) {
		return &cexpr{typ: tNone, at: x.At, eval: func(*env) any { return nil }}, nil
	}
	body := &rowScope{b: b, vars: inner, home: rs.home, hidden: true}
	for i, s := range v.lambda.Body.Statements {
		switch s := s.(type) {
		case *syntax.Let:
			next := newScope(body.vars)
			b.let(s, body, next)
			body = &rowScope{b: b, vars: next, home: rs.home, hidden: true}
		case *syntax.ExprStatement:
			if i == len(v.lambda.Body.Statements)-1 {
				return b.any(s.X, body)
			}
		case *syntax.DeclareParams, *syntax.SetOption:
		}
	}
	return b.run(x.At, "the function `"+x.Name+"` has no result", "end its body with an expression"), nil
}

// count bounds the work of binding.
func (b *binder) count(at diag.Span) {
	b.bound++
	if b.bound > maxBound {
		panic(runFault{diag.New(diag.KustoLimit, at, "the query grows too large when its functions are put in place")})
	}
}

// bindParams binds the arguments of a user-defined function, by position and by name.
func (b *binder) bindParams(x *syntax.Call, l *syntax.Lambda, rs *rowScope, inner *scope) bool {
	given := map[string]syntax.Expr{}
	ok := true
	for i, a := range x.Args {
		name := ""
		switch {
		case len(a.Names) == 1:
			name = a.Names[0]
		case i < len(l.Params):
			name = l.Params[i].Name
		default:
			b.run(a.At, "`"+x.Name+"` takes at most "+count(len(l.Params), "argument"))
			return false
		}
		if _, twice := given[name]; twice {
			b.run(a.At, "the argument `"+name+"` is given twice")
			ok = false
		}
		given[name] = a.Expr
	}
	for _, p := range l.Params {
		arg, has := given[p.Name]
		delete(given, p.Name)
		if !has {
			arg = p.Default
		}
		if arg == nil {
			b.run(x.At, "the argument `"+p.Name+"` of `"+x.Name+"` is missing")
			ok = false
			continue
		}
		ok = b.bindParam(x, p, arg, rs, inner) && ok
	}
	for name := range given {
		b.run(x.At, "`"+x.Name+"` has no parameter `"+name+"`")
		ok = false
	}
	return ok
}

func (b *binder) bindParam(x *syntax.Call, p syntax.LambdaParam, arg syntax.Expr, rs *rowScope, inner *scope) bool {
	if p.Type == syntax.NoType {
		n := b.table(arg, rs.vars)
		if n == nil {
			return false
		}
		for _, c := range p.Columns {
			i := find(n.cols, c.Name)
			if i < 0 {
				b.unknown(arg.Span(), "the table given to `"+x.Name+"` has no column `"+c.Name+"`", c.Name, columnNames(n.cols))
				return false
			}
		}
		inner.vars[p.Name] = &variable{table: cached(n)}
		return true
	}
	c := rs.expr(arg)
	if c.star || c.table != nil {
		b.run(arg.Span(), "the argument `"+p.Name+"` of `"+x.Name+"` is not a value")
		return false
	}
	v, ok := coerce(c, p.Type)
	if !ok {
		b.run(arg.Span(), "the argument `"+p.Name+"` of `"+x.Name+"` is of type "+c.typ.String()+"; it must be "+p.Type.String())
		return false
	}
	v.name = ""
	inner.vars[p.Name] = &variable{scalar: fold(v)}
	return true
}

// coerce makes a value of a parameter's type: numbers widen, dynamic converts, everything else must be equal.
func coerce(c *cexpr, t syntax.Type) (*cexpr, bool) {
	if c.typ == t || c.typ == tNone {
		d := *c
		return &d, true
	}
	fits := isNumeric(c.typ) && isNumeric(t) || c.typ == tDyn || t == tDyn
	if !fits {
		return nil, false
	}
	d := *c
	inner := c.eval
	d.typ = t
	if t != tDyn {
		d.eval = func(e *env) any { return castTo(inner(e), t) }
	}
	return &d, true
}
