package grammar

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// escapeLen measures the escape that s starts with; 0 when the language has no such escape.
func escapeLen(s string) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\\', 'n', 'r', 't':
		return 2
	case 'u':
		end := strings.IndexByte(s, '}')
		if len(s) < 5 || s[2] != '{' || end < 4 || end > 9 {
			return 0
		}
		if v, err := strconv.ParseUint(s[3:end], 16, 32); err != nil || !utf8.ValidRune(rune(v)) {
			return 0
		}
		return end + 1
	}
	return 0
}

// decode gives the text that a string literal stands for. The literal has been checked by the scanner.
func decode(literal string) string {
	switch {
	case strings.HasPrefix(literal, `"""`):
		if len(literal) < len(`""""""`) {
			return ""
		}
		return dedent(literal[3 : len(literal)-3])
	case len(literal) < 2:
		return ""
	case literal[0] == '\'':
		return literal[1 : len(literal)-1]
	}
	return unescape(literal[1 : len(literal)-1])
}

// unescape replaces the escapes of a `"…"` string; what is no escape stays.
func unescape(body string) string {
	if strings.IndexByte(body, '\\') < 0 {
		return body
	}
	var b strings.Builder
	for i := 0; i < len(body); {
		n := 0
		if body[i] == '\\' {
			n = escapeLen(body[i:])
		}
		if n == 0 {
			b.WriteByte(body[i])
			i++
			continue
		}
		switch body[i+1] {
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'u':
			v, _ := strconv.ParseUint(body[i+3:i+n-1], 16, 32)
			b.WriteRune(rune(v))
		default:
			b.WriteByte(body[i+1])
		}
		i += n
	}
	return b.String()
}

// dedent gives the text of a `"""…"""` string: the line of the opening quotes and the line of the closing quotes do not
// count when they are blank, and the white space that all other lines (and the closing one) start with is removed.
func dedent(body string) string {
	body = strings.ReplaceAll(body, "\r\n", "\n")
	lines := strings.Split(body, "\n")
	if len(lines) == 1 {
		return body
	}
	first, rest := lines[0], lines[1:]
	margin, have := "", false
	meet := func(white string) {
		if !have {
			margin, have = white, true
			return
		}
		n := 0
		for n < len(margin) && n < len(white) && margin[n] == white[n] {
			n++
		}
		margin = margin[:n]
	}
	last := len(rest) - 1
	if closing := rest[last]; isBlank(closing) {
		meet(closing)
		rest = rest[:last]
	}
	for _, l := range rest {
		if !isBlank(l) {
			meet(l[:len(l)-len(strings.TrimLeft(l, " \t"))])
		}
	}
	out := make([]string, 0, len(lines))
	if !isBlank(first) {
		out = append(out, first)
	}
	for _, l := range rest {
		if isBlank(l) {
			l = ""
		}
		out = append(out, strings.TrimPrefix(l, margin))
	}
	return strings.Join(out, "\n")
}

func isBlank(line string) bool { return strings.Trim(line, " \t") == "" }

// blockString writes a text between `"""` and `"""`, each line behind the indent; ok is false when the text cannot be
// written in that form.
func blockString(text, indent string) (literal string, ok bool) {
	if strings.Contains(text, `"""`) || strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && isControl(r) }) {
		return "", false
	}
	var b strings.Builder
	b.WriteString(`"""`)
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteByte('\n')
		if line != "" {
			b.WriteString(indent + line)
		}
	}
	b.WriteString("\n" + indent + `"""`)
	literal = b.String()
	return literal, decode(literal) == text
}

// quote writes a text as a literal of one line: raw when that saves backslashes, with escapes otherwise.
func quote(text string) string {
	if strings.ContainsAny(text, `\"`) && !strings.ContainsRune(text, '\'') && !strings.ContainsFunc(text, needsEscape) {
		return "'" + text + "'"
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case needsEscape(r):
			fmt.Fprintf(&b, `\u{%X}`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// needsEscape reports characters that a reader of the file could not see.
func needsEscape(r rune) bool {
	return isControl(r) || r == '\t' || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co)
}

// pathSegments splits the text of a path token.
func pathSegments(text string) []string {
	if strings.IndexByte(text, '`') < 0 {
		return strings.Split(text, ".")
	}
	var out []string
	for text != "" {
		size, _ := segment(text, true)
		if size == 0 {
			return append(out, text)
		}
		s := text[:size]
		if s[0] == '`' {
			s = strings.ReplaceAll(s[1:len(s)-1], "``", "`")
		}
		out = append(out, s)
		text = strings.TrimPrefix(text[size:], ".")
	}
	return out
}

// FormatPath writes a field path as the language spells it, with back-quotes around the segments that need them.
func FormatPath(segments []string) string {
	var b strings.Builder
	for i, s := range segments {
		if i > 0 {
			b.WriteByte('.')
		}
		size, ok := segment(s, i > 0)
		if ok && size == len(s) && size > 0 && s[0] != '`' && !(len(segments) == 1 && IsReserved(s)) {
			b.WriteString(s)
			continue
		}
		b.WriteString("`" + strings.ReplaceAll(s, "`", "``") + "`")
	}
	return b.String()
}

// LineAt returns the place of the line that a byte of the value stands on: the whole literal for a text of one line.
func (s *String) LineAt(offset int) diag.Span {
	if !isBlockString(s) || !s.Span.IsValid() || offset > len(s.Value) {
		return s.Span
	}
	n := strings.Count(s.Value[:offset], "\n")
	lines := strings.SplitAfter(s.Raw, "\n")
	if isBlank(strings.TrimRight(strings.TrimPrefix(lines[0], `"""`), "\r\n")) {
		n++
	}
	if n == 0 || n >= len(lines) {
		return s.Span
	}
	line := strings.TrimRight(lines[n], "\r\n")
	text := strings.Trim(line, " \t")
	indent := len(line) - len(strings.TrimLeft(line, " \t"))
	start := diag.Pos{Offset: s.Span.Start.Offset + len(strings.Join(lines[:n], "")) + indent, Line: s.Span.Start.Line + n, Col: indent + 1}
	end := diag.Pos{Offset: start.Offset + len(text), Line: start.Line, Col: start.Col + utf8.RuneCountInString(text)}
	return diag.Span{File: s.Span.File, Start: start, End: end}
}
