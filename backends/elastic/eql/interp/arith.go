package interp

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"

	"github.com/onerule/onerule/backends/elastic/eql/syntax"
	"github.com/onerule/onerule/diag"
)

// parseNumber reads a number of the grammar: a whole number that fits a long, else a double.
func parseNumber(text string) value {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	f, _ := strconv.ParseFloat(text, 64)
	return f
}

func (a *atom) sign(x *syntax.Sign) node {
	n := a.number(x.X)
	if !x.Minus {
		return a.strict(n.typ, x.Span, func(v []value) value { return v[0] }, n)
	}
	return a.strict(n.typ, x.Span, func(v []value) value {
		switch v := v[0].(type) {
		case int64:
			if v != math.MinInt64 {
				return -v
			}
			a.r.stop(diag.EQLRun, x.Span, "the negated number does not fit into 64 bits")
		case uint64:
			return -float64(v)
		case float64:
			return -v
		}
		return nil
	}, n)
}

// number compiles an operand that must be a number.
func (a *atom) number(x syntax.Expr) node {
	n := a.value(x)
	if !n.typ.isNumber() && !n.typ.flexible() {
		help := "EQL calculates with numbers only"
		if n.typ == tString {
			help = "convert it with number()"
		}
		a.r.fault(diag.EQLRun, x.Pos(), "a number is wanted here, and this is "+n.typ.noun(), help)
		return constant(nil, x.Pos())
	}
	return n
}

func (a *atom) arith(x *syntax.Arith) node {
	if name := hyphenated(x); name != "" {
		a.r.fault(diag.EQLRun, x.Span, "`"+name+"` is read as a subtraction", "a field name with a hyphen stands in back-quotes")
		return constant(nil, x.Span)
	}
	return a.calculate(x.Op, x.Span, a.number(x.L), a.number(x.R))
}

// hyphenated recognises `my-field : "x"`, which subtracts a test from a field: the name that was meant, or "".
func hyphenated(x *syntax.Arith) string {
	l, ok := x.L.(*syntax.Field)
	if !ok || x.Op != syntax.Sub {
		return ""
	}
	var tested syntax.Expr
	switch r := x.R.(type) {
	case *syntax.Match:
		tested = r.X
	case *syntax.In:
		tested = r.X
	case *syntax.Arith, *syntax.Bool, *syntax.Call, *syntax.Compare, *syntax.Field, *syntax.Logical, *syntax.Not, *syntax.Null, *syntax.Number, *syntax.Sign, *syntax.String:
	}
	if f, ok := tested.(*syntax.Field); ok {
		return l.Name + "-" + f.Name
	}
	return ""
}

// calculate makes the node of an operator or of the function of the same meaning.
func (a *atom) calculate(op syntax.ArithOp, span diag.Span, l, r node) node {
	typ := tReal
	if l.typ == tWhole && r.typ == tWhole {
		typ = tWhole
	}
	return a.strict(typ, span, func(v []value) value {
		result, fault := calculate(op, v[0], v[1], a.r.on(doubtModuloReal))
		if fault != "" {
			a.r.stop(diag.EQLRun, span, fault, "an error like this ends the search; exclude such events beforehand")
			return nil
		}
		return result
	}, l, r)
}

// calculate computes with longs as long as both operands are, else with doubles; fault says why it cannot.
func calculate(op syntax.ArithOp, a, b value, moduloZero bool) (result value, fault string) {
	if x, ok := a.(int64); ok {
		if y, ok := b.(int64); ok {
			return calculateWhole(op, x, y)
		}
	}
	x, _ := toFloat(a)
	y, _ := toFloat(b)
	switch op {
	case syntax.Add:
		return x + y, ""
	case syntax.Sub:
		return x - y, ""
	case syntax.Mul:
		return x * y, ""
	case syntax.Div:
		return x / y, ""
	case syntax.Mod:
		if moduloZero {
			return float64(0), ""
		}
		return math.Mod(x, y), ""
	}
	return nil, ""
}

func calculateWhole(op syntax.ArithOp, x, y int64) (value, string) {
	switch op {
	case syntax.Add:
		if s := x + y; (s > x) == (y > 0) {
			return s, ""
		}
	case syntax.Sub:
		if d := x - y; (d < x) == (y > 0) {
			return d, ""
		}
	case syntax.Mul:
		if p, ok := multiply(x, y); ok {
			return p, ""
		}
	case syntax.Div:
		if y == 0 {
			return nil, "a whole number is divided by zero"
		}
		if x != math.MinInt64 || y != -1 {
			return x / y, ""
		}
		return x, "" // Java's quotient wraps
	case syntax.Mod:
		if y == 0 {
			return nil, "a whole number is divided by zero"
		}
		if y == -1 {
			return int64(0), ""
		}
		return x % y, ""
	}
	return nil, fmt.Sprintf("%d %s %d does not fit into 64 bits", x, op, y)
}

func multiply(x, y int64) (int64, bool) {
	hi, lo := bits.Mul64(magnitude(x), magnitude(y))
	if hi != 0 {
		return 0, false
	}
	if (x < 0) != (y < 0) {
		if lo > 1<<63 {
			return 0, false
		}
		return -int64(lo), true
	}
	return int64(lo), lo <= math.MaxInt64
}

func magnitude(x int64) uint64 {
	if x < 0 {
		return -uint64(x)
	}
	return uint64(x)
}
