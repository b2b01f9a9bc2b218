package spl

import (
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// The levels of SPL, one row for each construct. A leaf is printed in the search command when its literals allow it, else
// behind `| where`; the level holds for both forms, because an S-able leaf may have to move behind `where` with its
// neighbours. Sources: reference pages of the Splunk Search Reference, see QUIRKS.md.
var table = backends.Table{
	backends.EqText:        {Summary: "`f=\"v\"` in search, Assume fold when a literal has letters; else a regular expression in where", Level: textLevel},
	backends.EqTextCased:   {Summary: "a regular expression in where", Level: textLevel},
	backends.EqEmptyText:   {Summary: "a regular expression in where, Assume no-empty", Level: emptyTextLevel},
	backends.ContainsText:  {Summary: "`f=\"*v*\"` in search, Assume fold when a literal has letters; else a regular expression in where", Level: textLevel},
	backends.ContainsCased: {Summary: "a regular expression in where", Level: textLevel},
	backends.StartsText:    {Summary: "`f=\"v*\"` in search, Assume fold when a literal has letters; else a regular expression in where", Level: textLevel},
	backends.StartsCased:   {Summary: "a regular expression in where", Level: textLevel},
	backends.EndsText:      {Summary: "`f=\"*v\"` in search, Assume fold when a literal has letters; else a regular expression in where", Level: textLevel},
	backends.EndsCased:     {Summary: "a regular expression in where", Level: textLevel},
	backends.LikeText:      {Summary: "a regular expression in where; ? counts a character: Assume ascii", Level: textLevel},
	backends.LikeCased:     {Summary: "a regular expression in where; ? counts a character: Assume ascii", Level: textLevel},
	backends.MatchesText:   {Summary: "a regular expression in where; Assume ascii when it counts characters; refused with classes beyond ASCII of more than 16 characters", Level: textLevel},
	backends.EqNumber:      {Summary: "tonumber() in where, Assume scalar; mvfilter on arrays", Level: numberLevel},
	backends.OrderNumber:   {Summary: "tonumber() in where, Assume scalar; mvfilter on arrays", Level: numberLevel},
	backends.EqDate:        {Summary: "_time as a number; other fields by strptime(), Assume date-text; refused on arrays", Level: dateLevel},
	backends.OrderDate:     {Summary: "_time as a number; other fields by strptime(), Assume date-text; refused on arrays", Level: dateLevel},
	backends.EqBool:        {Summary: "`b=\"true\"`, Assume bool-text", Level: assuming("bool-text")},
	backends.EqIP:          {Summary: "`ip=\"…\"`, Assume ip-text", Level: assuming("ip-text")},
	backends.CIDRv4:        {Summary: "`ip=\"10.0.0.0/8\"` in search, cidrmatch() in where, Assume ip-text", Level: assuming("ip-text")},
	backends.CIDRv6:        {Summary: "`ip=\"2001:db8::/32\"` in search, cidrmatch() in where, Assume ip-text", Level: assuming("ip-text")},
	backends.LengthOf:      {Summary: "a regular expression that counts characters, Assume ascii and json-null; refused above 1,000", Level: lengthLevel},
	backends.ValuesOf:      {Summary: "mvcount(mvdedup()), Assume json-null", Level: assuming("json-null")},
	backends.HourOf:        {Summary: "arithmetic on _time in UTC; other fields by strptime(), Assume date-text", Level: dateLevel},
	backends.WeekdayOf:     {Summary: "arithmetic on _time in UTC; other fields by strptime(), Assume date-text", Level: dateLevel},
	backends.MinuteOf:      {Summary: "arithmetic on _time in UTC; other fields by strptime(), Assume date-text", Level: dateLevel},
	backends.CalendarOf:    {Summary: "strftime, Assume utc; other fields by strptime(), Assume date-text", Level: dateLevel},
	backends.Calculated:    {Summary: "arithmetic in where, Assume scalar (and date-text; with len(), ascii and json-null)", Level: calcLevel},
	backends.HasBits:       {Summary: "refused", Level: refused("SPL has no bit operations that every version has", "use another field")},
	backends.RelText:       {Summary: "lower() on both sides, Assume fold and scalar; on arrays shared values are counted, Assume fold", Level: relTextLevel},
	backends.RelTextCased:  {Summary: "text comparison, Assume scalar; on arrays shared values are counted", Level: relTextLevel},
	backends.RelPart:       {Summary: "substr(), or split() and mvjoin(), of lower(), Assume fold and scalar; a beginning or end ascii, a part no-empty; refused on arrays", Level: relPartLevel},
	backends.RelPartCased:  {Summary: "substr(), or split() and mvjoin(), Assume scalar; a beginning or end ascii, a part no-empty; refused on arrays", Level: relPartLevel},
	backends.RelNumber:     {Summary: "tonumber() on both sides, Assume scalar; refused on arrays", Level: calcLevel},
	backends.RelDate:       {Summary: "_time or strptime() on both sides, Assume scalar, date-text; refused on arrays", Level: calcLevel},
	backends.RelIP:         {Summary: "text comparison, Assume ip-text and scalar; on arrays shared values are counted, Assume ip-text", Level: relTextLevel},
	backends.RelBool:       {Summary: "text comparison, Assume bool-text and scalar", Level: relTextLevel},
	backends.RelCalculated: {Summary: "arithmetic in where, Assume scalar (and date-text; with len(), ascii and json-null)", Level: calcLevel},
	backends.HasValue:      {Summary: "`f=*`, isnotnull(); Assume json-null, no-empty for text, ip-text for addresses", Level: existsLevel},
	backends.IsEmpty:       {Summary: "isnull(mvfind(f, \".\")), Assume json-null, and ip-text for addresses", Level: emptyLevel},
	backends.AnyText:       {Summary: "mvfilter(), Assume json-null", Level: elementLevel},
	backends.AnyNumber:     {Summary: "mvfilter(); dates refused; Assume ip-text for addresses", Level: elementLevel},
	backends.AnyOther:      {Summary: "refused", Level: refused("mvfilter() reads one field only", "compare the fields by themselves if that is enough")},
	backends.AnyObject:     {Summary: "refused", Level: refused("the extraction flattens objects in arrays", "compare the fields by themselves if that is enough")},
	backends.AllText:       {Summary: "isnotnull() and nothing left by mvfilter(NOT …)", Level: elementLevel},
	backends.AllNumber:     {Summary: "isnotnull() and nothing left by mvfilter(NOT …); dates refused; Assume ip-text for addresses", Level: elementLevel},
	backends.AllOther:      {Summary: "refused", Level: refused("mvfilter() reads one field only", "use another language")},
	backends.AllObject:     {Summary: "refused", Level: refused("the extraction flattens objects in arrays", "use another language")},
	backends.Always:        {Summary: "`*`, `1=1`", Level: func(ir.Pred, bool) backends.Level { return backends.Exactly() }},
}

func assuming(names ...string) func(ir.Pred, bool) backends.Level {
	return func(ir.Pred, bool) backends.Level { return backends.Assuming(names...) }
}

func refused(why, instead string) func(ir.Pred, bool) backends.Level {
	return func(ir.Pred, bool) backends.Level { return backends.Refused(why, instead) }
}

// textLevel assumes that there is no JSON null where the comparison would take it for a value: it is extracted as a text.
func textLevel(p ir.Pred, _ bool) backends.Level {
	c := p.(*ir.Cmp)
	level := spelledLevel(c)
	match, err := ir.Matcher(c.Op, c.Cased, c.R)
	if err == nil && match(schema.String("null")) {
		return level.With("json-null")
	}
	return level
}

func spelledLevel(c *ir.Cmp) backends.Level {
	if searchText(c) {
		level := backends.FoldLevel(c)
		if c.Cased && level.Kind == backends.Assume {
			return backends.Assuming("fold", "spelling") // the search command ignores case, in its own way
		}
		return level
	}
	_, counts, ok := textRegexp(c)
	switch {
	case !ok:
		return backends.Refused("a character class reaches beyond ASCII, and whether the engine counts characters or bytes is not documented", "write the characters out, at most 16")
	case counts:
		return backends.Assuming("ascii")
	}
	return backends.Rewritten("a regular expression")
}

func emptyTextLevel(p ir.Pred, negated bool) backends.Level {
	return textLevel(p, negated).With("no-empty")
}

// textRegexp returns the PCRE of a text comparison: one expression for all literals.
func textRegexp(c *ir.Cmp) (re string, counts, ok bool) {
	alternatives := make([]pattern.Node, len(c.R))
	for i, v := range c.R {
		n, good := ir.TextPattern(c.Op, c.Cased, v.Str())
		if !good {
			return "", false, false
		}
		alternatives[i] = n
	}
	if len(alternatives) == 1 {
		return pcre(alternatives[0])
	}
	return pcre(factored(c, alternatives))
}

// factored joins alternatives; the anchors that all of an operator's expressions share stand outside.
func factored(c *ir.Cmp, alternatives []pattern.Node) pattern.Node {
	begin, end := c.Op == ir.Eq || c.Op == ir.StartsWith, c.Op == ir.Eq || c.Op == ir.EndsWith
	inner := make([]pattern.Node, len(alternatives))
	for i, n := range alternatives {
		xs := []pattern.Node{n}
		if seq, ok := n.(*pattern.Concat); ok {
			xs = seq.Xs
		}
		if begin {
			xs = xs[1:]
		}
		if end {
			xs = xs[:len(xs)-1]
		}
		inner[i] = pattern.Seq(xs...)
	}
	out := []pattern.Node{&pattern.Alternate{Xs: inner}}
	if begin {
		out = append([]pattern.Node{&pattern.Begin{}}, out...)
	}
	if end {
		out = append(out, &pattern.End{})
	}
	return pattern.Seq(out...)
}

// searchText reports whether the search command can say a text comparison: case does not matter (the comparison ignores
// it, or the field is always spelled one way), and none of its literals has a character that search takes for something else.
func searchText(c *ir.Cmp) bool {
	f, ok := c.L.(*ir.Field)
	if !ok || c.Op == ir.Like || c.Op == ir.Matches || !syntax.SearchField(fieldName(f)) {
		return false
	}
	for _, v := range c.R {
		if c.Cased && (f.Native == nil || !f.Native.Spelling.Spells(v.Str())) {
			return false
		}
		if _, ok := syntax.Searchable(v.Str()); !ok || strings.ContainsAny(v.Str(), "\u0130\u017F\u212A") {
			return false
		}
	}
	_, ok = backends.Texts(c)
	return ok
}

func numberLevel(p ir.Pred, _ bool) backends.Level {
	if c, ok := p.(*ir.Cmp); ok {
		if f, ok := c.L.(*ir.Field); ok && f.Array {
			return backends.Rewritten("the values that fit are kept, and there is one")
		}
	}
	return backends.Assuming("scalar")
}

// dateLevel is the level of a comparison of one time with constants.
func dateLevel(p ir.Pred, _ bool) backends.Level {
	for _, f := range ir.FieldsOf(p) {
		if f.Array {
			return backends.Refused("a time is read from one text, and `"+f.Name+"` may hold several", "use another language")
		}
		if !isTime(f) {
			if _, ok := strptimeFormat(f); !ok {
				return backends.Refused("the layout of the date field `"+f.Name+"` has no strptime form", "use _time")
			}
		}
	}
	return timeAssumptions(p, backends.Exactly())
}

// timeAssumptions adds what reading times other than _time assumes, and what strftime does.
func timeAssumptions(p ir.Pred, l backends.Level) backends.Level {
	if backends.HasCall(p, ir.Day, ir.Week, ir.Month) {
		l = l.With("utc")
	}
	for _, f := range ir.FieldsOf(p) {
		if f.Type == schema.Date && !isTime(f) {
			return l.With("date-text", "scalar")
		}
	}
	return l
}

func calcLevel(p ir.Pred, negated bool) backends.Level {
	for _, f := range ir.FieldsOf(p) {
		if f.Array {
			return backends.Refused("SPL calculates with one value, and `"+f.Name+"` may hold several", "use another language")
		}
	}
	if usesBits(p) {
		return backends.Refused("SPL has no bit operations that every version has", "use another field")
	}
	l := dateLevel(p, negated)
	if l.Kind == backends.Refuse {
		return l
	}
	if len(backends.ArgumentsOf(p, ir.Length)) > 0 { // versions count bytes or characters
		l = l.With("ascii", "json-null")
	}
	if len(backends.ArgumentsOf(p, ir.Values)) > 0 {
		l = l.With("json-null")
	}
	return l.With("scalar")
}

func usesBits(p ir.Pred) bool {
	return backends.HasArith(p, func(a *ir.Arith) bool { return a.Op == '&' })
}

func relTextLevel(p ir.Pred, _ bool) backends.Level {
	r := p.(*ir.Rel)
	var names []string
	switch t := ir.TermType(r.L); {
	case t == schema.IP:
		names = append(names, "ip-text")
	case t == schema.Boolean:
		names = append(names, "bool-text")
	case !r.Cased:
		names = append(names, "fold")
	}
	if !relArrays(r) {
		names = append(names, "scalar")
	}
	names = append(names, "json-null") // two nulls would be equal
	return backends.Rewritten("shared values counted").With(names...)
}

// relPartLevel: the beginning and the end are cut off by their length, which versions count in bytes or characters; a part is
// what split() takes out, and at an empty text it parts the characters.
func relPartLevel(p ir.Pred, _ bool) backends.Level {
	r := p.(*ir.Rel)
	if relArrays(r) {
		return backends.Refused("SPL looks for one text in one text, and a field of the condition may hold several", "use another language")
	}
	names := []string{"scalar", "json-null"}
	if !r.Cased {
		names = append(names, "fold")
	}
	if r.Op == ir.Contains {
		names = append(names, "no-empty")
	} else {
		names = append(names, "ascii")
	}
	return backends.Rewritten("by the length of what is left").With(names...)
}

func relArrays(r *ir.Rel) bool {
	for _, f := range ir.FieldsOf(r) {
		if f.Array {
			return true
		}
	}
	return false
}

func existsLevel(p ir.Pred, _ bool) backends.Level {
	if p.(*ir.Exists).F.Type.IsString() {
		return backends.Assuming("json-null", "no-empty")
	}
	return emptyLevel(p, false)
}

// emptyLevel minds texts such as `-` in a field of addresses, which are no addresses.
func emptyLevel(p ir.Pred, _ bool) backends.Level {
	l := backends.Assuming("json-null")
	if slices.ContainsFunc(ir.FieldsOf(p), func(f *ir.Field) bool { return f.Type == schema.IP }) {
		l = l.With("ip-text")
	}
	return l
}

// maxLength is the longest counted repetition that is printed.
const maxLength = 1000

func lengthLevel(p ir.Pred, _ bool) backends.Level {
	c := p.(*ir.Cmp)
	if _, ok := c.L.(*ir.Call).X.(*ir.Field); !ok {
		return backends.Refused("the length of a field only can be compared", "use another language")
	}
	for _, v := range c.R {
		if least, most, none := backends.LengthRange(c.Op, whole(v)); !none && max(least, most) > maxLength {
			return backends.Refused("a length above 1,000 makes a regular expression too large", "use another language")
		}
	}
	return backends.Assuming("ascii", "json-null")
}

func whole(v schema.Value) int64 {
	if v.Type() == schema.Double {
		return int64(v.Float64())
	}
	return v.Int64()
}

func elementLevel(p ir.Pred, _ bool) backends.Level {
	q := p.(*ir.Quant)
	level := backends.Rewritten("the elements that fit are kept").With("json-null")
	if q.Over.Type == schema.IP {
		level = level.With("ip-text")
	}
	var bad *backends.Level
	ir.Walk(q.Body, func(p ir.Pred) bool {
		c, ok := p.(*ir.Cmp)
		if !ok {
			return true
		}
		e, isElem := c.L.(*ir.Elem)
		switch {
		case !isElem || e.Type == schema.Date:
			l := backends.Refused("this condition on an element cannot be said inside mvfilter()", "use another language")
			bad = &l
		case e.Type.IsString():
			_, counts, ok := textRegexp(c)
			if !ok {
				l := textLevel(c, false)
				bad = &l
			}
			if counts {
				level = level.With("ascii")
			}
		}
		return true
	})
	if bad != nil {
		return *bad
	}
	return level
}
