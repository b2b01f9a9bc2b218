package ir

// Grows reports whether a rule finds everything that it found before, and at the same windows, when further events fulfil
// its conditions. A query that is wider on events is then wider on findings; for any other rule nothing can be said about it.
func Grows(r *Rule) bool {
	switch b := r.Body.(type) {
	case nil:
		return true
	case *Count:
		return (b.Window.Kind == Tumbling || b.Window.Kind == Hopping) && r.condGrows(b.When)
	case *FirstSeen, *Baseline, *Sequence, *Absence:
	}
	return false
}

func (r *Rule) condGrows(c Cond) bool {
	switch c := c.(type) {
	case *CondAnd:
		return r.condsGrow(c.Xs)
	case *CondOr:
		return r.condsGrow(c.Xs)
	case *CondNot:
	case *CondCmp:
		switch c.Op {
		case Ge, Gt:
			return r.numGrows(c.L) && constant(c.R)
		case Le, Lt:
			return constant(c.L) && r.numGrows(c.R)
		case Eq, Contains, StartsWith, EndsWith, Like, Matches, InCIDR:
		}
	}
	return false
}

func (r *Rule) condsGrow(xs []Cond) bool {
	for _, x := range xs {
		if !r.condGrows(x) {
			return false
		}
	}
	return true
}

// numGrows reports whether further events never make the number smaller.
func (r *Rule) numGrows(n Num) bool {
	switch n := n.(type) {
	case *NumLit:
		return true
	case *NumAgg:
		return r.Agg(n).Func.Info().Grows
	case *NumArith:
		return n.Op == '+' && r.numGrows(n.X) && r.numGrows(n.Y)
	case *NumCall:
		for _, x := range n.Args {
			if n.Func == NumAbs || !r.numGrows(x) {
				return false
			}
		}
		return true
	case *NumBase, *NumStep:
	}
	return false
}

func constant(n Num) bool { _, ok := n.(*NumLit); return ok }
