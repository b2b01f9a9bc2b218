package spl

import (
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/ir"
)

// ordering renders a sequence or together rule. Each row is an event that takes a step, by number: the steps that events take
// from 1 on in their order, missing steps from 0 down, until steps below. Rows of one time stand in falling order of their
// numbers, so that what streamstats has seen at an event of a step is what came strictly before it.
type ordering struct {
	*body
	seq    *ir.Sequence
	events []int // the steps that events take
	// step is the field with the number of a row, numbers has the number of each step; 0 is none where a step cannot be taken.
	step    string
	numbers map[int]int
	// groups are the steps that events take, those together of which one event may take several; only in together rules.
	groups [][]int
	// due is the number of rows that stand for the end of the span after an event, where a chain is judged only then.
	due int
	// by are the fields of the tuple, equal further fields whose values the steps have in common.
	by, equal []string
	cross     crossing
	// stopped is the column with the time of the latest until event, where it was already made.
	stopped string
	// takes are the fields that say which steps of one number an event may take, by step.
	takes map[int]string
	// shownNames are the columns of what a finding shows, by place in Emit.Shown.
	shownNames map[int]string
	// uncoded are the places in Emit.Shown whose columns hold the values themselves.
	uncoded map[int]bool
}

func (x *body) ordering(s *ir.Sequence) backends.Columns {
	o := newOrdering(x, s)
	o.rows()
	switch {
	case s.Ordered && s.Waits():
		return o.orderedWait()
	case s.Ordered:
		return o.ordered()
	case s.Waits():
		return o.togetherWait()
	}
	return o.together()
}

func newOrdering(x *body, s *ir.Sequence) *ordering {
	o := &ordering{body: x, seq: s, events: s.Events(), numbers: map[int]int{}, uncoded: map[int]bool{}, shownNames: map[int]string{}, cross: crossingOf(x.rule, s)}
	if s.Ordered {
		for _, i := range o.events {
			o.groups = append(o.groups, []int{i})
		}
	} else {
		o.groups = overlapping(x.bound, s)
	}
	for _, g := range o.groups {
		for _, i := range g {
			o.numbers[i] = slices.Index(o.events, g[0]) + 1
		}
	}
	next := 0
	for _, kind := range []ir.StepKind{ir.StepMissing, ir.StepUntil} {
		for i, st := range s.Steps {
			if st.Kind == kind && stepOccurs(x.bound, i) {
				o.numbers[i] = next
				next--
			}
		}
		if kind == ir.StepMissing && s.Waits() {
			o.due = next
			next--
		}
	}
	if o.seq.Ordered && o.seq.Waits() && o.single() {
		o.numbers[o.events[0]] = o.due
	}
	return o
}

// single reports whether a chain takes one event.
func (o *ordering) single() bool { return len(o.events) == 1 && o.repeat(0) == 1 }

// repeat is the number of events that a chain takes of a step, by its place among those that events take.
func (o *ordering) repeat(place int) int { return o.seq.Steps[o.events[place]].Repeat }

// stepCond is the condition of a step in a part; nil when no event of the part can take it.
func stepCond(p ir.Part, st *ir.Step) ir.Pred {
	if c, ok := p.Conds[st.Cond].(*ir.Const); ok && !c.Value {
		return nil
	}
	return p.Conds[st.Cond]
}

// stepOccurs reports whether some event of the tables can take a step.
func stepOccurs(b *ir.Bound, step int) bool {
	st := &b.Rule.Body.(*ir.Sequence).Steps[step]
	return slices.ContainsFunc(b.Parts, func(p ir.Part) bool { return stepCond(p, st) != nil })
}

// stepsBase is the base search with the steps' conditions in it, where the search command can say all of it.
func stepsBase(b *ir.Bound) (stages []syntax.Stage, tables []string) {
	stages, tables = base(b)
	narrow := *b
	narrow.Parts = nil
	for _, p := range b.Parts {
		some := stepConds(p, b.Rule.Body.(*ir.Sequence))
		if len(some) == 0 {
			continue
		}
		if !slices.ContainsFunc(some, func(c ir.Pred) bool { _, always := c.(*ir.Const); return always }) {
			p.Where = &ir.And{Xs: append(slices.Clone(conjuncts(p.Where)), &ir.Or{Xs: some})}
		}
		narrow.Parts = append(narrow.Parts, p)
	}
	if search, _ := base(&narrow); len(search) == 1 {
		return search, tables
	}
	return stages, tables
}

// stepConds are the different conditions of the steps that events of a part can take.
func stepConds(p ir.Part, s *ir.Sequence) []ir.Pred {
	var out []ir.Pred
	for i := range s.Steps {
		c := stepCond(p, &s.Steps[i])
		if c != nil && !slices.ContainsFunc(out, func(x ir.Pred) bool { return ir.PrintPred(x) == ir.PrintPred(c) }) {
			out = append(out, c)
		}
	}
	return out
}

// rows makes the rows of steps.
func (o *ordering) rows() {
	o.step = o.fresh("step")
	o.takeSteps()
	var terms []syntax.Expr
	if _, expanded := o.stages[len(o.stages)-1].(*syntax.Plain); !expanded {
		terms = append(terms, notnull(o.step))
	}
	o.stepKeys()
	var arrays []int
	for _, k := range o.seq.Per {
		if o.keys[k].array {
			arrays = append(arrays, k)
		} else {
			terms = append(terms, o.hasKey(k)...)
		}
	}
	if len(terms) > 0 {
		o.where(terms...)
	}
	o.expand(arrays)
	terms = nil
	for _, k := range arrays {
		terms = append(terms, o.hasKey(k)...)
	}
	if len(terms) > 0 {
		o.where(terms...)
	}
	o.equalKeys()
}

// hasKey are the conditions that a row has a value of a key.
func (o *ordering) hasKey(k int) []syntax.Expr {
	if terms := o.present([]int{k}); len(terms) > 0 {
		return terms
	}
	return []syntax.Expr{syntax.Fn("isnotnull", syntax.F(o.keys[k].name))}
}

// takeSteps gives each event the numbers of the steps that it takes, and makes a row for each of several.
func (o *ordering) takeSteps() {
	type entry struct {
		number int
		cond   syntax.Expr
	}
	var entries []entry
	var steps []int
	for _, g := range o.groups {
		var conds []syntax.Expr
		for _, i := range g {
			conds = append(conds, o.stepCondition(i))
		}
		entries = append(entries, entry{o.numbers[g[0]], syntax.OrE(conds...)})
		steps = append(steps, g...)
	}
	for i, st := range o.seq.Steps {
		if _, ok := o.numbers[i]; ok && st.Kind != ir.StepEvent {
			entries = append(entries, entry{o.numbers[i], o.stepCondition(i)})
			steps = append(steps, i)
		}
	}
	alone := true
	for n, i := range steps {
		for _, j := range steps[:n] {
			alone = alone && (o.numbers[i] == o.numbers[j] || !mayBeBoth(o.bound, i, j))
		}
	}
	var args []syntax.Expr
	for _, e := range entries {
		n := syntax.Int(int64(e.number))
		if alone {
			args = append(args, e.cond, n)
		} else {
			args = append(args, syntax.Fn("if", e.cond, n, syntax.Fn("null")))
		}
	}
	if alone {
		o.eval(o.step, syntax.Fn("case", args...))
		return
	}
	o.eval(o.step, syntax.Fn("mvappend", args...))
	o.where(syntax.Fn("isnotnull", syntax.F(o.step)))
	o.add(syntax.Command("mvexpand", syntax.Word(o.step)))
}

// stepCondition says whether an event takes a step.
func (o *ordering) stepCondition(step int) syntax.Expr {
	st := &o.seq.Steps[step]
	if o.part == "" {
		return readable(o.bound.Parts[0].Conds[st.Cond])
	}
	var some []syntax.Expr
	for n, p := range o.bound.Parts {
		c := stepCond(p, st)
		if c == nil {
			continue
		}
		is := eq(syntax.F(o.part), syntax.Int(int64(n+1)))
		if _, always := c.(*ir.Const); always {
			some = append(some, is)
		} else {
			some = append(some, and(is, readable(c)))
		}
	}
	return syntax.OrE(some...)
}

// choice is an expression that holds for events of a part in a step.
type choice struct {
	part, step int
	expr       syntax.Expr
}

// choices builds an expression for each part and step whose event may have it.
func (o *ordering) choices(steps []int, build func(p ir.Part, st *ir.Step) syntax.Expr) []choice {
	var out []choice
	for n, p := range o.bound.Parts {
		for _, i := range steps {
			if st := &o.seq.Steps[i]; stepCond(p, st) != nil {
				out = append(out, choice{n + 1, o.numbers[i], build(p, st)})
			}
		}
	}
	return out
}

// chosen is the expression of the row's part and step: by one of the two where that is enough.
func (o *ordering) chosen(all []choice) syntax.Expr {
	text := func(c choice) string { return syntax.PrintExpr(c.expr) }
	same := func(key func(choice) int) bool {
		seen := map[int]string{}
		for _, c := range all {
			if old, ok := seen[key(c)]; ok && old != text(c) {
				return false
			}
			seen[key(c)] = text(c)
		}
		return true
	}
	is := func(name string, n int) syntax.Expr { return eq(syntax.F(name), syntax.Int(int64(n))) }
	var cond func(choice) syntax.Expr
	switch {
	case same(func(choice) int { return 0 }):
		return all[0].expr
	case same(func(c choice) int { return c.step }):
		cond = func(c choice) syntax.Expr { return is(o.step, c.step) }
	case o.part != "" && same(func(c choice) int { return c.part }):
		cond = func(c choice) syntax.Expr { return is(o.part, c.part) }
	default:
		cond = func(c choice) syntax.Expr { return and(is(o.part, c.part), is(o.step, c.step)) }
	}
	var args []syntax.Expr
	var texts []string
	conds := map[string][]syntax.Expr{}
	for _, c := range all {
		if conds[text(c)] == nil {
			texts = append(texts, text(c))
			args = append(args, nil, c.expr)
		}
		x := cond(c)
		if !slices.ContainsFunc(conds[text(c)], func(y syntax.Expr) bool { return syntax.PrintExpr(x) == syntax.PrintExpr(y) }) {
			conds[text(c)] = append(conds[text(c)], x)
		}
	}
	for i, t := range texts {
		args[2*i] = syntax.OrE(conds[t]...)
	}
	return syntax.Fn("case", args...)
}

// stepKeys makes the columns of the tuple.
func (o *ordering) stepKeys() {
	var all []int
	for i := range o.seq.Steps {
		if _, ok := o.numbers[i]; ok {
			all = append(all, i)
		}
	}
	o.keys = make([]column, len(o.rule.Keys))
	for pos, k := range o.seq.Per {
		c := column{typ: ir.TermType(o.rule.Keys[k].Term), fold: o.rule.Keys[k].Fold, array: stepKeyArray(o.bound, pos)}
		value := o.chosen(o.choices(all, func(p ir.Part, st *ir.Step) syntax.Expr { return keyValue(p.Keys[st.Keys[pos]], c.array) }))
		if f, ok := value.(*syntax.Field); ok {
			c.name = f.Name
		} else {
			c.name = o.stepKeyName(all, pos)
			o.eval(c.name, value)
		}
		o.keys[k] = c
		o.by = append(o.by, c.name)
	}
}

// stepKeyName is a new name for a key that is computed: that of the native field if all steps have one, else the canonical one.
func (o *ordering) stepKeyName(steps []int, pos int) string {
	name := ""
	for _, i := range steps {
		for _, p := range o.bound.Parts {
			f, ok := p.Keys[o.seq.Steps[i].Keys[pos]].Term.(*ir.Field)
			if stepCond(p, &o.seq.Steps[i]) == nil {
				continue
			}
			if !ok || name != "" && name != fieldName(f) {
				name = "?"
				continue
			}
			name = fieldName(f)
		}
	}
	if name == "" || name == "?" {
		name = "key"
		if f, ok := o.rule.Keys[o.seq.Per[pos]].Term.(*ir.Field); ok {
			name = f.Name
		}
	}
	return o.fresh(plainName(name))
}

// plainName is a name without dots and braces.
func plainName(name string) string {
	return strings.NewReplacer("{}", "", ".", "_").Replace(name)
}

// stepKeyArray reports whether a key of some step may have several values.
func stepKeyArray(b *ir.Bound, pos int) bool {
	s := b.Rule.Body.(*ir.Sequence)
	for i := range s.Steps {
		st := &s.Steps[i]
		for _, p := range b.Parts {
			f, ok := p.Keys[st.Keys[pos]].Term.(*ir.Field)
			if ok && f.Array && stepCond(p, st) != nil {
				return true
			}
		}
	}
	return false
}
