package interp

import (
	"fmt"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// caster makes a conversion function; its argument may be of any type.
func caster(t syntax.Type) func(c *call, a []any) any {
	return func(c *call, a []any) any { return castTo(a[0], t) }
}

// typeFunctions convert and inspect values.
var typeFunctions = []*function{
	{name: "tostring", sig: "any", ret: "string", naming: nameFirst, nulls: true, doc: "text of a value", fn: caster(tStr)},
	{name: "tolong", sig: "any", ret: "long", naming: nameFirst, doc: "value as long, null when it does not convert", fn: caster(tLong)},
	{name: "toint", sig: "any", ret: "int", naming: nameFirst, doc: "value as int, null when it does not convert", fn: caster(tInt)},
	{name: "toreal todouble", sig: "any", ret: "real", naming: nameFirst, doc: "value as real, null when it does not convert", fn: caster(tReal)},
	{name: "todecimal", sig: "any", ret: "decimal", naming: nameFirst, doc: "value as decimal, null when it does not convert", fn: caster(tDec)},
	{name: "tobool toboolean", sig: "any", ret: "bool", naming: nameFirst, doc: "value as bool, null when it does not convert", fn: caster(tBool)},
	{name: "todatetime", sig: "any", ret: "datetime", naming: nameFirst, doc: "value as datetime, null when it does not convert", fn: caster(tDate)},
	{name: "totimespan totime", sig: "any", ret: "timespan", naming: nameFirst, doc: "value as timespan, null when it does not convert", fn: caster(tSpan)},
	{name: "toguid", sig: "strdyn", ret: "guid", naming: nameFirst, doc: "value as guid, null when it does not convert", fn: caster(tGUID)},
	{name: "todynamic toobject", sig: "string", ret: "dynamic", naming: nameFirst, doc: "JSON text as its value", bind: bindJSON, fn: parseJSONArg},
	{name: "parse_json parsejson", sig: "strdyn", ret: "dynamic", naming: nameFirst, doc: "JSON text as its value; what is dynamic passes through", bind: bindJSON, fn: parseJSONArg},
	{name: "dynamic_to_json", sig: "any", ret: "string", doc: "canonical JSON text", fn: func(c *call, a []any) any { return prettySorted(a[0]) }},
	{name: "gettype", sig: "any", ret: "string", naming: namePrefix, prefix: "type", nulls: true, doc: "name of a value's type", bind: bindGetType},
	{name: "tohex", sig: "int int?", ret: "string", naming: nameFirst, doc: "hexadecimal digits", fn: func(c *call, a []any) any {
		width := int64(0)
		if c.n > 1 {
			width = min(max(a[1].(int64), 0), 16)
		}
		if c.args[0].typ == tInt {
			return fmt.Sprintf("%0*x", int(width), uint32(a[0].(int64)))
		}
		return fmt.Sprintf("%0*x", int(width), uint64(a[0].(int64)))
	}},
	{name: "isnull", sig: "any", ret: "bool", nulls: true, doc: "whether a value is null; never true for strings", fn: func(c *call, a []any) any { return a[0] == nil }},
	{name: "isnotnull notnull", sig: "any", ret: "bool", nulls: true, doc: "whether a value is not null", fn: func(c *call, a []any) any { return a[0] != nil }},
	{name: "isempty", sig: "any", ret: "bool", nulls: true, doc: "whether a value is null or an empty string", fn: func(c *call, a []any) any { return isEmptyValue(a[0]) }},
	{name: "isnotempty notempty", sig: "any", ret: "bool", nulls: true, doc: "whether a value is neither null nor an empty string", fn: func(c *call, a []any) any { return !isEmptyValue(a[0]) }},
	{name: "estimate_data_size", sig: "any any*", ret: "long", nulls: true, doc: "estimated size of values in bytes; * stands for all columns", bind: bindDataSize, fn: func(c *call, a []any) any {
		n := int64(0)
		for i, v := range a {
			n += dataSize(v, c.args[i].typ)
		}
		return n
	}},
}

// dataSize is the size of a value as the page estimate-data-size-function counts it.
func dataSize(v any, t syntax.Type) int64 {
	switch t {
	case tBool:
		return 1
	case tInt:
		return 4
	case tDec, tGUID:
		return 16
	case tStr, tDyn:
		return int64(len(text(v)))
	case tNone, tLong, tReal, tDate, tSpan:
	}
	return 8
}

func parseJSONArg(c *call, a []any) any {
	if s, ok := a[0].(string); ok {
		v := parseJSON(s)
		if c.x.in.On(doubtJSONDates) {
			return typeDates(v)
		}
		return v
	}
	return a[0]
}

// bindJSON binds parse_json: what is dynamic already passes through.
func bindJSON(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	args, ok := rs.args(x, f)
	if !ok {
		return &cexpr{typ: tDyn, at: x.At, eval: func(*env) any { return nil }}
	}
	if args[0].typ == tDyn {
		c := *args[0]
		c.at = x.At
		return &c
	}
	p := *f
	p.params = []param{{kind: kindAny}}
	return p.make(rs, x, args)
}

// typeDates reads strings that look like dates as datetime values.
func typeDates(v any) any {
	switch v := v.(type) {
	case string:
		if len(v) >= 10 && v[0] >= '0' && v[0] <= '9' {
			if t, ok := syntax.ParseDatetime(v); ok {
				return datetime(t)
			}
		}
	case []any:
		for i := range v {
			v[i] = typeDates(v[i])
		}
	case *bag:
		for k := range v.vals {
			v.vals[k] = typeDates(v.vals[k])
		}
	}
	return v
}

// bindGetType gives the static type, or the type inside a dynamic value (gettype-function).
func bindGetType(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	args, ok := rs.args(x, f)
	if !ok {
		return &cexpr{typ: tStr, at: x.At, eval: func(*env) any { return "" }}
	}
	a := args[0]
	c := &cexpr{typ: tStr, konst: a.konst, home: a.home, at: x.At, name: f.columnName(x, args)}
	c.eval = func(e *env) any {
		if a.typ != tDyn {
			if a.eval(e) == nil {
				return "null"
			}
			return a.typ.String()
		}
		switch v := a.eval(e).(type) {
		case nil:
			return "null"
		case []any:
			return "array"
		case *bag:
			return "dictionary"
		default:
			return typeOf(v).String()
		}
	}
	return fold(c)
}

// bindDataSize puts the columns in the place of *.
func bindDataSize(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	y := *x
	y.Args = nil
	for _, a := range x.Args {
		star, ok := a.Expr.(*syntax.Star)
		if !ok {
			y.Args = append(y.Args, a)
			continue
		}
		for _, c := range rs.cols {
			y.Args = append(y.Args, syntax.Item{Expr: &syntax.Name{Loc: star.Loc, Name: c.name}, At: a.At})
		}
	}
	args, ok := rs.args(&y, f)
	if !ok {
		return &cexpr{typ: tLong, at: x.At, eval: func(*env) any { return nil }}
	}
	return f.make(rs, &y, args)
}
