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
		t := &fieldTest{key: e.at, name: fieldName, field: f, typ: c.typeOf(f.Name), mods: mods, values: values, whole: whole}
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
		if m.exists && yamlFlags[strings.ToLower(n.Value)] != "" {
			c.fault(diag.SigmaValue, n, "`exists` takes true or false", fmt.Sprintf("write `%s: %s`", e.key, yamlFlags[strings.ToLower(n.Value)]))
			ok = false
			continue
		}
		v := c.scalar(n)
		if v.kind == nullScalar && n.Value == "" && n.Style == 0 && n == whole && c.noValue(e, m) || n == whole && c.lostDash(e.at, n) {
			ok = false
			continue
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
		if len(n.Content) > 0 && modifierWords[n.Content[0].Value] != "" {
			help = fmt.Sprintf("a modifier stands behind the field: `%s|%s: …`", e.key, n.Content[0].Value)
		} else if len(n.Content) > 0 {
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
