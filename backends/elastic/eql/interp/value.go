package interp

import (
	"cmp"
	"math"
	"math/big"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/onerule/onerule/backends/elastic/mapping"
)

// A value is nil, bool, int64, uint64 (unsigned_long above int64), float64, string, time.Time, netip.Addr or version.
type value = any

// version is a value of a field of type version.
type version string

// dtype is the type of an expression.
type dtype uint8

const (
	tAny dtype = iota // not known: a field, before the tables are known
	tNull
	tBool
	tWhole
	tReal
	tString
	tDate
	tIP
	tVersion
)

// noun names a type in messages.
func (t dtype) noun() string {
	switch t {
	case tAny:
		return "a value"
	case tNull:
		return "null"
	case tBool:
		return "a boolean"
	case tWhole, tReal:
		return "a number"
	case tString:
		return "a string"
	case tDate:
		return "a date"
	case tIP:
		return "an IP address"
	case tVersion:
		return "a version"
	}
	return "a value"
}

func (t dtype) isNumber() bool { return t == tWhole || t == tReal }

// flexible holds for types that fit wherever any type is wanted: null, and what is not known yet.
func (t dtype) flexible() bool { return t == tAny || t == tNull }

// fieldType is the type of the values of a field; ok is false for types that EQL cannot search.
func fieldType(f *mapping.Field) (t dtype, ok bool) {
	if f.Type == "version" {
		return tVersion, true
	}
	switch f.Family() {
	case mapping.Keyword:
		return tString, true
	case mapping.Whole:
		return tWhole, true
	case mapping.Real:
		return tReal, true
	case mapping.Boolean:
		return tBool, true
	case mapping.Date:
		return tDate, true
	case mapping.IP:
		return tIP, true
	case mapping.Text, mapping.Object, mapping.Opaque:
	}
	return tAny, false
}

// typeOf is the type of a value.
func typeOf(v value) dtype {
	switch v.(type) {
	case nil:
		return tNull
	case bool:
		return tBool
	case int64, uint64:
		return tWhole
	case float64:
		return tReal
	case string:
		return tString
	case time.Time:
		return tDate
	case netip.Addr:
		return tIP
	case version:
		return tVersion
	}
	return tAny
}

// compare orders two values; ok is false when their types have no common order.
func compare(a, b value) (order int, ok bool) {
	switch a := a.(type) {
	case string:
		if b, ok := b.(string); ok {
			return cmp.Compare(a, b), true
		}
	case bool:
		if b, ok := b.(bool); ok {
			return cmp.Compare(boolRank(a), boolRank(b)), true
		}
	case time.Time:
		if b, ok := b.(time.Time); ok {
			return a.Compare(b), true
		}
	case netip.Addr:
		if b, ok := b.(netip.Addr); ok {
			return mapping.CompareIP(a, b), true
		}
	case version:
		if b, ok := b.(version); ok {
			return compareVersions(string(a), string(b)), true
		}
	}
	return compareNumbers(a, b)
}

func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// compareNumbers orders numbers of any kind exactly.
func compareNumbers(a, b value) (int, bool) {
	if x, ok := a.(int64); ok {
		if y, ok := b.(int64); ok {
			return cmp.Compare(x, y), true
		}
	}
	if x, ok := a.(float64); ok {
		if y, ok := b.(float64); ok {
			return cmp.Compare(x, y), true
		}
	}
	x, ok := exact(a)
	if !ok {
		return 0, false
	}
	y, ok := exact(b)
	if !ok {
		return 0, false
	}
	return x.Cmp(y), true
}

// exact is a number without rounding.
func exact(v value) (*big.Float, bool) {
	switch v := v.(type) {
	case int64:
		return new(big.Float).SetInt64(v), true
	case uint64:
		return new(big.Float).SetUint64(v), true
	case float64:
		if math.IsNaN(v) {
			return nil, false
		}
		return new(big.Float).SetFloat64(v), true
	}
	return nil, false
}

// toFloat is a number as a double; ok is false for what is no number.
func toFloat(v value) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case uint64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// toText is the text that string() and concat() make of a value.
func toText(v value) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case uint64:
		return strconv.FormatUint(v, 10)
	case float64:
		return realText(v)
	case string:
		return v
	case time.Time:
		return dateText(v)
	case netip.Addr:
		return v.String()
	case version:
		return string(v)
	}
	return ""
}

// realText writes a double as Java does: at least one digit behind the point, and an exponent outside 1e-3 … 1e7.
func realText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	if a := math.Abs(f); a != 0 && (a < 1e-3 || a >= 1e7) {
		s := strconv.FormatFloat(f, 'E', -1, 64)
		mantissa, exponent, _ := strings.Cut(s, "E")
		if !strings.Contains(mantissa, ".") {
			mantissa += ".0"
		}
		n, _ := strconv.Atoi(exponent)
		return mantissa + "E" + strconv.Itoa(n)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// dateText writes an instant as Elasticsearch does: UTC, with three to nine digits behind the seconds.
func dateText(t time.Time) string {
	t = t.UTC()
	if t.Nanosecond()%int(time.Millisecond) == 0 {
		return t.Format("2006-01-02T15:04:05.000Z")
	}
	return t.Format("2006-01-02T15:04:05.000000000Z")
}

// tri is a truth value.
type tri uint8

const (
	no tri = iota
	yes
	unknown
)

func truth(b bool) tri {
	if b {
		return yes
	}
	return no
}

func (t tri) not() tri {
	switch t {
	case yes:
		return no
	case no:
		return yes
	case unknown:
		return unknown
	}
	return no
}

// logicTruth is the truth value of a boolean value, null being unknown.
func logicTruth(v value) tri {
	b, ok := v.(bool)
	if !ok {
		return unknown
	}
	return truth(b)
}

// triValue is the value of a truth value.
func triValue(t tri) value {
	if t == unknown {
		return nil
	}
	return t == yes
}
