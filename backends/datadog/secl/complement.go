package secl

import (
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/datadog/secl/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// trie holds texts by their code points; where case is ignored, by a representative of those that are equal.
type trie struct {
	next map[rune]*trie
	keys []rune // in order of insertion
	end  bool   // a text ends here
}

func (t *trie) insert(text []rune) {
	for _, r := range text {
		if t.next == nil {
			t.next = map[rune]*trie{}
		}
		n, ok := t.next[r]
		if !ok {
			n = &trie{}
			t.next[r], t.keys = n, append(t.keys, r)
		}
		t = n
	}
	t.end = true
}

// complementRegexp prints an expression that fits exactly the texts, but the empty one, that do not satisfy a comparison of
// the kind ==, starts_with or ends_with; ok is false for other comparisons, and when it would be too long.
func complementRegexp(c *ir.Cmp, folds bool) (re string, ok bool) {
	if c.Op != ir.Eq && c.Op != ir.StartsWith && c.Op != ir.EndsWith {
		return "", false
	}
	root := &trie{}
	for _, v := range c.R {
		text := []rune(v.Str())
		if c.Op == ir.EndsWith {
			slices.Reverse(text)
		}
		if !c.Cased {
			for i, r := range text {
				text[i] = pattern.Fold(r)
			}
		}
		if len(text) > 0 {
			root.insert(text)
		}
	}
	p := complementer{cased: c.Cased, whole: c.Op == ir.Eq, backwards: c.Op == ir.EndsWith}
	alternatives := p.alternatives(root, true)
	if len(alternatives) == 0 {
		return "", false
	}
	re = "(?:" + strings.Join(alternatives, "|") + ")"
	if p.backwards {
		re += "$"
	} else {
		re = "^" + re
	}
	return flags(false, true, folds) + re, len(re) <= maxComplement
}

// maxComplement is the longest expression that is printed to say what a text is not.
const maxComplement = 1000

type complementer struct {
	cased bool
	// whole says that texts are compared as a whole, backwards that they are read from their end.
	whole, backwards bool
}

// alternatives returns what may follow at a node for a text that is none of the trie's.
func (p complementer) alternatives(t *trie, root bool) []string {
	var out []string
	edge := "$"
	if p.backwards {
		edge = "^"
	}
	if !root && !t.end {
		out = append(out, edge) // the text ends here and no literal does
	}
	if len(t.keys) == 0 {
		if p.whole {
			out = append(out, ".") // it goes on behind a literal
		}
		return out
	}
	out = append(out, p.class(t.keys, true))
	for _, r := range t.keys {
		n := t.next[r]
		if n.end && !p.whole {
			continue // it begins with a literal
		}
		rest := p.alternatives(n, false)
		if len(rest) == 0 {
			continue
		}
		tail := "(?:" + strings.Join(rest, "|") + ")"
		if len(rest) == 1 {
			tail = rest[0]
		}
		if p.backwards {
			out = append(out, tail+p.class([]rune{r}, false))
		} else {
			out = append(out, p.class([]rune{r}, false)+tail)
		}
	}
	return out
}

// class prints one of the code points, or anything but them.
func (p complementer) class(rs []rune, negated bool) string {
	c := &pattern.Class{}
	for _, r := range rs {
		vs := []rune{r}
		if !p.cased {
			vs = pattern.Variants(r)
		}
		for _, v := range vs {
			c.Ranges = append(c.Ranges, pattern.Range{Lo: v, Hi: v})
		}
	}
	slices.SortFunc(c.Ranges, func(a, b pattern.Range) int { return int(a.Lo) - int(b.Lo) })
	if !negated && len(c.Ranges) == 1 {
		return syntax.QuoteRegexp(string(c.Ranges[0].Lo))
	}
	if negated {
		c.Ranges = complement(c.Ranges)
	}
	var b strings.Builder
	writeClass(&b, c)
	return b.String()
}

// negationOf returns an expression that fits the texts, but the empty one, on which a comparison is false.
func (t target) negationOf(c *ir.Cmp) (syntax.Expr, bool) {
	if slices.ContainsFunc(c.R, func(v schema.Value) bool { return v.Str() == "" && (t.blank || c.Op != ir.Eq) }) {
		return nil, false
	}
	re, ok := complementRegexp(c, t.folds)
	if !ok {
		return nil, false
	}
	return regularExpression(re), true
}
