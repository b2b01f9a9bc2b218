package eql

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
)

var simulations = flag.Int("simulations", 60_000, "how many streams TestMachineAgrees draws")

// simEvent is an event of the one key of a simulated stream: its time, and the conditions that it fulfils.
type simEvent struct {
	at   int64
	fits []bool
}

// simulate is the machine of Elasticsearch as its page "How sequence queries handle matches" tells it, with no index, no batches
// and no text: the times of all complete sequences, and of those that wait for a missing event at the end the end of the span.
func simulate(s *ir.Sequence, events []simEvent) []int64 {
	type pending struct {
		times []int64
		from  int // the place of its last event in the stream
	}
	var stages []int
	for _, i := range s.Events() {
		for range s.Steps[i].Repeat {
			stages = append(stages, i)
		}
	}
	is := func(e simEvent, step int) bool { return e.fits[s.Steps[step].Cond] }
	span := s.Within.Milliseconds()
	slots := make([]*pending, len(stages))
	var out []int64
	for n, e := range events {
		for k := len(stages) - 1; k >= 0; k-- {
			if !is(e, stages[k]) {
				continue
			}
			next := &pending{[]int64{e.at}, n}
			if k > 0 {
				prev := slots[k-1]
				slots[k-1] = nil
				if prev == nil || e.at-prev.times[0] > span {
					continue
				}
				if slices.ContainsFunc(events[prev.from:n], func(u simEvent) bool {
					return slices.ContainsFunc(s.Untils(), func(i int) bool { return is(u, i) })
				}) {
					continue
				}
				next.times = append(slices.Clone(prev.times), e.at)
			}
			if k < len(stages)-1 {
				slots[k] = next
				continue
			}
			if at, ok := unbroken(s, events, stages, next.times); ok {
				out = append(out, at)
			}
		}
	}
	return out
}

// unbroken looks for missing events in a complete sequence.
func unbroken(s *ir.Sequence, events []simEvent, stages []int, times []int64) (at int64, ok bool) {
	none := func(gap []int, from, to int64) bool {
		return !slices.ContainsFunc(events, func(e simEvent) bool {
			return e.at > from && e.at < to && slices.ContainsFunc(gap, func(i int) bool { return e.fits[s.Steps[i].Cond] })
		})
	}
	n := 0
	for k := 1; k < len(stages); k++ {
		if stages[k] != stages[k-1] {
			n++
			if !none(s.Gap(n), times[k-1], times[k]) {
				return 0, false
			}
		}
	}
	last := times[len(times)-1]
	if !s.Waits() {
		return last, true
	}
	end := times[0] + s.Within.Milliseconds()
	return end, none(s.Gap(n+1), last, end+1)
}

// drawSequence draws a sequence over three conditions.
func drawSequence(r *rand.Rand) *ir.Sequence {
	s := &ir.Sequence{Ordered: true, Within: time.Duration(1+r.IntN(8)) * time.Millisecond, Per: []int{}}
	for i := range 1 + r.IntN(5) {
		st := ir.Step{Kind: ir.StepEvent, Cond: r.IntN(3), Repeat: 1, Keys: []int{}}
		switch k := r.IntN(8); {
		case k == 0:
			st.Kind = ir.StepUntil
		case k < 3 && i > 0:
			st.Kind = ir.StepMissing
		case k == 3:
			st.Repeat = 2 + r.IntN(2)
		}
		s.Steps = append(s.Steps, st)
	}
	return s
}

// TestMachineAgrees holds the machine against the meaning, on random streams of a key: of every shape that is not refused the
// first complete sequence ends when the first chain does, and all others end where some chain does. Of the shapes that are
// refused for what may be missing there are some on which the two differ.
func TestMachineAgrees(t *testing.T) {
	differ := map[string]int{}
	held, found := 0, 0
	for seed := range *simulations {
		r := rand.New(rand.NewPCG(uint64(seed), 4))
		s := drawSequence(r)
		if len(s.Events()) == 0 || len(s.Gap(0)) > 0 || shapeLevel(s).Kind == backends.Refuse {
			continue
		}
		rule := &ir.Rule{Body: s}
		var events []simEvent
		var rows []eval.Row
		for at := int64(1); len(events) < 12 && at < 24; at += int64(1 + r.IntN(3)) {
			e := simEvent{at, []bool{r.IntN(3) == 0, r.IntN(3) == 0, r.IntN(3) == 0}}
			events = append(events, e)
			rows = append(rows, eval.Row{ID: fmt.Sprint(100 + at), Millis: at, Conds: e.fits})
		}
		want, got := eval.Findings(rule, rows, eval.Always), simulate(s, events)
		same := len(want) == 0 && len(got) == 0 || len(want) > 0 && len(got) > 0 && want[0].Time == slices.Min(got)
		for _, at := range got {
			same = same && len(eval.Findings(rule, rows, eval.Range{From: at, To: at + 1})) > 0
		}
		if l := missingLevel(s); l.Kind == backends.Refuse {
			if !same {
				differ[l.Why]++
			}
			continue
		}
		if held++; len(want) > 0 {
			found++
		}
		if !same {
			t.Fatalf("seed %d: the rule finds %v, the machine %v\n%+v\n%v", seed, want, got, *s, events)
		}
	}
	t.Logf("%d streams, %d with findings; the machine differs on what is refused: %v", held, found, differ)
	if found*5 < held || len(differ) < 3 {
		t.Errorf("%d of %d streams have findings, and %d reasons to refuse show", found, held, len(differ))
	}
}
