// Package eval executes the meaning of rules: it is the reference that every language is compared with. It is naive on
// purpose. Each predicate is true or false on each event; ir/doc.go says when.
package eval

import (
	"fmt"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// Rule is a rule made ready to be asked: its literals are compiled.
type Rule struct {
	*ir.Rule
	matchers map[ir.Pred]func(schema.Value) bool // of comparisons and keywords
}

// New prepares a rule. It fails when a literal does not parse, which [ir.Verify] would have said.
func New(r *ir.Rule) (*Rule, error) {
	e := &Rule{Rule: r, matchers: map[ir.Pred]func(schema.Value) bool{}}
	preds := []ir.Pred{r.Where}
	for _, a := range r.Alts {
		preds = append(preds, a.Where)
	}
	for _, p := range append(preds, r.Conds...) {
		if err := e.compile(p); err != nil {
			return nil, fmt.Errorf("rule %s: %w", r.Name, err)
		}
	}
	return e, nil
}

// Pred prepares a single predicate.
func Pred(p ir.Pred) (*Rule, error) { return New(&ir.Rule{Where: p}) }

func (r *Rule) compile(p ir.Pred) error {
	var failed error
	ir.Walk(p, func(p ir.Pred) bool {
		if failed != nil {
			return false
		}
		switch p := p.(type) {
		case *ir.Cmp:
			r.matchers[p], failed = ir.Matcher(p.Op, p.Cased, p.R)
		case *ir.Keyword:
			r.matchers[p], failed = p.Matcher()
		case *ir.And, *ir.Or, *ir.Not, *ir.Const, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant:
		}
		return failed == nil
	})
	return failed
}

// Match reports whether an event is a finding of the rule: it is of one of the rule's classes and sources, and the
// condition for its binding is true.
func (r *Rule) Match(e *schema.Event) bool {
	return r.Takes(e.Class, e.Source) && r.Holds(r.Condition(e.Binding), e)
}

// Holds reports whether one of the rule's predicates is true on an event.
func (r *Rule) Holds(p ir.Pred, e *schema.Event) bool { return r.holds(p, scope{event: e}) }

// scope is what a predicate reads: the event and the elements of the enclosing quantifiers.
type scope struct {
	event *schema.Event
	outer *scope
	name  string
	elem  element
}

// element is a value or an object.
type element struct {
	value  schema.Value
	object map[string]any
}

func (s *scope) lookup(name string) element {
	for s != nil {
		if s.name == name {
			return s.elem
		}
		s = s.outer
	}
	return element{}
}

func (r *Rule) holds(p ir.Pred, s scope) bool {
	switch p := p.(type) {
	case *ir.And:
		for _, x := range p.Xs {
			if !r.holds(x, s) {
				return false
			}
		}
		return true
	case *ir.Or:
		for _, x := range p.Xs {
			if r.holds(x, s) {
				return true
			}
		}
		return false
	case *ir.Not:
		return !r.holds(p.X, s)
	case *ir.Const:
		return p.Value
	case *ir.Cmp:
		return r.compare(p, s)
	case *ir.Rel:
		return relate(p, s)
	case *ir.Exists:
		return len(values(p.F, s)) > 0
	case *ir.Empty:
		for _, v := range values(p.F, s) {
			if !v.Type().IsString() || v.Str() != "" {
				return false
			}
		}
		return true
	case *ir.Quant:
		return r.quantify(p, s)
	case *ir.Keyword:
		return r.keyword(p, s.event)
	}
	panic(fmt.Sprintf("eval: unknown predicate %T", p))
}

func (r *Rule) keyword(p *ir.Keyword, e *schema.Event) bool {
	match, found := r.matchers[p], false
	e.AllStrings(func(s string) { found = found || match(schema.String(s)) })
	return found
}

func (r *Rule) quantify(p *ir.Quant, s scope) bool {
	elems := elements(p, s)
	for _, e := range elems {
		inner := scope{event: s.event, outer: &s, name: p.Var, elem: e}
		if r.holds(p.Body, inner) == (p.Kind == ir.Any) {
			return p.Kind == ir.Any
		}
	}
	return p.Kind == ir.All && len(elems) > 0
}

// elements returns what a quantifier ranges over: objects when the body reads sub-fields, values otherwise.
func elements(p *ir.Quant, s scope) []element {
	var out []element
	if ir.ReadsSubfields(p.Body, p.Var) {
		for _, o := range objects(p.Over, s.event) {
			out = append(out, element{object: o})
		}
		return out
	}
	for _, v := range values(p.Over, s) {
		out = append(out, element{value: v})
	}
	return out
}

func objects(f *ir.Field, e *schema.Event) []map[string]any {
	if f.Native != nil {
		return f.Native.Objects(e.Object)
	}
	return e.Objects(f.Name)
}
