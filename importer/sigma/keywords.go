package sigma

import (
	"fmt"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
)

// keywords looks for texts anywhere in the event.
func (c *converter) keywords(key *yaml.Node, m *modifiers, values []value) grammar.Expr {
	if word := m.notForKeywords(); word != "" {
		c.fault(diag.SigmaCannot, key, fmt.Sprintf("`%s` does not go with keywords", word), "keywords are looked for anywhere in all texts of an event; name the field that holds the text")
		return nil
	}
	ok := true
	var xs []grammar.Expr
	for _, v := range values {
		if c.lostColon(v.node) {
			ok = false
			continue
		}
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
		if m.match == "re" {
			s, good := c.regexp(&fieldTest{key: key, mods: m}, v)
			ok = ok && good
			xs = append(xs, &grammar.Keyword{At: c.at(v.node), Op: "matches", Text: c.str(v.node, s)})
			continue
		}
		var each []grammar.Expr
		for _, p := range ps {
			x := c.keyword(v.node, p, m.cased)
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
		case "all", "contains", "windash", "base64", "base64offset", "utf16le", "utf16be", "utf16", "expand", "neq", "re", "i", "m", "s", "cased":
		default:
			return w
		}
	}
	return ""
}

func (c *converter) keyword(n *yaml.Node, p pattern, cased bool) grammar.Expr {
	op, s := p.open(true, true).form()
	switch {
	case op == "contains":
		return &grammar.Keyword{At: c.at(n), Cased: cased, Text: c.str(n, s)}
	case op == "exists":
		c.fault(diag.SigmaValue, n, "the keyword is empty", "every event contains it: write a text")
		return nil
	case p.wild():
		return &grammar.Keyword{At: c.at(n), Op: op, Cased: cased, Text: c.str(n, s)}
	}
	c.fault(diag.SigmaCannot, n, "a placeholder stands in a keyword", "name the field that holds the text")
	return nil
}
