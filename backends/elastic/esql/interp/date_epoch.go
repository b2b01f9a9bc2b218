package interp

import (
	"math/big"
	"strconv"
	"strings"
	"time"
)

// epochUnits are the named formats that count from 1970, with their milliseconds (page "format").
var epochUnits = map[string]int64{"epoch_millis": 1, "epoch_second": 1000}

// isoFormats are the names of the format of date fields.
var isoFormats = map[string]bool{"strict_date_optional_time": true, "strict_date_optional_time_nanos": true, "iso8601": true}

// epochText writes an instant as a count since 1970.
func epochText(t time.Time, unit int64) string {
	ms := t.UnixMilli()
	whole, rest := floorDiv(ms, unit), ms-floorDiv(ms, unit)*unit
	if rest == 0 {
		return strconv.FormatInt(whole, 10)
	}
	return strconv.FormatInt(whole, 10) + "." + strings.TrimRight(pad(int(rest), 3), "0")
}

// epochMillis reads a count since 1970, which may have decimals; parts of a millisecond are cut.
func epochMillis(s string, unit int64) (int64, bool) {
	if s == "" || len(s) > 30 || strings.Trim(s, "-.0123456789") != "" {
		return 0, false
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return 0, false
	}
	r.Mul(r, new(big.Rat).SetInt64(unit))
	n := new(big.Int).Div(r.Num(), r.Denom())
	return n.Int64(), n.IsInt64()
}
