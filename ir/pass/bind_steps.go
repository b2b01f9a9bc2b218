package pass

import (
	"fmt"
	"slices"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// steps binds the columns of a sequence for events of one class. What no step of the class reads is not bound, since the
// telemetry need not have it: a condition is then false, a key the empty text, which is none, and an argument the empty text,
// which nothing reads.
func (b *binder) steps(s *ir.Sequence, part *ir.Part) {
	r := b.rule
	asked := make([][]*schema.BoundClass, len(r.Conds))
	for i := range r.Conds {
		asked[i] = b.asked(i)
	}
	keys, args := make([]*schema.BoundClass, len(r.Keys)), make([]*schema.BoundClass, len(r.Args))
	for i, st := range s.Steps {
		for _, c := range asked[st.Cond] {
			for _, k := range st.Keys {
				keys[k] = b.wider(keys[k], c)
			}
			for _, v := range r.StepValues() {
				if v.Step == i {
					args[v.Arg] = b.wider(args[v.Arg], c)
				}
			}
		}
	}
	for i, k := range r.Keys {
		part.Keys = append(part.Keys, ir.Key{Term: b.columnOf(keys[i], k.Term), Fold: k.Fold})
	}
	for i, t := range r.Args {
		part.Args = append(part.Args, b.columnOf(args[i], t))
	}
	for i, p := range r.Conds {
		part.Conds = append(part.Conds, b.condOf(asked[i], p))
	}
}

// asked returns the classes as whose events those of the part are asked a condition: the part's class itself, or those that
// it covers; none when the condition is about other classes.
func (b *binder) asked(cond int) []*schema.BoundClass {
	if b.rule.CondTakes(cond, b.class.Class, b.binding.Source) {
		return []*schema.BoundClass{b.class}
	}
	var out []*schema.BoundClass
	for _, c := range b.rule.CondFrom[cond] {
		if c.Source != b.binding.Source || !schema.Covers(c.Source, b.class.Class, c.Class) {
			continue
		}
		special, ok := b.binding.Class(c.Class)
		if !ok {
			b.diags = append(b.diags, diag.Diagnostic{
				Code: diag.NoTelemetry, Severity: diag.Error, Span: b.rule.Conds[cond].Pos(),
				Title: fmt.Sprintf("%s (%s) does not supply %s on %s", b.binding.Name, b.binding.Title, c.Class, c.Source),
				Help:  []string{"leave this target out, or choose a binding with --bind or in onerule.yaml; `onerule fields --source " + c.Source + "` lists what there is"},
			})
			continue
		}
		if !slices.Contains(out, special) {
			out = append(out, special)
		}
	}
	return out
}

// wider returns the class by which a column is bound that events of two classes share: that of the part, if one of them is it.
func (b *binder) wider(old, c *schema.BoundClass) *schema.BoundClass {
	if old == nil || c == b.class {
		return c
	}
	return old
}

// as runs f with the fields of another class.
func (b *binder) as(c *schema.BoundClass, f func()) {
	own := b.class
	b.class = c
	f()
	b.class = own
}

// columnOf binds a column by the fields of a class, nil when nothing reads it.
func (b *binder) columnOf(c *schema.BoundClass, t ir.Term) (out ir.Term) {
	if c == nil {
		return &ir.Lit{Value: schema.String("")}
	}
	b.as(c, func() { out = b.column(t) })
	return out
}

// condOf binds a condition that is asked of events of some classes.
func (b *binder) condOf(classes []*schema.BoundClass, p ir.Pred) ir.Pred {
	some := &ir.Or{Span: p.Pos()}
	for _, c := range classes {
		whole := c == b.class
		b.as(c, func() {
			x := b.pred(Canonical(p))
			if !whole {
				x = &ir.And{Xs: []ir.Pred{Selection(c), x}, Span: p.Pos()}
			}
			some.Xs = append(some.Xs, x)
		})
	}
	return Canonical(some)
}
