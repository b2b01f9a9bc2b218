package verify

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/schema"
)

// meant is a document that does what a rule means: at each tick it asks the evaluator. Its other fields are faults.
type meant struct {
	rule *ir.Rule
	// by moves the events of a step's condition in time, by milliseconds; from, to and look move the begin and the end of the
	// range of a tick, and the begin of what it reads.
	cond               int
	by, from, to, look int64
}

func (meant) Encode() ([]byte, error) { return nil, nil }

// meaning is a platform of such documents, on the native tables of Splunk.
type meaning struct {
	*streamJudge
	whole bool
}

func newMeaning(t *testing.T, r *ir.Rule, whole bool) *meaning {
	t.Helper()
	b, _ := all.Lookup("spl")
	out, diags := all.Prepare(r, b, all.Options{}, func(*ir.Bound) *backends.Level { return &backends.Level{Kind: backends.Native} })
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	art := &platform.Artefact{Rule: r, Bound: out.Bound, Lang: "spl", Timing: ir.TimingOf(r), Fidelity: out.Fidelity, Document: meant{rule: r}, Whole: whole}
	for i := range r.Per() {
		art.Columns.Keys = append(art.Columns.Keys, fmt.Sprint("key", i))
	}
	for i := range r.Emit.Shown {
		art.Columns.Shown = append(art.Columns.Shown, fmt.Sprint("shown", i))
	}
	art.Columns.Time = "time"
	if _, ok := r.Body.(*ir.Absence); ok {
		art.Columns.Time, art.Columns.From = "", "from"
	}
	m := &meaning{whole: whole}
	p := &platform.Platform{
		Name: "meaning", Decode: func([]byte) (platform.Document, error) { return meant{rule: r}, nil },
		Run: func(doc platform.Document, in schedule.Input) ([]schedule.Finding, diag.List) {
			return m.run(doc.(meant), in), nil
		},
	}
	j, err := newStreamJudge(out, p, art)
	if err != nil {
		t.Fatal(err)
	}
	m.streamJudge = j
	return m
}

// run asks the evaluator at each tick, of what has arrived.
func (m *meaning) run(doc meant, in schedule.Input) []schedule.Finding {
	r, timing := doc.rule, m.art.Timing
	var out []schedule.Finding
	for _, tick := range in.Ticks(timing.Every) {
		settled := timing.Settled(tick)
		rng := eval.Range{From: settled.Add(-timing.Every).UnixMilli(), To: settled.UnixMilli()}
		least := tick.Add(-timing.Lookback).UnixMilli()
		b, absence := r.Body.(*ir.Absence)
		if absence {
			rng.From, rng.To = rng.From-b.Window.Milliseconds()+1, rng.To-b.Window.Milliseconds()+1
			least = rng.From
		}
		if m.whole {
			least = settled.Add(-timing.Lookback).UnixMilli()
			rng.From = least
		}
		rng.From, rng.To, least = rng.From+doc.from, rng.To+doc.to, least+doc.look
		rows := m.rows(in, tick, least, absence)
		if doc.by != 0 {
			rows = shifted(rows, doc.cond, doc.by)
		}
		for _, f := range eval.Findings(r, rows, rng) {
			cols := map[string]any{"time": f.Time, "from": f.From}
			for i, v := range f.Key {
				cols[fmt.Sprint("key", i)] = v.JSON()
			}
			for i, vs := range f.Shown {
				var list []any
				for _, v := range vs {
					list = append(list, v.JSON())
				}
				cols[fmt.Sprint("shown", i)] = list
			}
			out = append(out, schedule.Finding{At: tick, Columns: cols})
		}
	}
	return out
}

func (m *meaning) rows(in schedule.Input, tick time.Time, least int64, absence bool) []eval.Row {
	var rows []eval.Row
	for t, table := range in.Tables {
		for n, native := range table.Rows {
			if in.Arrives[t][n] > tick.UnixMilli() {
				continue
			}
			for i, p := range m.out.Bound.Parts {
				e := schema.Event{ID: fmt.Sprintf("%03d-%05d", t, n), Object: native}
				if p.Class.Table != table.Name && p.Class.Table != "" {
					continue
				}
				c, ok := p.Binding.ToCanonical("x", native)
				if !ok {
					continue
				}
				e.Millis = c.Millis
				row, ok := m.columns[i].Row(&e)
				if !ok {
					continue
				}
				if absence {
					row.Arrives = in.Arrives[t][n]
				}
				if row.Millis >= least {
					rows = append(rows, row)
				}
				break
			}
		}
	}
	return rows
}

// shifted moves the rows on which a condition is true, as far as they are about that condition.
func shifted(rows []eval.Row, cond int, by int64) []eval.Row {
	var out []eval.Row
	for _, row := range rows {
		if row.Conds[cond] {
			alone, rest := row, slices.Clone(row.Conds)
			alone.Millis += by
			alone.Conds = make([]bool, len(rest))
			alone.Conds[cond], rest[cond] = true, false
			row.Conds = rest
			out = append(out, alone)
		}
		out = append(out, row)
	}
	return out
}

func orderingRules(t *testing.T) []*ir.Rule {
	t.Helper()
	ws := workspace.Load([]string{filepath.Join("testdata", "ordering.rule")}, "")
	if ws.Diags.HasErrors() {
		t.Fatal(ws.Diags.Err())
	}
	return ws.Rules
}

// TestOrderingWitnesses: a platform that does what a rule means agrees on every stream, each demand of the rule decides both
// ways, and a platform that means something else by a hair is found out.
func TestOrderingWitnesses(t *testing.T) {
	for _, r := range orderingRules(t) {
		for _, whole := range []bool{false, true} {
			b, ordering := r.Body.(*ir.Sequence)
			if testing.Short() && whole {
				continue
			}
			if whole && (!ordering || !b.Ordered && b.Waits()) {
				continue // what must be missing may stand before all that is read
			}
			t.Run(fmt.Sprintf("%s whole %v", r.Name, whole), func(t *testing.T) {
				t.Parallel()
				m := newMeaning(t, r, whole)
				s := newStreams(m.streamJudge)
				s.witnesses()
				began := time.Now()
				res := &Result{Rule: r, Backend: m.out.Backend, Output: m.out}
				m.judge(res, s.streams)
				t.Logf("%d streams, %d findings, %s, decisive %d/%d", res.Cases, res.Findings, time.Since(began), res.Coverage.Decisive, res.Coverage.Leaves)
				for _, d := range res.Disagreements {
					t.Errorf("%s: %s: %s\n%s", d.Case.Name, d.Why, d.Finding, d.Detail)
				}
				if res.Status != Agrees || res.Findings == 0 {
					t.Fatalf("%s, %v", res.Status, res.Diags)
				}
				for _, u := range res.Coverage.Undecided {
					t.Errorf("%s", u)
				}
				for name, fault := range faults(r, whole) {
					broken := *m.streamJudge
					broken.doc = fault
					if !slices.ContainsFunc(s.streams, func(s Stream) bool { return objects(&broken, []Stream{s}) }) {
						t.Errorf("is not found out: %s", name)
					}
				}
			})
		}
	}
}

// faults are documents that do not do what the rule means.
func faults(r *ir.Rule, whole bool) map[string]meant {
	out := map[string]meant{}
	for name, mutant := range bodyMutants(r) {
		out[name] = meant{rule: mutant}
	}
	if b, ok := r.Body.(*ir.Sequence); ok {
		for i, s := range b.Steps {
			for _, by := range []int64{-1, 1} {
				out[fmt.Sprintf("step %d %+d ms", i+1, by)] = meant{rule: r, cond: s.Cond, by: by}
			}
		}
	}
	seq, ordering := r.Body.(*ir.Sequence)
	for _, by := range []int64{-1, 1} {
		// a window ends at whole seconds; what waited before the range began before what is read
		if same := !ordering && by > 0 || ordering && seq.Ordered && seq.Waits() && by < 0; !whole && !same {
			out[fmt.Sprintf("range from %+d ms", by)] = meant{rule: r, from: by}
		}
		if by < 0 { // what ended since may be told early
			out[fmt.Sprintf("range to %+d ms", by)] = meant{rule: r, to: by}
		}
	}
	if ordering {
		out["reads a millisecond less"] = meant{rule: r, look: 1}
	}
	return out
}

// bodyMutants are rules that mean something else.
func bodyMutants(r *ir.Rule) map[string]*ir.Rule {
	out := map[string]*ir.Rule{}
	with := func(name string, b ir.Body, dropped ...int) {
		if b == nil {
			return
		}
		mutant := *r
		mutant.Body, mutant.Emit.Shown = b, nil
		for _, s := range r.Emit.Shown {
			if n, ok := s.Value.(*ir.NumStep); ok && len(dropped) > 0 && n.Step > dropped[0] {
				s.Value = &ir.NumStep{StepValue: ir.StepValue{Step: n.Step - 1, Arg: n.Arg}}
			}
			mutant.Emit.Shown = append(mutant.Emit.Shown, s)
		}
		out[name] = &mutant
	}
	switch b := r.Body.(type) {
	case *ir.Absence:
		for _, by := range []int{-1, 1} {
			x := *b
			x.Min += by
			with(fmt.Sprintf("min %+d", by), &x)
			y := *b
			y.Grace += time.Duration(by) * time.Millisecond
			with(fmt.Sprintf("grace %+d ms", by), &y)
		}
		for i := range b.Expected {
			x := *b
			x.Expected = slices.Delete(slices.Clone(b.Expected), i, i+1)
			with(fmt.Sprintf("without value %d", i+1), &x)
		}
	case *ir.Sequence:
		sequenceMutants(r, b, with)
	case *ir.Count, *ir.FirstSeen, *ir.Baseline, nil: // no ordering rules
	}
	return out
}

func sequenceMutants(r *ir.Rule, b *ir.Sequence, with func(string, ir.Body, ...int)) {
	change := func(name string, f func(x *ir.Sequence)) {
		x := *b
		x.Steps, x.Cross = slices.Clone(b.Steps), slices.Clone(b.Cross)
		f(&x)
		with(name, &x)
	}
	for _, by := range []time.Duration{-time.Millisecond, time.Millisecond, time.Minute, -b.Within / 2} {
		change("within "+by.String(), func(x *ir.Sequence) { x.Within += by })
	}
	change("order", func(x *ir.Sequence) { x.Ordered = !x.Ordered })
	for i, s := range b.Steps {
		name := fmt.Sprintf("step %d ", i+1)
		if len(r.Emit.Shown) == 0 || s.Kind != ir.StepEvent {
			with(name+"dropped", withoutStep(b, i), i)
		}
		if s.Kind == ir.StepEvent {
			change(name+"repeat more", func(x *ir.Sequence) { x.Steps[i].Repeat++ })
			if s.Repeat > 1 {
				change(name+"repeat less", func(x *ir.Sequence) { x.Steps[i].Repeat-- })
			}
		}
		if s.Kind == ir.StepUntil {
			change(name+"missing", func(x *ir.Sequence) { x.Steps[i].Kind = ir.StepMissing })
		}
		if s.Kind == ir.StepMissing {
			change(name+"until", func(x *ir.Sequence) { x.Steps[i].Kind = ir.StepUntil })
		}
		for c := range r.Conds {
			if c != s.Cond {
				change(fmt.Sprintf("%scondition %d", name, c+1), func(x *ir.Sequence) { x.Steps[i].Cond = c })
			}
		}
		if i > 0 && b.Ordered && (s.Kind == ir.StepEvent || b.Steps[i-1].Kind == ir.StepEvent) && s.Kind != ir.StepUntil && b.Steps[i-1].Kind != ir.StepUntil && len(b.Cross) == 0 && len(r.Emit.Shown) == 0 && s.Cond != b.Steps[i-1].Cond {
			change(name+"moved up", func(x *ir.Sequence) { x.Steps[i], x.Steps[i-1] = x.Steps[i-1], x.Steps[i] })
		}
	}
	for i := range b.Cross {
		change(fmt.Sprintf("comparison %d negated", i+1), func(x *ir.Sequence) { x.Cross[i].Negated = !x.Cross[i].Negated })
		change(fmt.Sprintf("comparison %d dropped", i+1), func(x *ir.Sequence) { x.Cross = slices.Delete(x.Cross, i, i+1) })
	}
}
