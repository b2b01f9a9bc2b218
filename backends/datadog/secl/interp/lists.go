package interp

import (
	"net/netip"
	"strings"

	"github.com/onerule/onerule/backends/datadog/secl/fields"
	"github.com/onerule/onerule/backends/datadog/secl/syntax"
)

func (c *compiler) address(x *syntax.Address) (operand, bool) {
	p, err := prefix(x.Text)
	if err != nil || !strings.Contains(x.Text, "/") && p.Addr().IsUnspecified() {
		c.fault(x.Span, "`"+x.Text+"` is no address that the agent takes", "the agent refuses 0.0.0.0 and ::; as a block write 0.0.0.0/0 or ::/0")
		return operand{}, false
	}
	value := []netip.Prefix{p}
	return operand{typ: fields.IP, span: x.Span, addrs: func(*context) []netip.Prefix { return value }}, true
}

// written is a list of values.
func (c *compiler) written(x *syntax.List) (operand, bool) {
	out := operand{span: x.Span, values: true}
	good := true
	var items []operand
	for _, i := range x.Items {
		v, ok := c.compile(i)
		good = good && ok
		items = append(items, v)
	}
	if !good {
		return out, false
	}
	out.typ = items[0].typ
	for _, i := range items {
		if i.typ != out.typ || i.list || i.values || i.variable != "" {
			c.fault(i.span, "the list mixes kinds of values", "a list of names holds constants of one kind")
			return out, false
		}
		out.lits = append(out.lits, i.lits...)
	}
	switch out.typ {
	case fields.String:
		return c.literals(x.Span, out.lits...).asList(), true
	case fields.Int:
		out.ints = gather(items, func(v operand) func(*context) []int64 { return v.ints })
	case fields.Bool:
		out.bools = gather(items, func(v operand) func(*context) []bool { return v.bools })
	case fields.IP:
		out.addrs = gather(items, func(v operand) func(*context) []netip.Prefix { return v.addrs })
	}
	return out, true
}

func (v operand) asList() operand {
	v.values = true
	return v
}

func gather[T any](items []operand, read func(operand) func(*context) []T) func(*context) []T {
	return func(c *context) []T {
		var out []T
		for _, i := range items {
			out = append(out, read(i)(c)...)
		}
		return out
	}
}
