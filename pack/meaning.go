package pack

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// Meaning returns the SHA-256 of what a rule means. It stays the same when names (of the rule, its parameters, definitions,
// scopes, aggregates, steps and variables), metadata, tests, the schedule, what a finding shows, the formatting, the order or
// repetition of members of a list, or letters change whose case does not count. It changes with the classes and sources, a
// condition, an operator, a literal, the value in force of a parameter or list, a window, a key, an aggregate or a step.
func Meaning(r *ir.Rule) string { return hash([]byte(meaningText(r))) }

// meaningText is the canonical text of a rule's meaning; each part of the rule is written out where it is used.
func meaningText(r *ir.Rule) string {
	m := meaning{rule: r}
	m.line("meaning 1")
	m.classes("from", r.From)
	m.line("where " + predText(r.Where))
	for _, a := range r.Alts {
		m.line("alt " + a.Binding + " " + predText(a.Where))
	}
	m.body()
	return m.b.String()
}

type meaning struct {
	rule *ir.Rule
	b    strings.Builder
}

func (m *meaning) line(text string) { m.b.WriteString(text + "\n") }

func (m *meaning) classes(word string, in []ir.ClassOn) { m.line(word + " " + classesText(in)) }

func classesText(in []ir.ClassOn) string {
	words := make([]string, len(in))
	for i, c := range in {
		words[i] = c.Class + " on " + c.Source
	}
	return strings.Join(sortedOnce(words), ", ")
}

func (m *meaning) body() {
	switch x := m.rule.Body.(type) {
	case *ir.Count:
		m.line("window " + x.Window.Kind.String() + " " + ms(x.Window.Size) + " " + ms(x.Window.Every) + " " + ms(x.Window.Max))
		var scopes []string
		for _, s := range x.Scopes {
			scopes = append(scopes, m.scope(s))
		}
		m.line("scopes " + strings.Join(sortedOnce(scopes), " "))
		m.line("per " + m.keys(x.Per))
		m.line("when " + m.cond(x.When))
	case *ir.FirstSeen:
		m.line("first_seen " + m.key(x.Value) + " every " + ms(x.Every) + " history " + ms(x.History) + " warmup " + ms(x.Warmup))
		m.line("per " + m.keys(x.Per))
	case *ir.Baseline:
		m.line("measure " + m.agg(x.Measure) + " bucket " + ms(x.Bucket))
		m.line(fmt.Sprintf("baseline learn %s own %d population %v", ms(x.Learn), x.Own, x.Population))
		m.line("per " + m.keys(x.Per))
		m.line("when " + m.cond(x.When))
	case *ir.Sequence:
		m.sequence(x)
	case *ir.Absence:
		m.line(fmt.Sprintf("expect %d of %s window %s grace %s", x.Min, m.key(x.Key), ms(x.Window), ms(x.Grace)))
		var words []string
		for _, v := range x.Expected {
			words = append(words, literal(v))
		}
		m.line("in " + strings.Join(sortedOnce(words), " "))
	case nil:
		m.line("event")
	}
}

// sequence writes the steps; those of a together rule in an order of their own, since theirs does not count.
func (m *meaning) sequence(x *ir.Sequence) {
	word := "together"
	if x.Ordered {
		word = "sequence"
	}
	m.line(word + " within " + ms(x.Within))
	keys := make([]int, len(x.Per)) // positions in the order of the keys' texts
	for i := range keys {
		keys[i] = i
	}
	slices.SortStableFunc(keys, func(a, b int) int { return strings.Compare(m.key(x.Per[a]), m.key(x.Per[b])) })
	texts, order := make([]string, len(x.Steps)), make([]int, len(x.Steps))
	for i, s := range x.Steps {
		words := make([]string, len(keys))
		for n, k := range keys {
			if k < len(s.Keys) {
				words[n] = m.key(s.Keys[k])
			}
		}
		texts[i], order[i] = fmt.Sprintf("step %s %d by [%s] %s", s.Kind, s.Repeat, strings.Join(words, " "), m.event(s.Cond)), i
	}
	if !x.Ordered {
		slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(texts[a], texts[b]) })
	}
	place := make([]int, len(order))
	for n, i := range order {
		place[i] = n
		m.line(texts[i])
	}
	var cross []string
	for _, c := range x.Cross {
		l, r := m.stepValue(c.L, place), m.stepValue(c.R, place)
		if c.Op == ir.Eq && r < l {
			l, r = r, l
		}
		cross = append(cross, fmt.Sprintf("cross %v %s %v %s %s", c.Negated, c.Op.Info().Name, c.Cased, l, r))
	}
	for _, c := range sortedOnce(cross) {
		m.line(c)
	}
}

func (m *meaning) stepValue(v ir.StepValue, place []int) string {
	return "(" + strconv.Itoa(place[v.Step]) + " " + m.arg(v.Arg) + ")"
}

func (m *meaning) scope(s ir.Scope) string {
	var aggs []string
	for _, a := range s.Aggs {
		aggs = append(aggs, m.agg(a))
	}
	return "(per " + m.keys(s.Keys) + " " + strings.Join(sortedOnce(aggs), " ") + ")"
}

func (m *meaning) agg(a ir.Agg) string {
	return "(" + a.Func.String() + " " + m.arg(a.Arg) + " " + number(a.Percent) + " " + m.event(a.Where) + ")"
}

// event is a condition by its index, with the classes that it is asked of.
func (m *meaning) event(i int) string {
	if i < 0 || i >= len(m.rule.Conds) {
		return "all"
	}
	text := predText(m.rule.Conds[i])
	if i < len(m.rule.CondFrom) && m.rule.CondFrom[i] != nil {
		text += " of [" + classesText(m.rule.CondFrom[i]) + "]"
	}
	return text
}

func (m *meaning) arg(i int) string {
	if i < 0 || i >= len(m.rule.Args) {
		return "-"
	}
	return ir.TermText(term(m.rule.Args[i], nil))
}

func (m *meaning) key(i int) string {
	if i < 0 || i >= len(m.rule.Keys) {
		return "-"
	}
	k := m.rule.Keys[i]
	if k.Fold {
		return "(fold " + ir.TermText(k.Term) + ")"
	}
	return ir.TermText(k.Term)
}

func (m *meaning) keys(in []int) string {
	words := make([]string, len(in))
	for i, k := range in {
		words[i] = m.key(k)
	}
	return "[" + strings.Join(sortedOnce(words), " ") + "]"
}

func (m *meaning) cond(c ir.Cond) string {
	members := func(word string, xs []ir.Cond) string {
		words := make([]string, len(xs))
		for i, x := range xs {
			words[i] = m.cond(x)
		}
		words = sortedOnce(words)
		if len(words) == 1 {
			return words[0]
		}
		return "(" + word + " " + strings.Join(words, " ") + ")"
	}
	switch c := c.(type) {
	case *ir.CondAnd:
		return members("and", c.Xs)
	case *ir.CondOr:
		return members("or", c.Xs)
	case *ir.CondNot:
		if inner, ok := c.X.(*ir.CondNot); ok {
			return m.cond(inner.X)
		}
		return "(not " + m.cond(c.X) + ")"
	case *ir.CondCmp:
		return "(" + c.Op.Info().Name + " " + m.num(c.L) + " " + m.num(c.R) + ")"
	}
	return "none"
}

// num writes a number; an aggregate is written out, and a parameter is its value.
func (m *meaning) num(n ir.Num) string {
	switch n := n.(type) {
	case *ir.NumLit:
		return number(n.Value)
	case *ir.NumAgg:
		s := m.rule.Scopes()[n.Scope]
		return "(agg " + m.keys(s.Keys) + " " + m.agg(s.Aggs[n.Agg]) + ")"
	case *ir.NumBase:
		return "(base " + n.What.String() + ")"
	case *ir.NumStep:
		return fmt.Sprintf("(step %d %s)", n.Step, m.arg(n.Arg))
	case *ir.NumArith:
		return "(" + string(n.Op) + " " + m.num(n.X) + " " + m.num(n.Y) + ")"
	case *ir.NumCall:
		words := make([]string, len(n.Args))
		for i, x := range n.Args {
			words[i] = m.num(x)
		}
		return "(" + n.Func.String() + " " + strings.Join(words, " ") + ")"
	}
	return ""
}

// predText is the text of a condition in its canonical form.
func predText(p ir.Pred) string {
	if p == nil {
		return "true"
	}
	return ir.PrintPred(canonical(p, nil))
}

// canonical returns a condition that means the same: members of `and` and `or` are flat, sorted and stand once, literals that
// ignore case are folded, variables are named by their depth. vars are the variables of the quantifiers around it.
func canonical(p ir.Pred, vars []string) ir.Pred {
	switch p := p.(type) {
	case *ir.And:
		xs := members(p.Xs, vars, func(x ir.Pred) ([]ir.Pred, bool) {
			and, ok := x.(*ir.And)
			if !ok {
				return nil, false
			}
			return and.Xs, true
		})
		if len(xs) == 1 {
			return xs[0]
		}
		return &ir.And{Xs: xs}
	case *ir.Or:
		xs := members(p.Xs, vars, func(x ir.Pred) ([]ir.Pred, bool) {
			or, ok := x.(*ir.Or)
			if !ok {
				return nil, false
			}
			return or.Xs, true
		})
		if len(xs) == 1 {
			return xs[0]
		}
		return &ir.Or{Xs: xs}
	case *ir.Not:
		x := canonical(p.X, vars)
		if inner, ok := x.(*ir.Not); ok {
			return inner.X
		}
		return &ir.Not{X: x}
	case *ir.Cmp:
		return compare(p, vars)
	case *ir.Rel:
		l, r := term(p.L, vars), term(p.R, vars)
		if p.Op == ir.Eq && ir.TermText(r) < ir.TermText(l) {
			l, r = r, l
		}
		return &ir.Rel{Op: p.Op, Cased: p.Cased && p.Op.Info().Folds, L: l, R: r}
	case *ir.Quant:
		inner := append(slices.Clone(vars), p.Var)
		over, _ := term(p.Over, vars).(*ir.Field)
		return &ir.Quant{Kind: p.Kind, Var: depth(len(vars)), Over: over, Body: canonical(p.Body, inner)}
	case *ir.Keyword:
		k := *p
		if p.Op.Info().Folds && !p.Cased {
			k.Text = pattern.FoldString(p.Text)
		}
		return &k
	case *ir.Const, *ir.Exists, *ir.Empty:
	}
	return p
}

// members returns the canonical members of a junction, those of junctions of its own kind among them.
func members(in []ir.Pred, vars []string, same func(ir.Pred) ([]ir.Pred, bool)) []ir.Pred {
	var out []ir.Pred
	for _, x := range in {
		c := canonical(x, vars)
		if xs, ok := same(c); ok {
			out = append(out, xs...)
			continue
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b ir.Pred) int { return strings.Compare(ir.PrintPred(a), ir.PrintPred(b)) })
	return slices.CompactFunc(out, func(a, b ir.Pred) bool { return ir.PrintPred(a) == ir.PrintPred(b) })
}

func compare(p *ir.Cmp, vars []string) ir.Pred {
	folds := p.Op.Info().Folds && !p.Cased
	out := &ir.Cmp{Op: p.Op, Cased: p.Cased && p.Op.Info().Folds, L: term(p.L, vars)}
	for _, v := range p.R {
		switch v.Type() {
		case schema.Keyword, schema.Text:
			text := v.Str()
			if folds {
				text = pattern.FoldString(text)
			}
			v = schema.String(text)
		case schema.Long, schema.Double, schema.Boolean, schema.Date, schema.IP, schema.Invalid:
		}
		out.R = append(out.R, v)
	}
	slices.SortStableFunc(out.R, func(a, b schema.Value) int { return strings.Compare(literal(a), literal(b)) })
	out.R = slices.CompactFunc(out.R, func(a, b schema.Value) bool { return literal(a) == literal(b) })
	return out
}

// literal is the text of a value, with its type.
func literal(v schema.Value) string { return ir.TermText(&ir.Lit{Value: v}) }

// term renames the variables of quantifiers.
func term(t ir.Term, vars []string) ir.Term {
	switch t := t.(type) {
	case *ir.Elem:
		for i, v := range slices.Backward(vars) {
			if v == t.Var {
				return &ir.Elem{Var: depth(i), Sub: t.Sub, Type: t.Type}
			}
		}
	case *ir.Arith:
		return &ir.Arith{Op: t.Op, X: term(t.X, vars), Y: term(t.Y, vars), Type: t.Type}
	case *ir.Call:
		return &ir.Call{Func: t.Func, X: term(t.X, vars)}
	case *ir.Field, *ir.Lit:
	}
	return t
}

func depth(n int) string { return "v" + strconv.Itoa(n) }

func ms(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

func sortedOnce(in []string) []string {
	out := slices.Clone(in)
	slices.Sort(out)
	return slices.Compact(out)
}
