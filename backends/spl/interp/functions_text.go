package interp

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// textFunctions are the text and conversion functions.
var textFunctions = []function{
	{name: "lower", min: 1, max: 1, typ: strType, doc: "lower(text)", call: func(r *run, a []value) value { return textValue(lower(a[0].text(), !r.on[unicodeFold].On())) }},
	{name: "upper", min: 1, max: 1, typ: strType, doc: "upper(text)", call: func(r *run, a []value) value { return textValue(upper(a[0].text(), !r.on[unicodeFold].On())) }},
	{name: "len", min: 1, max: 1, typ: numType, doc: "len(text): characters", call: func(_ *run, a []value) value { return numValue(float64(utf8.RuneCountInString(a[0].text()))) }},
	{name: "trim", min: 1, max: 2, typ: strType, doc: "trim(text[, characters])", call: trimmer(strings.Trim)},
	{name: "ltrim", min: 1, max: 2, typ: strType, doc: "ltrim(text[, characters])", call: trimmer(strings.TrimLeft)},
	{name: "rtrim", min: 1, max: 2, typ: strType, doc: "rtrim(text[, characters])", call: trimmer(strings.TrimRight)},
	{name: "substr", min: 2, max: 3, typ: strType, doc: "substr(text, start[, length]): start counts from 1, or from the end below 0", call: substr},
	{name: "replace", min: 3, max: 3, typ: strType, doc: `replace(text, regex, replacement): all matches; \1 is a group`, build: buildReplace},
	{name: "urldecode", min: 1, max: 1, typ: strType, doc: "urldecode(text)", call: func(_ *run, a []value) value {
		s, err := url.PathUnescape(a[0].text())
		if err != nil {
			return a[0]
		}
		return textValue(s)
	}},
	{name: "tonumber", min: 1, max: 2, typ: numType, doc: "tonumber(text[, base]): null if a field's text is no number; a literal must be one", build: buildTonumber},
	{name: "tostring", min: 1, max: 2, typ: strType, conditions: true, doc: `tostring(x[, "hex"|"commas"|"duration"|"binary"])`, call: tostring},
	{name: "printf", min: 1, max: -1, typ: strType, doc: "printf(format, …): %s %d %i %f %e %g %x %X %o %c %%", call: printf},
}

func trimmer(trim func(s, cutset string) string) func(*run, []value) value {
	return func(_ *run, a []value) value {
		cutset := " \t"
		if len(a) > 1 {
			cutset = a[1].text()
		}
		return textValue(trim(a[0].text(), cutset))
	}
}

func substr(_ *run, a []value) value {
	runes := []rune(a[0].text())
	start, ok := a[1].number()
	if !ok {
		return value{}
	}
	from := int(start)
	switch {
	case from > 0:
		from--
	case from < 0:
		from = max(0, len(runes)+from)
	}
	to := len(runes)
	if len(a) > 2 {
		n, ok := a[2].number()
		if !ok {
			return value{}
		}
		to = min(to, from+max(0, int(n)))
	}
	if from >= len(runes) {
		return textValue("")
	}
	return textValue(string(runes[from:to]))
}

func buildReplace(k *compiler, x *syntax.Call) evalFunc {
	subject, pat, rep := k.operandValue(x.Args[0], "`replace`").eval, k.pattern(x.Args[1]), k.operandValue(x.Args[2], "`replace`").eval
	return func(r *run, w *row) value {
		s, p, to := subject(r, w), r.single(pat(r, w)), r.single(rep(r, w))
		if s.isNull() || p.isNull() || to.isNull() {
			return value{}
		}
		if s.kind == multi && !r.on[anyValue].On() {
			s = r.single(s)
		}
		var out []value
		for _, v := range s.values() {
			out = append(out, r.replaceAll(v.text(), p.text(), to.text()))
		}
		return r.listValue(out)
	}
}

// replaceAll replaces every match of a regular expression; \1 to \9 in the replacement are groups.
func (r *run) replaceAll(s, pattern, to string) value {
	re := r.regex(pattern)
	if re == nil {
		return textValue(s)
	}
	var b strings.Builder
	at := 0
	for at <= len(s) {
		caps := r.find(re, s, at)
		if caps == nil || r.failed() {
			break
		}
		b.WriteString(s[at:max(at, caps[0])])
		expandGroups(&b, s, to, caps)
		if b.Len() > maxValueBytes {
			return r.textOf(b.String())
		}
		next := caps[1]
		if caps[1] <= caps[0] {
			_, n := utf8.DecodeRuneInString(s[next:])
			b.WriteString(s[next : next+n])
			if next += n; n == 0 {
				at = len(s) + 1
				break
			}
		}
		at = next
	}
	if at <= len(s) {
		b.WriteString(s[at:])
	}
	return r.textOf(b.String())
}

// expandGroups writes a replacement with its group references filled in.
func expandGroups(b *strings.Builder, s, to string, caps []int) {
	for i := 0; i < len(to); i++ {
		if to[i] != '\\' || i+1 == len(to) {
			b.WriteByte(to[i])
			continue
		}
		i++
		switch c := to[i]; {
		case isDigit(c):
			n := int(c - '0')
			if 2*n+1 < len(caps) && caps[2*n] >= 0 {
				b.WriteString(s[caps[2*n]:caps[2*n+1]])
			}
		case c == '\\':
			b.WriteByte('\\')
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
}

// buildTonumber compiles tonumber. A literal that is no number is a fault of the query (Search Reference, Conversion
// functions).
func buildTonumber(k *compiler, x *syntax.Call) evalFunc {
	args := make([]evalFunc, len(x.Args))
	for i, a := range x.Args {
		args[i] = k.operandValue(a, "`tonumber`").eval
	}
	if s, ok := x.Args[0].(*syntax.Str); ok && len(args) == 1 {
		if _, num := parseNumber(s.Value); !num {
			k.invalid(s.Span, "`tonumber` cannot read the text "+strconv.Quote(s.Value), "give it a field, or a text that is a number")
		}
	}
	f := function{name: "tonumber", typ: numType, call: tonumber}
	return f.bind(args)
}

func tonumber(_ *run, a []value) value {
	s := a[0].text()
	base := 10.0
	if len(a) > 1 {
		var ok bool
		if base, ok = a[1].number(); !ok || base < 2 || base > 36 {
			return value{}
		}
	}
	if base == 10 {
		if n, ok := parseNumber(s); ok {
			return numValue(n)
		}
		return value{}
	}
	if base == 16 {
		s = strings.TrimPrefix(strings.TrimPrefix(s, "0x"), "0X")
	}
	n, err := strconv.ParseInt(s, int(base), 64)
	if err != nil {
		return value{}
	}
	return numValue(float64(n))
}

func tostring(_ *run, a []value) value {
	if len(a) == 1 {
		return textValue(a[0].text())
	}
	n, ok := a[0].number()
	if !ok {
		return textValue(a[0].text())
	}
	switch a[1].text() {
	case "hex":
		return textValue("0x" + strings.ToUpper(strconv.FormatInt(int64(n), 16)))
	case "binary":
		return textValue(strconv.FormatInt(int64(n), 2))
	case "commas":
		return textValue(commas(a[0], n))
	case "duration":
		return textValue(duration(n))
	}
	return textValue(a[0].text())
}

// commas groups thousands and rounds to two places when there are more.
func commas(v value, n float64) string {
	s := formatNumber(n)
	if v.kind == number && strings.Contains(v.str, ".") {
		s = v.str
	}
	if _, frac, _ := strings.Cut(s, "."); len(frac) > 2 || strings.ContainsAny(s, "eE") && n != float64(int64(n)) {
		s = strconv.FormatFloat(n, 'f', 2, 64)
	}
	return grouped(s)
}

// grouped puts a comma between the thousands of a number's text.
func grouped(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "+") {
		sign, s = s[:1], s[1:]
	}
	whole, frac, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if frac != "" {
		whole += "." + frac
	}
	return sign + whole
}

// duration is [days+]HH:MM:SS.
func duration(n float64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	sec := int64(n)
	s := fmt.Sprintf("%02d:%02d:%02d", sec%86400/3600, sec%3600/60, sec%60)
	if days := sec / 86400; days > 0 {
		s = fmt.Sprintf("%d+%s", days, s)
	}
	if frac := n - float64(sec); frac > 0 {
		s += strings.TrimPrefix(strconv.FormatFloat(frac, 'f', 6, 64), "0")
	}
	return sign + s
}
