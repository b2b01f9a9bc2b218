package eval

import (
	"fmt"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// Node is a predicate with its value on one event and the values that were seen.
type Node struct {
	// Text is the leaf in the words of rules, or and, or, not for a junction.
	Text  string    `json:"text"`
	Value bool      `json:"value"`
	Span  diag.Span `json:"span"`
	// Seen holds, for a leaf, each field that it reads with its values; no values mean that the field is missing.
	Seen     []Seen `json:"seen,omitempty"`
	Children []Node `json:"children,omitempty"`
}

// Seen is a field and its values on the event.
type Seen struct {
	Field  string   `json:"field"`
	Values []string `json:"values"`
}

// Explain says of each condition of the rule whether it is true on an event, and which values were seen. An event of
// another class or source is said to be so.
func (r *Rule) Explain(e *schema.Event) Node {
	n := r.explain(r.Condition(e.Binding), e)
	if len(r.From) > 0 && !r.Takes(e.Class, e.Source) {
		return Node{Text: fmt.Sprintf("the event is %s on %s, which the rule does not look at", e.Class, e.Source), Children: []Node{n}}
	}
	return n
}

func (r *Rule) explain(p ir.Pred, e *schema.Event) Node {
	n := Node{Value: r.Holds(p, e), Span: p.Pos()}
	switch p := p.(type) {
	case *ir.And:
		n.Text, n.Children = "and", r.explainAll(p.Xs, e)
	case *ir.Or:
		n.Text, n.Children = "or", r.explainAll(p.Xs, e)
	case *ir.Not:
		n.Text, n.Children = "not", []Node{r.explain(p.X, e)}
	case *ir.Const, *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
		n.Text = ir.Words(p)
		for _, f := range ir.FieldsOf(p) {
			s := Seen{Field: f.Name, Values: []string{}}
			for _, v := range values(f, scope{event: e}) {
				s.Values = append(s.Values, v.String())
			}
			n.Seen = append(n.Seen, s)
		}
	}
	return n
}

func (r *Rule) explainAll(ps []ir.Pred, e *schema.Event) []Node {
	out := make([]Node, len(ps))
	for i, p := range ps {
		out[i] = r.explain(p, e)
	}
	return out
}

// String returns the tree as indented lines.
func (n Node) String() string {
	var b strings.Builder
	n.write(&b, 0)
	return b.String()
}

func (n Node) write(b *strings.Builder, depth int) {
	fmt.Fprintf(b, "%s%-5v  %s", strings.Repeat("  ", depth), n.Value, n.Text)
	for _, s := range n.Seen {
		if len(s.Values) == 0 {
			fmt.Fprintf(b, "   %s is missing", s.Field)
			continue
		}
		fmt.Fprintf(b, "   %s = %q", s.Field, s.Values)
	}
	b.WriteByte('\n')
	for _, c := range n.Children {
		c.write(b, depth+1)
	}
}
