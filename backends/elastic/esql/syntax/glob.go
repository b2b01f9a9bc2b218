package syntax

import "strings"

// GlobPart is a piece of a LIKE pattern: literal text, or one wildcard.
type GlobPart struct {
	Kind GlobKind
	// Text is the literal of a GlobText part.
	Text string
}

// GlobKind tells the pieces of a LIKE pattern apart.
type GlobKind int

// The kinds of pieces.
const (
	GlobText GlobKind = iota
	GlobAny           // "*", any run of characters
	GlobOne           // "?", one character
)

// NewGlob builds a LIKE pattern from pieces and escapes the literal ones: "*", "?" and the backslash get a backslash, no
// other character does.
func NewGlob(parts ...GlobPart) *Glob {
	var b strings.Builder
	for _, p := range parts {
		switch p.Kind {
		case GlobAny:
			b.WriteByte('*')
		case GlobOne:
			b.WriteByte('?')
		case GlobText:
			for i := 0; i < len(p.Text); i++ {
				if c := p.Text[i]; c == '*' || c == '?' || c == '\\' {
					b.WriteByte('\\')
				}
				b.WriteByte(p.Text[i])
			}
		}
	}
	return &Glob{Text: b.String()}
}

// Lit is a literal piece of a LIKE pattern.
func Lit(text string) GlobPart { return GlobPart{Kind: GlobText, Text: text} }

// AnyRun is the "*" of a LIKE pattern.
func AnyRun() GlobPart { return GlobPart{Kind: GlobAny} }

// OneChar is the "?" of a LIKE pattern.
func OneChar() GlobPart { return GlobPart{Kind: GlobOne} }

// Parts takes the pattern apart. bad is the byte offset of a backslash that escapes nothing (before an ordinary
// character, or at the end), -1 when there is none; such a pattern is refused by the interpreter.
func (g *Glob) Parts() (parts []GlobPart, bad int) {
	bad = -1
	var lit strings.Builder
	flush := func() {
		if lit.Len() > 0 {
			parts = append(parts, Lit(lit.String()))
			lit.Reset()
		}
	}
	for i := 0; i < len(g.Text); i++ {
		switch c := g.Text[i]; c {
		case '*':
			flush()
			parts = append(parts, AnyRun())
		case '?':
			flush()
			parts = append(parts, OneChar())
		case '\\':
			if i+1 < len(g.Text) && (g.Text[i+1] == '*' || g.Text[i+1] == '?' || g.Text[i+1] == '\\') {
				i++
				lit.WriteByte(g.Text[i])
				continue
			}
			if bad < 0 {
				bad = i
			}
			lit.WriteByte(c)
		default:
			lit.WriteByte(c)
		}
	}
	flush()
	return parts, bad
}
