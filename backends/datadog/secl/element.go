package secl

import (
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/datadog/secl/fields"
	"github.com/onerule/onerule/backends/datadog/secl/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// whole says a predicate that is no leaf, with the level that the table gives its leaves.
func (a agent) whole(p ir.Pred) (syntax.Expr, backends.Level) {
	var levels []backends.Level
	b := backends.Backend{Lang: "secl", Table: a.table()}
	for _, l := range b.Leaves(p) {
		levels = append(levels, l.Level)
	}
	level := backends.JoinLevels(levels...)
	if level.Kind == backends.Refuse {
		return nil, level
	}
	return a.lower(p), level
}

// anyValue says that one value of a list satisfies several conditions.
func anyValue(a agent, p ir.Pred, negated bool) (syntax.Expr, backends.Level) {
	q := p.(*ir.Quant)
	t, why := a.target(q.Over)
	if why != "" {
		return unknownField(why)
	}
	if t.field.Type == fields.Int && q.Over.Type == schema.Long {
		return a.anyNumber(q, t)
	}
	if one, ok := backends.OneElement(q); ok {
		if x, level := a.whole(one); x != nil {
			return x, level
		}
	}
	if x, level := noneOfTexts(q, t); x != nil {
		return x, level
	}
	if x, level := a.bound(q, negated); x != nil {
		return x, level
	}
	return a.apart(q)
}

// apart asks each condition by itself, which different values may satisfy.
func (a agent) apart(q *ir.Quant) (syntax.Expr, backends.Level) {
	p, ok := backends.AskedOutside(q)
	if !ok {
		return nil, backends.Refused("agents cannot say this about one element", "ask each condition by itself if that is enough")
	}
	x, level := a.whole(p)
	level = backends.JoinLevels(backends.Wider("different elements may satisfy the conditions, and negated ones are left out"), level)
	if level.Kind == backends.Refuse {
		return nil, level
	}
	return x, level
}

// anyNumber says that one number of a list satisfies several conditions, which together leave a set of numbers.
func (a agent) anyNumber(q *ir.Quant, t target) (syntax.Expr, backends.Level) {
	set, ok := elementInts(backends.PushNot(q.Body), q.Var)
	if !ok {
		return a.apart(q)
	}
	if len(set) == 0 {
		return a.constant(false)
	}
	x, exact := t.in(set)
	level := backends.Rewritten("the numbers that satisfy all conditions")
	if !exact {
		level = backends.Wider("different elements may lie on the two sides of an interval")
	}
	return x, t.orZero(level, set.has(0))
}

// noneOfTexts says that one text of a list is none of some literals, begins with none, or ends with none.
func noneOfTexts(q *ir.Quant, t target) (syntax.Expr, backends.Level) {
	c, negated, ok := mergedTest(backends.PushNot(q.Body), q.Var, true)
	if !ok || !negated || t.path || t.field.Type != fields.String {
		return nil, backends.Level{}
	}
	re, ok := t.negationOf(c)
	if !ok {
		return nil, backends.Level{}
	}
	level := backends.Rewritten("a regular expression that fits everything else")
	if t.blank {
		level = level.With("no-empty")
	}
	return t.is(re), level
}

// mergedTest returns the one comparison that the tests of a body make when they differ in their literals only: negated ones
// joined by and, else positive ones joined by or.
func mergedTest(body ir.Pred, name string, negative bool) (c *ir.Cmp, negated, ok bool) {
	xs := []ir.Pred{body}
	if and, is := body.(*ir.And); is && negative {
		xs = and.Xs
	}
	if or, is := body.(*ir.Or); is && !negative {
		xs = or.Xs
	}
	for _, x := range xs {
		test, sub, not, ok := backends.ElementTest(x, name)
		switch {
		case !ok || sub != "" || not != negative:
			return nil, false, false
		case c == nil:
			c = backends.Of(test, test.L)
			c.R = slices.Clone(test.R)
		case c.Op != test.Op || c.Cased != test.Cased:
			return nil, false, false
		default:
			c.R = append(c.R, test.R...)
		}
	}
	return c, negative, c != nil
}

// allValues says that a list has values, and that each of them satisfies the conditions.
func allValues(a agent, p ir.Pred, _ bool) (syntax.Expr, backends.Level) {
	q := p.(*ir.Quant)
	t, why := a.target(q.Over)
	switch {
	case why != "":
		return unknownField(why)
	case t.field.Type == fields.Int && q.Over.Type == schema.Long:
		return a.allNumbers(q, t)
	case t.field.Type == fields.String && !t.path:
		return a.allTexts(q, t)
	}
	none, ok := backends.NoneOf(q)
	if !ok {
		return nil, backends.Refused("agents say of all elements of `"+t.name+"` only that none of them fits something", "turn the condition round with `none`, or leave this language out")
	}
	return a.whole(none)
}

// allTexts says that no text of a list fails a condition; what fails == and the like is a regular expression of its own.
func (a agent) allTexts(q *ir.Quant, t target) (syntax.Expr, backends.Level) {
	body := backends.PushNot(q.Body)
	xs := []ir.Pred{body}
	if and, is := body.(*ir.And); is {
		xs = and.Xs
	}
	exists, level := a.exists(q.Over)
	conditions, levels := []syntax.Expr{exists}, []backends.Level{level}
	for _, x := range xs {
		if c, _, ok := mergedTest(x, q.Var, false); ok {
			re, ok := t.negationOf(c)
			if !ok {
				return nil, backends.Refused("agents say what a text is not for ==, starts_with and ends_with only, with few literals", "turn the condition round with `none`, or leave this language out")
			}
			conditions, levels = append(conditions, syntax.Not(t.is(re))), append(levels, backends.Rewritten("no element that fits anything else"))
			continue
		}
		c, sub, negated, ok := backends.ElementTest(x, q.Var)
		if !ok || !negated || sub != "" {
			return nil, backends.Refused("agents cannot say this about every element", "turn the condition round with `none`, or leave this language out")
		}
		fits, level := a.text(backends.Of(c, q.Over), t)
		if fits == nil {
			return nil, level
		}
		conditions, levels = append(conditions, syntax.Not(fits)), append(levels, level.Flip())
	}
	return syntax.All(conditions...), backends.JoinLevels(levels...)
}

// allNumbers says that some number of a list is in the set that the conditions leave, and none outside.
func (a agent) allNumbers(q *ir.Quant, t target) (syntax.Expr, backends.Level) {
	set, ok := elementInts(backends.PushNot(q.Body), q.Var)
	if !ok {
		return nil, backends.Refused("agents cannot say this about every element", "turn the condition round with `none`, or leave this language out")
	}
	out := set.not()
	switch {
	case len(set) == 0:
		return a.constant(false)
	case len(out) == 0:
		return a.exists(q.Over)
	}
	inside, _ := t.in(set)
	outside, exact := t.in(out)
	level := backends.Rewritten("some number inside, none outside")
	if !exact {
		level = backends.Narrower("a list with numbers on both sides of a gap is missed")
	}
	return syntax.All(inside, syntax.Not(outside)), t.orZero(level, true)
}

// register is the name that stands for one element of a list.
const register = "A"

// bound says a condition on one element by a register, which newer agents have: ok only where no `not` stands before it, for
// the register ranges over the whole expression. The expression is nil when it cannot be said so.
func (a agent) bound(q *ir.Quant, negated bool) (syntax.Expr, backends.Level) {
	over := strings.ReplaceAll(q.Over.Name, "[]", "")
	list, rest := over, ""
	if f, ok := fields.Lookup(over); ok {
		list, rest = f.Iterator, strings.TrimPrefix(over, f.Iterator+".")
	}
	if negated || !slices.Contains(fields.Iterators(), list) {
		return nil, backends.Level{}
	}
	field := func(sub string, t schema.Type) *ir.Field {
		if sub == "" {
			sub = rest
		}
		n := &schema.NativeField{Path: list + "[" + register + "]." + sub, Type: t, EmptyMissing: rest != "" && q.Over.Native != nil && q.Over.Native.EmptyMissing}
		return &ir.Field{Name: n.Path, Type: t, Native: n, Span: q.Over.Span}
	}
	body, ok := ofElement(backends.PushNot(q.Body), q.Var, field)
	if !ok {
		return nil, backends.Level{}
	}
	if rest != "" { // an element that lacks the value is none of the rule's
		body = &ir.And{Xs: []ir.Pred{&ir.Exists{F: field("", q.Over.Type), Span: q.Span}, body}, Span: q.Span}
	}
	x, level := a.whole(body)
	return x, backends.JoinLevels(backends.Rewritten("a register, which newer agents have"), level)
}

// ofElement puts fields in the place of the element in a body.
func ofElement(body ir.Pred, name string, field func(sub string, t schema.Type) *ir.Field) (ir.Pred, bool) {
	all := func(xs []ir.Pred) ([]ir.Pred, bool) {
		out := make([]ir.Pred, len(xs))
		for i, x := range xs {
			p, ok := ofElement(x, name, field)
			if !ok {
				return nil, false
			}
			out[i] = p
		}
		return out, true
	}
	switch b := body.(type) {
	case *ir.And:
		xs, ok := all(b.Xs)
		return &ir.And{Xs: xs, Span: b.Span}, ok
	case *ir.Or:
		xs, ok := all(b.Xs)
		return &ir.Or{Xs: xs, Span: b.Span}, ok
	case *ir.Not, *ir.Cmp:
		c, sub, negated, ok := backends.ElementTest(body, name)
		if !ok {
			return nil, false
		}
		p := ir.Pred(backends.Of(c, field(sub, ir.TermType(c.L))))
		if negated {
			p = &ir.Not{X: p, Span: c.Span}
		}
		return p, true
	case *ir.Const, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return nil, false
}

// anyObject says that one object of a list satisfies several conditions.
func anyObject(a agent, p ir.Pred, negated bool) (syntax.Expr, backends.Level) {
	q := p.(*ir.Quant)
	if x, level := a.bound(q, negated); x != nil {
		return x, level
	}
	return a.apart(q)
}
