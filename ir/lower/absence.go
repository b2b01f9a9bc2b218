package lower

import (
	"fmt"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// expect lowers expect, with its window.
func (b *builder) expect(x *grammar.Expect) {
	body := &ir.Absence{Min: x.Min, Grace: span(x.Grace), Span: x.Span}
	if x.Grace != nil && x.Grace.Value != 0 {
		b.positive(x.Grace)
	}
	switch w := b.body.window; {
	case w == nil:
		b.fault(diag.ClauseMissing, x.Span, "`expect` does not say in which time the events are expected", "add `tumbling 1h`, say")
	case w.Kind != grammar.Tumbling:
		b.fault(diag.BadWindow, w.Span, fmt.Sprintf("events are expected in windows that follow each other, not in `%s`", w.Kind), "write `tumbling 1h`, say")
	default:
		body.Window = b.window(w).Size
	}
	keys := b.keys([]grammar.Expr{x.Per})
	if len(keys) == 0 {
		return
	}
	body.Key = keys[0]
	body.Expected = b.expected(x.In, b.out.Keys[body.Key])
	b.out.Body = body
	if e := b.body.emit; e != nil && len(e.Per) > 0 && !sameKeys(b.keys(e.Per), keys) {
		b.fault(diag.ClauseConflict, e.Per[0].Pos(), "`emit per` differs from the key of `expect`", "leave `per` out")
	}
}

// expected returns the values of a list as values of a key.
func (b *builder) expected(v *grammar.VarRef, k ir.Key) []schema.Value {
	for s := b.scope; s != nil; s = s.outer {
		if p, ok := s.params[v.Name]; ok && p.ok && p.list == nil {
			b.fault(diag.BadList, v.Span, fmt.Sprintf("`$%s` is one value, and a list is expected here", v.Name), "declare `list "+v.Name+" from \"FILE.csv\"`, or a parameter of the type list")
			return nil
		}
	}
	before := len(b.diags)
	vals := b.variable(v, ir.TermType(k.Term))
	for i := before; i < len(b.diags); i++ {
		if b.diags[i].Code == diag.BadList {
			b.diags[i].Help = []string{"nothing is expected of nobody: fill it"}
		}
	}
	if vals == nil {
		b.spoiled = true
		return nil
	}
	out := ir.ExpectedOf(k, vals)
	if len(out) == 0 {
		b.fault(diag.BadList, v.Span, fmt.Sprintf("the list `%s` holds empty texts only", v.Name), "an event with an empty key is of no group: fill the list")
	}
	return out
}
