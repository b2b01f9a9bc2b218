package kusto

import (
	"fmt"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/ir"
)

// maxSharing is how many steps of a together rule may take the same event: the query has a column for each set of them.
const maxSharing = 4

// sharing cuts the event steps of a together rule into those that may take the same event, directly or by way of others.
func sharing(b *ir.Bound, s *ir.Sequence) [][]int {
	events := s.Events()
	group := map[int]int{}
	for _, i := range events {
		group[i] = i
	}
	for n, i := range events {
		for _, k := range events[:n] {
			if mayShare(b, &s.Steps[i], &s.Steps[k]) {
				from, to := group[i], group[k]
				for e, g := range group {
					if g == from {
						group[e] = to
					}
				}
			}
		}
	}
	var out [][]int
	at := map[int]int{}
	for _, i := range events {
		n, ok := at[group[i]]
		if !ok {
			n = len(out)
			at[group[i]] = n
			out = append(out, nil)
		}
		out[n] = append(out[n], i)
	}
	return out
}

// mayShare reports whether one event may be one of two steps.
func mayShare(b *ir.Bound, x, y *ir.Step) bool {
	for _, p := range stepParts(b, x) {
		for _, q := range stepParts(b, y) {
			if p.Class.Table == q.Class.Table && !exclusive(partPred(p), partPred(q)) {
				return true
			}
		}
	}
	return false
}

// refusedTogether finds what is not carried of a together rule whose steps may take the same event.
func refusedTogether(b *ir.Bound, s *ir.Sequence) (backends.Level, bool) {
	apart := "make the conditions of the steps exclude each other"
	for _, group := range sharing(b, s) {
		if len(group) == 1 {
			continue
		}
		names := make([]string, len(group))
		for i, n := range group {
			names[i] = "`" + s.Steps[n].Name + "`"
		}
		steps := strings.Join(names, " and ")
		switch {
		case !folds(b.Rule):
			return backends.Refused("one event may be one of the steps "+steps+", of which a chain takes it for one: with comparisons between steps, or steps that must be missing, a query cannot choose", apart), true
		case len(group) > maxSharing:
			return backends.Refused(fmt.Sprintf("one event may be one of %d steps; a query tells up to %d apart", len(group), maxSharing), apart), true
		}
		for _, n := range group {
			if ownKeys(s, group[0], n) {
				return backends.Refused("one event may be one of the steps "+steps+", which have keys of their own", apart+", or give them the same keys"), true
			}
			for _, shown := range b.Rule.Emit.Shown {
				if shown.Value.(*ir.NumStep).Step == n {
					return backends.Refused("one event may be one of the steps "+steps+": which of them it is decides about what is shown", apart+", or show nothing of them"), true
				}
			}
		}
	}
	return backends.Level{}, false
}

func ownKeys(s *ir.Sequence, a, b int) bool {
	for i := range s.Per {
		if s.Steps[a].Keys[i] != s.Steps[b].Keys[i] {
			return true
		}
	}
	return false
}

// foldTogether prints a together rule. For each step there is a column with the time of the event that so many of its events have
// followed, itself counted; where steps may take the same events, one for each set of such steps: there is a choice of events for all
// of them if and only if each set has as many events as its steps take together.
func (q *seqBody) foldTogether() (syntax.Expr, backends.Columns) {
	f := &folder{seqBody: q}
	var tables []syntax.Expr
	var within []syntax.Expr
	until := q.numbers(q.seq.Untils())
	for _, i := range q.seq.Untils() {
		st := &q.steps[i]
		if len(stepParts(q.bound, st.Step)) > 0 {
			q.let(st.name, q.table(st, syntax.Named("Step", syntax.Long(0))))
			tables = append(tables, syntax.Col(st.name))
		}
	}
	for _, group := range sharing(q.bound, q.seq) {
		first := &q.steps[group[0]]
		var steps []*seqStep
		for _, i := range group {
			steps = append(steps, &q.steps[i])
		}
		if len(group) == 1 {
			q.let(first.name, q.table(first, syntax.Named("Step", syntax.Long(first.number))))
			tables = append(tables, syntax.Col(first.name))
			within = append(within, f.latest(first.name, stepIs(first.number), first.Repeat, until))
			for _, a := range first.arguments() {
				c := argColumn(stepParts(q.bound, first.Step)[0], a)
				typ := syntax.TypeDynamic
				if !c.array {
					typ = kustoType(c.typ)
				}
				f.column(first.results[a], typ, stepIs(first.number), syntax.Col(first.args[a]), nil)
			}
			continue
		}
		name := q.fresh(joinNames(steps))
		flags := map[int]string{}
		for _, st := range steps {
			flags[st.index] = q.fresh("is_" + st.name)
		}
		q.let(name, q.events(steps, func(r *tableReader) []syntax.Item {
			items := []syntax.Item{syntax.Named("Step", syntax.Long(first.number))}
			for _, st := range steps {
				items = append(items, syntax.Named(flags[st.index], r.flag(q.bound, st.Step)))
			}
			return items
		}))
		tables = append(tables, syntax.Col(name))
		for _, set := range subsets(steps) {
			var some []syntax.Expr
			n := 0
			for _, st := range set {
				some = append(some, syntax.Col(flags[st.index]))
				n += st.Repeat
			}
			within = append(within, f.latest(joinNames(set), syntax.AllOf(stepIs(first.number), syntax.AnyOf(some...)), n, until))
		}
	}
	x := tables[0]
	if len(tables) > 1 {
		x = syntax.UnionOf(nil, tables...)
	}
	x = f.scan(x)
	conds := []syntax.Expr{ge(syntax.Col(q.timeName()), since())}
	if len(until) > 0 {
		conds = append(conds, gt(syntax.Col("Step"), syntax.Long(0)))
	}
	x = syntax.Pipe(x, &syntax.Where{Pred: syntax.AllOf(append(conds, within...)...)})
	return q.earliest(x, q.shownColumns()...), q.result()
}

// latest declares a column with the latest events, n of them or the time of the only one, and returns the condition that all lie
// within the span.
func (f *folder) latest(name string, on syntax.Expr, n int, until []int64) syntax.Expr {
	at := syntax.Col(f.timeName())
	own := f.fresh("last_" + name)
	begin := syntax.Expr(syntax.Col(own))
	if n == 1 {
		f.column(own, syntax.TypeDatetime, on, at, until)
	} else {
		f.list(own, on, at, n, until)
		begin = syntax.Fn("todatetime", syntax.At(begin, syntax.Long(int64(n-1))))
	}
	return le(syntax.Bin(syntax.Sub, at, begin), syntax.Timespan(f.seq.Within))
}

func joinNames(steps []*seqStep) string {
	var names []string
	for _, st := range steps {
		names = append(names, st.name)
	}
	return strings.Join(names, "_or_")
}

// subsets are the sets of some steps, without the empty one.
func subsets(steps []*seqStep) [][]*seqStep {
	var out [][]*seqStep
	for bits := 1; bits < 1<<len(steps); bits++ {
		var set []*seqStep
		for i, st := range steps {
			if bits&(1<<i) != 0 {
				set = append(set, st)
			}
		}
		out = append(out, set)
	}
	return out
}

// flag is the condition that an event is one of a step.
func (r *tableReader) flag(b *ir.Bound, st *ir.Step) syntax.Expr {
	var some []ir.Pred
	for _, p := range stepParts(b, st) {
		if p.Class.Table == r.group.table {
			some = append(some, partPred(p))
		}
	}
	switch len(some) {
	case 0:
		return syntax.Bool(false)
	case 1:
		return r.lower(some[0])
	}
	return r.lower(&ir.Or{Xs: some})
}
