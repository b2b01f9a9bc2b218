package search

import (
	"fmt"
	"strconv"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/datadog/search/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// builder returns what builds a construct; nil for the constructs that the capability table always refuses.
func builder(c backends.Construct) func(ir.Pred) syntax.Node {
	switch c {
	case backends.EqText, backends.EqTextCased, backends.ContainsText, backends.ContainsCased, backends.StartsText, backends.StartsCased,
		backends.EndsText, backends.EndsCased, backends.LikeText, backends.LikeCased, backends.MatchesText:
		return tests(func(c *ir.Cmp, f syntax.Field) []*syntax.Match { return readText(c, f).tests })
	case backends.EqNumber:
		return tests(equalNumber)
	case backends.OrderNumber:
		return tests(orderNumber)
	case backends.EqDate, backends.OrderDate:
		return tests(date)
	case backends.EqBool:
		return tests(boolean)
	case backends.EqIP, backends.CIDRv4, backends.CIDRv6:
		return tests(address)
	case backends.ValuesOf:
		return values
	case backends.HasValue:
		return func(p ir.Pred) syntax.Node { return syntax.Exists(field(p.(*ir.Exists).F)) }
	case backends.IsEmpty:
		return func(p ir.Pred) syntax.Node { return negate(syntax.Exists(field(p.(*ir.Empty).F))) }
	case backends.AnyText, backends.AnyNumber, backends.AnyObject:
		return someElement
	case backends.AllText, backends.AllNumber:
		return allElements
	case backends.Always:
		return func(p ir.Pred) syntax.Node { return constant(p.(*ir.Const).Value) }
	case backends.EqEmptyText, backends.LengthOf, backends.HourOf, backends.WeekdayOf, backends.MinuteOf, backends.CalendarOf, backends.Calculated, backends.HasBits,
		backends.RelText, backends.RelTextCased, backends.RelPart, backends.RelPartCased, backends.RelNumber, backends.RelDate, backends.RelIP, backends.RelBool, backends.RelCalculated,
		backends.AnyOther, backends.AllOther, backends.AllObject:
	}
	return nil
}

// lower builds the condition of a checked predicate.
func lower(p ir.Pred) syntax.Node {
	switch p := p.(type) {
	case *ir.And:
		return syntax.AllOf(lowerAll(p.Xs)...)
	case *ir.Or:
		return syntax.AnyOf(lowerAll(p.Xs)...)
	case *ir.Not:
		return negate(lower(p.X))
	case *ir.Const, *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	build := builder(backends.ConstructOf(p))
	if build == nil {
		panic(fmt.Sprintf("datadog: %q passed the check and has no lowering", backends.ConstructOf(p)))
	}
	return build(p)
}

func lowerAll(ps []ir.Pred) []syntax.Node {
	out := make([]syntax.Node, len(ps))
	for i, p := range ps {
		out[i] = lower(p)
	}
	return out
}

// negate is -x; two signs in a row do not parse.
func negate(x syntax.Node) syntax.Node {
	if n, ok := x.(*syntax.Not); ok {
		return n.X
	}
	return syntax.Negate(x)
}

func constant(v bool) syntax.Node {
	if v {
		return syntax.All()
	}
	return syntax.None()
}

// field names a field that the check has let pass.
func field(f *ir.Field) syntax.Field {
	out, why := fieldOf(f)
	if why != "" {
		panic("datadog: a field passed the check that cannot be written: " + why)
	}
	return out
}

// must takes what the check has let pass.
func must(m *syntax.Match, err error) *syntax.Match {
	if err != nil {
		panic("datadog: a literal passed the check that cannot be written: " + err.Error())
	}
	return m
}

// tests builds a list of tests of one field.
func tests(read func(*ir.Cmp, syntax.Field) []*syntax.Match) func(ir.Pred) syntax.Node {
	return func(p ir.Pred) syntax.Node {
		c := p.(*ir.Cmp)
		f := field(c.L.(*ir.Field))
		var once []*syntax.Match
		seen := map[string]bool{}
		for _, m := range read(c, f) {
			if text := syntax.Print(m); !seen[text] {
				once, seen[text] = append(once, m), true
			}
		}
		return syntax.OneOf(f, once...)
	}
}

func equalNumber(c *ir.Cmp, f syntax.Field) []*syntax.Match {
	out := make([]*syntax.Match, len(c.R))
	for i, v := range c.R {
		n := number(v)
		if whole(v) && ir.TermType(c.L) == schema.Long {
			out[i] = must(syntax.Number(f, n))
		} else {
			out[i] = must(syntax.Between(f, n, n))
		}
	}
	return out
}

func orderNumber(c *ir.Cmp, f syntax.Field) []*syntax.Match {
	out := make([]*syntax.Match, len(c.R))
	for i, v := range c.R {
		out[i] = must(syntax.Comparison(f, compareOps[c.Op], number(v)))
	}
	return out
}

// date compares milliseconds since 1970.
func date(c *ir.Cmp, f syntax.Field) []*syntax.Match {
	out := make([]*syntax.Match, len(c.R))
	for i, v := range c.R {
		ms := strconv.FormatInt(v.Millis(), 10)
		if c.Op == ir.Eq {
			out[i] = must(syntax.Between(f, ms, ms))
		} else {
			out[i] = must(syntax.Comparison(f, compareOps[c.Op], ms))
		}
	}
	return out
}

func boolean(c *ir.Cmp, f syntax.Field) []*syntax.Match {
	out := make([]*syntax.Match, len(c.R))
	for i, v := range c.R {
		out[i] = syntax.Boolean(f, v.Bool())
	}
	return out
}

func address(c *ir.Cmp, f syntax.Field) []*syntax.Match {
	out, _ := addressTests(f, c.R)
	return out
}

// values says what a count of values says about presence.
func values(p ir.Pred) syntax.Node {
	c := p.(*ir.Cmp)
	some, none := false, false
	for _, v := range c.R {
		holds, _ := presenceOf(c.Op, v)
		some, none = some || holds.some, none || holds.none
	}
	exists := syntax.Exists(field(c.L.(*ir.Call).X.(*ir.Field)))
	switch {
	case some == none:
		return constant(some)
	case some:
		return exists
	}
	return negate(exists)
}

func someElement(p ir.Pred) syntax.Node {
	x, _, _ := elementOf(p.(*ir.Quant))
	return lower(x)
}

func allElements(p ir.Pred) syntax.Node {
	x, _ := backends.NoneOf(p.(*ir.Quant))
	return lower(x)
}
