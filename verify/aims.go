package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// aim is what a witness is looked for: a leaf decides, and some goals hold.
type aim struct {
	path  []ir.Pred // to the leaf
	name  string
	goals []goal
	// whole aims get mutants at every place, those of one literal out of many at fewer, bare ones none.
	whole, bare bool
}

// targets returns what witnesses of a form are looked for.
func (c *collector) targets(f *form, paths [][]ir.Pred, tried []int) []aim {
	var out []aim
	for _, i := range tried {
		path := paths[i]
		leaf := path[len(path)-1]
		add := func(name string, whole, bare bool, goals ...goal) {
			out = append(out, aim{path, fmt.Sprintf("%s leaf %d %s", f.label, i+1, name), goals, whole, bare})
		}
		add("true", true, false, goal{leaf, true})
		add("false", true, false, goal{leaf, false})
		literals := literalGoals(leaf)
		if cmp, ok := leaf.(*ir.Cmp); ok && len(literals) > 0 && len(literals) < len(cmp.R) {
			c.bound("%s: of the %d literals of condition %d the first %d were tried", f.label, len(cmp.R), i+1, len(literals))
		}
		for k, goals := range literals {
			add(fmt.Sprintf("literal %d", k+1), false, k >= mutatedLiterals, goals...)
		}
		for k, goals := range elementGoals(leaf) {
			add(fmt.Sprintf("element %d", k+1), false, false, goals...)
		}
		for k, goals := range edgeGoals(leaf) {
			add(fmt.Sprintf("edge %d", k+1), false, false, goals...)
		}
	}
	return out
}

// compileTargets makes a rule that can be asked about a predicate and about the goals of aims.
func compileTargets(p ir.Pred, targets []aim) (*eval.Rule, error) {
	var sets [][]goal
	for _, t := range targets {
		sets = append(sets, t.goals)
	}
	return compileGoals(p, sets)
}

const (
	// maxLeaves bounds the conditions of a rule that get witnesses, over all parts: a search for words in any field is one on
	// each field. Of very many fewer are tried.
	maxLeaves   = 600
	leastLeaves = 100
	leafWork    = 1_000_000
	// leavesOfLiteral are tried of each literal at least: on some fields, those that select events, it may be impossible.
	leavesOfLiteral = 3
)

// chosenLeaves returns at most n of the leaves at the ends of paths, as indices in ascending order: first some with
// each literal, then one on each kind of field, then others evenly.
func chosenLeaves(paths [][]ir.Pred, n int) []int {
	if len(paths) <= n {
		n = len(paths)
	}
	taken := map[int]bool{}
	take := func(each int, features func(ir.Pred) []string) {
		var order []string
		with := map[string][]int{}
		for i, path := range paths {
			for _, what := range features(path[len(path)-1]) {
				if with[what] == nil {
					order = append(order, what)
				}
				with[what] = append(with[what], i)
			}
		}
		for _, what := range order {
			for _, i := range spreadOver(with[what], each) {
				if len(taken) < n {
					taken[i] = true
				}
			}
		}
	}
	take(leavesOfLiteral, literalTexts)
	take(1, fieldKinds)
	var others []int
	for i := range paths {
		if !taken[i] {
			others = append(others, i)
		}
	}
	for _, i := range spreadOver(others, n-len(taken)) {
		taken[i] = true
	}
	return slices.Sorted(maps.Keys(taken))
}

// fieldKinds says what kinds of fields a predicate reads: those that languages may treat in different ways.
func fieldKinds(p ir.Pred) []string {
	var out []string
	for _, f := range ir.FieldsOf(p) {
		kind := fmt.Sprint(f.Type, f.Array)
		if n := f.Native; n != nil {
			top, _, _ := strings.Cut(n.Path, ".")
			kind += fmt.Sprint(top, strings.Count(n.Path, "."), n.Type, n.Array, n.JSON, n.Layout, n.Spelling.Lower, len(n.Spelling.Fixed) > 0)
		}
		out = append(out, kind)
	}
	return out
}

// literalGoals returns, for a comparison with several literals, goals under which one literal alone makes it true.
func literalGoals(p ir.Pred) [][]goal {
	c, ok := p.(*ir.Cmp)
	if !ok || len(c.R) < 2 {
		return nil
	}
	var out [][]goal
	for i, v := range c.R {
		if i == maxLiterals {
			break
		}
		one := &ir.Cmp{Op: c.Op, Cased: c.Cased, L: c.L, R: []schema.Value{v}, Span: c.Span}
		others := &ir.Cmp{Op: c.Op, Cased: c.Cased, L: c.L, R: slices.Delete(slices.Clone(c.R), i, i+1), Span: c.Span}
		out = append(out, []goal{{one, true}, {others, false}})
	}
	return out
}

// edgeGoals returns goals under which a comparison of order or of a calculation stands on its edge, and under which a field
// of the leaf is missing.
func edgeGoals(p ir.Pred) [][]goal {
	var out [][]goal
	switch p := p.(type) {
	case *ir.Cmp:
		if _, plain := p.L.(*ir.Field); plain && p.Op == ir.Eq || ir.TermType(p.L).IsString() || p.Op == ir.InCIDR {
			break
		}
		for i, v := range p.R {
			if i < mutatedLiterals {
				out = append(out, []goal{{&ir.Cmp{Op: ir.Eq, L: p.L, R: []schema.Value{v}, Span: p.Span}, true}})
			}
		}
	case *ir.Rel:
		if p.Op != ir.Eq {
			out = append(out, []goal{{&ir.Rel{Op: ir.Eq, L: p.L, R: p.R, Span: p.Span}, true}})
		}
	case *ir.And, *ir.Or, *ir.Not, *ir.Const, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	for _, f := range ir.FieldsOf(p) {
		if f.Name != timeField {
			out = append(out, []goal{{&ir.Exists{F: f, Span: p.Pos()}, false}})
		}
	}
	return out
}

const (
	maxLiterals     = 400 // of one list get a witness of their own
	mutatedLiterals = 24  // of them get mutants, too
)

// elementGoals returns, for a quantifier, goals under which each condition on an element is true of some element and the
// whole is false nevertheless, and under which each alone is not true of an element.
func elementGoals(p ir.Pred) [][]goal {
	q, ok := p.(*ir.Quant)
	if !ok {
		return nil
	}
	and, ok := q.Body.(*ir.And)
	if !ok {
		return nil
	}
	some := func(x ir.Pred) ir.Pred {
		return &ir.Quant{Kind: ir.Any, Var: q.Var, Over: q.Over, Body: x, Span: q.Span}
	}
	apart := []goal{{q, false}}
	var out [][]goal
	for i, x := range and.Xs {
		if ir.ReadsSubfields(q.Body, q.Var) && !ir.ReadsSubfields(x, q.Var) {
			return nil
		}
		apart = append(apart, goal{some(x), true})
		alone := []goal{{some(x), false}}
		for k, y := range and.Xs {
			if k != i {
				alone = append(alone, goal{some(y), true})
			}
		}
		out = append(out, alone)
	}
	return append(out, apart)
}
