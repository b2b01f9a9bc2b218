package interp

import (
	"strings"
)

// decimal is a number as sign, digits without leading or trailing zeros, and the place of the decimal point: 0.d1d2… × 10^point.
// Zero has no digits. Numbers of any length compare exactly and without growing.
type decimal struct {
	negative bool
	digits   string
	point    int
}

// maxExponent bounds exponents; beyond it a text is no number.
const maxExponent = 100000

// parseDecimal reads -?digits(.digits)?([eE][+-]?digits)?.
func parseDecimal(s string) (decimal, bool) {
	var d decimal
	s, d.negative = strings.CutPrefix(s, "-")
	mantissa, exp := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		var ok bool
		if exp, ok = exponent(s[i+1:]); !ok {
			return d, false
		}
		mantissa = s[:i]
	}
	whole, fraction, dot := strings.Cut(mantissa, ".")
	if !allDigits(whole) || dot && !allDigits(fraction) {
		return d, false
	}
	d.point = len(whole) + exp
	d.digits = whole + fraction
	trimmed := strings.TrimLeft(d.digits, "0")
	d.point -= len(d.digits) - len(trimmed)
	d.digits = strings.TrimRight(trimmed, "0")
	if d.digits == "" {
		return decimal{}, true
	}
	return d, true
}

func exponent(s string) (int, bool) {
	s = strings.TrimPrefix(s, "+")
	s, negative := strings.CutPrefix(s, "-")
	if !allDigits(s) {
		return 0, false
	}
	n := 0
	for _, r := range s {
		if n = n*10 + int(r-'0'); n > maxExponent {
			return 0, false
		}
	}
	if negative {
		n = -n
	}
	return n, true
}

func allDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// compare returns -1, 0 or 1.
func (d decimal) compare(o decimal) int {
	switch {
	case d.negative != o.negative:
		if d.negative {
			return -1
		}
		return 1
	case d.negative:
		return o.compareAbs(d)
	}
	return d.compareAbs(o)
}

func (d decimal) compareAbs(o decimal) int {
	switch {
	case d.digits == "" || o.digits == "":
		return strings.Compare(d.digits, o.digits)
	case d.point != o.point:
		if d.point < o.point {
			return -1
		}
		return 1
	}
	return strings.Compare(d.digits, o.digits)
}
