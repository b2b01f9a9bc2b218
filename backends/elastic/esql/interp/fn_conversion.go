package interp

import (
	"math"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
)

// conversionFunctions is the table of TO_… functions (page "ES|QL type conversion functions"). They work on each value of
// a multivalue; a value that does not convert vanishes, with a warning.
var conversionFunctions = []function{
	convert("to_boolean", tBool, "true in any case is true, other strings false; 0 is false", "to_bool"),
	convert("to_integer", tInt, "rounds doubles; strings may hold fractions", "to_int"),
	convert("to_long", tLong, "rounds doubles; dates give milliseconds"),
	convert("to_unsigned_long", tULong, "cuts doubles", "to_ulong", "to_ul"),
	convert("to_double", tDouble, "dates give milliseconds", "to_dbl"),
	convert("to_string", tKeyword, "the text of any value", "to_str"),
	convert("to_text", tText, "the text of any value, as text"),
	convert("to_datetime", tDate, "strings in ISO form, numbers of milliseconds", "to_dt"),
	convert("to_date_nanos", tNanos, "strings in ISO form, numbers of nanoseconds", "to_datenanos"),
	convert("to_version", tVersion, "any string is a version", "to_ver"),
	{
		name: "to_ip", min: 1, max: 1, options: []string{"leading_zeros"}, bind: bindToIP,
		doc: "reads an address; the option leading_zeros is reject, octal or decimal",
	},
	{name: "to_dateperiod", min: 1, max: 1, doc: "reads a constant such as \"2 days\"", bind: bindAmount(tPeriod)},
	{name: "to_timeduration", min: 1, max: 1, doc: "reads a constant such as \"2 hours\"", bind: bindAmount(tDuration)},
	{name: "to_degrees", min: 1, max: 1, doc: "radians to degrees", bind: bindAngle(func(f float64) float64 { return f * (180.0 / math.Pi) })},
	{name: "to_radians", min: 1, max: 1, doc: "degrees to radians", bind: bindAngle(func(f float64) float64 { return f * (math.Pi / 180.0) })},
}

func convert(name string, to typ, doc string, alias ...string) function {
	return function{name: name, alias: alias, min: 1, max: 1, doc: doc, converts: true, bind: func(k *call) *expr {
		return k.convertTo(k.node, k.args[0], to)
	}}
}

// cast checks x::type.
func (c *checker) cast(n *syntax.Cast) *expr {
	t, ok := typeByName(n.Type)
	if !ok || spatial.has(t) {
		return c.wrong(n.Span, "Unknown data type named [%s]", n.Type)
	}
	if x, ok := c.unionColumn(n.X); ok {
		return c.convertTo(n, x, t)
	}
	return c.convertTo(n, c.expr(n.X), t)
}

// unionColumn is a column whose type differs between tables.
func (c *checker) unionColumn(n syntax.Expr) (*expr, bool) {
	col, ok := n.(*syntax.Column)
	if !ok || c.stats != nil {
		return nil, false
	}
	i, ok := c.names[col.Name]
	if !ok || c.cols[i].clash == "" {
		return nil, false
	}
	return &expr{
		typ: tUnsupported, union: true, col: -1, span: n.Pos(), text: c.sourceText(n.Pos()),
		eval: func(cells []any) any { return cells[i] },
	}, true
}

// convertUnion converts each value by its own type.
func (c *checker) convertUnion(n syntax.Expr, x *expr, to typ) *expr {
	s := c.site(n)
	return c.make(n, to, []*expr{x}, func(cells []any) any {
		u, ok := x.eval(cells).(unionCell)
		if !ok {
			return nil
		}
		f, ok := conversion(u.typ, to)
		if !ok {
			c.r.warn(s, illegal("a value of type [%s] does not convert to [%s]", u.typ, to))
			return nil
		}
		return mapCell(u.cell, func(v any) any { return c.r.settle(s, f, v) })
	})
}

// convertTo makes the conversion of an expression.
func (c *checker) convertTo(n syntax.Expr, x *expr, to typ) *expr {
	if x.typ == tErr {
		return &expr{typ: tErr, col: -1, span: n.Pos(), eval: func([]any) any { return nil }}
	}
	if amounts.has(to) {
		return c.amountOf(n, x, to)
	}
	if x.union {
		return c.convertUnion(n, x, to)
	}
	f, ok := conversion(x.typ, to)
	if !ok {
		return c.wrong(n.Pos(), "argument of [%s] must be a type that converts to [%s], found value [%s] type [%s]",
			c.sourceText(n.Pos()), to, x.text, x.typ)
	}
	s := c.site(n)
	return c.make(n, to, []*expr{x}, func(cells []any) any {
		return mapCell(x.eval(cells), func(v any) any { return c.r.settle(s, f, v) })
	})
}

func (c *checker) amountOf(n syntax.Expr, x *expr, to typ) *expr {
	if x.typ == to || x.typ == tNull {
		return c.konst(n, to, x.val)
	}
	if s, ok := x.val.(string); ok && x.konst {
		if t, v, fits := parseAmount(s); fits && t == to {
			return c.konst(n, to, v)
		}
		return c.wrong(n.Pos(), "Cannot convert string [%s] to [%s]", s, to)
	}
	return c.wrong(n.Pos(), "argument of [%s] must be a constant string, found value [%s] type [%s]", c.sourceText(n.Pos()), x.text, x.typ)
}

func bindAmount(to typ) func(k *call) *expr {
	return func(k *call) *expr { return k.amountOf(k.node, k.args[0], to) }
}

// bindToIP reads addresses; leading zeros are refused, or read as octal or decimal digits.
func bindToIP(k *call) *expr {
	if !k.want(0, strings_|types(tIP)) {
		return nil
	}
	mode := "reject"
	if x, ok := k.option("leading_zeros"); ok {
		s, isText := x.(*syntax.Str)
		if !isText || s.Value != "reject" && s.Value != "octal" && s.Value != "decimal" {
			return k.wrong(x.Pos(), "Illegal leading_zeros [%s]: it is reject, octal or decimal", k.sourceText(x.Pos()))
		}
		mode = s.Value
	}
	x := k.args[0]
	return k.build(tIP, func(cells []any) any {
		return mapCell(x.eval(cells), func(v any) any {
			s, ok := v.(string)
			if !ok {
				return v
			}
			if mode != "reject" {
				s = plainOctets(s, mode == "octal")
			}
			a, err := toIP(s)
			if err != nil {
				k.r.warn(k.site, illegal("'%s' is not an IP string literal.", v))
				return nil
			}
			return a
		})
	})
}

// plainOctets rewrites the leading zeros of a dotted address.
func plainOctets(s string, octal bool) string {
	parts := strings.Split(s, ".")
	if len(parts) != 4 {
		return s
	}
	for i, p := range parts {
		base := 10
		if octal && len(p) > 1 && p[0] == '0' {
			base = 8
		}
		n, err := strconv.ParseUint(p, base, 8)
		if err != nil {
			return s
		}
		parts[i] = strconv.FormatUint(n, 10)
	}
	return strings.Join(parts, ".")
}

// bindAngle is TO_DEGREES and TO_RADIANS, which work on each value.
func bindAngle(turn func(float64) float64) func(k *call) *expr {
	return func(k *call) *expr {
		if !k.want(0, numbers) {
			return nil
		}
		x := k.args[0]
		return k.build(tDouble, func(cells []any) any {
			return mapCell(x.eval(cells), func(v any) any {
				out, err := finite(turn(toFloat(v)))
				if err != nil {
					k.r.warn(k.site, err)
					return nil
				}
				return out
			})
		})
	}
}
