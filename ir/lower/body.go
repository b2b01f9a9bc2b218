package lower

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// bodyClauses are the clauses that make a rule more than an event rule, as they were found.
type bodyClauses struct {
	window    *grammar.Window
	counts    []*grammar.Count
	when      *grammar.When
	measure   *grammar.Measure
	baseline  *grammar.Baseline
	firstSeen *grammar.FirstSeen
	sequence  *grammar.Sequence
	expect    *grammar.Expect
	emit      *grammar.Emit
	lookback  *grammar.Duration // of the schedule
}

// takes keeps a clause of a rule over several events; false means that the clause is none, or one that event rules have too.
func (b *builder) takes(c grammar.Clause) bool {
	x := &b.body
	switch c := c.(type) {
	case *grammar.Window:
		if b.once("window", c.Span) {
			x.window = c
		}
	case *grammar.Count:
		x.counts = append(x.counts, c)
	case *grammar.When:
		if b.once("when", c.Span) {
			x.when = c
		}
	case *grammar.Measure:
		if b.once("measure", c.Span) {
			x.measure = c
		}
	case *grammar.Baseline:
		if b.once("baseline", c.Span) {
			x.baseline = c
		}
	case *grammar.FirstSeen:
		if b.once("first_seen", c.Span) {
			x.firstSeen = c
		}
	case *grammar.Sequence:
		switch {
		case x.sequence != nil && x.sequence.Ordered != c.Ordered:
			b.fault(diag.ClauseConflict, c.Span, fmt.Sprintf("`%s` does not go with `%s`", sequenceWord(c), sequenceWord(x.sequence)), "a rule is of one kind: take one of them out, or write two rules")
		case b.once(sequenceWord(c), c.Span):
			x.sequence = c
		}
	case *grammar.Expect:
		if b.once("expect", c.Span) {
			x.expect = c
		}
	case *grammar.Emit:
		if b.once("emit", c.Span) {
			x.emit = c
		}
	case *grammar.Meta, *grammar.Param, *grammar.FieldDecl, *grammar.ListDecl, *grammar.Def, *grammar.From, *grammar.Where, *grammar.Schedule, *grammar.Allow, *grammar.Alt, *grammar.Test:
		return false
	}
	return true
}

// finishBody lowers what the rule asks of several events, when all its clauses are known.
func (b *builder) finishBody() {
	c := b.body
	b.oneKind()
	switch {
	case c.sequence != nil:
		b.conflicts(sequenceWord(c.sequence), c.window, c.when, c.measure, c.baseline, c.counts)
		b.sequence(c.sequence)
	case c.expect != nil:
		b.conflicts("expect", nil, c.when, c.measure, c.baseline, c.counts)
		b.expect(c.expect)
	case c.firstSeen != nil:
		b.conflicts("first_seen", c.window, c.when, c.measure, c.baseline, c.counts)
		b.firstSeen(c.firstSeen)
	case c.baseline != nil || c.measure != nil:
		b.conflicts("baseline", nil, nil, nil, nil, c.counts)
		b.baseline()
	case len(c.counts) > 0:
		b.count()
	case c.window != nil:
		b.fault(diag.ClauseMissing, c.window.Span, fmt.Sprintf("the rule has `%s` but nothing is counted in it", c.window.Kind), "add `count per KEY as NAME { … }` and `when`, or take the window out")
	case c.when != nil:
		b.fault(diag.ClauseMissing, c.when.Span, "`when` asks about counts, and the rule counts nothing", "add `count per KEY as NAME { … }`; conditions on one event stand in `where`")
	}
	if c.emit != nil {
		b.emit(c.emit)
	}
}

// oneKind reports two clauses of which each makes a rule of its own kind.
func (b *builder) oneKind() {
	type kind struct {
		word string
		span diag.Span
	}
	var kinds []kind
	if x := b.body.sequence; x != nil {
		kinds = append(kinds, kind{sequenceWord(x), x.Span})
	}
	if x := b.body.expect; x != nil {
		kinds = append(kinds, kind{"expect", x.Span})
	}
	if x := b.body.firstSeen; x != nil {
		kinds = append(kinds, kind{"first_seen", x.Span})
	}
	for i := 1; i < len(kinds); i++ {
		b.fault(diag.ClauseConflict, kinds[i].span, fmt.Sprintf("`%s` does not go with `%s`", kinds[i].word, kinds[0].word), "a rule is of one kind: take one of them out, or write two rules")
	}
}

// conflicts reports the clauses that do not go with a kind of rule.
func (b *builder) conflicts(kind string, w *grammar.Window, when *grammar.When, m *grammar.Measure, base *grammar.Baseline, counts []*grammar.Count) {
	say := func(word string, at diag.Span) {
		b.fault(diag.ClauseConflict, at, fmt.Sprintf("`%s` does not go with `%s`", word, kind), "a rule is of one kind: take one of them out, or write two rules")
	}
	if w != nil {
		say(string(w.Kind), w.Span)
	}
	if when != nil {
		say("when", when.Span)
	}
	if m != nil {
		say("measure", m.Span)
	}
	if base != nil {
		say("baseline", base.Span)
	}
	for _, c := range counts {
		say("count", c.Span)
	}
}

func (b *builder) count() {
	c := b.body
	body := &ir.Count{}
	b.out.Body = body
	for _, x := range c.counts {
		b.scopeOf(body, x)
	}
	body.Per = b.findingKeys(body.Scopes)
	if c.window == nil {
		b.fault(diag.ClauseMissing, c.counts[0].Span, "the rule counts without a window of time", "add `tumbling 1h`, `window 1h every 5m`, `sliding 10m` or `session gap 5m max 1h`")
	} else {
		body.Window = b.window(c.window)
		if c.window.Kind == grammar.Session && (len(body.Scopes) != 1 || len(body.Per) != len(body.Scopes[0].Keys)) {
			b.fault(diag.BadWindow, c.window.Span, "a session belongs to one set of keys, and the rule counts on several", "count in one scope, or use another window")
		}
	}
	if c.when == nil {
		b.fault(diag.ClauseMissing, c.counts[0].Span, "the rule counts, but does not say when the counts are a finding", "add `when SCOPE.NAME >= 10`, say")
		return
	}
	if body.When = b.cond(c.when.X); body.When == nil {
		b.spoiled = true
	}
}

func (b *builder) window(w *grammar.Window) ir.Window {
	out := ir.Window{Size: span(w.Size), Every: span(w.Every), Max: span(w.Max), Span: w.Span}
	switch w.Kind {
	case grammar.Tumbling:
		out.Kind = ir.Tumbling
	case grammar.Hopping:
		out.Kind = ir.Hopping
	case grammar.Sliding:
		out.Kind = ir.Sliding
	case grammar.Session:
		out.Kind = ir.Session
	}
	for _, d := range []*grammar.Duration{w.Size, w.Every, w.Max} {
		b.positive(d)
	}
	if out.Kind == ir.Session && out.Max < out.Size {
		b.fault(diag.BadWindow, w.Span, "the longest session is shorter than the gap that ends it", "write `max` longer than `gap`")
	}
	return out
}

// positive reports a duration of nothing, or one that is no whole number of milliseconds.
func (b *builder) positive(d *grammar.Duration) {
	if d != nil && (d.Value < time.Millisecond || d.Value%time.Millisecond != 0) {
		b.fault(diag.BadWindow, d.Span, "a length of time here is at least a millisecond", "write `5m`, say")
	}
}

// scopeOf lowers one count clause.
func (b *builder) scopeOf(body *ir.Count, c *grammar.Count) {
	s := ir.Scope{Name: c.As.Text, Keys: b.keys(c.Per), Span: c.Span}
	switch _, isField := b.lookup(s.Name); {
	case isField || b.hasFieldsUnder(s.Name) || s.Name == "baseline":
		b.fault(diag.DuplicateName, c.As.Span, fmt.Sprintf("`%s` names fields of events and cannot name a scope", s.Name), "choose another name")
	case slices.ContainsFunc(body.Scopes, func(o ir.Scope) bool { return o.Name == s.Name }):
		b.fault(diag.DuplicateName, c.As.Span, fmt.Sprintf("two scopes are named `%s`", s.Name), "give one of them another name")
	}
	for _, a := range c.Aggs {
		if slices.ContainsFunc(s.Aggs, func(o ir.Agg) bool { return o.Name == a.Name.Text }) {
			b.fault(diag.DuplicateName, a.Name.Span, fmt.Sprintf("two aggregates of `%s` are named `%s`", s.Name, a.Name.Text), "give one of them another name")
			continue
		}
		if agg, ok := b.agg(a); ok {
			s.Aggs = append(s.Aggs, agg)
		}
	}
	body.Scopes = append(body.Scopes, s)
}

// findingKeys returns the keys of a finding: those of `emit per`, or of the scope that has all others' keys.
func (b *builder) findingKeys(scopes []ir.Scope) []int {
	var all []int
	for _, s := range scopes {
		for _, k := range s.Keys {
			if !slices.Contains(all, k) {
				all = append(all, k)
			}
		}
	}
	if e := b.body.emit; e != nil && len(e.Per) > 0 {
		per := b.keys(e.Per)
		for _, k := range all {
			if !slices.Contains(per, k) {
				b.fault(diag.ClauseConflict, e.Per[0].Pos(), fmt.Sprintf("a scope counts per `%s`, which `emit per` does not name", ir.KeyWords(b.out.Keys[k])), "a finding has the keys of every scope: name them all")
			}
		}
		return per
	}
	for _, s := range scopes {
		if len(s.Keys) == len(all) {
			return s.Keys
		}
	}
	b.fault(diag.ClauseMissing, scopes[0].Span, "the scopes count by different keys, and the rule does not say what a finding is about", "add `emit per KEY, …` with the keys of all scopes")
	return all
}

// keys lowers key expressions to indexes of the rule's keys.
func (b *builder) keys(xs []grammar.Expr) []int {
	out := []int{}
	for _, x := range xs {
		k, ok := b.key(x)
		if !ok {
			b.spoiled = true
			continue
		}
		i := b.keyIndex(k)
		if slices.Contains(out, i) {
			b.fault(diag.DuplicateName, x.Pos(), "this key stands twice", "take one of them out")
			continue
		}
		out = append(out, i)
	}
	return out
}

func (b *builder) keyIndex(k ir.Key) int {
	i := slices.IndexFunc(b.out.Keys, func(o ir.Key) bool { return o.Fold == k.Fold && o.Term.(*ir.Field).Name == k.Term.(*ir.Field).Name })
	if i < 0 {
		b.out.Keys = append(b.out.Keys, k)
		i = len(b.out.Keys) - 1
	}
	return i
}

func (b *builder) key(x grammar.Expr) (ir.Key, bool) {
	switch x := x.(type) {
	case *grammar.PathExpr:
		if f := b.field(x.Path); f != nil {
			return ir.Key{Term: f}, true
		}
		return ir.Key{}, false
	case *grammar.Call:
		p, ok := (*grammar.PathExpr)(nil), false
		if len(x.Args) == 1 {
			p, ok = x.Args[0].(*grammar.PathExpr)
		}
		if x.Func.Text != "fold" || !ok {
			break
		}
		f := b.field(p.Path)
		if f == nil {
			return ir.Key{}, false
		}
		if !f.Type.IsString() {
			b.fault(diag.TypeMismatch, x.Span, fmt.Sprintf("`%s` holds %s, which has no case", f.Name, typePhrase(f.Type)), "use the field itself as the key")
			return ir.Key{}, false
		}
		return ir.Key{Term: f, Fold: true}, true
	case *grammar.Binary, *grammar.Unary, *grammar.Compare, *grammar.Presence, *grammar.Keyword, *grammar.Quant, *grammar.VarRef, *grammar.String, *grammar.Number, *grammar.Bool, *grammar.Null, *grammar.Duration, *grammar.List, *grammar.Object, *grammar.Paren:
	}
	b.fault(diag.NotPredicate, x.Pos(), "a key is a field, or fold(field) to ignore case", "name a field of the catalogue, such as `source.ip`")
	return ir.Key{}, false
}

func (b *builder) agg(a grammar.Agg) (ir.Agg, bool) {
	out := ir.Agg{Name: a.Name.Text, Arg: -1, Where: -1, Span: a.Span}
	if a.Call == nil { // the fault was reported
		b.spoiled = true
		return out, false
	}
	f, ok := ir.LookupAgg(a.Call.Func.Text)
	if !ok {
		var names []string
		for _, i := range ir.Aggs {
			names = append(names, i.Name)
		}
		help := "the aggregates are " + strings.Join(names, ", ")
		if near, ok := diag.Nearest(a.Call.Func.Text, names); ok {
			help = fmt.Sprintf("an aggregate with a similar name exists: `%s`", near)
		}
		b.fault(diag.UnknownName, a.Call.Func.Span, fmt.Sprintf("there is no aggregate `%s`", a.Call.Func.Text), help)
		return out, false
	}
	out.Func = f
	if !b.aggArgs(&out, a.Call) {
		return out, false
	}
	if a.Where != nil {
		p := b.pred(a.Where)
		if p == nil {
			b.spoiled = true
			return out, false
		}
		out.Where = b.condIndex(p)
	}
	return out, true
}

func (b *builder) condIndex(p ir.Pred) int {
	text := ir.PrintPred(p)
	i := slices.IndexFunc(b.out.Conds, func(o ir.Pred) bool { return ir.PrintPred(o) == text })
	if i < 0 {
		b.out.Conds = append(b.out.Conds, p)
		i = len(b.out.Conds) - 1
	}
	return i
}

// aggArgs lowers the arguments of an aggregate.
func (b *builder) aggArgs(out *ir.Agg, c *grammar.Call) bool {
	info, want, form := out.Func.Info(), 1, "%s(field)"
	switch {
	case info.Types == nil:
		want, form = 0, "%s()"
	case out.Func == ir.AggPercentile:
		want, form = 2, "%s(field, 95)"
	}
	if len(c.Args) != want {
		b.fault(diag.TypeMismatch, c.Span, fmt.Sprintf("`%s` takes %d arguments, not %d", out.Func, want, len(c.Args)), "write "+fmt.Sprintf(form, out.Func))
		return false
	}
	if want == 0 {
		return true
	}
	if want == 2 {
		p, ok := schema.FromText(schema.Double, numberText(c.Args[1]))
		if !ok || p.Float64() < 0 || p.Float64() > 100 {
			b.fault(diag.TypeMismatch, c.Args[1].Pos(), "a percentile is a number from 0 to 100", "write `percentile(field, 95)`, say")
			return false
		}
		out.Percent = p.Float64()
	}
	arg := b.term(c.Args[0])
	if arg == nil {
		return false
	}
	if t := ir.TermType(arg); !slices.Contains(info.Types, t) {
		b.faultLabel(diag.TypeMismatch, c.Args[0].Pos(), fmt.Sprintf("`%s` does not go with %s", out.Func, typePhrase(t)), typePhrase(t), fmt.Sprintf("`%s` takes %s: %s", out.Func, typePhrases(info.Types), info.Doc))
		return false
	}
	out.Arg = b.argIndex(arg)
	return true
}
