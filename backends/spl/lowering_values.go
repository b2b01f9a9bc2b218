package spl

import (
	"fmt"

	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// isTime reports whether the field is the event's time, a number of seconds.
func isTime(f *ir.Field) bool { return f.Name == "_time" }

// strptimeFormat returns how strptime reads the texts of a date field.
func strptimeFormat(f *ir.Field) (string, bool) {
	if f.Native == nil || f.Native.Layout == "" || f.Native.Layout == schema.TimeLayout {
		return "%Y-%m-%dT%H:%M:%S.%3NZ", true
	}
	switch f.Native.Layout {
	case "2006-01-02T15:04:05Z":
		return "%Y-%m-%dT%H:%M:%SZ", true
	case "2006-01-02 15:04:05.000":
		return "%Y-%m-%d %H:%M:%S.%3N", true
	case "2006-01-02 15:04:05":
		return "%Y-%m-%d %H:%M:%S", true
	}
	return "", false
}

// value builds a number: fields by tonumber(), times in seconds since the epoch. Differences of times are counted in
// milliseconds by the language of rules.
func value(t ir.Term) syntax.Expr {
	switch t := t.(type) {
	case *ir.Field:
		switch {
		case isTime(t):
			return field(t)
		case t.Type == schema.Date:
			format, _ := strptimeFormat(t)
			return syntax.Fn("strptime", field(t), syntax.S(format))
		}
		return syntax.Fn("tonumber", field(t))
	case *ir.Lit:
		return literal(t.Value)
	case *ir.Arith:
		return arithmetic(t)
	case *ir.Call:
		return call(t)
	case *ir.Elem:
	}
	panic(fmt.Sprintf("spl: no lowering of the term %T", t))
}

func arithmetic(t *ir.Arith) syntax.Expr {
	x, y := value(t.X), value(t.Y)
	dateX, dateY := ir.TermType(t.X) == schema.Date, ir.TermType(t.Y) == schema.Date
	switch {
	case dateX && dateY: // seconds with a fraction: rounded, because differences of such numbers are not exact
		return syntax.Fn("round", syntax.Op("*", syntax.Op("-", x, y), syntax.Int(1000)))
	case dateX:
		return syntax.Fn("round", syntax.Op(string(t.Op), x, syntax.Op("/", y, syntax.Int(1000))), syntax.Int(3))
	}
	return syntax.Op(string(t.Op), x, y)
}

// call builds what repeats after the same number of seconds, in UTC, from the seconds since the epoch, whose day 0 was a Thursday:
// strftime, which tells the rest, answers in the time zone of the user.
func call(t *ir.Call) syntax.Expr {
	switch t.Func {
	case ir.Length: // of a text, whatever it looks like
		return syntax.Fn("len", syntax.Op(".", field(t.X.(*ir.Field)), syntax.S("")))
	case ir.Values:
		return countOfValues(t.X.(*ir.Field))
	case ir.Minute, ir.Hour, ir.Weekday, ir.Day, ir.Week, ir.Month:
	}
	x := value(t.X)
	floor := func(x, by syntax.Expr) syntax.Expr { return syntax.Fn("floor", syntax.Op("/", x, by)) }
	switch t.Func {
	case ir.Minute:
		return floor(syntax.Op("%", x, syntax.Int(3600)), syntax.Int(60))
	case ir.Day, ir.Week, ir.Month:
		return syntax.Fn("tonumber", syntax.Fn("strftime", x, syntax.S(calendarFormat[t.Func])))
	case ir.Hour:
		return floor(syntax.Op("%", x, syntax.Int(86400)), syntax.Int(3600))
	case ir.Weekday:
		days := floor(syntax.Op("%", syntax.Op("+", x, syntax.Int(259200)), syntax.Int(604800)), syntax.Int(86400))
		return syntax.Op("+", days, syntax.Int(1))
	case ir.Length, ir.Values:
	}
	panic("spl: no lowering of " + t.Func.String())
}

// calendarFormat holds the conversions of strftime; %V is the week of ISO 8601.
var calendarFormat = map[ir.Func]string{ir.Day: "%d", ir.Week: "%V", ir.Month: "%m"}

func calculation(p *ir.Cmp) syntax.Expr { return compareEach(p.Op, value(p.L), p.R) }

func relation(p *ir.Rel) syntax.Expr {
	return syntax.Op(signs[p.Op], value(p.L), value(p.R))
}

// sameText compares two fields as text. Two fields share a value exactly when together they have fewer distinct values than
// the two have by themselves.
func sameText(p *ir.Rel) syntax.Expr {
	l, r := p.L.(*ir.Field), p.R.(*ir.Field)
	fold := l.Type.IsString() && !p.Cased
	if !relArrays(p) {
		text := func(f *ir.Field) syntax.Expr {
			x := syntax.Op(".", syntax.S("s"), field(f)) // a text, whatever it looks like
			if fold {
				return syntax.Fn("lower", x)
			}
			return x
		}
		return syntax.AndE(syntax.Fn("isnotnull", field(l)), syntax.Fn("isnotnull", field(r)), syntax.Op("=", text(l), text(r)))
	}
	set := func(f *ir.Field) syntax.Expr {
		if fold {
			return syntax.Fn("mvmap", field(f), syntax.Fn("lower", field(f)))
		}
		return field(f)
	}
	count := func(x syntax.Expr) syntax.Expr { return syntax.Fn("mvcount", syntax.Fn("mvdedup", x)) }
	return syntax.Op(">", syntax.Op("+", count(set(l)), count(set(r))), count(syntax.Fn("mvappend", set(l), set(r))))
}

// partOfText looks for the text of a field in another one; match() and like() would take it for a pattern. A beginning and an
// end are compared with what substr() cuts off, a letter being put to both so that they are texts, whatever they look like.
// What is contained is missing when split() has parted the text at it and mvjoin() has put the pieces together again.
func partOfText(p *ir.Rel) syntax.Expr {
	l, r := p.L.(*ir.Field), p.R.(*ir.Field)
	text := func(x syntax.Expr) syntax.Expr {
		if p.Cased {
			return x
		}
		return syntax.Fn("lower", x)
	}
	length := func(x syntax.Expr) syntax.Expr { return syntax.Fn("len", x) }
	before := func(f *ir.Field) syntax.Expr { return syntax.Op(".", syntax.S("s"), field(f)) }
	behind := func(f *ir.Field, mark string) syntax.Expr { return syntax.Op(".", field(f), syntax.S(mark)) }
	var found syntax.Expr
	switch p.Op {
	case ir.StartsWith:
		found = syntax.Op("=", syntax.Fn("substr", text(before(l)), syntax.Int(1), length(before(r))), text(before(r)))
	case ir.EndsWith: // of a text that is too short, what is cut off is too short as well
		found = syntax.Op("=", syntax.Fn("substr", text(behind(l, "s")), &syntax.Unary{Op: "-", X: length(behind(r, "s"))}), text(behind(r, "s")))
	case ir.Contains, ir.Eq, ir.Like, ir.Matches, ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
		whole := text(behind(l, ""))
		left := syntax.Fn("mvjoin", syntax.Fn("split", whole, text(behind(r, ""))), syntax.S(""))
		found = syntax.Op("<", length(syntax.Fn("coalesce", left, syntax.S(""))), length(whole))
	}
	return syntax.AndE(syntax.Fn("isnotnull", field(l)), syntax.Fn("isnotnull", field(r)), found)
}

func anyElement(p ir.Pred) syntax.Expr {
	q := p.(*ir.Quant)
	return syntax.Fn("isnotnull", syntax.Fn("mvfilter", element(q.Body, q.Over)))
}

func allElements(p ir.Pred) syntax.Expr {
	q := p.(*ir.Quant)
	return syntax.AndE(syntax.Fn("isnotnull", field(q.Over)), syntax.Fn("isnull", syntax.Fn("mvfilter", syntax.NotE(element(q.Body, q.Over)))))
}

// element builds the body of a quantifier with the field in the place of the element, as mvfilter() reads it.
func element(p ir.Pred, over *ir.Field) syntax.Expr {
	switch p := p.(type) {
	case *ir.And:
		return syntax.AndE(elements(p.Xs, over)...)
	case *ir.Or:
		return syntax.OrE(elements(p.Xs, over)...)
	case *ir.Not:
		return syntax.NotE(element(p.X, over))
	case *ir.Cmp:
		switch {
		case over.Type.IsString():
			re, _, _ := textRegexp(p)
			return syntax.Fn("match", field(over), syntax.S(re))
		case over.Type == schema.IP:
			return blocks(p, field(over))
		case over.Type == schema.Boolean:
			re, _, _ := textRegexp(&ir.Cmp{Op: ir.Eq, R: []schema.Value{schema.String(p.R[0].String())}})
			return syntax.Fn("match", field(over), syntax.S(re))
		}
		return compareEach(p.Op, syntax.Fn("tonumber", field(over)), p.R)
	case *ir.Const:
		return always(p)
	case *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	panic(fmt.Sprintf("spl: no lowering of %T on an element", p))
}

func elements(ps []ir.Pred, over *ir.Field) []syntax.Expr {
	xs := make([]syntax.Expr, len(ps))
	for i, p := range ps {
		xs[i] = element(p, over)
	}
	return xs
}
