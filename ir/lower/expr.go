package lower

import (
	"fmt"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// variable is a quantifier variable in force.
type variable struct {
	name string
	// prefix is the path of an array of objects, "" when the elements are values of type typ.
	prefix string
	typ    schema.Type
}

// pred lowers a predicate; nil means that a fault was reported.
func (b *builder) pred(x grammar.Expr) ir.Pred {
	switch x := x.(type) {
	case *grammar.Paren:
		return b.pred(x.X)
	case *grammar.Binary:
		return b.junction(x)
	case *grammar.Unary:
		if x.Op == "not" {
			if p := b.pred(x.X); p != nil {
				return &ir.Not{X: p, Span: x.Span}
			}
			return nil
		}
	case *grammar.Compare:
		return b.compare(x)
	case *grammar.Presence:
		return b.presence(x)
	case *grammar.Keyword:
		return b.keyword(x)
	case *grammar.Quant:
		return b.quant(x)
	case *grammar.Bool:
		return &ir.Const{Value: x.Value, Span: x.Span}
	case *grammar.PathExpr:
		return b.named(x)
	case *grammar.Call:
		b.faultLabel(diag.NotPredicate, x.Span, fmt.Sprintf("`%s(…)` is a value, not a condition", x.Func.Text), "compared with nothing", "compare it, such as `length(f) >= 3`")
		return nil
	case *grammar.VarRef, *grammar.String, *grammar.Number, *grammar.Null, *grammar.Duration, *grammar.List, *grammar.Object:
	}
	b.faultLabel(diag.NotPredicate, x.Pos(), "a condition is expected here", "a value, not a condition", `compare a field with it, such as process.name == "net.exe"`)
	return nil
}

func (b *builder) keyword(x *grammar.Keyword) ir.Pred {
	k := &ir.Keyword{Op: ir.Contains, Cased: x.Cased, Text: x.Text.Value, Span: x.Span}
	if x.Op != "" {
		op, ok := ir.LookupOp(x.Op)
		if !ok {
			panic("lower: the grammar gave the operator " + x.Op)
		}
		k.Op = op
	}
	switch {
	case k.Text == "":
		b.fault(diag.BadLiteral, x.Text.Span, "the text to look for is empty", "every event contains it; take the condition out")
		return nil
	case k.Cased && !k.Op.Info().Folds:
		b.fault(diag.TypeMismatch, x.Span, fmt.Sprintf("`%s` heeds case by itself", x.Op), "leave `cased` out")
		return nil
	case !b.checkLiteral(x.Text.Span, k.Op, schema.String(k.Text)):
		return nil
	}
	return k
}

func (b *builder) junction(x *grammar.Binary) ir.Pred {
	if x.Op != "and" && x.Op != "or" {
		b.faultLabel(diag.NotPredicate, x.Span, "a calculation is a value, not a condition", "compared with nothing", "compare it, such as `a - b > 5`")
		return nil
	}
	l, r := b.pred(x.X), b.pred(x.Y)
	if l == nil || r == nil {
		return nil
	}
	if x.Op == "and" {
		return &ir.And{Xs: append(conjuncts(l), conjuncts(r)...), Span: x.Span}
	}
	return &ir.Or{Xs: append(disjuncts(l), disjuncts(r)...), Span: x.Span}
}

func conjuncts(p ir.Pred) []ir.Pred {
	if and, ok := p.(*ir.And); ok {
		return and.Xs
	}
	return []ir.Pred{p}
}

func disjuncts(p ir.Pred) []ir.Pred {
	if or, ok := p.(*ir.Or); ok {
		return or.Xs
	}
	return []ir.Pred{p}
}

// named lowers a bare path in the place of a condition: a definition's name, or a boolean field that lacks `== true`.
func (b *builder) named(x *grammar.PathExpr) ir.Pred {
	name := strings.Join(x.Path.Segments, ".")
	if d, ok := b.scope.def(name); ok && len(x.Path.Segments) == 1 {
		return b.expand(x, d)
	}
	if f, ok := b.lookup(name); ok {
		help := fmt.Sprintf("say what about it: `exists %s`, or a comparison", name)
		if f.Type == schema.Boolean {
			help = fmt.Sprintf("write `%s == true`", name)
		}
		b.faultLabel(diag.NotPredicate, x.Span, fmt.Sprintf("`%s` is a field, not a condition", name), "compared with nothing", help)
		return nil
	}
	help := "a definition is written `def name = <condition>`"
	if near, ok := diag.Nearest(name, b.scope.names()); ok {
		help = fmt.Sprintf("a definition with a similar name exists: `%s`", near)
	}
	b.faultLabel(diag.UnknownName, x.Span, fmt.Sprintf("there is no definition `%s`", name), "not defined", help)
	return nil
}

// maxExpansion bounds definitions inside definitions, which could otherwise double at each level.
const maxExpansion = 10_000

func (b *builder) expand(x *grammar.PathExpr, d *grammar.Def) ir.Pred {
	next := defLink(d, x.Span)
	if c := circle(b.open, next); c != nil {
		dg := diag.New(diag.DefCycle, c[0].from, fmt.Sprintf("the definition of `%s` uses itself: %s", c[0].name, chainText(c)), "write one of the definitions without the others")
		dg.Related = []diag.Label{{Span: c[0].at, Text: "defined here"}}
		b.diags = append(b.diags, dg)
		return nil
	}
	if b.expanded++; b.expanded > maxExpansion {
		b.fault(diag.DefCycle, x.Span, "the definitions unfold to more than 10,000 uses", "write fewer definitions that use definitions")
		return nil
	}
	b.used[d] = true
	vars := b.vars
	b.open, b.vars = append(b.open, next), nil
	p := b.pred(d.Body)
	b.open, b.vars = b.open[:len(b.open)-1], vars
	return p
}

func (b *builder) presence(x *grammar.Presence) ir.Pred {
	f := b.field(x.X.Path)
	if f == nil {
		return nil
	}
	if x.Op == "exists" {
		return &ir.Exists{F: f, Span: x.Span}
	}
	return &ir.Empty{F: f, Span: x.Span}
}

func (b *builder) quant(x *grammar.Quant) ir.Pred {
	name := strings.Join(x.Over.Segments, ".")
	if len(b.vars) > 0 {
		b.fault(diag.BadQuantifier, x.Span, "a quantifier stands inside another", "ask about one array at a time")
		return nil
	}
	if _, ok := b.lookup(x.Var.Text); ok {
		b.fault(diag.BadQuantifier, x.Var.Span, fmt.Sprintf("`%s` is a field and cannot name the element", x.Var.Text), "choose another name")
		return nil
	}
	v := variable{name: x.Var.Text}
	over := &ir.Field{Name: name, Type: schema.Keyword, Array: true, Span: x.Over.Span}
	if f, ok := b.lookup(name); ok {
		if !f.Array {
			b.faultLabel(diag.BadQuantifier, x.Over.Span, fmt.Sprintf("`%s` holds one value", name), "not an array", fmt.Sprintf("compare it directly: `%s == …`", name))
			return nil
		}
		over.Type, v.typ = f.Type, f.Type
	} else if b.hasFieldsUnder(name) {
		v.prefix = name
	} else {
		b.unknownField(x.Over, name, "keyword[]")
		return nil
	}
	b.vars = append(b.vars, v)
	body := b.pred(x.Body)
	b.vars = b.vars[:len(b.vars)-1]
	if body == nil {
		return nil
	}
	switch x.Kind {
	case "all":
		return &ir.Quant{Kind: ir.All, Var: v.name, Over: over, Body: body, Span: x.Span}
	case "none":
		return &ir.Not{X: &ir.Quant{Kind: ir.Any, Var: v.name, Over: over, Body: body, Span: x.Span}, Span: x.Span}
	}
	return &ir.Quant{Kind: ir.Any, Var: v.name, Over: over, Body: body, Span: x.Span}
}

// field resolves a path to a field of the catalogue; nil means that a fault was reported.
func (b *builder) field(p *grammar.Path) *ir.Field {
	name := strings.Join(p.Segments, ".")
	if typ, ok := b.shown[name]; ok {
		return &ir.Field{Name: name, Type: typ, Span: p.Span}
	}
	if b.steps != nil {
		if f, done := b.stepField(p); done {
			return f
		}
	}
	f, ok := b.lookup(name)
	if !ok {
		b.unknownField(p, name, "keyword")
		return nil
	}
	return &ir.Field{Name: f.Name, Type: f.Type, Array: f.Array, Span: p.Span}
}

// unknownField reports a field that neither the catalogue nor the rule has; typ is the type that a declaration might give it.
func (b *builder) unknownField(p *grammar.Path, name, typ string) {
	help := "`onerule fields` lists the catalogue; one that only your events have is declared: `field " + grammar.FormatPath(p.Segments) + ": " + typ + "`"
	if near, ok := schema.NearestField(name); ok {
		help = fmt.Sprintf("a field with a similar name exists: `%s`", near)
	}
	var vars []string
	for _, v := range b.vars {
		vars = append(vars, v.name)
	}
	if near, ok := diag.Nearest(p.Segments[0], vars); ok {
		help = fmt.Sprintf("an element with a similar name is looked at here: `%s`", near)
	}
	b.faultLabel(diag.UnknownField, p.Span, fmt.Sprintf("there is no field `%s`", name), "not in the catalogue", help)
}

// path resolves a path in the place of a value: a quantifier variable or a field.
func (b *builder) path(x *grammar.PathExpr) ir.Term {
	segs := x.Path.Segments
	for _, v := range b.vars {
		if segs[0] != v.name {
			continue
		}
		sub := strings.Join(segs[1:], ".")
		switch {
		case v.prefix == "" && sub == "":
			return &ir.Elem{Var: v.name, Type: v.typ}
		case v.prefix == "":
			b.fault(diag.UnknownField, x.Span, fmt.Sprintf("`%s` is a value and has no field `%s`", v.name, sub), fmt.Sprintf("write `%s` alone", v.name))
			return nil
		case sub == "":
			b.fault(diag.TypeMismatch, x.Span, fmt.Sprintf("`%s` is an object", v.name), fmt.Sprintf("name one of its fields: `%s.name`, say", v.name))
			return nil
		}
		f, ok := b.lookup(v.prefix + "." + sub)
		if !ok {
			b.unknownField(x.Path, v.prefix+"."+sub, "keyword")
			return nil
		}
		return &ir.Elem{Var: v.name, Sub: sub, Type: f.Type}
	}
	if f := b.field(x.Path); f != nil {
		return f
	}
	return nil
}
