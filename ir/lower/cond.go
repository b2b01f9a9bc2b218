package lower

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// cond lowers a condition over numbers of a group; nil means that a fault was reported.
func (b *builder) cond(x grammar.Expr) ir.Cond {
	switch x := x.(type) {
	case *grammar.Paren:
		return b.cond(x.X)
	case *grammar.Binary:
		if x.Op != "and" && x.Op != "or" {
			break
		}
		l, r := b.cond(x.X), b.cond(x.Y)
		if l == nil || r == nil {
			return nil
		}
		if x.Op == "and" {
			return &ir.CondAnd{Xs: append(allOf(l), allOf(r)...), Span: x.Span}
		}
		return &ir.CondOr{Xs: append(anyOf(l), anyOf(r)...), Span: x.Span}
	case *grammar.Unary:
		if x.Op == "not" {
			if c := b.cond(x.X); c != nil {
				return &ir.CondNot{X: c, Span: x.Span}
			}
			return nil
		}
	case *grammar.Compare:
		return b.condCompare(x)
	case *grammar.Presence, *grammar.Keyword, *grammar.Quant, *grammar.Call, *grammar.PathExpr, *grammar.VarRef, *grammar.String, *grammar.Number, *grammar.Bool, *grammar.Null, *grammar.Duration, *grammar.List, *grammar.Object:
	}
	b.faultLabel(diag.NotPredicate, x.Pos(), "`when` compares numbers of a group", "no comparison of numbers", "write `per_ip.failed >= 10`, say; conditions on an event stand in `where`")
	return nil
}

func allOf(c ir.Cond) []ir.Cond {
	if and, ok := c.(*ir.CondAnd); ok {
		return and.Xs
	}
	return []ir.Cond{c}
}

func anyOf(c ir.Cond) []ir.Cond {
	if or, ok := c.(*ir.CondOr); ok {
		return or.Xs
	}
	return []ir.Cond{c}
}

var condOps = map[string]ir.Op{"==": ir.Eq, "!=": ir.Eq, "<": ir.Lt, "<=": ir.Le, ">": ir.Gt, ">=": ir.Ge}

func (b *builder) condCompare(x *grammar.Compare) ir.Cond {
	op, ok := condOps[x.Op]
	if !ok || x.Cased || x.Negated {
		b.fault(diag.TypeMismatch, x.OpSpan, fmt.Sprintf("`%s` does not compare numbers", x.Op), "numbers are compared with ==, !=, <, <=, > and >=")
		return nil
	}
	l, r := b.num(x.X), b.num(x.Y)
	if l == nil || r == nil {
		return nil
	}
	c := &ir.CondCmp{Op: op, L: l, R: r, Span: x.Span}
	if x.Op == "!=" {
		return &ir.CondNot{X: c, Span: x.Span}
	}
	return c
}

// num lowers a number of a group; nil means that a fault was reported.
func (b *builder) num(x grammar.Expr) ir.Num {
	switch x := x.(type) {
	case *grammar.Paren:
		return b.num(x.X)
	case *grammar.Number:
		return b.numLit(x, x.Text)
	case *grammar.Duration:
		return &ir.NumLit{Value: float64(x.Value.Milliseconds())}
	case *grammar.Unary:
		if text := numberText(x); text != "" {
			return b.numLit(x, text)
		}
		if x.Op == "-" {
			if n := b.num(x.X); n != nil {
				return &ir.NumArith{Op: '-', X: &ir.NumLit{}, Y: n}
			}
			return nil
		}
	case *grammar.Binary:
		if len(x.Op) == 1 {
			l, r := b.num(x.X), b.num(x.Y)
			if l == nil || r == nil {
				return nil
			}
			return &ir.NumArith{Op: x.Op[0], X: l, Y: r}
		}
	case *grammar.VarRef:
		return b.numParam(x)
	case *grammar.Call:
		return b.numCall(x)
	case *grammar.PathExpr:
		n := b.aggregate(x)
		if a, ok := n.(*ir.NumAgg); ok {
			if agg := b.out.Agg(a); !agg.Func.Info().Number {
				b.faultLabel(diag.TypeMismatch, x.Span, fmt.Sprintf("`%s` holds the result of `%s`, which is no number", strings.Join(x.Path.Segments, "."), agg.Func), "no number", "it can be shown in `emit`; compare a count, say")
				return nil
			}
		}
		if base, ok := n.(*ir.NumBase); ok && base.What == ir.BaseScope {
			b.fault(diag.TypeMismatch, x.Span, "`baseline.scope` is a word, no number", "it can be shown in `emit`")
			return nil
		}
		return n
	case *grammar.Compare, *grammar.Presence, *grammar.Keyword, *grammar.Quant, *grammar.String, *grammar.Bool, *grammar.Null, *grammar.List, *grammar.Object:
	}
	b.fault(diag.TypeMismatch, x.Pos(), "a number is expected here", "write an aggregate such as `per_ip.ok`, a number or a parameter")
	return nil
}

func (b *builder) numLit(x grammar.Expr, text string) ir.Num {
	v, ok := schema.FromText(schema.Double, text)
	if !ok {
		b.fault(diag.BadLiteral, x.Pos(), "this number is out of range", "write a number below 1e308")
		return nil
	}
	return &ir.NumLit{Value: v.Float64()}
}

func (b *builder) numParam(x *grammar.VarRef) ir.Num {
	vals := b.resolve(x, schema.Double)
	if len(vals) != 1 {
		if len(vals) > 1 {
			b.fault(diag.TypeMismatch, x.Span, fmt.Sprintf("`$%s` is a list, and a number is expected here", x.Name), "compare with one number")
		}
		return nil
	}
	return &ir.NumLit{Value: vals[0].Float64(), Param: x.Name}
}

func (b *builder) numCall(x *grammar.Call) ir.Num {
	i := slices.Index(ir.NumFuncs, x.Func.Text)
	if i < 0 {
		help := "the functions of numbers are " + strings.Join(ir.NumFuncs, ", ")
		if _, ok := ir.LookupAgg(x.Func.Text); ok {
			help = "give the aggregate a name inside of `count`, and compare the name"
		}
		b.fault(diag.UnknownName, x.Func.Span, fmt.Sprintf("there is no function `%s` of numbers", x.Func.Text), help)
		return nil
	}
	n := &ir.NumCall{Func: ir.NumFunc(i + 1)}
	for _, a := range x.Args {
		arg := b.num(a)
		if arg == nil {
			return nil
		}
		n.Args = append(n.Args, arg)
	}
	if len(n.Args) == 0 || n.Func == ir.NumAbs && len(n.Args) > 1 {
		b.fault(diag.TypeMismatch, x.Span, fmt.Sprintf("`%s` has %d arguments", n.Func, len(n.Args)), "write max(a, b), min(a, b) or abs(a)")
		return nil
	}
	return n
}

// aggregate resolves `scope.name`, the name of a measure, and `baseline.mean`; nil means that a fault was reported.
func (b *builder) aggregate(x *grammar.PathExpr) ir.Num {
	name := strings.Join(x.Path.Segments, ".")
	var known []string
	for i, s := range b.out.Scopes() {
		for j, a := range s.Aggs {
			full := a.Name
			if s.Name != "" {
				full = s.Name + "." + a.Name
			}
			if full == name {
				return &ir.NumAgg{Scope: i, Agg: j}
			}
			known = append(known, full)
		}
	}
	if _, ok := b.out.Body.(*ir.Baseline); ok {
		for _, w := range []ir.BaseNum{ir.BaseMean, ir.BaseStddev, ir.BaseScope} {
			full := "baseline." + w.String()
			if full == name {
				return &ir.NumBase{What: w}
			}
			known = append(known, full)
		}
	}
	if b.aggFailed(x) {
		b.spoiled = true // its own fault was reported
		return nil
	}
	help := "the names are " + strings.Join(known, ", ")
	if near, ok := diag.Nearest(name, known); ok {
		help = fmt.Sprintf("a similar name exists: `%s`", near)
	}
	if _, ok := b.lookup(name); ok {
		help = "a finding is a group, not an event: compare a count, as in `u = distinct(" + name + ")`"
	}
	b.faultLabel(diag.UnknownName, x.Span, fmt.Sprintf("nothing that is counted is named `%s`", name), "not counted", help)
	return nil
}

// aggFailed reports whether the aggregate of that name stands in the rule and had a fault.
func (b *builder) aggFailed(x *grammar.PathExpr) bool {
	segs := x.Path.Segments
	for _, c := range b.body.counts {
		for _, a := range c.Aggs {
			if len(segs) == 2 && segs[0] == c.As.Text && segs[1] == a.Name.Text {
				return true
			}
		}
	}
	m := b.body.measure
	return m != nil && len(segs) == 1 && m.Agg.Name.Text == segs[0]
}
