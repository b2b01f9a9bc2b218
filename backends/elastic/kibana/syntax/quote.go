package syntax

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// quote writes a string between quotes.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '\\' || r == '"':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f:
			b.WriteString(controlEscape(r))
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func controlEscape(r rune) string {
	switch r {
	case '\t':
		return `\t`
	case '\r':
		return `\r`
	case '\n':
		return `\n`
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// escapeUnquoted writes text and stars without quotes. Characters first, keywords last: whether a word is a keyword
// depends on the white space that is left as it is around it.
func escapeUnquoted(parts []Part) string {
	var b strings.Builder
	for _, p := range parts {
		if p.Star {
			b.WriteByte('*')
			continue
		}
		for _, r := range p.Text {
			switch {
			case r < utf8.RuneSelf && strings.IndexByte(special, byte(r)) >= 0:
				b.WriteByte('\\')
				b.WriteRune(r)
			case r < 0x20 || r == 0x7f:
				b.WriteString(controlEscape(r))
			default:
				b.WriteRune(r)
			}
		}
	}
	// A blank may follow in the query, and would make a keyword of a last `not`, or of ` or`.
	return strings.TrimSuffix(escapeKeywords(b.String()+" "), " ")
}

// escapeKeywords hides the keywords in a value: ` or ` and ` and ` by a backslash; `not ` by \u006e, because \not would be
// a line feed.
func escapeKeywords(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] == '\\' && i+1 < len(s) {
			b.WriteString(s[i : i+2])
			i += 2
			continue
		}
		switch keywordAt(s, i) {
		case "not":
			fmt.Fprintf(&b, `\u%04x`, s[i])
			i++
		case "or", "and":
			n := spaceAt(s, i)
			b.WriteString(s[i : i+n])
			b.WriteByte('\\')
			i += n
		default:
			b.WriteByte(s[i])
			i++
		}
	}
	return b.String()
}

// isBareName reports whether a field name can stand without quotes before a colon. Before a range operator, where a blank
// follows, it must not end in `not` besides.
func isBareName(s string) bool {
	switch s {
	case "", "null", "true", "false":
		return false
	}
	for _, r := range s {
		if r <= 0x20 || r == 0x7f || r == utf8.RuneError || isTrimmed(r) || r < utf8.RuneSelf && strings.IndexByte(special, byte(r)) >= 0 {
			return false
		}
	}
	return true
}

func endsInNot(s string) bool { return len(s) >= 3 && strings.EqualFold(s[len(s)-3:], "not") }
