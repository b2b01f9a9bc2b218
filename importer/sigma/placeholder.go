package sigma

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
)

// placeholder names what is between two percent signs.
var placeholder = regexp.MustCompile(`%([A-Za-z0-9_]+)%`)

// expand finds the placeholders of a text.
func expand(p pattern) pattern {
	var out pattern
	for _, x := range p {
		if x.wild != 0 {
			out = append(out, x)
			continue
		}
		text := strings.ReplaceAll(x.text, `\%`, "\x00")
		for {
			m := placeholder.FindStringSubmatchIndex(text)
			if m == nil {
				break
			}
			if m[0] > 0 {
				out = append(out, part{text: strings.ReplaceAll(text[:m[0]], "\x00", "%")})
			}
			out = append(out, part{name: text[m[2]:m[3]]})
			text = text[m[1]:]
		}
		if text != "" {
			out = append(out, part{text: strings.ReplaceAll(text, "\x00", "%")})
		}
	}
	return out
}

// filled are the patterns with the values of placeholders put in; ok is false when a placeholder has none.
func (c *converter) filled(p pattern) (out []pattern, ok bool) {
	out = []pattern{nil}
	for _, x := range p {
		choices := []part{x}
		if x.name != "" {
			values, known := c.placeholderValues(x.name)
			if !known {
				return nil, false
			}
			choices = nil
			for _, s := range values {
				choices = append(choices, part{text: s})
			}
		}
		var next []pattern
		for _, head := range out {
			for _, y := range choices {
				next = append(next, appendText(head, y))
			}
		}
		out = next
	}
	return out, true
}

// placeholder says a text with placeholders: with the values that a mapping file gives, or as a list parameter.
func (g *atoms) placeholder(v value, p pattern) (as []atom, ok, done bool) {
	i := slices.IndexFunc(p, func(x part) bool { return x.name != "" })
	if i < 0 {
		return nil, false, false
	}
	c := g.c
	if filled, ok := c.filled(p); ok {
		for _, q := range filled {
			more, ok := g.pattern(v, q)
			if !ok {
				return nil, false, true
			}
			as = append(as, more...)
		}
		return as, true, true
	}
	inner := slices.DeleteFunc(slices.Clone(p), func(x part) bool { return x.wild == '*' })
	if len(inner) != 1 || len(p) > 1 && p[0].wild == 0 && p[len(p)-1].wild == 0 {
		c.fault(diag.SigmaCannot, v.node, fmt.Sprintf("the placeholder `%%%s%%` stands inside of a longer text", p[i].name), "give its values in a mapping file (`placeholders: {"+p[i].name+": [value]}`) with --map")
		return nil, false, true
	}
	op := "=="
	switch before, behind := p.starts(), p.ends(); {
	case before && behind:
		op = "contains"
	case before:
		op = "ends_with"
	case behind:
		op = "starts_with"
	}
	name := c.parameter(v.node, p[i].name)
	return []atom{{op, &grammar.VarRef{At: c.at(v.node), Name: name}, v.node}}, true, true
}
