package kusto

import (
	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// sequenceLevel says how exactly a query carries a sequence or together rule that is not refused.
func sequenceLevel(b *ir.Bound) backends.Level {
	level := backends.Exactly()
	s := b.Rule.Body.(*ir.Sequence)
	values := b.Rule.StepValues()
	for i := range s.Steps {
		st := &s.Steps[i]
		for _, p := range stepParts(b, st) {
			for _, k := range st.Keys {
				level = level.With(columnAssumptions(p.Keys[k].Term)...)
				if p.Keys[k].Fold {
					level = level.With("fold")
				}
			}
			for _, v := range values {
				if v.Step == i {
					level = level.With(columnAssumptions(p.Args[v.Arg])...)
				}
			}
			for _, shown := range b.Rule.Emit.Shown {
				v := shown.Value.(*ir.NumStep)
				if f, ok := p.Args[v.Arg].(*ir.Field); ok && v.Step == i && f.Type.IsString() && !emptyIsMissing(f) {
					level = level.With("no-empty")
				}
			}
		}
	}
	for _, rel := range crossRels(b) {
		level = level.With(leafLevel(rel).Assumptions...)
	}
	if len(b.Rule.Emit.Shown) > 0 {
		level = level.With("distinct-times")
	}
	for _, c := range s.Cross { // of equal times any event may be the last of a repeated step, and the rows have one order
		if s.Steps[c.L.Step].Repeat > 1 || s.Steps[c.R.Step].Repeat > 1 {
			level = level.With("step-times")
			break
		}
	}
	return level
}

// refusedSequence finds what a query cannot carry of a sequence or together rule.
func refusedSequence(b *ir.Bound) (backends.Level, bool) {
	s := b.Rule.Body.(*ir.Sequence)
	for i := range s.Steps {
		if l, bad := refusedStep(b, i); bad {
			return l, true
		}
	}
	for _, c := range s.Cross {
		for _, v := range []ir.StepValue{c.L, c.R} {
			for _, p := range stepParts(b, &s.Steps[v.Step]) {
				if f, ok := p.Args[v.Arg].(*ir.Field); ok && f.Array {
					return backends.Refused("steps are compared by one value of an event, and `"+f.Name+"` may hold several", "compare another field"), true
				}
			}
		}
	}
	for _, rel := range crossRels(b) {
		if l := leafLevel(rel); l.Kind == backends.Refuse {
			return l, true
		}
	}
	if !s.Ordered {
		return refusedTogether(b, s)
	}
	return backends.Level{}, false
}

func refusedStep(b *ir.Bound, i int) (backends.Level, bool) {
	st := &b.Rule.Body.(*ir.Sequence).Steps[i]
	parts := stepParts(b, st)
	if len(parts) == 0 && st.Kind == ir.StepEvent {
		return backends.Refused("no event of the tables can be one of the step "+st.Name, "choose other telemetry, or leave this target out"), true
	}
	for n, p := range parts {
		for _, v := range b.Rule.StepValues() {
			f, field := p.Args[v.Arg].(*ir.Field)
			for _, inside := range ir.FieldsOf(&ir.Cmp{Op: ir.Eq, L: p.Args[v.Arg]}) {
				if v.Step == i && inside.Array && !field {
					return backends.Refused("`"+inside.Name+"` may hold several values, and the calculation takes one", "show the field itself"), true
				}
			}
			if v.Step == i && n > 0 && !sameArray(f, field, parts[0].Args[v.Arg], p.Class.Table == parts[0].Class.Table) {
				return backends.Refused("a field that is shown has several values in one kind of event and comes from elsewhere in another", "write a rule for each event class"), true
			}
		}
		for _, k := range st.Keys {
			f, field := p.Keys[k].Term.(*ir.Field)
			for _, q := range parts[:n] {
				if q.Class.Table == p.Class.Table && !sameArray(f, field, q.Keys[k].Term, true) {
					return backends.Refused("a key has several values in one kind of event and comes from elsewhere in another", "write a rule for each event class"), true
				}
			}
		}
	}
	return backends.Level{}, false
}

// sameArray reports whether two terms are no arrays, or arrays that one stage can read for both.
func sameArray(f *ir.Field, field bool, other ir.Term, oneTable bool) bool {
	g, ok := other.(*ir.Field)
	array, otherArray := field && f.Array, ok && g.Array
	return array == otherArray && (!array || !oneTable || f.Name == g.Name)
}

// crossRels are the comparisons between steps on columns of their tables, one for each choice of the steps' parts.
func crossRels(b *ir.Bound) []*ir.Rel {
	s := b.Rule.Body.(*ir.Sequence)
	var out []*ir.Rel
	for _, c := range s.Cross {
		for _, l := range stepParts(b, &s.Steps[c.L.Step]) {
			for _, r := range stepParts(b, &s.Steps[c.R.Step]) {
				out = append(out, crossRel(&c, columnField("l", l.Args[c.L.Arg]), columnField("r", r.Args[c.R.Arg])))
			}
		}
	}
	return out
}

func crossRel(c *ir.Cross, l, r *ir.Field) *ir.Rel {
	return &ir.Rel{Op: c.Op, Cased: c.Cased, L: l, R: r, Span: c.Span}
}

// columnField is a column of a step's table that was made of a term.
func columnField(name string, t ir.Term) *ir.Field {
	f := columnOfTerm(name, t)
	if of, ok := t.(*ir.Field); ok {
		f.Array = of.Array
		f.Native.EmptyMissing = of.Native != nil && of.Native.EmptyMissing
	}
	return f
}

func columnOfTerm(name string, t ir.Term) *ir.Field {
	typ := ir.TermType(t)
	return &ir.Field{Name: name, Type: typ, Native: &schema.NativeField{Path: name, Type: typ}}
}
