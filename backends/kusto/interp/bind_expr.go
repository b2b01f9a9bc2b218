package interp

import (
	"strings"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// expr binds a scalar expression.
func (rs *rowScope) expr(x syntax.Expr) *cexpr {
	c := rs.bind(x)
	c.src = x
	if !c.at.IsValid() {
		c.at = x.Span()
	}
	return c
}

func (rs *rowScope) bind(x syntax.Expr) *cexpr {
	b := rs.b
	switch x := x.(type) {
	case *syntax.BoolLit, *syntax.IntLit, *syntax.LongLit, *syntax.RealLit, *syntax.DecimalLit, *syntax.StringLit,
		*syntax.DatetimeLit, *syntax.TimespanLit, *syntax.GUIDLit, *syntax.NullLit, *syntax.DynamicLit, *syntax.ArrayLit, *syntax.BagLit:
		v, t := literal(x)
		return constant(v, t, x.Span())
	case *syntax.Name:
		return rs.name(x)
	case *syntax.Star:
		return &cexpr{star: true, at: x.At, eval: func(*env) any { return nil }}
	case *syntax.Wildcard:
		return b.run(x.At, "a pattern of names cannot stand here", "name the column")
	case *syntax.TypeofLit:
		return &cexpr{typeArg: x.Type, at: x.At, konst: true, eval: func(*env) any { return nil }}
	case *syntax.Unary:
		return rs.unary(x)
	case *syntax.Binary:
		return rs.binary(x)
	case *syntax.List:
		return rs.list(x)
	case *syntax.Between:
		return rs.between(x)
	case *syntax.Call:
		return rs.call(x)
	case *syntax.Path:
		return rs.path(x)
	case *syntax.Index:
		return rs.index(x)
	case *syntax.Datatable, *syntax.ExternalData, *syntax.Pipeline:
		return b.run(x.Span(), "a table cannot stand where a value is needed", "use toscalar(…) for its first cell")
	case *syntax.Lambda:
		return b.run(x.At, "a function cannot stand where a value is needed")
	}
	return b.run(x.Span(), "this expression is not supported")
}

// literal gives the value and type of a literal.
func literal(x syntax.Expr) (any, syntax.Type) {
	switch x := x.(type) {
	case *syntax.BoolLit:
		return x.Value, tBool
	case *syntax.IntLit:
		return int64(x.Value), tInt
	case *syntax.LongLit:
		return x.Value, tLong
	case *syntax.RealLit:
		return x.Value, tReal
	case *syntax.DecimalLit:
		d, _ := parseDecimal(x.Text)
		return d, tDec
	case *syntax.StringLit:
		return x.Value, tStr
	case *syntax.DatetimeLit:
		return datetime(x.Ticks), tDate
	case *syntax.TimespanLit:
		return timespan(x.Ticks), tSpan
	case *syntax.GUIDLit:
		return guid(x.Value), tGUID
	case *syntax.NullLit:
		return nil, x.Type
	case *syntax.DynamicLit:
		v, _ := literal(x.Value)
		return v, tDyn
	case *syntax.ArrayLit:
		out := make([]any, len(x.Elems))
		for i, e := range x.Elems {
			out[i], _ = literal(e)
		}
		return out, tDyn
	case *syntax.BagLit:
		b := newBag()
		for i, k := range x.Keys {
			v, _ := literal(x.Values[i])
			b.set(k, v)
		}
		return b, tDyn
	case *syntax.Between, *syntax.Binary, *syntax.Call, *syntax.Datatable, *syntax.ExternalData, *syntax.Index, *syntax.Lambda, *syntax.List,
		*syntax.Name, *syntax.Path, *syntax.Pipeline, *syntax.Star, *syntax.TypeofLit, *syntax.Unary, *syntax.Wildcard:
	}
	return nil, tNone
}

// columnExpr reads a column of the current row.
func (rs *rowScope) columnExpr(i int) *cexpr {
	c := rs.cols[i]
	return &cexpr{typ: c.typ, name: c.name, home: rs.home, eval: func(e *env) any { return e.row[i] }}
}

func (rs *rowScope) name(x *syntax.Name) *cexpr {
	if i := find(rs.cols, x.Name); i >= 0 {
		if rs.aggs != nil {
			return rs.b.run(x.At, "`"+x.Name+"` stands outside an aggregate", "put it into an aggregate such as take_any(…), or behind `by`")
		}
		return rs.columnExpr(i)
	}
	if v := rs.vars.lookup(x.Name); v != nil {
		switch {
		case v.scalar != nil:
			return rs.variable(x, v.scalar)
		case v.table != nil:
			return rs.b.run(x.At, "the table `"+x.Name+"` stands where a value is needed", "use toscalar(…) for its first cell")
		}
		return rs.b.run(x.At, "the function `"+x.Name+"` needs its arguments", "write "+x.Name+"(…)")
	}
	if strings.HasPrefix(x.Name, "$") {
		return rs.b.run(x.At, "`"+x.Name+"` has no meaning here")
	}
	return rs.b.unknown(x.At, "no column or variable is named `"+x.Name+"`", x.Name, append(columnNames(rs.cols), rs.vars.names()...))
}

// variable gives the value of a let or a parameter. A parameter that depends on a row cannot be read in another table's
// rows.
func (rs *rowScope) variable(x *syntax.Name, v *cexpr) *cexpr {
	if !v.konst && v.home != nil && v.home != rs.home {
		return rs.b.run(x.At, "`"+x.Name+"` depends on the current row and cannot be used in another table's rows")
	}
	c := *v
	c.at = x.At
	c.name = ""
	if v.konst {
		c.name = x.Name
	}
	return &c
}

// path binds d.name, and the columns of scan's steps.
func (rs *rowScope) path(x *syntax.Path) *cexpr {
	if n, ok := x.X.(*syntax.Name); ok && rs.steps != nil {
		if k, ok := rs.steps[n.Name]; ok && find(rs.cols, n.Name) < 0 {
			return rs.stepColumn(x, k)
		}
	}
	obj := rs.expr(x.X)
	if obj.typ != tDyn && obj.typ != tNone {
		return rs.b.run(x.At, "`"+x.Name+"` is read from a value of type "+obj.typ.String()+", which has no members", "use parse_json(…) to read JSON text")
	}
	name := x.Name
	c := &cexpr{typ: tDyn, konst: obj.konst, home: obj.home, at: x.At, eval: func(e *env) any { return member(obj.eval(e), name) }}
	if obj.name != "" {
		c.name = obj.name + "_" + columnSafe(name)
	}
	return c
}

// columnSafe makes the text of a key fit a column name.
func columnSafe(key string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, key)
}

func member(v any, name string) any {
	if b, ok := v.(*bag); ok {
		return b.vals[name]
	}
	return nil
}

func (rs *rowScope) index(x *syntax.Index) *cexpr {
	obj := rs.expr(x.X)
	i := rs.expr(x.I)
	if obj.typ != tDyn && obj.typ != tNone {
		return rs.b.run(x.At, "an index is applied to a value of type "+obj.typ.String(), "only dynamic values have elements; use split(…), parse_json(…)")
	}
	switch i.typ {
	case tInt, tLong, tStr, tDyn, tBool, tNone:
	case tReal, tDec, tDate, tSpan, tGUID:
		return rs.b.run(x.I.Span(), "an index of type "+i.typ.String()+" is not possible", "index with a whole number or a string")
	}
	c := &cexpr{typ: tDyn, konst: obj.konst && i.konst, home: homeOf(obj, i), at: x.At, eval: func(e *env) any {
		return element(obj.eval(e), i.eval(e))
	}}
	if obj.name != "" {
		c.name = obj.name + "_"
		if n, ok := x.I.(*syntax.LongLit); ok && n.Value >= 0 {
			c.name += text(n.Value)
		}
	}
	return c
}

// element is v[i]: an element of an array, negative from its end, or a property; null when there is none
// (scalar-data-types/dynamic).
func element(v, i any) any {
	switch v := v.(type) {
	case []any:
		n, ok := castLong(i).(int64)
		if !ok {
			return nil
		}
		if n < 0 {
			n += int64(len(v))
		}
		if n >= 0 && n < int64(len(v)) {
			return v[n]
		}
	case *bag:
		return v.vals[indexText(i)]
	}
	return nil
}

func homeOf(list ...*cexpr) *rowScope {
	for _, c := range list {
		if c != nil && c.home != nil {
			return c.home
		}
	}
	return nil
}

func allConst(list []*cexpr) bool {
	for _, c := range list {
		if !c.konst {
			return false
		}
	}
	return true
}

// fold evaluates a constant expression at most once.
func fold(c *cexpr) *cexpr {
	if !c.konst {
		return c
	}
	inner := c.eval
	done, epoch := false, 0
	var v any
	c.eval = func(e *env) any {
		if e.x != nil && e.x.depth > 0 && epoch != e.x.epoch { // toscalar of a subquery's rows
			done, epoch = false, e.x.epoch
		}
		if !done {
			v = inner(e)
			done = true
		}
		return v
	}
	return c
}

// boolean binds a condition: it must be a bool.
func (rs *rowScope) boolean(x syntax.Expr, where string) *cexpr {
	c := rs.expr(x)
	if c.typ != tBool && c.typ != tNone || c.star {
		return rs.b.run(x.Span(), "the condition "+where+" is of type "+typeName(c)+", not bool", "compare it with a value")
	}
	return c
}

// operand binds an operand of and, or: a bool, or a dynamic value that is read as one.
func (rs *rowScope) operand(x syntax.Expr, op string) *cexpr {
	c := rs.expr(x)
	if c.typ != tDyn {
		if c.typ != tBool && c.typ != tNone || c.star {
			return rs.b.run(x.Span(), "`"+op+"` stands beside a value of type "+typeName(c)+", not bool", "compare it with a value")
		}
		return c
	}
	inner := c.eval
	d := *c
	d.typ = tBool
	d.eval = func(e *env) any { return castBool(inner(e)) }
	return &d
}

func typeName(c *cexpr) string {
	if c.table != nil {
		return "table"
	}
	if c.typ == tNone {
		return "no type"
	}
	return c.typ.String()
}

// isTrue tells whether a condition holds; null counts as false (where-operator).
func isTrue(v any) bool { b, ok := v.(bool); return ok && b }
