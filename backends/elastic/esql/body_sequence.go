package esql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/backends/elastic/rewrite"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// chains makes the chains of an ordered sequence. One row for each key has the times of each step as lists; a list is expanded,
// one step after the other, and of the rows that a chain can go on with only those are left that no other one is better than: the
// earliest last event for each first one.
//
// A row of the walk is a chain that is begun: `first` and `last` are the times of its first and last event, `kept` the
// values that later steps are compared with, `lists` the times of the steps to come.
type chains struct {
	*body
	seq   *ir.Sequence
	clock rewrite.OrderClock
	per   []string
	steps []stepTimes // of the steps that events take, in order
	// gaps are the lists of what must be missing before each of steps, and behind the last; "" where there is none.
	gaps  []string
	until string

	first, last string
	kept        []ir.StepValue
	lists       []string
}

// stepTimes are the lists of one step: its times, with the values that are compared packed behind them; and for a step that
// repeats its times alone once again, and, where the begin of the chain is what dates it, a third time.
type stepTimes struct {
	step              int
	list, all, begins string
	packed            []int
	time              string
	values            map[int]string
}

// sequence renders an ordered sequence.
func (x *body) sequence(s *ir.Sequence) backends.Columns {
	c := &chains{body: x, seq: s, clock: rewrite.OrderClockOf(x.rule, x.timing)}
	c.gather()
	for j := range c.steps {
		if j == 0 {
			c.begin()
		} else {
			c.next(j)
		}
	}
	return c.end()
}

// stepCond is the condition of a step on an event.
func (x *body) stepCond(cond int) syntax.Expr {
	parts := partsOf(x.bound, cond)
	same := len(parts) == len(x.bound.Parts)
	for _, p := range parts {
		same = same && ir.PrintPred(p.Conds[cond]) == ir.PrintPred(parts[0].Conds[cond])
	}
	if same {
		return lower(parts[0].Conds[cond])
	}
	var alternatives []syntax.Expr
	for n, p := range x.bound.Parts {
		if !possible(p.Conds[cond]) {
			continue
		}
		here := syntax.Expr(syntax.Op(syntax.Eq, syntax.Col(x.part), syntax.Int(int64(n+1))))
		if c, ok := p.Conds[cond].(*ir.Const); !ok || !c.Value {
			here = syntax.All(here, lower(p.Conds[cond]))
		}
		alternatives = append(alternatives, here)
	}
	return syntax.Any(alternatives...)
}

// anyStep is the condition that an event is of some of the steps.
func (x *body) anyStep(s *ir.Sequence, steps []int) syntax.Expr {
	var out []syntax.Expr
	var seen []string
	for _, i := range steps {
		if len(partsOf(x.bound, s.Steps[i].Cond)) == 0 {
			continue
		}
		c := x.stepCond(s.Steps[i].Cond)
		if text := syntax.PrintExpr(c); !slices.Contains(seen, text) {
			seen, out = append(seen, text), append(out, c)
		}
	}
	return syntax.Any(out...)
}

func allSteps(s *ir.Sequence) []int {
	out := make([]int, len(s.Steps))
	for i := range out {
		out[i] = i
	}
	return out
}

// stepKeys adds the columns of the keys, given a column that tells the step where the steps have different ones ("").
func (x *body) stepKeys(s *ir.Sequence, step string) []string {
	var names []string
	var computed []syntax.Field
	for k := range s.Per {
		var args []syntax.Expr
		var field *ir.Field
		array, fold := false, false
		for i := range s.Steps {
			var own []syntax.Expr
			for n, p := range x.bound.Parts {
				if !possible(p.Conds[s.Steps[i].Cond]) {
					continue
				}
				key := p.Keys[s.Steps[i].Keys[k]]
				if f, ok := key.Term.(*ir.Field); ok {
					field, array = f, array || f.Array
				}
				fold = fold || key.Fold
				own = append(own, eq(syntax.Col(x.part), syntax.Int(int64(n+1))), argument(key.Term))
			}
			if len(own) > 0 {
				args = append(args, eq(syntax.Col(step), syntax.Int(int64(i+1))), choice(own))
			}
		}
		v := choice(args)
		if _, plain := v.(*syntax.Column); plain && !array && !fold && !slices.Contains(names, rewrite.Path(field)) {
			names = append(names, rewrite.Path(field))
			x.names[rewrite.Path(field)] = true
			continue
		}
		if fold {
			v = syntax.Func("TO_LOWER", v)
		}
		if array {
			v = syntax.Func("MV_DEDUPE", v)
		}
		name := x.fresh(keyWord(x.rule.Keys[s.Per[k]]))
		names, computed = append(names, name), append(computed, syntax.Named(name, v))
		if array {
			defer func() { x.add(&syntax.MvExpand{Name: syntax.NameOf(name)}) }()
		}
	}
	x.eval(computed...)
	return names
}

// choice is CASE of conditions and values, or the value when there is but one.
func choice(args []syntax.Expr) syntax.Expr {
	for i := 3; i < len(args); i += 2 {
		if syntax.PrintExpr(args[i]) != syntax.PrintExpr(args[1]) {
			return syntax.Func("CASE", args...)
		}
	}
	return args[1]
}

// hasKeys are the conditions that keys have a value.
func (x *body) hasKeys(s *ir.Sequence, names []string) []syntax.Expr {
	var out []syntax.Expr
	for k, name := range names {
		if ir.TermType(x.rule.Keys[s.Per[k]].Term).IsString() {
			out = append(out, syntax.Op(syntax.Ne, syntax.Col(name), syntax.String("")))
		} else {
			out = append(out, &syntax.IsNull{X: syntax.Col(name), Not: true})
		}
	}
	return out
}

// gather makes a row for each key, with the times of each step as lists.
func (c *chains) gather() {
	step := ""
	if sameKeys(c.bound, c.seq) {
		c.where(c.anyStep(c.seq, allSteps(c.seq)))
	} else { // an event of several steps gets a row for each
		step = c.fresh("step")
		numbers := &syntax.List{}
		var alternatives []syntax.Expr
		for i := range c.seq.Steps {
			if len(partsOf(c.bound, c.seq.Steps[i].Cond)) > 0 {
				numbers.Items = append(numbers.Items, syntax.Int(int64(i+1)))
				alternatives = append(alternatives, syntax.All(eq(syntax.Col(step), syntax.Int(int64(i+1))), c.stepCond(c.seq.Steps[i].Cond)))
			}
		}
		c.eval(syntax.Named(step, numbers))
		c.add(&syntax.MvExpand{Name: syntax.NameOf(step)})
		c.where(syntax.Any(alternatives...))
	}
	is := func(steps []int) syntax.Expr {
		if step == "" {
			return c.anyStep(c.seq, steps)
		}
		var out []syntax.Expr
		for _, i := range steps {
			if len(partsOf(c.bound, c.seq.Steps[i].Cond)) > 0 {
				out = append(out, eq(syntax.Col(step), syntax.Int(int64(i+1))))
			}
		}
		return syntax.Any(out...)
	}
	c.per = c.stepKeys(c.seq, step)
	c.packValues()
	var aggs []syntax.Field
	list := func(words string, value syntax.Expr, steps []int) string {
		if len(steps) == 0 {
			return ""
		}
		f := syntax.Named(c.fresh(words), syntax.Func("VALUES", value))
		if f.Where = is(steps); syntax.PrintExpr(f.Where) == "FALSE" {
			return ""
		}
		aggs = append(aggs, f)
		c.lists = append(c.lists, f.Name)
		return f.Name
	}
	now := syntax.Col(timestamp)
	for n, i := range c.seq.Events() {
		st := stepTimes{step: i, packed: comparedArgs(c.seq, i)}
		value := syntax.Expr(now)
		if len(st.packed) > 0 {
			value = syntax.Col(c.packedColumn(i))
		}
		st.list = list(c.stepWord(i), value, []int{i})
		if c.seq.Steps[i].Repeat > 1 {
			st.all = list(c.stepWord(i)+"_times", now, []int{i})
			if n == 0 && c.seq.Waits() {
				st.begins = list(c.stepWord(i)+"_begins", now, []int{i})
			}
		}
		c.steps = append(c.steps, st)
		c.gaps = append(c.gaps, list(c.gapWord(n), now, c.seq.Gap(n)))
	}
	c.gaps = append(c.gaps, list(c.gapWord(len(c.steps)), now, c.seq.Gap(len(c.steps))))
	c.until = list("until", now, c.seq.Untils())
	c.stats(aggs, c.per...)
	conds := c.hasKeys(c.seq, c.per)
	for _, st := range c.steps {
		conds = append(conds, &syntax.IsNull{X: syntax.Col(st.list), Not: true})
	}
	c.where(conds...)
}

// stepWord names a step.
func (c *chains) stepWord(i int) string {
	if name := c.seq.Steps[i].Name; name != "" {
		return name
	}
	return fmt.Sprintf("step_%d", i+1)
}

func (c *chains) gapWord(n int) string {
	if gap := c.seq.Gap(n); len(gap) > 0 && c.seq.Steps[gap[0]].Name != "" {
		return c.seq.Steps[gap[0]].Name
	}
	return "missing"
}

// packedColumn names the column of an event's time with the values that comparisons read of a step.
func (c *chains) packedColumn(step int) string {
	return prefix + strings.ReplaceAll(c.stepWord(step), ".", "_") + "_event"
}

// packValues adds the columns of times with values: `1700000000000 +a`, where - stands for a missing value, and values follow
// each other in lines.
func (c *chains) packValues() {
	var fields []syntax.Field
	for _, i := range c.seq.Events() {
		args := comparedArgs(c.seq, i)
		if len(args) == 0 {
			continue
		}
		parts := []syntax.Expr{syntax.Func("TO_STRING", syntax.Func("TO_LONG", syntax.Col(timestamp)))}
		for n, a := range args {
			sep := "\n"
			if n == 0 {
				sep = " "
			}
			v := c.stepArg(i, a)
			text := syntax.Func("TO_STRING", v)
			if ir.TermType(c.rule.Args[a]) == schema.Date {
				text = syntax.Func("TO_STRING", syntax.Func("TO_LONG", v))
			}
			parts = append(parts, syntax.String(sep), syntax.Func("COALESCE", syntax.Func("CONCAT", syntax.String("+"), text), syntax.String("-")))
		}
		c.names[c.packedColumn(i)] = true
		fields = append(fields, syntax.Named(c.packedColumn(i), syntax.Func("CONCAT", parts...)))
	}
	c.eval(fields...)
}

// stepArg is a column of a step's events.
func (c *chains) stepArg(step, arg int) syntax.Expr {
	var args []syntax.Expr
	for n, p := range c.bound.Parts {
		if !possible(p.Conds[c.seq.Steps[step].Cond]) {
			continue
		}
		when := syntax.Expr(syntax.Boolean(true))
		if c.part != "" {
			when = eq(syntax.Col(c.part), syntax.Int(int64(n+1)))
		}
		args = append(args, when, argument(p.Args[arg]))
	}
	return choice(args)
}

// expand makes a row for each value of a list.
func (c *chains) expand(list string) {
	c.lists = slices.DeleteFunc(c.lists, func(l string) bool { return l == list })
	c.add(&syntax.MvExpand{Name: syntax.NameOf(list)})
}

// open expands the list of a step, and unpacks the values behind its times.
func (c *chains) open(j int) {
	st := &c.steps[j]
	c.expand(st.list)
	st.time = st.list
	if len(st.packed) == 0 {
		return
	}
	ms := c.fresh(c.stepWord(st.step) + "_ms")
	st.time, st.values = c.fresh(c.stepWord(st.step)+"_time"), map[int]string{}
	pattern := "%{" + ms + "} "
	for n, a := range st.packed {
		if n > 0 {
			pattern += "\n"
		}
		st.values[a] = c.fresh(c.rule.StepWords(ir.StepValue{Step: st.step, Arg: a}))
		pattern += "%{" + st.values[a] + "}"
		c.kept = append(c.kept, ir.StepValue{Step: st.step, Arg: a})
	}
	c.add(&syntax.Dissect{Input: syntax.Col(st.list), Pattern: syntax.Str{Value: pattern}})
	c.eval(syntax.Named(st.time, syntax.Func("TO_DATETIME", syntax.Func("TO_LONG", syntax.Col(ms)))))
}

// group are the columns that tell the rows of the walk apart, and further ones.
func (c *chains) group(more ...string) []string {
	out := slices.Clone(c.per)
	add := func(n string) {
		if n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	add(c.first)
	for _, v := range c.kept {
		add(c.valueColumn(v))
	}
	for _, n := range more {
		add(n)
	}
	return out
}

func (c *chains) valueColumn(v ir.StepValue) string {
	for _, st := range c.steps {
		if st.step == v.Step {
			return st.values[v.Arg]
		}
	}
	return ""
}

// reduce is STATS that carries the lists along.
func (c *chains) reduce(by []string, aggs ...syntax.Field) {
	for _, l := range c.lists {
		aggs = append(aggs, syntax.Named(l, syntax.Func("VALUES", syntax.Col(l))))
	}
	c.stats(aggs, by...)
}

// begin makes a row for each event that may be the last of the first step. Of a step that repeats the chain begins as late as it
// can, but where its begin dates it: then there is a row for each begin.
func (c *chains) begin() {
	c.open(0)
	st := &c.steps[0]
	n := c.seq.Steps[st.step].Repeat
	c.first, c.last = st.time, st.time
	if n > 1 {
		all, at := syntax.Col(st.all), syntax.Col(st.time)
		events := syntax.Named(c.fresh("events"), syntax.CountStar())
		if st.begins == "" {
			c.expand(st.all)
			c.where(le(all, at), ge(all, before(at, c.seq.Within)))
			first := c.fresh("begin")
			c.reduce(c.group(st.time), syntax.Named(first, syntax.Func("MV_MIN", syntax.Func("TOP", all, syntax.Int(int64(n)), syntax.String("desc")))), events)
			c.first = first
		} else {
			c.first = st.begins
			c.expand(st.begins)
			c.where(lt(syntax.Col(c.first), at), ge(syntax.Col(c.first), before(at, c.seq.Within)))
			c.expand(st.all)
			c.where(ge(all, syntax.Col(c.first)), le(all, at))
			c.reduce(c.group(st.time), events)
		}
		c.where(ge(syntax.Col(events.Name), syntax.Int(int64(n))))
	}
	if c.clock.Wait > 0 {
		c.where(le(syntax.Col(c.first), ago(c.clock.Wait)))
	}
}

// next goes on with a step.
func (c *chains) next(j int) {
	c.open(j)
	st := &c.steps[j]
	at, prev := syntax.Col(st.time), syntax.Col(c.last)
	conds := []syntax.Expr{gt(at, prev), le(at, after(syntax.Col(c.first), c.seq.Within))}
	c.where(append(conds, c.crosses(j)...)...)
	c.forget(j)
	begin := st.time
	if n := c.seq.Steps[st.step].Repeat; n > 1 {
		c.expand(st.all)
		c.where(gt(syntax.Col(st.all), prev), le(syntax.Col(st.all), at))
		events := c.fresh("events")
		begin = c.fresh("begin")
		c.reduce(c.group(c.last, st.time), syntax.Named(begin, syntax.Func("MIN", syntax.Col(st.all))), syntax.Named(events, syntax.CountStar()))
		c.where(ge(syntax.Col(events), syntax.Int(int64(n))))
	}
	if gap := c.gaps[j]; gap != "" {
		c.expand(gap)
		between := syntax.Named(c.fresh("between"), syntax.CountStar())
		between.Where = syntax.All(gt(syntax.Col(gap), prev), lt(syntax.Col(gap), syntax.Col(begin)))
		c.reduce(c.group(c.last, st.time, begin), between)
		c.where(eq(syntax.Col(between.Name), syntax.Int(0)))
	}
	lastStep := j == len(c.steps)-1
	if c.gaps[j+1] == "" && (!lastStep || c.until != "") { // for each first event the earliest last one is the best
		name := st.time
		c.reduce(c.group(), syntax.Named(name, syntax.Func("MIN", syntax.Col(st.time))))
	}
	c.last = st.time
}

// crosses are the comparisons that can be made at a step.
func (c *chains) crosses(j int) []syntax.Expr {
	place := func(step int) int {
		return slices.IndexFunc(c.steps, func(st stepTimes) bool { return st.step == step })
	}
	var out []syntax.Expr
	for _, x := range c.seq.Cross {
		if max(place(x.L.Step), place(x.R.Step)) == j {
			out = append(out, c.cross(x))
		}
	}
	return out
}

// cross compares two values, which are texts behind a sign.
func (c *chains) cross(x ir.Cross) syntax.Expr {
	typ := ir.TermType(c.rule.Args[x.L.Arg])
	side := func(v ir.StepValue) syntax.Expr {
		col := syntax.Expr(syntax.Col(c.valueColumn(v)))
		text := syntax.Func("SUBSTRING", col, syntax.Int(2))
		switch {
		case typ.IsNumber() && ir.TermType(c.rule.Args[x.L.Arg]) == schema.Long && ir.TermType(c.rule.Args[x.R.Arg]) == schema.Long, typ == schema.Date:
			return syntax.Func("TO_LONG", text)
		case typ.IsNumber():
			return syntax.Func("TO_DOUBLE", text)
		case typ.IsString() && !x.Cased:
			return syntax.Func("TO_LOWER", col)
		}
		return col
	}
	both := syntax.All(
		syntax.Op(syntax.Ne, syntax.Col(c.valueColumn(x.L)), syntax.String("-")),
		syntax.Op(syntax.Ne, syntax.Col(c.valueColumn(x.R)), syntax.String("-")),
		syntax.Op(signs[x.Op], side(x.L), side(x.R)))
	if x.Negated {
		return syntax.Negate(both)
	}
	return both
}

// forget drops the values that no later step is compared with.
func (c *chains) forget(j int) {
	c.kept = slices.DeleteFunc(c.kept, func(v ir.StepValue) bool {
		for later := j + 1; later < len(c.steps); later++ {
			step := c.steps[later].step
			for _, x := range c.seq.Cross {
				if x.L == v && x.R.Step == step || x.R == v && x.L.Step == step {
					return false
				}
			}
		}
		return true
	})
}

// end leaves the chains that nothing voids, and of each key the first.
func (c *chains) end() backends.Columns {
	waits := c.seq.Waits()
	end := syntax.Expr(syntax.Col(c.last))
	if waits {
		end = after(syntax.Col(c.first), c.seq.Within)
	}
	if gap := c.gaps[len(c.steps)]; gap != "" { // the latest last event leaves the least time for what must be missing
		if c.last != c.first && len(c.steps) > 1 || c.seq.Steps[c.steps[0].step].Repeat > 1 {
			latest := c.fresh("end")
			c.reduce(c.group(), syntax.Named(latest, syntax.Func("MAX", syntax.Col(c.last))))
			c.last = latest
		}
		c.expand(gap)
		behind := syntax.Named(c.fresh("behind"), syntax.CountStar())
		behind.Where = syntax.All(gt(syntax.Col(gap), syntax.Col(c.last)), le(syntax.Col(gap), end))
		c.reduce(c.group(c.last), behind)
		c.where(eq(syntax.Col(behind.Name), syntax.Int(0)))
	}
	if c.until != "" {
		c.expand(c.until)
		ended := syntax.Named(c.fresh("ended"), syntax.CountStar())
		ended.Where = syntax.All(ge(syntax.Col(c.until), syntax.Col(c.first)), lt(syntax.Col(c.until), end))
		c.reduce(c.group(c.last), ended)
		c.where(eq(syntax.Col(ended.Name), syntax.Int(0)))
	}
	at := c.fresh("time")
	first := c.last
	if waits {
		first = c.first
	}
	c.stats([]syntax.Field{syntax.Named(at, syntax.Func("MIN", syntax.Col(first)))}, c.per...)
	if waits {
		c.eval(syntax.Named(at, after(syntax.Col(at), c.seq.Within)))
	}
	return c.found(c.seq, at, c.per)
}

// found shows the columns of findings.
func (x *body) found(s *ir.Sequence, at string, per []string) backends.Columns {
	if len(per) == 0 { // without a key there is a row even when nothing was found
		x.where(&syntax.IsNull{X: syntax.Col(at), Not: true})
	}
	x.keep(append([]string{at}, per...)...)
	return backends.Columns{Keys: per, Time: at, Shown: make([]string, len(x.rule.Emit.Shown))}
}
