package kibana

import (
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/kibana/syntax"
	"github.com/onerule/onerule/backends/elastic/rewrite"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
)

// The levels of the Kibana Query Language, one row for each construct. Keyword fields compare case-sensitively: text that
// ignores case is exact through a sub-field .caseless, through its spellings when they are few, and narrower otherwise.
var table = backends.Table{
	backends.EqText:        {Summary: caseSummary, Level: textLevel},
	backends.EqTextCased:   {Summary: "quoted value", Level: textLevel},
	backends.EqEmptyText:   {Summary: "quoted value", Level: textLevel},
	backends.ContainsText:  {Summary: caseSummary, Level: textLevel},
	backends.ContainsCased: {Summary: "pattern; wider with blanks on a field that is no keyword", Level: textLevel},
	backends.StartsText:    {Summary: caseSummary, Level: textLevel},
	backends.StartsCased:   {Summary: "pattern; refused when the text begins with a blank", Level: textLevel},
	backends.EndsText:      {Summary: caseSummary, Level: textLevel},
	backends.EndsCased:     {Summary: "pattern; refused when the text ends with a blank", Level: textLevel},
	backends.LikeText:      {Summary: caseSummary + "; `?` is printed as `*`, wider", Level: textLevel},
	backends.LikeCased:     {Summary: "pattern; `?` is printed as `*`, wider", Level: textLevel},
	backends.MatchesText:   {Summary: "refused", Level: refused("there are no regular expressions", "use a glob, or EQL or ES|QL, which say it")},
	backends.EqNumber:      {Summary: "value", Level: exactly},
	backends.OrderNumber:   {Summary: "range", Level: exactly},
	backends.EqDate:        {Summary: "quoted date, which is the range of that instant", Level: exactly},
	backends.OrderDate:     {Summary: "range", Level: exactly},
	backends.EqBool:        {Summary: "true or false", Level: exactly},
	backends.EqIP:          {Summary: "quoted address", Level: exactly},
	backends.CIDRv4:        {Summary: "quoted block", Level: exactly},
	backends.CIDRv6:        {Summary: "quoted block; wider on a block that holds ::ffff:0:0/96", Level: rewrite.OnBlocks(exactly)},
	backends.LengthOf:      {Summary: "refused", Level: noFunctions},
	backends.ValuesOf:      {Summary: "refused", Level: noFunctions},
	backends.HourOf:        {Summary: "refused", Level: noFunctions},
	backends.WeekdayOf:     {Summary: "refused", Level: noFunctions},
	backends.MinuteOf:      {Summary: "refused", Level: noFunctions},
	backends.CalendarOf:    {Summary: "refused", Level: noFunctions},
	backends.Calculated:    {Summary: "refused", Level: noFunctions},
	backends.HasBits:       {Summary: "refused", Level: noFunctions},
	backends.RelText:       {Summary: "refused", Level: noFields},
	backends.RelTextCased:  {Summary: "refused", Level: noFields},
	backends.RelPart:       {Summary: "refused", Level: noFields},
	backends.RelPartCased:  {Summary: "refused", Level: noFields},
	backends.RelNumber:     {Summary: "refused", Level: noFields},
	backends.RelDate:       {Summary: "refused", Level: noFields},
	backends.RelIP:         {Summary: "refused", Level: noFields},
	backends.RelBool:       {Summary: "refused", Level: noFields},
	backends.RelCalculated: {Summary: "refused", Level: noFields},
	backends.HasValue:      {Summary: "`f:*`", Level: exactly},
	backends.IsEmpty:       {Summary: "`not f:* or f:\"\"`; wider on arrays of text", Level: emptyLevel},
	backends.AnyText:       {Summary: "each condition by itself, wider; refused with `not` inside", Level: anyLevel},
	backends.AnyNumber:     {Summary: "each condition by itself, wider", Level: anyLevel},
	backends.AnyOther:      {Summary: "refused", Level: noFields},
	backends.AnyObject:     {Summary: "refused", Level: refused("objects in arrays are flattened unless the index maps them as nested", "compare the fields by themselves if that is enough")},
	backends.AllText:       {Summary: "refused", Level: refused("a condition on all values cannot be said", "use EQL or ES|QL")},
	backends.AllNumber:     {Summary: "`f:*` and not the opposite range; refused for several conditions", Level: allLevel},
	backends.AllOther:      {Summary: "refused", Level: noFields},
	backends.AllObject:     {Summary: "refused", Level: refused("objects in arrays are flattened unless the index maps them as nested", "use another language")},
	backends.Always:        {Summary: "`*:*`, `not *:*`", Level: exactly},
}

const caseSummary = "exact without letters, on `.caseless` sub-fields (Assume caseless, fold), or with at most 16 spellings; else narrower"

func exactly(ir.Pred, bool) backends.Level { return backends.Exactly() }

func refused(why, instead string) func(ir.Pred, bool) backends.Level {
	return func(ir.Pred, bool) backends.Level { return backends.Refused(why, instead) }
}

func noFunctions(ir.Pred, bool) backends.Level {
	return backends.Refused("there are no functions and no arithmetic", "use ES|QL")
}

func noFields(ir.Pred, bool) backends.Level {
	return backends.Refused("a field is compared with constants only", "use EQL or ES|QL")
}

// textLevel judges a text comparison by its printed values.
func textLevel(p ir.Pred, negated bool) backends.Level {
	c := p.(*ir.Cmp)
	plan := planText(c)
	for _, v := range plan.values {
		if err := syntax.Printable(v); err != nil {
			return backends.Refused(err.Error(), "use EQL or ES|QL")
		}
	}
	level := backends.Exactly()
	switch {
	case plan.caseless:
		level = backends.Assuming("caseless", "fold")
	case plan.spelled:
		level = backends.Rewritten("every spelling of the text")
	}
	switch {
	case plan.narrow && plan.wide:
		return backends.Refused("it would miss other spellings, and find other texts in the place of a ? or a blank", "make the comparison cased, or use EQL or ES|QL")
	case plan.narrow:
		level.Kind, level.Why = backends.Narrow, "the field is compared case-sensitively: only the spelling of the rule is found"
	case plan.wide:
		level.Kind, level.Why = backends.Widen, "a ? (or a blank, on a field that is no keyword) stands for any text there"
	}
	return level.FlipIf(negated)
}

// textPlan is how a text comparison is printed.
type textPlan struct {
	field  syntax.Name
	values []syntax.Value
	// caseless: through the sub-field; spelled: by every spelling; narrow: in the rule's spelling only; wide: with stars in
	// the place of something else.
	caseless, spelled, narrow, wide bool
}

func planText(c *ir.Cmp) textPlan {
	f := c.L.(*ir.Field)
	plan := textPlan{field: syntax.Field(rewrite.Path(f))}
	plan.caseless = !c.Cased && rewrite.Caseless(f) && hasCase(c)
	if plan.caseless {
		plan.field = syntax.Field(rewrite.Path(f) + ".caseless")
	}
	for _, v := range c.R {
		for _, s := range plan.spell(c, v.Str()) {
			plan.values = append(plan.values, plan.value(c.Op, s, plan.caseless || rewrite.Keyword(f)))
		}
	}
	return plan
}

// hasCase reports whether some literal has a cased letter, and none has one that lower-casing turns into an ASCII letter.
func hasCase(c *ir.Cmp) bool {
	cased := false
	for _, v := range c.R {
		if strings.ContainsAny(v.Str(), "\u0130\u017F\u212A") {
			return false
		}
		cased = cased || pattern.HasCase(v.Str())
	}
	return cased
}

// spell returns the spellings of a literal that are printed.
func (p *textPlan) spell(c *ir.Cmp, s string) []string {
	switch {
	case c.Cased || !pattern.HasCase(s):
		return []string{s}
	case p.caseless:
		variants, ok := backends.FoldVariants(s)
		if !ok {
			p.narrow = true
			variants = []string{s}
		}
		var out []string
		for _, v := range variants {
			if l := strings.ToLower(v); len(out) == 0 || out[len(out)-1] != l {
				out = append(out, l)
			}
		}
		return out
	}
	variants, ok := backends.CaseVariants(s)
	if !ok {
		p.narrow = true
		return []string{s}
	}
	p.spelled = true
	return variants
}

// value prints one spelling: a quoted value, or a pattern. On a field that is no plain keyword a pattern goes through a
// query string, where a blank would end it.
func (p *textPlan) value(op ir.Op, s string, keyword bool) syntax.Value {
	var parts []syntax.Part
	text := func(s string) {
		if keyword {
			parts = append(parts, syntax.Text(s))
			return
		}
		for i, word := range strings.FieldsFunc(s+"x", isBlank) { // the x keeps a last word behind a blank at the end
			if i > 0 || strings.IndexFunc(s, isBlank) == 0 {
				parts = append(parts, syntax.Star())
				p.wide = true
			}
			parts = append(parts, syntax.Text(word))
		}
		last := &parts[len(parts)-1]
		last.Text = strings.TrimSuffix(last.Text, "x")
	}
	switch op {
	case ir.Contains:
		parts = append(parts, syntax.Star())
		text(s)
		return syntax.Glob(append(parts, syntax.Star())...)
	case ir.StartsWith:
		text(s)
		return syntax.Glob(append(parts, syntax.Star())...)
	case ir.EndsWith:
		parts = append(parts, syntax.Star())
		text(s)
		return syntax.Glob(parts...)
	case ir.Like:
		for _, part := range pattern.ParseGlob(s) {
			switch part.Kind {
			case pattern.Literal:
				text(part.Text)
			case pattern.Star:
				parts = append(parts, syntax.Star())
			case pattern.One:
				p.wide = true
				parts = append(parts, syntax.Star())
			}
		}
		return syntax.Glob(parts...)
	case ir.Eq, ir.Matches, ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
	}
	return syntax.String(s)
}

// isBlank holds for what ends a term of a query string.
func isBlank(r rune) bool {
	return r == ' ' || r == '\t' || r == '\r' || r == '\n' || r == '\u00a0' || r == '\u3000'
}

func emptyLevel(p ir.Pred, negated bool) backends.Level {
	if f := p.(*ir.Empty).F; f.Array && f.Type.IsString() {
		return backends.Wider("an array with an empty text beside others is found too").FlipIf(negated)
	}
	return backends.Exactly()
}

func anyLevel(p ir.Pred, negated bool) backends.Level {
	q := p.(*ir.Quant)
	level := backends.Wider("different elements may satisfy the conditions")
	if _, ok := onField(q); !ok {
		return backends.Refused("`not` about one element cannot be said, nor one of its conditions", "use EQL or ES|QL")
	}
	for _, l := range eachLevels(q.Body, q) {
		switch l.Kind {
		case backends.Refuse:
			return l
		case backends.Narrow:
			return backends.Refused("it would miss other spellings and mix up elements", "make the comparisons cased, or use EQL or ES|QL")
		case backends.Native, backends.Rewrite, backends.Assume, backends.Widen:
			level = level.With(l.Assumptions...)
		}
	}
	return level.FlipIf(negated)
}

// eachLevels returns the levels of the conditions of a quantifier's body with the field in the place of the element.
func eachLevels(body ir.Pred, q *ir.Quant) []backends.Level {
	var out []backends.Level
	ir.Walk(body, func(p ir.Pred) bool {
		if c, ok := p.(*ir.Cmp); ok {
			onField := &ir.Cmp{Op: c.Op, Cased: c.Cased, L: q.Over, R: c.R}
			if q.Over.Type.IsString() { // conditions on other types are exact by themselves
				out = append(out, textLevel(onField, false))
			}
		}
		return true
	})
	return out
}

func allLevel(p ir.Pred, _ bool) backends.Level {
	if _, ok := rewrite.Opposite(p.(*ir.Quant)); !ok {
		return backends.Refused("of all elements it can only be said that none is on the wrong side of one number", "use ES|QL")
	}
	return backends.Rewritten("no element on the other side")
}
