package verify

import (
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// elementMark begins the names of the fields that stand for an element while one is looked for.
const elementMark = "\x01"

// elementLists returns contents of the field that a quantifier ranges over: with one element on which the body is true, with
// elements on which it is false because of one condition alone, and with such elements together.
func (s *solver) elementLists(q *ir.Quant, e schema.Event) [][]any {
	outer := len(ir.FieldsOf(q.Body)) > 0
	if lists, ok := s.elements[q]; ok && !outer {
		return lists
	}
	lists := findElements(q, e)
	if s.elements == nil {
		s.elements = map[*ir.Quant][][]any{}
	}
	s.elements[q] = lists
	return lists
}

func findElements(q *ir.Quant, e schema.Event) [][]any {
	body := ofElement(backends.PushNot(q.Body), q.Var)
	paths := leafPaths(body, nil)
	sets := [][]goal{{{body, true}}, {{body, false}}}
	for _, path := range paths {
		leaf := path[len(path)-1]
		sets = append(sets, append(context(path), goal{leaf, true}), append(context(path), goal{leaf, false}))
		for _, goals := range literalGoals(leaf) {
			sets = append(sets, append(context(path), goals...))
		}
	}
	rule, err := compileGoals(body, sets)
	if err != nil {
		return nil
	}
	inner := &solver{rule: rule, frozen: func(f *ir.Field) bool { return !strings.HasPrefix(f.Name, elementMark) }}
	var fits, misses []any
	for _, goals := range sets {
		found, ok := inner.solve(e, goals)
		if !ok {
			continue
		}
		if x, ok := elementOf(found, q); ok {
			if rule.Holds(body, &found) {
				fits = append(fits, x)
			} else {
				misses = append(misses, x)
			}
		}
	}
	return combine(fits, misses)
}

// combine makes lists of elements: each alone, one of either kind together, all of a kind.
func combine(fits, misses []any) [][]any {
	var out [][]any
	for _, x := range fits {
		out = append(out, []any{x})
	}
	for _, x := range misses {
		out = append(out, []any{x})
	}
	if len(fits) > 0 && len(misses) > 0 {
		out = append(out, []any{fits[0], misses[0]}, []any{misses[len(misses)-1], fits[0]})
	}
	if len(misses) > 1 {
		out = append(out, misses)
	}
	if len(fits) > 1 {
		out = append(out, fits)
	}
	return out
}

// ofElement returns the body of a quantifier as a predicate on fields that stand for the element.
func ofElement(p ir.Pred, name string) ir.Pred {
	switch p := p.(type) {
	case *ir.And:
		return &ir.And{Xs: ofElements(p.Xs, name), Span: p.Span}
	case *ir.Or:
		return &ir.Or{Xs: ofElements(p.Xs, name), Span: p.Span}
	case *ir.Not:
		return &ir.Not{X: ofElement(p.X, name), Span: p.Span}
	case *ir.Cmp:
		c := *p
		c.L = elementTerm(p.L, name)
		return &c
	case *ir.Rel:
		r := *p
		r.L, r.R = elementTerm(p.L, name), elementTerm(p.R, name)
		return &r
	case *ir.Const, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return p
}

func ofElements(xs []ir.Pred, name string) []ir.Pred {
	out := make([]ir.Pred, len(xs))
	for i, x := range xs {
		out[i] = ofElement(x, name)
	}
	return out
}

func elementTerm(t ir.Term, name string) ir.Term {
	switch t := t.(type) {
	case *ir.Elem:
		if t.Var == name {
			return &ir.Field{Name: elementMark + t.Sub, Type: t.Type}
		}
	case *ir.Arith:
		return &ir.Arith{Op: t.Op, X: elementTerm(t.X, name), Y: elementTerm(t.Y, name), Type: t.Type}
	case *ir.Call:
		return &ir.Call{Func: t.Func, X: elementTerm(t.X, name)}
	case *ir.Field, *ir.Lit:
	}
	return t
}

// elementOf takes the element out of an event that was found: an object when the quantifier reads sub-fields.
func elementOf(e schema.Event, q *ir.Quant) (any, bool) {
	if !ir.ReadsSubfields(q.Body, q.Var) {
		x, ok := e.Object[elementMark]
		return x, ok
	}
	obj := map[string]any{}
	for name, x := range e.Object {
		if sub, is := strings.CutPrefix(name, elementMark); is {
			schema.SetPath(obj, sub, []any{x})
		}
	}
	return obj, true
}

// compileGoals makes a rule that can be asked about a predicate and about goals.
func compileGoals(p ir.Pred, sets [][]goal) (*eval.Rule, error) {
	all := &ir.And{Xs: []ir.Pred{p}}
	known := map[ir.Pred]bool{}
	ir.Walk(p, func(p ir.Pred) bool {
		known[p] = true
		return true
	})
	for _, goals := range sets {
		for _, g := range goals {
			if !known[g.p] {
				known[g.p] = true
				all.Xs = append(all.Xs, g.p)
			}
		}
	}
	return eval.Pred(all)
}
