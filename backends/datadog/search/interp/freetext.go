package interp

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/onerule/onerule/backends/datadog/search/syntax"
)

// message tests free text, and message:…: the words of the log message.
func (l linker) message(v syntax.Value) test {
	if w, ok := v.(syntax.Word); ok && w.IsStar() {
		return func(c *context) bool {
			m, ok := c.row["message"]
			return ok && c.present([]any{m})
		}
	}
	var one func(*context, string) bool
	switch v := v.(type) {
	case syntax.Word, syntax.Phrase:
		one = l.words(v)
	case syntax.Compare, syntax.Range:
		cmp := l.single(v, facetText, "message")
		one = func(c *context, s string) bool { return cmp(c, s) }
	}
	return func(c *context) bool {
		m, ok := c.row["message"]
		if !ok {
			return false
		}
		for _, e := range c.scalars([]any{m}) {
			if one(c, text(e)) {
				return true
			}
		}
		return false
	}
}

// everywhere tests *:…: the message and every attribute.
func (l linker) everywhere(v syntax.Value, star bool) test {
	switch {
	case star:
		return func(*context) bool { return true }
	case !l.fullText.On():
		return func(*context) bool { return false }
	}
	var one func(*context, string) bool
	switch v := v.(type) {
	case syntax.Word, syntax.Phrase:
		one = l.words(v)
	case syntax.Compare, syntax.Range:
		return func(c *context) bool {
			c.warn("a comparison in every attribute has no meaning: nothing matches")
			return false
		}
	}
	return func(c *context) bool {
		return c.everyText(func(s string) bool { return one(c, s) })
	}
}

// words makes the free-text test of one text.
func (l linker) words(v syntax.Value) func(*context, string) bool {
	var pieces []syntax.Piece
	switch v := v.(type) {
	case syntax.Word:
		pieces = l.livePieces(v)
		if t, literal := v.Literal(); literal {
			pieces = []syntax.Piece{syntax.Lit(t)}
		}
	case syntax.Phrase:
		pieces = []syntax.Piece{syntax.Lit(l.phraseText(v))}
	case syntax.Compare, syntax.Range:
		return func(*context, string) bool { return false }
	}
	if !l.freeTextTokens.On() {
		return l.boundaries(pieces)
	}
	wanted := l.tokenPatterns(pieces)
	if len(wanted) == 0 {
		return func(c *context, _ string) bool {
			c.warn("free text without a letter or digit matches nothing: messages are searched by words")
			return false
		}
	}
	return func(c *context, s string) bool {
		c.spend(len(s) * len(wanted))
		if l.freeTextFold.On() {
			s = fold(s)
		}
		tokens := strings.FieldsFunc(s, func(r rune) bool { return !wordRune(r) })
		for i := 0; i+len(wanted) <= len(tokens); i++ {
			fits := true
			for j := 0; fits && j < len(wanted); j++ {
				fits = wanted[j](tokens[i+j])
			}
			if fits {
				return true
			}
		}
		return false
	}
}

// wordRune reports whether a rune belongs to a token.
func wordRune(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// fold maps a text so that texts that differ in case only become equal.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		for {
			// the smallest member of the folding orbit stands for all
			next := unicode.SimpleFold(r)
			if next <= r {
				return next
			}
			r = next
		}
	}, s)
}

// tokenPatterns splits pieces into the tokens that must follow each other.
func (l linker) tokenPatterns(pieces []syntax.Piece) []func(string) bool {
	var out []func(string) bool
	var cur []syntax.Piece
	flush := func() {
		if len(cur) > 0 {
			out = append(out, l.globMatcherOf(cur))
			cur = nil
		}
	}
	for _, p := range pieces {
		if p.Kind != syntax.Text {
			cur = append(cur, p)
			continue
		}
		t := p.Text
		if l.freeTextFold.On() {
			t = fold(t)
		}
		start := 0
		for i, r := range t {
			if wordRune(r) {
				continue
			}
			if i > start {
				cur = append(cur, syntax.Lit(t[start:i]))
			}
			flush()
			start = i + len(string(r))
		}
		if start < len(t) {
			cur = append(cur, syntax.Lit(t[start:]))
		}
	}
	flush()
	return out
}

// globMatcherOf matches a token against pieces that the switches were already applied to.
func (l linker) globMatcherOf(pieces []syntax.Piece) func(string) bool {
	pieces = mergeText(pieces)
	for _, p := range pieces {
		if p.Kind == syntax.Question {
			re := regexp.MustCompile("^(?:" + l.pattern(pieces) + ")$")
			return re.MatchString
		}
	}
	return func(s string) bool { return starMatch(pieces, s) }
}

// boundaries matches a text between word boundaries.
func (l linker) boundaries(pieces []syntax.Piece) func(*context, string) bool {
	flags := ""
	if l.freeTextFold.On() {
		flags = "(?i)"
	}
	re := regexp.MustCompile(flags + `\b` + l.pattern(pieces) + `\b`)
	return func(c *context, s string) bool {
		c.spend(len(s))
		return re.MatchString(s)
	}
}
