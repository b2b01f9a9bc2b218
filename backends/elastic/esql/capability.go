package esql

import (
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/rewrite"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// The levels of ES|QL, one row for each construct. Most operators answer null on a field with several values, so fields
// that the catalogue calls scalar are assumed to be (Assume scalar), and arrays are asked through multivalue functions or
// as one joined text. A negation is always NOT COALESCE(…, FALSE). Sources: see QUIRKS.md.
var table = backends.Table{
	backends.EqText:        {Summary: "TO_LOWER(f) == \"v\", Assume fold, scalar; arrays MV_CONTAINS, Assume fold", Level: textLevel},
	backends.EqTextCased:   {Summary: "==, Assume scalar; arrays MV_CONTAINS", Level: textLevel},
	backends.EqEmptyText:   {Summary: "== \"\", Assume scalar; arrays MV_CONTAINS", Level: textLevel},
	backends.ContainsText:  {Summary: "LIKE on TO_LOWER, Assume fold, scalar; arrays on the joined text, Assume fold", Level: textLevel},
	backends.ContainsCased: {Summary: "LIKE, Assume scalar; arrays on the joined text", Level: textLevel},
	backends.StartsText:    {Summary: "STARTS_WITH on TO_LOWER, Assume fold, scalar; arrays on the joined text, Assume sep", Level: textLevel},
	backends.StartsCased:   {Summary: "STARTS_WITH, Assume scalar; arrays on the joined text, Assume sep", Level: textLevel},
	backends.EndsText:      {Summary: "ENDS_WITH on TO_LOWER, Assume fold, scalar; arrays on the joined text, Assume sep", Level: textLevel},
	backends.EndsCased:     {Summary: "ENDS_WITH, Assume scalar; arrays on the joined text, Assume sep", Level: textLevel},
	backends.LikeText:      {Summary: "LIKE on TO_LOWER, Assume fold, scalar; arrays RLIKE on the joined text, Assume sep", Level: textLevel},
	backends.LikeCased:     {Summary: "LIKE, Assume scalar; arrays RLIKE on the joined text, Assume sep", Level: textLevel},
	backends.MatchesText:   {Summary: "RLIKE in Lucene's syntax, Assume scalar; arrays on the joined text, Assume sep; refused with an anchor inside, or beyond 1,000 characters", Level: textLevel},
	backends.EqNumber:      {Summary: "==, IN, Assume scalar; arrays MV_CONTAINS", Level: scalarLevel},
	backends.OrderNumber:   {Summary: "the operator, Assume scalar; arrays by MV_MIN, MV_MAX", Level: scalarLevel},
	backends.EqDate:        {Summary: "== TO_DATETIME(…), Assume scalar; arrays MV_CONTAINS", Level: scalarLevel},
	backends.OrderDate:     {Summary: "the operator, Assume scalar; arrays by MV_MIN, MV_MAX", Level: scalarLevel},
	backends.EqBool:        {Summary: "==, Assume scalar; arrays MV_CONTAINS", Level: scalarLevel},
	backends.EqIP:          {Summary: "CIDR_MATCH, Assume scalar; arrays MV_CONTAINS", Level: scalarLevel},
	backends.CIDRv4:        {Summary: "CIDR_MATCH, Assume scalar; arrays refused", Level: blockLevel},
	backends.CIDRv6:        {Summary: "CIDR_MATCH, Assume scalar; arrays refused; wider on a block that holds ::ffff:0:0/96", Level: rewrite.OnBlocks(blockLevel)},
	backends.LengthOf:      {Summary: "LENGTH, Assume scalar; arrays refused", Level: functionLevel},
	backends.ValuesOf:      {Summary: "MV_COUNT(MV_DEDUPE())", Level: rewritten("distinct values counted")},
	backends.HourOf:        {Summary: "DATE_EXTRACT, Assume scalar; arrays refused", Level: functionLevel},
	backends.WeekdayOf:     {Summary: "DATE_EXTRACT, Assume scalar; arrays refused", Level: functionLevel},
	backends.MinuteOf:      {Summary: "DATE_EXTRACT, Assume scalar; arrays refused", Level: functionLevel},
	backends.CalendarOf:    {Summary: "DATE_EXTRACT, Assume scalar; arrays and weeks refused", Level: functionLevel},
	backends.Calculated:    {Summary: "arithmetic, Assume scalar; arrays refused", Level: functionLevel},
	backends.HasBits:       {Summary: "refused", Level: refused("ES|QL has no bit operations", "use another field")},
	backends.RelText:       {Summary: "TO_LOWER on both sides, Assume fold, scalar; one array by MV_CONTAINS, Assume fold, scalar", Level: relLevel},
	backends.RelTextCased:  {Summary: "==, Assume scalar; one array by MV_CONTAINS, Assume scalar", Level: relLevel},
	backends.RelPart:       {Summary: "LOCATE, STARTS_WITH, ENDS_WITH on TO_LOWER, Assume fold, scalar; arrays refused", Level: relPartLevel},
	backends.RelPartCased:  {Summary: "LOCATE, STARTS_WITH, ENDS_WITH, Assume scalar; arrays refused", Level: relPartLevel},
	backends.RelNumber:     {Summary: "the operator, Assume scalar; arrays refused", Level: functionLevel},
	backends.RelDate:       {Summary: "the operator, Assume scalar; arrays refused", Level: functionLevel},
	backends.RelIP:         {Summary: "==, Assume scalar; one array by MV_CONTAINS, Assume scalar", Level: relLevel},
	backends.RelBool:       {Summary: "==, Assume scalar; one array by MV_CONTAINS, Assume scalar", Level: relLevel},
	backends.RelCalculated: {Summary: "arithmetic, Assume scalar; arrays refused", Level: functionLevel},
	backends.HasValue:      {Summary: "IS NOT NULL", Level: exactly},
	backends.IsEmpty:       {Summary: "IS NULL OR all values joined are \"\"", Level: exactly},
	backends.AnyText:       {Summary: "RLIKE with & | ~ on the joined text, Assume sep", Level: elementLevel},
	backends.AnyNumber:     {Summary: "refused", Level: refused("several conditions on one number cannot be said before the preview function MV_IN_RANGE", "ask each condition by itself if that is enough")},
	backends.AnyOther:      {Summary: "refused", Level: refused("an element is compared with constants only", "compare the fields by themselves if that is enough")},
	backends.AnyObject:     {Summary: "refused", Level: refused("objects in arrays are flattened", "compare the fields by themselves if that is enough")},
	backends.AllText:       {Summary: "RLIKE over the joined text, Assume sep", Level: elementLevel},
	backends.AllNumber:     {Summary: "MV_MIN, MV_MAX; refused for several conditions", Level: allLevel},
	backends.AllOther:      {Summary: "refused", Level: refused("an element is compared with constants only", "use another language")},
	backends.AllObject:     {Summary: "refused", Level: refused("objects in arrays are flattened", "use another language")},
	backends.Always:        {Summary: "TRUE, FALSE", Level: exactly},
}

func exactly(ir.Pred, bool) backends.Level { return backends.Exactly() }

func rewritten(how string) func(ir.Pred, bool) backends.Level {
	return func(ir.Pred, bool) backends.Level { return backends.Rewritten(how) }
}

func refused(why, instead string) func(ir.Pred, bool) backends.Level {
	return func(ir.Pred, bool) backends.Level { return backends.Refused(why, instead) }
}

// lowerable reports whether lower-casing field and literals says the same as ignoring case: no literal has one of the
// characters that lower-casing turns into an ASCII letter, and its spellings are few.
func lowerable(c *ir.Cmp) bool {
	for _, v := range c.R {
		if strings.ContainsAny(v.Str(), "\u0130\u017F\u212A") {
			return false
		}
	}
	_, ok := backends.Texts(c)
	return ok
}

// plan says how a text comparison is printed.
type plan uint8

const (
	byOperator plan = iota + 1 // ==, LIKE, STARTS_WITH, ENDS_WITH on the field, or lower-cased
	byMember                   // MV_CONTAINS on an array
	byJoined                   // LIKE on the joined text of an array
	byRegexp                   // RLIKE, on an array over the joined text
)

func planText(c *ir.Cmp) plan {
	array := c.L.(*ir.Field).Array
	low := c.Cased || lowerable(c)
	switch {
	case c.Op == ir.Matches || !low || array && c.Op == ir.Like:
		return byRegexp
	case !array:
		return byOperator
	case c.Op == ir.Eq:
		return byMember
	}
	return byJoined
}

func textLevel(p ir.Pred, _ bool) backends.Level {
	c := p.(*ir.Cmp)
	array := c.L.(*ir.Field).Array
	var level backends.Level
	switch planText(c) {
	case byOperator, byMember:
		level = foldOf(c)
	case byJoined:
		for _, v := range c.R {
			if strings.Contains(v.Str(), "\n") {
				return backends.Refused("the text to look for has a line break, which separates the elements where they are joined", "compare whole elements with ==")
			}
		}
		level = foldOf(c)
		if c.Op != ir.Contains {
			level = level.With("sep")
		}
	case byRegexp:
		if why := regexpFault(c); why != "" {
			return backends.Refused(why, "split the expression, or use a glob")
		}
		level = backends.Rewritten("a Lucene expression, which always fits the whole value")
		if array {
			level = level.With("sep")
		}
	}
	if !array {
		return level.With("scalar")
	}
	return level
}

func foldOf(c *ir.Cmp) backends.Level {
	if c.Cased {
		return backends.Exactly()
	}
	return backends.FoldLevel(c)
}

// searches returns the Lucene expressions of a text comparison.
func searches(c *ir.Cmp) (res []string, ok bool) {
	for _, v := range c.R {
		n, ok := ir.TextPattern(c.Op, c.Cased, v.Str())
		if !ok {
			return nil, false
		}
		re, ok := rewrite.Search(n)
		if !ok {
			return nil, false
		}
		res = append(res, re)
	}
	return res, true
}

func regexpFault(c *ir.Cmp) string {
	res, ok := searches(c)
	if !ok {
		return "Lucene expressions have no anchors, and one stands in the middle here"
	}
	for _, re := range res {
		if len([]rune(joinedElement(re))) > rewrite.MaxRegexp {
			return "the expression is longer than 1,000 characters, the limit of Elasticsearch"
		}
	}
	return ""
}

func arrays(p ir.Pred) (n int, name string) {
	for _, f := range ir.FieldsOf(p) {
		if f.Array {
			n, name = n+1, f.Name
		}
	}
	return n, name
}

func scalarLevel(p ir.Pred, _ bool) backends.Level {
	if n, _ := arrays(p); n > 0 {
		return backends.Rewritten("a multivalue function")
	}
	return backends.Assuming("scalar")
}

func blockLevel(p ir.Pred, _ bool) backends.Level {
	if n, name := arrays(p); n > 0 {
		return backends.Refused("CIDR_MATCH answers null on several addresses, and `"+name+"` may hold several", "use EQL")
	}
	return backends.Assuming("scalar")
}

func functionLevel(p ir.Pred, _ bool) backends.Level {
	if n, name := arrays(p); n > 0 {
		return backends.Refused("the function answers null on several values, and `"+name+"` may hold several", "use another language, or a field with one value")
	}
	if backends.HasCall(p, ir.Week) {
		return backends.Refused("DATE_EXTRACT counts weeks from January 1st, not as ISO 8601 does", "use another language, or compare day and month")
	}
	if !printable(p) {
		return backends.Refused("this calculation with times has no form", "compare the difference of two times with a number of milliseconds")
	}
	return backends.Assuming("scalar")
}

// printable reports whether the calculations of a comparison can be printed: a time is moved by a constant only.
func printable(p ir.Pred) bool {
	return !backends.HasArith(p, func(a *ir.Arith) bool {
		_, constant := a.Y.(*ir.Lit)
		return a.Op == '&' || a.Type == schema.Date && !constant
	})
}

func relLevel(p ir.Pred, _ bool) backends.Level {
	r := p.(*ir.Rel)
	if n, _ := arrays(p); n > 1 {
		return backends.Refused("two arrays are compared by the preview function MV_INTERSECTS only", "use another language")
	}
	if ir.TermType(r.L).IsString() && !r.Cased {
		return backends.Assuming("fold", "scalar")
	}
	return backends.Assuming("scalar")
}

func relPartLevel(p ir.Pred, negated bool) backends.Level {
	level := functionLevel(p, negated)
	if level.Kind != backends.Refuse && !p.(*ir.Rel).Cased {
		return level.With("fold")
	}
	return level
}

func elementLevel(p ir.Pred, _ bool) backends.Level {
	q := p.(*ir.Quant)
	re, ok := rewrite.Element(q.Body, q.Var)
	if !ok {
		return backends.Refused("a condition on the element is no text test that a Lucene expression can say", "ask each condition by itself if that is enough, or use another language")
	}
	if len([]rune(joinedElement(re))) > rewrite.MaxRegexp {
		return backends.Refused("the expression is longer than 1,000 characters, the limit of Elasticsearch", "split the condition")
	}
	return backends.Rewritten("one Lucene expression for the element").With("sep")
}

func allLevel(p ir.Pred, _ bool) backends.Level {
	if _, ok := onOneSide(p.(*ir.Quant)); !ok {
		return backends.Refused("of all elements it can only be said that the smallest or largest is on one side of a number", "use another language")
	}
	return backends.Rewritten("the smallest or largest value")
}
