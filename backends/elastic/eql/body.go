package eql

import (
	"fmt"
	"slices"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/eql/syntax"
	"github.com/onerule/onerule/backends/elastic/rewrite"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
)

// The names of what a sequence of an answer tells. Elasticsearch answers with join_keys and events; the end of the span of a
// sequence is its first event's time and maxspan.
const spanEnd = "span_end"

func joinKey(i int) string              { return fmt.Sprintf("join_keys[%d]", i) }
func eventField(i int, f string) string { return fmt.Sprintf("events[%d].%s", i, f) }

// renderBody prints a sequence. The first event of one that is judged when its span is over has to be old enough.
func renderBody(b *ir.Bound, t backends.Timing) (backends.Query, diag.List) {
	s := b.Rule.Body.(*ir.Sequence)
	x := &sequence{bound: b, seq: s, clock: rewrite.OrderClockOf(b.Rule, t)}
	n, unit := rewrite.Unit(s.Within)
	q := &syntax.Sequence{MaxSpan: &syntax.Duration{Count: n, Unit: unit}}
	events := s.Events()
	for i := range events {
		x.missing(q, s.Gap(i))
		x.event(q, events[i])
	}
	x.missing(q, s.Gap(len(events)))
	if until := x.present(s.Untils()); len(until) > 0 {
		term := x.term(until)
		q.Until = &term
	}
	shareKeys(q)
	out := backends.Query{Text: syntax.Print(&syntax.Query{Statement: q}), Columns: x.columns()}
	for _, p := range b.Parts {
		out.Tables = append(out.Tables, p.Class.Table)
	}
	return out, nil
}

type sequence struct {
	bound *ir.Bound
	seq   *ir.Sequence
	clock rewrite.OrderClock
	// last holds the place of the last event of each event step in an answer, places how many there are.
	last   map[int]int
	places int
}

// present leaves out the steps that the telemetry never has.
func (x *sequence) present(steps []int) []int {
	return slices.DeleteFunc(slices.Clone(steps), func(i int) bool { return len(partsOf(x.bound, x.seq.Steps[i].Cond)) == 0 })
}

// missing adds the steps that must not happen in one place: `![ … or … ]`.
func (x *sequence) missing(q *syntax.Sequence, steps []int) {
	if steps = x.present(steps); len(steps) == 0 {
		return
	}
	term := x.term(steps)
	term.Missing = true
	q.Terms = append(q.Terms, term)
	x.places++
}

// event adds a step that events take.
func (x *sequence) event(q *syntax.Sequence, step int) {
	term := x.term([]int{step})
	n := x.seq.Steps[step].Repeat
	if n > 1 {
		term.Runs = n
	}
	if x.clock.Wait > 0 {
		old := syntax.Cmp(syntax.Le, syntax.F("@timestamp"), syntax.Str("now-"+rewrite.Words(x.clock.Wait)))
		term.Event.Where = conjunction(term.Event.Where, old)
	}
	q.Terms = append(q.Terms, term)
	x.places += n
	if x.last == nil {
		x.last = map[int]int{}
	}
	x.last[step] = x.places - 1
}

// term is a bracket with the events of some steps, which have the same keys.
func (x *sequence) term(steps []int) syntax.Term {
	type member struct {
		part ir.Part
		cond ir.Pred
	}
	var all []member
	for _, i := range steps {
		for _, p := range partsOf(x.bound, x.seq.Steps[i].Cond) {
			all = append(all, member{p, p.Conds[x.seq.Steps[i].Cond]})
		}
	}
	category := ""
	for i, m := range all {
		c, _ := categoryOf(m.part.Select)
		if i == 0 {
			category = c
		} else if c != category {
			category = ""
			break
		}
	}
	var alternatives []syntax.Expr
	for _, m := range all {
		rest := m.part.Select
		if category != "" {
			_, rest = categoryOf(rest)
		}
		alternatives = append(alternatives, conjunction(condition(rest), lower(m.part.Where), lower(m.cond)))
	}
	where := syntax.Any(alternatives...)
	var keys []*syntax.Field
	for _, k := range x.seq.Steps[steps[0]].Keys {
		f := all[0].part.Keys[k].Term.(*ir.Field)
		name := rewrite.Path(f)
		keys = append(keys, syntax.F(name))
		if f.Type.IsString() && !f.Array { // the empty text is no key
			where = conjunction(where, syntax.Cmp(syntax.Ne, syntax.F(name), syntax.Str("")))
		}
	}
	return syntax.Step(syntax.NewEvent(category, where), keys...)
}

// conjunction is `and`, without operands that are true.
func conjunction(xs ...syntax.Expr) syntax.Expr {
	return syntax.All(slices.DeleteFunc(xs, func(x syntax.Expr) bool {
		b, ok := x.(*syntax.Bool)
		return ok && b.Value
	})...)
}

// shareKeys writes keys that all terms have behind `sequence by`.
func shareKeys(q *syntax.Sequence) {
	terms := make([]*syntax.Term, 0, len(q.Terms)+1)
	for i := range q.Terms {
		terms = append(terms, &q.Terms[i])
	}
	if q.Until != nil {
		terms = append(terms, q.Until)
	}
	for len(terms[0].Keys) > 0 {
		key := terms[0].Keys[0]
		if slices.ContainsFunc(terms, func(t *syntax.Term) bool { return t.Keys[0].Name != key.Name }) {
			return
		}
		q.Keys = append(q.Keys, key)
		for _, t := range terms {
			t.Keys = t.Keys[1:]
		}
	}
}

// columns names what an answer tells of a finding.
func (x *sequence) columns() backends.Columns {
	cols := backends.Columns{Time: eventField(x.places-1, "@timestamp")}
	if x.seq.Waits() {
		cols.Time = spanEnd
	}
	for i := range x.seq.Per {
		cols.Keys = append(cols.Keys, joinKey(i))
	}
	for _, s := range x.bound.Rule.Emit.Shown {
		cols.Shown = append(cols.Shown, x.shown(s))
	}
	return cols
}

// shown is the field that a finding shows of a step's last event; "" when it is no field, or not the same one in all telemetry.
// Of several chains that end at one event the machine has the one that begins last, as the rule does; of the steps between it
// takes the first event that fits, where the rule shows the last one.
func (x *sequence) shown(s ir.Shown) string {
	n, ok := s.Value.(*ir.NumStep)
	events := x.seq.Events()
	if !ok || n.Step != events[0] && n.Step != events[len(events)-1] {
		return ""
	}
	name := ""
	for i, p := range partsOf(x.bound, x.seq.Steps[n.Step].Cond) {
		f, ok := p.Args[n.Arg].(*ir.Field)
		if !ok || i > 0 && rewrite.Path(f) != name {
			return ""
		}
		name = rewrite.Path(f)
	}
	return eventField(x.last[n.Step], name)
}
