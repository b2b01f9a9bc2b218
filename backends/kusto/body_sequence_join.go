package kusto

import (
	"slices"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/ir"
)

// joiner joins the tables of the steps to chains.
type joiner struct {
	*seqBody
	// begins and ends are the columns of the times of a step's first and last event, by step.
	begins, ends []string
	numbers      []string // the columns that number a repeated step's events
	// joined tells the steps whose columns the chains have.
	joined  []int
	crossed []bool
	x       syntax.Expr
}

// joins prints a sequence or together rule whose steps are compared, or whose chains are dated behind their last event.
func (q *seqBody) joins() (syntax.Expr, backends.Columns) {
	n := len(q.steps)
	j := &joiner{seqBody: q, begins: make([]string, n), ends: make([]string, n), numbers: make([]string, n), crossed: make([]bool, len(q.seq.Cross))}
	for i := range q.steps {
		j.ends[i], j.begins[i] = q.steps[i].time, q.steps[i].time
		if q.steps[i].Repeat > 1 {
			j.begins[i] = q.fresh(q.steps[i].name + "_first")
		}
	}
	for i := range q.steps {
		if st := &q.steps[i]; len(stepParts(q.bound, st.Step)) > 0 {
			q.let(st.name, j.stepTable(st))
		}
	}
	for _, i := range q.seq.Events() {
		j.add(i)
	}
	j.dates()
	j.voids()
	return j.pick(), q.result()
}

// searched reports whether each event that a repeated step may begin with is looked for: where a chain is dated by its first event,
// or nothing may stand before it. Else the latest one will do.
func (j *joiner) searched(i int) bool {
	if j.seq.Steps[i].Repeat == 1 {
		return false
	}
	events := j.seq.Events()
	place := slices.Index(events, i)
	if !j.seq.Ordered {
		return j.seq.Waits()
	}
	return place == 0 && j.seq.Waits() || place > 0 && len(j.seq.Gap(place)) > 0
}

// stepTable is a step's table; one of a repeated step tells each event's number, or the event with which the step begins latest.
func (j *joiner) stepTable(st *seqStep) syntax.Expr {
	x := j.table(st)
	if st.Repeat == 1 {
		return x
	}
	at := syntax.Col(st.time)
	sort := &syntax.Sort{}
	var same, other []syntax.Expr
	ago := syntax.Long(int64(st.Repeat - 1))
	for _, k := range j.keyColumns() {
		sort.By = append(sort.By, syntax.Asc(k))
		same = append(same, eq(k, syntax.Fn("prev", k, ago)))
		other = append(other, syntax.Bin(syntax.Ne, k, prev(k)))
	}
	sort.By = append(sort.By, syntax.Asc(at))
	if j.searched(st.index) {
		j.numbers[st.index] = j.fresh(st.name + "_number")
		number := syntax.Fn("row_number", syntax.Long(1), syntax.AnyOf(other...))
		return syntax.Fn("materialize", syntax.Pipe(x, sort, &syntax.Extend{Items: []syntax.Item{syntax.Named(j.numbers[st.index], number)}}))
	}
	begin := syntax.Fn("iff", syntax.AllOf(same...), syntax.Fn("prev", at, ago), syntax.Null(syntax.TypeDatetime))
	return syntax.Pipe(x, sort, &syntax.Extend{Items: []syntax.Item{syntax.Named(j.begins[st.index], begin)}}, &syntax.Where{Pred: syntax.Fn("isnotnull", syntax.Col(j.begins[st.index]))})
}

// join joins a table to the chains, and keeps those that fulfil conditions.
func (j *joiner) join(table syntax.Expr, conds ...syntax.Expr) {
	if j.x == nil {
		j.x = table
	} else {
		j.x = syntax.Pipe(j.x, &syntax.Join{Kind: "inner", Right: table, On: j.keyColumns()})
	}
	if len(conds) > 0 {
		j.x = syntax.Pipe(j.x, &syntax.Where{Pred: syntax.AllOf(conds...)})
	}
}

// add joins the events of a step.
func (j *joiner) add(i int) {
	st := &j.steps[i]
	begin, end := syntax.Col(j.begins[i]), syntax.Col(j.ends[i])
	within := syntax.Timespan(j.seq.Within)
	span := func(from, to string) syntax.Expr {
		return le(syntax.Bin(syntax.Sub, syntax.Col(to), syntax.Col(from)), within)
	}
	var conds []syntax.Expr
	if j.searched(i) {
		first := j.fresh(j.numbers[i] + "_first")
		items := append(itemsOf(j.keyColumns()), syntax.Named(j.begins[i], end), syntax.Named(first, syntax.Col(j.numbers[i])))
		if n := len(j.joined); n > 0 && j.seq.Ordered {
			conds = append(conds, gt(begin, syntax.Col(j.ends[j.joined[n-1]])))
		}
		j.join(syntax.Pipe(syntax.Col(st.name), &syntax.Project{Items: items}), conds...)
		conds = []syntax.Expr{ge(syntax.Bin(syntax.Sub, syntax.Col(j.numbers[i]), syntax.Col(first)), syntax.Long(int64(st.Repeat-1)))}
	} else if n := len(j.joined); n > 0 && j.seq.Ordered {
		conds = append(conds, gt(begin, syntax.Col(j.ends[j.joined[n-1]])))
	}
	j.joined = append(j.joined, i)
	switch {
	case j.seq.Ordered:
		if first := j.joined[0]; first != i || st.Repeat > 1 {
			conds = append(conds, span(j.begins[first], j.ends[i]))
		}
	default:
		for _, k := range j.joined {
			if k != i {
				conds = append(conds, span(j.begins[k], j.ends[i]), span(j.begins[i], j.ends[k]))
			} else if st.Repeat > 1 {
				conds = append(conds, span(j.begins[i], j.ends[i]))
			}
		}
	}
	j.join(syntax.Col(st.name), append(conds, j.compared()...)...)
}

func itemsOf(xs []syntax.Expr) []syntax.Item {
	var out []syntax.Item
	for _, x := range xs {
		out = append(out, syntax.Plain(x))
	}
	return out
}

// compared are the comparisons that can be made now.
func (j *joiner) compared() []syntax.Expr {
	var out []syntax.Expr
	var l lowerer
	for n := range j.seq.Cross {
		c := &j.seq.Cross[n]
		if j.crossed[n] || !slices.Contains(j.joined, c.L.Step) || !slices.Contains(j.joined, c.R.Step) {
			continue
		}
		j.crossed[n] = true
		rel := crossRel(c, j.field(c.L), j.field(c.R))
		if c.Negated {
			out = append(out, l.negation(rel))
		} else {
			out = append(out, asked(l.leaf(rel)))
		}
	}
	return out
}

func (j *joiner) field(v ir.StepValue) *ir.Field {
	st := &j.steps[v.Step]
	return columnField(st.args[v.Arg], stepParts(j.bound, st.Step)[0].Args[v.Arg])
}

// extreme is the least or greatest of some columns.
func extreme(fn string, names []string) syntax.Expr {
	if len(names) == 1 {
		return syntax.Col(names[0])
	}
	return syntax.Fn(fn, columnsNamed(names...)...)
}

// dates computes the start of a chain and the time that it is dated at, and keeps the chains that the run judges.
func (j *joiner) dates() {
	events := j.seq.Events()
	var begins, ends []string
	for _, i := range events {
		begins, ends = append(begins, j.begins[i]), append(ends, j.ends[i])
	}
	if j.seq.Ordered {
		begins, ends = begins[:1], ends[len(ends)-1:]
	}
	at, start := j.timeName(), syntax.Expr(syntax.Col("Start"))
	items := []syntax.Item{syntax.Named("Start", extreme("min_of", begins))}
	end := extreme("max_of", ends)
	if j.seq.Waits() {
		j.x = syntax.Pipe(j.x, &syntax.Extend{Items: append(items, syntax.Named("End", end))},
			&syntax.Extend{Items: []syntax.Item{syntax.Named(at, plus(start, j.seq.Within))}},
			&syntax.Where{Pred: syntax.AllOf(ge(syntax.Col(at), since()), lt(syntax.Col(at), until()))})
		return
	}
	j.x = syntax.Pipe(j.x, &syntax.Extend{Items: append(items, syntax.Named(at, end))}, &syntax.Where{Pred: ge(syntax.Col(at), since())})
}

// voids takes out the chains that an event makes void.
func (j *joiner) voids() {
	type void struct {
		step *seqStep
		cond syntax.Expr
	}
	var all []void
	place := 0
	for i := range j.steps {
		st := &j.steps[i]
		if st.Kind == ir.StepEvent {
			place++
		}
		if st.Kind == ir.StepEvent || len(stepParts(j.bound, st.Step)) == 0 {
			continue
		}
		all = append(all, void{st, j.voidBy(st, place)})
	}
	if len(all) == 0 {
		return
	}
	chains := j.x
	if j.worthKeeping() {
		chains = syntax.Fn("materialize", chains)
	}
	j.let("chains", chains)
	j.x = syntax.Col("chains")
	on := j.keyColumns()
	for _, name := range j.timesOfChain() {
		on = append(on, syntax.Col(name))
	}
	for _, v := range all {
		hit := syntax.Pipe(syntax.Col("chains"), &syntax.Join{Kind: "inner", Right: syntax.Col(v.step.name), On: j.keyColumns()}, &syntax.Where{Pred: v.cond})
		j.x = syntax.Pipe(j.x, &syntax.Join{Kind: "leftanti", Right: hit, On: on})
	}
}

// worthKeeping reports whether chains are computed once and not for each use.
func (j *joiner) worthKeeping() bool { return len(j.joined) > 1 }

// timesOfChain are the columns that tell the chains of a tuple apart, as far as it matters for what makes them void.
func (j *joiner) timesOfChain() []string {
	var out []string
	for _, i := range j.seq.Events() {
		for _, name := range []string{j.begins[i], j.ends[i]} {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// voidBy is the condition that an event of a step makes a chain void; place is the number of event steps before it.
func (j *joiner) voidBy(st *seqStep, place int) syntax.Expr {
	t, start, at := syntax.Col(st.time), syntax.Col("Start"), syntax.Col(j.timeName())
	events := j.seq.Events()
	switch {
	case st.Kind == ir.StepUntil:
		return syntax.AllOf(ge(t, start), lt(t, at))
	case !j.seq.Ordered:
		return syntax.AllOf(ge(t, plus(syntax.Col("End"), -j.seq.Within)), le(t, at))
	case place == len(events):
		return syntax.AllOf(gt(t, syntax.Col("End")), le(t, at))
	}
	return syntax.AllOf(gt(t, syntax.Col(j.ends[events[place-1]])), lt(t, syntax.Col(j.begins[events[place]])))
}

// pick keeps the chain of each tuple that is told: the first in time, and of those, for what is shown, the one whose last event and
// then the last events of whose steps are the latest.
func (j *joiner) pick() syntax.Expr {
	shown := j.shownColumns()
	events := j.seq.Events()
	if len(shown) == 0 || len(events) == 1 && j.seq.Steps[events[0]].Repeat == 1 {
		return j.earliest(j.x, append([]string{"Start"}, shown...)...)
	}
	if j.seq.Ordered && !j.seq.Waits() { // the last step's time is that of the chain
		events = events[:len(events)-1]
	}
	at := syntax.Col(j.timeName())
	sort := &syntax.Sort{}
	var other []syntax.Expr
	keys := j.keyColumns()
	for _, k := range keys {
		sort.By = append(sort.By, syntax.Asc(k))
		other = append(other, syntax.Bin(syntax.Ne, k, prev(k)))
	}
	sort.By = append(sort.By, syntax.Asc(at))
	if j.seq.Waits() {
		sort.By = append(sort.By, syntax.Desc(syntax.Col("End")))
	}
	for _, i := range events {
		sort.By = append(sort.By, syntax.Desc(syntax.Col(j.ends[i])))
	}
	first := j.fresh("First")
	keep := append([]string{j.timeName()}, j.keys...)
	keep = append(append(keep, "Start"), shown...)
	return syntax.Pipe(j.x, sort, &syntax.Extend{Items: []syntax.Item{syntax.Named(first, syntax.AnyOf(append(other, syntax.Fn("isnull", prev(at)))...))}},
		&syntax.Where{Pred: syntax.Col(first)}, &syntax.Project{Items: syntax.Columns(keep...)})
}
