package interp

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/onerule/onerule/backends/datadog/search/syntax"
)

// facet says how an attribute is compared.
type facet int

const (
	facetNone    facet = iota // no type known: a JSON number is a measure, a text is not
	facetMeasure              // a numeric facet
	facetString               // a string facet
	facetText                 // a tag, a reserved attribute or the message: texts
)

// facetOf reads the type of an attribute from the table's types.
func facetOf(types map[string]string, name string) facet {
	for _, key := range []string{name, "@" + name, "attributes." + name} {
		switch strings.ToLower(types[key]) {
		case "":
		case "double", "long", "integer", "int", "float", "number", "measure":
			return facetMeasure
		default:
			return facetString
		}
	}
	return facetNone
}

// single makes the test of one single value (text, number or boolean) against the query's value.
func (l linker) single(v syntax.Value, f facet, name string) func(*context, any) bool {
	switch v := v.(type) {
	case syntax.Word:
		if text, ok := v.Literal(); ok {
			return l.equal(text, f)
		}
		return l.glob(v)
	case syntax.Phrase:
		return l.equal(l.phraseText(v), f)
	case syntax.Compare:
		return l.compare(v.Op, v.Operand, f, name)
	case syntax.Range:
		return l.between(v, f, name)
	}
	panic("a value of the tree has no meaning here")
}

func (l linker) phraseText(p syntax.Phrase) string {
	if l.quotedEscape.On() {
		return p.Text()
	}
	return p.TextOnlyQuotes()
}

// equal tests a whole value, case kept. Numbers are compared as numbers when both sides are numbers.
func (l linker) equal(want string, f facet) func(*context, any) bool {
	number, isNumber := parseDecimal(want)
	isNumber = isNumber && l.numberEqual.On() && (f == facetNone || f == facetMeasure)
	return func(c *context, v any) bool {
		s := text(v)
		c.spend(len(s))
		if s == want {
			return true
		}
		_, jsonNumber := v.(json.Number)
		if !isNumber || !jsonNumber && f != facetMeasure {
			return false
		}
		n, ok := parseDecimal(s)
		return ok && n.compare(number) == 0
	}
}

// compare tests v op operand.
func (l linker) compare(op syntax.CompareOp, operand string, f facet, name string) func(*context, any) bool {
	holds := func(sign int) bool {
		switch op {
		case syntax.Greater:
			return sign > 0
		case syntax.GreaterEqual:
			return sign >= 0
		case syntax.Less:
			return sign < 0
		case syntax.LessEqual:
			return sign <= 0
		}
		return false
	}
	number, isNumber := parseDecimal(operand)
	return func(c *context, v any) bool {
		s := text(v)
		c.spend(len(s))
		_, jsonNumber := v.(json.Number)
		if isNumber && (f == facetMeasure || jsonNumber && f == facetNone) {
			if n, ok := parseDecimal(s); ok {
				return holds(n.compare(number))
			}
		}
		if f == facetText && l.compareTagText.On() || f != facetText && l.compareText.On() {
			return holds(strings.Compare(s, operand))
		}
		c.warn("`" + name + "` is compared, but its value is no number or the attribute is no numeric facet: nothing matches")
		return false
	}
}

// between tests a range: both comparisons; an open end is always right.
func (l linker) between(r syntax.Range, f facet, name string) func(*context, any) bool {
	if r.Exclusive && !l.braceRange.On() {
		return func(*context, any) bool { return false }
	}
	always := func(*context, any) bool { return true }
	low, high := always, always
	above, below := syntax.GreaterEqual, syntax.LessEqual
	if r.Exclusive {
		above, below = syntax.Greater, syntax.Less
	}
	if !r.Low.Open {
		low = l.compare(above, r.Low.Text(), f, name)
	}
	if !r.High.Open {
		high = l.compare(below, r.High.Text(), f, name)
	}
	return func(c *context, v any) bool { return low(c, v) && high(c, v) }
}

// glob tests a whole value against text and wildcards, case kept.
func (l linker) glob(w syntax.Word) func(*context, any) bool {
	match := l.globMatcher(w)
	return func(c *context, v any) bool {
		s := text(v)
		c.spend(len(s))
		return match(s)
	}
}

// globMatcher returns the match of a whole text against a word with wildcards.
func (l linker) globMatcher(w syntax.Word) func(string) bool {
	pieces := l.livePieces(w)
	simple := l.starNewline.On()
	for _, p := range pieces {
		simple = simple && p.Kind != syntax.Question
	}
	if simple {
		return func(s string) bool { return starMatch(pieces, s) }
	}
	re := regexp.MustCompile("^(?:" + l.pattern(pieces) + ")$")
	return re.MatchString
}

// livePieces applies the switches about the escaped star and the question mark to the pieces of a word.
func (l linker) livePieces(w syntax.Word) []syntax.Piece {
	var out []syntax.Piece
	n := len(w.Pieces)
	trailingOnly := n == 2 && w.Pieces[0].Kind == syntax.Text && w.Pieces[1].Kind == syntax.Star
	for _, p := range w.Pieces {
		switch {
		case p.Kind == syntax.Question && !l.questionWild.On():
			out = append(out, syntax.Lit("?"))
		case p.Kind == syntax.Text && !l.escapedStar.On() && !trailingOnly && strings.Contains(p.Text, "*"):
			for i, part := range strings.Split(p.Text, "*") {
				if i > 0 {
					out = append(out, syntax.Any())
				}
				if part != "" {
					out = append(out, syntax.Lit(part))
				}
			}
		default:
			out = append(out, p)
		}
	}
	return mergeText(out)
}

// mergeText joins neighbouring text pieces, which starMatch relies on.
func mergeText(pieces []syntax.Piece) []syntax.Piece {
	out := pieces[:0:0]
	for _, p := range pieces {
		if n := len(out); n > 0 && p.Kind == syntax.Text && out[n-1].Kind == syntax.Text {
			out[n-1].Text += p.Text
			continue
		}
		out = append(out, p)
	}
	return out
}

// pattern writes pieces as a regular expression.
func (l linker) pattern(pieces []syntax.Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		switch p.Kind {
		case syntax.Text:
			b.WriteString(regexp.QuoteMeta(p.Text))
		case syntax.Star:
			if l.starNewline.On() {
				b.WriteString("(?s:.*)")
			} else {
				b.WriteString(".*")
			}
		case syntax.Question:
			if l.questionAny.On() {
				b.WriteString("(?s:.)")
			} else {
				b.WriteString(`[^\p{L}\p{N}]`)
			}
		}
	}
	return b.String()
}

// starMatch matches text and stars against a whole string: the first piece at the start, the last at the end, each between them
// at its first place, which is right for stars alone.
func starMatch(pieces []syntax.Piece, s string) bool {
	star := false // a star stands before the next text
	for i, p := range pieces {
		if p.Kind == syntax.Star {
			star = true
			continue
		}
		if i == len(pieces)-1 {
			return strings.HasSuffix(s, p.Text) && (star || s == p.Text)
		}
		at := 0
		if star {
			at = strings.Index(s, p.Text)
		} else if !strings.HasPrefix(s, p.Text) {
			return false
		}
		if at < 0 {
			return false
		}
		s = s[at+len(p.Text):]
		star = false
	}
	return star || s == ""
}
