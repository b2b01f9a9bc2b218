package search

import (
	"unicode"

	"github.com/onerule/onerule/ir/pattern"
)

// regexpGlobs writes a regular expression, searched anywhere, out to globs. widened says that they fit more than the
// expression; ok is false when they would be too many, when an anchor stands inside, and when they fit everything.
func regexpGlobs(n pattern.Node) (globs []pattern.Glob, widened, ok bool) {
	alternatives := []pattern.Node{n}
	if a, is := n.(*pattern.Alternate); is {
		alternatives = a.Xs
	}
	e := expander{}
	for _, alt := range alternatives {
		xs := []pattern.Node{alt}
		if c, is := alt.(*pattern.Concat); is {
			xs = c.Xs
		}
		before, after := pattern.Glob{star}, pattern.Glob{star}
		for len(xs) > 0 && isBegin(xs[0]) {
			before, xs = nil, xs[1:]
		}
		for len(xs) > 0 && isEnd(xs[len(xs)-1]) {
			after, xs = nil, xs[:len(xs)-1]
		}
		for _, g := range e.all(xs) {
			g = join(join(before, g), after)
			if e.widened && len(g) == 1 && g[0].Kind == pattern.Star {
				return nil, false, false
			}
			globs = append(globs, g)
		}
	}
	return globs, e.widened, !e.failed && len(globs) > 0 && len(globs) <= maxTerms
}

var star = pattern.Part{Kind: pattern.Star}

func isBegin(n pattern.Node) bool { _, ok := n.(*pattern.Begin); return ok }
func isEnd(n pattern.Node) bool   { _, ok := n.(*pattern.End); return ok }

// expander writes expressions out to globs that fit the same texts.
type expander struct{ widened, failed bool }

// all returns the globs of one expression after the other.
func (e *expander) all(xs []pattern.Node) []pattern.Glob {
	out := []pattern.Glob{nil}
	for _, x := range xs {
		out = e.product(out, e.node(x))
	}
	return out
}

func (e *expander) product(left, right []pattern.Glob) []pattern.Glob {
	if len(left)*len(right) > maxTerms {
		e.failed = true
		return nil
	}
	var out []pattern.Glob
	for _, l := range left {
		for _, r := range right {
			out = append(out, join(l, r))
		}
	}
	return out
}

// anything stands for an expression that cannot be written out.
func (e *expander) anything() []pattern.Glob {
	e.widened = true
	return []pattern.Glob{{star}}
}

func (e *expander) node(n pattern.Node) []pattern.Glob {
	switch n := n.(type) {
	case *pattern.Runes:
		return []pattern.Glob{{{Kind: pattern.Literal, Text: n.Text}}}
	case *pattern.Class:
		return e.class(n)
	case *pattern.Concat:
		return e.all(n.Xs)
	case *pattern.Alternate:
		var out []pattern.Glob
		for _, x := range n.Xs {
			out = append(out, e.node(x)...)
		}
		if len(out) > maxTerms {
			e.failed = true
			return nil
		}
		return out
	case *pattern.Repeat:
		return e.repeat(n)
	case *pattern.Begin, *pattern.End:
	}
	e.failed = true
	return nil
}

// maxClass is the largest class that is written out.
const maxClass = 16

func (e *expander) class(c *pattern.Class) []pattern.Glob {
	var out []pattern.Glob
	for _, r := range c.Ranges {
		if len(out)+int(r.Hi-r.Lo) >= maxClass {
			return e.anything()
		}
		for x := r.Lo; x <= r.Hi; x++ {
			if unicode.IsControl(x) { // it has no spelling
				return e.anything()
			}
			out = append(out, pattern.Glob{{Kind: pattern.Literal, Text: string(x)}})
		}
	}
	if len(out) == 0 {
		e.failed = true // the class fits nothing
	}
	return out
}

func (e *expander) repeat(n *pattern.Repeat) []pattern.Glob {
	if n.Min == 0 && n.Max == -1 && isAny(n.X) {
		return []pattern.Glob{{star}}
	}
	out := []pattern.Glob{nil}
	if n.Min > maxClass {
		return e.anything()
	}
	for range n.Min {
		out = e.product(out, e.node(n.X))
	}
	if n.Max < 0 || n.Max > maxClass {
		return e.product(out, e.anything())
	}
	more := out
	for i := n.Min; i < n.Max; i++ {
		more = e.product(more, e.node(n.X))
		out = append(out, more...)
	}
	if len(out) > maxTerms {
		e.failed = true
	}
	return out
}

// isAny reports whether a class is any character, or any but a line end, which makes no difference in a single line.
func isAny(n pattern.Node) bool {
	c, ok := n.(*pattern.Class)
	if !ok || len(c.Ranges) == 0 {
		return false
	}
	last := c.Ranges[len(c.Ranges)-1]
	any := c.Ranges[0].Lo == 0 && last.Hi == unicode.MaxRune
	return any && (len(c.Ranges) == 1 || len(c.Ranges) == 2 && c.Ranges[0].Hi == '\n'-1 && last.Lo == '\n'+1)
}

// join puts two globs one after the other, with neighbouring literals and stars merged.
func join(a, b pattern.Glob) pattern.Glob {
	out := append(pattern.Glob{}, a...)
	for _, p := range b {
		if len(out) > 0 && out[len(out)-1].Kind == p.Kind {
			switch p.Kind {
			case pattern.Star:
				continue
			case pattern.Literal:
				out[len(out)-1].Text += p.Text
				continue
			case pattern.One:
			}
		}
		out = append(out, p)
	}
	return out
}
