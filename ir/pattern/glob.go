package pattern

import "strings"

// PartKind is the kind of a piece of a glob.
type PartKind uint8

// The kinds of pieces.
const (
	Literal PartKind = iota // plain text
	Star                    // any text, also none
	One                     // exactly one code point
)

// Part is a piece of a glob; Text is set for Literal.
type Part struct {
	Kind PartKind
	Text string
}

// Glob is a parsed glob: adjacent literals and stars are merged, so that equal globs have equal parts.
type Glob []Part

// ParseGlob parses a glob: * any text, ? one code point, \ before * ? or \ makes it plain; any other backslash is itself.
func ParseGlob(s string) Glob {
	var g Glob
	var lit strings.Builder
	flush := func() {
		if lit.Len() > 0 {
			g = append(g, Part{Kind: Literal, Text: lit.String()})
			lit.Reset()
		}
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && (s[i+1] == '*' || s[i+1] == '?' || s[i+1] == '\\'):
			i++
			lit.WriteByte(s[i])
		case c == '*':
			flush()
			if len(g) == 0 || g[len(g)-1].Kind != Star {
				g = append(g, Part{Kind: Star})
			}
		case c == '?':
			flush()
			g = append(g, Part{Kind: One})
		default:
			lit.WriteByte(c)
		}
	}
	flush()
	return g
}

// QuoteGlob returns a glob that fits exactly the text.
func QuoteGlob(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`).Replace(s)
}

// String returns a glob text that parses to g.
func (g Glob) String() string {
	var b strings.Builder
	for _, p := range g {
		switch p.Kind {
		case Literal:
			b.WriteString(QuoteGlob(p.Text))
		case Star:
			b.WriteByte('*')
		case One:
			b.WriteByte('?')
		}
	}
	return b.String()
}

// Plain returns the text of a glob without wildcards.
func (g Glob) Plain() (string, bool) {
	switch {
	case len(g) == 0:
		return "", true
	case len(g) == 1 && g[0].Kind == Literal:
		return g[0].Text, true
	}
	return "", false
}

// HasOne reports whether the glob has a ?.
func (g Glob) HasOne() bool {
	for _, p := range g {
		if p.Kind == One {
			return true
		}
	}
	return false
}

// Regexp returns the regular expression, searched anywhere, that fits the same texts: anchored at both ends, but for an end
// where a star stands.
func (g Glob) Regexp(fold bool) Node {
	open, end := len(g) > 0 && g[0].Kind == Star, len(g) > 0 && g[len(g)-1].Kind == Star
	var nodes []Node
	if !open {
		nodes = append(nodes, &Begin{})
	}
	for i, p := range g {
		switch p.Kind {
		case Literal:
			nodes = append(nodes, Text(p.Text, fold)...)
		case Star:
			if i > 0 && i < len(g)-1 {
				nodes = append(nodes, &Repeat{X: AnyRune(), Min: 0, Max: -1})
			}
		case One:
			nodes = append(nodes, AnyRune())
		}
	}
	if !end {
		nodes = append(nodes, &End{})
	}
	return Seq(nodes...)
}
