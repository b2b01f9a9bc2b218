package secl

import (
	"net/netip"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/datadog/secl/fields"
	"github.com/onerule/onerule/backends/datadog/secl/syntax"
	"github.com/onerule/onerule/ir"
)

// sameText compares two text fields. The agent ignores case when it does so on one of them.
func (a agent) sameText(r *ir.Rel, l, z target) (syntax.Expr, backends.Level) {
	x := syntax.Expr(&syntax.Compare{Op: syntax.Equal, X: l.ident(), Y: z.ident()})
	level := backends.Exactly()
	switch folds := l.folds || z.folds; {
	case folds && !r.Cased:
		level = backends.Assuming("fold")
	case folds:
		level = backends.Wider("agents ignore the case of these fields")
	case !r.Cased:
		level = backends.Narrower("agents mind case when they compare two fields")
	}
	switch {
	case l.field.Compare == fields.Extension || z.field.Compare == fields.Extension:
		return nil, backends.Refused("agents put a dot before extensions that lack one", "compare with a literal")
	case !l.list:
		x = syntax.All(l.notEmpty(), x)
	case !z.list:
		x = syntax.All(z.notEmpty(), x)
	default:
		if l.field.Iterator != "" && z.field.Iterator != "" {
			return nil, backends.Refused("elements of both lists may lack the field, and agents take those for equal", "compare with a field that has one value")
		}
		level = level.With("no-empty")
	}
	if l.blank || z.blank {
		level = level.With("no-empty")
	}
	return x, level
}

// relation compares two numbers or booleans, which are 0 or false when they are missing.
func (a agent) relation(r *ir.Rel, l, z target) (syntax.Expr, backends.Level) {
	x := &syntax.Compare{Op: compareOps[r.Op], X: l.ident(), Y: z.ident()}
	if l.list && z.list && l.field.Iterator == "" && z.field.Iterator == "" {
		return x, backends.Exactly()
	}
	return x, backends.Assuming("set")
}

// sameAddress compares two addresses, which are not there when they are missing.
func (a agent) sameAddress(_ *ir.Rel, l, z target) (syntax.Expr, backends.Level) {
	return &syntax.Compare{Op: syntax.Equal, X: l.ident(), Y: z.ident()}, backends.Exactly()
}

// exists asks for a value. Agents keep numbers and booleans as 0 and false when they are missing.
func (a agent) exists(f *ir.Field) (syntax.Expr, backends.Level) {
	t, why := a.target(f)
	if why != "" {
		return unknownField(why)
	}
	switch t.field.Type {
	case fields.String:
		if t.blank {
			return t.notEmpty(), backends.Assuming("no-empty")
		}
		return t.notEmpty(), backends.Exactly()
	case fields.IP:
		all := []syntax.Expr{block(netip.MustParsePrefix("0.0.0.0/0")), block(netip.MustParsePrefix("::/0"))}
		return t.is(all...), backends.Rewritten("any address")
	case fields.Int:
		if t.list {
			return syntax.Any(t.compare(syntax.GreaterEqual, 0), t.compare(syntax.Less, 0)), t.orZero(backends.Rewritten("any number"), true)
		}
	case fields.Bool:
		if t.list {
			return syntax.Any(t.is(syntax.Truth(true)), t.is(syntax.Truth(false))), t.orZero(backends.Rewritten("true or false"), true)
		}
	}
	return nil, backends.Refused("agents cannot tell a "+t.field.Type.String()+" that is missing from 0 or false", "leave the condition out, or compare with a value")
}

func isEmpty(a agent, p ir.Pred, _ bool) (syntax.Expr, backends.Level) {
	f := p.(*ir.Empty).F
	x, level := a.exists(f)
	if x == nil {
		return nil, level
	}
	if f.Type.IsString() { // "" and missing are both empty
		return syntax.Not(x), backends.Exactly()
	}
	return syntax.Not(x), level.Flip()
}

// guards are names of numbers, one of which most types of events have.
var guards = []string{"pid", "flags", "addr.port", "question.type", "cmd", "file.inode"}

// constant says true or false by a field of the event, for the language has no condition that reads nothing of its event: a
// test or its negation, a test and its negation.
func (a agent) constant(v bool) (syntax.Expr, backends.Level) {
	x := a.ownTest()
	switch {
	case x == nil:
		return nil, backends.Refused("agents take no expression that reads nothing of its event, and the telemetry names no type of event", "choose a binding that names it")
	case v:
		return syntax.Any(x, syntax.Not(x)), backends.Exactly()
	}
	return syntax.All(x, syntax.Not(x)), backends.Rewritten("a test and its negation")
}

// ownTest is some test of a field of the event; nil when the type of event is not known.
func (a agent) ownTest() syntax.Expr {
	if a.event == "" {
		return nil
	}
	for _, suffix := range guards {
		name := a.event + "." + suffix
		if f, ok := fields.Lookup(name); ok && f.Type == fields.Int && !f.List {
			return &syntax.Compare{Op: syntax.Equal, X: &syntax.Ident{Name: name}, Y: syntax.Integer(0)}
		}
	}
	for _, name := range fields.Names() {
		if f, _ := fields.Lookup(name); f.Event == a.event && f.Type == fields.String && !f.List && f.Compare != fields.Path && f.Compare != fields.Extension {
			return &syntax.Compare{Op: syntax.Equal, X: &syntax.Ident{Name: name}, Y: &syntax.String{}}
		}
	}
	return nil
}
