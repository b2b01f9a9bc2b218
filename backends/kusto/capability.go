package kusto

import (
	"maps"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// The levels of Kusto, one row for each construct. A string column has no null: "" stands for missing, so text compares
// like text everywhere and Assume no-empty is named where an empty text would make a difference; bindings that say so
// (empty: missing) need no assumption. Arrays are tested element by element in an mv-apply stage. Sources: see QUIRKS.md.
var table = join(leafRows, backends.Table{
	backends.AnyText:   {Summary: "by mv-apply, Assume no-empty unless the binding says that empty is missing", Level: elementLevel},
	backends.AnyNumber: {Summary: "by mv-apply", Level: elementLevel},
	backends.AnyOther:  {Summary: "by mv-apply", Level: elementLevel},
	backends.AnyObject: {Summary: "by mv-apply", Level: elementLevel},
	backends.AllText:   {Summary: "by mv-apply, Assume no-empty unless the binding says that empty is missing", Level: elementLevel},
	backends.AllNumber: {Summary: "by mv-apply", Level: elementLevel},
	backends.AllOther:  {Summary: "by mv-apply", Level: elementLevel},
	backends.AllObject: {Summary: "by mv-apply", Level: elementLevel},
})

// leafRows are the rows that also judge conditions on one element.
var leafRows = backends.Table{
	backends.EqText:        {Summary: "`=~`, `in~`, Assume fold when a literal has letters; arrays by mv-apply", Level: textLevel},
	backends.EqTextCased:   {Summary: "`==`, `in`; arrays set_has_element, or by mv-apply", Level: textLevel},
	backends.EqEmptyText:   {Summary: "false where the binding says that empty is missing; else refused", Level: emptyTextLevel},
	backends.ContainsText:  {Summary: "`contains`, Assume fold when a literal has letters; arrays by mv-apply", Level: textLevel},
	backends.ContainsCased: {Summary: "`contains_cs`; arrays by mv-apply", Level: textLevel},
	backends.StartsText:    {Summary: "`startswith`, Assume fold when a literal has letters; arrays by mv-apply", Level: textLevel},
	backends.StartsCased:   {Summary: "`startswith_cs`; arrays by mv-apply", Level: textLevel},
	backends.EndsText:      {Summary: "`endswith`, Assume fold when a literal has letters; arrays by mv-apply", Level: textLevel},
	backends.EndsCased:     {Summary: "`endswith_cs`; arrays by mv-apply", Level: textLevel},
	backends.LikeText:      {Summary: "`matches regex`; arrays by mv-apply", Level: textLevel},
	backends.LikeCased:     {Summary: "`matches regex`; arrays by mv-apply", Level: textLevel},
	backends.MatchesText:   {Summary: "`matches regex`; arrays by mv-apply", Level: textLevel},
	backends.EqNumber:      {Summary: "`==`, `in`; arrays by mv-apply", Level: scalarLevel},
	backends.OrderNumber:   {Summary: "the operator; arrays by mv-apply", Level: scalarLevel},
	backends.EqDate:        {Summary: "`==`; arrays by mv-apply", Level: scalarLevel},
	backends.OrderDate:     {Summary: "the operator; arrays by mv-apply", Level: scalarLevel},
	backends.EqBool:        {Summary: "`==`; arrays by mv-apply", Level: scalarLevel},
	backends.EqIP:          {Summary: "text equality, Assume ip-text; arrays by mv-apply", Level: addressLevel},
	backends.CIDRv4:        {Summary: "ipv4_is_in_range, Assume ip-text; arrays by mv-apply", Level: addressLevel},
	backends.CIDRv6:        {Summary: "ipv6_is_in_range, Assume ip-text; arrays by mv-apply", Level: addressLevel},
	backends.LengthOf:      {Summary: "strlen; refused on arrays", Level: lengthLevel},
	backends.ValuesOf:      {Summary: "array_length(set_union(a, a)); refused inside objects", Level: valuesLevel},
	backends.HourOf:        {Summary: "hourofday; refused on arrays", Level: functionLevel},
	backends.WeekdayOf:     {Summary: "dayofweek; refused on arrays", Level: functionLevel},
	backends.MinuteOf:      {Summary: "datetime_part; refused on arrays", Level: functionLevel},
	backends.CalendarOf:    {Summary: "dayofmonth, week_of_year, monthofyear; refused on arrays", Level: functionLevel},
	backends.Calculated:    {Summary: "arithmetic; refused on arrays", Level: functionLevel},
	backends.HasBits:       {Summary: "binary_and; refused on arrays", Level: functionLevel},
	backends.RelText:       {Summary: "`=~`, Assume fold; one array by mv-apply", Level: relTextLevel},
	backends.RelTextCased:  {Summary: "`==`; one array by mv-apply", Level: relTextLevel},
	backends.RelPart:       {Summary: "`contains`, `startswith`, `endswith`, Assume fold, and no-empty unless the binding says that empty is missing; one array by mv-apply", Level: relPartLevel},
	backends.RelPartCased:  {Summary: "`contains_cs`, `startswith_cs`, `endswith_cs`, Assume no-empty unless the binding says that empty is missing; one array by mv-apply", Level: relPartLevel},
	backends.RelNumber:     {Summary: "the operator; refused on arrays", Level: functionLevel},
	backends.RelDate:       {Summary: "the operator; refused on arrays", Level: functionLevel},
	backends.RelIP:         {Summary: "text equality, Assume ip-text; one array by mv-apply", Level: relTextLevel},
	backends.RelBool:       {Summary: "`==`; refused on arrays", Level: functionLevel},
	backends.RelCalculated: {Summary: "arithmetic; refused on arrays", Level: functionLevel},
	backends.HasValue:      {Summary: "isnotempty, isnotnull; Assume no-empty for text unless the binding says that empty is missing, ip-text for addresses", Level: existsLevel},
	backends.IsEmpty:       {Summary: "isempty, isnull; arrays by mv-apply; Assume ip-text for addresses", Level: emptyLevel},
	backends.Always:        {Summary: "true, false", Level: exactly},
}

func join(a, b backends.Table) backends.Table {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

func exactly(ir.Pred, bool) backends.Level { return backends.Exactly() }

// emptyIsMissing reports whether an empty text in the field counts as missing, in the rule as in the table.
func emptyIsMissing(f *ir.Field) bool { return f.Native != nil && f.Native.EmptyMissing }

// withElements adds what testing elements assumes.
func withElements(l backends.Level, f *ir.Field) backends.Level {
	if !f.Array {
		return l
	}
	if l.Kind == backends.Native {
		l = backends.Rewritten("each element is tested in an mv-apply stage")
	}
	if f.Type.IsString() && !emptyIsMissing(f) {
		return l.With("no-empty")
	}
	return l
}

func textLevel(p ir.Pred, _ bool) backends.Level {
	c := p.(*ir.Cmp)
	f := c.L.(*ir.Field)
	level := foldLevel(c)
	if level.Kind == backends.Refuse {
		return level
	}
	if usesRegexp(c) {
		level = backends.Rewritten("a regular expression")
		if c.Op == ir.Matches {
			level = backends.Exactly()
		}
		if !f.Array && !emptyIsMissing(f) && fitsEmpty(c) {
			level = level.With("no-empty")
		}
	}
	return withElements(level, f)
}

func foldLevel(c *ir.Cmp) backends.Level {
	if c.Cased || usesRegexp(c) {
		return backends.Exactly()
	}
	if _, ok := backends.Texts(c); !ok {
		return backends.Refused("a literal has more than 16 spellings that differ only in case beyond ASCII", "make the comparison cased, or write the spellings that occur")
	}
	return backends.FoldLevel(c)
}

// usesRegexp reports whether a text comparison is printed as a regular expression: globs are, and literals with one of the
// characters that a Unicode engine folds to an ASCII letter.
func usesRegexp(c *ir.Cmp) bool {
	if c.Op == ir.Like || c.Op == ir.Matches {
		return true
	}
	for _, v := range c.R {
		if !c.Cased && strings.ContainsAny(v.Str(), "\u0130\u017F\u212A") {
			return true
		}
	}
	return false
}

func emptyTextLevel(p ir.Pred, negated bool) backends.Level {
	c := p.(*ir.Cmp)
	if !emptyIsMissing(c.L.(*ir.Field)) {
		return backends.Refused("a string column has no null: \"\" and missing are the same", "write `empty f`, which means both")
	}
	rest := withoutEmpty(c)
	if len(rest.R) == 0 {
		return backends.Refused("in this table an empty text is the same as a missing one, so that nothing equals \"\"", "write `empty f`, which means both")
	}
	return textLevel(rest, negated)
}

// withoutEmpty returns the comparison without its empty literals, which nothing equals where empty is missing.
func withoutEmpty(c *ir.Cmp) *ir.Cmp {
	out := &ir.Cmp{Op: c.Op, Cased: c.Cased, L: c.L, Span: c.Span}
	for _, v := range c.R {
		if v.Str() != "" {
			out.R = append(out.R, v)
		}
	}
	return out
}

func scalarLevel(p ir.Pred, _ bool) backends.Level {
	return withElements(backends.Exactly(), p.(*ir.Cmp).L.(*ir.Field))
}

func addressLevel(p ir.Pred, _ bool) backends.Level {
	return withElements(backends.Exactly(), p.(*ir.Cmp).L.(*ir.Field)).With("ip-text")
}

func refuseArray(p ir.Pred) (backends.Level, bool) {
	for _, f := range ir.FieldsOf(p) {
		if f.Array {
			return backends.Refused("the calculation takes one value, and `"+f.Name+"` may hold several", "use another field"), true
		}
	}
	return backends.Level{}, false
}

func functionLevel(p ir.Pred, _ bool) backends.Level {
	if l, bad := refuseArray(p); bad {
		return l
	}
	for _, f := range append(backends.ArgumentsOf(p, ir.Length), backends.ArgumentsOf(p, ir.Values)...) {
		if f.Type.IsString() && !emptyIsMissing(f) {
			return backends.Assuming("no-empty")
		}
	}
	return backends.Exactly()
}

func lengthLevel(p ir.Pred, negated bool) backends.Level {
	if _, ok := p.(*ir.Cmp).L.(*ir.Call).X.(*ir.Field); !ok {
		return backends.Assuming("no-empty")
	}
	return functionLevel(p, negated)
}

func valuesLevel(p ir.Pred, _ bool) backends.Level {
	f, ok := p.(*ir.Cmp).L.(*ir.Call).X.(*ir.Field)
	switch {
	case !ok:
		return backends.Refused("only the values of a field are counted", "use another field")
	case !f.Array:
		return functionLevel(p, false)
	case !plainArray(f):
		return backends.Refused("the values lie inside objects", "use another field")
	case f.Type.IsString() && emptyIsMissing(f):
		return backends.Assuming("no-empty")
	}
	return backends.Rewritten("distinct values counted")
}

func relTextLevel(p ir.Pred, _ bool) backends.Level {
	r := p.(*ir.Rel)
	l, okL := r.L.(*ir.Field)
	rt, okR := r.R.(*ir.Field)
	if !okL || !okR || l.Array && rt.Array {
		return backends.Refused("two arrays are not compared with each other", "use another language")
	}
	level := backends.Exactly()
	switch {
	case l.Type == schema.IP:
		level = level.With("ip-text")
	case !r.Cased:
		level = level.With("fold")
	}
	if l.Type.IsString() && !(emptyIsMissing(l) && emptyIsMissing(rt)) {
		level = level.With("no-empty")
	}
	return level
}

// relPartLevel minds that an empty text on the right is in every text, and a missing one in none.
func relPartLevel(p ir.Pred, _ bool) backends.Level {
	r := p.(*ir.Rel)
	l, rt := r.L.(*ir.Field), r.R.(*ir.Field)
	if l.Array && rt.Array {
		return backends.Refused("two arrays are not compared with each other", "use another language")
	}
	level := backends.Exactly()
	if l.Array || rt.Array {
		level = backends.Rewritten("each element is tested in an mv-apply stage")
	}
	if !r.Cased {
		level = level.With("fold")
	}
	if !emptyIsMissing(rt) {
		level = level.With("no-empty")
	}
	return level
}

func existsLevel(p ir.Pred, _ bool) backends.Level {
	f := p.(*ir.Exists).F
	if f.Type.IsString() && !emptyIsMissing(f) {
		return backends.Assuming("no-empty")
	}
	return emptyLevel(p, false)
}

// emptyLevel minds texts such as `-` in a column of addresses, which are no addresses.
func emptyLevel(p ir.Pred, _ bool) backends.Level {
	if slices.ContainsFunc(ir.FieldsOf(p), func(f *ir.Field) bool { return f.Type == schema.IP }) {
		return backends.Assuming("ip-text")
	}
	return backends.Exactly()
}

// elementLevel composes the levels of the conditions on an element.
func elementLevel(p ir.Pred, negated bool) backends.Level {
	q := p.(*ir.Quant)
	level := withElements(backends.Rewritten("each element is tested in an mv-apply stage"), q.Over)
	var bad *backends.Level
	ir.Walk(q.Body, func(n ir.Pred) bool {
		var l backends.Level
		switch n := n.(type) {
		case *ir.Cmp:
			l = elementCmp(n, q.Over)
		case *ir.Rel:
			l = elementRel(n, q.Over)
		case *ir.And, *ir.Or, *ir.Not, *ir.Const:
			return true
		case *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
			l = backends.Refused("a condition on the element cannot be said inside mv-apply", "ask it by itself if that is enough")
		}
		if l.Kind == backends.Refuse {
			bad = &l
		}
		level = level.With(l.Assumptions...)
		return true
	})
	if bad != nil {
		return *bad
	}
	return level.FlipIf(negated)
}

// elementField is the element as a field, so that the rows for fields judge conditions on it.
func elementField(e *ir.Elem, over *ir.Field) *ir.Field {
	f := &ir.Field{Name: elementName, Type: e.Type, Native: &schema.NativeField{Path: elementName, Type: e.Type}}
	if over.Native != nil {
		f.Native.EmptyMissing = over.Native.EmptyMissing
	}
	if e.Sub != "" {
		f.Name = elementName + "." + e.Sub
		f.Native.Path = f.Name
	}
	return f
}

func elementCmp(c *ir.Cmp, over *ir.Field) backends.Level {
	if f, ok := c.L.(*ir.Field); ok {
		if f.Array {
			return backends.Refused("another array is tested inside the test of an element", "ask it by itself if that is enough")
		}
		return leafLevel(c)
	}
	e, ok := c.L.(*ir.Elem)
	if !ok || strings.Contains(e.Sub, "[]") {
		return backends.Refused("a calculation on the element cannot be said inside mv-apply", "ask it by itself if that is enough")
	}
	on := &ir.Cmp{Op: c.Op, Cased: c.Cased, L: elementField(e, over), R: c.R}
	return leafLevel(on)
}

func elementRel(r *ir.Rel, over *ir.Field) backends.Level {
	on := &ir.Rel{Op: r.Op, Cased: r.Cased, L: elementTerm(r.L, over), R: elementTerm(r.R, over)}
	for _, f := range ir.FieldsOf(on) {
		if f.Array {
			return backends.Refused("another array is tested inside the test of an element", "ask it by itself if that is enough")
		}
	}
	return leafLevel(on)
}

func elementTerm(t ir.Term, over *ir.Field) ir.Term {
	if e, ok := t.(*ir.Elem); ok {
		return elementField(e, over)
	}
	return t
}
