package sigma

import (
	"fmt"
	"slices"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/schema"
)

// temporal makes `temporal`: each rule within one span. Rules about the same events are counted in a sliding window, where one
// event may count for several of them; others become the steps of `together`, and so do all where a rule must not match: a
// window would be judged before the event that must not come.
func (c *converter) temporal(members []*member, keys [][]string) []grammar.Clause {
	k := c.doc.correlation
	same := sameFrom(members) && !slices.ContainsFunc(keys, func(row []string) bool {
		return slices.ContainsFunc(row, func(f string) bool { return f != row[0] })
	})
	if !same || k.condition != nil && k.condition.text != nil && negates(k.condition.text) {
		return c.steps(members, keys, false)
	}
	per, ok := c.keyExprs(keys)
	if !ok {
		return nil
	}
	names := c.memberDefs(members)
	out := c.countHead(members, names)
	var aggs []grammar.Agg
	var shown []string
	hits := make([]grammar.Expr, len(members))
	for i, m := range members {
		at := c.at(m.ref.node)
		aggs = append(aggs, grammar.Agg{At: at, Name: grammar.Name{At: at, Text: m.name}, Call: &grammar.Call{At: at, Func: grammar.Name{At: at, Text: "count"}}, Where: names[i]})
		p := pathOf(scopeName + "." + m.name)
		p.At = at
		hits[i] = &grammar.Compare{At: at, Op: ">=", OpSpan: at.Span, X: &grammar.PathExpr{At: at, Path: p}, Y: whole(1)}
		shown = append(shown, scopeName+"."+m.name)
	}
	when := c.hits(members, hits)
	if when == nil {
		return nil
	}
	return append(out, c.countOf(per, aggs), &grammar.When{At: c.at(k.at), X: when}, c.emitShow(shown...))
}

// negates reports whether a condition holds `not`.
func negates(x cond) bool {
	found := false
	walkCond(x, func(x cond) {
		_, is := x.(*condNot)
		found = found || is
	})
	return found
}

// maxCombinations bounds what `gte: n` of many rules is written out to.
const maxCombinations = 200

// hits is the condition over which rules were seen: by names, by number, or all of them.
func (c *converter) hits(members []*member, hits []grammar.Expr) grammar.Expr {
	k := c.doc.correlation.condition
	if k == nil || k.text == nil && len(k.bounds) == 0 {
		return join("and", hits)
	}
	if k.text != nil {
		return c.namedHits(k.text, members, hits)
	}
	least, most := 1, len(hits)
	for _, b := range k.bounds {
		n := int(b.num)
		switch b.word {
		case "gte":
			least = max(least, n)
		case "gt":
			least = max(least, n+1)
		case "lte":
			most = min(most, n)
		case "lt":
			most = min(most, n-1)
		case "eq":
			least, most = max(least, n), min(most, n)
		case "neq":
			switch {
			case n <= 0 || n > len(hits):
			case n == 1:
				least = 2
			case n == len(hits):
				most = n - 1
			default:
				c.fault(diag.SigmaCannot, b.node, "a number of rules is left out of the middle", "write a condition over the names of the rules")
				return nil
			}
		}
	}
	if least > most {
		c.corrFault(k.at, fmt.Sprintf("no number of %d rules fulfils the condition", len(hits)), "the number is that of different rules that match")
		return nil
	}
	var xs []grammar.Expr
	if least > 1 {
		xs = append(xs, c.atLeast(hits, least))
	}
	if most < len(hits) {
		if x := c.atLeast(hits, most+1); x != nil {
			xs = append(xs, not(x))
		}
	}
	if slices.Contains(xs, nil) || c.diags.HasErrors() {
		return nil
	}
	if len(xs) == 0 {
		return join("or", hits)
	}
	return join("and", xs)
}

// atLeast writes out the combinations of n of the conditions.
func (c *converter) atLeast(hits []grammar.Expr, n int) grammar.Expr {
	var out []grammar.Expr
	var pick func(from int, chosen []grammar.Expr) bool
	pick = func(from int, chosen []grammar.Expr) bool {
		if len(chosen) == n {
			out = append(out, join("and", chosen))
			return len(out) <= maxCombinations
		}
		for i := from; i <= len(hits)-(n-len(chosen)); i++ {
			if !pick(i+1, append(slices.Clone(chosen), hits[i])) {
				return false
			}
		}
		return true
	}
	if !pick(0, nil) {
		c.fault(diag.SigmaCannot, c.doc.correlation.condition.at, fmt.Sprintf("%d of %d rules are more than %d combinations", n, len(hits), maxCombinations), "write a condition over the names of the rules")
		return nil
	}
	return join("or", out)
}

func (c *converter) namedHits(x cond, members []*member, hits []grammar.Expr) grammar.Expr {
	switch x := x.(type) {
	case *condName:
		return hits[slices.IndexFunc(members, func(m *member) bool { return m.ref.text == x.name })]
	case *condNot:
		return not(c.namedHits(x.x, members, hits))
	case *condJoin:
		var xs []grammar.Expr
		for _, y := range x.xs {
			xs = append(xs, c.namedHits(y, members, hits))
		}
		return join(x.op, xs)
	case *condOf:
	}
	return nil
}

// steps makes `sequence` and `together`.
func (c *converter) steps(members []*member, keys [][]string, ordered bool) []grammar.Clause {
	k := c.doc.correlation
	missing, ok := c.missing(members, ordered)
	if !ok {
		return nil
	}
	if len(keys) == 0 {
		c.fault(diag.SigmaCannot, k.at, fmt.Sprintf("`%s` has no `group-by`", k.kind), "steps of different events belong together by a field that they share: write `group-by`")
		return nil
	}
	if !ordered && overlap(members, missing) {
		c.diags = append(c.diags, diag.New(diag.SigmaOdd, c.text.span(k.kindAt), "an event that two of the rules find counts for one of them alone", "the rules look at different events; give them one log source to let an event count for both"))
	}
	s := &grammar.Sequence{At: c.at(k.at), Ordered: ordered, Within: c.timespan()}
	for i, row := range keys {
		s.By = append(s.By, c.path(k.groupBy[i], row[0]))
	}
	for i, m := range members {
		at := c.at(m.ref.node)
		st := &grammar.Step{At: at, Name: grammar.Name{At: at, Text: m.name}, From: m.conv.fromClause(), Where: &grammar.Where{At: at, X: m.x}}
		if missing[i] {
			st.Kind = grammar.Missing
		}
		if slices.ContainsFunc(keys, func(row []string) bool { return row[i] != row[0] }) {
			for j, row := range keys {
				st.By = append(st.By, c.path(k.groupBy[j], row[i]))
			}
		}
		s.Steps = append(s.Steps, st)
	}
	var out []grammar.Clause
	for _, d := range c.defs {
		out = append(out, d)
	}
	return append(out, s)
}

// missing says which rules must not match: `a and not b`. Other conditions have no form over steps.
func (c *converter) missing(members []*member, ordered bool) ([]bool, bool) {
	out := make([]bool, len(members))
	k := c.doc.correlation.condition
	if k == nil {
		return out, true
	}
	for _, b := range k.bounds {
		n := len(members)
		all := b.word == "gte" && int(b.num) == n || b.word == "gt" && int(b.num) == n-1 || b.word == "eq" && int(b.num) == n
		if !all {
			c.fault(diag.SigmaCannot, b.node, fmt.Sprintf("the number of matching rules is compared with %s", b.text), "over events of different classes, or in an order, all rules must match: leave the condition out")
			return nil, false
		}
	}
	if k.text == nil {
		return out, true
	}
	parts := []cond{k.text}
	if j, ok := k.text.(*condJoin); ok && j.op == "and" {
		parts = j.xs
	}
	for _, p := range parts {
		negated := false
		if x, ok := p.(*condNot); ok {
			negated, p = true, x.x
		}
		x, ok := p.(*condName)
		if !ok {
			c.fault(diag.SigmaCannot, k.textNode, "the condition joins rules by more than `and` and `not`", "over events of different classes, or in an order, a rule must match or must not: write a correlation for each combination")
			return nil, false
		}
		out[slices.IndexFunc(members, func(m *member) bool { return m.ref.text == x.name })] = negated
	}
	if !slices.Contains(out, false) {
		c.corrFault(k.textNode, "no rule must match", "name at least one rule without `not`")
		return nil, false
	}
	if ordered && out[0] {
		c.fault(diag.SigmaCannot, k.textNode, "the first rule must not match", "nothing comes before it, so there is no time in which it could be missing")
		return nil, false
	}
	return out, true
}

// overlap reports whether some event may be looked at by two rules that must match.
func overlap(members []*member, missing []bool) bool {
	for i, a := range members {
		for j, b := range members[:i] {
			if missing[i] || missing[j] {
				continue
			}
			for _, s := range a.conv.source.from.Sources() {
				if !slices.Contains(b.conv.source.from.Sources(), s) {
					continue
				}
				for _, x := range a.conv.source.from.Classes() {
					for _, y := range b.conv.source.from.Classes() {
						if schema.Covers(s, x, y) || schema.Covers(s, y, x) || ofRecords(s, x) || ofRecords(s, y) {
							return true
						}
					}
				}
			}
		}
	}
	return false
}

// ofRecords reports whether a class holds the records of a log, which may be events of other classes, too.
func ofRecords(source, class string) bool {
	bindings, _ := schema.Bindings("raw", source) // embedded data, which tests have read
	return slices.ContainsFunc(bindings, func(b *schema.Binding) bool {
		return b.General && slices.ContainsFunc(b.Classes, func(c schema.BoundClass) bool { return c.Class == class })
	})
}
