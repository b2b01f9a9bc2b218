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
		return cmp(eqText)
	case backends.ContainsText, backends.ContainsCased:
		return cmp(affix("*", "*", "stringContains"))
	case backends.StartsText, backends.StartsCased:
		return cmp(affix("", "*", "startsWith"))
	case backends.EndsText, backends.EndsCased:
		return cmp(affix("*", "", "endsWith"))
	case backends.LikeText, backends.LikeCased:
		return cmp(glob)
	case backends.MatchesText:
		return cmp(matches)
	case backends.EqNumber, backends.EqDate, backends.EqBool:
		return cmp(eqScalar)
	case backends.OrderNumber, backends.OrderDate, backends.Calculated:
		return cmp(order)
	case backends.EqIP, backends.CIDRv4, backends.CIDRv6:
		return cmp(inBlock)
	case backends.LengthOf:
		return cmp(length)
	case backends.RelText, backends.RelTextCased, backends.RelIP:
		return rel(mutualPrefix)
	case backends.RelNumber:
		return rel(difference)
	case backends.RelBool:
		return rel(sameBool)
	case backends.HasValue:
		return func(p ir.Pred) syntax.Expr { return syntax.Exists(term(p.(*ir.Exists).F)) }
	case backends.IsEmpty:
		return isEmpty
	case backends.AnyText:
		return quant(anyText)
	case backends.AnyNumber:
		return quant(anyEach)
	case backends.AllText:
		return quant(allText)
	case backends.AllNumber:
		return quant(allOnOneSide)
	case backends.Always:
		return func(p ir.Pred) syntax.Expr { return &syntax.Bool{Value: p.(*ir.Const).Value} }
	case backends.ValuesOf, backends.HourOf, backends.WeekdayOf, backends.HasBits, backends.RelDate, backends.RelCalculated, backends.AnyOther, backends.AnyObject, backends.AllOther, backends.AllObject:
	}
	return nil
}

func cmp(f func(*ir.Cmp) syntax.Expr) func(ir.Pred) syntax.Expr {
	return func(p ir.Pred) syntax.Expr { return f(p.(*ir.Cmp)) }
}

func rel(f func(*ir.Rel) syntax.Expr) func(ir.Pred) syntax.Expr {
	return func(p ir.Pred) syntax.Expr { return f(p.(*ir.Rel)) }
}

func quant(f func(*ir.Quant) syntax.Expr) func(ir.Pred) syntax.Expr {
	return func(p ir.Pred) syntax.Expr { return f(p.(*ir.Quant)) }
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
	x, _ := lowerEach(q.Body, q)
	return x
}

// lowerEach lowers the body of `any` over numbers, dates or addresses with the field in the place of the element, which
// is wider; a negated order is turned round, because `not` over a field speaks of all its values.
func lowerEach(body ir.Pred, q *ir.Quant) (syntax.Expr, bool) {
	switch p := body.(type) {
	case *ir.And:
		return eachOf(p.Xs, q, syntax.All)
	case *ir.Or:
		return eachOf(p.Xs, q, syntax.Any)
	case *ir.Cmp:
		if _, ok := p.L.(*ir.Elem); ok {
			return lower(&ir.Cmp{Op: p.Op, L: q.Over, R: p.R}), true
		}
	case *ir.Not:
		if c, ok := p.X.(*ir.Cmp); ok && len(c.R) == 1 && inverse[c.Op] != 0 {
			return lowerEach(&ir.Cmp{Op: inverse[c.Op], L: c.L, R: c.R}, q)
		}
	case *ir.Const, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return nil, false
}

func eachOf(ps []ir.Pred, q *ir.Quant, join func(...syntax.Expr) syntax.Expr) (syntax.Expr, bool) {
	xs := make([]syntax.Expr, len(ps))
	for i, p := range ps {
		x, ok := lowerEach(p, q)
		if !ok {
			return nil, false
		}
		xs[i] = x
	}
	return join(xs...), true
}

// inverse is the order that holds exactly when the key does not.
var inverse = map[ir.Op]ir.Op{ir.Lt: ir.Ge, ir.Le: ir.Gt, ir.Gt: ir.Le, ir.Ge: ir.Lt}

// opposite returns the condition that some element is on the wrong side, for `all` over one comparison.
func opposite(q *ir.Quant) (syntax.Expr, bool) {
	body, negated := q.Body, false
	if n, ok := body.(*ir.Not); ok {
		body, negated = n.X, true
	}
	c, ok := body.(*ir.Cmp)
	if !ok || len(c.R) != 1 {
		return nil, false
	}
	if _, ok := c.L.(*ir.Elem); !ok {
		return nil, false
	}
	on := func(op ir.Op) syntax.Expr { return lower(&ir.Cmp{Op: op, L: q.Over, R: c.R}) }
	switch {
	case negated:
		return on(c.Op), true
	case inverse[c.Op] != 0:
		return on(inverse[c.Op]), true
	case c.Op == ir.Eq && (q.Over.Type.IsNumber() || q.Over.Type == schema.Date):
		return syntax.Any(on(ir.Lt), on(ir.Gt)), true
	}
	return nil, false
}

func allOnOneSide(q *ir.Quant) syntax.Expr {
	wrong, _ := opposite(q)
	return syntax.All(syntax.Exists(term(q.Over)), syntax.Negate(wrong))
}
