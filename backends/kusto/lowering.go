package kusto

import (
	"fmt"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// leafLevel asks the capability row of a leaf that stands for a condition on an element.
func leafLevel(p ir.Pred) backends.Level { return leafRows[backends.ConstructOf(p)].Level(p, false) }

// lowerer builds the condition of one table and collects the stages that have to stand before it.
type lowerer struct {
	stages []syntax.Operator
	drop   []string // columns that the stages add
}

// lower builds the condition of a checked predicate in push-not form. A condition that may be null is asked whether it is
// true wherever its value is used further, because the documentation of null under and, or and not is not of one mind.
func (l *lowerer) lower(p ir.Pred) syntax.Expr {
	switch p := p.(type) {
	case *ir.And:
		return syntax.AllOf(l.all(p.Xs)...)
	case *ir.Or:
		return syntax.AnyOf(l.all(p.Xs)...)
	case *ir.Not:
		return l.negation(p.X)
	case *ir.Const, *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return l.leaf(p)
}

func (l *lowerer) all(ps []ir.Pred) []syntax.Expr {
	xs := make([]syntax.Expr, len(ps))
	for i, p := range ps {
		xs[i] = l.lower(p)
	}
	return xs
}

// opposite is the operator of the negation of a string operator.
var opposite = map[syntax.Op]syntax.Op{
	syntax.EqFold: syntax.NeFold, syntax.Contains: syntax.NotContains, syntax.StartsWith: syntax.NotStartsWith, syntax.EndsWith: syntax.NotEndsWith,
	syntax.ContainsCS: syntax.NotContainsCS, syntax.StartsWithCS: syntax.NotStartsWithCS, syntax.EndsWithCS: syntax.NotEndsWithCS,
}

func (l *lowerer) negation(p ir.Pred) syntax.Expr {
	x := l.leaf(p)
	switch x := x.(type) {
	case *syntax.Binary:
		if op, ok := opposite[x.Op]; ok {
			return syntax.Bin(op, x.L, x.R)
		}
		if c, ok := p.(*ir.Cmp); ok && ir.TermType(c.L).IsString() && x.Op == syntax.Eq {
			return syntax.Bin(syntax.Ne, x.L, x.R)
		}
	case *syntax.List:
		switch {
		case x.Op == syntax.InFold:
			return syntax.InList(syntax.NotInFold, x.X, x.Items...)
		case x.Op == syntax.In && ir.TermType(p.(*ir.Cmp).L).IsString():
			return syntax.InList(syntax.NotIn, x.X, x.Items...)
		}
	case *syntax.Call:
		switch x.Name {
		case "isempty":
			return syntax.Fn("isnotempty", x.Args[0].Expr)
		case "isnotempty":
			return syntax.Fn("isempty", x.Args[0].Expr)
		case "isnull":
			return syntax.Fn("isnotnull", x.Args[0].Expr)
		case "isnotnull":
			return syntax.Fn("isnull", x.Args[0].Expr)
		}
	case *syntax.ArrayLit, *syntax.BagLit, *syntax.Between, *syntax.BoolLit, *syntax.Datatable, *syntax.DatetimeLit, *syntax.DecimalLit,
		*syntax.DynamicLit, *syntax.ExternalData, *syntax.GUIDLit, *syntax.Index, *syntax.IntLit, *syntax.Lambda, *syntax.LongLit, *syntax.Name,
		*syntax.NullLit, *syntax.Path, *syntax.Pipeline, *syntax.RealLit, *syntax.Star, *syntax.StringLit, *syntax.TimespanLit, *syntax.TypeofLit,
		*syntax.Unary, *syntax.Wildcard:
	}
	return syntax.Not(x)
}

// leaf builds a leaf so that its value is never null.
func (l *lowerer) leaf(p ir.Pred) syntax.Expr {
	if f, ok := elementOf(p); ok && f.Array {
		return l.arrayLeaf(p, f)
	}
	x := l.build(p)
	if mayBeNull(p) {
		return syntax.Fn("coalesce", x, syntax.Bool(false))
	}
	return x
}

// elementOf returns the field whose elements a leaf is about.
func elementOf(p ir.Pred) (*ir.Field, bool) {
	switch p := p.(type) {
	case *ir.Cmp:
		f, ok := p.L.(*ir.Field)
		return f, ok
	case *ir.Rel:
		for _, t := range []ir.Term{p.L, p.R} {
			if f, ok := t.(*ir.Field); ok && f.Array {
				return f, true
			}
		}
	case *ir.Exists:
		return p.F, true
	case *ir.Empty:
		return p.F, true
	case *ir.Quant:
		return p.Over, true
	case *ir.And, *ir.Or, *ir.Not, *ir.Const, *ir.Keyword:
	}
	return nil, false
}

// mayBeNull reports whether the condition built for a leaf can be null: string operators and tests of presence are not.
func mayBeNull(p ir.Pred) bool {
	switch p := p.(type) {
	case *ir.Cmp:
		if _, ok := p.L.(*ir.Call); ok {
			return p.L.(*ir.Call).Func != ir.Values
		}
		return !ir.TermType(p.L).IsString() && (ir.TermType(p.L) != schema.IP || p.Op == ir.InCIDR)
	case *ir.Rel:
		return !ir.TermType(p.L).IsString() && ir.TermType(p.L) != schema.IP
	case *ir.And, *ir.Or, *ir.Not, *ir.Const, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return false
}

// build builds a leaf about scalar fields.
func (l *lowerer) build(p ir.Pred) syntax.Expr {
	switch c := backends.ConstructOf(p); c {
	case backends.EqText, backends.EqTextCased, backends.ContainsText, backends.ContainsCased, backends.StartsText, backends.StartsCased,
		backends.EndsText, backends.EndsCased, backends.LikeText, backends.LikeCased, backends.MatchesText:
		return text(p.(*ir.Cmp))
	case backends.EqEmptyText:
		rest := withoutEmpty(p.(*ir.Cmp))
		if len(rest.R) == 0 {
			return syntax.Bool(false)
		}
		return text(rest)
	case backends.EqNumber, backends.OrderNumber, backends.EqDate, backends.OrderDate, backends.EqBool:
		return scalar(p.(*ir.Cmp))
	case backends.EqIP:
		return oneOf(value(p.(*ir.Cmp).L), false, valueTexts(p.(*ir.Cmp)))
	case backends.CIDRv4, backends.CIDRv6:
		return inBlock(p.(*ir.Cmp))
	case backends.LengthOf, backends.ValuesOf, backends.HourOf, backends.WeekdayOf, backends.MinuteOf, backends.CalendarOf, backends.Calculated, backends.HasBits:
		return calculation(p.(*ir.Cmp))
	case backends.RelText, backends.RelTextCased, backends.RelIP:
		return sameText(p.(*ir.Rel))
	case backends.RelPart, backends.RelPartCased:
		return partOfText(p.(*ir.Rel))
	case backends.RelNumber, backends.RelDate, backends.RelBool, backends.RelCalculated:
		return relation(p.(*ir.Rel))
	case backends.HasValue:
		return present(p.(*ir.Exists).F)
	case backends.IsEmpty:
		f := p.(*ir.Empty).F
		if textual(f) {
			return syntax.Fn("isempty", value(f))
		}
		return syntax.Fn("isnull", value(f))
	case backends.Always:
		return syntax.Bool(p.(*ir.Const).Value)
	case backends.AnyText, backends.AnyNumber, backends.AnyOther, backends.AnyObject, backends.AllText, backends.AllNumber, backends.AllOther, backends.AllObject:
		return l.arrayLeaf(p, p.(*ir.Quant).Over)
	}
	panic(fmt.Sprintf("kusto: %q passed the check and has no lowering", backends.ConstructOf(p)))
}

// textual reports whether the column is a string, which has no null.
func textual(f *ir.Field) bool { return f.Type.IsString() || f.Type == schema.IP }

func present(f *ir.Field) syntax.Expr {
	if textual(f) {
		return syntax.Fn("isnotempty", value(f))
	}
	return syntax.Fn("isnotnull", value(f))
}

// textOps are the string operators, ignoring case and not.
var textOps = map[ir.Op][2]syntax.Op{
	ir.Eq: {syntax.EqFold, syntax.Eq}, ir.Contains: {syntax.Contains, syntax.ContainsCS},
	ir.StartsWith: {syntax.StartsWith, syntax.StartsWithCS}, ir.EndsWith: {syntax.EndsWith, syntax.EndsWithCS},
}

func text(p *ir.Cmp) syntax.Expr {
	x := value(p.L)
	if usesRegexp(p) {
		return matches(p, x)
	}
	texts, _ := backends.Texts(p)
	if p.Op == ir.Eq {
		return oneOf(x, !p.Cased, texts)
	}
	op := textOps[p.Op][0]
	if p.Cased {
		op = textOps[p.Op][1]
	}
	xs := make([]syntax.Expr, len(texts))
	for i, t := range texts {
		xs[i] = syntax.Bin(op, x, syntax.Str(t))
	}
	return syntax.AnyOf(xs...)
}

func oneOf(x syntax.Expr, fold bool, texts []string) syntax.Expr {
	op, list := syntax.Eq, syntax.In
	if fold {
		op, list = syntax.EqFold, syntax.InFold
	}
	if len(texts) == 1 {
		return syntax.Bin(op, x, syntax.Str(texts[0]))
	}
	return syntax.InList(list, x, syntax.Strs(texts)...)
}

func valueTexts(p *ir.Cmp) []string {
	out := make([]string, len(p.R))
	for i, v := range p.R {
		out[i] = v.String()
	}
	return out
}

// matches prints regular expressions; one that fits the empty text asks for a text first.
func matches(p *ir.Cmp, x syntax.Expr) syntax.Expr {
	xs := make([]syntax.Expr, len(p.R))
	for i, v := range p.R {
		n, _ := ir.TextPattern(p.Op, p.Cased, v.Str())
		xs[i] = syntax.Bin(syntax.MatchesRegex, x, syntax.Str(regexpText(n)))
	}
	any := syntax.AnyOf(xs...)
	if fitsEmpty(p) {
		return syntax.AllOf(syntax.Fn("isnotempty", x), any)
	}
	return any
}

// fitsEmpty reports whether a literal fits the empty text.
func fitsEmpty(p *ir.Cmp) bool {
	for _, v := range p.R {
		if n, ok := ir.TextPattern(p.Op, p.Cased, v.Str()); ok && pattern.MatchesEmpty(n) {
			return true
		}
	}
	return false
}

var signs = map[ir.Op]syntax.Op{ir.Eq: syntax.Eq, ir.Lt: syntax.Lt, ir.Le: syntax.Le, ir.Gt: syntax.Gt, ir.Ge: syntax.Ge}

func literal(v schema.Value) syntax.Expr {
	switch v.Type() {
	case schema.Long:
		return syntax.Long(v.Int64())
	case schema.Double:
		return syntax.Real(v.Float64())
	case schema.Boolean:
		return syntax.Bool(v.Bool())
	case schema.Date:
		return syntax.Datetime(v.Time())
	case schema.Keyword, schema.Text, schema.IP, schema.Invalid:
	}
	return syntax.Str(v.String())
}

func compareEach(op ir.Op, x syntax.Expr, literals []schema.Value) syntax.Expr {
	xs := make([]syntax.Expr, len(literals))
	for i, v := range literals {
		xs[i] = syntax.Bin(signs[op], x, literal(v))
	}
	return syntax.AnyOf(xs...)
}

func scalar(p *ir.Cmp) syntax.Expr {
	if p.Op == ir.Eq && len(p.R) > 1 && ir.TermType(p.L).IsNumber() {
		items := make([]syntax.Expr, len(p.R))
		for i, v := range p.R {
			items[i] = literal(v)
		}
		return syntax.InList(syntax.In, value(p.L), items...)
	}
	return compareEach(p.Op, value(p.L), p.R)
}

// inBlock asks the function of the block's family; an IPv6 block that holds the mapped IPv4 addresses takes addresses with a colon only.
func inBlock(p *ir.Cmp) syntax.Expr {
	x := value(p.L)
	var xs []syntax.Expr
	for _, v := range p.R {
		block, err := ir.ParseCIDR(v.Str())
		if err != nil {
			continue
		}
		if block.Addr().Is4() {
			xs = append(xs, syntax.Fn("ipv4_is_in_range", x, syntax.Str(block.String())))
			continue
		}
		in := syntax.Fn("ipv6_is_in_range", x, syntax.Str(block.String()))
		xs = append(xs, syntax.AllOf(syntax.Bin(syntax.Contains, x, syntax.Str(":")), in))
	}
	if len(xs) == 1 {
		return xs[0]
	}
	for i, x := range xs {
		xs[i] = syntax.Fn("coalesce", x, syntax.Bool(false))
	}
	return syntax.AnyOf(xs...)
}

// sameText compares two text columns: two missing ones are both "" and must not be equal.
func sameText(p *ir.Rel) syntax.Expr {
	op := syntax.Eq
	if ir.TermType(p.L).IsString() && !p.Cased {
		op = syntax.EqFold
	}
	x, y := value(p.L), value(p.R)
	return syntax.AllOf(syntax.Fn("isnotempty", x), syntax.Bin(op, x, y))
}

// partOps are the operators that look for a part of a text, without and with case.
var partOps = map[ir.Op][2]syntax.Op{
	ir.Contains:   {syntax.Contains, syntax.ContainsCS},
	ir.StartsWith: {syntax.StartsWith, syntax.StartsWithCS},
	ir.EndsWith:   {syntax.EndsWith, syntax.EndsWithCS},
}

// partOfText looks for the text of a column in another one: a missing text is "", which would be found everywhere.
func partOfText(p *ir.Rel) syntax.Expr {
	op := partOps[p.Op][0]
	if p.Cased {
		op = partOps[p.Op][1]
	}
	part := value(p.R)
	return syntax.AllOf(syntax.Fn("isnotempty", part), syntax.Bin(op, value(p.L), part))
}
