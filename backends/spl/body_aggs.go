package spl

import (
	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// nameAggregates gives each aggregate a column: its own name, with several scopes behind that of its scope.
func (x *body) nameAggregates() {
	scopes := x.rule.Scopes()
	for _, s := range scopes {
		var names []string
		for _, a := range s.Aggs {
			name := a.Name
			if len(scopes) > 1 {
				name = s.Name + "_" + name
			}
			names = append(names, x.fresh(name))
		}
		x.names = append(x.names, names)
	}
}

// allNames lists the columns of all aggregates.
func (x *body) allNames() []string {
	var out []string
	for _, names := range x.names {
		out = append(out, names...)
	}
	return out
}

// argument is what an aggregate takes of an event: null when the event has no such value or, with a condition, takes no part.
func (x *body) argument(a *ir.Agg) syntax.Expr {
	v := x.byPart(func(p ir.Part) syntax.Expr { return argValue(p.Args[a.Arg], a.Func) })
	if a.Where < 0 {
		return v
	}
	return syntax.Fn("if", x.condition(a.Where), v, syntax.Fn("null"))
}

// argValue is the value that a part gives to an argument.
func argValue(t ir.Term, f ir.AggFunc) syntax.Expr {
	switch fld, isField := t.(*ir.Field); {
	case isField && fld.Type.IsString():
		if f != ir.AggDistinct {
			return field(fld)
		}
		if fld.Array {
			return syntax.Fn("mvfilter", syntax.Op("!=", field(fld), syntax.S("")))
		}
		return syntax.Fn("nullif", field(fld), syntax.S("")) // the empty text is no value to tell apart
	case isField && fld.Type == schema.IP:
		if f != ir.AggDistinct {
			return field(fld)
		}
		shape := syntax.Fn("match", field(fld), syntax.S(addressShape))
		if fld.Array {
			return syntax.Fn("mvfilter", shape)
		}
		return syntax.Fn("if", shape, field(fld), syntax.Fn("null"))
	case isField && (fld.Type == schema.Boolean || f == ir.AggSum || f == ir.AggAvg || f == ir.AggStddev):
		return field(fld) // these pass over what is no number
	case isField && fld.Array && fld.Type.IsNumber():
		return syntax.Fn("mvmap", field(fld), syntax.Fn("tonumber", field(fld)))
	}
	if ir.TermType(t) == schema.Date { // rules count times in milliseconds
		return syntax.Fn("round", syntax.Fn("exact", times(value(t), syntax.Int(1000))))
	}
	if l, ok := t.(*ir.Lit); ok && !l.Value.Type().IsNumber() {
		return syntax.S(l.Value.String())
	}
	return value(t)
}

// over is an aggregate function of an expression.
func over(fn string, e syntax.Expr, as string) syntax.Agg {
	if f, ok := e.(*syntax.Field); ok {
		return syntax.AggOf(fn, f.Name, as)
	}
	return syntax.Agg{Func: fn, Eval: e, As: as}
}

// splNames are the functions of stats that mean what the rule's do.
var splNames = map[ir.AggFunc]string{
	ir.AggDistinct: "dc", ir.AggSum: "sum", ir.AggAvg: "avg", ir.AggMin: "min", ir.AggMax: "max", ir.AggStddev: "stdev", ir.AggFirst: "earliest",
	ir.AggLast: "latest", ir.AggValues: "values",
}

// aggregate computes one aggregate on events, and notes what is to be mended in its column afterwards.
func (x *body) aggregate(a *ir.Agg, as string) []syntax.Agg {
	if a.Func == ir.AggCount {
		if a.Where < 0 {
			return []syntax.Agg{syntax.Count(as)}
		}
		return []syntax.Agg{syntax.CountIf(x.condition(a.Where), as)}
	}
	if isRanked(a.Func) {
		return []syntax.Agg{x.atRank(a, as)}
	}
	if a.Func == ir.AggDistinct && x.severalValues(a) { // whether dc() counts each value of an event is not documented; values() lists each
		list := x.fresh(as + "_values")
		x.fixes = append(x.fixes, syntax.Set(as, syntax.Fn("coalesce", syntax.Fn("mvcount", syntax.F(list)), syntax.Int(0))))
		return []syntax.Agg{over("values", x.argument(a), list)}
	}
	out := []syntax.Agg{over(splNames[a.Func], x.argument(a), as)}
	switch col := syntax.F(as); a.Func {
	case ir.AggSum: // of nothing it is 0
		x.fixes = append(x.fixes, syntax.Set(as, syntax.Fn("coalesce", col, syntax.Int(0))))
	case ir.AggStddev: // what stdev() is of one value is not documented
		n := x.fresh(as + "_values")
		out = append(out, over("count", x.argument(a), n))
		x.fixes = append(x.fixes, syntax.Set(as, syntax.Fn("case", syntax.Op(">", syntax.F(n), syntax.Int(1)), col, eq(syntax.F(n), syntax.Int(1)), syntax.Int(0))))
	case ir.AggCount, ir.AggDistinct, ir.AggAvg, ir.AggMin, ir.AggMax, ir.AggMedian, ir.AggPercentile, ir.AggFirst, ir.AggLast, ir.AggValues:
	}
	return out
}

// severalValues reports whether an event may bring several values to an aggregate.
func (x *body) severalValues(a *ir.Agg) bool {
	for _, p := range x.bound.Parts {
		if f, ok := p.Args[a.Arg].(*ir.Field); ok && f.Array {
			return true
		}
	}
	return false
}

// composed is the function that makes an aggregate of a group out of those of its parts, "" when there is none.
func composed(f ir.AggFunc) string {
	switch f {
	case ir.AggCount, ir.AggSum:
		return "sum"
	case ir.AggMin:
		return "min"
	case ir.AggMax:
		return "max"
	case ir.AggDistinct, ir.AggAvg, ir.AggStddev, ir.AggMedian, ir.AggPercentile, ir.AggFirst, ir.AggLast, ir.AggValues:
	}
	return ""
}

// mend adds what aggregates have noted.
func (x *body) mend() {
	x.evals(x.fixes...)
	x.fixes = nil
}

// shown names the columns of what a finding shows.
func (x *body) shown() []string {
	var out []string
	for _, s := range x.rule.Emit.Shown {
		name := ""
		switch n := s.Value.(type) {
		case *ir.NumAgg:
			name = x.names[n.Scope][n.Agg]
		case *ir.NumBase:
			name = x.learned[n.What]
		case *ir.NumLit, *ir.NumArith, *ir.NumCall, *ir.NumStep:
		}
		out = append(out, name)
	}
	return out
}

// readsTime reports whether an aggregate reads the time of an event, which is then not to be rounded.
func (x *body) readsTime() bool {
	for _, s := range x.rule.Scopes() {
		for _, a := range s.Aggs {
			if a.Func == ir.AggFirst || a.Func == ir.AggLast {
				return true
			}
		}
	}
	return x.conditions["_time"]
}
