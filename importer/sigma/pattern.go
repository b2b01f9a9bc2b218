package sigma

import (
	"strings"
)

// part is a piece of a text with wildcards: plain text, or one of them.
type part struct {
	text string
	wild byte // '*' or '?', 0 for text
	// name is a placeholder, "" for none.
	name string
}

// pattern is a Sigma text: what stands between wildcards has lost its escapes.
type pattern []part

// parsePattern reads a text with Sigma's escapes: a backslash takes the meaning from `*`, `?` and `\`, and is itself before all else.
func parsePattern(s string) pattern {
	var p pattern
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			p = append(p, part{text: b.String()})
			b.Reset()
		}
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && (s[i+1] == '*' || s[i+1] == '?' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		case c == '*' || c == '?':
			flush()
			if c == '*' && len(p) > 0 && p[len(p)-1].wild == '*' {
				continue
			}
			p = append(p, part{wild: c})
		default:
			b.WriteByte(c)
		}
	}
	flush()
	return p
}

// plainPattern is a text in which nothing has a meaning.
func plainPattern(s string) pattern {
	if s == "" {
		return nil
	}
	return pattern{{text: s}}
}

// plain returns the text of a pattern without wildcards and placeholders.
func (p pattern) plain() (string, bool) {
	switch {
	case len(p) == 0:
		return "", true
	case len(p) == 1 && p[0].wild == 0 && p[0].name == "":
		return p[0].text, true
	}
	return "", false
}

// wild reports whether the pattern has wildcards.
func (p pattern) wild() bool {
	for _, x := range p {
		if x.wild != 0 {
			return true
		}
	}
	return false
}

func (p pattern) starts() bool { return len(p) > 0 && p[0].wild == '*' }
func (p pattern) ends() bool   { return len(p) > 0 && p[len(p)-1].wild == '*' }

// open puts `*` before or behind a pattern, where none stands.
func (p pattern) open(before, behind bool) pattern {
	out := make(pattern, 0, len(p)+2)
	if before && !p.starts() {
		out = append(out, part{wild: '*'})
	}
	out = append(out, p...)
	if behind && !out.ends() {
		out = append(out, part{wild: '*'})
	}
	return out
}

// glob writes the pattern as the right side of `like`.
func (p pattern) glob() string {
	var b strings.Builder
	for _, x := range p {
		if x.wild != 0 {
			b.WriteByte(x.wild)
			continue
		}
		for i := 0; i < len(x.text); i++ {
			if c := x.text[i]; c == '*' || c == '?' || c == '\\' {
				b.WriteByte('\\')
			}
			b.WriteByte(x.text[i])
		}
	}
	return b.String()
}

// form is the operator that says a pattern, and its operand.
func (p pattern) form() (op, operand string) {
	if s, ok := p.plain(); ok {
		return "==", s
	}
	inner := p
	before, behind := p.starts(), p.ends()
	if before {
		inner = inner[1:]
	}
	if behind && len(inner) > 0 {
		inner = inner[:len(inner)-1]
	}
	s, ok := inner.plain()
	switch {
	case !ok:
		return "like", p.glob()
	case s == "":
		return "exists", ""
	case before && behind:
		return "contains", s
	case before:
		return "ends_with", s
	}
	return "starts_with", s
}
