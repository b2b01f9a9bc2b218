package sigma

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/importer/sigma/taxonomy"
	"github.com/onerule/onerule/schema"
)

// fieldTest is one entry of a selection: what a field is asked.
type fieldTest struct {
	key    *yaml.Node
	name   string // Sigma's
	field  taxonomy.Field
	typ    schema.Type
	mods   *modifiers
	values []value
	whole  *yaml.Node // all values
}

// item says one entry of a selection; nil means that a fault was reported.
func (c *converter) item(e entry, depth int) grammar.Expr {
	fieldName, _, _ := strings.Cut(e.key, "|")
	mods, ok := c.modifiers(e.at, fieldName)
	whole := c.deref(e.value, depth)
	if whole == nil {
		return nil
	}
	values, good := c.readValues(e, whole, mods, depth)
	if fieldName == "" {
		if !ok || !good {
			return nil
		}
		return c.keywords(e.at, mods, values)
	}
	targets, found := c.fields(e.at, fieldName)
	if !ok || !good || !found {
		return nil
	}
	var xs []grammar.Expr
	for _, f := range targets {
		t := &fieldTest{key: e.at, name: fieldName, field: f, typ: typeOf(f.Name), mods: mods, values: values, whole: whole}
		x := c.test(t)
		if x == nil {
			return nil
		}
		xs = append(xs, x)
	}
	x := join("or", xs)
	if mods.neq {
		x = not(x)
	}
	return x
}

func typeOf(name string) schema.Type {
	if f, ok := schema.Lookup(name); ok {
		return f.Type
	}
	return schema.Keyword
}

// readValues reads the values of an entry and does what the modifiers do to text before it is compared.
func (c *converter) readValues(e entry, whole *yaml.Node, m *modifiers, depth int) ([]value, bool) {
	nodes := c.items(whole, depth)
	if whole.Kind == yaml.SequenceNode && len(nodes) == 0 {
		c.fault(diag.SigmaValue, whole, "the list of values is empty", "write a value, or take the entry out; `null` asks for a field that is missing")
		return nil, false
	}
	if len(nodes) > maxValues {
		c.fault(diag.SigmaValue, whole, fmt.Sprintf("the list has %d values", len(nodes)), fmt.Sprintf("a list has at most %d; keep them in a lookup of the platform", maxValues))
		return nil, false
	}
	ok := true
	out := make([]value, 0, len(nodes))
	for _, n := range nodes {
		if n.Kind != yaml.ScalarNode {
			c.nested(e, n)
			ok = false
			continue
		}
		v := c.scalar(n)
		if v.kind == nullScalar && n.Value == "" && n.Style == 0 && n == whole {
			c.diags = append(c.diags, diag.New(diag.SigmaOdd, c.text.span(e.at), fmt.Sprintf("`%s` has no value, which asks for a missing field", e.key), "write `null` if that is meant; else the value is missing, or not indented"))
		}
		if v.kind == badScalar || !c.transform(&v, m) {
			ok = false
			continue
		}
		out = append(out, v)
	}
	if m.expand && !slices.ContainsFunc(out, value.holdsPlaceholder) {
		c.diags = append(c.diags, diag.New(diag.SigmaOdd, c.text.span(whole), "`expand` stands with texts without placeholders", "a placeholder is a name between percent signs, such as %Administrators%"))
	}
	return out, ok && len(out) > 0
}

func (v value) holdsPlaceholder() bool {
	return slices.ContainsFunc(v.several, func(p pattern) bool {
		return slices.ContainsFunc(p, func(x part) bool { return x.name != "" })
	})
}

// nested reports a list or map where a value belongs.
func (c *converter) nested(e entry, n *yaml.Node) {
	if n.Kind == yaml.MappingNode && len(n.Content) == 2 && n.Style&yaml.FlowStyle != 0 && isNull(n.Content[1]) {
		name := n.Content[0].Value
		c.fault(diag.SigmaYAML, n, fmt.Sprintf("YAML reads `{%s}` as a map", name), fmt.Sprintf("put the value in its place; a placeholder of Sigma is written `%s|expand: '%%%s%%'`", e.key, name))
		return
	}
	if n.Kind == yaml.MappingNode {
		help := "write the field of an object with a dot: `outer.inner: value`"
		if len(n.Content) > 0 {
			help = fmt.Sprintf("write the field of an object with a dot: `%s.%s`", e.key, n.Content[0].Value)
		}
		c.fault(diag.SigmaValue, n, fmt.Sprintf("`%s` holds a map where a value belongs", e.key), help, "a value that holds `: ` stands in single quotes")
		return
	}
	c.fault(diag.SigmaValue, n, fmt.Sprintf("`%s` holds a list inside of a list", e.key), "write one list of values")
}

// transform does to a value what its modifiers do before it is compared.
func (c *converter) transform(v *value, m *modifiers) bool {
	if v.kind != textScalar {
		return c.transformOther(v, m)
	}
	switch {
	case m.match == "re" || m.match == "cidr" || m.match == "fieldref" || m.exists || m.compare != "" || m.unit != "":
		return true
	}
	p := parsePattern(v.text)
	if m.expand {
		p = expand(p)
	}
	v.several = []pattern{p}
	for _, enc := range m.encodings {
		var next []pattern
		for _, p := range v.several {
			ps, ok := c.encode(v, p, enc)
			if !ok {
				return false
			}
			next = append(next, ps...)
		}
		v.several = next
	}
	if before, behind := m.match == "contains" || m.match == "endswith", m.match == "contains" || m.match == "startswith"; before || behind {
		for i, p := range v.several {
			if len(p) == 0 {
				c.fault(diag.SigmaValue, v.node, fmt.Sprintf("the text to look for by `%s` is empty", m.match), "every text contains it: write a text, or `exists: true` for a field that is there")
				return false
			}
			v.several[i] = p.open(before, behind)
		}
	}
	return true
}

// transformOther checks the modifiers of a value that is no text. A number is text where a text is looked for.
func (c *converter) transformOther(v *value, m *modifiers) bool {
	kind := map[scalarKind]string{numberScalar: "a number", boolScalar: "true or false", nullScalar: "null"}[v.kind]
	bad := func(word string) bool {
		help := "put the value in single quotes"
		if v.kind == nullScalar {
			help = "`null` stands alone, without modifiers: `" + strings.SplitN(m.at.Value, "|", 2)[0] + ": null`"
		}
		c.fault(diag.SigmaValue, v.node, fmt.Sprintf("`%s` takes text, and this is %s", word, kind), help)
		return false
	}
	switch {
	case m.exists || m.compare != "" || m.unit != "":
		return true
	case m.match == "contains" || m.match == "startswith" || m.match == "endswith":
		if v.kind == numberScalar {
			s, ok := c.numberText(*v)
			if !ok {
				return false
			}
			v.kind, v.text = textScalar, s
			v.several = []pattern{plainPattern(s).open(m.match != "startswith", m.match != "endswith")}
			return true
		}
		return bad(m.match)
	case m.match == "re" && v.kind == numberScalar:
		v.kind = textScalar
		return true
	case m.match != "":
		return bad(m.match)
	case len(m.encodings) > 0:
		return bad(m.encodings[0])
	}
	return true
}

// encode does one encoding to a pattern.
func (c *converter) encode(v *value, p pattern, enc string) ([]pattern, bool) {
	if enc == "windash" {
		out, ok := windash(p)
		if !ok {
			c.fault(diag.SigmaValue, v.node, fmt.Sprintf("`windash` makes more than %d texts of this one", maxVariants), "cut it into several texts, and join them by `contains|all|windash`")
		}
		return out, ok
	}
	s, ok := p.plain()
	if !ok {
		what := "a wildcard"
		if !p.wild() {
			what = "a placeholder without values"
		}
		c.fault(diag.SigmaValue, v.node, fmt.Sprintf("the text for `%s` holds %s", enc, what), "only plain text can be encoded; write `\\*` and `\\?` for the characters themselves")
		return nil, false
	}
	if s == "" {
		c.fault(diag.SigmaValue, v.node, fmt.Sprintf("the text for `%s` is empty", enc), "write the text that is to be encoded")
		return nil, false
	}
	switch enc {
	case "utf16le":
		return []pattern{plainPattern(utf16Text(s, false, false))}, true
	case "utf16be":
		return []pattern{plainPattern(utf16Text(s, true, false))}, true
	case "utf16":
		return []pattern{plainPattern(utf16Text(s, false, true))}, true
	case "base64":
		return []pattern{plainPattern(base64Text(s))}, true
	}
	texts := base64Offsets(s)
	out := make([]pattern, len(texts))
	for i, t := range texts {
		if t == "" {
			c.fault(diag.SigmaValue, v.node, "the text is too short for `base64offset`", "three characters are the least")
			return nil, false
		}
		out[i] = plainPattern(t)
	}
	return out, true
}

// test says what one field is asked.
func (c *converter) test(t *fieldTest) grammar.Expr {
	switch {
	case t.mods.exists:
		return c.testExists(t)
	case t.mods.match == "fieldref":
		return c.testFieldref(t)
	case t.mods.match == "cidr":
		return c.testCIDR(t)
	case t.mods.match == "re":
		return c.testRegexp(t)
	case t.mods.unit != "":
		return c.testUnit(t)
	case t.mods.compare != "":
		return c.testOrder(t)
	}
	switch t.field.Kind {
	case taxonomy.Hashes:
		return c.testHashes(t)
	case taxonomy.Keywords:
		return c.keywords(t.key, t.mods, t.values)
	case taxonomy.Plain, taxonomy.RegistryData, taxonomy.Mapped:
	}
	return c.testText(t)
}

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

// testExists is `exists: true`.
func (c *converter) testExists(t *fieldTest) grammar.Expr {
	if len(t.values) != 1 || t.values[0].kind != boolScalar {
		c.fault(diag.SigmaValue, t.whole, "`exists` takes true or false", "write `"+t.name+"|exists: true`, without quotes")
		return nil
	}
	names := []string{t.field.Name}
	if t.field.Kind == taxonomy.Hashes {
		names = hashNames(t.field)
	}
	var xs []grammar.Expr
	for _, n := range names {
		f := c.path(t.key, n)
		xs = append(xs, &grammar.Presence{At: f.At, Op: "exists", X: f})
	}
	x := join("or", xs)
	if t.values[0].text == "true" {
		return x
	}
	return not(x)
}

// testFieldref compares with another field of the event.
func (c *converter) testFieldref(t *fieldTest) grammar.Expr {
	if t.mods.wing != "" {
		c.fault(diag.SigmaCannot, t.key, fmt.Sprintf("`fieldref|%s` looks for a part of one field in another", t.mods.wing), "fields are compared as a whole here: use `fieldref` alone, or leave the entry out")
		return nil
	}
	var xs []grammar.Expr
	for _, v := range t.values {
		if v.kind != textScalar {
			c.fault(diag.SigmaValue, v.node, "`fieldref` takes the name of a field", "write the other field's name")
			return nil
		}
		targets, ok := c.fields(v.node, v.text)
		if !ok {
			return nil
		}
		for _, other := range targets {
			if other.Kind == taxonomy.Hashes || t.field.Kind == taxonomy.Hashes || other.Name == "" || t.field.Name == "" {
				c.fault(diag.SigmaCannot, v.node, fmt.Sprintf("`%s` and `%s` cannot be compared with each other", t.name, v.text), "they are several fields here")
				return nil
			}
			ot := typeOf(other.Name)
			if ot.IsString() != t.typ.IsString() || !ot.IsString() && ot != t.typ && !(ot.IsNumber() && t.typ.IsNumber()) {
				c.fault(diag.SigmaValue, v.node, fmt.Sprintf("`%s` (%s) cannot be compared with `%s` (%s)", t.name, t.typ, v.text, ot), "compare fields of one type")
				return nil
			}
			f, o := c.path(t.key, t.field.Name), c.path(v.node, other.Name)
			xs = append(xs, &grammar.Compare{At: grammar.At{Span: f.Span.Join(o.Span)}, Op: "==", OpSpan: f.Span, Cased: t.mods.cased && t.typ.IsString(), X: f, Y: o})
		}
	}
	if t.mods.all {
		return join("and", xs)
	}
	return join("or", xs)
}

// testCIDR is an address in a block. A field that holds addresses as text is compared with the texts of the block's addresses.
func (c *converter) testCIDR(t *fieldTest) grammar.Expr {
	ok := true
	if t.typ != schema.IP && (!t.typ.IsString() || t.field.Kind != taxonomy.Plain) {
		c.fault(diag.SigmaValue, t.key, fmt.Sprintf("`cidr` goes with addresses, and `%s` is %s here (`%s`)", t.name, typeWord(t.typ), t.field.Name), "leave the entry out")
		ok = false
	}
	g := &atoms{c: c, t: t}
	for _, v := range t.values {
		if !c.checkBlock(v) {
			ok = false
			continue
		}
		as := []atom{{"in_cidr", c.str(v.node, strings.TrimSpace(v.text)), v.node}}
		if t.typ != schema.IP {
			as = c.blockText(t, v)
		}
		ok = ok && as != nil
		g.values = append(g.values, as)
	}
	if !ok {
		return nil
	}
	return g.expr()
}

// blockText compares the text of addresses with a block: those of IPv4 also as IPv6 writes them.
func (c *converter) blockText(t *fieldTest, v value) []atom {
	globs, ok := blockGlobs(netip.MustParsePrefix(strings.TrimSpace(v.text)))
	if !ok {
		c.fault(diag.SigmaCannot, v.node, fmt.Sprintf("`%s` holds addresses as text here (`%s`), and those of this block have no text in common", t.name, t.field.Name), "write a block that ends between two groups, or the addresses themselves")
		return nil
	}
	var as []atom
	for _, s := range globs {
		op, operand := parsePattern(s).form()
		as = append(as, atom{op, c.str(v.node, operand), v.node})
	}
	return as
}

func (c *converter) checkBlock(v value) bool {
	text := strings.TrimSpace(v.text)
	p, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		help := "write a block such as 10.0.0.0/8 or fe80::/10"
		if a, e := netip.ParseAddr(text); e == nil {
			help = fmt.Sprintf("for one address write `%s/%d`", text, a.BitLen())
		}
		c.fault(diag.SigmaValue, v.node, fmt.Sprintf("`%s` is no block of addresses", v.text), help)
		return false
	case p.Masked() != p:
		d := diag.New(diag.SigmaValue, c.text.span(v.node), fmt.Sprintf("`%s` names an address inside of its block", v.text), "the block is "+p.Masked().String())
		c.diags = append(c.diags, d)
		return false
	}
	return true
}

// testRegexp is a regular expression, searched anywhere, its case as written.
func (c *converter) testRegexp(t *fieldTest) grammar.Expr {
	if t.field.Kind == taxonomy.Keywords {
		return c.keywords(t.key, t.mods, t.values)
	}
	if t.field.Kind == taxonomy.Hashes || t.field.Kind == taxonomy.Mapped || !t.typ.IsString() {
		c.fault(diag.SigmaCannot, t.key, fmt.Sprintf("a regular expression is searched in `%s`, which is no text here", t.name), "write the values that are meant")
		return nil
	}
	var xs []grammar.Expr
	for _, v := range t.values {
		s, ok := c.regexp(t, v)
		if !ok {
			return nil
		}
		xs = append(xs, c.str(v.node, s))
	}
	if !t.mods.all {
		return c.compare(t.whole, t.key, t.field.Name, "matches", xs, false)
	}
	var each []grammar.Expr
	for i, x := range xs {
		each = append(each, c.compare(t.values[i].node, t.key, t.field.Name, "matches", []grammar.Expr{x}, false))
	}
	return join("and", each)
}

// regexp is the text of a regular expression with its flags.
func (c *converter) regexp(t *fieldTest, v value) (string, bool) {
	switch {
	case v.kind == nullScalar || v.kind == boolScalar:
		c.fault(diag.SigmaValue, v.node, "`re` takes a regular expression", "put it in single quotes")
		return "", false
	case v.text == "":
		c.fault(diag.SigmaValue, v.node, "the regular expression is empty", "every text fits it: write `exists: true` for a field that is there")
		return "", false
	case t.field.Kind == taxonomy.RegistryData && taxonomy.RegistryPart(v.text):
		c.fault(diag.SigmaCannot, v.node, fmt.Sprintf("a regular expression looks for a number in `%s`", t.name), "numbers of the registry are compared as a whole: write `DWORD (0x00000001)` without modifiers")
		return "", false
	}
	s := v.text
	switch t.mods.wing {
	case "startswith":
		s = `^(?:` + s + `)`
	case "endswith":
		s = `(?:` + s + `)$`
	}
	if t.mods.flags != "" {
		s = "(?" + t.mods.flags + ")" + s
	}
	return s, true
}

var orderOps = map[string]string{"": "==", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}

// testOrder compares numbers.
func (c *converter) testOrder(t *fieldTest) grammar.Expr {
	if !t.typ.IsNumber() {
		c.fault(diag.SigmaValue, t.key, fmt.Sprintf("`%s` goes with numbers, and `%s` is %s here (`%s`)", t.mods.compare, t.name, typeWord(t.typ), t.field.Name), "write the values that are meant as a list")
		return nil
	}
	x, ok := c.oneNumber(t)
	if !ok {
		return nil
	}
	return c.compare(t.whole, t.key, t.field.Name, orderOps[t.mods.compare], []grammar.Expr{x}, false)
}

func typeWord(t schema.Type) string {
	if t.IsString() {
		return "text"
	}
	return map[schema.Type]string{schema.Long: "a number", schema.Double: "a number", schema.Boolean: "true or false", schema.Date: "a time", schema.IP: "an address"}[t]
}

// oneNumber is the one number that a comparison takes.
func (c *converter) oneNumber(t *fieldTest) (grammar.Expr, bool) {
	word := t.mods.compare
	if word == "" {
		word = t.mods.unit
	}
	if len(t.values) != 1 {
		c.fault(diag.SigmaValue, t.whole, fmt.Sprintf("`%s` takes one number", word), "keep the one that decides")
		return nil, false
	}
	v := t.values[0]
	if v.kind != numberScalar {
		help := "write a number"
		if _, err := strconv.ParseFloat(v.text, 64); err == nil && v.kind == textScalar {
			help = "write the number without quotes"
		}
		c.fault(diag.SigmaValue, v.node, fmt.Sprintf("`%s` takes a number", word), help)
		return nil, false
	}
	return c.number(v.node, v.text), true
}

// testUnit compares a part of a time: of those the rule language has the hour alone.
func (c *converter) testUnit(t *fieldTest) grammar.Expr {
	if t.typ != schema.Date {
		c.fault(diag.SigmaValue, t.key, fmt.Sprintf("`%s` goes with times, and `%s` is %s here (`%s`)", t.mods.unit, t.name, typeWord(t.typ), t.field.Name), "use a field that holds a time")
		return nil
	}
	if t.mods.unit != "hour" {
		c.fault(diag.SigmaCannot, t.key, fmt.Sprintf("the rule language has no `%s` of a time", t.mods.unit), "it has hour(field), and weekday(field) from 1 (Monday) to 7, both in UTC")
		return nil
	}
	var xs []grammar.Expr
	for _, v := range t.values {
		if v.kind != numberScalar {
			c.fault(diag.SigmaValue, v.node, "`hour` takes a number", "write a number from 0 to 23, without quotes")
			return nil
		}
		xs = append(xs, c.number(v.node, v.text))
	}
	if t.mods.compare != "" {
		if _, ok := c.oneNumber(t); !ok {
			return nil
		}
	}
	op := orderOps[t.mods.compare]
	if len(xs) > 1 {
		op = "in"
	}
	f := c.path(t.key, t.field.Name)
	call := &grammar.Call{At: f.At, Func: name("hour"), Args: []grammar.Expr{f}}
	return &grammar.Compare{At: f.At, Op: op, OpSpan: f.Span, X: call, Y: c.list(t.whole, xs)}
}

// keywords looks for texts anywhere in the event.
func (c *converter) keywords(key *yaml.Node, m *modifiers, values []value) grammar.Expr {
	if word := m.notForKeywords(); word != "" {
		c.fault(diag.SigmaCannot, key, fmt.Sprintf("`%s` does not go with keywords", word), "keywords are looked for anywhere in all texts of an event, without regard to case; name the field that holds the text")
		return nil
	}
	ok := true
	var xs []grammar.Expr
	for _, v := range values {
		ps := v.several
		switch v.kind {
		case numberScalar, boolScalar:
			ps = []pattern{plainPattern(v.text)}
		case nullScalar:
			c.fault(diag.SigmaValue, v.node, "null stands among keywords", "a keyword is a text; write `field: null` for a missing field")
			ok = false
			continue
		case textScalar, badScalar:
		}
		var each []grammar.Expr
		for _, p := range ps {
			x := c.keyword(v.node, p)
			if x == nil {
				ok = false
				continue
			}
			each = append(each, x)
		}
		xs = append(xs, join("or", each))
	}
	if !ok {
		return nil
	}
	if m.all {
		return join("and", xs)
	}
	return join("or", xs)
}

// notForKeywords is a modifier that a keyword cannot have, "" when there is none.
func (m *modifiers) notForKeywords() string {
	for _, w := range m.words {
		switch w {
		case "all", "contains", "windash", "base64", "base64offset", "utf16le", "utf16be", "utf16", "expand", "neq":
		default:
			return w
		}
	}
	return ""
}

func (c *converter) keyword(n *yaml.Node, p pattern) grammar.Expr {
	op, s := p.open(true, true).form()
	switch op {
	case "contains":
		return &grammar.Keyword{At: c.at(n), Text: c.str(n, s)}
	case "exists":
		c.fault(diag.SigmaValue, n, "the keyword is empty", "every event contains it: write a text")
		return nil
	}
	what := "a wildcard stands inside of a keyword"
	if !p.wild() {
		what = "a placeholder stands in a keyword"
	}
	c.fault(diag.SigmaCannot, n, what, "a keyword is plain text here: name the field that holds it, `field: '*…*…*'`, or write the parts as `'|all': [first, second]`, which asks for no order")
	return nil
}
