package all

import (
	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
)

// Leaf is one condition of a bound rule: what a language makes of it, and the query that says this condition alone.
type Leaf struct {
	backends.LeafLevel
	Part *ir.Part
	// Selecting is set for a condition that finds the events of the part, which no rule text stands behind.
	Selecting bool
	// Query is the text of the condition alone, "" when the language cannot say it.
	Query string
}

// Leaves takes the bound rule apart, part by part. It is empty when binding failed.
func (o *Output) Leaves() []Leaf {
	if o.Bound == nil {
		return nil
	}
	var out []Leaf
	for i := range o.Bound.Parts {
		part := &o.Bound.Parts[i]
		for n, p := range []ir.Pred{part.Select, part.Where} {
			for _, l := range o.Backend.Leaves(p) {
				leaf := Leaf{LeafLevel: l, Part: part, Selecting: n == 0}
				if l.Level.Kind != backends.Refuse {
					single := l.Pred
					if l.Negated {
						single = &ir.Not{X: single, Span: l.Span}
					}
					if alone, diags := o.Alone(*part, single); !diags.HasErrors() {
						leaf.Query = alone.Query.Text
					}
				}
				out = append(out, leaf)
			}
		}
	}
	return out
}

// Alone renders one condition of a part as a query of its own, without the part's selecting conditions.
func (o *Output) Alone(part ir.Part, p ir.Pred) (*Output, diag.List) {
	part.Select, part.Where = &ir.Const{Value: true}, p
	out := &Output{Rule: o.Rule, Backend: o.Backend, Fidelity: o.Fidelity, Bound: &ir.Bound{Rule: o.Rule, Platform: o.Bound.Platform, Parts: []ir.Part{part}}}
	q, diags := o.Backend.Render(out.Bound)
	if !diags.HasErrors() {
		out.Query = q
	}
	return out, diags
}
