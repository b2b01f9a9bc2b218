package eql

import (
	"fmt"
	"strconv"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/eql/syntax"
	"github.com/onerule/onerule/backends/elastic/rewrite"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// builder returns what builds a construct; nil for the constructs that the capability table always refuses.
func builder(c backends.Construct) func(ir.Pred) syntax.Expr {
	switch c {
	case backends.EqText, backends.EqTextCased, backends.EqEmptyText:
		return backends.On(eqText)
	case backends.ContainsText, backends.ContainsCased:
		return backends.On(affix("*", "*", "stringContains"))
	case backends.StartsText, backends.StartsCased:
		return backends.On(affix("", "*", "startsWith"))
	case backends.EndsText, backends.EndsCased:
		return backends.On(affix("*", "", "endsWith"))
	case backends.LikeText, backends.LikeCased:
		return backends.On(glob)
	case backends.MatchesText:
		return backends.On(matches)
	case backends.EqNumber, backends.EqDate, backends.EqBool:
		return backends.On(eqScalar)
	case backends.OrderNumber, backends.OrderDate, backends.Calculated:
		return backends.On(order)
	case backends.EqIP, backends.CIDRv4, backends.CIDRv6:
		return backends.On(inBlock)
	case backends.LengthOf:
		return backends.On(length)
	case backends.RelText, backends.RelTextCased, backends.RelIP:
		return backends.On(mutualPrefix)
	case backends.RelPart, backends.RelPartCased:
		return backends.On(partOfText)
	case backends.RelNumber:
		return backends.On(difference)
	case backends.RelBool:
		return backends.On(sameBool)
	case backends.HasValue:
		return func(p ir.Pred) syntax.Expr { return syntax.Exists(term(p.(*ir.Exists).F)) }
	case backends.IsEmpty:
		return isEmpty
	case backends.AnyText:
		return backends.On(anyText)
	case backends.AnyNumber:
		return backends.On(anyEach)
	case backends.AllText:
		return backends.On(allText)
	case backends.AllNumber:
		return backends.On(allOnOneSide)
	case backends.Always:
		return func(p ir.Pred) syntax.Expr { return &syntax.Bool{Value: p.(*ir.Const).Value} }
	case backends.ValuesOf, backends.HourOf, backends.WeekdayOf, backends.MinuteOf, backends.CalendarOf, backends.HasBits, backends.RelDate, backends.RelCalculated, backends.AnyOther, backends.AnyObject, backends.AllOther, backends.AllObject:
	}
	return nil
}

// lower builds the condition of a checked predicate.
func lower(p ir.Pred) syntax.Expr {
	switch p := p.(type) {
	case *ir.And:
		return syntax.All(lowerAll(p.Xs)...)
	case *ir.Or:
		return syntax.Any(lowerAll(p.Xs)...)
	case *ir.Not:
		return syntax.Negate(lower(p.X))
	case *ir.Const, *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	build := builder(backends.ConstructOf(p))
	if build == nil {
		panic(fmt.Sprintf("eql: %q passed the check and has no lowering", backends.ConstructOf(p)))
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

func term(t ir.Term) syntax.Expr {
	switch t := t.(type) {
	case *ir.Field:
		return syntax.F(rewrite.Path(t))
	case *ir.Lit:
		return literal(t.Value)
	case *ir.Arith:
		return syntax.Calc(syntax.ArithOp(string(t.Op)), term(t.X), term(t.Y))
	case *ir.Elem, *ir.Call:
	}
	panic(fmt.Sprintf("eql: no lowering of the term %T", t))
}

func literal(v schema.Value) syntax.Expr {
	switch v.Type() {
	case schema.Long:
		return syntax.Int(v.Int64())
	case schema.Double:
		return syntax.Float(v.Float64())
	case schema.Boolean:
		return &syntax.Bool{Value: v.Bool()}
	case schema.Keyword, schema.Text, schema.Date, schema.IP, schema.Invalid:
	}
	return syntax.Str(v.String())
}

func literals(texts []string) []syntax.Expr {
	xs := make([]syntax.Expr, len(texts))
	for i, t := range texts {
		xs[i] = syntax.Str(t)
	}
	return xs
}

// split parts the literals into those that `:` and `like` can take and those with a * or ? in them.
func split(p *ir.Cmp) (plain, special []string) {
	texts, _ := backends.Texts(p)
	for _, t := range texts {
		if hasWildcard(t) || t == "" {
			special = append(special, t)
		} else {
			plain = append(plain, t)
		}
	}
	return plain, special
}

func eqText(p *ir.Cmp) syntax.Expr {
	f := term(p.L)
	texts, _ := backends.Texts(p)
	if p.Cased {
		return equal(f, literals(texts))
	}
	plain, special := split(p)
	var xs []syntax.Expr
	if len(plain) > 0 {
		xs = append(xs, syntax.Matches(f, syntax.Colon, plain...))
	}
	if len(special) > 0 {
		xs = append(xs, syntax.OneOf(f, true, literals(special)...))
	}
	return syntax.Any(xs...)
}

func equal(f syntax.Expr, values []syntax.Expr) syntax.Expr {
	if len(values) == 1 {
		return syntax.Cmp(syntax.Eq, f, values[0])
	}
	return syntax.OneOf(f, false, values...)
}

func eqScalar(p *ir.Cmp) syntax.Expr {
	if ir.TermType(p.L).IsNumber() {
		values := make([]syntax.Expr, len(p.R))
		for i, v := range p.R {
			values[i] = literal(v)
		}
		return equal(term(p.L), values)
	}
	return order(p)
}

var compareOps = map[ir.Op]syntax.CompareOp{ir.Eq: syntax.Eq, ir.Lt: syntax.Lt, ir.Le: syntax.Le, ir.Gt: syntax.Gt, ir.Ge: syntax.Ge}

// order compares with each literal.
func order(p *ir.Cmp) syntax.Expr {
	xs := make([]syntax.Expr, len(p.R))
	for i, v := range p.R {
		xs[i] = syntax.Cmp(compareOps[p.Op], term(p.L), literal(v))
	}
	return syntax.Any(xs...)
}

// affix prints contains, starts_with and ends_with: as a wildcard, or as a function for texts with a * or ?.
func affix(before, after, function string) func(*ir.Cmp) syntax.Expr {
	return func(p *ir.Cmp) syntax.Expr {
		f, op, fn := term(p.L), syntax.Colon, function+"~"
		if p.Cased {
			op, fn = syntax.Like, function
		}
		plain, special := split(p)
		var xs []syntax.Expr
		if len(plain) > 0 {
			patterns := make([]string, len(plain))
			for i, t := range plain {
				patterns[i] = before + t + after
			}
			xs = append(xs, syntax.Matches(f, op, patterns...))
		}
		for _, t := range special {
			xs = append(xs, syntax.Fn(fn, f, syntax.Str(t)))
		}
		return syntax.Any(xs...)
	}
}

func glob(p *ir.Cmp) syntax.Expr {
	var patterns []string
	for _, v := range p.R {
		g := pattern.ParseGlob(v.Str())
		if !plainGlob(g) || !p.Cased && pattern.NonASCIICase(v.Str()) {
			return matches(p)
		}
		s := ""
		for _, part := range g {
			switch part.Kind {
			case pattern.Literal:
				s += part.Text
			case pattern.Star:
				s += "*"
			case pattern.One:
				s += "?"
			}
		}
		patterns = append(patterns, s)
	}
	if p.Cased {
		return syntax.Matches(term(p.L), syntax.Like, patterns...)
	}
	return syntax.Matches(term(p.L), syntax.Colon, patterns...)
}

func matches(p *ir.Cmp) syntax.Expr {
	res, _ := regexps(p)
	return syntax.Matches(term(p.L), syntax.Regex, res...)
}

func inBlock(p *ir.Cmp) syntax.Expr {
	args := []syntax.Expr{term(p.L)}
	for _, v := range p.R {
		if block, err := ir.ParseCIDR(v.String()); err == nil {
			args = append(args, syntax.Str(block.String()))
		}
	}
	return syntax.Fn("cidrMatch", args...)
}

func length(p *ir.Cmp) syntax.Expr {
	f := term(p.L.(*ir.Call).X)
	var res []string
	for _, v := range p.R {
		least, most, none := backends.LengthRange(p.Op, wholeNumber(v))
		switch {
		case none:
		case most < 0:
			res = append(res, ".{"+strconv.FormatInt(least, 10)+",}")
		default:
			res = append(res, ".{"+strconv.FormatInt(least, 10)+","+strconv.FormatInt(most, 10)+"}")
		}
	}
	if len(res) == 0 {
		return syntax.False()
	}
	return syntax.Matches(f, syntax.Regex, res...)
}

// mutualPrefix says that two texts are equal: each begins with the other. EQL compares a field with constants only.
func mutualPrefix(p *ir.Rel) syntax.Expr {
	l, r, fn := term(p.L), term(p.R), "startsWith"
	switch {
	case ir.TermType(p.L) == schema.IP:
		l, r = syntax.Fn("string", l), syntax.Fn("string", r)
	case !p.Cased:
		fn += "~"
	}
	return syntax.All(syntax.Fn(fn, l, r), syntax.Fn(fn, r, l))
}

// partOfText looks for one field's text in another's. indexOf finds the empty text, which stringContains does not, and works
// where the second field is missing (issue 155300).
func partOfText(p *ir.Rel) syntax.Expr {
	fold := "~"
	if p.Cased {
		fold = ""
	}
	switch p.Op {
	case ir.StartsWith:
		return syntax.Fn("startsWith"+fold, term(p.L), term(p.R))
	case ir.EndsWith:
		return syntax.Fn("endsWith"+fold, term(p.L), term(p.R))
	case ir.Contains, ir.Eq, ir.Like, ir.Matches, ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
	}
	return syntax.Cmp(syntax.Ge, syntax.Fn("indexOf"+fold, term(p.L), term(p.R)), syntax.Int(0))
}

func difference(p *ir.Rel) syntax.Expr {
	return syntax.Cmp(compareOps[p.Op], syntax.Calc(syntax.Sub, term(p.L), term(p.R)), syntax.Int(0))
}

func sameBool(p *ir.Rel) syntax.Expr {
	both := func(v bool) syntax.Expr {
		b := &syntax.Bool{Value: v}
		return syntax.All(syntax.Cmp(syntax.Eq, term(p.L), b), syntax.Cmp(syntax.Eq, term(p.R), b))
	}
	return syntax.Any(both(true), both(false))
}

func isEmpty(p ir.Pred) syntax.Expr {
	f := p.(*ir.Empty).F
	switch {
	case !f.Type.IsString():
		return syntax.Missing(term(f))
	case f.Array:
		return syntax.Negate(syntax.Matches(term(f), syntax.Regex, ".+"))
	}
	return syntax.Any(syntax.Missing(term(f)), syntax.Cmp(syntax.Eq, term(f), syntax.Str("")))
}

func anyText(q *ir.Quant) syntax.Expr {
	re, _ := rewrite.Element(q.Body, q.Var)
	return syntax.Matches(term(q.Over), syntax.Regex, re)
}

func allText(q *ir.Quant) syntax.Expr {
	re, _ := rewrite.Element(q.Body, q.Var)
	return syntax.All(syntax.Exists(term(q.Over)), syntax.Negate(syntax.Matches(term(q.Over), syntax.Regex, "~("+re+")")))
}

func anyEach(q *ir.Quant) syntax.Expr {
	p, _ := onField(q)
	return lower(p)
}

// onField is the body of `any` over numbers, dates or addresses on the field itself, which is wider.
func onField(q *ir.Quant) (ir.Pred, bool) {
	return rewrite.OnField(q.Body, q.Over, func(*ir.Cmp) bool { return true })
}

func allOnOneSide(q *ir.Quant) syntax.Expr {
	wrong, _ := rewrite.Opposite(q)
	return syntax.All(syntax.Exists(term(q.Over)), syntax.Negate(lower(wrong)))
}
