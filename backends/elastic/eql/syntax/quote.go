package syntax

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Quote writes any text as a plain string constant. Invalid UTF-8, which no query can hold, becomes U+FFFD.
func Quote(s string) string { return quoteString(s) }

func quoteString(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '\\' || r == '"':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case needsEscape(r):
			fmt.Fprintf(&b, `\u{%02x}`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// needsEscape holds for characters that a reader of the query would not see: controls and format characters.
func needsEscape(r rune) bool {
	return r < 0x20 || r == 0x7f || unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) || r == 0x2028 || r == 0x2029
}

// quoteRegex writes a pattern, as a raw string where that saves backslashes.
func quoteRegex(s string) string {
	if !strings.Contains(s, `\`) || strings.Contains(s, `"""`) || strings.HasPrefix(s, `"`) || strings.HasSuffix(s, `"`) ||
		!utf8.ValidString(s) || strings.ContainsFunc(s, needsEscape) {
		return quoteString(s)
	}
	return `"""` + s + `"""`
}

// quoteName writes a dotted field name; segments that are not plain identifiers stand in back-quotes.
func quoteName(name string) string {
	segments := strings.Split(name, ".")
	for _, s := range segments {
		if s == "" {
			return quoteSegment(name)
		}
	}
	for i, s := range segments {
		if !isPlainName(s) {
			segments[i] = quoteSegment(s)
		}
	}
	return strings.Join(segments, ".")
}

func quoteSegment(s string) string {
	return "`" + strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "`", "``") + "`"
}

// isPlainName reports whether a name segment or category needs no quotes.
func isPlainName(s string) bool {
	if s == "" || keywords[s] || !isNameStart(s[0]) {
		return false
	}
	for i := 1; i < len(s); i++ {
		if c := s[i]; c == '@' || !isNameStart(c) && !isDigit(c) {
			return false
		}
	}
	return true
}
