package pass

import (
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
)

// maxSpelled is how many conditions searches for words in any field may become.
const maxSpelled = 10_000

// spelled is the number of conditions that the searches for words of a predicate become, and the place of the first one.
func (b *binder) spelled(p ir.Pred) (n int, at diag.Span) {
	words := 0
	ir.Walk(p, func(p ir.Pred) bool {
		if k, ok := p.(*ir.Keyword); ok {
			if words++; words == 1 {
				at = k.Span
			}
		}
		return true
	})
	if words == 0 {
		return 0, at
	}
	fields := 0
	for i := range b.class.Mappings {
		if b.class.Mappings[i].Field.Type.IsString() {
			fields++
		}
	}
	return words * fields, at
}

// keyword asks "some string of the event" over the fields that the binding supplies.
func (b *binder) keyword(p *ir.Keyword) ir.Pred {
	b.assumptions = append(b.assumptions, "catalogue")
	or := &ir.Or{Span: p.Span}
	for i := range b.class.Mappings {
		m := &b.class.Mappings[i]
		if m.Field.Type.IsString() {
			f := &ir.Field{Name: m.Field.Name, Type: m.Field.Type, Array: m.Field.Array, Span: p.Span}
			or.Xs = append(or.Xs, b.cmp(p.On(f)))
		}
	}
	return or
}
