package spl

import (
	"fmt"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// searchable reports whether a whole predicate can stand in the search command.
func searchable(p ir.Pred) bool {
	switch p := p.(type) {
	case *ir.And:
		return allSearchable(p.Xs)
	case *ir.Or:
		return allSearchable(p.Xs)
	case *ir.Not:
		return searchable(p.X)
	case *ir.Const:
		return true
	case *ir.Cmp:
		f, ok := p.L.(*ir.Field)
		if !ok || !syntax.SearchField(fieldName(f)) {
			return false
		}
		switch {
		case f.Type.IsString():
			return searchText(p)
		case f.Type == schema.IP || f.Type == schema.Boolean:
			return true
		}
		return false
	case *ir.Exists:
		return syntax.SearchField(fieldName(p.F))
	case *ir.Rel, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return false
}

func allSearchable(ps []ir.Pred) bool {
	for _, p := range ps {
		if !searchable(p) {
			return false
		}
	}
	return true
}

// search builds the search expression of a searchable predicate.
func search(p ir.Pred) syntax.SearchExpr {
	switch p := p.(type) {
	case *ir.And:
		return syntax.AndS(searchAll(p.Xs)...)
	case *ir.Or:
		return syntax.OrS(searchAll(p.Xs)...)
	case *ir.Not:
		return syntax.NotS(search(p.X))
	case *ir.Const:
		if p.Value {
			return syntax.All()
		}
		return syntax.Nothing()
	case *ir.Exists:
		return syntax.Exists(fieldName(p.F))
	case *ir.Cmp:
		return searchCmp(p)
	case *ir.Rel, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	panic(fmt.Sprintf("spl: %T is not searchable", p))
}

func searchAll(ps []ir.Pred) []syntax.SearchExpr {
	xs := make([]syntax.SearchExpr, len(ps))
	for i, p := range ps {
		xs[i] = search(p)
	}
	return xs
}

func searchCmp(p *ir.Cmp) syntax.SearchExpr {
	f := p.L.(*ir.Field)
	var texts []string
	before, after := "", ""
	switch {
	case f.Type.IsString():
		texts, _ = backends.Texts(p)
		switch p.Op {
		case ir.Contains:
			before, after = "*", "*"
		case ir.StartsWith:
			after = "*"
		case ir.EndsWith:
			before = "*"
		case ir.Eq, ir.Like, ir.Matches, ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
		}
	case p.Op == ir.InCIDR:
		for _, v := range p.R {
			block, _ := ir.ParseCIDR(v.Str())
			if block.IsSingleIP() {
				texts = append(texts, block.Addr().String())
			} else {
				texts = append(texts, block.String())
			}
		}
	default:
		for _, v := range p.R {
			texts = append(texts, v.String())
		}
	}
	if p.Op == ir.InCIDR { // IN compares text; a block needs =
		xs := make([]syntax.SearchExpr, len(texts))
		for i, t := range texts {
			xs[i] = syntax.Eq(fieldName(f), t)
		}
		return syntax.OrS(xs...)
	}
	for i := range texts {
		texts[i] = before + texts[i] + after
	}
	return syntax.OneOf(fieldName(f), texts...)
}

// fieldName is how Splunk names a native field: an array extracted from JSON has {} behind its segment.
func fieldName(f *ir.Field) string {
	return strings.Join(strings.Split(f.Name, "[]"), "{}")
}

// builder returns what builds a construct in where; nil for the constructs that the capability table always refuses.
func builder(c backends.Construct) func(ir.Pred) syntax.Expr {
	switch c {
	case backends.EqText, backends.EqTextCased, backends.EqEmptyText, backends.ContainsText, backends.ContainsCased,
		backends.StartsText, backends.StartsCased, backends.EndsText, backends.EndsCased, backends.LikeText, backends.LikeCased, backends.MatchesText:
		return backends.On(text)
	case backends.EqNumber, backends.OrderNumber:
		return backends.On(number)
	case backends.EqDate, backends.OrderDate, backends.HourOf, backends.WeekdayOf, backends.MinuteOf, backends.CalendarOf, backends.Calculated:
		return backends.On(calculation)
	case backends.EqBool:
		return backends.On(boolean)
	case backends.EqIP, backends.CIDRv4, backends.CIDRv6:
		return backends.On(inBlock)
	case backends.LengthOf:
		return backends.On(length)
	case backends.ValuesOf:
		return backends.On(distinct)
	case backends.RelText, backends.RelTextCased, backends.RelIP, backends.RelBool:
		return backends.On(sameText)
	case backends.RelPart, backends.RelPartCased:
		return backends.On(partOfText)
	case backends.RelNumber, backends.RelDate, backends.RelCalculated:
		return backends.On(relation)
	case backends.HasValue:
		return func(p ir.Pred) syntax.Expr { return syntax.Fn("isnotnull", field(p.(*ir.Exists).F)) }
	case backends.IsEmpty:
		return isEmpty
	case backends.AnyText, backends.AnyNumber:
		return anyElement
	case backends.AllText, backends.AllNumber:
		return allElements
	case backends.Always:
		return always
	case backends.HasBits, backends.AnyOther, backends.AnyObject, backends.AllOther, backends.AllObject:
	}
	return nil
}

// where builds the eval condition of a checked predicate in push-not form.
func where(p ir.Pred) syntax.Expr {
	switch p := p.(type) {
	case *ir.And:
		return syntax.AndE(whereAll(p.Xs)...)
	case *ir.Or:
		return syntax.OrE(whereAll(p.Xs)...)
	case *ir.Not:
		return negation(p.X)
	case *ir.Const, *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	build := builder(backends.ConstructOf(p))
	if build == nil {
		panic(fmt.Sprintf("spl: %q passed the check and has no lowering", backends.ConstructOf(p)))
	}
	return build(p)
}

func whereAll(ps []ir.Pred) []syntax.Expr {
	xs := make([]syntax.Expr, len(ps))
	for i, p := range ps {
		xs[i] = where(p)
	}
	return xs
}

// negation builds the complement of a leaf. Conditions made of isnotnull() and isnull() are never null, so the one becomes
// the other; others are asked whether they are true (reference 2.3: NOT of null is not settled).
func negation(p ir.Pred) syntax.Expr {
	x := where(p)
	if c, ok := x.(*syntax.Call); ok && len(c.Args) == 1 {
		switch c.Name {
		case "isnotnull":
			return syntax.Fn("isnull", c.Args...)
		case "isnull":
			return syntax.Fn("isnotnull", c.Args...)
		}
	}
	return syntax.Op("=", syntax.Fn("coalesce", syntax.Fn("if", x, syntax.Int(1), syntax.Int(0)), syntax.Int(0)), syntax.Int(0))
}

func field(f *ir.Field) syntax.Expr { return syntax.F(fieldName(f)) }

// text finds a value that the expression fits: mvfind works on one value as on several, and on a missing field gives null.
func text(p *ir.Cmp) syntax.Expr {
	re, _, _ := textRegexp(p)
	return syntax.Fn("isnotnull", syntax.Fn("mvfind", field(p.L.(*ir.Field)), syntax.S(re)))
}

func number(p *ir.Cmp) syntax.Expr {
	f := p.L.(*ir.Field)
	x := compareEach(p.Op, syntax.Fn("tonumber", field(f)), p.R)
	if f.Array {
		return syntax.Fn("isnotnull", syntax.Fn("mvfilter", x))
	}
	return x
}

var signs = map[ir.Op]string{ir.Eq: "=", ir.Lt: "<", ir.Le: "<=", ir.Gt: ">", ir.Ge: ">="}

// compareEach compares a value with each literal.
func compareEach(op ir.Op, x syntax.Expr, literals []schema.Value) syntax.Expr {
	xs := make([]syntax.Expr, len(literals))
	for i, v := range literals {
		xs[i] = syntax.Op(signs[op], x, literal(v))
	}
	return syntax.OrE(xs...)
}

// literal prints a number; times are seconds since the epoch.
func literal(v schema.Value) syntax.Expr {
	switch v.Type() {
	case schema.Long:
		return syntax.Int(v.Int64())
	case schema.Date:
		return seconds(v.Millis())
	case schema.Double, schema.Keyword, schema.Text, schema.Boolean, schema.IP, schema.Invalid:
	}
	return syntax.Float(v.Float64())
}

func seconds(ms int64) syntax.Expr {
	if ms%1000 == 0 {
		return syntax.Int(ms / 1000)
	}
	return syntax.Float(float64(ms) / 1000)
}

func boolean(p *ir.Cmp) syntax.Expr {
	words := make([]schema.Value, len(p.R))
	for i, v := range p.R {
		words[i] = schema.String(v.String())
	}
	return text(&ir.Cmp{Op: ir.Eq, L: p.L, R: words})
}

func inBlock(p *ir.Cmp) syntax.Expr {
	return syntax.Fn("isnotnull", syntax.Fn("mvfilter", blocks(p, field(p.L.(*ir.Field)))))
}

func blocks(p *ir.Cmp, x syntax.Expr) syntax.Expr {
	var xs []syntax.Expr
	for _, v := range p.R {
		if block, err := ir.ParseCIDR(v.String()); err == nil {
			xs = append(xs, syntax.Fn("cidrmatch", syntax.S(block.String()), x))
		}
	}
	return syntax.OrE(xs...)
}

func length(p *ir.Cmp) syntax.Expr {
	f := p.L.(*ir.Call).X.(*ir.Field)
	var alternatives []pattern.Node
	for _, v := range p.R {
		least, most, none := backends.LengthRange(p.Op, whole(v))
		if !none {
			alternatives = append(alternatives, pattern.Seq(&pattern.Begin{}, &pattern.Repeat{X: pattern.AnyRune(), Min: int(least), Max: int(most)}, &pattern.End{}))
		}
	}
	if len(alternatives) == 0 {
		return syntax.OrE()
	}
	n := alternatives[0]
	if len(alternatives) > 1 {
		n = &pattern.Alternate{Xs: alternatives}
	}
	re, _, _ := pcre(n)
	return syntax.Fn("isnotnull", syntax.Fn("mvfind", field(f), syntax.S(re)))
}

func distinct(p *ir.Cmp) syntax.Expr {
	return compareEach(p.Op, countOfValues(p.L.(*ir.Call).X.(*ir.Field)), p.R)
}

// countOfValues is 0 on a missing field.
func countOfValues(f *ir.Field) syntax.Expr {
	return syntax.Fn("coalesce", syntax.Fn("mvcount", syntax.Fn("mvdedup", field(f))), syntax.Int(0))
}

func isEmpty(p ir.Pred) syntax.Expr {
	f := p.(*ir.Empty).F
	if !f.Type.IsString() {
		return syntax.Fn("isnull", field(f))
	}
	return syntax.Fn("isnull", syntax.Fn("mvfind", field(f), syntax.S("(?s).")))
}

func always(p ir.Pred) syntax.Expr {
	if p.(*ir.Const).Value {
		return syntax.AndE()
	}
	return syntax.OrE()
}
