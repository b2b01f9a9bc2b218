package pass

import (
	"fmt"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
)

// quant binds a quantifier that Normalize left standing: a compound body, `all`, or elements that are objects.
func (b *binder) quant(p *ir.Quant) ir.Pred {
	if b.element != nil {
		return b.fail(diag.NoNativeForm, p.Span, "a quantifier inside a quantifier has no native form", "write an `alt` for this binding")
	}
	if ir.ReadsSubfields(p.Body, p.Var) {
		native, ok := b.class.ElementField(p.Over.Name)
		if !ok {
			return b.fail(diag.NoNativeForm, p.Span, fmt.Sprintf("%s does not keep the elements of `%s` together", b.binding.Name, p.Over.Name),
				"its events flatten the objects, so that values of different elements cannot be told apart; compare the fields by themselves if that is enough")
		}
		b.element = &boundElement{name: p.Var, prefix: p.Over.Name, native: native.Path}
		over := NativeField(native, p.Over.Span)
		body := b.pred(p.Body)
		b.element = nil
		return &ir.Quant{Kind: p.Kind, Var: p.Var, Over: over, Body: body, Span: p.Span}
	}
	m := b.mapping(p.Over)
	if m == nil {
		return &ir.Const{Span: p.Span}
	}
	if m.Const != "" || len(m.Values) > 0 || m.Derive != "" || len(m.Rest) > 0 {
		return b.fail(diag.NoNativeForm, p.Span, fmt.Sprintf("`%s` is computed from `%s` on %s; several conditions on one of its values cannot be said there", p.Over.Name, m.Native.Path, b.binding.Name),
			"ask each condition by itself if that is enough, or write an `alt` for this binding")
	}
	b.element = &boundElement{name: p.Var, typ: m.Native.Type}
	body := b.pred(p.Body)
	b.element = nil
	return &ir.Quant{Kind: p.Kind, Var: p.Var, Over: NativeField(m.Native, p.Over.Span), Body: body, Span: p.Span}
}

// elem binds an element; a sub-field of an object element goes through the mapping of its full canonical path.
func (b *binder) elem(t *ir.Elem, span diag.Span) ir.Term {
	if t.Sub == "" {
		return &ir.Elem{Var: t.Var, Type: b.element.typ}
	}
	full := b.element.prefix + "." + t.Sub
	m, ok := b.class.Mapping(full)
	sub, under := "", false
	if ok {
		sub, under = strings.CutPrefix(m.Native.Path, b.element.native+".")
	}
	if !ok || !under || m.Derive != "" || len(m.Values) > 0 || m.Const != "" {
		b.fail(diag.NoField, span, fmt.Sprintf("`%s` is not supplied by the elements of `%s` in %s", full, b.element.native, b.binding.Name), "write an `alt` for this binding")
		return nil
	}
	return &ir.Elem{Var: t.Var, Sub: sub, Type: m.Native.Type}
}
