package syntax

import (
	"fmt"
	"strings"
)

// QuoteString writes a string literal: @"…" when the text has a backslash and no control character, else "…" with escapes
// (scalar-data-types/string).
func QuoteString(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.Contains(s, `\`) && !hasControl(s) {
		return verbatim(s)
	}
	return escaped(s, '"')
}

// QuoteRegex writes a regular expression: verbatim whenever that is possible.
func QuoteRegex(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if hasControl(s) {
		return escaped(s, '"')
	}
	return verbatim(s)
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, isControl)
}

func isControl(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 }

func verbatim(s string) string { return `@"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func escaped(s string, quote byte) string {
	var b strings.Builder
	b.WriteByte(quote)
	for _, r := range s {
		switch {
		case r == rune(quote) || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case isControl(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte(quote)
	return b.String()
}

// QuoteName writes the name of a column, table or variable: bare where that is safe, else ['name'].
func QuoteName(name string) string {
	if isBareName(name) {
		return name
	}
	return "[" + escaped(strings.ToValidUTF8(name, "\uFFFD"), '\'') + "]"
}

func isBareName(name string) bool { return isWord(name) && !reserved[name] }

// isWord reports whether the lexer reads the text as one name token.
func isWord(name string) bool {
	if name == "" || !isIdentStart(name[0]) || name == "$" {
		return false
	}
	for i := 1; i < len(name); i++ {
		if !isIdentPart(name[i]) {
			return false
		}
	}
	return true
}

// timespanText writes ticks as a literal: the largest unit that divides them.
func timespanText(ticks int64) string {
	if ticks == 0 {
		return "0s"
	}
	for _, u := range []struct {
		ticks int64
		name  string
	}{{TicksPerDay, "d"}, {TicksPerHour, "h"}, {TicksPerMinute, "m"}, {TicksPerSecond, "s"}, {TicksPerMillisecond, "ms"}, {TicksPerMicrosecond, "microsecond"}} {
		if ticks%u.ticks == 0 {
			return fmt.Sprintf("%d%s", ticks/u.ticks, u.name)
		}
	}
	return fmt.Sprintf("%dtick", ticks)
}

// datetimeText writes ticks as the inside of datetime(…), with milliseconds, or to the tick where they do not suffice.
func datetimeText(ticks int64) string {
	t := TimeOf(ticks)
	frac := ticks % TicksPerSecond
	if frac%TicksPerMillisecond == 0 {
		return t.Format("2006-01-02T15:04:05") + fmt.Sprintf(".%03dZ", frac/TicksPerMillisecond)
	}
	return t.Format("2006-01-02T15:04:05") + fmt.Sprintf(".%07dZ", frac)
}
