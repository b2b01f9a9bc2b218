package ir

import "github.com/onerule/onerule/schema"

// Bound is a rule on the native telemetry of one platform: its parts are joined by "or". What the canonical predicate
// says about canonical events, Select and Where together say about native ones.
type Bound struct {
	Rule     *Rule
	Platform string
	Parts    []Part
}

// Part is the rule on one event class of one binding.
type Part struct {
	Binding *schema.Binding
	Class   *schema.BoundClass
	// Select finds the events of the class, Where is the rule's condition; both read native fields only.
	Select, Where Pred
	// Keys, Args and Conds are the rule's columns on the native events, in the same order.
	Keys  []Key
	Args  []Term
	Conds []Pred
	// Assumptions are the names of what the binding has to assume, sorted.
	Assumptions []string
}

// Pred returns the whole condition of the part.
func (p Part) Pred() Pred { return &And{Xs: []Pred{p.Select, p.Where}, Span: p.Where.Pos()} }
