package eql

import (
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/rewrite"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// The levels of EQL, one row for each construct. Negation is exact for every exact leaf, because a comparison with a
// missing field is false and `not` is plain. Sources: reference pages of the Elasticsearch guide, see QUIRKS.md.
var table = backends.Table{
	backends.EqText:        {Summary: "`:` or `in~`; Assume fold when a literal has letters", Level: folded},
	backends.EqTextCased:   {Summary: "`==` or `in`", Level: exactly},
	backends.EqEmptyText:   {Summary: `== ""`, Level: folded},
	backends.ContainsText:  {Summary: "`: \"*v*\"` or stringContains~; Assume fold when a literal has letters", Level: folded},
	backends.ContainsCased: {Summary: "`like` or stringContains", Level: exactly},
	backends.StartsText:    {Summary: "`: \"v*\"` or startsWith~; Assume fold when a literal has letters", Level: folded},
	backends.StartsCased:   {Summary: "`like` or startsWith", Level: exactly},
	backends.EndsText:      {Summary: "`: \"*v\"` or endsWith~; Assume fold when a literal has letters", Level: folded},
	backends.EndsCased:     {Summary: "`like` or endsWith", Level: exactly},
	backends.LikeText:      {Summary: "`:`, or `regex` when the glob has a plain * or ?; Assume fold when a literal has letters", Level: globLevel},
	backends.LikeCased:     {Summary: "`like`, or `regex` when the glob has a plain * or ?", Level: globLevel},
	backends.MatchesText:   {Summary: "`regex` in Lucene's syntax; refused with an anchor inside, or beyond 1,000 characters", Level: regexLevel},
	backends.EqNumber:      {Summary: "`==` or `in`", Level: exactly},
	backends.OrderNumber:   {Summary: "the operator", Level: exactly},
	backends.EqDate:        {Summary: "`==` with a date text", Level: exactly},
	backends.OrderDate:     {Summary: "the operator with a date text", Level: exactly},
	backends.EqBool:        {Summary: "`==`", Level: exactly},
	backends.EqIP:          {Summary: "cidrMatch with a /32 or /128", Level: rewritten("cidrMatch with a single address")},
	backends.CIDRv4:        {Summary: "cidrMatch", Level: exactly},
	backends.CIDRv6:        {Summary: "cidrMatch; wider on a block that holds ::ffff:0:0/96", Level: rewrite.OnBlocks(exactly)},
	backends.LengthOf:      {Summary: "`regex \".{m,n}\"`, because length() may count UTF-16 units; refused above 500", Level: lengthLevel},
	backends.ValuesOf:      {Summary: "refused", Level: refused("EQL does not count the values of a field", "use ES|QL")},
	backends.HourOf:        {Summary: "refused", Level: refused("EQL has no date functions", "use ES|QL")},
	backends.WeekdayOf:     {Summary: "refused", Level: refused("EQL has no date functions", "use ES|QL")},
	backends.MinuteOf:      {Summary: "refused", Level: refused("EQL has no date functions", "use ES|QL")},
	backends.CalendarOf:    {Summary: "refused", Level: refused("EQL has no date functions", "use ES|QL")},
	backends.Calculated:    {Summary: "arithmetic on numbers, Assume scalar; refused for quotients and times", Level: calculated},
	backends.HasBits:       {Summary: "refused", Level: refused("EQL has no bit operations", "use another field")},
	backends.RelText:       {Summary: "startsWith~ both ways, Assume fold and scalar; wider on arrays", Level: relText},
	backends.RelTextCased:  {Summary: "startsWith both ways, Assume scalar; wider on arrays", Level: relText},
	backends.RelPart:       {Summary: "indexOf~, startsWith~, endsWith~, Assume fold", Level: relPart},
	backends.RelPartCased:  {Summary: "indexOf, startsWith, endsWith", Level: relPart},
	backends.RelNumber:     {Summary: "the difference compared with 0, Assume scalar", Level: relScalar},
	backends.RelDate:       {Summary: "refused", Level: refused("EQL does not compare two date fields", "use ES|QL")},
	backends.RelIP:         {Summary: "startsWith both ways on string(), Assume scalar; refused on arrays", Level: relScalar},
	backends.RelBool:       {Summary: "both true or both false", Level: relScalar},
	backends.RelCalculated: {Summary: "refused", Level: refused("EQL compares a calculation with a constant only", "use ES|QL")},
	backends.HasValue:      {Summary: "`!= null`", Level: exactly},
	backends.IsEmpty:       {Summary: "`== null or == \"\"`, on arrays `not f regex \".+\"`", Level: exactly},
	backends.AnyText:       {Summary: "`regex` with & | ~", Level: elementLevel},
	backends.AnyNumber:     {Summary: "each condition by itself, wider", Level: anyNumber},
	backends.AnyOther:      {Summary: "refused", Level: refused("EQL tests an element against constants only", "use ES|QL")},
	backends.AnyObject:     {Summary: "refused", Level: refused("EQL flattens objects in arrays", "compare the fields by themselves if that is enough")},
	backends.AllText:       {Summary: "`!= null and not … regex \"~(…)\"`", Level: elementLevel},
	backends.AllNumber:     {Summary: "`!= null` and not the opposite; refused for several conditions", Level: allNumber},
	backends.AllOther:      {Summary: "refused", Level: refused("EQL tests an element against constants only", "use ES|QL")},
	backends.AllObject:     {Summary: "refused", Level: refused("EQL flattens objects in arrays", "use another language")},
	backends.Always:        {Summary: "true, false", Level: exactly},
}

func exactly(ir.Pred, bool) backends.Level { return backends.Exactly() }

func rewritten(how string) func(ir.Pred, bool) backends.Level {
	return func(ir.Pred, bool) backends.Level { return backends.Rewritten(how) }
}

func refused(why, instead string) func(ir.Pred, bool) backends.Level {
	return func(ir.Pred, bool) backends.Level { return backends.Refused(why, instead) }
}

func folded(p ir.Pred, _ bool) backends.Level {
	c := p.(*ir.Cmp)
	if _, ok := backends.Texts(c); !ok {
		return backends.Refused("a literal has more than 16 spellings that differ only in case beyond ASCII", "make the comparison cased, or write the spellings that occur")
	}
	if c.Cased {
		return backends.Exactly()
	}
	return backends.FoldLevel(c)
}

// hasWildcard reports whether `:` and `like` would take a character of the text as a wildcard; they know no escapes.
func hasWildcard(s string) bool { return strings.ContainsAny(s, "*?") }

// plainGlob reports whether the glob can be printed as it stands: none of its literal pieces holds a * or ?.
func plainGlob(g pattern.Glob) bool {
	for _, part := range g {
		if part.Kind == pattern.Literal && hasWildcard(part.Text) {
			return false
		}
	}
	return true
}

func globLevel(p ir.Pred, negated bool) backends.Level {
	c := p.(*ir.Cmp)
	for _, v := range c.R {
		g := pattern.ParseGlob(v.Str())
		if !plainGlob(g) || !c.Cased && pattern.NonASCIICase(v.Str()) {
			return regexLevel(p, negated)
		}
	}
	return folded(p, negated)
}

func regexLevel(p ir.Pred, _ bool) backends.Level {
	if _, why := regexps(p.(*ir.Cmp)); why != "" {
		return backends.Refused(why, "split the expression, or use a glob")
	}
	return backends.Rewritten("a Lucene expression, which always fits the whole value")
}

// regexps returns the Lucene expressions of a comparison; why is not empty when one cannot be said.
func regexps(c *ir.Cmp) (res []string, why string) {
	for _, v := range c.R {
		n, ok := ir.TextPattern(c.Op, c.Cased, v.Str())
		if !ok {
			return nil, "it is no text test"
		}
		re, ok := rewrite.Search(n)
		if !ok {
			return nil, "Lucene expressions have no anchors, and one stands in the middle here"
		}
		if len([]rune(re)) > rewrite.MaxRegexp {
			return nil, "the expression is longer than 1,000 characters, the limit of Elasticsearch"
		}
		res = append(res, re)
	}
	return res, ""
}

// maxLength is the longest repetition that is printed: a counted repetition costs a state for each count.
const maxLength = 500

func lengthLevel(p ir.Pred, _ bool) backends.Level {
	c := p.(*ir.Cmp)
	if _, ok := c.L.(*ir.Call).X.(*ir.Field); !ok {
		return backends.Refused("EQL takes the length of a field only", "use ES|QL")
	}
	for _, v := range c.R {
		if least, most, none := backends.LengthRange(c.Op, wholeNumber(v)); !none && max(least, most) > maxLength {
			return backends.Refused("a length above 500 makes a regular expression too large for Elasticsearch", "use ES|QL")
		}
	}
	return backends.Rewritten("a regular expression that counts code points")
}

func calculated(p ir.Pred, _ bool) backends.Level {
	if ok := plainArithmetic(p.(*ir.Cmp).L); !ok {
		return backends.Refused("EQL calculates with + - * on numbers only", "use ES|QL")
	}
	return scalarLevel(p)
}

func plainArithmetic(t ir.Term) bool {
	switch t := t.(type) {
	case *ir.Arith:
		return t.Op != '/' && t.Op != '&' && t.Type.IsNumber() && plainArithmetic(t.X) && plainArithmetic(t.Y)
	case *ir.Field:
		return t.Type.IsNumber()
	case *ir.Lit:
		return t.Value.Type().IsNumber()
	case *ir.Elem, *ir.Call:
	}
	return false
}

// scalarLevel is Assume scalar, and a refusal when a field is an array, where a script reads one value only.
func scalarLevel(p ir.Pred) backends.Level {
	for _, f := range ir.FieldsOf(p) {
		if f.Array {
			return backends.Refused("EQL calculates with one value, and `"+f.Name+"` may hold several", "use ES|QL")
		}
	}
	return backends.Assuming("scalar")
}

func relScalar(p ir.Pred, _ bool) backends.Level { return scalarLevel(p) }

func relText(p ir.Pred, negated bool) backends.Level {
	r := p.(*ir.Rel)
	for _, f := range ir.FieldsOf(p) {
		if f.Array {
			return backends.Wider("each of the two values begins with some value of the other, which different elements may bring about").FlipIf(negated)
		}
	}
	if r.Cased {
		return backends.Assuming("scalar")
	}
	return backends.Assuming("fold", "scalar")
}

// relPart is exact on arrays: one function reads both fields, and any pair of their values may fit.
func relPart(p ir.Pred, _ bool) backends.Level {
	if p.(*ir.Rel).Cased {
		return backends.Exactly()
	}
	return backends.Assuming("fold")
}

func elementLevel(p ir.Pred, _ bool) backends.Level {
	q := p.(*ir.Quant)
	re, ok := rewrite.Element(q.Body, q.Var)
	if !ok {
		return backends.Refused("a condition on the element is no text test that a Lucene expression can say", "ask each condition by itself if that is enough, or use another language")
	}
	if len([]rune(re)) > rewrite.MaxRegexp {
		return backends.Refused("the expression is longer than 1,000 characters, the limit of Elasticsearch", "split the condition")
	}
	return backends.Rewritten("one Lucene expression for the whole element")
}

func anyNumber(p ir.Pred, negated bool) backends.Level {
	q := p.(*ir.Quant)
	if _, ok := onField(q); !ok {
		return backends.Refused("EQL cannot say this about one element", "use ES|QL")
	}
	return backends.Wider("different elements may satisfy the conditions").FlipIf(negated)
}

func allNumber(p ir.Pred, _ bool) backends.Level {
	q := p.(*ir.Quant)
	if _, ok := rewrite.Opposite(q); !ok {
		return backends.Refused("EQL says of all elements only that none is on the wrong side of one number", "use ES|QL")
	}
	return backends.Rewritten("no element on the other side")
}

func wholeNumber(v schema.Value) int64 {
	if v.Type() == schema.Double {
		return int64(v.Float64())
	}
	return v.Int64()
}
