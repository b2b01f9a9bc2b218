package sigma

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
)

// entry is one entry of a mapping.
type entry struct {
	key       string
	at, value *yaml.Node
}

// deref follows aliases; nil means that the file has too many values or goes in a circle, which was reported.
func (r *reader) deref(n *yaml.Node, depth int) *yaml.Node {
	r.nodes++
	switch {
	case r.over:
		return nil
	case r.nodes > maxNodes:
		r.over = true
		r.fault(diag.SigmaYAML, n, fmt.Sprintf("the file unfolds to more than %d values", maxNodes), "anchors that hold aliases multiply: write the values out, or split the file")
		return nil
	case depth > maxDepth:
		r.over = true
		r.fault(diag.SigmaYAML, n, fmt.Sprintf("values nest more than %d deep", maxDepth), "an alias inside of its own anchor never ends; a rule needs no more than six levels")
		return nil
	}
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return r.deref(n.Alias, depth+1)
	}
	if tag := n.ShortTag(); n.Kind == yaml.SequenceNode && tag != "!!seq" || n.Kind == yaml.MappingNode && tag != "!!map" {
		if r.tagged == nil {
			r.tagged = map[*yaml.Node]bool{}
		}
		if !r.tagged[n] {
			r.tagged[n] = true
			r.fault(diag.SigmaYAML, n, fmt.Sprintf("a list or map has the YAML tag `%s`", tag), "take the tag out: lists and maps have none")
		}
	}
	return n
}

// mapping returns the entries of a mapping; ok is false for anything else. Keys that stand twice are reported, `<<` is written out.
func (r *reader) mapping(n *yaml.Node, depth int) (out []entry, ok bool) {
	n = r.deref(n, depth)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, false
	}
	first := map[string]*yaml.Node{}
	var merged []entry
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := r.deref(n.Content[i], depth), n.Content[i+1]
		switch {
		case k == nil:
			return out, true
		case k.Kind != yaml.ScalarNode:
			r.fault(diag.SigmaYAML, k, "a key is a list or a map", "a key is one word; put it in quotes if it holds brackets")
		case k.Tag == "!!merge":
			merged = append(merged, r.merged(v, depth+1)...)
		case first[k.Value] != nil:
			d := diag.New(diag.SigmaYAML, r.span(k), fmt.Sprintf("`%s` stands twice", k.Value), "YAML readers keep one of them without a word: "+twiceHelp(k.Value))
			d.Related = []diag.Label{{Span: r.span(first[k.Value]), Text: "the first one"}}
			r.diags = append(r.diags, d)
		default:
			first[k.Value] = k
			out = append(out, entry{k.Value, k, v})
		}
	}
	for _, e := range merged {
		if first[e.key] == nil {
			first[e.key] = e.at
			out = append(out, e)
		}
	}
	return out, true
}

func twiceHelp(key string) string {
	if strings.Contains(key, "|") {
		return "join the values in one list; if all of them must fit, add `|all`"
	}
	return "join the two, or give one another name"
}

// merged returns the entries that `<<` brings in.
func (r *reader) merged(n *yaml.Node, depth int) []entry {
	n = r.deref(n, depth)
	if n == nil {
		return nil
	}
	if n.Kind == yaml.SequenceNode {
		var out []entry
		for _, x := range n.Content {
			out = append(out, r.merged(x, depth+1)...)
		}
		return out
	}
	out, ok := r.mapping(n, depth+1)
	if !ok {
		r.fault(diag.SigmaYAML, n, "`<<` does not name a map", "`<<: *name` brings the entries of an anchored map in")
	}
	return out
}

// items returns the elements of a list, or the one element of a scalar or map.
func (r *reader) items(n *yaml.Node, depth int) []*yaml.Node {
	n = r.deref(n, depth)
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		return []*yaml.Node{n}
	}
	out := make([]*yaml.Node, 0, len(n.Content))
	for _, x := range n.Content {
		if x = r.deref(x, depth+1); x != nil {
			out = append(out, x)
		}
	}
	return out
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// lookup returns the entry of a key.
func lookup(entries []entry, key string) (entry, bool) {
	for _, e := range entries {
		if e.key == key {
			return e, true
		}
	}
	return entry{}, false
}
