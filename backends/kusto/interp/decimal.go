package interp

import (
	"math/big"
	"strconv"
	"strings"
)

// decimal is coef * 10^-scale with up to 34 digits (scalar-data-types/decimal: 128 bits).
type decimal struct {
	coef  *big.Int
	scale int
}

const decimalDigits = 34

var bigTen = big.NewInt(10)

func pow10(n int) *big.Int { return new(big.Int).Exp(bigTen, big.NewInt(int64(n)), nil) }

// parseDecimal reads a plain or scientific number.
func parseDecimal(text string) (decimal, bool) {
	s := strings.TrimSpace(text)
	mantissa, exp := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.Atoi(s[i+1:])
		if err != nil || e > 400 || e < -400 {
			return decimal{}, false
		}
		mantissa, exp = s[:i], e
	}
	whole, frac, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole, "+-") + frac
	if digits == "" || len(digits) > 400 || strings.Trim(digits, "0123456789") != "" || strings.LastIndexAny(whole, "+-") > 0 {
		return decimal{}, false
	}
	c, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		return decimal{}, false
	}
	if strings.HasPrefix(whole, "-") {
		c.Neg(c)
	}
	return decimal{c, len(frac) - exp}.norm(), true
}

func decimalOf(n int64) decimal { return decimal{big.NewInt(n), 0} }

func decimalFromFloat(f float64) (decimal, bool) {
	return parseDecimal(strconv.FormatFloat(f, 'g', 15, 64))
}

// norm rounds to 34 digits and keeps the scale non-negative.
func (d decimal) norm() decimal {
	if d.scale < 0 {
		return decimal{new(big.Int).Mul(d.coef, pow10(-d.scale)), 0}
	}
	n := len(new(big.Int).Abs(d.coef).String())
	if n > decimalDigits && d.scale > 0 {
		return d.round(max(0, d.scale-(n-decimalDigits)))
	}
	return d
}

// round keeps a number of decimal places, halves away from zero.
func (d decimal) round(places int) decimal {
	if places >= d.scale {
		return d
	}
	unit := pow10(d.scale - places)
	q, r := new(big.Int).QuoRem(d.coef, unit, new(big.Int))
	if new(big.Int).Abs(new(big.Int).Mul(r, big.NewInt(2))).Cmp(unit) >= 0 {
		q.Add(q, big.NewInt(int64(d.coef.Sign())))
	}
	return decimal{q, places}
}

// align brings two numbers to the same scale.
func align(a, b decimal) (x, y *big.Int, scale int) {
	x, y, scale = a.coef, b.coef, max(a.scale, b.scale)
	if a.scale < scale {
		x = new(big.Int).Mul(x, pow10(scale-a.scale))
	}
	if b.scale < scale {
		y = new(big.Int).Mul(y, pow10(scale-b.scale))
	}
	return x, y, scale
}

func (d decimal) add(o decimal) decimal {
	x, y, s := align(d, o)
	return decimal{new(big.Int).Add(x, y), s}.norm()
}

func (d decimal) neg() decimal { return decimal{new(big.Int).Neg(d.coef), d.scale} }

func (d decimal) mul(o decimal) decimal {
	return decimal{new(big.Int).Mul(d.coef, o.coef), d.scale + o.scale}.norm()
}

// div gives up to 34 digits; ok is false for a zero divisor.
func (d decimal) div(o decimal) (decimal, bool) {
	if o.coef.Sign() == 0 {
		return decimal{}, false
	}
	n := new(big.Int).Mul(d.coef, pow10(decimalDigits+o.scale))
	return decimal{n.Quo(n, o.coef), d.scale + decimalDigits}.norm().trim(), true
}

// mod has the sign of no operand: it is never negative, as for the other numbers.
func (d decimal) mod(o decimal) (decimal, bool) {
	x, y, s := align(d, o)
	if y.Sign() == 0 {
		return decimal{}, false
	}
	return decimal{new(big.Int).Mod(x, new(big.Int).Abs(y)), s}, true
}

// trim drops trailing zeros of the fraction.
func (d decimal) trim() decimal {
	c, s := new(big.Int).Set(d.coef), d.scale
	r := new(big.Int)
	for s > 0 {
		q, m := new(big.Int).QuoRem(c, bigTen, r)
		if m.Sign() != 0 {
			break
		}
		c, s = q, s-1
	}
	return decimal{c, s}
}

func (d decimal) cmp(o decimal) int {
	x, y, _ := align(d, o)
	return x.Cmp(y)
}

func (d decimal) float() float64 {
	f, _ := strconv.ParseFloat(d.String(), 64)
	return f
}

// int64 truncates; ok is false out of range.
func (d decimal) int64() (int64, bool) {
	q := new(big.Int).Quo(d.coef, pow10(d.scale))
	return q.Int64(), q.IsInt64()
}

// String is the plain form, with the scale kept.
func (d decimal) String() string {
	s := new(big.Int).Abs(d.coef).String()
	if d.scale > 0 {
		if len(s) <= d.scale {
			s = strings.Repeat("0", d.scale-len(s)+1) + s
		}
		s = s[:len(s)-d.scale] + "." + s[len(s)-d.scale:]
	}
	if d.coef.Sign() < 0 {
		s = "-" + s
	}
	return s
}
