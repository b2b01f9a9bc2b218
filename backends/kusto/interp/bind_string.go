package interp

import (
	"regexp"
	"strings"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// stringTest is an operator between two strings. The texts are folded before when the operator ignores case.
type stringTest struct {
	fold bool
	not  bool
	test func(x *exec, t terms, s, needle string) bool
}

func containsTest(x *exec, t terms, s, n string) bool {
	return strings.Contains(s, n) && (n != "" || t.empty)
}

func prefixTest(x *exec, t terms, s, n string) bool {
	return strings.HasPrefix(s, n) && (n != "" || t.empty)
}

func suffixTest(x *exec, t terms, s, n string) bool {
	return strings.HasSuffix(s, n) && (n != "" || t.empty)
}
func equalTest(x *exec, t terms, s, n string) bool     { return s == n }
func hasTest(x *exec, t terms, s, n string) bool       { return t.find(s, n, true, true) }
func hasPrefixTest(x *exec, t terms, s, n string) bool { return t.find(s, n, true, false) }
func hasSuffixTest(x *exec, t terms, s, n string) bool { return t.find(s, n, false, true) }

// stringTests is the table of string operators (datatypes-string-operators).
var stringTests = map[syntax.Op]stringTest{
	syntax.EqFold: {true, false, equalTest}, syntax.NeFold: {true, true, equalTest},
	syntax.Contains: {true, false, containsTest}, syntax.NotContains: {true, true, containsTest},
	syntax.ContainsCS: {false, false, containsTest}, syntax.NotContainsCS: {false, true, containsTest},
	syntax.StartsWith: {true, false, prefixTest}, syntax.NotStartsWith: {true, true, prefixTest},
	syntax.StartsWithCS: {false, false, prefixTest}, syntax.NotStartsWithCS: {false, true, prefixTest},
	syntax.EndsWith: {true, false, suffixTest}, syntax.NotEndsWith: {true, true, suffixTest},
	syntax.EndsWithCS: {false, false, suffixTest}, syntax.NotEndsWithCS: {false, true, suffixTest},
	syntax.Has: {true, false, hasTest}, syntax.NotHas: {true, true, hasTest},
	syntax.HasCS: {false, false, hasTest}, syntax.NotHasCS: {false, true, hasTest},
	syntax.HasPrefix: {true, false, hasPrefixTest}, syntax.NotHasPrefix: {true, true, hasPrefixTest},
	syntax.HasPrefixCS: {false, false, hasPrefixTest}, syntax.NotHasPrefixCS: {false, true, hasPrefixTest},
	syntax.HasSuffix: {true, false, hasSuffixTest}, syntax.NotHasSuffix: {true, true, hasSuffixTest},
	syntax.HasSuffixCS: {false, false, hasSuffixTest}, syntax.NotHasSuffixCS: {false, true, hasSuffixTest},
}

func (x *exec) folding() folding { return folding{x.in.On(doubtUnicodeFold)} }

func (x *exec) terms() terms {
	return terms{unicode: x.in.On(doubtUnicodeTerms), edges: x.in.On(doubtHasEdges), empty: x.in.On(doubtEmptyNeedle)}
}

func isText(t syntax.Type) bool { return t == tStr || t == tDyn || t == tNone }

func (rs *rowScope) stringOp(x *syntax.Binary) *cexpr {
	l, r := rs.two(x)
	if l.star {
		return rs.anyColumn(x, r, func(c *cexpr) *cexpr { return rs.stringTest(x, c, r) })
	}
	return rs.stringTest(x, l, r)
}

func (rs *rowScope) stringTest(x *syntax.Binary, l, r *cexpr) *cexpr {
	if !isText(l.typ) || !isText(r.typ) || !rs.values(l, r) {
		bad := l
		if isText(l.typ) {
			bad = r
		}
		return rs.b.run(x.At, "`"+x.Op.String()+"` needs strings, not "+typeName(bad), "convert it with tostring(…), or compare with ==")
	}
	if x.Op == syntax.MatchesRegex {
		return rs.matches(x, l, r)
	}
	t, ok := stringTests[x.Op]
	if !ok {
		return rs.b.run(x.At, "`"+x.Op.String()+"` is used in search only")
	}
	ex := rs.b.x
	f, words := ex.folding(), ex.terms()
	right := func(e *env) string { return asString(r.eval(e)) }
	if t.fold {
		right = func(e *env) string { return f.fold(asString(r.eval(e))) }
	}
	if r.konst {
		n := right(&env{x: ex})
		right = func(*env) string { return n }
	}
	return fold(&cexpr{typ: tBool, konst: l.konst && r.konst, home: homeOf(l, r), at: x.At, eval: func(e *env) any {
		s := asString(l.eval(e))
		if t.fold {
			s = f.fold(s)
		}
		return t.test(e.x, words, s, right(e)) != t.not
	}})
}

func (rs *rowScope) matches(x *syntax.Binary, l, r *cexpr) *cexpr {
	ex := rs.b.x
	var re *regexp.Regexp
	if r.konst {
		var ok bool
		if re, ok = rs.b.regex(asString(r.value(ex)), x.R.Span()); !ok {
			return &cexpr{typ: tBool, at: x.At, eval: func(*env) any { return nil }}
		}
	}
	at := x.R.Span()
	return &cexpr{typ: tBool, konst: l.konst && r.konst, home: homeOf(l, r), at: x.At, eval: func(e *env) any {
		p := re
		if p == nil {
			p = e.x.regex(asString(r.eval(e)), at)
		}
		return p.MatchString(asString(l.eval(e)))
	}}
}

// listPart is one element of the right side of in: a value, a dynamic array, or a table.
type listPart struct {
	c     *cexpr
	table *node
}

// list binds x in (…) and its kin.
func (rs *rowScope) list(x *syntax.List) *cexpr {
	l := rs.expr(x.X)
	strOp := x.Op != syntax.In && x.Op != syntax.NotIn
	if strOp && !isText(l.typ) && !l.star {
		return rs.b.run(x.At, "`"+x.Op.String()+"` needs a string on its left, not "+typeName(l), "use in for other types")
	}
	parts, konst := rs.listParts(x)
	if l.star {
		return rs.anyListColumn(x, parts, konst)
	}
	return rs.listTest(x, l, parts, konst)
}

func (rs *rowScope) anyListColumn(x *syntax.List, parts []listPart, konst bool) *cexpr {
	var list []*cexpr
	for i := range rs.cols {
		c := rs.columnExpr(i)
		if x.Op != syntax.In && x.Op != syntax.NotIn && !isText(c.typ) {
			c = textOf(c)
		}
		list = append(list, rs.listTest(x, c, parts, konst))
	}
	return &cexpr{typ: tBool, home: rs.home, at: x.At, eval: func(e *env) any {
		for _, c := range list {
			if isTrue(c.eval(e)) {
				return true
			}
		}
		return false
	}}
}

// listParts binds the elements: values, dynamic arrays whose elements count, and tables whose first column counts.
func (rs *rowScope) listParts(x *syntax.List) (parts []listPart, konst bool) {
	konst = true
	for _, it := range x.Items {
		if n := rs.tableOperand(it); n != nil {
			if len(n.cols) == 0 {
				rs.b.run(it.Span(), "the table in the list of `"+x.Op.String()+"` has no column")
			}
			parts = append(parts, listPart{table: cached(n)})
			continue
		}
		c := rs.expr(it)
		if c.star || c.typeArg != tNone {
			rs.b.run(it.Span(), "the list of `"+x.Op.String()+"` needs values")
		}
		konst = konst && c.konst
		parts = append(parts, listPart{c: c})
	}
	return parts, konst
}

// hasTable reports whether a list reads a table, whose rows may change between the runs of a subquery.
func hasTable(parts []listPart) bool {
	for _, p := range parts {
		if p.table != nil {
			return true
		}
	}
	return false
}

// eachItem calls f with each value of the list until f is false.
func eachItem(e *env, parts []listPart, f func(v any) bool) {
	for _, p := range parts {
		if p.table != nil {
			for _, r := range p.table.run(e.x) {
				if len(r.v) > 0 && !f(r.v[0]) {
					return
				}
			}
			continue
		}
		v := p.c.eval(e)
		if arr, ok := v.([]any); ok && p.c.typ == tDyn {
			for _, el := range arr {
				if !f(el) {
					return
				}
			}
			continue
		}
		if !f(v) {
			return
		}
	}
}

func (rs *rowScope) listTest(x *syntax.List, l *cexpr, parts []listPart, konst bool) *cexpr {
	c := &cexpr{typ: tBool, konst: l.konst && konst, home: homeOf(l), at: x.At}
	for _, p := range parts {
		if p.c != nil && p.c.home != nil {
			c.home = p.c.home
		}
		if p.table != nil {
			c.konst = false
		}
	}
	ex := rs.b.x
	switch {
	case x.Op == syntax.In, x.Op == syntax.NotIn:
		c.eval = inTest(l, parts, konst, x.Op == syntax.NotIn, ex.in.On(doubtMixedByText))
	case x.Op == syntax.InFold, x.Op == syntax.NotInFold:
		c.eval = inFoldTest(l, parts, konst, x.Op == syntax.NotInFold, ex.folding())
	default:
		c.eval = hasListTest(l, parts, konst, x.Op == syntax.HasAll, ex.folding(), ex.terms())
	}
	return c
}

// inTest is the or of ==, or the and of != (scalar-data-types/null-values). Long lists of one type are looked up.
func inTest(l *cexpr, parts []listPart, konst, not, byText bool) func(e *env) any {
	var set map[string]bool
	var hasNull, mixed bool
	epoch, tables := -1, hasTable(parts)
	build := func(e *env) {
		set, hasNull, mixed = map[string]bool{}, false, false
		eachItem(e, parts, func(v any) bool {
			e.x.tick(1)
			if v == nil {
				hasNull = true
				return true
			}
			if _, isStr := v.(string); isStr != (l.typ == tStr) || l.typ == tDyn {
				mixed = true
			}
			set[key(v)] = true
			return true
		})
		epoch = e.x.epoch
	}
	return func(e *env) any {
		if set == nil || !konst || tables && epoch != e.x.epoch {
			build(e)
		}
		v := l.eval(e)
		if v == nil {
			if hasNull {
				return nil
			}
			return not
		}
		if set[key(v)] {
			return !not
		}
		if mixed && byText {
			found := false
			eachItem(e, parts, func(w any) bool {
				found = w != nil && equal(v, w)
				return !found
			})
			return found != not
		}
		return not
	}
}

func inFoldTest(l *cexpr, parts []listPart, konst, not bool, f folding) func(e *env) any {
	var set map[string]bool
	epoch, tables := -1, hasTable(parts)
	return func(e *env) any {
		if set == nil || !konst || tables && epoch != e.x.epoch {
			set = map[string]bool{}
			eachItem(e, parts, func(v any) bool {
				e.x.tick(1)
				if v != nil {
					set[f.fold(asString(v))] = true
				}
				return true
			})
			epoch = e.x.epoch
		}
		return set[f.fold(asString(l.eval(e)))] != not
	}
}

func hasListTest(l *cexpr, parts []listPart, konst, all bool, f folding, t terms) func(e *env) any {
	return func(e *env) any {
		s := f.fold(asString(l.eval(e)))
		result := all
		eachItem(e, parts, func(v any) bool {
			e.x.tick(1)
			if t.find(s, f.fold(asString(v)), true, true) != all {
				result = !all
				return false
			}
			return true
		})
		return result
	}
}
