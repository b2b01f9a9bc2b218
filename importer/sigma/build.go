package sigma

import (
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
)

// The parts of rules. The places are those of the YAML text that a part comes from; without them the printer of package
// grammar lays a rule out by itself.

// at is the place of what comes from a node.
func (c *converter) at(n *yaml.Node) grammar.At {
	if !c.opts.Places || n == nil {
		return grammar.At{}
	}
	return grammar.At{Span: c.text.span(n)}
}

// span is a place, or none.
func (c *converter) span(s diag.Span) grammar.At {
	if !c.opts.Places {
		return grammar.At{}
	}
	return grammar.At{Span: s}
}

func pathOf(name string) *grammar.Path {
	return &grammar.Path{Segments: strings.Split(name, ".")}
}

func (c *converter) path(n *yaml.Node, name string) *grammar.PathExpr {
	at := c.at(n)
	p := pathOf(name)
	p.At = at
	return &grammar.PathExpr{At: at, Path: p}
}

func (c *converter) str(n *yaml.Node, s string) *grammar.String {
	return &grammar.String{At: c.at(n), Value: s}
}

// number is a number with its sign.
func (c *converter) number(n *yaml.Node, s string) grammar.Expr {
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		return &grammar.Unary{At: c.at(n), Op: "-", X: &grammar.Number{At: c.at(n), Text: rest}}
	}
	return &grammar.Number{At: c.at(n), Text: s}
}

func whole(n int) *grammar.Number { return &grammar.Number{Text: strconv.Itoa(n)} }

func not(x grammar.Expr) grammar.Expr {
	if x == nil {
		return nil
	}
	return &grammar.Unary{At: grammar.At{Span: x.Pos()}, Op: "not", X: x}
}

// join makes a chain of `and` or `or`; parts that are such a chain themselves become members.
func join(op string, xs []grammar.Expr) grammar.Expr {
	var out grammar.Expr
	var add func(x grammar.Expr)
	add = func(x grammar.Expr) {
		if b, ok := x.(*grammar.Binary); ok && b.Op == op {
			add(b.X)
			add(b.Y)
			return
		}
		if out == nil {
			out = x
			return
		}
		out = &grammar.Binary{At: grammar.At{Span: out.Pos()}, Op: op, OpSpan: out.Pos(), X: out, Y: x}
	}
	for _, x := range xs {
		if x != nil {
			add(x)
		}
	}
	return out
}

// list is a list of expressions, or the only one of them.
func (c *converter) list(n *yaml.Node, xs []grammar.Expr) grammar.Expr {
	if len(xs) == 1 {
		return xs[0]
	}
	return &grammar.List{At: c.at(n), Items: xs}
}

func duration(d time.Duration) *grammar.Duration {
	return &grammar.Duration{Value: d, Text: grammar.FormatDuration(d)}
}

func name(s string) grammar.Name { return grammar.Name{Text: s} }

// identifier makes a name of the rule language from any text.
func identifier(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' || r >= 'A' && r <= 'Z':
			b.WriteRune(r)
		default:
			if t := b.String(); t != "" && !strings.HasSuffix(t, "_") {
				b.WriteByte('_')
			}
		}
	}
	out := strings.TrimRight(b.String(), "_")
	switch {
	case out == "":
		out = "rule_1"
	case out[0] >= '0' && out[0] <= '9':
		out = "n" + out
	}
	if grammar.IsReserved(out) {
		out += "_"
	}
	if len(out) > 120 {
		out = strings.TrimRight(out[:120], "_")
	}
	return out
}
