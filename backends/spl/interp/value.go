package interp

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// kind is the type of a value inside an expression. Fields of results hold null, text, number or multi.
type kind uint8

const (
	null kind = iota
	text
	number
	boolean
	multi
)

// origin says where a value comes from: eval treats a field's text that looks like a number as a number, a literal's not.
type origin uint8

const (
	computed origin = iota
	field
	literal
)

// value is one SPL value. A number keeps in str the text that it was written as, if it was.
type value struct {
	kind   kind
	origin origin
	num    float64
	str    string
	list   []value // multi: two values or more
	json   bool    // text that a JSON function made
}

func textValue(s string) value { return value{kind: text, str: s} }
func numValue(x float64) value { return value{kind: number, num: x} }
func fieldText(s string) value { return value{kind: text, str: s, origin: field} }
func boolValue(b bool) value {
	if b {
		return value{kind: boolean, num: 1}
	}
	return value{kind: boolean}
}

// finite is a computed number; what is none becomes the text nan, inf or -inf (Search Reference, eval).
func finite(x float64) value {
	switch {
	case math.IsNaN(x):
		return fieldText("nan")
	case math.IsInf(x, 1):
		return fieldText("inf")
	case math.IsInf(x, -1):
		return fieldText("-inf")
	}
	return numValue(x)
}

// listOf makes a value of a list: null of none, the value itself of one.
func listOf(list []value) value {
	switch len(list) {
	case 0:
		return value{}
	case 1:
		return list[0]
	}
	return value{kind: multi, list: list}
}

// values returns the single values: none of null.
func (v value) values() []value {
	switch v.kind {
	case null:
		return nil
	case multi:
		return v.list
	case text, number, boolean:
	}
	return []value{v}
}

func (v value) isNull() bool { return v.kind == null }

// text is the value as text; several values are joined by newlines, as Splunk shows them.
func (v value) text() string {
	switch v.kind {
	case null:
		return ""
	case text:
		return v.str
	case number:
		if v.str != "" {
			return v.str
		}
		return formatNumber(v.num)
	case boolean:
		if v.num != 0 {
			return "True"
		}
		return "False"
	case multi:
		parts := make([]string, len(v.list))
		for i, e := range v.list {
			parts[i] = e.text()
		}
		return strings.Join(parts, "\n")
	}
	return ""
}

// number returns the value as a number: a number, or text that is one.
func (v value) number() (float64, bool) {
	switch v.kind {
	case number:
		return v.num, true
	case text:
		return parseNumber(v.str)
	case null, boolean, multi:
	}
	return 0, false
}

// stored is the value as a field keeps it: a literal's text becomes a field's.
func (v value) stored() value {
	switch v.kind {
	case text:
		v.origin = field
	case number:
		if v.origin == literal { // 1.50 stays 1.50: its digits also limit the precision of products
			if !jsonNumber(v.str) || !strings.Contains(v.str, ".") || strings.ContainsAny(v.str, "eE") {
				v.str = ""
			}
			v.origin = computed
		}
	case multi:
		list := make([]value, len(v.list))
		for i, e := range v.list {
			list[i] = e.stored()
		}
		v.list = list
	case null, boolean:
	}
	return v
}

// formatNumber prints whole numbers without a point, others in the fewest digits that read back.
func formatNumber(x float64) string {
	if x == math.Trunc(x) && math.Abs(x) < 1e15 {
		return strconv.FormatInt(int64(x), 10)
	}
	if a := math.Abs(x); a >= 1e21 || a < 1e-6 {
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// parseNumber reads a decimal number that fills the whole text: sign, digits, point, exponent. No blanks, no hexadecimal.
func parseNumber(s string) (float64, bool) {
	i := 0
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	digits := 0
	for ; i < len(s) && isDigit(s[i]); i++ {
		digits++
	}
	if i < len(s) && s[i] == '.' {
		for i++; i < len(s) && isDigit(s[i]); i++ {
			digits++
		}
	}
	if digits == 0 {
		return 0, false
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '-' || s[i] == '+') {
			i++
		}
		from := i
		for ; i < len(s) && isDigit(s[i]); i++ {
		}
		if i == from {
			return 0, false
		}
	}
	if i != len(s) {
		return 0, false
	}
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// output is the value as a result cell.
func (v value) output() any {
	switch v.kind {
	case null:
		return nil
	case text, boolean:
		return v.text()
	case number:
		return json.Number(v.text())
	case multi:
		list := make([]any, len(v.list))
		for i, e := range v.list {
			list[i] = e.output()
		}
		return list
	}
	return nil
}
