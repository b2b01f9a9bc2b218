package interp

import (
	"fmt"
	"math"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
)

func (k *compiler) arithmetic(x *syntax.Binary) expression {
	l, r := k.operandValue(x.L, "`"+x.Op+"`"), k.operandValue(x.R, "`"+x.Op+"`")
	op := x.Op[0]
	typ := numType
	switch op {
	case '.':
		typ = strType
	case '+':
		typ = anyType
	}
	return expression{func(run *run, w *row) value { return run.arith(op, l.eval(run, w), r.eval(run, w)) }, typ, false}
}

func (r *run) arith(op byte, a, b value) value {
	a, b = r.single(a), r.single(b)
	if op == '.' {
		return r.concat(a, b)
	}
	if a.isNull() || b.isNull() {
		if op == '+' && !r.on[concatNull].On() && (a.kind == text || b.kind == text) {
			return r.concat(a, b)
		}
		return value{}
	}
	if op == '+' {
		x, aok := a.asNumber()
		y, bok := b.asNumber()
		if !aok || !bok {
			return r.concat(a, b)
		}
		return finite(x + y)
	}
	x, aok := a.number()
	y, bok := b.number()
	if !aok || !bok {
		return value{}
	}
	switch op {
	case '-':
		return finite(x - y)
	case '*':
		return r.rounded(finite(x*y), a, b)
	case '/', '%':
		if y == 0 { // documented: null, not an infinity
			return value{}
		}
		if op == '%' {
			return finite(math.Mod(x, y))
		}
		return r.rounded(finite(x/y), a, b)
	}
	return value{}
}

// rounded rounds a product or quotient to the significant digits of the operand with fewest, if that doubt says so, but never
// left of the point. Whole numbers are exact.
func (r *run) rounded(v, a, b value) value {
	if !r.on[precision].On() || r.exact > 0 || v.kind != number || v.num == 0 {
		return v
	}
	digits := 0
	for _, d := range []int{significant(a), significant(b)} {
		if d > 0 && (digits == 0 || d < digits) {
			digits = d
		}
	}
	if digits == 0 {
		return v
	}
	places := max(0, digits-magnitude(v.num))
	if places > 15 {
		return v
	}
	scale := math.Pow(10, float64(places))
	return finite(math.Floor(v.num*scale+0.5) / scale)
}

// significant counts the significant digits of a number written with a point; 0 for others.
func significant(v value) int {
	s := v.str
	if !strings.Contains(s, ".") {
		return 0
	}
	s = strings.TrimLeft(strings.Replace(strings.TrimLeft(s, "+-"), ".", "", 1), "0")
	return len(s)
}

func (r *run) concat(a, b value) value {
	if (a.isNull() || b.isNull()) && r.on[concatNull].On() {
		return value{}
	}
	return r.textOf(a.text() + b.text())
}

// textOf makes a text, unless it is too long.
func (r *run) textOf(s string) value {
	if len(s) > maxValueBytes {
		r.limit(fmt.Sprintf("a text grew beyond %d bytes", maxValueBytes))
		return value{}
	}
	return textValue(s)
}

// listValue makes a multivalue, unless it has too many values.
func (r *run) listValue(list []value) value {
	if len(list) > maxValues {
		r.limit(fmt.Sprintf("a field grew beyond %d values", maxValues))
		return value{}
	}
	return listOf(list)
}
