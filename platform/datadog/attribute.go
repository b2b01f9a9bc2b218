package datadog

import (
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/datadog/search"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// attributes names the native field that each part reads for a column, which must be the same in all of them: the events of a
// query are grouped, and their values counted, by one attribute. what is the column in the rule's words. The level is exact,
// under assumptions, or a refusal.
func attributes(b *ir.Bound, what string, term func(ir.Part) ir.Term) (string, backends.Level) {
	name, level := "", backends.Exactly()
	for i, p := range b.Parts {
		f, n, l := attribute(term(p), what)
		if l.Kind == backends.Refuse {
			return "", l
		}
		if i > 0 && n != name {
			return "", backends.Refused(
				"`"+what+"` is `"+name+"` in one of the telemetries ("+b.Parts[0].Binding.Name+") and `"+n+"` in another ("+p.Binding.Name+"), and a query groups and counts by one attribute",
				"choose one of them with --bind "+p.Binding.Source+"=NAME, and make a rule for each")
		}
		name, level = n, level.With(valueAssumptions(f)...)
	}
	return name, level
}

// attribute names a native field as rules do outside of queries.
func attribute(t ir.Term, what string) (*ir.Field, string, backends.Level) {
	refused := func(why, instead string) (*ir.Field, string, backends.Level) {
		return nil, "", backends.Refused("`"+what+"`: "+why, instead)
	}
	f, ok := t.(*ir.Field)
	if !ok {
		if _, constant := t.(*ir.Lit); constant {
			return refused("the telemetry has one value for it on every event, and rules group by attributes of events", "leave the key out")
		}
		return refused("it is computed from the event, and rules group and count by attributes as they are", "use a field that the telemetry has, or add one in a log pipeline")
	}
	name, why := search.FieldName(f)
	switch {
	case why != "":
		return refused(why, "use another field")
	case f.Array || strings.Contains(f.Name, "[]"):
		return refused("`"+name+"` is a list, and how a rule groups or counts an attribute with several values is not documented", "use a field with one value, or add one in a log pipeline")
	}
	switch f.Type {
	case schema.Keyword, schema.Text, schema.IP, schema.Boolean, schema.Long:
	case schema.Double, schema.Date, schema.Invalid:
		return refused("it is a "+f.Type.String()+", and how a rule groups such values is not documented", "use a field of another type")
	}
	return f, name, backends.Exactly()
}

// valueAssumptions are what must hold for the values of a field, so that a rule tells them apart as the meaning does.
func valueAssumptions(f *ir.Field) []string {
	out := []string{"scalar"}
	switch {
	case f.Type.IsString():
		out = append(out, "no-empty")
	case f.Type == schema.IP:
		out = append(out, "ip-text")
	}
	return out
}

// together joins levels that must all hold: the first refusal wins, what is wider for several reasons names them all.
func together(levels ...backends.Level) backends.Level {
	out := backends.Exactly()
	for _, l := range levels {
		if l.Kind == backends.Refuse {
			return l
		}
		assumptions := slices.Concat(out.Assumptions, l.Assumptions)
		switch {
		case l.Kind == out.Kind && l.Kind == backends.Widen:
			out.Why += "; " + l.Why
		case l.Kind > out.Kind:
			out = l
		}
		out.Assumptions = assumptions
	}
	return out
}
