package pass

import (
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// Normalize folds constants and comparisons of them, flattens and/or, turns `any x in f: x OP v` into `f OP v`, splits `any` over `or`, and turns
// globs and expressions that fit every text into Exists. A single-member and/or becomes its member.
func Normalize(p ir.Pred) ir.Pred {
	switch p := p.(type) {
	case *ir.And:
		xs, decided := flatten(p.Xs, true)
		switch {
		case decided:
			return &ir.Const{Value: false, Span: p.Span}
		case len(xs) == 0:
			return &ir.Const{Value: true, Span: p.Span}
		case len(xs) == 1:
			return xs[0]
		}
		return &ir.And{Xs: xs, Span: p.Span}
	case *ir.Or:
		xs, decided := flatten(p.Xs, false)
		switch {
		case decided:
			return &ir.Const{Value: true, Span: p.Span}
		case len(xs) == 0:
			return &ir.Const{Value: false, Span: p.Span}
		case len(xs) == 1:
			return xs[0]
		}
		return &ir.Or{Xs: xs, Span: p.Span}
	case *ir.Not:
		x := Normalize(p.X)
		switch x := x.(type) {
		case *ir.Const:
			return &ir.Const{Value: !x.Value, Span: p.Span}
		case *ir.Not:
			return x.X
		case *ir.And, *ir.Or, *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
		}
		return &ir.Not{X: x, Span: p.Span}
	case *ir.Quant:
		return normalizeQuant(p)
	case *ir.Cmp:
		return normalizeCmp(p)
	case *ir.Const, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Keyword:
	}
	return p
}

// flatten normalizes members, lifts nested members of the same kind and drops neutral constants; decided means that a
// constant settles the whole.
func flatten(in []ir.Pred, and bool) (out []ir.Pred, decided bool) {
	for _, x := range in {
		x = Normalize(x)
		switch n := x.(type) {
		case *ir.Const:
			if n.Value != and {
				return nil, true
			}
			continue
		case *ir.And:
			if and {
				out = append(out, n.Xs...)
				continue
			}
		case *ir.Or:
			if !and {
				out = append(out, n.Xs...)
				continue
			}
		case *ir.Not, *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
		}
		out = append(out, x)
	}
	return out, false
}

func normalizeCmp(p *ir.Cmp) ir.Pred {
	if lit, ok := p.L.(*ir.Lit); ok { // a parameter that switches a part of the condition on or off
		if holds, err := ir.Matcher(p.Op, p.Cased, p.R); err == nil {
			return &ir.Const{Value: holds(lit.Value), Span: p.Span}
		}
	}
	f, ok := p.L.(*ir.Field)
	if !ok || p.Op != ir.Like {
		return p
	}
	for _, v := range p.R {
		if g := pattern.ParseGlob(v.Str()); len(g) == 1 && g[0].Kind == pattern.Star {
			return &ir.Exists{F: f, Span: p.Span}
		}
	}
	return simplifyGlobs(p)
}

// simplifyGlobs turns globs of one shape that have an operator of their own into that operator: `x*`, `*x`, `*x*`, `x`.
func simplifyGlobs(p *ir.Cmp) ir.Pred {
	byOp := map[ir.Op][]schema.Value{}
	order := []ir.Op{}
	for _, v := range p.R {
		op, text := globOp(pattern.ParseGlob(v.Str()), v.Str())
		if byOp[op] == nil {
			order = append(order, op)
		}
		byOp[op] = append(byOp[op], schema.String(text))
	}
	xs := make([]ir.Pred, len(order))
	for i, op := range order {
		xs[i] = &ir.Cmp{Op: op, Cased: p.Cased, L: p.L, R: byOp[op], Span: p.Span}
	}
	if len(xs) == 1 {
		return xs[0]
	}
	return &ir.Or{Xs: xs, Span: p.Span}
}

func globOp(g pattern.Glob, text string) (ir.Op, string) {
	isStar := func(i int) bool { return g[i].Kind == pattern.Star }
	isText := func(i int) bool { return g[i].Kind == pattern.Literal }
	switch {
	case len(g) == 0:
		return ir.Eq, ""
	case len(g) == 1 && isText(0):
		return ir.Eq, g[0].Text
	case len(g) == 2 && isText(0) && isStar(1):
		return ir.StartsWith, g[0].Text
	case len(g) == 2 && isStar(0) && isText(1):
		return ir.EndsWith, g[1].Text
	case len(g) == 3 && isStar(0) && isText(1) && isStar(2):
		return ir.Contains, g[1].Text
	}
	return ir.Like, text
}

func normalizeQuant(p *ir.Quant) ir.Pred {
	body := Normalize(p.Body)
	if c, ok := body.(*ir.Const); ok {
		if c.Value { // both quantifiers then ask for an element
			return &ir.Exists{F: p.Over, Span: p.Span}
		}
		return &ir.Const{Value: false, Span: p.Span}
	}
	if p.Kind == ir.All {
		return &ir.Quant{Kind: ir.All, Var: p.Var, Over: p.Over, Body: body, Span: p.Span}
	}
	if or, ok := body.(*ir.Or); ok {
		xs := make([]ir.Pred, len(or.Xs))
		for i, x := range or.Xs {
			xs[i] = normalizeQuant(&ir.Quant{Kind: ir.Any, Var: p.Var, Over: p.Over, Body: x, Span: p.Span})
		}
		return Normalize(&ir.Or{Xs: xs, Span: p.Span})
	}
	if c, ok := body.(*ir.Cmp); ok {
		if e, ok := c.L.(*ir.Elem); ok && e.Var == p.Var && e.Sub == "" {
			return normalizeCmp(&ir.Cmp{Op: c.Op, Cased: c.Cased, L: p.Over, R: c.R, Span: p.Span})
		}
	}
	if r, ok := body.(*ir.Rel); ok {
		if e, ok := r.L.(*ir.Elem); ok && e.Var == p.Var && e.Sub == "" && plainField(r.R) {
			return &ir.Rel{Op: r.Op, Cased: r.Cased, L: p.Over, R: r.R, Span: p.Span}
		}
	}
	return &ir.Quant{Kind: ir.Any, Var: p.Var, Over: p.Over, Body: body, Span: p.Span}
}

func plainField(t ir.Term) bool {
	_, ok := t.(*ir.Field)
	return ok
}
