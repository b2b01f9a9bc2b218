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

// builder lowers one rule.
type builder struct {
	*lowerer
	ast   *grammar.Rule
	scope *scope
	out   *ir.Rule
	// seen holds the place of clauses that may stand once, and of the last `from`.
	seen map[string]diag.Span
	// vars are the quantifier variables in force.
	vars []variable
	// open are the definitions being written out, against circles.
	open     []link
	expanded int
	// spoiled is set when something cannot be lowered; the fault may have been reported elsewhere, where a list of the file
	// is declared, say.
	spoiled bool
	tests   []*grammar.Test
	body    bodyClauses
	// shown holds what findings carry, while a test's condition on them is lowered.
	shown map[string]schema.Type
	// kinds are the classes and sources that conditions name.
	kinds []kindUse
	// steps are the names of the steps of a sequence, nil in other rules.
	steps *stepNames
}

// once reports a clause that stands twice.
func (b *builder) once(word string, span diag.Span) bool {
	if b.seen == nil {
		b.seen = map[string]diag.Span{}
	}
	first, dup := b.seen[word]
	if dup {
		d := diag.New(diag.ClauseConflict, span, fmt.Sprintf("`%s` stands twice in this rule", word), "join the two")
		d.Related = []diag.Label{{Span: first, Text: "the first one"}}
		b.diags = append(b.diags, d)
		return false
	}
	b.seen[word] = span
	return true
}

func (b *builder) clause(c grammar.Clause) {
	switch c := c.(type) {
	case *grammar.Meta:
		if b.once("meta", c.Span) {
			b.meta(c)
		}
	case *grammar.From:
		if b.seen == nil {
			b.seen = map[string]diag.Span{}
		}
		b.seen["from"] = c.Span
		for _, at := range b.from(c) {
			if !slices.Contains(b.out.From, at) {
				b.out.From = append(b.out.From, at)
			}
		}
	case *grammar.Where:
		if b.once("where", c.Span) {
			b.out.Where = b.pred(c.X)
			b.spoiled = b.spoiled || b.out.Where == nil
		}
	case *grammar.Schedule:
		if b.once("schedule", c.Span) {
			b.out.Schedule = ir.Schedule{Every: span(c.Every), Delay: span(c.Delay), Lookback: span(c.Lookback)}
			b.body.lookback = c.Lookback
		}
	case *grammar.Allow:
		b.allow(c)
	case *grammar.Alt:
		b.alt(c)
	case *grammar.Test:
		b.tests = append(b.tests, c)
	case *grammar.Param, *grammar.FieldDecl, *grammar.ListDecl, *grammar.Def:
		// collected before
	case *grammar.Window, *grammar.Count, *grammar.When, *grammar.Measure, *grammar.Baseline, *grammar.FirstSeen, *grammar.Sequence, *grammar.Expect, *grammar.Emit:
		// kept for finishBody
	}
}

func (b *builder) finish() {
	if _, ok := b.seen["from"]; !ok && !b.ast.Broken && b.body.sequence == nil {
		b.fault(diag.ClauseMissing, b.ast.Name.Span, fmt.Sprintf("rule `%s` has no `from`", b.out.Name), "say which events it looks at, such as `from process.start on windows`")
	}
	if _, ok := b.seen["where"]; !ok {
		b.out.Where = &ir.Const{Value: true, Span: b.ast.Name.Span}
	}
	b.checkKinds()
	b.finishBody()
	b.checkLookback()
	slices.SortFunc(b.out.Alts, func(x, y ir.Alt) int { return strings.Compare(x.Binding, y.Binding) })
	for _, t := range b.tests { // last, because tests need `from`
		b.test(t)
	}
}

// checkLookback reports a look-back that does not reach to the events that a run has to see.
func (b *builder) checkLookback() {
	d := b.body.lookback
	if d == nil || b.spoiled {
		return
	}
	needs := *b.out
	needs.Schedule.Lookback = 0
	if least := ir.TimingOf(&needs).Lookback; d.Value < least {
		b.fault(diag.BadWindow, d.Span, fmt.Sprintf("a look-back of %s is too short: a run has to see the events of %s", d.Text, grammar.FormatDuration(least)),
			"leave `lookback` out: it is computed from the window, the interval and the delay")
	}
}

func (b *builder) from(f *grammar.From) []ir.ClassOn {
	var out []ir.ClassOn
	for _, s := range f.Sources {
		src, ok := schema.LookupSource(s.Text)
		if !ok {
			b.unknownSource(s)
			continue
		}
		for _, c := range f.Classes {
			name := strings.Join(c.Segments, ".")
			if _, ok := schema.LookupClass(name); !ok {
				b.unknownClass(c, name)
				continue
			}
			if !slices.Contains(src.Classes, name) {
				b.faultLabel(diag.UnknownClass, c.Span, fmt.Sprintf("%s has no events of the class `%s`", src.Title, name), "not on "+s.Text,
					"its classes are "+strings.Join(src.Classes, ", "))
				continue
			}
			if at := (ir.ClassOn{Class: name, Source: s.Text}); !slices.Contains(out, at) {
				out = append(out, at)
			}
		}
	}
	return out
}

func (b *builder) unknownSource(n grammar.Name) {
	var names []string
	for _, s := range schema.Sources() {
		names = append(names, s.Name)
	}
	help := "the sources are " + strings.Join(names, ", ")
	if near, ok := diag.Nearest(n.Text, names); ok {
		help = fmt.Sprintf("a source with a similar name exists: `%s`", near)
	}
	b.faultLabel(diag.UnknownSource, n.Span, fmt.Sprintf("there is no source `%s`", n.Text), "not a source", help)
}

func (b *builder) unknownClass(p *grammar.Path, name string) {
	var names []string
	for _, c := range schema.Classes() {
		names = append(names, c.Name)
	}
	help := "`onerule fields --source NAME` lists the classes of a source"
	if near, ok := diag.Nearest(name, names); ok {
		help = fmt.Sprintf("a class with a similar name exists: `%s`", near)
	}
	b.faultLabel(diag.UnknownClass, p.Span, fmt.Sprintf("there is no event class `%s`", name), "not an event class", help)
}

func (b *builder) emit(e *grammar.Emit) {
	b.out.Emit.Once = span(e.Once)
	if len(e.Per) > 0 && b.out.Body == nil {
		b.fault(diag.ClauseConflict, e.Per[0].Pos(), "`emit per` goes with counts and other rules over several events; each finding of an event rule is one event", "leave `per` out")
	}
	for _, item := range e.Items {
		for _, x := range item.Shown {
			p, ok := x.(*grammar.PathExpr)
			switch {
			case !ok:
				b.fault(diag.NotPredicate, x.Pos(), "a field is expected here", "name a field of the catalogue, such as `process.command_line`")
			case b.showsStep(item, p):
			case item.Kind.Text == "" && b.showsNumber(p):
			default:
				b.emitField(item, p)
			}
		}
	}
}

// showsNumber takes an aggregate or a learned number that is shown; false means that the path is to be a field.
func (b *builder) showsNumber(p *grammar.PathExpr) bool {
	name := strings.Join(p.Path.Segments, ".")
	_, isField := b.lookup(name)
	if b.out.When() == nil || isField {
		return false
	}
	if n := b.aggregate(p); n != nil {
		b.out.Emit.Shown = append(b.out.Emit.Shown, ir.Shown{Name: name, Value: n})
	}
	return true
}

// emitField takes a field that is shown or names an entity. A finding over several events has no fields but its keys,
// except where it is one of the events.
func (b *builder) emitField(item grammar.EmitItem, p *grammar.PathExpr) {
	f := b.field(p.Path)
	if f == nil {
		return
	}
	isKey := slices.ContainsFunc(b.out.Per(), func(k int) bool { return b.out.Keys[k].Term.(*ir.Field).Name == f.Name })
	switch b.out.Body.(type) {
	case *ir.Sequence, *ir.Absence:
		if !isKey {
			var keys []string
			for _, k := range b.out.Per() {
				keys = append(keys, "`"+ir.KeyWords(b.out.Keys[k])+"`")
			}
			help := "it has " + strings.Join(keys, ", ")
			if b.steps != nil {
				help = fmt.Sprintf("say of which step: `%s.%s`", b.otherName(), f.Name)
			}
			b.faultLabel(diag.UnknownName, p.Span, fmt.Sprintf("a finding of this rule is not one event, and `%s` is none of its keys", f.Name), "not a key", help)
			return
		}
	case *ir.Count, *ir.Baseline, *ir.FirstSeen, nil:
	}
	if b.out.When() != nil && !isKey {
		b.faultLabel(diag.UnknownName, p.Span, fmt.Sprintf("a finding of this rule is a group of events, and `%s` is none of its keys", f.Name), "not a key",
			"show `x = values("+f.Name+")` of a scope, or count per this field")
		return
	}
	if item.Kind.Text == "" {
		b.out.Emit.Show = append(b.out.Emit.Show, f)
		return
	}
	b.entity(item.Kind, f)
}

var entityKinds = []string{"account", "file", "host", "ip", "process", "url", "user"}

func (b *builder) entity(kind grammar.Name, f *ir.Field) {
	if !slices.Contains(entityKinds, kind.Text) {
		help := "the kinds are " + strings.Join(entityKinds, ", ")
		if near, ok := diag.Nearest(kind.Text, entityKinds); ok {
			help = fmt.Sprintf("a kind with a similar name exists: `%s`", near)
		}
		b.fault(diag.UnknownName, kind.Span, fmt.Sprintf("there is no kind of entity `%s`", kind.Text), help)
		return
	}
	b.out.Emit.Entities = append(b.out.Emit.Entities, ir.Entity{Kind: kind.Text, Field: f})
}

func (b *builder) allow(a *grammar.Allow) {
	if a.Level.Text != "widen" && a.Level.Text != "narrow" {
		b.fault(diag.UnknownName, a.Level.Span, fmt.Sprintf("there is no level `%s`", a.Level.Text), "write `allow widen on …` or `allow narrow on …`")
		return
	}
	out := ir.Allow{Level: a.Level.Text, Span: a.Span}
	if a.Why != nil {
		out.Why = a.Why.Value
	}
	known := slices.Clone(schema.Languages)
	for _, p := range schema.Platforms {
		known = append(known, p.Name)
	}
	for _, n := range a.On {
		if !slices.Contains(known, n.Text) {
			help := "the languages are " + strings.Join(schema.Languages, ", ") + "; a platform name means all its languages"
			if near, ok := diag.Nearest(n.Text, known); ok {
				help = fmt.Sprintf("a target with a similar name exists: `%s`", near)
			}
			b.fault(diag.UnknownTarget, n.Span, fmt.Sprintf("there is no language or platform `%s`", n.Text), help)
			continue
		}
		out.On = append(out.On, n.Text)
	}
	b.out.Allow = append(b.out.Allow, out)
}

// unknownBinding reports a name that is no binding; the list of all is too long for a message.
func (b *builder) unknownBinding(n grammar.Name) {
	help := diag.Suggestion("binding", n.Text, schema.BindingNames())
	if help == "" {
		help = "`onerule fields --source NAME` lists the bindings of a source"
	}
	b.faultLabel(diag.UnknownBinding, n.Span, fmt.Sprintf("there is no binding `%s`", n.Text), "not a binding", help)
}

func (b *builder) alt(a *grammar.Alt) {
	binding := a.Binding.Text
	if binding == "" { // its head did not parse, which was reported
		b.spoiled = true
		return
	}
	if names := schema.BindingNames(); !slices.Contains(names, binding) {
		b.unknownBinding(a.Binding)
		return
	}
	if slices.ContainsFunc(b.out.Alts, func(x ir.Alt) bool { return x.Binding == binding }) {
		b.fault(diag.ClauseConflict, a.Binding.Span, fmt.Sprintf("two `alt` blocks speak of `%s`", binding), "join the two")
		return
	}
	if a.Where == nil && b.ast.Broken { // the fault that keeps it from being read was reported
		b.spoiled = true
		return
	}
	if a.Where == nil {
		b.fault(diag.ClauseMissing, a.Binding.Span, "this `alt` has no `where`", "write the condition for events of this telemetry")
		return
	}
	x := b.pred(a.Where.X)
	if x == nil {
		b.spoiled = true
		return
	}
	b.out.Alts = append(b.out.Alts, ir.Alt{Binding: binding, Where: x})
}
