// Package secl is the backend for SECL, the expression language of the Datadog Agent (Workload Protection): one expression
// is the condition of an agent rule, reads one type of event and runs on one operating system.
//
// A native field is an agent field (exec.file.name), with [] behind a list of objects (process.ancestors[].comm). The table
// of a class is the type of event. Parts whose binding's source is windows run on agents for Windows.
package secl

import (
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/datadog/secl/fields"
	"github.com/onerule/onerule/backends/datadog/secl/interp"
	"github.com/onerule/onerule/backends/datadog/secl/syntax"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
)

// Backend is the SECL backend.
var Backend = backends.Backend{
	Lang: "secl", Platform: "datadog", Title: "Datadog agent SECL", Extension: "secl",
	Table: agent{event: "exec"}.table(), TableOn: func(p ir.Part) backends.Table { return agentOf(p).table() },
	Render: render, Types: types, Language: interp.Language,
}

// render prints one expression: what selects the events of a part, and its condition; several parts are joined by ||. Parts of
// different event types or systems have no common expression.
func render(b *ir.Bound) (backends.Query, diag.List) {
	if diags := apart(b); diags.HasErrors() {
		return backends.Query{}, diags
	}
	parts := make([]syntax.Expr, len(b.Parts))
	tables := make([]string, len(b.Parts))
	for i, p := range b.Parts {
		a := agentOf(p)
		var conditions []syntax.Expr
		for _, x := range []ir.Pred{p.Select, p.Where} {
			if c, ok := x.(*ir.Const); !ok || !c.Value {
				conditions = append(conditions, a.lower(x))
			}
		}
		x, diags := a.onEvent(b, syntax.All(conditions...))
		if diags.HasErrors() {
			return backends.Query{}, diags
		}
		parts[i], tables[i] = x, p.Class.Table
	}
	return backends.Query{Text: syntax.Print(syntax.Any(parts...)), Tables: tables}, nil
}

func cannot(b *ir.Bound, what string, help ...string) diag.List {
	return diag.List{diag.New(diag.CannotSay, b.Rule.Span, "Datadog agent SECL cannot say this: "+what, help...)}
}

// apart tells why a rule has no single expression.
func apart(b *ir.Bound) diag.List {
	var events, sources []string
	for _, p := range b.Parts {
		if !slices.Contains(events, p.Class.Table) {
			events = append(events, p.Class.Table)
		}
		if !slices.Contains(sources, p.Binding.Source) {
			sources = append(sources, p.Binding.Source)
		}
	}
	slices.Sort(events)
	slices.Sort(sources)
	switch {
	case len(events) > 1:
		return cannot(b, "an agent expression reads one type of event, and this rule reads "+strings.Join(events, ", "),
			"split the rule: one for each type of event")
	case len(sources) > 1:
		return cannot(b, "an agent expression runs on one operating system, and this rule is for "+strings.Join(sources, ", "),
			"split the rule: one for each system")
	}
	count, misplaced := 0, false
	for _, p := range b.Parts {
		n, bad := agentOf(p).registers(p.Where, len(b.Parts) == 1, false)
		count, misplaced = count+n, misplaced || bad
	}
	if count > 1 || misplaced {
		return cannot(b, "an agent expression holds one condition on one element of a list, which must hold for the whole rule",
			"split the rule, or ask the conditions on the elements by themselves")
	}
	return nil
}

// registers counts the conditions that bind an element of a list; misplaced says that one stands elsewhere than beside
// conditions that hold as well.
func (a agent) registers(p ir.Pred, beside, negated bool) (count int, misplaced bool) {
	var xs []ir.Pred
	switch p := p.(type) {
	case *ir.And:
		xs = p.Xs
	case *ir.Or:
		xs, beside = p.Xs, false
	case *ir.Not:
		return a.registers(p.X, false, !negated)
	case *ir.Quant:
		if walk(a.say(p, negated), isBound) {
			return 1, !beside
		}
	case *ir.Const, *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Keyword:
	}
	for _, x := range xs {
		n, bad := a.registers(x, beside, false)
		count, misplaced = count+n, misplaced || bad
	}
	return count, misplaced
}

func isBound(name string) bool {
	_, _, r, _ := syntax.SplitRegister(name)
	return r != ""
}

// onEvent checks that an expression reads the part's type of event and no other, and adds a test of it to one that reads none.
func (a agent) onEvent(b *ir.Bound, x syntax.Expr) (syntax.Expr, diag.List) {
	var used []fields.Field
	walk(x, func(name string) bool {
		plain, _, _, _ := syntax.SplitRegister(name)
		if f, ok := fields.Lookup(plain); ok {
			used = append(used, f)
		}
		return false
	})
	types, ok := eventTypes(used)
	switch {
	case !ok || types != nil && a.event != "" && !slices.Contains(types, a.event):
		return nil, cannot(b, "fields of other types of events than "+a.event+" occur in the condition", "correct the binding, or split the rule")
	case types != nil:
		return x, nil
	}
	always, level := a.constant(true)
	if always == nil {
		return nil, cannot(b, level.Why, level.Instead)
	}
	return syntax.All(always, x), nil
}

// walk calls f with the names in an expression until it returns true.
func walk(x syntax.Expr, f func(name string) bool) bool {
	switch x := x.(type) {
	case *syntax.Logic:
		return walk(x.X, f) || walk(x.Y, f)
	case *syntax.Compare:
		return walk(x.X, f) || walk(x.Y, f)
	case *syntax.Member:
		return walk(x.X, f) || walk(x.List, f)
	case *syntax.Arith:
		return walk(x.X, f) || walk(x.Y, f)
	case *syntax.Bits:
		return walk(x.X, f) || walk(x.Y, f)
	case *syntax.Unary:
		return walk(x.X, f)
	case *syntax.Ident:
		return f(x.Name)
	case *syntax.List:
		return slices.ContainsFunc(x.Items, func(i syntax.Expr) bool { return walk(i, f) })
	case *syntax.FieldRef, *syntax.Number, *syntax.Duration, *syntax.String, *syntax.Pattern, *syntax.Regexp, *syntax.Address, *syntax.Variable:
	}
	return false
}

// types returns the agent's types of a part's native fields by path, as the vendor's pages name them.
func types(p ir.Part) map[string]string {
	out := map[string]string{}
	for _, f := range p.Natives() {
		t, why := agentOf(p).target(&ir.Field{Name: f.Path, Type: f.Type, Array: f.Array, Native: &f})
		if f.Path != "" && why == "" {
			out[t.name] = [...]string{fields.String: "string", fields.Int: "int", fields.Bool: "bool", fields.IP: "IP/CIDR"}[t.field.Type]
		}
	}
	return out
}
