package interp

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/datadog/secl/fields"
	"github.com/onerule/onerule/backends/datadog/secl/syntax"
	"github.com/onerule/onerule/diag"
)

// operand is a typed value of the expression: evaluators for its type, and what the operators need to know of it.
type operand struct {
	typ  fields.Type
	list bool // several values, also those of one bound list element
	span diag.Span
	// exactly the evaluator of typ is set
	texts func(*context) []string
	ints  func(*context) []int64
	bools func(*context) []bool
	addrs func(*context) []netip.Prefix
	// lits are the texts written down: one for a literal, several for a list.
	lits       []literal
	field      *fields.Field
	variable   string // ${name} or a name in a text; its type is that of the other side
	duration   bool   // a duration literal, or a sum of such
	calculated bool   // made by + or -
	values     bool   // a list written down, which may stand behind in only
}

// compiler turns a tree into tests and collects faults.
type compiler struct {
	settings
	macros  map[string]syntax.Expr
	nesting int // macros in macros
	faults  diag.List
	used    []usedField
	// the register of the expression and the list it walks
	register, list string
	// notOnLinux is what agents on Linux would not compile, nil for none.
	notOnLinux *diag.Diagnostic
}

type usedField struct {
	field fields.Field
	span  diag.Span
}

func (c *compiler) fault(span diag.Span, title string, help ...string) {
	c.faults = append(c.faults, diag.New(diag.SECLRun, span, title, help...))
}

// condition compiles something that must be true or false.
func (c *compiler) condition(x syntax.Expr) func(*context) bool {
	v, ok := c.compile(x)
	if !ok {
		return nil
	}
	return c.truth(v)
}

func (c *compiler) truth(v operand) func(*context) bool {
	if v.variable != "" {
		v = c.typed(v, fields.Bool, true)
	}
	if v.typ != fields.Bool || v.list {
		c.fault(v.span, "a condition is expected, but this is a "+v.describe(), "compare it with something, such as == \"x\", > 0 or == true")
		return nil
	}
	bools := v.bools
	return func(c *context) bool { return slices.Contains(bools(c), true) }
}

func (v operand) describe() string {
	switch {
	case v.list || v.values:
		return "list (" + v.typ.String() + ")"
	case v.duration:
		return "duration"
	}
	return v.typ.String()
}

func boolean(span diag.Span, test func(*context) bool) operand {
	return operand{typ: fields.Bool, span: span, bools: func(c *context) []bool { return []bool{test(c)} }}
}

func integer(span diag.Span, n int64) operand {
	value := []int64{n}
	return operand{typ: fields.Int, span: span, ints: func(*context) []int64 { return value }}
}

// compile gives the operand of an expression; ok is false when a fault was found in it.
func (c *compiler) compile(x syntax.Expr) (operand, bool) {
	switch x := x.(type) {
	case *syntax.Logic:
		return c.logic(x)
	case *syntax.Compare:
		return c.compare(x)
	case *syntax.Member:
		return c.member(x)
	case *syntax.Arith:
		return c.calculate(x.Op, x.X, x.Y, x.Span)
	case *syntax.Bits:
		return c.calculate(x.Op, x.X, x.Y, x.Span)
	case *syntax.Unary:
		return c.unary(x)
	case *syntax.Ident:
		return c.ident(x.Name, x.Span)
	case *syntax.FieldRef:
		return c.fieldOperand(x.Name, x.Span)
	case *syntax.Number:
		return integer(x.Span, x.Value), true
	case *syntax.Duration:
		v := integer(x.Span, x.Nanos)
		v.duration = true
		return v, true
	case *syntax.String:
		return c.text(x)
	case *syntax.Pattern:
		return c.literals(x.Span, literal{wild, x.Raw}), true
	case *syntax.Regexp:
		return c.literals(x.Span, literal{regular, x.Raw}), true
	case *syntax.Address:
		return c.address(x)
	case *syntax.Variable:
		return operand{variable: x.Name, span: x.Span}, true
	case *syntax.List:
		return c.written(x)
	}
	panic("a node of the tree has no meaning here")
}

// logic flattens a chain of one operator, so that long chains cost no stack.
func (c *compiler) logic(x *syntax.Logic) (operand, bool) {
	var tests []func(*context) bool
	good := true
	add := func(y syntax.Expr) {
		t := c.condition(y)
		good = good && t != nil
		tests = append(tests, t)
	}
	var last syntax.Expr = x
	for {
		l, ok := last.(*syntax.Logic)
		if !ok || l.Op != x.Op {
			add(last)
			break
		}
		add(l.X)
		last = l.Y
	}
	if !good {
		return operand{}, false
	}
	stop := x.Op == syntax.Or // the answer that ends the chain
	return boolean(x.Span, func(c *context) bool {
		for _, t := range tests {
			if t(c) == stop {
				return stop
			}
		}
		return !stop
	}), true
}

func (c *compiler) unary(x *syntax.Unary) (operand, bool) {
	if x.Op == '!' {
		t := c.condition(x.X)
		if t == nil {
			return operand{}, false
		}
		return boolean(x.Span, func(c *context) bool { return !t(c) }), true
	}
	v, ok := c.number(x.X)
	if !ok {
		return operand{}, false
	}
	ints, op := v.ints, x.Op
	return operand{typ: fields.Int, span: x.Span, ints: func(c *context) []int64 {
		var out []int64
		for _, n := range ints(c) {
			if op == '-' {
				n = -n
			} else {
				n = ^n
			}
			out = append(out, n)
		}
		return out
	}}, true
}

// number compiles a single number.
func (c *compiler) number(x syntax.Expr) (operand, bool) {
	v, ok := c.compile(x)
	if !ok {
		return v, false
	}
	if v.variable != "" {
		v = c.typed(v, fields.Int, true)
	}
	if v.typ != fields.Int || v.list || v.values {
		c.fault(v.span, "a number is expected, but this is a "+v.describe(), "calculate with numbers only")
		return v, false
	}
	return v, true
}

func (c *compiler) calculate(op byte, x, y syntax.Expr, span diag.Span) (operand, bool) {
	a, ok := c.number(x)
	b, ok2 := c.number(y)
	if !ok || !ok2 {
		return operand{}, false
	}
	apply := func(m, n int64) int64 {
		switch op {
		case '+':
			return m + n
		case '-':
			return m - n
		case '&':
			return m & n
		case '|':
			return m | n
		case '^':
			return m ^ n
		}
		return 0
	}
	out := operand{typ: fields.Int, span: span, calculated: op == '+' || op == '-', duration: a.duration && b.duration}
	out.ints = func(c *context) []int64 {
		var out []int64
		for _, m := range a.ints(c) {
			for _, n := range b.ints(c) {
				out = append(out, apply(m, n))
			}
		}
		return out
	}
	return out, true
}

// ident is a constant, a macro or a field, tried in this order.
func (c *compiler) ident(name string, span diag.Span) (operand, bool) {
	if name == "true" || name == "false" {
		return boolean(span, func(*context) bool { return name == "true" }), true
	}
	if n, ok := fields.ConstantValue(name); ok {
		return integer(span, n), true
	}
	if m, ok := c.macros[name]; ok {
		c.nesting++
		defer func() { c.nesting-- }()
		if c.nesting > 20 {
			c.fault(span, "the macro `"+name+"` uses itself, or macros nest too deep", "write it without the inner macro")
			return operand{}, false
		}
		v, ok := c.compile(m)
		v.span = span
		return v, ok
	}
	return c.fieldOperand(name, span)
}

func (c *compiler) fieldOperand(name string, span diag.Span) (operand, bool) {
	plain, list, register, ok := syntax.SplitRegister(name)
	if !ok {
		c.fault(span, "`"+name+"` has brackets that hold no register", "write list[A].field, such as process.ancestors[A].comm")
		return operand{}, false
	}
	f, known := fields.Lookup(plain)
	if !known {
		c.faults = append(c.faults, unknownName(plain, span))
		return operand{}, false
	}
	c.used = append(c.used, usedField{f, span})
	if register != "" && !c.bind(f, list, register, span) {
		return operand{}, false
	}
	v := operand{typ: f.Type, list: f.List, span: span, field: &f}
	bound := register != ""
	switch f.Type {
	case fields.String:
		v.texts = in(bound, func(c *context) []string { return c.texts(f) })
	case fields.Int:
		v.ints = in(bound, func(c *context) []int64 { return c.ints(f) })
	case fields.Bool:
		v.bools = in(bound, func(c *context) []bool { return c.bools(f) })
	case fields.IP:
		v.addrs = in(bound, func(c *context) []netip.Prefix { return c.addresses(f) })
	}
	return v, true
}

// in reads a field with the register bound, or, for a field without register, with it unbound: process.ancestors.comm means any
// ancestor also beside process.ancestors[A].comm.
func in[T any](bound bool, read func(*context) []T) func(*context) []T {
	if bound {
		return read
	}
	return func(c *context) []T {
		was := c.bound
		c.bound = false
		out := read(c)
		c.bound = was
		return out
	}
}

// bind checks a register: one name on one list per expression, and never _.
func (c *compiler) bind(f fields.Field, list, register string, span diag.Span) bool {
	switch {
	case f.Iterator != list:
		c.fault(span, "`"+list+"` is no list whose elements a register can name", "such lists: "+strings.Join(fields.Iterators(), ", "))
	case register == "_":
		c.fault(span, "the register `_` is not allowed", "use a letter, such as [A], or no brackets for any element")
	case c.register != "" && (c.register != register || c.list != list):
		c.fault(span, "an expression may use one register on one list", "`"+c.list+"["+c.register+"]` is used before")
	default:
		c.register, c.list = register, list
		return true
	}
	return false
}

func unknownName(name string, span diag.Span) diag.Diagnostic {
	d := diag.New(diag.SECLUnknown, span, "the agent has no field, constant or macro `"+name+"`")
	if near := fields.Near(name); len(near) > 0 {
		d.Help = append(d.Help, "a similar name exists: `"+strings.Join(near, "`, `")+"`")
	}
	switch {
	case slices.Contains(eventTypes(), name):
		d.Help = append(d.Help, "an event type alone is no condition; test a field of it")
	case strings.HasPrefix(name, "fim."):
		d.Help = append(d.Help, "the prefix fim stands for several event types; write one rule for each (open, rename, unlink, …)")
	case name == strings.ToUpper(name):
		d.Help = append(d.Help, "macros of a policy file are not known here: write their text")
	case len(d.Help) == 0:
		d.Help = append(d.Help, "the vendor's pages \"Linux Agent attributes\" and \"Windows Agent attributes\" list the fields")
	}
	return d
}

// eventTypes finds the event types that the expression reads: those that all its fields allow.
func (c *compiler) eventTypes() []string {
	var allowed []string
	var reason usedField
	for _, u := range c.used {
		events := u.field.Events()
		if events == nil {
			continue
		}
		if allowed == nil {
			allowed, reason = events, u
			continue
		}
		var both []string
		for _, e := range allowed {
			if slices.Contains(events, e) {
				both = append(both, e)
			}
		}
		if both == nil {
			d := diag.New(diag.SECLRun, u.span, "an expression reads one event type, but `"+u.field.Name+"` and `"+reason.field.Name+"` belong to different ones",
				"write two rules")
			d.Related = []diag.Label{{Span: reason.span, Text: "the other type"}}
			c.faults = append(c.faults, d)
			return allowed
		}
		allowed = both
	}
	return allowed
}
