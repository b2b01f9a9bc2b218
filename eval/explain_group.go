package eval

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// maxGroups is how many groups of events are explained.
const maxGroups = 10

// Groups explains a rule over several events: the groups in the range with their numbers, each part of `when` with its
// value. The groups nearest to being a finding come first, at most ten; more is how many are left out.
func Groups(r *ir.Rule, rows []Row, rng Range) (nodes []Node, more int) {
	ms := moments(r, rows, rng)
	far := make([]float64, len(ms))
	order := make([]int, len(ms))
	for i := range ms {
		order[i], far[i] = i, ms[i].distance(r)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(far[a], far[b]) })
	for _, i := range order[:min(len(order), maxGroups)] {
		nodes = append(nodes, ms[i].explain(r))
	}
	return nodes, len(order) - len(nodes)
}

// GroupsText is what [Groups] returns as indented lines.
func GroupsText(r *ir.Rule, rows []Row, rng Range) string {
	var b strings.Builder
	nodes, more := Groups(r, rows, rng)
	for _, n := range nodes {
		b.WriteString(n.String())
	}
	switch {
	case len(nodes) == 0:
		b.WriteString("no group of events is in the range: no event of the rule has all keys there\n")
	case more > 0:
		fmt.Fprintf(&b, "and %d more, farther from a finding\n", more)
	}
	return b.String()
}

func (m *moment) explain(r *ir.Rule) Node {
	n := Node{Value: m.found, Text: "at " + schema.DateMillis(m.time).String(), Span: r.Span}
	if m.from != m.to {
		n.Text = fmt.Sprintf("window %s to %s", schema.DateMillis(m.from), schema.DateMillis(m.to))
	}
	if m.title != "" {
		n.Text = m.title
	}
	if m.because != nil {
		m.why = m.because()
	}
	if m.why != "" {
		n.Text += " (" + m.why + ")"
	}
	for i, k := range r.Per() {
		n.Seen = append(n.Seen, seen(ir.KeyWords(r.Keys[k]), m.key[i]))
	}
	if b, ok := r.Body.(*ir.FirstSeen); ok {
		n.Seen = append(n.Seen, seen(ir.KeyWords(r.Keys[b.Value]), *m.value))
	}
	for i, s := range r.Scopes() {
		for j := range s.Aggs {
			num := &ir.NumAgg{Scope: i, Agg: j}
			n.Seen = append(n.Seen, seen(r.NumWords(num), m.values(num)...))
		}
	}
	if _, ok := r.Body.(*ir.Sequence); ok && m.found {
		for _, s := range r.Emit.Shown {
			n.Seen = append(n.Seen, seen(s.Name, m.values(s.Value)...))
		}
	}
	if when := r.When(); when != nil {
		n.Children = []Node{m.explainCond(r, when)}
	}
	return n
}

// maxSeen is how many values of one name are shown.
const maxSeen = 12

func seen(name string, vs ...schema.Value) Seen {
	s := Seen{Field: name, Values: []string{}}
	for _, v := range vs[:min(len(vs), maxSeen)] {
		s.Values = append(s.Values, v.String())
	}
	if more := len(vs) - maxSeen; more > 0 {
		s.Values = append(s.Values, fmt.Sprintf("… %d more", more))
	}
	return s
}

func (m *moment) explainCond(r *ir.Rule, c ir.Cond) Node {
	n := Node{Value: m.holds(c), Span: c.Pos()}
	all := func(xs []ir.Cond) (out []Node) {
		for _, x := range xs {
			out = append(out, m.explainCond(r, x))
		}
		return out
	}
	switch c := c.(type) {
	case *ir.CondAnd:
		n.Text, n.Children = "and", all(c.Xs)
	case *ir.CondOr:
		n.Text, n.Children = "or", all(c.Xs)
	case *ir.CondNot:
		n.Text, n.Children = "not", all([]ir.Cond{c.X})
	case *ir.CondCmp:
		n.Text = r.CondWords(c)
		for _, side := range []ir.Num{c.L, c.R} {
			if lit, ok := side.(*ir.NumLit); ok && lit.Param == "" {
				continue
			}
			var vs []schema.Value
			if f, ok := m.number(side); ok {
				vs = []schema.Value{schema.Float(f)}
			}
			n.Seen = append(n.Seen, seen(r.NumWords(side), vs...))
		}
	}
	return n
}

// distance says how far the group is from being a finding: 0 for a finding.
func (m *moment) distance(r *ir.Rule) float64 {
	d := 0.0
	if when := r.When(); when != nil {
		d = m.condDistance(when, true)
	}
	if d == 0 && !m.found {
		return 1
	}
	return d
}

// condDistance is 0 when the condition is as wanted; sides of a comparison count by how much they differ.
func (m *moment) condDistance(c ir.Cond, want bool) float64 {
	if m.holds(c) == want {
		return 0
	}
	switch c := c.(type) {
	case *ir.CondAnd:
		return m.junction(c.Xs, want, want)
	case *ir.CondOr:
		return m.junction(c.Xs, want, !want)
	case *ir.CondNot:
		return m.condDistance(c.X, !want)
	case *ir.CondCmp:
		l, hasL := m.number(c.L)
		r, hasR := m.number(c.R)
		if hasL && hasR {
			return (math.Abs(l-r) + 1e-6) / (math.Abs(l) + math.Abs(r) + 1)
		}
	}
	return 2
}

// junction adds the members' distances when all have to change, else it is that of the nearest.
func (m *moment) junction(xs []ir.Cond, want, all bool) float64 {
	total, least := 0.0, 2.0
	for _, x := range xs {
		d := m.condDistance(x, want)
		total, least = total+d, min(least, d)
	}
	if all {
		return total
	}
	return least
}
