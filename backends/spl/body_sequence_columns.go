package spl

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

func null() syntax.Expr                       { return syntax.Fn("null") }
func notnull(name string) syntax.Expr         { return syntax.Fn("isnotnull", syntax.F(name)) }
func iff(cond, value syntax.Expr) syntax.Expr { return syntax.Fn("if", cond, value, null()) }

// never says that nothing is in a column, or that its time stands in a relation to another one.
func never(name, op, other string) syntax.Expr {
	return syntax.OrE(syntax.Fn("isnull", syntax.F(name)), syntax.Op(op, syntax.F(name), syntax.F(other)))
}

// inOrder sorts the rows by time, those of one time as streamstats is to see them.
func (o *ordering) inOrder(at string, backwards bool) {
	o.sorted(syntax.SortKey{Name: at, Desc: backwards}, syntax.SortKey{Func: "num", Name: o.step, Desc: !backwards})
}

// is says that a row is of the step at a place among those that events take.
func (o *ordering) is(place int) syntax.Expr {
	return eq(syntax.F(o.step), syntax.Int(int64(o.numbers[o.events[place]])))
}

// group are the fields by which the chains are told apart, stepGroup those of the events of their steps.
func (o *ordering) group() []string     { return slices.Concat(o.by, o.equal) }
func (o *ordering) stepGroup() []string { return append(o.group(), o.step) }

// before adds aggregates of the rows before, to those of a streamstats before if it has the same groups.
func (o *ordering) before(by []string, aggs ...syntax.Agg) {
	if s, ok := o.stages[len(o.stages)-1].(*syntax.Stats); ok && s.Kind == syntax.Streamstats && len(s.Options) == 1 && s.Options[0].Name == "current" && slices.EqualFunc(s.By, by, func(b syntax.By, name string) bool { return b.Name == name }) {
		s.Aggs = append(s.Aggs, aggs...)
		return
	}
	o.stats(syntax.Streamstats, aggs, by, syntax.Opt("current", "f"))
}

// window adds aggregates of the last so many rows of a step.
func (o *ordering) window(rows int, aggs ...syntax.Agg) {
	o.stats(syntax.Streamstats, aggs, o.stepGroup(), syntax.Opt("window", strconv.Itoa(rows)), syntax.Opt("global", "f"))
}

// occurring are those of some steps that events of the tables can take.
func (o *ordering) occurring(steps []int) []int {
	return slices.DeleteFunc(slices.Clone(steps), func(i int) bool { _, ok := o.numbers[i]; return !ok })
}

// seen adds the latest time before a row of an event of some steps; "" when there are none.
func (o *ordering) seen(name string, steps []int) string {
	var some []syntax.Expr
	for _, i := range o.occurring(steps) {
		some = append(some, eq(syntax.F(o.step), syntax.Int(int64(o.numbers[i]))))
	}
	if len(some) == 0 {
		return ""
	}
	name = o.fresh(name)
	o.before(o.by, syntax.Agg{Func: "max", Eval: iff(syntax.OrE(some...), now), As: name})
	return name
}

// ripe says that a time has arrived since the tick before.
func (o *ordering) ripe(at string) []syntax.Expr {
	return []syntax.Expr{ge(syntax.F(at), minus(settled, secs(o.every))), lt(syntax.F(at), settled)}
}

// first ends the search with the first finding of each tuple.
func (o *ordering) first(at string, shown map[int]string) backends.Columns {
	if len(o.by) > 0 {
		o.add(&syntax.Dedup{Names: o.by})
	} else {
		o.add(&syntax.Head{Count: "1"})
	}
	cols := backends.Columns{Keys: o.by, Time: "_time"}
	names := append([]string{"_time"}, o.by...)
	for i := range o.rule.Emit.Shown {
		name := ""
		if shown[i] != "" {
			name = o.shownName(i)
			names = append(names, name)
			o.decode(i, name, shown[i])
		}
		cols.Shown = append(cols.Shown, name)
	}
	if at != "_time" {
		o.add(&syntax.Rename{Pairs: []syntax.Alias{{Name: at, As: "_time"}}})
	}
	o.add(&syntax.Table{Names: names})
	return cols
}

// plain shows the values of a step whose rows the findings are.
func (o *ordering) plain(place int, shown map[int]string) {
	for _, i := range o.shownOf(place) {
		shown[i] = o.shownName(i)
		o.eval(shown[i], o.value(o.stepValue(i), ir.AggFirst))
		o.uncoded[i] = true
	}
}

// shownName is the name of the column with what a finding shows; on the way there the columns have others.
func (o *ordering) shownName(i int) string {
	v := o.stepValue(i)
	if o.shownNames[i] == "" {
		o.shownNames[i] = o.fresh(o.name(slices.Index(o.events, v.Step)) + "_" + o.argName(v))
	}
	return o.shownNames[i]
}

// alike says that the values are there that all steps have in common.
func (o *ordering) alike() []syntax.Expr {
	var out []syntax.Expr
	for _, name := range o.equal {
		out = append(out, syntax.Op("!=", syntax.F(name), syntax.S("")))
	}
	return out
}

// name is the name of a step, for columns.
func (o *ordering) name(place int) string {
	if n := o.seq.Steps[o.events[place]].Name; n != "" {
		return n
	}
	return fmt.Sprintf("step%d", place+1)
}

// stepValue is what a finding shows at a place in Emit.Shown.
func (o *ordering) stepValue(i int) ir.StepValue {
	return o.rule.Emit.Shown[i].Value.(*ir.NumStep).StepValue
}

// shownOf are the places in Emit.Shown of what a finding shows of a step.
func (o *ordering) shownOf(place int) []int {
	var out []int
	for i := range o.rule.Emit.Shown {
		if o.stepValue(i).Step == o.events[place] {
			out = append(out, i)
		}
	}
	return out
}

// showsUpTo reports whether a finding shows a value of a step up to a place.
func (o *ordering) showsUpTo(place int) bool {
	for p := range place + 1 {
		if len(o.shownOf(p)) > 0 {
			return true
		}
	}
	return false
}

// argName is a readable name of a column.
func (o *ordering) argName(v ir.StepValue) string {
	if f, ok := o.rule.Args[v.Arg].(*ir.Field); ok {
		return plainName(f.Name)
	}
	return "value"
}

// value is what a column of a step holds.
func (o *ordering) value(v ir.StepValue, f ir.AggFunc) syntax.Expr {
	return o.chosen(o.choices([]int{v.Step}, func(p ir.Part, _ *ir.Step) syntax.Expr { return argValue(p.Args[v.Arg], f) }))
}

// stepArray reports whether a column of a step may hold several values.
func stepArray(b *ir.Bound, v ir.StepValue) bool {
	st := &b.Rule.Body.(*ir.Sequence).Steps[v.Step]
	return slices.ContainsFunc(b.Parts, func(p ir.Part) bool {
		return stepCond(p, st) != nil && slices.ContainsFunc(termFields(p.Args[v.Arg]), func(f *ir.Field) bool { return f.Array })
	})
}

// coded is a column of a step in a form that is never null, because aggregates pass over null: several values as a JSON array, a
// missing value as the empty text.
func (o *ordering) coded(v ir.StepValue) syntax.Expr {
	value := o.value(v, ir.AggFirst)
	if stepArray(o.bound, v) {
		return syntax.Fn("coalesce", syntax.Fn("mv_to_json_array", value), syntax.S("[]"))
	}
	return syntax.Fn("coalesce", value, syntax.S(""))
}

// decode undoes coded.
func (o *ordering) decode(i int, name, from string) {
	switch {
	case o.uncoded[i]:
	case stepArray(o.bound, o.stepValue(i)):
		o.eval(name, syntax.Fn("json_array_to_mv", syntax.F(from)))
	default:
		o.eval(name, syntax.Fn("nullif", syntax.F(from), syntax.S("")))
	}
}

// compared adds a field with the value of a step that another one is compared with, as a text: that begins with = where there is a value,
// so that it does not look like a number, and is empty where there is none and in other steps.
func (o *ordering) compared(l likeness) string {
	var steps []int
	for _, v := range l.of {
		steps = append(steps, v.Step)
	}
	all := o.choices(steps, func(p ir.Part, st *ir.Step) syntax.Expr {
		v := l.of[slices.IndexFunc(l.of, func(v ir.StepValue) bool { return &o.seq.Steps[v.Step] == st })]
		value := comparedValue(p.Args[v.Arg], l.cased)
		there := syntax.Fn("isnotnull", value)
		if f, ok := p.Args[v.Arg].(*ir.Field); ok && f.Type == schema.IP {
			there = syntax.Fn("match", value, syntax.S(addressShape))
		}
		return syntax.Fn("if", there, syntax.Op(".", syntax.S("="), value), syntax.S(""))
	})
	x := o.chosen(all)
	if c, ok := x.(*syntax.Call); ok && c.Name == "case" {
		c.Args = append(c.Args, syntax.Fn("true"), syntax.S(""))
	}
	name := o.fresh("compared_" + o.argName(l.of[0]))
	o.eval(name, x)
	return name
}

// comparedValue is a value as comparisons of steps take it.
func comparedValue(t ir.Term, cased bool) syntax.Expr {
	switch typ := ir.TermType(t); {
	case typ.IsString() && !cased:
		return syntax.Fn("lower", argValue(t, ir.AggFirst))
	case typ == schema.Double:
		return plus(argValue(t, ir.AggFirst), syntax.Int(0)) // -0 is 0
	}
	return argValue(t, ir.AggFirst)
}

// equalKeys adds the values that all steps have in common to what tells chains apart.
func (o *ordering) equalKeys() {
	for _, l := range o.cross.equal {
		o.equal = append(o.equal, o.compared(l))
	}
}
