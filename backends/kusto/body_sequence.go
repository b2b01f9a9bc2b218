package kusto

import (
	"slices"
	"strings"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/ir"
)

// A sequence or together rule is printed in one of two forms. Where the state of a tuple says all that the rest of a chain
// depends on, the events of the steps are folded in their order by a scan of one step, whose declared columns are that state;
// where values of steps are compared, or a chain is dated behind its last event, the steps are joined, and the chains that are
// void are taken out. Either begins with a table for each step. A run tells the first chain of each tuple in [since, until).

// seqBody prints a sequence or together rule.
type seqBody struct {
	*body
	seq   *ir.Sequence
	steps []seqStep
	// keys are the names of the columns that hold the tuple, in every table of a step.
	keys  []string
	types []column
	from  syntax.Expr
}

// seqStep is a step in the query.
type seqStep struct {
	*ir.Step
	index int
	// name is that of the step's table; number orders the steps, 0 for those that end the wait.
	name   string
	number int64
	// args are the columns of the step's table that are compared or shown, by argument; results are the columns that show them.
	args, results map[int]string
	// time is the column of the event's time, in joins one of each step's own.
	time string
}

// sequence prints a sequence or together rule.
func (p *body) sequence(s *ir.Sequence) (syntax.Expr, backends.Columns) {
	q := &seqBody{body: p, seq: s}
	p.union = true
	p.projected = true
	p.millis = true
	p.judges(time.Millisecond)
	q.from = plus(since(), -ir.Reach(p.rule))
	q.nameSteps()
	switch {
	case !folds(p.rule):
		return q.joins()
	case s.Ordered:
		return q.fold()
	}
	return q.foldTogether()
}

// folds reports whether a sequence is printed as a fold.
func folds(r *ir.Rule) bool {
	s := r.Body.(*ir.Sequence)
	return len(s.Cross) == 0 && !s.Waits()
}

var unnamedSteps = map[ir.StepKind]string{ir.StepEvent: "step", ir.StepMissing: "unwanted", ir.StepUntil: "ended"}

func (q *seqBody) nameSteps() {
	for _, name := range []string{"Step", "Start", "Tuple", "Everything", "row", "chains", q.timeName()} {
		q.taken[name] = true
	}
	for i, k := range q.seq.Per {
		name, typ := q.keyName(i)
		if name == "" || slices.Contains(q.keys, name) {
			name = q.fresh(canonicalName(q.rule.Keys[k].Term))
		}
		q.taken[name] = true
		q.keys, q.types = append(q.keys, name), append(q.types, typ)
	}
	number := int64(0)
	for i := range q.seq.Steps {
		st := seqStep{Step: &q.seq.Steps[i], index: i, args: map[int]string{}, results: map[int]string{}}
		name := st.Name
		if name == "" {
			name = unnamedSteps[st.Kind]
		}
		st.name = q.fresh(name)
		if st.Kind != ir.StepUntil {
			number++
			st.number = number
		}
		st.time = q.timeName()
		if !folds(q.rule) {
			st.time = q.fresh(st.name + "_time")
		}
		q.steps = append(q.steps, st)
	}
	for _, v := range q.rule.StepValues() {
		st := &q.steps[v.Step]
		if st.args[v.Arg] != "" {
			continue
		}
		name := q.argName(v)
		st.results[v.Arg] = q.fresh(st.name + "_" + name)
		st.args[v.Arg] = st.results[v.Arg]
		if folds(q.rule) && !q.isLast(st) { // the table's column is what the chain takes along
			st.args[v.Arg] = q.inTable(name)
		}
	}
}

// isLast reports whether a fold shows a step's columns as they are: those of the last step of an ordered sequence.
func (q *seqBody) isLast(st *seqStep) bool {
	events := q.seq.Events()
	return q.seq.Ordered && st.index == events[len(events)-1]
}

// inTable names a column of a step's table, by its native name if no other column of the tables has it.
func (q *seqBody) inTable(name string) string {
	used := slices.Contains(q.keys, name) || name == q.timeName()
	for _, st := range q.steps {
		for _, other := range st.args {
			used = used || other == name
		}
	}
	if used || name == "Step" {
		return q.fresh(name)
	}
	return name
}

func (q *seqBody) timeName() string { return q.eventTime().(*syntax.Name).Name }

// stepParts are the parts whose events a step may take, with its condition on them.
func stepParts(b *ir.Bound, st *ir.Step) []ir.Part {
	var out []ir.Part
	for _, p := range b.Parts {
		if c, ok := p.Conds[st.Cond].(*ir.Const); ok && !c.Value {
			continue
		}
		p.Where = &ir.And{Xs: needed(slices.Concat(conjuncts(p.Select), conjuncts(p.Where), conjuncts(p.Conds[st.Cond])))}
		p.Select = &ir.Const{Value: true}
		out = append(out, p)
	}
	return out
}

// keyName returns the column that a key of the tuple is in all parts of all steps, "" when it is none.
func (q *seqBody) keyName(i int) (string, column) {
	name, found := "", false
	typ := column{typ: ir.TermType(q.rule.Keys[q.seq.Per[i]].Term)}
	for s := range q.seq.Steps {
		st := &q.seq.Steps[s]
		parts := stepParts(q.bound, st)
		own := plainColumn(parts, func(p ir.Part) ir.Key { return p.Keys[st.Keys[i]] })
		if len(parts) == 0 {
			continue
		}
		typ.typ = ir.TermType(parts[0].Keys[st.Keys[i]].Term)
		if own == "" || found && own != name {
			return "", typ
		}
		name, found = own, true
	}
	return name, typ
}

// argName names a column of a step by the native column, or else by the rule's field.
func (q *seqBody) argName(v ir.StepValue) string {
	if name := plainColumn(stepParts(q.bound, &q.seq.Steps[v.Step]), func(p ir.Part) ir.Key { return ir.Key{Term: p.Args[v.Arg]} }); name != "" {
		return name
	}
	return canonicalName(q.rule.Args[v.Arg])
}

// table is the events of a step, with the columns of the tuple, the time, and what is compared or shown.
func (q *seqBody) table(st *seqStep, more ...syntax.Item) syntax.Expr {
	return q.events([]*seqStep{st}, func(*tableReader) []syntax.Item { return more })
}

// events is the events of some steps that have the same keys.
func (q *seqBody) events(steps []*seqStep, more func(r *tableReader) []syntax.Item) syntax.Expr {
	var pipes []syntax.Expr
	for _, g := range q.groupsOf(steps) {
		r := &tableReader{body: q.body, group: g}
		r.selectEvents(q.from, until())
		items := []syntax.Item{syntax.Named(steps[0].time, millis(g.timeColumn()))}
		var present []syntax.Expr
		var expand []syntax.Operator
		for i, name := range q.keys {
			c := q.types[i]
			c.expr = syntax.Col(name)
			k := steps[0].Keys[i]
			c.array = isArray(g.parts[0].Keys[k].Term)
			items = append(items, r.column(name, c, func(p ir.Part) ir.Key { return p.Keys[k] })...)
			if c.array {
				expand = append(expand, expandColumn(c))
			} else {
				present = append(present, c.present())
			}
		}
		if len(q.keys) == 0 && !folds(q.rule) { // a join needs a key
			items = append(items, syntax.Named("Everything", syntax.Long(1)))
		}
		for _, a := range steps[0].arguments() {
			items = append(items, r.column(steps[0].args[a], argColumn(g.parts[0], a), func(p ir.Part) ir.Key { return ir.Key{Term: p.Args[a]} })...)
		}
		items = append(items, more(r)...)
		r.flush()
		r.ops = append(r.ops, &syntax.Project{Items: items})
		r.where(present...)
		r.ops = append(r.ops, expand...)
		pipes = append(pipes, syntax.Pipe(syntax.Col(g.table), r.ops...))
	}
	if len(pipes) == 1 {
		return pipes[0]
	}
	return syntax.UnionOf(nil, pipes...)
}

func argColumn(p ir.Part, a int) column {
	return column{typ: ir.TermType(p.Args[a]), array: isArray(p.Args[a])}
}

// arguments are the arguments of a step that are columns, in order.
func (st *seqStep) arguments() []int {
	var out []int
	for a := range st.args {
		out = append(out, a)
	}
	slices.Sort(out)
	return out
}

// numbers are those of some steps, of which there are events.
func (q *seqBody) numbers(steps []int) []int64 {
	var out []int64
	for _, i := range steps {
		if st := &q.steps[i]; len(stepParts(q.bound, st.Step)) > 0 && !slices.Contains(out, st.number) {
			out = append(out, st.number)
		}
	}
	return out
}

// groupsOf are the tables of some steps, with the parts whose events one of them takes.
func (q *seqBody) groupsOf(steps []*seqStep) []tableParts {
	var out []tableParts
	for _, st := range steps {
		for _, part := range stepParts(q.bound, st.Step) {
			i := slices.IndexFunc(out, func(g tableParts) bool { return g.table == part.Class.Table })
			if i < 0 {
				i = len(out)
				out = append(out, tableParts{table: part.Class.Table})
			}
			out[i].parts = append(out[i].parts, part)
		}
	}
	return out
}

// keyColumns are the columns of the tuple; a constant where joins need a key and the rule has none.
func (q *seqBody) keyColumns() []syntax.Expr {
	if len(q.keys) == 0 && !folds(q.rule) {
		return columnsNamed("Everything")
	}
	return columnsNamed(q.keys...)
}

// perTuple runs operators on the rows of each tuple.
func (q *seqBody) perTuple(x syntax.Expr, ops ...syntax.Operator) syntax.Expr {
	if len(q.keys) == 0 {
		return syntax.Pipe(x, ops...)
	}
	by := q.keys[0]
	if len(q.keys) > 1 { // partition takes one column
		by = "Tuple"
		x = syntax.Pipe(x, &syntax.Extend{Items: []syntax.Item{syntax.Named(by, syntax.Fn("tostring", syntax.Fn("pack_array", q.keyColumns()...)))}})
	}
	return syntax.Pipe(x, &syntax.Partition{Params: []syntax.Param{syntax.Word("hint.strategy", "shuffle")}, By: syntax.Col(by), Body: ops})
}

// earliest keeps the first row of each tuple, with some more columns.
func (q *seqBody) earliest(x syntax.Expr, more ...string) syntax.Expr {
	at := syntax.Col(q.timeName())
	if len(q.keys) == 0 {
		keep := append([]string{q.timeName()}, more...)
		return syntax.Pipe(x, &syntax.Top{N: syntax.Long(1), By: syntax.Asc(at)}, &syntax.Project{Items: syntax.Columns(keep...)})
	}
	by := make([]syntax.Item, len(q.keys))
	for i, k := range q.keyColumns() {
		by[i] = syntax.Plain(k)
	}
	first := syntax.Named(q.timeName(), syntax.Fn("min", at))
	if len(more) > 0 {
		first = syntax.Plain(syntax.Fn("arg_min", append([]syntax.Expr{at}, columnsNamed(more...)...)...))
	}
	return syntax.Pipe(x, &syntax.Summarize{Aggs: []syntax.Item{first}, By: by})
}

// result says by which columns a row tells the finding.
func (q *seqBody) result() backends.Columns {
	c := backends.Columns{Keys: q.keys, Time: q.timeName()}
	for _, s := range q.rule.Emit.Shown {
		v := s.Value.(*ir.NumStep)
		c.Shown = append(c.Shown, q.steps[v.Step].results[v.Arg])
	}
	return c
}

// shownColumns are the columns that a finding shows, each once.
func (q *seqBody) shownColumns() []string {
	var out []string
	for _, name := range q.result().Shown {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// plainColumn returns the name of the column that a term is in all of some parts, "" when it is none.
func plainColumn(parts []ir.Part, term func(part ir.Part) ir.Key) string {
	name := ""
	for _, part := range parts {
		k := term(part)
		f, ok := k.Term.(*ir.Field)
		if !ok || f.Array || k.Fold || strings.Contains(f.Name, ".") || f.Native != nil && f.Native.JSON || name != "" && name != f.Name {
			return ""
		}
		name = f.Name
	}
	return name
}
