package pass

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// Bind puts a rule on native telemetry: for each class and source of the rule, the class's part of each chosen binding.
// A field that a binding cannot supply, and an expression that cannot be said about the native field, are diagnostics;
// then no part is returned, because dropping a part would change what the rule finds.
func Bind(r *ir.Rule, platform string, bindings []*schema.Binding) (*ir.Bound, diag.List) {
	out := &ir.Bound{Rule: r, Platform: platform}
	var diags diag.List
	declared := r.Declared()
	with := make([]*schema.Binding, len(bindings)) // one for all parts on it
	for i, b := range bindings {
		with[i] = b.With(declared)
	}
	for _, c := range r.From {
		found := false
		for i, b := range bindings {
			bc, ok := b.Class(c.Class)
			if b.Source != c.Source || !ok {
				continue
			}
			found = true
			if clashing, ok := bc.Clash(declared); ok {
				diags = append(diags, clash(r, clashing))
				continue
			}
			bc, _ = with[i].Class(c.Class)
			part, ds := bindPart(r, with[i], bc)
			diags = append(diags, ds...)
			out.Parts = append(out.Parts, part)
		}
		if !found {
			diags = append(diags, diag.Diagnostic{
				Code: diag.NoTelemetry, Severity: diag.Error, Span: r.Span,
				Title: fmt.Sprintf("no binding of %s supplies %s on %s", platform, c.Class, c.Source),
				Help:  []string{"leave this target out, or choose a binding with --bind or in onerule.yaml; `onerule fields --source " + c.Source + "` lists what there is"},
			})
		}
	}
	if diags.HasErrors() {
		return nil, diags
	}
	return out, diags
}

// clash reports that telemetry uses the name of a declared field for something else.
func clash(r *ir.Rule, c schema.Clash) diag.Diagnostic {
	d := diag.New(diag.NoNativeForm, r.Span, c.String(), fmt.Sprintf("write `%s` in the rule, choose another binding with --bind, or leave the target out", c.Canonical))
	for _, f := range r.Fields {
		if f.Name == c.Declared {
			d.Span = f.Span
		}
	}
	return d
}

func bindPart(r *ir.Rule, b *schema.Binding, c *schema.BoundClass) (ir.Part, diag.List) {
	bd := &binder{binding: b, class: c, rule: r}
	if n, at := bd.spelled(r.Condition(b.Name)); n > maxSpelled {
		bd.fail(diag.NoNativeForm, at, fmt.Sprintf("words are searched in each field that %s has, which makes %d conditions, more than the %d of the longest query that is written", b.Name, n, maxSpelled),
			"name the fields that hold the words, or divide the rule")
		return ir.Part{Binding: b, Class: c}, bd.diags
	}
	part := ir.Part{Binding: b, Class: c, Select: Selection(c), Where: Canonical(bd.pred(Canonical(bd.settle(r.Condition(b.Name)))))}
	if s, ok := r.Body.(*ir.Sequence); ok {
		bd.steps(s, &part)
	} else {
		bd.columns(&part)
	}
	if b.Mixed && schema.OnSeveralSystems(c.Class) {
		bd.assumptions = append(bd.assumptions, "one-system")
	}
	slices.Sort(bd.assumptions)
	part.Assumptions = slices.Compact(bd.assumptions)
	return part, bd.diags
}

// columns binds the columns of a rule whose events all have them.
func (b *binder) columns(part *ir.Part) {
	for _, k := range b.rule.Keys {
		part.Keys = append(part.Keys, ir.Key{Term: b.column(k.Term), Fold: k.Fold})
	}
	for _, t := range b.rule.Args {
		part.Args = append(part.Args, b.column(t))
	}
	for _, p := range b.rule.Conds {
		part.Conds = append(part.Conds, Canonical(b.pred(Canonical(b.settle(p)))))
	}
}

// column binds a term that events are grouped by or that is aggregated. After a diagnostic it is a literal.
func (b *binder) column(t ir.Term) ir.Term {
	if x := b.term(t, diag.Span{}); x != nil {
		return x
	}
	return &ir.Lit{Value: schema.String("")}
}

// Selection returns the selecting conditions of a class as a predicate on native fields.
func Selection(c *schema.BoundClass) ir.Pred {
	var xs []ir.Pred
	for _, cond := range c.Select {
		if cond.Missing {
			xs = append(xs, &ir.Not{X: &ir.Exists{F: NativeField(cond.Native, diag.Span{})}})
			continue
		}
		if cond.Mask != 0 {
			bits := &ir.Arith{Op: '&', X: NativeField(cond.Native, diag.Span{}), Y: &ir.Lit{Value: schema.Int(cond.Mask)}, Type: schema.Long}
			xs = append(xs, &ir.Cmp{Op: ir.Gt, L: bits, R: []schema.Value{schema.Int(0)}})
			continue
		}
		native := cond.Native
		if native.Type.IsString() && native.Spelling.Any() && !cond.Prefix {
			native.Spelling.Fixed = cond.Values // the vendor writes these constants in one way
		}
		cmp := &ir.Cmp{Op: ir.Eq, L: NativeField(native, diag.Span{})}
		if cond.Prefix {
			cmp.Op = ir.StartsWith
		}
		cmp.Cased = cond.Native.Type.IsString()
		for _, v := range cond.Values {
			if nv, ok := schema.FromText(cond.Native.Type, v); ok {
				cmp.R = append(cmp.R, nv)
			}
		}
		xs = append(xs, cmp)
	}
	return Normalize(&ir.And{Xs: xs})
}

// NativeField returns the term that reads a native field.
func NativeField(f schema.NativeField, span diag.Span) *ir.Field {
	return &ir.Field{Name: f.Path, Type: f.Type, Array: f.Array, Native: &f, Span: span}
}

type binder struct {
	rule        *ir.Rule
	binding     *schema.Binding
	class       *schema.BoundClass
	assumptions []string
	diags       diag.List
	// element is the mapped quantifier around the current node, nil outside.
	element *boundElement
}

type boundElement struct {
	name string
	// prefix is the canonical path of an array of objects, native the vendor's; both "" when elements are values.
	prefix, native string
	typ            schema.Type
}

func (b *binder) fail(code diag.Code, span diag.Span, title string, help ...string) ir.Pred {
	b.diags = append(b.diags, diag.New(code, span, title, help...))
	return &ir.Const{Span: span}
}

func (b *binder) pred(p ir.Pred) ir.Pred {
	switch p := p.(type) {
	case *ir.And:
		return &ir.And{Xs: b.preds(p.Xs), Span: p.Span}
	case *ir.Or:
		return &ir.Or{Xs: b.preds(p.Xs), Span: p.Span}
	case *ir.Not:
		return &ir.Not{X: b.pred(p.X), Span: p.Span}
	case *ir.Const:
		return p
	case *ir.Cmp:
		return b.cmp(p)
	case *ir.Rel:
		l, r := b.term(p.L, p.Span), b.term(p.R, p.Span)
		if l == nil || r == nil {
			return &ir.Const{Span: p.Span}
		}
		if p.Op.OfPart() {
			return b.part(&ir.Rel{Op: p.Op, Cased: p.Cased, L: l, R: r, Span: p.Span})
		}
		return &ir.Rel{Op: p.Op, Cased: p.Cased, L: l, R: r, Span: p.Span}
	case *ir.Exists:
		return b.exists(p)
	case *ir.Empty:
		return b.empty(p)
	case *ir.Quant:
		return b.quant(p)
	case *ir.Keyword:
		return b.keyword(p)
	}
	panic(fmt.Sprintf("bind: unknown predicate %T", p))
}

// part is a bound comparison of a text with a part of it; what the telemetry says by itself is a literal there.
func (b *binder) part(p *ir.Rel) ir.Pred {
	l, isL := p.L.(*ir.Lit)
	r, isR := p.R.(*ir.Lit)
	switch {
	case isL && isR:
		return &ir.Const{Value: ir.Compare(p.Op, p.Cased, l.Value, r.Value), Span: p.Span}
	case isR:
		return &ir.Cmp{Op: p.Op, Cased: p.Cased, L: p.L, R: []schema.Value{r.Value}, Span: p.Span}
	case isL:
		return b.fail(diag.NoNativeForm, p.Span, fmt.Sprintf("the left side is always `%s` on %s, and no field is looked for in a text that stands there", l.Value, b.binding.Name),
			"write an `alt` for this binding that compares the right side with the texts that fit")
	}
	return p
}

func (b *binder) preds(in []ir.Pred) []ir.Pred {
	xs := make([]ir.Pred, len(in))
	for i, x := range in {
		xs[i] = b.pred(x)
	}
	return xs
}

// mapping finds how a canonical field is supplied; a diagnostic names the field when it is not.
func (b *binder) mapping(f *ir.Field) *schema.Mapping {
	if f.Name == "@timestamp" {
		return &schema.Mapping{Field: schema.Field{Name: f.Name, Type: schema.Date}, Native: b.binding.Time}
	}
	m, ok := b.class.Mapping(f.Name)
	if !ok {
		d := diag.New(diag.NoField, f.Span, fmt.Sprintf("`%s` is not supplied by %s (%s)", f.Name, b.binding.Name, b.binding.Title),
			fmt.Sprintf("write `alt on %s { where … }` with fields that it has (`onerule fields --source %s`), choose another binding with --bind, or leave the target out", b.binding.Name, b.binding.Source))
		d.Label = "this telemetry lacks the field"
		if others := b.suppliers(f.Name); len(others) > 0 {
			d.Notes = append(d.Notes, "supplied by "+strings.Join(others, ", "))
		}
		b.diags = append(b.diags, d)
		return nil
	}
	if slices.ContainsFunc(b.rule.Fields, func(d ir.Declared) bool { return d.Name == f.Name }) {
		b.assumptions = append(b.assumptions, "declared")
	}
	return m
}

func (b *binder) suppliers(field string) []string {
	all, err := schema.Bindings(b.binding.Platform, b.binding.Source)
	if err != nil {
		return nil
	}
	var out []string
	for _, o := range all {
		if c, ok := o.Class(b.class.Class); ok && o.Name != b.binding.Name {
			if _, ok := c.Mapping(field); ok {
				out = append(out, o.Name)
			}
		}
	}
	return out
}

// term binds a term of a comparison between terms; nil means that a diagnostic was given.
func (b *binder) term(t ir.Term, span diag.Span) ir.Term {
	switch t := t.(type) {
	case *ir.Field:
		m := b.mapping(t)
		if m == nil {
			return nil
		}
		if m.Const != "" {
			if v, ok := schema.FromText(m.Field.Type, m.Const); ok {
				return &ir.Lit{Value: v}
			}
		}
		if m.Derive != "" || len(m.Values) > 0 || len(m.Rest) > 0 || !ir.Comparable(t.Type, m.Native.Type) {
			b.fail(diag.NoNativeForm, t.Span, fmt.Sprintf("`%s` is computed from `%s` on %s and cannot be a key, or be used in an aggregate, a calculation or a comparison of two fields there", t.Name, m.Native.Path, b.binding.Name),
				"use a field that the telemetry carries itself, or write an `alt` for this binding")
			return nil
		}
		return NativeField(m.Native, t.Span)
	case *ir.Elem:
		return b.elem(t, span)
	case *ir.Lit:
		return t
	case *ir.Arith:
		x, y := b.term(t.X, span), b.term(t.Y, span)
		if x == nil || y == nil {
			return nil
		}
		return &ir.Arith{Op: t.Op, X: x, Y: y, Type: t.Type}
	case *ir.Call:
		x := b.term(t.X, span)
		if x == nil {
			return nil
		}
		return &ir.Call{Func: t.Func, X: x}
	}
	return nil
}

func (b *binder) cmp(p *ir.Cmp) ir.Pred {
	f, ok := p.L.(*ir.Field)
	if !ok {
		l := b.term(p.L, p.Span)
		if l == nil {
			return &ir.Const{Span: p.Span}
		}
		return &ir.Cmp{Op: p.Op, Cased: p.Cased, L: l, R: p.R, Span: p.Span}
	}
	m := b.mapping(f)
	if m == nil {
		return &ir.Const{Span: p.Span}
	}
	switch {
	case m.Const != "":
		v, ok := schema.FromText(m.Field.Type, m.Const)
		return &ir.Const{Value: ok && matcher(p)(v), Span: p.Span}
	case len(m.Values) > 0:
		return valueMapped(m, p.Span, matcher(p))
	case m.Derive != "" && m.Joined:
		return b.joinedPath(m, p)
	case m.Derive != "":
		return b.derived(m, p)
	case m.Joined:
		return b.joined(m, p)
	}
	or := &ir.Or{Span: p.Span}
	for _, n := range m.Natives() {
		q, ok := retype(p, n)
		if !ok {
			return b.fail(diag.NoNativeForm, p.Span, fmt.Sprintf("`%s` is kept as %s in `%s` of %s; `%s` cannot be said about it", m.Field.Name, n.Type, n.Path, b.binding.Name, p.Op),
				"compare whole values with == or in, or write an `alt` for this binding")
		}
		q.L = NativeField(n, f.Span)
		if len(q.R) > 0 {
			or.Xs = append(or.Xs, respell(q, n))
		}
	}
	return or
}

// matcher returns the comparison as a function of the value on its left.
func matcher(p *ir.Cmp) func(schema.Value) bool {
	match, err := ir.Matcher(p.Op, p.Cased, p.R)
	if err != nil {
		panic(err) // Verify has checked the literals
	}
	return match
}

// retype writes the literals of a comparison in the type that the native field has, when it is another than the canonical
// field's (a number kept as a number that the catalogue calls a keyword). A literal that no native value reads as is left out.
func retype(p *ir.Cmp, n schema.NativeField) (q *ir.Cmp, ok bool) {
	q = &ir.Cmp{Op: p.Op, Cased: p.Cased, R: p.R, Span: p.Span}
	canonical := ir.TermType(p.L)
	if ir.Comparable(canonical, n.Type) {
		return q, true
	}
	if p.Op != ir.Eq {
		return nil, false
	}
	q.R, q.Cased = nil, p.Cased && n.Type.IsString()
	for _, v := range p.R {
		if nv, good := schema.FromText(n.Type, v.String()); good && nv.String() == v.String() {
			q.R = append(q.R, nv)
		}
	}
	return q, true
}

// valueMapped evaluates a condition over the domain of a value map and returns the native values for which it is true.
func valueMapped(m *schema.Mapping, span diag.Span, holds func(schema.Value) bool) ir.Pred {
	native := m.Native
	if native.Type.IsString() && native.Spelling.Any() {
		for _, vm := range m.Values { // the vendor writes these constants in one way
			native.Spelling.Fixed = append(native.Spelling.Fixed, vm.Native...)
		}
	}
	in := func(natives []string) *ir.Cmp {
		c := &ir.Cmp{Op: ir.Eq, Cased: m.Native.Type.IsString(), L: NativeField(native, span), Span: span}
		for _, n := range natives {
			if nv, ok := schema.FromText(m.Native.Type, n); ok {
				c.R = append(c.R, nv)
			}
		}
		return c
	}
	or := &ir.Or{Span: span}
	var meant, listed []string
	for _, vm := range m.Values {
		listed = append(listed, vm.Native...)
		v, ok := schema.FromText(m.Field.Type, vm.Canonical)
		if !ok || !holds(v) {
			continue
		}
		meant = append(meant, vm.Native...)
		if vm.Missing {
			or.Xs = append(or.Xs, &ir.Not{X: &ir.Exists{F: NativeField(native, span), Span: span}, Span: span})
		}
	}
	if len(meant) > 0 {
		or.Xs = append(or.Xs, in(meant))
	}
	for _, vm := range m.Values {
		if v, ok := schema.FromText(m.Field.Type, vm.Canonical); !vm.Other || !ok || !holds(v) {
			continue
		}
		or.Xs = append(or.Xs, otherValue(native, in(listed), span))
	}
	return or
}

// otherValue says that the field has a value that no entry of its map lists.
func otherValue(native schema.NativeField, listed *ir.Cmp, span diag.Span) ir.Pred {
	f := NativeField(native, span)
	switch {
	case len(listed.R) == 0:
		return &ir.Exists{F: f, Span: span}
	case native.Array:
		listed.L = &ir.Elem{Var: "v", Type: native.Type}
		return &ir.Quant{Kind: ir.Any, Var: "v", Over: f, Body: &ir.Not{X: listed, Span: span}, Span: span}
	}
	return &ir.And{Xs: []ir.Pred{&ir.Exists{F: f, Span: span}, &ir.Not{X: listed, Span: span}}, Span: span}
}

// respell writes the literals of a folded comparison in the one spelling that the field has, which makes it exact in
// languages that compare case-sensitively.
func respell(p *ir.Cmp, f schema.NativeField) ir.Pred {
	if p.Cased || !p.Op.Info().Folds || !f.Type.IsString() || f.Spelling.Any() {
		return p
	}
	out := &ir.Cmp{Op: p.Op, Cased: true, L: p.L, Span: p.Span}
	for _, v := range p.R {
		switch {
		case f.Spelling.Lower:
			out.R = append(out.R, schema.String(strings.ToLower(v.Str())))
		case p.Op != ir.Eq:
			return p
		default:
			i := slices.IndexFunc(f.Spelling.Fixed, func(s string) bool { return ir.Compare(ir.Eq, false, schema.String(s), v) })
			if i < 0 {
				return p
			}
			out.R = append(out.R, schema.String(f.Spelling.Fixed[i]))
		}
	}
	return out
}

func (b *binder) exists(p *ir.Exists) ir.Pred {
	m := b.mapping(p.F)
	switch {
	case m == nil:
		return &ir.Const{Span: p.Span}
	case m.Const != "":
		return &ir.Const{Value: true, Span: p.Span}
	case len(m.Values) > 0:
		return valueMapped(m, p.Span, func(schema.Value) bool { return true })
	case m.Derive != "" && !m.Joined:
		return b.rewriter(m).exists(NativeField(m.Native, p.F.Span), p.Span)
	}
	or := &ir.Or{Span: p.Span}
	for _, n := range m.Natives() {
		or.Xs = append(or.Xs, &ir.Exists{F: NativeField(n, p.F.Span), Span: p.Span})
	}
	return or
}

func (b *binder) empty(p *ir.Empty) ir.Pred {
	m := b.mapping(p.F)
	switch {
	case m == nil:
		return &ir.Const{Span: p.Span}
	case m.Const != "":
		return &ir.Const{Value: false, Span: p.Span}
	case len(m.Values) > 0:
		return &ir.Not{X: valueMapped(m, p.Span, func(v schema.Value) bool { return v.String() != "" }), Span: p.Span}
	case m.Derive != "":
		return b.fail(diag.NoNativeForm, p.F.Span, fmt.Sprintf("`%s` is computed from `%s` on %s; whether it is empty cannot be said there", p.F.Name, m.Native.Path, b.binding.Name), "use `exists`, or write an `alt` for this binding")
	}
	and, all := &ir.And{Span: p.Span}, &ir.And{Span: p.Span}
	for _, n := range m.Natives() {
		and.Xs = append(and.Xs, &ir.Empty{F: NativeField(n, p.F.Span), Span: p.Span})
		all.Xs = append(all.Xs, &ir.Exists{F: NativeField(n, p.F.Span), Span: p.Span})
	}
	if m.Joined && m.Separator != "" { // where each is there, so is what joins them
		and.Xs = append(and.Xs, &ir.Not{X: all, Span: p.Span})
	}
	return and
}
