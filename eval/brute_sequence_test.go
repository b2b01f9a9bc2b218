package eval_test

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/irgen"
	"github.com/onerule/onerule/schema"
)

// TestSequencesByDefinition compares the evaluator with the definitions of [ir.Sequence] and [ir.Absence], read as they stand:
// every choice of events for every step is looked at.
func TestSequencesByDefinition(t *testing.T) {
	found, all := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		r := irgen.SequenceRule(t)
		events := irgen.SequenceEvents(t, 9)
		rng := eval.Always
		if rapid.IntRange(0, 2).Draw(t, "ranged") == 0 {
			rng = eval.Range{From: int64(rapid.IntRange(-5, 20).Draw(t, "from")) * 500, To: int64(rapid.IntRange(0, 60).Draw(t, "to")) * 500}
		}
		rows := rowsOf(t, r, events)
		for i := range rows {
			if rapid.IntRange(0, 5).Draw(t, "late") == 0 {
				rows[i].Arrives += int64(rapid.IntRange(0, 8).Draw(t, "by")) * 500
			}
		}
		got := lines(r, eval.Findings(r, rows, rng))
		b := brute{r: r, rows: rows}
		var want []string
		switch body := r.Body.(type) {
		case *ir.Sequence:
			want = b.sequence(body, rng)
		case *ir.Absence:
			want = b.absence(body, rng)
		case *ir.Count, *ir.FirstSeen, *ir.Baseline:
			t.Fatalf("a rule that orders nothing was drawn: %s", ir.Print(r))
		}
		sort.Strings(want)
		if !slices.Equal(got, want) {
			t.Fatalf("%s\nevaluator\n  %s\ndefinition\n  %s", ir.Print(r), strings.Join(got, "\n  "), strings.Join(want, "\n  "))
		}
		if all++; len(want) > 0 {
			found++
		}
	})
	if found*10 < all { // a quarter of them, more or less
		t.Errorf("only %d of %d streams have findings", found, all)
	}
}

// pick is the events that a step takes.
type pick struct {
	step int
	rows []eval.Row
	last eval.Row
}

func (p *pick) first() int64 { return times(p.rows)[0] }
func (p *pick) end() int64   { return p.last.Millis }

func (b *brute) sequence(s *ir.Sequence, rng eval.Range) []string {
	var out []string
	for _, tuple := range b.stepTuples(s) {
		fits := func(step int) []eval.Row {
			return b.some(func(r eval.Row) bool {
				if !r.Conds[s.Steps[step].Cond] {
					return false
				}
				for i, k := range s.Steps[step].Keys {
					if !slices.Contains(r.Keys[k], tuple[i]) {
						return false
					}
				}
				return true
			})
		}
		var best *told
		b.choices(s, fits, nil, func(picks []pick) {
			c := chainOf(s, picks, fits)
			if c != nil && rng.From <= c.time && c.time < rng.To && (best == nil || c.before(best)) {
				best = c
			}
		})
		if best == nil {
			continue
		}
		var shown []string
		for _, x := range b.r.Emit.Shown {
			v := x.Value.(*ir.NumStep)
			i := slices.IndexFunc(best.picks, func(p pick) bool { return p.step == v.Step })
			shown = append(shown, texts(best.picks[i].last.Args[v.Arg]))
		}
		f := ir.Finding{Key: append([]schema.Value{}, tuple...), Time: best.time}
		out = append(out, line(f.Identity(), best.event.ID, shown))
	}
	return out
}

// stepTuples returns every combination of values of all keys, by position.
func (b *brute) stepTuples(s *ir.Sequence) [][]schema.Value {
	out := [][]schema.Value{{}}
	for i := range s.Per {
		values := map[schema.Value]bool{}
		for _, st := range s.Steps {
			for _, r := range b.rows {
				for _, v := range r.Keys[st.Keys[i]] {
					values[v] = true
				}
			}
		}
		var next [][]schema.Value
		for v := range values {
			for _, t := range out {
				next = append(next, append(slices.Clone(t), v))
			}
		}
		out = next
	}
	return out
}

// choices calls f for every choice of events for the steps that events take, and every last event among those of equal times.
func (b *brute) choices(s *ir.Sequence, fits func(int) []eval.Row, picks []pick, f func([]pick)) {
	events := s.Events()
	if len(picks) == len(events) {
		f(picks)
		return
	}
	step := events[len(picks)]
	for _, set := range subsets(fits(step), s.Steps[step].Repeat) {
		if slices.ContainsFunc(picks, func(p pick) bool {
			return slices.ContainsFunc(p.rows, func(r eval.Row) bool {
				return slices.ContainsFunc(set, func(o eval.Row) bool { return o.ID == r.ID })
			})
		}) {
			continue
		}
		latest := times(set)[len(times(set))-1]
		for _, last := range set {
			if last.Millis == latest {
				b.choices(s, fits, append(slices.Clone(picks), pick{step: step, rows: set, last: last}), f)
			}
		}
	}
}

func subsets(rows []eval.Row, n int) [][]eval.Row {
	if n == 0 {
		return [][]eval.Row{nil}
	}
	var out [][]eval.Row
	for i := range rows {
		for _, rest := range subsets(rows[i+1:], n-1) {
			out = append(out, append([]eval.Row{rows[i]}, rest...))
		}
	}
	return out
}

// told is a chain with its time and last event.
type told struct {
	picks []pick
	time  int64
	event eval.Row
}

// before reports whether the chain is told rather than another.
func (c *told) before(o *told) bool {
	later := func(a, b eval.Row) int { return cmp.Or(cmp.Compare(b.Millis, a.Millis), cmp.Compare(a.ID, b.ID)) }
	order := cmp.Or(cmp.Compare(c.time, o.time), later(c.event, o.event))
	for i := range c.picks {
		order = cmp.Or(order, later(c.picks[i].last, o.picks[i].last))
	}
	return order < 0
}

// chainOf returns the chain of a choice, nil when it is none or void.
func chainOf(s *ir.Sequence, picks []pick, fits func(int) []eval.Row) *told {
	c := &told{picks: picks}
	first, last := picks[0].first(), picks[0].end()
	for i := range picks {
		first, last = min(first, picks[i].first()), max(last, picks[i].end())
		if s.Ordered && i > 0 && picks[i].first() <= picks[i-1].end() {
			return nil
		}
	}
	within := s.Within.Milliseconds()
	if last-first > within {
		return nil
	}
	c.time = last
	for _, x := range s.Cross {
		value := func(v ir.StepValue) []schema.Value {
			return picks[slices.IndexFunc(picks, func(p pick) bool { return p.step == v.Step })].last.Args[v.Arg]
		}
		holds := false
		for _, l := range value(x.L) {
			for _, r := range value(x.R) {
				holds = holds || ir.Compare(x.Op, x.Cased, l, r)
			}
		}
		if holds == x.Negated {
			return nil
		}
	}
	for i, st := range s.Steps {
		if st.Kind != ir.StepMissing {
			continue
		}
		lo, hi := last-within-1, first+within+1 // an event strictly between is one that must be missing
		if s.Ordered {
			for _, p := range picks {
				if p.step < i {
					lo = p.end()
				} else if hi > p.first() {
					hi = p.first()
				}
			}
		}
		if !s.Ordered || hi == first+within+1 {
			c.time = first + within
		}
		if slices.ContainsFunc(fits(i), func(r eval.Row) bool { return lo < r.Millis && r.Millis < hi }) {
			return nil
		}
	}
	for i, st := range s.Steps {
		if st.Kind == ir.StepUntil && slices.ContainsFunc(fits(i), func(r eval.Row) bool { return first <= r.Millis && r.Millis < c.time }) {
			return nil
		}
	}
	if s.Ordered {
		c.event = picks[len(picks)-1].last
		return c
	}
	for _, p := range picks {
		for _, r := range p.rows {
			if r.Millis == last && (c.event.ID == "" || r.ID < c.event.ID) {
				c.event = r
			}
		}
	}
	return c
}

func (b *brute) absence(a *ir.Absence, rng eval.Range) []string {
	size, grace := a.Window.Milliseconds(), a.Grace.Milliseconds()
	at := times(b.rows)
	var out []string
	for start := -span / size * size; start < span; start += size {
		asked := rng.From <= start && start < rng.To
		if rng == eval.Always {
			asked = len(at) > 0 && at[0] <= start && start+size+grace <= at[len(at)-1]
		}
		for _, v := range a.Expected {
			n := len(b.some(from(start, start+size), func(r eval.Row) bool { return slices.Contains(r.Keys[a.Key], v) && r.Arrives <= start+size+grace }))
			if asked && n < a.Min {
				f := ir.Finding{Key: []schema.Value{v}, From: start, To: start + size}
				out = append(out, line(f.Identity(), "", nil))
			}
		}
	}
	return out
}
