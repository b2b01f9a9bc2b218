package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/schema"
)

// form is one of the two forms in which witnesses of a part are looked for: native, or canonical and then realised.
type form struct {
	label string
	pred  ir.Pred
	// bases are what the search starts from: first a bare event, then one that looks like those of the vendor.
	bases  []schema.Event
	accept func(schema.Event) (schema.Event, bool)
	add    func(name string, o Origin, fine bool, e schema.Event)
	// budget is how many fine mutants are made.
	budget int
}

// fineBudget is how many fine mutants the parts of a rule share, as a rule.
const fineBudget = 2400

// witnesses adds, for each leaf of each part's native condition and of the canonical one, events on which the leaf decides
// the answer both ways, mutants of them, and events that the part does not select.
func (c *collector) witnesses() {
	for i, p := range c.out.Bound.Parts {
		bases := c.nativeBases(i)
		budget := c.budget / len(c.out.Bound.Parts)
		native := &form{
			label: fmt.Sprintf("part %d", i+1), pred: p.Where, bases: bases, budget: budget,
			accept: func(e schema.Event) (schema.Event, bool) { return c.promise.repair(i, e) },
			add: func(name string, o Origin, fine bool, e schema.Event) {
				c.made(i, name, o, fine, c.promise.complete(i, e).Object)
			},
		}
		c.samples(i)
		found := native.decide()
		c.selections(i, found)
		c.strangers(i, found)
		bare := schema.Event{Class: p.Class.Class, Source: p.Binding.Source, Millis: schema.DefaultMillis, Object: map[string]any{}}
		canonical := &form{
			label: fmt.Sprintf("rule on part %d", i+1), pred: pass.Canonical(c.out.Rule.Condition(p.Binding.Name)), bases: []schema.Event{bare}, budget: budget / 4,
			add: func(name string, o Origin, fine bool, e schema.Event) { c.realiseOn(i, name, o, fine, e) },
		}
		canonical.decide()
	}
}

// decide makes decisive events for every leaf of the predicate, which is in push-not form, and mutants around them. It
// returns those of them on which the predicate is true.
func (f *form) decide() (found []schema.Event) {
	type target struct {
		leaf  ir.Pred
		name  string
		goals []goal
		// whole targets get mutants at every place, those of one literal out of many at fewer.
		whole bool
	}
	var targets []target
	var sets [][]goal
	for i, path := range leafPaths(f.pred, nil) {
		leaf, around := path[len(path)-1], context(path)
		add := func(name string, whole bool, goals ...goal) {
			goals = append(slices.Clip(around), goals...)
			targets, sets = append(targets, target{leaf, fmt.Sprintf("%s leaf %d %s", f.label, i+1, name), goals, whole}), append(sets, goals)
		}
		add("true", true, goal{leaf, true})
		add("false", true, goal{leaf, false})
		for k, goals := range literalGoals(leaf) {
			add(fmt.Sprintf("literal %d", k+1), false, goals...)
		}
		for k, goals := range elementGoals(leaf) {
			add(fmt.Sprintf("element %d", k+1), false, goals...)
		}
		for k, goals := range edgeGoals(leaf) {
			add(fmt.Sprintf("edge %d", k+1), false, goals...)
		}
	}
	rule, err := compileGoals(f.pred, sets)
	if err != nil {
		return nil
	}
	s := &solver{rule: rule, accept: f.accept}
	places := max(2, f.budget/max(1, len(targets))/partKinds)
	for _, t := range targets {
		for k, base := range f.bases {
			e, ok := s.solve(base, t.goals)
			if !ok {
				continue
			}
			n := places
			switch {
			case k > 0:
				n = 0
			case !t.whole:
				n = min(n, 12)
			default:
				n = min(n, 40)
			}
			f.around(t.leaf, fmt.Sprintf("%s%s", t.name, strings.Repeat("'", k)), e, n)
			if rule.Holds(f.pred, &e) {
				found = append(found, e)
			}
		}
	}
	return found
}

// around adds a witness and mutants of it.
func (f *form) around(leaf ir.Pred, name string, e schema.Event, places int) {
	f.add(name, FromWitness, false, e)
	for _, m := range mutants(f.pred, leaf, e, places) {
		f.add(name+": "+m.name, FromMutant, m.fine, m.event)
	}
}

// literalGoals returns, for a comparison with several literals, goals under which one literal alone makes it true.
func literalGoals(p ir.Pred) [][]goal {
	c, ok := p.(*ir.Cmp)
	if !ok || len(c.R) < 2 {
		return nil
	}
	var out [][]goal
	for i, v := range c.R {
		if i == maxLiterals {
			break
		}
		one := &ir.Cmp{Op: c.Op, Cased: c.Cased, L: c.L, R: []schema.Value{v}, Span: c.Span}
		others := &ir.Cmp{Op: c.Op, Cased: c.Cased, L: c.L, R: slices.Delete(slices.Clone(c.R), i, i+1), Span: c.Span}
		out = append(out, []goal{{one, true}, {others, false}})
	}
	return out
}

// edgeGoals returns goals under which a comparison of order or of a calculation stands on its edge, and under which a field
// of the leaf is missing.
func edgeGoals(p ir.Pred) [][]goal {
	var out [][]goal
	switch p := p.(type) {
	case *ir.Cmp:
		if _, plain := p.L.(*ir.Field); plain && p.Op == ir.Eq || ir.TermType(p.L).IsString() || p.Op == ir.InCIDR {
			break
		}
		for i, v := range p.R {
			if i < maxLiterals {
				out = append(out, []goal{{&ir.Cmp{Op: ir.Eq, L: p.L, R: []schema.Value{v}, Span: p.Span}, true}})
			}
		}
	case *ir.Rel:
		if p.Op != ir.Eq {
			out = append(out, []goal{{&ir.Rel{Op: ir.Eq, L: p.L, R: p.R, Span: p.Span}, true}})
		}
	case *ir.And, *ir.Or, *ir.Not, *ir.Const, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	for _, f := range ir.FieldsOf(p) {
		if f.Name != timeField {
			out = append(out, []goal{{&ir.Exists{F: f, Span: p.Pos()}, false}})
		}
	}
	return out
}

// maxLiterals bounds the literals of one list that get a witness of their own.
const maxLiterals = 24

// elementGoals returns, for a quantifier, goals under which each condition on an element is true of some element and the
// whole is false nevertheless, and under which each alone is not true of an element.
func elementGoals(p ir.Pred) [][]goal {
	q, ok := p.(*ir.Quant)
	if !ok {
		return nil
	}
	and, ok := q.Body.(*ir.And)
	if !ok {
		return nil
	}
	some := func(x ir.Pred) ir.Pred {
		return &ir.Quant{Kind: ir.Any, Var: q.Var, Over: q.Over, Body: x, Span: q.Span}
	}
	apart := []goal{{q, false}}
	var out [][]goal
	for i, x := range and.Xs {
		if ir.ReadsSubfields(q.Body, q.Var) && !ir.ReadsSubfields(x, q.Var) {
			return nil
		}
		apart = append(apart, goal{some(x), true})
		alone := []goal{{some(x), false}}
		for k, y := range and.Xs {
			if k != i {
				alone = append(alone, goal{some(y), true})
			}
		}
		out = append(out, alone)
	}
	return append(out, apart)
}

// nativeBases returns native events of a part to start from: a bare one that only meets the selecting conditions, and the
// first sample as far as the rule reads it, both made to keep what the output takes for granted.
func (c *collector) nativeBases(part int) []schema.Event {
	p := c.out.Bound.Parts[part]
	var out []schema.Event
	take := func(native map[string]any) {
		e, _ := c.promise.repair(part, schema.Event{Object: native, Millis: schema.DefaultMillis})
		out = append(out, e)
	}
	if bare, err := p.Binding.ToNative(schema.Event{Class: p.Class.Class, Millis: schema.DefaultMillis, Object: map[string]any{}}); err == nil {
		take(bare)
	}
	if samples := p.Class.Samples(); len(samples) > 0 {
		take(c.asRead(part, samples[0].Native))
	}
	return out
}

// asRead leaves out of a native event what neither the part nor its binding's selection reads.
func (c *collector) asRead(part int, native map[string]any) map[string]any {
	p := c.out.Bound.Parts[part]
	read := []string{p.Binding.Time.Path, p.Class.TableField}
	for _, f := range c.promise.parts[part].fields {
		read = append(read, strings.ReplaceAll(f.Path, "[]", ""))
	}
	for _, f := range ir.FieldsOf(c.out.Rule.Condition(p.Binding.Name)) {
		if m, ok := p.Class.Mapping(f.Name); ok {
			for _, n := range m.Natives() {
				read = append(read, strings.ReplaceAll(n.Path, "[]", ""))
			}
		}
	}
	out := native
	for path := range schema.FlattenKeys(native) {
		if !slices.ContainsFunc(read, func(r string) bool {
			return r == path || strings.HasPrefix(path, r+".") || strings.HasPrefix(r, path+".")
		}) {
			out = without(out, path)
		}
	}
	return out
}

// samples adds the samples of the class as they are.
func (c *collector) samples(part int) {
	for i, s := range c.out.Bound.Parts[part].Class.Samples() {
		c.add(fmt.Sprintf("sample %d of part %d", i+1, part+1), FromWitness, false, s.Native)
	}
}

// selections adds findings of a part for each value by which it selects events.
func (c *collector) selections(part int, found []schema.Event) {
	p := c.out.Bound.Parts[part]
	for _, cond := range p.Class.Select {
		f := pass.NativeField(cond.Native, p.Where.Pos())
		for k, value := range cond.Values {
			for n, e := range found[:min(len(found), 2)] {
				if v, ok := converted(f, []any{value}); ok && cond.Mask == 0 && (len(cond.Values) > 1 || cond.Prefix) {
					c.made(part, fmt.Sprintf("finding %d of part %d: %s %d", n+1, part+1, f.Name, k+1), FromWitness, false, put(e, f, v).Object)
				}
			}
		}
	}
}

// maxStrangers bounds the events, and the classes, that strangers are made from.
const maxStrangers = 6

// strangers adds events that differ from findings of a part in one selecting condition: the query must not find them.
func (c *collector) strangers(part int, found []schema.Event) {
	p := c.out.Bound.Parts[part]
	for n, e := range found {
		for _, cond := range p.Class.Select {
			f := pass.NativeField(cond.Native, p.Where.Pos())
			contents := [][]any{nil, {other(f.Type)}}
			if cond.Missing {
				contents = [][]any{{other(f.Type)}, {another(f.Type)}}
			}
			if n == 0 {
				contents = append(contents, selectedElsewhere(p, cond)...)
			}
			if n == 0 && f.Type.IsString() && len(cond.Values) > 0 {
				contents = append(contents, []any{"x" + cond.Values[0]}, []any{cond.Values[0] + "x"}, []any{cond.Values[0][1:]})
			}
			for k, vals := range contents {
				if v, ok := converted(f, vals); ok && n < 4*maxStrangers {
					c.stranger(part, fmt.Sprintf("stranger %d of part %d: %s %d", n+1, part+1, f.Name, k+1), put(e, f, v).Object)
				}
			}
		}
	}
}

// selectedElsewhere returns contents of a field by which other classes of the binding select their events.
func selectedElsewhere(p ir.Part, cond schema.Condition) [][]any {
	var out [][]any
	for i := range p.Binding.Classes {
		for _, o := range p.Binding.Classes[i].Select {
			if o.Native.Path == cond.Native.Path && len(o.Values) > 0 && o.Mask == 0 && len(out) < maxStrangers && !slices.Contains(cond.Values, o.Values[0]) {
				out = append(out, []any{o.Values[0]})
			}
		}
	}
	return out
}

func converted(f *ir.Field, vals []any) ([]any, bool) {
	out := make([]any, len(vals))
	for i, x := range vals {
		v, ok := schema.Convert(f.Type, x)
		if !ok {
			return nil, false
		}
		out[i] = jsonOf(f, v)
	}
	return out, true
}
