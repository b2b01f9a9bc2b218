package spl

import (
	"slices"
	"strconv"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// body renders a rule over several events: the events that the rule looks at, columns of them, and commands that count.
//
// Every search judges what became ripe since the tick before, whose bounds it takes from its own time range (addinfo): the
// latest time of the range is the end of what has arrived. So the same text is right at any tick of any clock.
type body struct {
	rule  *ir.Rule
	bound *ir.Bound
	every time.Duration
	// macro names the search macro that holds a parameter's value; nil prints the value.
	macro  func(param string) string
	stages []syntax.Stage
	tables []string
	// used are the names of fields that a new column must not have; conditions those that conditions of aggregates read.
	used, conditions map[string]bool
	keys             []column // by the rule's Keys
	// part is the field that tells the parts of the rule apart, "" when their columns are the same.
	part string
	// window is the field that holds the start of the window, names the columns of the aggregates by scope.
	window string
	names  [][]string
	fixes  []syntax.Assign
	ranks  map[*ir.Agg]ranked
	// learned are the columns of a baseline's mean, standard deviation and scope.
	learned map[ir.BaseNum]string
}

// column is a key as the search groups by it.
type column struct {
	name  string
	typ   schema.Type
	array bool
	fold  bool
	// filled says that a missing value is the empty text.
	filled bool
}

// renderBody is RenderBody of the backend.
func renderBody(b *ir.Bound, t backends.Timing) (backends.Query, diag.List) {
	return RenderWith(b, t, nil)
}

// RenderWith prints a rule over several events with macros in the place of its parameters: macro gives a parameter's name.
func RenderWith(b *ir.Bound, t backends.Timing, macro func(param string) string) (backends.Query, diag.List) {
	x := &body{rule: b.Rule, bound: b, every: Interval(t), macro: macro, used: map[string]bool{"_time": true}, conditions: map[string]bool{}}
	x.collectNames()
	if _, ok := b.Rule.Body.(*ir.Sequence); ok {
		x.stages, x.tables = stepsBase(b)
	} else {
		x.stages, x.tables = base(b)
	}
	x.tellParts()
	var cols backends.Columns
	switch r := b.Rule.Body.(type) {
	case *ir.Count:
		x.nameAggregates()
		switch r.Window.Kind {
		case ir.Tumbling, ir.Hopping:
			cols = x.windows(r)
		case ir.Sliding:
			cols = x.sliding(r)
		case ir.Session:
			cols = x.session(r)
		}
	case *ir.FirstSeen:
		cols = x.firstSeen(r)
	case *ir.Baseline:
		x.nameAggregates()
		cols = x.baseline(r)
	case *ir.Sequence:
		cols = x.ordering(r)
	case *ir.Absence:
		cols = x.absence(r)
	case nil: // refused by the level
	}
	return backends.Query{Text: syntax.Print(syntax.Pipeline(x.stages...)), Tables: x.tables, Columns: cols}, nil
}

func (x *body) add(s ...syntax.Stage) { x.stages = append(x.stages, s...) }

func (x *body) where(terms ...syntax.Expr) { x.add(&syntax.Where{Cond: and(terms...)}) }

func (x *body) eval(name string, value syntax.Expr) { x.evals(syntax.Set(name, value)) }

// evals adds assignments, to those of an eval before if there is one.
func (x *body) evals(as ...syntax.Assign) {
	if len(as) == 0 {
		return
	}
	if last, ok := x.stages[len(x.stages)-1].(*syntax.Eval); ok {
		last.Assigns = append(last.Assigns, as...)
		return
	}
	x.add(&syntax.Eval{Assigns: as})
}

func (x *body) stats(kind syntax.StatsKind, aggs []syntax.Agg, by []string, options ...syntax.Arg) {
	x.add(&syntax.Stats{Kind: kind, Options: options, Aggs: aggs, By: syntax.GroupBy(by...)})
}

// and joins conditions without parentheses inside of each other.
func and(terms ...syntax.Expr) syntax.Expr {
	var flat []syntax.Expr
	for _, t := range terms {
		if l, ok := t.(*syntax.Logic); ok && l.Op == "AND" {
			flat = append(flat, l.Terms...)
		} else {
			flat = append(flat, t)
		}
	}
	return syntax.AndE(flat...)
}

// secs is a duration as a number of seconds.
func secs(d time.Duration) syntax.Expr { return syntax.Int(int64(d / time.Second)) }

func plus(a, b syntax.Expr) syntax.Expr  { return syntax.Op("+", a, b) }
func minus(a, b syntax.Expr) syntax.Expr { return syntax.Op("-", a, b) }
func times(a, b syntax.Expr) syntax.Expr { return syntax.Op("*", a, b) }
func ge(a, b syntax.Expr) syntax.Expr    { return syntax.Op(">=", a, b) }
func lt(a, b syntax.Expr) syntax.Expr    { return syntax.Op("<", a, b) }
func eq(a, b syntax.Expr) syntax.Expr    { return syntax.Op("=", a, b) }

var (
	now     = syntax.F("_time")
	settled = syntax.F("info_max_time")
)

// collectNames marks the native fields that the rule reads as taken.
func (x *body) collectNames() {
	for _, p := range x.bound.Parts {
		mark := func(fs []*ir.Field, also map[string]bool) {
			for _, f := range fs {
				x.used[fieldName(f)] = true
				if also != nil {
					also[fieldName(f)] = true
				}
			}
		}
		mark(ir.FieldsOf(p.Select), nil)
		mark(ir.FieldsOf(p.Where), nil)
		for _, c := range p.Conds {
			mark(ir.FieldsOf(c), x.conditions)
		}
		for _, k := range p.Keys {
			mark(termFields(k.Term), nil)
		}
		for _, t := range p.Args {
			mark(termFields(t), x.conditions)
		}
		if len(x.bound.Parts) > 1 { // the parts may be told apart by what else they read
			mark(ir.FieldsOf(p.Select), x.conditions)
			mark(ir.FieldsOf(p.Where), x.conditions)
		}
	}
}

func termFields(t ir.Term) []*ir.Field {
	return ir.FieldsOf(&ir.Rel{Op: ir.Eq, L: t, R: &ir.Lit{Value: schema.Int(0)}})
}

// fresh returns a name that no field has yet, and takes it.
func (x *body) fresh(name string) string {
	out := name
	for i := 2; x.used[out]; i++ {
		out = name + "_" + strconv.Itoa(i)
	}
	x.used[out] = true
	return out
}

// tellParts adds a field that numbers the parts when their columns differ. An event that several parts select is the first one's.
func (x *body) tellParts() {
	parts := x.bound.Parts
	same := true
	for _, p := range parts {
		for i := range p.Keys {
			same = same && ir.TermText(p.Keys[i].Term) == ir.TermText(parts[0].Keys[i].Term)
		}
		for i := range p.Args {
			same = same && ir.TermText(p.Args[i]) == ir.TermText(parts[0].Args[i])
		}
		for i := range p.Conds {
			same = same && ir.PrintPred(p.Conds[i]) == ir.PrintPred(parts[0].Conds[i])
		}
	}
	if same {
		return
	}
	x.part = x.fresh("part")
	terms := make([][]ir.Pred, len(parts))
	common := map[string]int{} // in how many parts a condition stands
	for i, p := range parts {
		terms[i] = slices.Concat(conjuncts(p.Select), conjuncts(p.Where))
		for n, c := range terms[i] {
			if !slices.ContainsFunc(terms[i][:n], func(d ir.Pred) bool { return ir.PrintPred(c) == ir.PrintPred(d) }) {
				common[ir.PrintPred(c)]++
			}
		}
	}
	var args []syntax.Expr
	for i := range parts {
		own := slices.DeleteFunc(terms[i], func(c ir.Pred) bool { return common[ir.PrintPred(c)] == len(parts) }) // all events fulfil these
		args = append(args, and(readables(own)...), syntax.Int(int64(i+1)))
	}
	x.eval(x.part, syntax.Fn("case", args...))
}

// byPart chooses among the values that the parts give to a column.
func (x *body) byPart(value func(p ir.Part) syntax.Expr) syntax.Expr {
	var args []syntax.Expr
	text := ""
	differ := false
	for i, p := range x.bound.Parts {
		v := value(p)
		if i == 0 {
			text = syntax.PrintExpr(v)
		}
		differ = differ || syntax.PrintExpr(v) != text
		args = append(args, eq(syntax.F(x.part), syntax.Int(int64(i+1))), v)
	}
	if !differ {
		return args[1]
	}
	return syntax.Fn("case", args...)
}

// condition is a condition of aggregates as an expression.
func (x *body) condition(i int) syntax.Expr {
	var alternatives []syntax.Expr
	text := ""
	differ := false
	for n, p := range x.bound.Parts {
		c := readable(p.Conds[i])
		if n == 0 {
			text = syntax.PrintExpr(c)
		}
		differ = differ || syntax.PrintExpr(c) != text
		alternatives = append(alternatives, and(eq(syntax.F(x.part), syntax.Int(int64(n+1))), c))
	}
	if !differ {
		return readable(x.bound.Parts[0].Conds[i])
	}
	return syntax.OrE(alternatives...)
}

// columnNames returns the names of some of the rule's keys.
func (x *body) columnNames(keys []int) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = x.keys[k].name
	}
	return out
}

// arrays counts the keys that may have several values.
func (x *body) arrays(keys []int) int {
	n := 0
	for _, k := range keys {
		if keyArray(x.bound, k) {
			n++
		}
	}
	return n
}

func keyArray(b *ir.Bound, k int) bool {
	return slices.ContainsFunc(b.Parts, func(p ir.Part) bool {
		f, ok := p.Keys[k].Term.(*ir.Field)
		return ok && f.Array
	})
}
