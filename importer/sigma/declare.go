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

// declare keeps a field that nothing here has under its own name, and declares it in the rule.
func (c *converter) declare(n *yaml.Node, sigma, name string) taxonomy.Field {
	f := taxonomy.Field{Name: name}
	if _, known := schema.Lookup(name); known || c.declaration(name) != nil {
		return f
	}
	p := pathOf(name)
	p.At = c.at(n)
	typ := c.usedAs(sigma)
	*c.declared = append(*c.declared, &grammar.FieldDecl{At: c.at(n), Path: p, Type: grammar.Name{At: c.at(n), Text: typ.String()}})
	c.diags = append(c.diags, diag.New(diag.SigmaOdd, c.text.span(n), fmt.Sprintf("`%s` is kept under its own name: nothing here has it", sigma),
		fmt.Sprintf("the rule declares it as %s, and its outputs assume that events have it; a mapping file with --map gives its name here", typ)))
	return f
}

// declaration returns the declaration of a field, nil when there is none.
func (c *converter) declaration(name string) *grammar.FieldDecl {
	if c.declared == nil {
		return nil
	}
	for _, d := range *c.declared {
		if strings.Join(d.Path.Segments, ".") == name {
			return d
		}
	}
	return nil
}

// typeOf is the type of a field of the catalogue or of a declared one.
func (c *converter) typeOf(name string) schema.Type {
	if d := c.declaration(name); d != nil {
		t, _ := schema.ParseType(d.Type.Text) // written by declare
		return t
	}
	if f, ok := schema.Lookup(name); ok {
		return f.Type
	}
	return schema.Keyword
}

// usedAs is the type that a field has by the modifiers and values that the document uses it with: a number where it is
// compared in size or with numbers alone, and text where nothing tells otherwise.
func (c *converter) usedAs(sigma string) schema.Type {
	u := usage{field: sigma, seen: map[*yaml.Node]bool{}}
	for _, s := range c.doc.selections {
		u.selection(s.node)
	}
	if u.typ != schema.Invalid {
		return u.typ
	}
	return typeOfTags(u.tags)
}

// usage is what selections do with a field.
type usage struct {
	field string
	typ   schema.Type // what modifiers ask for, Invalid when there are none
	tags  []string    // of the values
	seen  map[*yaml.Node]bool
}

// selection looks through a selection.
func (u *usage) selection(n *yaml.Node) {
	if n == nil || u.seen[n] {
		return
	}
	u.seen[n] = true
	u.selection(n.Alias)
	for i, x := range n.Content {
		switch {
		case n.Kind != yaml.MappingNode:
			u.selection(x)
		case i%2 == 0 && (x.Value == u.field || strings.HasPrefix(x.Value, u.field+"|")):
			u.entry(strings.Split(x.Value, "|")[1:], n.Content[i+1])
		}
	}
}

func (u *usage) entry(modifiers []string, values *yaml.Node) {
	for _, w := range modifiers {
		switch w {
		case "gt", "gte", "lt", "lte":
			u.typ = schema.Double
		case "minute", "hour", "day", "week", "month", "year":
			u.typ = schema.Date
		case "exists":
			return
		case "neq", "all":
		default:
			if u.typ == schema.Invalid {
				u.typ = schema.Keyword
			}
		}
	}
	u.values(values)
}

func (u *usage) values(n *yaml.Node) {
	if n == nil || u.seen[n] {
		return
	}
	u.seen[n] = true
	u.values(n.Alias)
	if n.Kind == yaml.ScalarNode {
		u.tags = append(u.tags, n.Tag)
	}
	for _, x := range n.Content {
		u.values(x)
	}
}

// typeOfTags is the type of values that YAML reads as these tags, null aside.
func typeOfTags(tags []string) schema.Type {
	tags = slices.DeleteFunc(tags, func(t string) bool { return t == "!!null" })
	all := func(allowed ...string) bool {
		return len(tags) > 0 && !slices.ContainsFunc(tags, func(t string) bool { return !slices.Contains(allowed, t) })
	}
	switch {
	case all("!!int"):
		return schema.Long
	case all("!!int", "!!float"):
		return schema.Double
	case all("!!bool"):
		return schema.Boolean
	}
	return schema.Keyword
}
