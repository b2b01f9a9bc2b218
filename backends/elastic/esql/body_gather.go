package esql

import (
	"fmt"
	"strings"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

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
