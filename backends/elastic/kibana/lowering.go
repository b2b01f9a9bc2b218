package kibana

import (
	"fmt"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/kibana/syntax"
	"github.com/onerule/onerule/backends/elastic/rewrite"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// builder returns what builds a construct; nil for the constructs that the capability table always refuses.
func builder(c backends.Construct) func(ir.Pred) syntax.Node {
	switch c {
	case backends.EqText, backends.EqTextCased, backends.EqEmptyText, backends.ContainsText, backends.ContainsCased,
		backends.StartsText, backends.StartsCased, backends.EndsText, backends.EndsCased, backends.LikeText, backends.LikeCased:
		return backends.On(text)
	case backends.EqNumber, backends.EqDate, backends.EqBool, backends.EqIP:
		return backends.On(equal)
	case backends.OrderNumber, backends.OrderDate:
		return backends.On(order)
	case backends.CIDRv4, backends.CIDRv6:
		return backends.On(inBlock)
	case backends.HasValue:
		return func(p ir.Pred) syntax.Node { return syntax.Exists(name(p.(*ir.Exists).F)) }
	case backends.IsEmpty:
		return isEmpty
	case backends.AnyText, backends.AnyNumber:
		return func(p ir.Pred) syntax.Node {
			q := p.(*ir.Quant)
			body, _ := onField(q)
			return lower(body)
		}
	case backends.AllNumber:
		return allOnOneSide
	case backends.Always:
		return always
	case backends.MatchesText, backends.LengthOf, backends.ValuesOf, backends.HourOf, backends.WeekdayOf, backends.MinuteOf, backends.CalendarOf, backends.Calculated, backends.HasBits,
		backends.RelText, backends.RelTextCased, backends.RelPart, backends.RelPartCased, backends.RelNumber, backends.RelDate, backends.RelIP, backends.RelBool, backends.RelCalculated,
		backends.AnyOther, backends.AnyObject, backends.AllText, backends.AllOther, backends.AllObject:
	}
	return nil
}

// lower builds the query of a checked predicate.
func lower(p ir.Pred) syntax.Node {
	switch p := p.(type) {
	case *ir.And:
		return syntax.Both(lowerAll(p.Xs)...)
	case *ir.Or:
		return syntax.Either(lowerAll(p.Xs)...)
	case *ir.Not:
		return syntax.Negate(lower(p.X))
	case *ir.Const, *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	build := builder(backends.ConstructOf(p))
	if build == nil {
		panic(fmt.Sprintf("kibana: %q passed the check and has no lowering", backends.ConstructOf(p)))
	}
	return build(p)
}

func lowerAll(ps []ir.Pred) []syntax.Node {
	xs := make([]syntax.Node, len(ps))
	for i, p := range ps {
		xs[i] = lower(p)
	}
	return xs
}

func name(t ir.Term) syntax.Name {
	f, ok := t.(*ir.Field)
	if !ok {
		panic(fmt.Sprintf("kibana: no lowering of the term %T", t))
	}
	return syntax.Field(rewrite.Path(f))
}

func text(p *ir.Cmp) syntax.Node {
	plan := planText(p)
	return syntax.AnyOf(plan.field, plan.values...)
}

func literal(v schema.Value) syntax.Atom {
	switch v.Type() {
	case schema.Boolean:
		return syntax.Bool(v.Bool())
	case schema.Long:
		return syntax.Int(v.Int64())
	case schema.Double:
		return syntax.Bare(backends.Decimal(v.Float64()))
	case schema.Keyword, schema.Text, schema.Date, schema.IP, schema.Invalid:
	}
	return syntax.String(v.String())
}

func equal(p *ir.Cmp) syntax.Node {
	values := make([]syntax.Value, len(p.R))
	for i, v := range p.R {
		values[i] = literal(v)
	}
	return syntax.AnyOf(name(p.L), values...)
}

var rangeOps = map[ir.Op]syntax.RangeOp{ir.Lt: syntax.Lt, ir.Le: syntax.Lte, ir.Gt: syntax.Gt, ir.Ge: syntax.Gte}

func order(p *ir.Cmp) syntax.Node {
	xs := make([]syntax.Node, len(p.R))
	for i, v := range p.R {
		xs[i] = syntax.Compare(name(p.L), rangeOps[p.Op], literal(v))
	}
	return syntax.Either(xs...)
}

func inBlock(p *ir.Cmp) syntax.Node {
	var values []syntax.Value
	for _, v := range p.R {
		if block, err := ir.ParseCIDR(v.Str()); err == nil {
			values = append(values, syntax.String(block.String()))
		}
	}
	return syntax.AnyOf(name(p.L), values...)
}

func isEmpty(p ir.Pred) syntax.Node {
	f := p.(*ir.Empty).F
	missing := syntax.Negate(syntax.Exists(name(f)))
	if !f.Type.IsString() {
		return missing
	}
	return syntax.Either(missing, syntax.Is(name(f), syntax.String("")))
}

func always(p ir.Pred) syntax.Node {
	if p.(*ir.Const).Value {
		return syntax.All()
	}
	return syntax.Negate(syntax.All())
}

// onField is the body of `any` on the field itself, which is wider.
func onField(q *ir.Quant) (ir.Pred, bool) {
	return rewrite.OnField(q.Body, q.Over, func(c *ir.Cmp) bool { return builder(backends.ConstructOf(c)) != nil })
}

func allOnOneSide(p ir.Pred) syntax.Node {
	q := p.(*ir.Quant)
	wrong, _ := rewrite.Opposite(q)
	return syntax.Both(syntax.Exists(name(q.Over)), syntax.Negate(lower(wrong)))
}
