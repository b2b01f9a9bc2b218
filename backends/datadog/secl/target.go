package secl

import (
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/datadog/secl/fields"
	"github.com/onerule/onerule/backends/datadog/secl/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// agent is what runs the expression of a part: the agents of one operating system, on one type of event.
type agent struct {
	windows bool
	// event is the type of event, which the binding names as its table.
	event string
	class *schema.BoundClass
}

func agentOf(p ir.Part) agent {
	return agent{windows: p.Binding.Source == "windows", event: p.Class.Table, class: p.Class}
}

// target is a field as the agent compares it.
type target struct {
	name  string // in the expression
	field fields.Field
	list  bool // it has several values, and a test asks for any of them
	folds bool // the agent ignores case, in texts and in regular expressions that do not say otherwise
	path  bool // agents compare paths element by element, and take no regular expression
	blank bool // "" is a value to the rule; to the agent it is the same as missing
}

// target returns how the agent compares a native field. why is not empty when it does not.
func (a agent) target(f *ir.Field) (t target, why string) {
	t.name = strings.ReplaceAll(f.Name, "[]", "")
	plain, bound, _, _ := syntax.SplitRegister(t.name)
	var ok bool
	if t.field, ok = fields.Lookup(plain); !ok {
		why = "agents have no field `" + plain + "`"
		if near := fields.Near(plain); len(near) > 0 {
			why += "; a field with a similar name is `" + near[0] + "`"
		}
		return t, why
	}
	if wanted := typeOf(f, t.field); wanted != t.field.Type {
		return t, "`" + plain + "` is a " + t.field.Type.String() + " for agents, and the rule reads it as " + f.Type.String()
	}
	t.list = f.Array || t.field.List
	if bound != "" {
		t.list = severalInElement(t.field)
	}
	switch t.field.Compare {
	case fields.Fold:
		t.folds = true
	case fields.Name, fields.Path:
		t.folds, t.path = a.windows, t.field.Compare == fields.Path && !a.windows
	case fields.Exact, fields.Extension:
	}
	t.blank = f.Native == nil || !f.Native.EmptyMissing
	return t, ""
}

// typeOf returns the agent's type for the values that the rule reads.
func typeOf(f *ir.Field, field fields.Field) fields.Type {
	switch f.Type {
	case schema.Long:
		return fields.Int
	case schema.Date:
		if field.Time {
			return fields.Int
		}
	case schema.Boolean:
		return fields.Bool
	case schema.IP:
		return fields.IP
	case schema.Keyword, schema.Text:
		return fields.String
	case schema.Double, schema.Invalid:
	}
	return -1
}

// severalInElement reports whether one element of a list has several values of a field: whether a process has, of whose
// ancestors the list consists.
func severalInElement(f fields.Field) bool {
	of, ok := fields.Lookup(strings.TrimSuffix(f.Iterator, "ancestors") + strings.TrimPrefix(f.Name, f.Iterator+"."))
	return ok && of.List
}

// ident is the field in an expression.
func (t target) ident() syntax.Expr { return &syntax.Ident{Name: t.name} }

// is tests that the field, or some value of it, is one of the items.
func (t target) is(items ...syntax.Expr) syntax.Expr {
	var once []syntax.Expr
	seen := map[string]bool{}
	for _, i := range items {
		if text := syntax.Print(i); !seen[text] {
			once, seen[text] = append(once, i), true
		}
	}
	if len(once) == 1 && t.field.Type != fields.IP {
		return &syntax.Compare{Op: syntax.Equal, X: t.ident(), Y: once[0]}
	}
	l, err := syntax.ListOf(once...)
	if err != nil {
		panic("secl: " + err.Error())
	}
	return &syntax.Member{Op: syntax.In, X: t.ident(), List: l}
}

// compare is the field, or some value of it, against a number.
func (t target) compare(op syntax.CompareOp, n int64) syntax.Expr {
	return &syntax.Compare{Op: op, X: t.ident(), Y: syntax.Integer(n)}
}

// notEmpty tests that a text field has a character in it, in some value.
func (t target) notEmpty() syntax.Expr {
	switch {
	case t.list && t.path:
		return t.sibling("length").compare(syntax.Greater, 0)
	case t.list, t.field.Compare == fields.Extension: // the agent would put a dot before ""
		return t.is(regularExpression("(?s)."))
	}
	return &syntax.Compare{Op: syntax.NotEqual, X: t.ident(), Y: &syntax.String{}}
}

// sibling is the field with another last segment, or one below: a.b.length of a.b, a.name of a.path.
func (t target) sibling(name string) target {
	full := t.name + "." + name
	if name != "length" {
		full = t.name[:strings.LastIndexByte(t.name, '.')+1] + name
	}
	out := target{name: full, list: t.list, blank: t.blank}
	plain, _, _, _ := syntax.SplitRegister(full)
	out.field, _ = fields.Lookup(plain)
	return out
}

// known reports whether the agent has the field.
func (t target) known() bool { return t.field.Name != "" }

// eventTypes returns the types of events whose events have all the fields of an expression; nil means every type. ok is
// false when there is none.
func eventTypes(used []fields.Field) (types []string, ok bool) {
	for _, f := range used {
		switch events := f.Events(); {
		case events == nil:
		case types == nil:
			types = events
		default:
			types = slices.DeleteFunc(slices.Clone(types), func(t string) bool { return !slices.Contains(events, t) })
			if len(types) == 0 {
				return nil, false
			}
		}
	}
	return types, true
}
