package esql

import (
	"slices"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/backends/elastic/rewrite"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// body renders a rule over several events as an aggregating query: the events that the rule looks at, a column that tells the
// window, and STATS over both.
//
// A run judges what ended in a range before NOW(): see [Clock]. So the same text is right at any tick of any clock.
type body struct {
	rule  *ir.Rule
	bound *ir.Bound
	// timing is that of the rule, clock that of Kibana.
	timing backends.Timing
	clock  Clock
	cmds   []syntax.Command
	// names are the columns that are taken.
	names map[string]bool
	// keys are the columns of the rule's keys; expanded are those that hold one value of an array by now.
	keys     []key
	expanded map[int]bool
	// part is the column that tells the rule's parts apart, "" when their columns are the same.
	part string
	// aggs are the columns of the aggregates, by scope.
	aggs [][]string
	// learned are the columns of what a baseline has learned.
	learned map[ir.BaseNum]string
}

// key is a key as the query groups by it.
type key struct {
	name  string
	typ   schema.Type
	array bool
	// filled says that the column is a literal, which is never missing.
	filled bool
	// value is computed into the column; nil when the column is the event's own field.
	value syntax.Expr
}

// prefix begins the names of computed columns, as in Elastic's own rules: no field of an index has such a name.
const prefix = "Esql."

// timestamp is the field of an event's time.
const timestamp = "@timestamp"

// renderBody is RenderBody of the backend.
func renderBody(b *ir.Bound, t backends.Timing) (backends.Query, diag.List) {
	x := &body{rule: b.Rule, bound: b, timing: t, clock: ClockOf(b.Rule, t), names: map[string]bool{}, expanded: map[int]bool{}}
	tables := x.events()
	x.tellParts()
	if s, ok := b.Rule.Body.(*ir.Sequence); ok {
		var cols backends.Columns
		if s.Ordered {
			cols = x.sequence(s)
		} else {
			cols = x.together(s)
		}
		return backends.Query{Text: syntax.Print(&syntax.Query{Commands: x.cmds}), Tables: tables, Columns: cols}, nil
	}
	x.findKeys()
	x.nameAggs()
	var cols backends.Columns
	switch c := b.Rule.Body.(type) {
	case *ir.Count:
		switch c.Window.Kind {
		case ir.Tumbling:
			cols = x.tumbling(c)
		case ir.Hopping:
			cols = x.hopping(c)
		case ir.Sliding:
			cols = x.sliding(c)
		case ir.Session:
			cols = x.session(c)
		}
	case *ir.FirstSeen:
		cols = x.firstSeen(c)
	case *ir.Baseline:
		cols = x.baseline(c)
	case *ir.Absence:
		cols = x.absence(c)
	case *ir.Sequence, nil: // sequences have a form of their own
	}
	return backends.Query{Text: syntax.Print(&syntax.Query{Commands: x.cmds}), Tables: tables, Columns: cols}, nil
}

func (x *body) add(c ...syntax.Command) { x.cmds = append(x.cmds, c...) }

func (x *body) where(conds ...syntax.Expr) {
	if len(conds) > 0 {
		x.add(&syntax.Where{Cond: syntax.All(conds...)})
	}
}

// eval computes columns, in an EVAL before if the last command is one.
func (x *body) eval(fields ...syntax.Field) {
	if len(fields) == 0 {
		return
	}
	if last, ok := x.cmds[len(x.cmds)-1].(*syntax.Eval); ok {
		last.Fields = append(last.Fields, fields...)
		return
	}
	x.add(&syntax.Eval{Fields: fields})
}

func (x *body) stats(aggs []syntax.Field, by ...string) {
	x.add(&syntax.Stats{Aggs: aggs, By: columns(by)})
}

func (x *body) inline(aggs []syntax.Field, by ...string) {
	x.add(&syntax.Stats{Inline: true, Aggs: aggs, By: columns(by)})
}

func columns(names []string) []syntax.Field {
	out := make([]syntax.Field, len(names))
	for i, n := range names {
		out[i] = syntax.ByColumn(n)
	}
	return out
}

// fresh returns a name for a computed column, and takes it.
func (x *body) fresh(words string) string {
	name := prefix + strings.Map(func(r rune) rune {
		if r == '.' || r == '@' || r == '[' || r == ']' || r == '-' || r == '/' {
			return '_'
		}
		return r
	}, words)
	out := name
	for i := 2; x.names[out]; i++ {
		out = name + "_" + strconv.Itoa(i)
	}
	x.names[out] = true
	return out
}

// events adds FROM and the condition on events.
func (x *body) events() (tables []string) {
	from := &syntax.From{}
	var conditions []syntax.Expr
	for _, p := range x.bound.Parts {
		tables = append(tables, p.Class.Table)
		from.Patterns = appendPattern(from.Patterns, p.Class.Table)
		conditions = append(conditions, selected(p))
	}
	x.add(from)
	if c, ok := syntax.Any(conditions...).(*syntax.Bool); !ok || !c.Value {
		x.where(syntax.Any(conditions...))
	}
	return tables
}

func appendPattern(ps []syntax.IndexPattern, text string) []syntax.IndexPattern {
	if slices.ContainsFunc(ps, func(p syntax.IndexPattern) bool { return p.Text == text }) {
		return ps
	}
	return append(ps, syntax.IndexPattern{Text: text})
}

// selected is the condition on the events of a part.
func selected(p ir.Part) syntax.Expr {
	return syntax.All(append(lowerAll(conjuncts(p.Select)), lowerAll(conjuncts(p.Where))...)...)
}

// tellParts adds a column that numbers the parts when their columns differ. An event that several parts select is the first one's.
func (x *body) tellParts() {
	if !partsDiffer(x.bound) {
		return
	}
	x.part = x.fresh("part")
	var args []syntax.Expr
	for i, p := range x.bound.Parts {
		args = append(args, selected(p), syntax.Int(int64(i+1)))
	}
	x.eval(syntax.Named(x.part, syntax.Func("CASE", args...)))
}

func partsDiffer(b *ir.Bound) bool {
	first := b.Parts[0]
	for _, p := range b.Parts[1:] {
		for i := range p.Keys {
			if ir.TermText(p.Keys[i].Term) != ir.TermText(first.Keys[i].Term) {
				return true
			}
		}
		for i := range p.Args {
			if ir.TermText(p.Args[i]) != ir.TermText(first.Args[i]) {
				return true
			}
		}
		for i := range p.Conds {
			if ir.PrintPred(p.Conds[i]) != ir.PrintPred(first.Conds[i]) {
				return true
			}
		}
	}
	return false
}

// byPart chooses among the values that the parts give to a column.
func (x *body) byPart(of func(p ir.Part) syntax.Expr) syntax.Expr {
	first := of(x.bound.Parts[0])
	same := true
	var args []syntax.Expr
	for i, p := range x.bound.Parts {
		v := of(p)
		same = same && syntax.PrintExpr(v) == syntax.PrintExpr(first)
		args = append(args, syntax.Op(syntax.Eq, syntax.Col(x.part), syntax.Int(int64(i+1))), v)
	}
	if same {
		return first
	}
	return syntax.Func("CASE", args...)
}

// condition is one of the rule's conditions on the events that an aggregate takes.
func (x *body) condition(i int) syntax.Expr {
	first := lower(x.bound.Parts[0].Conds[i])
	same := true
	var alternatives []syntax.Expr
	for n, p := range x.bound.Parts {
		c := lower(p.Conds[i])
		same = same && syntax.PrintExpr(c) == syntax.PrintExpr(first)
		alternatives = append(alternatives, syntax.All(syntax.Op(syntax.Eq, syntax.Col(x.part), syntax.Int(int64(n+1))), c))
	}
	if same {
		return first
	}
	return syntax.Any(alternatives...)
}

// arg is one of the rule's arguments.
func (x *body) arg(i int) syntax.Expr {
	return x.byPart(func(p ir.Part) syntax.Expr { return argument(p.Args[i]) })
}

// argument is a term as a value: literals have the type that fields of theirs have.
func argument(t ir.Term) syntax.Expr {
	l, ok := t.(*ir.Lit)
	switch {
	case !ok:
		return value(t)
	case l.Value.Type() == schema.Long:
		return syntax.Func("TO_LONG", literal(l.Value))
	}
	return literal(l.Value)
}

// findKeys decides on the columns of the keys, and computes those that are no fields of the event.
func (x *body) findKeys() {
	read := x.readFields()
	var computed []syntax.Field
	for i, k := range x.rule.Keys {
		term := x.bound.Parts[0].Keys[i].Term
		f, isField := term.(*ir.Field)
		out := key{typ: ir.TermType(term), array: keyArray(x.bound, i)}
		v := x.byPart(func(p ir.Part) syntax.Expr { return argument(p.Keys[i].Term) })
		_, plain := v.(*syntax.Column)
		switch {
		case k.Fold:
			v = syntax.Func("TO_LOWER", v)
		case isField && plain && !(out.array && read[rewrite.Path(f)]) && !x.expands(i):
			out.name = rewrite.Path(f)
			x.keys = append(x.keys, out)
			continue
		}
		if out.array {
			v = syntax.Func("MV_DEDUPE", v)
		}
		out.filled = !isField && len(x.bound.Parts) == 1
		out.name, out.value = x.fresh(keyWord(k)), v
		computed = append(computed, syntax.Named(out.name, v))
		x.keys = append(x.keys, out)
	}
	x.eval(computed...)
}

// keyWord names a key by its canonical field.
func keyWord(k ir.Key) string {
	if f, ok := k.Term.(*ir.Field); ok {
		return f.Name
	}
	return "key"
}

// readFields are the fields that conditions and arguments of aggregates read: an array of theirs must stay whole.
func (x *body) readFields() map[string]bool {
	out := map[string]bool{}
	for _, p := range x.bound.Parts {
		var preds []ir.Pred
		preds = append(preds, p.Conds...)
		for _, t := range p.Args {
			preds = append(preds, &ir.Rel{Op: ir.Eq, L: t, R: t})
		}
		if x.part != "" {
			preds = append(preds, p.Select, p.Where)
		}
		for _, f := range ir.FieldsOf(&ir.And{Xs: preds}) {
			out[rewrite.Path(f)] = true
		}
	}
	return out
}

func keyArray(b *ir.Bound, k int) bool {
	return slices.ContainsFunc(b.Parts, func(p ir.Part) bool {
		f, ok := p.Keys[k].Term.(*ir.Field)
		return ok && f.Array
	})
}

// expands reports whether the rule needs a row for each value of a key before it groups the events.
func (x *body) expands(k int) bool {
	if !keyArray(x.bound, k) {
		return false
	}
	c, ok := x.rule.Body.(*ir.Count)
	if !ok {
		return false
	}
	if c.Window.Kind == ir.Session || c.Window.Kind == ir.Sliding {
		return true
	}
	return slices.ContainsFunc(c.Scopes, func(s ir.Scope) bool { return slices.Contains(s.Keys, k) && len(s.Keys) < len(c.Per) })
}

// expand makes a row for each value of the keys that are arrays.
func (x *body) expand(keys []int) {
	for _, k := range keys {
		if x.keys[k].array && !x.expanded[k] {
			x.expanded[k] = true
			x.add(&syntax.MvExpand{Name: syntax.NameOf(x.keys[k].name)})
		}
	}
}

// keyNames are the columns of some of the keys.
func (x *body) keyNames(keys []int) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = x.keys[k].name
	}
	return out
}

// present are the conditions that keys have a value: an empty text is none.
func (x *body) present(keys []int) []syntax.Expr {
	var out []syntax.Expr
	for _, k := range keys {
		switch col := syntax.Col(x.keys[k].name); {
		case x.keys[k].filled:
		case x.keys[k].typ.IsString():
			out = append(out, syntax.Op(syntax.Ne, col, syntax.String("")))
		default:
			out = append(out, &syntax.IsNull{X: col, Not: true})
		}
	}
	return out
}

// keep shows the columns of a finding, each once.
func (x *body) keep(names ...string) {
	var out []string
	for _, n := range names {
		if n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	x.add(&syntax.Keep{Names: syntax.NamesOf(out...)})
}
