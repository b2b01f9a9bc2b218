package esql

import (
	"math/bits"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/ir"
)

// together counts, at the time of each event of a key, the events of the span that ends there. A chain ends at the first time at
// which there are enough of them: of each step, and of steps that share events of all of them together, since no event takes two
// steps (Hall's theorem).
func (x *body) together(s *ir.Sequence) backends.Columns {
	x.where(x.anyStep(s, allSteps(s)))
	per := x.stepKeys(s, "")
	x.where(x.hasKeys(s, per)...)
	at, now := x.fresh("time"), syntax.Col(timestamp)
	times := syntax.Named(at, syntax.Func("VALUES", now))
	if len(s.Untils()) > 0 {
		times.Where = x.anyStep(s, s.Events())
	}
	x.inline([]syntax.Field{times}, per...)
	x.add(&syntax.MvExpand{Name: syntax.NameOf(at)})
	x.where(le(now, syntax.Col(at)), ge(now, before(syntax.Col(at), s.Within)))
	group := append(append([]string{}, per...), at)
	if until := x.anyStep(s, s.Untils()); syntax.PrintExpr(until) != "FALSE" {
		ended := syntax.Named(x.fresh("until"), syntax.Func("MAX", now))
		ended.Where = syntax.All(lt(now, syntax.Col(at)), until)
		x.inline([]syntax.Field{ended}, group...)
		x.where(syntax.Any(&syntax.IsNull{X: syntax.Col(ended.Name)}, gt(now, syntax.Col(ended.Name))))
	}
	var aggs []syntax.Field
	var conds []syntax.Expr
	events := s.Events()
	for set := uint(1); set < 1<<len(events); set++ {
		var steps []int
		least, word := 0, "events"
		for i, step := range events {
			if set&(1<<i) != 0 {
				steps, least = append(steps, step), least+s.Steps[step].Repeat
				if name := s.Steps[step].Name; name != "" {
					word += "_" + name
				}
			}
		}
		if bits.OnesCount(set) > 1 && !x.share(s, steps) {
			continue
		}
		n := syntax.Named(x.fresh(word), syntax.CountStar())
		n.Where = x.anyStep(s, steps)
		aggs, conds = append(aggs, n), append(conds, ge(syntax.Col(n.Name), syntax.Int(int64(least))))
	}
	x.stats(aggs, group...)
	x.where(conds...)
	x.stats([]syntax.Field{syntax.Named(at, syntax.Func("MIN", syntax.Col(at)))}, per...)
	return x.found(s, at, per)
}

// share reports whether the steps hang together by events that may be of two of them: else the counts of some of them say all.
func (x *body) share(s *ir.Sequence, steps []int) bool {
	reached := map[int]bool{steps[0]: true}
	for range steps {
		for _, i := range steps {
			for _, j := range steps {
				if reached[i] && x.overlap(s.Steps[i].Cond, s.Steps[j].Cond) {
					reached[j] = true
				}
			}
		}
	}
	return len(reached) == len(steps)
}

// overlap reports whether an event may fulfil two conditions: events of one part may, unless the conditions exclude each other.
func (x *body) overlap(a, b int) bool {
	for _, p := range x.bound.Parts {
		if possible(p.Conds[a]) && possible(p.Conds[b]) && !exclude(p.Conds[a], p.Conds[b]) {
			return true
		}
	}
	return false
}

func possible(p ir.Pred) bool {
	c, ok := p.(*ir.Const)
	return !ok || c.Value
}

// exclude reports whether two conditions ask a field with one value for different ones.
func exclude(a, b ir.Pred) bool {
	for _, p := range conjuncts(a) {
		for _, q := range conjuncts(b) {
			x, ok := p.(*ir.Cmp)
			y, is := q.(*ir.Cmp)
			if ok && is && x.Op == ir.Eq && y.Op == ir.Eq && excludes(x, y) {
				return true
			}
		}
	}
	return false
}

func excludes(x, y *ir.Cmp) bool {
	f, ok := x.L.(*ir.Field)
	g, is := y.L.(*ir.Field)
	if !ok || !is || f.Array || g.Array || f.Name != g.Name {
		return false
	}
	for _, v := range x.R {
		for _, w := range y.R {
			if ir.Compare(ir.Eq, false, v, w) {
				return false
			}
		}
	}
	return true
}
