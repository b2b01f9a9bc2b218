package interp

import (
	"net/netip"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// logicFunctions are the comparison, conditional and informational functions.
var logicFunctions = []function{
	{name: "if", min: 3, max: 3, doc: "if(condition, then, else): else also for a null condition", build: buildIf},
	{name: "case", min: 2, max: -1, doc: "case(condition, value, …): the value of the first true condition, else null", build: buildCase},
	{name: "validate", min: 2, max: -1, doc: "validate(condition, message, …): the message of the first condition that is not true", build: buildValidate},
	{name: "coalesce", min: 1, max: -1, nulls: true, lists: true, doc: "coalesce(a, …): the first that is not null", call: func(_ *run, a []value) value {
		for _, v := range a {
			if !v.isNull() {
				return v
			}
		}
		return value{}
	}},
	{name: "nullif", min: 2, max: 2, nulls: true, lists: true, doc: "nullif(a, b): null if a=b, else a", call: func(r *run, a []value) value {
		if got := r.compare("=", a[0], a[1]); got.kind == boolean && got.num != 0 {
			return value{}
		}
		return a[0]
	}},
	{name: "null", min: 0, max: 0, doc: "null(): no value", call: func(*run, []value) value { return value{} }},
	{name: "true", min: 0, max: 0, typ: boolType, doc: "true()", call: func(*run, []value) value { return boolValue(true) }},
	{name: "false", min: 0, max: 0, typ: boolType, doc: "false()", call: func(*run, []value) value { return boolValue(false) }},
	{name: "isnull", min: 1, max: 1, typ: boolType, nulls: true, lists: true, conditions: true, doc: "isnull(x)", call: func(_ *run, a []value) value { return boolValue(a[0].isNull()) }},
	{name: "isnotnull", min: 1, max: 1, typ: boolType, nulls: true, lists: true, conditions: true, doc: "isnotnull(x)", call: func(_ *run, a []value) value { return boolValue(!a[0].isNull()) }},
	{name: "isnum", min: 1, max: 1, typ: boolType, nulls: true, lists: true, conditions: true, doc: "isnum(x): a number, or a field's text that looks like one", call: func(_ *run, a []value) value {
		_, ok := a[0].asNumber()
		return boolValue(ok)
	}},
	{name: "isint", min: 1, max: 1, typ: boolType, nulls: true, lists: true, conditions: true, doc: "isint(x): a whole number", call: func(_ *run, a []value) value {
		n, ok := a[0].asNumber()
		return boolValue(ok && n == float64(int64(n)))
	}},
	{name: "isstr", min: 1, max: 1, typ: boolType, nulls: true, lists: true, conditions: true, doc: "isstr(x): text that is no number", call: func(_ *run, a []value) value {
		_, num := a[0].asNumber()
		return boolValue(a[0].kind == multi || a[0].kind == text && !num)
	}},
	{name: "isbool", min: 1, max: 1, typ: boolType, nulls: true, lists: true, conditions: true, doc: "isbool(x)", call: func(_ *run, a []value) value { return boolValue(a[0].kind == boolean) }},
	{name: "typeof", min: 1, max: 1, typ: strType, nulls: true, lists: true, conditions: true, doc: "typeof(x): Number, String, Boolean or Invalid", call: typeOf},
	{name: "like", min: 2, max: 2, typ: boolType, doc: "like(text, pattern): whole text; % any run, _ one character; case-sensitive", build: func(k *compiler, x *syntax.Call) evalFunc {
		return likeFunc(k.operandValue(x.Args[0], "`like`").eval, k.operandValue(x.Args[1], "`like`").eval)
	}},
	{name: "in", min: 2, max: -1, typ: boolType, doc: "in(x, a, b, …): x equals one of them, exactly", build: func(k *compiler, x *syntax.Call) evalFunc {
		var list []evalFunc
		for _, a := range x.Args[1:] {
			list = append(list, k.operandValue(a, "`in`").eval)
		}
		return inFunc(k.operandValue(x.Args[0], "`in`").eval, list)
	}},
	{name: "match", min: 2, max: 2, typ: boolType, doc: "match(text, regex): the expression fits somewhere", build: buildMatch},
	{name: "cidrmatch", min: 2, max: 2, typ: boolType, doc: "cidrmatch(block, address)", build: buildCidr},
	{name: "searchmatch", min: 1, max: 1, typ: boolType, doc: "searchmatch(text): the row fits the search expression", build: buildSearchmatch},
}

func typeOf(_ *run, a []value) value {
	v := a[0]
	_, num := v.asNumber()
	switch {
	case v.isNull():
		return textValue("Invalid")
	case v.kind == boolean:
		return textValue("Boolean")
	case num:
		return textValue("Number")
	}
	return textValue("String")
}

func buildIf(k *compiler, x *syntax.Call) evalFunc {
	cond := k.condition(x.Args[0], "if")
	then, other := k.expr(x.Args[1]).eval, k.expr(x.Args[2]).eval
	return func(r *run, w *row) value {
		if r.truth(cond(r, w)) == yes {
			return then(r, w)
		}
		return other(r, w)
	}
}

// pairs compiles condition, value, … and reports an odd number of arguments.
func (k *compiler) pairs(x *syntax.Call) (conds, vals []evalFunc) {
	if len(x.Args)%2 != 0 {
		k.invalid(x.Span, "`"+x.Name+"` needs pairs of a condition and a value", "write the default as `true(), value`")
	}
	for i := 0; i+1 < len(x.Args); i += 2 {
		conds = append(conds, k.condition(x.Args[i], x.Name))
		vals = append(vals, k.expr(x.Args[i+1]).eval)
	}
	return conds, vals
}

func buildCase(k *compiler, x *syntax.Call) evalFunc {
	conds, vals := k.pairs(x)
	return func(r *run, w *row) value {
		for i, c := range conds {
			if r.truth(c(r, w)) == yes {
				return vals[i](r, w)
			}
		}
		return value{}
	}
}

func buildValidate(k *compiler, x *syntax.Call) evalFunc {
	conds, vals := k.pairs(x)
	return func(r *run, w *row) value {
		for i, c := range conds {
			if r.truth(c(r, w)) != yes {
				return vals[i](r, w)
			}
		}
		return value{}
	}
}

// anyOf applies a test to the value, or to each of several: true if any passes, else the first answer.
func (r *run) anyOf(v value, test func(value) value) value {
	if v.kind != multi {
		return test(v)
	}
	if !r.on[anyValue].On() {
		return test(v.list[0])
	}
	result := value{}
	for _, e := range v.list {
		got := test(e)
		if got.kind == boolean && got.num != 0 {
			return got
		}
		if result.isNull() {
			result = got
		}
	}
	return result
}

func likeFunc(subject, pat evalFunc) evalFunc {
	return func(r *run, w *row) value {
		s, p := subject(r, w), r.single(pat(r, w))
		if s.isNull() || p.isNull() {
			return value{}
		}
		pattern := likePattern(p.text(), r.on[likeEscape].On())
		return r.anyOf(s, func(v value) value { return boolValue(likeFits(pattern, []rune(v.text()))) })
	}
}

// likeRune is one element of a like pattern.
type likeRune struct {
	r        rune
	any, one bool
}

func likePattern(p string, escapes bool) []likeRune {
	var out []likeRune
	runes := []rune(p)
	for i := 0; i < len(runes); i++ {
		switch {
		case escapes && runes[i] == '\\' && i+1 < len(runes) && (runes[i+1] == '%' || runes[i+1] == '_'):
			i++
			out = append(out, likeRune{r: runes[i]})
		case runes[i] == '%':
			out = append(out, likeRune{any: true})
		case runes[i] == '_':
			out = append(out, likeRune{one: true})
		default:
			out = append(out, likeRune{r: runes[i]})
		}
	}
	return out
}

// likeFits matches the whole text, going back to the last % on a mismatch.
func likeFits(p []likeRune, s []rune) bool {
	i, j, star, mark := 0, 0, -1, 0
	for j < len(s) {
		switch {
		case i < len(p) && p[i].any:
			star, mark = i, j
			i++
		case i < len(p) && (p[i].one || p[i].r == s[j]):
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i].any {
		i++
	}
	return i == len(p)
}

func buildMatch(k *compiler, x *syntax.Call) evalFunc {
	subject := k.operandValue(x.Args[0], "`match`").eval
	pat := k.pattern(x.Args[1])
	return func(r *run, w *row) value {
		s, p := subject(r, w), r.single(pat(r, w))
		if s.isNull() || p.isNull() {
			return value{}
		}
		re := r.regex(p.text())
		return r.anyOf(s, func(v value) value { return boolValue(r.find(re, v.text(), 0) != nil) })
	}
}

// pattern compiles an argument that is a regular expression; a literal one is checked now.
func (k *compiler) pattern(x syntax.Expr) evalFunc {
	if s, ok := x.(*syntax.Str); ok {
		k.checkRegex(s.Value, s.Span)
	}
	return k.operandValue(x, "a regular expression").eval
}

func buildCidr(k *compiler, x *syntax.Call) evalFunc {
	if s, ok := x.Args[0].(*syntax.Str); ok {
		if _, err := netip.ParsePrefix(s.Value); err != nil && !strings.Contains(s.Value, "*") {
			k.invalid(s.Span, "`"+s.Value+"` is no address block", "write it as in \"10.0.0.0/8\"; the block comes first, the address second")
		}
	}
	block, addr := k.operandValue(x.Args[0], "`cidrmatch`").eval, k.operandValue(x.Args[1], "`cidrmatch`").eval
	return func(r *run, w *row) value {
		b, a := r.single(block(r, w)), addr(r, w)
		if b.isNull() || a.isNull() {
			return value{}
		}
		prefix, err := netip.ParsePrefix(b.text())
		return r.anyOf(a, func(v value) value {
			ip, bad := netip.ParseAddr(v.text())
			if err != nil || bad != nil {
				if r.on[cidrTextFalse].On() {
					return boolValue(false)
				}
				return value{}
			}
			return boolValue(prefix.Masked().Contains(ip))
		})
	}
}

func buildSearchmatch(k *compiler, x *syntax.Call) evalFunc {
	s, ok := x.Args[0].(*syntax.Str)
	if !ok {
		k.unsupported(x.Span, "searchmatch of anything but a string", "write the search expression in double quotes")
		return nothing
	}
	parsed, diags := syntax.ParseSearch(k.file, s.Value)
	if diags.HasErrors() {
		k.invalid(s.Span, "inside searchmatch: "+diags[0].Title, diags[0].Help...)
		return nothing
	}
	pred := k.searchExpr(parsed)
	return func(r *run, w *row) value { return boolValue(pred(r, w)) }
}
