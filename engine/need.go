package engine

import (
	"slices"
	"strings"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// atom is something that an event needs for a predicate to be true of it: a value of a field, a piece of text in one, or,
// with neither, any value of the field at all. Text is folded.
type atom struct {
	slot  int
	whole bool   // the text is the whole value
	text  string // "" with whole unset: any value
}

// clause is a list of atoms of which a true predicate has one. A clause without atoms is of a predicate that is never true.
type clause []atom

// needs returns clauses each of which holds where the predicate is true; none when nothing is known. vars are the fields that
// the variables of quantifiers range over.
func needs(t *slotTable, p ir.Pred, vars map[string]int) []clause {
	switch p := p.(type) {
	case *ir.And:
		var out []clause
		for _, x := range p.Xs {
			out = append(out, needs(t, x, vars)...)
		}
		return out
	case *ir.Or:
		return needsOne(t, p.Xs, vars)
	case *ir.Const:
		if !p.Value {
			return []clause{{}}
		}
	case *ir.Cmp:
		if slot, ok := slotOf(t, p.L, vars); ok {
			return compareNeeds(slot, p)
		}
	case *ir.Exists:
		if slot, ok := slotOf(t, p.F, vars); ok {
			return []clause{{{slot: slot}}}
		}
	case *ir.Quant: // of all values, some value is one
		if slot, ok := t.slot(p.Over); ok && !ir.ReadsSubfields(p.Body, p.Var) {
			inner := map[string]int{p.Var: slot}
			for name, s := range vars {
				if name != p.Var {
					inner[name] = s
				}
			}
			return append(needs(t, p.Body, inner), clause{{slot: slot}})
		}
	case *ir.Not, *ir.Rel, *ir.Empty, *ir.Keyword:
	}
	return nil
}

// needsOne joins the best clauses of the members of an or, each of which must have one.
func needsOne(t *slotTable, xs []ir.Pred, vars map[string]int) []clause {
	out := clause{}
	for _, x := range xs {
		cs := needs(t, x, vars)
		if len(cs) == 0 {
			return nil
		}
		out = append(out, slices.MaxFunc(cs, func(a, b clause) int { return a.worth() - b.worth() })...)
	}
	return []clause{out}
}

// worth is larger for what fewer events have, as far as the clause alone tells.
func (c clause) worth() int {
	least := 1 << 20
	for _, a := range c {
		w := min(len(a.text), 30)
		if a.whole {
			w = 2*w + 1
		}
		least = min(least, w)
	}
	return least
}

func slotOf(t *slotTable, x ir.Term, vars map[string]int) (int, bool) {
	switch x := x.(type) {
	case *ir.Field:
		return t.slot(x)
	case *ir.Elem:
		s, ok := vars[x.Var]
		return s, ok && x.Sub == ""
	case *ir.Lit, *ir.Arith, *ir.Call:
	}
	return 0, false
}

func compareNeeds(slot int, p *ir.Cmp) []clause {
	any := []clause{{{slot: slot}}}
	out := clause{}
	for _, v := range p.R {
		if !v.Type().IsString() || !ir.TermType(p.L).IsString() {
			return any
		}
		a := atom{slot: slot}
		switch p.Op {
		case ir.Eq:
			a.whole, a.text = true, v.Str()
		case ir.Contains, ir.StartsWith, ir.EndsWith:
			a.text = v.Str()
		case ir.Like:
			g := pattern.ParseGlob(v.Str())
			if text, plain := g.Plain(); plain {
				a.whole, a.text = true, text
				break
			}
			for _, part := range g {
				if part.Kind == pattern.Literal && len(part.Text) > len(a.text) {
					a.text = part.Text
				}
			}
		case ir.Matches:
			n, err := pattern.ParseRegexp(v.Str())
			if err != nil {
				return any
			}
			texts := required(n)
			if len(texts) == 0 {
				return any
			}
			for _, s := range texts {
				out = append(out, atom{slot: slot, text: pattern.FoldString(s)})
			}
			continue
		case ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
			return any
		}
		a.text = pattern.FoldString(a.text)
		if a.text == "" && !a.whole {
			return any
		}
		out = append(out, a)
	}
	return []clause{out}
}

// required returns texts of which every text that fits has one, without regard to case; none when nothing is known.
func required(n pattern.Node) []string {
	switch n := n.(type) {
	case *pattern.Runes:
		return []string{n.Text}
	case *pattern.Class:
		if s, ok := oneLetter(n); ok {
			return []string{s}
		}
	case *pattern.Concat:
		return requiredOf(n.Xs)
	case *pattern.Alternate:
		var out []string
		for _, x := range n.Xs {
			texts := required(x)
			if len(texts) == 0 {
				return nil
			}
			out = append(out, texts...)
		}
		return out
	case *pattern.Repeat:
		if n.Min > 0 {
			return required(n.X)
		}
	case *pattern.Begin, *pattern.End:
	}
	return nil
}

// requiredOf chooses among the members of a sequence; those that are plain letters are joined to texts.
func requiredOf(xs []pattern.Node) []string {
	var best []string
	var text strings.Builder
	take := func(texts []string) {
		if len(texts) > 0 && shortest(texts) > shortest(best) {
			best = texts
		}
	}
	for _, x := range xs {
		switch x := x.(type) {
		case *pattern.Runes:
			text.WriteString(x.Text)
			continue
		case *pattern.Class:
			if s, ok := oneLetter(x); ok {
				text.WriteString(s)
				continue
			}
		case *pattern.Concat, *pattern.Alternate, *pattern.Repeat, *pattern.Begin, *pattern.End:
			take(required(x))
		}
		take([]string{text.String()})
		text.Reset()
	}
	take([]string{text.String()})
	return best
}

func shortest(texts []string) int {
	n := 0
	for i, s := range texts {
		if i == 0 || len(s) < n {
			n = len(s)
		}
	}
	return n
}

// oneLetter returns the letter whose cases a class holds.
func oneLetter(c *pattern.Class) (string, bool) {
	letter := rune(-1)
	for _, r := range c.Ranges {
		if r.Hi-r.Lo > 3 {
			return "", false
		}
		for x := r.Lo; x <= r.Hi; x++ {
			if f := pattern.Fold(x); letter == -1 {
				letter = f
			} else if f != letter {
				return "", false
			}
		}
	}
	return string(letter), letter != -1
}

// isText reports whether a comparison is one of texts that only their folded forms decide.
func isText(p *ir.Cmp) bool {
	return !p.Cased && (p.Op == ir.Eq || p.Op == ir.Contains || p.Op == ir.StartsWith || p.Op == ir.EndsWith) &&
		!slices.ContainsFunc(p.R, func(v schema.Value) bool { return !v.Type().IsString() })
}
