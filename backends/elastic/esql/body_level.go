package esql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/rewrite"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// bodyLevel says whether an aggregating query carries a rule over several events.
func bodyLevel(b *ir.Bound, t backends.Timing) backends.Level {
	switch b.Rule.Body.(type) {
	case *ir.Count, *ir.FirstSeen, *ir.Baseline:
	case *ir.Sequence:
		return sequenceLevel(b, t)
	case *ir.Absence:
		return absenceLevel(b, t)
	case nil:
		return backends.Refused("the rule is about single events", "use an event query")
	}
	level := backends.Rewritten("events are grouped by key and window, in the range that a run judges").With("max-signals", "rule-gap")
	for _, l := range []backends.Level{rewrite.TimingLevel(b.Rule, t), keysLevel(b), argsLevel(b), aggsLevel(b), shapeLevel(b, t)} {
		if l.Kind == backends.Refuse {
			return l
		}
		level = level.With(l.Assumptions...)
	}
	return level
}

// keysLevel is about the fields that events are grouped by.
func keysLevel(b *ir.Bound) backends.Level {
	var names []string
	for i, k := range b.Rule.Keys {
		for _, p := range b.Parts {
			f, ok := p.Keys[i].Term.(*ir.Field)
			if !ok {
				continue
			}
			if l := fieldLevel(f); l.Kind == backends.Refuse {
				return l
			}
			if !f.Array {
				names = append(names, "scalar")
			}
			if k.Fold {
				names = append(names, "fold")
			}
		}
		if l := sameType(b, func(p ir.Part) ir.Term { return p.Keys[i].Term }); l.Kind == backends.Refuse {
			return l
		}
	}
	return backends.Exactly().With(names...)
}

func fieldLevel(f *ir.Field) backends.Level {
	if f.Native != nil && strings.HasPrefix(f.Native.Vendor, "flattened ") {
		return backends.Refused("`"+f.Name+"` is a key of a flattened field, and ES|QL reads none", "use another field")
	}
	return backends.Exactly()
}

// sameType refuses columns that have another type in each part.
func sameType(b *ir.Bound, of func(p ir.Part) ir.Term) backends.Level {
	first := of(b.Parts[0])
	for _, p := range b.Parts[1:] {
		if t := of(p); ir.TermType(t).IsString() != ir.TermType(first).IsString() || !ir.TermType(t).IsString() && ir.TermType(t) != ir.TermType(first) {
			return backends.Refused(fmt.Sprintf("%s of %s is a %s, and %s of %s a %s: one column has one type", ir.TermText(first), b.Parts[0].Binding.Name, ir.TermType(first),
				ir.TermText(t), p.Binding.Name, ir.TermType(t)), "choose one of the bindings with --bind")
		}
	}
	return backends.Exactly()
}

// argsLevel is about what is aggregated.
func argsLevel(b *ir.Bound) backends.Level {
	var names []string
	for i := range b.Rule.Args {
		for _, p := range b.Parts {
			t := p.Args[i]
			fields := ir.FieldsOf(&ir.Rel{Op: ir.Eq, L: t, R: &ir.Lit{Value: schema.Int(0)}})
			for _, f := range fields {
				if l := fieldLevel(f); l.Kind == backends.Refuse {
					return l
				}
				if !f.Array {
					names = append(names, "scalar")
				}
			}
			if _, plain := t.(*ir.Field); !plain {
				if l := functionLevel(&ir.Rel{Op: ir.Eq, L: t, R: t}, false); l.Kind == backends.Refuse && !isValues(t) {
					return l
				}
			}
		}
		if l := sameType(b, func(p ir.Part) ir.Term { return p.Args[i] }); l.Kind == backends.Refuse {
			return l
		}
	}
	return backends.Exactly().With(names...)
}

// isValues reports whether a term counts the values of an array, which needs no single value.
func isValues(t ir.Term) bool {
	c, ok := t.(*ir.Call)
	return ok && c.Func == ir.Values
}

func aggsLevel(b *ir.Bound) backends.Level {
	var names []string
	for _, s := range b.Rule.Scopes() {
		for _, a := range s.Aggs {
			switch a.Func {
			case ir.AggMedian, ir.AggPercentile:
				return backends.Refused(fmt.Sprintf("%s of ES|QL is an estimate (t-digest), and lies between two neighbouring values", strings.ToUpper(a.Func.String())),
					"count the values above a limit by `count() where`, use avg or max, or leave this target out")
			case ir.AggFirst, ir.AggLast:
				if argArray(b, a.Arg) {
					return backends.Refused(fmt.Sprintf("`%s` of a field with several values: the pages of different releases disagree on what it gives", a.Func), "use `values`, or a field with one value")
				}
				names = append(names, "distinct-times")
			case ir.AggCount, ir.AggDistinct, ir.AggSum, ir.AggAvg, ir.AggMin, ir.AggMax, ir.AggStddev, ir.AggValues:
			}
		}
	}
	return backends.Exactly().With(names...)
}

// maxCuts is how many sessions of the greatest length the range of a run may hold.
const maxCuts = 6

func shapeLevel(b *ir.Bound, t backends.Timing) backends.Level {
	c, ok := b.Rule.Body.(*ir.Count)
	if !ok {
		return backends.Exactly()
	}
	var before []int
	for _, i := range scopeOrder(b, c) {
		s := c.Scopes[i]
		if len(s.Keys) == len(c.Per) {
			continue
		}
		arrays := arrayKeys(b, s.Keys)
		for _, k := range before {
			if !slices.Contains(arrays, k) {
				return backends.Refused(fmt.Sprintf("an event may have several values of %s, and would count once for each of them in the scope `%s`", ir.KeyWords(b.Rule.Keys[k]), s.Name),
					"group by fields that have one value, or leave one of the scopes out")
			}
		}
		before = arrays
	}
	if c.Window.Kind == ir.Session {
		if n := cuts(ClockOf(b.Rule, t), b.Rule, c.Window); n > maxCuts {
			return backends.Refused(fmt.Sprintf("the range of a run may hold %d sessions of %s without a gap, and each needs commands of its own", n, rewrite.Words(c.Window.Max)),
				"write a longer `max`, or `schedule every` a shorter time; or use `sliding`")
		}
		return backends.Assuming("session-start")
	}
	return backends.Exactly()
}
