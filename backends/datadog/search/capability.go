package search

import (
	"strconv"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/datadog/search/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// table holds the levels of log search, one row for each construct. `-` is plain negation, true when the attribute is missing, so the
// negation of an exact leaf is exact. Sources: docs.datadoghq.com/logs/explorer/search_syntax, see QUIRKS.md.
func table() backends.Table {
	return backends.Table{
		backends.EqText:        {Summary: "`@f:\"v\"`; up to 16 spellings are written out, else narrower", Level: cmp(textLevel)},
		backends.EqTextCased:   {Summary: "`@f:\"v\"`", Level: cmp(textLevel)},
		backends.EqEmptyText:   {Summary: "refused", Level: refused("whether log search stores an empty text is not settled", "use `empty f`, or leave the empty text out")},
		backends.ContainsText:  {Summary: "`@f:*v*`, Assume one-line; up to 16 spellings are written out, else narrower; wider with a plain * or ?", Level: cmp(textLevel)},
		backends.ContainsCased: {Summary: "`@f:*v*`, Assume one-line; wider with a plain * or ?", Level: cmp(textLevel)},
		backends.StartsText:    {Summary: "`@f:v*`, Assume one-line; up to 16 spellings are written out, else narrower; wider with a plain * or ?", Level: cmp(textLevel)},
		backends.StartsCased:   {Summary: "`@f:v*`, Assume one-line; wider with a plain * or ?", Level: cmp(textLevel)},
		backends.EndsText:      {Summary: "`@f:*v`, Assume one-line; up to 16 spellings are written out, else narrower; wider with a plain * or ?", Level: cmp(textLevel)},
		backends.EndsCased:     {Summary: "`@f:*v`, Assume one-line; wider with a plain * or ?", Level: cmp(textLevel)},
		backends.LikeText:      {Summary: "`@f:a*b`, Assume one-line; up to 16 spellings are written out, else narrower; wider with ?", Level: cmp(textLevel)},
		backends.LikeCased:     {Summary: "`@f:a*b`, Assume one-line; wider with ?", Level: cmp(textLevel)},
		backends.MatchesText:   {Summary: "written out to values and `*` patterns, up to 64; wider where a class or a count is printed as *; else refused", Level: cmp(textLevel)},
		backends.EqNumber:      {Summary: "whole numbers `@n:5`, others `@n:[5.5 TO 5.5]`, Assume facet; refused on arrays", Level: cmp(numberLevel)},
		backends.OrderNumber:   {Summary: "`@n:>=5`, Assume facet; refused on arrays", Level: cmp(numberLevel)},
		backends.EqDate:        {Summary: "milliseconds on a measure, Assume facet; else refused", Level: cmp(dateLevel)},
		backends.OrderDate:     {Summary: "milliseconds on a measure, Assume facet; else refused", Level: cmp(dateLevel)},
		backends.EqBool:        {Summary: "`@b:true`", Level: exactly},
		backends.EqIP:          {Summary: "`@ip:\"10.0.0.1\"`, Assume ip-text", Level: cmp(addressLevel)},
		backends.CIDRv4:        {Summary: "the beginnings of addresses, up to 128, Assume ip-text", Level: cmp(addressLevel)},
		backends.CIDRv6:        {Summary: "whole groups without zeros, Assume ip-text; else refused", Level: cmp(addressLevel)},
		backends.LengthOf:      {Summary: "refused", Level: refused("log search does not count characters", "leave this language out, or ask for a literal")},
		backends.ValuesOf:      {Summary: "none, or at least one: presence; else refused", Level: cmp(valuesLevel)},
		backends.HourOf:        {Summary: "refused", Level: refused("log search has no date functions", "leave this language out")},
		backends.WeekdayOf:     {Summary: "refused", Level: refused("log search has no date functions", "leave this language out")},
		backends.MinuteOf:      {Summary: "refused", Level: refused("log search has no date functions", "leave this language out")},
		backends.CalendarOf:    {Summary: "refused", Level: refused("log search has no date functions", "leave this language out")},
		backends.Calculated:    {Summary: "refused", Level: refused("log search does not calculate; calculated fields exist in scheduled rules only", "compare the field itself, or leave this language out")},
		backends.HasBits:       {Summary: "refused", Level: refused("log search has no bit operations", "use a field that holds the names of the flags")},
		backends.RelText:       {Summary: "refused", Level: noRelation},
		backends.RelTextCased:  {Summary: "refused", Level: noRelation},
		backends.RelPart:       {Summary: "refused", Level: noRelation},
		backends.RelPartCased:  {Summary: "refused", Level: noRelation},
		backends.RelNumber:     {Summary: "refused", Level: noRelation},
		backends.RelDate:       {Summary: "refused", Level: noRelation},
		backends.RelIP:         {Summary: "refused", Level: noRelation},
		backends.RelBool:       {Summary: "refused", Level: noRelation},
		backends.RelCalculated: {Summary: "refused", Level: noRelation},
		backends.HasValue:      {Summary: "`@f:*`, Assume json-null, for text also no-empty and one-line, for addresses ip-text", Level: presence},
		backends.IsEmpty:       {Summary: "`-@f:*`, Assume json-null, for text also no-empty and one-line, for addresses ip-text", Level: presence},
		backends.AnyText:       {Summary: "equality with others, a beginning and an end: exact; else each condition by itself, wider", Level: quant(anyLevel)},
		backends.AnyNumber:     {Summary: "addresses: each condition by itself, wider; else refused", Level: quant(anyLevel)},
		backends.AnyOther:      {Summary: "refused", Level: noRelation},
		backends.AnyObject:     {Summary: "each condition by itself, wider: objects in arrays are flattened", Level: quant(anyLevel)},
		backends.AllText:       {Summary: "`(@f:* AND -@f:…)` when every condition is negated; else refused", Level: quant(allLevel)},
		backends.AllNumber:     {Summary: "addresses, when every condition is negated; else refused", Level: quant(allLevel)},
		backends.AllOther:      {Summary: "refused", Level: noRelation},
		backends.AllObject:     {Summary: "refused", Level: refused("log search flattens objects in arrays", "ask the conditions of the fields by themselves if that is enough")},
		backends.Always:        {Summary: "`*`, `-*`", Level: func(ir.Pred, bool) backends.Level { return backends.Exactly() }},
	}
}

// positive is the level of a leaf without its negation.
type positive func(ir.Pred) backends.Level

// row makes a row's level: fields that a query cannot compare are refused, and negation turns the level round.
func row(level positive) func(ir.Pred, bool) backends.Level {
	return func(p ir.Pred, negated bool) backends.Level {
		for _, f := range ir.FieldsOf(p) {
			if _, why := fieldOf(f); why != "" {
				return backends.Refused(why, "choose a binding that supplies the field as an attribute, or leave this language out")
			}
		}
		return level(p).FlipIf(negated)
	}
}

func cmp(level func(*ir.Cmp) backends.Level) func(ir.Pred, bool) backends.Level {
	return row(func(p ir.Pred) backends.Level { return level(p.(*ir.Cmp)) })
}

func quant(level func(*ir.Quant) backends.Level) func(ir.Pred, bool) backends.Level {
	return row(func(p ir.Pred) backends.Level { return level(p.(*ir.Quant)) })
}

func exactly(p ir.Pred, negated bool) backends.Level {
	return row(func(ir.Pred) backends.Level { return backends.Exactly() })(p, negated)
}

func refused(why, instead string) func(ir.Pred, bool) backends.Level {
	return func(ir.Pred, bool) backends.Level { return backends.Refused(why, instead) }
}

func noRelation(ir.Pred, bool) backends.Level {
	return backends.Refused("log search compares an attribute with constants only; calculated fields, which compare two, exist in scheduled rules only", "compare with a literal, or leave this language out")
}

func textLevel(c *ir.Cmp) backends.Level {
	f, _ := fieldOf(c.L.(*ir.Field))
	return readText(c, f).level
}

func numberLevel(c *ir.Cmp) backends.Level {
	f := c.L.(*ir.Field)
	switch {
	case f.Array:
		return backends.Refused("whether log search compares the numbers of an array one by one is not settled, and `"+f.Name+"` may hold several", "compare another field, or leave this language out")
	case !isMeasure(f):
		return backends.Refused("`"+f.Name+"` is no numeric facet, and only those compare as numbers", "choose a binding that supplies it as a measure")
	}
	for _, v := range c.R {
		if c.Op != ir.Eq || !whole(v) || f.Type == schema.Double {
			return backends.Assuming("facet")
		}
	}
	return backends.Exactly()
}

func whole(v schema.Value) bool { return v.Type() == schema.Long }

func dateLevel(c *ir.Cmp) backends.Level {
	f := c.L.(*ir.Field)
	if f.Array || !isMeasure(f) {
		return backends.Refused("`"+f.Name+"` is a date as text, and log search compares numbers only", "choose a binding that supplies it as a measure of milliseconds, or leave the time to the schedule")
	}
	return backends.Assuming("facet")
}

func addressLevel(c *ir.Cmp) backends.Level {
	f, _ := fieldOf(c.L.(*ir.Field))
	_, level := addressTests(f, c.R)
	return level
}

// valuesLevel takes what a count of values says about presence alone.
func valuesLevel(c *ir.Cmp) backends.Level {
	f, ok := c.L.(*ir.Call).X.(*ir.Field)
	if !ok {
		return backends.Refused("log search counts the values of no element", "leave this language out")
	}
	for _, v := range c.R {
		if _, ok := presenceOf(c.Op, v); !ok {
			return backends.Refused("log search does not count the values of an attribute", "compare with 0 or 1, or leave this language out")
		}
	}
	return presence(&ir.Exists{F: f}, false)
}

// presenceOf reports what a condition on the number of values says about presence: it holds for some value, and for none.
func presenceOf(op ir.Op, v schema.Value) (holds struct{ some, none bool }, ok bool) {
	if !whole(v) {
		return holds, false
	}
	least, most, never := backends.LengthRange(op, v.Int64())
	switch {
	case never:
		return holds, true
	case most == 0:
		holds.none = true
	case most < 0 && least <= 1:
		holds.some, holds.none = true, least == 0
	default:
		return holds, false
	}
	return holds, true
}

func presence(p ir.Pred, negated bool) backends.Level {
	return row(func(p ir.Pred) backends.Level {
		if ir.FieldsOf(p)[0].Type.IsString() {
			return backends.Assuming("json-null", "no-empty", "one-line")
		}
		if ir.FieldsOf(p)[0].Type == schema.IP { // a text such as `-` is no address
			return backends.Assuming("json-null", "ip-text")
		}
		return backends.Assuming("json-null")
	})(p, negated)
}

// testable reports whether the elements of an array can be compared at all.
func testable(q *ir.Quant) (why string) {
	t := q.Over.Type
	if t.IsString() || t == schema.IP || ir.ReadsSubfields(q.Body, q.Var) {
		return ""
	}
	return "log search compares the elements of texts and addresses only, and those of `" + q.Over.Name + "` are of type " + t.String()
}

func anyLevel(q *ir.Quant) backends.Level {
	if why := testable(q); why != "" {
		return backends.Refused(why, "ask each condition by itself if that is enough")
	}
	return anyElement(q)
}

func allLevel(q *ir.Quant) backends.Level {
	if why := testable(q); why != "" {
		return backends.Refused(why, "use `none`, or leave this language out")
	}
	p, ok := backends.NoneOf(q)
	if !ok {
		return backends.Refused("log search says of all elements only that none of them fits something", "turn the condition round with `none`, or leave this language out")
	}
	return fieldLevel(p)
}

// number is the text of a literal in a query.
func number(v schema.Value) string {
	if v.Type() == schema.Double {
		return backends.Decimal(v.Float64())
	}
	return strconv.FormatInt(v.Int64(), 10)
}

// compareOps are the operators of log search.
var compareOps = map[ir.Op]syntax.CompareOp{ir.Lt: syntax.Less, ir.Le: syntax.LessEqual, ir.Gt: syntax.Greater, ir.Ge: syntax.GreaterEqual}
