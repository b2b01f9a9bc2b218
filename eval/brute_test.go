package eval_test

import (
	"fmt"
	"math"
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

// TestFindingsByDefinition compares the evaluator with the definitions of ir/doc.go, read as they stand: over all windows and
// all tuples of values, with numbers computed in another way.
func TestFindingsByDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := irgen.TimelineRule(t)
		rows := rowsOf(t, r, irgen.TimelineEvents(t, 16))
		rng := eval.Always
		if rapid.IntRange(0, 3).Draw(t, "ranged") == 0 {
			rng = eval.Range{From: int64(rapid.IntRange(-5, 20).Draw(t, "from")) * 500, To: int64(rapid.IntRange(0, 60).Draw(t, "to")) * 500}
		}
		got := lines(r, eval.Findings(r, rows, rng))
		b := brute{r: r, rows: rows}
		want := b.findings(rng)
		sort.Strings(want)
		if !slices.Equal(got, want) {
			t.Fatalf("%s\nevaluator\n  %s\ndefinition\n  %s", ir.Print(r), strings.Join(got, "\n  "), strings.Join(want, "\n  "))
		}
	})
}

func rowsOf(t *rapid.T, r *ir.Rule, events []schema.Event) []eval.Row {
	rule, err := eval.New(r)
	if err != nil {
		t.Fatal(err)
	}
	var rows []eval.Row
	for i := range events {
		if row, ok := rule.Row(&events[i]); ok {
			rows = append(rows, row)
		}
	}
	return rows
}

// lines are the findings with what they show, sorted as texts.
func lines(r *ir.Rule, fs []ir.Finding) []string {
	var out []string
	for _, f := range fs {
		var shown []string
		for _, vs := range f.Shown {
			shown = append(shown, texts(vs))
		}
		out = append(out, line(f.Identity(), f.Event, shown))
	}
	sort.Strings(out)
	return out
}

func line(identity, event string, shown []string) string {
	return identity + " " + event + " " + strings.Join(shown, " | ")
}

func texts(vs []schema.Value) string {
	var out []string
	for _, v := range vs {
		if v.Type() == schema.Double || v.Type() == schema.Long {
			out = append(out, fmt.Sprintf("%.9f", v.Float64()+0))
		} else {
			out = append(out, v.String())
		}
	}
	return strings.ReplaceAll(strings.Join(out, ","), "-0.000000000", "0.000000000")
}

// brute computes findings by the definitions.
type brute struct {
	r    *ir.Rule
	rows []eval.Row
}

type rowTest func(eval.Row) bool

func (b *brute) some(tests ...rowTest) []eval.Row {
	var out []eval.Row
	for _, r := range b.rows {
		if !slices.ContainsFunc(tests, func(f rowTest) bool { return !f(r) }) {
			out = append(out, r)
		}
	}
	return out
}

func from(lo, hi int64) rowTest {
	return func(r eval.Row) bool { return lo <= r.Millis && r.Millis < hi }
}

// hasAll tests for the values of a tuple, of which only some keys are looked at.
func hasAll(tuple map[int]schema.Value, keys []int) rowTest {
	return func(r eval.Row) bool {
		return !slices.ContainsFunc(keys, func(k int) bool { return !slices.Contains(r.Keys[k], tuple[k]) })
	}
}

// tuples returns every combination of values that occur anywhere.
func (b *brute) tuples(keys []int) []map[int]schema.Value {
	out := []map[int]schema.Value{{}}
	for _, k := range keys {
		values := map[schema.Value]bool{}
		for _, r := range b.rows {
			for _, v := range r.Keys[k] {
				values[v] = true
			}
		}
		var next []map[int]schema.Value
		for v := range values {
			for _, t := range out {
				longer := map[int]schema.Value{k: v}
				for a, x := range t {
					longer[a] = x
				}
				next = append(next, longer)
			}
		}
		out = next
	}
	return out
}

func (b *brute) key(tuple map[int]schema.Value) []schema.Value {
	out := []schema.Value{}
	for _, k := range b.r.Per() {
		out = append(out, tuple[k])
	}
	return out
}

func (b *brute) line(f ir.Finding, nums numbersOf) string {
	var shown []string
	for _, s := range b.r.Emit.Shown {
		shown = append(shown, texts(nums.values(s.Value)))
	}
	return line(f.Identity(), f.Event, shown)
}

func (b *brute) findings(rng eval.Range) []string {
	in := func(t int64) bool { return rng.From <= t && t < rng.To }
	switch body := b.r.Body.(type) {
	case *ir.Count:
		switch body.Window.Kind {
		case ir.Tumbling:
			size := body.Window.Size.Milliseconds()
			return b.windows(body, size, size, func(start int64) bool { return in(start) })
		case ir.Hopping:
			size := body.Window.Size.Milliseconds()
			return b.windows(body, size, body.Window.Every.Milliseconds(), func(start int64) bool { return in(start + size) })
		case ir.Sliding:
			return b.sliding(body, in)
		case ir.Session:
			return b.session(body, in)
		}
	case *ir.Baseline:
		return b.baseline(body, in)
	case *ir.FirstSeen:
		return b.firstSeen(body, in)
	case *ir.Sequence, *ir.Absence, nil: // brute_sequence_test.go has those
	}
	var out []string
	for _, r := range b.rows {
		if in(r.Millis) {
			out = append(out, line(r.ID, r.ID, nil))
		}
	}
	return out
}

// span is more than the times of all rows and windows, in milliseconds.
const span = 60_000

func (b *brute) windows(c *ir.Count, size, every int64, asked func(int64) bool) []string {
	var out []string
	for tick := -span / every * every; tick < span; tick += every {
		start, end := tick-size, tick
		if !asked(start) {
			continue
		}
		for _, tuple := range b.tuples(c.Per) {
			if len(b.some(from(start, end), hasAll(tuple, c.Per))) == 0 {
				continue
			}
			nums := b.scopes(c, func(s ir.Scope) []eval.Row { return b.some(from(start, end), hasAll(tuple, s.Keys)) })
			if nums.holds(c.When) {
				out = append(out, b.line(ir.Finding{Key: b.key(tuple), From: start, To: end}, nums))
			}
		}
	}
	return out
}

func (b *brute) sliding(c *ir.Count, in func(int64) bool) []string {
	size := c.Window.Size.Milliseconds()
	var out []string
	for _, tuple := range b.tuples(c.Per) {
		at := func(t int64) numbersOf {
			return b.scopes(c, func(s ir.Scope) []eval.Row { return b.some(from(t-size+1, t+1), hasAll(tuple, s.Keys)) })
		}
		for _, t := range times(b.some(hasAll(tuple, c.Per))) {
			nums := at(t)
			recent := times(b.some(hasAll(tuple, c.Per), from(t-size+1, t)))
			before := len(recent) > 0 && at(recent[len(recent)-1]).holds(c.When)
			if nums.holds(c.When) && !before && in(t) {
				out = append(out, b.line(ir.Finding{Key: b.key(tuple), Time: t, Event: leastID(b.some(hasAll(tuple, c.Per), from(t, t+1)))}, nums))
			}
		}
	}
	return out
}

func times(rows []eval.Row) []int64 {
	var out []int64
	for _, r := range rows {
		out = append(out, r.Millis)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func leastID(rows []eval.Row) string {
	least := rows[0].ID
	for _, r := range rows {
		least = min(least, r.ID)
	}
	return least
}

func (b *brute) session(c *ir.Count, in func(int64) bool) []string {
	gap, longest := c.Window.Size.Milliseconds(), c.Window.Max.Milliseconds()
	var out []string
	for _, tuple := range b.tuples(c.Per) {
		var start, last int64
		before := false
		for i, t := range times(b.some(hasAll(tuple, c.Per))) {
			if i == 0 || t-last >= gap || t-start >= longest {
				start, before = t, false
			}
			last = t
			nums := b.scopes(c, func(ir.Scope) []eval.Row { return b.some(from(start, t+1), hasAll(tuple, c.Per)) })
			now := nums.holds(c.When)
			if now && !before && in(t) {
				out = append(out, b.line(ir.Finding{Key: b.key(tuple), Time: t, Event: leastID(b.some(hasAll(tuple, c.Per), from(t, t+1)))}, nums))
			}
			before = now
		}
	}
	return out
}

func (b *brute) scopes(c *ir.Count, rows func(ir.Scope) []eval.Row) numbersOf {
	n := numbersOf{}
	for _, s := range c.Scopes {
		var aggs [][]schema.Value
		for _, a := range s.Aggs {
			aggs = append(aggs, aggregateOf(a, rows(s)))
		}
		n.aggs = append(n.aggs, aggs)
	}
	return n
}

func (b *brute) baseline(x *ir.Baseline, in func(int64) bool) []string {
	size := x.Bucket.Milliseconds()
	var out []string
	measure := func(rows []eval.Row) float64 {
		if f := numberOf(aggregateOf(x.Measure, rows)); f != nil && len(rows) > 0 {
			return *f
		}
		return 0
	}
	// history returns the number of windows, the sum and the sum of squares of a tuple.
	history := func(tuple map[int]schema.Value, a int64) (h, s, q float64) {
		for w := a - x.Learn.Milliseconds(); w < a; w += size {
			if len(b.some(hasAll(tuple, x.Per), from(a-x.Learn.Milliseconds(), w+size))) == 0 {
				continue
			}
			m := measure(b.some(hasAll(tuple, x.Per), from(w, w+size)))
			h, s, q = h+1, s+m, q+m*m
		}
		return h, s, q
	}
	for a := -span / size * size; a < span; a += size {
		if !in(a) {
			continue
		}
		for _, tuple := range b.tuples(x.Per) {
			rows := b.some(hasAll(tuple, x.Per), from(a, a+size))
			if len(rows) == 0 {
				continue
			}
			h, s, q := history(tuple, a)
			n := numbersOf{aggs: [][][]schema.Value{{aggregateOf(x.Measure, rows)}}, history: "own"}
			if h < max(float64(x.Own), 1) {
				h, s, q, n.history = 0, 0, 0, "population"
				for _, other := range b.tuples(x.Per) {
					h2, s2, q2 := history(other, a)
					h, s, q = h+h2, s+s2, q+q2
				}
				if !x.Population {
					h = 0
				}
			}
			if h == 0 {
				continue
			}
			n.mean = s / h
			if h >= 2 {
				n.stddev = math.Sqrt(max(0, (h*q-s*s)/(h*(h-1))))
			}
			if n.holds(x.When) {
				out = append(out, b.line(ir.Finding{Key: b.key(tuple), From: a, To: a + size}, n))
			}
		}
	}
	return out
}

func (b *brute) firstSeen(x *ir.FirstSeen, in func(int64) bool) []string {
	every, history, warmup := x.Every.Milliseconds(), x.History.Milliseconds(), x.Warmup.Milliseconds()
	pair := append(slices.Clone(x.Per), x.Value)
	var out []string
	for s := -span / every * every; s < span; s += every {
		for _, tuple := range b.tuples(pair) {
			now := b.some(hasAll(tuple, pair), from(s, s+every))
			if len(now) == 0 || len(b.some(hasAll(tuple, pair), from(s-history, s))) > 0 {
				continue
			}
			if warmup > 0 && len(b.some(hasAll(tuple, x.Per), from(s-history, s-warmup))) == 0 {
				continue
			}
			t := times(now)[0]
			v := tuple[x.Value]
			if in(t) {
				out = append(out, b.line(ir.Finding{Key: b.key(tuple), Value: &v, Time: t, Event: leastID(b.some(hasAll(tuple, pair), from(t, t+1)))}, numbersOf{}))
			}
		}
	}
	return out
}
