package esql

import (
	"slices"

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
