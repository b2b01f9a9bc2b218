package syntax

import (
	"net/netip"
	"strings"
	"unicode/utf8"
)

// unescapeSearch gives the meaning of the text between the quotes of a search value, or of a bare search value. A backslash
// escapes `"`, `\` and `|`; before anything else it stays (Search Manual, Backslashes). lone reports a single backslash
// before an asterisk.
func unescapeSearch(body string) (text string, lone bool) {
	if !strings.Contains(body, `\`) {
		return body, false
	}
	var b strings.Builder
	for i := 0; i < len(body); i++ {
		if body[i] == '\\' && i+1 < len(body) {
			switch body[i+1] {
			case '\\', '"', '|':
				i++
			case '*':
				lone = true
			}
		}
		b.WriteByte(body[i])
	}
	return b.String(), lone
}

// escapeSearch is the inverse of unescapeSearch. With lone, a backslash before an asterisk stays single.
func escapeSearch(text string, lone bool) string {
	if !strings.ContainsAny(text, `\"`) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '"':
			b.WriteByte('\\')
		case c == '\\' && !(lone && i+1 < len(text) && text[i+1] == '*'):
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	return b.String()
}

// UnescapeEval gives the meaning of the text between the double quotes of an eval string: `\\` is a backslash, `\"` a
// quote, and with controls `\n`, `\r`, `\t` are control characters; any other backslash stays (Search Manual, Types of
// expressions; shipped add-ons rely on unknown escapes staying).
func UnescapeEval(body string, controls bool) string {
	if !strings.Contains(body, `\`) {
		return body
	}
	var b strings.Builder
	for i := 0; i < len(body); i++ {
		c := body[i]
		if c != '\\' || i+1 == len(body) {
			b.WriteByte(c)
			continue
		}
		next := body[i+1]
		switch {
		case next == '\\' || next == '"':
			b.WriteByte(next)
			i++
		case controls && controlEscape(next) != 0:
			b.WriteByte(controlEscape(next))
			i++
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func controlEscape(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return 0
}

// escapeEval is the inverse of UnescapeEval for a string whose control characters are written as they are.
func escapeEval(value string) string {
	if !strings.ContainsAny(value, `\"`) {
		return value
	}
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value)
}

// RegexQuote returns a PCRE that fits exactly the text v, in the spelling of our own output: a backslash before each
// metacharacter and `\xhh` for control characters. The string escapes of SPL are the printer's, not done here.
func RegexQuote(v string) string {
	const hex = "0123456789abcdef"
	var b strings.Builder
	for _, r := range v {
		switch {
		case strings.ContainsRune(`\.+*?()[]{}^$|`, r):
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f:
			b.WriteString(`\x`)
			b.WriteByte(hex[r>>4])
			b.WriteByte(hex[r&15])
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Searchable reports whether the search command can compare a field with exactly v; why says what stands in the way. A
// text that it cannot compare is for `where`.
func Searchable(v string) (why string, ok bool) {
	switch {
	case v == "":
		return "the empty string", false
	case strings.Contains(v, "*"):
		return "a literal asterisk, which is always a wildcard in search", false
	case strings.ContainsFunc(v, func(r rune) bool { return r < 0x20 || r == 0x7f }):
		return "a control character", false
	case !utf8.ValidString(v):
		return "text that is not UTF-8", false
	}
	if _, err := netip.ParsePrefix(v); err == nil {
		return "an address block, which search compares by containment", false
	}
	return "", true
}

// reserved holds the words that cannot stand bare as a name in the search command or in a BY clause, lower case.
var reserved = map[string]bool{
	"and": true, "or": true, "not": true, "as": true, "by": true, "in": true, "over": true, "where": true, "groupby": true,
	"output": true, "outputnew": true, "with": true, "from": true, "sortby": true, "earliest": true, "latest": true,
	"case": true, "term": true, "xor": true, "like": true, "search": true,
}

// bareName reports whether a name can be printed without quotes in search terms and argument lists.
func bareName(name string) bool {
	if name == "" || reserved[strings.ToLower(name)] {
		return false
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c == '_' || c == '*' || isLetter(c):
		case i > 0 && (isDigit(c) || c == '.' || c == '{' || c == '}' || c == ':'):
		default:
			return false
		}
	}
	return !strings.Contains(name, "::")
}

// evalReserved holds the words that cannot stand bare as a field of an eval expression, lower case.
var evalReserved = map[string]bool{
	"and": true, "or": true, "not": true, "xor": true, "in": true, "like": true, "as": true, "by": true,
}

// bareField reports whether a name can be printed without quotes in an eval expression.
func bareField(name string) bool {
	if name == "" || isDigit(name[0]) || evalReserved[strings.ToLower(name)] {
		return false
	}
	for i := 0; i < len(name); i++ {
		if !isWordByte(name[i]) {
			return false
		}
	}
	return true
}

// FieldPrintable reports whether a name can be written as a field of an eval expression on every Splunk: no source says
// how a single quote inside such a name is escaped.
func FieldPrintable(name string) bool {
	return name != "" && !strings.ContainsAny(name, "'`\\\n\r\t")
}

func quoteField(name string) string {
	if bareField(name) {
		return name
	}
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(name) + "'"
}

func quoteName(name string) string {
	if bareName(name) {
		return name
	}
	return `"` + escapeSearch(name, false) + `"`
}

func isLetter(c byte) bool   { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool    { return '0' <= c && c <= '9' }
func isWordByte(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' }
func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'
}

// SearchField reports whether a name can be written as a field of the search command on every Splunk; quoted names there
// are refused by some readers.
func SearchField(name string) bool { return bareName(name) && !strings.Contains(name, "*") }
