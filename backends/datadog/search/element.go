package search

import (
	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// asked says of the field what `any` says of one element: each comparison is asked of all elements, which is wider, and a
// negated one is left out, which is wider too. ok is false when the body compares anything but the element.
func asked(q *ir.Quant) (p ir.Pred, ok bool) {
	p, ok = outside(backends.PushNot(q.Body), q)
	if _, constant := p.(*ir.Const); ok && constant {
		if ir.ReadsSubfields(q.Body, q.Var) {
			return nil, false
		}
		return &ir.Exists{F: q.Over, Span: q.Span}, true // an element that satisfies anything is an element
	}
	return p, ok
}

func outside(body ir.Pred, q *ir.Quant) (p ir.Pred, ok bool) {
	switch b := body.(type) {
	case *ir.And:
		var out []ir.Pred
		for _, x := range b.Xs {
			p, ok := outside(x, q)
			if !ok {
				return nil, false
			}
			if c, constant := p.(*ir.Const); !constant || !c.Value {
				out = append(out, p)
			}
		}
		if len(out) == 0 {
			return &ir.Const{Value: true}, true
		}
		return &ir.And{Xs: out}, true
	case *ir.Or:
		out := &ir.Or{}
		for _, x := range b.Xs {
			p, ok := outside(x, q)
			if !ok {
				return nil, false
			}
			if c, constant := p.(*ir.Const); constant && c.Value {
				return p, true
			}
			out.Xs = append(out.Xs, p)
		}
		return out, true
	case *ir.Const:
		return b, true
	case *ir.Not, *ir.Cmp:
		c, sub, negated, ok := backends.ElementTest(body, q.Var)
		if !ok {
			return nil, false
		}
		if negated {
			return &ir.Const{Value: true}, true
		}
		return backends.Of(c, elementField(c, sub, q)), true
	case *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return nil, false
}

// elementField is the field that holds the elements of an array, or a value inside them.
func elementField(c *ir.Cmp, sub string, q *ir.Quant) *ir.Field {
	if sub == "" {
		return q.Over
	}
	f := schema.NativeField{Path: q.Over.Name + "." + sub, Type: ir.TermType(c.L), Array: true}
	return &ir.Field{Name: f.Path, Type: f.Type, Array: true, Native: &f, Span: q.Over.Span}
}

// literalElement takes the body of `any` apart when one of its conditions is equality with literals in one spelling: the
// element is then one of those literals on which the other conditions hold. It returns nil when that is not so.
func literalElement(q *ir.Quant) ir.Pred {
	and, ok := backends.PushNot(q.Body).(*ir.And)
	if !ok || !q.Over.Type.IsString() {
		return nil
	}
	var equal *ir.Cmp
	for _, x := range and.Xs {
		c, sub, negated, ok := backends.ElementTest(x, q.Var)
		if !ok || sub != "" {
			return nil
		}
		if c.Op == ir.Eq && !negated && (c.Cased || !hasCase(c.R)) {
			equal = c
		}
	}
	if equal == nil {
		return nil
	}
	out := &ir.Cmp{Op: ir.Eq, Cased: true, L: q.Over, Span: q.Span}
	for _, v := range equal.R {
		if holdsAll(and.Xs, q.Var, v) {
			out.R = append(out.R, v)
		}
	}
	if len(out.R) == 0 {
		return &ir.Const{Span: q.Span}
	}
	return out
}

func hasCase(vs []schema.Value) bool {
	for _, v := range vs {
		if pattern.HasCase(v.Str()) {
			return true
		}
	}
	return false
}

// holdsAll reports whether every condition holds on a value.
func holdsAll(xs []ir.Pred, name string, v schema.Value) bool {
	for _, x := range xs {
		c, _, negated, _ := backends.ElementTest(x, name)
		match, err := ir.Matcher(c.Op, c.Cased, c.R)
		if err != nil || match(v) == negated {
			return false
		}
	}
	return true
}

// noneOf says `all` as "there is an element, and none fits any of these" when every condition of the body is negated.
func noneOf(q *ir.Quant) (ir.Pred, bool) {
	body := backends.PushNot(q.Body)
	xs := []ir.Pred{body}
	if and, ok := body.(*ir.And); ok {
		xs = and.Xs
	}
	out := &ir.And{Xs: []ir.Pred{&ir.Exists{F: q.Over, Span: q.Span}}, Span: q.Span}
	for _, x := range xs {
		c, sub, negated, ok := backends.ElementTest(x, q.Var)
		if !ok || !negated || sub != "" {
			return nil, false
		}
		out.Xs = append(out.Xs, &ir.Not{X: backends.Of(c, q.Over), Span: q.Span})
	}
	return out, true
}
