package ir

import (
	"fmt"
	"slices"

	"github.com/onerule/onerule/schema"
)

// verifyBody checks the columns and the body: indexes are in range, windows have their lengths, numbers are numbers.
func verifyBody(r *Rule) error {
	for _, k := range r.Keys {
		if _, ok := k.Term.(*Field); !ok || k.Fold && !TermType(k.Term).IsString() {
			return fmt.Errorf("key %s is no field, or no text to fold", keyText(k))
		}
	}
	for _, t := range r.Args {
		if err := verifyTerm(t, nil); err != nil {
			return err
		}
	}
	for _, p := range r.Conds {
		if err := VerifyPred(p); err != nil {
			return err
		}
	}
	if r.CondFrom != nil && len(r.CondFrom) != len(r.Conds) {
		return fmt.Errorf("%d conditions have classes, and there are %d", len(r.CondFrom), len(r.Conds))
	}
	switch b := r.Body.(type) {
	case nil:
		return nil
	case *FirstSeen:
		if b.Every <= 0 || b.History <= 0 || b.Warmup < 0 || b.Warmup >= b.History {
			return fmt.Errorf("first_seen: the times %s, %s, %s are not in order", b.Every, b.History, b.Warmup)
		}
		return r.verifyKeys(append(slices.Clone(b.Per), b.Value))
	case *Count:
		if err := verifyWindow(b.Window); err != nil {
			return err
		}
		for _, s := range b.Scopes {
			for _, k := range s.Keys {
				if !slices.Contains(b.Per, k) {
					return fmt.Errorf("scope %s has a key that findings do not have", s.Name)
				}
			}
		}
	case *Baseline:
		if b.Bucket <= 0 || b.Learn < b.Bucket || b.Learn%b.Bucket != 0 {
			return fmt.Errorf("baseline: learning for %s in windows of %s", b.Learn, b.Bucket)
		}
	case *Sequence:
		return r.verifySequence(b)
	case *Absence:
		return r.verifyAbsence(b)
	}
	return r.verifyCounting()
}

func verifyWindow(w Window) error {
	ok := w.Size > 0
	switch w.Kind {
	case Tumbling, Sliding:
		ok = ok && w.Every == 0 && w.Max == 0
	case Hopping:
		ok = ok && w.Every > 0
	case Session:
		ok = ok && w.Max >= w.Size
	default:
		ok = false
	}
	if !ok {
		return fmt.Errorf("window %s %s %s %s", w.Kind, w.Size, w.Every, w.Max)
	}
	return nil
}

func (r *Rule) verifyKeys(at []int) error {
	for i, k := range at {
		if k < 0 || k >= len(r.Keys) || slices.Contains(at[:i], k) {
			return fmt.Errorf("there is no key %d, or it stands twice", k)
		}
	}
	return nil
}

func (r *Rule) verifyCounting() error {
	if err := r.verifyKeys(r.Per()); err != nil {
		return err
	}
	for _, s := range r.Scopes() {
		if err := r.verifyKeys(s.Keys); err != nil {
			return err
		}
		for _, a := range s.Aggs {
			if err := r.verifyAgg(a); err != nil {
				return err
			}
		}
	}
	if r.When() == nil {
		return fmt.Errorf("the rule has no condition on its numbers")
	}
	for _, s := range r.Emit.Shown {
		if err := r.verifyNum(s.Value, true); err != nil {
			return err
		}
	}
	return r.verifyCond(r.When())
}

func (r *Rule) verifyAgg(a Agg) error {
	if a.Func == 0 || int(a.Func) > len(Aggs) {
		return fmt.Errorf("aggregate %s has no function", a.Name)
	}
	types := a.Func.Info().Types
	switch {
	case a.Where < -1 || a.Where >= len(r.Conds) || a.Arg < -1 || a.Arg >= len(r.Args):
		return fmt.Errorf("aggregate %s: an index is out of range", a.Name)
	case (a.Arg < 0) != (types == nil) || a.Arg >= 0 && !slices.Contains(types, TermType(r.Args[a.Arg])):
		return fmt.Errorf("aggregate %s: %s does not take this argument", a.Name, a.Func)
	case a.Percent < 0 || a.Percent > 100:
		return fmt.Errorf("aggregate %s: %v percent", a.Name, a.Percent)
	}
	return nil
}

func (r *Rule) verifyCond(c Cond) error {
	switch c := c.(type) {
	case *CondAnd:
		return r.verifyConds(c.Xs)
	case *CondOr:
		return r.verifyConds(c.Xs)
	case *CondNot:
		return r.verifyCond(c.X)
	case *CondCmp:
		if !slices.Contains([]Op{Eq, Lt, Le, Gt, Ge}, c.Op) {
			return fmt.Errorf("numbers are not compared by %s", c.Op)
		}
		if err := r.verifyNum(c.L, false); err != nil {
			return err
		}
		return r.verifyNum(c.R, false)
	}
	return fmt.Errorf("unknown condition %T", c)
}

func (r *Rule) verifyConds(xs []Cond) error {
	for _, x := range xs {
		if err := r.verifyCond(x); err != nil {
			return err
		}
	}
	return nil
}

func (r *Rule) verifyNum(n Num, shown bool) error {
	switch n := n.(type) {
	case *NumLit:
		return nil
	case *NumAgg:
		s := r.Scopes()
		if n.Scope < 0 || n.Scope >= len(s) || n.Agg < 0 || n.Agg >= len(s[n.Scope].Aggs) {
			return fmt.Errorf("there is no aggregate %d of scope %d", n.Agg, n.Scope)
		}
		if a := s[n.Scope].Aggs[n.Agg]; !shown && !a.Func.Info().Number {
			return fmt.Errorf("%s is no number", a.Name)
		}
		return nil
	case *NumBase:
		if _, ok := r.Body.(*Baseline); !ok {
			return fmt.Errorf("the rule has no baseline")
		}
		if n.What == BaseScope && !shown {
			return fmt.Errorf("the scope of the baseline is no number")
		}
		return nil
	case *NumStep:
		return fmt.Errorf("the rule has no steps")
	case *NumArith:
		if err := r.verifyNum(n.X, false); err != nil {
			return err
		}
		return r.verifyNum(n.Y, false)
	case *NumCall:
		if len(n.Args) == 0 || n.Func == NumAbs && len(n.Args) != 1 {
			return fmt.Errorf("%s has %d arguments", n.Func, len(n.Args))
		}
		for _, x := range n.Args {
			if err := r.verifyNum(x, false); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("unknown number %T", n)
}

// ArgType returns the type of an aggregate's result: a number, or the type of its argument.
func (r *Rule) ArgType(a *Agg) schema.Type {
	switch a.Func {
	case AggCount, AggDistinct:
		return schema.Long
	case AggSum, AggAvg, AggStddev, AggMedian, AggPercentile:
		return schema.Double
	case AggMin, AggMax, AggFirst, AggLast, AggValues:
	}
	return TermType(r.Args[a.Arg])
}

// ShownType returns the type of the values that a finding shows: that of the column or aggregate, or a number.
func (r *Rule) ShownType(s Shown) schema.Type {
	switch n := s.Value.(type) {
	case *NumAgg:
		return r.ArgType(r.Agg(n))
	case *NumStep:
		return TermType(r.Args[n.Arg])
	case *NumBase:
		if n.What == BaseScope {
			return schema.Keyword
		}
	case *NumLit, *NumArith, *NumCall:
	}
	return schema.Double
}
