package interp

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/datadog/secl/fields"
	"github.com/onerule/onerule/backends/datadog/secl/syntax"
	"github.com/onerule/onerule/diag"
)

// literals makes the operand of texts written down.
func (c *compiler) literals(span diag.Span, lits ...literal) operand {
	values := make([]string, len(lits))
	for i, l := range lits {
		values[i] = l.text
	}
	return operand{typ: fields.String, span: span, lits: lits, texts: func(*context) []string { return values }}
}

// text is "…"; one with ${name} or %{field} inside is put together for each event.
func (c *compiler) text(x *syntax.String) (operand, bool) {
	raw := x.Raw
	if !c.textRaw.On() {
		raw = unescape(raw)
	}
	parts, dynamic, ok := c.parts(raw, x.Span)
	if !dynamic || !ok {
		return c.literals(x.Span, literal{scalar, raw}), ok
	}
	return operand{typ: fields.String, span: x.Span, texts: func(c *context) []string {
		var b strings.Builder
		for _, p := range parts {
			b.WriteString(p(c))
		}
		return []string{b.String()}
	}}, true
}

// parts splits a text at its variables.
func (c *compiler) parts(raw string, span diag.Span) (parts []func(*context) string, dynamic, ok bool) {
	for raw != "" {
		open := strings.IndexAny(raw, "$%")
		for open >= 0 && !strings.HasPrefix(raw[open+1:], "{") {
			next := strings.IndexAny(raw[open+1:], "$%")
			if next < 0 {
				open = -1
			} else {
				open += next + 1
			}
		}
		closing := -1
		if open >= 0 {
			closing = strings.IndexByte(raw[open:], '}')
		}
		if closing < 0 {
			return append(parts, constant(raw)), dynamic, true
		}
		name := raw[open+2 : open+closing]
		parts = append(parts, constant(raw[:open]))
		dynamic = true
		if raw[open] == '%' {
			v, ok := c.fieldOperand(name, span)
			if !ok {
				return nil, true, false
			}
			parts = append(parts, joined(v))
		} else {
			parts = append(parts, joined(c.typed(operand{variable: name, span: span}, fields.String, true)))
		}
		raw = raw[open+closing+1:]
	}
	return parts, dynamic, true
}

func constant(s string) func(*context) string { return func(*context) string { return s } }

// joined writes a value into a text; several are joined by commas.
func joined(v operand) func(*context) string {
	return func(c *context) string {
		var out []string
		switch v.typ {
		case fields.String:
			out = v.texts(c)
		case fields.Int:
			for _, n := range v.ints(c) {
				out = append(out, strconv.FormatInt(n, 10))
			}
		case fields.Bool:
			for _, b := range v.bools(c) {
				out = append(out, strconv.FormatBool(b))
			}
		case fields.IP:
			for _, p := range v.addrs(c) {
				out = append(out, p.String())
			}
		}
		return strings.Join(out, ",")
	}
}

// typed gives a variable a type. Its values come from the event's object `variables`; one that is not there is, when the agent has
// a field of that name (process.pid, container.id), that field, and else the empty value: "", 0 or, as a list, nothing.
func (c *compiler) typed(v operand, typ fields.Type, single bool) operand {
	name := v.variable
	v.typ, v.variable, v.list = typ, "", !single
	f, isField := fields.Lookup(name)
	values := func(c *context) []any {
		if custom := flat(c.at("variables." + name)); custom != nil {
			return custom
		}
		if isField {
			return c.raw(f)
		}
		return nil
	}
	switch typ {
	case fields.String:
		v.texts = func(c *context) []string {
			var out []string
			for _, x := range values(c) {
				out = append(out, textOf(x))
			}
			if out == nil && single {
				out = []string{""}
			}
			return out
		}
	case fields.Int:
		v.ints = func(c *context) []int64 {
			var out []int64
			for _, x := range values(c) {
				if n, ok := number(x, false); ok {
					out = append(out, n)
				}
			}
			if out == nil && single {
				out = []int64{0}
			}
			return out
		}
	case fields.Bool:
		v.bools = func(c *context) []bool {
			for _, x := range values(c) {
				if x == true || x == "true" {
					return []bool{true}
				}
			}
			return []bool{false}
		}
	case fields.IP:
		v.addrs = func(c *context) []netip.Prefix {
			var out []netip.Prefix
			for _, x := range values(c) {
				if p, err := prefix(textOf(x)); err == nil {
					out = append(out, p)
				}
			}
			return out
		}
	}
	return v
}
