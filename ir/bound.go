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

// Natives returns the fields of the part's telemetry: that of the time, those that select events, and those that supply fields.
func (p Part) Natives() []schema.NativeField {
	out := []schema.NativeField{p.Binding.Time}
	for _, c := range p.Class.Select {
		out = append(out, c.Native)
	}
	for _, m := range p.Class.Mappings {
		out = append(out, m.Natives()...)
	}
	return out
}

// Reads returns the native fields that the part reads, its columns included, each once.
func (p Part) Reads() []*Field {
	all := []Pred{p.Select, p.Where}
	all = append(all, p.Conds...)
	for _, k := range p.Keys {
		if f, ok := k.Term.(*Field); ok {
			all = append(all, &Exists{F: f})
		}
	}
	for _, t := range p.Args {
		all = append(all, &Cmp{Op: Eq, L: t})
	}
	return FieldsOf(&And{Xs: all})
}
