package interp

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// formatDouble writes a double as Java does: 1.0, 0.001, 1.0E7, NaN.
func formatDouble(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		if math.Signbit(f) {
			return "-0.0"
		}
		return "0.0"
	}
	if a := math.Abs(f); a >= 1e-3 && a < 1e7 {
		s := strconv.FormatFloat(f, 'f', -1, 64)
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		return s
	}
	s := strconv.FormatFloat(f, 'E', -1, 64)
	if !strings.Contains(s, ".") { // Java gives two digits at least, those nearest to the value: 4.9E-324
		s = strconv.FormatFloat(f, 'E', 1, 64)
	}
	mant, exp, _ := strings.Cut(s, "E")
	neg := strings.HasPrefix(exp, "-")
	exp = strings.TrimLeft(exp, "+-0")
	if neg {
		exp = "-" + exp
	}
	return mant + "E" + exp
}

// numberLiteral types a number as written: an integer, a long, an unsigned long or a double by size.
func numberLiteral(text string) (typ, any, bool) {
	if strings.ContainsAny(text, ".eE") {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil && math.IsInf(f, 0) {
			return tErr, nil, false
		}
		return tDouble, f, true
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		if n >= math.MinInt32 && n <= math.MaxInt32 {
			return tInt, n, true
		}
		return tLong, n, true
	}
	if u, err := strconv.ParseUint(text, 10, 64); err == nil {
		return tULong, u, true
	}
	f, err := strconv.ParseFloat(text, 64)
	return tDouble, f, err == nil
}

// javaParseDouble reads what Java's Double.parseDouble reads.
func javaParseDouble(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	switch strings.TrimLeft(s, "+-") {
	case "NaN", "Infinity":
		f, err := strconv.ParseFloat(strings.Replace(s, "Infinity", "Inf", 1), 64)
		return f, err == nil
	}
	if strings.ContainsAny(s, "_xXnNiI") && !strings.HasPrefix(strings.ToLower(strings.TrimLeft(s, "+-")), "0x") {
		return 0, false
	}
	s = strings.TrimRight(s, "dDfF")
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false
	}
	return f, true
}

// javaRound is Java's Math.round: half up, to a long, saturating.
func javaRound(f float64) int64 {
	switch {
	case math.IsNaN(f):
		return 0
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	if math.Abs(f) >= 1<<52 {
		return int64(f)
	}
	r := math.Floor(f)
	if f-r >= 0.5 {
		r++
	}
	return int64(r)
}

var two64 = new(big.Float).SetUint64(math.MaxUint64)

// doubleToULong truncates a double to an unsigned long; false when it does not fit.
func doubleToULong(f float64) (uint64, bool) {
	if math.IsNaN(f) || f < 0 || f >= 18446744073709551616.0 {
		return 0, false
	}
	u, _ := new(big.Float).SetFloat64(f).Uint64()
	return u, new(big.Float).SetUint64(u).Cmp(two64) <= 0
}
