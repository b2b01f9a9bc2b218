package interp

import (
	"net/netip"
	"strings"

	"github.com/onerule/onerule/backends/datadog/search/syntax"
)

// test answers for the event of the context.
type test func(*context) bool

// linker turns a tree into a test, once per run and table: the switches and the facet types are known then.
type linker struct {
	settings
}

var noField syntax.Field

func (l linker) link(n syntax.Node, group syntax.Field, types map[string]string) test {
	switch n := n.(type) {
	case nil:
		return func(*context) bool { return true }
	case *syntax.And:
		items := l.linkAll(n.Items, group, types)
		return func(c *context) bool {
			for _, t := range items {
				if !t(c) {
					return false
				}
			}
			return true
		}
	case *syntax.Or:
		items := l.linkAll(n.Items, group, types)
		return func(c *context) bool {
			for _, t := range items {
				if t(c) {
					return true
				}
			}
			return false
		}
	case *syntax.Not:
		x := l.link(n.X, group, types)
		return func(c *context) bool { return !x(c) }
	case *syntax.Group:
		return l.link(n.X, n.Field, types)
	case *syntax.Match:
		f := n.Field
		if f.Kind == syntax.FieldNone {
			f = group
		}
		return l.match(f, n.Value, types)
	case *syntax.Presence:
		return l.presence(n, types)
	case *syntax.CIDR:
		return l.inBlocks(n)
	}
	panic("a node of the tree has no meaning here")
}

func (l linker) linkAll(items []syntax.Node, group syntax.Field, types map[string]string) []test {
	out := make([]test, len(items))
	for i, n := range items {
		out[i] = l.link(n, group, types)
	}
	return out
}

func (l linker) match(f syntax.Field, v syntax.Value, types map[string]string) test {
	w, isWord := v.(syntax.Word)
	star := isWord && w.IsStar()
	switch f.Kind {
	case syntax.FieldNone:
		if star {
			return func(*context) bool { return true }
		}
		return l.message(v)
	case syntax.FieldFullText:
		return l.everywhere(v, star)
	case syntax.FieldAttribute:
		return l.attribute(f.Name, v, types)
	case syntax.FieldPlain:
		switch {
		case f.Name == "message":
			return l.message(v)
		case f.Name == "tags":
			return l.tagList(v)
		case reserved[f.Name] != nil:
			return l.reservedTest(f.Name, v)
		}
		return l.tag(f.Name, v)
	}
	panic("a field kind has no meaning here")
}

// attribute tests @path.
func (l linker) attribute(name string, v syntax.Value, types map[string]string) test {
	path := pathOf(name)
	facet := facetOf(types, name)
	if w, ok := v.(syntax.Word); ok && w.IsStar() && l.starNewline.On() {
		return func(c *context) bool {
			c.spend(0)
			return c.present(c.attribute(path))
		}
	}
	one := l.single(v, facet, "@"+name)
	return func(c *context) bool {
		for _, e := range c.scalars(c.attribute(path)) {
			if one(c, e) {
				return true
			}
		}
		c.spend(0)
		return false
	}
}

// reservedTest tests a reserved attribute other than message and tags; it compares texts.
func (l linker) reservedTest(name string, v syntax.Value) test {
	one := l.single(v, facetText, name)
	if w, ok := v.(syntax.Word); ok && w.IsStar() {
		one = func(*context, any) bool { return true }
	}
	return func(c *context) bool {
		value, ok := reservedValue(c.row, name)
		if !ok {
			return false
		}
		for _, e := range c.scalars([]any{value}) {
			if one(c, e) {
				return true
			}
		}
		return false
	}
}

// tagList tests tags:NAME, a tag as a whole.
func (l linker) tagList(v syntax.Value) test {
	one := l.single(l.lowerTag(v), facetText, "tags")
	return func(c *context) bool {
		for _, tag := range c.tags() {
			if one(c, tag) {
				return true
			}
		}
		return false
	}
}

// tag tests key:value. Tags are a multi-map: one tag that fits is enough. key:* also holds for a tag that is the key alone.
func (l linker) tag(key string, v syntax.Value) test {
	if l.tagFold.On() {
		key = strings.ToLower(key)
	}
	w, ok := v.(syntax.Word)
	exists := ok && w.IsStar()
	one := l.single(l.lowerTag(v), facetText, key)
	return func(c *context) bool {
		for _, tag := range c.tags() {
			k, value, pair := strings.Cut(tag, ":")
			if k == key && (exists || pair && one(c, value)) {
				return true
			}
		}
		return false
	}
}

// lowerTag lowers the query's side of a tag when tags are stored in lower case.
func (l linker) lowerTag(v syntax.Value) syntax.Value {
	if !l.tagFold.On() {
		return v
	}
	switch v := v.(type) {
	case syntax.Word:
		pieces := make([]syntax.Piece, len(v.Pieces))
		for i, p := range v.Pieces {
			p.Text = strings.ToLower(p.Text)
			pieces[i] = p
		}
		return syntax.Word{Pieces: pieces}
	case syntax.Phrase:
		return syntax.Phrase{Raw: strings.ToLower(v.Raw)}
	case syntax.Compare, syntax.Range:
	}
	return v
}

// presence tests _exists_:f and _missing_:f.
func (l linker) presence(n *syntax.Presence, types map[string]string) test {
	star := syntax.Word{Pieces: []syntax.Piece{syntax.Any()}}
	if !l.existsWord.On() {
		name := "_exists_"
		if n.Missing {
			name = "_missing_"
		}
		return l.tag(name, syntax.Word{Pieces: []syntax.Piece{syntax.Lit(n.Field.String())}})
	}
	var exists test
	if n.Field.Kind == syntax.FieldAttribute {
		path := pathOf(n.Field.Name)
		exists = func(c *context) bool { return c.present(c.attribute(path)) }
	} else {
		exists = l.match(n.Field, star, types)
	}
	if n.Missing {
		return func(c *context) bool { return !exists(c) }
	}
	return exists
}

// inBlocks tests CIDR(@f, …).
func (l linker) inBlocks(n *syntax.CIDR) test {
	if !l.cidr.On() {
		return func(*context) bool { return false }
	}
	var blocks []netip.Prefix
	for _, b := range n.Blocks {
		if p, err := syntax.ParseBlock(b); err == nil {
			blocks = append(blocks, p)
		}
	}
	path := pathOf(n.Field.Name)
	return func(c *context) bool {
		for _, e := range c.scalars(c.attribute(path)) {
			s, ok := e.(string)
			if !ok {
				continue
			}
			addr, err := netip.ParseAddr(s)
			if err != nil {
				continue
			}
			for _, b := range blocks {
				c.spend(0)
				if b.Contains(addr.Unmap().WithZone("")) {
					return true
				}
			}
		}
		return false
	}
}
