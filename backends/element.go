package backends

import (
	"fmt"
	"slices"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// PushNot returns the body of a quantifier with `not` before its leaves only: the passes leave bodies as they were written.
func PushNot(body ir.Pred) ir.Pred { return pushNot(body, false) }

func pushNot(body ir.Pred, negate bool) ir.Pred {
	switch p := body.(type) {
	case *ir.Not:
		return pushNot(p.X, !negate)
	case *ir.And:
		return junction(p.Xs, negate, negate)
	case *ir.Or:
		return junction(p.Xs, negate, !negate)
	case *ir.Const:
		return &ir.Const{Value: p.Value != negate, Span: p.Span}
	case *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	if negate {
		return &ir.Not{X: body, Span: body.Pos()}
	}
	return body
}

func junction(xs []ir.Pred, negate, or bool) ir.Pred {
	out := make([]ir.Pred, len(xs))
	for i, x := range xs {
		out[i] = pushNot(x, negate)
	}
	if or {
		return &ir.Or{Xs: out}
	}
	return &ir.And{Xs: out}
}

// ElementTest returns the comparison that a leaf of a quantifier's body makes with the element itself, or with the value at
// a path inside an object element, and whether `not` stands before it. ok is false for other leaves.
func ElementTest(leaf ir.Pred, name string) (c *ir.Cmp, sub string, negated, ok bool) {
	if n, is := leaf.(*ir.Not); is {
		leaf, negated = n.X, true
	}
	c, is := leaf.(*ir.Cmp)
	if !is {
		return nil, "", false, false
	}
	e, is := c.L.(*ir.Elem)
	if !is || e.Var != name {
		return nil, "", false, false
	}
	return c, e.Sub, negated, true
}

// Of returns the comparison with another left side.
func Of(c *ir.Cmp, l ir.Term) *ir.Cmp {
	return &ir.Cmp{Op: c.Op, Cased: c.Cased, L: l, R: c.R, Span: c.Span}
}

// JoinLevels returns the level of conditions that stand together under and/or: the worst, and a refusal when one is wider
// and another narrower.
func JoinLevels(levels ...Level) Level {
	out := Exactly()
	var assumptions []string
	for _, l := range levels {
		assumptions = append(assumptions, l.Assumptions...)
		switch {
		case l.Kind == Refuse:
			return l
		case out.Kind == Widen && l.Kind == Narrow, out.Kind == Narrow && l.Kind == Widen:
			return Refused(fmt.Sprintf("one condition would find more and another less (%s; %s)", out.Why, l.Why), "ask the conditions apart, or use another language")
		case l.Kind > out.Kind:
			out = l
		}
	}
	out.Assumptions = nil
	return out.With(assumptions...)
}

// OneElement returns what `any` over texts says of one element without the quantifier, for two kinds of bodies: one with
// equality with literals in one spelling among the conditions (the element is then a literal on which the others hold), and
// one that asks for a beginning and an end (the element is then a glob, or a text in which the two overlap). ok is false for others.
func OneElement(q *ir.Quant) (p ir.Pred, ok bool) {
	and, is := PushNot(q.Body).(*ir.And)
	if !is || !q.Over.Type.IsString() {
		return nil, false
	}
	var equal *ir.Cmp
	var positive []*ir.Cmp
	for _, x := range and.Xs {
		c, sub, negated, ok := ElementTest(x, q.Var)
		if !ok || sub != "" {
			return nil, false
		}
		if !negated {
			positive = append(positive, c)
		}
		if c.Op == ir.Eq && !negated && (c.Cased || !hasCase(c.R)) {
			equal = c
		}
	}
	switch {
	case equal != nil:
		return literalElement(q, and.Xs, equal.R), true
	case len(positive) == 2 && len(and.Xs) == 2:
		return endsOfElement(q, positive[0], positive[1])
	}
	return nil, false
}

func hasCase(vs []schema.Value) bool {
	return slices.ContainsFunc(vs, func(v schema.Value) bool { return pattern.HasCase(v.Str()) })
}

func literalElement(q *ir.Quant, tests []ir.Pred, literals []schema.Value) ir.Pred {
	out := &ir.Cmp{Op: ir.Eq, Cased: true, L: q.Over, Span: q.Span}
	for _, v := range literals {
		if !slices.ContainsFunc(tests, func(x ir.Pred) bool {
			c, _, negated, _ := ElementTest(x, q.Var)
			match, err := ir.Matcher(c.Op, c.Cased, c.R)
			return err != nil || match(v) == negated
		}) {
			out.R = append(out.R, v)
		}
	}
	if len(out.R) == 0 {
		return &ir.Const{Span: q.Span}
	}
	return out
}

func endsOfElement(q *ir.Quant, a, z *ir.Cmp) (ir.Pred, bool) {
	if a.Op == ir.EndsWith {
		a, z = z, a
	}
	if a.Op != ir.StartsWith || z.Op != ir.EndsWith || len(a.R) != 1 || len(z.R) != 1 || a.Cased != z.Cased {
		return nil, false
	}
	first, last := a.R[0].Str(), []rune(z.R[0].Str())
	glob := &ir.Cmp{Op: ir.Like, Cased: a.Cased, L: q.Over, Span: q.Span, R: []schema.Value{schema.String(pattern.QuoteGlob(first) + "*" + pattern.QuoteGlob(string(last)))}}
	overlaps := &ir.Cmp{Op: ir.Eq, Cased: a.Cased, L: q.Over, Span: q.Span}
	for k := 1; k <= len(last); k++ {
		if ir.Compare(ir.EndsWith, a.Cased, a.R[0], schema.String(string(last[:k]))) {
			overlaps.R = append(overlaps.R, schema.String(first+string(last[k:])))
		}
	}
	if len(overlaps.R) == 0 {
		return glob, true
	}
	return &ir.Or{Xs: []ir.Pred{glob, overlaps}, Span: q.Span}, true
}

// AskedOutside says of the field what `any` says of one element: each comparison is asked of all elements, which is wider,
// and a negated one is left out, which is wider too. ok is false when the body compares anything but the element, and when
// nothing is left to ask of an array of objects.
func AskedOutside(q *ir.Quant) (p ir.Pred, ok bool) {
	p, ok = outside(PushNot(q.Body), q)
	if c, constant := p.(*ir.Const); ok && constant && c.Value {
		return &ir.Exists{F: q.Over, Span: q.Span}, !ir.ReadsSubfields(q.Body, q.Var) // an element that satisfies anything is an element
	}
	return p, ok
}

func outside(body ir.Pred, q *ir.Quant) (p ir.Pred, ok bool) {
	switch b := body.(type) {
	case *ir.And:
		return outsideAll(b.Xs, q, true)
	case *ir.Or:
		return outsideAll(b.Xs, q, false)
	case *ir.Const:
		return b, true
	case *ir.Not, *ir.Cmp:
		c, sub, negated, ok := ElementTest(body, q.Var)
		if !ok {
			return nil, false
		}
		if negated {
			return &ir.Const{Value: true, Span: q.Span}, true
		}
		return Of(c, elementField(c, sub, q)), true
	case *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return nil, false
}

// outsideAll joins what the members say by and, or else by or; constants are folded.
func outsideAll(xs []ir.Pred, q *ir.Quant, and bool) (ir.Pred, bool) {
	var out []ir.Pred
	for _, x := range xs {
		p, ok := outside(x, q)
		if !ok {
			return nil, false
		}
		c, constant := p.(*ir.Const)
		switch {
		case constant && c.Value != and:
			return c, true
		case !constant:
			out = append(out, p)
		}
	}
	switch {
	case len(out) == 0:
		return &ir.Const{Value: and, Span: q.Span}, true
	case len(out) == 1:
		return out[0], true
	case and:
		return &ir.And{Xs: out, Span: q.Span}, true
	}
	return &ir.Or{Xs: out, Span: q.Span}, true
}

// elementField is the field that holds the elements of an array, or a value inside them.
func elementField(c *ir.Cmp, sub string, q *ir.Quant) *ir.Field {
	if sub == "" {
		return q.Over
	}
	f := schema.NativeField{Path: q.Over.Name + "." + sub, Type: ir.TermType(c.L), Array: true}
	return &ir.Field{Name: f.Path, Type: f.Type, Array: true, Native: &f, Span: q.Over.Span}
}

// NoneOf says `all` as "there is an element, and none fits any of these" when every condition of the body is negated.
func NoneOf(q *ir.Quant) (p ir.Pred, ok bool) {
	body := PushNot(q.Body)
	xs := []ir.Pred{body}
	if and, is := body.(*ir.And); is {
		xs = and.Xs
	}
	out := &ir.And{Xs: []ir.Pred{&ir.Exists{F: q.Over, Span: q.Span}}, Span: q.Span}
	for _, x := range xs {
		c, sub, negated, ok := ElementTest(x, q.Var)
		if !ok || !negated || sub != "" {
			return nil, false
		}
		out.Xs = append(out.Xs, &ir.Not{X: Of(c, q.Over), Span: q.Span})
	}
	return out, true
}
