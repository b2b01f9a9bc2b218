package interp

import (
	"github.com/onerule/onerule/backends/kusto/syntax"
)

// pickAggregates choose a row of the group.
var pickAggregates = []*aggregate{
	{function: function{name: "arg_max", sig: "order any*", doc: "the row with the greatest value, or parts of it"}, several: bindArg(1, "max")},
	{function: function{name: "arg_min", sig: "order any*", doc: "the row with the least value, or parts of it"}, several: bindArg(-1, "min")},
	{function: function{name: "argmax", sig: "order any*", doc: "old arg_max"}, several: bindOldArg(1, "max_")},
	{function: function{name: "argmin", sig: "order any*", doc: "old arg_min"}, several: bindOldArg(-1, "min_")},
	{function: function{name: "take_any", sig: "any any*", doc: "an arbitrary row, or parts of it"}, several: bindAny("")},
	{function: function{name: "any", sig: "any any*", doc: "old take_any"}, several: bindAny("any")},
	{function: function{name: "take_anyif", sig: "any bool", ret: "arg0", naming: nameFirst, doc: "an arbitrary value under a condition"}, pred: 1, start: startAnyValue},
	{function: function{name: "anyif", sig: "any bool", ret: "arg0", naming: namePrefix, prefix: "any", doc: "old take_anyif"}, pred: 1, start: startAnyValue},
	{function: function{name: "passthrough", sig: "any", ret: "arg0", naming: nameFirst, doc: "an arbitrary value"}, start: startAnyValue},
}

// starColumns gives the columns that * stands for: all but the group keys and those already named.
func (rs *rowScope) starColumns(named map[string]bool) []*cexpr {
	var out []*cexpr
	for i, c := range rs.inner.cols {
		if !rs.aggs.keys[c.name] && !named[c.name] {
			out = append(out, rs.inner.columnExpr(i))
		}
	}
	return out
}

// bindArg binds arg_max and arg_min: their columns are the compared value, then the others.
func bindArg(sign int, prefix string) func(rs *rowScope, x *syntax.Call, a *aggregate) *cexpr {
	return func(rs *rowScope, x *syntax.Call, a *aggregate) *cexpr {
		var list []*cexpr
		var cols []column
		named := map[string]bool{}
		for i, arg := range x.Args {
			c := rs.inner.expr(arg.Expr)
			if c.star && i > 0 {
				for _, s := range rs.starColumns(named) {
					list = append(list, s)
					cols = append(cols, column{s.name, s.typ})
				}
				continue
			}
			if c.star || c.table != nil || i == 0 && c.typ != tNone && !kindOrder.takes(c.typ) {
				rs.b.run(c.at, "`"+x.Name+"` cannot compare this argument", "convert it with tolong(…), todatetime(…) or tostring(…)")
				return failedTuple(x)
			}
			name := c.name
			first := ""
			if len(list) > 0 {
				first = list[0].name
			}
			switch {
			case i == 0 && name == "":
				name = prefix + "_"
			case name == "":
				name = prefix + "_" + first + "_arg" + text(int64(i))
			default:
				if _, plain := arg.Expr.(*syntax.Name); i > 0 && !plain && name == first {
					name = prefix + "_" + first + "_arg" + text(int64(i))
				}
			}
			named[name] = true
			list = append(list, c)
			cols = append(cols, column{name, c.typ})
		}
		return rs.argOf(x, sign, list, cols)
	}
}

// argOf makes the columns of arg_max and its kin from their bound arguments.
func (rs *rowScope) argOf(x *syntax.Call, sign int, list []*cexpr, cols []column) *cexpr {
	if len(list) == 0 {
		rs.b.run(x.At, "`"+x.Name+"` needs a value to compare")
		return failedTuple(x)
	}
	last := rs.b.x.in.On(doubtTiesLast)
	k := rs.aggs.add(func() state { return &argState{list: list, sign: sign, last: last} })
	if len(cols) == 1 {
		return onlyColumn(rs, x, cols[0], k)
	}
	return &cexpr{tuple: cols, typ: cols[0].typ, home: rs.home, at: x.At, eval: func(e *env) any { return e.aggs[k] }}
}

// bindOldArg binds argmax and argmin, whose columns are max_x, max_x_y …
func bindOldArg(sign int, prefix string) func(rs *rowScope, x *syntax.Call, a *aggregate) *cexpr {
	return func(rs *rowScope, x *syntax.Call, a *aggregate) *cexpr {
		var list []*cexpr
		var cols []column
		for i, arg := range x.Args {
			c := rs.inner.expr(arg.Expr)
			switch {
			case c.star && i > 0:
				for _, s := range rs.starColumns(map[string]bool{list[0].name: true}) {
					list = append(list, s)
					cols = append(cols, column{cols[0].name + "_" + s.name, s.typ})
				}
				continue
			case c.star || c.table != nil || i == 0 && c.typ != tNone && !kindOrder.takes(c.typ):
				rs.b.run(c.at, "`"+x.Name+"` cannot compare this argument", "convert it with tolong(…), todatetime(…) or tostring(…)")
				return failedTuple(x)
			}
			name := c.name
			if f, ok := arg.Expr.(*syntax.Call); ok && name != "" {
				name = f.Name + "_" + name
			}
			switch {
			case i == 0:
				name = prefix + name
			case name == "":
				name = cols[0].name + "_arg" + text(int64(i))
			default:
				name = cols[0].name + "_" + name
			}
			list = append(list, c)
			cols = append(cols, column{name, c.typ})
		}
		return rs.argOf(x, sign, list, cols)
	}
}

// onlyColumn is an aggregate of one column: a value that may stand in an expression.
func onlyColumn(rs *rowScope, x *syntax.Call, c column, k int) *cexpr {
	return &cexpr{typ: c.typ, name: c.name, home: rs.home, at: x.At, eval: func(e *env) any { return fix(e.aggs[k].([]any)[0], c.typ) }}
}

func failedTuple(x *syntax.Call) *cexpr {
	return &cexpr{at: x.At, eval: func(*env) any { return nil }}
}

// argState keeps the row with the extreme value; nulls count only when there is nothing else.
type argState struct {
	list []*cexpr
	sign int
	last bool
	seen bool
	best any
	vals []any
}

func (s *argState) add(e *env) {
	v := s.list[0].eval(e)
	switch {
	case !s.seen, s.best == nil && v != nil:
	case v == nil:
		return
	default:
		c := sortCompare(v, s.best) * s.sign
		if c < 0 || c == 0 && !s.last {
			return
		}
	}
	s.seen = true
	s.best = v
	s.vals = make([]any, len(s.list))
	s.vals[0] = v
	for i := 1; i < len(s.list); i++ {
		s.vals[i] = s.list[i].eval(e)
	}
}

func (s *argState) value() any {
	if s.vals == nil {
		return make([]any, len(s.list))
	}
	return s.vals
}

// bindAny binds take_any: one value that is not empty, or a whole row.
func bindAny(prefix string) func(rs *rowScope, x *syntax.Call, a *aggregate) *cexpr {
	return func(rs *rowScope, x *syntax.Call, a *aggregate) *cexpr {
		var list []*cexpr
		for _, arg := range x.Args {
			c := rs.inner.expr(arg.Expr)
			if c.star {
				list = append(list, rs.starColumns(nil)...)
				continue
			}
			list = append(list, c)
		}
		if len(list) == 0 {
			rs.b.run(x.At, "`"+x.Name+"` needs a value")
			return failedTuple(x)
		}
		var cols []column
		for i, c := range list {
			name := c.name
			switch {
			case name == "":
				name = "any_arg" + text(int64(i))
			case prefix != "":
				name = prefix + "_" + name
			}
			cols = append(cols, column{name, c.typ})
		}
		last := rs.b.x.in.On(doubtTiesLast)
		k := rs.aggs.add(func() state { return &anyState{list: list, last: last} })
		if len(cols) == 1 {
			return onlyColumn(rs, x, cols[0], k)
		}
		return &cexpr{tuple: cols, typ: cols[0].typ, home: rs.home, at: x.At, eval: func(e *env) any { return e.aggs[k] }}
	}
}

type anyState struct {
	list []*cexpr
	last bool
	vals []any
}

// add keeps the first row; a single value is replaced while it is empty (take-any-aggregation-function).
func (s *anyState) add(e *env) {
	if s.vals != nil && !s.last && !(len(s.list) == 1 && isEmptyValue(s.vals[0])) {
		return
	}
	vals := make([]any, len(s.list))
	for i, c := range s.list {
		vals[i] = c.eval(e)
	}
	if s.vals != nil && len(vals) == 1 && isEmptyValue(vals[0]) {
		return
	}
	s.vals = vals
}

func (s *anyState) value() any {
	if s.vals == nil {
		return make([]any, len(s.list))
	}
	return s.vals
}

func isEmptyValue(v any) bool { return v == nil || v == "" }

func startAnyValue(c *aggCall) func() state {
	return func() state {
		s := &anyState{list: c.args[:1], last: c.x.in.On(doubtTiesLast)}
		return &each{arg: c.args[0], f: func(_ any, e *env) { s.add(e) }, done: func() any { return s.value().([]any)[0] }}
	}
}
