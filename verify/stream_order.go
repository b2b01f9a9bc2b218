package verify

import (
	"fmt"
	"slices"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/schema"
)

// orders makes the streams of a sequence or together rule.
type orders struct {
	*streams
	seq *ir.Sequence
	// of holds, by step, the kinds of events that fit it, the plainest first.
	of [][]int
	// base is a chain that the rule finds, in the order of time; of each mark the step is known.
	base []placed
	span int64
	// seen holds the streams that were added.
	seen map[string]bool
}

// placed is a mark that takes a step.
type placed struct {
	mark
	step int
}

// orders adds streams around one chain that the rule finds, and drawn ones.
func (m *streams) orders(b *ir.Sequence) {
	m.findStepKinds()
	o := &orders{streams: m, seq: b, span: b.Within.Milliseconds(), seen: map[string]bool{}}
	for _, s := range b.Steps {
		o.of = append(o.of, o.fitting(s.Cond))
	}
	if o.base = o.chain(); o.base != nil {
		o.plain()
		o.strange()
		o.spans()
		o.sequels()
		o.groups()
		o.voids()
		o.repeats()
		o.values()
		o.edgesOfTicks()
	}
	o.drawn()
}

// findStepKinds looks, for each part, for events on which each of the conditions that are asked of its class is true alone, or
// at least true; all false, and all true; then for events on which one leaf of a condition is false.
func (m *streams) findStepKinds() {
	r := m.j.out.Rule
	type wanted struct {
		where ir.Pred
		conds []int
	}
	parts := make([]wanted, len(m.j.out.Bound.Parts))
	for i, p := range m.j.out.Bound.Parts {
		w := wanted{where: r.Condition(p.Binding.Name)}
		for c := range r.Conds {
			if r.CondTakes(c, p.Class.Class, p.Binding.Source) {
				w.conds = append(w.conds, c)
			}
		}
		parts[i] = w
		m.stepKinds(i, w.where, w.conds)
	}
	m.regular = len(m.kinds)
	for i, w := range parts {
		for _, c := range w.conds {
			var sets [][]goal
			var names []string
			before := len(m.kinds)
			for n, path := range leafPaths(pass.Canonical(r.Conds[c]), nil) {
				goals := append(append([]goal{{w.where, true}}, context(path)...), goal{path[len(path)-1], false})
				sets, names = append(sets, goals), append(names, fmt.Sprintf("leaf %d of condition %d false", n+1, c+1))
			}
			m.solve(i, w.where, sets, names)
			for k := before; k < len(m.kinds); k++ {
				m.kinds[k].fails = c
			}
		}
	}
}

func (m *streams) stepKinds(part int, where ir.Pred, conds []int) {
	r := m.j.out.Rule
	want := func(yes func(c int) bool) []goal {
		goals := []goal{{where, true}}
		for _, c := range conds {
			goals = append(goals, goal{r.Conds[c], yes(c)})
		}
		return goals
	}
	for _, c := range conds {
		before := len(m.kinds)
		m.solve(part, where, [][]goal{want(func(k int) bool { return k == c })}, []string{fmt.Sprintf("condition %d", c+1)})
		if len(m.kinds) == before { // it holds only together with another one
			m.solve(part, where, [][]goal{{{where, true}, {r.Conds[c], true}}}, []string{fmt.Sprintf("condition %d and others", c+1)})
		}
	}
	m.solve(part, where, [][]goal{want(func(int) bool { return false })}, []string{"no condition"})
	if len(conds) > 1 {
		m.solve(part, where, [][]goal{want(func(int) bool { return true })}, []string{"every condition"})
	}
}

// fitting returns the kinds on which a condition is true, those with the fewest other conditions first.
func (o *orders) fitting(cond int) []int {
	var out []int
	others := map[int]int{}
	for k := range o.regular {
		row, ok := o.j.canonical.Row(&o.kinds[k].event)
		if !ok || !row.Conds[cond] {
			continue
		}
		out = append(out, k)
		for _, holds := range row.Conds {
			if holds {
				others[k]++
			}
		}
	}
	slices.SortStableFunc(out, func(a, b int) int { return others[a] - others[b] })
	return out
}

// chain looks for a chain that the rule finds: of kinds of events, values of keys, and values that are compared.
func (o *orders) chain() []placed {
	n := 0
	for _, i := range o.seq.Events() {
		if len(o.of[i]) == 0 {
			return nil
		}
		n += o.seq.Steps[i].Repeat
	}
	if n > maxThreshold {
		return nil
	}
	gap := max(1, min(o.span/int64(n+1), 60_000))
	for _, kinds := range o.kindChoices() {
		for _, keys := range o.keyChoices(kinds) {
			for _, args := range o.argChoices() {
				var out []placed
				for p, i := range o.seq.Events() {
					for range o.seq.Steps[i].Repeat {
						k := mark{kind: kinds[i], millis: o.origin() + int64(len(out))*gap, keys: keys, args: o.argued(args[p])}
						out = append(out, placed{k, i})
					}
				}
				if o.finds(o.build("", marksOf(out))) {
					return out
				}
			}
		}
	}
	return nil
}

// kindChoices are kinds by step: the plainest; for each part those of it where there are some.
func (o *orders) kindChoices() [][]int {
	first := make([]int, len(o.of))
	for i, kinds := range o.of {
		if len(kinds) > 0 {
			first[i] = kinds[0]
		}
	}
	out := [][]int{first}
	for part := range o.j.out.Bound.Parts {
		choice := slices.Clone(first)
		for i, kinds := range o.of {
			if k := slices.IndexFunc(kinds, func(k int) bool { return o.kinds[k].part == part }); k >= 0 {
				choice[i] = kinds[k]
			}
		}
		out = append(out, choice)
	}
	return out
}

// keyChoices are values of the keys that the steps may share: made ones, or those that an event of a step cannot do without.
func (o *orders) keyChoices(kinds []int) []map[int][]any {
	out := []map[int][]any{o.keyed(1)}
	for _, i := range o.seq.Events() {
		row, _ := o.j.canonical.Row(&o.kinds[kinds[i]].event)
		keys := o.keyed(1)
		for p, k := range o.seq.Steps[i].Keys {
			if len(row.Keys) <= k || len(row.Keys[k]) == 0 {
				continue
			}
			for _, s := range o.seq.Steps {
				keys[s.Keys[p]] = []any{row.Keys[k][0].JSON()}
			}
		}
		out = append(out, keys)
	}
	return out
}

// argChoices are numbers of the values that steps hold, by place among the steps that events take.
func (o *orders) argChoices() [][]int {
	n := len(o.seq.Events())
	each, same := make([]int, n), make([]int, n)
	for i := range n {
		each[i], same[i] = i+1, 1
	}
	out := [][]int{each, same}
	for range maxDraws {
		drawn := make([]int, n)
		for i := range drawn {
			drawn[i] = 1 + o.rnd.IntN(3)
		}
		if len(o.seq.Cross) > 0 {
			out = append(out, drawn)
		}
	}
	return out
}

func marksOf(ps []placed) []mark {
	out := make([]mark, len(ps))
	for i, p := range ps {
		out[i] = p.mark
	}
	return out
}

// put adds a stream, once.
func (o *orders) put(name string, ps ...placed) {
	s := o.build(name, marksOf(ps))
	var id string
	for _, c := range s.Events {
		id += fmt.Sprintln(c.Part, jsonText(c.Native))
	}
	if len(s.Events) > 0 && !o.seen[id] {
		o.seen[id] = true
		o.streams.streams = append(o.streams.streams, s)
	}
}

// copied returns the chain, changed.
func (o *orders) copied(change func(p *placed)) []placed {
	out := slices.Clone(o.base)
	for i := range out {
		change(&out[i])
	}
	return out
}

// later returns the chain moved in time.
func (o *orders) later(by int64) []placed { return o.copied(func(p *placed) { p.millis += by }) }

// with returns the chain and more.
func (o *orders) with(more ...placed) []placed { return append(slices.Clone(o.base), more...) }

// first and last are the times of the chain's first and last event.
func (o *orders) first() int64 { return o.base[0].millis }
func (o *orders) last() int64  { return o.base[len(o.base)-1].millis }

// stepEvent makes an event of a step, with the key of the chain.
func (o *orders) stepEvent(step int, at int64) (placed, bool) {
	for _, p := range o.base {
		if p.step == step {
			p.millis = at
			return p, true
		}
	}
	if len(o.of[step]) == 0 {
		return placed{}, false
	}
	return placed{mark{kind: o.of[step][0], millis: at, keys: o.base[0].keys, args: o.argued(9)}, step}, true
}

// places returns the places in the chain of a step's events.
func (o *orders) places(step int) []int {
	var out []int
	for i, p := range o.base {
		if p.step == step {
			out = append(out, i)
		}
	}
	return out
}

// stepName names a step in the name of a stream.
func (o *orders) stepName(i int) string { return stepText(o.seq, i) }

// keyValue is the n-th value of a key that an event of the stream may carry, in the type of the key.
func (o *orders) keyValue(k, n int) any {
	return numberedKey(ir.TermType(o.j.out.Rule.Keys[k].Term), n)
}

// isText reports whether a key holds texts.
func (o *orders) isText(k int) bool {
	t := ir.TermType(o.j.out.Rule.Keys[k].Term)
	return t == schema.Keyword || t == schema.Text
}
