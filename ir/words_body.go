package ir

import (
	"strconv"
	"strings"
)

// KeyWords returns a key as an author writes it.
func KeyWords(k Key) string {
	if k.Fold {
		return "fold(" + termWords(k.Term, 0) + ")"
	}
	return termWords(k.Term, 0)
}

// CondWords returns a condition over the rule's numbers as an author writes it.
func (r *Rule) CondWords(c Cond) string { return r.condWords(c, bindsOr) }

func (r *Rule) condWords(c Cond, place int) string {
	join := func(xs []Cond, word, unit string, own int) string {
		if len(xs) == 0 {
			return unit
		}
		words := make([]string, len(xs))
		for i, x := range xs {
			words[i] = r.condWords(x, own)
		}
		if place > own && len(xs) > 1 {
			return "(" + strings.Join(words, word) + ")"
		}
		return strings.Join(words, word)
	}
	switch c := c.(type) {
	case *CondAnd:
		return join(c.Xs, " and ", "true", bindsAnd)
	case *CondOr:
		return join(c.Xs, " or ", "false", bindsOr)
	case *CondNot:
		if cmp, ok := c.X.(*CondCmp); ok && cmp.Op == Eq {
			return r.numWords(cmp.L, 0) + " != " + r.numWords(cmp.R, 0)
		}
		return "not " + r.condWords(c.X, bindsNot)
	case *CondCmp:
		return r.numWords(c.L, 0) + " " + c.Op.String() + " " + r.numWords(c.R, 0)
	}
	return ""
}

// NumWords returns a number of the rule as an author writes it.
func (r *Rule) NumWords(n Num) string { return r.numWords(n, 0) }

func (r *Rule) numWords(n Num, place int) string {
	switch n := n.(type) {
	case *NumLit:
		if n.Param != "" {
			return "$" + n.Param
		}
		return strconv.FormatFloat(n.Value, 'f', -1, 64)
	case *NumAgg:
		s := r.Scopes()[n.Scope]
		if s.Name == "" {
			return s.Aggs[n.Agg].Name
		}
		return s.Name + "." + s.Aggs[n.Agg].Name
	case *NumBase:
		return "baseline." + n.What.String()
	case *NumStep:
		return r.StepWords(n.StepValue)
	case *NumArith:
		own := 1
		if n.Op != '+' && n.Op != '-' {
			own = 2
		}
		s := r.numWords(n.X, own) + " " + string(n.Op) + " " + r.numWords(n.Y, own+1)
		if own < place {
			return "(" + s + ")"
		}
		return s
	case *NumCall:
		args := make([]string, len(n.Args))
		for i, a := range n.Args {
			args[i] = r.numWords(a, 0)
		}
		return n.Func.String() + "(" + strings.Join(args, ", ") + ")"
	}
	return ""
}

// StepWords returns a column of a step as an author writes it: `guess.source.ip`.
func (r *Rule) StepWords(v StepValue) string {
	s, ok := r.Body.(*Sequence)
	if !ok {
		return ""
	}
	step := s.Steps[v.Step].Name
	var words func(t Term) string
	words = func(t Term) string {
		switch t := t.(type) {
		case *Field:
			return step + "." + t.Name
		case *Call:
			return t.Func.String() + "(" + words(t.X) + ")"
		case *Arith, *Elem, *Lit:
		}
		return termWords(t, 0)
	}
	return words(r.Args[v.Arg])
}

// CrossWords returns a comparison of two steps as an author writes it.
func (r *Rule) CrossWords(c *Cross) string {
	op := c.Op.String()
	if c.Cased {
		op += " cased"
	}
	text := r.StepWords(c.L) + " " + op + " " + r.StepWords(c.R)
	switch {
	case c.Negated && c.Op == Eq:
		return strings.Replace(text, " == ", " != ", 1)
	case c.Negated:
		return "not " + text
	}
	return text
}
