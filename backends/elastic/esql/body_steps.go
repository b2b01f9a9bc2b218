package esql

import (
	"slices"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/backends/elastic/rewrite"
	"github.com/onerule/onerule/ir"
)

// stepCond is the condition of a step on an event.
func (x *body) stepCond(cond int) syntax.Expr { return syntax.Any(x.stepConds(cond)...) }

// stepConds are the members of the condition of a step, of which one is enough.
func (x *body) stepConds(cond int) []syntax.Expr {
	parts := partsOf(x.bound, cond)
	same := len(parts) == len(x.bound.Parts)
	for _, p := range parts {
		same = same && ir.PrintPred(p.Conds[cond]) == ir.PrintPred(parts[0].Conds[cond])
	}
	if same {
		return []syntax.Expr{lower(parts[0].Conds[cond])}
	}
	var alternatives []syntax.Expr
	for n, p := range x.bound.Parts {
		if !possible(p.Conds[cond]) {
			continue
		}
		here := syntax.Expr(syntax.Op(syntax.Eq, syntax.Col(x.part), syntax.Int(int64(n+1))))
		if c, ok := p.Conds[cond].(*ir.Const); !ok || !c.Value {
			here = syntax.All(here, lower(p.Conds[cond]))
		}
		alternatives = append(alternatives, here)
	}
	return alternatives
}

// anyStep is the condition that an event is of some of the steps.
func (x *body) anyStep(s *ir.Sequence, steps []int) syntax.Expr {
	var out []syntax.Expr
	var seen []string
	for _, i := range steps {
		if len(partsOf(x.bound, s.Steps[i].Cond)) == 0 {
			continue
		}
		for _, c := range x.stepConds(s.Steps[i].Cond) {
			if text := syntax.PrintExpr(c); !slices.Contains(seen, text) {
				seen, out = append(seen, text), append(out, c)
			}
		}
	}
	return syntax.Any(out...)
}

func allSteps(s *ir.Sequence) []int {
	out := make([]int, len(s.Steps))
	for i := range out {
		out[i] = i
	}
	return out
}

// stepKeys adds the columns of the keys, given a column that tells the step where the steps have different ones ("").
func (x *body) stepKeys(s *ir.Sequence, step string) []string {
	var names []string
	var computed []syntax.Field
	for k := range s.Per {
		var args []syntax.Expr
		var field *ir.Field
		array, fold := false, false
		for i := range s.Steps {
			var own []syntax.Expr
			for n, p := range x.bound.Parts {
				if !possible(p.Conds[s.Steps[i].Cond]) {
					continue
				}
				key := p.Keys[s.Steps[i].Keys[k]]
				if f, ok := key.Term.(*ir.Field); ok {
					field, array = f, array || f.Array
				}
				fold = fold || key.Fold
				own = append(own, eq(syntax.Col(x.part), syntax.Int(int64(n+1))), argument(key.Term))
			}
			if len(own) > 0 {
				args = append(args, eq(syntax.Col(step), syntax.Int(int64(i+1))), choice(own))
			}
		}
		v := choice(args)
		if _, plain := v.(*syntax.Column); plain && !array && !fold && !slices.Contains(names, rewrite.Path(field)) {
			names = append(names, rewrite.Path(field))
			x.names[rewrite.Path(field)] = true
			continue
		}
		if fold {
			v = syntax.Func("TO_LOWER", v)
		}
		if array {
			v = syntax.Func("MV_DEDUPE", v)
		}
		name := x.fresh(keyWord(x.rule.Keys[s.Per[k]]))
		names, computed = append(names, name), append(computed, syntax.Named(name, v))
		if array {
			defer func() { x.add(&syntax.MvExpand{Name: syntax.NameOf(name)}) }()
		}
	}
	x.eval(computed...)
	return names
}

// choice is CASE of conditions and values, or the value when there is but one.
func choice(args []syntax.Expr) syntax.Expr {
	for i := 3; i < len(args); i += 2 {
		if syntax.PrintExpr(args[i]) != syntax.PrintExpr(args[1]) {
			return syntax.Func("CASE", args...)
		}
	}
	return args[1]
}

// hasKeys are the conditions that keys have a value.
func (x *body) hasKeys(s *ir.Sequence, names []string) []syntax.Expr {
	var out []syntax.Expr
	for k, name := range names {
		if ir.TermType(x.rule.Keys[s.Per[k]].Term).IsString() {
			out = append(out, syntax.Op(syntax.Ne, syntax.Col(name), syntax.String("")))
		} else {
			out = append(out, &syntax.IsNull{X: syntax.Col(name), Not: true})
		}
	}
	return out
}
