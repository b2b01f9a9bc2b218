package kusto

import (
	"slices"
	"strings"
	"time"

	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// tableParts are the parts of a rule that read one table.
type tableParts struct {
	table string
	parts []ir.Part
}

// pred is what an event of the table has to fulfil.
func (g tableParts) pred() ir.Pred {
	or := &ir.Or{}
	for _, p := range g.parts {
		one := partPred(p)
		same := func(other ir.Pred) bool { return ir.PrintPred(other) == ir.PrintPred(one) } // several systems in one table
		if !slices.ContainsFunc(or.Xs, same) {
			or.Xs = append(or.Xs, one)
		}
	}
	if len(or.Xs) == 1 {
		return or.Xs[0]
	}
	return or
}

func partPred(p ir.Part) ir.Pred {
	return &ir.And{Xs: needed(slices.Concat(conjuncts(p.Select), conjuncts(p.Where)))}
}

// timeColumn is the column of the event's time.
func (g tableParts) timeColumn() syntax.Expr { return syntax.Col(g.parts[0].Binding.Time.Path) }

// eventTime is the time of an event behind [body.events].
func (p *body) eventTime() syntax.Expr { return p.groups[0].timeColumn() }

// millis is the time of an event in whole milliseconds, as the rule sees it.
func millis(x syntax.Expr) syntax.Expr { return syntax.Fn("bin", x, syntax.Timespan(time.Millisecond)) }

// tableReader reads the events of one table and the rule's columns of them.
type tableReader struct {
	lowerer
	body  *body
	group tableParts
	ops   []syntax.Operator
	// flushed is the number of stages that are in the pipeline.
	flushed int
}

// flush appends the stages that conditions have asked for since the last time.
func (r *tableReader) flush() {
	r.ops = append(r.ops, r.stages[r.flushed:]...)
	r.flushed = len(r.stages)
}

func (r *tableReader) where(xs ...syntax.Expr) {
	if len(xs) > 0 {
		r.ops = append(r.ops, &syntax.Where{Pred: syntax.AllOf(xs...)})
	}
}

// selectEvents appends the conditions: on the time, on plain columns, and on elements of arrays.
func (r *tableReader) selectEvents(from, to syntax.Expr) {
	at := r.group.timeColumn()
	r.where(ge(at, from), lt(at, to))
	if r.body.arrived != nil {
		r.where(r.body.arrived(at))
	}
	var early, late []syntax.Expr
	for _, c := range conjuncts(r.group.pred()) {
		before := len(r.stages)
		x := asked(r.lower(c))
		if len(r.stages) == before {
			early = append(early, x)
		} else {
			late = append(late, x)
		}
	}
	r.where(early...)
	r.flush()
	r.where(late...)
}

// perPart returns what all parts of the table have in common, or a case over their conditions.
func (r *tableReader) perPart(same func(a, b ir.Part) bool, build func(part ir.Part) syntax.Expr) syntax.Expr {
	parts := r.group.parts
	if !slices.ContainsFunc(parts, func(p ir.Part) bool { return !same(p, parts[0]) }) {
		return build(parts[0])
	}
	var args []syntax.Expr
	for _, part := range parts[:len(parts)-1] {
		args = append(args, r.lower(partPred(part)), build(part))
	}
	return syntax.Fn("case", append(args, build(parts[len(parts)-1]))...)
}

// cond builds a condition of aggregates.
func (r *tableReader) cond(i int) syntax.Expr {
	same := func(a, b ir.Part) bool { return ir.PrintPred(a.Conds[i]) == ir.PrintPred(b.Conds[i]) }
	return r.perPart(same, func(part ir.Part) syntax.Expr { return r.lower(part.Conds[i]) })
}

// keyExpr builds the value of a key that is no array.
func keyExpr(k ir.Key) syntax.Expr {
	x := value(k.Term)
	if f, ok := k.Term.(*ir.Field); ok && f.Type == schema.Date {
		return millis(x)
	}
	if k.Fold {
		return syntax.Fn("tolower", x)
	}
	if texts := measured(&ir.Cmp{Op: ir.Eq, L: k.Term}); len(texts) > 0 { // the length of a missing text is missing
		return syntax.Fn("iff", syntax.AllOf(texts...), x, syntax.Null(kustoType(ir.TermType(k.Term))))
	}
	return x
}

// plainColumn returns the name of the column that a term is in all parts of all tables, "" when it is none.
func (p *body) plainColumn(term func(part ir.Part) ir.Key) string {
	name := ""
	for _, part := range p.bound.Parts {
		k := term(part)
		f, ok := k.Term.(*ir.Field)
		if !ok || f.Array || k.Fold || f.Type == schema.Date || strings.Contains(f.Name, ".") || f.Native != nil && f.Native.JSON || name != "" && name != f.Name {
			return ""
		}
		name = f.Name
	}
	return name
}

// canonicalName names a computed column after the rule's field.
func canonicalName(t ir.Term) string {
	f, ok := t.(*ir.Field)
	if !ok {
		return "value"
	}
	return strings.NewReplacer(".", "_", "@", "", "[]", "").Replace(f.Name)
}

func firstSegment(path string) string {
	first, _, _ := strings.Cut(strings.ReplaceAll(path, "[]", ""), ".")
	return first
}

// setColumn puts the different values of an array into a column, and keeps events without any.
func (r *tableReader) setColumn(name string, f *ir.Field, fold bool) {
	leaf := elementLeaf(f)
	x := value(leaf)
	exists := syntax.Fn("isnotnull", x)
	if textual(f) {
		exists = syntax.Fn("isnotempty", x)
	}
	if fold {
		x = syntax.Fn("tolower", x)
	}
	set := syntax.Named(name, syntax.Fn("make_set_if", x, exists))
	r.ops = append(r.ops, expand(f, []syntax.Item{set}, false))
}

// events returns the pipelines of the rule's events with times in [from, to) and the columns of the rule. projected cuts the
// events down to these columns; otherwise there is one table, and its own columns are used where they can be.
func (p *body) events(from, to syntax.Expr, projected bool) syntax.Expr {
	projected = projected || len(p.groups) > 1
	p.projected = projected
	keyNames, argNames := p.nameColumns(projected)
	condNames := p.nameConds()
	var pipes []syntax.Expr
	for _, g := range p.groups {
		r := &tableReader{body: p, group: g}
		r.selectEvents(from, to)
		var computed []syntax.Item
		for i, name := range keyNames {
			computed = append(computed, r.column(name, p.keys[i], func(part ir.Part) ir.Key { return part.Keys[i] })...)
		}
		for i, name := range argNames {
			if !p.usesArg(i) {
				continue
			}
			computed = append(computed, r.column(name, p.args[i], func(part ir.Part) ir.Key { return ir.Key{Term: part.Args[i]} })...)
		}
		p.conds = nil
		for i, name := range condNames {
			if name == "" {
				p.conds = append(p.conds, nil)
				continue
			}
			x := r.cond(i)
			if projected {
				computed = append(computed, syntax.Named(name, x))
				x = syntax.Col(name)
			}
			p.conds = append(p.conds, x)
		}
		r.flush()
		switch {
		case projected:
			r.ops = append(r.ops, &syntax.Project{Items: append(p.timeItems(g.timeColumn()), computed...)})
		case len(computed) > 0:
			r.ops = append(r.ops, &syntax.Extend{Items: computed})
		}
		pipes = append(pipes, syntax.Pipe(syntax.Col(g.table), r.ops...))
	}
	if len(pipes) == 1 {
		return pipes[0]
	}
	return syntax.UnionOf(nil, pipes...)
}

// timeItems are the columns of an event's time behind a projection.
func (p *body) timeItems(at syntax.Expr) []syntax.Item {
	name := p.eventTime().(*syntax.Name).Name
	item := syntax.Plain(at)
	switch {
	case p.millis:
		item = syntax.Named(name, millis(at))
	case at.(*syntax.Name).Name != name:
		item = syntax.Named(name, at)
	}
	if p.window == nil {
		return []syntax.Item{item}
	}
	return []syntax.Item{item, syntax.Named(windowColumn, p.window(at))}
}

// nameColumns says how keys and arguments are read behind the events.
func (p *body) nameColumns(projected bool) (keys, args []string) {
	used := map[string]bool{}
	name := func(term ir.Term, of func(part ir.Part) ir.Key) (string, column) {
		native := of(p.bound.Parts[0]).Term
		c := column{typ: ir.TermType(native), array: isArray(native)}
		plain := p.plainColumn(of)
		if plain == "" || projected && used[plain] {
			plain = p.fresh(canonicalName(term))
		}
		used[plain] = true
		c.expr = syntax.Col(plain)
		return plain, c
	}
	p.keys, p.args = nil, nil
	for i, k := range p.rule.Keys {
		n, c := name(k.Term, func(part ir.Part) ir.Key { return part.Keys[i] })
		keys, p.keys = append(keys, n), append(p.keys, c)
	}
	for i, a := range p.rule.Args {
		n, c := name(a, func(part ir.Part) ir.Key { return ir.Key{Term: part.Args[i]} })
		args, p.args = append(args, n), append(p.args, c)
	}
	return keys, args
}

// nameConds names the conditions of aggregates after the first aggregate that each is of; one that is of none has no name.
func (p *body) nameConds() []string {
	names := make([]string, len(p.rule.Conds))
	for _, s := range p.rule.Scopes() {
		for _, a := range s.Aggs {
			if a.Where >= 0 && names[a.Where] == "" {
				names[a.Where] = p.fresh("is_" + a.Name)
			}
		}
	}
	return names
}

// usesArg reports whether some aggregate is of the argument.
func (p *body) usesArg(i int) bool {
	for _, s := range p.rule.Scopes() {
		if slices.ContainsFunc(s.Aggs, func(a ir.Agg) bool { return a.Arg == i }) {
			return true
		}
	}
	return false
}

// column returns the item that makes a column, none where the table has it already and keeps it.
func (r *tableReader) column(name string, c column, of func(part ir.Part) ir.Key) []syntax.Item {
	if c.array {
		k := of(r.group.parts[0])
		r.setColumn(name, k.Term.(*ir.Field), k.Fold)
		if r.body.projected {
			return []syntax.Item{syntax.Plain(syntax.Col(name))}
		}
		return nil
	}
	same := func(a, b ir.Part) bool { return syntax.PrintExpr(keyExpr(of(a))) == syntax.PrintExpr(keyExpr(of(b))) }
	x := r.perPart(same, func(part ir.Part) syntax.Expr { return keyExpr(of(part)) })
	if n, ok := x.(*syntax.Name); ok && n.Name == name {
		if !r.body.unites() || !r.converts(of) {
			if r.body.projected {
				return []syntax.Item{syntax.Plain(x)}
			}
			return nil
		}
	}
	if r.body.unites() && r.converts(of) { // columns of a union have one type
		x = typed(x, c.typ)
	}
	return []syntax.Item{syntax.Named(name, x)}
}

// unites reports whether columns of several pipelines come together.
func (p *body) unites() bool { return p.union || len(p.groups) > 1 }

// converts reports whether a column has a type of the vendor's own, which the column of another table need not have.
func (r *tableReader) converts(of func(part ir.Part) ir.Key) bool {
	for _, part := range r.group.parts {
		if f, ok := of(part).Term.(*ir.Field); ok && f.Native != nil && f.Native.Vendor != "" {
			return true
		}
	}
	return false
}
