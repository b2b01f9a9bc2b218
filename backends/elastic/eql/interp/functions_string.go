package interp

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// text is a string prepared for functions that count positions. Both forms index the same way.
type text struct {
	s     string // when every character is one byte
	wide  []rune // code points, or UTF-16 units widened
	ascii bool
	utf16 bool
}

func (k call) text(v value) text {
	s, _ := v.(string)
	if ver, ok := v.(version); ok {
		s = string(ver)
	}
	t := text{s: s, ascii: isASCII(s), utf16: k.r.on(doubtLengthUTF16)}
	if t.ascii {
		return t
	}
	t.wide = []rune(s)
	if t.utf16 {
		encoded := utf16.Encode(t.wide)
		t.wide = make([]rune, len(encoded))
		for i, u := range encoded {
			t.wide[i] = rune(u)
		}
	}
	return t
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func (t text) len() int {
	if t.ascii {
		return len(t.s)
	}
	return len(t.wide)
}

// cut returns the characters [from, to).
func (t text) cut(from, to int) string {
	if t.ascii {
		return t.s[from:to]
	}
	if !t.utf16 {
		return string(t.wide[from:to])
	}
	u := make([]uint16, 0, to-from)
	for _, c := range t.wide[from:to] {
		u = append(u, uint16(c))
	}
	return string(utf16.Decode(u))
}

// string is a text argument, lower-cased when the call ignores case.
func (k call) string(v value) string {
	s, ok := v.(string)
	if ver, isVersion := v.(version); isVersion {
		s, ok = string(ver), true
	}
	if !ok || !k.insensitive {
		return s
	}
	return k.lower(s)
}

// lower is the folding of functions with ~: lower case, for all of Unicode or for A-Z.
func (k call) lower(s string) string {
	if !k.r.on(doubtFunctionFold) {
		return foldASCII(s)
	}
	return strings.Map(unicode.ToLower, s)
}

func startsWith(k call, args []value) value {
	return strings.HasPrefix(k.string(args[0]), k.string(args[1]))
}

func endsWith(k call, args []value) value {
	return strings.HasSuffix(k.string(args[0]), k.string(args[1]))
}

// stringContains is false for an empty needle, even in an empty string.
func stringContains(k call, args []value) value {
	needle := k.string(args[1])
	return needle != "" && strings.Contains(k.string(args[0]), needle)
}

func length(k call, args []value) value {
	return int64(k.text(args[0]).len())
}

func concat(_ call, args []value) value {
	var b strings.Builder
	for _, v := range args {
		b.WriteString(toText(v))
	}
	return b.String()
}

// indexOf finds the needle at or behind a position. A negative or null position is 0; one behind the end finds nothing.
func indexOf(k call, args []value) value {
	source, needle := k.text(k.string(args[0])), k.text(k.string(args[1]))
	start := 0
	if len(args) > 2 && args[2] != nil {
		start = max(position(args[2]), 0)
	}
	if start > source.len() {
		return nil
	}
	if needle.len() == 0 {
		return int64(start)
	}
	if source.ascii {
		if i := strings.Index(source.s[start:], needle.s); i >= 0 {
			return int64(start + i)
		}
		return nil
	}
	want := needle.wide
	if needle.ascii {
		want = []rune(needle.s)
	}
	for i := start; i+len(want) <= source.len(); i++ {
		if equalRunes(source.wide[i:i+len(want)], want) {
			return int64(i)
		}
	}
	return nil
}

func equalRunes(a, b []rune) bool {
	for i := range b {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// position is a number as an index; it is cut to the range of int32.
func position(v value) int {
	f, _ := toFloat(v)
	return int(max(min(f, math.MaxInt32), math.MinInt32))
}

// substring returns [start, end); negative positions count from the end, positions beyond it are cut, null is the
// beginning or the end.
func substring(k call, args []value) value {
	t := k.text(args[0])
	n := t.len()
	start, end := 0, n
	if args[1] != nil {
		start = fromEnd(position(args[1]), n)
	}
	if len(args) > 2 && args[2] != nil {
		end = fromEnd(position(args[2]), n)
	}
	if start >= end {
		return ""
	}
	return t.cut(start, end)
}

func fromEnd(i, n int) int {
	if i < 0 {
		i += n
	}
	return max(0, min(i, n))
}

// between returns the text between the first left delimiter and the next right one, or the last one when greedy. An empty
// source or delimiter gives the source itself.
func between(k call, args []value) value {
	source := k.plain(args[0])
	left, right := k.string(args[1]), k.string(args[2])
	if source == "" || left == "" || right == "" {
		return source
	}
	in := source
	if k.insensitive {
		in = k.lower(source)
		if len(in) != len(source) { // positions would differ; rare letters only
			source = in
		}
	}
	from := strings.Index(in, left)
	if from < 0 {
		return k.nothingBetween()
	}
	from += len(left)
	to := strings.Index(in[from:], right)
	if len(args) > 3 && args[3] == true {
		to = strings.LastIndex(in[from:], right)
	}
	if to < 0 {
		return k.nothingBetween()
	}
	return source[from : from+to]
}

func (k call) nothingBetween() value {
	if k.r.on(doubtBetweenMiss) {
		return nil
	}
	return ""
}

// plain is a text argument as it is.
func (k call) plain(v value) string {
	k.insensitive = false
	return k.string(v)
}

// number reads a number: decimal or, behind 0x, hexadecimal; with a base, a whole number in that base.
func number(k call, args []value) value {
	s := strings.TrimSpace(k.plain(args[0]))
	base := int64(0)
	if len(args) > 1 && args[1] != nil {
		base, _ = args[1].(int64)
	}
	if v, ok := readNumber(s, base); ok {
		return v
	}
	if k.r.on(doubtNumberText) {
		k.r.stop(diag.EQLRun, k.span, fmt.Sprintf("%q is not a number", s), "exclude such events beforehand; an error like this ends the search")
	}
	return nil
}

func readNumber(s string, base int64) (value, bool) {
	digits, sign := s, ""
	if digits != "" && (digits[0] == '-' || digits[0] == '+') {
		sign, digits = strings.TrimPrefix(digits[:1], "+"), digits[1:]
	}
	if hex, ok := strings.CutPrefix(strings.ToLower(digits), "0x"); ok && (base == 0 || base == 16) {
		digits, base = hex, 16
	}
	if digits == "" || digits[0] == '-' || digits[0] == '+' {
		return nil, false
	}
	if base == 0 || base == 10 {
		if n, err := strconv.ParseInt(sign+digits, 10, 64); err == nil {
			return n, true
		}
		if strings.ContainsAny(digits, "xXpP_nNiI") { // Go's own forms, infinities and NaN
			return nil, false
		}
		f, err := strconv.ParseFloat(sign+digits, 64)
		return f, err == nil
	}
	if base < 2 || base > 36 {
		return nil, false
	}
	n, err := strconv.ParseInt(sign+digits, int(base), 64)
	return n, err == nil
}
