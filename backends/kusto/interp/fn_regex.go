package interp

import (
	"regexp"
	"strings"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// bindTyped binds a function whose last argument is typeof(T): the result converts to that type.
func bindTyped(at int, def syntax.Type) func(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	return func(rs *rowScope, x *syntax.Call, f *function) *cexpr {
		args, ok := rs.args(x, f)
		t := def
		if len(args) > at && args[at].typeArg != tNone {
			t = args[at].typeArg
		}
		if !ok {
			return &cexpr{typ: t, at: x.At, eval: func(*env) any { return fix(nil, t) }}
		}
		c := f.make(rs, x, args[:min(at, len(args))])
		inner := c.eval
		c.typ = t
		c.eval = func(e *env) any { return fix(castIf(inner(e), t), t) }
		return fold(c)
	}
}

func castIf(v any, t syntax.Type) any {
	if t == tDyn || v == nil {
		return v
	}
	return castTo(v, t)
}

// extract gives a group of the first match, "" when there is none; group 0 is the whole match.
func extract(c *call, a []any) any {
	re := c.x.regex(a[0].(string), c.at)
	g := a[1].(int64)
	m := re.FindStringSubmatch(a[2].(string))
	if m == nil || g < 0 || g >= int64(len(m)) {
		return nil
	}
	return m[g]
}

// bindExtractAll puts the optional middle argument of extract_all into place.
func bindExtractAll(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	args, ok := rs.args(x, f)
	if !ok {
		return &cexpr{typ: tDyn, at: x.At, eval: func(*env) any { return nil }}
	}
	return f.make(rs, x, args)
}

// extractAll gives all matches: strings when there is one group, arrays of the groups otherwise; null when there is no match
// (extract-all-function).
func extractAll(c *call, a []any) any {
	re := c.x.regex(a[0].(string), c.at)
	var groups []int
	src := asString(a[len(a)-1])
	if c.n == 3 {
		list, ok := a[1].([]any)
		if !ok {
			return nil
		}
		for _, v := range list {
			switch v := v.(type) {
			case int64:
				groups = append(groups, int(v))
			case string:
				groups = append(groups, re.SubexpIndex(v))
			}
		}
	} else {
		for g := 1; g <= re.NumSubexp(); g++ {
			groups = append(groups, g)
		}
	}
	out := []any{}
	for _, m := range re.FindAllStringSubmatch(src, -1) {
		c.x.tick(1)
		var item []any
		for _, g := range groups {
			if g >= 0 && g < len(m) {
				item = append(item, m[g])
			}
		}
		if len(item) == 1 {
			out = append(out, item[0])
		} else {
			out = append(out, item)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func trimStart(c *call, pattern, s string) string {
	re := c.x.regex(`^(?:`+pattern+`)`, c.at)
	return s[len(re.FindString(s)):]
}

func trimEnd(c *call, pattern, s string) string {
	if m := c.x.regex(`(?:`+pattern+`)$`, c.at).FindStringIndex(s); m != nil {
		return s[:m[0]]
	}
	return s
}

// replaceRegex replaces all matches; in the rewrite text \0 is the whole match and \1 … \9 the groups. argument tells which
// argument holds the expression.
func replaceRegex(c *call, pattern, rewrite, s string, argument int) any {
	re := c.x.regex(pattern, c.args[argument].at)
	var b strings.Builder
	last := 0
	for _, m := range re.FindAllStringSubmatchIndex(s, -1) {
		b.WriteString(s[last:m[0]])
		expandRewrite(&b, rewrite, s, m)
		last = m[1]
		c.x.spend(m[1] - m[0] + len(rewrite))
	}
	b.WriteString(s[last:])
	c.x.spend(b.Len())
	return b.String()
}

func expandRewrite(b *strings.Builder, rewrite, s string, m []int) {
	for i := 0; i < len(rewrite); i++ {
		c := rewrite[i]
		if c != '\\' || i+1 == len(rewrite) {
			b.WriteByte(c)
			continue
		}
		i++
		d := rewrite[i]
		if d < '0' || d > '9' {
			if d != '\\' {
				b.WriteByte('\\')
			}
			b.WriteByte(d)
			continue
		}
		if g := int(d - '0'); 2*g+1 < len(m) && m[2*g] >= 0 {
			b.WriteString(s[m[2*g]:m[2*g+1]])
		}
	}
}

// quoteRegexText escapes as the page regex-quote-function shows.
func quoteRegexText(s string) string { return regexp.QuoteMeta(s) }
