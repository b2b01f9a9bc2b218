package esql

import (
	"fmt"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/backends/elastic/rewrite"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// builder returns what builds a construct; nil for the constructs that the capability table always refuses.
func builder(c backends.Construct) func(ir.Pred) syntax.Expr {
	switch c {
	case backends.EqText, backends.EqTextCased, backends.EqEmptyText, backends.ContainsText, backends.ContainsCased,
		backends.StartsText, backends.StartsCased, backends.EndsText, backends.EndsCased, backends.LikeText, backends.LikeCased, backends.MatchesText:
		return backends.On(text)
	case backends.EqNumber, backends.EqDate, backends.EqBool, backends.EqIP, backends.OrderNumber, backends.OrderDate:
		return backends.On(scalar)
	case backends.CIDRv4, backends.CIDRv6:
		return backends.On(inBlock)
	case backends.LengthOf, backends.HourOf, backends.WeekdayOf, backends.MinuteOf, backends.CalendarOf, backends.Calculated, backends.ValuesOf:
		return backends.On(func(p *ir.Cmp) syntax.Expr { return compareEach(p.Op, value(p.L), p.R) })
	case backends.RelText, backends.RelTextCased, backends.RelIP, backends.RelBool:
		return backends.On(same)
	case backends.RelPart, backends.RelPartCased:
		return backends.On(partOfText)
	case backends.RelNumber, backends.RelDate, backends.RelCalculated:
		return backends.On(func(p *ir.Rel) syntax.Expr { return syntax.Op(signs[p.Op], value(p.L), value(p.R)) })
	case backends.HasValue:
		return func(p ir.Pred) syntax.Expr { return &syntax.IsNull{X: column(p.(*ir.Exists).F), Not: true} }
	case backends.IsEmpty:
		return isEmpty
	case backends.AnyText:
		return anyText
	case backends.AllText:
		return allText
	case backends.AllNumber:
		return func(p ir.Pred) syntax.Expr {
			x, _ := onOneSide(p.(*ir.Quant))
			return x
		}
	case backends.Always:
		return func(p ir.Pred) syntax.Expr { return syntax.Boolean(p.(*ir.Const).Value) }
	case backends.HasBits, backends.AnyNumber, backends.AnyOther, backends.AnyObject, backends.AllOther, backends.AllObject:
	}
	return nil
}

// lower builds the condition of a checked predicate in push-not form. A negation asks whether the leaf is true, so that
// null counts as false under it.
func lower(p ir.Pred) syntax.Expr {
	switch p := p.(type) {
	case *ir.And:
		return syntax.All(lowerAll(p.Xs)...)
	case *ir.Or:
		return syntax.Any(lowerAll(p.Xs)...)
	case *ir.Not:
		if e, ok := p.X.(*ir.Exists); ok {
			return &syntax.IsNull{X: column(e.F)}
		}
		return syntax.Negate(syntax.Func("COALESCE", lower(p.X), syntax.Boolean(false)))
	case *ir.Const, *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	build := builder(backends.ConstructOf(p))
	if build == nil {
		panic(fmt.Sprintf("esql: %q passed the check and has no lowering", backends.ConstructOf(p)))
	}
	return build(p)
}

func lowerAll(ps []ir.Pred) []syntax.Expr {
	xs := make([]syntax.Expr, len(ps))
	for i, p := range ps {
		xs[i] = lower(p)
	}
	return xs
}

func column(f *ir.Field) syntax.Expr { return syntax.Col(rewrite.Path(f)) }

// spellings returns the literals as they are compared: lower-cased, each once, when the comparison ignores case.
func spellings(c *ir.Cmp) []string {
	texts, _ := backends.Texts(c)
	if c.Cased {
		return texts
	}
	var out []string
	seen := map[string]bool{}
	for _, t := range texts {
		if l := strings.ToLower(t); !seen[l] {
			seen[l] = true
			out = append(out, l)
		}
	}
	return out
}

// folds reports whether the field has to be lower-cased: the comparison ignores case and a literal has a letter.
func folds(c *ir.Cmp) bool {
	if c.Cased {
		return false
	}
	for _, v := range c.R {
		if pattern.HasCase(v.Str()) {
			return true
		}
	}
	return false
}

func lowered(x syntax.Expr, fold bool) syntax.Expr {
	if fold {
		return syntax.Func("TO_LOWER", x)
	}
	return x
}

func text(p *ir.Cmp) syntax.Expr {
	f := p.L.(*ir.Field)
	switch planText(p) {
	case byOperator:
		return textOperator(p, lowered(column(f), folds(p)))
	case byMember:
		xs := []syntax.Expr{}
		for _, t := range spellings(p) {
			xs = append(xs, syntax.Func("MV_CONTAINS", lowered(column(f), folds(p)), syntax.String(t)))
		}
		return syntax.Any(xs...)
	case byJoined:
		return textJoined(p)
	case byRegexp:
	}
	res, _ := searches(p)
	if !f.Array {
		xs := make([]syntax.Expr, len(res))
		for i, re := range res {
			xs[i] = syntax.RLikeRegex(column(f), re)
		}
		return syntax.Any(xs...)
	}
	xs := make([]syntax.Expr, len(res))
	for i, re := range res {
		xs[i] = syntax.RLikeRegex(separated(column(f), false), joinedElement(re))
	}
	return syntax.Any(xs...)
}

func textOperator(p *ir.Cmp, x syntax.Expr) syntax.Expr {
	texts := spellings(p)
	if p.Op == ir.Eq {
		return oneOf(x, texts)
	}
	xs := make([]syntax.Expr, len(texts))
	for i, t := range texts {
		switch p.Op {
		case ir.Contains:
			xs[i] = syntax.LikeGlob(x, syntax.NewGlob(syntax.AnyRun(), syntax.Lit(t), syntax.AnyRun()))
		case ir.StartsWith:
			xs[i] = syntax.Func("STARTS_WITH", x, syntax.String(t))
		case ir.EndsWith:
			xs[i] = syntax.Func("ENDS_WITH", x, syntax.String(t))
		case ir.Like:
			xs[i] = syntax.LikeGlob(x, syntax.NewGlob(globParts(t)...))
		case ir.Eq, ir.Matches, ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
		}
	}
	return syntax.Any(xs...)
}

func globParts(glob string) []syntax.GlobPart {
	var parts []syntax.GlobPart
	for _, part := range pattern.ParseGlob(glob) {
		switch part.Kind {
		case pattern.Literal:
			parts = append(parts, syntax.Lit(part.Text))
		case pattern.Star:
			parts = append(parts, syntax.AnyRun())
		case pattern.One:
			parts = append(parts, syntax.OneChar())
		}
	}
	return parts
}

func oneOf(x syntax.Expr, texts []string) syntax.Expr {
	if len(texts) == 1 {
		return syntax.Op(syntax.Eq, x, syntax.String(texts[0]))
	}
	in := &syntax.In{X: x}
	for _, t := range texts {
		in.Items = append(in.Items, syntax.String(t))
	}
	return in
}

// newline separates the values of an array where they are joined to one text.
const newline = "\n"

// joined is the text of all values. Lower-casing comes after joining, because before 8.19 and 9.1 it answered null on several values.
func joined(x syntax.Expr, fold bool) syntax.Expr {
	return lowered(syntax.Func("MV_CONCAT", x, syntax.String(newline)), fold)
}

// separated is the joined text with a separator at both ends.
func separated(x syntax.Expr, fold bool) syntax.Expr {
	return syntax.Func("CONCAT", syntax.String(newline), joined(x, fold), syntax.String(newline))
}

func textJoined(p *ir.Cmp) syntax.Expr {
	x, fold := column(p.L.(*ir.Field)), folds(p)
	var xs []syntax.Expr
	for _, t := range spellings(p) {
		switch p.Op {
		case ir.StartsWith:
			xs = append(xs, syntax.LikeGlob(separated(x, fold), syntax.NewGlob(syntax.AnyRun(), syntax.Lit(newline+t), syntax.AnyRun())))
		case ir.EndsWith:
			xs = append(xs, syntax.LikeGlob(separated(x, fold), syntax.NewGlob(syntax.AnyRun(), syntax.Lit(t+newline), syntax.AnyRun())))
		case ir.Contains, ir.Eq, ir.Like, ir.Matches, ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
			xs = append(xs, syntax.LikeGlob(joined(x, fold), syntax.NewGlob(syntax.AnyRun(), syntax.Lit(t), syntax.AnyRun())))
		}
	}
	return syntax.Any(xs...)
}

// joinedElement is the expression for a joined text that has an element which re fits.
func joinedElement(re string) string { return ".*\n((" + re + ")&([^\n]*))\n.*" }

func anyText(p ir.Pred) syntax.Expr {
	q := p.(*ir.Quant)
	re, _ := rewrite.Element(q.Body, q.Var)
	return syntax.RLikeRegex(separated(column(q.Over), false), joinedElement(re))
}

func allText(p ir.Pred) syntax.Expr {
	q := p.(*ir.Quant)
	re, _ := rewrite.Element(q.Body, q.Var)
	ended := syntax.Func("CONCAT", joined(column(q.Over), false), syntax.String(newline))
	return syntax.RLikeRegex(ended, "((("+re+")&([^\n]*))\n)+")
}

var signs = map[ir.Op]syntax.BinaryOp{ir.Eq: syntax.Eq, ir.Lt: syntax.Lt, ir.Le: syntax.Le, ir.Gt: syntax.Gt, ir.Ge: syntax.Ge}

func literal(v schema.Value) syntax.Expr {
	switch v.Type() {
	case schema.Long:
		return syntax.Int(v.Int64())
	case schema.Double:
		return double(v.Float64())
	case schema.Boolean:
		return syntax.Boolean(v.Bool())
	case schema.Date:
		return syntax.Func("TO_DATETIME", syntax.String(v.String()))
	case schema.IP:
		return syntax.Func("TO_IP", syntax.String(v.String()))
	case schema.Keyword, schema.Text, schema.Invalid:
	}
	return syntax.String(v.String())
}

// double prints a number with a point, so that it is no integer.
func double(f float64) syntax.Expr {
	s := backends.Decimal(f)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return syntax.Number(s)
}

// member prints a literal in the type of an array's values: MV_CONTAINS wants both sides of one type.
func member(f *ir.Field, v schema.Value) syntax.Expr {
	switch {
	case f.Type == schema.Long && v.Type() == schema.Long:
		return syntax.Func("TO_LONG", syntax.Int(v.Int64()))
	case f.Type == schema.Double:
		return syntax.Func("TO_DOUBLE", double(v.Float64()))
	}
	return literal(v)
}

func compareEach(op ir.Op, x syntax.Expr, literals []schema.Value) syntax.Expr {
	xs := make([]syntax.Expr, len(literals))
	for i, v := range literals {
		xs[i] = syntax.Op(signs[op], x, literal(v))
	}
	return syntax.Any(xs...)
}

// scalar compares a number, time, boolean or address with constants.
func scalar(p *ir.Cmp) syntax.Expr {
	f := p.L.(*ir.Field)
	switch {
	case !f.Array && f.Type == schema.IP:
		return inBlock(p)
	case !f.Array && p.Op == ir.Eq && f.Type.IsNumber() && len(p.R) > 1:
		in := &syntax.In{X: column(f)}
		for _, v := range p.R {
			in.Items = append(in.Items, literal(v))
		}
		return in
	case !f.Array:
		return compareEach(p.Op, column(f), p.R)
	case p.Op == ir.Lt || p.Op == ir.Le:
		return compareEach(p.Op, syntax.Func("MV_MIN", column(f)), p.R)
	case p.Op == ir.Gt || p.Op == ir.Ge:
		return compareEach(p.Op, syntax.Func("MV_MAX", column(f)), p.R)
	}
	xs := make([]syntax.Expr, 0, len(p.R))
	for _, v := range p.R {
		if f.Type == schema.Long && v.Type() == schema.Double {
			continue // no whole number equals a fraction; equal ones are lowered as long
		}
		xs = append(xs, syntax.Func("MV_CONTAINS", column(f), member(f, v)))
	}
	return syntax.Any(xs...)
}

func inBlock(p *ir.Cmp) syntax.Expr {
	args := []syntax.Expr{column(p.L.(*ir.Field))}
	for _, v := range p.R {
		if block, err := ir.ParseCIDR(v.String()); err == nil {
			args = append(args, syntax.String(block.String()))
		}
	}
	return syntax.Func("CIDR_MATCH", args...)
}

// value builds a number or a time.
func value(t ir.Term) syntax.Expr {
	switch t := t.(type) {
	case *ir.Field:
		return column(t)
	case *ir.Lit:
		return literal(t.Value)
	case *ir.Arith:
		return arithmetic(t)
	case *ir.Call:
		x := value(t.X)
		switch t.Func {
		case ir.Length:
			return syntax.Func("LENGTH", x)
		case ir.Values:
			return syntax.Func("COALESCE", syntax.Func("MV_COUNT", syntax.Func("MV_DEDUPE", x)), syntax.Int(0))
		case ir.Minute:
			return syntax.Func("DATE_EXTRACT", syntax.String("minute_of_hour"), x)
		case ir.Day:
			return syntax.Func("DATE_EXTRACT", syntax.String("day_of_month"), x)
		case ir.Month:
			return syntax.Func("DATE_EXTRACT", syntax.String("month_of_year"), x)
		case ir.Week: // refused
		case ir.Hour:
			return syntax.Func("DATE_EXTRACT", syntax.String("hour_of_day"), x)
		case ir.Weekday:
			return syntax.Func("DATE_EXTRACT", syntax.String("day_of_week"), x)
		}
	case *ir.Elem:
	}
	panic(fmt.Sprintf("esql: no lowering of the term %T", t))
}

var calculations = map[byte]syntax.BinaryOp{'+': syntax.Add, '-': syntax.Sub, '*': syntax.Mul, '/': syntax.Div}

func arithmetic(t *ir.Arith) syntax.Expr {
	x, y := value(t.X), value(t.Y)
	switch {
	case t.Type == schema.Date: // the constant is checked by the capability table
		return syntax.Op(calculations[t.Op], x, syntax.Span(t.Y.(*ir.Lit).Value.Int64(), "milliseconds"))
	case ir.TermType(t.X) == schema.Date:
		return syntax.Op(syntax.Sub, syntax.Func("TO_LONG", x), syntax.Func("TO_LONG", y))
	case t.Op == '/': // the quotient of two whole numbers would be cut to a whole number
		return syntax.Op(syntax.Div, syntax.Func("TO_DOUBLE", x), y)
	case t.Type == schema.Long: // the arithmetic of integer columns would overflow at 32 bits
		x = syntax.Func("TO_LONG", x)
	}
	return syntax.Op(calculations[t.Op], x, y)
}

// same compares two fields; with one array, that holds the value of the other field, which must be there.
func same(p *ir.Rel) syntax.Expr {
	l, r := p.L.(*ir.Field), p.R.(*ir.Field)
	fold := l.Type.IsString() && !p.Cased
	if r.Array {
		l, r = r, l
	}
	x, y := lowered(column(l), fold), lowered(column(r), fold)
	if l.Array {
		return syntax.All(&syntax.IsNull{X: column(r), Not: true}, syntax.Func("MV_CONTAINS", x, y))
	}
	return syntax.Op(syntax.Eq, x, y)
}

// partOfText looks for one field's text in another's; LIKE takes no field for its pattern, and CONTAINS is newer than LOCATE.
func partOfText(p *ir.Rel) syntax.Expr {
	l, r := lowered(column(p.L.(*ir.Field)), !p.Cased), lowered(column(p.R.(*ir.Field)), !p.Cased)
	switch p.Op {
	case ir.StartsWith:
		return syntax.Func("STARTS_WITH", l, r)
	case ir.EndsWith:
		return syntax.Func("ENDS_WITH", l, r)
	case ir.Contains, ir.Eq, ir.Like, ir.Matches, ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
	}
	return syntax.Op(syntax.Gt, syntax.Func("LOCATE", l, r), syntax.Int(0))
}

func isEmpty(p ir.Pred) syntax.Expr {
	f := p.(*ir.Empty).F
	missing := &syntax.IsNull{X: column(f)}
	if !f.Type.IsString() {
		return missing
	}
	return syntax.Any(missing, syntax.Op(syntax.Eq, syntax.Func("MV_CONCAT", column(f), syntax.String("")), syntax.String("")))
}

// onOneSide says of all numbers or times that they are on one side of a constant.
func onOneSide(q *ir.Quant) (syntax.Expr, bool) {
	body, op := q.Body, ir.Op(0)
	if n, ok := body.(*ir.Not); ok {
		body = n.X
		if c, ok := body.(*ir.Cmp); ok {
			op, _ = rewrite.Inverse(c.Op)
		}
	} else if c, ok := body.(*ir.Cmp); ok {
		op = c.Op
	}
	c, ok := body.(*ir.Cmp)
	if !ok || len(c.R) != 1 || !q.Over.Type.IsNumber() && q.Over.Type != schema.Date {
		return nil, false
	}
	if _, ok := c.L.(*ir.Elem); !ok {
		return nil, false
	}
	least, most := syntax.Func("MV_MIN", column(q.Over)), syntax.Func("MV_MAX", column(q.Over))
	switch op {
	case ir.Lt, ir.Le:
		return compareEach(op, most, c.R), true
	case ir.Gt, ir.Ge:
		return compareEach(op, least, c.R), true
	case ir.Eq:
		return syntax.All(compareEach(op, least, c.R), compareEach(op, most, c.R)), true
	case ir.Contains, ir.StartsWith, ir.EndsWith, ir.Like, ir.Matches, ir.InCIDR:
	}
	return nil, false
}
