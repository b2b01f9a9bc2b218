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

// stepNames are the names of the steps of the rule at hand.
type stepNames struct {
	seq   *grammar.Sequence
	index map[string]int
	// own is the step whose condition is lowered, -1 for none.
	own int
	// read has the steps whose fields were read since it was emptied.
	read map[int]bool
}

// sequenceWord is the word of the rule text.
func sequenceWord(x *grammar.Sequence) string {
	if x.Ordered {
		return "sequence"
	}
	return "together"
}

// sequence lowers sequence and together.
func (b *builder) sequence(x *grammar.Sequence) {
	for _, clause := range []string{"from", "where"} {
		if at, ok := b.seen[clause]; ok {
			b.fault(diag.ClauseConflict, at, fmt.Sprintf("`%s` stands beside `%s`, whose steps say which events they take", clause, sequenceWord(x)), "write it in the steps")
		}
	}
	for _, a := range b.out.Alts {
		b.fault(diag.ClauseConflict, a.Where.Pos(), fmt.Sprintf("`alt` replaces the `where` of a rule, and a `%s` has none", sequenceWord(x)), "leave the binding out with --bind, or write a rule for it")
	}
	b.out.From, b.out.Alts, b.out.Where = nil, nil, &ir.Const{Value: true, Span: x.Span}
	body := &ir.Sequence{Ordered: x.Ordered, Within: span(x.Within), Span: x.Span}
	b.positive(x.Within)
	if x.Within == nil || len(x.Steps) == 0 { // the grammar asks for them
		b.spoiled = true
		return
	}
	body.Per = b.keys(x.By)
	b.nameSteps(x)
	for i, st := range x.Steps {
		body.Steps = append(body.Steps, b.step(body, i, st))
	}
	b.steps.own = -1
	b.stepOrder(body, x)
	if e := b.body.emit; e != nil && len(e.Per) > 0 && !sameKeys(b.keys(e.Per), body.Per) {
		b.fault(diag.ClauseConflict, e.Per[0].Pos(), fmt.Sprintf("`emit per` differs from the keys of `%s`", sequenceWord(x)), "a finding is about the keys that the events have in common: leave `per` out")
	}
	b.out.From = withoutCovered(b.out.From)
	b.out.Body = body
}

// nameSteps collects the names of the steps.
func (b *builder) nameSteps(x *grammar.Sequence) {
	b.steps = &stepNames{seq: x, index: map[string]int{}, own: -1}
	for i, st := range x.Steps {
		name := st.Name.Text
		if name == "" {
			continue
		}
		if b.hasFieldsUnder(name) {
			b.fault(diag.DuplicateName, st.Name.Span, fmt.Sprintf("`%s` names fields of events and cannot name a step", name), "choose another name")
			continue
		}
		if first, dup := b.steps.index[name]; dup {
			d := diag.New(diag.DuplicateName, st.Name.Span, fmt.Sprintf("two steps are named `%s`", name), "give one of them another name")
			d.Related = []diag.Label{{Span: x.Steps[first].Name.Span, Text: "the first one"}}
			b.diags = append(b.diags, d)
			continue
		}
		b.steps.index[name] = i
	}
}

// stepOrder reports steps that do not make a sequence.
func (b *builder) stepOrder(body *ir.Sequence, x *grammar.Sequence) {
	word := sequenceWord(x)
	switch events := body.Events(); {
	case len(x.Steps) > ir.MaxSteps:
		b.fault(diag.BadSequence, x.Span, fmt.Sprintf("the %s has %d steps", word, len(x.Steps)), fmt.Sprintf("a rule has at most %d", ir.MaxSteps))
	case len(events) == 0 && !b.ast.Broken:
		b.fault(diag.BadSequence, x.Span, "no step of the rule is an event that happens", "name the event that begins the wait: `start: from …`")
	case len(events) == 0:
		b.spoiled = true
	case body.Ordered && len(body.Gap(0)) > 0:
		at := body.Gap(0)[0]
		b.fault(diag.BadSequence, x.Steps[at].Span, "nothing comes before this step, so there is no wait in which it could be missing",
			"a `missing` step stands between two steps or at the end; in a `together` rule it may stand anywhere")
	}
}

// withoutCovered leaves out classes whose events are events of another class of the list.
func withoutCovered(from []ir.ClassOn) []ir.ClassOn {
	return slices.DeleteFunc(slices.Clone(from), func(c ir.ClassOn) bool {
		return slices.ContainsFunc(from, func(o ir.ClassOn) bool {
			return o != c && o.Source == c.Source && schema.Covers(c.Source, o.Class, c.Class)
		})
	})
}

func (b *builder) step(body *ir.Sequence, i int, st *grammar.Step) ir.Step {
	out := ir.Step{Name: st.Name.Text, Kind: ir.StepEvent, Repeat: max(st.Repeat, 1), Span: st.Span}
	switch st.Kind {
	case grammar.Missing:
		out.Kind = ir.StepMissing
	case grammar.Until:
		out.Kind = ir.StepUntil
	case grammar.Positive:
	}
	if out.Kind != ir.StepEvent && st.Repeat > 0 {
		b.fault(diag.BadSequence, st.Span, fmt.Sprintf("`repeat` counts events that happen, and this step is `%s`", st.Kind), "leave `repeat` out: one event is enough")
		out.Repeat = 1
	}
	out.Keys = b.stepKeys(body, st)
	var from []ir.ClassOn
	if st.From != nil {
		from = b.from(st.From)
	}
	if len(from) == 0 {
		b.spoiled = true // reported by from, or by the grammar
	}
	for _, c := range from {
		if !slices.Contains(b.out.From, c) {
			b.out.From = append(b.out.From, c)
		}
	}
	b.steps.own = i
	p := ir.Pred(&ir.Const{Value: true, Span: st.Span})
	if st.Where != nil {
		p = b.stepWhere(body, i, st)
	}
	if p == nil {
		b.spoiled = true
		return out
	}
	out.Cond = b.condOf(p, from)
	return out
}

// condOf returns the index of a condition on events of some classes.
func (b *builder) condOf(p ir.Pred, from []ir.ClassOn) int {
	text := ir.PrintPred(p)
	for i, o := range b.out.Conds {
		if ir.PrintPred(o) == text && slices.Equal(b.out.CondFrom[i], from) {
			return i
		}
	}
	b.out.Conds, b.out.CondFrom = append(b.out.Conds, p), append(b.out.CondFrom, from)
	return len(b.out.Conds) - 1
}

// stepKeys lowers the keys of a step: its own, or those of the sequence.
func (b *builder) stepKeys(body *ir.Sequence, st *grammar.Step) []int {
	if st.By == nil {
		return body.Per
	}
	before := len(b.diags)
	keys := b.keys(st.By)
	if len(b.diags) > before || b.spoiled {
		return body.Per
	}
	if len(keys) != len(body.Per) {
		b.fault(diag.BadSequence, st.By[0].Pos(), fmt.Sprintf("the step has %s, and the %s has %s", number(len(keys), "key"), sequenceWord(b.steps.seq), number(len(body.Per), "key")),
			"name as many fields, in the same order: their values are what the events have in common")
		return body.Per
	}
	for i, k := range keys {
		mine, other := b.out.Keys[k], b.out.Keys[body.Per[i]]
		if ir.SameKeyType(mine, other) {
			continue
		}
		title := fmt.Sprintf("`%s` is %s, and `%s` of the %s is %s: they have no value in common", ir.KeyWords(mine), typePhrase(ir.TermType(mine.Term)), ir.KeyWords(other), sequenceWord(b.steps.seq), typePhrase(ir.TermType(other.Term)))
		help := "name a field of the same type"
		if mine.Fold != other.Fold {
			title = fmt.Sprintf("`%s` is told apart otherwise than `%s` of the %s", ir.KeyWords(mine), ir.KeyWords(other), sequenceWord(b.steps.seq))
			help = "write fold(…) in both places, or in none"
		}
		b.fault(diag.TypeMismatch, st.By[i].Pos(), title, help)
	}
	return keys
}

func number(n int, word string) string {
	if n == 1 {
		return "one " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// stepWhere lowers the condition of a step: comparisons with other steps become the sequence's. Nil means that a fault was reported.
func (b *builder) stepWhere(body *ir.Sequence, i int, st *grammar.Step) ir.Pred {
	var xs []ir.Pred
	ok := true
	for _, x := range conjunctsOf(st.Where.X) {
		if !b.mentionsOther(x) {
			p := b.pred(x)
			if ok = ok && p != nil; ok {
				xs = append(xs, conjuncts(p)...)
			}
			continue
		}
		if body != nil && !b.cross(body, st, x, false) {
			ok = false
		}
	}
	switch {
	case !ok:
		return nil
	case len(xs) == 0:
		return &ir.Const{Value: true, Span: st.Where.Span}
	case len(xs) == 1:
		return xs[0]
	}
	return &ir.And{Xs: xs, Span: st.Where.X.Pos()}
}

// conjunctsOf returns the members that `and` joins.
func conjunctsOf(x grammar.Expr) []grammar.Expr {
	switch x := x.(type) {
	case *grammar.Paren:
		if inner := conjunctsOf(x.X); len(inner) > 1 {
			return inner
		}
	case *grammar.Binary:
		if x.Op == "and" {
			return append(conjunctsOf(x.X), conjunctsOf(x.Y)...)
		}
	case *grammar.Bool, *grammar.Call, *grammar.Compare, *grammar.Duration, *grammar.Keyword, *grammar.List, *grammar.Null, *grammar.Number, *grammar.Object, *grammar.PathExpr, *grammar.Presence, *grammar.Quant, *grammar.String, *grammar.Unary, *grammar.VarRef:
	}
	return []grammar.Expr{x}
}

// mentionsOther reports whether an expression reads a field of another step than its own.
func (b *builder) mentionsOther(x grammar.Expr) bool {
	other := func(p *grammar.Path) bool {
		i, ok := b.stepOf(p)
		return ok && i != b.steps.own
	}
	switch x := x.(type) {
	case *grammar.Paren:
		return b.mentionsOther(x.X)
	case *grammar.Binary:
		return b.mentionsOther(x.X) || b.mentionsOther(x.Y)
	case *grammar.Unary:
		return b.mentionsOther(x.X)
	case *grammar.Compare:
		return b.mentionsOther(x.X) || b.mentionsOther(x.Y)
	case *grammar.Presence:
		return other(x.X.Path)
	case *grammar.Quant:
		return other(x.Over) || b.mentionsOther(x.Body)
	case *grammar.Call:
		return slices.ContainsFunc(x.Args, b.mentionsOther)
	case *grammar.PathExpr:
		return other(x.Path)
	case *grammar.List:
		return slices.ContainsFunc(x.Items, b.mentionsOther)
	case *grammar.Bool, *grammar.Duration, *grammar.Keyword, *grammar.Null, *grammar.Number, *grammar.Object, *grammar.String, *grammar.VarRef:
	}
	return false
}

// stepOf returns the step that a path such as `guess.source.ip` names.
func (b *builder) stepOf(p *grammar.Path) (int, bool) {
	if b.steps == nil || len(p.Segments) < 2 {
		return 0, false
	}
	i, ok := b.steps.index[p.Segments[0]]
	return i, ok
}

// cross lowers a comparison with another step; false means that a fault was reported.
func (b *builder) cross(body *ir.Sequence, st *grammar.Step, x grammar.Expr, negated bool) bool {
	switch x := x.(type) {
	case *grammar.Paren:
		return b.cross(body, st, x.X, negated)
	case *grammar.Unary:
		if x.Op == "not" {
			return b.cross(body, st, x.X, !negated)
		}
	case *grammar.Compare:
		return b.crossCompare(body, st, x, negated)
	case *grammar.Binary, *grammar.Presence, *grammar.Keyword, *grammar.Quant, *grammar.Call, *grammar.PathExpr, *grammar.VarRef, *grammar.String, *grammar.Number, *grammar.Bool, *grammar.Null, *grammar.Duration, *grammar.List, *grammar.Object:
	}
	b.faultLabel(diag.BadSequence, x.Pos(), "a field of another step stands in a condition that is no comparison of two steps", "reads another step",
		"compare one field of each, as in `source.ip != "+b.otherName()+".source.ip`, and join it to the rest by `and`; what is asked of one step alone stands in that step's `where`")
	return false
}

// otherName is the name of a step other than the one at hand, for an example.
func (b *builder) otherName() string {
	for _, st := range b.steps.seq.Steps {
		if st.Kind == grammar.Positive && st.Name.Text != "" && b.steps.index[st.Name.Text] != b.steps.own {
			return st.Name.Text
		}
	}
	return "start"
}

func (b *builder) crossCompare(body *ir.Sequence, st *grammar.Step, x *grammar.Compare, negated bool) bool {
	if st.Kind != grammar.Positive {
		b.fault(diag.BadSequence, x.Span, fmt.Sprintf("a step that is `%s` is not compared with another one", st.Kind), "what the events must have in common stands in `by`")
		return false
	}
	op, ok := ir.LookupOp(x.Op)
	if x.Op == "!=" {
		op, ok, negated = ir.Eq, true, !negated
	}
	if !ok || !op.Info().Fields || op.OfPart() || x.Negated {
		b.fault(diag.TypeMismatch, x.OpSpan, fmt.Sprintf("`%s` does not compare fields of two steps", x.Op), "fields of two steps are compared with ==, !=, <, <=, > and >=")
		return false
	}
	l, okL := b.crossSide(body, x.X)
	r, okR := b.crossSide(body, x.Y)
	if !okL || !okR {
		return false
	}
	c := ir.Cross{Negated: negated, Op: op, L: l, R: r, Span: x.Span}
	lt, rt := ir.TermType(b.out.Args[l.Arg]), ir.TermType(b.out.Args[r.Arg])
	c.Cased = x.Cased && lt.IsString()
	switch {
	case l.Step == r.Step:
		b.fault(diag.BadSequence, x.Span, "both sides are of one step", "write it in that step's `where`, without the name of the step")
	case !ir.Comparable(lt, rt):
		b.faultLabel(diag.TypeMismatch, x.Y.Pos(), fmt.Sprintf("%s cannot be compared with %s", typePhrase(lt), typePhrase(rt)), typePhrase(rt), "compare fields of one type")
	case !slices.Contains(op.Info().Types, lt):
		b.faultLabel(diag.TypeMismatch, x.OpSpan, fmt.Sprintf("`%s` does not go with %s", x.Op, typePhrase(lt)), "on "+typePhrase(lt), "compare with == or !=")
	case x.Cased && !c.Cased:
		b.fault(diag.TypeMismatch, x.OpSpan, fmt.Sprintf("`cased` goes with text, not with %s", typePhrase(lt)), "leave `cased` out")
	default:
		body.Cross = append(body.Cross, c)
		return true
	}
	return false
}

// crossSide lowers one side of a comparison of two steps: a field of one step, or a function of it.
func (b *builder) crossSide(body *ir.Sequence, x grammar.Expr) (ir.StepValue, bool) {
	if isLiteral(x) {
		b.fault(diag.BadSequence, x.Pos(), "a field of another step is compared with a value", "write it in that step's `where`, without the name of the step")
		return ir.StepValue{}, false
	}
	b.steps.read = map[int]bool{}
	t := b.term(x)
	if t == nil {
		return ir.StepValue{}, false
	}
	if len(b.steps.read) != 1 {
		b.fault(diag.BadSequence, x.Pos(), "one side of the comparison reads several steps, or none", "compare a field of one step with a field of another")
		return ir.StepValue{}, false
	}
	for i := range b.steps.read {
		if b.steps.seq.Steps[i].Kind != grammar.Positive {
			b.fault(diag.BadSequence, x.Pos(), fmt.Sprintf("the step `%s` is `%s`, so it has no values", b.steps.seq.Steps[i].Name.Text, b.steps.seq.Steps[i].Kind), "compare with a step that happens")
			return ir.StepValue{}, false
		}
		return ir.StepValue{Step: i, Arg: b.argIndex(t)}, true
	}
	return ir.StepValue{}, false
}

// argIndex returns the index of a column.
func (b *builder) argIndex(t ir.Term) int {
	text := ir.TermText(t)
	i := slices.IndexFunc(b.out.Args, func(o ir.Term) bool { return ir.TermText(o) == text })
	if i < 0 {
		b.out.Args = append(b.out.Args, t)
		i = len(b.out.Args) - 1
	}
	return i
}

// stepField resolves a path that may begin with the name of a step; done is false when it names a field of the event at hand.
func (b *builder) stepField(p *grammar.Path) (f *ir.Field, done bool) {
	name := strings.Join(p.Segments, ".")
	i, ok := b.stepOf(p)
	switch {
	case ok && b.shown != nil: // a condition on findings: its names are looked up there
		return &ir.Field{Name: name, Type: schema.Keyword, Span: p.Span}, true
	case ok:
		rest := grammar.Path{At: p.At, Segments: p.Segments[1:]}
		if b.steps.read != nil {
			b.steps.read[i] = true
		}
		fd, known := b.lookup(strings.Join(rest.Segments, "."))
		if !known {
			b.unknownField(&rest, strings.Join(rest.Segments, "."), "keyword")
			return nil, true
		}
		return &ir.Field{Name: fd.Name, Type: fd.Type, Array: fd.Array, Span: p.Span}, true
	case len(p.Segments) > 1 && !b.hasFieldsUnder(p.Segments[0]):
		var names []string
		for _, st := range b.steps.seq.Steps {
			if st.Name.Text != "" {
				names = append(names, st.Name.Text)
			}
		}
		help := "the steps are " + strings.Join(names, ", ")
		if near, ok := diag.Nearest(p.Segments[0], names); ok {
			help = fmt.Sprintf("a step with a similar name exists: `%s`", near)
		}
		b.faultLabel(diag.UnknownName, p.Span, fmt.Sprintf("there is no step `%s`", p.Segments[0]), "neither a step nor a field", help)
		return nil, true
	}
	if b.steps.read != nil && b.steps.own >= 0 {
		b.steps.read[b.steps.own] = true
	}
	return nil, false
}

// showsStep takes a field of a step that is shown or names an entity; false means that the path names no step.
func (b *builder) showsStep(item grammar.EmitItem, p *grammar.PathExpr) bool {
	i, ok := b.stepOf(p.Path)
	if !ok {
		return false
	}
	st := b.steps.seq.Steps[i]
	if st.Kind != grammar.Positive {
		b.fault(diag.BadSequence, p.Span, fmt.Sprintf("the step `%s` is `%s`, so a finding has no event of it", st.Name.Text, st.Kind), "show a field of a step that happens")
		return true
	}
	f := b.field(p.Path)
	if f == nil {
		return true
	}
	name := strings.Join(p.Path.Segments, ".")
	if !slices.ContainsFunc(b.out.Emit.Shown, func(s ir.Shown) bool { return s.Name == name }) {
		b.out.Emit.Shown = append(b.out.Emit.Shown, ir.Shown{Name: name, Value: &ir.NumStep{StepValue: ir.StepValue{Step: i, Arg: b.argIndex(f)}}})
	}
	if item.Kind.Text != "" {
		b.entity(item.Kind, &ir.Field{Name: name, Type: f.Type, Array: f.Array, Span: p.Span})
	}
	return true
}
