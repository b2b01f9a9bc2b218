package backends

import (
	"fmt"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// Construct is a row of the capability tables: an operator or construct of the IR, told apart as far as languages treat
// it differently. The operands (literals, spelling, array or scalar) are looked at by the row itself.
type Construct string

// The constructs. Every language has exactly one row for each.
const (
	EqText        Construct = "text == literal"
	EqTextCased   Construct = "text == cased literal"
	EqEmptyText   Construct = `text == ""`
	ContainsText  Construct = "text contains literal"
	ContainsCased Construct = "text contains cased literal"
	StartsText    Construct = "text starts_with literal"
	StartsCased   Construct = "text starts_with cased literal"
	EndsText      Construct = "text ends_with literal"
	EndsCased     Construct = "text ends_with cased literal"
	LikeText      Construct = "text like glob"
	LikeCased     Construct = "text like cased glob"
	MatchesText   Construct = "text matches regular expression"
	EqNumber      Construct = "number == literal"
	OrderNumber   Construct = "number < literal"
	EqDate        Construct = "date == literal"
	OrderDate     Construct = "date < literal"
	EqBool        Construct = "boolean == literal"
	EqIP          Construct = "address == literal"
	CIDRv4        Construct = "address in_cidr IPv4 block"
	CIDRv6        Construct = "address in_cidr IPv6 block"
	LengthOf      Construct = "length(text) compared"
	ValuesOf      Construct = "values(field) compared"
	HourOf        Construct = "hour(date) compared"
	WeekdayOf     Construct = "weekday(date) compared"
	MinuteOf      Construct = "minute(date) compared"
	CalendarOf    Construct = "day, week or month(date) compared"
	Calculated    Construct = "calculation compared with literal"
	HasBits       Construct = "number has bits"
	RelText       Construct = "text == text field"
	RelTextCased  Construct = "text == cased text field"
	RelPart       Construct = "text contains, starts or ends with another field"
	RelPartCased  Construct = "text contains, starts or ends with another field, cased"
	RelNumber     Construct = "number compared with number field"
	RelDate       Construct = "date compared with date field"
	RelIP         Construct = "address == address field"
	RelBool       Construct = "boolean == boolean field"
	RelCalculated Construct = "calculation compared with field"
	HasValue      Construct = "exists field"
	IsEmpty       Construct = "empty field"
	AnyText       Construct = "any: several conditions on one text"
	AnyNumber     Construct = "any: several conditions on one number, date or address"
	AnyOther      Construct = "any: condition with another field"
	AnyObject     Construct = "any: several conditions on one object"
	AllText       Construct = "all: text"
	AllNumber     Construct = "all: number, date or address"
	AllOther      Construct = "all: condition with another field"
	AllObject     Construct = "all: objects"
	Always        Construct = "true or false"
)

// Constructs lists all constructs in the order of the tables.
var Constructs = []Construct{
	EqText, EqTextCased, EqEmptyText, ContainsText, ContainsCased, StartsText, StartsCased, EndsText, EndsCased, LikeText, LikeCased, MatchesText,
	EqNumber, OrderNumber, EqDate, OrderDate, EqBool, EqIP, CIDRv4, CIDRv6, LengthOf, ValuesOf, HourOf, WeekdayOf, MinuteOf, CalendarOf, Calculated, HasBits,
	RelText, RelTextCased, RelPart, RelPartCased, RelNumber, RelDate, RelIP, RelBool, RelCalculated, HasValue, IsEmpty,
	AnyText, AnyNumber, AnyOther, AnyObject, AllText, AllNumber, AllOther, AllObject, Always,
}

// ConstructOf returns the construct of a leaf: a predicate that is no and, or, not. A list of literals has the construct
// of its most demanding literal (an empty text before others, an IPv6 block before IPv4).
func ConstructOf(p ir.Pred) Construct {
	switch p := p.(type) {
	case *ir.Cmp:
		return cmpConstruct(p)
	case *ir.Rel:
		return relConstruct(p)
	case *ir.Exists:
		return HasValue
	case *ir.Empty:
		return IsEmpty
	case *ir.Const:
		return Always
	case *ir.Quant:
		return quantConstruct(p)
	case *ir.Keyword, *ir.And, *ir.Or, *ir.Not:
	}
	panic(fmt.Sprintf("backends: %T is no leaf of a bound rule", p))
}

func cmpConstruct(p *ir.Cmp) Construct {
	switch l := p.L.(type) {
	case *ir.Call:
		switch l.Func {
		case ir.Length:
			return LengthOf
		case ir.Values:
			return ValuesOf
		case ir.Hour:
			return HourOf
		case ir.Weekday:
			return WeekdayOf
		case ir.Minute:
			return MinuteOf
		case ir.Day, ir.Week, ir.Month:
			return CalendarOf
		}
	case *ir.Arith:
		if l.Op == '&' {
			return HasBits
		}
		return Calculated
	case *ir.Field, *ir.Elem, *ir.Lit:
	}
	t := ir.TermType(p.L)
	if t.IsString() {
		return textConstruct(p)
	}
	switch {
	case p.Op == ir.InCIDR:
		for _, v := range p.R {
			if block, err := ir.ParseCIDR(v.Str()); err == nil && block.Addr().Is6() {
				return CIDRv6
			}
		}
		return CIDRv4
	case t == schema.IP:
		return EqIP
	case t == schema.Boolean:
		return EqBool
	case t == schema.Date && p.Op == ir.Eq:
		return EqDate
	case t == schema.Date:
		return OrderDate
	case p.Op == ir.Eq:
		return EqNumber
	}
	return OrderNumber
}

func textConstruct(p *ir.Cmp) Construct {
	pick := func(folded, cased Construct) Construct {
		if p.Cased {
			return cased
		}
		return folded
	}
	switch p.Op {
	case ir.Contains:
		return pick(ContainsText, ContainsCased)
	case ir.StartsWith:
		return pick(StartsText, StartsCased)
	case ir.EndsWith:
		return pick(EndsText, EndsCased)
	case ir.Like:
		return pick(LikeText, LikeCased)
	case ir.Matches:
		return MatchesText
	case ir.Eq, ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
	}
	for _, v := range p.R {
		if v.Str() == "" {
			return EqEmptyText
		}
	}
	return pick(EqText, EqTextCased)
}

func relConstruct(p *ir.Rel) Construct {
	_, calcL := p.L.(*ir.Field)
	_, calcR := p.R.(*ir.Field)
	t := ir.TermType(p.L)
	switch {
	case !calcL || !calcR:
		return RelCalculated
	case p.Op.OfPart() && p.Cased:
		return RelPartCased
	case p.Op.OfPart():
		return RelPart
	case t.IsString() && p.Cased:
		return RelTextCased
	case t.IsString():
		return RelText
	case t.IsNumber():
		return RelNumber
	case t == schema.Date:
		return RelDate
	case t == schema.IP:
		return RelIP
	}
	return RelBool
}

func quantConstruct(p *ir.Quant) Construct {
	pick := func(any, all Construct) Construct {
		if p.Kind == ir.All {
			return all
		}
		return any
	}
	switch {
	case ir.ReadsSubfields(p.Body, p.Var):
		return pick(AnyObject, AllObject)
	case len(ir.FieldsOf(p.Body)) > 0:
		return pick(AnyOther, AllOther)
	case p.Over.Type.IsString():
		return pick(AnyText, AllText)
	}
	return pick(AnyNumber, AllNumber)
}
