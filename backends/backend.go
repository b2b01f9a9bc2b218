// Package backends is what every language backend offers and how the fidelity of an output is found: a capability table
// with one row for each construct, asked for every leaf of a bound rule before anything is printed.
package backends

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
)

// Row is one row of a capability table. Level looks at the operands; the leaf is in the form that the pass push-not
// leaves: negated says that `not` stands before it, and the level is that of the whole, `not` included.
type Row struct {
	// Summary is the row in words, for the matrix: the levels it can give and when.
	Summary string
	Level   func(leaf ir.Pred, negated bool) Level
}

// Table is the capability table of a language: one row for each construct.
type Table map[Construct]Row

// Backend is one target language. Backends are values: they hold no state.
type Backend struct {
	// Lang is the name for --lang, Platform the one for --target.
	Lang, Platform string
	// Title is the vendor's name of the language.
	Title string
	// Extension is the file name extension of a query, without the dot.
	Extension string
	Table     Table
	// TableOn, when set, is the table for a part where the levels depend on its telemetry (SECL compares paths otherwise on
	// Windows); Table is then the one that the matrix shows.
	TableOn func(p ir.Part) Table
	// Render prints the query of a rule that [Check] has passed. A diagnostic is a limit that only shows on the printed
	// text; a construct that cannot be lowered here is a fault of ours.
	Render func(b *ir.Bound) (Query, diag.List)
	// BodyLevel says whether a query carries what a rule over several events asks of them, and how exactly; RenderBody
	// prints it, for a query that is run as the timing says. Both are nil for languages whose text only selects events: their
	// platform carries the rest.
	BodyLevel  func(b *ir.Bound, t Timing) Level
	RenderBody func(b *ir.Bound, t Timing) (Query, diag.List)
	// Types tells how the part's native fields are typed in the vendor's words: what `exec --mapping` gives the interpreter.
	Types func(p ir.Part) map[string]string
	// Language runs texts of the language.
	Language native.Language
}

// Query is a printed query.
type Query struct {
	Text string
	// Columns names, for a rule over several events, the columns of a result row that tell the finding.
	Columns Columns
	// Tables names, for each part of the rule, the table or index pattern that the text reads; matchers read them too, from the artefact.
	Tables []string
}

// Columns are the names of result columns of a rule over several events.
type Columns struct {
	// Keys are in the order of the rule's Per; Value is that of a first_seen rule.
	Keys  []string
	Value string
	// From holds the start of the window, Time the time of the finding; "" where the rule has none.
	From, Time string
	// Opened holds, where one alert takes up the findings of a key that follow each other, the time of the first of them: a
	// finding with an earlier Opened than Time was added to an alert that is open, and is none of its own.
	Opened string
	// Shown are in the order of the rule's Emit.Shown.
	Shown []string
}

// Check asks the table for every leaf of the bound rule and composes the answers. The predicates must be in the form of
// the pass pipeline (push-not and fold).
// What more the carrier of a rule over several events makes of it is given as further levels.
func (b *Backend) Check(bound *ir.Bound, body ...LeafLevel) Fidelity {
	var leaves []LeafLevel
	var assumptions []string
	for _, part := range bound.Parts {
		table := b.Table
		if b.TableOn != nil {
			table = b.TableOn(part)
		}
		assumptions = append(assumptions, part.Assumptions...)
		for _, p := range append([]ir.Pred{part.Select, part.Where}, part.Conds...) {
			leaves = b.leaves(leaves, table, p, false)
		}
	}
	if !ir.Grows(bound.Rule) {
		for i := range leaves {
			leaves[i].Level = settle(leaves[i].Level)
		}
	}
	for i := range leaves {
		if leaves[i].Level.Kind > Assume { // nobody reads the text of the others here
			leaves[i].Text = ir.Words(leaves[i].Pred)
		}
	}
	return compose(append(leaves, body...), assumptions)
}

// BodyLeaf is what a carrier makes of the body of a rule, as one condition among the others.
func BodyLeaf(r *ir.Rule, l Level) LeafLevel {
	leaf := LeafLevel{Span: r.Span, Text: "the rule as a whole", Construct: "counting", Level: l}
	if when := r.When(); when != nil {
		leaf.Span, leaf.Text = when.Pos(), r.CondWords(when)
	}
	switch x := r.Body.(type) {
	case *ir.FirstSeen:
		leaf.Construct, leaf.Span, leaf.Text = "first_seen", x.Span, "first_seen "+ir.KeyWords(r.Keys[x.Value])
	case *ir.Sequence:
		leaf.Construct, leaf.Span = "sequence", x.Span
		if !x.Ordered {
			leaf.Construct = "together"
		}
	case *ir.Absence:
		leaf.Construct, leaf.Span = "expect", x.Span
	case *ir.Count, *ir.Baseline, nil:
	}
	return leaf
}

// settle refuses a level that is not exact: below a condition that does not grow with its events, neither wider nor
// narrower says anything about the findings.
func settle(l Level) Level {
	if l.Kind != Widen && l.Kind != Narrow {
		return l
	}
	return Level{
		Kind: Refuse, Why: "the query would be " + l.Kind.String() + " on events (" + l.Why + "), and from that nothing follows for what is counted here",
		Instead: "change the condition, or leave this target out",
	}
}

// Leaves asks the table for every leaf of one predicate, in order.
func (b *Backend) Leaves(p ir.Pred) []LeafLevel {
	out := b.leaves(nil, b.Table, p, false)
	for i := range out {
		out[i].Text = ir.Words(out[i].Pred)
	}
	return out
}

// leaves appends the levels of the leaves of a predicate, without their texts.
func (b *Backend) leaves(out []LeafLevel, table Table, p ir.Pred, negated bool) []LeafLevel {
	switch p := p.(type) {
	case *ir.And:
		return b.all(out, table, p.Xs)
	case *ir.Or:
		return b.all(out, table, p.Xs)
	case *ir.Not:
		return b.leaves(out, table, p.X, !negated)
	case *ir.Const, *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	c := ConstructOf(p)
	row, ok := table[c]
	if !ok {
		panic(fmt.Sprintf("backends: %s has no row for %q", b.Lang, c)) // the totality test finds it first
	}
	return append(out, LeafLevel{Pred: p, Span: p.Pos(), Construct: c, Negated: negated, Level: row.Level(p, negated)})
}

func (b *Backend) all(out []LeafLevel, table Table, xs []ir.Pred) []LeafLevel {
	for _, x := range xs {
		out = b.leaves(out, table, x, false)
	}
	return out
}

// Consent says which inexact levels an output may have.
type Consent struct{ Widen, Narrow bool }

// Diagnose turns a fidelity into diagnostics: refusals are errors, wider and narrower output is an error without consent
// and a warning with it.
func (b *Backend) Diagnose(f Fidelity, rule *ir.Rule, consent Consent) diag.List {
	for _, a := range rule.Allow {
		if len(a.On) == 0 || slices.Contains(a.On, b.Lang) || slices.Contains(a.On, b.Platform) {
			consent.Widen = consent.Widen || a.Level == "widen"
			consent.Narrow = consent.Narrow || a.Level == "narrow"
		}
	}
	var out diag.List
	mixed := f.Kind == Refuse
	for _, l := range f.Leaves {
		mixed = mixed && l.Level.Kind != Refuse
	}
	for _, l := range joinLeaves(f.Leaves) {
		if d, ok := b.diagnoseLeaf(l, consent, mixed); ok {
			out = append(out, d)
		}
	}
	return out
}

// joinLeaves makes one leaf of those that one condition of the rule became, as far as the language says the same of them: a
// condition on a derived field is several on native ones, and the author wrote one.
func joinLeaves(leaves []LeafLevel) []LeafLevel {
	type said struct {
		span         diag.Span
		kind         Kind
		why, instead string
	}
	var out []LeafLevel
	index, constructs := map[said]int{}, [][]string{}
	for _, l := range leaves {
		key := said{l.Span, l.Level.Kind, l.Level.Why, l.Level.Instead}
		i, ok := index[key]
		if !ok {
			i = len(out)
			index[key] = i
			out, constructs = append(out, l), append(constructs, nil)
		}
		if !slices.Contains(constructs[i], string(l.Construct)) {
			constructs[i] = append(constructs[i], string(l.Construct))
		}
	}
	for i, names := range constructs {
		out[i].Construct = Construct(strings.Join(names, ", "))
	}
	return out
}

func (b *Backend) diagnoseLeaf(l LeafLevel, consent Consent, mixed bool) (diag.Diagnostic, bool) {
	d := diag.Diagnostic{Span: l.Span, Notes: []string{l.Level.Why}}
	switch l.Level.Kind {
	case Refuse:
		d.Code, d.Title = diag.CannotSay, fmt.Sprintf("%s cannot say this: %s", b.Title, l.Construct)
		d.Help = append(d.Help, l.Level.Instead)
	case Widen, Narrow:
		word, consentWord := l.Level.Kind.String(), "widen"
		if l.Level.Kind == Narrow {
			consentWord = "narrow"
		}
		allowed := consent.Widen && l.Level.Kind == Widen || consent.Narrow && l.Level.Kind == Narrow
		d.Code, d.Severity = diag.Inexact, diag.Error
		d.Title = fmt.Sprintf("the %s query would be %s than the rule: %s", b.Title, word, l.Construct)
		d.Help = append(d.Help, fmt.Sprintf("accept it with `allow %s on %s \"why\"` in the rule or --allow %s, or leave %s out", consentWord, b.Lang, consentWord, b.Lang))
		switch {
		case mixed:
			d.Title = fmt.Sprintf("the %s query would find more in one place and less in another; here: %s", b.Title, l.Construct)
			d.Help = []string{"such a query promises nothing, so it is refused even with consent; leave " + b.Lang + " out, or change the rule"}
		case allowed:
			d.Code, d.Severity, d.Help = diag.InexactAllowed, diag.Warning, nil
			d.Title = fmt.Sprintf("the %s query is %s than the rule: %s", b.Title, word, l.Construct)
		}
	case Native, Rewrite, Assume:
		return d, false
	}
	return d, true
}

// Found returns the input rows that an answer consists of.
func Found(out native.Output) map[native.Ref]bool {
	found := map[native.Ref]bool{}
	for _, m := range out.Matches {
		found[m] = true
	}
	for _, r := range out.Results {
		if r.Source != nil {
			found[*r.Source] = true
		}
	}
	for _, g := range out.Groups {
		for _, e := range g.Events {
			if e != nil {
				found[*e] = true
			}
		}
	}
	return found
}
