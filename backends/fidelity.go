package backends

import (
	"slices"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
)

// Kind is how an output relates to the meaning of the rule.
type Kind uint8

// The kinds. Native and Rewrite are exact; they differ only in how readable the output is.
const (
	Native  Kind = iota + 1 // the language has the operator
	Rewrite                 // same meaning, said in another way
	Assume                  // same meaning on events that satisfy named assumptions
	Widen                   // finds everything the rule finds, and may find more
	Narrow                  // finds nothing that the rule does not find, and may find less
	Refuse                  // cannot be said
)

// String returns the word that users see.
func (k Kind) String() string {
	switch k {
	case Native:
		return "native"
	case Rewrite:
		return "rewrite"
	case Assume:
		return "assume"
	case Widen:
		return "wider"
	case Narrow:
		return "narrower"
	case Refuse:
		return "refused"
	}
	return "unknown"
}

// Level is what a language makes of one leaf. Why says for Rewrite how, for Widen and Narrow what differs, for Refuse why
// not; Instead says what the author can do about a refusal.
type Level struct {
	Kind        Kind
	Assumptions []string
	Why         string
	Instead     string
}

// Flip returns the level of the negation: wider and narrower change places.
func (l Level) Flip() Level {
	switch l.Kind {
	case Widen:
		l.Kind = Narrow
	case Narrow:
		l.Kind = Widen
	case Native, Rewrite, Assume, Refuse:
	}
	return l
}

// FlipIf is Flip when negated.
func (l Level) FlipIf(negated bool) Level {
	if negated {
		return l.Flip()
	}
	return l
}

// With returns the level with further assumptions; an exact level becomes Assume.
func (l Level) With(assumptions ...string) Level {
	if len(assumptions) == 0 {
		return l
	}
	l.Assumptions = append(slices.Clone(l.Assumptions), assumptions...)
	if l.Kind == Native || l.Kind == Rewrite {
		l.Kind = Assume
	}
	return l
}

// Short constructors, so that a capability table reads as a table.

// Exactly is Native.
func Exactly() Level { return Level{Kind: Native} }

// Rewritten is Rewrite.
func Rewritten(how string) Level { return Level{Kind: Rewrite, Why: how} }

// Assuming is Assume with names out of assumptions.yaml.
func Assuming(names ...string) Level { return Level{Kind: Assume, Assumptions: names} }

// Wider is Widen; note says what is found beside.
func Wider(note string) Level { return Level{Kind: Widen, Why: note} }

// Narrower is Narrow; note says what is missed.
func Narrower(note string) Level { return Level{Kind: Narrow, Why: note} }

// Refused is Refuse.
func Refused(why, instead string) Level { return Level{Kind: Refuse, Why: why, Instead: instead} }

// Fidelity is the level of a whole output and where it comes from.
type Fidelity struct {
	Kind        Kind
	Assumptions []string // sorted, without repeats
	// Leaves holds the leaves that are not exact, in the order of the rule text.
	Leaves []LeafLevel
}

// LeafLevel is the level of one leaf of the rule.
type LeafLevel struct {
	Pred      ir.Pred // the leaf without its `not`
	Span      diag.Span
	Text      string // the leaf in the words of the rule; in a Fidelity only where its level is not exact
	Construct Construct
	Negated   bool
	Level     Level
}

// compose joins the levels of leaves that stand under and/or only: such a tree is monotone, so a wider leaf makes it
// wider; wider and narrower leaves together leave nothing to promise.
func compose(leaves []LeafLevel, assumptions []string) Fidelity {
	f := Fidelity{Kind: Native, Assumptions: slices.Clone(assumptions)}
	wider, narrower, refused := false, false, false
	for i := range leaves {
		l := &leaves[i]
		for _, a := range l.Level.Assumptions {
			if !slices.Contains(f.Assumptions, a) {
				f.Assumptions = append(f.Assumptions, a)
			}
		}
		switch l.Level.Kind {
		case Widen:
			wider = true
		case Narrow:
			narrower = true
		case Refuse:
			refused = true
		case Rewrite:
			f.Kind = Rewrite
		case Native, Assume:
		}
		if l.Level.Kind > Rewrite {
			f.Leaves = append(f.Leaves, *l)
		}
	}
	slices.Sort(f.Assumptions)
	f.Assumptions = slices.Compact(f.Assumptions)
	switch {
	case refused || wider && narrower:
		f.Kind = Refuse
	case wider:
		f.Kind = Widen
	case narrower:
		f.Kind = Narrow
	case len(f.Assumptions) > 0:
		f.Kind = Assume
	}
	return f
}
