package pass

import (
	"fmt"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// joined rewrites a comparison on text that a binding joins from two native fields: the text is that of the first, the
// separator and that of the second, or that of the one field the event has. A literal may lie in either field or across the separator.
func (b *binder) joined(m *schema.Mapping, p *ir.Cmp) ir.Pred {
	natives := m.Natives()
	if len(natives) != 2 || p.Op == ir.Like || p.Op == ir.Matches {
		return b.fail(diag.NoNativeForm, p.Span, fmt.Sprintf("`%s` is joined from several fields on %s; `%s` cannot be said there", m.Field.Name, b.binding.Name, p.Op),
			"use ==, contains, starts_with or ends_with, or write an `alt` for this binding")
	}
	j := joint{p: p, sep: m.Separator, a: NativeField(natives[0], p.Span), z: NativeField(natives[1], p.Span)}
	or := &ir.Or{Span: p.Span}
	for _, v := range p.R {
		or.Xs = append(or.Xs, j.literal(v.Str())...)
	}
	return or
}

type joint struct {
	p    *ir.Cmp
	sep  string
	a, z *ir.Field
}

// literal returns the alternatives under which the joined text compares with one literal.
func (j joint) literal(v string) []ir.Pred {
	alone := func(missing, f *ir.Field, op ir.Op) ir.Pred { // the event has only f
		return j.and(&ir.Not{X: &ir.Exists{F: missing, Span: j.p.Span}, Span: j.p.Span}, j.test(f, op, v))
	}
	var out []ir.Pred
	left, right := ir.Eq, ir.Eq // how the pieces of a literal across the separator compare
	switch j.p.Op {
	case ir.Contains:
		out = append(out, j.test(j.a, ir.Contains, v), j.test(j.z, ir.Contains, v))
		left, right = ir.EndsWith, ir.StartsWith
	case ir.StartsWith:
		out = append(out, j.test(j.a, ir.StartsWith, v), alone(j.a, j.z, ir.StartsWith))
		right = ir.StartsWith
	case ir.EndsWith:
		out = append(out, j.test(j.z, ir.EndsWith, v), alone(j.z, j.a, ir.EndsWith))
		left = ir.EndsWith
	case ir.Eq:
		out = append(out, alone(j.z, j.a, ir.Eq), alone(j.a, j.z, ir.Eq))
	case ir.Like, ir.Matches, ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
	}
	for from := 0; ; {
		i := strings.Index(v[from:], j.sep)
		if i < 0 || j.sep == "" {
			return out
		}
		i += from
		out = append(out, j.and(j.test(j.a, left, v[:i]), j.test(j.z, right, v[i+len(j.sep):])))
		from = i + 1
	}
}

func (j joint) and(x, y ir.Pred) ir.Pred { return &ir.And{Xs: []ir.Pred{x, y}, Span: j.p.Span} }

// test compares one field; a piece that is empty asks for the field alone, except for equality.
func (j joint) test(f *ir.Field, op ir.Op, v string) ir.Pred {
	if v == "" && op != ir.Eq {
		return &ir.Exists{F: f, Span: j.p.Span}
	}
	return respell(with(f, j.p, op, v), *f.Native)
}
