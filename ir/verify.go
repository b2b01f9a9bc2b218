package ir

import (
	"fmt"
	"slices"

	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// Verify checks that a rule is well formed: every operator has operands of its types, every element has its quantifier,
// literals parse. Lowering and each pass must give rules that verify; an error is a fault of ours, not of the rule's author.
func Verify(r *Rule) error {
	if err := VerifyPred(r.Where); err != nil {
		return fmt.Errorf("rule %s: %w", r.Name, err)
	}
	for _, a := range r.Alts {
		if err := VerifyPred(a.Where); err != nil {
			return fmt.Errorf("rule %s: alt %s: %w", r.Name, a.Binding, err)
		}
	}
	if err := verifyBody(r); err != nil {
		return fmt.Errorf("rule %s: %w", r.Name, err)
	}
	return nil
}

// VerifyPred is [Verify] for one predicate.
func VerifyPred(p Pred) error { return verify(p, nil) }

func verify(p Pred, vars []string) error {
	switch p := p.(type) {
	case *And:
		return verifyAll(p.Xs, vars)
	case *Or:
		return verifyAll(p.Xs, vars)
	case *Not:
		return verify(p.X, vars)
	case *Const:
		return nil
	case *Keyword:
		if p.Op != Contains && p.Op != Like && p.Op != Matches {
			return fmt.Errorf("%s: not asked of keywords", PrintPred(p))
		}
		return verifyCmp(p.On(&Elem{Var: "text", Type: schema.Keyword}), []string{"text"})
	case *Cmp:
		return verifyCmp(p, vars)
	case *Rel:
		return verifyRel(p, vars)
	case *Exists:
		return verifyTerm(p.F, vars)
	case *Empty:
		return verifyTerm(p.F, vars)
	case *Quant:
		if err := verifyTerm(p.Over, vars); err != nil {
			return err
		}
		return verify(p.Body, append(slices.Clone(vars), p.Var))
	case nil:
		return fmt.Errorf("a predicate is nil")
	}
	return fmt.Errorf("unknown predicate %T", p)
}

func verifyAll(xs []Pred, vars []string) error {
	for _, x := range xs {
		if err := verify(x, vars); err != nil {
			return err
		}
	}
	return nil
}

func verifyCmp(p *Cmp, vars []string) error {
	if err := verifyTerm(p.L, vars); err != nil {
		return err
	}
	info := p.Op.Info()
	t := TermType(p.L)
	if !slices.Contains(info.Types, t) {
		return fmt.Errorf("%s: the left side of %s is a %s", PrintPred(p), info.Text, t)
	}
	if len(p.R) == 0 {
		return fmt.Errorf("%s: no literal", PrintPred(p))
	}
	if p.Cased && !info.Folds {
		return fmt.Errorf("%s: %s has no case", PrintPred(p), info.Text)
	}
	for _, v := range p.R {
		if err := verifyLiteral(p, t, v); err != nil {
			return err
		}
	}
	return nil
}

func verifyLiteral(p *Cmp, left schema.Type, v schema.Value) error {
	want := left
	switch {
	case left.IsString() || p.Op == InCIDR:
		want = schema.Keyword
	case left.IsNumber() && v.Type().IsNumber():
		want = v.Type()
	}
	if v.Type() != want {
		return fmt.Errorf("%s: the literal %s is a %s", PrintPred(p), v, v.Type())
	}
	switch p.Op {
	case Matches:
		if _, err := pattern.ParseRegexp(v.Str()); err != nil {
			return fmt.Errorf("%s: %w", PrintPred(p), err)
		}
	case InCIDR:
		if _, err := ParseCIDR(v.Str()); err != nil {
			return fmt.Errorf("%s: %w", PrintPred(p), err)
		}
	case Contains, StartsWith, EndsWith:
		if v.Str() == "" {
			return fmt.Errorf("%s: the text to look for is empty", PrintPred(p))
		}
	case Eq, Like, Lt, Le, Gt, Ge:
	}
	return nil
}

func verifyRel(p *Rel, vars []string) error {
	if err := verifyTerm(p.L, vars); err != nil {
		return err
	}
	if err := verifyTerm(p.R, vars); err != nil {
		return err
	}
	l, r := TermType(p.L), TermType(p.R)
	if !Comparable(l, r) || !slices.Contains(p.Op.Info().Types, l) || !p.Op.Info().Fields {
		return fmt.Errorf("%s: %s does not compare a %s with a %s", PrintPred(p), p.Op, l, r)
	}
	return nil
}

// Comparable reports whether values of the two types can be compared with each other.
func Comparable(a, b schema.Type) bool {
	return a == b || a.IsString() && b.IsString() || a.IsNumber() && b.IsNumber()
}

func verifyTerm(t Term, vars []string) error {
	switch t := t.(type) {
	case *Field:
		if t.Name == "" || t.Type == schema.Invalid {
			return fmt.Errorf("field %q has no name or type", t.Name)
		}
	case *Elem:
		if !slices.Contains(vars, t.Var) {
			return fmt.Errorf("element %s has no quantifier", t.Var)
		}
	case *Lit:
		if t.Value.Type() == schema.Invalid {
			return fmt.Errorf("a literal has no type")
		}
	case *Arith:
		if err := verifyTerm(t.X, vars); err != nil {
			return err
		}
		if err := verifyTerm(t.Y, vars); err != nil {
			return err
		}
		if t.Type == schema.Invalid || t.Type != ArithType(t.Op, TermType(t.X), TermType(t.Y)) {
			return fmt.Errorf("%s: the types do not go together", termText(t))
		}
	case *Call:
		if err := verifyTerm(t.X, vars); err != nil {
			return err
		}
		if !slices.Contains(t.Func.Info().Types, TermType(t.X)) {
			return fmt.Errorf("%s: the argument is a %s", termText(t), TermType(t.X))
		}
	case nil:
		return fmt.Errorf("a term is nil")
	}
	return nil
}
