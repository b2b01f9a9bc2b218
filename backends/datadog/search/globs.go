package search

import (
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/datadog/search/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// maxTerms is the largest number of values that one comparison is written out to.
const maxTerms = 64

// reading is what a comparison of text with literals becomes: tests of one field, joined by OR, and how they relate to what
// the comparison means. Attribute search compares the whole value and minds case; its one wildcard is *, any run.
type reading struct {
	tests []*syntax.Match
	level backends.Level
}

const (
	caseNote     = "attribute search minds case: only the spelling in the rule is found, because a literal has more than 16 spellings"
	wildcardNote = "log search has no dependable spelling of ?, of a plain * or ? beside a wildcard, or of a class of characters: each is printed as *"
)

// readText reads a comparison with text literals.
func readText(c *ir.Cmp, f syntax.Field) reading {
	var globs []pattern.Glob
	widened := false
	for _, v := range c.R {
		gs, wider, ok := literalGlobs(c.Op, v.Str())
		if !ok {
			return reading{level: backends.Refused("log search has no regular expressions, and this one stands for too many texts to write them out", "use ==, starts_with, contains, ends_with or like")}
		}
		globs, widened = append(globs, gs...), widened || wider
	}
	narrowed := false
	if !c.Cased && c.Op != ir.Matches {
		globs, narrowed = spellOut(globs)
	}
	out := reading{level: backends.Exactly()}
	live, present := false, false
	for _, g := range globs {
		g, wider := starsOnly(g)
		widened = widened || wider
		live = live || hasStar(g)
		present = present || len(g) == 1 && g[0].Kind == pattern.Star
		m, err := syntax.Glob(f, pieces(g)...)
		if err != nil {
			return reading{level: backends.Refused("log search cannot spell a literal: "+reason(err), "write the condition with another literal or on another field")}
		}
		out.tests = append(out.tests, m)
	}
	switch {
	case narrowed && widened:
		out.level = backends.Refused("the query would find more ("+wildcardNote+") and less ("+caseNote+")", "make the comparison cased, or leave the wildcard out")
		return out
	case narrowed:
		out.level = backends.Narrower(caseNote)
	case widened:
		out.level = backends.Wider(wildcardNote)
	}
	if present {
		out.level = out.level.With("no-empty", "json-null")
	}
	if live {
		out.level = out.level.With("one-line")
	}
	if match, err := ir.Matcher(c.Op, c.Cased, c.R); err == nil && match(schema.String("null")) {
		out.level = out.level.With("json-null")
	}
	return out
}

// literalGlobs returns the globs that fit the same texts as an operator with a literal, or with widened more texts.
func literalGlobs(op ir.Op, v string) (globs []pattern.Glob, widened, ok bool) {
	star, text := pattern.Part{Kind: pattern.Star}, pattern.Part{Kind: pattern.Literal, Text: v}
	switch op {
	case ir.Contains:
		return []pattern.Glob{{star, text, star}}, false, true
	case ir.StartsWith:
		return []pattern.Glob{{text, star}}, false, true
	case ir.EndsWith:
		return []pattern.Glob{{star, text}}, false, true
	case ir.Like:
		return []pattern.Glob{pattern.ParseGlob(v)}, false, true
	case ir.Matches:
		n, err := pattern.ParseRegexp(v)
		if err != nil {
			return nil, false, false
		}
		return regexpGlobs(n)
	case ir.Eq, ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
	}
	return []pattern.Glob{{text}}, false, true
}

// spellOut writes out the spellings of globs that differ in case only. A glob with more than 16 stays as it is, and so do
// all when together they would be more than 64: then narrowed is true.
func spellOut(globs []pattern.Glob) (out []pattern.Glob, narrowed bool) {
	for _, g := range globs {
		var literals strings.Builder
		for _, p := range g {
			literals.WriteString(p.Text)
		}
		spellings, ok := backends.CaseVariants(literals.String())
		if !ok {
			out, narrowed = append(out, g), true
			continue
		}
		for _, s := range spellings {
			out = append(out, respelled(g, s))
		}
	}
	if len(out) > maxTerms && len(out) > len(globs) {
		return globs, true
	}
	return out, narrowed
}

// respelled returns the glob with its literal text, all pieces in a row, replaced by another spelling of as many code points.
func respelled(g pattern.Glob, spelling string) pattern.Glob {
	rest, out := []rune(spelling), make(pattern.Glob, len(g))
	for i, p := range g {
		out[i] = p
		if p.Kind == pattern.Literal {
			n := len([]rune(p.Text))
			out[i].Text, rest = string(rest[:n]), rest[n:]
		}
	}
	return out
}

// starsOnly puts * in the place of what has no dependable spelling in a glob: of ?, and of a literal * or ? beside a wildcard.
func starsOnly(g pattern.Glob) (out pattern.Glob, widened bool) {
	if _, literal := g.Plain(); literal {
		return g, false
	}
	add := func(p pattern.Part) {
		if p.Kind != pattern.Star || len(out) == 0 || out[len(out)-1].Kind != pattern.Star {
			out = append(out, p)
		}
	}
	for _, p := range g {
		switch p.Kind {
		case pattern.Star:
			add(p)
		case pattern.One:
			add(pattern.Part{Kind: pattern.Star})
			widened = true
		case pattern.Literal:
			for p.Text != "" {
				i := strings.IndexAny(p.Text, "*?")
				if i < 0 {
					add(p)
					break
				}
				if i > 0 {
					add(pattern.Part{Kind: pattern.Literal, Text: p.Text[:i]})
				}
				add(pattern.Part{Kind: pattern.Star})
				p.Text, widened = p.Text[i+1:], true
			}
		}
	}
	return out, widened
}

func hasStar(g pattern.Glob) bool {
	for _, p := range g {
		if p.Kind == pattern.Star {
			return true
		}
	}
	return false
}

func pieces(g pattern.Glob) []syntax.Piece {
	out := make([]syntax.Piece, 0, len(g))
	for _, p := range g {
		if p.Kind == pattern.Literal {
			out = append(out, syntax.Lit(p.Text))
		} else {
			out = append(out, syntax.Any())
		}
	}
	return out
}
