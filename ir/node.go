package ir

import (
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/schema"
)

// Pred is a condition on one event. Every predicate is true or false on every event: there is no third value.
//
// The members are [*And], [*Or], [*Not], [*Const], [*Cmp], [*Rel], [*Exists], [*Empty], [*Quant] and [*Keyword].
//
//sumtype:decl
type Pred interface {
	pred()
	// Pos is the place in the rule text that the node came from.
	Pos() diag.Span
}

// And is true when every member is. An empty And is true.
//
// Text form: (and P Q …)
type And struct {
	Xs   []Pred
	Span diag.Span
}

// Or is true when some member is. An empty Or is false.
//
// Text form: (or P Q …)
type Or struct {
	Xs   []Pred
	Span diag.Span
}

// Not is true when X is false; nothing else. A comparison with a missing field is false, so its Not is true.
//
// Text form: (not P)
type Not struct {
	X    Pred
	Span diag.Span
}

// Const is always true or always false.
//
// Text form: true, false
type Const struct {
	Value bool
	Span  diag.Span
}

// Cmp compares a term with literals.
//
// Meaning: some value of L stands in relation Op to some literal of R.
// Missing field: L has no value, so Cmp is false.
// Strings: Like's literals are globs, Matches' are regular expressions, InCIDR's are blocks; otherwise plain text. Unless
// Cased, operators that fold compare by simple case folding, where an ASCII letter never equals a non-ASCII one.
//
// Text form: (eq (field process.name) ["net.exe" "net1.exe"]), with .cs behind the operator's name when Cased.
type Cmp struct {
	Op    Op
	Cased bool
	L     Term
	R     []schema.Value
	Span  diag.Span
}

// Rel compares two terms, of which at least one is no literal.
//
// Meaning: some value of L stands in relation Op to some value of R. Missing field: false.
// Strings: as in Cmp; folding compares the simple folds of both sides.
//
// Text form: (rel.eq (field source.ip) (field destination.ip))
type Rel struct {
	Op    Op
	Cased bool
	L, R  Term
	Span  diag.Span
}

// Exists is true when the field has a value, the empty string included. Text form: (exists (field f))
type Exists struct {
	F    *Field
	Span diag.Span
}

// Empty is true when the field is missing or all its values are the empty string. Text form: (empty (field f))
type Empty struct {
	F    *Field
	Span diag.Span
}

// QuantKind is how a quantifier binds.
type QuantKind uint8

// The quantifiers. `none` is lowered to Not of Any.
const (
	Any QuantKind = iota + 1
	All
)

// String returns the quantifier's word.
func (k QuantKind) String() string {
	if k == All {
		return "all"
	}
	return "any"
}

// Quant ranges over the elements of a field: its values, or its objects when the catalogue or binding says that the
// field is an array of objects (then Body reads them through [Elem] with a sub-field).
//
// Meaning: Any is true when Body is true for some element. All is true when the field has an element and Body is true for
// every one. Missing field: both are false.
//
// Text form: (any arg (field process.args) BODY)
type Quant struct {
	Kind QuantKind
	Var  string
	Over *Field
	Body Pred
	Span diag.Span
}

// Keyword is true when the comparison holds of some string value of the event, at any depth. Op is [Contains], [Like] or
// [Matches].
//
// Text form: (keyword contains "text"), (keyword like.cs "te*t")
type Keyword struct {
	Op    Op
	Cased bool
	Text  string
	Span  diag.Span
}

// On returns the comparison with one text.
func (n *Keyword) On(text Term) *Cmp {
	return &Cmp{Op: n.Op, Cased: n.Cased, L: text, R: []schema.Value{schema.String(n.Text)}, Span: n.Span}
}

// Matcher returns the comparison as a function of one text; it fails as [Matcher] does.
func (n *Keyword) Matcher() (func(schema.Value) bool, error) {
	return Matcher(n.Op, n.Cased, []schema.Value{schema.String(n.Text)})
}

func (*And) pred()     {}
func (*Or) pred()      {}
func (*Not) pred()     {}
func (*Const) pred()   {}
func (*Cmp) pred()     {}
func (*Rel) pred()     {}
func (*Exists) pred()  {}
func (*Empty) pred()   {}
func (*Quant) pred()   {}
func (*Keyword) pred() {}

// Pos returns the place in the rule text.
func (n *And) Pos() diag.Span { return n.Span }

// Pos returns the place in the rule text.
func (n *Or) Pos() diag.Span { return n.Span }

// Pos returns the place in the rule text.
func (n *Not) Pos() diag.Span { return n.Span }

// Pos returns the place in the rule text.
func (n *Const) Pos() diag.Span { return n.Span }

// Pos returns the place in the rule text.
func (n *Cmp) Pos() diag.Span { return n.Span }

// Pos returns the place in the rule text.
func (n *Rel) Pos() diag.Span { return n.Span }

// Pos returns the place in the rule text.
func (n *Exists) Pos() diag.Span { return n.Span }

// Pos returns the place in the rule text.
func (n *Empty) Pos() diag.Span { return n.Span }

// Pos returns the place in the rule text.
func (n *Quant) Pos() diag.Span { return n.Span }

// Pos returns the place in the rule text.
func (n *Keyword) Pos() diag.Span { return n.Span }

// Term is something that has values: none, one or several.
//
// The members are [*Field], [*Elem], [*Lit], [*Arith] and [*Call].
//
//sumtype:decl
type Term interface{ term() }

// Field reads a field of the event.
//
// Text form: (field process.name), a native one (native Image keyword).
type Field struct {
	Name  string
	Type  schema.Type
	Array bool
	// Native is set by the pass bind: the field is then one of the vendor's own event, Name its path.
	Native *schema.NativeField
	Span   diag.Span
}

// Elem reads the element of the enclosing [Quant] with variable Var; Sub is the path inside an object element, "" for the element itself.
//
// Text form: (elem arg), (elem t user.name)
type Elem struct {
	Var, Sub string
	Type     schema.Type
}

// Lit is a literal. Text form: the literal.
type Lit struct{ Value schema.Value }

// Arith is + - * / on numbers and times: the difference of two times is a number of milliseconds, a time plus or minus
// milliseconds is a time. It has a value for each pair of operand values; a division by zero has none. & is the bitwise
// and of two longs; only bindings use it.
//
// Text form: (+ T U)
type Arith struct {
	Op   byte
	X, Y Term
	Type schema.Type
}

// Call is a function of a term. Text form: (length T)
type Call struct {
	Func Func
	X    Term
}

func (*Field) term() {}
func (*Elem) term()  {}
func (*Lit) term()   {}
func (*Arith) term() {}
func (*Call) term()  {}

// TermType returns the type of a term's values.
func TermType(t Term) schema.Type {
	switch t := t.(type) {
	case *Field:
		return t.Type
	case *Elem:
		return t.Type
	case *Lit:
		return t.Value.Type()
	case *Arith:
		return t.Type
	case *Call:
		return t.Func.Info().Result
	}
	return schema.Invalid
}

// Walk calls f for the node and all below it, parents first; f returns whether to go on below the node.
func Walk(p Pred, f func(Pred) bool) {
	if !f(p) {
		return
	}
	switch p := p.(type) {
	case *And:
		for _, x := range p.Xs {
			Walk(x, f)
		}
	case *Or:
		for _, x := range p.Xs {
			Walk(x, f)
		}
	case *Not:
		Walk(p.X, f)
	case *Quant:
		Walk(p.Body, f)
	case *Const, *Cmp, *Rel, *Exists, *Empty, *Keyword:
	}
}

// FieldsOf returns the fields that a predicate reads, each name once, in order of first use.
func FieldsOf(p Pred) []*Field {
	var out []*Field
	seen := map[string]bool{}
	var term func(t Term)
	term = func(t Term) {
		switch t := t.(type) {
		case *Field:
			if !seen[t.Name] {
				seen[t.Name] = true
				out = append(out, t)
			}
		case *Arith:
			term(t.X)
			term(t.Y)
		case *Call:
			term(t.X)
		case *Elem, *Lit:
		}
	}
	Walk(p, func(p Pred) bool {
		switch p := p.(type) {
		case *Cmp:
			term(p.L)
		case *Rel:
			term(p.L)
			term(p.R)
		case *Exists:
			term(p.F)
		case *Empty:
			term(p.F)
		case *Quant:
			term(p.Over)
		case *And, *Or, *Not, *Const, *Keyword:
		}
		return true
	})
	return out
}

// ReadsSubfields reports whether the body of a quantifier reads sub-fields of its element.
func ReadsSubfields(p Pred, name string) bool {
	found := false
	var term func(t Term)
	term = func(t Term) {
		switch t := t.(type) {
		case *Elem:
			found = found || t.Var == name && t.Sub != ""
		case *Arith:
			term(t.X)
			term(t.Y)
		case *Call:
			term(t.X)
		case *Field, *Lit:
		}
	}
	Walk(p, func(p Pred) bool {
		switch p := p.(type) {
		case *Cmp:
			term(p.L)
		case *Rel:
			term(p.L)
			term(p.R)
		case *And, *Or, *Not, *Const, *Exists, *Empty, *Quant, *Keyword:
		}
		return !found
	})
	return found
}
