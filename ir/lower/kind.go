package lower

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// kindUse is a class or source that a condition names; whether the rule looks at it is known when all `from` are read.
type kindUse struct {
	field string
	text  *grammar.String
}

// kind lowers a comparison with the class or source of the event; ok is false when it is none.
func (b *builder) kind(x *grammar.Compare) (p ir.Pred, ok bool) {
	path, isPath := x.X.(*grammar.PathExpr)
	if !isPath || !schema.IsKind(strings.Join(path.Path.Segments, ".")) {
		return nil, false
	}
	name := path.Path.Segments[0]
	var texts []*grammar.String
	switch y := x.Y.(type) {
	case *grammar.String:
		texts = append(texts, y)
	case *grammar.List:
		for _, item := range y.Items {
			if s, isText := item.(*grammar.String); isText {
				texts = append(texts, s)
			}
		}
		if len(texts) < len(y.Items) {
			texts = nil
		}
	case *grammar.Binary, *grammar.Bool, *grammar.Call, *grammar.Compare, *grammar.Duration, *grammar.Keyword, *grammar.Null, *grammar.Number, *grammar.Object, *grammar.Paren, *grammar.PathExpr, *grammar.Presence, *grammar.Quant, *grammar.Unary, *grammar.VarRef:
	}
	switch {
	case b.steps != nil:
		b.fault(diag.ClauseConflict, x.Span, fmt.Sprintf("`%s` in a sequence: each step has its own `from`", name), "name the classes in the step's `from`")
		return nil, true
	case len(texts) == 0 || !slices.Contains([]string{"==", "!=", "in"}, x.Op):
		b.fault(diag.TypeMismatch, x.Span, fmt.Sprintf("`%s` is compared with names alone", name), fmt.Sprintf("write `%s == \"…\"`, or `%s in [ … ]`", name, name))
		return nil, true
	}
	c := &ir.Cmp{Op: ir.Eq, L: &ir.Field{Name: name, Type: schema.Keyword, Array: true, Span: path.Span}, Span: x.Span}
	for _, t := range texts {
		b.kinds = append(b.kinds, kindUse{name, t})
		c.R = append(c.R, schema.String(t.Value))
	}
	if (x.Op == "!=") != x.Negated {
		return &ir.Not{X: c, Span: x.Span}, true
	}
	return c, true
}

// checkKinds reports classes and sources that the rule does not look at: conditions with them would be decided beforehand.
func (b *builder) checkKinds() {
	for _, k := range b.kinds {
		var known []string
		for _, f := range b.out.From {
			name := f.Class
			if k.field == schema.SourceField {
				name = f.Source
			}
			if !slices.Contains(known, name) {
				known = append(known, name)
			}
		}
		if !slices.Contains(known, k.text.Value) {
			b.fault(diag.UnknownName, k.text.Span, fmt.Sprintf("the rule does not look at %q", k.text.Value), "its `from` has "+strings.Join(known, ", "))
		}
		for _, f := range b.out.From { // telemetry that has the one may not tell the other
			i := slices.IndexFunc(b.out.From, func(o ir.ClassOn) bool {
				return o != f && o.Source == f.Source && schema.Covers(f.Source, f.Class, o.Class)
			})
			if i >= 0 && k.field == schema.ClassField && (f.Class == k.text.Value || b.out.From[i].Class == k.text.Value) {
				b.fault(diag.ClauseConflict, k.text.Span, fmt.Sprintf("each event of `%s` is one of `%s` too", b.out.From[i].Class, f.Class), "leave one of the classes out of `from`")
				break
			}
		}
	}
}
