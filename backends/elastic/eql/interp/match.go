package interp

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/onerule/onerule/backends/elastic/eql/syntax"
	"github.com/onerule/onerule/backends/elastic/lucene"
	"github.com/onerule/onerule/diag"
)

// in compiles `x in (…)` as a value.
func (a *atom) in(x *syntax.In) node {
	n := a.value(x.X)
	var tests []func(value) value
	folded, strings := map[string]bool{}, map[string]bool{}
	for _, item := range x.List {
		c := a.value(item)
		switch {
		case !c.isConst && a.r.index == nil:
		case !c.isConst:
			a.r.fault(diag.EQLRun, item.Pos(), "the values of `in` must be constants", "compare with each field by a function")
		case c.val == nil:
		case x.Insensitive:
			s, ok := c.val.(string)
			if !ok {
				a.r.fault(diag.EQLRun, item.Pos(), "`in~` compares strings, and this is "+c.typ.noun(), "write `in`")
				continue
			}
			folded[a.r.fold(normalized(n, s))] = true
		case n.typ == tString && c.typ == tString:
			strings[normalized(n, c.val.(string))] = true
		default:
			if test := a.r.equals(n, c); test != nil {
				tests = append(tests, test)
			}
		}
	}
	if x.Insensitive {
		a.wantString(n, x.X, "in~")
	}
	return a.strict(tBool, x.Span, func(v []value) value {
		s, isString := v[0].(string)
		found := isString && (strings[s] || len(folded) > 0 && folded[a.r.fold(s)])
		for i := 0; i < len(tests) && !found; i++ {
			found = tests[i](v[0]) == true
		}
		return found != x.Not
	}, n)
}

// equals is the test for one constant of an `in` list.
func (r *run) equals(n, c node) func(value) value {
	if n.plain != nil {
		return r.fieldTest(n.plain, syntax.Eq, c)
	}
	if !canCompare(n.typ, c.typ) {
		r.fault(diag.EQLRun, c.span, fmt.Sprintf("%s is looked for in a list that holds %s", n.typ.noun(), c.typ.noun()))
		return nil
	}
	return func(v value) value {
		order, ok := compare(v, c.val)
		return ok && order == 0
	}
}

func normalized(n node, s string) string {
	if n.plain != nil {
		return n.plain.main.Normalize(s)
	}
	return s
}

// wantString demands a string on the left of a string operator.
func (a *atom) wantString(n node, x syntax.Expr, op string) {
	if n.typ == tString || n.typ == tVersion || n.typ.flexible() {
		return
	}
	what := "this is " + n.typ.noun()
	if n.plain != nil {
		what = fmt.Sprintf("`%s` is mapped as %s", n.plain.name, n.plain.main.Type)
	}
	help := "write `==` or `in`"
	if n.typ == tIP {
		help = "write `==`, `in` or cidrMatch()"
	}
	a.r.fault(diag.EQLRun, x.Pos(), fmt.Sprintf("`%s` compares strings, and %s", op, what), help)
}

// match compiles `x : "a*"` and its relatives as a value.
func (a *atom) match(x *syntax.Match) node {
	n := a.value(x.X)
	a.wantString(n, x.X, string(x.Op))
	test := a.r.matcher(x, n)
	return a.strict(tBool, x.Span, func(v []value) value {
		switch s := v[0].(type) {
		case string:
			return test(s)
		case version:
			return test(string(s))
		}
		return false
	}, n)
}

// matcher returns the test of a string operator. Compiled patterns are kept with the program.
func (r *run) matcher(x *syntax.Match, n node) func(string) bool {
	lower := n.plain != nil && n.plain.main.HasNormalizer()
	_, isField := x.X.(*syntax.Field)
	key := matcherKey{x: x, unicode: r.on(doubtFoldUnicode), script: !isField, lower: lower}
	if m, ok := r.program.matchers.Load(key); ok {
		return m.(func(string) bool)
	}
	if x.Op != syntax.Regex && x.Op != syntax.RegexInsensitive {
		m := wildcardMatcher(x, n, key)
		r.program.matchers.Store(key, m)
		return m
	}
	faults := len(r.diags)
	m := r.regexMatcher(x, key)
	if len(r.diags) == faults {
		r.program.matchers.Store(key, m)
	}
	return m
}

// matcherKey says what a compiled matcher depends on.
type matcherKey struct {
	x       *syntax.Match
	unicode bool // letters beyond ASCII fold
	script  bool // the left side is no plain field
	lower   bool // the field is lower-cased
}

// regexMatcher compiles the patterns of regex: Lucene expressions over the whole value. On the result of a function
// Elasticsearch uses Java's expressions, which lack Lucene's optional operators.
func (r *run) regexMatcher(x *syntax.Match, key matcherKey) func(string) bool {
	flags := lucene.All
	if key.script {
		flags = lucene.None | lucene.NoLengthLimit
		r.warn("a regular expression on the result of a function is one of Java, which differs from Lucene's")
	}
	if x.Op == syntax.RegexInsensitive {
		flags |= lucene.FoldASCII
		if key.unicode {
			flags |= lucene.FoldUnicode
		}
	}
	var all []*lucene.Regexp
	for _, p := range x.Patterns {
		re, err := lucene.CompileRegexp(p.Value, flags)
		if err != nil {
			r.regexFault(p, err)
			continue
		}
		all = append(all, re)
	}
	return func(s string) bool {
		for _, re := range all {
			if re.Match(s) {
				return true
			}
		}
		return false
	}
}

func (r *run) regexFault(p *syntax.String, err error) {
	if lucene.IsSyntaxError(err) {
		var at *lucene.RegexpError
		title := "this is no regular expression of Lucene: " + err.Error()
		help := `escape special characters with a backslash: . ? + * | { } [ ] ( ) " \ # @ & < > ~`
		if errors.As(err, &at) && at.Offset < len(p.Value) {
			help = fmt.Sprintf("look at %s; %s", syntax.Quote(p.Value[at.Offset:]), help)
		}
		r.fault(diag.EQLRun, p.Span, title, help)
		return
	}
	r.fault(diag.EQLRun, p.Span, err.Error(), "split the expression into several")
}

// wildcardMatcher compiles the patterns of `:` and like. Patterns without wildcards are looked up in a set.
func wildcardMatcher(x *syntax.Match, n node, key matcherKey) func(string) bool {
	insensitive := x.Op != syntax.Like
	fold := func(s string) string { return s }
	switch {
	case insensitive && key.unicode:
		fold = foldUnicode
	case insensitive:
		fold = foldASCII
	}
	plain := map[string]bool{}
	var wild []interface{ Match(string) bool }
	for _, p := range x.Patterns {
		text := normalized(n, p.Value)
		switch {
		case !strings.ContainsAny(text, "*?"):
			plain[fold(text)] = true
		case insensitive && key.unicode:
			wild = append(wild, foldedWildcard{lucene.CompileLike(foldUnicode(text), false)})
		default:
			wild = append(wild, lucene.CompileLike(text, insensitive))
		}
	}
	return func(s string) bool {
		if len(plain) > 0 && plain[fold(s)] {
			return true
		}
		for _, w := range wild {
			if w.Match(s) {
				return true
			}
		}
		return false
	}
}

// foldedWildcard matches a folded pattern against the folded value.
type foldedWildcard struct{ w *lucene.Wildcard }

func (f foldedWildcard) Match(s string) bool { return f.w.Match(foldUnicode(s)) }

// fold maps texts that an insensitive operator takes for equal to one text.
func (r *run) fold(s string) string {
	if r.on(doubtFoldUnicode) {
		return foldUnicode(s)
	}
	return foldASCII(s)
}

func foldASCII(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 'A' && c <= 'Z' {
			return strings.Map(func(r rune) rune {
				if r >= 'A' && r <= 'Z' {
					return r + 'a' - 'A'
				}
				return r
			}, s)
		}
	}
	return s
}

// foldUnicode maps each letter to the least member of its orbit of simple case folding.
func foldUnicode(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 {
			if r >= 'A' && r <= 'Z' {
				return r + 'a' - 'A'
			}
			return r
		}
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		if least >= 'A' && least <= 'Z' {
			return least + 'a' - 'A'
		}
		return least
	}, s)
}
