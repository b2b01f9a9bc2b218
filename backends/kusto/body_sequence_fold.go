package kusto

import (
	"slices"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/kusto/syntax"
)

// folder collects the declared columns of a scan of one step and what becomes of them at each row. A row stands for an event as
// one of a step; of equal times those of later steps come first, so that a chain never goes on at the time at which it stands,
// and those of until last.
type folder struct {
	*seqBody
	declare []syntax.Column
	assign  []syntax.Item
}

// scanRow is the name of scan's only step: what stands behind it is the state before the row.
const scanRow = "row"

// before is the value of a declared column before the row.
func before(name string) syntax.Expr { return syntax.Member(syntax.Col(scanRow), name) }

func stepIs(numbers ...int64) syntax.Expr {
	if len(numbers) == 1 {
		return eq(syntax.Col("Step"), syntax.Long(numbers[0]))
	}
	items := make([]syntax.Expr, len(numbers))
	for i, n := range numbers {
		items[i] = syntax.Long(n)
	}
	return syntax.InList(syntax.In, syntax.Col("Step"), items...)
}

// column declares a column: at rows for which on is true it becomes x, at rows of the steps of clear it is emptied.
func (f *folder) column(name string, typ syntax.Type, on, x syntax.Expr, clear []int64) {
	c := syntax.Column{Name: name, Type: typ}
	empty := syntax.Null(typ)
	if typ == syntax.TypeString {
		empty = syntax.Str("")
	}
	value := syntax.Fn("iff", on, x, before(name))
	if len(clear) > 0 {
		value = syntax.Fn("case", on, x, stepIs(clear...), empty, before(name))
	}
	f.declare = append(f.declare, c)
	f.assign = append(f.assign, syntax.Named(name, value))
}

// computed declares a column that does not depend on what it was.
func (f *folder) computed(name string, typ syntax.Type, x syntax.Expr) {
	f.declare = append(f.declare, syntax.Column{Name: name, Type: typ})
	f.assign = append(f.assign, syntax.Named(name, x))
}

// list declares a column that holds the latest n values of x, the newest first.
func (f *folder) list(name string, on, x syntax.Expr, n int, clear []int64) {
	none := syntax.DynArray()
	longer := syntax.Fn("array_concat", syntax.Fn("pack_array", x), before(name))
	longer = syntax.Fn("array_slice", longer, syntax.Long(0), syntax.Long(int64(n-1)))
	value := syntax.Fn("iff", on, longer, before(name))
	if len(clear) > 0 {
		value = syntax.Fn("case", on, longer, stepIs(clear...), none, before(name))
	}
	f.declare = append(f.declare, syntax.Column{Name: name, Type: syntax.TypeDynamic, Default: none})
	f.assign = append(f.assign, syntax.Named(name, value))
}

// scan folds the rows of each tuple, in order.
func (f *folder) scan(rows syntax.Expr) syntax.Expr {
	sort := &syntax.Sort{By: []syntax.OrderTerm{syntax.Asc(syntax.Col(f.timeName())), syntax.Desc(syntax.Col("Step"))}}
	scan := &syntax.Scan{Declare: f.declare, Steps: []syntax.ScanStep{{Name: scanRow, Cond: syntax.Bool(true), Assign: f.assign}}}
	return f.perTuple(rows, sort, scan)
}

// rows are the tables of the steps, one below the other; each has a let of its own.
func (f *folder) rows() syntax.Expr {
	var names []syntax.Expr
	for i := range f.steps {
		st := &f.steps[i]
		if len(stepParts(f.bound, st.Step)) == 0 {
			continue // nothing can be what must be missing, or end the wait
		}
		f.let(st.name, f.table(st, syntax.Named("Step", syntax.Long(st.number))))
		names = append(names, syntax.Col(st.name))
	}
	if len(names) == 1 {
		return names[0]
	}
	return syntax.UnionOf(nil, names...)
}

// fold prints an ordered sequence. For each step but the last there is a column with the start of the chain that has got as far,
// the one that began last: no other can become a finding where it cannot. What is shown travels with it in a bag.
func (q *seqBody) fold() (syntax.Expr, backends.Columns) {
	f := &folder{seqBody: q}
	rows := f.rows()
	until := q.numbers(q.seq.Untils())
	chain := chainState{start: syntax.Col(q.timeName())}
	events := q.seq.Events()
	for n, i := range events {
		st := &q.steps[i]
		last := n == len(events)-1
		if st.Repeat > 1 {
			chain = f.repeated(st, chain, until)
		}
		if last {
			break
		}
		chain = f.reached(st, chain, q.numbers(q.seq.Gap(n+1)), until)
	}
	end := &q.steps[events[len(events)-1]]
	f.computed("Start", syntax.TypeDatetime, syntax.Fn("iff", stepIs(end.number), chain.begin(), syntax.Null(syntax.TypeDatetime)))
	for _, c := range chain.shows {
		x, typ := syntax.Member(chain.start, c.name), syntax.TypeDynamic
		if !c.array {
			x, typ = typed(x, c.typ), kustoType(c.typ)
		}
		f.computed(c.name, typ, x)
	}
	x := f.scan(rows)
	at := syntax.Col(q.timeName())
	x = syntax.Pipe(x, &syntax.Where{Pred: syntax.AllOf(ge(at, since()), le(syntax.Bin(syntax.Sub, at, syntax.Col("Start")), syntax.Timespan(q.seq.Within)))})
	return q.earliest(x, append([]string{"Start"}, q.shownColumns()...)...), q.result()
}

// chainState is how the start of the best chain so far is read before a row, and what it shows.
type chainState struct {
	start syntax.Expr
	// bag tells that start is a bag with the start and what is shown.
	bag   bool
	shows []shownColumn
	// lost tells that there may be none though there was one before.
	lost bool
}

// shownColumn is a column that a finding shows of a step.
type shownColumn struct {
	column
	name string
}

// begin is the start of a chain.
func (c chainState) begin() syntax.Expr {
	if c.bag {
		return syntax.Fn("todatetime", syntax.Member(c.start, "Start"))
	}
	return c.start
}

// known is the condition that there is a chain.
func (c chainState) known() syntax.Expr { return syntax.Fn("isnotnull", c.begin()) }

// repeated remembers, for the latest events of a step, the chains that they could be the first event of the step in; the one that
// the row is the last event of the step in is that of so many events ago.
func (f *folder) repeated(st *seqStep, c chainState, until []int64) chainState {
	name := f.fresh(st.name + "_starts")
	typ := syntax.TypeDatetime
	if c.bag {
		typ = syntax.TypeDynamic
	}
	newest, out := c, c
	newest.start, out.start, out.lost = before(name), before(name), false
	if st.Repeat > 2 {
		newest.start, out.start = syntax.At(before(name), syntax.Long(0)), syntax.At(before(name), syntax.Long(int64(st.Repeat-2)))
		if !c.bag {
			newest.start, out.start = syntax.Fn("todatetime", newest.start), syntax.Fn("todatetime", out.start)
		}
	}
	entry := c.start
	if c.lost { // then the event follows on from where the events of the step before did
		entry = syntax.Fn("iff", c.known(), entry, newest.start)
	}
	if st.Repeat > 2 {
		f.list(name, stepIs(st.number), entry, st.Repeat-1, until)
	} else {
		f.column(name, typ, stepIs(st.number), entry, until)
	}
	return out
}

// reached declares the column of the chains that have got past a step; an event of the steps lost takes them away.
func (f *folder) reached(st *seqStep, c chainState, lost, until []int64) chainState {
	name := f.fresh("past_" + st.name)
	on := stepIs(st.number)
	shows := slices.Clone(c.shows)
	var keys []string
	var values []syntax.Expr
	for _, a := range st.arguments() {
		shows = append(shows, shownColumn{argColumn(stepParts(f.bound, st.Step)[0], a), st.results[a]})
		keys, values = append(keys, st.results[a]), append(values, syntax.Col(st.args[a]))
	}
	out := chainState{start: before(name), bag: len(shows) > 0, shows: shows, lost: len(lost) > 0}
	x, typ := c.start, syntax.TypeDatetime
	if out.bag {
		typ = syntax.TypeDynamic
	}
	switch {
	case len(keys) > 0 && !c.bag:
		x = bag(append([]string{"Start"}, keys...), append([]syntax.Expr{x}, values...))
	case len(keys) > 0:
		x = syntax.Fn("bag_merge", x, bag(keys, values))
	}
	if _, own := c.start.(*syntax.Name); (c.lost || len(keys) > 0) && !own { // without a chain up to here, the older one stays
		on = syntax.AllOf(on, c.known())
	}
	f.column(name, typ, on, x, append(slices.Clone(lost), until...))
	return out
}

func bag(keys []string, values []syntax.Expr) syntax.Expr {
	var args []syntax.Expr
	for i, k := range keys {
		args = append(args, syntax.Str(k), values[i])
	}
	return syntax.Fn("bag_pack", args...)
}
