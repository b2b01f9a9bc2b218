package ir

import (
	"fmt"
	"slices"
	"time"

	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

func (r *Rule) verifySequence(s *Sequence) error {
	if s.Within < time.Millisecond || s.Within%time.Millisecond != 0 {
		return fmt.Errorf("a sequence within %s", s.Within)
	}
	if err := r.verifyKeys(s.Per); err != nil {
		return err
	}
	if len(s.Events()) == 0 || len(s.Steps) > MaxSteps {
		return fmt.Errorf("a sequence of %d steps, %d of which events take", len(s.Steps), len(s.Events()))
	}
	if s.Ordered && len(s.Gap(0)) > 0 {
		return fmt.Errorf("a missing step stands before the first event")
	}
	for i := range s.Steps {
		if err := r.verifyStep(s, &s.Steps[i]); err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
	}
	for i := range s.Cross {
		if err := r.verifyCross(s, &s.Cross[i]); err != nil {
			return err
		}
	}
	for _, shown := range r.Emit.Shown {
		n, ok := shown.Value.(*NumStep)
		if !ok {
			return fmt.Errorf("%s is no value of a step", shown.Name)
		}
		if err := r.verifyStepValue(s, n.StepValue); err != nil {
			return err
		}
	}
	return nil
}

func (r *Rule) verifyStep(s *Sequence, st *Step) error {
	switch {
	case st.Kind < StepEvent || st.Kind > StepUntil:
		return fmt.Errorf("a step of no kind")
	case st.Cond < 0 || st.Cond >= len(r.Conds):
		return fmt.Errorf("there is no condition %d", st.Cond)
	case st.Repeat < 1 || st.Kind != StepEvent && st.Repeat != 1:
		return fmt.Errorf("%d repetitions of a step of the kind %s", st.Repeat, st.Kind)
	case len(st.Keys) != len(s.Per):
		return fmt.Errorf("%d keys, and the sequence has %d", len(st.Keys), len(s.Per))
	}
	for i, k := range st.Keys {
		if k < 0 || k >= len(r.Keys) {
			return fmt.Errorf("there is no key %d", k)
		}
		a, b := r.Keys[k], r.Keys[s.Per[i]]
		if !SameKeyType(a, b) {
			return fmt.Errorf("key %s goes with %s", keyText(a), keyText(b))
		}
	}
	return nil
}

// SameKeyType reports whether two keys' values can be the same: both are text, or of one type, and both are folded or none.
func SameKeyType(a, b Key) bool {
	t, u := TermType(a.Term), TermType(b.Term)
	return a.Fold == b.Fold && (t == u || t.IsString() && u.IsString())
}

func (r *Rule) verifyCross(s *Sequence, c *Cross) error {
	for _, v := range []StepValue{c.L, c.R} {
		if err := r.verifyStepValue(s, v); err != nil {
			return err
		}
	}
	l, t := TermType(r.Args[c.L.Arg]), TermType(r.Args[c.R.Arg])
	switch {
	case c.L.Step == c.R.Step:
		return fmt.Errorf("%s: one step is compared with itself", crossText(*c))
	case !Comparable(l, t) || !slices.Contains(c.Op.Info().Types, l) || !c.Op.Info().Fields || c.Op.OfPart():
		return fmt.Errorf("%s: %s does not compare a %s with a %s", crossText(*c), c.Op, l, t)
	case c.Cased && !c.Op.Info().Folds:
		return fmt.Errorf("%s: %s has no case", crossText(*c), c.Op)
	}
	return nil
}

func (r *Rule) verifyStepValue(s *Sequence, v StepValue) error {
	if v.Step < 0 || v.Step >= len(s.Steps) || s.Steps[v.Step].Kind != StepEvent || v.Arg < 0 || v.Arg >= len(r.Args) {
		return fmt.Errorf("%s is no column of a step that events take", stepText(v))
	}
	return nil
}

func (r *Rule) verifyAbsence(a *Absence) error {
	switch {
	case a.Window < time.Millisecond || a.Window%time.Millisecond != 0 || a.Grace < 0 || a.Grace%time.Millisecond != 0:
		return fmt.Errorf("an absence in %s with a grace of %s", a.Window, a.Grace)
	case a.Min < 1 || len(a.Expected) == 0:
		return fmt.Errorf("%d events are expected of %d values", a.Min, len(a.Expected))
	case len(r.Emit.Shown) > 0:
		return fmt.Errorf("an absence shows numbers")
	}
	if err := r.verifyKeys([]int{a.Key}); err != nil {
		return err
	}
	typ := TermType(r.Keys[a.Key].Term)
	for i, v := range a.Expected {
		if v.Type() != typ && !(v.Type().IsString() && typ.IsString()) || v.Type().IsString() && v.Str() == "" {
			return fmt.Errorf("%s is expected of the key %s", valueText(v), keyText(r.Keys[a.Key]))
		}
		if i > 0 && CompareValues(a.Expected[i-1], v) >= 0 {
			return fmt.Errorf("the expected values are not sorted")
		}
	}
	return nil
}

// ExpectedOf returns values as an absence of a key holds them: folded where the key is, each once, sorted, without the empty
// text, which is no key.
func ExpectedOf(k Key, vs []schema.Value) []schema.Value {
	var out []schema.Value
	for _, v := range vs {
		if v.Type().IsString() {
			if v.Str() == "" {
				continue
			}
			if k.Fold {
				v = schema.String(pattern.FoldString(v.Str()))
			}
		}
		out = append(out, v)
	}
	slices.SortFunc(out, CompareValues)
	return slices.Compact(out)
}
