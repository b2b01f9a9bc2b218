package sigma

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/importer/sigma/taxonomy"
	"github.com/onerule/onerule/schema"
)

// testText compares by value: text, numbers, null.
func (c *converter) testText(t *fieldTest) grammar.Expr {
	g := &atoms{c: c, t: t}
	ok := true
	for _, v := range t.values {
		ok = g.value(v) && ok
	}
	if !ok {
		return nil
	}
	return g.expr()
}

// atoms collects the comparisons of one field, those with one operator in one list.
type atoms struct {
	c *converter
	t *fieldTest
	// groups are the comparisons so far; under `all` each value is a group list of its own.
	values [][]atom
}

// atom is one comparison: operator and operand.
type atom struct {
	op string
	x  grammar.Expr // nil for exists, missing and never
	n  *yaml.Node
}

// value adds one value: any of its comparisons.
func (g *atoms) value(v value) bool {
	var as []atom
	var ok bool
	switch v.kind {
	case nullScalar:
		as, ok = []atom{{op: "missing", n: v.node}}, true
	case boolScalar, numberScalar:
		as, ok = g.other(v)
	case textScalar:
		as, ok = g.text(v)
	case badScalar:
	}
	if !ok {
		return false
	}
	g.values = append(g.values, as)
	return true
}

// other is a number, true or false.
func (g *atoms) other(v value) ([]atom, bool) {
	c, t := g.c, g.t
	switch {
	case t.typ.IsNumber() && v.kind == numberScalar:
		return []atom{{"==", c.number(v.node, v.text), v.node}}, true
	case t.typ == schema.Boolean && v.kind == boolScalar:
		return []atom{{"==", &grammar.Bool{At: c.at(v.node), Value: v.text == "true"}, v.node}}, true
	case !t.typ.IsString():
		g.mismatch(v)
		return nil, false
	}
	s := v.text
	if v.kind == numberScalar {
		var ok bool
		if s, ok = c.numberText(v); !ok {
			return nil, false
		}
	}
	v.several = []pattern{plainPattern(s)}
	return g.text(v)
}

func (g *atoms) mismatch(v value) {
	what := typeWord(g.t.typ)
	help := map[schema.Type]string{
		schema.Long: "write a number", schema.Double: "write a number", schema.Boolean: "write true or false", schema.Date: "compare it with a time such as '2026-03-01T12:00:00Z'",
		schema.IP: "write an address, or a block with `|cidr`",
	}[g.t.typ]
	g.c.fault(diag.SigmaValue, v.node, fmt.Sprintf("`%s` is %s here (`%s`), and this is not", g.t.name, what, g.t.field.Name), help)
}

// text is a text, or the several that it stands for.
func (g *atoms) text(v value) ([]atom, bool) {
	var out []atom
	for _, p := range v.several {
		as, ok := g.pattern(v, p)
		if !ok {
			return nil, false
		}
		out = append(out, as...)
	}
	return out, true
}

func (g *atoms) pattern(v value, p pattern) ([]atom, bool) {
	c, t := g.c, g.t
	if a, ok, done := g.placeholder(v, p); done {
		return a, ok
	}
	op, operand := p.form()
	switch t.field.Kind {
	case taxonomy.Mapped:
		return g.mapped(v, p, op, operand)
	case taxonomy.RegistryData:
		switch {
		case op == "==":
			operand = taxonomy.RegistryValue(operand)
		case taxonomy.RegistryPart(p.glob()):
			c.fault(diag.SigmaCannot, v.node, fmt.Sprintf("a part of a number is looked for in `%s`", t.name), "numbers of the registry are compared as a whole: write `DWORD (0x00000001)` without modifiers and wildcards")
			return nil, false
		}
	case taxonomy.Plain, taxonomy.Hashes, taxonomy.Keywords:
	}
	if op == "exists" {
		return []atom{{op: op, n: v.node}}, true
	}
	if t.typ.IsString() {
		return []atom{{op, c.str(v.node, operand), v.node}}, true
	}
	return g.typed(v, p, op, operand)
}

// mapped is a value of a closed set: those of its values that fit.
func (g *atoms) mapped(v value, p pattern, op, operand string) ([]atom, bool) {
	var hits []string
	if op == "==" {
		if s, ok := g.t.field.Value(operand); ok {
			hits = []string{s}
		}
	} else {
		for sigma, ours := range g.t.field.Values {
			if matchFold(p, sigma) && !slices.Contains(hits, ours) {
				hits = append(hits, ours)
			}
		}
		slices.Sort(hits)
	}
	if len(hits) == 0 {
		var known []string
		for sigma := range g.t.field.Values {
			known = append(known, sigma)
		}
		slices.Sort(known)
		g.c.diags = append(g.c.diags, diag.New(diag.SigmaOdd, g.c.text.span(v.node), fmt.Sprintf("`%s` never has this value", g.t.name), "the values are "+strings.Join(known, ", ")))
		return []atom{{op: "never", n: v.node}}, true
	}
	out := make([]atom, 0, len(hits))
	for _, h := range hits {
		x, ok := g.literal(v.node, h)
		if !ok {
			g.mismatch(v)
			return nil, false
		}
		out = append(out, atom{"==", x, v.node})
	}
	return out, true
}

// literal is a text as a value of the field's type.
func (g *atoms) literal(n *yaml.Node, s string) (grammar.Expr, bool) {
	c := g.c
	switch t := g.t.typ; {
	case t.IsNumber():
		if _, ok := schema.FromText(schema.Double, s); ok && decimal.MatchString(s) {
			return c.number(n, s), true
		}
		return nil, false
	case t == schema.Boolean:
		b, ok := schema.FromText(t, strings.ToLower(s))
		return &grammar.Bool{At: c.at(n), Value: ok && b.Bool()}, ok
	case t == schema.IP || t == schema.Date:
		_, ok := schema.FromText(t, s)
		return c.str(n, s), ok
	}
	return c.str(n, s), true
}

// typed is a text for a field that holds something else.
func (g *atoms) typed(v value, p pattern, op, operand string) ([]atom, bool) {
	if op == "==" {
		if x, ok := g.literal(v.node, operand); ok {
			return []atom{{op, x, v.node}}, true
		}
		if operand == "" || operand == "-" || g.t.typ == schema.Boolean {
			g.c.diags = append(g.c.diags, diag.New(diag.SigmaOdd, g.c.text.span(v.node), fmt.Sprintf("`%s` never has this value: it is %s here (`%s`)", g.t.name, typeWord(g.t.typ), g.t.field.Name),
				"`null` asks for a field that is missing; what a sensor writes as `-` is missing here"))
			return []atom{{op: "never", n: v.node}}, true
		}
		g.mismatch(v)
		return nil, false
	}
	if g.t.typ == schema.IP && op == "starts_with" {
		if blocks := prefixBlocks(operand); len(blocks) > 0 {
			var out []atom
			for _, b := range blocks {
				out = append(out, atom{"in_cidr", g.c.str(v.node, b.String()), v.node})
			}
			return out, true
		}
	}
	how := map[string]string{"contains": "a part", "starts_with": "a beginning", "ends_with": "an end", "like": "wildcards"}[op]
	what := typeWord(g.t.typ)
	help := "compare the whole value"
	if g.t.typ == schema.IP {
		help = "write whole addresses, or blocks with `|cidr`"
	}
	g.c.fault(diag.SigmaValue, v.node, fmt.Sprintf("`%s` is %s here (`%s`), and %s of text is looked for", g.t.name, what, g.t.field.Name, how), help)
	return nil, false
}

// expr joins what was collected: any value, or under `all` each.
func (g *atoms) expr() grammar.Expr {
	if !g.t.mods.all {
		var every []atom
		for _, as := range g.values {
			every = append(every, as...)
		}
		return g.anyOf(every, g.t.whole)
	}
	var xs []grammar.Expr
	for _, as := range g.values {
		xs = append(xs, g.anyOf(as, as[0].n))
	}
	return join("and", xs)
}

// anyOf joins comparisons by `or`, those with one operator by a list.
func (g *atoms) anyOf(as []atom, whole *yaml.Node) grammar.Expr {
	var ops []string
	by := map[string][]grammar.Expr{}
	cased := g.t.mods.cased
	seen := map[string]bool{}
	for _, a := range as {
		if !slices.Contains(ops, a.op) {
			ops = append(ops, a.op)
		}
		if s, ok := a.x.(*grammar.String); ok {
			key := a.op + "\x00" + s.Value
			if seen[key] {
				continue
			}
			seen[key] = true
		}
		by[a.op] = append(by[a.op], a.x)
	}
	var xs []grammar.Expr
	for _, op := range ops {
		if op == "never" && len(ops) > 1 {
			continue
		}
		xs = append(xs, g.c.compare(whole, g.t.key, g.t.field.Name, op, by[op], cased && g.t.typ.IsString()))
	}
	return join("or", xs)
}

// compare is one comparison of a field with one or several operands.
func (c *converter) compare(at, key *yaml.Node, field, op string, operands []grammar.Expr, cased bool) grammar.Expr {
	f := c.path(key, field)
	where := f.Span
	if len(operands) > 0 && operands[0] != nil {
		where = f.Span.Join(operands[0].Pos())
	}
	switch op {
	case "exists":
		return &grammar.Presence{At: f.At, Op: "exists", X: f}
	case "missing":
		return not(&grammar.Presence{At: f.At, Op: "exists", X: f})
	case "never":
		return &grammar.Bool{At: f.At}
	}
	if op == "==" && len(operands) > 1 {
		op = "in"
	}
	opSpan := f.Span
	var vars, rest []grammar.Expr
	for _, x := range operands {
		if _, ok := x.(*grammar.VarRef); ok {
			vars = append(vars, x)
		} else {
			rest = append(rest, x)
		}
	}
	if len(vars) > 0 && len(operands) > 1 { // a list holds literals alone
		var xs []grammar.Expr
		if len(rest) > 0 {
			xs = append(xs, c.compare(at, key, field, op, rest, cased))
		}
		for _, v := range vars {
			xs = append(xs, c.compare(at, key, field, op, []grammar.Expr{v}, cased))
		}
		return join("or", xs)
	}
	if len(vars) == 1 && op == "==" {
		op = "in"
	}
	if op == "in" && len(rest) == 1 && len(vars) == 0 {
		op = "=="
	}
	return &grammar.Compare{At: grammar.At{Span: where}, Op: op, OpSpan: opSpan, Cased: cased, X: f, Y: c.list(at, operands)}
}
