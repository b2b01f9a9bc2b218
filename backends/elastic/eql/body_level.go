package eql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/rewrite"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// maxRuns is the largest number of repetitions that `with runs` takes.
const maxRuns = 100

const inESQL = "a rule of type esql may carry it, or Kusto"

// bodyLevel says whether an EQL sequence carries a rule over several events.
func bodyLevel(b *ir.Bound, t backends.Timing) backends.Level {
	s, ok := b.Rule.Body.(*ir.Sequence)
	if !ok {
		return backends.Refused("EQL selects events and sequences of events; it counts none, and does not tell that none came", "ES|QL does: `onerule build` makes a rule of it")
	}
	level := backends.Rewritten("a sequence: its machine and the rule agree on the first chain of each key").With("max-signals")
	if len(s.Events()) > 1 || s.Steps[s.Events()[0]].Repeat > 1 {
		level = level.With("step-times")
	}
	if len(b.Rule.Emit.Shown) > 0 {
		level = level.With("distinct-times")
	}
	if s.Waits() {
		level = level.With("rule-gap")
	}
	for _, l := range []backends.Level{shapeLevel(s), missingLevel(s), rewrite.TimingLevel(b.Rule, t), stepsLevel(b, s), typesLevel(b)} {
		if l.Kind == backends.Refuse {
			return l
		}
		level = level.With(l.Assumptions...)
	}
	return level
}

// shapeLevel is about what a sequence of EQL is made of.
func shapeLevel(s *ir.Sequence) backends.Level {
	switch {
	case !s.Ordered:
		return backends.Refused("EQL has no sequence in any order: a `sample` knows no span", inESQL)
	case len(s.Cross) > 0:
		return backends.Refused("a condition of EQL reads one event: a step cannot be compared with another but by equal join keys",
			"make a field that must be equal a key (`by … , FIELD`); for other comparisons "+inESQL)
	case len(s.Events()) == 1 && s.Steps[s.Events()[0]].Repeat == 1 && len(s.Gap(1)) == 0:
		return backends.Refused("a sequence of one event is none in EQL", "write a rule about the event: `from … where …`")
	}
	for _, i := range s.Events() {
		if n := s.Steps[i].Repeat; n > maxRuns {
			return backends.Refused(fmt.Sprintf("EQL repeats a step %d times at the most, and not %d", maxRuns, n), fmt.Sprintf("write `repeat >= %d`, or count in a sliding window", maxRuns))
		}
	}
	return backends.Exactly()
}

// missingLevel is about what may be missing where. The machine keeps one pending sequence for each step, the newest, and looks
// for missing events when it is complete. Between two steps the newest event of the first is the best one; with a third step the
// event that was taken once is gone for a better one of the second (A B M B C), and at the end an older chain may be the
// better one, as its span ends earlier.
func missingLevel(s *ir.Sequence) backends.Level {
	n := len(s.Events())
	for i := range n + 1 {
		gap := s.Gap(i)
		if len(gap) == 0 {
			continue
		}
		switch {
		case i == n && (n > 1 || s.Steps[s.Events()[0]].Repeat > 1):
			return backends.Refused("EQL keeps the newest of several chains, and an older one that ends its span without the missing event is lost", "let one event only stand before a missing step at the end; or "+inESQL)
		case i == n && len(s.Untils()) > 0:
			return backends.Refused("`until` of EQL ends a sequence between its events, and here the wait is for a missing one", "write the condition of `until` as a further missing step; or "+inESQL)
		case i < n && n > 2:
			return backends.Refused("EQL keeps one of several chains and looks for missing events when it is complete: another one without the missing event is lost", "let the missing step stand between two steps, or at the end behind one; or "+inESQL)
		}
		for _, m := range gap[1:] {
			if !slices.Equal(s.Steps[m].Keys, s.Steps[gap[0]].Keys) {
				return backends.Refused("two missing steps in one place have different keys", "join them by the same keys; or "+inESQL)
			}
		}
	}
	for _, u := range s.Untils() {
		if !slices.Equal(s.Steps[u].Keys, s.Steps[s.Untils()[0]].Keys) {
			return backends.Refused("EQL has one `until`, and two steps of the rule end the wait by different keys", "join them by the same keys; or "+inESQL)
		}
	}
	return backends.Exactly()
}

// stepsLevel is about the telemetry of each step: some has to supply it, and its keys have to be one field each.
func stepsLevel(b *ir.Bound, s *ir.Sequence) backends.Level {
	var names []string
	types := make([]*ir.Field, len(s.Per))
	for i := range s.Steps {
		parts := partsOf(b, s.Steps[i].Cond)
		if len(parts) == 0 && s.Steps[i].Kind == ir.StepEvent {
			return backends.Refused("the condition of a step is never true on this telemetry", "choose another binding with --bind, or leave this target out")
		}
		for k, column := range s.Steps[i].Keys {
			for n, p := range parts {
				f, l := keyField(b.Rule, p, column)
				if l.Kind == backends.Refuse {
					return l
				}
				names = append(names, l.Assumptions...)
				if first := parts[0].Keys[column].Term.(*ir.Field); n > 0 && rewrite.Path(first) != rewrite.Path(f) {
					return backends.Refused(fmt.Sprintf("a step is joined by one field, and the key %s is `%s` in %s and `%s` in %s", ir.KeyWords(b.Rule.Keys[column]), rewrite.Path(first), parts[0].Binding.Name,
						rewrite.Path(f), p.Binding.Name), "choose one of the bindings with --bind; or "+inESQL)
				}
				if types[k] == nil {
					types[k] = f
				} else if kind(types[k].Type) != kind(f.Type) {
					return backends.Refused(fmt.Sprintf("EQL never joins `%s`, which is a %s, with `%s`, which is a %s", types[k].Name, types[k].Type, f.Name, f.Type), "join by fields of one type; or "+inESQL)
				}
			}
		}
	}
	return backends.Exactly().With(names...)
}

// keyField returns the field of a key, and what joining by it takes for granted.
func keyField(r *ir.Rule, p ir.Part, column int) (*ir.Field, backends.Level) {
	f, ok := p.Keys[column].Term.(*ir.Field)
	switch {
	case !ok:
		return nil, backends.Refused("EQL joins by fields, and "+p.Binding.Name+" has the key "+ir.KeyWords(r.Keys[column])+" in none", "choose another binding with --bind; or "+inESQL)
	case f.Native != nil && strings.HasPrefix(f.Native.Vendor, "flattened "):
		return f, backends.Refused("`"+f.Name+"` is a key of a flattened field, and EQL reads none", "use another key")
	case p.Keys[column].Fold && !(f.Native != nil && f.Native.Spelling.Lower):
		return f, backends.Refused("EQL joins by fields as they are, and not by "+ir.KeyWords(r.Keys[column]), "join by the field itself; or "+inESQL)
	}
	if name, ok := rewrite.Analysed(&ir.Cmp{Op: ir.Eq, L: f}); ok {
		return f, backends.Refused("`"+name+"` is analysed text, and EQL joins by none", "use another key; or "+inESQL)
	}
	l := backends.Exactly()
	if p.Keys[column].Fold {
		l = l.With("spelling")
	}
	if f.Type.IsString() { // an empty text among several values would be a key
		l = l.With("indexed")
		if f.Array {
			return f, l.With("no-empty")
		}
		return f, l.With("scalar")
	}
	return f, l
}

// kind brings types together whose values can be equal.
func kind(t schema.Type) schema.Type {
	switch {
	case t.IsString():
		return schema.Keyword
	case t.IsNumber():
		return schema.Long
	}
	return t
}

// typesLevel refuses telemetry of several tables that maps a field to different types: one search reads all of them.
func typesLevel(b *ir.Bound) backends.Level {
	types, by := map[string]string{}, map[string]string{}
	for _, p := range b.Parts {
		own := rewrite.Types(p)
		paths := []string{rewrite.Path(&ir.Field{Name: p.Binding.Time.Path})}
		for _, f := range p.Reads() {
			paths = append(paths, rewrite.Path(f))
		}
		for _, path := range paths {
			typ := own[path]
			if old, ok := types[path]; ok && old != typ {
				return backends.Refused(fmt.Sprintf("one search reads all steps, and `%s` is mapped as %s in %s and as %s in %s", path, old, by[path], typ, p.Binding.Name), "choose other bindings with --bind; or "+inESQL)
			}
			types[path], by[path] = typ, p.Binding.Name
		}
	}
	return backends.Exactly()
}

// partsOf are the parts on whose events a condition can be true.
func partsOf(b *ir.Bound, cond int) []ir.Part {
	var out []ir.Part
	for _, p := range b.Parts {
		if c, ok := p.Conds[cond].(*ir.Const); !ok || c.Value {
			out = append(out, p)
		}
	}
	return out
}
