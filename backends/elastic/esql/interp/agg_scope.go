package interp

import (
	"strings"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
)

// aggCall is one aggregate of a STATS.
type aggCall struct {
	args   []*expr
	filter *expr
	make   func() accumulator
}

// statsScope is what the expressions of STATS may refer to: aggregates over the rows, and the grouping keys.
type statsScope struct {
	// inner checks the arguments of aggregates: the columns of the input, and the keys by name.
	inner *checker
	aggs  []*aggCall
	// keys are the types of the grouping keys; texts and names find them.
	keys   []typ
	texts  map[string]int
	names  map[string]int
	filter *expr
}

// reference is the expression for an aggregate or a grouping key; ok is false for anything else.
func (s *statsScope) reference(c *checker, n syntax.Expr) (*expr, bool) {
	if s == nil {
		return nil, false
	}
	if k, ok := n.(*syntax.Call); ok {
		if a, isAgg := names.agg[strings.ToLower(k.Name)]; isAgg {
			return s.aggregate(c, k, a), true
		}
	}
	if col, ok := n.(*syntax.Column); ok {
		i, known := s.names[col.Name]
		if !known {
			return s.noKey(c, col), true
		}
		return s.slot(c, n, s.keys[i], func(cells []any) any { return cells[i] }), true
	}
	switch n.(type) {
	case *syntax.Null, *syntax.Bool, *syntax.Num, *syntax.Str, *syntax.TimeSpan, *syntax.List:
		return nil, false
	case *syntax.Binary, *syntax.Call, *syntax.Cast, *syntax.Column, *syntax.Glob, *syntax.In, *syntax.IsNull, *syntax.Like, *syntax.Match, *syntax.RLike, *syntax.Regex, *syntax.Unary:
	}
	if i, ok := s.texts[canonical(n)]; ok {
		return s.slot(c, n, s.keys[i], func(cells []any) any { return cells[i] }), true
	}
	return nil, false
}

func (s *statsScope) slot(c *checker, n syntax.Expr, t typ, eval func(cells []any) any) *expr {
	return &expr{typ: t, eval: eval, col: -1, span: n.Pos(), text: c.sourceText(n.Pos())}
}

// noKey reports a column outside of an aggregate that is no grouping key.
func (s *statsScope) noKey(c *checker, n *syntax.Column) *expr {
	if _, ok := s.inner.names[n.Name]; ok {
		return c.wrong(n.Span, "column [%s] must appear in the STATS BY clause or be used in an aggregate function", n.Name)
	}
	return s.inner.unknown(n.Span, n.Name)
}

// aggregate registers an aggregate; its result is the cell behind the keys.
func (s *statsScope) aggregate(c *checker, n *syntax.Call, a *aggregate) *expr {
	k := &call{checker: s.inner, node: n, text: c.sourceText(n.Span), site: c.site(n)}
	bad := false
	for _, x := range n.Args {
		e := s.inner.expr(x)
		bad = bad || e.typ == tErr
		k.args = append(k.args, e)
	}
	if bad {
		return &expr{typ: tErr, col: -1, span: n.Span, eval: func([]any) any { return nil }}
	}
	t, makeState := a.bind(k)
	if makeState == nil {
		return &expr{typ: tErr, col: -1, span: n.Span, eval: func([]any) any { return nil }}
	}
	s.aggs = append(s.aggs, &aggCall{args: k.args, filter: s.filter, make: makeState})
	at := len(s.keys) + len(s.aggs) - 1
	return s.slot(c, n, t, func(cells []any) any { return cells[at] })
}

// aggregateCall reports an aggregate where none may stand.
func (c *checker) aggregateCall(n *syntax.Call, _ *aggregate) *expr {
	e := c.wrong(n.Span, "aggregate function [%s] not allowed here", c.sourceText(n.Span))
	d := &c.r.faults[len(c.r.faults)-1]
	d.Help = append(d.Help, "aggregates stand in STATS and INLINE STATS, outside of other aggregates and of keys")
	return e
}

// canonical is the text by which equal expressions are found: printed, without regard to the case of function names.
func canonical(n syntax.Expr) string { return syntax.PrintExpr(lowerCalls(n)) }

// lowerCalls copies an expression with its function names in lower case.
func lowerCalls(n syntax.Expr) syntax.Expr {
	all := func(xs []syntax.Expr) []syntax.Expr {
		out := make([]syntax.Expr, len(xs))
		for i, x := range xs {
			out[i] = lowerCalls(x)
		}
		return out
	}
	switch n := n.(type) {
	case *syntax.Call:
		k := *n
		k.Name, k.Args = strings.ToLower(n.Name), all(n.Args)
		return &k
	case *syntax.Binary:
		k := *n
		k.X, k.Y = lowerCalls(n.X), lowerCalls(n.Y)
		return &k
	case *syntax.Unary:
		k := *n
		k.X = lowerCalls(n.X)
		return &k
	case *syntax.Cast:
		k := *n
		k.X = lowerCalls(n.X)
		return &k
	case *syntax.In:
		k := *n
		k.X, k.Items = lowerCalls(n.X), all(n.Items)
		return &k
	case *syntax.IsNull:
		k := *n
		k.X = lowerCalls(n.X)
		return &k
	case *syntax.Bool, *syntax.Column, *syntax.Glob, *syntax.Like, *syntax.List, *syntax.Match, *syntax.Null, *syntax.Num, *syntax.RLike, *syntax.Regex, *syntax.Str, *syntax.TimeSpan:
	}
	return n
}
