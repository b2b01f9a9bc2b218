package interp

import (
	"strings"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// state gathers the rows of one group for one aggregate.
type state interface {
	add(e *env)
	value() any
}

// aggregate is one aggregation function: one row of the tables.
type aggregate struct {
	function
	// pred is the position of the condition of an …if function, 0 for none (a condition never comes first but in countif).
	pred int
	// start makes the states of a call, one per group.
	start func(c *aggCall) func() state
	// several binds aggregates that give more than one column.
	several func(rs *rowScope, x *syntax.Call, a *aggregate) *cexpr
}

// aggCall is a bound call of an aggregate.
type aggCall struct {
	call
	spec *aggregate
	// limit is the constant maximal size of make_set and make_list.
	limit int
}

// aggSet collects the aggregates of a summarize or make-series.
type aggSet struct {
	list []func() state
	// keys are the columns that are group keys; arg_max(t, *) leaves them out.
	keys map[string]bool
}

func (s *aggSet) add(f func() state) int {
	s.list = append(s.list, f)
	return len(s.list) - 1
}

// aggregates holds all aggregates by name.
var aggregates = map[string]*aggregate{}

func init() {
	for _, list := range [][]*aggregate{countAggregates, numberAggregates, collectAggregates, pickAggregates, percentileAggregates, sketchAggregates} {
		for _, a := range list {
			a.prepare()
			for _, name := range strings.Fields(a.name) {
				aggregates[name] = a
			}
		}
	}
}

// aggregate binds a call of an aggregate: its arguments see the rows, its value is one per group.
func (rs *rowScope) aggregate(x *syntax.Call) *cexpr {
	a := aggregates[x.Name]
	if a.several != nil {
		return a.several(rs, x, a)
	}
	inner := rs.inner
	args, ok := inner.args(x, &a.function)
	out := &cexpr{typ: a.resultType(args), at: x.At, home: rs.home, name: a.resultName(x, args), eval: func(*env) any { return nil }}
	if !ok {
		return out
	}
	c := &aggCall{call: call{x: rs.b.x, at: x.At, args: args, typ: out.typ, n: len(args)}, spec: a, limit: -1}
	if !rs.sizeLimit(x, c) {
		return out
	}
	k := rs.aggs.add(a.states(c))
	out.eval = func(e *env) any { return e.aggs[k] }
	return out
}

// states makes the group states of a call, behind its condition if it has one.
func (a *aggregate) states(c *aggCall) func() state {
	start := a.start(c)
	if a.pred == 0 || a.pred >= len(c.args) {
		return start
	}
	pred := c.args[a.pred]
	return func() state { return &conditional{pred, start()} }
}

// conditional passes on the rows for which a condition holds.
type conditional struct {
	pred *cexpr
	state
}

func (s *conditional) add(e *env) {
	if isTrue(s.pred.eval(e)) {
		s.state.add(e)
	}
}

// sizeLimit evaluates the maximal size of make_list and its kin, which is their last parameter.
func (rs *rowScope) sizeLimit(x *syntax.Call, c *aggCall) bool {
	last := len(c.spec.params) - 1
	if last < 1 || len(c.args) <= last || !c.spec.params[last].optional {
		return true
	}
	arg := c.args[last]
	if !arg.konst {
		rs.b.run(arg.at, "the last argument of `"+x.Name+"` must be a constant")
		return false
	}
	if n, ok := arg.value(rs.b.x).(int64); ok {
		c.limit = int(n)
	}
	return true
}

// resultType gives the type of an aggregate: sums of ints are long.
func (a *aggregate) resultType(args []*cexpr) syntax.Type {
	switch a.ret {
	case "sum":
		if len(args) > 0 && args[0].typ == tInt {
			return tLong
		}
		return a.typeOfFirst(args)
	case "avg":
		if t := a.typeOfFirst(args); t == tDec || isTime(t) {
			return t
		}
		return tReal
	}
	return a.staticType(args)
}

func (a *aggregate) typeOfFirst(args []*cexpr) syntax.Type {
	if len(args) == 0 {
		return tNone
	}
	return args[0].typ
}

// resultName is prefix_argument; prefix_ when the argument has no name.
func (a *aggregate) resultName(x *syntax.Call, args []*cexpr) string {
	first := ""
	if len(args) > 0 {
		first = args[0].name
	}
	switch a.naming {
	case nameFirst:
		return first
	case nameNone:
		return ""
	case nameFuncFirst, namePrefix:
	}
	prefix := a.prefix
	if prefix == "" {
		prefix = x.Name
	}
	return prefix + "_" + first
}

// each is a state over the values of one argument.
type each struct {
	arg  *cexpr
	f    func(v any, e *env)
	done func() any
}

func (s *each) add(e *env) { s.f(s.arg.eval(e), e) }
func (s *each) value() any { return s.done() }
