package mapping

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Decimal is a number as written, exactly.
type Decimal struct {
	rat   *big.Rat // nil when the number is too large or too small to be worth the digits
	float float64
}

// maxDigits and maxExponent keep the exact form small; numbers beyond them are outside of every type, or zero.
const (
	maxDigits   = 1000
	maxExponent = 400
)

var errNumber = errors.New("the text is not a number")

// ParseDecimal reads an optional sign, digits with an optional fraction, and an optional exponent.
func ParseDecimal(s string) (Decimal, error) {
	if !isDecimal(s) || len(s) > maxDigits {
		return Decimal{}, errNumber
	}
	f, _ := strconv.ParseFloat(s, 64) // out of range gives the infinity, which is what is wanted
	d := Decimal{float: f}
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		if e, err := strconv.Atoi(s[i+1:]); err != nil || e > maxExponent || e < -maxExponent {
			return d, nil
		}
	}
	d.rat, _ = new(big.Rat).SetString(s)
	return d, nil
}

func isDecimal(s string) bool {
	i, digits := 0, 0
	run := func() {
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
			digits++
		}
	}
	sign := func() {
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
	}
	sign()
	run()
	if i < len(s) && s[i] == '.' {
		i++
		run()
	}
	if digits == 0 {
		return false
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		sign()
		digits = 0
		run()
		if digits == 0 {
			return false
		}
	}
	return i == len(s)
}

// Float64 returns the nearest float64, an infinity if there is none.
func (d Decimal) Float64() float64 { return d.float }

// IsWhole reports whether the number has no fraction.
func (d Decimal) IsWhole() bool {
	if d.rat == nil {
		return math.Abs(d.float) > 1 // of more than 400 digits before the point, and none of use after it
	}
	return d.rat.IsInt()
}

// int64 cuts the fraction off; ok is false outside of the range.
func (d Decimal) int64() (int64, bool) {
	if d.rat == nil {
		return 0, d.float == 0
	}
	q := new(big.Int).Quo(d.rat.Num(), d.rat.Denom())
	return q.Int64(), q.IsInt64()
}

func (d Decimal) uint64() (uint64, bool) {
	if d.rat == nil {
		return 0, d.float == 0
	}
	q := new(big.Int).Quo(d.rat.Num(), d.rat.Denom())
	return q.Uint64(), q.IsUint64() && d.rat.Sign() >= 0
}

// bounds returns the greatest whole number that is not above d and the least that is not below it. Numbers beyond every
// type stand for all of their sign.
func (d Decimal) bounds() (floor, ceil *big.Int) {
	if d.rat == nil {
		huge := new(big.Int).Lsh(big.NewInt(1), 100)
		switch {
		case d.float > 1:
			return huge, huge
		case d.float < -1:
			return new(big.Int).Neg(huge), new(big.Int).Neg(huge)
		case d.float < 0:
			return big.NewInt(-1), new(big.Int)
		}
		return new(big.Int), big.NewInt(1)
	}
	// Euclidean division floors, because the denominator is positive.
	floor, rest := new(big.Int).DivMod(d.rat.Num(), d.rat.Denom(), new(big.Int))
	ceil = new(big.Int).Set(floor)
	if rest.Sign() != 0 {
		ceil.Add(ceil, big.NewInt(1))
	}
	return floor, ceil
}
