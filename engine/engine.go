// Package engine runs a rule over a stream of events. It finds what package eval finds in the whole of them, with memory for
// the windows that are open and the groups in them, not for the stream. Tests compare the two on random rules and streams.
//
// Events come in the order of time, up to a lateness: an event that is older than the newest one by more is not used, and
// counted. What can still change waits for as long.
package engine

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// DefaultLateness is how late events may come unless the caller says otherwise.
const DefaultLateness = 5 * time.Minute

// Options say how a stream is read.
type Options struct {
	// Lateness is how much older than the newest event of the stream an event may be.
	Lateness time.Duration
	// Range says what is asked of a sequence, together or absence rule; the zero Range is everything.
	Range Range
	// Every is the length of evaluated ranges, each of which has at most one finding of a tuple of a sequence or together rule: a
	// schedule's distance of runs. 0 means that the whole stream is one range; then the tuples found are remembered.
	Every time.Duration
}

// Finding is what the rule finds.
type Finding struct {
	ir.Finding
	// First is the event of an event rule, or the first event of a first_seen rule; nil for others.
	First *schema.Event
}

// Engine runs one rule. It is not for several goroutines at once.
type Engine struct {
	rule   *ir.Rule
	where  predicate
	alts   map[string]predicate
	reader *reader
	ctx    context
	op     operator
	// carries reports that findings carry an event.
	carries bool
	// takes remembers the answers of [ir.Rule.Takes].
	takes            map[ir.ClassOn]bool
	lateness         int64
	newest, complete int64 // complete: everything before this time is known
	late             int
	// bySteps reports that what is read of an event depends on the step that it takes.
	bySteps bool
}

// operator is the body of a rule at work.
type operator interface {
	// add takes a row; nothing of it may be kept unless keeps is true, where the operator gives it back in time.
	add(r *row)
	keeps() bool
	// advance says that no row before a time comes any more; the findings that are settled now are appended.
	advance(complete int64, out []Finding) []Finding
}

// New prepares a rule. It fails when a literal does not parse, which [ir.Verify] would have said.
func New(r *ir.Rule, o Options) (*Engine, error) {
	e := &Engine{rule: r, alts: map[string]predicate{}, takes: map[ir.ClassOn]bool{}, lateness: o.Lateness.Milliseconds(), newest: math.MinInt64, complete: math.MinInt64}
	fail := func(err error) (*Engine, error) { return nil, fmt.Errorf("rule %s: %w", r.Name, err) }
	var err error
	if e.where, err = (compiler{}).pred(r.Where); err != nil {
		return fail(err)
	}
	for _, a := range r.Alts {
		if e.alts[a.Binding], err = (compiler{}).pred(a.Where); err != nil {
			return fail(err)
		}
	}
	if e.reader, err = newReader(r); err != nil {
		return fail(err)
	}
	e.op = newOperator(r, e.reader, o)
	_, e.carries = r.Body.(*ir.FirstSeen)
	_, e.bySteps = r.Body.(*ir.Sequence)
	return e, nil
}

func newOperator(r *ir.Rule, rd *reader, o Options) operator {
	switch b := r.Body.(type) {
	case *ir.Count:
		p := newPlan(r)
		switch b.Window.Kind {
		case ir.Tumbling:
			return &tumbling{plan: p, size: b.Window.Size.Milliseconds()}
		case ir.Hopping:
			return newHopping(p, b.Window)
		case ir.Sliding:
			return &ordered{reader: rd, next: newSliding(p, b.Window)}
		case ir.Session:
			return &ordered{reader: rd, next: &sessions{plan: p, gap: b.Window.Size.Milliseconds(), longest: b.Window.Max.Milliseconds(), groups: map[string]*session{}}}
		}
	case *ir.Baseline:
		return newBaseline(newPlan(r), b)
	case *ir.FirstSeen:
		return &ordered{reader: rd, next: newFirstSeen(b)}
	case *ir.Sequence:
		return newSteps(r, b, rd, o)
	case *ir.Absence:
		return newAbsence(b, o)
	case nil:
	}
	return nil
}

// Push takes the next event and returns the findings that are settled by it. An event that is read in several ways is pushed
// in all of its readings at once: it is one event still, which counts in the first reading that fits, and of the steps of a
// sequence takes one, in the first reading that fits the step.
func (e *Engine) Push(readings ...*schema.Event) []Finding {
	if e.op == nil {
		for _, ev := range readings {
			if e.matches(ev) {
				return []Finding{{Finding: ir.Finding{Time: ev.Millis, Event: ev.ID}, First: ev}}
			}
		}
		return nil
	}
	if a, ok := e.op.(*absence); ok {
		return e.arrive(a, readings[0].Millis, readings...)
	}
	var out []Finding
	var r *row
	for _, ev := range readings {
		out = e.tick(ev.Millis, out)
		switch {
		case r == nil && e.matches(ev):
			r = e.row(ev)
		case r != nil && e.bySteps && e.matches(ev):
			r = e.both(r, e.row(ev))
		}
	}
	switch {
	case r == nil:
		return out
	case r.millis < e.complete:
		e.late++
	default:
		e.op.add(r)
		if e.op.keeps() {
			return out
		}
	}
	e.reader.put(r)
	return out
}

// tick says that an event of a time has come.
func (e *Engine) tick(now int64, out []Finding) []Finding {
	if now <= e.newest {
		return out
	}
	e.newest = now
	if e.newest-e.lateness <= e.complete {
		return out
	}
	e.complete = e.newest - e.lateness
	return append(out, inOrder(e.op.advance(e.complete, nil))...)
}

// row reads what the body reads of an event that is one of the rule's.
func (e *Engine) row(ev *schema.Event) *row {
	r := e.reader.get()
	e.reader.fill(r, &e.ctx)
	if e.carries {
		r.event = ev
	}
	return r
}

// both makes one row of two readings of an event: each step has the keys and values of the first one that fits it.
func (e *Engine) both(a, b *row) *row {
	out := e.reader.get()
	out.millis, out.id, out.event = a.millis, a.id, a.event
	for i := range out.keys {
		out.keys[i] = out.keys[i][:0]
	}
	for i := range out.args {
		out.args[i] = out.args[i][:0]
	}
	from := func(cond int) *row {
		if a.conds[cond] {
			return a
		}
		return b
	}
	for i := range out.conds {
		out.conds[i] = from(i).conds[i]
	}
	steps := e.rule.Body.(*ir.Sequence).Steps
	for i := range steps {
		if of := from(steps[i].Cond); of.conds[steps[i].Cond] {
			for _, k := range steps[i].Keys {
				out.keys[k] = distinct(append(out.keys[k], of.keys[k]...), 0)
			}
		}
	}
	for _, v := range e.rule.StepValues() {
		if of := from(steps[v.Step].Cond); of.conds[steps[v.Step].Cond] {
			out.args[v.Arg] = distinct(append(out.args[v.Arg], of.args[v.Arg]...), 0)
		}
	}
	e.reader.put(a)
	e.reader.put(b)
	return out
}

// Close ends the stream and returns the findings that waited for more.
func (e *Engine) Close() []Finding {
	if e.op == nil {
		return nil
	}
	e.complete = math.MaxInt64
	return inOrder(e.op.advance(e.complete, nil))
}

// Late returns how many events of the rule came too late to be used.
func (e *Engine) Late() int { return e.late }

// matches reports whether an event is one of the rule's.
func (e *Engine) matches(ev *schema.Event) bool {
	on := ir.ClassOn{Class: ev.Class, Source: ev.Source}
	takes, known := e.takes[on]
	if !known {
		takes = e.rule.Takes(ev.Class, ev.Source)
		e.takes[on] = takes
	}
	if !takes {
		return false
	}
	where := e.where
	if alt, ok := e.alts[ev.Binding]; ok {
		where = alt
	}
	e.ctx.event = ev
	return where(&e.ctx)
}

// inOrder sorts findings that were settled together.
func inOrder(fs []Finding) []Finding {
	slices.SortFunc(fs, func(a, b Finding) int { return ir.CompareFindings(a.Finding, b.Finding) })
	return fs
}
