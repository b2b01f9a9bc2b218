package esql

import (
	"fmt"
	"slices"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/rewrite"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

const inKusto = "change the rule, or leave this language out: Kusto has row functions"

// maxOrdered is how many steps a chain may have: each is a join of its times with those of the step before.
const maxOrdered = 8

// sequenceLevel says whether a query carries a sequence or together rule. ES|QL has no row functions; the times of each step of a
// key are gathered, and chains are made of them.
func sequenceLevel(b *ir.Bound, t backends.Timing) backends.Level {
	s := b.Rule.Body.(*ir.Sequence)
	level := backends.Rewritten("the times of the steps of a key are gathered by VALUES, and joined by MV_EXPAND").With("max-signals")
	if s.Waits() {
		level = level.With("rule-gap")
	}
	shape := orderedLevel(b, s)
	if !s.Ordered {
		shape = togetherLevel(b, s)
	}
	for _, l := range []backends.Level{rewrite.TimingLevel(b.Rule, t), shape, stepKeysLevel(b, s), crossLevel(b, s)} {
		if l.Kind == backends.Refuse {
			return l
		}
		level = level.With(l.Assumptions...)
	}
	return level
}

func orderedLevel(b *ir.Bound, s *ir.Sequence) backends.Level {
	events := s.Events()
	if len(events) > maxOrdered {
		return backends.Refused(fmt.Sprintf("each step is a join of all times of a key, and the rule has %d", len(events)), "make it shorter; a rule of type eql carries sequences")
	}
	var names []string
	for _, i := range events {
		if s.Steps[i].Repeat > 1 { // equal times are one value
			names = append(names, "step-times")
		}
		if len(partsOf(b, s.Steps[i].Cond)) == 0 {
			return backends.Refused("the condition of a step is never true on this telemetry", "choose another binding with --bind, or leave this target out")
		}
	}
	return backends.Exactly().With(names...)
}

func togetherLevel(b *ir.Bound, s *ir.Sequence) backends.Level {
	switch {
	case s.Waits():
		return backends.Refused("what must be missing may lie a span before and a span behind the events, and depends on which of them are taken", inKusto)
	case len(s.Cross) > 0:
		return backends.Refused("the events of a span are counted, and which of them would be compared is not known", "use a `sequence` for each order; or "+inKusto)
	}
	if len(s.Events()) > maxTogether {
		return backends.Refused(fmt.Sprintf("the rule has %d steps, and %d are the most", len(s.Events()), maxTogether), inKusto)
	}
	for _, i := range s.Events() {
		if len(partsOf(b, s.Steps[i].Cond)) == 0 {
			return backends.Refused("the condition of a step is never true on this telemetry", "choose another binding with --bind, or leave this target out")
		}
	}
	if !sameKeys(b, s) {
		return backends.Refused("the steps have different keys, and an event of several steps would be counted for each of its keys", "join the steps by the same field; or "+inKusto)
	}
	return backends.Assuming("scalar")
}

// maxTogether is how many steps together may have: any number of them may overlap.
const maxTogether = 5

// stepKeysLevel is about the fields that join the steps.
func stepKeysLevel(b *ir.Bound, s *ir.Sequence) backends.Level {
	var names []string
	first := make([]ir.Term, len(s.Per))
	for i := range s.Steps {
		for _, p := range partsOf(b, s.Steps[i].Cond) {
			for k, column := range s.Steps[i].Keys {
				term := p.Keys[column].Term
				if first[k] == nil {
					first[k] = term
				}
				if t, u := ir.TermType(first[k]), ir.TermType(term); t != u && !(t.IsString() && u.IsString()) {
					return backends.Refused(fmt.Sprintf("a key is %s, a %s, and %s, a %s: one column has one type", ir.TermText(first[k]), t, ir.TermText(term), u), "join by fields of one type, or choose one of the bindings with --bind")
				}
				if f, ok := term.(*ir.Field); ok {
					if l := fieldLevel(f); l.Kind == backends.Refuse {
						return l
					}
					if !f.Array {
						names = append(names, "scalar")
					}
				}
				if p.Keys[column].Fold {
					names = append(names, "fold")
				}
			}
		}
	}
	return backends.Exactly().With(names...)
}

// crossLevel is about what steps compare.
func crossLevel(b *ir.Bound, s *ir.Sequence) backends.Level {
	var names []string
	for _, c := range s.Cross {
		if _, ok := signs[c.Op]; !ok {
			return backends.Refused(fmt.Sprintf("steps are compared by ==, !=, <, <=, > and >= here, and not by %s", c.Op), inKusto)
		}
		names = append(names, "scalar")
		var types []schema.Type
		for _, v := range []ir.StepValue{c.L, c.R} {
			for _, p := range partsOf(b, s.Steps[v.Step].Cond) {
				f, ok := p.Args[v.Arg].(*ir.Field)
				if !ok {
					return backends.Refused("a value that is compared between steps is computed, and only fields are carried from one to the other", inKusto)
				}
				if l := fieldLevel(f); l.Kind == backends.Refuse {
					return l
				}
				if f.Array {
					return backends.Refused("`"+f.Name+"` may hold several values, and one is carried from a step to another", "compare fields that have one value; or "+inKusto)
				}
				if f.Type.IsString() && !c.Cased {
					names = append(names, "fold")
				}
				types = append(types, f.Type)
			}
		}
		if slices.Contains(types, schema.IP) && c.Op != ir.Eq {
			return backends.Refused("addresses are carried as text, which has no order", inKusto)
		}
	}
	for i := range s.Steps {
		if len(comparedArgs(s, i)) > 1 {
			names = append(names, "sep")
		}
	}
	return backends.Exactly().With(names...)
}

// comparedArgs are the columns of a step that comparisons read, sorted.
func comparedArgs(s *ir.Sequence, step int) []int {
	var out []int
	for _, c := range s.Cross {
		for _, v := range []ir.StepValue{c.L, c.R} {
			if v.Step == step && !slices.Contains(out, v.Arg) {
				out = append(out, v.Arg)
			}
		}
	}
	slices.Sort(out)
	return out
}

// partsOf are the parts on whose events a condition can be true.
func partsOf(b *ir.Bound, cond int) []ir.Part {
	var out []ir.Part
	for _, p := range b.Parts {
		if possible(p.Conds[cond]) {
			out = append(out, p)
		}
	}
	return out
}

// sameKeys reports whether all steps are joined by the same terms.
func sameKeys(b *ir.Bound, s *ir.Sequence) bool {
	first := make([]string, len(s.Per))
	for i := range s.Steps {
		for _, p := range partsOf(b, s.Steps[i].Cond) {
			for k, column := range s.Steps[i].Keys {
				text := ir.TermText(p.Keys[column].Term)
				if first[k] != "" && first[k] != text {
					return false
				}
				first[k] = text
			}
		}
	}
	return true
}

// absenceLevel says whether a query carries an absence rule.
func absenceLevel(b *ir.Bound, t backends.Timing) backends.Level {
	level := backends.Rewritten("the values that came are gathered in one row, beside those that are expected").With("max-signals", "rule-gap", "grace")
	a := b.Rule.Body.(*ir.Absence)
	if a.Window%1e6 != 0 {
		return backends.Refused("the window is no whole number of milliseconds", "make it one")
	}
	for _, l := range []backends.Level{rewrite.TimingLevel(b.Rule, t), keysLevel(b)} {
		if l.Kind == backends.Refuse {
			return l
		}
		level = level.With(l.Assumptions...)
	}
	if n := ClockOf(b.Rule, t).ticks(a.Window); n > maxJudged {
		return backends.Refused(fmt.Sprintf("a run judges %d windows", n), "write a longer window, or `schedule every` a shorter time")
	}
	return level
}

// maxJudged is how many windows a run may judge for each expected value.
const maxJudged = 60
