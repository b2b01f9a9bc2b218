package secl

import (
	"fmt"
	"math"
	"net/netip"
	"strconv"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/datadog/secl/fields"
	"github.com/onerule/onerule/backends/datadog/secl/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// leaf says a condition as an expression, and how the expression relates to the condition. negated says that `not` stands
// before it; the level is that of the condition without it. The expression is nil when the level is a refusal.
type leaf func(a agent, p ir.Pred, negated bool) (syntax.Expr, backends.Level)

// builder returns what says a construct; nil for the constructs that are always refused.
func builder(c backends.Construct) leaf {
	switch c {
	case backends.EqText, backends.EqTextCased, backends.EqEmptyText, backends.ContainsText, backends.ContainsCased, backends.StartsText, backends.StartsCased,
		backends.EndsText, backends.EndsCased, backends.LikeText, backends.LikeCased, backends.MatchesText:
		return cmp(agent.text)
	case backends.EqNumber, backends.OrderNumber:
		return cmp(agent.number)
	case backends.EqDate, backends.OrderDate:
		return cmp(agent.date)
	case backends.EqBool:
		return cmp(agent.boolean)
	case backends.EqIP, backends.CIDRv4, backends.CIDRv6:
		return cmp(agent.address)
	case backends.LengthOf:
		return lengthOf
	case backends.ValuesOf:
		return valuesOf
	case backends.HasBits:
		return hasBits
	case backends.RelText, backends.RelTextCased:
		return rel(agent.sameText)
	case backends.RelNumber:
		return rel(agent.relation)
	case backends.RelIP:
		return rel(agent.sameAddress)
	case backends.RelBool:
		return rel(agent.relation)
	case backends.HasValue:
		return func(a agent, p ir.Pred, _ bool) (syntax.Expr, backends.Level) { return a.exists(p.(*ir.Exists).F) }
	case backends.IsEmpty:
		return isEmpty
	case backends.AnyText, backends.AnyNumber:
		return anyValue
	case backends.AnyObject:
		return anyObject
	case backends.AllText, backends.AllNumber:
		return allValues
	case backends.Always:
		return func(a agent, p ir.Pred, _ bool) (syntax.Expr, backends.Level) { return a.constant(p.(*ir.Const).Value) }
	case backends.HourOf, backends.WeekdayOf, backends.MinuteOf, backends.CalendarOf, backends.Calculated, backends.RelPart, backends.RelPartCased, backends.RelDate, backends.RelCalculated, backends.AnyOther, backends.AllOther, backends.AllObject:
	}
	return nil
}

// cmp says a comparison of a field with literals.
func cmp(say func(a agent, c *ir.Cmp, t target) (syntax.Expr, backends.Level)) leaf {
	return func(a agent, p ir.Pred, _ bool) (syntax.Expr, backends.Level) {
		c := p.(*ir.Cmp)
		t, why := a.target(c.L.(*ir.Field))
		if why != "" {
			return unknownField(why)
		}
		return say(a, c, t)
	}
}

// rel says a comparison of two fields.
func rel(say func(a agent, r *ir.Rel, l, z target) (syntax.Expr, backends.Level)) leaf {
	return func(a agent, p ir.Pred, _ bool) (syntax.Expr, backends.Level) {
		r := p.(*ir.Rel)
		l, why := a.target(r.L.(*ir.Field))
		z, whyZ := a.target(r.R.(*ir.Field))
		if why+whyZ != "" {
			return unknownField(why + whyZ)
		}
		return say(a, r, l, z)
	}
}

func unknownField(why string) (syntax.Expr, backends.Level) {
	return nil, backends.Refused(why, "choose a binding that supplies the field otherwise, or leave this language out")
}

// lower says a checked predicate.
func (a agent) lower(p ir.Pred) syntax.Expr {
	switch p := p.(type) {
	case *ir.And:
		return syntax.All(a.lowerAll(p.Xs)...)
	case *ir.Or:
		return syntax.Any(a.lowerAll(p.Xs)...)
	case *ir.Not:
		return syntax.Not(a.say(p.X, true))
	case *ir.Const, *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return a.say(p, false)
}

func (a agent) lowerAll(ps []ir.Pred) []syntax.Expr {
	xs := make([]syntax.Expr, len(ps))
	for i, p := range ps {
		xs[i] = a.lower(p)
	}
	return xs
}

func (a agent) say(p ir.Pred, negated bool) syntax.Expr {
	build := builder(backends.ConstructOf(p))
	if build == nil {
		panic(fmt.Sprintf("secl: %q passed the check and has no lowering", backends.ConstructOf(p)))
	}
	x, level := build(a, p, negated)
	if x == nil {
		panic(fmt.Sprintf("secl: %s passed the check and cannot be said: %s", ir.PrintPred(p), level.Why))
	}
	return x
}

var compareOps = map[ir.Op]syntax.CompareOp{ir.Eq: syntax.Equal, ir.Lt: syntax.Less, ir.Le: syntax.LessEqual, ir.Gt: syntax.Greater, ir.Ge: syntax.GreaterEqual}

// orZero is the level of a test on a field that is never missing: where it holds for zero, which stands for missing, it
// needs the field to be set. A list that is not set has no values.
func (t target) orZero(level backends.Level, holdsForZero bool) backends.Level {
	if holdsForZero && (!t.list || t.field.Iterator != "") {
		return level.With("set")
	}
	return level
}

const fractions = "agents compare whole numbers only"

func (a agent) number(c *ir.Cmp, t target) (syntax.Expr, backends.Level) {
	set, ok := intsOf(c.Op, c.R)
	if !ok {
		return nil, backends.Refused(fractions, "compare with a whole number")
	}
	level := t.orZero(backends.Exactly(), set.has(0))
	var points, tests []syntax.Expr
	for _, v := range c.R {
		n, _ := wholeNumber(v)
		if c.Op == ir.Eq {
			points = append(points, syntax.Integer(n))
		} else {
			tests = append(tests, t.compare(compareOps[c.Op], n))
		}
	}
	if len(points) > 0 {
		return t.is(points...), level
	}
	return syntax.Any(tests...), level
}

// date compares a time field, which agents keep in nanoseconds since 1970, with an instant in milliseconds.
func (a agent) date(c *ir.Cmp, t target) (syntax.Expr, backends.Level) {
	const nanos = 1_000_000
	var set ints
	for _, v := range c.R {
		ms := v.Millis()
		if ms <= 0 || ms > math.MaxInt64/nanos-1 {
			return nil, backends.Refused("the instant is out of the range of an agent's times", "use an instant between 1970 and 2262")
		}
		instants, _ := intsOf(c.Op, []schema.Value{schema.Int(ms)})
		for _, i := range instants {
			if i.lo != math.MinInt64 {
				i.lo *= nanos
			}
			if i.hi != math.MaxInt64 {
				i.hi = i.hi*nanos + nanos - 1
			}
			set = append(set, i)
		}
	}
	set = set.normal()
	x, exact := t.in(set)
	if !exact {
		return nil, backends.Refused("two values of a list may lie on either side of the instant", "use < or >=")
	}
	return x, t.orZero(backends.Rewritten("nanoseconds since 1970"), set.has(0))
}

func (a agent) boolean(c *ir.Cmp, t target) (syntax.Expr, backends.Level) {
	var tests []syntax.Expr
	holdsForZero := false
	for _, v := range c.R {
		holdsForZero = holdsForZero || !v.Bool()
		switch {
		case t.list:
			tests = append(tests, t.is(syntax.Truth(v.Bool())))
		case v.Bool():
			tests = append(tests, t.ident())
		default:
			tests = append(tests, syntax.Not(t.ident()))
		}
	}
	return syntax.Any(tests...), t.orZero(backends.Exactly(), holdsForZero)
}

func (a agent) address(c *ir.Cmp, t target) (syntax.Expr, backends.Level) {
	blocks := make([]syntax.Expr, len(c.R))
	for i, v := range c.R {
		p, err := ir.ParseCIDR(v.String())
		if err != nil {
			return nil, backends.Refused("`"+v.String()+"` is no block of addresses", "correct it")
		}
		blocks[i] = block(p)
	}
	return t.is(blocks...), backends.Exactly()
}

func block(p netip.Prefix) syntax.Expr {
	x, err := syntax.Block(p.String())
	if err != nil {
		panic("secl: " + err.Error())
	}
	return x
}

// maxLength is the largest count that RE2 takes in a repetition.
const maxLength = 1000

func lengthOf(a agent, p ir.Pred, _ bool) (syntax.Expr, backends.Level) {
	c := p.(*ir.Cmp)
	f, ok := c.L.(*ir.Call).X.(*ir.Field)
	if !ok {
		return nil, backends.Refused("agents take the length of a field only", "ask for a glob")
	}
	t, why := a.target(f)
	if why != "" {
		return unknownField(why)
	}
	set, ok := intsOf(c.Op, c.R)
	if !ok {
		return nil, backends.Refused(fractions, "compare with a whole number")
	}
	set = set.not().union(ints{{math.MinInt64, 0}}).not() // the agent has no text of length 0
	level := backends.Rewritten("a regular expression that counts code points")
	if t.blank {
		level = level.With("no-empty")
	}
	if t.path {
		return pathLength(t, set)
	}
	items := []syntax.Expr{}
	for _, i := range set {
		if i.lo > maxLength || i.hi != math.MaxInt64 && i.hi > maxLength {
			return nil, backends.Refused("agents count up to 1,000 characters", "use a smaller length")
		}
		count := strconv.FormatInt(i.lo, 10)
		switch i.hi {
		case i.lo:
		case math.MaxInt64:
			count += ","
		default:
			count += "," + strconv.FormatInt(i.hi, 10)
		}
		items = append(items, regularExpression("(?s)^.{"+count+"}$"))
	}
	if len(items) == 0 {
		items = append(items, regularExpression(nothing))
	}
	return t.is(items...), level
}

func pathLength(t target, set ints) (syntax.Expr, backends.Level) {
	length := t.sibling("length")
	if !length.known() || len(set) == 0 {
		return nil, backends.Refused("agents do not count the characters of `"+t.name+"`", pathRefuse)
	}
	x, exact := length.in(set)
	if !exact {
		return nil, backends.Refused("two values of a list may lie on either side of a length", "use < or >=")
	}
	return x, backends.Assuming("ascii")
}

func valuesOf(a agent, p ir.Pred, _ bool) (syntax.Expr, backends.Level) {
	c := p.(*ir.Cmp)
	f, ok := c.L.(*ir.Call).X.(*ir.Field)
	set, whole := intsOf(c.Op, c.R)
	many := set.not().union(ints{{math.MinInt64, 0}}).not() // the counts of a field that is there
	switch none := set.has(0); {
	case !ok || !whole || len(many) > 0 && many[0] != interval{1, math.MaxInt64}:
		return nil, backends.Refused("agents do not count the values of a field", "compare with 0 or 1, or leave this language out")
	case len(many) > 0 == none:
		return a.constant(none)
	case none:
		x, level := a.exists(f)
		if x == nil {
			return nil, level
		}
		return syntax.Not(x), level.Flip()
	}
	return a.exists(f)
}

// hasBits compares bits of a field; the names of the bits are those that the binding gives.
func hasBits(a agent, p ir.Pred, _ bool) (syntax.Expr, backends.Level) {
	c := p.(*ir.Cmp)
	bits := c.L.(*ir.Arith)
	f, isField := bits.X.(*ir.Field)
	mask, isLiteral := bits.Y.(*ir.Lit)
	if !isField || !isLiteral {
		return nil, backends.Refused("agents take bits of a field by a constant only", "write the mask as a number")
	}
	t, why := a.target(f)
	set, whole := intsOf(c.Op, c.R)
	switch {
	case why != "":
		return unknownField(why)
	case t.list:
		return nil, backends.Refused("agents do not calculate with lists", "use a field with one value")
	case !whole:
		return nil, backends.Refused(fractions, "compare with a whole number")
	}
	tests := make([]syntax.Expr, len(c.R))
	for i, v := range c.R {
		n, _ := wholeNumber(v)
		masked := &syntax.Bits{Op: '&', X: t.ident(), Y: a.mask(f.Name, mask.Value.Int64())}
		tests[i] = &syntax.Compare{Op: compareOps[c.Op], X: masked, Y: syntax.Integer(n)}
	}
	return syntax.Any(tests...), t.orZero(backends.Exactly(), set.has(0))
}

// mask writes a mask by the names of its bits where the binding's selecting conditions have them.
func (a agent) mask(field string, mask int64) syntax.Expr {
	if a.class == nil {
		return syntax.Integer(mask)
	}
	for _, cond := range a.class.Select {
		if cond.Native.Path != field || cond.Mask != mask || len(cond.Values) == 0 {
			continue
		}
		var x syntax.Expr
		sum := int64(0)
		for i := len(cond.Values) - 1; i >= 0; i-- {
			n, ok := fields.ConstantValue(cond.Values[i])
			if !ok {
				return syntax.Integer(mask)
			}
			sum |= n
			name := &syntax.Ident{Name: cond.Values[i]}
			if x == nil {
				x = name
			} else {
				x = &syntax.Bits{Op: '|', X: name, Y: x}
			}
		}
		if sum == mask {
			return x
		}
	}
	return syntax.Integer(mask)
}
